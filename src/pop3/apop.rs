//! APOP: the timestamp of a greeting and the digest over it.
//!
//! ```text
//! greeting   =  "+OK" [resp-code] *gchar [timestamp] *gchar CRLF     RFC 2449 section 3
//! timestamp  =  "<" *VCHAR ">"
//! digest     =  32 hexadecimal digits in lower case                  RFC 1939 section 7
//! ```
//!
//! APOP is off until [`ClientConfig::apop`](super::ClientConfig::apop) says otherwise: MD5 of a text the server chose gives the password
//! away in time (CVE-2007-1558). That attack needs timestamps that are no msg-id, so only a msg-id in ASCII is one here.

use super::argument::checked_text;
use crate::wire::InvalidValue;
use crate::wire::Text;
use alloc::string::String;
use core::fmt;

/// The longest timestamp that is one, in octets.
const LONGEST: usize = 128;

fn check_timestamp(octets: &[u8]) -> Result<(), InvalidValue> {
    let invalid = |offset, expected| Err(InvalidValue { offset, expected });
    if octets.len() > LONGEST {
        return invalid(LONGEST, "at most 128 octets");
    }
    let Some(inner) = octets.strip_prefix(b"<").and_then(|rest| rest.strip_suffix(b">")) else {
        return invalid(0, "a msg-id between `<` and `>`");
    };
    if let Some(offset) =
        inner.iter().position(|octet| !octet.is_ascii_graphic() || matches!(octet, b'<' | b'>'))
    {
        return invalid(offset.saturating_add(1), "a printable ASCII octet");
    }
    let mut sides = inner.split(|octet| *octet == b'@');
    match (sides.next(), sides.next(), sides.next()) {
        (Some([_, ..]), Some([_, ..]), None) => Ok(()),
        _ => invalid(1, "one `@` with something on each side"),
    }
}

checked_text! {
    /// The timestamp of a greeting: a msg-id in ASCII, with its angle brackets, of at most 128 octets.
    Timestamp, check_timestamp, |u| {
        let letters = b"abcXYZ0189.-+=";
        let mut octets = b"<".to_vec();
        octets.extend_from_slice(&super::argument::some_of(u, letters, 30)?);
        octets.push(b'@');
        octets.extend_from_slice(&super::argument::some_of(u, letters, 30)?);
        octets.push(b'>');
        Ok(octets)
    }
}

/// What was found between angle brackets in a greeting.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    Nothing,
    Timestamp(Timestamp),
    /// Angle brackets, but no msg-id between them, or two of them.
    Bad,
}

impl Timestamp {
    /// Looks for the one timestamp of a greeting's text, in one pass.
    pub(super) fn find(text: &[u8]) -> Found {
        let Some(start) = memchr::memchr(b'<', text) else { return Found::Nothing };
        let rest = text.get(start..).unwrap_or_default();
        let Some(end) = memchr::memchr(b'>', rest) else { return Found::Bad };
        let (stamp, behind) = rest.split_at(end.saturating_add(1).min(rest.len()));
        if memchr::memchr2(b'<', b'>', behind).is_some() {
            return Found::Bad;
        }
        Self::new(stamp).map_or(Found::Bad, Found::Timestamp)
    }
}

/// The digest of APOP: 16 octets, written as 32 hexadecimal digits in lower case.
///
/// ```
/// # #[cfg(feature = "apop")] {
/// use mailwire::pop3::{Digest, Timestamp};
/// use mailwire::wire::Secret;
///
/// let timestamp = Timestamp::new("<1896.697170952@dbc.mtview.ca.us>")?;
/// let digest = Digest::compute(&timestamp, &Secret::from("tanstaaf"));
/// assert_eq!(digest.to_string(), "c4c9334bac560ecc979e58001b3e22fb");
/// # }
/// # Ok::<(), mailwire::wire::InvalidValue>(())
/// ```
#[derive(Clone, Copy)]
pub struct Digest([u8; 16]);

impl Digest {
    /// A digest computed elsewhere.
    pub const fn new(octets: [u8; 16]) -> Self {
        Self(octets)
    }

    /// MD5 over the timestamp and the shared secret (RFC 1939 section 7).
    #[cfg(feature = "apop")]
    pub fn compute(timestamp: &Timestamp, secret: &crate::wire::Secret<alloc::vec::Vec<u8>>) -> Self {
        use md5::Digest as _;
        let mut md5 = md5::Md5::new();
        md5.update(timestamp.as_bytes());
        md5.update(secret.expose());
        Self(md5.finalize().into())
    }

    /// The 16 octets.
    pub const fn octets(&self) -> [u8; 16] {
        self.0
    }

    /// Reads 32 digits in lower case.
    ///
    /// # Errors
    /// With the first octet that is no such digit, or if there are not 32.
    pub fn parse(text: &[u8]) -> Result<Self, InvalidValue> {
        let value = |digit: u8| match digit {
            b'0'..=b'9' => Some(digit.wrapping_sub(b'0')),
            b'a'..=b'f' => Some(digit.wrapping_sub(b'a').wrapping_add(10)),
            _ => None,
        };
        let mut octets = [0u8; 16];
        let mut places = octets.iter_mut();
        for (index, pair) in text.chunks(2).enumerate() {
            let offset = index.saturating_mul(2);
            let (Some(place), [high, low]) = (places.next(), pair) else {
                return Err(InvalidValue { offset, expected: "32 hexadecimal digits" });
            };
            match (value(*high), value(*low)) {
                (Some(high), Some(low)) => *place = high << 4 | low,
                (high, _) => {
                    let offset = offset.saturating_add(usize::from(high.is_some()));
                    return Err(InvalidValue { offset, expected: "a hexadecimal digit in lower case" });
                }
            }
        }
        match places.next() {
            Some(_) => Err(InvalidValue { offset: text.len(), expected: "32 hexadecimal digits" }),
            None => Ok(Self(octets)),
        }
    }

    /// The 32 digits.
    pub(super) fn digits(&self) -> [u8; 32] {
        let digit = |value: u8| b"0123456789abcdef".get(usize::from(value & 15)).copied().unwrap_or(b'0');
        let mut digits = [0u8; 32];
        for (pair, octet) in digits.chunks_exact_mut(2).zip(self.0) {
            if let [high, low] = pair {
                *high = digit(octet >> 4);
                *low = digit(octet);
            }
        }
        digits
    }
}

impl PartialEq for Digest {
    /// Looks at every octet whatever the first ones are.
    fn eq(&self, other: &Self) -> bool {
        self.0.iter().zip(other.0).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
    }
}

impl Eq for Digest {}

impl fmt::Debug for Digest {
    /// A digest stands in for a password: it is not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(..)")
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.digits()))
    }
}

#[cfg(any(test, feature = "arbitrary"))]
impl<'a> arbitrary::Arbitrary<'a> for Digest {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        u.arbitrary().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn only_a_message_id_is_a_timestamp() {
        for bad in [
            "<a>",
            "<a@>",
            "<@b>",
            "<a@b",
            "<\u{1}@x>",
            "<a@b@c>",
            "<a b@c>",
            "<a@b> <c@d>",
            "<a@b>>",
            "<<a@b>",
            "<\u{e9}@b>",
        ] {
            assert_eq!(Timestamp::find(bad.as_bytes()), Found::Bad, "{bad}");
        }
        assert_eq!(Timestamp::find(b"hi"), Found::Nothing);
        let long = ["<", &"a".repeat(124), "@b>"].concat();
        assert!(Timestamp::new(long.as_str()).is_ok());
        assert!(Timestamp::new(["<", &"a".repeat(125), "@b>"].concat()).is_err());
        let Found::Timestamp(found) = Timestamp::find(b"ready <a.b@c> so") else { panic!() };
        assert_eq!(found.as_bytes(), b"<a.b@c>");
    }

    #[test]
    fn digests() {
        let text = "c4c9334bac560ecc979e58001b3e22fb";
        let digest = Digest::parse(text.as_bytes()).unwrap();
        assert_eq!(digest.to_string(), text);
        for bad in [
            "",
            "0",
            "C4c9334bac560ecc979e58001b3e22fb",
            "c4c9334bac560ecc979e58001b3e22f",
            "c4c9334bac560ecc979e58001b3e22fb0",
        ] {
            assert!(Digest::parse(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
