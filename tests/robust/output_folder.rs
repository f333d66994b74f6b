//! Where a site is written: not among its sources, not over what somebody else put there.

use std::fs;
use std::path::Path;

use crate::support::{Node, Site, files, put, said, tree};

/// Builds into a folder that has to be refused, and holds that nothing anywhere changed.
fn refuses(site: &Site, output: &Path) -> String {
    let before = tree(&site.beside(""));
    let report = site.build_into(output);
    let told = said(&report.diagnostics);
    assert!(report.failed(), "{} is taken: {told}", output.display());
    assert_eq!(tree(&site.beside("")), before, "{}", output.display());
    assert!(told.contains("help: "), "{told}");
    told
}

#[test]
fn folders_with_sources_are_refused() {
    let site = Site::good();
    put(&site.root().join("themes/x/theme.toml"), "");
    for place in
        ["", ".", "content", "content/posts", "content/new", "static", "templates", "themes/x", "content/../content"]
    {
        refuses(&site, &site.root().join(place));
    }
    refuses(&site, &site.beside(""));
    refuses(&site, &site.root().join(".."));
    refuses(&site, Path::new("/"));
}

#[test]
fn folders_with_sources_are_refused_when_the_configuration_names_them() {
    for place in [".", "..", "content", "../site", "./", "content/posts/"] {
        let site = Site::plain();
        site.write("site.toml", format!("base_url = \"https://site.example\"\noutput_dir = \"{place}\"\n"));
        site.write("content/a.md", "+++\n+++\n");
        let before = tree(&site.beside(""));
        let report = site.build();
        assert!(report.failed(), "{place}");
        assert!(said(&report.diagnostics).contains("help: "), "{}", said(&report.diagnostics));
        assert_eq!(tree(&site.beside("")), before, "{place}");
    }
}

#[test]
fn a_file_in_the_place_of_the_folder_is_refused() {
    let site = Site::good();
    put(&site.beside("file"), "mine");
    refuses(&site, &site.beside("file"));
    refuses(&site, &site.beside("file/below"));
}

#[cfg(unix)]
#[test]
fn a_link_to_sources_is_refused_and_a_link_elsewhere_is_followed() {
    use std::os::unix::fs::symlink;
    let site = Site::good();
    for (number, target) in [site.root(), site.root().join("content"), site.beside("")].iter().enumerate() {
        let link = site.beside(&format!("link{number}"));
        symlink(target, &link).unwrap();
        refuses(&site, &link);
    }
    symlink(site.beside("nowhere"), site.beside("dangling")).unwrap();
    refuses(&site, &site.beside("dangling"));
    refuses(&site, &site.beside("dangling/below"));

    // An output folder that is a link to another folder is intended.
    fs::create_dir(site.beside("www")).unwrap();
    symlink(site.beside("www"), site.public()).unwrap();
    site.builds();
    assert!(site.beside("www/index.html").is_file());
    assert!(site.public().symlink_metadata().unwrap().is_symlink());
}

#[test]
fn a_folder_that_is_not_there_is_made_and_a_failure_takes_it_away_again() {
    let site = Site::good();
    let output = site.beside("a/b/c");
    let report = site.build_into(&output);
    assert!(!report.failed(), "{}", said(&report.diagnostics));
    assert!(output.join("index.html").is_file());

    fs::remove_dir_all(site.beside("a")).unwrap();
    site.write("templates/404.html", "{{ nothing.at.all }}");
    assert!(site.build_into(&output).failed());
    assert!(!site.beside("a").exists(), "a build that failed left folders");
}

/// Files of somebody else in the output folder.
const FOREIGN: &[&str] =
    &["CNAME", ".git/config", "posts/notes.txt", "posts/tea/notes.txt", "mine/index.html", "posts/tea.bak"];

#[test]
fn files_that_causerie_did_not_write_are_left_alone() {
    let site = Site::good();
    for path in FOREIGN {
        put(&site.public().join(path), path);
    }
    let foreign = tree(&site.public());
    site.builds();
    site.write("content/posts/tea.md", "+++\ntitle = \"New tea\"\ndate = 2024-05-06\n+++\n");
    site.builds();
    fs::remove_file(site.root().join("content/posts/tea.md")).unwrap();
    fs::remove_file(site.root().join("content/posts/tea.comments.md")).unwrap();
    site.builds();
    let now = tree(&site.public());
    for (path, node) in &foreign {
        assert_eq!(now.get(path), Some(node), "{path} was touched");
    }
    assert!(!site.public().join("posts/tea/index.html").exists());
    assert!(!site.public().join("old").exists(), "an empty folder was left");
}

#[test]
fn a_foreign_file_in_an_outputs_place_is_reported_and_kept() {
    for path in ["index.html", "posts/tea/index.html", "style.css", "atom.xml"] {
        let site = Site::good();
        put(&site.public().join(path), "mine");
        let told = site.fails();
        assert!(told.contains(path) && told.contains("help: "), "{told}");
        assert_eq!(files(&site.public()).len(), 1);
    }
}

#[test]
fn a_foreign_file_with_the_bytes_of_an_output_stays_somebody_s() {
    let site = Site::good();
    put(&site.public().join("CNAME"), "site.example\n");
    site.write("static/CNAME", "site.example\n");
    site.builds();
    site.builds();
    site.remove("static/CNAME");
    site.builds();
    assert_eq!(site.output("CNAME"), "site.example\n");
    site.write("static/CNAME", "other.example\n");
    assert!(site.fails().contains("CNAME"));
}

#[test]
fn all_foreign_files_are_reported_at_once() {
    let site = Site::good();
    for path in ["index.html", "style.css", "posts/tea"] {
        put(&site.public().join(path), "mine");
    }
    let told = site.fails();
    for path in ["index.html", "style.css", "posts/tea"] {
        assert!(told.contains(path), "{told}");
    }
}

#[test]
fn a_foreign_file_where_a_folder_is_needed_is_reported_and_kept() {
    for path in ["posts", "posts/tea", "tags/drinks"] {
        let site = Site::good();
        put(&site.public().join(path), "mine");
        let told = site.fails();
        assert!(told.contains(path), "{told}");
    }
    // Also where everything else is as it should be.
    let site = Site::good();
    site.builds();
    put(&site.public().join("new"), "mine");
    site.write("content/new.md", "+++\ntitle = \"N\"\n+++\n");
    assert!(site.fails().contains("new"));
}

#[test]
fn a_foreign_folder_where_a_file_is_needed_is_reported_and_kept() {
    for path in ["style.css", "posts/tea/index.html", "index.html"] {
        let site = Site::good();
        fs::create_dir_all(site.public().join(path)).unwrap();
        let told = site.fails();
        assert!(told.contains(path) && told.contains("help: "), "{told}");
    }
    // A folder in the place of a file of an earlier build, with something in it.
    let site = Site::good();
    site.builds();
    fs::remove_file(site.public().join("style.css")).unwrap();
    put(&site.public().join("style.css/mine"), "mine");
    site.write("content/posts/tea.md", "+++\ntitle = \"New tea\"\ndate = 2024-05-06\n+++\n");
    assert!(site.fails().contains("style.css"));
}

#[test]
fn outputs_of_a_removed_page_go_with_the_folders_that_they_leave_empty() {
    let site = Site::good();
    site.builds();
    assert!(site.public().join("posts/milk/cow.txt").is_file());
    fs::remove_dir_all(site.root().join("content/posts/milk")).unwrap();
    site.write("content/posts/tea.md", "+++\ntitle = \"Tea\"\ndate = 2024-02-03\n+++\n");
    let report = site.builds();
    assert!(report.summary.removed > 3, "{:?}", report.summary);
    for path in ["posts/milk", "old", "tags"] {
        assert!(!site.public().join(path).exists(), "{path}");
    }
    // What is there now is what a build into a new folder gives.
    let output = site.beside("fresh");
    site.build_into(&output);
    assert_eq!(files(&output), files(&site.public()));
    assert_eq!(
        tree(&output).into_iter().filter(|(_, node)| *node == Node::Folder).collect::<Vec<_>>(),
        tree(&site.public()).into_iter().filter(|(_, node)| *node == Node::Folder).collect::<Vec<_>>()
    );
}

#[test]
fn a_second_build_writes_nothing() {
    let site = Site::good();
    site.builds();
    let before = tree(&site.public());
    let report = site.builds();
    assert_eq!((report.summary.written, report.summary.removed), (0, 0));
    assert_eq!(tree(&site.public()), before);
}

#[test]
fn an_output_that_somebody_damaged_is_mended() {
    let site = Site::good();
    site.builds();
    let clean = files(&site.public());
    put(&site.public().join("index.html"), "broken");
    fs::remove_file(site.public().join("style.css")).unwrap();
    fs::remove_dir_all(site.public().join("posts/tea")).unwrap();
    site.builds();
    assert_eq!(files(&site.public()), clean);
}

#[test]
fn a_manifest_that_nobody_can_read_says_nothing_of_anybody_s_files() {
    let site = Site::good();
    site.builds();
    put(&site.public().join("keep.txt"), "mine");
    let manifest = site.public().join(".causerie-manifest");
    let mut text = fs::read_to_string(&manifest).unwrap();
    text.push_str("keep.txt\n../../victim x\n\n \nff ff\n-1 -1\n");
    fs::write(&manifest, text).unwrap();
    site.builds();
    assert!(site.public().join("keep.txt").is_file());

    // Outputs that are as they should be stay, and the next build knows them again.
    fs::write(&manifest, b"\xff\xfe\x00").unwrap();
    site.builds();
    let clean = files(&site.public());
    site.builds();
    assert_eq!(files(&site.public()), clean);
}

#[test]
fn the_manifest_names_nothing() {
    let site = Site::good();
    site.write(
        "content/posts/unlisted-letter.md",
        "+++\ntitle = \"L\"\nhidden = true\ndate = 2024-02-03\n+++\nText.\n",
    );
    site.builds();
    assert!(site.public().join("posts/unlisted-letter/index.html").is_file());
    let manifest = site.output(".causerie-manifest");
    for line in manifest.lines().skip(1) {
        assert!(line.chars().all(|c| c.is_ascii_hexdigit() || c == ' '), "{line}");
    }
    // It is the same for the same site, however it came to be.
    let clean = site.beside("clean");
    site.write("content/posts/tea.md", "+++\ntitle = \"New tea\"\ndate = 2024-05-06\n+++\n");
    site.builds();
    assert!(!site.build_into(&clean).failed());
    assert_eq!(site.output(".causerie-manifest"), fs::read_to_string(clean.join(".causerie-manifest")).unwrap());
}

#[test]
fn stale_outputs_go_without_a_cache_too() {
    let site = Site::good();
    site.write("static/deep/er/old.txt", "old");
    site.builds();
    put(&site.public().join("deep/mine.txt"), "old");
    for forgets in [true, false] {
        site.write("static/deep/er/old.txt", "old");
        site.builds();
        site.remove("static/deep/er/old.txt");
        if forgets {
            fs::remove_dir_all(site.root().join(".causerie")).unwrap();
        }
        assert_eq!(site.builds().summary.removed, 1);
        assert!(!site.public().join("deep/er").exists());
        assert!(site.public().join("deep/mine.txt").is_file());
    }
}

#[test]
fn an_author_s_file_at_the_path_of_a_stale_output_stays() {
    for forgets in [true, false] {
        let site = Site::good();
        site.write("static/page.html", "of Causerie");
        site.builds();
        // Of the same size, too.
        put(&site.public().join("page.html"), "of an autho");
        site.remove("static/page.html");
        if forgets {
            fs::remove_dir_all(site.root().join(".causerie")).unwrap();
        }
        let report = site.builds();
        let told = said(&report.diagnostics);
        assert!(told.contains("`page.html`") && told.contains("help: "), "{told}");
        assert_eq!((site.output("page.html").as_str(), report.summary.removed), ("of an autho", 0));
        // From then on it is nobody's but the author's.
        assert!(!said(&site.builds().diagnostics).contains("page.html"));
        site.write("static/page.html", "of Causerie again");
        assert!(site.fails().contains("page.html"));
    }
    // Nor does it make way for a folder.
    let site = Site::plain().with(&[("static/a", "file"), ("static/b", "file")]);
    site.builds();
    put(&site.public().join("a"), "mine");
    site.remove("static/a");
    site.write("static/a/b", "folder");
    assert!(site.fails().contains("`a`"));
}

#[test]
fn outputs_change_places_with_folders() {
    let site = Site::plain().with(&[("static/a", "file"), ("static/b/c/d", "file")]);
    site.builds();
    site.remove("static/a");
    fs::remove_dir_all(site.root().join("static/b")).unwrap();
    site.write("static/a/b/c", "folder");
    site.write("static/b", "file");
    site.builds();
    assert_eq!(site.output("a/b/c"), "folder");
    assert_eq!(site.output("b"), "file");

    // But not where somebody else has put something into the folder.
    let site = Site::plain().with(&[("static/b/c/d", "file")]);
    site.builds();
    put(&site.public().join("b/c/mine"), "mine");
    fs::remove_dir_all(site.root().join("static/b")).unwrap();
    site.write("static/b", "file");
    let told = site.fails();
    assert!(told.contains('b'), "{told}");
}

#[test]
fn the_folder_where_replies_wait_is_no_output_folder() {
    let site = Site::good();
    put(&site.root().join("inbox/key"), "secret");
    for place in ["inbox", "inbox/below", "inbox/../inbox"] {
        let told = refuses(&site, &site.root().join(place));
        assert!(told.contains("replies wait there"), "{told}");
    }
    site.write("site.toml", "base_url = \"https://site.example\"\n[comments]\ninbox = \"out/inbox\"\n");
    refuses(&site, &site.root().join("out"));
}

/// A folder of the output into which the build may not write, as a run without all rights sees it.
#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_written_into_leaves_everything_as_it_was() {
    use std::os::unix::fs::PermissionsExt;
    for closed in ["posts/tea", "posts/milk"] {
        let site = Site::good();
        site.write("content/posts/tea.md", "+++\ntitle = \"Tea\"\ndate = 2024-02-03\n+++\nOld.\n");
        let build = || crate::stops::build_without_rights(&site);
        assert_eq!(build().0, Some(0), "{}", build().1);
        let (closed, before) = (site.public().join(closed), tree(&site.public()));
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o555)).unwrap();

        // One page changes, and one goes.
        site.write("content/posts/tea.md", "+++\ntitle = \"More tea\"\ndate = 2024-02-03\n+++\nNew.\n");
        fs::remove_dir_all(site.root().join("content/posts/milk")).unwrap();
        let (status, told) = build();
        assert_eq!(status, Some(1), "{told}");
        assert!(told.contains("Permission denied") && told.contains("give yourself the right"), "{told}");
        assert_eq!(tree(&site.public()), before, "{told}");

        fs::set_permissions(&closed, fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(build().0, Some(0), "{}", build().1);
        assert!(site.output("posts/tea/index.html").contains("More tea"));
        assert!(!site.public().join("posts/milk").exists());
    }
}

/// Changes the output folder of a site after its page `old` has gone from the sources; the next build has to work, to leave what
/// is there alone, and to do all else.
fn leaves_at_a_stale_place(change: impl FnOnce(&Path)) {
    let site = Site::good();
    site.write("static/old.html", "old");
    site.write("static/deep/old.html", "old");
    site.builds();
    site.remove("static/old.html");
    site.remove("static/deep/old.html");
    site.write("content/posts/tea.md", "+++\ntitle = \"New tea\"\ndate = 2024-05-06\n+++\n");
    for path in ["old.html", "deep/old.html"] {
        fs::remove_file(site.public().join(path)).unwrap();
    }
    change(&site.public());
    let mine: Vec<_> = tree(&site.public()).into_iter().filter(|(path, _)| path.contains("old.html")).collect();
    site.builds();
    assert!(site.output("posts/tea/index.html").contains("New tea"));
    let now: Vec<_> = tree(&site.public()).into_iter().filter(|(path, _)| path.contains("old.html")).collect();
    assert_eq!(now, mine);
    assert_eq!(site.builds().summary.written, 0);
}

#[test]
fn a_folder_or_link_where_a_stale_output_was_is_left_alone() {
    leaves_at_a_stale_place(|public| fs::create_dir(public.join("old.html")).unwrap());
    leaves_at_a_stale_place(|public| put(&public.join("old.html/mine.txt"), "mine"));
    leaves_at_a_stale_place(|public| fs::create_dir(public.join("deep/old.html")).unwrap());
    #[cfg(unix)]
    leaves_at_a_stale_place(|public| std::os::unix::fs::symlink("nowhere", public.join("old.html")).unwrap());
    #[cfg(unix)]
    leaves_at_a_stale_place(|public| std::os::unix::fs::symlink("posts", public.join("old.html")).unwrap());
    leaves_at_a_stale_place(|public| {
        fs::remove_dir(public.join("deep")).unwrap();
        put(&public.join("deep"), "mine");
    });
}

#[test]
fn what_stands_in_the_way_is_found_before_anything_changes() {
    // An empty folder of somebody else's in a folder that must become a file.
    let site = Site::plain().with(&[("static/b/c/d", "file")]);
    site.builds();
    fs::create_dir(site.public().join("b/empty")).unwrap();
    fs::remove_dir_all(site.root().join("static/b")).unwrap();
    site.write("static/b", "file");
    assert!(site.fails().contains("`b`"));
    fs::remove_dir(site.public().join("b/empty")).unwrap();
    site.builds();
    assert_eq!(site.output("b"), "file");

    // A folder in the place of the list.
    let site = Site::good();
    fs::create_dir_all(site.public().join(".causerie-manifest")).unwrap();
    assert!(site.fails().contains(".causerie-manifest"));
}

#[test]
fn builds_into_one_folder_wait_for_each_other() {
    // Without a cache nothing else keeps them apart.
    let sites: Vec<Site> = (0..2).map(|_| Site::good().with(&[(".causerie", "mine")])).collect();
    let output = sites[0].beside("out");
    for round in 0..4 {
        let change = format!("+++\ntitle = \"Tea {round}\"\ndate = 2024-02-03\n+++\n");
        sites.iter().for_each(|site| site.write("content/posts/tea.md", &change));
        std::thread::scope(|scope| {
            for site in sites.iter().chain(&sites) {
                let output = &output;
                scope.spawn(move || {
                    let report = site.build_into(output);
                    assert!(!report.failed(), "{}", said(&report.diagnostics));
                });
            }
        });
        let clean = sites[1].beside("clean");
        assert!(!sites[1].build_into(&clean).failed());
        assert_eq!(files(&output), files(&clean));
        if round == 1 {
            fs::remove_dir_all(&output).unwrap();
        }
    }
}

#[test]
fn builds_that_fail_at_once_leave_no_folder() {
    let site = Site::good().with(&[(".causerie", "mine"), ("templates/404.html", "{{ nothing.at.all }}")]);
    let output = site.beside("a/b");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert!(site.build_into(&output).failed()));
        }
    });
    assert!(!site.beside("a").exists());
}
