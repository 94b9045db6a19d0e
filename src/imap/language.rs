//! LANGUAGE and COMPARATOR: the language of human text, and how strings are compared.
//!
//! ```abnf
//! ; RFC 5255 sections 3.5 and 4.10
//! language-cmd    = "LANGUAGE" *(SP lang-range-quoted)
//! language-data   = "LANGUAGE" SP "(" lang-tag-quoted *(SP lang-tag-quoted) ")"
//! comparator-cmd  = "COMPARATOR" *(SP comp-order-quoted)
//! comparator-data = "COMPARATOR" SP comp-sel-quoted [SP "(" comp-id-quoted *(SP comp-id-quoted) ")"]
//! ; each of the words is an astring
//! ```

use crate::imap::encode::{Encoded, Encoder};
use crate::wire::cursor::{Cursor, Parsed};
use crate::wire::{InvalidValue, Text};
use alloc::vec::Vec;

/// The answer LANGUAGE: the language in use if it is one, else those to be had (RFC 5255 section 3.3).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct LanguageData {
    /// Language tags (RFC 4646), at least one.
    pub tags: Vec<Text>,
}

/// The answer COMPARATOR: how strings are compared (RFC 5255 section 4.8).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Comparator {
    /// The comparator in use, such as `i;unicode-casemap`.
    pub active: Text,
    /// Those that match what the client asked for; empty if it did not ask.
    pub matching: Vec<Text>,
}

impl LanguageData {
    /// What stands behind the name and its SP.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        Ok(Self { tags: cursor.list_of_some(Cursor::astring_text)? })
    }

    /// What stands behind the name and its SP.
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        if self.tags.is_empty() {
            return Err(InvalidValue { offset: 0, expected: "at least one language" });
        }
        encoder.list(&self.tags, |encoder, tag| encoder.astring(tag.as_bytes()))
    }
}

impl Comparator {
    /// What stands behind the name and its SP.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let active = cursor.astring_text()?;
        let mut matching = Vec::new();
        if cursor.peek() == Some(b' ') && cursor.peek_at(1) == Some(b'(') {
            cursor.advance(1);
            matching = cursor.list_of_some(Cursor::astring_text)?;
        }
        Ok(Self { active, matching })
    }

    /// What stands behind the name and its SP.
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        encoder.astring(self.active.as_bytes())?;
        if self.matching.is_empty() {
            return Ok(());
        }
        encoder.sp();
        encoder.list(&self.matching, |encoder, comparator| encoder.astring(comparator.as_bytes()))
    }
}

#[cfg(any(test, feature = "arbitrary"))]
mod arbitraries {
    use super::*;
    use crate::imap::value::{arbitrary_some, arbitrary_text};
    use arbitrary::{Arbitrary, Result, Unstructured};

    impl<'a> Arbitrary<'a> for LanguageData {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            Ok(Self { tags: arbitrary_some(u, 1, |u| arbitrary_text(u))? })
        }
    }

    impl<'a> Arbitrary<'a> for Comparator {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            Ok(Self { active: arbitrary_text(u)?, matching: arbitrary_some(u, 0, |u| arbitrary_text(u))? })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::round_trip::{round_trip, strict, written};

    #[test]
    fn round_trips_and_known_answers() {
        round_trip(LanguageData::parse, LanguageData::encode);
        round_trip(Comparator::parse, Comparator::encode);
        for octets in ["(EN DE IT i-default)", "(DE-IT)"] {
            let read = strict(octets.as_bytes(), LanguageData::parse).unwrap();
            assert_eq!(written(|encoder| read.encode(encoder)), octets);
        }
        for octets in ["i;unicode-casemap", "i;basic (i;basic;match=* \"a b\")"] {
            let read = strict(octets.as_bytes(), Comparator::parse);
            assert_eq!(read.is_none(), octets.contains('*'));
        }
        let read = strict(b"i;basic (\"i;basic;match=*\" i;ascii-casemap)", Comparator::parse).unwrap();
        assert_eq!(written(|encoder| read.encode(encoder)), "i;basic (\"i;basic;match=*\" i;ascii-casemap)");
        assert_eq!(strict(b"()", LanguageData::parse), None);
        assert_eq!(strict(b"a ()", Comparator::parse), None);
    }
}
