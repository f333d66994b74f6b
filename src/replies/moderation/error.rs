//! The errors of replies as diagnostics for moderators.

use std::io;

use crate::diagnostic::Diagnostic;
use crate::replies::Refusal;
use crate::replies::spool::SpoolError;

pub(super) fn refusal_error(refusal: &Refusal) -> Diagnostic {
    Diagnostic::error(refusal.to_string().trim_end_matches('.').to_owned())
}

pub(super) fn inbox_error(error: &io::Error) -> Diagnostic {
    Diagnostic::error(format!("the inbox cannot be used: {error}"))
}

pub(super) fn spool_error(error: SpoolError) -> Diagnostic {
    match error {
        SpoolError::NotFound => Diagnostic::error("the reply is gone: its writer has taken it back"),
        SpoolError::Changed => {
            Diagnostic::error("the reply has just been changed by somebody else").help("look at it again")
        }
        SpoolError::Unreadable(problem) => problem,
        SpoolError::Failed(error) => inbox_error(&error),
    }
}
