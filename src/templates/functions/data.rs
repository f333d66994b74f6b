//! Data from files.

use tera::value::Key;
use tera::{Error, Kwargs, Map, State, TeraResult, Value};

use super::bibtex::parse_bibtex;
use super::files::{find_file, missing_file_error, read_file};
use super::remote::load_remote;
use super::xml::parse_xml;
use crate::diagnostic::{Location, SourceText};
use crate::source::{ScalarValue, YamlNode, YamlScalar, YamlValue, decode, parse_yaml};
use crate::templates::Reader;
use crate::templates::errors::unknown_name_error;

/// The format of data.
#[derive(Clone, Copy, Debug)]
pub(super) enum Format {
    Toml,
    Json,
    Yaml,
    Csv,
    Xml,
    Bibtex,
    Plain,
}

/// `load_data(path | url | literal, format?, required?)`: loads the data in a file, on another server or in a text. The default
/// format is that of the file's extension; anything else stays as it is. For an address also `method`, `body`, `content_type` and
/// `headers`.
pub(super) fn load_data(kwargs: Kwargs, _: &State) -> TeraResult<Value> {
    let reader = Reader::current()?;
    let library = &reader.library;
    let required = kwargs.get("required")?.unwrap_or(true);
    let requested_format = kwargs.get::<&str>("format")?.map(format_of_name).transpose()?;
    let (path, literal) = (kwargs.get::<&str>("path")?, kwargs.get::<&str>("literal")?);
    match (path, literal, kwargs.get::<&str>("url")?) {
        (Some(path), None, None) => {
            let Some(file) = find_file(&reader, path)? else {
                return if required { Err(missing_file_error(library, path)) } else { Ok(Value::none()) };
            };
            let format = match requested_format {
                Some(format) => format,
                None => format_of_file(&file)?,
            };
            library.cached(format!("data {format:?} {file}"), || {
                let source = decode(&file, read_file(library, &file)?)
                    .map_err(|problem| Error::message(format!("`{file}`: {}", problem.message)))?;
                Data { name: format!("`{file}`"), source }.parse(format)
            })
        }
        (None, Some(literal), None) => {
            let source = SourceText { path: "".into(), text: literal.into() };
            Data { name: "the literal".to_owned(), source }.parse(requested_format.unwrap_or(Format::Plain))
        }
        (None, None, Some(url)) => {
            load_remote(&reader, url, &kwargs, (requested_format.unwrap_or(Format::Plain), required))
        }
        _ => Err(Error::message("say what to load with one of `path=`, `url=` and `literal=`")),
    }
}

impl Format {
    /// The media types that a server should choose from.
    pub(super) fn media_types(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv",
            Self::Toml => "application/toml",
            Self::Xml => "text/xml",
            Self::Plain => "text/plain",
            Self::Yaml => "application/x-yaml",
            Self::Bibtex => "application/x-bibtex",
        }
    }
}

/// Returns the format for the argument `format`.
fn format_of_name(name: &str) -> TeraResult<Format> {
    match known_format(name)? {
        Some(format) => Ok(format),
        None => Err(unknown_name_error(
            &format!("there is no format `{name}`"),
            name,
            ["toml", "json", "yaml", "csv", "xml", "bibtex", "plain"],
            "the formats are `toml`, `json`, `yaml`, `csv`, `xml`, `bibtex` and `plain`",
        )),
    }
}

/// Returns the format for a file's extension.
fn format_of_file(path: &str) -> TeraResult<Format> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    Ok(known_format(extension)?.unwrap_or(Format::Plain))
}

fn known_format(name: &str) -> TeraResult<Option<Format>> {
    Ok(Some(match name.to_ascii_lowercase().as_str() {
        "toml" => Format::Toml,
        "json" => Format::Json,
        "yaml" | "yml" => Format::Yaml,
        "csv" => Format::Csv,
        "plain" => Format::Plain,
        "xml" => Format::Xml,
        "bibtex" => Format::Bibtex,
        _ => return Ok(None),
    }))
}

/// Data before it is parsed.
pub(super) struct Data {
    /// The name for errors.
    pub(super) name: String,
    pub(super) source: SourceText,
}

impl Data {
    pub(super) fn parse(&self, format: Format) -> TeraResult<Value> {
        match format {
            Format::Toml => self.toml(),
            Format::Json => self.json(),
            Format::Yaml => self.yaml(),
            Format::Csv => self.csv(),
            Format::Xml => parse_xml(&self.source.text).map_err(|(place, message)| self.parse_error(place, &message)),
            Format::Bibtex => {
                parse_bibtex(&self.source.text).map_err(|(place, message)| self.parse_error(place, &message))
            }
            Format::Plain => Ok(Value::from(&*self.source.text)),
        }
    }

    fn toml(&self) -> TeraResult<Value> {
        let table = toml::from_str::<toml::Table>(&self.source.text).map_err(|error| {
            let place = error.span().and_then(|span| Location::span(&self.source, span).line_column());
            self.parse_error(place, error.message())
        })?;
        Ok(toml_value(toml::Value::Table(table)))
    }

    fn json(&self) -> TeraResult<Value> {
        let data = serde_json::from_str::<serde_json::Value>(&self.source.text).map_err(|error| {
            // The message ends with the location, which the error puts first.
            let message = error.to_string();
            let end = message.rfind(" at line ").unwrap_or(message.len());
            self.parse_error(Some((error.line(), error.column())), &message[..end])
        })?;
        Value::try_from_serializable(&data)
    }

    fn yaml(&self) -> TeraResult<Value> {
        let node = parse_yaml(&self.source, &(0..self.source.text.len())).map_err(|problem| {
            self.parse_error(problem.location.and_then(|location| location.line_column()), &problem.message)
        })?;
        Ok(yaml_value(node))
    }

    /// Parses a table as `headers`, which is its first line, and `records`, which are the others.
    fn csv(&self) -> TeraResult<Value> {
        let mut reader = csv::Reader::from_reader(self.source.text.as_bytes());
        let fields =
            |record: &csv::StringRecord| -> Value { record.iter().map(Value::from).collect::<Vec<_>>().into() };
        let wrong = |error: csv::Error| {
            let line = error.position().map(|place| (usize::try_from(place.line()).unwrap_or(usize::MAX), 1));
            let message = match error.kind() {
                csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
                    format!("the number of fields here is {len}, and in the lines before it {expected_len}")
                }
                _ => error.to_string(),
            };
            self.parse_error(line, &message)
        };
        let headers = fields(reader.headers().map_err(wrong)?);
        let records = reader.records().map(|record| record.map(|record| fields(&record)).map_err(wrong));
        let records = records.collect::<TeraResult<Vec<Value>>>()?;
        let table: Map = [("headers".into(), headers), ("records".into(), records.into())].into_iter().collect();
        Ok(table.into())
    }

    /// Returns the error for malformed data.
    fn parse_error(&self, place: Option<(usize, usize)>, message: &str) -> Error {
        let (name, message) = (&self.name, message.trim_end());
        Error::message(match place {
            Some((line, column)) => format!("{name}, line {line}, column {column}: {message}"),
            None => format!("{name}: {message}"),
        })
    }
}

/// Converts TOML to a value of templates, with dates as text.
fn toml_value(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => text.into(),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => number.into(),
        toml::Value::Boolean(truth) => truth.into(),
        toml::Value::Datetime(date) => date.to_string().into(),
        toml::Value::Array(list) => list.into_iter().map(toml_value).collect::<Vec<_>>().into(),
        toml::Value::Table(table) => {
            table.into_iter().map(|(key, value)| (key.into(), toml_value(value))).collect::<Map>().into()
        }
    }
}

fn yaml_value(node: YamlNode) -> Value {
    let value = match node.value {
        YamlValue::Scalar(YamlScalar { text, value }) => match value {
            ScalarValue::Null => Value::none(),
            ScalarValue::Bool(truth) => truth.into(),
            ScalarValue::Unsigned(number) => number.into(),
            ScalarValue::Negative(number) => number.into(),
            ScalarValue::Float(number) => number.into(),
            ScalarValue::Text => text.into_owned().into(),
        },
        YamlValue::List(items) => items.into_iter().map(yaml_value).collect::<Vec<_>>().into(),
        YamlValue::Map(entries) => {
            entries.into_iter().map(|(key, value)| (yaml_key(key.scalar), yaml_value(value))).collect::<Map>().into()
        }
    };
    match node.tag {
        // A value with a tag that YAML does not define is a table with the tag as its key.
        Some(tag) => [(tag.into(), value)].into_iter().collect::<Map>().into(),
        None => value,
    }
}

fn yaml_key(scalar: YamlScalar) -> Key<'static> {
    match scalar.value {
        ScalarValue::Bool(truth) => Key::Bool(truth),
        ScalarValue::Unsigned(number) => Key::U64(number),
        ScalarValue::Negative(number) => Key::I64(number),
        ScalarValue::Null | ScalarValue::Float(_) | ScalarValue::Text => scalar.text.into(),
    }
}

#[cfg(test)]
mod tests {
    use crate::templates::testing::{blog, blog_with};

    #[test]
    fn data_in_every_format() {
        let blog = blog();
        for (arguments, expected) in [
            (
                "path='data/colours.toml'",
                r##"{"red":"#f00","since":"1999-12-31","shades":[{"of":"blue","on":"2000-01-01T00:00:00Z"}]}"##,
            ),
            ("path='data/people.json'", r#"{"people":[{"name":"Zoë","age":41.5}]}"#),
            ("path='data/menu.yaml'", r#"[{"name":"tea","sizes":[1,2]},{"name":"coffee"}]"#),
            (
                "path='@/posts/leaves.csv'",
                r#"{"headers":["name","price"],"records":[["Assam","4,50"],["Sencha","6"]]}"#,
            ),
            ("path='data/note.txt'", r#""one\ntwo\n""#),
            // From `static/`, `content/` or the theme's `static/`.
            ("path='../data/note.txt'", r#""one\ntwo\n""#),
            ("path='../static/calm.css'", r#""body { color: navy }""#),
            ("path='data/feed.xml'", r#"{"feed":{}}"#),
            ("path='data/feed.xml', format='plain'", r#""\u003cfeed/\u003e""#),
            ("path='data/menu.yaml', format='plain'", r#""- name: tea\n  sizes: [1, 2]\n- name: coffee\n""#),
            ("literal='[1, 2]', format='json'", "[1,2]"),
            ("literal='[1, 2]', format='YML'", "[1,2]"),
            ("literal='[1, 2]'", r#""[1, 2]""#),
        ] {
            let template = format!("{{{{ load_data({arguments}) | json_encode | safe }}}}");
            assert_eq!(blog.render(&template).unwrap(), expected, "{arguments}");
        }
    }

    #[test]
    fn optional_taxonomies_can_be_missing() {
        let blog = blog();
        let template = "{% if load_data(path='no.toml', required=false) is none %}none{% endif %}";
        assert_eq!(blog.render(template).unwrap(), "none");
        let error = blog.render("{{ load_data(path='data/broken.json', required=false) }}").unwrap_err();
        assert!(error.contains("`data/broken.json`, line 3, column 1: trailing comma"), "{error}");
    }

    #[test]
    fn mistakes() {
        let blog = blog_with(&[("data/deep.json", &"[".repeat(100_000))]);
        for (arguments, expected) in [
            ("path='data/colour.toml'", "there is no file `data/colour.toml`; did you mean `data/colours.toml`?"),
            ("path='data/broken.toml'", "`data/broken.toml`, line 2, column 5: "),
            ("path='data/broken.json'", "`data/broken.json`, line 3, column 1: trailing comma"),
            ("path='data/broken.yaml'", "`data/broken.yaml`, line 2, column 2: this is not YAML: "),
            (
                "path='data/broken.csv'",
                "`data/broken.csv`, line 3, column 1: the number of fields here is 1, and in the lines before it 2",
            ),
            ("path='data/deep.json'", "`data/deep.json`, line 1, column 128: recursion limit exceeded"),
            ("literal='a =', format='toml'", "the literal, line 1, column "),
            ("literal='', format='tml'", "there is no format `tml`; did you mean `toml`?"),
            ("literal='', format='ini'", "there is no format `ini`; the formats are `toml`, `json`"),
            ("literal='<a>', format='xml'", "the literal, line 1, column "),
            ("literal='@a{b', format='bibtex'", "the literal, line 1, column 1: this entry has no end"),
            ("url='example.org/a.json'", "`example.org/a.json`: this is not an address"),
            ("url='http://localhost:1/', required=false", "private_hosts = [\"localhost:1\"] in [fetch]"),
            ("url='http://a.example/', method='PUT'", "the method `PUT` is not supported; write `GET` or `POST`"),
            ("url='http://a.example/', headers=['secret']", "a header is written as `name=value`"),
            ("url='http://a.example/', headers=['Host=x']", "the header `host` cannot be set"),
            ("url='http://a.example/', path='x'", "one of `path=`, `url=` and `literal=`"),
            ("format='toml'", "one of `path=`, `url=` and `literal=`"),
            ("path='a', literal='b'", "one of `path=`, `url=` and `literal=`"),
            ("path='../../../../a.toml'", "leads out of the site"),
            ("path='../a.toml'", "there is no file `../a.toml`"),
        ] {
            let error = blog.render(&format!("{{{{ load_data({arguments}) }}}}")).unwrap_err();
            assert!(error.contains(expected), "{arguments}: {error}");
        }
    }
}
