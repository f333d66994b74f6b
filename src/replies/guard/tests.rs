use std::collections::BTreeMap;

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).expect("a moment")
}

/// Remembers nothing.
struct Nothing;

impl RecentActivity for Nothing {
    fn count(&self, _: Subject, _: Timestamp) -> usize {
        0
    }
}

const TEXT: &str = "I have been brewing it for three minutes, and it was bitter.";

fn attempt(comment: &str) -> Attempt<'_> {
    Attempt {
        author: Some("Jo Field"),
        email: None,
        url: None,
        comment,
        poses_as: None,
        page: "/posts/tea/",
        address_key: AddressKey([7; 16]),
        wide_key: None,
        received: at(0),
        form_age: Some(Duration::from_secs(40)),
        honeypot_filled: false,
        proof: None,
        recent: &Nothing,
    }
}

/// A verdict in short: the decision, and each reason with its weight.
fn told(config: &GuardConfig, attempt: &Attempt) -> (Disposition, Vec<String>) {
    let verdict = Guard::new(config, &Model::default()).judge(attempt);
    (verdict.decision, verdict.reasons.iter().map(|reason| format!("{} {reason}", reason.weight)).collect())
}

fn plain(attempt: &Attempt) -> (Disposition, Vec<String>) {
    told(&GuardConfig::default(), attempt)
}

fn says(decision: Disposition, reasons: &[&str]) -> (Disposition, Vec<String>) {
    (decision, reasons.iter().map(|reason| (*reason).to_owned()).collect())
}

#[test]
fn nothing_speaks_against_a_plain_reply() {
    for comment in [
        TEXT,
        "Thanks!",
        "See [my notes](https://jo.example/tea) and https://en.wikipedia.org/wiki/Tea.",
        "Спасибо, очень интересно!",
        "これは面白いですね。",
        "α-Teilchen, naïve Größe, and `x = 1`",
    ] {
        assert_eq!(plain(&attempt(comment)), says(Disposition::Queue, &[]), "{comment}");
    }
}

#[test]
fn a_name_like_the_authors_is_told_and_stays_told() {
    let posing = Attempt { poses_as: Some("Ada Wren"), ..attempt(TEXT) };
    let reason = "40 The name looks like “Ada Wren”, who writes this site, and somebody else may have sent it.";
    assert_eq!(plain(&posing), says(Disposition::Strict, &[reason]));
    let config = GuardConfig::default();
    let (model, none) = (Model::default(), Nothing);
    let guard = Guard::new(&config, &model);
    let before = guard.judge(&Attempt { recent: &none, ..posing });
    let changed = ReplyText { comment: "I have changed my mind about that, and say so now.", ..posing.text() };
    assert_eq!(guard.judge_again(&before, &changed, 0).poses_as(), Some("Ada Wren"));
}

#[test]
fn how_it_came_is_told() {
    let age = |milliseconds| Some(Duration::from_millis(milliseconds));
    for (attempt, expected) in [
        (
            Attempt { honeypot_filled: true, ..attempt(TEXT) },
            says(Disposition::Spam, &["150 The field that people do not see was filled in."]),
        ),
        (
            Attempt { form_age: age(1999), ..attempt(TEXT) },
            says(Disposition::Strict, &["50 It was sent 1 second after the form was shown; a person takes 3 or more."]),
        ),
        (Attempt { form_age: age(3000), ..attempt(TEXT) }, says(Disposition::Queue, &[])),
        (
            Attempt { form_age: None, ..attempt(TEXT) },
            says(
                Disposition::Strict,
                &["10 The form's script did not run, so nobody knows how long it took to write."],
            ),
        ),
    ] {
        assert_eq!(plain(&attempt), expected);
    }
}

#[test]
fn links_are_told_where_there_are_too_many() {
    let links = |count: usize| "https://a.example/ ".repeat(count);
    assert_eq!(plain(&attempt(&links(2))), says(Disposition::Queue, &[]));
    assert_eq!(plain(&attempt(&links(3))), says(Disposition::Queue, &["30 It has 3 links; up to 2 are usual."]));
    assert_eq!(plain(&attempt(&links(4))), says(Disposition::Strict, &["40 It has 4 links; up to 2 are usual."]));
    assert_eq!(plain(&attempt(&links(30))), says(Disposition::Strict, &["80 It has 30 links; up to 2 are usual."]));
    let none = GuardConfig { max_links: 0, ..GuardConfig::default() };
    assert_eq!(told(&none, &attempt(&links(1))), says(Disposition::Queue, &["30 It has 1 link; none is usual."]));
    let named = Attempt { author: Some("http://casino.example"), ..attempt(TEXT) };
    assert_eq!(plain(&named), says(Disposition::Strict, &["80 The name is the address of a website."]));
    let html = "Look: <a href=\"https://a.example\">here</a>";
    assert_eq!(plain(&attempt(html)), says(Disposition::Queue, &["30 It has links in HTML, which are none here."]));
    let code = "[url=https://a.example]here[/url]";
    let reason = "60 It has links in BBCode, which programs write for other sites.";
    assert_eq!(plain(&attempt(code)), says(Disposition::Strict, &[reason]));
}

#[test]
fn disguises_are_told() {
    let reason = "50 Letters of another script are hidden in “cаsino”.";
    assert_eq!(plain(&attempt("Our cаsino is open")), says(Disposition::Strict, &[reason]));
    let named = Attempt { author: Some("cаsino"), ..attempt(TEXT) };
    assert_eq!(plain(&named), says(Disposition::Strict, &[reason]));
    let one = "10 It has 1 invisible character inside of words.";
    assert_eq!(plain(&attempt("pasted from a nar\u{ad}row column")), says(Disposition::Queue, &[one]));
    let many = "50 It has 5 invisible characters inside of words.";
    assert_eq!(plain(&attempt("c\u{200b}a\u{200b}s\u{200b}i\u{200b}n\u{200b}o")), says(Disposition::Strict, &[many]));
}

#[test]
fn the_authors_words_and_patterns_are_spam() {
    let config = GuardConfig {
        words: ["Cheap Watches", "代开发票", "!"].map(str::to_owned).into(),
        patterns: vec![
            Pattern::new(r"\+7 ?\d{10}").expect("a pattern"),
            Pattern::new("seo\\.example").expect("a pattern"),
        ],
        ..GuardConfig::default()
    };
    let word =
        |word: &str| says(Disposition::Spam, &[&format!("150 It has “{word}”, which is on your list of words.")]);
    assert_eq!(told(&config, &attempt("buy cheap, *watches* here")), word("Cheap Watches"));
    assert_eq!(told(&config, &Attempt { author: Some("CHEAP WATCHES"), ..attempt(TEXT) }), word("Cheap Watches"));
    assert_eq!(told(&config, &attempt("我们代开发票的")), word("代开发票"));
    let reason = r"150 Your pattern `\+7 ?\d{10}` is found in it.";
    assert_eq!(told(&config, &attempt("call +7 9001234567")), says(Disposition::Spam, &[reason]));
    let reason = r"150 Your pattern `seo\.example` is found in it.";
    let sited = Attempt { url: Some("https://SEO.example/"), ..attempt(TEXT) };
    assert_eq!(told(&config, &sited), says(Disposition::Spam, &[reason]));
    assert_eq!(told(&config, &attempt("a cheap watch, two watches!")), says(Disposition::Queue, &[]));
}

#[test]
fn copies_are_told() {
    let mut memory = RecentReplies::default();
    assert_eq!(plain(&Attempt { recent: &memory, ..attempt(TEXT) }), says(Disposition::Queue, &[]));
    memory.add(attempt(TEXT).recent_reply());
    let copy = format!("{} https://casino.example", TEXT.to_uppercase());
    let later =
        |second| Attempt { recent: &memory, received: at(second), address_key: AddressKey([8; 16]), ..attempt(&copy) };
    let once = says(Disposition::Strict, &["60 The same text came before in the last day."]);
    assert_eq!(plain(&later(86_000)), once);
    assert_eq!(plain(&later(86_400)), says(Disposition::Queue, &[]));
    let mut more = memory.clone();
    more.add(later(10).recent_reply());
    let twice = says(Disposition::Spam, &["150 The same text came 2 times before in the last day."]);
    assert_eq!(plain(&Attempt { recent: &more, ..later(20) }), twice);
}

#[test]
fn a_change_is_judged_as_if_it_had_come_like_that_and_never_milder() {
    let (config, model) = (GuardConfig::default(), Model::default());
    let guard = Guard::new(&config, &model);
    let again = |before: &Verdict, comment: &str, copies| {
        let verdict = guard.judge_again(before, &attempt(comment).text(), copies);
        let names = verdict.reasons.iter().map(|reason| format!("{} {reason}", reason.weight)).collect::<Vec<_>>();
        (verdict, names.concat())
    };
    let links = "https://a.example https://b.example https://c.example https://d.example";
    let quick = Attempt { form_age: Some(Duration::ZERO), ..attempt(TEXT) };
    let unknown = Attempt { form_age: None, ..attempt(TEXT) };
    for (came, comment, copies, decision) in [
        (attempt(TEXT), "Thanks!", 0, Disposition::Queue),
        (attempt(TEXT), links, 0, Disposition::Strict),
        (attempt(TEXT), TEXT, 1, Disposition::Strict),
        (attempt(TEXT), TEXT, 2, Disposition::Spam),
        (quick, "Thanks!", 0, Disposition::Strict),
        (quick, links, 1, Disposition::Spam),
        (unknown, "Thanks!", 0, Disposition::Strict),
    ] {
        let before = guard.judge(&came);
        let (now, _) = again(&before, comment, copies);
        assert_eq!(now.decision, decision, "{comment}: {now:?}");
        let as_it_came = guard.judge(&Attempt { comment, ..came });
        if copies == 0 {
            assert_eq!(now, as_it_came, "{comment}");
        }
        assert_eq!(again(&now, TEXT, 0).0, now, "nobody finds out what the guard looks for and takes it back");
    }
    let (now, reasons) = again(&guard.judge(&unknown), links, 0);
    assert_eq!((now.decision, now.score), (Disposition::Strict, 50));
    assert!(reasons.starts_with("40 It has 4 links") && reasons.contains("script did not run"), "{reasons}");
}

#[test]
fn who_sends_too_much_is_refused_for_a_while() {
    let config = GuardConfig { per_address: 2, per_page: 3, in_all: 5, ..GuardConfig::default() };
    let mut memory = RecentReplies::default();
    let take = |memory: &mut RecentReplies, second: i64, address: u8, page: &'static str| {
        let comment = second.to_string();
        let (taken, trace, reasons) = {
            let attempt = Attempt {
                received: at(second),
                address_key: AddressKey([address; 16]),
                wide_key: None,
                poses_as: None,
                page,
                recent: &*memory,
                ..attempt(&comment)
            };
            let (decision, reasons) = told(&config, &attempt);
            (decision != Disposition::Refuse, attempt.recent_reply(), reasons.concat())
        };
        if taken {
            memory.add(trace);
        }
        reasons
    };
    for (second, address, page, expected) in [
        (0, 1, "/a/", ""),
        (1, 1, "/b/", ""),
        (2, 1, "/c/", "0 2 replies came from this address in the last hour."),
        (3, 2, "/a/", ""),
        (4, 3, "/a/", ""),
        // A page is closed to nobody: what comes then is looked at more closely.
        (5, 4, "/a/", "0 3 replies came to this page in the last hour."),
        (7, 5, "/e/", "0 5 replies came in the last hour."),
        // What was refused does not count, so an hour after the first there is room again.
        (3600, 1, "/c/", ""),
    ] {
        assert_eq!(take(&mut memory, second, address, page), expected, "{second}");
    }
    // Even spam is not kept from somebody who sends without end; and no limit is none.
    let spam = Attempt { received: at(3600), page: "/z/", honeypot_filled: true, recent: &memory, ..attempt("1") };
    assert_eq!(told(&config, &spam).0, Disposition::Refuse);
    let any = GuardConfig { per_address: 0, per_page: 0, in_all: 0, ..GuardConfig::default() };
    assert_eq!(told(&any, &Attempt { honeypot_filled: false, ..spam }), says(Disposition::Queue, &[]));
}

#[test]
fn spam_takes_no_room_from_readers_and_a_wide_network_is_one_sender() {
    let config = GuardConfig { per_address: 2, per_page: 3, in_all: 4, ..GuardConfig::default() };
    let (model, mut memory) = (Model::default(), RecentReplies::default());
    let guard = Guard::new(&config, &model);
    for number in 0..4 {
        let spam = Attempt { honeypot_filled: true, received: at(number), ..attempt("Buy.") };
        memory.add(spam.recent_reply());
        memory.mark_spam(&spam.recent_reply());
    }
    let reader = |memory: &RecentReplies, wide: u8, second: i64| {
        let wide_key = Some(AddressKey([wide; 16]));
        let address_key = AddressKey([u8::try_from(second).unwrap_or_default(); 16]);
        let attempt = Attempt { address_key, wide_key, received: at(second), recent: memory, ..attempt(TEXT) };
        (guard.judge(&attempt).decision, attempt.recent_reply())
    };
    assert!(guard.is_full_of_spam(&memory, at(9)) && !guard.is_full_of_spam(&memory, at(3_700)));
    assert_eq!(reader(&memory, 1, 9).0, Disposition::Queue);
    let any = GuardConfig { in_all: 0, per_page: 0, ..config.clone() };
    let guard = Guard::new(&any, &model);
    for number in 10_u8..20 {
        let comment = number.to_string();
        let trace = Attempt { received: at(number.into()), address_key: AddressKey([number; 16]), ..attempt(&comment) };
        memory.add(trace.recent_reply().with_wide_network(Some(AddressKey([1; 16]))));
    }
    let judged = |wide: u8| {
        let wide_key = Some(AddressKey([wide; 16]));
        guard
            .judge(&Attempt {
                wide_key,
                address_key: AddressKey([99; 16]),
                received: at(30),
                recent: &memory,
                ..attempt("Hm.")
            })
            .decision
    };
    assert_eq!((judged(1), judged(2)), (Disposition::Refuse, Disposition::Queue));
}

#[test]
fn work_is_asked_for_where_the_author_wants_it() {
    let config = GuardConfig { proof_of_work: 8, ..GuardConfig::default() };
    let challenge = challenge("/posts/tea/", "token");
    let nonces = || (0u32..).map(|number| number.to_string());
    let right = nonces().find(|nonce| is_solution(&challenge, nonce, 8)).expect("one");
    let wrong = nonces().find(|nonce| !is_solution(&challenge, nonce, 8)).expect("one");
    let with = |nonce| Attempt { proof: Some(Proof { token: "token", nonce }), ..attempt(TEXT) };
    assert_eq!(told(&config, &with(&right)), says(Disposition::Queue, &[]));
    let reason = "60 The work that the form's script is asked to do is wrong.";
    assert_eq!(told(&config, &with(&wrong)), says(Disposition::Strict, &[reason]));
    let reason = "10 The form's script did not do the work that it is asked to do.";
    assert_eq!(told(&config, &attempt(TEXT)), says(Disposition::Strict, &[reason]));
    assert_eq!(plain(&with(&wrong)), says(Disposition::Queue, &[]));
}

#[test]
fn what_was_learned_is_told_with_its_words() {
    let mut model = Model::default();
    for number in 0..40 {
        let comments = [
            (Label::Spam, format!("Replica watches, order {number}")),
            (Label::Genuine, format!("My oolong, cup {number}")),
        ];
        for (kind, comment) in &comments {
            model.learn(&attempt(comment).text(), *kind);
        }
    }
    let config = GuardConfig::default();
    let verdict = Guard::new(&config, &model).judge(&attempt("Order replica watches"));
    assert_eq!((verdict.decision, verdict.score), (Disposition::Spam, 100));
    assert_eq!(
        verdict.reasons[0].to_string(),
        "It is like what you called spam: “replica watches”, “replica”, “watches”, “order”, “links: none”."
    );
    let verdict = Guard::new(&config, &model).judge(&attempt("Another cup of oolong"));
    assert_eq!((verdict.decision, verdict.score), (Disposition::Queue, -20));
    assert_eq!(verdict.reasons[0].to_string(), "It is like what you approved: “oolong”, “cup”.");
    let deaf = GuardConfig { learn: false, ..config };
    assert_eq!(Guard::new(&deaf, &model).judge(&attempt("Order replica watches")).reasons, []);
}

#[test]
fn a_verdict_is_stored_under_names_that_stay() {
    let cause = |cause| Reason { cause, weight: 1 };
    let evidence = vec!["tea".to_owned()];
    let reasons = vec![
        cause(Cause::Honeypot),
        cause(Cause::TooQuick { seconds: 1, minimum: 3 }),
        cause(Cause::NoToken),
        cause(Cause::NoWork),
        cause(Cause::WrongWork),
        cause(Cause::AddressRate { count: 1 }),
        cause(Cause::PageRate { count: 1 }),
        cause(Cause::AllRate { count: 1 }),
        cause(Cause::Links { count: 3, limit: 2 }),
        cause(Cause::LinkInName),
        cause(Cause::ForeignMarkup { markup: ForeignMarkup::BbCode }),
        cause(Cause::LookAlikes { word: "x".to_owned() }),
        cause(Cause::HiddenCharacters { count: 1 }),
        cause(Cause::Word { word: "x".to_owned() }),
        cause(Cause::Pattern { pattern: "x".to_owned() }),
        cause(Cause::Duplicate { count: 1 }),
        cause(Cause::LikeSpam { evidence: evidence.clone() }),
        cause(Cause::LikeGenuine { evidence }),
    ];
    let names: Vec<String> = reasons
        .iter()
        .map(|reason| serde_json::to_value(reason).expect("JSON")["name"].as_str().expect("a name").to_owned())
        .collect();
    assert_eq!(
        names.join(" "),
        "honeypot too-quick no-token no-work wrong-work address-rate page-rate all-rate links link-in-name foreign-markup \
         look-alikes hidden-characters word pattern duplicate like-spam like-genuine"
    );
    let verdict =
        Verdict { score: 60, decision: Disposition::Strict, reasons: vec![reasons[8].clone(), reasons[10].clone()] };
    let stored: BTreeMap<String, serde_json::Value> =
        serde_json::from_value(serde_json::to_value(&verdict).expect("JSON")).expect("a map");
    assert_eq!(
        serde_json::to_string(&stored).expect("JSON"),
        r#"{"decision":"strict","reasons":[{"name":"links","count":3,"most":2,"weight":1},{"name":"foreign-markup","markup":"bbcode","weight":1}],"score":60}"#
    );
}
