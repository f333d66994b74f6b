//! Sending: where pages take Webmentions, and which links are reported when.

use super::*;
use crate::fetch::Request;
use crate::webmention::discovery::endpoint;
use crate::webmention::send_report::{Change, SendReport};
use crate::webmention::sent::SENT;
use crate::webmention::{SendOptions, send};

/// The cases of the public test suite, with pages of our own: what the server says, and the endpoint.
const CASES: [(&str, &str, Option<&str>); 33] = [
    ("link: </e>; rel=webmention", "", Some("/e")),
    ("link: <HOST/e>; rel=webmention", "", Some("/e")),
    ("", "<link rel=webmention href='/e'>", Some("/e")),
    ("", "<link rel='webmention' href='HOST/e'>", Some("/e")),
    ("", "<p><a rel=webmention href='/e'>x</a>", Some("/e")),
    ("", "<p><a rel=webmention href='HOST/e'>x</a>", Some("/e")),
    ("LinK: <HOST/e>; rel=webmention", "", Some("/e")),
    ("link: <HOST/e>; rel=\"webmention\"", "", Some("/e")),
    ("", "<link rel='webmention something' href='/e'>", Some("/e")),
    ("link: <HOST/e>; rel=\"other webmention somethingelse\"", "", Some("/e")),
    ("link: </e>; rel=webmention", "<link rel=webmention href='/1'><a rel=webmention href='/2'>x</a>", Some("/e")),
    ("", "<link rel=not-webmention href='/1'><a rel=webmention href='/e'>x</a>", Some("/e")),
    ("", "<!-- <a rel=webmention href='/1'>x</a> --><a rel=webmention href='/e'>x</a>", Some("/e")),
    ("", "<p>&lt;a rel=webmention href='/1'>x&lt;/a><a rel=webmention href='/e'>x</a>", Some("/e")),
    ("", "<link rel=webmention href=''>", Some("/page/1?x=1")),
    ("", "<a rel=webmention href='/e'>x</a><link rel=webmention href='/1'>", Some("/e")),
    ("", "<link rel=webmention href='/e'><a rel=webmention href='/1'>x</a>", Some("/e")),
    ("link: </1>; rel=other\r\nlink: </e>; rel=webmention", "", Some("/e")),
    ("link: </1>; rel=\"other\", </e>; rel=\"webmention\"", "", Some("/e")),
    ("", "<link rel=webmention><a rel=webmention href='/e'>x</a>", Some("/e")),
    ("", "<link rel=webmention href='/e?id=1&amp;key=a%20b'>", Some("/e?id=1&key=a%20b")),
    ("", "<link rel=webmention href='e'>", Some("/page/e")),
    ("link: <e>; rel=webmention", "", Some("/page/e")),
    // And others.
    ("link: </e>; REL=WebMention", "", Some("/e")),
    ("link: </e>;title=\"a, b; rel=x\";rel=webmention", "", Some("/e")),
    ("", "<base href='/folder/'><link rel=webmention href='e'>", Some("/folder/e")),
    ("", "<template><link rel=webmention href='/1'></template>", None),
    ("", "<script>'<link rel=webmention href=\"/1\">'</script>", None),
    ("", "<link rel=webmention href='javascript:alert(1)'>", None),
    ("link: <mailto:ada@ada.example>; rel=webmention", "", None),
    ("", "<div rel=webmention href='/1'></div>", None),
    ("", "<link rel=web-mention href='/1'>", None),
    ("", "", None),
];

#[test]
fn endpoints_are_found_in_all_their_forms() {
    for (number, (header, html, expected)) in CASES.into_iter().enumerate() {
        let server = Server::start(move |request, stream| {
            let host = request.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default().trim();
            let fill = |text: &str| text.replace("HOST", &format!("http://{host}"));
            let headers =
                format!("content-type: text/html\r\n{}{}", fill(header), if header.is_empty() { "" } else { "\r\n" });
            let text = match request.split(' ').nth(1) {
                // Every second page is behind a redirect.
                Some("/start") => {
                    answer("302 Found", "location: /page/1?x=1\r\nlink: </wrong>; rel=webmention\r\n", "")
                }
                _ => answer("200 OK", &headers, &fill(html)),
            };
            let _ = stream.write_all(text.as_bytes());
        });
        let path = if number % 2 == 0 { "/start" } else { "/page/1?x=1#here" };
        let response = Client::new(&[server.allowed()]).send(&Request::get(&server.url(path)).unwrap()).unwrap();
        let found = endpoint(&response).map(String::from);
        assert_eq!(found, expected.map(|path| server.url(path)), "case {}: {header} {html}", number + 1);
    }
}

/// A page that takes Webmentions at `/endpoint`.
const OPEN: &str = "<link rel=webmention href='/endpoint'>";

impl Blog {
    /// A post that links to paths of the server.
    fn post(&self, name: &str, text: &str, paths: &[&str]) {
        let links: String = paths.iter().map(|path| format!("[x]({})\n", self.server.url(path))).collect();
        let text = format!(
            "+++\ntitle = \"{name}\"\ndate = 2026-01-01\n+++\n{text}\n\n{links}\n[own](https://blog.example/tea/)\n"
        );
        write(self.root.path(), &format!("content/{name}.md"), &text);
    }

    fn send_with(&self, change: impl FnOnce(&mut SendOptions)) -> SendReport {
        let mut options = SendOptions { root: self.root.path().to_owned(), all: false, since: None, dry_run: false };
        change(&mut options);
        send(&options, &|_, _| {}).unwrap()
    }

    fn send(&self) -> SendReport {
        self.send_with(|_| {})
    }

    /// The Webmentions that the server received since the last call: source and target, without what they have in common.
    fn received(&self, before: &mut usize) -> Vec<String> {
        let requests = self.server.requests();
        let bodies = requests[*before..].iter().filter(|request| request.starts_with("POST"));
        let decode = |request: &String| {
            let body = request.rsplit("\r\n").next().unwrap_or_default().to_owned();
            let pairs = url::form_urlencoded::parse(body.as_bytes());
            let values: Vec<String> = pairs.map(|(name, value)| format!("{name} {value}")).collect();
            let text = values.join(" ");
            text.replace("https://blog.example", "").replace(&self.server.url(""), "")
        };
        let mut received: Vec<String> = bodies.map(decode).collect();
        received.sort();
        *before = requests.len();
        received
    }
}

#[test]
fn links_are_reported_once_and_again_when_their_post_changes() {
    let blog = Blog::new("");
    let mut before = 0;
    blog.serve_raw("/endpoint", &answer("202 Accepted", "", ""));
    for path in ["/1", "/2", "/3"] {
        blog.serve(path, OPEN);
    }
    blog.serve("/none", "<p>No endpoint</p>");
    // The first run records what is there.
    blog.post("old", "Old.", &["/1"]);
    let report = blog.send();
    assert_eq!((report.recorded, report.planned), (1, 0), "{report:?}");
    assert_eq!(blog.server.requests(), [] as [&str; 0]);

    blog.post("new", "New.", &["/1", "/2", "/none", "/1"]);
    let dry = blog.send_with(|options| options.dry_run = true);
    assert_eq!((dry.planned, dry.plan.len(), blog.server.requests().len()), (3, 3, 0));
    let report = blog.send();
    assert_eq!(report.sent.get(&Change::Gained), Some(&2), "{report:?}");
    assert_eq!((report.without_endpoint, report.problems.len()), (1, 0));
    assert_eq!(blog.received(&mut before), ["source /new/ target /1", "source /new/ target /2"]);

    // A second run sends nothing, and asks nobody.
    assert_eq!(blog.send().planned, 0);
    assert_eq!(blog.server.requests().len(), before);

    // A post that changes: a link is new, one is kept, one is lost.
    blog.post("new", "Newer.", &["/2", "/3"]);
    let report = blog.send();
    let counts: Vec<_> = report.sent.iter().map(|(change, count)| (*change, *count)).collect();
    assert_eq!(counts, [(Change::Gained, 1), (Change::Kept, 1), (Change::Lost, 1)]);
    assert_eq!(
        blog.received(&mut before),
        ["source /new/ target /1", "source /new/ target /2", "source /new/ target /3"]
    );
    assert_eq!(blog.send().planned, 0);
    // The recorded post changes as well: then its links are reported.
    blog.post("old", "Older.", &["/1"]);
    blog.send();
    assert_eq!(blog.received(&mut before), ["source /old/ target /1"]);
    // A post that is withdrawn.
    fs::remove_file(blog.root.path().join("content/new.md")).unwrap();
    assert_eq!(blog.send().sent.get(&Change::Lost), Some(&2));
    assert_eq!(blog.received(&mut before), ["source /new/ target /2", "source /new/ target /3"]);
    assert_eq!(blog.send().planned, 0);
    assert!(!blog.read(SENT).contains("/new/"), "{}", blog.read(SENT));
}

#[test]
fn what_is_not_published_is_not_sent() {
    let blog = Blog::new("");
    blog.serve_raw("/endpoint", &answer("202 Accepted", "", ""));
    blog.serve("/1", OPEN);
    let draft = format!("+++\ndraft = true\ndate = 2026-01-01\n+++\n[x]({})\n", blog.server.url("/1"));
    write(blog.root.path(), "content/draft.md", &draft);
    write(blog.root.path(), "content/hidden.md", &draft.replace("draft = true", "render = false"));
    let report = blog.send_with(|options| options.all = true);
    assert_eq!((report.planned, report.links), (0, 0), "{report:?}");
    let all = |blog: &Blog| blog.send_with(|options| options.all = true).sent.get(&Change::Gained).copied();
    write(blog.root.path(), "content/draft.md", &draft.replace("draft = true", ""));
    assert_eq!(all(&blog), Some(1));
    // Only new posts, from a date on.
    blog.post("new", "New.", &["/1"]);
    let since = |date: &str| {
        let moment: Timestamp = date.parse().unwrap();
        blog.send_with(|options| options.since = Some(moment))
    };
    assert_eq!(since("2026-02-01T00:00:00Z").recorded, 1);
    assert_eq!(all(&blog), Some(1), "`--all` sends for what was recorded");
}

#[test]
fn failures_are_tried_again_later_and_refusals_are_not() {
    let blog = Blog::new("");
    blog.send();
    let mut before = 0;
    for path in ["/busy", "/refusing", "/html", "/broken"] {
        blog.serve(path, &format!("<link rel=webmention href='/endpoint{path}'>"));
    }
    blog.serve_raw("/down", &answer("500 Oops", "", ""));
    blog.serve_raw("/endpoint/busy", &answer("429 Slow", "retry-after: 7200\r\n", ""));
    blog.serve_raw("/endpoint/refusing", &answer("400 Bad", "", ""));
    blog.serve_raw("/endpoint/html", &answer("200 OK", "content-type: text/html\r\n", "<h1>Thanks</h1>"));
    blog.serve_raw("/endpoint/broken", "nonsense\r\n\r\n");
    blog.serve("/private", "<link rel=webmention href='http://169.254.169.254/'>");
    blog.serve_raw("/elsewhere", &answer("302 Found", "location: http://10.0.0.1/\r\n", ""));
    blog.post("new", "New.", &["/busy", "/refusing", "/html", "/broken", "/down", "/private", "/elsewhere"]);
    let report = blog.send();
    assert_eq!(report.sent.get(&Change::Gained), Some(&1), "{report:?}");
    let again: Vec<(String, bool)> = report
        .problems
        .iter()
        .map(|problem| (problem.target.replace(&blog.server.url(""), ""), problem.is_tried_again))
        .collect();
    let expected = [
        ("/broken", false),
        ("/busy", true),
        ("/down", true),
        ("/elsewhere", false),
        ("/private", false),
        ("/refusing", false),
    ];
    assert_eq!(again, expected.map(|(path, again)| (path.to_owned(), again)), "{report:?}");
    blog.received(&mut before);
    let report = blog.send();
    assert_eq!((report.planned, report.later, blog.server.requests().len()), (0, 2, before));
    // When their time has come.
    let text = blog.read(SENT);
    let due: String = text
        .lines()
        .map(|line| {
            if line.starts_with("due = ") { "due = \"2020-01-01T00:00:00Z\"\n".to_owned() } else { format!("{line}\n") }
        })
        .collect();
    write(blog.root.path(), SENT, &due);
    blog.serve_raw("/endpoint/busy", &answer("202 Accepted", "", ""));
    let report = blog.send();
    assert_eq!((report.planned, report.sent.get(&Change::Gained), report.later), (2, Some(&1), 1));
    // A damaged file is named, and nothing is sent.
    write(blog.root.path(), SENT, "nonsense");
    let options = SendOptions { root: blog.root.path().to_owned(), all: true, since: None, dry_run: false };
    let problems = send(&options, &|_, _| {}).unwrap_err();
    assert!(problems[0].message.contains(SENT), "{problems:?}");
}
