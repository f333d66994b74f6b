//! The texts of rendered bodies, in memory until the search index takes them.

use std::sync::{Arc, Mutex};

use super::Library;
use super::per_content::PerContent;
use crate::config::Mode;
use crate::config::search::IndexFormat;
use crate::locks::lock;
use crate::search::{self, Text, single_file};
use crate::site::{ContentId, Site};

/// The text of a body, in the form that the index of its language needs.
enum BodyText {
    /// For Causerie's own index.
    Passages(Text),
    /// For an index in one of Zola's formats.
    Plain(String),
}

/// The texts of rendered bodies that no index has taken yet.
pub(super) struct SearchTexts(PerContent<Mutex<Option<BodyText>>>);

impl SearchTexts {
    /// Creates an empty store for a site.
    pub(super) fn new(site: &Site) -> Self {
        Self(PerContent::new(site))
    }

    /// Stores the text of a body, if the site has an index that contains it.
    pub(super) fn store(&self, site: &Site, mode: Mode, id: ContentId, html: &str) {
        let language = site.config.language(site.content(id).lang());
        let Some(language) = language.filter(|it| it.build_search_index && mode != Mode::Check) else { return };
        let text = match language.search.index_format {
            IndexFormat::Causerie if search::finds(site, id) => BodyText::Passages(Text::of(html)),
            IndexFormat::Causerie => return,
            _ if language.search.include_content && single_file::finds(site, id) => {
                BodyText::Plain(single_file::plain_text(html))
            }
            _ => return,
        };
        *lock(self.0.get(id).get_or_init(Mutex::default)) = Some(text);
    }

    fn take(&self, id: ContentId) -> Option<BodyText> {
        lock(self.0.get(id).get()?).take()
    }
}

/// Takes the text of a body for Causerie's own index. The body is rendered if its text is not in memory.
pub fn take_passages(library: &Arc<Library>, id: ContentId) -> Text {
    match take(library, id) {
        Some(BodyText::Passages(text)) => text,
        _ => Text::default(),
    }
}

/// Takes the text of a body for an index in one of Zola's formats. The body is rendered if its text is not in memory.
pub fn take_plain(library: &Arc<Library>, id: ContentId) -> String {
    match take(library, id) {
        Some(BodyText::Plain(text)) => text,
        _ => String::new(),
    }
}

fn take(library: &Arc<Library>, id: ContentId) -> Option<BodyText> {
    library.search_texts.take(id).or_else(|| {
        library.render_body(id);
        library.search_texts.take(id)
    })
}
