//! SORT and UID SORT: a search whose result has an order.
//!
//! ```abnf
//! sort           = ["UID" SP] "SORT" SP sort-criteria SP search-criteria                       ; RFC 5256
//! extended-sort  = ["UID" SP] "SORT" search-return-opts SP sort-criteria SP search-criteria    ; RFC 5267
//! sort-criteria  = "(" sort-criterion *(SP sort-criterion) ")"
//! sort-criterion = ["REVERSE" SP] sort-key
//! sort-key       = "ARRIVAL" / "CC" / "DATE" / "FROM" / "SIZE" / "SUBJECT" / "TO"
//! sort-key       =/ "DISPLAYFROM" / "DISPLAYTO"                                                ; RFC 5957
//! sort-key       =/ "RELEVANCY"                                                                ; RFC 6203
//! sort-key       =/ "ANNOTATION" SP entry SP att-sort                                          ; RFC 5257
//! att-sort       = "value.priv" / "value.shared"
//! search-criteria = charset 1*(SP search-key)
//! ```

use crate::imap::annotate;
use crate::imap::charset::parse_charset;
use crate::imap::encode::{Encoded, Encoder};
use crate::imap::entry_name::EntryName;
use crate::imap::keyword::Keyword;
use crate::imap::search::SearchReturnOption;
use crate::imap::search_program::SearchKeys;
use crate::wire::cursor::{Cursor, Parsed};
use crate::wire::{InvalidValue, Text};
use alloc::boxed::Box;
use alloc::vec::Vec;

/// SORT or UID SORT (RFC 5256). The answer is [`SearchData`](crate::imap::SearchData) in order.
///
/// ```
/// use mailwire::imap::{Command, Encoding, SearchKey, Sort, SortKey, Tag};
///
/// let sort = Sort::uid([SortKey::Subject.into(), SortKey::Date.reversed()], SearchKey::Undeleted);
/// let line = Command::from(sort).to_segments(&Tag::new("1")?, Encoding::default())?;
/// assert_eq!(line[0], "1 UID SORT (SUBJECT REVERSE DATE) UTF-8 UNDELETED\r\n");
/// # Ok::<(), mailwire::wire::InvalidValue>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Sort {
    /// Whether the answer has UIDs: UID SORT.
    pub uid: bool,
    /// What the answer has to tell (RFC 5267); `None`: a SORT response.
    pub returns: Option<Vec<SearchReturnOption>>,
    /// What the order is by: the first one counts most. At least one.
    pub criteria: Vec<SortCriterion>,
    /// The charset of the strings in the keys.
    pub charset: Text,
    /// What is looked for.
    pub keys: SearchKeys,
}

/// One thing that messages are ordered by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SortCriterion {
    /// Whether the largest comes first.
    pub reverse: bool,
    /// What is compared.
    pub key: SortKey,
}

/// What of two messages is compared (RFC 5256 section 3).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum SortKey {
    /// The internal date and time.
    Arrival,
    /// The mailbox of the first address in Cc.
    Cc,
    /// The date and time of the Date field.
    Date,
    /// The mailbox of the first address in From.
    From,
    /// The size in octets.
    Size,
    /// The base subject.
    Subject,
    /// The mailbox of the first address in To.
    To,
    /// The name that is shown of the first address in From (RFC 5957).
    DisplayFrom,
    /// The name that is shown of the first address in To (RFC 5957).
    DisplayTo,
    /// How well the message matches (RFC 6203).
    Relevancy,
    /// The value of an annotation (RFC 5257).
    Annotation(Box<AnnotationSort>),
    /// Another one.
    Other(Keyword),
}

/// The annotation that messages are ordered by (RFC 5257).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct AnnotationSort {
    /// The entry.
    pub entry: EntryName,
    /// The attribute: `value.priv` or `value.shared`.
    pub attribute: Text,
}

impl Sort {
    /// SORT: the answer has sequence numbers. The charset is UTF-8.
    pub fn new(criteria: impl IntoIterator<Item = SortCriterion>, keys: impl Into<SearchKeys>) -> Self {
        Self {
            uid: false,
            returns: None,
            criteria: criteria.into_iter().collect(),
            charset: "UTF-8".into(),
            keys: keys.into(),
        }
    }

    /// UID SORT: the answer has UIDs. The charset is UTF-8.
    pub fn uid(criteria: impl IntoIterator<Item = SortCriterion>, keys: impl Into<SearchKeys>) -> Self {
        Self { uid: true, ..Self::new(criteria, keys) }
    }

    /// The same with these return options: the answer is an ESEARCH response (RFC 5267).
    #[must_use]
    pub fn returning(self, options: impl IntoIterator<Item = SearchReturnOption>) -> Self {
        Self { returns: Some(options.into_iter().collect()), ..self }
    }

    /// The arguments.
    pub(crate) fn parse(cursor: &mut Cursor<'_>, uid: bool) -> Parsed<Self> {
        let returns = SearchReturnOption::parse_all(cursor)?;
        let criteria = cursor.list_of_some(SortCriterion::parse)?;
        cursor.sp()?;
        let charset = parse_charset(cursor)?;
        cursor.sp()?;
        Ok(Self { uid, returns, criteria, charset, keys: SearchKeys::parse(cursor)? })
    }

    /// The command.
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        encoder.raw(if self.uid { b"UID SORT " } else { b"SORT " });
        SearchReturnOption::encode_all(self.returns.as_deref(), encoder)?;
        if self.criteria.is_empty() {
            return Err(InvalidValue { offset: 0, expected: "at least one sort criterion" });
        }
        encoder.list(&self.criteria, |encoder, criterion| criterion.encode(encoder))?;
        encoder.sp();
        encoder.atom_or_quoted(self.charset.as_bytes())?;
        encoder.sp();
        self.keys.encode(encoder)
    }
}

impl SortCriterion {
    fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let reverse = cursor.eat_keyword(b"REVERSE ");
        Ok(Self { reverse, key: SortKey::parse(cursor)? })
    }

    fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        if self.reverse {
            encoder.raw(b"REVERSE ");
        }
        self.key.encode(encoder)
    }
}

impl From<SortKey> for SortCriterion {
    fn from(key: SortKey) -> Self {
        Self { reverse: false, key }
    }
}

impl SortKey {
    /// By this key, the largest first.
    pub fn reversed(self) -> SortCriterion {
        SortCriterion { reverse: true, key: self }
    }

    fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let start = cursor.position();
        let mut buffer = [0; 24];
        let (atom, word) = cursor.word(&mut buffer)?;
        Ok(match word {
            b"ARRIVAL" => Self::Arrival,
            b"CC" => Self::Cc,
            b"DATE" => Self::Date,
            b"FROM" => Self::From,
            b"SIZE" => Self::Size,
            b"SUBJECT" => Self::Subject,
            b"TO" => Self::To,
            b"DISPLAYFROM" => Self::DisplayFrom,
            b"DISPLAYTO" => Self::DisplayTo,
            b"RELEVANCY" => Self::Relevancy,
            b"ANNOTATION" => {
                cursor.sp()?;
                let entry = EntryName::parse(cursor)?;
                cursor.sp()?;
                let attribute = annotate::parse_attribute(cursor, annotate::SORTED)?;
                Self::Annotation(Box::new(AnnotationSort { entry, attribute }))
            }
            b"REVERSE" => return cursor.syntax_at(start, "a sort key"),
            _ => Self::Other(Keyword::from_checked(cursor.text(atom)?)),
        })
    }

    fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        encoder.raw(match self {
            Self::Arrival => b"ARRIVAL",
            Self::Cc => b"CC",
            Self::Date => b"DATE",
            Self::From => b"FROM",
            Self::Size => b"SIZE",
            Self::Subject => b"SUBJECT",
            Self::To => b"TO",
            Self::DisplayFrom => b"DISPLAYFROM",
            Self::DisplayTo => b"DISPLAYTO",
            Self::Relevancy => b"RELEVANCY",
            Self::Annotation(_) => b"ANNOTATION ",
            Self::Other(key) => key.as_bytes(),
        });
        if let Self::Annotation(annotation) = self {
            annotation.entry.encode(encoder)?;
            encoder.sp();
            annotate::encode_attribute(&annotation.attribute, annotate::SORTED, encoder)?;
        }
        Ok(())
    }
}

#[cfg(any(test, feature = "arbitrary"))]
mod arbitraries {
    use super::*;
    use crate::imap::charset::arbitrary_charset;
    use crate::imap::search::arbitrary_returns;
    use crate::imap::value::{arbitrary_label, arbitrary_some};
    use arbitrary::{Arbitrary, Result, Unstructured};

    impl<'a> Arbitrary<'a> for SortKey {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            Ok(match u.int_in_range(0..=11u8)? {
                0 => Self::Arrival,
                1 => Self::Cc,
                2 => Self::Date,
                3 => Self::From,
                4 => Self::Size,
                5 => Self::Subject,
                6 => Self::To,
                7 => Self::DisplayFrom,
                8 => Self::DisplayTo,
                9 => Self::Relevancy,
                10 => Self::Annotation(Box::new(AnnotationSort {
                    entry: u.arbitrary()?,
                    attribute: (*u.choose(annotate::SORTED)?).into(),
                })),
                _ => Self::Other(arbitrary_label(u)?),
            })
        }
    }

    impl<'a> Arbitrary<'a> for SortCriterion {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            Ok(Self { reverse: u.arbitrary()?, key: u.arbitrary()? })
        }
    }

    impl<'a> Arbitrary<'a> for Sort {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            Ok(Self {
                uid: u.arbitrary()?,
                returns: arbitrary_returns(u)?,
                criteria: arbitrary_some(u, 1, |u| u.arbitrary())?,
                charset: arbitrary_charset(u)?,
                keys: u.arbitrary()?,
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::round_trip::{round_trip, strict, written};

    fn sort(octets: &[u8]) -> Option<Sort> {
        strict(octets, |cursor| Sort::parse(cursor, false))
    }

    #[test]
    fn round_trips() {
        round_trip(
            |cursor| {
                let uid = cursor.eat_keyword(b"UID ");
                assert!(cursor.eat_keyword(b"SORT "));
                Sort::parse(cursor, uid)
            },
            Sort::encode,
        );
    }

    #[test]
    fn known_answers() {
        for octets in [
            "SORT (SUBJECT) UTF-8 SINCE 1-Feb-1994",
            "SORT (SUBJECT REVERSE DATE) UTF-8 ALL",
            "SORT (REVERSE ANNOTATION /comment value.shared FROM) US-ASCII ALL",
            "SORT RETURN (PARTIAL 500:400 CONTEXT) (DISPLAYFROM RELEVANCY X-MOOD) UTF-8 UNDELETED FUZZY BODY x",
        ] {
            let read = sort(&octets.as_bytes()[5..]).unwrap_or_else(|| panic!("{octets}"));
            assert_eq!(written(|encoder| read.encode(encoder)), octets);
        }
        for octets in [
            "() UTF-8 ALL",
            "(SUBJECT) ALL",
            "(REVERSE) UTF-8 ALL",
            "(REVERSE REVERSE DATE) UTF-8 ALL",
            "DATE UTF-8 ALL",
            "(ANNOTATION /comment value) UTF-8 ALL",
            "(ANNOTATION /comment size.shared) UTF-8 ALL",
            "(ANNOTATION /comment \"value.shared\") UTF-8 ALL",
        ] {
            assert_eq!(sort(octets.as_bytes()), None, "{octets}");
        }
    }
}
