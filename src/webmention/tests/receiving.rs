//! What becomes of a Webmention: comments, counts, changes, removals.

use super::*;
use crate::replies::State;

fn reply(text: &str) -> String {
    entry("Ada", &format!("<a class='u-in-reply-to' href='{TEA}'>Tea</a><div class='e-content'>{text}</div>"))
}

fn reaction(class: &str) -> String {
    entry("Ada", &format!("<a class='{class}' href='{TEA}'>Tea</a>"))
}

#[test]
fn a_reply_waits_changes_is_published_and_goes_with_its_source() {
    let blog = Blog::new("");
    blog.serve("/a", &reply("<p>Milk <b>first</b>, <a href='/why'>because</a>.</p>"));
    let first = id(blog.receive("/a"));
    let replies = blog.replies();
    assert_eq!(replies.len(), 1);
    let (form, notes) = (&replies[0].form, &replies[0].notes);
    assert_eq!((form.author(), form.url()), (Some("Ada"), Some(blog.server.url("/a").as_str())));
    assert_eq!(form.comment(), format!("Milk **first**, [because]({}).", blog.server.url("/why")));
    assert_eq!((notes.state, notes.received.to_string().as_str()), (State::Pending, "2026-02-03T04:05:06Z"));

    // The same again changes nothing, and a changed source changes the reply that waits.
    assert_eq!(id(blog.receive("/a")), first);
    assert_eq!(blog.replies(), replies);
    blog.serve("/a", &reply("<p>Milk last.</p>"));
    assert_eq!(id(blog.receive("/a")), first);
    let changed = &blog.replies()[0];
    assert_eq!((changed.form.comment(), changed.notes.revision), ("Milk last.", 1));

    blog.decide(&first, Decision::Approve);
    let file = format!("content/tea.comments/{first}.md");
    assert!(blog.read(&file).contains("kind = \"webmention\"") && blog.read(&file).contains("Milk last."));
    blog.serve("/a", &reply("<p>No milk.</p>"));
    blog.receive("/a");
    assert!(blog.read(&file).contains("No milk."), "{}", blog.read(&file));

    // A server that fails says nothing about the page. One that says that the page is gone does.
    blog.serve_raw("/a", &answer("503 Busy", "retry-after: 120\r\n", ""));
    assert!(matches!(blog.receive("/a"), Outcome::Later(_, Some(wait)) if wait.as_secs() == 120));
    blog.serve_raw("/a", &answer("403 No", "", ""));
    assert!(matches!(blog.receive("/a"), Outcome::Refused(_)));
    assert!(blog.read(&file).contains("No milk."));
    blog.serve_raw("/a", &answer("410 Gone", "", ""));
    assert_eq!(blog.receive("/a"), Outcome::Removed);
    assert_eq!(blog.read(&file), "");
    assert!(matches!(blog.receive("/a"), Outcome::Refused(_)), "it is not known any more");
}

#[test]
fn a_source_without_the_link_is_refused_or_removed() {
    let blog = Blog::new("");
    blog.serve("/a", &entry("Ada", "<p>Nothing.</p>"));
    assert_eq!(blog.receive("/a"), Outcome::Refused("the source does not link to the target".to_owned()));
    assert_eq!(blog.receive("/none"), Outcome::Refused("there is nothing at the source".to_owned()));
    blog.serve("/a", &reply("<p>Milk</p>"));
    let first = id(blog.receive("/a"));
    blog.serve("/a", &entry("Ada", "<p>Nothing.</p>"));
    assert_eq!(blog.receive("/a"), Outcome::Removed);
    assert!(blog.replies().is_empty());
    // It comes back, is published, and goes when its page is not there.
    blog.serve("/a", &reply("<p>Milk</p>"));
    assert_eq!(id(blog.receive("/a")), first);
    blog.decide(&first, Decision::Approve);
    blog.pages.lock().unwrap().remove("/a");
    assert_eq!(blog.receive("/a"), Outcome::Removed);
    assert_eq!(blog.read(&format!("content/tea.comments/{first}.md")), "");
}

#[test]
fn reactions_are_counted_once_and_no_more_when_they_are_gone() {
    let blog = Blog::new("");
    for (path, class) in [("/1", "u-like-of"), ("/2", "u-like-of"), ("/3", "u-repost-of")] {
        blog.serve(path, &reaction(class));
        assert_eq!(blog.receive(path), Outcome::Counted);
        assert_eq!(blog.receive(path), Outcome::Counted);
    }
    assert_eq!(blog.reactions(), (2, 1));
    assert!(blog.read("content/tea.reactions.toml").contains("network = \"web\""));
    // Under an earlier address of the page it is the same pair.
    for other in ["https://blog.example/old-tea/", "http://blog.example/tea?x=1"] {
        assert_eq!((blog.receive_for("/2", other), blog.reactions()), (Ok(Outcome::Counted), (2, 1)));
    }
    blog.serve_raw("/2", &answer("410 Gone", "", ""));
    assert_eq!((blog.receive("/2"), blog.reactions()), (Outcome::Removed, (1, 1)));
    // It becomes something else, and again.
    blog.serve("/1", &reaction("u-repost-of"));
    assert_eq!((blog.receive("/1"), blog.reactions()), (Outcome::Counted, (0, 2)));
    blog.serve("/1", &reply("<p>Milk</p>"));
    id(blog.receive("/1"));
    assert_eq!((blog.replies().len(), blog.reactions()), (1, (0, 1)));
    blog.serve("/1", &reaction("u-like-of"));
    assert_eq!((blog.receive("/1"), blog.replies().len(), blog.reactions()), (Outcome::Counted, 0, (1, 1)));
    blog.serve_raw("/1", &answer("410 Gone", "", ""));
    assert_eq!((blog.receive("/1"), blog.reactions()), (Outcome::Removed, (0, 1)));
    blog.serve_raw("/3", &answer("410 Gone", "", ""));
    assert_eq!((blog.receive("/3"), blog.reactions()), (Outcome::Removed, (0, 0)));
}

#[test]
fn a_rejected_reply_does_not_come_back_in_any_form() {
    let blog = Blog::new("");
    blog.serve("/a", &reply("<p>Milk</p>"));
    let first = id(blog.receive("/a"));
    blog.decide(&first, Decision::Reject);
    let refused = Outcome::Refused("the site does not show it".to_owned());
    for page in [reply("<p>Milk, please</p>"), reaction("u-like-of"), reply("<p>Milk!</p>")] {
        blog.serve("/a", &page);
        assert_eq!(blog.receive("/a"), refused);
    }
    blog.serve_raw("/a", &answer("410 Gone", "", ""));
    blog.receive("/a");
    blog.serve("/a", &reply("<p>Milk</p>"));
    assert_eq!((blog.receive("/a"), blog.reactions()), (refused, (0, 0)));
}

#[test]
fn a_decision_is_remembered_when_the_spool_has_forgotten_it() {
    for decision in [Decision::Reject, Decision::Approve] {
        let blog = Blog::new("");
        blog.serve("/a", &reply("<p>Milk</p>"));
        let first = id(blog.receive("/a"));
        let (site, spool) = (blog.site(), blog.spool());
        let receiver = Receiver { root: blog.root.path(), site: &site, spool: &spool };
        // Nothing is decided, so nothing is noted.
        let before = blog.read(crate::webmention::LEDGER);
        receiver.settle().unwrap();
        assert_eq!(blog.read(crate::webmention::LEDGER), before);
        blog.decide(&first, decision);
        let file = spool.get(&first).map(|stored| blog.root.path().join(stored.reply.path()));
        receiver.settle().unwrap();
        spool.remove(&first).unwrap();
        // The author deletes what was published.
        if decision == Decision::Approve {
            fs::remove_file(file.unwrap()).unwrap();
        }
        blog.serve("/a", &reply("<p>Milk, please</p>"));
        assert_eq!(blog.receive("/a"), Outcome::Refused("the site does not show it".to_owned()));
        assert!(blog.replies().is_empty());
    }
}

#[test]
fn a_mention_shows_its_title_and_the_passage_with_the_link() {
    let blog = Blog::new("");
    let link = format!("<p>Much is said. I read <a href='{TEA}'>of tea</a> & more.</p>");
    blog.serve(
        "/a",
        &entry("Bo", &format!("<h1 class='p-name'>My week</h1><div class='e-content'><p>First.</p>{link}</div>")),
    );
    blog.serve("/b", &format!("<title>A plain page</title><meta name=author content='Cy'><p>x</p>{link}"));
    blog.serve("/c", &format!("<p><a href='{TEA}'><img src='/x.png'></a></p>"));
    blog.serve("/d", &entry("Di", &format!("<a class='u-bookmark-of p-name' href='{TEA}'>Tea, later</a>")));
    for path in ["/a", "/b", "/c", "/d"] {
        id(blog.receive(path));
    }
    let mut texts: Vec<(String, String)> = blog
        .replies()
        .iter()
        .map(|reply| (reply.form.author().unwrap().to_owned(), reply.form.comment().to_owned()))
        .collect();
    texts.sort();
    let url = |path| blog.server.url(path);
    assert_eq!(
        texts,
        [
            ("127.0.0.1".to_owned(), format!("<{}>", url("/c"))),
            ("Bo".to_owned(), format!("[My week]({})\n\nMuch is said. I read of tea & more.", url("/a"))),
            ("Cy".to_owned(), format!("[A plain page]({})\n\nMuch is said. I read of tea & more.", url("/b"))),
            ("Di".to_owned(), format!("[Tea, later]({})", url("/d"))),
        ]
    );
}

#[test]
fn an_answer_to_a_comment_stands_under_it() {
    let blog = Blog::new("");
    let to = |fragment: &str| {
        entry("Ada", &format!("<a class='u-in-reply-to' href='{TEA}#{fragment}'>x</a><p class='e-content'>Why?</p>"))
    };
    blog.serve("/a", &to("comment-first"));
    blog.serve("/b", &to("comment-none"));
    id(blog.receive("/a"));
    id(blog.receive_for("/b", &format!("{TEA}#comment-none")).unwrap());
    let mut parents: Vec<_> = blog.replies().iter().map(|reply| reply.form.reply_to().map(str::to_owned)).collect();
    parents.sort();
    assert_eq!(parents, [None, Some("first".to_owned())]);
}

#[test]
fn which_pages_take_webmentions() {
    let blog = Blog::new("");
    let find = |source: &str, target: &str| {
        Target::find(&blog.site(), source, target, Timestamp::now()).map(|found| found.is_open)
    };
    let source = "https://ada.example/1";
    for target in
        [TEA, "http://blog.example/tea", "https://BLOG.example:443/tea/?x=1#comment-2", "https://blog.example/old-tea/"]
    {
        assert_eq!(find(source, target), Ok(true), "{target}");
    }
    assert_eq!(find(source, "https://blog.example/closed/"), Ok(false));
    for (source, target, refusal) in [
        ("", TEA, TargetRefusal::Missing),
        (source, "", TargetRefusal::Missing),
        ("ftp://ada.example/1", TEA, TargetRefusal::NoAddress),
        ("javascript:alert(1)", TEA, TargetRefusal::NoAddress),
        ("https://me:secret@ada.example/1", TEA, TargetRefusal::NoAddress),
        ("https://ada.example/ 1", TEA, TargetRefusal::NoAddress),
        (source, "/tea/", TargetRefusal::NoAddress),
        (TEA, "https://blog.example/tea/#x", TargetRefusal::SamePage),
        (source, "https://other.example/tea/", TargetRefusal::ForeignTarget),
        (source, "https://blog.example:8443/tea/", TargetRefusal::ForeignTarget),
        (source, "https://blog.example.evil.example/tea/", TargetRefusal::ForeignTarget),
        ("https://blog.example/closed/", TEA, TargetRefusal::OwnSource),
        (source, "https://blog.example/coffee/", TargetRefusal::NoPage),
        (source, "https://blog.example/%ff/", TargetRefusal::ForeignTarget),
        (source, "https://blog.example/off/", TargetRefusal::Off),
    ] {
        assert_eq!(find(source, target), Err(refusal), "{source} {target}");
    }
    // What a closed page has already can go.
    blog.serve("/a", &entry("Ada", "<a href='https://blog.example/closed/'>x</a>"));
    let closed = || blog.receive_for("/a", "https://blog.example/closed/").unwrap();
    assert_eq!(closed(), Outcome::Refused("the target takes no more comments".to_owned()));
    write(blog.root.path(), "content/closed.md", "+++\ndate = 2026-01-01\n+++\nOpen.\n");
    id(closed());
    write(blog.root.path(), "content/closed.md", "+++\ndate = 2026-01-01\ncomments = \"closed\"\n+++\nClosed.\n");
    blog.serve_raw("/a", &answer("410 Gone", "", ""));
    assert_eq!(closed(), Outcome::Removed);
}

#[test]
fn writers_who_are_known_need_no_decision() {
    let blog = Blog::new("[gather]\napprove = \"known\"\n");
    blog.serve("/a", &reply("<p>Milk</p>"));
    let first = blog.receive("/a");
    assert!(matches!(first, Outcome::Kept(_)));
    blog.decide(&id(first), Decision::Approve);
    blog.serve("/b", &reply("<p>Sugar</p>"));
    blog.serve("/c", &reply("<p>Salt</p>").replace("Ada", "Bo"));
    assert!(matches!(blog.receive("/b"), Outcome::Approved(_)));
    assert!(matches!(blog.receive("/c"), Outcome::Kept(_)), "somebody else writes on the same host");
}

#[test]
fn an_update_that_was_interrupted_is_made_again() {
    let blog = Blog::new("");
    blog.serve("/a", &reply("<p>Milk</p>"));
    let first = id(blog.receive("/a"));
    // The ledger was not written any more.
    fs::remove_file(blog.root.path().join("imports/webmention.toml")).unwrap();
    assert_eq!(id(blog.receive("/a")), first);
    assert_eq!(blog.replies().len(), 1);
    blog.decide(&first, Decision::Approve);
    fs::remove_file(blog.root.path().join("imports/webmention.toml")).unwrap();
    assert_eq!(id(blog.receive("/a")), first);
    assert_eq!(fs::read_dir(blog.root.path().join("content/tea.comments")).unwrap().count(), 2);
}
