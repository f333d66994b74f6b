//! What the spam guard makes of what comes in.

use std::time::Duration;

use causerie::guard::is_solution;
use serde_json::{Value, json};

use crate::client::get;
use crate::{ENDPOINT, FORM, Inbox, Site};

const PAGE: &str = "/posts/tea/";
const PLAIN: &str = "page=%2Fposts%2Ftea%2F&author=Jo&comment=I+like+tea.";

/// The names of what the guard found in the last reply, and the state that it is in.
fn last(site: &Site) -> (String, Vec<String>) {
    let replies = site.replies();
    let reply = replies.last().expect("a reply");
    let names = reply["reasons"].as_array().expect("a list").iter();
    let state = format!("{} {}", reply["state"].as_str().expect("a state"), reply["guard"].as_str().expect("a word"));
    (state, names.map(|reason| reason["name"].as_str().expect("a name").to_owned()).collect())
}

fn found(state: &str, names: &[&str]) -> (String, Vec<String>) {
    (state.to_owned(), names.iter().map(|name| (*name).to_owned()).collect())
}

/// What a form's script is told before it sends a reply to a page.
fn ticket(inbox: &Inbox, page: &str) -> Value {
    let page = page.replace('/', "%2F");
    let answer = get(inbox.address, &format!("{ENDPOINT}/token?page={page}"));
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
    serde_json::from_str(&answer.body).expect("JSON")
}

/// An answer without what is another one's in every answer: ids, tokens and moments.
fn without_its_own(answer: &str) -> String {
    let mut said = answer.to_owned();
    for start in ["change.", "value=\"change."] {
        while let Some(at) = said.find(start) {
            let end = said[at + start.len()..].find(['"', '&']).map_or(said.len(), |end| at + start.len() + end);
            said.replace_range(at..end, "TOKEN");
        }
    }
    said
}

#[test]
fn what_fills_in_the_hidden_field_is_held_without_notice() {
    let site = Site::new();
    let inbox = Inbox::start(&site);
    let plain = inbox.reply(PLAIN);
    let trapped = inbox.reply(&format!("{PLAIN}&nickname=Jo"));
    assert_eq!((plain.status, trapped.status), (200, 200));
    assert_eq!(without_its_own(&plain.body), without_its_own(&trapped.body), "nobody learns what the guard thinks");
    assert_eq!(last(&site), found("spam spam", &["honeypot", "no-token"]));
    let (_, told) = inbox.script(ENDPOINT, &json!({ "page": PAGE, "comment": "Hello.", "nickname": "x" }));
    assert_eq!(told["status"], "pending");
    // Its author sees why, and can think otherwise.
    let listed = site.causerie(&["comments", "list", "--state", "spam"]);
    assert!(listed.contains("160 The field that people do not see was filled in."), "{listed}");
    let id = site.replies()[1]["id"].as_str().expect("an id").to_owned();
    let shown = site.causerie(&["comments", "show", &id]);
    let lines = "Spam       160 points\n            150  The field that people do not see was filled in.\n";
    assert!(shown.contains(lines) && shown.contains("  10  The form's script did not run"), "{shown}");
    site.causerie(&["comments", "approve", &id, "--build"]);
    assert!(site.read("public/posts/tea/index.html").contains("I like tea."));
    assert!(!site.everything().contains("nickname = "));
}

#[test]
fn the_form_says_how_long_it_took() {
    let site = Site::with("[comments.guard]\nmin_seconds = 2\n");
    let inbox = Inbox::start(&site);
    let token = ticket(&inbox, PAGE)["token"].clone();
    assert_ne!(ticket(&inbox, PAGE)["token"], token, "each reader has one of their own");
    let mut form = json!({ "page": PAGE, "comment": "I like tea.", "token": token });
    assert_eq!(inbox.script(ENDPOINT, &form).0, 200);
    assert_eq!(last(&site), found("pending strict", &["too-quick"]));
    std::thread::sleep(Duration::from_millis(3100));
    form["comment"] = "And milk.".into();
    assert_eq!(inbox.script(ENDPOINT, &form).0, 200);
    assert_eq!(last(&site), found("pending queue", &[]));
    // A token of another purpose, or a forged one, is none.
    let (_, told) = inbox.script(ENDPOINT, &form);
    for bad in [told["token"].as_str().expect("a token"), "form.0.9999999999.AAAA"] {
        form["token"] = bad.into();
        form["comment"] = format!("{} {}", bad.len(), "words").into();
        assert_eq!(inbox.script(ENDPOINT, &form).0, 200);
        assert_eq!(last(&site), found("pending strict", &["no-token"]));
    }
}

#[test]
fn nobody_sends_more_than_may_be() {
    let settings = "trusted_proxies = [\"127.0.0.1\"]\n[comments.guard]\nper_address = 3\n";
    let site = Site::with(settings);
    let inbox = Inbox::start(&site);
    let reply = |address: &str, number: usize| {
        let headers = format!("{FORM}X-Forwarded-For: {address}\r\n");
        inbox.post(ENDPOINT, &headers, &format!("{PLAIN}+{number}")).status
    };
    let taken: usize = std::thread::scope(|scope| {
        let reply = &reply;
        let many: Vec<_> = (0..12).map(|number| scope.spawn(move || reply("2001:db8::7", number))).collect();
        many.into_iter().map(|one| usize::from(one.join().expect("no panic") == 200)).sum()
    });
    assert_eq!((taken, site.waiting().len()), (3, 3), "many at once get no further");
    // The other addresses of the same household are the same household.
    assert_eq!(reply("2001:db8::ffff:1", 20), 429);
    assert_eq!(reply("2001:db8:0:1::7", 21), 200);
    assert_eq!(reply("203.0.113.7", 22), 200);
    let (_, told) = inbox.script(ENDPOINT, &json!({ "page": PAGE, "comment": "I like tea." }));
    assert_eq!(told["status"], "pending", "{told}");
    let told = inbox.post(ENDPOINT, &format!("{FORM}X-Forwarded-For: 2001:db8::9\r\n"), PLAIN);
    assert!(told.body.contains("try again later") && told.body.contains("I like tea.</textarea>"), "{}", told.body);
}

#[test]
fn what_came_to_a_page_is_known_after_a_restart() {
    let site = Site::with("[comments.guard]\nper_page = 3\n");
    let advert = "page=%2Fposts%2Ftea%2F&comment=Buy+replica+watches+at+a+price+that+nobody+believes";
    let mut inbox = Inbox::start(&site);
    for _ in 0..2 {
        assert_eq!(inbox.reply(advert).status, 200);
    }
    inbox.kill();
    let mut inbox = Inbox::start(&site);
    assert_eq!(inbox.reply(advert).status, 200);
    assert_eq!(last(&site), found("spam spam", &["duplicate", "no-token"]));
    inbox.kill();
    let inbox = Inbox::start(&site);
    // What was spam takes no room from others, and what is too much is held to be looked at.
    assert_eq!(inbox.reply(PLAIN).status, 200);
    assert!(!last(&site).0.contains("page-rate") && !last(&site).1.iter().any(|cause| cause == "page-rate"));
    assert_eq!(inbox.reply("page=%2Fposts%2Ftea%2F&comment=Another").status, 200);
    assert_eq!(last(&site), found("pending strict", &["no-token", "page-rate"]));
    // So it is not on other pages.
    assert_eq!(inbox.reply("page=%2Fposts%2F&comment=a").status, 200);
}

#[test]
fn work_counts_once_and_where_it_was_done() {
    let site = Site::with("[comments.guard]\nmin_seconds = 0\nproof_of_work = 10\n");
    let inbox = Inbox::start(&site);
    let script = get(inbox.address, &format!("{ENDPOINT}/work.js"));
    assert!(script.status == 200 && script.header("content-type").starts_with("text/javascript"));
    assert!(script.body.contains("export async function solve"));
    let done = |page: &str| {
        let ticket = ticket(&inbox, page);
        let bits = ticket["work"]["bits"].as_u64().expect("a number");
        let challenge = ticket["work"]["challenge"].as_str().expect("a text");
        let nonce = (0..).map(|n: u64| n.to_string()).find(|nonce| is_solution(challenge, nonce, bits as u32));
        (ticket["token"].clone(), json!(nonce.expect("one")))
    };
    let (token, nonce) = done(PAGE);
    let mut number = 0;
    let mut send = |token: &Value, nonce: &Value| {
        number += 1;
        let form = json!({ "page": PAGE, "comment": format!("Tea {number}."), "token": token, "work": nonce });
        assert_eq!(inbox.script(ENDPOINT, &form).0, 200);
        last(&site)
    };
    assert_eq!(send(&token, &nonce), found("pending queue", &[]));
    assert_eq!(send(&token, &nonce), found("pending strict", &["wrong-work"]), "it was counted already");
    let (token, nonce) = done("/posts/");
    assert_eq!(send(&token, &nonce), found("pending strict", &["wrong-work"]), "it was done for another page");
    let (token, _) = done(PAGE);
    assert_eq!(send(&token, &json!("")), found("pending strict", &["no-work"]));
    assert_eq!(send(&json!(""), &nonce), found("pending strict", &["no-token", "no-work"]));
}

#[test]
fn a_change_is_judged_like_a_reply() {
    let site = Site::with("[comments.guard]\nmin_seconds = 0\nwords = [\"gambling\"]\n");
    let mut inbox = Inbox::start(&site);
    let send = |inbox: &Inbox, comment: &str| {
        let form = json!({ "page": PAGE, "comment": comment, "token": ticket(inbox, PAGE)["token"] });
        inbox.script(ENDPOINT, &form).1["token"].clone()
    };
    let change = |inbox: &Inbox, token: &Value, comment: &str| {
        let form = json!({ "token": token, "action": "change", "comment": comment });
        let (status, told) = inbox.script(&format!("{ENDPOINT}/change"), &form);
        assert_eq!((status, &told["status"]), (200, &json!("pending")), "nobody learns what the guard thinks");
    };
    let praise = "I have never read anything as good as this about tea.";
    let token = send(&inbox, praise);
    let token_of_other = send(&inbox, "What a pleasure to read this, and to read it again.");
    assert_eq!(last(&site), found("pending queue", &[]));
    // Who mends a comma is not taken for a copy of themselves, but who takes another's words is for one of theirs.
    change(&inbox, &token_of_other, "What a pleasure, to read this and to read it again!");
    assert_eq!(last(&site), found("pending queue", &[]));
    change(&inbox, &token_of_other, &format!("{praise} https://a.example"));
    assert_eq!(last(&site), found("pending strict", &["duplicate"]));
    change(&inbox, &token_of_other, "Now I have words of my own, and nobody else's.");
    assert_eq!(last(&site), found("pending strict", &["duplicate"]), "nothing is made milder by a change");
    // What is changed is remembered as it is now, also after a restart.
    send(&inbox, "Now I have words of my own, and nobody else's!");
    assert_eq!(last(&site), found("pending strict", &["duplicate"]));
    inbox.kill();
    let inbox = Inbox::start(&site);
    let third = send(&inbox, "Thanks!");
    assert_eq!(last(&site), found("pending queue", &[]));
    let links: Vec<String> = (0..20).map(|number| format!("https://{number}.example")).collect();
    change(&inbox, &third, &format!("Gambling! {}", links.join(" ")));
    assert_eq!(last(&site), found("spam spam", &["word", "links"]));
    change(&inbox, &third, "Thanks.");
    assert_eq!(last(&site), found("spam spam", &["word", "links"]));
    let waiting = site.causerie(&["comments", "list"]);
    assert!(!waiting.contains("Thanks") && waiting.contains("I have never read"), "{waiting}");
    change(&inbox, &token, "It is good.");
}

#[test]
fn nobody_changes_a_reply_without_end() {
    let site = Site::new();
    let inbox = Inbox::start(&site);
    let token = inbox.script(ENDPOINT, &json!({ "page": PAGE, "comment": "Number 0." })).1["token"].clone();
    let change = |comment: &str| {
        let form = json!({ "token": token, "action": "change", "comment": comment });
        let (status, told) = inbox.script(&format!("{ENDPOINT}/change"), &form);
        (status, told["reason"].as_str().unwrap_or_default().to_owned())
    };
    for number in 1..=10 {
        assert_eq!(change(&format!("Number {number}.")).0, 200);
    }
    assert_eq!(change("Number 11."), (403, "changed-often".to_owned()));
    assert_eq!(change("Number 10.").0, 200, "that is no change");
    assert!(site.waiting()[0].ends_with("+++\nNumber 10.\n"));
    let page = inbox.post(
        &format!("{ENDPOINT}/change"),
        FORM,
        &format!("token={}&action=change&comment=Number+11.", token.as_str().expect("a token")),
    );
    assert!(page.status == 403 && page.body.contains("stays as it is") && page.body.contains("Number 11."));
    let withdraw = json!({ "token": token, "action": "withdraw" });
    assert_eq!(inbox.script(&format!("{ENDPOINT}/change"), &withdraw).0, 200);
    assert!(site.waiting().is_empty());
}

#[test]
fn what_could_not_be_kept_counts_for_nothing() {
    let site = Site::with("[comments.guard]\nmin_seconds = 0\nproof_of_work = 10\nper_address = 1\n");
    let inbox = Inbox::start(&site);
    let ticket = ticket(&inbox, PAGE);
    let challenge = ticket["work"]["challenge"].as_str().expect("a text");
    let nonce = (0..).map(|n: u64| n.to_string()).find(|nonce| is_solution(challenge, nonce, 10)).expect("one");
    let comment = "I have been brewing it for three minutes, and it was bitter.";
    let form = json!({ "page": PAGE, "comment": comment, "token": ticket["token"], "work": nonce });
    // The inbox is not where it was, as with a disk that is gone or full.
    let (place, away) = (site.path("inbox"), site.path("away"));
    std::fs::rename(&place, &away).expect("it can be moved");
    site.write("inbox", "");
    for _ in 0..3 {
        assert_eq!(inbox.script(ENDPOINT, &form).0, 503);
    }
    std::fs::remove_file(&place).expect("it is a file");
    std::fs::rename(&away, &place).expect("it can be moved back");
    assert_eq!(inbox.script(ENDPOINT, &form).0, 200, "it is the first from this address");
    assert_eq!(last(&site), found("pending queue", &[]), "its text is no copy, and its work was not used before");
    assert_eq!(inbox.script(ENDPOINT, &form).0, 429);
}

#[test]
fn what_the_author_decides_is_learned() {
    let site = Site::with(
        "[comments.guard]\nmin_seconds = 0\nper_address = 0\nper_page = 0\nin_all = 0\nwords = [\"gambling\"]\n",
    );
    let mut inbox = Inbox::start(&site);
    let send = |inbox: &Inbox, comment: &str| {
        let form = json!({ "page": PAGE, "comment": comment, "token": ticket(inbox, PAGE)["token"] });
        let (status, told) = inbox.script(ENDPOINT, &form);
        assert_eq!(status, 200);
        told["id"].as_str().expect("an id").to_owned()
    };
    let (mut spam, mut genuine) = (Vec::new(), Vec::new());
    for number in 0..15 {
        spam.push(send(&inbox, &format!("Cheap replica watches, order number {number} now")));
        genuine.push(send(&inbox, &format!("I read your post about sailing, chapter {number}, twice")));
    }
    let decide = |decision: &str, ids: &[String]| {
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        site.causerie(&[&["comments", decision], &ids[..]].concat());
    };
    decide("spam", &spam);
    decide("approve", &genuine);
    let sailing = "Sailing is what I read about twice, in your post.";
    let watches = "Order now: watches, replica watches, cheap!";
    // The running inbox hears of it too, some seconds later.
    let start = std::time::Instant::now();
    let mut number = 0;
    loop {
        number += 1;
        send(&inbox, &format!("{watches} {number}"));
        if last(&site) == found("spam spam", &["like-spam"]) {
            break;
        }
        assert!(start.elapsed() < Duration::from_secs(20), "{:?}", last(&site));
        std::thread::sleep(Duration::from_millis(500));
    }
    send(&inbox, sailing);
    assert_eq!(last(&site), found("pending queue", &["like-genuine"]));
    inbox.kill();
    let inbox = Inbox::start(&site);
    send(&inbox, "Replica watches! Cheap! Order!");
    assert_eq!(last(&site), found("spam spam", &["like-spam"]));
    let reply = site.replies().pop().expect("a reply");
    let text = reply["reasons"][0]["text"].as_str().expect("a sentence");
    assert!(text.starts_with("It is like what you called spam: ") && text.contains("“replica watches”"), "{text}");
    // The author's own words need nothing to be learned.
    send(&inbox, "GAMBLÍNG for you");
    assert_eq!(last(&site), found("spam spam", &["word"]));
}

#[test]
fn what_a_reason_quotes_does_no_harm() {
    let site = Site::with("[comments.guard]\npatterns = ['<script']\n");
    let inbox = Inbox::start(&site);
    let form = json!({ "page": PAGE, "author": "\u{1b}[2J<script", "comment": "pаypal\u{1b}[31m <script>x</script>" });
    assert_eq!(inbox.script(ENDPOINT, &form).0, 200);
    for shown in [
        &["comments", "list", "--state", "spam"][..],
        &["comments", "show", site.replies()[0]["id"].as_str().expect("an id")],
    ] {
        let said = site.causerie(shown);
        assert!(!said.contains('\u{1b}'), "{said:?}");
    }
    assert_eq!(last(&site).0, "spam spam");
}
