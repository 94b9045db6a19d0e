//! Eight octets at a time, as the lanes of one word; the first octet stands in the lowest lane.
//!
//! What is found is marked by the high bit of its lane. Marks above the lowest one may be wrong: a carry or borrow comes from a lane that is
//! marked itself.

/// Cuts the octets before the first one that `ends` marks.
#[inline(always)]
pub(crate) fn split_at_end(octets: &[u8], ends: impl Fn(u64) -> u64) -> Option<(&[u8], &[u8])> {
    let (chunks, rest) = octets.as_chunks::<8>();
    let mut before = 0usize;
    for chunk in chunks {
        let found = ends(u64::from_le_bytes(*chunk));
        if found != 0 {
            let length = usize::try_from(found.trailing_zeros().wrapping_shr(3)).ok()?;
            return octets.split_at_checked(before.wrapping_add(length));
        }
        before = before.wrapping_add(8);
    }
    let found = ends(last_word(octets, rest));
    let length = usize::try_from(found.trailing_zeros().wrapping_shr(3)).ok()?;
    if length < rest.len() { octets.split_at_checked(before.wrapping_add(length)) } else { None }
}

/// The `rest` of the octets behind the last whole word, as a word with zeros behind them.
#[inline(always)]
pub(crate) fn last_word(octets: &[u8], rest: &[u8]) -> u64 {
    let bits = u32::try_from(rest.len()).unwrap_or_default().wrapping_mul(8);
    match (octets.last_chunk::<8>(), rest.first_chunk::<4>(), rest.last_chunk::<4>()) {
        (Some(last), ..) => {
            u64::from_le_bytes(*last).checked_shr(64u32.wrapping_sub(bits)).unwrap_or_default()
        }
        (None, Some(first), Some(last)) => {
            let last = u64::from(u32::from_le_bytes(*last)).wrapping_shl(bits.wrapping_sub(32));
            u64::from(u32::from_le_bytes(*first)) | last
        }
        _ => rest.iter().rev().fold(0, |word, octet| word << 8 | u64::from(*octet)),
    }
}

/// Marks the octets that are less than this one.
#[inline(always)]
pub(crate) const fn less(word: u64, octet: u8) -> u64 {
    word.wrapping_sub(u64::from_le_bytes([octet; 8])) & !word & u64::from_le_bytes([0x80; 8])
}

/// Marks the octets that are this one.
#[inline(always)]
pub(crate) const fn equal(word: u64, octet: u8) -> u64 {
    less(word ^ u64::from_le_bytes([octet; 8]), 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn the_first_one_counts_wherever_it_stands() {
        for length in 0..40 {
            let octets: Vec<u8> = (0..length).map(|at| 0x80 | at).collect();
            assert_eq!(split_at_end(&octets, |word| less(word, b' ')), None);
            for at in 0..octets.len() {
                for behind in 0..octets.len() {
                    let mut octets = octets.clone();
                    octets[behind] = b'\x1f';
                    octets[at] = b'\x1f';
                    let (first, expected) = (at.min(behind), octets.split_at(at.min(behind)));
                    assert_eq!(split_at_end(&octets, |word| less(word, b' ')), Some(expected), "{first}");
                    assert_eq!(split_at_end(&octets, |word| equal(word, b'\x1f')), Some(expected), "{first}");
                    assert_eq!(split_at_end(&octets, |word| equal(word, b' ') | less(word, b'\x1f')), None);
                }
            }
        }
    }
}
