//! A published site on one address, its inbox on another, and a reader in between.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::browser::Browser;
use crate::server::{Address, Server};
use crate::sites::causerie;

const PAGE: &str = "/posts/hello/";
const STATUS: &str = "document.querySelector('.reply-status')?.textContent";

/// A site that is served as it was built, and its inbox.
pub struct Published {
    pub server: Server,
    inbox: Option<Child>,
    pub port: u16,
    folder: TempDir,
}

impl Published {
    pub fn new() -> Self {
        Self::with("")
    }

    /// Whose replies were approved once need not wait.
    fn trusting() -> Self {
        Self::made(
            |text| text.replace("[comments]\n", "[comments]\ntrust_after = 1\n"),
            "\n[comments.guard]\nmin_seconds = 0\n",
        )
    }

    /// With more settings.
    fn with(settings: &str) -> Self {
        Self::made(|text| text, settings)
    }

    /// With more settings in `[comments]`, and others after all.
    pub fn configured(comments: &str, settings: &str) -> Self {
        Self::made(|text| text.replace("[comments]\n", &format!("[comments]\n{comments}")), settings)
    }

    fn made(change: impl FnOnce(String) -> String, settings: &str) -> Self {
        Self::prepared(|root, url, endpoint| {
            causerie(["init".as_ref(), root.as_os_str()]);
            let config = root.join("site.toml");
            let text = fs::read_to_string(&config).expect("a configuration");
            let text = text.replace("https://example.org", url);
            let text = text.replace("# endpoint = \"/-/comments\"", &format!("endpoint = \"{endpoint}\""));
            fs::write(&config, change(text) + settings).expect("a writable folder");
        })
    }

    /// The site that a function writes into a folder, for its address and that of its inbox.
    pub fn prepared(write: impl FnOnce(&Path, &str, &str)) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let address = Address::take();
        // A free port, for the site must know it before the inbox listens there.
        let port = TcpListener::bind(("127.0.0.1", 0)).and_then(|it| it.local_addr()).expect("a free port").port();
        let root = folder.path().join("site");
        write(&root, &address.url(), &format!("http://127.0.0.1:{port}/reply"));
        let server = address.serve(root.join("public"));
        let mut published = Self { server, inbox: None, port, folder };
        published.run(&["build"]);
        published.open_inbox();
        published
    }

    fn open_inbox(&mut self) {
        let mut process = Command::new(env!("CARGO_BIN_EXE_causerie"))
            .args(["inbox", "--port", &self.port.to_string(), "--root"])
            .arg(self.path(""))
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program can be started");
        let mut lines = BufReader::new(process.stderr.take().expect("its messages are piped")).lines();
        let said = lines.next().expect("it says where it is").expect("text");
        assert!(said.contains("Taking replies"), "{said}");
        std::thread::spawn(move || lines.count());
        self.inbox = Some(process);
    }

    fn close_inbox(&mut self) {
        if let Some(mut process) = self.inbox.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join("site").join(path)
    }

    pub fn run(&self, arguments: &[&str]) {
        let root = self.path("");
        causerie(arguments.iter().map(AsRef::as_ref).chain(["--root".as_ref(), root.as_os_str()]));
    }

    /// The ids of the replies that wait.
    pub fn waiting(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path("inbox")).expect("an inbox").flatten();
        let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        names.filter_map(|name| name.strip_suffix(".md").map(str::to_owned)).collect()
    }

    pub fn open(&self, browser: &Browser) {
        browser.open(&format!("{}{PAGE}", self.server.url));
        browser.wait_until("document.readyState === 'complete'");
    }

    /// Approves the waiting replies, and reloads the page.
    fn approve(&self, browser: &Browser) -> String {
        let waiting = self.waiting();
        let [id] = &waiting[..] else { panic!("{waiting:?}") };
        self.run(&["comments", "approve", id, "--build"]);
        self.open(browser);
        format!("#comment-{id}")
    }
}

impl Drop for Published {
    fn drop(&mut self) {
        self.close_inbox();
    }
}

fn write(browser: &Browser, name: &str, text: &str) {
    browser.eval(&format!("document.querySelector('[name={name}]').value = {text:?}"));
    browser.eval(&format!(
        "document.querySelector('[name={name}]').dispatchEvent(new Event('input', {{ bubbles: true }}))"
    ));
}

/// With JavaScript: in place, pending; then approved, built and there.
pub fn a_reply_goes_the_whole_way() {
    let site = Published::new();
    let browser = Browser::start();
    site.open(&browser);
    browser.eval("window.isOld = true");
    browser.click("#comment-1 .reply-link");
    write(&browser, "author", "Zoë");
    write(&browser, "comment", "I *agree*.\n\n<script>window.isOwned = true</script>");
    browser.click("#respond button[type=submit]");
    browser.wait_until("document.querySelector('#comment-1 > .replies > .pending') !== null");
    assert!(browser.holds("isOld && !window.isOwned && document.querySelector('[name=comment]').value === ''"));
    let pending = browser.text_of(".comment.pending");
    for text in ["Zoë", "awaiting moderation", "I agree.", "<script>window.isOwned"] {
        assert!(pending.contains(text), "{pending}");
    }
    browser.wait_until(&format!("{STATUS}.includes('waits for approval')"));
    // Nobody else sees it yet, and the writer's browser has not kept it.
    site.open(&browser);
    assert_eq!(browser.count(".pending"), 0);
    assert!(browser.holds("document.querySelector('[name=comment]').value === ''"));
    let comment = site.approve(&browser);
    assert_eq!(browser.count(&format!("#comment-1 > .replies > {comment}")), 1);
    assert!(browser.text_of(&comment).contains("I agree."));
    assert!(fs::read_to_string(site.path("public/posts/hello/comments.xml")).expect("a feed").contains("agree"));
}

/// The inbox asks for work, the script does it while the reply is written, and the next one needs another.
pub fn the_script_does_the_work_that_is_asked_for() {
    let site = Published::with("\n[comments.guard]\nmin_seconds = 0\nproof_of_work = 12\n");
    let browser = Browser::start();
    site.open(&browser);
    for text in ["One.", "Two."] {
        write(&browser, "comment", text);
        browser.click("#respond button[type=submit]");
        browser.wait_until(&format!(
            "document.querySelector('.comment.pending:last-child .e-content')?.textContent.trim() === {text:?}"
        ));
    }
    let waiting = site.waiting();
    assert_eq!(waiting.len(), 2);
    for id in waiting {
        let object = fs::read_to_string(site.path(&format!("inbox/{id}.md"))).expect("it waits");
        assert!(object.contains("decision = \"queue\"") && !object.contains("guard.reasons"), "{object}");
    }
}

/// Somebody who was approved before is known by a cookie, which goes to the inbox's own address, and nobody else can read.
pub fn a_trusted_writer_is_published_in_place() {
    let site = Published::trusting();
    let browser = Browser::start();
    site.open(&browser);
    write(&browser, "comment", "One.");
    browser.click("#respond button[type=submit]");
    browser.wait_until("document.querySelector('.comment.pending') !== null");
    site.approve(&browser);
    assert!(browser.holds("document.cookie === ''"));
    write(&browser, "comment", "Two.");
    browser.click("#respond button[type=submit]");
    browser.wait_until(&format!("{STATUS}.includes('is published')"));
    assert_eq!((browser.count(".comment.pending"), browser.count(".comment .comment-foot button")), (0, 0));
    browser.wait_until(
        "document.querySelector('.comment-list > .comment:last-child .e-content').textContent.trim() === 'Two.'",
    );
    // Another browser says the same name, and waits.
    let other = Browser::start();
    site.open(&other);
    write(&other, "comment", "Three.");
    other.click("#respond button[type=submit]");
    other.wait_until("document.querySelector('.comment.pending') !== null");
}

/// Without: an answer page in the site's theme, and a way back.
pub fn a_reply_goes_the_whole_way_without_javascript() {
    let site = Published::new();
    let browser = Browser::start();
    site.open(&browser);
    browser.without_javascript();
    site.open(&browser);
    browser.click("[name=author]");
    browser.press("Zoë");
    browser.click("[name=comment]");
    browser.press("I *agree*.");
    browser.click("#respond button[type=submit]");
    browser.wait_until("document.querySelector('a.back') !== null");
    let page = browser.text_of("main");
    for text in ["Thank you for your reply", "awaiting moderation", "I agree.", "Second thoughts?"] {
        assert!(page.contains(text), "{page}");
    }
    browser.click("a.back");
    browser.wait_until("location.hash === '#comments'");
    let comment = site.approve(&browser);
    assert!(browser.text_of(&comment).contains("I agree."));
}

/// A writer changes a reply in its place, and takes it back.
pub fn second_thoughts_in_place() {
    let site = Published::new();
    let browser = Browser::start();
    site.open(&browser);
    write(&browser, "comment", "One.");
    browser.click("#respond button[type=submit]");
    browser.wait_until("document.querySelector('.comment.pending') !== null");
    browser.click(".comment.pending .comment-foot button:first-child");
    assert!(browser.holds("document.querySelector('[name=comment]').value === 'One.'"));
    write(&browser, "comment", "*Two.*");
    browser.click("#respond button[type=submit]");
    browser.wait_until("document.querySelector('.comment.pending em')?.textContent === 'Two.'");
    assert_eq!(browser.count(".comment.pending"), 1);
    let id = site.waiting().pop().expect("it waits");
    assert!(fs::read_to_string(site.path(&format!("inbox/{id}.md"))).expect("it").ends_with("*Two.*\n"));
    browser.click(".comment.pending .comment-foot button:last-child");
    browser.wait_until("document.querySelector('.comment.pending') === null");
    assert!(site.waiting().is_empty());
}

/// The server is away, or does not want it: what was typed stays, over a reload as well.
pub fn what_is_typed_is_not_lost() {
    let mut site = Published::new();
    let browser = Browser::start();
    site.open(&browser);
    write(&browser, "comment", "A long thought.");
    write(&browser, "email", "jo");
    browser.eval("document.querySelector('#respond').noValidate = true");
    browser.click("#respond button[type=submit]");
    browser.wait_until(&format!("{STATUS}.includes('e-mail address is not complete')"));
    write(&browser, "email", "");
    site.close_inbox();
    browser.click("#respond button[type=submit]");
    browser.wait_until(&format!("{STATUS}.includes('could not be sent')"));
    site.open(&browser);
    assert!(browser.holds("document.querySelector('[name=comment]').value === 'A long thought.'"));
    site.open_inbox();
    browser.click("#respond button[type=submit]");
    browser.wait_until("document.querySelector('.comment.pending') !== null");
    assert_eq!(site.waiting().len(), 1);
    site.open(&browser);
    assert!(browser.holds("document.querySelector('[name=comment]').value === ''"));
}
