//! The typeface that the theme brings: loaded where it is wanted, without a shift of the page.

use std::fs;

use serde_json::{Value, json};

use crate::browser::{Browser, requested};
use crate::markup::site;
use crate::server::POLICY;
use crate::sites::Served;

const FILES: &[(&str, &str)] = &[
    (
        "content/posts/tea.md",
        "+++\ntitle = \"A cup of tea\"\ndate = 2026-01-02\n+++\nTea is **made** of leaves and water.\n\n## First the water\n\nIt boils.\n",
    ),
    ("content/posts/tea.ru.md", "+++\ntitle = \"Чашка чая\"\ndate = 2026-01-02\n+++\nЧай из листьев и воды.\n"),
    ("content/posts/tea.ar.md", "+++\ntitle = \"شاي\"\ndate = 2026-01-02\n+++\nنص عربي.\n"),
    ("content/posts/slanted.md", "+++\ntitle = \"Slanted\"\ndate = 2026-01-03\n+++\n*Tea*.\n"),
];

const LANGUAGES: &str = "[languages.ru]\n[languages.ar]\n";

/// Adds up the shifts of the page's layout (CLS).
const SHIFTS: &str = "window.shift = 0; new PerformanceObserver(list => list.getEntries().forEach(entry => { window.shift += entry.value }))
    .observe({ type: 'layout-shift', buffered: true })";

fn with_fonts(more: &str, files: &[(&str, &str)]) -> (tempfile::TempDir, Served) {
    let files: Vec<_> = FILES.iter().chain(files).copied().collect();
    site("en", &format!("{LANGUAGES}[extra]\n{more}\n"), &files)
}

/// The font files that a page requests, without their hashes.
fn fonts(browser: &Browser) -> Vec<String> {
    browser.wait_until("document.fonts.status === 'loaded'");
    let name = |url: &String| Some(url.rsplit('/').next()?.strip_suffix(".woff2")?.rsplit_once('-')?.0.to_owned());
    let mut names: Vec<String> = requested(&browser.events()).iter().filter_map(name).collect();
    names.sort();
    names.dedup();
    names
}

fn typeface(browser: &Browser, selector: &str) -> Value {
    browser.eval(&format!("getComputedStyle(document.querySelector({selector:?})).fontFamily.split(',')[0]"))
}

/// Each page loads the parts with its letters, under the strict policy and without a warning.
pub fn pages_load_the_parts_that_they_show() {
    let (_folder, site) = with_fonts("fonts = \"literata\"", &[]);
    let headers = include_str!("../../src/cli/deploy/headers");
    let policy = headers.lines().find_map(|line| line.trim().strip_prefix("Content-Security-Policy: "));
    fs::write(site.file(POLICY), policy.expect("the file has a policy")).expect("a file can be written");
    let browser = Browser::start();
    browser.before_every_page(SHIFTS);
    for width in [1440, 320] {
        browser.resize(width, 800);
        for (path, parts) in [
            ("/posts/tea/", &["latin"][..]),
            ("/", &["latin"]),
            ("/posts/slanted/", &["latin", "latin-italic"]),
            ("/ru/posts/tea/", &["cyrillic", "latin"]),
            ("/ar/posts/tea/", &[]),
        ] {
            browser.events();
            browser.open(&site.url(path));
            assert_eq!(fonts(&browser), parts, "{path}");
            let is_own = !parts.is_empty();
            assert_eq!(typeface(&browser, "main h1, main h2") == json!("Literata"), is_own, "{path}");
            assert_eq!(
                browser.holds("document.fonts.check('16px Literata', 'tea') && document.fonts.size > 0"),
                is_own
            );
            if width == 1440 {
                // Chromium complains some seconds later of a file that was preloaded and is not used.
                browser.eval("new Promise(done => setTimeout(done, 4000))");
            }
            assert_eq!(browser.complaints(), Vec::<String>::new(), "{path}");
            let shift = browser.number("window.shift");
            assert!(shift < 0.01 || !has_sized_typeface(&browser), "{path}: {shift}");
        }
    }
}

/// Without the file the text stands in a typeface of the system that was made as wide: it breaks its lines at nearly the same places.
pub fn until_it_is_there_the_text_has_its_size() {
    let (_folder, site) = with_fonts("fonts = \"literata\"", &[]);
    let browser = Browser::start();
    browser.open(&site.url("/posts/tea/"));
    browser.wait_until("document.fonts.status === 'loaded'");
    let widths = "(() => {
        const width = family => {
            const line = document.createElement('span');
            line.style.cssText = 'position: absolute; white-space: nowrap; font: 20px ' + family;
            line.textContent = 'The first draft of a thought is for me. It leaves out what I know, takes three turns where one would do.';
            document.body.append(line);
            return line.getBoundingClientRect().width;
        };
        return ['Literata', 'SizedGeorgia, SizedNoto, SizedTimes, Sized'].map(width);
    })()";
    let widths = browser.eval(widths);
    let (own, system) = (widths[0].as_f64().expect("a width"), widths[1].as_f64().expect("a width"));
    assert!(!has_sized_typeface(&browser) || (own / system - 1.0).abs() < 0.03, "{own} {system}");
}

/// Whether the system has a typeface that can stand in: Debian's Chromium brings Liberation Serif.
fn has_sized_typeface(browser: &Browser) -> bool {
    let has = browser.holds(
        "Promise.any(['Georgia', 'Noto Serif', 'Times New Roman', 'Liberation Serif'].map(name => new FontFace('x', `local('${name}')`).load()))
            .then(() => true, () => false)",
    );
    assert!(has || std::env::var_os("CI").is_none(), "install fonts-liberation");
    has
}

/// The example of the manual: an author's own file, preloaded, and named by a variable.
pub fn authors_bring_their_own() {
    let font = fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/src/images/card/literata.ttf")).expect("there is a font");
    let head = "<link rel=\"preload\" href=\"{{ get_url(path=\"fonts/own.ttf\") }}\" as=\"font\" type=\"font/ttf\" crossorigin>\n\
                <link rel=\"stylesheet\" href=\"{{ get_url(path=\"fonts/own.css\", cachebust=true) }}\">\n";
    let sheet = "@font-face { font-family: Own; src: url(own.ttf); font-display: swap; }\n:root { --serif: Own, Georgia, serif; }\n";
    for fonts in ["serif", "literata"] {
        let files = [("templates/extra/head.html", head), ("static/fonts/own.css", sheet)];
        let more = format!("fonts = \"{fonts}\"");
        let files: Vec<_> = FILES.iter().chain(&files).copied().collect();
        let (_folder, site) = crate::markup::site_with("en", &format!("{LANGUAGES}[extra]\n{more}\n"), |folder| {
            for (path, text) in &files {
                let path = folder.join(path);
                fs::create_dir_all(path.parent().expect("it is in a folder")).expect("a folder can be made");
                fs::write(path, text).expect("a file can be written");
            }
            fs::write(folder.join("static/fonts/own.ttf"), &font).expect("a file can be written");
        });
        let browser = Browser::start();
        browser.open(&site.url("/posts/tea/"));
        browser.wait_until("document.fonts.status === 'loaded'");
        assert_eq!(typeface(&browser, "main h1"), "Own", "{fonts}");
        assert!(browser.holds("document.fonts.check('16px Own') && [...document.fonts].some(font => font.family === 'Own' && font.status === 'loaded')"));
    }
}
