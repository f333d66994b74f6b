use std::borrow::Cow;

use percent_encoding::percent_decode;
use serde_json::Value;

use super::form::{Field, Form, MAX_BODY};
use super::refusal::Refusal;

/// A reply's fields as they came, before anything is known of them. What is refused can be shown to its writer again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Submission<'a>(Vec<(Field, Cow<'a, str>)>);

impl<'a> Submission<'a> {
    /// Reads `application/x-www-form-urlencoded` (<https://url.spec.whatwg.org/#urlencoded-parsing>).
    ///
    /// # Errors
    /// It is too large, or not UTF-8.
    pub fn urlencoded(body: &'a [u8]) -> Result<Self, Refusal> {
        if body.len() > MAX_BODY {
            return Err(Refusal::TooLarge);
        }
        let mut fields = Vec::new();
        for (name, value) in pairs(body) {
            if let Some(field) = Field::from_name(&decode(name)?) {
                fields.push((field, decode(value)?));
            }
        }
        Ok(Self(fields))
    }

    /// Reads `application/json`: an object of texts. Null is as good as nothing.
    ///
    /// # Errors
    /// It is too large, or no such object.
    pub fn json(body: &[u8]) -> Result<Self, Refusal> {
        if body.len() > MAX_BODY {
            return Err(Refusal::TooLarge);
        }
        let Ok(Value::Object(object)) = serde_json::from_slice(body) else { return Err(Refusal::NotAForm) };
        let mut fields = Vec::new();
        for (name, value) in object {
            match (Field::from_name(&name), value) {
                (Some(field), Value::String(text)) => fields.push((field, text.into())),
                (Some(_), Value::Null) | (None, _) => {}
                (Some(_), _) => return Err(Refusal::NotAForm),
            }
        }
        Ok(Self(fields))
    }

    /// What was sent as a field; empty if it was not.
    pub fn get(&self, field: Field) -> &str {
        self.0.iter().find(|(name, _)| *name == field).map_or("", |(_, value)| value)
    }

    /// Whether the field is filled in that people do not see. Whoever takes the reply knows what that means to them.
    pub fn is_honeypot_filled(&self) -> bool {
        !self.get(Field::Nickname).is_empty()
    }

    /// The reply.
    ///
    /// # Errors
    /// Whatever is wrong with it.
    pub fn form(&self) -> Result<Form, Refusal> {
        Form::new(self.0.iter().map(|(field, value)| (*field, Cow::from(&**value))))
    }
}

/// The names and values of a form's body, or of a query, as they are written there.
fn pairs(body: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    body.split(|byte| *byte == b'&').map(|pair| {
        let mut parts = pair.splitn(2, |byte| *byte == b'=');
        (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
    })
}

/// The names and values of a form, in their order.
pub type Fields<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;

/// The names and values of any form's body, or of a query, in their order.
///
/// # Errors
/// They are not UTF-8.
pub fn fields(body: &[u8]) -> Result<Fields<'_>, Refusal> {
    pairs(body).map(|(name, value)| Ok((decode(name)?, decode(value)?))).collect()
}

/// A name or value: `+` is a blank, and bytes may be written with a percent sign. A lenient decoder would put � in the
/// place of what is not UTF-8, and a reply in another encoding would be taken, maimed.
fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, Refusal> {
    let blanks: Cow<'_, [u8]> = if bytes.contains(&b'+') {
        bytes.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect()
    } else {
        bytes.into()
    };
    match blanks {
        Cow::Borrowed(bytes) => percent_decode(bytes).decode_utf8().map_err(|_| Refusal::NotAForm),
        Cow::Owned(bytes) => {
            percent_decode(&bytes).decode_utf8().map(|text| text.into_owned().into()).map_err(|_| Refusal::NotAForm)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_can_send_the_same_as_a_form() {
        let form = b"page=%2Ftea%2F&author=Jo&comment=Caf%C3%A9%0D%0A+++b&reply_to=&x=y";
        let json = br#"{"page":"/tea/","author":"Jo","comment":"Caf\u00e9\n   b","reply_to":null,"x":[1]}"#;
        let (form, json) = (Submission::urlencoded(form).expect("a form"), Submission::json(json).expect("an object"));
        assert_eq!(form.form(), json.form());
        assert_eq!(json.form().expect("a reply").comment(), "Café\n   b");
        assert_eq!((json.get(Field::Page), json.get(Field::Url)), ("/tea/", ""));
    }

    #[test]
    fn what_is_no_object_of_texts_is_no_reply() {
        for bad in ["", "[]", "1", "{\"comment\":1}", "{\"comment\":[\"a\"]}", "{\"comment\":\"a\"", "\"comment\""] {
            assert_eq!(Submission::json(bad.as_bytes()), Err(Refusal::NotAForm), "{bad}");
        }
        assert_eq!(Submission::json(b"{\"comment\":\"\xff\"}"), Err(Refusal::NotAForm));
        let deep = format!("{{\"comment\":{}", "[".repeat(100_000));
        assert_eq!(Submission::json(deep.as_bytes()), Err(Refusal::NotAForm), "no stack is deep enough for that");
        assert_eq!(Submission::json(&vec![b' '; MAX_BODY + 1]), Err(Refusal::TooLarge));
    }

    #[test]
    fn the_last_of_two_is_not_silently_taken() {
        // In JSON the last one counts, for every reader of JSON; a form has no such rule.
        let sent = Submission::json(br#"{"comment":"a","comment":"b"}"#).expect("an object");
        assert_eq!(sent.form().expect("a reply").comment(), "b");
        let twice = Submission::urlencoded(b"comment=a&comment=b").expect("fields");
        assert_eq!(twice.form(), Err(Refusal::Repeated(Field::Comment)));
    }
}
