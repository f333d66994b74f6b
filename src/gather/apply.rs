//! What becomes of the replies of a discussion: new ones wait or are published, and changed ones change.

use std::fs;
use std::io;

use jiff::Timestamp;
use rustc_hash::{FxHashMap, FxHashSet};

use super::accounts::plain_address;
use super::comment_text::{is_placeholder, one_line, text_hash, without_parent};
use super::removal::remove_missing;
use super::reply::{Replies, Reply};
use super::report::GatherReport;
use super::status::{ReplyStatus, ledger_prefix, settle_others, status_of};
use crate::config::{Approve, Config, is_web_address};
use crate::content::{Date, Discussion, Reaction};
use crate::import::files::Files;
use crate::import::html;
use crate::import::ledger::{Ledger, LedgerEntry};
use crate::import::public_name;
use crate::import::reactions;
use crate::replies::guard::{Disposition, Guard, Model, ReplyText, Verdict};
use crate::replies::spool::{ModerationNotes, Origin, SpoolError, StoredReply};
use crate::replies::{Field, Form, PageLocation, ReplyObject, Spool, State, new_id};
use crate::site::Site;
use crate::source::Fingerprint;

/// So many hidden replies are passed over in search of one that is shown.
const MAX_HIDDEN_PARENTS: usize = 100;

/// What a run knows.
pub struct GatherContext<'a> {
    /// The site.
    pub site: &'a Site,
    /// Its settings.
    pub config: &'a Config,
    /// Where replies wait.
    pub spool: &'a Spool,
    /// What the guard has learned.
    pub model: &'a Model,
    /// The files of the site.
    pub files: Files<'a>,
    /// The addresses of the author's accounts.
    pub own_accounts: FxHashSet<String>,
    /// The addresses of accounts whose replies need no decision.
    pub trusted_accounts: FxHashSet<String>,
}

/// What a run has done so far.
#[derive(Default)]
pub struct GatherResults {
    /// Which reply became which file.
    pub ledger: Ledger,
    /// What the author will read.
    pub report: GatherReport,
    /// New replies that are still to be published.
    pub approved: Vec<ApprovedReply>,
}

/// A new reply that needs no decision of the author's.
pub struct ApprovedReply {
    /// Its handle in the spool.
    pub handle: String,
    /// Its key in the ledger.
    pub ledger_key: String,
}

/// A reply of a network as a reply of the spool.
pub struct IncomingReply<'r> {
    reply: &'r Reply,
    ledger_key: String,
    object: ReplyObject,
}

impl IncomingReply<'_> {
    /// The id of the reply.
    pub fn id(&self) -> &str {
        &self.object.id
    }
}

/// Takes in what a network has of a discussion.
pub fn apply_replies(
    context: &GatherContext<'_>,
    results: &mut GatherResults,
    page: &PageLocation,
    discussion: &Discussion,
    found: &Replies,
) -> io::Result<()> {
    let prefix = ledger_prefix(discussion);
    // What is still there is not removed here, even if it cannot be taken in as it is now.
    let mut present: FxHashSet<String> = FxHashSet::default();
    let mut replies: Vec<(Timestamp, &Reply)> = Vec::new();
    for reply in &found.list {
        if !present.insert(format!("{prefix}{}", reply.comment.key)) {
            results.report.left_out("the network has them twice", &reply.comment.url);
            continue;
        }
        match reply.comment.date.as_deref().and_then(Date::parse) {
            Some(date) => replies.push((date.timestamp, reply)),
            None => results.report.left_out("they have no date that can be read", &reply.comment.url),
        }
    }
    replies.sort_by(|a, b| (a.0, &a.1.comment.key).cmp(&(b.0, &b.1.comment.key)));
    results.report.opted_out += found.opted_out;
    let answered = answered_by_author(context, &replies);
    let listed = found.list.iter().map(|reply| (reply.comment.key.as_str(), reply.comment.parent.as_deref()));
    let hidden = found.hidden.iter().map(|hidden| (hidden.key.as_str(), hidden.parent.as_deref()));
    let parents: FxHashMap<&str, Option<&str>> = listed.chain(hidden).collect();
    // The ids of the replies so far: a parent comes before its answers, so that nothing can go round in a circle.
    let mut ids: FxHashMap<&str, String> = FxHashMap::default();
    let mut taken: FxHashSet<String> = FxHashSet::default();
    for (date, reply) in replies {
        let ledger_key = format!("{prefix}{}", reply.comment.key);
        let parent = shown_parent(reply, &parents, &ids);
        match incoming_reply(context, &results.ledger, page, (reply, date), ledger_key, parent) {
            Ok(incoming) => {
                take_in(context, results, page, &incoming, answered.contains(reply.comment.key.as_str()))?;
                ids.insert(&reply.comment.key, incoming.object.id);
                taken.insert(incoming.ledger_key);
            }
            Err(reason) => results.report.left_out(&reason, &reply.comment.url),
        }
    }
    settle_others(context, results, page, &prefix, &taken)?;
    if !found.is_partial {
        remove_missing(context, results, page, &prefix, &present)?;
    }
    let reaction = Reaction {
        network: Some(discussion.network),
        url: Some(discussion.url.as_str().into()),
        likes: found.likes,
        reposts: found.reposts,
    };
    write_reactions(context, results, page, reaction)
}

/// Writes the counts of one place into the page's file of reactions.
pub fn write_reactions(
    context: &GatherContext<'_>,
    results: &mut GatherResults,
    page: &PageLocation,
    reaction: Reaction,
) -> io::Result<()> {
    match reactions::put(&context.files, &page.document, reaction)? {
        Ok(None) => {}
        Ok(Some(path)) => {
            results.report.reactions += 1;
            results.report.written.push(path);
        }
        Err(problem) => results.report.problems.push(problem),
    }
    Ok(())
}

/// The id of the reply that a reply answers here. Answers to one that is not shown answer what that one answers.
fn shown_parent<'i>(
    reply: &Reply,
    parents: &FxHashMap<&str, Option<&str>>,
    ids: &'i FxHashMap<&str, String>,
) -> Option<&'i str> {
    let mut at = reply.comment.parent.as_deref();
    for _ in 0..MAX_HIDDEN_PARENTS {
        let key = at?;
        if let Some(id) = ids.get(key) {
            return Some(id);
        }
        at = parents.get(key).copied().flatten();
    }
    None
}

/// The keys of the replies that the author has answered on the network.
fn answered_by_author<'r>(context: &GatherContext<'_>, replies: &[(Timestamp, &'r Reply)]) -> FxHashSet<&'r str> {
    let own = replies.iter().filter(|(_, reply)| is_by_any(reply, &context.own_accounts));
    own.filter_map(|(_, reply)| reply.comment.parent.as_deref()).collect()
}

fn is_by_any(reply: &Reply, accounts: &FxHashSet<String>) -> bool {
    reply.accounts().any(|account| accounts.contains(&plain_address(account)))
}

/// Makes a reply of the spool from what another site has. Its id stays the one that it had before.
///
/// # Errors
/// It cannot be a comment. The text continues "they were left out because".
pub fn incoming_reply<'r>(
    context: &GatherContext<'_>,
    ledger: &Ledger,
    page: &PageLocation,
    (reply, date): (&'r Reply, Timestamp),
    ledger_key: String,
    parent: Option<&str>,
) -> Result<IncomingReply<'r>, String> {
    let known = ledger.0.get(&ledger_key).map(|entry| entry.ids.clone()).filter(|id| !id.is_empty());
    let id = known.unwrap_or_else(|| new_id(date, Fingerprint::of(ledger_key.as_bytes()).0 as u32));
    let comment = &reply.comment;
    let author: String = public_name(&comment.author).chars().take(Field::Author.limit()).collect();
    let url = Some(comment.url.as_str()).filter(|url| is_web_address(url) && url.chars().count() <= Field::Url.limit());
    let converted = html::comment(&comment.body);
    let fields = [
        (Field::Page, page.page.as_str()),
        (Field::ReplyTo, parent.unwrap_or_default()),
        (Field::Author, author.as_str()),
        (Field::Url, url.unwrap_or_default()),
        (Field::Comment, converted.markdown.as_str()),
    ];
    let form = Form::new(fields.into_iter().map(|(field, value)| (field, value.into())))
        .map_err(|refusal| format!("they cannot be comments: {refusal}"))?;
    let text = ReplyText { author: form.author(), email: None, url: None, comment: form.comment() };
    let is_own = is_by_any(reply, &context.own_accounts);
    let verdict = if is_own {
        Verdict::default()
    } else {
        Guard::new(&context.config.comments.guard, context.model).judge_again(&Verdict::default(), &text, 0)
    };
    let notes = ModerationNotes {
        state: if verdict.decision == Disposition::Spam { State::Spam } else { State::Pending },
        page: page.page.clone(),
        document: page.document.clone(),
        folder: page.folder.clone(),
        by_author: is_own,
        origin: Some(Origin { kind: comment.kind, warning: reply.warning.as_deref().map(one_line) }),
        guard: verdict,
        ..ModerationNotes::at(date)
    };
    Ok(IncomingReply { reply, ledger_key, object: ReplyObject { id, form, notes } })
}

/// Puts a new reply into the spool, and follows what changed of one that is known.
pub fn take_in(
    context: &GatherContext<'_>,
    results: &mut GatherResults,
    page: &PageLocation,
    incoming: &IncomingReply<'_>,
    is_answered: bool,
) -> io::Result<()> {
    let object = &incoming.object;
    let known = results.ledger.0.get(&incoming.ledger_key).cloned();
    let status = status_of(context, page, &object.id, known.as_ref())?;
    let text = object.to_comment_file();
    let mut entry = LedgerEntry {
        path: object.path(),
        hash: text_hash(&text),
        ids: object.id.clone(),
        is_undecided: known.as_ref().is_none_or(|known| known.is_undecided),
    };
    let waiting = match status {
        ReplyStatus::Absent => {
            entry.is_undecided = true;
            add(context, results, incoming, is_answered)?
        }
        ReplyStatus::Waiting(stored) => {
            let is_changed = match &known {
                Some(known) => known.hash != entry.hash,
                // A run that was stopped had come so far.
                None => stored.reply.notes.revision == 0 && text_hash(&stored.reply.to_comment_file()) != entry.hash,
            };
            let waiting = if is_changed { change_waiting(context, results, *stored, object)? } else { Some(*stored) };
            if let (None, Some(known)) = (&waiting, &known) {
                entry.hash.clone_from(&known.hash);
            }
            waiting
        }
        ReplyStatus::Published(path) => {
            let hash = known.as_ref().map_or(&entry.hash, |known| &known.hash).clone();
            if object.notes.state == State::Spam {
                results.report.left_out("the guard takes what they have become for spam", &incoming.reply.comment.url);
                entry.hash = hash;
            } else {
                change_published(context, results, object, &path, &hash, text)?;
            }
            (entry.path, entry.is_undecided) = (path, false);
            None
        }
        ReplyStatus::Refused => {
            entry.is_undecided = false;
            None
        }
    };
    if context.files.dry_run {
        return Ok(());
    }
    // A reply that a moderator has put back into the queue waits for the moderator.
    if let Some(stored) = waiting.filter(|_| entry.is_undecided)
        && is_trusted(context, incoming, is_answered)
        && stored.reply.notes.state == State::Pending
    {
        let approved = ApprovedReply { handle: stored.reply.handle(), ledger_key: incoming.ledger_key.clone() };
        results.approved.push(approved);
    }
    if known.as_ref() != Some(&entry) {
        results.ledger.0.insert(incoming.ledger_key.clone(), entry);
    }
    Ok(())
}

/// Whether a reply needs no decision of the author's.
fn is_trusted(context: &GatherContext<'_>, incoming: &IncomingReply<'_>, is_answered: bool) -> bool {
    let is_of_trusted_writer = match context.config.gather.approve {
        _ if incoming.object.notes.by_author => true,
        Approve::Nobody => false,
        Approve::Known => is_answered || is_by_any(incoming.reply, &context.trusted_accounts),
        Approve::Everybody => true,
    };
    is_of_trusted_writer && incoming.object.notes.guard.decision == Disposition::Queue
}

/// Puts a new reply into the spool.
fn add(
    context: &GatherContext<'_>,
    results: &mut GatherResults,
    incoming: &IncomingReply<'_>,
    is_answered: bool,
) -> io::Result<Option<StoredReply>> {
    let object = &incoming.object;
    let is_approved = is_trusted(context, incoming, is_answered);
    if object.notes.state == State::Spam {
        results.report.spam += 1;
    } else if !is_approved {
        results.report.waiting += 1;
    }
    if context.files.dry_run {
        results.report.published += usize::from(is_approved);
        results.report.plan(is_approved, &object.notes.document, &incoming.reply.comment.url);
        return Ok(None);
    }
    context.spool.add(object)?;
    match context.spool.get(&object.id) {
        Ok(stored) => Ok(Some(stored)),
        Err(SpoolError::Failed(error)) => Err(error),
        // Somebody is quick.
        Err(_) => Ok(None),
    }
}

fn change_waiting(
    context: &GatherContext<'_>,
    results: &mut GatherResults,
    stored: StoredReply,
    object: &ReplyObject,
) -> io::Result<Option<StoredReply>> {
    results.report.changed += 1;
    if context.files.dry_run {
        return Ok(None);
    }
    let mut reply = object.clone();
    reply.notes.revision = stored.reply.notes.revision.saturating_add(1);
    match context.spool.update(&stored, reply) {
        Ok(stored) => Ok(Some(stored)),
        Err(SpoolError::Failed(error)) => Err(error),
        // Somebody decides at this moment. The next run sees it.
        Err(_) => Ok(None),
    }
}

/// Brings a published reply up to date, unless its file was edited here. Its parent may have been published since.
fn change_published(
    context: &GatherContext<'_>,
    results: &mut GatherResults,
    object: &ReplyObject,
    path: &str,
    known_hash: &str,
    text: String,
) -> io::Result<()> {
    let root = context.files.root;
    let present = fs::read_to_string(root.join(path))?;
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let is_parent_shown = object.form.reply_to().is_none_or(|id| root.join(folder).join(format!("{id}.md")).exists());
    let text = if is_parent_shown { text } else { without_parent(&text) };
    if present == text {
        return Ok(());
    }
    if text_hash(&present) != known_hash && !is_placeholder(&present) {
        if text_hash(&text) != known_hash {
            results.report.edited.push(path.to_owned());
        }
        return Ok(());
    }
    results.report.changed += 1;
    results.report.written.push(path.to_owned());
    if context.files.dry_run { Ok(()) } else { context.files.put(path, text.as_bytes()) }
}
