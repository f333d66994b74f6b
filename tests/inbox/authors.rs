//! Who may be taken for the author of a post: nobody else.

use serde_json::json;

use crate::moderate::send;
use crate::moderator::Moderator;
use crate::{Inbox, Site};

#[test]
fn a_name_makes_nobody_the_author() {
    let site = Site::new();
    let inbox = Inbox::start(&site);
    let forged = send(&inbox, json!({ "author": "ada" }));
    let costume = send(&inbox, json!({ "author": "\u{410}d\u{430}", "comment": "Another thought." }));
    let reader = send(&inbox, json!({ "author": "Jo" }));

    // Every view warns, of these two.
    let warning = "“Ada”, who writes this site";
    let listed = site.causerie(&["comments", "list", "--state", "all"]);
    assert_eq!(listed.matches(warning).count(), 2, "{listed}");
    for (id, is_told) in [(&forged, true), (&costume, true), (&reader, false)] {
        let shown = site.causerie(&["comments", "show", id]);
        assert_eq!(shown.contains("not known to be the author “Ada”"), is_told, "{shown}");
    }
    let posing = site.replies().iter().filter(|reply| reply["poses_as"] == "Ada").count();
    assert_eq!(posing, 2);
    let moderator = Moderator::enter(&site, &inbox);
    // Letters of another script make it spam besides.
    for page in [moderator.get("").body, moderator.get("?state=spam").body] {
        assert_eq!(page.matches("not the author “<bdi>Ada</bdi>”").count(), 1, "{page}");
    }

    site.causerie(&["comments", "approve", &forged]);
    site.causerie(&["comments", "reply", &costume, "--text", "Who is that?"]);
    assert_eq!(moderator.post(&[("action", "answer"), ("reply", &reader), ("answer", "Thanks.")]).status, 200);
    let files = site.files("content/posts/tea.comments");
    assert_eq!(files.len(), 5);
    for name in files {
        let text = site.read(&format!("content/posts/tea.comments/{name}"));
        let is_theirs = text.contains("Who is that?") || text.contains("Thanks.");
        assert!(text.contains(&format!("\nby_author = {is_theirs}\n")), "{text}");
    }
    site.causerie(&["build"]);
    let page = site.read("public/posts/tea/index.html");
    assert_eq!(page.matches("class=\"author-badge\"").count(), 2, "{page}");
    assert_eq!(moderator.get("?state=decided").body.matches("author of the post").count(), 2);
}

#[test]
fn of_two_moderators_the_second_sees_what_the_first_did() {
    let site = Site::new();
    let inbox = Inbox::start(&site);
    let id = send(&inbox, json!({}));
    let (one, other) = (Moderator::enter(&site, &inbox), Moderator::enter(&site, &inbox));
    let page = other.get("").body;
    let seen = format!("{id}.0.pending");
    assert!(page.contains(&format!("name=\"reply\" value=\"{seen}\"")), "{page}");
    assert_eq!(one.decide("reject", &seen).status, 200);
    for action in ["approve", "spam", "undo"] {
        let page = other.decide(action, &seen).body;
        assert!(page.contains("this reply was rejected meanwhile"), "{action}: {page}");
    }
    let typed = [("action", "answer"), ("reply", &*seen), ("answer", "My long answer.")];
    let page = other.post(&typed).body;
    assert!(
        page.contains("rejected meanwhile") && page.contains("My long answer."),
        "what was typed is not lost: {page}"
    );
    assert!(site.files("content/posts/tea.comments").is_empty());
    // Who decides on the command line means the reply as it is, and is told what it was.
    let told = site.causerie(&["comments", "approve", &id]);
    assert!(told.contains("is approved, was rejected"), "{told}");
}
