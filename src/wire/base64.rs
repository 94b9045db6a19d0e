//! Base64 as SASL writes it (RFC 4648 section 4), strict: canonical padding and nothing else between.

use alloc::vec::Vec;
use bytes::{BufMut, BytesMut};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The value of each digit; 255 for what is none.
pub(crate) const DIGITS: [u8; 256] = {
    let mut digits = [255u8; 256];
    let mut alphabet: &[u8] = ALPHABET;
    let mut value = 0u8;
    while let [digit, rest @ ..] = alphabet {
        let mut table: &mut [u8] = &mut digits;
        let mut skip = *digit;
        while skip > 0 {
            if let [_, tail @ ..] = table {
                table = tail;
            }
            skip = skip.wrapping_sub(1);
        }
        if let [place, ..] = table {
            *place = value;
        }
        value = value.wrapping_add(1);
        alphabet = rest;
    }
    digits
};

/// The digit of a value under 64.
pub(crate) fn digit(value: u32) -> u8 {
    ALPHABET.get(usize::try_from(value & 63).unwrap_or(0)).copied().unwrap_or(b'A')
}

/// The value of a digit.
pub(crate) fn value(digit: u8) -> Option<u32> {
    DIGITS.get(usize::from(digit)).copied().filter(|value| *value < 64).map(u32::from)
}

/// Writes octets in Base64.
pub(crate) fn encode(octets: &[u8], out: &mut BytesMut) {
    for group in octets.chunks(3) {
        let at = |index: usize| u32::from(group.get(index).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        out.put_u8(digit(bits >> 18));
        out.put_u8(digit(bits >> 12));
        out.put_u8(if group.len() > 1 { digit(bits >> 6) } else { b'=' });
        out.put_u8(if group.len() > 2 { digit(bits) } else { b'=' });
    }
}

/// Reads Base64; the index of the first octet that does not belong is the error.
pub(crate) fn decode(text: &[u8]) -> Result<Vec<u8>, usize> {
    let mut out = Vec::with_capacity(text.len().saturating_mul(3) / 4);
    for (index, group) in text.chunks(4).enumerate() {
        let start = index.saturating_mul(4);
        let [a, b, c, d] = *group else { return Err(text.len()) };
        let last = start.saturating_add(4) == text.len();
        let place = |octet: u8, offset: usize| value(octet).ok_or(start.saturating_add(offset));
        let bits = place(a, 0)? << 18 | place(b, 1)? << 12;
        let octet = |bits: u32| u8::try_from(bits & 255).unwrap_or(0);
        match (c, d) {
            (b'=', b'=') if last && bits & 0xffff == 0 => out.push(octet(bits >> 16)),
            (_, b'=') if last => {
                let bits = bits | place(c, 2)? << 6;
                if bits & 0xff != 0 {
                    return Err(start.saturating_add(2));
                }
                out.extend_from_slice(&[octet(bits >> 16), octet(bits >> 8)]);
            }
            _ => {
                let bits = bits | place(c, 2)? << 6 | place(d, 3)?;
                out.extend_from_slice(&[octet(bits >> 16), octet(bits >> 8), octet(bits)]);
            }
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_answers() {
        for (plain, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
        ] {
            let mut out = BytesMut::new();
            encode(plain.as_bytes(), &mut out);
            assert_eq!(out, text.as_bytes());
            assert_eq!(decode(text.as_bytes()).unwrap(), plain.as_bytes());
        }
        for bad in ["Z", "Zg", "Zg=", "Zh==", "Zm9=", "Zg==Zg==", "Z===", "====", "Zm 9", "Zm9v\n"] {
            assert!(decode(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
