//! Writes the counts of reactions beside the page.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::sync::Arc;

use super::apply::{GatherContext, GatherResults};
use super::reply::Replies;
use crate::content::{Discussion, Reaction, parse_reactions, reactions_path};
use crate::diagnostic::SourceText;
use crate::import::toml_text;

/// Writes the counts of a discussion into the page's file of reactions.
pub fn write_reactions(
    context: &GatherContext<'_>,
    results: &mut GatherResults,
    document: &str,
    discussion: &Discussion,
    found: &Replies,
) -> io::Result<()> {
    let path = reactions_path(document);
    let before = match fs::read_to_string(context.files.root.join(&path)) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error),
    };
    let source = SourceText { path: path.as_str().into(), text: before.as_str().into() };
    let (file, problems) = parse_reactions(&source);
    if let Some(problem) = problems.into_iter().next() {
        results.report.problems.push(problem);
        return Ok(());
    }
    let mut by_place: BTreeMap<(&'static str, Option<Arc<str>>), Reaction> =
        file.reactions.into_iter().map(|reaction| ((reaction.key(), reaction.url.clone()), reaction)).collect();
    let url: Arc<str> = discussion.url.as_str().into();
    let Replies { likes, reposts, .. } = *found;
    let reaction = Reaction { network: Some(discussion.network), url: Some(url.clone()), likes, reposts };
    let key = (reaction.key(), Some(url));
    if likes + reposts == 0 {
        by_place.remove(&key);
    } else {
        by_place.insert(key, reaction);
    }
    let text = reactions_text(by_place.values());
    if text == before || by_place.is_empty() && before.is_empty() {
        return Ok(());
    }
    results.report.reactions += 1;
    if context.files.dry_run { Ok(()) } else { context.files.put(&path, text.as_bytes()) }
}

/// The text of a file of reactions.
fn reactions_text<'a>(reactions: impl Iterator<Item = &'a Reaction>) -> String {
    let mut out =
        String::from("# Written by `causerie gather`: how often this page was liked and passed on elsewhere.\n");
    for reaction in reactions {
        let url = reaction.url.as_deref().map(|url| format!("url = {}\n", toml_text::text(url))).unwrap_or_default();
        let Reaction { likes, reposts, .. } = reaction;
        let _ = write!(
            out,
            "\n[[reactions]]\nnetwork = \"{}\"\n{url}likes = {likes}\nreposts = {reposts}\n",
            reaction.key()
        );
    }
    out
}
