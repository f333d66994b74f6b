//! Tests of components in a text.

use std::convert::Infallible;

use proptest::prelude::*;

use super::*;

/// Renders a text in which `@` is the call of a component with an output.
fn settled(text: &str, output: &str) -> String {
    let source = text.replace('@', "{{ <x /> }}");
    let render = |source: &str| source.replace("{{ <x /> }}", output);
    settled_with(&source, render)
}

fn settled_with(source: &str, render: impl Fn(&str) -> String) -> String {
    let plain = || Ok::<_, Infallible>(render(source));
    render_with_components(
        source,
        &Markdown::default(),
        |marked| Some(render(marked)),
        plain,
        |call| panic!("{call:?}"),
    )
    .unwrap_or_else(|never: Infallible| match never {})
}

#[test]
fn outputs_stay_in_their_place() {
    const FIGURE: &str = "\n<figure>\n\n      <img>\n  b\n</figure>\n";
    for (text, output, expected) in [
        ("- a\n- @\n- c", FIGURE, "- a\n- <figure>\n        <img>\n    b\n  </figure>\n- c"),
        ("1. a\n\n   @\n\n2. c", FIGURE, "1. a\n\n   <figure>\n         <img>\n     b\n   </figure>\n\n2. c"),
        ("> @\n> c", FIGURE, "> <figure>\n>       <img>\n>   b\n> </figure>\n> c"),
        ("- @\n- b", "<div>\n\n*a*\n\n      <i>\n</div>", "- <div>\n\n  *a*\n\n  <i>\n  </div>\n- b"),
        ("- @", "<pre>\na\n\n    b\n</pre>", "- <pre>\n  a\n\n      b\n  </pre>"),
        ("- > a @ c", "*b*\n\n- d", "- > a *b*\n  >\n  > - d c"),
        ("|a|b|\n|-|-|\n|@|c|", FIGURE, "|a|b|\n|-|-|\n|<figure> <img> b </figure>|c|"),
        ("|@|\n|-|", "<i title='a|b'>\n", "|<i title='a&#124;b'>|\n|-|"),
        ("|@|\n|-|", "`a|b`", "|`a\\|b`|\n|-|"),
        ("|@|\n|-|", "<pre>a\n\n  b</pre>\n<i>", "|<pre>a&#10;&#10;  b</pre> <i>|\n|-|"),
        (
            "|@|\n|-|",
            "<pre\n class=b>a\n b</pre>c<textarea>\r\n d\n",
            "|<pre class=b>a&#10; b</pre>c<textarea>&#10; d|\n|-|",
        ),
        ("|<pre>@</pre>|\n|-|", " a\n\n  b\n", "|<pre> a&#10;&#10;  b&#10;</pre>|\n|-|"),
        ("# @", "<style>\n  a { b }\n\n  c { }\n</style>\n<i>", "# <style> a { b } c { }</style> <i>"),
        ("# @", "<script>\n  a() // b\n</script>", "# <script> a() // b</script>"),
        ("# a @", "b\n\nc\n", "# a b c"),
        ("[@](/b)", "<b>\n\nc</b>", "[<b> c</b>](/b)"),
        ("a\n\n@\n\nb", FIGURE, "a\n\n\n<figure>\n\n<img>\n  b\n</figure>\n\n\nb"),
        ("a @ b", "c\n\n    d", "a c\n\n    d b"),
        // An HTML element does not continue the paragraph.
        ("   - a\n@", "<b>\n\n<c>", "   - a\n<b>\n\n<c>"),
    ] {
        assert_eq!(settled(text, output), expected, "{text}");
    }
}

#[test]
fn bodies_of_components_have_prefixes_already() {
    let source = "> - {% <x> %}\n>   a\n>\n>       b\n>   {% </x> %}\n";
    let render = |source: &str| source.replace("{% <x> %}", "<div>\n\n").replace("{% </x> %}", "\n\n</div>");
    assert_eq!(settled_with(source, render), "> - <div>\n>\n>\n>   a\n>\n>       b\n>\n>\n>   </div>\n");
}

#[test]
fn in_code_an_output_is_as_it_is() {
    const CODE: &str = "<ul>\n\n    <li>\n\n\ta</ul>\n";
    for text in
        ["```html\n@\n```", "<pre>\n@\n</pre>", "<textarea rows=2>@</textarea>", "<script>@</script>", "~~~\nb\n  @~~~"]
    {
        assert_eq!(settled(text, CODE), text.replace('@', CODE));
    }
    for (text, expected) in [
        ("- ```\n  @\n  ```", "- ```\n  <ul>\n\n      <li>\n\n  \ta</ul>\n\n  ```"),
        ("> <pre>\n> @</pre>", "> <pre>\n> <ul>\n>\n>     <li>\n>\n> \ta</ul>\n></pre>"),
    ] {
        assert_eq!(settled(text, CODE), expected);
    }
    // The author's lines between the tags of a component have the prefix already.
    let source = "> ```\n> {% <x> %}\n>     a\n>\n> {% </x> %}\n> ```\n";
    let render = |source: &str| source.replace("{% <x> %}", "<b>\n  c").replace("{% </x> %}", "</b>");
    assert_eq!(settled_with(source, render), "> ```\n> <b>\n>   c\n>     a\n>\n> </b>\n> ```\n");
}

#[test]
fn a_script_that_has_no_room_is_refused() {
    const SCRIPT: &str = "<script>\na() // b\nc()</script>";
    let settle = |source: &str| {
        let render = |source: &str| source.replace("{{ <x /> }}", SCRIPT).replace("{{ <y /> }}", "");
        let plain = || Ok(render(source));
        render_with_components(source, &Markdown::default(), |marked| Some(render(marked)), plain, |call| call)
    };
    assert_eq!(settle("{{ <y /> }}\n\n# {{ <x /> }}"), Err(Some(15..26)));
    assert_eq!(settle("|{{ <x /> }}|\n|-|"), Err(Some(1..12)));
    assert_eq!(settle("{{ <x /> }}"), Ok(SCRIPT.to_owned()));
}

#[test]
fn long_outputs_take_their_time_once() {
    let output = format!("<div>\n{}</div>", "\n    <i>\n>\n".repeat(200_000));
    let start = std::time::Instant::now();
    for text in ["@", "> @\n>", "- @", "|@|\n|-|", "```\n@"] {
        settled(text, &output);
    }
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

#[test]
fn tabs_are_columns() {
    let source = "-\ta\n\n\t{% <x> %}\n\tb\n\t{% </x> %}\n-\t{% <x> %}\nc\n{% </x> %}\n";
    let render = |source: &str| source.replace("{% <x> %}", "<div>\n").replace("{% </x> %}", "\n</div>");
    assert_eq!(settled_with(source, render), "-\ta\n\n\t<div>\n\n\tb\n\n \t</div>\n-\t<div>\n\n \tc\n\n \t</div>\n");
}

#[test]
fn short_outputs_stay() {
    for (text, output) in [("- @\n- b", "<b>a</b>"), ("a | @", "b"), ("no call", "a\n\nb"), ("- @", "")] {
        assert_eq!(settled(text, output), text.replace('@', output));
    }
}

#[test]
fn texts_without_usable_marks_are_rendered_plainly() {
    let settle = |marked: Option<&str>| {
        let marked = marked.map(str::to_owned);
        render_with_components("- {{ <x /> }}", &Markdown::default(), |_| marked, || Err("an error"), |_| "no room")
    };
    assert_eq!(settle(None), Err("an error"));
    // The text itself contains a mark.
    assert_eq!(settle(Some("- \u{fdd0}a")), Err("an error"));
    assert_eq!(settle(Some("- \u{fdd0}a\u{fdd1}")), Ok("- a".to_owned()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_word_is_lost(
        text in prop::collection::vec(piece(), 0..24),
        output in prop::collection::vec(piece(), 0..12),
    ) {
        let (text, output) = (text.concat(), output.concat().replace('@', "b"));
        let words = |text: &str| text.matches(|c: char| c.is_alphanumeric()).count();
        let settled = settled(&text, &output);
        let entities = 2 * settled.matches("&#10;").count() + 3 * settled.matches("&#124;").count();
        prop_assert_eq!(words(&settled) - entities, words(&text.replace('@', &output)));
    }
}

fn piece() -> impl Strategy<Value = String> {
    let pieces = [
        "- ",
        "10. ",
        "> ",
        ">",
        "  ",
        "    ",
        "\n",
        "\n\n",
        "\t",
        "|",
        "|a|b|\n|-|-|\n",
        "# ",
        "*",
        "`",
        "```\n",
        "[",
        "](/b)",
        "[^a]",
        "[^a]: ",
        ": ",
        "@",
        "@",
        "a",
        "é",
        "<b>",
        "</b>",
        "<i\n",
        "<div>\n",
        "</div>",
        "<pre>\n",
        "</pre>",
        "<!--",
        "-->",
        "\r\n",
    ];
    prop::sample::select(pieces.map(str::to_owned).to_vec())
}
