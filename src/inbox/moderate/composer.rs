//! Composes the mails that notify the site's author of replies, as plain text.
//!
//! No text of a reader is in a header or at the beginning of a line. Each line of a reply starts with a bar, so that it cannot
//! imitate the text of the mail.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::command::ModerationCommand;
use super::link::link;
use super::route::HOME;
use super::session;
use crate::inbox::origins::Origins;
use crate::inbox::response::AnsweredPost;
use crate::replies::guard::Disposition;
use crate::replies::{Key, Mail, ReplyObject, State};
use crate::site::Site;

/// The characters of a reply's text that a mail shows. The pages of its links show the whole text.
const MAX_TEXT: usize = 4_000;

/// The characters of the comment that a reply answers, and of each reply in a list.
const MAX_EXCERPT: usize = 300;

/// The number of replies in a list.
const MAX_LISTED: usize = 50;

/// Composes mails to the author.
#[derive(Clone, Copy)]
pub struct MailComposer<'a> {
    /// The current site.
    pub site: &'a Site,
    /// The origins of the server, for links.
    pub origins: &'a Origins,
    /// The key that signs links.
    pub key: &'a Key,
    /// The address of the site's author.
    pub to: &'a str,
}

impl MailComposer<'_> {
    /// Composes a mail about one reply, with links that decide about it.
    pub fn single(&self, reply: &ReplyObject, now: Timestamp) -> Mail {
        let ReplyObject { form, notes, .. } = reply;
        let post = AnsweredPost::at(self.site, &notes.page);
        let title = title(post.as_ref(), reply);
        let mut text = format!("A reply to “{title}”, by {}.\n", name(reply));
        if let Some(post) = &post {
            let _ = writeln!(text, "{}", post.permalink);
        }
        if let Some(author) = reply.poses_as() {
            let _ = writeln!(text, "{}", name_warning(author));
        }
        if let Some(url) = form.url() {
            let _ = writeln!(text, "Their website: {}", line(url));
        }
        if let (Some(post), Some(id)) = (&post, form.reply_to()) {
            let comments = &self.site.content(post.id).thread.comments;
            match comments.iter().find(|comment| comment.id == id && !comment.is_pending()) {
                Some(comment) => {
                    let _ = writeln!(text, "\nIt answers {}:\n", line(comment.author()));
                    quote(&mut text, '>', &comment.written.body, MAX_EXCERPT);
                }
                None => text.push_str("\nIt answers a response that is not there.\n"),
            }
        }
        text.push_str("\nThe reply:\n\n");
        quote(&mut text, '|', form.comment(), MAX_TEXT);
        let guard = &notes.guard;
        if !guard.reasons.is_empty() {
            let advice = if guard.decision == Disposition::Strict { ": look closely" } else { "" };
            let _ = writeln!(text, "\nSpam points: {}{advice}", guard.score);
            for reason in &guard.reasons {
                let _ = writeln!(text, "- {} ({:+})", line(&reason.to_string()), reason.weight);
            }
        }
        text.push('\n');
        let commands: &[(ModerationCommand, &str)] = match notes.state {
            State::Approved => {
                text.push_str("It is published already, as its writer is trusted.\n\n");
                &[(ModerationCommand::Undo, "Take it back")]
            }
            _ => &[
                (ModerationCommand::APPROVE, "Approve"),
                (ModerationCommand::SPAM, "Mark as spam"),
                (ModerationCommand::REJECT, "Reject"),
            ],
        };
        for (command, label) in commands {
            let _ = writeln!(text, "{label}:\n{}\n", link(self.origins, self.key, command, reply, now));
        }
        text.push_str("Each link is good once and for a week, and asks before it does anything.\n");
        let _ = writeln!(text, "All replies: {}{HOME}", self.origins.public());
        Mail::new(self.to, &format!("A reply to “{title}”"), &text)
    }

    /// Composes a mail about many replies, with a link that signs in.
    ///
    /// # Errors
    /// The system has no random numbers.
    pub fn digest(&self, replies: &[ReplyObject], now: Timestamp) -> Result<Mail, getrandom::Error> {
        let site = line(self.site.config.default_language().title.as_deref().unwrap_or("your site"));
        let subject = match replies.len() {
            1 => "1 new reply".to_owned(),
            many => format!("{many} new replies"),
        };
        let mut text = format!("{subject} at {site}.\n\n");
        for reply in replies.iter().take(MAX_LISTED) {
            let post = AnsweredPost::at(self.site, &reply.notes.page);
            let moment = reply.notes.received.strftime("%-d %B %Y, %H:%M UTC");
            let already = if reply.notes.state == State::Approved { " (published already)" } else { "" };
            let _ = writeln!(text, "To “{}”, {moment}, by {}{already}", title(post.as_ref(), reply), name(reply));
            if let Some(author) = reply.poses_as() {
                let _ = writeln!(text, "{}", name_warning(author));
            }
            let first = reply.form.comment().lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
            quote(&mut text, '|', first, MAX_EXCERPT);
            text.push('\n');
        }
        if replies.len() > MAX_LISTED {
            let _ = writeln!(text, "And {} more.\n", replies.len() - MAX_LISTED);
        }
        let token = session::email_sign_in_token(self.key, now)?;
        let _ = writeln!(text, "Sign in and decide:\n{}{HOME}/enter?token={token}\n", self.origins.public());
        text.push_str("The link is good once and for a day. While so many come, you are told once an hour.\n");
        Ok(Mail::new(self.to, &subject, &text))
    }
}

/// Returns a warning about a name that looks like the name of an author.
fn name_warning(author: &str) -> String {
    format!("The name looks like that of {}, who writes this site. Somebody else may have sent it.", line(author))
}

fn name(reply: &ReplyObject) -> String {
    line(reply.form.author().unwrap_or("Anonymous"))
}

/// Returns the title of the post.
fn title(post: Option<&AnsweredPost<'_>>, reply: &ReplyObject) -> String {
    line(post.map(|post| post.title).filter(|title| !title.is_empty()).unwrap_or(&reply.notes.page))
}

/// Writes a text in one line.
fn line(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(is_plain).collect();
    plain.trim().to_owned()
}

/// Writes the lines of a text, each after a bar.
fn quote(out: &mut String, bar: char, text: &str, max: usize) {
    let cut = text.char_indices().nth(max).map(|(end, _)| end);
    for line in
        text[..cut.unwrap_or(text.len())].split(['\n', '\u{b}', '\u{c}', '\r', '\u{85}', '\u{2028}', '\u{2029}'])
    {
        let line: String = line.chars().map(|c| if c == '\t' { ' ' } else { c }).filter(is_plain).collect();
        let _ = writeln!(out, "{bar} {}", line.trim_end());
    }
    if cut.is_some() {
        let _ = writeln!(out, "{bar} …");
    }
}

/// Whether a character neither controls the terminal nor changes the direction of the text around it.
fn is_plain(c: &char) -> bool {
    !(c.is_control()
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}'))
}
