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
use crate::imap::url_text::{UrlReader, as_a_string, invalid, is_bchar, text};
use crate::wire::cursor::Cursor;
use crate::wire::{InvalidValue, Limits, percent};
use alloc::boxed::Box;
use alloc::vec::Vec;
use bytes::{Bytes, BytesMut};
use core::fmt;
use core::num::NonZeroU32;
use core::str::FromStr;

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

as_a_string!(ImapUrlPath);

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
