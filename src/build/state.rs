//! The state of an output folder: what every output in it was made of, so that the next build makes only what changed.

use std::borrow::Cow;
use std::sync::Mutex;
use std::time::SystemTime;

use indexmap::IndexSet;
use rayon::prelude::*;
use rustc_hash::{FxBuildHasher, FxHashMap};
use serde::{Deserialize, Serialize};

use super::Summary;
use super::write::OutputFolder;
use crate::locks::{self, lock};
use crate::markdown::InternalLink;
use crate::source::{Fingerprint, Stamp, World};
use crate::templates::Library;
use crate::templates::body::Note;
use crate::templates::record::{Fact, Record};

/// A fact's place in the list of all facts of a state.
type FactId = u32;

/// The fingerprint of what could have changed unseen while it was looked at. Nothing is equal to it.
const DOUBTFUL: Fingerprint = Fingerprint(0);

/// What is known of an output folder after a build.
#[derive(Debug)]
pub struct State {
    /// What tells at once that nothing changed.
    pub head: Head<'static>,
    /// The rest, packed.
    rest: Vec<u8>,
}

/// What tells at once that nothing changed.
#[derive(Debug, Serialize, Deserialize)]
pub struct Head<'a> {
    /// The fingerprint of everything that the site was made of; none if some of it could have changed unseen, or if there
    /// was a warning, which must be told again.
    pub sources: Option<Fingerprint>,
    /// The files that outputs read, wherever they lie in the site.
    pub read: Vec<(String, Option<Stamp>)>,
    /// The outputs, in the order of their paths, with the stamps of the files that were written.
    pub outputs: Vec<(Cow<'a, str>, Option<Written>)>,
    /// The stamp of the manifest.
    pub manifest: Option<Stamp>,
    /// What the build said.
    pub summary: Summary,
}

impl Head<'_> {
    /// Whether everything is as it was when the last build ended: the sources, the files that outputs read, and the
    /// outputs.
    pub fn is_up_to_date(&self, sources: Option<Fingerprint>, folder: &OutputFolder, world: &dyn World) -> bool {
        self.sources.is_some()
            && self.sources == sources
            && self.manifest == folder.manifest_stamp()
            && self.read.iter().all(|(path, stamp)| world.stamp(path) == *stamp)
            && self.outputs.par_iter().all(|(path, written)| written.is_some_and(|it| it.is_in(folder, path)))
    }
}

/// A file as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// Its stamp.
    pub stamp: Stamp,
    /// Its content, if the stamp alone would not show a change.
    pub content: Option<Fingerprint>,
}

impl Written {
    /// Whether the file in an output's place is still the one that was written.
    pub fn is_in(self, folder: &OutputFolder, path: &str) -> bool {
        folder.stamp(path) == Some(self.stamp)
            && self.content.is_none_or(|print| folder.read(path).is_ok_and(|bytes| Fingerprint::of(&bytes) == print))
    }
}

/// What the outputs and bodies were made of.
#[derive(Debug, Serialize, Deserialize)]
struct Rest<'a> {
    facts: Vec<(Fact, Fingerprint)>,
    /// Recipe and facts of each output, in the order of [`Head::outputs`].
    outputs: Vec<(Fingerprint, Cow<'a, [FactId]>)>,
    notes: Vec<PackedNote<'a>>,
}

/// A note on a body without problems.
#[derive(Debug, Serialize, Deserialize)]
struct PackedNote<'a> {
    path: Cow<'a, str>,
    facts: Vec<FactId>,
    anchors: Cow<'a, [String]>,
    links: Cow<'a, [InternalLink]>,
}

impl State {
    /// Unpacks what an earlier build packed.
    pub fn unpack(mut bytes: Vec<u8>) -> Option<Self> {
        let (head, rest) = postcard::take_from_bytes(&bytes).ok()?;
        let start = bytes.len() - rest.len();
        bytes.drain(..start);
        Some(Self { head, rest: bytes })
    }
}

/// A state with all that is in it.
#[derive(Debug)]
pub struct Opened {
    head: Head<'static>,
    rest: Rest<'static>,
}

impl State {
    /// Unpacks the rest.
    pub fn open(self) -> Option<Opened> {
        Some(Opened { head: self.head, rest: postcard::from_bytes(&self.rest).ok()? })
    }
}

/// What an earlier build left, compared with the site as it is now.
#[derive(Debug)]
pub struct Before {
    rest: Rest<'static>,
    /// For each fact whether it is as it was.
    holds: Vec<bool>,
    /// The place of each output.
    places: FxHashMap<String, (usize, Option<Written>)>,
}

impl Before {
    /// Compares the facts with what they are now.
    pub fn compare(Opened { head, rest }: Opened, library: &Library) -> Self {
        let holds =
            rest.facts.par_iter().map(|(fact, print)| *print != DOUBTFUL && library.print(fact) == *print).collect();
        let outputs = head.outputs.into_iter().enumerate();
        let places = outputs.map(|(index, (path, stamp))| (path.into_owned(), (index, stamp))).collect();
        Self { rest, holds, places }
    }

    /// Why an output must be made anew; none if it is in its place as it must be.
    pub fn why(&self, path: &str, recipe: Fingerprint, folder: &OutputFolder) -> Option<Why<'_>> {
        let Some((index, written)) = self.places.get(path) else { return Some(Why::New) };
        let Some((made_of, facts)) = self.rest.outputs.get(*index) else { return Some(Why::New) };
        if *made_of != recipe {
            return Some(Why::OtherRecipe);
        }
        let changed: Vec<&Fact> = facts.iter().filter(|&&id| !self.holds(id)).map(|&id| self.fact(id)).collect();
        if !changed.is_empty() {
            return Some(Why::Changed(changed));
        }
        match written {
            Some(written) if written.is_in(folder, path) => None,
            _ if folder.stamp(path).is_none() => Some(Why::Gone),
            _ => Some(Why::Touched),
        }
    }

    /// Whether something that was read is known not to be as it was.
    pub fn has_changed(&self, fact: &Fact) -> bool {
        self.rest.facts.iter().position(|(known, _)| known == fact).is_some_and(|id| !self.holds[id])
    }

    fn holds(&self, id: FactId) -> bool {
        self.holds.get(id as usize).copied().unwrap_or(false)
    }

    fn fact(&self, id: FactId) -> &Fact {
        &self.rest.facts[id as usize].0
    }

    /// The notes on bodies that have not changed.
    fn fresh_notes(&self) -> impl Iterator<Item = &PackedNote<'static>> {
        self.rest.notes.iter().filter(|note| note.facts.iter().all(|&id| self.holds(id)))
    }

    /// Gives the library what is known of the bodies that have not changed.
    pub fn recall_notes(&self, library: &Library) {
        let notes: Vec<&PackedNote<'_>> = self.fresh_notes().collect();
        notes.into_par_iter().for_each(|note| {
            let path = note.path.strip_prefix("content/").unwrap_or(&note.path);
            let Some(&id) = library.site.by_path.get(path) else { return };
            let record = Record::of(note.facts.iter().map(|&id| self.fact(id).clone()).collect());
            let anchors = note.anchors.iter().cloned().collect();
            library.remember_note(id, Note { record, anchors, links: note.links.to_vec(), ..Note::default() });
        });
    }

    /// The file of an output as it was written.
    pub fn written(&self, path: &str) -> Option<Written> {
        self.places.get(path).and_then(|(_, written)| *written)
    }
}

/// Why an output is made anew.
#[derive(Debug)]
pub enum Why<'a> {
    /// It was not there before, or nothing is known of it.
    New,
    /// It is made of something else now.
    OtherRecipe,
    /// Facts that it read are not as they were.
    Changed(Vec<&'a Fact>),
    /// It was deleted.
    Gone,
    /// Somebody changed it, or could have done so unseen.
    Touched,
}

impl std::fmt::Display for Why<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::New => f.write_str("it is new"),
            Self::OtherRecipe => f.write_str("it is made of something else now"),
            Self::Gone => f.write_str("it was deleted"),
            Self::Touched => f.write_str("it was changed by hand"),
            Self::Changed(facts) => {
                let (first, more) = (facts.iter().take(3), facts.len().saturating_sub(3));
                let names: Vec<String> = first.map(ToString::to_string).collect();
                write!(f, "changed: {}", names.join("; "))?;
                if more > 0 { write!(f, "; and {more} more") } else { Ok(()) }
            }
        }
    }
}

/// The facts of a build in progress, each once, with the ids of their places. Their hashes are kept, so that it grows
/// without a look at them.
#[derive(Debug, Default)]
pub struct Facts(Mutex<IndexSet<Fact, FxBuildHasher>>);

impl Facts {
    /// The ids of the facts of a record.
    pub fn ids(&self, record: &Record) -> Vec<FactId> {
        self.add(record.facts().iter())
    }

    fn add<'a>(&self, facts: impl Iterator<Item = &'a Fact>) -> Vec<FactId> {
        let mut known = lock(&self.0);
        let mut id = |fact: &Fact| {
            let id = known.get_index_of(fact).unwrap_or_else(|| known.insert_full(fact.clone()).0);
            FactId::try_from(id).unwrap_or(FactId::MAX)
        };
        facts.map(&mut id).collect()
    }
}

/// An output of the build that is to be remembered.
#[derive(Debug)]
pub struct Made<'a> {
    /// Its path.
    pub path: Cow<'a, str>,
    /// What it was made of.
    pub recipe: Fingerprint,
    /// What it read; none if it was kept as it was.
    pub facts: Option<Vec<FactId>>,
    /// The file; none if nothing can be told of it.
    pub written: Option<Written>,
}

impl Made<'_> {
    /// The same, at a time when the stamp of its file may be enough to show a change.
    pub fn settled(mut self, now: SystemTime) -> Self {
        if let Some(written) = &mut self.written
            && written.stamp.is_settled(now)
        {
            written.content = None;
        }
        self
    }
}

/// What a build takes over from the state before.
struct Kept<'a> {
    before: &'a Before,
    notes: FxHashMap<&'a str, &'a PackedNote<'static>>,
    /// Where each fact of the state before is in the new one.
    moved: Vec<Option<FactId>>,
    /// The fingerprints of the facts that were moved. They hold, or nothing that read them were taken over.
    prints: FxHashMap<FactId, Fingerprint>,
}

impl<'a> Kept<'a> {
    fn new(before: &'a Before) -> Self {
        let notes = before.fresh_notes().map(|note| (&*note.path, note)).collect();
        Self { before, notes, moved: vec![None; before.rest.facts.len()], prints: FxHashMap::default() }
    }

    /// The facts of an output that was not made anew.
    fn output(&mut self, path: &str, facts: &Facts) -> Vec<FactId> {
        let before = self.before;
        let place = before.places.get(path).and_then(|(index, _)| before.rest.outputs.get(*index));
        self.move_all(place.map_or(&[], |(_, facts)| &**facts), facts)
    }

    /// The note on a body that has not changed.
    fn note(&mut self, path: &str, facts: &Facts) -> Option<PackedNote<'a>> {
        let PackedNote { path, facts: own, anchors, links } = *self.notes.get(path)?;
        let facts = self.move_all(own, facts);
        Some(PackedNote {
            path: Cow::Borrowed(path),
            facts,
            anchors: Cow::Borrowed(anchors),
            links: Cow::Borrowed(links),
        })
    }

    fn move_all(&mut self, ids: &[FactId], facts: &Facts) -> Vec<FactId> {
        let Self { before, moved, prints, .. } = self;
        let mut move_one = |id: FactId| {
            *moved[id as usize].get_or_insert_with(|| {
                let (fact, print) = &before.rest.facts[id as usize];
                let id = facts.add(std::iter::once(fact))[0];
                prints.insert(id, *print);
                id
            })
        };
        ids.iter().map(|&id| move_one(id)).collect()
    }
}

/// The state after a build, but for what is known when its outputs are in place.
pub struct Packed<'a> {
    head: Head<'a>,
    rest: Vec<u8>,
}

impl Packed<'_> {
    /// The whole state, in pieces.
    pub fn finish(mut self, manifest: Option<Stamp>, summary: Summary) -> [Vec<u8>; 2] {
        self.head.manifest = manifest;
        self.head.summary = summary;
        [postcard::to_stdvec(&self.head).unwrap_or_default(), self.rest]
    }
}

/// Packs the state after a build. `is_settled` tells of a file of the site whether a change since the build began would
/// be seen.
pub fn pack<'a>(
    library: &Library,
    made: &'a [Made<'_>],
    before: Option<&Before>,
    facts: Facts,
    sources: Option<Fingerprint>,
    is_settled: impl Fn(&str) -> bool + Sync,
) -> Packed<'a> {
    let mut outputs = Vec::with_capacity(made.len());
    let mut files = Vec::with_capacity(made.len());
    let mut kept = before.map(Kept::new);
    for Made { path, recipe, facts: own, written } in made {
        let own = match own {
            Some(own) => own.into(),
            None => kept.as_mut().map(|kept| kept.output(path, &facts)).unwrap_or_default().into(),
        };
        outputs.push((*recipe, own));
        files.push((Cow::Borrowed(&**path), *written));
    }
    let notes = library.site.contents().filter_map(|id| {
        let path = &library.site.content(id).source.path;
        if let Some(note) = kept.as_mut().and_then(|kept| kept.note(path, &facts)) {
            return Some(note);
        }
        let note = library.known_note(id).filter(|note| note.problems.is_empty())?;
        Some(PackedNote {
            path: path.to_string().into(),
            facts: facts.ids(&note.record),
            anchors: note.anchors.iter().cloned().collect::<Vec<String>>().into(),
            links: note.links.as_slice().into(),
        })
    });
    let notes = notes.collect();
    let facts: Vec<Fact> = locks::into_inner(facts.0).into_iter().collect();
    let held = kept.map(|kept| kept.prints).unwrap_or_default();
    let print = |fact: &Fact, id: FactId| match held.get(&id) {
        Some(print) => *print,
        None if matches!(fact, Fact::File(path) if !is_settled(path)) => DOUBTFUL,
        None => library.print(fact),
    };
    let facts: Vec<(Fact, Fingerprint)> = facts
        .into_par_iter()
        .enumerate()
        .map(|(id, fact)| {
            let print = print(&fact, id as FactId);
            (fact, print)
        })
        .collect();
    let sources = sources.filter(|_| facts.iter().all(|(_, print)| *print != DOUBTFUL));
    let read = facts.iter().filter_map(|(fact, _)| match fact {
        Fact::File(path) => Some((path.clone(), library.world.stamp(path))),
        _ => None,
    });
    let read = read.collect();
    let head = Head { sources, read, outputs: files, manifest: None, summary: Summary::default() };
    let rest = postcard::to_stdvec(&Rest { facts, outputs, notes }).unwrap_or_default();
    Packed { head, rest }
}
