//! Runs that were stopped, inboxes that were lost, and decisions that stay.

use super::*;

const MASTODON: &str = "mastodon = \"http://HOST/@ada/1\"";

/// The files of a site that a run writes, without the cache.
fn files(root: &Path) -> BTreeMap<String, String> {
    let entries = walkdir::WalkDir::new(root).into_iter().map(Result::unwrap);
    let files = entries.filter(|entry| entry.file_type().is_file());
    let named = files.map(|entry| {
        let path = entry.path().strip_prefix(root).unwrap().to_string_lossy().into_owned();
        (path, entry.into_path())
    });
    let written = named.filter(|(path, _)| path.starts_with("content/") || path.starts_with("imports/"));
    written.map(|(path, file)| (path, fs::read_to_string(file).unwrap())).collect()
}

/// Serves a thread in which, after the first time, one reply is new, one is changed, one is deleted and one was answered
/// here and is deleted.
fn serve(scene: &Scene, is_first: bool) {
    let mut replies = vec![status(2, 1, "jo", if is_first { "<p>Mlik</p>" } else { "<p>Milk</p>" })];
    if is_first {
        replies.extend([status(3, 2, "kim", "<p>Sugar</p>"), status(4, 1, "lee", "<p>Lemon</p>")]);
    } else {
        replies.extend([status(5, 2, "mo", "<p>Honey</p>"), status(6, 5, "ada", "<p>Rum</p>")]);
    }
    serve_mastodon(scene, &replies);
}

/// A site after the first run, with a reader's answer to a reply.
fn first_run() -> Scene {
    let scene = Scene::new(MASTODON, "approve = \"all\"\nme = [\"https://m.example/@ada\"]");
    serve(&scene, true);
    assert_eq!(scene.gather().published, 3);
    let id = scene.replies().iter().find(|reply| reply.form.author() == Some("lee")).map(|reply| reply.id.clone());
    let answer = format!("+++\nid = \"local\"\ndate = 2026-02-01\nreply_to = \"{}\"\n+++\nYes.\n", id.unwrap());
    write(scene.site.path(), "content/tea.comments/local.md", &answer);
    serve(&scene, false);
    scene
}

#[test]
fn a_run_that_was_stopped_before_it_saved_is_made_up_for() {
    let scene = first_run();
    let before = scene.copy_site();
    let report = scene.gather();
    assert_eq!((report.published, report.changed, report.removed), (2, 1, 2), "{report:?}");
    let expected = files(scene.site.path());
    assert_eq!(expected.keys().filter(|path| path.contains(".comments/")).count(), 5, "{expected:?}");
    let after = scene.copy_site();
    let restore = |from: &TempDir, paths: &[&str]| {
        for path in paths {
            let target = scene.site.path().join(path);
            let _ = fs::remove_dir_all(&target);
            let _ = fs::remove_file(&target);
            if from.path().join(path).is_dir() {
                copy_folder(&from.path().join(path), &target);
            } else {
                fs::copy(from.path().join(path), &target).unwrap();
            }
        }
    };
    let (ledger, cache, content, inbox) = ("imports/gather.toml", ".causerie", "content", "inbox");
    // Each is what a run leaves that is stopped: the newer files are those that it had written.
    for old in [&[cache][..], &[ledger, cache], &[ledger, cache, content, inbox], &[ledger, cache, inbox]] {
        restore(&after, &[ledger, cache, content, inbox]);
        restore(&before, old);
        scene.gather();
        let found = files(scene.site.path());
        let names = |files: &BTreeMap<String, String>| files.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&found), names(&expected), "{old:?}");
        for (path, text) in found.iter().filter(|(path, _)| path.starts_with("content/")) {
            assert_eq!(text, &expected[path], "{old:?} {path}");
        }
        let report = scene.gather();
        assert_eq!(
            (report.published, report.changed, report.removed, report.waiting),
            (0, 0, 0, 0),
            "{old:?}: {report:?}"
        );
    }
}

#[test]
fn replies_that_a_stopped_run_did_not_publish_are_published() {
    let scene = first_run();
    let cache = scene.copy_site();
    // It has put them into the inbox, and no more.
    scene.set("approve = \"all\"", "approve = \"none\"");
    assert_eq!(scene.gather().waiting, 1);
    scene.set("approve = \"none\"", "approve = \"all\"");
    fs::copy(cache.path().join(".causerie/gather.json"), scene.site.path().join(".causerie/gather.json")).unwrap();
    let report = scene.gather();
    assert_eq!((report.published, report.waiting), (1, 0), "{report:?}");
}

#[test]
fn a_lost_inbox_comes_back_and_decisions_stay() {
    let scene = Scene::new(MASTODON, "");
    serve_mastodon(&scene, &[status(2, 1, "jo", "<p>Tea</p>"), status(3, 1, "kim", "<p>Milk</p>")]);
    assert_eq!(scene.gather().waiting, 2);
    scene.decide("kim", Decision::Reject);
    scene.gather();
    fs::remove_dir_all(scene.site.path().join("inbox")).unwrap();
    let report = scene.gather();
    assert_eq!(report.waiting, 1, "{report:?}");
    assert_eq!(scene.replies().iter().filter_map(|reply| reply.form.author()).collect::<Vec<_>>(), ["jo"]);
}

#[test]
fn what_an_author_takes_back_is_not_published_again() {
    let scene = Scene::new(MASTODON, "approve = \"all\"");
    serve_mastodon(&scene, &[status(2, 1, "jo", "<p>Tea</p>")]);
    assert_eq!(scene.gather().published, 1);
    let handle = scene.replies()[0].handle();
    let (config, _) = Config::load(&DiskWorld::new(scene.site.path()));
    let spool = scene.spool();
    Moderation::new(scene.site.path(), &spool, &config.unwrap().comments)
        .undo(Some(&handle), jiff::Timestamp::now())
        .unwrap();
    for text in ["<p>Tea</p>", "<p>Green tea</p>"] {
        serve_mastodon(&scene, &[status(2, 1, "jo", text)]);
        let report = scene.gather();
        assert_eq!((report.published, scene.published().len(), scene.replies().len()), (0, 0, 1), "{report:?}");
    }
}

#[test]
fn waiting_replies_cost_no_more_requests_until_somebody_decides() {
    let scene = Scene::new(MASTODON, "");
    serve_mastodon(&scene, &[status(2, 1, "jo", "<p>Tea</p>"), status(3, 2, "kim", "<p>Milk</p>")]);
    assert_eq!(scene.gather().waiting, 2);
    let before = scene.server.requests().len();
    assert_eq!(scene.gather().unchanged, 1);
    assert_eq!(scene.requested(before), ["/api/v1/statuses/1/context*"]);
    scene.decide("kim", Decision::Approve);
    scene.gather();
    scene.decide("jo", Decision::Approve);
    // A decision is reason enough, although the discussion is not due.
    let report = gather(&Options { all: false, ..scene.options() }, &|_, _| {}).unwrap();
    assert_eq!(report.changed, 1, "{report:?}");
    assert!(scene.published()[1].contains("reply_to = "));
}
