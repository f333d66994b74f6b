//! `causerie inbox` as it runs: real processes, real sockets, and what is on the disk in the end.

mod authors;
mod circle;
mod clock;
mod crowds;
mod flood;
mod guard;
mod hostile;
mod house;
mod kills;
mod letters;
mod load;
mod mail;
mod moderate;
mod moderate_hostile;
mod moderator;
mod moved;
mod notices;
mod sink;
mod trust;
mod webmentions;
// The same client as that of the preview's tests.
#[allow(dead_code)]
#[path = "../serve/client.rs"]
mod client;

pub use client::Answer;
pub use house::{ENDPOINT, FORM, Inbox, SCRIPT, Site};
