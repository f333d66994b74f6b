use std::fmt;

use super::form::Field;

/// Why a reply is not taken. Displayed, it is a sentence or two for its writer, who may be a person whose browser sent
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

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAForm => "This could not be read as a reply. Please send it with the form on the page.",
            Self::Repeated(field) => {
                let name = field.name();
                return write!(f, "The field “{name}” was sent more than once. Please send the form on the page as it is.");
            }
            Self::TooLarge => "This reply is too large. Please shorten it.",
            Self::TooLong(field) => {
                let (label, limit) = (field.label(), field.limit());
                return write!(f, "{label} is too long: it can have {limit} characters. Please shorten it.");
            }
            Self::NoText => "This reply has no text. Please write something in the field “Comment”.",
            Self::NotAnEmail => "The e-mail address is not complete. Please correct it, or leave the field empty.",
            Self::NoAddress => "To hear of answers by e-mail you need to write your address. It is never published.",
            Self::NotAWebsite => {
                "The website should be an address like https://example.org. Please correct it, or leave the field empty."
            }
            Self::Honeypot => {
                "A field that has to stay empty was filled in, perhaps by your browser. Please empty the field \
                 “Leave this empty” and send the reply again."
            }
            Self::NoPage => "The page that this reply belongs to does not exist, or no longer.",
            Self::Closed => "The responses to this page are closed.",
            Self::Off => "This page takes no responses.",
            Self::NoComment => {
                "The response that you answer is no longer there. Please load the page again and choose another one, \
                 or answer the post itself."
            }
            Self::Foreign => "The form is not on a page of this site, so nothing was taken from it.",
            Self::WrongType => "This is not what the form on the page sends.",
            Self::Incomplete => "The reply broke off on its way. Please send it again.",
            Self::TooSlow => "The reply took too long on its way. Please send it again.",
            Self::TooManyReplies => "So many replies came from where you are that this one is not taken. Please try again later.",
            Self::TooLate => "This reply can no longer be changed.",
            Self::TooManyChanges => {
                "This reply was changed so often that it stays as it is. You can still take it back, and write another one."
            }
            Self::Busy => "So much is sent at the moment that this was not taken. Please send it again in a minute.",
            Self::StorageFailed => "The reply could not be kept. Please keep what you wrote, and try again later.",
        })
    }
}

impl std::error::Error for Refusal {}
