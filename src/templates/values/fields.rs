//! The fields of values, and fingerprints of them.

use serde::Serialize;
use tera::value::Key;
use tera::{Map, Value};

use crate::source::Fingerprint;

/// Receives the fields of a value.
pub(in crate::templates) trait FieldSink {
    /// Sets a field. It replaces one with the same name, or comes after the others.
    fn set<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T);
}

/// The fields of a page or section.
pub(in crate::templates) struct Fields(Map);

/// The number of fields of a page, the most frequent value.
const FIELD_CAPACITY: usize = 29;

impl Fields {
    pub(super) fn new() -> Self {
        Self(Map::with_capacity(FIELD_CAPACITY))
    }

    /// Creates the fields of an existing map.
    pub(in crate::templates) fn from_map(map: &Value) -> Self {
        Self(map.as_map().cloned().unwrap_or_default())
    }

    /// Sets a field to an existing value.
    pub(in crate::templates) fn set_value(&mut self, key: &'static str, value: Value) {
        self.0.insert(Key::Str(key), value);
    }
}

impl FieldSink for Fields {
    fn set<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) {
        self.set_value(key, Value::from_serializable(value));
    }
}

impl From<Fields> for Value {
    fn from(Fields(fields): Fields) -> Self {
        fields.into()
    }
}

/// Computes the fingerprint of fields. Descriptions always set the same fields in the same order, so the fingerprint
/// does not need their names.
#[derive(Default)]
pub(in crate::templates) struct FieldHasher(Vec<u8>);

impl FieldHasher {
    pub(in crate::templates) fn finish(self) -> Fingerprint {
        Fingerprint::of(&self.0)
    }
}

impl FieldSink for FieldHasher {
    fn set<T: Serialize + ?Sized>(&mut self, _: &'static str, value: &T) {
        // Texts and lists include their length, so that different sequences of fields are never the same bytes.
        let extended = postcard::to_extend(value, std::mem::take(&mut self.0));
        debug_assert!(extended.is_ok(), "every field can be serialized");
        self.0 = extended.unwrap_or_default();
    }
}
