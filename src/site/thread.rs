//! A page's thread files, linked into one thread.

use std::borrow::Borrow;
use std::cmp::Reverse;
use std::sync::Arc;

use jiff::Timestamp;
use rustc_hash::FxHashMap;

use crate::config::comments::Order;
use crate::content::{CommentDocument, CommentKind, CommentStatus, Date, Reaction, ThreadFile};
use crate::diagnostic::{Diagnostic, Location, MAX_SUGGESTIONS, nearest};

/// The name of those who gave none.
pub const ANONYMOUS: &str = "Anonymous";

/// How a thread is shown.
#[derive(Clone, Copy, Debug)]
pub struct ThreadOptions<'a> {
    /// The order of the threads.
    pub order: Order,
    /// How deep replies are nested, from 1; deeper ones are shown at this depth. 0 means 1.
    pub max_depth: usize,
    /// The names of the post's authors.
    pub authors: &'a [String],
    /// Whether comments that nobody has approved yet are shown, as their author sees them in the preview.
    pub pending: bool,
}

/// The comments under one page: those that are approved, and in the preview those that wait for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Thread {
    /// The comments, oldest first.
    pub comments: Vec<Comment>,
    /// The comments that begin a thread, in the order in which they are shown.
    pub roots: Vec<usize>,
    /// How often the page was liked and passed on elsewhere.
    pub reactions: Vec<Reaction>,
}

/// A comment in its thread. Other comments are named by their index there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// As its file has it.
    pub written: Arc<CommentDocument>,
    /// Its name: letters, digits, `-`, `_` and `.`.
    pub id: String,
    /// Its place among the approved comments: 1 is the oldest. Others have the number of the last one before them.
    pub number: usize,
    /// When it was written.
    pub date: Date,
    /// How deep it is shown, from 1 to the rules' `max_depth`.
    pub depth: usize,
    /// Whether the post's author wrote it.
    pub by_author: bool,
    /// The comment that it answers. Where it is shown below another one, because of `max_depth`, this is still the
    /// true one. None if that one is not approved.
    pub reply_to: Option<usize>,
    /// The comments shown below it, oldest first.
    pub replies: Vec<usize>,
}

impl Comment {
    /// Who wrote it, or [`ANONYMOUS`].
    pub fn author(&self) -> &str {
        self.written.author.as_deref().unwrap_or(ANONYMOUS)
    }

    /// Whether nobody has approved it yet.
    pub fn is_pending(&self) -> bool {
        self.written.status == CommentStatus::Pending
    }
}

impl Thread {
    /// How many approved comments there are.
    pub fn count(&self) -> usize {
        self.comments.iter().filter(|comment| !comment.is_pending()).count()
    }

    /// Whether there is an approved comment.
    pub fn is_begun(&self) -> bool {
        self.comments.iter().any(|comment| !comment.is_pending())
    }

    /// Some comments and all that are shown below them, each one before those below it. Where one of them is below another one
    /// it comes twice.
    pub fn below(&self, indices: &[usize]) -> Vec<usize> {
        // A list of what is still to be done, not recursion: whoever may answer can answer the last answer.
        let mut order = indices.to_vec();
        let mut next = 0;
        while let Some(&index) = order.get(next) {
            order.extend(&self.comments[index].replies);
            next += 1;
        }
        order
    }
}

/// Where a comment stands in the order of time: its instant, then its place in the files.
type TimeOrder = (Timestamp, usize);

/// Links the files of one page's thread.
///
/// A comment without an id is called by its place in the thread: its number in the files, by path, whether approved
/// or not. A reply to a comment that is not approved begins a thread, which stands where that comment would.
pub fn link<F: Borrow<ThreadFile>>(mut files: Vec<F>, rules: &ThreadOptions<'_>) -> (Thread, Vec<Diagnostic>) {
    files.sort_by(|a, b| a.borrow().path.cmp(&b.borrow().path));
    let documents: Vec<&Arc<CommentDocument>> = files.iter().flat_map(|file| &file.borrow().comments).collect();
    let mut problems = Vec::new();
    let ids: Vec<String> =
        documents.iter().enumerate().map(|(index, document)| document.id_at(index).into_owned()).collect();
    let parents = parents(&documents, &ids, &mut problems);
    let mut thread = arrange(&documents, ids, &parents, rules);
    thread.reactions = files.iter().flat_map(|file| file.borrow().reactions.iter().cloned()).collect();
    (thread, problems)
}

/// The place of the comment that each comment answers, free of circles.
fn parents(documents: &[&Arc<CommentDocument>], ids: &[String], problems: &mut Vec<Diagnostic>) -> Vec<Option<usize>> {
    let mut places: FxHashMap<&str, usize> = FxHashMap::default();
    for (place, id) in ids.iter().enumerate() {
        if let Some(first) = places.get(id.as_str()) {
            problems.push(repeated(documents[*first], documents[place], id));
        } else {
            places.insert(id, place);
        }
    }
    // Where a comment could not be read its id is not known, and who answers it is not to blame.
    let all_known = documents.iter().all(|document| document.sound);
    let mut parents: Vec<Option<usize>> = vec![None; documents.len()];
    for (place, document) in documents.iter().enumerate() {
        let Some((id, location)) = &document.reply_to else { continue };
        parents[place] = places.get(id.as_str()).copied();
        if parents[place].is_none() && all_known {
            let known = if problems.len() < MAX_SUGGESTIONS { ids } else { &[] };
            problems.extend(unknown(id, location, known, document.status));
        }
    }
    for circle in circles(&parents) {
        problems.push(closed(&circle, documents, ids));
        for place in circle {
            parents[place] = None;
        }
    }
    parents
}

fn repeated(first: &CommentDocument, second: &CommentDocument, id: &str) -> Diagnostic {
    let help = match (&first.id, &second.id) {
        (Some(_), Some(_)) => "give one of them another id",
        _ => "a comment without an id is called by its place in the thread: give it an id of its own",
    };
    Diagnostic::error(format!("two comments of this thread have the id `{id}`"))
        .at(second.location.clone())
        .related("the first one", first.location.clone())
        .help(help)
}

/// A reply to a comment that is not there. What nobody has approved is not part of the site, and must not keep the site
/// from being built when the comment that it answers is taken away.
fn unknown(id: &str, location: &Location, ids: &[String], status: CommentStatus) -> Option<Diagnostic> {
    let message = format!("no comment of this thread has the id `{id}`");
    match status {
        CommentStatus::Approved => {}
        CommentStatus::Pending => {
            let problem = Diagnostic::warning(message).at(location.clone());
            return Some(problem.help("before you approve this reply, leave the key out: then it begins a thread"));
        }
        CommentStatus::Spam => return None,
    }
    let problem = Diagnostic::error(message).at(location.clone());
    // Among short ids nearly all are near, and a guess would only be a number.
    Some(match nearest(id, ids.iter().map(String::as_str).filter(|id| id.len() > 3)) {
        Some(known) => problem.help(format!("did you mean `{known}`?")),
        None if (1..=12).contains(&ids.len()) => {
            let mut known: Vec<String> = ids.iter().map(|id| format!("`{id}`")).collect();
            known.dedup();
            problem.help(format!("its ids are {}", known.join(", ")))
        }
        None => problem.help("write the id of the comment that this one answers, or leave the key out"),
    })
}

/// The circles of a graph in which each node has one way out at most. Each begins with its lowest node.
fn circles(parents: &[Option<usize>]) -> Vec<Vec<usize>> {
    let mut circles = Vec::new();
    // The walk on which a node was met first.
    let mut walks: Vec<Option<usize>> = vec![None; parents.len()];
    for start in 0..parents.len() {
        let mut at = start;
        while walks[at].is_none() {
            walks[at] = Some(start);
            match parents[at] {
                Some(parent) => at = parent,
                None => break,
            }
        }
        if walks[at] == Some(start) && parents[at].is_some() {
            let mut circle = vec![at];
            let mut next = parents[at];
            while let Some(place) = next.filter(|place| *place != at) {
                circle.push(place);
                next = parents[place];
            }
            let lowest = circle.iter().enumerate().min_by_key(|(_, place)| **place).map_or(0, |(i, _)| i);
            circle.rotate_left(lowest);
            circles.push(circle);
        }
    }
    circles
}

fn closed(circle: &[usize], documents: &[&Arc<CommentDocument>], ids: &[String]) -> Diagnostic {
    let location = |place: usize| match &documents[place].reply_to {
        Some((_, location)) => location.clone(),
        None => documents[place].location.clone(),
    };
    let first = circle[0];
    if circle.len() == 1 {
        return Diagnostic::error(format!("the comment `{}` answers itself", ids[first]))
            .at(location(first))
            .help("write the id of the comment that it answers, or leave the key out");
    }
    let way: Vec<String> = circle.iter().chain([&first]).take(12).map(|place| format!("`{}`", ids[*place])).collect();
    let more = if circle.len() >= 12 { " …" } else { "" };
    let mut problem =
        Diagnostic::error(format!("these comments answer one another in a circle: {}{more}", way.join(" → ")))
            .at(location(first))
            .help("one of them must answer another comment, or none");
    for place in circle.iter().skip(1).take(4) {
        problem =
            problem.related(format!("`{}` answers `{}`", ids[*place], reply(documents, *place)), location(*place));
    }
    problem
}

fn reply<'d>(documents: &[&'d Arc<CommentDocument>], place: usize) -> &'d str {
    documents[place].reply_to.as_ref().map_or("", |(id, _)| id)
}

/// Puts the approved comments in order, and each reply below its comment.
fn arrange(
    documents: &[&Arc<CommentDocument>],
    mut ids: Vec<String>,
    parents: &[Option<usize>],
    rules: &ThreadOptions<'_>,
) -> Thread {
    let standing: Vec<Option<TimeOrder>> = documents
        .iter()
        .enumerate()
        .map(|(place, document)| Some((document.date.as_ref()?.timestamp, place)))
        .collect();
    let mut shown: Vec<usize> = (0..documents.len())
        .filter(|place| match documents[*place].status {
            CommentStatus::Approved => true,
            CommentStatus::Pending => rules.pending,
            CommentStatus::Spam => false,
        })
        .filter(|place| standing[*place].is_some())
        .collect();
    shown.sort_by_key(|place| standing[*place]);
    let mut index: Vec<Option<usize>> = vec![None; documents.len()];
    for (i, place) in shown.iter().enumerate() {
        index[*place] = Some(i);
    }

    let mut roots: Vec<(Option<TimeOrder>, usize)> = Vec::new();
    let mut answers: Vec<Vec<usize>> = vec![Vec::new(); shown.len()];
    let mut reply_to: Vec<Option<usize>> = vec![None; shown.len()];
    for (i, place) in shown.iter().enumerate() {
        reply_to[i] = parents[*place].and_then(|parent| index[parent]);
        match reply_to[i] {
            Some(parent) => answers[parent].push(i),
            None => roots.push((parents[*place].and_then(|parent| standing[parent]).or(standing[*place]), i)),
        }
    }
    let (above, depth) = nest(&answers, &mut roots, rules.max_depth.max(1), |i| standing[shown[i]]);

    roots.sort();
    if rules.order == Order::Newest {
        roots.sort_by_key(|root| Reverse(*root));
    }
    let mut comments: Vec<Comment> = Vec::with_capacity(shown.len());
    let mut number = 0;
    for (i, place) in shown.iter().enumerate() {
        let document = documents[*place];
        let Some(date) = document.date.clone() else { continue };
        number += usize::from(document.status != CommentStatus::Pending);
        // Whoever took it knows better than its name, which anybody can write.
        let by_author = match document.kind {
            CommentKind::Comment => document
                .by_author
                .unwrap_or_else(|| document.author.as_deref().is_some_and(|name| is_one_of(name, rules.authors))),
            // Elsewhere, the account or the site says who it was. Its name says nothing.
            CommentKind::Network(_) | CommentKind::Webmention => document.by_author == Some(true),
            CommentKind::Pingback | CommentKind::Trackback => false,
        };
        comments.push(Comment {
            written: document.clone(),
            id: std::mem::take(&mut ids[*place]),
            number,
            date,
            depth: depth[i],
            by_author,
            reply_to: reply_to[i],
            replies: Vec::new(),
        });
    }
    for (i, parent) in above.iter().enumerate() {
        if let Some(parent) = parent {
            comments[*parent].replies.push(i);
        }
    }
    Thread { comments, roots: roots.into_iter().map(|(_, i)| i).collect(), reactions: Vec::new() }
}

/// The comment above each comment as it is shown, and its depth. Replies that are too deep go below the nearest
/// ancestor that may have replies; where none may have any, they become roots.
fn nest(
    answers: &[Vec<usize>],
    roots: &mut Vec<(Option<TimeOrder>, usize)>,
    max_depth: usize,
    standing: impl Fn(usize) -> Option<TimeOrder>,
) -> (Vec<Option<usize>>, Vec<usize>) {
    let mut above: Vec<Option<usize>> = vec![None; answers.len()];
    let mut depth = vec![1; answers.len()];
    // A list of what is still to be done, not recursion: a chain of replies may be thousands long.
    let mut open: Vec<usize> = roots.iter().map(|(_, i)| *i).collect();
    while let Some(parent) = open.pop() {
        for &answer in &answers[parent] {
            if depth[parent] < max_depth {
                (above[answer], depth[answer]) = (Some(parent), depth[parent] + 1);
            } else {
                (above[answer], depth[answer]) = (above[parent], depth[parent]);
            }
            if above[answer].is_none() {
                roots.push((standing(answer), answer));
            }
            open.push(answer);
        }
    }
    (above, depth)
}

/// Whether a name is one of the authors'.
pub fn is_one_of(name: &str, authors: &[String]) -> bool {
    if authors.is_empty() {
        return false;
    }
    let name = name.trim().to_lowercase();
    authors.iter().flat_map(|author| names_of(author)).any(|author| author.to_lowercase() == name)
}

/// What an author is called: as it is written, and without the address where that is as feeds want it:
/// `jo@example.org (Jo Field)`.
pub fn names_of(author: &str) -> impl Iterator<Item = &str> {
    let author = author.trim();
    let bare = author.strip_suffix(')').and_then(|author| author.rsplit_once('(')).map(|(_, bare)| bare.trim());
    [author].into_iter().chain(bare)
}

#[cfg(test)]
mod tests;
