//! A thread of three hundred comments, on a phone.

use std::fmt::Write as _;

use crate::browser::Browser;
use crate::markup::site;
use crate::narrow::TOO_WIDE;

/// A hundred comments on the post, a hundred replies to the first of them, and one reply to each of these.
fn thread() -> String {
    let mut text = String::new();
    for id in 1..=300 {
        let answered = match id {
            1..=100 => String::new(),
            101..=200 => "reply_to = \"1\"\n".to_owned(),
            _ => format!("reply_to = \"{}\"\n", id - 100),
        };
        let (hour, minute) = (id / 60, id % 60);
        // Writing to a text cannot fail.
        let _ = write!(
            text,
            "+++\nid = \"{id}\"\nauthor = \"Reader {id}\"\ndate = 2026-01-05T{hour:02}:{minute:02}:00Z\n{answered}+++\nI have **seen** that.\n\n"
        );
    }
    text
}

pub fn it_is_folded_and_stays_usable() {
    let comments = thread();
    let files = [
        ("content/posts/a.md", "+++\ntitle = \"A\"\ndate = 2026-01-02\n+++\nA.\n"),
        ("content/posts/a.comments.md", comments.as_str()),
    ];
    let (_folder, site) = site("en", "", &files);
    let browser = Browser::start();
    browser.resize(390, 800);
    browser.before_every_page(
        "window.shifted = 0; new PerformanceObserver(list => list.getEntries().forEach(one => { shifted += one.value }))
            .observe({ type: 'layout-shift', buffered: true });",
    );
    let address = site.url("/posts/a/");
    browser.open(&address);
    assert_eq!(browser.count("#comments .comment"), 300);
    // Forty comments, four of the first one's replies, and theirs.
    let shown = "[...document.querySelectorAll('#comments .comment')].filter(one => one.checkVisibility()).length";
    assert_eq!(browser.number(shown), 48.0);
    assert!(browser.number("document.querySelectorAll('*').length") < 6500.0);
    assert!(browser.number("document.documentElement.scrollHeight") < 15_000.0);
    assert!(browser.number("shifted") < 0.05);

    // A link to a comment in a fold opens it.
    browser.open("about:blank");
    browser.open(&format!("{address}#comment-290"));
    let in_view = "(() => { const { top } = document.getElementById('comment-290').getBoundingClientRect();
        return top > -5 && top < innerHeight })()";
    browser.wait_until(in_view);
    assert_eq!(browser.eval(TOO_WIDE), serde_json::json!([]));

    // All of it, the newest first, at one click, and back at another.
    let first = "document.querySelector('.comment-list > .comment').id";
    browser.eval("document.querySelector('.comments-actions button').click()");
    assert_eq!(browser.text(first), "comment-100");
    assert_eq!(browser.count(".comment-list > .comment"), 100);
    browser.eval("document.querySelector('.comments-actions button').click()");
    assert_eq!(browser.text(first), "comment-1");
}
