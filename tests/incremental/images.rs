//! Processed images: made once, kept while somebody shows them, and made of what the source is now.

use std::collections::BTreeSet;
use std::fs;
use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use sha2::{Digest, Sha256};

use crate::site::{Files, Site, files, is_built, problems, times};

const SITE: &[(&str, &str)] = &[
    ("site.toml", "base_url = \"https://x.example\"\nbuild_search_index = false\n"),
    ("templates/section.html", "{% for page in section.pages %}{{ page.title }}{% endfor %}"),
    ("templates/index.html", "{% for page in section.pages %}{{ page.title }}{% endfor %}"),
    (
        "templates/page.html",
        "{{ page.content | safe }}{% for asset in page.assets %}{% set i = resize_image(path=asset, width=8, op='fit_width') %}\
         <img src=\"{{ i.url }}\" width={{ i.width }} height={{ i.height }}>{% endfor %}",
    ),
    (
        "templates/components.html",
        "{% component thumb(path: string) %}{% set i = resize_image(path=path, width=4, height=4, format='webp', quality=70) %}\
         <img src=\"{{ i.url }}\">{% endcomponent thumb %}",
    ),
    ("content/a/index.md", "+++\ntitle = \"A\"\ndate = 2024-01-01\n+++\n{{ <thumb path=\"cup.png\" /> }}\n"),
    ("content/b.md", "+++\ntitle = \"B\"\ndate = 2024-01-02\n+++\n{{ <thumb path=\"cup.png\" /> }}\n"),
];

fn picture(width: u32, height: u32, red: u8) -> Vec<u8> {
    let pixels = RgbImage::from_fn(width, height, |x, y| Rgb([red, x as u8, y as u8]));
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::from(pixels).write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn site() -> Site {
    let site = Site::new(SITE);
    site.write("static/cup.png", picture(32, 16, 10));
    site.write("content/a/leaf.png", picture(40, 20, 20));
    site
}

/// The names of the processed images.
fn images(files: &Files) -> BTreeSet<String> {
    files.keys().filter_map(|path| path.strip_prefix("processed_images/")).map(str::to_owned).collect()
}

/// Builds the site, which must become what a clean build makes of it.
fn build(site: &mut Site) -> (Files, (usize, usize)) {
    let report = site.build();
    assert!(is_built(&report), "{}", problems(&report));
    let (public, (clean_report, clean)) = (files(&site.public()), site.clean_build());
    assert!(is_built(&clean_report), "{}", problems(&clean_report));
    assert!(public == clean, "{:?} {:?}", public.keys(), clean.keys());
    (public, (report.summary.written, report.summary.removed))
}

#[test]
fn images_are_made_once_and_follow_their_sources() {
    let mut site = site();
    let (first, _) = build(&mut site);
    let names = images(&first);
    assert_eq!(names.len(), 2, "{names:?}");
    let page = String::from_utf8(first["a/index.html"].clone()).unwrap();
    for name in &names {
        assert!(page.contains(&format!("https://x.example/processed_images/{name}")), "{page}");
    }
    assert!(page.contains("width=8 height=4"), "{page}");

    // Nothing to do.
    let before = times(&site.public());
    assert_eq!(site.build().summary.written, 0);
    // The text of a page leaves its images as they are.
    site.write(
        "content/a/index.md",
        "+++\ntitle = \"A\"\ndate = 2024-01-01\n+++\nNew. {{ <thumb path=\"cup.png\" /> }}\n",
    );
    let (second, (written, removed)) = build(&mut site);
    assert_eq!((images(&second), written, removed), (names.clone(), 1, 0));
    let after = times(&site.public());
    names
        .iter()
        .map(|name| format!("processed_images/{name}"))
        .for_each(|path| assert_eq!(before[&path], after[&path]));

    // A new source gives a new name, on every page that shows it.
    site.write("static/cup.png", picture(32, 16, 99));
    let (third, (written, removed)) = build(&mut site);
    // The source, its image and two pages.
    assert_eq!((images(&third).len(), written, removed), (2, 4, 1));
    assert_eq!(images(&third).intersection(&names).count(), 1);

    // One page that still shows an image keeps it.
    site.write("content/b.md", "+++\ntitle = \"B\"\ndate = 2024-01-02\n+++\nNone.\n");
    assert_eq!(images(&build(&mut site).0), images(&third));
    site.write("content/a/index.md", "+++\ntitle = \"A\"\ndate = 2024-01-01\n+++\nNone.\n");
    assert_eq!(images(&build(&mut site).0).len(), 1);
    // Other widths for all are no reason to stop.
    let template = "{% set i = resize_image(path='cup.png', width=9, op='fit_width') %}{{ i.url }}";
    site.write("templates/page.html", template);
    let last = images(&build(&mut site).0);
    assert!(last.len() == 1 && !images(&third).contains(last.first().unwrap()), "{last:?}");
}

#[test]
fn an_image_that_was_deleted_or_changed_comes_back_from_the_cache() {
    let mut site = site();
    let (first, _) = build(&mut site);
    let names: Vec<String> = images(&first).into_iter().collect();
    fs::remove_file(site.public().join("processed_images").join(&names[0])).unwrap();
    site.write(&format!("public/processed_images/{}", names[1]), "changed by hand");
    let (second, (written, _)) = build(&mut site);
    assert!(second == first);
    assert_eq!(written, 2);
    let cached = files(&site.root().join(".causerie/images"));
    assert_eq!(cached.len(), 2);
    // It is used: what is damaged in it is made again.
    for name in cached.keys() {
        site.write(&format!(".causerie/images/{name}"), "spoilt");
    }
    fs::remove_dir_all(site.public()).unwrap();
    assert!(build(&mut site).0 == first);
}

#[test]
fn a_damaged_image_stops_the_build_and_is_named() {
    let mut site = site();
    let (first, _) = build(&mut site);
    let whole = picture(32, 16, 5);
    site.write("static/cup.png", &whole[..whole.len() / 2]);
    let (report, (clean, _)) = (site.build(), site.clean_build());
    let found = problems(&report);
    assert!(found.contains("`static/cup.png` cannot be resized") && !is_built(&report), "{found}");
    assert_eq!(found, problems(&clean));
    assert!(files(&site.public()) == first);
    // Without its header it stops where a template asks for it.
    site.write("static/cup.png", &whole[..12]);
    let found = problems(&site.build());
    assert!(
        found.contains("`static/cup.png` cannot be used as an image: the header of this PNG file is damaged"),
        "{found}"
    );
    site.write("static/cup.png", whole);
    build(&mut site);
}

#[test]
fn the_hash_of_an_image_is_that_of_its_file() {
    let mut site = site();
    site.write(
        "templates/page.html",
        "{% set i = resize_image(path='cup.png', width=5, op='fit_width') %}\
         {{ i.static_path }} {{ get_hash(path=i.static_path, sha_type=256, base64=false) }} \
         {% set path = i.static_path | replace(from='static/', to='') %}{{ get_url(path=path, cachebust=true) }}",
    );
    let (public, _) = build(&mut site);
    let page = String::from_utf8(public["b/index.html"].clone()).unwrap();
    let parts: Vec<&str> = page.split_whitespace().collect();
    let path = parts[0].strip_prefix("static/").unwrap();
    let hash: String = Sha256::digest(&public[path]).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(parts[1], hash);
    assert_eq!(parts[2], format!("https://x.example/{path}?h={}", &hash[..20]));
}

#[test]
fn a_check_finds_a_damaged_image_and_writes_nothing() {
    let site = site();
    let whole = picture(32, 16, 5);
    site.write("static/cup.png", &whole[..whole.len() / 2]);
    let options = causerie::build::Options { root: site.root(), ..Default::default() };
    let report = causerie::build::check(&options);
    assert!(problems(&report).contains("`static/cup.png` cannot be resized"), "{}", problems(&report));
    site.write("static/cup.png", whole);
    let report = causerie::build::check(&options);
    assert!(is_built(&report), "{}", problems(&report));
    assert!(!site.public().exists());
}
