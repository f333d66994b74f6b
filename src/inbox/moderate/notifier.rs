//! Notifies the site's author of new replies by mail: one mail per reply while there are few, one mail for all if there are many.
//!
//! A mail is queued before the notification is recorded. After a crash between the two, the mail is queued again under the same
//! name, which changes nothing.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::composer::MailComposer;
use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::inbox::log;
use crate::inbox::state::ServerState;
use crate::replies::ReplyObject;

/// How often the thread checks for new replies that another inbox accepted.
const POLL_INTERVAL: Duration = Duration::from_secs(60);

/// The shortest time between two checks, because each reads all replies.
const MIN_INTERVAL: Duration = Duration::from_secs(2);

/// The period of the limits: some mails about single replies, and one mail about many.
const PERIOD: SignedDuration = SignedDuration::from_hours(1);

/// How long a reply waits for others at most, if there was no mail about many replies recently.
const MAX_DELAY: SignedDuration = SignedDuration::from_mins(10);

/// The mails that were sent recently.
#[derive(Debug, Default)]
struct Notifier {
    /// When mails about single replies were queued.
    single_mails: VecDeque<Timestamp>,
    /// When the last mail about many replies was queued.
    last_digest: Option<Timestamp>,
}

/// How to notify of replies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NotificationMode {
    /// One mail for each reply.
    Each,
    /// One mail for all replies.
    Digest,
    /// No mail yet.
    Later,
}

impl Notifier {
    /// Returns how to notify of `number` replies, of which the oldest arrived at `oldest`. In one hour, `per_hour` replies may
    /// have a mail of their own.
    fn mode(&mut self, number: usize, oldest: Timestamp, per_hour: usize, now: Timestamp) -> NotificationMode {
        while self.single_mails.front().is_some_and(|sent| now.duration_since(*sent) >= PERIOD) {
            self.single_mails.pop_front();
        }
        if number + self.single_mails.len() <= per_hour {
            return NotificationMode::Each;
        }
        let is_allowed = self.last_digest.is_none_or(|sent| now.duration_since(sent) >= PERIOD);
        let is_useful = number > per_hour || now.duration_since(oldest) >= MAX_DELAY;
        if is_allowed && is_useful { NotificationMode::Digest } else { NotificationMode::Later }
    }

    /// Queues mails about new replies.
    fn notify(&mut self, state: &ServerState, now: Timestamp) -> Result<(), Diagnostic> {
        let (app, config) = (&state.app, state.app.config());
        let Some((to, per_hour)) = recipient(&config) else { return Ok(()) };
        let moderation = app.moderation();
        let replies = moderation.unnotified(now)?;
        let Some(oldest) = replies.first().map(|reply| reply.notes.received) else { return Ok(()) };
        let library = app.library();
        let composer = MailComposer { site: &library.site, origins: &state.origins, key: app.key(), to };
        let failed = |error: &dyn std::fmt::Display| Diagnostic::error(format!("the notification failed: {error}"));
        match self.mode(replies.len(), oldest, per_hour, now) {
            NotificationMode::Each => {
                for reply in &replies {
                    app.queue_mail(&mail_name(reply), &composer.single(reply, now), now)
                        .map_err(|error| failed(&error))?;
                    moderation.mark_notified(std::slice::from_ref(reply))?;
                    self.single_mails.push_back(now);
                }
            }
            NotificationMode::Digest => {
                let mail = composer.digest(&replies, now).map_err(|error| failed(&error))?;
                let name = format!("replies-{}", now.as_second());
                app.queue_mail(&name, &mail, now).map_err(|error| failed(&error))?;
                self.last_digest = Some(now);
                moderation.mark_notified(&replies)?;
            }
            NotificationMode::Later => {}
        }
        Ok(())
    }
}

/// Returns the address of the author, and how many replies an hour may have a mail of their own.
fn recipient(config: &Config) -> Option<(&str, usize)> {
    let mail = config.comments.mail.as_ref()?;
    Some((mail.to.as_deref()?, mail.per_hour))
}

/// Returns the name of the mail about a reply.
fn mail_name(reply: &ReplyObject) -> String {
    format!("reply-{}-{}", reply.id, reply.notes.revision)
}

/// Starts the thread that notifies the author, if the site is configured to. The thread ends with the process.
///
/// # Errors
/// The system starts no thread.
pub fn start(state: &Arc<ServerState>) -> io::Result<()> {
    if recipient(&state.app.config()).is_none() {
        return Ok(());
    }
    let shared = Arc::clone(state);
    let thread = thread::Builder::new().name("notify".to_owned()).spawn(move || {
        let mut notifier = Notifier::default();
        loop {
            if let Err(problem) = notifier.notify(&shared, Timestamp::now()) {
                log::error("tell", problem.message);
            }
            thread::sleep(MIN_INTERVAL);
            thread::park_timeout(POLL_INTERVAL);
        }
    })?;
    state.set_notifier(thread.thread().clone());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_replies_have_single_mails_and_many_share_one() {
        let at = |minute: i64| Timestamp::from_second(1_700_000_000 + 60 * minute).expect("a moment");
        let mut notifier = Notifier::default();
        for minute in 0..3 {
            assert_eq!(notifier.mode(1, at(minute), 3, at(minute)), NotificationMode::Each, "{minute}");
            notifier.single_mails.push_back(at(minute));
        }
        // The fourth within the hour waits for others, but not for long.
        assert_eq!(notifier.mode(1, at(5), 3, at(5)), NotificationMode::Later);
        assert_eq!(notifier.mode(2, at(5), 3, at(14)), NotificationMode::Later);
        assert_eq!(notifier.mode(2, at(5), 3, at(15)), NotificationMode::Digest);
        notifier.last_digest = Some(at(15));
        // And then for an hour, however many there are.
        assert_eq!(notifier.mode(5000, at(16), 3, at(59)), NotificationMode::Later);
        // An hour after the first ones there is room for a single one, and for all others an hour after the last mail.
        assert_eq!(notifier.mode(1, at(16), 3, at(60)), NotificationMode::Each);
        assert_eq!(notifier.mode(5000, at(16), 3, at(74)), NotificationMode::Later);
        assert_eq!(notifier.mode(5000, at(16), 3, at(75)), NotificationMode::Digest);
        // Many replies at once cause a mail at once.
        assert_eq!(Notifier::default().mode(4, at(0), 3, at(0)), NotificationMode::Digest);
        assert_eq!(Notifier::default().mode(1, at(0), 0, at(0)), NotificationMode::Digest);
    }
}
