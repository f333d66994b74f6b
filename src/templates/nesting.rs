//! Which tags of a template are open at a place, for the complaint that one never ends or that another ends nothing.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// What may open or close something: a note and raw text as a whole, as nothing in them counts, and any other tag.
static TAG: LazyLock<Regex> = LazyLock::new(|| {
    #[expect(clippy::unwrap_used, reason = "the pattern is a constant")]
    Regex::new(concat!(
        r"(?s)\{#.*?#\}|\{%-?\s*raw\s*-?%\}.*?\{%-?\s*endraw\s*-?%\}",
        r"|\{%-?\s*(?<tag>[a-z_]+|</?[\w.]+)(?<rest>.*?)%\}"
    ))
    .unwrap()
});

/// The tags that Tera knows.
pub(super) const TAGS: [&str; 19] = [
    "block",
    "break",
    "component",
    "continue",
    "elif",
    "else",
    "endblock",
    "endcomponent",
    "endfilter",
    "endfor",
    "endif",
    "endset",
    "extends",
    "filter",
    "for",
    "if",
    "include",
    "set",
    "set_global",
];

/// A tag that something must close.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Open<'t> {
    /// Its name; for the call of a component `<` and that one's name.
    name: &'t str,
    /// Where it stands.
    pub span: Range<usize>,
}

impl Open<'_> {
    /// The tag that closes it.
    pub fn closing(&self) -> String {
        match self.name.strip_prefix('<') {
            Some(component) => format!("{{% </{component}> %}}"),
            None => format!("{{% end{} %}}", self.word()),
        }
    }

    /// The name by which it is closed.
    fn word(&self) -> &str {
        if self.name == "set_global" { "set" } else { self.name }
    }

    fn is_closed_by(&self, tag: &str) -> bool {
        match (self.name.strip_prefix('<'), tag.strip_prefix("</")) {
            (Some(component), Some(closed)) => component == closed,
            (None, None) => tag.strip_prefix("end") == Some(self.word()),
            _ => false,
        }
    }
}

/// The tags that are open at the end of a text, each one inside of those before it.
pub(super) fn open_tags(text: &str) -> Vec<Open<'_>> {
    let mut open: Vec<Open<'_>> = Vec::new();
    for found in TAG.captures_iter(text) {
        let (Some(whole), Some(tag), Some(rest)) = (found.get(0), found.name("tag"), found.name("rest")) else {
            continue;
        };
        let (name, rest) = (tag.as_str(), rest.as_str().trim_end_matches('-').trim_end());
        let opens = match name {
            "if" | "for" | "block" | "filter" | "component" => true,
            // Without a value it takes what stands before its end.
            "set" | "set_global" => !rest.contains('='),
            _ => name.starts_with('<') && !name.starts_with("</") && !rest.ends_with("/>"),
        };
        if opens {
            open.push(Open { name, span: whole.range() });
        } else if open.last().is_some_and(|last| last.is_closed_by(name)) {
            open.pop();
        }
    }
    open
}

/// Where the last tag or expression of a text begins, if it never ends, and what should end it.
pub(super) fn cut_off(text: &str) -> Option<(Range<usize>, &'static str)> {
    let (start, end) = [("{{", "}}"), ("{%", "%}")]
        .into_iter()
        .filter_map(|(start, end)| text.rfind(start).map(|at| (at, end)))
        .max()?;
    (!text[start..].contains(end)).then_some((start..start + 2, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_open_is_known() {
        for (text, expected) in [
            ("{% if a %}{% for b in c %}{% else %}{% endfor %}", &["{% endif %}"][..]),
            ("{%- if a -%}{%- endif -%}", &[]),
            ("{% set a = 1 %}{% set b | upper %}", &["{% endset %}"]),
            ("{% set_global b %}x{% endset %}{% block c %}", &["{% endblock %}"]),
            ("{# {% if a %} #}{% raw %}{% if a %}{% endraw %}{% filter upper %}", &["{% endfilter %}"]),
            ("{% <card title={a} /> %}{% <card> %}{% <icons.big a=\"1\"> %}", &["{% </card> %}", "{% </icons.big> %}"]),
            ("{% <card> %}{% </card> %}{% component card(a) %}", &["{% endcomponent %}"]),
            ("{% endif %}{% if a %}{% endfor %}", &["{% endif %}"]),
            ("{% if a", &[]),
        ] {
            let found: Vec<String> = open_tags(text).iter().map(Open::closing).collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn a_tag_without_an_end_is_found() {
        for (text, expected) in [
            ("{{ a }}{{ b ", Some((7..9, "}}"))),
            ("{{ a }}{% if b }", Some((7..9, "%}"))),
            ("{{ a }}{% if b %}", None),
            ("a", None),
        ] {
            assert_eq!(cut_off(text), expected, "{text}");
        }
    }
}
