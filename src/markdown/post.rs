//! Posts: the author's trusted Markdown, with everything that Zola 0.23 makes of it.

use std::collections::BTreeSet;
use std::ops::Range;

use super::headings::Heading;
use super::highlight::Highlighter;
use super::links::InternalLink;
use super::renderer::Renderer;
use crate::config::Markdown;
use crate::config::markdown::InsertAnchor;
use crate::diagnostic::Severity;

/// What rendering needs to know about the page and its site.
pub struct PostContext<'a> {
    /// How Markdown is rendered on this site.
    pub options: &'a Markdown,
    /// The page's own path, as in an internal link: `posts/a.md`. Empty for text that belongs to no page.
    pub path: &'a str,
    /// The page's address. Empty for text that belongs to no page.
    pub permalink: &'a str,
    /// The address that relative ones are relative to: that of the page, or of the folder of its files.
    pub base: &'a str,
    /// Where the anchor links of headings go.
    pub insert_anchor: InsertAnchor,
    /// Returns the address of a file of the site by its path as in an internal link; none if there is no such file.
    pub resolve: &'a dyn Fn(&str) -> Option<String>,
    /// Makes an id of a heading's text.
    pub slugify: &'a dyn Fn(&str) -> String,
    /// Renders the anchor link of a heading, by its id, level and title.
    pub anchor_link: &'a dyn Fn(&str, u32, &str) -> Result<String, String>,
    /// Renders the HTML that ends a summary inside of an element, by the summary so far.
    pub summary_cutoff: &'a dyn Fn(&str) -> Result<String, String>,
    /// Whether the page around the text reserves an id, so that nothing in the text gets it.
    pub is_reserved: &'a dyn Fn(&str) -> bool,
    /// What is known of the image at an address; none if nothing is. The error says what is wrong with the file.
    pub image: &'a dyn Fn(&str) -> Result<Option<ImageAttributes>, String>,
    /// The highlighter for code.
    pub highlighter: &'a Highlighter,
}

/// What a browser is told of an image before it loads it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImageAttributes {
    /// Its width in pixels.
    pub width: u32,
    /// Its height in pixels.
    pub height: u32,
    /// The addresses and widths of its other sizes, the smallest first.
    pub sources: Vec<(String, u32)>,
    /// How wide it is shown, as in the attribute `sizes`.
    pub sizes: String,
}

/// The result of rendering.
#[derive(Clone, Debug, Default)]
pub struct RenderedMarkdown {
    /// The HTML.
    pub html: String,
    /// The HTML of the part before `<!-- more -->`, as lists of pages show it.
    pub summary: Option<String>,
    /// The table of contents.
    pub toc: Vec<Heading>,
    /// The links to existing files of the site, and to anchors in the same page.
    pub internal_links: Vec<InternalLink>,
    /// Every id in the HTML, and every name of an `a`: the anchors that links can name.
    pub anchors: BTreeSet<String>,
    /// The problems of the text.
    pub problems: Vec<MarkdownProblem>,
}

/// A problem of a Markdown text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarkdownProblem {
    /// Whether it stops the build.
    pub severity: Severity,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// The byte range in the text that was rendered.
    pub span: Range<usize>,
    /// What to search for in the author's source if that differs from the rendered text, such as a link's destination.
    pub needle: Option<String>,
    /// What to do about it.
    pub help: Option<String>,
}

/// Renders trusted Markdown.
pub fn render_post(body: &str, context: &PostContext) -> RenderedMarkdown {
    let mut assignment = None;
    loop {
        match Renderer::new(body, context, assignment).render() {
            Ok(rendered) => return rendered,
            Err(reassigned) => assignment = Some(reassigned),
        }
    }
}
