//! The README's pictures of the first post.

use std::fs;
use std::path::Path;

use crate::browser::Browser;
use crate::sites::Demo;

/// Writes `docs/screenshots/first-post-{wide,narrow}-{light,dark}.png`.
pub fn write(demo: &Demo) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/screenshots");
    fs::create_dir_all(&folder).expect("a folder for the pictures");
    let browser = Browser::start();
    demo.open_first_post(&browser);
    for (name, width, height) in [("wide", 1280, 1600), ("narrow", 390, 1600)] {
        browser.resize(width, height);
        for scheme in ["light", "dark"] {
            browser.colour_scheme(scheme);
            browser.eval("scrollTo(0, 0)");
            browser.screenshot(&folder.join(format!("first-post-{name}-{scheme}.png")));
        }
    }
}
