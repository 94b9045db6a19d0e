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
//! ```

use crate::imap::keyword::Keyword;
use crate::imap::url_text::{UrlReader, invalid, is_achar, text};
use crate::wire::{InvalidValue, percent};
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
    pub verifier: Option<(Keyword, UrlToken)>,
}

/// Who may read what a URL names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum UrlAccess {
    /// `submit+`: a submission server for this user.
    Submit(String),
    /// `user+`: this user.
    User(String),
    /// `authuser`: every user but the anonymous one.
    AuthUser,
    /// `anonymous`: everybody.
    Anonymous,
    /// An application, perhaps for a user, such as `stream` (RFC 5593).
    Application {
        /// Which one.
        name: UrlApplication,
        /// For whom.
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
    /// The name of an application that may read what a URL names: letters and digits.
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

fn check_application(octets: &[u8]) -> Result<(), InvalidValue> {
    match octets.iter().position(|octet| !octet.is_ascii_alphanumeric()) {
        Some(offset) => Err(invalid(offset, "a letter or a digit")),
        None if octets.is_empty() => Err(invalid(0, "a letter or a digit")),
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
            let mechanism = path.until(&[':']);
            let bad = |octet: u8| !(octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.'));
            if let Some(offset) = mechanism.bytes().position(bad) {
                return Err(invalid(at.saturating_add(offset), "a letter, a digit, `-` or `.`"));
            }
            let mechanism = Keyword::new(mechanism).map_err(inner(at))?;
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

impl fmt::Display for UrlAuthorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(expires) = &self.expires {
            write!(f, ";EXPIRE={}", expires.as_str())?;
        }
        f.write_str(";URLAUTH=")?;
        let (name, user) = match &self.access {
            UrlAccess::Submit(user) => ("submit", Some(user)),
            UrlAccess::User(user) => ("user", Some(user)),
            UrlAccess::AuthUser => ("authuser", None),
            UrlAccess::Anonymous => ("anonymous", None),
            UrlAccess::Application { name, user } => (name.as_str(), user.as_ref()),
        };
        f.write_str(name)?;
        if let Some(user) = user {
            f.write_str("+")?;
            percent::encode(user.as_bytes(), f, is_achar)?;
        }
        match &self.verifier {
            Some((mechanism, token)) => write!(f, ":{mechanism}:{}", token.as_str()),
            None => Ok(()),
        }
    }
}

#[cfg(any(test, feature = "arbitrary"))]
mod arbitraries {
    use super::*;
    use crate::imap::url_text::word;
    use crate::imap::value::arbitrary_label;
    use arbitrary::{Arbitrary, Result, Unstructured};

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
                verifier: if u.arbitrary()? { Some((arbitrary_label(u)?, UrlToken(token))) } else { None },
            })
        }
    }
}
