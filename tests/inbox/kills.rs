//! The server and moderators, killed at any moment.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::house::{scatter, try_post};
use crate::{ENDPOINT, Inbox, Site};

/// Kills the server so many times under load. Every reply that was answered with success is there, once and whole.
fn kill_the_server(times: usize) {
    let site = Site::unlimited();
    let answered: Mutex<BTreeMap<String, String>> = Mutex::default();
    let sent = AtomicUsize::new(0);
    for round in 0..times {
        let mut inbox = Inbox::start(&site);
        let address = inbox.address;
        let stop = AtomicBool::new(false);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    while !stop.load(Ordering::SeqCst) {
                        let number = sent.fetch_add(1, Ordering::SeqCst);
                        let text = format!(
                            "Reply {number}. {}",
                            "x".repeat(usize::try_from(1 + scatter(number) % 9000).unwrap_or(1))
                        );
                        let form = json!({ "page": "/posts/tea/", "comment": text }).to_string();
                        let Ok(stream) = std::net::TcpStream::connect(address) else { return };
                        drop(stream);
                        let answer = try_post(address, &form);
                        let told: Value = serde_json::from_str(&answer).unwrap_or_default();
                        if let Some(id) = told["id"].as_str() {
                            answered.lock().expect("no panic").insert(id.to_owned(), text);
                        }
                    }
                });
            }
            // Every other time it is at work already, however busy the machine is.
            let (start, before) = (Instant::now(), answered.lock().expect("no panic").len());
            while round % 2 == 0
                && answered.lock().expect("no panic").len() == before
                && start.elapsed() < Duration::from_secs(10)
            {
                thread::sleep(Duration::from_millis(1));
            }
            thread::sleep(Duration::from_micros(20_000 + scatter(round) % 120_000));
            inbox.kill();
            stop.store(true, Ordering::SeqCst);
        });
    }
    let listed: Value =
        serde_json::from_str(&site.causerie(&["comments", "list", "--state", "all", "--json"])).expect("JSON");
    let kept: Vec<(&str, &str)> = listed["replies"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|reply| (reply["id"].as_str().expect("an id"), reply["text"].as_str().expect("a text")))
        .collect();
    let answered = answered.into_inner().expect("no panic");
    assert!(answered.len() >= times / 2, "{} were answered", answered.len());
    for (id, text) in &answered {
        assert_eq!(kept.iter().filter(|(kept_id, kept_text)| kept_id == id && kept_text == text).count(), 1, "{id}");
        assert_eq!(kept.iter().filter(|(_, kept_text)| kept_text == text).count(), 1, "{id} is there once");
    }
    // What was not answered any more may be there or not, but is whole.
    assert!(kept.iter().all(|(_, text)| text.starts_with("Reply ") && !text.contains('+')));
    println!("{times} kills: {} answered, {} kept, {} sent", answered.len(), kept.len(), sent.load(Ordering::SeqCst));
}

/// Kills moderators so many times while they approve and take back. A reply is in its thread or waits, never both or neither.
fn kill_moderators(times: usize) {
    let site = Site::unlimited();
    let mut inbox = Inbox::start(&site);
    let ids: Vec<String> = (0..5)
        .map(|number| {
            let (status, told) =
                inbox.script(ENDPOINT, &json!({ "page": "/posts/tea/", "comment": format!("Reply {number}.") }));
            assert_eq!(status, 200);
            told["id"].as_str().expect("an id").to_owned()
        })
        .collect();
    inbox.kill();
    let command = |arguments: &[&str]| {
        let mut command = site.command(arguments);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    // How long it takes, so that it is killed within that time.
    let start = Instant::now();
    command(&["comments", "approve", &ids[0]]).status().expect("it runs");
    let usual = start.elapsed();
    let (mut in_thread, mut waiting) = (0, 0);
    for round in 0..times {
        let id = &ids[round % ids.len()];
        let is_shown = site.files("content/posts/tea.comments").contains(&format!("{id}.md"));
        let decision = if is_shown { "undo" } else { "approve" };
        let mut process = command(&["comments", decision, id]).spawn().expect("it can be started");
        let moment = usual.as_micros() as u64 / 4 + scatter(round) % (usual.as_micros() as u64);
        thread::sleep(Duration::from_micros(moment));
        let _ = process.kill();
        let _ = process.wait();
        let listed: Value =
            serde_json::from_str(&site.causerie(&["comments", "list", "--state", "all", "--json"])).expect("JSON");
        let replies = listed["replies"].as_array().expect("a list");
        assert_eq!(replies.len(), ids.len());
        let shown = site.files("content/posts/tea.comments");
        for reply in replies {
            let id = reply["id"].as_str().expect("an id");
            let is_shown = shown.contains(&format!("{id}.md"));
            let (state, text) = (reply["state"].as_str(), reply["text"].as_str().expect("a text"));
            assert_eq!(state == Some("approved"), is_shown, "{id}: {reply}");
            assert_eq!(text.is_empty(), is_shown, "{id}: its text is in one place");
            if is_shown {
                assert!(site.read(&format!("content/posts/tea.comments/{id}.md")).contains("Reply "));
                in_thread += 1;
            } else {
                assert_eq!(state, Some("pending"));
                waiting += 1;
            }
        }
    }
    println!("{times} kills of moderators: seen in the thread {in_thread} times, waiting {waiting} times");
    assert!(in_thread > 0 && waiting > 0);
    site.causerie(&["build"]);
}

#[test]
fn what_was_answered_with_success_survives_a_kill() {
    kill_the_server(6);
}

#[test]
fn a_decision_that_is_killed_is_done_or_not() {
    kill_moderators(20);
}

/// `cargo test --release --test inbox -- --ignored --nocapture measured`
#[test]
#[ignore = "a measurement, which takes minutes"]
fn kills_measured() {
    kill_the_server(100);
    kill_moderators(100);
}
