//! What two inboxes do with the same replies.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::house::Inbox;
use crate::sink::Sink;
use crate::{ENDPOINT, FOLDER, PAGE, Pair, UNLIMITED, branch, in_thread, send, text};

const CHANGE: &str = "/-/comments/change";

#[test]
fn what_two_inboxes_take_at_once_is_there_once_and_whole() {
    let pair = Pair::new();
    let answered: BTreeMap<String, String> = thread::scope(|scope| {
        let writers = (0..6).map(|writer| {
            let inbox = &pair.inboxes[writer % 2];
            let write = move |number: usize| {
                let comment = format!("Reply {writer} {number}. {}", "ö+++\n\n".repeat(number * 200));
                (send(inbox, comment.trim_end()).0, comment.trim_end().to_owned())
            };
            scope.spawn(move || (0..8).map(write).collect::<Vec<_>>())
        });
        let writers: Vec<_> = writers.collect();
        writers.into_iter().flat_map(|writer| writer.join().expect("no panic")).collect()
    });
    assert_eq!(answered.len(), 48);
    let kept = pair.replies();
    let kept: BTreeMap<String, String> =
        kept.iter().map(|reply| (text(reply, "id").to_owned(), text(reply, "text").trim_end().to_owned())).collect();
    assert_eq!(kept, answered);
    let objects: Vec<String> = answered.keys().map(|id| format!("{id}.md")).collect();
    assert_eq!(pair.store.objects(FOLDER), objects, "nothing else is left in the bucket");
}

#[test]
fn a_writer_has_second_thoughts_at_the_other_inbox() {
    let pair = Pair::new();
    let [first, second] = &pair.inboxes;
    let (id, token) = send(first, "One.");
    let change = |inbox: &Inbox, action: &str, comment: &str| {
        inbox.script(CHANGE, &json!({ "token": token, "action": action, "comment": comment })).0
    };
    assert_eq!(change(second, "change", "Two."), 200);
    assert_eq!(change(first, "change", "Three."), 200);
    let replies = pair.replies();
    assert_eq!((replies.len(), text(&replies[0], "text").trim()), (1, "Three."));
    assert_eq!(text(&replies[0], "handle"), format!("{id}.2"));
    // Who decides has seen another text.
    let output = pair.sites[1].command(&["comments", "approve", &id]).output().expect("it runs");
    assert!(!output.status.success());
    assert_eq!(change(second, "withdraw", ""), 200);
    assert!(pair.replies().is_empty() && pair.store.objects(FOLDER).is_empty());
    assert_eq!(change(first, "change", "Four."), 410);

    // An inbox that has another key believes nothing of it.
    let other = branch(&pair.store, UNLIMITED);
    let stranger = Inbox::start(&other);
    let (_, token) = send(first, "Five.");
    let (status, _) = stranger.script(CHANGE, &json!({ "token": token, "action": "withdraw" }));
    assert_eq!(status, 410);
    assert_eq!(pair.replies().len(), 1);
}

#[test]
fn a_reply_is_decided_about_at_one_of_two_sites() {
    let pair = Pair::new();
    let ids: Vec<String> =
        (0..6).map(|number| send(&pair.inboxes[number % 2], &format!("Reply {number}.")).0).collect();
    let decide = |site: usize, decision: &'static str| {
        let (pair, ids) = (&pair, &ids);
        move || {
            let decided = ids.iter().map(|id| {
                let output = pair.sites[site].command(&["comments", decision, id]).output().expect("it runs");
                output.status.success()
            });
            decided.collect::<Vec<_>>()
        }
    };
    thread::scope(|scope| {
        let both =
            [scope.spawn(decide(0, "approve")), scope.spawn(decide(1, "approve")), scope.spawn(decide(1, "spam"))];
        let decided = both.map(|decided| decided.join().expect("no panic"));
        for number in 0..ids.len() {
            assert!(decided.iter().any(|decided| decided[number]), "somebody could decide about each: {decided:?}");
            assert!(!(decided[0][number] && decided[1][number]), "it was approved twice: {decided:?}");
        }
    });
    let shown = pair.sites.each_ref().map(in_thread);
    for reply in pair.replies() {
        let files = shown.iter().filter(|shown| shown.iter().any(|id| id == text(&reply, "id"))).count();
        let is_approved = text(&reply, "state") == "approved";
        assert_eq!(files, usize::from(is_approved), "{reply}");
        assert_eq!(text(&reply, "text").is_empty(), is_approved, "{reply}");
    }
}

#[test]
fn the_command_line_decides_about_what_lies_in_the_bucket() {
    let pair = Pair::new();
    let [here, there] = &pair.sites;
    let (id, _) = send(&pair.inboxes[1], "A reply.");
    assert!(here.causerie(&["comments", "list"]).contains(&id[id.len() - 6..]));
    here.causerie(&["comments", "approve", &id, "--build"]);
    assert!(here.read("public/posts/tea/index.html").contains("A reply."));
    assert_eq!((in_thread(here), in_thread(there).len()), (vec![id.clone()], 0), "it is where it was approved");
    assert_eq!(text(&pair.replies()[0], "state"), "approved");
    assert!(!pair.store.object(&format!("{FOLDER}/{id}.md")).contains("A reply."), "its text is in one place");
    // The other site has no such file, and cannot take it back.
    let output = there.command(&["comments", "undo", &id]).output().expect("it runs");
    assert!(!output.status.success());
    here.causerie(&["comments", "undo"]);
    assert!(in_thread(here).is_empty());
    there.causerie(&["comments", "approve", &id]);
    assert_eq!((in_thread(here).len(), in_thread(there)), (0, vec![id]));
}

#[test]
fn what_is_learned_and_what_is_to_be_sent_is_shared() {
    let sink = Sink::start();
    let pair = Pair::with(&format!("{UNLIMITED}{}", sink.settings()));
    let form = json!({ "page": PAGE, "author": "Jo", "comment": "Why?", "email": "jo@reader.example", "notify": "1" });
    let (status, told) = pair.inboxes[0].script(ENDPOINT, &form);
    assert_eq!(status, 200);
    // Approved at one site, whose inbox is gone. The other one sends the mail, which asks Jo.
    let Pair { store: _store, sites, inboxes: [mut first, second] } = pair;
    first.kill();
    sites[0].causerie(&["comments", "approve", text(&told, "id")]);
    let mails = sink.wait(1);
    assert_eq!(mails[0].to, ["jo@reader.example"]);
    // The other inbox has the same key, and so believes the link.
    let raw = mails[0].raw.replace("=\n", "").replace("=3D", "=");
    let link = raw.split_whitespace().find(|word| word.contains("token=hear.")).expect("a link");
    let link = link.strip_prefix("https://tea.example").expect("a link to the inbox");
    let opened = crate::client::get(second.address, link);
    assert_eq!(opened.status, 200, "{link}: {}", opened.body);
    let first = Inbox::start(&sites[0]);

    // What is decided at one site is known at the other, some seconds later.
    let spam = "Cheap replica watches, order now";
    let sent = |comment: &str| (0..15).map(|number| send(&first, &format!("{comment} {number}")).0).collect::<Vec<_>>();
    let (watches, sailing) = (sent(spam), sent("I read your post about sailing twice, chapter"));
    for (decision, ids) in [("spam", &watches), ("approve", &sailing)] {
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        sites[0].causerie(&[&["comments", decision], &ids[..]].concat());
    }
    let start = Instant::now();
    loop {
        let (id, _) = send(&second, spam);
        let reply = sites[1].replies().into_iter().find(|reply| text(reply, "id") == id).expect("a reply");
        let reasons = reply["reasons"].as_array().expect("a list").iter();
        if reasons.map(|reason| text(reason, "name")).any(|name| name == "like-spam") {
            break;
        }
        assert!(start.elapsed() < Duration::from_secs(20), "{reply}");
        thread::sleep(Duration::from_millis(500));
    }
    assert_eq!(sink.mails().len(), 1, "two inboxes send a mail once");
}

#[test]
fn what_came_lately_is_counted_at_each_inbox() {
    let Pair { store: _store, sites, inboxes: [first, mut second] } = Pair::with("[comments.guard]\nin_all = 2\n");
    let form = |comment: &str| json!({ "page": PAGE, "comment": comment });
    for inbox in [&first, &second] {
        for (comment, status) in [("One.", 200), ("Two.", 200), ("Three.", 429)] {
            assert_eq!(inbox.script(ENDPOINT, &form(comment)).0, status, "{comment}");
        }
    }
    // One that starts sees what all of them have taken.
    second.kill();
    let second = Inbox::start(&sites[1]);
    assert_eq!(second.script(ENDPOINT, &form("Four.")).0, 429);
}
