//! The settings of the built-in theme, in `[extra]`: mistakes are reported where the author wrote them, not where the theme reads
//! them. The menu is checked with the pages that it leads to.

use super::{BUILT_IN_THEME, Config, is_whole_url};
use crate::diagnostic::{Diagnostic, Severity, nearest};
use crate::source::{Infinity, Notation, Table, TableEntry, TableReader, TableRules, World, parse_table, read_text};

/// Keys beside the theme's are the author's own, so that none is unknown.
const RULES: TableRules = TableRules {
    subject: None,
    unknown_keys: Severity::Warning,
    infinity: Infinity::Error,
    unknown_help: |_| None,
    type_help: |_| None,
};

/// Settings that are one of some words.
const CHOICES: &[(&str, &[&str])] = &[
    ("palette", &["paper", "slate", "forest", "plum", "mono"]),
    ("fonts", &["serif", "sans", "mixed", "literata"]),
    ("sidebar", &["lists", "everywhere", "nowhere"]),
    ("home", &["cards", "titles"]),
];

/// Settings that name a picture.
const PICTURES: &[&str] = &["logo", "icon", "image"];

const TEXTS: &[&str] = &["owner", "footer"];

const NUMBERS: &[&str] = &["home_posts", "recent", "tags", "related"];

const SWITCHES: &[&str] = &["show_reading_time", "show_contents", "show_neighbours", "show_image", "social_cards"];

/// Settings of which each has a form of its own.
const OTHERS: &[&str] = &["menu", "accent", "license", "social", "authors"];

const LICENSE: &str = "license = { title = \"CC BY 4.0\", url = \"https://creativecommons.org/licenses/by/4.0/\" }";

const PROFILE: &str = "social = [{ title = \"Mastodon\", url = \"https://social.example/@ada\" }]";

/// Whether the pages are those of the built-in theme, with or without additions of the author.
pub(crate) fn shows_salon(config: &Config, world: &dyn World) -> bool {
    const BASE: &str = "templates/base.html";
    let extends = || read_text(world, BASE).is_ok_and(|base| base.text.contains("salon/templates/base.html"));
    config.theme.as_deref() == Some(BUILT_IN_THEME) && (!world.is_file(BASE) || extends())
}

/// Checks the settings, if it is the built-in theme that reads them.
pub(super) fn check(config: &Config, world: &dyn World) -> Vec<Diagnostic> {
    if !shows_salon(config, world) {
        return Vec::new();
    }
    let source = &config.source;
    let parsed = parse_table(source, Notation::Toml, &(0..source.text.len()));
    let reading = TableReader::new(source, &parsed, &RULES);
    let mut root = reading.root();
    // A value of another type is reported where the configuration is read.
    if config.places.contains_key("extra") {
        check_settings(root.table("extra"), world);
    }
    reading.finish()
}

fn check_settings(mut extra: Table, world: &dyn World) {
    for (key, words) in CHOICES {
        let words: Vec<(&str, ())> = words.iter().map(|word| (*word, ())).collect();
        extra.choice(key, &words);
    }
    for key in PICTURES {
        check_picture(&mut extra, key, world);
    }
    TEXTS.iter().for_each(|key| extra.accept::<String>(key));
    NUMBERS.iter().for_each(|key| extra.accept::<usize>(key));
    SWITCHES.iter().for_each(|key| extra.accept::<bool>(key));
    check_accent(&mut extra);
    let license = extra.table("license");
    // An empty table is that of no licence, or of a value that was reported.
    if !license.entries().is_empty() {
        check_link(license, "license", LICENSE);
    }
    for profile in extra.tables("social").unwrap_or_default() {
        check_link(profile, "social", PROFILE);
    }
    for (_, _, mut author) in extra.named_tables("authors") {
        ["text", "image", "url"].iter().for_each(|key| author.accept::<String>(key));
    }
    report_misspelt(&extra);
}

/// Checks that a picture is among the site's files, where the theme looks for it.
fn check_picture(extra: &mut Table, key: &'static str, world: &dyn World) {
    let Some((path, span)) = extra.spanned::<String>(key) else { return };
    let name = path.trim_start_matches('/');
    let folders = ["static", "content", &format!("themes/{BUILT_IN_THEME}/static")].map(|folder| format!("{folder}/"));
    let is_there =
        || folders.iter().map(String::as_str).chain([""]).any(|folder| world.is_file(&format!("{folder}{name}")));
    if name.is_empty() || is_whole_url(&path) || is_there() {
        return;
    }
    let files = world.walk("static").files;
    let known = files.iter().filter_map(|file| file.path.strip_prefix("static/"));
    let help = match nearest(name, known) {
        Some(near) => format!("did you mean {key} = \"{near}\"?"),
        None => format!("put the picture there, as static/{name}, or leave the line out"),
    };
    extra.reading().error(span, format!("there is no file `{name}` in `static`"), help);
}

/// Checks a colour: six or three hexadecimal digits, or a function of CSS.
fn check_accent(extra: &mut Table) {
    let Some((colour, span)) = extra.spanned::<String>("accent") else { return };
    let is_hex = |digits: &str| matches!(digits.len(), 3 | 6) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if colour.is_empty() || colour.strip_prefix('#').is_some_and(is_hex) || colour.ends_with(')') {
        return;
    }
    let help = "write it with `#` and six digits: accent = \"#0b6e4f\"";
    extra.reading().error(span, format!("`accent` should be a colour, not \"{colour}\""), help);
}

/// Checks a link, which has a title and an address.
fn check_link(mut link: Table, of: &str, example: &str) {
    for key in ["title", "url"] {
        if link.get::<String>(key).is_none() && !link.has(key) {
            let message = format!("`{of}` has no `{key}` here");
            link.reading().error(link.span(), message, format!("for example: {example}"));
        }
    }
}

/// Whether a key of `[extra]` is a setting of the theme.
pub(super) fn is_setting(key: &str) -> bool {
    keys().any(|setting| setting == key)
}

fn keys() -> impl Iterator<Item = &'static str> {
    let plain = [PICTURES, TEXTS, NUMBERS, SWITCHES, OTHERS].into_iter().flatten().copied();
    plain.chain(CHOICES.iter().map(|(key, _)| *key))
}

/// Warns of keys that are nearly those of settings.
fn report_misspelt(extra: &Table) {
    for TableEntry { key, key_span, .. } in extra.entries().iter().filter(|entry| !is_setting(&entry.key)) {
        if let Some(near) = nearest(key, keys()) {
            let reading = extra.reading();
            let problem = Diagnostic::warning(format!("the theme `{BUILT_IN_THEME}` has no setting `{key}`"));
            let help = format!("did you mean `{near}`? Else give your own value another name");
            reading.problem(problem.at(reading.at(key_span.clone())).help(help));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{SourceText, plain};
    use crate::source::MemoryWorld;

    const HEAD: &str = "base_url = \"https://a.example\"\ntheme = \"salon\"\n[extra]\n";

    fn problems(settings: &str, files: &[(&str, &str)]) -> Vec<String> {
        let mut world = MemoryWorld::new();
        for (path, text) in files {
            world.insert(*path, *text);
        }
        let source = SourceText { path: "site.toml".into(), text: format!("{HEAD}{settings}").into() };
        let config = Config::parse(source).0.expect("a configuration");
        check(&config, &world).iter().map(plain).collect()
    }

    #[test]
    fn the_theme_has_no_setting_that_is_not_checked() {
        let theme = include_str!("../../themes/salon/theme.toml");
        let theme: toml::Table = theme.parse().expect("a table");
        for key in theme["extra"].as_table().expect("a table").keys() {
            assert!(is_setting(key), "{key}");
        }
        let text = toml::to_string(&theme["extra"]).expect("TOML");
        assert_eq!(problems(&text, &[]), Vec::<String>::new(), "the defaults are valid");
    }

    #[test]
    fn mistakes_are_reported_with_what_to_write() {
        for (settings, expected) in [
            (
                "palette = \"violet\"",
                "`palette` should be \"paper\", \"slate\", \"forest\", \"plum\" or \"mono\", not \"violet\"",
            ),
            ("palette = \"forst\"", "did you mean \"forest\"?"),
            ("home = true", "`home` should be \"cards\" or \"titles\", not true or false"),
            ("pallete = \"plum\"", "the theme `salon` has no setting `pallete`"),
            ("acent = \"#0b6e4f\"", "did you mean `accent`?"),
            ("accent = \"rouge\"", "`accent` should be a colour, not \"rouge\""),
            ("accent = \"#0b6e4\"", "accent = \"#0b6e4f\""),
            ("home_posts = \"10\"", "`home_posts` should be a whole number"),
            ("show_image = \"no\"", "`show_image` should be true or false"),
            ("owner = 5", "`owner` should be a string"),
            ("license = \"CC BY\"", "`license` should be a table, not a string"),
            ("license = { title = \"CC BY\" }", "`license` has no `url` here"),
            ("social = { title = \"M\" }", "`social` should be a list of tables"),
            ("social = [{ title = \"M\", href = \"https://a.example\" }]", "`social` has no `url` here"),
            ("authors = { Ada = { text = 1 } }", "`text` should be a string"),
            ("icon = \"icon.png\"", "put the picture there, as static/icon.png"),
            ("logo = \"/lgo.svg\"", "did you mean logo = \"logo.svg\"?"),
        ] {
            let problems = problems(settings, &[("static/logo.svg", "<svg/>")]);
            assert_eq!(problems.len(), 1, "{settings}: {problems:?}");
            assert!(problems[0].contains(expected) && problems[0].contains("site.toml:4:"), "{settings}: {problems:?}");
        }
    }

    #[test]
    fn a_setting_in_another_table_is_sent_to_its_own() {
        let text = "base_url = \"https://a.example\"\n[images]\nquality = 80\nlogo = \"logo.svg\"\n";
        let (_, problems) = Config::parse(SourceText { path: "site.toml".into(), text: text.into() });
        assert_eq!(problems.len(), 1);
        assert!(plain(&problems[0]).contains("`logo` belongs in `[extra]`"), "{}", plain(&problems[0]));
    }

    #[test]
    fn values_of_the_author_and_settings_without_mistakes_pass() {
        for settings in [
            "",
            "my_own = 1\n[extra.palettes_of_mine]\nx = 1",
            "palette = \"plum\"\naccent = \"#0b6\"\nlogo = \"\"\nimage = \"https://b.example/x.png\"",
            "accent = \"hsl(10 50% 40%)\"\nlogo = \"logo.svg\"\nicon = \"posts/tea/cup.png\"\nrelated = 0",
        ] {
            let files = [("static/logo.svg", "<svg/>"), ("content/posts/tea/cup.png", "")];
            assert_eq!(problems(settings, &files), Vec::<String>::new(), "{settings}");
        }
        let own = [("templates/base.html", "<html class=\"{{ config.extra.palette }}\">")];
        assert_eq!(problems("palette = \"violet\"", &own), Vec::<String>::new(), "another theme reads it");
        let more = [("templates/base.html", "{% extends \"salon/templates/base.html\" %}")];
        assert_eq!(problems("palette = \"violet\"", &more).len(), 1);
    }
}
