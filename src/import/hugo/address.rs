//! The addresses that Hugo gives to pages (<https://gohugo.io/content-management/urls/>).

use jiff::civil::Date;

/// What an address is made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AddressParts {
    /// The day of the page.
    pub date: Option<Date>,
    /// The folders that it lies in.
    pub sections: Vec<String>,
    /// The name of its file, or of its bundle's folder.
    pub name: String,
    /// `slug` of the front matter.
    pub slug: Option<String>,
    /// The title.
    pub title: String,
}

/// The address where no pattern says another.
pub fn default(parts: &AddressParts, is_lower: bool) -> String {
    let own = parts.slug.as_ref().unwrap_or(&parts.name);
    let sections: String = parts.sections.iter().map(|section| format!("{}/", clean(section, is_lower))).collect();
    let own = clean(own, is_lower);
    if own.is_empty() { format!("/{sections}") } else { format!("/{sections}{own}/") }
}

/// Fills a pattern of `permalinks`.
pub fn fill(pattern: &str, parts: &AddressParts, is_lower: bool) -> String {
    let segments = pattern.split('/').map(|segment| {
        let mut out = String::new();
        let mut rest = segment;
        while let Some(at) = rest.find(':') {
            out.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            let length = rest.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(rest.len());
            match value(&rest[..length], parts, is_lower) {
                Some(value) => out.push_str(&value),
                None => {
                    out.push(':');
                    out.push_str(&rest[..length]);
                }
            }
            rest = &rest[length..];
            // `:sections[1:]` takes some of them.
            if rest.starts_with('[') {
                rest = rest.split_once(']').map_or("", |(_, rest)| rest);
            }
        }
        out + rest
    });
    let path = segments.filter(|segment| !segment.is_empty()).collect::<Vec<_>>().join("/");
    let is_file = path.rsplit('/').next().is_some_and(|last| last.ends_with(".html") || last.ends_with(".htm"));
    match (path.is_empty(), is_file) {
        (true, _) => "/".to_owned(),
        (_, true) => format!("/{path}"),
        _ => format!("/{path}/"),
    }
}

fn value(token: &str, parts: &AddressParts, is_lower: bool) -> Option<String> {
    let date = |format: &dyn Fn(Date) -> String| Some(parts.date.map_or_else(String::new, format));
    let name = || clean(&parts.name, is_lower);
    let title = || clean(&parts.title, is_lower);
    let slug = || parts.slug.as_ref().map(|slug| clean(slug, is_lower));
    match token {
        "year" => date(&|date| format!("{:04}", date.year())),
        "month" => date(&|date| format!("{:02}", date.month())),
        "monthname" => date(&|date| month(date.month())),
        "day" => date(&|date| format!("{:02}", date.day())),
        "weekday" => date(&|date| date.weekday().to_sunday_zero_offset().to_string()),
        "weekdayname" => date(&|date| format!("{:?}", date.weekday())),
        "yearday" => date(&|date| date.day_of_year().to_string()),
        "section" => Some(parts.sections.first().map(|section| clean(section, is_lower)).unwrap_or_default()),
        "sections" => Some(parts.sections.iter().map(|section| clean(section, is_lower)).collect::<Vec<_>>().join("/")),
        "title" => Some(title()),
        "slug" => Some(slug().unwrap_or_else(title)),
        "filename" | "contentbasename" => Some(name()),
        "slugorfilename" | "slugorcontentbasename" => Some(slug().unwrap_or_else(name)),
        _ => None,
    }
}

fn month(number: i8) -> String {
    const NAMES: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let name = NAMES[usize::from(number.unsigned_abs()).clamp(1, 12) - 1];
    name[..1].to_uppercase() + &name[1..]
}

/// A part of an address: letters, digits and a few signs stay, spaces become hyphens.
pub fn clean(text: &str, is_lower: bool) -> String {
    let mut out = String::new();
    for c in text.trim().chars() {
        if c.is_alphanumeric() || matches!(c, '.' | '_' | '#' | '+' | '~' | '-' | '@' | '/') {
            out.push(c);
        } else if c.is_whitespace() && !out.ends_with('-') {
            out.push('-');
        }
    }
    let out = out.trim_matches('-').replace('#', "");
    if is_lower { out.to_lowercase() } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_give_addresses() {
        let parts = AddressParts {
            date: Date::new(2019, 5, 1).ok(),
            sections: vec!["Blog".to_owned(), "a b".to_owned()],
            name: "My File".to_owned(),
            slug: None,
            title: "What's New? C#".to_owned(),
        };
        let with_slug = AddressParts { slug: Some("the-slug".to_owned()), ..parts.clone() };
        assert_eq!(default(&parts, true), "/blog/a-b/my-file/");
        assert_eq!(default(&parts, false), "/Blog/a-b/My-File/");
        assert_eq!(default(&with_slug, true), "/blog/a-b/the-slug/");
        for (pattern, address) in [
            ("/:year/:month/:day/:title/", "/2019/05/01/whats-new-c/"),
            (":section/:slug", "/blog/the-slug/"),
            ("/:sections[1:]/:filename/", "/blog/a-b/my-file/"),
            ("/:monthname-:yearday/:slugorfilename.html", "/May-121/the-slug.html"),
            ("/x/:nothing/", "/x/:nothing/"),
            ("", "/"),
        ] {
            assert_eq!(fill(pattern, &with_slug, true), address, "{pattern}");
        }
    }
}
