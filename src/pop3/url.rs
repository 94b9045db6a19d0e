//! `pop:` URLs.
//!
//! ```text
//! pop-url        =  "pop://" server                     RFC 2384 section 8
//! server         =  [user-auth "@"] hostport
//! user-auth      =  enc-user [auth]
//! auth           =  ";AUTH=" ( "*" / enc-auth-type )
//! enc-auth-type  =  enc-sasl / enc-ext
//! enc-ext        =  "+" ("APOP" / 1*achar)
//! achar          =  uchar / "&" / "=" / "~"
//! ```

use crate::wire::{InvalidValue, percent};
use alloc::borrow::ToOwned;
use alloc::string::String;
use core::fmt;

/// How the URL wants the user to log in.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum UrlAuth {
    /// `*`, and where a user stands without one: any mechanism that fits.
    Any,
    /// `+APOP`
    Apop,
    /// Another extension, without its `+`.
    Extension(String),
    /// A SASL mechanism.
    Sasl(String),
}

/// Where a maildrop is. It comes from anybody: ask the user before credentials go there (RFC 2384 section 4).
///
/// ```
/// use mailwire::pop3::{PopUrl, UrlAuth};
///
/// let url: PopUrl = "pop://rg;AUTH=+APOP@mail.eudora.com:8110".parse()?;
/// assert_eq!((url.user(), url.host(), url.port()), (Some("rg"), "mail.eudora.com", Some(8110)));
/// assert_eq!(url.auth(), Some(&UrlAuth::Apop));
/// assert_eq!(url.to_string(), "pop://rg;AUTH=+APOP@mail.eudora.com:8110");
/// # Ok::<(), mailwire::wire::InvalidValue>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PopUrl {
    user: Option<(String, UrlAuth)>,
    host: String,
    port: Option<u16>,
}

const fn invalid(offset: usize, expected: &'static str) -> InvalidValue {
    InvalidValue { offset, expected }
}

/// Whether the octet stands for itself in a user or a mechanism.
const fn is_achar(octet: u8) -> bool {
    octet.is_ascii_alphanumeric()
        || matches!(
            octet,
            b'$' | b'-' | b'_' | b'.' | b'+' | b'!' | b'*' | b'\'' | b'(' | b')' | b',' | b'&' | b'=' | b'~'
        )
}

fn decode(text: &str, offset: usize) -> Result<String, InvalidValue> {
    let octets = percent::decode(text, offset, is_achar)?;
    if octets.is_empty() {
        return Err(invalid(offset, "at least one character"));
    }
    String::from_utf8(octets).map_err(|_| invalid(offset, "UTF-8"))
}

fn encode(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    percent::encode(text.as_bytes(), f, is_achar)
}

impl PopUrl {
    /// A host: a name, an address, or an address of IPv6 in square brackets.
    ///
    /// # Errors
    /// When the host is none of them.
    pub fn new(host: &str) -> Result<Self, InvalidValue> {
        percent::check_host(host)?;
        Ok(Self { user: None, host: host.to_owned(), port: None })
    }

    /// The same with a port.
    pub fn with_port(self, port: u16) -> Self {
        Self { port: Some(port), ..self }
    }

    /// The same with a user.
    ///
    /// # Errors
    /// When the user, or a name in `auth`, is empty or holds a NUL, or where the name reads as another kind (`*`, a `+` in front).
    pub fn with_user(self, user: &str, auth: UrlAuth) -> Result<Self, InvalidValue> {
        let name = match &auth {
            UrlAuth::Any | UrlAuth::Apop => "x",
            UrlAuth::Extension(name) => name,
            UrlAuth::Sasl(name) => name,
        };
        if let Some(offset) = [user, name].iter().find_map(|text| text.bytes().position(|octet| octet == 0)) {
            return Err(invalid(offset, "a character other than NUL"));
        }
        match &auth {
            UrlAuth::Sasl(name) if name == "*" || name.starts_with('+') => Err(invalid(0, "a mechanism")),
            UrlAuth::Extension(name) if name.eq_ignore_ascii_case("APOP") => {
                Err(invalid(0, "another extension"))
            }
            _ if user.is_empty() || name.is_empty() => Err(invalid(0, "at least one character")),
            _ => Ok(Self { user: Some((user.to_owned(), auth)), ..self }),
        }
    }

    /// The user, decoded.
    pub fn user(&self) -> Option<&str> {
        self.user.as_ref().map(|(user, _)| user.as_str())
    }

    /// How the user logs in; `None` without a user.
    pub fn auth(&self) -> Option<&UrlAuth> {
        self.user.as_ref().map(|(_, auth)| auth)
    }

    /// The host; an address of IPv6 stands in square brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, if the URL names one; else it is 110.
    pub fn port(&self) -> Option<u16> {
        self.port
    }
}

impl core::str::FromStr for PopUrl {
    type Err = InvalidValue;

    fn from_str(url: &str) -> Result<Self, InvalidValue> {
        let scheme = "pop://";
        let Some((_, server)) =
            url.split_at_checked(scheme.len()).filter(|(start, _)| start.eq_ignore_ascii_case(scheme))
        else {
            return Err(invalid(0, "pop://"));
        };
        let (user, host, host_at) = match server.rsplit_once('@') {
            Some((user, host)) => {
                (Some(user), host, scheme.len().saturating_add(user.len()).saturating_add(1))
            }
            None => (None, server, scheme.len()),
        };
        let host = host.strip_suffix('/').unwrap_or(host);
        let (name, port) = percent::host_and_port(host, host_at)?;
        let mut parsed = Self { user: None, host: name.to_owned(), port };
        if let Some(user) = user {
            let (name, auth) = match user.split_once(';') {
                None => (user, UrlAuth::Any),
                Some((name, auth)) => {
                    let at = scheme.len().saturating_add(name.len()).saturating_add(1);
                    let Some((_, auth)) =
                        auth.split_at_checked(5).filter(|(start, _)| start.eq_ignore_ascii_case("AUTH="))
                    else {
                        return Err(invalid(at, "AUTH="));
                    };
                    let at = at.saturating_add(5);
                    let auth = match auth.strip_prefix('+') {
                        _ if auth == "*" => UrlAuth::Any,
                        Some(name) if name.eq_ignore_ascii_case("APOP") => UrlAuth::Apop,
                        Some(name) => UrlAuth::Extension(decode(name, at.saturating_add(1))?),
                        None => UrlAuth::Sasl(decode(auth, at)?),
                    };
                    (name, auth)
                }
            };
            parsed = parsed.with_user(&decode(name, scheme.len())?, auth)?;
        }
        Ok(parsed)
    }
}

impl fmt::Display for PopUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("pop://")?;
        if let Some((user, auth)) = &self.user {
            encode(user, f)?;
            match auth {
                UrlAuth::Any => {}
                UrlAuth::Apop => f.write_str(";AUTH=+APOP")?,
                UrlAuth::Extension(name) => {
                    f.write_str(";AUTH=+")?;
                    encode(name, f)?;
                }
                UrlAuth::Sasl(name) => {
                    f.write_str(";AUTH=")?;
                    encode(name, f)?;
                }
            }
            f.write_str("@")?;
        }
        f.write_str(&self.host)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for PopUrl {
    /// The URL as a string.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for PopUrl {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(any(test, feature = "arbitrary"))]
impl<'a> arbitrary::Arbitrary<'a> for PopUrl {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        let mut text = |alphabet: &[u8]| {
            let octets = super::argument::some_of(u, alphabet, 12)?;
            String::from_utf8(octets).map_err(|_| arbitrary::Error::IncorrectFormat)
        };
        let (host, user, name) =
            (text(b"abcxyz019.-")?, text(super::argument::VCHAR)?, text(b"ABCxyz 019;@/%")?);
        let auth = match u.int_in_range(0..=3)? {
            0 => UrlAuth::Any,
            1 => UrlAuth::Apop,
            2 => UrlAuth::Extension(name),
            _ => UrlAuth::Sasl(name),
        };
        let url = Self::new(&host).map_err(|_| arbitrary::Error::IncorrectFormat)?;
        let url = if u.arbitrary()? { url.with_port(u.arbitrary()?) } else { url };
        if u.arbitrary()? {
            return url.with_user(&user, auth).map_err(|_| arbitrary::Error::IncorrectFormat);
        }
        Ok(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn examples_of_the_rfc_and_others() {
        for text in [
            "pop://rg@mailsrv.qualcomm.com",
            "pop://rg;AUTH=+APOP@mail.eudora.com:8110",
            "pop://baz;AUTH=SCRAM-MD5@foo.bar",
            "pop://a%40b%3Bc%C3%A9@[::1]:110",
            "pop://host",
            "pop://u;AUTH=+X@h",
        ] {
            let url: PopUrl = text.parse().unwrap();
            assert_eq!(url.to_string(), text);
        }
        let url: PopUrl = "POP://u;auth=*@h/".parse().unwrap();
        assert_eq!((url.auth(), url.to_string().as_str()), (Some(&UrlAuth::Any), "pop://u@h"));
    }

    #[test]
    fn what_is_refused_and_where() {
        for (text, offset) in [
            ("imap://x", 0),
            ("pop:/", 0),
            ("pop://", 6),
            ("pop://@h", 6),
            ("pop://u;x@h", 8),
            ("pop://u;AUTH=@h", 13),
            ("pop://u@h:99999", 10),
            ("pop://u@h:+1", 10),
            ("pop://a b@h", 7),
            ("pop://%0@h", 6),
            ("pop://%00@h", 6),
            ("pop://h/x", 7),
            ("pop://[::g]", 7),
            ("pop://a\r\nb@h", 7),
        ] {
            assert_eq!(text.parse::<PopUrl>().unwrap_err().offset, offset, "{text}");
        }
    }

    #[test]
    fn any_url_comes_back() {
        crate::pop3::for_arbitrary(1_000, |url: PopUrl| {
            assert_eq!(url.to_string().parse::<PopUrl>().unwrap(), url)
        });
    }
}
