//! Status responses: how a command ended, or what the server has to say.
//!
//! ```abnf
//! ; RFC 9051 section 9
//! resp-cond-state = ("OK" / "NO" / "BAD") SP resp-text
//! resp-cond-auth  = ("OK" / "PREAUTH") SP resp-text
//! resp-cond-bye   = "BYE" SP resp-text
//! resp-text       = ["[" resp-text-code "]" SP] [text]
//! text            = 1*TEXT-CHAR
//! ```
//!
//! The text is never a literal, whatever it ends in.

use crate::imap::code::{ResponseCode, starts_with_code};
use crate::imap::core::{TEXT, is_in};
use crate::imap::encode::{Encoded, Encoder};
use crate::imap::framing::ends_in_header;
use crate::imap::quirk::Quirk;
use crate::wire::cursor::{Cursor, Parsed};
use crate::wire::swar::{less, split_at_end};
use crate::wire::{InvalidValue, Text};
use core::fmt;

/// The first word of a status response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(any(test, feature = "arbitrary"), derive(arbitrary::Arbitrary))]
pub enum Condition {
    /// `OK`: it is done; without a tag: for information.
    Ok,
    /// `NO`: it could not be done; without a tag: a warning.
    No,
    /// `BAD`: the command was not understood; without a tag: something is wrong.
    Bad,
    /// `PREAUTH`: a greeting; the user is known already.
    PreAuth,
    /// `BYE`: the server is about to close the connection.
    Bye,
}

impl Condition {
    /// As it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::No => "NO",
            Self::Bad => "BAD",
            Self::PreAuth => "PREAUTH",
            Self::Bye => "BYE",
        }
    }

    /// The condition that is the next word, if it is one.
    #[inline]
    pub(crate) fn peek(cursor: &Cursor<'_>) -> Option<Self> {
        let rest = cursor.rest();
        let condition = match rest.first().map(u8::to_ascii_uppercase)? {
            b'O' => Self::Ok,
            b'N' => Self::No,
            b'P' => Self::PreAuth,
            b'B' if rest.get(1).is_some_and(|octet| matches!(octet, b'A' | b'a')) => Self::Bad,
            b'B' => Self::Bye,
            _ => return None,
        };
        let (word, behind) = rest.split_at_checked(condition.as_str().len())?;
        let is_word = word.eq_ignore_ascii_case(condition.as_str().as_bytes());
        (is_word && matches!(behind, [] | [b' ', ..])).then_some(condition)
    }
}

/// A status response: what became of it, a code for the program and a text for the person.
///
/// ```
/// use mailwire::imap::{ResponseCode, Status};
///
/// let status = Status::no("Mailbox is full").code(ResponseCode::OverQuota);
/// assert_eq!(status.text, "Mailbox is full");
/// assert_eq!(status.to_string(), "NO [OVERQUOTA] Mailbox is full");
/// assert_eq!(status.clone().into_result(), Err(status));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Status {
    /// What became of it.
    pub condition: Condition,
    /// What it says to the program.
    pub code: Option<ResponseCode>,
    /// What it says to the person. It cannot be sent if it holds a CR, LF or NUL, or could be read as a code.
    pub text: Text,
}

impl Status {
    /// A status of any condition.
    pub fn new(condition: Condition, text: impl Into<Text>) -> Self {
        Self { condition, code: None, text: text.into() }
    }

    /// It is done.
    pub fn ok(text: impl Into<Text>) -> Self {
        Self::new(Condition::Ok, text)
    }

    /// It could not be done.
    pub fn no(text: impl Into<Text>) -> Self {
        Self::new(Condition::No, text)
    }

    /// The command was not understood.
    pub fn bad(text: impl Into<Text>) -> Self {
        Self::new(Condition::Bad, text)
    }

    /// The user is known already.
    pub fn pre_auth(text: impl Into<Text>) -> Self {
        Self::new(Condition::PreAuth, text)
    }

    /// The connection is about to end.
    pub fn bye(text: impl Into<Text>) -> Self {
        Self::new(Condition::Bye, text)
    }

    /// The same with a code.
    #[must_use]
    pub fn code(self, code: ResponseCode) -> Self {
        Self { code: Some(code), ..self }
    }

    /// The same with another text.
    #[must_use]
    pub fn text(self, text: impl Into<Text>) -> Self {
        Self { text: text.into(), ..self }
    }

    /// Whether it is OK.
    pub fn is_ok(&self) -> bool {
        self.condition == Condition::Ok
    }

    /// `Ok` where the condition is OK or PREAUTH.
    ///
    /// ```
    /// #![deny(unused_must_use)]
    /// use mailwire::imap::Status;
    ///
    /// fn completed(status: Status) -> Result<(), Status> {
    ///     status.into_result()?;
    ///     Ok(())
    /// }
    /// assert!(completed(Status::ok("done")).is_ok() && completed(Status::no("no room")).is_err());
    /// ```
    ///
    /// # Errors
    /// The status itself where it is NO, BAD or BYE.
    pub fn into_result(self) -> Result<Self, Self> {
        match self.condition {
            Condition::Ok | Condition::PreAuth => Ok(self),
            Condition::No | Condition::Bad | Condition::Bye => Err(self),
        }
    }

    /// The condition, a code that most servers send, and a text without controls, to the line end.
    #[inline]
    pub(crate) fn glance(octets: &[u8]) -> Option<(Self, &[u8])> {
        let (condition, rest) = if let Some(rest) = octets.strip_prefix(b"OK ") {
            (Condition::Ok, rest)
        } else if let Some(rest) = octets.strip_prefix(b"NO ") {
            (Condition::No, rest)
        } else {
            (Condition::Bad, octets.strip_prefix(b"BAD ")?)
        };
        let (code, text) = match rest {
            [b'[', code @ ..] => {
                let (code, rest) = ResponseCode::glance(code)?;
                (Some(code), rest.strip_prefix(b" ")?)
            }
            text => (None, text),
        };
        let (text, rest) =
            split_at_end(text, |word| less(word, b'\r' + 1)).filter(|(text, _)| !text.is_empty())?;
        Some((Self { condition, code, text: text.into() }, rest))
    }

    /// The condition and what follows, to the end of the message.
    #[inline]
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let Some(condition) = Condition::peek(cursor) else {
            return cursor.syntax("OK, NO, BAD, PREAUTH or BYE");
        };
        cursor.advance(condition.as_str().len());
        if !cursor.eat(b' ') && !cursor.forgives(Quirk::MissingText) {
            return cursor.syntax("SP and a text");
        }
        Self::parse_code_and_text(cursor, condition)
    }

    /// `resp-text`, to the end of the message.
    #[inline]
    pub(crate) fn parse_code_and_text(cursor: &mut Cursor<'_>, condition: Condition) -> Parsed<Self> {
        let mut code = None;
        if starts_with_code(cursor.rest()) {
            code = Some(ResponseCode::parse(cursor)?);
            if cursor.is_at_end() {
                if !cursor.forgives(Quirk::MissingText) {
                    return cursor.syntax("SP and a text");
                }
            } else if !cursor.eat(b' ') && !cursor.forgives(Quirk::MissingSpaceAfterCode) {
                return cursor.syntax("SP between the code and the text");
            }
        }
        let text = cursor.rest();
        if memchr::memchr3(0, b'\r', b'\n', text).is_some() {
            check_text(cursor)?;
        }
        cursor.advance(text.len());
        Ok(Self { condition, code, text: cursor.text(text)? })
    }

    /// The condition and what follows, without the line end. Writes nothing where it cannot be written.
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        let start = encoder.out.len();
        let written = self.write(encoder);
        if written.is_err() {
            encoder.out.truncate(start);
        }
        written
    }

    fn write(&self, encoder: &mut Encoder<'_>) -> Encoded {
        encoder.raw(match self.condition {
            Condition::Ok => b"OK ",
            Condition::No => b"NO ",
            Condition::Bad => b"BAD ",
            Condition::PreAuth => b"PREAUTH ",
            Condition::Bye => b"BYE ",
        });
        match &self.code {
            Some(code) => {
                code.encode(encoder)?;
                encoder.sp();
            }
            None if is_taken_for_code(self.text.as_bytes()) => {
                return Err(InvalidValue { offset: 0, expected: "a text that is no response code" });
            }
            None => {}
        }
        encoder.text(self.text.as_bytes())
    }
}

/// Whether a text would be read as a response code, or as the start of one that goes on behind a literal.
fn is_taken_for_code(text: &[u8]) -> bool {
    starts_with_code(text) || ends_in_header(text)
}

/// A text that holds what no text may.
#[cold]
fn check_text(cursor: &mut Cursor<'_>) -> Parsed<()> {
    let start = cursor.position();
    for (offset, octet) in cursor.rest().iter().enumerate().filter(|(_, octet)| !is_in(&TEXT, **octet)) {
        if *octet != 0 || !cursor.forgives(Quirk::NulInText) {
            return cursor.syntax_at(start.saturating_add(offset), "text without CR, LF and NUL");
        }
    }
    Ok(())
}

impl fmt::Display for Status {
    /// The condition, the code and the text, as they can be shown on a terminal: `NO [OVERQUOTA] Mailbox is full`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.condition.as_str())?;
        if let Some(code) = &self.code {
            write!(f, "[{code}] ")?;
        }
        write!(f, "{}", self.text.display())
    }
}

/// NO, BAD or BYE is what [`Status::into_result`] fails with.
impl core::error::Error for Status {}

#[cfg(any(test, feature = "arbitrary"))]
impl<'a> arbitrary::Arbitrary<'a> for Status {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        let mut octets = u.arbitrary::<alloc::vec::Vec<u8>>()?;
        octets.retain(|octet| is_in(&TEXT, *octet));
        let code: Option<ResponseCode> = u.arbitrary()?;
        if code.is_none() && is_taken_for_code(&octets) {
            octets.clear();
        }
        Ok(Self { condition: u.arbitrary()?, code, text: octets.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::encode::Encoding;
    use crate::imap::quirk::Quirks;
    use crate::imap::round_trip::{quirky, read, round_trip, strict, written};
    use bytes::BytesMut;

    #[test]
    fn round_trips() {
        round_trip(Status::parse, Status::encode);
    }

    #[test]
    fn known_answers() {
        for (octets, status) in [
            (&b"OK [ALERT] hello"[..], Status::ok("hello").code(ResponseCode::Alert)),
            (b"no [closed] a ] b", Status::no("a ] b").code(ResponseCode::Closed)),
            (b"BAD see {21}", Status::bad("see {21}")),
            (b"BYE  two", Status::bye(" two")),
            (b"PREAUTH [x", Status::pre_auth("[x")),
            (b"OK [] x", Status::ok("[] x")),
            (b"OK ", Status::ok("")),
            (b"OK [PARSE] ", Status::ok("").code(ResponseCode::Parse)),
            (b"OK [PARSE]  ", Status::ok(" ").code(ResponseCode::Parse)),
            (b"OK caf\xe9", Status::ok(b"caf\xe9")),
            (
                b"NO [BADCHARSET ({3}\r\n~bc ~bc)] x",
                Status::no("x").code(ResponseCode::BadCharset(alloc::vec!["~bc".into(), "~bc".into()])),
            ),
            (b"OK [BADCHARSET (1}", Status::ok("[BADCHARSET (1}")),
            (b"OK [BADCHARSET (a{1}", Status::ok("[BADCHARSET (a{1}")),
        ] {
            assert_eq!(strict(octets, Status::parse).as_ref(), Some(&status), "{}", octets.escape_ascii());
        }
        // None of them ends in the header of a literal: it stands in quotes or behind the list, or has too many digits.
        for text in [
            "[BADCHARSET (1}",
            "[BADCHARSET (a \"~{8}",
            "[BADCHARSET (a) {8}",
            "[BADCHARSET ({123456789012345678901234}",
            "[BADCHARSET (a {123456789012345678901234 b",
        ] {
            let line = alloc::format!("OK {text}");
            assert_eq!(written(|encoder| Status::ok(text).encode(encoder)), line);
            assert_eq!(strict(line.as_bytes(), Status::parse), Some(Status::ok(text)));
        }
        let status = Status::ok("done").code(ResponseCode::ReadWrite);
        assert_eq!(written(|encoder| status.encode(encoder)), "OK [READ-WRITE] done");
        for octets in [&b"OOPS [ALERT] x"[..], b"OKAY x", b"", b"OK a\rb", b"OK a\nb"] {
            assert!(read(octets, Quirks::lenient(), Status::parse).is_none());
        }
    }

    #[test]
    fn quirks() {
        assert_eq!(quirky(b"OK", Quirk::MissingText, Status::parse), Status::ok(""));
        assert_eq!(quirky(b"BYE", Quirk::MissingText, Status::parse), Status::bye(""));
        let status = quirky(b"OK [HIGHESTMODSEQ 12]", Quirk::MissingText, Status::parse);
        assert!(matches!(status.code, Some(ResponseCode::HighestModSeq(_))));
        let status = quirky(b"OK [PARSE]text", Quirk::MissingSpaceAfterCode, Status::parse);
        assert_eq!(status, Status::ok("text").code(ResponseCode::Parse));
        assert_eq!(quirky(b"OK a\0b", Quirk::NulInText, Status::parse).text, "a\0b");
        let flags =
            quirky(b"OK [PERMANENTFLAGS (OIB-Seen-[Gmail]/All \\*)] x", Quirk::StrangeFlag, |cursor| {
                match Status::parse(cursor)?.code {
                    Some(ResponseCode::PermanentFlags(flags)) => Ok(flags),
                    _ => cursor.syntax("flags"),
                }
            });
        assert_eq!((flags.len(), flags.has_wildcard()), (1, true));
    }

    #[test]
    fn what_cannot_be_sent_writes_nothing() {
        for status in [
            Status::ok("a\r\nb"),
            Status::ok("a\0"),
            Status::ok("[ALERT] x"),
            Status::no("[badcharset ({8}"),
            Status::ok("x").code(ResponseCode::BadUrl("]".into())),
        ] {
            let mut out = BytesMut::from(&b"A1 "[..]);
            assert!(status.encode(&mut Encoder::new(&mut out, Encoding::server())).is_err());
            assert_eq!(out, b"A1 "[..]);
        }
    }
}
