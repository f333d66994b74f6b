//! The parts of the site that moderation reads: one thread, and the author of its post. It does not read the whole site.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use globset::GlobSet;

use super::super::spool::ReplyObject;
use crate::config::Config;
use crate::content::{
    self, CommentDocument, Document, Languages, ThreadOwner, parse_thread, parser_options, thread_names,
};
use crate::diagnostic::{Diagnostic, Location};
use crate::load::is_content_file;
use crate::nfc::{forms, nfc};
use crate::replies::spool::form_of;
use crate::source::{DiskWorld, WalkEntry, World, read_text};

/// The comments of a thread.
pub struct ThreadComments {
    /// The ids of its comments. One without an id is called by its place.
    ids: BTreeSet<String>,
    /// For each comment that was answered, by its id, the ids of the answers.
    answers: BTreeMap<String, Vec<String>>,
}

/// The threads of decisions that are made together. Each thread is read once, even for thousands of replies.
#[derive(Default)]
pub struct ThreadCache {
    /// The site's `ignored_content`, once it was read.
    ignored: Option<GlobSet>,
    /// The threads by the paths of their documents.
    threads: BTreeMap<String, ThreadComments>,
}

impl ThreadCache {
    /// The thread that a reply belongs to.
    ///
    /// # Errors
    /// The page is gone.
    pub fn of(&mut self, root: &Path, reply: &ReplyObject) -> Result<&ThreadComments, Diagnostic> {
        check_folder(reply)?;
        let document = &reply.notes.document;
        if !self.threads.contains_key(document) {
            let world = DiskWorld::new(root);
            let ignored = self.ignored.get_or_insert_with(|| ignored_content(&world));
            let thread = ThreadComments::read(&world, ignored, document).ok_or_else(|| gone(reply))?;
            self.threads.insert(document.clone(), thread);
        }
        self.threads.get(document).ok_or_else(|| gone(reply))
    }

    /// Records that a reply was put into its thread.
    pub fn add(&mut self, reply: &ReplyObject) {
        if let Some(thread_comments) = self.threads.get_mut(&reply.notes.document) {
            thread_comments.add(reply);
        }
    }

    /// Records that a reply was taken out of its thread.
    pub fn remove(&mut self, reply: &ReplyObject) {
        if let Some(thread_comments) = self.threads.get_mut(&reply.notes.document) {
            thread_comments.remove(reply);
        }
    }
}

fn gone(reply: &ReplyObject) -> Diagnostic {
    Diagnostic::error(format!("the page {} that this reply answers is gone", reply.notes.page))
        .at(Location::file(reply.notes.document.as_str()))
        .help("reject the reply, or bring the page back")
}

/// The patterns of the site's `ignored_content`. A site whose configuration cannot be read ignores nothing.
fn ignored_content(world: &DiskWorld) -> GlobSet {
    Config::load(world).0.map_or_else(GlobSet::empty, |config| config.ignored_content)
}

/// The file of a document. Its name may have another Unicode form on this disk than on the one where the reply came in.
fn find_document(world: &DiskWorld, document: &str) -> Option<String> {
    forms(document).into_iter().find(|path| world.is_file(path))
}

impl ThreadComments {
    /// Reads the comments of a document as a build does. None if the document is gone.
    pub fn read(world: &DiskWorld, ignored: &GlobSet, document: &str) -> Option<Self> {
        // A section's page, and the first page of a site, need no file of their own.
        let may_lack_file = document.rsplit('/').next().is_some_and(|name| name.starts_with("_index."));
        let is_there = find_document(world, document).is_some_and(|path| is_content_file(&path, ignored));
        if !is_there && !may_lack_file {
            return None;
        }
        let mut comments: Vec<Arc<CommentDocument>> = Vec::new();
        for path in thread_files(world, ignored, document) {
            // A build reports the problems of the thread's files.
            if let Ok(source) = read_text(world, &path) {
                comments.extend(parse_thread(&source).0.comments);
            }
        }
        let mut thread = Self { ids: BTreeSet::new(), answers: BTreeMap::new() };
        for (index, comment) in comments.iter().enumerate() {
            let id = comment.id_at(index).into_owned();
            if let Some((to, _)) = &comment.reply_to {
                thread.answers.entry(to.clone()).or_default().push(id.clone());
            }
            thread.ids.insert(id);
        }
        Some(thread)
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

/// The files of a document's thread, in the order of their paths, as [`crate::load::Sources`] finds them.
fn thread_files(world: &DiskWorld, ignored: &GlobSet, document: &str) -> BTreeSet<String> {
    let mut entries: Vec<WalkEntry> = Vec::new();
    for name in thread_names(document).iter().flat_map(|name| forms(name)) {
        let path = format!("{name}.md");
        entries.extend(world.stamp(&path).map(|stamp| WalkEntry { path, stamp }));
        entries.extend(world.walk(&name).files);
    }
    // Some file systems find one file by each form of its name.
    let mut known = BTreeSet::new();
    entries.retain(|entry| known.insert((nfc(&entry.path).into_owned(), entry.stamp)));
    let exists = |path: &str| world.is_file(path) && is_content_file(path, ignored);
    let is_in_thread = |path: &str| {
        let owner = content::owner(path, exists);
        matches!(owner, Some(ThreadOwner::Thread(owner)) if nfc(&owner) == nfc(document))
    };
    let paths = entries.into_iter().map(|entry| entry.path);
    paths.filter(|path| is_content_file(path, ignored) && is_in_thread(path)).collect()
}

/// Makes sure that a reply's folder is one that holds comments on its page. It is read from the spool, which others may be
/// able to write to.
pub fn check_folder(reply: &ReplyObject) -> Result<(), Diagnostic> {
    let notes = &reply.notes;
    let is_plain = notes.document.starts_with("content/")
        && notes.document.ends_with(".md")
        && notes.document.split('/').all(|part| !matches!(part, "" | "." | ".."))
        && !notes.document.contains(['\\', '\0']);
    if is_plain && thread_names(&notes.document).contains(&notes.folder) {
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
    let document = find_document(&world, &reply.notes.document);
    let options = parser_options(&config.markdown);
    let page = document
        .and_then(|path| read_text(&world, &path).ok())
        .and_then(|source| content::parse(source, &languages, options).0);
    let own = match page {
        Some(Document::Page(page)) => page.meta.authors.first().cloned(),
        _ => None,
    };
    own.or(config.author).ok_or_else(unknown)
}
