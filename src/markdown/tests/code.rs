use super::*;
use crate::config::Config;
use crate::diagnostic::{Diagnostic, Severity, SourceText};

fn config(highlighting: &str) -> Config {
    let text = format!("base_url = \"https://example.org\"\n[markdown.highlighting]\n{highlighting}");
    let (config, problems) = Config::parse(SourceText { path: "site.toml".into(), text: text.into() });
    assert_eq!(problems, []);
    config.unwrap()
}

fn no_file(path: &str) -> Result<Vec<u8>, Diagnostic> {
    Err(Diagnostic::error(format!("{path} is not there")))
}

fn page(highlighting: &str) -> Page {
    let (highlighter, problems) = Highlighter::new(&config(highlighting), &no_file);
    assert_eq!(problems, []);
    Page { highlighter, ..Page::default() }
}

/// Removes the colours, which depend on the theme.
fn without_colours(html: &str) -> String {
    let colours = regex::Regex::new(r#"<span(?: style="[^"]*")?>([^<]*)</span>| style="[^"]*""#).unwrap();
    colours.replace_all(html, "$1").into_owned()
}

#[test]
fn code_without_colours() {
    for (body, expected) in [
        ("    a < b\n", "<pre tabindex=\"0\"><code>a &lt; b\n</code></pre>\n"),
        ("```\na\n\nb\n```\n", "<pre tabindex=\"0\"><code>a\n\nb\n</code></pre>\n"),
        ("~~~ rust,linenos,name=x\na\n~~~\n", "<pre tabindex=\"0\"><code data-lang=\"rust\">a\n</code></pre>\n"),
        ("```\"<\na", "<pre tabindex=\"0\"><code data-lang=\"&quot;&lt;\">a</code></pre>\n"),
        ("- a\n  ```\n  b\n  ```\n", "<ul>\n<li>a\n<pre tabindex=\"0\"><code>b\n</code></pre>\n</li>\n</ul>\n"),
    ] {
        assert_eq!(html(body), expected, "{body}");
    }
}

#[test]
fn code_with_colours_in_it() {
    let page = page("theme = \"nord\"");
    let html = page.html("a\n\n```rust\nlet a = \"<\";\n```\n\nb\n");
    assert!(html.starts_with("<p>a</p>\n<pre tabindex=\"0\" class=\"giallo\" style=\"color: #D8DEE9"), "{html}");
    assert!(html.contains("let</span>"), "{html}");
    assert_eq!(
        without_colours(&html),
        "<p>a</p>\n<pre tabindex=\"0\" class=\"giallo\" ><code data-lang=\"rust\">\
         <span class=\"giallo-l\">let a = &quot;&lt;&quot;;</span></code></pre>\n<p>b</p>\n"
    );
}

#[test]
fn two_themes_and_options() {
    let page = page("light_theme = \"GitHub-Light\"\ndark_theme = \"nord\"\ndata_attr_position = \"pre\"");
    let html = page.html("```txt,linenos,linenostart=9,hide_lines=2,name=\"x\",hl_lines=1\na\nb\nc\n```\n");
    assert!(html.contains("color: light-dark(#24292E, #D8DEE9);"), "{html}");
    assert_eq!(
        without_colours(&html),
        "<pre tabindex=\"0\" class=\"giallo\" data-lang=\"plain\" data-name=\"&quot;x&quot;\"><code >\
         <span class=\"giallo-l\"><span aria-hidden=\"true\" class=\"giallo-ln\"> 9</span>a</span>\n\
         <span class=\"giallo-l\"><span aria-hidden=\"true\" class=\"giallo-ln\">11</span>c</span></code></pre>\n"
    );
}

#[test]
fn colours_as_classes_come_with_style_sheets() {
    let one = page("theme = \"nord\"\nstyle = \"class\"");
    let html = one.html("```rust\nlet a = 1;\n```\n");
    assert!(html.starts_with("<pre tabindex=\"0\" class=\"giallo z-code\"") && !html.contains("style="), "{html}");
    let css = one.highlighter.css("nord").unwrap();
    assert!(css.contains(".z-code {"), "{css}");
    let two = page("light_theme = \"github-light\"\ndark_theme = \"nord\"\nstyle = \"class\"");
    let html = two.html("```rust\nlet a = 1;\n```\n");
    assert!(html.contains("class=\"giallo z-l-code z-d-code\""), "{html}");
    assert!(two.highlighter.css("github-light").unwrap().contains(".z-l-code {"));
    assert!(two.highlighter.css("nord").unwrap().contains(".z-d-code {"));
    // Every class in the code has a rule.
    let classes = regex::Regex::new("class=\"(z-[^\"]*)\"").unwrap();
    let sheets = two.highlighter.css("github-light").unwrap() + two.highlighter.css("nord").unwrap().as_str();
    for class in classes.captures_iter(&html).flat_map(|found| found.get(1).unwrap().as_str().split(' ')) {
        assert!(sheets.contains(&format!(".{class} {{")), "{class}");
    }
}

#[test]
fn the_same_code_is_highlighted_once() {
    let page = page("theme = \"nord\"");
    let first = page.highlighter.highlight("rust", "let a;\n").unwrap();
    let second = page.highlighter.highlight("rust", "let a;\n").unwrap();
    let other = page.highlighter.highlight("rust,linenos", "let a;\n").unwrap();
    assert!(std::sync::Arc::ptr_eq(&first, &second) && first.html != other.html);
}

#[test]
fn a_language_that_is_missing() {
    let body = "a\n\n```russt,linenos\n<b>\n```\n";
    for (highlighting, severity) in [
        ("theme = \"nord\"", Severity::Warning),
        ("theme = \"nord\"\nerror_on_missing_language = true", Severity::Error),
    ] {
        let page = page(highlighting);
        let rendered = page.render(body);
        let [problem] = &rendered.problems[..] else { panic!("{:?}", rendered.problems) };
        assert_eq!(problem.severity, severity);
        assert_eq!(problem.message, "there are no colours for the language `russt`");
        let help = problem.help.as_deref().unwrap();
        assert!(help.starts_with("did you mean `rust`? Or take `text` for none, or add its grammar"), "{help}");
        assert_eq!(problem.needle.as_deref(), Some("russt,linenos"));
        assert!(body[problem.span.clone()].starts_with("```russt"));
        assert!(rendered.html.contains("&lt;b&gt;") && rendered.html.contains("giallo-ln"), "{}", rendered.html);
        // The block is cached with its problem.
        assert_eq!(page.render(body).problems.len(), 1);
        assert_eq!(page.render("```\nplain\n```\n\n    indented\n\n```text\n```\n").problems, []);
    }
    let far = page("theme = \"nord\"").render("```xxxxxxxxxxxx\n```\n");
    assert!(far.problems[0].help.as_deref().unwrap().starts_with("take the name of another language, `text` for none"));
}

fn html_with_problems(page: &Page, body: &str) -> String {
    page.render(body).html
}

/// Returns the only problem of a body with one block of code without colours.
fn without_colours_because(page: &Page, info: &str, code: &str) -> String {
    let body = format!("Text.\n\n```{info}\n{code}\n```\n");
    let rendered = page.render(&body);
    let [problem] = &rendered.problems[..] else { panic!("{:?}", rendered.problems) };
    assert_eq!((problem.severity, problem.needle.as_deref()), (Severity::Warning, Some(info)));
    assert!(body[problem.span.clone()].starts_with("```") && problem.help.is_some());
    // The complete code is there, in the theme's text colour.
    assert!(rendered.html.contains("class=\"giallo\""), "{}", rendered.html);
    assert_eq!(rendered.html.matches("<span style=").count(), 0, "{}", rendered.html);
    assert_eq!(html_with_problems(page, &body), rendered.html);
    problem.message.clone()
}

#[test]
fn code_that_would_take_too_long_stays_plain() {
    let page = page("theme = \"nord\"");
    let lines: [(&str, &str); 8] = [
        ("css", ".a{color:#fff;margin:0 auto}"),
        ("js", "function a(b,c){return b?c:{x:[1,2]}}"),
        ("json", "{\"a\":1,\"b\":[1,2,{\"c\":null}]},"),
        ("html", "<p class=a>text</p>"),
        ("python", "([{"),
        ("cpp", "a<b<"),
        ("yaml", "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo0"),
        ("bash", "$("),
    ];
    for (language, piece) in lines {
        let line = piece.repeat(1_001 / piece.len() + 1);
        let expected = format!("line 2 of this code has {} bytes, too many for colours", line.len());
        assert_eq!(without_colours_because(&page, language, &format!("a\n{line}")), expected);
        // Plain text has no limit.
        assert_eq!(page.render(&format!("```text\n{line}\n```\n")).problems, []);
    }
    let long = "let a = 1; // a comment, and some more of it\n".repeat(3_000);
    assert_eq!(
        without_colours_because(&page, "rust", long.trim_end()),
        "this code is too much for colours: 135000 bytes in 3000 lines"
    );
}

#[test]
fn a_looping_grammar_is_abandoned() {
    // Each rule can begin again at the same position: by itself, and through another one.
    let circle = |name: &str, inner: &str| {
        format!(
            r##"{{"name": "{name}", "scopeName": "source.{name}", "patterns": [{{"include": "#a"}}], "repository": {{
            "a": {{"name": "meta.a", "begin": "(?=x)", "end": "y", "patterns": [{{"include": "#{inner}"}}]}},
            "b": {{"begin": "(?=x)|z", "end": "y", "patterns": [{{"include": "#a"}}]}}}}}}"##
        )
    };
    let read =
        move |path: &str| Ok(if path == "one.json" { circle("one", "a") } else { circle("two", "b") }.into_bytes());
    let (highlighter, problems) =
        Highlighter::new(&config("theme = \"nord\"\nextra_grammars = [\"one.json\", \"two.json\"]"), &read);
    assert_eq!(problems, []);
    let page = Page { highlighter, ..Page::default() };
    // The last grammar is one of the library's own.
    for (language, code) in [("one", "<x>"), ("two", "a\nbx"), ("erb", "<%> !cost  \"  else  % >\ntoy")] {
        assert_eq!(
            without_colours_because(&page, language, code),
            format!(
                "this code stays without colours: the grammar of the language `{language}` does not come to an end with it"
            )
        );
    }
    // Other texts work in these grammars, and so do other grammars.
    assert_eq!(page.render("```one\na\n```\n\n```erb\n<%= a %>\n```\n\n```rust\nlet x = 1;\n```\n").problems, []);
}

#[test]
fn packed_blocks_are_restored() {
    let body = "```rust\nlet a = 1;\n```\n\n```russt\nb\n```\n";
    let pack = |page: &Page, is_whole: bool| {
        let mut bytes = Vec::new();
        page.highlighter.pack(is_whole, &mut bytes).unwrap();
        bytes
    };
    let recalling = |highlighting: &str, packed: Vec<u8>| {
        let (highlighter, _) = Highlighter::new(&config(highlighting), &no_file);
        Page { highlighter: highlighter.with_packed(move || Some(packed.clone())), ..Page::default() }
    };
    let nord = "theme = \"nord\"";
    let first = page(nord);
    let html = html_with_problems(&first, body);
    assert!(first.highlighter.is_changed(false));
    let packed = pack(&first, true);

    let second = recalling(nord, packed.clone());
    assert_eq!(html_with_problems(&second, body), html);
    // The block with a problem was not packed, and is rendered again.
    assert_eq!(second.render(body).problems.len(), 1);
    assert!(!second.highlighter.is_changed(false) && !second.highlighter.is_changed(true));
    assert_eq!(pack(&second, true), packed);

    // The packed block is shown.
    let mut other = packed.clone();
    let place = packed.windows(10).position(|bytes| bytes == b"let</span>").unwrap();
    other[place..place + 3].copy_from_slice(b"LET");
    assert!(html_with_problems(&recalling(nord, other.clone()), body).contains("LET</span>"));
    // But not with another theme, nor if the file is truncated.
    assert!(!html_with_problems(&recalling("theme = \"dracula\"", other.clone()), body).contains("LET"));
    for end in 0..other.len() {
        assert!(!html_with_problems(&recalling(nord, other[..end].to_vec()), body).contains("LET"), "{end}");
    }

    // The next complete build drops blocks that no page shows.
    let third = recalling(nord, packed.clone());
    html_with_problems(&third, "```russt\nb\n```\n");
    assert!(third.highlighter.is_changed(true));
    assert!(!third.highlighter.is_changed(false));
    assert_eq!(pack(&third, false), packed);
    assert_eq!(pack(&third, true).len(), 16);
}

#[test]
fn a_theme_that_is_missing() {
    let problems = |highlighting: &str| {
        let (highlighter, problems) = Highlighter::new(&config(highlighting), &no_file);
        assert!(!highlighter.is_on());
        let problems = problems.into_iter();
        problems
            .map(|problem| {
                let (line, column) = problem.location.unwrap().line_column().unwrap();
                format!("{line}:{column} {} | {}", problem.message, problem.help.unwrap())
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(problems("theme = \"Nrod\""), ["3:9 there is no theme `Nrod` for code | did you mean `nord`?"]);
    let two = problems("light_theme = \"xxxxxxxxxx\"\ndark_theme = \"github-drak\"");
    assert!(two[0].starts_with("3:15 there is no theme `xxxxxxxxxx` for code | there are andromeeda, "), "{two:?}");
    assert_eq!(two[1], "4:14 there is no theme `github-drak` for code | did you mean `github-dark`?");
}

#[test]
fn a_site_brings_grammars_and_themes() {
    let read = |path: &str| match path {
        "sylph.json" => Ok(br#"{"name": "sylph", "scopeName": "source.sylph",
            "patterns": [{"name": "keyword.sylph", "match": "\\bfly\\b"}], "repository": {}}"#
            .to_vec()),
        "theme.json" => Ok(br##"{"name": "Mine", "type": "dark",
            "colors": {"editor.foreground": "#111111", "editor.background": "#eeeeee"},
            "tokenColors": [{"scope": "keyword", "settings": {"foreground": "#abcdef"}}]}"##
            .to_vec()),
        "bad.json" => Ok(b"{".to_vec()),
        _ => no_file(path),
    };
    let own = "theme = \"mine\"\nextra_grammars = [\"sylph.json\"]\nextra_themes = [\"theme.json\"]\n";
    let (highlighter, problems) = Highlighter::new(&config(own), &read);
    assert_eq!(problems, []);
    let page = Page { highlighter, ..Page::default() };
    let html = page.html("```sylph\nfly away\n```\n\n```rust\nfn a() {}\n```\n");
    assert!(html.contains("<span style=\"color: #ABCDEF;\">fly</span>"), "{html}");
    assert!(html.contains("<span style=\"color: #ABCDEF;\">fn</span>"), "{html}");

    let bad = "theme = \"mien\"\nextra_grammars = [\"bad.json\", \"none.json\"]\nextra_themes = [\"theme.json\"]\n";
    let (_, problems) = Highlighter::new(&config(bad), &read);
    let messages: Vec<_> = problems.iter().map(|problem| problem.message.as_str()).collect();
    assert!(messages[0].starts_with("bad.json is not a grammar: "), "{messages:?}");
    assert_eq!(messages[1..], ["none.json is not there", "there is no theme `mien` for code"]);
    assert_eq!(problems[2].help.as_deref(), Some("did you mean `mine`?"));
}
