//! Identifiers of mailboxes, messages and threads that outlive a session.
//!
//! ```abnf
//! objectid = 1*255(ALPHA / DIGIT / "_" / "-")    ; RFC 8474 section 7
//! ```

use crate::imap::core::{check, checked_conversions};
use crate::imap::encode::{Encoded, Encoder};
use crate::wire::cursor::{Class, Cursor, Parsed, class};
use crate::wire::{InvalidValue, Text};

const CHARACTERS: Class = class!(octet => octet.is_ascii_alphanumeric() || matches!(octet, b'_' | b'-'));
const LONGEST: usize = 255;

/// An identifier: MAILBOXID, EMAILID or THREADID (RFC 8474). Its case is significant.
///
/// ```
/// use mailwire::imap::ObjectId;
///
/// assert_eq!(ObjectId::new("M6d99ac3275bb4e").unwrap().as_str(), "M6d99ac3275bb4e");
/// assert!(ObjectId::new("").is_err() && ObjectId::new("a b").is_err());
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId(Text);

impl ObjectId {
    /// Checks every octet, and that there are at most 255.
    ///
    /// # Errors
    /// Tells the first octet that is not allowed.
    pub fn new(id: impl Into<Text>) -> Result<Self, InvalidValue> {
        let id = id.into();
        check(&CHARACTERS, id.as_bytes(), "a letter, a digit, \"_\" or \"-\"")?;
        if id.len() > LONGEST {
            return Err(InvalidValue { offset: LONGEST, expected: "at most 255 octets" });
        }
        Ok(Self(id))
    }

    /// The identifier.
    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    /// The octets.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let start = cursor.position();
        let octets = cursor.take_some(&CHARACTERS, "an object identifier")?;
        if octets.len() > LONGEST {
            return cursor.syntax_at(start, "at most 255 octets");
        }
        cursor.text(octets).map(Self)
    }

    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        encoder.raw(self.as_bytes());
        Ok(())
    }
}

checked_conversions!(ObjectId);

#[cfg(any(test, feature = "arbitrary"))]
impl<'a> arbitrary::Arbitrary<'a> for ObjectId {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        u.choose(&["M6d99ac3275bb4e", "T64b478a75b7ea9", "a-b_C9-0123456789-0123456789-0123456789", "-"])
            .map(|id| Self((*id).into()))
    }
}
