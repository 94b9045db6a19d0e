//! The answer ESEARCH: what a search with return options found.
//!
//! ```abnf
//! esearch-response   = "ESEARCH" [search-correlator] [SP "UID"] *(SP search-return-data)   ; RFC 4466, RFC 9051
//! search-correlator  = SP "(" one-correlator *(SP one-correlator) ")"                      ; RFC 7377
//! one-correlator     = ("TAG" SP tag-string) / ("MAILBOX" SP astring) / ("UIDVALIDITY" SP nz-number)
//! search-return-data = "MIN" SP nz-number / "MAX" SP nz-number / "ALL" SP sequence-set / "COUNT" SP number  ; RFC 4731
//!                    / "MODSEQ" SP mod-sequence-value                                      ; RFC 7162
//!                    / "PARTIAL" SP "(" partial-range SP (sequence-set / "NIL") ")"        ; RFC 5267, RFC 9394
//!                    / ("ADDTO" / "REMOVEFROM") SP "(" context-position SP sequence-set
//!                      *(SP context-position SP sequence-set) ")"                          ; RFC 5267
//!                    / "RELEVANCY" SP "(" [score *(SP score)] ")"                          ; RFC 6203
//!                    / search-modifier-name SP search-return-value
//! context-position   = number
//! score              = 1*3DIGIT                                                            ; from 1 to 100
//! ```

use crate::imap::encode::{Encoded, Encoder};
use crate::imap::keyword::Keyword;
use crate::imap::mailbox::Mailbox;
use crate::imap::modseq::ModSequence;
use crate::imap::partial_range::PartialRange;
use crate::imap::quirk::Quirk;
use crate::imap::sequence::SequenceSet;
use crate::imap::value::ExtensionValue;
use crate::wire::cursor::{Cursor, Parsed};
use crate::wire::{InvalidValue, Text};
use alloc::vec::Vec;
use core::num::NonZeroU32;

/// What a search found (RFC 4731, RFC 9051 section 7.3.4).
///
/// ```
/// use mailwire::imap::{ExtendedSearch, SearchReturnData};
///
/// let mut found = ExtendedSearch::answering("a1");
/// found.data.push(SearchReturnData::Count(0));
/// assert_eq!(found.count(), Some(0));
/// assert_eq!(found.min(), None);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ExtendedSearch {
    /// The tag of the command that is answered.
    pub tag: Option<Text>,
    /// The mailbox in which was searched, and its UIDVALIDITY (RFC 7377). Only with a tag.
    pub mailbox: Option<(Mailbox, NonZeroU32)>,
    /// Whether the numbers are UIDs.
    pub uid: bool,
    /// What was found, in the order of the answer. Nothing was found if it is empty.
    pub data: Vec<SearchReturnData>,
}

/// One result of a search.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum SearchReturnData {
    /// The lowest number.
    Min(NonZeroU32),
    /// The highest number.
    Max(NonZeroU32),
    /// All numbers.
    All(SequenceSet),
    /// How many messages match.
    Count(u32),
    /// The highest mod-sequence of what is told (RFC 7162).
    ModSequence(ModSequence),
    /// A part of the result (RFC 5267, RFC 9394).
    Partial {
        /// Which part was asked for.
        range: PartialRange,
        /// The numbers; `None` is NIL: there are none in that part.
        results: Option<SequenceSet>,
    },
    /// Messages came into the result (RFC 5267).
    AddTo(Vec<ContextChange>),
    /// Messages went out of the result (RFC 5267).
    RemoveFrom(Vec<ContextChange>),
    /// How well each message matches, from 1 to 100, in the order of the result (RFC 6203).
    Relevancy(Vec<u8>),
    /// Another one.
    Other {
        /// What it is called.
        name: Keyword,
        /// What it is.
        value: ExtensionValue,
    },
}

/// Messages that came into a result or went out of it (RFC 5267 section 4.3).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ContextChange {
    /// The place of the first of them in a sorted result, from 1; 0 where the result has no order.
    pub position: u32,
    /// Their numbers.
    pub messages: SequenceSet,
}

impl ExtendedSearch {
    /// Nothing found yet, by the command of this tag.
    pub fn answering(tag: impl Into<Text>) -> Self {
        Self { tag: Some(tag.into()), ..Self::default() }
    }

    fn find<T>(&self, item: impl Fn(&SearchReturnData) -> Option<T>) -> Option<T> {
        self.data.iter().find_map(item)
    }

    /// The lowest number, if it was asked for and there is one.
    pub fn min(&self) -> Option<NonZeroU32> {
        self.find(|data| if let SearchReturnData::Min(number) = data { Some(*number) } else { None })
    }

    /// The highest number, if it was asked for and there is one.
    pub fn max(&self) -> Option<NonZeroU32> {
        self.find(|data| if let SearchReturnData::Max(number) = data { Some(*number) } else { None })
    }

    /// How many messages match, if that was asked for.
    pub fn count(&self) -> Option<u32> {
        self.find(|data| if let SearchReturnData::Count(count) = data { Some(*count) } else { None })
    }

    /// The highest mod-sequence of what is told (RFC 7162).
    pub fn mod_sequence(&self) -> Option<ModSequence> {
        self.find(|data| if let SearchReturnData::ModSequence(number) = data { Some(*number) } else { None })
    }

    /// All numbers, if they were asked for and there are any.
    pub fn all(&self) -> Option<&SequenceSet> {
        self.data.iter().find_map(|data| if let SearchReturnData::All(set) = data { Some(set) } else { None })
    }

    /// The part of the result that was asked for, and the numbers in it if there are any (RFC 5267, RFC 9394).
    pub fn partial(&self) -> Option<(PartialRange, Option<&SequenceSet>)> {
        self.data.iter().find_map(|data| match data {
            SearchReturnData::Partial { range, results } => Some((*range, results.as_ref())),
            _ => None,
        })
    }

    /// What stands behind the name, up to the end of the message.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let mut found = Self::default();
        if cursor.peek() == Some(b' ') && cursor.peek_at(1) == Some(b'(') {
            cursor.advance(1);
            found.parse_correlator(cursor)?;
        }
        let behind = cursor.position();
        if cursor.peek() == Some(b' ') {
            cursor.sp()?;
            found.uid = cursor.eat_keyword(b"UID") && matches!(cursor.peek(), None | Some(b' '));
            if !found.uid {
                cursor.set_position(behind);
            }
        }
        found.data = cursor.items_to_end(SearchReturnData::parse_bare_or_enclosed)?;
        Ok(found)
    }

    fn parse_correlator(&mut self, cursor: &mut Cursor<'_>) -> Parsed<()> {
        let (mut mailbox, mut uid_validity) = (None, None);
        let open = cursor.position();
        cursor.each(|cursor, _| {
            let start = cursor.position();
            let mut buffer = [0; 24];
            let (_, word) = cursor.word(&mut buffer)?;
            cursor.sp()?;
            match word {
                b"TAG" if self.tag.is_none() => self.tag = Some(cursor.astring_text()?),
                b"MAILBOX" if mailbox.is_none() => mailbox = Some(Mailbox::parse(cursor)?),
                b"UIDVALIDITY" if uid_validity.is_none() => uid_validity = Some(cursor.nz_number()?),
                _ => return cursor.syntax_at(start, "TAG, MAILBOX or UIDVALIDITY"),
            }
            Ok(())
        })?;
        if self.tag.is_none() || mailbox.is_some() != uid_validity.is_some() {
            return cursor.syntax_at(open, "a tag, and UIDVALIDITY with a mailbox");
        }
        self.mailbox = mailbox.zip(uid_validity);
        Ok(())
    }

    /// What stands behind the name.
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        match (&self.tag, &self.mailbox) {
            (None, None) => {}
            (None, Some(_)) => return Err(InvalidValue { offset: 0, expected: "a tag with the mailbox" }),
            (Some(tag), mailbox) => {
                encoder.raw(b" (TAG ");
                encoder.string(tag.as_bytes())?;
                if let Some((mailbox, uid_validity)) = mailbox {
                    encoder.raw(b" MAILBOX ");
                    mailbox.encode(encoder)?;
                    encoder.raw(b" UIDVALIDITY ");
                    encoder.number(uid_validity.get());
                }
                encoder.raw(b")");
            }
        }
        if self.uid {
            encoder.raw(b" UID");
        }
        for data in &self.data {
            encoder.sp();
            data.encode(encoder)?;
        }
        Ok(())
    }
}

impl SearchReturnData {
    /// An item, which a careless server may put in parentheses.
    fn parse_bare_or_enclosed(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        if cursor.peek() != Some(b'(') {
            return Self::parse(cursor);
        }
        if !cursor.forgives(Quirk::DoubleParentheses) {
            return cursor.syntax("the name of an item");
        }
        cursor.advance(1);
        let data = Self::parse(cursor)?;
        cursor.expect(b')', "the end of the item")?;
        Ok(data)
    }

    fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let mut buffer = [0; 24];
        let (name, word) = cursor.word(&mut buffer)?;
        cursor.sp()?;
        Ok(match word {
            b"MIN" => Self::Min(cursor.nz_number()?),
            b"MAX" => Self::Max(cursor.nz_number()?),
            b"ALL" => Self::All(SequenceSet::parse_explicit(cursor)?),
            b"COUNT" => Self::Count(cursor.number("a number")?),
            b"MODSEQ" => Self::ModSequence(ModSequence::parse(cursor)?),
            b"PARTIAL" => {
                cursor.expect(b'(', "a list")?;
                let range = PartialRange::parse(cursor)?;
                cursor.sp()?;
                let results = if cursor.nil() { None } else { Some(SequenceSet::parse_explicit(cursor)?) };
                cursor.expect(b')', "the end of the list")?;
                Self::Partial { range, results }
            }
            b"ADDTO" => Self::AddTo(ContextChange::parse_all(cursor)?),
            b"REMOVEFROM" => Self::RemoveFrom(ContextChange::parse_all(cursor)?),
            b"RELEVANCY" => Self::Relevancy(cursor.list(|cursor| {
                let start = cursor.position();
                match u8::try_from(cursor.number("a score from 1 to 100")?) {
                    Ok(score @ 1..=100) => Ok(score),
                    _ => cursor.syntax_at(start, "a score from 1 to 100"),
                }
            })?),
            // It stands before the items.
            b"UID" => return cursor.syntax("the name of an item"),
            _ => Self::Other {
                name: Keyword::from_checked(cursor.text(name)?),
                value: ExtensionValue::parse(cursor)?,
            },
        })
    }

    fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        match self {
            Self::Min(number) => {
                encoder.raw(b"MIN ");
                encoder.number(number.get());
            }
            Self::Max(number) => {
                encoder.raw(b"MAX ");
                encoder.number(number.get());
            }
            Self::All(set) => {
                encoder.raw(b"ALL ");
                encode_explicit(set, encoder)?;
            }
            Self::Count(count) => {
                encoder.raw(b"COUNT ");
                encoder.number(*count);
            }
            Self::ModSequence(number) => {
                encoder.raw(b"MODSEQ ");
                number.encode(encoder)?;
            }
            Self::Partial { range, results } => {
                encoder.raw(b"PARTIAL (");
                range.encode(encoder)?;
                encoder.sp();
                match results {
                    Some(results) => encode_explicit(results, encoder)?,
                    None => encoder.nil(),
                }
                encoder.raw(b")");
            }
            Self::AddTo(changes) => {
                encoder.raw(b"ADDTO ");
                encoder.list(changes, |encoder, change| change.encode(encoder))?;
            }
            Self::RemoveFrom(changes) => {
                encoder.raw(b"REMOVEFROM ");
                encoder.list(changes, |encoder, change| change.encode(encoder))?;
            }
            Self::Relevancy(scores) => {
                encoder.raw(b"RELEVANCY ");
                encoder.list(scores, |encoder, score| {
                    if !matches!(score, 1..=100) {
                        return Err(InvalidValue { offset: 0, expected: "a score from 1 to 100" });
                    }
                    encoder.number(*score);
                    Ok(())
                })?;
            }
            Self::Other { name, .. } if name.as_bytes().eq_ignore_ascii_case(b"UID") => {
                return Err(InvalidValue { offset: 0, expected: "the name of an item" });
            }
            Self::Other { name, value } => {
                encoder.raw(name.as_bytes());
                encoder.sp();
                value.encode(encoder)?;
            }
        }
        Ok(())
    }
}

/// A set without `$`, which only a client can mean.
fn encode_explicit(set: &SequenceSet, encoder: &mut Encoder<'_>) -> Encoded {
    if set.is_saved() {
        return Err(InvalidValue { offset: 0, expected: "a set of numbers" });
    }
    set.encode(encoder)
}

impl ContextChange {
    fn parse_all(cursor: &mut Cursor<'_>) -> Parsed<Vec<Self>> {
        cursor.list_of_some(|cursor| {
            let position = cursor.number("a position")?;
            cursor.sp()?;
            Ok(Self { position, messages: SequenceSet::parse_explicit(cursor)? })
        })
    }

    fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        encoder.number(self.position);
        encoder.sp();
        encode_explicit(&self.messages, encoder)
    }
}

#[cfg(any(test, feature = "arbitrary"))]
pub(crate) mod arbitraries {
    use super::*;
    use crate::imap::value::{arbitrary_label, arbitrary_some, arbitrary_text};
    use arbitrary::{Arbitrary, Result, Unstructured};

    /// A set without `$`.
    pub(crate) fn explicit_set(u: &mut Unstructured<'_>) -> Result<SequenceSet> {
        u.arbitrary().map(|set: SequenceSet| if set.is_saved() { SequenceSet::all() } else { set })
    }

    impl<'a> Arbitrary<'a> for ContextChange {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            Ok(Self { position: u.arbitrary()?, messages: explicit_set(u)? })
        }
    }

    impl<'a> Arbitrary<'a> for SearchReturnData {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            Ok(match u.int_in_range(0..=9u8)? {
                0 => Self::Min(u.arbitrary()?),
                1 => Self::Max(u.arbitrary()?),
                2 => Self::All(explicit_set(u)?),
                3 => Self::Count(u.arbitrary()?),
                4 => Self::ModSequence(u.arbitrary()?),
                5 => {
                    let results = if u.arbitrary()? { Some(explicit_set(u)?) } else { None };
                    Self::Partial { range: u.arbitrary()?, results }
                }
                6 => Self::AddTo(arbitrary_some(u, 1, |u| u.arbitrary())?),
                7 => Self::RemoveFrom(arbitrary_some(u, 1, |u| u.arbitrary())?),
                8 => Self::Relevancy(arbitrary_some(u, 0, |u| u.int_in_range(1..=100))?),
                _ => Self::Other { name: arbitrary_label(u)?, value: u.arbitrary()? },
            })
        }
    }

    impl<'a> Arbitrary<'a> for ExtendedSearch {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            let tag = if u.arbitrary()? { Some(arbitrary_text(u)?) } else { None };
            let mailbox = if tag.is_some() { u.arbitrary()? } else { None };
            Ok(Self { tag, mailbox, uid: u.arbitrary()?, data: arbitrary_some(u, 0, |u| u.arbitrary())? })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::quirk::Quirks;
    use crate::imap::round_trip::{quirky, read, round_trip, strict, written};
    use alloc::string::ToString;

    fn found(octets: &str) -> Option<ExtendedSearch> {
        strict(octets.as_bytes(), ExtendedSearch::parse)
    }

    #[test]
    fn round_trips() {
        round_trip(ExtendedSearch::parse, ExtendedSearch::encode);
    }

    #[test]
    fn known_answers() {
        for octets in [
            "",
            " (TAG \"A282\") MIN 2 COUNT 3",
            " (TAG \"A283\") ALL 2,10:11",
            " (TAG \"A284\") MIN 4",
            " (TAG \"A285\") UID MIN 7 MAX 3800",
            " UID",
            " (TAG \"h\") ALL 1:3,5,8,13,21,42 MODSEQ 1236",
            " (TAG \"A01\") UID PARTIAL (-1:-100 174,1:2)",
            " (TAG \"A04\") UID PARTIAL (24000:24500 NIL)",
            " (TAG \"B02\") UID ADDTO (0 32768:32769)",
            " (TAG \"C01\") UID REMOVEFROM (1 32768 4 7:9) ADDTO (1 2)",
            " (TAG \"C2\") ALL 1,5,10 RELEVANCY (4 99 42)",
            " (TAG tag1 MAILBOX folder1 UIDVALIDITY 1) UID ALL 4001,4003,4005,4007,4009",
            " X-SIZE 4294967296 X-LIST (a (b))",
        ] {
            let read = found(octets).unwrap_or_else(|| panic!("{octets}"));
            let quoted = octets.replace("tag1", "\"tag1\"");
            assert_eq!(written(|encoder| read.encode(encoder)), quoted);
        }
        let read = found(" (TAG \"A282\") UID MIN 2 MAX 47 COUNT 3 ALL 2,46:47 MODSEQ 9").unwrap();
        assert_eq!(read.min().zip(read.max()).map(|(min, max)| (min.get(), max.get())), Some((2, 47)));
        assert_eq!((read.count(), read.mod_sequence().unwrap().value()), (Some(3), 9));
        assert_eq!(read.all().unwrap().count(), 3);
        assert!(read.uid && read.partial().is_none() && read.tag.unwrap() == "A282");
        let read = found(" (TAG \"A01\") UID PARTIAL (-1:-100 174,1:2)").unwrap();
        let (range, results) = read.partial().unwrap();
        assert_eq!((range.to_string(), results.unwrap().count()), ("-1:-100".into(), 3));
        assert_eq!(found(" (TAG \"A04\") UID PARTIAL (2:1 NIL)").unwrap().partial().unwrap().1, None);
    }

    #[test]
    fn what_is_refused() {
        for octets in [
            " ()",
            " (TAG)",
            " (TAG \"a\" TAG \"b\")",
            " (X 1)",
            " (MAILBOX a UIDVALIDITY 1)",
            " (TAG \"a\" MAILBOX a)",
            " (TAG \"a\" UIDVALIDITY 1)",
            " MIN 0",
            " MIN",
            " ALL $",
            " COUNT -1",
            " PARTIAL (1:2)",
            " PARTIAL (1:-2 1)",
            " ADDTO ()",
            " ADDTO (1)",
            " RELEVANCY (0)",
            " RELEVANCY (101)",
            " MODSEQ 0",
            " X-LABEL",
            " UIDX",
            " UID 1",
            " COUNT 1 UID 1",
            "MIN 1",
            " COUNT 1 ",
        ] {
            assert_eq!(found(octets), None, "{octets}");
        }
    }

    #[test]
    fn quirks() {
        let found = quirky(b" (TAG \"a\")  UID COUNT 1", Quirk::ExtraSpace, ExtendedSearch::parse);
        assert!(found.uid && found.count() == Some(1));
        let found = quirky(b" (TAG \"a\")  COUNT 1", Quirk::ExtraSpace, ExtendedSearch::parse);
        assert_eq!(found.count(), Some(1));
        let octets = b" (TAG \"A1\") UID ALL 3,5 (MODSEQ 284535)";
        let found = quirky(octets, Quirk::DoubleParentheses, ExtendedSearch::parse);
        assert_eq!(found.mod_sequence().map(ModSequence::value), Some(284_535));
        assert_eq!(written(|encoder| found.encode(encoder)), " (TAG \"A1\") UID ALL 3,5 MODSEQ 284535");
        for octets in
            [" (TAG \"a\") ((MODSEQ 1))", " (TAG \"a\") (MODSEQ 1", " (TAG \"a\") ()", " (MODSEQ 1)"]
        {
            assert!(read(octets.as_bytes(), Quirks::lenient(), ExtendedSearch::parse).is_none());
        }
    }
}
