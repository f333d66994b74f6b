//! A corpus of posts, the same in every run: as a site for Causerie (and Zola), and as one for Hugo.
//!
//! The real site is what `causerie init` writes, with posts. The bare one has plain templates and a configuration of its own.

mod code;
mod hugo;
mod random;
mod real;
mod theme;
mod words;

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

pub use random::Random;
use words::Words;

/// What a corpus is like besides its size.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Whether the site has plain templates of its own instead of what `causerie init` writes.
    pub is_bare: bool,
    /// Comments under each post of a bare site. Hugo and Zola have none.
    pub comments: usize,
    /// Whether code is coloured; always in the real site.
    pub highlight: bool,
    /// Whether a search index is built; Hugo has none.
    pub search: bool,
}

impl Shape {
    pub const REAL: Self = Self { is_bare: false, comments: 0, highlight: true, search: true };
    pub const BARE: Self = Self { is_bare: true, comments: 0, highlight: false, search: false };

    /// What a corpus is called in tables and folders.
    pub fn label(self) -> String {
        if self.is_bare { format!("bare, {} comments each", self.comments) } else { "the real site".to_owned() }
    }
}

/// The code blocks of the bare site.
const LANGUAGES: [(&str, &str); 3] = [
    ("rust", "fn total(values: &[u32]) -> u32 {\n    values.iter().sum()\n}\n"),
    ("python", "def total(values):\n    return sum(v for v in values if v)\n"),
    ("toml", "[server]\nport = 8080\nhosts = [\"a\", \"b\"]\n"),
];

/// The years over which posts are spread, a section each.
const YEARS: std::ops::Range<usize> = 2005..2025;

/// Writes the two sites below a folder: `causerie` and `hugo`.
pub fn write(folder: &Path, posts: usize, shape: Shape) -> io::Result<()> {
    let words = Words::new();
    let mut random = Random(posts as u64);
    let (ours, hugo) = (folder.join("causerie"), folder.join("hugo"));
    if shape.is_bare {
        theme::write_tera(&ours)?;
        for year in YEARS {
            let head = format!("+++\ntitle = \"{year}\"\nsort_by = \"date\"\npaginate_by = 20\n+++\n");
            put(&ours.join(format!("content/{year}/_index.md")), &head)?;
            put(&hugo.join(format!("content/{year}/_index.md")), &format!("+++\ntitle = \"{year}\"\n+++\n"))?;
        }
    } else {
        real::init(&ours)?;
        put(&hugo.join("content/posts/_index.md"), "+++\ntitle = \"Posts\"\n+++\n")?;
    }
    theme::write_go(&hugo)?;
    configure(folder, shape)?;
    for number in 0..posts {
        let year = YEARS.start + number % YEARS.len();
        let (section, tags, comments) = if shape.is_bare {
            let tags = (0..3).map(|place| format!("tag{}", place * 40 + random.skewed(40))).collect();
            (year.to_string(), tags, shape.comments)
        } else {
            ("posts".to_owned(), real::tags(&mut random), real::comments(number))
        };
        let title = words.title(&mut random);
        let body = body(&mut random, &words, number, shape);
        let date = format!("{year}-{:02}-{:02}", 1 + random.below(12), 1 + random.below(28));
        let description = words.prose(&mut random, 12);
        let head = format!("+++\ntitle = \"{title}\"\ndate = {date}\ndescription = \"{description}\"\n");
        let list = format!("[\"{}\"]", tags.join("\", \""));
        let name = format!("content/{section}/post-{number}");
        put(&ours.join(format!("{name}.md")), &format!("{head}[taxonomies]\ntags = {list}\n+++\n\n{body}"))?;
        put(&hugo.join(format!("{name}.md")), &format!("{head}tags = {list}\n+++\n\n{body}"))?;
        if comments > 0 {
            put(&ours.join(format!("{name}.comments.md")), &thread(&mut random, &words, &date, comments))?;
        }
    }
    Ok(())
}

/// Writes the configurations of the two sites below a folder, in place of those that may be there.
pub fn configure(folder: &Path, shape: Shape) -> io::Result<()> {
    let site = folder.join("causerie");
    if shape.is_bare {
        configure_bare(&site, shape)?;
    } else {
        real::set_search(&site, shape.search)?;
    }
    hugo::configure(folder, shape)
}

fn configure_bare(site: &Path, shape: Shape) -> io::Result<()> {
    let colours = if shape.highlight { "[markdown.highlighting]\ntheme = \"github-light\"\n" } else { "" };
    let base = format!(
        "base_url = \"https://example.org\"\ntitle = \"Bench\"\ngenerate_feeds = true\nfeed_limit = 20\n\
         taxonomies = [{{ name = \"tags\", paginate_by = 20 }}]\nbuild_search_index = {}\n{colours}",
        shape.search
    );
    // Zola reads its own, and does not know Causerie's format. Under its usual name Causerie would warn of it, and a build
    // that has to tell of something looks at everything.
    let format = if shape.search { "[search]\nindex_format = \"causerie\"\n" } else { "" };
    put(&site.join("for-zola.toml"), &base)?;
    put(&site.join("site.toml"), &format!("{base}{format}"))
}

fn put(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text)
}

/// About 600 words: five parts with headings, paragraphs, a list, links, emphasis, and a block of code or a table.
fn body(random: &mut Random, words: &Words, number: usize, shape: Shape) -> String {
    let mut text = format!("{}\n\n<!--more-->\n\n", words.prose(random, 50));
    for part in 0..5 {
        let _ = write!(
            text,
            "## {}\n\n{} *{}* {} [{}](https://example.com/{number}/{part}) {}\n\n",
            words.phrase(random, 4),
            words.prose(random, 30),
            words.phrase(random, 3),
            words.prose(random, 25),
            words.phrase(random, 2),
            words.prose(random, 20),
        );
        for _ in 0..3 {
            let _ = writeln!(text, "- **{}** {}", words.phrase(random, 1), words.phrase(random, 6));
        }
        text.push('\n');
    }
    if shape.is_bare {
        let (language, code) = LANGUAGES[number % LANGUAGES.len()];
        let _ = writeln!(text, "```{language}\n{code}```\n");
    } else if number.is_multiple_of(2) {
        let _ = writeln!(text, "{}", code::block(random, words, number));
    }
    let _ = writeln!(text, "> {}", words.prose(random, 20));
    if number.is_multiple_of(4) {
        text.push_str("\n| word | count |\n|---|---|\n| garden | 3 |\n| winter | 4 |\n");
    }
    text
}

fn thread(random: &mut Random, words: &Words, date: &str, comments: usize) -> String {
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
            words.prose(random, 35),
            words.phrase(random, 2),
            words.phrase(random, 1)
        );
    }
    text
}
