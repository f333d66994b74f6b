//! Somebody who moderates in a browser, as far as a server can tell.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::client::{Answer, ask};
use crate::{FORM, Inbox, Site};

/// Where moderation is.
pub const HOME: &str = "/-/moderate";

/// A form's body.
pub fn form(fields: &[(&str, &str)]) -> String {
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let pairs: Vec<String> = fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    pairs.join("&")
}

/// What a link for signing in carries.
pub fn ticket(site: &Site) -> String {
    let link = site.causerie(&["comments", "link"]);
    let (address, ticket) = link.trim().split_once("?token=").expect("a link");
    assert_eq!(address, format!("https://tea.example{HOME}/enter"));
    ticket.to_owned()
}

/// One who is signed in.
pub struct Moderator<'a> {
    pub inbox: &'a Inbox,
    /// The header line with the cookie.
    pub cookie: String,
    /// What the forms of its pages have in them.
    pub act: String,
}

impl<'a> Moderator<'a> {
    /// Signs in by a link that the command prints.
    pub fn enter(site: &Site, inbox: &'a Inbox) -> Self {
        let answer = enter(inbox, &ticket(site));
        assert_eq!((answer.status, answer.header("location")), (303, HOME));
        Self::with(inbox, cookie(&answer))
    }

    /// Goes on with a cookie.
    pub fn with(inbox: &'a Inbox, cookie: String) -> Self {
        let page = ask(inbox.address, "GET", HOME, &cookie).body;
        let (_, rest) = page.split_once("name=\"act\" value=\"").expect("a form");
        let act = rest.split('"').next().expect("a value").to_owned();
        Self { inbox, cookie, act }
    }

    pub fn get(&self, query: &str) -> Answer {
        ask(self.inbox.address, "GET", &format!("{HOME}{query}"), &self.cookie)
    }

    /// Sends a form of the page.
    pub fn post(&self, fields: &[(&str, &str)]) -> Answer {
        let fields: Vec<_> = [("act", self.act.as_str())].into_iter().chain(fields.iter().copied()).collect();
        self.send(HOME, &origin(self.inbox), &form(&fields))
    }

    /// Decides about one reply.
    pub fn decide(&self, action: &str, handle: &str) -> Answer {
        self.post(&[("action", action), ("reply", handle)])
    }

    /// Sends a body with more headers, each with a line end.
    pub fn send(&self, target: &str, headers: &str, body: &str) -> Answer {
        self.inbox.post(target, &format!("{FORM}{}{headers}", self.cookie), body)
    }
}

/// Presses the button of the page that a link leads to.
pub fn enter(inbox: &Inbox, ticket: &str) -> Answer {
    let headers = format!("{FORM}{}", origin(inbox));
    inbox.post(&format!("{HOME}/enter"), &headers, &form(&[("token", ticket)]))
}

/// The header line in which a browser says that a form is on a page of the inbox.
pub fn origin(inbox: &Inbox) -> String {
    format!("Origin: http://{}\r\nSec-Fetch-Site: same-origin\r\n", inbox.address)
}

/// The header line with the cookie that an answer gives.
pub fn cookie(answer: &Answer) -> String {
    let pair = answer.header("set-cookie").split(';').next().expect("a cookie");
    format!("Cookie: {pair}\r\n")
}
