//! VANISHED: messages that are gone, by their UIDs.
//!
//! ```abnf
//! expunged-resp = "VANISHED" [SP "(EARLIER)"] SP known-uids    ; RFC 7162 section 3.2.10
//! known-uids    = sequence-set                                 ; "*" is not allowed
//! ```

use crate::imap::encode::{Encoded, Encoder};
use crate::imap::sequence::SequenceSet;
use crate::wire::InvalidValue;
use crate::wire::cursor::{Cursor, Parsed};

/// Messages that are gone (RFC 7162): the set may name UIDs that never were.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Vanished {
    /// Whether they were gone before: the answer to a SELECT with QRESYNC or to a FETCH with VANISHED, which changes no sequence number.
    pub earlier: bool,
    /// Their UIDs: numbers only.
    pub uids: SequenceSet,
}

impl Vanished {
    /// What stands behind the name and its SP.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let earlier = cursor.eat_keyword(b"(EARLIER)");
        if earlier {
            cursor.sp()?;
        }
        Ok(Self { earlier, uids: SequenceSet::parse_numbers(cursor)? })
    }

    /// What stands behind the name and its SP.
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        if self.earlier {
            encoder.raw(b"(EARLIER) ");
        }
        encode_numbers(&self.uids, encoder)
    }
}

/// A set without `*` and `$`.
pub(crate) fn encode_numbers(set: &SequenceSet, encoder: &mut Encoder<'_>) -> Encoded {
    if set.is_saved() || set.has_largest() {
        return Err(InvalidValue { offset: 0, expected: "a set of numbers" });
    }
    set.encode(encoder)
}

/// A set without `*` and `$`.
#[cfg(any(test, feature = "arbitrary"))]
pub(crate) fn arbitrary_numbers(u: &mut arbitrary::Unstructured<'_>) -> arbitrary::Result<SequenceSet> {
    let set: SequenceSet = u.arbitrary()?;
    Ok(if set.is_saved() || set.has_largest() { SequenceSet::from(core::num::NonZeroU32::MAX) } else { set })
}

#[cfg(any(test, feature = "arbitrary"))]
impl<'a> arbitrary::Arbitrary<'a> for Vanished {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        Ok(Self { earlier: u.arbitrary()?, uids: arbitrary_numbers(u)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::round_trip::{round_trip, strict, written};

    #[test]
    fn round_trips_and_known_answers() {
        round_trip(Vanished::parse, Vanished::encode);
        for octets in ["(EARLIER) 41,43:116,118,120:211,214:540", "405,407,410,425", "(EARLIER) 1:4294967295"]
        {
            let read = strict(octets.as_bytes(), Vanished::parse).unwrap();
            assert_eq!(written(|encoder| read.encode(encoder)), octets);
        }
        for octets in ["", "*", "1:*", "$", "0", "(EARLIER)", "(EARLIER)1", "(LATER) 1", "1,", "1,,2"] {
            assert_eq!(strict(octets.as_bytes(), Vanished::parse), None, "{octets}");
        }
    }
}
