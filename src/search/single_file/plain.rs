//! A body as the text that Zola's formats hold.

use crate::markdown::html::{Token, Tokens};
use crate::search::text::{formula, is_inline, is_off, is_silent, skip};

/// What HTML says: lines of text, without elements and without blocks of code. It is HTML still, in which `&`, `<` and
/// `>` are written as entities, because themes put pieces of it into their pages.
pub fn plain_text(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut tokens = Tokens::of(html);
    while let Some(token) = tokens.next() {
        match token {
            Token::Text(said) => escape(&mut text, &said),
            Token::Start { name, attributes, is_empty } => {
                if !is_empty && let Some(formula) = formula(&name, attributes) {
                    escape(&mut text, &formula);
                    skip(&mut tokens, &name);
                    continue;
                }
                let is_silent = is_silent(&name);
                if !is_silent && !is_inline(&name) {
                    text.push(' ');
                }
                if !is_empty && (is_silent || name == "pre" || is_off(attributes)) {
                    skip(&mut tokens, &name);
                }
            }
            Token::End { name } => {
                if !is_inline(&name) {
                    text.push(' ');
                }
            }
        }
    }
    let mut plain = String::with_capacity(text.len());
    for line in text.lines() {
        for (index, word) in line.split_whitespace().enumerate() {
            match index {
                0 if plain.is_empty() => {}
                0 => plain.push('\n'),
                _ => plain.push(' '),
            }
            plain.push_str(word);
        }
    }
    plain
}

fn escape(text: &mut String, said: &str) {
    for c in said.chars() {
        match c {
            '&' => text.push_str("&amp;"),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '\u{a0}' => text.push_str("&nbsp;"),
            c => text.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stay_and_elements_go() {
        assert_eq!(plain_text("<h1>A  <em>b</em>c</h1>\n\n<p>d\n e<br>f</p><p>g</p>"), "A bc\nd\ne f g");
        assert_eq!(plain_text("<table><tr><td>1</td><td>2</td></tr></table>"), "1 2");
        assert_eq!(plain_text(""), "");
    }

    #[test]
    fn what_is_no_text_is_left_out() {
        assert_eq!(
            plain_text(
                "a<script>alert(1)</script>b<style>c</style><pre><code>d</code></pre>e <code>f</code><!-- g -->"
            ),
            "ab e f"
        );
        assert_eq!(plain_text("a <div data-search=\"off\">b</div> c<span aria-hidden=true>#</span>"), "a c");
    }

    #[test]
    fn characters_have_names() {
        let named = "a &harr; b&eacute; &NotEqualTilde; &CounterClockwiseContourIntegral; &#8596; &#x2194;";
        assert_eq!(plain_text(named), "a ↔ bé ≂\u{338} ∳ ↔ ↔");
        assert_eq!(
            plain_text("&bogus; &#0; &#xd800; &; & &amp"),
            "&amp;bogus; &amp;#0; &amp;#xd800; &amp;; &amp; &amp;amp"
        );
    }

    #[test]
    fn it_is_html_still() {
        assert_eq!(
            plain_text("&lt;b onclick=&quot;x&quot;&gt; &amp;amp; é&nbsp;è"),
            "&lt;b onclick=\"x\"&gt; &amp;amp; é&nbsp;è"
        );
    }
}
