//! The manual's pages about front matter, held against the code.

use std::collections::BTreeMap;

use super::cascade::OwnKeys;
use super::front_matter::{PAGE, SECTION};
use super::*;
use crate::diagnostic::{Diagnostic, Location};
use crate::manual::{Reading, check_keys};
use crate::source::{Notation, Table, TableRules, parse_table};

/// Reads a text as front matter.
fn read<T: std::fmt::Debug>(text: &str, rules: &TableRules, meta: impl Fn(Table) -> T) -> Reading {
    let source = SourceText { path: "content/tea.md".into(), text: text.into() };
    let parsed = parse_table(&source, Notation::Toml, &(0..text.len()));
    let reading = TableReader::new(&source, &parsed, rules);
    let meaning = format!("{:?}", meta(reading.root()));
    let known = reading.known_keys();
    Reading { meaning, problems: messages(reading.finish()), known }
}

fn messages(problems: Vec<Diagnostic>) -> Vec<String> {
    problems.into_iter().map(|problem| problem.message).collect()
}

#[test]
fn the_manual_has_every_key_of_a_page() {
    check_keys(&["page"], "", |text| {
        read(text, &PAGE, |table| PageMeta { own: OwnKeys::default(), ..PageMeta::read(table) })
    });
}

#[test]
fn the_manual_has_every_key_of_a_section() {
    check_keys(&["section"], "", |text| read(text, &SECTION, SectionMeta::read));
}

#[test]
fn the_manual_has_every_key_of_a_comment() {
    let parse = |text: &str| {
        let text = format!("+++\n{text}\n+++\nText.\n");
        parse_thread(&SourceText { path: "content/tea.comments.md".into(), text: text.into() })
    };
    // An unknown key is answered with the known ones.
    let (_, problems) = parse("unknown_name = 1");
    let help = problems.iter().find_map(|problem| problem.help.as_deref()?.strip_prefix("its keys are "));
    let known: Vec<&'static str> =
        help.unwrap_or_default().split('`').skip(1).step_by(2).map(|key| &*key.to_owned().leak()).collect();
    check_keys(&["comment"], "", |text| {
        let (thread, problems) = parse(text);
        let meaning = thread.comments.iter().map(|comment| {
            let comment = CommentDocument { location: Location::file("tea"), ..(**comment).clone() };
            format!("{comment:?}")
        });
        let known = BTreeMap::from([(String::new(), known.clone())]);
        Reading { meaning: meaning.collect(), problems: messages(problems), known }
    });
}
