//! What peers send against the grammar, by name: how a protocol declares its quirks, and sets of them.

/// Declares the quirks of a protocol once, and the set of them as bits of `$bits`.
macro_rules! quirks {
    (
        $bits:ident;
        $(#[$quirk_doc:meta])* enum Quirk;
        $(#[$set_doc:meta])* struct Quirks;
        $($(#[$doc:meta])* $name:ident,)*
    ) => {
        $(#[$quirk_doc])*
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

            /// A bit of its own.
            #[inline(always)]
            pub(crate) const fn bit(self) -> $bits {
                // Looked up when this is compiled, since it is asked wherever something could be forgiven.
                match self { $(Self::$name => const { Self::$name.place() },)* }
            }

            /// The bit of its place in the declaration.
            const fn place(self) -> $bits {
                const NAMES: &[Quirk] = Quirk::ALL;
                let mut bit: $bits = 1;
                let mut names = NAMES;
                while let [name, rest @ ..] = names {
                    if matches!((name, self), $((Quirk::$name, Quirk::$name))|*) {
                        return bit;
                    }
                    bit = bit.wrapping_shl(1);
                    names = rest;
                }
                bit
            }
        }

        const _: () = assert!(Quirk::ALL.len() <= size_of::<$bits>().saturating_mul(8));

        $(#[$set_doc])*
        #[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
        pub struct Quirks($bits);

        impl Quirks {
            /// The empty set.
            pub const fn none() -> Self {
                Self(0)
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

            /// Those that are in either set.
            #[must_use]
            pub const fn union(self, other: Self) -> Self {
                Self(self.0 | other.0)
            }

            /// Whether none is in the set.
            pub const fn is_empty(self) -> bool {
                self.0 == 0
            }

            /// Those in the set, in the order of their declaration.
            pub fn iter(self) -> impl Iterator<Item = Quirk> {
                Quirk::ALL.iter().copied().filter(move |quirk| self.contains(*quirk))
            }
        }

        impl ::core::fmt::Debug for Quirks {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
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
        mod quirks_have_bits {
            use super::*;

            #[test]
            fn each_of_its_own() {
                let mut seen = Quirks::none();
                for quirk in Quirk::ALL {
                    assert!(!seen.contains(*quirk));
                    seen.insert(*quirk);
                    let set: Quirks = [*quirk].into_iter().collect();
                    assert_eq!(set.iter().collect::<alloc::vec::Vec<_>>(), [*quirk]);
                }
                assert_eq!(seen, Quirks::lenient());
            }
        }
    };
}
pub(crate) use quirks;
