//! The mail room: sends what lies in the outbox, over SMTP.

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

/// How long a server may take for each of its answers.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often somebody looks whether mail has come in by another way, as from the command line.
const REST: Duration = Duration::from_secs(5);

/// Sends mail.
pub struct Mailer {
    transport: SmtpTransport,
    from: Mailbox,
}

/// Why a mail was not sent. No address is in it.
#[derive(Debug)]
struct SendError {
    why: String,
    /// Whether it is the same the next time.
    is_final: bool,
    /// Whether other mail can be sent all the same.
    is_its_own: bool,
}

impl Mailer {
    /// What sends a site's mail; none if its author does not say how.
    ///
    /// # Errors
    /// The password is not where it is said to be, or the settings are none that mail can be sent with.
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
            .timeout(Some(PATIENCE))
            .hello_name(ClientId::Domain(address.domain().to_owned()));
        if let Some((user, secret)) = &settings.user {
            let password = read(root, secret).map_err(|(key, why)| {
                problem(key, format!("the password for mail cannot be read from {secret}: {why}"))
            })?;
            builder = builder.credentials(Credentials::new(user.clone(), password));
        }
        let title = config.default_language().title.as_deref().unwrap_or_default();
        let name = Some(title.split_whitespace().collect::<Vec<_>>().join(" ")).filter(|name| !name.is_empty());
        Ok(Some(Self { transport: builder.build(), from: Mailbox::new(name, address) }))
    }

    /// Sends one mail, whose name makes it known to be the same if it comes twice.
    fn send(&self, id: &str, mail: &Mail) -> Result<(), SendError> {
        let message = self.message(id, mail).map_err(|why| SendError { why, is_final: true, is_its_own: true })?;
        self.transport.send(&message).map(drop).map_err(|error| {
            // What the server said may have the address in it.
            let code = error.status().map(u16::from);
            // It does not take this mail, or none to this address (RFC 5321, 4.2.3).
            let is_final = code.is_some_and(|code| (550..=554).contains(&code));
            let why = code.map_or_else(|| error.to_string(), |code| format!("the mail server answered {code}"));
            SendError { why, is_final, is_its_own: code.is_some_and(|code| matches!(code, 450..=452 | 550..=554)) }
        })
    }

    fn message(&self, id: &str, mail: &Mail) -> Result<Message, String> {
        let to: lettre::Address = mail.to().parse().map_err(|_| "it is to no address".to_owned())?;
        let head = |name: &'static str, value: &str| {
            // Visible ASCII, which a line of a head can hold as it is. An address in it must not be broken in two.
            let value = value.to_owned();
            HeaderValue::dangerous_new_pre_encoded(HeaderName::new_from_ascii_str(name), value.clone(), value)
        };
        let mut builder = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(mail.subject())
            .message_id(Some(format!("<{id}@{}>", self.from.email.domain())))
            // Whoever is away does not answer it (RFC 3834).
            .raw_header(head("Auto-Submitted", "auto-generated"));
        for (name, value) in mail.headers() {
            builder = builder.raw_header(head(name.name(), value));
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

/// A password, or the key that says where it should be and why it is not there.
fn read(root: &Path, secret: &Secret) -> Result<String, (&'static str, String)> {
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

/// Opens the mail room. It works in a thread of its own, and whoever posts a mail waits for nothing in it. It ends with the
/// process, at any moment: what it was sending is sent later.
///
/// # Errors
/// The system gives no thread.
pub fn open(state: Arc<ServerState>, mailer: Mailer) -> std::io::Result<()> {
    let room = thread::Builder::new().name("mail".to_owned()).spawn({
        let state = Arc::clone(&state);
        move || {
            loop {
                while send_next(&state, &mailer) {}
                thread::park_timeout(REST);
            }
        }
    })?;
    state.app.set_mail_thread(room.thread().clone());
    Ok(())
}

/// Sends the next mail; whether it makes sense to go on.
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
    let (outcome, error, goes_on) = match &sent {
        Ok(()) => ("sent", None, true),
        Err(unsent) if unsent.is_final || due.is_last => ("given-up", Some(unsent.why.clone()), unsent.is_its_own),
        Err(unsent) => ("later", Some(unsent.why.clone()), unsent.is_its_own),
    };
    if outcome != "later"
        && let Err(error) = spool.remove_mail(&due.id)
    {
        log::error("mail", error);
    }
    LogLine { outcome: Some(outcome), error, ..LogLine::new("mail") }.tell();
    goes_on
}
