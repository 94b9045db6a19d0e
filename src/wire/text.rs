//! Owned octets, cheap to clone.

use crate::wire::swar::last_word;
use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use bytes::Bytes;
use core::borrow::Borrow;
use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::str::Utf8Error;

/// How many octets stand in the value itself.
const INLINE: usize = 23;

/// Octets from the wire or for it: up to 23 of them inline, more as a shared slice.
///
/// The wire is octets: no character set is promised. [`Text::to_str`] asks for UTF-8 and may be refused,
/// [`Text::to_string_lossy`] never is, and [`Text::display`] shows the text on a terminal without
/// letting control characters through.
///
/// ```
/// use mailwire::wire::Text;
///
/// let subject = Text::from("Invoice \u{1b}[2J");
/// assert_eq!(subject, "Invoice \u{1b}[2J");
/// assert_eq!(subject.display().to_string(), "Invoice \\x1b[2J");
/// ```
#[derive(Clone)]
pub struct Text(Repr);

#[derive(Clone)]
enum Repr {
    /// The octets and zeros behind them; the last one is how many there are. So it is copied as three words.
    Inline([u8; INLINE + 1]),
    Shared(Bytes),
}

const _: () = assert!(size_of::<Text>() <= 32);

impl Text {
    /// A text of no octets.
    pub const fn empty() -> Self {
        Self(Repr::Inline([0; INLINE + 1]))
    }

    /// A text over octets that live as long as the program.
    pub const fn from_static(octets: &'static [u8]) -> Self {
        Self(Repr::Shared(Bytes::from_static(octets)))
    }

    /// The octets inline, if they are few enough.
    #[inline]
    pub(crate) fn inline(octets: &[u8]) -> Option<Self> {
        let length = u8::try_from(octets.len()).ok()?;
        let (words, behind) = octets.as_chunks::<8>();
        let end = last_word(octets, behind);
        let words = match words {
            [] => [end, 0, 0],
            [first] => [u64::from_le_bytes(*first), end, 0],
            [first, second] => [u64::from_le_bytes(*first), u64::from_le_bytes(*second), end],
            _ => return None,
        };
        Self::of_words(words, length)
    }

    /// At most 23 octets, word by word, with zeros behind them.
    #[inline(always)]
    pub(crate) fn of_words(words: [u64; 3], length: u8) -> Option<Self> {
        let [first, second, third] = words;
        let words = [first, second, third | u64::from(length) << 56].map(u64::to_le_bytes);
        let octets = *words.as_flattened().first_chunk()?;
        (usize::from(length) <= INLINE).then_some(Self(Repr::Inline(octets)))
    }

    /// The octets.
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Repr::Inline(octets) => {
                let [octets @ .., length] = octets;
                octets.get(..usize::from(*length)).unwrap_or_default()
            }
            Repr::Shared(bytes) => bytes,
        }
    }

    /// How many octets.
    pub fn len(&self) -> usize {
        self.as_bytes().len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.as_bytes().is_empty()
    }

    /// The text as UTF-8.
    ///
    /// # Errors
    /// When the octets are not UTF-8.
    pub fn to_str(&self) -> Result<&str, Utf8Error> {
        core::str::from_utf8(self.as_bytes())
    }

    /// The text as UTF-8, with U+FFFD where it is not.
    pub fn to_string_lossy(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self.as_bytes())
    }

    /// The text for a person: control characters and octets that are not UTF-8 are escaped, so a peer's text cannot steer a terminal.
    pub fn display(&self) -> impl fmt::Display + '_ {
        Display(self.as_bytes())
    }

    /// The octets as a shared buffer.
    pub fn into_bytes(self) -> Bytes {
        match self.0 {
            Repr::Inline(_) => Bytes::copy_from_slice(self.as_bytes()),
            Repr::Shared(bytes) => bytes,
        }
    }

    /// Whether the octets are these, ASCII letters taken without case.
    pub fn eq_ignore_ascii_case(&self, other: impl AsRef<[u8]>) -> bool {
        self.as_bytes().eq_ignore_ascii_case(other.as_ref())
    }
}

struct Display<'a>(&'a [u8]);

impl fmt::Display for Display<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            for character in chunk.valid().chars() {
                match character {
                    c if !c.is_control() => fmt::Write::write_char(f, c)?,
                    c if c.is_ascii() => write!(f, "\\x{:02x}", u32::from(c))?,
                    c => write!(f, "{}", c.escape_unicode())?,
                }
            }
            for octet in chunk.invalid() {
                write!(f, "\\x{octet:02x}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.as_bytes().escape_ascii())
    }
}

impl Default for Text {
    fn default() -> Self {
        Self::empty()
    }
}

impl AsRef<[u8]> for Text {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl Borrow<[u8]> for Text {
    fn borrow(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl From<Bytes> for Text {
    fn from(bytes: Bytes) -> Self {
        Self::inline(&bytes).unwrap_or(Self(Repr::Shared(bytes)))
    }
}

impl From<Vec<u8>> for Text {
    fn from(octets: Vec<u8>) -> Self {
        Self::inline(&octets).unwrap_or_else(|| Self(Repr::Shared(octets.into())))
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        text.into_bytes().into()
    }
}

impl From<&[u8]> for Text {
    fn from(octets: &[u8]) -> Self {
        Self::inline(octets).unwrap_or_else(|| Self(Repr::Shared(Bytes::copy_from_slice(octets))))
    }
}

impl<const N: usize> From<&[u8; N]> for Text {
    fn from(octets: &[u8; N]) -> Self {
        octets.as_slice().into()
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        text.as_bytes().into()
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Text {}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl PartialEq<[u8]> for Text {
    fn eq(&self, other: &[u8]) -> bool {
        self.as_bytes() == other
    }
}

impl<const N: usize> PartialEq<[u8; N]> for Text {
    fn eq(&self, other: &[u8; N]) -> bool {
        self.as_bytes() == other
    }
}

impl<const N: usize> PartialEq<&[u8; N]> for Text {
    fn eq(&self, other: &&[u8; N]) -> bool {
        self.as_bytes() == *other
    }
}

impl PartialEq<&[u8]> for Text {
    fn eq(&self, other: &&[u8]) -> bool {
        self.as_bytes() == *other
    }
}

impl PartialEq<String> for Text {
    fn eq(&self, other: &String) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl PartialEq<Text> for str {
    fn eq(&self, other: &Text) -> bool {
        other == self
    }
}

impl PartialEq<Text> for &str {
    fn eq(&self, other: &Text) -> bool {
        other == self
    }
}

impl PartialEq<Text> for String {
    fn eq(&self, other: &Text) -> bool {
        other == self
    }
}

impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Text {
    /// A string where the octets are UTF-8, else a sequence of octets.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.to_str() {
            Ok(text) => serializer.serialize_str(text),
            Err(_) => serializer.collect_seq(self.as_bytes()),
        }
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Text {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Text;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or a sequence of octets")
            }
            fn visit_str<E>(self, text: &str) -> Result<Text, E> {
                Ok(text.into())
            }
            fn visit_bytes<E>(self, octets: &[u8]) -> Result<Text, E> {
                Ok(octets.into())
            }
            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<Text, A::Error> {
                let mut octets = Vec::new();
                while let Some(octet) = seq.next_element()? {
                    octets.push(octet);
                }
                Ok(octets.into())
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

#[cfg(any(test, feature = "arbitrary"))]
impl<'a> arbitrary::Arbitrary<'a> for Text {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        Ok(Vec::<u8>::arbitrary(u)?.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::ToString;

    #[test]
    fn short_is_inline_and_long_is_shared() {
        for length in 0..64u8 {
            let octets: Vec<u8> = (1..=length).collect();
            let length = octets.len();
            let text = Text::from(octets.clone());
            assert_eq!(text.as_bytes(), octets);
            assert_eq!(matches!(text.0, Repr::Inline(_)), length <= INLINE);
            assert_eq!(text.clone().into_bytes(), octets);
        }
    }

    #[test]
    fn compares_with_octets_and_strings_from_either_side() {
        let text = Text::from("abc");
        let string = String::from("abc");
        assert_eq!(text, string);
        assert_eq!(string, text);
        assert!(text == "abc" && text == *"abc" && text != "abcd");
        assert!(text == b"abc" && text == *b"abc" && text == b"abc".as_slice() && text == b"abc"[..]);
        assert!("abc" == text && *"abc" == text && "ab" != text);
    }

    #[test]
    fn display_escapes_what_steers_a_terminal() {
        assert_eq!(
            Text::from(b"a\x1b]8;;\x07\xff\xc3\xa9").display().to_string(),
            "a\\x1b]8;;\\x07\\xff\u{e9}"
        );
        assert_eq!(format!("{:?}", Text::from("a\"\r\n")), "\"a\\\"\\r\\n\"");
    }
}
