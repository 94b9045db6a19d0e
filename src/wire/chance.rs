//! Values by chance, for the tests that what is written is read back the same.

use alloc::vec::Vec;
use arbitrary::{Arbitrary, Unstructured};
use core::fmt::Debug;

/// Octets that look random and are the same in every run.
pub(crate) fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    (0..length)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()[3]
        })
        .collect()
}

/// The same value every time for a number.
pub(crate) fn value<T: for<'a> Arbitrary<'a>>(seed: u64) -> T {
    T::arbitrary(&mut Unstructured::new(&noise(seed, 400))).unwrap()
}

/// How many values each type is tried with: a thousand, or as many as `MAILWIRE_CASES` says.
pub(crate) fn case_count() -> u64 {
    extern crate std;
    std::env::var("MAILWIRE_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(1_000)
}

/// A value that can be made by chance, and kept as JSON where there is serde.
#[cfg(feature = "serde")]
pub(crate) trait Value:
    for<'a> Arbitrary<'a> + PartialEq + Debug + serde::Serialize + serde::de::DeserializeOwned
{
}
#[cfg(feature = "serde")]
impl<T> Value for T where
    T: for<'a> Arbitrary<'a> + PartialEq + Debug + serde::Serialize + serde::de::DeserializeOwned
{
}
#[cfg(not(feature = "serde"))]
pub(crate) trait Value: for<'a> Arbitrary<'a> + PartialEq + Debug {}
#[cfg(not(feature = "serde"))]
impl<T> Value for T where T: for<'a> Arbitrary<'a> + PartialEq + Debug {}

/// Many values of a type: each comes back as it was from JSON.
#[cfg(feature = "serde")]
pub(crate) fn json_round_trips<T: Value>() {
    for seed in 0..case_count() {
        let value: T = value(seed);
        let json = serde_json::to_string(&value).unwrap();
        match serde_json::from_str::<T>(&json) {
            Ok(read) => assert_eq!(read, value, "as {json}"),
            Err(error) => panic!("{value:?} as {json}: {error}"),
        }
    }
}
#[cfg(not(feature = "serde"))]
pub(crate) fn json_round_trips<T: Value>() {}
