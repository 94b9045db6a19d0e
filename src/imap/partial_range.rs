//! A window on the results of a search or on the messages of a FETCH.
//!
//! ```abnf
//! ; RFC 9394 section 4, and RFC 5267 for the first form
//! modifier-partial    = "PARTIAL" SP partial-range
//! partial-range       = partial-range-first / partial-range-last
//! partial-range-first = nz-number ":" nz-number
//! partial-range-last  = MINUS nz-number ":" MINUS nz-number
//! ```

use crate::imap::encode::{Encoded, Encoder};
use crate::wire::cursor::{Cursor, Parsed};
use crate::wire::write::index;
use core::fmt;
use core::num::NonZeroU32;
use core::ops::Range;

/// Which results are wanted, by their position. `500:400` is the same as `400:500`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(any(test, feature = "arbitrary"), derive(arbitrary::Arbitrary))]
pub enum PartialRange {
    /// Counted from the first result, which is 1: `1:100`.
    First(NonZeroU32, NonZeroU32),
    /// Counted from the last result, which is -1: `-1:-100`.
    Last(NonZeroU32, NonZeroU32),
}

impl PartialRange {
    /// Which of so many results the range names, counted from 0 in their order; an empty range where there are none in it, which the answer
    /// tells by NIL.
    ///
    /// ```
    /// use mailwire::imap::PartialRange;
    /// use core::num::NonZeroU32;
    ///
    /// let number = |number| NonZeroU32::new(number).unwrap();
    /// let found = [17, 23, 42, 51];
    /// assert_eq!(found[PartialRange::First(number(2), number(3)).window(found.len())], [23, 42]);
    /// assert_eq!(found[PartialRange::Last(number(1), number(2)).window(found.len())], [42, 51]);
    /// assert_eq!(found[PartialRange::First(number(5), number(9)).window(found.len())], []);
    /// ```
    pub fn window(self, count: usize) -> Range<usize> {
        let (Self::First(one, other) | Self::Last(one, other)) = self;
        let place = |number: u32| index(u64::from(number)).min(count);
        let (near, far) = (place(one.min(other).get().saturating_sub(1)), place(one.max(other).get()));
        match self {
            Self::First(..) => near..far,
            Self::Last(..) => count.saturating_sub(far)..count.saturating_sub(near),
        }
    }

    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let last = cursor.eat(b'-');
        let one = cursor.nz_number()?;
        cursor.expect(b':', "\":\"")?;
        if last {
            cursor.expect(b'-', "\"-\"")?;
        }
        let other = cursor.nz_number()?;
        Ok(if last { Self::Last(one, other) } else { Self::First(one, other) })
    }

    pub(crate) fn encode(self, encoder: &mut Encoder<'_>) -> Encoded {
        let (sign, one, other): (&[u8], _, _) = match self {
            Self::First(one, other) => (b"", one, other),
            Self::Last(one, other) => (b"-", one, other),
        };
        encoder.raw(sign);
        encoder.number(one.get());
        encoder.raw(b":");
        encoder.raw(sign);
        encoder.number(other.get());
        Ok(())
    }
}

impl fmt::Display for PartialRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::First(one, other) => write!(f, "{one}:{other}"),
            Self::Last(one, other) => write!(f, "-{one}:-{other}"),
        }
    }
}

impl fmt::Debug for PartialRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::round_trip::{round_trip, strict};
    use alloc::string::ToString;
    use alloc::vec::Vec;

    #[test]
    fn windows_agree_with_positions() {
        for count in 0..8usize {
            for (one, other) in (1..10u32).flat_map(|one| (1..10u32).map(move |other| (one, other))) {
                let (low, high) = (one.min(other) as usize, one.max(other) as usize);
                let numbers = |number: u32| NonZeroU32::new(number).unwrap();
                let first: Vec<_> = (0..count).filter(|at| (low..=high).contains(&(at + 1))).collect();
                let last: Vec<_> = (0..count).filter(|at| (low..=high).contains(&(count - at))).collect();
                let window = |range: PartialRange| range.window(count).collect::<Vec<_>>();
                assert_eq!(window(PartialRange::First(numbers(one), numbers(other))), first);
                assert_eq!(window(PartialRange::Last(numbers(one), numbers(other))), last);
            }
        }
        assert_eq!(PartialRange::First(NonZeroU32::MIN, NonZeroU32::MAX).window(usize::MAX).start, 0);
    }

    #[test]
    fn round_trips_and_known_answers() {
        round_trip(PartialRange::parse, |range, encoder| range.encode(encoder));
        for octets in ["1:500", "500:400", "-1:-100", "-501:-500"] {
            assert_eq!(strict(octets.as_bytes(), PartialRange::parse).unwrap().to_string(), octets);
        }
        for octets in ["1", "1:*", "0:1", "-1:100", "1:-100", "-1", "-0:-1", "1:4294967296", "1:"] {
            assert_eq!(strict(octets.as_bytes(), PartialRange::parse), None, "{octets}");
        }
    }
}
