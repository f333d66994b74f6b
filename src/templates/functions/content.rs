//! Pages and sections by the paths of their files.

use tera::{Error, Kwargs, State, TeraResult, Value};

use super::language;
use crate::config::Config;
use crate::diagnostic::nearest;
use crate::site::{ContentId, PageId};
use crate::templates::dependencies::Dependency;
use crate::templates::errors::unknown_name_error;
use crate::templates::reads::Access;
use crate::templates::{Library, Reader};

/// `get_page(path, lang?, allow_missing?)`: the page whose file is at a path below `content/`, in the requested
/// language.
pub(super) fn get_page(kwargs: Kwargs, state: &State) -> TeraResult<Value> {
    let reader = Reader::current()?;
    let query = ContentQuery::new(&reader, "page", &kwargs, state)?;
    match query.find()? {
        Some(id @ ContentId::Page(_)) => Ok(reader.content(id, reader.call_mask("get_page", &kwargs, Access::mask))),
        Some(ContentId::Section(_)) => query.wrong_kind("section", "get_section"),
        None => Ok(Value::none()),
    }
}

/// `get_section(path, lang?, allow_missing?, metadata_only?, limit?)`: the section whose `_index.md` is at a path below
/// `content/`, in the requested language; without its pages for `metadata_only`, and with only the first ones for
/// `limit`.
pub(super) fn get_section(kwargs: Kwargs, state: &State) -> TeraResult<Value> {
    let reader = Reader::current()?;
    let query = ContentQuery::new(&reader, "section", &kwargs, state)?;
    match query.find()? {
        Some(ContentId::Section(id)) => {
            let section =
                reader.content(ContentId::Section(id), reader.call_mask("get_section", &kwargs, Access::mask));
            let pages = match kwargs.get("metadata_only")?.unwrap_or(false) {
                true => None,
                false => reader.optional_call_mask("get_section", &kwargs, Access::pages_mask),
            };
            Ok(reader.section(id, (section, pages), kwargs.get("limit")?))
        }
        Some(ContentId::Page(_)) => query.wrong_kind("page", "get_page"),
        None => Ok(Value::none()),
    }
}

/// Finds the page that the arguments `path` and `lang` name.
pub(super) fn find_page(reader: &Reader, kwargs: &Kwargs, state: &State) -> TeraResult<PageId> {
    let query = ContentQuery::new(reader, "page", kwargs, state)?;
    match query.find()? {
        Some(ContentId::Page(id)) => Ok(id),
        Some(ContentId::Section(_)) => Err(Error::message(format!("`{}` is a section, and not a page", query.path))),
        None => Err(query.missing_error()),
    }
}

/// A template's query for a page or section.
struct ContentQuery<'a> {
    reader: &'a Reader,
    /// The kind of content, as in error messages.
    kind: &'static str,
    path: String,
    lang: String,
    allow_missing: bool,
}

impl<'a> ContentQuery<'a> {
    fn new(reader: &'a Reader, kind: &'static str, kwargs: &Kwargs, state: &State) -> TeraResult<Self> {
        let path = kwargs.must_get::<&str>("path")?;
        Ok(Self {
            reader,
            kind,
            path: relative(path).to_owned(),
            lang: language(reader, kwargs, state)?,
            allow_missing: kwargs.get("allow_missing")?.unwrap_or(false),
        })
    }

    /// Finds the page or section; none if there is none and that is allowed.
    fn find(&self) -> TeraResult<Option<ContentId>> {
        let site = &self.reader.library.site;
        let found = find(self.reader, &translated_paths(&site.config, &self.path, &self.lang), &self.lang);
        if found.is_some() || self.allow_missing { Ok(found) } else { Err(self.missing_error()) }
    }

    fn missing_error(&self) -> Error {
        let site = &self.reader.library.site;
        let Self { kind, path, lang, .. } = self;
        if site.at_file(path).is_none() {
            return missing_content_error(&self.reader.library, kind, path, |id| {
                matches!(id, ContentId::Page(_)) == (*kind == "page")
            });
        }
        match translated_paths(&site.config, path, lang)
            .into_iter()
            .next()
            .filter(|_| site.config.language(lang).is_some())
        {
            Some(variant) => Error::message(format!(
                "`{path}` is not written in the language `{lang}`; make `content/{variant}`, or call this with \
                 `allow_missing=true`"
            )),
            None => unknown_language_error(&site.config, lang),
        }
    }

    fn wrong_kind(&self, kind: &str, function: &str) -> TeraResult<Value> {
        Err(Error::message(format!("`{}` is a {kind}: ask for it with `{function}`", self.path)))
    }
}

/// Returns a path below `content/`. It can be written like an internal link.
pub(super) fn relative(path: &str) -> &str {
    path.strip_prefix("@/").unwrap_or(path).trim_start_matches('/')
}

/// Returns the names of the files that can contain a page or section in a language, the usual one first. `path` can
/// name any of its translations.
pub(super) fn translated_paths(config: &Config, path: &str, lang: &str) -> Vec<String> {
    let Some(stem) = path.strip_suffix(".md").filter(|_| !config.other_languages().is_empty()) else {
        return vec![path.to_owned()];
    };
    let canonical = without_language(config, stem).unwrap_or(stem);
    let mut names = vec![format!("{canonical}.{lang}.md")];
    if config.is_default_language(lang) {
        names.insert(0, format!("{canonical}.md"));
    }
    names
}

/// Removes the language from a file's name without `.md`; none if it names no language.
pub(super) fn without_language<'a>(config: &Config, stem: &'a str) -> Option<&'a str> {
    stem.rsplit_once('.').filter(|(_, code)| config.language(code).is_some()).map(|(name, _)| name)
}

/// Finds the first of some files that is part of the site and in a language. Records for each whether it exists.
pub(super) fn find(reader: &Reader, paths: &[String], lang: &str) -> Option<ContentId> {
    let site = &reader.library.site;
    paths.iter().find_map(|path| {
        reader.record(Dependency::Permalink(path.clone()));
        site.at_file(path).filter(|&id| site.content(id).lang() == lang)
    })
}

/// Returns the error for a path without a page or section.
pub(super) fn missing_content_error(
    library: &Library,
    kind: &str,
    path: &str,
    is_of_kind: impl Fn(ContentId) -> bool,
) -> Error {
    let problem = format!("there is no {kind} `{path}`");
    if let Some(date) = library.site.held_until(path) {
        return Error::message(format!("{problem}; it is held back until its date, {date}"));
    }
    if library.site.is_left_out(path) {
        return Error::message(format!("{problem}; it is a draft or in a drafted section"));
    }
    let suggestion = library.cached_text(problem.clone(), || {
        let known = library.site.by_path.iter().filter(|(_, id)| is_of_kind(**id)).map(|(path, _)| &**path);
        nearest(path, known).map(str::to_owned)
    });
    Error::message(match suggestion {
        Some(near) => format!("{problem}; did you mean `{near}`?"),
        None => format!(
            "{problem}; the path begins in `content/`, as in `posts/my-post.md`; drafts are not part of the site"
        ),
    })
}

/// Returns the error for a language that the site does not have.
pub(super) fn unknown_language_error(config: &Config, lang: &str) -> Error {
    let known = config.languages().iter().map(|language| language.code.as_str());
    let help = format!("a language needs a table `[languages.{lang}]` in `{}`", config.location("").path);
    unknown_name_error(&format!("the site has no language `{lang}`"), lang, known, &help)
}

#[cfg(test)]
mod tests {
    use crate::templates::dependencies::{Dependency, FieldMask, PageSet};
    use crate::templates::testing::{blog, site};

    #[test]
    fn pages_come_whole_and_with_their_neighbours() {
        let blog = blog();
        let page = "{% set page = get_page(path='posts/tea.md') %}";
        let rendered = blog.render(&format!(
            "{page}{{{{ page.title }}}}|{{{{ page.content | safe }}}}|{{{{ page.higher.title }}}}|{{{{ page.lower }}}}"
        ));
        assert_eq!(rendered.unwrap(), "Tea|<p>With <em>milk</em>.</p>\n|Coffee|");
        for path in ["@/posts/tea.md", "/posts/tea.md"] {
            assert_eq!(
                blog.render(&format!("{{% set page = get_page(path='{path}') %}}{{{{ page.title }}}}")).unwrap(),
                "Tea"
            );
        }
    }

    #[test]
    fn pages_are_in_the_requested_language() {
        let blog = blog();
        for (lang, arguments, title) in [
            ("fr", "path='posts/tea.md'", "Thé"),
            ("en", "path='posts/tea.md'", "Tea"),
            ("en", "path='posts/tea.md', lang='fr'", "Thé"),
            ("fr", "path='posts/tea.md', lang='en'", "Tea"),
            ("en", "path='posts/tea.fr.md'", "Tea"),
            ("fr", "path='posts/tea.md', lang=none", "Thé"),
            ("fr", "path='posts/tea.md', lang=nothing", "Thé"),
        ] {
            let template = format!("{{% set page = get_page({arguments}) %}}{{{{ page.title }}}}");
            assert_eq!(blog.render_in(lang, &template).unwrap(), title, "{arguments}");
        }
    }

    #[test]
    fn missing_content_is_an_error_with_a_suggestion() {
        let blog = blog();
        for (call, expected) in [
            ("get_page(path='posts/tee.md')", "there is no page `posts/tee.md`; did you mean `posts/tea.md`?"),
            ("get_page(path='nowhere.md')", "there is no page `nowhere.md`; the path begins in `content/`"),
            ("get_section(path='post/_index.md')", "no section `post/_index.md`; did you mean `posts/_index.md`?"),
            ("get_page(path='posts/_index.md')", "`posts/_index.md` is a section: ask for it with `get_section`"),
            ("get_section(path='posts/tea.md')", "`posts/tea.md` is a page: ask for it with `get_page`"),
            (
                "get_page(path='posts/coffee.md', lang='fr')",
                "`posts/coffee.md` is not written in the language `fr`; make `content/posts/coffee.fr.md`",
            ),
            ("get_page(path='posts/tea.md', lang='ft')", "the site has no language `ft`"),
        ] {
            let error = blog.render(&format!("{{{{ {call} }}}}")).unwrap_err();
            assert!(error.contains(expected), "{call}: {error}");
        }
    }

    #[test]
    fn optional_data_can_be_missing() {
        let blog = blog();
        for call in [
            "get_page(path='posts/draft.md', allow_missing=true)",
            "get_section(path='drafts/_index.md', allow_missing=true)",
            "get_page(path='posts/coffee.md', lang='fr', allow_missing=true)",
        ] {
            assert_eq!(blog.render(&format!("{{% if {call} is none %}}none{{% endif %}}")).unwrap(), "none", "{call}");
        }
        let dependencies = blog.dependencies("{{ get_page(path='draft.md', allow_missing=true) }}");
        assert!(dependencies.contains(&Dependency::Permalink("draft.md".into())), "{dependencies:?}");
    }

    #[test]
    fn sections_come_with_their_pages_unless_only_metadata_is_wanted() {
        let blog = blog();
        let pages = |arguments: &str| {
            blog.render(&format!(
                "{{% set s = get_section(path='posts/_index.md'{arguments}) %}}{{{{ s.title }}}}:\
                 {{% for page in s.pages %}} {{{{ page.title }}}}{{% endfor %}}"
            ))
            .unwrap()
        };
        assert_eq!(pages(""), "Posts: Tea Coffee");
        assert_eq!(pages(", lang='fr'"), "Billets: Thé");
        assert_eq!(pages(", metadata_only=true"), "Posts:");

        let list = Dependency::Pages(PageSet::Section("content/posts/_index.md".into()), FieldMask::META);
        assert!(
            blog.dependencies("{% set s = get_section(path='posts/_index.md') %}{{ s.pages | length }}")
                .contains(&list)
        );
        assert!(
            !blog
                .dependencies(
                    "{% set s = get_section(path='posts/_index.md', metadata_only=true) %}{{ s.pages | length }}"
                )
                .contains(&list)
        );
    }

    #[test]
    fn a_site_of_one_language_may_have_dots_in_names() {
        let site =
            site(&[("site.toml", "base_url = 'https://a.example'"), ("content/v1.en.md", "+++\ntitle = 'One'\n+++\n")]);
        assert_eq!(site.render("{% set page = get_page(path='v1.en.md') %}{{ page.title }}").unwrap(), "One");
    }
}
