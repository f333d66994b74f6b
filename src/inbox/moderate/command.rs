//! What a form of the page of moderation wants, and what comes of it.

use jiff::Timestamp;
use serde::Serialize;

use super::view::told;
use crate::diagnostic::Diagnostic;
use crate::inbox::state::AppState;
use crate::replies::{Decision, DecisionOutcome, Edit, Fields, Moderation, ReplyObject, State, new_id};

/// So many replies are decided about at once at the most.
const MOST: usize = 100;

/// What somebody wants done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Decide(Decision),
    Undo,
    Edit,
    Answer,
}

impl Action {
    const ALL: [(&str, Self); 6] = [
        ("approve", Self::Decide(Decision::Approve)),
        ("spam", Self::Decide(Decision::Spam)),
        ("reject", Self::Decide(Decision::Reject)),
        ("undo", Self::Undo),
        ("edit", Self::Edit),
        ("answer", Self::Answer),
    ];
}

/// What a link decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkDecision {
    Approve,
    Spam,
    Reject,
    Undo,
}

impl LinkDecision {
    pub const ALL: [Self; 4] = [Self::Approve, Self::Spam, Self::Reject, Self::Undo];

    /// Its name.
    pub fn name(self) -> &'static str {
        self.action().0
    }

    /// What its button says.
    pub fn label(self) -> &'static str {
        match self {
            Self::Approve => "Approve",
            Self::Spam => "Mark as spam",
            Self::Reject => "Reject",
            Self::Undo => "Undo",
        }
    }

    /// Whether it can be done about a reply in a state.
    pub fn applies_to(self, state: State) -> bool {
        match self {
            Self::Approve => state != State::Approved,
            Self::Spam => !matches!(state, State::Approved | State::Spam),
            Self::Reject => !matches!(state, State::Approved | State::Rejected),
            Self::Undo => state != State::Pending,
        }
    }

    fn action(self) -> (&'static str, Action) {
        Action::ALL[self as usize]
    }
}

/// A form, read.
#[derive(Debug)]
pub struct ModerationCommand {
    name: &'static str,
    action: Action,
    handles: Vec<String>,
    author: String,
    url: String,
    comment: String,
    answer: String,
}

/// What came of it, for the page to say.
#[derive(Debug, Default, Serialize)]
pub struct Outcome {
    /// What was done, in a sentence.
    pub done: Option<String>,
    /// The replies whose decision can be taken back now.
    pub undo: Vec<String>,
    /// What was not done, or went wrong afterwards.
    pub problems: Vec<String>,
    /// What was typed and not taken, so that it is not lost.
    pub typed: Option<String>,
}

impl Outcome {
    /// Whether something was done.
    pub fn is_good(&self) -> bool {
        self.done.is_some()
    }

    /// Whether there is nothing to say.
    pub fn is_silent(&self) -> bool {
        self.done.is_none() && self.problems.is_empty()
    }
}

impl ModerationCommand {
    /// What the fields of a form want. None if that is nothing that a page of ours asks for.
    pub fn read(fields: &Fields<'_>) -> Option<Self> {
        let field = |name: &str| fields.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value);
        let wanted = field("action");
        let (name, action) = Action::ALL.into_iter().find(|(name, _)| *name == wanted)?;
        let mut handles: Vec<String> = Vec::new();
        for (_, handle) in fields.iter().filter(|(name, _)| name == "reply").take(MOST) {
            if !handles.iter().any(|other| other == handle) {
                handles.push(handle.to_string());
            }
        }
        let typed = |name| field(name).chars().filter(|c| matches!(c, '\n' | '\t') || !c.is_control()).collect();
        let [author, url, comment, answer] = ["author", "url", "comment", "answer"].map(typed);
        Some(Self { name, action, handles, author, url, comment, answer })
    }

    /// What a link wants.
    pub fn of(verb: LinkDecision, handle: &str) -> Self {
        let (name, action) = verb.action();
        let [author, url, comment, answer] = Default::default();
        Self { name, action, handles: vec![handle.to_owned()], author, url, comment, answer }
    }

    /// Its name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Does it, and publishes what it changes.
    pub fn carry_out(self, desk: &AppState, now: Timestamp) -> Outcome {
        let (mut done, mut problems) = (Vec::new(), Vec::new());
        let mut typed = None;
        if self.handles.is_empty() {
            problems.push("No reply was chosen.".to_owned());
        } else {
            match self.results(&desk.moderation(), now) {
                Ok(results) => {
                    for result in results {
                        match result {
                            Ok(one) => done.push(one),
                            Err(problem) => problems.push(told(&problem)),
                        }
                    }
                }
                Err(problem) => problems.push(told(&problem)),
            }
        }
        if done.is_empty() {
            typed = match self.action {
                Action::Edit => Some(self.comment),
                Action::Answer => Some(self.answer),
                _ => None,
            };
        }
        problems.extend(done.iter().flat_map(|done| &done.problems).map(told));
        problems.extend(desk.publish(&done).iter().map(told));
        // Readers may have been written to.
        desk.wake_mail_room();
        Outcome { done: sentence(self.action, &done), undo: undoable(self.action, &done), problems, typed }
    }

    fn results(
        &self,
        moderation: &Moderation<'_>,
        now: Timestamp,
    ) -> Result<Vec<Result<DecisionOutcome, Diagnostic>>, Diagnostic> {
        let handles: Vec<&str> = self.handles.iter().map(String::as_str).collect();
        let first = handles.first().copied().unwrap_or_default();
        match self.action {
            Action::Decide(decision) => moderation.decide_all(&handles, decision, now),
            Action::Undo => moderation.undo_all(&handles, now),
            Action::Edit => {
                let Self { author, url, comment, .. } = self;
                let [author, url, comment] = [author, url, comment].map(|text| Some(text.clone()));
                Ok(vec![moderation.edit(first, &Edit { author, url, comment }, now)])
            }
            Action::Answer => {
                let random = getrandom::u32()
                    .map_err(|error| Diagnostic::error(format!("this system gives no random numbers: {error}")))?;
                let done = moderation.reply(first, &self.answer, None, new_id(now, random), now)?;
                Ok(done.into_iter().map(Ok).collect())
            }
        }
    }
}

/// What was done, for whoever did it.
fn sentence(action: Action, done: &[DecisionOutcome]) -> Option<String> {
    let first = &done.first()?.reply;
    let verb = match action {
        Action::Decide(Decision::Approve) => "Approved",
        Action::Decide(Decision::Reject) => "Rejected",
        Action::Decide(Decision::Spam) => "Put aside as spam:",
        Action::Undo => "Taken back: the decision about",
        Action::Edit => "Changed",
        Action::Answer if done.len() > 1 => "Approved and answered",
        Action::Answer => "Answered",
    };
    Some(match done.len() {
        many if many > 1 && action != Action::Answer => format!("{verb} {many} replies."),
        _ if action == Action::Answer && done.len() == 1 => "Your answer is in its thread.".to_owned(),
        _ => format!("{verb} the reply by {}.", name(first)),
    })
}

fn name(kept: &ReplyObject) -> &str {
    kept.form.author().unwrap_or("Anonymous")
}

fn undoable(action: Action, done: &[DecisionOutcome]) -> Vec<String> {
    match action {
        Action::Decide(_) => done.iter().map(|done| done.reply.handle_with_state()).collect(),
        // What was answered is not taken back before its answer is.
        Action::Answer => done.last().map(|done| done.reply.handle_with_state()).into_iter().collect(),
        Action::Undo | Action::Edit => Vec::new(),
    }
}
