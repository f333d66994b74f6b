//! How much spam is caught, and how much is wrongly held.

use std::env;
use std::path::Path;

use crate::collection::{Reply, collection};
use crate::mails;
use crate::replay::{Figures, Manner, TAUGHT, replay};

const MANNERS: [(&str, Manner); 4] = [
    ("text alone, 200 decisions and no more", Manner { sees_manner: false, goes_on: false }),
    ("text alone, the author goes on deciding", Manner { sees_manner: false, goes_on: true }),
    ("everything, 200 decisions and no more", Manner { sees_manner: true, goes_on: false }),
    ("everything, the author goes on deciding", Manner { sees_manner: true, goes_on: true }),
];

/// At most one in two hundred genuine replies is held as spam, and at least 95 % of spam is caught.
fn keeps_its_word(figures: &Figures) {
    assert!(figures.wrongly_held() <= 0.005 && figures.caught() >= 0.95, "{figures}\n{}", figures.wrong.join("\n"));
}

#[test]
fn after_two_hundred_decisions_the_guard_keeps_its_word() {
    let figures = replay(&collection(7, 1400), MANNERS[3].1);
    assert!(figures.genuine > 500 && figures.spam > 500);
    keeps_its_word(&figures);
}

#[test]
#[ignore = "prints figures, and takes minutes without --release"]
fn figures() {
    let made: Vec<_> = (100..103).map(|seed| collection(seed, 4200)).collect();
    print("made collection", &made, &MANNERS);
    let Some(folder) = env::var_os("CAUSERIE_MAILS") else {
        println!("no CAUSERIE_MAILS: the public corpus is left out");
        return;
    };
    let mails = mails::read(Path::new(&folder));
    let letters: Vec<_> = mails.iter().filter(|mail| mail.kind != "hard-ham-1").cloned().collect();
    for (what, mails) in [("letters and spam", letters), ("letters, newsletters and spam", mails)] {
        let orders: Vec<_> = (1..=3).map(|seed| mails::shuffled(&mails, seed)).collect();
        print(&format!("SpamAssassin's corpus, {what}"), &orders, &MANNERS[..2]);
    }
}

/// Prints what came out, in all and by kind; of the author who goes on also what the next 400 replies were like.
fn print(what: &str, collections: &[Vec<Reply>], manners: &[(&str, Manner)]) {
    for (name, manner) in manners {
        let (mut all, mut next) = (Figures::default(), Figures::default());
        for replies in collections {
            all.add(replay(replies, *manner));
            next.add(replay(&replies[..TAUGHT + 400], *manner));
        }
        println!("{what}, {name}:\n  {all}\n  the first 400 alone: {next}");
        for (kind, (count, wrong)) in &all.kinds {
            println!("    {kind}: {wrong} of {count} wrong");
        }
        if env::var_os("CAUSERIE_WRONG").is_some() {
            all.wrong.iter().take(40).for_each(|wrong| println!("    {wrong}"));
        }
    }
}
