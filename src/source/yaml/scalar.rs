//! The values of YAML's scalars.
//!
//! The rules for plain scalars are those of YAML 1.2's core schema: `yes` and `007` are texts, `0x1F` is a number.

use std::borrow::Cow;

use granit_parser::{ScalarStyle, Tag};

/// A scalar, and its text in the file: `1.10` for the number 1.1.
#[derive(Clone, Debug)]
pub struct YamlScalar<'s> {
    pub text: Cow<'s, str>,
    pub value: ScalarValue,
}

/// The value of a scalar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ScalarValue {
    Null,
    Bool(bool),
    Unsigned(u64),
    Negative(i64),
    /// May be infinite, or no number.
    Float(f64),
    /// The text as it is.
    Text,
}

/// The value of a scalar.
///
/// # Errors
/// The tag does not fit the text. The error is the message for the author.
pub(super) fn scalar_value(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<ScalarValue, String> {
    let core = tag.and_then(Tag::core_suffix);
    let value = match core {
        None if style == ScalarStyle::Plain && tag.is_none_or(|tag| own_tag(tag).is_some()) => Some(plain_scalar(text)),
        Some("null") => is_null(text).then_some(ScalarValue::Null),
        Some("bool") => bool_scalar(text).map(ScalarValue::Bool),
        Some("int") => int_scalar(text),
        Some("float") => float_scalar(text).map(ScalarValue::Float),
        _ => Some(ScalarValue::Text),
    };
    value.ok_or_else(|| format!("the tag `!!{}` does not fit the value `{text}`", core.unwrap_or_default()))
}

/// What two equal keys of a mapping have in common.
pub(super) fn identity<'s>(scalar: &YamlScalar<'s>) -> (bool, Cow<'s, str>) {
    match scalar.value {
        ScalarValue::Text => (true, scalar.text.clone()),
        ScalarValue::Null => (false, "null".into()),
        ScalarValue::Bool(flag) => (false, flag.to_string().into()),
        ScalarValue::Unsigned(number) => (false, number.to_string().into()),
        ScalarValue::Negative(number) => (false, number.to_string().into()),
        // `{:?}` keeps 1.0 apart from 1.
        ScalarValue::Float(number) => (false, format!("{number:?}").into()),
    }
}

/// The name of a tag that YAML does not define.
pub(super) fn own_tag(tag: &Tag) -> Option<String> {
    Some(tag.to_string()).filter(|name| name.starts_with('!'))
}

fn plain_scalar(text: &str) -> ScalarValue {
    if text.is_empty() || is_null(text) {
        return ScalarValue::Null;
    }
    if let Some(flag) = bool_scalar(text) {
        return ScalarValue::Bool(flag);
    }
    // Most plain scalars are words, and no number begins like a word.
    if !text.starts_with(['+', '-', '.', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']) {
        return ScalarValue::Text;
    }
    let float = || float_scalar(text).filter(|_| !has_leading_zero(text)).map(ScalarValue::Float);
    int_scalar(text).or_else(float).unwrap_or(ScalarValue::Text)
}

fn is_null(text: &str) -> bool {
    matches!(text, "null" | "Null" | "NULL" | "~")
}

fn bool_scalar(text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

/// An integer. One of more than 64 bits stays a text.
fn int_scalar(text: &str) -> Option<ScalarValue> {
    let (is_negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (radix, digits) = match digits.get(..2) {
        Some("0x") => (16, &digits[2..]),
        Some("0o") => (8, &digits[2..]),
        Some("0b") => (2, &digits[2..]),
        _ if has_leading_zero(text) => return None,
        _ => (10, digits),
    };
    // The standard library would accept a second sign.
    if digits.starts_with(['+', '-']) {
        return None;
    }
    let magnitude = u128::from_str_radix(digits, radix).ok()?;
    Some(match u64::try_from(magnitude) {
        Ok(number) if !is_negative || number == 0 => ScalarValue::Unsigned(number),
        Ok(number) => 0_i64.checked_sub_unsigned(number).map_or(ScalarValue::Text, ScalarValue::Negative),
        Err(_) => ScalarValue::Text,
    })
}

fn float_scalar(text: &str) -> Option<f64> {
    let unsigned = match text.strip_prefix('+') {
        Some(rest) if rest.starts_with(['+', '-']) => return None,
        Some(rest) => rest,
        None => text,
    };
    match (unsigned, text) {
        (".inf" | ".Inf" | ".INF", _) => Some(f64::INFINITY),
        (_, "-.inf" | "-.Inf" | "-.INF") => Some(f64::NEG_INFINITY),
        (_, ".nan" | ".NaN" | ".NAN") => Some(f64::NAN),
        _ => unsigned.parse().ok().filter(|number: &f64| number.is_finite()),
    }
}

/// Whether a text is several digits of which the first is 0. Such a scalar is a text.
fn has_leading_zero(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    digits.len() > 1 && digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit())
}
