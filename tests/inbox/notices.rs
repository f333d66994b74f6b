//! Readers who want to hear of answers: asked first, told then, and never told again once they say so.

use std::thread::sleep;
use std::time::Duration;

use serde_json::{Value, json};

use crate::client::{ask, get};
use crate::sink::{Received, Sink};
use crate::{ENDPOINT, FORM, Inbox, Site};

const PAGE: &str = "/posts/tea/";
const HOST: &str = "https://tea.example";
const JO: &str = "jo@reader.example";

struct Talk {
    sink: Sink,
    site: Site,
    inbox: Inbox,
}

impl Talk {
    fn new() -> Self {
        let sink = Sink::start();
        let site = Site::with(&sink.settings());
        let inbox = Inbox::start(&site);
        Self { sink, site, inbox }
    }

    /// Sends a reply, and approves it; its id.
    fn approved(&self, fields: &Value) -> String {
        let mut form = json!({ "page": PAGE });
        fields.as_object().expect("fields").iter().for_each(|(key, value)| form[key] = value.clone());
        // What is answered may have been approved a moment ago.
        let start = std::time::Instant::now();
        let told = loop {
            let (status, told) = self.inbox.script(ENDPOINT, &form);
            if status == 200 {
                break told;
            }
            assert!(status == 409 && start.elapsed().as_secs() < 10, "{status} {told}");
            sleep(Duration::from_millis(50));
        };
        let id = told["id"].as_str().expect("an id").to_owned();
        self.site.causerie(&["comments", "approve", &id]);
        id
    }

    /// A reply of Jo's, who wants to hear of answers.
    fn asking(&self) -> String {
        self.approved(&json!({ "author": "Jo", "comment": "Why tea?", "email": JO, "notify": "1" }))
    }

    fn answer(&self, id: &str, comment: &str) -> String {
        self.approved(&json!({ "author": "Zoë <b>", "comment": comment, "reply_to": id }))
    }

    /// Follows a link of a mail, as it leads to the inbox.
    fn open(&self, link: &str) -> crate::Answer {
        get(self.inbox.address, link.strip_prefix(HOST).expect("a link to the inbox"))
    }

    fn press(&self, link: &str, headers: &str, body: &str) -> crate::Answer {
        self.inbox.post(link.strip_prefix(HOST).expect("a link to the inbox"), headers, body)
    }

    /// Waits until everything that was posted has been sent, and gives back all mails.
    fn all(&self) -> Vec<Received> {
        let start = std::time::Instant::now();
        loop {
            let entries = std::fs::read_dir(self.site.path("inbox")).expect("an inbox").flatten();
            if !entries.into_iter().any(|entry| entry.file_name().to_string_lossy().ends_with(".mail")) {
                return self.sink.mails();
            }
            assert!(start.elapsed().as_secs() < 30, "there is still mail in the outbox");
            sleep(Duration::from_millis(50));
        }
    }
}

#[test]
fn who_asks_and_confirms_hears_of_answers_until_they_do_not_want_to() {
    let talk = Talk::new();
    talk.site.causerie(&["build"]);
    assert!(talk.site.read("public/posts/tea/index.html").contains("name=\"notify\" type=\"checkbox\""));
    // Nobody gets a mail for what no moderator has seen.
    let form = format!("page=%2Fposts%2Ftea%2F&comment=Buy&email={JO}&notify=1");
    let page = talk.inbox.reply(&form);
    assert!(page.status == 200 && page.body.contains("Then you get an e-mail"), "{}", page.body);
    sleep(Duration::from_secs(6));
    assert!(talk.all().is_empty());

    let id = talk.asking();
    let question = talk.sink.wait(1).remove(0);
    assert_eq!(
        (&question.to[..], question.header("subject")),
        (&[JO.to_owned()][..], "Do you want to hear of answers on Tea?".to_owned())
    );
    assert!(question.text().contains(&format!("{HOST}{PAGE}#comment-{id}")), "{}", question.text());
    // Programs that look through mail open links, and nothing comes of it.
    let link = question.link("token=hear.");
    let page = talk.open(&link);
    assert_eq!(page.status, 200);
    for part in ["Yes, tell me of answers", "“Tea &amp; &lt;milk&gt;”", "salon.css", "method=\"post\""] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    assert!(!page.body.contains(JO));
    talk.answer(&id, "Because.");
    assert_eq!(talk.all().len(), 1, "it is not confirmed yet");

    let page = talk.press(&link, FORM, "");
    assert!(page.status == 200 && page.body.contains("You will be told of answers"), "{}", page.body);
    let answer = talk.answer(&id, "It is *warm*.\n\nhttps://evil.example/\nBcc: al@example.org");
    let news = talk.sink.wait(2).remove(1);
    assert_eq!(
        (&news.to[..], news.header("subject")),
        (&[JO.to_owned()][..], "An answer to your response on Tea".to_owned())
    );
    let text = news.text().replace('\r', "");
    assert!(text.contains("Zoë <b> has answered") && text.contains("> It is *warm*.\n> \n> https://evil"), "{text}");
    assert!(text.contains(&format!("\n{HOST}{PAGE}#comment-{answer}\n")), "{text}");
    assert_eq!(news.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(news.header("list-unsubscribe-post"), "List-Unsubscribe=One-Click");
    // The author answers too.
    talk.site.causerie(&["comments", "reply", &id, "--text", "Yes."]);
    assert_eq!(talk.sink.wait(3)[2].to, [JO]);

    // One click in the mail program: a POST from anywhere, with no cookie, of either kind.
    let way_out = news.header("list-unsubscribe");
    let stop = way_out.trim_matches(['<', '>']);
    let page = talk.open(stop);
    assert!(
        page.status == 200 && page.body.contains("Yes, stop it") && page.body.contains("“Tea &amp;"),
        "{}",
        page.body
    );
    assert!(talk.site.everything().contains(JO), "to look at it stops nothing");
    let parts = "Content-Type: multipart/form-data; boundary=a\r\n";
    let body = "--a\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--a--\r\n";
    let page = talk.press(stop, parts, body);
    assert!(page.status == 200 && page.body.contains("no more mail"), "{}", page.body);
    assert_eq!(talk.press(stop, FORM, "List-Unsubscribe=One-Click").status, 200, "twice is once");
    talk.answer(&id, "One more.");
    assert_eq!(talk.all().len(), 3);
    assert!(!talk.site.everything().contains(JO), "in no other reply either, such as the one that still waits");
    // Who confirms what was stopped is too late.
    assert_eq!((talk.open(&link).status, talk.press(&link, FORM, "").status), (410, 410));
    // Nothing of it was ever in the site.
    talk.site.causerie(&["build"]);
    for folder in ["public", "content"] {
        assert!(!everything_in(&talk.site, folder).contains(JO));
    }
    let log = talk.inbox.log();
    assert!(!log.contains("reader.example") && !log.contains("token="), "{log}");
}

fn everything_in(site: &Site, folder: &str) -> String {
    let other = Site::new();
    let from = site.path(folder);
    let status = std::process::Command::new("cp").arg("-r").arg(from).arg(other.path("")).status();
    assert!(status.expect("it runs").success());
    other.everything()
}

#[test]
fn nobody_confirms_or_stops_for_somebody_else() {
    let talk = Talk::new();
    let id = talk.asking();
    let question = talk.sink.wait(1).remove(0);
    let (hear, stop) = (question.link("token=hear."), question.link("token=stop."));
    let other = Talk::new();
    let theirs = {
        other.asking();
        other.sink.wait(1).remove(0).link("token=hear.")
    };
    let token = hear.split("token=").nth(1).expect("a token");
    let form = get(talk.inbox.address, "/-/comments/token").body;
    let form: Value = serde_json::from_str(&form).expect("JSON");
    let link = |token: &str| format!("{HOST}{ENDPOINT}/notice?token={token}");
    for bad in [
        theirs,
        link(""),
        link(&format!("hear.{id}.9999999999.")),
        link(form["token"].as_str().expect("a token")),
        link(&token.replacen("hear", "stop", 1)),
        link(&token[..token.len() - 1]),
        link(&format!("{token}A")),
        link("..%2F..%2Fkey"),
        link("%3Cscript%3Ealert(1)%3C/script%3E"),
        format!("{HOST}{ENDPOINT}/notice"),
    ] {
        for page in [talk.open(&bad), talk.press(&bad, FORM, "List-Unsubscribe=One-Click")] {
            assert_eq!(page.status, 410, "{bad}");
            assert!(page.body.contains("Nothing was changed") && !page.body.contains("<script>alert"), "{}", page.body);
        }
    }
    // A page of somebody else's cannot press the button, nor can anybody show it in theirs.
    for bad in ["Origin: https://evil.example\r\n", "Sec-Fetch-Site: cross-site\r\n"] {
        assert_eq!(talk.press(&hear, &format!("{FORM}{bad}"), "").status, 403);
        assert_eq!(talk.press(&stop, &format!("{FORM}{bad}"), "").status, 403);
    }
    let page = talk.open(&hear);
    assert!(page.header("content-security-policy").contains("frame-ancestors 'none'"));
    assert_eq!((page.header("cache-control"), page.header("referrer-policy")), ("no-store", "same-origin"));
    let target = hear.strip_prefix(HOST).expect("a link");
    for method in ["HEAD", "PUT", "DELETE"] {
        assert_eq!(ask(talk.inbox.address, method, target, "").status, 405, "{method}");
    }
    let object = talk.site.read(&format!("inbox/{id}.md"));
    assert!(object.contains(&format!("email = \"{JO}\"")) && !object.contains("confirmed"), "{object}");
    // A token of a notice changes no reply.
    let change = json!({ "token": token, "action": "withdraw" });
    assert_eq!(talk.inbox.script("/-/comments/change", &change).0, 410);
}

#[test]
fn who_is_forgotten_hears_nothing() {
    let talk = Talk::new();
    let id = talk.asking();
    let link = talk.sink.wait(1)[0].link("token=hear.");
    assert_eq!(talk.press(&link, FORM, "").status, 200);
    assert!(talk.site.read(&format!("inbox/{id}.md")).contains("#: confirmed = true"));
    // Their own answers are no news to them.
    talk.approved(
        &json!({ "author": "Jo", "comment": "I see.", "email": "Jo@Reader.example", "notify": "1", "reply_to": id }),
    );
    let mails = talk.all();
    let subjects: Vec<String> = mails.iter().map(|mail| mail.header("subject")).collect();
    assert_eq!(subjects, ["Do you want to hear of answers on Tea?"; 2]);
    talk.sink.answer("RCPT", "451 later");
    talk.answer(&id, "Because.");
    let start = std::time::Instant::now();
    while !talk.site.everything().contains("\"tries\":1") {
        assert!(start.elapsed().as_secs() < 20, "it is not tried");
        sleep(Duration::from_millis(50));
    }
    talk.site.causerie(&["comments", "forget", &JO.to_uppercase()]);
    assert!(!talk.site.everything().to_lowercase().contains(JO), "neither in a reply nor in the outbox");
    talk.answer(&id, "Another.");
    assert_eq!(talk.all().len(), 2);
}

#[test]
fn what_is_taken_back_before_it_is_sent_notifies_nobody() {
    let talk = Talk::new();
    let id = talk.asking();
    let link = talk.sink.wait(1)[0].link("token=hear.");
    assert_eq!(talk.press(&link, FORM, "").status, 200);
    let Talk { sink, site, mut inbox } = talk;
    let (_, told) = inbox.script(ENDPOINT, &json!({ "page": PAGE, "comment": "Oops.", "reply_to": "jo-1" }));
    assert_eq!(told["status"], "pending");
    inbox.kill();
    site.causerie(&["comments", "reply", &id, "--text", "No."]);
    assert!(site.everything().contains("An answer to your response"));
    site.causerie(&["comments", "undo"]);
    assert!(!site.everything().contains("An answer to your response"));
    assert_eq!(sink.mails().len(), 1);
}

#[test]
fn without_mail_nothing_is_offered_or_kept() {
    let site = Site::new();
    let inbox = Inbox::start(&site);
    site.causerie(&["build"]);
    assert!(!site.read("public/posts/tea/index.html").contains("name=\"notify\""));
    let form = format!("page=%2Fposts%2Ftea%2F&comment=a&email={JO}&notify=1");
    let page = inbox.reply(&form);
    assert!(page.status == 200 && !page.body.contains("Then you get an e-mail"), "{}", page.body);
    assert!(!site.everything().contains(JO));
    // And who says yes without saying where is told so.
    let page = inbox.reply("page=%2Fposts%2Ftea%2F&comment=Kept&notify=1");
    assert!(page.status == 422 && page.body.contains("write your address") && page.body.contains("Kept</textarea>"));
    assert!(page.body.contains("name=\"notify\" value=\"1\""));
}
