//! What authors do to their sites, made up.

use jiff::Timestamp;
use proptest::collection::vec;
use proptest::prelude::*;
use std::fs;

use super::site::{Site, files};

/// One thing that an author does. The numbers choose among what there is; any number will do.
#[derive(Clone, Debug)]
pub enum Edit {
    Post { place: u8, title: u8, body: u8, more: u8 },
    Section { place: u8, kind: u8, body: u8 },
    Comment { place: u8, file: u8, kind: u8 },
    Template { name: u8, bits: u16 },
    Config { bits: u16 },
    Data { name: u8, kind: u8 },
    Asset { place: u8, kind: u8 },
    Static { name: u8, kind: u8 },
    Append { file: u8 },
    Retitle { file: u8, title: u8 },
    Delete { file: u8 },
    Rename { file: u8, place: u8 },
    Touch { file: u8 },
    DeleteOutput { file: u8 },
    ChangeOutput { file: u8 },
    LoseCache { kind: u8 },
    Clock { day: u8 },
}

pub fn edit() -> impl Strategy<Value = Edit> {
    let n = any::<u8>;
    prop_oneof![
        8 => (n(), n(), n(), n()).prop_map(|(place, title, body, more)| Edit::Post { place, title, body, more }),
        3 => (n(), n(), n()).prop_map(|(place, kind, body)| Edit::Section { place, kind, body }),
        5 => (n(), n(), n()).prop_map(|(place, file, kind)| Edit::Comment { place, file, kind }),
        4 => (n(), any::<u16>()).prop_map(|(name, bits)| Edit::Template { name, bits }),
        2 => any::<u16>().prop_map(|bits| Edit::Config { bits }),
        2 => (n(), n()).prop_map(|(name, kind)| Edit::Data { name, kind }),
        2 => (n(), n()).prop_map(|(place, kind)| Edit::Asset { place, kind }),
        2 => (n(), n()).prop_map(|(name, kind)| Edit::Static { name, kind }),
        5 => n().prop_map(|file| Edit::Append { file }),
        4 => (n(), n()).prop_map(|(file, title)| Edit::Retitle { file, title }),
        3 => n().prop_map(|file| Edit::Delete { file }),
        3 => (n(), n()).prop_map(|(file, place)| Edit::Rename { file, place }),
        1 => n().prop_map(|file| Edit::Touch { file }),
        2 => n().prop_map(|file| Edit::DeleteOutput { file }),
        2 => n().prop_map(|file| Edit::ChangeOutput { file }),
        1 => n().prop_map(|kind| Edit::LoseCache { kind }),
        4 => n().prop_map(|day| Edit::Clock { day }),
    ]
}

/// A site, and the edits between its builds.
pub fn story() -> impl Strategy<Value = (Vec<Edit>, Vec<Vec<Edit>>)> {
    (vec(edit(), 8..24), vec(vec(edit(), 1..4), 2..6))
}

/// When the clock of the stories begins.
const NEW_YEAR: &str = "2023-12-20T00:00:00Z";

const POSTS: [&str; 12] = [
    "a.md",
    "blog/b.md",
    "blog/c.md",
    "blog/c.fr.md",
    "blog/2024-01-05-d.md",
    "blog/e/index.md",
    "blog/deep/f.md",
    "notes/g.md",
    "notes/g.fr.md",
    "notes/h.md",
    "nowhere/i.md",
    "blog/deep/j/index.fr.md",
];
const SECTIONS: [&str; 7] = [
    "_index.md",
    "_index.fr.md",
    "blog/_index.md",
    "blog/_index.fr.md",
    "blog/deep/_index.md",
    "notes/_index.md",
    "notes/_index.fr.md",
];
const THREADS: [&str; 7] = [
    "a.comments.md",
    "blog/b.comments.md",
    "blog/b.comments/one.md",
    "blog/c.comments/two.md",
    "blog/e/comments.md",
    "notes/g.fr.comments.md",
    "blog/_index.comments.md",
];
const TEMPLATES: [&str; 13] = [
    "templates/index.html",
    "templates/section.html",
    "templates/page.html",
    "templates/other.html",
    "templates/base.html",
    "templates/parts.html",
    "templates/taxonomy_single.html",
    "templates/taxonomy_list.html",
    "templates/anchor-link.html",
    "themes/plain/templates/section.html",
    "themes/plain/templates/tags/single.html",
    "templates/atom.xml",
    "templates/show.html",
];

/// What a template may show, each reading something else of the site.
const SHOWS: [&str; 26] = [
    "{% if section %}{% for p in section.pages %}[{{ p.title }}|{{ p.permalink }}|{{ p.date }}]{% endfor %}{% endif %}",
    "{% if section %}{% for p in section.pages %}[{{ p.title }} {{ p.word_count }}]{% endfor %}{% endif %}",
    "{% if section %}{% for p in section.pages %}[{{ p.comments.count }} {{ p.comments.open }}]{% endfor %}{% endif %}",
    "{% if section %}{% for p in section.pages %}[{{ p.summary or p.content }}]{% endfor %}{% endif %}",
    "{% if section %}{% for p in section.pages %}[{% if p.lower %}{{ p.lower.title }}{% endif %}]{% endfor %}{% endif %}",
    "{% for c in recent_comments(limit=2) %}<{{ c.author }} on {{ c.page.title }}: {{ c.content }}{% for r in c.replies %}/{{ r.content }}{% endfor %}>{% endfor %}",
    "{% set d = load_data(path='data/d.toml', required=false) %}{% if d %}{{ d.x }}{% endif %}",
    "{% set p = get_page(path='blog/b.md', allow_missing=true) %}{% if p %}{{ p.title }} {{ p.content | safe }}{% endif %}",
    "{% set s = get_section(path='blog/_index.md', allow_missing=true) %}{% if s %}{{ s.title }}{% for p in s.pages %}-{{ p.title }}{% endfor %}{% endif %}",
    "{% set t = get_taxonomy(kind='tags', required=false) %}{% if t %}{% for i in t.items %}{{ i.name }} {{ i.page_count }};{% endfor %}{% endif %}",
    "{% if page %}{{ page.title }} {{ page.content | safe }} {{ page.reading_time }} {% for b in page.backlinks %}{{ b.title }}{% endfor %}{% endif %}",
    "{% if page %}{% if page.lower %}{{ page.lower.title }}{% endif %}{% if page.higher %}{{ page.higher.path }}{% endif %}{% for t in page.translations %}{{ t.title }}{% endfor %}{% endif %}",
    "{% if page %}{% for c in page.comments.threads %}{{ c.author }}{{ c.content }}{% for r in c.replies %}{{ r.author }}{% endfor %}{% endfor %}{{ page.comments.feed }}{% endif %}",
    "{% if paginator %}{{ paginator.current_index }}/{{ paginator.number_pagers }}{% for p in paginator.pages %}{{ p.title }}{% endfor %}{% endif %}",
    "{% if page %}{% for tag in page.taxonomies?.tags or [] %}{{ get_taxonomy_url(kind='tags', term=tag, required=false) }}{% endfor %}{% for a in page.assets %}{{ a }}{% endfor %}{% endif %}",
    "{{ copyright_years() }} {{ now() }} {{ config.title }} {% set q = quote(key='k') %}{% if q %}{{ q.text }}{% endif %}",
    "{% if page %}{% if page.higher %}{{ page.higher.word_count }}{{ page.higher.content }}{% endif %}{% endif %}{% if term %}{{ term.name }}{{ term.page_count }}{% endif %}",
    "{% set n = [now(), now(timestamp=true)] %}{% for m in n %}{{ m | date(format='%H:%M') }} {% endfor %}",
    // Bodies reached in roundabout ways.
    "{% if section %}{% set c = <cards pages={section.pages}/> %}{{ c | safe }}{% endif %}",
    "{% if section %}{% for p in section.pages %}{{ <frame c={<card post={p} />} /> }}{{ 'x' ~ <card post={p}/> }}{% endfor %}{% endif %}",
    "{% if section %}{% for p in section.pages %}{{ p[(\"content\")] | safe }}{{ p[\"title\" if p.date else \"content\"] }}{% endfor %}{% endif %}",
    "{% if section %}{% for p in section.pages %}{{ p[\"CONTENT\" | lower] | safe }}{{ p['con'\n~ 'tent'] | safe }}{{ p['' or 'summary'] or '' }}{% endfor %}{% endif %}",
    "{% if section %}{% set shown = section.pages %}{% include\"show.html\" %}{% endif %}",
    "{% if section %}{% for p in section.pages %}{{ <spread {...p} /> }}{% endfor %}{% endif %}",
    "{% set s = get_section(path='blog/_index.md', allow_missing=true, limit=2) %}{% if s %}{% for p in s.pages %}-{{ p.title }}{{ p.summary or '' }}{% endfor %}{% endif %}{% set t = get_taxonomy(kind='tags', required=false, limit=1) %}{% if t %}{% for i in t.items %}{{ i.name }}{{ i.pages[0].word_count }};{% endfor %}{% endif %}",
    "{% if page %}{% set near = page.higher or page.lower %}{% if near %}{{ near | get(key=\"summary\") or '' }}{% endif %}{{ page.taxonomies | json_encode }}{% endif %}",
];

fn template(name: &str, bits: u16) -> String {
    // Few things at a time: an output that shows everything is always rendered again.
    let choices = [bits, bits >> 4].into_iter().take(1 + usize::from(bits >> 15));
    let shown: String = choices.map(|choice| SHOWS[usize::from(choice) % SHOWS.len()]).collect();
    match name {
        "templates/base.html" => {
            format!(
                "<html>{{% block main %}}{{% endblock %}}{}<p>{bits}</p></html>",
                if bits & 6 == 6 { SHOWS[15] } else { "" }
            )
        }
        "templates/parts.html" => format!(
            "{{% component note(text) %}}<b>{{{{ text }}}}{}</b>{{% endcomponent note %}}\
             {{% component card(post: map) %}}({{{{ {} }}}}){{% endcomponent card %}}\
             {{% component cards(pages) %}}{{% for post in pages %}}{{{{ <card post={{post}} /> }}}}{{% endfor %}}{{% endcomponent cards %}}\
             {{% component frame(c) %}}<{{{{ c | safe }}}}>{{% endcomponent frame %}}\
             {{% component spread(title = none, ...others) %}}{{{{ title }}}} {{{{ others.content | safe }}}}{{% endcomponent spread %}}",
            ["", "!", "?", "..."][usize::from(bits % 4)],
            ["post.title", "post.content | safe", "post.word_count", "post.summary or ''"][usize::from(bits >> 2) % 4]
        ),
        "templates/show.html" => format!(
            "{{% for p in shown %}}{{{{ p.{} }}}}{bits}{{% endfor %}}",
            ["title", "content | safe"][usize::from(bits % 2)]
        ),
        "templates/anchor-link.html" => format!("<a href=\"#{{{{ id }}}}\">{bits}</a>"),
        "templates/atom.xml" => {
            format!(
                "<feed>{bits}{{% for p in pages %}}{{{{ p.title }}}}{}{{% endfor %}}</feed>",
                if bits & 1 == 1 { "{{ p.content }}" } else { "" }
            )
        }
        _ if bits & 0x100 == 0x100 => format!("{{% extends \"base.html\" %}}{{% block main %}}{shown}{{% endblock %}}"),
        _ if bits & 0x200 == 0x200 => format!("{shown}{{{{ <note text=\"x\" /> }}}}"),
        _ => shown,
    }
}

/// A text, with links to what there is.
fn body(site: &Site, number: u8) -> String {
    const BODIES: [&str; 10] = [
        "Short.",
        "Some *more* words.\n\n## Heading\n\nAnd text.",
        "Before. <!-- more -->\n\nAfter the fold.\n\n# Top",
        "A link to [b](@/blog/b.md).",
        "A link to [a heading](@/blog/b.md#heading).",
        "{% set p = get_page(path='a.md', allow_missing=true) %}{{ p?.title or 'none' }} is a title.",
        "{{ <note text=\"in the text\" /> }}",
        "{{ config.title }} and {{ page?.word_count or section?.word_count }}.",
        "A [link](@/notes/g.md) and a note.[^1]\n\n[^1]: Here.",
        "",
    ];
    let mut text = BODIES[usize::from(number) % BODIES.len()];
    let is_dead = |link: &&str| text.contains(*link) && !site.root().join("content").join(link).exists();
    // Now and then a link leads nowhere.
    if ["blog/b.md", "notes/g.md"].iter().any(is_dead) && number != 3 {
        text = "Without links.";
    }
    format!("{text}\n{}", "word ".repeat(usize::from(number / 64)))
}

/// The document that a file of comments belongs to.
fn owner(path: &str) -> Option<String> {
    match path.split_once(".comments") {
        Some((stem, _)) => Some(format!("{stem}.md")),
        None => path.strip_suffix("comments.md").map(|folder| format!("{folder}index.md")),
    }
}

/// Removes a file, and its comments with it.
fn remove(site: &Site, path: &str) {
    site.remove(path);
    for thread in own(site).into_iter().filter(|file| owner(file).as_deref() == Some(path)) {
        site.remove(&thread);
    }
}

/// The files that an author has, so that an edit can choose one.
fn own(site: &Site) -> Vec<String> {
    let files = files(&site.root());
    files
        .into_keys()
        .filter(|path| !path.starts_with("public/") && !path.starts_with(".causerie/") && path != "site.toml")
        .collect()
}

/// Pages and sections.
fn documents(site: &Site) -> Vec<String> {
    own(site).into_iter().filter(|path| path.ends_with(".md") && owner(path).is_none()).collect()
}

fn outputs(site: &Site) -> Vec<String> {
    files(&site.public()).into_keys().filter(|path| path != ".causerie-manifest").collect()
}

fn choose<T: AsRef<str>>(list: &[T], number: u8) -> Option<&str> {
    (!list.is_empty()).then(|| list[usize::from(number) % list.len()].as_ref())
}

fn config(theme: &str, bits: u16) -> String {
    let on = |bit: u16| bits >> bit & 1 == 1;
    let mut text = format!("base_url = \"https://x.example{}\"\n", if on(0) { "/sub" } else { "" });
    text += &format!("title = \"Title {}\"\ntheme = \"{theme}\"\ngenerate_feeds = {}\n", on(1), on(2));
    if on(3) {
        text += "feed_limit = 2\n";
    }
    text += &format!(
        "taxonomies = [{{ name = \"tags\", feed = {}{} }}]\n",
        on(4),
        if on(5) { ", paginate_by = 1" } else { "" }
    );
    if !(on(6) && on(7) && on(13)) {
        text += "[languages.fr]\ntaxonomies = [{ name = \"tags\" }]\ngenerate_feeds = true\n";
    }
    text += &format!("[link_checker]\ninternal_level = \"{}\"\n", if on(7) && on(13) { "error" } else { "warn" });
    text += &format!(
        "[comments]\nclose_after_days = {}\norder = \"{}\"\n",
        u8::from(on(8)) * 30,
        if on(9) { "newest" } else { "oldest" }
    );
    text += &format!(
        "[markdown]\nsmart_punctuation = {}\ninsert_anchor_links = \"{}\"\n",
        on(10),
        if on(11) { "none" } else { "left" }
    );
    if on(6) {
        text += &format!("[build]\nfuture = \"{}\"\n", if on(11) { "hold" } else { "publish" });
    }
    // In half of all configurations a language has an index of Zola's, each format now and then.
    let format = |bits: u16| {
        ["elasticlunr_javascript", "elasticlunr_json", "fuse_javascript", "fuse_json"][usize::from(bits % 4)]
    };
    if on(14) {
        text += &format!("[search]\nindex_format = \"{}\"\ninclude_path = {}\n", format(bits >> 1), on(3));
    }
    if on(15) && text.contains("[languages.fr]") {
        text +=
            &format!("[languages.fr.search]\nindex_format = \"{}\"\ninclude_content = {}\n", format(bits >> 4), on(2));
    }
    for quote in 0..bits >> 12 & 3 {
        text += &format!("[[quotes]]\ntext = \"Quote {quote}\"\nauthor = \"A\"\n");
    }
    text
}

impl Edit {
    pub fn apply(&self, site: &Site) {
        match *self {
            Self::Post { place, title, body: text, more } => {
                let path = POSTS[usize::from(place) % POSTS.len()];
                let on = |bit: u8| more >> bit & 1 == 1;
                let mut head = format!("title = \"Post {}\"\n", title % 7);
                if !on(0) || on(1) {
                    head += &format!("date = 2024-0{}-1{}\n", 1 + title % 9, more % 9);
                }
                head += &format!("weight = {}\ndraft = {}\n", title % 5, more % 16 == 3);
                if more % 16 == 5 {
                    head += "slug = \"other\"\n";
                }
                if more % 16 == 6 {
                    head += "aliases = [\"old\"]\n";
                }
                if more % 16 == 7 {
                    head += "template = \"other.html\"\n";
                }
                if more % 16 == 8 {
                    head += "hidden = true\n";
                }
                if more % 16 == 9 {
                    head += "comments = \"closed\"\n";
                }
                let tags = ["[]", "[\"one\"]", "[\"one\", \"two\"]", "[\"Two\"]"][usize::from(more / 16 % 4)];
                head += &format!("[taxonomies]\ntags = {tags}\n");
                site.write(&format!("content/{path}"), format!("+++\n{head}+++\n{}", body(site, text)));
            }
            Self::Section { place, kind, body: text } => {
                let path = SECTIONS[usize::from(place) % SECTIONS.len()];
                let sort = ["date", "title", "weight", "none"][usize::from(kind % 4)];
                let mut head = format!("title = \"Section {}\"\nsort_by = \"{sort}\"\n", kind % 5);
                head += match kind / 4 % 8 {
                    0 => "paginate_by = 1\n",
                    1 => "paginate_by = 2\npaginate_reversed = true\n",
                    2 => "transparent = true\n",
                    3 => "generate_feeds = true\n",
                    4 => "page_template = \"other.html\"\n",
                    5 => "draft = true\n",
                    6 => "insert_anchor_links = \"right\"\n",
                    _ => "",
                };
                site.write(&format!("content/{path}"), format!("+++\n{head}+++\n{}", body(site, text)));
            }
            Self::Comment { place, file, kind } => {
                let path = format!("content/{}", THREADS[usize::from(place) % THREADS.len()]);
                let status = ["approved", "approved", "pending", "spam"][usize::from(kind % 4)];
                let comment = format!(
                    "+++\nauthor = \"Reader {}\"\ndate = 2024-0{}-20\nstatus = \"{status}\"\n+++\nComment {file}.\n",
                    kind % 5,
                    1 + file % 9
                );
                if !owner(&path).is_some_and(|owner| site.root().join(owner).exists()) {
                    return;
                }
                // Another one in the same file, or a file of this one alone.
                let there = fs::read_to_string(site.root().join(&path)).unwrap_or_default();
                site.write(&path, if file % 3 == 0 { comment } else { there + &comment });
            }
            Self::Template { name, bits } => {
                let name = TEMPLATES[usize::from(name) % TEMPLATES.len()];
                let is_salon = site.read("site.toml").contains("salon");
                // The default theme's templates need its own base.
                if !(is_salon && name == "templates/base.html") {
                    site.write(name, template(name, if is_salon { bits & !0x100 } else { bits }));
                }
            }
            Self::Config { bits } => {
                let theme = if site.read("site.toml").contains("salon") { "salon" } else { "plain" };
                site.write("site.toml", config(theme, bits));
            }
            Self::Data { name, kind } => match (name % 3, kind % 4) {
                (_, 0) => site.remove("data/d.toml"),
                (0, _) => site.write("static/data/d.toml", format!("x = {kind}\n")),
                _ => site.write("data/d.toml", format!("x = {kind}\n")),
            },
            Self::Asset { place, kind } => {
                let folder = ["blog/e", "blog/deep/j", "blog", "notes"][usize::from(place % 4)];
                site.write(&format!("content/{folder}/asset{}.txt", kind % 2), format!("asset {}", kind % 3));
            }
            Self::Static { name, kind } => {
                let name = ["static/s.css", "static/blog/b/x.txt", "themes/plain/static/s.css", "static/t.js"]
                    [usize::from(name % 4)];
                site.write(name, format!("static {}", kind % 3));
            }
            Self::Append { file } => {
                if let Some(path) = choose(&documents(site), file) {
                    site.write(path, site.read(path) + "More.\n");
                }
            }
            Self::Retitle { file, title } => {
                if let Some(path) = choose(&documents(site), file) {
                    let text = site.read(path);
                    let title = format!("title = \"Post {title}");
                    site.write(path, text.replace("title = \"Post ", &title).replace("title = \"Section ", &title));
                }
            }
            Self::Delete { file } => {
                let needed =
                    ["base.html", "parts.html", "show.html", "page.html", "index.html", "/section.html", "theme.toml"];
                let is_needed = |path: &String| file != 9 && needed.iter().any(|name| path.ends_with(name));
                let files: Vec<String> = own(site).into_iter().filter(|path| !is_needed(path)).collect();
                if let Some(path) = choose(&files, file) {
                    remove(site, path);
                }
            }
            Self::Rename { file, place } => {
                let posts: Vec<String> = documents(site).into_iter().filter(|path| !path.contains("_index")).collect();
                if let Some(path) = choose(&posts, file) {
                    let bytes = fs::read(site.root().join(path)).unwrap();
                    remove(site, path);
                    site.write(&format!("content/{}", POSTS[usize::from(place) % POSTS.len()]), bytes);
                }
            }
            Self::Clock { day } => {
                // Before, between and after the dates of posts and comments, at any time of the day.
                let hours = i64::from(day) * 2 * 24 + i64::from(day % 24);
                site.at(&(NEW_YEAR.parse::<Timestamp>().unwrap() + jiff::SignedDuration::from_hours(hours)).to_string());
            }
            Self::Touch { file } => {
                if let Some(path) = choose(&own(site), file) {
                    site.write(path, fs::read(site.root().join(path)).unwrap());
                }
            }
            Self::DeleteOutput { file } => {
                if let Some(path) = choose(&outputs(site), file) {
                    fs::remove_file(site.public().join(path)).unwrap();
                }
            }
            Self::ChangeOutput { file } => {
                if let Some(path) = choose(&outputs(site), file) {
                    let place = site.public().join(path);
                    let mut bytes = fs::read(&place).unwrap();
                    match bytes.first_mut() {
                        // The same size, within the clock's grain.
                        Some(first) if file % 2 == 0 => *first ^= 1,
                        _ => bytes.push(b'x'),
                    }
                    fs::write(place, bytes).unwrap();
                }
            }
            Self::LoseCache { kind } => {
                let cache = site.root().join(".causerie");
                for (name, bytes) in files(&cache) {
                    match kind % 3 {
                        0 => fs::remove_file(cache.join(name)).unwrap(),
                        1 => fs::write(cache.join(name), &bytes[..bytes.len() / 2]).unwrap(),
                        _ => {
                            let mut bytes = bytes;
                            let middle = bytes.len() / 2;
                            if let Some(byte) = bytes.get_mut(middle) {
                                *byte ^= 0x10;
                            }
                            fs::write(cache.join(name), bytes).unwrap();
                        }
                    }
                }
            }
        }
    }
}

/// What every made-up site begins with: templates of its own, or the theme that comes with Causerie.
pub fn first(site: &Site, theme: &str) {
    site.write("site.toml", config(theme, 0b0001_0000_0000_0100));
    site.write("content/blog/_index.md", "+++\ntitle = \"Blog\"\nsort_by = \"date\"\n+++\n");
    site.write("templates/show.html", template("templates/show.html", 1));
    if theme == "plain" {
        site.write("themes/plain/theme.toml", "");
        for (at, name) in TEMPLATES.iter().enumerate().filter(|(at, _)| *at < 9) {
            site.write(name, template(name, [0x9, 0x22, 0xc0][at % 3]));
        }
    } else {
        site.write("templates/other.html", "{% extends \"page.html\" %}");
        site.write("templates/parts.html", template("templates/parts.html", 1));
        site.write("templates/base.html", "{% extends \"salon/templates/base.html\" %}");
    }
}
