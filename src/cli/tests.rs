use clap::CommandFactory as _;

use super::*;

#[test]
fn the_arguments_agree_with_each_other() {
    Arguments::command().debug_assert();
}

#[test]
fn counts() {
    assert_eq!([count(0, "page"), count(1, "page"), count(2, "page")], ["0 pages", "1 page", "2 pages"]);
}
