//! The ledger: which file each item of a source became. It lies in `imports/NAME.toml`, and belongs into version control.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::toml_text;
use crate::source::Fingerprint;

/// What an earlier import wrote for one item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LedgerEntry {
    /// The file, from the root of the site.
    pub path: String,
    /// The hash of what was written; empty if the import stopped before.
    pub hash: String,
    /// The ids of the comments that were written.
    pub ids: Vec<String>,
}

/// All entries, by the source's key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger(pub BTreeMap<String, LedgerEntry>);

impl Ledger {
    /// Reads a ledger.
    ///
    /// # Errors
    /// It is not one. The message says what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut table: toml::Table = text.parse().map_err(|error: toml::de::Error| error.message().to_owned())?;
        let Some(toml::Value::Table(files)) = table.remove("files") else { return Ok(Self::default()) };
        let entry = |value: toml::Value| -> Option<LedgerEntry> {
            let values = value.as_array()?;
            let text = |number: usize| values.get(number).and_then(toml::Value::as_str).unwrap_or_default();
            let ids = text(2).split(' ').filter(|id| !id.is_empty()).map(str::to_owned).collect();
            let path = crate::source::plain_path(text(0))?;
            Some(LedgerEntry { path, hash: text(1).to_owned(), ids })
        };
        let entries = files.into_iter().map(|(key, value)| {
            let read =
                entry(value).ok_or_else(|| format!("`{key}` should be a list of a path below the site and a hash"))?;
            Ok((key, read))
        });
        Ok(Self(entries.collect::<Result<_, String>>()?))
    }

    /// The text of the ledger.
    pub fn text(&self) -> String {
        let mut out = String::from(
            "# Written by `causerie import`: which file each imported item became, and the hash of what was written. An import\n\
             # that runs again needs it to know your edits from its own files. Keep it with the site.\n\n[files]\n",
        );
        for (key, entry) in &self.0 {
            let _ = write!(out, "{} = [{}, \"{}\"", toml_text::text(key), toml_text::text(&entry.path), entry.hash);
            if !entry.ids.is_empty() {
                let _ = write!(out, ", \"{}\"", entry.ids.join(" "));
            }
            out.push_str("]\n");
        }
        out
    }
}

/// The hash of a file.
pub fn hash(bytes: &[u8]) -> String {
    Fingerprint::of(bytes).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ledger_comes_back_as_it_was() {
        let entry = |path: &str, ids: &[&str]| LedgerEntry {
            path: path.to_owned(),
            hash: hash(path.as_bytes()),
            ids: ids.iter().map(|id| (*id).to_owned()).collect(),
        };
        let ledger = Ledger(BTreeMap::from([
            ("post:1".to_owned(), entry("content/posts/a.md", &[])),
            ("comments:\"x\"".to_owned(), entry("content/posts/a.comments.md", &["1", "2"])),
        ]));
        assert_eq!(Ledger::parse(&ledger.text()), Ok(ledger));
        assert_eq!(Ledger::parse(""), Ok(Ledger::default()));
        for wrong in ["x", "[files]\n\"a\" = 1", "[files]\n\"a\" = [\"../x\", \"\"]"] {
            assert!(Ledger::parse(wrong).is_err(), "{wrong}");
        }
    }
}
