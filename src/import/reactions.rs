//! Writes files of reactions: the counts of one place at a time, beside those of others.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::sync::Arc;

use super::files::Files;
use super::toml_text;
use crate::content::{Reaction, parse_reactions, reactions_path};
use crate::diagnostic::{Diagnostic, SourceText};

/// Puts the counts of one place into the file of a page. Returns the file, if it changed, or what is wrong with it.
pub fn put(files: &Files<'_>, document: &str, reaction: Reaction) -> io::Result<Result<Option<String>, Diagnostic>> {
    let path = reactions_path(document);
    let before = match fs::read_to_string(files.root.join(&path)) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error),
    };
    let source = SourceText { path: path.as_str().into(), text: before.as_str().into() };
    let (file, problems) = parse_reactions(&source);
    if let Some(problem) = problems.into_iter().next() {
        return Ok(Err(problem));
    }
    let mut by_place: BTreeMap<(&'static str, Option<Arc<str>>), Reaction> =
        file.reactions.into_iter().map(|reaction| ((reaction.key(), reaction.url.clone()), reaction)).collect();
    let key = (reaction.key(), reaction.url.clone());
    if reaction.likes + reaction.reposts == 0 {
        by_place.remove(&key);
    } else {
        by_place.insert(key, reaction);
    }
    let text = text(by_place.values());
    if text == before || by_place.is_empty() && before.is_empty() {
        return Ok(Ok(None));
    }
    if !files.dry_run {
        files.put(&path, text.as_bytes())?;
    }
    Ok(Ok(Some(path)))
}

/// The text of a file of reactions.
fn text<'a>(reactions: impl Iterator<Item = &'a Reaction>) -> String {
    let mut out = String::from("# Written by Causerie: how often this page was liked and passed on elsewhere.\n");
    for reaction in reactions {
        let url = reaction.url.as_deref().map(|url| format!("url = {}\n", toml_text::text(url))).unwrap_or_default();
        let Reaction { likes, reposts, .. } = reaction;
        out.push_str(&format!(
            "\n[[reactions]]\nnetwork = \"{}\"\n{url}likes = {likes}\nreposts = {reposts}\n",
            reaction.key()
        ));
    }
    out
}
