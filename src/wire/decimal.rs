//! Decimal numbers, eight digits at a time.

/// A number from 1 to 4,294,967,295 and what stands behind its digits.
#[inline]
pub(crate) fn nz_number(octets: &[u8]) -> Option<(core::num::NonZeroU32, &[u8])> {
    if let Some(first) = octets.first_chunk::<8>() {
        let word = u64::from_le_bytes(*first) ^ 0x3030_3030_3030_3030;
        // The high bit of each octet that is no digit; only the lowest of them is meant.
        let others = (word.wrapping_add(0x7676_7676_7676_7676) | word) & 0x8080_8080_8080_8080;
        let bits = others.trailing_zeros() & !7;
        if (8..64).contains(&bits) {
            // The digits move up, so that zeros stand before them.
            let word = word.wrapping_shl(64u32.wrapping_sub(bits));
            let pairs = word.wrapping_mul(10).wrapping_add(word.wrapping_shr(8));
            let even = (pairs & 0x0000_00ff_0000_00ff).wrapping_mul(0x000f_4240_0000_0064);
            let odd = (pairs.wrapping_shr(16) & 0x0000_00ff_0000_00ff).wrapping_mul(0x0000_2710_0000_0001);
            let number = u32::try_from(even.wrapping_add(odd).wrapping_shr(32)).ok()?;
            let digits = usize::try_from(bits.wrapping_shr(3)).ok()?;
            return Some((core::num::NonZeroU32::new(number)?, octets.get(digits..)?));
        }
    }
    slow(octets)
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
            }
            number = number + number / 7 + 1;
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
