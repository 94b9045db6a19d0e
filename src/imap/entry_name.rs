//! Names of annotations and of metadata.
//!
//! ```abnf
//! entry = astring    ; slash-separated path to entry, MUST NOT contain "*" or "%", "//" or a "/" at its end: RFC 5257, RFC 5464
//! ```

use crate::imap::core::checked_conversions;
use crate::imap::encode::{Encoded, Encoder};
use crate::wire::cursor::{Cursor, Parsed};
use crate::wire::{InvalidValue, Text};

/// The name of an entry, a path with slashes: `/shared/comment`. It is compared without case.
///
/// ```
/// use mailwire::imap::EntryName;
///
/// assert_eq!(EntryName::new("/Shared/Comment").unwrap(), EntryName::new("/shared/comment").unwrap());
/// assert_eq!(EntryName::new("/shared/*").unwrap_err().offset, 8);
/// assert_eq!(EntryName::new("/shared//comment").unwrap_err().offset, 8);
/// assert!(EntryName::new("/shared/").is_err());
/// ```
#[derive(Clone)]
pub struct EntryName(Text);

impl EntryName {
    /// Checks every octet: printable ASCII without `*` and `%`, and no part between slashes that is empty.
    ///
    /// # Errors
    /// Tells the first octet that is not allowed; an empty name, two slashes in a row and one at the end are not allowed.
    pub fn new(name: impl Into<Text>) -> Result<Self, InvalidValue> {
        const EXPECTED: &str = "printable ASCII without \"*\", \"%\" and empty parts";
        let name = name.into();
        let allowed = |octet: &u8| matches!(octet, 0x20..=0x7e) && !matches!(octet, b'*' | b'%');
        let octets = name.as_bytes();
        let empty = memchr::memmem::find(octets, b"//").map(|at| at.saturating_add(1));
        let empty = empty.or(octets.len().checked_sub(1).filter(|last| octets.get(*last) == Some(&b'/')));
        match octets.iter().position(|octet| !allowed(octet)).or(empty) {
            Some(offset) => Err(InvalidValue { offset, expected: EXPECTED }),
            None if name.is_empty() => Err(InvalidValue { offset: 0, expected: EXPECTED }),
            None => Ok(Self(name)),
        }
    }

    /// The name, which is ASCII.
    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    /// The octets.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let start = cursor.position();
        let name = cursor.astring_text()?;
        match Self::new(name) {
            Ok(name) => Ok(name),
            Err(error) => cursor.syntax_at(start, error.expected),
        }
    }

    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        encoder.astring(self.as_bytes())
    }
}

impl PartialEq for EntryName {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(other.as_bytes())
    }
}

impl Eq for EntryName {}

impl core::hash::Hash for EntryName {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        for octet in self.as_bytes() {
            state.write_u8(octet.to_ascii_lowercase());
        }
    }
}

checked_conversions!(EntryName);

#[cfg(any(test, feature = "arbitrary"))]
impl<'a> arbitrary::Arbitrary<'a> for EntryName {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        u.choose(&["/shared/comment", "/private/vendor/x y/\"z\"", "/comment", "/flags/\\seen", "a"])
            .map(|name| Self((*name).into()))
    }
}
