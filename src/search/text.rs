//! What a page says, in passages: the pieces that a result can lead to and that an excerpt is made of.

use std::borrow::Cow;
use std::ops::Range;

use memchr::{memchr_iter, memchr3, memmem};

use crate::markdown::html::{Token, Tokens, attribute};

/// A passage is closed at the end of a paragraph when it has this many bytes.
const FULL: usize = 600;

/// And within a paragraph, at a space, when it has this many.
const OVERFULL: usize = 1200;

/// What a page or a comment says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// The words of all passages.
    words: String,
    /// The passages, in order.
    passages: Vec<Passage>,
}

/// A part of a text below one heading.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Passage {
    /// The id that a link to it names; empty for the beginning of the page.
    pub anchor: String,
    /// The heading above it.
    pub label: String,
    /// Whether it is the first below its heading.
    pub is_first: bool,
    /// Where its words are.
    range: Range<usize>,
}

impl Text {
    /// The passages with their words.
    pub fn passages(&self) -> impl Iterator<Item = (&Passage, &str)> {
        self.passages.iter().map(|passage| (passage, &self.words[passage.range.clone()]))
    }

    /// The first so many characters of it.
    pub fn first(&self, most: usize) -> Self {
        let Some((end, _)) = self.words.char_indices().nth(most) else { return self.clone() };
        let passages = self.passages.iter().filter(|passage| passage.range.start < end).cloned();
        let passages = passages.map(|mut passage| {
            passage.range.end = passage.range.end.min(end);
            passage
        });
        Self { words: self.words[..end].to_owned(), passages: passages.collect() }
    }

    /// Reads HTML. An element with the attribute `data-search="off"`, and one that is hidden from screen readers, is
    /// passed over with all that is in it.
    pub fn of(html: &str) -> Self {
        TextReader::default().read(html)
    }
}

#[derive(Default)]
struct TextReader {
    text: Text,
    passage: Passage,
    /// The heading that is open.
    heading: Option<String>,
    /// How much of it there was before the link in it that leads to a place on the page.
    anchor_link: Option<usize>,
    /// Whether what comes next in the text at hand stands behind a space.
    is_parted: bool,
}

impl TextReader {
    fn read(mut self, html: &str) -> Text {
        self.text.words.reserve(html.len());
        let mut tokens = Tokens::of(html);
        while let Some(token) = tokens.next() {
            match token {
                Token::Text(text) => self.words(&text),
                Token::Start { name, attributes, is_empty } => {
                    if !is_empty && let Some(formula) = formula(&name, attributes) {
                        self.words(&formula);
                        skip(&mut tokens, &name);
                    } else if !is_empty && (is_silent(&name) || !attributes.is_empty() && is_off(attributes)) {
                        skip(&mut tokens, &name);
                        if !is_inline(&name) && !is_silent(&name) {
                            self.part();
                        }
                    } else if is_heading(&name) {
                        self.close();
                        self.passage.anchor = attribute(attributes, "id").unwrap_or_default().into_owned();
                        self.heading = Some(String::new());
                        self.anchor_link = None;
                    } else if name == "img" && !is_off(attributes) {
                        self.part();
                        self.words(&attribute(attributes, "alt").unwrap_or_default());
                        self.part();
                    } else if let Some(heading) = &self.heading
                        && name == "a"
                    {
                        let leads_here = attribute(attributes, "href").is_some_and(|to| to.starts_with('#'));
                        self.anchor_link = leads_here.then_some(heading.len());
                    } else if !is_inline(&name) {
                        self.part();
                    }
                }
                Token::End { name } if name == "a" && self.heading.is_some() => {
                    // A sign that links to the heading is no part of it.
                    if let (Some(heading), Some(start)) = (&mut self.heading, self.anchor_link.take())
                        && !heading.get(start..).is_some_and(|link| link.contains(char::is_alphanumeric))
                    {
                        heading.truncate(start);
                    }
                }
                Token::End { name } if is_heading(&name) => {
                    if let Some(heading) = self.heading.take() {
                        self.passage.label = heading.trim_end().to_owned();
                        self.passage.is_first = true;
                    }
                }
                Token::End { name } => {
                    if !is_inline(&name) {
                        self.part();
                        if self.length() >= FULL {
                            self.close();
                        }
                    }
                }
            }
        }
        self.close();
        self.text.words.shrink_to_fit();
        self.text
    }

    /// Adds text, with one space for each white space.
    fn words(&mut self, text: &str) {
        let bytes = text.as_bytes();
        if bytes.first().is_some_and(u8::is_ascii_whitespace) {
            self.part();
        }
        let is_even = memchr3(b'\t', b'\r', b'\x0c', bytes).is_none() && memmem::find(bytes, b"  ").is_none();
        if is_even {
            // Most text has single spaces and ends of lines, and is taken over by the line.
            let ends = memchr_iter(b'\n', bytes).chain([bytes.len()]);
            let mut start = 0;
            for end in ends {
                self.pieces(text[start..end].trim_matches(' '));
                start = end + 1;
            }
        } else {
            text.split_ascii_whitespace().for_each(|piece| self.pieces(piece));
        }
        if bytes.last().is_some_and(u8::is_ascii_whitespace) {
            self.part();
        }
        self.is_parted = false;
    }

    /// Adds pieces with a space between each two. What was added by the same call before is another piece.
    fn pieces(&mut self, pieces: &str) {
        if pieces.is_empty() {
            return;
        }
        if self.heading.is_some() || self.length() + pieces.len() < OVERFULL {
            if std::mem::replace(&mut self.is_parted, true) {
                self.part();
            }
            return self.push(pieces);
        }
        for piece in pieces.split(' ') {
            if std::mem::replace(&mut self.is_parted, true) {
                if self.heading.is_none() && self.length() >= OVERFULL {
                    self.close();
                }
                self.part();
            }
            self.push(piece);
        }
    }

    fn push(&mut self, piece: &str) {
        let into = self.heading.as_mut().unwrap_or(&mut self.text.words);
        into.push_str(piece);
    }

    /// Parts what comes from what was.
    fn part(&mut self) {
        let is_blank = self.heading.is_none() && self.length() == 0;
        let into = self.heading.as_mut().unwrap_or(&mut self.text.words);
        if !is_blank && !into.is_empty() && !into.ends_with(' ') {
            into.push(' ');
        }
    }

    fn length(&self) -> usize {
        self.text.words.len() - self.passage.range.start
    }

    /// Ends the passage. The next one is below the same heading, unless that changes.
    fn close(&mut self) {
        let words = &mut self.text.words;
        words.truncate(words.trim_end().len().max(self.passage.range.start));
        self.passage.range.end = words.len();
        if !self.passage.range.is_empty() || self.passage.is_first {
            self.text.passages.push(self.passage.clone());
        }
        self.passage.is_first = false;
        self.passage.range = words.len()..words.len();
    }
}

/// Whether an element parts no words.
pub(crate) fn is_inline(name: &str) -> bool {
    matches!(
        name,
        "a" | "abbr"
            | "b"
            | "bdi"
            | "bdo"
            | "cite"
            | "code"
            | "data"
            | "del"
            | "dfn"
            | "em"
            | "i"
            | "ins"
            | "kbd"
            | "mark"
            | "q"
            | "s"
            | "samp"
            | "small"
            | "span"
            | "strong"
            | "sub"
            | "sup"
            | "time"
            | "u"
            | "var"
    )
}

/// What a formula says: the text that it has for programs that show none. Other elements say nothing here.
pub(crate) fn formula<'a>(name: &str, attributes: &'a str) -> Option<Cow<'a, str>> {
    if name == "math" { attribute(attributes, "alttext") } else { None }
}

/// Whether an element says nothing to a reader.
pub(crate) fn is_silent(name: &str) -> bool {
    matches!(name, "script" | "style" | "template" | "noscript" | "svg" | "math" | "iframe")
}

fn is_heading(name: &str) -> bool {
    matches!(name.as_bytes(), [b'h', b'1'..=b'6'])
}

/// Whether an element is left out of the index.
pub(super) fn is_off(attributes: &str) -> bool {
    let is = |name, wanted| attributes.contains(name) && attribute(attributes, name).is_some_and(|it| it == wanted);
    is("data-search", "off") || is("aria-hidden", "true")
}

/// Passes over an element, with those of its name that are in it.
pub(crate) fn skip(tokens: &mut Tokens<'_>, name: &str) {
    let mut depth = 1;
    for token in tokens {
        match token {
            Token::Start { name: inner, .. } if inner == name => depth += 1,
            Token::End { name: inner } if inner == name => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Every passage: its anchor, its heading, its words.
    fn told(html: &str) -> Vec<String> {
        let text = Text::of(html);
        text.passages().map(|(it, words)| format!("{}|{}|{words}", it.anchor, it.label)).collect()
    }

    #[test]
    fn a_text_is_parted_at_its_headings() {
        assert_eq!(
            told(
                "<p>One <em>two</em>\n three&amp;four</p><h2 id=\"a\">A <code>b</code> <a href=\"#a\">#</a></h2>\
                 <ul><li>x</li><li>y</li></ul><h3 id=empty>Nothing</h3><h2 id=c>C</h2>z"
            ),
            ["||One two three&four", "a|A b|x y", "empty|Nothing|", "c|C|z"]
        );
    }

    #[test]
    fn what_is_left_out_is_not_there() {
        assert_eq!(
            told(
                "a<div data-search=\"off\">b<div>c</div>d</div>e<script>f < g</script><style>h</style>\
                 <span aria-hidden=\"true\">i</span>j<!-- k --><img src=x alt=\"l\"><img alt=m data-search=off>"
            ),
            ["||a ej l"]
        );
    }

    #[test]
    fn long_paragraphs_become_several_passages() {
        let text = told(&format!("<h2 id=a>A</h2><p>{}</p>", "word ".repeat(1000)));
        assert!(
            text.len() >= 4 && text.iter().all(|it| it.starts_with("a|A|word word") && it.len() < 1300),
            "{text:?}"
        );
        assert_eq!(
            Text::of(&"word ".repeat(1000)).first(8).passages().map(|(_, words)| words).collect::<Vec<_>>(),
            ["word wor"]
        );
    }

    proptest! {
        #[test]
        fn no_html_is_too_much(html in "(<[a-z/!?]{0,3}[ a-z=\"'&;#x0-9>-]{0,12}|[a-zé ]{0,5}|<h2 id=a>|</h2>|</a>|<a href=#a>){0,20}") {
            let text = Text::of(&html);
            let mut end = 0;
            for passage in &text.passages {
                prop_assert!(passage.range.start >= end && passage.range.end <= text.words.len());
                end = passage.range.end;
            }
        }
    }
}
