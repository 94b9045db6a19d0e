//! One test of a search: a flag, a date, a string, a size.
//!
//! ```abnf
//! ; RFC 3501 section 9, RFC 9051
//! search-key = "ALL" / "ANSWERED" / "BCC" SP astring / "BEFORE" SP date / "BODY" SP astring / "CC" SP astring /
//!              "DELETED" / "FLAGGED" / "FROM" SP astring / "KEYWORD" SP flag-keyword / "NEW" / "OLD" /
//!              "ON" SP date / "RECENT" / "SEEN" / "SINCE" SP date / "SUBJECT" SP astring / "TEXT" SP astring /
//!              "TO" SP astring / "UNANSWERED" / "UNDELETED" / "UNFLAGGED" / "UNKEYWORD" SP flag-keyword / "UNSEEN" /
//!              "DRAFT" / "HEADER" SP header-fld-name SP astring / "LARGER" SP number64 / "SENTBEFORE" SP date /
//!              "SENTON" SP date / "SENTSINCE" SP date / "SMALLER" SP number64 / "UID" SP sequence-set / "UNDRAFT" /
//!              sequence-set
//! search-key =/ ("OLDER" / "YOUNGER") SP nz-number                                     ; RFC 5032
//! search-key =/ "MODSEQ" [SP entry-name SP entry-type-req] SP mod-sequence-valzer      ; RFC 7162
//! entry-name =  DQUOTE "/flags/" attr-flag DQUOTE    ; a flag other than "\Recent"
//! search-key =/ "ANNOTATION" SP entry-match SP att-search SP value                     ; RFC 5257
//! search-key =/ "FILTER" SP filter-name                                                ; RFC 5466
//! search-key =/ "EMAILID" SP objectid / "THREADID" SP objectid                         ; RFC 8474
//! search-key =/ ("SAVEDBEFORE" / "SAVEDON" / "SAVEDSINCE") SP date / "SAVEDATESUPPORTED" ; RFC 8514
//! search-key =/ ("UIDAFTER" / "UIDBEFORE") SP (uniqueid / "$")                                ; RFC 9738 section 3.2
//! search-key =/ "X-GM-RAW" SP astring / "X-GM-MSGID" SP number / "X-GM-THRID" SP number /
//!               "X-GM-LABELS" SP astring                                               ; X-GM-EXT-1
//! ```
//!
//! NOT, OR, FUZZY and lists stand around keys: see [`SearchKeys`](crate::imap::SearchKeys).

use crate::imap::annotate;
use crate::imap::core::{ASTRING, checked_text, is_atom_char};
use crate::imap::datetime::Date;
use crate::imap::encode::{Encoded, Encoder};
use crate::imap::flag::Flag;
use crate::imap::keyword::Keyword;
use crate::imap::mailbox::ListPattern;
use crate::imap::modseq::ModSequence;
use crate::imap::object_id::ObjectId;
use crate::imap::sequence::SequenceSet;
use crate::wire::cursor::{Class, Cursor, Parsed, class};
use crate::wire::{InvalidValue, Text};
use alloc::boxed::Box;
use core::num::NonZeroU32;

const FILTER: Class = class!(octet => is_atom_char(octet) && octet != b'/');

checked_text!(
    /// The name of a stored search (RFC 5466 section 4, `filter-name`): an atom without `/`.
    FilterName, FILTER, "an ATOM-CHAR other than \"/\""
);

/// One test of a search (RFC 3501 section 6.4.4, RFC 9051 section 6.4.4).
///
/// A server that finds a key it does not know cannot tell where the next one begins, so there is no variant for it: the command is refused.
///
/// ```
/// use mailwire::imap::{Date, SearchKey, SearchKeys};
///
/// let keys = SearchKeys::from(SearchKey::Flagged)
///     .and(SearchKey::Since(Date::new(1994, 2, 1)?))
///     .not(SearchKey::From("Smith".into()));
/// assert_eq!(keys.to_string(), "FLAGGED SINCE 1-Feb-1994 NOT FROM Smith");
/// # Ok::<(), mailwire::wire::InvalidValue>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum SearchKey {
    /// Every message.
    All,
    /// Messages with `\Answered`.
    Answered,
    /// Messages with `\Deleted`.
    Deleted,
    /// Messages with `\Draft`.
    Draft,
    /// Messages with `\Flagged`.
    Flagged,
    /// Messages with `\Recent` and without `\Seen`.
    New,
    /// Messages without `\Recent`.
    Old,
    /// Messages with `\Recent`.
    Recent,
    /// Messages with `\Seen`.
    Seen,
    /// Messages without `\Answered`.
    Unanswered,
    /// Messages without `\Deleted`.
    Undeleted,
    /// Messages without `\Draft`.
    Undraft,
    /// Messages without `\Flagged`.
    Unflagged,
    /// Messages without `\Seen`.
    Unseen,
    /// Messages with the keyword.
    Keyword(Keyword),
    /// Messages without the keyword.
    Unkeyword(Keyword),
    /// Messages with the text in the Bcc of their envelope.
    Bcc(Text),
    /// Messages with the text in their body.
    Body(Text),
    /// Messages with the text in the Cc of their envelope.
    Cc(Text),
    /// Messages with the text in the From of their envelope.
    From(Text),
    /// Messages with the text in the subject of their envelope.
    Subject(Text),
    /// Messages with the text in their header or body.
    Text(Text),
    /// Messages with the text in the To of their envelope.
    To(Text),
    /// Messages that have the field of this name, and the text in it; any text is in it if that is empty.
    Header(Box<HeaderKey>),
    /// Messages of an internal date before this one.
    Before(Date),
    /// Messages of this internal date.
    On(Date),
    /// Messages of this internal date or a later one.
    Since(Date),
    /// Messages with a Date field before this one.
    SentBefore(Date),
    /// Messages with a Date field of this day.
    SentOn(Date),
    /// Messages with a Date field of this day or a later one.
    SentSince(Date),
    /// Messages that came into the mailbox before this day (RFC 8514).
    SavedBefore(Date),
    /// Messages that came into the mailbox on this day (RFC 8514).
    SavedOn(Date),
    /// Messages that came into the mailbox on this day or later (RFC 8514).
    SavedSince(Date),
    /// Every message, if the mailbox keeps the date of saving; else none (RFC 8514).
    SaveDateSupported,
    /// Messages of more octets than this; 63 bits.
    Larger(u64),
    /// Messages of fewer octets than this; 63 bits.
    Smaller(u64),
    /// Messages of an internal date at least that many seconds ago (RFC 5032).
    Older(NonZeroU32),
    /// Messages of an internal date at most that many seconds ago (RFC 5032).
    Younger(NonZeroU32),
    /// Messages by their sequence numbers.
    Sequence(SequenceSet),
    /// Messages by their UIDs.
    Uid(SequenceSet),
    /// Messages with a higher UID (RFC 9738); `None` is `$`, the one that the last search found.
    UidAfter(Option<NonZeroU32>),
    /// Messages with a lower UID (RFC 9738); `None` is `$`, the one that the last search found.
    UidBefore(Option<NonZeroU32>),
    /// Messages that changed at this mod-sequence or later (RFC 7162).
    ModSequence(Box<ModSequenceKey>),
    /// The message with this identifier (RFC 8474).
    EmailId(ObjectId),
    /// The messages of the thread with this identifier (RFC 8474).
    ThreadId(ObjectId),
    /// Messages with an annotation (RFC 5257).
    Annotation(Box<AnnotationKey>),
    /// Messages that a stored search finds (RFC 5466).
    Filter(FilterName),
    /// Messages that a query in Gmail's own language finds.
    GmailRaw(Text),
    /// The message of this Gmail message identifier.
    GmailMessageId(u64),
    /// The messages of this Gmail thread identifier.
    GmailThreadId(u64),
    /// Messages with this Gmail label.
    GmailLabels(Text),
}

/// The key HEADER: a field, and what is looked for in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct HeaderKey {
    /// The name of the field, without the colon.
    pub field: Text,
    /// The text in it.
    pub value: Text,
}

/// The key MODSEQ (RFC 7162 section 3.1.5).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ModSequenceKey {
    /// The metadata item whose change counts, such as `/flags/\seen`: that of a flag other than `\Recent`. Without one any change counts.
    pub entry: Option<(Text, EntryType)>,
    /// The least mod-sequence.
    pub value: ModSequence,
}

/// Whose metadata items count (RFC 7162 `entry-type-req`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(any(test, feature = "arbitrary"), derive(arbitrary::Arbitrary))]
pub enum EntryType {
    /// `priv`: those of this user.
    Private,
    /// `shared`: those of all users.
    Shared,
    /// `all`: both.
    All,
}

/// The key ANNOTATION (RFC 5257).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct AnnotationKey {
    /// The entries, such as `/comment`; `*` and `%` are wildcards.
    pub entry: ListPattern,
    /// The attribute: `value`, `value.priv` or `value.shared`.
    pub attribute: Text,
    /// The text in the value; `None` is NIL: messages without that annotation.
    pub value: Option<Text>,
}

impl EntryType {
    const ALL: [(Self, &'static str); 3] =
        [(Self::Private, "priv"), (Self::Shared, "shared"), (Self::All, "all")];

    fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let start = cursor.position();
        let word = cursor.atom()?;
        match Self::ALL.iter().find(|(_, name)| word.eq_ignore_ascii_case(name.as_bytes())) {
            Some((found, _)) => Ok(*found),
            None => cursor.syntax_at(start, "priv, shared or all"),
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Private => "priv",
            Self::Shared => "shared",
            Self::All => "all",
        }
    }
}

impl ModSequenceKey {
    /// There are metadata items of flags only, and `\Recent` has none.
    fn check_entry(name: &[u8]) -> Encoded {
        const PREFIX: &[u8] = b"/flags/";
        let flag = match name.split_at_checked(PREFIX.len()) {
            Some((prefix, flag)) if prefix.eq_ignore_ascii_case(PREFIX) => Flag::new(flag).ok(),
            _ => None,
        };
        match flag {
            None | Some(Flag::Recent) => {
                Err(InvalidValue { offset: 0, expected: "/flags/ and a flag other than \\Recent" })
            }
            Some(_) => Ok(()),
        }
    }

    fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let mut entry = None;
        if cursor.peek() == Some(b'"') {
            let start = cursor.position();
            let name = cursor.string_text()?;
            if let Err(error) = Self::check_entry(name.as_bytes()) {
                return cursor.syntax_at(start, error.expected);
            }
            cursor.sp()?;
            entry = Some((name, EntryType::parse(cursor)?));
            cursor.sp()?;
        }
        Ok(Self { entry, value: ModSequence::parse_or_zero(cursor)? })
    }

    fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        if let Some((name, entry_type)) = &self.entry {
            Self::check_entry(name.as_bytes())?;
            encoder.string(name.as_bytes())?;
            encoder.sp();
            encoder.raw(entry_type.as_str().as_bytes());
            encoder.sp();
        }
        self.value.encode(encoder)
    }
}

impl AnnotationKey {
    fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let entry = ListPattern::parse(cursor)?;
        cursor.sp()?;
        let attribute = annotate::parse_attribute(cursor, annotate::SEARCHED)?;
        cursor.sp()?;
        Ok(Self { entry, attribute, value: cursor.nstring_or_literal8()? })
    }

    fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        self.entry.encode(encoder)?;
        encoder.sp();
        annotate::encode_attribute(&self.attribute, annotate::SEARCHED, encoder)?;
        encoder.sp();
        match &self.value {
            Some(value) if memchr::memchr(0, value.as_bytes()).is_some() => {
                encoder.literal8(value.as_bytes());
                Ok(())
            }
            value => encoder.nstring(value.as_ref().map(Text::as_bytes)),
        }
    }
}

fn astring(cursor: &mut Cursor<'_>) -> Parsed<Text> {
    cursor.sp()?;
    cursor.astring_text()
}

fn date(cursor: &mut Cursor<'_>) -> Parsed<Date> {
    cursor.sp()?;
    Date::parse(cursor)
}

fn set(cursor: &mut Cursor<'_>) -> Parsed<SequenceSet> {
    cursor.sp()?;
    SequenceSet::parse(cursor)
}

fn size(cursor: &mut Cursor<'_>) -> Parsed<u64> {
    cursor.sp()?;
    cursor.number64()
}

/// A UID, or `$`.
fn uid(cursor: &mut Cursor<'_>) -> Parsed<Option<NonZeroU32>> {
    if cursor.eat(b'$') { Ok(None) } else { cursor.nz_number().map(Some) }
}

/// A label of Gmail: a system label may stand unquoted with its backslash.
pub(crate) fn gmail_label(cursor: &mut Cursor<'_>) -> Parsed<Text> {
    if cursor.peek() != Some(b'\\') {
        return cursor.astring_text();
    }
    let start = cursor.position();
    cursor.advance(1);
    cursor.take_some(&ASTRING, "a label")?;
    let label = cursor.since(start);
    cursor.text(label)
}

impl SearchKey {
    /// The key HEADER.
    pub fn header(field: impl Into<Text>, value: impl Into<Text>) -> Self {
        Self::Header(Box::new(HeaderKey { field: field.into(), value: value.into() }))
    }

    /// The key MODSEQ of any change (RFC 7162).
    pub fn mod_sequence(value: ModSequence) -> Self {
        Self::ModSequence(Box::new(ModSequenceKey { entry: None, value }))
    }

    /// What the word behind the cursor begins, in upper case; `None` if it is no key.
    pub(crate) fn parse_named(cursor: &mut Cursor<'_>, word: &[u8]) -> Parsed<Option<Self>> {
        Ok(Some(match word {
            b"ALL" => Self::All,
            b"ANSWERED" => Self::Answered,
            b"DELETED" => Self::Deleted,
            b"DRAFT" => Self::Draft,
            b"FLAGGED" => Self::Flagged,
            b"NEW" => Self::New,
            b"OLD" => Self::Old,
            b"RECENT" => Self::Recent,
            b"SEEN" => Self::Seen,
            b"UNANSWERED" => Self::Unanswered,
            b"UNDELETED" => Self::Undeleted,
            b"UNDRAFT" => Self::Undraft,
            b"UNFLAGGED" => Self::Unflagged,
            b"UNSEEN" => Self::Unseen,
            b"KEYWORD" => {
                cursor.sp()?;
                Self::Keyword(Keyword::parse(cursor)?)
            }
            b"UNKEYWORD" => {
                cursor.sp()?;
                Self::Unkeyword(Keyword::parse(cursor)?)
            }
            b"BCC" => Self::Bcc(astring(cursor)?),
            b"BODY" => Self::Body(astring(cursor)?),
            b"CC" => Self::Cc(astring(cursor)?),
            b"FROM" => Self::From(astring(cursor)?),
            b"SUBJECT" => Self::Subject(astring(cursor)?),
            b"TEXT" => Self::Text(astring(cursor)?),
            b"TO" => Self::To(astring(cursor)?),
            b"HEADER" => {
                let field = astring(cursor)?;
                Self::Header(Box::new(HeaderKey { field, value: astring(cursor)? }))
            }
            b"BEFORE" => Self::Before(date(cursor)?),
            b"ON" => Self::On(date(cursor)?),
            b"SINCE" => Self::Since(date(cursor)?),
            b"SENTBEFORE" => Self::SentBefore(date(cursor)?),
            b"SENTON" => Self::SentOn(date(cursor)?),
            b"SENTSINCE" => Self::SentSince(date(cursor)?),
            b"LARGER" => Self::Larger(size(cursor)?),
            b"SMALLER" => Self::Smaller(size(cursor)?),
            b"UID" => Self::Uid(set(cursor)?),
            _ => return Self::parse_extension(cursor, word),
        }))
    }

    fn parse_extension(cursor: &mut Cursor<'_>, word: &[u8]) -> Parsed<Option<Self>> {
        Ok(Some(match word {
            b"SAVEDBEFORE" => Self::SavedBefore(date(cursor)?),
            b"SAVEDON" => Self::SavedOn(date(cursor)?),
            b"SAVEDSINCE" => Self::SavedSince(date(cursor)?),
            b"SAVEDATESUPPORTED" => Self::SaveDateSupported,
            b"OLDER" => {
                cursor.sp()?;
                Self::Older(cursor.nz_number()?)
            }
            b"YOUNGER" => {
                cursor.sp()?;
                Self::Younger(cursor.nz_number()?)
            }
            b"UIDAFTER" => {
                cursor.sp()?;
                Self::UidAfter(uid(cursor)?)
            }
            b"UIDBEFORE" => {
                cursor.sp()?;
                Self::UidBefore(uid(cursor)?)
            }
            b"MODSEQ" => {
                cursor.sp()?;
                Self::ModSequence(Box::new(ModSequenceKey::parse(cursor)?))
            }
            b"EMAILID" => {
                cursor.sp()?;
                Self::EmailId(ObjectId::parse(cursor)?)
            }
            b"THREADID" => {
                cursor.sp()?;
                Self::ThreadId(ObjectId::parse(cursor)?)
            }
            b"ANNOTATION" => {
                cursor.sp()?;
                Self::Annotation(Box::new(AnnotationKey::parse(cursor)?))
            }
            b"FILTER" => {
                cursor.sp()?;
                Self::Filter(FilterName::parse(cursor)?)
            }
            b"X-GM-RAW" => Self::GmailRaw(astring(cursor)?),
            b"X-GM-MSGID" => {
                cursor.sp()?;
                Self::GmailMessageId(cursor.number_long("a number")?)
            }
            b"X-GM-THRID" => {
                cursor.sp()?;
                Self::GmailThreadId(cursor.number_long("a number")?)
            }
            b"X-GM-LABELS" => {
                cursor.sp()?;
                Self::GmailLabels(gmail_label(cursor)?)
            }
            _ => return Ok(None),
        }))
    }

    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        encoder.raw(self.name());
        match self {
            Self::Keyword(keyword) | Self::Unkeyword(keyword) => {
                encoder.sp();
                encoder.raw(keyword.as_bytes());
                Ok(())
            }
            Self::Bcc(text)
            | Self::Body(text)
            | Self::Cc(text)
            | Self::From(text)
            | Self::Subject(text)
            | Self::Text(text)
            | Self::To(text)
            | Self::GmailRaw(text)
            | Self::GmailLabels(text) => {
                encoder.sp();
                encoder.astring(text.as_bytes())
            }
            Self::Header(header) => {
                encoder.sp();
                encoder.astring(header.field.as_bytes())?;
                encoder.sp();
                encoder.astring(header.value.as_bytes())
            }
            Self::Before(date)
            | Self::On(date)
            | Self::Since(date)
            | Self::SentBefore(date)
            | Self::SentOn(date)
            | Self::SentSince(date)
            | Self::SavedBefore(date)
            | Self::SavedOn(date)
            | Self::SavedSince(date) => {
                encoder.sp();
                date.encode(encoder)
            }
            Self::Larger(size) | Self::Smaller(size) => {
                encoder.sp();
                encoder.number64(*size)
            }
            Self::UidAfter(None) | Self::UidBefore(None) => {
                encoder.raw(b" $");
                Ok(())
            }
            Self::Older(number)
            | Self::Younger(number)
            | Self::UidAfter(Some(number))
            | Self::UidBefore(Some(number)) => {
                encoder.sp();
                encoder.number(number.get());
                Ok(())
            }
            Self::Sequence(set) => set.encode(encoder),
            Self::Uid(set) => {
                encoder.sp();
                set.encode(encoder)
            }
            Self::ModSequence(key) => {
                encoder.sp();
                key.encode(encoder)
            }
            Self::EmailId(id) | Self::ThreadId(id) => {
                encoder.sp();
                id.encode(encoder)
            }
            Self::Annotation(key) => {
                encoder.sp();
                key.encode(encoder)
            }
            Self::Filter(name) => {
                encoder.sp();
                encoder.raw(name.as_bytes());
                Ok(())
            }
            Self::GmailMessageId(id) | Self::GmailThreadId(id) => {
                encoder.sp();
                encoder.number(*id);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn name(&self) -> &'static [u8] {
        match self {
            Self::All => b"ALL",
            Self::Answered => b"ANSWERED",
            Self::Deleted => b"DELETED",
            Self::Draft => b"DRAFT",
            Self::Flagged => b"FLAGGED",
            Self::New => b"NEW",
            Self::Old => b"OLD",
            Self::Recent => b"RECENT",
            Self::Seen => b"SEEN",
            Self::Unanswered => b"UNANSWERED",
            Self::Undeleted => b"UNDELETED",
            Self::Undraft => b"UNDRAFT",
            Self::Unflagged => b"UNFLAGGED",
            Self::Unseen => b"UNSEEN",
            Self::Keyword(_) => b"KEYWORD",
            Self::Unkeyword(_) => b"UNKEYWORD",
            Self::Bcc(_) => b"BCC",
            Self::Body(_) => b"BODY",
            Self::Cc(_) => b"CC",
            Self::From(_) => b"FROM",
            Self::Subject(_) => b"SUBJECT",
            Self::Text(_) => b"TEXT",
            Self::To(_) => b"TO",
            Self::Header(_) => b"HEADER",
            Self::Before(_) => b"BEFORE",
            Self::On(_) => b"ON",
            Self::Since(_) => b"SINCE",
            Self::SentBefore(_) => b"SENTBEFORE",
            Self::SentOn(_) => b"SENTON",
            Self::SentSince(_) => b"SENTSINCE",
            Self::SavedBefore(_) => b"SAVEDBEFORE",
            Self::SavedOn(_) => b"SAVEDON",
            Self::SavedSince(_) => b"SAVEDSINCE",
            Self::SaveDateSupported => b"SAVEDATESUPPORTED",
            Self::Larger(_) => b"LARGER",
            Self::Smaller(_) => b"SMALLER",
            Self::Older(_) => b"OLDER",
            Self::Younger(_) => b"YOUNGER",
            Self::Sequence(_) => b"",
            Self::Uid(_) => b"UID",
            Self::UidAfter(_) => b"UIDAFTER",
            Self::UidBefore(_) => b"UIDBEFORE",
            Self::ModSequence(_) => b"MODSEQ",
            Self::EmailId(_) => b"EMAILID",
            Self::ThreadId(_) => b"THREADID",
            Self::Annotation(_) => b"ANNOTATION",
            Self::Filter(_) => b"FILTER",
            Self::GmailRaw(_) => b"X-GM-RAW",
            Self::GmailMessageId(_) => b"X-GM-MSGID",
            Self::GmailThreadId(_) => b"X-GM-THRID",
            Self::GmailLabels(_) => b"X-GM-LABELS",
        }
    }
}

impl FilterName {
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let name = cursor.take_some(&FILTER, "the name of a filter")?;
        cursor.text(name).map(Self)
    }
}

#[cfg(any(test, feature = "arbitrary"))]
mod arbitraries {
    use super::*;
    use crate::imap::value::arbitrary_text;
    use arbitrary::{Arbitrary, Result, Unstructured};

    impl<'a> Arbitrary<'a> for HeaderKey {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            Ok(Self { field: arbitrary_text(u)?, value: arbitrary_text(u)? })
        }
    }

    impl<'a> Arbitrary<'a> for ModSequenceKey {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            let entry = if u.arbitrary()? {
                let flag =
                    *u.choose(&["/flags/\\seen", "/Flags/\\Deleted", "/flags/$Forwarded", "/flags/\\X-new"])?;
                Some((flag.into(), u.arbitrary()?))
            } else {
                None
            };
            Ok(Self { entry, value: u.arbitrary()? })
        }
    }

    impl<'a> Arbitrary<'a> for AnnotationKey {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            let value = if u.arbitrary()? { Some(arbitrary_text(u)?) } else { None };
            let attribute = (*u.choose(annotate::SEARCHED)?).into();
            Ok(Self { entry: u.arbitrary()?, attribute, value })
        }
    }

    impl<'a> Arbitrary<'a> for SearchKey {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            const PLAIN: [SearchKey; 15] = [
                SearchKey::All,
                SearchKey::Answered,
                SearchKey::Deleted,
                SearchKey::Draft,
                SearchKey::Flagged,
                SearchKey::New,
                SearchKey::Old,
                SearchKey::Recent,
                SearchKey::Seen,
                SearchKey::Unanswered,
                SearchKey::Undeleted,
                SearchKey::Undraft,
                SearchKey::Unflagged,
                SearchKey::Unseen,
                SearchKey::SaveDateSupported,
            ];
            const DATES: [fn(Date) -> SearchKey; 9] = [
                SearchKey::Before,
                SearchKey::On,
                SearchKey::Since,
                SearchKey::SentBefore,
                SearchKey::SentOn,
                SearchKey::SentSince,
                SearchKey::SavedBefore,
                SearchKey::SavedOn,
                SearchKey::SavedSince,
            ];
            const TEXTS: [fn(Text) -> SearchKey; 9] = [
                SearchKey::Bcc,
                SearchKey::Body,
                SearchKey::Cc,
                SearchKey::From,
                SearchKey::Subject,
                SearchKey::Text,
                SearchKey::To,
                SearchKey::GmailRaw,
                SearchKey::GmailLabels,
            ];
            Ok(match u.int_in_range(0..=20u8)? {
                0 => Self::Keyword(u.arbitrary()?),
                1 => Self::Unkeyword(u.arbitrary()?),
                2 => Self::Header(u.arbitrary()?),
                3 => Self::Larger(u.int_in_range(0..=u64::MAX >> 1)?),
                4 => Self::Smaller(u.int_in_range(0..=u64::MAX >> 1)?),
                5 => Self::Older(u.arbitrary()?),
                6 => Self::Younger(u.arbitrary()?),
                7 => Self::Sequence(u.arbitrary()?),
                8 => Self::Uid(u.arbitrary()?),
                9 => Self::ModSequence(u.arbitrary()?),
                10 => Self::EmailId(u.arbitrary()?),
                11 => Self::ThreadId(u.arbitrary()?),
                12 => Self::Annotation(u.arbitrary()?),
                13 => Self::Filter(u.arbitrary()?),
                14 => Self::GmailMessageId(u.arbitrary()?),
                15 => Self::GmailThreadId(u.arbitrary()?),
                18 => Self::UidAfter(u.arbitrary()?),
                19 => Self::UidBefore(u.arbitrary()?),
                16 => u.choose(&DATES)?(u.arbitrary()?),
                17 => u.choose(&TEXTS)?(arbitrary_text(u)?),
                _ => u.choose(&PLAIN)?.clone(),
            })
        }
    }
}
