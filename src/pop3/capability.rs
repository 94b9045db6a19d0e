//! What a server can do.
//!
//! ```text
//! capa-resp   =  single-line *capability "." CRLF                  RFC 2449 section 3
//! capability  =  capa-tag *(SP param) CRLF        ; 512 octets maximum
//! capa-tag    =  1*cchar
//!
//! TOP  USER  SASL mech...  RESP-CODES  LOGIN-DELAY n [USER]  PIPELINING  EXPIRE n/NEVER [USER]  UIDL  IMPLEMENTATION text    RFC 2449 section 6
//! AUTH-RESP-CODE    RFC 3206        STLS    RFC 2595        UTF8 [USER]  LANG    RFC 6856
//! ```

use super::argument::Mechanism;
use crate::wire::{InvalidValue, Text, write};
use alloc::vec::Vec;
use bytes::{BufMut, BytesMut};

/// How long messages are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(any(test, feature = "arbitrary"), derive(arbitrary::Arbitrary))]
pub enum Expire {
    /// For ever.
    Never,
    /// At least that many days. Zero: not behind the session in which they were taken.
    Days(u32),
}

/// One capability.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Capability {
    /// TOP
    Top,
    /// USER and PASS
    User,
    /// AUTH, with these mechanisms
    Sasl(Vec<Mechanism>),
    /// Text that starts with `[` is a response code
    RespCodes,
    /// The least time between two logins
    LoginDelay {
        /// In seconds
        seconds: u32,
        /// Whether it can be different for each user: ask again after login
        per_user: bool,
    },
    /// Commands may be sent ahead of answers
    Pipelining,
    /// How long messages are kept
    Expire {
        /// The least time
        expire: Expire,
        /// Whether it can be different for each user: ask again after login
        per_user: bool,
    },
    /// UIDL
    Uidl,
    /// What the server is called
    Implementation(CapabilityText),
    /// Every failed login says with `[AUTH]` or `[SYS/…]` why
    AuthRespCode,
    /// STLS
    Stls,
    /// UTF8; with `user`, names and passwords in UTF-8 are taken by USER and PASS
    Utf8 {
        /// Whether the argument USER is there
        user: bool,
    },
    /// LANG
    Lang,
    /// Any other line, as it was sent: an unknown capability, or a known one with arguments that are not its own
    Other(CapabilityText),
}

/// Text of a capability line: no CR, LF or NUL, not empty, no space in front.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct CapabilityText(Text);

impl CapabilityText {
    /// Checks the octets.
    ///
    /// # Errors
    /// With the first octet that may not be there.
    pub fn new(octets: impl Into<Text>) -> Result<Self, InvalidValue> {
        let text = octets.into();
        if let Some(offset) = text.as_bytes().iter().position(|octet| matches!(octet, b'\r' | b'\n' | 0)) {
            return Err(InvalidValue { offset, expected: "an octet other than CR, LF and NUL" });
        }
        match text.as_bytes().first() {
            None | Some(b' ') => Err(InvalidValue { offset: 0, expected: "an octet other than a space" }),
            Some(_) => Ok(Self(text)),
        }
    }

    /// The text.
    pub fn as_text(&self) -> &Text {
        &self.0
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for CapabilityText {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(Text::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

fn number(octets: &[u8]) -> Option<u32> {
    octets.iter().all(u8::is_ascii_digit).then_some(())?;
    core::str::from_utf8(octets).ok()?.parse().ok()
}

/// `USER` or nothing.
fn user_flag(arguments: &[&[u8]]) -> Option<bool> {
    match arguments {
        [] => Some(false),
        [user] if user.eq_ignore_ascii_case(b"USER") => Some(true),
        _ => None,
    }
}

impl Capability {
    /// Reads one line, without its CRLF. A line that is not the capability its tag says stays [`Capability::Other`].
    ///
    /// # Errors
    /// When the line is empty, starts with a space, or holds CR, LF or NUL.
    pub fn parse(line: &[u8]) -> Result<Self, InvalidValue> {
        match Self::known(line) {
            Some(capability) => Ok(capability),
            None => CapabilityText::new(line).map(Self::Other),
        }
    }

    /// The same with spaces and tabs that do not belong left out, if there are any and it is a known capability then or begins with
    /// its tag as it should.
    pub(super) fn parse_spaced(line: &[u8]) -> Option<Self> {
        let strange = memchr::memchr(b'\t', line).is_some() || line.windows(2).any(|pair| pair == b"  ");
        if !strange && line.trim_ascii().len() == line.len() {
            return None;
        }
        let front = line.trim_ascii_start();
        let words: Vec<&[u8]> =
            front.split(|octet| matches!(octet, b' ' | b'\t')).filter(|word| !word.is_empty()).collect();
        let spaced = words.join(&b' ');
        let known = if spaced == line { None } else { Self::known(&spaced) };
        match known {
            Some(Self::Implementation(_)) | None if front.len() < line.len() => Self::parse(front).ok(),
            known => known,
        }
    }

    fn known(line: &[u8]) -> Option<Self> {
        let mut words = line.split(|octet| *octet == b' ');
        let tag = words.next()?;
        if tag.eq_ignore_ascii_case(b"IMPLEMENTATION") {
            let text = line.get(tag.len()..)?.strip_prefix(b" ")?;
            return CapabilityText::new(text).ok().map(Self::Implementation);
        }
        let arguments: Vec<&[u8]> = words.collect();
        let plain = |capability| arguments.is_empty().then_some(capability);
        match tag.to_ascii_uppercase().as_slice() {
            b"TOP" => plain(Self::Top),
            b"USER" => plain(Self::User),
            b"RESP-CODES" => plain(Self::RespCodes),
            b"PIPELINING" => plain(Self::Pipelining),
            b"UIDL" => plain(Self::Uidl),
            b"AUTH-RESP-CODE" => plain(Self::AuthRespCode),
            b"STLS" => plain(Self::Stls),
            b"LANG" => plain(Self::Lang),
            b"UTF8" => Some(Self::Utf8 { user: user_flag(&arguments)? }),
            b"SASL" => {
                let mechanisms: Result<Vec<_>, _> =
                    arguments.iter().map(|name| Mechanism::parse(name)).collect();
                mechanisms.ok().map(Self::Sasl)
            }
            b"LOGIN-DELAY" => {
                let (seconds, rest) = arguments.split_first()?;
                Some(Self::LoginDelay { seconds: number(seconds)?, per_user: user_flag(rest)? })
            }
            b"EXPIRE" => {
                let (days, rest) = arguments.split_first()?;
                let expire = if days.eq_ignore_ascii_case(b"NEVER") {
                    Expire::Never
                } else {
                    Expire::Days(number(days)?)
                };
                Some(Self::Expire { expire, per_user: user_flag(rest)? })
            }
            _ => None,
        }
    }

    /// Writes the line, without its CRLF and before stuffing.
    pub(super) fn encode(&self, out: &mut BytesMut) {
        let user = |flag: bool, out: &mut BytesMut| {
            if flag {
                out.put_slice(b" USER");
            }
        };
        match self {
            Self::Top => out.put_slice(b"TOP"),
            Self::User => out.put_slice(b"USER"),
            Self::Sasl(mechanisms) => {
                out.put_slice(b"SASL");
                for mechanism in mechanisms {
                    out.put_u8(b' ');
                    out.put_slice(mechanism.as_bytes());
                }
            }
            Self::RespCodes => out.put_slice(b"RESP-CODES"),
            Self::LoginDelay { seconds, per_user } => {
                out.put_slice(b"LOGIN-DELAY ");
                write::number(out, *seconds);
                user(*per_user, out);
            }
            Self::Pipelining => out.put_slice(b"PIPELINING"),
            Self::Expire { expire, per_user } => {
                out.put_slice(b"EXPIRE ");
                match expire {
                    Expire::Never => out.put_slice(b"NEVER"),
                    Expire::Days(days) => write::number(out, *days),
                }
                user(*per_user, out);
            }
            Self::Uidl => out.put_slice(b"UIDL"),
            Self::Implementation(text) => {
                out.put_slice(b"IMPLEMENTATION ");
                out.put_slice(text.0.as_bytes());
            }
            Self::AuthRespCode => out.put_slice(b"AUTH-RESP-CODE"),
            Self::Stls => out.put_slice(b"STLS"),
            Self::Utf8 { user: flag } => {
                out.put_slice(b"UTF8");
                user(*flag, out);
            }
            Self::Lang => out.put_slice(b"LANG"),
            Self::Other(text) => out.put_slice(text.0.as_bytes()),
        }
    }
}

/// What a server announced, in its order.
///
/// ```
/// use mailwire::pop3::{Capabilities, Capability};
///
/// let capabilities: Capabilities =
///     [b"UIDL".as_slice(), b"SASL PLAIN"].into_iter().flat_map(Capability::parse).collect();
/// assert!(capabilities.contains(&Capability::Uidl));
/// assert!(capabilities.has_mechanism("PLAIN"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
#[cfg_attr(any(test, feature = "arbitrary"), derive(arbitrary::Arbitrary))]
pub struct Capabilities(pub Vec<Capability>);

impl Capabilities {
    /// Whether this very capability is there.
    pub fn contains(&self, capability: &Capability) -> bool {
        self.0.contains(capability)
    }

    /// Every mechanism of SASL.
    pub fn mechanisms(&self) -> impl Iterator<Item = &Mechanism> {
        self.0.iter().flat_map(|capability| match capability {
            Capability::Sasl(mechanisms) => mechanisms.as_slice(),
            _ => &[],
        })
    }

    /// Whether SASL has this mechanism.
    pub fn has_mechanism(&self, name: &str) -> bool {
        self.mechanisms().any(|mechanism| mechanism.as_bytes().eq_ignore_ascii_case(name.as_bytes()))
    }

    /// Whether USER and PASS take UTF-8.
    pub fn has_utf8_user(&self) -> bool {
        self.contains(&Capability::Utf8 { user: true })
    }

    /// One after the other.
    pub fn iter(&self) -> core::slice::Iter<'_, Capability> {
        self.0.iter()
    }
}

impl FromIterator<Capability> for Capabilities {
    fn from_iter<I: IntoIterator<Item = Capability>>(capabilities: I) -> Self {
        Self(capabilities.into_iter().collect())
    }
}

impl<const N: usize> From<[Capability; N]> for Capabilities {
    fn from(capabilities: [Capability; N]) -> Self {
        Self(capabilities.into())
    }
}

#[cfg(any(test, feature = "arbitrary"))]
impl<'a> arbitrary::Arbitrary<'a> for Capability {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        let text = |u: &mut arbitrary::Unstructured<'a>, front: &[u8]| {
            let mut octets = front.to_vec();
            octets.extend_from_slice(&super::argument::some_of(u, b"abcXYZ 019-._/", 30)?);
            CapabilityText::new(octets).map_err(|_| arbitrary::Error::IncorrectFormat)
        };
        Ok(match u.int_in_range(0..=13)? {
            0 => Self::Top,
            1 => Self::User,
            2 => Self::Sasl(u.arbitrary()?),
            3 => Self::RespCodes,
            4 => Self::LoginDelay { seconds: u.arbitrary()?, per_user: u.arbitrary()? },
            5 => Self::Pipelining,
            6 => Self::Expire { expire: u.arbitrary()?, per_user: u.arbitrary()? },
            7 => Self::Uidl,
            8 => Self::Implementation(text(u, b"x")?),
            9 => Self::AuthRespCode,
            10 => Self::Stls,
            11 => Self::Utf8 { user: u.arbitrary()? },
            12 => Self::Lang,
            _ => {
                let front = if u.ratio(1, 4)? { b".." } else { b"X-" };
                Self::Other(text(u, front)?)
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_unknown_and_wrong() {
        for (line, other) in [
            ("TOP", false),
            ("SASL CRAM-MD5 KERBEROS_V4", false),
            ("SASL", false),
            ("LOGIN-DELAY 900", false),
            ("LOGIN-DELAY 900 USER", false),
            ("EXPIRE NEVER", false),
            ("EXPIRE 5 USER", false),
            ("IMPLEMENTATION Shlemazle-Plotz-v302", false),
            ("UTF8 USER", false),
            ("EXPIRE", true),
            ("EXPIRE 99999999999", true),
            ("LOGIN-DELAY +1", true),
            ("TOP 1", true),
            ("X-NEW  two spaces ", true),
            (".dotted", true),
        ] {
            let capability = Capability::parse(line.as_bytes()).unwrap();
            assert_eq!(matches!(capability, Capability::Other(_)), other, "{line}");
            let mut out = BytesMut::new();
            capability.encode(&mut out);
            assert_eq!(out, line.as_bytes());
        }
        assert!(Capability::parse(b"").is_err() && Capability::parse(b" TOP").is_err());
        for (line, spaced) in [
            ("TOP ", Some("TOP")),
            (" TOP", Some("TOP")),
            ("SASL  PLAIN\tLOGIN ", Some("SASL PLAIN LOGIN")),
            ("  X-NEW  two ", Some("X-NEW  two ")),
            (" IMPLEMENTATION a  b", Some("IMPLEMENTATION a  b")),
            ("IMPLEMENTATION\ta", Some("IMPLEMENTATION a")),
            ("TOP", None),
            ("X-NEW  two ", None),
            (" ", None),
            ("", None),
        ] {
            let read = Capability::parse_spaced(line.as_bytes());
            assert_eq!(read, spaced.map(|line| Capability::parse(line.as_bytes()).unwrap()), "{line}");
        }
        assert_eq!(Capability::parse(b"top").unwrap(), Capability::Top);
    }
}
