//! The manual's pages about `site.toml`, held against the code.

use std::collections::BTreeMap;

use super::*;
use crate::manual::{Reading, check_keys};

/// A configuration with every table, so that every key becomes known.
const EVERYTHING: &str = "taxonomies = [{ name = \"tags\" }]\n[languages.fr]\ntitle = \"A\"\n[markdown.highlighting]\n\
                          theme = \"nord\"\n[comments.mail]\nserver = \"a.example\"\nfrom = \"a@b.example\"\n[[quotes]]\n\
                          text = \"A\"\nauthor = \"B\"\n";

#[test]
fn the_manual_has_every_key_of_the_configuration() {
    check_keys(&["site", "markdown", "languages", "comments", "network"], EVERYTHING, |text| {
        let address = if text.starts_with("base_url") { "" } else { "base_url = \"https://example.org\"\n" };
        let source = SourceText { path: "site.toml".into(), text: format!("{address}{text}").into() };
        let parsed = parse_table(&source, Notation::Toml, &(0..source.text.len()));
        let reading = TableReader::new(&source, &parsed, &renamed::RULES);
        let config = Config::read(reading.root());
        let mut known = reading.known_keys();
        // These are the keys of the tables at the top.
        known.retain(|table, _| !table.starts_with("languages.fr."));
        let problems = reading.finish().into_iter().map(|problem| problem.message).collect();
        Reading { meaning: meaning(&config), problems, known }
    });
}

/// Everything that a configuration says.
fn meaning(config: &Config) -> String {
    format!("{:?}", Config { places: BTreeMap::new(), ..config.clone() })
}
