//! Markdown to HTML, by two renderers that share no code but the parser.
//!
//! [`render_post`] renders the author's Markdown, and trusts it: raw HTML stays HTML. [`render_comment`] renders
//! everybody else's, and can produce only a few harmless elements.
//!
//! This module knows neither templates nor the site: a [`PostContext`] supplies what it needs of them. Only the
//! highlighter reads files, which are a site's own grammars and themes.

mod code;
mod comment;
mod context;
mod emoji;
mod footnotes;
mod headings;
mod highlight;
pub mod html;
mod ids;
mod links;
mod math;
mod open_elements;
mod post;
mod raw_html;
mod renderer;
mod summary;
#[cfg(test)]
mod tests;
mod verbatim;
mod writer;

pub use comment::render_comment;
pub use context::{MarkdownContext, contexts_of_marks};
pub use headings::Heading;
pub use highlight::Highlighter;
pub use links::{InternalLink, absolute_address};
pub use post::{ImageAttributes, MarkdownProblem, PostContext, RenderedMarkdown, render_post};
pub use raw_html::absolute_urls;
pub use verbatim::{VerbatimElement, segments};
