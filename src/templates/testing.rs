//! A small site for the tests of template functions.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use tera::Context;

use super::dependencies::{Dependencies, Dependency, FieldMask};
use super::reads::Reads;
use super::{Library, Reader, Templates, errors};
use crate::config::{Config, Mode};
use crate::diagnostic::{Diagnostic, Severity, SourceText};
use crate::load::{ParseCache, Sources};
use crate::markdown::Highlighter;
use crate::site::{self, ContentId, Visibility};
use crate::source::{Fingerprint, MemoryWorld, World, unreadable};

/// A blog in English and French, with two posts, comments, tags, translations, quotes and files.
pub(super) const BLOG: &[(&str, &str)] = &[
    (
        "site.toml",
        r#"
            base_url = "https://blog.example"
            title = "Notes"
            theme = "calm"
            taxonomies = [{ name = "tags" }, { name = "Reading Lists" }]
            [translations]
            read_more = "Read more"
            [languages.fr]
            taxonomies = [{ name = "tags" }]
            [languages.fr.translations]
            read_more = "Lire la suite"
            [[quotes]]
            text = "Brevity is the soul of wit."
            author = "Polonius"
            [[quotes]]
            text = "Less is more."
            author = "Lucrezia"
            source = "Andrea del Sarto"
        "#,
    ),
    ("themes/calm/theme.toml", ""),
    ("themes/calm/static/calm.css", "body { color: navy }"),
    ("themes/calm/static/both.css", "of the theme"),
    ("static/both.css", "of the site"),
    ("static/css/app.css", "body { margin: 0 }"),
    ("content/_index.md", "+++\ntitle = \"Home\"\n+++\n"),
    ("content/_index.fr.md", "+++\ntitle = \"Accueil\"\n+++\n"),
    ("content/posts/_index.md", "+++\ntitle = \"Posts\"\nsort_by = \"date\"\n+++\nAll of them.\n"),
    ("content/posts/_index.fr.md", "+++\ntitle = \"Billets\"\nsort_by = \"date\"\n+++\n"),
    (
        "content/posts/tea.md",
        "+++\ntitle = \"Tea\"\ndate = 2012-03-04T10:00:00+02:00\n[taxonomies]\ntags = [\"Hot Drinks\", \"leaves\"]\n+++\nWith *milk*.\n",
    ),
    (
        "content/posts/tea.fr.md",
        "+++\ntitle = \"Thé\"\ndate = 2012-03-05\n[taxonomies]\ntags = [\"boissons\"]\n+++\nAu *lait*.\n",
    ),
    (
        "content/posts/coffee.md",
        "+++\ntitle = \"Coffee\"\ndate = 2009-01-02\n[taxonomies]\ntags = [\"Hot Drinks\"]\n+++\nBlack.\n",
    ),
    (
        "content/posts/tea.comments.md",
        "+++\nauthor = \"Jo\"\ndate = 2012-05-06T07:08:09Z\n+++\nWith *lemon*!\n+++\nauthor = \"Al\"\ndate = 2012-05-07\n+++\nNo.\n",
    ),
    ("content/posts/leaves.csv", "name,price\nAssam,\"4,50\"\nSencha,6\n"),
    ("data/colours.toml", "red = \"#f00\"\nsince = 1999-12-31\n[[shades]]\nof = \"blue\"\non = 2000-01-01T00:00:00Z\n"),
    ("data/people.json", r#"{ "people": [{ "name": "Zoë", "age": 41.5 }] }"#),
    ("data/menu.yaml", "- name: tea\n  sizes: [1, 2]\n- name: coffee\n"),
    ("data/note.txt", "\u{feff}one\r\ntwo\r\n"),
    ("data/broken.toml", "fine = 1\nnot fine\n"),
    ("data/broken.json", "{\n  \"a\": 1,\n}"),
    ("data/broken.yaml", "a: [1\nb: 2\n"),
    ("data/broken.csv", "a,b\n1,2\n3\n"),
    ("data/feed.xml", "<feed/>"),
];

/// A site that renders the templates of tests.
pub(super) struct TestSite {
    pub(super) library: Arc<Library>,
}

/// Creates the blog.
pub(super) fn blog() -> TestSite {
    blog_with(&[])
}

/// Creates the blog with additional or replaced files.
pub(super) fn blog_with(files: &[(&str, &str)]) -> TestSite {
    site(&[BLOG, files].concat())
}

/// Creates a site from files. It must have no errors.
pub(super) fn site(files: &[(&str, &str)]) -> TestSite {
    let files: BTreeMap<&str, &str> = files.iter().copied().collect();
    site_in(Arc::new(files.into_iter().collect::<MemoryWorld>()))
}

/// The moment of the builds of tests.
fn now() -> Timestamp {
    Timestamp::from_second(1_700_000_000).expect("a moment")
}

/// Creates the site of a world. Warnings are ignored.
pub(super) fn site_in(world: Arc<dyn World>) -> TestSite {
    let mut problems = Vec::new();
    let (config, found) = Config::load(&*world);
    problems.extend(found);
    let config = Arc::new(config.unwrap_or_else(|| panic!("no configuration: {problems:#?}")));
    let (templates, found) = Templates::load(&*world, &config);
    problems.extend(found);
    let (highlighter, found) =
        Highlighter::new(&config, &|path| world.read(path).map_err(|error| unreadable(path, &error)));
    problems.extend(found);
    let (sources, found) = Sources::load(&*world, &config, &mut ParseCache::default());
    problems.extend(found);
    let (site, found) = site::link(config, sources, Visibility::default(), now());
    problems.extend(found);
    problems.retain(|problem| problem.severity == Severity::Error);
    assert!(problems.is_empty(), "{problems:#?}");
    let templates = templates.unwrap_or_else(|| panic!("the built-in templates have a mistake"));
    TestSite {
        library: Library::new(site, world, templates.into(), highlighter.into(), Mode::Build, Fingerprint::default()),
    }
}

impl TestSite {
    /// Renders a template.
    pub(super) fn render(&self, template: &str) -> Result<String, String> {
        self.render_with(template, &Context::new()).0
    }

    /// Renders a template on a page in a language.
    pub(super) fn render_in(&self, lang: &str, template: &str) -> Result<String, String> {
        let mut context = Context::new();
        context.insert("lang", lang);
        self.render_with(template, &context).0
    }

    /// Renders a template as an output that can read bodies, and returns its dependencies.
    pub(super) fn render_with(&self, template: &str, context: &Context) -> (Result<String, String>, Dependencies) {
        let closure = self.library.templates.closure_of_text(template).into();
        Reader::track(&self.library, &closure, FieldMask::ALL, |_| {
            self.compare_with_text(template, context);
            let rendered = self.library.templates.tera.render_str(template, context, true);
            rendered.map_err(|error| errors::one_line(&error))
        })
    }

    /// Checks that a text with a budget renders to the same output as without.
    pub(super) fn compare_with_text(&self, template: &str, context: &Context) {
        let templates = &self.library.templates;
        let source = SourceText { path: "post.md".into(), text: template.into() };
        // Both renderings begin with the same seed.
        let reset_seeds = || {
            if let Ok(reader) = Reader::current() {
                reader.set_subject("");
            }
        };
        reset_seeds();
        let bounded = templates.bounded().render(&source, 0, context, &templates.sources);
        reset_seeds();
        match (templates.tera.render_str(template, context, false), bounded) {
            (Ok(expected), Some(Ok(rendered))) => assert_eq!(rendered, expected, "{template}"),
            (Err(_), None) => {}
            (rendered, bounded) => panic!("{template}: {rendered:?} has become {bounded:?}"),
        }
    }

    /// Renders a part of a page's Markdown with template syntax.
    pub(super) fn render_text(&self, text: &str) -> Result<String, Diagnostic> {
        self.render_source(&SourceText { path: "post.md".into(), text: text.into() }, 0)
    }

    /// Renders a part that begins at a position of its file.
    pub(super) fn render_source(&self, source: &SourceText, start: usize) -> Result<String, Diagnostic> {
        let closure = self.library.templates.closure_of_text(&source.text[start..]).into();
        let mut context = Context::new();
        context.insert("lang", "en");
        let render = |_: &Reader| self.library.templates.render_content(source, start, &context);
        Reader::track(&self.library, &closure, FieldMask::ALL, render).0
    }

    /// Renders a template for the page about tea and the section of posts, with the fields that it reads or with
    /// everything.
    pub(super) fn render_tea(&self, template: &str, is_everything: bool) -> Result<String, String> {
        let mut closure = self.library.templates.closure_of_text(template);
        if is_everything {
            closure.reads = Reads::unknown();
        }
        let render = |reader: &Reader| {
            let site = &self.library.site;
            let mut context = Context::new();
            for (variable, path) in [("page", "posts/tea.md"), ("section", "posts/_index.md")] {
                let id = site.by_path[path];
                let own = reader.own_content(id, reader.variable(variable).mask());
                context.insert_value(
                    variable,
                    match id {
                        ContentId::Page(_) => own,
                        ContentId::Section(id) => {
                            reader.section(id, (own, reader.variable(variable).pages_mask()), None)
                        }
                    },
                );
            }
            self.compare_with_text(template, &context);
            let rendered = self.library.templates.tera.render_str(template, &context, true);
            rendered.map_err(|error| errors::one_line(&error))
        };
        Reader::track(&self.library, &closure.into(), FieldMask::ALL, render).0
    }

    /// Whether all templates can be called by texts.
    pub(super) fn every_template_is_instrumented(&self) -> bool {
        let templates = &self.library.templates;
        templates.bounded().are_all_instrumented(&templates.sources)
    }

    /// Returns the dependencies of a template.
    pub(super) fn dependencies(&self, template: &str) -> Vec<Dependency> {
        let (rendered, dependencies) = self.render_with(template, &Context::new());
        rendered.unwrap_or_else(|error| panic!("{error}"));
        dependencies.iter().cloned().collect()
    }
}
