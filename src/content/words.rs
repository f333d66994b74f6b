use memchr::{memchr2, memmem, memrchr2};
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

/// No word goes over the end of a line or over a blank. Where all between two of those is ASCII, and its letters and digits
/// stand together behind a blank, that is one word: such words, which most are, are counted eight bytes at a time. Only
/// for the other pieces Unicode's tables are asked, which takes ten times as long.
fn count_words(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (mut count, mut at) = (0, 0);
    // Whether the byte before is a letter, and whether it is a blank, as the highest bits of a byte.
    let (mut after_letter, mut after_blank) = (0, HIGH);
    while at < bytes.len() {
        let mut eight = [b' '; 8];
        let rest = &bytes[at..];
        match rest.first_chunk() {
            Some(chunk) => eight = *chunk,
            None => eight[..rest.len()].copy_from_slice(rest),
        }
        let eight = u64::from_le_bytes(eight);
        let (letters, blanks) = (letters(eight), blanks(eight));
        let starts = letters & !(letters << 8 | after_letter);
        let words = starts & (blanks << 8 | after_blank);
        let others = (starts & !words) | (eight & HIGHS);
        if others == 0 {
            count += words.count_ones() as usize;
            (after_letter, after_blank) = ((letters >> 56) & HIGH, (blanks >> 56) & HIGH);
            at += 8;
            continue;
        }
        // The piece with the first of the others is counted for itself, and what stands before it as above.
        let other = at + others.trailing_zeros() as usize / 8;
        let start = memrchr2(b' ', b'\n', &bytes[..other]).map_or(0, |blank| blank + 1);
        let end = memchr2(b' ', b'\n', &bytes[other..]).map_or(bytes.len(), |blank| other + blank);
        let before = words & ((1 << (8 * (other - at))) - 1);
        count += before.count_ones() as usize;
        count -= usize::from(bytes[start].is_ascii_alphanumeric() && start < other);
        count += count_piece(&text[start..end]);
        (after_letter, after_blank) = (0, HIGH);
        at = end + 1;
    }
    count
}

/// The highest bit of one byte, and of eight.
const HIGH: u64 = 0x80;
const HIGHS: u64 = EACH * HIGH;
/// A number in each of eight bytes.
const EACH: u64 = 0x0101_0101_0101_0101;

/// The highest bits of those of eight bytes that are ASCII letters or digits. What is no ASCII is nothing here.
fn letters(eight: u64) -> u64 {
    let within = |bytes: u64, first: u8, last: u8| {
        let from = (bytes & !HIGHS) + EACH * u64::from(0x80 - first);
        let behind = (bytes & !HIGHS) + EACH * u64::from(0x7f - last);
        from & !behind
    };
    (within(eight | (EACH * 0x20), b'a', b'z') | within(eight, b'0', b'9')) & !eight & HIGHS
}

/// The highest bits of those of eight bytes that are spaces or ends of lines.
fn blanks(eight: u64) -> u64 {
    let other_than = |byte: u8| ((eight ^ (EACH * u64::from(byte))) & !HIGHS) + (EACH * 0x7f);
    !(other_than(b' ') & other_than(b'\n')) & !eight & HIGHS
}

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
