//! The search index of a site, from what was rendered of it and what an earlier build kept.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use rayon::prelude::*;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::state::{Before, Made, Written};
use super::write::OutputFolder;
use crate::diagnostic::Diagnostic;
use crate::locks::lock;
use crate::search::{self, Entry, File, Index, Indexer, Lexicon, Name, Numbers};
use crate::site::ContentId;
use crate::source::Fingerprint;
use crate::templates::Library;

/// What is kept of the documents of every language, so that only those that changed are read again.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Entries(BTreeMap<String, Kept>);

impl Entries {
    /// Whether no language has an index.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The documents of a language that are new, gone or not as they were, by the paths of their sources; none if nothing
    /// was kept of that language.
    pub fn changed<'a>(&'a self, before: &'a Self, lang: &str) -> Option<BTreeSet<&'a Arc<str>>> {
        let (now, before) = (&self.0.get(lang)?.documents, &before.0.get(lang)?.documents);
        let print = |(_, (print, _)): (_, &(Fingerprint, _))| *print;
        let differ = |path: &&Arc<str>| now.get_key_value(*path).map(print) != before.get_key_value(*path).map(print);
        Some(now.keys().chain(before.keys()).filter(differ).collect())
    }
}

/// What is kept of one language.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Kept {
    lexicon: Arc<Lexicon>,
    /// The documents by the paths of their sources: what they were made of, and their entries.
    documents: FxHashMap<Arc<str>, (Fingerprint, Arc<Entry>)>,
}

/// Files by their paths in the output folder. A text that was kept has no bytes: it is there already.
type Files = BTreeMap<String, Option<Vec<u8>>>;

/// The files of all indexes of a site.
#[derive(Debug, Default)]
pub struct Searched {
    /// What to keep for the next time.
    pub entries: Entries,
    /// All their files.
    pub files: Files,
}

/// Makes the indexes of a site.
pub fn search(library: &Arc<Library>, before: &Entries) -> Searched {
    let mut searched = Searched::default();
    for lang in search::languages(&library.site) {
        let kept = before.0.get(lang);
        let (kept, files) = language(library, lang, kept);
        searched.entries.0.insert(lang.to_owned(), kept);
        searched.files.extend(files);
    }
    if !searched.entries.0.is_empty() {
        searched.files.extend(search::scripts().map(|(path, text)| (path, Some(text.as_bytes().to_vec()))));
    }
    searched
}

/// Puts the files of the indexes into the output folder, and gives back what is to be remembered of them.
pub fn put(
    library: &Arc<Library>,
    files: Files,
    before: Option<&Before>,
    folder: &OutputFolder,
) -> (Vec<Made>, Vec<Diagnostic>) {
    let is_lost = |(path, bytes): (&String, &Option<Vec<u8>>)| {
        bytes.is_none() && before.is_none_or(|before| before.why(path, named_by_content(path), folder).is_some())
    };
    // Somebody has taken away a text that was kept: what it said must be read again.
    let files = if files.par_iter().any(is_lost) { search(library, &Entries::default()).files } else { files };
    let put = |(path, bytes): (String, Option<Vec<u8>>)| -> Result<Made, Diagnostic> {
        let recipe = match &bytes {
            Some(bytes) if is_root(&path) => Fingerprint::of(bytes),
            _ => named_by_content(&path),
        };
        let is_there = before.filter(|before| before.why(&path, recipe, folder).is_none());
        let written = match (is_there, bytes) {
            (None, Some(bytes)) => {
                let stamp = folder.put(&path, &bytes)?;
                Some(Written { stamp, content: Some(Fingerprint::of(&bytes)) })
            }
            (before, _) => before.and_then(|before| before.written(&path)),
        };
        Ok(Made { path, recipe, facts: Some(Vec::new()), written })
    };
    let put: Vec<Result<Made, Diagnostic>> = files.into_par_iter().map(put).collect();
    let (mut made, mut problems) = (Vec::with_capacity(put.len()), Vec::new());
    for result in put {
        match result {
            Ok(one) => made.push(one),
            Err(problem) => problems.push(problem),
        }
    }
    (made, problems)
}

/// The recipe of a file that is named by its content, and so can have no other.
fn named_by_content(path: &str) -> Fingerprint {
    Fingerprint::of(path.as_bytes())
}

/// Whether a file keeps its name when it changes.
fn is_root(path: &str) -> bool {
    path.strip_prefix(search::FOLDER).is_some_and(|rest| rest.ends_with(".bin") && !rest[1..].contains('/'))
}

/// What is kept of a language, and the files of its index.
fn language(library: &Arc<Library>, lang: &str, before: Option<&Kept>) -> (Kept, Files) {
    let site = &library.site;
    let found: Vec<ContentId> =
        site.contents().filter(|&id| site.content(id).lang() == lang && search::finds(site, id)).collect();
    let lexicon = before.map(|before| before.lexicon.clone()).unwrap_or_default();
    let indexers: Vec<Mutex<Indexer<'_>>> =
        (0..=rayon::current_num_threads()).map(|_| Mutex::new(Indexer::new(&lexicon))).collect();
    let entry = |&id: &ContentId| {
        let path = &site.content(id).source.path;
        let print = library.record_print(&library.search_record(id));
        if let Some((before, entry)) = before.and_then(|before| before.documents.get(path))
            && *before == print
        {
            return (print, entry.clone(), Vec::new());
        }
        let text = library.take_text(id);
        let indexer = &indexers[rayon::current_thread_index().map_or(0, |index| index + 1)];
        let (entry, files) = lock(indexer).index(&search::document(site, id, &text));
        (print, Arc::new(entry), files)
    };
    let entries: Vec<(Fingerprint, Arc<Entry>, Vec<File>)> = found.par_iter().map(entry).collect();
    drop(indexers);

    let mut numbers = Numbers::default();
    let mut by_path: Vec<(&str, ContentId, &Arc<Entry>)> =
        found.iter().zip(&entries).map(|(&id, (_, entry, _))| (&*site.content(id).path, id, entry)).collect();
    by_path.sort_unstable_by_key(|(path, ..)| *path);
    let mut documents: Vec<(u32, &Entry)> =
        by_path.iter().map(|(path, id, entry)| (numbers.next(path, search::date(site, *id)), &***entry)).collect();
    documents.sort_unstable_by_key(|(number, _)| *number);
    let taxonomies: BTreeSet<&str> = site
        .config
        .language(lang)
        .map(|language| language.taxonomies.iter().map(|taxonomy| taxonomy.name.as_str()).collect())
        .unwrap_or_default();
    let Index { root, files } = search::build(lang, &lexicon, &documents, &taxonomies);

    let path = |name: Name| search::file_path(lang, name);
    let mut outputs = Files::from([(search::root_path(lang), Some(root))]);
    outputs.extend(entries.iter().flat_map(|(_, entry, _)| &entry.texts).map(|(_, name)| (path(*name), None)));
    outputs.extend(files.into_iter().map(|file| (path(file.name), Some(file.bytes))));
    let mut kept = Kept { lexicon, documents: FxHashMap::default() };
    for (id, (print, entry, files)) in found.into_iter().zip(entries) {
        outputs.extend(files.into_iter().map(|file| (path(file.name), Some(file.bytes))));
        kept.documents.insert(site.content(id).source.path.clone(), (print, entry));
    }
    (kept, outputs)
}
