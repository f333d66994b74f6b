//! What moderation looks at in the site: one thread, and who wrote its post. The site as a whole need not be read for that.

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

/// The talks that decisions which are made together are about. Each is read once: there may be thousands of replies to one.
#[derive(Default)]
pub struct ThreadCache(BTreeMap<String, ThreadComments>);

impl ThreadCache {
    /// As [`ThreadComments::of`].
    ///
    /// # Errors
    /// The page is gone.
    pub fn of(&mut self, root: &Path, kept: &ReplyObject) -> Result<&ThreadComments, Diagnostic> {
        check_folder(kept)?;
        let document = &kept.notes.document;
        if !self.0.contains_key(document) {
            self.0.insert(document.clone(), ThreadComments::of(root, kept)?);
        }
        self.0.get(document).ok_or_else(|| gone(kept))
    }

    /// A reply is in its thread now.
    pub fn add(&mut self, kept: &ReplyObject) {
        if let Some(talk) = self.0.get_mut(&kept.notes.document) {
            talk.add(kept);
        }
    }

    /// A reply is not in its thread any more.
    pub fn remove(&mut self, kept: &ReplyObject) {
        if let Some(talk) = self.0.get_mut(&kept.notes.document) {
            talk.remove(kept);
        }
    }
}

fn gone(kept: &ReplyObject) -> Diagnostic {
    Diagnostic::error(format!("the page {} that this reply answers is gone", kept.notes.page))
        .at(Location::file(kept.notes.document.as_str()))
        .help("reject the reply, or bring the page back")
}

impl ThreadComments {
    /// The thread that a reply belongs to.
    ///
    /// # Errors
    /// Its page is gone.
    pub fn of(root: &Path, kept: &ReplyObject) -> Result<Self, Diagnostic> {
        check_folder(kept)?;
        let (world, document) = (DiskWorld::new(root), &kept.notes.document);
        // A section's page, and the first page of a site, need no file of their own.
        let may_lack_file = document.rsplit('/').next().is_some_and(|name| name.starts_with("_index."));
        if !world.is_file(document) && !may_lack_file {
            return Err(gone(kept));
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
            // What is wrong with a file of the thread is for a build to say.
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

    /// Whether a comment has this id, which is its place where it has none of its own.
    pub fn has(&self, id: &str) -> bool {
        self.ids.contains(id)
    }

    /// A reply of it was approved.
    fn add(&mut self, kept: &ReplyObject) {
        self.ids.insert(kept.id.clone());
        if let Some(to) = kept.form.reply_to() {
            self.answers.entry(to.to_owned()).or_default().push(kept.id.clone());
        }
    }

    /// A reply of it was taken back.
    fn remove(&mut self, kept: &ReplyObject) {
        self.ids.remove(&kept.id);
        if let Some(answers) = kept.form.reply_to().and_then(|to| self.answers.get_mut(to)) {
            answers.retain(|answer| *answer != kept.id);
        }
    }

    /// The ids of the comments that answer one.
    pub fn answers_to(&self, id: &str) -> &[String] {
        self.answers.get(id).map_or(&[], Vec::as_slice)
    }
}

/// Where the comments of a document can lie: files of these names with `.md`, and folders.
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
pub fn check_folder(kept: &ReplyObject) -> Result<(), Diagnostic> {
    let notes = &kept.notes;
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

/// A reply that is in its thread, as it is there.
pub fn read(root: &Path, kept: &ReplyObject) -> Result<ReplyObject, Diagnostic> {
    check_folder(kept)?;
    let path = kept.path();
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
    let form = form_of(&comment, &kept.notes)
        .map_err(|refusal| Diagnostic::error(refusal.to_string().trim_end_matches('.').to_owned()).at(at()))?;
    let mut kept = ReplyObject { form, ..kept.clone() };
    kept.notes.by_author = comment.by_author.unwrap_or(kept.notes.by_author);
    Ok(kept)
}

/// The name of the author of the page that a reply answers.
///
/// # Errors
/// The site does not say.
pub fn author(root: &Path, kept: &ReplyObject) -> Result<String, Diagnostic> {
    let world = DiskWorld::new(root);
    let unknown = || {
        Diagnostic::error("nobody knows who answers: neither the page nor site.toml names an author")
            .help("say it with --author NAME, or write `author = \"…\"` in site.toml")
    };
    let config = Config::load(&world).0.ok_or_else(unknown)?;
    let others: Vec<String> = config.other_languages().iter().map(|language| language.code.clone()).collect();
    let languages = Languages { default: &config.default_language().code, others: &others };
    let page = read_text(&world, &kept.notes.document).ok().and_then(|source| content::parse(source, &languages).0);
    let own = match page {
        Some(Document::Page(page)) => page.meta.authors.first().cloned(),
        _ => None,
    };
    own.or(config.author).ok_or_else(unknown)
}
