//! What a post of a new site loads before the reader does anything.

use std::fs;

use crate::Session;

/// The files that the elements of a page name, by the start of the element and the attribute.
fn named<'a>(page: &'a str, element: &'a str, attribute: &'a str) -> impl Iterator<Item = &'a str> {
    let elements = page.split(element).skip(1).filter_map(|rest| rest.split('>').next());
    elements.filter_map(move |element| element.split(attribute).nth(1)?.split(['"', '?']).next())
}

#[test]
fn a_post_loads_few_scripts_and_styles() {
    let session = Session::new();
    assert_eq!(session.causerie(&["init", "--base-url", "https://a.example"]).status, 0);
    let config = session.read("site.toml").replace("# endpoint", "endpoint");
    session.write("site.toml", &config);
    assert_eq!(session.causerie(&["build"]).status, 0);
    let page = session.read("public/posts/hello/index.html");
    let weigh = |addresses: Vec<&str>| -> (Vec<String>, usize) {
        let path = |address: &str| format!("public{}", address.trim_start_matches("https://a.example"));
        let size = |path: &String| fs::metadata(session.path(path)).unwrap_or_else(|_| panic!("{path}")).len() as usize;
        let paths: Vec<String> = addresses.into_iter().map(path).collect();
        let sum = paths.iter().map(size).sum();
        (paths, sum)
    };
    let (scripts, size) = weigh(named(&page, "<script", "src=\"").collect());
    assert!(scripts.len() == 4 && size <= 15_000, "{size} bytes: {scripts:?}");
    let (styles, size) = weigh(named(&page, "<link rel=\"stylesheet\"", "href=\"").collect());
    assert!(styles.len() == 4 && size <= 25_000, "{size} bytes: {styles:?}");
    let (fonts, size) = weigh(named(&page, "<link rel=\"preload\"", "href=\"").collect());
    assert!(fonts.len() == 1 && size <= 45_000, "{size} bytes: {fonts:?}");
}
