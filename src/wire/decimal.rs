//! Decimal numbers, eight digits at a time.

use crate::wire::swar::last_word;

/// The powers of ten, from the zeroth.
const POWERS: [u64; 9] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];

/// A number of at most seven digits, and what stands behind them.
#[inline(always)]
pub(crate) fn short_number(octets: &[u8]) -> Option<(u64, &[u8])> {
    let (word, bits) = front(octets);
    if !(8..64).contains(&bits) {
        return None;
    }
    // The digits move up, so that zeros stand before them.
    let number = eight_digits(word.wrapping_shl(64u32.wrapping_sub(bits)));
    Some((number, octets.get(usize::try_from(bits.wrapping_shr(3)).ok()?..)?))
}

/// A number of at most 18 digits without zeros before it, and what stands behind it.
#[inline(always)]
pub(crate) fn canonical(octets: &[u8]) -> Option<(u64, &[u8])> {
    let (word, bits) = front(octets);
    // A zero and more digits behind it.
    if bits < 8 || (bits > 8 && word & 0xff == 0) {
        return None;
    }
    let number = eight_digits(word.wrapping_shl(64u32.wrapping_sub(bits)));
    let rest = octets.get(usize::try_from(bits.wrapping_shr(3)).ok()?..)?;
    if bits < 64 {
        return Some((number, rest));
    }
    let (number, rest) = more_digits(number, rest);
    (octets.len().wrapping_sub(rest.len()) <= 18).then_some((number, rest))
}

/// A number from 1 to 4,294,967,295.
#[inline]
pub(crate) fn non_zero(number: u64) -> Option<core::num::NonZeroU32> {
    core::num::NonZeroU32::new(u32::try_from(number).ok()?)
}

/// The digits at the front as a number, and what stands behind them; of more than 19 digits the number is of no use.
pub(crate) fn digits(octets: &[u8]) -> (u64, &[u8]) {
    more_digits(0, octets)
}

/// A number that goes on with the digits at the front, and what stands behind them.
fn more_digits(mut number: u64, octets: &[u8]) -> (u64, &[u8]) {
    let mut rest = octets;
    loop {
        let (word, bits) = front(rest);
        if bits < 8 {
            break;
        }
        // Fewer than eight digits move up, so that zeros stand before them.
        let digits = usize::try_from(bits.wrapping_shr(3)).unwrap_or_default();
        let last = eight_digits(word.wrapping_shl(64u32.wrapping_sub(bits)));
        number = number.wrapping_mul(POWERS.get(digits).copied().unwrap_or_default()).wrapping_add(last);
        rest = rest.get(digits..).unwrap_or_default();
        if bits < 64 {
            break;
        }
    }
    (number, rest)
}

/// Eight octets, digits as their values, and how many bits of them are digits from the first one on.
#[inline]
fn front(octets: &[u8]) -> (u64, u32) {
    let word = match octets.first_chunk::<8>() {
        Some(octets) => u64::from_le_bytes(*octets),
        None => last_word(octets, octets),
    };
    let word = word ^ 0x3030_3030_3030_3030;
    // The high bit of each octet that is no digit; only the lowest of them is meant.
    let others = (word.wrapping_add(0x7676_7676_7676_7676) | word) & 0x8080_8080_8080_8080;
    (word, others.trailing_zeros() & !7)
}

/// The number of eight digits, the first of which stands in the lowest octet.
#[inline]
const fn eight_digits(word: u64) -> u64 {
    let pairs = word.wrapping_mul(0x0a01).wrapping_shr(8) & 0x00ff_00ff_00ff_00ff;
    let fours = pairs.wrapping_mul(0x0064_0001).wrapping_shr(16) & 0x0000_ffff_0000_ffff;
    fours.wrapping_mul(0x2710_0000_0001).wrapping_shr(32)
}

/// A number from 1 to 4,294,967,295 and what stands behind its digits.
#[inline]
pub(crate) fn nz_number(octets: &[u8]) -> Option<(core::num::NonZeroU32, &[u8])> {
    match short_number(octets) {
        Some((number, rest)) => Some((core::num::NonZeroU32::new(u32::try_from(number).ok()?)?, rest)),
        None => slow(octets),
    }
}

fn slow(octets: &[u8]) -> Option<(core::num::NonZeroU32, &[u8])> {
    let mut rest = octets;
    let mut number = 0u32;
    while let [octet @ b'0'..=b'9', after @ ..] = rest {
        number = number.checked_mul(10)?.checked_add(u32::from(octet.wrapping_sub(b'0')))?;
        rest = after;
    }
    Some((core::num::NonZeroU32::new(number)?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    #[test]
    fn both_ways_agree_with_the_library() {
        let mut number = 1u64;
        while number < 1 << 40 {
            for tail in ["", " ", ",1234567", "a", "\u{ff}\u{ff}\u{ff}\u{ff}", ":/0123456"] {
                let text = format!("{number}{tail}");
                let expected = u32::try_from(number).ok().map(|number| (number, tail.as_bytes()));
                let read = |read: Option<(core::num::NonZeroU32, _)>| {
                    read.map(|(number, rest)| (number.get(), rest))
                };
                assert_eq!(read(nz_number(text.as_bytes())), expected, "{text}");
                assert_eq!(read(slow(text.as_bytes())), expected, "{text}");
                assert_eq!(digits(text.as_bytes()), (number, tail.as_bytes()), "{text}");
            }
            number = number + number / 7 + 1;
        }
        for (text, number) in [
            ("", 0),
            ("x", 0),
            ("00000000000000000012345678", 12_345_678),
            ("9999999999999999999 ", 9_999_999_999_999_999_999),
        ] {
            assert_eq!(digits(text.as_bytes()).0, number, "{text}");
        }
        for text in
            ["", " 1234567", "0", "00000000", "0       ", "-1234567", "4294967296", "/1234567", ":1234567"]
        {
            assert_eq!(nz_number(text.as_bytes()), None, "{text}");
        }
        assert_eq!(nz_number(b"0000000001").unwrap().0.get(), 1);
        assert_eq!(nz_number(b"0000012 ").unwrap(), (core::num::NonZeroU32::new(12).unwrap(), &b" "[..]));
    }
}
