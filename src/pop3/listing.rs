//! What STAT, LIST, UIDL and LANG tell.
//!
//! ```text
//! drop-listing       =  messages SP octets *CHAR              RFC 1939 section 5
//! scan-listing       =  message SP octets *CHAR
//! unique-id-listing  =  message SP unique-id                  RFC 1939 section 7
//! unique-id          =  1*70(%x21-7E)
//! language-listing   =  langtag [SP description]              RFC 6856 section 3.2
//! ```

use super::argument::Language;
use super::quirk::{Quirk, Quirks};
use crate::wire::{Error, ErrorKind, InvalidValue, Text, decimal, write};
use alloc::boxed::Box;
use bytes::{BufMut, BytesMut};
use core::fmt;
use core::num::NonZeroU32;

/// What STAT answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(any(test, feature = "arbitrary"), derive(arbitrary::Arbitrary))]
pub struct DropListing {
    /// How many messages there are.
    pub messages: u32,
    /// How many octets they have together.
    pub octets: u64,
}

/// One line of LIST.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(any(test, feature = "arbitrary"), derive(arbitrary::Arbitrary))]
pub struct ScanListing {
    /// The number of the message in this session.
    pub message: NonZeroU32,
    /// Its size in octets.
    pub octets: u64,
}

/// One line of UIDL.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(any(test, feature = "arbitrary"), derive(arbitrary::Arbitrary))]
pub struct UniqueIdListing {
    /// The number of the message in this session.
    pub message: NonZeroU32,
    /// What names the message in every session.
    pub unique_id: UniqueId,
}

/// How many octets of a unique-id stand in the value itself.
const INLINE: usize = 46;

/// What names a message for good: 1 to 70 octets of printable ASCII. A server chose them: they are no file name.
///
/// A server's wrong ones (longer, other octets) are taken where [`Quirk::BadUniqueId`] is forgiven, and cannot be built.
#[derive(Clone)]
pub struct UniqueId(Repr);

#[derive(Clone)]
enum Repr {
    Inline { length: u8, octets: [u8; INLINE] },
    Long(Box<[u8]>),
}

impl UniqueId {
    /// Checks the octets.
    ///
    /// # Errors
    /// With the first octet outside `!` to `~`, or where there are none or more than 70.
    pub fn new(octets: impl AsRef<[u8]>) -> Result<Self, InvalidValue> {
        let octets = octets.as_ref();
        match octets.iter().position(|octet| !octet.is_ascii_graphic()) {
            Some(offset) => Err(InvalidValue { offset, expected: "an octet from `!` to `~`" }),
            None if octets.is_empty() => Err(InvalidValue { offset: 0, expected: "at least one octet" }),
            None if octets.len() > 70 => Err(InvalidValue { offset: 70, expected: "at most 70 octets" }),
            None => Ok(Self::received(octets)),
        }
    }

    #[inline]
    fn received(octets: &[u8]) -> Self {
        let mut inline = [0; INLINE];
        match (inline.get_mut(..octets.len()), u8::try_from(octets.len())) {
            (Some(place), Ok(length)) => {
                place.copy_from_slice(octets);
                Self(Repr::Inline { length, octets: inline })
            }
            _ => Self(Repr::Long(octets.into())),
        }
    }

    /// The octets.
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Repr::Inline { length, octets } => octets.get(..usize::from(*length)).unwrap_or_default(),
            Repr::Long(octets) => octets,
        }
    }
}

/// Takes digits, up to seven: longer numbers go the long way, and so do those near the end of the octets.
#[inline(always)]
pub(super) fn short_number(octets: &[u8]) -> Option<(u32, &[u8])> {
    octets.first_chunk::<8>()?;
    let (number, rest) = decimal::short_number(octets)?;
    u32::try_from(number).ok().map(|number| (number, rest))
}

/// The octets of eight that are outside `!` to `~`, as their high bits; right up to the first of them.
#[inline]
const fn not_graphic(word: u64) -> u64 {
    const HIGH: u64 = 0x8080_8080_8080_8080;
    const LOW: u64 = 0x0101_0101_0101_0101;
    let below = word.wrapping_sub(LOW.wrapping_mul(0x21)) & !word;
    let above = word.wrapping_add(LOW) | word;
    (below | above) & HIGH
}

impl ScanListing {
    /// Reads a whole line of the usual form from the front of the octets, and says how many octets it takes.
    /// `None` says nothing: the line may be fine.
    #[inline]
    pub(super) fn usual(input: &[u8]) -> Option<(Self, usize)> {
        let (message, rest) = short_number(input)?;
        let (octets, rest) = short_number(rest.strip_prefix(b" ")?)?;
        let rest = rest.strip_prefix(b"\r\n")?;
        let listing = Self { message: NonZeroU32::new(message)?, octets: octets.into() };
        Some((listing, input.len().saturating_sub(rest.len())))
    }
}

/// How many octets are looked at for the end of a unique-id.
const LOOK: usize = 48;

/// How many octets from the start are `!` to `~`: sixteen at a time, so that unique-ids of many lengths take the same way.
#[inline(always)]
fn graphic_run(octets: &[u8; LOOK]) -> u32 {
    let mut run = 0u32;
    for chunk in octets.as_chunks::<16>().0 {
        let [first, second] = [chunk.first_chunk::<8>(), chunk.last_chunk::<8>()]
            .map(|half| half.map_or(0, |half| u128::from(not_graphic(u64::from_le_bytes(*half)))));
        let bad = first | second << 64;
        if bad != 0 {
            return run.wrapping_add(bad.trailing_zeros() / 8);
        }
        run = run.wrapping_add(16);
    }
    run
}

impl UniqueIdListing {
    /// Reads a whole line of the usual form from the front of the octets, whose number has so many digits, and says how many octets it takes.
    /// `None` says nothing: the line may be fine.
    #[inline(always)]
    pub(super) fn usual(input: &[u8], digits: usize) -> Option<(Self, usize)> {
        let (message, rest) = short_number(input)?;
        if input.len().wrapping_sub(rest.len()) != digits {
            return None;
        }
        let message = NonZeroU32::new(message)?;
        // As many octets as the value holds are taken in one go, and only those of the unique-id are looked at again.
        let rest = input.get(digits..)?.strip_prefix(b" ")?;
        let octets = rest.first_chunk::<LOOK>()?;
        let length = graphic_run(octets);
        let end = write::index(length.into());
        let [b'\r', b'\n'] = rest.get(end..)?.first_chunk::<2>()? else { return None };
        let (length @ 1.., octets) = (u8::try_from(length).ok()?, octets.first_chunk::<INLINE>()?) else {
            return None;
        };
        if end > INLINE {
            return None;
        }
        let end = end.wrapping_add(digits).wrapping_add(3);
        Some((Self { message, unique_id: UniqueId(Repr::Inline { length, octets: *octets }) }, end))
    }
}

impl PartialEq for UniqueId {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for UniqueId {}

impl PartialOrd for UniqueId {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for UniqueId {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl core::hash::Hash for UniqueId {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl AsRef<[u8]> for UniqueId {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl fmt::Debug for UniqueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

impl fmt::Display for UniqueId {
    /// The octets, escaped where they are not printable ASCII.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes().escape_ascii().fmt(f)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for UniqueId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Text::from(self.as_bytes()).serialize(serializer)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for UniqueId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(Text::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(any(test, feature = "arbitrary"))]
impl<'a> arbitrary::Arbitrary<'a> for UniqueId {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        Self::new(super::argument::some_of(u, super::argument::VCHAR, 70)?)
            .map_err(|_| arbitrary::Error::IncorrectFormat)
    }
}

/// One line of LANG without an argument.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct LanguageListing {
    language: Language,
    description: Text,
}

impl LanguageListing {
    /// A language and what it calls itself, in UTF-8; the description may be empty.
    ///
    /// # Errors
    /// With the first CR, LF or NUL of the description.
    pub fn new(language: Language, description: impl Into<Text>) -> Result<Self, InvalidValue> {
        let description = description.into();
        match description.as_bytes().iter().position(|octet| matches!(octet, b'\r' | b'\n' | 0)) {
            Some(offset) => Err(InvalidValue { offset, expected: "an octet other than CR, LF and NUL" }),
            None => Ok(Self { language, description }),
        }
    }

    /// The tag.
    pub fn language(&self) -> &Language {
        &self.language
    }

    /// What the language calls itself.
    pub fn description(&self) -> &Text {
        &self.description
    }

    pub(super) fn parse(line: &[u8]) -> Result<Self, Error> {
        let (tag, description) = match memchr::memchr(b' ', line) {
            Some(space) => (
                line.get(..space).unwrap_or_default(),
                line.get(space.saturating_add(1)..).unwrap_or_default(),
            ),
            None => (line, [].as_slice()),
        };
        let language = Language::new(tag).map_err(|invalid| received(&invalid))?;
        Self::new(language, description).map_err(|invalid| received(&invalid))
    }

    pub(super) fn encode(&self, out: &mut BytesMut) {
        out.put_slice(self.language.as_bytes());
        if !self.description.is_empty() {
            out.put_u8(b' ');
            out.put_slice(self.description.as_bytes());
        }
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for LanguageListing {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        struct Fields {
            language: Language,
            description: Text,
        }
        let Fields { language, description } = Fields::deserialize(deserializer)?;
        Self::new(language, description).map_err(serde::de::Error::custom)
    }
}

#[cfg(any(test, feature = "arbitrary"))]
impl<'a> arbitrary::Arbitrary<'a> for LanguageListing {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        let description: alloc::vec::Vec<u8> = super::argument::some_of(u, "abcXYZ\u{e9} ".as_bytes(), 20)?;
        Self::new(u.arbitrary()?, description).map_err(|_| arbitrary::Error::IncorrectFormat)
    }
}

fn received(invalid: &InvalidValue) -> Error {
    Error::recoverable(ErrorKind::Syntax, write::length(invalid.offset), invalid.expected)
}

#[cold]
fn syntax(offset: usize, expected: &'static str) -> Error {
    Error::recoverable(ErrorKind::Syntax, write::length(offset), expected)
}

/// Reads a line from the front: the octets left, where they stand, and what was forgiven.
struct Line<'a, 'q> {
    rest: &'a [u8],
    length: usize,
    allowed: Quirks,
    forgiven: &'q mut Quirks,
}

impl<'a, 'q> Line<'a, 'q> {
    #[inline]
    fn new(line: &'a [u8], allowed: Quirks, forgiven: &'q mut Quirks) -> Self {
        Self { rest: line, length: line.len(), allowed, forgiven }
    }

    fn offset(&self) -> usize {
        self.length.saturating_sub(self.rest.len())
    }

    #[cold]
    fn forgive(&mut self, quirk: Quirk) -> Result<(), Error> {
        if self.allowed.contains(quirk) {
            self.forgiven.insert(quirk);
            return Ok(());
        }
        Err(syntax(
            self.offset(),
            match quirk {
                Quirk::ExtraSpace => "one space",
                Quirk::MissingMessageNumber => "a message number",
                _ => "a unique-id of 1 to 70 printable ASCII octets",
            },
        ))
    }

    #[inline]
    fn number(&mut self, expected: &'static str) -> Result<u64, Error> {
        let mut value = 0u64;
        let mut rest = self.rest;
        while let [digit @ b'0'..=b'9', behind @ ..] = rest {
            let digit = u64::from(digit.wrapping_sub(b'0'));
            match value.checked_mul(10).and_then(|value| value.checked_add(digit)) {
                Some(next) => value = next,
                None => return Err(syntax(self.offset(), expected)),
            }
            rest = behind;
        }
        if rest.len() == self.rest.len() {
            return Err(syntax(self.offset(), expected));
        }
        self.rest = rest;
        Ok(value)
    }

    /// The spaces between two fields: one, or more or a tab where that is forgiven.
    #[inline]
    fn space(&mut self) -> Result<(), Error> {
        match self.rest {
            [b' ', rest @ ..] => self.rest = rest,
            [b'\t', ..] => {}
            _ => return Err(syntax(self.offset(), "a space")),
        }
        self.spaces()
    }

    /// Spaces where none belong.
    #[inline]
    fn spaces(&mut self) -> Result<(), Error> {
        if let [b' ' | b'\t', ..] = self.rest {
            self.forgive(Quirk::ExtraSpace)?;
            self.rest = self.rest.trim_ascii_start();
        }
        Ok(())
    }

    /// The end, or a space and more that says nothing here.
    #[inline]
    fn end(&mut self) -> Result<(), Error> {
        match self.rest {
            [] | [b' ', ..] => Ok(()),
            [b'\t', ..] => self.spaces(),
            _ => Err(syntax(self.offset(), "a space or the end of the line")),
        }
    }

    #[inline]
    fn message(&mut self) -> Result<NonZeroU32, Error> {
        let offset = self.offset();
        let number = self.number("a message number")?;
        u32::try_from(number)
            .ok()
            .and_then(NonZeroU32::new)
            .ok_or_else(|| syntax(offset, "a message number from 1 to 4294967295"))
    }
}

impl DropListing {
    /// Reads the text behind `+OK `. Words behind the two numbers are passed over.
    pub(super) fn parse(text: &[u8], allowed: Quirks, forgiven: &mut Quirks) -> Result<Self, Error> {
        let mut line = Line::new(text, allowed, forgiven);
        line.spaces()?;
        let messages = line.number("the number of messages")?;
        let messages = u32::try_from(messages).map_err(|_| syntax(0, "a number of 32 bits"))?;
        line.space()?;
        let octets = line.number("the number of octets")?;
        line.end()?;
        Ok(Self { messages, octets })
    }

    pub(super) fn encode(&self, out: &mut BytesMut) {
        write::number(out, self.messages);
        out.put_u8(b' ');
        write::number(out, self.octets);
    }
}

impl ScanListing {
    /// Reads a line, or the text behind `+OK `. Words behind the two numbers are passed over.
    #[inline]
    pub(super) fn parse(text: &[u8], allowed: Quirks, forgiven: &mut Quirks) -> Result<Self, Error> {
        let mut line = Line::new(text, allowed, forgiven);
        line.spaces()?;
        let message = line.message()?;
        line.space()?;
        let octets = line.number("the number of octets")?;
        line.end()?;
        Ok(Self { message, octets })
    }

    /// Reads the text behind the `+OK ` that answers for this message alone.
    pub(super) fn parse_one(
        text: &[u8],
        message: NonZeroU32,
        allowed: Quirks,
        forgiven: &mut Quirks,
    ) -> Result<Self, Error> {
        // One number alone is the size, unless it is the message's own.
        if allowed.contains(Quirk::MissingMessageNumber)
            && let Some(octets) = digits(text)
            && octets != u64::from(message.get())
        {
            forgiven.insert(Quirk::MissingMessageNumber);
            return Ok(Self { message, octets });
        }
        let listing = Self::parse(text, allowed, forgiven)?;
        if listing.message == message { Ok(listing) } else { Err(another_message()) }
    }

    /// Whether the text behind `+OK ` tells nothing of this message, so that a listing can be meant to follow: where its number stands,
    /// what could be a size stands behind it.
    pub(super) fn is_head(text: &[u8], message: NonZeroU32) -> bool {
        let mut words = words(text);
        match (words.next(), words.next()) {
            (Some(number), size) if is_number_of(number, message) => {
                size.is_some_and(|size| !matches!(size, [b'0'..=b'9' | b'-' | b'+', ..]))
            }
            (Some(size), None) => digits(size).is_none(),
            _ => true,
        }
    }

    pub(super) fn encode(&self, out: &mut BytesMut) {
        write::number(out, self.message.get());
        out.put_u8(b' ');
        write::number(out, self.octets);
    }
}

impl UniqueIdListing {
    /// Reads a line, or the text behind `+OK `. `expected` is the message whose turn it is, where the number is left out.
    #[inline]
    pub(super) fn parse(
        text: &[u8],
        expected: Option<NonZeroU32>,
        allowed: Quirks,
        forgiven: &mut Quirks,
    ) -> Result<Self, Error> {
        let mut line = Line::new(text, allowed, forgiven);
        line.spaces()?;
        let message = match line.message() {
            Ok(message) if matches!(line.rest, [b' ' | b'\t', ..]) => {
                line.space()?;
                message
            }
            read => {
                let Some(expected) = expected.filter(|_| allowed.contains(Quirk::MissingMessageNumber))
                else {
                    read?;
                    return Err(syntax(line.offset(), "a space"));
                };
                line.rest = text.trim_ascii_start();
                if line.rest.is_empty() || line.rest.iter().any(|octet| matches!(octet, b' ' | b'\t')) {
                    return Err(syntax(0, "a message number and a unique-id"));
                }
                line.forgive(Quirk::MissingMessageNumber)?;
                expected
            }
        };
        if let [.., b' ' | b'\t'] = line.rest {
            line.forgive(Quirk::ExtraSpace)?;
            line.rest = line.rest.trim_ascii_end();
        }
        if line.rest.is_empty() || memchr::memchr2(b'\r', 0, line.rest).is_some() {
            return Err(syntax(line.offset(), "a unique-id of 1 to 70 printable ASCII octets"));
        }
        let graphic = line.rest.iter().fold(true, |all, octet| all & octet.is_ascii_graphic());
        if !graphic || line.rest.len() > 70 {
            line.forgive(Quirk::BadUniqueId)?;
        }
        Ok(Self { message, unique_id: UniqueId::received(line.rest) })
    }

    /// Reads the text behind the `+OK ` that answers for this message alone.
    pub(super) fn parse_one(
        text: &[u8],
        message: NonZeroU32,
        allowed: Quirks,
        forgiven: &mut Quirks,
    ) -> Result<Self, Error> {
        // The message's own number alone is no unique-id.
        let expected = (!is_number_of(text.trim_ascii(), message)).then_some(message);
        let listing = Self::parse(text, expected, allowed, forgiven)?;
        if listing.message == message { Ok(listing) } else { Err(another_message()) }
    }

    /// Whether the text behind `+OK ` tells nothing of this message, so that a listing can be meant to follow: no unique-id has a space.
    pub(super) fn is_head(text: &[u8], message: NonZeroU32) -> bool {
        let mut words = words(text);
        match words.next() {
            Some(number) if is_number_of(number, message) => words.nth(1).is_some(),
            Some(_) => words.next().is_some(),
            None => true,
        }
    }

    pub(super) fn encode(&self, out: &mut BytesMut) {
        write::number(out, self.message.get());
        out.put_u8(b' ');
        out.put_slice(self.unique_id.as_bytes());
    }
}

/// What stands between spaces and tabs.
fn words(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|octet| matches!(octet, b' ' | b'\t')).filter(|word| !word.is_empty())
}

/// The number, if there is nothing else.
fn digits(text: &[u8]) -> Option<u64> {
    text.iter().all(u8::is_ascii_digit).then_some(())?;
    core::str::from_utf8(text).ok()?.parse().ok()
}

fn is_number_of(text: &[u8], message: NonZeroU32) -> bool {
    digits(text) == Some(message.get().into())
}

#[cold]
fn another_message() -> Error {
    syntax(0, "the number of the message that was asked for")
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "an overflow fails the test")]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_width() {
        let mut forgiven = Quirks::none();
        let mut stat = |text: &str| DropListing::parse(text.as_bytes(), Quirks::strict(), &mut forgiven);
        assert_eq!(stat("5 10 trailing words").unwrap(), DropListing { messages: 5, octets: 10 });
        for bad in ["18446744073709551616 1", "-1 5", "", "5", "5 ", "5 x", "5  10", "4294967296 1", "5 10x"]
        {
            assert!(stat(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn short_numbers() {
        for number in (0..9_999_999u32).step_by(1_237).chain([0, 1, 9, 10, 99, 100, 999_999, 9_999_999]) {
            let text = alloc::format!("{number}\r\n......");
            assert_eq!(short_number(text.as_bytes()), Some((number, &text.as_bytes()[text.len() - 8..])));
        }
        for octet in (0..=255u8).filter(|octet| !octet.is_ascii_digit()) {
            let text = [b'1', b'2', octet, octet, 0xff, b'3', octet, 0];
            assert_eq!(short_number(&text), Some((12, &text[2..])));
            assert_eq!(short_number(&text[2..]), None);
            assert_eq!(short_number(&[octet; 8]), None);
        }
        assert_eq!(short_number(b"12345678"), None);
    }

    #[test]
    fn the_usual_form_is_the_same_the_short_way() {
        for octet in 0..=255u8 {
            let word = u64::from_le_bytes([b'a', octet, b'~', b'!', b'0', b'a', b'z', b'Z']);
            assert_eq!(not_graphic(word) == 0, octet.is_ascii_graphic(), "{octet}");
            let word = u64::from_le_bytes([octet; 8]);
            assert_eq!(not_graphic(word).trailing_zeros() == 7, !octet.is_ascii_graphic(), "{octet}");
        }
        for length in 0..60 {
            let id = "x".repeat(length);
            for line in [
                alloc::format!("12 {id}"),
                alloc::format!("12 {id} "),
                alloc::format!("12  {id}"),
                alloc::format!("0 {id}"),
            ] {
                let octets = alloc::format!("{line}\r\n13 y\r\n{:.>60}", "");
                let slow = UniqueIdListing::parse(line.as_bytes(), None, Quirks::none(), &mut Quirks::none());
                if let Some((listing, end)) =
                    UniqueIdListing::usual(octets.as_bytes(), octets.find(" ").unwrap_or(0))
                {
                    assert_eq!((listing, end), (slow.unwrap(), line.len() + 2));
                } else {
                    assert!(slow.is_err() || length > INLINE, "{line}");
                }
            }
        }
        for line in ["1 2", "999999999 1", "1 1234567890", "01 002", "1  2", "1 2 ", "0 1", "1 -1", "1"] {
            let slow = ScanListing::parse(line.as_bytes(), Quirks::none(), &mut Quirks::none());
            if let Some((listing, end)) = ScanListing::usual(alloc::format!("{line}\r\n").as_bytes()) {
                assert_eq!((listing, end), (slow.unwrap(), line.len() + 2), "{line}");
            }
        }
    }

    #[test]
    fn unique_ids_strict_and_lenient() {
        let strict = |text: &str| {
            UniqueIdListing::parse(text.as_bytes(), NonZeroU32::new(7), Quirks::strict(), &mut Quirks::none())
        };
        let lenient = |text: &str| {
            let mut forgiven = Quirks::none();
            UniqueIdListing::parse(text.as_bytes(), NonZeroU32::new(7), Quirks::lenient(), &mut forgiven)
                .map(|listing| (listing.message.get(), listing.unique_id, forgiven))
        };
        let long = ["1 ", &"a".repeat(71)].concat();
        for (text, quirk, message) in [
            ("1  whqtswO00WBw418f9t5JxYwZ", Quirk::ExtraSpace, 1),
            ("1\twhqtswO00WBw418f9t5JxYwZ", Quirk::ExtraSpace, 1),
            ("1 \tx", Quirk::ExtraSpace, 1),
            ("1 x ", Quirk::ExtraSpace, 1),
            ("abc", Quirk::MissingMessageNumber, 7),
            ("1abc", Quirk::MissingMessageNumber, 7),
            ("12", Quirk::MissingMessageNumber, 7),
            ("1 \u{7f}", Quirk::BadUniqueId, 1),
            ("1 a b", Quirk::BadUniqueId, 1),
            (&long, Quirk::BadUniqueId, 1),
        ] {
            assert!(strict(text).is_err(), "{text}");
            let (number, _, forgiven) = lenient(text).unwrap();
            assert_eq!((number, forgiven.iter().next()), (message, Some(quirk)), "{text}");
        }
        for text in ["1 ", "", "1", "0 x", "4294967296 x"] {
            assert!(strict(text).is_err(), "{text}");
        }
        assert!(lenient("1 ").is_err() && lenient("").is_err() && lenient("0 x").is_err());
        assert_eq!(strict("1 ../../x").unwrap().unique_id.as_bytes(), b"../../x");
    }
}
