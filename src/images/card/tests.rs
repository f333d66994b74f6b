use std::io::Cursor;

use super::*;
use crate::images::ImageHeader;

const COLOURS: [Colour; 3] = [Colour([251, 249, 244]), Colour([34, 32, 28]), Colour([138, 59, 18])];

fn card(title: &str) -> Option<Card> {
    Card::new(title, "A site", "Ada Wren", COLOURS)
}

#[test]
fn colours_are_read_as_style_sheets_write_them() {
    for (text, expected) in [
        ("#0b6e4f", Some([11, 110, 79])),
        ("#FFF", Some([255, 255, 255])),
        ("#1a", None),
        ("0b6e4f", None),
        ("#0b6e4é", None),
        ("#+12", None),
        ("rebeccapurple", None),
    ] {
        assert_eq!(Colour::parse(text).map(|colour| colour.0), expected, "{text}");
    }
}

#[test]
fn every_title_becomes_a_picture_of_the_same_size() {
    let long = "word ".repeat(100);
    let unbroken = "x".repeat(5000);
    for title in
        ["Tea", "Ένας τίτλος", "Заголовок с длинными словами", "Tiếng Việt", "Łódź & “Zoë” – naïve?", &long, &unbroken]
    {
        let card = card(title).unwrap_or_else(|| panic!("{title}"));
        let bytes = card.draw().unwrap();
        let header = ImageHeader::read(Cursor::new(&bytes)).unwrap();
        assert_eq!((header.width, header.height), (CARD_WIDTH, CARD_HEIGHT));
        assert!(bytes.len() < 90_000, "{title}: {} bytes", bytes.len());
        assert_eq!(bytes, card.draw().unwrap());
    }
}

#[test]
fn letters_that_the_typeface_lacks_make_no_card() {
    for title in ["日本語", "Tea 茶", "שלום", "مرحبا", "हिन्दी", "ภาษาไทย", "", " ", "🙂"]
    {
        assert_eq!(card(title), None, "{title}");
    }
    assert_eq!(Card::new("Tea", "茶", "", COLOURS), None);
    // Pictures are left out.
    assert_eq!(card("Tea\u{200d} 🙂\u{fe0f} time\n\u{7}").unwrap().title, "Tea time");
    assert_eq!(card("e\u{301}").unwrap().title, "é");
}

#[test]
fn another_text_or_colour_is_another_file() {
    let paths = [
        card("A"),
        card("B"),
        Card::new("A", "", "Ada Wren", COLOURS),
        Card::new("A", "A site", "Ada Wren", [COLOURS[0]; 3]),
    ];
    let mut paths: Vec<String> = paths.into_iter().map(|card| card.unwrap().path()).collect();
    paths.dedup();
    assert_eq!(paths.len(), 4);
    assert!(paths[0].starts_with("processed_images/card."));
}
