//! What real servers send against the grammar, by name.

use core::fmt;

/// Declares the quirks once: name, bit and what it means.
macro_rules! quirks {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// A departure from the grammar that real servers are known for. Each can be switched alone; see [`Quirks`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[non_exhaustive]
        pub enum Quirk {
            $($(#[$doc])* $name,)*
        }

        impl Quirk {
            /// Every quirk there is a name for.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }

            pub(crate) const fn bit(self) -> u32 {
                const NAMES: &[Quirk] = Quirk::ALL;
                let mut bit = 0u32;
                let mut names = NAMES;
                while let [name, rest @ ..] = names {
                    if matches!((name, self), $((Quirk::$name, Quirk::$name))|*) {
                        return bit;
                    }
                    bit = bit.wrapping_add(1);
                    names = rest;
                }
                bit
            }
        }
    };
}

quirks! {
    /// More spaces than one between words, or spaces before `)` or the end of a line.
    ExtraSpace,
    /// A backslash in a quoted string before another octet than a quote or a backslash.
    BadEscape,
    /// A NUL octet in a line, a quoted string or before a line.
    NulInText,
    /// A carriage return in a quoted string.
    CarriageReturnInQuoted,
    /// A quote in a quoted string that is not escaped.
    UnescapedQuote,
    /// An atom where the grammar has a string.
    AtomForString,
    /// A line that ends in LF alone.
    BareLineFeed,
    /// A status response without text, or without the space before it.
    MissingText,
    /// No space between a response code and the text.
    MissingSpaceAfterCode,
    /// A response code that stands without `OK` before it.
    CodeWithoutStatus,
    /// A line that begins with no tag, or one that no completion follows.
    UntaggedText,
    /// A `+` without the space that has to follow it.
    BareContinuation,
    /// A `+` that nobody asked for.
    UnaskedContinuation,
    /// A completion of IDLE that did not wait for DONE.
    EarlyIdleCompletion,
    /// A capability with octets that no atom may hold, or `IMAPrev1` in the place of `IMAP4rev1`.
    StrangeCapability,
    /// A greeting that another protocol would send.
    ForeignGreeting,
    /// Zero where the grammar asks for a number from one.
    ZeroNumber,
    /// A negative number, or one in scientific notation, where a size or count should stand.
    StrangeNumber,
    /// A number that does not fit in 32 bits where it must.
    LargeNumber,
    /// `\*` in a list of flags that are set.
    WildcardFlag,
    /// A flag with octets that no atom may hold.
    StrangeFlag,
    /// NIL in a list of flags or other words.
    NilInList,
    /// A mailbox name with spaces, controls or 8-bit octets that is not quoted.
    UnquotedMailbox,
    /// A mailbox name that is not modified UTF-7.
    BadMailboxEncoding,
    /// A NIL, an empty list or nothing where a list with items has to stand.
    EmptyList,
    /// An empty string as hierarchy delimiter, where NIL says that there is none.
    EmptyDelimiter,
    /// `FETCH` of message number zero.
    ZeroSequenceNumber,
    /// A data item without its value.
    MissingValue,
    /// Octets behind the end of a response.
    TrailingOctets,
    /// INTERNALDATE that is NIL or no date.
    StrangeDate,
    /// An ENVELOPE in one pair of parentheses too many.
    DoubleParentheses,
    /// An ENVELOPE without its last fields.
    ShortEnvelope,
    /// `()` where a list of addresses is NIL, or NIL among addresses.
    StrangeAddressList,
    /// Spaces between addresses or between body parts.
    SpaceBetweenItems,
    /// NIL where a body structure needs a string or a number.
    NilInBody,
    /// A field of a body structure that was left out.
    ShortBody,
    /// A multipart without parts.
    EmptyMultipart,
    /// A disposition that is a bare string, or NIL inside its parentheses.
    StrangeDisposition,
    /// A message/rfc822 part without its envelope and body.
    MessageWithoutEnvelope,
    /// Extension data of a body structure in a shape that the grammar does not give.
    StrangeExtension,
    /// `PREVIEW` with the name of an algorithm before its text, as drafts of RFC 8970 had it.
    PreviewAlgorithm,
    /// An envelope or a body structure that cannot be read: it is left out of its `FETCH` and reported.
    UnreadableItem,
}

const _: () = assert!(Quirk::ALL.len() <= 128);

/// A set of [`Quirk`]s: which are forgiven, or which were met.
///
/// ```
/// use mailwire::imap::{Quirk, Quirks};
///
/// let mut quirks = Quirks::lenient();
/// quirks.remove(Quirk::ExtraSpace);
/// assert!(quirks.contains(Quirk::BareLineFeed) && !quirks.contains(Quirk::ExtraSpace));
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Quirks(u128);

impl Quirks {
    /// None is forgiven.
    pub const fn strict() -> Self {
        Self(0)
    }

    /// All are forgiven.
    pub const fn lenient() -> Self {
        let mut quirks = Self(0);
        let mut all = Quirk::ALL;
        while let [quirk, rest @ ..] = all {
            quirks.0 |= 1u128.wrapping_shl(quirk.bit());
            all = rest;
        }
        quirks
    }

    /// Whether this one is in the set.
    pub const fn contains(self, quirk: Quirk) -> bool {
        self.0 & 1u128.wrapping_shl(quirk.bit()) != 0
    }

    /// Puts one in.
    pub const fn insert(&mut self, quirk: Quirk) {
        self.0 |= 1u128.wrapping_shl(quirk.bit());
    }

    /// Takes one out.
    pub const fn remove(&mut self, quirk: Quirk) {
        self.0 &= !1u128.wrapping_shl(quirk.bit());
    }

    /// Whether none is in the set.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Those in the set, in the order of their declaration.
    pub fn iter(self) -> impl Iterator<Item = Quirk> {
        Quirk::ALL.iter().copied().filter(move |quirk| self.contains(*quirk))
    }

    pub(crate) const fn bits(self) -> u128 {
        self.0
    }

    pub(crate) const fn from_bits(bits: u128) -> Self {
        Self(bits)
    }
}

impl fmt::Debug for Quirks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl FromIterator<Quirk> for Quirks {
    fn from_iter<I: IntoIterator<Item = Quirk>>(quirks: I) -> Self {
        let mut set = Self::strict();
        quirks.into_iter().for_each(|quirk| set.insert(quirk));
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_a_bit_of_its_own() {
        for (index, quirk) in Quirk::ALL.iter().enumerate() {
            assert_eq!(usize::try_from(quirk.bit()).unwrap(), index);
            let set: Quirks = [*quirk].into_iter().collect();
            assert_eq!(set.iter().collect::<alloc::vec::Vec<_>>(), [*quirk]);
        }
    }
}
