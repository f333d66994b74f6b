//! Handles: how commands name a reply, and the revision of it that a moderator saw.

use std::sync::Arc;

use super::LockedReplies;
use super::settle::check_settled;
use crate::diagnostic::Diagnostic;
use crate::replies::spool::{State, StoredReply};

/// Finds the reply that a handle names, by its id or by the end of its id. The replies are in the order of their ids.
pub(super) fn find<'r>(replies: &'r [Arc<StoredReply>], handle: &str) -> Result<&'r StoredReply, Diagnostic> {
    let (id, ..) = parse(handle);
    if let Ok(exact) = replies.binary_search_by(|stored| stored.reply.id.as_str().cmp(id)) {
        return Ok(&replies[exact]);
    }
    let mut found = replies.iter().filter(|stored| !id.is_empty() && stored.reply.id.ends_with(id));
    match (found.next(), found.next()) {
        (Some(only), None) => Ok(only),
        (Some(_), Some(_)) => {
            Err(Diagnostic::error(format!("more than one reply ends with `{id}`")).help("write more of its id"))
        }
        (None, _) => Err(unknown_handle(handle)),
    }
}

/// Finds the reply that a handle names, if nobody has decided about it since the moderator saw it.
pub(super) fn find_unchanged<'r>(replies: &'r LockedReplies, handle: &str) -> Result<&'r StoredReply, Diagnostic> {
    let stored = replies.find(handle)?;
    check_settled(stored)?;
    check_state(stored, handle).map(|()| stored)
}

pub(super) fn unknown_handle(handle: &str) -> Diagnostic {
    Diagnostic::error(format!("there is no reply `{}`", handle.escape_debug()))
        .help("see which there are with: causerie comments list")
}

/// The parts of a handle: an id, a revision and, if it names what a moderator saw, a state.
fn parse(handle: &str) -> (&str, u32, Option<State>) {
    let state = handle.rsplit_once('.').and_then(|(rest, state)| Some((rest, State::from_name(state)?)));
    let (rest, state) = state.map_or((handle, None), |(rest, state)| (rest, Some(state)));
    let parts = rest.rsplit_once('.').and_then(|(id, revision)| Some((id, revision.parse().ok()?)));
    let (id, revision) = parts.unwrap_or((rest, 0));
    (id, revision, state)
}

/// Makes sure that a decision is about the text that the moderator saw. The writer can change the text for a while, and
/// another moderator may have decided.
pub(super) fn check_revision(stored: &StoredReply, handle: &str) -> Result<(), Diagnostic> {
    check_state(stored, handle)?;
    let (_, revision, _) = parse(handle);
    if revision == stored.reply.notes.revision {
        return Ok(());
    }
    let now = stored.reply.handle();
    Err(Diagnostic::error("this reply is not what it was when you looked at it")
        .help(format!("look again: causerie comments show {now}; as it is now it is called {now}")))
}

/// Makes sure that nobody has decided about a reply since the moderator saw it. A handle without a state fits any state.
pub(super) fn check_state(stored: &StoredReply, handle: &str) -> Result<(), Diagnostic> {
    let notes = &stored.reply.notes;
    let (.., state) = parse(handle);
    if state.is_none_or(|state| state == notes.state) {
        return Ok(());
    }
    let now = match (notes.state, notes.decided) {
        (State::Spam, None) => "was changed by its writer meanwhile, and the guard takes it for spam now",
        (State::Pending, _) | (_, None) => "waits again: the decision about it was taken back meanwhile",
        (State::Approved, _) => "was approved meanwhile",
        (State::Spam, _) => "was put aside as spam meanwhile",
        _ => "was rejected meanwhile",
    };
    let at = notes.decided.map(|at| at.strftime(", on %-d %B %Y at %H:%M UTC").to_string()).unwrap_or_default();
    Err(Diagnostic::error(format!("this reply {now}{at}")).help("look at it again"))
}
