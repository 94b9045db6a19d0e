//! Which octets of a message: a part, its header or its text, and a range of them.
//!
//! ```abnf
//! ; RFC 9051 section 9, RFC 3516 for section-binary
//! section         = "[" [section-spec] "]"
//! section-binary  = "[" [section-part] "]"
//! section-spec    = section-msgtext / (section-part ["." section-text])
//! section-msgtext = "HEADER" / "HEADER.FIELDS" [".NOT"] SP header-list / "TEXT"
//! section-part    = nz-number *("." nz-number)
//! section-text    = section-msgtext / "MIME"
//! header-list     = "(" header-fld-name *(SP header-fld-name) ")"
//! header-fld-name = astring
//! partial         = "<" number64 "." nz-number64 ">"   ; asked
//! origin          = "<" number64 ">"                   ; answered
//! ```

use crate::imap::core::ASTRING;
use crate::imap::encode::{Encoded, Encoder};
use crate::imap::quirk::Quirk;
use crate::wire::cursor::{Cursor, Parsed};
use crate::wire::{InvalidValue, Text};
use alloc::vec::Vec;
use core::fmt;
use core::num::{NonZeroU32, NonZeroU64};
use core::str::FromStr;

/// The largest number of 63 bits, which is what RFC 9051 calls `number64`.
pub(crate) const NUMBER64: u64 = u64::MAX >> 1;

/// The number of a part of a message: `1.2.3` (RFC 3501 section 6.4.5). It has at least one number.
///
/// ```
/// use mailwire::imap::PartNumber;
///
/// let part: PartNumber = "1.2".parse().unwrap();
/// assert_eq!(part.numbers().len(), 2);
/// assert_eq!(part.to_string(), "1.2");
/// assert!("1.0".parse::<PartNumber>().is_err());
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartNumber(Vec<NonZeroU32>);

impl PartNumber {
    /// A part number of these numbers, outermost first.
    ///
    /// # Errors
    /// When there is none.
    pub fn new(numbers: impl Into<Vec<NonZeroU32>>) -> Result<Self, InvalidValue> {
        let numbers = numbers.into();
        match numbers.is_empty() {
            true => Err(InvalidValue { offset: 0, expected: "at least one number" }),
            false => Ok(Self(numbers)),
        }
    }

    /// The numbers, outermost first.
    pub fn numbers(&self) -> &[NonZeroU32] {
        &self.0
    }

    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let mut numbers = Vec::new();
        loop {
            cursor.charge_item(numbers.len(), size_of::<NonZeroU32>())?;
            numbers.push(cursor.nz_number()?);
            let more = cursor.peek() == Some(b'.') && cursor.peek_at(1).is_some_and(|o| o.is_ascii_digit());
            if !more {
                return Ok(Self(numbers));
            }
            cursor.advance(1);
        }
    }

    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) {
        for (index, number) in self.0.iter().enumerate() {
            if index > 0 {
                encoder.raw(b".");
            }
            encoder.number(number.get());
        }
    }
}

impl fmt::Display for PartNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, number) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(".")?;
            }
            write!(f, "{number}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for PartNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for PartNumber {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let mut numbers = Vec::new();
        let mut offset = 0usize;
        for number in text.split('.') {
            let digits = !number.is_empty() && number.bytes().all(|octet| octet.is_ascii_digit());
            match number.parse().ok().filter(|_| digits) {
                Some(number) => numbers.push(number),
                None => return Err(InvalidValue { offset, expected: "a number from 1 to 4294967295" }),
            }
            offset = offset.saturating_add(number.len()).saturating_add(1);
        }
        Self::new(numbers)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for PartNumber {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for PartNumber {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = alloc::string::String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Which octets of a message `BODY[…]` asks for (RFC 3501 section 6.4.5).
///
/// `None` in place of a part number means the whole message.
///
/// ```
/// use mailwire::imap::Section;
///
/// let section = Section::Text(Some("2.1".parse().unwrap()));
/// assert_eq!(format!("{section}"), "2.1.TEXT");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Section {
    /// The whole message: `[]`.
    #[default]
    Full,
    /// The body of a part: `[1.2]`.
    Part(PartNumber),
    /// The header of the message or of a message/rfc822 part: `[HEADER]`.
    Header(Option<PartNumber>),
    /// Some fields of the header, by name, at least one unless a server left them out: `[HEADER.FIELDS (FROM TO)]`.
    HeaderFields(Option<PartNumber>, Vec<Text>),
    /// All fields of the header but these, at least one: `[HEADER.FIELDS.NOT (RECEIVED)]`.
    HeaderFieldsNot(Option<PartNumber>, Vec<Text>),
    /// The text of the message or of a message/rfc822 part, without its header: `[TEXT]`.
    Text(Option<PartNumber>),
    /// The MIME header of a part: `[1.MIME]`.
    Mime(PartNumber),
}

impl Section {
    /// The part it is of; `None` for the whole message.
    pub fn part(&self) -> Option<&PartNumber> {
        match self {
            Self::Full => None,
            Self::Part(part) | Self::Mime(part) => Some(part),
            Self::Header(part)
            | Self::HeaderFields(part, _)
            | Self::HeaderFieldsNot(part, _)
            | Self::Text(part) => part.as_ref(),
        }
    }

    /// Stands at `[`.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        cursor.expect(b'[', "a section")?;
        if cursor.eat(b']') {
            return Ok(Self::Full);
        }
        if cursor.peek() == Some(b'0')
            && cursor.peek_at(1) == Some(b']')
            && cursor.forgives(Quirk::ZeroNumber)
        {
            // Part 0 was the header before IMAP4rev1.
            cursor.advance(2);
            return Ok(Self::Header(None));
        }
        let part = match cursor.peek() {
            Some(b'0'..=b'9') => Some(PartNumber::parse(cursor)?),
            _ => None,
        };
        let section = match part {
            Some(part) if cursor.peek() == Some(b']') => Self::Part(part),
            Some(part) => {
                cursor.expect(b'.', "a dot or the end of the section")?;
                if cursor.eat_keyword(b"MIME") { Self::Mime(part) } else { Self::text(cursor, Some(part))? }
            }
            None => Self::text(cursor, None)?,
        };
        cursor.stray_spaces()?;
        cursor.expect(b']', "the end of the section")?;
        Ok(section)
    }

    /// `section-msgtext`.
    fn text(cursor: &mut Cursor<'_>, part: Option<PartNumber>) -> Parsed<Self> {
        if cursor.eat_keyword(b"TEXT") {
            return Ok(Self::Text(part));
        }
        if cursor.eat_keyword(b"HEADER.FIELDS.NOT ") {
            return Ok(Self::HeaderFieldsNot(part, header_list(cursor)?));
        }
        if cursor.eat_keyword(b"HEADER.FIELDS ") {
            return Ok(Self::HeaderFields(part, header_list(cursor)?));
        }
        if cursor.peek_at(13) == Some(b']')
            && cursor.eat_keyword(b"HEADER.FIELDS")
            && cursor.forgives(Quirk::EmptyList)
        {
            return Ok(Self::HeaderFields(part, Vec::new()));
        }
        if cursor.peek_at(17) == Some(b'(') && cursor.eat_keyword(b"HEADER.FIELDS.NOT") {
            cursor.sp()?;
            return Ok(Self::HeaderFieldsNot(part, header_list(cursor)?));
        }
        if cursor.peek_at(13) == Some(b'(') && cursor.eat_keyword(b"HEADER.FIELDS") {
            cursor.sp()?;
            return Ok(Self::HeaderFields(part, header_list(cursor)?));
        }
        if cursor.eat_keyword(b"HEADER") {
            return Ok(Self::Header(part));
        }
        cursor.syntax("HEADER, HEADER.FIELDS, HEADER.FIELDS.NOT, TEXT or MIME")
    }

    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        encoder.raw(b"[");
        if let Some(part) = self.part() {
            part.encode(encoder);
            if !matches!(self, Self::Part(_)) {
                encoder.raw(b".");
            }
        }
        match self {
            Self::Full | Self::Part(_) => {}
            Self::Header(_) => encoder.raw(b"HEADER"),
            // As some servers name it in their answers.
            Self::HeaderFields(_, names) if names.is_empty() => encoder.raw(b"HEADER.FIELDS"),
            Self::HeaderFields(_, names) => {
                encoder.raw(b"HEADER.FIELDS ");
                encode_header_list(names, encoder)?;
            }
            Self::HeaderFieldsNot(_, names) => {
                encoder.raw(b"HEADER.FIELDS.NOT ");
                encode_header_list(names, encoder)?;
            }
            Self::Text(_) => encoder.raw(b"TEXT"),
            Self::Mime(_) => encoder.raw(b"MIME"),
        }
        encoder.raw(b"]");
        Ok(())
    }
}

impl fmt::Display for Section {
    /// As it stands between the brackets, for a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(part) = self.part() {
            write!(f, "{part}")?;
            if !matches!(self, Self::Part(_)) {
                f.write_str(".")?;
            }
        }
        let names = match self {
            Self::Full | Self::Part(_) => return Ok(()),
            Self::Header(_) => return f.write_str("HEADER"),
            Self::Text(_) => return f.write_str("TEXT"),
            Self::Mime(_) => return f.write_str("MIME"),
            Self::HeaderFields(_, names) => {
                f.write_str("HEADER.FIELDS")?;
                names
            }
            Self::HeaderFieldsNot(_, names) => {
                f.write_str("HEADER.FIELDS.NOT")?;
                names
            }
        };
        for (index, name) in names.iter().enumerate() {
            write!(f, "{}{}", if index == 0 { " (" } else { " " }, name.display())?;
        }
        f.write_str(")")
    }
}

// Apart from the short names, which so go from registers to their place.
#[inline(never)]
fn any_name(cursor: &mut Cursor<'_>, names: &mut Vec<Text>) -> Parsed<()> {
    names.push(cursor.astring_text()?);
    Ok(())
}

fn header_list(cursor: &mut Cursor<'_>) -> Parsed<Vec<Text>> {
    let names = cursor.list_into(|cursor, names| {
        match cursor.short_word(&ASTRING) {
            Some(name) => names.push(name),
            None => return any_name(cursor, names),
        }
        Ok(())
    })?;
    if names.is_empty() { cursor.syntax("the name of a header field") } else { Ok(names) }
}

impl Section {
    /// Whether the names of header fields are such that a message can have them (RFC 5322 section 3.6.8). A server answers with the
    /// names it was asked for, whatever they are; to ask for others makes no sense, and may be somebody's attempt at another command.
    pub(crate) fn check_names(&self) -> Encoded {
        let names = match self {
            Self::HeaderFields(_, names) | Self::HeaderFieldsNot(_, names) => names.as_slice(),
            _ => return Ok(()),
        };
        if names.is_empty() {
            return Err(InvalidValue { offset: 0, expected: "the name of a header field" });
        }
        let is_name = |name: &Text| {
            !name.is_empty() && name.as_bytes().iter().all(|octet| matches!(octet, b'!'..=b'9' | b';'..=b'~'))
        };
        match names.iter().position(|name| !is_name(name)) {
            Some(offset) => Err(InvalidValue { offset, expected: "the name of a header field" }),
            None => Ok(()),
        }
    }
}

fn encode_header_list(names: &[Text], encoder: &mut Encoder<'_>) -> Encoded {
    if names.is_empty() {
        return Err(InvalidValue { offset: 0, expected: "the name of a header field" });
    }
    encoder.list(names, |encoder, name| encoder.astring(name.as_bytes()))
}

/// `section-binary`, standing at `[`; `None` is the whole message.
pub(crate) fn binary_section(cursor: &mut Cursor<'_>) -> Parsed<Option<PartNumber>> {
    cursor.expect(b'[', "a section")?;
    if cursor.eat(b']') {
        return Ok(None);
    }
    let part = PartNumber::parse(cursor)?;
    cursor.expect(b']', "the end of the section")?;
    Ok(Some(part))
}

pub(crate) fn encode_binary_section(part: Option<&PartNumber>, encoder: &mut Encoder<'_>) {
    encoder.raw(b"[");
    if let Some(part) = part {
        part.encode(encoder);
    }
    encoder.raw(b"]");
}

/// Which octets of a section are asked for: so many from an offset on (RFC 3501 section 6.4.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Partial {
    offset: u64,
    length: NonZeroU64,
}

impl Partial {
    /// `length` octets from `offset` on, both of at most 63 bits.
    ///
    /// # Errors
    /// When one of them has 64 bits.
    pub fn new(offset: u64, length: NonZeroU64) -> Result<Self, InvalidValue> {
        if offset > NUMBER64 || length.get() > NUMBER64 {
            return Err(InvalidValue { offset: 0, expected: "a number of at most 63 bits" });
        }
        Ok(Self { offset, length })
    }

    /// Where the octets begin, from the start of the section.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// How many octets, at most.
    pub fn length(&self) -> NonZeroU64 {
        self.length
    }

    /// `partial`, if there is one.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Option<Self>> {
        if !cursor.eat(b'<') {
            return Ok(None);
        }
        let start = cursor.position();
        let offset = cursor.number_long("an offset")?;
        cursor.expect(b'.', "a dot")?;
        if cursor.peek() == Some(b'0') {
            return cursor.syntax("a length from 1");
        }
        let length = cursor.number_long("a length")?;
        cursor.expect(b'>', "the end of the partial")?;
        match NonZeroU64::new(length).and_then(|length| Self::new(offset, length).ok()) {
            Some(partial) => Ok(Some(partial)),
            None => cursor.syntax_at(start, "an offset, and a length from 1, of at most 63 bits"),
        }
    }

    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) {
        encoder.raw(b"<");
        encoder.number(self.offset);
        encoder.raw(b".");
        encoder.number(self.length.get());
        encoder.raw(b">");
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Partial {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        struct Fields {
            offset: u64,
            length: NonZeroU64,
        }
        let Fields { offset, length } = Fields::deserialize(deserializer)?;
        Self::new(offset, length).map_err(serde::de::Error::custom)
    }
}

/// The origin octet of an answer, if there is one.
pub(crate) fn origin(cursor: &mut Cursor<'_>) -> Parsed<Option<u64>> {
    if !cursor.eat(b'<') {
        return Ok(None);
    }
    let start = cursor.position();
    let origin = cursor.number_long("an offset")?;
    if origin > NUMBER64 {
        return cursor.syntax_at(start, "an offset of at most 63 bits");
    }
    if cursor.peek() == Some(b'.') && cursor.forgives(Quirk::LengthBehindOrigin) {
        cursor.advance(1);
        cursor.number_long("a length")?;
    }
    cursor.expect(b'>', "the end of the origin")?;
    Ok(Some(origin))
}

pub(crate) fn encode_origin(origin: Option<u64>, encoder: &mut Encoder<'_>) -> Encoded {
    if let Some(origin) = origin {
        encoder.raw(b"<");
        encoder.number64(origin)?;
        encoder.raw(b">");
    }
    Ok(())
}

#[cfg(any(test, feature = "arbitrary"))]
mod generate {
    use super::*;
    use arbitrary::{Arbitrary, Result, Unstructured};

    impl<'a> Arbitrary<'a> for PartNumber {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            let mut numbers = alloc::vec![u.arbitrary()?];
            for _ in 0..u.int_in_range(0..=4)? {
                numbers.push(u.arbitrary()?);
            }
            Ok(Self(numbers))
        }
    }

    impl<'a> Arbitrary<'a> for Section {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            let part = u.arbitrary()?;
            let mut names = alloc::vec![text(u)?];
            for _ in 0..u.int_in_range(0..=3)? {
                names.push(text(u)?);
            }
            Ok(match u.int_in_range(0..=6)? {
                0 => Self::Full,
                1 => Self::Part(u.arbitrary()?),
                2 => Self::Header(part),
                3 => Self::HeaderFields(part, names),
                4 => Self::HeaderFieldsNot(part, names),
                5 => Self::Text(part),
                _ => Self::Mime(u.arbitrary()?),
            })
        }
    }

    impl<'a> Arbitrary<'a> for Partial {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            let offset = u.int_in_range(0..=NUMBER64)?;
            let length = u.int_in_range(1..=NUMBER64)?;
            Ok(Self { offset, length: NonZeroU64::new(length).unwrap_or(NonZeroU64::MIN) })
        }
    }

    /// Octets that can go over the wire: any but NUL.
    pub(crate) fn text(u: &mut Unstructured<'_>) -> Result<Text> {
        let mut octets = Vec::new();
        for _ in 0..u.int_in_range(0..=40)? {
            // Mostly what stands in mail, at times anything.
            octets.push(match u.int_in_range(0..=9)? {
                0 => u.int_in_range(1..=255u8)?,
                1 => *u.choose(b"\"\\ (){}[]<>@.\r\n")?,
                _ => u.int_in_range(b' '..=b'~')?,
            });
        }
        Ok(octets.into())
    }
}
#[cfg(any(test, feature = "arbitrary"))]
pub(crate) use generate::text as arbitrary_text;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::encode::Encoding;
    use crate::wire::Limits;
    use alloc::string::ToString;
    use bytes::{Bytes, BytesMut};

    fn section(octets: &[u8]) -> Option<Section> {
        let octets = Bytes::copy_from_slice(octets);
        let limits = Limits::imap_server();
        let mut cursor = Cursor::shared(&octets, &limits, 0);
        Section::parse(&mut cursor).ok().filter(|_| cursor.is_at_end())
    }

    fn written(section: &Section) -> BytesMut {
        let mut out = BytesMut::new();
        section.encode(&mut Encoder::new(&mut out, Encoding::server())).unwrap();
        out
    }

    #[test]
    fn sections() {
        for (octets, expected) in [
            (&b"[]"[..], Section::Full),
            (b"[1.2.3]", Section::Part("1.2.3".parse().unwrap())),
            (b"[HEADER]", Section::Header(None)),
            (b"[4.2.TEXT]", Section::Text(Some("4.2".parse().unwrap()))),
            (b"[1.MIME]", Section::Mime("1".parse().unwrap())),
            (b"[HEADER.FIELDS (f1 f2)]", Section::HeaderFields(None, alloc::vec!["f1".into(), "f2".into()])),
            (
                b"[3.HEADER.FIELDS.NOT (\"a b\")]",
                Section::HeaderFieldsNot(Some("3".parse().unwrap()), alloc::vec!["a b".into()]),
            ),
        ] {
            assert_eq!(section(octets).unwrap(), expected);
            assert_eq!(written(&expected), octets);
            assert_eq!(alloc::format!("[{expected}]").replace("a b", "\"a b\"").as_bytes(), octets);
        }
        assert!(section(b"[header.fields (f)]").is_some());
        for octets in [
            &b"["[..],
            b"[1",
            b"[1.",
            b"[1.]",
            b"[0]",
            b"[4294967296]",
            b"[MIME]",
            b"[HEADER",
            b"[HEADERS]",
            b"[HEADER.FIELDS ()]",
            b"[HEADER.FIELDS]",
            b"1",
        ] {
            assert_eq!(section(octets), None, "{}", octets.escape_ascii());
        }
    }

    #[test]
    fn partials() {
        let partial = |octets: &[u8]| {
            let limits = Limits::imap_server();
            let mut cursor = Cursor::borrowed(octets, &limits, 0);
            let partial = Partial::parse(&mut cursor);
            partial.ok().filter(|_| cursor.is_at_end()).flatten()
        };
        assert_eq!(partial(b"<4294967295.4294967295>").unwrap().offset(), 4_294_967_295);
        for octets in
            [&b"<0.0>"[..], b"<18446744073709551615.1>", b"<9223372036854775808.1>", b"<1>", b"<1.2"]
        {
            assert_eq!(partial(octets), None);
        }
    }

    #[test]
    fn part_numbers() {
        assert_eq!("1.22.3".parse::<PartNumber>().unwrap().to_string(), "1.22.3");
        for text in ["", "1.", ".1", "+1", "0", "1..2", "4294967296", "a"] {
            assert!(text.parse::<PartNumber>().is_err(), "{text}");
        }
        assert_eq!("1.x".parse::<PartNumber>().unwrap_err().offset, 2);
    }

    #[test]
    fn round_trips() {
        crate::imap::round_trip::round_trip(Section::parse, Section::encode);
    }
}
