//! SEARCH, UID SEARCH and ESEARCH: which messages match?
//!
//! ```abnf
//! search             = "SEARCH" [search-return-opts] SP search-program              ; RFC 3501, RFC 4466
//! search-return-opts = SP "RETURN" SP "(" [search-return-opt *(SP search-return-opt)] ")"
//! search-return-opt  = "MIN" / "MAX" / "ALL" / "COUNT"                              ; RFC 4731
//!                    / "SAVE"                                                       ; RFC 5182
//!                    / "RELEVANCY"                                                  ; RFC 6203
//!                    / "CONTEXT" / "UPDATE" [SP "(" fetch-att *(SP fetch-att) ")"]  ; RFC 5267, RFC 5465
//!                    / "PARTIAL" SP partial-range                                   ; RFC 5267, RFC 9394
//!                    / search-modifier-name [SP search-mod-params]
//! esearch            = ["UID" SP] "ESEARCH" [SP esearch-source-opts] [SP search-return-opts] SP search-program ; RFC 7377, RFC 6237 for UID
//! esearch-source-opts = "IN" SP "(" source-mbox [SP "(" scope-options ")"] ")"
//! source-mbox        = filter-mailboxes *(SP filter-mailboxes)
//! scope-option       = scope-option-name [SP scope-option-value]
//! ```

use crate::imap::encode::{Encoded, Encoder};
use crate::imap::fetch_attribute::FetchAttribute;
use crate::imap::mailbox_filter::MailboxFilter;
use crate::imap::partial_range::PartialRange;
use crate::imap::search_program::SearchProgram;
use crate::imap::value::TaggedExtension;
use crate::wire::InvalidValue;
use crate::wire::cursor::{Cursor, Parsed};
use alloc::vec::Vec;

/// SEARCH or UID SEARCH (RFC 3501 section 6.4.4).
///
/// ```
/// use mailwire::imap::{Command, Encoding, Search, SearchKey, SearchReturnOption, Tag};
///
/// let search = Search::uid(SearchKey::Unseen).returning([SearchReturnOption::Min, SearchReturnOption::Count]);
/// let line = Command::from(search).to_segments(&Tag::new("1")?, Encoding::default())?;
/// assert_eq!(line[0], "1 UID SEARCH RETURN (MIN COUNT) UNSEEN\r\n");
/// # Ok::<(), mailwire::wire::InvalidValue>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Search {
    /// Whether the answer has UIDs: UID SEARCH.
    pub uid: bool,
    /// What the answer has to tell; `None`: a SEARCH response; an empty list: all messages, in an ESEARCH response.
    /// [`All`](SearchReturnOption::All) and [`Partial`](SearchReturnOption::Partial) are one at most.
    pub returns: Option<Vec<SearchReturnOption>>,
    /// What is looked for.
    pub program: SearchProgram,
}

/// What the answer to a search has to tell.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum SearchReturnOption {
    /// The lowest number.
    Min,
    /// The highest number.
    Max,
    /// All numbers.
    All,
    /// How many messages match.
    Count,
    /// Nothing: the result is kept and can be named `$` (RFC 5182).
    Save,
    /// How well each message matches (RFC 6203).
    Relevancy,
    /// Nothing: the server may prepare for further searches like this (RFC 5267).
    Context,
    /// News of the result until CANCELUPDATE (RFC 5267), with these attributes of each new message (RFC 5465).
    Update(Vec<FetchAttribute>),
    /// A part of the result (RFC 5267, RFC 9394).
    Partial(PartialRange),
    /// Another one.
    Other(TaggedExtension),
}

/// ESEARCH: a search in several mailboxes (RFC 7377).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct MultimailboxSearch {
    /// Whether the command is UID ESEARCH, as RFC 6237 had it; the answer has UIDs either way.
    pub uid: bool,
    /// Where; `None`: in the selected mailbox. There is no other where SAVE is among the return options.
    pub sources: Option<SearchSources>,
    /// What the answers have to tell.
    pub returns: Option<Vec<SearchReturnOption>>,
    /// What is looked for.
    pub program: SearchProgram,
}

/// Where a search in several mailboxes looks (RFC 7377 `esearch-source-opts`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SearchSources {
    /// The mailboxes, at least one filter; not [`MailboxFilter::SelectedDelayed`].
    pub mailboxes: Vec<MailboxFilter>,
    /// Options; the RFC has none yet.
    pub scope: Vec<TaggedExtension>,
}

impl Search {
    /// SEARCH for these keys: the answer has sequence numbers.
    pub fn new(program: impl Into<SearchProgram>) -> Self {
        Self { uid: false, returns: None, program: program.into() }
    }

    /// UID SEARCH for these keys: the answer has UIDs.
    pub fn uid(program: impl Into<SearchProgram>) -> Self {
        Self { uid: true, ..Self::new(program) }
    }

    /// The same with these return options: the answer is an ESEARCH response (RFC 4731).
    #[must_use]
    pub fn returning(self, options: impl IntoIterator<Item = SearchReturnOption>) -> Self {
        Self { returns: Some(options.into_iter().collect()), ..self }
    }

    /// The arguments.
    pub(crate) fn parse(cursor: &mut Cursor<'_>, uid: bool) -> Parsed<Self> {
        let returns = SearchReturnOption::parse_all(cursor)?;
        Ok(Self { uid, returns, program: SearchProgram::parse(cursor)? })
    }

    /// The command.
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        encoder.raw(if self.uid { b"UID SEARCH " } else { b"SEARCH " });
        SearchReturnOption::encode_all(self.returns.as_deref(), encoder)?;
        self.program.encode(encoder)
    }
}

impl SearchReturnOption {
    /// The options and the SP behind them, if there are any.
    pub(crate) fn parse_all(cursor: &mut Cursor<'_>) -> Parsed<Option<Vec<Self>>> {
        if !cursor.eat_keyword(b"RETURN ") {
            return Ok(None);
        }
        let start = cursor.position();
        let options = cursor.list(Self::parse)?;
        if let Err(error) = Self::check(&options) {
            return cursor.syntax_at(start, error.expected);
        }
        cursor.sp()?;
        Ok(Some(options))
    }

    /// The options and the SP behind them, if there are any.
    pub(crate) fn encode_all(options: Option<&[Self]>, encoder: &mut Encoder<'_>) -> Encoded {
        if let Some(options) = options {
            Self::check(options)?;
            encoder.raw(b"RETURN ");
            encoder.list(options, |encoder, option| option.encode(encoder))?;
            encoder.sp();
        }
        Ok(())
    }

    /// RFC 5267 section 4.4, RFC 9394 section 3.1: one PARTIAL, one ALL or neither.
    fn check(options: &[Self]) -> Encoded {
        match options.iter().filter(|option| option.gives_numbers()).count() {
            0 | 1 => Ok(()),
            _ => Err(InvalidValue { offset: 0, expected: "one ALL or one PARTIAL" }),
        }
    }

    /// Whether the answer has the numbers of the messages, or some of them.
    fn gives_numbers(&self) -> bool {
        matches!(self, Self::All | Self::Partial(_))
    }

    fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let mut buffer = [0; 24];
        let (atom, word) = cursor.word(&mut buffer)?;
        Ok(match word {
            b"MIN" => Self::Min,
            b"MAX" => Self::Max,
            b"ALL" => Self::All,
            b"COUNT" => Self::Count,
            b"SAVE" => Self::Save,
            b"RELEVANCY" => Self::Relevancy,
            b"CONTEXT" => Self::Context,
            b"UPDATE" => {
                // The grammar of RFC 5465 has no SP here, its examples have.
                if cursor.peek() == Some(b' ') && cursor.peek_at(1) == Some(b'(') {
                    cursor.advance(1);
                }
                if cursor.peek() != Some(b'(') {
                    return Ok(Self::Update(Vec::new()));
                }
                Self::Update(cursor.list_of_some(|cursor| FetchAttribute::parse(cursor, true))?)
            }
            b"PARTIAL" => {
                cursor.sp()?;
                Self::Partial(PartialRange::parse(cursor)?)
            }
            _ => Self::Other(TaggedExtension::parse_value(cursor, atom)?),
        })
    }

    fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        match self {
            Self::Min => encoder.raw(b"MIN"),
            Self::Max => encoder.raw(b"MAX"),
            Self::All => encoder.raw(b"ALL"),
            Self::Count => encoder.raw(b"COUNT"),
            Self::Save => encoder.raw(b"SAVE"),
            Self::Relevancy => encoder.raw(b"RELEVANCY"),
            Self::Context => encoder.raw(b"CONTEXT"),
            Self::Update(attributes) => {
                encoder.raw(b"UPDATE");
                if !attributes.is_empty() {
                    encoder.sp();
                    encoder.list(attributes, |encoder, attribute| attribute.encode(encoder))?;
                }
            }
            Self::Partial(range) => {
                encoder.raw(b"PARTIAL ");
                range.encode(encoder)?;
            }
            Self::Other(option) => option.encode(encoder)?,
        }
        Ok(())
    }
}

impl MultimailboxSearch {
    /// A search for these keys in these mailboxes.
    pub fn new(
        mailboxes: impl IntoIterator<Item = MailboxFilter>,
        program: impl Into<SearchProgram>,
    ) -> Self {
        let sources = SearchSources { mailboxes: mailboxes.into_iter().collect(), scope: Vec::new() };
        Self { uid: false, sources: Some(sources), returns: None, program: program.into() }
    }

    /// The arguments.
    pub(crate) fn parse(cursor: &mut Cursor<'_>, uid: bool) -> Parsed<Self> {
        let mut sources = None;
        if cursor.eat_keyword(b"IN ") {
            sources = Some(SearchSources::parse(cursor)?);
            cursor.sp()?;
        }
        let start = cursor.position();
        let returns = SearchReturnOption::parse_all(cursor)?;
        if let Err(error) = Self::check(sources.as_ref(), returns.as_deref()) {
            return cursor.syntax_at(start, error.expected);
        }
        Ok(Self { uid, sources, returns, program: SearchProgram::parse(cursor)? })
    }

    /// RFC 7377 section 2.2: a result is kept of the selected mailbox alone.
    fn check(sources: Option<&SearchSources>, returns: Option<&[SearchReturnOption]>) -> Encoded {
        let elsewhere = sources
            .is_some_and(|sources| sources.mailboxes.iter().any(|filter| *filter != MailboxFilter::Selected));
        match elsewhere && returns.unwrap_or_default().contains(&SearchReturnOption::Save) {
            true => Err(InvalidValue { offset: 0, expected: "SAVE in the selected mailbox alone" }),
            false => Ok(()),
        }
    }

    /// The command.
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        Self::check(self.sources.as_ref(), self.returns.as_deref())?;
        encoder.raw(if self.uid { b"UID ESEARCH " } else { b"ESEARCH " });
        if let Some(sources) = &self.sources {
            encoder.raw(b"IN ");
            sources.encode(encoder)?;
            encoder.sp();
        }
        SearchReturnOption::encode_all(self.returns.as_deref(), encoder)?;
        self.program.encode(encoder)
    }
}

impl SearchSources {
    fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let mut sources = Self { mailboxes: Vec::new(), scope: Vec::new() };
        cursor.each(|cursor, index| {
            if index > 0 && sources.scope.is_empty() && cursor.peek() == Some(b'(') {
                sources.scope = cursor.list_of_some(|cursor| {
                    let label = cursor.atom()?;
                    TaggedExtension::parse_value(cursor, label)
                })?;
                return Ok(());
            }
            if !sources.scope.is_empty() {
                return cursor.syntax("the end of the list");
            }
            cursor.charge_item(index, size_of::<MailboxFilter>())?;
            let start = cursor.position();
            match MailboxFilter::parse(cursor)? {
                MailboxFilter::SelectedDelayed => {
                    return cursor.syntax_at(start, "a filter other than SELECTED-DELAYED");
                }
                filter => sources.mailboxes.push(filter),
            }
            Ok(())
        })?;
        if sources.mailboxes.is_empty() { cursor.syntax("a filter of mailboxes") } else { Ok(sources) }
    }

    fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        if self.mailboxes.is_empty() || self.mailboxes.contains(&MailboxFilter::SelectedDelayed) {
            return Err(InvalidValue {
                offset: 0,
                expected: "at least one filter, and not SELECTED-DELAYED",
            });
        }
        encoder.raw(b"(");
        for (index, filter) in self.mailboxes.iter().enumerate() {
            if index > 0 {
                encoder.sp();
            }
            filter.encode(encoder)?;
        }
        if !self.scope.is_empty() {
            encoder.sp();
            encoder.list(&self.scope, |encoder, option| option.encode(encoder))?;
        }
        encoder.raw(b")");
        Ok(())
    }
}

#[cfg(any(test, feature = "arbitrary"))]
mod arbitraries {
    use super::*;
    use crate::imap::value::arbitrary_some;
    use arbitrary::{Arbitrary, Result, Unstructured};

    impl<'a> Arbitrary<'a> for SearchReturnOption {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            Ok(match u.int_in_range(0..=9u8)? {
                0 => Self::Min,
                1 => Self::Max,
                2 => Self::All,
                3 => Self::Count,
                4 => Self::Save,
                5 => Self::Relevancy,
                6 => Self::Context,
                7 => Self::Update(arbitrary_some(u, 0, |u| u.arbitrary())?),
                8 => Self::Partial(u.arbitrary()?),
                _ => Self::Other(u.arbitrary()?),
            })
        }
    }

    pub(crate) fn returns(u: &mut Unstructured<'_>) -> Result<Option<Vec<SearchReturnOption>>> {
        if !u.arbitrary()? {
            return Ok(None);
        }
        let mut options: Vec<SearchReturnOption> = arbitrary_some(u, 0, |u| u.arbitrary())?;
        let mut seen = false;
        options.retain(|option| !option.gives_numbers() || !core::mem::replace(&mut seen, true));
        Ok(Some(options))
    }

    impl<'a> Arbitrary<'a> for Search {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            Ok(Self { uid: u.arbitrary()?, returns: returns(u)?, program: u.arbitrary()? })
        }
    }

    impl<'a> Arbitrary<'a> for SearchSources {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            let mailboxes = arbitrary_some(u, 1, |u| match u.arbitrary()? {
                MailboxFilter::SelectedDelayed => Ok(MailboxFilter::Personal),
                filter => Ok(filter),
            })?;
            Ok(Self { mailboxes, scope: arbitrary_some(u, 0, |u| u.arbitrary())? })
        }
    }

    impl<'a> Arbitrary<'a> for MultimailboxSearch {
        fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
            let (mut sources, returns) = (u.arbitrary::<Option<SearchSources>>()?, returns(u)?);
            if Self::check(sources.as_ref(), returns.as_deref()).is_err() {
                sources = None;
            }
            Ok(Self { uid: u.arbitrary()?, sources, returns, program: u.arbitrary()? })
        }
    }
}
#[cfg(any(test, feature = "arbitrary"))]
pub(crate) use arbitraries::returns as arbitrary_returns;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::round_trip::{round_trip, strict, written};

    /// Arguments behind the name of the command.
    fn search(octets: &[u8]) -> Option<Search> {
        strict(octets, |cursor| Search::parse(cursor, false))
    }

    fn multimailbox(octets: &[u8]) -> Option<MultimailboxSearch> {
        strict(octets, |cursor| MultimailboxSearch::parse(cursor, false))
    }

    #[test]
    fn round_trips() {
        round_trip(
            |cursor| {
                let uid = cursor.eat_keyword(b"UID ");
                assert!(cursor.eat_keyword(b"SEARCH "));
                Search::parse(cursor, uid)
            },
            Search::encode,
        );
        round_trip(
            |cursor| {
                let uid = cursor.eat_keyword(b"UID ");
                assert!(cursor.eat_keyword(b"ESEARCH "));
                MultimailboxSearch::parse(cursor, uid)
            },
            MultimailboxSearch::encode,
        );
    }

    #[test]
    fn known_answers() {
        for octets in [
            "SEARCH FLAGGED SINCE 1-Feb-1994 NOT FROM Smith",
            "SEARCH CHARSET UTF-8 TEXT {6}\r\n\u{430}\u{431}\u{432}",
            "SEARCH RETURN (MIN COUNT) FLAGGED SINCE 1-Feb-1994 NOT FROM Smith",
            "SEARCH RETURN () FLAGGED",
            "SEARCH RETURN (SAVE) $ SMALLER 4096",
            "SEARCH RETURN (RELEVANCY ALL) FUZZY TEXT Helo",
            "SEARCH RETURN (PARTIAL -1:-100 X-NEW 5 X-OLD (a b)) UNDELETED UNKEYWORD $Junk",
            "SEARCH RETURN (UPDATE COUNT CONTEXT) DELETED",
            "SEARCH RETURN (COUNT UPDATE (UID BODY[HEADER.FIELDS (TO FROM SUBJECT)])) FROM boss",
        ] {
            let read = search(&octets.as_bytes()[7..]).unwrap_or_else(|| panic!("{octets}"));
            assert_eq!(written(|encoder| read.encode(encoder)), octets);
        }
        for octets in [
            "ESEARCH IN (MAILBOXES folder1 SUBTREE folder2) UNSEEN",
            "ESEARCH IN (MAILBOXES folder1 SUBTREE-ONE (folder2 folder3)) RETURN (COUNT) SUBJECT chad",
            "ESEARCH IN (PERSONAL (X-DEPTH 3 X-FAST)) RETURN () ALL",
            "ESEARCH RETURN (MIN) ALL",
            "ESEARCH RETURN (SAVE UPDATE) ALL",
            "ESEARCH IN (SELECTED) RETURN (SAVE ALL) ALL",
            "ESEARCH IN (SELECTED (X 1)) RETURN (SAVE) ALL",
        ] {
            let read = multimailbox(&octets.as_bytes()[8..]).unwrap_or_else(|| panic!("{octets}"));
            assert_eq!(written(|encoder| read.encode(encoder)), octets);
        }
    }

    #[test]
    fn what_is_refused() {
        for octets in [
            "",
            "RETURN ALL",
            "RETURN (",
            "RETURN ()",
            "RETURN (PARTIAL) ALL",
            "RETURN (PARTIAL 1) ALL",
            "RETURN (PARTIAL 1:5 PARTIAL 6:9) ALL",
            "RETURN (PARTIAL 1:5 COUNT ALL) ALL",
            "RETURN (ALL MIN PARTIAL -1:-5) ALL",
            "RETURN (ALL ALL) ALL",
            "CHARSET ALL",
            "CHARSET \"\u{e9}\" ALL",
        ] {
            assert_eq!(search(octets.as_bytes()), None, "{octets}");
        }
        for octets in [
            "IN () ALL",
            "IN ((X 1)) ALL",
            "IN (SELECTED-DELAYED) ALL",
            "IN (INBOXES (X) INBOXES) ALL",
            "IN (INBOXES",
            "IN (INBOXES) RETURN (SAVE) ALL",
            "IN (SELECTED INBOXES) RETURN (MIN SAVE) ALL",
            "IN (MAILBOXES a) RETURN (COUNT SAVE) ALL",
        ] {
            assert_eq!(multimailbox(octets.as_bytes()), None, "{octets}");
        }
    }

    #[test]
    fn a_caller_cannot_make_a_second_line() {
        let mut search = Search::new(crate::imap::search_key::SearchKey::All);
        search.program.charset = Some("UTF-8\r\nX".into());
        let mut out = bytes::BytesMut::new();
        let mut encoder = Encoder::new(&mut out, crate::imap::encode::Encoding::default());
        assert!(search.encode(&mut encoder).is_err());
    }

    #[test]
    fn what_is_not_read_is_not_written() {
        let refused = |encode: &dyn Fn(&mut Encoder<'_>) -> Encoded| {
            let mut out = bytes::BytesMut::new();
            encode(&mut Encoder::new(&mut out, crate::imap::encode::Encoding::default())).is_err()
        };
        use crate::imap::search_key::SearchKey;
        for read in [search(b"RETURN (ALL) ALL").unwrap(), search(b"RETURN (PARTIAL 1:5) ALL").unwrap()] {
            let twice = Search {
                returns: Some([read.returns.clone().unwrap(), alloc::vec![SearchReturnOption::All]].concat()),
                ..read
            };
            assert!(refused(&|encoder| twice.encode(encoder)));
        }
        let mut several = MultimailboxSearch::new([MailboxFilter::Inboxes], SearchKey::All);
        several.returns = Some([SearchReturnOption::Save].into());
        assert!(refused(&|encoder| several.encode(encoder)));
    }
}
