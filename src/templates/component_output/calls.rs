//! The calls of components in a text.

use std::ops::Range;

use crate::templates::syntax::calls::CallTag;
use crate::templates::syntax::lexer::{Token, tags};

/// Returns the spans of the outermost calls of components and of inclusions in a text. Calls whose output is not
/// written in place are left out: those in a block that is assigned or filtered.
pub(super) fn component_calls(source: &str) -> Vec<Range<usize>> {
    let mut calls = Vec::new();
    let mut open: Option<(usize, usize)> = None;
    let mut captures = 0_usize;
    for tag in tags(source).take_while(|tag| tag.is_closed) {
        match tag.tokens.first() {
            Some(Token::Ident("filter")) => captures += 1,
            Some(Token::Ident("endfilter" | "endset")) => captures = captures.saturating_sub(1),
            _ if tag.is_capture() => captures += 1,
            _ => {}
        }
        match (tag.call(), &mut open) {
            (None, _) | (Some(CallTag::Closing(_)), None) => {}
            (Some(_), None) if captures > 0 => {}
            (Some(CallTag::Complete), None) => calls.push(tag.span),
            (Some(CallTag::Opening(_)), None) => open = Some((tag.span.start, 1)),
            (Some(CallTag::Complete), Some(_)) => {}
            (Some(CallTag::Opening(_)), Some((_, depth))) => *depth += 1,
            (Some(CallTag::Closing(_)), Some((start, depth))) => {
                *depth -= 1;
                if *depth == 0 {
                    calls.push(*start..tag.span.end);
                    open = None;
                }
            }
        }
    }
    calls
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_include_their_bodies() {
        let found =
            |source: &'static str| component_calls(source).into_iter().map(|call| &source[call]).collect::<Vec<_>>();
        assert_eq!(
            found(
                "a {{ <b c={1} /> }} {{ d }} {% <e> %} {% <e> %} {{ <f /> }} {% </e> %} {% </e> %} {% include \"g\" %}{% <h /> %}"
            ),
            [
                "{{ <b c={1} /> }}",
                "{% <e> %} {% <e> %} {{ <f /> }} {% </e> %} {% </e> %}",
                "{% include \"g\" %}",
                "{% <h /> %}"
            ]
        );
        assert_eq!(
            found(
                "{% set a = 1 %}{{ <b /> }}{% set c %}{{ <d /> }}{% endset %}{% filter upper %}{{ <e /> }}{% endfilter %}{{ <f /> }}"
            ),
            ["{{ <b /> }}", "{{ <f /> }}"]
        );
        assert_eq!(found("{% raw %}{{ <b /> }}{% endraw %} {% </c> %} {% <d> %}"), [""; 0]);
    }
}
