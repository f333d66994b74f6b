//! Comments: untrusted Markdown.
//!
//! This renderer is safe by construction. No other code writes HTML for comments, and every `<` that it writes begins
//! one of a few constant tags. The commenter's text only ever becomes text, or a URL that [`url`] has approved. So
//! there is nothing to filter afterwards: raw HTML is text, an image is a link, a heading is a bold paragraph, and
//! nothing has a class or an id. The only style is the alignment of table cells.

mod text;
mod url;

use pulldown_cmark::{Alignment, Event, LinkType, Options, Parser, Tag, TagEnd};

/// How deep quotations and lists may nest, and how deep emphasis may. Deeper ones stay at this depth. Browsers stop at
/// some 500 elements.
const MAX_NESTING: usize = 32;

/// How many times as long as its Markdown the HTML of a comment may be, apart from a small constant for short comments.
/// Without this limit some constructs would grow hundredfold, such as missing cells in table rows, or the address of a
/// link that is used again and again.
const MAX_GROWTH: usize = 16;
const ALWAYS: usize = 8 * 1024;

/// Renders untrusted Markdown. A comment whose HTML would become too long is shown as plain text.
pub fn render_comment(body: &str) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut comment =
        CommentRenderer { out: String::with_capacity(body.len() + body.len() / 4), ..CommentRenderer::default() };
    let most = body.len().saturating_mul(MAX_GROWTH).saturating_add(ALWAYS);
    for event in Parser::new_ext(body, options) {
        comment.event(event);
        if comment.out.len() > most {
            return as_text(body);
        }
    }
    comment.out
}

/// Renders Markdown source as plain text.
fn as_text(body: &str) -> String {
    let mut comment = CommentRenderer::default();
    comment.out.push_str("<p>");
    comment.lines(body);
    comment.out.push_str("</p>\n");
    comment.out
}

/// A comment that is being rendered.
#[derive(Default)]
struct CommentRenderer {
    out: String,
    /// The text since the last tag. The parser splits text wherever there could have been markup.
    text: String,
    /// For each open link and image, the `a` that was written for it, if there is one.
    links: Vec<Option<OpenLink>>,
    /// Whether one of the open links has an `a`.
    in_link: bool,
    /// How many quotations and lists are open.
    blocks: usize,
    /// How many emphases are open.
    emphases: usize,
    in_code: bool,
    in_table_head: bool,
    /// The alignments of the table's columns. Tables do not nest.
    alignments: Vec<Alignment>,
    /// How many cells the current row has so far.
    cells: usize,
    /// The raw HTML of a block, which becomes a paragraph of text.
    html_block: Option<String>,
}

/// An `a` that is open.
struct OpenLink {
    /// Where its content begins.
    start: usize,
    /// Its address, which is shown if the link has no content.
    url: String,
}

impl CommentRenderer {
    fn event(&mut self, event: Event) {
        if !matches!(event, Event::Text(_)) {
            self.end_text();
        }
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => self.text.push_str(&text),
            Event::Code(text) => {
                self.out.push_str("<code>");
                text::push(&mut self.out, &text);
                self.out.push_str("</code>");
            }
            Event::Html(html) => match &mut self.html_block {
                Some(block) => block.push_str(&html),
                None => self.lines(&html),
            },
            Event::InlineHtml(html) => self.lines(&html),
            Event::SoftBreak | Event::HardBreak => self.out.push_str("<br>\n"),
            Event::Rule => self.out.push_str("<hr>\n"),
            // Characters instead of form fields, which would need labels and can do nothing here.
            Event::TaskListMarker(done) => self.out.push_str(if done { "☑ " } else { "☐ " }),
            // These extensions are off, so the parser never emits them.
            Event::InlineMath(text) | Event::DisplayMath(text) | Event::FootnoteReference(text) => {
                text::push(&mut self.out, &text);
            }
        }
    }

    fn start(&mut self, tag: Tag) {
        match tag {
            Tag::Paragraph => self.out.push_str("<p>"),
            Tag::Heading { .. } => self.out.push_str("<p><strong>"),
            Tag::BlockQuote(_) => {
                self.blocks += 1;
                self.block("<blockquote>\n");
            }
            Tag::CodeBlock(_) => {
                self.in_code = true;
                self.out.push_str("<pre tabindex=\"0\"><code>");
            }
            Tag::HtmlBlock => self.html_block = Some(String::new()),
            Tag::List(start) => {
                self.blocks += 1;
                match start {
                    None => self.block("<ul>\n"),
                    Some(1) => self.block("<ol>\n"),
                    Some(start) => self.block(&format!("<ol start=\"{start}\">\n")),
                }
            }
            Tag::Item => self.block("<li>"),
            Tag::Table(alignments) => {
                self.alignments = alignments;
                self.out.push_str("<table tabindex=\"0\">");
            }
            Tag::TableHead => {
                self.in_table_head = true;
                self.cells = 0;
                self.out.push_str("<thead><tr>");
            }
            Tag::TableRow => {
                self.cells = 0;
                self.out.push_str("<tr>");
            }
            Tag::TableCell => {
                self.out.push_str(if self.in_table_head { "<th" } else { "<td" });
                self.out.push_str(match self.alignments.get(self.cells) {
                    Some(Alignment::Left) => " class=\"align-left\">",
                    Some(Alignment::Center) => " class=\"align-center\">",
                    Some(Alignment::Right) => " class=\"align-right\">",
                    Some(Alignment::None) | None => ">",
                });
                self.cells += 1;
            }
            Tag::Emphasis => self.start_emphasis("<em>"),
            Tag::Strong => self.start_emphasis("<strong>"),
            Tag::Strikethrough => self.start_emphasis("<del>"),
            Tag::Link { link_type: LinkType::Email, dest_url, .. } => self.start_link(format!("mailto:{dest_url}")),
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => self.start_link(dest_url.into_string()),
            // These extensions are off, so the parser never emits them.
            Tag::FootnoteDefinition(_)
            | Tag::DefinitionList
            | Tag::DefinitionListTitle
            | Tag::DefinitionListDefinition
            | Tag::Superscript
            | Tag::Subscript
            | Tag::MetadataBlock(_) => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph => self.out.push_str("</p>\n"),
            TagEnd::Heading(_) => self.out.push_str("</strong></p>\n"),
            TagEnd::BlockQuote(_) => {
                self.block("</blockquote>\n");
                self.blocks -= 1;
            }
            TagEnd::CodeBlock => {
                self.in_code = false;
                self.out.push_str("</code></pre>\n");
            }
            TagEnd::HtmlBlock => {
                if let Some(html) = self.html_block.take() {
                    self.out.push_str("<p>");
                    self.lines(html.trim_end_matches('\n'));
                    self.out.push_str("</p>\n");
                }
            }
            TagEnd::List(ordered) => {
                self.block(if ordered { "</ol>\n" } else { "</ul>\n" });
                self.blocks -= 1;
            }
            TagEnd::Item if self.blocks > MAX_NESTING => self.out.push_str("<br>\n"),
            TagEnd::Item => self.out.push_str("</li>\n"),
            TagEnd::Table => self.out.push_str("</tbody></table>\n"),
            TagEnd::TableHead => {
                self.in_table_head = false;
                self.out.push_str("</tr></thead><tbody>\n");
            }
            TagEnd::TableRow => self.out.push_str("</tr>\n"),
            TagEnd::TableCell => self.out.push_str(if self.in_table_head { "</th>" } else { "</td>" }),
            TagEnd::Emphasis => self.end_emphasis("</em>"),
            TagEnd::Strong => self.end_emphasis("</strong>"),
            TagEnd::Strikethrough => self.end_emphasis("</del>"),
            TagEnd::Link | TagEnd::Image => self.end_link(),
            TagEnd::FootnoteDefinition
            | TagEnd::DefinitionList
            | TagEnd::DefinitionListTitle
            | TagEnd::DefinitionListDefinition
            | TagEnd::Superscript
            | TagEnd::Subscript
            | TagEnd::MetadataBlock(_) => {}
        }
    }

    /// Writes the tag of a quotation, list or list item, unless it is too deep.
    fn block(&mut self, tag: &str) {
        if self.blocks <= MAX_NESTING {
            self.out.push_str(tag);
        }
    }

    fn start_emphasis(&mut self, tag: &str) {
        self.emphases += 1;
        if self.emphases <= MAX_NESTING {
            self.out.push_str(tag);
        }
    }

    fn end_emphasis(&mut self, tag: &str) {
        if self.emphases <= MAX_NESTING {
            self.out.push_str(tag);
        }
        self.emphases -= 1;
    }

    /// Opens a link, if its address is allowed. Links do not nest.
    fn start_link(&mut self, url: String) {
        let link = if self.in_link { None } else { url::attribute(&url) };
        let link = link.map(|attribute| {
            self.start_link_tag(&attribute);
            self.in_link = true;
            OpenLink { start: self.out.len(), url }
        });
        self.links.push(link);
    }

    fn start_link_tag(&mut self, attribute: &str) {
        self.out.push_str("<a href=\"");
        self.out.push_str(attribute);
        self.out.push_str("\" rel=\"nofollow ugc noopener\">");
    }

    fn end_link(&mut self) {
        if let Some(Some(link)) = self.links.pop() {
            if self.out.len() == link.start {
                text::push(&mut self.out, &link.url);
            }
            self.out.push_str("</a>");
            self.in_link = false;
        }
    }

    /// Writes text with visible line breaks.
    fn lines(&mut self, text: &str) {
        for (index, line) in text.split('\n').enumerate() {
            if index > 0 {
                self.out.push_str("<br>\n");
            }
            text::push(&mut self.out, line);
        }
    }

    /// Writes the text that has been collected.
    fn end_text(&mut self) {
        if self.text.is_empty() {
            return;
        }
        let mut text = std::mem::take(&mut self.text);
        if self.in_code || self.in_link {
            text::push(&mut self.out, &text);
        } else {
            self.text_with_urls(&text);
        }
        text.clear();
        self.text = text;
    }

    /// Writes text, and turns the URLs in it into links.
    fn text_with_urls(&mut self, text: &str) {
        let mut rest = text;
        while let Some(found) = text::url(rest) {
            let url = &rest[found.clone()];
            let Some(attribute) = url::attribute(url) else {
                text::push(&mut self.out, &rest[..found.end]);
                rest = &rest[found.end..];
                continue;
            };
            text::push(&mut self.out, &rest[..found.start]);
            self.start_link_tag(&attribute);
            text::push(&mut self.out, url);
            self.out.push_str("</a>");
            rest = &rest[found.end..];
        }
        text::push(&mut self.out, rest);
    }
}
