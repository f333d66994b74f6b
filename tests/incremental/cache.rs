//! The cache can be lost, torn and edited, and two builds at once do not hurt each other.

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};

use causerie::build::{self, Options};

use super::site::{Site, files, is_built, problems};

const SITE: &[(&str, &str)] = &[
    ("site.toml", "base_url = \"https://x.example\"\ntheme = \"salon\"\n"),
    ("content/a.md", "+++\ntitle = \"A\"\ndate = 2024-01-01\n+++\nA.\n"),
    ("content/b.md", "+++\ntitle = \"B\"\ndate = 2024-01-02\n+++\nB.\n"),
];

#[test]
fn a_cache_that_is_lost_or_spoilt_is_made_again_without_complaint() {
    let mut site = Site::new(SITE);
    assert!(is_built(&site.build()));
    let (_, clean) = site.clean_build();
    let cache = site.root().join(".causerie");
    let names: Vec<String> = files(&cache).into_keys().filter(|name| name != "lock").collect();
    assert!(names.len() >= 3, "{names:?}");
    let spoil: [fn(Vec<u8>) -> Vec<u8>; 5] = [
        |_| Vec::new(),
        |bytes| bytes[..bytes.len() / 2].to_vec(),
        |bytes| [bytes, b"more".to_vec()].concat(),
        |mut bytes| {
            let last = bytes.len() - 1;
            bytes[last] ^= 1;
            bytes
        },
        |bytes| bytes.iter().map(|byte| byte.wrapping_add(1)).collect(),
    ];
    for name in &names {
        for spoil in spoil {
            fs::write(cache.join(name), spoil(fs::read(cache.join(name)).unwrap())).unwrap();
            let report = site.build();
            assert_eq!((problems(&report), report.summary.written), (String::new(), 0), "{name}");
            assert_eq!(files(&site.public()), clean);
        }
    }
    fs::remove_dir_all(&cache).unwrap();
    assert_eq!(site.build().summary.written, 0);
    assert_eq!(fs::read_to_string(cache.join(".gitignore")).unwrap().lines().last(), Some("*"));
}

#[test]
fn highlighted_code_is_kept_and_changes_nothing() {
    let config = |theme: &str| {
        format!("base_url = \"https://x.example\"\ntheme = \"salon\"\n[markdown.highlighting]\ntheme = \"{theme}\"\n")
    };
    let mut site = Site::new(&[
        ("site.toml", &config("nord")),
        ("content/a.md", "+++\ntitle = \"A\"\ndate = 2024-01-01\n+++\n```rust\nlet a = 1;\n```\n"),
        ("content/b.md", "+++\ntitle = \"B\"\ndate = 2024-01-02\n+++\n```rust\nlet b = 1;\n```\n"),
    ]);
    assert!(is_built(&site.build()));
    let size = |site: &Site| fs::metadata(site.root().join(".causerie/code")).unwrap().len();
    let first = size(&site);
    // Into an empty folder it is built from what is kept.
    fs::remove_dir_all(site.public()).unwrap();
    assert!(is_built(&site.build()));
    assert_eq!(files(&site.public()), site.clean_build().1);
    // An edit adds to it, and a theme makes all of it new.
    site.write("content/a.md", "+++\ntitle = \"A\"\ndate = 2024-01-01\n+++\n```rust\nlet c = 1;\n```\n");
    assert!(is_built(&site.build()));
    assert!(size(&site) > first);
    // A build that makes everything drops what no page shows any more.
    assert_eq!(files(&site.public()), site.clean_build().1);
    assert_eq!(size(&site), first);
    site.write("site.toml", config("dracula"));
    assert!(is_built(&site.build()));
    assert_eq!(files(&site.public()), site.clean_build().1);
}

#[test]
fn a_file_in_the_place_of_the_cache_is_left_alone() {
    let site = Site::new(SITE);
    site.write(".causerie", "mine");
    assert!(is_built(&site.build()));
    assert_eq!((site.read(".causerie").as_str(), site.build().summary.written), ("mine", 0));
}

#[test]
fn a_build_into_another_folder_leaves_the_state_of_the_first_right() {
    let site = Site::new(SITE);
    site.build();
    let other = |force: bool, base_url: Option<&str>| {
        let options = Options {
            root: site.root(),
            output: Some(site.root().join("elsewhere")),
            base_url: base_url.map(str::to_owned),
            force,
            ..Options::default()
        };
        assert!(is_built(&build::build(&options)));
    };
    for (force, base_url) in
        [(false, None), (true, None), (false, Some("https://y.example")), (true, Some("https://z.example"))]
    {
        other(force, base_url);
        let report = site.build();
        assert_eq!((report.summary.written, report.explained.len()), (0, 0), "{:?}", report.explained);
        site.write("content/a.md", format!("+++\ntitle = \"A\"\ndate = 2024-01-01\n+++\n{force} {base_url:?}\n"));
        other(force, base_url);
        // The page, the first page with its beginning, and of the search its text and the root.
        assert_eq!(site.build().summary.written, 4);
    }
}

#[test]
fn two_builds_at_once_wait_for_each_other_and_say_so() {
    static WAITED: AtomicUsize = AtomicUsize::new(0);
    let mut site = Site::new(SITE);
    for number in 0..60 {
        site.write(&format!("content/post{number}.md"), format!("+++\ntitle = \"P{number}\"\n+++\nText.\n"));
    }
    let options = Options {
        root: site.root(),
        force: true,
        say: Some(|text| {
            assert!(text.contains("Another build of this site is running"), "{text}");
            WAITED.fetch_add(1, Ordering::Relaxed);
        }),
        ..Options::default()
    };
    std::thread::scope(|scope| {
        let builds: Vec<_> = (0..3).map(|_| scope.spawn(|| build::build(&options))).collect();
        for build in builds {
            let report = build.join().unwrap();
            assert!(is_built(&report), "{}", problems(&report));
        }
    });
    assert!(WAITED.load(Ordering::Relaxed) > 0);
    assert_eq!(files(&site.public()), site.clean_build().1);
}

#[test]
fn an_error_is_reported_as_in_a_clean_build() {
    let mut site = Site::new(SITE);
    site.build();
    let before = files(&site.public());
    site.write("content/b.md", "+++\ntitle = \"B\"\n+++\nTo [a](@/a.md#nowhere) and [c](@/c.md).\n");
    let (report, (clean, _)) = (site.build(), site.clean_build());
    assert!(problems(&report).contains("content/b.md:4:8"), "{}", problems(&report));
    assert_eq!(problems(&report), problems(&clean));
    assert_eq!(files(&site.public()), before);
}

#[test]
fn a_forced_build_mends_what_was_edited_unseen() {
    let site = Site::new(&[("site.toml", "base_url = \"https://x.example\"\n"), ("static/a.css", "a { color: red }")]);
    assert!(is_built(&site.build()));
    std::thread::sleep(std::time::Duration::from_millis(50));
    let place = site.public().join("a.css");
    let modified = place.metadata().unwrap().modified().unwrap();
    fs::write(&place, "a { color: tan }").unwrap();
    fs::File::options().write(true).open(&place).unwrap().set_modified(modified).unwrap();
    let forced = Options { root: site.root(), force: true, shrink: true, ..Options::default() };
    assert!(is_built(&build::build(&forced)));
    assert_eq!(fs::read_to_string(&place).unwrap(), "a { color: red }");
}

#[test]
fn the_configuration_decides_what_is_a_link_also_in_parsed_files() {
    let toml = |lists: bool| format!("base_url = \"https://x.example\"\n[markdown]\ndefinition_list = {lists}\n");
    let site = Site::new(&[
        ("templates/page.html", "{% for b in page.backlinks %}{{ b.title }}{% endfor %}"),
        ("content/tea.md", "+++\ntitle = \"Tea\"\n+++\n"),
        ("content/cups.md", "+++\ntitle = \"Cups\"\n+++\nCup\n\n: A vessel\n\n    See [tea](@/tea.md).\n"),
    ]);
    for is_list in [false, true, false] {
        site.write("site.toml", toml(is_list));
        std::thread::sleep(std::time::Duration::from_millis(60));
        let report = site.build();
        assert!(is_built(&report), "{}", problems(&report));
        let backlinks = std::fs::read_to_string(site.public().join("tea/index.html")).unwrap();
        assert_eq!(backlinks, if is_list { "Cups" } else { "" }, "definition lists: {is_list}");
    }
}
