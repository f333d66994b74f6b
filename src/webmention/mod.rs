//! Webmentions (<https://www.w3.org/TR/webmention/>): what other sites say about pages of this one, and what is said to them.
//!
//! Receiving: [`Target`] finds the page, [`look`] fetches the source within bounds and reads it as a [`page`] with
//! [`microformats`], and [`Receiver`] brings it in by the means of `gather`. The queue is part of the spool, and the inbox has
//! the address and the threads.
//!
//! Sending: [`send`] compares the links of the site with what was [`sent`], and finds by [`discovery`] where other pages take
//! Webmentions.

mod discovery;
mod ledger;
mod microformats;
mod page;
mod receive;
mod send;
mod send_report;
mod sent;
mod source;
mod target;
#[cfg(test)]
mod tests;

pub use ledger::LEDGER;
pub use receive::{Outcome, Receiver};
pub use send::{SendOptions, send};
pub use source::{Source, look};
pub use target::{Target, TargetRefusal};

/// What requests say of their program, so that others know why they come.
fn user_agent() -> &'static str {
    concat!("causerie/", env!("CARGO_PKG_VERSION"), " (Webmention)")
}
