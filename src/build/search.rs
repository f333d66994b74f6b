//! The search index of a site, from what was rendered of it and what an earlier build kept.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock};

use rayon::prelude::*;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::output_folder::OutputFolder;
use super::state::{BuiltOutput, PreviousBuild};
use crate::diagnostic::Diagnostic;
use crate::locks::lock;
use crate::parallel::AT_ONCE;
use crate::search::{self, DocumentEntry, FileName, Group, Index, IndexFile, Indexer, Lexicon, ParentLevel, TextPart};
use crate::site::ContentId;
use crate::source::Fingerprint;
use crate::templates::{Library, PerContent, Reader, search_texts};

/// What is kept of the documents of every language, so that only those that changed are read again.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct StoredEntries(BTreeMap<String, LanguageEntries>);

impl StoredEntries {
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
struct LanguageEntries {
    lexicon: Arc<Lexicon>,
    /// The documents by the paths of their sources: what they were made of, and their entries.
    documents: FxHashMap<Arc<str>, (Fingerprint, Arc<DocumentEntry>)>,
    /// The files of their index, without those of texts.
    files: Vec<FileName>,
    /// The files of their texts, each with the fingerprint of what is in it.
    texts: FxHashMap<Fingerprint, FileName>,
}

/// Where the files of an index go.
pub trait Sink: Sync {
    /// What is to be known of a file that is there.
    type Put: Send;

    /// Whether a file that an earlier index put there is still there.
    fn has(&self, path: &str) -> bool;

    /// Leaves such a file as it is.
    fn keep(&self, path: String) -> Self::Put;

    /// Puts a file there.
    fn put(&self, path: String, bytes: &[u8]) -> Self::Put;
}

/// The indexes of a site while they are made: documents can be read as soon as their bodies are rendered.
pub struct SearchBuild<'a, D: Sink> {
    library: &'a Arc<Library>,
    sink: &'a D,
    languages: Vec<LanguageDocuments<'a>>,
}

/// So many words that no document has may be kept, beside as many as documents have.
const MOST_UNUSED: usize = 1000;

/// The documents of one language.
struct LanguageDocuments<'a> {
    lang: &'a str,
    before: Option<&'a LanguageEntries>,
    lexicon: Arc<Lexicon>,
    /// One for each thread, and for those that are none of the build's.
    indexers: Vec<Mutex<Indexer>>,
    documents: PerContent<Mutex<Option<IndexableDocument>>>,
}

/// A document's entry, with the parts of its text.
type IndexableDocument = (Arc<DocumentEntry>, Vec<TextPart>);

/// A document of an index.
struct IndexedDocument {
    id: ContentId,
    /// The fingerprint of what it is made of.
    print: Fingerprint,
    entry: Arc<DocumentEntry>,
    /// The parts of its text, as soon as somebody needs them.
    parts: OnceLock<Vec<TextPart>>,
    /// Whether it is not as it was.
    is_new: bool,
}

impl<'a, D: Sink> SearchBuild<'a, D> {
    /// Begins the indexes of a site. What was kept before is taken over where it is still right.
    pub fn new(library: &'a Arc<Library>, before: &'a StoredEntries, sink: &'a D) -> Self {
        let language_documents = |lang: &'a str| {
            let before = before.0.get(lang);
            let lexicon = before.map(|before| before.lexicon.clone()).unwrap_or_default();
            let indexers = (0..=rayon::current_num_threads()).map(|_| Mutex::new(Indexer::new(lexicon.clone())));
            LanguageDocuments {
                lang,
                before,
                indexers: indexers.collect(),
                lexicon,
                documents: PerContent::new(&library.site),
            }
        };
        Self { library, sink, languages: search::languages(&library.site).map(language_documents).collect() }
    }

    /// Reads a document, if the search finds it.
    pub fn read(&self, id: ContentId) {
        let lang = self.library.site.content(id).lang();
        if let Some(language) = self.languages.iter().find(|language| language.lang == lang)
            && search::finds(&self.library.site, id)
        {
            let read = self.gather(language, id);
            *lock(language.documents.get(id).get_or_init(Mutex::default)) = Some(read);
        }
    }

    fn gather(&self, language: &LanguageDocuments<'_>, id: ContentId) -> IndexableDocument {
        let text = search_texts::take_passages(self.library, id);
        let indexer = &language.indexers[rayon::current_thread_index().map_or(0, |index| index + 1)];
        let document = search::document(&self.library.site, id, &text, self.library.comment_texts(id));
        let (entry, parts) = lock(indexer).index(&document);
        (Arc::new(entry), parts)
    }

    /// Makes the indexes of all documents. Gives back what to keep for the next time, and what is to be known of all files.
    pub fn finish(self) -> (StoredEntries, Vec<D::Put>) {
        let mut entries = StoredEntries::default();
        let mut put = Vec::new();
        for language in &self.languages {
            let kept = self.language(language, &mut put);
            entries.0.insert(language.lang.to_owned(), kept);
        }
        if !entries.is_empty() {
            put.extend(search::scripts().map(|(path, text)| self.sink.put(path, text.as_bytes())));
        }
        (entries, put)
    }

    fn language(&self, language: &LanguageDocuments<'_>, put: &mut Vec<D::Put>) -> LanguageEntries {
        let (Self { library, sink, .. }, lang) = (self, language.lang);
        let site = &library.site;
        let found: Vec<ContentId> =
            site.contents().filter(|&id| site.content(id).lang() == lang && search::finds(site, id)).collect();
        let path = |name: FileName| search::file_path(lang, name);
        let indexed_document = |&id: &ContentId| {
            let print = library.combined_fingerprint(&Reader::search_dependencies(library, id));
            let read = language.documents.get(id).get().and_then(|read| lock(read).take());
            let before = || {
                let (before, entry) = language.before?.documents.get(&site.content(id).source.path)?;
                (*before == print).then(|| entry.clone())
            };
            let indexed = |entry, parts, is_new| IndexedDocument { id, print, entry, parts, is_new };
            match (read, before()) {
                (Some((entry, parts)), _) => indexed(entry, parts.into(), true),
                (None, Some(entry)) => indexed(entry, OnceLock::new(), false),
                (None, None) => {
                    let (entry, parts) = self.gather(language, id);
                    indexed(entry, parts.into(), true)
                }
            }
        };
        let mut documents: Vec<IndexedDocument> =
            found.par_iter().with_max_len(AT_ONCE).map(indexed_document).collect();

        // With the same documents it is the same index.
        let before = language.before.filter(|before| {
            !documents.is_empty()
                && before.documents.len() == documents.len()
                && documents.iter().all(|document| !document.is_new)
                && before.files.iter().chain(before.texts.values()).all(|&name| sink.has(&path(name)))
                && sink.has(&search::root_path(lang))
        });
        let mut has_many_unused_words = false;
        let (files, texts) = match before {
            Some(before) => {
                let names: Vec<&FileName> = before.files.iter().chain(before.texts.values()).collect();
                put.par_extend(names.par_iter().map(|&&name| sink.keep(path(name))));
                put.push(sink.keep(search::root_path(lang)));
                (before.files.clone(), before.texts.clone())
            }
            None => {
                let numbered = self.numbered(&documents);
                let (above, texts) = self.texts(language, &documents, &numbered, put);
                // They are in their files, and large.
                documents.iter_mut().for_each(|document| drop(document.parts.take()));
                let Index { root, mut files, words } = self.index(language, &documents, &numbered, above);
                has_many_unused_words = language.lexicon.count() > MOST_UNUSED + 2 * words;
                files.sort_unstable_by_key(|file| file.name);
                files.dedup_by_key(|file| file.name);
                let put_one = |file: &IndexFile| sink.put(path(file.name), &file.bytes);
                put.par_extend(files.par_iter().with_max_len(AT_ONCE).map(put_one));
                put.push(sink.put(search::root_path(lang), &root));
                (files.iter().map(|file| file.name).collect(), texts)
            }
        };
        if has_many_unused_words {
            // Most of its words are of texts that are gone. The next build reads all documents, and begins a new one.
            return LanguageEntries { files, texts, ..LanguageEntries::default() };
        }
        let path = |id| site.content(id).source.path.clone();
        let documents = documents.into_iter().map(|it| (path(it.id), (it.print, it.entry))).collect();
        LanguageEntries { lexicon: language.lexicon.clone(), documents, files, texts }
    }

    /// The numbers of documents, in order, each with the place of its document.
    fn numbered(&self, documents: &[IndexedDocument]) -> Vec<(u32, usize)> {
        let site = &self.library.site;
        let mut by_path: Vec<usize> = (0..documents.len()).collect();
        by_path.sort_unstable_by_key(|&place| &*site.content(documents[place].id).path);
        let dated = by_path.iter().map(|&place| {
            let id = documents[place].id;
            (&*site.content(id).path, search::date(site, id))
        });
        let numbers = search::numbers(&dated.collect::<Vec<_>>());
        let mut numbered: Vec<(u32, usize)> = numbers.into_iter().zip(by_path).collect();
        numbered.sort_unstable();
        numbered
    }

    /// Puts the files of texts into their place. Gives them back by their first keys, and by what is in them.
    fn texts(
        &self,
        language: &LanguageDocuments<'_>,
        documents: &[IndexedDocument],
        numbered: &[(u32, usize)],
        put: &mut Vec<D::Put>,
    ) -> (ParentLevel, FxHashMap<Fingerprint, FileName>) {
        let documents: Vec<(u32, &IndexedDocument)> =
            numbered.iter().map(|&(number, place)| (number, &documents[place])).collect();
        let entries: Vec<(u32, &DocumentEntry)> = documents.iter().map(|(number, it)| (*number, &*it.entry)).collect();
        let groups = search::groups(&entries);
        let texts = groups.par_iter().with_max_len(AT_ONCE).map(|group| self.text(language, &documents, group));
        let (names, texts): (Vec<FileName>, Vec<D::Put>) = texts.unzip();
        put.extend(texts);
        let prints = groups.iter().map(|group| group.fingerprint).zip(names.iter().copied()).collect();
        (groups.into_iter().map(|group| group.key).zip(names).collect(), prints)
    }

    /// The index of documents.
    fn index(
        &self,
        language: &LanguageDocuments<'_>,
        documents: &[IndexedDocument],
        numbered: &[(u32, usize)],
        texts: ParentLevel,
    ) -> Index {
        let site = &self.library.site;
        let entries: Vec<(u32, &DocumentEntry)> =
            numbered.iter().map(|&(number, place)| (number, &*documents[place].entry)).collect();
        let taxonomies: BTreeSet<&str> = site
            .config
            .language(language.lang)
            .map(|language| language.taxonomies.iter().map(|taxonomy| taxonomy.name.as_str()).collect())
            .unwrap_or_default();
        search::build(language.lang, &language.lexicon, &entries, &taxonomies, texts)
    }

    /// Puts the file of some texts into its place, unless it is there.
    fn text(
        &self,
        language: &LanguageDocuments<'_>,
        documents: &[(u32, &IndexedDocument)],
        group: &Group,
    ) -> (FileName, D::Put) {
        let (sink, site) = (self.sink, &self.library.site);
        let path = |name: FileName| search::file_path(language.lang, name);
        let before = language.before.and_then(|before| before.texts.get(&group.fingerprint));
        if let Some(&name) = before.filter(|&&name| sink.has(&path(name))) {
            return (name, sink.keep(path(name)));
        }
        let parts = group.parts.iter().filter_map(|&(document, part)| {
            let (number, IndexedDocument { id, parts, .. }) = documents[document];
            // An unchanged document shares the file with a changed one, and is read again.
            let parts = parts.get_or_init(|| {
                let text = search_texts::take_passages(self.library, *id);
                search::parts(&search::document(site, *id, &text, self.library.comment_texts(*id)))
            });
            Some((number, parts.get(part)?))
        });
        let file = search::text_file(&parts.collect::<Vec<_>>());
        (file.name, sink.put(path(file.name), &file.bytes))
    }
}

/// The output folder as the place of an index.
pub struct FolderSink<'a> {
    /// What is known of it from the build before.
    pub before: Option<&'a PreviousBuild>,
    /// The folder.
    pub folder: &'a OutputFolder,
}

impl Sink for FolderSink<'_> {
    type Put = Result<BuiltOutput<'static>, Diagnostic>;

    fn has(&self, path: &str) -> bool {
        self.before.is_some_and(|before| before.why(path, recipe(path), self.folder).is_none())
    }

    fn keep(&self, path: String) -> Self::Put {
        let written = self.before.and_then(|before| before.written(&path));
        Ok(BuiltOutput { recipe: recipe(&path), path: path.into(), dependencies: Some(Vec::new()), written })
    }

    fn put(&self, path: String, bytes: &[u8]) -> Self::Put {
        if !is_root(&path) && self.has(&path) {
            return self.keep(path);
        }
        let written = Some(self.folder.put(&path, bytes)?);
        Ok(BuiltOutput { recipe: recipe(&path), path: path.into(), dependencies: Some(Vec::new()), written })
    }
}

/// The recipe of a file. It is named by its content, but for the root, which is put each time.
fn recipe(path: &str) -> Fingerprint {
    Fingerprint::of(path.as_bytes())
}

/// Whether a file keeps its name when it changes.
fn is_root(path: &str) -> bool {
    path.strip_prefix(search::FOLDER).is_some_and(|rest| rest.ends_with(".bin") && !rest[1..].contains('/'))
}
