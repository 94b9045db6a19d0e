//! What STATUS asks of a mailbox, and what it answers.
//!
//! ```abnf
//! ; RFC 9051 section 9, and the extensions named at each attribute
//! status-att      = "MESSAGES" / "UIDNEXT" / "UIDVALIDITY" / "UNSEEN" / "DELETED" / "SIZE" / "RECENT" / "HIGHESTMODSEQ" /
//!                   "APPENDLIMIT" / "MAILBOXID" / "DELETED-STORAGE"
//! mailbox-data    =/ "STATUS" SP mailbox SP "(" [status-att-list] ")"
//! status-att-list = status-att-val *(SP status-att-val)
//! status-att-val  = ("MESSAGES" SP number) / ("UIDNEXT" SP nz-number) / ("UIDVALIDITY" SP nz-number) / ("UNSEEN" SP number) /
//!                   ("DELETED" SP number) / ("SIZE" SP number64) / …
//! ```

use crate::imap::encode::{Encoded, Encoder};
use crate::imap::keyword::{Keyword, upper};
use crate::imap::mailbox::{GlancedName, Mailbox};
use crate::imap::modseq::ModSequence;
use crate::imap::object_id::ObjectId;
use crate::imap::quirk::Quirk;
use crate::imap::runs::word;
use crate::imap::value::ExtensionValue;
use crate::wire::cursor::{Cursor, Parsed};
use crate::wire::{InvalidValue, Text, decimal};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use core::num::NonZeroU32;
use core::str::FromStr;

/// What can be asked of a mailbox without selecting it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum StatusAttribute {
    /// `MESSAGES`: how many messages there are.
    Messages,
    /// `RECENT`: how many of them are new to all sessions (RFC 3501).
    Recent,
    /// `UIDNEXT`: the UID that the next message will have at least.
    UidNext,
    /// `UIDVALIDITY`: what the UIDs are valid with.
    UidValidity,
    /// `UNSEEN`: how many messages were not read.
    Unseen,
    /// `DELETED`: how many messages are marked to be removed (RFC 9051).
    Deleted,
    /// `SIZE`: how many octets all messages have (RFC 8438).
    Size,
    /// `HIGHESTMODSEQ`: the highest mod-sequence (RFC 7162).
    HighestModSeq,
    /// `APPENDLIMIT`: the longest message that the mailbox takes (RFC 7889).
    AppendLimit,
    /// `MAILBOXID`: the identifier of the mailbox (RFC 8474).
    MailboxId,
    /// `DELETED-STORAGE`: how much removing the marked messages would free, in units of 1,024 octets (RFC 9208).
    DeletedStorage,
    /// What is not known here.
    Other(Keyword),
}

impl StatusAttribute {
    fn of(word: &[u8]) -> Option<Self> {
        Self::of_upper(word).or_else(|| Self::of_upper(upper(word, &mut [0; 16])))
    }

    fn of_upper(upper: &[u8]) -> Option<Self> {
        Some(match upper {
            b"MESSAGES" => Self::Messages,
            b"RECENT" => Self::Recent,
            b"UIDNEXT" => Self::UidNext,
            b"UIDVALIDITY" => Self::UidValidity,
            b"UNSEEN" => Self::Unseen,
            b"DELETED" => Self::Deleted,
            b"SIZE" => Self::Size,
            b"HIGHESTMODSEQ" => Self::HighestModSeq,
            b"APPENDLIMIT" => Self::AppendLimit,
            b"MAILBOXID" => Self::MailboxId,
            b"DELETED-STORAGE" => Self::DeletedStorage,
            _ => return None,
        })
    }

    /// As it is written.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Messages => b"MESSAGES",
            Self::Recent => b"RECENT",
            Self::UidNext => b"UIDNEXT",
            Self::UidValidity => b"UIDVALIDITY",
            Self::Unseen => b"UNSEEN",
            Self::Deleted => b"DELETED",
            Self::Size => b"SIZE",
            Self::HighestModSeq => b"HIGHESTMODSEQ",
            Self::AppendLimit => b"APPENDLIMIT",
            Self::MailboxId => b"MAILBOXID",
            Self::DeletedStorage => b"DELETED-STORAGE",
            Self::Other(word) => word.as_bytes(),
        }
    }

    /// The attribute of this name, whatever the case of its letters.
    ///
    /// ```
    /// use mailwire::imap::StatusAttribute;
    ///
    /// assert_eq!("UidNext".parse(), Ok(StatusAttribute::UidNext));
    /// assert_eq!(StatusAttribute::DeletedStorage.to_string(), "DELETED-STORAGE");
    /// assert!(StatusAttribute::new("a b").is_err());
    /// ```
    ///
    /// # Errors
    /// Where the name is no atom.
    pub fn new(name: impl Into<Text>) -> Result<Self, InvalidValue> {
        let name = name.into();
        match Self::of(name.as_bytes()) {
            Some(attribute) => Ok(attribute),
            None => Keyword::new(name).map(Self::Other),
        }
    }

    /// `status-att`
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let word = cursor.atom()?;
        match Self::of(word) {
            Some(attribute) => Ok(attribute),
            None => cursor.text(word).map(Keyword::from_checked).map(Self::Other),
        }
    }

    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        encoder.raw(self.as_bytes());
        Ok(())
    }

    /// At least one attribute, in parentheses.
    pub(crate) fn parse_all(cursor: &mut Cursor<'_>) -> Parsed<Vec<Self>> {
        cursor.list_of_some(Self::parse)
    }

    /// At least one attribute, in parentheses.
    pub(crate) fn encode_all(attributes: &[Self], encoder: &mut Encoder<'_>) -> Encoded {
        if attributes.is_empty() {
            return Err(InvalidValue { offset: 0, expected: "a status attribute" });
        }
        encoder.list(attributes, |encoder, attribute| attribute.encode(encoder))
    }
}

impl fmt::Display for StatusAttribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Text::from(self.as_bytes()).display())
    }
}

impl TryFrom<&str> for StatusAttribute {
    type Error = InvalidValue;
    fn try_from(name: &str) -> Result<Self, InvalidValue> {
        Self::new(name)
    }
}

impl FromStr for StatusAttribute {
    type Err = InvalidValue;
    fn from_str(name: &str) -> Result<Self, InvalidValue> {
        Self::new(name)
    }
}

/// The longest message that a mailbox takes (RFC 7889).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(any(test, feature = "arbitrary"), derive(arbitrary::Arbitrary))]
pub enum AppendLimit {
    /// NIL: the mailbox has no limit of its own.
    None,
    /// So many octets.
    Octets(u64),
}

/// What is known of a mailbox without selecting it. A field that the server did not tell is `None`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct StatusData {
    /// The mailbox.
    pub mailbox: Mailbox,
    /// How many messages there are.
    pub messages: Option<u32>,
    /// How many of them are new to all sessions.
    pub recent: Option<u32>,
    /// The UID that the next message will have at least.
    pub uid_next: Option<NonZeroU32>,
    /// What the UIDs are valid with.
    pub uid_validity: Option<NonZeroU32>,
    /// How many messages were not read.
    pub unseen: Option<u32>,
    /// How many messages are marked to be removed.
    pub deleted: Option<u32>,
    /// How many octets all messages have.
    pub size: Option<u64>,
    /// The highest mod-sequence; zero where the mailbox has none.
    pub highest_mod_seq: Option<ModSequence>,
    /// The longest message that the mailbox takes.
    pub append_limit: Option<AppendLimit>,
    /// The identifier of the mailbox.
    pub mailbox_id: Option<Box<ObjectId>>,
    /// How much removing the marked messages would free, in units of 1,024 octets.
    pub deleted_storage: Option<u64>,
    /// What is not known here, or is not the number that it should be.
    pub others: Vec<StatusItem>,
}

/// An item of a STATUS response that is not known.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(any(test, feature = "arbitrary"), derive(arbitrary::Arbitrary))]
pub struct StatusItem {
    /// What it is called.
    pub name: Keyword,
    /// What it is.
    pub value: ExtensionValue,
}

impl StatusData {
    /// Nothing known of this mailbox yet.
    ///
    /// ```
    /// use mailwire::imap::{Mailbox, StatusData};
    ///
    /// let mut status = StatusData::new(Mailbox::inbox());
    /// status.messages = Some(12);
    /// ```
    pub fn new(mailbox: Mailbox) -> Self {
        Self {
            mailbox,
            messages: None,
            recent: None,
            uid_next: None,
            uid_validity: None,
            unseen: None,
            deleted: None,
            size: None,
            highest_mod_seq: None,
            append_limit: None,
            mailbox_id: None,
            deleted_storage: None,
            others: Vec::new(),
        }
    }

    /// Figures of a mailbox, from its name to the line end.
    pub(crate) fn glance(octets: &[u8], utf8: bool) -> Option<(Box<Self>, &[u8])> {
        let (name, rest) = GlancedName::of(octets)?;
        let mut status = Box::new(Self::new(name.mailbox(utf8)?));
        let mut rest = rest.strip_prefix(b" (")?;
        loop {
            let (attribute, value) = word(rest)?;
            let (number, behind) = decimal::canonical(value.strip_prefix(b" ")?)?;
            match StatusAttribute::of_upper(attribute)? {
                StatusAttribute::Messages => status.messages = Some(u32::try_from(number).ok()?),
                StatusAttribute::Recent => status.recent = Some(u32::try_from(number).ok()?),
                StatusAttribute::Unseen => status.unseen = Some(u32::try_from(number).ok()?),
                StatusAttribute::Deleted => status.deleted = Some(u32::try_from(number).ok()?),
                StatusAttribute::UidNext => status.uid_next = Some(decimal::non_zero(number)?),
                StatusAttribute::UidValidity => status.uid_validity = Some(decimal::non_zero(number)?),
                StatusAttribute::Size => status.size = Some(number),
                StatusAttribute::HighestModSeq => status.highest_mod_seq = ModSequence::new(number).ok(),
                _ => return None,
            }
            match behind {
                [b' ', behind @ ..] => rest = behind,
                [b')', behind @ ..] => return Some((status, behind)),
                _ => return None,
            }
        }
    }

    /// The mailbox and its items, behind `STATUS SP`.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let mut status = Self::new(Mailbox::parse_before_list(cursor)?);
        cursor.sp()?;
        cursor.each(|cursor, _| status.parse_item(cursor))?;
        Ok(status)
    }

    fn parse_item(&mut self, cursor: &mut Cursor<'_>) -> Parsed<()> {
        let word = cursor.atom()?;
        cursor.sp()?;
        let start = cursor.position();
        // What is no number, or none that fits, is kept as it stands where it is forgiven.
        let kept = match StatusAttribute::of(word) {
            Some(StatusAttribute::Messages) => number(cursor, &mut self.messages)?,
            Some(StatusAttribute::Recent) => number(cursor, &mut self.recent)?,
            Some(StatusAttribute::Unseen) => number(cursor, &mut self.unseen)?,
            Some(StatusAttribute::Deleted) => number(cursor, &mut self.deleted)?,
            Some(StatusAttribute::UidNext) => nz_number(cursor, &mut self.uid_next)?,
            Some(StatusAttribute::UidValidity) => nz_number(cursor, &mut self.uid_validity)?,
            Some(StatusAttribute::Size) => number64(cursor, &mut self.size)?,
            Some(StatusAttribute::DeletedStorage) => number64(cursor, &mut self.deleted_storage)?,
            Some(StatusAttribute::HighestModSeq) => {
                let mut number = None;
                number64(cursor, &mut number)?;
                match number.and_then(|number| ModSequence::new(number).ok()) {
                    Some(number) => {
                        self.highest_mod_seq = Some(number);
                        true
                    }
                    None => false,
                }
            }
            Some(StatusAttribute::AppendLimit) if cursor.nil() => {
                self.append_limit = Some(AppendLimit::None);
                true
            }
            Some(StatusAttribute::AppendLimit) => {
                let mut number = None;
                let fits = number64(cursor, &mut number)?;
                if let Some(octets) = number {
                    self.append_limit = Some(AppendLimit::Octets(octets));
                }
                fits
            }
            Some(StatusAttribute::MailboxId) => {
                cursor.expect(b'(', "an identifier in parentheses")?;
                self.mailbox_id = Some(Box::new(ObjectId::parse(cursor)?));
                cursor.expect(b')', "an identifier in parentheses")?;
                true
            }
            Some(StatusAttribute::Other(_)) | None => false,
        };
        if !kept {
            cursor.set_position(start);
            cursor.charge_item(self.others.len(), size_of::<StatusItem>())?;
            let name = cursor.text(word).map(Keyword::from_checked)?;
            self.others.push(StatusItem { name, value: ExtensionValue::parse(cursor)? });
        }
        Ok(())
    }

    /// The mailbox and its items, behind `STATUS SP`.
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        self.mailbox.encode(encoder)?;
        let mut before: &[u8] = b" (";
        let mut name = |encoder: &mut Encoder<'_>, attribute: &[u8]| {
            encoder.raw(before);
            before = b" ";
            encoder.raw(attribute);
            encoder.sp();
        };
        for (attribute, value) in [
            (&b"MESSAGES"[..], self.messages.map(u64::from)),
            (b"RECENT", self.recent.map(u64::from)),
            (b"UIDNEXT", self.uid_next.map(|number| number.get().into())),
            (b"UIDVALIDITY", self.uid_validity.map(|number| number.get().into())),
            (b"UNSEEN", self.unseen.map(u64::from)),
            (b"DELETED", self.deleted.map(u64::from)),
            (b"SIZE", self.size),
            (b"DELETED-STORAGE", self.deleted_storage),
            (b"HIGHESTMODSEQ", self.highest_mod_seq.map(ModSequence::value)),
        ] {
            if let Some(value) = value {
                name(encoder, attribute);
                encoder.number64(value)?;
            }
        }
        if let Some(limit) = self.append_limit {
            name(encoder, b"APPENDLIMIT");
            match limit {
                AppendLimit::None => encoder.nil(),
                AppendLimit::Octets(octets) => encoder.number64(octets)?,
            }
        }
        if let Some(id) = &self.mailbox_id {
            name(encoder, b"MAILBOXID");
            encoder.raw(b"(");
            id.encode(encoder)?;
            encoder.raw(b")");
        }
        for item in &self.others {
            name(encoder, item.name.as_bytes());
            item.value.encode(encoder)?;
        }
        encoder.raw(if before == b" (" { b" ()" } else { b")" });
        Ok(())
    }
}

/// `number`; tells whether it is one. One that does not fit, or is negative, is a quirk.
fn number(cursor: &mut Cursor<'_>, figure: &mut Option<u32>) -> Parsed<bool> {
    let start = cursor.position();
    let mut number = None;
    if !number64(cursor, &mut number)? {
        return Ok(false);
    }
    match number.and_then(|number| u32::try_from(number).ok()) {
        Some(number) => {
            *figure = Some(number);
            Ok(true)
        }
        None if cursor.forgives(Quirk::LargeNumber) => Ok(false),
        None => cursor.syntax_at(start, "a number of 32 bits"),
    }
}

/// `number64`; tells whether it is one. A negative one is a quirk.
fn number64(cursor: &mut Cursor<'_>, figure: &mut Option<u64>) -> Parsed<bool> {
    if let [b'-', b'0'..=b'9', ..] = cursor.rest() {
        return if cursor.forgives(Quirk::StrangeNumber) { Ok(false) } else { cursor.syntax("a number") };
    }
    *figure = Some(cursor.number64()?);
    Ok(true)
}

/// `nz-number`; tells whether it is one. Zero is a quirk, and so is what [`number`] has for one.
fn nz_number(cursor: &mut Cursor<'_>, figure: &mut Option<NonZeroU32>) -> Parsed<bool> {
    let start = cursor.position();
    let mut any = None;
    if !number(cursor, &mut any)? {
        return Ok(false);
    }
    match any.and_then(NonZeroU32::new) {
        Some(number) => {
            *figure = Some(number);
            Ok(true)
        }
        None if cursor.forgives(Quirk::ZeroNumber) => Ok(false),
        None => cursor.syntax_at(start, "a number from 1 to 4294967295"),
    }
}

#[cfg(any(test, feature = "arbitrary"))]
impl<'a> arbitrary::Arbitrary<'a> for StatusAttribute {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        const WORDS: [&[u8]; 11] = [
            b"MESSAGES",
            b"RECENT",
            b"UIDNEXT",
            b"UIDVALIDITY",
            b"UNSEEN",
            b"DELETED",
            b"SIZE",
            b"HIGHESTMODSEQ",
            b"APPENDLIMIT",
            b"MAILBOXID",
            b"DELETED-STORAGE",
        ];
        let other = Self::Other(u.arbitrary()?);
        Ok(Self::of_upper(&other.as_bytes().to_ascii_uppercase())
            .or_else(|| Self::of_upper(u.choose(&WORDS).ok()?).filter(|_| u.ratio(5, 6).unwrap_or(true)))
            .unwrap_or(other))
    }
}

#[cfg(any(test, feature = "arbitrary"))]
impl<'a> arbitrary::Arbitrary<'a> for StatusData {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        let mut number64 = || -> arbitrary::Result<Option<u64>> {
            Ok(if u.arbitrary()? { Some(u.int_in_range(0..=u64::MAX >> 1)?) } else { None })
        };
        let (size, deleted_storage, limit, mod_sequence) =
            (number64()?, number64()?, number64()?, number64()?);
        let mut others: Vec<StatusItem> =
            if u.ratio(1, 3)? { alloc::vec![u.arbitrary()?] } else { Vec::new() };
        others.retain(|item| StatusAttribute::of_upper(&item.name.as_bytes().to_ascii_uppercase()).is_none());
        Ok(Self {
            mailbox: u.arbitrary()?,
            messages: u.arbitrary()?,
            recent: u.arbitrary()?,
            uid_next: u.arbitrary()?,
            uid_validity: u.arbitrary()?,
            unseen: u.arbitrary()?,
            deleted: u.arbitrary()?,
            size,
            highest_mod_seq: mod_sequence.and_then(|number| ModSequence::new(number).ok()),
            append_limit: if u.arbitrary()? {
                Some(limit.map_or(AppendLimit::None, AppendLimit::Octets))
            } else {
                None
            },
            mailbox_id: u.arbitrary()?,
            deleted_storage,
            others,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::round_trip::{quirky, round_trip, strict, written};

    #[test]
    fn round_trips() {
        round_trip(StatusAttribute::parse, StatusAttribute::encode);
        round_trip(StatusData::parse, StatusData::encode);
    }

    #[test]
    fn known_answers() {
        let octets =
            b"blurdybloop (messages 231 UIDNEXT 44292 SIZE 8589934592 HIGHESTMODSEQ 0 APPENDLIMIT NIL \
            MAILBOXID (F2212ea87-6097) DELETED-STORAGE 8 X-NEW (1:4 \"a\"))";
        let status = strict(octets, StatusData::parse).unwrap();
        assert_eq!(status.messages, Some(231));
        assert_eq!((status.unseen, status.size), (None, Some(8_589_934_592)));
        assert_eq!(status.append_limit, Some(AppendLimit::None));
        assert_eq!(status.highest_mod_seq, Some(ModSequence::ZERO));
        assert_eq!(
            written(|encoder| status.encode(encoder)),
            "blurdybloop (MESSAGES 231 UIDNEXT 44292 SIZE 8589934592 DELETED-STORAGE 8 HIGHESTMODSEQ 0 APPENDLIMIT NIL \
            MAILBOXID (F2212ea87-6097) X-NEW (1:4 \"a\"))"
        );
        assert_eq!(strict(b"INBOX ()", StatusData::parse), Some(StatusData::new(Mailbox::inbox())));
        for octets in [
            &b"a (MESSAGES 1e5)"[..],
            b"a (MESSAGES)",
            b"a (MESSAGES UNSEEN 3)",
            b"a (2 UNSEEN 3)",
            b"a (MESSAGES 2 UNSEEN )",
            b"a MESSAGES 1",
            b"a (MAILBOXID ())",
            b"a (SIZE 9223372036854775808)",
        ] {
            assert_eq!(strict(octets, StatusData::parse), None, "{}", octets.escape_ascii());
        }
    }

    #[test]
    fn quirks() {
        for (octets, quirk) in [
            ("a (MESSAGES 4294967296)", Quirk::LargeNumber),
            ("a (UIDVALIDITY 1452857832123)", Quirk::LargeNumber),
            ("a (UIDNEXT 0)", Quirk::ZeroNumber),
            ("a (UIDNEXT -1)", Quirk::StrangeNumber),
            ("a (SIZE -1)", Quirk::StrangeNumber),
        ] {
            let status = quirky(octets.as_bytes(), quirk, StatusData::parse);
            assert_eq!((status.messages, status.uid_next, status.size), (None, None, None));
            assert_eq!(written(|encoder| status.encode(encoder)), octets);
        }
        // Such a value does not undo one that was told before.
        for octets in ["a (UIDNEXT 2 UIDNEXT 0)", "a (UIDNEXT 0 UIDNEXT 2)"] {
            let status = quirky(octets.as_bytes(), Quirk::ZeroNumber, StatusData::parse);
            assert_eq!(status.uid_next.map(NonZeroU32::get), Some(2));
            assert_eq!(written(|encoder| status.encode(encoder)), "a (UIDNEXT 2 UIDNEXT 0)");
        }
        for octets in ["a (HIGHESTMODSEQ 7 HIGHESTMODSEQ -1)", "a (APPENDLIMIT 7 APPENDLIMIT -1)"] {
            let status = quirky(octets.as_bytes(), Quirk::StrangeNumber, StatusData::parse);
            assert_eq!(written(|encoder| status.encode(encoder)), octets);
        }
        let octets = b"x (UIDVALIDITY 1452857832123 MESSAGES 1)";
        let status = quirky(octets, Quirk::LargeNumber, StatusData::parse);
        assert_eq!((status.messages, status.uid_validity, status.others.len()), (Some(1), None, 1));
        let large = "a (HIGHESTMODSEQ 9223372036854775808)";
        let status = quirky(large.as_bytes(), Quirk::LargeNumber, StatusData::parse);
        assert_eq!(written(|encoder| status.encode(encoder)), large);
        let status = quirky(b"Sent Items (UNSEEN 1)", Quirk::UnquotedMailbox, StatusData::parse);
        assert_eq!((status.mailbox.as_bytes(), status.unseen), (&b"Sent Items"[..], Some(1)));
        for octets in [&b"a (UNSEEN 1 )"[..], b"a (UNSEEN 1  RECENT 2)", b"a  (UNSEEN 1)", b"a (UNSEEN  1)"] {
            assert_eq!(quirky(octets, Quirk::ExtraSpace, StatusData::parse).unseen, Some(1));
        }
    }
}
