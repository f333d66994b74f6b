//! The query of an address. It is decoded as strictly as a posted form: a query that is not UTF-8 has no fields.

use crate::replies::{Fields, fields};

/// Returns the fields of a query in their order.
pub fn pairs(query: Option<&str>) -> Fields<'_> {
    fields(query.unwrap_or_default().as_bytes()).unwrap_or_default()
}

/// Returns the first value of a field, or an empty text if the query does not have the field.
pub fn value(query: Option<&str>, name: &str) -> String {
    let found = pairs(query).into_iter().find(|(found, _)| found == name);
    found.map(|(_, value)| value.into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_read_as_a_form_is() {
        let value = |query: &str, name| value(Some(query), name);
        assert_eq!(value("a=1&page=%2Fth%C3%A9%2Ftea+time%2F&page=2", "page"), "/thé/tea time/");
        for query in ["", "page", "page=", "pages=1", "page=%ff"] {
            assert_eq!(value(query, "page"), "", "{query}");
        }
    }
}
