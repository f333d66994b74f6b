//! What the path of a content file says: its section, its language, its date and its slug.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::date::Date;
use crate::diagnostic::{Diagnostic, Location, nearest};
use crate::nfc::nfc;

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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileInfo {
    /// The path from the root of the site: `content/blog/2024-01-02-hello.fr.md`.
    pub path: Arc<str>,
    /// The file's name without language and extension: `2024-01-02-hello`; `index` in a bundle, `_index` of a
    /// section.
    pub name: String,
    /// The code of its language.
    pub lang: String,
    /// The date at the beginning of its name, or of its bundle's folder.
    pub date: Option<Date>,
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
        let own_folder = relative.rsplit_once('/').map_or("", |(folder, _)| folder);
        let relative = nfc(relative);
        let (folder, file) = relative.rsplit_once('/').unwrap_or(("", &relative));
        let stem = file.strip_suffix(".md").unwrap_or(file);
        let (name, lang) = match language(path, stem, languages) {
            Ok(found) => found,
            Err(problem) => {
                problems.push(problem);
                (stem.rsplit_once('.').map_or(stem, |(name, _)| name), languages.default)
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
            colocated_path = (!dated_slug.is_empty()).then(|| format!("{own_folder}/"));
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
                Some(DatePrefix { date: Some(date), slug }) => {
                    info.date = Some(date);
                    if let Some(slug) = slug {
                        info.slug = slug.to_owned();
                    }
                }
                Some(DatePrefix { date: None, .. }) => problems.push(
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
    let Some((name, code)) = stem.rsplit_once('.').filter(|(name, _)| !name.is_empty()) else {
        return Ok((stem, languages.default));
    };
    let codes = || std::iter::once(languages.default).chain(languages.others.iter().map(String::as_str));
    // A site of one language may use dots as it likes, but a section's file has one name only.
    let in_one_language = languages.others.is_empty() && name != "_index";
    if let Some(code) = codes().find(|known| *known == code && !in_one_language) {
        return Ok((name, code));
    }
    if in_one_language || (name != "_index" && !looks_like_language(code)) {
        return Ok((stem, languages.default));
    }
    let guess = codes().find(|known| known.eq_ignore_ascii_case(code)).or_else(|| nearest(code, codes()));
    let table = format!("a table `[languages.{code}]` in the site's configuration");
    Err(Diagnostic::error(format!("the site has no language `{code}`, and this file's name asks for it"))
        .at(Location::file(path))
        .help(match guess {
            Some(known) => format!("did you mean `{name}.{known}.md`? Else write {table}"),
            None => format!("write {table}, or rename the file"),
        }))
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
struct DatePrefix<'a> {
    /// None if it only looks like one: 30 February.
    date: Option<Date>,
    /// What comes after it and a `-` or `_`.
    slug: Option<&'a str>,
}

/// A name that begins with a date: `2018-10-10`, or one with a time in RFC 3339's full form; then perhaps a blank,
/// `-` or `_`, and the rest.
fn leading_date(name: &str) -> Option<DatePrefix<'_>> {
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
        10 => Date::from_day(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?),
        _ => Date::parse(&name[..length]),
    };
    let rest = &name[length..];
    let rest = rest.strip_prefix(char::is_whitespace).unwrap_or(rest);
    let slug = rest.strip_prefix(['-', '_']).filter(|slug| !slug.is_empty());
    Some(DatePrefix { date, slug })
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

#[cfg(test)]
mod tests {
    use super::*;

    fn read(path: &str, others: &[&str]) -> (FileInfo, Vec<Diagnostic>) {
        let others: Vec<String> = others.iter().map(|code| (*code).to_owned()).collect();
        FileInfo::new(path, &Languages { default: "en", others: &others })
    }

    fn info(path: &str) -> FileInfo {
        let (info, problems) = read(path, &["fr", "pt-BR"]);
        assert_eq!(problems, [], "{path}");
        info
    }

    #[test]
    fn a_page_belongs_to_the_section_of_its_folder() {
        let page = info("content/posts/tutorials/python.md");
        assert_eq!(page.relative(), "posts/tutorials/python.md");
        assert_eq!((page.folder(), page.parent()), ("posts/tutorials", Some("posts/tutorials")));
        assert_eq!((page.name.as_str(), page.slug.as_str(), page.lang.as_str()), ("python", "python", "en"));
        assert_eq!(page.components, ["posts", "tutorials"]);
        assert_eq!((page.canonical.as_str(), page.colocated_path), ("posts/tutorials/python", None));
        assert_eq!(info("content/about.md").parent(), Some(""));
    }

    #[test]
    fn a_bundle_is_called_after_its_folder_and_belongs_to_the_one_above() {
        for (path, lang) in [("content/posts/python/index.md", "en"), ("content/posts/python/index.fr.md", "fr")] {
            let page = info(path);
            assert_eq!((page.name.as_str(), page.slug.as_str(), page.lang.as_str()), ("index", "python", lang));
            assert_eq!((page.folder(), page.parent()), ("posts/python", Some("posts")));
            assert_eq!(page.components, ["posts"]);
            assert_eq!(page.colocated_path.as_deref(), Some("posts/python/"));
            assert_eq!(page.canonical, "posts/python/index");
        }
        assert_eq!(info("content/about/index.md").parent(), Some(""));
    }

    #[test]
    fn an_index_in_the_content_folder_is_the_page_at_the_root() {
        let page = info("content/index.md");
        assert_eq!((page.slug.as_str(), page.colocated_path.as_deref(), page.parent()), ("", None, Some("")));
        assert!(page.components.is_empty());
    }

    #[test]
    fn a_section_is_its_folder() {
        let section = info("content/posts/2024-01-02/_index.pt-BR.md");
        assert!(section.is_section());
        assert_eq!((section.lang.as_str(), section.canonical.as_str()), ("pt-BR", "posts/2024-01-02/_index"));
        assert_eq!((section.folder(), section.parent()), ("posts/2024-01-02", Some("posts")));
        assert_eq!((section.components.len(), section.date), (2, None));
        assert_eq!(info("content/posts/_index.md").parent(), Some(""));
        assert_eq!(info("content/_index.md").parent(), None);
        assert!(!info("content/posts/my_index.md").is_section());
    }

    #[test]
    fn translations_share_what_comes_before_the_language() {
        for path in ["content/a/b.md", "content/a/b.en.md", "content/a/b.fr.md", "content/a/b.pt-BR.md"] {
            assert_eq!(info(path).canonical, "a/b", "{path}");
            assert_eq!(info(path).slug, "b", "{path}");
        }
        assert_eq!(info("content/v1.2.fr.md").name, "v1.2");
    }

    #[test]
    fn dots_that_name_no_language_are_part_of_the_name() {
        let (page, problems) = read("content/a/python.fr.md", &[]);
        assert_eq!((page.name.as_str(), page.lang.as_str(), problems), ("python.fr", "en", vec![]));
        for name in ["release-1.2", "a.final", "a.b c", ".fr"] {
            assert_eq!(info(&format!("content/{name}.md")).name, name);
        }
    }

    #[test]
    fn a_language_that_the_site_does_not_have_is_told() {
        for (path, others) in [
            ("content/python.it.md", &["fr"][..]),
            ("content/python/index.zh-Hant.md", &["fr"]),
            ("content/_index.draft.md", &["fr"]),
            ("content/_index.fr.md", &[]),
        ] {
            assert_eq!(read(path, others).1.len(), 1, "{path}");
        }
    }

    #[test]
    fn a_name_may_begin_with_a_date() {
        for (name, date, slug) in [
            ("2018-10-10-hello-world", "2018-10-10", "hello-world"),
            ("2018-10-10_hello", "2018-10-10", "hello"),
            ("2021-01-23 -hello new world", "2021-01-23", "hello new world"),
            ("2018-10-10", "2018-10-10", "2018-10-10"),
            ("2018-10-10-", "2018-10-10", "2018-10-10-"),
            ("2018-10-10hello", "2018-10-10", "2018-10-10hello"),
            ("2018-10-02T15:00:00Z-hello", "2018-10-02T15:00:00Z", "hello"),
            ("2018-10-02T15:00:00.5Z-hello", "2018-10-02T15:00:00.5Z", "hello"),
            ("2018-10-02T15:00:00+02:00_hello", "2018-10-02T15:00:00+02:00", "hello"),
            ("2018-10-02T15-hello", "2018-10-02", "2018-10-02T15-hello"),
            ("2018-10-02-żółć", "2018-10-02", "żółć"),
        ] {
            for path in [format!("content/blog/{name}.md"), format!("content/blog/{name}/index.md")] {
                let page = info(&path);
                let found = page.date.as_ref().map(|date| date.text.as_str());
                assert_eq!((found, page.slug.as_str(), page.dated_slug.as_str()), (Some(date), slug, name), "{path}");
            }
        }
    }

    #[test]
    fn other_numbers_are_no_dates() {
        for name in ["2018", "2018-13-01-a", "18-10-10-a", "2018-1-1-a", "2018_10_10-a", "٢٠١٨-10-10-a", "a-2018-10-10"]
        {
            let page = info(&format!("content/{name}.md"));
            assert_eq!((page.date, page.slug.as_str()), (None, name));
        }
    }
}
