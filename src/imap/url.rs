//! `imap:` URLs.
//!
//! ```abnf
//! ; RFC 5092 section 11
//! imapurl       = "imap://" iserver ipath-query
//! iserver       = [iuserinfo "@"] host [":" port]
//! iuserinfo     = enc-user [iauth] / [enc-user] iauth
//! iauth         = ";AUTH=" ("*" / enc-auth-type)
//! ipath-query   = ["/" [icommand]]
//! icommand      = imessagelist / imessagepart [iurlauth]
//! imessagelist  = imailbox-ref ["?" enc-search]
//! imessagepart  = imailbox-ref iuid [isection] [ipartial]
//! imailbox-ref  = enc-mailbox [";UIDVALIDITY=" nz-number]
//! iuid          = "/;UID=" nz-number
//! isection      = "/;SECTION=" enc-section
//! ipartial      = "/;PARTIAL=" number ["." nz-number]
//! iurlauth      = iurlauth-rump iua-verifier
//! iurlauth-rump = [";EXPIRE=" date-time] ";URLAUTH=" access
//! iua-verifier  = ":" uauth-mechanism ":" enc-urlauth
//! enc-urlauth   = 32*HEXDIG
//! access        = ("submit+" enc-user) / ("user+" enc-user) / "authuser" / "anonymous"
//! access        =/ application / (application "+" enc-user)                      ; RFC 5593
//! application   = 1*(ALPHA / DIGIT)
//! ```

use crate::imap::encode::{Encoder, Encoding, Literals};
use crate::imap::keyword::Keyword;
use crate::imap::mailbox::Mailbox;
use crate::imap::quirk::Quirks;
use crate::imap::search_program::SearchProgram;
use crate::imap::section::Section;
use crate::wire::cursor::Cursor;
use crate::wire::{InvalidValue, Limits, percent};
use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use bytes::{Bytes, BytesMut};
use core::fmt;
use core::num::NonZeroU32;
use core::str::FromStr;

const fn invalid(offset: usize, expected: &'static str) -> InvalidValue {
    InvalidValue { offset, expected }
}

/// Whether the octet stands for itself in a user or a mechanism.
const fn is_achar(octet: u8) -> bool {
    octet.is_ascii_alphanumeric()
        || matches!(
            octet,
            b'-' | b'.' | b'_' | b'~' | b'!' | b'$' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b'&' | b'='
        )
}

/// Whether the octet stands for itself in a mailbox, a search or a section.
const fn is_bchar(octet: u8) -> bool {
    is_achar(octet) || matches!(octet, b':' | b'@' | b'/')
}

/// How the URL wants the user to log in.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum ImapUrlAuth {
    /// `*`: any mechanism that fits.
    Any,
    /// A SASL mechanism.
    Mechanism(String),
}

/// Where mail is on a server. It comes from anybody: ask the user before credentials go there (RFC 5092 section 10).
///
/// ```
/// use mailwire::imap::{ImapUrl, ImapUrlPath};
///
/// let url: ImapUrl = "imap://joe;AUTH=*@example.com/gray%20council/;UID=20/;SECTION=1.2".parse()?;
/// assert_eq!((url.user(), url.host(), url.port()), (Some("joe"), "example.com", None));
/// let ImapUrlPath::Message(message) = url.path() else { panic!() };
/// assert_eq!(message.mailbox.name().unwrap(), "gray council");
/// assert_eq!(message.uid.get(), 20);
/// assert_eq!(url.to_string(), "imap://joe;AUTH=*@example.com/gray%20council/;UID=20/;SECTION=1.2");
/// # Ok::<(), mailwire::wire::InvalidValue>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ImapUrl {
    tls: bool,
    user: Option<String>,
    auth: Option<ImapUrlAuth>,
    host: String,
    port: Option<u16>,
    path: ImapUrlPath,
}

/// What of a server a URL is about.
///
/// Read from a text, it is an absolute path such as `/INBOX/;UID=20`, as CATENATE may have it (RFC 4469).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ImapUrlPath {
    /// The server.
    #[default]
    Server,
    /// A mailbox, or the messages in it that a search finds.
    Mailbox {
        /// The mailbox.
        mailbox: Mailbox,
        /// The UIDVALIDITY that it must have.
        uid_validity: Option<NonZeroU32>,
        /// What is looked for; `None`: nothing, all of it is meant.
        search: Option<Box<SearchProgram>>,
    },
    /// A message or a part of it.
    Message(Box<ImapUrlMessage>),
}

/// A message or a part of it, as a URL names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ImapUrlMessage {
    /// The mailbox.
    pub mailbox: Mailbox,
    /// The UIDVALIDITY that it must have.
    pub uid_validity: Option<NonZeroU32>,
    /// The message.
    pub uid: NonZeroU32,
    /// Which part of it; not [`Section::Full`].
    pub section: Option<Section>,
    /// Which octets: the first one, counted from 0, and how many; without a count all behind the first.
    pub partial: Option<(u32, Option<NonZeroU32>)>,
    /// Who may read it (RFC 4467).
    pub authorization: Option<UrlAuthorization>,
}

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

impl ImapUrl {
    /// A host: a name, an address, or an address of IPv6 in square brackets.
    ///
    /// # Errors
    /// When the host is none of them.
    pub fn new(host: &str) -> Result<Self, InvalidValue> {
        percent::check_host(host)?;
        Ok(Self {
            tls: false,
            user: None,
            auth: None,
            host: host.to_owned(),
            port: None,
            path: ImapUrlPath::Server,
        })
    }

    /// The same as `imaps:`, which is TLS from the first octet; no RFC has it, many programs do.
    pub fn with_tls(self) -> Self {
        Self { tls: true, ..self }
    }

    /// The same with a port.
    pub fn with_port(self, port: u16) -> Self {
        Self { port: Some(port), ..self }
    }

    /// The same for another path.
    pub fn with_path(self, path: ImapUrlPath) -> Self {
        Self { path, ..self }
    }

    /// The same with a user, a way to log in, or both.
    ///
    /// # Errors
    /// When one of them is empty or holds a NUL, or the mechanism is `*`.
    pub fn with_user(self, user: Option<&str>, auth: Option<ImapUrlAuth>) -> Result<Self, InvalidValue> {
        let mechanism = match &auth {
            Some(ImapUrlAuth::Mechanism(mechanism)) => Some(mechanism.as_str()),
            _ => None,
        };
        if mechanism == Some("*") {
            return Err(invalid(0, "a mechanism"));
        }
        for text in [user, mechanism].into_iter().flatten() {
            if text.is_empty() {
                return Err(invalid(0, "at least one character"));
            }
            if let Some(offset) = text.bytes().position(|octet| octet == 0) {
                return Err(invalid(offset, "a character other than NUL"));
            }
        }
        Ok(Self { user: user.map(ToOwned::to_owned), auth, ..self })
    }

    /// Whether TLS begins with the first octet: `imaps:`.
    pub fn is_tls(&self) -> bool {
        self.tls
    }

    /// The user, decoded.
    pub fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// How the user logs in, if the URL says.
    pub fn auth(&self) -> Option<&ImapUrlAuth> {
        self.auth.as_ref()
    }

    /// The host; an address of IPv6 stands in square brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, if the URL says.
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// What of the server the URL is about.
    pub fn path(&self) -> &ImapUrlPath {
        &self.path
    }

    /// The URL that a reference means which was found at this URL (RFC 5092 section 7): a whole URL, `//` and a server, an absolute path, or nothing.
    ///
    /// # Errors
    /// Where the reference is none of them; relative paths may not be accepted (section 7.2).
    pub fn join(&self, reference: &str) -> Result<Self, InvalidValue> {
        if reference.is_empty() {
            return Ok(self.clone());
        }
        if reference.starts_with("//") {
            let scheme = if self.tls { "imaps:" } else { "imap:" };
            let url: String = [scheme, reference].concat();
            return url.parse().map_err(|error: InvalidValue| {
                invalid(error.offset.saturating_sub(scheme.len()), error.expected)
            });
        }
        if reference.starts_with('/') {
            return Ok(Self { path: without_dots(reference).parse()?, ..self.clone() });
        }
        reference.parse()
    }
}

/// A path without its segments `.` and `..` (RFC 3986 section 5.2.4).
fn without_dots(path: &str) -> String {
    let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/').skip(1) {
        match segment {
            "." => {}
            ".." => drop(segments.pop()),
            segment => segments.push(segment),
        }
    }
    let mut plain = String::new();
    for segment in segments {
        plain.push('/');
        plain.push_str(segment);
    }
    if plain.is_empty() {
        plain.push('/');
    }
    if let Some(query) = query {
        plain.push('?');
        plain.push_str(query);
    }
    plain
}

/// Takes a prefix, ASCII letters without case.
fn strip<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

fn text(encoded: &str, offset: usize, allowed: impl Fn(u8) -> bool) -> Result<String, InvalidValue> {
    let octets = percent::decode(encoded, offset, allowed)?;
    if octets.is_empty() {
        return Err(invalid(offset, "at least one character"));
    }
    String::from_utf8(octets).map_err(|_| invalid(offset, "UTF-8"))
}

impl FromStr for ImapUrl {
    type Err = InvalidValue;

    fn from_str(url: &str) -> Result<Self, InvalidValue> {
        let (tls, rest) = match (strip(url, "imap://"), strip(url, "imaps://")) {
            (Some(rest), _) => (false, rest),
            (_, Some(rest)) => (true, rest),
            _ => return Err(invalid(0, "imap://")),
        };
        let start = url.len().saturating_sub(rest.len());
        let (server, path) =
            rest.split_at_checked(rest.find('/').unwrap_or(rest.len())).unwrap_or((rest, ""));
        let (user, host) = match server.rsplit_once('@') {
            Some((user, host)) => (Some(user), host),
            None => (None, server),
        };
        let host_at = start.saturating_add(server.len().saturating_sub(host.len()));
        let (host, port) = percent::host_and_port(host, host_at)?;
        let mut parsed = Self { tls, port, ..Self::new(host)? };
        if let Some(user) = user {
            parsed = parsed.read_user(user, start)?;
        }
        let path_at = url.len().saturating_sub(path.len());
        parsed.path = ImapUrlPath::read(path, path_at)?;
        Ok(parsed)
    }
}

impl ImapUrl {
    /// `iuserinfo`
    fn read_user(self, info: &str, offset: usize) -> Result<Self, InvalidValue> {
        let (user, auth) = info.split_once(';').map_or((info, None), |(user, auth)| (user, Some(auth)));
        let mut mechanism = None;
        if let Some(auth) = auth {
            let at = offset.saturating_add(user.len()).saturating_add(1);
            let Some(name) = strip(auth, "AUTH=") else { return Err(invalid(at, "AUTH=")) };
            mechanism = Some(match name {
                "*" => ImapUrlAuth::Any,
                name => ImapUrlAuth::Mechanism(text(name, at.saturating_add(5), is_achar)?),
            });
        }
        if user.is_empty() && mechanism.is_some() {
            return self.with_user(None, mechanism);
        }
        let user = text(user, offset, is_achar)?;
        self.with_user(Some(&user), mechanism)
    }
}

impl FromStr for ImapUrlPath {
    type Err = InvalidValue;

    fn from_str(path: &str) -> Result<Self, InvalidValue> {
        Self::read(path, 0)
    }
}

/// The rest of a path, and where it stands in the URL.
struct Path<'a> {
    rest: &'a str,
    end: usize,
}

impl<'a> Path<'a> {
    fn offset(&self) -> usize {
        self.end.saturating_sub(self.rest.len())
    }

    fn eat(&mut self, prefix: &str) -> bool {
        let found = strip(self.rest, prefix);
        self.rest = found.unwrap_or(self.rest);
        found.is_some()
    }

    /// Up to one of these characters.
    fn until(&mut self, ends: &[char]) -> &'a str {
        let at = self.rest.find(ends).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at_checked(at).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    fn number<T: FromStr>(&mut self) -> Result<T, InvalidValue> {
        let offset = self.offset();
        let at = self.rest.bytes().position(|octet| !octet.is_ascii_digit()).unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at_checked(at).unwrap_or((self.rest, ""));
        self.rest = rest;
        digits.parse().map_err(|_| invalid(offset, "a number"))
    }
}

impl ImapUrlPath {
    fn read(path: &str, offset: usize) -> Result<Self, InvalidValue> {
        let mut path = Path { rest: path, end: offset.saturating_add(path.len()) };
        if path.rest.is_empty() || path.rest == "/" {
            return Ok(Self::Server);
        }
        if !path.eat("/") {
            return Err(invalid(path.offset(), "/"));
        }
        let at = path.offset();
        let mut name = path.until(&[';', '?']);
        let uid_validity = if path.eat(";UIDVALIDITY=") { Some(path.number()?) } else { None };
        let message = match uid_validity {
            Some(_) => path.eat("/;UID="),
            None if path.eat(";UID=") => match name.strip_suffix('/') {
                Some(before) => {
                    name = before;
                    true
                }
                None => return Err(invalid(at.saturating_add(name.len()), "/;UID=")),
            },
            None => false,
        };
        let decoded = text(name, at, is_bchar)?;
        let mailbox = Mailbox::new(&decoded).map_err(|error| invalid(at, error.expected))?;
        if message {
            let message = ImapUrlMessage::read(&mut path, mailbox, uid_validity)?;
            return Ok(Self::Message(Box::new(message)));
        }
        let mut search = None;
        if path.eat("?") {
            let at = path.offset();
            let encoded = path.until(&[]);
            search = Some(Box::new(read_search(percent::decode(encoded, at, is_bchar)?, at)?));
        }
        if path.rest.is_empty() {
            Ok(Self::Mailbox { mailbox, uid_validity, search })
        } else {
            Err(invalid(path.offset(), "the end of the URL"))
        }
    }
}

fn read_search(octets: Vec<u8>, offset: usize) -> Result<SearchProgram, InvalidValue> {
    let (octets, limits) = (Bytes::from(octets), Limits::imap_client());
    let mut cursor = Cursor::shared(&octets, &limits, Quirks::strict().bits());
    match SearchProgram::parse(&mut cursor) {
        Ok(program) => Ok(program),
        Err(_) => Err(invalid(offset, "the keys of a search")),
    }
}

/// `section-spec`, which a pair of brackets makes a section.
fn read_section(octets: &[u8], offset: usize) -> Result<Section, InvalidValue> {
    let (octets, limits) = (Bytes::from([b"[", octets, b"]"].concat()), Limits::imap_client());
    let mut cursor = Cursor::shared(&octets, &limits, Quirks::strict().bits());
    match Section::parse(&mut cursor) {
        Ok(section) if cursor.is_at_end() && section != Section::Full => Ok(section),
        _ => Err(invalid(offset, "a section")),
    }
}

impl ImapUrlMessage {
    /// A whole message.
    pub fn new(mailbox: Mailbox, uid: NonZeroU32) -> Self {
        Self { mailbox, uid_validity: None, uid, section: None, partial: None, authorization: None }
    }

    /// What stands behind `;UID=`.
    fn read(
        path: &mut Path<'_>,
        mailbox: Mailbox,
        uid_validity: Option<NonZeroU32>,
    ) -> Result<Self, InvalidValue> {
        let mut message = Self { uid_validity, ..Self::new(mailbox, path.number()?) };
        if path.eat("/;SECTION=") {
            let at = path.offset();
            let rest = path.rest;
            let mut encoded = path.until(&[';', '?']);
            // The `/` of `/;PARTIAL=` is no part of the section.
            if let Some(before) = encoded.strip_suffix('/').filter(|_| path.rest.starts_with(';')) {
                encoded = before;
                path.rest = rest.get(before.len()..).unwrap_or_default();
            }
            message.section = Some(read_section(&percent::decode(encoded, at, is_bchar)?, at)?);
        }
        if path.eat("/;PARTIAL=") {
            let first = path.number()?;
            let count = if path.eat(".") { Some(path.number()?) } else { None };
            message.partial = Some((first, count));
        }
        if !path.rest.is_empty() {
            message.authorization = Some(UrlAuthorization::read(path)?);
        }
        Ok(message)
    }
}

impl UrlAuthorization {
    fn read(path: &mut Path<'_>) -> Result<Self, InvalidValue> {
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

impl fmt::Display for ImapUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.tls { "imaps://" } else { "imap://" })?;
        if let Some(user) = &self.user {
            percent::encode(user.as_bytes(), f, is_achar)?;
        }
        match &self.auth {
            None => {}
            Some(ImapUrlAuth::Any) => f.write_str(";AUTH=*")?,
            Some(ImapUrlAuth::Mechanism(mechanism)) => {
                f.write_str(";AUTH=")?;
                percent::encode(mechanism.as_bytes(), f, is_achar)?;
            }
        }
        if self.user.is_some() || self.auth.is_some() {
            f.write_str("@")?;
        }
        f.write_str(&self.host)?;
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        self.path.fmt(f)
    }
}

fn write_mailbox(
    mailbox: &Mailbox,
    uid_validity: Option<NonZeroU32>,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    f.write_str("/")?;
    let name = mailbox.to_string_lossy();
    // What would be read as another server, or as a segment that is taken out.
    let plain = !name.split('/').any(|segment| matches!(segment, "." | ".."));
    let leading = name.len().saturating_sub(name.trim_start_matches('/').len());
    let (start, rest) = name.split_at_checked(leading).unwrap_or((&*name, ""));
    percent::encode(start.as_bytes(), f, |_| false)?;
    percent::encode(rest.as_bytes(), f, |octet| is_bchar(octet) && (plain || octet != b'.'))?;
    match uid_validity {
        Some(uid_validity) => write!(f, ";UIDVALIDITY={uid_validity}"),
        None => Ok(()),
    }
}

impl fmt::Display for ImapUrlPath {
    /// The path with its `/`; nothing for the server.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Server => Ok(()),
            Self::Mailbox { mailbox, uid_validity, search } => {
                write_mailbox(mailbox, *uid_validity, f)?;
                let Some(search) = search else { return Ok(()) };
                let mut out = BytesMut::new();
                let encoding = Encoding { literals: Literals::Plus, ..Encoding::default() };
                search.encode(&mut Encoder::new(&mut out, encoding)).map_err(|_| fmt::Error)?;
                f.write_str("?")?;
                percent::encode(&out, f, is_bchar)
            }
            Self::Message(message) => message.fmt(f),
        }
    }
}

impl fmt::Display for ImapUrlMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_mailbox(&self.mailbox, self.uid_validity, f)?;
        write!(f, "/;UID={}", self.uid)?;
        if let Some(section) = &self.section {
            let mut out = BytesMut::new();
            section.encode(&mut Encoder::new(&mut out, Encoding::server())).map_err(|_| fmt::Error)?;
            let inner = out.strip_prefix(b"[").and_then(|out| out.strip_suffix(b"]")).unwrap_or(&out);
            f.write_str("/;SECTION=")?;
            percent::encode(inner, f, is_bchar)?;
        }
        match self.partial {
            None => {}
            Some((first, None)) => write!(f, "/;PARTIAL={first}")?,
            Some((first, Some(count))) => write!(f, "/;PARTIAL={first}.{count}")?,
        }
        self.authorization.as_ref().map_or(Ok(()), |authorization| authorization.fmt(f))
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

macro_rules! as_a_string {
    ($name:ident) => {
        #[cfg(feature = "serde")]
        impl serde::Serialize for $name {
            /// As a string.
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.to_string())
            }
        }

        #[cfg(feature = "serde")]
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
as_a_string!(ImapUrl);
as_a_string!(ImapUrlPath);

#[cfg(any(test, feature = "arbitrary"))]
mod arbitraries {
    use super::*;
    use crate::imap::value::arbitrary_label;
    use arbitrary::{Arbitrary, Result, Unstructured};

    fn word(u: &mut Unstructured<'_>) -> Result<String> {
        u.choose(&["joe", "a b", "é;/@:%?", "*x", "+"]).map(|word| (*word).into())
    }

    fn named(u: &mut Unstructured<'_>) -> Result<Mailbox> {
        let name =
            *u.choose(&["INBOX", "gray council", "日本語/台北", "a/b", "/x", "../y", "a;b?c", "50%"])?;
        Mailbox::new(name).map_err(|_| arbitrary::Error::IncorrectFormat)
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
                verifier: if u.arbitrary()? { Some((arbitrary_label(u)?, UrlToken(token))) } else { None },
            })
        }
    }

    impl<'a> Arbitrary<'a> for ImapUrlMessage {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            let mut message = Self::new(named(u)?, u.arbitrary()?);
            message.uid_validity = u.arbitrary()?;
            message.section = u.arbitrary::<Option<Section>>()?.filter(|section| *section != Section::Full);
            message.partial = u.arbitrary()?;
            message.authorization = u.arbitrary()?;
            Ok(message)
        }
    }

    impl<'a> Arbitrary<'a> for ImapUrlPath {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            Ok(match u.int_in_range(0..=3u8)? {
                0 => Self::Server,
                1 => Self::Mailbox { mailbox: named(u)?, uid_validity: u.arbitrary()?, search: None },
                2 => Self::Mailbox {
                    mailbox: named(u)?,
                    uid_validity: u.arbitrary()?,
                    search: Some(u.arbitrary()?),
                },
                _ => Self::Message(u.arbitrary()?),
            })
        }
    }

    impl<'a> Arbitrary<'a> for ImapUrl {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            let host = *u.choose(&["example.com", "127.0.0.1", "[::1]"])?;
            let mut url = Self::new(host).map_err(|_| arbitrary::Error::IncorrectFormat)?;
            url.tls = u.arbitrary()?;
            url.user = if u.arbitrary()? { Some(word(u)?) } else { None };
            url.auth = match u.int_in_range(0..=2u8)? {
                0 => None,
                1 => Some(ImapUrlAuth::Any),
                _ => Some(ImapUrlAuth::Mechanism(word(u)?)),
            };
            url.port = u.arbitrary()?;
            url.path = u.arbitrary()?;
            Ok(url)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::round_trip::noise;
    use arbitrary::{Arbitrary, Unstructured};

    #[test]
    fn round_trips() {
        for seed in 0..2000 {
            let url = ImapUrl::arbitrary(&mut Unstructured::new(&noise(seed, 400))).unwrap();
            let text = url.to_string();
            match text.parse::<ImapUrl>() {
                Ok(read) => assert_eq!(read, url, "{text}"),
                Err(error) => panic!("{text}: {error}"),
            }
        }
    }

    #[test]
    fn known_answers() {
        for text in [
            "imap://example.com",
            "imap://minbari.example.org/gray-council;UIDVALIDITY=385759045/;UID=20/;PARTIAL=0.1024",
            "imap://psicorp.example.org/~peter/%E6%97%A5%E6%9C%AC%E8%AA%9E/%E5%8F%B0%E5%8C%97",
            "imap://;AUTH=GSSAPI@minbari.example.org/gray-council/;UID=20/;SECTION=1.2",
            "imap://;AUTH=*@minbari.example.org/gray%20council?SUBJECT%20shadows",
            "imap://joe@example.com/INBOX/;UID=20/;SECTION=1.2;URLAUTH=submit+fred:internal:91354a473744909de610943775f92038",
            "imap://joe@example.com/INBOX/;UID=20/;SECTION=1.2;EXPIRE=2006-12-31T23:59:59Z;URLAUTH=submit+fred",
            "imap://joe@example.com/INBOX/;UID=20/;SECTION=1.2;URLAUTH=stream",
            "imaps://a%40b@h:993/x%3Fy",
            "imap://[::1]:1430/INBOX/;UID=1/;SECTION=HEADER.FIELDS%20(DATE%20FROM)/;PARTIAL=5",
        ] {
            assert_eq!(text.parse::<ImapUrl>().unwrap().to_string(), text);
        }
        let url: ImapUrl = "imap://john;AUTH=*@minbari.example.org/babylon5/personel?\
            charset%20UTF-8%20SUBJECT%20%7B14+%7D%0D%0A%D0%98%D0%B2%D0%B0%D0%BD%D0%BE%D0%B2%D0%B0"
            .parse()
            .unwrap();
        let ImapUrlPath::Mailbox { mailbox, search: Some(search), .. } = url.path() else { panic!() };
        assert_eq!(mailbox.name().unwrap(), "babylon5/personel");
        assert_eq!(search.keys.to_string(), "SUBJECT \"Иванова\"");
        let url: ImapUrl = "IMAP://minbari.example.org/gray-council/;uid=20/;section=1.2".parse().unwrap();
        assert_eq!(url.to_string(), "imap://minbari.example.org/gray-council/;UID=20/;SECTION=1.2");
        assert_eq!("imap://h/".parse::<ImapUrl>().unwrap().path(), &ImapUrlPath::Server);
    }

    #[test]
    fn what_is_refused_and_where() {
        for (text, offset) in [
            ("pop://h", 0),
            ("imap://", 7),
            ("imap://@h", 7),
            ("imap://u;x@h", 9),
            ("imap://u;AUTH=@h", 14),
            ("imap://h:x/", 9),
            ("imap://h/a b", 10),
            ("imap://h//;UID=1", 9),
            ("imap://h/a;UID=1", 10),
            ("imap://h/a/;UID=0", 16),
            ("imap://h/a;UIDVALIDITY=0", 23),
            ("imap://h/a?SUBJECT", 11),
            ("imap://h/a/;UID=1/;SECTION=X", 27),
            ("imap://h/a/;UID=1/;SECTION=", 27),
            ("imap://h/a/;UID=1/;PARTIAL=1.0", 29),
            ("imap://h/a/;UID=1;URLAUTH=", 26),
            ("imap://h/a/;UID=1;URLAUTH=anonymous:internal:9", 46),
            ("imap://h/a/;UID=1;EXPIRE=2006-12-31;URLAUTH=anonymous", 35),
            ("imap://h/a/;UID=1?x", 17),
            ("imap://h/%00", 9),
        ] {
            let error = text.parse::<ImapUrl>().unwrap_err();
            assert_eq!(error.offset, offset, "{text}: {error}");
        }
        let url = ImapUrl::new("h").unwrap();
        assert!(url.clone().with_user(Some(""), None).is_err());
        assert!(url.clone().with_user(None, Some(ImapUrlAuth::Mechanism("*".into()))).is_err());
        assert!(ImapUrl::new("h/x").is_err());
    }

    #[test]
    fn references() {
        let base: ImapUrl = "imap://joe@example.com/foo/;UID=7".parse().unwrap();
        let join = |reference: &str| base.join(reference).map(|url| url.to_string());
        assert_eq!(join("/foo/;UID=20/..").unwrap(), "imap://joe@example.com/foo");
        assert_eq!(
            join("/Drafts;UIDVALIDITY=385759045/;UID=20/;section=1.2").unwrap(),
            "imap://joe@example.com/Drafts;UIDVALIDITY=385759045/;UID=20/;SECTION=1.2"
        );
        assert_eq!(join("//h/x").unwrap(), "imap://h/x");
        assert_eq!(join("").unwrap(), base.to_string());
        assert_eq!(join("imaps://h").unwrap(), "imaps://h");
        assert!(join(";UID=20").is_err() && join("x/y").is_err());
    }
}
