//! Tells the site's author of new replies by mail: one by one while they are few, and of all together when they are many.
//!
//! A mail is posted before it is noted that it was. Whoever is killed between the two posts it once more, under the same name.

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

/// How often somebody looks whether there is something to tell, if nothing comes in here: another inbox may have taken it.
const ROUND: Duration = Duration::from_secs(60);

/// The least time between two looks, for each reads all replies.
const REST: Duration = Duration::from_secs(2);

/// In this time mails about single replies are counted, and there is one about many.
const SPAN: SignedDuration = SignedDuration::from_hours(1);

/// So long a reply waits at the most to be told of together with others, if there was no such mail lately.
const GATHER: SignedDuration = SignedDuration::from_mins(10);

/// What was told lately.
#[derive(Debug, Default)]
struct Notifier {
    singles: VecDeque<Timestamp>,
    together: Option<Timestamp>,
}

/// How replies are told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NotificationMode {
    /// Each in a mail of its own.
    Each,
    /// All in one.
    Together,
    /// Not yet.
    Later,
}

impl Notifier {
    /// How to tell of so many replies, whose oldest came at some moment, if so many an hour may have a mail of their own.
    fn way(&mut self, number: usize, oldest: Timestamp, per_hour: usize, now: Timestamp) -> NotificationMode {
        while self.singles.front().is_some_and(|told| now.duration_since(*told) >= SPAN) {
            self.singles.pop_front();
        }
        if number + self.singles.len() <= per_hour {
            return NotificationMode::Each;
        }
        let is_long_ago = self.together.is_none_or(|told| now.duration_since(told) >= SPAN);
        let is_worth_it = number > per_hour || now.duration_since(oldest) >= GATHER;
        if is_long_ago && is_worth_it { NotificationMode::Together } else { NotificationMode::Later }
    }

    /// Tells of what is new.
    fn notify(&mut self, state: &ServerState, now: Timestamp) -> Result<(), Diagnostic> {
        let (app, config) = (&state.app, state.app.config());
        let Some((to, per_hour)) = receiver(&config) else { return Ok(()) };
        let moderation = app.moderation();
        let untold = moderation.unnotified(now)?;
        let Some(oldest) = untold.first().map(|kept| kept.notes.received) else { return Ok(()) };
        let library = app.library();
        let writer = MailComposer { site: &library.site, origins: &state.origins, key: app.key(), to };
        let failed = |error: &dyn std::fmt::Display| Diagnostic::error(format!("nobody could be told: {error}"));
        match self.way(untold.len(), oldest, per_hour, now) {
            NotificationMode::Each => {
                for kept in &untold {
                    app.queue_mail(&name(kept), &writer.of_one(kept, now), now).map_err(|error| failed(&error))?;
                    moderation.mark_notified(std::slice::from_ref(kept))?;
                    self.singles.push_back(now);
                }
            }
            NotificationMode::Together => {
                let mail = writer.of_many(&untold, now).map_err(|error| failed(&error))?;
                let name = format!("replies-{}", now.as_second());
                app.queue_mail(&name, &mail, now).map_err(|error| failed(&error))?;
                self.together = Some(now);
                moderation.mark_notified(&untold)?;
            }
            NotificationMode::Later => {}
        }
        Ok(())
    }
}

/// Who is told, and of how many replies an hour one by one.
fn receiver(config: &Config) -> Option<(&str, usize)> {
    let mail = config.comments.mail.as_ref()?;
    Some((mail.to.as_deref()?, mail.per_hour))
}

/// What the mail about a reply is called.
fn name(kept: &ReplyObject) -> String {
    format!("reply-{}-{}", kept.id, kept.notes.revision)
}

/// Starts the thread that notifies the author, if the site is configured to. The thread ends with the process.
///
/// # Errors
/// The system starts no thread.
pub fn start(state: &Arc<ServerState>) -> io::Result<()> {
    if receiver(&state.app.config()).is_none() {
        return Ok(());
    }
    let shared = Arc::clone(state);
    let thread = thread::Builder::new().name("notify".to_owned()).spawn(move || {
        let mut notifier = Notifier::default();
        loop {
            if let Err(problem) = notifier.notify(&shared, Timestamp::now()) {
                log::error("tell", problem.message);
            }
            thread::sleep(REST);
            thread::park_timeout(ROUND);
        }
    })?;
    state.set_notifier(thread.thread().clone());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_are_told_of_one_by_one_and_many_together() {
        let at = |minute: i64| Timestamp::from_second(1_700_000_000 + 60 * minute).expect("a moment");
        let mut teller = Notifier::default();
        for minute in 0..3 {
            assert_eq!(teller.way(1, at(minute), 3, at(minute)), NotificationMode::Each, "{minute}");
            teller.singles.push_back(at(minute));
        }
        // The fourth within the hour waits for others, but not for long.
        assert_eq!(teller.way(1, at(5), 3, at(5)), NotificationMode::Later);
        assert_eq!(teller.way(2, at(5), 3, at(14)), NotificationMode::Later);
        assert_eq!(teller.way(2, at(5), 3, at(15)), NotificationMode::Together);
        teller.together = Some(at(15));
        // And then for an hour, however many there are.
        assert_eq!(teller.way(5000, at(16), 3, at(59)), NotificationMode::Later);
        // An hour after the first ones there is room for a single one, and for all others an hour after the last mail.
        assert_eq!(teller.way(1, at(16), 3, at(60)), NotificationMode::Each);
        assert_eq!(teller.way(5000, at(16), 3, at(74)), NotificationMode::Later);
        assert_eq!(teller.way(5000, at(16), 3, at(75)), NotificationMode::Together);
        // Many at once are told of at once.
        assert_eq!(Notifier::default().way(4, at(0), 3, at(0)), NotificationMode::Together);
        assert_eq!(Notifier::default().way(1, at(0), 0, at(0)), NotificationMode::Together);
    }
}
