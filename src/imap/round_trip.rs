//! What is written is read back the same, for any value.

use crate::imap::encode::{Encoded, Encoder, Encoding, Literals};
use crate::imap::quirk::Quirks;
use crate::wire::Limits;
use crate::wire::cursor::{Cursor, Parsed};
use alloc::vec::Vec;
use arbitrary::{Arbitrary, Unstructured};
use bytes::{Bytes, BytesMut};
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

/// How many values each type is tried with: a thousand, or as many as `MAILWIRE_CASES` says.
pub(crate) fn case_count() -> u64 {
    extern crate std;
    std::env::var("MAILWIRE_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(1_000)
}

/// A thousand values of a type: each is written in every encoding, and what was written is read, strictly and whole, as the same value.
pub(crate) fn round_trip<T>(
    parse: impl Fn(&mut Cursor<'_>) -> Parsed<T>,
    encode: impl Fn(&T, &mut Encoder<'_>) -> Encoded,
) where
    T: for<'a> Arbitrary<'a> + PartialEq + Debug,
{
    let limits = Limits::imap_client();
    let client = Encoding::default();
    let encodings = [
        client,
        Encoding { literals: Literals::Plus, utf8: true, ..client },
        Encoding::server(),
        Encoding { utf8: true, ..Encoding::server() },
    ];
    for seed in 0..case_count() {
        let noise = noise(seed, 400);
        let value = T::arbitrary(&mut Unstructured::new(&noise)).unwrap();
        for encoding in encodings {
            let mut out = BytesMut::new();
            encode(&value, &mut Encoder::new(&mut out, encoding)).unwrap();
            let octets: Bytes = out.freeze();
            let mut cursor =
                Cursor::shared(&octets, &limits, Quirks::strict().bits()).with_utf8(encoding.utf8);
            match parse(&mut cursor) {
                Ok(read) => {
                    assert!(cursor.is_at_end(), "{value:?} as {octets:?} is not read whole");
                    assert_eq!(read, value, "as {octets:?}");
                }
                Err(fail) => panic!("{value:?} as {octets:?}: {:?}", cursor.error(fail)),
            }
        }
    }
}

/// Reads octets whole; gives what was forgiven, or nothing where they are refused.
pub(crate) fn read<T>(
    octets: &[u8],
    quirks: Quirks,
    parse: impl Fn(&mut Cursor<'_>) -> Parsed<T>,
) -> Option<(T, Quirks)> {
    let limits = Limits::imap_client();
    let octets = Bytes::copy_from_slice(octets);
    let mut cursor = Cursor::shared(&octets, &limits, quirks.bits());
    let value = parse(&mut cursor).ok()?;
    cursor.is_at_end().then(|| (value, Quirks::from_bits(cursor.forgiven())))
}

/// Reads octets strictly.
pub(crate) fn strict<T>(octets: &[u8], parse: impl Fn(&mut Cursor<'_>) -> Parsed<T>) -> Option<T> {
    read(octets, Quirks::strict(), parse).map(|(value, _)| value)
}

/// Reads octets that only this quirk allows: strictly they are refused, leniently the quirk is told.
pub(crate) fn quirky<T: Debug>(
    octets: &[u8],
    quirk: crate::imap::quirk::Quirk,
    parse: impl Fn(&mut Cursor<'_>) -> Parsed<T>,
) -> T {
    assert!(strict(octets, &parse).is_none(), "{} is not strict", octets.escape_ascii());
    let (value, met) = read(octets, Quirks::lenient(), &parse).unwrap();
    assert_eq!(met, [quirk].into_iter().collect());
    value
}

/// Writes a value as a server does.
pub(crate) fn written(encode: impl FnOnce(&mut Encoder<'_>) -> Encoded) -> alloc::string::String {
    let mut out = BytesMut::new();
    encode(&mut Encoder::new(&mut out, Encoding::server())).unwrap();
    alloc::string::String::from_utf8_lossy(&out).into_owned()
}
