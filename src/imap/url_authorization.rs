//! Who may read what a URL names.
//!
//! ```abnf
//! ; RFC 4467 section 9, RFC 5092 section 11
//! iurlauth      = iurlauth-rump iua-verifier
//! iurlauth-rump = [";EXPIRE=" date-time] ";URLAUTH=" access
//! iua-verifier  = ":" uauth-mechanism ":" enc-urlauth
//! enc-urlauth   = 32*HEXDIG
//! access        = ("submit+" enc-user) / ("user+" enc-user) / "authuser" / "anonymous"
//! access        =/ application / (application "+" enc-user)                      ; RFC 5593
//! application   = 1*(ALPHA / DIGIT)
//! uauth-mechanism = "INTERNAL" / 1*(ALPHA / DIGIT / "-" / ".")                   ; without case
//! ```

use crate::imap::encode::{Encoded, Encoder};
use crate::imap::keyword::Keyword;
use crate::imap::url_text::{UrlReader, encode, invalid, is_achar, text};
use crate::wire::cursor::{Class, Cursor, Parsed, class};
use crate::wire::{InvalidValue, Text};
use alloc::string::String;
use core::fmt;

/// Who may read what a URL names (RFC 4467, RFC 5092 section 6.1).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UrlAuthorization {
    /// Until when.
    pub expires: Option<UrlExpiry>,
    /// Who.
    pub access: UrlAccess,
    /// What proves it: the mechanism and the token. GENURLAUTH makes it.
    pub verifier: Option<(UrlAuthMechanism, UrlToken)>,
}

const MECHANISM: Class = class!(octet => octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.'));

/// How a URL is authorized (RFC 4467 section 2.4): letters, digits, `-` and `.`, compared without case.
///
/// ```
/// use mailwire::imap::UrlAuthMechanism;
///
/// assert_eq!(UrlAuthMechanism::new("internal").unwrap(), UrlAuthMechanism::internal());
/// assert!(UrlAuthMechanism::new("a:b").is_err());
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Keyword", into = "Keyword"))]
pub struct UrlAuthMechanism(Keyword);

impl UrlAuthMechanism {
    /// `INTERNAL`, the mechanism that every server has.
    pub fn internal() -> Self {
        Self(Keyword::from_checked("INTERNAL".into()))
    }

    /// Checks every octet.
    ///
    /// # Errors
    /// Tells the first octet that is not allowed; an empty name is not allowed.
    pub fn new(name: impl Into<Text>) -> Result<Self, InvalidValue> {
        let name = name.into();
        crate::imap::core::check(&MECHANISM, name.as_bytes(), "a letter, a digit, `-` or `.`")?;
        Ok(Self(Keyword::from_checked(name)))
    }

    /// The octets.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let name = cursor.take_some(&MECHANISM, "a mechanism of letters, digits, `-` and `.`")?;
        cursor.text(name).map(Keyword::from_checked).map(Self)
    }

    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        self.0.encode(encoder)
    }
}

impl fmt::Debug for UrlAuthMechanism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for UrlAuthMechanism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl TryFrom<Keyword> for UrlAuthMechanism {
    type Error = InvalidValue;
    fn try_from(name: Keyword) -> Result<Self, InvalidValue> {
        Self::new(name.as_bytes())
    }
}

impl From<UrlAuthMechanism> for Keyword {
    fn from(mechanism: UrlAuthMechanism) -> Self {
        mechanism.0
    }
}

/// Who may read what a URL names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum UrlAccess {
    /// `submit+`: a submission server for this user, whose name is not empty and has no NUL.
    Submit(String),
    /// `user+`: this user, whose name is not empty and has no NUL.
    User(String),
    /// `authuser`: every user but the anonymous one.
    AuthUser,
    /// `anonymous`: everybody.
    Anonymous,
    /// An application, perhaps for a user, such as `stream` (RFC 5593).
    Application {
        /// Which one.
        name: UrlApplication,
        /// For whom; not empty and without NUL.
        user: Option<String>,
    },
}

macro_rules! checked {
    ($(#[$doc:meta])* $name:ident, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "String", into = "String"))]
        pub struct $name(String);

        impl $name {
            /// Checks the text.
            ///
            /// # Errors
            /// Tells the first octet that is not allowed.
            pub fn new(text: impl Into<String>) -> Result<Self, InvalidValue> {
                let text = text.into();
                $check(text.as_bytes())?;
                Ok(Self(text))
            }

            /// The text, which is ASCII.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidValue;
            fn try_from(text: String) -> Result<Self, InvalidValue> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0
            }
        }
    };
}

checked!(
    /// The name of an application that may read what a URL names: letters and digits, and none of the words `submit`, `user`, `authuser` and
    /// `anonymous`, which say something else.
    UrlApplication,
    check_application
);

checked!(
    /// A moment, as RFC 3339 writes it: `2026-12-31T23:59:59Z`. Only its shape is checked.
    UrlExpiry,
    check_expiry
);

checked!(
    /// What proves that a URL is authorized: at least 32 hexadecimal digits.
    UrlToken,
    check_token
);

/// Who may read a URL without being an application.
const RESERVED: [&str; 4] = ["submit", "user", "authuser", "anonymous"];

fn check_application(octets: &[u8]) -> Result<(), InvalidValue> {
    match octets.iter().position(|octet| !octet.is_ascii_alphanumeric()) {
        Some(offset) => Err(invalid(offset, "a letter or a digit")),
        None if octets.is_empty() => Err(invalid(0, "a letter or a digit")),
        None if RESERVED.iter().any(|word| octets.eq_ignore_ascii_case(word.as_bytes())) => {
            Err(invalid(0, "the name of an application"))
        }
        None => Ok(()),
    }
}

fn check_token(octets: &[u8]) -> Result<(), InvalidValue> {
    match octets.iter().position(|octet| !octet.is_ascii_hexdigit()) {
        Some(offset) => Err(invalid(offset, "a hexadecimal digit")),
        None if octets.len() < 32 => Err(invalid(octets.len(), "at least 32 hexadecimal digits")),
        None => Ok(()),
    }
}

/// `date-time` of RFC 3339.
fn check_expiry(octets: &[u8]) -> Result<(), InvalidValue> {
    const EXPECTED: &str = "a date and a time as in RFC 3339";
    let shape = |shape: &[u8], octets: &[u8]| {
        shape.iter().zip(octets).position(|(shape, octet)| match shape {
            b'0' => !octet.is_ascii_digit(),
            shape => !shape.eq_ignore_ascii_case(octet),
        })
    };
    let start = b"0000-00-00T00:00:00";
    let Some((moment, rest)) = octets.split_at_checked(start.len()) else {
        return Err(invalid(octets.len(), EXPECTED));
    };
    if let Some(offset) = shape(start, moment) {
        return Err(invalid(offset, EXPECTED));
    }
    let fraction = match rest {
        [b'.', digits @ ..] => {
            digits.iter().take_while(|octet| octet.is_ascii_digit()).count().saturating_add(1)
        }
        _ => 0,
    };
    let zone = rest.get(fraction..).unwrap_or_default();
    let good = fraction != 1
        && match zone {
            [b'Z' | b'z'] => true,
            [b'+' | b'-', offset @ ..] => offset.len() == 5 && shape(b"00:00", offset).is_none(),
            _ => false,
        };
    if good { Ok(()) } else { Err(invalid(start.len(), EXPECTED)) }
}

impl UrlAuthorization {
    /// For ever and without a proof: what GENURLAUTH is asked to prove.
    pub fn new(access: UrlAccess) -> Self {
        Self { expires: None, access, verifier: None }
    }

    pub(crate) fn read(path: &mut UrlReader<'_>) -> Result<Self, InvalidValue> {
        let inner =
            |at: usize| move |error: InvalidValue| invalid(error.offset.saturating_add(at), error.expected);
        let mut expires = None;
        if path.eat(";EXPIRE=") {
            let at = path.offset();
            expires = Some(UrlExpiry::new(path.until(&[';'])).map_err(inner(at))?);
        }
        if !path.eat(";URLAUTH=") {
            return Err(invalid(path.offset(), ";URLAUTH="));
        }
        let at = path.offset();
        let access = UrlAccess::read(path.until(&[':']), at)?;
        let mut verifier = None;
        if path.eat(":") {
            let at = path.offset();
            let mechanism = UrlAuthMechanism::new(path.until(&[':'])).map_err(inner(at))?;
            if !path.eat(":") {
                return Err(invalid(path.offset(), ":"));
            }
            let at = path.offset();
            verifier = Some((mechanism, UrlToken::new(path.until(&[])).map_err(inner(at))?));
        }
        Ok(Self { expires, access, verifier })
    }
}

impl UrlAccess {
    fn read(access: &str, offset: usize) -> Result<Self, InvalidValue> {
        let (name, user) = match access.split_once('+') {
            Some((name, user)) => {
                let at = offset.saturating_add(name.len()).saturating_add(1);
                (name, Some(text(user, at, is_achar)?))
            }
            None => (access, None),
        };
        let is = |word: &str| name.eq_ignore_ascii_case(word);
        Ok(match user {
            Some(user) if is("submit") => Self::Submit(user),
            Some(user) if is("user") => Self::User(user),
            None if is("authuser") => Self::AuthUser,
            None if is("anonymous") => Self::Anonymous,
            user => {
                let name = UrlApplication::new(name)
                    .map_err(|error| invalid(error.offset.saturating_add(offset), error.expected))?;
                Self::Application { name, user }
            }
        })
    }
}

impl UrlAuthorization {
    /// `[iurlauth]`
    pub(crate) fn write(&self, out: &mut String) -> Result<(), InvalidValue> {
        if let Some(expires) = &self.expires {
            out.push_str(";EXPIRE=");
            out.push_str(expires.as_str());
        }
        out.push_str(";URLAUTH=");
        let (name, user) = match &self.access {
            UrlAccess::Submit(user) => ("submit", Some(user)),
            UrlAccess::User(user) => ("user", Some(user)),
            UrlAccess::AuthUser => ("authuser", None),
            UrlAccess::Anonymous => ("anonymous", None),
            UrlAccess::Application { name, user } => (name.as_str(), user.as_ref()),
        };
        out.push_str(name);
        if let Some(user) = user {
            out.push('+');
            encode(user.as_bytes(), out, is_achar)?;
        }
        if let Some((mechanism, token)) = &self.verifier {
            for word in [":", mechanism.0.as_str(), ":", token.as_str()] {
                out.push_str(word);
            }
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "arbitrary"))]
mod arbitraries {
    use super::*;
    use crate::imap::url_text::word;
    use arbitrary::{Arbitrary, Result, Unstructured};

    impl<'a> Arbitrary<'a> for UrlAuthMechanism {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            let name = *u.choose(&["INTERNAL", "internal", "XSAMPLE", "x-1.2", "9"])?;
            Self::new(name).map_err(|_| arbitrary::Error::IncorrectFormat)
        }
    }

    impl<'a> Arbitrary<'a> for UrlAuthorization {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            let token = "91354a473744909de610943775f92038".into();
            Ok(Self {
                expires: if u.arbitrary()? {
                    Some(UrlExpiry("2026-12-31T23:59:59.5+01:00".into()))
                } else {
                    None
                },
                access: match u.int_in_range(0..=5u8)? {
                    0 => UrlAccess::Submit(word(u)?),
                    1 => UrlAccess::User(word(u)?),
                    2 => UrlAccess::AuthUser,
                    3 => UrlAccess::Anonymous,
                    4 => UrlAccess::Application { name: UrlApplication("stream".into()), user: None },
                    _ => {
                        UrlAccess::Application { name: UrlApplication("stream".into()), user: Some(word(u)?) }
                    }
                },
                verifier: if u.arbitrary()? { Some((u.arbitrary()?, UrlToken(token))) } else { None },
            })
        }
    }
}
