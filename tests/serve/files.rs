//! What is shown for a path.

use crate::client::{ask, exchange, get};
use crate::fake::{Fake, Server};

const SITE: &[(&str, &str)] = &[
    ("index.html", "<body><h1>Home</h1></body>"),
    ("404.html", "<p>Nothing here"),
    ("posts/tea/index.html", "<p>Tea"),
    ("posts/tea/leaf.txt", "0123456789"),
    ("salon.css", "a { color: red }"),
    ("empty.txt", ""),
];

/// The tag that a page was given.
fn tag(html: &str) -> &str {
    let (_, rest) = html.split_once("data-live=\"").expect("the page is live");
    rest.split('"').next().unwrap_or_default()
}

#[test]
fn outputs_are_shown_and_pages_are_live() {
    let server = Server::start(&Fake::of(SITE));
    let home = get(server.address, "/");
    assert_eq!(home.status, 200);
    let script = format!("<script type=\"module\" src=\"/-/live.js\" data-live=\"{}\"></script>", tag(&home.body));
    assert_eq!(home.body, format!("<body><h1>Home</h1>{script}</body>"));
    assert_eq!(home.header("content-length"), home.body.len().to_string());
    assert_eq!(home.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(home.header("cache-control"), "no-cache");
    assert_eq!(home.header("x-content-type-options"), "nosniff");
    assert_eq!(home.header("etag"), format!("\"{}\"", tag(&home.body)));
    assert_eq!(home.header("server-timing"), format!("live;desc=\"{}\"", tag(&home.body)));

    let style = get(server.address, "/salon.css?live=7");
    assert_eq!((style.status, &*style.body), (200, "a { color: red }"));
    assert_eq!(style.header("content-type"), "text/css; charset=utf-8");
    let script = get(server.address, "/-/live.js");
    assert_eq!((script.status, script.header("content-type")), (200, "text/javascript; charset=utf-8"));
    assert!(script.body.contains("EventSource"));
}

#[test]
fn a_folder_gets_its_slash() {
    let server = Server::start(&Fake::of(SITE));
    let folder = get(server.address, "/posts/tea?a=b&c=%64");
    assert_eq!((folder.status, folder.header("location")), (302, "/posts/tea/?a=b&c=%64"));
    assert_eq!(get(server.address, "/posts/tea/").status, 200);
    // There is nothing in this folder.
    assert_eq!(get(server.address, "/posts").status, 404);
    assert_eq!(get(server.address, "//posts/tea").header("location"), "", "this would lead to the host `posts`");
}

#[test]
fn what_is_missing_has_a_page_too() {
    let fake = Fake::of(SITE);
    let server = Server::start(&fake);
    let missing = get(server.address, "/posts/coffee/");
    assert_eq!(missing.status, 404);
    assert!(missing.body.starts_with("<p>Nothing here<script") && tag(&missing.body).starts_with("missing-"));
    assert_eq!(missing.header("etag"), "", "a browser must not take it for the page that comes");
    assert_eq!(get(server.address, "/404.html").status, 200);

    fake.remove("404.html");
    let missing = get(server.address, "/tea&milk/");
    assert_eq!(missing.status, 404);
    assert!(missing.body.contains("/tea&amp;milk/") && tag(&missing.body).starts_with("missing-"), "{}", missing.body);
}

#[test]
fn heads_have_no_bodies() {
    let server = Server::start(&Fake::of(SITE));
    for (target, status) in [("/", 200), ("/posts/tea/leaf.txt", 200), ("/nothing", 404), ("/posts/tea", 302)] {
        let (head, whole) = (ask(server.address, "HEAD", target, ""), get(server.address, target));
        assert_eq!((head.status, &*head.body), (status, ""), "{target}");
        for name in ["content-length", "content-type", "etag", "location"] {
            assert_eq!(head.header(name), whole.header(name), "{name} of {target}");
        }
    }
}

#[test]
fn other_methods_are_refused() {
    let server = Server::start(&Fake::of(SITE));
    for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"] {
        let answer = ask(server.address, method, "/", "");
        assert_eq!((answer.status, answer.header("allow")), (405, "GET, HEAD"), "{method}");
        assert_eq!(ask(server.address, method, "/-/live.js", "").status, 405, "{method}");
        assert_eq!(ask(server.address, method, "/-/live", "").status, 405, "{method}");
    }
}

#[test]
fn a_browser_keeps_what_has_not_changed() {
    let fake = Fake::of(SITE);
    let server = Server::start(&fake);
    let etag = get(server.address, "/").header("etag").to_owned();
    let again = || ask(server.address, "GET", "/", &format!("If-None-Match: W/\"other\", {etag}\r\n"));
    let same = again();
    assert_eq!((same.status, &*same.body, same.header("etag")), (304, "", &*etag));
    fake.put("index.html", "<p>Other");
    assert_eq!(again().status, 200);
    fake.remove("index.html");
    assert_eq!(again().status, 404);
}

#[test]
fn media_are_sent_in_parts() {
    let server = Server::start(&Fake::of(SITE));
    let part = |range: &str, more: &str| {
        ask(server.address, "GET", "/posts/tea/leaf.txt", &format!("Range: {range}\r\n{more}"))
    };
    let middle = part("bytes=2-4", "");
    assert_eq!((middle.status, &*middle.body), (206, "234"));
    assert_eq!((middle.header("content-range"), middle.header("content-length")), ("bytes 2-4/10", "3"));
    assert_eq!(middle.header("accept-ranges"), "bytes");
    assert_eq!(part("bytes=-3", "").body, "789");
    let beyond = part("bytes=10-", "");
    assert_eq!((beyond.status, beyond.header("content-range")), (416, "bytes */10"));
    assert_eq!(part("bytes=0-1,3-4", "").status, 200);
    let etag = middle.header("etag");
    assert_eq!(part("bytes=0-1", &format!("If-Range: {etag}\r\n")).status, 206);
    assert_eq!(part("bytes=0-1", "If-Range: \"older\"\r\n").status, 200);
    assert_eq!(part("bytes=0-1", &format!("If-None-Match: {etag}\r\n")).status, 304);
    assert_eq!(ask(server.address, "HEAD", "/posts/tea/leaf.txt", "Range: bytes=2-4\r\n").status, 200);
    assert_eq!(ask(server.address, "GET", "/empty.txt", "Range: bytes=0-\r\n").status, 416);
}

#[test]
fn no_path_leads_out_of_the_plan() {
    let fake = Fake::of(SITE);
    let server = Server::start(&fake);
    let port = server.address.port();
    for target in [
        "/../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/..%2f..%2fetc%2fpasswd",
        "/%252e%252e/etc/passwd",
        "/..\\..\\windows",
        "/%5c..%5cwindows",
        "//etc/passwd",
        "/C:/windows/win.ini",
        "/c%3A%5Cwindows",
        "/index.html%00.png",
        "/%00",
        "/\0",
        "/index.html\t",
        "/%ff%fe",
        "/\u{2215}etc",
        "*",
        "etc/passwd",
        "file:///etc/passwd",
        &format!("http://127.0.0.1:{port}/../etc/passwd"),
        &format!("/{}", "a/".repeat(20_000)),
        &format!("/{}", "a".repeat(100_000)),
    ] {
        let answer = get(server.address, target);
        assert!(answer.status >= 400 || answer.status == 0, "{target:.80}: {answer:?}");
        assert!(!answer.body.contains("root:"), "{target:.80}");
    }
    for garbage in [&b"\x16\x03\x01\x02\x00"[..], b"GET\r\n\r\n", &[0xff; 100]] {
        let status = exchange(server.address, &[garbage, b"\r\n\r\n"].concat()).status;
        assert!(status >= 400 || status == 0, "{garbage:?}: {status}");
    }
    let odd =
        |path: &String| path.split('/').any(|part| matches!(part, "" | "." | "..")) || path.contains(['\0', '\\', ':']);
    assert_eq!(fake.asked().into_iter().find(odd), None, "no such path is even asked for");
    assert_eq!(get(server.address, "/").status, 200, "the server lives");
}

#[test]
fn strangers_are_turned_away() {
    let fake = Fake::of(SITE);
    let server = Server::start(&fake);
    let asked = fake.asked().len();
    for target in ["/", "/-/live.js", "/-/live", "/-/comments", "/nothing"] {
        let request = format!("GET {target} HTTP/1.1\r\nHost: rebound.example:1111\r\nConnection: close\r\n\r\n");
        let answer = exchange(server.address, request.as_bytes());
        assert_eq!((answer.status, answer.header("content-type")), (421, "text/plain; charset=utf-8"), "{target}");
        assert!(answer.body.contains("\"rebound.example:1111\"") && answer.body.contains("localhost"));
    }
    assert_eq!(exchange(server.address, b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n").status, 400);
    assert_eq!(fake.asked().len(), asked);
    let request = b"GET / HTTP/1.1\r\nHost: blog.localhost\r\nConnection: close\r\n\r\n";
    assert_eq!(exchange(server.address, request).status, 200);
}

#[test]
fn a_site_below_a_folder() {
    let server = Server::start(&Fake::below("/blog/", SITE));
    assert_eq!(get(server.address, "/").header("location"), "/blog/");
    assert_eq!(get(server.address, "/blog").header("location"), "/blog/");
    assert_eq!(get(server.address, "/blog/posts/tea").header("location"), "/blog/posts/tea/");
    assert_eq!(get(server.address, "/blog/").status, 200);
    assert_eq!(get(server.address, "/posts/tea/").status, 404);
    assert_eq!(get(server.address, "/-/live.js").status, 200);
}

#[test]
fn an_output_that_cannot_be_made() {
    let fake = Fake::of(SITE);
    let server = Server::start(&fake);
    fake.spoil("index.html");
    let broken = get(server.address, "/");
    assert_eq!((broken.status, tag(&broken.body), broken.header("etag")), (500, "broken", ""));
    assert!(broken.body.contains("error: &lt;b&gt;index.html&lt;/b&gt; is spoilt"), "{}", broken.body);
    assert!(broken.body.contains("help: mend it"));

    assert_eq!(get(server.address, "/panic/").status, 500);
    assert_eq!(get(server.address, "/posts/tea/").status, 200, "the server lives");
}
