//! Those who would like to break the guard, or to get around it.

use std::time::{Duration, Instant};

use causerie::guard::{
    AddressKey, Attempt, Cause, Disposition, Guard, GuardConfig, Label, Model, Pattern, Proof, RecentActivity,
    RecentReplies, ReplyText, Subject, Verdict,
};
use jiff::Timestamp;
use proptest::prelude::*;

/// Says that there were any number of replies.
struct Endless;

impl RecentActivity for Endless {
    fn count(&self, _: Subject, _: Timestamp) -> usize {
        usize::MAX
    }
}

fn attempt<'a>(comment: &'a str, recent: &'a dyn RecentActivity) -> Attempt<'a> {
    Attempt {
        author: Some("Jo"),
        email: None,
        url: None,
        comment,
        poses_as: None,
        page: "/a/",
        address_key: AddressKey([1; 16]),
        wide_key: None,
        received: Timestamp::from_second(1_700_000_000).expect("a moment"),
        form_age: Some(Duration::from_secs(60)),
        honeypot_filled: false,
        proof: None,
        recent,
    }
}

fn taught() -> Model {
    let mut model = Model::default();
    for number in 0..20 {
        let comments = [
            (Label::Spam, format!("Casino bonus http://casino{number}.example buy now")),
            (Label::Genuine, format!("I brew {number} cups of tea a day")),
        ];
        for (kind, comment) in &comments {
            model.learn(&ReplyText { author: None, email: None, url: None, comment }, *kind);
        }
    }
    model
}

/// Pieces that mean something to one part of the guard or another.
fn anything() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => prop::sample::select(vec![
            "http://", "https://", "www.", "://", "[url=", "<a href", "](", "casino", "c a s i n o", "cаsino", "c4s1n0",
            "\u{200b}", "\u{301}", "\u{ad}", "\u{202e}", "\u{feff}", "\0", "\u{7f}", "ß", "İ", "ﬃ", "𝓥", "日本", "👩‍👩‍👧",
            " ", "\n", ".", "..", "-", "@", "%", "$", "{", "\\", "\"", "'", "a.b", "xn--a", "[::1]", "𐀀", "\u{10ffff}",
        ]).prop_map(str::to_owned),
        1 => any::<String>(),
        1 => "\\PC{0,12}",
    ];
    prop::collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn any_reply_is_judged(
        author in prop::option::of(anything()), email in prop::option::of(anything()), url in prop::option::of(anything()),
        comment in anything(), page in anything(), key: [u8; 16], second in -377_705_023_201i64..=253_402_207_200,
        age in prop::option::of(any::<u64>()), honeypot_filled: bool, nonce in prop::option::of(anything()), endless: bool,
        learn: bool, max_links in 0..3usize, word in anything(),
    ) {
        let model = taught();
        let config = GuardConfig {
            learn, max_links, words: vec![word, "tea".to_owned()], patterns: vec![Pattern::new(r"\d{3}|ca.ino").unwrap()],
            proof_of_work: 8, ..GuardConfig::default()
        };
        let memory = RecentReplies::default();
        let attempt = Attempt {
            author: author.as_deref(), email: email.as_deref(), url: url.as_deref(), comment: &comment, poses_as: None, page: &page,
            address_key: AddressKey(key),
            wide_key: None,
            // Every moment that there is.
            received: Timestamp::from_second(second).unwrap(),
            form_age: age.map(Duration::from_secs), honeypot_filled,
            proof: nonce.as_deref().map(|nonce| Proof { token: &page, nonce }),
            recent: if endless { &Endless } else { &memory },
        };
        let verdict = Guard::new(&config, &model).judge(&attempt);
        prop_assert_eq!(&verdict, &Guard::new(&config, &model).judge(&attempt));
        // It says why, in one line that nothing can turn around.
        prop_assert!(verdict.decision == Disposition::Queue || !verdict.reasons.is_empty());
        prop_assert_eq!(verdict.score, verdict.reasons.iter().map(|reason| reason.weight).sum::<i32>());
        prop_assert_eq!(verdict.decision == Disposition::Refuse, endless);
        for reason in &verdict.reasons {
            let sentence = reason.to_string();
            let from_config = matches!(reason.cause, Cause::Word { .. } | Cause::Pattern { .. });
            prop_assert!(sentence.len() < 1000 && sentence.ends_with('.'), "{}", sentence);
            prop_assert!(from_config || !sentence.contains(|c: char| c.is_control() || c == '\u{202e}'), "{sentence:?}");
        }
        // It is stored with the reply, and comes back the same.
        let json = serde_json::to_string(&verdict).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Verdict>(&json).unwrap(), &verdict);
        let toml = toml::to_string(&verdict).unwrap();
        prop_assert_eq!(&toml::from_str::<Verdict>(&toml).unwrap(), &verdict);
    }

    #[test]
    fn any_file_is_a_model_or_a_warning(bytes in prop::collection::vec(any::<u8>(), 0..300), cut in any::<prop::sample::Index>()) {
        let (model, why) = Model::from_bytes(&bytes);
        prop_assert!(model == Model::default() && why.is_some());
        let mut mixed = taught().to_bytes();
        let at = cut.index(mixed.len());
        mixed.splice(at.., bytes);
        let (model, why) = Model::from_bytes(&mixed);
        prop_assert!(why.is_some() == (model == Model::default()));
    }
}

#[test]
fn patterns_that_were_made_to_be_slow_are_refused_or_quick() {
    let long = "a".repeat(20_000);
    let model = Model::default();
    for pattern in [
        "(a*)*$b",
        "(a|a)*b",
        "(a|aa)+$x",
        "^(([a-z])+.)+[A-Z]([a-z])+$",
        "(?:a?){90}a{90}b",
        "(.*)(.*)(.*)(.*)(.*)b",
        "(?:(?:a{9}){9}){9}b",
        r"\w+\s*\w+\s*\w+\s*!",
        "(x+x+)+y",
        "((a{0,50}){0,50}){0,50}",
        r"\pL{300}",
        "a{1000000}",
    ] {
        let Ok(pattern) = Pattern::new(pattern) else { continue };
        let config = GuardConfig { patterns: vec![pattern.clone()], learn: false, ..GuardConfig::default() };
        let start = Instant::now();
        Guard::new(&config, &model).judge(&attempt(&long, &RecentReplies::default()));
        assert!(start.elapsed() < Duration::from_secs(2), "{pattern:?}: {:?}", start.elapsed());
    }
    assert_eq!(Pattern::new("a{1000000}").unwrap_err(), "it is too large");
}

#[test]
fn huge_replies_take_no_long_time() {
    let (config, model) = (GuardConfig::default(), taught());
    let guard = Guard::new(&config, &model);
    let numbers: String = (0..200_000).map(|number| format!("{number} ")).collect();
    for text in [
        "a".repeat(1 << 20),
        "a ".repeat(1 << 19),
        "http://a.example ".repeat(1 << 16),
        "\u{200b}".repeat(1 << 18),
        "c\u{301}\u{200b}".repeat(1 << 17),
        "[url=".repeat(1 << 17),
        "<a ".repeat(1 << 18),
        "аa".repeat(1 << 17),
        numbers,
    ] {
        let start = Instant::now();
        let attempt = Attempt { author: Some(&text), url: Some(&text), page: &text, ..attempt(&text, &Endless) };
        guard.judge(&attempt);
        attempt.recent_reply();
        let mut model = taught();
        model.learn(&attempt.text(), Label::Genuine);
        assert!(start.elapsed() < Duration::from_secs(5), "{text:.20}: {:?}", start.elapsed());
        assert!(model.to_bytes().len() < 64 * 1024);
    }
}

#[test]
fn a_good_disguise_is_seen_through() {
    let (config, model, memory) = (
        GuardConfig { words: vec!["Online Casino".to_owned()], ..GuardConfig::default() },
        taught(),
        RecentReplies::default(),
    );
    let guard = Guard::new(&config, &model);
    for comment in [
        "the best online casino",
        "the best ONLINE  CASINO!",
        "**online** [casino](https://a.example)",
        "ｏｎｌｉｎｅ ｃａｓｉｎｏ",
        "onlinе cаsinо",
        "on\u{200b}line cas\u{ad}ino",
        "o n l i n e casino",
        "o.n.l.i.n.e  c a s i n o",
        "onlinecasino",
        "ónliñe cásinô",
        "online\n\ncasino",
    ] {
        let verdict = guard.judge(&attempt(comment, &memory));
        let word = verdict.reasons.iter().any(|reason| matches!(reason.cause, Cause::Word { .. }));
        assert!(word && verdict.decision == Disposition::Spam, "{comment}: {verdict:?}");
    }
    for comment in ["online and casino", "an offline casinos"] {
        let verdict = guard.judge(&attempt(comment, &memory));
        assert!(
            !verdict.reasons.iter().any(|reason| matches!(reason.cause, Cause::Word { .. })),
            "{comment}: {verdict:?}"
        );
    }
}
