//! The same plain theme twice: Tera, and Go templates.

use std::io;
use std::path::Path;

use super::put;

/// Causerie's (and Zola's) templates of the bare site.
pub fn write_tera(site: &Path) -> io::Result<()> {
    // What Pagefind shall look at is marked, as its manual advises: not lists, and no titles of neighbours.
    for (name, title, main) in [
        (
            "page",
            "{{ page.title }}",
            "<div data-pagefind-body><article><h1>{{ page.title }}</h1><time>{{ page.date }}</time>{{ page.content | safe }}\
             <ul>{% for tag in page.taxonomies.tags %}<li><a href=\"{{ get_taxonomy_url(kind=\"tags\", term=tag) }}\">\
             {{ tag }}</a></li>{% endfor %}</ul><nav data-pagefind-ignore>{% if page.lower %}<a href=\"{{ page.lower.permalink }}\">\
             {{ page.lower.title }}</a>{% endif %}{% if page.higher %}<a href=\"{{ page.higher.permalink }}\">\
             {{ page.higher.title }}</a>{% endif %}</nav></article>COMMENTS</div>",
        ),
        (
            "section",
            "{{ section.title }}",
            "<h1>{{ section.title }}</h1>{% for post in paginator.pages %}<h2><a href=\"{{ post.permalink }}\">\
             {{ post.title }}</a></h2><p>{{ post.description }}</p>{% endfor %}{% if paginator.next %}<a href=\"\
             {{ paginator.next }}\">next</a>{% endif %}",
        ),
        (
            "index",
            "Bench",
            "<ul>{% for path in section.subsections %}{% set year = get_section(path=path) %}<li><a href=\"\
             {{ year.permalink }}\">{{ year.title }}</a></li>{% endfor %}</ul>",
        ),
        (
            "taxonomy_list",
            "Tags",
            "<ul>{% for term in terms %}<li><a href=\"{{ term.permalink }}\">{{ term.name }}</a> {{ term.page_count }}\
             </li>{% endfor %}</ul>",
        ),
        (
            "taxonomy_single",
            "{{ term.name }}",
            "<h1>{{ term.name }}</h1>{% for post in paginator.pages %}<h2><a href=\"{{ post.permalink }}\">\
             {{ post.title }}</a></h2><p>{{ post.description }}</p>{% endfor %}{% if paginator.next %}<a href=\"\
             {{ paginator.next }}\">next</a>{% endif %}",
        ),
    ] {
        // Zola knows no comments; the thread is only asked for where there is one.
        let comments = "{% if page.comments is defined %}{{ page.comments.count }}<ol>{% for comment in \
                        page.comments.threads %}{{ <talk comment={comment} /> }}{% endfor %}</ol>{% endif %}";
        put(&site.join(format!("templates/{name}.html")), &document(title, &main.replace("COMMENTS", comments)))?;
    }
    put(
        &site.join("templates/talk.html"),
        "{% component talk(comment: map) %}<li id=\"{{ comment.anchor }}\">{{ comment.author }} says: {{ comment.content \
         | safe }}{% if comment.replies %}<ol>{% for reply in comment.replies %}{{ <talk comment={reply} /> }}{% endfor %}\
         </ol>{% endif %}</li>{% endcomponent talk %}",
    )
}

/// Hugo's templates of both sites.
pub fn write_go(site: &Path) -> io::Result<()> {
    let list = "<h1>{{ .Title }}</h1>{{ range .Paginator.Pages }}<h2><a href=\"{{ .Permalink }}\">{{ .Title }}</a></h2>\
                <p>{{ .Description }}</p>{{ end }}{{ with .Paginator.Next }}<a href=\"{{ .URL }}\">next</a>{{ end }}";
    for (name, title, main) in [
        (
            "page",
            "{{ .Title }}",
            "<div data-pagefind-body><article><h1>{{ .Title }}</h1><time>{{ .Date.Format \"2006-01-02\" }}</time>{{ .Content }}<ul>{{ range \
             .GetTerms \"tags\" }}<li><a href=\"{{ .Permalink }}\">{{ .LinkTitle }}</a></li>{{ end }}</ul><nav data-pagefind-ignore>{{ with \
             .PrevInSection }}<a href=\"{{ .Permalink }}\">{{ .Title }}</a>{{ end }}{{ with .NextInSection }}<a href=\"\
             {{ .Permalink }}\">{{ .Title }}</a>{{ end }}</nav></article></div>",
        ),
        ("section", "{{ .Title }}", list),
        ("term", "{{ .Title }}", list),
        (
            "home",
            "Bench",
            "<ul>{{ range .Sections }}<li><a href=\"{{ .Permalink }}\">{{ .Title }}</a></li>{{ end }}</ul>",
        ),
        (
            "taxonomy",
            "Tags",
            "<ul>{{ range .Pages }}<li><a href=\"{{ .Permalink }}\">{{ .Title }}</a> {{ len .Pages }}</li>{{ end }}</ul>",
        ),
    ] {
        put(&site.join(format!("layouts/{name}.html")), &document(title, main))?;
    }
    Ok(())
}

fn document(title: &str, main: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title></head><body><header>\
         <a href=\"https://example.org/\">Bench</a></header><main>{main}</main><footer>A bench.</footer></body></html>"
    )
}
