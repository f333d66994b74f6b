//! The ids of a post, of which the page that shows it has none twice.
//!
//! Some are written where nobody knows yet which ids come further down. So a post in which two want the same id, or one wants
//! an id that the page has around it, is rendered twice: the first rendering finds out which ids are wanted, and the second
//! one writes what was decided about them.

use rustc_hash::{FxHashMap, FxHashSet};

use super::summary::CONTINUE_READING_ID;

/// Where links lead whose own heading had to take another id.
pub(super) type Redirects = FxHashMap<String, String>;

/// What an id is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum IdOwner {
    /// A heading for which the author chose it.
    ChosenHeading,
    /// An element of raw HTML.
    Element,
    /// The end of the summary.
    SummaryEnd,
    /// A heading, of whose text it is made.
    Heading,
    /// A footnote, or a reference to one.
    Footnote,
}

/// Gives ids to all that want one.
pub(super) struct Ids<'a> {
    /// Whether the page may have an id around the text.
    is_around: &'a dyn Fn(&str) -> bool,
    /// Who wanted which id, in the order of the text.
    wanted: Vec<(IdOwner, String)>,
    /// What each of them got; none for those that have no id now.
    given: Vec<Option<String>>,
    /// Those that were given before it was known who else wants them.
    numbers: IdNumbering,
    /// What was decided that they get, in the second rendering.
    decided: Option<Vec<Option<String>>>,
}

/// Which ids those get that want one, in the order of the text.
pub(super) struct IdAssignment {
    pub given: Vec<Option<String>>,
    pub redirects: Redirects,
}

impl<'a> Ids<'a> {
    /// None yet, in a page that may have some around the text.
    pub fn within(is_around: &'a dyn Fn(&str) -> bool) -> Self {
        Self::with(is_around, None)
    }

    /// Those that were decided about.
    pub fn decided(is_around: &'a dyn Fn(&str) -> bool, given: Vec<Option<String>>) -> Self {
        Self::with(is_around, Some(given))
    }

    fn with(is_around: &'a dyn Fn(&str) -> bool, decided: Option<Vec<Option<String>>>) -> Self {
        Self { is_around, wanted: Vec::new(), given: Vec::new(), numbers: IdNumbering::default(), decided }
    }

    /// Whether an id is one that the page has around the text.
    pub fn is_around(&self, id: &str) -> bool {
        (self.is_around)(id)
    }

    /// The id of what wants one. None where somebody else has it, and it can have no other: an element of raw HTML.
    pub fn give(&mut self, holder: IdOwner, wanted: &str) -> Option<String> {
        let wanted = match wanted {
            // An id may be anything but empty.
            "" => "section",
            wanted => wanted,
        };
        let given = match &self.decided {
            Some(decided) => decided.get(self.given.len()).cloned().flatten(),
            None if holder == IdOwner::Heading => Some(self.numbers.give(wanted, self.is_around)),
            None => Some(wanted.to_owned()),
        };
        self.wanted.push((holder, wanted.to_owned()));
        self.given.push(given.clone());
        given
    }

    /// What is to be decided otherwise than it was done, if anything is.
    pub fn decide(&self) -> Option<IdAssignment> {
        // Headings alone have got their numbers already.
        let is_simple = |(holder, id): &(IdOwner, String)| *holder == IdOwner::Heading && !self.is_around(id);
        if self.decided.is_some() || self.wanted.iter().all(is_simple) {
            return None;
        }
        let decision = self.decision_for_all();
        (decision.given != self.given || !decision.redirects.is_empty()).then_some(decision)
    }

    fn decision_for_all(&self) -> IdAssignment {
        let mut decision = IdAssignment { given: vec![None; self.wanted.len()], redirects: Redirects::default() };
        let mut numbers = IdNumbering::default();
        // What an author chose comes first, then headings, which links name. Nobody knows the ids of footnotes.
        for (given, (holder, id)) in decision.given.iter_mut().zip(&self.wanted) {
            let is_first = match holder {
                IdOwner::ChosenHeading | IdOwner::Element | IdOwner::SummaryEnd => numbers.take(id, self.is_around),
                IdOwner::Heading | IdOwner::Footnote => false,
            };
            *given = is_first.then(|| id.clone());
        }
        let of_headings = [IdOwner::ChosenHeading, IdOwner::Heading];
        for holders in [of_headings.as_slice(), &[IdOwner::Footnote]] {
            for (given, (holder, id)) in decision.given.iter_mut().zip(&self.wanted) {
                if given.is_none() && holders.contains(holder) {
                    *given = Some(numbers.give(id, self.is_around));
                }
            }
        }
        for (given, (holder, id)) in decision.given.iter().zip(&self.wanted) {
            let is_of_page = || self.is_around(id) && !is_destination(id) || id == CONTINUE_READING_ID;
            if let Some(given) = given.as_ref().filter(|given| *given != id)
                && of_headings.contains(holder)
                && is_of_page()
            {
                decision.redirects.entry(id.clone()).or_insert_with(|| given.clone());
            }
        }
        decision
    }

    /// All that were given.
    pub fn into_given(self) -> impl Iterator<Item = String> {
        self.given.into_iter().flatten()
    }
}

/// Whether an id around the text is one that authors link to: of the comments, of one of them, of the form.
fn is_destination(id: &str) -> bool {
    matches!(id, "comments" | "respond") || id.starts_with("comment-")
}

/// Keeps ids apart by numbers: `text`, `text-1`, `text-2`.
#[derive(Default)]
struct IdNumbering {
    taken: FxHashSet<String>,
    /// For each id that was wanted twice, the number to try next.
    next: FxHashMap<String, usize>,
}

impl IdNumbering {
    /// Takes an id as it is. False if it is taken already.
    fn take(&mut self, id: &str, is_around: &dyn Fn(&str) -> bool) -> bool {
        !is_around(id) && !self.taken.contains(id) && self.taken.insert(id.to_owned())
    }

    /// An id with a number behind it if it is taken.
    fn give(&mut self, id: &str, is_around: &dyn Fn(&str) -> bool) -> String {
        if self.take(id, is_around) {
            return id.to_owned();
        }
        loop {
            let number = self.next.entry(id.to_owned()).or_insert(0);
            *number += 1;
            let numbered = format!("{id}-{number}");
            if self.take(&numbered, is_around) {
                return numbered;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What those get that want ids, in the end.
    fn given(wanted: &[(IdOwner, &str)]) -> (String, Redirects) {
        let is_around = |id: &str| ["main", "comments", "respond", "comment-1"].contains(&id);
        let mut ids = Ids::within(&is_around);
        wanted.iter().for_each(|(holder, id)| _ = ids.give(*holder, id));
        let mut redirects = Redirects::default();
        if let Some(decision) = ids.decide() {
            ids = Ids::decided(&is_around, decision.given);
            redirects = decision.redirects;
            wanted.iter().for_each(|(holder, id)| _ = ids.give(*holder, id));
            assert!(ids.decide().is_none());
        }
        let given: Vec<String> = ids.given.into_iter().map(|id| id.unwrap_or_else(|| "-".to_owned())).collect();
        (given.join(" "), redirects)
    }

    #[test]
    fn no_id_is_given_twice() {
        use IdOwner::{ChosenHeading, Element, Footnote, Heading, SummaryEnd};
        for (wanted, expected) in [
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
            assert_eq!(given(wanted).0, expected, "{wanted:?}");
        }
    }

    #[test]
    fn links_follow_a_heading_to_its_id() {
        let redirects = given(&[(IdOwner::Heading, "main"), (IdOwner::Heading, "main"), (IdOwner::Heading, "a")]).1;
        assert_eq!(redirects.into_iter().collect::<Vec<_>>(), [("main".to_owned(), "main-1".to_owned())]);
        // Authors link to comments.
        let to_comments =
            [(IdOwner::Heading, "comments"), (IdOwner::Heading, "respond"), (IdOwner::Heading, "comment-1")];
        let (ids, redirects) = given(&to_comments);
        assert_eq!((&*ids, redirects), ("comments-1 respond-1 comment-1-1", Redirects::default()));
        // Where the author chose who has it, links lead there.
        assert_eq!(given(&[(IdOwner::Heading, "a"), (IdOwner::Element, "a")]).1, Redirects::default());
    }

    #[test]
    fn a_thousand_headings_of_one_name() {
        let (given, _) = given(&vec![(IdOwner::Heading, "a"); 1000]);
        assert!(given.ends_with(" a-998 a-999"));
    }
}
