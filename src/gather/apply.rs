//! What becomes of the replies of a discussion: new ones wait or are published, changed ones change, deleted ones go.

use std::fs;
use std::io;

use jiff::Timestamp;
use rustc_hash::{FxHashMap, FxHashSet};

use super::reply::{Replies, Reply};
use super::report::GatherReport;
use crate::config::{Approve, Config, is_web_address};
use crate::content::{Date, Discussion, Reaction};
use crate::diagnostic::{Diagnostic, Location, SourceText};
use crate::import::files::Files;
use crate::import::html;
use crate::import::ledger::{Ledger, LedgerEntry, hash};
use crate::import::public_name;
use crate::import::reactions;
use crate::replies::guard::{Disposition, Guard, Model, ReplyText, Verdict};
use crate::replies::spool::{ModerationNotes, Origin, SpoolError};
use crate::replies::{Field, Form, PageLocation, ReplyObject, Spool, State, ThreadComments, durable, new_id};
use crate::source::{DiskWorld, Fingerprint};

/// What a run knows, and what it changes.
pub struct Applier<'a> {
    /// The settings of the site.
    pub config: &'a Config,
    /// Where replies wait.
    pub spool: &'a Spool,
    /// What the guard has learned.
    pub model: &'a Model,
    /// The files of the site.
    pub files: Files<'a>,
    /// What earlier runs brought.
    pub ledger: Ledger,
    /// What this run does.
    pub report: GatherReport,
    /// The ids of new replies that are published at once.
    pub approved: Vec<String>,
    /// The accounts of whom the site shows a reply already.
    pub known_writers: FxHashSet<String>,
}

/// A reply with what is needed to write it.
pub struct Prepared<'r> {
    reply: &'r Reply,
    /// Its key in the ledger.
    ledger_key: String,
    id: String,
    object: ReplyObject,
}

impl Prepared<'_> {
    /// The id of the reply.
    pub fn id(&self) -> &str {
        &self.id
    }
}

/// Where a reply that was brought before is now.
pub enum Whereabouts {
    /// It waits, or the guard holds it as spam.
    Waiting,
    /// It is a file of its thread.
    Published,
    /// A moderator does not want it, or has deleted its file.
    Refused,
}

impl Applier<'_> {
    /// Takes in what a network has of a discussion. Whether a reply waits for a decision now.
    pub fn apply(&mut self, page: &PageLocation, discussion: &Discussion, found: &Replies) -> io::Result<bool> {
        let prefix = ledger_prefix(discussion);
        let mut replies: Vec<(Timestamp, &Reply)> = Vec::new();
        for reply in &found.list {
            match reply.comment.date.as_deref().and_then(Date::parse) {
                Some(date) => replies.push((date.timestamp, reply)),
                None => self.report.left_out("they have no date that can be read", &reply.comment.url),
            }
        }
        replies.sort_by(|a, b| (a.0, &a.1.comment.key).cmp(&(b.0, &b.1.comment.key)));
        self.report.opted_out += found.opted_out;
        let answered = self.answered_by_author(&replies);
        // The ids of the replies so far: a parent comes before its answers, so that nothing can go round in a circle.
        let mut ids: FxHashMap<&str, String> = FxHashMap::default();
        let mut present: FxHashSet<String> = FxHashSet::default();
        let mut waits = false;
        for (date, reply) in replies {
            let ledger_key = format!("{prefix}{}", reply.comment.key);
            if !present.insert(ledger_key.clone()) {
                self.report.left_out("the network has them twice", &reply.comment.url);
                continue;
            }
            let parent = reply.comment.parent.as_deref().and_then(|parent| ids.get(parent)).cloned();
            let id = match self.prepare(page, reply, date, ledger_key, parent.as_deref()) {
                Ok(prepared) => {
                    waits |= self.take(&prepared, &answered)?;
                    prepared.id
                }
                Err(reason) => {
                    self.report.left_out(&reason, &reply.comment.url);
                    continue;
                }
            };
            ids.insert(&reply.comment.key, id);
        }
        if !found.is_partial {
            self.remove_missing(&page.document, &prefix, &present)?;
        }
        let reaction = Reaction {
            network: Some(discussion.network),
            url: Some(discussion.url.as_str().into()),
            likes: found.likes,
            reposts: found.reposts,
        };
        self.write_reactions(page, reaction)?;
        Ok(waits)
    }

    /// The keys of the replies that the author has answered on the network.
    fn answered_by_author<'r>(&self, replies: &[(Timestamp, &'r Reply)]) -> FxHashSet<&'r str> {
        let own = replies.iter().filter(|(_, reply)| self.is_own(reply));
        own.filter_map(|(_, reply)| reply.comment.parent.as_deref()).collect()
    }

    /// Whether the site's author wrote a reply.
    fn is_own(&self, reply: &Reply) -> bool {
        let own = &self.config.gather.me;
        reply.accounts.iter().any(|account| own.iter().any(|own| is_same_address(own, account)))
    }

    /// Makes a reply of what another site has. Its id stays the one that it had before.
    ///
    /// # Errors
    /// It cannot be a comment, and why.
    pub fn prepare<'r>(
        &self,
        page: &PageLocation,
        reply: &'r Reply,
        date: Timestamp,
        ledger_key: String,
        parent: Option<&str>,
    ) -> Result<Prepared<'r>, String> {
        let known = self.ledger.0.get(&ledger_key).map(|entry| entry.ids.clone()).filter(|id| !id.is_empty());
        let id = known.unwrap_or_else(|| new_id(date, Fingerprint::of(ledger_key.as_bytes()).0 as u32));
        let comment = &reply.comment;
        let author: String = public_name(&comment.author).chars().take(Field::Author.limit()).collect();
        let url =
            Some(comment.url.as_str()).filter(|url| is_web_address(url) && url.chars().count() <= Field::Url.limit());
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
        let is_own = self.is_own(reply);
        let verdict = if is_own {
            Verdict::default()
        } else {
            Guard::new(&self.config.comments.guard, self.model).judge_again(&Verdict::default(), &text, 0)
        };
        let origin = Origin { kind: comment.kind, warning: reply.warning.as_deref().map(one_line) };
        let notes = ModerationNotes {
            state: if verdict.decision == Disposition::Spam { State::Spam } else { State::Pending },
            page: page.page.clone(),
            document: page.document.clone(),
            folder: page.folder.clone(),
            by_author: is_own,
            origin: Some(origin),
            guard: verdict,
            ..ModerationNotes::at(date)
        };
        let object = ReplyObject { id: id.clone(), form, notes };
        Ok(Prepared { reply, ledger_key, id, object })
    }

    /// Takes in one reply. Whether it waits now.
    pub fn take(&mut self, prepared: &Prepared<'_>, answered: &FxHashSet<&str>) -> io::Result<bool> {
        let text = prepared.object.to_comment_file();
        let new_hash = text_hash(&text);
        let Some(known) = self.ledger.0.get(&prepared.ledger_key).cloned() else {
            return self.add(prepared, new_hash, answered);
        };
        let at = self.whereabouts(&prepared.id, &known)?;
        match at {
            Whereabouts::Refused => {}
            Whereabouts::Waiting => {
                if known.hash != new_hash {
                    self.change_waiting(prepared)?;
                }
            }
            Whereabouts::Published => self.change_published(prepared, &known, text)?,
        }
        if known.hash != new_hash && !self.files.dry_run {
            self.ledger.0.insert(prepared.ledger_key.clone(), LedgerEntry { hash: new_hash, ..known });
        }
        Ok(matches!(at, Whereabouts::Waiting))
    }

    fn add(&mut self, prepared: &Prepared<'_>, new_hash: String, answered: &FxHashSet<&str>) -> io::Result<bool> {
        let Prepared { reply, ledger_key, id, object } = prepared;
        let is_trusted = match self.config.gather.approve {
            _ if object.notes.by_author => true,
            Approve::Nobody => false,
            Approve::Known => {
                let is_known = reply.accounts.iter().any(|account| self.known_writers.contains(account));
                is_known || answered.contains(reply.comment.key.as_str())
            }
            Approve::Everybody => true,
        };
        let is_approved = is_trusted && object.notes.guard.decision == Disposition::Queue;
        if object.notes.state == State::Spam {
            self.report.spam += 1;
        } else if !is_approved {
            self.report.waiting += 1;
        }
        self.report.plan(is_approved, &object.notes.document, &reply.comment.url);
        if self.files.dry_run {
            self.report.published += usize::from(is_approved);
            return Ok(false);
        }
        match self.spool.add(object) {
            // A run that was stopped had come so far.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            added => added?,
        }
        if is_approved {
            self.approved.push(id.clone());
        }
        let entry = LedgerEntry { path: object.path(), hash: new_hash, ids: id.clone() };
        self.ledger.0.insert(ledger_key.clone(), entry);
        Ok(!is_approved)
    }

    /// Where a reply of the ledger is now.
    pub fn whereabouts(&self, id: &str, known: &LedgerEntry) -> io::Result<Whereabouts> {
        if self.files.root.join(&known.path).exists() {
            return Ok(Whereabouts::Published);
        }
        match self.spool.get(id) {
            Ok(stored) => Ok(match (stored.reply.notes.state, stored.reply.notes.decided) {
                (State::Pending | State::Spam, None) => Whereabouts::Waiting,
                _ => Whereabouts::Refused,
            }),
            Err(SpoolError::Failed(error)) => Err(error),
            Err(_) => Ok(Whereabouts::Refused),
        }
    }

    fn change_waiting(&mut self, prepared: &Prepared<'_>) -> io::Result<()> {
        let Ok(stored) = self.spool.get(&prepared.id) else { return Ok(()) };
        self.report.changed += 1;
        if self.files.dry_run {
            return Ok(());
        }
        let mut reply = prepared.object.clone();
        reply.notes.revision = stored.reply.notes.revision.saturating_add(1);
        match self.spool.update(&stored, reply) {
            Err(SpoolError::Failed(error)) => Err(error),
            // Somebody decides at this moment. The next run sees it.
            _ => Ok(()),
        }
    }

    /// Brings a published reply up to date, unless its file was edited here. Its parent may have been published since.
    fn change_published(&mut self, prepared: &Prepared<'_>, known: &LedgerEntry, text: String) -> io::Result<()> {
        let present = fs::read_to_string(self.files.root.join(&known.path))?;
        let parent = prepared.object.form.reply_to();
        let is_parent_shown = parent.is_none_or(|parent| self.is_shown(&known.path, parent));
        let text = if is_parent_shown { text } else { without_parent(&text) };
        if present == text {
            return Ok(());
        }
        if text_hash(&present) != known.hash {
            if text_hash(&text) != known.hash {
                self.report.edited.push(known.path.clone());
            }
            return Ok(());
        }
        self.report.changed += 1;
        self.put(&known.path, &text)
    }

    fn is_shown(&self, path: &str, id: &str) -> bool {
        path.rsplit_once('/').is_some_and(|(folder, _)| self.files.root.join(folder).join(format!("{id}.md")).exists())
    }

    /// Removes what begins with a prefix in the ledger, and is not there any more.
    pub fn remove_missing(&mut self, document: &str, prefix: &str, present: &FxHashSet<String>) -> io::Result<()> {
        let after: Vec<(String, LedgerEntry)> = self
            .ledger
            .0
            .range(prefix.to_owned()..)
            .take_while(|(key, _)| key.starts_with(prefix))
            .filter(|(key, _)| !present.contains(*key))
            .map(|(key, entry)| (key.clone(), entry.clone()))
            .collect();
        let mut published: Vec<(String, LedgerEntry, String)> = Vec::new();
        for (key, entry) in after {
            match self.whereabouts(&entry.ids, &entry)? {
                // The decision about it stays remembered.
                Whereabouts::Refused => {}
                Whereabouts::Waiting => {
                    self.report.removed += 1;
                    if !self.files.dry_run {
                        self.spool.remove(&entry.ids)?;
                        self.ledger.0.remove(&key);
                    }
                }
                Whereabouts::Published => {
                    let text = fs::read_to_string(self.files.root.join(&entry.path))?;
                    if text_hash(&text) == entry.hash {
                        self.report.removed += 1;
                        published.push((key, entry, text));
                    } else {
                        self.report.edited.push(entry.path);
                    }
                }
            }
        }
        if published.is_empty() || self.files.dry_run {
            return Ok(());
        }
        // The thread is read once, however many of its comments go.
        let world = DiskWorld::new(self.files.root);
        let thread = ThreadComments::read(&world, &self.config.ignored_content, document);
        let going: FxHashSet<&str> = published.iter().map(|(_, entry, _)| entry.ids.as_str()).collect();
        for (key, entry, text) in &published {
            let answers = thread.as_ref().map_or(&[][..], |thread| thread.answers_to(&entry.ids));
            let is_answered = answers.iter().any(|answer| !going.contains(answer.as_str()));
            self.remove_published(&entry.path, text, is_answered)?;
            self.ledger.0.remove(key);
        }
        Ok(())
    }

    /// Removes the file of a reply. If somebody has answered it, its place stays, without its writer and text.
    fn remove_published(&mut self, path: &str, text: &str, is_answered: bool) -> io::Result<()> {
        let Some((folder, name)) = path.rsplit_once('/') else { return Ok(()) };
        match parts(text).filter(|_| is_answered) {
            None => {
                self.report.written.push(path.to_owned());
                durable::remove(self.files.root, folder, name)
            }
            Some((front, _)) => {
                let front = without_keys(front, &["author", "url", "warning"]);
                self.put(path, &format!("+++\n{front}\n+++\n*Deleted by its writer.*\n"))
            }
        }
    }

    /// Writes the counts of one place into the page's file of reactions.
    pub fn write_reactions(&mut self, page: &PageLocation, reaction: Reaction) -> io::Result<()> {
        match reactions::put(&self.files, &page.document, reaction)? {
            Ok(None) => {}
            Ok(Some(path)) => {
                self.report.reactions += 1;
                self.report.written.push(path);
            }
            Err(problem) => self.report.problems.push(problem),
        }
        Ok(())
    }

    /// Writes a file of the site, and notes that it changed.
    fn put(&mut self, path: &str, text: &str) -> io::Result<()> {
        self.report.written.push(path.to_owned());
        if self.files.dry_run { Ok(()) } else { self.files.put(path, text.as_bytes()) }
    }

    /// Adds a problem with a discussion, at its place in the front matter.
    pub fn problem(&mut self, document: &str, discussion: &Discussion, message: String, help: &str) {
        let text = fs::read_to_string(self.files.root.join(document)).unwrap_or_default();
        let source = SourceText { path: document.into(), text: text.as_str().into() };
        let location = match text.find(&discussion.url) {
            Some(at) => Location::span(&source, at..at + discussion.url.len()),
            None => Location::file(document),
        };
        self.report.problems.push(Diagnostic::warning(message).at(location).help(help));
    }
}

/// What begins the keys of a discussion's replies in the ledger.
fn ledger_prefix(discussion: &Discussion) -> String {
    let address = discussion.address();
    let name = address
        .map_or_else(|| discussion.url.clone(), |address| format!("{}/{}", address.host, address.parts.join("/")));
    format!("{}:{name}#", discussion.network.key())
}

/// The hash of a comment file without the line that names its parent: that line changes when the parent is published.
fn text_hash(text: &str) -> String {
    hash(without_parent(text).as_bytes())
}

/// A comment file as an answer to the page itself.
fn without_parent(text: &str) -> String {
    match parts(text) {
        Some((front, body)) => format!("+++\n{}\n+++\n{body}", without_keys(front, &["reply_to"])),
        None => text.to_owned(),
    }
}

/// The front matter and the body of a file with one comment, as this program writes it.
fn parts(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix("+++\n")?.split_once("\n+++\n")
}

/// The lines of a front matter without some keys.
fn without_keys(front: &str, keys: &[&str]) -> String {
    let is_kept = |line: &&str| !line.split_once(" = ").is_some_and(|(key, _)| keys.contains(&key));
    front.lines().filter(is_kept).collect::<Vec<_>>().join("\n")
}

/// Whether two addresses lead to the same account, as people write them.
fn is_same_address(a: &str, b: &str) -> bool {
    let plain = |url: &str| url.trim().trim_end_matches('/').to_lowercase();
    !b.is_empty() && plain(a) == plain(b)
}

/// A warning in one line of at most 200 characters.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(200).collect()
}
