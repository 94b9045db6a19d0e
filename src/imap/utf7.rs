//! Modified UTF-7, the 7-bit form of mailbox names.
//!
//! RFC 3501 section 5.1.3: printable ASCII stands for itself, `&` is `&-`, everything else is UTF-16 in a Base64 that has
//! `,` for `/` and no padding, between `&` and `-`.
//!
//! Each name has exactly one form: what [`decode`] accepts, [`encode`] gives back octet by octet. So a peer cannot hide
//! a `/` or a second spelling of a name in Base64.
//!
//! ```
//! use mailwire::imap::utf7;
//!
//! assert_eq!(utf7::encode("Entwürfe & mehr").unwrap(), "Entw&APw-rfe &- mehr");
//! assert_eq!(utf7::decode(b"Entw&APw-rfe &- mehr").unwrap(), "Entwürfe & mehr");
//! assert!(utf7::decode(b"&AC8-").is_err());
//! ```

use crate::wire::InvalidValue;
use alloc::string::String;

/// Why octets are not modified UTF-7.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Flaw {
    /// Whether no reading of them is possible; else they could be read, but are not the one form of their name.
    pub(crate) malformed: bool,
    pub(crate) value: InvalidValue,
}

impl Flaw {
    const fn malformed(offset: usize, expected: &'static str) -> Self {
        Self { malformed: true, value: InvalidValue { offset, expected } }
    }

    const fn forbidden(offset: usize, expected: &'static str) -> Self {
        Self { malformed: false, value: InvalidValue { offset, expected } }
    }
}

/// The name that the octets mean.
///
/// # Errors
/// Where the octets are not modified UTF-7, or another form of a name that has a shorter one, or hold controls.
pub fn decode(octets: &[u8]) -> Result<String, InvalidValue> {
    let mut name = String::with_capacity(octets.len());
    read(octets, |character| name.push(character)).map_err(|flaw| flaw.value)?;
    Ok(name)
}

/// The octets that mean the name, which are ASCII.
///
/// # Errors
/// Where the name holds a control character: no mailbox has one.
pub fn encode(name: &str) -> Result<String, InvalidValue> {
    let mut octets = String::with_capacity(name.len());
    let mut bits = 0u32;
    let mut count = 0u32;
    let mut shifted = false;
    for (offset, character) in name.char_indices() {
        if character.is_ascii() {
            if character.is_ascii_control() {
                return Err(InvalidValue { offset, expected: "no control characters" });
            }
            if shifted {
                close(&mut octets, bits, count);
                (shifted, bits, count) = (false, 0, 0);
            }
            octets.push(character);
            if character == '&' {
                octets.push('-');
            }
            continue;
        }
        if !shifted {
            octets.push('&');
            shifted = true;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            bits = bits.wrapping_shl(16) | u32::from(*unit);
            count = count.saturating_add(16);
            while count >= 6 {
                count = count.saturating_sub(6);
                octets.push(digit(bits.wrapping_shr(count)));
            }
        }
    }
    if shifted {
        close(&mut octets, bits, count);
    }
    Ok(octets)
}

fn close(octets: &mut String, bits: u32, count: u32) {
    if count > 0 {
        octets.push(digit(bits.wrapping_shl(6u32.saturating_sub(count))));
    }
    octets.push('-');
}

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

fn digit(bits: u32) -> char {
    let digit = usize::try_from(bits & 63).ok().and_then(|index| DIGITS.get(index));
    char::from(digit.copied().unwrap_or(b'A'))
}

fn value(octet: u8) -> Option<u32> {
    let value = match octet {
        b'A'..=b'Z' => octet.wrapping_sub(b'A'),
        b'a'..=b'z' => octet.wrapping_sub(b'a').wrapping_add(26),
        b'0'..=b'9' => octet.wrapping_sub(b'0').wrapping_add(52),
        b'+' => 62,
        b',' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}

/// Gives the characters one by one. Of several flaws one that is malformed is told, else the first.
pub(crate) fn read(octets: &[u8], mut character: impl FnMut(char)) -> Result<(), Flaw> {
    let mut at = 0usize;
    let mut after_run = false;
    let mut forbidden = None;
    while let Some(octet) = octets.get(at).copied() {
        match octet {
            b'&' if octets.get(at.saturating_add(1)) == Some(&b'-') => {
                character('&');
                at = at.saturating_add(2);
                after_run = false;
            }
            b'&' => {
                if after_run {
                    let flaw = Flaw::forbidden(at, "one run of Base64 in place of two");
                    forbidden.get_or_insert(flaw);
                }
                at = run(octets, at.saturating_add(1), &mut character, &mut forbidden)?;
                after_run = true;
            }
            0x20..=0x7e => {
                character(char::from(octet));
                at = at.saturating_add(1);
                after_run = false;
            }
            0x80.. => return Err(Flaw::malformed(at, "ASCII")),
            _ => {
                forbidden.get_or_insert(Flaw::forbidden(at, "no control characters"));
                at = at.saturating_add(1);
                after_run = false;
            }
        }
    }
    forbidden.map_or(Ok(()), Err)
}

/// Reads Base64 from its first digit; gives the place behind its `-`.
fn run(
    octets: &[u8],
    start: usize,
    character: &mut impl FnMut(char),
    forbidden: &mut Option<Flaw>,
) -> Result<usize, Flaw> {
    let mut at = start;
    let mut bits = 0u32;
    let mut count = 0u32;
    let mut high = None;
    loop {
        let octet = match octets.get(at) {
            Some(b'-') => break,
            Some(octet) => *octet,
            None => return Err(Flaw::malformed(at, "the \"-\" that ends Base64")),
        };
        let Some(value) = value(octet) else { return Err(Flaw::malformed(at, "modified Base64")) };
        at = at.saturating_add(1);
        bits = bits.wrapping_shl(6) | value;
        count = count.saturating_add(6);
        if count < 16 {
            continue;
        }
        count = count.saturating_sub(16);
        let unit = bits.wrapping_shr(count) & 0xffff;
        match (high.take(), unit) {
            (None, 0xd800..=0xdbff) => high = Some(unit),
            (Some(high), 0xdc00..=0xdfff) => {
                let pair = (high & 0x3ff).wrapping_shl(10) | (unit & 0x3ff);
                character(char::from_u32(pair.wrapping_add(0x1_0000)).unwrap_or_default());
            }
            (Some(_), _) | (None, 0xdc00..=0xdfff) => return Err(Flaw::malformed(at, "a surrogate pair")),
            (None, 0x00..=0x1f | 0x7f) => {
                forbidden.get_or_insert(Flaw::forbidden(at, "no control characters"));
            }
            (None, 0x20..=0x7e) => {
                forbidden.get_or_insert(Flaw::forbidden(at, "ASCII outside of Base64"));
            }
            (None, _) => character(char::from_u32(unit).unwrap_or_default()),
        }
    }
    let rest = bits & 1u32.wrapping_shl(count).wrapping_sub(1);
    if high.is_some() {
        Err(Flaw::malformed(at, "a surrogate pair"))
    } else if count >= 6 || rest != 0 {
        Err(Flaw::malformed(at, "whole UTF-16 units"))
    } else {
        Ok(at.saturating_add(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::round_trip::noise;

    #[test]
    fn known_answers() {
        for (octets, name) in [
            ("&-", "&"),
            ("a&AOk-b", "a\u{e9}b"),
            ("&U,BTFw-", "\u{53f0}\u{5317}"),
            ("+AOk-", "+AOk-"),
            ("&AOk-&-", "\u{e9}&"),
            ("&2D3cqQ-", "\u{1f4a9}"),
            ("~peter/mail/&U,BTFw-/&ZeVnLIqe-", "~peter/mail/\u{53f0}\u{5317}/\u{65e5}\u{672c}\u{8a9e}"),
        ] {
            assert_eq!(decode(octets.as_bytes()).unwrap(), name);
            assert_eq!(encode(name).unwrap(), octets);
        }
        for (octets, malformed) in [
            (&b"&AOk"[..], true),
            (b"&", true),
            (b"&Jjo!", true),
            (b"&AOk-&AOk-", false),
            (b"&U,BTFw-&ZeVnLIqe-", false),
            (b"&AGE-", false),
            (b"&AGE-&AO", true),
            (b"&AOk-&", true),
            (b"a\tb&", true),
            (b"&AAAA-", true),
            (b"&AC4ALgAv-", false),
            (b"&AAA-", false),
            (b"&AA0ACg-", false),
            (b"&2AA-", true),
            (b"&3AA-", true),
            (b"&3ADYAA-", true),
            (b"&2D0AYQ-", true),
            (b"&AO-", true),
            (b"&A-", true),
            (b"&AOl-", true),
            (b"&A/k-", true),
            (b"&AOk=-", true),
            (b"&AO k-", true),
            (b"\xc3\xa9", true),
            (b"\x7f", false),
        ] {
            let flaw = read(octets, |_| ()).unwrap_err();
            assert_eq!(flaw.malformed, malformed, "{}", octets.escape_ascii());
        }
        assert_eq!(encode("a\u{1}").unwrap_err().offset, 1);
    }

    #[test]
    fn every_character_has_one_form() {
        let mut buffer = [0; 4];
        for character in '\u{20}'..=char::MAX {
            let name = &*character.encode_utf8(&mut buffer);
            match encode(name) {
                Ok(octets) => assert_eq!(decode(octets.as_bytes()).unwrap(), name),
                Err(_) => assert_eq!(character, '\u{7f}'),
            }
        }
    }

    #[test]
    fn what_is_decoded_is_encoded_the_same() {
        const LETTERS: &[u8; 8] = b"&-Aq,k /";
        for seed in 0..20_000 {
            let mut octets = noise(seed, 10);
            octets.iter_mut().for_each(|octet| *octet = LETTERS[usize::from(*octet & 7)]);
            if let Ok(name) = decode(&octets) {
                assert_eq!(encode(&name).unwrap().as_bytes(), octets);
            }
        }
    }
}
