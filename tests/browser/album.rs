//! The theme for photo blogs, `themes/album`, which is written with what the documentation says of themes.

use std::fs;
use std::path::Path;

use serde_json::json;

use crate::browser::Browser;
use crate::markup::REPEATED_IDS;
use crate::narrow::TOO_WIDE;
use crate::sites::{Served, copy};

/// A site with the theme, photographs, long words, and a thread.
pub fn site() -> Served {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder can be made");
        fs::write(path, text).expect("a file can be written");
    };
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("themes/album"), &folder.path().join("themes/album"));
    let word = "Donaudampfschifffahrtsgesellschaftskapitän".repeat(3);
    write(
        "site.toml",
        &format!(
            "base_url = \"https://example.org\"\ntitle = \"{word}\"\ntheme = \"album\"\ngenerate_feeds = true\n\
             taxonomies = [{{ name = \"tags\" }}]\n[comments]\nendpoint = \"/-/comments\"\n\
             [extra]\nmenu = [{{ title = \"{word}\", path = \"photos\" }}, {{ title = \"About\", path = \"about\" }}]\n"
        ),
    );
    write("content/_index.md", "+++\n+++\n");
    write("content/photos/_index.md", "+++\ntitle = \"Photos\"\nsort_by = \"date\"\npaginate_by = 3\n+++\n");
    write("content/about.md", "+++\ntitle = \"About\"\n+++\nBirds.\n");
    write("content/search.md", "+++\ntitle = \"Search\"\ntemplate = \"search.html\"\n+++\n");
    for day in 1..=4 {
        let front = format!(
            "+++\ntitle = \"{word} {day}\"\ndate = 2026-01-0{day}\n[taxonomies]\ntags = [\"{word}\"]\n+++\n{word}\n\n```\n{}\n```\n",
            "x ".repeat(200)
        );
        write(&format!("content/photos/p{day}/index.md"), &front);
        let picture = image::RgbImage::from_fn(700, 500, |x, y| image::Rgb([x as u8, y as u8, day]));
        picture.save(folder.path().join(format!("content/photos/p{day}/bird.png"))).expect("a picture");
    }
    write("content/photos/words.md", "+++\ntitle = \"Without a picture\"\ndate = 2025-01-01\n+++\nWords.\n");
    let name = "N".repeat(100);
    let comment = |id: u8, answered: u8| {
        format!(
            "+++\nid = \"{id}\"\nauthor = \"{name}\"\ndate = 2026-01-05\nreply_to = \"{answered}\"\n+++\n{word}\n\n"
        )
    };
    let first = format!(
        "+++\nid = \"1\"\nauthor = \"{name}\"\ndate = 2026-01-05\n+++\nhttps://example.org/{}\n\n",
        "a".repeat(300)
    );
    let thread: String = (2..7).map(|id| comment(id, id - 1)).collect();
    write("content/photos/p4/index.comments.md", &format!("{first}{thread}"));
    Served::build(folder.path())
}

pub fn its_pages_fit_a_phone_and_are_valid() {
    let site = site();
    let browser = Browser::start();
    for width in [320, 390, 1200] {
        browser.resize(width, 700);
        for path in [
            "/",
            "/photos/",
            "/photos/page/2/",
            "/photos/p4/",
            "/photos/words/",
            "/about/",
            "/tags/",
            "/search/",
            "/404.html",
        ] {
            browser.open(&site.url(path));
            assert_eq!(browser.eval(TOO_WIDE), json!([]), "{path} at {width}");
            assert_eq!(browser.eval(REPEATED_IDS), json!([]), "{path}");
            assert!(browser.holds("[...document.images].every(one => one.alt && one.width)"), "{path}");
            assert!(browser.count("h1") == 1 && browser.count("main") == 1, "{path}");
        }
    }
    browser.resize(320, 700);
    browser.open(&site.url("/"));
    assert_eq!(browser.count(".wall img"), 4);
    browser.wait_until("document.images[0].currentSrc.endsWith('.webp') && document.images[0].naturalWidth > 0");
    browser.open(&site.url("/photos/p4/"));
    assert_eq!(browser.count("#comments .comment"), 6);
    assert!(browser.holds("document.querySelector('#respond').action.endsWith('/-/comments')"));
    assert!(browser.holds("document.querySelector('.photo img').srcset.includes(' 480w, ')"));
    assert_eq!(browser.count("script:not([type=module])"), 0, "it has no scripts of its own");
    browser.open(&site.url("/search/?q=captain"));
    browser.wait_until("document.querySelector('[data-search-results]').textContent.includes('Nothing found')");
}
