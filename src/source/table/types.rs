//! Values of wrong types, and what to write instead.

use super::{FromValue, KeyContext, SpannedList, Table};
use crate::source::value::{Node, Notation, Value};

impl<'s> Table<'s, '_> {
    /// Reads the items of a list.
    pub(super) fn items<T: FromValue>(&self, key: &str, node: &Node) -> Option<SpannedList<T>> {
        let Value::List(items) = &node.value else {
            let message = format!("`{key}` should be {}, not {}", T::EXPECTED_LIST, T::found(node));
            let help = self.type_help(key, node).unwrap_or_else(|| {
                // One value instead of a list of one.
                let written = T::from_node(node).map(|_| self.written(node)).filter(|text| !text.contains('\n'));
                let (start, item) = written.map_or(("for example:", T::EXAMPLE), |item| ("write it as a list:", item));
                format!("{start} {}", self.notation().pair(key, &format!("[{item}]")))
            });
            self.reading.error(node.span.clone(), message, help);
            return None;
        };
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            match T::from_node(item) {
                Some(value) => values.push((value, item.span.clone())),
                None => {
                    let message = format!("each item of `{key}` should be {}, not {}", T::EXPECTED, T::found(item));
                    let help = match T::correction(item, self.written(item)) {
                        Some(correction) => format!("write `{correction}`"),
                        None => format!("for example: {}", self.notation().pair(key, &format!("[{}]", T::EXAMPLE))),
                    };
                    self.reading.error(item.span.clone(), message, help);
                }
            }
        }
        Some(values)
    }

    /// Reports a value of a wrong type.
    pub(super) fn wrong_value<T: FromValue>(&self, key: &str, node: &Node) {
        let help = self.type_help(key, node).unwrap_or_else(|| T::help(key, node, self.written(node), self.notation()));
        let message = format!("`{key}` should be {}, not {}", T::EXPECTED, T::found(node));
        self.reading.error(node.span.clone(), message, help);
    }

    /// Reports a value that should be a table.
    pub(super) fn wrong_table(&self, key: &str, name: &str, node: &Node) {
        let help = self.type_help(key, node).unwrap_or_else(|| {
            let heading = self.notation().heading(name);
            match self.notation() {
                Notation::Toml => format!("write {heading} on a line of its own, and its keys on the lines below"),
                Notation::Yaml => format!("write {heading}, and its keys on the lines below, indented"),
            }
        });
        self.reading.error(node.span.clone(), format!("`{key}` should be a table, not {}", node.value.kind()), help);
    }

    fn type_help(&self, key: &str, node: &Node) -> Option<String> {
        let context =
            KeyContext { table: &self.name, key, value: &node.value, known: &self.known, notation: self.notation() };
        (self.reading.rules.type_help)(&context)
    }

    /// A value as it is written in the file.
    fn written(&self, node: &Node) -> &'s str {
        self.reading.source.text.get(node.span.clone()).unwrap_or_default()
    }
}
