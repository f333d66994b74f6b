//! A post is announced, answered, moderated, and asked for again.

use super::*;
use crate::replies::State;

const MASTODON: &str = "mastodon = \"http://HOST/@ada/1\"";

#[test]
fn answers_wait_are_published_changed_and_removed_with_their_originals() {
    let scene = Scene::new(MASTODON, "me = [\"https://m.example/@ada/\"]");
    let (jo, kim) = (status(2, 1, "jo", "<p>Milk <b>first</b>?</p>"), status(3, 2, "kim", "<p>Never.</p>"));
    serve_mastodon(&scene, &[jo.clone(), kim.clone(), status(4, 2, "ada", "<p>At four.</p>")]);

    let report = scene.gather();
    assert_eq!((report.waiting, report.published, report.removed), (2, 1, 0), "{report:?}");
    assert_eq!(report.problems, []);
    // The author's own answer needs no decision, but what it answers is not there yet.
    let published = scene.published();
    assert_eq!(published.len(), 1);
    assert!(published[0].contains("by_author = true") && !published[0].contains("reply_to"), "{}", published[0]);
    let reactions = scene.read("content/tea.reactions.toml");
    assert!(reactions.contains("likes = 12\nreposts = 3\n"), "{reactions}");

    scene.decide("jo", Decision::Approve);
    scene.decide("kim", Decision::Reject);
    let report = scene.gather();
    assert_eq!((report.waiting, report.changed), (0, 1), "{report:?}");
    let published = scene.published();
    assert_eq!(published.len(), 2);
    assert!(
        published[0].contains("Milk **first**?") && published[0].contains("kind = \"mastodon\""),
        "{}",
        published[0]
    );
    assert!(published[0].contains("url = \"https://m.example/@jo/2\""), "{}", published[0]);
    assert!(published[1].contains("reply_to = "), "its parent is there now: {}", published[1]);

    // What was rejected does not come back, also when its writer changes it; and nothing else happens.
    serve_mastodon(&scene, &[jo, status(3, 2, "kim", "<p>Never, ever.</p>"), status(4, 2, "ada", "<p>At four.</p>")]);
    let report = scene.gather();
    assert_eq!((report.waiting, report.changed, report.removed), (0, 0, 0), "{report:?}");
    assert_eq!(scene.published(), published);

    let edited = status(2, 1, "jo", "<p>Milk last.</p>");
    serve_mastodon(&scene, &[edited, status(4, 2, "ada", "<p>At four.</p>")]);
    assert_eq!(scene.gather().changed, 1);
    assert!(scene.published()[0].contains("Milk last."));

    // A reply that a reader has answered leaves its place, without its writer and text. Answers from there move up.
    let reader = "+++\nid = \"local\"\ndate = 2026-02-01\nreply_to = \"ID\"\n+++\nYes.\n";
    let id = scene.replies().iter().find(|reply| reply.form.author() == Some("jo")).map(|reply| reply.id.clone());
    write(scene.site.path(), "content/tea.comments/local.md", &reader.replace("ID", &id.unwrap()));
    serve_mastodon(&scene, &[status(4, 2, "ada", "<p>At four.</p>")]);
    assert_eq!(scene.gather().removed, 1);
    let published = scene.published();
    assert!(!published[0].contains("jo") && published[0].contains("*Deleted by its writer.*"), "{}", published[0]);
    assert!(!published[0].contains("Milk last."), "the text is gone as well: {}", published[0]);
    serve_mastodon(&scene, &[]);
    assert_eq!(scene.gather().removed, 1);
    assert_eq!(scene.published().len(), 2);
}

#[test]
fn what_was_edited_here_stays() {
    let scene = Scene::new(MASTODON, "approve = \"all\"");
    serve_mastodon(&scene, &[status(2, 1, "jo", "<p>Mlik</p>")]);
    assert_eq!(scene.gather().published, 1);
    let folder = scene.site.path().join("content/tea.comments");
    let file = fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    let edited = fs::read_to_string(&file).unwrap().replace("Mlik", "Milk");
    fs::write(&file, &edited).unwrap();
    serve_mastodon(&scene, &[status(2, 1, "jo", "<p>Milk and honey</p>")]);
    assert_eq!(scene.gather().edited.len(), 1);
    serve_mastodon(&scene, &[]);
    let report = scene.gather();
    assert_eq!((report.edited.len(), report.removed), (1, 0));
    assert_eq!(fs::read_to_string(&file).unwrap(), edited);
    // A file that was deleted here is not made again.
    fs::remove_file(&file).unwrap();
    serve_mastodon(&scene, &[status(2, 1, "jo", "<p>Milk and honey</p>")]);
    let report = scene.gather();
    assert_eq!((report.published, report.waiting, scene.published().len()), (0, 0, 0), "{report:?}");
}

#[test]
fn what_has_not_changed_costs_one_request() {
    let scene = Scene::new(MASTODON, "approve = \"all\"");
    serve_mastodon(&scene, &[status(2, 1, "jo", "<p>Tea</p>")]);
    scene.gather();
    let before = scene.server.requests().len();
    let report = scene.gather();
    assert_eq!((report.unchanged, report.requests), (1, 1));
    assert_eq!(scene.requested(before), ["/api/v1/statuses/1/context*"]);
    // Without the cache everything is asked for again, and nothing is doubled.
    fs::remove_dir_all(scene.site.path().join(".causerie")).unwrap();
    let report = scene.gather();
    assert_eq!((report.published, report.waiting, scene.published().len()), (0, 0, 1));
    // Nor without the ledger: an interrupted run has written none.
    fs::remove_dir_all(scene.site.path().join(".causerie")).unwrap();
    fs::remove_file(scene.site.path().join("imports/gather.toml")).unwrap();
    let report = scene.gather();
    assert_eq!((report.waiting, scene.published().len()), (0, 1), "{report:?}");
}

#[test]
fn a_waiting_reply_follows_its_original() {
    let scene = Scene::new(MASTODON, "");
    serve_mastodon(&scene, &[status(2, 1, "jo", "<p>Mlik</p>"), status(3, 1, "kim", "<p>Sugar</p>")]);
    scene.gather();
    serve_mastodon(&scene, &[status(2, 1, "jo", "<p>Milk</p>")]);
    let report = scene.gather();
    assert_eq!((report.changed, report.removed, report.waiting), (1, 1, 0), "{report:?}");
    let replies = scene.replies();
    assert_eq!(replies.len(), 1);
    assert_eq!(
        (replies[0].form.comment(), replies[0].notes.revision, replies[0].notes.state),
        ("Milk", 1, State::Pending)
    );
}

#[test]
fn writers_who_are_known_need_no_decision() {
    let scene = Scene::new(MASTODON, "approve = \"known\"");
    serve_mastodon(&scene, &[status(2, 1, "jo", "<p>Tea</p>")]);
    assert_eq!(scene.gather().waiting, 1);
    scene.decide("jo", Decision::Approve);
    serve_mastodon(
        &scene,
        &[status(2, 1, "jo", "<p>Tea</p>"), status(5, 1, "jo", "<p>More</p>"), status(6, 1, "kim", "<p>No</p>")],
    );
    let report = scene.gather();
    assert_eq!((report.published, report.waiting), (1, 1), "{report:?}");
}

#[test]
fn a_dry_run_changes_nothing() {
    let scene = Scene::new(MASTODON, "approve = \"all\"");
    serve_mastodon(&scene, &[status(2, 1, "jo", "<p>Tea</p>")]);
    let report = gather(&Options { dry_run: true, ..scene.options() }, &|_, _| {}).unwrap();
    assert_eq!(report.plan, ["publish: https://m.example/@jo/2 for content/tea.md"]);
    assert!(scene.replies().is_empty() && scene.published().is_empty());
    assert!(
        !scene.site.path().join("imports").exists() && !scene.site.path().join("content/tea.reactions.toml").exists()
    );
}
