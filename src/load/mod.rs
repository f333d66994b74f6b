//! Loads the source files of a site: from a [`World`](crate::source::World) to parsed documents, threads and assets.
//!
//! A file that an earlier run parsed comes from the [`ParseCache`] while its metadata is the same.

mod parse_cache;
mod sources;

pub use parse_cache::ParseCache;
pub use sources::{Asset, Sources, is_content_file};
