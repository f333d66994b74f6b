//! What the site's author is told by e-mail of replies: plain text, and nothing else.
//!
//! No word of a reader's is in a header, nor at the beginning of a line: those of a text stand behind a bar, so that it
//! cannot pretend to be ours.

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

/// So much of a reply's text is in a letter, in characters. All of it is where the links lead.
const TEXT: usize = 4_000;

/// So much of the response that it answers, and of each reply in a list.
const EXCERPT: usize = 300;

/// So many replies are listed.
const LISTED: usize = 50;

/// Writes letters.
#[derive(Clone, Copy)]
pub struct MailComposer<'a> {
    /// The site of the moment.
    pub site: &'a Site,
    /// Where the links lead.
    pub origins: &'a Origins,
    /// What they are signed with.
    pub key: &'a Key,
    /// The address of the site's author.
    pub to: &'a str,
}

impl MailComposer<'_> {
    /// Tells of one reply, with links that decide about it.
    pub fn of_one(&self, kept: &ReplyObject, now: Timestamp) -> Mail {
        let ReplyObject { form, notes, .. } = kept;
        let post = AnsweredPost::at(self.site, &notes.page);
        let title = title(post.as_ref(), kept);
        let mut text = format!("A reply to “{title}”, by {}.\n", name(kept));
        if let Some(post) = &post {
            let _ = writeln!(text, "{}", post.permalink);
        }
        if let Some(author) = kept.poses_as() {
            let _ = writeln!(text, "{}", posing(author));
        }
        if let Some(url) = form.url() {
            let _ = writeln!(text, "Their website: {}", line(url));
        }
        if let (Some(post), Some(id)) = (&post, form.reply_to()) {
            let comments = &self.site.content(post.id).thread.comments;
            match comments.iter().find(|comment| comment.id == id && !comment.is_pending()) {
                Some(comment) => {
                    let _ = writeln!(text, "\nIt answers {}:\n", line(comment.author()));
                    bar(&mut text, '>', &comment.written.body, EXCERPT);
                }
                None => text.push_str("\nIt answers a response that is not there.\n"),
            }
        }
        text.push_str("\nThe reply:\n\n");
        bar(&mut text, '|', form.comment(), TEXT);
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
            let _ = writeln!(text, "{label}:\n{}\n", link(self.origins, self.key, command, kept, now));
        }
        text.push_str("Each link is good once and for a week, and asks before it does anything.\n");
        let _ = writeln!(text, "All replies: {}{HOME}", self.origins.public());
        Mail::new(self.to, &format!("A reply to “{title}”"), &text)
    }

    /// Tells of many, with a link that signs in.
    ///
    /// # Errors
    /// The system has no random numbers.
    pub fn of_many(&self, replies: &[ReplyObject], now: Timestamp) -> Result<Mail, getrandom::Error> {
        let site = line(self.site.config.default_language().title.as_deref().unwrap_or("your site"));
        let subject = match replies.len() {
            1 => "1 new reply".to_owned(),
            many => format!("{many} new replies"),
        };
        let mut text = format!("{subject} at {site}.\n\n");
        for kept in replies.iter().take(LISTED) {
            let post = AnsweredPost::at(self.site, &kept.notes.page);
            let moment = kept.notes.received.strftime("%-d %B %Y, %H:%M UTC");
            let already = if kept.notes.state == State::Approved { " (published already)" } else { "" };
            let _ = writeln!(text, "To “{}”, {moment}, by {}{already}", title(post.as_ref(), kept), name(kept));
            if let Some(author) = kept.poses_as() {
                let _ = writeln!(text, "{}", posing(author));
            }
            let first = kept.form.comment().lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
            bar(&mut text, '|', first, EXCERPT);
            text.push('\n');
        }
        if replies.len() > LISTED {
            let _ = writeln!(text, "And {} more.\n", replies.len() - LISTED);
        }
        let token = session::email_sign_in_token(self.key, now)?;
        let _ = writeln!(text, "Sign in and decide:\n{}{HOME}/enter?token={token}\n", self.origins.public());
        text.push_str("The link is good once and for a day. While so many come, you are told once an hour.\n");
        Ok(Mail::new(self.to, &subject, &text))
    }
}

/// A warning of a name.
fn posing(author: &str) -> String {
    format!("The name looks like that of {}, who writes this site. Somebody else may have sent it.", line(author))
}

fn name(kept: &ReplyObject) -> String {
    line(kept.form.author().unwrap_or("Anonymous"))
}

/// The post's title, which its author wrote.
fn title(post: Option<&AnsweredPost<'_>>, kept: &ReplyObject) -> String {
    line(post.map(|post| post.title).filter(|title| !title.is_empty()).unwrap_or(&kept.notes.page))
}

/// A text in one line.
fn line(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(is_plain).collect();
    plain.trim().to_owned()
}

/// The lines of a text, each behind a bar.
fn bar(out: &mut String, mark: char, text: &str, most: usize) {
    let cut = text.char_indices().nth(most).map(|(end, _)| end);
    for line in
        text[..cut.unwrap_or(text.len())].split(['\n', '\u{b}', '\u{c}', '\r', '\u{85}', '\u{2028}', '\u{2029}'])
    {
        let line: String = line.chars().map(|c| if c == '\t' { ' ' } else { c }).filter(is_plain).collect();
        let _ = writeln!(out, "{mark} {}", line.trim_end());
    }
    if cut.is_some() {
        let _ = writeln!(out, "{mark} …");
    }
}

/// Whether a character stands where it is written, and moves nothing around it.
fn is_plain(c: &char) -> bool {
    !(c.is_control()
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}'))
}
