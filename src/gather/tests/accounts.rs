//! The author's own accounts.

use serde_json::json;

use super::*;

const MASTODON: &str = "mastodon = \"http://HOST/@ada/1\"";

fn serve_profile(scene: &Scene, field: &serde_json::Value) {
    scene.serve("/api/v1/accounts/lookup?acct=ada", &json!({ "id": "7", "fields": [field] }).to_string());
}

#[test]
fn a_profile_that_leads_to_the_site_confirms_the_account() {
    for (value, verified, expected) in [
        ("<a href=\"https://blog.example/\" rel=\"me\">blog</a>", Some("2026-01-01T00:00:00Z"), true),
        ("<a href=\"https://blog.example/\" rel=\"me\">blog</a>", None, false),
        ("<a href=\"https://evil.example/\" rel=\"me\">https://blog.example</a>", Some("2026-01-01T00:00:00Z"), false),
        ("https://blog.example", Some("2026-01-01T00:00:00Z"), false),
    ] {
        let scene = Scene::new(MASTODON, "me = [\"https://m.example/@ada\"]");
        serve_profile(&scene, &json!({ "name": "blog", "value": value, "verified_at": verified }));
        serve_mastodon(&scene, &[status(4, 1, "ada", "<p>At four.</p>")]);
        let report = scene.gather();
        assert_eq!(report.unconfirmed.is_empty(), expected, "{value}: {report:?}");
        assert_eq!(report.text(false).contains("Not confirmed: the profile of https://m.example/@ada"), !expected);
        // The author has said that it is the author's.
        assert!(scene.published()[0].contains("by_author = true"), "{value}");
        // It is asked for once a week.
        let before = scene.server.requests().len();
        let report = scene.gather();
        assert_eq!(scene.requested(before), ["/api/v1/statuses/1/context*"]);
        assert_eq!(report.unconfirmed.is_empty(), expected, "{value}");
    }
}

#[test]
fn other_networks_confirm_by_a_name_or_by_a_link() {
    for (account, path, body, expected) in [
        (
            "https://bsky.app/profile/blog.example",
            "/xrpc/app.bsky.actor.getProfile?actor=blog%2Eexample",
            "{\"handle\":\"blog.example\"}",
            true,
        ),
        (
            "https://bsky.app/profile/did:plc:ada",
            "/xrpc/app.bsky.actor.getProfile?actor=did%3Aplc%3Aada",
            "{\"handle\":\"ada.example\"}",
            false,
        ),
        (
            "https://bsky.app/profile/example",
            "/xrpc/app.bsky.actor.getProfile?actor=example",
            "{\"handle\":\"example\"}",
            false,
        ),
        ("https://github.com/ada", "/users/ada", "{\"blog\":\"blog.example\"}", true),
        ("https://github.com/ada", "/users/ada", "{\"blog\":null}", false),
        ("http://HOST/~ada", "/~ada", "<p><a rel='noopener ME' href='https://blog.example/about/'>x</a>", true),
        ("http://HOST/~ada", "/~ada", "<p><a href='https://blog.example/about/'>x</a>", false),
        ("http://HOST/~ada", "/~eve", "", false),
    ] {
        let scene = Scene::new(MASTODON, "me = [\"ACCOUNT\"]");
        scene.set("ACCOUNT", &account.replace("HOST", &scene.server.host()));
        serve_mastodon(&scene, &[]);
        scene.serve(path, body);
        let report = scene.gather();
        assert_eq!(report.unconfirmed.is_empty(), expected, "{account} {body}: {report:?}");
    }
}

#[test]
fn whom_the_author_follows_or_has_answered_needs_no_decision() {
    let scene = Scene::new(MASTODON, "approve = \"known\"\nme = [\"https://m.example/@ada\"]");
    serve_profile(&scene, &json!({}));
    let first = "/api/v1/accounts/7/following?limit=80";
    let link =
        format!("200 OK\nlink: <{}>; rel=\"next\", <http://x.example/>; rel=\"prev\"\r\n", scene.server.url("/next"));
    scene.serve_with(first, &link, &json!([{ "url": "https://m.example/@jo" }]).to_string());
    scene.serve("/next", &json!([{ "url": "https://other.example/@Kim" }]).to_string());
    let mut kim = status(3, 1, "kim", "<p>Milk</p>");
    kim["account"]["url"] = "https://other.example/@kim".into();
    serve_mastodon(
        &scene,
        &[
            status(2, 1, "jo", "<p>Tea</p>"),
            kim,
            status(4, 1, "lee", "<p>Sugar</p>"),
            status(5, 4, "ada", "<p>One lump.</p>"),
            status(6, 1, "mo", "<p>Rum</p>"),
        ],
    );
    let report = scene.gather();
    assert_eq!((report.published, report.waiting), (4, 1), "{report:?}");
    assert_eq!(scene.replies().iter().filter(|reply| reply.notes.decided.is_none()).count(), 1);
}

#[test]
fn a_list_of_followed_accounts_that_never_ends_is_left() {
    let scene = Scene::new(
        "bluesky = \"https://bsky.app/profile/did:plc:ada/post/3k\"",
        "approve = \"known\"\nme = [\"https://bsky.app/profile/did:plc:ada\"]",
    );
    let list = "/xrpc/app.bsky.graph.getFollows?actor=did%3Aplc%3Aada&limit=100";
    let page = json!({ "follows": [{ "did": "did:plc:jo" }], "cursor": "again" }).to_string();
    scene.serve(list, &page);
    scene.serve(&format!("{list}&cursor=again"), &page);
    scene.gather();
    let requests = scene.requested(0).iter().filter(|path| path.starts_with(list)).count();
    assert_eq!(requests, 25);
}
