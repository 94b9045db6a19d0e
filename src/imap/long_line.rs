//! How a client's line ends that is too long to be kept: it is looked at as it passes.
//!
//! What a line that is kept means by its last `{`, [`Framer`](crate::imap::framing::Framer) says; the same is said here of one that is not, whether
//! it arrives whole or octet by octet.

use crate::imap::core::decimal;
use crate::imap::framing::{is_of_length, takes_string};
use crate::imap::message_kind::DIGITS;
use crate::wire::{Error, ErrorKind, Hidden};
use alloc::vec::Vec;

/// The end of a line, as far as it has passed.
#[derive(Debug)]
pub(crate) struct LineEnd {
    /// The octet that came last, and the one before it; a line begins as if behind a space.
    last: (u8, u8),
    /// A CR came last, which may begin the line end.
    carriage_return: bool,
    /// What may be the header of a literal.
    header: Option<Header>,
}

/// What stands behind the last `{`.
#[derive(Debug)]
struct Header {
    /// A string may stand where it stands, or there is nothing in it but a length: it is meant as one.
    takes_string: bool,
    of_length: bool,
    /// What stands in it: one octet more than can be right is enough to tell that it is not.
    octets: Hidden<Vec<u8>>,
    /// Its `}` came, and nothing but white space since.
    closed: bool,
    /// White space came behind the `}`.
    spaced: bool,
}

impl Default for LineEnd {
    fn default() -> Self {
        Self { last: (b' ', b' '), carriage_return: false, header: None }
    }
}

impl LineEnd {
    /// Octets of the line pass, the line end among them or not.
    pub(crate) fn pass(&mut self, octets: &[u8]) {
        for octet in octets {
            if self.carriage_return && *octet != b'\n' {
                self.octet(b'\r');
            }
            match octet {
                b'\r' => self.carriage_return = true,
                b'\n' => {}
                octet => {
                    self.carriage_return = false;
                    self.octet(*octet);
                }
            }
        }
    }

    fn octet(&mut self, octet: u8) {
        if octet == b'{' {
            let (last, before) = self.last;
            self.header = Some(Header {
                takes_string: takes_string(Some(if last == b'~' { before } else { last })),
                of_length: true,
                octets: Hidden::default(),
                closed: false,
                spaced: false,
            });
        } else if let Some(header) = &mut self.header {
            header.octet(octet);
        }
        self.last = (octet, self.last.0);
    }

    /// The length of the literal whose header ends the line, if its octets come without being asked for.
    ///
    /// # Errors
    /// A line that ended in LF alone, and a malformed header: both are fatal.
    pub(crate) fn unasked_literal(&self) -> Result<Option<u64>, Error> {
        if !self.carriage_return {
            return Err(Error::fatal(ErrorKind::BareLineFeed, 0, "CRLF"));
        }
        let Some(header) = self.header.as_ref().filter(|header| header.closed) else { return Ok(None) };
        if !matches!(self.last.0, b'}' | b' ') {
            return Ok(None);
        }
        let unasked = header.octets.last() == Some(&b'+');
        let digits = header.octets.strip_suffix(b"+").unwrap_or(&header.octets);
        match decimal(digits).filter(|_| digits.len() <= DIGITS && !header.spaced) {
            Some(length) => Ok(unasked.then_some(length)),
            None if header.takes_string || header.of_length => {
                Err(Error::fatal(ErrorKind::BadLiteral, 0, "the length of a literal"))
            }
            None => Ok(None),
        }
    }
}

impl Header {
    fn octet(&mut self, octet: u8) {
        if self.closed {
            if octet.is_ascii_whitespace() {
                self.spaced = true;
                return;
            }
            self.keep(b'}');
        }
        (self.closed, self.spaced) = (octet == b'}', false);
        if !self.closed {
            self.keep(octet);
        }
    }

    fn keep(&mut self, octet: u8) {
        self.of_length &= is_of_length(octet);
        if self.octets.len() < DIGITS.saturating_add(2) {
            self.octets.push(octet);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::framing::{Frame, Framer, Sender};
    use crate::wire::Limits;
    use alloc::format;
    use alloc::string::String;

    fn passed<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Result<Option<u64>, ErrorKind> {
        let mut end = LineEnd::default();
        for piece in pieces {
            end.pass(piece);
        }
        end.unasked_literal().map_err(|error| error.kind())
    }

    /// What the line means where it is kept.
    fn kept(line: &[u8]) -> Result<Option<u64>, ErrorKind> {
        match Framer::new(Sender::Client).frame(line, &Limits::imap_server()) {
            Ok(Some(Frame::Literal { header, .. })) => {
                Ok(Some(header.length).filter(|_| !header.synchronizing))
            }
            Ok(_) => Ok(None),
            Err(error) => Err(error.kind()),
        }
    }

    #[test]
    fn a_line_that_passes_means_what_it_means_where_it_is_kept() {
        let bad = Err(ErrorKind::BadLiteral);
        let spaces = " ".repeat(200);
        let digits = "1".repeat(200);
        for (end, expected) in [
            (" x", Ok(None)),
            (" {16}", Ok(None)),
            (" {16+}", Ok(Some(16))),
            ("y{16+}", Ok(Some(16))),
            (" ~{16+}", Ok(Some(16))),
            (" {18446744073709551615+}", Ok(Some(u64::MAX))),
            (" {00000000000000000016+}", Ok(Some(16))),
            (" {16+} ", bad),
            (" {16} ", bad),
            (&format!(" {{16+}}{spaces}"), bad),
            (&format!(" {{16+}}{}{spaces}", "\t".repeat(200)), bad),
            (" {16+}\t", Ok(None)),
            (" {16+}\r", Ok(None)),
            (" {16+}\r ", bad),
            (&format!(" {{{spaces}3}}"), bad),
            (&format!("y{{{spaces}3}}"), bad),
            (&format!("y{{{digits}}}"), bad),
            (&format!("y{{{digits}+}}"), bad),
            (&format!("y{{{digits}x}}"), Ok(None)),
            (&format!("y{digits}}}"), Ok(None)),
            (" {18446744073709551616}", bad),
            (" {000000000000000000016+}", bad),
            (" {}", bad),
            (" ~{}", bad),
            ("y~{}", bad),
            (" {3-}", bad),
            (" {-3}", bad),
            (" { 3}", bad),
            (" {3++}", bad),
            (" {x}", bad),
            ("({x}", bad),
            ("y{x}", Ok(None)),
            ("y~{x}", Ok(None)),
            (" ~{x}", bad),
            (" {3}}", bad),
            ("y{3}}", Ok(None)),
            ("y{3}x", Ok(None)),
            ("y{3}x}", Ok(None)),
            (" {3}x}", bad),
            ("y{3} }", Ok(None)),
            (" {x} y{16+}", Ok(Some(16))),
            ("{{16+}", Ok(Some(16))),
            (" {16+", Ok(None)),
            (" }", Ok(None)),
        ] {
            let line = format!("a NOOP y{end}\r\n");
            assert_eq!(kept(line.as_bytes()), expected, "kept: {line:?}");
            assert_eq!(passed([line.as_bytes()]), expected, "{line:?}");
            assert_eq!(passed(line.as_bytes().chunks(1)), expected, "octet by octet: {line:?}");
            for cut in 0..line.len() {
                let (one, other) = line.as_bytes().split_at(cut);
                assert_eq!(passed([one, other]), expected, "{line:?} cut at {cut}");
            }
        }
    }

    #[test]
    fn a_line_may_begin_with_a_header() {
        assert_eq!(passed([&b"{x}\r\n"[..]]), Err(ErrorKind::BadLiteral));
        assert_eq!(passed([&b"~{16+}\r\n"[..]]), Ok(Some(16)));
        assert_eq!(passed([&b"\r\n"[..]]), Ok(None));
    }

    #[test]
    fn a_line_ends_in_both_octets() {
        for line in ["a {16+}\n", "\n", "a\rb\n"] {
            assert_eq!(passed(line.as_bytes().chunks(1)), Err(ErrorKind::BareLineFeed), "{line:?}");
        }
    }

    #[test]
    fn what_passes_is_not_shown() {
        let mut end = LineEnd::default();
        end.pass(b"a LOGIN u {secret");
        let shown: String = format!("{end:?}");
        assert!(!shown.contains("115") && shown.contains("6 octets"), "{shown}");
    }
}
