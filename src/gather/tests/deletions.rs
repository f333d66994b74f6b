//! What counts as deleted on the network, and what does not.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::*;
use crate::diagnostic::Severity;
use crate::load::{ParseCache, Sources};
use crate::site::{self, Visibility};

const MASTODON: &str = "mastodon = \"http://HOST/@ada/1\"";

/// A scene with one reply, which was published or waits.
fn with_one_reply(approve: &str) -> Scene {
    let guard = "[comments.guard]\nwords = [\"viagra\", \"casino\"]\nmax_links = 1";
    let scene = Scene::new(MASTODON, &format!("approve = \"{approve}\"\n{guard}"));
    serve_mastodon(&scene, &[status(2, 1, "jo", "<p>Tea</p>")]);
    let report = scene.gather();
    assert_eq!(report.published + report.waiting, 1, "{report:?}");
    scene
}

fn changed(change: impl Fn(&mut Value)) -> Value {
    let mut reply = status(2, 1, "jo", "<p>Tea</p>");
    change(&mut reply);
    reply
}

#[test]
fn a_reply_that_cannot_be_taken_in_any_more_stays_as_it_was() {
    let cases = [
        ("no date", changed(|reply| reply["created_at"] = "soon".into())),
        ("an empty date", changed(|reply| reply["created_at"] = "".into())),
        ("no text", changed(|reply| reply["content"] = "".into())),
        ("only markup", changed(|reply| reply["content"] = "<p> </p><script>x</script>".into())),
        ("too long", changed(|reply| reply["content"] = format!("<p>{}</p>", "tea ".repeat(20_000)).into())),
        ("no name", changed(|reply| reply["account"] = json!({ "acct": "", "display_name": "", "url": "" }))),
        (
            "spam",
            changed(|reply| {
                reply["content"] = "<p>viagra casino https://a.example https://b.example https://c.example</p>".into();
            }),
        ),
    ];
    for approve in ["all", "none"] {
        for (name, reply) in &cases {
            let scene = with_one_reply(approve);
            serve_mastodon(&scene, std::slice::from_ref(reply));
            let report = scene.gather();
            assert_eq!(report.removed, 0, "{approve} {name}: {report:?}");
            assert_eq!(scene.published().len(), usize::from(approve == "all"), "{approve} {name}");
            assert_eq!(scene.replies().len(), 1, "{approve} {name}");
            assert!(scene.published().iter().all(|text| text.contains("Tea")), "{approve} {name}");
            // Nor does it come again, when it is as it was or as it is now.
            serve_mastodon(&scene, &[status(2, 1, "jo", "<p>Tea</p>")]);
            let report = scene.gather();
            assert_eq!((report.removed, report.published, report.waiting), (0, 0, 0), "{approve} {name}: {report:?}");
        }
    }
}

#[test]
fn a_reply_that_is_for_a_few_now_is_removed() {
    let cases = [
        ("private", changed(|reply| reply["visibility"] = "private".into())),
        ("direct", changed(|reply| reply["visibility"] = "direct".into())),
        ("opted out", changed(|reply| reply["account"]["noindex"] = true.into())),
        ("by a word", changed(|reply| reply["account"]["note"] = "#nobot".into())),
    ];
    for approve in ["all", "none"] {
        for (name, reply) in &cases {
            let scene = with_one_reply(approve);
            serve_mastodon(&scene, std::slice::from_ref(reply));
            let report = scene.gather();
            assert_eq!((report.removed, scene.published().len()), (1, 0), "{approve} {name}: {report:?}");
            assert!(scene.replies().is_empty(), "{approve} {name}");
            // Whoever wishes to be shown again is asked for as before.
            serve_mastodon(&scene, &[status(2, 1, "jo", "<p>Tea</p>")]);
            let report = scene.gather();
            assert_eq!(report.published + report.waiting, 1, "{approve} {name}: {report:?}");
        }
    }
}

#[test]
fn the_beginning_of_a_long_thread_is_not_all_of_it() {
    let chain = |length: u64| {
        (0..length).map(|level| status(100 + level, if level == 0 { 1 } else { 99 + level }, "kim", "<p>x</p>"))
    };
    let many = |count: u64| (0..count).map(|number| status(100 + number, 1, "kim", "<p>x</p>")).collect::<Vec<_>>();
    for (replies, expected) in [(many(60), 0), (many(59), 1), (chain(20).collect(), 0), (chain(19).collect(), 1)] {
        let scene = with_one_reply("all");
        serve_mastodon(&scene, &replies);
        assert_eq!(scene.gather().removed, expected, "{} replies", replies.len());
    }
}

#[test]
fn a_thread_behind_a_login_takes_nothing_along() {
    let elsewhere = Server::answering(answer("200 OK", "content-type: application/json\r\n", "{\"descendants\": []}"));
    let redirect = format!("302 Found\nlocation: {}\r\n", elsewhere.url("/login"));
    for (status, body) in [
        ("401 Unauthorized", "{\"error\":\"This method requires an authenticated user\"}"),
        ("403 Forbidden", "{\"error\":\"This action is not allowed\"}"),
        ("422 Unprocessable Entity", "{}"),
        ("200 OK", "{\"error\":\"not_logged_in\"}"),
        (redirect.as_str(), ""),
    ] {
        let scene = with_one_reply("all");
        scene.set("private_hosts = [", &format!("private_hosts = [\"{}\", ", elsewhere.host()));
        scene.serve_with("/api/v1/statuses/1/context", status, body);
        let report = scene.gather();
        assert!(report.has_failed && report.removed == 0, "{status}: {report:?}");
        assert_eq!(scene.published().len(), 1, "{status}");
    }
    assert!(elsewhere.requests().is_empty(), "only the host of the author's address is asked");
}

/// Publishes what one answer has, then gives others, in each of which the only reply is missing.
fn assert_removed(discussion: &str, serve: impl Fn(&Scene, bool, usize), cases: &[(&str, usize)]) {
    for (case, (name, expected)) in cases.iter().enumerate() {
        let scene = Scene::new(discussion, "approve = \"all\"");
        serve(&scene, true, usize::MAX);
        assert_eq!(scene.gather().published, 1, "{discussion}");
        serve(&scene, false, case);
        let report = scene.gather();
        assert_eq!(report.removed, *expected, "{discussion} {name}: {report:?}");
        // Others may have come.
        assert!(scene.published().len() >= 1 - expected, "{discussion} {name}");
    }
}

#[test]
fn lemmy_pages_that_are_short_fail_or_are_too_many_are_not_all() {
    let view = |id: usize, deleted: bool| {
        json!({ "comment": { "id": id, "content": "Tea", "published": "2026-01-02T10:00:00Z", "path": format!("0.{id}"),
                             "deleted": deleted, "ap_id": format!("https://l.example/comment/{id}") },
                "creator": { "name": "jo", "actor_id": "https://l.example/u/jo" } })
    };
    let page = |number: usize| format!("/api/v3/comment/list?post_id=7&type_=All&sort=Old&limit=50&page={number}");
    let serve = move |scene: &Scene, is_there: bool, case: usize| {
        let list: Vec<_> = match (is_there, case) {
            (true, _) => vec![view(1, false)],
            (_, 1) => (2..52).map(|id| view(id, true)).collect(),
            (_, 3) => vec![view(1, true)],
            _ => Vec::new(),
        };
        scene.serve(&page(1), &json!({ "comments": list }).to_string());
        let comments = usize::from(case == 0);
        scene.serve(
            "/api/v3/post?id=7",
            &json!({ "post_view": { "counts": { "upvotes": 9, "comments": comments } } }).to_string(),
        );
    };
    let cases = [("fewer than counted", 0), ("the second page is missing", 0), ("none", 1), ("deleted", 1)];
    assert_removed("lemmy = \"http://HOST/post/7\"", serve, &cases);
}

#[test]
fn a_run_that_reaches_its_limit_between_two_pages_takes_nothing_along() {
    let scene = Scene::new("lemmy = \"http://HOST/post/7\"", "approve = \"all\"\nmax_requests = 2");
    let view = |id: usize| {
        json!({ "comment": { "id": id, "content": "Tea", "published": "2026-01-02T10:00:00Z", "path": format!("0.{id}") },
                "creator": { "name": "jo", "actor_id": "https://l.example/u/jo" } })
    };
    let page = |number: usize| format!("/api/v3/comment/list?post_id=7&type_=All&sort=Old&limit=50&page={number}");
    scene.serve(&page(1), &json!({ "comments": [view(1)] }).to_string());
    scene.serve("/api/v3/post?id=7", &json!({ "post_view": { "counts": { "comments": 1 } } }).to_string());
    assert_eq!(scene.gather().published, 1);
    let full: Vec<_> = (100..150).map(view).collect();
    scene.serve(&page(1), &json!({ "comments": full }).to_string());
    scene.serve(&page(2), &json!({ "comments": [] }).to_string());
    scene.serve("/api/v3/post?id=7", &json!({ "post_view": { "counts": { "comments": 50 } } }).to_string());
    let report = scene.gather();
    assert_eq!((report.removed, report.published, report.later), (0, 0, 1), "{report:?}");
    assert_eq!(scene.published().len(), 1);
}

#[test]
fn lobsters_and_github_say_how_many_there_are() {
    let serve = |scene: &Scene, is_there: bool, case: usize| {
        let comment = json!({ "short_id": "a", "created_at": "2026-01-02T10:00:00Z", "comment": "<p>Tea</p>", "commenting_user": "jo" });
        let list = if is_there { vec![comment] } else { Vec::new() };
        let count = usize::from(is_there || case == 0);
        scene.serve("/s/abc123.json", &json!({ "comment_count": count, "comments": list }).to_string());
    };
    assert_removed("lobsters = \"https://lobste.rs/s/abc123\"", serve, &[("fewer than counted", 0), ("none", 1)]);
    let serve = |scene: &Scene, is_there: bool, case: usize| {
        let comment = json!({ "id": 1, "html_url": "https://github.com/ada/blog/issues/7#1", "created_at": "2026-01-02T10:00:00Z",
                              "user": { "login": "jo", "html_url": "https://github.com/jo" }, "body_html": "<p>Tea</p>" });
        let list = if is_there { vec![comment] } else { Vec::new() };
        let count = usize::from(is_there || case == 0);
        scene.serve("/repos/ada/blog/issues/7", &json!({ "comments": count, "x": case }).to_string());
        scene.serve("/repos/ada/blog/issues/7/comments?per_page=100&page=1", &json!(list).to_string());
        if !is_there && case == 2 {
            scene.serve_with("/repos/ada/blog/issues/7/comments?per_page=100&page=1", "502 Bad Gateway", "");
        }
    };
    let cases = [("fewer than counted", 0), ("none", 1), ("the list fails", 0)];
    assert_removed("github = \"https://github.com/ada/blog/issues/7\"", serve, &cases);
}

#[test]
fn what_bluesky_holds_back_is_not_deleted() {
    let post = |key: &str, count: usize| {
        json!({ "uri": format!("at://did:plc:jo/app.bsky.feed.post/{key}"), "author": { "did": "did:plc:jo", "handle": "jo.example" },
                "record": { "text": "Tea", "createdAt": "2026-01-02T10:00:00Z" }, "replyCount": count })
    };
    let serve = move |scene: &Scene, is_there: bool, case: usize| {
        let replies = match (is_there, case) {
            (true, _) => vec![json!({ "post": post("a", 0), "replies": [] })],
            (_, 0) => vec![json!({ "uri": "at://did:plc:jo/app.bsky.feed.post/x", "blocked": true })],
            (_, 1) => vec![json!({ "post": post("b", 2), "replies": [] })],
            _ => Vec::new(),
        };
        let count = if is_there { 1 } else { usize::from(case <= 2) };
        let thread = json!({ "thread": { "post": post("3k", count), "replies": replies } });
        let path = "/xrpc/app.bsky.feed.getPostThread?uri=at%3A%2F%2Fdid%3Aplc%3Aada%2Fapp%2Ebsky%2Efeed%2Epost%2F3k&depth=50&parentHeight=0";
        scene.serve(path, &thread.to_string());
    };
    let cases = [("blocked", 0), ("too deep", 0), ("fewer than counted", 0), ("none", 1)];
    assert_removed("bluesky = \"https://bsky.app/profile/did:plc:ada/post/3k\"", serve, &cases);
}

#[test]
fn what_an_answer_that_stays_stands_under_keeps_its_place() {
    let scene = Scene::new(MASTODON, "approve = \"all\"");
    serve_mastodon(&scene, &[status(2, 1, "jo", "<p>Tea</p>"), status(3, 2, "kim", "<p>Milk</p>")]);
    scene.gather();
    let answered =
        scene.replies().iter().find(|reply| reply.form.author() == Some("kim")).map(|reply| reply.id.clone());
    let reader = "+++\nid = \"local\"\ndate = 2026-02-01\nreply_to = \"ID\"\n+++\nYes.\n";
    write(scene.site.path(), "content/tea.comments/local.md", &reader.replace("ID", &answered.unwrap()));
    serve_mastodon(&scene, &[]);
    assert_eq!(scene.gather().removed, 2);
    // Both keep their places, so that each answer has something to answer.
    let published = scene.published();
    assert_eq!(published.len(), 3, "{published:?}");
    assert!(!published.iter().any(|text| text.contains("Tea") || text.contains("Milk")), "{published:?}");
    // An answer to nothing would be an error of the site.
    let world = DiskWorld::new(scene.site.path());
    let (config, _) = Config::load(&world);
    let (sources, _) = Sources::load(&world, config.as_ref().unwrap(), &mut ParseCache::default());
    let (_, problems) = site::link(Arc::new(config.unwrap()), sources, Visibility::default(), Timestamp::now());
    assert!(problems.iter().all(|problem| problem.severity != Severity::Error), "{problems:?}");
}

#[test]
fn an_answer_to_a_hidden_reply_answers_what_that_one_answers() {
    let scene = Scene::new(MASTODON, "approve = \"all\"");
    let mut private = status(3, 2, "kim", "<p>secret</p>");
    private["visibility"] = "private".into();
    serve_mastodon(&scene, &[status(2, 1, "jo", "<p>Tea</p>"), private, status(4, 3, "mo", "<p>Milk</p>")]);
    scene.gather();
    let published = scene.published();
    let id = scene.replies().iter().find(|reply| reply.form.author() == Some("jo")).map(|reply| reply.id.clone());
    assert!(published[1].contains(&format!("reply_to = \"{}\"", id.unwrap())), "{published:?}");
}

#[test]
fn a_renamed_post_keeps_its_replies() {
    let scene = with_one_reply("all");
    let root = scene.site.path();
    fs::rename(root.join("content/tea.md"), root.join("content/green.md")).unwrap();
    fs::rename(root.join("content/tea.comments"), root.join("content/green.comments")).unwrap();
    serve_mastodon(&scene, &[status(2, 1, "jo", "<p>Green tea</p>")]);
    let report = scene.gather();
    assert_eq!((report.changed, report.published, report.waiting), (1, 0, 0), "{report:?}");
    let only = |folder: &str| fs::read_dir(root.join(folder)).unwrap().next().unwrap().unwrap().path();
    assert!(fs::read_to_string(only("content/green.comments")).unwrap().contains("Green tea"));
    serve_mastodon(&scene, &[]);
    assert_eq!(scene.gather().removed, 1);
    assert_eq!(fs::read_dir(root.join("content/green.comments")).unwrap().count(), 0);
}
