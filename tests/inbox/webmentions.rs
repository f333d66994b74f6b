//! Webmentions that a running inbox receives. All people are invented.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use crate::{FORM, Inbox, Site};

const ENDPOINT: &str = "/-/webmention";

/// A site that writes about others.
struct Elsewhere {
    address: SocketAddr,
    page: Arc<Mutex<String>>,
    requests: Arc<AtomicUsize>,
}

impl Elsewhere {
    /// Answers every request with a response, which can be changed, after a time.
    fn new(delay: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let (page, requests) = (Arc::<Mutex<String>>::default(), Arc::<AtomicUsize>::default());
        let (served, counted) = (Arc::clone(&page), Arc::clone(&requests));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (served, counted) = (Arc::clone(&served), Arc::clone(&counted));
                thread::spawn(move || answer(stream, delay, &served, &counted));
            }
        });
        Self { address, page, requests }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    fn serve(&self, status: &str, html: &str) {
        let length = html.len();
        *self.page.lock().expect("no panic") = format!(
            "HTTP/1.1 {status}\r\ncontent-type: text/html\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{html}"
        );
    }

    /// An answer to a page.
    fn serve_answer(&self, text: &str) {
        self.serve(
            "200 OK",
            &format!(
                "<div class=h-entry><a class='p-author h-card'>Ada Wren</a><a class=u-in-reply-to \
                 href='https://tea.example/posts/tea/'>x</a><div class=e-content>{text}</div></div>"
            ),
        );
    }

    /// A site that fetches from here.
    fn site(&self) -> Site {
        Site::with(&format!(
            "[comments.guard]\nper_address = 0\nper_page = 0\nin_all = 0\n[fetch]\nprivate_hosts = [\"{}\"]\n",
            self.address
        ))
    }
}

fn answer(mut stream: TcpStream, delay: Duration, page: &Mutex<String>, requests: &AtomicUsize) {
    let mut reader = BufReader::new(stream.try_clone().expect("a stream"));
    let mut line = String::new();
    while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
        line.clear();
    }
    requests.fetch_add(1, Ordering::SeqCst);
    thread::sleep(delay);
    let page = page.lock().expect("no panic").clone();
    let _ = stream.write_all(page.as_bytes());
    let _ = stream.shutdown(std::net::Shutdown::Write);
    let _ = stream.read(&mut [0; 16]);
}

/// Sends a Webmention; where its status is.
fn send(inbox: &Inbox, source: &str, target: &str) -> String {
    let answer = inbox.post(ENDPOINT, FORM, &format!("source={source}&target={target}"));
    assert_eq!(answer.status, 202, "{}", answer.body);
    let place = answer.header("location").to_owned();
    place[place.find(ENDPOINT).expect("a path")..].to_owned()
}

fn status(inbox: &Inbox, place: &str) -> String {
    inbox.send(&format!("GET {place} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")).body
}

/// Waits until the status says something.
fn wait_for(inbox: &Inbox, place: &str, wanted: &str) {
    let start = Instant::now();
    loop {
        let said = status(inbox, place);
        if said.contains(wanted) {
            return;
        }
        assert!(start.elapsed() < Duration::from_secs(20), "{wanted}: {said}{}", inbox.log());
        thread::sleep(Duration::from_millis(30));
    }
}

#[test]
fn a_webmention_is_taken_verified_moderated_shown_and_removed() {
    let ada = Elsewhere::new(Duration::ZERO);
    let (site, target) = (ada.site(), "https://tea.example/posts/tea/");
    let inbox = Inbox::start(&site);
    ada.serve_answer("<p>Milk first.</p><script>alert(1)</script>");
    let place = send(&inbox, &ada.url("/1"), target);
    wait_for(&inbox, &place, "waits for a decision");
    let replies = site.replies();
    assert_eq!((replies.len(), replies[0]["author"].as_str()), (1, Some("Ada Wren")));
    site.causerie(&["comments", "approve", replies[0]["id"].as_str().expect("an id")]);
    wait_for(&inbox, &place, "verified and published");
    site.causerie(&["build"]);
    let page = site.read("public/posts/tea/index.html");
    assert!(page.contains("Milk first.") && page.contains("Ada Wren") && !page.contains("alert(1)"));
    assert!(page.contains("<link rel=\"webmention\" href=\"/-/webmention\">"), "{page}");
    assert!(!site.read("public/posts/closed/index.html").contains("rel=\"webmention\""));

    ada.serve_answer("<p>Milk last.</p>");
    assert_eq!(send(&inbox, &ada.url("/1"), target), place);
    let file = format!("content/posts/tea.comments/{}", site.files("content/posts/tea.comments")[0]);
    let start = Instant::now();
    while !site.read(&file).contains("Milk last.") {
        assert!(start.elapsed() < Duration::from_secs(20), "{}", inbox.log());
        thread::sleep(Duration::from_millis(30));
    }
    ada.serve("410 Gone", "");
    assert_eq!(send(&inbox, &ada.url("/1"), target), place);
    wait_for(&inbox, &place, "removed");
    assert_eq!(site.files("content/posts/tea.comments").len(), 0);
    assert!(!inbox.log().contains("Ada Wren"), "the log has nothing of the page");
}

#[test]
fn what_is_no_webmention_is_refused_at_once() {
    let ada = Elsewhere::new(Duration::ZERO);
    let site = ada.site();
    let inbox = Inbox::start(&site);
    let (source, tea) = (ada.url("/1"), "https://tea.example/posts/tea/");
    for (body, status, expected) in [
        (String::new(), 400, "has a `source` and a `target`"),
        (format!("source={source}"), 400, "has a `source` and a `target`"),
        (format!("source=ftp://x/&target={tea}"), 400, "whole addresses"),
        (format!("source={tea}&target={tea}"), 400, "same page"),
        (format!("source={source}&target=https://other.example/"), 400, "not a page of this site"),
        (format!("source={source}&target=https://tea.example/none/"), 400, "no page at the target"),
        (format!("source={source}&target=https://tea.example/posts/closed/"), 400, "takes no more comments"),
        ("source=%ff&target=%ff".to_owned(), 400, "not a form"),
    ] {
        let answer = inbox.post(ENDPOINT, FORM, &body);
        assert_eq!(answer.status, status, "{body}: {}", answer.body);
        assert!(answer.body.contains(expected), "{body}: {}", answer.body);
    }
    let json = inbox.post(ENDPOINT, "Content-Type: application/json\r\n", "{}");
    assert_eq!(json.status, 400, "{}", json.body);
    let get =
        |path: &str| inbox.send(&format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")).status;
    assert_eq!((get(ENDPOINT), get("/-/webmention/none"), get("/-/webmention/../x")), (405, 404, 404));
    assert_eq!(ada.requests.load(Ordering::SeqCst), 0, "nobody was asked");

    ada.serve("200 OK", "<p>Nothing</p>");
    let place = send(&inbox, &source, tea);
    wait_for(&inbox, &place, "refused. Reason: the source does not link to the target.");
    site.write("site.toml", &site.read("site.toml").replace("[comments]\n", "[comments]\nwebmentions = false\n"));
    let start = Instant::now();
    while inbox.post(ENDPOINT, FORM, &format!("source={source}&target={tea}")).status != 404 {
        assert!(start.elapsed() < Duration::from_secs(20), "{}", inbox.log());
        thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn nothing_is_lost_or_doubled_when_the_inbox_is_killed() {
    let ada = Elsewhere::new(Duration::from_millis(400));
    let site = ada.site();
    ada.serve_answer("<p>Milk first.</p>");
    let mut places = Vec::new();
    for round in 0..3 {
        let mut inbox = Inbox::start(&site);
        for number in 0..4 {
            places.push(send(&inbox, &ada.url(&format!("/{round}-{number}")), "https://tea.example/posts/tea/"));
        }
        // It was killed while it looked at one, and before it looked at the others.
        thread::sleep(Duration::from_millis(200 + 150 * round));
        inbox.kill();
    }
    let inbox = Inbox::start(&site);
    for place in &places {
        wait_for(&inbox, place, "waits for a decision");
    }
    assert_eq!(site.replies().len(), places.len());
}

#[test]
fn a_host_that_sends_too_much_is_told_to_wait() {
    let ada = Elsewhere::new(Duration::ZERO);
    ada.serve_answer("<p>Milk first.</p>");
    let site =
        Site::with(&format!("[comments.guard]\nper_address = 1\n[fetch]\nprivate_hosts = [\"{}\"]\n", ada.address));
    let inbox = Inbox::start(&site);
    let post = |number: usize| {
        let body = format!("source={}&target=https://tea.example/posts/tea/", ada.url(&format!("/{number}")));
        inbox.post(ENDPOINT, FORM, &body)
    };
    let statuses: Vec<u16> = (0..12).map(|number| post(number).status).collect();
    assert_eq!((statuses[9], statuses[10]), (202, 429), "{statuses:?}");
    assert_eq!(post(12).header("retry-after"), "600");
}
