//! Words as prose has them: few that are everywhere, and many that are almost nowhere.
//!
//! By Zipf's law the word of rank *r* is drawn with a probability in proportion to 1/*r*. In large bodies of text that is so
//! for some thousands of words; beyond, the probability falls with 1/*r*², and so the number of different words grows with
//! the root of the length of the text (Heaps' law): about 20,000 in a thousand posts, 60,000 in ten thousand.

use super::random::Random;

/// The first ranks: about three words of five in a text.
const COMMON: &str = "the of and to in that it was for on are as with they be at one have this from had by word but \
    what some we can out other were all there when up use your how said an each she which do their time if will way \
    about many then them write would like so these her long make thing see him two has look more day could go come did \
    number sound no most people my over know water than call first who may down side been now find garden winter letter \
    paper river answer question silence window lantern harbour copper thread meadow argument patience measure orchard";

/// Up to this rank the probability falls with 1/*r*.
const KNEE: usize = 2000;
/// No word has a higher rank.
const RANKS: usize = 1 << 19;
/// Into how many parts a draw of a word is divided.
const SLOTS: usize = 1 << 16;

const ONSETS: &[&str] = &[
    "b", "c", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "v", "w", "z", "br", "cl", "dr", "fl", "gr",
    "pl", "sh", "st", "tr", "th", "", "j", "qu",
];
const VOWELS: &[&str] = &["a", "e", "i", "o", "u", "a", "e", "i", "o", "ai", "ea", "oo", "ou"];
const CODAS: &[&str] = &["n", "r", "l", "s", "t", "m", "nd", "st", "ck", "rn", "x", "p", "g", "d"];
const ENDINGS: &[&str] = &["s", "s", "s", "ed", "ing", "er", "ly", "ness"];

/// All words, and how often each is drawn.
pub struct Words {
    /// By rank, beginning with 0.
    by_rank: Vec<String>,
    /// Ranks below the knee, each as often as its share of all slots. The slots that are left are for those beyond.
    slots: Vec<u16>,
}

impl Words {
    pub fn new() -> Self {
        let mut by_rank: Vec<String> = COMMON.split_whitespace().map(str::to_owned).collect();
        // Two words of five are forms of one that is there: tea, teas.
        let mut plain = Vec::new();
        while by_rank.len() < RANKS {
            let mut random = Random(by_rank.len() as u64);
            if plain.len() > 50 && random.below(5) < 2 {
                let stem = random.one(&plain);
                by_rank.push(format!("{}{}", by_rank[stem], random.one(ENDINGS)));
            } else {
                plain.push(by_rank.len());
                by_rank.push(made_up(&mut random, by_rank.len()));
            }
        }
        // The sum of K/r² for all r beyond K is about 1, as much as the weight of rank 1.
        let weights: f64 = 1.0 + (1..=KNEE).map(|rank| 1.0 / rank as f64).sum::<f64>();
        let mut slots = Vec::with_capacity(SLOTS);
        let mut sum = 0.0;
        for rank in 0..KNEE {
            sum += SLOTS as f64 / weights / (rank + 1) as f64;
            slots.resize(sum as usize, rank as u16);
        }
        Self { by_rank, slots }
    }

    /// Any word.
    pub fn any(&self, random: &mut Random) -> &str {
        match self.slots.get(random.below(SLOTS)) {
            Some(&rank) => &self.by_rank[usize::from(rank)],
            None => self.rare(random),
        }
    }

    /// A word from beyond the knee.
    pub fn rare(&self, random: &mut Random) -> &str {
        const PARTS: usize = 1 << 30;
        const LEAST: usize = PARTS / RANKS * KNEE;
        let rank = PARTS * KNEE / (LEAST + 1 + random.below(PARTS - LEAST));
        &self.by_rank[rank.min(RANKS - 1)]
    }

    /// So many words, without any mark between them.
    pub fn phrase(&self, random: &mut Random, count: usize) -> String {
        let list: Vec<&str> = (0..count).map(|_| self.any(random)).collect();
        list.join(" ")
    }

    /// So many words in sentences.
    pub fn prose(&self, random: &mut Random, count: usize) -> String {
        let mut text = String::with_capacity(count * 7);
        let mut left = count;
        while left > 0 {
            // Not a short one at the end.
            let length = 8 + random.below(12);
            let length = if left < length + 6 { left } else { length };
            left -= length;
            for place in 0..length {
                let word = self.any(random);
                if place == 0 {
                    push_capital(&mut text, word);
                } else {
                    text.push_str(if place % 7 == 6 && place + 2 < length { ", " } else { " " });
                    text.push_str(word);
                }
            }
            text.push_str(if left > 0 { ". " } else { "." });
        }
        text
    }

    /// A title: three or four of any words, and one or two rare ones.
    pub fn title(&self, random: &mut Random) -> String {
        let rare = [random.below(5), random.below(5)];
        let mut text = String::new();
        for place in 0..5 {
            let word = if rare.contains(&place) { self.rare(random) } else { self.any(random) };
            if place == 0 {
                push_capital(&mut text, word);
            } else {
                text.push(' ');
                text.push_str(word);
            }
        }
        text
    }
}

fn push_capital(text: &mut String, word: &str) {
    let at = text.len();
    text.push_str(word);
    if let Some(first) = text.get_mut(at..=at) {
        first.make_ascii_uppercase();
    }
}

/// Two syllables or three, sometimes one or four; often used words are shorter.
fn made_up(random: &mut Random, rank: usize) -> String {
    let syllables = if rank < KNEE / 2 { 1 + random.below(2) } else { 2 + random.skewed(3) };
    let mut word = String::new();
    for left in (0..syllables).rev() {
        word.push_str(random.one(ONSETS));
        word.push_str(random.one(VOWELS));
        if left == 0 || random.below(3) == 0 {
            word.push_str(random.one(CODAS));
        }
    }
    word
}
