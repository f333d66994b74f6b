//! What became of the names of Tera 1 and of Zola before 0.23. The importer rewrites by these tables, and the messages of
//! a build quote them.

/// What became of a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilterChange {
    /// It has another name.
    Renamed(&'static str),
    /// Another expression takes its place, as described.
    Replaced(&'static str),
}

/// Filters that Tera 2 does not have.
pub const FILTERS: &[(&str, FilterChange)] = &[
    ("addslashes", FilterChange::Replaced("write `replace` once for each character")),
    ("as_str", FilterChange::Renamed("str")),
    ("concat", FilterChange::Replaced("write `[...list, item]`, or `[...list, ...others]` for two lists")),
    ("filter", FilterChange::Replaced("write `[item for item in list if item.name == value]`")),
    ("linebreaksbr", FilterChange::Renamed("newlines_to_br")),
    ("map", FilterChange::Replaced("write `[item.name for item in list]`")),
    ("slice", FilterChange::Replaced("write `list[start:end]`")),
    ("trim_end_matches", FilterChange::Renamed("trim_end")),
    ("trim_start_matches", FilterChange::Renamed("trim_start")),
];

/// Tests: the old name, the name in Tera 2, and the name that an argument has there.
pub const TESTS: &[(&str, &str, Option<&str>)] = &[
    ("containing", "containing", Some("pat")),
    ("divisibleby", "divisible_by", Some("divisor")),
    ("ending_with", "ending_with", Some("pat")),
    ("matching", "matching", Some("pat")),
    ("object", "map", None),
    ("starting_with", "starting_with", Some("pat")),
];

/// Functions with another name.
pub const FUNCTIONS: &[(&str, &str)] = &[("get_file_hash", "get_hash")];

/// Arguments of functions with another name: the function, the old name, the new one.
pub const ARGUMENTS: &[(&str, &str, &str)] = &[("get_taxonomy_url", "name", "term")];

/// Variables with another name, as paths.
pub const VARIABLES: &[(&str, &str)] = &[
    ("config.feed_filename", "config.feed_filenames[0]"),
    ("config.generate_feed", "config.generate_feeds"),
    ("section.generate_feed", "section.generate_feeds"),
    ("page.earlier", "page.higher"),
    ("page.later", "page.lower"),
    ("page.lighter", "page.lower"),
    ("page.heavier", "page.higher"),
];

/// Fields of pages, sections and the configuration whose value can be `none`. In Tera 1 `default` replaced that.
pub const NULLABLE: &[&str] =
    &["author", "date", "description", "higher", "lower", "summary", "template", "title", "updated"];

/// Returns what became of a filter.
pub fn filter(name: &str) -> Option<FilterChange> {
    FILTERS.iter().find(|(old, _)| *old == name).map(|(_, change)| *change)
}

/// Returns the name of a test in Tera 2, and of its argument.
pub fn test(name: &str) -> Option<(&'static str, Option<&'static str>)> {
    TESTS.iter().find(|(old, ..)| *old == name).map(|(_, new, argument)| (*new, *argument))
}
