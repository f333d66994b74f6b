//! The elements that are open at the end of some HTML, by the rules of the HTML parser
//! (<https://html.spec.whatwg.org/#parsing-main-inbody>), as far as they affect what follows.

use std::borrow::Cow;

use std::ops::Deref;

use super::html::{Token, Tokens};

/// Elements whose end tags can be omitted (<https://html.spec.whatwg.org/#optional-tags>).
const OPTIONAL_END: [&str; 20] = [
    "p", "li", "dd", "dt", "option", "optgroup", "td", "th", "tr", "thead", "tbody", "tfoot", "caption", "colgroup",
    "rp", "rt", "rb", "rtc", "html", "body",
];

/// Formatting elements: a browser reopens them in whatever follows, if they were left open.
const FORMATTING: [&str; 14] =
    ["a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"];

/// Elements that an end tag inside of them cannot close, nor anything outside of them.
const SCOPES: [&str; 9] = ["table", "td", "th", "caption", "template", "object", "marquee", "applet", "button"];

/// The scopes that also end the formatting inside of them for good.
const MARKERS: [&str; 7] = ["td", "th", "caption", "template", "object", "marquee", "applet"];

/// Parts of a table. They end with the table, whatever is open in them.
const TABLE_PARTS: [&str; 10] =
    ["table", "caption", "colgroup", "thead", "tbody", "tfoot", "tr", "td", "th", "template"];

/// Elements whose start tag ends a paragraph.
const ENDS_PARAGRAPH: [&str; 43] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "center",
    "dd",
    "details",
    "dialog",
    "dir",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hgroup",
    "hr",
    "li",
    "listing",
    "main",
    "menu",
    "nav",
    "ol",
    "p",
    "plaintext",
    "pre",
    "search",
    "section",
    "summary",
    "table",
    "ul",
    "xmp",
    "optgroup",
    "frameset",
];

/// Returns the names of the elements that are open at the end of some HTML, in the order in which they must be closed.
pub(super) fn open_elements(html: &str) -> Vec<String> {
    let mut elements = OpenElements::default();
    for token in Tokens::of(html) {
        match token {
            Token::Start { name, attributes, is_empty } => elements.start_at(0, name, attributes, is_empty),
            Token::End { name } => _ = elements.end(&name),
            Token::Text(_) => {}
        }
    }
    elements.open.into_iter().chain(elements.to_reopen).rev().map(|open| open.name.into_owned()).collect::<Vec<_>>()
}

/// A start or end tag without its counterpart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct LooseTag {
    /// The name of the element.
    pub name: String,
    /// Whether it is an end tag.
    pub is_end: bool,
    /// The byte position where the tag ends.
    pub end: usize,
}

/// Finds the end tags that close nothing, and the start tags of elements that must be closed and are not.
pub(super) fn loose_tags(html: &str) -> Vec<LooseTag> {
    let mut elements = OpenElements::default();
    let mut loose = Vec::new();
    let mut tokens = Tokens::of(html);
    while let Some(token) = tokens.next() {
        let end = tokens.position();
        match token {
            Token::Start { name, attributes, is_empty } => elements.start_at(end, name, attributes, is_empty),
            Token::End { name } => {
                // `</br>` is a line break.
                if !elements.end(&name) && !OPTIONAL_END.contains(&&*name) && *name != *"br" {
                    loose.push(LooseTag { name: name.into_owned(), is_end: true, end });
                }
            }
            Token::Text(_) => {}
        }
    }
    let unclosed = elements.open.into_iter().chain(elements.to_reopen).filter(|open| !OPTIONAL_END.contains(&&**open));
    loose.extend(unclosed.map(|open| LooseTag { name: open.name.into_owned(), is_end: false, end: open.end }));
    loose.sort_by_key(|tag| tag.end);
    loose
}

/// An open element.
struct OpenElement<'a> {
    name: Cow<'a, str>,
    /// The position where its start tag ends.
    end: usize,
}

impl Deref for OpenElement<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.name
    }
}

/// The most elements that can be nested. Browsers have the same limit.
const MAX_DEPTH: usize = 512;

#[derive(Default)]
struct OpenElements<'a> {
    /// The open elements, the innermost last.
    open: Vec<OpenElement<'a>>,
    /// Formatting elements that ended with another element and will be reopened.
    to_reopen: Vec<OpenElement<'a>>,
    /// How many SVG and MathML elements are open.
    foreign: usize,
}

impl<'a> OpenElements<'a> {
    /// Opens an element whose start tag ends at a position.
    fn start_at(&mut self, end: usize, name: Cow<'a, str>, attributes: &str, is_empty: bool) {
        if ENDS_PARAGRAPH.contains(&&*name) {
            self.close(&["p"], &SCOPES);
        }
        // An element with an optional end tag ends where the next of its kind begins.
        match &*name {
            "a" => {
                self.close(&["a"], &SCOPES);
            }
            "li" => {
                self.close(&["li"], &["ul", "ol", "menu", "table", "template", "td", "th"]);
            }
            "dd" | "dt" => {
                self.close(&["dd", "dt"], &["dl", "table", "template", "td", "th"]);
            }
            "option" => {
                self.close(&["option"], &["select", "datalist", "optgroup", "template"]);
            }
            "optgroup" => {
                self.close(&["optgroup"], &["select", "template"]);
            }
            "td" | "th" => {
                self.close(&["td", "th"], &["table", "template"]);
            }
            "tr" => {
                self.close(&["tr"], &["table", "template"]);
            }
            "thead" | "tbody" | "tfoot" => {
                self.close(&["thead", "tbody", "tfoot", "caption", "colgroup"], &["table", "template"]);
            }
            _ => {}
        }
        // In SVG and MathML a tag can be self-closing.
        let ends_itself = (self.foreign > 0 || is_foreign(&name)) && attributes.trim_ascii_end().ends_with('/');
        if !is_empty && !ends_itself && self.open.len() < MAX_DEPTH {
            self.foreign += usize::from(is_foreign(&name));
            self.open.push(OpenElement { name, end });
        }
    }

    /// Closes an element. Returns whether it was open.
    fn end(&mut self, name: &str) -> bool {
        let bounds: &[&str] = if TABLE_PARTS.contains(&name) { &["table", "template"] } else { &SCOPES };
        if self.close(&[name], bounds) {
            return true;
        }
        let again = self.to_reopen.iter().rposition(|again| **again == *name);
        again.inspect(|&at| drop(self.to_reopen.remove(at))).is_some()
    }

    /// Closes the innermost of some elements with everything open in it, unless one of `bounds` is in between.
    fn close(&mut self, names: &[&str], bounds: &[&str]) -> bool {
        let decides = |open: &OpenElement<'_>| names.contains(&&**open) || bounds.contains(&&**open);
        let Some(at) = self.open.iter().rposition(decides).filter(|&at| names.contains(&&*self.open[at])) else {
            return false;
        };
        let inside = self.open.split_off(at);
        self.foreign -= inside.iter().filter(|open| is_foreign(open)).count();
        let kept = inside.iter().rposition(|name| MARKERS.contains(&&**name)).map_or(1, |_| inside.len());
        let room = MAX_DEPTH.saturating_sub(self.to_reopen.len());
        self.to_reopen.extend(inside.into_iter().skip(kept).filter(|name| FORMATTING.contains(&&**name)).take(room));
        true
    }
}

/// Whether an element is SVG or MathML.
fn is_foreign(name: &str) -> bool {
    matches!(name, "svg" | "math")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_without_a_counterpart_are_found() {
        for (html, expected) in [
            ("<div><b>a", "<div> <b>"),
            ("<div>a</div></div>", "</div>"),
            ("<details><summary>a</summary>", "<details>"),
            ("<ul><li>a<li>b</ul><p>c<table><tr><td>d</table></p>", ""),
            ("<b><i>a</b> b</i>", ""),
            ("<b><i>a</b>", "<i>"),
            ("<br></br><img><hr>", ""),
            ("<video><source src=x></video><svg><path /></svg>", ""),
            ("<textarea><b>", "<textarea>"),
            ("<x-y>a</x-y><x-z>", "<x-z>"),
            ("<DIV>a</div>", ""),
            ("<!-- <div> --><a href=\"<b>\">c</a>", ""),
            ("<!--><div><!---></div><!-- a --!></p>", ""),
            ("<svg><g/></svg><g/>", "<g>"),
        ] {
            let tag = |tag: &LooseTag| format!("<{}{}>", if tag.is_end { "/" } else { "" }, tag.name);
            assert_eq!(loose_tags(html).iter().map(tag).collect::<Vec<_>>().join(" "), expected, "{html}");
        }
    }

    #[test]
    fn very_many_open_elements_are_no_work_without_end() {
        for html in ["<i>", "<p><b>", "<svg><i>", "<b><p></b>"] {
            let many = html.repeat(100_000);
            assert!(open_elements(&many).len() <= 2 * MAX_DEPTH);
            assert!(!loose_tags(&(many + "</x>".repeat(100_000).as_str())).is_empty());
        }
    }

    #[test]
    fn what_is_open_by_the_rules_of_the_parser() {
        for (html, expected) in [
            ("<p>a <b>b</b> <br> <img src=x>", "p"),
            ("<p>a <b>b", "b p"),
            ("<P>a <B>b</b></p>", ""),
            ("a </b> </div>", ""),
            // A paragraph ends where a block begins, and its formatting goes on.
            ("<p>a <b>b<p>c", "b p"),
            ("<p>a <b>b<p>c</b>", "p"),
            ("<p>a<div>b", "div"),
            ("<b><i>a</b> b", "i"),
            ("<b><i>a</b> b</i>", ""),
            ("<a href=x>a<a href=y>b", "a"),
            ("<ul><li>a<li>b<ul><li>c", "li ul li ul"),
            ("<dl><dt>a<dd>b", "dd dl"),
            ("<table><tr><td>a<td>b<tr><th>c", "th tr table"),
            ("<table><tbody><tr><td><b>a<tr><td>b", "td tr tbody table"),
            ("<table><tr><td><b>a</table>", ""),
            ("<b><table><tr><td></b>", "td tr table b"),
            ("<select><option>a<option>b", "option select"),
            // Their content is text.
            ("<textarea><b>", "textarea"),
            ("<style>p > b {} <!-- </p>", "style"),
            ("<iframe src=x><p>a</p>", "iframe"),
            ("<template><p>a</template>", ""),
            ("<template><p>a", "p template"),
            ("<svg><path d=x /><g>", "g svg"),
            ("<div title=\"<p>\"><!-- <p> --><details><summary>a", "summary details div"),
        ] {
            assert_eq!(open_elements(html).join(" "), expected, "{html}");
        }
    }
}
