//! The themes and the built-in templates have no words of their own: readers see texts that are translated.

use std::fs;
use std::path::{Path, PathBuf};

/// The attributes whose values readers see or hear.
const SPOKEN: [&str; 6] = ["alt", "aria-description", "aria-label", "label", "placeholder", "title"];

/// What is no word of a language.
const NAMES: [&str; 1] = ["Causerie"];

/// The files below a folder whose names end so.
fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push(path);
            }
        }
    }
    assert!(!found.is_empty(), "{folder}");
    found
}

/// The template without its tags, each of which leaves a zero byte, and these tags.
fn split(template: &str) -> (String, Vec<&str>) {
    let (mut html, mut tags, mut rest) = (String::new(), Vec::new(), template);
    while let Some(start) = rest.find("{{").into_iter().chain(rest.find("{%")).chain(rest.find("{#")).min() {
        let end_mark = match rest.as_bytes()[start + 1] {
            b'{' => "}}",
            b'%' => "%}",
            _ => "#}",
        };
        let end = rest[start..].find(end_mark).map_or(rest.len(), |length| start + length + 2);
        html.push_str(&rest[..start]);
        if end_mark != "#}" {
            html.push('\0');
            tags.push(&rest[start..end]);
        }
        rest = &rest[end..];
    }
    html.push_str(rest);
    (html, tags)
}

fn has_word(text: &str) -> bool {
    let text = NAMES.iter().fold(text.to_owned(), |text, name| text.replace(name, ""));
    let is_entity = |part: &str| part.starts_with('&') && part.ends_with(';');
    text.split([' ', '\0', '\n']).any(|part| {
        let is_word = part.chars().filter(|char| char.is_alphabetic()).count() > 1;
        is_word && !is_entity(part) && !part.contains("://")
    })
}

/// Texts in quotation marks that begin with a capital letter or have several words.
fn sentences(tag: &str) -> impl Iterator<Item = &str> {
    let is_message = tag.contains("throw(");
    let texts = tag.split('"').skip(1).step_by(2).filter(move |_| !is_message);
    texts.filter(|text| {
        let is_capital = text.starts_with(|char: char| char.is_uppercase()) && text.len() > 1;
        has_word(text) && (is_capital || text.trim().contains(' '))
    })
}

/// The words of a template: texts between its elements, values of attributes, and texts in what is computed.
fn words(template: &str) -> Vec<String> {
    let (html, tags) = split(template);
    let mut found: Vec<String> = tags.into_iter().flat_map(sentences).map(str::to_owned).collect();
    let mut rest = html.as_str();
    while let Some((text, more)) = rest.split_once('<') {
        found.push(text.to_owned());
        let (element, after) = more.split_once('>').unwrap_or((more, ""));
        for (start, _) in element.match_indices("=\"") {
            let name = element[..start].rsplit([' ', '\0', '\n']).next().unwrap_or_default();
            if SPOKEN.contains(&name) || name.starts_with("data-") && name != "data-scheme" {
                found.extend(element[start + 2..].split('"').next().map(str::to_owned));
            }
        }
        rest = ["script", "style"]
            .iter()
            .filter(|name| element.starts_with(**name))
            .find_map(|name| after.split_once(&format!("</{name}>")).map(|(_, rest)| rest))
            .unwrap_or(after);
    }
    found.push(rest.to_owned());
    found.retain(|text| has_word(text));
    found
}

#[test]
fn words_are_found_wherever_readers_see_them() {
    for template in [
        "<p>Read on</p>",
        "<p>{{ trans(key=\"a\") }} more</p>",
        "<img alt=\"A cat\">",
        "<nav aria-label=\"Main menu\">",
        "<button data-copy=\"Copy\">",
        "{{ page.title or \"Untitled\" }}",
        "{% set a = \"two words\" %}",
        "</b>end",
    ] {
        assert_eq!(words(template).len(), 1, "{template}: {:?}", words(template));
    }
    for template in [
        "{# A comment #}<p class=\"big one\">{{ trans(key=\"a\") }} – ©{{ year }}.</p>",
        "<script>let a = 1;</script>&hellip;<input placeholder=\"https://\">",
        "{{ throw(message=\"This is no video\") }}",
    ] {
        assert_eq!(words(template), [""; 0], "{template}");
    }
}

#[test]
fn templates_have_no_words_of_their_own() {
    for path in files("themes", "html").into_iter().chain(files("src/templates/builtin", "html")) {
        // One is JSON for programs, and two are Zola's to the letter, for sites without templates of their own.
        let is_known = ["json_ld.html", "builtin/zola/404.html", "builtin/zola/anchor-link.html"];
        if !is_known.iter().any(|known| path.ends_with(known)) {
            assert_eq!(words(&fs::read_to_string(&path).unwrap()), [""; 0], "{}: use `trans`", path.display());
        }
    }
}

#[test]
fn scripts_have_no_words_of_their_own() {
    for path in files("themes", "js") {
        let script = fs::read_to_string(&path).unwrap();
        for start in ["textContent = \"", "ariaLabel: \"", "title: \"", "\"aria-label\", \"", "append(\""] {
            let is_word = |rest: &str| rest.starts_with(|char: char| char.is_alphabetic());
            let found = script.split(start).skip(1).find(|rest| is_word(rest));
            assert_eq!(found.and_then(|rest| rest.lines().next()), None, "{}: {start}", path.display());
        }
    }
}
