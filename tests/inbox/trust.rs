//! Who may skip the queue: somebody whose replies were approved before, and who can prove to be that.

use std::time::{Duration, Instant};

use causerie::Spool;
use serde_json::{Value, json};

use crate::client::get;
use crate::sink::Sink;
use crate::{Answer, ENDPOINT, FORM, Inbox, SCRIPT, Site};

const PAGE: &str = "/posts/tea/";
const COOKIE: &str = "__Host-causerie-writer";
pub const SETTINGS: &str = "trust_after = 2\nrebuild = true\n[comments.guard]\nmin_seconds = 0\nper_address = 0\n";

/// What browsers say of a form that is on a page of the site.
const OURS: &str = "Origin: https://tea.example\r\n";

/// Sends a reply as the form's script does, with a cookie header or none.
pub fn send(inbox: &Inbox, cookie: &str, fields: &Value) -> (Value, Answer) {
    send_from(inbox, OURS, cookie, fields)
}

/// The same from another page.
fn send_from(inbox: &Inbox, page: &str, cookie: &str, fields: &Value) -> (Value, Answer) {
    let ticket = get(inbox.address, &format!("{ENDPOINT}/token?page=%2Fposts%2Ftea%2F")).body;
    let ticket: Value = serde_json::from_str(&ticket).expect("JSON");
    let mut form = json!({ "page": PAGE, "author": "Jo", "token": ticket["token"] });
    fields.as_object().expect("fields").iter().for_each(|(key, value)| form[key] = value.clone());
    let cookie = if cookie.is_empty() { String::new() } else { format!("Cookie: {cookie}\r\n") };
    let answer = inbox.post(ENDPOINT, &format!("{SCRIPT}{page}{cookie}"), &form.to_string());
    assert_eq!(answer.status, 200, "{}", answer.body);
    (serde_json::from_str(&answer.body).expect("JSON"), answer)
}

/// What a browser sends back of a cookie that it was given.
fn given(answer: &Answer) -> String {
    answer.header("set-cookie").split(';').next().unwrap_or_default().to_owned()
}

fn id(told: &Value) -> String {
    told["id"].as_str().expect("an id").to_owned()
}

/// A writer who was approved twice; their cookie.
pub fn trusted(site: &Site, inbox: &Inbox) -> String {
    let (first, answer) = send(inbox, "", &json!({ "comment": "I like tea." }));
    let cookie = given(&answer);
    let (second, _) = send(inbox, &cookie, &json!({ "comment": "And milk." }));
    assert_eq!((&first["status"], &second["status"]), (&json!("pending"), &json!("pending")));
    site.causerie(&["comments", "approve", &id(&first), &id(&second)]);
    cookie
}

fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(30), "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn who_was_approved_often_enough_is_published_at_once() {
    let site = Site::with(SETTINGS);
    let inbox = Inbox::start(&site);
    let (_, answer) = send(&inbox, "", &json!({ "comment": "Hello." }));
    let line = answer.header("set-cookie");
    assert!(line.starts_with(&format!("{COOKIE}=writer.")), "{line}");
    for part in ["; Path=/;", "; HttpOnly", "; SameSite=Strict", "; Secure"] {
        assert!(line.contains(part), "{part}: {line}");
    }
    let cookie = trusted(&site, &inbox);
    let learned =
        || Spool::open(&site.path(""), "inbox").expect("a spool").guard_model().expect("readable").0.decisions();
    assert_eq!(learned(), (2, 0));
    let (told, answer) = send(&inbox, &cookie, &json!({ "comment": "It is *warm*.", "author": "Jo Field" }));
    assert_eq!((&told["status"], &told["html"]), (&json!("approved"), &json!("<p>It is <em>warm</em>.</p>\n")));
    let name = |cookie: &str| cookie.split('.').nth(1).map(str::to_owned);
    assert_eq!(name(&given(&answer)), name(&cookie), "it is renewed");
    let file = format!("content/posts/tea.comments/{}.md", id(&told));
    assert!(site.read(&file).contains("author = \"Jo Field\"") && !site.read(&file).contains("writer"));
    wait_until("it is not built", || {
        std::fs::read_to_string(site.path("public/posts/tea/index.html"))
            .is_ok_and(|page| page.contains("<em>warm</em>"))
    });
    assert_eq!(learned(), (2, 0), "what nobody has read teaches nothing");
    let shown = site.causerie(&["comments", "show", &id(&told)]);
    assert!(shown.contains("By         nobody: the writer is trusted\n"), "{shown}");
    // It cannot be changed any more, as nothing can that is published.
    let change = json!({ "token": told["token"], "action": "change", "comment": "Buy." });
    assert_eq!(inbox.script("/-/comments/change", &change).0, 410);

    // The last decision is the last that somebody made; this one is taken back by its name.
    let undone = site.causerie(&["comments", "undo"]);
    assert!(!undone.contains(&id(&told)) && site.path(&file).exists(), "{undone}");
    let again = undone.split(' ').next().expect("an id").to_owned();
    site.causerie(&["comments", "approve", &again]);
    let undone = site.causerie(&["comments", "undo", &id(&told)]);
    assert!(undone.contains("is pending") && !site.path(&file).exists(), "{undone}");
    // Who was trusted, and should not have been, is no longer.
    let (next, _) = send(&inbox, &cookie, &json!({ "comment": "Once more." }));
    assert_eq!(next["status"], "pending");
    site.causerie(&["comments", "approve", &id(&told)]);
    let (next, _) = send(&inbox, &cookie, &json!({ "comment": "And again." }));
    assert_eq!(next["status"], "approved", "until somebody has read it, and thinks otherwise");
    assert!(inbox.log().contains("\"outcome\":\"published\""));
}

#[test]
fn without_javascript_the_page_says_so() {
    // Without a script the guard is strict; with its token, as a form could have it, it is not.
    let site = Site::with(SETTINGS);
    let inbox = Inbox::start(&site);
    let cookie = trusted(&site, &inbox);
    let ticket: Value = serde_json::from_str(&get(inbox.address, "/-/comments/token").body).expect("JSON");
    let token = ticket["token"].as_str().expect("a token");
    let headers = format!("{FORM}{OURS}Cookie: other=1; {cookie}\r\n");
    let page = inbox.post(ENDPOINT, &headers, &format!("page=%2Fposts%2Ftea%2F&comment=Hot.&token={token}"));
    assert!(page.body.contains("It is published") && !page.body.contains("Second thoughts"), "{}", page.body);
    assert!(!page.body.contains("awaiting moderation") && page.header("set-cookie").starts_with(COOKIE));
    let page = inbox.post(ENDPOINT, &headers, "page=%2Fposts%2Ftea%2F&comment=Cold.");
    assert!(page.body.contains("awaiting moderation"), "{}", page.body);
}

#[test]
fn nobody_skips_the_queue_in_another_s_name() {
    let site = Site::with(SETTINGS);
    let inbox = Inbox::start(&site);
    let cookie = trusted(&site, &inbox);
    let token = cookie.split_once('=').expect("a cookie").1;
    let writer = token.split('.').nth(1).expect("a name");
    let other = Site::with(SETTINGS);
    let theirs = {
        let elsewhere = Inbox::start(&other);
        trusted(&other, &elsewhere)
    };
    let (told, answer) =
        send(&inbox, "", &json!({ "comment": "Mine.", "email": "jo@example.org", "url": "jo.example" }));
    assert_eq!(told["status"], "pending", "a name proves nothing");
    let stranger = given(&answer);
    assert_ne!(stranger.split('.').nth(1), Some(writer));
    let change = told["token"].as_str().expect("a token");
    let form: Value = serde_json::from_str(&get(inbox.address, "/-/comments/token").body).expect("JSON");
    let mut longer = token.to_owned();
    let end = token.split('.').nth(2).expect("an end");
    longer = longer.replacen(end, "9999999999", 1);
    for (number, bad) in [
        stranger.clone(),
        theirs,
        format!("{COOKIE}={writer}"),
        format!("{COOKIE}=writer.{writer}.9999999999."),
        format!("{COOKIE}={longer}"),
        format!("{COOKIE}={}", &token[..token.len() - 1]),
        format!("{COOKIE}={change}"),
        format!("{COOKIE}={}", change.replacen("change", "writer", 1)),
        format!("{COOKIE}={}", form["token"].as_str().expect("a token")),
        // A host of the same domain can set a cookie for it, but none of this name; and not beside it.
        format!("causerie-writer={token}"),
        format!("{COOKIE}={token}; {COOKIE}={token}"),
        format!("{stranger}; {cookie}"),
        format!("{}={token}", COOKIE.to_lowercase()),
    ]
    .iter()
    .enumerate()
    {
        let (told, _) = send(&inbox, bad, &json!({ "comment": format!("Try {number}.") }));
        assert_eq!(told["status"], "pending", "{bad}");
    }
    // A page of another site has no way to send it, and cookies of readers are told to no page of others.
    let headers = format!("{SCRIPT}Origin: https://evil.example\r\nCookie: {cookie}\r\n");
    let answer = inbox.post(ENDPOINT, &headers, &json!({ "page": PAGE, "comment": "Evil." }).to_string());
    assert_eq!((answer.status, answer.header("access-control-allow-credentials")), (403, ""));
    assert_eq!(answer.header("set-cookie"), "");
    // The real one is still good.
    assert_eq!(send(&inbox, &cookie, &json!({ "comment": "Me." })).0["status"], "approved");
    assert!(!inbox.log().contains(writer));
}

#[test]
fn another_host_of_the_domain_sends_nothing_in_its_readers_name() {
    let site = Site::with(SETTINGS);
    let inbox = Inbox::start(&site);
    let cookie = trusted(&site, &inbox);
    let without = |number: usize| json!({ "comment": format!("Number {number}.") });
    // Its pages can hide where they are; and browsers send cookies from there along.
    let theirs = ["Origin: null\r\nSec-Fetch-Site: same-site\r\n", "Sec-Fetch-Site: same-site\r\n", ""];
    for (number, page) in theirs.iter().enumerate() {
        let (told, answer) = send_from(&inbox, page, &cookie, &without(number));
        assert_eq!((&told["status"], answer.header("set-cookie")), (&json!("pending"), ""), "{page:?}");
    }
    let waiting: Vec<String> =
        site.waiting().into_iter().filter(|reply| reply.contains("state = \"pending\"")).collect();
    assert!(waiting.len() == 3 && waiting.iter().all(|reply| !reply.contains("writer = ")), "{waiting:?}");
    for (number, page) in [
        OURS,
        "Origin: https://tea.example\r\nSec-Fetch-Site: same-site\r\n",
        "Origin: null\r\nSec-Fetch-Site: same-origin\r\n",
    ]
    .iter()
    .enumerate()
    {
        let (told, answer) = send_from(&inbox, page, &cookie, &without(10 + number));
        assert_eq!(told["status"], "approved", "{page:?}");
        assert!(answer.header("set-cookie").starts_with(COOKIE));
    }
}

#[test]
fn a_trusted_writer_is_still_judged() {
    let site = Site::with(SETTINGS);
    let inbox = Inbox::start(&site);
    let cookie = trusted(&site, &inbox);
    for fields in [
        json!({ "comment": "One.", "token": "" }),
        json!({ "comment": "Two.", "nickname": "x" }),
        json!({ "comment": "https://a.example https://b.example https://c.example https://d.example https://e.example" }),
    ] {
        assert_eq!(send(&inbox, &cookie, &fields).0["status"], "pending", "{fields}");
    }
    assert_eq!(site.files("content/posts/tea.comments").len(), 2);
    let (told, _) = send(&inbox, &cookie, &json!({ "comment": "Good." }));
    assert_eq!(told["status"], "approved");
    // One that is rejected ends it.
    let (bad, _) = send(&inbox, &cookie, &json!({ "comment": "Bad.", "token": "" }));
    site.causerie(&["comments", "spam", &id(&bad)]);
    assert_eq!(send(&inbox, &cookie, &json!({ "comment": "Again." })).0["status"], "pending");
}

#[test]
fn a_trusted_writer_has_no_mail_sent_to_strangers() {
    let sink = Sink::start();
    let site = Site::with(&format!("{SETTINGS}{}", sink.settings()));
    let inbox = Inbox::start(&site);
    let cookie = trusted(&site, &inbox);
    let ticket: Value = serde_json::from_str(&get(inbox.address, "/-/comments/token").body).expect("JSON");
    let token = ticket["token"].as_str().expect("a token");
    let form = format!("page=%2Fposts%2Ftea%2F&comment=Hot.&email=victim@example.org&notify=1&token={token}");
    let page = inbox.post(ENDPOINT, &format!("{FORM}{OURS}Cookie: {cookie}\r\n"), &form);
    assert!(page.body.contains("It is published"), "{}", page.body);
    assert!(page.body.contains("If you have confirmed this address here before, you get an e-mail"), "{}", page.body);
    let kept = site.waiting().into_iter().find(|object| object.contains("victim@example.org")).expect("it is kept");
    assert!(kept.contains("skipped = true"), "{kept}");
    assert!(!site.everything().contains("Do you want to hear of answers"), "nothing waits for the stranger");
    assert!(sink.mails().is_empty(), "nor was sent");
    // Once the author has read it, they are asked.
    let id =
        kept.lines().find_map(|line| line.strip_prefix("id = \"")).expect("an id").trim_end_matches('"').to_owned();
    site.causerie(&["comments", "undo", &id]);
    site.causerie(&["comments", "approve", &id]);
    assert_eq!(sink.wait(1)[0].to, ["victim@example.org"]);
}

#[test]
fn where_nobody_is_trusted_there_is_no_cookie() {
    let site = Site::with("[comments.guard]\nmin_seconds = 0\n");
    let inbox = Inbox::start(&site);
    let (told, answer) = send(&inbox, "", &json!({ "comment": "Tea." }));
    assert_eq!((told["status"].clone(), answer.header("set-cookie")), (json!("pending"), ""));
    assert!(!site.waiting()[0].contains("writer"));
    let origin = "Origin: https://tea.example\r\n";
    let asked = |inbox: &Inbox| {
        let asked = crate::client::ask(inbox.address, "OPTIONS", ENDPOINT, origin);
        asked.header("access-control-allow-credentials").to_owned()
    };
    assert_eq!(asked(&inbox), "");
    // An inbox at another host of the same site is told the cookie, if its pages are allowed to say so.
    let site = Site::with(SETTINGS);
    assert_eq!(asked(&Inbox::start(&site)), "true");
}

#[test]
fn who_confirms_an_address_is_known_in_that_browser_too() {
    let sink = Sink::start();
    let site = Site::with(&format!("{SETTINGS}{}", sink.settings()));
    let inbox = Inbox::start(&site);
    let person = json!({ "comment": "Why tea?", "email": "jo@example.org", "notify": "1" });
    let (told, answer) = send(&inbox, "", &person);
    site.causerie(&["comments", "approve", &id(&told)]);
    let link = sink.wait(1)[0].link("token=hear.");
    let target = link.strip_prefix("https://tea.example").expect("a link to the inbox");
    assert_eq!(get(inbox.address, target).header("set-cookie"), "", "to open a link proves nothing");
    // Somebody who writes in another name in this browser goes on doing so, and no other page brings anybody a name.
    let (_, other) = send(&inbox, "", &json!({ "comment": "And milk?" }));
    let known = format!("{OURS}Cookie: {}\r\n", given(&other));
    for headers in [&known, "Origin: null\r\nSec-Fetch-Site: same-site\r\n", ""] {
        let confirmed = inbox.post(target, &format!("{FORM}{headers}"), "");
        assert_eq!((confirmed.status, confirmed.header("set-cookie")), (200, ""), "{headers:?}");
    }
    let confirmed = inbox.post(target, &format!("{FORM}{OURS}"), "");
    let name = |cookie: String| cookie.split('.').nth(1).map(str::to_owned);
    assert_eq!((confirmed.status, name(given(&confirmed))), (200, name(given(&answer))));
    let stop = sink.mails()[0].link("token=stop.");
    let stopped = inbox.post(stop.strip_prefix("https://tea.example").expect("a link"), FORM, "");
    assert_eq!((stopped.status, stopped.header("set-cookie")), (200, ""));
    // Who is forgotten is nobody we know.
    let (_, _) = send(&inbox, &given(&confirmed), &person);
    site.causerie(&["comments", "forget", "jo@example.org"]);
    let has = |name: Option<String>| {
        let line = format!("writer = \"{}\"", name.expect("a name"));
        site.waiting().iter().any(|object| object.contains(&line))
    };
    assert!(!has(name(given(&confirmed))) && has(name(given(&other))), "{:?}", site.waiting());
}
