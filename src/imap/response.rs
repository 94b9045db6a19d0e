//! Responses of a server: greeting, status, data, continuation requests.
//!
//! ```abnf
//! response       = *(continue-req / response-data) response-done
//! continue-req   = "+" SP (resp-text / base64) CRLF
//! response-data  = "*" SP (resp-cond-state / resp-cond-bye / mailbox-data / message-data / capability-data) CRLF
//! response-done  = response-tagged / response-fatal
//! response-tagged = tag SP resp-cond-state CRLF
//! greeting       = "*" SP (resp-cond-auth / resp-cond-bye) CRLF
//! mailbox-data   = "FLAGS" SP flag-list / "LIST" SP mailbox-list / "LSUB" SP mailbox-list / "SEARCH" *(SP nz-number)
//!                / "STATUS" SP mailbox SP "(" [status-att-list] ")" / number SP "EXISTS" / number SP "RECENT"
//! message-data   = nz-number SP ("EXPUNGE" / ("FETCH" SP msg-att))
//! ```

use crate::imap::acl::{Acl, ListRights, MyRights};
use crate::imap::capability::Capabilities;
use crate::imap::condition::{Condition, Status};
use crate::imap::core::Tag;
use crate::imap::encode::{Encoded, Encoder, Encoding};
use crate::imap::esearch::ExtendedSearch;
use crate::imap::flag::Flags;
use crate::imap::id::Id;
use crate::imap::language::{Comparator, LanguageData};
use crate::imap::list::List;
use crate::imap::metadata::Metadata;
use crate::imap::namespace::Namespaces;
use crate::imap::quirk::Quirk;
use crate::imap::quota::{Quota, QuotaRoots};
use crate::imap::search_data::SearchData;
use crate::imap::status::StatusData;
use crate::imap::thread::ThreadData;
use crate::imap::vanished::Vanished;
use crate::wire::cursor::{Cursor, Parsed};
use crate::wire::{InvalidValue, Text};
use alloc::boxed::Box;
use bytes::BytesMut;
use core::num::NonZeroU32;

/// One response, without FETCH: that one comes in pieces, since its bodies are streamed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Response {
    /// The completion of a command.
    Tagged {
        /// Which command.
        tag: Tag,
        /// How it went.
        status: Status,
    },
    /// A status without a tag: OK, NO, BAD, BYE, PREAUTH. The first one of a connection is the greeting.
    Status(Status),
    /// Data.
    Data(Data),
    /// The server wants the client to go on: with the octets of a literal, or the next step of an exchange.
    Continuation(Continuation),
}

/// What follows a `+` (RFC 3501 section 7.5): text for a person, or Base64 for a mechanism; only the command under way tells which.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Continuation {
    /// The octets behind `+ `.
    pub text: Text,
}

/// Data that a server sends without a tag (RFC 3501 section 7).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Data {
    /// CAPABILITY: what the server can do.
    Capability(Capabilities),
    /// FLAGS: the flags that messages of the mailbox can have.
    Flags(Flags),
    /// LIST, LSUB or XLIST: a mailbox.
    List(List),
    /// STATUS: figures of a mailbox.
    Status(Box<StatusData>),
    /// EXISTS: how many messages there are.
    Exists(u32),
    /// RECENT: how many messages are new to this session.
    Recent(u32),
    /// EXPUNGE: the message of this number is gone, and all behind it moved up.
    Expunge(NonZeroU32),
    /// SEARCH: the messages that were found.
    Search(SearchData),
    /// ESEARCH: what was asked of the messages that were found (RFC 4731).
    ExtendedSearch(Box<ExtendedSearch>),
    /// SORT: the messages that were found, in order (RFC 5256).
    Sort(SearchData),
    /// THREAD: the messages that were found, as conversations (RFC 5256).
    Thread(Box<ThreadData>),
    /// VANISHED: messages that are gone, by their UIDs (RFC 7162).
    Vanished(Vanished),
    /// ENABLED: what is enabled from now on (RFC 5161).
    Enabled(Capabilities),
    /// NAMESPACE: where mailboxes are (RFC 2342).
    Namespace(Box<Namespaces>),
    /// ID: what the server is (RFC 2971).
    Id(Id),
    /// QUOTA: usage and limits of a quota root (RFC 9208).
    Quota(Box<Quota>),
    /// QUOTAROOT: the quota roots of a mailbox (RFC 9208).
    QuotaRoots(Box<QuotaRoots>),
    /// ACL: who may do what with a mailbox (RFC 4314).
    Acl(Box<Acl>),
    /// LISTRIGHTS: which rights can be given (RFC 4314).
    ListRights(Box<ListRights>),
    /// MYRIGHTS: what the user may do with a mailbox (RFC 4314).
    MyRights(Box<MyRights>),
    /// METADATA: annotations of a mailbox or the server (RFC 5464).
    Metadata(Box<Metadata>),
    /// LANGUAGE: the language of human text (RFC 5255).
    Language(LanguageData),
    /// COMPARATOR: how strings are compared (RFC 5255).
    Comparator(Box<Comparator>),
    /// JMAPACCESS: where the same mail is to be had by JMAP (RFC 9698).
    JmapAccess(Text),
    /// Data of a kind that is not known here: the octets behind `* `.
    Other(Text),
}

impl Response {
    /// A response other than FETCH; the cursor stands at its first octet, the line end is off already.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        match cursor.peek() {
            Some(b'*') => Self::parse_untagged(cursor),
            Some(b'+') => Self::parse_continuation(cursor),
            Some(b'[') if cursor.forgives(Quirk::CodeWithoutStatus) => {
                Status::parse_code_and_text(cursor, Condition::Ok).map(Self::Status)
            }
            _ => Self::parse_tagged(cursor),
        }
    }

    fn parse_untagged(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        cursor.advance(1);
        cursor.sp()?;
        match cursor.peek() {
            Some(b'0'..=b'9') => Data::parse_numbered(cursor).map(Self::Data),
            Some(b'[') if cursor.forgives(Quirk::CodeWithoutStatus) => {
                Status::parse_code_and_text(cursor, Condition::Ok).map(Self::Status)
            }
            _ => match Condition::peek(cursor) {
                Some(_) => Status::parse(cursor).map(Self::Status),
                None => Data::parse_named(cursor).map(Self::Data),
            },
        }
    }

    fn parse_continuation(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        cursor.advance(1);
        if !cursor.eat(b' ') && !cursor.forgives(Quirk::BareContinuation) {
            return cursor.syntax("SP");
        }
        let text = cursor.take_while(&crate::imap::core::TEXT);
        cursor.end()?;
        Ok(Self::Continuation(Continuation { text: cursor.text(text)? }))
    }

    fn parse_tagged(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let tag = cursor.tag()?;
        cursor.sp()?;
        let at = cursor.position();
        let status = Status::parse(cursor)?;
        match status.condition {
            Condition::Ok | Condition::No | Condition::Bad => Ok(Self::Tagged { tag, status }),
            _ => cursor.syntax_at(at, "OK, NO or BAD"),
        }
    }

    /// The response with its line end.
    ///
    /// ```
    /// use mailwire::imap::{Data, Response, Status, Tag};
    ///
    /// let mut out = bytes::BytesMut::new();
    /// Response::Data(Data::Exists(23)).write(&mut out, Default::default()).unwrap();
    /// let tag = Tag::new("a1").unwrap();
    /// Response::Tagged { tag, status: Status::ok("done") }.write(&mut out, Default::default()).unwrap();
    /// assert_eq!(out, "* 23 EXISTS\r\na1 OK done\r\n");
    /// ```
    ///
    /// # Errors
    /// When a value cannot be written, such as a text with a line end in it; nothing is written then.
    pub fn write(&self, out: &mut BytesMut, encoding: Encoding) -> Result<(), InvalidValue> {
        let mark = out.len();
        let encoding = Encoding { literals: crate::imap::encode::Literals::Server, ..encoding };
        let mut encoder = Encoder::new(out, encoding);
        let written = self.encode(&mut encoder);
        if written.is_err() {
            out.truncate(mark);
        }
        written
    }

    /// The response with its line end.
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        match self {
            Self::Tagged { tag, status } => {
                encoder.raw(tag.as_bytes());
                encoder.sp();
                status.encode(encoder)?;
            }
            Self::Status(status) => {
                encoder.raw(b"* ");
                status.encode(encoder)?;
            }
            Self::Data(data) => {
                encoder.raw(b"* ");
                data.encode(encoder)?;
            }
            Self::Continuation(continuation) => {
                encoder.raw(b"+ ");
                encoder.text(continuation.text.as_bytes())?;
            }
        }
        encoder.raw(b"\r\n");
        Ok(())
    }
}

impl Data {
    /// Data that begins with a number, FETCH apart.
    fn parse_numbered(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let start = cursor.position();
        let number = cursor.number("a number")?;
        cursor.sp()?;
        let name = cursor.atom()?;
        let data = if name.eq_ignore_ascii_case(b"EXISTS") {
            Self::Exists(number)
        } else if name.eq_ignore_ascii_case(b"RECENT") {
            Self::Recent(number)
        } else if name.eq_ignore_ascii_case(b"EXPUNGE") {
            match NonZeroU32::new(number) {
                Some(number) => Self::Expunge(number),
                None => return cursor.syntax_at(start, "a number from 1 to 4294967295"),
            }
        } else {
            return Self::parse_other(cursor, start);
        };
        cursor.end()?;
        Ok(data)
    }

    /// Data that begins with a name.
    fn parse_named(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let start = cursor.position();
        let name = cursor.atom()?;
        let mut upper = [0u8; 16];
        let upper = match upper.get_mut(..name.len()) {
            Some(upper) => {
                upper.copy_from_slice(name);
                upper.make_ascii_uppercase();
                &*upper
            }
            None => name,
        };
        let data = match upper {
            b"CAPABILITY" => Self::Capability(Capabilities::parse(cursor)?),
            b"FLAGS" => {
                cursor.sp()?;
                Self::Flags(Flags::parse(cursor)?)
            }
            b"LIST" | b"LSUB" | b"XLIST" => {
                cursor.set_position(start);
                Self::List(List::parse(cursor)?)
            }
            b"STATUS" => {
                cursor.sp()?;
                Self::Status(Box::new(StatusData::parse(cursor)?))
            }
            _ => match Self::parse_extension(cursor, upper)? {
                Some(data) => data,
                None => return Self::parse_other(cursor, start),
            },
        };
        cursor.end()?;
        Ok(data)
    }

    /// Data of extensions.
    fn parse_extension(cursor: &mut Cursor<'_>, name: &[u8]) -> Parsed<Option<Self>> {
        Ok(Some(match name {
            b"SEARCH" => Self::Search(SearchData::parse(cursor)?),
            b"SORT" => Self::Sort(SearchData::parse(cursor)?),
            b"ESEARCH" => Self::ExtendedSearch(Box::new(ExtendedSearch::parse(cursor)?)),
            b"THREAD" => Self::Thread(Box::new(ThreadData::parse(cursor)?)),
            b"ENABLED" => Self::Enabled(Capabilities::parse(cursor)?),
            _ if cursor.peek() != Some(b' ') => return Ok(None),
            b"VANISHED" => Self::Vanished(cursor.behind_sp(Vanished::parse)?),
            b"NAMESPACE" => Self::Namespace(Box::new(cursor.behind_sp(Namespaces::parse)?)),
            b"ID" => Self::Id(cursor.behind_sp(Id::parse)?),
            b"QUOTA" => Self::Quota(Box::new(cursor.behind_sp(Quota::parse)?)),
            b"QUOTAROOT" => Self::QuotaRoots(Box::new(cursor.behind_sp(QuotaRoots::parse)?)),
            b"ACL" => Self::Acl(Box::new(cursor.behind_sp(Acl::parse)?)),
            b"LISTRIGHTS" => Self::ListRights(Box::new(cursor.behind_sp(ListRights::parse)?)),
            b"MYRIGHTS" => Self::MyRights(Box::new(cursor.behind_sp(MyRights::parse)?)),
            b"METADATA" => Self::Metadata(Box::new(cursor.behind_sp(Metadata::parse)?)),
            b"LANGUAGE" => Self::Language(cursor.behind_sp(LanguageData::parse)?),
            b"COMPARATOR" => Self::Comparator(Box::new(cursor.behind_sp(Comparator::parse)?)),
            b"JMAPACCESS" => Self::JmapAccess(cursor.behind_sp(Cursor::string_text)?),
            _ => return Ok(None),
        }))
    }

    /// Data that is not known, as its octets; they have the shape of values (RFC 4466).
    fn parse_other(cursor: &mut Cursor<'_>, start: usize) -> Parsed<Self> {
        while !cursor.is_at_end() {
            cursor.sp()?;
            if !cursor.is_at_end() {
                cursor.raw_value()?;
            }
        }
        let octets = cursor.since(start);
        Ok(Self::Other(cursor.text(octets)?))
    }

    /// The data, without `* ` and the line end.
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        match self {
            Self::Capability(capabilities) => {
                encoder.raw(b"CAPABILITY");
                capabilities.encode(encoder)?;
            }
            Self::Flags(flags) => {
                encoder.raw(b"FLAGS ");
                flags.encode(encoder)?;
            }
            Self::List(list) => list.encode(encoder)?,
            Self::Status(status) => {
                encoder.raw(b"STATUS ");
                status.encode(encoder)?;
            }
            Self::Exists(number) => {
                encoder.number(*number);
                encoder.raw(b" EXISTS");
            }
            Self::Recent(number) => {
                encoder.number(*number);
                encoder.raw(b" RECENT");
            }
            Self::Expunge(number) => {
                encoder.number(number.get());
                encoder.raw(b" EXPUNGE");
            }
            Self::Search(search) => named(encoder, b"SEARCH", |encoder| search.encode(encoder))?,
            Self::Sort(search) => named(encoder, b"SORT", |encoder| search.encode(encoder))?,
            Self::ExtendedSearch(search) => named(encoder, b"ESEARCH", |encoder| search.encode(encoder))?,
            Self::Thread(thread) => named(encoder, b"THREAD", |encoder| thread.encode(encoder))?,
            Self::Enabled(capabilities) => {
                named(encoder, b"ENABLED", |encoder| capabilities.encode(encoder))?
            }
            Self::Vanished(vanished) => named(encoder, b"VANISHED ", |encoder| vanished.encode(encoder))?,
            Self::Namespace(namespaces) => {
                named(encoder, b"NAMESPACE ", |encoder| namespaces.encode(encoder))?
            }
            Self::Id(id) => named(encoder, b"ID ", |encoder| id.encode(encoder))?,
            Self::Quota(quota) => named(encoder, b"QUOTA ", |encoder| quota.encode(encoder))?,
            Self::QuotaRoots(roots) => named(encoder, b"QUOTAROOT ", |encoder| roots.encode(encoder))?,
            Self::Acl(acl) => named(encoder, b"ACL ", |encoder| acl.encode(encoder))?,
            Self::ListRights(rights) => named(encoder, b"LISTRIGHTS ", |encoder| rights.encode(encoder))?,
            Self::MyRights(rights) => named(encoder, b"MYRIGHTS ", |encoder| rights.encode(encoder))?,
            Self::Metadata(metadata) => named(encoder, b"METADATA ", |encoder| metadata.encode(encoder))?,
            Self::Language(language) => named(encoder, b"LANGUAGE ", |encoder| language.encode(encoder))?,
            Self::Comparator(comparator) => {
                named(encoder, b"COMPARATOR ", |encoder| comparator.encode(encoder))?;
            }
            Self::JmapAccess(url) => {
                named(encoder, b"JMAPACCESS ", |encoder| encoder.string(url.as_bytes()))?
            }
            Self::Other(octets) => encoder.raw(octets.as_bytes()),
        }
        Ok(())
    }
}

fn named(
    encoder: &mut Encoder<'_>,
    name: &[u8],
    encode: impl FnOnce(&mut Encoder<'_>) -> Encoded,
) -> Encoded {
    encoder.raw(name);
    encode(encoder)
}
