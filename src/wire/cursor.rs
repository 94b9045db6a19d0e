//! Reading one message that lies whole in memory.

use crate::wire::{Error, ErrorKind, Limits, Text, decimal};
use bytes::Bytes;

/// How many octets of a text are copied rather than shared.
const COPIED: usize = 256;

/// A set of octets, as a table.
pub(crate) type Class = [bool; 256];

/// The octets of a class, from a predicate.
macro_rules! class {
    ($octet:ident => $test:expr) => {{
        const CLASS: crate::wire::cursor::Class = {
            let mut class = [false; 256];
            let mut left: &mut [bool] = &mut class;
            let mut $octet = 0u8;
            while let [first, rest @ ..] = left {
                *first = $test;
                $octet = $octet.wrapping_add(1);
                left = rest;
            }
            class
        };
        CLASS
    }};
}
pub(crate) use class;

/// Why the cursor stopped is noted in the cursor; this only says that it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fail(());

/// What a production gives.
pub(crate) type Parsed<T> = Result<T, Fail>;

/// Whether these are the octets of a keyword, ASCII letters without case.
#[inline]
fn is_keyword(octets: &[u8], keyword: &[u8]) -> bool {
    let first = |octets: &[u8]| octets.first().map(|octet| octet | 0x20);
    first(octets) == first(keyword) && octets.eq_ignore_ascii_case(keyword)
}

/// A place in a message, what was forgiven on the way there, and what is left of its budgets.
pub(crate) struct Cursor<'a> {
    octets: &'a [u8],
    /// What is not read yet: the end of `octets`.
    rest: &'a [u8],
    shared: Option<&'a Bytes>,
    limits: &'a Limits,
    depth: usize,
    memory: usize,
    allowed: u128,
    forgiven: u128,
    wants_shared: bool,
    utf8: bool,
    failure: (ErrorKind, usize, &'static str),
}

impl<'a> Cursor<'a> {
    /// A cursor over octets that are borrowed: it fails with [`Cursor::wants_shared`] at the first text that is too long to stand inline.
    pub(crate) fn borrowed(octets: &'a [u8], limits: &'a Limits, allowed: u128) -> Self {
        Self {
            octets,
            rest: octets,
            shared: None,
            limits,
            depth: 0,
            memory: limits.memory,
            allowed,
            forgiven: 0,
            wants_shared: false,
            utf8: false,
            failure: (ErrorKind::Syntax, 0, ""),
        }
    }

    /// A cursor over a shared buffer: long texts are slices of it.
    pub(crate) fn shared(octets: &'a Bytes, limits: &'a Limits, allowed: u128) -> Self {
        Self { shared: Some(octets), ..Self::borrowed(octets, limits, allowed) }
    }

    /// The same cursor in a session where names are UTF-8.
    pub(crate) fn with_utf8(self, utf8: bool) -> Self {
        Self { utf8, ..self }
    }

    /// A reader of other octets with the limits and the leave of this one.
    pub(crate) fn over<'b>(&self, octets: &'b [u8]) -> Cursor<'b>
    where
        'a: 'b,
    {
        Cursor::borrowed(octets, self.limits, self.allowed).with_utf8(self.utf8)
    }

    /// Whether names are UTF-8 in this session.
    pub(crate) fn utf8(&self) -> bool {
        self.utf8
    }

    /// Whether the cursor failed only because a text must be shared: read the message again with [`Cursor::shared`].
    pub(crate) fn wants_shared(&self) -> bool {
        self.wants_shared
    }

    /// The shared buffer the cursor reads, for values that keep one buffer and offsets into it.
    pub(crate) fn buffer(&mut self) -> Parsed<&'a Bytes> {
        match self.shared {
            Some(buffer) => Ok(buffer),
            None => {
                self.wants_shared = true;
                Err(Fail(()))
            }
        }
    }

    pub(crate) fn limits(&self) -> &'a Limits {
        self.limits
    }

    pub(crate) fn octets(&self) -> &'a [u8] {
        self.octets
    }

    #[inline]
    pub(crate) fn position(&self) -> usize {
        self.octets.len().wrapping_sub(self.rest.len())
    }

    /// Goes back to a place that was read before, or on to one that was looked at.
    pub(crate) fn set_position(&mut self, position: usize) {
        self.rest = self.octets.get(position..).unwrap_or_default();
    }

    #[inline]
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Goes on at what is left behind octets that were looked at.
    #[inline]
    pub(crate) fn set_rest(&mut self, rest: &'a [u8]) {
        self.rest = rest;
    }

    #[inline]
    pub(crate) fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    #[inline]
    pub(crate) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    #[inline]
    pub(crate) fn peek_at(&self, ahead: usize) -> Option<u8> {
        self.rest.get(ahead).copied()
    }

    #[inline]
    pub(crate) fn advance(&mut self, octets: usize) {
        self.rest = self.rest.get(octets..).unwrap_or_default();
    }

    /// The octets from a place read before up to here.
    #[inline]
    pub(crate) fn since(&self, start: usize) -> &'a [u8] {
        self.octets.get(start..self.position()).unwrap_or_default()
    }

    /// Takes that many octets.
    #[inline]
    pub(crate) fn take(&mut self, octets: usize, expected: &'static str) -> Parsed<&'a [u8]> {
        match self.rest.split_at_checked(octets) {
            Some((taken, rest)) => {
                self.rest = rest;
                Ok(taken)
            }
            None => self.syntax(expected),
        }
    }

    /// Takes the octets of a class, as many as there are.
    #[inline]
    pub(crate) fn take_while(&mut self, class: &Class) -> &'a [u8] {
        let outside = |octet: &u8| !class.get(usize::from(*octet)).copied().unwrap_or(false);
        let length = self.rest.iter().position(outside).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at_checked(length).unwrap_or_default();
        self.rest = rest;
        taken
    }

    /// Takes at least one octet of a class.
    #[inline]
    pub(crate) fn take_some(&mut self, class: &Class, expected: &'static str) -> Parsed<&'a [u8]> {
        match self.take_while(class) {
            [] => self.syntax(expected),
            taken => Ok(taken),
        }
    }

    /// Takes this octet, if it is next.
    #[inline]
    pub(crate) fn eat(&mut self, octet: u8) -> bool {
        match self.rest {
            [first, rest @ ..] if *first == octet => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    /// Takes this octet, which must be next.
    #[inline]
    pub(crate) fn expect(&mut self, octet: u8, expected: &'static str) -> Parsed<()> {
        if self.eat(octet) { Ok(()) } else { self.syntax(expected) }
    }

    /// Takes these octets, ASCII letters without case, if they are next.
    #[inline(always)]
    pub(crate) fn eat_keyword(&mut self, keyword: &[u8]) -> bool {
        match self.rest.split_at_checked(keyword.len()) {
            // Most peers write a keyword as the grammar does: that is cheap to see.
            Some((octets, rest)) if octets == keyword || is_keyword(octets, keyword) => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    /// Takes a number of at most 64 bits.
    #[inline(always)]
    pub(crate) fn number_long(&mut self, expected: &'static str) -> Parsed<u64> {
        match decimal::short_number(self.rest) {
            Some((value, rest)) => {
                self.rest = rest;
                Ok(value)
            }
            None => self.any_number(expected),
        }
    }

    fn any_number(&mut self, expected: &'static str) -> Parsed<u64> {
        let digits = self.rest;
        let (value, rest) = decimal::digits(digits);
        self.rest = rest;
        // So many digits cannot be too many.
        match digits.len().wrapping_sub(rest.len()) {
            1..20 => Ok(value),
            0 => self.syntax(expected),
            length => self.long_number(digits.get(..length).unwrap_or_default(), expected),
        }
    }

    #[cold]
    fn long_number(&mut self, digits: &[u8], expected: &'static str) -> Parsed<u64> {
        let value = digits
            .iter()
            .try_fold(0u64, |value, digit| value.checked_mul(10)?.checked_add(u64::from(digit & 0x0f)));
        match value {
            Some(value) => Ok(value),
            None => self.syntax_at(self.position().saturating_sub(digits.len()), expected),
        }
    }

    /// Takes a number of at most 32 bits.
    #[inline(always)]
    pub(crate) fn number(&mut self, expected: &'static str) -> Parsed<u32> {
        let start = self.position();
        let value = self.number_long(expected)?;
        match u32::try_from(value) {
            Ok(value) => Ok(value),
            Err(_) => self.syntax_at(start, expected),
        }
    }

    /// Octets of this message as a text: their own if they are few, else a slice of the shared buffer.
    #[inline]
    pub(crate) fn text(&mut self, octets: &'a [u8]) -> Parsed<Text> {
        match Text::inline(octets) {
            Some(text) => Ok(text),
            None => self.long_text(octets),
        }
    }

    fn long_text(&mut self, octets: &'a [u8]) -> Parsed<Text> {
        // So few are sooner copied than shared, and do not keep what was read with them.
        if octets.len() <= COPIED {
            return Ok(Text::from(octets));
        }
        Ok(Text::from(self.buffer()?.slice_ref(octets)))
    }

    /// Notes a syntax error here.
    #[cold]
    pub(crate) fn syntax<T>(&mut self, expected: &'static str) -> Parsed<T> {
        self.fail(ErrorKind::Syntax, self.position(), expected)
    }

    /// Notes a syntax error at a place read before.
    #[cold]
    pub(crate) fn syntax_at<T>(&mut self, offset: usize, expected: &'static str) -> Parsed<T> {
        self.fail(ErrorKind::Syntax, offset, expected)
    }

    /// Notes why the message cannot be read.
    #[cold]
    pub(crate) fn fail<T>(&mut self, kind: ErrorKind, offset: usize, expected: &'static str) -> Parsed<T> {
        self.failure = (kind, offset, expected);
        Err(Fail(()))
    }

    /// What was noted last, as an error that leaves the connection in step.
    #[cold]
    pub(crate) fn error(&self, _: Fail) -> Error {
        let (kind, offset, expected) = self.failure;
        Error::recoverable(kind, crate::wire::write::length(offset), expected)
    }

    /// Goes one list deeper; `limit` is one of the limits of depth.
    pub(crate) fn enter(&mut self, limit: usize) -> Parsed<()> {
        if self.depth >= limit {
            return self.fail(ErrorKind::TooDeep, self.position(), "fewer nested lists");
        }
        self.depth = self.depth.saturating_add(1);
        Ok(())
    }

    /// Comes back from a list.
    pub(crate) fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    /// Charges the memory that a node is about to take.
    pub(crate) fn charge(&mut self, octets: usize) -> Parsed<()> {
        match self.memory.checked_sub(octets) {
            Some(left) => {
                self.memory = left;
                Ok(())
            }
            None => self.fail(ErrorKind::MessageTooLarge, self.position(), "a smaller message"),
        }
    }

    /// Charges one more item of a list of `count`, against the limit of items.
    pub(crate) fn charge_item(&mut self, count: usize, size: usize) -> Parsed<()> {
        if count >= self.limits.items {
            return self.fail(ErrorKind::TooMany, self.position(), "fewer items");
        }
        self.charge(size)
    }

    /// Whether the quirk of this bit may be forgiven; if so, that it was is noted.
    pub(crate) fn forgive(&mut self, bit: u128) -> bool {
        let allowed = self.allowed & bit != 0;
        if allowed {
            self.forgiven |= bit;
        }
        allowed
    }

    /// The bits of the quirks that may be forgiven.
    pub(crate) fn allowed(&self) -> u128 {
        self.allowed
    }

    /// What was forgiven so far.
    pub(crate) fn forgiven(&self) -> u128 {
        self.forgiven
    }

    /// Goes back to what was forgiven at an earlier place, where a reading was given up.
    pub(crate) fn set_forgiven(&mut self, forgiven: u128) {
        self.forgiven = forgiven;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LETTERS: Class = class!(octet => octet.is_ascii_alphabetic());

    #[test]
    fn classes_numbers_and_failures() {
        let limits = Limits::imap_client();
        let mut cursor = Cursor::borrowed(b"Fetch 4294967296 18446744073709551616", &limits, 0);
        assert_eq!(cursor.take_while(&LETTERS), b"Fetch");
        assert!(cursor.eat(b' '));
        let fail = cursor.number("number").unwrap_err();
        assert_eq!(cursor.error(fail).offset(), 6);
        cursor.set_position(6);
        assert_eq!(cursor.number_long("number"), Ok(4_294_967_296));
        assert!(cursor.eat(b' '));
        assert!(cursor.number_long("number").is_err());
        for (octets, value) in [
            (&b"18446744073709551615"[..], Some(u64::MAX)),
            (b"18446744073709551616", None),
            (b"000000000000000000000000042x", Some(42)),
            (b"00000018446744073709551615", Some(u64::MAX)),
            (b"00000018446744073709551616", None),
            (b"99999999999999999999", None),
            (b"9999999999999999999", Some(9_999_999_999_999_999_999)),
            (b"", None),
            (b"x1", None),
        ] {
            assert_eq!(Cursor::borrowed(octets, &limits, 0).number_long("number").ok(), value);
        }
    }

    #[test]
    fn long_text_wants_a_shared_buffer() {
        let limits = Limits::imap_client();
        let octets = Bytes::from_static(&[b'x'; COPIED + 1]);
        let mut cursor = Cursor::borrowed(&octets, &limits, 0);
        assert_eq!(cursor.text(&octets[1..]).unwrap(), octets[1..]);
        assert!(cursor.text(&octets).is_err() && cursor.wants_shared());
        let mut cursor = Cursor::shared(&octets, &limits, 0);
        assert_eq!(cursor.text(&octets).unwrap(), octets[..]);
    }

    #[test]
    fn depth_and_memory_are_inclusive() {
        let mut limits = Limits::imap_client();
        limits.memory = 10;
        let mut cursor = Cursor::borrowed(b"", &limits, 1 << 3);
        assert!(cursor.charge(10).is_ok() && cursor.charge(1).is_err());
        assert!(cursor.enter(1).is_ok() && cursor.enter(1).is_err());
        assert!(!cursor.forgive(0b100) && cursor.forgive(0b1000));
        assert_eq!(cursor.forgiven(), 8);
    }
}
