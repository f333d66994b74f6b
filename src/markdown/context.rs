//! The context of a position in Markdown: what is around it, and so how an output of several lines fits in.

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

use super::verbatim::{VerbatimElement, segments};
use crate::config::Markdown;
use crate::content::parser_options;

/// The context of a position in Markdown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MarkdownContext {
    /// No container, or only a paragraph.
    Open,
    /// A list item or quotation.
    Inside {
        /// What every line but the first begins with.
        prefix: String,
        /// Where the list item or quotation begins.
        start: usize,
    },
    /// Code between fences, or an HTML element in which white space counts. Each line begins with the prefix of the
    /// list or quotation around it, which may be empty.
    Code {
        /// What every line but the first begins with.
        prefix: String,
    },
    /// The cell of a table, and the element in it whose white space counts.
    Cell(Option<VerbatimElement>),
    /// A heading, which ends with its line, or a link, which ends with its paragraph; and the element in it whose white
    /// space counts.
    Line(Option<VerbatimElement>),
}

/// Returns the context of each mark in a text. The mark is a character that occurs nowhere else in it.
pub fn contexts_of_marks(text: &str, mark: char, options: &Markdown) -> Vec<MarkdownContext> {
    let marks: Vec<usize> = text.match_indices(mark).map(|(at, _)| at).collect();
    let mut contexts = vec![MarkdownContext::Open; marks.len()];
    let mut next = 0;
    let (mut containers, mut cells, mut lines) = (Vec::new(), 0_usize, 0_usize);
    let mut is_fenced = false;
    // The HTML element that is open here.
    let mut open: Option<VerbatimElement> = None;
    for (event, span) in Parser::new_ext(text, parser_options(options)).into_offset_iter() {
        let is_html = matches!(event, Event::Html(_) | Event::InlineHtml(_));
        match event {
            Event::Start(Tag::CodeBlock(kind)) => is_fenced = matches!(kind, CodeBlockKind::Fenced(_)),
            Event::End(TagEnd::CodeBlock) => is_fenced = false,
            Event::Start(tag) => match EnclosingElement::of(&tag.to_end()) {
                Some(EnclosingElement::Container) => containers.push(Container::of(&tag, text, span.start)),
                Some(EnclosingElement::Cell) => cells += 1,
                Some(EnclosingElement::Line) => lines += 1,
                None => {}
            },
            Event::End(tag) => match EnclosingElement::of(&tag) {
                Some(EnclosingElement::Container) => _ = containers.pop(),
                Some(EnclosingElement::Cell) => cells = cells.saturating_sub(1),
                Some(EnclosingElement::Line) => lines = lines.saturating_sub(1),
                None => {}
            },
            _ => {
                // How far the HTML of this event has been read.
                let mut read = span.start;
                let mut read_to = |end: usize, open: &mut Option<VerbatimElement>| {
                    if is_html && read < end {
                        *open = segments(&text[read..end], *open).1;
                        read = end;
                    }
                };
                while let Some(&mark) = marks.get(next).filter(|mark| **mark < span.end) {
                    if span.contains(&mark) {
                        read_to(mark, &mut open);
                        let element = open.filter(|element| *element != VerbatimElement::Comment);
                        let container = containers.last().and_then(Option::as_ref);
                        contexts[next] = match container {
                            _ if cells > 0 => MarkdownContext::Cell(element),
                            _ if lines > 0 => MarkdownContext::Line(element),
                            _ if is_fenced || element.is_some() => {
                                let prefix = container.map(|container| container.prefix(text));
                                MarkdownContext::Code { prefix: prefix.unwrap_or_default() }
                            }
                            Some(container) => {
                                MarkdownContext::Inside { prefix: container.prefix(text), start: container.start }
                            }
                            None => MarkdownContext::Open,
                        };
                    }
                    next += 1;
                }
                read_to(span.end, &mut open);
            }
        }
    }
    contexts
}

/// What is relevant of the elements around a position.
enum EnclosingElement {
    Container,
    Cell,
    Line,
}

impl EnclosingElement {
    fn of(tag: &TagEnd) -> Option<Self> {
        match tag {
            TagEnd::BlockQuote(_) | TagEnd::Item | TagEnd::FootnoteDefinition | TagEnd::DefinitionListDefinition => {
                Some(Self::Container)
            }
            TagEnd::TableCell => Some(Self::Cell),
            TagEnd::Heading(_)
            | TagEnd::DefinitionListTitle
            | TagEnd::Emphasis
            | TagEnd::Strong
            | TagEnd::Strikethrough
            | TagEnd::Link
            | TagEnd::Image => Some(Self::Line),
            _ => None,
        }
    }
}

/// A list item, quotation or footnote.
struct Container {
    start: usize,
    /// Where the content begins in the first line.
    content: usize,
    /// The white space between that column and the content of the other lines.
    room: &'static str,
}

impl Container {
    fn of(tag: &Tag<'_>, text: &str, start: usize) -> Option<Self> {
        let is_blank = |c| matches!(c, ' ' | '\t');
        let rest = text.get(start..)?;
        let start = start + rest.len() - rest.trim_start_matches(is_blank).len();
        let rest = &text[start..];
        let (content, room) = match tag {
            Tag::BlockQuote(_) => {
                let behind = rest.strip_prefix('>')?;
                (start + 1 + usize::from(behind.starts_with(' ')), "")
            }
            Tag::FootnoteDefinition(_) => (start, "    "),
            _ => {
                let marker = start + rest.bytes().take_while(u8::is_ascii_digit).count() + 1;
                let behind = text.get(marker..)?;
                let content = behind.trim_start_matches(is_blank);
                match behind.len() - content.len() {
                    room @ 1..=4 if !content.starts_with(['\n', '\r']) => (marker + room, ""),
                    // Code, or nothing, begins one column behind the marker.
                    _ => (marker, " "),
                }
            }
        };
        Some(Self { start, content, room })
    }

    /// Returns what every line but the first begins with.
    fn prefix(&self, text: &str) -> String {
        let line = text.get(..self.content).unwrap_or_default();
        let line = &line[line.rfind('\n').map_or(0, |at| at + 1)..];
        let blank = |c| if matches!(c, '>' | '\t') { c } else { ' ' };
        line.chars().map(blank).chain(self.room.chars()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_place_is_in_is_known() {
        let options = Markdown { definition_list: true, ..Markdown::default() };
        for (text, expected) in [
            ("a @ b", None),
            ("- @", Some("  ")),
            ("-   a @", Some("    ")),
            ("10. a\n\n    @\n", Some("    ")),
            ("- a\n  - b\n\n    @", Some("    ")),
            ("- [ ] @", Some("  ")),
            ("-\n  @", Some("  ")),
            ("> @", Some("> ")),
            (">@", Some(">")),
            ("> > a\n> > @", Some("> > ")),
            ("> 1. @", Some(">    ")),
            ("- > @", Some("  > ")),
            ("> a\n@", Some("> ")),
            ("* a\n@", Some("  ")),
            ("a[^1]\n\n[^1]: @", Some("    ")),
            ("a\n: @", Some("  ")),
            ("- <div>\n  @\n  </div>", Some("  ")),
        ] {
            let expected = expected.map(str::to_owned);
            let found = contexts_of_marks(text, '@', &options);
            let found: Vec<Option<String>> = found
                .into_iter()
                .map(|place| match place {
                    MarkdownContext::Inside { prefix, .. } => Some(prefix),
                    MarkdownContext::Open => None,
                    other => panic!("{text}: {other:?}"),
                })
                .collect();
            assert_eq!(found, [expected], "{text}");
        }
        for (text, expected) in [
            ("|a|\n|-|\n|@|", MarkdownContext::Cell(None)),
            ("|@|\n|-|", MarkdownContext::Cell(None)),
            ("|<pre>@</pre>|\n|-|", MarkdownContext::Cell(Some(VerbatimElement::Pre))),
            ("- # a @", MarkdownContext::Line(None)),
            ("[a @](/b)", MarkdownContext::Line(None)),
            ("[a](/b@)", MarkdownContext::Open),
            ("    @", MarkdownContext::Open),
            ("`<pre>` @", MarkdownContext::Open),
            ("<!-- <pre> -->\n\n@", MarkdownContext::Open),
            ("<pre>\n</pre>\n\n@", MarkdownContext::Open),
        ] {
            assert_eq!(contexts_of_marks(text, '@', &options), [expected], "{text}");
        }
        for (text, prefix) in [
            ("```html\n@\n```", ""),
            ("<pre>\n@\n</pre>", ""),
            ("a <TEXTAREA name=b>@</TEXTAREA>", ""),
            ("<div><pre>a</pre><pre>\n@</pre></div>", ""),
            ("- ```\n  @\n  ```", "  "),
            ("> - <script>\n>   @\n>   </script>", ">   "),
        ] {
            assert_eq!(
                contexts_of_marks(text, '@', &options),
                [MarkdownContext::Code { prefix: prefix.into() }],
                "{text}"
            );
        }
    }
}
