//! A reply as it is stored in the spool: a comment file, with the data of moderation in comments of its front matter.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::object_name;
use crate::content::{CommentKind, CommentStatus, parse_thread};
use crate::diagnostic::{Diagnostic, Location};
use crate::replies::file::{comment_file, with_notes, with_origin};
use crate::replies::form::{Field, Form};
use crate::replies::guard::{self, Disposition, Verdict};
use crate::replies::{Refusal, ReplyTarget};
use crate::site::Site;
use crate::source::decode;

/// The state of a reply in moderation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// The reply waits for a decision.
    #[default]
    Pending,
    /// The reply is being put into its thread.
    Approving,
    /// The reply is in its thread. The spool keeps a record of it without its text.
    Approved,
    /// The reply is being taken out of its thread.
    Returning,
    /// A moderator rejected the reply.
    Rejected,
    /// A moderator or the guard marked the reply as spam.
    Spam,
    /// The writer has taken the reply back, and its object is about to be deleted.
    Withdrawn,
}

impl State {
    /// The states that replies are in for longer than a moment, by their names on the command line.
    pub const LASTING: [(&str, Self); 4] =
        [("pending", Self::Pending), ("approved", Self::Approved), ("spam", Self::Spam), ("rejected", Self::Rejected)];

    /// The lasting state of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::LASTING.into_iter().find(|(state_name, _)| *state_name == name).map(|(_, state)| state)
    }

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approving => "approving",
            Self::Approved => "approved",
            Self::Returning => "returning",
            Self::Rejected => "rejected",
            Self::Spam => "spam",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// What the comment file of a reply in this state says of itself.
    fn status(self) -> CommentStatus {
        match self {
            Self::Pending | Self::Approving | Self::Returning => CommentStatus::Pending,
            Self::Approved => CommentStatus::Approved,
            Self::Rejected | Self::Spam | Self::Withdrawn => CommentStatus::Spam,
        }
    }
}

/// The data of moderation about a reply, besides its text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModerationNotes {
    /// The state of the reply.
    pub state: State,
    /// The path of the address of the page that it answers.
    pub page: String,
    /// The file of that page, from the root of the site.
    pub document: String,
    /// The folder of that page's comments, from the root of the site.
    pub folder: String,
    /// When the reply arrived.
    pub received: Timestamp,
    /// When the last decision was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided: Option<Timestamp>,
    /// The state before the last decision, which undoing it restores.
    #[serde(default, rename = "before", skip_serializing_if = "Option::is_none")]
    pub previous_state: Option<State>,
    /// How often its text was changed since it came.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub revision: u32,
    /// Whether the post's author wrote it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub by_author: bool,
    /// The writer's address for mail about answers. It is kept only if the writer asked for such mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Whether the owner of that address has confirmed it.
    #[serde(default, rename = "confirmed", skip_serializing_if = "is_false")]
    pub is_confirmed: bool,
    /// The random number in the writer's cookie. It is kept only if the site trusts writers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub writer: Option<String>,
    /// Whether it was approved because its writer is trusted, and nobody has decided about it.
    #[serde(default, rename = "skipped", skip_serializing_if = "is_false")]
    pub skipped_queue: bool,
    /// The last revision for which a notification was sent to the site's author.
    #[serde(default, rename = "told", skip_serializing_if = "Option::is_none")]
    pub notified_revision: Option<u32>,
    /// The site that is carrying out a decision, while that is half done.
    #[serde(default, rename = "hands", skip_serializing_if = "Option::is_none")]
    pub lease: Option<Lease>,
    /// Where it comes from, if not from the form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// The verdict of the guard.
    #[serde(default)]
    pub guard: Verdict,
}

impl ModerationNotes {
    /// The notes of a reply from this moment that waits, and belongs to no page yet.
    pub fn at(received: Timestamp) -> Self {
        Self {
            state: State::Pending,
            page: String::new(),
            document: String::new(),
            folder: String::new(),
            received,
            decided: None,
            previous_state: None,
            revision: 0,
            by_author: false,
            email: None,
            is_confirmed: false,
            writer: None,
            skipped_queue: false,
            notified_revision: None,
            lease: None,
            origin: None,
            guard: Verdict::default(),
        }
    }
}

/// Where a reply comes from that was not sent by the form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// What it is: a reply on a network, or a Webmention.
    #[serde(with = "crate::content::kind_word")]
    pub kind: CommentKind,
    /// What its writer put before the text, in one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
}

/// The claim of one site to finish a half-done decision. Several sites can share a spool, and only the site that began to
/// change its thread can finish that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// The name of its home, see [`InboxFolder::site_name`](super::InboxFolder::site_name).
    pub site: String,
    /// When it began.
    pub since: Timestamp,
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

fn is_false(flag: &bool) -> bool {
    !*flag
}

/// A reply in the spool.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplyObject {
    /// Its id, which becomes the comment's.
    pub id: String,
    /// The fields that the writer sent.
    pub form: Form,
    /// The data of moderation.
    pub notes: ModerationNotes,
}

impl ReplyObject {
    /// Creates the object of a reply that has just arrived.
    pub fn new(
        id: String,
        form: Form,
        site: &Site,
        target: &ReplyTarget,
        verdict: Verdict,
        received: Timestamp,
    ) -> Self {
        let content = site.content(target.content());
        let notes = ModerationNotes {
            state: if verdict.decision == Disposition::Spam { State::Spam } else { State::Pending },
            page: content.path.clone(),
            document: content.source.path.to_string(),
            folder: target.folder().to_owned(),
            email: form.email().filter(|_| form.wants_notifications()).map(|email| email.as_str().to_owned()),
            guard: verdict,
            ..ModerationNotes::at(received)
        };
        Self { id, form, notes }
    }

    /// The confirmed address to which mail about answers is sent.
    pub fn subscriber(&self) -> Option<&str> {
        self.notes.email.as_deref().filter(|_| self.notes.is_confirmed)
    }

    /// Whether a notification of the present revision was sent to the site's author.
    pub fn is_notified(&self) -> bool {
        self.notes.notified_revision == Some(self.notes.revision)
    }

    /// The handle by which commands name the reply: its id and its revision. A moderator who saw one text cannot approve
    /// another by it.
    pub fn handle(&self) -> String {
        match self.notes.revision {
            0 => self.id.clone(),
            revision => format!("{}.{revision}", self.id),
        }
    }

    /// A handle with the state, for a decision that is made later. A command with this handle does nothing if the revision
    /// or the state has changed since.
    pub fn handle_with_state(&self) -> String {
        format!("{}.{}.{}", self.id, self.notes.revision, self.notes.state.as_str())
    }

    /// The author of the site whose name looks like the writer's, although somebody else wrote the reply.
    pub fn poses_as(&self) -> Option<&str> {
        let author = self.notes.guard.poses_as().filter(|_| !self.notes.by_author)?;
        // A moderator may have changed the name since.
        guard::look_the_same(self.form.author()?, author).then_some(author)
    }

    /// The path of its comment file in the thread, whether that exists or not.
    pub fn path(&self) -> String {
        format!("{}/{}", self.notes.folder, self.file_name())
    }

    pub(in crate::replies) fn file_name(&self) -> String {
        object_name(&self.id)
    }

    /// The text of its comment file in the thread, without the data of moderation.
    pub fn to_comment_file(&self) -> String {
        let ModerationNotes { received, by_author, origin, .. } = &self.notes;
        with_origin(&comment_file(&self.form, None, *received, CommentStatus::Approved, *by_author), origin.as_ref())
    }

    /// The object.
    pub fn to_object(&self) -> String {
        let ModerationNotes { received, state, by_author, .. } = self.notes;
        let file = comment_file(&self.form, Some(&self.id), received, state.status(), by_author);
        let file = with_origin(&file, self.notes.origin.as_ref());
        // Only what is a map of plain values is written here, which TOML has a form for.
        with_notes(&file, &toml::to_string(&self.notes).unwrap_or_default())
    }

    /// Reads an object. Its fields are checked as those of a form are.
    pub fn from_object(id: &str, bytes: Vec<u8>) -> Result<Self, Diagnostic> {
        let path = format!("{}/{}", super::DEFAULT_FOLDER, object_name(id));
        let refuse = |why: String| {
            Diagnostic::warning(format!("this is no reply: {why}"))
                .at(Location::file(path.as_str()))
                .help("mend it, or delete it")
        };
        let source = decode(&path, bytes)?;
        let (file, problems) = parse_thread(&source);
        if let Some(problem) = problems.into_iter().next() {
            return Err(problem);
        }
        let Ok([comment]) = <[_; 1]>::try_from(file.comments) else {
            return Err(refuse("it should be one comment".to_owned()));
        };
        let notes: String = notes_of(&source.text).flat_map(|line| [line, "\n"]).collect();
        let notes: ModerationNotes = toml::from_str(&notes).map_err(|error| refuse(error.message().to_owned()))?;
        let form = form_of(&comment, &notes).map_err(|refusal| refuse(refusal.to_string()))?;
        Ok(Self { id: id.to_owned(), form, notes })
    }
}

/// What a comment of a file says, as its form would have said it.
pub(in crate::replies) fn form_of(
    comment: &crate::content::CommentDocument,
    notes: &ModerationNotes,
) -> Result<Form, Refusal> {
    let reply_to = comment.reply_to.as_ref().map(|(id, _)| id.as_str());
    let fields = [
        (Field::Page, Some(notes.page.as_str())),
        (Field::ReplyTo, reply_to),
        (Field::Author, comment.author.as_deref()),
        (Field::Url, comment.url.as_deref()),
        (Field::Email, notes.email.as_deref()),
        (Field::Notify, notes.email.as_ref().map(|_| "1")),
        (Field::Comment, Some(&*comment.body)),
    ];
    Form::from_fields(fields.into_iter().map(|(field, value)| (field, Cow::from(value.unwrap_or_default()))))
}

/// The lines of an object that only moderation reads.
fn notes_of(text: &str) -> impl Iterator<Item = &str> {
    let is_separator = |line: &&str| line.trim_end() == "+++";
    let front_matter = text.lines().skip_while(move |line| !is_separator(line)).skip(1);
    front_matter.take_while(move |line| !is_separator(line)).filter_map(|line| line.strip_prefix("#: "))
}
