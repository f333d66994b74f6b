//! The ledger: which file each item of a source became. It lies in `imports/NAME.toml`, and belongs into version control.

use std::collections::BTreeMap;
use std::fmt;

use super::toml_text;
use crate::source::Fingerprint;

/// The word for a reply that nobody has decided about.
const UNDECIDED: &str = "undecided";

/// What an earlier import wrote for one item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LedgerEntry {
    /// The file, from the root of the site.
    pub path: String,
    /// The hash of what was written; empty if the import stopped before.
    pub hash: String,
    /// The ids of the comments that were written, with a space between two.
    pub ids: String,
    /// Whether nobody has decided yet about a reply that was gathered.
    pub is_undecided: bool,
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
        // The program writes each entry into a line of its own. To read them one by one takes a fraction of the memory.
        if let Some((_, lines)) = text.split_once("[files]\n")
            && let Some(ledger) = Self::parse_lines(lines)
        {
            return Ok(ledger);
        }
        let mut table: toml::Table = text.parse().map_err(|error: toml::de::Error| error.message().to_owned())?;
        let mut ledger = Self::default();
        if let Some(toml::Value::Table(files)) = table.remove("files") {
            ledger.add(files)?;
        }
        Ok(ledger)
    }

    /// Reads entries that stand in a line each; none, if they do not.
    fn parse_lines(lines: &str) -> Option<Self> {
        let mut ledger = Self::default();
        for line in lines.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
            ledger.add(line.parse().ok()?).ok()?;
        }
        Some(ledger)
    }

    fn add(&mut self, files: toml::Table) -> Result<(), String> {
        let entry = |value: &toml::Value| -> Option<LedgerEntry> {
            let values = value.as_array()?;
            let text = |number: usize| values.get(number).and_then(toml::Value::as_str).unwrap_or_default().to_owned();
            let path = crate::source::plain_path(&text(0))?;
            Some(LedgerEntry { path, hash: text(1), ids: text(2), is_undecided: text(3) == UNDECIDED })
        };
        for (key, value) in files {
            let read = entry(&value);
            let read = read.ok_or_else(|| format!("`{key}` should be a list of a path below the site and a hash"))?;
            self.0.insert(key, read);
        }
        Ok(())
    }
}

impl fmt::Display for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "# Written by `causerie import`: which file each imported item became, and the hash of what was written. An import\n\
             # that runs again needs it to know your edits from its own files. Keep it with the site.\n\n[files]\n",
        )?;
        for (key, entry) in &self.0 {
            write!(f, "{} = [{}, \"{}\"", toml_text::text(key), toml_text::text(&entry.path), entry.hash)?;
            if !entry.ids.is_empty() {
                write!(f, ", {}", toml_text::text(&entry.ids))?;
            }
            if entry.is_undecided {
                write!(f, ", \"{UNDECIDED}\"")?;
            }
            f.write_str("]\n")?;
        }
        Ok(())
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
            ids: ids.join(" "),
            is_undecided: ids.len() == 1,
        };
        let ledger = Ledger(BTreeMap::from([
            ("post:1".to_owned(), entry("content/posts/a.md", &[])),
            ("comments:\"x\"".to_owned(), entry("content/posts/a.comments.md", &["1", "2"])),
            ("mastodon:m.example/1#2".to_owned(), entry("content/posts/a.comments/3.md", &["3"])),
        ]));
        assert_eq!(Ledger::parse(&ledger.to_string()), Ok(ledger));
        // Somebody has formatted it.
        let formatted = "[files]\n\"post:1\" = [\n  \"content/posts/a.md\",\n  \"\",\n]\n";
        let known = LedgerEntry { path: "content/posts/a.md".to_owned(), ..LedgerEntry::default() };
        assert_eq!(Ledger::parse(formatted), Ok(Ledger(BTreeMap::from([("post:1".to_owned(), known)]))));
        assert_eq!(Ledger::parse(""), Ok(Ledger::default()));
        for wrong in ["x", "[files]\n\"a\" = 1", "[files]\n\"a\" = [\"../x\", \"\"]"] {
            assert!(Ledger::parse(wrong).is_err(), "{wrong}");
        }
    }
}
