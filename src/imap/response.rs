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
use crate::imap::convert::{Conversion, Converted};
use crate::imap::core::{TEXT, Tag, is_in};
use crate::imap::encode::{Encoded, Encoder, Encoding};
use crate::imap::esearch::ExtendedSearch;
use crate::imap::flag::Flags;
use crate::imap::id::Id;
use crate::imap::keyword::upper;
use crate::imap::language::{Comparator, LanguageData};
use crate::imap::list::{List, ListKind};
use crate::imap::message_kind::without_spaces;
use crate::imap::metadata::Metadata;
use crate::imap::namespace::Namespaces;
use crate::imap::quirk::{Quirk, Quirks};
use crate::imap::quota::{Quota, QuotaRoots};
use crate::imap::search_data::SearchData;
use crate::imap::status::StatusData;
use crate::imap::thread::ThreadData;
use crate::imap::urlauth::{AuthorizedUrls, UrlFetchData};
use crate::imap::value::{can_be_sent, canonical};
use crate::imap::vanished::Vanished;
use crate::wire::cursor::{Class, Cursor, Parsed, class};
use crate::wire::write::index;
use crate::wire::{Error, ErrorKind, InvalidValue, Limits, Text};
use alloc::boxed::Box;
use bytes::{Bytes, BytesMut};
use core::num::NonZeroU32;

const DIGIT: Class = class!(octet => octet.is_ascii_digit());

/// One response, without FETCH: that one comes in pieces, since its bodies are streamed.
///
/// ```
/// use bytes::BytesMut;
/// use mailwire::imap::{Data, Response, ResponseDecoder, ResponseEvent};
///
/// let mut input = BytesMut::from("* 23 EXISTS\r\n1 NO [TRYCREATE] no such mailbox\r\n");
/// let mut decoder = ResponseDecoder::lenient();
/// let Some(ResponseEvent::Response(response)) = decoder.decode(&mut input)? else { panic!() };
/// assert_eq!(response, Response::Data(Data::Exists(23)));
/// let Some(ResponseEvent::Response(Response::Tagged { tag, status })) = decoder.decode(&mut input)? else { panic!() };
/// assert!(tag.as_str() == "1" && !status.is_ok());
/// # Ok::<(), mailwire::wire::Error>(())
/// ```
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
    /// A line that is no response at all, such as `Server Unavailable.`: met as [`Quirk::UntaggedText`], and never written.
    Untagged(Text),
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
    /// GENURLAUTH: URLs that are authorized (RFC 4467).
    GenUrlAuth(AuthorizedUrls),
    /// URLFETCH: what is behind some URLs (RFC 4467).
    UrlFetch(UrlFetchData),
    /// CONVERTED: parts of a message in another form (RFC 5259).
    Converted(Box<Converted>),
    /// CONVERSION: a conversion that can be done (RFC 5259).
    Conversion(Box<Conversion>),
    /// Data of a kind that is not known here: the octets behind `* `.
    Other(Text),
}

/// Declares the data that a value of their own stands for.
macro_rules! from_values {
    ($($type:ident => $variant:ident,)*) => {$(
        impl From<$type> for Data {
            fn from(value: $type) -> Self {
                Self::$variant(value.into())
            }
        }
    )*};
}

from_values! {
    List => List,
    StatusData => Status,
    ExtendedSearch => ExtendedSearch,
    ThreadData => Thread,
    Vanished => Vanished,
    Namespaces => Namespace,
    Id => Id,
    Quota => Quota,
    QuotaRoots => QuotaRoots,
    Acl => Acl,
    ListRights => ListRights,
    MyRights => MyRights,
    Metadata => Metadata,
    LanguageData => Language,
    Comparator => Comparator,
    AuthorizedUrls => GenUrlAuth,
    UrlFetchData => UrlFetch,
    Converted => Converted,
    Conversion => Conversion,
}

impl Response {
    /// A response other than FETCH; the cursor stands at its first octet, the line end is off already.
    #[inline(always)]
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

    #[inline(always)]
    fn parse_untagged(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        cursor.advance(1);
        cursor.sp()?;
        match cursor.peek() {
            Some(b'0'..=b'9') => Data::parse_from_number(cursor).map(Self::Data),
            Some(b'[') if cursor.forgives(Quirk::CodeWithoutStatus) => {
                Status::parse_code_and_text(cursor, Condition::Ok).map(Self::Status)
            }
            Some(b'[') => cursor.syntax("a status before the response code"),
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
        let text = cursor.take_while(&TEXT);
        cursor.end()?;
        Ok(Self::Continuation(Continuation { text: cursor.text(text)? }))
    }

    fn parse_tagged(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let (start, forgiven) = (cursor.position(), cursor.forgiven());
        let tag = cursor.tag().and_then(|tag| cursor.sp().map(|()| tag));
        if cursor.wants_shared() || (tag.is_ok() && Condition::peek(cursor).is_some()) {
            return Self::parse_completion(tag?, cursor);
        }
        let refused = tag.and_then(|_| cursor.syntax("OK, NO or BAD"));
        let line = cursor.octets().get(start..).unwrap_or_default();
        let text = !line.is_empty() && line.iter().all(|octet| is_in(&TEXT, *octet));
        if !text || !cursor.forgives(Quirk::UntaggedText) {
            return refused;
        }
        cursor.set_forgiven(forgiven | Quirk::UntaggedText.bit());
        cursor.set_position(cursor.octets().len());
        Ok(Self::Untagged(cursor.text(line)?))
    }

    fn parse_completion(tag: Tag, cursor: &mut Cursor<'_>) -> Parsed<Self> {
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
    /// When a value cannot be written, such as a text with a line end in it, or BYE or PREAUTH with a tag; nothing is written then.
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
                if matches!(status.condition, Condition::PreAuth | Condition::Bye) {
                    return Err(InvalidValue { offset: 0, expected: "OK, NO or BAD" });
                }
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
            Self::Untagged(_) => {
                return Err(InvalidValue { offset: 0, expected: "a response" });
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
    fn parse_from_number(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let start = cursor.position();
        let number = cursor.number("a number")?;
        cursor.sp()?;
        Self::parse_numbered(cursor, number, start)
    }

    /// Data from the name behind the number that stands at `start`.
    #[inline]
    pub(crate) fn parse_numbered(cursor: &mut Cursor<'_>, number: u32, start: usize) -> Parsed<Self> {
        let data = if cursor.eat_word(b"EXISTS") {
            Self::Exists(number)
        } else if cursor.eat_word(b"EXPUNGE") {
            if number == 0 && cursor.forgives(Quirk::ZeroSequenceNumber) {
                return Self::parse_other(cursor, start);
            }
            Self::Expunge(from_one(number, start, cursor)?)
        } else if cursor.eat_word(b"RECENT") {
            Self::Recent(number)
        } else if cursor.eat_word(b"CONVERTED") {
            let number = from_one(number, start, cursor)?;
            let converted = cursor.behind_sp(|cursor| Converted::parse(cursor, number))?;
            Self::Converted(Box::new(converted))
        } else {
            let name = cursor.atom()?;
            if stands_without_number(name) && !cursor.forgives(Quirk::MisplacedNumber) {
                return cursor.syntax_at(start, "no number before this data");
            }
            return Self::parse_other(cursor, start);
        };
        cursor.end()?;
        Ok(data)
    }

    /// Data that begins with a name. One that is not known begins with a letter: `-1` and `+1` are numbers gone wrong.
    #[inline(always)]
    fn parse_named(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let start = cursor.position();
        if !cursor.peek().is_some_and(|octet| octet.is_ascii_alphabetic()) {
            return cursor.syntax_at(start, "the name of a response");
        }
        let name = cursor.atom()?;
        let data = match name {
            b"LIST" => Self::List(List::parse(cursor, ListKind::List)?),
            b"STATUS" => Self::Status(Box::new(cursor.behind_sp(StatusData::parse)?)),
            b"FLAGS" => Self::Flags(cursor.behind_sp(Flags::parse)?),
            b"CAPABILITY" => Self::Capability(Capabilities::parse(cursor)?),
            name => match Self::parse_extension(cursor, name)? {
                Some(data) => data,
                None => return Self::parse_other(cursor, start),
            },
        };
        cursor.end()?;
        Ok(data)
    }

    /// Data that most sessions see less often, and names in another case.
    fn parse_extension(cursor: &mut Cursor<'_>, name: &[u8]) -> Parsed<Option<Self>> {
        Ok(Some(match upper(name, &mut [0; 16]) {
            b"LIST" => Self::List(List::parse(cursor, ListKind::List)?),
            b"LSUB" => Self::List(List::parse(cursor, ListKind::Lsub)?),
            b"XLIST" => Self::List(List::parse(cursor, ListKind::Xlist)?),
            b"STATUS" => Self::Status(Box::new(cursor.behind_sp(StatusData::parse)?)),
            b"FLAGS" => Self::Flags(cursor.behind_sp(Flags::parse)?),
            b"CAPABILITY" => Self::Capability(Capabilities::parse(cursor)?),
            b"SEARCH" => Self::Search(SearchData::parse(cursor)?),
            b"SORT" => Self::Sort(SearchData::parse(cursor)?),
            b"ESEARCH" => Self::ExtendedSearch(Box::new(ExtendedSearch::parse(cursor)?)),
            b"THREAD" => Self::Thread(Box::new(ThreadData::parse(cursor)?)),
            b"ENABLED" => Self::Enabled(Capabilities::parse(cursor)?),
            b"GENURLAUTH" => Self::GenUrlAuth(AuthorizedUrls::parse(cursor)?),
            b"URLFETCH" => Self::UrlFetch(UrlFetchData::parse(cursor)?),
            b"CONVERSION" => Self::Conversion(Box::new(cursor.behind_sp(Conversion::parse)?)),
            b"VANISHED" if is_without_uids(cursor) && cursor.forgives(Quirk::EmptyList) => return Ok(None),
            b"VANISHED" => Self::Vanished(cursor.behind_sp(Vanished::parse)?),
            b"NAMESPACE" => Self::Namespace(Box::new(cursor.behind_sp(Namespaces::parse)?)),
            b"ID" => Self::Id(cursor.behind_sp(Id::parse_to_end)?),
            b"QUOTA" => Self::Quota(Box::new(cursor.behind_sp(Quota::parse)?)),
            b"QUOTAROOT" => Self::QuotaRoots(Box::new(cursor.behind_sp(QuotaRoots::parse)?)),
            b"ACL" => Self::Acl(Box::new(cursor.behind_sp(Acl::parse)?)),
            b"LISTRIGHTS" => Self::ListRights(Box::new(cursor.behind_sp(ListRights::parse)?)),
            b"MYRIGHTS" => Self::MyRights(Box::new(cursor.behind_sp(MyRights::parse)?)),
            b"METADATA" => Self::Metadata(Box::new(cursor.behind_sp(Metadata::parse)?)),
            b"LANGUAGE" => Self::Language(cursor.behind_sp(LanguageData::parse)?),
            b"COMPARATOR" => Self::Comparator(Box::new(cursor.behind_sp(Comparator::parse)?)),
            b"JMAPACCESS" => Self::JmapAccess(cursor.behind_sp(Cursor::string_text)?),
            b"EXISTS" | b"RECENT" | b"EXPUNGE" | b"FETCH" | b"UIDFETCH" | b"CONVERTED"
                if !cursor.forgives(Quirk::MisplacedNumber) =>
            {
                let start = cursor.position().saturating_sub(name.len());
                return cursor.syntax_at(start, "a number before this data");
            }
            _ => return Ok(None),
        }))
    }

    /// Data that is not known, as its octets; they have the shape of values (RFC 4466).
    fn parse_other(cursor: &mut Cursor<'_>, start: usize) -> Parsed<Self> {
        while !cursor.is_at_end() {
            cursor.sp()?;
            let value = cursor.position();
            if !cursor.is_at_end()
                && let Err(fail) = cursor.raw_value()
            {
                let error = cursor.error(fail);
                Self::pass_strange(cursor, value, error)?;
            }
        }
        let octets = cursor.since(start);
        if !can_be_sent(octets) {
            return cursor.syntax_at(start, "SP before a literal");
        }
        Ok(Self::Other(canonical(cursor.text(octets)?)))
    }

    /// Passes over what has not the shape of values, to the end of the line.
    #[cold]
    fn pass_strange(cursor: &mut Cursor<'_>, start: usize, error: Error) -> Parsed<()> {
        cursor.set_position(start);
        let one_line = memchr::memchr3(0, b'\r', b'\n', cursor.rest()).is_none();
        if error.kind() != ErrorKind::Syntax || !one_line || !cursor.forgives(Quirk::StrangeValue) {
            return cursor.fail(error.kind(), index(error.offset()), error.expected());
        }
        cursor.advance(cursor.rest().len());
        Ok(())
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
                flags.encode_told(encoder);
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
            Self::GenUrlAuth(urls) => named(encoder, b"GENURLAUTH", |encoder| urls.encode(encoder))?,
            Self::UrlFetch(urls) => named(encoder, b"URLFETCH", |encoder| urls.encode(encoder))?,
            Self::Converted(converted) => converted.encode(encoder)?,
            Self::Conversion(conversion) => {
                named(encoder, b"CONVERSION ", |encoder| conversion.encode(encoder))?;
            }
            Self::Other(octets) => {
                check_other(octets)?;
                encoder.raw_value(octets.as_bytes())?;
            }
        }
        Ok(())
    }
}

/// Data are not known where a client reads them so. Others are framed by other rules: a status is human text, with no literal in it.
fn check_other(octets: &Text) -> Encoded {
    let invalid = |offset| InvalidValue { offset, expected: "data that are not known here" };
    let shared = octets.clone().into_bytes();
    let mut limits = Limits::imap_client();
    // What was read under wider limits is written, too.
    limits.depth = usize::MAX;
    let mut cursor = Cursor::shared(&shared, &limits, Quirks::lenient().bits());
    let start = match cursor.take_while(&DIGIT) {
        b"" => 0,
        _ => {
            cursor.sp().map_err(|_| invalid(0))?;
            cursor.position()
        }
    };
    let name = cursor.atom().map_err(|_| invalid(start))?;
    let head = cursor.since(0);
    let numbered = start > 0;
    let framed: &[&[u8]] =
        if numbered { &[b"FETCH", b"UIDFETCH"] } else { &[b"OK", b"NO", b"BAD", b"BYE", b"PREAUTH"] };
    // A FETCH is one by its list.
    let ends = !numbered || cursor.peek() == Some(b' ');
    if (ends && framed.iter().any(|known| name.eq_ignore_ascii_case(known))) || !is_other(head) {
        return Err(invalid(start));
    }
    Data::parse_other(&mut cursor, 0).map(|_| ()).map_err(|_| invalid(cursor.position()))
}

/// Whether a client reads data of this name, with the number before it, as not known.
fn is_other(head: &[u8]) -> bool {
    let head = Bytes::copy_from_slice(head);
    let limits = Limits::imap_client();
    let mut cursor = Cursor::shared(&head, &limits, Quirks::lenient().bits());
    let read = match head.first() {
        Some(b'0'..=b'9') => Data::parse_from_number(&mut cursor),
        _ => Data::parse_named(&mut cursor),
    };
    matches!(read, Ok(Data::Other(_)))
}

/// Whether a VANISHED names no message, as a server may answer that knows of none: it is told as unknown data.
fn is_without_uids(cursor: &Cursor<'_>) -> bool {
    let rest = without_spaces(cursor.rest());
    let earlier = b"(EARLIER)";
    match rest.split_at_checked(earlier.len()) {
        Some((front, rest)) if front.eq_ignore_ascii_case(earlier) => without_spaces(rest).is_empty(),
        _ => rest.is_empty(),
    }
}

/// Whether the grammar knows this data or condition, and has no number before it.
fn stands_without_number(name: &[u8]) -> bool {
    const NAMES: [&[u8]; 31] = [
        b"OK",
        b"NO",
        b"BAD",
        b"BYE",
        b"PREAUTH",
        b"CAPABILITY",
        b"FLAGS",
        b"LIST",
        b"LSUB",
        b"XLIST",
        b"STATUS",
        b"SEARCH",
        b"SORT",
        b"ESEARCH",
        b"THREAD",
        b"ENABLED",
        b"GENURLAUTH",
        b"URLFETCH",
        b"CONVERSION",
        b"VANISHED",
        b"NAMESPACE",
        b"ID",
        b"QUOTA",
        b"QUOTAROOT",
        b"ACL",
        b"LISTRIGHTS",
        b"MYRIGHTS",
        b"METADATA",
        b"LANGUAGE",
        b"COMPARATOR",
        b"JMAPACCESS",
    ];
    NAMES.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// The number that stands at `start`, for data that counts from one.
fn from_one(number: u32, start: usize, cursor: &mut Cursor<'_>) -> Parsed<NonZeroU32> {
    match NonZeroU32::new(number) {
        Some(number) if cursor.octets().get(start) != Some(&b'0') => Ok(number),
        _ => {
            let behind = cursor.position();
            cursor.set_position(start);
            let number = cursor.nz_number()?;
            cursor.set_position(behind);
            Ok(number)
        }
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

#[cfg(any(test, feature = "arbitrary"))]
mod arbitraries {
    use super::*;
    use crate::imap::value::arbitrary_text;
    use arbitrary::{Arbitrary, Result, Unstructured};

    impl<'a> Arbitrary<'a> for Data {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            Ok(match u.int_in_range(0..=28u8)? {
                0 => Self::Capability(u.arbitrary()?),
                1 => Self::Flags(u.arbitrary::<Flags>()?.with_wildcard(false)),
                2 => Self::List(u.arbitrary()?),
                3 => Self::Status(u.arbitrary()?),
                4 => Self::Exists(u.arbitrary()?),
                5 => Self::Recent(u.arbitrary()?),
                6 => Self::Expunge(u.arbitrary()?),
                7 => Self::Vanished(u.arbitrary()?),
                8 => Self::Search(u.arbitrary()?),
                9 => Self::Sort(u.arbitrary()?),
                10 => Self::ExtendedSearch(u.arbitrary()?),
                11 => Self::Thread(u.arbitrary()?),
                12 => Self::Enabled(u.arbitrary()?),
                13 => Self::Id(u.arbitrary()?),
                14 => Self::Namespace(u.arbitrary()?),
                15 => Self::Quota(u.arbitrary()?),
                16 => Self::QuotaRoots(u.arbitrary()?),
                17 => Self::Acl(u.arbitrary()?),
                18 => Self::ListRights(u.arbitrary()?),
                19 => Self::MyRights(u.arbitrary()?),
                20 => Self::Metadata(u.arbitrary()?),
                21 => Self::Language(u.arbitrary()?),
                22 => Self::Comparator(u.arbitrary()?),
                23 => Self::GenUrlAuth(u.arbitrary()?),
                24 => Self::UrlFetch(u.arbitrary()?),
                25 => Self::Converted(u.arbitrary()?),
                26 => Self::Conversion(u.arbitrary()?),
                27 => Self::JmapAccess(arbitrary_text(u)?),
                _ => Self::Other("X-NEWS (a \"b\") 1:2".into()),
            })
        }
    }

    impl<'a> Arbitrary<'a> for Response {
        /// Any response that a server may write.
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            Ok(match u.int_in_range(0..=5u8)? {
                0 => {
                    let condition = *u.choose(&[Condition::Ok, Condition::No, Condition::Bad])?;
                    Self::Tagged { tag: u.arbitrary()?, status: Status { condition, ..u.arbitrary()? } }
                }
                1 => Self::Status(u.arbitrary()?),
                2 => Self::Continuation(u.arbitrary()?),
                _ => Self::Data(u.arbitrary()?),
            })
        }
    }

    impl<'a> Arbitrary<'a> for Continuation {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            let mut octets = u.arbitrary::<alloc::vec::Vec<u8>>()?;
            octets.retain(|octet| is_in(&TEXT, *octet));
            Ok(Self { text: octets.into() })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::round_trip::{round_trip, strict};

    #[test]
    fn round_trips() {
        round_trip(Response::parse, |response, encoder| {
            response.encode(encoder)?;
            let length = encoder.out.len().saturating_sub(2);
            encoder.out.truncate(length);
            Ok(())
        });
    }

    #[test]
    fn known_answers() {
        for octets in [
            "* SEARCH 2 84 882",
            "* SEARCH",
            "* SORT 5 3 4 1 2",
            "* ESEARCH (TAG \"A282\") MIN 2 COUNT 3",
            "* THREAD (2)(3 6 (4 23)(44 7 96))",
            "* VANISHED (EARLIER) 41,43:116",
            "* ENABLED CONDSTORE X-GOOD-IDEA",
            "* ENABLED",
            "* ID NIL",
            "* NAMESPACE ((\"\" \"/\")) NIL NIL",
            "* QUOTA \"\" (STORAGE 10 512)",
            "* QUOTAROOT INBOX \"\"",
            "* ACL INBOX Fred lrswipxtead",
            "* LISTRIGHTS INBOX smith la r",
            "* MYRIGHTS INBOX lr",
            "* METADATA INBOX (/shared/comment \"x\")",
            "* LANGUAGE (DE)",
            "* COMPARATOR i;unicode-casemap",
            "* GENURLAUTH \"imap://a\"",
            "* URLFETCH \"imap://a\" NIL",
            "* 2 CONVERTED (TAG \"a\") (BINARY.SIZE[4] 3135)",
            "* CONVERSION \"image/gif\" \"image/jpeg\"",
            "* JMAPACCESS \"https://example.com/.well-known/jmap\"",
            "* X-NEWS (a) 1:2",
        ] {
            let read = strict(octets.as_bytes(), Response::parse).unwrap_or_else(|| panic!("{octets}"));
            let other = matches!(read, Response::Data(Data::Other(_)));
            assert_eq!(other, octets.contains("X-NEWS"), "{octets}");
            let mut out = BytesMut::new();
            read.write(&mut out, Encoding::server()).unwrap();
            assert_eq!(out, [octets.as_bytes(), b"\r\n"].concat());
        }
        for octets in [
            "* SEARCH 0",
            "* VANISHED 1:*",
            "* ID",
            "* QUOTA a",
            "* JMAPACCESS https",
            "* 0 CONVERTED (TAG \"a\") (UID 1)",
            "* 0123 EXPUNGE",
            "* 5 VANISHED 1:3",
            "* 1 JMAPACCESS \"u\"",
            "* 5 OK done",
            "* EXISTS 93",
            "* -1 EXISTS",
            "* +1 EXISTS",
        ] {
            assert_eq!(strict(octets.as_bytes(), Response::parse), None, "{octets}");
        }
    }
    #[test]
    fn a_completion_is_ok_no_or_bad() {
        for (status, fits) in [
            (Status::ok("a"), true),
            (Status::no("a"), true),
            (Status::bad("a"), true),
            (Status::bye("a"), false),
            (Status::pre_auth("a"), false),
        ] {
            let mut out = BytesMut::from("before");
            let response = Response::Tagged { tag: Tag::new("1").unwrap(), status };
            assert_eq!(response.write(&mut out, Encoding::server()).is_ok(), fits);
            assert!(fits || out == "before");
        }
    }
}
