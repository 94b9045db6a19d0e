//! What real POP3 servers send against the grammar, by name.

use core::fmt;

/// A departure from the grammar that real servers are known for. Each can be switched alone; see [`Quirks`].
///
/// Some departures need no forgiving and have no name here: a reply without text is legal (RFC 2449 section 3); a unique-id
/// that comes twice is delivered twice; an unknown CAPA is a `-ERR` like any other; what CAPA says is asked again after login, not remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Quirk {
    /// `+ok` or `-err`: RFC 1939 section 3 has them in upper case. Even [`Quirks::strict`] forgives this one.
    StatusCase,
    /// A line that ends in LF without CR.
    BareLineFeed,
    /// `.` LF as the end of a multi-line response. After a bare LF it is the end only if the status line ended in one, too:
    /// else a message could say where it ends.
    DotLineFeed,
    /// A line of a message that starts with one dot and does not end there: the dot is kept. Without this quirk it is removed, as RFC 1939 section 3 has it.
    UnstuffedDot,
    /// A line over 512 octets (RFC 2449 section 4).
    LongLine,
    /// Octets outside ASCII in a status line before UTF8 or LANG allowed them.
    NonAsciiText,
    /// A `<…>` in the greeting that is no msg-id: there is no timestamp then.
    BadTimestamp,
    /// More than one space, or a space before or behind, in the lines of STAT, LIST and UIDL.
    ExtraSpace,
    /// A line of UIDL that leaves the message number out.
    MissingMessageNumber,
    /// A unique-id of more than 70 octets, or with octets outside `!` to `~`.
    BadUniqueId,
    /// A multi-line response to `UIDL n`.
    MultiLineUniqueId,
    /// The count of octets that the reply to RETR told was wrong. It is never used to find the end.
    OctetCount,
    /// `+` CRLF without a space, for a challenge of no octets.
    BareContinuation,
}

impl Quirk {
    /// Every quirk there is a name for.
    pub const ALL: &'static [Self] = &[
        Self::StatusCase,
        Self::BareLineFeed,
        Self::DotLineFeed,
        Self::UnstuffedDot,
        Self::LongLine,
        Self::NonAsciiText,
        Self::BadTimestamp,
        Self::ExtraSpace,
        Self::MissingMessageNumber,
        Self::BadUniqueId,
        Self::MultiLineUniqueId,
        Self::OctetCount,
        Self::BareContinuation,
    ];

    /// The name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::StatusCase => "StatusCase",
            Self::BareLineFeed => "BareLineFeed",
            Self::DotLineFeed => "DotLineFeed",
            Self::UnstuffedDot => "UnstuffedDot",
            Self::LongLine => "LongLine",
            Self::NonAsciiText => "NonAsciiText",
            Self::BadTimestamp => "BadTimestamp",
            Self::ExtraSpace => "ExtraSpace",
            Self::MissingMessageNumber => "MissingMessageNumber",
            Self::BadUniqueId => "BadUniqueId",
            Self::MultiLineUniqueId => "MultiLineUniqueId",
            Self::OctetCount => "OctetCount",
            Self::BareContinuation => "BareContinuation",
        }
    }

    const fn bit(self) -> u32 {
        let place: u32 = match self {
            Self::StatusCase => 0,
            Self::BareLineFeed => 1,
            Self::DotLineFeed => 2,
            Self::UnstuffedDot => 3,
            Self::LongLine => 4,
            Self::NonAsciiText => 5,
            Self::BadTimestamp => 6,
            Self::ExtraSpace => 7,
            Self::MissingMessageNumber => 8,
            Self::BadUniqueId => 9,
            Self::MultiLineUniqueId => 10,
            Self::OctetCount => 11,
            Self::BareContinuation => 12,
        };
        1u32.wrapping_shl(place)
    }
}

/// A set of quirks: those that are forgiven, or those that were.
///
/// ```
/// use mailwire::pop3::{Quirk, Quirks};
///
/// let mut quirks = Quirks::lenient();
/// quirks.remove(Quirk::UnstuffedDot);
/// assert!(quirks.contains(Quirk::BareLineFeed) && !quirks.contains(Quirk::UnstuffedDot));
/// assert!(!Quirks::strict().contains(Quirk::BareLineFeed));
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Quirks(u32);

impl Quirks {
    /// Nothing at all is forgiven.
    pub const fn none() -> Self {
        Self(0)
    }

    /// Nothing is forgiven but letters in lower case where the RFC has upper case.
    pub const fn strict() -> Self {
        Self(Quirk::StatusCase.bit())
    }

    /// All are forgiven.
    pub const fn lenient() -> Self {
        let mut quirks = Self(0);
        let mut all = Quirk::ALL;
        while let [quirk, rest @ ..] = all {
            quirks.insert(*quirk);
            all = rest;
        }
        quirks
    }

    /// Whether this one is in the set.
    pub const fn contains(self, quirk: Quirk) -> bool {
        self.0 & quirk.bit() != 0
    }

    /// Puts one in.
    pub const fn insert(&mut self, quirk: Quirk) {
        self.0 |= quirk.bit();
    }

    /// Takes one out.
    pub const fn remove(&mut self, quirk: Quirk) {
        self.0 &= !quirk.bit();
    }

    /// Whether none is in the set.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(super) const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Those in the set, in the order of their declaration.
    pub fn iter(self) -> impl Iterator<Item = Quirk> {
        Quirk::ALL.iter().copied().filter(move |quirk| self.contains(*quirk))
    }
}

impl fmt::Debug for Quirks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl FromIterator<Quirk> for Quirks {
    fn from_iter<I: IntoIterator<Item = Quirk>>(quirks: I) -> Self {
        let mut set = Self::none();
        quirks.into_iter().for_each(|quirk| set.insert(quirk));
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_a_bit_of_its_own() {
        let mut seen = 0;
        for quirk in Quirk::ALL {
            assert_eq!(seen & quirk.bit(), 0);
            seen |= quirk.bit();
            let set: Quirks = [*quirk].into_iter().collect();
            assert_eq!(set.iter().collect::<alloc::vec::Vec<_>>(), [*quirk]);
        }
        assert_eq!(Quirks::lenient().iter().count(), Quirk::ALL.len());
    }
}
