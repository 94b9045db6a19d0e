//! The answers SEARCH and SORT: numbers of messages.
//!
//! ```abnf
//! mailbox-data        = "SEARCH" *(SP nz-number)                                ; RFC 3501 section 7.2.5
//! sort-data           = "SORT" *(SP nz-number)                                  ; RFC 5256
//! mailbox-data        =/ "SEARCH" [1*(SP nz-number) SP search-sort-mod-seq]     ; RFC 7162
//! sort-data           = "SORT" [1*(SP nz-number) SP search-sort-mod-seq]        ; RFC 7162
//! search-sort-mod-seq = "(" "MODSEQ" SP mod-sequence-value ")"
//! ```

use crate::imap::encode::{Encoded, Encoder};
use crate::imap::modseq::ModSequence;
use crate::imap::quirk::Quirk;
use crate::wire::cursor::{Cursor, Parsed};
use crate::wire::{InvalidValue, decimal};
use alloc::vec::Vec;
use core::num::NonZeroU32;

/// The messages that a search found: sequence numbers, or UIDs if the command was a UID one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SearchData {
    /// The numbers in the order of the answer: any order for SEARCH, the sorted one for SORT.
    pub numbers: Vec<NonZeroU32>,
    /// The highest mod-sequence among them (RFC 7162). Only with a number.
    pub mod_sequence: Option<ModSequence>,
}

impl SearchData {
    /// What stands behind the name, up to the end of the message.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let mut data = Self { numbers: Vec::with_capacity(estimate(cursor.rest())), mod_sequence: None };
        cursor.charge(data.numbers.capacity().saturating_mul(size_of::<NonZeroU32>()))?;
        loop {
            let mut rest = cursor.rest();
            while let [b' ', after @ ..] = rest {
                match decimal::nz_number(after) {
                    Some((number, after)) => {
                        data.numbers.push(number);
                        rest = after;
                    }
                    None => break,
                }
            }
            cursor.advance(cursor.rest().len().saturating_sub(rest.len()));
            if !data.parse_irregular(cursor)? {
                return Ok(data);
            }
        }
    }

    /// What is not one space and a number; gives whether more numbers can follow.
    fn parse_irregular(&mut self, cursor: &mut Cursor<'_>) -> Parsed<bool> {
        if cursor.is_at_end() {
            return Ok(false);
        }
        if cursor.rest().iter().all(|octet| *octet == b' ') {
            cursor.stray_spaces()?;
            return Ok(false);
        }
        cursor.sp()?;
        let start = cursor.position();
        if cursor.eat_keyword(b"(MODSEQ ") {
            if self.numbers.is_empty() && !cursor.forgives(Quirk::ModSequenceAlone) {
                return cursor.syntax_at(start, "a number");
            }
            self.mod_sequence = Some(ModSequence::parse(cursor)?);
            cursor.expect(b')', "the end of the list")?;
            return Ok(false);
        }
        self.numbers.push(cursor.nz_number()?);
        Ok(true)
    }

    /// What stands behind the name.
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        encoder.out.reserve(self.numbers.len().saturating_mul(8));
        for number in &self.numbers {
            encoder.sp();
            encoder.number(number.get());
        }
        if let Some(mod_sequence) = self.mod_sequence {
            if self.numbers.is_empty() {
                return Err(InvalidValue { offset: 0, expected: "a number with the mod-sequence" });
            }
            encoder.raw(b" (MODSEQ ");
            mod_sequence.encode(encoder)?;
            encoder.raw(b")");
        }
        Ok(())
    }
}

/// About how many numbers these octets hold, by the length of the first and the last one.
fn estimate(octets: &[u8]) -> usize {
    let first = octets.iter().skip(1).take(10).position(|octet| *octet == b' ').unwrap_or(10);
    let last = octets.iter().rev().take(10).position(|octet| *octet == b' ').unwrap_or(10);
    // Numbers that count up are mostly as long as the last one.
    let length = first.saturating_add(last.saturating_mul(7)).saturating_add(15) / 8;
    octets.len().checked_div(length.max(2)).unwrap_or(0).saturating_add(1)
}

#[cfg(any(test, feature = "arbitrary"))]
impl<'a> arbitrary::Arbitrary<'a> for SearchData {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        let numbers = crate::imap::value::arbitrary_some(u, 0, |u| match u.arbitrary()? {
            true => {
                u.int_in_range(1..=10_000u32).map(|number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MAX))
            }
            false => u.arbitrary(),
        })?;
        let mod_sequence = if numbers.is_empty() { None } else { u.arbitrary()? };
        Ok(Self { numbers, mod_sequence })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::round_trip::{quirky, round_trip, strict, written};
    use alloc::string::String;

    fn numbers(octets: &[u8]) -> Option<(Vec<u32>, Option<u64>)> {
        let data = strict(octets, SearchData::parse)?;
        let numbers = data.numbers.iter().map(|number| number.get()).collect();
        Some((numbers, data.mod_sequence.map(ModSequence::value)))
    }

    #[test]
    fn round_trips() {
        round_trip(SearchData::parse, SearchData::encode);
    }

    #[test]
    fn known_answers() {
        assert_eq!(numbers(b"").unwrap(), (Vec::new(), None));
        assert_eq!(numbers(b" 2 84 882").unwrap().0, [2, 84, 882]);
        assert_eq!(numbers(b" 4294967295 1 12345678 7").unwrap().0, [4_294_967_295, 1, 12_345_678, 7]);
        assert_eq!(numbers(b" 2 5 6 7 11 12 18 19 20 23 (MODSEQ 917162500)").unwrap().1, Some(917_162_500));
        assert_eq!(numbers(b" 7 (modseq 1)").unwrap(), (alloc::vec![7], Some(1)));
        let mut octets = String::new();
        for number in 1..=20_000 {
            octets += &alloc::format!(" {number}");
        }
        let read = strict(octets.as_bytes(), SearchData::parse).unwrap();
        assert_eq!(read.numbers.len(), 20_000);
        assert!(read.numbers.capacity() < 40_000);
        assert_eq!(written(|encoder| read.encode(encoder)), octets);
    }

    #[test]
    fn what_is_refused() {
        for octets in [
            &b" 1 0 2"[..],
            b"1",
            b" 4294967296",
            b" 1,2",
            b" -1",
            b" 1 (MODSEQ 0)",
            b" 1 (MODSEQ 1) 2",
            b" 1 (MODSEQ 9223372036854775808)",
            b" 1 x",
            b" (MODSEQ 5)",
        ] {
            assert_eq!(numbers(octets), None, "{}", octets.escape_ascii());
        }
    }

    #[test]
    fn quirks() {
        assert_eq!(quirky(b" 1  2 ", Quirk::ExtraSpace, SearchData::parse).numbers.len(), 2);
        assert_eq!(quirky(b" ", Quirk::ExtraSpace, SearchData::parse).numbers.len(), 0);
        let alone = quirky(b" (MODSEQ 5)", Quirk::ModSequenceAlone, SearchData::parse);
        assert_eq!((alone.numbers.len(), alone.mod_sequence.map(ModSequence::value)), (0, Some(5)));
        let mut out = bytes::BytesMut::new();
        let encoding = crate::imap::encode::Encoding::server();
        assert!(alone.encode(&mut Encoder::new(&mut out, encoding)).is_err());
    }
}
