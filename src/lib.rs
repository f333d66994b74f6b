//! Causerie: a static site generator for writing that is talked about.
//!
//! A site is a pure function of its source files, in five phases, each a module of its own: read (`source`), parse
//! (`config`, `content` and `load`), link and plan (`site`), render (`templates` and `markdown`), write ([`build`]).
//! `replies` is how readers add to the source files, `inbox` the server that they send to, and [`serve`] shows the
//! site while its author writes.
//!
//! `ARCHITECTURE.md` is the map; `docs/dev/` has the details.
//!
//! The library is for the program, its tests and its benches. It exports what they need and nothing else, so that the
//! compiler reports code that nobody uses.

#![cfg_attr(not(test), warn(clippy::too_many_lines, clippy::unwrap_used))]

pub mod allocator;
pub mod build;
pub mod cli;
mod clock;
mod config;
mod content;
pub mod diagnostic;
mod fetch;
mod gather;
mod http;
mod images;
mod import;
mod inbox;
mod load;
mod locks;
#[cfg(test)]
mod manual;
mod markdown;
mod migrate;
mod nfc;
mod parallel;
mod replies;
mod sass;
mod search;
pub mod serve;
mod site;
mod source;
mod templates;
mod tera1;
mod webmention;

pub use config::comments::{DEEPEST, Order};
pub use config::markdown::InsertAnchor;
pub use config::{Config, Markdown};
pub use content::{CommentStatus, Languages, ThreadFile, ThreadOwner, owner, parse, parse_thread, parser_options};
pub use import::dom;
pub use markdown::html::{Token, Tokens, attribute};
pub use markdown::{Highlighter, PostContext, RenderedMarkdown, render_comment, render_post};
pub use replies::guard;
pub use replies::{Field, MAX_BODY, Mail, MailHeader, Spool, Submission};
pub use site::thread::{ThreadOptions, link};
pub use source::{DiskWorld, Fingerprint, World, read_text};

#[cfg(test)]
#[global_allocator]
static ALLOCATOR: allocator::BoundedAllocator<std::alloc::System> = allocator::BoundedAllocator(std::alloc::System);
