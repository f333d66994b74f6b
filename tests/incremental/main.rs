//! A build after some edits gives, byte for byte, what a clean build gives, and touches nothing else.
//!
//! `sequences` makes up sites and edits; `precise` lists what single edits render again; `cache` meddles with what
//! is remembered.

mod cache;
mod edits;
mod images;
mod index;
mod precise;
mod scaling;
mod sequences;
mod site;
mod stylesheets;
