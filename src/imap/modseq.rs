//! Mod-sequences: what a message's last change is numbered with.
//!
//! ```abnf
//! ; RFC 7162 section 7
//! mod-sequence-value  = 1*DIGIT    ; positive, 63 bits
//! mod-sequence-valzer = "0" / mod-sequence-value
//! ```

use crate::imap::encode::{Encoded, Encoder};
use crate::imap::quirk::Quirk;
use crate::wire::cursor::{Cursor, Parsed};
use crate::wire::{InvalidValue, decimal};
use core::fmt;

/// A number of 63 bits: a mod-sequence (RFC 7162), or zero for a mailbox that has none.
///
/// ```
/// use mailwire::imap::ModSequence;
///
/// assert_eq!(ModSequence::new(715_194_045_007).unwrap().value(), 715_194_045_007);
/// assert!(ModSequence::new(1 << 63).is_err());
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "u64", into = "u64")
)]
pub struct ModSequence(u64);

impl ModSequence {
    /// No mod-sequence.
    pub const ZERO: Self = Self(0);
    /// The largest there can be.
    pub const MAX: Self = Self(u64::MAX >> 1);

    /// A number of 63 bits.
    ///
    /// # Errors
    /// From 2^63 on.
    pub const fn new(value: u64) -> Result<Self, InvalidValue> {
        if value <= Self::MAX.0 {
            Ok(Self(value))
        } else {
            Err(InvalidValue { offset: 0, expected: "a number of 63 bits" })
        }
    }

    /// The number.
    pub const fn value(self) -> u64 {
        self.0
    }

    /// Whether the number is zero.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// A number from one, and what stands behind it.
    #[inline]
    pub(crate) fn glance(octets: &[u8]) -> Option<(Self, &[u8])> {
        let (number, rest) = decimal::canonical(octets)?;
        (number > 0).then_some((Self(number), rest))
    }

    /// `mod-sequence-valzer`. A negative number is a quirk, and read as zero.
    pub(crate) fn parse_or_zero(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let start = cursor.position();
        if cursor.peek() == Some(b'-')
            && cursor.peek_at(1).is_some_and(|octet| octet.is_ascii_digit())
            && cursor.forgives(Quirk::StrangeNumber)
        {
            cursor.advance(1);
            cursor.number_long("a number")?;
            return Ok(Self::ZERO);
        }
        let value = cursor.number_long("a number of 63 bits")?;
        match Self::new(value) {
            Ok(number) => Ok(number),
            Err(_) => cursor.syntax_at(start, "a number of 63 bits"),
        }
    }

    /// `mod-sequence-value`. Zero is a quirk, and so is a negative number, which is read as zero.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let start = cursor.position();
        let negative = cursor.peek() == Some(b'-');
        let number = Self::parse_or_zero(cursor)?;
        if number.is_zero() && !negative && !cursor.forgives(Quirk::ZeroNumber) {
            return cursor.syntax_at(start, "a number from 1");
        }
        Ok(number)
    }

    /// `mod-sequence-valzer`, and whatever a client has forgiven.
    pub(crate) fn encode(self, encoder: &mut Encoder<'_>) -> Encoded {
        encoder.number(self.0);
        Ok(())
    }

    /// `mod-sequence-value` of a command.
    pub(crate) fn encode_value(self, encoder: &mut Encoder<'_>) -> Encoded {
        if self.is_zero() {
            return Err(InvalidValue { offset: 0, expected: "a mod-sequence from 1" });
        }
        self.encode(encoder)
    }
}

impl fmt::Debug for ModSequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for ModSequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl TryFrom<u64> for ModSequence {
    type Error = InvalidValue;
    fn try_from(value: u64) -> Result<Self, InvalidValue> {
        Self::new(value)
    }
}

impl From<u32> for ModSequence {
    fn from(value: u32) -> Self {
        Self(u64::from(value))
    }
}

impl From<ModSequence> for u64 {
    fn from(number: ModSequence) -> Self {
        number.0
    }
}

#[cfg(any(test, feature = "arbitrary"))]
impl<'a> arbitrary::Arbitrary<'a> for ModSequence {
    /// Never zero, since most places do not have it.
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        u.int_in_range(1..=Self::MAX.0).map(Self)
    }
}
