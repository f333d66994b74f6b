//! The databases of Isso and Cusdis. Reading them needs SQLite itself, which Causerie has only with its feature `sqlite`.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::model::Sink;

/// How a database begins (<https://www.sqlite.org/fileformat2.html#magic_header_string>).
const HEADER: &[u8; 16] = b"SQLite format 3\0";

/// Whether a file is a database of SQLite.
pub fn is_database(path: &Path) -> io::Result<bool> {
    let mut head = Vec::new();
    File::open(path)?.take(HEADER.len() as u64).read_to_end(&mut head)?;
    Ok(head == HEADER)
}

/// Reads a database.
#[cfg(not(feature = "sqlite"))]
pub fn read(_: &Path, _: &mut dyn Sink) -> io::Result<()> {
    Err(io::Error::new(
        io::ErrorKind::Unsupported,
        "it is a database of SQLite. Write its tables as JSON with `sqlite3 -json FILE \"SELECT * FROM threads; SELECT * FROM comments\"` \
         (for Cusdis, `pages` instead of `threads`) and import that, or build Causerie with `--features sqlite`",
    ))
}

/// Reads a database.
#[cfg(feature = "sqlite")]
pub fn read(path: &Path, sink: &mut dyn Sink) -> io::Result<()> {
    use rusqlite::{Connection, OpenFlags};

    let failed = |error: rusqlite::Error| io::Error::new(io::ErrorKind::InvalidData, error);
    let database = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(failed)?;
    let has = |table: &str| database.table_exists(None, table).map_err(failed);
    let (first, take): (_, fn(&serde_json::Value, u64, &mut dyn Sink) -> io::Result<()>) = match () {
        () if has("threads")? && has("comments")? => ("threads", super::isso::row),
        () if has("pages")? && has("comments")? => ("pages", super::cusdis::row),
        () => return Err(io::Error::new(io::ErrorKind::InvalidData, "it is no database of Isso or Cusdis")),
    };
    for table in [first, "comments"] {
        let mut statement = database.prepare(&format!("SELECT * FROM {table}")).map_err(failed)?;
        let names: Vec<String> = statement.column_names().into_iter().map(str::to_owned).collect();
        let mut rows = statement.query([]).map_err(failed)?;
        let mut number = 0;
        while let Some(row) = rows.next().map_err(failed)? {
            number += 1;
            let mut object = serde_json::Map::new();
            for (column, name) in names.iter().enumerate() {
                object.insert(name.clone(), json(row.get_ref(column).map_err(failed)?));
            }
            take(&object.into(), number, sink)?;
        }
    }
    Ok(())
}

#[cfg(feature = "sqlite")]
fn json(value: rusqlite::types::ValueRef<'_>) -> serde_json::Value {
    use rusqlite::types::ValueRef;
    match value {
        ValueRef::Integer(number) => number.into(),
        ValueRef::Real(number) => number.into(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into(),
        ValueRef::Null | ValueRef::Blob(_) => serde_json::Value::Null,
    }
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use super::*;
    use crate::import::model::ItemKind;
    use crate::import::store::Store;

    #[test]
    fn a_database_of_isso_is_read() {
        let root = tempfile::tempdir().expect("a folder");
        let path = root.path().join("comments.db");
        let database = rusqlite::Connection::open(&path).expect("a database");
        database
            .execute_batch(
                "CREATE TABLE threads (id INTEGER PRIMARY KEY, uri VARCHAR(256), title VARCHAR(256));
                 CREATE TABLE comments (tid, id INTEGER PRIMARY KEY, parent INTEGER, created FLOAT, mode INTEGER, text VARCHAR, author VARCHAR, voters BLOB);
                 INSERT INTO threads VALUES (1, '/tea/', 'Tea');
                 INSERT INTO comments VALUES (1, 7, NULL, 1370573402.5, 1, 'Words', 'Jo', x'00ff');",
            )
            .expect("tables");
        drop(database);
        assert!(is_database(&path).expect("a file"));
        let mut store = Store::new().expect("a store");
        read(&path, &mut store).expect("a database");
        assert_eq!((store.threads[0].url.as_str(), store.report.counts[&ItemKind::Comments].read), ("/tea/", 1));
        std::fs::write(&path, HEADER).expect("a file");
        assert!(read(&path, &mut store).is_err());
    }
}
