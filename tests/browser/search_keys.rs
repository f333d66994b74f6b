//! The search box without a mouse.

use thirtyfour::Key;

use crate::browser::Browser;
use crate::search::{Harbour, IS_OPEN, STATUS, type_query};

fn press(browser: &Browser, key: Key) {
    browser.press(char::from(key).to_string());
}

/// What a screen reader says is chosen.
const CHOSEN: &str = "(() => { const id = document.activeElement.getAttribute('aria-activedescendant');
    const option = id ? document.getElementById(id) : null;
    return option?.getAttribute('role') === 'option' && option.getAttribute('aria-selected') === 'true' ? option.textContent : '' })()";

pub fn results_are_chosen_with_arrows() {
    let site = Harbour::build();
    let browser = Browser::start();
    browser.open(&site.url("/posts/kettle/"));
    press(&browser, Key::Tab);
    browser.press("/");
    browser.wait_until("document.activeElement.matches('[role=combobox]')");
    assert_eq!(browser.text("document.activeElement.value"), "", "the slash only leads there");
    browser.press("a/b");
    assert_eq!(browser.text("document.activeElement.value"), "a/b", "and in the box it is a slash");

    type_query(&browser, "lantern");
    let options = browser.count(".search-popup [role=option]");
    assert_eq!(options, 6);
    assert_eq!(browser.text(STATUS), "12 results");
    assert_eq!(browser.text("document.activeElement.getAttribute('aria-expanded')"), "true");
    assert!(browser.holds(
        "document.getElementById(document.activeElement.getAttribute('aria-controls')).matches('[role=listbox]')"
    ));
    assert_eq!(browser.text(CHOSEN), "");
    press(&browser, Key::Down);
    assert!(browser.text(CHOSEN).contains("lantern"), "the first");
    press(&browser, Key::Down);
    press(&browser, Key::Up);
    press(&browser, Key::Up);
    assert_eq!(browser.text(CHOSEN), "", "above the first is the box");
    press(&browser, Key::Up);
    assert_eq!(browser.text(CHOSEN), "All results", "and above that the last");
    assert!(browser.holds(
        "(() => { const [a, b] = ['.search-popup', '[aria-selected=true]'].map((it) => document.querySelector(it).getBoundingClientRect());
            return b.bottom <= a.bottom + 1 && b.top >= a.top - 1 })()"
    ));
    press(&browser, Key::Down);
    press(&browser, Key::Home);
    browser.press("old ");
    assert_eq!(browser.text("document.activeElement.value"), "old lantern", "Home and End move in the text");
    press(&browser, Key::End);
    assert_eq!(browser.number("document.activeElement.selectionStart"), 11.0);

    // Escape closes, opens no more, and then clears.
    browser.wait_until(IS_OPEN);
    press(&browser, Key::Escape);
    assert!(!browser.holds(IS_OPEN));
    assert_eq!(browser.text("document.activeElement.getAttribute('aria-expanded')"), "false");
    assert_eq!(browser.text("document.activeElement.value"), "old lantern");
    press(&browser, Key::Down);
    browser.wait_until(IS_OPEN);
    press(&browser, Key::Escape);
    press(&browser, Key::Escape);
    assert_eq!(browser.text("document.activeElement.value"), "");

    // Tab leaves, and takes the results away.
    type_query(&browser, "lantern");
    press(&browser, Key::Tab);
    assert!(!browser.holds(IS_OPEN));

    type_query(&browser, "lighthouse");
    press(&browser, Key::Down);
    press(&browser, Key::Enter);
    browser.wait_until("location.pathname === '/posts/lighthouse/'");
}

pub fn enter_leads_to_all_results() {
    let site = Harbour::build();
    let browser = Browser::start();
    browser.open(&site.url("/"));
    browser.resize(800, 300);
    type_query(&browser, "lantern");
    press(&browser, Key::Enter);
    let shown =
        |count: usize| format!("document.querySelectorAll('.search-results .search-result').length === {count}");
    browser.wait_until(&format!("location.pathname === '/search/' && {}", shown(5)));
    assert_eq!(browser.text("new URLSearchParams(location.search).get('q')"), "lantern");
    // The other half of a page comes when the focus is on the last of the first half.
    browser.eval("document.querySelector('.search-result:nth-child(5) a').focus()");
    browser.wait_until(&shown(10));
    assert!(browser.holds("document.activeElement.matches('.search-result:nth-child(5) a')"));
    // More are asked for, and the focus goes on with them.
    for _ in 0..100 {
        press(&browser, Key::Tab);
        if browser.holds("document.activeElement.matches('.search-more')") {
            break;
        }
    }
    press(&browser, Key::Enter);
    browser.wait_until("document.querySelectorAll('.search-results .search-result').length === 12");
    browser.wait_until(
        "document.activeElement === document.querySelector('.search-result:nth-child(11) a') && document.querySelector('.search-more').hidden",
    );
}
