//! Parameters and modifiers of commands: SELECT, CREATE, FETCH and STORE.
//!
//! ```abnf
//! ; RFC 4466 section 3
//! select-params      = SP "(" select-param *(SP select-param) ")"
//! select-param       = select-param-name [SP select-param-value]
//! ; create-params, fetch-modifiers and store-modifiers likewise
//! select-param       =/ "CONDSTORE"                                              ; RFC 7162
//! select-param       =/ "QRESYNC" SP "(" uidvalidity SP mod-sequence-value [SP known-uids] [SP seq-match-data] ")"
//! seq-match-data     = "(" known-sequence-set SP known-uid-set ")"
//! select-param       =/ "ANNOTATE"                                               ; RFC 5257
//! create-param       =/ "USE" SP "(" [use-attr *(SP use-attr)] ")"               ; RFC 6154
//! fetch-modifier     =/ "CHANGEDSINCE" SP mod-sequence-value / "VANISHED"        ; RFC 7162
//! fetch-modifier     =/ "PARTIAL" SP partial-range                               ; RFC 9394
//! store-modifier     =/ "UNCHANGEDSINCE" SP mod-sequence-valzer                  ; RFC 7162
//! ```
//!
//! VANISHED stands in UID FETCH alone, beside CHANGEDSINCE; there is one at most of each modifier that is known.

use crate::imap::encode::{Encoded, Encoder};
use crate::imap::list::MailboxAttributes;
use crate::imap::modseq::ModSequence;
use crate::imap::partial_range::PartialRange;
use crate::imap::sequence::SequenceSet;
use crate::imap::value::TaggedExtension;
use crate::imap::vanished::encode_numbers;
use crate::wire::InvalidValue;
use crate::wire::cursor::{Cursor, Parsed};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::num::NonZeroU32;

/// A parameter of SELECT or EXAMINE.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum SelectParameter {
    /// CONDSTORE: mod-sequences are told (RFC 7162).
    CondStore,
    /// QRESYNC: what changed since the client saw the mailbox (RFC 7162).
    QuickResync(Box<QuickResync>),
    /// ANNOTATE: annotations are told (RFC 5257).
    Annotate,
    /// Another one.
    Other(TaggedExtension),
}

/// What the client knows of a mailbox (RFC 7162 section 3.2.5).
///
/// ```
/// use mailwire::imap::{Command, Encoding, Mailbox, ModSequence, QuickResync, SelectParameter, Tag};
/// use std::num::NonZeroU32;
///
/// let mut known = QuickResync::new(NonZeroU32::new(67_890_007).unwrap(), ModSequence::from(90_060_115));
/// known.known_uids = Some("41,43:211".parse()?);
/// let select = Command::Select {
///     mailbox: Mailbox::inbox(),
///     read_only: false,
///     parameters: vec![SelectParameter::QuickResync(Box::new(known))],
/// };
/// let command = select.to_segments(&Tag::new("1")?, Encoding::default())?;
/// assert_eq!(command[0], "1 SELECT INBOX (QRESYNC (67890007 90060115 41,43:211))\r\n");
/// # Ok::<(), mailwire::wire::InvalidValue>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct QuickResync {
    /// The UIDVALIDITY it had.
    pub uid_validity: NonZeroU32,
    /// The last mod-sequence, from 1.
    pub mod_sequence: ModSequence,
    /// The UIDs: numbers only; `None`: all.
    pub known_uids: Option<SequenceSet>,
    /// Some sequence numbers and the UIDs of the same messages, both counting up: numbers only.
    pub known_pairs: Option<(SequenceSet, SequenceSet)>,
}

/// A parameter of CREATE.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum CreateParameter {
    /// USE: what the mailbox is for (RFC 6154).
    Use(MailboxAttributes),
    /// Another one.
    Other(TaggedExtension),
}

/// A modifier of FETCH.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum FetchModifier {
    /// CHANGEDSINCE: only messages that changed after this mod-sequence, from 1 (RFC 7162).
    ChangedSince(ModSequence),
    /// VANISHED: which messages are gone, too (RFC 7162 section 3.2.6). In UID FETCH alone, beside CHANGEDSINCE.
    Vanished,
    /// PARTIAL: only some of the messages (RFC 9394 section 3.3, which speaks of UID FETCH; its grammar has it in either).
    Partial(PartialRange),
    /// Another one.
    Other(TaggedExtension),
}

/// A modifier of STORE.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum StoreModifier {
    /// UNCHANGEDSINCE: only messages that did not change after this mod-sequence (RFC 7162). Once at most.
    UnchangedSince(ModSequence),
    /// Another one.
    Other(TaggedExtension),
}

/// Parameters in parentheses behind an SP, if there are any.
fn parse_all<T>(cursor: &mut Cursor<'_>, item: impl FnMut(&mut Cursor<'_>) -> Parsed<T>) -> Parsed<Vec<T>> {
    if cursor.peek() != Some(b' ') || cursor.peek_at(1) != Some(b'(') {
        return Ok(Vec::new());
    }
    cursor.advance(1);
    cursor.list_of_some(item)
}

/// The same, with what the grammar says in words.
fn parse_checked<T>(
    cursor: &mut Cursor<'_>,
    item: impl FnMut(&mut Cursor<'_>) -> Parsed<T>,
    check: impl FnOnce(&[T]) -> Encoded,
) -> Parsed<Vec<T>> {
    let start = cursor.position();
    let items = parse_all(cursor, item)?;
    match check(&items) {
        Ok(()) => Ok(items),
        Err(error) => cursor.syntax_at(start, error.expected),
    }
}

/// Parameters in parentheses behind an SP, if there are any.
fn encode_all<T>(
    items: &[T],
    encoder: &mut Encoder<'_>,
    mut item: impl FnMut(&T, &mut Encoder<'_>) -> Encoded,
) -> Encoded {
    if items.is_empty() {
        return Ok(());
    }
    encoder.sp();
    encoder.list(items, |encoder, value| item(value, encoder))
}

macro_rules! parameters {
    ($($name:ident)*) => {
        $(impl $name {
            /// The list in parentheses behind an SP, if there is one.
            pub(crate) fn parse_all(cursor: &mut Cursor<'_>) -> Parsed<Vec<Self>> {
                parse_all(cursor, Self::parse)
            }

            /// The list in parentheses behind an SP, if there is one.
            pub(crate) fn encode_all(items: &[Self], encoder: &mut Encoder<'_>) -> Encoded {
                encode_all(items, encoder, Self::encode)
            }
        })*
    };
}
parameters!(SelectParameter CreateParameter);

impl SelectParameter {
    fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let mut buffer = [0; 24];
        let (name, word) = cursor.word(&mut buffer)?;
        Ok(match word {
            b"CONDSTORE" => Self::CondStore,
            b"ANNOTATE" => Self::Annotate,
            b"QRESYNC" => {
                cursor.sp()?;
                Self::QuickResync(Box::new(QuickResync::parse(cursor)?))
            }
            _ => Self::Other(TaggedExtension::parse_value(cursor, name)?),
        })
    }

    fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        match self {
            Self::CondStore => encoder.raw(b"CONDSTORE"),
            Self::Annotate => encoder.raw(b"ANNOTATE"),
            Self::QuickResync(known) => {
                encoder.raw(b"QRESYNC ");
                known.encode(encoder)?;
            }
            Self::Other(parameter) => parameter.encode(encoder)?,
        }
        Ok(())
    }
}

impl From<QuickResync> for SelectParameter {
    fn from(known: QuickResync) -> Self {
        Self::QuickResync(Box::new(known))
    }
}

impl QuickResync {
    /// The client knows the mailbox up to here.
    pub const fn new(uid_validity: NonZeroU32, mod_sequence: ModSequence) -> Self {
        Self { uid_validity, mod_sequence, known_uids: None, known_pairs: None }
    }

    fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        cursor.expect(b'(', "a list")?;
        let uid_validity = cursor.nz_number()?;
        cursor.sp()?;
        let mut known = Self::new(uid_validity, ModSequence::parse(cursor)?);
        if cursor.peek() == Some(b' ') && cursor.peek_at(1) != Some(b'(') {
            cursor.sp()?;
            known.known_uids = Some(SequenceSet::parse_numbers(cursor)?);
        }
        if cursor.peek() == Some(b' ') {
            cursor.sp()?;
            cursor.expect(b'(', "a list")?;
            let sequence = SequenceSet::parse_numbers(cursor)?;
            cursor.sp()?;
            known.known_pairs = Some((sequence, SequenceSet::parse_numbers(cursor)?));
            cursor.expect(b')', "the end of the list")?;
        }
        cursor.expect(b')', "the end of the list")?;
        Ok(known)
    }

    fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        encoder.raw(b"(");
        encoder.number(self.uid_validity.get());
        encoder.sp();
        self.mod_sequence.encode_value(encoder)?;
        if let Some(uids) = &self.known_uids {
            encoder.sp();
            encode_numbers(uids, encoder)?;
        }
        if let Some((sequence, uids)) = &self.known_pairs {
            encoder.raw(b" (");
            encode_numbers(sequence, encoder)?;
            encoder.sp();
            encode_numbers(uids, encoder)?;
            encoder.raw(b")");
        }
        encoder.raw(b")");
        Ok(())
    }
}

impl CreateParameter {
    fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let mut buffer = [0; 24];
        let (name, word) = cursor.word(&mut buffer)?;
        if word == b"USE" {
            cursor.sp()?;
            return MailboxAttributes::parse(cursor).map(Self::Use);
        }
        TaggedExtension::parse_value(cursor, name).map(Self::Other)
    }

    fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        match self {
            Self::Use(attributes) => {
                encoder.raw(b"USE ");
                attributes.encode(encoder)
            }
            Self::Other(parameter) => parameter.encode(encoder),
        }
    }
}

impl FetchModifier {
    /// The list in parentheses behind an SP, if there is one: of UID FETCH or of FETCH.
    pub(crate) fn parse_all(cursor: &mut Cursor<'_>, uid: bool) -> Parsed<Vec<Self>> {
        parse_checked(cursor, Self::parse, |items| Self::check(items, uid))
    }

    /// The list in parentheses behind an SP, if there is one: of UID FETCH or of FETCH.
    pub(crate) fn encode_all(items: &[Self], uid: bool, encoder: &mut Encoder<'_>) -> Encoded {
        Self::check(items, uid)?;
        encode_all(items, encoder, Self::encode)
    }

    fn check(items: &[Self], uid: bool) -> Encoded {
        let refused = |expected| Err(InvalidValue { offset: 0, expected });
        let any = |fits: fn(&Self) -> bool| items.iter().any(fits);
        let vanished = any(|item| matches!(item, Self::Vanished));
        if vanished && !uid {
            return refused("VANISHED in UID FETCH alone");
        }
        if vanished && !any(|item| matches!(item, Self::ChangedSince(_))) {
            return refused("VANISHED beside CHANGEDSINCE");
        }
        let twice = |fits: fn(&Self) -> bool| items.iter().filter(|item| fits(item)).count() > 1;
        if twice(|item| matches!(item, Self::ChangedSince(_)))
            || twice(|item| matches!(item, Self::Vanished))
            || twice(|item| matches!(item, Self::Partial(_)))
        {
            return refused("one CHANGEDSINCE, one VANISHED and one PARTIAL");
        }
        Ok(())
    }

    fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let mut buffer = [0; 24];
        let (name, word) = cursor.word(&mut buffer)?;
        Ok(match word {
            b"CHANGEDSINCE" => {
                cursor.sp()?;
                Self::ChangedSince(ModSequence::parse(cursor)?)
            }
            b"VANISHED" => Self::Vanished,
            b"PARTIAL" => {
                cursor.sp()?;
                Self::Partial(PartialRange::parse(cursor)?)
            }
            _ => Self::Other(TaggedExtension::parse_value(cursor, name)?),
        })
    }

    fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        match self {
            Self::ChangedSince(number) => {
                encoder.raw(b"CHANGEDSINCE ");
                number.encode_value(encoder)
            }
            Self::Vanished => {
                encoder.raw(b"VANISHED");
                Ok(())
            }
            Self::Partial(range) => {
                encoder.raw(b"PARTIAL ");
                range.encode(encoder)
            }
            Self::Other(modifier) => modifier.encode(encoder),
        }
    }
}

impl StoreModifier {
    /// The list in parentheses behind an SP, if there is one.
    pub(crate) fn parse_all(cursor: &mut Cursor<'_>) -> Parsed<Vec<Self>> {
        parse_checked(cursor, Self::parse, Self::check)
    }

    /// The list in parentheses behind an SP, if there is one.
    pub(crate) fn encode_all(items: &[Self], encoder: &mut Encoder<'_>) -> Encoded {
        Self::check(items)?;
        encode_all(items, encoder, Self::encode)
    }

    fn check(items: &[Self]) -> Encoded {
        match items.iter().filter(|item| matches!(item, Self::UnchangedSince(_))).count() {
            0 | 1 => Ok(()),
            _ => Err(InvalidValue { offset: 0, expected: "one UNCHANGEDSINCE" }),
        }
    }

    fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let mut buffer = [0; 24];
        let (name, word) = cursor.word(&mut buffer)?;
        if word == b"UNCHANGEDSINCE" {
            cursor.sp()?;
            return ModSequence::parse_or_zero(cursor).map(Self::UnchangedSince);
        }
        TaggedExtension::parse_value(cursor, name).map(Self::Other)
    }

    fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        match self {
            Self::UnchangedSince(number) => {
                encoder.raw(b"UNCHANGEDSINCE ");
                number.encode(encoder)
            }
            Self::Other(modifier) => modifier.encode(encoder),
        }
    }
}

#[cfg(any(test, feature = "arbitrary"))]
mod arbitraries {
    use super::*;
    use crate::imap::value::arbitrary_some;
    use crate::imap::vanished::arbitrary_numbers;
    use arbitrary::{Arbitrary, Result, Unstructured};

    impl<'a> Arbitrary<'a> for QuickResync {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            let mut known = Self::new(u.arbitrary()?, u.arbitrary()?);
            if u.arbitrary()? {
                known.known_uids = Some(arbitrary_numbers(u)?);
            }
            if u.arbitrary()? {
                known.known_pairs = Some((arbitrary_numbers(u)?, arbitrary_numbers(u)?));
            }
            Ok(known)
        }
    }

    impl<'a> Arbitrary<'a> for SelectParameter {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            Ok(match u.int_in_range(0..=3u8)? {
                0 => Self::CondStore,
                1 => Self::Annotate,
                2 => Self::QuickResync(u.arbitrary()?),
                _ => Self::Other(u.arbitrary()?),
            })
        }
    }

    impl<'a> Arbitrary<'a> for CreateParameter {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            Ok(match u.arbitrary()? {
                true => Self::Use(u.arbitrary()?),
                false => Self::Other(u.arbitrary()?),
            })
        }
    }

    impl FetchModifier {
        /// Those of one command.
        pub(crate) fn arbitrary_all(u: &mut Unstructured<'_>, uid: bool) -> Result<Vec<Self>> {
            let mut items: Vec<Self> = arbitrary_some(u, 0, |u| u.arbitrary())?;
            items.retain(|item| uid || !matches!(item, Self::Vanished));
            let mut seen: Vec<core::mem::Discriminant<Self>> = Vec::new();
            items.retain(|item| {
                let kind = core::mem::discriminant(item);
                let first = matches!(item, Self::Other(_)) || !seen.contains(&kind);
                seen.push(kind);
                first
            });
            if Self::check(&items, uid).is_err() {
                items.push(Self::ChangedSince(u.arbitrary()?));
            }
            Ok(items)
        }
    }

    impl StoreModifier {
        /// Those of one command.
        pub(crate) fn arbitrary_all(u: &mut Unstructured<'_>) -> Result<Vec<Self>> {
            let mut items: Vec<Self> = arbitrary_some(u, 0, |u| u.arbitrary())?;
            let mut seen = false;
            items.retain(|item| {
                !matches!(item, Self::UnchangedSince(_)) || !core::mem::replace(&mut seen, true)
            });
            Ok(items)
        }
    }

    impl<'a> Arbitrary<'a> for FetchModifier {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            Ok(match u.int_in_range(0..=3u8)? {
                0 => Self::ChangedSince(u.arbitrary()?),
                1 => Self::Vanished,
                2 => Self::Partial(u.arbitrary()?),
                _ => Self::Other(u.arbitrary()?),
            })
        }
    }

    impl<'a> Arbitrary<'a> for StoreModifier {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            Ok(match u.arbitrary()? {
                true => Self::UnchangedSince(u.arbitrary()?),
                false => Self::Other(u.arbitrary()?),
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::round_trip::{round_trip, strict, written};

    #[test]
    fn round_trips() {
        round_trip(SelectParameter::parse, SelectParameter::encode);
        round_trip(CreateParameter::parse, CreateParameter::encode);
        round_trip(FetchModifier::parse, FetchModifier::encode);
        round_trip(StoreModifier::parse, StoreModifier::encode);
    }

    #[test]
    fn known_answers() {
        for octets in [
            "",
            " (CONDSTORE)",
            " (ANNOTATE X-NEW 7)",
            " (QRESYNC (67890007 20050715194045000 41,43:211,214:541))",
            " (QRESYNC (67890007 90060115194045000 41:211,214:541 (1:3 41:43)) CONDSTORE)",
            " (QRESYNC (1 2 (5 9)))",
        ] {
            let read =
                strict(octets.as_bytes(), SelectParameter::parse_all).unwrap_or_else(|| panic!("{octets}"));
            assert_eq!(written(|encoder| SelectParameter::encode_all(&read, encoder)), octets);
        }
        for octets in [" (USE (\\Drafts \\Sent))", " (USE () X-A (b))"] {
            let read = strict(octets.as_bytes(), CreateParameter::parse_all).unwrap();
            assert_eq!(written(|encoder| CreateParameter::encode_all(&read, encoder)), octets);
        }
        for (octets, uid) in [
            (" (CHANGEDSINCE 12345 VANISHED)", true),
            (" (VANISHED PARTIAL 1:5 CHANGEDSINCE 1)", true),
            (" (PARTIAL -1:-100)", true),
            (" (PARTIAL 1:5)", false),
            (" (CHANGEDSINCE 12345 X-NEW 1:5)", false),
            ("", false),
        ] {
            let read = strict(octets.as_bytes(), |cursor| FetchModifier::parse_all(cursor, uid)).unwrap();
            assert_eq!(written(|encoder| FetchModifier::encode_all(&read, uid, encoder)), octets);
        }
        let octets = " (UNCHANGEDSINCE 0)";
        let read = strict(octets.as_bytes(), StoreModifier::parse_all).unwrap();
        assert_eq!(written(|encoder| StoreModifier::encode_all(&read, encoder)), octets);
    }

    #[test]
    fn what_is_refused() {
        for octets in [
            " ()",
            " (QRESYNC)",
            " (QRESYNC (0 1))",
            " (QRESYNC (1 0))",
            " (QRESYNC (1 1 1:*))",
            " (QRESYNC (1 1 (1)))",
            " (1)",
        ] {
            assert_eq!(strict(octets.as_bytes(), SelectParameter::parse_all), None, "{octets}");
        }
        for octets in [
            " (CHANGEDSINCE 0)",
            " (CHANGEDSINCE)",
            " (CHANGEDSINCE 9223372036854775808)",
            " (CHANGEDSINCE 5 CHANGEDSINCE 6)",
            " (CHANGEDSINCE 5 VANISHED VANISHED)",
            " (PARTIAL 1:5 CHANGEDSINCE 5 PARTIAL 6:9)",
        ] {
            let read = strict(octets.as_bytes(), |cursor| FetchModifier::parse_all(cursor, true));
            assert_eq!(read, None, "{octets}");
        }
        let twice = " (UNCHANGEDSINCE 1 X UNCHANGEDSINCE 1)";
        assert_eq!(strict(twice.as_bytes(), StoreModifier::parse_all), None);
    }

    #[test]
    fn vanished_is_of_uid_fetch() {
        let (since, vanished) = (FetchModifier::ChangedSince(7u32.into()), FetchModifier::Vanished);
        let partial = FetchModifier::Partial(PartialRange::Last(NonZeroU32::MIN, NonZeroU32::MAX));
        for (modifiers, of_fetch, of_uid_fetch) in [
            (alloc::vec![vanished.clone()], false, false),
            (alloc::vec![vanished.clone(), partial.clone()], false, false),
            (alloc::vec![vanished, since.clone()], false, true),
            (alloc::vec![partial.clone()], true, true),
            (alloc::vec![since.clone(), partial], true, true),
            (alloc::vec![since.clone()], true, true),
            (alloc::vec![since.clone(), since], false, false),
        ] {
            for (uid, fits) in [(false, of_fetch), (true, of_uid_fetch)] {
                let octets = written(|encoder| encode_all(&modifiers, encoder, FetchModifier::encode));
                let read = strict(octets.as_bytes(), |cursor| FetchModifier::parse_all(cursor, uid));
                assert_eq!(read.is_some(), fits, "{octets} {uid}");
                let mut out = bytes::BytesMut::new();
                let mut encoder = Encoder::new(&mut out, crate::imap::Encoding::default());
                let encoded = FetchModifier::encode_all(&modifiers, uid, &mut encoder);
                assert_eq!(encoded.is_ok(), fits, "{octets} {uid}");
            }
        }
    }

    #[test]
    fn no_mod_sequence_of_zero_is_written_where_it_counts_from_one() {
        let mut out = bytes::BytesMut::new();
        let mut encoder = Encoder::new(&mut out, crate::imap::Encoding::default());
        let since = [FetchModifier::ChangedSince(ModSequence::ZERO)];
        let refused = FetchModifier::encode_all(&since, true, &mut encoder).unwrap_err();
        assert_eq!(refused.expected, "a mod-sequence from 1");
        let known = SelectParameter::from(QuickResync::new(NonZeroU32::MIN, ModSequence::ZERO));
        let refused = SelectParameter::encode_all(&[known], &mut encoder).unwrap_err();
        assert_eq!(refused.expected, "a mod-sequence from 1");
        let store = [StoreModifier::UnchangedSince(ModSequence::ZERO)];
        assert_eq!(StoreModifier::encode_all(&store, &mut encoder), Ok(()));
    }
}
