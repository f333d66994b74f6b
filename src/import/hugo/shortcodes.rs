//! Hugo's shortcodes: those that stand for text, a link, a picture or code become it, and the others stay.

use crate::import::dialect::code_options;
use crate::import::embeds::{self, Arguments, argument, is_id, picture, video};
use crate::import::html::escape_html;

/// Shortcodes lie in one another no deeper.
const MAX_DEPTH: usize = 8;

/// What a shortcode holds is no longer, so that those without an end cost little.
const MAX_CONTENT: usize = 128 << 10;

/// A shortcode itself is no longer.
const MAX_TAG: usize = 8 << 10;

/// A text has no more of them.
const MAX_SHORTCODES: usize = 10_000;

/// What shortcodes ask for.
pub struct ShortcodeContext<'a> {
    /// The address of a page, by its path or name.
    pub reference: &'a dyn Fn(&str) -> Option<String>,
    /// The value of a parameter of the page or the site.
    pub parameter: &'a dyn Fn(&str) -> Option<String>,
    /// Is given the name of each shortcode that stays as text.
    pub unknown: &'a dyn Fn(&str),
}

/// A shortcode as it stands in a text.
struct Shortcode<'t> {
    name: &'t str,
    arguments: Arguments,
    is_closing: bool,
    closes_itself: bool,
    /// The text behind it.
    after: &'t str,
}

/// Replaces the shortcodes of a text.
pub fn replace(text: &str, context: &ShortcodeContext<'_>) -> String {
    replace_at(text, context, 0)
}

fn replace_at(text: &str, context: &ShortcodeContext<'_>, depth: usize) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut left = MAX_SHORTCODES;
    while let Some(at) = next(rest).filter(|_| left > 0) {
        left -= 1;
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some((shown, after)) = escaped(rest) {
            out.push_str(&shown);
            rest = after;
            continue;
        }
        let Some(shortcode) = parse(rest) else {
            out.push_str(&rest[..3]);
            rest = &rest[3..];
            continue;
        };
        match convert(&shortcode, context, depth, &out) {
            Some((text, after)) => {
                out.push_str(&text);
                rest = after;
            }
            None => {
                if !shortcode.is_closing {
                    (context.unknown)(&format!("{{{{< {} >}}}}", shortcode.name));
                }
                out.push_str(&rest[..rest.len() - shortcode.after.len()]);
                rest = shortcode.after;
            }
        }
    }
    out + rest
}

/// The place of the next shortcode.
fn next(text: &str) -> Option<usize> {
    let is_open = |at: usize| matches!(text.as_bytes().get(at + 2), Some(b'<' | b'%'));
    text.match_indices("{{").map(|(at, _)| at).find(|at| is_open(*at))
}

/// A shortcode in a text about shortcodes, `{{</* x */>}}`, as it is shown.
fn escaped(text: &str) -> Option<(String, &str)> {
    let (open, close, inner) = [("{{<", ">}}"), ("{{%", "%}}")]
        .into_iter()
        .find_map(|(open, close)| Some((open, close, text.strip_prefix(open)?.strip_prefix("/*")?)))?;
    let (inner, after) = inner.split_once(&format!("*/{close}"))?;
    Some((format!("{open}{inner}{close}"), after))
}

/// Parses the shortcode that a text begins with.
fn parse(text: &str) -> Option<Shortcode<'_>> {
    let close = if text.starts_with("{{<") { ">}}" } else { "%}}" };
    let body = &text[3..];
    let body = &body[..floor(body, MAX_TAG)];
    // The end stands in no quotes.
    let mut quote = None;
    let mut end = None;
    for (at, c) in body.char_indices() {
        match (quote, c) {
            (Some(open), c) if open == c && !body[..at].ends_with('\\') => quote = None,
            (None, '"' | '`') => quote = Some(c),
            (None, _) if body[at..].starts_with(close) => {
                end = Some(at);
                break;
            }
            _ => {}
        }
    }
    let end = end.or_else(|| body.find(close))?;
    let inner = body[..end].trim();
    let (inner, is_closing) = inner.strip_prefix('/').map_or((inner, false), |inner| (inner.trim_start(), true));
    let (inner, closes_itself) = inner.strip_suffix('/').map_or((inner, false), |inner| (inner.trim_end(), true));
    let length = inner.find(char::is_whitespace).unwrap_or(inner.len());
    let (name, arguments) = inner.split_at(length);
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '/' | '.');
    (!name.is_empty() && name.chars().all(is_name)).then(|| Shortcode {
        name,
        arguments: self::arguments(arguments),
        is_closing,
        closes_itself,
        after: &text[3 + end + 3..],
    })
}

/// The greatest place up to a limit at which a character begins.
fn floor(text: &str, limit: usize) -> usize {
    (0..=limit.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// The shortcode that a text begins with, if it begins with one.
fn parse_start(text: &str) -> Option<Shortcode<'_>> {
    let is_start = text.starts_with("{{<") || text.starts_with("{{%");
    if is_start { parse(text) } else { None }
}

/// The arguments: those without a name are called by their numbers.
fn arguments(text: &str) -> Arguments {
    let mut arguments = Arguments::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let length = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_'))).unwrap_or(rest.len());
        let name = rest[..length].to_owned();
        let named = rest[length..].trim_start().strip_prefix('=').filter(|_| length > 0);
        let value = named.map_or(rest, str::trim_start);
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '`' | '“' | '”'));
        let (value, after) = match quote {
            Some(quote) => quoted(&value[quote.len_utf8()..], if quote == '“' { '”' } else { quote }),
            None => {
                let (value, after) = value.split_at(value.find(char::is_whitespace).unwrap_or(value.len()));
                (value.to_owned(), after)
            }
        };
        let name = if named.is_some() { name.to_ascii_lowercase() } else { arguments.len().to_string() };
        arguments.push((name, value));
        rest = after.trim_start();
    }
    arguments
}

/// The text up to a quote, and what stands behind it.
fn quoted(text: &str, quote: char) -> (String, &str) {
    let mut out = String::new();
    let mut is_escaped = false;
    for (at, c) in text.char_indices() {
        if c == quote && !is_escaped {
            return (out, &text[at + c.len_utf8()..]);
        }
        if is_escaped && c != quote {
            out.push('\\');
        }
        is_escaped = c == '\\' && !is_escaped;
        if !is_escaped {
            out.push(c);
        }
    }
    (out, "")
}

/// What stands between a shortcode and its end, and the text behind that.
fn content<'t>(shortcode: &Shortcode<'t>) -> Option<(&'t str, &'t str)> {
    let text = shortcode.after;
    let mut from = 0;
    let mut depth = 0_usize;
    while let Some(at) = next(&text[from..]).filter(|at| from + at < MAX_CONTENT) {
        let start = from + at;
        from = start + 3;
        let Some(other) = parse(&text[start..]).filter(|other| other.name == shortcode.name) else { continue };
        match (other.is_closing, depth) {
            (true, 0) => return Some((&text[..start], other.after)),
            (true, _) => depth -= 1,
            (false, _) if !other.closes_itself => depth += 1,
            _ => {}
        }
    }
    None
}

/// What a shortcode becomes, and the text behind it. `before` is the text in front of it.
fn convert<'t>(
    shortcode: &Shortcode<'t>,
    context: &ShortcodeContext<'_>,
    depth: usize,
    before: &str,
) -> Option<(String, &'t str)> {
    if shortcode.is_closing || depth > MAX_DEPTH {
        return None;
    }
    let arguments = &shortcode.arguments;
    let first = argument(arguments, &["0"]);
    let name = shortcode.name.to_ascii_lowercase();
    let text = match name.as_str() {
        "highlight" => {
            let (code, after) = content(shortcode)?;
            let language = argument(arguments, &["0", "lang", "language"]).unwrap_or_default();
            let options = argument(arguments, &["1", "options"]).map(code_options).unwrap_or_default();
            return Some((embeds::code(language, &options, code, before), after));
        }
        "rawhtml" | "raw" | "html" | "unsafe" => {
            let (html, after) = content(shortcode)?;
            return Some((html.to_owned(), after));
        }
        "details" => {
            let (inner, after) = content(shortcode)?;
            let summary = argument(arguments, &["summary", "title", "0"]).unwrap_or("Details");
            let inner = replace_at(inner, context, depth + 1);
            let summary = escape_html(summary);
            return Some((format!("<details><summary>{summary}</summary>\n\n{}\n\n</details>", inner.trim()), after));
        }
        "figure" | "img" | "image" | "picture" | "imgproc" => {
            let mut arguments = arguments.clone();
            if argument(&arguments, &["src"]).is_none()
                && let Some(first) = first.map(str::to_owned)
            {
                arguments.push(("src".to_owned(), first));
            }
            let mut words: Vec<String> = ["title", "caption", "attr"]
                .iter()
                .filter_map(|key| argument(&arguments, &[key]).map(str::to_owned))
                .collect();
            words.dedup();
            arguments.retain(|(key, _)| !matches!(key.as_str(), "title" | "caption" | "attr"));
            if argument(&arguments, &["alt"]).is_none()
                && let Some(words) = words.first()
            {
                arguments.push(("alt".to_owned(), words.clone()));
            }
            if !words.is_empty() {
                arguments.push(("caption".to_owned(), words.join(" — ")));
            }
            picture(&arguments)?
        }
        "youtube" | "vimeo" => video(&name, argument(arguments, &["id", "0"])?)?,
        "tweet" | "twitter" | "x" | "twitter_simple" => {
            let id = argument(arguments, &["id", "1", "0"]).filter(|id| is_id(id))?;
            let user = argument(arguments, &["user"]).or(first.filter(|first| *first != id));
            let user = user.map(|user| user.trim_start_matches('@')).filter(|user| is_id(user)).unwrap_or("i/web");
            embeds::link(&format!("https://twitter.com/{user}/status/{id}"))
        }
        "instagram" => embeds::link(&format!(
            "https://www.instagram.com/p/{}/",
            argument(arguments, &["id", "0"]).filter(|id| is_id(id))?
        )),
        "gist" => {
            let parts: Vec<&str> =
                arguments.iter().take(2).map(|(_, value)| value.as_str()).filter(|part| is_id(part)).collect();
            if parts.is_empty() {
                return None;
            }
            embeds::link(&format!("https://gist.github.com/{}", parts.join("/")))
        }
        "ref" | "relref" => (context.reference)(argument(arguments, &["0", "path"])?)?,
        "param" => (context.parameter)(first?)?,
        "toc" | "tableofcontents" => String::new(),
        _ => return None,
    };
    // Some sites close even those that hold nothing.
    let end = parse_start(shortcode.after.trim_start()).filter(|end| end.is_closing && end.name == shortcode.name);
    Some((text, end.map_or(shortcode.after, |end| end.after)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    fn converted(text: &str) -> (String, Vec<String>) {
        let unknown = RefCell::new(Vec::new());
        let context = ShortcodeContext {
            reference: &|path| path.starts_with("/posts/").then(|| "/p/".to_owned()),
            parameter: &|name| (name == "mood").then(|| "calm".to_owned()),
            unknown: &|name| unknown.borrow_mut().push(name.to_owned()),
        };
        let text = replace(text, &context);
        (text, unknown.into_inner())
    }

    #[test]
    fn known_shortcodes_become_markdown() {
        for (old, new) in [
            ("{{< figure src=\"/a.png\" alt=\"A\" caption=\"Tea\" >}}", "![A](</a.png>)\n\n*Tea*"),
            ("{{<figure src=`a.png`>}}{{</figure>}} x", "![](<a.png>) x"),
            ("{{< youtube id=\"a_b\" autoplay=\"true\" >}}", "<https://www.youtube.com/watch?v=a_b>"),
            ("{{% vimeo 123 %}}", "<https://vimeo.com/123>"),
            (
                "{{< tweet user=\"jo\" id=\"1\" >}} {{< tweet 2 >}}",
                "<https://twitter.com/jo/status/1> <https://twitter.com/i/web/status/2>",
            ),
            ("{{< gist jo 1a >}}", "<https://gist.github.com/jo/1a>"),
            (
                "{{< highlight go \"linenos=table,hl_lines=2\" >}}\na >}} b\n{{< /highlight >}}",
                "```go,linenos,hl_lines=2\na >}} b\n```\n",
            ),
            ("[a]({{< ref \"/posts/a.md\" >}}) {{% relref path=\"/posts/b\" %}}", "[a](/p/) /p/"),
            ("{{< param mood >}}", "calm"),
            (
                "{{< details summary=\"<b>\" >}}x {{< param mood >}}{{< /details >}}",
                "<details><summary>&lt;b&gt;</summary>\n\nx calm\n\n</details>",
            ),
            ("{{</* youtube x */>}} {{%/* y */%}}", "{{< youtube x >}} {{% y %}}"),
        ] {
            assert_eq!(converted(old), (new.to_owned(), vec![]), "{old}");
        }
    }

    #[test]
    fn unknown_and_broken_ones_stay() {
        let text = "{{< notice \"a >}} b\" >}}**x**{{< /notice >}} {{< ref \"gone\" >}} {{< youtube \"a/b\" >}}";
        assert_eq!(
            converted(text),
            (
                text.to_owned(),
                vec!["{{< notice >}}".to_owned(), "{{< ref >}}".to_owned(), "{{< youtube >}}".to_owned()]
            )
        );
        for broken in ["{{<", "{{< >}}", "{{< figure", "{{< \"x\" >}}", "{{< highlight go >}} no end", "{{%/* x"] {
            assert_eq!(converted(broken).0, broken);
        }
        let deep = "{{< details >}}".repeat(300) + &"{{< /details >}}".repeat(300);
        assert!(converted(&deep).0.contains("<details>"));
    }
}
