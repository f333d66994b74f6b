//! The pages that the inbox answers with where there is no script, and those that its mails lead to, in every language.

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::accessibility::faults;
use crate::browser::Browser;
use crate::grid::{Grid, GridSite, POST};
use crate::sink::Received;

/// The kinds of answers. Each is seen once in each language.
pub const KINDS: usize = 9;

/// Opens one page of each kind, and lets a function look at it.
pub fn walk(site: &GridSite, browser: &Browser, look: &mut impl FnMut(&Browser, &str)) {
    let inbox = format!("http://127.0.0.1:{}/reply", site.published.port);
    // Each walk has a reader of its own, for several tests can walk at once.
    let reader = format!("reader-{}@tea.example", WALKS.fetch_add(1, Ordering::Relaxed));

    send(site, browser, &[("author", "Zoë"), ("email", &reader), ("notify", "1"), ("comment", REPLY)]);
    look(browser, "received");
    browser.eval("document.querySelector('textarea').value += ' (2)'");
    press(browser, "button[value=change]");
    look(browser, "changed");
    send(site, browser, &[("comment", "One more.")]);
    press(browser, "button[value=withdraw]");
    look(browser, "withdrawn");
    send(site, browser, &[("author", "Zoë"), ("email", "zoe"), ("comment", REPLY)]);
    look(browser, "refused");

    let id = waiting(site, &reader);
    // It was changed once.
    site.published.run(&["comments", "approve", &format!("{id}.1")]);
    browser.open(&mail(site, &reader, 1).link("token=hear."));
    look(browser, "hear");
    press(browser, "main form button");
    look(browser, "hears");
    site.published.run(&["comments", "reply", &id, "--text", "Yes."]);
    let stop = mail(site, &reader, 2).header("list-unsubscribe");
    browser.open(stop.trim_matches(['<', '>']));
    look(browser, "stop");
    press(browser, "main form button");
    look(browser, "stopped");
    browser.open(&format!("{inbox}/notice?token=hear.late"));
    look(browser, "late");
}

/// How many walks there were.
static WALKS: AtomicUsize = AtomicUsize::new(0);

const REPLY: &str = "I *agree*: `tea` first.\n\n> Who said that?\n\n<b>Ada</b> & Jo";

/// The id of the reply of a reader that waits for approval.
fn waiting(site: &GridSite, reader: &str) -> String {
    let is_theirs = |id: &String| {
        let object = fs::read_to_string(site.published.path(&format!("inbox/{id}.md")));
        object.is_ok_and(|object| object.contains(reader))
    };
    site.published.waiting().into_iter().find(is_theirs).expect("the reply waits")
}

/// Sends a reply as a browser without scripts does.
fn send(site: &GridSite, browser: &Browser, fields: &[(&str, &str)]) {
    site.open(browser, POST);
    for (name, value) in fields {
        browser.eval(&format!(
            "(() => {{ const field = document.querySelector('#respond [name={name}]');
                if (field.type === 'checkbox') field.checked = true; else field.value = {} }})()",
            serde_json::json!(value)
        ));
    }
    leave(browser, "HTMLFormElement.prototype.submit.call(document.querySelector('#respond'))");
}

/// Presses a button that leads to another page.
fn press(browser: &Browser, selector: &str) {
    leave(browser, &format!("document.querySelector({selector:?}).click()"));
}

/// Runs what leads to another page, and waits for that.
fn leave(browser: &Browser, script: &str) {
    browser.eval("window.isOld = true");
    browser.eval(&format!("(() => {{ {script} }})()"));
    browser
        .wait_until("!window.isOld && document.readyState === 'complete' && document.querySelector('a.back') !== null");
}

/// Waits for a reader's mail, by its number.
fn mail(site: &GridSite, reader: &str, number: usize) -> Received {
    let start = Instant::now();
    loop {
        let mut mails = site.sink.mails().into_iter().filter(|mail| mail.to == [reader]);
        if let Some(mail) = mails.nth(number - 1) {
            return mail;
        }
        assert!(start.elapsed() < Duration::from_secs(30), "no mail {number} came to {reader}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Nothing that axe finds, and nothing that sticks out of the narrowest screen.
pub fn axe_finds_nothing(grid: &Grid) {
    let browser = Browser::start();
    let mut found = Vec::new();
    for site in grid.sites() {
        let mut count = 0;
        walk(site, &browser, &mut |browser, name| {
            count += 1;
            for width in [1440, 320] {
                browser.resize(width, 900);
                let place = format!("{} {name} at {width}", site.lang);
                found.extend(faults(browser).into_iter().map(|fault| format!("{place}, {fault}")));
                let wide = browser.number("document.documentElement.scrollWidth");
                if wide > f64::from(width) {
                    found.push(format!("{place}, it is {wide} wide"));
                }
            }
            browser.resize(1280, 900);
        });
        assert_eq!(count, KINDS);
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
