//! Replies: from the reply form that a reader sends to the comment file beside the post.
//!
//! A reply takes these steps:
//!
//! 1. A [`Submission`] holds the fields of the form as they arrived. It becomes a [`Form`] with clean fields, or a
//!    [`Refusal`].
//! 2. [`find_target()`] finds the thread that the reply belongs to.
//! 3. The spam [`guard`] judges the reply and gives a [`guard::Verdict`].
//! 4. The [`Spool`] stores the reply until a moderator decides.
//! 5. [`Moderation`] carries out decisions. An approved reply becomes a comment file beside the post.
//!
//! The preview needs no moderation: there, [`write()`] makes the comment file right after the second step.
//!
//! Every field of a form is untrusted. The caller passes in the moment and the random bits of an id, so no decision about
//! a reply depends on a clock or on chance. Only the storage uses them itself: it compares the times of files with the
//! system's clock, and gives random names to sites, temporary files and probes. The network is used by the spool only, if
//! it is a bucket. A refusal knows its HTTP status but sends nothing.

mod address;
mod comment_file;
pub mod durable;
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

pub use comment_file::{moment_of, new_id, write};
pub use file::comment_file;
pub use form::{Email, Field, Form, MAX_BODY};
pub use mail::{Mail, MailHeader};
pub use moderation::{
    Decision, DecisionOutcome, Edit, EditRefusal, Filter, Listing, Moderation, ReplyView, ThreadComments,
};
pub use notification::{NotificationWriter, SubscriptionRequest};
pub use refusal::Refusal;
pub use spool::{ReplyObject, Spool, State};
pub use submission::{Fields, Submission, fields};
pub use target::{PageLocation, ReplyTarget, find_moved_page, find_target, find_visible_page, page_location};
pub use token::{Key, Purpose};
