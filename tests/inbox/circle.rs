//! The whole way of a reply: taken, thought over, approved, published.

use serde_json::json;

use crate::client::{ask, get};
use crate::{ENDPOINT, FORM, Inbox, Site};

#[test]
fn a_person_without_javascript_is_thanked_and_led_back() {
    let site = Site::new();
    let inbox = Inbox::start(&site);
    let answer = inbox.reply("page=%2Fposts%2Ftea%2F&reply_to=jo-1&author=Zo%C3%AB&comment=I+*agree*.&nickname=");
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/html; charset=utf-8"));
    for part in [
        "Thank you for your reply",
        "waits for the author",
        "“Tea &amp; &lt;milk&gt;”",
        "href=\"https://tea.example/posts/tea/#comment-jo-1\"",
        "<em>agree</em>",
        "Zoë",
        "salon.css",
        "/-/comments/change?token=change.",
    ] {
        assert!(answer.body.contains(part), "{part}: {}", answer.body);
    }
    assert_eq!(answer.header("cache-control"), "no-store");
    let [waiting] = &site.waiting()[..] else { panic!("{:?}", site.waiting()) };
    assert!(waiting.contains("status = \"pending\"") && waiting.ends_with("+++\nI *agree*.\n"), "{waiting}");
    // Nothing of it is published yet.
    site.causerie(&["build"]);
    assert!(!site.read("public/posts/tea/index.html").contains("agree"));
    assert!(!site.path("public/inbox").exists());
}

#[test]
fn what_is_refused_is_reported_and_not_lost() {
    let site = Site::new();
    let inbox = Inbox::start(&site);
    let answer =
        inbox.reply("page=%2Fposts%2Ftea%2F&author=%22%3E%3Cb%3E&email=jo&comment=Long+%3C%2Ftextarea%3Ethought");
    assert_eq!(answer.status, 422);
    for part in [
        "e-mail address is not complete",
        "href=\"https://tea.example/posts/tea/#respond\"",
        "value=\"&quot;&gt;&lt;b&gt;\"",
        "Long &lt;/textarea&gt;thought</textarea>",
        "action=\"/-/comments\"",
    ] {
        assert!(answer.body.contains(part), "{part}: {}", answer.body);
    }
    for (form, status, words) in [
        ("page=%2Fposts%2Ftea%2F&comment=", 422, "no text"),
        ("page=%2Fposts%2Fnone%2F&comment=a", 404, "does not exist"),
        ("page=%2Fposts%2Fclosed%2F&comment=a", 403, "are closed"),
        ("page=%2Fposts%2Ftea%2F&reply_to=2&comment=a", 409, "no longer there"),
        ("page=%2Fposts%2Ftea%2F&comment=%FF", 400, "could not be read"),
    ] {
        let answer = inbox.reply(form);
        assert_eq!(answer.status, status, "{form}");
        assert!(answer.body.contains(words), "{form}: {}", answer.body);
    }
    assert!(site.waiting().is_empty());
}

#[test]
fn a_theme_has_pages_of_its_own() {
    let site = Site::new();
    site.write(
        "templates/reply-received.html",
        "<p>Merci, {{ author }}! {{ content | safe }}<a href=\"{{ back }}\">{{ title }}</a>",
    );
    site.write("templates/reply-refused.html", "<p>Non: {{ reason }} {{ sent.comment }}");
    let inbox = Inbox::start(&site);
    let answer = inbox.reply("page=%2Fposts%2Ftea%2F&author=%3Ci%3E&comment=Oui");
    assert_eq!(
        answer.body.trim(),
        "<p>Merci, &lt;i&gt;! <p>Oui</p>\n<a href=\"https://tea.example/posts/tea/#comments\">Tea &amp; &lt;milk&gt;</a>"
    );
    assert_eq!(inbox.reply("comment=%7B%7B+config+%7D%7D").body.trim(), "<p>Non: no-page {{ config }}");
}

#[test]
fn a_script_gets_what_it_needs() {
    let site = Site::new();
    let inbox = Inbox::start(&site);
    let (status, told) =
        inbox.script(ENDPOINT, &json!({ "page": "/posts/tea/", "author": "Jo", "comment": "<b>*Yes*" }));
    assert_eq!((status, &told["status"], &told["author"]), (200, &json!("pending"), &json!("Jo")));
    assert_eq!(told["html"], "<p>&lt;b&gt;<em>Yes</em></p>\n");
    assert!(site.files("inbox")[0].starts_with(told["id"].as_str().expect("an id")));
    let (status, told) = inbox.script(ENDPOINT, &json!({ "page": "/posts/tea/" }));
    assert_eq!((status, &told["status"], &told["reason"]), (422, &json!("refused"), &json!("no-text")));
    let token = get(inbox.address, "/-/comments/token");
    assert!(token.status == 200 && token.body.starts_with("{\"token\":\"form."), "{}", token.body);
}

#[test]
fn a_writer_has_second_thoughts() {
    let site = Site::new();
    let inbox = Inbox::start(&site);
    let (_, told) = inbox.script(ENDPOINT, &json!({ "page": "/posts/tea/", "comment": "One." }));
    let token = told["token"].as_str().expect("a token");
    let change = format!("{ENDPOINT}/change");
    // With a script, and without.
    let (status, told) = inbox.script(&change, &json!({ "token": token, "action": "change", "comment": "*Two.*" }));
    assert_eq!((status, &told["html"]), (200, &json!("<p><em>Two.</em></p>\n")));
    let page = get(inbox.address, &format!("{change}?token={token}"));
    assert!(page.status == 200 && page.body.contains("\n*Two.*</textarea>"), "{}", page.body);
    let page = inbox.post(&change, FORM, &format!("token={token}&action=change&comment=Three."));
    assert!(page.status == 200 && page.body.contains("It is changed") && page.body.contains("<p>Three.</p>"));
    assert!(site.waiting()[0].ends_with("+++\nThree.\n"));
    assert_eq!(inbox.post(&change, FORM, &format!("token={token}&action=change&comment=")).status, 422);
    assert_eq!(inbox.post(&change, FORM, &format!("token={token}&action=approve")).status, 400);
    let page = inbox.post(&change, FORM, &format!("token={token}&action=withdraw"));
    assert!(page.status == 200 && page.body.contains("Your reply is gone"), "{}", page.body);
    assert!(site.waiting().is_empty());
    for action in ["withdraw", "change"] {
        let (status, told) = inbox.script(&change, &json!({ "token": token, "action": action, "comment": "Four." }));
        assert_eq!((status, &told["reason"]), (410, &json!("too-late")));
    }
    assert_eq!(get(inbox.address, &format!("{change}?token={token}")).status, 410);
}

#[test]
fn what_is_decided_is_decided() {
    let site = Site::new();
    let inbox = Inbox::start(&site);
    let (_, told) = inbox.script(ENDPOINT, &json!({ "page": "/posts/tea/", "author": "Jo", "comment": "Yes." }));
    let (id, token) = (told["id"].as_str().expect("an id"), told["token"].as_str().expect("a token"));
    site.causerie(&["comments", "approve", id, "--build"]);
    let page = site.read("public/posts/tea/index.html");
    assert!(page.contains(&format!("id=\"comment-{id}\"")) && page.contains("<p>Yes.</p>"));
    for action in ["withdraw", "change"] {
        let change = json!({ "token": token, "action": action, "comment": "Buy." });
        assert_eq!(inbox.script("/-/comments/change", &change).0, 410);
    }
    assert!(site.read(&format!("content/posts/tea.comments/{id}.md")).ends_with("Yes.\n"));
    // Now it can be answered, as soon as the server has seen that.
    let answer = json!({ "page": "/posts/tea/", "reply_to": id, "comment": "No." });
    let start = std::time::Instant::now();
    while inbox.script(ENDPOINT, &answer).0 != 200 {
        assert!(start.elapsed().as_secs() < 10, "the site is not loaded again");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

#[test]
fn an_address_is_kept_only_for_a_notice() {
    let site = Site::with(&crate::sink::Sink::start().settings());
    let inbox = Inbox::start(&site);
    let form = "page=%2Fposts%2Ftea%2F&comment=a&email=jo%40tea.example";
    assert_eq!(inbox.reply(form).status, 200);
    assert!(!site.everything().contains("jo@tea.example"));
    assert_eq!(inbox.reply(&format!("{form}&notify=1")).status, 200);
    assert!(site.waiting()[1].contains("#: email = \"jo@tea.example\""));
    site.causerie(&["comments", "forget", "jo@tea.example"]);
    assert!(!site.everything().contains("jo@tea.example"));
    assert!(!inbox.log().contains("jo@"));
}

#[test]
fn the_server_says_how_it_is() {
    let site = Site::new();
    let inbox = Inbox::start(&site);
    let health = ask(inbox.address, "GET", "/-/health", "");
    assert_eq!((health.status, health.body.as_str()), (200, "{\"status\":\"ok\"}"));
    assert_eq!(get(inbox.address, ENDPOINT).status, 405);
    assert_eq!(get(inbox.address, "/").status, 404);
    #[cfg(unix)]
    assert!(inbox.end(), "it ends well when it is asked to");
}

/// A reply that is on its way when the server is asked to end is still taken.
#[cfg(unix)]
#[test]
fn nobody_is_cut_off_when_it_ends() {
    use std::io::{Read, Write};

    let site = Site::new();
    let inbox = Inbox::start(&site);
    let mut stream = std::net::TcpStream::connect(inbox.address).expect("it listens");
    let form = "page=%2Fposts%2Ftea%2F&comment=late";
    let head = format!("POST {ENDPOINT} HTTP/1.1\r\nHost: localhost\r\n{FORM}Content-Length: {}\r\n\r\n", form.len());
    stream.write_all(head.as_bytes()).expect("it reads");
    std::thread::sleep(std::time::Duration::from_millis(200));
    let ending = std::thread::spawn(move || inbox.end());
    std::thread::sleep(std::time::Duration::from_millis(200));
    stream.write_all(form.as_bytes()).expect("it still reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(ending.join().expect("no panic"));
    assert_eq!(site.waiting().len(), 1);
}

#[test]
fn without_an_endpoint_there_is_nothing_to_take() {
    let site = Site::new();
    site.write("site.toml", "base_url = \"https://tea.example\"\n");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_causerie"))
        .args(["inbox", "--port", "0"])
        .current_dir(site.path(""))
        .output()
        .expect("the program can be started");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(1) && said.contains("endpoint"), "{said}");
}
