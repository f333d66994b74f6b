//! Servers that lie, fail, or have nothing to say.

use super::*;

const MASTODON: &str = "mastodon = \"http://HOST/@ada/1\"";

/// A scene in which one reply was published.
fn with_one_reply() -> Scene {
    let scene = Scene::new(MASTODON, "approve = \"all\"");
    serve_mastodon(&scene, &[status(2, 1, "jo", "<p>Tea</p>")]);
    assert_eq!(scene.gather().published, 1);
    scene
}

#[test]
fn an_answer_that_is_none_changes_nothing() {
    for (status, body) in [
        ("500 Internal Server Error", "{}"),
        ("200 OK\ncontent-type: text/html\r\n", "<html>Log in</html>"),
        ("200 OK", ""),
        ("200 OK", "[]"),
        ("200 OK", "{\"descendants\": 1}"),
        ("200 OK", "{\"descendants\": [{\"id\": 5}]}"),
        ("302 Found\nlocation: /api/v1/statuses/1/context\r\n", ""),
    ] {
        let scene = with_one_reply();
        let before = scene.published();
        scene.serve_with("/api/v1/statuses/1/context", status, body);
        let report = scene.gather();
        assert!(report.has_failed, "{status} {body}: {report:?}");
        assert_eq!(report.problems.len(), 1, "{status}");
        let problem = &report.problems[0];
        assert_eq!(
            problem.location.as_ref().and_then(crate::diagnostic::Location::line_column),
            Some((5, 13)),
            "{problem:?}"
        );
        assert_eq!(scene.published(), before, "{status} {body}");
    }
}

#[test]
fn a_server_that_asks_for_patience_gets_it() {
    let scene = with_one_reply();
    let second = scene.read("content/tea.md").replace("/@ada/1", "/@ada/9").replace("Tea", "Milk");
    write(scene.site.path(), "content/milk.md", &second);
    scene.serve_with("/api/v1/statuses/9/context", "429 Too Many Requests\nretry-after: 60\r\n", "");
    scene.serve_with("/api/v1/statuses/1/context", "429 Too Many Requests\nretry-after: 60\r\n", "");
    let before = scene.server.requests().len();
    let report = scene.gather();
    assert_eq!((report.later, scene.server.requests().len() - before), (2, 1), "{report:?}");
    assert!(!report.has_failed && report.problems.len() == 1, "{report:?}");
    assert!(report.problems[0].message.contains("60 seconds"), "{report:?}");
}

#[test]
fn a_pause_outlasts_the_run() {
    let in_an_hour = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1);
    for (status, is_paused) in [
        ("429 Too Many Requests\nretry-after: 3600\r\n".to_owned(), true),
        ("503 Service Unavailable\nretry-after: 3600\r\n".to_owned(), true),
        ("429 Too Many Requests\nretry-after: 99999999999999999999\r\n".to_owned(), false),
        ("429 Too Many Requests\nretry-after: 0\r\n".to_owned(), false),
        ("429 Too Many Requests".to_owned(), false),
        (format!("429 Too Many Requests\nx-ratelimit-reset: {in_an_hour}\r\n"), true),
        (format!("403 Forbidden\nx-ratelimit-remaining: 0\r\nx-ratelimit-reset: {}\r\n", in_an_hour.as_second()), true),
        (format!("403 Forbidden\nratelimit-remaining: 0\r\nratelimit-reset: {}\r\n", in_an_hour.as_second()), true),
        ("403 Forbidden\nratelimit-remaining: 0\r\nratelimit-reset: soon\r\n".to_owned(), false),
    ] {
        let scene = with_one_reply();
        scene.serve_with("/api/v1/statuses/1/context", &status, "");
        let report = scene.gather();
        assert_eq!((report.later, report.removed, report.has_failed), (1, 0, false), "{status}: {report:?}");
        let before = scene.server.requests().len();
        let report = scene.gather();
        assert_eq!(report.later, 1, "{status}: {report:?}");
        assert_eq!(scene.server.requests().len() - before, usize::from(!is_paused), "{status}");
    }
}

#[test]
fn a_server_without_requests_left_is_asked_no_more_in_this_run() {
    let scene = with_one_reply();
    let second = scene.read("content/tea.md").replace("/@ada/1", "/@ada/9").replace("Tea", "Milk");
    write(scene.site.path(), "content/milk.md", &second);
    let context = "{\"descendants\":[]}";
    scene.serve_with("/api/v1/statuses/9/context", "200 OK\nx-ratelimit-remaining: 0\r\n", context);
    scene.serve_with("/api/v1/statuses/1/context", "200 OK\nx-ratelimit-remaining: 0\r\n", context);
    let before = scene.server.requests().len();
    let report = scene.gather();
    // The counts of reactions were still to be asked for, so even the first discussion is not taken in by half.
    assert_eq!((report.later, report.removed), (2, 0), "{report:?}");
    assert_eq!(scene.server.requests().len() - before, 1);
}

#[test]
fn a_run_makes_no_more_requests_than_it_may() {
    let scene = Scene::new(MASTODON, "max_requests = 1");
    serve_mastodon(&scene, &[status(2, 1, "jo", "<p>Tea</p>")]);
    let report = scene.gather();
    assert_eq!((report.later, report.requests, report.waiting), (1, 1, 0), "{report:?}");
}

#[test]
fn a_post_that_is_gone_takes_nothing_along() {
    let scene = with_one_reply();
    scene.pages.lock().unwrap().clear();
    let report = scene.gather();
    assert_eq!((report.removed, report.has_failed), (0, false), "{report:?}");
    assert!(report.problems[0].message.contains("not on Mastodon any more"));
    assert_eq!(scene.published().len(), 1);
    // An empty list beside a count of answers is a list that was cut off.
    serve_mastodon(&scene, &[]);
    let mut post = status(1, 0, "ada", "");
    post["replies_count"] = 1.into();
    scene.serve("/api/v1/statuses/1", &post.to_string());
    assert_eq!(scene.gather().removed, 0);
}

#[test]
fn every_field_is_hostile() {
    let scene = Scene::new(MASTODON, "approve = \"all\"");
    let mut evil = status(
        2,
        1,
        "jo",
        "<script>alert(1)</script><p onclick=\"x\">a</p>\n+++\nid = \"9\"\n+++\n<a href=\"javascript:x\">b</a>",
    );
    evil["account"]["display_name"] = "Jo\"\n+++\n<b>\u{202e}".into();
    evil["url"] = "javascript:alert(1)".into();
    evil["spoiler_text"] = "\"\n+++\n<script>".into();
    evil["id"] = "../../../x".into();
    let mut circle = status(3, 4, "kim", "<p>one</p>");
    circle["created_at"] = "2026-01-02T10:04:00Z".into();
    let undated = {
        let mut reply = status(6, 1, "lee", "<p>when</p>");
        reply["created_at"] = "soon".into();
        reply
    };
    serve_mastodon(&scene, &[evil, circle, status(4, 3, "mo", "<p>two</p>"), undated, status(7, 1, "mo", " ")]);
    let report = scene.gather();
    assert_eq!(report.left_out.values().map(|left_out| left_out.count).sum::<usize>(), 2, "{report:?}");
    let (config, _) = Config::load(&DiskWorld::new(scene.site.path()));
    let world = DiskWorld::new(scene.site.path());
    let (sources, problems) =
        crate::load::Sources::load(&world, &config.unwrap(), &mut crate::load::ParseCache::default());
    assert_eq!(problems, []);
    let comments: Vec<_> = sources.threads.values().flatten().flat_map(|file| &file.comments).collect();
    assert_eq!(comments.len(), 3, "{comments:?}");
    assert!(
        comments
            .iter()
            .all(|comment| !comment.body.contains("<script") && comment.url.as_deref() != Some("javascript:alert(1)"))
    );
    for entry in walk(scene.site.path()) {
        assert!(!entry.contains(".."), "{entry}");
    }
}

fn walk(root: &Path) -> Vec<String> {
    walkdir::WalkDir::new(root).into_iter().map(|entry| entry.unwrap().path().display().to_string()).collect()
}
