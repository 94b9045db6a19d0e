//! Which UIDs messages have where they were put.
//!
//! ```abnf
//! ; RFC 4315 section 4, RFC 9051 section 9
//! resp-code-apnd = "APPENDUID" SP nz-number SP append-uid
//! resp-code-copy = "COPYUID" SP nz-number SP uid-set SP uid-set
//! append-uid     = uniqueid / uid-set           ; of MULTIAPPEND (RFC 3502)
//! ```

use crate::imap::encode::{Encoded, Encoder};
use crate::imap::sequence::{SequenceRange, SequenceSet};
use crate::wire::InvalidValue;
use crate::wire::cursor::{Cursor, Parsed};
use core::num::NonZeroU32;
use core::ops::RangeInclusive;

/// The UIDs of messages that were added to a mailbox (RFC 4315).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(any(test, feature = "arbitrary"), derive(arbitrary::Arbitrary))]
pub struct AppendUid {
    /// What the UIDs are valid with.
    pub uid_validity: NonZeroU32,
    /// The UIDs, in the order of the messages in the command.
    pub uids: SequenceSet,
}

/// The UIDs of messages that were copied or moved (RFC 4315).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(any(test, feature = "arbitrary"), derive(arbitrary::Arbitrary))]
pub struct CopyUid {
    /// What the new UIDs are valid with.
    pub uid_validity: NonZeroU32,
    /// The UIDs that the messages have where they come from.
    pub source: SequenceSet,
    /// The UIDs that they have where they are now, in the same order.
    pub destination: SequenceSet,
}

impl CopyUid {
    /// Whether both sets have the same count of UIDs, as they must.
    pub fn is_consistent(&self) -> bool {
        self.source.count_as_written() == self.destination.count_as_written()
    }

    /// Ranges of UIDs before and after, each pair of the same length: takes time by the ranges, not by the UIDs. They can be put together to
    /// sets again. Where the sets are not consistent, this ends with the shorter one.
    ///
    /// ```
    /// use mailwire::imap::{ResponseCode, SequenceSet};
    ///
    /// let Ok(ResponseCode::CopyUid(copied)) = ResponseCode::new("COPYUID 38505 304,319:320 3956:3958") else { panic!() };
    /// assert!(copied.is_consistent());
    /// let shown: Vec<_> = copied.pairs().map(|(from, to)| format!("{from} is {to}")).collect();
    /// assert_eq!(shown, ["304 is 3956", "319:320 is 3957:3958"]);
    /// // Where those are now that were behind 310.
    /// let late = copied.pairs().filter(|(from, _)| *from.bounds().start() > 310);
    /// assert_eq!(late.map(|(_, to)| to).collect::<SequenceSet>().to_string(), "3957:3958");
    /// ```
    pub fn pairs(&self) -> impl Iterator<Item = (SequenceRange, SequenceRange)> + '_ {
        let range = |range: RangeInclusive<u32>| SequenceRange::between(*range.start(), *range.end());
        self.source.pairs(&self.destination).map(move |(from, to)| (range(from), range(to)))
    }

    /// The new UID of the message that had this one.
    pub fn destination_of(&self, source: NonZeroU32) -> Option<NonZeroU32> {
        let (from, to) =
            self.source.pairs(&self.destination).find(|(from, _)| from.contains(&source.get()))?;
        NonZeroU32::new(to.start().checked_add(source.get().checked_sub(*from.start())?)?)
    }
}

impl AppendUid {
    /// What stands behind `APPENDUID SP`.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let uid_validity = cursor.nz_number()?;
        cursor.sp()?;
        Ok(Self { uid_validity, uids: SequenceSet::parse_numbers(cursor)? })
    }

    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        encoder.number(self.uid_validity.get());
        encoder.sp();
        encode_numbers(&self.uids, encoder)
    }
}

impl CopyUid {
    /// What stands behind `COPYUID SP`.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let uid_validity = cursor.nz_number()?;
        cursor.sp()?;
        let source = SequenceSet::parse_numbers(cursor)?;
        cursor.sp()?;
        Ok(Self { uid_validity, source, destination: SequenceSet::parse_numbers(cursor)? })
    }

    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        encoder.number(self.uid_validity.get());
        encoder.sp();
        encode_numbers(&self.source, encoder)?;
        encoder.sp();
        encode_numbers(&self.destination, encoder)
    }
}

/// A set that has numbers alone.
pub(crate) fn encode_numbers(set: &SequenceSet, encoder: &mut Encoder<'_>) -> Encoded {
    if set.is_saved() || set.has_largest() {
        return Err(InvalidValue { offset: 0, expected: "a set of numbers" });
    }
    set.encode(encoder)
}
