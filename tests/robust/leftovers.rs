//! Files that editors leave beside an author's own: none is published, read as a comment or compiled.

use crate::support::{GOOD, Site, files, said};

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

/// The names that editors give to the files that they leave beside a file of this name.
fn backups(name: &str) -> [String; 4] {
    [format!("{name}~"), format!("#{name}#"), format!(".{name}.swp"), format!(".#{name}")]
}

#[test]
fn backups_of_each_file_are_neither_published_nor_read() {
    const THEME: [(&str, &str); 3] = [
        ("themes/own/theme.toml", ""),
        ("themes/own/static/theme.css", "a {}"),
        ("themes/own/templates/page.html", "{{ page.content | safe }}"),
    ];
    let with_theme = || {
        let site = Site::good().with(&THEME);
        site.write("site.toml", GOOD[0].1.replace("title = \"Site\"", "title = \"Site\"\ntheme = \"own\""));
        site.write("content/posts/_index.comments.md", "+++\ndate = 2024-02-04\n+++\nYes.\n");
        site
    };
    let (plain, site) = (with_theme(), with_theme());
    let expected = said(&plain.builds().diagnostics);
    site.builds();
    let is_read = |path: &&str| path.contains('/') && !path.starts_with("data/");
    let paths = GOOD.iter().chain(&THEME).map(|(path, _)| *path).chain(["content/posts/_index.comments.md"]);
    for path in paths.filter(is_read) {
        let (folder, name) = path.rsplit_once('/').unwrap();
        for backup in backups(name) {
            let place = format!("{folder}/{backup}");
            // Emacs marks a file that is being edited with a link that leads nowhere.
            if backup.starts_with(".#") && cfg!(unix) {
                #[cfg(unix)]
                std::os::unix::fs::symlink("jo@host.1234:1700000000", site.root().join(place)).unwrap();
            } else {
                site.write(&place, "+++\ndate = \"never\"\n+++\nA secret. {% nothing");
            }
        }
    }
    for options in [site.options(), causerie::build::Options { force: true, ..site.options() }] {
        let report = causerie::build::build(&options);
        assert_eq!(said(&report.diagnostics), expected);
        assert!(options.force || report.work.outputs == 0, "{} outputs were rendered", report.work.outputs);
        assert!(files(&site.public()) == files(&plain.public()));
    }
    assert_eq!(said(&causerie::build::check(&site.options()).diagnostics), expected);
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
