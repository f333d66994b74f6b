//! Moderation finds the same comments in a thread as a build does.

use super::super::thread::ThreadCache;
use super::*;
use crate::config::Config;
use crate::load::{ParseCache, Sources};
use crate::site::Visibility;
use crate::source::DiskWorld;

/// What the ids of the test's comments can be.
const IDS: [&str; 12] = ["1", "2", "3", "4", "5", "own", "bundle", "deep", "ignored", "hidden", "backup", "other"];

fn write(desk: &Desk, path: &str, text: &str) {
    let path = desk.root.path().join(path);
    fs::create_dir_all(path.parent().expect("a folder")).expect("the folder is made");
    fs::write(path, text).expect("the file is written");
}

/// The ids of the comments that a build finds under a page.
fn ids_of_build(desk: &Desk, page: &str) -> Vec<String> {
    let world = DiskWorld::new(desk.root.path());
    let config = Config::load(&world).0.expect("a configuration");
    let (sources, problems) = Sources::load(&world, &config, &mut ParseCache::default());
    assert_eq!(problems, []);
    let (site, problems) = crate::site::link(Arc::new(config), sources, Visibility::default(), moment());
    assert_eq!(problems, []);
    let content = site.content(site.find(page).unwrap_or_else(|| panic!("no {page}")));
    IDS.iter()
        .filter(|id| content.thread.comments.iter().any(|comment| comment.id == **id))
        .map(ToString::to_string)
        .collect()
}

/// The ids of the comments that moderation finds beside the document of a reply.
fn ids_of_moderation(desk: &Desk, reply: &ReplyObject) -> Vec<String> {
    let mut threads = ThreadCache::default();
    let thread = threads.of(desk.root.path(), reply).expect("a thread");
    IDS.iter().filter(|id| thread.has(id)).map(ToString::to_string).collect()
}

#[test]
fn moderation_finds_the_comments_that_a_build_finds() {
    let desk = Desk::new();
    let site = fs::read_to_string(desk.root.path().join("site.toml")).expect("a configuration");
    write(&desk, "site.toml", &format!("ignored_content = [\"*.draft.md\"]\n{site}"));
    let page = "+++\ntitle = \"A page\"\ndate = 2024-05-01\n+++\n";
    for path in ["trip/index.md", "plain.md", "caf\u{e9}.md"] {
        write(&desk, &format!("content/posts/{path}"), page);
    }
    let comment = |id: &str| {
        let id = if id.is_empty() { String::new() } else { format!("id = \"{id}\"\n") };
        format!("+++\n{id}author = \"Jo\"\ndate = 2024-05-02\n+++\nYes.\n")
    };
    for (path, id) in [
        // A bundle's thread may have both names. Comments without an id are counted through all of them.
        ("trip/comments/1.md", "bundle"),
        ("trip/comments/deeper/2.md", "deep"),
        ("trip/comments.md", ""),
        ("trip/index.comments/3.md", "own"),
        ("trip/index.comments.md", ""),
        ("trip/comments/4.draft.md", "ignored"),
        ("trip/comments/.5.md", "hidden"),
        ("trip/comments/.old/6.md", "hidden"),
        ("trip/comments/1.md~", "backup"),
        ("trip/comments/#1.md#", "backup"),
        // The folder of another page, and a name that begins like the page's own.
        ("plain.comments/1.md", "own"),
        ("plain.fr.comments.md", "other"),
        ("plain.comments.bak", "backup"),
        // Composed in the page's name, decomposed in the folder's.
        ("cafe\u{301}.comments/1.md", "own"),
        ("cafe\u{301}.comments/2.md", ""),
    ] {
        write(&desk, &format!("content/posts/{path}"), &comment(id));
    }
    write(&desk, "content/posts/plain.fr.md", page);
    let id = desk.receive(1, &[("comment", "Yes.")]);
    let mut reply = desk.moderation().show(&id, moment()).expect("it is there");
    for (page, stem, folder, ids) in [
        ("/posts/trip/", "trip/index", "trip/comments", &["1", "4", "own", "bundle", "deep"][..]),
        ("/posts/plain/", "plain", "plain.comments", &["own"]),
        ("/posts/cafe/", "caf\u{e9}", "caf\u{e9}.comments", &["2", "own"]),
        // The same page, by the name that another disk gives it.
        ("/posts/cafe/", "cafe\u{301}", "cafe\u{301}.comments", &["2", "own"]),
    ] {
        assert_eq!(ids_of_build(&desk, page), ids, "{page}");
        reply.notes.page = page.into();
        reply.notes.document = format!("content/posts/{stem}.md");
        reply.notes.folder = format!("content/posts/{folder}");
        assert_eq!(ids_of_moderation(&desk, &reply), ids, "{stem}");
    }
}
