//! Markdown in templates.

use tera::{Error, Kwargs, State, TeraResult, Value};

use crate::config::markdown::InsertAnchor;
use crate::diagnostic::Severity;
use crate::templates::Reader;
use crate::templates::body::{MissingTarget, help_for, render_markdown};
use crate::templates::functions::rendering_language;

/// `markdown(inline?)`: renders a Markdown text like the body of a page, but without template syntax and without anchor
/// links. `inline` removes the `<p>` around a single paragraph.
///
/// HTML in the text stays HTML, so for untrusted texts the result must not be marked `safe`.
pub(super) fn markdown(text: &str, kwargs: Kwargs, state: &State) -> TeraResult<String> {
    let reader = Reader::current()?;
    let inline = kwargs.get("inline")?.unwrap_or(false);
    let lang = rendering_language(&reader, state)?;
    let permalink = permalink(state, "page")?.or(permalink(state, "section")?).unwrap_or_default();
    let rendered = render_markdown(&reader, text, &lang, ("", &permalink, &permalink), InsertAnchor::None, &|_| false);
    if let Some(problem) = rendered.problems.iter().find(|problem| problem.severity == Severity::Error) {
        let library = &reader.library;
        let suggestion = MissingTarget::of_problem(library, problem).and_then(|target| target.suggestion(library));
        return Err(Error::message(match suggestion.or_else(|| help_for(library, problem)) {
            Some(help) => format!("{}; {help}", problem.message),
            None => problem.message.clone(),
        }));
    }
    let follows_zola = reader.library.site.config.markdown.follows_zola;
    Ok(match inline {
        true if follows_zola => without_outer_tags(&rendered.html).to_owned(),
        true => without_paragraph(rendered.html),
        false => rendered.html,
    })
}

/// Returns the address of the variable `page` or `section` in the current template.
fn permalink(state: &State, name: &str) -> TeraResult<Option<String>> {
    let value = state.get::<Value>(name)?;
    Ok(value.as_ref().and_then(|value| value.get_from_path("permalink")?.as_str().map(str::to_owned)))
}

/// Removes the first `<p>` and the last `</p>`, as Zola does, even if they belong to two paragraphs.
fn without_outer_tags(html: &str) -> &str {
    html.trim_start_matches("<p>").trim_end_matches("</p>\n")
}

/// Removes the tags of a single paragraph. Other HTML stays as it is.
fn without_paragraph(html: String) -> String {
    let inner = html.trim_end().strip_prefix("<p>").and_then(|rest| rest.strip_suffix("</p>"));
    match inner {
        Some(inner) if !inner.contains("<p>") => inner.to_owned(),
        _ => html,
    }
}

#[cfg(test)]
mod tests {
    use tera::Context;

    use crate::templates::dependencies::Dependency;
    use crate::templates::testing::blog;

    #[test]
    fn markdown_as_html() {
        let blog = blog();
        for (filter, expected) in [
            ("'*a*' | markdown | safe", "<p><em>a</em></p>\n"),
            ("'*a*' | markdown(inline=true) | safe", "<em>a</em>"),
            // Several paragraphs cannot be inline.
            ("'a\\n\\nb' | markdown(inline=true) | safe", "<p>a</p>\n<p>b</p>\n"),
            ("'- a' | markdown(inline=true) | safe", "<ul>\n<li>a</li>\n</ul>\n"),
            ("'*a*' | markdown(inline=true)", "&lt;em&gt;a&lt;/em&gt;"),
        ] {
            assert_eq!(blog.render(&format!("{{{{ {filter} }}}}")).unwrap(), expected, "{filter}");
        }
    }

    #[test]
    fn the_first_and_last_tag_of_several_paragraphs() {
        for (html, expected) in [
            ("<p>a</p>\n", "a"),
            ("<p>a</p>\n<p>b</p>\n", "a</p>\n<p>b"),
            ("<ul>\n<li>a</li>\n</ul>\n", "<ul>\n<li>a</li>\n</ul>\n"),
        ] {
            assert_eq!(super::without_outer_tags(html), expected);
        }
    }

    #[test]
    fn internal_links_are_resolved() {
        let blog = blog();
        let link = |path: &str| format!("{{{{ '[tea](@/posts/{path}.md)' | markdown(inline=true) | safe }}}}");
        assert_eq!(blog.render(&link("tea")).unwrap(), "<a href=\"https://blog.example/posts/tea/\">tea</a>");
        assert_eq!(blog.dependencies(&link("tea")), [Dependency::Permalink("posts/tea.md".into())]);
        let error = blog.render(&link("tee")).unwrap_err();
        assert!(error.contains("did you mean `@/posts/tea.md`?"), "{error}");
    }

    #[test]
    fn template_syntax_is_text() {
        let mut context = Context::new();
        context.insert("text", "{{ now() }}");
        let rendered = blog().render_with("{{ text | markdown(inline=true) }}", &context).0;
        assert_eq!(rendered.unwrap(), "{{ now() }}");
    }
}
