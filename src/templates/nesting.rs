//! Which tags of a template are open at its end, for the complaint that one never ends or that another ends nothing.

use std::ops::Range;

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

/// A tag that something must close, or a tag or expression without its own end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Open<'t> {
    /// The tag's name; for the call of a component `<` and that one's name, and `{{` or `{%` for what has no end.
    pub name: &'t str,
    /// Where it stands.
    pub span: Range<usize>,
}

impl Open<'_> {
    /// What closes it.
    pub fn closing(&self) -> String {
        match (self.name, self.name.strip_prefix('<')) {
            ("{{", _) => "}}".to_owned(),
            ("{%", _) => "%}".to_owned(),
            (_, Some(component)) => format!("{{% </{component}> %}}"),
            (_, None) => format!("{{% end{} %}}", self.word()),
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

/// What is open at the end of a text, the innermost last. The text is read once, from its beginning to its end.
pub(super) fn open_tags(text: &str) -> Vec<Open<'_>> {
    let mut open: Vec<Open<'_>> = Vec::new();
    let mut at = 0;
    while let Some(start) = memchr::memchr(b'{', &text.as_bytes()[at..]).map(|found| at + found) {
        let inner = start + 2;
        at = match text.as_bytes().get(start + 1) {
            Some(b'#') => match text[inner..].find("#}") {
                Some(end) => inner + end + 2,
                None => break,
            },
            Some(b'{' | b'%') => {
                let brackets = &text[start..inner];
                let Some(end) = end_of(text, inner, if brackets == "{{" { "}}" } else { "%}" }) else {
                    open.push(Open { name: brackets, span: start..inner });
                    break;
                };
                let code = text[inner..end].trim_start_matches('-').trim_end_matches('-').trim();
                if brackets == "{%" && code == "raw" {
                    match end_of_raw(text, end) {
                        Some(end) => end,
                        None => break,
                    }
                } else {
                    if brackets == "{%" {
                        follow(code, start..end + 2, &mut open);
                    }
                    end + 2
                }
            }
            _ => start + 1,
        };
    }
    open
}

/// Opens or closes what the code of a tag says.
fn follow<'t>(code: &'t str, span: Range<usize>, open: &mut Vec<Open<'t>>) {
    let is_of_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
    let begin = code.len() - code.trim_start_matches(['<', '/']).len();
    let end = code[begin..].find(|c| !is_of_name(c)).map_or(code.len(), |end| begin + end);
    let (name, rest) = code.split_at(end);
    let opens = match name {
        "if" | "for" | "block" | "filter" | "component" => true,
        // Without a value it takes what stands before its end.
        "set" | "set_global" => !rest.trim_start().trim_start_matches(is_of_name).trim_start().starts_with('='),
        _ => name.starts_with('<') && !name.starts_with("</") && !rest.ends_with("/>"),
    };
    if opens {
        open.push(Open { name, span });
    } else if open.last().is_some_and(|last| last.is_closed_by(name)) {
        open.pop();
    }
}

/// Where the brackets are that end a tag or an expression, and are not part of a text in it.
fn end_of(text: &str, start: usize, end: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut quote = None;
    let mut at = start;
    while let Some(&byte) = bytes.get(at) {
        match quote {
            Some(_) if byte == b'\\' => at += 1,
            Some(open) if byte == open => quote = None,
            Some(_) => {}
            None if matches!(byte, b'"' | b'\'' | b'`') => quote = Some(byte),
            None if bytes[at..].starts_with(end.as_bytes()) => return Some(at),
            None => {}
        }
        at += 1;
    }
    None
}

/// Where the tag that ends raw text ends, from a place on.
fn end_of_raw(text: &str, mut at: usize) -> Option<usize> {
    loop {
        let start = at + text[at..].find("{%")? + 2;
        let end = start + text[start..].find("%}")?;
        if text[start..end].trim_start_matches('-').trim_end_matches('-').trim() == "endraw" {
            return Some(end + 2);
        }
        at = start;
    }
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
            let found: Vec<String> = open_tags(text).iter().map(Open::closing).collect();
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
