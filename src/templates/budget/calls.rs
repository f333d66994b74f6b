//! The functions and filters that instrumented templates call to count their work.

use tera::{Error, Kwargs, State, Tera, TeraResult, Value};

use super::{spend, spend_for_value, with_current_budget};

/// The prefix of the names of these calls. No text may use such a name.
pub(super) const PREFIX: &str = "__causerie_";

/// A function without a result: a template, block or component of `n` bytes begins, with the arguments `rest`.
pub(super) const ENTER: &str = "__causerie_enter";
/// A filter: work of `n` units follows for each item of the value.
pub(super) const REPEAT: &str = "__causerie_repeat";
/// A filter: the whole value is read, `n` times.
pub(super) const READ: &str = "__causerie_read";
/// A filter: the value is a new array or map.
pub(super) const CREATE: &str = "__causerie_create";
/// A filter for the bounds of a slice of the value `of`.
pub(super) const SLICE: &str = "__causerie_slice";
/// A filter: a text is read completely, and of any other value only its size.
pub(super) const MEASURE: &str = "__causerie_measure";
/// A filter: each item of the array is compared with all others.
pub(super) const PAIR: &str = "__causerie_pair";
/// A filter: each line of the text can become longer.
pub(super) const INDENT: &str = "__causerie_indent";
/// A filter: the tags of the text are searched.
pub(super) const STRIP: &str = "__causerie_strip";

/// The cost of each iteration of a loop, apart from its body.
pub(super) const ITERATION_COST: usize = 64;

/// The cost of copying an item of a list.
pub(super) const COPY_COST: u64 = 32;

/// The cost of each call of a component or included template, apart from its content.
const CALL_COST: u64 = 512;

/// The cost of reading a node of a value, and of creating one.
const READ_COST: u64 = 8;
const CREATE_COST: u64 = 32;

/// The longest indentation that `indent` adds to a line: 1000 characters of four bytes.
const MAX_INDENT: u64 = 4000;

/// How many bytes a regular expression scans for one unit.
const BYTES_SCANNED_PER_UNIT: u64 = 16;

/// Registers the calls with the Tera that renders texts, and replaces the filters and tests whose work their input does
/// not limit.
pub(in crate::templates) fn register(tera: &mut Tera) {
    tera.register_function(ENTER, enter);
    tera.register_filter(REPEAT, repeat);
    tera.register_filter(READ, read);
    tera.register_filter(CREATE, create);
    tera.register_filter(SLICE, slice);
    tera.register_filter(MEASURE, measure);
    tera.register_filter(PAIR, pair);
    tera.register_filter(INDENT, indent);
    tera.register_filter(STRIP, strip);

    tera.register_filter("replace", replace);
    tera.register_filter("join", join);
    tera.register_filter("regex_replace", regex_replace);
    tera.register_test("matching", matching);
}

fn enter(kwargs: Kwargs, _: &State) -> TeraResult<String> {
    spend(CALL_COST + kwargs.must_get::<u64>("n")?)?;
    if let Some(rest) = kwargs.get::<&Value>("rest")? {
        spend_for_value(rest, CREATE_COST, 1)?;
    }
    Ok(String::new())
}

fn repeat(value: Value, kwargs: Kwargs, _: &State) -> TeraResult<Value> {
    spend(item_count(&value).saturating_mul(kwargs.must_get("n")?))?;
    Ok(value)
}

fn read(value: Value, kwargs: Kwargs, _: &State) -> TeraResult<Value> {
    spend_for_value(&value, READ_COST, kwargs.get("n")?.unwrap_or(1))?;
    Ok(value)
}

fn create(value: Value, _: Kwargs, _: &State) -> TeraResult<Value> {
    spend_for_value(&value, CREATE_COST, 1)?;
    Ok(value)
}

fn slice(bound: Value, kwargs: Kwargs, _: &State) -> TeraResult<Value> {
    if let Some(of) = kwargs.get::<&Value>("of")? {
        spend(item_count(of).saturating_mul(COPY_COST))?;
    }
    Ok(bound)
}

fn measure(value: Value, _: Kwargs, _: &State) -> TeraResult<Value> {
    spend(READ_COST + value.as_str().map_or(0, str::len) as u64)?;
    Ok(value)
}

fn pair(value: Value, _: Kwargs, _: &State) -> TeraResult<Value> {
    // Most pairs differ at their beginning.
    spend_for_value(&value, READ_COST, item_count(&value) / 16 + 1)?;
    Ok(value)
}

fn indent(value: Value, _: Kwargs, _: &State) -> TeraResult<Value> {
    let text = value.as_str().unwrap_or_default();
    let lines = memchr::memchr_iter(b'\n', text.as_bytes()).count() as u64 + 1;
    spend(lines * MAX_INDENT + text.len() as u64)?;
    Ok(value)
}

fn strip(value: Value, _: Kwargs, _: &State) -> TeraResult<Value> {
    let text = value.as_str().unwrap_or_default();
    // For each start of a comment its end is searched.
    let comments = text.matches("<!--").count() as u64;
    spend(text.len() as u64 + comments.saturating_mul(text.len() as u64 / BYTES_SCANNED_PER_UNIT))?;
    Ok(value)
}

/// Returns how many items a loop finds in a value: the bytes of a text.
fn item_count(value: &Value) -> u64 {
    let items = value.as_array().map(<[Value]>::len);
    let items = items.or_else(|| value.as_map().map(tera::Map::len));
    let items = items.or_else(|| value.as_str().map(str::len)).or_else(|| value.as_bytes().map(<[u8]>::len));
    items.unwrap_or(0) as u64
}

/// Tera's `replace` for texts, in which nothing is escaped.
fn replace(text: &str, kwargs: Kwargs, _: &State) -> TeraResult<String> {
    let (from, to) = (kwargs.must_get::<&str>("from")?, kwargs.must_get::<&str>("to")?);
    let matches = text.matches(from).count() as u64;
    spend((text.len() as u64).saturating_add(matches.saturating_mul(to.len() as u64)))?;
    Ok(text.replace(from, to))
}

/// Tera's `join` for texts, in which nothing is escaped.
fn join(list: Value, kwargs: Kwargs, _: &State) -> TeraResult<String> {
    let Some(items) = list.as_array() else { return Err(wrong_type("&[Value]", &list)) };
    let separator = kwargs.get::<&str>("sep")?.unwrap_or_default();
    spend_for_value(&list, CREATE_COST, 1)?;
    spend((items.len() as u64).saturating_mul(separator.len() as u64))?;
    Ok(items.iter().map(Value::to_string).collect::<Vec<_>>().join(separator))
}

/// The same `regex_replace` as in other templates.
fn regex_replace(text: &str, kwargs: Kwargs, _: &State) -> TeraResult<String> {
    let (pattern, rep) = (kwargs.must_get::<&str>("pattern")?, kwargs.must_get::<&str>("rep")?);
    let Some(regex) = with_current_budget(|budget| budget.regex(pattern).map(Some))? else {
        return Ok(text.to_owned());
    };
    spend((text.len() as u64).saturating_mul(regex_weight(pattern)))?;
    // Each reference can stand for the complete match.
    let references = memchr::memchr_iter(b'$', rep.as_bytes()).count() as u64;
    let (mut replaced, mut end) = (String::with_capacity(text.len()), 0);
    for captures in regex.captures_iter(text) {
        let matched = captures.get_match();
        spend((rep.len() as u64).saturating_add(references.saturating_mul(matched.len() as u64)))?;
        // Everything that follows can be scanned before a match is certain.
        spend(COPY_COST + (text.len() - matched.start()) as u64 / BYTES_SCANNED_PER_UNIT)?;
        replaced.push_str(&text[end..matched.start()]);
        captures.expand(rep, &mut replaced);
        end = matched.end();
    }
    replaced.push_str(&text[end..]);
    Ok(replaced)
}

/// The same `matching` as in other templates.
fn matching(text: &str, kwargs: Kwargs, _: &State) -> TeraResult<bool> {
    let pattern = kwargs.must_get::<&str>("pat")?;
    let regex = with_current_budget(|budget| budget.regex(pattern).map(Some))?;
    spend((text.len() as u64).saturating_mul(regex_weight(pattern)))?;
    Ok(regex.is_some_and(|regex| regex.is_match(text)))
}

/// Returns the cost of a regular expression for each byte of a text in the worst case: the number of its parts, with
/// repetitions multiplied.
fn regex_weight(pattern: &str) -> u64 {
    let counts = pattern.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(bounds, _)| {
        bounds.split(',').filter_map(|bound| bound.trim().parse::<u64>().ok()).max().unwrap_or(1).max(1)
    });
    counts.fold(pattern.len().max(1) as u64, u64::saturating_mul)
}

fn wrong_type(expected: &str, value: &Value) -> Error {
    Error::message(format!("expected {expected}, found {}", value.name()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_regular_expression_weighs_as_much_as_its_parts() {
        for (pattern, weight) in [
            ("", 1),
            (r"\w+", 3),
            (r"\p{L}{0}", 8),
            ("(ab{2,}){30, 900}", 17 * 2 * 900),
            ("a{", 2),
            ("{99999999999}{99999999999}", u64::MAX),
        ] {
            assert_eq!(regex_weight(pattern), weight, "{pattern}");
        }
    }
}
