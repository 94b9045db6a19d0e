//! Lines of a client as commands and as its side of a SASL exchange.
//!
//! ```text
//! auth-command  =  "AUTH" SP sasl-mech [SP initial-response]
//!                  *(CRLF [base64]) [CRLF cancel-response] CRLF      RFC 5034 section 4
//! cancel-response  =  "*"
//! ```

use super::argument::KEYWORDS;
use super::command::{Command, Usual};
use crate::wire::foreign::{TLS_HANDSHAKE, ends_as_http};
use crate::wire::scan::LineScanner;
use crate::wire::{Error, ErrorKind, Limits, Secret, base64, write};
use alloc::vec::Vec;
use bytes::{Buf, BytesMut};

/// A line of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// A command.
    Command(Command),
    /// The answer to a challenge, decoded.
    AuthResponse(Secret<Vec<u8>>),
    /// `*`: the exchange is given up.
    AuthCancel,
}

/// What the next line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    Command,
    AuthResponse,
    /// Nobody said: it is told from the line itself.
    Either,
}

/// Reads the lines of a client, strictly.
///
/// The line behind an AUTH can be a response or a command, and only the server's answers tell which. A server says so with
/// [`expect_response`](CommandDecoder::expect_response); over a capture of the client alone, [`CommandDecoder::guessing`] takes the lines behind an AUTH
/// as responses as long as they are Base64 and no keyword.
///
/// ```
/// use bytes::BytesMut;
/// use mailwire::pop3::{Command, CommandDecoder, Request};
///
/// let mut decoder = CommandDecoder::new();
/// let mut input = BytesMut::from("NOOP\r\nRETR 0\r\nSTAT\r\n");
/// assert_eq!(decoder.decode(&mut input)?, Some(Request::Command(Command::Noop)));
/// let error = decoder.decode(&mut input).unwrap_err();
/// assert_eq!((error.offset(), error.is_fatal()), (5, false));
/// assert_eq!(decoder.decode(&mut input)?, Some(Request::Command(Command::Stat)));
/// # Ok::<(), mailwire::wire::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct CommandDecoder {
    scanner: LineScanner,
    expected: Expected,
    guessing: bool,
    line: usize,
    sasl_line: usize,
    /// Octets that left the buffer, and where the last line began.
    consumed: u64,
    begun: u64,
}

impl Default for CommandDecoder {
    fn default() -> Self {
        Self::new()
    }
}

impl CommandDecoder {
    /// With the limits of a server.
    pub fn new() -> Self {
        Self::with_limits(&Limits::pop3_server())
    }

    /// With these limits: [`Limits::line`] and, for AUTH and its responses, [`Limits::sasl_line`].
    pub fn with_limits(limits: &Limits) -> Self {
        Self {
            scanner: LineScanner::default(),
            expected: Expected::Command,
            guessing: false,
            line: limits.line,
            sasl_line: limits.sasl_line.max(limits.line),
            consumed: 0,
            begun: 0,
        }
    }

    /// Other limits from the next line on: a user is trusted with more than a stranger.
    pub fn set_limits(&mut self, limits: &Limits) {
        self.line = limits.line;
        self.sasl_line = limits.sasl_line.max(limits.line);
    }

    /// Tells responses from commands by what the lines look like.
    pub fn guessing() -> Self {
        Self { guessing: true, ..Self::new() }
    }

    /// The next line answers a challenge.
    pub fn expect_response(&mut self) {
        self.expected = Expected::AuthResponse;
    }

    /// Where the line that was read last began, in octets from the start of the connection.
    pub fn offset(&self) -> u64 {
        self.begun
    }

    /// Reads one line. `None`: more octets are needed.
    ///
    /// # Errors
    /// An error that is not fatal concerns this line alone, which was passed over. Fatal are a bare LF, a NUL, a line over every limit,
    /// and what another protocol sends (TLS, HTTP).
    pub fn decode(&mut self, input: &mut BytesMut) -> Result<Option<Request>, Error> {
        match self.usual(input) {
            Some(usual) => Ok(Some(Request::Command(usual.command()))),
            None => self.decode_any(input),
        }
    }

    /// A whole line in its usual form, where a command is next and was not looked at yet. `None` says nothing.
    #[inline(always)]
    pub(super) fn usual(&mut self, input: &mut BytesMut) -> Option<Usual> {
        if self.expected != Expected::Command || self.scanner.scanned() != 0 {
            return None;
        }
        let usual = Usual::read(input)?;
        if usual.end > self.line.saturating_add(2) {
            return None;
        }
        self.begin(usual.end);
        input.advance(usual.end);
        Some(usual)
    }

    /// The line that is read begins here and has so many octets.
    #[inline(always)]
    fn begin(&mut self, length: usize) {
        self.begun = self.consumed;
        self.consumed = self.consumed.saturating_add(write::length(length));
    }

    pub(super) fn decode_any(&mut self, input: &mut BytesMut) -> Result<Option<Request>, Error> {
        if input.first() == Some(&TLS_HANDSHAKE) {
            return Err(Error::fatal(ErrorKind::Syntax, 0, "a command, not the start of TLS"));
        }
        let Some(end) = self.scanner.line_end(input) else {
            if input.len() > self.sasl_line.saturating_add(1) {
                return Err(Error::fatal(
                    ErrorKind::LineTooLong,
                    write::length(self.sasl_line),
                    "the end of the line",
                ));
            }
            return Ok(None);
        };
        let line = input.get(..end.saturating_sub(1)).unwrap_or_default();
        let result = match line.strip_suffix(b"\r") {
            None => Err(Error::fatal(ErrorKind::BareLineFeed, write::length(line.len()), "CRLF")),
            Some(line) => self.read(line),
        };
        self.scanner.consumed(end);
        self.begin(end);
        input.advance(end.min(input.len()));
        result.map(Some)
    }

    fn read(&mut self, line: &[u8]) -> Result<Request, Error> {
        if let Some(offset) = memchr::memchr2(0, b'\r', line) {
            let offset = write::length(offset);
            return Err(match line.contains(&0) {
                true => Error::fatal(ErrorKind::Nul, offset, "an octet other than NUL"),
                false => Error::recoverable(ErrorKind::Syntax, offset, "an octet other than CR"),
            });
        }
        let expected = core::mem::replace(&mut self.expected, Expected::Command);
        let response = match expected {
            Expected::Command => false,
            Expected::AuthResponse => true,
            Expected::Either => looks_like_response(line),
        };
        let sasl = response || line.get(..5).is_some_and(|start| start.eq_ignore_ascii_case(b"AUTH "));
        let limit = if sasl { self.sasl_line } else { self.line };
        if line.len() > limit {
            let error =
                Error::recoverable(ErrorKind::LineTooLong, write::length(limit), "the end of the line");
            return Err(match line.len() > self.sasl_line || ends_as_http(line) {
                true => error.into_fatal(),
                false => error,
            });
        }
        if response {
            if self.guessing && line != b"*" {
                self.expected = Expected::Either;
            }
            return match line {
                b"*" => Ok(Request::AuthCancel),
                text => base64::decode(text)
                    .map(|octets| Request::AuthResponse(Secret::new(octets)))
                    .map_err(|offset| Error::recoverable(ErrorKind::Syntax, write::length(offset), "Base64")),
            };
        }
        let result = Command::parse(line);
        match &result {
            Ok(Command::Auth { .. }) if self.guessing => self.expected = Expected::Either,
            Ok(Command::Other(_)) | Err(_) if ends_as_http(line) => {
                return Err(Error::fatal(ErrorKind::Syntax, 0, "a command, not an HTTP request"));
            }
            _ => {}
        }
        result.map(Request::Command)
    }
}

fn looks_like_response(line: &[u8]) -> bool {
    let keyword = line.split(|octet| *octet == b' ').next().unwrap_or_default();
    let command = KEYWORDS.iter().any(|known| keyword.eq_ignore_ascii_case(known));
    !command && (line == b"*" || base64::decode(line).is_ok())
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "an overflow fails the test")]
mod tests {
    use super::*;

    fn decode_all(decoder: &CommandDecoder, octets: &[u8], cut: usize) -> Vec<Result<Request, Error>> {
        decode_with_offsets(decoder, octets, cut).into_iter().map(|(_, result)| result).collect()
    }

    fn decode_with_offsets(
        decoder: &CommandDecoder,
        octets: &[u8],
        cut: usize,
    ) -> Vec<(u64, Result<Request, Error>)> {
        let (mut decoder, mut input, mut results) = (decoder.clone(), BytesMut::new(), Vec::new());
        for part in [&octets[..cut], &octets[cut..]] {
            input.extend_from_slice(part);
            loop {
                match decoder.decode(&mut input) {
                    Ok(None) => break,
                    Ok(Some(request)) => results.push((decoder.offset(), Ok(request))),
                    Err(error) => {
                        results.push((decoder.offset(), Err(error)));
                        if error.is_fatal() {
                            return results;
                        }
                    }
                }
            }
        }
        results
    }

    #[test]
    fn the_same_at_every_split() {
        let octets =
            b"CAPA\r\nRETR 0\r\nAUTH PLAIN\r\nAGEAYg==\r\n\r\nSTAT\r\nAUTH X\r\n*\r\nUSER a\rb\r\nUSER a\0b\r\nSTAT\r\n";
        let decoder = CommandDecoder::guessing();
        let whole = decode_all(&decoder, octets, 0);
        assert_eq!(whole.len(), 10);
        assert!(
            matches!(whole[3], Ok(Request::AuthResponse(_)))
                && matches!(whole[4], Ok(Request::AuthResponse(_)))
        );
        assert!(matches!(whole[7], Ok(Request::AuthCancel)));
        assert_eq!(whole[9].as_ref().unwrap_err().kind(), ErrorKind::Nul);
        for cut in 0..=octets.len() {
            assert_eq!(decode_all(&decoder, octets, cut), whole, "cut at {cut}");
        }
    }

    #[test]
    fn lines_begin_where_the_line_before_ended() {
        let octets = b"NOOP\r\nRETR 1\r\nRETR 0\r\nQUIT\r\n";
        for cut in 0..=octets.len() {
            let results = decode_with_offsets(&CommandDecoder::new(), octets, cut);
            let offsets: Vec<u64> = results.iter().map(|(offset, _)| *offset).collect();
            assert_eq!(offsets, [0, 6, 14, 22], "cut at {cut}");
        }
    }

    #[test]
    fn limits_at_the_edge() {
        let decoder = CommandDecoder::new();
        let outcome = |octets: Vec<u8>| {
            decode_all(&decoder, &octets, 0).pop().map(|result| result.map_err(|e| (e.kind(), e.is_fatal())))
        };
        let pass = |length: usize| [b"PASS ", "x".repeat(length - 5).as_bytes(), b"\r\n"].concat();
        assert!(outcome(pass(512)).unwrap().is_ok());
        assert_eq!(outcome(pass(513)), Some(Err((ErrorKind::LineTooLong, false))));
        assert_eq!(outcome(pass(16 * 1024)), Some(Err((ErrorKind::LineTooLong, false))));
        assert_eq!(outcome(pass(16 * 1024 + 1)), Some(Err((ErrorKind::LineTooLong, true))));
        let page = [b"GET /", "x".repeat(512).as_bytes(), b" HTTP/1.1\r\n"].concat();
        assert_eq!(outcome(page), Some(Err((ErrorKind::LineTooLong, true))));
        assert_eq!(outcome(vec_of(16 * 1024 + 1)), None);
        assert_eq!(outcome(vec_of(16 * 1024 + 2)), Some(Err((ErrorKind::LineTooLong, true))));
        assert_eq!(outcome(b"NOOP\n".to_vec()), Some(Err((ErrorKind::BareLineFeed, true))));
        assert_eq!(outcome(b"\x16\x03\x01".to_vec()), Some(Err((ErrorKind::Syntax, true))));
        assert_eq!(outcome(b"GET / HTTP/1.1\r\n".to_vec()), Some(Err((ErrorKind::Syntax, true))));
    }

    fn vec_of(length: usize) -> Vec<u8> {
        "x".repeat(length).into_bytes()
    }
}
