//! Bodies outside of their page: in feeds, and in previews of links.

use tera::{Kwargs, State, TeraResult, Value};

use crate::config::scheme;
use crate::markdown::html::{Token, Tokens, attribute};
use crate::markdown::{self, absolute_address};
use crate::search::text::{formula, is_inline, is_silent, skip};
use crate::templates::Reader;
use crate::templates::dependencies::Dependency;

/// `absolute_urls(base)`: makes all addresses in the HTML of the page at `base` absolute, for readers outside of the
/// site.
pub(super) fn absolute_urls(html: &str, kwargs: Kwargs, _: &State) -> TeraResult<String> {
    Ok(markdown::absolute_urls(html, kwargs.must_get::<&str>("base")?))
}

/// `absolute_url(base)`: makes an address on the page at `base` absolute.
pub(super) fn absolute_url(url: &str, kwargs: Kwargs, _: &State) -> TeraResult<String> {
    let base = kwargs.must_get::<&str>("base")?;
    Ok(match absolute_address(url, base) {
        Some(address) => address,
        None => url.to_owned(),
    })
}

/// `plain_text(length?)`: the text of HTML in one line. A text longer than `length` characters is cut after a word.
pub(super) fn plain_text(html: &str, kwargs: Kwargs, _: &State) -> TeraResult<String> {
    let max_length = kwargs.get::<usize>("length")?.unwrap_or(usize::MAX);
    Ok(plain_text_of(html, max_length))
}

fn plain_text_of(html: &str, max_length: usize) -> String {
    let mut text = String::new();
    let mut tokens = Tokens::of(html);
    while let Some(token) = tokens.next() {
        match token {
            Token::Text(piece) => text.push_str(&piece),
            Token::Start { name, attributes, is_empty } => {
                if !is_empty && let Some(formula) = formula(&name, attributes) {
                    text.push_str(&formula);
                    skip(&mut tokens, &name);
                    continue;
                }
                let is_silent = is_silent(&name);
                if !is_inline(&name) {
                    text.push(' ');
                }
                if is_silent && !is_empty {
                    skip(&mut tokens, &name);
                }
            }
            Token::End { name } if !is_inline(&name) => text.push(' '),
            Token::End { .. } => {}
        }
        // White space can be among them, so a few more are read.
        if text.len() / 8 > max_length {
            break;
        }
    }
    let mut line = String::new();
    let mut length = 0_usize;
    for word in text.split_whitespace() {
        let space = usize::from(!line.is_empty());
        length = length.saturating_add(word.chars().count() + space);
        if length > max_length {
            match line.is_empty() {
                true => line.extend(word.chars().take(max_length.saturating_sub(1)).chain(['…'])),
                false => line.push_str(" …"),
            }
            return line;
        }
        line.push_str(if space > 0 { " " } else { "" });
        line.push_str(word);
    }
    line
}

/// `first_image`: the absolute address of the first picture in some HTML; none if no picture has an address.
pub(super) fn first_image(html: &str, _: Kwargs, _: &State) -> TeraResult<Value> {
    let reader = Reader::current()?;
    reader.record(Dependency::Config);
    let base_url = &reader.library.site.config.base_url;
    let mut sources = Tokens::of(html).filter_map(|token| match token {
        Token::Start { name, attributes, .. } if name == "img" => attribute(attributes, "src"),
        _ => None,
    });
    let image = sources.find_map(|source| match source.trim_ascii() {
        url if url.starts_with("//") => Some(format!("https:{url}")),
        url if url.starts_with('/') => absolute_address(url, base_url),
        url if matches!(scheme(url), Some("http" | "https")) => Some(url.to_owned()),
        _ => None,
    });
    Ok(image.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::templates::testing::blog;

    #[test]
    fn addresses_are_whole() {
        let blog = blog();
        let html = "<a href=\"/a\">b</a> <a href=\"#c\">d</a> <img src=\"//e\" srcset=\"f 2x, /g 3x\">";
        let template = format!("{{{{ '{html}' | absolute_urls(base='https://blog.example/x/y/') | safe }}}}");
        assert_eq!(
            blog.render(&template).unwrap(),
            "<a href=\"https://blog.example/a\">b</a> <a href=\"https://blog.example/x/y/#c\">d</a> \
             <img src=\"//e\" srcset=\"https://blog.example/x/y/f 2x, https://blog.example/g 3x\">"
        );
    }

    #[test]
    fn an_address_leads_from_everywhere_to_where_it_led() {
        let blog = blog();
        for (url, expected) in [
            ("a.png", "https://blog.example/x/a.png"),
            ("../a.png", "https://blog.example/a.png"),
            ("/a.png", "https://blog.example/a.png"),
            ("//a.example/b", "//a.example/b"),
            ("https://a.example/b", "https://a.example/b"),
        ] {
            let template = format!("{{{{ '{url}' | absolute_url(base='https://blog.example/x/') | safe }}}}");
            assert_eq!(blog.render(&template).unwrap(), expected);
        }
    }

    #[test]
    fn text_is_cut_off_behind_a_word() {
        for (html, max_length, expected) in [
            ("<p>a &amp; <b>b</b>c</p>\n<p>d</p><script>e</script>", 100, "a & bc d"),
            ("<p>one two three</p>", 7, "one two …"),
            ("<p>one two three</p>", 13, "one two three"),
            ("<p>éééé</p>", 3, "éé…"),
            ("", 3, ""),
        ] {
            assert_eq!(plain_text_of(html, max_length), expected, "{html}");
        }
    }

    #[test]
    fn the_first_picture_has_a_whole_address() {
        let blog = blog();
        for (html, expected) in [
            ("a <img src=data:,x> <img src=/b.png> <img src=/c.png>", "https://blog.example/b.png"),
            ("<img src=https://a.example/b.png>", "https://a.example/b.png"),
            ("<img src=//a.example/b.png>", "https://a.example/b.png"),
            ("<p>a", "none"),
        ] {
            let template = format!("{{{{ '{html}' | first_image or 'none' }}}}");
            assert_eq!(blog.render(&template).unwrap(), expected, "{html}");
        }
    }
}
