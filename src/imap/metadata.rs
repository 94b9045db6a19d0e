//! METADATA: annotations of mailboxes and of the server.
//!
//! ```abnf
//! ; RFC 5464 section 5
//! getmetadata         = "GETMETADATA" [SP getmetadata-options] SP mailbox SP entries
//! getmetadata-options = "(" getmetadata-option *(SP getmetadata-option) ")"
//! getmetadata-option  = tagged-ext-label [SP tagged-ext-val]
//! maxsize-opt         = "MAXSIZE" SP number
//! scope-opt           = "DEPTH" SP ("0" / "1" / "infinity")
//! setmetadata         = "SETMETADATA" SP mailbox SP entry-values
//! metadata-resp       = "METADATA" SP mailbox SP (entry-values / entry-list)
//! entries             = entry / "(" entry *(SP entry) ")"
//! entry-values        = "(" entry-value *(SP entry-value) ")"
//! entry-value         = entry SP value
//! entry-list          = entry *(SP entry)
//! value               = nstring / literal8
//! ```
//!
//! An empty name of a mailbox means the server. LIST with METADATA (RFC 9590) is answered by the same response.

use crate::imap::encode::{Encoded, Encoder};
use crate::imap::entry_name::EntryName;
use crate::imap::mailbox::Mailbox;
use crate::imap::value::TaggedExtension;
use crate::wire::cursor::{Cursor, Parsed};
use crate::wire::{InvalidValue, Text};
use alloc::vec::Vec;

/// GETMETADATA: which values have these entries?
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct GetMetadata {
    /// How they are looked for.
    pub options: Vec<MetadataOption>,
    /// The mailbox; its empty name is the server.
    pub mailbox: Mailbox,
    /// The entries, at least one.
    pub entries: Vec<EntryName>,
}

/// How entries are looked for (RFC 5464 section 4.2).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum MetadataOption {
    /// Only values of at most that many octets.
    MaxSize(u32),
    /// The entries below too.
    Depth(MetadataDepth),
    /// Another one.
    Other(TaggedExtension),
}

/// How far below an entry (RFC 5464 section 4.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(any(test, feature = "arbitrary"), derive(arbitrary::Arbitrary))]
pub enum MetadataDepth {
    /// Only the entry itself.
    Zero,
    /// One level below.
    One,
    /// All levels.
    Infinity,
}

/// SETMETADATA: entries get these values, or are removed.
///
/// ```
/// use mailwire::imap::{Command, Encoding, EntryName, Mailbox, SetMetadata, Tag};
///
/// let values = vec![(EntryName::new("/private/comment")?, Some("My new comment".into()))];
/// let set = SetMetadata { mailbox: Mailbox::inbox(), values };
/// let command = Command::from(set).to_segments(&Tag::new("1")?, Encoding::default())?;
/// assert_eq!(command[0], "1 SETMETADATA INBOX (/private/comment \"My new comment\")\r\n");
/// # Ok::<(), mailwire::wire::InvalidValue>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SetMetadata {
    /// The mailbox; its empty name is the server.
    pub mailbox: Mailbox,
    /// The entries and their values, at least one; `None` is NIL: the entry is removed.
    pub values: Vec<(EntryName, Option<Text>)>,
}

/// The answer METADATA.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Metadata {
    /// The mailbox; its empty name is the server.
    pub mailbox: Mailbox,
    /// What is told.
    pub entries: MetadataEntries,
}

/// What METADATA tells.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum MetadataEntries {
    /// The values that were asked for; `None` is NIL: the entry does not exist.
    Values(Vec<(EntryName, Option<Text>)>),
    /// Entries that changed.
    Changed(Vec<EntryName>),
}

impl GetMetadata {
    /// The arguments. Examples of the RFC have the options behind the mailbox, and entries without parentheses; that is read too.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let mut options = Vec::new();
        if cursor.peek() == Some(b'(') {
            options = MetadataOption::parse_all(cursor)?;
        }
        let mailbox = Mailbox::parse(cursor)?;
        cursor.sp()?;
        let list = cursor.peek() == Some(b'(');
        if list && options.is_empty() && cursor.peek_at(1).is_some_and(|octet| octet.is_ascii_alphabetic()) {
            // A list of options is followed by entries, a list of entries by nothing.
            let start = cursor.position();
            cursor.raw_value()?;
            let behind = cursor.peek() == Some(b' ');
            cursor.set_position(start);
            if behind {
                options = MetadataOption::parse_all(cursor)?;
            }
        }
        let entries = if cursor.peek() == Some(b'(') {
            cursor.list_of_some(EntryName::parse)?
        } else {
            let mut entries = Vec::from([EntryName::parse(cursor)?]);
            entries.append(&mut cursor.items_to_end(EntryName::parse)?);
            entries
        };
        Ok(Self { options, mailbox, entries })
    }

    /// The arguments.
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        if !self.options.is_empty() {
            encoder.list(&self.options, |encoder, option| option.encode(encoder))?;
            encoder.sp();
        }
        self.mailbox.encode(encoder)?;
        encoder.sp();
        match self.entries.as_slice() {
            [] => Err(InvalidValue { offset: 0, expected: "at least one entry" }),
            [entry] => entry.encode(encoder),
            entries => encoder.list(entries, |encoder, entry| entry.encode(encoder)),
        }
    }
}

impl MetadataOption {
    /// The options and the SP behind them.
    fn parse_all(cursor: &mut Cursor<'_>) -> Parsed<Vec<Self>> {
        let options = cursor.list_of_some(Self::parse)?;
        cursor.sp()?;
        Ok(options)
    }

    fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let mut buffer = [0; 24];
        let (atom, word) = cursor.word(&mut buffer)?;
        Ok(match word {
            b"MAXSIZE" => {
                cursor.sp()?;
                Self::MaxSize(cursor.number("a number")?)
            }
            b"DEPTH" => {
                cursor.sp()?;
                let start = cursor.position();
                let (_, depth) = cursor.word(&mut buffer)?;
                Self::Depth(match depth {
                    b"0" => MetadataDepth::Zero,
                    b"1" => MetadataDepth::One,
                    b"INFINITY" => MetadataDepth::Infinity,
                    _ => return cursor.syntax_at(start, "0, 1 or infinity"),
                })
            }
            _ => Self::Other(TaggedExtension::parse_value(cursor, atom)?),
        })
    }

    fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        match self {
            Self::MaxSize(size) => {
                encoder.raw(b"MAXSIZE ");
                encoder.number(*size);
            }
            Self::Depth(depth) => encoder.raw(match depth {
                MetadataDepth::Zero => b"DEPTH 0",
                MetadataDepth::One => b"DEPTH 1",
                MetadataDepth::Infinity => b"DEPTH infinity",
            }),
            Self::Other(option) => option.encode(encoder)?,
        }
        Ok(())
    }
}

fn parse_values(cursor: &mut Cursor<'_>) -> Parsed<Vec<(EntryName, Option<Text>)>> {
    cursor.list_of_some(|cursor| {
        let entry = EntryName::parse(cursor)?;
        cursor.sp()?;
        Ok((entry, cursor.nstring_or_literal8()?))
    })
}

fn encode_values(values: &[(EntryName, Option<Text>)], encoder: &mut Encoder<'_>) -> Encoded {
    if values.is_empty() {
        return Err(InvalidValue { offset: 0, expected: "at least one entry" });
    }
    encoder.list(values, |encoder, (entry, value)| {
        entry.encode(encoder)?;
        encoder.sp();
        encode_value(value.as_ref(), encoder)
    })
}

/// `nstring / literal8`: the second one only for what no string can hold.
pub(crate) fn encode_value(value: Option<&Text>, encoder: &mut Encoder<'_>) -> Encoded {
    match value {
        Some(value) if memchr::memchr(0, value.as_bytes()).is_some() => {
            encoder.literal8(value.as_bytes());
            Ok(())
        }
        value => encoder.nstring(value.map(Text::as_bytes)),
    }
}

impl SetMetadata {
    /// The arguments.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let mailbox = Mailbox::parse(cursor)?;
        cursor.sp()?;
        Ok(Self { mailbox, values: parse_values(cursor)? })
    }

    /// The arguments.
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        self.mailbox.encode(encoder)?;
        encoder.sp();
        encode_values(&self.values, encoder)
    }
}

impl Metadata {
    /// What stands behind the name and its SP, up to the end of the message.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let mailbox = Mailbox::parse(cursor)?;
        if cursor.peek() == Some(b' ') && cursor.peek_at(1) == Some(b'(') {
            cursor.advance(1);
            return Ok(Self { mailbox, entries: MetadataEntries::Values(parse_values(cursor)?) });
        }
        let entries = cursor.items_to_end(EntryName::parse)?;
        if entries.is_empty() {
            return cursor.syntax("an entry");
        }
        Ok(Self { mailbox, entries: MetadataEntries::Changed(entries) })
    }

    /// What stands behind the name and its SP.
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        self.mailbox.encode(encoder)?;
        match &self.entries {
            MetadataEntries::Values(values) => {
                encoder.sp();
                encode_values(values, encoder)
            }
            MetadataEntries::Changed(entries) if entries.is_empty() => {
                Err(InvalidValue { offset: 0, expected: "at least one entry" })
            }
            MetadataEntries::Changed(entries) => entries.iter().try_for_each(|entry| {
                encoder.sp();
                entry.encode(encoder)
            }),
        }
    }
}

#[cfg(any(test, feature = "arbitrary"))]
mod arbitraries {
    use super::*;
    use crate::imap::value::{arbitrary_some, arbitrary_text};
    use arbitrary::{Arbitrary, Result, Unstructured};

    impl<'a> Arbitrary<'a> for MetadataOption {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            Ok(match u.int_in_range(0..=2u8)? {
                0 => Self::MaxSize(u.arbitrary()?),
                1 => Self::Depth(u.arbitrary()?),
                _ => Self::Other(u.arbitrary()?),
            })
        }
    }

    impl<'a> Arbitrary<'a> for GetMetadata {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            Ok(Self {
                options: arbitrary_some(u, 0, |u| u.arbitrary())?,
                mailbox: u.arbitrary()?,
                entries: arbitrary_some(u, 1, |u| u.arbitrary())?,
            })
        }
    }

    pub(super) fn values(u: &mut Unstructured<'_>) -> Result<Vec<(EntryName, Option<Text>)>> {
        arbitrary_some(u, 1, |u| {
            let value = match u.int_in_range(0..=2u8)? {
                0 => None,
                1 => Some(Text::from(b"\0\r\n)".as_slice())),
                _ => Some(arbitrary_text(u)?),
            };
            Ok((u.arbitrary()?, value))
        })
    }

    impl<'a> Arbitrary<'a> for SetMetadata {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            Ok(Self { mailbox: u.arbitrary()?, values: values(u)? })
        }
    }

    impl<'a> Arbitrary<'a> for Metadata {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            let entries = if u.arbitrary()? {
                MetadataEntries::Values(values(u)?)
            } else {
                MetadataEntries::Changed(arbitrary_some(u, 1, |u| u.arbitrary())?)
            };
            Ok(Self { mailbox: u.arbitrary()?, entries })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::round_trip::{round_trip, strict, written};

    #[test]
    fn round_trips() {
        round_trip(GetMetadata::parse, GetMetadata::encode);
        round_trip(SetMetadata::parse, SetMetadata::encode);
        round_trip(Metadata::parse, Metadata::encode);
    }

    #[test]
    fn known_answers() {
        for octets in [
            "\"\" /shared/comment",
            "INBOX (/shared/comment /private/comment)",
            "(MAXSIZE 1024) INBOX (/shared/comment /private/comment)",
            "(DEPTH 1 MAXSIZE 0) INBOX /private/filters/values",
            "(DEPTH infinity X-OPT (a)) \"\" a",
        ] {
            let read = strict(octets.as_bytes(), GetMetadata::parse).unwrap_or_else(|| panic!("{octets}"));
            assert_eq!(written(|encoder| read.encode(encoder)), octets);
        }
        let swapped = strict(b"INBOX (MAXSIZE 1024) (/shared/comment)", GetMetadata::parse).unwrap();
        assert_eq!(swapped.options, [MetadataOption::MaxSize(1024)]);
        assert_eq!(strict(b"INBOX (a b)", GetMetadata::parse).unwrap().entries.len(), 2);
        assert_eq!(strict(b"INBOX /a /b", GetMetadata::parse).unwrap().entries.len(), 2);
        for octets in [
            "INBOX (/private/comment {33}\r\nMy new comment across\r\ntwo lines.)",
            "INBOX (/private/comment NIL /shared/x \"\")",
            "\"\" (/test ~{4}\r\nt\0st)",
        ] {
            let read = strict(octets.as_bytes(), SetMetadata::parse).unwrap_or_else(|| panic!("{octets}"));
            assert_eq!(written(|encoder| read.encode(encoder)), octets);
        }
        for octets in [
            "\"\" /shared/comment",
            "INBOX /shared/comment /private/comment",
            "INBOX (/shared/comment \"a\")",
        ] {
            let read = strict(octets.as_bytes(), Metadata::parse).unwrap();
            assert_eq!(written(|encoder| read.encode(encoder)), octets);
        }
    }

    #[test]
    fn what_is_refused() {
        for octets in [
            "INBOX",
            "INBOX ()",
            "(MAXSIZE 123 rogue) INBOX",
            "(DEPTH 2) INBOX /a",
            "(MAXSIZE) a /b",
            "INBOX /a*",
            "INBOX \"\"",
        ] {
            assert_eq!(strict(octets.as_bytes(), GetMetadata::parse), None, "{octets}");
        }
        for octets in ["(a NIL)", "INBOX", "INBOX ()", "INBOX (/a)", "INBOX (/a b)", "INBOX (/% NIL)"] {
            assert_eq!(strict(octets.as_bytes(), SetMetadata::parse), None, "{octets}");
        }
        for octets in ["INBOX", "INBOX ()", "INBOX (/a \"b\"", "INBOX NIL%"] {
            assert_eq!(strict(octets.as_bytes(), Metadata::parse), None, "{octets}");
        }
    }
}
