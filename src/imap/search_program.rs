//! What a search looks for: keys, and what stands around them.
//!
//! ```abnf
//! search-program = ["CHARSET" SP charset SP] search-key *(SP search-key)     ; RFC 4466
//! search-key     =/ "NOT" SP search-key / "OR" SP search-key SP search-key /
//!                   "(" search-key *(SP search-key) ")"                      ; RFC 3501 section 9
//! search-key     =/ "FUZZY" SP search-key                                    ; RFC 6203
//! ```

use crate::imap::charset::parse_search_charset;
use crate::imap::encode::{Encoded, Encoder};
use crate::imap::search_key::SearchKey;
use crate::imap::sequence::SequenceSet;
use crate::wire::cursor::{Cursor, Parsed};
use crate::wire::{ErrorKind, Text};
use alloc::vec::Vec;
use core::fmt;

/// A node of the tree of keys. The nodes of a subtree stand right behind its head, so that no nesting is on the stack.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
enum Node {
    Key(SearchKey),
    /// How many nodes behind it are the key that must not match.
    Not(usize),
    /// How many nodes behind it are the key that may match roughly.
    Fuzzy(usize),
    /// How many nodes behind it are the first key, and how many the second.
    Or(usize, usize),
    /// How many nodes behind it are in the parentheses.
    List(usize),
}

/// The keys of a search, all of which a message must match (RFC 3501 section 6.4.4).
///
/// NOT, OR, FUZZY and lists stand around keys; they may be nested as deep as memory allows, and nothing here takes stack for it.
/// What a peer sends is nested no deeper than [`Limits::depth`](crate::wire::Limits::depth): of many alternatives, [`SearchKeys::any`] makes
/// a tree that is low.
///
/// ```
/// use mailwire::imap::{SearchKey, SearchKeys};
///
/// let keys = SearchKeys::from(SearchKey::Unseen)
///     .not(SearchKey::Deleted)
///     .or(SearchKey::From("alice".into()), SearchKey::To("alice".into()));
/// assert_eq!(keys.to_string(), "UNSEEN NOT DELETED OR FROM alice TO alice");
/// ```
///
/// A server asks for each key in turn:
///
/// ```
/// # use mailwire::imap::{SearchKey, SearchKeys};
/// # let keys = SearchKeys::from(SearchKey::Unseen).not(SearchKey::Deleted);
/// let found = keys.matches(|key, _fuzzy| match key {
///     SearchKey::Unseen => true,
///     SearchKey::Deleted => false,
///     _ => false,
/// });
/// assert!(found);
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct SearchKeys {
    nodes: Vec<Node>,
}

impl SearchKeys {
    /// No key yet: every message matches, and `ALL` is written.
    pub const fn new() -> Self {
        Self { nodes: Vec::new() }
    }

    /// These keys must match too.
    #[must_use]
    pub fn and(mut self, keys: impl Into<Self>) -> Self {
        self.nodes.append(&mut keys.into().nodes);
        self
    }

    /// These keys must not all match.
    #[must_use]
    pub fn not(mut self, keys: impl Into<Self>) -> Self {
        let mut key = keys.into().into_one();
        self.nodes.push(Node::Not(key.len()));
        self.nodes.append(&mut key);
        self
    }

    /// All keys of one side must match, or all of the other.
    #[must_use]
    pub fn or(mut self, first: impl Into<Self>, second: impl Into<Self>) -> Self {
        let (mut first, mut second) = (first.into().into_one(), second.into().into_one());
        self.nodes.push(Node::Or(first.len(), second.len()));
        self.nodes.append(&mut first);
        self.nodes.append(&mut second);
        self
    }

    /// One of the alternatives must match. OR has two sides, so that many alternatives are a tree of it: one as low as it can be, since servers limit
    /// its depth. Without an alternative no message matches.
    ///
    /// ```
    /// use mailwire::imap::{SearchKey, SearchKeys};
    ///
    /// let keys = SearchKeys::any(["a", "b", "c", "d"].map(|name| SearchKey::From(name.into())));
    /// assert_eq!(keys.to_string(), "OR OR FROM a FROM b OR FROM c FROM d");
    /// ```
    pub fn any<T: Into<Self>>(alternatives: impl IntoIterator<Item = T>) -> Self {
        let mut keys: Vec<Vec<Node>> =
            alternatives.into_iter().map(|alternative| alternative.into().into_one()).collect();
        while keys.len() > 1 {
            let mut pairs = Vec::with_capacity(keys.len().div_ceil(2));
            let mut sides = keys.into_iter();
            while let Some(mut first) = sides.next() {
                pairs.push(match sides.next() {
                    None => first,
                    Some(mut second) => {
                        let mut pair =
                            Vec::with_capacity(first.len().saturating_add(second.len()).saturating_add(1));
                        pair.push(Node::Or(first.len(), second.len()));
                        pair.append(&mut first);
                        pair.append(&mut second);
                        pair
                    }
                });
            }
            keys = pairs;
        }
        match keys.pop() {
            Some(nodes) => Self { nodes },
            None => Self::new().not(Self::new()),
        }
    }

    /// These keys must match, if only roughly (RFC 6203).
    #[must_use]
    pub fn fuzzy(mut self, keys: impl Into<Self>) -> Self {
        let mut key = keys.into().into_one();
        self.nodes.push(Node::Fuzzy(key.len()));
        self.nodes.append(&mut key);
        self
    }

    /// These keys must match; they are written in parentheses.
    #[must_use]
    pub fn list(mut self, keys: impl Into<Self>) -> Self {
        let mut nodes = keys.into().or_all();
        self.nodes.push(Node::List(nodes.len()));
        self.nodes.append(&mut nodes);
        self
    }

    fn or_all(self) -> Vec<Node> {
        if self.nodes.is_empty() { Vec::from([Node::Key(SearchKey::All)]) } else { self.nodes }
    }

    /// The nodes as one key: in parentheses if they are more than one.
    fn into_one(self) -> Vec<Node> {
        let nodes = self.or_all();
        if self::length(&nodes) == nodes.len() {
            return nodes;
        }
        let mut list = Vec::with_capacity(nodes.len().saturating_add(1));
        list.push(Node::List(nodes.len()));
        list.extend(nodes);
        list
    }

    /// How many keys, lists, NOT, OR and FUZZY there are in all.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is no key at all.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The terms, one after the other: all of them must match.
    ///
    /// ```
    /// use mailwire::imap::{SearchKey, SearchKeys, SearchTerm, SearchTerms};
    ///
    /// fn matches(terms: SearchTerms<'_>, seen: bool) -> bool {
    ///     terms.into_iter().all(|term| match term {
    ///         SearchTerm::Key(SearchKey::Seen) => seen,
    ///         SearchTerm::Key(_) => false,
    ///         SearchTerm::Not(terms) => !matches(terms, seen),
    ///         SearchTerm::Or(one, other) => matches(one, seen) || matches(other, seen),
    ///         SearchTerm::List(terms) | SearchTerm::Fuzzy(terms) => matches(terms, seen),
    ///     })
    /// }
    /// assert!(matches(SearchKeys::new().not(SearchKey::Seen).terms(), false));
    /// ```
    pub fn terms(&self) -> SearchTerms<'_> {
        SearchTerms { nodes: &self.nodes }
    }

    /// Every key, whatever stands around it.
    pub fn keys(&self) -> impl Iterator<Item = &SearchKey> {
        self.nodes.iter().filter_map(|node| match node {
            Node::Key(key) => Some(key),
            _ => None,
        })
    }

    /// Whether a message matches, if `test` tells it of each key; the flag says whether a rough match is enough (FUZZY).
    ///
    /// Keys whose answer no longer matters are not asked for. Takes memory by the depth, and no stack.
    pub fn matches(&self, mut test: impl FnMut(&SearchKey, bool) -> bool) -> bool {
        /// What waits for the keys behind it: what it is, and where its last node is behind.
        enum Open {
            All(usize),
            Not,
            Fuzzy,
            OrFirst { second: usize, end: usize },
            OrSecond,
        }
        let mut open = Vec::from([Open::All(self.nodes.len())]);
        let mut fuzzy = 0usize;
        let mut at = 0usize;
        while let Some(node) = self.nodes.get(at) {
            at = at.saturating_add(1);
            let mut value = match node {
                Node::Key(key) => test(key, fuzzy > 0),
                Node::Not(_) => {
                    open.push(Open::Not);
                    continue;
                }
                Node::Fuzzy(_) => {
                    fuzzy = fuzzy.saturating_add(1);
                    open.push(Open::Fuzzy);
                    continue;
                }
                Node::Or(first, second) => {
                    let second_at = at.saturating_add(*first);
                    open.push(Open::OrFirst { second: second_at, end: second_at.saturating_add(*second) });
                    continue;
                }
                Node::List(length) => {
                    open.push(Open::All(at.saturating_add(*length)));
                    continue;
                }
            };
            // A value is known: give it to what waits for it, until one needs another key.
            loop {
                match open.pop() {
                    None => return value,
                    Some(Open::Not) => value = !value,
                    Some(Open::Fuzzy) => fuzzy = fuzzy.saturating_sub(1),
                    Some(Open::OrFirst { end, .. }) if value => at = end,
                    Some(Open::OrFirst { second, .. }) => {
                        at = second;
                        open.push(Open::OrSecond);
                        break;
                    }
                    Some(Open::OrSecond) => {}
                    Some(Open::All(end)) => {
                        if value && at < end {
                            open.push(Open::All(end));
                            break;
                        }
                        at = end;
                    }
                }
            }
        }
        true
    }

    /// `search-key *(SP search-key)`, up to the end of the message.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let mut nodes = Vec::new();
        let mut open: Vec<(usize, Option<usize>)> = Vec::new();
        let depth = cursor.limits().depth;
        loop {
            if nodes.len() >= cursor.limits().search_keys {
                return cursor.fail(ErrorKind::TooMany, cursor.position(), "fewer search keys");
            }
            cursor.charge(size_of::<Node>())?;
            let at = nodes.len();
            let node = Self::parse_node(cursor)?;
            let is_key = matches!(node, Node::Key(_));
            nodes.push(node);
            if !is_key {
                cursor.enter(depth)?;
                open.push((at, None));
                continue;
            }
            // A key is complete: it may complete what waits for it.
            loop {
                let behind = nodes.len();
                let length = |from: usize| behind.saturating_sub(from).saturating_sub(1);
                let Some((at, first)) = open.pop() else {
                    if cursor.is_at_end() {
                        return Ok(Self { nodes });
                    }
                    cursor.sp()?;
                    break;
                };
                let Some(node) = nodes.get_mut(at) else { break };
                match (node, first) {
                    (Node::Not(count) | Node::Fuzzy(count), _) => *count = length(at),
                    (Node::Or(..), None) => {
                        open.push((at, Some(length(at))));
                        cursor.sp()?;
                        break;
                    }
                    (Node::Or(one, other), Some(first)) => {
                        *one = first;
                        *other = length(at).saturating_sub(first);
                    }
                    (Node::List(count), _) => {
                        if !cursor.eat(b')') {
                            open.push((at, None));
                            cursor.sp()?;
                            break;
                        }
                        *count = length(at);
                    }
                    (Node::Key(_), _) => {}
                }
                cursor.leave();
            }
        }
    }

    /// A key, or the head of what stands around keys, up to the first octet of the next key.
    fn parse_node(cursor: &mut Cursor<'_>) -> Parsed<Node> {
        match cursor.peek() {
            Some(b'(') => {
                cursor.advance(1);
                return Ok(Node::List(0));
            }
            Some(b'0'..=b'9' | b'*' | b'$') => {
                return SequenceSet::parse(cursor).map(SearchKey::Sequence).map(Node::Key);
            }
            _ => {}
        }
        let start = cursor.position();
        let mut buffer = [0; 24];
        let (_, word) = cursor.word(&mut buffer)?;
        let node = match word {
            b"NOT" => Node::Not(0),
            b"OR" => Node::Or(0, 0),
            b"FUZZY" => Node::Fuzzy(0),
            word => {
                return match SearchKey::parse_named(cursor, word)? {
                    Some(key) => Ok(Node::Key(key)),
                    None => cursor.syntax_at(start, "a search key"),
                };
            }
        };
        cursor.sp()?;
        Ok(node)
    }

    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        if self.nodes.is_empty() {
            encoder.raw(b"ALL");
            return Ok(());
        }
        self.walk(|step| {
            match step {
                Step::Word(word) => encoder.raw(word),
                Step::Key(key) => key.encode(encoder)?,
            }
            Ok(())
        })
    }

    /// The words and keys as they are written, one after the other.
    fn walk<E>(&self, mut step: impl FnMut(Step<'_>) -> Result<(), E>) -> Result<(), E> {
        let mut ends: Vec<usize> = Vec::new();
        let mut behind_key = false;
        for (index, node) in self.nodes.iter().enumerate() {
            let next = index.saturating_add(1);
            if behind_key {
                step(Step::Word(b" "))?;
            }
            behind_key = false;
            match node {
                Node::Not(_) => step(Step::Word(b"NOT "))?,
                Node::Fuzzy(_) => step(Step::Word(b"FUZZY "))?,
                Node::Or(..) => step(Step::Word(b"OR "))?,
                Node::List(length) => {
                    step(Step::Word(b"("))?;
                    ends.push(next.saturating_add(*length));
                }
                Node::Key(key) => {
                    step(Step::Key(key))?;
                    behind_key = true;
                    while ends.pop_if(|end| *end == next).is_some() {
                        step(Step::Word(b")"))?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Whether each head says rightly how many nodes are its own.
    #[cfg(any(feature = "serde", test))]
    fn is_whole(&self) -> bool {
        let mut ends = Vec::from([self.nodes.len()]);
        // Where the second key of an OR begins, which is the end of the first.
        for (index, node) in self.nodes.iter().enumerate() {
            while ends.pop_if(|end| *end <= index).is_some() {}
            let from = index.saturating_add(1);
            let lengths: &[usize] = match node {
                Node::Key(_) => &[],
                Node::Not(length) | Node::Fuzzy(length) | Node::List(length) => &[*length],
                Node::Or(first, second) => &[*second, *first],
            };
            let mut end = lengths.iter().fold(from, |end, length| end.saturating_add(*length));
            if lengths.contains(&0) || ends.last().is_none_or(|outer| end > *outer) {
                return false;
            }
            for length in lengths {
                ends.push(end);
                let start = end.saturating_sub(*length);
                let one_key = matches!(node, Node::List(_))
                    || self.nodes.get(start..end).is_some_and(|nodes| self::length(nodes) == nodes.len());
                if !one_key {
                    return false;
                }
                end = start;
            }
        }
        true
    }
}

enum Step<'a> {
    Word(&'static [u8]),
    Key(&'a SearchKey),
}

/// How many nodes the first key is.
fn length(nodes: &[Node]) -> usize {
    let behind = match nodes.first() {
        None => return 0,
        Some(Node::Key(_)) => 0,
        Some(Node::Not(length) | Node::Fuzzy(length) | Node::List(length)) => *length,
        Some(Node::Or(first, second)) => first.saturating_add(*second),
    };
    behind.saturating_add(1)
}

impl From<SearchKey> for SearchKeys {
    fn from(key: SearchKey) -> Self {
        Self { nodes: Vec::from([Node::Key(key)]) }
    }
}

impl FromIterator<SearchKey> for SearchKeys {
    fn from_iter<I: IntoIterator<Item = SearchKey>>(keys: I) -> Self {
        Self { nodes: keys.into_iter().map(Node::Key).collect() }
    }
}

impl Extend<SearchKey> for SearchKeys {
    fn extend<I: IntoIterator<Item = SearchKey>>(&mut self, keys: I) {
        self.nodes.extend(keys.into_iter().map(Node::Key));
    }
}

impl fmt::Display for SearchKeys {
    /// As on the wire, but for strings that would be literals there: their controls are escaped.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.nodes.is_empty() {
            return f.write_str("ALL");
        }
        let mut out = bytes::BytesMut::new();
        self.walk(|step| match step {
            Step::Word(word) => f.write_str(core::str::from_utf8(word).unwrap_or_default()),
            Step::Key(key) => {
                out.clear();
                let encoding =
                    crate::imap::encode::Encoding { utf8: true, ..crate::imap::encode::Encoding::server() };
                match key.encode(&mut Encoder::new(&mut out, encoding)) {
                    Ok(()) => write!(f, "{}", Text::from(&out[..]).display()),
                    Err(_) => write!(f, "{key:?}"),
                }
            }
        })
    }
}

impl fmt::Debug for SearchKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SearchKeys({self})")
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for SearchKeys {
    /// One flat sequence, so that its depth takes no stack.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.nodes.serialize(serializer)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for SearchKeys {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let keys = Self { nodes: Vec::deserialize(deserializer)? };
        if keys.is_whole() { Ok(keys) } else { Err(serde::de::Error::custom("not a tree of search keys")) }
    }
}

/// Terms of a search, all of which must match: those of [`SearchKeys::terms`], of a list, or one behind NOT, OR or FUZZY.
#[derive(Clone, Copy, Debug)]
pub struct SearchTerms<'a> {
    nodes: &'a [Node],
}

/// One term of a search.
#[derive(Clone, Copy, Debug)]
pub enum SearchTerm<'a> {
    /// The key must match.
    Key(&'a SearchKey),
    /// The one term must not match.
    Not(SearchTerms<'a>),
    /// The one term or the other must match.
    Or(SearchTerms<'a>, SearchTerms<'a>),
    /// The one term must match, if only roughly (RFC 6203).
    Fuzzy(SearchTerms<'a>),
    /// Terms in parentheses: all must match.
    List(SearchTerms<'a>),
}

impl<'a> Iterator for SearchTerms<'a> {
    type Item = SearchTerm<'a>;

    fn next(&mut self) -> Option<SearchTerm<'a>> {
        let (node, rest) = self.nodes.split_first()?;
        let (own, rest) = rest.split_at_checked(length(self.nodes).saturating_sub(1)).unwrap_or((rest, &[]));
        self.nodes = rest;
        let terms = Self { nodes: own };
        Some(match node {
            Node::Key(key) => SearchTerm::Key(key),
            Node::Not(_) => SearchTerm::Not(terms),
            Node::Fuzzy(_) => SearchTerm::Fuzzy(terms),
            Node::List(_) => SearchTerm::List(terms),
            Node::Or(first, _) => {
                let (first, second) = own.split_at_checked(*first).unwrap_or((own, &[]));
                SearchTerm::Or(Self { nodes: first }, Self { nodes: second })
            }
        })
    }
}

/// What SEARCH, SORT and THREAD look for, and the charset of its strings (RFC 4466 `search-program`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SearchProgram {
    /// The charset of the strings; `None` is US-ASCII, or UTF-8 where IMAP4rev2 or UTF8=ACCEPT is enabled.
    ///
    /// A client's methods say UTF-8 where that is needed and none is given, and refuse one where UTF8=ACCEPT is enabled (RFC 6855 section 3). A
    /// server that does not know it answers NO with [`ResponseCode::BadCharset`](crate::imap::ResponseCode::BadCharset), which lists those
    /// that it knows.
    pub charset: Option<Text>,
    /// The keys.
    pub keys: SearchKeys,
}

impl<T: Into<SearchKeys>> From<T> for SearchProgram {
    fn from(keys: T) -> Self {
        Self { charset: None, keys: keys.into() }
    }
}

impl SearchProgram {
    /// A search for these keys, whose strings are UTF-8: `CHARSET UTF-8` is written, whatever is enabled.
    ///
    /// ```
    /// use mailwire::imap::{Command, Encoding, Search, SearchKey, SearchProgram, Tag};
    ///
    /// let search = Search::uid(SearchProgram::utf8(SearchKey::Subject("Grüße".into())));
    /// let segments = Command::Search(Box::new(search)).to_segments(&Tag::new("a1")?, Encoding::default())?;
    /// assert_eq!(segments, ["a1 UID SEARCH CHARSET UTF-8 SUBJECT {7}\r\n", "Grüße\r\n"]);
    /// # Ok::<(), mailwire::wire::InvalidValue>(())
    /// ```
    pub fn utf8(keys: impl Into<SearchKeys>) -> Self {
        Self { charset: Some("UTF-8".into()), keys: keys.into() }
    }

    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let mut charset = None;
        if cursor.eat_keyword(b"CHARSET ") {
            charset = Some(parse_search_charset(cursor)?);
            cursor.sp()?;
        }
        Ok(Self { charset, keys: SearchKeys::parse(cursor)? })
    }

    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        if let Some(charset) = &self.charset {
            encoder.raw(b"CHARSET ");
            encoder.atom_or_quoted(charset.as_bytes())?;
            encoder.sp();
        }
        self.keys.encode(encoder)
    }
}

#[cfg(any(test, feature = "arbitrary"))]
impl<'a> arbitrary::Arbitrary<'a> for SearchKeys {
    /// At least one key.
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        let mut keys = Self::from(u.arbitrary::<SearchKey>()?);
        for _ in 0..u.int_in_range(0..=6u8)? {
            let key: SearchKey = u.arbitrary()?;
            keys = match u.int_in_range(0..=7u8)? {
                0 => keys.not(key),
                1 => Self::new().not(keys),
                2 => keys.or(key, SearchKey::All),
                3 => Self::from(key.clone()).or(keys, key),
                4 => Self::new().list(keys).and(key),
                5 => keys.fuzzy(key),
                6 => Self::from(key).list(keys),
                _ => keys.and(key),
            };
        }
        Ok(keys)
    }
}

#[cfg(any(test, feature = "arbitrary"))]
impl<'a> arbitrary::Arbitrary<'a> for SearchProgram {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        let charset = if u.arbitrary()? { Some(crate::imap::charset::arbitrary_charset(u)?) } else { None };
        Ok(Self { charset, keys: u.arbitrary()? })
    }
}

#[cfg(test)]
mod tests;
