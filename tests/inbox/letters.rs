//! The author is told by mail, and decides by its links.

use std::thread;
use std::time::Duration;

use serde_json::json;

use crate::client::{Answer, get};
use crate::moderate::send;
use crate::moderator::{HOME, Moderator, cookie, enter, form, origin};
use crate::sink::{Received, Sink};
use crate::{ENDPOINT, FORM, Inbox, Site};

/// What is in a link after its address.
fn token(link: &str) -> String {
    let (address, token) = link.split_once("?token=").expect("a token");
    assert!(address.starts_with("https://tea.example/-/moderate/"), "{link}");
    token.to_owned()
}

fn link(mail: &Received, verb: &str) -> String {
    token(&mail.link(&format!("/decide?token=decide.{verb}-")))
}

/// Looks where a link leads.
fn look(inbox: &Inbox, token: &str) -> Answer {
    get(inbox.address, &format!("{HOME}/decide?token={token}"))
}

/// Presses the button there.
fn press(inbox: &Inbox, token: &str) -> Answer {
    let headers = format!("{FORM}{}", origin(inbox));
    inbox.post(&format!("{HOME}/decide"), &headers, &form(&[("token", token)]))
}

fn has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn a_letter_has_all_that_a_decision_needs_and_its_links_decide_once() {
    let sink = Sink::start();
    let site = Site::with(&format!("rebuild = true\n{}", sink.settings_of_author()));
    let inbox = Inbox::start(&site);
    let id = send(&inbox, json!({ "reply_to": "jo-1", "author": "Zoë", "url": "zoe.example" }));
    let mail = sink.wait(1).remove(0);
    assert_eq!(mail.to, ["ada@tea.example"]);
    has(&mail.header("content-type"), &["text/plain"]);
    let text = mail.text().replace('\r', "");
    has(
        &text,
        &[
            "A reply to “Tea & <milk>”, by Zoë.\nhttps://tea.example/posts/tea/\n",
            "Their website: https://zoe.example\n",
            "It answers Jo:\n\n> Why?\n",
            "The reply:\n\n| I *agree*.\n",
            "Spam points: ",
            "- The form's script did not run",
            "All replies: https://tea.example/-/moderate\n",
        ],
    );
    let (approve, spam) = (link(&mail, "approve"), link(&mail, "spam"));
    // Looking decides nothing, however often.
    for _ in 0..3 {
        let page = look(&inbox, &approve);
        assert_eq!((page.status, page.header("cache-control")), (200, "no-store"));
        has(
            &page.body,
            &["<h1>Approve this reply?</h1>", "<em>agree</em>", "<p>Why?</p>", ">Approve</button>", &approve],
        );
    }
    assert!(site.files("content/posts/tea.comments").is_empty());
    let done = press(&inbox, &approve);
    assert_eq!(done.status, 200);
    has(&done.body, &["Approved the reply by Zoë.", ">Undo</button>"]);
    has(&site.read("public/posts/tea/index.html"), &[&format!("id=\"comment-{id}\"")]);
    assert_eq!((look(&inbox, &approve).status, press(&inbox, &approve).status), (410, 410), "it is used up");
    let late = look(&inbox, &spam);
    assert_eq!(late.status, 409);
    has(&late.body, &["this reply was approved meanwhile"]);
    assert_eq!(press(&inbox, &spam).status, 409);
    // It can be taken back there and then, and be decided in another way: the other links are as good as before.
    let undo = done.body.split("name=\"token\" value=\"").nth(1).expect("a form").split('"').next().expect("a token");
    has(&press(&inbox, undo).body, &["Taken back: the decision about the reply by Zoë."]);
    assert_eq!(press(&inbox, undo).status, 410);
    assert!(site.files("content/posts/tea.comments").is_empty());
    assert_eq!((press(&inbox, &approve).status, press(&inbox, &spam).status), (410, 200));
    has(&site.causerie(&["comments", "show", &id]), &["spam"]);
    assert_eq!(sink.mails().len(), 1, "and nobody is told again");
    assert!(!inbox.log().contains("decide.") && !inbox.log().contains("ada@"), "{}", inbox.log());
}

#[test]
fn no_link_decides_what_it_does_not_say() {
    let (sink, other_sink) = (Sink::start(), Sink::start());
    let (site, other) = (Site::with(&sink.settings_of_author()), Site::with(&other_sink.settings_of_author()));
    let (inbox, elsewhere) = (Inbox::start(&site), Inbox::start(&other));
    let (first, second) = (send(&inbox, json!({ "comment": "One." })), send(&inbox, json!({ "comment": "Two." })));
    send(&elsewhere, json!({}));
    let (mails, theirs) = (sink.wait(2), other_sink.wait(1));
    let mail = mails.iter().find(|mail| mail.text().contains("| One.")).expect("it was told");
    let reject = link(mail, "reject");
    let end = reject.rsplit('.').nth(1).expect("an end");
    let later = (end.parse::<u64>().expect("a second") + 1).to_string();
    let moderator = Moderator::enter(&site, &inbox);
    for bad in [
        String::new(),
        reject.replacen("reject", "approve", 1),
        reject.replace(&first, &second),
        reject.replace(end, &later),
        reject.replace(&first, &format!("{first}.1")),
        format!("{reject}x"),
        link(&theirs[0], "approve"),
        link(&theirs[0], "reject").replace(end, &later),
        moderator.act.clone(),
        moderator.act.replacen("act.", "decide.", 1),
        crate::moderator::ticket(&site).replacen("enter.", "decide.approve-", 1),
    ] {
        assert_eq!((look(&inbox, &bad).status, press(&inbox, &bad).status), (410, 410), "{bad}");
    }
    // Nobody but the page where the link leads presses its button.
    for headers in ["", "Origin: https://evil.example\r\n", "Origin: null\r\n", "Origin: https://tea.example\r\n"] {
        let answer = inbox.post(&format!("{HOME}/decide"), &format!("{FORM}{headers}"), &form(&[("token", &reject)]));
        assert_eq!(answer.status, 403, "{headers}");
    }
    // And it signs nobody in.
    assert_eq!(enter(&inbox, &reject).status, 410);
    assert_eq!(inbox.post(HOME, &format!("{FORM}{}", origin(&inbox)), &form(&[("act", &reject)])).status, 401);
    assert!(site.waiting().iter().all(|reply| reply.contains("#: state = \"pending\"")));
    // Who signs out everywhere takes all links back.
    thread::sleep(Duration::from_millis(1100));
    let leave = form(&[("act", &moderator.act)]);
    assert_eq!(moderator.send(&format!("{HOME}/leave-everywhere"), &origin(&inbox), &leave).status, 200);
    assert_eq!(press(&inbox, &reject).status, 410);
}

#[test]
fn a_link_is_about_the_text_that_was_in_the_letter() {
    let sink = Sink::start();
    let site = Site::with(&sink.settings_of_author());
    let inbox = Inbox::start(&site);
    let (_, told) = inbox.script(ENDPOINT, &json!({ "page": "/posts/tea/", "author": "Jo", "comment": "Harmless." }));
    let first = sink.wait(1).remove(0);
    let change = json!({ "token": told["token"], "action": "change", "comment": "Other words." });
    assert_eq!(inbox.script("/-/comments/change", &change).0, 200);
    let approve = link(&first, "approve");
    let page = look(&inbox, &approve);
    assert_eq!((page.status, press(&inbox, &approve).status), (409, 409));
    has(&page.body, &["this reply is not what it was when you looked at it"]);
    assert!(site.files("content/posts/tea.comments").is_empty());
    // The author is told of the new text, with links that are about it.
    let second = sink.wait(2).remove(1);
    has(&second.text(), &["| Other words."]);
    assert_eq!(press(&inbox, &link(&second, "approve")).status, 200);
    assert_eq!(site.files("content/posts/tea.comments").len(), 1);
}

#[test]
fn what_is_published_at_once_is_mailed_and_can_be_taken_back() {
    let sink = Sink::start();
    let site = Site::with(&format!("{}{}", crate::trust::SETTINGS, sink.settings_of_author()));
    let inbox = Inbox::start(&site);
    let cookie = crate::trust::trusted(&site, &inbox);
    let (told, _) = crate::trust::send(&inbox, &cookie, &json!({ "comment": "It is *warm*." }));
    assert_eq!(told["status"], "approved");
    let start = std::time::Instant::now();
    let mail = loop {
        if let Some(mail) = sink.mails().into_iter().find(|mail| mail.text().contains("It is published already")) {
            break mail;
        }
        assert!(start.elapsed() < Duration::from_secs(20), "{}", sink.said());
        thread::sleep(Duration::from_millis(100));
    };
    has(&mail.text().replace('\r', ""), &["by Jo.\n", "\n| It is *warm*.\n", "\nTake it back:\n"]);
    assert!(!mail.text().contains("decide.approve"));
    let undo = link(&mail, "undo");
    assert_eq!((look(&inbox, &undo).status, site.files("content/posts/tea.comments").len()), (200, 3));
    has(&press(&inbox, &undo).body, &["Taken back: the decision about the reply by Jo."]);
    assert_eq!(site.files("content/posts/tea.comments").len(), 2);
}

#[test]
fn no_reply_writes_a_line_of_a_letter() {
    let sink = Sink::start();
    let site = Site::with(&format!("{}[comments.guard]\nper_address = 0\nper_page = 0\n", sink.settings_of_author()));
    let inbox = Inbox::start(&site);
    let hostile = [
        ("Jo\r\nBcc: al@evil.example", "a\r\n.\r\nMAIL FROM:<evil@evil.example>\r\nDATA\r\nSubject: x"),
        (
            "Approve: https://evil.example",
            "Approve:\nhttps://evil.example/approve\n\u{2028}Approve:\u{2029}\u{85}All replies: x",
        ),
        ("\u{202e}\u{2066}elpmaxe", "\u{202e}\u{200f}txet\u{0}\u{1b}[2J\u{b}Reject:\u{c}x"),
        ("<b>Jo</b>", "<script>alert(1)</script>\n\n<a href=\"https://evil.example\">Approve</a>"),
        ("=?utf-8?q?x?=", &"long ".repeat(3000)),
    ];
    for (author, comment) in hostile {
        send(&inbox, json!({ "author": author, "comment": comment }));
    }
    for mail in sink.wait(hostile.len()) {
        assert_eq!((mail.from.as_str(), &mail.to[..]), ("blog@tea.example", &["ada@tea.example".to_owned()][..]));
        assert_eq!(mail.header("subject").matches("evil").count(), 0, "{}", mail.raw);
        has(&mail.header("content-type"), &["text/plain"]);
        let mut names: Vec<String> = mail.names().iter().map(|name| name.to_ascii_lowercase()).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), mail.names().len(), "no head is there twice");
        assert!(!names.contains(&"bcc".to_owned()) && !mail.raw.to_lowercase().contains("text/html"), "{}", mail.raw);
        let text = mail.text().replace("\r\n", "\n");
        assert!(
            !text.contains(['\u{202e}', '\u{2066}', '\u{200f}', '\u{1b}', '\u{0}', '\u{2028}', '\u{85}', '\r']),
            "{text}"
        );
        assert!(text.len() < 8_000 && mail.raw.lines().all(|line| line.len() < 998), "{}", text.len());
        let ours = |start: &str| text.lines().filter(|line| line.starts_with(start)).count();
        assert_eq!((ours("Approve:"), ours("Reject:"), ours("All replies:")), (1, 1, 1), "{text}");
        for line in text.lines().filter(|line| line.contains("evil.example") && !line.starts_with("| ")) {
            assert!(line.starts_with("A reply to “Tea & <milk>”, by "), "{line}");
        }
    }
}

#[test]
fn many_replies_share_one_mail_with_a_link_that_signs_in() {
    let sink = Sink::start();
    let settings = sink.settings_of_author();
    let site =
        Site::with(&format!("{settings}per_hour = 2\n[comments.guard]\nper_address = 0\nwords = [\"casino\"]\n"));
    let inbox = Inbox::start(&site);
    // What the guard takes for spam is told of to nobody.
    for n in 0..3 {
        inbox
            .reply(&format!("page=%2Fposts%2Ftea%2F&author=S&comment=casino+casino+casino+{n}+http%3A%2F%2Fa.example"));
    }
    has(&site.causerie(&["comments", "list", "--state", "spam"]), &["casino"]);
    thread::sleep(Duration::from_secs(3));
    assert!(sink.mails().is_empty(), "{}", sink.said());
    drop(inbox);
    for n in 0..60 {
        let id = format!("20240531-1830{n:02}-000-{n:06}");
        site.write(
            &format!("inbox/{id}.md"),
            &format!(
                "+++\n#: state = \"pending\"\n#: page = \"/posts/tea/\"\n#: document = \"content/posts/tea.md\"\n\
                 #: folder = \"content/posts/tea.comments\"\n#: received = \"2024-05-31T18:30:{n:02}Z\"\nid = \"{id}\"\n\
                 author = \"Reader {n}\"\ndate = 2024-05-31T18:30:00Z\nstatus = \"pending\"\n+++\nThought {n}.\n\nMore.\n"
            ),
        );
    }
    let inbox = Inbox::start(&site);
    let mail = sink.wait(1).remove(0);
    let text = mail.text().replace('\r', "");
    assert_eq!(mail.header("subject"), "60 new replies");
    has(&text, &["To “Tea & <milk>”, 31 May 2024, 18:30 UTC, by Reader 0\n| Thought 0.\n", "And 10 more."]);
    assert!(!text.contains("Reader 55") && !text.contains("casino") && !text.contains("/decide?"), "{text}");
    let ticket = token(&mail.link("/enter?token=mailed."));
    let answer = enter(&inbox, &ticket);
    assert_eq!(answer.status, 303);
    has(&Moderator::with(&inbox, cookie(&answer)).get("").body, &["<title>Waiting (60)"]);
    assert_eq!(enter(&inbox, &ticket).status, 410);
    // Nobody is told of them again, also by another process.
    drop(inbox);
    let _again = Inbox::start(&site);
    thread::sleep(Duration::from_secs(4));
    assert_eq!(sink.mails().len(), 1);
}
