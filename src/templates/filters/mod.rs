//! Filters and tests that templates can use beside Tera's own. Names, arguments and results are those of Zola 0.23.

mod json;
mod markdown;
mod numbers;

use tera::Tera;
use tera_contrib::{base64, dates, filesize_format, format, regex, slug, urlencode};

/// Makes the filters and tests known to Tera.
pub(super) fn register(tera: &mut Tera) {
    tera.register_filter("base64_encode", base64::b64_encode);
    tera.register_filter("base64_decode", base64::b64_decode);
    tera.register_filter("date", dates::date);
    tera.register_filter("filesizeformat", filesize_format::filesize_format);
    tera.register_filter("format", format::format);
    tera.register_filter("json_encode", json::json_encode);
    tera.register_filter("markdown", markdown::markdown);
    tera.register_filter("num_format", numbers::num_format);
    tera.register_filter("regex_replace", regex::RegexReplace::default());
    tera.register_filter("slugify", slug::slug);
    tera.register_filter("spaceless", regex::spaceless);
    tera.register_filter("striptags", regex::striptags);
    tera.register_filter("urlencode", urlencode::urlencode);
    tera.register_filter("urlencode_strict", urlencode::urlencode_strict);

    tera.register_test("after", dates::is_after);
    tera.register_test("before", dates::is_before);
    tera.register_test("matching", regex::Matching::default());
}
