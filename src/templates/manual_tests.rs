//! The manual's pages about functions, filters and tests, held against the code. Every example is rendered.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;

use super::suggest::{FILTERS, FUNCTIONS, TESTS};
use super::testing::{BLOG, TestSite, site_in};
use crate::manual::{GroupedPage, rows, write_page};
use crate::source::MemoryWorld;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    title: String,
    #[serde(default)]
    about: String,
    #[serde(default, rename = "function")]
    functions: Vec<Function>,
    /// The name, the arguments, the meaning, and an example without braces.
    #[serde(default)]
    filters: Vec<[String; 4]>,
    #[serde(default)]
    tests: Vec<[String; 4]>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Function {
    name: String,
    meaning: String,
    example: String,
    /// The arguments of a function that is not Causerie's own. Those of the others are in the comment above the function.
    arguments: Option<Vec<String>>,
}

fn site() -> TestSite {
    let mut world: MemoryWorld = BLOG.iter().copied().collect();
    world.insert("static/pot.gif", [&b"GIF89a"[..], &[30, 0, 20, 0, 0, 0, 0, b';']].concat());
    site_in(Arc::new(world))
}

/// What an example gives, in one line.
fn result(site: &TestSite, example: &str) -> String {
    let rendered = site.render(example).unwrap_or_else(|error| panic!("{example}: {error}"));
    rendered.trim().replace('\n', "↵")
}

/// Compares the names of rows with those of the code.
fn check_names<'a>(what: &str, rows: impl Iterator<Item = &'a str>, known: &[&'a str]) {
    let rows: BTreeSet<&str> = rows.collect();
    let known: BTreeSet<&str> = known.iter().copied().collect();
    let missing: Vec<_> = known.difference(&rows).collect();
    let superfluous: Vec<_> = rows.difference(&known).collect();
    assert!(missing.is_empty() && superfluous.is_empty(), "{what}: missing {missing:?}, superfluous {superfluous:?}");
}

/// The arguments of Causerie's functions, from the comments above them: `` /// `get_page(path, lang?)`: … ``.
fn arguments() -> BTreeMap<String, Vec<String>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/templates/functions");
    let mut arguments = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("the functions") {
        let path = entry.expect("an entry").path();
        let Ok(source) = fs::read_to_string(&path) else { continue };
        for (at, _) in source.match_indices("/// `") {
            // A signature can go on in the next line.
            let comment = source[at + 5..].split('`').next().unwrap_or_default().replace("\n///", "");
            let Some((name, list)) = comment.strip_suffix(')').and_then(|call| call.split_once('(')) else { continue };
            let list = list.replace(" | ", ", ");
            let list = list.split(", ").map(str::to_owned).filter(|one| !matches!(one.as_str(), "" | "…"));
            arguments.insert(name.to_owned(), list.collect());
        }
    }
    arguments
}

#[test]
fn the_manual_has_every_function() {
    let page: GroupedPage<Group> = rows("functions");
    let functions = || page.groups.iter().flat_map(|group| &group.functions);
    check_names("functions", functions().map(|function| function.name.as_str()), FUNCTIONS);
    let (site, arguments) = (site(), arguments());
    let mut text = page.about.clone();
    for group in &page.groups {
        text.push_str(&format!("\n## {}\n", group.title));
        for Function { name, meaning, example, arguments: own } in &group.functions {
            let list = own.as_ref().or(arguments.get(name)).unwrap_or_else(|| panic!("no arguments of {name}"));
            text.push_str(&format!(
                "\n### `{name}` {{#{name}}}\n\n`{name}({})`\n\n{meaning}\n\n{{% raw %}}\n```html\n{example}\n```\n{{% endraw %}}\n\n\
                 ```text\n{}\n```\n",
                list.join(", "),
                result(&site, example),
            ));
        }
    }
    write_page("functions", (&page.title, &page.description, page.weight), &text);
}

#[test]
fn the_manual_has_every_filter_and_test() {
    let page: GroupedPage<Group> = rows("filters");
    let names =
        |rows: fn(&Group) -> &Vec<[String; 4]>| page.groups.iter().flat_map(rows).map(|[name, ..]| name.as_str());
    check_names("filters", names(|group| &group.filters), FILTERS);
    check_names("tests", names(|group| &group.tests), TESTS);
    let site = site();
    let mut text = page.about.clone();
    for group in &page.groups {
        text.push_str(&format!("\n## {}\n\n", group.title));
        if !group.about.is_empty() {
            text.push_str(&format!("{}\n\n", group.about));
        }
        let (what, of) = if group.tests.is_empty() { ("filter", "gives") } else { ("test", "asks") };
        text.push_str(&format!("| {what} | what it {of} |\n|---|---|\n"));
        for [name, arguments, meaning, example] in group.filters.iter().chain(&group.tests) {
            let call = if arguments.is_empty() { name.clone() } else { format!("{name}({arguments})") };
            let code = |text: &str| format!("`{}`", text.replace('|', "\\|"));
            let gives = result(&site, &format!("{{{{ {example} }}}}"));
            text.push_str(&format!("| `{call}` | {meaning}: {} is {} |\n", code(example), code(&gives)));
        }
    }
    write_page("filters", (&page.title, &page.description, page.weight), &text);
}
