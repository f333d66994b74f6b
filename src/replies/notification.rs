//! Mail to readers who want to hear of answers.
//!
//! Somebody who sends a reply with an e-mail address may be anybody. So the address is first asked, once the reply is approved:
//! nobody is asked for a reply that no moderator has read, unless its writer has confirmed that address before. Only who says yes
//! then hears of answers, of those too that are published at once because their writers are trusted.

use jiff::Timestamp;

use super::mail::{Mail, MailHeader};
use super::spool::ReplyObject;
use super::token::{Key, Purpose};
use crate::config::{Config, Translations, address_below};
use crate::content::{FileInfo, Languages};

/// How much of an answer a mail shows, in characters.
const MAX_QUOTE: usize = 2_000;

/// What a link in such a mail asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubscriptionRequest {
    /// To hear of answers to a reply.
    Subscribe,
    /// To hear no more of any, and to have the address forgotten wherever it is.
    Unsubscribe,
}

impl SubscriptionRequest {
    /// What a token asks for, and about which reply. None if it is none of ours, or too old.
    pub fn from_token<'t>(key: &Key, token: &'t str, now: Timestamp) -> Option<(Self, &'t str)> {
        let purposes = [(Self::Subscribe, Purpose::Subscribe), (Self::Unsubscribe, Purpose::Unsubscribe)];
        purposes.into_iter().find_map(|(request, purpose)| key.verify(purpose, token, now).map(|(id, _)| (request, id)))
    }
}

/// Writes such mail.
#[derive(Clone, Debug)]
pub struct NotificationWriter {
    key: Key,
    /// Where the links lead that ask for something.
    endpoint: String,
    base_url: String,
    /// What the site is called.
    site_name: String,
    translations: Translations,
    /// The codes of the languages, the default one first.
    languages: Vec<String>,
}

impl NotificationWriter {
    /// For a site, if it sends mail.
    pub fn for_site(config: &Config, key: &Key) -> Option<Self> {
        let link = config.below_endpoint("notice").filter(|_| config.comments.notices)?;
        let title = config.default_language().title.clone().filter(|title| !title.trim().is_empty());
        let host = config.base_url.split("://").nth(1).unwrap_or(&config.base_url);
        let site = title.unwrap_or_else(|| host.to_owned());
        Some(Self {
            key: key.clone(),
            endpoint: link,
            base_url: config.base_url.clone(),
            site_name: site,
            translations: config.translations.clone(),
            languages: config.languages().iter().map(|language| language.code.clone()).collect(),
        })
    }

    /// Asks whether somebody wants to hear of answers to a reply that has their address.
    pub fn confirmation_mail(&self, reply: &ReplyObject, address: &str, now: Timestamp) -> Mail {
        let (site, comment) = (&self.site_name, self.comment_address(reply));
        let (subscribe, unsubscribe) =
            (self.link(Purpose::Subscribe, reply, now), self.link(Purpose::Unsubscribe, reply, now));
        let text = |key: &str| {
            let filled = [
                ("site", site.as_str()),
                ("comment", &comment),
                ("subscribe", &subscribe),
                ("unsubscribe", &unsubscribe),
            ];
            self.translations.text(self.language(reply), key, &filled)
        };
        Self::with_unsubscribe_header(Mail::new(address, &text("mail_ask_subject"), &text("mail_ask")), &unsubscribe)
    }

    /// Tells somebody who wants to hear it that their reply was answered.
    pub fn answer_mail(&self, parent: &ReplyObject, address: &str, answer: &ReplyObject, now: Timestamp) -> Mail {
        let (site, comment) = (&self.site_name, self.comment_address(answer));
        let lang = self.language(parent);
        let somebody = self.translations.text(lang, "somebody", &[]);
        let name = answer.form.author().unwrap_or(&somebody);
        let unsubscribe = self.link(Purpose::Unsubscribe, parent, now);
        let mut excerpt: String = answer.form.comment().chars().take(MAX_QUOTE).collect();
        if excerpt.len() < answer.form.comment().len() {
            excerpt.push('…');
        }
        let quoted: String = excerpt.lines().map(|line| format!("> {line}\n")).collect();
        let filled = [
            ("name", name),
            ("site", site.as_str()),
            ("quoted", &quoted),
            ("comment", &comment),
            ("unsubscribe", &unsubscribe),
        ];
        let text = |key: &str| self.translations.text(lang, key, &filled);
        Self::with_unsubscribe_header(
            Mail::new(address, &text("mail_answer_subject"), &text("mail_answer")),
            &unsubscribe,
        )
    }

    /// The language of the page that a reply answers, which its file names.
    fn language(&self, reply: &ReplyObject) -> &str {
        let Some((default, others)) = self.languages.split_first() else { return "en" };
        let lang = FileInfo::new(&reply.notes.document, &Languages { default, others }).0.lang;
        self.languages.iter().find(|code| **code == lang).unwrap_or(default)
    }

    /// So that the reader's mail program can offer a button for it.
    fn with_unsubscribe_header(mail: Mail, unsubscribe: &str) -> Mail {
        let mail = mail.with_header(MailHeader::ListUnsubscribe, &format!("<{unsubscribe}>"));
        // One click does it only where nobody on the way can see the link (RFC 8058, 3.1).
        if unsubscribe.starts_with("https://") {
            mail.with_header(MailHeader::ListUnsubscribePost, "List-Unsubscribe=One-Click")
        } else {
            mail
        }
    }

    fn link(&self, purpose: Purpose, reply: &ReplyObject, now: Timestamp) -> String {
        format!("{}?token={}", self.endpoint, self.key.sign(purpose, &reply.id, now))
    }

    /// The address of a comment on its page.
    fn comment_address(&self, reply: &ReplyObject) -> String {
        format!("{}#comment-{}", address_below(&self.base_url, &reply.notes.page), reply.id)
    }
}
