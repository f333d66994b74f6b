//! Proof of work: the browser counts until a hash begins with enough zeros, which costs a reader nothing to speak of and
//! whoever sends thousands a lot. The form script does it with `pow.js`.

use sha2::{Digest, Sha256};

/// The longest number that is taken as an answer, in digits: any that a script can count to.
const MAX_NONCE: usize = 20;

/// The script that finds the answer: a JavaScript module with a function `solve(challenge, bits, signal)`, which gives a
/// promise of the number as text, or, ended by the signal, none.
pub const SCRIPT: &str = include_str!("pow.js");

/// What a browser sends of its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof<'a> {
    /// The token of the form, which whoever takes replies gave out and has checked.
    pub token: &'a str,
    /// The number that was found.
    pub nonce: &'a str,
}

impl Proof<'_> {
    /// Whether it answers the challenge of its page and token.
    pub fn is_valid(&self, page: &str, bits: u32) -> bool {
        is_solution(&challenge(page, self.token), self.nonce, bits)
    }
}

/// What the work has to be done on: text that belongs to a page and a form's token, and to no others.
pub fn challenge(page: &str, token: &str) -> String {
    let mut hash = Sha256::new_with_prefix("causerie proof of work\n");
    // The length keeps apart what a page's path ends with and what a token begins with.
    hash.update((page.len() as u64).to_le_bytes());
    hash.update(page);
    hash.update(token);
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether the hash of a challenge with a number behind it, `sha256(challenge || nonce)`, begins with so many zero bits.
pub fn is_solution(challenge: &str, nonce: &str, bits: u32) -> bool {
    let is_number = !nonce.is_empty() && nonce.len() <= MAX_NONCE && nonce.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number {
        return false;
    }
    let mut zeros = 0;
    for byte in Sha256::new_with_prefix(challenge).chain_update(nonce).finalize() {
        zeros += byte.leading_zeros();
        if byte != 0 {
            break;
        }
    }
    zeros >= bits
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn the_table_that_the_script_keeps_to_is_right() {
        let table: Value = serde_json::from_str(include_str!("../../../tests/browser/pow-cases.json")).expect("JSON");
        let cases = table.as_array().expect("a list");
        assert!(cases.len() >= 8);
        for case in cases {
            let text = |key: &str| case[key].as_str().unwrap_or_else(|| panic!("{key} in {case}"));
            let bits = case["bits"].as_u64().expect("a number") as u32;
            let (challenge, nonce) = (text("challenge"), text("nonce"));
            assert_eq!(
                is_solution(challenge, nonce, bits),
                case["answers"].as_bool().expect("true or false"),
                "{case}"
            );
            if case["first"] == true {
                let number: u64 = nonce.parse().expect("a number");
                assert!((0..number).all(|less| !is_solution(challenge, &less.to_string(), bits)), "{case}");
            }
        }
    }

    #[test]
    fn a_proof_is_for_one_page_and_one_token() {
        let challenge = challenge("/a/", "token");
        assert_eq!(challenge.len(), 64);
        let nonce =
            (0u32..).map(|number| number.to_string()).find(|nonce| is_solution(&challenge, nonce, 12)).expect("one");
        let proof = Proof { token: "token", nonce: &nonce };
        assert!(proof.is_valid("/a/", 12));
        assert!(!proof.is_valid("/a/", 200));
        // One in 4096 answers two challenges; these do not.
        assert!(!proof.is_valid("/b/", 12));
        assert!(!Proof { token: "other", ..proof }.is_valid("/a/", 12));
        assert_ne!(super::challenge("/a/b", "c"), super::challenge("/a/", "bc"));
    }

    #[test]
    fn only_numbers_are_answers() {
        let endless = "0".repeat(1 << 20);
        for nonce in ["", " 1", "1 ", "-1", "+1", "1e3", "１", "0x1", "1\n", &endless] {
            assert!(!is_solution("x", nonce, 0), "{nonce:.30}");
        }
        assert!(is_solution("x", "0", 0) && is_solution("", "18446744073709551615", 0));
    }
}
