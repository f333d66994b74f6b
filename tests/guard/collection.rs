//! A labelled collection of replies to a blog, made from sentences and chance.
//!
//! Genuine replies are by regulars and strangers, on eight topics: thanks, experiences, questions, answers to others,
//! corrections, quarrels, code, links, other languages, and some that speak of money, medicine and bargains, as people do.
//! Spam comes in campaigns, each with its texts, its sites and its manner: programs that fill in everything, that are too
//! quick, or that behave. They hide words behind look-alike letters, digits, gaps and invisible characters, put addresses
//! into names, add sentences that are taken from genuine replies or copy these whole. Five campaigns begin only after the
//! first two hundred replies, with texts that nobody has seen before.
//!
//! The texts are in `collection/`. The same seed makes the same collection.

use std::collections::BTreeMap;
use std::time::Duration;

const GENUINE: &str = include_str!("collection/genuine.txt");
const SPAM: &str = include_str!("collection/spam.txt");

/// So many replies come before the campaigns that are called late.
pub const EARLY: usize = 200;

/// A reply, and what an author would say of it.
#[derive(Clone, Debug, Default)]
pub struct Reply {
    pub is_spam: bool,
    /// The kind of genuine reply, or the campaign.
    pub kind: String,
    pub author: Option<String>,
    pub email: Option<String>,
    pub url: Option<String>,
    pub comment: String,
    pub page: String,
    pub address: u64,
    pub form_age: Option<Duration>,
    pub honeypot_filled: bool,
}

/// Chance that is the same each time (SplitMix64).
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

/// Sections of a file: after each line `:name` what follows it.
fn sections(text: &'static str) -> Vec<(&'static str, Vec<&'static str>)> {
    let mut sections: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        match line.strip_prefix(':') {
            Some(name) => sections.push((name, Vec::new())),
            None => sections.last_mut().into_iter().for_each(|(_, lines)| lines.push(line)),
        }
    }
    for (_, lines) in &mut sections {
        while lines.last().is_some_and(|line| line.is_empty()) {
            lines.pop();
        }
    }
    sections
}

/// Texts of more than one line are kept together by their blank line or their fence.
fn sentences(lines: &[&str]) -> Vec<String> {
    let mut sentences: Vec<String> = Vec::new();
    let mut open = false;
    for line in lines {
        let goes_on = open || sentences.last().is_some_and(|last| last.ends_with("\n\n"));
        match sentences.last_mut() {
            Some(last) if goes_on => {
                if !last.ends_with('\n') {
                    last.push('\n');
                }
                last.push_str(line);
            }
            Some(last) if line.is_empty() => last.push_str("\n\n"),
            _ => sentences.push((*line).to_owned()),
        }
        open ^= line.starts_with("```");
    }
    sentences
}

type Words = BTreeMap<&'static str, Vec<String>>;

/// `name = a | b` lines; braces have their own bars.
fn lists(lines: &[&'static str]) -> Words {
    lines
        .iter()
        .filter_map(|line| line.split_once(" = "))
        .map(|(name, list)| (name, list.split(" | ").map(str::to_owned).collect()))
        .collect()
}

/// Chooses from all `{a|b}`, and puts words in the place of all `$name`.
fn expand(dice: &mut Dice, text: &str, words: &mut dyn FnMut(&mut Dice, &str) -> Option<String>) -> String {
    let mut text = text.to_owned();
    while let Some(open) = text.rfind('{') {
        let Some(close) = text[open..].find('}') else { break };
        let choices: Vec<&str> = text[open + 1..open + close].split('|').collect();
        let chosen = (*dice.one(&choices)).to_owned();
        text.replace_range(open..=open + close, &chosen);
    }
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        let name = &rest[at + 1..];
        let name = &name[..name.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(name.len())];
        match words(dice, name) {
            Some(word) => out.push_str(&word),
            None => out.push_str(&rest[at..=at + name.len()]),
        }
        rest = &rest[at + 1 + name.len()..];
    }
    out.push_str(rest);
    out
}

const FIRST: &[&str] = &[
    "Anna", "Jo", "Maria", "Peter", "Lena", "Tom", "Ingrid", "Carlos", "Yuki", "Olga", "Pierre", "Sam", "Ruth", "Ali",
    "Nora", "Felix", "Greta", "Hugo", "Iris", "Jan", "Kofi", "Lucia", "Marek", "Nils", "Oona", "Priya", "Quentin",
    "Rosa", "Stefan", "Tariq", "Ulla", "Vera", "Walter", "Xenia", "Yann", "Zoe", "Mark", "Emily", "Linda", "George",
];
const LAST: &[&str] = &[
    "Field", "Hansen", "Okafor", "Brandt", "Novak", "Silva", "Moreau", "Tanaka", "Lindgren", "Kowalski", "Weber",
    "Costa", "Byrne", "Petrov", "Singh", "Marsh", "Wren", "Dahl", "Romero", "Fischer", "Carter", "Lane", "Reed",
    "Brown",
];
const PLACES: &[&str] = &["Oslo", "the Black Forest", "Porto", "Leeds", "Kyoto", "a rainy Bergen", "Ohio", "the coast"];
const COMMON_HOSTS: &[&str] = &[
    "en.wikipedia.org",
    "github.com",
    "archive.org",
    "www.youtube.com",
    "stackoverflow.com",
    "www.bbc.co.uk",
    "docs.rs",
    "www.flickr.com",
    "news.ycombinator.com",
    "www.amazon.com",
    "medium.com",
    "de.wikipedia.org",
];
const TOPS: &[&str] = &["com", "org", "net", "de", "info", "io", "blog", "co.uk"];

const SCHEMES: [&str; 2] = ["http", "https"];

struct Person {
    name: String,
    site: Option<String>,
    address: u64,
}

impl Person {
    fn new(dice: &mut Dice) -> Self {
        let (first, last) = (*dice.one(FIRST), *dice.one(LAST));
        let name = match dice.below(4) {
            0 => first.to_owned(),
            1 => format!("{}{}", first.to_lowercase(), dice.below(90)),
            2 => format!("{first} {}.", &last[..1]),
            _ => format!("{first} {last}"),
        };
        let site = dice.percent(35).then(|| {
            let what = dice.one(&["", "blog", "-writes", "garden", "shop", "studio", "photo"]);
            format!(
                "{}://{}{}{what}.{}/",
                dice.one(&SCHEMES),
                first.to_lowercase(),
                last.to_lowercase(),
                dice.one(TOPS)
            )
        });
        Self { name, site, address: dice.next() }
    }
}

struct Campaign {
    kind: &'static str,
    sentences: Vec<String>,
    sites: Vec<String>,
    names: Vec<String>,
    manner: usize,
    disguise: usize,
    addresses: u64,
}

/// Makes so many replies, in the order in which they come.
pub fn collection(seed: u64, size: usize) -> Vec<Reply> {
    let dice = &mut Dice(seed);
    let genuine = sections(GENUINE);
    let topics: Vec<Words> =
        genuine.iter().filter(|(name, _)| name.starts_with("topic ")).map(|(_, lines)| lists(lines)).collect();
    let kinds: BTreeMap<&str, Vec<String>> = genuine
        .iter()
        .filter(|(name, _)| !name.starts_with("topic "))
        .map(|(name, lines)| (*name, sentences(lines)))
        .collect();
    let regulars: Vec<Person> = (0..50).map(|_| Person::new(dice)).collect();
    let campaigns: Vec<Campaign> = sections(SPAM).iter().map(|(kind, lines)| campaign(dice, kind, lines)).collect();
    let mut replies: Vec<Reply> = Vec::with_capacity(size);
    let mut running = 0;
    for number in 0..size {
        let topic = dice.below(topics.len());
        let page = format!("/posts/{topic}-{}/", dice.below(8));
        let reply = if dice.percent(50) {
            genuine_reply(dice, &kinds, &topics[topic], &regulars)
        } else {
            // Campaigns come in waves.
            if dice.percent(25) || (number < EARLY && campaigns[running].kind.contains("late")) {
                running = dice.below(campaigns.len());
                while number < EARLY && campaigns[running].kind.contains("late") {
                    running = dice.below(campaigns.len());
                }
            }
            spam(dice, &campaigns[running], &topics[topic], &kinds, &replies)
        };
        replies.push(Reply { page, ..reply });
    }
    replies
}

fn genuine_reply(dice: &mut Dice, kinds: &BTreeMap<&str, Vec<String>>, topic: &Words, regulars: &[Person]) -> Reply {
    let stranger;
    let person = if dice.percent(60) {
        dice.one(regulars)
    } else {
        stranger = Person::new(dice);
        &stranger
    };
    let kind = match dice.below(100) {
        0..18 => "thanks",
        18..45 => "reaction",
        45..56 => "question",
        56..67 => "answer",
        67..72 => "correction",
        72..77 => "quarrel",
        77..82 => "code",
        82..87 => "hard",
        87..93 => "foreign",
        _ => "linked",
    };
    let mut pieces = vec![dice.one(&kinds[kind]).clone()];
    if !matches!(kind, "thanks" | "foreign") {
        for _ in 0..dice.below(4) {
            pieces.push(dice.one(&kinds["reaction"]).clone());
        }
    }
    if dice.percent(20) && kind != "thanks" {
        pieces.push(dice.one(&kinds["closing"]).clone());
    }
    let mut comment = pieces.join(if dice.percent(30) { "\n\n" } else { " " });
    if kind == "code" {
        comment = pieces.join("\n\n");
    }
    let own = person.site.clone();
    let comment = expand(dice, &comment, &mut |dice, name| match name {
        "person" => Some(dice.one(regulars).name.clone()),
        "place" => Some((*dice.one(PLACES)).to_owned()),
        "link" => Some(match &own {
            Some(own) if dice.percent(30) => format!("{own}{}", dice.below(2030)),
            _ => format!("{}://{}/{}{}", dice.one(&SCHEMES), dice.one(COMMON_HOSTS), dice.one(LAST), dice.below(3000)),
        }),
        name => topic.get(name).map(|words| dice.one(words).clone()),
    });
    let comment = if dice.percent(12) { comment.to_lowercase() } else { comment };
    Reply {
        is_spam: false,
        kind: kind.to_owned(),
        author: (!dice.percent(4)).then(|| person.name.clone()),
        email: dice.percent(40).then(|| format!("{}@{}", dice.below(1 << 30), dice.one(&MAIL_HOSTS))),
        url: person.site.clone().filter(|_| dice.percent(80)),
        comment,
        page: String::new(),
        address: person.address,
        form_age: match dice.below(1000) {
            0..30 => None,
            // Written elsewhere, and pasted.
            30..34 => Some(Duration::from_secs(2)),
            _ => Some(Duration::from_secs(10 + dice.below(1500) as u64)),
        },
        // Some browser filled it in.
        honeypot_filled: dice.below(1000) == 0,
    }
}

const MAIL_HOSTS: [&str; 6] = ["gmail.com", "gmail.com", "outlook.com", "web.de", "posteo.net", "yahoo.com"];

fn campaign(dice: &mut Dice, kind: &'static str, lines: &[&'static str]) -> Campaign {
    let kind = kind.trim_start_matches("kind ");
    let made = |name: &str| {
        let line = lines.iter().find_map(|line| line.strip_prefix(name)).unwrap_or_else(|| panic!("{kind}: {name}"));
        line.strip_prefix(" = ").expect("a list").to_owned()
    };
    let mut many = |name: &str, count: usize| -> Vec<String> {
        let text = made(name);
        (0..count).map(|_| expand(dice, &text, &mut |_, _| None)).collect()
    };
    let sites = many("sites", 6)
        .iter()
        .map(|site| format!("{}://{}", SCHEMES[site.len() % 2], site.replacen(' ', ".", 1)))
        .collect();
    let names = many("names", 12);
    let own = lines.iter().filter(|line| !line.starts_with("sites =") && !line.starts_with("names ="));
    Campaign {
        kind,
        sentences: sentences(&own.copied().collect::<Vec<_>>()),
        sites,
        names,
        manner: dice.below(3),
        disguise: dice.below(60),
        addresses: dice.next(),
    }
}

fn spam(
    dice: &mut Dice,
    campaign: &Campaign,
    topic: &Words,
    kinds: &BTreeMap<&str, Vec<String>>,
    before: &[Reply],
) -> Reply {
    let site = dice.one(&campaign.sites).clone();
    let path = format!("{site}/{}{}", dice.one(&["", "?p=", "a/", "r"]), dice.below(500));
    let mut words = |dice: &mut Dice, name: &str| match name {
        "site" => Some(if dice.percent(60) { path.clone() } else { site.clone() }),
        "mail" => Some(format!("{}{}@{}", dice.one(FIRST).to_lowercase(), dice.below(999), dice.one(&MAIL_HOSTS))),
        "person" | "place" => Some((*dice.one(FIRST)).to_owned()),
        "link" => Some(site.clone()),
        name => topic.get(name).map(|words| dice.one(words).clone()),
    };
    let mut pieces: Vec<String> = (0..=dice.below(2)).map(|_| dice.one(&campaign.sentences).clone()).collect();
    // Good words, to look like others.
    if dice.percent(15) {
        pieces.push(dice.one(&kinds["reaction"]).clone());
    }
    let mut comment = expand(dice, &pieces.join(" "), &mut words);
    if dice.percent(campaign.disguise) {
        comment = disguise(dice, &comment);
    }
    let genuine: Vec<&Reply> = before.iter().rev().filter(|reply| !reply.is_spam).take(50).collect();
    if !genuine.is_empty() && dice.percent(4) {
        comment = format!("{} {path}", dice.one(&genuine).comment);
    }
    let mut author = dice.one(&campaign.names).clone();
    if dice.percent(8) {
        author = path.clone();
    }
    let (form_age, honeypot_filled) = match campaign.manner {
        0 => (None, dice.percent(70)),
        1 => (Some(Duration::from_millis(dice.below(2500) as u64)), dice.percent(20)),
        _ => (Some(Duration::from_secs(5 + dice.below(90) as u64)), false),
    };
    Reply {
        is_spam: true,
        kind: campaign.kind.to_owned(),
        author: Some(author),
        email: dice.percent(80).then(|| format!("{}@{}", dice.below(1 << 30), dice.one(&MAIL_HOSTS))),
        url: dice.percent(70).then(|| site.clone()),
        comment,
        page: String::new(),
        address: campaign.addresses.wrapping_add(dice.below(40) as u64),
        form_age,
        honeypot_filled,
    }
}

/// Hides the words of a text, but for its addresses.
fn disguise(dice: &mut Dice, text: &str) -> String {
    let manner = dice.below(5);
    let mut hidden = |word: &str| -> String {
        if word.contains("://") || word.len() < 4 || !dice.percent(50) {
            return word.to_owned();
        }
        match manner {
            0 => word
                .chars()
                .map(|c| {
                    *[('a', 'а'), ('e', 'е'), ('o', 'о'), ('c', 'с')]
                        .iter()
                        .find(|(from, _)| *from == c)
                        .map_or(&c, |(_, to)| to)
                })
                .collect(),
            1 => word
                .chars()
                .map(|c| match c {
                    'a' => '4',
                    'e' => '3',
                    'i' => '1',
                    'o' => '0',
                    c => c,
                })
                .collect(),
            2 => word.chars().flat_map(|c| [c, '\u{200b}']).collect(),
            3 => word.chars().map(String::from).collect::<Vec<_>>().join(if dice.percent(50) { " " } else { "." }),
            _ => word
                .chars()
                .map(|c| match c {
                    'a'..='z' => char::from_u32(c as u32 + 0xff41 - 0x61).unwrap_or(c),
                    c => c,
                })
                .collect(),
        }
    };
    text.split(' ').map(&mut hidden).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_collection_is_the_same_each_time_and_varied() {
    let (one, two) = (collection(1, 3000), collection(1, 3000));
    assert!(one.iter().zip(&two).all(|(a, b)| format!("{a:?}") == format!("{b:?}")));
    let texts = |spam: bool| {
        let of_kind: Vec<&str> = one.iter().filter(|r| r.is_spam == spam).map(|r| r.comment.as_str()).collect();
        let different: std::collections::BTreeSet<&str> = of_kind.iter().copied().collect();
        (of_kind.len(), different.len())
    };
    for (all, different) in [texts(false), texts(true)] {
        assert!(all > 1300 && different * 10 > all * 7, "{different} of {all}");
    }
    assert!(one[..EARLY].iter().all(|reply| !reply.kind.contains("late")));
    assert!(one[EARLY..].iter().filter(|reply| reply.kind.contains("late")).count() > 200);
    for reply in &one {
        for leftover in ["$thing", "$site", "$detail", "{", "|"] {
            assert!(!reply.comment.contains(leftover), "{}", reply.comment);
        }
    }
}
