//! Pages under the content security policy that `causerie init --deploy` writes.

use std::fs;

use crate::browser::Browser;
use crate::markup::site;
use crate::server::POLICY;

/// The policy, from the file of headers.
fn policy() -> &'static str {
    let headers = include_str!("../../src/cli/deploy/headers");
    let line = headers.lines().find_map(|line| line.trim().strip_prefix("Content-Security-Policy: "));
    line.expect("the file has a policy")
}

/// Colours, galleries, search, copying, sorting, the form: nothing of it is refused.
pub fn pages_work_under_the_strictest_policy() {
    let more = "[markdown]\ngithub_alerts = true\n[markdown.highlighting]\nstyle = \"class\"\nlight_theme = \"github-light-high-contrast\"\n\
                dark_theme = \"github-dark-high-contrast\"\n[extra]\naccent = \"#0b6e4f\"\nsidebar = \"everywhere\"\n";
    let post = "+++\ntitle = \"All\"\ndate = 2026-01-02\n[taxonomies]\ntags = [\"a\"]\n+++\n```rust,hl_lines=1\nfn main() {}\n```\n\n\
                | a | b |\n|:-|-:|\n| 1 | 2 |\n\n{{ <gallery images={[\"/logo.svg\", \"/logo.svg\"]} /> }}\n";
    let comments = "+++\nauthor = \"Al\"\ndate = 2026-01-03\n+++\n|a|\n|:-:|\n|b|\n\n+++\nauthor = \"Bo\"\ndate = 2026-01-04\n+++\nYes.\n";
    let logo = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 4 3'/>";
    let files =
        [("content/posts/all.md", post), ("content/posts/all.comments.md", comments), ("static/logo.svg", logo)];
    let (_folder, site) = site("en", more, &files);
    fs::write(site.file(POLICY), policy()).expect("a file can be written");
    let browser = Browser::start();
    for path in ["/", "/posts/", "/tags/", "/tags/a/", "/posts/all/"] {
        browser.open(&site.url(path));
        assert_eq!(browser.complaints(), Vec::<String>::new(), "{path}");
    }
    let colour = |selector: &str, property: &str| {
        browser.text(&format!("getComputedStyle(document.querySelector({selector:?})).{property}"))
    };
    assert!(colour("main a", "color").starts_with("oklch"), "{}", colour("main a", "color"));
    assert_eq!(colour("td:nth-child(2)", "textAlign"), "right");
    assert_ne!(colour("pre span[class^='z-l-']", "color"), colour("pre", "color"));
    browser.click(".scheme-toggle");
    browser.wait_until("document.documentElement.dataset.scheme === 'dark'");
    browser.click(".comments-actions button");
    browser.click(".reply-link");
    browser.click(".gallery a");
    browser.wait_until("!!document.querySelector('dialog[open]')");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}
