//! A corpus of posts, the same in every run: as a site for Causerie (and Zola), and as one for Hugo.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

/// A small generator of pseudo-random numbers (SplitMix64), so that a corpus depends on nothing but its size.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// Skewed to small numbers, as tags and words are.
    fn skewed(&mut self, end: usize) -> usize {
        self.below(end).min(self.below(end))
    }
}

const WORDS: &str = "the of and to in that it was for on are as with they be at one have this from had by word but \
    what some we can out other were all there when up use your how said an each she which do their time if will way \
    about many then them write would like so these her long make thing see him two has look more day could go come did \
    number sound no most people my over know water than call first who may down side been now find garden winter letter \
    paper river answer question silence window lantern harbour copper thread meadow argument patience measure orchard";

const LANGUAGES: [(&str, &str); 3] = [
    ("rust", "fn total(values: &[u32]) -> u32 {\n    values.iter().sum()\n}\n"),
    ("python", "def total(values):\n    return sum(v for v in values if v)\n"),
    ("toml", "[server]\nport = 8080\nhosts = [\"a\", \"b\"]\n"),
];

/// The years over which posts are spread, a section each.
const YEARS: std::ops::Range<usize> = 2005..2025;

/// Writes the two sites below a folder: `causerie` and `hugo`.
pub fn write(folder: &Path, posts: usize, comments: usize, highlight: bool) -> io::Result<()> {
    let words: Vec<&str> = WORDS.split_whitespace().collect();
    let mut random = Random(posts as u64);
    let (ours, hugo) = (folder.join("causerie"), folder.join("hugo"));
    templates(&ours, &hugo, highlight)?;
    for year in YEARS {
        let head = format!("+++\ntitle = \"{year}\"\nsort_by = \"date\"\npaginate_by = 20\n+++\n");
        put(&ours.join(format!("content/{year}/_index.md")), &head)?;
        put(&hugo.join(format!("content/{year}/_index.md")), &format!("+++\ntitle = \"{year}\"\n+++\n"))?;
    }
    for number in 0..posts {
        let year = YEARS.start + number % YEARS.len();
        let tags: Vec<String> = (0..3).map(|place| format!("tag{}", place * 40 + random.skewed(40))).collect();
        let title = sentence(&mut random, &words, 5);
        let body = body(&mut random, &words, number);
        let date = format!("{year}-{:02}-{:02}", 1 + random.below(12), 1 + random.below(28));
        let description = sentence(&mut random, &words, 12);
        let head = format!("+++\ntitle = \"{title} {number}\"\ndate = {date}\ndescription = \"{description}\"\n");
        let list = format!("[\"{}\"]", tags.join("\", \""));
        let name = format!("content/{year}/post-{number}");
        put(&ours.join(format!("{name}.md")), &format!("{head}[taxonomies]\ntags = {list}\n+++\n\n{body}"))?;
        put(&hugo.join(format!("{name}.md")), &format!("{head}tags = {list}\n+++\n\n{body}"))?;
        if comments > 0 {
            put(&ours.join(format!("{name}.comments.md")), &thread(&mut random, &words, &date, comments))?;
        }
    }
    Ok(())
}

fn put(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text)
}

fn sentence(random: &mut Random, words: &[&str], count: usize) -> String {
    let list: Vec<&str> = (0..count).map(|_| words[random.skewed(words.len())]).collect();
    list.join(" ")
}

/// About 600 words: five parts with headings, paragraphs, a list, links, emphasis, and a block of code or a table.
fn body(random: &mut Random, words: &[&str], number: usize) -> String {
    let mut text = format!("{}.\n\n<!--more-->\n\n", sentence(random, words, 50));
    for part in 0..5 {
        let _ = write!(
            text,
            "## {}\n\n{}, *{}* {} [{}](https://example.com/{number}/{part}) {}.\n\n",
            sentence(random, words, 4),
            sentence(random, words, 30),
            sentence(random, words, 3),
            sentence(random, words, 25),
            sentence(random, words, 2),
            sentence(random, words, 20),
        );
        for _ in 0..3 {
            let _ = writeln!(text, "- **{}** {}", sentence(random, words, 1), sentence(random, words, 6));
        }
        text.push('\n');
    }
    let (language, code) = LANGUAGES[number % LANGUAGES.len()];
    let _ = write!(text, "```{language}\n{code}```\n\n> {}\n", sentence(random, words, 20));
    if number.is_multiple_of(4) {
        text.push_str("\n| word | count |\n|---|---|\n| garden | 3 |\n| winter | 4 |\n");
    }
    text
}

fn thread(random: &mut Random, words: &[&str], date: &str, comments: usize) -> String {
    let mut text = String::new();
    for number in 0..comments {
        let _ =
            write!(text, "+++\nauthor = \"Reader {}\"\ndate = {date}T10:{:02}:00Z\n", random.below(500), number % 60);
        if number % 3 == 2 {
            let _ = writeln!(text, "reply_to = \"{number}\"");
        }
        let _ = write!(
            text,
            "+++\n{} **{}** [{}](https://example.org).\n\n",
            sentence(random, words, 35),
            sentence(random, words, 2),
            sentence(random, words, 1)
        );
    }
    text
}

/// The same plain theme twice: Tera, and Go templates.
fn templates(ours: &Path, hugo: &Path, highlight: bool) -> io::Result<()> {
    let colours = if highlight { "[markdown.highlighting]\ntheme = \"github-light\"\n" } else { "" };
    put(
        &ours.join("zola.toml"),
        &format!(
            "base_url = \"https://example.org\"\ntitle = \"Bench\"\ngenerate_feeds = true\nfeed_limit = 20\n\
             taxonomies = [{{ name = \"tags\", paginate_by = 20 }}]\n{colours}"
        ),
    )?;
    put(
        &hugo.join("hugo.toml"),
        &format!(
            "baseURL = \"https://example.org/\"\ntitle = \"Bench\"\nlanguageCode = \"en\"\nenableEmoji = false\n\
             [pagination]\npagerSize = 20\n[taxonomies]\ntag = \"tags\"\n[markup.highlight]\ncodeFences = {highlight}\n\
             style = \"github\"\n[services.rss]\nlimit = 20\n[outputs]\nhome = [\"html\", \"rss\"]\nsection = [\"html\"]\n\
             taxonomy = [\"html\"]\nterm = [\"html\"]\n"
        ),
    )?;
    let head = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>";
    let middle = "</title></head><body><header><a href=\"https://example.org/\">Bench</a></header><main>";
    let foot = "</main><footer>A bench.</footer></body></html>";
    let tera = |title: &str, main: &str| format!("{head}{title}{middle}{main}{foot}");
    let go = tera;
    for (name, title, main) in [
        (
            "page",
            "{{ page.title }}",
            "<article><h1>{{ page.title }}</h1><time>{{ page.date }}</time>{{ page.content | safe }}<ul>{% for tag in \
             page.taxonomies.tags %}<li><a href=\"{{ get_taxonomy_url(kind=\"tags\", term=tag) }}\">{{ tag }}</a></li>\
             {% endfor %}</ul>{% if page.lower %}<a href=\"{{ page.lower.permalink }}\">{{ page.lower.title }}</a>\
             {% endif %}{% if page.higher %}<a href=\"{{ page.higher.permalink }}\">{{ page.higher.title }}</a>{% endif %}\
             </article>COMMENTS",
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
        put(&ours.join(format!("templates/{name}.html")), &tera(title, &main.replace("COMMENTS", comments)))?;
    }
    put(
        &ours.join("templates/talk.html"),
        "{% component talk(comment: map) %}<li id=\"{{ comment.anchor }}\">{{ comment.author }} says: {{ comment.content \
         | safe }}{% if comment.replies %}<ol>{% for reply in comment.replies %}{{ <talk comment={reply} /> }}{% endfor %}\
         </ol>{% endif %}</li>{% endcomponent talk %}",
    )?;
    let list = "<h1>{{ .Title }}</h1>{{ range .Paginator.Pages }}<h2><a href=\"{{ .Permalink }}\">{{ .Title }}</a></h2>\
                <p>{{ .Description }}</p>{{ end }}{{ with .Paginator.Next }}<a href=\"{{ .URL }}\">next</a>{{ end }}";
    for (name, title, main) in [
        (
            "page",
            "{{ .Title }}",
            "<article><h1>{{ .Title }}</h1><time>{{ .Date.Format \"2006-01-02\" }}</time>{{ .Content }}<ul>{{ range \
             .GetTerms \"tags\" }}<li><a href=\"{{ .Permalink }}\">{{ .LinkTitle }}</a></li>{{ end }}</ul>{{ with \
             .PrevInSection }}<a href=\"{{ .Permalink }}\">{{ .Title }}</a>{{ end }}{{ with .NextInSection }}<a href=\"\
             {{ .Permalink }}\">{{ .Title }}</a>{{ end }}</article>",
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
        put(&hugo.join(format!("layouts/{name}.html")), &go(title, main))?;
    }
    Ok(())
}
