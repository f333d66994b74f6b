//! The whole circle: a reader's form, the answer page, the author's mail, its link, the build, the page.

use std::fs;

use crate::browser::Browser;
use crate::inbox::Published;
use crate::sink::Sink;

/// A word that no page of the site has before.
const WORD: &str = "sesquipedalian";

struct Circle {
    sink: Sink,
    site: Published,
}

impl Circle {
    fn new() -> Self {
        let sink = Sink::start();
        let site = Published::configured("rebuild = true\n", &format!("\n{}", sink.settings_of_author()));
        Self { sink, site }
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.site.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Whether the word is in the public page, and in the feed of its talk.
    fn is_published(&self) -> (bool, bool) {
        let [page, feed] = ["index.html", "comments.xml"].map(|name| self.read(&format!("public/posts/hello/{name}")));
        (page.contains(WORD), feed.contains(WORD))
    }

    /// The author opens the link that approves what came, and presses the button.
    fn approve_by_mail(&self, author: &Browser) {
        let mail = self.sink.wait(1).remove(0);
        let text = mail.text();
        assert!(text.contains("It answers Ida Quill") && text.contains(&format!("| A *{WORD}* word.")), "{text}");
        author.open(&mail.link("/decide?token=decide.approve-"));
        let page = author.text_of("main");
        assert!(page.contains("Approve this reply?") && page.contains(&format!("A {WORD} word.")), "{page}");
        assert_eq!(self.is_published(), (false, false), "looking at it publishes nothing");
        author.click("button.chief");
        author.wait_until("document.querySelector('h1').textContent === 'Done'");
        assert!(author.text_of("main").contains("Approved the reply by Zoë."));
        assert!(author.complaints().is_empty());
    }

    /// The reader sees it: on the page below what it answers, in the feed, and by the search, which leads to it.
    fn is_there(&self, reader: &Browser) {
        assert_eq!(self.is_published(), (true, true));
        reader.open(&format!("{}/posts/hello/", self.site.server.url));
        let reply = "#comment-1 > .replies .e-content em";
        assert_eq!(reader.text_of(reply), WORD);
        // The search needs JavaScript, so it uses a browser of its own.
        let searcher = Browser::start();
        searcher.open(&format!("{}/search/?q={WORD}", self.site.server.url));
        searcher.wait_until("document.querySelector('.search-results a') !== null");
        let link = searcher.text("document.querySelector('.search-results a').href");
        assert!(link.contains("/posts/hello/#comment-"), "{link}");
        searcher.click(".search-results a");
        searcher.wait_until("document.querySelector(':target em') !== null");
        assert_eq!(searcher.text_of(":target em"), WORD);
    }
}

/// With JavaScript: the reply stands in its place at once.
pub fn a_reply_goes_the_whole_circle() {
    let circle = Circle::new();
    let (reader, author) = (Browser::start(), Browser::start());
    reader.open(&format!("{}/posts/hello/", circle.site.server.url));
    reader.wait_until("document.readyState === 'complete'");
    reader.click("#comment-1 .reply-link");
    reader.click("[name=author]");
    reader.press("Zoë");
    reader.click("[name=comment]");
    reader.press(format!("A *{WORD}* word."));
    reader.click("#respond button[type=submit]");
    reader.wait_until("document.querySelector('#comment-1 > .replies > .pending') !== null");
    circle.approve_by_mail(&author);
    circle.is_there(&reader);
}

/// Without, for reader and author: the answer page thanks, and leads back.
pub fn a_reply_goes_the_whole_circle_without_javascript() {
    let circle = Circle::new();
    let (reader, author) = (Browser::start(), Browser::start());
    reader.without_javascript();
    author.without_javascript();
    reader.open(&format!("{}/posts/hello/", circle.site.server.url));
    reader.click("[name=author]");
    reader.press("Zoë");
    reader.click("[name=comment]");
    reader.press(format!("A *{WORD}* word."));
    reader.click("[name=reply_to] option[value='1']");
    reader.click("#respond button[type=submit]");
    reader.wait_until("document.querySelector('a.back') !== null");
    let page = reader.text_of("main");
    assert!(page.contains("Thank you for your reply") && page.contains(&format!("A {WORD} word.")), "{page}");
    reader.click("a.back");
    reader.wait_until("location.hash === '#comment-1'");
    circle.approve_by_mail(&author);
    circle.is_there(&reader);
}
