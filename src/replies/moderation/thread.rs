//! The parts of the site that moderation reads: one thread, and the author of its post. It does not read the whole site.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use super::super::spool::ReplyObject;
use crate::config::Config;
use crate::content::{self, CommentDocument, Document, Languages, ThreadOwner, parse_thread};
use crate::diagnostic::{Diagnostic, Location};
use crate::replies::spool::form_of;
use crate::source::{DiskWorld, World, read_text};

/// The comments of a thread.
pub struct ThreadComments {
    /// The ids of its comments. One without an id is called by its place.
    ids: BTreeSet<String>,
    /// For each comment that was answered, by its id, the ids of the answers.
    answers: BTreeMap<String, Vec<String>>,
}

/// The threads of decisions that are made together. Each thread is read once, even for thousands of replies.
#[derive(Default)]
pub struct ThreadCache(BTreeMap<String, ThreadComments>);

impl ThreadCache {
    /// As [`ThreadComments::of`].
    ///
    /// # Errors
    /// The page is gone.
    pub fn of(&mut self, root: &Path, reply: &ReplyObject) -> Result<&ThreadComments, Diagnostic> {
        check_folder(reply)?;
        let document = &reply.notes.document;
        if !self.0.contains_key(document) {
            self.0.insert(document.clone(), ThreadComments::of(root, reply)?);
        }
        self.0.get(document).ok_or_else(|| gone(reply))
    }

    /// Records that a reply was put into its thread.
    pub fn add(&mut self, reply: &ReplyObject) {
        if let Some(thread_comments) = self.0.get_mut(&reply.notes.document) {
            thread_comments.add(reply);
        }
    }

    /// Records that a reply was taken out of its thread.
    pub fn remove(&mut self, reply: &ReplyObject) {
        if let Some(thread_comments) = self.0.get_mut(&reply.notes.document) {
            thread_comments.remove(reply);
        }
    }
}

fn gone(reply: &ReplyObject) -> Diagnostic {
    Diagnostic::error(format!("the page {} that this reply answers is gone", reply.notes.page))
        .at(Location::file(reply.notes.document.as_str()))
        .help("reject the reply, or bring the page back")
}

impl ThreadComments {
    /// The thread that a reply belongs to.
    ///
    /// # Errors
    /// Its page is gone.
    pub fn of(root: &Path, reply: &ReplyObject) -> Result<Self, Diagnostic> {
        check_folder(reply)?;
        let (world, document) = (DiskWorld::new(root), &reply.notes.document);
        // A section's page, and the first page of a site, need no file of their own.
        let may_lack_file = document.rsplit('/').next().is_some_and(|name| name.starts_with("_index."));
        if !world.is_file(document) && !may_lack_file {
            return Err(gone(reply));
        }
        let mut paths = BTreeSet::new();
        for name in names(document) {
            paths.insert(format!("{name}.md"));
            paths.extend(world.walk(&name).files.into_iter().map(|entry| entry.path));
        }
        let is_ours = |path: &str| {
            let owner = content::owner(path, |path| world.is_file(path));
            matches!(owner, Some(ThreadOwner::Thread(owner)) if owner == *document)
        };
        let mut comments: Vec<Arc<CommentDocument>> = Vec::new();
        for path in paths.iter().filter(|path| is_ours(path)) {
            // A build reports the problems of the thread's files.
            if let Ok(source) = read_text(&world, path) {
                comments.extend(parse_thread(&source).0.comments);
            }
        }
        // One without an id is called by its place.
        let id = |(place, comment): (usize, &Arc<CommentDocument>)| {
            comment.id.clone().unwrap_or_else(|| (place + 1).to_string())
        };
        let mut answers: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for comment in &comments {
            if let Some((to, _)) = &comment.reply_to {
                answers.entry(to.clone()).or_default().push(comment.id.clone().unwrap_or_default());
            }
        }
        Ok(Self { ids: comments.iter().enumerate().map(id).collect(), answers })
    }

    /// Whether a comment has this id. A comment without an id is named by its position.
    pub fn has(&self, id: &str) -> bool {
        self.ids.contains(id)
    }

    /// Adds an approved reply.
    fn add(&mut self, reply: &ReplyObject) {
        self.ids.insert(reply.id.clone());
        if let Some(to) = reply.form.reply_to() {
            self.answers.entry(to.to_owned()).or_default().push(reply.id.clone());
        }
    }

    /// Removes a reply that was taken back.
    fn remove(&mut self, reply: &ReplyObject) {
        self.ids.remove(&reply.id);
        if let Some(answers) = reply.form.reply_to().and_then(|to| self.answers.get_mut(to)) {
            answers.retain(|answer| *answer != reply.id);
        }
    }

    /// The ids of the comments that answer one.
    pub fn answers_to(&self, id: &str) -> &[String] {
        self.answers.get(id).map_or(&[], Vec::as_slice)
    }
}

/// The names that the comments of a document can have: a folder, or a file with `.md`.
fn names(document: &str) -> Vec<String> {
    let stem = document.strip_suffix(".md").unwrap_or(document);
    let mut names = vec![format!("{stem}.comments")];
    if let Some((folder, name)) = stem.rsplit_once('/')
        && let Some(language) = name.strip_prefix("index").filter(|rest| rest.is_empty() || rest.starts_with('.'))
    {
        names.push(format!("{folder}/comments{language}"));
    }
    names
}

/// Makes sure that a reply's folder is one that holds comments on its page. It is read from the spool, which others may be
/// able to write to.
pub fn check_folder(reply: &ReplyObject) -> Result<(), Diagnostic> {
    let notes = &reply.notes;
    let is_plain = notes.document.starts_with("content/")
        && notes.document.ends_with(".md")
        && notes.document.split('/').all(|part| !matches!(part, "" | "." | ".."))
        && !notes.document.contains(['\\', '\0']);
    if is_plain && names(&notes.document).contains(&notes.folder) {
        return Ok(());
    }
    Err(Diagnostic::error("this reply says of itself that it belongs where no comments are")
        .at(Location::file(notes.folder.as_str()))
        .help("reject it"))
}

/// Reads a published reply from its comment file.
pub fn read(root: &Path, reply: &ReplyObject) -> Result<ReplyObject, Diagnostic> {
    check_folder(reply)?;
    let path = reply.path();
    let at = || Location::file(path.as_str());
    let world = DiskWorld::new(root);
    if !world.is_file(&path) {
        return Err(Diagnostic::error("the file of this response is gone")
            .at(at())
            .help("there is nothing to take back"));
    }
    let source = read_text(&world, &path)?;
    let (file, problems) = parse_thread(&source);
    if let Some(problem) = problems.into_iter().next() {
        return Err(problem);
    }
    let Ok([comment]) = <[_; 1]>::try_from(file.comments) else {
        return Err(Diagnostic::error("this file holds more than the one response")
            .at(at())
            .help("move the others into a file of their own"));
    };
    let form = form_of(&comment, &reply.notes)
        .map_err(|refusal| Diagnostic::error(refusal.to_string().trim_end_matches('.').to_owned()).at(at()))?;
    let mut reply = ReplyObject { form, ..reply.clone() };
    reply.notes.by_author = comment.by_author.unwrap_or(reply.notes.by_author);
    Ok(reply)
}

/// The name of the author of the page that a reply answers.
///
/// # Errors
/// The site does not say.
pub fn author(root: &Path, reply: &ReplyObject) -> Result<String, Diagnostic> {
    let world = DiskWorld::new(root);
    let unknown = || {
        Diagnostic::error("nobody knows who answers: neither the page nor site.toml names an author")
            .help("say it with --author NAME, or write `author = \"…\"` in site.toml")
    };
    let config = Config::load(&world).0.ok_or_else(unknown)?;
    let others: Vec<String> = config.other_languages().iter().map(|language| language.code.clone()).collect();
    let languages = Languages { default: &config.default_language().code, others: &others };
    let page = read_text(&world, &reply.notes.document).ok().and_then(|source| content::parse(source, &languages).0);
    let own = match page {
        Some(Document::Page(page)) => page.meta.authors.first().cloned(),
        _ => None,
    };
    own.or(config.author).ok_or_else(unknown)
}
