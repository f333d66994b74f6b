use super::super::spool::{ReplyObject, State};
use crate::diagnostic::Diagnostic;

/// Which replies are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// In one of these states; none named: in any.
    pub states: Vec<State>,
    /// Under the page of this address, or below it where it ends with `*`.
    pub page: Option<String>,
    /// With this text in the name, the website or the words, in letters of either case.
    pub text: Option<String>,
    /// Scored at least so high by the guard.
    pub min_score: Option<i32>,
    /// So many, the newest of them.
    pub limit: Option<usize>,
}

/// The replies that were asked for.
#[derive(Clone, Debug)]
pub struct Listing {
    /// Oldest first.
    pub replies: Vec<ReplyObject>,
    /// How many more there are than the filter's limit.
    pub more: usize,
    /// What in the spool could not be read.
    pub problems: Vec<Diagnostic>,
}

impl Filter {
    pub(super) fn apply(&self, mut replies: Vec<&ReplyObject>, problems: Vec<Diagnostic>) -> Listing {
        let text = self.text.as_ref().map(|text| text.to_lowercase());
        replies.retain(|reply| self.lets_through(reply, text.as_deref()));
        let more = replies.len() - self.limit.unwrap_or(usize::MAX).min(replies.len());
        let replies = replies.into_iter().skip(more).cloned().collect();
        Listing { replies, more, problems }
    }

    fn lets_through(&self, reply: &ReplyObject, text: Option<&str>) -> bool {
        let page = |wanted: &String| match wanted.strip_suffix('*') {
            Some(start) => reply.notes.page.starts_with(start),
            None => reply.notes.page.trim_matches('/') == wanted.trim_matches('/'),
        };
        let fields = || [reply.form.author(), reply.form.url(), Some(reply.form.comment())].into_iter().flatten();
        (self.states.is_empty() || self.states.contains(&reply.notes.state))
            && self.page.as_ref().is_none_or(page)
            && text.is_none_or(|text| fields().any(|field| field.to_lowercase().contains(text)))
            && self.min_score.is_none_or(|least| reply.notes.guard.score >= least)
    }
}
