//! Servers that lie, loop, hang and send too much, and pages that attack.

use std::time::{Duration, Instant};

use super::*;
use crate::markdown::render_comment;

fn refusal(outcome: Outcome) -> String {
    match outcome {
        Outcome::Refused(why) | Outcome::Later(why, _) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_no_page_is_refused_with_the_reason() {
    let blog = Blog::new("");
    let html = entry("Ada", &format!("<a href='{TEA}'>x</a>"));
    let deep = format!("{}{html}", "<b>".repeat(5_000));
    for (response, expected) in [
        (answer("200 OK", "content-type: text/plain\r\n", &html), "is not HTML"),
        (answer("200 OK", "content-type: application/json\r\n", &html), "is not HTML"),
        (answer("200 OK", "", &html), "is not HTML"),
        (answer("500 Oops", "content-type: text/html\r\n", &html), "500"),
        (answer("401 Who", "content-type: text/html\r\n", &html), "401"),
        (answer("200 OK", "content-type: text/html\r\n", &deep), "too deep"),
        (answer("302 Found", "location: /a\r\n", ""), "circle"),
        (answer("302 Found", "location: ftp://x/\r\n", ""), "not the address of a website"),
        ("nonsense\r\n\r\n".to_owned(), ""),
        ("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 100000\r\n\r\n<a".to_owned(), ""),
        (answer("200 OK", "content-type: text/html\r\ncontent-encoding: br\r\n", &html), "compressed"),
    ] {
        blog.serve_raw("/a", &response);
        let why = refusal(blog.receive("/a"));
        assert!(why.contains(expected), "{expected}: {why}");
        assert!(!why.contains('<'), "nothing of the page is in it: {why}");
    }
    assert!(blog.replies().is_empty());
}

#[test]
fn no_redirect_leads_to_a_private_address() {
    let blog = Blog::new("");
    let secret = Server::answering(answer("200 OK", "content-type: text/html\r\n", &format!("<a href='{TEA}'>x</a>")));
    for place in [
        secret.url("/"),
        secret.url("/").replace("127.0.0.1", "localhost"),
        secret.url("/").replace("127.0.0.1", "[::1]"),
        secret.url("/").replace("127.0.0.1", "0x7f.1"),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "http://10.0.0.1/".to_owned(),
        "http://router.local/".to_owned(),
    ] {
        blog.serve_raw("/a", &answer("307 Elsewhere", &format!("location: {place}\r\n"), ""));
        assert_eq!(blog.receive("/a"), Outcome::Refused("the source is not a public address".to_owned()), "{place}");
    }
    let now = Timestamp::now();
    let target = Target::find(&blog.site(), "https://ada.example/", TEA, now).unwrap();
    let looked = look(&Client::new(&[]), &secret.url("/"), &target, now);
    assert!(matches!(looked, Source::Refused(why) if why == "the source is not a public address"));
    assert_eq!(secret.requests(), [] as [&str; 0]);
}

#[test]
fn endless_pages_are_cut_off() {
    let blog = Blog::new("");
    let endless = |head: &'static str| {
        Server::start(move |_, stream| {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n");
            let _ = stream.write_all(head.as_bytes());
            let more = "<p>more ".repeat(1000);
            while stream.write_all(more.as_bytes()).is_ok() {}
        })
    };
    let (site, now, start) = (blog.site(), Timestamp::now(), Instant::now());
    for (head, is_linked) in [("<a href='https://blog.example/tea/'>x</a>", true), ("<a href='/'>x</a>", false)] {
        let server = endless(head);
        let target = Target::find(&site, &server.url("/"), TEA, now).unwrap();
        match look(&Client::new(&[server.allowed()]), &server.url("/"), &target, now) {
            Source::Linked(_) => assert!(is_linked),
            Source::Refused(why) => assert!(!is_linked && why.contains("megabyte"), "{why}"),
            _ => panic!("{head}"),
        }
    }
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[test]
fn a_page_that_would_grow_without_end_is_bounded() {
    let blog = Blog::new("");
    let start = Instant::now();
    let link = format!("<a class='u-in-reply-to' href='{TEA}'>x</a>");
    blog.serve(
        "/base",
        &format!("<base href='https://a.example/{}/'>{link}{}", "a".repeat(400_000), "<img src=x>".repeat(40_000)),
    );
    assert!(refusal(blog.receive("/base")).contains("addresses"));
    for class in ["u-like-of ", "p-name ", "u-url ", "p-author ", "e-content "] {
        let classes = class.repeat(40_000);
        blog.serve(
            "/class",
            &format!("<div class='h-entry'><div class='{classes}'>{}</div>{link}</div>", " tea".repeat(100_000)),
        );
        drop(blog.receive("/class"));
        let many = format!("<b class='{class}'> </b>").repeat(10_000);
        blog.serve("/many", &format!("<div class='h-entry'>{many}{link}</div>"));
        drop(blog.receive("/many"));
    }
    assert!(start.elapsed() < Duration::from_secs(60));
}

#[test]
fn nothing_of_a_page_becomes_markup_of_ours() {
    let blog = Blog::new("");
    let attack = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'><svg onload=alert(1)>";
    let escaped = attack.replace('<', "&lt;").replace('"', "&quot;").replace('\'', "&#39;");
    let pages = [
        entry(
            &escaped,
            &format!("<a class='u-in-reply-to' href='{TEA}'>x</a><div class='e-content'>{attack}text</div>"),
        ),
        entry(&escaped, &format!("<h1 class='p-name'>{escaped}</h1><p>{escaped}<a href='{TEA}'>x</a></p>")),
        entry(
            "+++",
            &format!(
                "<a class='u-in-reply-to' href='{TEA}'>x</a><div class='e-content'><p>+++</p><p>author = \"me\"</p><p>+++</p></div>"
            ),
        ),
        entry(
            "Ada",
            &format!(
                "<a class='u-url' href='javascript:alert(1)'>x</a><a class='u-in-reply-to' href='{TEA}'>x</a>\
            <p class='e-content'><a href='javascript:alert(1)'>click</a> {{{{ 1 + 1 }}}} {{% raw %}}</p>"
            ),
        ),
        entry("Ada", &format!("<a class='u-url' href='https://bank.example/'>x</a><a href='{TEA}'>x</a>")),
        format!("<title>{escaped}</title><p><a href='{TEA}' onclick='alert(1)'>{escaped}</a>"),
    ];
    for (number, page) in pages.iter().enumerate() {
        blog.serve(&format!("/{number}"), page);
        id(blog.receive(&format!("/{number}")));
    }
    let replies = blog.replies();
    assert_eq!(replies.len(), pages.len());
    for reply in replies {
        let html = render_comment(reply.form.comment());
        for bad in ["<script", "<img", "<svg", "href=\"javascript:", "onclick=\"", "onerror=\""] {
            assert!(!html.contains(bad), "{html}");
        }
        // Its name leads to the page that was looked at, and nowhere else.
        assert!(reply.form.url().unwrap().starts_with(&blog.server.url("/")), "{:?}", reply.form.url());
        blog.decide(&reply.id, Decision::Approve);
        let file = blog.read(&reply.path());
        let source = crate::diagnostic::SourceText { path: reply.path().into(), text: file.as_str().into() };
        let (thread, problems) = crate::content::parse_thread(&source);
        assert_eq!((thread.comments.len(), problems.len()), (1, 0), "{file}");
    }
}
