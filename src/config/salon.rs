//! The settings of the built-in theme, in `[extra]`: mistakes are reported where the author wrote them, not where the theme reads
//! them. The menu is checked with the pages that it leads to.
//!
//! Every mistake is a warning: the theme shows a page despite most of them, and reports the others itself.

use percent_encoding::percent_decode_str;
use serde_json::Value as Json;

use super::{BUILT_IN_THEME, Config, is_whole_url};
use crate::diagnostic::{Diagnostic, Location, Severity, nearest};
use crate::nfc;
use crate::source::{
    Infinity, Notation, Table, TableEntry, TableReader, TableRules, World, parse_table, plain_path, read_text,
};

/// Keys beside the theme's are the author's own, so that none is unknown.
const RULES: TableRules = TableRules {
    subject: None,
    unknown_keys: Severity::Warning,
    infinity: Infinity::Error,
    unknown_help: |_| None,
    type_help: |_| None,
};

/// Settings that become a class of the page, such as `palette-plum`. A style sheet of the site may have more of them.
const LOOKS: &[(&str, &[&str])] =
    &[("palette", &["paper", "slate", "forest", "plum", "mono"]), ("fonts", &["serif", "sans", "mixed", "literata"])];

/// Settings that are one of some words.
const CHOICES: &[(&str, &[&str])] = &[("sidebar", &["lists", "everywhere", "nowhere"]), ("home", &["cards", "titles"])];

/// Settings that name a picture.
const PICTURES: &[&str] = &["logo", "icon", "image"];

const TEXTS: &[&str] = &["owner", "footer"];

const NUMBERS: &[&str] = &["home_posts", "recent", "tags", "related"];

const SWITCHES: &[&str] = &["show_reading_time", "show_contents", "show_neighbours", "show_image", "social_cards"];

/// Settings of which each has a form of its own.
const OTHERS: &[&str] = &["menu", "accent", "license", "social", "authors"];

const LICENSE: &str = "license = { title = \"CC BY 4.0\", url = \"https://creativecommons.org/licenses/by/4.0/\" }";

const PROFILE: &str = "social = [{ title = \"Mastodon\", url = \"https://social.example/@ada\" }]";

/// Whether the pages are those of the built-in theme, with or without additions of the author. A theme of the site's own with
/// the same name may have other settings.
pub(crate) fn shows_salon(config: &Config, world: &dyn World) -> bool {
    const BASE: &str = "templates/base.html";
    const BUILT_IN: &str = include_str!("../../themes/salon/theme.toml");
    let extends = || read_text(world, BASE).is_ok_and(|base| base.text.contains("salon/templates/base.html"));
    let is_changed =
        || read_text(world, "themes/salon/theme.toml").is_ok_and(|own| !own.text.lines().eq(BUILT_IN.lines()));
    config.theme.as_deref() == Some(BUILT_IN_THEME) && (!world.is_file(BASE) || extends()) && !is_changed()
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
    reading.finish().into_iter().map(|problem| Diagnostic { severity: Severity::Warning, ..problem }).collect()
}

fn check_settings(mut extra: Table, world: &dyn World) {
    for (key, words) in LOOKS {
        check_look(&mut extra, key, words, world);
    }
    for (key, words) in CHOICES {
        let words: Vec<(&str, ())> = words.iter().map(|word| (*word, ())).collect();
        extra.choice(key, &words);
    }
    PICTURES.iter().chain(TEXTS).for_each(|key| extra.accept::<String>(key));
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

/// Checks the name of a palette or of typefaces.
fn check_look(extra: &mut Table, key: &'static str, words: &[&str], world: &dyn World) {
    let Some((word, span)) = extra.spanned::<String>(key) else { return };
    let class = format!("{key}-{word}");
    let is_known = word.is_empty() || words.contains(&word.as_str());
    if is_known || ["static", "sass", "templates"].iter().any(|folder| has_class(world, folder, &class)) {
        return;
    }
    let help = match nearest(&word, words.iter().copied()) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => {
            let words = words.join("\", \"");
            format!("the theme has \"{words}\"; for another one write a style sheet with the class `{class}`")
        }
    };
    let reading = extra.reading();
    let problem = Diagnostic::warning(format!("the theme `{BUILT_IN_THEME}` has no {key} \"{word}\""));
    reading.problem(problem.at(reading.at(span)).help(help));
}

/// Whether a style sheet or template of the site mentions a class.
fn has_class(world: &dyn World, folder: &str, class: &str) -> bool {
    let is_text = |path: &str| [".css", ".scss", ".sass", ".html"].iter().any(|end| path.ends_with(end));
    let mut files = world.walk(folder).files.into_iter().filter(|file| is_text(&file.path));
    files.any(|file| read_text(world, &file.path).is_ok_and(|file| file.text.contains(class)))
}

/// Returns the pictures that are configured and that no file of the site has for its path, each with its location. They may be
/// at the address of an output all the same, which is known at the end of a build.
pub(crate) fn picture_paths(config: &Config, world: &dyn World) -> Vec<(String, Location)> {
    if !shows_salon(config, world) {
        return Vec::new();
    }
    let folders = ["", "static/", "content/", &format!("themes/{BUILT_IN_THEME}/static/")].map(str::to_owned);
    let is_file = |name: &str| folders.iter().any(|folder| world.is_file(&format!("{folder}{name}")));
    let is_there = |path: &str| {
        let path = path.strip_prefix("@/").unwrap_or(path);
        let decoded = percent_decode_str(path).decode_utf8_lossy();
        let forms = [path, &decoded].into_iter().filter_map(plain_path).flat_map(|path| nfc::forms(&path));
        forms.into_iter().any(|name| name.is_empty() || is_file(&name))
    };
    let written = |key: &&str| {
        let path = config.extra.get(*key).and_then(Json::as_str)?;
        let is_missing = !path.is_empty() && !is_whole_url(path) && !is_there(path);
        is_missing.then(|| (path.to_owned(), config.location(&format!("extra.{key}"))))
    };
    PICTURES.iter().filter_map(written).collect()
}

/// Checks a colour: hexadecimal digits, a name, or a function of CSS. Browsers know the names.
fn check_accent(extra: &mut Table) {
    let Some((colour, span)) = extra.spanned::<String>("accent") else { return };
    let is_hex =
        |digits: &str| matches!(digits.len(), 3 | 4 | 6 | 8) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_name = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'-');
    let is_colour = match (colour.trim().strip_prefix('#'), colour.trim().split_once('(')) {
        (Some(digits), _) => is_hex(digits),
        (None, Some((function, rest))) => !function.is_empty() && is_name(function) && rest.ends_with(')'),
        (None, None) => is_name(colour.trim()) && !is_hex(colour.trim()),
    };
    if !is_colour {
        let help = "write it with `#` and six digits: accent = \"#0b6e4f\"";
        extra.reading().error(span, format!("`accent` should be a colour, not \"{colour}\""), help);
    }
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
    plain.chain([LOOKS, CHOICES].into_iter().flatten().map(|(key, _)| *key))
}

/// Whether a key is the singular or the plural of a setting. `author` beside `authors` is more likely the author's own value.
fn is_other_number(key: &str) -> bool {
    keys().any(|setting| key.strip_suffix('s') == Some(setting) || setting.strip_suffix('s') == Some(key))
}

/// Warns of keys that are nearly those of settings.
fn report_misspelt(extra: &Table) {
    let is_own = |key: &str| !is_setting(key) && !is_other_number(key);
    for TableEntry { key, key_span, .. } in extra.entries().iter().filter(|entry| is_own(&entry.key)) {
        if let Some(near) = nearest(key, keys()) {
            let reading = extra.reading();
            let problem = Diagnostic::warning(format!("the theme `{BUILT_IN_THEME}` has no setting `{key}`"));
            let help = format!("did you mean `{near}`? If this is a value of your own, give it another name");
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
            ("palette = \"violet\"", "the theme `salon` has no palette \"violet\""),
            ("palette = \"violet\"", "write a style sheet with the class `palette-violet`"),
            ("fonts = 5", "`fonts` should be a string"),
            ("sidebar = \"everwhere\"", "did you mean \"everywhere\"?"),
            ("palette = \"forst\"", "did you mean \"forest\"?"),
            ("home = true", "`home` should be \"cards\" or \"titles\", not true or false"),
            ("pallete = \"plum\"", "the theme `salon` has no setting `pallete`"),
            ("acent = \"#0b6e4f\"", "did you mean `accent`?"),
            ("accent = \"0b6e4f\"", "`accent` should be a colour, not \"0b6e4f\""),
            ("accent = \"abcdef\"", "`accent` should be a colour, not \"abcdef\""),
            ("accent = \"nonsense)\"", "`accent` should be a colour, not \"nonsense)\""),
            ("accent = \"hsl(10 50% 40%\"", "`accent` should be a colour"),
            ("accent = \"#0b6e4\"", "accent = \"#0b6e4f\""),
            ("home_posts = \"10\"", "`home_posts` should be a whole number"),
            ("show_image = \"no\"", "`show_image` should be true or false"),
            ("owner = 5", "`owner` should be a string"),
            ("license = \"CC BY\"", "`license` should be a table, not a string"),
            ("license = { title = \"CC BY\" }", "`license` has no `url` here"),
            ("social = { title = \"M\" }", "`social` should be a list of tables"),
            ("social = [{ title = \"M\", href = \"https://a.example\" }]", "`social` has no `url` here"),
            ("authors = { Ada = { text = 1 } }", "`text` should be a string"),
        ] {
            let problems = problems(settings, &[("static/logo.svg", "<svg/>")]);
            assert_eq!(problems.len(), 1, "{settings}: {problems:?}");
            assert!(problems[0].contains(expected) && problems[0].contains("site.toml:4:"), "{settings}: {problems:?}");
            assert!(problems[0].starts_with("warning"), "{settings}: {problems:?}");
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
            "accent = \"teal\"",
            "accent = \"#0b6e\"",
            "accent = \" #0B6E4FCC \"",
            "accent = \"color-mix(in oklab, teal, rgb(1 2 3))\"",
            "palette = \"\"\nfonts = \"mine\"",
            "author = \"Ada\"\nicons = []\ntag = 1\nmenus = 1\nimages = []\nfont = \"x\"",
        ] {
            let files = [("sass/own.scss", ".fonts-mine { --text: serif; }")];
            assert_eq!(problems(settings, &files), Vec::<String>::new(), "{settings}");
        }
        let own = [("templates/base.html", "<html class=\"{{ config.extra.palette }}\">")];
        assert_eq!(problems("palette = \"violet\"", &own), Vec::<String>::new(), "another theme reads it");
        let more = [("templates/base.html", "{% extends \"salon/templates/base.html\" %}")];
        assert_eq!(problems("palette = \"violet\"", &more).len(), 1);
    }

    #[test]
    fn a_theme_of_the_site_with_this_name_has_its_own_settings() {
        let theme = include_str!("../../themes/salon/theme.toml");
        let own = theme.replace("\"mono\"", "\"mono\", \"violet\"");
        for (theme, count) in [(theme.to_owned(), 1), (theme.replace('\n', "\r\n"), 1), (own, 0)] {
            assert_eq!(problems("palette = \"violet\"", &[("themes/salon/theme.toml", &theme)]).len(), count);
        }
    }

    #[test]
    fn pictures_are_files_or_may_be_outputs() {
        let mut world = MemoryWorld::new();
        for path in ["static/logo.svg", "static/two words.png", "content/posts/tea/cup.png", "drawings/all.png"] {
            world.insert(path, "");
        }
        world.insert("static/\u{fc}.png", "");
        for (path, is_missing) in [
            ("", false),
            ("/", false),
            ("logo.svg", false),
            ("/logo.svg", false),
            ("two%20words.png", false),
            ("two words.png", false),
            ("u\u{308}.png", false),
            ("posts/tea/cup.png", false),
            ("@/posts/tea/cup.png", false),
            ("drawings/all.png", false),
            ("favicon.svg", true),
            ("//cdn.example/x.png", false),
            ("https://b.example/x.png", false),
            ("lgo.svg", true),
            ("posts/uber-tee/cup.png", true),
            ("../../x.png", true),
        ] {
            let text = format!("{HEAD}icon = \"{path}\"\n");
            let source = SourceText { path: "site.toml".into(), text: text.into() };
            let config = Config::parse(source).0.expect("a configuration");
            let paths = picture_paths(&config, &world);
            assert_eq!(paths.first().map(|(path, _)| path.as_str()), is_missing.then_some(path), "{path}");
        }
    }
}
