//! Files that editors leave beside an author's own: none is published, read as a comment or compiled.

use crate::support::{Site, files, said};

const LEFT: &[&str] = &[
    "#draft.md#",
    "draft.md~",
    "draft.md.bak",
    "draft.md.orig",
    "draft.md.rej",
    "draft.md.tmp",
    "draft.md.swp",
    ".draft.md.swp",
    ".#draft.md",
    "4913",
    "draft.md___jb_tmp___",
    "~$draft.doc",
    ".DS_Store",
    "Thumbs.db",
    "draft.md.BAK",
];

#[test]
fn what_editors_leave_is_published_nowhere() {
    let plain = Site::good();
    plain.builds();
    let folders =
        ["content", "content/posts", "content/posts/milk", "content/posts/milk/comments", "static", "templates"];
    for folder in
        folders.iter().chain(&["content/posts/tea.comments", "static/deep", "templates/parts", "content/.notes"])
    {
        let site = Site::good();
        for name in LEFT {
            site.write(&format!("{folder}/{name}"), "+++\ndraft = true\n+++\nA secret. {% nothing");
        }
        let report = site.builds();
        let told = said(&report.diagnostics);
        assert!(!LEFT.iter().any(|name| told.contains(name)), "{told}");
        assert!(files(&site.public()) == files(&plain.public()), "{folder}");
        assert!(!causerie::build::check(&site.options()).failed());
    }
}

#[test]
fn hidden_files_are_published_from_static_only() {
    let site = Site::plain().with(&[
        ("static/.well-known/security.txt", "Contact: x"),
        ("static/.htaccess", "x"),
        ("content/.htaccess", "x"),
        ("content/.obsidian/workspace.json", "{}"),
        ("content/.git/config", "x"),
        ("content/a.bak/index.md", "+++\ntitle = \"A\"\n+++\n"),
    ]);
    site.builds();
    for path in [".well-known/security.txt", ".htaccess", "a-bak/index.html"] {
        assert!(site.public().join(path).is_file(), "{path}");
    }
    for path in [".obsidian", ".git"] {
        assert!(!site.public().join(path).exists(), "{path}");
    }
}
