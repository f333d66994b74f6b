//! Tags of Liquid in posts: those that stand for text become it, and the others stay.

#[cfg(test)]
mod tests;

use std::cell::RefCell;

use memchr::memmem;
use rustc_hash::FxHashMap;

use crate::import::embeds::{self, Arguments, argument, picture, video};
use crate::import::html::escape_html;

/// Includes lie in one another no deeper.
const MAX_DEPTH: usize = 4;

/// A text does not grow beyond this.
const MAX_LENGTH: usize = 4 << 20;

/// A tag is no longer.
const MAX_TAG: usize = 4 << 10;

/// A block is no longer, so that those without an end cost little.
const MAX_BLOCK: usize = 256 << 10;

/// A text has no more tags.
const MAX_TAGS: usize = 20_000;

/// What tags ask for.
pub struct LiquidContext<'a> {
    /// The address of a post, by its name: `2019-05-01-tea`.
    pub post_url: &'a dyn Fn(&str) -> Option<String>,
    /// The address of a file of the site.
    pub link: &'a dyn Fn(&str) -> Option<String>,
    /// The value of a variable: `site.url`, `page.title`.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
    /// The text of a file in `_includes`.
    pub include: &'a dyn Fn(&str) -> Option<String>,
    /// Is given the name of each tag that stays as text.
    pub unknown: &'a dyn Fn(&str),
}

/// Replaces the tags of a text.
pub fn replace(text: &str, context: &LiquidContext<'_>) -> String {
    Replacer { context, arguments: None, depth: 0, variables: &RefCell::default() }.replace(text)
}

/// Whether a text decides or repeats something, so that only Jekyll could say what it looks like.
pub fn is_program(text: &str) -> bool {
    let mut rest = text;
    while let Some(at) = rest.find("{%") {
        rest = rest[at + 2..].trim_start_matches('-').trim_start();
        if ["for ", "if ", "unless ", "assign ", "capture ", "case ", "tablerow "]
            .iter()
            .any(|tag| rest.starts_with(tag))
        {
            return true;
        }
    }
    text.contains("{{ content }}") || text.contains("paginator.")
}

struct Replacer<'c, 'a> {
    context: &'c LiquidContext<'a>,
    arguments: Option<&'c Arguments>,
    depth: usize,
    /// The variables that the text has set.
    variables: &'c RefCell<FxHashMap<String, String>>,
}

impl Replacer<'_, '_> {
    fn replace(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        let mut left = MAX_TAGS;
        while let Some(at) = next(rest).filter(|_| left > 0 && out.len() < MAX_LENGTH) {
            left -= 1;
            out.push_str(&rest[..at]);
            rest = &rest[at..];
            let is_value = rest.starts_with("{{");
            let close = if is_value { "}}" } else { "%}" };
            let near = &rest.as_bytes()[..rest.len().min(MAX_TAG)];
            let Some(end) = memmem::find(near, close.as_bytes()) else {
                out.push_str(&rest[..2]);
                rest = &rest[2..];
                continue;
            };
            let (whole, after) = rest.split_at(end + 2);
            let inner = whole[2..end].trim_matches('-').trim();
            let replaced =
                if is_value { self.value(inner).map(|text| (text, after)) } else { self.tag(inner, after, &out) };
            match replaced {
                Some((text, after)) => {
                    out.push_str(&text);
                    rest = after;
                }
                None => {
                    let name = inner.split([' ', '|', '\n']).next().unwrap_or_default();
                    let name = if name == "include" {
                        inner.split(' ').take(2).collect::<Vec<_>>().join(" ")
                    } else {
                        name.to_owned()
                    };
                    (self.context.unknown)(&if is_value {
                        format!("{{{{ {name} }}}}")
                    } else {
                        format!("{{% {name} %}}")
                    });
                    out.push_str(whole);
                    rest = after;
                }
            }
        }
        out.push_str(rest);
        out
    }

    /// What a tag becomes, and the text behind it. `before` is the text in front of it.
    fn tag<'t>(&self, inner: &str, after: &'t str, before: &str) -> Option<(String, &'t str)> {
        let (name, rest) = inner.split_once(char::is_whitespace).unwrap_or((inner, ""));
        let rest = rest.trim();
        match name {
            "raw" | "comment" | "highlight" => {
                let (content, after) = self.block(name, after)?;
                Some(match name {
                    "raw" => (content.to_owned(), after),
                    "comment" => (String::new(), after),
                    _ => (
                        embeds::code(
                            rest.split_whitespace().next().unwrap_or_default(),
                            "",
                            &self.replace_in_code(content),
                            before,
                        ),
                        after,
                    ),
                })
            }
            "post_url" => (self.context.post_url)(&self.replace(rest)).map(|url| (url, after)),
            "link" => (self.context.link)(&self.replace(rest)).map(|url| (url, after)),
            "assign" => {
                let (variable, value) = rest.split_once('=')?;
                let value = self.value(value.trim())?;
                self.variables.borrow_mut().insert(variable.trim().to_owned(), value);
                Some((String::new(), after))
            }
            "capture" => {
                let (content, after) = self.block(name, after)?;
                let value = self.replace(content);
                if next(&value).is_some() {
                    return None;
                }
                self.variables.borrow_mut().insert(rest.trim_matches(['"', '\'']).to_owned(), value);
                Some((String::new(), after))
            }
            "figure" => {
                let (content, after) = self.block(name, after)?;
                let content = self.replace(content);
                let caption = rest.split_once("caption:").and_then(|(_, rest)| rest.trim_start().strip_prefix('"'));
                let caption =
                    caption.and_then(|rest| rest.split('"').next()).map(|text| text.replace(['*', '\n'], " "));
                let words = caption.map_or(String::new(), |words| format!("\n\n*{}*", words.trim()));
                Some((format!("{}{words}", content.trim()), after))
            }
            "include" | "include_relative" | "include_cached" => self.include(rest).map(|text| (text, after)),
            "gist" => {
                let id = rest.split_whitespace().next()?.trim_matches(['"', '\'']);
                Some((embeds::link(&format!("https://gist.github.com/{id}")), after))
            }
            "youtube" | "vimeo" | "youtube_player" => video(name, rest).map(|text| (text, after)),
            "if" | "unless" => self.condition(name, rest, after),
            _ => None,
        }
    }

    /// Code may show tags, in a block `raw` of its own.
    fn replace_in_code(&self, code: &str) -> String {
        if code.contains("{%") || code.contains("{{") { self.replace(code) } else { code.to_owned() }
    }

    /// The content of a block, and the text behind it.
    fn block<'t>(&self, name: &str, after: &'t str) -> Option<(&'t str, &'t str)> {
        let mut from = 0;
        while let Some(at) = after[from..].find("{%").filter(|at| from + at < MAX_BLOCK) {
            let start = from + at;
            let end = start + after[start..].find("%}")?;
            let tag = after[start + 2..end].trim_matches('-').trim();
            if tag.strip_prefix("end").is_some_and(|tag| tag == name) {
                return Some((&after[..start], &after[end + 2..]));
            }
            from = end.min(start + 2);
        }
        None
    }

    /// A condition on the arguments of an include, which are known.
    fn condition<'t>(&self, name: &str, rest: &str, after: &'t str) -> Option<(String, &'t str)> {
        let arguments = self.arguments?;
        let key =
            rest.strip_prefix("include.").filter(|key| key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))?;
        let (content, after) = self.block(name, after)?;
        // One inside another would end at the wrong place.
        if [" if ", " unless ", " elsif ", "{%if"].iter().any(|tag| content.contains(tag)) {
            return None;
        }
        let is_set = arguments.iter().any(|(known, value)| known == key && value != "false");
        let otherwise = content.find("{% else").or_else(|| content.find("{%- else"));
        let (yes, no) = match otherwise {
            Some(at) => (&content[..at], content[at..].split_once("%}").map_or("", |(_, no)| no)),
            None => (content, ""),
        };
        Some((self.replace(if is_set == (name == "if") { yes } else { no }), after))
    }

    /// An include: a picture or a film as Markdown, a list of headings as nothing, and any other one as the text of its file, if
    /// that can be known.
    fn include(&self, rest: &str) -> Option<String> {
        let (file, rest) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        let arguments = self.arguments(rest);
        let stem = file.rsplit('/').next()?.split('.').next()?.to_ascii_lowercase().replace('_', "-");
        match stem.as_str() {
            "figure" | "image" | "img" | "picture" | "pic" | "photo" => {
                if let Some(text) = picture(&arguments) {
                    return Some(text);
                }
            }
            "youtube" | "youtubeplayer" | "vimeo" | "video" => {
                if let Some(text) = film(&stem, &arguments) {
                    return Some(text);
                }
            }
            "toc" | "table-of-contents" => return Some(String::new()),
            _ => {}
        }
        if self.depth >= MAX_DEPTH {
            return None;
        }
        let text = (self.context.include)(file)?;
        let silent = LiquidContext { unknown: &|_| {}, ..*self.context };
        let text =
            Replacer { context: &silent, arguments: Some(&arguments), depth: self.depth + 1, ..*self }.replace(&text);
        (!text.contains("{%") && !text.contains("{{") && text.len() < MAX_LENGTH / 64).then(|| text.trim().to_owned())
    }

    fn arguments(&self, text: &str) -> Arguments {
        let mut arguments = Vec::new();
        let mut rest = text.trim_start();
        while let Some((key, value)) = rest.split_once('=') {
            let value = value.trim_start();
            let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
            let (value, after) = match quote {
                Some(quote) => value[1..].split_once(quote).unwrap_or((&value[1..], "")),
                None => value.split_once(char::is_whitespace).unwrap_or((value, "")),
            };
            let is_plain = quote.is_some() || matches!(value, "true" | "false") || value.parse::<f64>().is_ok();
            let value = if is_plain { Some(value.to_owned()) } else { self.value(value) };
            if let Some(value) = value {
                arguments.push((key.trim().to_owned(), value));
            }
            rest = after.trim_start();
        }
        arguments
    }

    /// The value of an expression with filters.
    fn value(&self, expression: &str) -> Option<String> {
        let mut parts = pipes(expression).into_iter();
        let mut value = self.operand(parts.next()?)?;
        for filter in parts {
            let (name, argument) = filter.split_once(':').unwrap_or((filter, ""));
            let argument = || self.operand(argument.trim());
            let base = || (self.context.variable)("site.baseurl").unwrap_or_default();
            let rooted = |path: &str| if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
            value = match name.trim() {
                "relative_url" if !value.contains("://") => format!("{}{}", base(), rooted(&value)),
                "absolute_url" if !value.contains("://") => {
                    let url = (self.context.variable)("site.url").unwrap_or_default();
                    format!("{url}{}{}", base(), rooted(&value))
                }
                "relative_url" | "absolute_url" | "strip" | "escape_once" | "markdownify" => value,
                "prepend" => argument()? + &value,
                "append" => value + &argument()?,
                "escape" | "xml_escape" => escape_html(&value),
                "default" if !value.is_empty() => value,
                "default" => argument()?,
                "downcase" => value.to_lowercase(),
                "upcase" => value.to_uppercase(),
                _ => return None,
            };
        }
        Some(value)
    }

    fn operand(&self, text: &str) -> Option<String> {
        let text = text.trim();
        if let Some(quote) = text.chars().next().filter(|c| matches!(c, '"' | '\'')) {
            return text.get(1..)?.strip_suffix(quote).filter(|inner| !inner.contains(quote)).map(str::to_owned);
        }
        if let Some(key) = text.strip_prefix("include.") {
            let arguments = self.arguments?;
            return Some(
                arguments.iter().find(|(known, _)| known == key).map_or_else(String::new, |(_, value)| value.clone()),
            );
        }
        self.variables.borrow().get(text).cloned().or_else(|| (self.context.variable)(text))
    }
}

/// The place of the next tag.
fn next(text: &str) -> Option<usize> {
    text.match_indices('{').map(|(at, _)| at).find(|at| matches!(text.as_bytes().get(at + 1), Some(b'{' | b'%')))
}

/// The parts of an expression between the pipes that stand in no quotes.
fn pipes(expression: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut quote = None;
    let mut start = 0;
    for (at, c) in expression.char_indices() {
        match (quote, c) {
            (Some(open), c) if open == c => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '|') => {
                parts.push(&expression[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&expression[start..]);
    parts
}

/// A film as a link to it.
fn film(stem: &str, arguments: &Arguments) -> Option<String> {
    if let Some(url) = argument(arguments, &["url", "src"]).filter(|url| url.starts_with("http")) {
        return Some(embeds::link(url));
    }
    let id = argument(arguments, &["id", "video", "youtube_id", "youtubeId", "vid"])?;
    let provider =
        argument(arguments, &["provider"]).unwrap_or(if stem.starts_with("vimeo") { "vimeo" } else { "youtube" });
    video(provider, id)
}
