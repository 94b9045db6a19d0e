//! What is said here by mistake, or by somebody who was made to: the beginnings of other protocols.
//!
//! ```text
//! request-line  = method SP request-target SP HTTP-version              RFC 9112 section 3
//! HTTP-version  = "HTTP" "/" DIGIT "." DIGIT
//! ```

/// The first octet of a TLS handshake (RFC 8446 section 5.1). No command begins with it, nor a line of an exchange.
pub(crate) const TLS_HANDSHAKE: u8 = 0x16;

/// Whether a line ends as a request of HTTP does, whatever stands before: targets hold more than is ever read here. A page made a browser send it,
/// and what follows is of its choosing.
pub(crate) fn ends_as_http(line: &[u8]) -> bool {
    let line = line.trim_ascii_end();
    let word = memchr::memrchr(b' ', line).map_or(0, |space| space.saturating_add(1));
    let Some((name, version)) = line.get(word..).and_then(|word| word.split_at_checked(b"HTTP/".len()))
    else {
        return false;
    };
    let is_version =
        matches!(version, [major, b'.', minor] if major.is_ascii_digit() && minor.is_ascii_digit());
    name.eq_ignore_ascii_case(b"HTTP/") && is_version
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_of_http() {
        for line in ["GET / HTTP/1.1", "PRI * HTTP/2.0", "get /a b http/1.0 ", "HTTP/1.1"] {
            assert!(ends_as_http(line.as_bytes()), "{line}");
        }
        for line in [
            "",
            "a",
            "a NOOP",
            "HTTP/1.1 200 OK",
            "GET / HTTP/1",
            "GET / HTTP/a.b",
            "GET / xHTTP/1.1",
            "a HTTP/11.1",
        ] {
            assert!(!ends_as_http(line.as_bytes()), "{line}");
        }
    }
}
