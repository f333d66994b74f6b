use serde_json::json;

use super::*;
use crate::config::guard::GuardConfig;
use crate::config::mail::{Secret, Tls};
use crate::config::search::IndexFormat;
use crate::config::translations::Message;
use crate::diagnostic::Severity;
use crate::source::MemoryWorld;

fn source(text: &str) -> SourceText {
    SourceText { path: "site.toml".into(), text: text.into() }
}

/// A configuration without problems, of a text below its address.
fn good(text: &str) -> Config {
    let (config, problems) = Config::parse(source(&format!("base_url = \"https://example.org\"\n{text}")));
    assert_eq!(problems, []);
    config.unwrap()
}

/// What a reader sees of problems: kind, place, what is marked, message, help.
fn told(problems: &[Diagnostic]) -> Vec<String> {
    problems
        .iter()
        .map(|problem| {
            let location = problem.location.as_ref().unwrap();
            let (line, column) = location.line_column().unwrap_or((0, 0));
            let marked = location.excerpt.as_ref().map_or("", |(text, span)| &text[span.clone()]);
            let kind = if problem.severity == Severity::Error { "error" } else { "warning" };
            let help = problem.help.as_deref().unwrap_or_default();
            format!("{kind} {}:{line}:{column} {marked} | {} | {help}", location.path, problem.message)
        })
        .collect()
}

/// The problems of a text below a good address, which is line 1.
fn problems(text: &str) -> Vec<String> {
    let (config, problems) = Config::parse(source(&format!("base_url = \"https://example.org\"\n{text}")));
    assert!(config.is_some(), "{problems:?}");
    told(&problems)
}

fn load(files: &[(&str, &str)]) -> (Option<Config>, Vec<String>) {
    let world: MemoryWorld = files.iter().map(|(path, text)| (*path, *text)).collect();
    let (config, problems) = Config::load(&world);
    (config, told(&problems))
}

#[test]
fn defaults_are_zolas() {
    let config = good("");
    assert_eq!(
        config.template_value("en", Mode::Build),
        json!({
            "base_url": "https://example.org",
            "mode": "build",
            "title": null,
            "description": null,
            "languages": {},
            "default_language": "en",
            "generate_feed": false,
            "generate_feeds": false,
            "feed_filenames": ["atom.xml"],
            "taxonomies": [],
            "author": null,
            "build_search_index": true,
            "extra": {},
            "markdown": json!(Markdown::default()),
            "search": { "index_format": "causerie" },
            "generate_sitemap": true,
            "generate_robots_txt": true,
            "exclude_paginated_pages_in_sitemap": "none",
            "comments": {
                "enabled": true, "order": "oldest", "max_depth": 5, "close_after_days": 0,
                "endpoint": null, "webmention": null, "email": null, "notices": false, "avatars": "identicon",
            },
            "quotes": [],
        })
    );
    assert_eq!((config.output_dir.as_str(), config.theme, config.feed_limit), ("public", None, None));
    assert!(!config.compile_sass && !config.minify_html);
    assert_eq!(config.slugify, Slugify::default());
    assert_eq!(config.link_checker.internal_level, Severity::Error);
}

/// A value for every key, and none of them the default.
const FULL: &str = r#"
title = "T"
description = "D"
default_language = "fr"
theme = "t"
output_dir = "docs"
preserve_dotfiles_in_output = true
compile_sass = true
minify_html = true
ignored_content = ["*.{graphml,xlsx}"]
ignored_static = ["temp.*"]
skip_content_templating = ["raw/**"]
generate_feeds = true
exclude_paginated_pages_in_sitemap = "all"
feed_filenames = ["rss.xml"]
feed_limit = 20
hard_link_static = true
author = "A"
taxonomies = [{ name = "Deux Mots", feed = true, paginate_by = 5, paginate_path = "p", render = false, lang = "fr" }]
taxonomy_root = "/blog/"
build_search_index = true
generate_sitemap = false
generate_robots_txt = false
[link_checker]
skip_prefixes = ["http://[2001:db8::]/"]
skip_anchor_prefixes = ["https://caniuse.com/"]
internal_level = "warn"
external_level = "warn"
ignored_files = ["old/*"]
[slugify]
paths = "safe"
taxonomies = "off"
anchors = "safe"
paths_keep_dates = true
[search]
include_title = false
include_description = true
include_date = true
include_path = true
include_content = false
truncate_content_length = 100
index_format = "fuse_json"
[translations]
hello = "bonjour"
[languages.en]
title = "E"
[languages.en.search]
include_path = true
[languages.en.translations]
hello = "hello"
[comments]
enabled = false
order = "newest"
max_depth = 2
close_after_days = 30
endpoint = "https://comments.example/post"
email = "a@example.org"
avatars = "none"
[[quotes]]
text = "Q"
author = "W"
source = "B"
[extra]
date = 2009-05-12
when = 2009-05-12T09:14:00-05:00
deep = { list = [1, 2.5, true] }
"#;

#[test]
fn every_key_is_read() {
    let config = good(FULL);
    let seen = config.template_value("fr", Mode::Serve);
    assert_eq!(seen["title"], "T");
    assert_eq!(seen["mode"], "serve");
    assert_eq!(seen["languages"]["en"]["title"], "E");
    assert_eq!(seen["languages"]["en"]["translations"], json!({ "hello": "hello" }));
    assert_eq!(seen["languages"]["en"]["search"]["include_path"], true);
    assert_eq!(
        seen["taxonomies"],
        json!([{
            "name": "Deux Mots", "slug": "Deux Mots", "paginate_by": 5, "paginate_path": "p",
            "render": false, "feed": true,
        }])
    );
    assert_eq!(seen["search"], json!({ "index_format": "fuse_json" }));
    assert_eq!(seen["exclude_paginated_pages_in_sitemap"], "all");
    assert_eq!(
        seen["comments"],
        json!({
            "enabled": false, "order": "newest", "max_depth": 2, "close_after_days": 30,
            "endpoint": "https://comments.example/post", "webmention": "https://comments.example/-/webmention", "email": "a@example.org", "notices": false, "avatars": "none",
        })
    );
    assert_eq!(seen["quotes"], json!([{ "text": "Q", "author": "W", "source": "B" }]));
    assert_eq!(
        seen["extra"],
        json!({ "date": "2009-05-12", "when": "2009-05-12T09:14:00-05:00", "deep": { "list": [1, 2.5, true] } })
    );
    // The other language inherits nothing, and sees the default one among its others.
    let english = config.template_value("en", Mode::Check);
    assert_eq!((&english["title"], &english["generate_feeds"]), (&json!("E"), &json!(false)));
    assert_eq!(english["languages"]["fr"]["generate_feeds"], true);

    assert!(config.ignored_content.is_match("a/b.xlsx") && !config.ignored_content.is_match("b.png"));
    assert!(config.ignored_static.is_match("temp.txt"));
    assert!(config.skip_content_templating.is_match("raw/a.md"));
    assert!(config.link_checker.ignored_files.is_match("old/x.md"));
    assert_eq!(config.link_checker.internal_level, Severity::Warning);
    assert_eq!((config.feed_limit, config.output_dir.as_str()), (Some(20), "docs"));
    assert_eq!(config.language("fr").unwrap().search.truncate_content_length, Some(100));
    assert!(config.is_default_language("fr") && !config.is_default_language("en"));
    let translations = |language| config.language(language).unwrap().translations.clone();
    let text = |text: &str| vec![("hello".to_owned(), Message::Text(text.to_owned()))];
    assert_eq!((translations("fr"), translations("en")), (text("bonjour"), text("hello")));
    let taxonomy = &config.language("fr").unwrap().taxonomies[0];
    assert_eq!((taxonomy.page_size(), taxonomy.page_folder()), (Some(5), "p"));
    assert_eq!(config.taxonomy_path("fr", taxonomy), "/blog/Deux Mots/");
    assert_eq!(config.taxonomy_path("en", taxonomy), "/en/blog/Deux Mots/");
}

#[test]
fn permalinks() {
    for base in ["https://example.org/sub", "https://example.org/sub/"] {
        let (config, _) = Config::parse(source(&format!("base_url = \"{base}\"")));
        let config = config.unwrap();
        for (path, permalink) in [
            ("", "/"),
            ("/", "/"),
            ("hello", "/hello/"),
            ("/hello", "/hello/"),
            ("/a/b/", "/a/b/"),
            ("atom.xml", "/atom.xml"),
            ("/tags/x/atom.xml", "/tags/x/atom.xml"),
            ("/tags/C#/", "/tags/C%23/"),
            ("why?", "/why%3F/"),
            ("a%20b", "/a%2520b/"),
        ] {
            assert_eq!(config.permalink(path), format!("https://example.org/sub{permalink}"), "{path}");
        }
        for (written, permalink) in [
            ("", "/"),
            ("hello", "/hello/"),
            ("/about#me", "/about#me"),
            ("find?q=é&n=1", "/find?q=%C3%A9&n=1"),
            ("/a%20b é", "/a%20b%20%C3%A9/"),
        ] {
            assert_eq!(config.written_permalink(written), format!("https://example.org/sub{permalink}"), "{written}");
        }
        // Templates see the address as it was written.
        assert_eq!(config.template_value("en", Mode::Build)["base_url"], base);
    }
}

#[test]
fn another_address_for_one_run() {
    let mut config = good("");
    config.override_base_url("http://127.0.0.1:1111/").unwrap();
    assert_eq!(config.permalink("x"), "http://127.0.0.1:1111/x/");
    let problem = config.override_base_url("example.org").unwrap_err();
    assert_eq!(problem.message, "`example.org`: this is not a web address");
    assert_eq!(config.base_url, "http://127.0.0.1:1111");
}

#[test]
fn the_address_has_to_be_one() {
    let parse = |text| told(&Config::parse(source(text)).1);
    assert_eq!(
        parse("title = \"T\"\n"),
        [
            "error site.toml:1:1  | `base_url` is missing: the address that the site will have | for example: base_url = \
          \"https://example.org\""
        ]
    );
    assert_eq!(
        parse("base_url = \"https://example.org/?a\""),
        [
            "error site.toml:1:33 ?a | the address of a site has neither a query nor an anchor | leave out what follows the \
          path: every address of the site begins with this one"
        ]
    );
    assert_eq!(
        parse("base_url = \"\""),
        [
            "error site.toml:1:12 \"\" | this is not a web address | write it in full, with https:// at the beginning, as in \
          https://example.org"
        ]
    );
    assert_eq!(
        parse("base_url = '''https://a b'''")[0].split(" | ").next(),
        Some("error site.toml:1:12 '''https://a b'''")
    );
}

#[test]
fn unknown_keys_get_a_suggestion() {
    assert_eq!(
        problems(
            r#"
titel = "T"
generate_feed = true
mine = 1
highlight_code = true
[markdown]
generate_feeds = true
[slugify]
path = "on"
[languages.fr]
feed_filename = "x"
[comments]
moderated = true
[link_checker]
include_title = true
"#
        ),
        [
            "error site.toml:10:1 path | `[slugify]` has no key `path` | did you mean `paths`?",
            "error site.toml:12:1 feed_filename | `[languages.fr]` has no key `feed_filename` | this is called \
             `feed_filenames` now, and is a list: feed_filenames = [\"atom.xml\"]",
            "error site.toml:16:1 include_title | `[link_checker]` has no key `include_title` | `include_title` belongs in \
             `[search]`",
            "error site.toml:8:1 generate_feeds | `[markdown]` has no key `generate_feeds` | `generate_feeds` belongs at the \
             top of the file, above the first `[table]`",
            "error site.toml:14:1 moderated | `[comments]` has no key `moderated` | its keys are `max_depth`, `endpoint`, \
             `webmentions`, `email`, `inbox`, `trusted_proxies`, `mail`, `enabled`, `order`, `close_after_days`, `avatars`, `guard`, \
             `trust_after`, `keep_days`, `commit` and `rebuild`",
            "error site.toml:3:1 titel | site.toml has no key `titel` | did you mean `title`? Else put your own values under \
             `[extra]`",
            "error site.toml:4:1 generate_feed | site.toml has no key `generate_feed` | this is called `generate_feeds` now: \
             generate_feeds = true",
            "error site.toml:5:1 mine | site.toml has no key `mine` | put your own values under `[extra]`",
            "error site.toml:6:1 highlight_code | site.toml has no key `highlight_code` | highlighting has a table of its own \
             now: [markdown.highlighting] with theme = \"…\", or light_theme and dark_theme; without that table nothing is \
             highlighted",
        ]
    );
}

#[test]
fn wrong_types_are_told_in_writers_words() {
    assert_eq!(
        problems(
            "title = 5\ngenerate_feeds = \"true\"\nfeed_limit = \"10\"\nfeed_filenames = \"rss.xml\"\nauthor = 2009-05-12\n\
             comments = true\nignored_content = [\"a\", 1]\nlanguages = [{ code = \"fr\" }]\nslugify.paths = true\n\
             minify_html = 1\ntaxonomies = \"tags\"\n[search]\ntruncate_content_length = -1\n"
        ),
        [
            "error site.toml:10:17 true | `paths` should be \"on\", \"safe\" or \"off\", not true or false | write `paths = \
             \"on\"`, or leave the line out",
            "error site.toml:2:9 5 | `title` should be a string, not a number | write `title = \"5\"`",
            "error site.toml:3:18 \"true\" | `generate_feeds` should be true or false, not a string | write `generate_feeds = \
             true`",
            "error site.toml:5:18 \"rss.xml\" | `feed_filenames` should be a list of strings, not a string | write it as a \
             list: `feed_filenames = [\"rss.xml\"]`",
            "error site.toml:12:14 \"tags\" | `taxonomies` should be a list of tables, not a string | for example: \
             `taxonomies = [{ name = \"tags\" }]`",
            "error site.toml:14:27 -1 | `truncate_content_length` should be a whole number, 0 or more, not a negative number \
             | for example: `truncate_content_length = 10`",
            "error site.toml:9:13 [{ code = \"fr\" }] | `languages` should be a table, not a list | each language has a table \
             of its own now: [languages.fr], and its keys on the lines below",
            "error site.toml:4:14 \"10\" | `feed_limit` should be a whole number, 0 or more, not a string | write `feed_limit \
             = 10`",
            "error site.toml:6:10 2009-05-12 | `author` should be a string, not a date | write `author = \"2009-05-12\"`",
            "error site.toml:11:15 1 | `minify_html` should be true or false, not a number | write `minify_html = true`",
            "error site.toml:8:25 1 | each item of `ignored_content` should be a string, not a number | write `\"1\"`",
            "error site.toml:7:12 true | `comments` should be a table, not true or false | write `[comments]` on a line of \
             its own, and its keys on the lines below",
        ]
    );
}

#[test]
fn values_that_cannot_be() {
    assert_eq!(
        problems(
            r#"
default_language = "english!"
theme = "../x"
taxonomy_root = "a/../b"
output_dir = " "
feed_filenames = ["../x", "a.xml", "a.xml"]
ignored_static = ["a[", "b"]
exclude_paginated_pages_in_sitemap = "al"
taxonomies = [{ name = "tags" }, { name = "Tags", feed = true }, {}, { name = "tags" }, { name = "!" }, { name = "x", lang = "fr" }]
[languages.x]
[comments]
max_depth = 0
order = "best"
endpoint = "comments"
email = "author"
[[quotes]]
text = ""
[extra]
big = 99999999999999999999
endless = inf
"#
        ),
        [
            "error site.toml:3:20 \"english!\" | `english!` is not the code of a language | codes are like en, fr, pt-BR \
             or zh-Hant",
            "error site.toml:7:19 \"../x\" | `../x` cannot be a feed's file name | for example: feed_filenames = \
             [\"atom.xml\", \"rss.xml\"]",
            "error site.toml:7:36 \"a.xml\" | there are two feeds `a.xml` | remove one of them",
            "error site.toml:10:34 { name = \"Tags\", feed = true } | the taxonomies `tags` and `Tags` have the same \
             address, `tags` | give each taxonomy of a language a name of its own",
            "error site.toml:10:66 {} | this taxonomy has no name | for example: { name = \"tags\" }",
            "error site.toml:10:70 { name = \"tags\" } | there are two taxonomies `tags` | give each taxonomy of a language \
             a name of its own",
            "error site.toml:10:98 \"!\" | `!` cannot be a taxonomy's name, as it gives no address | use letters or \
             digits, and no slashes",
            "warning site.toml:10:126 \"fr\" | this taxonomy is for the language `english!`, whatever `lang` says | move it \
             into the `taxonomies` of [languages.fr]",
            "error site.toml:11:12 x | `x` is not the code of a language | codes are like en, fr, pt-BR or zh-Hant",
            "error site.toml:4:9 \"../x\" | this is not a theme's name | a theme is named like its folder in `themes`, \
             without slashes",
            "error site.toml:5:17 \"a/../b\" | `taxonomy_root` is not a path on the site | for example: taxonomy_root = \
             \"blog\"",
            "error site.toml:8:19 \"a[\" | this is not a pattern for files: unclosed character class; missing ']' | for \
             example \"*.{graphml,xlsx}\", \"temp.*\" or \"**/build_folder\"",
            "error site.toml:6:14 \" \" | the output folder needs a name | for example: output_dir = \"public\"",
            "error site.toml:9:38 \"al\" | `exclude_paginated_pages_in_sitemap` should be \"none\" or \"all\", not \"al\" | \
             did you mean \"all\"?",
            "error site.toml:13:13 0 | `max_depth` is 1 or more | max_depth = 1 shows all comments in one row, without \
             nesting",
            "error site.toml:15:12 \"comments\" | `endpoint` should be a path on this site, or an http or https address | \
             for example: endpoint = \"/-/comments\"",
            "error site.toml:16:9 \"author\" | this is not an e-mail address | for example: email = \
             \"author@example.org\"",
            "error site.toml:14:9 \"best\" | `order` should be \"oldest\" or \"newest\", not \"best\" | write `order = \
             \"oldest\"`, or leave the line out",
            "error site.toml:18:8 \"\" | the `text` of a quote cannot be empty | write it, or remove the quote",
            "error site.toml:17:1 [[quotes]] | this quote has no `author` | a quote needs a text and an author: text = \
             \"…\" and author = \"…\"",
            "error site.toml:20:7 99999999999999999999 | this number is too large | put it in quotes",
            "error site.toml:21:11 inf | templates have no such number | put it in quotes",
        ]
    );
}

#[test]
fn a_default_language_with_a_table_of_its_own() {
    let config = good("title = \"T\"\n[languages.en]\ndescription = \"D\"\ngenerate_feeds = true\n");
    let english = config.default_language();
    assert_eq!((english.title.as_deref(), english.description.as_deref()), (Some("T"), Some("D")));
    assert!(english.generate_feeds && config.other_languages().is_empty());
    let (_, problems) = Config::parse(source(
        "base_url = \"https://a.b\"\ntitle = \"T\"\n[languages.en]\ntitle = \"U\"\n[languages.fr]\ntitle = \"V\"\n",
    ));
    assert_eq!(
        told(&problems),
        [
            "error site.toml:4:9 \"U\" | `title` is set twice for `en`, the default language | keep the one at the top of the \
          file, or the one in the language's table"
        ]
    );
    assert_eq!(problems[0].related[0].1.line_column(), Some((2, 9)));
}

#[test]
fn languages_keep_the_order_of_the_file() {
    let config = good("[languages.zh-Hant]\n[languages.fr]\n[languages.pt_BR]\n");
    let codes: Vec<&str> = config.languages().iter().map(|language| language.code.as_str()).collect();
    assert_eq!(codes, ["en", "zh-Hant", "fr", "pt_BR"]);
}

#[test]
fn every_line_that_is_not_toml_is_told() {
    let (config, problems) = Config::parse(source("title = My site\nbase_url = \"https://a.b\nb = tru\nb = 1\n"));
    assert!(config.is_none());
    assert_eq!(
        told(&problems),
        [
            "error site.toml:1:9 My site | this is not TOML: string values must be quoted, expected literal string | put text \
             in quotes, as in title = \"My site\", and also a date in another form than 2009-05-12",
            "error site.toml:2:24  | this is not TOML: invalid basic string, expected `\"` | end the text with a quote on the \
             same line; put a text of several lines between \"\"\"",
            "error site.toml:3:5 tru | this is not TOML: invalid boolean, expected `true` | write true or false, without \
             quotes",
            "error site.toml:4:1 b | this is not TOML: duplicate key | this name was used before: remove one of the two, or \
             rename it",
        ]
    );
}

#[test]
fn the_first_file_of_three_is_read() {
    const SITE: &str = "base_url = \"https://a.b\"";
    let (config, problems) = load(&[("config.toml", "x"), ("zola.toml", SITE)]);
    assert_eq!(config.unwrap().base_url, "https://a.b");
    assert_eq!(
        problems,
        ["warning config.toml:0:0  | this file is not read, because there is a zola.toml | move what it says into \
          zola.toml, and delete it"]
    );
    let (config, problems) = Config::load(&MemoryWorld::new());
    assert!(config.is_none());
    assert_eq!(problems[0].message, "there is no site here: this folder has no site.toml");
}

#[test]
fn a_theme_brings_its_data() {
    let site = "base_url = \"https://a.b\"\ntheme = \"t\"\n[extra]\nhello = \"site\"\n[extra.sub]\none = 1\n";
    let theme = "name = \"T\"\n[extra]\nhello = \"theme\"\nmore = 10\nsub = { one = 0, two = 2 }\n";
    let (config, problems) = load(&[("site.toml", site), ("themes/t/theme.toml", theme)]);
    assert_eq!(problems, [""; 0]);
    assert_eq!(
        config.unwrap().template_value("en", Mode::Build)["extra"],
        json!({ "hello": "site", "sub": { "one": 1, "two": 2 }, "more": 10 })
    );
    let theme = "[extra]\nsub = 1\nhello = { a = 1 }\n";
    let (_, problems) = load(&[("site.toml", site), ("themes/t/theme.toml", theme)]);
    assert_eq!(
        problems,
        [
            "error site.toml:5:1 [extra.sub] | `extra.sub` is a table, but in the theme it is not | give it the shape that \
             the theme expects, or another name",
            "error site.toml:4:9 \"site\" | `extra.hello` is not a table, but in the theme it is one | give it the shape \
             that the theme expects, or another name",
        ]
    );
}

#[test]
fn a_theme_has_to_be_there() {
    let site = |theme: &str| format!("base_url = \"https://a.b\"\ntheme = \"{theme}\"\n");
    let (_, problems) = load(&[("site.toml", &site("after-drak")), ("themes/after-dark/theme.toml", "")]);
    assert_eq!(
        problems,
        ["error site.toml:2:9 \"after-drak\" | there is no theme `after-drak` | did you mean `after-dark`?"]
    );
    let (_, problems) = load(&[("site.toml", &site("t")), ("themes/t/templates/index.html", "")]);
    assert_eq!(
        problems,
        [
            "error site.toml:2:9 \"t\" | the theme `t` has no file theme.toml | make the file themes/t/theme.toml; it may be \
          empty"
        ]
    );
    for built_in in ["salon", ""] {
        assert_eq!(load(&[("site.toml", &site(built_in))]).1, [""; 0]);
    }
}

#[test]
fn a_language_searches_as_the_site_does_unless_it_says_otherwise() {
    let site = "base_url = \"https://a.b\"\nbuild_search_index = true\n[languages.fr]\nbuild_search_index = true\n\
                [languages.de.search]\ninclude_title = false\n[languages.es.search]\nindex_format = \"fuse_json\"\n\
                truncate_content_length = 9\n[search]\nindex_format = \"elasticlunr_json\"\n\
                include_path = true\ntruncate_content_length = 5\n";
    for file in super::FILE_NAMES {
        let (config, problems) = load(&[(file, site)]);
        assert_eq!(problems, [""; 0]);
        let config = config.unwrap();
        let search = |lang: &str| {
            let search = &config.language(lang).unwrap().search;
            (search.index_format, search.include_title, search.include_path, search.truncate_content_length)
        };
        assert_eq!(search("en"), (IndexFormat::ElasticlunrJson, true, true, Some(5)));
        assert_eq!(search("fr"), search("en"));
        assert_eq!(search("de"), (IndexFormat::ElasticlunrJson, false, true, Some(5)));
        assert_eq!(search("es"), (IndexFormat::FuseJson, true, true, Some(9)));
    }
}

#[test]
fn languages_that_elasticlunr_has_no_rules_for_are_told() {
    let told = |format: &str| {
        let site = format!(
            "base_url = \"https://a.b\"\n[search]\nindex_format = \"{format}\"\n[languages.pl]\nbuild_search_index = true\n\
             [languages.pl.search]\nindex_format = \"{format}\"\n[languages.ja]\nbuild_search_index = false\n\
             [languages.ja.search]\nindex_format = \"{format}\"\n"
        );
        load(&[("site.toml", &site)]).1
    };
    for format in ["causerie", "fuse_json", "fuse_javascript"] {
        assert_eq!(told(format), [""; 0]);
    }
    for format in ["elasticlunr_json", "elasticlunr_javascript"] {
        assert_eq!(
            told(format),
            [
                "warning site.toml:5:22 true | elasticlunr has no rules for the language `pl`: it finds words only as they \
              are written | the formats `causerie`, `fuse_json` and `fuse_javascript` take any language"
            ]
        );
    }
}

#[test]
fn no_mangled_file_is_too_much() {
    use proptest::prelude::*;
    let full = format!("base_url = \"https://example.org\"\n{FULL}");
    let junk = "\\PC{0,12}|[=\\[\\]{}\"'\n,.#0-9-]{1,8}|true|\\[{300}";
    proptest!(|(edits in prop::collection::vec((0usize..3000, 0usize..40, junk), 1..4))| {
        let mut text = full.clone();
        for (start, length, new) in edits {
            let start = text.floor_char_boundary(start.min(text.len()));
            let end = text.ceil_char_boundary((start + length).min(text.len()));
            text.replace_range(start..end, &new);
        }
        let (config, problems) = Config::parse(source(&text));
        for problem in &problems {
            prop_assert!(problem.location.is_some());
            crate::diagnostic::report(problem);
        }
        match config {
            Some(config) => { config.template_value("fr", Mode::Build); }
            None => prop_assert!(!problems.is_empty()),
        }
    });
}

#[test]
fn a_large_file_that_is_no_toml_is_told_at_once() {
    let (_, problems) = Config::parse(source(&"so it goes\n".repeat(100_000)));
    assert_eq!(problems.len(), 20);
    let (_, problems) = Config::parse(source(&"= ".repeat(100_000)));
    assert_eq!(problems.len(), 1);
    let (_, problems) = Config::parse(source(&format!("base_url = \"https://a.b\"\n{} = 1", "k".repeat(1_000_000))));
    assert_eq!(problems.len(), 1);
}

#[test]
fn every_key_of_markdown_is_read() {
    let config = good(
        r#"
[markdown]
render_emoji = true
external_links_class = "out"
external_links_target_blank = true
external_links_no_follow = true
external_links_no_referrer = true
external_links_external = false
smart_punctuation = true
definition_list = true
bottom_footnotes = true
lazy_async_image = true
github_alerts = true
math = "mathml"
insert_anchor_links = "heading"
[markdown.highlighting]
error_on_missing_language = true
style = "class"
light_theme = "github-light"
dark_theme = "github-dark"
extra_grammars = ["a.json"]
extra_themes = ["b.json"]
data_attr_position = "both"
"#,
    );
    let highlighting = json!({
        "error_on_missing_language": true, "style": "class", "theme": null, "light_theme": "github-light",
        "dark_theme": "github-dark", "extra_grammars": ["a.json"], "extra_themes": ["b.json"],
        "data_attr_position": "both",
    });
    assert_eq!(
        json!(config.markdown),
        json!({
            "highlighting": highlighting, "render_emoji": true, "external_links_class": "out",
            "external_links_target_blank": true, "external_links_no_follow": true, "external_links_no_referrer": true,
            "external_links_external": false, "smart_punctuation": true, "definition_list": true,
            "bottom_footnotes": true, "lazy_async_image": true, "insert_anchor_links": "heading",
            "github_alerts": true, "math": "mathml",
        })
    );
    assert_eq!(
        config.markdown.stylesheets(),
        [("giallo-light.css", "github-light"), ("giallo-dark.css", "github-dark")]
    );
}

#[test]
fn defaults_of_markdown_are_zolas() {
    let highlighting = json!({
        "error_on_missing_language": false, "style": "inline", "theme": "nord", "light_theme": null, "dark_theme": null,
        "extra_grammars": [], "extra_themes": [], "data_attr_position": "code",
    });
    let off = json!({
        "highlighting": null, "render_emoji": false, "external_links_class": null,
        "external_links_target_blank": false, "external_links_no_follow": false, "external_links_no_referrer": false,
        "external_links_external": true, "smart_punctuation": false, "definition_list": false,
        "bottom_footnotes": false, "lazy_async_image": false, "insert_anchor_links": "none", "github_alerts": false,
        "math": "none",
    });
    assert_eq!(json!(good("").markdown), off);
    let config = good("markdown.highlighting.theme = \"nord\"");
    assert_eq!(json!(config.markdown)["highlighting"], highlighting);
    assert_eq!(config.markdown.stylesheets(), []);
    let config = good("markdown.highlighting = { theme = \"nord\", style = \"class\" }");
    assert_eq!(config.markdown.stylesheets(), [("giallo.css", "nord")]);
}

#[test]
fn code_has_one_theme_or_two() {
    let problem = |keys: &str| {
        let problems = problems(&format!("[markdown.highlighting]\n{keys}"));
        let [problem] = &problems[..] else { panic!("{problems:?}") };
        problem.split_once(" | for one theme").map_or(problem.clone(), |(problem, _)| problem.to_owned())
    };
    for (keys, expected) in [
        ("", "2:1 [markdown.highlighting] | [markdown.highlighting] names no theme"),
        ("theme = \"\"", "3:9 \"\" | [markdown.highlighting] names no theme"),
        ("light_theme = \"a\"", "3:15 \"a\" | `light_theme` needs a `dark_theme` beside it"),
        ("light_theme = \"\"\ndark_theme = \"a\"", "4:14 \"a\" | `dark_theme` needs a `light_theme` beside it"),
        ("theme = \"a\"\ndark_theme = \"b\"", "3:9 \"a\" | `theme` goes without `light_theme` and `dark_theme`"),
        ("theme = 1", "3:9 1 | `theme` should be a string, not a number | write `theme = \"1\"`"),
    ] {
        assert_eq!(problem(keys), format!("error site.toml:{expected}"));
    }
}

#[test]
fn classes_fit_into_an_attribute() {
    assert_eq!(
        problems("[markdown]\nexternal_links_class = \"a\\\"b\""),
        ["error site.toml:3:24 \"a\\\"b\" | a class has no quotes or angle brackets in it | for example: \
          external_links_class = \"external\""]
    );
}

#[test]
fn the_guard_has_its_table() {
    let guard = |text: &str| good(text).comments.guard;
    assert_eq!(guard(""), GuardConfig::default());
    let set = guard(
        "[comments.guard]\nmin_seconds = 5\nmax_links = 4\nper_address = 1\nper_page = 2\nin_all = 0\nlearn = false\n\
         proof_of_work = 16\nwords = [\"online casino\"]\npatterns = ['casino\\d+']",
    );
    assert_eq!((set.min_time.as_secs(), set.max_links, set.learn, set.proof_of_work), (5, 4, false, 16));
    assert_eq!((set.per_address, set.per_page, set.in_all), (1, 2, 0));
    assert_eq!(set.words, ["online casino"]);
    assert!(set.patterns[0].is_in("CASINO24") && !set.patterns[0].is_in("casino"));
    // What the guard looks for is nobody's business but the author's.
    let config = good("[comments.guard]\nwords = [\"online casino\"]");
    assert!(!config.template_value("en", Mode::Build).to_string().contains("casino"));
}

#[test]
fn what_is_below_the_endpoint() {
    for (base, endpoint, below) in [
        ("https://tea.example", "/-/comments", "https://tea.example/-/comments/notice"),
        ("https://tea.example:8443/blog", "/-/comments/", "https://tea.example:8443/-/comments/notice"),
        ("https://tea.example", "/", "https://tea.example/notice"),
        ("https://tea.example", "https://talk.example/reply?x=1", "https://talk.example/reply/notice"),
    ] {
        let text = format!("base_url = \"{base}\"\n[comments]\nendpoint = \"{endpoint}\"");
        let config = Config::parse(source(&text)).0.expect("a configuration");
        assert_eq!(config.below_endpoint("notice").as_deref(), Some(below));
    }
    assert_eq!(good("").below_endpoint("notice"), None);
}

#[test]
fn mail_has_its_table() {
    let mail = |text: &str| good(text).comments.mail;
    assert_eq!(mail(""), None);
    let plain = "[comments.mail]\nserver = \"mail.example.org\"\nfrom = \"blog@example.org\"\n";
    let set = mail(plain).expect("mail");
    assert_eq!(
        (set.server.as_str(), set.port, set.tls, set.user, set.to),
        ("mail.example.org", 465, Tls::Always, None, None)
    );
    let set = mail(&format!(
        "{plain}tls = \"starttls\"\nuser = \"blog\"\npassword_env = \"SECRET\"\nto = \"ada@example.org\""
    ));
    let set = set.expect("mail");
    assert_eq!((set.port, set.tls, set.to.as_deref()), (587, Tls::Starttls, Some("ada@example.org")));
    assert_eq!(set.per_hour, 10);
    let few = mail(&format!("{plain}to = \"ada@example.org\"\nper_hour = 0"));
    assert_eq!(few.expect("mail").per_hour, 0);
    assert_eq!(set.user, Some(("blog".to_owned(), Secret::Variable("SECRET".to_owned()))));
    for local in ["127.0.0.1", "::1", "localhost"] {
        let set = mail(&format!(
            "[comments.mail]\nserver = \"{local}\"\nport = 2525\ntls = \"never\"\nfrom = \"a@b\"\nuser = \"a\"\npassword_file = \"/x\""
        ));
        assert_eq!(set.expect("mail").port, 2525, "{local}");
    }
    let config = good(plain);
    assert!(!config.template_value("en", Mode::Build).to_string().contains("blog@example.org"));
}

#[test]
fn mistakes_in_the_table_of_mail_are_told() {
    for (text, problem) in [
        (
            "",
            "error site.toml:2:1 [comments.mail] | [comments.mail] has no `server` | for example: server = \
             \"mail.example.org\"",
        ),
        (
            "server = \"smtp://mail\"",
            "error site.toml:3:10 \"smtp://mail\" | `server` should be the name of a mail server | for example: server = \
             \"mail.example.org\", and the port in `port`",
        ),
        (
            "server = \"m\"\nport = 99999",
            "error site.toml:4:8 99999 | this is not a port | a port is a number up to 65535, mostly 465 or 587",
        ),
        (
            "server = \"m\"\nuser = \"a\"\npassword = \"b\"",
            "error site.toml:5:12 \"b\" | a password does not belong into site.toml, which others read | put it into a file \
             that only the inbox can read, and say where: password_file = \"/etc/causerie/mail\"; or into an environment \
             variable: password_env = \"MAIL_PASSWORD\"",
        ),
        (
            "server = \"m\"\nuser = \"a\"",
            "error site.toml:4:8 \"a\" | `user` needs a password | say where it is: password_file = \
             \"/etc/causerie/mail\", or password_env = \"MAIL_PASSWORD\"",
        ),
        (
            "server = \"m\"\npassword_env = \"a\"",
            "error site.toml:4:16 \"a\" | a password needs a `user` | for example: user = \"blog@example.org\"",
        ),
        (
            "server = \"m\"\nuser = \"a\"\npassword_env = \"a\"\npassword_file = \"b\"",
            "error site.toml:6:17 \"b\" | the password is said to be in two places | keep one of `password_env` and \
             `password_file`",
        ),
        (
            "server = \"mail.example.org\"\ntls = \"never\"\nuser = \"a\"\npassword_env = \"a\"",
            "error site.toml:3:10 \"mail.example.org\" | the password would go to this server without encryption | leave \
             `tls` out, or write tls = \"starttls\"",
        ),
        (
            "server = \"m\"\nto = \"a@b\\r\\nBcc: c@d\"",
            "error site.toml:4:6 \"a@b\\r\\nBcc: c@d\" | this is not an e-mail address | for example: to = \
             \"author@example.org\"",
        ),
        (
            "server = \"m\"\nper_hour = 5",
            "error site.toml:4:12 5 | `per_hour` is about mail to the site's author, who has no address here | say to whom: \
             to = \"author@example.org\"",
        ),
        (
            "server = \"m\"\nto = \"c@d\"\nper_hour = -1",
            "error site.toml:5:12 -1 | `per_hour` should be a whole number, 0 or more, not a negative number | for example: \
             `per_hour = 10`",
        ),
        (
            "server = \"m\"\nhost = \"m\"",
            "error site.toml:4:1 host | `[comments.mail]` has no key `host` | its keys are `tls`, \
             `server`, `port`, `user`, `password_env`, `password_file`, `from`, `to` and `per_hour`",
        ),
    ] {
        assert_eq!(problems(&format!("[comments.mail]\n{text}\nfrom = \"a@b\"")), [problem]);
    }
}

#[test]
fn mistakes_in_the_guards_table_are_told() {
    assert_eq!(
        problems(
            "[comments.guard]\nmin_seconds = 90\nproof_of_work = 40\nword = []\nwords = [\"  \", 7]\n\
             patterns = ['(casino', 'x{9999}{9999}', 'a*', '']"
        ),
        [
            "error site.toml:3:15 90 | `min_seconds` is 60 or less | slow readers are readers too: 3 is enough to tell a \
             person from a program",
            "error site.toml:4:17 40 | `proof_of_work` is 22 or less | each bit doubles the time: 16 take 65,000 tries on \
             average",
            "error site.toml:6:16 7 | each item of `words` should be a string, not a number | write `\"7\"`",
            "error site.toml:6:10 \"  \" | this is not a word | write one, or remove the entry",
            "error site.toml:7:47 '' | this is not a pattern | write one, or remove the entry",
            "error site.toml:7:13 '(casino' | this pattern cannot be used: unclosed group | for example: patterns = \
             ['casino\\d+'], in single quotes, between which TOML leaves backslashes as they are",
            "error site.toml:7:24 'x{9999}{9999}' | this pattern cannot be used: it is too large | for example: patterns \
             = ['casino\\d+'], in single quotes, between which TOML leaves backslashes as they are",
            "error site.toml:7:41 'a*' | this pattern is found in a text that says nothing | make something in it \
             required: each reply would be spam",
            "error site.toml:5:1 word | `[comments.guard]` has no key `word` | did you mean `words`?",
        ]
    );
    let many = format!("[comments.guard]\nwords = [{}]", "\"x\", ".repeat(201));
    assert_eq!(problems(&many).len(), 1);
}
