//! The filters for lists that became expressions: `concat`, `slice`, `map`, `filter`; and `addslashes`.

use super::ast::{Expression, ExpressionKind, Filter, Step};
use super::project::unquoted;
use super::rewriter::{Rewriter, Use};

/// Names of fields that are lists.
const LISTS: [&str; 8] = ["pages", "subsections", "terms", "items", "children", "tags", "categories", "authors"];
/// Functions whose result is one thing.
const SINGLE: [&str; 6] =
    ["get_page", "get_section", "get_url", "get_taxonomy_url", "get_image_metadata", "resize_image"];

/// Whether a value is a list.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    List,
    Single,
    Unknown,
}

impl<'a> Rewriter<'a> {
    /// Returns the expression that takes the place of a filter; none if there is none for its arguments.
    pub fn replaced_filter(&mut self, filter: &Filter<'a>, input: &str) -> Option<String> {
        match filter.name {
            "concat" => self.concat(filter, input),
            "slice" => Some(self.slice(filter, input)),
            "map" => self.map(filter, input),
            "filter" => self.filter_list(filter, input),
            "addslashes" => Some(format!(
                r#"{input} | replace(from="\\", to="\\\\") | replace(from="\"", to="\\\"") | replace(from="'", to="\\'")"#
            )),
            _ => None,
        }
    }

    /// `a | concat(with=b)`: `[...a, b]`, or `[...a, ...b]` for a list.
    fn concat(&mut self, filter: &Filter<'a>, input: &str) -> Option<String> {
        let with = filter.arguments.get("with")?;
        let new = self.expression(with, Use::Value);
        // Both are lists that are written out: their items follow each other.
        let before = match filter.input.kind {
            ExpressionKind::List(ref items) if items.is_empty() => String::new(),
            ExpressionKind::List(_) => format!("{}, ", inner_items(input)),
            _ => format!("...{}, ", in_brackets(input)),
        };
        let after = match (&with.kind, shape(with)) {
            (ExpressionKind::List(_), _) => inner_items(&new).to_owned(),
            (_, Shape::List) => format!("...{}", in_brackets(&new)),
            (_, Shape::Single) => new,
            // The value may be a list or one item.
            (_, Shape::Unknown) => format!("...({new} if {} is array else [{new}])", in_brackets(&new)),
        };
        Some(format!("[{before}{after}]"))
    }

    /// `a | slice(start=1, end=3)`: `a[1:3]`
    fn slice(&mut self, filter: &Filter<'a>, input: &str) -> String {
        let mut bound = |name: &str| match filter.arguments.get(name) {
            Some(value) => {
                let is_simple =
                    matches!(value.kind, ExpressionKind::Literal | ExpressionKind::Path(_) | ExpressionKind::Group(_));
                let new = self.expression(value, Use::Value);
                if is_simple { new } else { format!("({new})") }
            }
            None => String::new(),
        };
        let (start, end) = (bound("start"), bound("end"));
        let is_simple = matches!(filter.input.kind, ExpressionKind::Path(_) | ExpressionKind::Group(_))
            || input.starts_with('(') && input.ends_with(')') && !input[1..].contains('(');
        let input = if is_simple { input.to_owned() } else { format!("({input})") };
        format!("{input}[{start}:{end}]")
    }

    /// `a | map(attribute="b")`: `[item.b for item in a if …]`
    fn map(&mut self, filter: &Filter<'a>, input: &str) -> Option<String> {
        let steps = self.attribute(filter)?;
        let item = unused_name(input, "");
        let value = field(&item, &steps);
        let found = optional_field(&item, &steps);
        Some(format!("[{value} for {item} in {} if {found} is defined and {found} is not none]", in_brackets(input)))
    }

    /// `a | filter(attribute="b", value=c)`: `[item for item in a if item.b == c]`
    fn filter_list(&mut self, filter: &Filter<'a>, input: &str) -> Option<String> {
        let steps = self.attribute(filter)?;
        let wanted = filter.arguments.get("value");
        let is_simple = wanted.is_none_or(|value| {
            !matches!(value.kind, ExpressionKind::Operation { .. } | ExpressionKind::Not(_) | ExpressionKind::Test(_))
        });
        let wanted = wanted.map(|value| self.expression(value, Use::Value));
        let item = unused_name(input, wanted.as_deref().unwrap_or_default());
        let found = optional_field(&item, &steps);
        let condition = match wanted {
            Some(wanted) if is_simple => format!("{found} == {wanted}"),
            Some(wanted) => format!("{found} == ({wanted})"),
            None => format!("{found} is defined and {found} is not none"),
        };
        Some(format!("[{item} for {item} in {} if {condition}]", in_brackets(input)))
    }

    /// Returns the steps of a filter's argument `attribute`, if it is a quoted text.
    fn attribute(&self, filter: &Filter<'a>) -> Option<Vec<String>> {
        let attribute = filter.arguments.get("attribute")?;
        if !matches!(attribute.kind, ExpressionKind::Text) {
            return None;
        }
        // Tera 1 took `.0` for `0`.
        let path = unquoted(&self.text[attribute.span.clone()]).trim_start_matches('.');
        let steps: Vec<String> = path.split('.').map(str::to_owned).collect();
        let is_valid = |step: &String| !step.is_empty() && !step.contains(['"', '\\', '{', '}', '%']);
        steps.iter().all(is_valid).then_some(steps)
    }
}

/// Returns the items of a list that is written out, without its brackets.
fn inner_items(list: &str) -> &str {
    list.strip_prefix('[').and_then(|list| list.strip_suffix(']')).unwrap_or(list).trim().trim_end_matches(',')
}

/// Puts an expression with operators into brackets.
fn in_brackets(expression: &str) -> String {
    let is_simple = !expression.contains([' ', '|']) || expression.starts_with('[') && expression.ends_with(']');
    if is_simple { expression.to_owned() } else { format!("({expression})") }
}

/// Returns a name for the items of a list that the texts do not contain.
fn unused_name(first: &str, second: &str) -> String {
    let is_used = |name: &str| first.contains(name) || second.contains(name);
    ["item", "entry", "element"].into_iter().find(|name| !is_used(name)).unwrap_or("one_item").to_owned()
}

fn field(item: &str, steps: &[String]) -> String {
    join(item, steps, |_| "")
}

/// Returns a field that may be missing on each level.
fn optional_field(item: &str, steps: &[String]) -> String {
    join(item, steps, |number| if number == 0 { "" } else { "?" })
}

fn join(item: &str, steps: &[String], optional: impl Fn(usize) -> &'static str) -> String {
    let mut text = item.to_owned();
    for (number, step) in steps.iter().enumerate() {
        let is_name = step.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            && !step.starts_with(|c: char| c.is_ascii_digit());
        let optional = optional(number);
        match step.parse::<usize>() {
            Ok(index) => text.push_str(&format!("{optional}[{index}]")),
            Err(_) if is_name => text.push_str(&format!("{optional}.{step}")),
            Err(_) => text.push_str(&format!("{optional}[\"{step}\"]")),
        }
    }
    text
}

/// Whether an expression is a list, as far as it shows.
fn shape(expression: &Expression) -> Shape {
    match &expression.kind {
        ExpressionKind::List(_) => Shape::List,
        ExpressionKind::Text | ExpressionKind::Literal | ExpressionKind::Content => Shape::Single,
        ExpressionKind::Operation { .. } | ExpressionKind::Not(_) | ExpressionKind::Test(_) => Shape::Single,
        ExpressionKind::Group(inner) => shape(inner),
        ExpressionKind::Call(call) if call.namespace.is_some() || SINGLE.contains(&call.name) => Shape::Single,
        ExpressionKind::Call(call) if call.name == "range" => Shape::List,
        ExpressionKind::Call(_) => Shape::Unknown,
        ExpressionKind::Path(path) => match path.steps.last() {
            Some(Step::Field(name)) if LISTS.contains(name) => Shape::List,
            Some(Step::Field("permalink" | "path" | "title" | "slug" | "name")) => Shape::Single,
            None if matches!(path.root, "page" | "section") => Shape::Single,
            _ => Shape::Unknown,
        },
        ExpressionKind::Filter(filter) => match filter.name {
            "concat" | "slice" | "map" | "filter" | "sort" | "unique" | "split" | "reverse" | "keys" => Shape::List,
            "default" => shape(&filter.input),
            "first" | "last" | "nth" | "get" | "safe" => Shape::Unknown,
            _ => Shape::Single,
        },
    }
}
