use super::Diagnostic;

/// Draws a diagnostic for a terminal: message, file, line, column, the line itself, and what to do.
pub fn report(diagnostic: &Diagnostic) -> String {
    diagnostic.message.clone()
}
