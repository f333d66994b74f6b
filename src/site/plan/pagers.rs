//! The pagers of a list: which pages each of them shows, and its address.

use super::PageList;
use crate::site::{PageId, Site};

/// The pagers of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pagers<'a> {
    /// The pages of the list, in its order.
    pub pages: &'a [PageId],
    /// Whether they are shown from the last one on.
    pub reversed: bool,
    /// How many stand on one pager.
    pub by: usize,
    /// The path of the first pager.
    pub path: &'a str,
    /// The folder of the others, below the first.
    pub folder: &'a str,
    /// Whether the others have addresses of folders.
    pub is_pretty: bool,
}

impl<'a> Pagers<'a> {
    /// The pagers of a list; none when it is not paginated.
    pub fn of(list: PageList, site: &'a Site) -> Option<Self> {
        let is_pretty = site.config.pretty_urls;
        Some(match list {
            PageList::Section(id) => {
                let section = site.section(id);
                Self {
                    pages: &section.pages,
                    reversed: section.meta.paginate_reversed,
                    by: section.paginate_by()?,
                    path: &section.content.path,
                    folder: &section.meta.paginate_path,
                    is_pretty,
                }
            }
            PageList::Term(id, index) => {
                let taxonomy = site.taxonomy(id);
                let term = &taxonomy.terms[index];
                let by = taxonomy.kind.page_size()?;
                let folder = taxonomy.kind.page_folder();
                Self { pages: &term.pages, reversed: false, by, path: &term.path, folder, is_pretty }
            }
        })
    }

    /// How many there are: at least one, which may be empty.
    pub fn count(&self) -> usize {
        self.pages.len().div_ceil(self.by).max(1)
    }

    /// The pages of a pager, in the order in which they are shown.
    pub fn slice(&self, number: usize) -> Vec<PageId> {
        let start = (number - 1) * self.by;
        let end = self.pages.len().min(start + self.by);
        if self.reversed {
            let last = self.pages.len();
            self.pages[last - end..last - start].iter().rev().copied().collect()
        } else {
            self.pages[start..end].to_vec()
        }
    }

    /// The path of a pager's address.
    pub fn path(&self, number: usize) -> String {
        if number == 1 { self.path.to_owned() } else { self.numbered(number) }
    }

    /// The path that a pager would have if the first were numbered like the others.
    pub fn numbered(&self, number: usize) -> String {
        format!("{}{number}{}", self.base(), if self.is_pretty { "/" } else { ".html" })
    }

    /// The path below which the pagers are numbered.
    pub fn base(&self) -> String {
        if self.folder.is_empty() { self.path.to_owned() } else { format!("{}{}/", self.path, self.folder) }
    }
}
