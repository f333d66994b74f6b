//! The mail room: what is posted is sent once, later if it must be, and says no more than it should.

use std::process::Command;
use std::time::Duration;

use causerie::{Mail, MailHeader, Spool};
use jiff::Timestamp;

use crate::sink::Sink;
use crate::{Inbox, Site};

fn post(site: &Site, id: &str, mail: &Mail) {
    let spool = Spool::open(&site.path(""), "inbox").expect("a spool");
    spool.queue_mail(id, mail, Timestamp::now()).expect("it is kept");
}

/// The mails that wait to be sent.
fn outbox(site: &Site) -> Vec<String> {
    let entries = std::fs::read_dir(site.path("inbox")).expect("an inbox").flatten();
    entries.filter_map(|entry| entry.file_name().into_string().ok()).filter(|name| name.ends_with(".mail")).collect()
}

fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = std::time::Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(30), "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn what_is_posted_is_sent_once() {
    let sink = Sink::start();
    let site = Site::with(&sink.settings());
    let url = format!("<https://tea.example/-/comments/notice?token=stop.{}>", "x".repeat(140));
    let mail = Mail::new(
        "jo@example.org",
        "Ein Grüß\u{202e} ".repeat(9).as_str(),
        "One — two.\n.\nFrom here\nhttps://tea.example/?a=b&token=c\n",
    )
    .with_html("<p>One &mdash; two.</p>")
    .with_header(MailHeader::ListUnsubscribe, &url)
    .with_header(MailHeader::ListUnsubscribePost, "List-Unsubscribe=One-Click");
    post(&site, "notice-1", &mail);
    // The same again is the same.
    post(&site, "notice-1", &Mail::new("jo@example.org", "Other", "Other."));
    let inbox = Inbox::start(&site);
    let [received] = &sink.wait(1)[..] else { panic!("more than one") };
    assert_eq!((received.from.as_str(), &received.to[..]), ("blog@tea.example", &["jo@example.org".to_owned()][..]));
    assert_eq!(received.header("from"), "Tea <blog@tea.example>");
    assert_eq!(received.header("to"), "jo@example.org");
    assert!(received.header("message-id").ends_with("notice-1@tea.example>"), "{}", received.raw);
    assert_eq!(received.header("auto-submitted"), "auto-generated");
    assert_eq!(received.header("list-unsubscribe"), url, "whole, and not encoded");
    assert_eq!(received.header("list-unsubscribe-post"), "List-Unsubscribe=One-Click");
    let text = received.text().replace('\r', "");
    assert!(text.contains("One — two.\n.\nFrom here") && text.contains("<p>One &mdash; two.</p>"), "{text}");
    assert_eq!(received.link("token"), "https://tea.example/?a=b&token=c");
    wait_until("it is still in the outbox", || outbox(&site).is_empty());
    // The command line, or another inbox, posts while this one runs.
    post(&site, "digest-2", &Mail::new("ada@tea.example", "New", "New."));
    assert_eq!(sink.wait(2)[1].to, ["ada@tea.example"]);
    let log = inbox.log();
    assert!(log.contains("\"event\":\"mail\"") && log.contains("\"outcome\":\"sent\""), "{log}");
    assert!(!log.contains("example.org") && !log.contains("Gr"), "{log}");
}

#[test]
fn nothing_that_is_written_gets_into_a_head() {
    let sink = Sink::start();
    let site = Site::with(&sink.settings());
    let evil = "x\r\nBcc: al@example.org\r\n\r\nRCPT TO:<al@example.org>\n.\r\n.\r\nQUIT\r\n\u{0}\u{1b}";
    let mail = Mail::new("jo@example.org", evil, evil).with_header(MailHeader::ListUnsubscribe, evil);
    for (number, mail) in [
        mail,
        // Addresses that are two, or none.
        Mail::new("jo@example.org, al@example.org", "a", "a"),
        Mail::new("jo@example.org>\r\nRCPT TO:<al@example.org", "a", "a"),
        Mail::new("<script>", "a", "a"),
    ]
    .into_iter()
    .enumerate()
    {
        post(&site, &format!("evil-{number}"), &mail);
    }
    let inbox = Inbox::start(&site);
    let mails = sink.wait(1);
    wait_until("it is still in the outbox", || outbox(&site).is_empty());
    let [received] = &mails[..] else { panic!("{mails:?}") };
    assert_eq!(received.to, ["jo@example.org"]);
    let names = received.names();
    let known = ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "List-Unsubscribe", "MIME-Version"];
    for name in &names {
        assert!(known.contains(&name.as_str()) || name.starts_with("Content-"), "{name}");
    }
    assert_eq!(sink.mails().len(), 1);
    assert!(!sink.said().lines().any(|line| line.starts_with("RCPT") && line.contains("al@")), "{}", sink.said());
    assert!(inbox.log().contains("given-up"));
}

#[test]
fn what_cannot_be_sent_now_is_sent_later() {
    let sink = Sink::start();
    let site = Site::with(&sink.settings());
    // It refuses one for good, and puts another off, saying their addresses, which are none of the log's business.
    sink.answer("RCPT TO:<GONE@", "550 5.1.1 <gone@example.org> is nobody here");
    sink.answer("RCPT TO:<BUSY@", "451 4.7.1 <busy@example.org> is to be tried later");
    for name in ["gone", "busy", "jo"] {
        post(&site, name, &Mail::new(&format!("{name}@example.org"), "Hello", "Hello."));
    }
    let mut inbox = Inbox::start(&site);
    assert_eq!(sink.wait(1)[0].to, ["jo@example.org"], "nobody waits for the others");
    wait_until("what is refused is tried again", || outbox(&site) == ["busy.mail"]);
    let log = inbox.log();
    assert!(log.contains("the mail server answered 550") && log.contains("answered 451"), "{log}");
    assert!(!log.contains("example.org"), "{log}");
    inbox.kill();
    // Ten minutes later, which we do not wait for, it is due again; no other inbox takes it before.
    let file = site.path("inbox/busy.mail");
    let text = std::fs::read_to_string(&file).expect("it waits");
    let mut waiting: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let next: Timestamp = waiting["next"].as_str().expect("a moment").parse().expect("a moment");
    let pause = next.duration_since(Timestamp::now()).as_secs();
    assert!((570..=600).contains(&pause) && waiting["tries"] == 1, "{waiting}");
    waiting["next"] = Timestamp::now().to_string().into();
    std::fs::write(&file, waiting.to_string()).expect("it is ours");
    let _inbox = Inbox::start(&site);
    assert_eq!(sink.wait(2)[1].to, ["busy@example.org"]);
    wait_until("it is still in the outbox", || outbox(&site).is_empty());
}

#[test]
fn two_inboxes_send_a_mail_once() {
    let sink = Sink::start();
    let site = Site::with(&sink.settings());
    let (_one, _two) = (Inbox::start(&site), Inbox::start(&site));
    for number in 0..12 {
        post(&site, &format!("mail-{number:02}"), &Mail::new("jo@example.org", &number.to_string(), "Hello."));
    }
    sink.wait(12);
    wait_until("they are still in the outbox", || outbox(&site).is_empty());
    let mut subjects: Vec<u32> =
        sink.mails().iter().map(|mail| mail.header("subject").parse().expect("a number")).collect();
    subjects.sort_unstable();
    assert_eq!(subjects, (0..12).collect::<Vec<_>>());
}

#[test]
fn nothing_goes_in_the_clear_where_encryption_is_asked_for() {
    let sink = Sink::start();
    for tls in ["starttls", "always"] {
        let settings = sink.settings().replace("never", tls) + "user = \"blog\"\npassword_file = \"mail-password\"\n";
        let site = Site::with(&settings);
        site.write("mail-password", "secret-of-the-mail\n");
        post(&site, "notice-1", &Mail::new("jo@example.org", "Hello", "Hello."));
        let inbox = Inbox::start(&site);
        wait_until("it is tried", || inbox.log().contains("\"outcome\":\"later\""));
        assert_eq!(outbox(&site), ["notice-1.mail"]);
    }
    assert!(sink.mails().is_empty());
    let said = sink.said();
    assert!(!said.contains("AUTH") && !said.contains("MAIL FROM") && !said.contains("secret"), "{said}");
}

#[test]
fn the_password_is_read_from_where_it_is_said_to_be() {
    let sink = Sink::start();
    let settings = sink.settings() + "user = \"blog\"\npassword_file = \"mail-password\"\n";
    let site = Site::with(&settings);
    let start = || {
        let inbox = Command::new(env!("CARGO_BIN_EXE_causerie"))
            .args(["inbox", "--port", "0"])
            .current_dir(site.path(""))
            .output()
            .expect("the program can be started");
        (inbox.status.code(), String::from_utf8_lossy(&inbox.stderr).into_owned())
    };
    let (status, said) = start();
    assert_eq!(status, Some(1));
    assert!(said.contains("the password for mail cannot be read from the file mail-password"), "{said}");
    assert!(said.contains("site.toml:"), "{said}");
    site.write("mail-password", "secret-of-the-mail\r\n");
    post(&site, "notice-1", &Mail::new("jo@example.org", "Hello", "Hello."));
    let inbox = Inbox::start(&site);
    let login = sink.wait(1)[0].login.clone();
    assert_eq!(login, Some(("blog".to_owned(), "secret-of-the-mail".to_owned())));
    assert!(!inbox.log().contains("secret"));
}
