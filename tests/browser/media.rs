//! Galleries, and films that are loaded on demand.

use std::fs;

use serde_json::{Value, json};
use thirtyfour::Key;

use crate::accessibility;
use crate::browser::{Browser, requested};
use crate::markup::site_with;

const POST: &str = "+++
title = \"A trip\"
date = 2026-01-02
+++
{{ <figure src=\"one.png\" alt=\"A \\\"red\\\" square\" caption=\"It *is* red\" /> }}

{{ <gallery images={[{\"src\": \"one.png\", \"alt\": \"Red\", \"caption\": \"The <first>\"}, \"two.png\", \"/logo.svg\"]} /> }}

{{ <youtube id=\"https://youtu.be/abcdefghijk\" title=\"A song\" /> }}

{{ <vimeo id={123} /> }}

{{ <mastodon url=\"https://social.example/@ada/1\" /> }}
";

fn open(javascript: bool) -> (impl Sized, String, Browser) {
    let (folder, site) = site_with("en", "", |folder| {
        let post = folder.join("content/posts/trip");
        fs::create_dir_all(&post).expect("a folder can be made");
        fs::create_dir_all(folder.join("static")).expect("a folder can be made");
        fs::write(post.join("index.md"), POST).expect("a file can be written");
        fs::write(folder.join("static/logo.svg"), "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 4 3'/>")
            .expect("a file can be written");
        for (name, colour) in [("one.png", [200, 0, 0]), ("two.png", [0, 0, 200])] {
            image::RgbImage::from_pixel(1600, 900, image::Rgb(colour)).save(post.join(name)).expect("a picture");
        }
    });
    let browser = Browser::start();
    if !javascript {
        browser.without_javascript();
    }
    let address = site.url("/posts/trip/");
    browser.open(&address);
    ((folder, site), address, browser)
}

fn press(browser: &Browser, key: Key) {
    browser.press(char::from(key).to_string());
}

/// Arrows turn its pages, Escape closes it, and the focus returns to the picture that was shown last.
pub fn a_gallery_opens_and_closes_by_keyboard() {
    let (_site, _, browser) = open(true);
    assert_eq!(
        browser.eval("[...document.querySelectorAll('.gallery img')].map(image => image.alt)"),
        json!(["Red", "Picture 2", "Picture 3"])
    );
    browser.eval("document.querySelector('.gallery a').focus()");
    press(&browser, Key::Enter);
    browser.wait_until("!!document.querySelector('dialog.lightbox[open]')");
    let shown = "document.querySelector('.lightbox img').src.replace(/.*\\//, '').replace(/\\..*/, '')";
    browser.wait_until("document.querySelector('.lightbox img').complete");
    assert_eq!((browser.text(shown), browser.text_of(".lightbox figcaption")), ("one".into(), "The <first>".into()));
    for (key, expected) in
        [(Key::Right, "two"), (Key::Right, "logo"), (Key::Right, "one"), (Key::Left, "logo"), (Key::Left, "two")]
    {
        press(&browser, key);
        assert_eq!(browser.text(shown), expected);
    }
    assert_eq!(browser.text_of(".lightbox-count"), "2 / 3");
    // The focus stays inside.
    for _ in 0..8 {
        press(&browser, Key::Tab);
        assert!(
            browser.holds("document.activeElement === document.body || !!document.activeElement.closest('dialog')")
        );
    }
    assert_eq!(accessibility_faults(&browser), Vec::<String>::new());
    press(&browser, Key::Escape);
    browser.wait_until("!document.querySelector('dialog')");
    assert!(browser.holds("document.activeElement === document.querySelectorAll('.gallery a')[1]"));
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

fn accessibility_faults(browser: &Browser) -> Vec<String> {
    if accessibility::missing().is_some() { Vec::new() } else { accessibility::faults(browser) }
}

/// Nothing is asked of another site before the reader clicks, and then the frame has the focus.
pub fn a_film_is_loaded_by_a_click() {
    let (_site, address, browser) = open(true);
    let origin = address.split("/posts").next().unwrap_or_default();
    let others: Vec<String> = requested(&browser.events()).into_iter().filter(|url| !url.starts_with(origin)).collect();
    assert_eq!(others, Vec::<String>::new());
    assert_eq!(accessibility_faults(&browser), Vec::<String>::new());
    browser.click(".embed a");
    browser.wait_until("document.activeElement.matches('.embed iframe')");
    assert_eq!(
        browser.text("document.querySelector('iframe').src"),
        "https://www.youtube-nocookie.com/embed/abcdefghijk?autoplay=1"
    );
    assert_eq!(browser.text("document.querySelector('iframe').title"), "A song");
    browser.resize(320, 700);
    assert!(browser.holds("document.documentElement.scrollWidth === 320"));
}

/// Without scripts, pictures and films are links.
pub fn without_javascript_they_are_links() {
    let (_site, _, browser) = open(false);
    let links = browser.eval("[...document.querySelectorAll('.gallery a, .embed a')].map(link => link.href)");
    let links: Vec<&str> = links.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    assert_eq!(links.len(), 6, "{links:?}");
    assert!(links[0].contains("/processed_images/one.") && links[2].ends_with("/logo.svg"), "{links:?}");
    let others =
        ["https://www.youtube.com/watch?v=abcdefghijk", "https://vimeo.com/123", "https://social.example/@ada/1"];
    assert_eq!(links[3..], others);
    browser.click(".gallery a");
    browser.wait_until("location.pathname.includes('/processed_images/one.')");
}
