//! The manual's page "Every name".

use crate::row::{Group, Row, State};

/// The page with the tables below its front matter.
pub fn with_tables(page: &str, groups: &[Group]) -> String {
    let front_matter = page.match_indices("+++\n").nth(1).map_or("", |(end, _)| &page[..end]);
    let rows = || groups.iter().flat_map(|group| &group.rows);
    let count = |state: State| rows().filter(|row| row.state == state).count();
    let mut text = format!(
        "{front_matter}+++\n\nEach name that Zola 0.23 documents, and whether it means the same here: {} do, {} differ and {} are \
         missing. A test builds a small site for each row (`tests/zola/table/`), and writes these tables.\n",
        count(State::Same),
        count(State::Differs),
        count(State::Missing),
    );
    for group in groups {
        text.push_str(&format!("\n## {}\n\n| | state | |\n|---|---|---|\n", group.title));
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
