//! Numbers and lengths without the machinery of `fmt`.

use bytes::{BufMut, BytesMut};

/// Decimal digits.
pub(crate) fn number(out: &mut BytesMut, value: impl Into<u64>) {
    let mut value = value.into();
    let mut digits = [0u8; 20];
    let mut start = digits.len();
    for (place, digit) in digits.iter_mut().enumerate().rev() {
        *digit = b"0123456789".get(index(value % 10)).copied().unwrap_or(b'0');
        start = place;
        value /= 10;
        if value == 0 {
            break;
        }
    }
    out.put_slice(digits.get(start..).unwrap_or_default());
}

/// A length in memory as a number of the wire.
pub(crate) fn length(octets: usize) -> u64 {
    u64::try_from(octets).unwrap_or(u64::MAX)
}

/// A number of the wire as a length in memory, as far as there can be memory.
pub(crate) fn index(value: u64) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        for value in [0, 1, 9, 10, 99, 100, 4_294_967_295, u64::MAX] {
            let mut out = BytesMut::new();
            number(&mut out, value);
            assert_eq!(out, alloc::format!("{value}").as_bytes());
        }
    }
}
