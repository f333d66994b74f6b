//! Comments by people who mean harm, in a real browser.

#[path = "../security/vectors.rs"]
mod corpus;

use std::fmt::Write;
use std::fs;

use causerie::diagnostic::SourceText;
use causerie::parse_thread;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::browser::{Browser, requested};
use crate::sites::Served;

/// Template syntax, which must come out as it was typed.
const TEMPLATES: &[&str] = &[
    "{{ config.title }}",
    "{{ get_env(name='HOME') }}",
    "{% raw %}{{ 7 * 7 }}{% endraw %}",
    "{% include 'page.html' %}",
    "{# nobody sees this #}",
    "{{<search_box />}}",
    "{%- set title = 'mine' -%}",
    "{{ page.content | safe }}",
];

/// Every vector of the corpus.
fn vectors() -> Vec<String> {
    let vectors = corpus::vectors();
    assert!(vectors.len() >= 150, "only {} vectors", vectors.len());
    vectors.into_iter().chain(TEMPLATES.iter().map(|&text| text.to_owned())).collect()
}

/// A site with one post, whose comments are the vectors, in the body and in every field that takes them.
struct Hostile {
    served: Served,
    vectors: Vec<String>,
    _root: TempDir,
}

impl Hostile {
    fn build() -> Self {
        let vectors = vectors();
        let root = tempfile::tempdir().expect("a temporary folder");
        let write = |path: &str, text: &str| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().expect("a file lies in a folder")).expect("a folder");
            fs::write(path, text).expect("a file");
        };
        write("site.toml", SITE);
        write("content/post.md", "+++\ntitle = \"The post\"\ndate = 2024-05-06\n+++\nThe post.\n");
        // A file each: a vector that opens a block of code and never ends it must not swallow the next.
        for (place, vector) in vectors.iter().enumerate() {
            write(&format!("content/post.comments/v{place:04}.md"), &comment(place, vector));
        }
        Self { served: Served::build(root.path()), vectors, _root: root }
    }
}

const SITE: &str = r#"base_url = "https://example.org"
title = "Hostile comments"
theme = "salon"
generate_feeds = true
feed_filenames = ["atom.xml", "rss.xml"]

[comments]
enabled = true
endpoint = "/-/comments"
"#;

/// A comment's block. Fields that a thread file refuses are left as they must be.
fn comment(place: usize, vector: &str) -> String {
    let mut block = format!("+++\ndate = 2024-05-06T{:02}:{:02}:00Z\n", 8 + place / 60, place % 60);
    let id = toml::Value::from(vector);
    match fits("id", &id) {
        true => writeln!(block, "id = {id}"),
        false => writeln!(block, "id = \"v{place}\""),
    }
    .expect("text can be written to");
    let urls = [vector.to_owned(), format!("https://example.org/{vector}"), format!("https://example.org/?{vector}")];
    let url = urls.into_iter().map(toml::Value::from).find(|url| fits("url", url));
    if let Some(url) = url {
        writeln!(block, "url = {url}").expect("text can be written to");
    }
    writeln!(block, "author = {}\n+++\n{vector}\n", toml::Value::from(vector)).expect("text can be written to");
    block
}

/// Whether a thread file takes this value.
fn fits(key: &str, value: &toml::Value) -> bool {
    let text = format!("+++\ndate = 2024-05-06T08:00:00Z\n{key} = {value}\n+++\nText.\n");
    let (_, problems) = parse_thread(&SourceText { path: "post.comments.md".into(), text: text.into() });
    problems.is_empty()
}

/// Counts what a script could do to be noticed.
const CANARY: &str = "window.__ran = [];
    for (const name of ['alert', 'confirm', 'prompt', 'print', 'open'])
        window[name] = (...what) => { window.__ran.push(name + ': ' + what.join()) };
    document.write = (...what) => { window.__ran.push('write: ' + what.join()) };
    addEventListener('error', event => { window.__ran.push('error: ' + event.message) });";

/// The elements that a comment may be made of.
const ELEMENTS: &[&str] = &[
    "a",
    "blockquote",
    "br",
    "code",
    "del",
    "em",
    "hr",
    "input",
    "li",
    "ol",
    "p",
    "pre",
    "span",
    "strong",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "ul",
];

/// No script runs, no dialog opens, nothing is asked for, and the page has no element that it should not have.
pub fn no_comment_does_anything() {
    let site = Hostile::build();
    let browser = Browser::start();
    browser.before_every_page(CANARY);
    let post = site.served.url("/post/");
    browser.open(&post);
    let count = site.vectors.len();
    assert_eq!(browser.count("#comments li.h-cite"), count);

    // What the comments are made of.
    let strange = browser.eval(&format!(
        "[...document.querySelectorAll('li.h-cite > .e-content *, li.h-cite > * > .e-content *')]
            .filter(one => !{}.includes(one.localName)).map(one => one.outerHTML)",
        json!(ELEMENTS)
    ));
    assert_eq!(strange, json!([]), "elements that no comment may have");
    let handlers = browser.eval(
        "[...document.querySelectorAll('*')].flatMap(one => [...one.attributes].map(attribute => [one, attribute]))
            .filter(([one, attribute]) => /^on/i.test(attribute.name) || attribute.name === 'srcdoc'
                || /^\\s*(javascript|vbscript|data):/i.test(attribute.value) && !['link', 'img'].includes(one.localName))
            .map(([one, attribute]) => `${one.localName} ${attribute.name}=${attribute.value}`)
            .filter(text => !text.startsWith('input') && !text.startsWith('option') && !text.startsWith('a data-'))",
    );
    assert_eq!(handlers, json!([]), "attributes that could run a script");
    let links = browser.eval(
        "[...document.querySelectorAll('#comments a[href]')].filter(link => !['http:', 'https:', 'mailto:'].includes(link.protocol)).map(link => link.outerHTML)",
    );
    assert_eq!(links, json!([]), "links to something else than the web and mail");
    let embedded = browser.eval(
        "[...document.querySelectorAll('iframe, object, embed, base, frame, applet, meta[http-equiv=refresh], #comments :is(script, style, link, meta, img, video, audio, form, input)')].map(one => one.outerHTML)",
    );
    assert_eq!(embedded, json!([]), "elements that load or change something");

    // Names and template syntax are text.
    let names = browser.eval(
        "[...document.querySelectorAll('#comments li.h-cite')].map(one => one.querySelector('.p-author').textContent)",
    );
    for (name, vector) in names.as_array().into_iter().flatten().zip(&site.vectors) {
        assert_eq!(folded(name.as_str().unwrap_or_default()), folded(vector));
    }
    let bodies = browser.eval("[...document.querySelectorAll('#comments li.h-cite')].map(one => one.querySelector('.e-content').textContent.trim())");
    for (place, template) in TEMPLATES.iter().enumerate() {
        assert_eq!(bodies[count - TEMPLATES.len() + place], Value::from(*template));
    }

    // Following every reply link carries names and ids through the theme's script.
    let headings = browser.eval(
        "[...document.querySelectorAll('#comments li.h-cite')].map(one => {
            one.querySelector('a[href$=\"#respond\"]').click();
            return document.querySelector('#respond h2, #respond h3, #respond legend').textContent })",
    );
    for (heading, vector) in headings.as_array().into_iter().flatten().zip(&site.vectors) {
        let heading = folded(heading.as_str().unwrap_or_default());
        assert!(heading.contains(&folded(vector)), "{heading} should name {vector}");
    }
    assert!(browser.address().starts_with(&post), "the browser went to {}", browser.address());
    quiet(&browser, &site.served);

    // The home page shows the latest comments.
    browser.open(&site.served.url("/"));
    assert_eq!(browser.count("iframe, object, embed, base"), 0);
    quiet(&browser, &site.served);
}

/// Nothing ran, no dialog opened, and no request left the site.
fn quiet(browser: &Browser, site: &Served) {
    assert_eq!(browser.eval("window.__ran"), json!([]));
    let events = browser.events();
    assert!(!events.iter().any(|event| event.method == "Page.javascriptDialogOpening"), "a dialog opened");
    let own: Vec<String> = requested(&events).into_iter().filter(|url| !url.starts_with(&site.url("/"))).collect();
    assert_eq!(own, Vec::<String>::new(), "requests to elsewhere");
    let missing: Vec<String> = site
        .server
        .requests()
        .into_iter()
        .map(|request| request.target.split('?').next().unwrap_or_default().to_owned())
        // A browser asks for this by itself where a document names no sign, as feeds cannot.
        .filter(|target| target != "/favicon.ico")
        .filter(|target| !site.file(target.trim_start_matches('/')).exists())
        .collect();
    assert_eq!(missing, Vec::<String>::new(), "requests for what the site does not have");
}

/// Text with its white space as HTML shows it, and without the character that HTML leaves out of texts and replaces in
/// attributes.
fn folded(text: &str) -> String {
    text.replace(['\0', '\u{fffd}'], "").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Every feed is well-formed, harmless when opened as it is, and holds harmless HTML.
pub fn feeds_are_still_feeds() {
    let site = Hostile::build();
    let browser = Browser::start();
    browser.before_every_page(CANARY);
    let mut feeds = Vec::new();
    for page in ["/", "/post/"] {
        browser.open(&site.served.url(page));
        let found = browser.eval("[...document.querySelectorAll('link[rel=alternate][type*=xml], a[href$=\".xml\"]')].map(link => link.href)");
        feeds.extend(found.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned));
    }
    feeds.sort();
    feeds.dedup();
    assert!(feeds.len() >= 3, "the site's two and the post's own: {feeds:?}");
    for feed in &feeds {
        let problems = browser.eval(&format!("fetch({feed:?}).then(answer => answer.text()).then(text => {FEED})"));
        assert_eq!(problems, json!([]), "{feed}");
    }
    for feed in &feeds {
        browser.open(feed);
        quiet(&browser, &site.served);
    }
}

/// What is wrong with the feed in `text`.
const FEED: &str = "{
    const feed = new DOMParser().parseFromString(text, 'application/xml');
    const error = feed.querySelector('parsererror');
    if (error) return [error.textContent];
    return [...feed.querySelectorAll('content, summary, description')].flatMap(entry => {
        const html = new DOMParser().parseFromString(entry.textContent, 'text/html');
        return [...html.querySelectorAll('*')].filter(one =>
            ['script', 'iframe', 'object', 'embed', 'base', 'svg', 'math', 'img', 'style', 'form', 'input'].includes(one.localName) && one.parentNode !== html.head
            || [...one.attributes].some(attribute => /^on/i.test(attribute.name) || /^\\s*(javascript|vbscript|data):/i.test(attribute.value)))
            .map(one => one.outerHTML);
    });
}";
