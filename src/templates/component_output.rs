//! Components in a text that stay in their place.
//!
//! What a component gives may have many lines, with blank and indented ones among them, and stands in one line of a text. In
//! a list item or a quotation its other lines get what begins a line there; in the cell of a table they become one line; in code
//! they stay as they are.
//!
//! Where the outputs of components are in a rendered text is found out with marks around their calls. A text that cannot be
//! rendered is rendered without them for its error, which then is where the author sees it.

use std::borrow::Cow;
use std::ops::Range;

use rustc_hash::FxHashSet;

use super::syntax::calls::CallTag;
use super::syntax::lexer::{Token, tags};
use crate::config::Markdown;
use crate::markdown::{MarkdownContext, VerbatimElement, pieces, places};

/// Renders a text, with the outputs of components in their places. `render` renders it with marks, and `plain` as it is. `refuse` makes
/// an error of what has no room in its place: the call of a component, if it is known which.
pub(super) fn render_with_components<E>(
    source: &str,
    options: &Markdown,
    render: impl FnOnce(&str) -> Option<String>,
    plain: impl FnOnce() -> Result<String, E>,
    refuse: impl FnOnce(Option<Range<usize>>) -> E,
) -> Result<String, E> {
    let calls = component_calls(source);
    let Some(marks) = OutputMarks::unused_in(source).filter(|_| !calls.is_empty()) else { return plain() };
    let Some(marked) = render(&marks.insert(&calls, source)) else { return plain() };
    let Some(parts) = marks.split(&marked) else { return plain() };
    let needs_room = |part: &RenderedPart<'_>| part.output.is_some_and(|output| output.contains(['\n', '|']));
    if !parts.iter().any(needs_room) {
        return Ok(marks.remove(&marked));
    }
    let skeleton: String = parts
        .iter()
        .flat_map(|part| {
            [Cow::Borrowed(part.before), part.output.map_or("".into(), |_| marks.start.to_string().into())]
        })
        .collect();
    let mut places = places(&skeleton, marks.start, options).into_iter();
    // How far the skeleton has come.
    let mut at = 0;
    let own_lines = author_lines(source);
    let mut text = String::with_capacity(marked.len());
    for (number, part) in parts.iter().enumerate() {
        text.push_str(part.before);
        let mark = at + part.before.len();
        at = mark + marks.start.len_utf8();
        let Some(output) = part.output else { continue };
        match places.next().unwrap_or(MarkdownContext::Open) {
            MarkdownContext::Open => text.push_str(&without_html_indent(output, &own_lines)),
            MarkdownContext::Code { prefix } => push_code(&mut text, output, &prefix, &own_lines),
            place @ (MarkdownContext::Cell(element) | MarkdownContext::Line(element)) => {
                let Some(line) = single_line(output, matches!(place, MarkdownContext::Cell(_)), element) else {
                    // In loops and conditions a call may have several outputs, or none.
                    let is_known = calls.len() + 1 == parts.len();
                    return Err(refuse(calls.get(number).filter(|_| is_known).cloned()));
                };
                text.push_str(&line);
            }
            MarkdownContext::Inside { prefix, start } => {
                let is_first_line = !skeleton[start..mark].contains('\n');
                push_nested(&mut text, output, &prefix, is_first_line, &own_lines);
            }
        }
    }
    Ok(text)
}

/// The lines of a source, and what is before the first tag of each.
fn author_lines(source: &str) -> FxHashSet<&str> {
    let before_tag = |line: &'_ str| line.find("{%").map_or(line.len(), |at| at);
    source.lines().flat_map(|line| [line, &line[..before_tag(line)]]).collect()
}

/// The calls of components in a text, from the beginning of each to its end, but those in others; and what is included. What is
/// not written where it is called is left out: a block that is set or filtered.
fn component_calls(source: &str) -> Vec<Range<usize>> {
    let mut calls = Vec::new();
    let mut open: Option<(usize, usize)> = None;
    let mut captures = 0_usize;
    for tag in tags(source).take_while(|tag| tag.is_closed) {
        match tag.tokens.first() {
            Some(Token::Ident("filter")) => captures += 1,
            Some(Token::Ident("endfilter" | "endset")) => captures = captures.saturating_sub(1),
            _ if tag.is_capture() => captures += 1,
            _ => {}
        }
        match (tag.call(), &mut open) {
            (None, _) | (Some(CallTag::Closing(_)), None) => {}
            (Some(_), None) if captures > 0 => {}
            (Some(CallTag::Complete), None) => calls.push(tag.span),
            (Some(CallTag::Opening(_)), None) => open = Some((tag.span.start, 1)),
            (Some(CallTag::Complete), Some(_)) => {}
            (Some(CallTag::Opening(_)), Some((_, depth))) => *depth += 1,
            (Some(CallTag::Closing(_)), Some((start, depth))) => {
                *depth -= 1;
                if *depth == 0 {
                    calls.push(*start..tag.span.end);
                    open = None;
                }
            }
        }
    }
    calls
}

/// Two characters that are nowhere in a text, for the beginning and the end of an output.
#[derive(Clone, Copy)]
struct OutputMarks {
    start: char,
    end: char,
}

/// A piece of a rendered text, and the output behind it.
struct RenderedPart<'t> {
    before: &'t str,
    output: Option<&'t str>,
}

impl OutputMarks {
    fn unused_in(source: &str) -> Option<Self> {
        // These mean nothing in Unicode (<https://www.unicode.org/faq/private_use.html#noncharacters>).
        let mut free = ('\u{fdd0}'..='\u{fdef}').filter(|&c| !source.contains(c));
        Some(Self { start: free.next()?, end: free.next()? })
    }

    /// The source with marks around calls. A tag that takes away the white space beside it takes away the same as without them.
    fn insert(self, calls: &[Range<usize>], source: &str) -> String {
        let mut marked = String::with_capacity(source.len() + calls.len() * 6);
        let mut done = 0;
        for call in calls {
            let text = &source[call.clone()];
            // What is taken away behind the last call may reach up to this one.
            let before = &source[..call.start.max(done)];
            let start = match text.starts_with("{{-") || text.starts_with("{%-") {
                true => before.trim_end().len().max(done),
                false => before.len(),
            };
            let end = match text.ends_with("-}}") || text.ends_with("-%}") {
                true => source.len() - source[call.end..].trim_start().len(),
                false => call.end,
            };
            marked.push_str(&source[done..start]);
            marked.push(self.start);
            marked.push_str(&source[start..end]);
            marked.push(self.end);
            done = end;
        }
        marked.push_str(&source[done..]);
        marked
    }

    /// The pieces of a rendered text with marks; none if the marks are not in pairs.
    fn split(self, marked: &str) -> Option<Vec<RenderedPart<'_>>> {
        let mut parts = Vec::new();
        let mut rest = marked;
        while let Some((before, behind)) = rest.split_once(self.start) {
            let (output, behind) = behind.split_once(self.end)?;
            if before.contains(self.end) || output.contains(self.start) {
                return None;
            }
            parts.push(RenderedPart { before, output: Some(output) });
            rest = behind;
        }
        parts.push(RenderedPart { before: rest, output: None });
        (!rest.contains(self.end)).then_some(parts)
    }

    fn remove(self, marked: &str) -> String {
        marked.replace([self.start, self.end], "")
    }
}

/// Adds an output to a text that ends in a list item or quotation.
fn push_nested(text: &mut String, output: &str, prefix: &str, is_first_line: bool, own_lines: &FxHashSet<&str>) {
    if !output.contains('\n') {
        return text.push_str(output);
    }
    let line = &text[text.rfind('\n').map_or(0, |at| at + 1)..];
    // A line that goes on with a paragraph may lack what begins a line there, but an element of HTML does not go on with one.
    let is_outside = line.trim().is_empty() && !has_prefix(line, prefix) && output.trim_start().starts_with('<');
    if is_outside && !is_first_line {
        return text.push_str(&without_html_indent(output, own_lines));
    }
    let output = &*without_blank_lines(output.trim(), own_lines);
    let is_indented_html = is_indented_html(output);
    let (mut is_behind_blank, mut is_in_tag) = (false, false);
    for (index, line) in output.split('\n').enumerate() {
        if index > 0 {
            text.push('\n');
        }
        let is_own = own_lines.contains(line.trim_end_matches('\r'));
        // The end of a tag may look like a quotation's mark.
        let was_in_tag = is_in_tag;
        is_in_tag = line.rfind(['<', '>']).map_or(is_in_tag, |at| line[at..].starts_with('<'));
        if line.trim().is_empty() || is_own && prefix.starts_with(line.trim_end()) && !was_in_tag {
            text.push_str(prefix.trim_end());
            is_behind_blank = true;
            continue;
        }
        if index == 0 {
            text.push_str(line);
            continue;
        }
        // What the author wrote between the tags of a component may begin as it must already.
        if !is_prefixed(line, prefix, own_lines) {
            text.push_str(prefix);
        }
        text.push_str(if is_behind_blank && is_indented_html { without_indent(line, own_lines) } else { line });
        is_behind_blank = false;
    }
}

/// Adds an output to a text that ends in code: as it is, with what begins each line there.
fn push_code(text: &mut String, output: &str, prefix: &str, own_lines: &FxHashSet<&str>) {
    for (index, line) in output.split('\n').enumerate() {
        if index > 0 {
            text.push('\n');
            if line.trim().is_empty() {
                text.push_str(prefix.trim_end());
            } else if !is_prefixed(line, prefix, own_lines) {
                text.push_str(prefix);
            }
        }
        text.push_str(line);
    }
}

/// Whether the author began a line of an output as it must begin: all of it, or its quotation's marks before the end tag of a call.
fn is_prefixed(line: &str, prefix: &str, own_lines: &FxHashSet<&str>) -> bool {
    let before_tag = || &line[..line.len() - line.trim_start_matches(['>', ' ', '\t']).len()];
    let is_own = || own_lines.contains(line.trim_end_matches('\r'));
    has_prefix(line, prefix) && (is_own() || prefix.contains('>') && own_lines.contains(before_tag()))
}

/// Whether a line begins with as many marks of quotations and columns as others of a list item or quotation do.
fn has_prefix(line: &str, prefix: &str) -> bool {
    let shape = |line: &str| {
        let marks = line.chars().take_while(|c| matches!(c, '>' | ' ' | '\t'));
        marks.fold((0_usize, 0_usize), |(quotes, columns), c| match c {
            '>' => (quotes + 1, columns + 1),
            '\t' => (quotes, columns / 4 * 4 + 4),
            _ => (quotes, columns + 1),
        })
    };
    let ((quotes, columns), (wanted_quotes, wanted_columns)) = (shape(line), shape(prefix.trim_end_matches(' ')));
    // A quotation's mark needs no space behind it.
    let wanted_columns = if prefix.contains('>') { wanted_columns } else { shape(prefix).1 };
    quotes >= wanted_quotes && columns >= wanted_columns
}

/// An output without blank lines, if it is HTML and nothing in it is Markdown: blank lines would end the HTML, and set the items of
/// a list apart.
fn without_blank_lines<'t>(output: &'t str, own_lines: &FxHashSet<&str>) -> Cow<'t, str> {
    let is_markdown = |line: &str| !line.trim_start().starts_with('<') || own_lines.contains(line);
    let mut lines = output.split('\n').map(|line| line.trim_end_matches('\r'));
    let mut is_behind_blank = true;
    let has_markdown = lines.any(|line| {
        let is_blank = line.trim().is_empty();
        std::mem::replace(&mut is_behind_blank, is_blank) && !is_blank && is_markdown(line)
    });
    if has_markdown || has_verbatim_element(output) {
        return Cow::Borrowed(output);
    }
    let lines: Vec<&str> = output.split('\n').filter(|line| !line.trim().is_empty()).collect();
    Cow::Owned(lines.join("\n"))
}

/// An output in which no element of HTML looks like code because it is indented behind a blank line.
fn without_html_indent<'t>(output: &'t str, own_lines: &FxHashSet<&str>) -> Cow<'t, str> {
    if !output.contains('\n') {
        return Cow::Borrowed(output);
    }
    if !is_indented_html(output) {
        return Cow::Borrowed(output);
    }
    let mut text = String::with_capacity(output.len());
    let mut is_behind_blank = false;
    for line in output.split_inclusive('\n') {
        text.push_str(if is_behind_blank { without_indent(line, own_lines) } else { line });
        is_behind_blank = line.trim().is_empty();
    }
    Cow::Owned(text)
}

/// Whether an output is HTML that may be without its indentation.
fn is_indented_html(output: &str) -> bool {
    output.trim_start().starts_with('<') && !has_verbatim_element(output)
}

/// Whether white space counts in some part of an output.
fn has_verbatim_element(output: &str) -> bool {
    pieces(output, None).0.iter().any(|(element, _)| element.is_some_and(|element| element != VerbatimElement::Comment))
}

/// A line of an output of HTML without its indentation, if a template has indented it.
fn without_indent<'t>(line: &'t str, own_lines: &FxHashSet<&str>) -> &'t str {
    let html = line.trim_start_matches([' ', '\t']);
    let is_indented = line.len() - html.len() >= 4 || line.starts_with('\t');
    // What the author wrote between the tags of a component may be code.
    let is_own = || own_lines.contains(line.trim_end_matches(['\n', '\r']));
    if is_indented && html.starts_with('<') && !is_own() { html } else { line }
}

/// An output in one line, for a place that has no other, in an element. None if that would make another script of a script.
fn single_line(output: &str, is_cell: bool, element: Option<VerbatimElement>) -> Option<String> {
    let output = if element.is_some() { output } else { output.trim() };
    let mut text = String::with_capacity(output.len());
    for (element, piece) in pieces(output, element).0 {
        match element {
            Some(VerbatimElement::Pre | VerbatimElement::Textarea) => {
                text.push_str(&piece.replace("\r\n", "\n").replace('\n', "&#10;"));
            }
            // The end of a line may end a statement or a comment.
            Some(VerbatimElement::Script) if piece.trim().contains('\n') => return None,
            None | Some(VerbatimElement::Script | VerbatimElement::Style | VerbatimElement::Comment) => {
                push_joined(&mut text, piece)
            }
        }
    }
    if !is_cell || !text.contains('|') {
        return Some(text);
    }
    // In a code span an entity would be shown as it is.
    let bar = if text.contains('`') { "\\|" } else { "&#124;" };
    Some(text.replace("\\|", "|").replace('|', bar))
}

/// Adds lines to a text, as one line.
fn push_joined(text: &mut String, lines: &str) {
    let Some((first, others)) = lines.split_once('\n') else { return text.push_str(lines) };
    text.push_str(first.trim_end());
    for line in others.split('\n').map(str::trim).filter(|line| !line.is_empty()) {
        text.push(' ');
        text.push_str(line);
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use proptest::prelude::*;

    use super::*;

    /// A text in which `@` is the call of a component with an output.
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
            // It does not go on with the paragraph.
            ("   - a\n@", "<b>\n\n<c>", "   - a\n<b>\n\n<c>"),
        ] {
            assert_eq!(settled(text, output), expected, "{text}");
        }
    }

    #[test]
    fn what_an_author_writes_between_the_tags_is_in_its_place_already() {
        let source = "> - {% <x> %}\n>   a\n>\n>       b\n>   {% </x> %}\n";
        let render = |source: &str| source.replace("{% <x> %}", "<div>\n\n").replace("{% </x> %}", "\n\n</div>");
        assert_eq!(settled_with(source, render), "> - <div>\n>\n>\n>   a\n>\n>       b\n>\n>\n>   </div>\n");
    }

    #[test]
    fn in_code_an_output_is_as_it_is() {
        const CODE: &str = "<ul>\n\n    <li>\n\n\ta</ul>\n";
        for text in [
            "```html\n@\n```",
            "<pre>\n@\n</pre>",
            "<textarea rows=2>@</textarea>",
            "<script>@</script>",
            "~~~\nb\n  @~~~",
        ] {
            assert_eq!(settled(text, CODE), text.replace('@', CODE));
        }
        for (text, expected) in [
            ("- ```\n  @\n  ```", "- ```\n  <ul>\n\n      <li>\n\n  \ta</ul>\n\n  ```"),
            ("> <pre>\n> @</pre>", "> <pre>\n> <ul>\n>\n>     <li>\n>\n> \ta</ul>\n></pre>"),
        ] {
            assert_eq!(settled(text, CODE), expected);
        }
        // What the author wrote between the tags of a component has what begins a line there already.
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
        assert_eq!(
            settled_with(source, render),
            "-\ta\n\n\t<div>\n\n\tb\n\n \t</div>\n-\t<div>\n\n \tc\n\n \t</div>\n"
        );
    }

    #[test]
    fn what_needs_no_room_is_as_it_was() {
        for (text, output) in [("- @\n- b", "<b>a</b>"), ("a | @", "b"), ("no call", "a\n\nb"), ("- @", "")] {
            assert_eq!(settled(text, output), text.replace('@', output));
        }
    }

    #[test]
    fn what_cannot_be_rendered_with_marks_is_rendered_without_them() {
        let settle = |marked: Option<&str>| {
            let marked = marked.map(str::to_owned);
            render_with_components("- {{ <x /> }}", &Markdown::default(), |_| marked, || Err("an error"), |_| "no room")
        };
        assert_eq!(settle(None), Err("an error"));
        // Something else has the marks.
        assert_eq!(settle(Some("- \u{fdd0}a")), Err("an error"));
        assert_eq!(settle(Some("- \u{fdd0}a\u{fdd1}")), Ok("- a".to_owned()));
    }

    #[test]
    fn calls_are_found_with_what_is_between_their_tags() {
        let found =
            |source: &'static str| component_calls(source).into_iter().map(|call| &source[call]).collect::<Vec<_>>();
        assert_eq!(
            found(
                "a {{ <b c={1} /> }} {{ d }} {% <e> %} {% <e> %} {{ <f /> }} {% </e> %} {% </e> %} {% include \"g\" %}{% <h /> %}"
            ),
            [
                "{{ <b c={1} /> }}",
                "{% <e> %} {% <e> %} {{ <f /> }} {% </e> %} {% </e> %}",
                "{% include \"g\" %}",
                "{% <h /> %}"
            ]
        );
        assert_eq!(
            found(
                "{% set a = 1 %}{{ <b /> }}{% set c %}{{ <d /> }}{% endset %}{% filter upper %}{{ <e /> }}{% endfilter %}{{ <f /> }}"
            ),
            ["{{ <b /> }}", "{{ <f /> }}"]
        );
        assert_eq!(found("{% raw %}{{ <b /> }}{% endraw %} {% </c> %} {% <d> %}"), [""; 0]);
    }

    #[test]
    fn white_space_that_tags_take_away_is_between_the_marks() {
        let marks = OutputMarks { start: '[', end: ']' };
        let around = |source: &str| marks.insert(&component_calls(source), source);
        assert_eq!(around("a\n {{- <b /> -}} \n c"), "a[\n {{- <b /> -}} \n ]c");
        assert_eq!(around("{{ <b /> -}} {{- <c /> }} d"), "[{{ <b /> -}} ][{{- <c /> }}] d");
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
}
