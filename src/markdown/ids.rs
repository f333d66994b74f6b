//! The ids of a post. The page around it must have no id twice.
//!
//! An id is written before all ids further down are known. So a post is rendered twice if two elements request one id,
//! or an element requests an id that the page reserves: the first rendering collects the requests, and the second
//! writes the ids that were then assigned.

use rustc_hash::{FxHashMap, FxHashSet};

use super::summary::CONTINUE_READING_ID;

/// Redirects links whose heading had to take another id.
pub(super) type Redirects = FxHashMap<String, String>;

/// What an id belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum IdOwner {
    /// A heading whose id the author chose.
    ChosenHeading,
    /// An element of raw HTML.
    Element,
    /// The end of the summary.
    SummaryEnd,
    /// A heading whose id is made of its text.
    Heading,
    /// A footnote, or a reference to one.
    Footnote,
}

/// Assigns ids to the elements that request one.
pub(super) struct Ids<'a> {
    /// Whether the page reserves an id.
    is_reserved: &'a dyn Fn(&str) -> bool,
    /// The requests, in the order of the text.
    requests: Vec<(IdOwner, String)>,
    /// The id for each request; none for an element that stays without one.
    assigned: Vec<Option<String>>,
    /// The ids of the first rendering, which does not know the later requests.
    numbers: IdNumbering,
    /// In the second rendering, the assigned ids.
    assignment: Option<Vec<Option<String>>>,
    /// The ids of everything but headings, if only headings make room for each other.
    others: Option<FxHashSet<String>>,
}

/// The ids that were assigned to the requests, in the order of the text.
pub(super) struct IdAssignment {
    pub assigned: Vec<Option<String>>,
    pub redirects: Redirects,
}

impl<'a> Ids<'a> {
    /// Starts the first rendering, in a page that reserves some ids.
    pub fn new(is_reserved: &'a dyn Fn(&str) -> bool) -> Self {
        Self::with(is_reserved, None)
    }

    /// Starts the second rendering, with the assigned ids.
    pub fn with_assignment(is_reserved: &'a dyn Fn(&str) -> bool, assigned: Vec<Option<String>>) -> Self {
        Self::with(is_reserved, Some(assigned))
    }

    fn with(is_reserved: &'a dyn Fn(&str) -> bool, assignment: Option<Vec<Option<String>>>) -> Self {
        let numbers = IdNumbering::default();
        Self { is_reserved, requests: Vec::new(), assigned: Vec::new(), numbers, assignment, others: None }
    }

    /// Gives everything but headings the id that it requests, as Zola does.
    pub fn of_headings(self) -> Self {
        Self { others: Some(FxHashSet::default()), ..self }
    }

    /// Whether the page reserves an id.
    pub fn is_reserved(&self, id: &str) -> bool {
        (self.is_reserved)(id)
    }

    /// Returns the id for a request. None if the id is taken and the element can have no other, as in raw HTML.
    pub fn assign(&mut self, owner: IdOwner, requested: &str) -> Option<String> {
        let requested = match requested {
            // An id can be anything but empty.
            "" => "section",
            requested => requested,
        };
        if let Some(others) = &mut self.others
            && !matches!(owner, IdOwner::ChosenHeading | IdOwner::Heading)
        {
            let is_first = others.insert(requested.to_owned()) && !(self.is_reserved)(requested);
            return (is_first || owner != IdOwner::Element).then(|| requested.to_owned());
        }
        let assigned = match &self.assignment {
            Some(assignment) => assignment.get(self.assigned.len()).cloned().flatten(),
            None if owner == IdOwner::Heading => Some(self.numbers.give(requested, self.is_reserved)),
            None => Some(requested.to_owned()),
        };
        self.requests.push((owner, requested.to_owned()));
        self.assigned.push(assigned.clone());
        assigned
    }

    /// Assigns the ids again, now that all requests are known. None if nothing changes.
    pub fn reassign(&self) -> Option<IdAssignment> {
        // Only headings have their numbers already.
        let is_simple = |(owner, id): &(IdOwner, String)| *owner == IdOwner::Heading && !self.is_reserved(id);
        if self.assignment.is_some() || self.requests.iter().all(is_simple) {
            return None;
        }
        let result = self.assign_all();
        (result.assigned != self.assigned || !result.redirects.is_empty()).then_some(result)
    }

    fn assign_all(&self) -> IdAssignment {
        let mut result = IdAssignment { assigned: vec![None; self.requests.len()], redirects: Redirects::default() };
        let mut numbers = IdNumbering::default();
        // Ids that the author chose come first, then headings, which links name. Nobody knows the ids of footnotes.
        for (assigned, (owner, id)) in result.assigned.iter_mut().zip(&self.requests) {
            let is_first = match owner {
                IdOwner::ChosenHeading | IdOwner::Element | IdOwner::SummaryEnd => numbers.take(id, self.is_reserved),
                IdOwner::Heading | IdOwner::Footnote => false,
            };
            *assigned = is_first.then(|| id.clone());
        }
        let of_headings = [IdOwner::ChosenHeading, IdOwner::Heading];
        for owners in [of_headings.as_slice(), &[IdOwner::Footnote]] {
            for (assigned, (owner, id)) in result.assigned.iter_mut().zip(&self.requests) {
                if assigned.is_none() && owners.contains(owner) {
                    *assigned = Some(numbers.give(id, self.is_reserved));
                }
            }
        }
        for (assigned, (owner, id)) in result.assigned.iter().zip(&self.requests) {
            let is_of_page = || self.is_reserved(id) && !is_destination(id) || id == CONTINUE_READING_ID;
            if let Some(assigned) = assigned.as_ref().filter(|assigned| *assigned != id)
                && of_headings.contains(owner)
                && is_of_page()
            {
                result.redirects.entry(id.clone()).or_insert_with(|| assigned.clone());
            }
        }
        result
    }

    /// Returns all assigned ids.
    pub fn into_assigned(self) -> impl Iterator<Item = String> {
        self.assigned.into_iter().flatten().chain(self.others.into_iter().flatten())
    }
}

/// Whether a reserved id is one that authors link to: of the comment section, of a comment, or of the form.
fn is_destination(id: &str) -> bool {
    matches!(id, "comments" | "respond") || id.starts_with("comment-")
}

/// Makes ids unique with numbers: `text`, `text-1`, `text-2`.
#[derive(Default)]
struct IdNumbering {
    taken: FxHashSet<String>,
    /// For each id that was requested twice, the number to try next.
    next: FxHashMap<String, usize>,
}

impl IdNumbering {
    /// Takes an id as it is. Returns false if it is taken already.
    fn take(&mut self, id: &str, is_reserved: &dyn Fn(&str) -> bool) -> bool {
        !is_reserved(id) && !self.taken.contains(id) && self.taken.insert(id.to_owned())
    }

    /// Takes an id, with a number behind it if it is taken.
    fn give(&mut self, id: &str, is_reserved: &dyn Fn(&str) -> bool) -> String {
        if self.take(id, is_reserved) {
            return id.to_owned();
        }
        loop {
            let number = self.next.entry(id.to_owned()).or_insert(0);
            *number += 1;
            let numbered = format!("{id}-{number}");
            if self.take(&numbered, is_reserved) {
                return numbered;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The ids and redirects after both renderings.
    fn assigned(requested: &[(IdOwner, &str)]) -> (String, Redirects) {
        let is_reserved = |id: &str| ["main", "comments", "respond", "comment-1"].contains(&id);
        let mut ids = Ids::new(&is_reserved);
        requested.iter().for_each(|(owner, id)| _ = ids.assign(*owner, id));
        let mut redirects = Redirects::default();
        if let Some(result) = ids.reassign() {
            ids = Ids::with_assignment(&is_reserved, result.assigned);
            redirects = result.redirects;
            requested.iter().for_each(|(owner, id)| _ = ids.assign(*owner, id));
            assert!(ids.reassign().is_none());
        }
        let assigned: Vec<String> = ids.assigned.into_iter().map(|id| id.unwrap_or_else(|| "-".to_owned())).collect();
        (assigned.join(" "), redirects)
    }

    #[test]
    fn no_id_is_assigned_twice() {
        use IdOwner::{ChosenHeading, Element, Footnote, Heading, SummaryEnd};
        for (requested, expected) in [
            (&[(Heading, "a"), (Heading, "a"), (Heading, "a-1"), (Heading, "")][..], "a a-1 a-1-1 section"),
            (&[(Heading, "main"), (Heading, "a")], "main-1 a"),
            (&[(Heading, "a"), (ChosenHeading, "a"), (Heading, "a")], "a-1 a a-2"),
            (&[(ChosenHeading, "a"), (ChosenHeading, "a")], "a a-1"),
            (&[(ChosenHeading, "main")], "main-1"),
            (&[(Heading, "a"), (Element, "a"), (Element, "a"), (Element, "main")], "a-1 a - -"),
            (&[(Footnote, "fn-1"), (Heading, "fn-1"), (Footnote, "fn-1")], "fn-1-1 fn-1 fn-1-2"),
            (&[(Footnote, "main"), (Footnote, "a")], "main-1 a"),
            (
                &[(SummaryEnd, CONTINUE_READING_ID), (Heading, CONTINUE_READING_ID)],
                "continue-reading continue-reading-1",
            ),
        ] {
            assert_eq!(assigned(requested).0, expected, "{requested:?}");
        }
    }

    #[test]
    fn links_follow_a_heading_to_its_id() {
        let redirects = assigned(&[(IdOwner::Heading, "main"), (IdOwner::Heading, "main"), (IdOwner::Heading, "a")]).1;
        assert_eq!(redirects.into_iter().collect::<Vec<_>>(), [("main".to_owned(), "main-1".to_owned())]);
        // Authors link to the comment section.
        let to_comments =
            [(IdOwner::Heading, "comments"), (IdOwner::Heading, "respond"), (IdOwner::Heading, "comment-1")];
        let (ids, redirects) = assigned(&to_comments);
        assert_eq!((&*ids, redirects), ("comments-1 respond-1 comment-1-1", Redirects::default()));
        // If the author chose the id, links lead to its element.
        assert_eq!(assigned(&[(IdOwner::Heading, "a"), (IdOwner::Element, "a")]).1, Redirects::default());
    }

    #[test]
    fn a_thousand_headings_of_one_name() {
        let (assigned, _) = assigned(&vec![(IdOwner::Heading, "a"); 1000]);
        assert!(assigned.ends_with(" a-998 a-999"));
    }
}
