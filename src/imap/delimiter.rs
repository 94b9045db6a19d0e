//! What stands between the levels of a mailbox's name.
//!
//! ```abnf
//! ; RFC 3501 section 9: in mailbox-list; RFC 2342 has the same in a namespace
//! (DQUOTE QUOTED-CHAR DQUOTE / nil)
//! ```

use crate::imap::core::{QUOTED, RawString, is_in};
use crate::imap::encode::{Encoded, Encoder};
use crate::imap::quirk::Quirk;
use crate::wire::InvalidValue;
use crate::wire::cursor::{Cursor, Parsed};

/// The one character that stands between the levels of a name (RFC 3501 section 5.1.1): any but NUL, CR and LF.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "char", into = "char")
)]
pub struct Delimiter(char);

impl Delimiter {
    /// `/`, the usual one.
    pub const SLASH: Self = Self('/');
    /// `.`, the usual one of servers that keep mailboxes as Maildir folders.
    pub const DOT: Self = Self('.');

    /// A delimiter.
    ///
    /// # Errors
    /// For NUL, CR and LF.
    pub const fn new(character: char) -> Result<Self, InvalidValue> {
        match character {
            '\0' | '\r' | '\n' => Err(InvalidValue { offset: 0, expected: "a character but NUL, CR and LF" }),
            character => Ok(Self(character)),
        }
    }

    /// The character.
    pub const fn as_char(self) -> char {
        self.0
    }

    /// One ASCII character in quotes, or NIL, and what stands behind it.
    #[inline]
    pub(crate) fn glance(octets: &[u8]) -> Option<(Option<Self>, &[u8])> {
        match octets {
            [b'"', octet, b'"', rest @ ..] if octet.is_ascii() && is_in(&QUOTED, *octet) => {
                Some((Some(Self(char::from(*octet))), rest))
            }
            [b'N', b'I', b'L', rest @ ..] => Some((None, rest)),
            _ => None,
        }
    }

    /// `(DQUOTE QUOTED-CHAR DQUOTE / nil)`
    #[inline]
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Option<Self>> {
        match cursor.rest() {
            [b'"', octet, b'"', ..] if octet.is_ascii() && is_in(&QUOTED, *octet) => {
                cursor.advance(3);
                Ok(Some(Self(char::from(*octet))))
            }
            _ => Self::parse_other(cursor),
        }
    }

    /// NIL, or a character that is escaped or of more than one octet.
    fn parse_other(cursor: &mut Cursor<'_>) -> Parsed<Option<Self>> {
        if cursor.nil() {
            return Ok(None);
        }
        let start = cursor.position();
        let RawString { octets, escaped } = cursor.quoted()?;
        let octets = if escaped { octets.strip_prefix(b"\\").unwrap_or_default() } else { octets };
        if octets.is_empty() && cursor.forgives(Quirk::EmptyDelimiter) {
            return Ok(None);
        }
        let mut characters = core::str::from_utf8(octets).unwrap_or_default().chars();
        match (characters.next().map(Self::new), characters.next()) {
            (Some(Ok(delimiter)), None) => Ok(Some(delimiter)),
            _ => cursor.syntax_at(start, "one character in quotes or NIL"),
        }
    }

    /// `(DQUOTE QUOTED-CHAR DQUOTE / nil)`
    pub(crate) fn encode(delimiter: Option<Self>, encoder: &mut Encoder<'_>) -> Encoded {
        match delimiter {
            None => encoder.nil(),
            Some(Self(character)) => {
                encoder.raw(if matches!(character, '"' | '\\') { b"\"\\" } else { b"\"" });
                encoder.raw(character.encode_utf8(&mut [0; 4]).as_bytes());
                encoder.raw(b"\"");
            }
        }
        Ok(())
    }
}

impl TryFrom<char> for Delimiter {
    type Error = InvalidValue;
    fn try_from(character: char) -> Result<Self, InvalidValue> {
        Self::new(character)
    }
}

impl From<Delimiter> for char {
    fn from(delimiter: Delimiter) -> Self {
        delimiter.0
    }
}

#[cfg(any(test, feature = "arbitrary"))]
impl<'a> arbitrary::Arbitrary<'a> for Delimiter {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        Ok(Self(*u.choose(&['/', '.', '\\', '"', ' ', '\u{e9}'])?))
    }
}
