//! Percent-encoding and hosts, as URLs have them (RFC 3986).

use crate::wire::InvalidValue;
use alloc::vec::Vec;
use core::fmt;

const fn invalid(offset: usize, expected: &'static str) -> InvalidValue {
    InvalidValue { offset, expected }
}

/// The octets that a text stands for; those that are not `allowed` need a `%`. NUL is refused.
///
/// `offset` is where the text stands in the URL.
pub(crate) fn decode(
    text: &str,
    offset: usize,
    allowed: impl Fn(u8) -> bool,
) -> Result<Vec<u8>, InvalidValue> {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    loop {
        let at = offset.saturating_add(text.len().saturating_sub(rest.len()));
        match rest {
            [] => return Ok(octets),
            [b'%', high, low, behind @ ..] => {
                let digit =
                    |octet: u8| char::from(octet).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
                match (digit(*high), digit(*low)) {
                    (Some(high), Some(low)) if high | low != 0 => octets.push(high << 4 | low),
                    _ => return Err(invalid(at, "two hexadecimal digits other than 00")),
                }
                rest = behind;
            }
            [octet, behind @ ..] if allowed(*octet) => {
                octets.push(*octet);
                rest = behind;
            }
            _ => return Err(invalid(at, "a character that needs no `%`")),
        }
    }
}

/// The octets with a `%` for those that are not `allowed`.
pub(crate) fn encode(octets: &[u8], f: &mut impl fmt::Write, allowed: impl Fn(u8) -> bool) -> fmt::Result {
    octets.iter().try_for_each(|octet| match *octet {
        octet if allowed(octet) => f.write_char(char::from(octet)),
        octet => write!(f, "%{octet:02X}"),
    })
}

/// Whether this is a host: a name, an address, or an address of IPv6 in square brackets.
pub(crate) fn check_host(host: &str) -> Result<(), InvalidValue> {
    if let Some(inner) = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        return match inner.parse::<core::net::Ipv6Addr>() {
            Ok(_) => Ok(()),
            Err(_) => Err(invalid(1, "an address of IPv6")),
        };
    }
    let bad = |octet: u8| !(octet.is_ascii_alphanumeric() || matches!(octet, b'.' | b'-' | b'_'));
    match host.bytes().position(bad) {
        Some(offset) => Err(invalid(offset, "a letter, a digit, `.` or `-`")),
        None if host.is_empty() => Err(invalid(0, "a host")),
        None => Ok(()),
    }
}

/// A host and a port if there is one; `offset` is where they stand in the URL.
pub(crate) fn host_and_port(text: &str, offset: usize) -> Result<(&str, Option<u16>), InvalidValue> {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => {
            let digits = port.bytes().all(|octet| octet.is_ascii_digit());
            let port_at = offset.saturating_add(host.len()).saturating_add(1);
            match port.parse() {
                Ok(port) if digits => (host, Some(port)),
                _ => return Err(invalid(port_at, "a port from 0 to 65535")),
            }
        }
        _ => (text, None),
    };
    check_host(host).map_err(|error| invalid(error.offset.saturating_add(offset), error.expected))?;
    Ok((host, port))
}
