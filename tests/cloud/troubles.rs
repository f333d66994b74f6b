//! Stores that are out of order, far away, or not what they say.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::house::Inbox;
use crate::store::Store;
use crate::{ENDPOINT, FOLDER, PAGE, UNLIMITED, branch, send, text};

#[test]
fn an_answer_that_is_lost_makes_no_second_reply_and_loses_no_change() {
    let store = Store::start();
    let site = branch(&store, UNLIMITED);
    let inbox = Inbox::start(&site);
    store.manners().answers_lost.store(1, Ordering::SeqCst);
    let (id, token) = send(&inbox, "One.");
    assert_eq!(store.objects(FOLDER), [format!("{id}.md")]);
    store.manners().answers_lost.store(1, Ordering::SeqCst);
    let change = json!({ "token": token, "action": "change", "comment": "Two." });
    assert_eq!(inbox.script("/-/comments/change", &change).0, 200, "it was changed, so that is what its writer hears");
    store.manners().answers_lost.store(1, Ordering::SeqCst);
    site.causerie(&["comments", "approve", &format!("{id}.1")]);
    assert_eq!(store.manners().answers_lost.load(Ordering::SeqCst), 0);
    assert_eq!(site.files("content/posts/tea.comments"), [format!("{id}.md")]);
    assert_eq!(text(&site.replies()[0], "state"), "approved");
}

#[test]
fn nobody_is_thanked_while_the_store_is_out_of_order() {
    let store = Store::start();
    let site = branch(&store, UNLIMITED);
    let inbox = Inbox::start(&site);
    let health = || crate::client::get(inbox.address, "/-/health").status;
    assert_eq!(health(), 200);
    store.manners().is_down.store(true, Ordering::SeqCst);
    let start = Instant::now();
    let form = json!({ "page": PAGE, "comment": "One." });
    let (status, told) = inbox.script(ENDPOINT, &form);
    assert_eq!(status, 503, "{told}");
    assert!(start.elapsed() < Duration::from_secs(10), "nobody waits for long: {:?}", start.elapsed());
    store.manners().is_down.store(false, Ordering::SeqCst);
    send(&inbox, "Two.");
    std::thread::sleep(Duration::from_secs(5));
    assert_eq!(health(), 200);
}

#[test]
fn a_store_that_writes_over_what_is_there_is_not_used() {
    let store = Store::start();
    let site = branch(&store, UNLIMITED);
    let refused = || {
        let output = site.command(&["inbox", "--port", "0"]).output().expect("it runs");
        assert!(!output.status.success());
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    store.manners().writes_over.store(true, Ordering::SeqCst);
    let said = refused();
    assert!(said.contains("writes over objects"), "{said}");
    store.manners().writes_over.store(false, Ordering::SeqCst);
    store.manners().replaces_anything.store(true, Ordering::SeqCst);
    let said = refused();
    assert!(said.contains("replaces another version"), "{said}");
    assert!(store.objects(FOLDER).is_empty(), "and nothing is left of it");
    store.manners().replaces_anything.store(false, Ordering::SeqCst);
    send(&Inbox::start(&site), "Now it is.");
}

#[test]
fn more_replies_than_a_store_lists_at_once_are_listed() {
    let store = Store::start();
    let site = branch(&store, UNLIMITED);
    let inbox = Inbox::start(&site);
    let (id, _) = send(&inbox, "One.");
    // As they would be if there had been as many.
    let object = store.object(&format!("{FOLDER}/{id}.md"));
    for number in 0..1100 {
        store.put(&format!("{FOLDER}/{number:06}.md"), &object);
    }
    // What lies deeper belongs to others.
    store.put(&format!("{FOLDER}/other/{id}.md"), &object);
    let start = Instant::now();
    assert_eq!(site.replies().len(), 1101);
    println!("1,101 replies are listed after {:?}", start.elapsed());
}
