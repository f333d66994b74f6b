//! The demo site, as a reader sees it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::browser::{Browser, refused, requested};
use crate::sites::{Demo, FIRST_POST, Served, manual};

/// Every element of the page that started it all.
pub fn the_first_post_shows_every_element(demo: &Demo) {
    let browser = Browser::start();
    demo.open_first_post(&browser);

    assert_eq!(browser.text_of("article.h-entry h1.p-name"), FIRST_POST);
    assert_eq!(browser.count("h1"), 1);
    assert!(browser.text("document.title").contains(FIRST_POST));
    assert_eq!(browser.count("article.h-entry > header .dt-published"), 1);
    assert!(browser.count(".e-content li") >= 6, "two lists of three");

    // The talk.
    let heading = browser.text("document.querySelector('#comments h2').textContent.trim()");
    assert_eq!(heading, format!("5 Responses to “{FIRST_POST}”"));
    assert_eq!(browser.count("#comments ol.comment-list li.h-cite"), 5);
    assert_eq!(browser.count("li.h-cite[id^=comment-]"), 5);
    assert_eq!(browser.count("li.h-cite li.h-cite"), 2, "the post's author answered twice");
    let author = browser.text_of("article.h-entry > header .p-author");
    let answers = browser.eval(
        "[...document.querySelectorAll('li.h-cite li.h-cite')].map(answer => answer.querySelector('.p-author').textContent.trim())",
    );
    assert_eq!(answers, Value::from(vec![author.clone(), author]));
    assert_eq!(browser.count("li.h-cite.by-author"), 2, "the post's author is marked");
    assert_eq!(
        browser.eval("[...document.querySelectorAll('li.h-cite')].every(one => /says:/.test(one.textContent))"),
        Value::Bool(true)
    );
    assert!(
        browser
            .holds("[...document.querySelectorAll('.p-author')].some(name => name.textContent.trim() === 'Anonymous')")
    );
    assert!(browser.count("li.h-cite li.h-cite .e-content br") >= 2, "a signature keeps its lines");

    // The form.
    assert_eq!(browser.count("form#respond"), 1);
    assert!(browser.holds("/^\\s*Leave a Reply\\s*$/.test(document.querySelector('#respond h2, #respond h3, #respond legend').textContent)"));
    let unlabelled = browser.eval(
        "[...document.querySelectorAll('input, textarea, select, button')]
            .filter(field => field.type !== 'hidden' && field.checkVisibility())
            .filter(field => !(field.labels?.length || field.ariaLabel || field.textContent.trim()))
            .map(field => field.outerHTML)",
    );
    assert_eq!(unlabelled, Value::Array(Vec::new()), "fields without a label");
    for field in ["input[type=email]", "input[type=url]", "textarea"] {
        assert_eq!(browser.count(&format!("#respond {field}")), 1, "{field}");
    }

    // Round about.
    assert_eq!(browser.count("form[role=search] input[type=search]"), 1);
    assert!(!browser.text_of("footer blockquote.quote").is_empty());
    assert!(browser.holds("/©\\s*\\d{4}/.test(document.querySelector('body > footer').textContent)"));
    for landmark in ["header", "main", "footer", "nav"] {
        assert!(browser.count(landmark) >= 1, "no {landmark}");
    }

    // The two lists stand side by side on a wide screen, and one under the other on a narrow one.
    let lists = "(() => { const [a, b] = [...document.querySelectorAll('.e-content ul, .e-content ol')]
        .filter(list => list.children.length === 3).map(list => list.getBoundingClientRect());
        return a.right <= b.left })()";
    assert!(browser.holds(lists), "side by side");
    browser.resize(320, 800);
    assert!(!browser.holds(lists), "one under the other");
}

pub fn every_page_fits_and_no_link_is_broken(demo: &Demo) {
    assert_pages_fit(demo.site());
}

pub fn every_page_of_the_manual_fits_and_no_link_is_broken(_: &Demo) {
    assert_pages_fit(&manual());
}

/// Follows every internal link from the home page on, in a narrow window.
fn assert_pages_fit(site: &Served) {
    let browser = Browser::start();
    browser.resize(320, 640);
    let origin = site.url("/");
    let mut waiting = vec![origin.clone(), site.url("/404.html")];
    let mut known: BTreeSet<String> = waiting.iter().cloned().collect();
    let mut anchors: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut ids: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut faults = Vec::new();
    let mut pages = 0;
    while let Some(address) = waiting.pop() {
        if !is_page(&address) {
            let answer =
                browser.eval(&format!("fetch({address:?}).then(async answer => [answer.status, await answer.text()])"));
            if answer[0] != 200 {
                faults.push(format!("{address} answers {}", answer[0]));
            } else if address.ends_with(".xml") && !is_xml(&browser, &address) {
                faults.push(format!("{address} is not XML"));
            }
            browser.complaints();
            continue;
        }
        browser.events();
        browser.open(&address);
        pages += 1;
        let events = browser.events();
        faults.extend(refused(&events).into_iter().map(|refusal| format!("{address}: {refusal}")));
        let outside = requested(&events).into_iter().filter(|url| !url.starts_with(&origin));
        faults.extend(outside.map(|url| format!("{address} asks for {url}")));
        faults.extend(browser.complaints().into_iter().map(|complaint| format!("{address}: {complaint}")));
        faults
            .extend(strings(&browser.eval(TOO_WIDE)).into_iter().map(|what| format!("{address} is too wide: {what}")));
        faults.extend(strings(&browser.eval(REPEATED_IDS)).into_iter().map(|id| format!("{address} has {id} twice")));
        ids.insert(
            address.clone(),
            strings(&browser.eval("[...document.querySelectorAll('[id]')].map(one => one.id)")).into_iter().collect(),
        );
        for link in strings(&browser.eval(LINKS)) {
            let (page, fragment) = link.split_once('#').map_or((link.as_str(), None), |(page, id)| (page, Some(id)));
            if !page.starts_with(&origin) {
                continue;
            }
            let page = page.split('?').next().unwrap_or_default().to_owned();
            if let Some(fragment) = fragment.filter(|fragment| !fragment.is_empty()) {
                let id = percent_encoding::percent_decode_str(fragment).decode_utf8_lossy().into_owned();
                anchors.entry(page.clone()).or_default().insert(id);
            }
            if known.insert(page.clone()) {
                waiting.push(page);
            }
        }
    }
    for (page, wanted) in anchors {
        if let Some(there) = ids.get(&page) {
            faults.extend(
                wanted.difference(there).map(|id| format!("something links to {page}#{id}, which is not there")),
            );
        }
    }
    assert!(pages >= 8, "only {pages} pages were found");
    assert!(faults.is_empty(), "{} faults on {pages} pages:\n{}", faults.len(), faults.join("\n"));
}

/// Where everything that sticks out of the window is told, if the page as a whole scrolls sideways.
const TOO_WIDE: &str = "document.documentElement.scrollWidth <= innerWidth && innerWidth === 320 ? [] :
    [...document.body.querySelectorAll('*')].filter(one => one.getBoundingClientRect().right > innerWidth + 1)
        .map(one => one.outerHTML.slice(0, 120)).concat(['page: ' + document.documentElement.scrollWidth])";

const REPEATED_IDS: &str = "[...document.querySelectorAll('[id]')].map(one => one.id)
    .filter((id, place, all) => all.indexOf(id) !== place)";

const LINKS: &str = "[...document.querySelectorAll('a[href], link[href]:not([rel=webmention]), img, script[src], source[src]')]
    .map(one => one.href || one.src).concat([...document.querySelectorAll('form[method=get], form:not([method])')].map(form => form.action))";

fn is_page(address: &str) -> bool {
    address.ends_with('/') || address.ends_with(".html")
}

fn is_xml(browser: &Browser, address: &str) -> bool {
    browser.holds(&format!(
        "fetch({address:?}).then(answer => answer.text()).then(text =>
            !new DOMParser().parseFromString(text, 'application/xml').querySelector('parsererror'))"
    ))
}

fn strings(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The reader's setting decides, and both looks are legible.
pub fn the_first_post_is_dark_for_those_who_want_it(demo: &Demo) {
    let browser = Browser::start();
    demo.open_first_post(&browser);
    let (ink, paper) = (browser.number(INK), browser.number(PAPER));
    assert!(paper > 200.0 && ink < 100.0, "light: {ink} on {paper}");
    browser.colour_scheme("dark");
    let (ink, paper) = (browser.number(INK), browser.number(PAPER));
    assert!(paper < 60.0 && ink > 150.0, "dark: {ink} on {paper}");
}

/// The lightness of a colour, from 0 to 255, in whatever notation the style has it.
macro_rules! lightness {
    ($colour:literal) => {
        concat!(
            "(() => { const pixel = new OffscreenCanvas(1, 1).getContext('2d');
                pixel.fillStyle = ",
            $colour,
            "; pixel.fillRect(0, 0, 1, 1);
                const [r, g, b] = pixel.getImageData(0, 0, 1, 1).data;
                return 0.2126 * r + 0.7152 * g + 0.0722 * b })()"
        )
    };
}

const INK: &str = lightness!("getComputedStyle(document.querySelector('.e-content p')).color");

const PAPER: &str = lightness!(
    "[document.body, document.documentElement].map(one => getComputedStyle(one).backgroundColor)
        .find(colour => colour !== 'rgba(0, 0, 0, 0)') ?? 'white'"
);
