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
use core::fmt;
use core::num::NonZeroU32;

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
