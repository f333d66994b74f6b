//! The addresses that Jekyll gives to posts and pages (<https://jekyllrb.com/docs/permalinks/>).

use jiff::civil::Date;

use crate::import::page_names::slug;

/// What an address is made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PermalinkParts {
    /// The day of the post.
    pub date: Option<Date>,
    /// The time of day: hours, minutes, seconds.
    pub time: [String; 3],
    /// The categories, those of the folder first.
    pub categories: Vec<String>,
    /// The name of the file without date and ending.
    pub basename: String,
    /// `slug` of the front matter.
    pub slug: Option<String>,
    /// The folder in its collection, with a `/` at its end.
    pub folder: String,
    /// The collection.
    pub collection: String,
    /// The ending of the output.
    pub end: String,
}

/// The template behind the name of a style.
pub fn template(style: &str) -> &str {
    match style {
        "date" => "/:categories/:year/:month/:day/:title:output_ext",
        "pretty" => "/:categories/:year/:month/:day/:title/",
        "ordinal" => "/:categories/:year/:y_day/:title:output_ext",
        "weekdate" => "/:categories/:year/W:week/:short_day/:title:output_ext",
        "none" => "/:categories/:title:output_ext",
        other => other,
    }
}

/// Fills a template.
pub fn fill(template: &str, parts: &PermalinkParts) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some(at) = rest.find(':') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let length = rest.find(|c: char| !(c.is_ascii_lowercase() || c == '_')).unwrap_or(rest.len());
        // The longest name that is known: `:title_x` begins with `:title`.
        let known = (1..=length).rev().find_map(|end| value(&rest[..end], parts).map(|value| (value, end)));
        match known {
            Some((value, end)) => {
                out.push_str(&value);
                rest = &rest[end..];
            }
            None => out.push(':'),
        }
    }
    out.push_str(rest);
    clean(&out)
}

/// An address with one slash at its beginning, and none twice.
pub fn clean(address: &str) -> String {
    let mut out = String::from("/");
    for c in address.chars() {
        if c != '/' || !out.ends_with('/') {
            out.push(c);
        }
    }
    out
}

fn value(name: &str, parts: &PermalinkParts) -> Option<String> {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let date = parts.date;
    let of_date = |value: &dyn Fn(Date) -> String| Some(date.map_or_else(String::new, value));
    let month = |date: Date| MONTHS[usize::from(date.month().unsigned_abs()) - 1];
    match name {
        "year" => of_date(&|date| format!("{:04}", date.year())),
        "short_year" => of_date(&|date| format!("{:02}", date.year() % 100)),
        "month" => of_date(&|date| format!("{:02}", date.month())),
        "i_month" => of_date(&|date| date.month().to_string()),
        "short_month" => of_date(&|date| month(date)[..3].to_owned()),
        "long_month" => of_date(&|date| month(date).to_owned()),
        "day" => of_date(&|date| format!("{:02}", date.day())),
        "i_day" => of_date(&|date| date.day().to_string()),
        "y_day" => of_date(&|date| format!("{:03}", date.day_of_year())),
        "w_year" => of_date(&|date| date.iso_week_date().year().to_string()),
        "week" => of_date(&|date| format!("{:02}", date.iso_week_date().week())),
        "w_day" => of_date(&|date| date.weekday().to_monday_one_offset().to_string()),
        "short_day" => of_date(&|date| format!("{:?}", date.weekday())[..3].to_owned()),
        "long_day" => of_date(&|date| format!("{:?}", date.weekday())),
        "hour" => Some(parts.time[0].clone()),
        "minute" => Some(parts.time[1].clone()),
        "second" => Some(parts.time[2].clone()),
        "title" => Some(parts.slug.clone().unwrap_or_else(|| pretty(&parts.basename))),
        "slug" => Some(slug(parts.slug.as_deref().unwrap_or(&parts.basename))),
        "name" | "basename" => Some(parts.basename.clone()),
        "categories" => Some(parts.categories.iter().map(|name| name.to_lowercase()).collect::<Vec<_>>().join("/")),
        "slugified_categories" => Some(parts.categories.iter().map(|name| slug(name)).collect::<Vec<_>>().join("/")),
        "path" => Some(format!("{}{}", parts.folder, parts.basename)),
        "collection" => Some(parts.collection.clone()),
        "output_ext" => Some(parts.end.clone()),
        _ => None,
    }
}

/// A name as Jekyll's mode “pretty” makes it: letters and some signs stay, all else becomes a hyphen.
fn pretty(text: &str) -> String {
    hyphenated(text, |c| c.is_alphanumeric() || "._~!$&'()+,;=@".contains(c))
}

fn hyphenated(text: &str, keep: impl Fn(char) -> bool) -> String {
    text.split(|c| !keep(c)).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_and_templates_give_addresses() {
        let parts = PermalinkParts {
            date: Date::new(2019, 5, 1).ok(),
            categories: vec!["Tea Time".to_owned(), "b".to_owned()],
            basename: "My first_post.2".to_owned(),
            end: ".html".to_owned(),
            collection: "notes".to_owned(),
            folder: "x/".to_owned(),
            ..PermalinkParts::default()
        };
        for (style, address) in [
            ("date", "/tea time/b/2019/05/01/My-first_post.2.html"),
            ("pretty", "/tea time/b/2019/05/01/My-first_post.2/"),
            ("ordinal", "/tea time/b/2019/121/My-first_post.2.html"),
            ("weekdate", "/tea time/b/2019/W18/Wed/My-first_post.2.html"),
            ("none", "/tea time/b/My-first_post.2.html"),
            ("/blog/:slugified_categories/:short_year-:i_month/:slug/", "/blog/tea-time/b/19-5/my-first-post-2/"),
            ("/:collection/:path:output_ext", "/notes/x/My first_post.2.html"),
            ("a//:unknown/:short_month", "/a/:unknown/May"),
        ] {
            assert_eq!(fill(template(style), &parts), address, "{style}");
        }
        let none = PermalinkParts::default();
        assert_eq!(fill(template("pretty"), &none), "/");
    }
}
