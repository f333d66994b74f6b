//! What of each network is carried over.

use serde_json::json;

use super::*;

/// The waiting replies after a run: writer, address, and text.
fn waiting(scene: &Scene) -> Vec<(String, String, String)> {
    let report = scene.gather();
    assert_eq!(report.problems, [], "{report:?}");
    let part = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let replies = scene.replies();
    replies
        .iter()
        .map(|reply| (part(reply.form.author()), part(reply.form.url()), reply.form.comment().to_owned()))
        .collect()
}

/// The text of the reply that each waiting reply answers.
fn parents(scene: &Scene) -> Vec<Option<String>> {
    let replies = scene.replies();
    let text = |id: &str| replies.iter().find(|reply| reply.id == id).map(|reply| reply.form.comment().to_owned());
    replies.iter().map(|reply| reply.form.reply_to().and_then(text)).collect()
}

#[test]
fn mastodon_brings_warnings_polls_pictures_and_quotes() {
    let scene = Scene::new("mastodon = \"http://HOST/@ada/1\"", "");
    let mut rich = status(
        2,
        1,
        "jo",
        "<p><span class=\"h-card\"><a href=\"https://m.example/@ada\" class=\"u-url mention\">@<span>ada</span></a></span> see :kettle: <a href=\"https://m.example/tags/tea\">#<span>tea</span></a></p>",
    );
    rich["spoiler_text"] = "about  tea".into();
    rich["media_attachments"] = json!([{ "url": "https://m.example/cup.png", "description": "A cup" }]);
    rich["poll"] =
        json!({ "options": [{ "title": "Milk", "votes_count": 3 }, { "title": "<b>", "votes_count": null }] });
    rich["quote"] =
        json!({ "state": "accepted", "quoted_status": { "url": "https://m.example/@kim/9", "content": "<p>Old</p>" } });
    let mut private = status(3, 1, "kim", "<p>secret</p>");
    private["visibility"] = "private".into();
    let mut bot = status(4, 1, "lee", "<p>no</p>");
    bot["account"]["note"] = "<p>likes tea, <a href=\"x\">#<span>NoBot</span></a></p>".into();
    let mut hidden = status(5, 1, "mo", "<p>no</p>");
    hidden["account"]["noindex"] = true.into();
    serve_mastodon(&scene, &[rich, private, bot, hidden]);
    let report = scene.gather();
    assert_eq!((report.waiting, report.opted_out), (1, 3), "{report:?}");
    let reply = &scene.replies()[0];
    let text = reply.form.comment();
    for part in [
        "[@ada](https://m.example/@ada)",
        ":kettle:",
        "[#tea]",
        "Milk: 3",
        "[A cup](https://m.example/cup.png)",
        "> Old",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(reply.notes.origin.as_ref().and_then(|origin| origin.warning.as_deref()), Some("about tea"));
    assert!(reply.to_comment_file().contains("warning = \"about tea\""));
}

#[test]
fn bluesky_brings_links_nesting_and_wishes() {
    let scene = Scene::new(
        "bluesky = \"https://bsky.app/profile/ada.example/post/3k\"",
        "me = [\"https://bsky.app/profile/ada.example\"]",
    );
    let post = |did: &str, key: &str, text: &str, extra: serde_json::Value| {
        let mut post = json!({
            "uri": format!("at://did:plc:{did}/app.bsky.feed.post/{key}"),
            "author": { "did": format!("did:plc:{did}"), "handle": format!("{did}.example"), "displayName": "" },
            "record": { "text": text, "createdAt": format!("2026-01-02T10:0{}:00Z", key.len()) },
            "likeCount": 5, "repostCount": 2, "quoteCount": 1, "replyCount": 0,
        });
        post.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        post
    };
    let facet = json!({ "record": {
        "text": "Ä see example.org\nand ada", "createdAt": "2026-01-02T10:00:00Z",
        "facets": [
            { "index": { "byteStart": 7, "byteEnd": 18 }, "features": [{ "uri": "https://example.org/" }] },
            { "index": { "byteStart": 1, "byteEnd": 3 }, "features": [{ "uri": "https://evil.example/" }] },
            { "index": { "byteStart": 5, "byteEnd": 9000 }, "features": [{ "tag": "x" }] },
        ],
    } });
    let wish = json!({ "author": { "did": "did:plc:lee", "handle": "lee.example", "labels": [{ "val": "!no-unauthenticated" }] } });
    let thread = json!({ "thread": {
        "post": post("ada", "3k", "New", json!({ "replyCount": 1 })),
        "replies": [{
            "post": post("jo", "a", "", facet.clone()),
            "replies": [
                { "post": post("kim", "bb", "Deep", json!({})), "replies": [] },
                { "post": post("lee", "c", "no", wish), "replies": [] },
                { "$type": "app.bsky.feed.defs#notFoundPost", "uri": "at://x", "notFound": true },
            ],
        }],
    } });
    scene.serve("/xrpc/com.atproto.identity.resolveHandle?handle=ada%2Eexample", r#"{"did":"did:plc:ada"}"#);
    let path = "/xrpc/app.bsky.feed.getPostThread?uri=at%3A%2F%2Fdid%3Aplc%3Aada%2Fapp%2Ebsky%2Efeed%2Epost%2F3k&depth=50&parentHeight=0";
    scene.serve(path, &thread.to_string());
    let found = waiting(&scene);
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(found[0].1, "https://bsky.app/profile/did:plc:jo/post/a");
    assert!(found[0].2.contains("Ä see [example.org](https://example.org/)"), "{}", found[0].2);
    assert!(!found[0].2.contains("evil"));
    assert_eq!(parents(&scene)[1].as_deref(), Some(&*found[0].2));
    assert!(scene.read("content/tea.reactions.toml").contains("likes = 5\nreposts = 3"));
}

#[test]
fn hacker_news_brings_the_whole_tree() {
    let scene = Scene::new("hackernews = \"https://news.ycombinator.com/item?id=1\"", "");
    let item = |id: u64, author: Option<&str>, text: Option<&str>, children: serde_json::Value| {
        json!({ "id": id, "created_at": format!("2026-01-02T10:0{id}:00.000Z"), "author": author, "text": text,
                "points": 42, "children": children, "type": "comment" })
    };
    let deep = item(4, Some("lee"), Some("<p>Under a deleted one</p>"), json!([]));
    let story = item(
        1,
        Some("ada"),
        None,
        json!([item(
            2,
            Some("jo"),
            Some(
                "First<p>Second <a href=\"https:&#x2F;&#x2F;example.org&#x2F;\" rel=\"nofollow\">https://example.org/</a>"
            ),
            json!([item(3, None, None, json!([deep]))])
        ),]),
    );
    scene.serve("/api/v1/items/1", &story.to_string());
    let found = waiting(&scene);
    assert_eq!(found.iter().map(|(author, ..)| author.as_str()).collect::<Vec<_>>(), ["jo", "lee"]);
    assert_eq!(found[0].1, "https://news.ycombinator.com/item?id=2");
    assert!(found[0].2.contains("First\n\nSecond"), "{}", found[0].2);
    assert_eq!(parents(&scene)[1].as_deref(), Some(&*found[0].2));
}

#[test]
fn lobsters_brings_comments_of_both_of_its_forms() {
    let scene = Scene::new("lobsters = \"https://lobste.rs/s/abc123/tea\"", "");
    let comment = |id: &str, parent: Option<&str>, user: serde_json::Value, deleted: bool| {
        json!({ "short_id": id, "created_at": format!("2026-01-02T10:0{}:00.000-06:00", id.len()), "is_deleted": deleted,
                "is_moderated": false, "parent_comment": parent, "comment": format!("<p>{id}</p>"), "commenting_user": user })
    };
    let story = json!({ "score": 7, "comments": [
        comment("a", None, json!("jo"), false),
        comment("bb", Some("a"), json!({ "username": "kim" }), false),
        comment("ccc", Some("a"), json!("lee"), true),
    ] });
    scene.serve("/s/abc123.json", &story.to_string());
    let found = waiting(&scene);
    assert_eq!(found.iter().map(|(author, ..)| author.as_str()).collect::<Vec<_>>(), ["jo", "kim"]);
    assert_eq!(found[1].1, "https://lobste.rs/c/bb");
    assert_eq!(parents(&scene), [None, Some("a".to_owned())]);
}

#[test]
fn lemmy_brings_all_its_pages() {
    let scene = Scene::new("lemmy = \"http://HOST/post/7\"", "");
    let view = |id: u64, path: &str, content: &str, deleted: bool| {
        json!({ "comment": { "id": id, "content": content, "published": format!("2026-01-02T10:{:02}:00.1234", id % 60), "path": path,
                             "deleted": deleted, "removed": false, "ap_id": format!("https://l.example/comment/{id}") },
                "creator": { "name": "jo", "display_name": "Jo", "actor_id": "https://l.example/u/jo" } })
    };
    let mut all: Vec<_> = (1..=50).map(|id| view(id, &format!("0.{id}"), "**Tea**", false)).collect();
    let page = |number: usize| format!("/api/v3/comment/list?post_id=7&type_=All&sort=Old&limit=50&page={number}");
    let last = json!({ "comments": [view(51, "0.1.51", "deep", false), view(52, "0.52", "gone", true)] });
    all[1]["creator"]["display_name"] = serde_json::Value::Null;
    scene.serve(&page(1), &json!({ "comments": all }).to_string());
    scene.serve(&page(2), &last.to_string());
    scene.serve("/api/v3/post?id=7", &json!({ "post_view": { "counts": { "upvotes": 9 } } }).to_string());
    let found = waiting(&scene);
    assert_eq!(found.len(), 51);
    assert_eq!(found[0].2, "**Tea**");
    assert_eq!(parents(&scene).iter().flatten().count(), 1);
}

#[test]
fn github_brings_the_comments_on_an_issue() {
    let scene = Scene::new("github = \"https://github.com/ada/blog/issues/7\"", "");
    scene
        .serve("/repos/ada/blog/issues/7", &json!({ "comments": 2, "reactions": { "+1": 2, "heart": 1 } }).to_string());
    let comment = |id: u64, user: serde_json::Value| {
        json!({ "id": id, "html_url": format!("https://github.com/ada/blog/issues/7#issuecomment-{id}"), "user": user,
                "created_at": format!("2026-01-02T10:0{id}:00Z"), "body_html": "<p>Tea</p>" })
    };
    let comments =
        json!([comment(1, json!({ "login": "jo", "html_url": "https://github.com/jo" })), comment(2, json!(null))]);
    scene.serve("/repos/ada/blog/issues/7/comments?per_page=100&page=1", &comments.to_string());
    let found = waiting(&scene);
    assert_eq!(found.iter().map(|(author, ..)| author.as_str()).collect::<Vec<_>>(), ["jo", "ghost"]);
    assert!(scene.read("content/tea.reactions.toml").contains("likes = 3"));
}
