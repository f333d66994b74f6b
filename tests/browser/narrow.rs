//! Pages on a phone: whatever authors and readers write, a page never scrolls sideways.

use serde_json::json;

use crate::browser::Browser;
use crate::markup::site;

/// What is wider than the window and does not scroll by itself.
pub const TOO_WIDE: &str = "(() => {
    const scrolls = (one) => one && (['auto', 'scroll', 'hidden', 'clip'].includes(getComputedStyle(one).overflowX) || scrolls(one.parentElement));
    const wide = [...document.body.querySelectorAll('*')]
        .filter(one => one.getBoundingClientRect().right > innerWidth + 1 && one.checkVisibility() && !scrolls(one.parentElement)
            && !one.matches('.skip-link, .visually-hidden'))
        .map(one => one.outerHTML.slice(0, 100));
    return document.documentElement.scrollWidth > innerWidth ? ['page: ' + document.documentElement.scrollWidth, ...wide] : [];
})()";

pub fn nothing_makes_a_phone_scroll_sideways() {
    let name = "N".repeat(100);
    let word = "Donaudampfschifffahrtsgesellschaftskapitän".repeat(3);
    let address = format!("https://example.org/{}", "a".repeat(300));
    let cells = format!("| {} |", ["a-cell-that-does-not-break"; 12].join(" | "));
    let table = format!("{cells}\n|{}\n{cells}\n", "-|".repeat(12));
    let code = format!(
        "```rust,linenos,hl_lines=1\nlet a = \"{}\";\n```\n\n```\n{}\n```\n",
        "x".repeat(300),
        "y ".repeat(300)
    );
    let post = |day: u8, body: &str| {
        format!(
            "+++\ntitle = \"{word} {day}\"\ndate = 2026-01-{day:02}\nauthors = [\"{name}\"]\n[taxonomies]\ntags = [\"{word}\", \"{}\"]\n\
             [extra]\nseries = \"{word}\"\n+++\n{body}\n",
            "t".repeat(80)
        )
    };
    let body = format!(
        "{word}\n\n## {word}\n\n## `{word}`\n\n## Three\n\n{address}\n\n<{address}>\n\n{table}\n{code}\n> {word}\n\n- {word}\n  1. {word}\n     > - {word}\n\n\
         `{word}`\n\n<math display=\"block\"><mrow>{}</mrow></math>\n\n{{{{ <figure src=\"/wide.svg\" caption=\"{word}\" /> }}}}\n\n\
         {{{{ <gallery images={{[\"/wide.svg\", \"/wide.svg\"]}} /> }}}}\n\n{{{{ <youtube id=\"abcdefghijk\" title=\"{word}\" /> }}}}\n\n\
         <video controls width=\"900\"></video> <iframe width=\"900\" title=\"x\"></iframe>\n\nA note[^1]\n\n[^1]: {word}\n",
        "<mi>x</mi><mo>+</mo>".repeat(80)
    );
    let mut comments = format!(
        "+++\nid = \"1\"\nauthor = \"{name}\"\nurl = \"{address}\"\ndate = 2026-01-05\n+++\n{address} {word}\n\n{table}\n```\n{0}\n```\n\n`{0}`\n",
        "z".repeat(300)
    );
    for depth in 2..9 {
        comments.push_str(&format!(
            "\n+++\nid = \"{depth}\"\nauthor = \"{name}\"\ndate = 2026-01-06\nreply_to = \"{}\"\n+++\n{word} {address}\n",
            depth - 1
        ));
    }
    let wide = "<svg xmlns='http://www.w3.org/2000/svg' width='3000' height='500'/>";
    let files = [
        ("content/posts/a.md", post(1, "A.")),
        ("content/posts/b.md", post(2, &body)),
        ("content/posts/c.md", post(3, "C.")),
        ("content/posts/b.comments.md", comments),
        ("content/search.md", "+++\ntitle = \"Search\"\ntemplate = \"search.html\"\n+++\n".to_owned()),
        ("content/archive.md", format!("+++\ntitle = \"{word}\"\ntemplate = \"archive.html\"\n+++\n")),
        ("static/wide.svg", wide.to_owned()),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    let settings = format!(
        "[markdown]\nbottom_footnotes = true\n[markdown.highlighting]\nstyle = \"class\"\ntheme = \"github-light\"\n[extra]\nsidebar = \"everywhere\"\nowner = \"{name}\"\n\
         footer = \"{word}\"\nmenu = [{{ title = \"{word}\", path = \"posts\" }}, {{ title = \"Two\", path = \"posts\" }}]\n\
         social = [{{ title = \"{word}\", url = \"https://social.example\" }}]\n[extra.authors.{name}]\ntext = \"{word}\"\nimage = \"wide.svg\"\n\
         [[quotes]]\ntext = \"{word}\"\nauthor = \"{name}\""
    );
    let (_folder, site) = site("en", &settings, &files);
    let browser = Browser::start();
    for width in [320, 390] {
        browser.resize(width, 700);
        for path in ["/posts/b/", "/", "/posts/", "/tags/", "/archive/", "/search/", "/404.html", "/posts/c/"] {
            browser.open(&site.url(path));
            browser.eval("document.querySelectorAll('details').forEach(one => { one.open = true })");
            assert_eq!(browser.eval(TOO_WIDE), json!([]), "{path} at {width}");
        }
        browser.open(&site.url("/posts/b/"));
        assert!(
            browser.count("#comments .comment") == 8
                && browser.count("nav.series") == 1
                && browser.count("nav.related li") == 2
        );
        // So far down, the driver clicks before the page has scrolled there.
        browser.eval("document.querySelector('#comment-8 .reply-link').click()");
        assert_eq!(browser.eval(TOO_WIDE), json!([]), "the form under a deep reply at {width}");
        browser.click(".gallery a");
        browser.wait_until("!!document.querySelector('dialog[open]')");
        assert!(browser.holds("document.querySelector('dialog').scrollWidth <= innerWidth"));
    }
}

/// Name, e-mail and website stand side by side on a wide screen, and below each other on a narrow one.
pub fn fields_are_in_one_row_where_there_is_room() {
    let more = "";
    let files = [("content/posts/a.md", "+++\ntitle = \"A\"\ndate = 2026-01-02\n+++\nA.\n")];
    let (_folder, site) = site("en", more, &files);
    let browser = Browser::start();
    let rows = "new Set(['name', 'email', 'website'].map(name => Math.round(document.getElementById('reply-' + name).getBoundingClientRect().top))).size";
    browser.open(&site.url("/posts/a/"));
    assert_eq!(browser.number(rows), 1.0);
    browser.resize(320, 700);
    assert_eq!(browser.number(rows), 3.0);
}
