//! An author's own values in a cache: as JSON, because the notation of the cache does not describe itself.

use serde::{Deserialize, Deserializer, Serializer, de, ser};
use serde_json::{Map, Value};

pub(super) fn serialize<S: Serializer>(extra: &Map<String, Value>, serializer: S) -> Result<S::Ok, S::Error> {
    if extra.is_empty() {
        return serializer.serialize_str("");
    }
    serializer.serialize_str(&serde_json::to_string(extra).map_err(ser::Error::custom)?)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Map<String, Value>, D::Error> {
    let text = <&str>::deserialize(deserializer)?;
    if text.is_empty() { Ok(Map::new()) } else { serde_json::from_str(text).map_err(de::Error::custom) }
}
