//! Moderation: the decisions about replies, whoever they come from.
//!
//! One decision at a time is carried out, by whoever holds the lock of the site's inbox, and first of all what another one
//! left half done is finished. So a reply is never seen in its thread and in the spool, nor in neither, wherever
//! a process was killed. Where several sites share a spool, each finishes what it has begun itself.

mod edit_refusal;
mod filter;
mod lessons;
mod mail;
mod settle;
#[cfg(test)]
mod tests;
mod thread;
mod told;
mod trust;
mod view;

use std::collections::BTreeSet;
use std::fmt;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use self::lessons::lesson;
use self::settle::{is_half_done, settled};
use self::thread::{ThreadCache, ThreadComments};
use super::form::{Field, Form};
use super::guard::Verdict;
use super::spool::{ReplyObject, Spool, SpoolError, State, StoredReply};
use super::{NotificationWriter, PageLocation, Refusal};
use crate::config::Comments;
use crate::diagnostic::{Diagnostic, Location};

pub use edit_refusal::EditRefusal;
pub use filter::{Filter, Listing};
pub use view::{ReasonView, ReplyView};

/// What somebody decided about a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It is shown.
    Approve,
    /// It is not shown.
    Reject,
    /// It is not shown, and the guard is to know its kind.
    Spam,
}

/// What a moderator changes about a reply; none: nothing.
#[derive(Clone, Debug, Default)]
pub struct Edit {
    /// The writer's name.
    pub author: Option<String>,
    /// The writer's website.
    pub url: Option<String>,
    /// The text.
    pub comment: Option<String>,
}

/// What was done.
#[derive(Clone, Debug)]
pub struct DecisionOutcome {
    /// The reply as it is now.
    pub kept: ReplyObject,
    /// The files of the site that were made or removed.
    pub changed: Vec<String>,
    /// What its moderator should know.
    pub problems: Vec<Diagnostic>,
}

/// The room where decisions are made.
#[derive(Debug)]
pub struct Moderation<'a> {
    root: &'a Path,
    spool: &'a Spool,
    keep: SignedDuration,
    /// Whether the guard learns from what is decided.
    teaches: bool,
    /// Who writes to readers that want to hear of answers.
    notices: Option<NotificationWriter>,
    guide: Option<PageFinder<'a>>,
}

type FindPage<'a> = dyn Fn(&str) -> Option<PageLocation> + 'a;

/// Who knows where a page is now that was at a path.
struct PageFinder<'a>(Box<FindPage<'a>>);

impl fmt::Debug for PageFinder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Guide")
    }
}

/// Held while something is decided.
struct ModerationLock(#[expect(dead_code, reason = "the lock is let go with the file")] File);

impl<'a> Moderation<'a> {
    /// Moderation of a site, as its author wants it.
    pub fn new(root: &'a Path, spool: &'a Spool, settings: &Comments) -> Self {
        let keep = SignedDuration::from_hours(24 * i64::try_from(settings.keep_days.min(36_500)).unwrap_or(36_500));
        Self { root, spool, keep, teaches: settings.guard.learn, notices: None, guide: None }
    }

    /// With mail to readers who want to hear of answers.
    #[must_use]
    pub fn telling(self, notices: Option<NotificationWriter>) -> Self {
        Self { notices, ..self }
    }

    /// With somebody who is asked where the page of a reply is now, if its file is gone.
    #[must_use]
    pub fn following(self, guide: impl Fn(&str) -> Option<PageLocation> + 'a) -> Self {
        Self { guide: Some(PageFinder(Box::new(guide))), ..self }
    }

    /// The talk of a reply, and the reply as it belongs there: its page may have moved since it came.
    fn talk<'t>(&self, kept: &mut ReplyObject, talks: &'t mut ThreadCache) -> Result<&'t ThreadComments, Diagnostic> {
        let gone = match talks.of(self.root, kept).map(drop) {
            Ok(()) => return talks.of(self.root, kept),
            Err(gone) => gone,
        };
        let moved = self.guide.as_ref().and_then(|PageFinder(guide)| guide(&kept.notes.page)).ok_or(gone)?;
        (kept.notes.page, kept.notes.document, kept.notes.folder) = (moved.page, moved.document, moved.folder);
        talks.of(self.root, kept)
    }

    /// The replies that a filter lets through, oldest first.
    ///
    /// # Errors
    /// The spool cannot be read.
    pub fn list(&self, filter: &Filter, now: Timestamp) -> Result<Listing, Diagnostic> {
        let _alone = self.alone()?;
        let (all, problems) = self.all(now)?;
        Ok(filter.apply(all.iter().map(|stored| &stored.kept).collect(), problems))
    }

    /// Finishes what was left half done, and forgets what was decided long ago.
    ///
    /// # Errors
    /// The spool cannot be read.
    pub fn tidy(&self, now: Timestamp) -> Result<Vec<Diagnostic>, Diagnostic> {
        let _alone = self.alone()?;
        self.all(now).map(|(_, problems)| problems)
    }

    /// One reply, with the text that it has in its thread if it is there. `handle` is its id or the end of it, see
    /// [`ReplyObject::handle`].
    ///
    /// # Errors
    /// There is no such reply, or more than one.
    pub fn show(&self, handle: &str, now: Timestamp) -> Result<ReplyObject, Diagnostic> {
        let _alone = self.alone()?;
        let (all, _) = self.all(now)?;
        let kept = find(&all, handle)?.kept.clone();
        if kept.notes.state != State::Approved {
            return Ok(kept);
        }
        thread::read(self.root, &kept)
    }

    /// One reply, if it is still the revision that a handle names.
    ///
    /// # Errors
    /// There is no such reply, or it has changed since.
    pub fn show_revision(&self, handle: &str, now: Timestamp) -> Result<ReplyObject, Diagnostic> {
        let _alone = self.alone()?;
        let (all, _) = self.all(now)?;
        let stored = find(&all, handle)?;
        seen(stored, handle)?;
        Ok(self.whole(stored.kept.clone()))
    }

    /// A reply with the text that it has in its thread, if it is there and can be read.
    pub fn whole(&self, kept: ReplyObject) -> ReplyObject {
        if kept.notes.state != State::Approved {
            return kept;
        }
        thread::read(self.root, &kept).unwrap_or(kept)
    }

    /// Carries a decision out.
    ///
    /// # Errors
    /// There is no such reply, it is decided already, has changed since, or has no place any more; or the disk failed.
    pub fn decide(&self, handle: &str, decision: Decision, now: Timestamp) -> Result<DecisionOutcome, Diagnostic> {
        self.decide_all(&[handle], decision, now)?.pop().unwrap_or_else(|| Err(nothing(handle)))
    }

    /// Carries the same decision out about several replies, each for itself, in their order.
    ///
    /// # Errors
    /// The spool cannot be read.
    pub fn decide_all(
        &self,
        handles: &[&str],
        decision: Decision,
        now: Timestamp,
    ) -> Result<Vec<Result<DecisionOutcome, Diagnostic>>, Diagnostic> {
        let _alone = self.alone()?;
        let (all, _) = self.all(now)?;
        let mut talks = ThreadCache::default();
        Ok(handles.iter().map(|handle| self.decide_one(&all, &mut talks, handle, decision, now)).collect())
    }

    fn decide_one(
        &self,
        all: &[Arc<StoredReply>],
        talks: &mut ThreadCache,
        handle: &str,
        decision: Decision,
        now: Timestamp,
    ) -> Result<DecisionOutcome, Diagnostic> {
        let stored = find(all, handle)?;
        settled(stored)?;
        seen(stored, handle)?;
        self.carry_out(stored, talks, decision, false, now)
    }

    /// Carries a decision out, whoever has made it.
    fn carry_out(
        &self,
        stored: &StoredReply,
        talks: &mut ThreadCache,
        decision: Decision,
        skipped: bool,
        now: Timestamp,
    ) -> Result<DecisionOutcome, Diagnostic> {
        settled(stored)?;
        let ReplyObject { notes, .. } = &stored.kept;
        let (from, to) = match (notes.state, decision) {
            (State::Approved, _) => {
                return Err(Diagnostic::error("this reply is approved already")
                    .at(Location::file(stored.kept.path()))
                    .help(format!("take it back first: causerie comments undo {}", stored.kept.handle())));
            }
            (from, Decision::Approve) => (from, State::Approving),
            (from, Decision::Reject) => (from, State::Rejected),
            (from, Decision::Spam) => (from, State::Spam),
        };
        if from == to {
            let handle = stored.kept.handle();
            return Err(Diagnostic::error(format!("this reply is {} already: {handle}", to.as_str())));
        }
        let mut kept = stored.kept.clone();
        let mut problems = Vec::new();
        if to == State::Approving {
            let talk = self.talk(&mut kept, talks)?;
            if let Some(id) = kept.form.reply_to()
                && !talk.has(id)
            {
                let problem = format!(
                    "the response `{id}` that this one answers is gone, so it is shown as an answer to the post"
                );
                problems.push(Diagnostic::warning(problem));
                kept.form = kept.form.without_reply_to();
            }
        }
        (kept.notes.state, kept.notes.decided, kept.notes.before) = (to, Some(now), Some(from));
        kept.notes.skipped = skipped;
        kept.notes.hands = if to == State::Approving { Some(self.hands(now)?) } else { None };
        let (before, lesson) = (lesson(&stored.kept), lesson(&kept));
        let text = kept.form.clone();
        let stored = self.update(stored, kept)?;
        let stored = self.settle(stored, &mut problems)?;
        problems.extend(self.teach(&text, before, lesson));
        if to == State::Approving {
            talks.add(&stored.kept);
        }
        let changed = (to == State::Approving).then(|| stored.kept.path()).into_iter().collect();
        Ok(DecisionOutcome { kept: stored.kept, changed, problems })
    }

    /// Changes the words of a reply that is not approved.
    ///
    /// # Errors
    /// As [`Moderation::decide`]; or what it would become is no reply.
    pub fn edit(&self, handle: &str, edit: &Edit, now: Timestamp) -> Result<DecisionOutcome, Diagnostic> {
        let _alone = self.alone()?;
        let (all, _) = self.all(now)?;
        let stored = find(&all, handle)?;
        settled(stored)?;
        seen(stored, handle)?;
        if stored.kept.notes.state == State::Approved {
            return Err(Diagnostic::error("this reply is approved: it is a file of the site now")
                .at(Location::file(stored.kept.path()))
                .help("edit that file"));
        }
        let mut kept = edited(&stored.kept, edit).map_err(unfit)?;
        // Whoever was told of it has changed it, and need not be told of their own words.
        if stored.kept.is_told() {
            kept.notes.told = Some(kept.notes.revision);
        }
        let stored = self.update(stored, kept)?;
        Ok(DecisionOutcome { kept: stored.kept, changed: Vec::new(), problems: Vec::new() })
    }

    /// Answers a reply as the post's author, and approves it first if that is to be done. `author` stands in for the
    /// post's own, `id` is that of the answer.
    ///
    /// # Errors
    /// As [`Moderation::decide`]; or what is answered is no reply, or nobody knows who the author is.
    pub fn reply(
        &self,
        handle: &str,
        comment: &str,
        author: Option<&str>,
        id: String,
        now: Timestamp,
    ) -> Result<Vec<DecisionOutcome>, Diagnostic> {
        let _alone = self.alone()?;
        let (all, _) = self.all(now)?;
        let asked = find(&all, handle)?;
        settled(asked)?;
        match asked.kept.notes.state {
            // What is in its thread is what it is, however often it was changed before.
            State::Approved => seen_state(asked, handle)?,
            _ => seen(asked, handle)?,
        }
        let mut asked = asked.kept.clone();
        if asked.notes.state != State::Approved {
            self.talk(&mut asked, &mut ThreadCache::default())?;
        }
        let author = match author {
            Some(author) => author.to_owned(),
            None => thread::author(self.root, &asked)?,
        };
        // What is wrong with the answer must be known before anything is approved.
        let fields = [
            (Field::Page, asked.notes.page.as_str()),
            (Field::ReplyTo, asked.id.as_str()),
            (Field::Author, author.as_str()),
            (Field::Comment, comment),
        ];
        let form = Form::new(fields.into_iter().map(|(field, value)| (field, value.into()))).map_err(unfit)?;
        drop(_alone);
        let mut done = Vec::new();
        if asked.notes.state != State::Approved {
            done.push(self.decide(&asked.seen(), Decision::Approve, now)?);
        }
        let _alone = self.alone()?;
        if !ThreadComments::of(self.root, &asked)?.has(&asked.id) {
            return Err(Diagnostic::error("the response is no longer in its thread, so nobody can answer it")
                .at(Location::file(asked.path())));
        }
        let mut notes = asked.notes.clone();
        (notes.state, notes.decided, notes.before) = (State::Approving, Some(now), Some(State::Pending));
        (notes.by_author, notes.received, notes.revision) = (true, now, 0);
        (notes.email, notes.confirmed, notes.writer, notes.skipped) = (None, false, None, false);
        notes.hands = Some(self.hands(now)?);
        notes.guard = Verdict::default();
        let answer = ReplyObject { id, form, notes };
        self.spool.add(&answer).map_err(|error| failed(&error))?;
        let stored = self.spool.get(&answer.id).map_err(trouble)?;
        let mut problems = Vec::new();
        let stored = self.settle(stored, &mut problems)?;
        done.push(DecisionOutcome { changed: vec![stored.kept.path()], kept: stored.kept, problems });
        Ok(done)
    }

    /// Takes a decision back: the last one, or the one about a reply.
    ///
    /// # Errors
    /// There is no such decision, others have answered the response since, or its file is no comment any more.
    pub fn undo(&self, handle: Option<&str>, now: Timestamp) -> Result<DecisionOutcome, Diagnostic> {
        let _alone = self.alone()?;
        let (all, _) = self.all(now)?;
        let stored = match handle {
            Some(handle) => seen_by(&all, handle)?,
            None => all
                .iter()
                .filter(|stored| stored.kept.notes.decided.is_some() && !stored.kept.notes.skipped)
                .max_by_key(|stored| stored.kept.notes.decided)
                .ok_or_else(|| Diagnostic::error("nothing was decided that could be undone"))?,
        };
        self.undo_one(stored, &mut ThreadCache::default(), now)
    }

    /// Takes the decisions about several replies back, each for itself, in their order.
    ///
    /// # Errors
    /// The spool cannot be read.
    pub fn undo_all(
        &self,
        handles: &[&str],
        now: Timestamp,
    ) -> Result<Vec<Result<DecisionOutcome, Diagnostic>>, Diagnostic> {
        let _alone = self.alone()?;
        let (all, _) = self.all(now)?;
        let mut talks = ThreadCache::default();
        Ok(handles.iter().map(|handle| self.undo_one(seen_by(&all, handle)?, &mut talks, now)).collect())
    }

    fn undo_one(
        &self,
        stored: &StoredReply,
        talks: &mut ThreadCache,
        now: Timestamp,
    ) -> Result<DecisionOutcome, Diagnostic> {
        settled(stored)?;
        let mut kept = stored.kept.clone();
        let (Some(_), Some(before)) = (kept.notes.decided, kept.notes.before) else {
            return Err(Diagnostic::error(format!("nothing was decided about {} yet", kept.handle())));
        };
        let is_shown = kept.notes.state == State::Approved;
        let learned = lesson(&kept);
        if is_shown {
            // What its author has written into it since comes along.
            kept = thread::read(self.root, &kept)?;
            let answers = talks.of(self.root, &kept)?.answers_to(&kept.id);
            if let Some((first, rest)) = answers.split_first() {
                let others = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
                return Err(Diagnostic::error(format!("this response was answered, by `{first}`{others}"))
                    .at(Location::file(kept.path()))
                    .help("take the answers back first"));
            }
            (kept.notes.state, kept.notes.hands) = (State::Returning, Some(self.hands(now)?));
        } else {
            (kept.notes.state, kept.notes.decided, kept.notes.before) = (before, None, None);
        }
        let path = kept.path();
        let stored = self.update(stored, kept)?;
        let mut problems = Vec::new();
        let stored = self.settle(stored, &mut problems)?;
        problems.extend(self.teach(&stored.kept.form, learned, lesson(&stored.kept)));
        if is_shown {
            talks.remove(&stored.kept);
        }
        Ok(DecisionOutcome { kept: stored.kept, changed: is_shown.then_some(path).into_iter().collect(), problems })
    }

    /// Removes what is known of a person, by an e-mail address: the address itself, and replies with it that nobody wanted.
    /// Gives back what remains: replies that wait, and comments that are published.
    ///
    /// # Errors
    /// The spool cannot be read or changed.
    pub fn forget(&self, address: &str, now: Timestamp) -> Result<Vec<ReplyObject>, Diagnostic> {
        let _alone = self.alone()?;
        let (all, _) = self.all(now)?;
        let is_theirs =
            |kept: &ReplyObject| kept.notes.email.as_ref().is_some_and(|it| it.eq_ignore_ascii_case(address.trim()));
        self.spool.drop_mail_to(address, |_| true).map_err(|error| failed(&error))?;
        let theirs = all.iter().filter(|stored| is_theirs(&stored.kept));
        let writers: BTreeSet<&String> = theirs.filter_map(|stored| stored.kept.notes.writer.as_ref()).collect();
        let is_theirs =
            |kept: &ReplyObject| is_theirs(kept) || kept.notes.writer.as_ref().is_some_and(|it| writers.contains(it));
        let mut remaining = Vec::new();
        for stored in all.iter().filter(|stored| is_theirs(&stored.kept)) {
            if matches!(stored.kept.notes.state, State::Rejected | State::Spam) {
                self.vanish(stored).map_err(trouble)?;
                continue;
            }
            let mut kept = stored.kept.clone();
            forget_address(&mut kept);
            kept.notes.writer = None;
            remaining.push(self.update(stored, kept)?.kept);
        }
        Ok(remaining)
    }

    /// Waits until nobody else decides.
    fn alone(&self) -> Result<ModerationLock, Diagnostic> {
        self.spool.home().lock(".deciding").map(ModerationLock).map_err(|error| failed(&error))
    }

    /// All replies, none of them half decided, without what was decided long ago.
    fn all(&self, now: Timestamp) -> Result<(Vec<Arc<StoredReply>>, Vec<Diagnostic>), Diagnostic> {
        let (all, mut problems) = self.spool.all().map_err(|error| failed(&error))?;
        let mut settled = Vec::with_capacity(all.len());
        for mut stored in all {
            let notes = &stored.kept.notes;
            let is_old = now.duration_since(notes.decided.unwrap_or(notes.received)) > self.keep;
            let is_decided = matches!(notes.state, State::Approved | State::Rejected | State::Spam);
            // While somebody wants to hear of answers, what they wrote and where they are told of it is still known.
            let is_over = is_old && is_decided && stored.kept.listener().is_none();
            if is_over || notes.state == State::Withdrawn {
                // What cannot be removed now will be another time.
                let _ = self.vanish(&stored);
                continue;
            }
            if self.is_elsewhere(notes, now)? {
                settled.push(stored);
                continue;
            }
            if is_old && is_decided && notes.writer.is_some() {
                // Who wrote it counts no more, and another time will do as well.
                let mut kept = stored.kept.clone();
                kept.notes.writer = None;
                stored = self.spool.update(&stored, kept).map_or(stored, Arc::new);
            }
            if !is_half_done(&stored.kept.notes) {
                settled.push(stored);
                continue;
            }
            match self.settle(Arc::unwrap_or_clone(stored), &mut problems) {
                Ok(stored) => settled.push(stored.into()),
                Err(problem) => problems.push(problem),
            }
        }
        Ok((settled, problems))
    }

    fn update(&self, stored: &StoredReply, kept: ReplyObject) -> Result<StoredReply, Diagnostic> {
        self.spool.update(stored, kept).map_err(trouble)
    }
}

/// Removes the address of a reply's writer.
fn forget_address(kept: &mut ReplyObject) {
    (kept.notes.email, kept.notes.confirmed) = (None, false);
    kept.form = kept.form.clone().without_email();
}

/// A reply with other words.
fn edited(kept: &ReplyObject, edit: &Edit) -> Result<ReplyObject, Refusal> {
    let old = &kept.form;
    let fields = [
        (Field::Page, Some(old.page())),
        (Field::ReplyTo, old.reply_to()),
        (Field::Author, edit.author.as_deref().or(old.author())),
        (Field::Url, edit.url.as_deref().or(old.url())),
        (Field::Email, kept.notes.email.as_deref()),
        (Field::Notify, kept.notes.email.as_ref().map(|_| "1")),
        (Field::Comment, edit.comment.as_deref().or(Some(old.comment()))),
    ];
    let form = Form::new(fields.into_iter().map(|(field, value)| (field, value.unwrap_or_default().into())))?;
    let mut kept = kept.clone();
    if form != kept.form {
        kept.notes.revision = kept.notes.revision.saturating_add(1);
        kept.form = form;
    }
    Ok(kept)
}

/// The reply that is meant by an id, or by the end of one.
fn find<'r>(all: &'r [Arc<StoredReply>], handle: &str) -> Result<&'r StoredReply, Diagnostic> {
    let (id, ..) = parts(handle);
    // They are in the order of their ids.
    if let Ok(exact) = all.binary_search_by(|stored| stored.kept.id.as_str().cmp(id)) {
        return Ok(&all[exact]);
    }
    let mut found = all.iter().filter(|stored| !id.is_empty() && stored.kept.id.ends_with(id));
    match (found.next(), found.next()) {
        (Some(only), None) => Ok(only),
        (Some(_), Some(_)) => {
            Err(Diagnostic::error(format!("more than one reply ends with `{id}`")).help("write more of its id"))
        }
        (None, _) => Err(nothing(handle)),
    }
}

/// The reply that is meant, if nobody has decided about it since it was seen.
fn seen_by<'r>(all: &'r [Arc<StoredReply>], handle: &str) -> Result<&'r StoredReply, Diagnostic> {
    let stored = find(all, handle)?;
    settled(stored)?;
    seen_state(stored, handle).map(|()| stored)
}

fn nothing(handle: &str) -> Diagnostic {
    Diagnostic::error(format!("there is no reply `{}`", handle.escape_debug()))
        .help("see which there are with: causerie comments list")
}

/// What a handle says: an id, a revision and, where it is what somebody has seen, a state.
fn parts(handle: &str) -> (&str, u32, Option<State>) {
    let state = handle.rsplit_once('.').and_then(|(rest, state)| Some((rest, State::named(state)?)));
    let (rest, state) = state.map_or((handle, None), |(rest, state)| (rest, Some(state)));
    let parts = rest.rsplit_once('.').and_then(|(id, revision)| Some((id, revision.parse().ok()?)));
    let (id, revision) = parts.unwrap_or((rest, 0));
    (id, revision, state)
}

/// Makes sure that a decision is about what was seen: its writer can change the text for a while, and somebody else may have
/// decided.
fn seen(stored: &StoredReply, handle: &str) -> Result<(), Diagnostic> {
    seen_state(stored, handle)?;
    if parts(handle).1 == stored.kept.notes.revision {
        return Ok(());
    }
    let now = stored.kept.handle();
    Err(Diagnostic::error("this reply is not what it was when you looked at it")
        .help(format!("look again: causerie comments show {now}; as it is now it is called {now}")))
}

/// Makes sure that nobody has decided since a reply was seen. Who names no state means whatever it is.
fn seen_state(stored: &StoredReply, handle: &str) -> Result<(), Diagnostic> {
    let notes = &stored.kept.notes;
    if parts(handle).2.is_none_or(|state| state == notes.state) {
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

fn unfit(refusal: Refusal) -> Diagnostic {
    Diagnostic::error(refusal.to_string().trim_end_matches('.').to_owned())
}

fn failed(error: &io::Error) -> Diagnostic {
    Diagnostic::error(format!("the inbox cannot be used: {error}"))
}

fn trouble(trouble: SpoolError) -> Diagnostic {
    match trouble {
        SpoolError::Gone => Diagnostic::error("the reply is gone: its writer has taken it back"),
        SpoolError::Changed => {
            Diagnostic::error("the reply has just been changed by somebody else").help("look at it again")
        }
        SpoolError::Unreadable(problem) => problem,
        SpoolError::Failed(error) => failed(&error),
    }
}
