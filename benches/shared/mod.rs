//! What the benches share: the corpus, and what a run of a program takes.

pub mod corpus;
pub mod cost;
