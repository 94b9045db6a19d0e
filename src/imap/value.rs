//! The frame that extensions are written in (RFC 4466): what is not known is kept as it stands.
//!
//! ```abnf
//! ; RFC 4466 section 3, RFC 9051 section 9
//! tagged-ext        = tagged-ext-label SP tagged-ext-val
//! tagged-ext-val    = tagged-ext-simple / "(" [tagged-ext-comp] ")"
//! tagged-ext-simple = sequence-set / number / number64 / partial-range-last    ; RFC 9394 for the last
//! tagged-ext-comp   = astring / tagged-ext-comp *(SP tagged-ext-comp) / "(" tagged-ext-comp ")"
//! ```

use crate::imap::encode::{Encoded, Encoder, Encoding, Literals};
use crate::imap::keyword::{Keyword, upper};
use crate::imap::quirk::{Quirk, Quirks};
use crate::wire::cursor::{Cursor, Parsed};
use crate::wire::{InvalidValue, Limits, Text};
use bytes::BytesMut;
use core::fmt;

/// The value of an extension that is not known: an atom, a number, a set, a string, or a list of all these, as its octets stand.
///
/// A literal stands as `{n}`: the `+` that a client may add says how it is sent (RFC 7888), not what it is.
///
/// ```
/// use mailwire::imap::ExtensionValue;
///
/// assert_eq!(ExtensionValue::new("(1:4 \"a b\" (c))").unwrap().as_bytes(), b"(1:4 \"a b\" (c))");
/// assert!(ExtensionValue::new("(1:4").is_err());
/// assert!(ExtensionValue::new("a\r\nb").is_err());
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "Text", into = "Text")
)]
pub struct ExtensionValue(Text);

impl ExtensionValue {
    /// Checks that the octets are exactly one value.
    ///
    /// # Errors
    /// Tells the first octet that is not of a value.
    pub fn new(octets: impl Into<Text>) -> Result<Self, InvalidValue> {
        let octets = octets.into();
        let limits = Limits::imap_client();
        let mut cursor = Cursor::borrowed(octets.as_bytes(), &limits, Quirks::strict().bits());
        let read = cursor.raw_value().is_ok();
        let offset = cursor.position();
        if read && cursor.is_at_end() {
            Ok(Self(canonical(octets)))
        } else {
            Err(InvalidValue { offset, expected: "exactly one value" })
        }
    }

    /// The octets.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        cursor.raw_text().map(canonical).map(Self)
    }

    /// A value of a FETCH: a literal in it stands where one may stand, though the framing finds it anywhere.
    pub(crate) fn parse_in_fetch(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let start = cursor.position();
        let value = Self::parse(cursor)?;
        if can_be_sent(value.as_bytes()) { Ok(value) } else { cursor.syntax_at(start, "SP before a literal") }
    }

    /// The value behind an SP, if the next word is not another label: a list, a number, a set or a string.
    pub(crate) fn parse_optional(cursor: &mut Cursor<'_>) -> Parsed<Option<Self>> {
        match (cursor.peek(), cursor.peek_at(1)) {
            (Some(b' '), Some(b'(' | b'0'..=b'9' | b'*' | b'$' | b'"' | b'{' | b'~')) => {
                cursor.advance(1);
                Self::parse(cursor).map(Some)
            }
            (Some(b' '), Some(b'-')) if cursor.peek_at(2).is_some_and(|octet| octet.is_ascii_digit()) => {
                cursor.advance(1);
                Self::parse(cursor).map(Some)
            }
            _ => Ok(None),
        }
    }

    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        encoder.raw_value(self.as_bytes())
    }

    /// The value behind an SP, if there is one.
    pub(crate) fn encode_optional(value: Option<&Self>, encoder: &mut Encoder<'_>) -> Encoded {
        if let Some(value) = value {
            encoder.sp();
            value.encode(encoder)?;
        }
        Ok(())
    }
}

/// Whether a server can write the literals of a value as they stand, if there are any.
pub(crate) fn can_be_sent(octets: &[u8]) -> bool {
    memchr::memchr(b'\n', octets).is_none()
        || Encoder::new(&mut BytesMut::new(), Encoding::server()).raw_value(octets).is_ok()
}

/// Whether octets cannot be more than one line, nor announce one or seem to: most values hold no string that would need a closer look.
fn is_one_line(octets: &[u8]) -> bool {
    memchr::memchr3(0, b'\r', b'\n', octets).is_none() && memchr::memchr(b'{', octets).is_none()
}

/// Values as they stand, but for the headers of their literals, which have one form: without `+`, and without zeros before the length.
pub(crate) fn canonical(octets: Text) -> Text {
    if !octets.as_bytes().contains(&b'\n') {
        return octets;
    }
    let mut out = BytesMut::with_capacity(octets.len());
    match Encoder::new(&mut out, Encoding::server()).write_values(octets.as_bytes(), false) {
        Ok(()) => out.freeze().into(),
        Err(_) => octets,
    }
}

impl fmt::Debug for ExtensionValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.display())
    }
}

impl TryFrom<Text> for ExtensionValue {
    type Error = InvalidValue;
    fn try_from(octets: Text) -> Result<Self, InvalidValue> {
        Self::new(octets)
    }
}

impl From<ExtensionValue> for Text {
    fn from(value: ExtensionValue) -> Self {
        value.0
    }
}

#[cfg(any(test, feature = "arbitrary"))]
impl<'a> arbitrary::Arbitrary<'a> for ExtensionValue {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        let octets: &[u8] = u.choose(&[
            b"1".as_slice(),
            b"1:4,7",
            b"4294967296",
            b"()",
            b"(a \"b \\\" c\" (d) 1:*)",
            b"\"(quoted)\"",
            b"$",
            b"-1:-100",
            b"{5}\r\na\r\n)\"",
            b"~{3}\r\n\0\n(",
            b"(x ({2}\r\n\r\n \"\\\\\") ~{0}\r\n)",
        ])?;
        Ok(Self(octets.into()))
    }
}

/// A parameter, modifier, option or item that is not known: its label, and its value if it has one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct TaggedExtension {
    /// What it is called.
    pub label: Keyword,
    /// What it is.
    pub value: Option<ExtensionValue>,
}

impl TaggedExtension {
    /// The value behind a label that was read.
    pub(crate) fn parse_value(cursor: &mut Cursor<'_>, label: &[u8]) -> Parsed<Self> {
        // The label was taken with `atom`, right before the cursor.
        let start = cursor.position().saturating_sub(label.len());
        if label.first().is_some_and(u8::is_ascii_digit) {
            return cursor.syntax_at(start, "a label");
        }
        cursor.set_position(start);
        let label = Keyword::parse(cursor)?;
        Ok(Self { label, value: ExtensionValue::parse_optional(cursor)? })
    }

    /// Parameters or modifiers of a command in parentheses behind an SP, if there are any.
    pub(crate) fn parse_all(cursor: &mut Cursor<'_>) -> Parsed<alloc::vec::Vec<Self>> {
        if cursor.peek() != Some(b' ') || cursor.peek_at(1) != Some(b'(') {
            return Ok(alloc::vec::Vec::new());
        }
        cursor.advance(1);
        cursor.list_of_some(|cursor| {
            let label = Keyword::parse(cursor)?;
            Ok(Self { label, value: ExtensionValue::parse_optional(cursor)? })
        })
    }

    /// Parameters or modifiers of a command in parentheses behind an SP, if there are any.
    pub(crate) fn encode_all(parameters: &[Self], encoder: &mut Encoder<'_>) -> Encoded {
        if parameters.is_empty() {
            return Ok(());
        }
        encoder.sp();
        encoder.list(parameters, |encoder, parameter| parameter.encode(encoder))
    }

    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        encoder.raw(self.label.as_bytes());
        ExtensionValue::encode_optional(self.value.as_ref(), encoder)
    }
}

#[cfg(any(test, feature = "arbitrary"))]
impl<'a> arbitrary::Arbitrary<'a> for TaggedExtension {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        Ok(Self { label: arbitrary_label(u)?, value: u.arbitrary()? })
    }
}

impl<'a> Cursor<'a> {
    /// An atom, and the same in upper case if it is short enough for a word that is known.
    pub(crate) fn word<'b>(&mut self, buffer: &'b mut [u8; 24]) -> Parsed<(&'a [u8], &'b [u8])>
    where
        'a: 'b,
    {
        let atom = self.atom()?;
        Ok((atom, upper(atom, buffer)))
    }

    /// `number64`: a number of 63 bits.
    pub(crate) fn number64(&mut self) -> Parsed<u64> {
        let start = self.position();
        let number = self.number_long("a number of 63 bits")?;
        if number > u64::MAX >> 1 && !self.forgives(Quirk::LargeNumber) {
            return self.syntax_at(start, "a number of 63 bits");
        }
        Ok(number)
    }

    /// A list in parentheses with at least one item.
    pub(crate) fn list_of_some<T>(
        &mut self,
        item: impl FnMut(&mut Self) -> Parsed<T>,
    ) -> Parsed<alloc::vec::Vec<T>> {
        let items = self.list(item)?;
        if items.is_empty() { self.syntax("an item of the list") } else { Ok(items) }
    }

    /// Items that stand behind one SP each, up to the end of the message.
    pub(crate) fn items_to_end<T>(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Parsed<T>,
    ) -> Parsed<alloc::vec::Vec<T>> {
        let mut items = alloc::vec::Vec::new();
        while self.peek() == Some(b' ') && !self.only_spaces_left() {
            self.sp()?;
            self.charge_item(items.len(), size_of::<T>())?;
            items.push(item(self)?);
        }
        Ok(items)
    }

    /// Whether the message holds nothing more but spaces; looks at them only once, since they end the message.
    fn only_spaces_left(&self) -> bool {
        self.rest().iter().all(|octet| *octet == b' ')
    }
}

impl Encoder<'_> {
    /// `number64`.
    pub(crate) fn number64(&mut self, number: u64) -> Encoded {
        if number > u64::MAX >> 1 {
            return Err(InvalidValue { offset: 0, expected: "a number of 63 bits" });
        }
        self.number(number);
        Ok(())
    }

    /// Values as octets: their literals are written as the peer can read them, the rest as it stands.
    ///
    /// Whoever made them, they cannot end their line: CR, LF and NUL are refused outside of literals and quotes, and so is the header of a
    /// literal that is not there. A server's literal must stand where a client looks for one; a server finds it anywhere.
    pub(crate) fn raw_value(&mut self, octets: &[u8]) -> Encoded {
        self.write_values(octets, self.encoding().literals == Literals::Server)
    }

    fn write_values(&mut self, octets: &[u8], in_place: bool) -> Encoded {
        if is_one_line(octets) {
            self.raw(octets);
            return Ok(());
        }
        let limits = Limits::imap_client();
        // What was read with a quirk is written with it.
        let mut cursor = Cursor::borrowed(octets, &limits, Quirks::lenient().bits());
        let mut written = 0usize;
        while let Some(octet) = cursor.peek() {
            let start = cursor.position();
            let broken = InvalidValue { offset: start, expected: "a value" };
            match octet {
                0 | b'\r' | b'\n' => {
                    return Err(InvalidValue { offset: start, expected: "a value without CR, LF and NUL" });
                }
                b'"' => {
                    cursor.quoted().map_err(|_| broken)?;
                }
                b'{' | b'~' if octet == b'{' || cursor.peek_at(1) == Some(b'{') => {
                    let before = start.checked_sub(1).and_then(|before| octets.get(before));
                    if in_place && !matches!(before, Some(b' ' | b'(' | b'[') | None) {
                        return Err(broken);
                    }
                    let literal = cursor.any_literal().map_err(|_| broken)?;
                    self.raw(octets.get(written..start).unwrap_or_default());
                    match octet {
                        b'{' => self.literal(literal)?,
                        _ => self.literal8(literal),
                    }
                    written = cursor.position();
                }
                _ => cursor.advance(1),
            }
        }
        self.raw(octets.get(written..).unwrap_or_default());
        Ok(())
    }

    /// `charset`, and other words that are an atom or quoted, never a literal.
    pub(crate) fn atom_or_quoted(&mut self, octets: &[u8]) -> Encoded {
        use crate::imap::core::{ATOM, is_in};
        if !octets.is_empty() && octets.iter().all(|octet| is_in(&ATOM, *octet)) {
            self.raw(octets);
            return Ok(());
        }
        self.quoted(octets)
    }
}

/// Defines the words of a registry that can grow: one variant each, and one that keeps any other.
macro_rules! keywords {
    (
        $(#[$doc:meta])* $name:ident, $expected:literal,
        $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)*
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(
            feature = "serde",
            derive(serde::Serialize, serde::Deserialize),
            serde(from = "crate::imap::keyword::Keyword", into = "crate::imap::keyword::Keyword")
        )]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
            /// Another one. [`Self::from`] makes it, so that a word which is known has one form.
            Other(crate::imap::keyword::Keyword),
        }

        impl $name {
            /// The octets of the wire.
            pub fn as_bytes(&self) -> &[u8] {
                match self {
                    $(Self::$variant => $word.as_bytes(),)*
                    Self::Other(word) => word.as_bytes(),
                }
            }

            fn known(word: &[u8]) -> Option<Self> {
                $(if word.eq_ignore_ascii_case($word.as_bytes()) { return Some(Self::$variant); })*
                None
            }

            #[allow(dead_code, reason = "some of these words are read with the ones around them")]
            pub(crate) fn parse(cursor: &mut crate::wire::cursor::Cursor<'_>) -> crate::wire::cursor::Parsed<Self> {
                let word = cursor.take_some(&crate::imap::core::ATOM, $expected)?;
                match Self::known(word) {
                    Some(known) => Ok(known),
                    None => Ok(Self::Other(crate::imap::keyword::Keyword::from_checked(cursor.text(word)?))),
                }
            }

            #[allow(dead_code, reason = "some of these words are written with the ones around them")]
            pub(crate) fn encode(&self, encoder: &mut crate::imap::encode::Encoder<'_>) -> crate::imap::encode::Encoded {
                encoder.raw(self.as_bytes());
                Ok(())
            }
        }

        impl From<crate::imap::keyword::Keyword> for $name {
            fn from(word: crate::imap::keyword::Keyword) -> Self {
                Self::known(word.as_bytes()).unwrap_or(Self::Other(word))
            }
        }

        impl From<$name> for crate::imap::keyword::Keyword {
            fn from(word: $name) -> Self {
                match word {
                    $name::Other(word) => word,
                    known => Self::from_checked(known.as_bytes().into()),
                }
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                match self {
                    $(Self::$variant => f.write_str($word),)*
                    Self::Other(word) => core::fmt::Display::fmt(word, f),
                }
            }
        }

        #[cfg(any(test, feature = "arbitrary"))]
        impl<'a> arbitrary::Arbitrary<'a> for $name {
            fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
                const KNOWN: &[$name] = &[$($name::$variant,)*];
                if KNOWN.is_empty() || u.ratio(1, 4)? {
                    Ok(Self::from(crate::imap::value::arbitrary_label(u)?))
                } else {
                    u.choose(KNOWN).cloned()
                }
            }
        }
    };
}
pub(crate) use keywords;

/// A text that any string of the grammar can hold: up to 40 octets, none of them NUL.
#[cfg(any(test, feature = "arbitrary"))]
pub(crate) fn arbitrary_text(u: &mut arbitrary::Unstructured<'_>) -> arbitrary::Result<Text> {
    let length = u.int_in_range(0..=40usize)?;
    let ascii = u.ratio(3, 4)?;
    let octets = u.bytes(length.min(u.len()))?;
    let octets: alloc::vec::Vec<u8> = octets
        .iter()
        .map(|octet| if ascii { 0x20 | (octet & 0x5f) } else { *octet })
        .map(|octet| if octet == 0 { 1 } else { octet })
        .collect();
    Ok(octets.into())
}

/// A label that no registry has.
#[cfg(any(test, feature = "arbitrary"))]
pub(crate) fn arbitrary_label(u: &mut arbitrary::Unstructured<'_>) -> arbitrary::Result<Keyword> {
    let mut label = alloc::vec::Vec::from(*b"X-");
    for _ in 0..u.int_in_range(1..=24usize)? {
        label.push(u.int_in_range(b'A'..=b'Z')?);
    }
    Ok(Keyword::from_checked(label.into()))
}

/// Some values, from `least` to 4 more.
#[cfg(any(test, feature = "arbitrary"))]
pub(crate) fn arbitrary_some<'a, T>(
    u: &mut arbitrary::Unstructured<'a>,
    least: usize,
    mut value: impl FnMut(&mut arbitrary::Unstructured<'a>) -> arbitrary::Result<T>,
) -> arbitrary::Result<alloc::vec::Vec<T>> {
    let count = u.int_in_range(least..=least.saturating_add(4))?;
    (0..count).map(|_| value(u)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::encode::Literals;

    #[test]
    fn literals_in_a_value_follow_the_peer() {
        let value = ExtensionValue::new(&b"(a \"{3}\" {4}\r\n(\"x) ~{2}\r\n\0y z)"[..]).unwrap();
        let mut out = BytesMut::new();
        let encoding = Encoding { literals: Literals::Plus, ..Encoding::default() };
        value.encode(&mut Encoder::new(&mut out, encoding)).unwrap();
        assert_eq!(&out[..], b"(a \"{3}\" {4+}\r\n(\"x) ~{2+}\r\n\0y z)");
        let mut out = BytesMut::new();
        let mut encoder = Encoder::new(&mut out, Encoding::default());
        value.encode(&mut encoder).unwrap();
        assert_eq!(encoder.into_waits(), [14, 25]);
    }

    #[test]
    fn a_literal_is_the_same_however_it_was_sent() {
        let value = ExtensionValue::new(&b"(a{003+}\r\nx\"z \"{1+}\" ~{2+}\r\n\0\n)"[..]).unwrap();
        assert_eq!(value.as_bytes(), b"(a{3}\r\nx\"z \"{1+}\" ~{2}\r\n\0\n)");
    }

    #[test]
    fn a_value_cannot_end_its_line() {
        let written = |octets: &[u8]| {
            let mut out = BytesMut::new();
            Encoder::new(&mut out, Encoding::server()).raw_value(octets).map(|()| out.to_vec())
        };
        for (octets, offset) in [
            (&b"a\r\nb"[..], 1),
            (b"a\nb", 1),
            (b"a\r", 1),
            (b"a\0b", 1),
            (b"{3}", 0),
            (b"a {3+}", 2),
            (b"~{3}", 0),
            (b"{3}\r\nab", 0),
            (b"{2}\r\nab\r\n", 7),
            (b"{2}\r\nab{1}", 7),
            (b"\"a\r\nb\"", 0),
            (b"\"a {3}", 0),
            (b"\"\" \"{3}", 3),
            (b"a{1}\r\nb", 1),
            (b"\"\"~{1}\r\nb", 2),
        ] {
            assert_eq!(written(octets).unwrap_err().offset, offset, "{}", octets.escape_ascii());
        }
        for octets in [&b"a}"[..], b"\"{3}\"", b"\"{3}\" b}", b"{3}\r\n\r\n\"", b"(a {2}\r\n\r\nb}", b"\"a"] {
            assert_eq!(written(octets).unwrap(), octets);
        }
    }

    #[test]
    fn a_charset_is_never_a_literal() {
        let mut out = BytesMut::new();
        let mut encoder = Encoder::new(&mut out, Encoding::default());
        encoder.atom_or_quoted(b"UTF-8").unwrap();
        encoder.atom_or_quoted(b"a b").unwrap();
        assert_eq!(encoder.atom_or_quoted(b"UTF-8\r\nX").unwrap_err().offset, 5);
        assert_eq!(&out[..], b"UTF-8\"a b\"");
        let long = [b' '; 2_000];
        let mut out = BytesMut::new();
        Encoder::new(&mut out, Encoding::default()).atom_or_quoted(&long).unwrap();
        assert_eq!((out[0], out.len()), (b'"', 2_002));
    }
}
