//! How much spam is caught, and how much is wrongly held.

use std::env;
use std::path::Path;

use crate::collection::collection;
use crate::mails;
use crate::replay::{Figures, Manner, replay};

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
#[ignore = "prints figures; takes a minute, and wants --release"]
fn figures() {
    for (name, manner) in MANNERS {
        let mut all = Figures::default();
        for seed in 100..105 {
            all.add(replay(&collection(seed, 4200), manner));
        }
        println!("made collection, {name}:\n  {all}");
        for (kind, (count, wrong)) in &all.kinds {
            println!("    {kind}: {wrong} of {count} wrong");
        }
        if env::var_os("CAUSERIE_WRONG").is_some() {
            all.wrong.iter().take(40).for_each(|wrong| println!("    {wrong}"));
        }
    }
    let Some(folder) = env::var_os("CAUSERIE_MAILS") else {
        println!("no CAUSERIE_MAILS: the public corpus is left out");
        return;
    };
    let mails = mails::read(Path::new(&folder));
    let letters: Vec<_> = mails.iter().filter(|mail| mail.kind != "hard-ham-1").cloned().collect();
    for (what, mails) in [("letters and spam", &letters), ("letters, newsletters and spam", &mails)] {
        for (name, manner) in &MANNERS[..2] {
            let mut all = Figures::default();
            for seed in 1..=5 {
                all.add(replay(&mails::shuffled(mails, seed), *manner));
            }
            println!("SpamAssassin's corpus, {what}, {name}:\n  {all}");
            for (kind, (count, wrong)) in &all.kinds {
                println!("    {kind}: {wrong} of {count} wrong");
            }
        }
    }
}
