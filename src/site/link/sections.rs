//! Sections: which pages belong to them, in which order, and who stands next to whom.

use std::collections::BTreeSet;
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::Linker;
use crate::content::{FileInfo, SortBy};
use crate::diagnostic::Diagnostic;
use crate::site::{Page, PageId, Section, SectionId, Site, sort};

impl Linker {
    /// Which pages and subsections belong to which section, in order, and who stands next to whom.
    pub(super) fn sections(&mut self, site: &mut Site, faulty: &BTreeSet<Arc<str>>) {
        let files: Vec<Arc<FileInfo>> = site.sections.iter().map(|section| section.content.file.clone()).collect();
        let places = files.iter().enumerate().map(|(at, file)| ((file.folder(), file.lang.as_str()), SectionId(at)));
        let index: FxHashMap<(&str, &str), SectionId> = places.collect();
        let at = |folder: &str, lang: &str| index.get(&(folder, lang)).copied();
        let above = |folder: &str| folder.rsplit_once('/').map_or("", |(parent, _)| parent).to_owned();

        for id in 0..site.sections.len() {
            let file = site.sections[id].content.file.clone();
            let Some(parent) = file.parent() else { continue };
            let folder = file.folder();
            let mut ancestors: Vec<SectionId> = at("", &file.lang).into_iter().collect();
            let folders = folder.match_indices('/').map(|(end, _)| &folder[..end]);
            ancestors.extend(folders.filter_map(|folder| at(folder, &file.lang)));
            site.sections[id].content.ancestors = ancestors;
            if let Some(parent) = at(parent, &file.lang) {
                site.sections[parent.0].subsections.push(SectionId(id));
            }
        }
        let weights: Vec<i64> = site.sections.iter().map(|section| section.meta.weight).collect();
        for section in &mut site.sections {
            section.subsections.sort_by_key(|id| weights[id.0]);
        }

        for id in (0..site.pages.len()).map(PageId) {
            let file = site.page(id).content.file.clone();
            let mut folder = file.parent().unwrap_or_default().to_owned();
            let mut nearest = None;
            // The pages of a transparent section are its parent's too.
            while let Some(section) = at(&folder, &file.lang) {
                nearest = nearest.or(Some(section));
                if site.page(id).is_listed() {
                    site.sections[section.0].pages.push(id);
                }
                if !site.section(section).meta.transparent || folder.is_empty() {
                    break;
                }
                folder = above(&folder);
            }
            if let Some(section) = nearest {
                let mut ancestors = site.section(section).content.ancestors.clone();
                ancestors.push(section);
                site.pages[id.0].content.ancestors = ancestors;
            }
        }
        for id in 0..site.pages.len() {
            let page = &site.pages[id];
            if page.template.is_empty() {
                let mut above = page.content.ancestors.iter().rev().map(|&id| &site.section(id).meta.page_template);
                let template = above.find_map(Clone::clone).unwrap_or_else(|| "page.html".to_owned());
                site.pages[id].template = template;
            }
        }
        let sort = |section: &Section| sort::sort(section.pages.clone(), section.meta.sort_by, &site.pages);
        let sorted: Vec<_> = site.sections.par_iter().with_max_len(1).map(sort).collect();
        let mut unsorted: Vec<(SectionId, Vec<PageId>)> = Vec::new();
        for (index, (section, (sorted, mut rest))) in site.sections.iter_mut().zip(sorted).enumerate() {
            // The problems of these are already reported.
            rest.retain(|id| !faulty.contains(&site.pages[id.0].content.source.path));
            if !rest.is_empty() {
                unsorted.push((SectionId(index), rest));
            }
            if section.meta.sort_by != SortBy::None && !section.meta.transparent {
                for pair in sorted.windows(2) {
                    site.pages[pair[0].0].higher = Some(pair[1]);
                    site.pages[pair[1].0].lower = Some(pair[0]);
                }
            }
            section.pages = sorted;
        }
        if !unsorted.is_empty() {
            self.unsorted_pages(site, unsorted);
        }
    }

    /// Takes out the pages that no section can sort. As in Zola, a page is rendered with a section that lists it; one of a
    /// transparent section has several.
    fn unsorted_pages(&mut self, site: &mut Site, unsorted: Vec<(SectionId, Vec<PageId>)>) {
        let listed: FxHashSet<PageId> = site.sections.iter().flat_map(|section| &section.pages).copied().collect();
        for (section, rest) in unsorted {
            rest.iter().filter(|id| !listed.contains(id)).for_each(|id| site.pages[id.0].is_rendered = false);
            let (shown, hidden): (Vec<PageId>, _) = rest.into_iter().partition(|id| listed.contains(id));
            for pages in [hidden, shown].into_iter().filter(|pages| !pages.is_empty()) {
                self.problems.push(left_out(site.section(section), &pages, &site.pages));
            }
        }
    }
}

/// The warning about pages that a section does not list, as they lack what it is sorted by.
fn left_out(section: &Section, rest: &[PageId], pages: &[Page]) -> Diagnostic {
    const MOST_NAMED: usize = 5;
    let lacks = match section.meta.sort_by {
        SortBy::Weight => "weight",
        SortBy::Title | SortBy::TitleBytes => "title",
        _ => "date",
    };
    let (have, are, them) = match rest {
        [_] => ("a page of this section has".to_owned(), "is", "it"),
        _ => (format!("{} pages of this section have", rest.len()), "are", "them"),
    };
    let result = match rest.iter().any(|id| pages[id.0].is_rendered) {
        true => "left out of its lists",
        false => "not rendered",
    };
    let message = format!("{have} no {lacks}, by which it is sorted, and {are} {result}");
    let named = rest.iter().take(MOST_NAMED).map(|id| (format!("without a {lacks}"), pages[id.0].content.location()));
    let mut problem = Diagnostic::warning(message).at(section.content.location());
    problem.related.extend(named);
    problem.help(format!("give {them} a {lacks}, or let `sort_by` name what every page has"))
}
