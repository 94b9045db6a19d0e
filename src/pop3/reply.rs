//! The status line of every response.
//!
//! ```text
//! single-line  =  status [SP text] CRLF          ; 512 octets maximum     RFC 2449 section 3
//! status       =  "+OK" / "-ERR"
//! text         =  *schar / resp-code *CHAR
//! resp-code    =  "[" resp-level *("/" resp-level) "]"
//! resp-level   =  1*rchar                        ; ! to DEL, without "/" and "]"
//! ```

use crate::wire::{InvalidValue, Text};
use alloc::boxed::Box;
use bytes::{BufMut, BytesMut};
use core::fmt;

/// Success or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Status {
    /// `+OK`
    Ok,
    /// `-ERR`
    Err,
}

impl Status {
    /// A line that says nothing else.
    #[inline]
    pub(super) fn encode(self, out: &mut BytesMut) {
        // Two copies, each of a length that is known.
        match self {
            Self::Ok => out.put_slice(b"+OK\r\n"),
            Self::Err => out.put_slice(b"-ERR\r\n"),
        }
    }
}

/// A response code: what the text says, for a program.
///
/// ```text
/// "[IN-USE]" "[LOGIN-DELAY]"        RFC 2449 section 8.1
/// "[SYS/TEMP]" "[SYS/PERM]" "[AUTH]"  RFC 3206 section 4
/// "[UTF8]"                          RFC 6856 section 5
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ResponseCode {
    /// The maildrop is in use, perhaps by another session.
    InUse,
    /// The user has logged in too recently.
    LoginDelay,
    /// A problem of the system that will likely pass.
    SysTemp,
    /// A problem of the system that needs somebody to mend it.
    SysPerm,
    /// The credentials were wrong.
    Auth,
    /// The maildrop or the message needs UTF-8.
    Utf8,
    /// Any other code, as it was sent.
    Other(OtherCode),
}

impl ResponseCode {
    /// Reads a code without its brackets, letters without case.
    ///
    /// # Errors
    /// With the first octet that no code can hold.
    pub fn parse(octets: &[u8]) -> Result<Self, InvalidValue> {
        let known = [Self::InUse, Self::LoginDelay, Self::SysTemp, Self::SysPerm, Self::Auth, Self::Utf8];
        match known.into_iter().find(|code| octets.eq_ignore_ascii_case(code.as_bytes())) {
            Some(code) => Ok(code),
            None => OtherCode::new(octets).map(Self::Other),
        }
    }

    /// The code without the levels of detail that have no name here (RFC 2449 section 8): `[IN-USE/x]` is [`ResponseCode::InUse`] to a
    /// client. A code that is unknown from its first level on is as it was.
    ///
    /// ```
    /// use mailwire::pop3::ResponseCode;
    ///
    /// assert_eq!(ResponseCode::parse(b"SYS/TEMP/disk")?.without_detail(), ResponseCode::SysTemp);
    /// # Ok::<(), mailwire::wire::InvalidValue>(())
    /// ```
    #[must_use]
    pub fn without_detail(&self) -> Self {
        let mut octets = self.as_bytes();
        while let Some(end) = memchr::memrchr(b'/', octets) {
            octets = octets.get(..end).unwrap_or_default();
            match Self::parse(octets) {
                Ok(Self::Other(_)) | Err(_) => {}
                Ok(known) => return known,
            }
        }
        self.clone()
    }

    /// The code without its brackets.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::InUse => b"IN-USE",
            Self::LoginDelay => b"LOGIN-DELAY",
            Self::SysTemp => b"SYS/TEMP",
            Self::SysPerm => b"SYS/PERM",
            Self::Auth => b"AUTH",
            Self::Utf8 => b"UTF8",
            Self::Other(code) => code.as_bytes(),
        }
    }
}

impl fmt::Display for ResponseCode {
    /// The code without its brackets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes().escape_ascii().fmt(f)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for ResponseCode {
    /// The code without its brackets, as a string.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Text::from(self.as_bytes()).serialize(serializer)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for ResponseCode {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(Text::deserialize(deserializer)?.as_bytes()).map_err(serde::de::Error::custom)
    }
}

/// A code this crate has no name for: levels of octets from `!` to DEL other than `]`, joined by `/`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OtherCode(Box<[u8]>);

impl OtherCode {
    /// Checks the octets: the code without its brackets.
    ///
    /// # Errors
    /// With the first octet that the grammar does not allow.
    pub fn new(octets: impl AsRef<[u8]>) -> Result<Self, InvalidValue> {
        let octets = octets.as_ref();
        let bad = |octet: &u8| !matches!(octet, b'!'..=0x7f) || *octet == b']';
        if let Some(offset) = octets.iter().position(bad) {
            return Err(InvalidValue { offset, expected: "an octet from `!` to DEL other than `]`" });
        }
        if octets.split(|octet| *octet == b'/').any(<[u8]>::is_empty) {
            return Err(InvalidValue { offset: octets.len(), expected: "at least one octet in each level" });
        }
        Ok(Self(octets.into()))
    }

    /// The octets.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// A status line: `+OK` or `-ERR`, perhaps a code, and a text for people.
///
/// ```
/// use mailwire::pop3::{Reply, ResponseCode, Status};
///
/// let reply = Reply::err("no such user").with_code(ResponseCode::Auth);
/// assert_eq!(reply.to_string(), "-ERR [AUTH] no such user");
/// assert_eq!(Reply::new(Status::Ok, "a\r\n.\r\n").unwrap_err().offset, 1);
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Reply {
    status: Status,
    code: Option<ResponseCode>,
    text: Text,
}

impl Reply {
    /// A reply with this text. A response code in front of it, in brackets, becomes the [`code`](Reply::code).
    ///
    /// # Errors
    /// With the first CR, LF or NUL.
    pub fn new(status: Status, text: impl Into<Text>) -> Result<Self, InvalidValue> {
        let text = text.into();
        match text.as_bytes().iter().position(|octet| matches!(octet, b'\r' | b'\n' | 0)) {
            Some(offset) => Err(InvalidValue { offset, expected: "an octet other than CR, LF and NUL" }),
            None => Ok(Self::read(status, text.as_bytes())),
        }
    }

    /// `+OK` with a text of this program's own. Behind a CR, LF or NUL nothing of it is taken.
    #[inline]
    pub fn ok(text: &'static str) -> Self {
        Self::own(Status::Ok, text)
    }

    /// `-ERR` with a text of this program's own. Behind a CR, LF or NUL nothing of it is taken.
    #[inline]
    pub fn err(text: &'static str) -> Self {
        Self::own(Status::Err, text)
    }

    #[inline]
    fn own(status: Status, text: &'static str) -> Self {
        if text.is_empty() {
            return Self { status, code: None, text: Text::empty() };
        }
        Self::read(status, first_line(text))
    }

    /// The same reply with this code.
    pub fn with_code(self, code: ResponseCode) -> Self {
        Self { code: Some(code), ..self }
    }

    /// The text of a line that holds no CR, LF or NUL.
    pub(super) fn read(status: Status, text: &[u8]) -> Self {
        if let Some(rest) = text.strip_prefix(b"[")
            && let Some(end) = memchr::memchr(b']', rest)
            && let Some((code, behind)) = rest.split_at_checked(end)
            && let Ok(code) = ResponseCode::parse(code)
        {
            let behind = behind.strip_prefix(b"]").unwrap_or(behind);
            let text = behind.strip_prefix(b" ").unwrap_or(behind);
            return Self { status, code: Some(code), text: text.into() };
        }
        Self { status, code: None, text: text.into() }
    }

    /// Success or not.
    pub fn status(&self) -> Status {
        self.status
    }

    /// Whether the status is `+OK`.
    pub fn is_ok(&self) -> bool {
        self.status == Status::Ok
    }

    /// The response code; what a client does not know of its detail it must ignore: [`ResponseCode::without_detail`].
    pub fn code(&self) -> Option<&ResponseCode> {
        self.code.as_ref()
    }

    /// The text behind the code. Show it with [`Text::display`]: it is the peer's.
    pub fn text(&self) -> &Text {
        &self.text
    }

    /// The reply itself if its status is `+OK`, else as an error.
    ///
    /// # Errors
    /// With the reply if its status is `-ERR`.
    pub fn into_result(self) -> Result<Self, Refused> {
        if self.is_ok() { Ok(self) } else { Err(Refused(self)) }
    }

    /// Writes the line with its CRLF.
    pub fn encode(&self, out: &mut BytesMut) {
        self.encode_within(usize::MAX, out);
    }

    /// The status, if the line says nothing else.
    #[inline]
    pub(super) fn bare(&self) -> Option<Status> {
        (self.code.is_none() && self.text.is_empty()).then_some(self.status)
    }

    /// Writes the line, with as much of its text as lets it end within `most` octets.
    pub(super) fn encode_within(&self, most: usize, out: &mut BytesMut) {
        match self.bare() {
            Some(status) => status.encode(out),
            None => self.encode_whole(most, out),
        }
    }

    fn encode_whole(&self, most: usize, out: &mut BytesMut) {
        let start = out.len();
        out.put_slice(match self.status {
            Status::Ok => b"+OK".as_slice(),
            Status::Err => b"-ERR".as_slice(),
        });
        if let Some(code) = &self.code {
            out.put_slice(b" [");
            out.put_slice(code.as_bytes());
            out.put_u8(b']');
        }
        if !self.text.is_empty() {
            out.put_u8(b' ');
            out.put_slice(self.text.as_bytes());
        }
        let longest = start.saturating_add(most).saturating_sub(2);
        if out.len() > longest {
            let mut end = longest;
            while end > start && out.get(end).is_some_and(|octet| octet & 0xc0 == 0x80) {
                end = end.saturating_sub(1);
            }
            out.truncate(end);
        }
        out.put_slice(b"\r\n");
    }
}

fn first_line(text: &'static str) -> &'static [u8] {
    text.as_bytes().split(|octet| matches!(octet, b'\r' | b'\n' | 0)).next().unwrap_or_default()
}

impl fmt::Display for Reply {
    /// The line, as it can be shown on a terminal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_ok() { "+OK" } else { "-ERR" })?;
        if let Some(code) = &self.code {
            write!(f, " [{code}]")?;
        }
        if self.text.is_empty() { Ok(()) } else { write!(f, " {}", self.text.display()) }
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename = "Reply")]
struct Fields {
    status: Status,
    code: Option<ResponseCode>,
    text: Text,
}

#[cfg(feature = "serde")]
impl serde::Serialize for Reply {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Fields { status: self.status, code: self.code.clone(), text: self.text.clone() }.serialize(serializer)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Reply {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Fields { status, code, text } = Fields::deserialize(deserializer)?;
        match code {
            Some(code) => {
                Self::new(status, text.clone()).map_err(serde::de::Error::custom)?;
                Ok(Self { status, code: Some(code), text })
            }
            None => Self::new(status, text).map_err(serde::de::Error::custom),
        }
    }
}

/// A `-ERR` where the caller needed `+OK`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused(pub Reply);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the server refused: {}", self.0)
    }
}

impl core::error::Error for Refused {}

#[cfg(any(test, feature = "arbitrary"))]
mod arbitrary_impls {
    use super::*;
    use crate::pop3::argument::some_of;
    use arbitrary::{Arbitrary, Result, Unstructured};

    impl<'a> Arbitrary<'a> for Status {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            Ok(if u.arbitrary()? { Self::Ok } else { Self::Err })
        }
    }

    impl<'a> Arbitrary<'a> for ResponseCode {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            Ok(match u.int_in_range(0..=6)? {
                0 => Self::InUse,
                1 => Self::LoginDelay,
                2 => Self::SysTemp,
                3 => Self::SysPerm,
                4 => Self::Auth,
                5 => Self::Utf8,
                _ => {
                    let mut code = b"X".to_vec();
                    code.extend_from_slice(&some_of(u, b"ABCxyz-.0189[\\\"'\x7f", 12)?);
                    code.extend_from_slice(b"/Y");
                    Self::Other(OtherCode::new(code).map_err(|_| arbitrary::Error::IncorrectFormat)?)
                }
            })
        }
    }

    impl<'a> Arbitrary<'a> for Reply {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            let text = some_of(u, b"abcXYZ 019.,<>@[]", 60)?;
            let reply = Self::new(u.arbitrary()?, text).map_err(|_| arbitrary::Error::IncorrectFormat)?;
            Ok(if u.arbitrary()? { reply.with_code(u.arbitrary()?) } else { reply })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn codes_are_found_and_kept() {
        for (text, code, rest) in [
            ("[IN-USE] Do you have another session?", Some("IN-USE"), "Do you have another session?"),
            ("[sys/temp]x", Some("SYS/TEMP"), "x"),
            ("[X-NEW/a/b]", Some("X-NEW/a/b"), ""),
            ("[not a code] x", None, "[not a code] x"),
            ("[] x", None, "[] x"),
            ("[X[\\\"\x7f] x", Some("X[\\\\\\\"\\x7f"), "x"),
            ("[IN-USE/7] x", Some("IN-USE/7"), "x"),
            ("[open", None, "[open"),
            ("", None, ""),
        ] {
            let reply = Reply::new(Status::Err, text).unwrap();
            assert_eq!(reply.code().map(ToString::to_string).as_deref(), code, "{text}");
            assert_eq!(reply.text(), &Text::from(rest));
            let mut out = BytesMut::new();
            reply.encode(&mut out);
            let line = out.strip_suffix(b"\r\n").unwrap();
            let again = line.strip_prefix(b"-ERR").unwrap();
            assert_eq!(Reply::new(Status::Err, again.strip_prefix(b" ").unwrap_or(again)).unwrap(), reply);
        }
    }

    /// RFC 2449 section 8.
    #[test]
    fn unknown_detail_of_a_code_is_ignored() {
        for (code, known) in [
            ("IN-USE", "IN-USE"),
            ("in-use/other/session", "IN-USE"),
            ("SYS/TEMP/disk", "SYS/TEMP"),
            ("SYS/other", "SYS/other"),
            ("AUTHOR/x", "AUTHOR/x"),
        ] {
            let code = ResponseCode::parse(code.as_bytes()).unwrap();
            assert_eq!(code.without_detail().to_string(), known);
        }
    }

    #[test]
    fn no_reply_splits() {
        assert!(Reply::new(Status::Ok, "x\r\n.\r\n+OK fake").is_err());
        assert_eq!(Reply::ok("x\r\n.").text(), &Text::from("x"));
        let long = Reply::new(Status::Ok, "\u{e9}".repeat(400)).unwrap();
        let mut out = BytesMut::new();
        long.encode_within(512, &mut out);
        assert!(out.len() <= 512 && core::str::from_utf8(&out).is_ok());
    }
}
