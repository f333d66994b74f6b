//! A corpus of posts, the same in every run: as a site for Causerie (and Zola), and as one for Hugo.

mod random;
mod theme;
mod words;

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

pub use random::Random;
use words::Words;

/// What a corpus is like besides its size.
#[derive(Clone, Copy, Debug, Default)]
pub struct Shape {
    /// Comments under each post. Hugo and Zola have none.
    pub comments: usize,
    /// Whether code is coloured.
    pub highlight: bool,
    /// Whether a search index is built; Hugo has none.
    pub search: bool,
}

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
    theme::write(&ours, &hugo)?;
    configure(folder, shape)?;
    for year in YEARS {
        let head = format!("+++\ntitle = \"{year}\"\nsort_by = \"date\"\npaginate_by = 20\n+++\n");
        put(&ours.join(format!("content/{year}/_index.md")), &head)?;
        put(&hugo.join(format!("content/{year}/_index.md")), &format!("+++\ntitle = \"{year}\"\n+++\n"))?;
    }
    for number in 0..posts {
        let year = YEARS.start + number % YEARS.len();
        let tags: Vec<String> = (0..3).map(|place| format!("tag{}", place * 40 + random.skewed(40))).collect();
        let title = words.title(&mut random);
        let body = body(&mut random, &words, number);
        let date = format!("{year}-{:02}-{:02}", 1 + random.below(12), 1 + random.below(28));
        let description = words.prose(&mut random, 12);
        let head = format!("+++\ntitle = \"{title}\"\ndate = {date}\ndescription = \"{description}\"\n");
        let list = format!("[\"{}\"]", tags.join("\", \""));
        let name = format!("content/{year}/post-{number}");
        put(&ours.join(format!("{name}.md")), &format!("{head}[taxonomies]\ntags = {list}\n+++\n\n{body}"))?;
        put(&hugo.join(format!("{name}.md")), &format!("{head}tags = {list}\n+++\n\n{body}"))?;
        if shape.comments > 0 {
            put(&ours.join(format!("{name}.comments.md")), &thread(&mut random, &words, &date, shape.comments))?;
        }
    }
    Ok(())
}

/// Writes the configurations of the two sites below a folder, in place of those that may be there.
pub fn configure(folder: &Path, shape: Shape) -> io::Result<()> {
    let colours = if shape.highlight { "[markdown.highlighting]\ntheme = \"github-light\"\n" } else { "" };
    let base = format!(
        "base_url = \"https://example.org\"\ntitle = \"Bench\"\ngenerate_feeds = true\nfeed_limit = 20\n\
         taxonomies = [{{ name = \"tags\", paginate_by = 20 }}]\nbuild_search_index = {}\n{colours}",
        shape.search
    );
    // Zola reads its own, and does not know Causerie's format. Under its usual name Causerie would warn of it, and a build
    // that has to tell of something looks at everything.
    let format = if shape.search { "[search]\nindex_format = \"causerie\"\n" } else { "" };
    put(&folder.join("causerie/for-zola.toml"), &base)?;
    put(&folder.join("causerie/site.toml"), &format!("{base}{format}"))?;
    put(
        &folder.join("hugo/hugo.toml"),
        &format!(
            "baseURL = \"https://example.org/\"\ntitle = \"Bench\"\nlanguageCode = \"en\"\nenableEmoji = false\n\
             [pagination]\npagerSize = 20\n[taxonomies]\ntag = \"tags\"\n[markup.highlight]\ncodeFences = {}\n\
             style = \"github\"\n[services.rss]\nlimit = 20\n[outputs]\nhome = [\"html\", \"rss\"]\nsection = [\"html\"]\n\
             taxonomy = [\"html\"]\nterm = [\"html\"]\n",
            shape.highlight
        ),
    )
}

fn put(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text)
}

/// About 600 words: five parts with headings, paragraphs, a list, links, emphasis, and a block of code or a table.
fn body(random: &mut Random, words: &Words, number: usize) -> String {
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
    let (language, code) = LANGUAGES[number % LANGUAGES.len()];
    let _ = write!(text, "```{language}\n{code}```\n\n> {}\n", words.prose(random, 20));
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
