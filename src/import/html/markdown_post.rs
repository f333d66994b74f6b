//! Texts that are Markdown already. They stay as they are, but for addresses that have changed, and for HTML in them that
//! would run or frame something.

use std::ops::Range;
use std::sync::LazyLock;

use pulldown_cmark::{Event, LinkType, Options, Parser, Tag, TagEnd, html::push_html};
use regex::Regex;
use rustc_hash::FxHashSet;

use super::clean::{Removals, clean};
use super::dom::Dom;
use super::markdown::destination;
use super::{Conversion, Converter, MAX_LENGTH, too_deep};
use crate::config::Markdown;
use crate::content::parser_options;
use crate::import::model::{Format, Text};

/// The addresses in the attributes of raw HTML.
#[allow(clippy::expect_used, reason = "the pattern is a constant, and a test compiles it")]
static ADDRESS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"(?i)\s(?:href|src|poster)\s*=\s*(?:"([^"]*)"|'([^']*)')"#).expect("a pattern"));

/// The ids in raw HTML.
#[allow(clippy::expect_used, reason = "the pattern is a constant, and a test compiles it")]
static ID: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"(?i)\s(?:id|name)\s*=\s*(?:"([^"]*)"|'([^']*)')"#).expect("a pattern"));

impl Converter {
    /// Takes over a post in Markdown. `rewrite` gives each address its new form.
    pub(super) fn markdown_post(&self, text: &str, rewrite: &dyn Fn(&str) -> String) -> Conversion {
        if text.len() > MAX_LENGTH {
            return too_deep(text);
        }
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let options = parser_options(&self.options);
        let mut done = Conversion::default();
        let inert = self.without_active_html(&text, options, &mut done);
        done.markdown = rewrite_addresses(&inert, options, rewrite).trim_end().to_owned();
        done
    }

    /// The text with each block that holds active HTML converted from its HTML.
    fn without_active_html(&self, text: &str, options: Options, done: &mut Conversion) -> String {
        let mut out = text.to_owned();
        let blocks = blocks_with_html(text, options);
        if blocks.is_empty() {
            return out;
        }
        let definitions = definitions(text, options);
        for range in blocks.into_iter().rev() {
            // The end of a block stays where it is.
            let block = text[range.clone()].trim_end();
            let html = render(&format!("{block}\n\n{definitions}"), options);
            if is_active(&html) {
                let converted = self.html_post(&html, done);
                out.replace_range(range.start..range.start + block.len(), &converted);
            }
        }
        // Something can begin in one block and run in the next.
        if is_active(&render(&out, options)) {
            let html = render(text, options);
            *done = Conversion { unconverted: 1, ..Conversion::default() };
            out = self.html_post(&html, done);
        }
        out
    }

    fn html_post(&self, html: &str, done: &mut Conversion) -> String {
        let text = Text { text: html.to_owned(), format: Format::Html };
        let converted = self.post(&text, &str::to_owned);
        done.cleaned.removed += converted.cleaned.removed;
        done.cleaned.frames += converted.cleaned.frames;
        done.unconverted += converted.unconverted;
        done.differs |= converted.differs;
        converted.markdown
    }
}

/// The places in a text that links can lead to: the ids of headings, and those in HTML.
pub fn anchors(text: &str) -> FxHashSet<String> {
    let mut anchors = FxHashSet::default();
    let mut heading: Option<(Option<String>, String)> = None;
    for event in Parser::new_ext(text, parser_options(&Markdown::default())) {
        match event {
            Event::Start(Tag::Heading { id, .. }) => heading = Some((id.map(|id| id.to_string()), String::new())),
            Event::End(TagEnd::Heading(_)) => {
                if let Some((id, text)) = heading.take() {
                    let id = id.unwrap_or_else(|| slug::slugify(text));
                    let id = (0..)
                        .map(|number| if number == 0 { id.clone() } else { format!("{id}-{number}") })
                        .find(|id| !anchors.contains(id));
                    anchors.extend(id);
                }
            }
            Event::Text(text) | Event::Code(text) => {
                if let Some((_, heading)) = &mut heading {
                    heading.push_str(&text);
                }
            }
            Event::Html(html) | Event::InlineHtml(html) => anchors.extend(ids(&html)),
            _ => {}
        }
    }
    anchors
}

/// The places in HTML that links can lead to.
pub fn ids(html: &str) -> FxHashSet<String> {
    let ids = ID.captures_iter(html).filter_map(|found| found.get(1).or(found.get(2)));
    ids.map(|id| id.as_str().to_owned()).collect()
}

fn render(text: &str, options: Options) -> String {
    let mut html = String::new();
    push_html(&mut html, Parser::new_ext(text, options));
    html
}

/// Whether HTML runs, frames or asks for something, or nests so deep that nobody can say.
fn is_active(html: &str) -> bool {
    let Some(mut dom) = Dom::parse(html) else { return true };
    let mut done = Removals::default();
    clean(&mut dom, 0, false, &str::to_owned, &mut done);
    done.removed + done.frames + done.styles > 0
}

/// The top blocks that hold HTML.
fn blocks_with_html(text: &str, options: Options) -> Vec<Range<usize>> {
    let mut blocks: Vec<Range<usize>> = Vec::new();
    let (mut depth, mut top, mut has_html) = (0_usize, 0..0, false);
    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
        match event {
            Event::Start(_) => {
                if depth == 0 {
                    (top, has_html) = (range, false);
                }
                depth += 1;
            }
            Event::End(_) => {
                depth = depth.saturating_sub(1);
                if depth == 0 && has_html {
                    blocks.push(top.clone());
                }
            }
            Event::Html(_) | Event::InlineHtml(_) => has_html = true,
            _ => {}
        }
    }
    blocks
}

/// The definitions of links, which stand anywhere in a text.
fn definitions(text: &str, options: Options) -> String {
    let parser = Parser::new_ext(text, options);
    let mut spans: Vec<Range<usize>> =
        parser.reference_definitions().iter().map(|(_, definition)| definition.span.clone()).collect();
    spans.sort_by_key(|span| span.start);
    spans.into_iter().map(|span| text[span].trim_end().to_owned() + "\n").collect()
}

/// Gives each address in a Markdown text its new form.
fn rewrite_addresses(text: &str, options: Options, rewrite: &dyn Fn(&str) -> String) -> String {
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    let parser = Parser::new_ext(text, options);
    for (_, definition) in parser.reference_definitions().iter() {
        if let Some(found) = text[definition.span.clone()].find("]:") {
            edit(text, definition.span.start + found + 2, &definition.dest, rewrite, &mut edits);
        }
    }
    // The links that are open: their destination, and where their text ends.
    let mut open: Vec<(Option<String>, usize)> = Vec::new();
    for (event, range) in parser.into_offset_iter() {
        match &event {
            Event::Start(Tag::Link { link_type, dest_url, .. } | Tag::Image { link_type, dest_url, .. }) => {
                let is_inline = *link_type == LinkType::Inline;
                open.push((is_inline.then(|| dest_url.to_string()), range.start + 1));
            }
            Event::End(TagEnd::Link | TagEnd::Image) => {
                if let Some((Some(destination), end)) = open.pop()
                    && let Some(found) = text.get(end..range.end).and_then(|rest| rest.find("]("))
                {
                    edit(text, end + found + 2, &destination, rewrite, &mut edits);
                }
            }
            Event::Html(_) | Event::InlineHtml(_) => {
                for found in ADDRESS.captures_iter(&text[range.clone()]) {
                    let Some(value) = found.get(1).or(found.get(2)) else { continue };
                    let new = rewrite(value.as_str());
                    if new != value.as_str() {
                        let new = new.replace('"', "%22").replace('\'', "%27");
                        edits.push((range.start + value.start()..range.start + value.end(), new));
                    }
                }
            }
            _ => {}
        }
        if let Some((_, end)) = open.last_mut() {
            *end = (*end).max(if matches!(event, Event::Start(_)) { 0 } else { range.end });
        }
    }
    edits.sort_by_key(|(range, _)| range.start);
    edits.dedup_by_key(|(range, _)| range.start);
    let mut out = text.to_owned();
    for (range, new) in edits.into_iter().rev() {
        out.replace_range(range, &new);
    }
    out
}

/// Adds an edit of the destination that begins at a place, if it has a new form.
fn edit(text: &str, from: usize, old: &str, rewrite: &dyn Fn(&str) -> String, edits: &mut Vec<(Range<usize>, String)>) {
    let new = rewrite(old);
    if new == old {
        return;
    }
    let start = text.len() - text[from..].trim_start().len();
    let rest = &text[start..];
    let end = if rest.starts_with('<') {
        rest.find('>').map(|end| end + 1)
    } else {
        let mut depth = 0_usize;
        let mut is_escaped = false;
        rest.find(|c: char| {
            let was_escaped = is_escaped;
            is_escaped = c == '\\' && !was_escaped;
            match c {
                _ if c.is_whitespace() => return true,
                '(' if !was_escaped => depth += 1,
                ')' if !was_escaped && depth == 0 => return true,
                ')' if !was_escaped => depth -= 1,
                _ => {}
            }
            false
        })
        .or(Some(rest.len()))
    };
    if let Some(end) = end {
        edits.push((start..start + end, destination(&new)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(text: &str) -> Conversion {
        let rewrite = |url: &str| if url.starts_with("/old") { "@/posts/new.md".to_owned() } else { url.to_owned() };
        Converter::new(&Markdown::default()).markdown_post(text, &rewrite)
    }

    #[test]
    fn markdown_stays_but_for_its_addresses() {
        for (old, new) in [
            ("a *b* __c__\n\n* d\n* e", "a *b* __c__\n\n* d\n* e"),
            ("[a](/old/x) [b](</old/ y> \"t\")", "[a](@/posts/new.md) [b](@/posts/new.md \"t\")"),
            ("[`](x`](/old)", "[`](x`](@/posts/new.md)"),
            ("![](/old.png) [![i](/i.png)](/old)", "![](@/posts/new.md) [![i](/i.png)](@/posts/new.md)"),
            ("[*a*](/old(1))\n\n[r]\n\n[r]: /old/r 'x'", "[*a*](@/posts/new.md)\n\n[r]\n\n[r]: @/posts/new.md 'x'"),
            ("<img alt='/old' src='/old/p'>", "<img alt='/old' src='@/posts/new.md'>"),
            ("`[a](/old)`\n\n    [a](/old)", "`[a](/old)`\n\n    [a](/old)"),
        ] {
            assert_eq!(post(old).markdown, new, "{old}");
        }
    }

    #[test]
    fn anchors_are_those_of_headings_and_html() {
        let text =
            "# One `two`\n\n## One two\n\nThree\n---\n\n## Four {#own}\n\n<a name=\"five\"></a> `<b id=\"six\">`";
        let mut anchors: Vec<String> = anchors(text).into_iter().collect();
        anchors.sort();
        assert_eq!(anchors, ["five", "one-two", "one-two-1", "own", "three"]);
    }

    #[test]
    fn active_html_becomes_text_and_links() {
        let text = "One *two*\n\n<iframe src=\"https://v.example/1\"></iframe>\n\n* three <b onclick='x()'>four</b> [r]\n\n\
                    <script>\nalert(1)\n\nalert(2)\n</script>\n\n[r]: https://r.example";
        let done = post(text);
        assert_eq!(
            done.markdown,
            "One *two*\n\n<https://v.example/1>\n\n- three **four** [r](https://r.example)\n\n\n\n[r]: https://r.example"
        );
        assert_eq!((done.cleaned.removed, done.cleaned.frames), (2, 1));
        for hostile in [
            "<svg/onload=alert(1)>",
            "a <a href=\"java&#115;cript:alert(1)\">b</a>",
            "<div\n\nonclick=alert(1)>\n",
            "> <script\n> >alert(1)</script>",
            "<scr\n<script>alert(1)</script>",
            "[^1]\n\n[^1]: <img src=x onerror=alert(1)>",
            "| a |\n|---|\n| <embed src=x> |",
            &"<div>".repeat(100_000),
        ] {
            let markdown = post(hostile).markdown;
            let html = render(&markdown, parser_options(&Markdown::default()));
            assert!(!is_active(&html), "{hostile}: {markdown}");
        }
    }
}
