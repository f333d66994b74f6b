//! Tera 1, the template language of Zola before 0.23, and how it is rewritten for Tera 2.
//!
//! Everything here works on texts. A [`Project`] knows where macros are defined; [`rewrite_template`] rewrites a template
//! by it, tag by tag, and lists what a person must decide. The tables of old names are in [`names`]. The importer of
//! sites and the messages of a build use the same knowledge.

mod ast;
mod blocks;
mod calls;
mod change;
mod content;
mod filters;
mod includes;
mod lexer;
mod lists;
mod macros;
pub mod names;
mod parser;
mod paths;
mod project;
mod rewriter;
mod safety;
mod scope;
mod shortcodes;
mod statements;
#[cfg(test)]
mod tests;
mod unreachable;
mod variables;

pub use change::{Change, ChangeKind, Rewritten, RewrittenTag};
pub use content::{Shortcodes, body_start, note_calls, rewrite_content};
pub use lexer::{TagKind, next_tag};
pub use project::Project;
pub use rewriter::rewrite_template;
pub use shortcodes::{ShortcodeCalls, counts_calls, rewrite_shortcode};
