//! Markdown to HTML, in two ways that share no code but the parser.
//!
//! What an author writes goes through [`render_post`], which trusts it: raw HTML is HTML. What anybody else writes goes
//! through [`render_comment`], which can produce a few harmless elements and nothing else.
//!
//! Nothing here knows of templates, files or the site: what is needed of them comes in with a [`PostContext`].

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
pub use context::{MarkdownContext, places};
pub use headings::Heading;
pub use highlight::Highlighter;
pub use links::{InternalLink, absolute_address};
pub use post::{MarkdownProblem, PostContext, RenderedMarkdown, render_post};
pub use raw_html::absolute_urls;
pub use verbatim::{VerbatimElement, pieces};
