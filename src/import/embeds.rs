//! Pictures, films and code that tags of other generators show, as Markdown.

/// The arguments of a tag, by their names.
pub type Arguments = Vec<(String, String)>;

/// The first of some arguments that is not empty.
pub fn argument<'a>(arguments: &'a [(String, String)], keys: &[&str]) -> Option<&'a str> {
    let find = |key: &&str| arguments.iter().find(|(known, value)| known == key && !value.trim().is_empty());
    keys.iter().find_map(find).map(|(_, value)| value.trim())
}

/// A picture with words under it.
pub fn picture(arguments: &[(String, String)]) -> Option<String> {
    let url = argument(arguments, &["image_path", "src", "url", "image", "img", "path", "file", "filename"])?;
    let caption = argument(arguments, &["caption", "title", "description"]);
    let alt = argument(arguments, &["alt"]).or(caption).unwrap_or_default().replace(['[', ']', '\n', '<', '>'], " ");
    let picture = format!("![{alt}](<{}>)", address(url));
    let picture = match argument(arguments, &["link", "href"]) {
        Some(link) => format!("[{picture}](<{}>)", address(link)),
        None => picture,
    };
    Some(match caption {
        Some(caption) => format!("{picture}\n\n*{}*", caption.replace(['*', '\n'], " ").trim()),
        None => picture,
    })
}

/// An address that cannot end a link's destination.
fn address(url: &str) -> String {
    url.split_whitespace().collect::<Vec<_>>().join("%20").replace('<', "%3C").replace('>', "%3E")
}

/// A link whose text is its address.
pub fn link(url: &str) -> String {
    format!("<{}>", address(url))
}

/// The link to a film of a provider.
pub fn video(provider: &str, id: &str) -> Option<String> {
    let id = id.split_whitespace().next()?.trim_matches(['"', '\'']);
    if id.starts_with("https://") || id.starts_with("http://") {
        return Some(link(id));
    }
    match provider {
        _ if !is_id(id) => None,
        "vimeo" => Some(format!("<https://vimeo.com/{id}>")),
        provider if provider.starts_with("youtube") => Some(format!("<https://www.youtube.com/watch?v={id}>")),
        _ => None,
    }
}

/// Whether a text can be an id in an address.
pub fn is_id(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

/// A block of code, indented as the line that it begins on. `before` is the text in front of it.
pub fn code(language: &str, options: &str, code: &str, before: &str) -> String {
    let language: String =
        language.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '#' | '-' | '_')).collect();
    let run = code.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let marks = "`".repeat(run.max(2) + 1);
    let line = before.rsplit('\n').next().unwrap_or_default();
    let is_alone = line.trim().is_empty();
    let (start, indent) = if is_alone { ("", line) } else { ("\n\n", "") };
    let options = if language.is_empty() { "" } else { options };
    format!("{start}{marks}{language}{options}\n{}\n{indent}{marks}\n", code.trim_matches('\n').trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_films_and_code_are_markdown() {
        let arguments = |pairs: &[(&str, &str)]| -> Arguments {
            pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
        };
        assert_eq!(picture(&arguments(&[("src", "/a b.png")])).as_deref(), Some("![](</a%20b.png>)"));
        assert_eq!(
            picture(&arguments(&[("url", "/a>)"), ("caption", "A *b*\n]"), ("link", "/c"), ("alt", "d]")])).as_deref(),
            Some("[![d ](</a%3E)>)](</c>)\n\n*A  b  ]*")
        );
        assert_eq!(picture(&arguments(&[("alt", "x")])), None);
        assert_eq!(video("youtube", "\"a-_1\"").as_deref(), Some("<https://www.youtube.com/watch?v=a-_1>"));
        assert_eq!((video("youtube", "a/../b"), video("other", "a")), (None, None));
        assert_eq!(code("ruby", ",linenos", "\na ``` b\n", "x\n  "), "````ruby,linenos\na ``` b\n  ````\n");
        assert_eq!(code("", ",linenos", "a", "x"), "\n\n```\na\n```\n");
    }
}
