//! Open pages of the preview: what an author sees while the site changes under them.

use std::sync::Arc;

use causerie::diagnostic::{Diagnostic, Location, SourceText};
use serde_json::json;

use crate::accessibility;
use crate::browser::Browser;
use crate::fake::{Fake, Server};

/// A page with numbered paragraphs, a style sheet, and a place that is scrolled away.
fn long_page(paragraphs: impl Iterator<Item = u32>) -> String {
    let body: String = paragraphs.map(|number| format!("<p>Paragraph {number}.</p>\n")).collect();
    format!(
        "<!doctype html><html lang=en><link rel=stylesheet href=/salon.css><title>Tea</title>\
         <main><h1>Tea</h1>{body}</main>"
    )
}

const STYLE: &str = "p { color: rgb(0, 0, 255); height: 100px; margin: 0 }";

fn open(outputs: &[(&str, &str)], path: &str) -> (Arc<Fake>, Server, Browser) {
    let fake = Fake::of(outputs);
    let server = Server::start(&fake);
    let browser = Browser::start();
    browser.open(&format!("http://{}{path}", server.address));
    // Whatever is gone after a reload.
    browser.eval("window.isOld = true");
    listens(&browser);
    (fake, server, browser)
}

/// A problem with a place in a file.
fn located() -> Diagnostic {
    let source = SourceText { path: "content/tea.md".into(), text: "+++\ntitel = \"Tea\"\n+++\n".into() };
    Diagnostic::error("there is no <b>such</b> key").at(Location::span(&source, 4..9)).help("did you mean `title`?")
}

/// Waits until the page listens, which it does once its stream has answered.
fn listens(browser: &Browser) {
    browser.wait_until("performance.getEntriesByType('resource').some((entry) => entry.name.includes('/-/live.js'))");
}

const OVERLAY: &str = "document.documentElement.lastElementChild.shadowRoot";

pub fn styles_are_swapped_in_place() {
    let page = long_page(0..100);
    let (fake, _server, browser) = open(&[("index.html", &page), ("salon.css", STYLE)], "/");
    browser.eval(
        "window.seen = new Set(); scrollTo(0, 5000);
         (function look() {
             seen.add(getComputedStyle(document.querySelector('p')).color);
             requestAnimationFrame(look);
         })();",
    );
    for green in 1..=5 {
        fake.put("salon.css", &STYLE.replace("0, 0, 255", &format!("0, {green}, 0")));
        browser.wait_until(&format!("getComputedStyle(document.querySelector('p')).color === 'rgb(0, {green}, 0)'"));
    }
    // Two at once, and back to the first.
    fake.put("salon.css", "p { color: red }");
    fake.put("salon.css", STYLE);
    browser.wait_until("getComputedStyle(document.querySelector('p')).color === 'rgb(0, 0, 255)'");
    browser.wait_until("document.querySelectorAll('link[rel=stylesheet]').length === 1");
    assert!(browser.holds("isOld && scrollY === 5000"));
    assert!(browser.holds("!seen.has('rgb(0, 0, 0)')"), "no moment without a style: {}", browser.eval("[...seen]"));
}

pub fn a_reload_keeps_the_place() {
    let page = long_page(0..100);
    let (fake, _server, browser) = open(&[("index.html", &page), ("salon.css", STYLE)], "/");
    let top = |number: u32| {
        format!(
            "[...document.querySelectorAll('p')].find((p) => p.textContent === 'Paragraph {number}.')
                .getBoundingClientRect().top"
        )
    };
    browser.eval(&format!("scrollBy(0, {} - 30)", top(50)));
    // Longer above, shorter above, and without the paragraph itself.
    let changes: [Vec<u32>; 4] = [
        (1000..1020).chain(0..100).collect(),
        (40..100).collect(),
        (0..100).collect(),
        (0..50).chain(51..100).collect(),
    ];
    for (numbers, same) in changes.into_iter().zip([50, 50, 50, 51]) {
        let before = browser.number(&top(same));
        fake.put("index.html", &long_page(numbers.into_iter()));
        browser.wait_until("window.isOld !== true && document.readyState === 'complete'");
        browser.eval("new Promise((done) => setTimeout(done, 100))");
        let after = browser.number(&top(same));
        assert!((after - before).abs() < 1.0, "paragraph {same} was at {before} and is at {after}");
        browser.eval("window.isOld = true");
    }
}

pub fn problems_lie_over_the_page() {
    let (fake, _server, browser) = open(&[("index.html", "<input autofocus><p>Tea")], "/");
    browser.eval("document.querySelector('input').focus()");
    fake.complain(vec![located()]);
    browser.wait_until(&format!("{OVERLAY}?.querySelector('dialog').open"));
    let dialog = format!("{OVERLAY}.querySelector('dialog')");
    assert_eq!(browser.text(&format!("{dialog}.computedRole ?? {dialog}.getAttribute('role')")), "alertdialog");
    assert_eq!(browser.text(&format!("{dialog}.querySelector('h2').textContent")), "The site has 1 error");
    let text = "\
error: there is no <b>such</b> key
 --> content/tea.md:2:1
  |
2 | titel = \"Tea\"
  | ^^^^^
  |
  = help: did you mean `title`?";
    assert_eq!(browser.text(&format!("{dialog}.querySelector('pre').textContent")), text);
    assert!(browser.holds(&format!("{OVERLAY}.activeElement.matches('button.close')")));

    browser.press("\u{e00c}");
    browser.wait_until(&format!("!{dialog}.open && !{OVERLAY}.querySelector('.badge').hidden"));
    browser.wait_until("document.activeElement === document.querySelector('input')");
    // What was put away stays away, also over a reload, and can be had again.
    fake.put("index.html", "<p>More tea");
    browser.wait_until(&format!("!window.isOld && {OVERLAY}?.querySelector('.badge').hidden === false"));
    assert!(browser.holds(&format!("!{dialog}.open && {OVERLAY}.querySelector('.badge').textContent === '1 error'")));
    browser.eval(&format!("{OVERLAY}.querySelector('.badge').click()"));
    assert!(browser.holds(&format!("{dialog}.open")));

    browser.eval("window.isOld = true");
    fake.complain(Vec::new());
    browser.wait_until(&format!("{OVERLAY} === null"));
    fake.complain(vec![located()]);
    browser.wait_until(&format!("{OVERLAY}?.querySelector('dialog').open"));
    assert!(browser.holds("isOld"), "problems need no reload");
}

pub fn pages_go_and_come_back() {
    let (fake, mut server, browser) = open(&[("tea/index.html", "<p>Tea"), ("404.html", "<p>Nothing")], "/tea/");
    let shows = |text: &str| browser.wait_until(&format!("document.querySelector('p, h1')?.textContent === '{text}'"));
    fake.remove("tea/index.html");
    shows("Nothing");
    fake.remove("404.html");
    shows("Not found");
    fake.put("tea/index.html", "<p>More tea");
    shows("More tea");

    // A server that was away.
    let port = server.address.port();
    assert!(server.stop());
    fake.put("tea/index.html", "<p>New tea");
    let _server = Server::on(&fake, port);
    shows("New tea");

    // A page that cannot be made.
    fake.spoil("tea/index.html");
    browser.wait_until(&format!("{OVERLAY}?.querySelector('dialog').open"));
    shows("New tea");
    browser.open(&format!("http://127.0.0.1:{port}/tea/"));
    assert_eq!(browser.text_of("h1"), "This page cannot be shown yet");
    browser.wait_until(&format!("{OVERLAY}?.querySelector('dialog').open"));
    fake.complain(Vec::new());
    fake.put("tea/index.html", "<p>Last tea");
    shows("Last tea");
}

pub fn a_reply_leads_to_where_it_is_shown() {
    let form = "<form method=post action=/-/comments><textarea name=comment></textarea><button>Send</button></form>";
    let (fake, _server, browser) = open(&[("posts/thé/index.html", form)], "/posts/th%C3%A9/");
    browser.eval("document.querySelector('textarea').focus()");
    browser.press("Half a th");
    // The post changes under a reply that is being written.
    fake.put("posts/thé/index.html", &format!("<p>Tea{form}"));
    browser.wait_until("!window.isOld && document.querySelector('p')?.firstChild.textContent === 'Tea'");
    assert_eq!(browser.eval("document.querySelector('textarea').value"), json!("Half a th"));
    browser.press("ought");
    assert_eq!(browser.eval("document.querySelector('textarea').value"), json!("Half a thought"));
    browser.click("button");
    browser.wait_until("location.hash === '#comment-7' && document.querySelector('#comment-7') !== null");
    assert_eq!(fake.replies().len(), 1);
}

/// A browser opens six connections to a server, and no more: pages that nobody sees must not use them up.
pub fn hidden_pages_let_go() {
    let (fake, _server, browser) = open(&[("index.html", "<p>Tea")], "/");
    let hide = |hidden: bool| {
        browser.eval(&format!(
            "Object.defineProperty(document, 'hidden', {{ value: {hidden}, configurable: true }});
             document.dispatchEvent(new Event('visibilitychange')); 0"
        ));
    };
    fake.wait_for_listeners(1);
    hide(true);
    fake.wait_for_listeners(0);
    fake.put("index.html", "<p>More tea");
    assert!(browser.holds("isOld"));
    hide(false);
    browser.wait_until("!window.isOld && document.querySelector('p').textContent === 'More tea'");
    fake.wait_for_listeners(1);
    browser.open("about:blank");
    fake.wait_for_listeners(0);
}

pub fn axe_finds_nothing_in_problems() {
    let (fake, _server, browser) =
        open(&[("index.html", "<!doctype html><html lang=en><title>Tea</title><main><h1>Tea</h1></main>")], "/");
    fake.complain(vec![located()]);
    browser.wait_until(&format!("{OVERLAY}?.querySelector('dialog').open"));
    assert_eq!(accessibility::faults(&browser), Vec::<String>::new());
    browser.press("\u{e00c}");
    browser.wait_until(&format!("!{OVERLAY}.querySelector('.badge').hidden"));
    assert_eq!(accessibility::faults(&browser), Vec::<String>::new());
}
