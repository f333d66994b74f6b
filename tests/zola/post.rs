//! The table of the post "Coming from Zola".

use crate::row::{Group, Row, State};

const HEADING: &str = "\n## Every name\n";

/// The post with the table behind its heading.
pub fn with_table(post: &str, groups: &[Group]) -> String {
    let before = post.split_once(HEADING).map_or(post, |(before, _)| before);
    let rows = || groups.iter().flat_map(|group| &group.rows);
    let count = |state: State| rows().filter(|row| row.state == state).count();
    let mut text = format!(
        "{}\n{HEADING}\nEach name that Zola 0.23 documents, and whether it means the same here: {} do, {} differ and {} are \
         missing. A test builds a small site for each row (`tests/zola/table/`), and writes this table.\n",
        before.trim_end(),
        count(State::Same),
        count(State::Differs),
        count(State::Missing),
    );
    for group in groups {
        text.push_str(&format!("\n### {}\n\n| | state | |\n|---|---|---|\n", group.title));
        let same: Vec<String> = group.rows.iter().filter(|row| row.state == State::Same).map(name).collect();
        if !same.is_empty() {
            text.push_str(&format!("| {} | same | |\n", same.join(", ")));
        }
        for row in group.rows.iter().filter(|row| row.state != State::Same) {
            let state = if row.state == State::Differs { "differs" } else { "missing" };
            text.push_str(&format!("| {} | {state} | {} |\n", name(row), row.why));
        }
    }
    text
}

fn name(row: &Row) -> String {
    format!("`{}`", row.name.replace('|', "\\|"))
}
