//! Built sites, looked at in a real headless Chromium.
//!
//! Where there is no Chromium the tests are ignored, and say so; with the environment variable `CI` they fail instead.
//! `cargo test --test browser -- --ignored screenshots` writes the README's screenshots.

mod accessibility;
mod album;
mod answers;
mod browser;
mod checkers;
mod circle;
mod demo;
// What the tests of the preview's server need besides.
#[allow(dead_code)]
#[path = "../serve/fake.rs"]
mod fake;
mod first_site;
mod font;
mod grid;
mod hostile;
mod inbox;
mod keyboard;
mod languages;
mod lighthouse;
mod long_thread;
mod markup;
mod media;
mod moderate;
mod narrow;
mod nu;
mod policy;
mod preview;
mod programs;
mod proof;
mod screenshots;
mod search;
mod search_keys;
mod search_page;
mod search_trouble;
mod server;
// The mail server of the inbox's tests.
#[allow(dead_code)]
#[path = "../inbox/sink.rs"]
mod sink;
mod sites;
mod without_javascript;
mod writing;
mod zola_search;

use std::env;
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};

use grid::Grid;
use sites::Demo;

/// A test of the demo site.
type OfDemo = fn(&Demo);

const OF_DEMO: &[(&str, OfDemo)] = &[
    ("demo::the_first_post_shows_every_element", demo::the_first_post_shows_every_element),
    ("demo::every_page_fits_and_no_link_is_broken", demo::every_page_fits_and_no_link_is_broken),
    (
        "demo::every_page_of_the_manual_fits_and_no_link_is_broken",
        demo::every_page_of_the_manual_fits_and_no_link_is_broken,
    ),
    ("demo::the_first_post_is_dark_for_those_who_want_it", demo::the_first_post_is_dark_for_those_who_want_it),
    ("keyboard::the_skip_link_comes_first", keyboard::the_skip_link_comes_first),
    ("keyboard::a_comment_can_be_answered", keyboard::a_comment_can_be_answered),
    ("keyboard::focus_is_visible_everywhere", keyboard::focus_is_visible_everywhere),
    ("search::the_demo_site_finds_itself", search::the_demo_site_finds_itself),
    ("without_javascript::the_post_and_its_talk_are_there", without_javascript::the_post_and_its_talk_are_there),
    ("without_javascript::the_form_posts_what_was_written", without_javascript::the_form_posts_what_was_written),
];

const OF_THEIR_OWN: &[(&str, fn())] = &[
    ("search::words_are_those_of_the_index", search::words_are_those_of_the_index),
    ("search::typing_shows_results_with_marked_words", search::typing_shows_results_with_marked_words),
    ("search::questions_have_a_grammar", search::questions_have_a_grammar),
    ("search::a_comment_is_found_and_led_to", search::a_comment_is_found_and_led_to),
    ("search::common_words_have_a_rest", search::common_words_have_a_rest),
    ("search::titles_are_text", search::titles_are_text),
    ("search_keys::results_are_chosen_with_arrows", search_keys::results_are_chosen_with_arrows),
    ("search_keys::enter_leads_to_all_results", search_keys::enter_leads_to_all_results),
    ("search_page::it_works_with_back_and_forward", search_page::it_works_with_back_and_forward),
    ("search_page::it_works_below_a_path", search_page::it_works_below_a_path),
    ("search_page::each_language_has_its_own", search_page::each_language_has_its_own),
    ("search_page::without_javascript_it_says_so", search_page::without_javascript_it_says_so),
    ("search_page::it_fits_narrow_screens", search_page::it_fits_narrow_screens),
    ("search_trouble::a_late_answer_overwrites_nothing", search_trouble::a_late_answer_overwrites_nothing),
    ("search_trouble::a_slow_line_ends_with_the_last_word", search_trouble::a_slow_line_ends_with_the_last_word),
    (
        "search_trouble::it_works_from_the_cache_of_an_earlier_visit",
        search_trouble::it_works_from_the_cache_of_an_earlier_visit,
    ),
    (
        "search_trouble::broken_files_are_reported_and_the_rest_works",
        search_trouble::broken_files_are_reported_and_the_rest_works,
    ),
    (
        "search_trouble::a_new_root_is_fetched_when_files_are_gone",
        search_trouble::a_new_root_is_fetched_when_files_are_gone,
    ),
    ("search_trouble::hostile_questions_are_questions", search_trouble::hostile_questions_are_questions),
    ("first_site::a_new_site_shows_its_post_and_talk", first_site::a_new_site_shows_its_post_and_talk),
    ("font::pages_load_the_parts_that_they_show", font::pages_load_the_parts_that_they_show),
    ("font::until_it_is_there_the_text_has_its_size", font::until_it_is_there_the_text_has_its_size),
    ("font::authors_bring_their_own", font::authors_bring_their_own),
    ("album::its_pages_fit_a_phone_and_are_valid", album::its_pages_fit_a_phone_and_are_valid),
    ("long_thread::it_is_folded_and_stays_usable", long_thread::it_is_folded_and_stays_usable),
    ("markup::no_id_is_there_twice", markup::no_id_is_there_twice),
    ("markup::pages_fit_from_right_to_left", markup::pages_fit_from_right_to_left),
    ("languages::no_page_scrolls_sideways", languages::no_page_scrolls_sideways),
    ("languages::scripts_speak_the_language_of_the_page", languages::scripts_speak_the_language_of_the_page),
    ("languages::comments_have_their_own_direction", languages::comments_have_their_own_direction),
    ("markup::metadata_describes_the_page_to_programs", markup::metadata_describes_the_page_to_programs),
    ("narrow::nothing_makes_a_phone_scroll_sideways", narrow::nothing_makes_a_phone_scroll_sideways),
    ("narrow::fields_are_in_one_row_where_there_is_room", narrow::fields_are_in_one_row_where_there_is_room),
    ("policy::pages_work_under_the_strictest_policy", policy::pages_work_under_the_strictest_policy),
    ("media::a_gallery_opens_and_closes_by_keyboard", media::a_gallery_opens_and_closes_by_keyboard),
    ("media::a_film_is_loaded_by_a_click", media::a_film_is_loaded_by_a_click),
    ("media::without_javascript_they_are_links", media::without_javascript_they_are_links),
    ("hostile::no_comment_does_anything", hostile::no_comment_does_anything),
    ("hostile::feeds_are_still_feeds", hostile::feeds_are_still_feeds),
    ("writing::an_edit_comes_to_the_open_page", writing::an_edit_comes_to_the_open_page),
    ("writing::styles_are_swapped_in_place", writing::styles_are_swapped_in_place),
    ("writing::mistakes_are_shown_over_the_page", writing::mistakes_are_shown_over_the_page),
    (
        "writing::a_site_that_begins_broken_comes_up_when_it_is_mended",
        writing::a_site_that_begins_broken_comes_up_when_it_is_mended,
    ),
    ("writing::files_come_and_go", writing::files_come_and_go),
    ("writing::a_reply_is_shown_and_waits", writing::a_reply_is_shown_and_waits),
    ("writing::a_reply_is_in_view_with_a_message", writing::a_reply_is_in_view_with_a_message),
    ("writing::a_message_about_a_reply_stands_nowhere_else", writing::a_message_about_a_reply_stands_nowhere_else),
    ("writing::a_site_below_a_path_is_all_there", writing::a_site_below_a_path_is_all_there),
    ("writing::drafts_are_marked", writing::drafts_are_marked),
    ("writing::posts_of_tomorrow_are_marked", writing::posts_of_tomorrow_are_marked),
    ("inbox::a_reply_goes_the_whole_way", inbox::a_reply_goes_the_whole_way),
    ("inbox::a_reply_goes_the_whole_way_without_javascript", inbox::a_reply_goes_the_whole_way_without_javascript),
    ("inbox::the_script_does_the_work_that_is_asked_for", inbox::the_script_does_the_work_that_is_asked_for),
    ("inbox::a_trusted_writer_is_published_in_place", inbox::a_trusted_writer_is_published_in_place),
    ("inbox::second_thoughts_in_place", inbox::second_thoughts_in_place),
    ("inbox::what_is_typed_is_not_lost", inbox::what_is_typed_is_not_lost),
    ("circle::a_reply_goes_the_whole_circle", circle::a_reply_goes_the_whole_circle),
    (
        "circle::a_reply_goes_the_whole_circle_without_javascript",
        circle::a_reply_goes_the_whole_circle_without_javascript,
    ),
    ("moderate::everything_by_keyboard", moderate::everything_by_keyboard),
    ("moderate::everything_without_javascript", moderate::everything_without_javascript),
    ("moderate::what_is_typed_is_asked_for", moderate::what_is_typed_is_asked_for),
    ("moderate::it_fits_narrow_screens", moderate::it_fits_narrow_screens),
    ("preview::styles_are_swapped_in_place", preview::styles_are_swapped_in_place),
    ("preview::a_reload_keeps_the_place", preview::a_reload_keeps_the_place),
    ("preview::problems_lie_over_the_page", preview::problems_lie_over_the_page),
    ("preview::pages_go_and_come_back", preview::pages_go_and_come_back),
    ("preview::a_reply_leads_to_where_it_is_shown", preview::a_reply_leads_to_where_it_is_shown),
    ("preview::hidden_pages_let_go", preview::hidden_pages_let_go),
    ("zola_search::elasticlunr_reads_its_indexes", zola_search::elasticlunr_reads_its_indexes),
    ("zola_search::fuse_reads_its_indexes", zola_search::fuse_reads_its_indexes),
    ("proof::the_script_and_the_guard_agree", proof::the_script_and_the_guard_agree),
    ("proof::work_leaves_the_page_free", proof::work_leaves_the_page_free),
];

/// What is missing on this machine, if anything.
fn missing_browser() -> Option<String> {
    ["chromium", "chromedriver"]
        .into_iter()
        .find(|name| browser::program(name).is_none())
        .map(|name| format!("no {name} on the PATH"))
}

/// A test; ignored with the reason where it cannot run, and failing with it where it must.
fn trial(name: &str, missing: Option<&str>, test: impl FnOnce() + Send + 'static) -> Trial {
    match missing {
        None => Trial::test(name, move || {
            test();
            Ok(())
        }),
        Some(reason) => {
            let failure = Failed::from(reason.to_owned());
            Trial::test(name, move || Err(failure)).with_kind(reason).with_ignored_flag(env::var_os("CI").is_none())
        }
    }
}

fn main() -> ExitCode {
    // Where somebody else has chosen already, this is no error.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let arguments = Arguments::from_args();
    let demo = Arc::new(Demo::default());
    let no_browser = missing_browser();
    let no_axe = no_browser.clone().or_else(accessibility::missing);
    let on_demo = |name: &str, missing: &Option<String>, test: OfDemo| {
        let demo = Arc::clone(&demo);
        trial(name, missing.as_deref(), move || test(&demo))
    };

    let mut trials: Vec<Trial> = OF_DEMO.iter().map(|(name, test)| on_demo(name, &no_browser, *test)).collect();
    trials.extend(OF_THEIR_OWN.iter().map(|(name, test)| trial(name, no_browser.as_deref(), *test)));
    trials.push(on_demo("accessibility::axe_finds_nothing", &no_axe, accessibility::axe_finds_nothing));
    trials.push(on_demo(
        "accessibility::axe_finds_nothing_in_the_manual",
        &no_axe,
        accessibility::axe_finds_nothing_in_the_manual,
    ));
    trials.push(on_demo("search::axe_finds_nothing", &no_axe, search::axe_finds_nothing));
    let speed = trial("preview_in_the_browser", no_browser.as_deref(), writing::speed).with_ignored_flag(true);
    trials.push(speed);
    let in_moderation = moderate::axe_finds_nothing;
    trials.push(trial("moderate::axe_finds_nothing", no_axe.as_deref(), in_moderation));
    let pictures = trial("moderation_pictures", no_browser.as_deref(), moderate::pictures).with_ignored_flag(true);
    trials.push(pictures);
    trials.push(trial("markup::axe_finds_nothing", no_axe.as_deref(), markup::axe_finds_nothing));
    let in_problems = preview::axe_finds_nothing_in_problems;
    trials.push(trial("preview::axe_finds_nothing_in_problems", no_axe.as_deref(), in_problems));
    trials.push(on_demo("screenshots", &no_browser, screenshots::write).with_ignored_flag(true));

    let grid = Arc::new(Grid::default());
    let on_grid = |name: &str, missing: &Option<String>, test: fn(&Grid)| {
        let grid = Arc::clone(&grid);
        trial(name, missing.as_deref(), move || test(&grid))
    };
    let in_grid = accessibility::axe_finds_nothing_in_the_grid;
    trials.push(on_grid("accessibility::axe_finds_nothing_in_the_grid", &no_axe, in_grid));
    trials.push(on_grid("answers::axe_finds_nothing", &no_axe, answers::axe_finds_nothing));
    let no_nu = no_browser.clone().or_else(nu::missing);
    trials.push(on_grid("nu::every_answer_is_valid", &no_nu, nu::every_answer_is_valid));
    let (of_demo, of_grid) = (Arc::clone(&demo), Arc::clone(&grid));
    let every_page = move || nu::every_page_is_valid(&of_demo, &of_grid);
    trials.push(trial("nu::every_page_is_valid", no_nu.as_deref(), every_page));
    let no_parser = programs::missing();
    let microformats = programs::microformats_are_those_of_the_page;
    trials.push(on_grid("programs::microformats_are_those_of_the_page", &no_parser, microformats));
    let linked_data = programs::linked_data_is_that_of_the_page;
    trials.push(on_grid("programs::linked_data_is_that_of_the_page", &None, linked_data));
    trials.push(on_grid("programs::feeds_are_those_of_the_site", &None, programs::feeds_are_those_of_the_site));
    let no_lighthouse = no_browser.clone().or_else(lighthouse::missing);
    trials.push(on_grid("lighthouse::pages_have_all_points", &no_lighthouse, lighthouse::pages_have_all_points));
    trials.push(on_grid("grid_pictures", &no_browser, grid::pictures).with_ignored_flag(true));

    // The trials hold the last shares of the sites, so that these are gone before the process ends.
    drop((demo, grid));
    libtest_mimic::run(&arguments, trials).exit_code()
}
