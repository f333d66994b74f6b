//! What a moderator does with replies, on the page and by links, and the outcome.

use jiff::Timestamp;
use serde::Serialize;

use crate::diagnostic::Diagnostic;
use crate::inbox::app_state::AppState;
use crate::replies::{Decision, DecisionOutcome, Edit, Fields, Moderation, State, new_id};

/// The largest number of replies in one request.
const MAX_REPLIES: usize = 100;

/// What a moderator does with replies.
#[derive(Clone, Debug)]
pub enum ModerationCommand {
    /// Decides about replies.
    Decide(Decision),
    /// Takes the last decision about replies back.
    Undo,
    /// Changes the fields of one reply.
    Edit(Edit),
    /// Answers one reply with this text, and approves it.
    Answer(String),
}

impl ModerationCommand {
    pub const APPROVE: Self = Self::Decide(Decision::Approve);
    pub const SPAM: Self = Self::Decide(Decision::Spam);
    pub const REJECT: Self = Self::Decide(Decision::Reject);

    /// The name of the command in forms, in tokens and in the log.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Decide(Decision::Approve) => "approve",
            Self::Decide(Decision::Spam) => "spam",
            Self::Decide(Decision::Reject) => "reject",
            Self::Undo => "undo",
            Self::Edit(_) => "edit",
            Self::Answer(_) => "answer",
        }
    }

    /// Returns the command that a link names. A link can decide and undo.
    pub fn of_link(name: &str) -> Option<Self> {
        [Self::APPROVE, Self::SPAM, Self::REJECT, Self::Undo].into_iter().find(|command| command.name() == name)
    }

    /// The text on the button of the command.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Decide(Decision::Approve) => "Approve",
            Self::Decide(Decision::Spam) => "Mark as spam",
            Self::Decide(Decision::Reject) => "Reject",
            Self::Undo => "Undo",
            Self::Edit(_) => "Save",
            Self::Answer(_) => "Answer",
        }
    }

    /// Whether the command can be carried out with a reply in this state.
    pub fn applies_to(&self, state: State) -> bool {
        match self {
            Self::Decide(Decision::Approve) | Self::Edit(_) => state != State::Approved,
            Self::Decide(Decision::Spam) => !matches!(state, State::Approved | State::Spam),
            Self::Decide(Decision::Reject) => !matches!(state, State::Approved | State::Rejected),
            Self::Undo => state != State::Pending,
            Self::Answer(_) => true,
        }
    }

    /// Carries out the command. The inner results are those of single replies.
    fn carry_out(
        &self,
        handles: &[&str],
        moderation: &Moderation<'_>,
        now: Timestamp,
    ) -> Result<Vec<Result<DecisionOutcome, Diagnostic>>, Diagnostic> {
        let Some(first) = handles.first() else { return Err(Diagnostic::error("No reply was chosen.")) };
        match self {
            Self::Decide(decision) => moderation.decide_all(handles, *decision, now),
            Self::Undo => moderation.undo_all(handles, now),
            Self::Edit(edit) => Ok(vec![moderation.edit(first, edit, now)]),
            Self::Answer(text) => {
                let random = getrandom::u32()
                    .map_err(|error| Diagnostic::error(format!("this system gives no random numbers: {error}")))?;
                let outcomes = moderation.reply(first, text, None, new_id(now, random), now)?;
                Ok(outcomes.into_iter().map(Ok).collect())
            }
        }
    }

    /// Summarizes the outcomes in a sentence for the moderator. `None` if there are none.
    fn summary(&self, outcomes: &[DecisionOutcome]) -> Option<String> {
        let author = outcomes.first()?.reply.form.author().unwrap_or("Anonymous");
        let verb = match self {
            Self::Decide(Decision::Approve) => "Approved",
            Self::Decide(Decision::Reject) => "Rejected",
            Self::Decide(Decision::Spam) => "Put aside as spam:",
            Self::Undo => "Taken back: the decision about",
            Self::Edit(_) => "Changed",
            Self::Answer(_) if outcomes.len() == 1 => return Some("Your answer is in its thread.".to_owned()),
            Self::Answer(_) => return Some(format!("Approved and answered the reply by {author}.")),
        };
        Some(match outcomes.len() {
            1 => format!("{verb} the reply by {author}."),
            many => format!("{verb} {many} replies."),
        })
    }

    /// Returns the handles of the replies whose decision can be taken back after these outcomes.
    fn undo_handles(&self, outcomes: &[DecisionOutcome]) -> Vec<String> {
        match self {
            Self::Decide(_) => outcomes.iter().map(|outcome| outcome.reply.handle_with_state()).collect(),
            // The answer must be taken back before the reply that it answers.
            Self::Answer(_) => outcomes.last().map(|outcome| outcome.reply.handle_with_state()).into_iter().collect(),
            Self::Undo | Self::Edit(_) => Vec::new(),
        }
    }

    /// Returns the text that the moderator wrote for the command.
    fn into_text(self) -> Option<String> {
        match self {
            Self::Edit(edit) => edit.comment,
            Self::Answer(text) => Some(text),
            Self::Decide(_) | Self::Undo => None,
        }
    }
}

/// A command about some replies.
#[derive(Debug)]
pub struct ModerationRequest {
    pub command: ModerationCommand,
    /// The handles of the replies.
    pub handles: Vec<String>,
}

impl ModerationRequest {
    /// Reads the fields of a form. `None` if no page of moderation has such a form.
    pub fn read(fields: &Fields<'_>) -> Option<Self> {
        let field = |name: &str| fields.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value);
        let text = |name: &str| {
            field(name).chars().filter(|c| matches!(c, '\n' | '\t') || !c.is_control()).collect::<String>()
        };
        let command = match field("action") {
            "edit" => {
                let [author, url, comment] = ["author", "url", "comment"].map(|name| Some(text(name)));
                ModerationCommand::Edit(Edit { author, url, comment })
            }
            "answer" => ModerationCommand::Answer(text("answer")),
            name => ModerationCommand::of_link(name)?,
        };
        let mut handles: Vec<String> = Vec::new();
        for (_, handle) in fields.iter().filter(|(name, _)| name == "reply").take(MAX_REPLIES) {
            if !handles.iter().any(|other| other == handle) {
                handles.push(handle.to_string());
            }
        }
        Some(Self { command, handles })
    }

    /// Carries out the command, and publishes what it changes.
    pub fn carry_out(self, app: &AppState, now: Timestamp) -> Outcome {
        let Self { command, handles } = self;
        let handles: Vec<&str> = handles.iter().map(String::as_str).collect();
        let results = command.carry_out(&handles, &app.moderation(), now).unwrap_or_else(|problem| vec![Err(problem)]);
        let (mut outcomes, mut problems) = (Vec::new(), Vec::new());
        for result in results {
            match result {
                Ok(outcome) => outcomes.push(outcome),
                Err(problem) => problems.push(one_line(&problem)),
            }
        }
        problems.extend(outcomes.iter().flat_map(|outcome| &outcome.problems).map(one_line));
        problems.extend(app.publish(&outcomes).iter().map(one_line));
        // The decision may have queued mail to readers.
        app.wake_mail_thread();
        Outcome {
            summary: command.summary(&outcomes),
            undo_handles: command.undo_handles(&outcomes),
            problems,
            unsaved_text: if outcomes.is_empty() { command.into_text() } else { None },
        }
    }
}

/// The outcome of a command, for the page.
#[derive(Debug, Default, Serialize)]
pub struct Outcome {
    /// A sentence that states what was done. `None`: nothing was.
    pub summary: Option<String>,
    /// The handles of the replies whose decision can be taken back now.
    pub undo_handles: Vec<String>,
    /// What was not done, or failed afterwards.
    pub problems: Vec<String>,
    /// The text of an edit or an answer that failed, so that the moderator does not lose it.
    pub unsaved_text: Option<String>,
}

impl Outcome {
    /// Whether the command was carried out with a reply.
    pub fn is_success(&self) -> bool {
        self.summary.is_some()
    }

    /// Whether the page has nothing to report.
    pub fn is_empty(&self) -> bool {
        self.summary.is_none() && self.problems.is_empty()
    }
}

/// Writes a problem in one line.
pub fn one_line(problem: &Diagnostic) -> String {
    match &problem.location {
        Some(location) => format!("{} ({})", problem.message, location.path),
        None => problem.message.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(form: &str) -> Option<ModerationRequest> {
        ModerationRequest::read(&crate::replies::fields(form.as_bytes()).expect("a form"))
    }

    #[test]
    fn forms_name_every_command_and_links_those_without_text() {
        for (name, is_of_link) in
            [("approve", true), ("spam", true), ("reject", true), ("undo", true), ("edit", false), ("answer", false)]
        {
            let request = read(&format!("action={name}&reply=a.1&reply=b.1&reply=a.1")).expect("a command");
            assert_eq!((request.command.name(), request.handles), (name, vec!["a.1".to_owned(), "b.1".to_owned()]));
            assert_eq!(ModerationCommand::of_link(name).is_some(), is_of_link, "{name}");
        }
        for unknown in ["", "action=", "action=Approve", "action=forget&reply=a.1"] {
            assert!(read(unknown).is_none(), "{unknown}");
        }
    }

    #[test]
    fn texts_lose_control_characters_and_keep_lines() {
        let edit = read("action=edit&reply=a.1&author=J%00o&url=&comment=a%0Ab%09c%1B").expect("a command");
        let ModerationCommand::Edit(edit) = edit.command else { panic!("an edit") };
        assert_eq!((edit.author.as_deref(), edit.url.as_deref()), (Some("Jo"), Some("")));
        assert_eq!(edit.comment.as_deref(), Some("a\nb\tc"));
        let answer = read("action=answer&reply=a.1&answer=%07Yes").expect("a command").command;
        assert_eq!(answer.into_text().as_deref(), Some("Yes"));
    }
}
