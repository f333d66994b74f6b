//! The manual's page about the variables of templates, held against a site whose templates show which fields there are.

use std::collections::BTreeSet;
use std::fs;

use serde::Deserialize;

use super::{Options, build};
use crate::manual::{GroupedPage, rows, write_page};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    title: String,
    anchor: Option<String>,
    #[serde(default)]
    about: String,
    /// The name and the meaning.
    fields: Vec<[String; 2]>,
    /// Another group, with which fields are shared. These have no rows here.
    like: Option<String>,
}

/// A site in which each template writes the fields of one variable.
const SITE: [(&str, &str); 8] = [
    (
        "site.toml",
        "base_url = \"https://a.example\"\ngenerate_feeds = true\nbuild_search_index = false\ntaxonomies = [{ name = \"tags\" }]\n",
    ),
    ("content/_index.md", "+++\ntemplate = \"config.html\"\n+++\n"),
    ("content/tea/_index.md", "+++\npaginate_by = 1\ntemplate = \"list.html\"\n+++\n"),
    ("content/tea/green.md", "+++\ndate = 2024-01-01\n[taxonomies]\ntags = [\"a\"]\n+++\nText.\n"),
    ("content/tea/green.comments.md", "+++\ndate = 2024-01-02\n+++\nText.\n"),
    ("content/plain/_index.md", "+++\n+++\n"),
    ("templates/taxonomy_list.html", "{{ terms[0] | keys | join(sep=' ') }}"),
    ("templates/taxonomy_single.html", "{{ term | keys | join(sep=' ') }}"),
];

/// The templates that show fields, with the group and the file in the output.
const SHOWN: [(&str, &str, &str, &str); 6] = [
    ("config", "templates/config.html", "{{ config | keys | join(sep=' ') }}", "index.html"),
    ("page", "templates/page.html", "{{ page | keys | join(sep=' ') }}", "tea/green/index.html"),
    ("section", "templates/section.html", "{{ section | keys | join(sep=' ') }}", "plain/index.html"),
    ("paginator", "templates/list.html", "{{ paginator | keys | join(sep=' ') }}", "tea/index.html"),
    ("comment", "templates/comments-atom.xml", "{{ comments[0] | keys | join(sep=' ') }}", "tea/green/comments.xml"),
    ("term", "templates/unused.html", "", "tags/a/index.html"),
];

#[test]
fn the_manual_has_every_variable() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (path, text) in SITE.into_iter().chain(SHOWN.map(|(_, path, text, _)| (path, text))) {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
        fs::write(path, text).expect("it can be written");
    }
    let result = build(&Options { root: folder.path().to_owned(), ..Options::default() });
    assert!(!result.failed(), "{:#?}", result.diagnostics);

    let page: GroupedPage<Group> = rows("variables");
    let fields_of = |anchor: &str| {
        let group = page.groups.iter().find(|group| group.anchor.as_deref() == Some(anchor)).expect("a group");
        group.fields.iter().map(|[name, _]| name.clone()).collect::<BTreeSet<String>>()
    };
    for (anchor, _, _, output) in SHOWN {
        let shown = fs::read_to_string(folder.path().join("public").join(output)).expect("an output");
        let mut shown: BTreeSet<String> = shown.split_whitespace().map(str::to_owned).collect();
        let group = page.groups.iter().find(|group| group.anchor.as_deref() == Some(anchor)).expect("a group");
        if let Some(other) = &group.like {
            let others = fields_of(other);
            // The text above the table names those that are shared.
            let shared = shown.intersection(&others);
            for name in shared {
                assert!(group.about.contains(&format!("`{name}`")), "{anchor}: {name} is not named above the table");
            }
            shown.retain(|name| !others.contains(name));
        }
        assert_eq!(fields_of(anchor), shown, "{anchor}");
    }

    let mut text = page.about.clone();
    for group in &page.groups {
        let anchor = group.anchor.as_ref().map(|anchor| format!(" {{#{anchor}}}")).unwrap_or_default();
        text.push_str(&format!("\n## {}{anchor}\n\n", group.title));
        if !group.about.is_empty() {
            text.push_str(&format!("{}\n\n", group.about));
        }
        text.push_str("| field | |\n|---|---|\n");
        for [name, meaning] in &group.fields {
            text.push_str(&format!("| `{name}` | {meaning} |\n"));
        }
    }
    write_page("variables", (&page.title, &page.description, page.weight), &text);
}
