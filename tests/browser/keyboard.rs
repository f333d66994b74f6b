//! The first post, without a mouse.

use thirtyfour::Key;

use crate::browser::Browser;
use crate::sites::Demo;

/// What the focus is on, as far as tests want to know.
const FOCUS: &str = "document.activeElement.outerHTML.slice(0, 200)";

/// More presses of Tab than any page of the demo site has stops.
const MANY: usize = 300;

fn press(browser: &Browser, key: Key) {
    browser.press(char::from(key).to_string());
}

/// Presses Tab until an element that matches has the focus.
fn tab_to(browser: &Browser, selector: &str) {
    for _ in 0..MANY {
        press(browser, Key::Tab);
        if browser.holds(&format!("document.activeElement.matches({selector:?})")) {
            return;
        }
    }
    panic!("Tab never comes to {selector}; it is at {}", browser.text(FOCUS));
}

/// It is out of sight until it has the focus, and leads past the navigation.
pub fn the_skip_link_comes_first(demo: &Demo) {
    let browser = Browser::start();
    demo.open_first_post(&browser);
    let in_sight = "(() => { const link = document.querySelector('a[href^=\"#\"]'), box = link.getBoundingClientRect();
        return box.width > 1 && box.height > 1 && box.top >= 0 && box.left >= 0 && box.bottom <= innerHeight
            && document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2) === link })()";
    assert!(!browser.holds(in_sight), "the skip link shows without being asked for");
    press(&browser, Key::Tab);
    assert!(
        browser.holds("document.activeElement === document.querySelector('a[href^=\"#\"]')"),
        "{}",
        browser.text(FOCUS)
    );
    browser.wait_until(in_sight);
    press(&browser, Key::Enter);
    browser.wait_until("location.hash.length > 1 && !!document.querySelector('main, main *').closest('main')");
    assert!(browser.holds(
        "(() => { const target = document.querySelector(location.hash); return target.matches('main') || !!target.closest('main') })()"
    ));
    press(&browser, Key::Tab);
    assert!(browser.holds("!!document.activeElement.closest('main')"), "next comes {}", browser.text(FOCUS));
}

/// Choosing a comment changes the heading, the field that says which, and the place; cancelling changes them back.
pub fn a_comment_can_be_answered(demo: &Demo) {
    let browser = Browser::start();
    demo.open_first_post(&browser);
    let heading =
        "document.querySelector('#respond h2, #respond h3, #respond legend').textContent.replace(/\\s+/g, ' ').trim()";
    let reply_to = "new FormData(document.querySelector('form#respond')).get('reply_to') ?? ''";
    let before = browser.text(heading);
    assert!(before.starts_with("Leave a Reply"), "{before}");
    assert_eq!(browser.text(reply_to), "");

    // The second comment's link: the first would also be found by a form that always takes the first.
    let second = "#comments > ol > li:nth-child(2)";
    let name = browser.text_of(&format!("{second} .p-author"));
    let id = browser.text(&format!("document.querySelector({second:?}).id.replace('comment-', '')"));
    tab_to(&browser, &format!("{second} a[href$=\"#respond\"]"));
    press(&browser, Key::Enter);
    browser.wait_until(&format!("{heading}.startsWith('Leave a Reply to ' + {name:?})"));
    assert_eq!(browser.text(reply_to), id);
    browser.wait_until("!!document.activeElement.closest('form#respond')");

    tab_to(&browser, "form#respond textarea");
    browser.press("Well said.");
    assert_eq!(browser.text("document.querySelector('#respond textarea').value"), "Well said.");

    // Back to the form's beginning, and on to the way out.
    browser.eval("document.querySelector('form#respond').querySelector('a, button, input').focus()");
    if !browser.holds(&format!("document.activeElement.matches({CANCEL:?})")) {
        tab_to(&browser, CANCEL);
    }
    press(&browser, Key::Enter);
    browser.wait_until(&format!("{heading} === {before:?}"));
    assert_eq!(browser.text(reply_to), "");
    assert_eq!(
        browser.text("document.querySelector('#respond textarea').value"),
        "Well said.",
        "what was written stays"
    );
}

/// The way out of answering a comment.
const CANCEL: &str = ".cancel-reply, .cancel-reply *, #cancel-reply, [data-cancel-reply]";

/// Whatever Tab comes to has an outline of its own.
pub fn focus_is_visible_everywhere(demo: &Demo) {
    let browser = Browser::start();
    demo.open_first_post(&browser);
    let stops = browser.number(
        "[...document.querySelectorAll('a[href], button, input:not([type=hidden]), textarea, select, summary')].length",
    );
    let mut seen = 0;
    for scheme in ["light", "dark"] {
        browser.colour_scheme(scheme);
        browser.eval("document.activeElement.blur()");
        for _ in 0..=stops as usize {
            press(&browser, Key::Tab);
            if browser.holds("document.activeElement === document.body") {
                break;
            }
            seen += 1;
            assert!(
                browser.holds(
                    "(() => { const style = getComputedStyle(document.activeElement);
                        return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1 && style.outlineColor !== 'rgba(0, 0, 0, 0)' })()"
                ),
                "{scheme}: the focus cannot be seen on {}",
                browser.text(FOCUS)
            );
            assert!(
                browser.holds(
                    "(() => { const box = document.activeElement.getBoundingClientRect(); return box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight })()"
                ),
                "{scheme}: the focus is out of sight on {}",
                browser.text(FOCUS)
            );
        }
    }
    assert!(seen > 20, "Tab stopped at {seen} places only");
}
