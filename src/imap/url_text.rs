//! The letters of a URL, and a reader over it: what the server, the path and the authorization of an `imap:` URL share.
//!
//! ```abnf
//! ; RFC 5092 section 11, RFC 3986
//! achar           = uchar / "&" / "="
//! bchar           = achar / ":" / "@" / "/"
//! uchar           = unreserved / sub-delims-sh / pct-encoded
//! sub-delims-sh   = "!" / "$" / "'" / "(" / ")" / "*" / "+" / ","
//! ```

use crate::wire::{InvalidValue, percent};
use alloc::string::String;
use core::str::FromStr;

pub(crate) const fn invalid(offset: usize, expected: &'static str) -> InvalidValue {
    InvalidValue { offset, expected }
}

/// Whether the octet stands for itself in a user or a mechanism.
pub(crate) const fn is_achar(octet: u8) -> bool {
    octet.is_ascii_alphanumeric()
        || matches!(
            octet,
            b'-' | b'.' | b'_' | b'~' | b'!' | b'$' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b'&' | b'='
        )
}

/// Whether the octet stands for itself in a mailbox, a search or a section.
pub(crate) const fn is_bchar(octet: u8) -> bool {
    is_achar(octet) || matches!(octet, b':' | b'@' | b'/')
}

/// Takes a prefix, ASCII letters without case.
pub(crate) fn strip<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

pub(crate) fn text(
    encoded: &str,
    offset: usize,
    allowed: impl Fn(u8) -> bool,
) -> Result<String, InvalidValue> {
    let octets = percent::decode(encoded, offset, allowed)?;
    if octets.is_empty() {
        return Err(invalid(offset, "at least one character"));
    }
    String::from_utf8(octets).map_err(|_| invalid(offset, "UTF-8"))
}

/// Writes a text that stands in a URL: octets that are not `allowed` with a `%`. It is not empty, and has no NUL, which a URL cannot have.
pub(crate) fn encode(
    octets: &[u8],
    out: &mut String,
    allowed: impl Fn(u8) -> bool,
) -> Result<(), InvalidValue> {
    if octets.is_empty() {
        return Err(invalid(0, "at least one character"));
    }
    if let Some(offset) = memchr::memchr(0, octets) {
        return Err(invalid(offset, "a character other than NUL"));
    }
    for octet in octets {
        if allowed(*octet) {
            out.push(char::from(*octet));
        } else {
            out.push('%');
            for digit in [octet >> 4, octet & 0x0f] {
                let digit = char::from_digit(u32::from(digit), 16).unwrap_or('0');
                out.push(digit.to_ascii_uppercase());
            }
        }
    }
    Ok(())
}

/// The rest of a path, and where it stands in the URL.
pub(crate) struct UrlReader<'a> {
    pub(crate) rest: &'a str,
    end: usize,
}

impl<'a> UrlReader<'a> {
    /// Over a path that begins at this offset of its URL.
    pub(crate) fn new(path: &'a str, offset: usize) -> Self {
        Self { rest: path, end: offset.saturating_add(path.len()) }
    }

    pub(crate) fn offset(&self) -> usize {
        self.end.saturating_sub(self.rest.len())
    }

    pub(crate) fn eat(&mut self, prefix: &str) -> bool {
        let found = strip(self.rest, prefix);
        self.rest = found.unwrap_or(self.rest);
        found.is_some()
    }

    /// Up to one of these characters.
    pub(crate) fn until(&mut self, ends: &[char]) -> &'a str {
        let at = self.rest.find(ends).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at_checked(at).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    pub(crate) fn number<T: FromStr>(&mut self) -> Result<T, InvalidValue> {
        let offset = self.offset();
        let at = self.rest.bytes().position(|octet| !octet.is_ascii_digit()).unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at_checked(at).unwrap_or((self.rest, ""));
        self.rest = rest;
        digits.parse().map_err(|_| invalid(offset, "a number"))
    }
}

/// A user or a mechanism that wants encoding, for generated values.
#[cfg(any(test, feature = "arbitrary"))]
pub(crate) fn word(u: &mut arbitrary::Unstructured<'_>) -> arbitrary::Result<String> {
    u.choose(&["joe", "a b", "é;/@:%?", "*x", "+"]).map(|word| (*word).into())
}
