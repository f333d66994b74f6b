//! Folding: words that readers take for the same are the same.

use unicode_normalization::UnicodeNormalization;

use super::LONGEST;

/// Folds a word: compatible forms, small letters, no accents.
pub fn fold(word: &str, folded: &mut String) {
    folded.clear();
    if word.is_ascii() {
        let kept = word.bytes().filter(|&byte| byte != b'\'').take(LONGEST);
        folded.extend(kept.map(|byte| char::from(byte.to_ascii_lowercase())));
        return;
    }
    let decomposed: String = word.nfkd().collect();
    let small = decomposed.to_lowercase();
    let plain = small.chars().filter(|&c| !is_dropped(c));
    let mut spelt = String::with_capacity(small.len());
    for c in plain {
        match spelling(c) {
            Some(other) => spelt.push_str(other),
            None => spelt.push(c),
        }
    }
    folded.extend(spelt.nfc().take(LONGEST));
}

/// Accents and points that are left out in quick writing, apostrophes, and characters that nobody sees.
fn is_dropped(c: char) -> bool {
    matches!(c,
        ' ' | '\'' | '’' | '\u{ad}' | '\u{2bb}' | '\u{2bc}' | '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}'
        | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}' | '\u{5c2}' | '\u{5c4}' | '\u{5c5}' | '\u{5c7}' | '\u{640}'
        | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{200c}'..='\u{200f}' | '\u{2060}' | '\u{20d0}'..='\u{20ff}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{fe20}'..='\u{fe2f}' | '\u{feff}' | '\u{e0100}'..='\u{e01ef}')
}

/// How letters are written by those who do not have them.
fn spelling(c: char) -> Option<&'static str> {
    Some(match c {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'þ' => "th",
        'ı' => "i",
        'ς' => "σ",
        _ => return None,
    })
}
