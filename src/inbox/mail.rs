//! Sends queued mail over SMTP.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use jiff::Timestamp;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls as Encryption, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Message, SmtpTransport, Transport};

use super::log::{self, LogLine};
use super::state::ServerState;
use crate::config::Config;
use crate::config::mail::{Secret, Tls};
use crate::diagnostic::Diagnostic;
use crate::replies::Mail;

/// How long the mail server may take for each response.
const SMTP_TIMEOUT: Duration = Duration::from_secs(30);

/// How often the thread checks for mail that another process queued, for example the command line.
const POLL_INTERVAL: Duration = Duration::from_secs(5);

/// Sends mail.
pub struct Mailer {
    transport: SmtpTransport,
    from: Mailbox,
}

/// Why a mail was not sent. It holds no address.
#[derive(Debug)]
struct SendError {
    reason: String,
    /// Whether another attempt would fail too.
    is_permanent: bool,
    /// Whether only this mail failed, so that other mail can still be sent.
    is_of_this_mail: bool,
}

impl Mailer {
    /// Opens the mailer of a site. `None` if the site has no settings for mail.
    ///
    /// # Errors
    /// The password cannot be read, or the settings are not valid.
    pub fn open(root: &Path, config: &Config) -> Result<Option<Self>, Diagnostic> {
        let Some(settings) = &config.comments.mail else { return Ok(None) };
        let problem = |key: &str, message: String| {
            Diagnostic::error(message).at(config.location(&format!("comments.mail.{key}")))
        };
        let unusable = |error: &dyn std::fmt::Display| {
            problem("server", format!("mail cannot be sent by `{}`: {error}", settings.server))
        };
        let parameters = || TlsParameters::new(settings.server.clone()).map_err(|error| unusable(&error));
        let encryption = match settings.tls {
            Tls::Always => Encryption::Wrapper(parameters()?),
            Tls::Starttls => Encryption::Required(parameters()?),
            Tls::Never => Encryption::None,
        };
        let address = settings.from.parse::<lettre::Address>().map_err(|_| {
            problem("from", format!("mail cannot come from `{}`", settings.from))
                .help("for example: from = \"blog@example.org\"")
        })?;
        let mut builder = SmtpTransport::builder_dangerous(&settings.server)
            .port(settings.port)
            .tls(encryption)
            .timeout(Some(SMTP_TIMEOUT))
            .hello_name(ClientId::Domain(address.domain().to_owned()));
        if let Some((user, secret)) = &settings.user {
            let password = read_password(root, secret).map_err(|(key, reason)| {
                problem(key, format!("the password for mail cannot be read from {secret}: {reason}"))
            })?;
            builder = builder.credentials(Credentials::new(user.clone(), password));
        }
        let title = config.default_language().title.as_deref().unwrap_or_default();
        let name = Some(title.split_whitespace().collect::<Vec<_>>().join(" ")).filter(|name| !name.is_empty());
        Ok(Some(Self { transport: builder.build(), from: Mailbox::new(name, address) }))
    }

    /// Sends one mail. Its id lets mail programs recognize a mail that was sent twice.
    fn send(&self, id: &str, mail: &Mail) -> Result<(), SendError> {
        let message =
            self.message(id, mail).map_err(|reason| SendError { reason, is_permanent: true, is_of_this_mail: true })?;
        self.transport.send(&message).map(drop).map_err(|error| {
            // The message of the server may contain the address.
            let code = error.status().map(u16::from);
            // The server refuses this mail, or this address (RFC 5321, 4.2.3).
            let is_permanent = code.is_some_and(|code| (550..=554).contains(&code));
            let reason = code.map_or_else(|| error.to_string(), |code| format!("the mail server answered {code}"));
            SendError {
                reason,
                is_permanent,
                is_of_this_mail: code.is_some_and(|code| matches!(code, 450..=452 | 550..=554)),
            }
        })
    }

    fn message(&self, id: &str, mail: &Mail) -> Result<Message, String> {
        let to: lettre::Address = mail.to().parse().map_err(|_| "it is to no address".to_owned())?;
        let header = |name: &'static str, value: &str| {
            // The value is visible ASCII and needs no encoding, which could break an address in two.
            let value = value.to_owned();
            HeaderValue::dangerous_new_pre_encoded(HeaderName::new_from_ascii_str(name), value.clone(), value)
        };
        let mut builder = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(mail.subject())
            .message_id(Some(format!("<{id}@{}>", self.from.email.domain())))
            // Vacation programs do not answer such mail (RFC 3834).
            .raw_header(header("Auto-Submitted", "auto-generated"));
        for (name, value) in mail.headers() {
            builder = builder.raw_header(header(name.name(), value));
        }
        let plain = SinglePart::builder().header(ContentType::TEXT_PLAIN).body(mail.text().to_owned());
        let built = match mail.html() {
            None => builder.singlepart(plain),
            Some(html) => {
                let html = SinglePart::builder().header(ContentType::TEXT_HTML).body(html.to_owned());
                builder.multipart(MultiPart::alternative().singlepart(plain).singlepart(html))
            }
        };
        built.map_err(|error| error.to_string())
    }
}

/// Reads a password. The error is the key that names its place, and the reason.
fn read_password(root: &Path, secret: &Secret) -> Result<String, (&'static str, String)> {
    let (key, text) = match secret {
        Secret::Variable(name) => {
            let text = std::env::var(name).map_err(|_| ("password_env", "it is not set".to_owned()))?;
            ("password_env", text)
        }
        Secret::File(path) => {
            let text = fs::read_to_string(root.join(path)).map_err(|error| ("password_file", error.to_string()))?;
            ("password_file", text)
        }
    };
    let first = text.lines().next().unwrap_or_default();
    if first.is_empty() { Err((key, "it is empty".to_owned())) } else { Ok(first.to_owned()) }
}

/// Starts the thread that sends mail. It ends with the process, at any moment; an interrupted mail is sent again later.
///
/// # Errors
/// The system starts no thread.
pub fn start(state: Arc<ServerState>, mailer: Mailer) -> std::io::Result<()> {
    let thread = thread::Builder::new().name("mail".to_owned()).spawn({
        let state = Arc::clone(&state);
        move || {
            loop {
                while send_next(&state, &mailer) {}
                thread::park_timeout(POLL_INTERVAL);
            }
        }
    })?;
    state.app.set_mail_thread(thread.thread().clone());
    Ok(())
}

/// Sends the next mail. Returns whether to send another one at once.
fn send_next(state: &ServerState, mailer: &Mailer) -> bool {
    let spool = state.app.spool();
    let due = match spool.claim_due_mail(Timestamp::now()) {
        Ok(Some(due)) => due,
        Ok(None) => return false,
        Err(error) => {
            log::error("mail", error);
            return false;
        }
    };
    let sent = mailer.send(&due.id, &due.mail);
    let (outcome, error, can_continue) = match &sent {
        Ok(()) => ("sent", None, true),
        Err(error) if error.is_permanent || due.is_last => {
            ("given-up", Some(error.reason.clone()), error.is_of_this_mail)
        }
        Err(error) => ("later", Some(error.reason.clone()), error.is_of_this_mail),
    };
    if outcome != "later"
        && let Err(error) = spool.remove_mail(&due.id)
    {
        log::error("mail", error);
    }
    LogLine { outcome: Some(outcome), error, ..LogLine::new("mail") }.write();
    can_continue
}
