//! Posts are trusted, but rendering them must survive all that an author can write.

use std::collections::HashSet;

use causerie::Config;
use causerie::InsertAnchor;
use causerie::diagnostic::SourceText;
use causerie::{Highlighter, PostContext, RenderedMarkdown, render_post};
use causerie::{Token, Tokens, attribute};
use proptest::prelude::*;

use crate::vectors::vectors;

/// Renders a post with all that can be asked for.
fn render(body: &str, config: &Config, highlighter: &Highlighter, insert_anchor: InsertAnchor) -> RenderedMarkdown {
    render_post(
        body,
        &PostContext {
            options: &config.markdown,
            path: "posts/a.md",
            permalink: "https://example.org/posts/a/",
            base: "https://example.org/posts/a/",
            insert_anchor,
            resolve: &|path| path.strip_suffix(".md").map(|path| format!("https://example.org/{path}/")),
            slugify: &|text| slug::slugify(text),
            anchor_link: &|id, level, _| Ok(format!("<a class=\"h{level}\" href=\"#{id}\">#</a>")),
            summary_cutoff: &|_| Ok("…".to_owned()),
            is_reserved: &|_| false,
            image: &|_| Ok(None),
            highlighter,
        },
    )
}

fn config(highlighting: &str) -> (Config, Highlighter) {
    let text = format!(
        "base_url = \"https://example.org\"\n[markdown]\nrender_emoji = true\nexternal_links_target_blank = true\n\
         smart_punctuation = true\ndefinition_list = true\nbottom_footnotes = true\nlazy_async_image = true\n\
         github_alerts = true\n{highlighting}"
    );
    let source = SourceText { path: "site.toml".into(), text: text.into() };
    let (config, problems) = Config::parse(source);
    assert_eq!(problems, []);
    let config = config.expect("there is a configuration");
    let (highlighter, problems) = Highlighter::new(&config, &|path| panic!("{path} is not asked for"));
    assert_eq!(problems, []);
    (config, highlighter)
}

fn piece() -> impl Strategy<Value = String> {
    let marks = [
        "*",
        "**",
        "_",
        "`",
        "```\n",
        "```rust,linenos,hl_lines=1-9\n",
        "    ",
        "\n",
        "\n\n",
        "> ",
        "> [!NOTE]\n",
        "- ",
        "- [x] ",
        "1. ",
        "# ",
        "## a {#b .c}\n",
        "# a {#b}\n",
        "---\n",
        "|",
        "|---|\n",
        "[",
        "]",
        "(@/a.md#b)",
        "(@/missing)",
        "(#b)",
        "()",
        "(b.png)",
        "![",
        "<!-- more -->",
        "<!--",
        "-->",
        "[^1]",
        "[^1]: ",
        "[^a b]",
        "[^a b]: ",
        ": ",
        "\"",
        "'",
        "--",
        "...",
        ":smile:",
        ":",
        "<a id=\"x\">",
        "<div id=",
        "\r\n",
        "\t",
        "\u{0}",
        "é",
        "字",
        "😀",
        "a",
        "b",
        "{",
        "}",
        "{#",
        "<https://example.com>",
        "<a@b.example>",
    ];
    prop_oneof![
        4 => prop::sample::select(marks.map(str::to_owned).to_vec()),
        1 => prop::sample::select(vectors()),
        1 => "\\PC{0,8}",
        1 => any::<String>(),
    ]
}

fn insert_anchor() -> impl Strategy<Value = InsertAnchor> {
    prop::sample::select(vec![InsertAnchor::None, InsertAnchor::Left, InsertAnchor::Right, InsertAnchor::Heading])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_post_is_rendered(pieces in prop::collection::vec(piece(), 0..24), insert in insert_anchor()) {
        let body = pieces.concat();
        let (config, highlighter) = config("");
        let rendered = render(&body, &config, &highlighter, insert);
        for heading in &rendered.toc {
            prop_assert!(rendered.anchors.contains(&heading.id));
        }
        let mut ids = HashSet::new();
        for token in Tokens::of(&rendered.html) {
            if let Token::Start { attributes, .. } = token
                && let Some(id) = attribute(attributes, "id").filter(|id| !id.is_empty())
            {
                prop_assert!(ids.insert(id.to_string()), "{id} is there twice in {}", rendered.html);
            }
        }
        for problem in &rendered.problems {
            prop_assert!(body.get(problem.span.clone()).is_some(), "{problem:?} is not in {body:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_code_is_highlighted(
        language in prop::sample::select(vec![
            "rust", "html", "js", "tsx", "css", "scss", "python", "bash", "markdown", "php", "ruby", "go", "yaml", "toml",
            "json", "sql", "jinja", "diff", "nix", "latex", "plain", "no-such-language",
        ]),
        options in prop::sample::select(vec!["", ",linenos", ",linenos,linenostart=-9223372036854775808,hl_lines=2-1 0"]),
        code in "([a-z]+|[ \n\t\"'`{}()<>/\\\\*#$@!|&;:=.,-]|\\PC){0,60}",
    ) {
        let (config, highlighter) = config("[markdown.highlighting]\nlight_theme = \"github-light\"\ndark_theme = \"nord\"");
        let body = format!("~~~~~~{language}{options}\n{code}\n~~~~~~\n");
        let rendered = render(&body, &config, &highlighter, InsertAnchor::None);
        prop_assert!(rendered.html.starts_with("<pre tabindex=\"0\""), "{}", rendered.html);
    }
}

/// If one of these took time in proportion to the square of its length, this test would not end.
#[test]
fn long_and_deep_posts_end() {
    const LENGTH: usize = 100_000;
    let (config, highlighter) = config("");
    for unit in [
        ">",
        "- ",
        "[",
        "![",
        "[a](",
        "<",
        "<a ",
        "<a id=\"",
        "<!--",
        "<!-- more -->\n\n",
        "`",
        "*a ",
        "[^1]",
        "[^1]: a\n\n",
        "# a\n",
        "# a {#a}\n",
        "{#\n",
        "{",
        ":",
        ":a",
        "|",
        "|-",
        "a\n: b\n",
        "\"",
        "'",
        "--",
        "\n\n[^a]: [^a]",
    ] {
        let body = unit.repeat(LENGTH / unit.len());
        let rendered = render(&body, &config, &highlighter, InsertAnchor::Left);
        assert!(rendered.html.len() < body.len() * 80, "{unit:?} becomes {} bytes", rendered.html.len());
    }
}
