//! Text as the guard reads it: what was disguised is undone, so that one word is one word however it was written.

use deunicode::deunicode_char;

/// The longest text that is looked at, in bytes. The form takes no longer ones; a caller might.
pub const MAX_TEXT: usize = 80_000;
/// Longer runs of letters, in characters, are cut: nobody's words, and a page of one letter is one word too.
const MAX_WORD: usize = 40;
/// So many single letters in a row are a word that was pulled apart.
const MIN_SPELLED_LETTERS: usize = 4;

/// A text in words, in their order, each folded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WordList {
    /// The words.
    pub words: Vec<String>,
    /// One of the words whose letters come from two scripts that look alike, as it was written.
    pub mixed_script_word: Option<String>,
    /// How many characters without a width stood inside of words.
    pub invisible_count: usize,
}

impl WordList {
    /// Reads a text.
    pub fn of(text: &str) -> Self {
        let mut list = Self::default();
        let mut word = String::new();
        let mut invisible = 0;
        // A line break at the end closes the last word.
        for c in clip(text, MAX_TEXT).chars().chain(['\n']) {
            if is_invisible(c) {
                invisible += usize::from(!word.is_empty());
            } else if c.is_alphanumeric() || is_mark(c) {
                // Only what has letters on both sides was put into a word.
                list.invisible_count += std::mem::take(&mut invisible);
                word.push(c);
            } else {
                invisible = 0;
                list.finish_word(&mut word);
            }
        }
        list.words = join_spelled_words(list.words);
        list
    }

    fn finish_word(&mut self, word: &mut String) {
        if !word.is_empty() {
            let (folded, mixed) = fold(word);
            if mixed && self.mixed_script_word.is_none() {
                self.mixed_script_word = Some(word.chars().take(MAX_WORD).collect());
            }
            if !folded.is_empty() {
                self.words.push(folded);
            }
            word.clear();
        }
    }

    /// The words with a blank around each.
    pub fn spaced(&self) -> String {
        let mut text = String::from(" ");
        for word in &self.words {
            text.push_str(word);
            text.push(' ');
        }
        text
    }
}

/// The beginning of a text, at most so many bytes of it.
pub fn clip(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

/// A word in small letters without accents, and whether its letters were taken from two scripts.
fn fold(word: &str) -> (String, bool) {
    let mut folded = String::with_capacity(word.len());
    for c in word.chars().filter(|c| !is_mark(*c)).take(MAX_WORD) {
        match c {
            'A'..='Z' => folded.push(c.to_ascii_lowercase()),
            _ if c.is_ascii() => folded.push(c),
            _ => match deunicode_char(c).filter(|_| is_latin_variant(c)) {
                Some(plain) if !plain.is_empty() && plain.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
                    folded.push_str(&plain.to_ascii_lowercase());
                }
                _ => folded.extend(c.to_lowercase()),
            },
        }
    }
    let latin = folded.contains(|c: char| c.is_ascii_alphabetic());
    let mixed = latin && folded.contains(|c| look_alike(c).is_some()) && folded.chars().all(could_be_latin);
    if mixed {
        folded = folded.chars().map(|c| look_alike(c).unwrap_or(c)).collect();
    }
    (folded, mixed)
}

fn could_be_latin(c: char) -> bool {
    c.is_ascii_alphanumeric() || look_alike(c).is_some()
}

/// Latin letters with accents, in full width, as mathematical signs, in circles (Unicode's blocks of these names).
fn is_latin_variant(c: char) -> bool {
    matches!(c, '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' | '\u{2100}'..='\u{214f}' | '\u{24b6}'..='\u{24e9}'
        | '\u{ff10}'..='\u{ff5a}' | '\u{1d400}'..='\u{1d7ff}' | '\u{1f130}'..='\u{1f189}')
}

/// The Latin letter that a small Cyrillic or Greek one looks like (after Unicode TR 39, confusables).
fn look_alike(c: char) -> Option<char> {
    Some(match c {
        'а' | 'α' => 'a',
        'в' | 'β' => 'b',
        'с' | 'ϲ' => 'c',
        'ԁ' => 'd',
        'е' | 'ё' | 'ε' => 'e',
        'һ' => 'h',
        'і' | 'ї' | 'ι' => 'i',
        'ј' => 'j',
        'к' | 'κ' => 'k',
        'ӏ' => 'l',
        'м' => 'm',
        'н' | 'η' => 'n',
        'о' | 'ο' | 'σ' => 'o',
        'р' | 'ρ' => 'p',
        'ԛ' => 'q',
        'ѕ' => 's',
        'т' | 'τ' => 't',
        'υ' => 'u',
        'ν' | 'ѵ' => 'v',
        'ԝ' | 'ω' => 'w',
        'х' | 'χ' => 'x',
        'у' | 'γ' => 'y',
        _ => return None,
    })
}

/// Accents that stand after their letter, and what chooses the form of an emoji.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{20d0}'..='\u{20ff}')
}

/// Characters that nothing is drawn for and that no Latin word needs.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{180e}')
}

/// Puts words together that were pulled apart: `v i a g r a`.
fn join_spelled_words(words: Vec<String>) -> Vec<String> {
    let is_letter = |word: &String| word.len() == 1 && word.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let mut joined = Vec::with_capacity(words.len());
    let mut rest = words.as_slice();
    while !rest.is_empty() {
        let run = rest.iter().take(MAX_WORD).take_while(|word| is_letter(word)).count();
        if run >= MIN_SPELLED_LETTERS {
            joined.push(rest[..run].concat());
            rest = &rest[run..];
        } else {
            let plain = run.max(1);
            joined.extend_from_slice(&rest[..plain]);
            rest = &rest[plain..];
        }
    }
    joined
}

/// A word with the digits that stand for letters read as these: `v1agra`. None where there is nothing to read so.
pub fn digits_to_letters(word: &str) -> Option<String> {
    let letters = word.bytes().filter(u8::is_ascii_alphabetic).count();
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    // `h264` and `2024` are what they are.
    if digits == 0 || letters < 3 || digits > letters || !word.is_ascii() {
        return None;
    }
    let letter = |c| match c {
        '0' => 'o',
        '1' => 'i',
        '3' => 'e',
        '4' => 'a',
        '5' => 's',
        '7' => 't',
        c => c,
    };
    let letters: String = word.chars().map(letter).collect();
    (!letters.contains(|c: char| c.is_ascii_digit())).then_some(letters)
}

/// Whether a script is written without blanks between words.
pub fn is_in_unspaced_script(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{30ff}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> String {
        WordList::of(text).words.join(" ")
    }

    #[test]
    fn a_word_is_the_same_in_every_costume() {
        for written in [
            "viagra",
            "VIAGRA",
            "Viágra",
            "via\u{301}gra",
            "vi\u{200b}ag\u{ad}ra",
            "ｖｉａｇｒａ",
            "𝐯𝐢𝐚𝐠𝐫𝐚",
            "𝓥𝓲𝓪𝓰𝓻𝓪",
            "ⓥⓘⓐⓖⓡⓐ",
            "v i a g r a",
            "v.i.a.g.r.a",
            "V-I-A-G-R-A",
            "viаgrа",
            "νiagra",
        ] {
            assert_eq!(words(written), "viagra", "{written}");
        }
        assert_eq!(digits_to_letters("v1agra").as_deref(), Some("viagra"));
        assert_eq!(digits_to_letters("c4s1n0").as_deref(), Some("casino"));
        for plain in ["viagra", "h264", "2024", "utf8", "mp3", "covid19", "日本1"] {
            assert_eq!(digits_to_letters(plain), None, "{plain}");
        }
    }

    #[test]
    fn other_scripts_stay_what_they_are() {
        for (written, folded) in [
            ("Спасибо, очень интересно", "спасибо очень интересно"),
            ("Ευχαριστώ πολύ", "ευχαριστώ πολύ"),
            ("日本語の文章です", "日本語の文章です"),
            ("Größe, naïve, Łódź", "grosse naive lodz"),
            ("The letter α, and the pH-Wert", "the letter α and the ph wert"),
        ] {
            let list = WordList::of(written);
            assert_eq!((list.words.join(" ").as_str(), list.mixed_script_word), (folded, None), "{written}");
        }
    }

    #[test]
    fn mixed_scripts_and_invisible_characters_are_found() {
        assert_eq!(WordList::of("Cheap рrices, cheаp!").mixed_script_word.as_deref(), Some("рrices"));
        assert_eq!(WordList::of("ca\u{200b}si\u{200b}no \u{200b} bo\u{ad}nus\u{200b}").invisible_count, 3);
        // A word of Russian with a Latin ending is no disguise: ж looks like nothing else.
        assert_eq!(WordList::of("SMMщик, javaжук").mixed_script_word, None);
    }

    #[test]
    fn huge_words_are_cut() {
        let huge = "a".repeat(1 << 20);
        assert_eq!(WordList::of(&huge).words, ["a".repeat(MAX_WORD)]);
        assert!(WordList::of(&"a ".repeat(1 << 20)).words.len() <= MAX_TEXT / 40);
        assert!(WordList::of(&"\u{301}".repeat(1 << 20)).words.is_empty());
    }
}
