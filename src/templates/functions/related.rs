//! What belongs to a page: related pages, and the series that it is a part of.

use tera::{Kwargs, State, TeraResult, Value};

use super::content::find_page;
use crate::templates::Reader;
use crate::templates::reads::Access;

/// The default number of related pages.
const DEFAULT_LIMIT: usize = 5;

/// `get_related(path, lang?, limit?)`: the pages that share the most terms with a page.
pub(super) fn get_related(kwargs: Kwargs, state: &State) -> TeraResult<Value> {
    let reader = Reader::current()?;
    let id = find_page(&reader, &kwargs, state)?;
    let fields = reader.call_mask("get_related", &kwargs, Access::items_mask);
    Ok(reader.related(id, kwargs.get("limit")?.unwrap_or(DEFAULT_LIMIT), fields).into())
}

/// `get_series(path, lang?)`: the series of a page, with the parts that are near to it; none if it belongs to none.
pub(super) fn get_series(kwargs: Kwargs, state: &State) -> TeraResult<Value> {
    let reader = Reader::current()?;
    let id = find_page(&reader, &kwargs, state)?;
    let listed = reader.optional_call_mask("get_series", &kwargs, Access::pages_mask);
    let part = |name| reader.optional_call_mask("get_series", &kwargs, |series| series.field(name).map(Access::mask));
    Ok(reader.series(id, [listed, part("previous"), part("next")]))
}

#[cfg(test)]
mod tests {
    use crate::templates::dependencies::{Dependency, FieldMask, PageSet};
    use crate::templates::testing::{TestSite, blog, site};

    const RELATED: &str = "{% for page in get_related(path=path) %}{{ page.title }} {% endfor %}";

    fn rendered(site: &TestSite, path: &str, template: &str) -> String {
        site.render(&format!("{{% set path = '{path}' %}}{template}")).unwrap()
    }

    fn post(name: &str, day: u8, more: &str) -> (String, String) {
        let text = format!("+++\ntitle = \"{name}\"\ndate = 2020-01-{day:02}\n{more}\n+++\n");
        (format!("content/{name}.md"), text)
    }

    fn posts(all: &[(&str, u8, &str)]) -> TestSite {
        let config = "base_url = 'https://a.example'\ntaxonomies = [{ name = 'tags' }, { name = 'authors' }, { name = 'series' }]";
        let mut files = vec![("site.toml".to_owned(), config.to_owned())];
        files.extend(all.iter().map(|(name, day, more)| post(name, *day, more)));
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        site(&files)
    }

    #[test]
    fn pages_that_share_rare_terms_come_first_and_then_those_that_are_near_in_time() {
        let tags = |tags: &str| format!("[taxonomies]\ntags = [{tags}]");
        let (both, common, rare) = (tags("'Tea', 'cups'"), tags("'tea'"), tags("'cups'"));
        let (alone, hidden) = (tags("'wind'"), format!("hidden = true\n{both}"));
        let author = "[taxonomies]\nauthors = ['Ada']".to_owned();
        let site = posts(&[
            ("own", 10, &both),
            ("same", 1, &both),
            ("far", 20, &common),
            ("near", 11, &common),
            ("cup", 25, &rare),
            ("wind", 10, &alone),
            ("hidden", 10, &hidden),
            ("ada", 10, &author),
        ]);
        assert_eq!(rendered(&site, "own.md", RELATED), "same cup near far ");
        assert_eq!(rendered(&site, "hidden.md", RELATED), "own same cup near far ");
        assert_eq!(rendered(&site, "ada.md", RELATED), "");
        let two = RELATED.replace("path=path", "path=path, limit=2");
        assert_eq!(rendered(&site, "own.md", &two), "same cup ");
        assert_eq!(rendered(&site, "own.md", &two.replace('2', "0")), "");
    }

    #[test]
    fn related_pages_are_in_the_same_language_and_a_narrow_dependency() {
        let blog = blog();
        assert_eq!(rendered(&blog, "posts/tea.md", RELATED), "Coffee ");
        assert_eq!(blog.render_in("fr", "{{ get_related(path='posts/tea.md') | length }}").unwrap(), "0");
        let dependencies =
            blog.dependencies("{% for p in get_related(path='posts/tea.md') %}{{ p.title }}{% endfor %}");
        let expected = Dependency::Pages(PageSet::Related("content/posts/tea.md".into(), 5), FieldMask::META);
        assert!(dependencies.contains(&expected), "{dependencies:?}");
        for (call, expected) in [
            ("get_related(path='posts/_index.md')", "`posts/_index.md` is a section, and not a page"),
            ("get_series(path='posts/tee.md')", "there is no page `posts/tee.md`; did you mean `posts/tea.md`?"),
        ] {
            let error = blog.render(&format!("{{{{ {call} }}}}")).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }

    const SERIES: &str = "{% set s = get_series(path=path) %}{% if s %}{{ s.name }} {{ s.number }}/{{ s.count }} {{ s.first }}:\
        {% for p in s.pages %} {{ p.title }}{% endfor %} ({{ s.previous.title or '-' }}, {{ s.next.title or '-' }}) {{ s.permalink or '' }}{% endif %}";

    #[test]
    fn parts_of_a_series_are_in_the_order_of_their_dates_or_weights() {
        let site = posts(&[
            ("c", 3, "extra.series = 'The Alps'"),
            ("a", 1, "extra.series = ' the alps '"),
            ("b", 2, "extra.series = 'The Alps'"),
            ("draft", 2, "draft = true\nextra.series = 'The Alps'"),
            ("last", 1, "weight = 9\nextra.series = 'The Alps'"),
            ("other", 5, "[taxonomies]\nseries = ['Rain']"),
            ("none", 5, "extra.series = 7"),
        ]);
        assert_eq!(rendered(&site, "b.md", SERIES), "the alps 2/4 1: a b c last (a, c) ");
        assert_eq!(rendered(&site, "a.md", SERIES), "the alps 1/4 1: a b c last (-, b) ");
        assert_eq!(rendered(&site, "last.md", SERIES), "the alps 4/4 1: a b c last (c, -) ");
        assert_eq!(rendered(&site, "other.md", SERIES), "Rain 1/1 1: other (-, -) https://a.example/series/rain/");
        assert_eq!(rendered(&site, "none.md", SERIES), "");
    }

    #[test]
    fn of_a_long_series_only_the_parts_that_are_near_are_listed() {
        let names: Vec<String> = (0..60).map(|number| format!("p{number:02}")).collect();
        let all: Vec<(&str, u8, &str)> = names.iter().map(|name| (name.as_str(), 1, "extra.series = 'Long'")).collect();
        let long = rendered(&posts(&all), "p30.md", SERIES);
        assert!(long.starts_with("Long 31/60 21: p20 p21") && long.ends_with("p40 (p29, p31) "), "{long}");
    }
}
