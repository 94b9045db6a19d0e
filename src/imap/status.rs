//! STATUS: figures of a mailbox that need not be selected.
//!
//! ```abnf
//! ; RFC 3501 section 9, RFC 9051 section 9
//! status          = "STATUS" SP mailbox SP "(" status-att *(SP status-att) ")"
//! status-att      = "MESSAGES" / "RECENT" / "UIDNEXT" / "UIDVALIDITY" / "UNSEEN" / "DELETED" / "SIZE"   ; SIZE: RFC 8438
//!                 / "HIGHESTMODSEQ"                       ; RFC 7162
//!                 / "APPENDLIMIT"                         ; RFC 7889
//!                 / "MAILBOXID"                           ; RFC 8474
//!                 / "DELETED-STORAGE"                     ; RFC 9208
//! mailbox-data    =/ "STATUS" SP mailbox SP "(" [status-att-list] ")"
//! status-att-list = status-att-val *(SP status-att-val)
//! ```

use crate::imap::core::Atom;
use crate::imap::encode::{Encoded, Encoder};
use crate::imap::mailbox::Mailbox;
use crate::imap::quirk::Quirk;
use crate::imap::value::{ExtensionValue, TaggedExtension};
use crate::wire::InvalidValue;
use crate::wire::cursor::{Cursor, Parsed};
use alloc::vec::Vec;

/// Declares the figures once: name and word.
macro_rules! figures {
    ($($(#[$doc:meta])* $name:ident $word:literal,)*) => {
        /// A figure that STATUS can ask for.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(any(test, feature = "arbitrary"), derive(arbitrary::Arbitrary))]
        #[non_exhaustive]
        pub enum StatusAttribute {
            $($(#[$doc])* $name,)*
            /// The identifier of the mailbox (RFC 8474).
            MailboxId,
            /// One that is not known here.
            Other(Atom),
        }

        /// A figure that the server gives.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[non_exhaustive]
        pub enum StatusItem {
            $($(#[$doc])* $name(u64),)*
            /// The identifier of the mailbox (RFC 8474).
            MailboxId(Atom),
            /// There is no limit on messages (RFC 7889).
            NoAppendLimit,
            /// One that is not known here, or whose value is not the number it should be.
            Other(TaggedExtension),
        }

        impl StatusAttribute {
            fn from_atom(atom: Atom) -> Self {
                match atom.as_bytes() {
                    $(word if word.eq_ignore_ascii_case($word) => Self::$name,)*
                    word if word.eq_ignore_ascii_case(b"MAILBOXID") => Self::MailboxId,
                    _ => Self::Other(atom),
                }
            }

            /// The word.
            pub fn as_bytes(&self) -> &[u8] {
                match self {
                    $(Self::$name => $word,)*
                    Self::MailboxId => b"MAILBOXID",
                    Self::Other(word) => word.as_bytes(),
                }
            }

            fn with(self, number: u64) -> Option<StatusItem> {
                match self {
                    $(Self::$name => Some(StatusItem::$name(number)),)*
                    _ => None,
                }
            }
        }

        impl StatusItem {
            /// Which figure it is, and its number where it is one.
            fn parts(&self) -> (&[u8], Option<u64>) {
                match self {
                    $(Self::$name(number) => ($word, Some(*number)),)*
                    Self::MailboxId(_) => (b"MAILBOXID", None),
                    Self::NoAppendLimit => (b"APPENDLIMIT", None),
                    Self::Other(_) => (b"", None),
                }
            }
        }
    };
}

figures! {
    /// How many messages there are.
    Messages b"MESSAGES",
    /// How many of them are new.
    Recent b"RECENT",
    /// The UID that the next message will get at least.
    UidNext b"UIDNEXT",
    /// The value that changes when UIDs lose their meaning.
    UidValidity b"UIDVALIDITY",
    /// How many messages are not seen.
    Unseen b"UNSEEN",
    /// How many messages are marked for deletion (RFC 9051).
    Deleted b"DELETED",
    /// How many octets they have in all (RFC 8438): up to 63 bits.
    Size b"SIZE",
    /// The highest mod-sequence (RFC 7162): up to 63 bits; 0 where there are none.
    HighestModSeq b"HIGHESTMODSEQ",
    /// How many octets a message may have (RFC 7889).
    AppendLimit b"APPENDLIMIT",
    /// How many octets EXPUNGE would free (RFC 9208).
    DeletedStorage b"DELETED-STORAGE",
}

impl StatusAttribute {
    /// A figure by its name.
    ///
    /// # Errors
    /// When the name is no atom.
    pub fn new(name: &str) -> Result<Self, InvalidValue> {
        Atom::new(name).map(Self::from_atom)
    }

    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        cursor.atom_text().map(Self::from_atom)
    }

    /// At least one figure, in parentheses.
    pub(crate) fn parse_all(cursor: &mut Cursor<'_>) -> Parsed<Vec<Self>> {
        let attributes = cursor.list(Self::parse)?;
        if attributes.is_empty() { cursor.syntax("a status attribute") } else { Ok(attributes) }
    }

    /// At least one figure, in parentheses.
    pub(crate) fn encode_all(attributes: &[Self], encoder: &mut Encoder<'_>) -> Encoded {
        if attributes.is_empty() {
            return Err(InvalidValue { offset: 0, expected: "a status attribute" });
        }
        encoder.list(attributes, |encoder, attribute| {
            encoder.raw(attribute.as_bytes());
            Ok(())
        })
    }
}

/// Figures of a mailbox (RFC 3501 section 7.2.4).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(any(test, feature = "arbitrary"), derive(arbitrary::Arbitrary))]
pub struct StatusData {
    /// The mailbox.
    pub mailbox: Mailbox,
    /// Its figures, as the server put them.
    pub items: Vec<StatusItem>,
}

impl StatusData {
    /// The mailbox and its figures.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let mailbox = Mailbox::parse_before_list(cursor)?;
        cursor.sp()?;
        Ok(Self { mailbox, items: cursor.list(StatusItem::parse)? })
    }

    /// The mailbox and its figures.
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        self.mailbox.encode(encoder)?;
        encoder.sp();
        encoder.list(&self.items, |encoder, item| item.encode(encoder))
    }
}

impl StatusItem {
    fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let start = cursor.position();
        let attribute = StatusAttribute::parse(cursor)?;
        cursor.sp()?;
        match attribute {
            StatusAttribute::MailboxId => {
                cursor.expect(b'(', "an identifier in parentheses")?;
                let identifier = cursor.atom_text()?;
                cursor.expect(b')', "the end of the identifier")?;
                Ok(Self::MailboxId(identifier))
            }
            StatusAttribute::AppendLimit if cursor.nil() => Ok(Self::NoAppendLimit),
            StatusAttribute::Other(_) => {
                cursor.set_position(start);
                Self::parse_other(cursor)
            }
            attribute => {
                let at = cursor.position();
                if cursor.peek().is_some_and(|octet| octet.is_ascii_digit()) {
                    let number = cursor.number_long("a number")?;
                    let positive =
                        matches!(attribute, StatusAttribute::UidNext | StatusAttribute::UidValidity);
                    if positive && number == 0 && !cursor.forgives(Quirk::ZeroNumber) {
                        return cursor.syntax_at(at, "a number from 1");
                    }
                    let wide = matches!(
                        attribute,
                        StatusAttribute::Size
                            | StatusAttribute::HighestModSeq
                            | StatusAttribute::DeletedStorage
                    );
                    let limit = if wide { i64::MAX.unsigned_abs() } else { u64::from(u32::MAX) };
                    if number > limit && !cursor.forgives(Quirk::LargeNumber) {
                        return cursor.syntax_at(at, "a number that fits");
                    }
                    if let Some(item) = attribute.with(number) {
                        return Ok(item);
                    }
                } else if !cursor.forgives(Quirk::StrangeNumber) {
                    return cursor.syntax("a number");
                }
                cursor.set_position(start);
                Self::parse_other(cursor)
            }
        }
    }

    fn parse_other(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let label = cursor.atom_text()?;
        cursor.sp()?;
        Ok(Self::Other(TaggedExtension { label, value: Some(ExtensionValue::parse(cursor)?) }))
    }

    fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        if let Self::Other(item) = self {
            return item.encode(encoder);
        }
        let (name, number) = self.parts();
        encoder.raw(name);
        encoder.sp();
        match (self, number) {
            (_, Some(number)) => encoder.number(number),
            (Self::MailboxId(identifier), _) => {
                encoder.raw(b"(");
                encoder.raw(identifier.as_bytes());
                encoder.raw(b")");
            }
            _ => encoder.nil(),
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "arbitrary"))]
impl<'a> arbitrary::Arbitrary<'a> for StatusItem {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        let small = u64::from(u.int_in_range(1..=u32::MAX)?);
        Ok(match u.int_in_range(0..=9)? {
            0 => Self::Messages(small),
            1 => Self::Recent(small),
            2 => Self::UidNext(small),
            3 => Self::UidValidity(small),
            4 => Self::Unseen(small),
            5 => Self::Size(u.int_in_range(0..=i64::MAX.unsigned_abs())?),
            6 => Self::MailboxId(Atom::from_checked("F2212ea87-6097".into())),
            7 => Self::NoAppendLimit,
            8 => Self::HighestModSeq(u.int_in_range(0..=i64::MAX.unsigned_abs())?),
            _ => Self::Other(TaggedExtension {
                label: Atom::from_checked("X-FIGURE".into()),
                value: Some(u.arbitrary()?),
            }),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::round_trip::{quirky, round_trip, strict, written};

    #[test]
    fn values_survive() {
        round_trip(StatusData::parse, StatusData::encode);
    }

    #[test]
    fn known_answers() {
        let octets = b"blurdybloop (MESSAGES 231 UIDNEXT 44292 MAILBOXID (F1) APPENDLIMIT NIL X-A (1 2))";
        let status = strict(octets, StatusData::parse).unwrap();
        assert_eq!(status.items.len(), 5);
        assert_eq!(status.items[1], StatusItem::UidNext(44292));
        assert_eq!(written(|encoder| status.encode(encoder)).as_bytes(), octets);
        assert!(strict(b"box ()", StatusData::parse).unwrap().items.is_empty());
    }

    #[test]
    fn quirks() {
        quirky(b"box (UIDNEXT 0)", Quirk::ZeroNumber, StatusData::parse);
        quirky(b"box (MESSAGES 4294967296)", Quirk::LargeNumber, StatusData::parse);
        quirky(b"box (SIZE -1)", Quirk::StrangeNumber, StatusData::parse);
        quirky(b"box (MESSAGES 1 )", Quirk::ExtraSpace, StatusData::parse);
    }
}
