//! What an author writes: trusted Markdown, with all that Zola 0.23 makes of it.

use std::collections::BTreeSet;
use std::ops::Range;

use super::headings::Heading;
use super::highlight::Highlighter;
use super::links::InternalLink;
use super::renderer::Renderer;
use crate::config::Markdown;
use crate::config::markdown::InsertAnchor;
use crate::diagnostic::Severity;

/// What rendering needs to know of the page and its site.
pub struct PostContext<'a> {
    /// How Markdown is rendered on this site.
    pub options: &'a Markdown,
    /// The page's own path, as in an internal link: `posts/a.md`. Empty for text that is not of a page.
    pub path: &'a str,
    /// The page's address, with a slash at its end. Empty for text that is not of a page.
    pub permalink: &'a str,
    /// The site's address: links below it do not leave the site.
    pub base_url: &'a str,
    /// Where headings' links to themselves go.
    pub insert_anchor: InsertAnchor,
    /// The address of a file of the site, by its path as in an internal link; none if there is no such file.
    pub resolve: &'a dyn Fn(&str) -> Option<String>,
    /// A heading's text as an id.
    pub slugify: &'a dyn Fn(&str) -> String,
    /// The HTML of a heading's link to itself, by its id, level and title.
    pub anchor_link: &'a dyn Fn(&str, u32, &str) -> Result<String, String>,
    /// The HTML that ends a summary which breaks off inside of an element, by the summary so far.
    pub summary_cutoff: &'a dyn Fn(&str) -> Result<String, String>,
    /// Whether an id may be one that the page has around the text, which nothing in the text gets.
    pub is_around: &'a dyn Fn(&str) -> bool,
    /// The colours for code.
    pub highlighter: &'a Highlighter,
}

/// What Markdown became.
#[derive(Clone, Debug, Default)]
pub struct RenderedMarkdown {
    /// The HTML.
    pub html: String,
    /// The HTML of what stands before `<!-- more -->`, as lists of pages show it.
    pub summary: Option<String>,
    /// The table of contents.
    pub toc: Vec<Heading>,
    /// The links to files of the site that are there, and to places in the same page.
    pub internal_links: Vec<InternalLink>,
    /// The addresses on other sites that it links to.
    pub external_links: Vec<String>,
    /// Every id in the HTML, and every name of an `a`: what an anchor can name.
    pub anchors: BTreeSet<String>,
    /// What is wrong with it.
    pub problems: Vec<MarkdownProblem>,
}

/// Something that is wrong with a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarkdownProblem {
    /// Whether it stops the build.
    pub severity: Severity,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// Where in the text that was rendered it is, in bytes.
    pub span: Range<usize>,
    /// What to look for in the author's own text, if that is another: a link's destination as written.
    pub needle: Option<String>,
    /// What to do about it.
    pub help: Option<String>,
}

/// Renders trusted Markdown.
pub fn render_post(body: &str, context: &PostContext) -> RenderedMarkdown {
    let mut decision = None;
    loop {
        match Renderer::new(body, context, decision).render() {
            Ok(rendered) => return rendered,
            Err(about_ids) => decision = Some(about_ids),
        }
    }
}
