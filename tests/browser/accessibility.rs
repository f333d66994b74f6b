//! What axe-core says of the demo site and the manual.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::browser::Browser;
use crate::sites::{Demo, manual};

/// Where axe-core lies; `.ci/run` puts it there.
fn axe() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/axe/node_modules/axe-core/axe.min.js")
}

/// What is missing for these tests, if anything.
pub fn missing() -> Option<String> {
    (!axe().is_file()).then(|| "no axe-core in target/axe".to_owned())
}

/// Nothing serious or critical, on every kind of page, light and dark.
pub fn axe_finds_nothing_serious(demo: &Demo) {
    let browser = Browser::start();
    let mut found = Vec::new();
    for (kind, address) in kinds_of_page(demo, &browser) {
        browser.open(&address);
        found.extend(faults(&browser).into_iter().map(|fault| format!("{kind}, {fault}")));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The same for pages of the manual, wide and narrow.
pub fn axe_finds_nothing_serious_in_the_manual(_: &Demo) {
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

/// What is serious or critical on the page that is shown, light and dark.
pub fn faults(browser: &Browser) -> Vec<String> {
    let axe = fs::read_to_string(axe()).expect("axe-core can be read");
    browser.eval(&format!("{axe};0"));
    let mut faults = Vec::new();
    for scheme in ["light", "dark"] {
        browser.colour_scheme(scheme);
        let found = browser.eval(SERIOUS);
        let found = found.as_array().into_iter().flatten().filter_map(Value::as_str);
        faults.extend(found.map(|fault| format!("{scheme}: {fault}")));
    }
    faults
}

/// Every violation that counts, with the places and axe's own words.
const SERIOUS: &str = "axe.run(document, { resultTypes: ['violations'] }).then(result => result.violations
    .filter(rule => rule.impact === 'serious' || rule.impact === 'critical')
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
