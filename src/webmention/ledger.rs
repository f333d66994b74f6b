//! What Webmentions have become: a ledger like that of the import, with a line for each pair of a page and a source.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;

use crate::import::ledger::{Ledger, LedgerEntry};
use crate::replies::{PageLocation, find_moved_page};
use crate::site::Site;

/// The ledger, from the root of the site.
pub const LEDGER: &str = "imports/webmention.toml";

/// What the keys begin with.
const PREFIX: &str = "web:";

/// What stands instead of an id for a reaction that is only counted.
pub const LIKE: &str = "like";

/// The same for passing a page on.
pub const REPOST: &str = "repost";

/// The key of a pair. No other key begins with it.
pub fn key(page: &str, source: &str) -> String {
    format!("{}{source}>", prefix(page))
}

/// What the keys of a page begin with.
pub fn prefix(page: &str) -> String {
    format!("{PREFIX}{page}#<")
}

/// The pages with replies that were undecided when they were noted.
pub fn undecided_pages(ledger: &Ledger) -> BTreeSet<String> {
    let undecided = all(&ledger.0).filter(|(_, entry)| entry.is_undecided);
    undecided.filter_map(|(key, _)| Some(key[PREFIX.len()..].split_once("#<")?.0.to_owned())).collect()
}

/// Reads the ledger.
///
/// # Errors
/// It cannot be read, or is none.
pub fn read(root: &Path) -> io::Result<Ledger> {
    match fs::read_to_string(root.join(LEDGER)) {
        Ok(text) => Ledger::parse(&text)
            .map_err(|why| io::Error::new(io::ErrorKind::InvalidData, format!("{LEDGER} is not a ledger: {why}"))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Ledger::default()),
        Err(error) => Err(error),
    }
}

/// The key and the entry of a pair, also if the page had another address when it was noted.
pub fn find<'l>(
    ledger: &'l Ledger,
    site: &Site,
    page: &PageLocation,
    source: &str,
) -> Option<(&'l str, &'l LedgerEntry)> {
    let own = ledger.0.get_key_value(&key(&page.page, source));
    let end = format!("#<{source}>");
    let moved = || {
        all(&ledger.0).find(|(key, _)| {
            key.strip_suffix(&end).and_then(|key| key.strip_prefix(PREFIX)).is_some_and(|path| is_at(site, path, page))
        })
    };
    own.or_else(moved).map(|(key, entry)| (key.as_str(), entry))
}

/// How many likes and reposts a page has.
pub fn reactions(ledger: &Ledger, site: &Site, page: &PageLocation) -> (usize, usize) {
    let (mut likes, mut reposts) = (0, 0);
    for (key, entry) in all(&ledger.0).filter(|(_, entry)| matches!(entry.ids.as_str(), LIKE | REPOST)) {
        let path = key[PREFIX.len()..].split("#<").next().unwrap_or_default();
        if path == page.page || is_at(site, path, page) {
            *(if entry.ids == LIKE { &mut likes } else { &mut reposts }) += 1;
        }
    }
    (likes, reposts)
}

fn all(entries: &BTreeMap<String, LedgerEntry>) -> impl Iterator<Item = (&String, &LedgerEntry)> {
    entries.range(PREFIX.to_owned()..).take_while(|(key, _)| key.starts_with(PREFIX))
}

/// Whether a path leads to a page now.
fn is_at(site: &Site, path: &str, page: &PageLocation) -> bool {
    find_moved_page(site, path).is_some_and(|found| found.document == page.document)
}
