//! Files of reactions: how often a page was liked and passed on elsewhere. They lie beside the page, as its threads do.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::front_matter::REACTIONS;
use super::thread::ThreadFile;
use crate::config::{Network, is_web_address};
use crate::diagnostic::{Diagnostic, SourceText};
use crate::source::{Notation, Table, TableReader, parse_table};

/// The end of the name of such a file: `my-post.reactions.toml` belongs to `my-post.md`.
const EXTENSION: &str = ".reactions.toml";

/// How often a page was liked and passed on in one place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reaction {
    /// The network; none: other sites, which said so by Webmention.
    pub network: Option<Network>,
    /// Where the reactions are to be seen; none: in no one place.
    pub url: Option<Arc<str>>,
    /// How many people liked it.
    pub likes: usize,
    /// How many people passed it on to others.
    pub reposts: usize,
}

impl Reaction {
    /// The word for its place in files of reactions and for templates.
    pub fn key(&self) -> &'static str {
        self.network.map_or(WEB, Network::key)
    }
}

/// The word for other sites.
const WEB: &str = "web";

/// The path of a document's file of reactions.
pub fn reactions_path(document: &str) -> String {
    format!("{}{EXTENSION}", document.strip_suffix(".md").unwrap_or(document))
}

/// The document that a file holds the reactions to; none if it is no such file.
pub(super) fn reactions_owner(path: &str) -> Option<String> {
    let stem = path.strip_suffix(EXTENSION)?;
    let name = stem.rsplit('/').next().unwrap_or(stem);
    (!name.is_empty()).then(|| format!("{stem}.md"))
}

/// Parses a file of reactions, as a file of its document's thread that has no comments.
pub fn parse_reactions(source: &SourceText) -> (ThreadFile, Vec<Diagnostic>) {
    let parsed = parse_table(source, Notation::Toml, &(0..source.text.len()));
    let reading = TableReader::new(source, &parsed, &REACTIONS);
    let mut table = reading.root();
    let reactions = table.tables("reactions").unwrap_or_default().into_iter().filter_map(reaction).collect();
    table.close();
    (ThreadFile { path: source.path.clone(), comments: Vec::new(), reactions }, reading.finish())
}

fn reaction(mut table: Table) -> Option<Reaction> {
    let places: Vec<(&str, Option<Network>)> =
        Network::ALL.into_iter().map(|network| (network.key(), Some(network))).chain([(WEB, None)]).collect();
    let network = table.choice("network", &places);
    let url = table.get::<String>("url").filter(|url| is_web_address(url)).map(Arc::from);
    let (likes, reposts) = (table.get_or("likes", 0), table.get_or("reposts", 0));
    if network.is_none() && !table.has("network") {
        table.reading().error(
            table.span(),
            "this has no `network`",
            "say where the reactions come from: network = \"mastodon\"",
        );
    }
    table.close();
    Some(Reaction { network: network?, url, likes, reposts })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_reactions_belongs_to_the_document_beside_it() {
        for (path, document) in [
            ("content/tea.reactions.toml", Some("content/tea.md")),
            ("content/trip/index.fr.reactions.toml", Some("content/trip/index.fr.md")),
            ("content/.reactions.toml", None),
            ("content/reactions.toml", None),
            ("content/tea.toml", None),
        ] {
            assert_eq!(reactions_owner(path).as_deref(), document, "{path}");
        }
        assert_eq!(reactions_path("content/tea.md"), "content/tea.reactions.toml");
    }

    #[test]
    fn reactions_are_read_with_their_mistakes() {
        let parse = |text: &str| {
            let source = SourceText { path: "content/tea.reactions.toml".into(), text: text.into() };
            let (file, problems) = parse_reactions(&source);
            (file.reactions, problems.len())
        };
        let text = "[[reactions]]\nnetwork = \"mastodon\"\nurl = \"https://m.example/@ada/1\"\nlikes = 12\nreposts = 3\n\
                    [[reactions]]\nnetwork = \"web\"\nlikes = 1\n";
        let (reactions, problems) = parse(text);
        assert_eq!(problems, 0);
        assert_eq!(
            reactions.iter().map(|r| (r.key(), r.likes, r.reposts)).collect::<Vec<_>>(),
            [("mastodon", 12, 3), ("web", 1, 0)]
        );
        for wrong in [
            "[[reactions]]\nnetwork = \"smoke signals\"",
            "[[reactions]]\nlikes = 1",
            "[[reactions]]\nnetwork = \"web\"\nlikes = -1",
            "[[reactions]]\nnetwork = \"web\"\nhates = 1",
            "reactions = 1",
            "x",
        ] {
            assert!(parse(wrong).1 > 0, "{wrong}");
        }
    }
}
