//! Keeps what was read: texts in a temporary file, and a small index in memory.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};

use rustc_hash::{FxHashMap, FxHashSet};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::html;
use super::ledger::hash;
use super::model::{
    Author, Blog, Comment, CommentState, Commenter, Format, Item, ItemKind, Media, Omission, Post, PostKind,
    PostSupplement, QueryAddress, Sink, Thread, ThreadKey, Visibility,
};
use super::report::{Concern, Report};

/// A post in the index.
#[derive(Clone, Debug)]
pub struct PostEntry {
    /// What the source calls it.
    pub key: String,
    /// Whether it is a post or a page.
    pub kind: PostKind,
    /// Who can read it.
    pub visibility: Visibility,
    /// The last part of its address.
    pub slug: String,
    /// Its address.
    pub url: Option<String>,
    /// Whether it has a title, to name it by.
    pub title: String,
    /// The line of the source where it begins.
    pub line: u64,
    /// The places in its text that links can lead to.
    pub anchors: FxHashSet<String>,
    offset: u64,
}

impl PostEntry {
    /// What the report counts it as.
    pub fn class(&self) -> ItemKind {
        match self.kind {
            PostKind::Post => ItemKind::Posts,
            PostKind::Page => ItemKind::Pages,
        }
    }
}

/// What was read.
pub struct Store {
    file: BufWriter<File>,
    offset: u64,
    /// The blog.
    pub blog: Blog,
    /// Its authors, by the key.
    pub authors: FxHashMap<String, Author>,
    /// Its posts and pages, in the order of the source.
    pub posts: Vec<PostEntry>,
    /// The id of the last post in the source, and the one that it got here, if another post had it before.
    renamed: Option<(String, String)>,
    /// The posts by their keys.
    pub post_keys: FxHashMap<String, usize>,
    /// The addresses with a query that lead to posts.
    pub query_addresses: Vec<QueryAddress>,
    /// The types of items that the author does not want.
    pub unwanted: Vec<String>,
    /// The ids of comments of Disqus that the blog has, with their ids there.
    pub copies: FxHashMap<String, String>,
    /// The approved comments whose ids are numbers, in order once all is read. Links can lead to them.
    pub approved: Vec<u64>,
    /// The paths of uploaded files that could not be fetched, with the reasons.
    pub failed_media: FxHashMap<String, String>,
    /// The uploaded files.
    pub media: Vec<Media>,
    supplements: FxHashMap<String, PostSupplement>,
    /// The people whom comments name by their account.
    pub commenters: FxHashMap<String, Commenter>,
    /// The threads that are named by an address.
    pub threads: Vec<Thread>,
    known_threads: FxHashSet<String>,
    thread_numbers: FxHashMap<ThreadKey, u32>,
    comments: Vec<Vec<u64>>,
    /// What was counted so far.
    pub report: Report,
}

impl Store {
    /// An empty store.
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            file: BufWriter::with_capacity(1 << 18, tempfile::tempfile()?),
            offset: 0,
            blog: Blog::default(),
            authors: FxHashMap::default(),
            posts: Vec::new(),
            renamed: None,
            post_keys: FxHashMap::default(),
            query_addresses: Vec::new(),
            unwanted: Vec::new(),
            copies: FxHashMap::default(),
            approved: Vec::new(),
            failed_media: FxHashMap::default(),
            media: Vec::new(),
            supplements: FxHashMap::default(),
            commenters: FxHashMap::default(),
            threads: Vec::new(),
            known_threads: FxHashSet::default(),
            thread_numbers: FxHashMap::default(),
            comments: Vec::new(),
            report: Report::default(),
        })
    }

    fn put(&mut self, value: &impl Serialize) -> io::Result<u64> {
        let bytes = postcard::to_stdvec(value).map_err(io::Error::other)?;
        let offset = self.offset;
        let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
        self.file.write_all(&length.to_le_bytes())?;
        self.file.write_all(&bytes)?;
        self.offset += 4 + u64::from(length);
        Ok(offset)
    }

    fn post(&mut self, mut post: Post) -> io::Result<()> {
        self.renamed = None;
        let class = if post.kind == PostKind::Page { ItemKind::Pages } else { ItemKind::Posts };
        self.report.read(class);
        let is_known = |key: &str, store: &Self| {
            store.post_keys.get(key).map(|number| {
                let known = &store.posts[*number];
                known.title == post.title && known.url == post.url
            })
        };
        let mut known = is_known(&post.key, self);
        if known == Some(false) {
            // Two posts have one id: the second gets another, the same in each export, and so do the comments that follow it.
            let difference = hash(format!("{}\n{}", post.title, post.url.as_deref().unwrap_or_default()).as_bytes());
            let key = format!("{}-{}", post.key, &difference[..8]);
            known = is_known(&key, self);
            self.renamed = Some((std::mem::replace(&mut post.key, key.clone()), key));
            self.repair("posts with the id of another one", 1);
        }
        if known.is_some() {
            let reason = "its id was in the source before".to_owned();
            let name = format!("“{}” (line {})", post.title, post.line);
            self.report.leave_out(Omission { class, reason, is_loss: false }, name);
            return Ok(());
        }
        let offset = self.put(&post)?;
        let anchors = match post.body.format {
            Format::Markdown => html::anchors(&post.body.text),
            Format::Html | Format::HtmlWithLines => html::ids(&post.body.text),
            Format::Plain => FxHashSet::default(),
        };
        let Post { key, kind, visibility, slug, url, title, line, .. } = post;
        self.post_keys.insert(key.clone(), self.posts.len());
        self.posts.push(PostEntry { key, kind, visibility, slug, url, title, line, anchors, offset });
        Ok(())
    }

    /// What reads the texts back.
    pub fn texts(&mut self) -> io::Result<Texts> {
        self.file.flush()?;
        Ok(Texts { file: BufReader::with_capacity(1 << 16, self.file.get_ref().try_clone()?), position: u64::MAX })
    }

    /// Adds to a post what other parts of the source say about it.
    pub fn complete(&self, post: &mut Post) {
        let Some(supplement) = self.supplements.get(&post.key) else { return };
        if !supplement.authors.is_empty() {
            post.authors.clone_from(&supplement.authors);
        }
        if post.excerpt.is_empty() {
            post.excerpt.clone_from(&supplement.excerpt);
        }
        post.terms.extend(supplement.terms.iter().cloned());
    }

    /// The threads that have comments, with the places of these.
    pub fn threads_with_comments(&self) -> FxHashMap<&ThreadKey, &[u64]> {
        self.thread_numbers.iter().map(|(key, number)| (key, &*self.comments[*number as usize])).collect()
    }
}

/// Reads texts from the temporary file.
pub struct Texts {
    file: BufReader<File>,
    position: u64,
}

impl Texts {
    /// Reads a post.
    pub fn post(&mut self, entry: &PostEntry) -> io::Result<Post> {
        self.get(entry.offset)
    }

    /// Reads comments.
    pub fn comments(&mut self, places: &[u64]) -> io::Result<Vec<Comment>> {
        places.iter().map(|place| self.get(*place)).collect()
    }

    fn get<T: DeserializeOwned>(&mut self, offset: u64) -> io::Result<T> {
        if self.position != offset {
            // A short way forward stays in the buffer.
            match i64::try_from(offset.wrapping_sub(self.position)) {
                Ok(forward) if self.position <= offset => self.file.seek_relative(forward)?,
                _ => drop(self.file.seek(SeekFrom::Start(offset))?),
            }
        }
        let mut length = [0; 4];
        self.file.read_exact(&mut length)?;
        let mut bytes = vec![0; u32::from_le_bytes(length) as usize];
        self.file.read_exact(&mut bytes)?;
        self.position = offset + 4 + bytes.len() as u64;
        postcard::from_bytes(&bytes).map_err(io::Error::other)
    }
}

impl Sink for Store {
    fn item(&mut self, item: Item) -> io::Result<()> {
        match item {
            Item::Blog(blog) => {
                if self.blog.url.is_empty() {
                    self.blog = blog;
                }
            }
            Item::Author(author) => drop(self.authors.insert(author.key.clone(), author)),
            Item::QueryAddress(address) => self.query_addresses.push(address),
            Item::Media(media) => {
                self.report.read(ItemKind::Media);
                self.media.push(media);
            }
            Item::Commenter(commenter) => drop(self.commenters.insert(commenter.key.clone(), commenter)),
            Item::PostSupplement(supplement) => drop(self.supplements.insert(supplement.post.clone(), supplement)),
            Item::Thread(thread) => {
                if self.known_threads.insert(thread.key.clone()) {
                    self.threads.push(thread);
                } else if thread.likes + thread.reposts > 0
                    && let Some(known) = self.threads.iter_mut().find(|known| known.key == thread.key)
                {
                    // An export in several files counts in each of them.
                    known.likes += thread.likes;
                    known.reposts += thread.reposts;
                }
            }
            Item::Post(post) => self.post(*post)?,
            Item::CommentCopy(copy) => drop(self.copies.insert(copy.original, copy.key)),
            Item::Comment(mut comment) => {
                self.report.read(ItemKind::Comments);
                if comment.decision == CommentState::Approved {
                    self.approved.extend(comment.key.parse::<u64>());
                }
                if let (Some((old, new)), ThreadKey::Post(key)) = (&self.renamed, &mut comment.thread)
                    && key == old
                {
                    key.clone_from(new);
                }
                let offset = self.put(&comment)?;
                let next = u32::try_from(self.comments.len()).map_err(io::Error::other)?;
                let number = *self.thread_numbers.entry(comment.thread).or_insert(next);
                if number == next {
                    self.comments.push(Vec::new());
                }
                self.comments[number as usize].push(offset);
            }
        }
        Ok(())
    }

    fn leave_out(&mut self, omission: Omission, name: String) {
        self.report.read(omission.class);
        self.report.leave_out(omission, name);
    }

    fn repair(&mut self, what: &'static str, times: u64) {
        *self.report.repairs.entry(what).or_default() += times;
    }

    fn unknown_tag(&mut self, name: &str) {
        self.report.unknown_tag(name);
    }

    fn concern(&mut self, concern: Concern, name: String) {
        self.report.concern(concern, name);
    }

    fn is_unwanted(&self, kind: &str) -> bool {
        self.unwanted.iter().any(|unwanted| unwanted == kind)
    }
}
