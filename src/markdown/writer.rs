//! Writes the HTML of Markdown's elements.
//!
//! The HTML is byte for byte what pulldown-cmark's own renderer writes, except that tables can be focused. That
//! renderer consumes all events at once; this one reports its position, and other code can write to it in between.

use std::fmt::Write as _;

use pulldown_cmark::{Alignment, BlockQuoteKind, HeadingLevel, TagEnd};
use pulldown_cmark_escape::{escape_href, escape_html, escape_html_body_text};

/// Appends text, escaped for the content of an element.
pub(super) fn push_text(out: &mut String, text: &str) {
    // Writing to a `String` cannot fail.
    let _ = escape_html_body_text(out, text);
}

/// Appends text, escaped for a quoted attribute.
pub(super) fn push_attribute(out: &mut String, text: &str) {
    let _ = escape_html(out, text);
}

/// Appends a URL, escaped for an attribute in double quotes.
pub(super) fn push_href(out: &mut String, url: &str) {
    let _ = escape_href(out, url);
}

/// Appends a number.
pub(super) fn push_number(out: &mut String, number: impl std::fmt::Display) {
    let _ = write!(out, "{number}");
}

/// The HTML so far, and the elements that are open in it.
#[derive(Default)]
pub(super) struct Writer {
    /// The output so far.
    pub out: String,
    /// The open elements, the innermost last.
    pub open: Vec<TagEnd>,
    /// Whether elements that may be wider than the screen can be focused.
    pub is_focusable: bool,
    /// Whether cells have classes instead of styles, which a content security policy can forbid.
    pub has_classes: bool,
    table: Table,
}

/// The table that is being written. Tables do not nest.
#[derive(Default)]
struct Table {
    alignments: Vec<Alignment>,
    cell: usize,
    in_head: bool,
}

impl Writer {
    pub fn new(is_focusable: bool) -> Self {
        Self { is_focusable, ..Self::default() }
    }

    /// Starts a new line, unless the output is at the start of one.
    pub fn fresh_line(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with('\n') {
            self.out.push('\n');
        }
    }

    /// Appends HTML on a line of its own.
    pub fn block(&mut self, html: &str) {
        self.fresh_line();
        self.out.push_str(html);
    }

    /// Opens a quotation, or an alert.
    pub fn start_quote(&mut self, kind: Option<BlockQuoteKind>) {
        self.block(match kind {
            None => "<blockquote>\n",
            Some(BlockQuoteKind::Note) => "<blockquote class=\"markdown-alert-note\">\n",
            Some(BlockQuoteKind::Tip) => "<blockquote class=\"markdown-alert-tip\">\n",
            Some(BlockQuoteKind::Important) => "<blockquote class=\"markdown-alert-important\">\n",
            Some(BlockQuoteKind::Warning) => "<blockquote class=\"markdown-alert-warning\">\n",
            Some(BlockQuoteKind::Caution) => "<blockquote class=\"markdown-alert-caution\">\n",
        });
    }

    /// Opens a list; with a number, an ordered one.
    pub fn start_list(&mut self, start: Option<u64>) {
        match start {
            None => self.block("<ul>\n"),
            Some(1) => self.block("<ol>\n"),
            Some(start) => {
                self.block("<ol start=\"");
                push_number(&mut self.out, start);
                self.out.push_str("\">\n");
            }
        }
    }

    /// Begins the tag of an element that may be wider than the screen. It can be focused, so that it can be scrolled with the
    /// keyboard.
    pub fn start_scrollable(&mut self, name: &str) {
        self.out.push('<');
        self.out.push_str(name);
        if self.is_focusable {
            self.out.push_str(" tabindex=\"0\"");
        }
    }

    /// Opens a table.
    pub fn start_table(&mut self, alignments: Vec<Alignment>) {
        self.start_scrollable("table");
        self.out.push('>');
        self.table.alignments = alignments;
    }

    /// Opens the first row of a table.
    pub fn start_table_head(&mut self) {
        self.out.push_str("<thead><tr>");
        self.table.in_head = true;
        self.table.cell = 0;
    }

    /// Opens another row of a table.
    pub fn start_table_row(&mut self) {
        self.out.push_str("<tr>");
        self.table.cell = 0;
    }

    /// Opens a cell of a table.
    pub fn start_table_cell(&mut self) {
        self.out.push_str(if self.table.in_head { "<th" } else { "<td" });
        let alignment = self.table.alignments.get(self.table.cell).copied().unwrap_or(Alignment::None);
        self.out.push_str(match (alignment, self.has_classes) {
            (Alignment::Left, false) => " style=\"text-align: left\">",
            (Alignment::Center, false) => " style=\"text-align: center\">",
            (Alignment::Right, false) => " style=\"text-align: right\">",
            (Alignment::Left, true) => " class=\"align-left\">",
            (Alignment::Center, true) => " class=\"align-center\">",
            (Alignment::Right, true) => " class=\"align-right\">",
            (Alignment::None, _) => ">",
        });
        self.table.cell += 1;
    }

    /// Closes an element.
    pub fn end(&mut self, tag: TagEnd) {
        let html = self.closing(tag);
        self.out.push_str(html);
        if tag == TagEnd::TableHead {
            self.table.in_head = false;
        }
    }

    /// Returns what closes an element at this position.
    pub fn closing(&self, tag: TagEnd) -> &'static str {
        match tag {
            TagEnd::Paragraph => "</p>\n",
            TagEnd::Heading(level) => match level {
                HeadingLevel::H1 => "</h1>\n",
                HeadingLevel::H2 => "</h2>\n",
                HeadingLevel::H3 => "</h3>\n",
                HeadingLevel::H4 => "</h4>\n",
                HeadingLevel::H5 => "</h5>\n",
                HeadingLevel::H6 => "</h6>\n",
            },
            TagEnd::BlockQuote(_) => "</blockquote>\n",
            TagEnd::CodeBlock => "</code></pre>\n",
            TagEnd::List(true) => "</ol>\n",
            TagEnd::List(false) => "</ul>\n",
            TagEnd::Item => "</li>\n",
            TagEnd::FootnoteDefinition => "</div>\n",
            TagEnd::DefinitionList => "</dl>\n",
            TagEnd::DefinitionListTitle => "</dt>\n",
            TagEnd::DefinitionListDefinition => "</dd>\n",
            TagEnd::Table => "</tbody></table>\n",
            TagEnd::TableHead => "</tr></thead><tbody>\n",
            TagEnd::TableRow => "</tr>\n",
            TagEnd::TableCell if self.table.in_head => "</th>",
            TagEnd::TableCell => "</td>",
            TagEnd::Emphasis => "</em>",
            TagEnd::Strong => "</strong>",
            TagEnd::Strikethrough => "</del>",
            TagEnd::Superscript => "</sup>",
            TagEnd::Subscript => "</sub>",
            TagEnd::Link => "</a>",
            TagEnd::HtmlBlock | TagEnd::Image | TagEnd::MetadataBlock(_) => "",
        }
    }
}
