//! Recognizes calls of components in other syntaxes: with mistakes, or as shortcodes and tags of Zola, Hugo or Jekyll.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::nesting::TAGS;
use super::suggest::without_prefix;
use super::syntax::calls::defined_names;
use crate::diagnostic::{SourceText, nearest};

/// Advice on a tag that means a component.
pub struct Advice {
    /// What is wrong, if Tera's own message is hard to understand.
    pub message: Option<String>,
    /// What to do.
    pub help: String,
}

/// The templates of a site that can define components.
pub struct Components<'a> {
    /// The sources by their names.
    pub sources: &'a BTreeMap<String, SourceText>,
    /// The prefixes of a theme's names.
    pub prefixes: &'a [String],
}

#[expect(clippy::unwrap_used, reason = "the patterns are constants")]
static CALL_PATTERNS: LazyLock<[Regex; 5]> = LazyLock::new(|| {
    [
        // Hugo: {{< youtube id >}}, {{% note %}}
        r"^\{\{[<%]-?\s*/?\s*(?<name>[\w./-]+)(?<arguments>[^{}]*?)/?\s*[>%]\}\}",
        // {{ <name a="b"> }}, {{ <name>body</name> }}
        r"^\{\{-?\s*<(?<name>[\w.]+)(?<arguments>[^<>{}]*(?:\{[^{}]*\}[^<>{}]*)*)>(?<body>[^{}]*?)(?:</[\w.]+>)?\s*-?\}\}",
        // Zola before 0.23: {{ youtube(id="…") }}
        r"^\{\{-?\s*(?<name>\w+)\((?<arguments>[^{}]*)\)\s*-?\}\}",
        // The same with a body: {% note(a="b") %}…{% end %}
        r"^\{%-?\s*(?<name>\w+)\((?<arguments>[^{}]*)\)\s*-?%\}",
        // Jekyll: {% include a.html %}, {% youtube id %}
        r"^\{%-?\s*(?<name>\w+)(?<arguments>[^{}%]*)-?%\}",
    ]
    .map(|pattern| Regex::new(pattern).unwrap())
});

/// Returns advice on a tag at a position that Tera reports; none if the tag is not meant as a component. In `content`,
/// a call of an unknown function is one of Zola's shortcodes.
pub fn advise(message: &str, text: &str, at: usize, is_content: bool, components: &Components<'_>) -> Option<Advice> {
    let tag = &text[tag_start(text, at)?..];
    let [hugo, unclosed, shortcode, shortcode_with_body, jekyll] = &*CALL_PATTERNS;
    if let Some(name) = message.strip_prefix("Unknown component `").and_then(|rest| rest.split('`').next()) {
        let arguments = unclosed.captures(tag).or_else(|| COMPONENT_TAG.captures(tag));
        let names = arguments.map(|captures| argument_names(&captures["arguments"])).unwrap_or_default();
        return Some(Advice { message: None, help: components.definition_help(name, &names)? });
    }
    let advice_with = |message: &str, written: String, name: &str, arguments: &[String]| {
        let definition =
            components.definition_help(name, arguments).map(|help| format!("; {help}")).unwrap_or_default();
        Some(Advice { message: Some(message.to_owned()), help: format!("write {written}{definition}") })
    };
    if let Some(captures) = unclosed.captures(tag).filter(|_| message.starts_with("Components with body content")) {
        let (name, arguments, body) = (&captures["name"], captures["arguments"].trim_end(), &captures["body"]);
        let tag = format!("{name}{arguments}");
        let with_body = format!("`{{% <{tag}> %}}…{{% </{name}> %}}`");
        return match body.trim().is_empty() {
            true => advice_with(
                "a `/` is missing at the end of this component",
                format!("`{{{{ <{tag} /> }}}}`, or {with_body} around what belongs into it"),
                name,
                &argument_names(arguments),
            ),
            false => {
                advice_with("a component with a body is a pair of tags", with_body, name, &argument_names(arguments))
            }
        };
    }
    if let Some(captures) = hugo.captures(tag).filter(|_| is_content) {
        if let Some(advice) = advice_for_other_tag(&captures["name"], &captures["arguments"]) {
            return Some(advice);
        }
        let name = captures["name"].replace(['/', '-', '.'], "_");
        let arguments = component_arguments(&captures["arguments"], ' ');
        let names = argument_names(&arguments);
        // A tag with an end tag further down has a body.
        let end = tag.match_indices('/').any(|(at, _)| {
            let opens = ["{{<", "{{%"].iter().any(|open| tag[..at].trim_end().ends_with(open));
            opens && tag[at + 1..].trim_start().starts_with(&captures["name"])
        });
        let written = match end {
            true => format!("`{{% <{name}{arguments}> %}}…{{% </{name}> %}}`"),
            false => component_call(&name, &arguments),
        };
        return advice_with("components are not written as Hugo's shortcodes are", written, &name, &names);
    }
    if let Some(captures) = shortcode.captures(tag).filter(|_| is_content && message.starts_with("Unknown function `"))
    {
        let (name, arguments) = (&captures["name"], component_arguments(&captures["arguments"], ','));
        return advice_with(
            &format!("{message}: components are not called as functions are"),
            component_call(name, &arguments),
            name,
            &argument_names(&arguments),
        );
    }
    if message != "Unknown tag" || !is_content {
        return None;
    }
    if let Some(captures) = shortcode_with_body.captures(tag) {
        let (name, arguments) = (&captures["name"], component_arguments(&captures["arguments"], ','));
        let written = format!("`{{% <{name}{arguments}> %}}…{{% </{name}> %}}`");
        return advice_with(
            "components are not written as the shortcodes of older versions of Zola are",
            written,
            name,
            &argument_names(&arguments),
        );
    }
    let captures = jekyll.captures(tag)?;
    let (name, arguments) = (&captures["name"], captures["arguments"].trim());
    if let Some(advice) = advice_for_other_tag(name, arguments) {
        return Some(advice);
    }
    match name {
        // An end tag without a start tag, a misspelt tag, or a tag of Tera 1.
        _ if name.starts_with("end") || nearest(name, TAGS).is_some() => None,
        "macro" | "import" | "elsif" | "elseif" => None,
        _ => {
            let arguments = component_arguments(arguments, ' ');
            advice_with(
                &format!("there is no tag `{name}`"),
                component_call(name, &arguments),
                name,
                &argument_names(&arguments),
            )
        }
    }
}

#[expect(clippy::unwrap_used, reason = "the pattern is a constant")]
static COMPONENT_TAG: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"^\{[{%]-?\s*<(?<name>[\w.]+)(?<arguments>(?:"[^"]*"|'[^']*'|\{[^{}]*\}|[^<>{}"'])*?)/?>"#).unwrap()
});

/// Returns advice on a tag of Hugo or Jekyll that has an equivalent in Markdown or templates instead of a component.
fn advice_for_other_tag(name: &str, arguments: &str) -> Option<Advice> {
    let help = match name {
        "highlight" | "endhighlight" => {
            let language = arguments.split_whitespace().next().unwrap_or_default();
            format!("put the code between lines of three backticks, the first one as ```{language}")
        }
        "post_url" | "link" | "ref" | "relref" => {
            "a page is linked to by its file: `[text](@/posts/my-post.md)`".to_owned()
        }
        "assign" | "capture" => "a variable is set with `{% set name = … %}`".to_owned(),
        _ => return None,
    };
    Some(Advice { message: Some(format!("there is no tag `{name}`")), help })
}

/// Returns where the tag around a position begins.
fn tag_start(text: &str, at: usize) -> Option<usize> {
    let end = text.floor_char_boundary(text.len().min(at + 1));
    let before = text.get(..end)?;
    let (expression, statement) = (before.rfind("{{"), before.rfind("{%"));
    match (expression, statement) {
        // `{{%` is a single tag.
        (Some(expression), Some(statement)) if statement == expression + 1 => Some(expression),
        (expression, statement) => expression.max(statement),
    }
}

/// Formats the call of a component without a body.
fn component_call(name: &str, arguments: &str) -> String {
    format!("`{{{{ <{name}{arguments} /> }}}}`")
}

/// Formats arguments as components take them: quoted text as it is, anything else in braces. An unnamed argument gets a
/// name.
fn component_arguments(arguments: &str, separator: char) -> String {
    let value = |value: &str| match value.chars().next() {
        Some('"' | '\'' | '`') => value.to_owned(),
        _ if separator == ',' || value.chars().all(|c| c.is_ascii_digit()) || matches!(value, "true" | "false") => {
            format!("{{{value}}}")
        }
        _ => format!("\"{value}\""),
    };
    let is_name = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    let mut unnamed = 0;
    let named = split_arguments(arguments, separator).into_iter().map(|part| match part.split_once('=') {
        Some((name, rest)) if is_name(name.trim()) => format!(" {}={}", name.trim(), value(rest.trim())),
        _ => {
            unnamed += 1;
            let number = if unnamed == 1 { String::new() } else { unnamed.to_string() };
            format!(" value{number}={}", value(&part))
        }
    });
    named.collect()
}

/// Splits arguments, but not inside of quotes or brackets, nor around an `=`.
fn split_arguments(arguments: &str, separator: char) -> Vec<String> {
    let mut parts = vec![String::new()];
    let (mut quote, mut depth) = (None, 0_usize);
    let mut characters = arguments.trim().trim_end_matches('/').chars().peekable();
    while let Some(mut c) = characters.next() {
        match quote {
            Some(open) => quote = (c != open).then_some(open),
            None if matches!(c, '"' | '\'' | '`') => quote = Some(c),
            None if matches!(c, '[' | '(') => depth += 1,
            None if matches!(c, ']' | ')') => depth = depth.saturating_sub(1),
            None if c.is_whitespace() => {
                while characters.next_if(|next| next.is_whitespace()).is_some() {}
                let is_around_sign =
                    characters.peek() == Some(&'=') || parts.last().is_some_and(|part| part.ends_with('='));
                if is_around_sign {
                    continue;
                }
                c = ' ';
            }
            None => {}
        }
        if c == separator && quote.is_none() && depth == 0 {
            parts.push(String::new());
        } else if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    let parts = parts.into_iter().map(|part| part.trim().to_owned());
    parts.filter(|part| !part.is_empty()).collect()
}

/// Returns the names of a component's arguments.
fn argument_names(arguments: &str) -> Vec<String> {
    #[expect(clippy::unwrap_used, reason = "the pattern is a constant")]
    static ARGUMENT: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r#"(\w+)\s*=\s*(?:"[^"]*"|'[^']*'|`[^`]*`|\{[^{}]*\})"#).unwrap());
    let mut names: Vec<String> = Vec::new();
    for name in ARGUMENT.captures_iter(arguments).map(|captures: Captures<'_>| captures[1].to_owned()) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

impl Components<'_> {
    /// Explains how to define a component; none if it is defined.
    fn definition_help(&self, name: &str, arguments: &[String]) -> Option<String> {
        if self.sources.values().any(|source| defined_names(&source.text, "component").any(|known| *known == *name)) {
            return None;
        }
        let definition = format!("`{{% component {name}({}) %}}…{{% endcomponent {name} %}}`", arguments.join(", "));
        let is_shortcode = |full: &&String| {
            let file = without_prefix(full, self.prefixes);
            let stem = file.strip_prefix("shortcodes/").and_then(|file| file.rsplit_once('.'));
            stem.is_some_and(|(stem, _)| stem == name)
        };
        Some(match self.sources.keys().find(is_shortcode) {
            Some(file) => format!(
                "what is in templates/{} becomes a component with {definition} around it",
                without_prefix(file, self.prefixes)
            ),
            None => format!("a component is defined in a template, such as templates/components.html: {definition}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use tera::{Context, ErrorKind, Tera};

    use super::*;

    fn advice(text: &str, templates: &[(&str, &str)]) -> Option<(Option<String>, String)> {
        let source = |text: &&str| SourceText { path: "a".into(), text: (*text).into() };
        let sources: BTreeMap<String, SourceText> =
            templates.iter().map(|(name, text)| ((*name).to_owned(), source(text))).collect();
        let mut tera = Tera::default();
        tera.add_raw_templates(templates.iter().map(|(name, text)| (*name, *text))).expect("templates");
        let error = tera.render_str(text, &Context::new(), false).expect_err(text);
        let (ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report)) = error.kind() else {
            // Several errors are reported as text.
            let message = error.to_string();
            let message = message.lines().next().unwrap_or_default().trim_start_matches("error: ");
            let components = Components { sources: &sources, prefixes: &[] };
            return advise(message, text, text.find('<').unwrap_or(3), true, &components)
                .map(|it| (it.message, it.help));
        };
        let components = Components { sources: &sources, prefixes: &[] };
        let advice = advise(report.message(), text, report.span().range.start, true, &components);
        advice.map(|it| (it.message, it.help))
    }

    #[test]
    fn other_call_syntaxes_get_advice() {
        let known = &[(
            "c.html",
            "{% component foo(a = \"\", value = \"\", id = \"\") %}{{ a }}{{ value }}{{ id }}{{ body | default(value=\"\") }}{% endcomponent foo %}{% component clip(value) %}{% endcomponent clip %}",
        )];
        for (text, written) in [
            ("{{ <foo> }}", "write `{{ <foo /> }}`, or `{% <foo> %}…{% </foo> %}` around what belongs into it"),
            (
                "é {{ <foo a=\"b\"> }}",
                "write `{{ <foo a=\"b\" /> }}`, or `{% <foo a=\"b\"> %}…{% </foo> %}` around what belongs into it",
            ),
            ("{{<foo>}}", "write `{{ <foo /> }}`, or `{% <foo> %}…{% </foo> %}` around what belongs into it"),
            ("{{ <foo>text</foo> }}", "write `{% <foo> %}…{% </foo> %}`"),
            ("{{ foo(id=\"x, y\") }}", "write `{{ <foo id=\"x, y\" /> }}`"),
            ("{{ foo(id=1, a=true) }}", "write `{{ <foo id={1} a={true} /> }}`"),
            ("{{ foo(a=[1, 2], id = x) }}", "write `{{ <foo a={[1, 2]} id={x} /> }}`"),
            ("{{ foo() }}", "write `{{ <foo /> }}`"),
            ("{{< foo >}}", "write `{{ <foo /> }}`"),
            ("{{< foo abc 5 \"d e\" >}}", "write `{{ <foo value=\"abc\" value2={5} value3=\"d e\" /> }}`"),
            ("{{< foo\n  id=\"x\"\n  a = \"ü\" >}}", "write `{{ <foo id=\"x\" a=\"ü\" /> }}`"),
            ("{{< ref \"posts/a.md\" >}}", "a page is linked to by its file: `[text](@/posts/my-post.md)`"),
            (
                "{{< highlight go >}}x{{< /highlight >}}",
                "put the code between lines of three backticks, the first one as ```go",
            ),
            ("{% assign x = 1 %}", "a variable is set with `{% set name = … %}`"),
            ("{{< foo abc >}}", "write `{{ <foo value=\"abc\" /> }}`"),
            ("{{< foo id=\"a b\">}}", "write `{{ <foo id=\"a b\" /> }}`"),
            ("{{%foo id=\"1\"%}}", "write `{{ <foo id=\"1\" /> }}`"),
            ("{% foo(id=\"x\") %}text{% end %}", "write `{% <foo id=\"x\"> %}…{% </foo> %}`"),
            ("{% clip abc %}", "write `{{ <clip value=\"abc\" /> }}`"),
            ("{{% foo %}}x{{% /foo %}}", "write `{% <foo> %}…{% </foo> %}`"),
            ("{{< foo a=\"b\" >}}x{{</foo>}}", "write `{% <foo a=\"b\"> %}…{% </foo> %}`"),
            (
                "{% highlight ruby %}x{% endhighlight %}",
                "put the code between lines of three backticks, the first one as ```ruby",
            ),
            ("[a]({% post_url 2020-01-01-a %})", "a page is linked to by its file: `[text](@/posts/my-post.md)`"),
        ] {
            assert_eq!(advice(text, known).map(|(_, help)| help).as_deref(), Some(written), "{text}");
        }
    }

    #[test]
    fn undefined_components_get_advice() {
        let defined = |name: &str, arguments: &str| {
            format!(
                "a component is defined in a template, such as templates/components.html: `{{% component {name}({arguments}) \
                 %}}…{{% endcomponent {name} %}}`"
            )
        };
        for (text, expected) in [
            ("{{ <foo /> }}", defined("foo", "")),
            ("{{ <foo a=\"b\" c={1} /> }}", defined("foo", "a, c")),
            ("{% <foo a=\"b\"> %}x{% </foo> %}", defined("foo", "a")),
            (
                "{{ youtube(id=\"x\") }}",
                format!("write `{{{{ <youtube id=\"x\" /> }}}}`; {}", defined("youtube", "id")),
            ),
            (
                "{{< youtube x >}}",
                format!("write `{{{{ <youtube value=\"x\" /> }}}}`; {}", defined("youtube", "value")),
            ),
        ] {
            assert_eq!(advice(text, &[]).map(|(_, help)| help), Some(expected), "{text}");
        }
        let old = &[("shortcodes/youtube.html", "{{ id }}")];
        assert_eq!(
            advice("{{ youtube(id=\"x\") }}", old).map(|(_, help)| help).as_deref(),
            Some(
                "write `{{ <youtube id=\"x\" /> }}`; what is in templates/shortcodes/youtube.html becomes a component with `{% \
                 component youtube(id) %}…{% endcomponent youtube %}` around it"
            )
        );
    }

    #[test]
    fn other_tags_get_no_component_advice() {
        for text in ["{% quux", "{{ a.b }}", "{% if a %}", "{% endfor %}", "{{ 1 | upper2 }}", "{% elsif a %}"] {
            assert!(advice(text, &[]).is_none(), "{text}");
        }
    }
}
