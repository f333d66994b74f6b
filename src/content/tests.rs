use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::config::Markdown;
use crate::config::Network;
use crate::config::markdown::InsertAnchor;

const LANGUAGES: Languages<'static> = Languages { default: "en", others: &[] };

fn options() -> Options {
    parser_options(&Markdown::default())
}

fn source(path: &str, text: &str) -> SourceText {
    SourceText { path: path.into(), text: text.into() }
}

/// A page without problems.
fn page(path: &str, text: &str) -> PageDocument {
    match parse(source(path, text), &LANGUAGES, options()) {
        (Some(Document::Page(page)), problems) if problems.is_empty() => page,
        other => panic!("{text}: {other:?}"),
    }
}

fn section(text: &str) -> SectionDocument {
    match parse(source("content/blog/_index.md", text), &LANGUAGES, options()) {
        (Some(Document::Section(section)), problems) if problems.is_empty() => section,
        other => panic!("{text}: {other:?}"),
    }
}

const PAGE_TOML: &str = r#"+++
title = "Tides"
description = "What the sea does"
date = 2024-02-03T10:00:00+01:00
updated = "2024-02-04"
weight = -2
draft = true
render = false
slug = "tides"
path = "sea/tides"
aliases = ["moon", "/old/"]
authors = ["Jo Field", "42"]
template = "sea.html"
in_search_index = false
include_in_feeds = false
hidden = true
comments = "closed"

[discussions]
lobsters = "https://lobste.rs/s/abc123"

[taxonomies]
tags = ["sea", "1.10", "true"]
series = []

[extra]
since = 2020-05-04
deep = { numbers = [1, 2.5], more = [{ at = "x" }] }
+++
The sea comes.
"#;

const PAGE_YAML: &str = "---
title: Tides
description: >-
  What the sea
  does
date: 2024-02-03T10:00:00+01:00
updated: 2024-02-04
weight: -2
draft: true
render: false
slug: tides
path: sea/tides
aliases: [moon, /old/]
authors:
  - Jo Field
  - 42
template: sea.html
in_search_index: false
include_in_feeds: false
hidden: true
comments: closed
discussions:
  lobsters: [https://lobste.rs/s/abc123]
taxonomies:
  tags: [sea, 1.10, true]
  series:
extra:
  since: 2020-05-04
  deep:
    numbers: [1, 2.5]
    more:
      - at: x
---
The sea comes.
";

#[test]
fn a_page_has_what_its_front_matter_says_in_both_notations() {
    let text = |text: &str| Some(text.to_owned());
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let wanted = PageMeta {
        own: page("content/tides.md", PAGE_TOML).meta.own,
        title: text("Tides"),
        description: text("What the sea does"),
        date: Date::parse("2024-02-03T10:00:00+01:00"),
        updated: Date::parse("2024-02-04"),
        weight: Some(-2),
        draft: true,
        render: false,
        slug: text("tides"),
        path: text("sea/tides"),
        aliases: texts(&["moon", "/old/"]),
        authors: texts(&["Jo Field", "42"]),
        taxonomies: [("tags", &["sea", "1.10", "true"][..]), ("series", &[])]
            .into_iter()
            .map(|(name, terms)| (name.to_owned(), texts(terms)))
            .collect(),
        template: text("sea.html"),
        in_search_index: false,
        include_in_feeds: false,
        hidden: true,
        comments: Some(CommentsMode::Closed),
        discussions: vec![Discussion { network: Network::Lobsters, url: "https://lobste.rs/s/abc123".to_owned() }],
        extra: match json!({ "since": "2020-05-04", "deep": { "numbers": [1, 2.5], "more": [{ "at": "x" }] } }) {
            serde_json::Value::Object(extra) => extra,
            other => panic!("{other}"),
        },
    };
    assert_eq!(*page("content/tides.md", PAGE_TOML).meta, wanted);
    assert_eq!(*page("content/tides.md", PAGE_YAML).meta, wanted);
}

#[test]
fn an_empty_front_matter_says_nothing() {
    for text in ["+++\n+++", "---\n---\n", "+++\n\n+++\n", "---\n# only a note\n---", "\n \n+++ \n+++\t\n"] {
        let meta = page("content/a.md", text).meta;
        assert_eq!((&meta.title, &meta.date, meta.draft, meta.hidden), (&None, &None, false, false), "{text:?}");
        assert!(meta.render && meta.in_search_index && meta.include_in_feeds, "{text:?}");
        assert_eq!((meta.comments, meta.extra.len()), (None, 0), "{text:?}");
        assert_eq!(*section(text).meta, SectionMeta::default(), "{text:?}");
    }
}

#[test]
fn a_section_has_what_its_front_matter_says() {
    let text = "+++\ntitle = \"Blog\"\nsort_by = \"update_date\"\npaginate_by = 0\npaginate_path = \"leaf\"\n\
                insert_anchor_links = \"heading\"\nredirect_to = \"posts\"\ntransparent = true\ncomments = \"off\"\n+++\n";
    let wanted = SectionMeta {
        title: Some("Blog".to_owned()),
        sort_by: SortBy::UpdateDate,
        paginate_path: "leaf".to_owned(),
        insert_anchor_links: Some(InsertAnchor::Heading),
        redirect_to: Some("posts".to_owned()),
        transparent: true,
        comments: Some(CommentsMode::Off),
        ..SectionMeta::default()
    };
    assert_eq!(*section(text).meta, wanted);
    for (word, order) in [
        ("date", SortBy::Date),
        ("title", SortBy::Title),
        ("title_bytes", SortBy::TitleBytes),
        ("weight", SortBy::Weight),
        ("slug", SortBy::Slug),
        ("permalink", SortBy::Permalink),
        ("none", SortBy::None),
    ] {
        assert_eq!(section(&format!("+++\nsort_by = \"{word}\"\npaginate_by = 7\n+++")).meta.sort_by, order);
    }
}

#[test]
fn the_text_begins_with_its_first_line() {
    for (text, body) in [
        ("+++\n+++\nText.\n", "Text.\n"),
        ("+++\n+++\n\n \n    code\n", "    code\n"),
        ("+++\n+++\n+++\n", "+++\n"),
        ("---\n---\n---", "---"),
        ("+++\n+++", ""),
        ("   +++\n   title = \"Indented\"\n   +++\n   Text.", "   Text."),
    ] {
        assert_eq!(&text[page("content/a.md", text).source.body_start..], body, "{text:?}");
    }
}

#[test]
fn the_date_of_the_name_holds_where_the_front_matter_has_none() {
    let date = |text: &str| page("content/2024-01-02-a.md", text).meta.date.as_ref().map(|date| date.text.clone());
    assert_eq!(date("+++\n+++").as_deref(), Some("2024-01-02"));
    assert_eq!(date("+++\ndate = 2020-02-03\n+++").as_deref(), Some("2020-02-03"));
}

#[test]
fn words_and_links_are_of_the_text_alone() {
    let page = page("content/a.md", "+++\ntitle = \"[no](@/no.md) words\"\n+++\nSee [that](@/b.md#c), please.");
    assert_eq!((&page.links[..], page.words), (&["b.md".to_owned()][..], 5));
}

/// Texts that are nearly right: pieces of real ones, in any order.
fn mangled() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("+++\n".to_owned()),
        Just("---\n".to_owned()),
        Just("```\n".to_owned()),
        Just("\r\n".to_owned()),
        Just("\u{feff}".to_owned()),
        Just("date = 2024-02-30\n".to_owned()),
        Just("id = \"1\"\nreply_to = \"2\"\ndate = 2024-01-01\n".to_owned()),
        Just("reply_to = 1\n".to_owned()),
        Just("title: [a, {b: &c *c, ? !d : ~\n".to_owned()),
        Just("tags: &a [*a, 1.0, ~, yes]\n".to_owned()),
        Just("extra: &a {b: *a}\n".to_owned()),
        Just("[[extra.a]]\nb = { c = [1, 1e999, nan] }\n".to_owned()),
        Just("weight = 9223372036854775808\n".to_owned()),
        Just("draft: !!binary 🦀\n".to_owned()),
        Just("[link](@/a.md#b)\n".to_owned()),
        "\\PC{0,12}",
        (0..PAGE_TOML.len(), 0..PAGE_TOML.len()).prop_map(|(a, b)| PAGE_TOML[a.min(b)..a.max(b)].to_owned()),
        (0..PAGE_YAML.len(), 0..PAGE_YAML.len()).prop_map(|(a, b)| PAGE_YAML[a.min(b)..a.max(b)].to_owned()),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,20}",
        "[0-9]{4}-[0-9]{2}-[0-9]{2}[T_ .-]?[0-9:Z+._a-é-]{0,20}",
        "(_?index|comments|a)(\\.(fr|comments|pt-BR|é))?(/|\\.md)?",
    ]
}

/// Whether the places of problems can be drawn.
fn check(problems: &[Diagnostic]) {
    for problem in problems {
        assert!(!problem.message.is_empty());
        if let Some(location) = &problem.location {
            location.line_column();
        }
        crate::diagnostic::report(problem);
    }
}

#[test]
fn keys_of_other_programs_are_said_by_their_name_here() {
    let help = |front: &str| {
        let (_, problems) = parse(source("content/a.md", front), &LANGUAGES, options());
        problems.into_iter().map(|problem| problem.help.unwrap_or_default()).collect::<Vec<_>>()
    };
    for (line, expected) in [
        ("lastmod: 2024-01-02", "this is called `updated` here"),
        ("last_modified_at: 2024-01-02", "this is called `updated` here"),
        ("publishDate: 2024-01-02", "this is called `date` here"),
        ("url: /a/", "this is called `path` here"),
        ("permalink: /a/", "this is called `path` here"),
        ("layout: post", "this is called `template` here"),
        ("author: Jo", "this is called `authors` here"),
        ("redirect_from: [/b/]", "this is called `aliases` here"),
        (
            "summary: Tea",
            "this is called `description` here; or write `<!-- more -->` into the text, where its summary ends",
        ),
        ("published: false", "write `draft: true` instead"),
        ("published: true", "leave it out; write `draft: true` if it should not be published"),
        ("categories: tea", "put the terms under `taxonomies:`, as a list: `categories: [\"…\"]`"),
        ("category: tea", "put the terms under `taxonomies:`, as a list: `categories: [\"…\"]`"),
        ("tags: [tea]", "put terms under `taxonomies:`, and your own values under `extra:`"),
        ("mood: good", "put your own values under `extra:`"),
    ] {
        assert_eq!(help(&format!("---\n{line}\n---\n")), [expected], "{line}");
    }
    assert_eq!(help("+++\npublished = false\n+++\n"), ["write `draft = true` instead"]);
    // A section has no address of its own to give.
    let (_, problems) =
        parse(source("content/_index.md", "+++\nurl = \"/a/\"\nlayout = \"b\"\n+++\n"), &LANGUAGES, options());
    let helps: Vec<_> = problems.iter().filter_map(|problem| problem.help.as_deref()).collect();
    assert_eq!(helps, ["put your own values under `[extra]`", "this is called `template` here"]);
}

proptest! {
    #[test]
    fn no_document_is_too_strange(text in mangled(), name in name()) {
        let others = ["fr".to_owned(), "pt-BR".to_owned()];
        let languages = Languages { default: "en", others: &others };
        for front in ["", "+++\n", "---\n"] {
            for path in [format!("content/{name}.md"), "content/a.md".to_owned(), "content/a/_index.md".to_owned()] {
                let closed = format!("{front}{text}\n{front}");
                let (document, problems) = parse(source(&path, &closed), &languages, options());
                check(&problems);
                if let Some(Document::Page(page)) = document {
                    assert!(page.file.canonical.ends_with(&page.file.name));
                    let _ = (page.source.body_start, page.file.parent(), page.file.folder());
                }
            }
        }
    }

    #[test]
    fn no_thread_is_too_strange(text in mangled(), name in name()) {
        let mut files = Vec::new();
        for path in [format!("content/a.comments/{name}.md"), "content/a.comments.md".to_owned()] {
            let (file, problems) = parse_thread(&source(&path, &format!("+++\n{text}\n+++\n{text}")));
            check(&problems);
            files.push(file);
        }
        let rules = crate::site::thread::ThreadOptions { order: crate::config::comments::Order::default(), max_depth: 2, authors: &[], pending: false };
        let (thread, problems) = crate::site::thread::link(files, &rules);
        check(&problems);
        let shown: usize = thread.roots.len() + thread.comments.iter().map(|c| c.replies.len()).sum::<usize>();
        assert_eq!(shown, thread.comments.len());
    }

    #[test]
    fn no_path_is_too_strange(parts in prop::collection::vec(name(), 1..4), exists: bool) {
        let path = format!("content/{}", parts.join("/"));
        let owner = owner(&path, |_| exists);
        if let Some(ThreadOwner::Thread(document) | ThreadOwner::Stray(document)) = owner {
            prop_assert!(document.starts_with("content/") && document.ends_with(".md"));
        }
    }

    #[test]
    fn no_date_is_too_strange(text in "[0-9]{1,5}[-/][0-9]{1,3}-[0-9]{1,2}([Tt \t]{1,2}[0-9]{1,2}:[0-9]{1,2}(:[0-9]{1,2}(\\.[0-9]{0,12})?)?[ ]?(Z|[+-][0-9]{1,2}(:?[0-9]{1,2})?)?)?\\PC?") {
        if let Some(moment) = Date::parse(&text) {
            let full = moment.rfc3339();
            let again = Date::parse(&full).expect("what we write we read");
            prop_assert_eq!(again.timestamp, moment.timestamp);
            prop_assert_eq!((again.year, again.month, again.day), (moment.year, moment.month, moment.day));
        }
    }
}
