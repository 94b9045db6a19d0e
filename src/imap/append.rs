//! APPEND and REPLACE: the command around the messages, which are streamed.
//!
//! ```abnf
//! append         = "APPEND" SP mailbox 1*append-message            ; RFC 3501 section 6.3.11, RFC 3502
//! replace        = "REPLACE" SP seq-number SP mailbox append-message ; RFC 8508
//! append-message = append-opts SP append-data
//! append-opts    = [SP flag-list] [SP date-time] *(SP append-ext)  ; RFC 4466
//! append-data    = literal / literal8
//!                / "UTF8" SP "(" literal8 ")"                       ; RFC 6855
//!                / "CATENATE" SP "(" cat-part *(SP cat-part) ")"    ; RFC 4469
//! cat-part       = "TEXT" SP literal / "URL" SP astring
//!                / "UTF8" SP "(" literal8 ")"                       ; RFC 6855
//! ```

use crate::imap::annotate::EntryAnnotation;
use crate::imap::core::Tag;
use crate::imap::datetime::DateTime;
use crate::imap::encode::{Encoded, Encoder, Encoding, write_tagged};
use crate::imap::flag::Flags;
use crate::imap::keyword::Keyword;
use crate::imap::mailbox::Mailbox;
use crate::imap::state::Effect;
use crate::imap::value::{ExtensionValue, TaggedExtension};
use crate::wire::cursor::{Cursor, Parsed};
use crate::wire::{InvalidValue, Text};
use alloc::vec::Vec;
use bytes::BytesMut;
use core::num::NonZeroU32;

/// APPEND without its messages, or REPLACE without its message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(any(test, feature = "arbitrary"), derive(arbitrary::Arbitrary))]
pub struct Append {
    /// Where the messages go.
    pub mailbox: Mailbox,
    /// The message that is replaced, if the command is REPLACE (RFC 8508).
    pub replaces: Option<Replaces>,
}

/// The message that REPLACE removes (RFC 8508).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(any(test, feature = "arbitrary"), derive(arbitrary::Arbitrary))]
pub enum Replaces {
    /// By its sequence number; `None` is `*`, the last message.
    Sequence(Option<NonZeroU32>),
    /// By its UID; `None` is `*`, the last message.
    Uid(Option<NonZeroU32>),
}

/// How the octets of a message stand in the command, and how many there are (RFC 4466 `append-data`).
///
/// A number alone is a literal of so many octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AppendData {
    /// A literal: any octets but NUL.
    Literal(u64),
    /// A literal8: any octets. The server has to offer BINARY (RFC 3516).
    Literal8(u64),
    /// A literal8 within `UTF8 (…)`: header fields may be in UTF-8. The server has to offer UTF8=ACCEPT or UTF8=ONLY, and refuses UTF-8
    /// there as long as UTF8=ACCEPT is not enabled (RFC 6855 section 4).
    Utf8(u64),
}

impl AppendData {
    /// How many octets the message has.
    pub const fn len(self) -> u64 {
        match self {
            Self::Literal(length) | Self::Literal8(length) | Self::Utf8(length) => length,
        }
    }

    /// Whether it has none.
    pub const fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// What stands before the octets.
    pub(crate) fn encode(self, encoder: &mut Encoder<'_>) {
        match self {
            Self::Literal(length) => encoder.literal_header(b"{", length),
            Self::Literal8(length) => encoder.literal_header(b"~{", length),
            Self::Utf8(length) => encoder.literal_header(b"UTF8 (~{", length),
        }
    }
}

impl From<u64> for AppendData {
    fn from(length: u64) -> Self {
        Self::Literal(length)
    }
}

/// What is said of one message before its octets (RFC 4466 `append-opts`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct AppendOptions {
    /// The flags the message gets; `None`: no list was given.
    pub flags: Option<Flags>,
    /// The internal date; `None`: the time of arrival.
    pub internal_date: Option<DateTime>,
    /// The annotations the message gets (RFC 5257).
    pub annotations: Vec<EntryAnnotation>,
    /// Other extensions of RFC 4466: none of ANNOTATION, CATENATE and UTF8.
    pub extensions: Vec<TaggedExtension>,
}

impl Append {
    /// APPEND to a mailbox.
    pub fn to(mailbox: Mailbox) -> Self {
        Self { mailbox, replaces: None }
    }

    /// REPLACE: the message goes to a mailbox in place of one in the selected mailbox (RFC 8508).
    pub fn replacing(replaces: Replaces, mailbox: Mailbox) -> Self {
        Self { mailbox, replaces: Some(replaces) }
    }

    /// Whether the message that is replaced is named by its sequence number.
    pub(crate) fn has_sequence_numbers(&self) -> bool {
        matches!(self.replaces, Some(Replaces::Sequence(_)))
    }

    /// What the command means for the state.
    pub(crate) fn effect(&self) -> Effect {
        match self.replaces {
            Some(_) => Effect::Mailbox,
            None => Effect::Mail,
        }
    }

    /// The arguments before the first message.
    pub(crate) fn parse(cursor: &mut Cursor<'_>, replaces: Option<Replaces>) -> Parsed<Self> {
        Ok(Self { mailbox: Mailbox::parse(cursor)?, replaces })
    }

    /// The command with its tag, up to and with the header of its first literal: the octets of the message, and a line end, come next
    /// (behind [`AppendData::Utf8`] a `)` before the line end).
    /// Gives the places, in octets from the start of the buffer, where a client has to wait for a continuation request.
    ///
    /// # Errors
    /// When a value cannot be written at all. Nothing is written then.
    pub fn write(
        &self,
        tag: &Tag,
        options: &AppendOptions,
        data: impl Into<AppendData>,
        out: &mut BytesMut,
        encoding: Encoding,
    ) -> Result<Vec<usize>, InvalidValue> {
        write_tagged(tag, out, encoding, |encoder| {
            self.encode(encoder)?;
            options.encode(encoder)?;
            encoder.sp();
            data.into().encode(encoder);
            Ok(())
        })
    }

    /// The command up to its first message.
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        match self.replaces {
            None => encoder.raw(b"APPEND "),
            Some(Replaces::Sequence(number)) => {
                encoder.raw(b"REPLACE ");
                encode_number(number, encoder);
            }
            Some(Replaces::Uid(number)) => {
                encoder.raw(b"UID REPLACE ");
                encode_number(number, encoder);
            }
        }
        self.mailbox.encode(encoder)
    }
}

/// `seq-number` and the SP behind it.
fn encode_number(number: Option<NonZeroU32>, encoder: &mut Encoder<'_>) {
    match number {
        Some(number) => encoder.number(number.get()),
        None => encoder.raw(b"*"),
    }
    encoder.sp();
}

/// What comes next in an APPEND whose messages are streamed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A message; the frame ends behind the header of its literal.
    Message { options: AppendOptions, utf8: bool },
    /// A message put together from parts begins.
    Catenate(AppendOptions),
    /// A part whose octets follow; the frame ends behind the header of its literal.
    Part { utf8: bool },
    /// A part that the server has already.
    Url(Text),
    /// The message put together from parts is complete.
    CatenateEnd,
    /// The command is complete.
    End,
}

/// Reads an APPEND piece by piece, behind its mailbox.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AppendReader {
    /// The command is REPLACE, which has one message.
    replaces: bool,
    /// Inside the parentheses of CATENATE: how many parts there were.
    parts: Option<usize>,
    /// Inside the parentheses of UTF8.
    utf8: bool,
    messages: usize,
}

impl AppendReader {
    pub(crate) fn new(append: &Append) -> Self {
        Self { replaces: append.replaces.is_some(), parts: None, utf8: false, messages: 0 }
    }

    /// The next step. The cursor stands behind the mailbox, a URL, or a literal's octets.
    pub(crate) fn step(&mut self, cursor: &mut Cursor<'_>) -> Parsed<Step> {
        if self.utf8 {
            cursor.expect(b')', "the end of the UTF8 message")?;
            self.utf8 = false;
        }
        if let Some(parts) = self.parts {
            if parts > 0 && cursor.eat(b')') {
                self.parts = None;
                return Ok(Step::CatenateEnd);
            }
            return self.part(cursor, parts);
        }
        if cursor.is_at_end() && self.messages > 0 {
            return Ok(Step::End);
        }
        if self.replaces && self.messages > 0 {
            return cursor.syntax("the end of REPLACE behind its message");
        }
        cursor.sp()?;
        let options = AppendOptions::parse(cursor)?;
        self.messages = self.messages.saturating_add(1);
        if cursor.eat_keyword(b"CATENATE (") {
            self.parts = Some(0);
            return Ok(Step::Catenate(options));
        }
        self.utf8 = cursor.eat_keyword(b"UTF8 (");
        if self.utf8 {
            literal8_header(cursor)?;
        } else {
            header(cursor)?;
        }
        Ok(Step::Message { options, utf8: self.utf8 })
    }

    fn part(&mut self, cursor: &mut Cursor<'_>, parts: usize) -> Parsed<Step> {
        if parts > 0 {
            cursor.sp()?;
        }
        self.parts = Some(parts.saturating_add(1));
        if cursor.eat_keyword(b"URL ") {
            return Ok(Step::Url(cursor.astring_text()?));
        }
        self.utf8 = cursor.eat_keyword(b"UTF8 (");
        if self.utf8 {
            literal8_header(cursor)?;
        } else if !cursor.eat_keyword(b"TEXT ") {
            return cursor.syntax("TEXT, UTF8 or URL");
        } else if cursor.peek() == Some(b'~') {
            return cursor.syntax("a literal");
        } else {
            header(cursor)?;
        }
        Ok(Step::Part { utf8: self.utf8 })
    }
}

/// The header of a literal8 at the very end of the frame.
fn literal8_header(cursor: &mut Cursor<'_>) -> Parsed<()> {
    match cursor.peek() {
        Some(b'~') => header(cursor),
        _ => cursor.syntax("a literal8"),
    }
}

/// The header of a literal at the very end of the frame.
fn header(cursor: &mut Cursor<'_>) -> Parsed<()> {
    if !matches!(cursor.peek(), Some(b'{' | b'~')) {
        return cursor.syntax("a literal");
    }
    let rest = cursor.rest();
    if memchr::memchr(b'\n', rest).is_some_and(|end| end.saturating_add(1) == rest.len()) {
        cursor.advance(rest.len());
        Ok(())
    } else {
        cursor.syntax("a literal")
    }
}

impl AppendOptions {
    /// The options, and the SP behind each.
    fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let mut options = Self::default();
        if cursor.peek() == Some(b'(') {
            options.flags = Some(Flags::parse_set(cursor)?);
            cursor.sp()?;
        }
        if cursor.peek() == Some(b'"') {
            options.internal_date = Some(DateTime::parse(cursor)?);
            cursor.sp()?;
        }
        while cursor.peek().is_some_and(|octet| octet.is_ascii_alphabetic()) {
            let start = cursor.position();
            if cursor.eat_keyword(b"CATENATE (") || cursor.eat_keyword(b"UTF8 (") {
                cursor.set_position(start);
                break;
            }
            if options.annotations.is_empty() && cursor.eat_keyword(b"ANNOTATION ") {
                options.annotations = EntryAnnotation::parse_all(cursor)?;
                cursor.sp()?;
                continue;
            }
            cursor.charge_item(options.extensions.len(), size_of::<TaggedExtension>())?;
            let label = Keyword::parse(cursor)?;
            if is_known(&label) {
                return cursor.syntax_at(start, "ANNOTATION once, CATENATE or UTF8, each with its list");
            }
            cursor.sp()?;
            let value = Some(ExtensionValue::parse(cursor)?);
            options.extensions.push(TaggedExtension { label, value });
            cursor.sp()?;
        }
        Ok(options)
    }

    /// The options, each with the SP before it.
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        if let Some(flags) = &self.flags {
            encoder.sp();
            flags.encode(encoder)?;
        }
        if let Some(date) = &self.internal_date {
            encoder.sp();
            date.encode(encoder)?;
        }
        if !self.annotations.is_empty() {
            encoder.raw(b" ANNOTATION ");
            EntryAnnotation::encode_all(&self.annotations, encoder)?;
        }
        for extension in &self.extensions {
            if is_known(&extension.label) {
                return Err(InvalidValue {
                    offset: 0,
                    expected: "an extension other than ANNOTATION, CATENATE and UTF8",
                });
            }
            if extension.value.as_ref().is_none_or(is_literal) {
                return Err(InvalidValue {
                    offset: 0,
                    expected: "an extension with a value that is no literal",
                });
            }
            encoder.sp();
            extension.encode(encoder)?;
        }
        Ok(())
    }
}

/// Whether the label has a form of its own: there is no other.
fn is_known(label: &Keyword) -> bool {
    [&b"ANNOTATION"[..], b"CATENATE", b"UTF8"]
        .iter()
        .any(|known| label.as_bytes().eq_ignore_ascii_case(known))
}

/// Outside of lists a literal is a message.
fn is_literal(value: &ExtensionValue) -> bool {
    matches!(value.as_bytes(), [b'{', ..] | [b'~', b'{', ..])
}

#[cfg(any(test, feature = "arbitrary"))]
impl<'a> arbitrary::Arbitrary<'a> for AppendOptions {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        use crate::imap::value::{arbitrary_label, arbitrary_some};
        let flags = if u.arbitrary()? { Some(Flags::arbitrary_set(u)?) } else { None };
        Ok(Self {
            flags,
            internal_date: u.arbitrary()?,
            annotations: arbitrary_some(u, 0, |u| u.arbitrary())?,
            extensions: arbitrary_some(u, 0, |u| {
                let value = match u.arbitrary()? {
                    literal if is_literal(&literal) => ExtensionValue::new("1").ok(),
                    value => Some(value),
                };
                Ok(TaggedExtension { label: arbitrary_label(u)?, value })
            })?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::round_trip::{round_trip, strict};

    #[test]
    fn options_round_trip() {
        round_trip(
            |cursor| {
                cursor.sp()?;
                let options = AppendOptions::parse(cursor)?;
                cursor.expect(b'~', "what stands behind the options")?;
                Ok(options)
            },
            |options, encoder| {
                options.encode(encoder)?;
                encoder.raw(b" ~");
                Ok(())
            },
        );
    }

    fn options(octets: &str) -> Option<AppendOptions> {
        strict(octets.as_bytes(), |cursor| {
            let options = AppendOptions::parse(cursor)?;
            cursor.expect(b'~', "what stands behind the options")?;
            Ok(options)
        })
    }

    #[test]
    fn a_label_that_is_known_has_one_form() {
        for octets in ["~", "X 1 ~", "CATENATED TEXT ~", "UTF8X 1 ~", "ANNOTATION (/a (value.priv \"b\")) ~"]
        {
            assert!(options(octets).is_some(), "{octets}");
        }
        for octets in [
            "CATENATE TEXT ~",
            "Catenate \"x\" ~",
            "UTF8 1 ~",
            "utf8 ~",
            "X 1 UTF8 \"x\" ~",
            "ANNOTATION x ~",
            "ANNOTATION () ~",
            "annotation ~",
            "ANNOTATION (/a (value.priv NIL)) ANNOTATION (/a (value.priv NIL)) ~",
        ] {
            assert_eq!(options(octets), None, "{octets}");
        }
        for label in ["CATENATE", "utf8", "Annotation"] {
            let value = ExtensionValue::new("(a (\"b\"))").ok();
            let extension = TaggedExtension { label: label.parse().unwrap(), value };
            let options = AppendOptions { extensions: [extension].into(), ..AppendOptions::default() };
            for append in
                [Append::to(Mailbox::inbox()), Append::replacing(Replaces::Uid(None), Mailbox::inbox())]
            {
                let mut out = BytesMut::new();
                let tag = Tag::new("a").unwrap();
                assert!(append.write(&tag, &options, 3, &mut out, Encoding::default()).is_err(), "{label}");
                assert!(out.is_empty());
            }
        }
    }
}
