//! What authors write and where it ends up: ids, pages from right to left, and what programs read of a page.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::accessibility;
use crate::browser::Browser;
use crate::sites::Served;

/// A site with the default theme, and more of its configuration.
pub fn site(lang: &str, more: &str, files: &[(&str, &str)]) -> (TempDir, Served) {
    site_with(lang, more, |folder| files.iter().for_each(|(path, text)| write(folder, path, text)))
}

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).expect("a folder can be made");
    fs::write(path, text).expect("a file can be written");
}

/// The same with files that a function writes.
pub fn site_with(lang: &str, more: &str, write_files: impl FnOnce(&Path)) -> (TempDir, Served) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let config = format!(
        "base_url = \"https://example.org\"\ntitle = \"Salon\"\ntheme = \"salon\"\ndefault_language = \"{lang}\"\n\
         taxonomies = [{{ name = \"tags\" }}]\n{more}\n[comments]\nendpoint = \"/-/comments\"\n"
    );
    write(folder.path(), "site.toml", &config);
    write(folder.path(), "content/_index.md", "+++\ntitle = \"Home\"\n+++\n");
    write(folder.path(), "content/posts/_index.md", "+++\ntitle = \"Posts\"\nsort_by = \"date\"\n+++\n");
    write_files(folder.path());
    let served = Served::build(folder.path());
    (folder, served)
}

pub const REPEATED_IDS: &str = "[...document.querySelectorAll('[id]')].map(one => one.id)
    .filter((id, place, all) => all.indexOf(id) !== place)";

/// Headings named as parts of the page are, and an author's own ids.
pub fn no_id_is_there_twice() {
    let headings = [
        "Main",
        "Site main",
        "Recent title",
        "Tags title",
        "Search input",
        "Below 1",
        "Reply name",
        "Respond",
        "Comments title",
        "Continue reading",
        "fn 1",
        "fr 1 1",
        "1",
        "Comment 1",
        "Mine",
    ];
    let mut post = "+++\ntitle = \"Ids\"\ndate = 2026-01-02\n[taxonomies]\ntags = [\"a\"]\n+++\n<a id=\"mine\"></a> A note.[^1]\n\n".to_owned();
    for heading in headings {
        post.push_str(&format!("[x](#{})\n\n", heading.to_lowercase().replace(' ', "-")));
    }
    post.push_str("<!-- more -->\n\n");
    for heading in headings {
        post.push_str(&format!("## {heading}\n\n## {heading}\n\n"));
    }
    post.push_str("<p id=\"respond\"><b id=\"mine\"></b></p>\n\n[^1]: It.\n");
    let comment = "+++\nauthor = \"Jo\"\ndate = 2026-01-03\n+++\nYes.\n";
    for more in ["", "[markdown]\nbottom_footnotes = true\ninsert_anchor_links = \"heading\""] {
        let files = [("content/posts/ids.md", post.as_str()), ("content/posts/ids.comments.md", comment)];
        let (_folder, site) = site("en", more, &files);
        let browser = Browser::start();
        for path in ["/", "/posts/", "/tags/a/", "/posts/ids/"] {
            browser.open(&site.url(path));
            assert_eq!(browser.eval(REPEATED_IDS), json!([]), "{path}");
        }
        // A link leads to the heading of that name; to comments and to what the author named so.
        let led = browser.eval(
            "[...document.querySelectorAll('.e-content p > a[href]')].filter(link => link.textContent === 'x').map(link => {
                const to = document.getElementById(decodeURIComponent(link.hash.slice(1)));
                return to.tagName === 'H2' ? to.textContent : to.tagName })",
        );
        let expected: Vec<&str> = headings
            .into_iter()
            .map(|heading| match heading {
                "Respond" => "FORM",
                "Comment 1" => "LI",
                "Mine" => "A",
                heading => heading,
            })
            .collect();
        assert_eq!(led, json!(expected));
    }
}

/// A page in Arabic, with texts in English among it.
pub fn pages_fit_from_right_to_left() {
    let post = "+++\ntitle = \"Hello أهلا\"\ndate = 2026-01-02\n[taxonomies]\ntags = [\"شاي\"]\n+++\nنص عربي.\n\n```rust\nfn main() {}\n```\n";
    let files = [
        ("content/posts/a.md", post),
        ("content/posts/b.md", "+++\ntitle = \"ثان\"\ndate = 2026-01-03\n+++\nنص\n"),
        ("content/posts/c.md", "+++\ntitle = \"ثالث\"\ndate = 2026-01-01\n+++\nنص\n"),
        (
            "content/posts/a.comments.md",
            "+++\nauthor = \"Jo (1)\"\ndate = 2026-01-03\n+++\nEnglish, here!\n+++\nauthor = \"علي\"\ndate = 2026-01-04\n+++\nنعم.\n",
        ),
    ];
    let (_folder, site) = site("ar", "", &files);
    let browser = Browser::start();
    for width in [1280, 320] {
        browser.resize(width, 800);
        for path in ["/", "/posts/", "/tags/", "/posts/a/"] {
            browser.open(&site.url(path));
            assert_eq!(browser.text("document.documentElement.dir"), "rtl");
            let widths = browser
                .eval("[document.documentElement.scrollWidth, document.documentElement.clientWidth, document.body.scrollWidth]");
            assert_eq!(widths, json!([width, width, width]), "{path}");
        }
    }
    let direction =
        |selector: &str| browser.text(&format!("getComputedStyle(document.querySelector({selector:?})).direction"));
    for (selector, expected) in [
        ("#comment-1 .e-content", "ltr"),
        ("#comment-2 .e-content", "rtl"),
        ("#comment-1 .p-author .p-name", "ltr"),
        ("#comment-1 time", "rtl"),
        (".e-content pre", "ltr"),
    ] {
        assert_eq!(direction(selector), expected, "{selector}");
    }
    let undirected = browser.eval(
        "[...document.querySelectorAll('#respond input:not([type=hidden], [type=checkbox], [name=nickname]), #respond textarea, form[role=search] input')]
            .filter(field => field.dir !== 'auto').map(field => field.name)",
    );
    assert_eq!(undirected, json!([]));
    assert!(
        browser.count(".arrow") == 2
            && browser
                .holds("getComputedStyle(document.querySelector('.arrow')).transform === 'matrix(-1, 0, 0, 1, 0, 0)'")
    );
    // The field for programs that fill in everything is there, and nobody sees it.
    assert!(browser.holds(
        "(() => { const field = document.querySelector('[name=nickname]'), box = field.closest('p').getBoundingClientRect();
            return box.width <= 1 && box.height <= 1 && box.left >= -2 && box.right <= innerWidth + 2
                && getComputedStyle(field).display !== 'none' && getComputedStyle(field).visibility === 'visible' })()"
    ));
}

/// What search engines, chats and readers' programs are told.
pub fn metadata_describes_the_page_to_programs() {
    let post = "+++\ntitle = \"Tea\"\ndate = 2026-01-02\n[taxonomies]\ntags = [\"a\"]\n+++\nIt \"boils\" & *cools*.\n\n<!-- more -->\n\n![](/pot.png)\n";
    let thread: String = (1..=30)
        .map(|number| format!("+++\nauthor = \"Jo\"\ndate = 2026-01-03\n+++\n{number} {}\n", "word ".repeat(100)))
        .collect();
    let files = [
        ("content/posts/tea.md", post),
        (
            "content/posts/tea.fr.md",
            "+++\ntitle = \"Thé\"\ndate = 2026-01-02\nauthors = [\"Al\"]\nupdated = 2026-02-03\n+++\nOui.\n",
        ),
        ("content/posts/tea.comments.md", &thread),
        ("content/about.md", "+++\ntitle = \"About\"\n+++\nMe.\n"),
        ("content/_index.fr.md", "+++\ntitle = \"Accueil\"\n+++\n"),
        ("static/pot.png", "x"),
    ];
    let (_folder, site) = site("en", "[languages.fr]\ntitle = \"Salon fr\"", &files);
    let browser = Browser::start();
    let linked = |path: &str| -> Value {
        browser.open(&site.url(path));
        let text = browser.text("document.querySelector('script[type=\"application/ld+json\"]').textContent");
        serde_json::from_str(&text).expect("it is JSON")
    };
    let meta = |name: &str| {
        browser.text(&format!("document.querySelector('meta[property=\"{name}\"], meta[name=\"{name}\"]')?.content"))
    };
    let alternates = "[...document.querySelectorAll('link[hreflang]')].map(one => one.hreflang)";

    let tea = linked("/posts/tea/");
    assert_eq!(tea["@type"], "BlogPosting");
    assert_eq!(tea["image"], site.url("/pot.png"));
    assert_eq!(tea["dateModified"], tea["datePublished"]);
    assert_eq!(tea["description"], "It \"boils\" & cools.");
    let (home, organization) =
        (site.url("/"), json!({ "@type": "Organization", "name": "Salon", "url": site.url("/") }));
    assert_eq!((&tea["author"], &tea["publisher"]), (&organization, &organization));
    let comments = tea["comment"].as_array().expect("there are comments");
    assert_eq!((comments.len(), tea["commentCount"].as_u64()), (10, Some(30)));
    assert!(comments.iter().all(|comment| comment["text"].as_str().is_some_and(|text| text.chars().count() < 210)));
    assert_eq!(meta("og:image"), site.url("/pot.png"));
    assert_eq!(meta("twitter:card"), "summary_large_image");
    assert_eq!((meta("og:locale"), meta("og:description")), ("en_US".to_owned(), "It \"boils\" & cools.".to_owned()));
    assert_eq!(meta("description"), meta("og:description"));
    assert_eq!(browser.eval(alternates), json!(["en", "x-default", "fr"]));
    assert_eq!(browser.count(".h-entry .u-comment.h-cite"), 30, "the comments are those of the entry");

    let other = linked("/fr/posts/tea/");
    assert_eq!(other["author"], json!([{ "@type": "Person", "name": "Al", "url": format!("{home}fr/") }]));
    assert!(other["dateModified"].as_str().is_some_and(|date| date.starts_with("2026-02-03")));
    assert_eq!((meta("og:locale"), meta("twitter:card")), ("fr_FR".to_owned(), "summary".to_owned()));
    assert_eq!(browser.eval(alternates), json!(["en", "x-default", "fr"]));

    let about = linked("/about/");
    assert_eq!((&about["@type"], &about["name"]), (&json!("AboutPage"), &json!("About")));
    assert_eq!(browser.eval(alternates), json!([]));
    for path in ["/", "/posts/", "/tags/a/"] {
        browser.open(&site.url(path));
        assert!(!meta("og:title").is_empty() && !meta("og:description").is_empty(), "{path}");
    }
    browser.open(&home);
    assert_eq!(browser.eval(alternates), json!(["en", "x-default", "fr"]));
}

/// Nothing serious about what Markdown can make, on narrow screens as on wide ones.
pub fn axe_finds_nothing() {
    let long = format!("|{}", "a-very-long-word-that-does-not-break|".repeat(4));
    let table = format!("{long}\n|-|-|-|-|\n{long}");
    let code = "```rust,linenos,hl_lines=1-4\n// A comment\nfn main() { let a = \"b\"; }\n#[derive(Debug)]\nstruct A<'a>(&'a str);\nconst B: u8 = 1;\n```";
    let post = format!(
        "+++\ntitle = \"All\"\ndate = 2026-01-02\n+++\n- [ ] to *do*\n- [x] done\n\n## A heading\n\n{table}\n\n<table><tr><td>{0}</td><td>{0}</td></tr></table>\n\n\
         {code}\n\nA note.[^1]\n\n[^1]: It.\n",
        "a-very-long-word-that-does-not-break-at-all"
    );
    let comment = format!("+++\nauthor = \"Jo\"\ndate = 2026-01-03\n+++\n{table}\n\n- [ ] a\n");
    for anchor in ["left", "heading"] {
        let more = format!(
            "[markdown]\nbottom_footnotes = true\ninsert_anchor_links = \"{anchor}\"\n[markdown.highlighting]\n\
             light_theme = \"github-light-high-contrast\"\ndark_theme = \"github-dark-high-contrast\""
        );
        let files = [("content/posts/all.md", post.as_str()), ("content/posts/all.comments.md", comment.as_str())];
        let (_folder, site) = site("en", &more, &files);
        let browser = Browser::start();
        for width in [1280, 320] {
            browser.resize(width, 800);
            browser.open(&site.url("/posts/all/"));
            assert_eq!(accessibility::faults(&browser), Vec::<String>::new(), "{anchor}, {width}");
            let unnamed =
                "[...document.querySelectorAll('input[type=checkbox][disabled]')].filter(box => !box.ariaLabel).length";
            assert_eq!(browser.number(unnamed), 0.0);
        }
        if anchor == "heading" {
            assert!(browser.holds("!document.querySelector('h2 > .zola-anchor').ariaLabel"), "its text is its name");
        }
    }
}
