//! The fields of values, and fingerprints of them.

use serde::Serialize;
use tera::value::Key;
use tera::{Map, Value};

use crate::source::Fingerprint;

/// Takes the fields of a value.
pub(in crate::templates) trait FieldSink {
    /// Takes a field: in the place of one with the same name, or behind the others.
    fn set<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T);
}

/// The fields of a page or section.
pub(in crate::templates) struct Fields(Map);

/// As many fields as a page has, of which there are many.
const FIELD_CAPACITY: usize = 29;

impl Fields {
    pub(super) fn new() -> Self {
        Self(Map::with_capacity(FIELD_CAPACITY))
    }

    /// The fields of a map that is there already.
    pub(in crate::templates) fn from_map(map: &Value) -> Self {
        Self(map.as_map().cloned().unwrap_or_default())
    }

    /// Sets a field to a value of templates.
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

/// Makes a fingerprint of fields. Their descriptions set the same ones in the same order, so that their names need not be in
/// it.
#[derive(Default)]
pub(in crate::templates) struct FieldHasher(Vec<u8>);

impl FieldHasher {
    pub(in crate::templates) fn finish(self) -> Fingerprint {
        Fingerprint::of(&self.0)
    }
}

impl FieldSink for FieldHasher {
    fn set<T: Serialize + ?Sized>(&mut self, _: &'static str, value: &T) {
        // Texts and lists carry their length, so that no two sequences of fields are the same bytes.
        let extended = postcard::to_extend(value, std::mem::take(&mut self.0));
        debug_assert!(extended.is_ok(), "every field can be serialized");
        self.0 = extended.unwrap_or_default();
    }
}
