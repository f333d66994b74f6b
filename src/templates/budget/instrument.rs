//! Templates with calls that count their work.

use std::ops::Range;

use super::calls::{
    COPY_COST, CREATE, ENTER, INDENT, ITERATION_COST, MEASURE, PAIR, PREFIX, READ, REPEAT, SLICE, STRIP,
};
use crate::templates::syntax::lexer::{Token, tags};
use crate::templates::syntax::parser::{UnsupportedSyntax, work_places};
use crate::templates::syntax::work::{Work, WorkPlace};

/// A template with calls that count its work.
#[derive(Debug)]
pub(in crate::templates) struct InstrumentedTemplate {
    pub text: String,
    /// The insertions into the template, in the order of the text.
    insertions: Vec<Insertion>,
}

#[derive(Clone, Debug)]
struct Insertion {
    /// The position in the original template.
    at: usize,
    /// Whether it opens the brackets around the expression after it.
    is_opening: bool,
    text: String,
    /// The span of the template that an error in the call is reported at.
    error_span: Range<usize>,
}

/// Whether a text uses the name of a call that only instrumented templates contain.
pub(in crate::templates) fn uses_reserved_name(text: &str) -> bool {
    let is_reserved = |token: &Token<'_>| matches!(token, Token::Ident(name) if name.starts_with(PREFIX));
    text.contains(PREFIX) && tags(text).any(|tag| tag.tokens.iter().any(is_reserved))
}

impl InstrumentedTemplate {
    pub(in crate::templates) fn new(text: &str) -> Result<Self, UnsupportedSyntax> {
        let mut insertions: Vec<Insertion> =
            work_places(text)?.iter().flat_map(|place| insertions(text, place)).collect();
        // At one position the outer expressions, which come later in the list, open before the inner ones and close
        // after them.
        insertions.sort_by_key(|insertion| insertion.at);
        for same in insertions.chunk_by_mut(|a, b| a.at == b.at) {
            let closing = same.iter().filter(|insertion| !insertion.is_opening).count();
            same.sort_by_key(|insertion| insertion.is_opening);
            same[closing..].reverse();
        }
        let mut instrumented = String::with_capacity(text.len() * 2);
        let mut end = 0;
        for Insertion { at, text: inserted, .. } in &insertions {
            instrumented.push_str(&text[end..*at]);
            instrumented.push_str(inserted);
            end = *at;
        }
        instrumented.push_str(&text[end..]);
        Ok(Self { text: instrumented, insertions })
    }

    /// Maps a span of the instrumented template to the original template.
    pub(in crate::templates) fn original(&self, span: Range<usize>) -> Range<usize> {
        match (self.original_byte(span.start), self.original_byte(span.end)) {
            (Err(inserted), _) => inserted.error_span.clone(),
            (Ok(start), Ok(end)) => start..end.max(start),
            (Ok(start), Err(inserted)) => start..inserted.at.max(start),
        }
    }

    /// Maps a byte of the instrumented template to the original template, or to the insertion that it belongs to.
    fn original_byte(&self, byte: usize) -> Result<usize, &Insertion> {
        let mut inserted = 0;
        for insertion in &self.insertions {
            match byte.checked_sub(insertion.at + inserted) {
                None => break,
                Some(behind) if behind < insertion.text.len() => return Err(insertion),
                Some(_) => inserted += insertion.text.len(),
            }
        }
        Ok(byte - inserted)
    }
}

/// Returns the insertions for a place where work begins.
fn insertions(source: &str, place: &WorkPlace) -> Vec<Insertion> {
    let WorkPlace { work, span, error_span: shown, needs_brackets } = place;
    let insert =
        |at: usize, opens: bool, text: String| Insertion { at, is_opening: opens, text, error_span: shown.clone() };
    let call = match work {
        Work::Enter { length, rest, trims } => {
            let rest = rest.as_ref().map(|rest| format!(",rest={rest}")).unwrap_or_default();
            let end = if *trims { "-}}" } else { "}}" };
            return vec![insert(span.start, true, format!("{{{{{ENTER}(n={length}{rest}){end}"))];
        }
        Work::Repeat(length) => Some(format!("{REPEAT}(n={})", ITERATION_COST + length)),
        Work::Read => Some(READ.to_owned()),
        Work::Create => Some(CREATE.to_owned()),
        Work::Copy => Some(format!("{REPEAT}(n={COPY_COST})")),
        Work::Slice(of) => {
            let call = format!("{SLICE}(of={})", &source[of.clone()]);
            if span.is_empty() {
                return vec![insert(span.start, true, format!("0|{call}"))];
            }
            Some(call)
        }
        Work::Filter(name) => call_before_filter(name),
        Work::Test(name) => {
            matches!(&**name, "containing" | "matching" | "starting_with" | "ending_with").then(|| READ.to_owned())
        }
        Work::Call(name) => match &**name {
            "super" => None,
            "load_data" => Some(CREATE.to_owned()),
            _ => Some(format!("{REPEAT}(n={COPY_COST})")),
        },
    };
    let Some(call) = call else { return Vec::new() };
    if span.is_empty() {
        return vec![insert(span.start, true, format!("{call}|"))];
    }
    let (open, close) = if *needs_brackets { ("(", ")") } else { ("", "") };
    vec![insert(span.start, true, open.to_owned()), insert(span.end, false, format!("{close}|{call}"))]
}

/// Returns the call that counts the work of a filter before it runs, if that work depends on the filter's input and the
/// filter does not count it itself.
fn call_before_filter(name: &str) -> Option<String> {
    match name {
        // They return the value or a part of it.
        "default" | "first" | "last" | "nth" | "get" => None,
        // They count their own work.
        "replace" | "join" | "regex_replace" => None,
        "length" => Some(MEASURE.to_owned()),
        // They create lists without reading the items.
        "reverse" | "values" | "keys" | "split" => Some(format!("{REPEAT}(n={COPY_COST})")),
        "unique" => Some(PAIR.to_owned()),
        "indent" => Some(INDENT.to_owned()),
        "striptags" => Some(STRIP.to_owned()),
        // Their result is several times as long.
        "escape" | "escape_html" | "escape_xml" | "json_encode" | "newlines_to_br" | "str" | "urlencode"
        | "urlencode_strict" => Some(format!("{READ}(n=4)")),
        // It writes each character separately.
        "title" => Some(format!("{READ}(n=16)")),
        "markdown" => Some(format!("{READ}(n=32)")),
        _ => Some(READ.to_owned()),
    }
}
