//! What of a server a URL is about: a mailbox, a search in it, a message or a part of it.
//!
//! ```abnf
//! ; RFC 5092 section 11
//! ipath-query   = ["/" [icommand]]
//! icommand      = imessagelist / imessagepart [iurlauth]
//! imessagelist  = imailbox-ref ["?" enc-search]
//! imessagepart  = imailbox-ref iuid [isection] [ipartial]
//! imailbox-ref  = enc-mailbox [";UIDVALIDITY=" nz-number]
//! iuid          = "/;UID=" nz-number
//! isection      = "/;SECTION=" enc-section
//! ipartial      = "/;PARTIAL=" number ["." nz-number]
//! ```

use crate::imap::encode::{Encoder, Encoding, Literals};
use crate::imap::mailbox::Mailbox;
use crate::imap::quirk::Quirks;
use crate::imap::search_program::SearchProgram;
use crate::imap::section::Section;
use crate::imap::url_authorization::UrlAuthorization;
use crate::imap::url_text::{UrlReader, encode, invalid, is_bchar, text};
use crate::wire::cursor::Cursor;
use crate::wire::{InvalidValue, Limits, percent};
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use bytes::{Bytes, BytesMut};
use core::num::NonZeroU32;
use core::str::FromStr;

/// What of a server a URL is about.
///
/// Read from a text, it is an absolute path such as `/INBOX/;UID=20`, as CATENATE may have it (RFC 4469); [`ImapUrlPath::to_text`] writes it.
///
/// ```
/// use mailwire::imap::ImapUrlPath;
///
/// let path: ImapUrlPath = "/gray%20council/;uid=20".parse()?;
/// assert_eq!(path.to_text()?, "/gray%20council/;UID=20");
/// # Ok::<(), mailwire::wire::InvalidValue>(())
/// ```
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
    /// Which part of it; `None` is all of it, and not [`Section::Full`].
    pub section: Option<Section>,
    /// Which octets: the first one, counted from 0, and how many; without a count all behind the first.
    pub partial: Option<(u32, Option<NonZeroU32>)>,
    /// Who may read it (RFC 4467).
    pub authorization: Option<UrlAuthorization>,
}

impl FromStr for ImapUrlPath {
    type Err = InvalidValue;

    fn from_str(path: &str) -> Result<Self, InvalidValue> {
        Self::read(path, 0)
    }
}

impl ImapUrlPath {
    pub(crate) fn read(path: &str, offset: usize) -> Result<Self, InvalidValue> {
        let mut path = UrlReader::new(path, offset);
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
    // How long a pattern is in there is no matter: all of it is in memory.
    let limits = Limits { mailbox: octets.len(), ..Limits::imap_client() };
    let octets = Bytes::from(octets);
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
        path: &mut UrlReader<'_>,
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

fn write_mailbox(
    mailbox: &Mailbox,
    uid_validity: Option<NonZeroU32>,
    out: &mut String,
) -> Result<(), InvalidValue> {
    out.push('/');
    let name = mailbox.name()?;
    // What would be read as another server, or as a segment that is taken out.
    let plain = !name.split('/').any(|segment| matches!(segment, "." | ".."));
    let leading = name.len().saturating_sub(name.trim_start_matches('/').len());
    let (start, rest) = name.split_at_checked(leading).unwrap_or((&*name, ""));
    start.bytes().for_each(|_| out.push_str("%2F"));
    if leading == 0 || !rest.is_empty() {
        encode(rest.as_bytes(), out, |octet| is_bchar(octet) && (plain || octet != b'.'))?;
    }
    if let Some(uid_validity) = uid_validity {
        out.push_str(";UIDVALIDITY=");
        out.push_str(&uid_validity.to_string());
    }
    Ok(())
}

impl ImapUrlPath {
    /// The path with its `/`, as it stands in a URL; nothing for the server.
    ///
    /// # Errors
    /// What no URL can have: a mailbox without a name or with one that cannot be decoded, a NUL, an empty user, keys that cannot be written, and a section that is
    /// [`Section::Full`].
    pub fn to_text(&self) -> Result<String, InvalidValue> {
        let mut out = String::new();
        match self {
            Self::Server => {}
            Self::Mailbox { mailbox, uid_validity, search } => {
                write_mailbox(mailbox, *uid_validity, &mut out)?;
                if let Some(search) = search {
                    let mut keys = BytesMut::new();
                    let encoding = Encoding { literals: Literals::Plus, ..Encoding::default() };
                    search.encode(&mut Encoder::new(&mut keys, encoding))?;
                    out.push('?');
                    encode(&keys, &mut out, is_bchar)?;
                }
            }
            Self::Message(message) => message.write(&mut out)?,
        }
        Ok(out)
    }
}

impl ImapUrlMessage {
    fn write(&self, out: &mut String) -> Result<(), InvalidValue> {
        write_mailbox(&self.mailbox, self.uid_validity, out)?;
        out.push_str("/;UID=");
        out.push_str(&self.uid.to_string());
        if let Some(section) = &self.section {
            let mut written = BytesMut::new();
            section.encode(&mut Encoder::new(&mut written, Encoding::server()))?;
            let inner = written.strip_prefix(b"[").and_then(|inner| inner.strip_suffix(b"]"));
            out.push_str("/;SECTION=");
            encode(inner.unwrap_or(&written), out, is_bchar)?;
        }
        if let Some((first, count)) = self.partial {
            out.push_str("/;PARTIAL=");
            out.push_str(&first.to_string());
            if let Some(count) = count {
                out.push('.');
                out.push_str(&count.to_string());
            }
        }
        self.authorization.as_ref().map_or(Ok(()), |authorization| authorization.write(out))
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for ImapUrlPath {
    /// As a string.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_text().map_err(serde::ser::Error::custom)?)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for ImapUrlPath {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(any(test, feature = "arbitrary"))]
mod arbitraries {
    use super::*;
    use arbitrary::{Arbitrary, Result, Unstructured};

    fn named(u: &mut Unstructured<'_>) -> Result<Mailbox> {
        let name =
            *u.choose(&["INBOX", "gray council", "日本語/台北", "a/b", "/x", "../y", "a;b?c", "50%"])?;
        Mailbox::new(name).map_err(|_| arbitrary::Error::IncorrectFormat)
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
}
