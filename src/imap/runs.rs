//! Where a run of octets ends: of a word, of a quoted string. Several octets are looked at at a time.

use crate::wire::swar::{equal, less, split_at_end};

/// The octets before the first one that ends a word for sure, such as SP or a parenthesis, and what follows from there.
#[inline]
pub(crate) fn word(octets: &[u8]) -> Option<(&[u8], &[u8])> {
    split_at_end(octets, |word| less(word, b')' + 1))
}

/// How many octets stand before the first SP or `)`: the length of a word in a list.
#[inline]
pub(crate) fn word_length(octets: &[u8]) -> usize {
    split_at_end(octets, |word| equal(word, b' ') | equal(word, b')'))
        .map_or(octets.len(), |(word, _)| word.len())
}

/// How many octets from the start stand for themselves in a quoted string; those of 8 bits are for a closer look.
#[inline]
pub(crate) fn plain_run(octets: &[u8]) -> usize {
    octets.len().wrapping_sub(behind_plain_run(octets).len())
}

/// What stands behind the octets that stand for themselves in a quoted string.
#[inline]
fn behind_plain_run(octets: &[u8]) -> &[u8] {
    let mut rest = octets;
    loop {
        match to_quoted_special(rest) {
            // A tab, or another control that is allowed.
            [octet, behind @ ..] if matches!(octet, 1..=0x1f) && !matches!(octet, b'\r' | b'\n') => {
                rest = behind
            }
            found => return found,
        }
    }
}

/// From the first quote, backslash, control or 8-bit octet on.
///
/// Most octets of an envelope pass here, each string behind the one before: what `split_at_end` does, with fewer registers.
#[inline(always)]
pub(crate) fn to_quoted_special(octets: &[u8]) -> &[u8] {
    let mut rest = octets;
    while let Some((chunk, behind)) = rest.split_first_chunk::<8>() {
        let found = quoted_specials(u64::from_le_bytes(*chunk));
        if found != 0 {
            let run = usize::try_from(found.trailing_zeros().wrapping_shr(3)).unwrap_or_default();
            return rest.get(run..).unwrap_or_default();
        }
        rest = behind;
    }
    let special = |octet: &u8| matches!(octet, 0..=0x1f | b'"' | b'\\' | 0x80..);
    rest.get(rest.iter().position(special).unwrap_or(rest.len())..).unwrap_or_default()
}

/// The octets at the front that every atom, tag and astring may have, of those that are usual, with zeros behind them; and how many bits
/// they are. `None`: there are more, or it cannot be told eight octets at a time.
#[inline(always)]
pub(crate) fn usual_octets(octets: &[u8]) -> Option<([u64; 3], u32)> {
    let word = |at: usize| Some(u64::from_le_bytes(*octets.get(at..)?.first_chunk()?));
    let end = |word| unusual(word).trailing_zeros() & !7;
    let front = |word: u64, bits| word & !u64::MAX.wrapping_shl(bits);
    let first = word(0)?;
    match end(first) {
        64 => {}
        bits => return Some(([front(first, bits), 0, 0], bits)),
    }
    let second = word(8)?;
    match end(second) {
        64 => {}
        bits => return Some(([first, front(second, bits), 0], bits.wrapping_add(64))),
    }
    let third = word(16)?;
    match end(third) {
        64 => None,
        bits => Some(([first, second, front(third, bits)], bits.wrapping_add(128))),
    }
}

/// The high bit of the first octet that is not from `,` to `z`, or is a backslash or `]`, is the lowest one set; none is set if there is no such octet.
const fn unusual(word: u64) -> u64 {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGH: u64 = u64::from_le_bytes([0x80; 8]);
    let below = word.wrapping_sub(u64::from_le_bytes([b','; 8])) & !word;
    let above = word.wrapping_add(u64::from_le_bytes([0x80 - b'{'; 8])) | word;
    // A backslash and `]` differ in their lowest bit alone.
    let special = (word ^ u64::from_le_bytes([b'\\'; 8])) & !ONES;
    (below | above | special.wrapping_sub(ONES) & !special) & HIGH
}

/// The high bit of the first octet that is a quote, a backslash, a control or of 8 bits is the lowest one set; none is set if there is no
/// such octet.
const fn quoted_specials(word: u64) -> u64 {
    const HIGH: u64 = u64::from_le_bytes([0x80; 8]);
    // With this bit turned over the quote stands right behind the controls, and all of them before the rest.
    let quote_or_control = (word ^ u64::from_le_bytes([0x02; 8])).wrapping_sub(u64::from_le_bytes([0x21; 8]));
    let backslash = (word ^ u64::from_le_bytes([b'\\'; 8])).wrapping_sub(u64::from_le_bytes([1; 8]));
    (quote_or_control | backslash | word) & HIGH
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::core::{QUOTED, is_in};

    #[test]
    fn runs_of_plain_octets() {
        for stop in 0..=255u8 {
            for at in 0..20usize {
                for fill in [b'a', 0xff, b'\t', 0x0e, b'!', b'#', b'[', b']', 0x80] {
                    let mut octets = [fill; 24];
                    octets[at] = stop;
                    let expected = octets
                        .iter()
                        .position(|octet| !is_in(&QUOTED, *octet) || *octet > 0x7f)
                        .unwrap_or(24);
                    assert_eq!(plain_run(&octets), expected, "{stop} at {at} in {fill}");
                }
            }
        }
    }
}
