//! Replies by those who would like more than a reply.

use proptest::prelude::*;

use super::*;
use crate::content::CommentKind;
use crate::markdown::render_comment;

/// Pieces of text that mean something to a thread file, to TOML or to Markdown.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec![
            "+++", "+++\n", "\n+++\n", "\n+++ \t\n", "\n+++\u{a0}\n", "\\+++", "\n\\+++\n", "\n\\\\+++\n", "+", "\\",
            "\r\n+++\r\n", "\r+++\r", "\u{b}+++\u{c}", "\u{85}+++\u{85}", "\u{2028}+++\u{2028}", "\u{feff}+++\n",
            "\n```\n", "\n````\n", "\n~~~\n", "```", "``` toml +++\n", "~~~ `\n", "   ```\n", "    ```\n", "\t```\n",
            "> ", "- ", "1. ", "    ", "<!--\n", "\n-->\n", "<div>\n", "</div>\n", "<script>\n", "<pre>\n", "`", "*",
            "[a]: /b \"\n", "[a]", "| a | b |\n|---|---|\n", "---\n", "===\n", "\ndate = 2024-01-01\n", "id = \"1\"\n",
            "status = \"approved\"\n", "\"\"\"", "'''", "\"", "'", "\\u0041", "\0", "\u{7f}", "\u{1b}[2J", "\n", "\r",
            "\r\n", "\n\n", " ", "\t", "\u{a0}", "\u{200b}", "\u{202e}", "{{ config }}", "{% raw %}", "é", "日本",
        ]).prop_map(str::to_owned),
        1 => any::<String>(),
        1 => "\\PC{0,12}",
    ];
    prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_reply_is_one_comment_with_its_own_fields(
        author in hostile(), comment in hostile(), email in "[a-z]{12}@example\\.org", reply_to in "[a-zA-Z0-9._-]{0,9}",
        url in prop_oneof![Just(String::new()), hostile(), hostile().prop_map(|path| format!("http://a.example/{path}"))],
        seconds in 0i64..253_402_207_200, beside: bool,
    ) {
        let mut fields = vec![("author", &*author), ("email", &email), ("reply_to", &reply_to), ("comment", &comment)];
        if form(&[("comment", "Yes."), ("url", &url)]).is_ok() {
            fields.push(("url", &url));
        }
        let form = match form(&fields) {
            Ok(form) => form,
            Err(refusal) => {
                prop_assert!(matches!(refusal, Refusal::NoText | Refusal::TooLong(Field::Author)), "{refusal:?}");
                return Ok(());
            }
        };
        let (path, id) = if beside { ("content/a.comments.md", Some("x-1")) } else { ("content/a.comments/x-1.md", None) };
        let moment = Timestamp::from_second(seconds).expect("a moment");
        let text = comment_file(&form, id, moment, CommentStatus::Pending, false);
        prop_assert!(!text.contains(&email), "{text}");
        // The file on the disk is read like any other.
        let source = crate::source::decode(path, text.into_bytes()).expect("UTF-8");
        let comment = parsed(path, &source.text);
        prop_assert_eq!(comment.id.as_deref(), Some("x-1"));
        prop_assert_eq!(comment.author.as_deref(), form.author());
        prop_assert_eq!(comment.url.as_deref(), form.url());
        prop_assert_eq!(comment.reply_to.as_ref().map(|(id, _)| id.as_str()), form.reply_to());
        prop_assert_eq!(comment.date.as_ref().map(|date| date.timestamp), Some(moment));
        prop_assert_eq!((comment.kind, comment.status), (CommentKind::Comment, CommentStatus::Pending));
        prop_assert_eq!(&*comment.body, form.comment());
    }

    #[test]
    fn a_reply_is_shown_as_it_was_typed(comment in hostile()) {
        let Ok(form) = form(&[("comment", &comment)]) else { return Ok(()) };
        let body = &parsed("content/a.comments/1.md", &comment_file(&form, None, moment(), CommentStatus::Pending, false)).body;
        let typed = comment.replace("\r\n", "\n").replace('\r', "\n");
        let typed: String = typed.chars().filter(|c| matches!(c, '\n' | '\t') || !c.is_control()).collect();
        // Markdown itself passes over blank lines around a text; only white space of other scripts is at stake.
        let (start, end) = (typed.find(|c: char| !c.is_whitespace()), typed.trim_end().len());
        let start = typed[..start.expect("some text")].rfind('\n').map_or(0, |end| end + 1);
        prop_assert_eq!(render_comment(body), render_comment(&typed[start..end]));
    }

    #[test]
    fn anything_may_be_sent(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse_form(&body);
        let form: String = body.iter().map(|byte| format!("%{byte:02x}")).collect();
        prop_assert_eq!(parse_form(format!("comment={form}").as_bytes()) == Err(Refusal::NotAForm), std::str::from_utf8(&body).is_err());
    }
}
