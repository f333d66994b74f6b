use std::borrow::Cow;
use std::fmt;

use super::address;
use super::refusal::Refusal;

/// The longest request body that can be a reply, in bytes: all fields full, each character four bytes of UTF-8, and
/// each of those written with a percent sign.
pub const MAX_BODY: usize = 288 * 1024;

/// A field of the reply form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// The path of the page.
    Page,
    /// The id of the comment that is answered; empty: the page itself.
    ReplyTo,
    /// The writer's name.
    Author,
    /// The writer's e-mail address.
    Email,
    /// The writer's website.
    Url,
    /// The text.
    Comment,
    /// The one that people leave empty, as they do not see it.
    Nickname,
    /// Not empty: the writer wants to hear by e-mail of what is answered.
    Notify,
    /// What says when the form was loaded, signed by the inbox.
    Token,
    /// The number that the form's script has found by counting.
    Work,
    /// What is to happen with a reply that was sent before: `change` or `withdraw`.
    Action,
}

impl Field {
    pub(super) const ALL: [Self; 11] = [
        Self::Page,
        Self::ReplyTo,
        Self::Author,
        Self::Email,
        Self::Url,
        Self::Comment,
        Self::Nickname,
        Self::Notify,
        Self::Token,
        Self::Work,
        Self::Action,
    ];

    /// Its name in the form.
    pub fn name(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::ReplyTo => "reply_to",
            Self::Author => "author",
            Self::Email => "email",
            Self::Url => "url",
            Self::Comment => "comment",
            Self::Nickname => "nickname",
            Self::Notify => "notify",
            Self::Token => "token",
            Self::Work => "work",
            Self::Action => "action",
        }
    }

    /// The field of a name.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.name() == name)
    }

    /// The key of the text that stands at it in the form; none for a field that no reader fills in.
    pub(super) fn label(self) -> Option<&'static str> {
        match self {
            Self::Author => Some("field_name"),
            Self::Email => Some("field_email"),
            Self::Url => Some("field_website"),
            Self::Comment => Some("field_comment"),
            Self::ReplyTo => Some("in_answer_to"),
            _ => None,
        }
    }

    /// How many characters it can have. The form tells browsers the same of the fields that people fill in.
    pub fn limit(self) -> usize {
        match self {
            Self::Notify | Self::Action => 10,
            Self::Work => 20,
            Self::Author | Self::Nickname => 100,
            // The longest address that mail can be sent to (RFC 5321, 4.5.3.1.3, without its angle brackets).
            Self::Email => 254,
            Self::ReplyTo | Self::Token => 255,
            Self::Url => 500,
            Self::Page => 2_000,
            Self::Comment => 20_000,
        }
    }
}

/// An e-mail address, which is for the site's author only. It is shown neither in debugging output nor in a log.
#[derive(Clone, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// The address itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(…)")
    }
}

/// A reply as its writer sent it, cleaned: each field has its form and length, and none has control characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    page: String,
    reply_to: Option<String>,
    author: Option<String>,
    email: Option<Email>,
    url: Option<String>,
    comment: String,
    wants_notifications: bool,
    token: Option<String>,
}

impl Form {
    /// A reply from its fields, however they came. A field that is not there is as good as an empty one.
    pub fn new<'a>(fields: impl IntoIterator<Item = (Field, Cow<'a, str>)>) -> Result<Self, Refusal> {
        let form = Self::from_fields(fields)?;
        if has_visible_text(&form.comment) { Ok(form) } else { Err(Refusal::NoText) }
    }

    /// The same for what is kept, where a text may be somewhere else.
    pub(super) fn from_fields<'a>(fields: impl IntoIterator<Item = (Field, Cow<'a, str>)>) -> Result<Self, Refusal> {
        let mut values: [Option<Cow<'a, str>>; Field::ALL.len()] = Default::default();
        for (field, value) in fields {
            if values[field as usize].replace(value).is_some() {
                return Err(Refusal::Repeated(field));
            }
        }
        let mut take = |field: Field| values[field as usize].take().unwrap_or_default();
        let comment = check_length(Field::Comment, clean_text(&take(Field::Comment)))?;
        let mut line = |field: Field| check_length(field, clean_line(&take(field)));
        let (page, reply_to) = (line(Field::Page)?, line(Field::ReplyTo)?);
        let (author, email, url) = (line(Field::Author)?, line(Field::Email)?, line(Field::Url)?);
        let wants_notifications = !line(Field::Notify)?.is_empty();
        if wants_notifications && email.is_empty() {
            return Err(Refusal::NoAddress);
        }
        Ok(Self {
            page,
            reply_to: Some(reply_to).filter(|id| !id.is_empty()),
            author: Some(author).filter(|name| has_visible_text(name)),
            email: Some(email).filter(|email| !email.is_empty()).map(parse_email).transpose()?,
            url: address::website(&url)?,
            comment,
            wants_notifications,
            token: Some(line(Field::Token)?).filter(|token| !token.is_empty()),
        })
    }

    /// The path of the page that it belongs to.
    pub fn page(&self) -> &str {
        &self.page
    }

    /// The id of the comment that it answers; none: it answers the page.
    pub fn reply_to(&self) -> Option<&str> {
        self.reply_to.as_deref()
    }

    /// Who wrote it, in one line; none: nobody said.
    pub fn author(&self) -> Option<&str> {
        self.author.as_deref()
    }

    /// Where its writer can be reached.
    pub fn email(&self) -> Option<&Email> {
        self.email.as_ref()
    }

    /// The writer's website: http or https.
    pub fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }

    /// Its Markdown, without blank lines around it, with `\n` between its lines.
    pub fn comment(&self) -> &str {
        &self.comment
    }

    /// Whether its writer wants to hear of what is answered.
    pub fn wants_notifications(&self) -> bool {
        self.wants_notifications
    }

    /// What the form's script got when the form was loaded.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// The same for the page at another path.
    #[must_use]
    pub fn with_page(self, page: &str) -> Self {
        Self { page: page.to_owned(), ..self }
    }

    /// The same of somebody who does not want to hear of answers.
    pub fn without_notifications(self) -> Self {
        Self { wants_notifications: false, ..self }
    }

    /// The same without an address.
    pub(super) fn without_email(self) -> Self {
        Self { email: None, wants_notifications: false, ..self }
    }

    /// The same without a text.
    pub(super) fn without_text(self) -> Self {
        Self { comment: String::new(), ..self }
    }

    /// The same as an answer to the page itself.
    pub(super) fn without_reply_to(self) -> Self {
        Self { reply_to: None, ..self }
    }
}

/// The value of a field of many lines. What remains is what a thread file keeps of a comment's text.
fn clean_text(value: &str) -> String {
    let value = value.replace("\r\n", "\n").replace('\r', "\n");
    let value: String = value.chars().filter(|c| matches!(c, '\n' | '\t') || !c.is_control()).collect();
    let value = value.trim_end();
    let blank = value.len() - value.trim_start().len();
    // The indentation of the first line stays, as it may be code.
    value[value[..blank].rfind('\n').map_or(0, |end| end + 1)..].to_owned()
}

/// The value of a field of one line. Characters that turn the direction of writing are dropped with the control
/// characters: in a name they would turn what stands around it too.
fn clean_line(value: &str) -> String {
    let is_direction_control = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let value: String =
        value.chars().filter(|c| c.is_whitespace() || !(c.is_control() || is_direction_control(*c))).collect();
    value.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn check_length(field: Field, value: String) -> Result<String, Refusal> {
    if value.chars().count() > field.limit() { Err(Refusal::TooLong(field)) } else { Ok(value) }
}

/// Whether a text has more than white space and characters that nothing is drawn for.
fn has_visible_text(text: &str) -> bool {
    let is_invisible = |c: char| {
        let filler = matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}');
        let format = matches!(c, '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}');
        let joined = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{feff}');
        let variant = matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{fff0}'..='\u{fff8}' | '\u{e0000}'..='\u{e0fff}');
        c.is_whitespace() || filler || format || joined || variant
    };
    !text.chars().all(is_invisible)
}

/// Near enough: a name, one `@` and a host, without what could begin another address or a line of a mail's head.
fn parse_email(text: String) -> Result<Email, Refusal> {
    let plain = !text.contains(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | ',' | ';' | ':' | '"' | '\\'));
    match text.split_once('@') {
        Some((name, host))
            if plain && !name.is_empty() && !host.contains('@') && !host.trim_matches('.').is_empty() =>
        {
            Ok(Email(text))
        }
        _ => Err(Refusal::NotAnEmail),
    }
}
