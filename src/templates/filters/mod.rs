//! Filters and tests for templates, in addition to Tera's own. Names, arguments and results are those of Zola 0.23.

mod dates;
mod excerpts;
mod groups;
mod json;
mod markdown;
mod numbers;

use tera::Tera;
use tera_contrib::dates::{is_after, is_before};
use tera_contrib::{base64, filesize_format, format, regex, slug, urlencode};

/// Registers the filters and tests with Tera.
pub(super) fn register(tera: &mut Tera) {
    tera.register_filter("base64_encode", base64::b64_encode);
    tera.register_filter("base64_decode", base64::b64_decode);
    tera.register_filter("absolute_url", excerpts::absolute_url);
    tera.register_filter("absolute_urls", excerpts::absolute_urls);
    tera.register_filter("date", dates::date);
    tera.register_filter("filesizeformat", filesize_format::filesize_format);
    tera.register_filter("first_image", excerpts::first_image);
    tera.register_filter("format", format::format);
    tera.register_filter("group_by", groups::group_by);
    tera.register_filter("json_encode", json::json_encode);
    tera.register_filter("local_date", dates::local_date);
    tera.register_filter("local_number", numbers::local_number);
    tera.register_filter("markdown", markdown::markdown);
    tera.register_filter("num_format", numbers::num_format);
    tera.register_filter("plain_text", excerpts::plain_text);
    tera.register_filter("regex_replace", regex::RegexReplace::default());
    tera.register_filter("shuffle", super::functions::random::shuffle);
    tera.register_filter("slugify", slug::slug);
    tera.register_filter("spaceless", regex::spaceless);
    tera.register_filter("striptags", regex::striptags);
    tera.register_filter("urlencode", urlencode::urlencode);
    tera.register_filter("urlencode_strict", urlencode::urlencode_strict);

    tera.register_test("after", is_after);
    tera.register_test("before", is_before);
    tera.register_test("matching", regex::Matching::default());
}

#[cfg(test)]
mod tests {
    use crate::templates::testing::blog;

    #[test]
    fn every_filter_and_test_has_its_name() {
        let blog = blog();
        for (expression, expected) in [
            ("'hello' | base64_encode", "aGVsbG8="),
            ("'aGVsbG8=' | base64_decode", "hello"),
            ("'2012-03-04' | date(format='%d.%m.%Y')", "04.03.2012"),
            ("'2012-03-04' | date(format='d MMMM y', locale='fr')", "4 mars 2012"),
            ("1024 | filesizeformat", "1 KiB"),
            ("3.14159 | format(spec='.2')", "3.14"),
            ("'a1b2' | regex_replace(pattern=`\\\\d`, rep='-')", "a-b-"),
            ("'Où est-ce ?' | slugify", "ou-est-ce"),
            ("'<p> <b>a</b> </p>' | spaceless | safe", "<p><b>a</b></p>"),
            ("'<p>a</p>' | striptags", "a"),
            ("'a b/c?d' | urlencode", "a%20b/c%3Fd"),
            ("'a/b' | urlencode_strict", "a%2Fb"),
            ("'2012-03-04' is after(other='2012-03-03')", "true"),
            ("'2012-03-04' is before(other='2012-03-03')", "false"),
            ("'abc' is matching(pat='^a')", "true"),
        ] {
            assert_eq!(blog.render(&format!("{{{{ {expression} }}}}")).unwrap(), expected, "{expression}");
        }
    }
}
