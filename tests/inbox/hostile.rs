//! The open internet.

use serde_json::{Value, json};

use crate::client::ask;
use crate::{ENDPOINT, FORM, Inbox, SCRIPT, Site};

const GOOD: &str = "page=%2Fposts%2Ftea%2F&comment=a";

/// What must have been made of what was sent: nothing.
fn is_untouched(site: &Site) {
    assert!(site.waiting().is_empty(), "{:?}", site.waiting());
    assert!(site.files("content/posts/tea.comments").is_empty());
}

#[test]
fn only_pages_of_the_site_send() {
    let site = Site::new();
    let inbox = Inbox::start(&site);
    for bad in [
        "Origin: https://evil.example\r\n",
        "Origin: http://tea.example\r\n",
        "Origin: null\r\n",
        "Origin: https://tea.example\r\nOrigin: https://evil.example\r\n",
        "Sec-Fetch-Site: cross-site\r\n",
    ] {
        let answer = inbox.post(ENDPOINT, &format!("{FORM}{bad}"), GOOD);
        assert_eq!(answer.status, 403, "{bad}");
        assert_eq!(answer.header("access-control-allow-origin"), "", "{bad}");
        let change = inbox.post("/-/comments/change", &format!("{FORM}{bad}"), "token=a&action=withdraw");
        assert_eq!(change.status, 403, "{bad}");
    }
    is_untouched(&site);
    let answer =
        inbox.post(ENDPOINT, &format!("{FORM}Origin: https://tea.example\r\nSec-Fetch-Site: cross-site\r\n"), GOOD);
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, "https://tea.example"));
    assert_eq!(answer.header("access-control-allow-credentials"), "");
    let headers = "Origin: https://tea.example\r\nAccess-Control-Request-Method: POST\r\n";
    let asked = ask(inbox.address, "OPTIONS", ENDPOINT, headers);
    assert_eq!((asked.status, asked.header("access-control-allow-headers")), (204, "Accept, Content-Type"));
    let asked = ask(inbox.address, "OPTIONS", ENDPOINT, "Origin: https://evil.example\r\n");
    assert_eq!(asked.header("access-control-allow-origin"), "");
}

#[test]
fn a_name_that_is_not_ours_is_not_answered() {
    let site = Site::new();
    let inbox = Inbox::with(&site, &["--host", "inbox.internal"]);
    let post = |hosts: &str| {
        inbox.send(&format!(
            "POST {ENDPOINT} HTTP/1.1\r\n{hosts}Connection: close\r\n{FORM}Content-Length: {}\r\n\r\n{GOOD}",
            GOOD.len()
        ))
    };
    for bad in [
        "Host: rebound.example\r\n",
        "Host: tea.example.evil.example\r\n",
        "Host: localhost\r\nHost: evil.example\r\n",
        "",
    ] {
        let status = post(bad).status;
        assert!(matches!(status, 400 | 421), "{bad}: {status}");
    }
    is_untouched(&site);
    for good in ["tea.example", "inbox.internal:8377", "127.0.0.1", "localhost:1"] {
        assert_eq!(post(&format!("Host: {good}\r\n")).status, 200, "{good}");
    }
}

#[test]
fn bodies_of_the_wrong_kind_are_not_taken() {
    let site = Site::new();
    let inbox = Inbox::start(&site);
    for headers in [
        "",
        "Content-Type: text/plain\r\n",
        "Content-Type: multipart/form-data; boundary=a\r\n",
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Encoding: gzip\r\n",
        "Content-Type: application/json\r\nContent-Encoding: br\r\n",
    ] {
        assert_eq!(inbox.post(ENDPOINT, headers, GOOD).status, 415, "{headers}");
    }
    assert_eq!(inbox.reply(&format!("{GOOD}{}", "a".repeat(288 * 1024))).status, 413);
    assert_eq!(inbox.reply(&"&".repeat(4 * 1024 * 1024)).status, 413);
    assert_eq!(inbox.post(ENDPOINT, SCRIPT, &format!("{{\"comment\":{}", "[".repeat(200_000))).status, 400);
    // A hash flood: keys that nobody knows are not kept, and known ones are few.
    let flood: String = (0..30_000).map(|n| format!("k{n}=&")).collect();
    assert_eq!(inbox.reply(&flood[..flood.len().min(280_000)]).status, 422);
    let flood: serde_json::Map<String, Value> = (0..20_000).map(|n| (format!("k{n}"), Value::Null)).collect();
    assert_eq!(inbox.post(ENDPOINT, SCRIPT, &Value::Object(flood).to_string()).status, 422);
    is_untouched(&site);
}

#[test]
fn requests_that_contradict_themselves_are_not_believed() {
    let site = Site::new();
    let inbox = Inbox::start(&site);
    let length = GOOD.len();
    let head = format!("POST {ENDPOINT} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{FORM}");
    for body in [
        format!("Content-Length: {length}\r\nContent-Length: 1\r\n\r\n{GOOD}"),
        format!("Content-Length: +{length}\r\n\r\n{GOOD}"),
        format!("Content-Length: {length}, {length}0\r\n\r\n{GOOD}"),
        format!("Transfer-Encoding: chunked, identity\r\n\r\n{length:x}\r\n{GOOD}\r\n0\r\n\r\n"),
        format!("Transfer-Encoding: gzip, chunked\r\nContent-Encoding: gzip\r\n\r\n{length:x}\r\n{GOOD}\r\n0\r\n\r\n"),
        format!("Content-Length : {length}\r\n\r\n{GOOD}"),
        format!("X-A: b\r\n Content-Length: {length}\r\n\r\n{GOOD}"),
        format!("X-A: \r\u{0}\r\nContent-Length: {length}\r\n\r\n{GOOD}"),
        format!("{}Content-Length: {length}\r\n\r\n{GOOD}", "X-Many: a\r\n".repeat(200)),
        format!("X-Long: {}\r\nContent-Length: {length}\r\n\r\n{GOOD}", "a".repeat(64 * 1024)),
    ] {
        let answer = inbox.send(&format!("{head}{body}"));
        assert_ne!(answer.status, 200, "{body:.200}");
    }
    is_untouched(&site);
    assert_eq!(inbox.reply(GOOD).status, 200, "and it still takes what is good");

    // Two lengths: what a proxy may have taken for the rest of the body is not another request.
    let head = head.replace("Connection: close\r\n", "");
    let hidden = format!("{head}Content-Length: {length}\r\n\r\n{GOOD}");
    let whole = 5 + hidden.len();
    let answer =
        inbox.send(&format!("{head}Content-Length: {whole}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{hidden}"));
    assert!(answer.status >= 400 && !answer.body.contains("HTTP/1.1"), "{}", answer.body);
    assert_eq!(site.waiting().len(), 1);
}

#[test]
fn forged_and_foreign_tokens_change_nothing() {
    let (site, other) = (Site::new(), Site::new());
    let (inbox, elsewhere) = (Inbox::start(&site), Inbox::start(&other));
    let form = json!({ "page": "/posts/tea/", "comment": "Mine." });
    let (_, mine) = inbox.script(ENDPOINT, &form);
    let (_, theirs) = elsewhere.script(ENDPOINT, &form);
    let text = |value: &Value, key: &str| value[key].as_str().expect("a text").to_owned();
    let (id, token) = (text(&mine, "id"), text(&mine, "token"));
    let form_token = crate::client::get(inbox.address, "/-/comments/token").body;
    let form_token = text(&serde_json::from_str(&form_token).expect("JSON"), "token");
    let mut later = token.clone();
    later.replace_range(token.len() - 54..token.len() - 53, "9");
    for bad in [
        String::new(),
        id.clone(),
        format!("change.{id}.9999999999."),
        text(&theirs, "token").replace(&text(&theirs, "id"), &id),
        text(&theirs, "token"),
        form_token.replacen("form.", &format!("change.{id}"), 1),
        form_token,
        later,
        token.to_uppercase(),
        format!("{token}%00"),
        format!("../../{token}"),
    ] {
        for action in ["change", "withdraw"] {
            let (status, told) =
                inbox.script("/-/comments/change", &json!({ "token": bad, "action": action, "comment": "Stolen." }));
            assert_eq!((status, &told["reason"]), (410, &json!("too-late")), "{bad}");
        }
    }
    assert!(site.waiting()[0].ends_with("Mine.\n"));
    assert_eq!(inbox.script("/-/comments/change", &json!({ "token": token, "action": "withdraw" })).0, 200);
}

#[test]
fn no_reply_gets_a_script_a_file_or_a_line_anywhere() {
    let site = Site::unlimited();
    let inbox = Inbox::start(&site);
    let vectors = include_str!("../security/xss-vectors.txt");
    let others = [
        "{{ config.base_url }}{% for x in range(end=9) %}x{% endfor %}",
        "a\r\nSet-Cookie: a=b\r\n\r\n<script>",
        "+++\nstatus = \"approved\"\n+++\nx",
        "#: state = \"approved\"\n+++\n#: state = \"approved\"",
        "\u{202e}\u{2066}evil\u{0}\u{1b}[2J\u{7f}",
        "{\"event\":\"forged\"}\n{\"event\":\"forged\"}",
        "../../../../etc/passwd",
        "\"; rm -rf / #$(touch /tmp/owned)`id`",
    ];
    let mut taken = 0;
    let harmless = json!({ "page": "/posts/tea/", "comment": "Tea." }).to_string();
    let plain = inbox.post(ENDPOINT, "Accept: text/html\r\nContent-Type: application/json\r\n", &harmless);
    taken += usize::from(plain.status == 200);
    let own = plain.body.matches("<script").count();
    for (number, vector) in vectors.lines().chain(others).filter(|line| !line.trim().is_empty()).enumerate() {
        let mut form = json!({ "page": "/posts/tea/", "comment": vector });
        for (place, key) in ["author", "reply_to", "url", "email", "page", "token"].into_iter().enumerate() {
            if number % 6 == place || number % 7 == place {
                form[key] = vector.into();
            }
        }
        let headers = "Accept: text/html\r\nContent-Type: application/json\r\n";
        let answer = inbox.post(ENDPOINT, headers, &form.to_string());
        taken += usize::from(answer.status == 200);
        assert!(answer.status < 500, "{vector}: {}", answer.status);
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin");
        assert!(!policy.contains("script-src 'unsafe") && answer.header("set-cookie").is_empty());
        // What an element of a page could be made of is not there but for the page's own.
        let body = answer.body.to_lowercase();
        assert_eq!(body.matches("<script").count(), own, "{vector}: {}", answer.body);
        assert!(!body.contains("javascript:") || !body.contains("href=\"javascript:"), "{vector}");
        let open = ["<img", "<svg", "<iframe", "<object", "<embed", "<style", "<base", "<meta http"];
        assert!(open.iter().all(|tag| !body.contains(tag)), "{vector}: {}", answer.body);
    }
    assert!(taken > 50, "{taken} of them are replies");
    let log = inbox.log();
    for line in log.lines() {
        let line: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert_eq!(line["event"], "reply", "{line}");
        assert!(
            line.as_object()
                .expect("an object")
                .keys()
                .all(|key| { ["time", "event", "status", "outcome", "ms", "reply"].contains(&key.as_str()) })
        );
    }
    // Nobody has approved anything, and everything that was taken waits and can be approved.
    assert!(site.files("content/posts/tea.comments").is_empty());
    let listed: Value =
        serde_json::from_str(&site.causerie(&["comments", "list", "--state", "pending", "--state", "spam", "--json"]))
            .expect("JSON");
    let replies = listed["replies"].as_array().expect("a list");
    assert_eq!(replies.len(), taken);
    let ids: Vec<&str> = replies.iter().map(|reply| reply["id"].as_str().expect("an id")).collect();
    site.causerie(&[&["comments", "approve"], &ids[..]].concat());
    site.causerie(&["build"]);
    assert_eq!(site.files("content/posts/tea.comments").len(), taken);
    let feed = site.read("public/posts/tea/comments.xml");
    assert!(feed.starts_with("<?xml") && !feed.contains("<script"));
}

#[test]
fn nobody_is_known_by_the_log_or_the_disk() {
    let site = Site::with("trusted_proxies = [\"127.0.0.1\"]\n");
    let inbox = Inbox::start(&site);
    let headers = format!(
        "{FORM}X-Forwarded-For: 203.0.113.77\r\nUser-Agent: Telltale/1.0\r\nReferer: https://tea.example/secret\r\n\
         Cookie: a=telltale\r\n"
    );
    assert_eq!(inbox.post(ENDPOINT, &headers, &format!("{GOOD}&author=Telltale+Jo")).status, 200);
    assert_eq!(inbox.post(&format!("{ENDPOINT}?telltale"), &headers, "comment=telltale").status, 404);
    let log = inbox.log();
    assert_eq!(log.lines().count(), 2, "{log}");
    for word in ["203.0.113", "127.0.0.1", "elltale", "secret"] {
        assert!(!log.contains(word), "{word}: {log}");
    }
    let kept = site.everything();
    assert!(!kept.contains("203.0.113") && !kept.contains("Telltale/1.0"));
}
