//! The leaves of the grammar: tag, atom, string, astring, nstring, number, and the tables of characters.
//!
//! ```abnf
//! ; RFC 3501 section 9
//! tag             = 1*<any ASTRING-CHAR except "+">
//! atom            = 1*ATOM-CHAR
//! ATOM-CHAR       = <any CHAR except atom-specials>
//! atom-specials   = "(" / ")" / "{" / SP / CTL / list-wildcards / quoted-specials / resp-specials
//! ASTRING-CHAR    = ATOM-CHAR / resp-specials
//! astring         = 1*ASTRING-CHAR / string
//! string          = quoted / literal
//! nstring         = string / nil
//! quoted          = DQUOTE *QUOTED-CHAR DQUOTE
//! literal         = "{" number ["+"] "}" CRLF *CHAR8      ; RFC 7888 for "+"
//! literal8        = "~{" number ["+"] "}" CRLF *OCTET     ; RFC 3516
//! number          = 1*DIGIT                               ; 32 bits, unsigned
//! nz-number       = digit-nz *DIGIT
//! ```

use crate::imap::quirk::Quirk;
use crate::imap::runs::{plain_run, usual_octets, word_length};
use crate::wire::cursor::{Class, Cursor, Parsed, class};
use crate::wire::{ErrorKind, InvalidValue, Text};
use alloc::vec::Vec;
use core::num::NonZeroU32;

/// ATOM-CHAR.
pub(crate) const ATOM: Class = class!(octet => is_atom_char(octet));
/// ASTRING-CHAR.
pub(crate) const ASTRING: Class = class!(octet => is_atom_char(octet) || octet == b']');
/// The characters of a tag.
pub(crate) const TAG: Class = class!(octet => (is_atom_char(octet) || octet == b']') && octet != b'+');
/// list-char: what a mailbox pattern may hold unquoted.
pub(crate) const LIST: Class = class!(octet => is_atom_char(octet) || matches!(octet, b'%' | b'*' | b']'));
/// TEXT-CHAR and 8-bit octets: what may stand in human text.
pub(crate) const TEXT: Class = class!(octet => !matches!(octet, 0 | b'\r' | b'\n'));
/// QUOTED-CHAR without quoted-specials, and 8-bit octets as RFC 9051 and UTF8=ACCEPT have them.
pub(crate) const QUOTED: Class = class!(octet => !matches!(octet, 0 | b'\r' | b'\n' | b'"' | b'\\'));

pub(crate) const fn is_atom_char(octet: u8) -> bool {
    octet > 0x20 && octet < 0x7f && !matches!(octet, b'(' | b')' | b'{' | b'%' | b'*' | b'"' | b'\\' | b']')
}

pub(crate) fn is_in(class: &Class, octet: u8) -> bool {
    class.get(usize::from(octet)).copied().unwrap_or(false)
}

pub(crate) fn check(class: &Class, octets: &[u8], expected: &'static str) -> Result<(), InvalidValue> {
    if octets.is_empty() {
        return Err(InvalidValue { offset: 0, expected });
    }
    match octets.iter().position(|octet| !is_in(class, *octet)) {
        Some(offset) => Err(InvalidValue { offset, expected }),
        None => Ok(()),
    }
}

/// What every text has that only a check lets in and that is ASCII: how it is shown, and where it comes from.
macro_rules! checked_conversions {
    ($name:ident) => {
        impl ::core::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl ::core::fmt::Display for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl AsRef<[u8]> for $name {
            fn as_ref(&self) -> &[u8] {
                self.as_bytes()
            }
        }

        impl TryFrom<&str> for $name {
            type Error = InvalidValue;
            fn try_from(text: &str) -> Result<Self, InvalidValue> {
                Self::new(text)
            }
        }

        impl ::core::str::FromStr for $name {
            type Err = InvalidValue;
            fn from_str(text: &str) -> Result<Self, InvalidValue> {
                Self::new(text)
            }
        }

        #[cfg(feature = "serde")]
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        #[cfg(feature = "serde")]
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::new(Text::deserialize(deserializer)?).map_err(serde::de::Error::custom)
            }
        }

        impl TryFrom<Text> for $name {
            type Error = InvalidValue;
            fn try_from(text: Text) -> Result<Self, InvalidValue> {
                Self::new(text)
            }
        }

        impl From<$name> for Text {
            fn from(text: $name) -> Self {
                text.0
            }
        }
    };
}
pub(crate) use checked_conversions;

/// Defines a checked text of one class of characters.
macro_rules! checked_text {
    ($(#[$doc:meta])* $name:ident, $class:expr, $expected:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(unreachable_pub, reason = "one that stands inside another type is not exported itself")]
        pub struct $name(Text);

        #[allow(unreachable_pub, reason = "one that stands inside another type is not exported itself")]
        impl $name {
            /// Checks every octet.
            ///
            /// # Errors
            /// Tells the first octet that is not allowed; an empty text is not allowed.
            pub fn new(text: impl Into<Text>) -> Result<Self, InvalidValue> {
                let text = text.into();
                crate::imap::core::check(&$class, text.as_bytes(), $expected)?;
                Ok(Self(text))
            }

            /// For octets that the grammar has just checked.
            #[allow(dead_code, reason = "not every checked text is read by the grammar as such")]
            pub(crate) fn from_checked(text: Text) -> Self {
                Self(text)
            }

            /// The text, which is ASCII.
            pub fn as_str(&self) -> &str {
                self.0.to_str().unwrap_or_default()
            }

            /// The octets.
            pub fn as_bytes(&self) -> &[u8] {
                self.0.as_bytes()
            }
        }

        crate::imap::core::checked_conversions!($name);

        #[cfg(any(test, feature = "arbitrary"))]
        impl<'a> arbitrary::Arbitrary<'a> for $name {
            fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
                let mut octets = alloc::vec::Vec::new();
                octets.push(b'A');
                for _ in 0..u.int_in_range(0..=30usize)? {
                    let octet = u.arbitrary::<u8>()?;
                    octets.push(if crate::imap::core::is_in(&$class, octet) { octet } else { b'x' });
                }
                Ok(Self(octets.into()))
            }
        }
    };
}

pub(crate) use checked_text;

checked_text!(
    /// What a client puts before a command, so that the completion can be told (RFC 3501 section 2.2.1).
    Tag, TAG, "an ASTRING-CHAR other than \"+\""
);

checked_text!(
    /// A word without spaces, controls and specials (RFC 3501 section 9, `atom`).
    ///
    /// ```
    /// use mailwire::imap::Atom;
    ///
    /// assert_eq!(Atom::new("$Forwarded").unwrap().as_str(), "$Forwarded");
    /// assert_eq!(Atom::new("a b").unwrap_err().offset, 1);
    /// ```
    Atom, ATOM, "an ATOM-CHAR"
);

/// A string of the grammar as it stands in the message: escapes of a quoted string are still there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RawString<'a> {
    pub(crate) octets: &'a [u8],
    pub(crate) escaped: bool,
}

impl<'a> RawString<'a> {
    pub(crate) fn plain(octets: &'a [u8]) -> Self {
        Self { octets, escaped: false }
    }
}

/// The number in a literal's header and the header's length with its line end: `{n}` CRLF or `{n+}` CRLF.
fn literal_header(octets: &[u8]) -> Option<(u64, usize)> {
    let end = memchr::memchr(b'\n', octets.get(..octets.len().min(26))?)?;
    let header = octets.get(..end)?;
    let header = header.strip_suffix(b"\r").unwrap_or(header);
    let digits = header.strip_prefix(b"{")?.strip_suffix(b"}")?;
    let number = decimal(digits.strip_suffix(b"+").unwrap_or(digits))?;
    Some((number, end.saturating_add(1)))
}

/// Digits and nothing else, of at most 64 bits.
pub(crate) fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0u64, |value, digit| {
        let digit = digit.wrapping_sub(b'0');
        (digit < 10).then_some(digit).and_then(|digit| value.checked_mul(10)?.checked_add(u64::from(digit)))
    })
}

/// Takes the backslashes out of a quoted string. One before an octet that needs none stands for itself, but before parentheses.
pub(crate) fn unescape(octets: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(octets.len());
    let mut rest = octets;
    while let [b'\\', octet @ (b'"' | b'\\' | b'(' | b')'), behind @ ..] | [octet, behind @ ..] = rest {
        plain.push(*octet);
        rest = behind;
    }
    plain
}

impl<'a> Cursor<'a> {
    /// Whether this quirk may be forgiven; if so, it is noted.
    pub(crate) fn forgives(&mut self, quirk: Quirk) -> bool {
        self.forgive(quirk.bit())
    }

    /// Whether it could be, if it came to that.
    pub(crate) fn may_forgive(&self, quirk: Quirk) -> bool {
        self.allowed() & quirk.bit() != 0
    }

    /// One SP. More of them are a quirk, and so is none before or behind a list.
    #[inline]
    pub(crate) fn sp(&mut self) -> Parsed<()> {
        if !self.eat(b' ') {
            return self.no_space();
        }
        if self.peek() == Some(b' ') { self.more_spaces() } else { Ok(()) }
    }

    #[cold]
    fn no_space(&mut self) -> Parsed<()> {
        let before = self.position().checked_sub(1).and_then(|before| self.octets().get(before));
        let beside = self.peek() == Some(b'(') || (before == Some(&b')') && !self.is_at_end());
        if beside && self.forgives(Quirk::MissingSpaceBesideList) { Ok(()) } else { self.syntax("SP") }
    }

    #[cold]
    fn more_spaces(&mut self) -> Parsed<()> {
        if !self.forgives(Quirk::ExtraSpace) {
            return self.syntax("one SP");
        }
        while self.eat(b' ') {}
        Ok(())
    }

    /// What stands behind one SP.
    #[inline]
    pub(crate) fn behind_sp<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        self.sp()?;
        parse(self)
    }

    /// Spaces that should not be there, before `)` or the end of a line.
    #[inline]
    pub(crate) fn stray_spaces(&mut self) -> Parsed<()> {
        if self.peek() == Some(b' ') { self.take_stray_spaces() } else { Ok(()) }
    }

    #[cold]
    fn take_stray_spaces(&mut self) -> Parsed<()> {
        let start = self.position();
        while self.eat(b' ') {}
        if self.forgives(Quirk::ExtraSpace) { Ok(()) } else { self.syntax_at(start, "no SP") }
    }

    /// The end of the message: nothing is left but its CRLF, which the framing has taken off already.
    #[inline]
    pub(crate) fn end(&mut self) -> Parsed<()> {
        if self.is_at_end() {
            return Ok(());
        }
        self.stray_spaces()?;
        if self.is_at_end() { Ok(()) } else { self.syntax("the end of the line") }
    }

    /// Takes these octets, ASCII letters without case, if they are the next word.
    #[inline]
    pub(crate) fn eat_word(&mut self, word: &[u8]) -> bool {
        !self.peek_at(word.len()).is_some_and(|octet| is_in(&ATOM, octet)) && self.eat_keyword(word)
    }

    /// The next word of a list, as it stands, without taking it.
    #[inline]
    pub(crate) fn peek_word(&self) -> &'a [u8] {
        let rest = self.rest();
        rest.get(..word_length(rest)).unwrap_or_default()
    }

    /// `atom`, as it stands.
    #[inline]
    pub(crate) fn atom(&mut self) -> Parsed<&'a [u8]> {
        self.take_some(&ATOM, "an atom")
    }

    /// `nil`.
    #[inline]
    pub(crate) fn nil(&mut self) -> bool {
        let ends = !self.peek_at(3).is_some_and(|octet| is_in(&ASTRING, octet));
        ends && self.eat_keyword(b"NIL")
    }

    /// `nz-number`.
    #[inline]
    pub(crate) fn nz_number(&mut self) -> Parsed<NonZeroU32> {
        let start = self.position();
        let zero_first = self.peek() == Some(b'0');
        match NonZeroU32::new(self.number("a number from 1 to 4294967295")?) {
            Some(number) if !zero_first || self.forgives(Quirk::StrangeNumber) => Ok(number),
            _ => self.syntax_at(start, "a number from 1 to 4294967295"),
        }
    }

    /// `quoted`, as it stands between its quotes.
    #[inline(always)]
    pub(crate) fn quoted(&mut self) -> Parsed<RawString<'a>> {
        self.expect(b'"', "a quoted string")?;
        let rest = self.rest();
        match rest.split_at_checked(plain_run(rest)) {
            Some((octets, [b'"', ..])) => {
                self.advance(octets.len().wrapping_add(1));
                Ok(RawString::plain(octets))
            }
            _ => self.quoted_specially(true),
        }
    }

    /// `astring` of a name whose octets are looked at when it is decoded.
    #[inline(always)]
    pub(crate) fn astring_of_any_encoding(&mut self) -> Parsed<RawString<'a>> {
        match self.rest() {
            [b'"', quoted @ ..] if quoted.get(plain_run(quoted)) != Some(&b'"') => {
                self.advance(1);
                self.quoted_specially(false)
            }
            _ => self.astring(),
        }
    }

    /// A quoted string, behind its opening quote, with something in it that does not stand for itself.
    #[cold]
    fn quoted_specially(&mut self, utf8: bool) -> Parsed<RawString<'a>> {
        let start = self.position();
        let (mut escaped, mut eight_bits) = (false, false);
        loop {
            self.advance(plain_run(self.rest()));
            match self.peek() {
                Some(b'"') => {
                    let octets = self.since(start);
                    if eight_bits {
                        self.check_utf8(octets, start)?;
                    }
                    self.advance(1);
                    return Ok(RawString { octets, escaped });
                }
                Some(0x80..) => {
                    eight_bits = utf8;
                    self.advance(1);
                }
                Some(b'\\') => {
                    match self.peek_at(1) {
                        Some(b'"' | b'\\') => {}
                        Some(octet) if is_in(&QUOTED, octet) && self.forgives(Quirk::BadEscape) => {}
                        _ => return self.syntax("an escaped quote or backslash"),
                    }
                    escaped = true;
                    self.advance(2);
                }
                Some(0) if self.forgives(Quirk::NulInText) => self.advance(1),
                Some(b'\r')
                    if self.peek_at(1) != Some(b'\n') && self.forgives(Quirk::CarriageReturnInQuoted) =>
                {
                    self.advance(1);
                }
                // Where the string began: the line is as long as it seems.
                Some(b'\r') => return self.syntax_at(start.saturating_sub(1), "a quoted string without CR"),
                _ => return self.syntax("the closing quote"),
            }
        }
    }

    /// What begins at `start` has to be UTF-8, where it has more than 7 bits (RFC 9051 section 4.3).
    pub(crate) fn check_utf8(&mut self, octets: &[u8], start: usize) -> Parsed<()> {
        match core::str::from_utf8(octets) {
            Err(error) if !self.forgives(Quirk::NotUtf8) => {
                self.syntax_at(start.saturating_add(error.valid_up_to()), "UTF-8")
            }
            _ => Ok(()),
        }
    }

    /// `literal`. A `literal8` in its place is a quirk.
    pub(crate) fn literal(&mut self) -> Parsed<&'a [u8]> {
        if self.peek() == Some(b'~') && !self.forgives(Quirk::BinaryString) {
            return self.syntax("a string");
        }
        self.any_literal()
    }

    /// `literal` or `literal8`: its header, which the framing has checked, and its octets.
    ///
    /// A header that is malformed here was none to the framing either: what follows cannot be told from the literal's octets.
    /// A NUL may only stand in a literal8.
    pub(crate) fn any_literal(&mut self) -> Parsed<&'a [u8]> {
        let start = self.position();
        let binary = self.eat(b'~');
        let header = self.rest();
        match literal_header(header) {
            Some((length, octets)) if octets < header.len() || length == 0 => {
                self.advance(octets);
                let octets = self.take(crate::wire::write::index(length), "the octets of a literal")?;
                if !binary && memchr::memchr(0, octets).is_some() && !self.forgives(Quirk::NulInText) {
                    return self.syntax_at(start, "a literal without NUL");
                }
                Ok(octets)
            }
            _ => self.fail(ErrorKind::BadLiteral, start, "the header of a literal"),
        }
    }

    /// `string`.
    #[inline(always)]
    pub(crate) fn string(&mut self) -> Parsed<RawString<'a>> {
        match self.peek() {
            Some(b'"') => self.quoted(),
            Some(b'{' | b'~') => Ok(RawString::plain(self.literal()?)),
            _ => self.syntax("a string"),
        }
    }

    /// `nstring`. An atom in place of a string is a quirk.
    pub(crate) fn nstring(&mut self) -> Parsed<Option<RawString<'a>>> {
        match self.peek() {
            Some(b'"') => self.quoted().map(Some),
            Some(b'{' | b'~') => Ok(Some(RawString::plain(self.literal()?))),
            _ if self.nil() => Ok(None),
            Some(octet) if is_in(&ASTRING, octet) && self.forgives(Quirk::AtomForString) => {
                Ok(Some(RawString::plain(self.take_while(&ASTRING))))
            }
            _ => self.syntax("a string or NIL"),
        }
    }

    /// `astring`.
    #[inline(always)]
    pub(crate) fn astring(&mut self) -> Parsed<RawString<'a>> {
        let start = self.position();
        match (self.take_while(&ASTRING), self.peek()) {
            // The first octet of a string is of no atom, but for the tilde of a literal8.
            ([], Some(b'"' | b'{')) => self.string(),
            (b"~", Some(b'{')) => {
                self.set_position(start);
                self.string()
            }
            ([], _) => self.syntax("an atom or a string"),
            (atom, _) => Ok(RawString::plain(atom)),
        }
    }

    /// A string of the grammar as an owned text.
    #[inline]
    pub(crate) fn owned(&mut self, string: RawString<'a>) -> Parsed<Text> {
        if string.escaped { Ok(unescape(string.octets).into()) } else { self.text(string.octets) }
    }

    /// `string` as an owned text.
    #[inline]
    pub(crate) fn string_text(&mut self) -> Parsed<Text> {
        let string = self.string()?;
        self.owned(string)
    }

    /// A short word of usual octets as an owned text, where the class has them all and ends with it. `None` says nothing.
    #[inline(always)]
    pub(crate) fn short_word(&mut self, class: &Class) -> Option<Text> {
        let (words, bits) = usual_octets(self.rest())?;
        let length = u8::try_from(bits.wrapping_shr(3)).ok()?;
        if length == 0 || is_in(class, self.peek_at(length.into())?) {
            return None;
        }
        self.advance(length.into());
        Text::of_words(words, length)
    }

    /// `astring` as an owned text.
    #[inline]
    pub(crate) fn astring_text(&mut self) -> Parsed<Text> {
        let string = self.astring()?;
        self.owned(string)
    }

    /// `nstring` as an owned text.
    pub(crate) fn nstring_text(&mut self) -> Parsed<Option<Text>> {
        match self.nstring()? {
            Some(string) => self.owned(string).map(Some),
            None => Ok(None),
        }
    }

    /// `nstring / literal8` as an owned text.
    pub(crate) fn nstring_or_literal8(&mut self) -> Parsed<Option<Text>> {
        if self.peek() != Some(b'~') {
            return self.nstring_text();
        }
        let octets = self.any_literal()?;
        self.text(octets).map(Some)
    }

    /// `atom` as an owned, checked text.
    #[inline]
    pub(crate) fn atom_text(&mut self) -> Parsed<Atom> {
        let atom = self.atom()?;
        self.text(atom).map(Atom)
    }

    /// `tag`.
    #[inline(always)]
    pub(crate) fn tag(&mut self) -> Parsed<Tag> {
        match self.short_word(&TAG) {
            Some(tag) => Ok(Tag(tag)),
            None => self.any_tag(),
        }
    }

    #[inline(never)]
    fn any_tag(&mut self) -> Parsed<Tag> {
        let tag = self.take_some(&TAG, "a tag")?;
        self.text(tag).map(Tag)
    }

    /// A list in parentheses, its items divided by one SP; an empty one is allowed.
    ///
    /// Counts depth, items and memory against the limits.
    #[inline]
    pub(crate) fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        self.list_into(|cursor, items| {
            items.push(item(cursor)?);
            Ok(())
        })
    }

    /// The same, of items that go into the list by themselves, one at a time: what is known of one then goes straight to its place.
    #[inline]
    pub(crate) fn list_into<T>(
        &mut self,
        mut item: impl FnMut(&mut Self, &mut Vec<T>) -> Parsed<()>,
    ) -> Parsed<Vec<T>> {
        let mut items = Vec::new();
        self.each(|cursor, index| {
            cursor.charge_item(index, 0)?;
            if index == items.capacity() {
                let room = index.max(room::<T>());
                cursor.charge(room.saturating_mul(size_of::<T>()))?;
                items.reserve_exact(room);
            }
            item(cursor, &mut items)
        })?;
        Ok(items)
    }

    /// The items of a list in parentheses one by one, with their index.
    #[inline]
    pub(crate) fn each(&mut self, mut item: impl FnMut(&mut Self, usize) -> Parsed<()>) -> Parsed<()> {
        self.expect(b'(', "a list")?;
        self.enter(self.limits().depth)?;
        self.stray_spaces()?;
        let mut index = 0usize;
        while !self.eat(b')') {
            if index > 0 {
                self.sp()?;
                // A space before the end is forgiven by `sp` only where a second one follows.
                if self.peek() == Some(b')') {
                    if !self.forgives(Quirk::ExtraSpace) {
                        return self.syntax("an item of the list");
                    }
                    continue;
                }
            }
            item(self, index)?;
            index = index.saturating_add(1);
        }
        self.leave();
        Ok(())
    }

    /// Any value: atoms, numbers, sets, flags, strings, sections, lists of all these. Gives its octets as they stand.
    ///
    /// This is how data of a registry that grew is kept (RFC 4466, `tagged-ext-val`); lists are counted, not recursed into.
    pub(crate) fn raw_value(&mut self) -> Parsed<&'a [u8]> {
        let start = self.position();
        let mut open = 0usize;
        loop {
            match self.peek() {
                Some(b'(') => {
                    if self.limits().depth <= open {
                        return self.fail(ErrorKind::TooDeep, self.position(), "fewer nested lists");
                    }
                    open = open.saturating_add(1);
                    self.advance(1);
                    continue;
                }
                Some(b')') if open > 0 => {
                    open = open.saturating_sub(1);
                    self.advance(1);
                }
                Some(b' ') if open > 0 => {
                    self.advance(1);
                    continue;
                }
                Some(b'"') => {
                    self.quoted()?;
                }
                Some(b'{') => {
                    self.literal()?;
                }
                Some(b'~') if self.peek_at(1) == Some(b'{') => {
                    self.any_literal()?;
                }
                Some(octet) if is_in(&RAW, octet) => {
                    self.take_while(&RAW);
                }
                _ => return self.syntax("a value"),
            }
            if open == 0 && matches!(self.peek(), None | Some(b' ' | b')')) {
                return Ok(self.since(start));
            }
        }
    }

    /// Any value as an owned text of its octets.
    pub(crate) fn raw_text(&mut self) -> Parsed<Text> {
        let octets = self.raw_value()?;
        self.text(octets)
    }
}

/// How many items room is made for at once: as many as most lists have, and no more than half a kibibyte.
fn room<T>() -> usize {
    512usize.checked_div(size_of::<T>()).unwrap_or(0).clamp(4, 16)
}

/// What may stand in a value that is neither a string nor a list.
const RAW: Class =
    class!(octet => octet > 0x20 && octet != 0x7f && !matches!(octet, b'(' | b')' | b'"' | b'{'));

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::quirk::Quirks;
    use crate::wire::Limits;
    use bytes::Bytes;

    fn with<T>(
        octets: &'static [u8],
        quirks: Quirks,
        read: impl FnOnce(&mut Cursor<'_>) -> Parsed<T>,
    ) -> Option<T> {
        let limits = Limits::imap_client();
        let octets = Bytes::from_static(octets);
        let mut cursor = Cursor::shared(&octets, &limits, quirks.bits());
        read(&mut cursor).ok().filter(|_| cursor.is_at_end())
    }

    #[test]
    fn strings() {
        let strict = Quirks::strict();
        let text = |octets, quirks| with(octets, quirks, |cursor| cursor.nstring_text());
        assert_eq!(text(b"\"a\\\"b\\\\\"", strict).unwrap().unwrap(), "a\"b\\");
        assert_eq!(text(b"{3}\r\na\"\n", strict).unwrap().unwrap(), "a\"\n");
        assert_eq!(text(b"~{2}\r\na)", strict), None);
        assert_eq!(text(b"~{2}\r\na)", Quirks::lenient()).unwrap().unwrap(), "a)");
        let either = |octets| with(octets, strict, |cursor| cursor.nstring_or_literal8());
        assert_eq!(either(b"~{2+}\r\n\0)").unwrap().unwrap(), "\0)");
        assert_eq!(either(b"NIL"), Some(None));
        assert_eq!(either(b"{2}\r\n\0)"), None);
        assert_eq!(text("\"\u{e9}\\\"\"".as_bytes(), strict).unwrap().unwrap(), "\u{e9}\"");
        assert_eq!(text(b"\"a\xe9b\"", strict), None);
        assert_eq!(text(b"\"a\xe9b\"", Quirks::lenient()).unwrap().unwrap(), &b"a\xe9b"[..]);
        assert_eq!(text(b"nil", strict), Some(None));
        assert_eq!(text(b"\"a\\b\"", strict), None);
        assert!(text(b"\"a\\b\"", Quirks::lenient()).is_some());
        assert_eq!(text(b"{4}\r\nabc", strict), None);
        assert_eq!(with(b"~peter", strict, |cursor| cursor.astring_text()).unwrap(), "~peter");
        assert_eq!(with(b"nilly]", strict, |cursor| cursor.astring_text()).unwrap(), "nilly]");
    }

    #[test]
    fn short_words_are_the_same_octet_by_octet() {
        let limits = crate::wire::Limits::imap_server();
        for class in [&ASTRING, &TAG] {
            for (stop, at) in (0..=255u8).flat_map(|stop| (0..24).map(move |at| (stop, at))) {
                let mut octets = [b'a'; 25];
                (octets[at], octets[24]) = (stop, b' ');
                let cursor = || Cursor::borrowed(&octets, &limits, 0);
                let (mut short, expected) = (cursor(), cursor().take_while(class));
                match short.short_word(class) {
                    Some(word) => assert_eq!((word.as_bytes(), short.position()), (expected, expected.len())),
                    None => assert!(expected.len() != at || at == 0, "{stop} at {at}"),
                }
            }
        }
    }

    #[test]
    fn values_of_any_shape_are_kept() {
        let strict = Quirks::strict();
        for octets in [&b"atom"[..], b"1:4,7", b"\\Seen", b"(a (b \"c)\") {3}\r\n)))())", b"()", b"((a)(b))"]
        {
            assert_eq!(with(octets, strict, |cursor| cursor.raw_text()).unwrap(), *octets);
        }
        for octets in [&b"("[..], b")", b"(a", b"\"a", b""] {
            assert_eq!(with(octets, strict, |cursor| cursor.raw_text()), None);
        }
    }

    #[test]
    fn lists() {
        let atoms = |octets, quirks| with(octets, quirks, |cursor| cursor.list(|cursor| cursor.atom_text()));
        assert_eq!(atoms(b"()", Quirks::strict()).unwrap().len(), 0);
        assert_eq!(atoms(b"(a b c)", Quirks::strict()).unwrap().len(), 3);
        for octets in [&b"(a  b)"[..], b"( a b)", b"(a b )", b"(a b  )"] {
            assert_eq!(atoms(octets, Quirks::strict()), None);
            assert_eq!(atoms(octets, Quirks::lenient()).unwrap().len(), 2);
        }
    }
}
