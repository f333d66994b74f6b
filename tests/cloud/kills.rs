//! Inboxes and moderators that are killed at any moment, while others go on with the same replies.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::house::{Inbox, scatter, try_post};
use crate::{FOLDER, PAGE, Pair, in_thread, send, text};

/// Kills one of two inboxes so many times under load. Every reply that either has answered with success is there, once and whole.
fn kill_an_inbox(times: usize) {
    let Pair { store, sites, inboxes: [first, second] } = Pair::new();
    drop(first);
    let answered: Mutex<BTreeMap<String, String>> = Mutex::default();
    let sent = AtomicUsize::new(0);
    for round in 0..times {
        let mut first = Inbox::start(&sites[0]);
        let addresses = [first.address, second.address];
        let stop = AtomicBool::new(false);
        thread::scope(|scope| {
            for writer in 0..4 {
                let (answered, sent, stop) = (&answered, &sent, &stop);
                scope.spawn(move || {
                    while !stop.load(Ordering::SeqCst) {
                        let number = sent.fetch_add(1, Ordering::SeqCst);
                        let length = usize::try_from(scatter(number) % 9000).unwrap_or(0);
                        let text = format!("Reply {number}. {}", "x".repeat(length));
                        let form = json!({ "page": PAGE, "comment": text }).to_string();
                        let told: Value =
                            serde_json::from_str(&try_post(addresses[writer % 2], &form)).unwrap_or_default();
                        if let Some(id) = told["id"].as_str() {
                            answered.lock().expect("no panic").insert(id.to_owned(), text);
                        }
                    }
                });
            }
            thread::sleep(Duration::from_micros(30_000 + scatter(round) % 200_000));
            first.kill();
            stop.store(true, Ordering::SeqCst);
        });
    }
    // What was on its way to the store when an inbox was killed may still arrive.
    let mut kept = sites[1].replies();
    for _ in 0..20 {
        if kept == sites[0].replies() {
            break;
        }
        thread::sleep(Duration::from_millis(100));
        kept = sites[1].replies();
    }
    assert_eq!(kept, sites[0].replies());
    let answered = answered.into_inner().expect("no panic");
    assert!(answered.len() >= times, "{} were answered", answered.len());
    for (id, comment) in &answered {
        let same = |reply: &&Value| text(reply, "text") == comment;
        let is_there = store.objects(FOLDER).contains(&format!("{id}.md"));
        let listed: Vec<_> = kept.iter().filter(same).map(|reply| text(reply, "id")).collect();
        assert_eq!(listed, [id], "the store has its object: {is_there}; the list has {} replies", kept.len());
    }
    // What was not answered any more may be there or not, but is whole.
    assert!(kept.iter().all(|reply| text(reply, "text").starts_with("Reply ") && !text(reply, "text").contains('+')));
    println!("{times} kills: {} answered, {} kept, {} sent", answered.len(), kept.len(), sent.load(Ordering::SeqCst));
}

/// Kills moderators so many times at one site while another one looks on and decides as well. A reply is in one thread, or waits.
fn kill_moderators(times: usize) {
    let pair = Pair::new();
    let [here, there] = &pair.sites;
    let ids: Vec<String> =
        (0..4).map(|number| send(&pair.inboxes[number % 2], &format!("Reply {number}.")).0).collect();
    let command = |arguments: &[&str]| {
        let mut command = here.command(arguments);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    // So far away that most of a decision's time is spent between its steps.
    pair.store.manners().distance.store(30, Ordering::SeqCst);
    let start = Instant::now();
    command(&["comments", "approve", &ids[0]]).status().expect("it runs");
    let usual = u64::try_from(start.elapsed().as_micros()).expect("not long");
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for round in 0..times {
        let id = &ids[round % ids.len()];
        let decision = if in_thread(here).contains(id) { "undo" } else { "approve" };
        let mut process = command(&["comments", decision, id]).spawn().expect("it can be started");
        thread::sleep(Duration::from_micros(usual / 4 + scatter(round) % usual));
        let _ = process.kill();
        let _ = process.wait();
        // First the other site: it leaves alone what is half done here.
        let wanted = ["approve", "reject"][round % 2];
        let elsewhere = there.command(&["comments", wanted, id]).output().expect("it runs").status.success();
        check(&pair, &ids, None, &mut seen);
        // And then this one, which finishes it.
        here.replies();
        check(&pair, &ids, Some(["approving", "returning"]), &mut seen);
        if elsewhere {
            there.causerie(&["comments", "undo", id]);
        }
    }
    println!("{times} kills of moderators: {seen:?}");
    for state in ["approved", "pending"] {
        assert!(seen.contains_key(state), "{seen:?}");
    }
}

/// Makes sure that each reply is in one place; what is half done is in the bucket, and at most in one thread.
fn check(pair: &Pair, ids: &[String], never: Option<[&str; 2]>, seen: &mut BTreeMap<String, usize>) {
    let replies = pair.sites[1].replies();
    assert_eq!(replies.len(), ids.len(), "{replies:?}");
    let shown = pair.sites.each_ref().map(in_thread);
    for reply in &replies {
        let (state, id) = (text(reply, "state"), text(reply, "id"));
        let files = shown.iter().filter(|shown| shown.iter().any(|shown| shown == id)).count();
        *seen.entry(state.to_owned()).or_default() += 1;
        match state {
            "approved" => assert_eq!((files, text(reply, "text")), (1, ""), "{reply}"),
            "approving" | "returning" => assert!(files <= 1 && text(reply, "text").starts_with("Reply "), "{reply}"),
            _ => assert!(files == 0 && text(reply, "text").starts_with("Reply "), "{reply}"),
        }
        assert!(never.is_none_or(|never| !never.contains(&state)), "nothing is half done any more: {reply}");
    }
}

#[test]
fn what_was_answered_with_success_survives_the_kill_of_an_inbox() {
    kill_an_inbox(20);
}

#[test]
fn a_decision_that_is_killed_is_finished_where_it_was_begun() {
    kill_moderators(20);
}

/// `cargo test --release --test cloud -- --ignored --nocapture measured`
#[test]
#[ignore = "a measurement, which takes minutes"]
fn kills_measured() {
    kill_an_inbox(100);
    kill_moderators(100);
}
