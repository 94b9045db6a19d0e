//! What commands take: names, passwords, mechanisms, languages.
//!
//! ```text
//! command      =  keyword *(SP param) CRLF    ; 255 octets maximum        RFC 2449 section 3
//! keyword      =  3*4VCHAR
//! param        =  1*VCHAR
//! sasl-mech    =  1*20mech-char               ; A-Z 0-9 - _               RFC 4422 section 3.1
//! language     =  language-range / "*"        ; ALPHA DIGIT -             RFC 6856 section 3.2
//! ```

use crate::wire::{InvalidValue, Secret, Text};
use alloc::vec::Vec;
use core::fmt;

const fn invalid(offset: usize, expected: &'static str) -> InvalidValue {
    InvalidValue { offset, expected }
}

/// Declares a text that only a check lets in.
macro_rules! checked_text {
    ($(#[$doc:meta])* $name:ident, $check:expr, $arbitrary:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Text);

        impl $name {
            /// Checks the octets.
            ///
            /// # Errors
            /// With the first octet that the grammar does not allow.
            pub fn new(octets: impl Into<Text>) -> Result<Self, InvalidValue> {
                let text = octets.into();
                let check: fn(&[u8]) -> Result<(), InvalidValue> = $check;
                check(text.as_bytes())?;
                Ok(Self(text))
            }

            /// The octets.
            pub fn as_bytes(&self) -> &[u8] {
                self.0.as_bytes()
            }

            /// The text.
            pub fn as_text(&self) -> &Text {
                &self.0
            }
        }

        impl fmt::Display for $name {
            /// The text as it can be shown on a terminal.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.display().fmt(f)
            }
        }

        impl TryFrom<&str> for $name {
            type Error = InvalidValue;
            fn try_from(text: &str) -> Result<Self, InvalidValue> {
                Self::new(text)
            }
        }

        impl TryFrom<alloc::string::String> for $name {
            type Error = InvalidValue;
            fn try_from(text: alloc::string::String) -> Result<Self, InvalidValue> {
                Self::new(text)
            }
        }

        #[cfg(feature = "serde")]
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.0.serialize(serializer)
            }
        }

        #[cfg(feature = "serde")]
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::new(Text::deserialize(deserializer)?).map_err(serde::de::Error::custom)
            }
        }

        #[cfg(any(test, feature = "arbitrary"))]
        impl<'a> arbitrary::Arbitrary<'a> for $name {
            fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
                let make: fn(&mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Vec<u8>> = $arbitrary;
                Self::new(make(u)?).map_err(|_| arbitrary::Error::IncorrectFormat)
            }
        }
    };
}
pub(super) use checked_text;

/// Between one and `most` octets out of `alphabet`.
#[cfg(any(test, feature = "arbitrary"))]
pub(super) fn some_of(
    u: &mut arbitrary::Unstructured<'_>,
    alphabet: &[u8],
    most: usize,
) -> arbitrary::Result<Vec<u8>> {
    let length = u.int_in_range(1..=most)?;
    (0..length).map(|_| u.choose(alphabet).copied()).collect()
}

#[cfg(any(test, feature = "arbitrary"))]
pub(super) const VCHAR: &[u8] =
    b"!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~";

/// The longest argument a command line of 255 octets can hold.
pub(super) const LONGEST: usize = 248;

pub(super) fn is_vchar(octet: u8) -> bool {
    octet.is_ascii_graphic()
}

pub(super) fn check_parameter(octets: &[u8]) -> Result<(), InvalidValue> {
    match octets.iter().position(|octet| !is_vchar(*octet)) {
        Some(offset) => Err(invalid(offset, "a printable ASCII octet other than a space")),
        None if octets.is_empty() => Err(invalid(0, "at least one octet")),
        None if octets.len() > LONGEST => Err(invalid(LONGEST, "an argument that fits a line of 255 octets")),
        None => Ok(()),
    }
}

checked_text! {
    /// One argument, as the grammar of commands has it: printable ASCII without a space. The name of APOP is one.
    Parameter, check_parameter, |u| some_of(u, VCHAR, 40)
}

fn check_user_name(octets: &[u8]) -> Result<(), InvalidValue> {
    if let Some(offset) = octets.iter().position(u8::is_ascii_control) {
        return Err(invalid(offset, "an octet that is no control character"));
    }
    if let Err(error) = core::str::from_utf8(octets) {
        return Err(invalid(error.valid_up_to(), "UTF-8"));
    }
    match octets {
        [] => Err(invalid(0, "at least one octet")),
        [b' ', ..] => Err(invalid(0, "no space in front")),
        [.., b' '] => Err(invalid(octets.len().saturating_sub(1), "no space at the end")),
        _ if octets.len() > LONGEST => Err(invalid(LONGEST, "a name that fits a line of 255 octets")),
        _ => Ok(()),
    }
}

checked_text! {
    /// The mailbox of USER (RFC 1939 section 7).
    ///
    /// Spaces may stand inside it, as some servers' names have them. Octets outside ASCII are UTF-8 (RFC 6856 section 2.2).
    ///
    /// ```
    /// use mailwire::pop3::UserName;
    ///
    /// assert_eq!(UserName::new("alice")?.as_bytes(), b"alice");
    /// assert_eq!(UserName::new("bob\r\nDELE 1").unwrap_err().offset, 3);
    /// # Ok::<(), mailwire::wire::InvalidValue>(())
    /// ```
    UserName, check_user_name, |u| some_of(u, VCHAR, 40)
}

impl UserName {
    /// Whether every octet is ASCII: other names need a server that announced `UTF8 USER` (RFC 6856 section 2.2).
    pub fn is_ascii(&self) -> bool {
        self.as_bytes().is_ascii()
    }
}

fn check_mechanism(octets: &[u8]) -> Result<(), InvalidValue> {
    let allowed =
        |octet: &u8| octet.is_ascii_uppercase() || octet.is_ascii_digit() || matches!(octet, b'-' | b'_');
    match octets.iter().position(|octet| !allowed(octet)) {
        Some(offset) => Err(invalid(offset, "A to Z, 0 to 9, `-` or `_`")),
        None if octets.is_empty() => Err(invalid(0, "at least one octet")),
        None if octets.len() > 20 => Err(invalid(20, "at most 20 octets")),
        None => Ok(()),
    }
}

checked_text! {
    /// The name of a SASL mechanism, in upper case (RFC 4422 section 3.1).
    Mechanism, check_mechanism, |u| some_of(u, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", 20)
}

impl Mechanism {
    /// Reads a name in any case: what peers write in lower case is meant in upper case.
    ///
    /// # Errors
    /// With the first octet that no name can hold.
    pub fn parse(octets: &[u8]) -> Result<Self, InvalidValue> {
        Self::new(octets.to_ascii_uppercase())
    }
}

fn check_language(octets: &[u8]) -> Result<(), InvalidValue> {
    let allowed = |octet: &u8| octet.is_ascii_alphanumeric() || *octet == b'-';
    match octets.iter().position(|octet| !allowed(octet)) {
        _ if octets == b"*" => Ok(()),
        Some(offset) => Err(invalid(offset, "a letter, a digit or `-`")),
        None if octets.is_empty() => Err(invalid(0, "at least one octet")),
        None if octets.len() > 64 => Err(invalid(64, "at most 64 octets")),
        None => Ok(()),
    }
}

checked_text! {
    /// A language range for LANG, or the tag of a language a server has: letters, digits and hyphens. `*` is the server's own choice (RFC 6856 section 3.2).
    Language, check_language, |u| some_of(u, b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-", 20)
}

fn check_password(octets: &[u8]) -> Result<(), InvalidValue> {
    if let Some(offset) = octets.iter().position(u8::is_ascii_control) {
        return Err(invalid(offset, "an octet that is no control character"));
    }
    match core::str::from_utf8(octets) {
        Err(error) => Err(invalid(error.valid_up_to(), "UTF-8")),
        Ok("") => Err(invalid(0, "at least one octet")),
        Ok(_) => Ok(()),
    }
}

/// The argument of PASS (RFC 1939 section 7). Spaces are part of it, wherever they stand.
///
/// Octets outside ASCII are UTF-8, and need a server that announced `UTF8 USER` (RFC 6856 section 2.2): a password that is any other octets
/// goes by AUTH.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Password(Secret<Vec<u8>>);

impl Password {
    /// Checks the octets.
    ///
    /// # Errors
    /// With the first control character or what is no UTF-8, if there are no octets, or if they do not fit a line of 255 octets.
    pub fn new(octets: impl Into<Secret<Vec<u8>>>) -> Result<Self, InvalidValue> {
        let secret = octets.into();
        check_password(secret.expose())?;
        if secret.expose().len() > LONGEST {
            return Err(invalid(LONGEST, "a password that fits a line of 255 octets"));
        }
        Ok(Self(secret))
    }

    /// What a peer sent on a line that was already measured.
    pub(super) fn received(octets: &[u8]) -> Result<Self, InvalidValue> {
        check_password(octets)?;
        Ok(Self(octets.into()))
    }

    /// Whether every octet is ASCII.
    pub fn is_ascii(&self) -> bool {
        self.expose().is_ascii()
    }

    /// The octets, for the one place that needs them.
    pub fn expose(&self) -> &[u8] {
        self.0.expose()
    }
}

impl TryFrom<&str> for Password {
    type Error = InvalidValue;
    fn try_from(text: &str) -> Result<Self, InvalidValue> {
        Self::new(text)
    }
}

impl TryFrom<alloc::string::String> for Password {
    type Error = InvalidValue;
    fn try_from(text: alloc::string::String) -> Result<Self, InvalidValue> {
        Self::new(text)
    }
}

#[cfg(any(test, feature = "arbitrary"))]
impl<'a> arbitrary::Arbitrary<'a> for Password {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        Self::new(some_of(u, VCHAR, 40)?).map_err(|_| arbitrary::Error::IncorrectFormat)
    }
}

/// The keywords that have a [`Command`](super::Command) of their own.
pub(super) const KEYWORDS: &[&[u8]] = &[
    b"USER", b"PASS", b"APOP", b"AUTH", b"STLS", b"CAPA", b"UTF8", b"LANG", b"STAT", b"LIST", b"RETR",
    b"DELE", b"NOOP", b"RSET", b"TOP", b"UIDL", b"QUIT",
];

fn check_raw(octets: &[u8]) -> Result<(), InvalidValue> {
    if let Some(offset) = octets.iter().position(|octet| matches!(octet, b'\r' | b'\n' | 0)) {
        return Err(invalid(offset, "an octet other than CR, LF and NUL"));
    }
    let keyword = octets.split(|octet| *octet == b' ').next().unwrap_or_default();
    match keyword.iter().position(|octet| !is_vchar(*octet)) {
        Some(offset) => Err(invalid(offset, "a printable ASCII octet")),
        None if keyword.is_empty() => Err(invalid(0, "a keyword")),
        None if KEYWORDS.iter().any(|known| keyword.eq_ignore_ascii_case(known)) => {
            Err(invalid(0, "a keyword that has no command of its own"))
        }
        None => Ok(()),
    }
}

checked_text! {
    /// A whole command line, without its CRLF, whose keyword this crate has no command for.
    ///
    /// CR, LF and NUL are refused, and so are the keywords that have a [`Command`](super::Command): no credentials by the back door.
    Raw, check_raw, |u| {
        let mut octets = b"X".to_vec();
        octets.extend_from_slice(&some_of(u, b"ABCXYZ0189-_", 12)?);
        if u.arbitrary()? {
            octets.push(b' ');
            octets.extend_from_slice(&some_of(u, VCHAR, 40)?);
        }
        Ok(octets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_line_early() {
        for bad in ["bob\r\nDELE 1", "a\0b", "a\n", ""] {
            assert!(UserName::new(bad).is_err() && Parameter::new(bad).is_err() && Raw::new(bad).is_err());
            assert!(
                Password::new(bad).is_err() && Mechanism::new(bad).is_err() && Language::new(bad).is_err()
            );
        }
        assert!(
            Parameter::new("bob x").is_err()
                && UserName::new("bob x").is_ok()
                && UserName::new(" x").is_err()
        );
        assert!(UserName::new(b"\xff").is_err() && !UserName::new("j\u{f6}rg").unwrap().is_ascii());
        assert_eq!(Password::new(" a  b ").unwrap().expose(), b" a  b ");
        assert_eq!(Password::new(b"a\xe9".to_vec()).unwrap_err().offset, 1);
        assert!(Password::new("a\tb").is_err() && !Password::new("\u{e9}").unwrap().is_ascii());
        assert!(Raw::new("pass secret").is_err() && Raw::new("XTND XMIT").is_ok());
        assert_eq!(Mechanism::parse(b"plain").unwrap().as_bytes(), b"PLAIN");
    }
}
