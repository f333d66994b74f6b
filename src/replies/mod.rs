//! Replies: from what a reader sends with the reply form to a comment's file beside the post.
//!
//! A reply goes four steps, and whoever takes replies in decides what lies between them:
//!
//! 1. [`Form::parse`] reads what was sent, or says with a [`Refusal`] what is wrong with it;
//! 2. [`place()`] finds the talk that it belongs to;
//! 3. [`comment_file`] gives it the form of a thread file;
//! 4. [`write()`] puts that file beside the post, whole and on stable storage.
//!
//! Everything in a form comes from a stranger. There is no clock here and no network: the moment is told, and a refusal
//! knows its HTTP status but sends nothing.

mod address;
mod file;
mod form;
pub mod guard;
mod place;
mod refusal;
#[cfg(test)]
mod tests;
mod write;

pub use file::comment_file;
pub use form::{Email, Field, Form, MAX_BODY};
pub use place::{Place, place};
pub use refusal::Refusal;
pub use write::{Written, write};
