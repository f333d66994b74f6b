//! `[comments.mail]`: how the inbox sends mail.

use std::fmt;
use std::net::IpAddr;

use super::comments::is_email;
use crate::source::Table;

/// How a connection to a mail server is encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tls {
    /// It is encrypted from its beginning (RFC 8314).
    #[default]
    Always,
    /// It begins unencrypted, and is encrypted before anything else or closed (RFC 3207).
    Starttls,
    /// It is never encrypted: only for a server on the same machine, or in the same house.
    Never,
}

impl Tls {
    fn port(self) -> u16 {
        match self {
            Self::Always => 465,
            Self::Starttls => 587,
            Self::Never => 25,
        }
    }
}

/// Where a password is. It is never in the configuration, because that is in a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Secret {
    /// In an environment variable of this name.
    Variable(String),
    /// In a file, whose first line it is; from the site's folder, or anywhere by a path that begins with a slash.
    File(String),
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => write!(f, "the environment variable {name}"),
            Self::File(path) => write!(f, "the file {path}"),
        }
    }
}

/// How the inbox sends mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailConfig {
    /// The name or the address of the server that takes it.
    pub server: String,
    /// Its port. Default: 465, with STARTTLS 587, without encryption 25.
    pub port: u16,
    /// How the connection is encrypted. Default: always.
    pub tls: Tls,
    /// The user name for the server, and where the password is. None: the server needs no login.
    pub user: Option<(String, Secret)>,
    /// The address that mail comes from.
    pub from: String,
    /// The author's address, for mail about the site itself.
    pub to: Option<String>,
    /// The number of replies in an hour for which the author gets a mail each. One mail reports all further ones. Default: 10.
    pub per_hour: usize,
}

/// See [`MailConfig::per_hour`].
const PER_HOUR: usize = 10;

impl MailConfig {
    pub(super) fn read(mut table: Table) -> Option<Self> {
        let reading = table.reading();
        let tls = table
            .choice("tls", &[("always", Tls::Always), ("starttls", Tls::Starttls), ("never", Tls::Never)])
            .unwrap_or_default();
        let server = table.spanned::<String>("server").and_then(|(server, span)| {
            if is_server(&server) {
                return Some((server, span));
            }
            let help = "for example: server = \"mail.example.org\", and the port in `port`";
            reading.error(span, "`server` should be the name of a mail server", help);
            None
        });
        let port = table.spanned::<usize>("port").and_then(|(port, span)| match u16::try_from(port) {
            Ok(port) if port > 0 => Some(port),
            _ => {
                reading.error(span, "this is not a port", "a port is a number up to 65535, mostly 465 or 587");
                None
            }
        });
        // The key is not among the known ones, so that no message suggests it.
        if table.has("password")
            && let Some((_, span)) = table.spanned::<String>("password")
        {
            let help = "put it into a file that only the inbox can read, and say where: password_file = \
                        \"/etc/causerie/mail\"; or into an environment variable: password_env = \"MAIL_PASSWORD\"";
            reading.error(span, "a password does not belong into site.toml, which others read", help);
        }
        let user = table.spanned::<String>("user");
        let variable = table.spanned::<String>("password_env");
        let file = table.spanned::<String>("password_file");
        let user = match (user, variable, file) {
            (Some((user, _)), Some((name, _)), None) => Some((user, Secret::Variable(name))),
            (Some((user, _)), None, Some((path, _))) => Some((user, Secret::File(path))),
            (_, Some(_), Some((_, span))) => {
                let help = "keep one of `password_env` and `password_file`";
                reading.error(span, "the password is said to be in two places", help);
                None
            }
            (Some((_, span)), None, None) => {
                if !table.has("password") {
                    let help = "say where it is: password_file = \"/etc/causerie/mail\", or password_env = \
                                \"MAIL_PASSWORD\"";
                    reading.error(span, "`user` needs a password", help);
                }
                None
            }
            (None, Some((_, span)), None) | (None, None, Some((_, span))) => {
                reading.error(span, "a password needs a `user`", "for example: user = \"blog@example.org\"");
                None
            }
            (None, None, None) => None,
        };
        if let (Tls::Never, Some(_), Some((server, span))) = (tls, &user, &server)
            && !is_here(server)
        {
            let help = "leave `tls` out, or write tls = \"starttls\"";
            reading.error(span.clone(), "the password would go to this server without encryption", help);
        }
        let mut address = |key, help: &str| {
            let (address, span) = table.spanned::<String>(key)?;
            if is_email(&address) {
                return Some(address);
            }
            reading.error(span, "this is not an e-mail address", help);
            None
        };
        let from = address("from", "for example: from = \"blog@example.org\"");
        let to = address("to", "for example: to = \"author@example.org\"");
        let per_hour = table.spanned::<usize>("per_hour").map(|(number, span)| {
            if !table.has("to") {
                let help = "say to whom: to = \"author@example.org\"";
                reading.error(span, "`per_hour` is about mail to the site's author, who has no address here", help);
            }
            number
        });
        for (key, example) in [("server", "mail.example.org"), ("from", "blog@example.org")] {
            if !table.has(key) {
                let help = format!("for example: {key} = \"{example}\"");
                reading.error(table.span(), format!("[comments.mail] has no `{key}`"), help);
            }
        }
        table.close();
        Some(Self {
            server: server?.0,
            port: port.unwrap_or(tls.port()),
            tls,
            user,
            from: from?,
            to,
            per_hour: per_hour.unwrap_or(PER_HOUR),
        })
    }
}

/// A host's name or address, and nothing else.
fn is_server(server: &str) -> bool {
    let name = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
    server.parse::<IpAddr>().is_ok() || server.chars().all(name) && !server.trim_matches('.').is_empty()
}

/// Whether a server is on this machine.
fn is_here(server: &str) -> bool {
    server == "localhost" || server.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
