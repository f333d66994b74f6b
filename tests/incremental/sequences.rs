//! Made-up sites, and random edits.

use causerie::build::Report;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::edits::{Edit, first, story};
use super::site::{Site, files, is_built, problems, times};

/// How many stories each test plays. `CAUSERIE_STORIES` asks for another number.
fn stories() -> u32 {
    std::env::var("CAUSERIE_STORIES").ok().and_then(|number| number.parse().ok()).unwrap_or(80)
}

/// Builds incrementally and cleanly, and compares.
fn build_and_compare(site: &mut Site) -> Result<(), TestCaseError> {
    let (before, times_before) = (files(&site.public()), times(&site.public()));
    let mut report = site.build();
    remove_kept(site, &mut report);
    let (clean_report, clean) = site.clean_build();
    prop_assert_eq!(problems(&report), problems(&clean_report));
    let after = files(&site.public());
    if !is_built(&clean_report) {
        prop_assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
        prop_assert_eq!(times_before, times(&site.public()));
        return Ok(());
    }
    prop_assert_eq!(clean.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
    for (path, bytes) in &clean {
        let (made, wanted) = (String::from_utf8_lossy(&after[path]), String::from_utf8_lossy(bytes));
        prop_assert_eq!(made, wanted, "{} (explained: {:?})", path, report.explained);
    }
    let times_after = times(&site.public());
    for (path, bytes) in &before {
        if after.get(path) == Some(bytes) {
            prop_assert_eq!(times_before[path], times_after[path], "{} was written again", path);
        }
    }
    let again = site.build();
    prop_assert_eq!((again.summary.written, again.summary.removed), (0, 0), "{:?}", again.explained);
    prop_assert_eq!(times_after, times(&site.public()));
    Ok(())
}

/// Removes the files that stay where pages are gone, as somebody has edited them, and the warnings that ask for it.
fn remove_kept(site: &Site, report: &mut Report) {
    report.diagnostics.retain(|problem| {
        let is_kept = problem.message.ends_with("stays because somebody edited it");
        if let Some(path) = problem.message.split('`').nth(1).filter(|_| is_kept) {
            std::fs::remove_file(site.public().join(path)).unwrap();
        }
        !is_kept
    });
}

fn play(theme: &str, beginning: &[Edit], steps: &[Vec<Edit>]) -> Result<(), TestCaseError> {
    let mut site = Site::new(&[]);
    first(&site, theme);
    beginning.iter().for_each(|edit| edit.apply(&site));
    build_and_compare(&mut site)?;
    for step in steps {
        step.iter().for_each(|edit| edit.apply(&site));
        build_and_compare(&mut site)?;
    }
    Ok(())
}

fn play_stories(theme: &str) {
    let config = Config { cases: stories(), failure_persistence: None, max_shrink_iters: 400, ..Config::default() };
    let test = |(beginning, steps): (Vec<Edit>, Vec<Vec<Edit>>)| play(theme, &beginning, &steps);
    if let Err(failure) = TestRunner::new(config).run(&story(), test) {
        panic!("{failure}");
    }
}

// Several, so that they run beside each other.

#[test]
fn incremental_builds_are_clean_builds() {
    play_stories("plain");
}

#[test]
fn incremental_builds_are_clean_builds_too() {
    play_stories("plain");
}

#[test]
fn incremental_builds_are_clean_builds_once_more() {
    play_stories("plain");
}

#[test]
fn incremental_builds_with_the_default_theme_are_clean_builds() {
    play_stories("salon");
}
