//! The public corpus of SpamAssassin as an npm package ships it: a folder for each kind, a JSON file for each mail.
//!
//! Of a mail the subject and the text are taken, and nothing that a reply has not: no other header, no markup, no
//! signature, no tag or footer of a mailing list.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use regex::Regex;
use serde_json::Value;

use crate::collection::{Dice, Reply};

/// The folders, and whether what is in them is spam. `hard-ham-1` are newsletters and advertisements that were asked for,
/// which nobody sends as a reply: they are told apart.
pub const FOLDERS: [(&str, bool); 5] =
    [("easy-ham-1", false), ("easy-ham-2", false), ("hard-ham-1", false), ("spam-1", true), ("spam-2", true)];

/// Reads the corpus.
pub fn read(folder: &Path) -> Vec<Reply> {
    let mut replies = Vec::new();
    for (kind, is_spam) in FOLDERS {
        let mut paths: Vec<_> = fs::read_dir(folder.join(kind))
            .unwrap_or_else(|error| panic!("{kind}: {error}"))
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
            .collect();
        paths.sort();
        for path in paths {
            let json: Value = serde_json::from_slice(&fs::read(&path).expect("a file")).expect("JSON");
            let comment = text_of(json["text"].as_str().expect("a mail"));
            replies.push(Reply { is_spam, kind: kind.to_owned(), comment, page: "/".to_owned(), ..Reply::default() });
        }
    }
    replies
}

/// Puts replies into an order of chance.
pub fn shuffled(replies: &[Reply], seed: u64) -> Vec<Reply> {
    let mut replies = replies.to_vec();
    let mut dice = Dice(seed);
    for last in (1..replies.len()).rev() {
        replies.swap(last, dice.below(last + 1));
    }
    replies
}

fn text_of(mail: &str) -> String {
    static TAG: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?i)\[[^\]]*\]|\b(?:re|fwd?):").expect("a pattern"));
    static FOOTER: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\n_{20,}|\n-- ?\n|\n-{5,}[^\n]*sf\.net").expect("a pattern"));
    let (head, _) = parts(mail);
    let subject = header(head, "subject").unwrap_or_default();
    let body = body_of(mail, 0).unwrap_or_default();
    let body = FOOTER.split(&body).next().unwrap_or_default();
    format!("{}\n\n{}", TAG.replace_all(&subject, ""), body.trim()).trim().to_owned()
}

fn parts(mail: &str) -> (&str, &str) {
    mail.split_once("\n\n").unwrap_or((mail, ""))
}

/// The value of a header, its folded lines put together (RFC 5322, 2.2.3).
fn header(head: &str, name: &str) -> Option<String> {
    let mut lines = head
        .lines()
        .skip_while(|line| !line.split_once(':').is_some_and(|(found, _)| found.eq_ignore_ascii_case(name)));
    let mut value = lines.next()?.split_once(':')?.1.to_owned();
    for line in lines.take_while(|line| line.starts_with([' ', '\t'])) {
        value.push_str(line);
    }
    Some(value)
}

/// The first plain text of a mail, or else its first HTML as text.
fn body_of(mail: &str, depth: usize) -> Option<String> {
    let (head, body) = parts(mail);
    let kind = header(head, "content-type").unwrap_or_else(|| "text/plain".to_owned());
    let lower = kind.to_ascii_lowercase();
    if lower.contains("multipart/") && depth < 5 {
        let at = lower.find("boundary=")? + "boundary=".len();
        let boundary = kind[at..].trim_start().trim_start_matches('"');
        let boundary = &boundary[..boundary.find(['"', ';', ' ']).unwrap_or(boundary.len())];
        let inner: Vec<(bool, String)> = body
            .split(&format!("--{boundary}"))
            .skip(1)
            .filter_map(|part| {
                let part = part.trim_start_matches('\n');
                let is_plain = !parts(part).0.to_ascii_lowercase().contains("text/html");
                body_of(part, depth + 1).map(|text| (is_plain, text))
            })
            .filter(|(_, text)| !text.trim().is_empty())
            .collect();
        return inner.iter().find(|(is_plain, _)| *is_plain).or(inner.first()).map(|(_, text)| text.clone());
    }
    if !lower.trim_start().starts_with("text/") {
        return None;
    }
    let encoding = header(head, "content-transfer-encoding").unwrap_or_default().trim().to_ascii_lowercase();
    let body = match encoding.as_str() {
        "base64" => from_base64(body),
        "quoted-printable" => from_quoted_printable(body),
        _ => body.to_owned(),
    };
    Some(if lower.contains("text/html") || body.to_ascii_lowercase().contains("<html") {
        from_html(&body)
    } else {
        body
    })
}

fn from_base64(body: &str) -> String {
    let lenient = GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let letters: String = body.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '/')).collect();
    let bytes = GeneralPurpose::new(&alphabet::STANDARD, lenient).decode(letters).unwrap_or_default();
    bytes.into_iter().map(char::from).collect()
}

/// RFC 2045, 6.7, the bytes read as Latin 1.
fn from_quoted_printable(body: &str) -> String {
    let body = body.replace("=\n", "");
    let mut out = String::new();
    let mut rest = body.as_str();
    while let Some(at) = rest.find('=') {
        out.push_str(&rest[..at]);
        match rest.get(at + 1..at + 3).and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                out.push(char::from(byte));
                rest = &rest[at + 3..];
            }
            None => {
                out.push('=');
                rest = &rest[at + 1..];
            }
        }
    }
    out + rest
}

/// The text of HTML, with the addresses of its links.
fn from_html(html: &str) -> String {
    static HIDDEN: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?is)<(?:script|style)\b.*?</(?:script|style)>|<!--.*?-->").expect("a pattern"));
    static LINK: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r#"(?i)<a\s[^>]*?href\s*=\s*["']?([^"'\s>]+)[^>]*>"#).expect("a pattern"));
    static TAG: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"<[^>]*>").expect("a pattern"));
    let text = HIDDEN.replace_all(html, " ");
    let text = LINK.replace_all(&text, " $1 ");
    let text = TAG.replace_all(&text, " ");
    [("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&amp;", "&")]
        .iter()
        .fold(text.into_owned(), |text, (entity, c)| text.replace(entity, c))
}

#[test]
fn a_mail_is_read_as_a_reply_would_be() {
    let plain =
        "From: A <a@b.example>\nSubject: [list] Re: Tea\n and cake\n\nHello\n\n-- \nA\n_______________________\nlist";
    assert_eq!(text_of(plain), "Tea and cake\n\nHello");
    let html = "Content-Type: text/html\nContent-Transfer-Encoding: quoted-printable\nSubject: x\n\n\
                <html><style>p { x }</style><p>Caf=E9 =\nau <a class=3D\"a\" href=3D\"http://a.example/\">lait</a>&nbsp;!";
    assert_eq!(text_of(html).split_whitespace().collect::<Vec<_>>().join(" "), "x Café au http://a.example/ lait !");
    let both = "Content-Type: multipart/alternative;\n boundary=\"=_a\"\n\n--=_a\nContent-Type: text/html\n\n<p>no\n\
                --=_a\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\nSGVs\nbG8=\n--=_a--\n";
    assert_eq!(text_of(both), "Hello");
}
