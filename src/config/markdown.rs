#![allow(missing_docs)]
use serde::Serialize;
#[derive(Clone, Debug)]
pub struct Markdown { pub insert_anchor_links: InsertAnchor }
pub use crate::content::InsertAnchorLinks as InsertAnchor;
impl Markdown { pub(super) fn read(_table: super::table::Table) -> Self { Self { insert_anchor_links: InsertAnchor::None } } pub fn stylesheets(&self) -> Vec<(&'static str, &str)> { vec![] } }
impl Serialize for Markdown { fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> { s.serialize_unit() } }
