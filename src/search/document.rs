//! A page or section as the search knows it.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::lexicon::{IdTable, Key, Lexicon, LexiconReader, WordId};
use super::postings::{MOST_PASSAGES, Mention};
use super::text::{Passage, Text};
use super::words::each_word;
use crate::config::encode_path;
use crate::source::Fingerprint;

/// A part of a document's text has at most about so many bytes.
const PART: usize = 6000;

/// What is to be found of a page or section.
#[derive(Debug, Default)]
pub struct Document<'a> {
    /// The path of its address.
    pub path: &'a str,
    /// Its title.
    pub title: &'a str,
    /// Whether the title is searched.
    pub has_title: bool,
    /// Its description, if that is searched.
    pub description: &'a str,
    /// Its terms: the taxonomy's name, and the term's.
    pub terms: Vec<(&'a str, &'a str)>,
    /// Its date.
    pub date: Option<&'a str>,
    /// The title of the section that it is in.
    pub section: Option<&'a str>,
    /// Its text.
    pub text: Option<Cow<'a, Text>>,
    /// Its comments: id, author, text.
    pub comments: Vec<(&'a str, &'a str, Text)>,
}

/// What the index keeps of a document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentEntry {
    /// Its words: for each the number, and what is said of it.
    #[serde(with = "serde_bytes")]
    pub words: Box<[u8]>,
    /// The parts of its text, in order.
    pub parts: Vec<TextPartHead>,
}

/// What the index keeps of a part of a document's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextPartHead {
    /// The number of its first passage.
    pub first: u32,
    /// How many bytes it has.
    pub length: u32,
    /// The fingerprint of its bytes.
    pub fingerprint: Fingerprint,
}

/// A part of a document's text, as JSON.
#[derive(Debug)]
pub struct TextPart {
    /// What the index keeps of it.
    pub head: TextPartHead,
    /// All of it.
    pub json: Box<[u8]>,
}

/// Where a word stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Title,
    Terms,
    Heading,
    Description,
    Body,
    Comments,
}

impl Field {
    const COUNT: usize = 6;

    /// How much an occurrence counts, how long the field usually is, and how much its length matters.
    fn weight(self) -> (f32, f32, f32) {
        match self {
            Self::Title => (8.0, 6.0, 0.5),
            Self::Terms => (4.0, 4.0, 0.0),
            Self::Heading => (3.0, 25.0, 0.5),
            Self::Description => (2.0, 20.0, 0.5),
            Self::Body => (1.0, 600.0, 0.75),
            Self::Comments => (0.7, 400.0, 0.75),
        }
    }
}

/// How soon more occurrences count for less (BM25's k₁).
const SATURATION: f32 = 1.2;

/// Makes entries of documents, one after the other.
#[derive(Debug)]
pub struct Indexer {
    reader: LexiconReader,
    /// The words of the passage at hand.
    keys: Vec<Key>,
    lengths: [usize; Field::COUNT],
    /// The words of the document at hand, and their numbers when all are found.
    found: Vec<DocumentWord>,
    ids: Vec<WordId>,
    /// Where each is. There are few enough words in a document that this stays near the processor.
    places: IdTable,
}

/// A word of the document at hand.
#[derive(Debug)]
struct DocumentWord {
    word: Key,
    /// How often it is in each field.
    counts: [u32; Field::COUNT],
    passages: [u32; MOST_PASSAGES],
    count: usize,
}

impl Indexer {
    /// An indexer that takes its words' numbers from a lexicon.
    pub fn new(lexicon: Arc<Lexicon>) -> Self {
        Self {
            reader: LexiconReader::new(lexicon),
            keys: Vec::new(),
            lengths: [0; Field::COUNT],
            found: Vec::new(),
            ids: Vec::new(),
            places: IdTable::default(),
        }
    }

    /// The entry of a document, and the parts of its text.
    pub fn index(&mut self, document: &Document<'_>) -> (DocumentEntry, Vec<TextPart>) {
        self.found.clear();
        self.places.clear();
        self.lengths = [0; Field::COUNT];
        let passages = passages(document);
        if document.has_title {
            self.meet(document.title, Field::Title, 0);
        }
        self.meet(document.description, Field::Description, 0);
        for (_, name) in &document.terms {
            self.meet(name, Field::Terms, 0);
        }
        for &(number, ref passage, words, is_comment) in &passages {
            let (of_label, of_words) =
                if is_comment { (Field::Comments, Field::Comments) } else { (Field::Heading, Field::Body) };
            if passage.is_first {
                self.meet(passage.label, of_label, number);
            }
            self.meet(words, of_words, number);
        }
        let mut words = self.mentions();
        let mut keys: Vec<String> = document.terms.iter().map(|(taxonomy, term)| term_key(taxonomy, term)).collect();
        keys.sort_unstable();
        keys.dedup();
        for key in keys {
            let key = self.reader.key(&key);
            let id = self.reader.id(key);
            Mention::new(1.0, &[0]).push_with(id, &mut words);
        }
        let parts = parts_of(document, &passages);
        let heads = parts.iter().map(|part| part.head).collect();
        (DocumentEntry { words: words.into(), parts: heads }, parts)
    }

    fn meet(&mut self, text: &str, field: Field, passage: usize) {
        let Self { reader, keys, lengths, found, places, .. } = self;
        keys.clear();
        let mut length = 0;
        each_word(text, |word, is_part| {
            length += usize::from(!is_part);
            keys.push(reader.key(word));
        });
        lengths[field as usize] += length;
        let passage = passage as u32;
        for &word in &*keys {
            let place = places.number(word, || {
                found.push(DocumentWord { word, counts: [0; Field::COUNT], passages: [passage, 0, 0, 0], count: 1 });
                found.len() as u32 - 1
            });
            let here = &mut found[place as usize];
            here.counts[field as usize] += 1;
            if here.count < MOST_PASSAGES && here.passages[here.count - 1] < passage {
                here.passages[here.count] = passage;
                here.count += 1;
            }
        }
    }

    /// What is said of each word that was met.
    fn mentions(&mut self) -> Vec<u8> {
        let weights = [Field::Title, Field::Terms, Field::Heading, Field::Description, Field::Body, Field::Comments];
        let weights = weights.map(|field| {
            let (weight, usual, matters) = field.weight();
            weight / (1.0 - matters + matters * rounded(self.lengths[field as usize]) as f32 / usual)
        });
        // All numbers first: while one is fetched from far away, the next one is looked for.
        self.ids.clear();
        self.ids.extend(self.found.iter().map(|found| self.reader.id(found.word)));
        let mut words = Vec::with_capacity(self.found.len() * 4 + 64);
        for (DocumentWord { counts, passages, count, .. }, &id) in self.found.iter().zip(&self.ids) {
            let weight: f32 = counts.iter().zip(weights).map(|(&count, weight)| count as f32 * weight).sum();
            Mention::new(weight / (weight + SATURATION), &passages[..*count]).push_with(id, &mut words);
        }
        words
    }
}

/// A length to three binary digits: with one word more or less all others mostly weigh what they did, and an edit changes
/// few files.
fn rounded(length: usize) -> usize {
    let lower = (usize::BITS - length.leading_zeros()).saturating_sub(3);
    length >> lower << lower
}

/// The key of a term in the index.
fn term_key(taxonomy: &str, term: &str) -> String {
    let mut key = format!("{taxonomy}:");
    each_word(term, |word, is_part| {
        if !is_part {
            if !key.ends_with(':') {
                key.push('-');
            }
            key.push_str(word);
        }
    });
    key
}

/// A passage of a document: what a link to it names, and how that is called.
#[derive(Clone, Copy)]
struct PassageHeading<'a> {
    anchor: &'a str,
    /// What is written before the anchor: the anchors of comments have a name of their own.
    prefix: &'static str,
    label: &'a str,
    is_first: bool,
}

/// The passages of a document but the first, which is its head: number, place, words, and whether it is of a comment.
fn passages<'a>(document: &'a Document<'_>) -> Vec<(usize, PassageHeading<'a>, &'a str, bool)> {
    let body = document.text.iter().flat_map(|text| text.passages()).map(|(passage, words)| {
        let Passage { anchor, label, is_first, .. } = passage;
        (PassageHeading { anchor, prefix: "", label, is_first: *is_first }, words, false)
    });
    let comments = document.comments.iter().flat_map(|(id, author, text)| {
        let place = |is_first| PassageHeading { anchor: id, prefix: "comment-", label: author, is_first };
        text.passages().enumerate().map(move |(index, (_, words))| (place(index == 0), words, true))
    });
    let all = body.chain(comments).enumerate();
    all.map(|(index, (place, words, is_comment))| (index + 1, place, words, is_comment)).collect()
}

/// A part of a document's text, as the client reads it.
#[derive(Serialize)]
struct TextPartJson<'a> {
    u: &'a str,
    t: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    d: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    s: Option<&'a str>,
    p: Vec<(usize, CompactAnchor<'a>, &'a str, &'a str)>,
    /// The first passage of the next part.
    #[serde(skip_serializing_if = "Option::is_none")]
    n: Option<usize>,
}

/// The anchor of a passage, in as few bytes as can be.
#[derive(Serialize)]
#[serde(untagged)]
enum CompactAnchor<'a> {
    Written(Cow<'a, str>),
    /// `0`: the anchor and the label are those of the passage before. `1`: the anchor is the label in small letters, with
    /// hyphens for its spaces.
    Derived(u8),
}

/// The anchor and the label of a place, behind those of the passage before.
fn labelled<'a>(place: &PassageHeading<'a>, before: Option<&PassageHeading<'a>>) -> (CompactAnchor<'a>, &'a str) {
    let PassageHeading { anchor, prefix, label, .. } = *place;
    let is_same = before.is_some_and(|before| (before.anchor, before.prefix, before.label) == (anchor, prefix, label));
    if is_same {
        return (CompactAnchor::Derived(0), "");
    }
    let letters = label.bytes().map(|byte| if byte == b' ' { b'-' } else { byte.to_ascii_lowercase() });
    if prefix.is_empty() && !label.is_empty() && label.is_ascii() && letters.eq(anchor.bytes()) {
        return (CompactAnchor::Derived(1), label);
    }
    let written = if prefix.is_empty() { Cow::Borrowed(anchor) } else { Cow::Owned(format!("{prefix}{anchor}")) };
    (CompactAnchor::Written(written), label)
}

/// The parts of a document's text. A document without any text has one part with its head alone.
pub fn parts(document: &Document<'_>) -> Vec<TextPart> {
    parts_of(document, &passages(document))
}

fn parts_of(document: &Document<'_>, passages: &[(usize, PassageHeading<'_>, &str, bool)]) -> Vec<TextPart> {
    let size_of = |(_, place, words, _): &(usize, PassageHeading<'_>, &str, bool)| {
        words.len() + place.label.len() + place.anchor.len() + 16
    };
    let mut parts = Vec::new();
    let mut rest = passages;
    loop {
        let mut size = 0;
        let fits = |passage: &&(usize, PassageHeading<'_>, &str, bool)| {
            size += size_of(passage);
            size <= PART
        };
        let count = rest.iter().take_while(fits).count().max(rest.len().min(1));
        let (these, others) = rest.split_at(count);
        let first = these.first().map_or(0, |first| first.0);
        let before = std::iter::once(None).chain(these.iter().map(|(_, place, ..)| Some(place)));
        let p = these
            .iter()
            .zip(before)
            .map(|((number, place, words, _), before)| {
                let (anchor, label) = labelled(place, before);
                (*number, anchor, label, *words)
            })
            .collect();
        let n = others.first().map(|next| next.0);
        let json = TextPartJson {
            u: &encode_path(document.path),
            t: document.title,
            d: document.date,
            s: document.section,
            p,
            n,
        };
        let json = serde_json::to_vec(&json).unwrap_or_default().into_boxed_slice();
        let fingerprint = Fingerprint::of(&json);
        parts.push(TextPart {
            head: TextPartHead { first: first as u32, length: json.len() as u32, fingerprint },
            json,
        });
        rest = others;
        if rest.is_empty() {
            return parts;
        }
    }
}
