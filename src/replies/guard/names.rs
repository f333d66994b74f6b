//! Names that readers take for one another: letters of another case, script or shape, with blanks elsewhere or accents on them.

use deunicode::deunicode_char;
use unicode_normalization::UnicodeNormalization;
use unicode_security::confusable_detection::skeleton;

use super::text::clip;

/// So much of a name is looked at, in bytes.
const MAX_NAME: usize = 1_000;

/// Whether one name can be taken for another.
pub fn look_the_same(one: &str, other: &str) -> bool {
    let (one, other) = (shapes(one), shapes(other));
    one.iter().any(|shape| !shape.is_empty() && other.contains(shape))
}

/// What a name looks like: as it is written, in small letters, which look like others than the capitals do, each letter as the first
/// of all that look like it (Unicode TR 39, 4); and what it is in Latin letters.
fn shapes(name: &str) -> [String; 3] {
    let name: String = clip(name, MAX_NAME).nfkc().collect();
    let small = name.to_lowercase();
    [shape(skeleton(&name)), shape(skeleton(&small)), shape(small.chars())]
}

/// Letters and digits, in ASCII where there is some.
fn shape(name: impl Iterator<Item = char>) -> String {
    let mut shape = String::new();
    for c in name.filter(|c| c.is_alphanumeric()) {
        match deunicode_char(c) {
            Some(plain) => {
                shape.extend(
                    plain.chars().filter(char::is_ascii_alphanumeric).map(|c| plain_shape(c.to_ascii_lowercase())),
                );
            }
            None => shape.push(c),
        }
    }
    shape
}

/// What looks the same in one case only is the same here: `I`, `l` and `1`, or `O` and `0`.
fn plain_shape(c: char) -> char {
    match c {
        'i' | '1' => 'l',
        '0' => 'o',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_same_in_every_costume() {
        for (author, others) in [
            (
                "Ada Wren",
                &[
                    "Ada Wren",
                    "ADA WREN",
                    " ada  wren ",
                    "AdaWren",
                    "Ada-Wren",
                    "Ada.Wren",
                    "Ada\u{200b} Wren",
                    "Аdа Wren",
                    "Ａｄａ Ｗｒｅｎ",
                    "𝐀𝐝𝐚 𝐖𝐫𝐞𝐧",
                    "Ádà Wrén",
                    "A\u{301}da Wren",
                    "Ada Wren ✓",
                    "ᴀda Wren",
                    "аԁа ԝrеn",
                ][..],
            ),
            ("Illia Moon", &["lllia Moon", "I1lia M00n", "IIIia Moon", "Illia Моon"][..]),
            ("Omar", &["0mar", "Οmar", "Оmаr", "Ornar"]),
            ("Иван Петров", &["ИВАН ПЕТРОВ", "иван  петров", "Ivan Petrov", "Иван Пeтpoв"]),
            ("日本 太郎", &["日本太郎"]),
        ] {
            for other in others {
                assert!(look_the_same(author, other), "{author} {other} {:?} {:?}", shapes(author), shapes(other));
                assert!(look_the_same(other, author), "{other} {author}");
            }
        }
    }

    #[test]
    fn other_names_are_others() {
        for (author, other) in
            [("Ada", "Ada Wren"), ("Ada", "Adam"), ("Ada", ""), ("✓", "☂"), ("", ""), ("Jo", "Joe"), ("Иван", "Павел")]
        {
            assert!(!look_the_same(author, other), "{author} {other}");
        }
    }

    #[test]
    fn huge_names_are_cut() {
        assert!(look_the_same(&"\u{fdfa}".repeat(100_000), &"\u{fdfa}".repeat(100_001)));
    }
}
