//! Values as JSON.

use tera::{Error, Kwargs, State, TeraResult, Value};

/// `json_encode(pretty?)`: encodes a value as JSON.
///
/// The characters that could end a script element, a comment or a quoted attribute are written as JSON escapes
/// (`\u003c` for `<`), and so are the two line separators that older JavaScript does not allow in strings. The data is
/// the same, and `{{ value | json_encode | safe }}` is safe between `<script>` and `</script>` for every value.
pub(super) fn json_encode(value: &Value, kwargs: Kwargs, _: &State) -> TeraResult<String> {
    let pretty = kwargs.get("pretty")?.unwrap_or(false);
    let json = if pretty { serde_json::to_string_pretty(value) } else { serde_json::to_string(value) };
    json.map(|json| escape(&json)).map_err(|error| Error::message(format!("this cannot be written as JSON: {error}")))
}

/// Escapes the characters in JSON that are special in HTML. JSON has none of them outside of strings.
fn escape(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<' => safe.push_str("\\u003c"),
            '>' => safe.push_str("\\u003e"),
            '&' => safe.push_str("\\u0026"),
            '\'' => safe.push_str("\\u0027"),
            '\u{2028}' => safe.push_str("\\u2028"),
            '\u{2029}' => safe.push_str("\\u2029"),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use crate::templates::testing::blog;

    #[test]
    fn values_as_json() {
        let blog = blog();
        let value = "{% set value = { 'a': [1, 2.5, none, true, 'é\"'] } %}";
        assert_eq!(
            blog.render(&format!("{value}{{{{ value | json_encode | safe }}}}")).unwrap(),
            r#"{"a":[1,2.5,null,true,"é\""]}"#
        );
        assert_eq!(blog.render("{{ [1] | json_encode(pretty=true) | safe }}").unwrap(), "[\n  1\n]");
        // In an attribute it is escaped like any text.
        assert_eq!(blog.render("{{ ['a'] | json_encode }}").unwrap(), "[&quot;a&quot;]");
    }

    #[test]
    fn json_cannot_end_a_script() {
        let blog = blog();
        let text = "</script><!-- & ' \u{2028}\u{2029}";
        let rendered = blog.render(&format!("{{{{ {{ \"{text}\": \"{text}\" }} | json_encode | safe }}}}")).unwrap();
        let escaped = r"\u003c/script\u003e\u003c!-- \u0026 \u0027 \u2028\u2029";
        assert_eq!(rendered, format!("{{\"{escaped}\":\"{escaped}\"}}"));
        let read: serde_json::Value = serde_json::from_str(&rendered).unwrap();
        assert_eq!(read[text], text);
    }
}
