//! Formulas in a post: LaTeX becomes MathML, which browsers draw without a script.

use std::ops::Range;
use std::sync::LazyLock;
use std::thread;

use math_core::{LatexToMathML, MathCoreConfig, MathDisplay};

use super::html::{Token, Tokens, attributes};
use super::writer::{push_attribute, push_text};

/// The longest formula, in bytes.
const MAX_LENGTH: usize = 8_000;

/// A formula that may be nested deeper is converted by a thread of its own, because the converter calls itself for each level.
const MAX_DEPTH: usize = 40;

/// Enough for a formula of [`MAX_LENGTH`] whose every byte begins a level. Only what is used of it takes memory.
const STACK_SIZE: usize = 256 << 20;

/// A formula that cannot be converted.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FormulaProblem {
    pub message: String,
    /// Where in the formula the problem is.
    pub span: Range<usize>,
}

static CONVERTER: LazyLock<Option<LatexToMathML>> =
    LazyLock::new(|| LatexToMathML::new(MathCoreConfig::default()).ok());

/// Writes a formula, with its LaTeX as the text for programs that show no MathML. A formula on lines of its own can be scrolled.
///
/// # Errors
/// The formula cannot be converted. Its LaTeX is written as text.
pub(super) fn push(out: &mut String, latex: &str, is_block: bool, is_focusable: bool) -> Result<(), FormulaProblem> {
    let mathml = match convert(latex, is_block) {
        Ok(mathml) => mathml,
        Err(problem) => {
            out.push_str("<code>");
            push_text(out, latex);
            out.push_str("</code>");
            return Err(problem);
        }
    };
    if is_block {
        out.push_str("<span class=\"math-block\"");
        out.push_str(if is_focusable { " tabindex=\"0\">" } else { ">" });
    }
    out.push_str("<math alttext=\"");
    push_attribute(out, latex.trim());
    out.push('"');
    out.push_str(mathml.strip_prefix("<math").unwrap_or(&mathml));
    if is_block {
        out.push_str("</span>");
    }
    Ok(())
}

fn convert(latex: &str, is_block: bool) -> Result<String, FormulaProblem> {
    let fault = |message: &str| Err(FormulaProblem { message: message.to_owned(), span: 0..0 });
    if latex.len() > MAX_LENGTH {
        return fault(&format!("this formula is longer than {MAX_LENGTH} bytes"));
    }
    let levels = latex.bytes().filter(|byte| matches!(byte, b'\\' | b'{' | b'^' | b'_' | b'\'')).count();
    if levels <= MAX_DEPTH {
        return convert_here(latex, is_block);
    }
    thread::scope(|scope| {
        let worker = thread::Builder::new().name("formula".to_owned()).stack_size(STACK_SIZE);
        match worker.spawn_scoped(scope, || convert_here(latex, is_block)).map(thread::ScopedJoinHandle::join) {
            Ok(Ok(converted)) => converted,
            _ => fault("this formula cannot be converted"),
        }
    })
}

fn convert_here(latex: &str, is_block: bool) -> Result<String, FormulaProblem> {
    let display = if is_block { MathDisplay::Block } else { MathDisplay::Inline };
    let invalid =
        |message: &str, span| FormulaProblem { message: format!("this formula is not valid: {message}"), span };
    let converter = CONVERTER.as_ref().ok_or_else(|| invalid("the converter cannot start", 0..0))?;
    match converter.convert_with_local_state(latex, display) {
        Ok(converted) if is_mathml(&converted.mathml) => Ok(converted.mathml),
        Ok(_) => Err(invalid("it has HTML in it", 0..0)),
        Err(error) => {
            let message = error.error_message();
            let message = message.trim_end_matches('.');
            Err(invalid(message, error.0.clone()))
        }
    }
}

/// Whether all of this are elements of MathML without scripts or links (<https://www.w3.org/TR/mathml-core/>). The converter
/// passes on the argument of some commands as it is.
fn is_mathml(html: &str) -> bool {
    let is_known = |name: &str| name == "math" || name == "semantics" || name.starts_with('m') && name.len() > 1;
    let is_active = |name: &str| {
        let name = name.to_ascii_lowercase();
        name.starts_with("on") || matches!(name.as_str(), "href" | "src" | "actiontype") || name.contains(':')
    };
    Tokens::of(html).all(|token| match token {
        Token::Start { name, attributes: all, .. } => {
            is_known(&name)
                && !matches!(&*name, "maction" | "marquee" | "main" | "map" | "mark" | "menu" | "meta" | "meter")
                && attributes(all).all(|(name, _)| !is_active(name))
        }
        Token::End { name } => is_known(&name),
        Token::Text(_) => true,
    })
}

/// The part of a formula by which the author finds a problem: from its place to the end of the line, or else the last line.
pub(super) fn problem_line(latex: &str, problem: &FormulaProblem) -> Range<usize> {
    let start = latex.floor_char_boundary(problem.span.start);
    let line = latex[start..].split('\n').next().unwrap_or_default().trim_end();
    if !line.is_empty() {
        return start..start + line.len();
    }
    let whole = latex.trim_end();
    let start = whole.rfind('\n').map_or(0, |at| at + 1);
    start..whole.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(latex: &str, is_block: bool) -> String {
        let mut out = String::new();
        push(&mut out, latex, is_block, true).expect("a valid formula");
        out
    }

    #[test]
    fn a_formula_is_mathml_with_its_latex() {
        assert_eq!(
            html("a<b^2", false),
            "<math alttext=\"a&lt;b^2\"><mi>a</mi><mo>&lt;</mo><msup><mi>b</mi><mn>2</mn></msup></math>"
        );
        let block = html("x", true);
        assert!(
            block.starts_with("<span class=\"math-block\" tabindex=\"0\"><math alttext=\"x\" display=\"block\">"),
            "{block}"
        );
        assert!(block.ends_with("</math></span>"), "{block}");
    }

    #[test]
    fn a_problem_has_its_place() {
        for (latex, place) in [("a + \\nope{b}\nc", "\\nope{b}"), ("a\n\\frac{1", "\\frac{1"), ("}", "}")] {
            let problem = push(&mut String::new(), latex, true, true).unwrap_err();
            assert_eq!(&latex[problem_line(latex, &problem)], place, "{latex}: {problem:?}");
            assert!(!problem.message.ends_with('.'), "{}", problem.message);
        }
    }

    #[test]
    fn no_formula_is_too_deep_or_too_long() {
        for part in [
            "{",
            "\\sqrt",
            "\\frac1",
            "\\left(",
            "x^",
            "\\begin{matrix}",
            "\\sqrt[",
            "\\text{",
            "'",
            "\\\\",
            "&",
            "\\not",
        ] {
            let latex = part.repeat(MAX_LENGTH / part.len());
            for is_block in [true, false] {
                let _ = push(&mut String::new(), &latex, is_block, true);
            }
        }
        assert!(push(&mut String::new(), &"x".repeat(MAX_LENGTH + 1), true, true).is_err());
    }

    #[test]
    fn no_formula_is_a_panic() {
        const PARTS: [&str; 48] = [
            "a",
            "1",
            " ",
            "\n",
            "+",
            "=",
            "(",
            ")",
            "[",
            "]",
            "{",
            "}",
            "^",
            "_",
            "'",
            "&",
            "\\\\",
            "|",
            "~",
            "%",
            "#1",
            "$",
            "<",
            ".",
            "é",
            "日",
            "\u{301}",
            "\\",
            "\\,",
            "\\frac",
            "\\sqrt",
            "\\left",
            "\\right",
            "\\middle",
            "\\begin{array}{c|c}",
            "\\end{array}",
            "\\begin{align}",
            "\\end{align}",
            "\\text{",
            "\\sum",
            "\\limits",
            "\\not",
            "\\mathbf",
            "\\operatorname",
            "\\color{red}",
            "\\hline",
            "\\tag{1}",
            "\\genfrac",
        ];
        let mut state = 1_u64;
        let mut next = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % below
        };
        for _ in 0..20_000 {
            let latex: String = (0..=next(12)).map(|_| PARTS[next(PARTS.len())]).collect();
            let problem = push(&mut String::new(), &latex, next(2) == 0, true);
            if let Err(problem) = problem {
                assert!(latex.get(problem_line(&latex, &problem)).is_some(), "{latex}: {problem:?}");
            }
        }
    }

    #[test]
    fn no_formula_leaves_its_element() {
        for latex in [
            "\\text{</math><script>alert(1)</script>}",
            "\\href{javascript:alert(1)}{x}",
            "\"><script>",
            "\\class{\"><img src=x onerror=alert(1)>}{x}",
            "\\color{\"><b>}x",
            "\\tag{<b>}",
            "\\operatorname{<b>}",
            "\\unicode{x3c}b>",
        ] {
            let mut out = String::new();
            let _ = push(&mut out, latex, true, true);
            let lower = out.to_lowercase();
            assert!(!["<script", "<b>", "<img", "href="].iter().any(|bad| lower.contains(bad)), "{latex}: {out}");
        }
    }
}
