//! The inbox closes threads by its own clock, whenever the site was built or loaded.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::house::{Inbox, Site};

fn post(site: &Site, name: &str, date: Timestamp) {
    site.write(&format!("content/posts/{name}.md"), &format!("+++\ndate = {date}\n+++\nText.\n"));
}

fn reply(inbox: &Inbox, name: &str) -> u16 {
    inbox.reply(&format!("page=%2Fposts%2F{name}%2F&comment=Why%3F")).status
}

#[test]
fn threads_close_by_the_clock_of_the_inbox() {
    let ago = |days: i64| Timestamp::now() - SignedDuration::from_hours(24 * days);
    // The clock of a build that can be repeated is not the inbox's, whether it is late or early.
    for epoch in [None, Some(ago(365)), Some(ago(-365))] {
        let mut site = Site::with("close_after_days = 10\n");
        site.environment.extend(epoch.map(|epoch| ("SOURCE_DATE_EPOCH".to_owned(), epoch.as_second().to_string())));
        post(&site, "young", ago(9));
        post(&site, "aged", ago(11));
        // No date of another page closes a thread.
        post(&site, "event", ago(-300));
        site.write("content/posts/young.comments.md", "+++\ndate = 2062-01-01\n+++\nBy mistake.\n");
        let closing = ago(10) + SignedDuration::from_secs(5);
        post(&site, "closing", closing);
        let inbox = Inbox::start(&site);
        assert_eq!(
            ["young", "aged", "event", "closing"].map(|name| reply(&inbox, name)),
            [200, 403, 200, 200],
            "{epoch:?}"
        );
        let rest = (closing + SignedDuration::from_millis(100)).duration_since(ago(10));
        std::thread::sleep(Duration::try_from(rest).unwrap_or_default());
        assert_eq!(reply(&inbox, "closing"), 403, "{epoch:?}");
    }
}

#[test]
fn a_post_that_is_held_back_takes_no_replies_until_its_date() {
    let site = Site::new();
    let config = site.read("site.toml");
    site.write("site.toml", &format!("{config}[build]\nfuture = \"hold\"\n"));
    let now = Timestamp::now();
    post(&site, "soon", now + SignedDuration::from_secs(4));
    let inbox = Inbox::start(&site);
    assert_eq!(reply(&inbox, "soon"), 404);
    let rest = (now + SignedDuration::from_millis(4100)).duration_since(Timestamp::now());
    std::thread::sleep(Duration::try_from(rest).unwrap_or_default());
    assert_eq!(reply(&inbox, "soon"), 200);
}

#[test]
fn no_answer_shows_what_is_held_back_until_its_date() {
    let site = Site::new();
    let config = site.read("site.toml").replace("[comments]", "taxonomies = [{ name = \"tags\" }]\n[comments]");
    site.write("site.toml", &format!("{config}[build]\nfuture = \"hold\"\n[extra]\nsidebar = \"everywhere\"\n"));
    let write = |name: &str, date: Timestamp| {
        let text = format!("+++\ntitle = \"A {name}\"\ndate = {date}\n[taxonomies]\ntags = [\"{name}\"]\n+++\nText.\n");
        site.write(&format!("content/posts/{name}.md"), &text);
    };
    let now = Timestamp::now();
    write("public", now - SignedDuration::from_hours(24));
    write("merger", now + SignedDuration::from_hours(24 * 365));
    write("launch", now + SignedDuration::from_secs(6));
    let inbox = Inbox::start(&site);
    let answer = |name: &str| {
        let answer = inbox.reply(&format!("page=%2Fposts%2F{name}%2F&comment=Why%3F"));
        (answer.status, answer.body)
    };
    for (name, expected) in [("merger", 404), ("launch", 404), ("public", 200)] {
        let (status, page) = answer(name);
        assert_eq!(status, expected, "{name}");
        assert!(page.contains("/tags/public/"), "{page}");
        assert!(!page.contains("A merger") && !page.contains("/tags/merger/"), "{page}");
        assert!(!page.contains("A launch") && !page.contains("/tags/launch/"), "{page}");
    }
    let rest = (now + SignedDuration::from_millis(6100)).duration_since(Timestamp::now());
    std::thread::sleep(Duration::try_from(rest).unwrap_or_default());
    let (status, page) = answer("launch");
    assert!(status == 200 && page.contains("A launch"), "{page}");
    // The rest of the page follows in a moment.
    let has_tag = || {
        std::thread::sleep(Duration::from_millis(500));
        answer("launch").1.contains("/tags/launch/")
    };
    assert!((0..20).any(|_| has_tag()));
    assert!(!answer("launch").1.contains("/tags/merger/"));
}
