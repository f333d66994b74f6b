//! The form script's work, against the guard that checks it.

use std::sync::Arc;

use causerie::guard::{self, SCRIPT};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::fake::{Fake, Server};

/// The cases that the guard's own tests go through too.
const CASES: &str = include_str!("pow-cases.json");

fn open() -> (Arc<Fake>, Server, Browser) {
    let page = "<!doctype html><html lang=en><title>Work</title><p>Work</p>";
    let fake = Fake::of(&[("index.html", page), ("pow.js", SCRIPT)]);
    let server = Server::start(&fake);
    let browser = Browser::start();
    browser.open(&format!("http://{}/", server.address));
    (fake, server, browser)
}

pub fn the_script_and_the_guard_agree() {
    let (_fake, _server, browser) = open();
    let cases: Value = serde_json::from_str(CASES).expect("JSON");
    let answers = browser.eval(&format!(
        "import('/pow.js').then(({{ answers }}) => {cases}.map((c) => answers(c.challenge, c.nonce, c.bits)))"
    ));
    let expected: Vec<&Value> = cases.as_array().expect("a list").iter().map(|case| &case["answers"]).collect();
    assert_eq!(answers, json!(expected));
    for case in cases.as_array().expect("a list").iter().filter(|case| case["first"] == true) {
        let found = browser
            .text(&format!("import('/pow.js').then(({{ solve }}) => solve({}, {}))", case["challenge"], case["bits"]));
        assert_eq!(case["nonce"], found, "{case}");
    }
    // As the server asks for it.
    let challenge = guard::challenge("/posts/tea/", "token");
    let nonce = browser.text(&format!("import('/pow.js').then(({{ solve }}) => solve({}, 14))", json!(challenge)));
    assert!(guard::Proof { token: "token", nonce: &nonce }.is_valid("/posts/tea/", 14), "{nonce}");
}

pub fn work_leaves_the_page_free() {
    let (_fake, _server, browser) = open();
    // More work than can be done: only the signal ends it. Meanwhile the page's own timers run.
    let ticks = browser.number(
        "import('/pow.js').then(async ({ solve }) => {
             const end = new AbortController();
             let ticks = 0;
             const timer = setInterval(() => { ticks += 1; if (ticks === 20) end.abort(); }, 10);
             const found = await solve('never', 250, end.signal);
             clearInterval(timer);
             return found === null ? ticks : -1;
         })",
    );
    assert!((20.0..30.0).contains(&ticks), "{ticks}");
}
