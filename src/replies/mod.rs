//! Replies: from what a reader sends with the reply form to a comment's file beside the post.
//!
//! A reply goes these steps:
//!
//! 1. [`Submission`] holds what was sent, and [`Form`] what of it is a reply; a [`Refusal`] says what is wrong with it;
//! 2. [`place()`] finds the talk that it belongs to;
//! 3. the [`guard`] says what it thinks of it, in a [`guard::Verdict`];
//! 4. the [`Spool`] keeps it until somebody decides;
//! 5. [`Moderation`] carries decisions out: one that is approved becomes a comment's file beside the post.
//!
//! The preview, where the author is at home, goes from the second step to [`write()`], which makes that file at once.
//!
//! Everything in a form comes from a stranger. There is no clock here and no network but the spool's: the moment is told,
//! and a refusal knows its HTTP status but sends nothing.

mod address;
mod comment_file;
mod durable;
mod file;
mod form;
pub mod guard;
mod mail;
mod moderation;
mod notification;
mod refusal;
pub mod spool;
mod submission;
mod target;
#[cfg(test)]
mod tests;
mod token;

pub use comment_file::{new_id, write};
pub use file::comment_file;
pub use form::{Email, Field, Form, MAX_BODY};
pub use mail::{Mail, MailHeader};
pub use moderation::{Decision, DecisionOutcome, Edit, EditRefusal, Filter, Listing, Moderation, ReplyView};
pub use notification::{NotificationWriter, SubscriptionRequest};
pub use refusal::Refusal;
pub use spool::{ReplyObject, Spool, State};
pub use submission::{Fields, Submission, fields};
pub use target::{PageLocation, ReplyTarget, moved, place, visible};
pub use token::{Key, Purpose};
