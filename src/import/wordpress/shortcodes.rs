//! WordPress's shortcodes: `[caption …]`, `[gallery …]`, `[sourcecode …]`, `[embed]`, `[youtube …]`.

use std::sync::LazyLock;

use regex::{Captures, Regex};
use rustc_hash::FxHashMap;

use crate::import::html::escape_html;

#[allow(clippy::expect_used, reason = "the patterns are constants, and a test compiles them")]
static CODE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?s)\[(sourcecode|code|cc|php|html|css|javascript|js|python|ruby|bash|xml|sql)(\s[^\]]*)?\](.*?)\[/(?:sourcecode|code|cc|php|html|css|javascript|js|python|ruby|bash|xml|sql)\]").expect("a pattern")
});

#[allow(clippy::expect_used, reason = "the patterns are constants, and a test compiles them")]
static OTHER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?s)\[(caption|wp_caption)([^\]]*)\](.*?)\[/(?:wp_)?caption\]|\[(embed|youtube|vimeo|video|audio)([^\]\n]*)\](?:(\s*https?://[^\s\[<]+\s*)\[/(?:embed|youtube|vimeo|video|audio)\])?|\[(gallery|playlist)([^\]\n]*)\]").expect("a pattern")
});

#[allow(clippy::expect_used, reason = "the patterns are constants, and a test compiles them")]
static UNKNOWN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\[([a-z][a-z0-9]*[_-][a-z0-9_-]+|contact-form|polldaddy|poll|slideshow)(?:\s[^\]\n]*)?\]")
        .expect("a pattern")
});

/// A shortcode that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shortcode<'a> {
    /// It became HTML.
    Known,
    /// It stays as text.
    Unknown(&'a str),
}

/// Replaces the known shortcodes by HTML, and reports each one.
pub fn replace(text: &str, media: &FxHashMap<String, String>, count: &mut dyn FnMut(Shortcode<'_>)) -> String {
    if !text.contains('[') {
        return text.to_owned();
    }
    let text = CODE.replace_all(text, |found: &Captures<'_>| {
        count(Shortcode::Known);
        let attributes = found.get(2).map_or("", |attributes| attributes.as_str());
        let named = ["language", "lang"].iter().find_map(|key| attribute(attributes, key));
        let language = named.or_else(|| {
            Some(found[1].to_owned()).filter(|name| !matches!(name.as_str(), "sourcecode" | "code" | "cc"))
        });
        let class = language.map_or(String::new(), |language| {
            format!(" class=\"language-{}\"", escape_html(&language).replace('"', ""))
        });
        // The editor has escaped it in some versions, and not in others.
        let code = found[3].replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
        format!("\n\n<pre><code{class}>{}</code></pre>\n\n", escape_html(code.trim_matches(['\n', '\r'])))
    });
    let text = OTHER.replace_all(&text, |found: &Captures<'_>| {
        let group = |number: usize| found.get(number).map_or("", |part| part.as_str());
        let name = [1, 4, 7].into_iter().find_map(|number| found.get(number)).map_or("", |name| name.as_str());
        let html = match name {
            "caption" | "wp_caption" => Some(caption(group(2), group(3))),
            "gallery" => gallery(group(8), media),
            _ => link(group(5), group(6)),
        };
        count(if html.is_some() { Shortcode::Known } else { Shortcode::Unknown(name) });
        html.unwrap_or_else(|| found[0].to_owned())
    });
    for found in UNKNOWN.captures_iter(&text) {
        count(Shortcode::Unknown(&found[1]));
    }
    text.into_owned()
}

/// The value of an attribute of a shortcode.
fn attribute(attributes: &str, key: &str) -> Option<String> {
    let at = attributes.match_indices(key).find(|(at, _)| {
        attributes[..*at].ends_with(char::is_whitespace) && attributes[at + key.len()..].trim_start().starts_with('=')
    })?;
    let value = attributes[at.0 + key.len()..].trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\'' | '”' | '“'));
    let value = match quote {
        Some(quote) => value[quote.len_utf8()..].split([quote, '”']).next()?,
        None => value.split_whitespace().next()?,
    };
    Some(value.to_owned())
}

/// A picture with words under it. Older versions have these in an attribute.
fn caption(attributes: &str, inner: &str) -> String {
    let inner = inner.trim();
    let end =
        if inner.contains("</a>") { inner.find("</a>").map(|at| at + 4) } else { inner.find('>').map(|at| at + 1) };
    let (picture, words) = inner.split_at(end.unwrap_or(0));
    let words = attribute(attributes, "caption").unwrap_or_else(|| words.trim().to_owned());
    if words.is_empty() {
        format!("\n\n{picture}\n\n")
    } else {
        format!("\n\n<figure>{picture}<figcaption>{words}</figcaption></figure>\n\n")
    }
}

/// The pictures of a gallery that names them, where the export has told their addresses before.
fn gallery(attributes: &str, media: &FxHashMap<String, String>) -> Option<String> {
    let ids = attribute(attributes, "ids")?;
    let urls =
        ids.split(',').map(|id| media.get(id.trim()).filter(|url| !url.is_empty())).collect::<Option<Vec<_>>>()?;
    let images =
        urls.iter().map(|url| format!("<p><img src=\"{}\" alt=\"\"></p>", escape_html(url).replace('"', "%22")));
    Some(format!("\n\n{}\n\n", images.collect::<String>()))
}

/// A player as a link to what it plays.
fn link(attributes: &str, inner: &str) -> Option<String> {
    let inline =
        attributes.trim_start_matches(['=', ' ']).split_whitespace().next().filter(|url| url.starts_with("http"));
    let named = ["src", "mp4", "mp3", "url"].iter().find_map(|key| attribute(attributes, key));
    let url =
        [inner.trim()].into_iter().chain(inline).map(str::to_owned).chain(named).find(|url| url.starts_with("http"))?;
    let url = escape_html(&url).replace('"', "%22");
    Some(format!("\n\n<a href=\"{url}\">{url}</a>\n\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(text: &str) -> (String, Vec<String>) {
        let media = [("3".to_owned(), "https://a.example/x.jpg".to_owned())].into_iter().collect();
        let mut names = Vec::new();
        let html = replace(text, &media, &mut |found| names.push(format!("{found:?}")));
        (html, names)
    }

    #[test]
    fn known_shortcodes_become_html() {
        let (text, names) =
            html("[caption id=\"x\" width=\"3\"]<a href=\"b\"><img src=\"a\" /></a> Two <em>cats</em>[/caption]");
        assert_eq!(
            text.trim(),
            "<figure><a href=\"b\"><img src=\"a\" /></a><figcaption>Two <em>cats</em></figcaption></figure>"
        );
        assert_eq!(names, ["Known"]);
        assert!(
            html("[sourcecode language=\"rust\"]\na &lt; b\n[/sourcecode]")
                .0
                .contains("<pre><code class=\"language-rust\">a &lt; b</code></pre>")
        );
        assert!(html("[gallery ids=\"3\"]").0.contains("<img src=\"https://a.example/x.jpg\" alt=\"\">"));
        assert!(
            html("[youtube=https://www.youtube.com/watch?v=1&w=2]")
                .0
                .contains("<a href=\"https://www.youtube.com/watch?v=1&amp;w=2\">")
        );
        assert!(html("[embed]https://v.example/1[/embed]").0.contains("<a href=\"https://v.example/1\">"));
    }

    #[test]
    fn unknown_ones_and_galleries_without_pictures_stay() {
        for (text, name) in
            [("[contact-form to=\"x\"]", "contact-form"), ("[gallery]", "gallery"), ("[gallery ids=\"4\"]", "gallery")]
        {
            assert_eq!(html(text), (text.to_owned(), vec![format!("Unknown({name:?})")]), "{text}");
        }
        assert_eq!(html("[citation needed] a[0]"), ("[citation needed] a[0]".to_owned(), vec![]));
    }
}
