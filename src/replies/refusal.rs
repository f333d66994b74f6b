use std::fmt;

use super::form::Field;
use crate::config::translations::{Conventions, Translations};

/// Why a reply is not taken. Displayed, it is a sentence or two in English for its writer, who may be a person whose browser sent
/// the form without any script, and who wants to know what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// It is not `application/x-www-form-urlencoded` in UTF-8.
    NotAForm,
    /// A field is there twice. No browser does that with the reply form.
    Repeated(Field),
    /// All of it together is larger than any reply can be.
    TooLarge,
    /// A field has more characters than it may have.
    TooLong(Field),
    /// It says nothing.
    NoText,
    /// What stands in the field for the e-mail address is none.
    NotAnEmail,
    /// Its writer wants to hear of answers, and does not say where.
    NoAddress,
    /// What stands in the field for the website is no address of one.
    NotAWebsite,
    /// The field that people do not see is filled in.
    Honeypot,
    /// There is no such page.
    NoPage,
    /// The page has comments, but takes no more.
    Closed,
    /// The page has no comments.
    Off,
    /// The comment that it answers is not there, or not approved.
    NoComment,
    /// It was sent by a page of another site.
    Foreign,
    /// It is of a type that no form of ours sends, or packed.
    WrongType,
    /// Not all of it came.
    Incomplete,
    /// It took too long to come.
    TooSlow,
    /// The guard does not want it.
    TooManyReplies,
    /// It was to be changed, and somebody has decided about it, or its time is over.
    TooLate,
    /// It was changed as often as a reply can be.
    TooManyChanges,
    /// It could not be kept.
    StorageFailed,
    /// So much is sent at the moment that there is no room for it.
    Busy,
}

impl Refusal {
    /// A word for it, for logs and scripts.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotAForm => "not-a-form",
            Self::Repeated(_) => "repeated",
            Self::TooLarge => "too-large",
            Self::TooLong(_) => "too-long",
            Self::NoText => "no-text",
            Self::NotAnEmail => "not-an-email",
            Self::NoAddress => "no-address",
            Self::NotAWebsite => "not-a-website",
            Self::Honeypot => "honeypot",
            Self::NoPage => "no-page",
            Self::Closed => "closed",
            Self::Off => "off",
            Self::NoComment => "no-comment",
            Self::Foreign => "foreign",
            Self::WrongType => "wrong-type",
            Self::Incomplete => "broken-off",
            Self::TooSlow => "too-slow",
            Self::TooManyReplies => "unwanted",
            Self::TooLate => "too-late",
            Self::TooManyChanges => "changed-often",
            Self::StorageFailed => "not-kept",
            Self::Busy => "busy",
        }
    }

    /// After how many seconds it is worth trying again; none: not as it is.
    pub fn retry_after(self) -> Option<u32> {
        match self {
            Self::Busy => Some(10),
            Self::StorageFailed => Some(60),
            Self::TooManyReplies => Some(600),
            _ => None,
        }
    }

    /// The status that answers it (RFC 9110, 15.5).
    pub fn status(self) -> u16 {
        match self {
            Self::NotAForm | Self::Repeated(_) | Self::Incomplete => 400,
            Self::Closed | Self::Off | Self::Foreign | Self::TooManyChanges => 403,
            Self::NoPage => 404,
            Self::TooSlow => 408,
            // The reply was right when the form was loaded, and the thread has changed since.
            Self::NoComment => 409,
            Self::TooLate => 410,
            Self::TooLarge => 413,
            Self::WrongType => 415,
            Self::TooManyReplies => 429,
            Self::StorageFailed | Self::Busy => 503,
            Self::TooLong(_)
            | Self::NoText
            | Self::NotAnEmail
            | Self::NoAddress
            | Self::NotAWebsite
            | Self::Honeypot => 422,
        }
    }
}

impl Refusal {
    /// A sentence or two for the writer of the reply, in a language of the site.
    pub fn text(self, translations: &Translations, lang: &str) -> String {
        let text = |key: &str, filled: &[(&str, &str)]| translations.text(lang, &format!("refusal_{key}"), filled);
        let key = self.name().replace('-', "_");
        match self {
            Self::Repeated(field) => text(&key, &[("field", field.name())]),
            Self::TooLong(field) => {
                let label =
                    field.label().map_or_else(|| field.name().to_owned(), |key| translations.text(lang, key, &[]));
                let limit = Conventions::of(lang).number(i64::try_from(field.limit()).unwrap_or(i64::MAX));
                text(&key, &[("field", &label), ("limit", &limit)])
            }
            _ => text(&key, &[]),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Translations::english(), "en"))
    }
}

impl std::error::Error for Refusal {}
