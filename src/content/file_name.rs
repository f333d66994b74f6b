//! What the path of a content file says: its section, its language, its date and its slug.

use std::sync::Arc;

use super::date::Moment;
use crate::diagnostic::{Diagnostic, Location, nearest};

/// The languages of the site.
#[derive(Clone, Copy, Debug)]
pub struct Languages<'a> {
    /// The code of the language of files that name none.
    pub default: &'a str,
    /// The codes of the others.
    pub others: &'a [String],
}

/// What the path of a content file says. Folders are named without `content/`, and with `/` between their parts;
/// the content folder itself is `""`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileInfo {
    /// The path from the root of the site: `content/blog/2024-01-02-hello.fr.md`.
    pub path: Arc<str>,
    /// The file's name without language and extension: `2024-01-02-hello`; `index` in a bundle, `_index` of a
    /// section.
    pub name: String,
    /// The code of its language.
    pub lang: String,
    /// The date at the beginning of its name, or of its bundle's folder.
    pub date: Option<Moment>,
    /// What its address ends with unless its front matter says otherwise, not yet made fit for one: the name of the
    /// file or of its bundle's folder, without a date before it. Empty for `index.md` in the content folder itself,
    /// which is the page at the root, and for the root section.
    pub slug: String,
    /// The same with the date left in (for `slugify.paths_keep_dates`).
    pub dated_slug: String,
    /// The path without language and extension, from the content folder: `blog/2024-01-02-hello`, `blog/post/index`.
    /// Translations of one another have the same.
    pub canonical: String,
    /// The bundle's folder, with a `/` at its end, as templates see it: `blog/post/` of `blog/post/index.md`.
    pub colocated_path: Option<String>,
    /// The folders that its address is made of: those of its section; for a section, its own too. A bundle's folder
    /// is none of them.
    pub components: Vec<String>,
}

impl FileInfo {
    /// Reads a path below `content/` that ends in `.md`. Problems: a language that the site does not have, a date
    /// that is no day of the calendar.
    pub fn new(path: &str, languages: &Languages<'_>) -> (Self, Vec<Diagnostic>) {
        let mut problems = Vec::new();
        let relative = path.strip_prefix("content/").unwrap_or(path);
        let (folder, file) = relative.rsplit_once('/').unwrap_or(("", relative));
        let stem = file.strip_suffix(".md").unwrap_or(file);
        let (name, lang) = match language(path, stem, languages) {
            Ok(found) => found,
            Err(problem) => {
                problems.push(problem);
                (stem, languages.default)
            }
        };
        let mut components: Vec<String> = folder.split('/').filter(|c| !c.is_empty()).map(str::to_owned).collect();
        let canonical = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
        let mut colocated_path = None;
        let mut dated_slug = name.to_owned();
        if name == "_index" {
            dated_slug = components.last().cloned().unwrap_or_default();
        } else if name == "index" {
            dated_slug = components.pop().unwrap_or_default();
            colocated_path = (!dated_slug.is_empty()).then(|| format!("{folder}/"));
        }
        let mut info = Self {
            path: path.into(),
            name: name.to_owned(),
            lang: lang.to_owned(),
            date: None,
            slug: dated_slug.clone(),
            dated_slug,
            canonical,
            colocated_path,
            components,
        };
        if !info.is_section() {
            match leading_date(&info.dated_slug) {
                Some(Dated { date: Some(date), slug }) => {
                    info.date = Some(date);
                    if let Some(slug) = slug {
                        info.slug = slug.to_owned();
                    }
                }
                Some(Dated { date: None, .. }) => problems.push(
                    Diagnostic::warning("the date at the beginning of this name is no day of the calendar")
                        .at(Location::file(path))
                        .help("correct it, or give the page a `slug` and rename the file"),
                ),
                None => {}
            }
        }
        (info, problems)
    }

    /// Whether this is the file of a section: `_index.md`, in any language.
    pub fn is_section(&self) -> bool {
        self.name == "_index"
    }

    /// The path from the content folder: `blog/2024-01-02-hello.fr.md`. Internal links name files by it.
    pub fn relative(&self) -> &str {
        self.path.strip_prefix("content/").unwrap_or(&self.path)
    }

    /// The folder that the file lies in.
    pub fn folder(&self) -> &str {
        self.relative().rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// The folder whose section this belongs to: of a bundle, the folder above its own; of a section, the one above
    /// its own, and none for the root.
    pub fn parent(&self) -> Option<&str> {
        let folder = self.folder();
        let above = |folder: &str| folder.rfind('/').unwrap_or(0);
        if self.is_section() {
            (!folder.is_empty()).then(|| &folder[..above(folder)])
        } else if self.colocated_path.is_some() {
            Some(&folder[..above(folder)])
        } else {
            Some(folder)
        }
    }
}

/// The name without the language at its end, and the language.
fn language<'a>(path: &str, stem: &'a str, languages: &Languages<'a>) -> Result<(&'a str, &'a str), Diagnostic> {
    // A site of one language may use dots as it likes.
    if languages.others.is_empty() {
        return Ok((stem, languages.default));
    }
    let Some((name, code)) = stem.rsplit_once('.').filter(|(name, _)| !name.is_empty()) else {
        return Ok((stem, languages.default));
    };
    let codes = || std::iter::once(languages.default).chain(languages.others.iter().map(String::as_str));
    if let Some(code) = codes().find(|known| *known == code) {
        return Ok((name, code));
    }
    if !looks_like_language(code) {
        return Ok((stem, languages.default));
    }
    let guess = match nearest(code, codes()) {
        Some(known) => format!("did you mean `{name}.{known}.md`? "),
        None => String::new(),
    };
    Err(Diagnostic::error(format!("the site has no language `{code}`, and this file's name asks for it"))
        .at(Location::file(path))
        .help(format!("{guess}A language needs a table `[languages.{code}]` in the site's configuration")))
}

/// Whether a part of a name could be a code of a language, like `fr` or `pt-BR`; `2` and `draft` are none.
fn looks_like_language(code: &str) -> bool {
    let mut parts = code.split('-');
    let first = parts.next().unwrap_or("");
    matches!(first.len(), 2..=3)
        && first.bytes().all(|b| b.is_ascii_alphabetic())
        && parts.all(|part| matches!(part.len(), 2..=8) && part.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// A date at the beginning of a name.
struct Dated<'a> {
    /// None if it only looks like one: 30 February.
    date: Option<Moment>,
    /// What comes after it and a `-` or `_`.
    slug: Option<&'a str>,
}

/// A name that begins with a date: `2018-10-10`, or one with a time in RFC 3339's full form; then perhaps a blank,
/// `-` or `_`, and the rest.
fn leading_date(name: &str) -> Option<Dated<'_>> {
    let bytes = name.as_bytes();
    let number = |from: usize, to: usize| -> Option<i16> {
        let digits = bytes.get(from..to)?;
        digits.iter().try_fold(0, |sum: i16, digit| {
            digit.is_ascii_digit().then(|| sum.checked_mul(10)?.checked_add(i16::from(digit - b'0')))?
        })
    };
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    if bytes[4] != b'-' || bytes[7] != b'-' || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let length = 10 + time_length(&bytes[10..]);
    let date = match length {
        10 => Moment::from_day(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?),
        _ => Moment::parse(&name[..length]),
    };
    let rest = &name[length..];
    let rest = rest.strip_prefix(char::is_whitespace).unwrap_or(rest);
    let slug = rest.strip_prefix(['-', '_']).filter(|slug| !slug.is_empty());
    Some(Dated { date, slug })
}

/// The length of `T10:00:00`, a fraction or none, and `Z` or `+02:00`; 0 if there is no such thing.
fn time_length(bytes: &[u8]) -> usize {
    fn shape(bytes: &[u8], shape: &[u8]) -> bool {
        bytes.len() >= shape.len()
            && shape.iter().zip(bytes).all(|(s, b)| if *s == b'0' { b.is_ascii_digit() } else { s == b })
    }
    if !shape(bytes, b"T00:00:00") {
        return 0;
    }
    let mut length = 9;
    if bytes.get(length) == Some(&b'.') {
        let digits = bytes[length + 1..].iter().take_while(|b| b.is_ascii_digit()).count();
        length += if digits == 0 { 0 } else { 1 + digits };
    }
    match bytes.get(length) {
        Some(b'Z') => length + 1,
        Some(b'+') if shape(&bytes[length..], b"+00:00") => length + 6,
        Some(b'-') if shape(&bytes[length..], b"-00:00") => length + 6,
        _ => 0,
    }
}
