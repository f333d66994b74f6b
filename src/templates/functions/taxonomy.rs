//! Taxonomies and their terms.

use tera::{Error, Kwargs, State, TeraResult, Value};

use super::content::unknown_language_error;
use super::language;
use super::url::safe_url;
use crate::site::{Taxonomy, TaxonomyId};
use crate::templates::Reader;
use crate::templates::dependencies::{Dependency, PageSet};
use crate::templates::errors::unknown_name_error;
use crate::templates::reads::Access;

/// `get_taxonomy(kind, lang?, required?, limit?)`: a taxonomy with its terms and their pages; with `limit`, only the
/// terms with the most pages.
pub(super) fn get_taxonomy(kwargs: Kwargs, state: &State) -> TeraResult<Value> {
    let reader = Reader::current()?;
    let Some(id) = find(&reader, &kwargs, state)? else { return Ok(Value::none()) };
    let pages = |access: &Access| access.field("items").and_then(Access::pages_of_items_mask);
    Ok(reader.taxonomy(id, kwargs.get("limit")?, reader.optional_call_mask("get_taxonomy", &kwargs, pages)))
}

/// `get_taxonomy_term(kind, term, lang?, required?, include_pages?)`: one term, named as in front matter, with its
/// pages unless `include_pages` is false. None if only unlisted pages have the term.
pub(super) fn get_taxonomy_term(kwargs: Kwargs, state: &State) -> TeraResult<Value> {
    let reader = Reader::current()?;
    let term = kwargs.must_get::<&str>("term")?;
    let include_pages = kwargs.get("include_pages")?.unwrap_or(true);
    let Some(id) = find(&reader, &kwargs, state)? else { return Ok(Value::none()) };
    let taxonomy = reader.library.site.taxonomy(id);
    let slug = reader.library.site.config.slugify.taxonomy(term);
    let Some(index) = position(taxonomy, &slug) else {
        // The absence of the term is a dependency, too.
        let set = PageSet::Term(taxonomy.lang.to_string(), taxonomy.kind.slug.clone(), slug.clone());
        reader.record(Dependency::PageCount(set));
        reader.record(Dependency::TermAddress(taxonomy.lang.to_string(), taxonomy.kind.slug.clone(), slug.clone()));
        let is_mistake = !taxonomy.unlisted.contains(&slug) && is_required(&kwargs)?;
        return if is_mistake { Err(unknown_term_error(taxonomy, term)) } else { Ok(Value::none()) };
    };
    let pages = match include_pages {
        true => reader.optional_call_mask("get_taxonomy_term", &kwargs, Access::pages_mask),
        false => None,
    };
    Ok(reader.term(id, index, pages))
}

/// `get_taxonomy_url(kind, term, lang?, required?)`: the address of a term, named as in front matter. As in Zola it is the same
/// where the taxonomy does not render pages, so that something else can answer there. None if only unlisted pages have the term.
/// `name` is Zola's older name of the argument `term`.
pub(super) fn get_taxonomy_url(kwargs: Kwargs, state: &State) -> TeraResult<Value> {
    let reader = Reader::current()?;
    let term = match kwargs.get::<&str>("term")? {
        Some(term) => term,
        None => kwargs.get::<&str>("name")?.ok_or_else(|| Error::message("which term? Say it with `term=`"))?,
    };
    let Some(id) = find(&reader, &kwargs, state)? else { return Ok(Value::none()) };
    let taxonomy = reader.library.site.taxonomy(id);
    let slug = reader.library.site.config.slugify.taxonomy(term);
    reader.record(Dependency::TermAddress(taxonomy.lang.to_string(), taxonomy.kind.slug.clone(), slug.clone()));
    match position(taxonomy, &slug) {
        Some(index) => Ok(safe_url(&taxonomy.terms[index].permalink)),
        None if !taxonomy.unlisted.contains(&slug) && is_required(&kwargs)? => Err(unknown_term_error(taxonomy, term)),
        _ => Ok(Value::none()),
    }
}

/// Returns the argument `required`: whether a missing taxonomy or term is an error.
fn is_required(kwargs: &Kwargs) -> TeraResult<bool> {
    Ok(kwargs.get("required")?.unwrap_or(true))
}

/// Finds the taxonomy for `kind` and the language; none if it does not exist and that is allowed.
fn find(reader: &Reader, kwargs: &Kwargs, state: &State) -> TeraResult<Option<TaxonomyId>> {
    let library = &reader.library;
    let kind = kwargs.must_get::<&str>("kind")?;
    let lang = language(reader, kwargs, state)?;
    let config = &library.site.config;
    reader.record(Dependency::Config);
    let of_lang = || library.site.taxonomies.iter().enumerate().filter(|(_, taxonomy)| *taxonomy.lang == *lang);
    let by_name = of_lang().find(|(_, taxonomy)| taxonomy.kind.name == kind);
    let found = by_name.or_else(|| of_lang().find(|(_, taxonomy)| taxonomy.kind.slug == kind));
    match found {
        Some((index, _)) => Ok(Some(TaxonomyId(index))),
        None if !is_required(kwargs)? => Ok(None),
        None if config.language(&lang).is_none() => Err(unknown_language_error(config, &lang)),
        None => Err(unknown_name_error(
            &format!("there is no taxonomy `{kind}` in the language `{lang}`"),
            kind,
            of_lang().map(|(_, taxonomy)| taxonomy.kind.name.as_str()),
            &format!("add `{{ name = \"{kind}\" }}` to the `taxonomies` in `{}`", config.location("").path),
        )),
    }
}

/// Returns the index of a term. Terms are sorted by their slugs.
fn position(taxonomy: &Taxonomy, slug: &str) -> Option<usize> {
    taxonomy.terms.binary_search_by(|term| term.slug.as_str().cmp(slug)).ok()
}

fn unknown_term_error(taxonomy: &Taxonomy, term: &str) -> Error {
    let name = &taxonomy.kind.name;
    unknown_name_error(
        &format!("no page has `{term}` among its `{name}`"),
        term,
        taxonomy.terms.iter().map(|term| term.name.as_str()),
        "name the term as in the front matter of pages, or call this with `required=false`",
    )
}

#[cfg(test)]
mod tests {
    use crate::templates::dependencies::{Dependency, PageSet};
    use crate::templates::testing::blog;

    #[test]
    fn taxonomies_come_with_terms_and_pages() {
        let blog = blog();
        let list = "{% set tags = get_taxonomy(kind='tags') %}{% for term in tags.items %}{{ term.name }} {{ term.page_count }}\
                    {% for page in term.pages %} {{ page.title }}{% endfor %};{% endfor %}";
        assert_eq!(blog.render(list).unwrap(), "Hot Drinks 2 Tea Coffee;leaves 1 Tea;");
        assert_eq!(blog.render_in("fr", list).unwrap(), "boissons 1 Thé;");
        assert_eq!(
            blog.render("{% set tags = get_taxonomy(kind='tags', lang='fr') %}{{ tags.permalink }}").unwrap(),
            "https://blog.example/fr/tags/"
        );
        // By its name, as in front matter, or by its slug, as in Zola.
        for kind in ["Reading Lists", "reading-lists"] {
            let name = blog.render(&format!("{{% set t = get_taxonomy(kind='{kind}') %}}{{{{ t.kind.name }}}}"));
            assert_eq!(name.unwrap(), "Reading Lists");
        }
    }

    #[test]
    fn terms_are_named_as_in_front_matter() {
        let blog = blog();
        let term = "get_taxonomy_term(kind='tags', term='Hot Drinks'";
        assert_eq!(
            blog.render(&format!("{{% set t = {term}) %}}{{{{ t.slug }}}} {{{{ t.pages | length }}}}")).unwrap(),
            "hot-drinks 2"
        );
        assert_eq!(
            blog.render(&format!(
                "{{% set t = {term}, include_pages=false) %}}{{{{ t.page_count }}}} {{{{ t.pages | length }}}}"
            ))
            .unwrap(),
            "2 0"
        );
        let url = "https://blog.example/tags/hot-drinks/";
        assert_eq!(blog.render("{{ get_taxonomy_url(kind='tags', term='Hot Drinks') }}").unwrap(), url);
        assert_eq!(blog.render("{{ get_taxonomy_url(kind='tags', name='Hot Drinks') }}").unwrap(), url);
    }

    #[test]
    fn missing_content_is_an_error_with_a_suggestion() {
        let blog = blog();
        for (call, expected) in [
            ("get_taxonomy(kind='tag')", "there is no taxonomy `tag` in the language `en`; did you mean `tags`?"),
            ("get_taxonomy(kind='series')", "add `{ name = \"series\" }` to the `taxonomies` in `site.toml`"),
            ("get_taxonomy(kind='tags', lang='it')", "the site has no language `it`"),
            (
                "get_taxonomy_term(kind='tags', term='leafs')",
                "no page has `leafs` among its `tags`; did you mean `leaves`?",
            ),
            ("get_taxonomy_url(kind='tags', term='water')", "no page has `water` among its `tags`; name the term"),
            ("get_taxonomy_url(kind='tags')", "which term? Say it with `term=`"),
        ] {
            let error = blog.render(&format!("{{{{ {call} }}}}")).unwrap_err();
            assert!(error.contains(expected), "{call}: {error}");
        }
    }

    #[test]
    fn optional_taxonomies_can_be_missing() {
        let blog = blog();
        for call in [
            "get_taxonomy(kind='series', required=false)",
            "get_taxonomy_term(kind='series', term='a', required=false)",
            "get_taxonomy_term(kind='tags', term='water', required=false)",
            "get_taxonomy_url(kind='series', term='a', required=false)",
            "get_taxonomy_url(kind='tags', term='water', required=false)",
        ] {
            assert_eq!(blog.render(&format!("{{% if {call} is none %}}none{{% endif %}}")).unwrap(), "none", "{call}");
        }
        let dependencies = blog.dependencies("{{ get_taxonomy_term(kind='tags', term='Ice Water', required=false) }}");
        let missing = Dependency::PageCount(PageSet::Term("en".into(), "tags".into(), "ice-water".into()));
        // A dependency on whether an unlisted page has the term.
        let address = Dependency::TermAddress("en".into(), "tags".into(), "ice-water".into());
        assert!(dependencies.contains(&missing) && dependencies.contains(&address), "{dependencies:?}");
    }

    #[test]
    fn an_address_depends_on_no_page_of_the_term() {
        let dependencies = blog().dependencies("{{ get_taxonomy_url(kind='tags', term='leaves') }}");
        let address = Dependency::TermAddress("en".into(), "tags".into(), "leaves".into());
        assert_eq!(dependencies, [Dependency::Config, address]);
    }
}
