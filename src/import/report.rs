//! What an import did: every item is counted as written or as left out, with the reason.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use super::model::{ItemKind, Omission};

/// So many names of one kind are kept. Nobody reads more, and memory does not grow with the source.
const MAX_NAMED: usize = 200;

/// The items of one class.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ItemCounts {
    /// How many the source has.
    pub read: u64,
    /// How many are in the site now.
    pub written: u64,
    /// The others, by the reason.
    pub left_out: BTreeMap<String, u64>,
}

/// Something that a person should look at, the most important first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Concern {
    /// What got lost.
    Lost,
    /// What few can read.
    Private,
    /// Files that an author has edited or deleted, which stay so.
    Edited,
    /// Pages that the code of the old theme made.
    Programs,
    /// Threads that have no page.
    WithoutPage,
    /// Pages whose old address the site has for something else.
    Addresses,
    /// Posts whose text differs from the source.
    Differs,
    /// Blocks that have no equal in Markdown.
    Unconverted,
    /// Links to places in a page that it does not have.
    Anchors,
    /// Dates that are missing.
    Dates,
    /// Comments whose parent is not there.
    Parents,
    /// Taxonomies that the site does not have.
    Taxonomies,
    /// Pictures that stay on another server.
    Media,
    /// Scripts and the like that were removed.
    Removed,
}

impl Concern {
    fn heading(self) -> &'static str {
        match self {
            Self::Lost => "Lost: these items could not be imported",
            Self::Private => "Not published: drafts, and posts that only some readers could see",
            Self::Edited => "Edited or deleted here since the last import: these files were left alone",
            Self::Programs => "Left out: pages that the code of the old theme made, such as lists and searches",
            Self::WithoutPage => "Comments without a page: fill in the CSV file and pass it with --map",
            Self::Addresses => "Pages whose old address leads to something else in this site: they have another one",
            Self::Differs => "Texts that differ from the source: compare them with the old page",
            Self::Unconverted => "Blocks that Markdown has no form for: they stayed HTML, or plain text in comments",
            Self::Anchors => "Links to places in a page that it does not have: they lead to its beginning",
            Self::Dates => "Dates that are missing or impossible",
            Self::Parents => "Replies whose comment is missing: they stand one level higher",
            Self::Taxonomies => "Taxonomies that the site does not have",
            Self::Media => "Pictures and files that stay on the old server",
            Self::Removed => "Scripts, forms and frames that were removed or became links",
        }
    }
}

/// The named examples of a concern.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Examples {
    /// How many there are.
    pub count: u64,
    /// The first of them.
    pub names: Vec<String>,
}

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The name of the import.
    pub name: String,
    /// Whether nothing was written.
    pub dry_run: bool,
    /// What was read and written, by class.
    pub counts: BTreeMap<ItemKind, ItemCounts>,
    /// Files by what happened to them: created, updated, unchanged, edited, deleted.
    pub files: BTreeMap<&'static str, u64>,
    /// Repairs of damaged input.
    pub repairs: BTreeMap<&'static str, u64>,
    /// Shortcodes and tags of template languages that stay as text.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub unknown_tags: BTreeMap<String, u64>,
    /// What a person should look at.
    pub concerns: BTreeMap<Concern, Examples>,
    /// The files of a dry run, each with what would happen to it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub plan: Vec<String>,
}

impl Report {
    /// Counts an item that was read.
    pub fn read(&mut self, class: ItemKind) {
        self.counts.entry(class).or_default().read += 1;
    }

    /// Counts items that are in the site.
    pub fn write(&mut self, class: ItemKind, times: u64) {
        self.counts.entry(class).or_default().written += times;
    }

    /// Counts an item that was read and is left out.
    pub fn leave_out(&mut self, omission: Omission, name: String) {
        if omission.is_loss {
            self.concern(Concern::Lost, format!("{name}: {}", omission.reason));
        }
        *self.counts.entry(omission.class).or_default().left_out.entry(omission.reason).or_default() += 1;
    }

    /// Counts a shortcode, or a tag of a template language, that stays as text.
    pub fn unknown_tag(&mut self, name: &str) {
        let name: String = name.chars().filter(|c| !c.is_control()).take(60).collect();
        if self.unknown_tags.len() < MAX_NAMED || self.unknown_tags.contains_key(&name) {
            *self.unknown_tags.entry(name).or_default() += 1;
        }
    }

    /// The tags that stay as text, the most frequent first.
    fn tags_by_frequency(&self) -> Vec<(&str, u64)> {
        let mut tags: Vec<(&str, u64)> =
            self.unknown_tags.iter().map(|(name, times)| (name.as_str(), *times)).collect();
        tags.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
        tags
    }

    /// Adds something that a person should look at.
    pub fn concern(&mut self, concern: Concern, name: String) {
        let named = self.concerns.entry(concern).or_default();
        named.count += 1;
        if named.names.len() < MAX_NAMED {
            named.names.push(name);
        }
    }

    /// The same, unless it is there already.
    pub fn concern_once(&mut self, concern: Concern, name: String) {
        if !self.concerns.get(&concern).is_some_and(|known| known.names.contains(&name)) {
            self.concern(concern, name);
        }
    }

    /// Adds the report of one post to that of the import.
    pub fn add(&mut self, other: Self) {
        for (kind, counts) in other.counts {
            let sum = self.counts.entry(kind).or_default();
            sum.read += counts.read;
            sum.written += counts.written;
            for (reason, times) in counts.left_out {
                *sum.left_out.entry(reason).or_default() += times;
            }
        }
        for (concern, examples) in other.concerns {
            for name in examples.names {
                // All posts name the same taxonomies.
                if concern == Concern::Taxonomies {
                    self.concern_once(concern, name);
                } else {
                    self.concern(concern, name);
                }
            }
        }
    }

    /// Whether something was lost that nobody asked to lose.
    pub fn has_losses(&self) -> bool {
        self.concerns.contains_key(&Concern::Lost)
            || self.counts.values().any(|count| count.read != count.written + count.left_out.values().sum::<u64>())
    }

    /// The report for a terminal.
    pub fn text(&self) -> String {
        let mut out = String::new();
        if self.dry_run {
            for line in &self.plan {
                let _ = writeln!(out, "{line}");
            }
        }
        for (class, count) in &self.counts {
            let left: u64 = count.left_out.values().sum();
            let _ = writeln!(out, "{class}: {} read = {} written + {left} left out", count.read, count.written);
            for (reason, times) in &count.left_out {
                let _ = writeln!(out, "  {times} left out: {reason}");
            }
        }
        let files: Vec<String> = self.files.iter().map(|(what, times)| format!("{times} {what}")).collect();
        let _ = writeln!(out, "files: {}", if files.is_empty() { "none".to_owned() } else { files.join(", ") });
        for (what, times) in &self.repairs {
            let _ = writeln!(out, "repaired: {times} × {what}");
        }
        if !self.unknown_tags.is_empty() {
            let tags = self.tags_by_frequency();
            let names: Vec<String> = tags.iter().take(12).map(|(name, times)| format!("{times} × {name}")).collect();
            let more = if tags.len() > names.len() { " …" } else { "" };
            let _ = writeln!(out, "stays as text: {}{more}", names.join(", "));
        }
        for (concern, named) in &self.concerns {
            let _ = writeln!(out, "look at: {} × {}", named.count, concern.heading());
        }
        out
    }

    /// The page that lists what a person should look at.
    pub fn markdown(&self) -> String {
        let mut out = format!("# The import `{}`\n\n", self.name);
        let _ = writeln!(out, "| | read | written | left out |\n|---|---|---|---|");
        for (class, count) in &self.counts {
            let left: u64 = count.left_out.values().sum();
            let _ = writeln!(out, "| {class} | {} | {} | {left} |", count.read, count.written);
        }
        for (class, count) in &self.counts {
            for (reason, times) in &count.left_out {
                let _ = write!(out, "\n{times} {class} left out: {reason}.\n");
            }
        }
        for (concern, named) in &self.concerns {
            let _ = write!(out, "\n## {}\n\n", concern.heading());
            for name in &named.names {
                let _ = writeln!(out, "- {}", name.replace('\n', " "));
            }
            let more = named.count.saturating_sub(named.names.len() as u64);
            if more > 0 {
                let _ = writeln!(out, "- and {more} more");
            }
        }
        if !self.unknown_tags.is_empty() {
            out.push_str("\n## Shortcodes and template tags that stay as text\n\n");
            for (name, times) in self.tags_by_frequency() {
                let _ = writeln!(out, "- {times} × `{name}`");
            }
        }
        if !self.repairs.is_empty() {
            out.push_str("\n## Repairs of the file\n\n");
            for (what, times) in &self.repairs {
                let _ = writeln!(out, "- {times} × {what}");
            }
        }
        out
    }
}
