//! Words of the protocol that a registry may add to, compared without case.

use crate::imap::core::{ATOM, Atom, is_in};
use crate::imap::encode::{Encoded, Encoder};
use crate::wire::cursor::{Cursor, Parsed};
use crate::wire::{InvalidValue, Text};
use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};

/// A word that this crate has no name for. It keeps its octets, and is compared without case.
///
/// ```
/// use mailwire::imap::Keyword;
///
/// assert_eq!(Keyword::new("X-Fast").unwrap(), Keyword::new("x-fast").unwrap());
/// assert!(Keyword::new("two words").is_err());
/// ```
#[derive(Clone)]
pub struct Keyword(Text);

impl Keyword {
    /// Checks every octet.
    ///
    /// # Errors
    /// Tells the first octet that is not an ATOM-CHAR; an empty word is not allowed.
    pub fn new(word: impl Into<Text>) -> Result<Self, InvalidValue> {
        let word = word.into();
        let expected = "an ATOM-CHAR";
        match word.as_bytes().iter().position(|octet| !is_in(&ATOM, *octet)) {
            Some(offset) => Err(InvalidValue { offset, expected }),
            None if word.is_empty() => Err(InvalidValue { offset: 0, expected }),
            None => Ok(Self(word)),
        }
    }

    /// For a word that the grammar has just read.
    pub(crate) fn from_checked(word: Text) -> Self {
        Self(word)
    }

    /// The octets.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// The word, which is ASCII.
    pub(crate) fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    /// Whether it is this word.
    pub fn is(&self, word: &str) -> bool {
        self.0.eq_ignore_ascii_case(word)
    }

    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let word = cursor.atom()?;
        cursor.text(word).map(Self)
    }

    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        encoder.raw(self.as_bytes());
        Ok(())
    }
}

/// The order of words without case.
pub(crate) fn compare(left: &[u8], right: &[u8]) -> Ordering {
    left.iter().map(u8::to_ascii_lowercase).cmp(right.iter().map(u8::to_ascii_lowercase))
}

/// A word in upper case, in a buffer of `N` octets; a longer one as it stands.
#[inline]
pub(crate) fn upper<'a, const N: usize>(word: &'a [u8], buffer: &'a mut [u8; N]) -> &'a [u8] {
    // Most peers write a word as the grammar does.
    if !word.iter().any(u8::is_ascii_lowercase) { word } else { to_upper(word, buffer) }
}

#[cold]
fn to_upper<'a, const N: usize>(word: &'a [u8], buffer: &'a mut [u8; N]) -> &'a [u8] {
    match buffer.get_mut(..word.len()) {
        Some(upper) => {
            upper.copy_from_slice(word);
            upper.make_ascii_uppercase();
            upper
        }
        None => word,
    }
}

/// The word of a class that is next, in upper case. Those that are named are seen at one look where a peer writes them so, as nearly all do;
/// the others are found octet by octet, in the buffer where they are not in upper case.
macro_rules! next_word {
    ($cursor:ident, $class:expr, $buffer:expr, $($usual:literal)*) => {
        match $cursor.rest() {
            $(rest if rest.starts_with($usual) && !rest.get($usual.len()).is_some_and(|octet| crate::imap::core::is_in(&$class, *octet)) => {
                $cursor.advance($usual.len());
                $usual.as_slice()
            })*
            _ => crate::imap::keyword::upper($cursor.take_while(&$class), $buffer),
        }
    };
}
pub(crate) use next_word;

impl PartialEq for Keyword {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for Keyword {}

impl PartialOrd for Keyword {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Keyword {
    fn cmp(&self, other: &Self) -> Ordering {
        compare(self.as_bytes(), other.as_bytes())
    }
}

impl Hash for Keyword {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for octet in self.as_bytes() {
            octet.to_ascii_lowercase().hash(state);
        }
    }
}

impl fmt::Debug for Keyword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Keyword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.display())
    }
}

impl From<Atom> for Keyword {
    fn from(atom: Atom) -> Self {
        Self(atom.as_bytes().into())
    }
}

impl TryFrom<&str> for Keyword {
    type Error = InvalidValue;
    fn try_from(word: &str) -> Result<Self, InvalidValue> {
        Self::new(word)
    }
}

impl core::str::FromStr for Keyword {
    type Err = InvalidValue;
    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        Self::new(text)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Keyword {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Keyword {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(Text::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(any(test, feature = "arbitrary"))]
impl<'a> arbitrary::Arbitrary<'a> for Keyword {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        u.arbitrary::<Atom>().map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::round_trip::round_trip;

    #[test]
    fn round_trips() {
        round_trip(Keyword::parse, Keyword::encode);
    }
}
