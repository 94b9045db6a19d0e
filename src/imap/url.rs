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

use crate::imap::url_path::ImapUrlPath;
use crate::imap::url_text::{invalid, is_achar, strip, text};
use crate::wire::{InvalidValue, Text, percent};
use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::str::FromStr;

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
#[derive(Clone, Debug)]
pub struct ImapUrl {
    tls: bool,
    user: Option<String>,
    auth: Option<ImapUrlAuth>,
    host: String,
    port: Option<u16>,
    path: ImapUrlPath,
    /// The path as it is written, so that nothing can fail where the URL is.
    written: String,
}

impl ImapUrl {
    /// What URLs are compared by: what they mean, however that is written.
    fn key(&self) -> (bool, Option<&str>, Option<&ImapUrlAuth>, &str, Option<u16>, &ImapUrlPath) {
        (self.tls, self.user(), self.auth(), self.host(), self.port, &self.path)
    }
}

impl PartialEq for ImapUrl {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for ImapUrl {}

impl Hash for ImapUrl {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
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
            written: String::new(),
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
    ///
    /// # Errors
    /// When the path cannot be written: see [`ImapUrlPath::to_text`].
    pub fn with_path(self, path: ImapUrlPath) -> Result<Self, InvalidValue> {
        let written = path.to_text()?;
        Ok(Self { path, written, ..self })
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
            return self.clone().with_path(without_dots(reference).parse()?);
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

impl From<&ImapUrl> for Text {
    /// As it is written.
    fn from(url: &ImapUrl) -> Self {
        url.to_string().into()
    }
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
        parsed.with_path(ImapUrlPath::read(path, path_at)?).map_err(|error| invalid(path_at, error.expected))
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
        f.write_str(&self.written)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for ImapUrl {
    /// As a string.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for ImapUrl {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(any(test, feature = "arbitrary"))]
mod arbitraries {
    use super::*;
    use crate::imap::url_text::word;
    use arbitrary::{Arbitrary, Result, Unstructured};

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
            url.with_path(u.arbitrary()?).map_err(|_| arbitrary::Error::IncorrectFormat)
        }
    }
}
#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::mailbox::Mailbox;
    use crate::imap::round_trip::{case_count, noise};
    use crate::imap::search_key::{AnnotationKey, SearchKey};
    use crate::imap::search_program::SearchProgram;
    use crate::imap::section::Section;
    use crate::imap::sequence::SequenceSet;
    use crate::imap::url_authorization::{UrlAccess, UrlApplication, UrlAuthorization};
    use crate::imap::url_path::ImapUrlMessage;
    use alloc::boxed::Box;
    use arbitrary::{Arbitrary, Unstructured};
    use core::num::NonZeroU32;

    #[test]
    fn round_trips() {
        for seed in 0..case_count() {
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
            // A charset is ASCII, and could not be written again.
            ("imap://h/INBOX?CHARSET%20%22%FF%22%20ALL", 15),
            ("imap://h/INBOX?CHARSET%20%22%0D%22%20ALL", 15),
            ("imap://h/a/;UID=1;URLAUTH=anonymous+joe", 26),
            ("imap://h/a/;UID=1;URLAUTH=submit", 26),
            ("imap://h/a/;UID=1;URLAUTH=user:INTERNAL:91354a473744909de610943775f92038", 26),
            ("imap://h/a/;UID=1;URLAUTH=user+", 31),
            ("imap://h/a/;UID=1;URLAUTH=authuser:INTER+NAL:91354a473744909de610943775f92038", 40),
            ("imap://h/a/;UID=1;URLAUTH=authuser::91354a473744909de610943775f92038", 35),
        ] {
            let error = text.parse::<ImapUrl>().unwrap_err();
            assert_eq!(error.offset, offset, "{text}: {error}");
        }
        let url = ImapUrl::new("h").unwrap();
        assert!(url.clone().with_user(Some(""), None).is_err());
        assert!(url.clone().with_user(None, Some(ImapUrlAuth::Mechanism("*".into()))).is_err());
        assert!(ImapUrl::new("h/x").is_err());
    }

    /// A pattern is longer in modified UTF-7 than it was.
    #[test]
    fn a_search_may_be_longer_than_a_line() {
        let annotation = AnnotationKey {
            entry: "&".repeat(4_000).parse().unwrap(),
            attribute: "value".into(),
            value: Some("x".repeat(4_000).into()),
        };
        let path = ImapUrlPath::Mailbox {
            mailbox: Mailbox::inbox(),
            uid_validity: None,
            search: Some(Box::new(SearchKey::Annotation(Box::new(annotation)).into())),
        };
        let url = ImapUrl::new("h").unwrap().with_path(path).unwrap();
        assert_eq!(url.to_string().parse::<ImapUrl>().unwrap(), url);
    }

    #[test]
    fn what_cannot_be_written_is_no_url() {
        let named = |mailbox: Mailbox| ImapUrlPath::Mailbox { mailbox, uid_validity: None, search: None };
        let searched = |program: SearchProgram| ImapUrlPath::Mailbox {
            mailbox: Mailbox::inbox(),
            uid_validity: None,
            search: Some(Box::new(program)),
        };
        let charset =
            |charset: &str| SearchProgram { charset: Some(charset.into()), ..SearchKey::All.into() };
        let annotation = AnnotationKey {
            entry: "*".parse().unwrap(),
            attribute: "value".into(),
            value: Some("\0".into()),
        };
        let part = |section: Section| {
            let message = ImapUrlMessage::new(Mailbox::inbox(), NonZeroU32::MIN);
            ImapUrlPath::Message(Box::new(ImapUrlMessage { section: Some(section), ..message }))
        };
        let read_by = |access: UrlAccess| {
            let message = ImapUrlMessage::new(Mailbox::inbox(), NonZeroU32::MIN);
            let authorization = Some(UrlAuthorization::new(access));
            ImapUrlPath::Message(Box::new(ImapUrlMessage { authorization, ..message }))
        };
        for path in [
            named(Mailbox::root()),
            named(Mailbox::from_wire("&&", false).unwrap()),
            named(Mailbox::from_wire(&b"\xff"[..], false).unwrap()),
            searched(SearchKey::Larger(u64::MAX).into()),
            searched(SearchKey::Subject("a\0".into()).into()),
            searched(SearchKey::Uid(SequenceSet::new()).into()),
            searched(SearchKey::Annotation(Box::new(annotation)).into()),
            searched(charset("\u{e9}")),
            searched(charset("\r")),
            part(Section::Full),
            part(Section::HeaderFieldsNot(None, Vec::new())),
            part(Section::HeaderFields(None, Vec::from(["a\0".into()]))),
            read_by(UrlAccess::Submit(String::new())),
            read_by(UrlAccess::User("a\0".into())),
            read_by(UrlAccess::Application {
                name: UrlApplication::new("stream").unwrap(),
                user: Some(String::new()),
            }),
        ] {
            assert!(path.to_text().is_err(), "{path:?}");
            assert!(ImapUrl::new("h").unwrap().with_path(path.clone()).is_err(), "{path:?}");
            #[cfg(feature = "serde")]
            assert!(serde_json::to_string(&path).is_err(), "{path:?}");
        }
        for word in ["submit", "USER", "AuthUser", "anonymous"] {
            assert!(UrlApplication::new(word).is_err(), "{word}");
        }
    }

    /// Whatever is read as a URL is written, and what is written is read as the same.
    #[test]
    fn what_is_read_can_be_written() {
        let pieces = [
            "imap://h",
            "/",
            "INBOX",
            "?",
            "CHARSET",
            "%20",
            "%22",
            "%FF",
            "%C3%A9",
            "%0D%0A",
            "%7B1+%7D",
            "ALL",
            "SUBJECT",
            "NOT",
            "(",
            ")",
            "OR",
            "UID",
            "1:*",
            "LARGER",
            "18446744073709551615",
            ";UID=1",
            ";UIDVALIDITY=1",
            "/;SECTION=",
            "1.2",
            "HEADER",
            "HEADER.FIELDS",
            "(a)",
            "/;PARTIAL=0.1",
            ";URLAUTH=",
            "anonymous",
            "user+",
            "x",
            ":INTERNAL:",
            "91354a473744909de610943775f92038",
            "%2F",
            "..",
            "%00",
            "*",
            "%7B",
            "ANNOTATION%20/a%20value%20",
            "%20NIL",
            "%20%7B2+%7D%0D%0Aab",
            "%20~%7B2+%7D%0D%0Aab",
            "$",
            "X-GM-LABELS%20%5CInbox",
            "FROM%20",
            "MODSEQ%20%22/flags/a%22%20all%205",
            ";AUTH=",
            "%01",
            ";EXPIRE=2006-12-31T23:59:59Z",
            "UTF-8",
            ".",
            "%5C",
            "%26",
            "&",
        ];
        let mut read = 0u32;
        for seed in 0..2_000 {
            let noise = noise(seed, 24);
            let mut u = Unstructured::new(&noise);
            let start = *u
                .choose(&["imap://h/INBOX?", "imap://h/a/;UID=1", "imap://h/", "imap://h/a?CHARSET%20%22"])
                .unwrap();
            let mut text = String::from(start);
            while let (false, Ok(piece)) = (u.is_empty(), u.choose(&pieces)) {
                text.push_str(piece);
                if let Ok(url) = text.parse::<ImapUrl>() {
                    read += 1;
                    assert_eq!(url.to_string().parse().as_ref(), Ok(&url), "{text}");
                    assert_eq!(Text::from(&url), *url.to_string());
                }
            }
        }
        assert!(read > 1_000, "{read}");
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
