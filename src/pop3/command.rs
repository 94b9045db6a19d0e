//! Commands.
//!
//! ```text
//! "USER" SP name   "PASS" SP string   "APOP" SP name SP digest   "QUIT"                          RFC 1939
//! "STAT"   "LIST" [SP msg]   "RETR" SP msg   "DELE" SP msg   "NOOP"   "RSET"   "TOP" SP msg SP n   "UIDL" [SP msg]
//! "CAPA"                                                                                         RFC 2449 section 5
//! "STLS"                                                                                         RFC 2595 section 4
//! auth-command      =  "AUTH" SP sasl-mech [SP initial-response]                                 RFC 5034 section 4
//! initial-response  =  base64 / "="
//! "UTF8"   "LANG" [SP language-range]                                                            RFC 6856
//! ```

use super::apop::Digest;
use super::argument::{Language, Mechanism, Parameter, Password, Raw, UserName};
use super::listing::short_number;
use super::state::Keyword;
use crate::wire::{Error, ErrorKind, InvalidValue, Secret, base64, write};
use alloc::vec::Vec;
use bytes::{BufMut, BytesMut};
use core::num::NonZeroU32;

/// The longest command line, with its CRLF (RFC 2449 section 4).
pub(super) const LONGEST: usize = 255;

/// A command of a client.
///
/// ```
/// use bytes::BytesMut;
/// use mailwire::pop3::Command;
///
/// let command = Command::parse(b"TOP 1 10")?;
/// assert!(matches!(command, Command::Top { lines: 10, .. }));
/// let mut out = BytesMut::new();
/// command.encode(&mut out)?;
/// assert_eq!(out, "TOP 1 10\r\n");
/// # Ok::<(), mailwire::wire::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Command {
    /// USER: the mailbox
    User(UserName),
    /// PASS: the password for it
    Pass(Password),
    /// APOP: both at once
    Apop {
        /// The mailbox
        name: Parameter,
        /// The digest over the greeting's timestamp and the password
        digest: Digest,
    },
    /// AUTH: the start of a SASL exchange
    Auth {
        /// The mechanism
        mechanism: Mechanism,
        /// What the mechanism says first; decoded. `Some` of no octets is written `=`.
        initial_response: Option<Secret<Vec<u8>>>,
    },
    /// AUTH alone, a question for the mechanisms that came before CAPA and is still asked
    Mechanisms,
    /// STLS: TLS starts behind the answer
    Stls,
    /// CAPA
    Capa,
    /// UTF8: from now on, headers may be in UTF-8
    Utf8,
    /// LANG: the languages there are, or a choice among them
    Lang(Option<Language>),
    /// STAT
    Stat,
    /// LIST: the sizes of all messages, or of one
    List(Option<NonZeroU32>),
    /// RETR: a message
    Retr(NonZeroU32),
    /// DELE: marks a message as deleted
    Dele(NonZeroU32),
    /// NOOP
    Noop,
    /// RSET: takes the marks off
    Rset,
    /// TOP: the header and some lines of a message
    Top {
        /// The message
        message: NonZeroU32,
        /// How many lines of its body
        lines: u32,
    },
    /// UIDL: the unique-ids of all messages, or of one
    Uidl(Option<NonZeroU32>),
    /// QUIT
    Quit,
    /// A command this crate has no name for
    Other(Raw),
}

/// What the answer to a command looks like: replies have no shape of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Shape {
    /// A status line.
    Status,
    /// A status line with a drop listing.
    DropListing,
    /// A status line with the scan listing of this message.
    ScanListing(NonZeroU32),
    /// Lines of scan listings.
    ScanListings,
    /// A status line with the unique-id of this message.
    UniqueId(NonZeroU32),
    /// Lines of unique-ids.
    UniqueIds,
    /// Lines of capabilities.
    Capabilities,
    /// Lines of languages.
    Languages,
    /// A message.
    Message,
    /// The first lines of a message.
    Top,
    /// Lines of any kind.
    Lines,
    /// Challenges, then a status line.
    Authentication,
    /// A status line behind which TLS starts.
    StartTls,
    /// A status line behind which the connection ends.
    Quit,
}

/// A place of its own for each keyword of a usual line: one look instead of a comparison after the other,
/// which no processor can foresee.
const fn place(keyword: u32) -> u32 {
    keyword.wrapping_mul(0x6ec9_d287) >> 28
}

const fn upper(keyword: [u8; 4]) -> u32 {
    // Without the bit that tells the case of a letter.
    u32::from_be_bytes(keyword) & 0xdfdf_dfdf
}

/// A keyword of usual lines: its letters, whether it can stand alone, and whether it takes a number.
#[derive(Clone, Copy)]
struct Row(u32, Keyword, bool, bool);

/// The keywords of usual lines, each at its place.
const USUAL: [Row; 16] = {
    const NONE: Row = Row(0, Keyword::Other, false, false);
    const fn alone(octets: [u8; 4], keyword: Keyword) -> Row {
        Row(upper(octets), keyword, true, false)
    }
    const fn numbered(octets: [u8; 4], keyword: Keyword) -> Row {
        Row(upper(octets), keyword, false, true)
    }
    [
        alone(*b"NOOP", Keyword::Noop),
        NONE,
        NONE,
        alone(*b"RSET", Keyword::Rset),
        NONE,
        Row(upper(*b"UIDL"), Keyword::Uidl, true, true),
        numbered(*b"DELE", Keyword::Dele),
        alone(*b"STAT", Keyword::Stat),
        alone(*b"QUIT", Keyword::Quit),
        NONE,
        NONE,
        numbered(*b"RETR", Keyword::Retr),
        NONE,
        NONE,
        Row(upper(*b"LIST"), Keyword::List, true, true),
        alone(*b"CAPA", Keyword::Capa),
    ]
};

/// A line in its usual form: a keyword alone or with a number, or TOP. Small enough to stay in registers until the command is made of it.
#[derive(Clone, Copy)]
pub(super) struct Usual {
    pub(super) keyword: Keyword,
    number: Option<NonZeroU32>,
    lines: u32,
    /// How many octets it takes.
    pub(super) end: usize,
}

impl Usual {
    /// Reads a whole line from the front of the octets. `None` says nothing: the line may be fine.
    #[inline(always)]
    pub(super) fn read(input: &[u8]) -> Option<Self> {
        let (octets, rest) = input.split_first_chunk::<4>()?;
        let key = upper(*octets);
        let Row(_, keyword, alone, numbered) = match USUAL.get(write::index(place(key).into())) {
            Some(row) if row.0 == key => *row,
            _ if key == upper(*b"TOP ") && octets.ends_with(b" ") => return Self::read_top(input, rest),
            _ => return None,
        };
        let (number, rest) = match rest.strip_prefix(b" ") {
            Some(rest) if numbered => {
                let (number, rest) = short_number(rest)?;
                (Some(NonZeroU32::new(number)?), rest)
            }
            None if alone => (None, rest),
            _ => return None,
        };
        let behind = rest.strip_prefix(b"\r\n")?;
        Some(Self { keyword, number, lines: 0, end: input.len().wrapping_sub(behind.len()) })
    }

    #[inline]
    fn read_top(input: &[u8], rest: &[u8]) -> Option<Self> {
        let (number, rest) = short_number(rest)?;
        let (lines, rest) = short_number(rest.strip_prefix(b" ")?)?;
        let number = Some(NonZeroU32::new(number)?);
        let behind = rest.strip_prefix(b"\r\n")?;
        Some(Self { keyword: Keyword::Top, number, lines, end: input.len().wrapping_sub(behind.len()) })
    }

    #[inline(always)]
    pub(super) fn shape(self) -> Shape {
        match (self.keyword, self.number) {
            (Keyword::Retr, _) => Shape::Message,
            (Keyword::Top, _) => Shape::Top,
            (Keyword::List, Some(number)) => Shape::ScanListing(number),
            (Keyword::List, None) => Shape::ScanListings,
            (Keyword::Uidl, Some(number)) => Shape::UniqueId(number),
            (Keyword::Uidl, None) => Shape::UniqueIds,
            (Keyword::Stat, _) => Shape::DropListing,
            (Keyword::Quit, _) => Shape::Quit,
            (Keyword::Capa, _) => Shape::Capabilities,
            _ => Shape::Status,
        }
    }

    #[inline(always)]
    pub(super) fn command(self) -> Command {
        match (self.keyword, self.number) {
            (Keyword::Retr, Some(number)) => Command::Retr(number),
            (Keyword::Dele, Some(number)) => Command::Dele(number),
            (Keyword::Top, Some(message)) => Command::Top { message, lines: self.lines },
            (Keyword::List, number) => Command::List(number),
            (Keyword::Uidl, number) => Command::Uidl(number),
            (Keyword::Stat, _) => Command::Stat,
            (Keyword::Rset, _) => Command::Rset,
            (Keyword::Quit, _) => Command::Quit,
            (Keyword::Capa, _) => Command::Capa,
            _ => Command::Noop,
        }
    }
}

#[cold]
fn syntax(offset: usize, expected: &'static str) -> Error {
    Error::recoverable(ErrorKind::Syntax, write::length(offset), expected)
}

fn received<T>(value: Result<T, InvalidValue>, offset: usize) -> Result<T, Error> {
    value.map_err(|invalid| syntax(offset.saturating_add(invalid.offset), invalid.expected))
}

fn message(argument: Option<&[u8]>, offset: usize) -> Result<NonZeroU32, Error> {
    let expected = "a message number from 1 to 4294967295";
    let argument = argument.ok_or_else(|| syntax(offset, expected))?;
    number(argument, offset, expected)
        .and_then(|number| NonZeroU32::new(number).ok_or_else(|| syntax(offset, expected)))
}

fn number(digits: &[u8], offset: usize, expected: &'static str) -> Result<u32, Error> {
    let mut value = 0u32;
    if digits.is_empty() {
        return Err(syntax(offset, expected));
    }
    for octet in digits {
        let digit = octet.wrapping_sub(b'0');
        value = match value.checked_mul(10).and_then(|value| value.checked_add(u32::from(digit))) {
            Some(next) if digit < 10 => next,
            _ => return Err(syntax(offset, expected)),
        };
    }
    Ok(value)
}

fn alone(command: Command, argument: Option<&[u8]>, offset: usize) -> Result<Command, Error> {
    match argument {
        None => Ok(command),
        Some(_) => Err(syntax(offset, "the end of the line")),
    }
}

impl Command {
    /// Reads a line without its CRLF. Keywords are taken without case; an unknown one is [`Command::Other`].
    ///
    /// # Errors
    /// [`ErrorKind::Syntax`], with the place of the first octet that does not belong.
    pub fn parse(line: &[u8]) -> Result<Self, Error> {
        let space = memchr::memchr(b' ', line);
        let (keyword, argument) = match space {
            Some(space) => (line.get(..space).unwrap_or_default(), line.get(space.saturating_add(1)..)),
            None => (line, None),
        };
        let at = keyword.len().saturating_add(1);
        let optional = |argument: Option<&[u8]>| match argument {
            None => Ok(None),
            argument => message(argument, at).map(Some),
        };
        let some =
            |expected| argument.filter(|argument| !argument.is_empty()).ok_or_else(|| syntax(at, expected));
        if let [a, b, c, d] = keyword {
            let keyword = [a, b, c, d].map(u8::to_ascii_uppercase);
            return match &keyword {
                b"RETR" => message(argument, at).map(Self::Retr),
                b"DELE" => message(argument, at).map(Self::Dele),
                b"LIST" => optional(argument).map(Self::List),
                b"UIDL" => optional(argument).map(Self::Uidl),
                b"STAT" => alone(Self::Stat, argument, at),
                b"NOOP" => alone(Self::Noop, argument, at),
                b"RSET" => alone(Self::Rset, argument, at),
                b"QUIT" => alone(Self::Quit, argument, at),
                b"CAPA" => alone(Self::Capa, argument, at),
                b"STLS" => alone(Self::Stls, argument, at),
                b"UTF8" => alone(Self::Utf8, argument, at),
                b"USER" => received(UserName::new(some("a mailbox")?), at).map(Self::User),
                b"PASS" => received(Password::received(some("a password")?), at).map(Self::Pass),
                b"LANG" => match argument {
                    None => Ok(Self::Lang(None)),
                    Some(language) => received(Language::new(language), at).map(Some).map(Self::Lang),
                },
                b"APOP" => {
                    let (name, digest) =
                        two(some("a name")?).ok_or_else(|| syntax(line.len(), "a digest"))?;
                    let digest_at = at.saturating_add(name.len()).saturating_add(1);
                    Ok(Self::Apop {
                        name: received(Parameter::new(name), at)?,
                        digest: received(Digest::parse(digest), digest_at)?,
                    })
                }
                b"AUTH" => match argument {
                    None => Ok(Self::Mechanisms),
                    Some(argument) => Self::parse_auth(argument, at),
                },
                _ => received(Raw::new(line), 0).map(Self::Other),
            };
        }
        if keyword.eq_ignore_ascii_case(b"TOP") {
            let (number_of, lines) =
                two(some("a message number")?).ok_or_else(|| syntax(line.len(), "a number of lines"))?;
            let lines_at = at.saturating_add(number_of.len()).saturating_add(1);
            return Ok(Self::Top {
                message: message(Some(number_of), at)?,
                lines: number(lines, lines_at, "a number of lines")?,
            });
        }
        received(Raw::new(line), 0).map(Self::Other)
    }

    fn parse_auth(argument: &[u8], at: usize) -> Result<Self, Error> {
        let (name, response) = match two(argument) {
            Some((name, response)) => (name, Some(response)),
            None => (argument, None),
        };
        let mechanism = received(Mechanism::parse(name), at)?;
        let response_at = at.saturating_add(name.len()).saturating_add(1);
        let initial_response = match response {
            None => None,
            Some(b"=") => Some(Secret::new(Vec::new())),
            Some([]) => return Err(syntax(response_at, "Base64 or `=`")),
            Some(text) => Some(Secret::new(
                base64::decode(text)
                    .map_err(|offset| syntax(response_at.saturating_add(offset), "Base64"))?,
            )),
        };
        Ok(Self::Auth { mechanism, initial_response })
    }

    /// Writes the line with its CRLF.
    ///
    /// # Errors
    /// When it is longer than 255 octets; nothing is written then.
    pub fn encode(&self, out: &mut BytesMut) -> Result<(), InvalidValue> {
        let start = out.len();
        self.write(out);
        if out.len().saturating_sub(start) > LONGEST {
            out.truncate(start);
            return Err(InvalidValue { offset: LONGEST, expected: "a command line of at most 255 octets" });
        }
        Ok(())
    }

    fn write(&self, out: &mut BytesMut) {
        let numbered = |keyword: &[u8], number: Option<NonZeroU32>, out: &mut BytesMut| {
            out.put_slice(keyword);
            if let Some(number) = number {
                out.put_u8(b' ');
                write::number(out, number.get());
            }
        };
        match self {
            Self::User(name) => {
                out.put_slice(b"USER ");
                out.put_slice(name.as_bytes());
            }
            Self::Pass(password) => {
                out.put_slice(b"PASS ");
                out.put_slice(password.expose());
            }
            Self::Apop { name, digest } => {
                out.put_slice(b"APOP ");
                out.put_slice(name.as_bytes());
                out.put_u8(b' ');
                out.put_slice(&digest.digits());
            }
            Self::Auth { mechanism, initial_response } => {
                out.put_slice(b"AUTH ");
                out.put_slice(mechanism.as_bytes());
                if let Some(response) = initial_response {
                    out.put_u8(b' ');
                    match response.expose().as_slice() {
                        [] => out.put_u8(b'='),
                        response => base64::encode(response, out),
                    }
                }
            }
            Self::Mechanisms => out.put_slice(b"AUTH"),
            Self::Stls => out.put_slice(b"STLS"),
            Self::Capa => out.put_slice(b"CAPA"),
            Self::Utf8 => out.put_slice(b"UTF8"),
            Self::Lang(language) => {
                out.put_slice(b"LANG");
                if let Some(language) = language {
                    out.put_u8(b' ');
                    out.put_slice(language.as_bytes());
                }
            }
            Self::Stat => out.put_slice(b"STAT"),
            Self::List(number) => numbered(b"LIST", *number, out),
            Self::Retr(number) => numbered(b"RETR", Some(*number), out),
            Self::Dele(number) => numbered(b"DELE", Some(*number), out),
            Self::Noop => out.put_slice(b"NOOP"),
            Self::Rset => out.put_slice(b"RSET"),
            Self::Top { message, lines } => {
                numbered(b"TOP", Some(*message), out);
                out.put_u8(b' ');
                write::number(out, *lines);
            }
            Self::Uidl(number) => numbered(b"UIDL", *number, out),
            Self::Quit => out.put_slice(b"QUIT"),
            Self::Other(raw) => out.put_slice(raw.as_bytes()),
        }
        out.put_slice(b"\r\n");
    }

    /// What its answer looks like.
    pub fn shape(&self) -> Shape {
        match self {
            Self::Auth { .. } => Shape::Authentication,
            Self::Mechanisms => Shape::Lines,
            Self::Stls => Shape::StartTls,
            Self::Capa => Shape::Capabilities,
            Self::Lang(None) => Shape::Languages,
            Self::Stat => Shape::DropListing,
            Self::List(None) => Shape::ScanListings,
            Self::List(Some(number)) => Shape::ScanListing(*number),
            Self::Retr(_) => Shape::Message,
            Self::Top { .. } => Shape::Top,
            Self::Uidl(None) => Shape::UniqueIds,
            Self::Uidl(Some(number)) => Shape::UniqueId(*number),
            Self::Quit => Shape::Quit,
            Self::User(_)
            | Self::Pass(_)
            | Self::Apop { .. }
            | Self::Utf8
            | Self::Lang(Some(_))
            | Self::Dele(_)
            | Self::Noop
            | Self::Rset
            | Self::Other(_) => Shape::Status,
        }
    }

    /// Its keyword.
    pub fn keyword(&self) -> Keyword {
        match self {
            Self::User(_) => Keyword::User,
            Self::Pass(_) => Keyword::Pass,
            Self::Apop { .. } => Keyword::Apop,
            Self::Auth { .. } => Keyword::Auth,
            Self::Stls => Keyword::Stls,
            Self::Capa => Keyword::Capa,
            Self::Utf8 => Keyword::Utf8,
            Self::Lang(_) => Keyword::Lang,
            Self::Stat => Keyword::Stat,
            Self::List(_) => Keyword::List,
            Self::Retr(_) => Keyword::Retr,
            Self::Dele(_) => Keyword::Dele,
            Self::Noop => Keyword::Noop,
            Self::Rset => Keyword::Rset,
            Self::Top { .. } => Keyword::Top,
            Self::Uidl(_) => Keyword::Uidl,
            Self::Quit => Keyword::Quit,
            Self::Mechanisms | Self::Other(_) => Keyword::Other,
        }
    }

    /// Whether it carries what only the user may know.
    pub(super) fn is_credential(&self) -> bool {
        matches!(self, Self::User(_) | Self::Pass(_) | Self::Apop { .. } | Self::Auth { .. })
    }
}

/// The octets before and behind the first space.
fn two(argument: &[u8]) -> Option<(&[u8], &[u8])> {
    let space = memchr::memchr(b' ', argument)?;
    Some((argument.get(..space)?, argument.get(space.saturating_add(1)..)?))
}

#[cfg(any(test, feature = "arbitrary"))]
impl<'a> arbitrary::Arbitrary<'a> for Command {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        Ok(match u.int_in_range(0..=18)? {
            0 => Self::User(u.arbitrary()?),
            1 => Self::Pass(u.arbitrary()?),
            2 => Self::Apop { name: u.arbitrary()?, digest: u.arbitrary()? },
            3 => {
                let initial_response = if u.arbitrary()? {
                    let length = u.int_in_range(0..=100)?;
                    Some(Secret::new(u.bytes(length)?.to_vec()))
                } else {
                    None
                };
                Self::Auth { mechanism: u.arbitrary()?, initial_response }
            }
            4 => Self::Mechanisms,
            5 => Self::Stls,
            6 => Self::Capa,
            7 => Self::Utf8,
            8 => Self::Lang(u.arbitrary()?),
            9 => Self::Stat,
            10 => Self::List(u.arbitrary()?),
            11 => Self::Retr(u.arbitrary()?),
            12 => Self::Dele(u.arbitrary()?),
            13 => Self::Noop,
            14 => Self::Rset,
            15 => Self::Top { message: u.arbitrary()?, lines: u.arbitrary()? },
            16 => Self::Uidl(u.arbitrary()?),
            17 => Self::Quit,
            _ => Self::Other(u.arbitrary()?),
        })
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "an overflow fails the test")]
mod tests {
    use super::*;

    #[test]
    fn known_answers_and_back() {
        for line in [
            "USER mrose",
            "USER a b",
            "PASS a b  c",
            "APOP mrose c4c9334bac560ecc979e58001b3e22fb",
            "AUTH",
            "AUTH CRAM-MD5",
            "AUTH PLAIN =",
            "AUTH PLAIN dGVzdAB0ZXN0AHRlc3Q=",
            "STLS",
            "CAPA",
            "UTF8",
            "LANG",
            "LANG *",
            "LANG en-GB",
            "STAT",
            "LIST",
            "LIST 1",
            "RETR 4294967295",
            "DELE 2",
            "NOOP",
            "RSET",
            "TOP 1 0",
            "TOP 1 4294967295",
            "UIDL",
            "UIDL 7",
            "QUIT",
            "XTND XMIT  a ",
            "X",
        ] {
            let command = Command::parse(line.as_bytes()).unwrap();
            let mut out = BytesMut::new();
            command.encode(&mut out).unwrap();
            assert_eq!(out.strip_suffix(b"\r\n").unwrap(), line.as_bytes());
            assert_eq!(
                Command::parse(line.to_ascii_lowercase().as_bytes()).is_ok(),
                !line.contains("AUTH PLAIN d")
            );
        }
    }

    #[test]
    fn the_usual_form_is_the_same_the_short_way() {
        use crate::pop3::State;
        let mut usual = 0;
        for line in [
            "STAT",
            "stat",
            "NOOP",
            "RSET",
            "QUIT",
            "CAPA",
            "LIST",
            "UIDL",
            "LIST 1",
            "uidl 12",
            "RETR 999999999",
            "DELE 01",
            "TOP 1 0",
            "top 1 2",
            "TOP\u{0}1 2",
            "TOP 1",
            "TOP 1 2 ",
            "RETR",
            "RETR 0",
            "RETR 1 ",
            "RETR 1234567890",
            "RETR -1",
            "STAT 1",
            "S\u{14}AT",
            "STLS",
            "LIST ",
            "USER 1",
            "",
            "X",
        ] {
            let octets = [line, "\r\nNOOP\r\n"].concat();
            if let Some(short) = Usual::read(octets.as_bytes()) {
                let command = short.command();
                assert_eq!(
                    (&command, short.end),
                    (&Command::parse(line.as_bytes()).unwrap(), line.len() + 2)
                );
                assert_eq!((short.keyword, short.shape()), (command.keyword(), command.shape()));
                // The server asks no further in TRANSACTION.
                assert!(State::Transaction.next(command.keyword()).is_some());
                usual += 1;
            }
        }
        assert_eq!(usual, 13);
        for (place_of, Row(key, keyword, ..)) in USUAL.iter().enumerate() {
            assert!(*keyword == Keyword::Other || write::index(place(*key).into()) == place_of);
        }
    }

    #[test]
    fn what_is_refused_and_where() {
        for (line, offset) in [
            ("", 0),
            ("USER", 5),
            ("USER ", 5),
            ("USER a\u{1}", 6),
            ("PASS", 5),
            ("PASS ", 5),
            ("RETR", 5),
            ("RETR 0", 5),
            ("RETR 4294967296", 5),
            ("RETR 99999999999999999999999", 5),
            ("TOP 1", 5),
            ("TOP 1 -1", 6),
            ("DELE +1", 5),
            ("DELE 1 2", 5),
            ("UIDL *", 5),
            ("LIST ", 5),
            ("NOOP x", 5),
            ("NOOP ", 5),
            ("APOP a", 6),
            ("APOP a 0000000000000000000000000000000", 37),
            ("AUTH ", 5),
            ("AUTH PLAIN ", 11),
            ("AUTH PLAIN x", 12),
            ("AUTH P\u{1}", 6),
            ("LANG ", 5),
            ("LANG a_b", 6),
            (" NOOP", 0),
        ] {
            let error = Command::parse(line.as_bytes()).unwrap_err();
            assert_eq!((error.offset(), error.is_fatal()), (offset, false), "{line} {error}");
        }
    }

    #[test]
    fn the_line_is_never_too_long() {
        let mut out = BytesMut::new();
        let name = UserName::new("u".repeat(248)).unwrap();
        assert!(Command::User(name).encode(&mut out).is_ok() && out.len() == 255);
        let raw = Command::Other(Raw::new("x".repeat(254)).unwrap());
        assert!(raw.encode(&mut out).is_err() && out.len() == 255);
    }

    #[test]
    fn secrets_are_not_shown() {
        for line in ["PASS s3cr3t", "AUTH XOAUTH2 czNjcjN0", "APOP a c4c9334bac560ecc979e58001b3e22fb"] {
            let shown = alloc::format!("{:?}", Command::parse(line.as_bytes()).unwrap());
            assert!(
                !shown.contains("s3cr3t") && !shown.contains("115, 51") && !shown.contains("c4c9"),
                "{shown}"
            );
        }
    }

    #[test]
    fn any_command_comes_back() {
        crate::pop3::for_arbitrary(2_000, |command: Command| {
            let mut out = BytesMut::new();
            command.encode(&mut out).unwrap();
            assert_eq!(Command::parse(out.strip_suffix(b"\r\n").unwrap()).unwrap(), command);
        });
    }
}
