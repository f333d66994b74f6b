//! The search indexes of Zola's formats: one file for each language, which pages can name with its hash.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use rayon::prelude::*;

use super::dependencies::{Dependency, FieldMask};
use super::{Library, Reader, search_texts};
use crate::locks::lock;
use crate::parallel::AT_ONCE;
use crate::search::single_file;
use crate::site::Site;
use crate::source::Fingerprint;

/// The indexes of a site by their languages, each made once for a version of the site.
pub(super) struct WholeIndexes(BTreeMap<String, Mutex<Option<Arc<Vec<u8>>>>>);

impl WholeIndexes {
    pub(super) fn new(site: &Site) -> Self {
        Self(site.config.languages().iter().map(|language| (language.code.clone(), Mutex::default())).collect())
    }
}

impl Library {
    /// Returns the index of a language.
    pub fn whole_index(self: &Arc<Self>, lang: &str) -> Arc<Vec<u8>> {
        let Some(index) = self.whole_indexes.0.get(lang) else { return Arc::default() };
        let mut index = lock(index);
        index.get_or_insert_with(|| self.make_index(lang).into()).clone()
    }

    /// Makes an index on threads of its own. On those of the build, one that waits here could begin to render another page,
    /// which waits for the same index.
    fn make_index(self: &Arc<Self>, lang: &str) -> Vec<u8> {
        let threads = rayon::current_num_threads();
        let make = || self.index_in_this_pool(lang);
        let made = std::thread::scope(|scope| {
            let thread = scope.spawn(|| match rayon::ThreadPoolBuilder::new().num_threads(threads).build() {
                Ok(pool) => pool.install(make),
                Err(_) => make(),
            });
            thread.join()
        });
        made.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }

    fn index_in_this_pool(self: &Arc<Self>, lang: &str) -> Vec<u8> {
        let Some(language) = self.site.config.language(lang) else { return Vec::new() };
        let contents = single_file::contents(&self.site, lang);
        if language.search.include_content {
            contents.par_iter().with_max_len(AT_ONCE).for_each(|&id| {
                self.outline(id);
            });
        }
        single_file::index(&self.site, language, &contents, |id| search_texts::take_plain(self, id))
    }

    /// Returns the fingerprint of which pages and sections an index has.
    pub fn index_list_fingerprint(&self, lang: &str) -> Fingerprint {
        let contents = single_file::contents(&self.site, lang);
        let paths: Vec<&str> = contents.iter().map(|&id| &*self.site.content(id).source.path).collect();
        Fingerprint::of(paths.join("\n").as_bytes())
    }

    /// Returns the fingerprint of everything that an index is made of.
    pub(super) fn index_fingerprint(self: &Arc<Self>, lang: &str) -> Fingerprint {
        let ((), dependencies) =
            Reader::track(self, &Arc::default(), FieldMask::ALL, |reader| reader.record_index(lang));
        let print = self.combined_fingerprint(&dependencies);
        Fingerprint::of(format!("{print:?} {:?}", self.index_list_fingerprint(lang)).as_bytes())
    }
}

impl Reader {
    /// Returns the index of a language for its own output, with a dependency for each page in it.
    pub fn whole_index(&self, lang: &str) -> Vec<u8> {
        let index = self.library.whole_index(lang);
        self.record_index(lang);
        index.to_vec()
    }

    /// Returns the index of a language for a page that shows its hash: one dependency, however many pages the site has.
    pub(super) fn index_to_hash(&self, lang: &str) -> Arc<Vec<u8>> {
        let index = self.library.whole_index(lang);
        self.record(Dependency::WholeIndex(lang.to_owned()));
        index
    }

    fn record_index(&self, lang: &str) {
        self.record(Dependency::Config);
        let site = &self.library.site;
        let has_texts = site.config.language(lang).is_some_and(|language| language.search.include_content);
        let fields = if has_texts { FieldMask::OWN } else { FieldMask::META };
        single_file::contents(site, lang).into_iter().for_each(|id| self.record_for_search(id, fields));
    }
}

#[cfg(test)]
mod tests {
    use crate::site::{ContentId, PageId};
    use crate::templates::dependencies::Dependency;
    use crate::templates::testing::site;

    const CONFIG: &str = "base_url = 'https://a.example'\n[search]\nindex_format = 'fuse_json'";

    #[test]
    fn a_page_can_show_the_hash_of_the_index() {
        let show = "{{ get_hash(path='/search_index.en.json', sha_type=256, base64=false) }}";
        let files = |text| [("site.toml", CONFIG), ("content/a.md", text)];
        let (one, two) = (site(&files("+++\n+++\nOne.")), site(&files("+++\n+++\nTwo.")));
        assert_ne!(one.render(show).unwrap(), two.render(show).unwrap());
        assert_eq!(one.render(show).unwrap(), site(&files("+++\n+++\nOne.")).render(show).unwrap());
        let whole = Dependency::WholeIndex("en".to_owned());
        assert!(one.dependencies(show).contains(&whole));
        assert_ne!(one.library.fingerprint(&whole), two.library.fingerprint(&whole));
    }

    #[test]
    fn a_text_cannot_show_the_hash_of_the_index_that_it_is_in() {
        let text = "+++\n+++\n{{ get_hash(path='search_index.en.json') }}";
        let site = site(&[("site.toml", CONFIG), ("content/a.md", text)]);
        let problems = site.library.problems(ContentId::Page(PageId(0)));
        assert!(problems[0].message.contains("the search index has this text in it"), "{}", problems[0].message);
    }
}
