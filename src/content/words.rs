use memchr::{memchr2, memmem};
use unicode_segmentation::UnicodeSegmentation;

/// How many words a Markdown text has, as Zola counts them: what stands between code fences is left out, and in
/// Chinese and Japanese, which part no words, each letter counts.
pub(super) fn count(markdown: &str, lang: &str) -> usize {
    let of_prose = |text: &str| match primary(lang) {
        "zh" | "ja" => text.chars().filter(|c| c.is_alphabetic()).count(),
        _ => count_words(text),
    };
    let (mut count, mut from, mut is_prose) = (0, 0, true);
    for fence in memmem::find_iter(markdown.as_bytes(), b"```") {
        if is_prose {
            count += of_prose(&markdown[from..fence]);
        }
        (from, is_prose) = (fence + 3, !is_prose);
    }
    if is_prose { count + of_prose(&markdown[from..]) } else { count }
}

/// No word goes over the end of a line or over a blank. So words of plain letters, which most are, can be counted without
/// asking Unicode's tables, which takes ten times as long.
fn count_words(text: &str) -> usize {
    let bytes = text.as_bytes();
    let of = |at: usize| bytes.get(at).map_or(Class::Blank, |byte| CLASSES[usize::from(*byte)]);
    let (mut count, mut at) = (0, 0);
    while at < bytes.len() {
        let start = at;
        // What most pieces are: letters, then perhaps punctuation.
        while of(at) == Class::Letter {
            at += 1;
        }
        let has_letters = at > start;
        while of(at) == Class::Punctuation {
            at += 1;
        }
        if of(at) == Class::Blank {
            count += usize::from(has_letters);
        } else {
            at += memchr2(b' ', b'\n', &bytes[at..]).unwrap_or(bytes.len() - at);
            count += count_piece(&text[start..at]);
        }
        at += 1;
    }
    count
}

/// What a byte is to the counting of words.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Letter,
    Punctuation,
    Blank,
    Other,
}

const CLASSES: [Class; 256] = {
    let mut classes = [Class::Other; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        if byte.is_ascii_alphanumeric() {
            classes[byte as usize] = Class::Letter;
        } else if byte.is_ascii_punctuation() {
            classes[byte as usize] = Class::Punctuation;
        } else if byte == b' ' || byte == b'\n' {
            classes[byte as usize] = Class::Blank;
        }
        byte += 1;
    }
    classes
};

/// The words of a piece of text without blanks.
fn count_piece(piece: &str) -> usize {
    let bare = piece.trim_matches(|c: char| c.is_ascii_punctuation());
    if bare.is_empty() {
        0
    } else if bare.chars().all(is_plain_letter) {
        1
    } else {
        piece.unicode_words().count()
    }
}

/// Letters and digits that make one word, however they follow each other: ASCII, Latin and Cyrillic ones.
fn is_plain_letter(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || matches!(c, 'À'..='Ö' | 'Ø'..='ö' | 'ø'..='ɏ' | '\u{400}'..='\u{481}' | '\u{48a}'..='\u{52f}')
}

/// How many minutes it takes to read so many words (or characters) of a language.
///
/// The speeds are those of silent reading that Zola names: English 238 words a minute (Brysbaert 2019), Korean 202
/// (Song, Kim, Hyung 2016), Chinese 439 characters (Wang, Li, Song, Yan 2024), Japanese 653 (Kobayashi, Kawashima
/// 2018), any other language 200 words.
pub fn reading_time(words: usize, lang: &str) -> usize {
    let speed = match primary(lang) {
        "en" => 238,
        "ko" => 202,
        "zh" => 439,
        "ja" => 653,
        _ => 200,
    };
    words.div_ceil(speed)
}

fn primary(lang: &str) -> &str {
    lang.split('-').next().unwrap_or(lang)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_text_in_pieces_has_as_many_words(text in "([a-zéÀ-ɏЀ-ԯ'’:.,;_0-9 \n\t\u{301}\u{200d}あ中-]|\\PC){0,40}") {
            let text = text.replace('`', "");
            prop_assert_eq!(count(&text, "en"), text.unicode_words().count());
        }
    }

    #[test]
    fn counts_words_of_prose_and_not_of_code() {
        for (text, words) in [
            ("", 0),
            ("  ", 0),
            ("Hello World", 2),
            ("It’s 3.14 – naïve, isn't it?", 5),
            ("one two\nthree\n\nfour", 4),
            ("hello world ``` code goes here ``` goodbye world", 4),
            ("hello world ``` code ``` goodbye world ``` a fence that stays open", 4),
        ] {
            assert_eq!(count(text, "en"), words, "{text:?}");
        }
    }

    #[test]
    fn counts_characters_where_words_are_not_parted() {
        assert_eq!(count("你好世界，这是中文测试。", "zh"), 10);
        assert_eq!(count("你好世界", "zh-Hant-TW"), 4);
        assert_eq!(count("こんにちは、世界。", "ja"), 7);
    }

    #[test]
    fn reads_each_language_at_its_speed() {
        for (lang, minutes) in [("en", 9), ("en-GB", 9), ("fr", 10), ("ko", 10), ("zh", 5), ("ja", 4)] {
            assert_eq!(reading_time(2000, lang), minutes, "{lang}");
        }
        assert_eq!(reading_time(0, "en"), 0);
        assert_eq!(reading_time(1, "en"), 1);
    }
}
