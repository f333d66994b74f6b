use std::fmt;

use serde::{Deserialize, Serialize};

/// The longest subject, in characters.
const MAX_SUBJECT: usize = 200;

/// The longest value of a header: with its name it has to fit into a line (RFC 5322, 2.1.1).
const MAX_HEADER_VALUE: usize = 900;

/// A mail to one person. Whatever it is made of, it can have no other heads than these, and nobody else gets it.
///
/// It is shown in no debugging output, for there is an address in it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    to: String,
    subject: String,
    text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    html: Option<String>,
    #[serde(default, rename = "heads", skip_serializing_if = "Vec::is_empty")]
    headers: Vec<(MailHeader, String)>,
}

/// What the head of a mail can say besides what every mail says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MailHeader {
    /// Where one can end it (RFC 2369, 3.2): a URL in angle brackets.
    ListUnsubscribe,
    /// That one POST does (RFC 8058).
    ListUnsubscribePost,
}

impl MailHeader {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::ListUnsubscribe => "List-Unsubscribe",
            Self::ListUnsubscribePost => "List-Unsubscribe-Post",
        }
    }
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mail(…)")
    }
}

impl Mail {
    /// A mail in plain text.
    pub fn new(to: &str, subject: &str, text: &str) -> Self {
        let subject = subject.split_whitespace().collect::<Vec<_>>().join(" ");
        let subject: String = subject.chars().filter(|c| !is_hidden(*c)).take(MAX_SUBJECT).collect();
        Self { to: to.trim().to_owned(), subject, text: clean_lines(text), html: None, headers: Vec::new() }
    }

    /// With the same in HTML.
    #[must_use]
    pub fn with_html(self, html: &str) -> Self {
        Self { html: Some(clean_lines(html)), ..self }
    }

    /// With more in its head. A value has visible ASCII characters and blanks; others are left out.
    #[must_use]
    pub fn with_header(mut self, header: MailHeader, value: &str) -> Self {
        let value: String = value.chars().filter(|c| matches!(c, ' '..='~')).take(MAX_HEADER_VALUE).collect();
        self.headers.push((header, value));
        self
    }

    /// Whom it is to.
    pub fn to(&self) -> &str {
        &self.to
    }

    /// What it is about, in one line.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Its words.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The same in HTML.
    pub fn html(&self) -> Option<&str> {
        self.html.as_deref()
    }

    /// What its head says besides.
    pub fn headers(&self) -> &[(MailHeader, String)] {
        &self.headers
    }
}

/// A text without what only machines and terminals read.
fn clean_lines(text: &str) -> String {
    text.replace("\r\n", "\n").chars().filter(|c| matches!(c, '\n' | '\t') || !is_hidden(*c)).collect()
}

/// Control characters, and those that turn the direction of writing.
fn is_hidden(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_of_a_mail_adds_a_header() {
        let mail = Mail::new(
            " jo@example.org ",
            "Hello\r\nBcc: al@example.org\u{202e}\u{0}",
            "One.\r\nTwo.\u{1b}[2J\n.\n\tThree.",
        )
        .with_header(MailHeader::ListUnsubscribe, "<https://tea.example/\r\nX: y\u{fc}>");
        assert_eq!((mail.to(), mail.subject()), ("jo@example.org", "Hello Bcc: al@example.org"));
        assert_eq!(mail.text(), "One.\nTwo.[2J\n.\n\tThree.");
        assert_eq!(mail.headers(), [(MailHeader::ListUnsubscribe, "<https://tea.example/X: y>".to_owned())]);
        assert_eq!(Mail::new("a", &"x".repeat(999), "").subject().len(), MAX_SUBJECT);
        assert_eq!(format!("{mail:?}"), "Mail(…)");
    }
}
