//! The labels of alerts in the language of the page. Style sheets have the English ones.

use pulldown_cmark_escape::escape_html;

use crate::markdown::RenderedMarkdown;
use crate::templates::Reader;
use crate::templates::dependencies::Dependency;

const KINDS: [&str; 5] = ["note", "tip", "important", "warning", "caution"];

/// Adds the attribute `data-label` to alerts whose language is not English.
pub(super) fn label_alerts(reader: &Reader, lang: &str, rendered: &mut RenderedMarkdown) {
    for kind in KINDS {
        let start = format!("<blockquote class=\"markdown-alert-{kind}\"");
        let plain = format!("{start}>");
        if !rendered.html.contains(&plain) {
            continue;
        }
        let key = format!("alert_{kind}");
        reader.record(Dependency::Texts(lang.to_owned()));
        let translations = &reader.library.site.config.translations;
        if translations.find(lang, &key).is_none_or(|text| text.is_english(&key)) {
            continue;
        }
        let mut label = String::new();
        // Writing to a text cannot fail.
        let _ = escape_html(&mut label, &translations.text(lang, &key, &[]));
        let labelled = format!("{start} data-label=\"{label}\">");
        rendered.html = rendered.html.replace(&plain, &labelled);
        rendered.summary = rendered.summary.take().map(|summary| summary.replace(&plain, &labelled));
    }
}
