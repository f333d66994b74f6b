//! A site with some of its files mangled never makes a build panic, and with an error nothing changes.

use proptest::collection::vec;
use proptest::prelude::*;

use crate::support::{GOOD, Site, tree};

/// What happens to a file.
#[derive(Clone, Debug)]
enum Mangling {
    Cut(usize),
    Flip(usize, u8),
    Repeat(usize, usize),
    Insert(usize, &'static str),
    Remove(usize, usize),
    Swap(usize),
}

/// Pieces of every notation that a site has.
const PIECES: &[&str] = &[
    "+++\n",
    "---\n",
    "+++",
    "```\n",
    "{{ ",
    "}}",
    "{% raw %}",
    "{% if page %}",
    "{%",
    "{#",
    "{% endblock %}",
    "[^1]",
    "[a](@/",
    "<b>",
    "\u{0}",
    "\r\n",
    "\r",
    "\u{feff}",
    "\u{202e}",
    "é",
    "🫖",
    "\t",
    "\\",
    "\"",
    "'''",
    "\"\"\"",
    "= ",
    "[[",
    "]]",
    "[x]",
    "date = ",
    "2024-13-45",
    "9999999999999999999",
    "nan",
    "true",
    "../",
    "::",
    "| a | b |\n|---|---|\n",
    "> ",
    "# ",
    "<!-- more -->",
    "{#id}",
    "extends \"",
    "component",
    "<page/>",
    "status = \"pending\"\n",
    "reply_to = \"first\"\n",
    "id = \"first\"\n",
];

fn mangling() -> impl Strategy<Value = Mangling> {
    let place = any::<u16>().prop_map(usize::from);
    prop_oneof![
        1 => place.clone().prop_map(Mangling::Cut),
        1 => (place.clone(), any::<u8>()).prop_map(|(at, with)| Mangling::Flip(at, with)),
        1 => (place.clone(), 1..40usize).prop_map(|(at, length)| Mangling::Repeat(at, length)),
        4 => (place.clone(), prop::sample::select(PIECES)).prop_map(|(at, piece)| Mangling::Insert(at, piece)),
        1 => (place.clone(), 1..40usize).prop_map(|(at, length)| Mangling::Remove(at, length)),
        1 => place.prop_map(Mangling::Swap),
    ]
}

impl Mangling {
    fn apply(&self, bytes: &mut Vec<u8>) {
        let size = bytes.len();
        let part = |at: usize, length: usize| {
            let start = at % (size + 1);
            start..(start + length).min(size)
        };
        match *self {
            Self::Cut(at) => bytes.truncate(at % (size + 1)),
            Self::Flip(at, with) => {
                if let Some(byte) = bytes.get_mut(at % size.max(1)) {
                    *byte ^= with;
                }
            }
            Self::Repeat(at, length) => {
                let piece = bytes[part(at, length)].to_vec();
                bytes.extend(piece.repeat(30));
            }
            Self::Insert(at, piece) => {
                let at = at % (size + 1);
                bytes.splice(at..at, piece.bytes());
            }
            Self::Remove(at, length) => drop(bytes.drain(part(at, length))),
            Self::Swap(at) => bytes.rotate_left(at % size.max(1)),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_mangled_file_makes_a_build_panic(mangled in vec((0..GOOD.len(), vec(mangling(), 1..4)), 1..4)) {
        let site = Site::good();
        site.builds();
        for (file, manglings) in &mangled {
            let (path, text) = GOOD[*file];
            let mut bytes = text.as_bytes().to_vec();
            manglings.iter().for_each(|mangling| mangling.apply(&mut bytes));
            site.write(path, bytes);
        }
        let before = tree(&site.public());
        let report = site.build();
        if report.failed() {
            prop_assert_eq!(tree(&site.public()), before);
        }
        causerie::build::check(&site.options());
    }
}
