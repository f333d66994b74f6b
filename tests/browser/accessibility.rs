//! What axe-core says of the demo site and the manual.

use std::fs;

use serde_json::Value;

use crate::browser::Browser;
use crate::checkers;
use crate::grid::{Grid, PAGES};
use crate::sites::{Demo, manual};

const AXE: &str = "axe-core/axe.min.js";

/// What is missing for these tests, if anything.
pub fn missing() -> Option<String> {
    checkers::missing(AXE, None)
}

/// axe-core finds nothing on any kind of page. In dark colours only the rules about colours run.
pub fn axe_finds_nothing(demo: &Demo) {
    let browser = Browser::start();
    let mut found = Vec::new();
    for (kind, address) in kinds_of_page(demo, &browser) {
        browser.open(&address);
        found.extend(faults(&browser).into_iter().map(|fault| format!("{kind}, {fault}")));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The same for pages of the manual, wide and narrow.
pub fn axe_finds_nothing_in_the_manual(_: &Demo) {
    let (site, browser) = (manual(), Browser::start());
    let mut found = Vec::new();
    for width in [1440, 320] {
        browser.resize(width, 900);
        for path in
            ["/", "/writing/", "/comments/threads/", "/themes/settings/", "/reference/filters/", "/reference/site/"]
        {
            browser.open(&site.url(path));
            found.extend(faults(&browser).into_iter().map(|fault| format!("{path} at {width}, {fault}")));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Nothing on any kind of page in any language, on wide and on narrow screens.
pub fn axe_finds_nothing_in_the_grid(grid: &Grid) {
    let browser = Browser::start();
    let mut found = Vec::new();
    for site in grid.sites() {
        for (kind, path) in PAGES {
            site.open(&browser, path);
            for width in [1440, 320] {
                browser.resize(width, 900);
                let place = format!("{} {kind} at {width}", site.lang);
                found.extend(faults(&browser).into_iter().map(|fault| format!("{place}, {fault}")));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// What is wrong with the page that is shown: all rules in light colours, and those about colours in dark ones.
pub fn faults(browser: &Browser) -> Vec<String> {
    if !browser.holds("window.axe !== undefined") {
        let axe = fs::read_to_string(checkers::file(AXE)).expect("axe-core can be read");
        browser.eval(&format!("{axe};0"));
    }
    let mut faults = Vec::new();
    for (scheme, rules) in [("light", ""), ("dark", "runOnly: ['color-contrast', 'link-in-text-block'],")] {
        browser.colour_scheme(scheme);
        let found = browser.eval(&FAULTS.replace("{rules}", rules));
        let found = found.as_array().into_iter().flatten().filter_map(Value::as_str);
        faults.extend(found.map(|fault| format!("{scheme}: {fault}")));
    }
    browser.colour_scheme("light");
    faults
}

/// Every violation, with the places and axe's own words.
const FAULTS: &str = "axe.run(document, { {rules} resultTypes: ['violations'] }).then(result => result.violations
    .flatMap(rule => rule.nodes.map(node => `${rule.id}: ${node.html.slice(0, 160)}: ${node.failureSummary.replace(/\\s+/g, ' ')}`)))";

/// One page of each kind, found by following links.
fn kinds_of_page(demo: &Demo, browser: &Browser) -> Vec<(&'static str, String)> {
    let site = demo.site();
    let first_post = demo.first_post(browser);
    browser.open(&site.url("/"));
    let link = |what: &str, selector: &str| {
        let address = browser.text(&format!("document.querySelector({selector:?})?.href"));
        assert!(!address.is_empty(), "no link to {what} ({selector}) on {}", browser.address());
        address
    };
    let archive = link("the archive", "nav a[href*=archive], a[href*=archive]");
    let tags = link("the tags", "nav a[href$='/tags/'], a[href$='/tags/']");
    let search = browser.text("document.querySelector('form[role=search]').action");
    browser.open(&tags);
    let term = link("a tag", "main a[href*='/tags/']");
    vec![
        ("home", site.url("/")),
        ("first post", first_post),
        ("archive", archive),
        ("tags", tags),
        ("a tag", term),
        ("404", site.url("/nothing-is-here/")),
        ("search", search),
    ]
}
