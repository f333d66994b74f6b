use std::fmt::Write;

use jiff::Timestamp;

use super::form::Form;
use super::spool::Origin;
use crate::content::CommentStatus;

/// The text of the thread file that holds a reply and nothing else: as long as only this text is read, whatever the
/// reply is, it is one comment with the fields of the form, and its body is the form's comment.
///
/// `by_author` says whether the post's author wrote it, whatever its name is. `id` is left out where the file's name says it. The moment loses its fraction of a second, and the e-mail address is
/// not in it.
pub fn comment_file(
    form: &Form,
    id: Option<&str>,
    moment: Timestamp,
    status: CommentStatus,
    by_author: bool,
) -> String {
    let mut file = String::with_capacity(form.comment().len() + 256);
    file.push_str("+++\n");
    for (key, value) in [("id", id), ("author", form.author()), ("url", form.url())] {
        value.inspect(|value| push_text(&mut file, key, value));
    }
    let _ = writeln!(file, "date = {}", to_second(moment));
    form.reply_to().inspect(|id| push_text(&mut file, "reply_to", id));
    push_text(&mut file, "status", status.as_str());
    let _ = writeln!(file, "by_author = {by_author}");
    file.push_str("+++\n");
    for line in form.comment().split('\n') {
        // The escape of `content::parse_thread`, which takes it away again.
        if line.trim_start_matches('\\').trim_end() == "+++" {
            file.push('\\');
        }
        file.push_str(line);
        file.push('\n');
    }
    file
}

/// A comment file with other lines in its front matter, where they are comments of TOML.
pub(super) fn with_notes(file: &str, notes: &str) -> String {
    let (opening, rest) = file.split_at(file.find('\n').map_or(file.len(), |end| end + 1));
    let notes = notes.lines().flat_map(|line| ["#: ", line, "\n"]);
    [opening].into_iter().chain(notes).chain([rest]).collect()
}

/// A comment file with what is known of where the reply comes from.
pub(super) fn with_origin(file: &str, origin: Option<&Origin>) -> String {
    let Some(Origin { kind, warning }) = origin else { return file.to_owned() };
    let (opening, rest) = file.split_at(file.find('\n').map_or(file.len(), |end| end + 1));
    let mut out = opening.to_owned();
    push_text(&mut out, "kind", kind.as_str());
    warning.iter().for_each(|warning| push_text(&mut out, "warning", warning));
    out + rest
}

/// The moment as it can be written in TOML, whose years have four digits.
fn to_second(moment: Timestamp) -> Timestamp {
    let second = moment.max(Timestamp::UNIX_EPOCH).as_second();
    Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// A line `key = "value"` (<https://toml.io/en/v1.0.0#string>).
fn push_text(file: &mut String, key: &str, value: &str) {
    let _ = write!(file, "{key} = \"");
    for c in value.chars() {
        let _ = match c {
            '"' | '\\' => write!(file, "\\{c}"),
            c if c.is_control() => write!(file, "\\u{:04X}", u32::from(c)),
            c => write!(file, "{c}"),
        };
    }
    file.push_str("\"\n");
}
