//! Small sites on the disk, builds of them, and what lies in a folder before and after.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use causerie::build::{self, Options, Report};
use causerie::diagnostic::{Diagnostic, Severity, report};

/// A small site that has some of everything: sections, posts, threads, languages, terms, feeds, assets, data.
pub const GOOD: &[(&str, &str)] = &[
    (
        "site.toml",
        r#"base_url = "https://site.example"
title = "Site"
default_language = "en"
author = "Jo"
generate_feeds = true
taxonomies = [{ name = "tags", feed = true, paginate_by = 2 }]

[languages.fr]
title = "Le site"

[markdown]
smart_punctuation = true

[markdown.highlighting]
theme = "catppuccin-mocha"

[comments]
max_depth = 3
email = "jo@site.example"

[[quotes]]
text = "A word is a word."
author = "Somebody"

[extra]
colour = "blue"
"#,
    ),
    ("content/_index.md", "+++\ntitle = \"Home\"\n+++\nWelcome.\n"),
    ("content/posts/_index.md", "+++\ntitle = \"Posts\"\npaginate_by = 2\ngenerate_feeds = true\n+++\n"),
    (
        "content/posts/tea.md",
        "+++\ntitle = \"Tea\"\ndate = 2024-02-03\naliases = [\"old/tea\"]\n[taxonomies]\ntags = [\"drinks\", \"hot\"]\n+++\n\
         Tea is *good*[^1]. <!-- more -->\n\n## How\n\nSee [milk](@/posts/milk/index.md#cold).\n\n```rust\nfn main() {}\n```\n\n\
         | a | b |\n|---|---|\n| 1 | 2 |\n\n[^1]: Hot.\n",
    ),
    (
        "content/posts/tea.comments.md",
        "+++\nid = \"first\"\nauthor = \"Ann\"\nurl = \"https://ann.example\"\ndate = 2024-02-04T10:00:00Z\n+++\nYes!\n\n\
         ```\n+++\n```\n\n+++\nauthor = \"Jo\"\ndate = 2024-02-05\nreply_to = \"first\"\n+++\nThank *you*.\n\n\
         +++\nauthor = \"Spam\"\ndate = 2024-02-06\nstatus = \"spam\"\n+++\nBuy!\n",
    ),
    (
        "content/posts/milk/index.md",
        "+++\ntitle = \"Milk\"\ndate = 2024-03-01\n[taxonomies]\ntags = [\"drinks\"]\n+++\nMilk, ![a cow](cow.txt).\n\n## Cold\n",
    ),
    ("content/posts/milk/cow.txt", "<svg viewBox='0 0 2 1'/>\n"),
    ("content/posts/milk/comments/one.md", "+++\nauthor = \"Bob\"\ndate = 2024-03-02\n+++\nMoo.\n"),
    (
        "content/posts/water.md",
        "---\ntitle: Water\ndate: 2024-04-01\n---\nWater {{ 1 + 1 }} {{ config.extra.colour }}.\n",
    ),
    ("content/posts/water.fr.md", "+++\ntitle = \"Eau\"\ndate = 2024-04-01\n+++\nDe l'eau.\n"),
    ("content/about.md", "+++\ntitle = \"About\"\npath = \"who/we-are\"\n+++\nUs.\n"),
    ("static/style.css", "body { color: black }\n"),
    ("data/cups.toml", "[cups]\nred = 2\nblue = 3\n"),
    (
        "templates/index.html",
        "{% set data = load_data(path=\"data/cups.toml\") %}<h1>{{ section.title }}</h1>{{ data.cups.red }}\n\
         {% for page in section.pages %}<a href=\"{{ page.permalink }}\">{{ page.title }}</a>{% endfor %}\n\
         {% for comment in recent_comments(limit=3) %}{{ comment.author }}{% endfor %}\n",
    ),
    (
        "templates/section.html",
        "<h1>{{ section.title }}</h1>{% if paginator %}{% for page in paginator.pages %}\
         <a href=\"{{ page.permalink }}\">{{ page.title }}</a>{{ page.summary | default(value=\"\") | safe }}{% endfor %}{% endif %}\n",
    ),
    (
        "templates/page.html",
        "<h1>{{ page.title }}</h1>{{ page.content | safe }}\n<img src=\"{{ get_url(path=\"style.css\") }}\">\n\
         {% for comment in page.comments.threads %}<p id=\"{{ comment.anchor }}\">{{ comment.author }}</p>{{ comment.content }}\
         {% for reply in comment.replies %}{{ reply.content }}{% endfor %}{% endfor %}\n",
    ),
    ("templates/taxonomy_list.html", "{% for term in terms %}{{ term.name }} {% endfor %}\n"),
    (
        "templates/taxonomy_single.html",
        "{{ term.name }}{% for page in paginator.pages %} {{ page.title }}{% endfor %}\n",
    ),
    ("templates/404.html", "Nothing here.\n"),
];

/// A site in a folder of its own, which goes when this goes.
pub struct Site {
    folder: tempfile::TempDir,
}

impl Site {
    /// A folder without a site.
    pub fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("site")).unwrap();
        Self { folder }
    }

    /// The site that has some of everything.
    pub fn good() -> Self {
        Self::empty().with(GOOD)
    }

    /// A site with the least that a site needs.
    pub fn plain() -> Self {
        Self::empty().with(&[
            ("site.toml", "base_url = \"https://site.example\"\n"),
            ("templates/index.html", "home {{ section.content | safe }}\n"),
            ("templates/section.html", "section\n"),
            ("templates/page.html", "<h1>{{ page.title }}</h1>{{ page.content | safe }}\n"),
            ("templates/404.html", "404\n"),
        ])
    }

    /// With more files, or with others in their place.
    pub fn with<B: AsRef<[u8]>>(self, files: &[(&str, B)]) -> Self {
        for (path, bytes) in files {
            self.write(path, bytes);
        }
        self
    }

    /// Where the site lies.
    pub fn root(&self) -> PathBuf {
        self.folder.path().join("site")
    }

    /// A place beside the site.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The output folder.
    pub fn public(&self) -> PathBuf {
        self.root().join("public")
    }

    /// Writes a file of the site.
    pub fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        put(&self.root().join(path), bytes);
    }

    /// Removes a file of the site.
    pub fn remove(&self, path: &str) {
        fs::remove_file(self.root().join(path)).unwrap();
    }

    /// An output as text.
    pub fn output(&self, path: &str) -> String {
        let place = self.public().join(path);
        let bytes = fs::read(&place).unwrap_or_else(|error| panic!("{}: {error}", place.display()));
        String::from_utf8(bytes).unwrap()
    }

    pub fn options(&self) -> Options {
        Options { root: self.root(), ..Options::default() }
    }

    pub fn build(&self) -> Report {
        build::build(&self.options())
    }

    pub fn build_into(&self, output: &Path) -> Report {
        build::build(&Options { output: Some(output.to_owned()), ..self.options() })
    }

    /// Builds the site, which has to work.
    pub fn builds(&self) -> Report {
        let report = self.build();
        assert!(!report.failed(), "{}", said(&report.diagnostics));
        report
    }

    /// Builds the site where it may lose most of its files, which has to work.
    pub fn builds_smaller(&self) -> Report {
        let report = build::build(&Options { shrink: true, ..self.options() });
        assert!(!report.failed(), "{}", said(&report.diagnostics));
        report
    }

    /// Builds the site, which has to fail and to leave the output folder as it is. Gives what was said.
    pub fn fails(&self) -> String {
        let before = tree(&self.public());
        let report = self.build();
        assert!(report.failed(), "the build works: {}", said(&report.diagnostics));
        assert_eq!(tree(&self.public()), before, "a build that failed touched the output folder");
        assert_eq!(report.output, None);
        said(&report.diagnostics)
    }
}

/// Writes a file, and the folders that it needs.
pub fn put(place: &Path, bytes: impl AsRef<[u8]>) {
    fs::create_dir_all(place.parent().unwrap()).unwrap();
    fs::write(place, bytes).unwrap();
}

/// All that was said, as a terminal without colours shows it.
pub fn said(diagnostics: &[Diagnostic]) -> String {
    let shown = |diagnostic| anstream::adapter::strip_str(&report(diagnostic)).to_string();
    diagnostics.iter().map(shown).collect::<Vec<_>>().join("\n")
}

/// The diagnostics that stop a build.
pub fn errors(report: &Report) -> Vec<&Diagnostic> {
    report.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).collect()
}

/// What lies at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    Folder,
    Link(PathBuf),
    File(Vec<u8>, SystemTime),
}

/// Everything below a folder, and when each file was last changed. Empty where there is no folder.
pub fn tree(folder: &Path) -> BTreeMap<String, Node> {
    let mut found = BTreeMap::new();
    for entry in walkdir::WalkDir::new(folder).into_iter().filter_map(Result::ok) {
        let path = entry.path().strip_prefix(folder).unwrap().to_string_lossy().into_owned();
        let node = if entry.file_type().is_dir() {
            Node::Folder
        } else if entry.file_type().is_symlink() {
            Node::Link(fs::read_link(entry.path()).unwrap())
        } else {
            Node::File(fs::read(entry.path()).unwrap(), entry.metadata().unwrap().modified().unwrap())
        };
        found.insert(path, node);
    }
    found
}

/// The files below a folder with their bytes.
pub fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let bytes = |(path, node)| match node {
        Node::File(bytes, _) => Some((path, bytes)),
        _ => None,
    };
    tree(folder).into_iter().filter_map(bytes).collect()
}
