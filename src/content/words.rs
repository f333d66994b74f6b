use unicode_segmentation::UnicodeSegmentation;

/// How many words a Markdown text has, as Zola counts them: what stands between code fences is left out, and in
/// Chinese and Japanese, which part no words, each letter counts.
pub(super) fn count(markdown: &str, lang: &str) -> usize {
    let prose = markdown.split("```").step_by(2);
    match primary(lang) {
        "zh" | "ja" => prose.map(|text| text.chars().filter(|c| c.is_alphabetic()).count()).sum(),
        // Line by line, as no word goes over the end of one: lines of plain ASCII, which most are, are quick.
        _ => prose.flat_map(|text| text.split('\n')).map(|line| line.unicode_words().count()).sum(),
    }
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
    use super::*;

    #[test]
    fn counts_words_of_prose_and_not_of_code() {
        for (text, words) in [
            ("", 0),
            ("  ", 0),
            ("Hello World", 2),
            ("It’s 3.14 – naïve, isn't it?", 6),
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
