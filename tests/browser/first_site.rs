//! The site that `causerie init` makes.

use crate::browser::Browser;
use crate::sites::{Served, causerie};

/// It can be built and read as it is.
pub fn a_new_site_shows_its_post_and_talk() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = folder.path().join("blog");
    causerie(["init".as_ref(), root.as_os_str()]);
    let site = Served::build(&root);
    let browser = Browser::start();
    browser.open(&site.url("/"));
    assert!(browser.count("h1") == 1 && browser.count("main") == 1);

    browser.click("main .p-name a, main .h-entry a");
    assert_eq!(browser.count("article.h-entry h1.p-name"), 1, "the first link leads to a post");
    let comments = browser.count("#comments li.h-cite");
    assert!(comments >= 1);
    let responses = if comments == 1 { "1 Response to “".to_owned() } else { format!("{comments} Responses to “") };
    assert!(browser.text_of("#comments h2").starts_with(&responses));
    // Nobody can send responses before the author has said where to.
    assert_eq!(browser.count("#respond"), 1);
    assert!(browser.text_of("#respond").starts_with("Responses cannot be sent from this site"));
    assert!(browser.count("footer blockquote.quote") == 1);
    assert_eq!(browser.complaints(), Vec::<String>::new());
}
