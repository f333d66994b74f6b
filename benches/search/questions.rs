//! What is asked: questions that are made of the corpus' own words, with the post that each is about.

use std::fs;
use std::path::Path;

use rustc_hash::FxHashMap;

use crate::shared::corpus::Random;

/// The words of a post, as far as readers search for them: in small letters, without code.
#[derive(Debug, Default)]
struct Post {
    title: Vec<String>,
    description: Vec<String>,
    body: Vec<String>,
    comments: Vec<Vec<String>>,
}

/// All posts with their words, and for each word that not all have, the posts that have it.
pub struct Reading {
    posts: Vec<Post>,
    posts_of: FxHashMap<String, Vec<u32>>,
}

/// A question, and the number of the post that it is about.
#[derive(Clone, Debug)]
pub struct Question {
    pub text: String,
    pub post: usize,
    /// Whether it is still being typed.
    pub is_typing: bool,
}

/// Where the words of a question come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    Title,
    Body,
    Comment,
}

impl Reading {
    /// Reads the posts of a corpus.
    pub fn new(site: &Path, posts: usize) -> Result<Self, String> {
        let mut reading = Self { posts: Vec::with_capacity(posts), posts_of: FxHashMap::default() };
        let content = site.join("content");
        let years = fs::read_dir(&content).map_err(|error| format!("{}: {error}", content.display()))?;
        let years: Vec<_> = years.filter_map(|entry| Some(entry.ok()?.path())).collect();
        for number in 0..posts {
            let file =
                |end: &str| years.iter().find_map(|year| fs::read(year.join(format!("post-{number}{end}"))).ok());
            let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
            let post = file(".md").map(text).ok_or_else(|| format!("the corpus has no post {number}"))?;
            let thread = file(".comments.md").map(text).unwrap_or_default();
            let value = |begin: &str| post.lines().find_map(|line| line.strip_prefix(begin));
            reading.add(Post {
                title: value("title = ").map(words).unwrap_or_default(),
                description: value("description = ").map(words).unwrap_or_default(),
                body: post.split("+++").nth(2).map(words).unwrap_or_default(),
                comments: thread.split("+++").skip(2).step_by(2).map(words).collect(),
            });
        }
        Ok(reading)
    }

    fn add(&mut self, post: Post) {
        let number = self.posts.len() as u32;
        let fields = [&post.title, &post.description, &post.body].into_iter().chain(&post.comments);
        for word in fields.flatten() {
            match self.posts_of.get_mut(word) {
                Some(list) if list.last() == Some(&number) => {}
                Some(list) => list.push(number),
                None => drop(self.posts_of.insert(word.clone(), vec![number])),
            }
        }
        self.posts.push(post);
    }

    /// The posts that have a word.
    fn having(&self, word: &str) -> &[u32] {
        self.posts_of.get(word).map_or(&[], Vec::as_slice)
    }

    /// Whether one post in a hundred has a word, or fewer.
    fn is_rare(&self, word: &str) -> bool {
        word.len() >= 5 && self.having(word).len() <= (self.posts.len() / 100).max(2)
    }

    /// Whether one post in ten has a word, or more.
    fn is_common(&self, word: &str) -> bool {
        self.having(word).len() >= self.posts.len() / 10
    }

    /// Two rare words of a field that no other post has both: of its title the rarest, else any.
    fn pair(&self, random: &mut Random, number: usize, field: Field) -> Option<[&str; 2]> {
        let post = &self.posts[number];
        let words = match field {
            Field::Title => &post.title,
            Field::Body => &post.body,
            Field::Comment if post.comments.is_empty() => return None,
            Field::Comment => &post.comments[random.below(post.comments.len())],
        };
        let mut rare: Vec<&str> = words.iter().map(String::as_str).filter(|word| self.is_rare(word)).collect();
        rare.dedup();
        if rare.len() < 2 {
            return None;
        }
        if field == Field::Title {
            rare.sort_by_key(|word| self.having(word).len());
            rare.truncate(2);
        }
        let pairs = (0..8).map(|_| [random.one(&rare), random.one(&rare)]);
        pairs.into_iter().find(|[one, other]| one != other && self.is_alone(one, other))
    }

    /// Whether only one post has both words.
    fn is_alone(&self, one: &str, other: &str) -> bool {
        let others = self.having(other);
        self.having(one).iter().filter(|number| others.binary_search(number).is_ok()).count() == 1
    }

    /// So many questions of two rare words each, about as many posts. Fewer where not so many posts have such words.
    pub fn known_items(&self, field: Field, count: usize) -> Vec<Question> {
        let mut random = Random(field as u64);
        let mut questions = Vec::with_capacity(count);
        // A step without a divisor in common with any round number: every post comes once.
        let step = 7919;
        for turn in 0..self.posts.len() {
            let post = (turn * step) % self.posts.len();
            if questions.len() < count
                && let Some([one, other]) = self.pair(&mut random, post, field)
            {
                questions.push(Question { text: format!("{one} {other}"), post, is_typing: false });
            }
        }
        questions
    }

    /// A question with one mistake in one of its words: a letter too many, too few, another one, or two exchanged.
    /// What comes out is no word of the site.
    pub fn mistaken(&self, question: &Question, turn: usize) -> Question {
        let mut random = Random(turn as u64 ^ 0x5eed);
        let words: Vec<&str> = question.text.split(' ').collect();
        let place = random.below(words.len());
        loop {
            let mut letters: Vec<char> = words[place].chars().collect();
            let at = random.below(letters.len());
            let letter = char::from(b'a' + random.below(26) as u8);
            match turn % 4 {
                0 => letters.insert(at, letter),
                1 => drop(letters.remove(at)),
                2 => letters[at] = letter,
                _ if at > 0 => letters.swap(at - 1, at),
                _ => {}
            }
            let wrong: String = letters.into_iter().collect();
            if wrong != words[place] && self.having(&wrong).is_empty() {
                let mut words = words;
                words[place] = &wrong;
                return Question { text: words.join(" "), ..question.clone() };
            }
        }
    }

    /// A question whose last word is half typed.
    pub fn half_typed(question: &Question) -> Question {
        let start = question.text.rfind(' ').map_or(0, |at| at + 1);
        let end = start + (question.text.len() - start).div_ceil(2);
        Question { text: question.text[..end].to_owned(), is_typing: true, ..question.clone() }
    }

    /// So many pairs of words of the same post, where each word is rare or common.
    pub fn pairs(&self, is_rare: [bool; 2], count: usize) -> Vec<String> {
        let mut random = Random(u64::from(is_rare[0]) * 2 + u64::from(is_rare[1]));
        let mut pairs = Vec::with_capacity(count);
        while pairs.len() < count {
            let post = &self.posts[random.below(self.posts.len())];
            let words = is_rare.map(|is_rare| {
                let is_it = |word: &&String| if is_rare { self.is_rare(word) } else { self.is_common(word) };
                let words: Vec<&String> = post.body.iter().filter(is_it).collect();
                (!words.is_empty()).then(|| random.one(&words))
            });
            if let [Some(one), Some(other)] = words
                && one != other
            {
                pairs.push(format!("{one} {other}"));
            }
        }
        pairs
    }
}

/// The words of Markdown in small letters, without code and without addresses.
fn words(text: impl AsRef<str>) -> Vec<String> {
    let mut list = Vec::new();
    for part in text.as_ref().split("```").step_by(2) {
        for piece in part.split("](") {
            // Behind the first, a piece begins with an address.
            let is_first = std::ptr::eq(piece.as_ptr(), part.as_ptr());
            let piece = if is_first { piece } else { piece.split_once(')').map_or("", |(_, rest)| rest) };
            let words = piece.split(|letter: char| !letter.is_ascii_alphabetic()).filter(|word| !word.is_empty());
            list.extend(words.map(str::to_ascii_lowercase));
        }
    }
    list
}
