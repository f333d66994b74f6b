//! Grouping of lists.

use rustc_hash::FxHashMap;
use tera::value::{Key, ValueKind};
use tera::{Error, Kwargs, Map, State, TeraResult, Value};

/// `group_by(attribute)`: groups the values of a list by their value at a path, which must be a text, a whole number,
/// true or false. Values without it are left out.
///
/// Tera's own filter returns the groups in a random order. Here they are in the order of the first value of each group,
/// so that a list sorted by date gives years in order.
pub(super) fn group_by(list: &[Value], kwargs: Kwargs, _: &State) -> TeraResult<Map> {
    if list.is_empty() {
        return Ok(Map::new());
    }
    let attribute = kwargs.must_get::<&str>("attribute")?;
    let mut groups: Vec<(Key<'static>, Vec<Value>)> = Vec::new();
    let mut places: FxHashMap<Key<'static>, usize> = FxHashMap::default();
    for (place, value) in list.iter().enumerate() {
        let Some(attribute_value) = value.get_from_path(attribute) else {
            let type_name = value.name();
            let problem =
                format!("Value at index {place} (a {type_name}) does not have an attribute at path: {attribute}");
            return Err(Error::message(problem));
        };
        if !attribute_value.is_none() {
            let key = key(attribute_value)?;
            let group = *places.entry(key.clone()).or_insert(groups.len());
            if group == groups.len() {
                groups.push((key, Vec::new()));
            }
            groups[group].1.push(value.clone());
        }
    }
    Ok(groups.into_iter().map(|(key, values)| (key, values.into())).collect())
}

/// Converts a value to the key of a map.
fn key(value: &Value) -> TeraResult<Key<'static>> {
    let key = match value.kind() {
        ValueKind::String => value.as_str().map(|text| Key::String(text.into())),
        ValueKind::Bool => value.as_bool().map(Key::Bool),
        ValueKind::F64 => None,
        _ => value.as_i64().map(Key::I64).or(value.as_i128().map(Key::I128)).or(value.as_u128().map(Key::U128)),
    };
    key.ok_or_else(|| Error::message(format!("a {} cannot name a group", value.name())))
}

#[cfg(test)]
mod tests {
    use crate::templates::testing::blog;

    #[test]
    fn groups_come_in_the_order_of_the_list() {
        let blog = blog();
        let list: Vec<String> = (0..40).map(|n| format!("{{'y': {}, 'n': {n}}}", 2000 + n * 7 % 20)).collect();
        let template = format!(
            "{{% for year, items in [{}] | group_by(attribute='y') %}}{{{{ year }}}}:{{% for i in items %}}{{{{ i.n }}}}\
             ,{{% endfor %}} {{% endfor %}}",
            list.join(", ")
        );
        let expected: Vec<String> = (0..20).map(|n| format!("{}:{n},{},", 2000 + n * 7 % 20, n + 20)).collect();
        // Repeated, because a map in random order is sometimes in the right one.
        for _ in 0..5 {
            assert_eq!(blog.render(&template).unwrap().trim(), expected.join(" "));
        }
    }

    #[test]
    fn texts_and_truth_name_groups_too() {
        let blog = blog();
        let groups = |list: &str| {
            blog.render(&format!(
                "{{% for k, v in {list} | group_by(attribute='a.b') %}}{{{{ k }}}}={{{{ v | length }}}};{{% endfor %}}"
            ))
        };
        assert_eq!(groups("[{'a': {'b': 'x'}}, {'a': {'b': 'é'}}, {'a': {'b': 'x'}}]").unwrap(), "x=2;é=1;");
        assert_eq!(groups("[{'a': {'b': true}}, {'a': {'b': none}}]").unwrap(), "true=1;");
        assert_eq!(groups("[]").unwrap(), "");
        assert!(groups("[{'a': {'b': 1}}, {'a': {}}]").is_err());
        assert!(groups("[{'a': {'b': 1.5}}]").is_err());
        assert!(groups("[{'a': {'b': [1]}}]").is_err());
    }
}
