//! Values that keep one buffer and offsets into it: how their strings and numbers are read, the first time and again.
//!
//! What the grammar accepted once is read again by the same functions with every quirk forgiven; since strictness
//! comes first in each of them, the second reading gives what the first one saw.

use crate::imap::core::{QUOTED, RawString, is_in, unescape};
use crate::imap::quirk::{Quirk, Quirks};
use crate::imap::runs::to_quoted_special;
use crate::wire::cursor::{Cursor, Parsed};
use crate::wire::{Limits, write};
use alloc::borrow::Cow;
use core::fmt;

static LIMITS: Limits = Limits::imap_client();

/// Stands at an offset of a buffer that was accepted before.
pub(crate) fn reread(octets: &[u8], offset: u32) -> Cursor<'_> {
    const FORGIVING: u128 = Quirks::lenient().bits();
    let mut cursor = Cursor::borrowed(octets, &LIMITS, FORGIVING);
    cursor.set_position(write::index(u64::from(offset)));
    cursor
}

/// What stands behind a quoted string without escapes and the octet `END`. `None`: something else is there.
#[inline(always)]
pub(crate) fn behind_quoted<const END: u8>(octets: &[u8]) -> Option<&[u8]> {
    to_closing_quote(octets).strip_prefix(&[b'"', END])
}

/// Such a string's end, with SP or the end of a list behind it.
#[inline(always)]
pub(crate) fn end_of_quoted(octets: &[u8]) -> Option<&[u8]> {
    match to_closing_quote(octets) {
        [b'"', rest @ ..] if matches!(rest, [b' ' | b')', ..]) => Some(rest),
        _ => None,
    }
}

/// From the first octet on that may be the closing quote of the string that begins here. Empty: none does.
///
/// What stands there is for the callers to compare and to branch on, so that the next string need not wait for it.
fn to_closing_quote(octets: &[u8]) -> &[u8] {
    octets.strip_prefix(b"\"").map_or(&[], to_quoted_special)
}

/// What stands behind NIL and the octet `END`. `None`: something else is there.
#[inline(always)]
pub(crate) fn behind_nil<const END: u8>(octets: &[u8]) -> Option<&[u8]> {
    octets.strip_prefix(&[b'N', b'I', b'L', END])
}

/// As [`behind_quoted`], for NIL as well.
#[inline(always)]
pub(crate) fn behind_nstring<const END: u8>(octets: &[u8]) -> Option<&[u8]> {
    match behind_nil::<END>(octets) {
        Some(rest) => Some(rest),
        None => behind_quoted::<END>(octets),
    }
}

/// The string from the start of `octets` to one octet before `rest`; NIL is none.
#[inline]
pub(crate) fn passed<'a>(octets: &'a [u8], rest: &[u8]) -> Option<&'a [u8]> {
    let length = octets.len().wrapping_sub(rest.len());
    octets.strip_prefix(b"\"")?.get(..length.wrapping_sub(3))
}

/// What a value has at an offset.
#[inline]
pub(crate) fn at(octets: &[u8], offset: u32) -> &[u8] {
    octets.get(write::index(u64::from(offset))..).unwrap_or_default()
}

/// The `nstring` at an offset; offset zero is the opening parenthesis of the value, and stands for a string that is not there.
pub(crate) fn string_at(octets: &[u8], offset: u32) -> Option<Cow<'_, [u8]>> {
    if offset == 0 {
        return None;
    }
    let string = at(octets, offset);
    match end_of_quoted(string) {
        Some([_, behind @ ..]) => passed(string, behind).map(Cow::Borrowed),
        _ => reread(octets, offset).value_string().ok().flatten().map(plain),
    }
}

/// The octets that a string stands for.
pub(crate) fn plain(string: RawString<'_>) -> Cow<'_, [u8]> {
    if string.escaped { Cow::Owned(unescape(string.octets)) } else { Cow::Borrowed(string.octets) }
}

/// Whether the wire form of a value can be written as it stands: it was read without a quirk, holds no literal
/// (quotes may do) and nothing that the peer cannot read in quotes.
pub(crate) fn can_be_copied(octets: &[u8], utf8: bool) -> bool {
    memchr::memchr(b'{', octets).is_none()
        && (octets.is_ascii() || (utf8 && core::str::from_utf8(octets).is_ok()))
}

/// Octets as a quoted text for a person.
pub(crate) struct Show<'a>(pub(crate) &'a [u8]);

impl fmt::Debug for Show<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match core::str::from_utf8(self.0) {
            Ok(text) => fmt::Debug::fmt(text, f),
            Err(_) => write!(f, "\"{}\"", self.0.escape_ascii()),
        }
    }
}

impl<'a> Cursor<'a> {
    /// An offset into the value that began at `start`.
    #[inline]
    pub(crate) fn offset(&mut self, start: usize) -> Parsed<u32> {
        match u32::try_from(self.position().saturating_sub(start)) {
            Ok(offset) => Ok(offset),
            Err(_) => self.fail(crate::wire::ErrorKind::MessageTooLarge, self.position(), "a smaller value"),
        }
    }

    /// `nstring` inside of a list, where a quote that is not escaped can be told from the closing one.
    #[inline]
    pub(crate) fn value_string(&mut self) -> Parsed<Option<RawString<'a>>> {
        let octets = self.rest();
        if let Some(rest @ [_, behind @ ..]) = end_of_quoted(octets) {
            self.set_rest(rest);
            return Ok(passed(octets, behind).map(RawString::plain));
        }
        match octets.strip_prefix(b"NIL") {
            Some(rest @ [b' ' | b')', ..]) => {
                self.set_rest(rest);
                Ok(None)
            }
            _ => self.any_value_string(),
        }
    }

    /// Passes over an `nstring` inside of a list; tells whether it is a string.
    #[inline]
    pub(crate) fn pass_string(&mut self) -> Parsed<bool> {
        self.value_string().map(|string| string.is_some())
    }

    #[cold]
    fn any_value_string(&mut self) -> Parsed<Option<RawString<'a>>> {
        let start = self.position();
        let quoted = self.peek() == Some(b'"');
        let string = self.nstring()?;
        if quoted && !matches!(self.peek(), Some(b' ' | b')') | None) {
            return self.unescaped_quotes(start).map(Some);
        }
        Ok(string)
    }

    /// A quoted string that goes on behind a quote: it ends at a quote with the next value, or the end of the list, behind it.
    #[cold]
    fn unescaped_quotes(&mut self, start: usize) -> Parsed<RawString<'a>> {
        if !self.forgives(Quirk::UnescapedQuote) {
            return self.syntax("SP or the end of the list");
        }
        loop {
            match self.peek() {
                Some(b'"') => {
                    let ends = match (self.peek_at(1), self.peek_at(2)) {
                        (Some(b')') | None, _) => true,
                        (Some(b' '), Some(next)) => {
                            matches!(next, b'"' | b'(' | b'{' | b'~' | b'N' | b'n' | b'0'..=b'9')
                        }
                        _ => false,
                    };
                    if ends {
                        let octets = self.since(start).get(1..).unwrap_or_default();
                        self.check_utf8(octets, start.saturating_add(1))?;
                        self.advance(1);
                        return Ok(RawString { octets, escaped: octets.contains(&b'\\') });
                    }
                    self.advance(1);
                }
                Some(b'\\') if self.peek_at(1).is_some_and(|octet| octet != b'\n') => self.advance(2),
                Some(b'\r') if self.forgives(Quirk::CarriageReturnInQuoted) => self.advance(1),
                Some(0) if self.forgives(Quirk::NulInText) => self.advance(1),
                Some(octet) if is_in(&QUOTED, octet) => self.advance(1),
                _ => return self.syntax("the closing quote"),
            }
        }
    }

    /// A size or a count. What no number can be is read as zero, if it is forgiven.
    #[inline]
    pub(crate) fn count(&mut self, largest: u64) -> Parsed<u64> {
        let start = self.position();
        match self.peek() {
            Some(b'0'..=b'9') => {
                let number = self.number_long("a number")?;
                if matches!(self.peek(), Some(b'.' | b'e' | b'E')) && self.forgives(Quirk::StrangeNumber) {
                    self.set_position(start);
                    return self.scientific();
                }
                if number > largest && !self.forgives(Quirk::LargeNumber) {
                    return self.syntax_at(start, "a smaller number");
                }
                Ok(number)
            }
            Some(b'-') if self.forgives(Quirk::StrangeNumber) => {
                self.advance(1);
                self.number_long("a number").map(|_| 0)
            }
            _ => self.syntax("a number"),
        }
    }

    /// `9.37e+06`, to the nearest whole number below.
    #[cold]
    fn scientific(&mut self) -> Parsed<u64> {
        let mut mantissa = 0u64;
        let mut decimals = 0u32;
        let mut fraction = false;
        loop {
            match self.peek() {
                Some(digit @ b'0'..=b'9') => {
                    let digit = u64::from(digit.wrapping_sub(b'0'));
                    // Digits beyond what 64 bits hold are below the precision of any such number.
                    match mantissa.checked_mul(10).and_then(|tens| tens.checked_add(digit)) {
                        Some(next) => {
                            mantissa = next;
                            decimals = decimals.saturating_add(u32::from(fraction));
                        }
                        None if fraction => {}
                        None => return self.syntax("a smaller number"),
                    }
                }
                Some(b'.') if !fraction => fraction = true,
                _ => break,
            }
            self.advance(1);
        }
        let mut exponent = 0u32;
        let mut negative = false;
        if self.eat(b'e') || self.eat(b'E') {
            negative = self.peek() == Some(b'-');
            if negative || self.peek() == Some(b'+') {
                self.advance(1);
            }
            exponent = self.number("an exponent")?;
        }
        let power = |exponent| 10u64.checked_pow(exponent);
        let smaller = |by: u32| power(by).and_then(|power| mantissa.checked_div(power)).unwrap_or(0);
        Ok(if negative {
            smaller(exponent.saturating_add(decimals))
        } else if exponent < decimals {
            smaller(decimals.saturating_sub(exponent))
        } else {
            power(exponent.saturating_sub(decimals)).map_or(u64::MAX, |power| mantissa.saturating_mul(power))
        })
    }

    /// Passes over one value of any shape and any depth.
    pub(crate) fn skip_value(&mut self) -> Parsed<()> {
        let mut open = 0usize;
        loop {
            match self.peek() {
                Some(b'(') => {
                    open = open.saturating_add(1);
                    self.advance(1);
                    continue;
                }
                Some(b' ') if open > 0 => {
                    self.advance(1);
                    continue;
                }
                Some(b')') if open > 0 => {
                    open = open.saturating_sub(1);
                    self.advance(1);
                }
                Some(b'"') => {
                    self.value_string()?;
                }
                Some(b'{') => {
                    self.literal()?;
                }
                Some(b'~') if self.peek_at(1) == Some(b'{') => {
                    self.any_literal()?;
                }
                Some(octet) if octet > b' ' && octet != b')' => self.advance(1),
                _ => return self.syntax("a value"),
            }
            if open == 0 && matches!(self.peek(), None | Some(b' ' | b')')) {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strict(octets: &[u8]) -> Cursor<'_> {
        Cursor::borrowed(octets, &LIMITS, 0)
    }

    #[test]
    fn numbers_that_are_none() {
        for (octets, number) in [
            (&b"9.3736e+06"[..], 9_373_600),
            (b"1.5E3", 1_500),
            (b"1e5", 100_000),
            (b"12.75", 12),
            (b"5e-1", 0),
            (b"1e99", u64::MAX),
            (b"-1", 0),
            (b"4294967296", 4_294_967_296),
        ] {
            let mut cursor = reread(octets, 0);
            assert_eq!(cursor.count(u64::from(u32::MAX)), Ok(number));
            assert!(cursor.is_at_end());
            assert!(strict(octets).count(u64::from(u32::MAX)).is_err() || !strict(octets).is_at_end());
        }
        assert_eq!(strict(b"4294967295").count(u64::from(u32::MAX)), Ok(4_294_967_295));
    }

    #[test]
    fn quotes_that_are_not_escaped() {
        for (octets, value) in [
            (&b"\"a \"b\" c\" NIL"[..], &b"a \"b\" c"[..]),
            (b"\"a\"b\")", b"a\"b"),
            (b"\"\"a\\\"\" (", b"\"a\""),
            (b"\"a\"@b\"", b"a\"@b"),
        ] {
            let string = reread(octets, 0).value_string().unwrap().unwrap();
            assert_eq!(&*plain(string), value);
            assert!(strict(octets).value_string().is_err());
        }
        assert!(reread(b"\"a\"b", 0).value_string().is_err());
    }

    #[test]
    fn skipping_any_depth() {
        let mut octets = alloc::vec![b'('; 100_000];
        assert!(strict(&octets).skip_value().is_err());
        octets.extend_from_slice(b"\")(\" {2}\r\n)) x");
        octets.extend_from_slice(&[b')'; 100_000]);
        let length = octets.len();
        octets.extend_from_slice(b" UID 1");
        let mut cursor = strict(&octets);
        cursor.skip_value().unwrap();
        assert_eq!(cursor.position(), length);
    }
}
