//! The first post in a browser that runs no script.

use crate::browser::Browser;
use crate::sites::{Demo, FIRST_POST};

/// A browser without scripts at the first post.
fn open(demo: &Demo) -> Browser {
    let browser = Browser::start();
    let address = demo.first_post(&browser);
    browser.without_javascript();
    browser.open(&address);
    browser
}

/// All that is read is in the page itself.
pub fn the_post_and_its_talk_are_there(demo: &Demo) {
    let browser = open(demo);
    assert_eq!(browser.text_of("h1.p-name"), FIRST_POST);
    assert_eq!(browser.count("#comments li.h-cite"), 5);
    let hidden = browser.eval(
        "[...document.querySelectorAll('h1, .e-content p, .e-content li, li.h-cite .p-author')]
            .filter(one => !one.checkVisibility({ visibilityProperty: true, opacityProperty: true })).map(one => one.outerHTML)",
    );
    assert_eq!(hidden.as_array().map(Vec::len), Some(0), "{hidden}");
    assert!(browser.complaints().is_empty());
}

/// Name, address, website, words, the page and the comment that is answered; and the trap for machines stays empty.
pub fn the_form_posts_what_was_written(demo: &Demo) {
    let browser = open(demo);
    let id = browser.text("document.querySelector('#comments > ol > li:nth-child(2)').id.replace('comment-', '')");
    let fill = |selector: &str, words: &str| {
        browser.click(selector);
        browser.press(words);
    };
    fill("#respond input[autocomplete=name]", "Zoë & Sons");
    fill("#respond input[type=email]", "zoe@example.org");
    fill("#respond input[type=url]", "https://zoe.example/");
    fill("#respond textarea", "I agree: 100 % <b>true</b>.");
    choose_comment(&browser, &id);
    browser.click("#respond [type=submit]");
    browser.wait_until("document.title === 'Received'");

    let path = browser.address();
    let posted = demo.site().server.requests().into_iter().find(|request| request.method == "POST");
    let posted = posted.unwrap_or_else(|| panic!("nothing was posted; the browser is at {path}"));
    let fields: Vec<(String, String)> = posted
        .body
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (plain(name), plain(value)))
        .collect();
    let field = |name: &str| {
        let mut values = fields.iter().filter(|(other, _)| other == name).map(|(_, value)| value.as_str());
        let value = values.next().unwrap_or_else(|| panic!("no field {name} in {fields:?}"));
        assert_eq!(values.next(), None, "{name} is there twice: {fields:?}");
        value.to_owned()
    };
    assert_eq!(posted.target, "/-/comments");
    assert_eq!(field("author"), "Zoë & Sons");
    assert_eq!(field("email"), "zoe@example.org");
    assert_eq!(field("url"), "https://zoe.example/");
    assert_eq!(field("comment"), "I agree: 100 % <b>true</b>.");
    assert_eq!(field("reply_to"), id);
    assert!(!field("page").is_empty(), "the form must say which page it is about");
    assert_eq!(fields.iter().filter(|(_, value)| value.is_empty()).count(), 1, "one empty field, the trap: {fields:?}");
}

/// Says which comment is answered, with what a page can do without a script.
fn choose_comment(browser: &Browser, id: &str) {
    let option = format!("[name=reply_to] option[value='{id}']");
    let radio = format!("input[type=radio][name=reply_to][value='{id}']");
    if browser.count(&option) == 1 {
        browser.click(&option);
    } else if browser.count(&radio) == 1 {
        browser.click(&radio);
    } else {
        panic!("without a script nobody can say that comment {id} is meant");
    }
}

/// A field's text, as forms encode it.
fn plain(encoded: &str) -> String {
    let spaced = encoded.replace('+', " ");
    percent_encoding::percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}
