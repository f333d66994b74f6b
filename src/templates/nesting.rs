//! The tags that are open at the end of a template, for errors about a tag without its counterpart.

use std::ops::Range;

use super::syntax::calls::CallTag;
use super::syntax::lexer::{Tag, TagKind, Token, tags};

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

/// A tag that must be closed, or a tag or expression without its closing brackets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OpenTag {
    /// The tag's name; for the call of a component `<` and its name; `{{` or `{%` without closing brackets.
    pub name: String,
    /// The tag's span.
    pub span: Range<usize>,
}

impl OpenTag {
    /// Returns the tag that closes it.
    pub fn closing(&self) -> String {
        match (self.name.as_str(), self.name.strip_prefix('<')) {
            ("{{", _) => "}}".to_owned(),
            ("{%", _) => "%}".to_owned(),
            (_, Some(component)) => format!("{{% </{component}> %}}"),
            (_, None) => format!("{{% end{} %}}", self.keyword()),
        }
    }

    /// Returns the keyword of the tag that closes it.
    fn keyword(&self) -> &str {
        if self.name == "set_global" { "set" } else { &self.name }
    }

    fn is_closed_by(&self, tag: &str) -> bool {
        match (self.name.strip_prefix('<'), tag.strip_prefix("</")) {
            (Some(component), Some(closed)) => component == closed,
            (None, None) => tag.strip_prefix("end") == Some(self.keyword()),
            _ => false,
        }
    }
}

/// Returns the tags that are open at the end of a text, the innermost last. The text is read once, in one pass.
pub(super) fn open_tags(text: &str) -> Vec<OpenTag> {
    let mut open: Vec<OpenTag> = Vec::new();
    for tag in tags(text) {
        if !tag.is_closed {
            open.push(OpenTag { name: tag.kind.opening().to_owned(), span: tag.span });
        } else if tag.kind == TagKind::Statement {
            update_open_tags(&tag, &mut open);
        }
    }
    open
}

/// Updates the open tags with one tag.
fn update_open_tags(tag: &Tag<'_>, open: &mut Vec<OpenTag>) {
    let name = match (tag.call(), tag.tokens.first()) {
        (Some(CallTag::Complete), _) => return,
        (Some(CallTag::Opening(component)), _) => format!("<{component}"),
        (Some(CallTag::Closing(component)), _) => format!("</{component}"),
        (None, Some(Token::Ident(name))) => (*name).to_owned(),
        (None, _) => return,
    };
    let opens = match name.as_str() {
        "if" | "for" | "block" | "filter" | "component" => true,
        name => tag.is_capture() || name.starts_with('<') && !name.starts_with("</"),
    };
    if opens {
        open.push(OpenTag { name, span: tag.span.clone() });
    } else if open.last().is_some_and(|last| last.is_closed_by(&name)) {
        open.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_tags_are_found() {
        for (text, expected) in [
            ("{% if a %}{% for b in c %}{% else %}{% endfor %}", &["{% endif %}"][..]),
            ("{%- if a -%}{%- endif -%}", &[]),
            ("{% set a = 1 %}{% set b | upper %}", &["{% endset %}"]),
            ("{% set a | replace(from=\"b\", to=\"c\") %}", &["{% endset %}"]),
            ("{% set_global b %}x{% endset %}{% block c %}", &["{% endblock %}"]),
            ("{# {% if a %} #}{% raw %}{% if a %}{% endraw %}{% filter upper %}", &["{% endfilter %}"]),
            ("{% <card title={a} /> %}{% <card> %}{% <icons.big a=\"1\"> %}", &["{% </card> %}", "{% </icons.big> %}"]),
            ("{% <card> %}{% </card> %}{% component card(a) %}", &["{% endcomponent %}"]),
            ("{% endif %}{% if a %}{% endfor %}", &["{% endif %}"]),
            ("{{ \"{% if x %}\" }}{{ '{#' }}{{ `}}` }}{% if a == \"%}\" %}", &["{% endif %}"]),
            ("{% if a %}x{# {{ #}{{ \"{%\" }}", &["{% endif %}"]),
            ("{% if a %}{{ b ", &["{% endif %}", "}}"]),
            ("{{ \"a }} b\" ", &["}}"]),
            (r#"{{ "a \" }} b" }}{% if a %}"#, &["{% endif %}"]),
            ("é{% if b }", &["%}"]),
            ("{% raw %}{% if a %}", &[]),
            ("{# {% if a %}", &[]),
            ("{", &[]),
        ] {
            let found: Vec<String> = open_tags(text).iter().map(OpenTag::closing).collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn a_long_text_is_read_once() {
        for piece in ["{{ \"{#\" }}{% set a = 1 %}", "{#", "{% raw %}", "{{ \"{% raw %}\" }}", "{% if", "{{ '"] {
            assert!(open_tags(&piece.repeat(200_000)).len() <= 1, "{piece}");
        }
    }
}
