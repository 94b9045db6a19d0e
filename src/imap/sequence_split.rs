//! A long set in pieces, since lines should be short.
//!
//! RFC 2683 section 3.2.1.5: a client should not send lines of more than about 1,000 octets, a server should take 8,000.

use crate::imap::sequence::{SequenceRange, SequenceSet};

impl SequenceSet {
    /// The same numbers in sets that take at most that many octets each, in the order in which they were written.
    ///
    /// A range is never cut: a set of one range may take more octets. `$` is one set.
    ///
    /// ```
    /// use mailwire::imap::SequenceSet;
    ///
    /// let set: SequenceSet = "1:20,35,40,41,100:102".parse().unwrap();
    /// let pieces: Vec<_> = set.split(8).map(|piece| piece.to_string()).collect();
    /// assert_eq!(pieces, ["1:20,35", "40,41", "100:102"]);
    /// ```
    pub fn split(&self, octets: usize) -> impl Iterator<Item = SequenceSet> + '_ {
        let mut saved = self.is_saved();
        let mut ranges = self.ranges();
        core::iter::from_fn(move || {
            if core::mem::take(&mut saved) {
                return Some(Self::saved());
            }
            let (first, mut rest) = ranges.split_first()?;
            let mut length = written(*first);
            let mut piece = Self::from(*first);
            while let Some((range, behind)) = rest.split_first() {
                length = length.saturating_add(1).saturating_add(written(*range));
                if length > octets {
                    break;
                }
                piece.push(*range);
                rest = behind;
            }
            ranges = rest;
            Some(piece)
        })
    }
}

/// How many octets a range takes.
fn written(range: SequenceRange) -> usize {
    let digits = |number: Option<core::num::NonZeroU32>| {
        number
            .and_then(|number| usize::try_from(number.ilog10()).ok())
            .map_or(1, |digits| digits.saturating_add(1))
    };
    let first = digits(range.first());
    if range.first() == range.last() {
        first
    } else {
        first.saturating_add(1).saturating_add(digits(range.last()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::round_trip::noise;
    use alloc::string::ToString;
    use alloc::vec::Vec;
    use arbitrary::{Arbitrary, Unstructured};

    #[test]
    fn pieces_are_short_and_whole() {
        for seed in 0..1000 {
            let set = SequenceSet::arbitrary(&mut Unstructured::new(&noise(seed, 100))).unwrap();
            for octets in [0, 1, 10, 30, 1_000] {
                let pieces: Vec<_> = set.split(octets).map(|piece| piece.to_string()).collect();
                assert_eq!(pieces.join(","), set.to_string());
                assert!(pieces.iter().all(|piece| piece.len() <= octets || !piece.contains(',')));
            }
        }
        assert_eq!(SequenceSet::new().split(10).count(), 0);
    }
}
