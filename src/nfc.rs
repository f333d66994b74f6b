//! Names in one form.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// A name in Unicode's composed form (NFC). A Mac may give the name of a file in the other form, while keyboards type this one, and
/// nobody sees a difference: names are compared in this form, and addresses are made of it.
pub fn nfc(name: &str) -> Cow<'_, str> {
    if name.is_ascii() || is_nfc_quick(name.chars()) == IsNormalized::Yes {
        return Cow::Borrowed(name);
    }
    name.nfc().collect::<String>().into()
}

/// The forms that the name of a file can have on the disk: as it is, composed, decomposed.
pub fn forms(name: &str) -> Vec<String> {
    let mut forms = vec![name.to_owned()];
    if !name.is_ascii() {
        for form in [name.nfc().collect(), name.nfd().collect()] {
            if !forms.contains(&form) {
                forms.push(form);
            }
        }
    }
    forms
}
