//! The page of all results: its address can be kept, and it works wherever the site lies.

use serde_json::json;

use crate::browser::{Browser, refused, requested};
use crate::search::{Harbour, first, results, type_query};

const COUNT: &str = "document.querySelector('.search-count')?.textContent ?? ''";

fn open(browser: &Browser, site: &Harbour, query: &str) {
    browser.open(&format!("{}?q={query}", site.url("/search/")));
    browser.wait_until(&format!("({COUNT}) !== ''"));
}

pub fn it_works_with_back_and_forward() {
    let site = Harbour::build();
    let browser = Browser::start();
    open(&browser, &site, "pilots");
    browser.wait_until("document.querySelectorAll('.search-results .search-result').length === 2");
    assert_eq!(browser.text(COUNT), "2 results");
    assert_eq!(browser.text("document.querySelector('.search-form [type=search]').value"), "pilots");
    assert!(browser.text("document.title").starts_with("pilots – Search"));

    open(&browser, &site, "lantern");
    browser.resize(800, 300);
    browser.wait_until("document.querySelectorAll('.search-results .search-result').length === 5");
    // The other half of a page comes when the end of the first one is in view.
    browser.eval("document.querySelector('.search-more').scrollIntoView()");
    browser.wait_until("document.querySelectorAll('.search-results .search-result').length === 10");
    browser.click(".search-more");
    browser.wait_until("document.querySelectorAll('.search-results .search-result').length === 12");
    browser.click(".search-results li:last-child a");
    browser.wait_until("location.pathname.startsWith('/posts/lantern-')");
    browser.eval("history.back()");
    browser.wait_until("document.querySelectorAll('.search-results .search-result').length === 12");
    browser.eval("history.back()");
    browser.wait_until("document.querySelectorAll('.search-results .search-result').length === 2");
    browser.eval("history.forward()");
    browser.wait_until("document.querySelectorAll('.search-results .search-result').length === 12");

    // What was typed in a page is gone when its reader comes back to it.
    open(&browser, &site, "pilots");
    type_query(&browser, "kettle");
    browser.press(char::from(thirtyfour::Key::Enter).to_string());
    browser.wait_until("location.search === '?q=kettle'");
    browser.wait_until(&format!("({COUNT}) !== ''"));
    browser.eval("history.back()");
    browser.wait_until("location.search === '?q=pilots'");
    browser.wait_until("document.querySelectorAll('.search-results .search-result').length === 2");
    assert_eq!(browser.text("document.querySelector('.search-form [type=search]').value"), "pilots");
    assert!(browser.holds("document.querySelector('.search-popup').hidden"));

    // Without the last word of a pair there are still those with the other.
    open(&browser, &site, "patience+zzyzx");
    browser.wait_until("document.querySelectorAll('.search-results .search-result').length === 2");
    open(&browser, &site, "patience+stove");
    browser.wait_until("document.querySelectorAll('.search-results .search-some').length === 1");
    open(&browser, &site, "zzyzx");
    assert_eq!(browser.text(COUNT), "Nothing found");
    // Nothing was asked: nothing is looked for.
    browser.open(&site.url("/search/"));
    assert!(browser.holds("!document.querySelector('.search-count')"));
    assert_eq!(browser.complaints(), [""; 0]);
}

pub fn it_works_below_a_path() {
    let site = Harbour::build_below("/notes/2024");
    let browser = Browser::start();
    browser.open(&site.url("/posts/lighthouse/"));
    browser.events();
    let [.., address] = first(&browser, "kettle chalk");
    assert_eq!(address, site.url("/posts/kettle/#descaling"));
    open(&browser, &site, "kettle+chalk");
    browser.wait_until("!!document.querySelector('.search-results .search-result')");
    assert_eq!(results(&browser)[0][3], site.url("/posts/kettle/#descaling"));
    let events = browser.events();
    assert_eq!(refused(&events), [""; 0]);
    let strange: Vec<String> = requested(&events).into_iter().filter(|url| !url.starts_with(&site.url("/"))).collect();
    assert_eq!(strange, [""; 0]);
}

pub fn each_language_has_its_own() {
    let site = Harbour::build_with("", |source| {
        // A theme in another language says everything in it.
        let templates = source.join("templates");
        std::fs::create_dir_all(&templates).expect("a folder");
        std::fs::write(
            templates.join("page.html"),
            "<!doctype html><html lang=\"{{ lang }}\"><title>{{ page.title }}</title><main>{{ <search_box label=\"Chercher\" /> }}\
             <div data-search-results></div></main></html>",
        )
        .expect("a template can be written");
    });
    let browser = Browser::start();
    browser.open(&site.url("/fr/posts/port/"));
    let [title, facts, ..] = first(&browser, "marée");
    assert_eq!(title, "Le vieux port");
    assert!(facts.contains("29 février 2024") && facts.contains("Billets"), "{facts}");
    assert_eq!(browser.text(crate::search::STATUS), "1 résultat");
    assert_eq!(browser.text("document.querySelector('[role=listbox]').getAttribute('aria-label')"), "Chercher");
    type_query(&browser, "kettle");
    assert_eq!(browser.text(crate::search::STATUS), "Aucun résultat", "that is in the other language");
    assert!(browser.text("document.querySelector('.search-form').action").ends_with("/fr/search/"));
}

pub fn without_javascript_it_says_so() {
    let site = Harbour::build();
    let browser = Browser::start();
    browser.without_javascript();
    browser.open(&site.url("/posts/kettle/"));
    browser.click(".search-form [type=search]");
    browser.press("lantern");
    browser.press(char::from(thirtyfour::Key::Enter).to_string());
    browser.wait_until("location.pathname === '/search/'");
    assert_eq!(browser.text("location.search"), "?q=lantern");
    assert!(browser.text("document.querySelector('main').innerText").contains("needs JavaScript"));
    assert_eq!(browser.count("main a[href$='/archive/']"), 1);
    assert!(browser.count("main a[href*='/tags/']") > 0);
    assert!(browser.holds("!document.querySelector('[data-search-broken]').checkVisibility()"));
}

/// On narrow screens nothing is wider than the screen, and results can be read.
pub fn it_fits_narrow_screens() {
    let site = Harbour::build();
    let browser = Browser::start();
    browser.resize(320, 640);
    open(&browser, &site, "kettle");
    browser.wait_until("!!document.querySelector('.search-results .search-result')");
    assert!(browser.holds("document.documentElement.scrollWidth <= 320"));
    for path in ["/posts/lighthouse/", "/search/"] {
        browser.open(&site.url(path));
        type_query(&browser, "kettle");
        let outside = browser.eval(
            "[...document.querySelectorAll('.search-popup, .search-popup *')].map((it) => it.getBoundingClientRect())
                .filter((box) => box.width && (box.left < 0 || box.right > 320)).length",
        );
        assert_eq!(outside, json!(0), "{path}");
        let popup = "document.querySelector('.search-popup').getBoundingClientRect()";
        assert!(browser.holds(&format!("{popup}.top > 0 && {popup}.bottom <= innerHeight")), "{path}");
    }
    browser.devtools("Emulation.setEmulatedMedia", json!({ "media": "print" }));
    assert!(browser.holds("!document.querySelector('.search-form').checkVisibility()"), "printed pages have no box");
}
