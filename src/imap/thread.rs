//! THREAD and UID THREAD: a search whose result is put into conversations.
//!
//! ```abnf
//! ; RFC 5256 section 5
//! thread          = ["UID" SP] "THREAD" SP thread-alg SP search-criteria
//! thread-alg      = "ORDEREDSUBJECT" / "REFERENCES" / thread-alg-ext
//! thread-alg-ext  = atom
//! search-criteria = charset 1*(SP search-key)
//! thread-data     = "THREAD" [SP 1*thread-list]
//! thread-list     = "(" (thread-members / thread-nested) ")"
//! thread-members  = nz-number *(SP nz-number) [SP thread-nested]
//! thread-nested   = 2*thread-list
//! ```

use crate::imap::charset::parse_charset;
use crate::imap::encode::{Encoded, Encoder};
use crate::imap::quirk::Quirk;
use crate::imap::search_program::SearchKeys;
use crate::imap::value::keywords;
use crate::wire::cursor::{Cursor, Parsed};
use crate::wire::{ErrorKind, InvalidValue, Text};
use alloc::vec::Vec;
use core::fmt;
use core::num::NonZeroU32;

keywords! {
    /// How messages are put into threads (RFC 5256 section 3).
    ThreadAlgorithm, "a threading algorithm",
    /// By the base subject, ordered by the date of sending.
    OrderedSubject = "ORDEREDSUBJECT",
    /// By References and In-Reply-To.
    References = "REFERENCES",
}

/// THREAD or UID THREAD (RFC 5256).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Thread {
    /// Whether the answer has UIDs: UID THREAD.
    pub uid: bool,
    /// How messages are put into threads.
    pub algorithm: ThreadAlgorithm,
    /// The charset of the strings in the keys.
    pub charset: Text,
    /// What is looked for.
    pub keys: SearchKeys,
}

impl Thread {
    /// THREAD: the answer has sequence numbers. The charset is UTF-8.
    pub fn new(algorithm: ThreadAlgorithm, keys: impl Into<SearchKeys>) -> Self {
        Self { uid: false, algorithm, charset: "UTF-8".into(), keys: keys.into() }
    }

    /// UID THREAD: the answer has UIDs. The charset is UTF-8.
    pub fn uid(algorithm: ThreadAlgorithm, keys: impl Into<SearchKeys>) -> Self {
        Self { uid: true, ..Self::new(algorithm, keys) }
    }

    /// The arguments.
    pub(crate) fn parse(cursor: &mut Cursor<'_>, uid: bool) -> Parsed<Self> {
        let algorithm = ThreadAlgorithm::parse(cursor)?;
        cursor.sp()?;
        let charset = parse_charset(cursor)?;
        cursor.sp()?;
        Ok(Self { uid, algorithm, charset, keys: SearchKeys::parse(cursor)? })
    }

    /// The command.
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        encoder.raw(if self.uid { b"UID THREAD " } else { b"THREAD " });
        self.algorithm.encode(encoder)?;
        encoder.sp();
        encoder.atom_or_quoted(self.charset.as_bytes())?;
        encoder.sp();
        self.keys.encode(encoder)
    }
}

/// A message of a thread; its replies, and theirs, stand right behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Node {
    message: Option<NonZeroU32>,
    /// How many nodes its replies are, with theirs.
    replies: u32,
}

/// The threads that were found: one flat list, whatever their depth.
///
/// ```
/// use mailwire::imap::ThreadData;
/// use core::num::NonZeroU32;
///
/// // 2 has the replies 3 and 4, and 4 has the reply 5.
/// let message = NonZeroU32::new;
/// let data = ThreadData::new([(0, message(2)), (1, message(3)), (1, message(4)), (2, message(5))]).unwrap();
/// let thread = data.threads().next().unwrap();
/// assert_eq!(thread.message(), message(2));
/// assert_eq!(thread.replies().count(), 2);
/// assert_eq!(data.iter().map(|(depth, _)| depth).max(), Some(2));
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "Vec<(u32, Option<NonZeroU32>)>", into = "Vec<(u32, Option<NonZeroU32>)>")
)]
pub struct ThreadData {
    nodes: Vec<Node>,
}

impl ThreadData {
    /// The threads of these messages: each with its depth, which is 0 for the first message of a thread, and at most one more than the message before has.
    /// `None` is a message that is missing, whose replies are there; it has at least two of them, and is not the only reply to another message.
    ///
    /// # Errors
    /// Where a depth or a missing message is not as said; tells the index of the message.
    pub fn new(messages: impl IntoIterator<Item = (u32, Option<NonZeroU32>)>) -> Result<Self, InvalidValue> {
        let mut nodes = Vec::new();
        // The messages that the next one may be a reply to.
        let mut open: Vec<usize> = Vec::new();
        for (depth, message) in messages {
            let depth = crate::wire::write::index(u64::from(depth));
            if depth > open.len() {
                return Err(InvalidValue { offset: nodes.len(), expected: "a depth of at most one more" });
            }
            close(&mut nodes, &mut open, depth);
            open.push(nodes.len());
            nodes.push(Node { message, replies: 0 });
        }
        close(&mut nodes, &mut open, 0);
        let data = Self { nodes };
        match data.misplaced() {
            Some(offset) => Err(InvalidValue { offset, expected: "a missing message with two replies" }),
            None => Ok(data),
        }
    }

    /// The first missing message that no list of threads can have.
    fn misplaced(&self) -> Option<usize> {
        let mut nodes = self.nodes.iter().enumerate().peekable();
        while let Some((index, node)) = nodes.next() {
            let missing = node.message.is_none();
            match nodes.peek().filter(|_| node.replies > 0) {
                None if missing => return Some(index),
                Some((_, reply)) if missing && only_reply(node, reply) => return Some(index),
                Some((at, reply)) if reply.message.is_none() && only_reply(node, reply) => return Some(*at),
                _ => {}
            }
        }
        None
    }

    /// How many messages there are, missing ones counted.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The threads, each as its first message.
    pub fn threads(&self) -> Threads<'_> {
        Threads { nodes: &self.nodes }
    }

    /// Every message with its depth, in the order of the answer; `None` is a message that is missing.
    pub fn iter(&self) -> impl Iterator<Item = (u32, Option<NonZeroU32>)> {
        let mut ends: Vec<usize> = Vec::new();
        self.nodes.iter().enumerate().map(move |(index, node)| {
            while ends.pop_if(|end| *end <= index).is_some() {}
            let depth = u32::try_from(ends.len()).unwrap_or(u32::MAX);
            if node.replies > 0 {
                ends.push(behind(index, node));
            }
            (depth, node.message)
        })
    }

    /// What stands behind the name, up to the end of the message.
    ///
    /// A conversation branches as often as people answer, and the nodes are flat: lists are counted by the memory that they take. Only those that
    /// open with no message between them are nesting, of which there is a limit.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let mut nodes: Vec<Node> = Vec::new();
        if matches!((cursor.peek(), cursor.peek_at(1)), (Some(b'('), _) | (Some(b' '), Some(b'('))) {
            cursor.sp()?;
        }
        // The messages whose replies are not complete, and for each open list where its own begin in there.
        let mut open: Vec<usize> = Vec::new();
        let mut lists: Vec<List> = Vec::new();
        while cursor.peek() == Some(b'(') {
            Self::parse_list(cursor, &mut nodes, &mut open, &mut lists)?;
            if cursor.peek() == Some(b' ')
                && cursor.peek_at(1) == Some(b'(')
                && cursor.forgives(Quirk::SpaceBetweenItems)
            {
                cursor.advance(1);
            }
        }
        if cursor.forgiven() & Quirk::LoneThread.bit() != 0 {
            without_gone(&mut nodes);
        }
        Ok(Self { nodes })
    }

    fn parse_list(
        cursor: &mut Cursor<'_>,
        nodes: &mut Vec<Node>,
        open: &mut Vec<usize>,
        lists: &mut Vec<List>,
    ) -> Parsed<()> {
        // How many lists have just opened, one in the other.
        let mut heads = 0usize;
        loop {
            let mut message = None;
            match cursor.peek() {
                Some(b'(') => {
                    if let Some(list) = lists.last_mut() {
                        if !list.ready {
                            cursor.sp()?;
                            list.ready = true;
                        }
                        list.nested = list.nested.saturating_add(1);
                    }
                    if heads >= cursor.limits().depth {
                        let at = cursor.position();
                        return cursor.fail(ErrorKind::TooDeep, at, "fewer nested lists");
                    }
                    heads = heads.saturating_add(1);
                    cursor.advance(1);
                    if lists.len() == lists.capacity() {
                        cursor.charge(lists.len().max(4).saturating_mul(size_of::<List>()))?;
                    }
                    let ready = cursor.peek() == Some(b'(');
                    lists.push(List { from: open.len(), nested: 0, ready });
                    if !ready {
                        heads = 0;
                        message = Some(cursor.nz_number()?);
                    }
                }
                Some(b')') => {
                    let Some(list) = lists.pop() else { return cursor.syntax("a thread") };
                    let lone = list.nested == 1;
                    if lone && !cursor.forgives(Quirk::LoneThread) {
                        return cursor.syntax("a second reply");
                    }
                    cursor.advance(1);
                    heads = 0;
                    if lone {
                        take_out_missing(nodes, open);
                    }
                    close(nodes, open, list.from);
                    if lists.is_empty() {
                        return Ok(());
                    }
                    continue;
                }
                Some(b' ') if lists.last().is_some_and(|list| !list.ready) => {
                    cursor.sp()?;
                    if cursor.peek() == Some(b'(') {
                        lists.iter_mut().rev().take(1).for_each(|list| list.ready = true);
                        continue;
                    }
                    message = Some(cursor.nz_number()?);
                }
                Some(b' ')
                    if cursor.peek_at(1) == Some(b'(') && cursor.forgives(Quirk::SpaceBetweenItems) =>
                {
                    cursor.advance(1);
                    continue;
                }
                _ => return cursor.syntax("a message, a thread or the end of the list"),
            }
            cursor.charge(size_of::<Node>().saturating_add(size_of::<usize>()))?;
            open.push(nodes.len());
            nodes.push(Node { message, replies: 0 });
        }
    }

    /// What stands behind the name.
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        if self.nodes.is_empty() {
            return Ok(());
        }
        encoder.sp();
        // Where the lists that are open end.
        let mut lists: Vec<usize> = Vec::new();
        let mut before = None;
        for (index, node) in self.nodes.iter().enumerate() {
            // The only reply to the message before stands in the same list.
            if before.is_some_and(|before| only_reply(before, node)) {
                encoder.sp();
            } else {
                encoder.raw(b"(");
                lists.push(behind(index, node));
            }
            if let Some(message) = node.message {
                encoder.number(message.get());
                let first = self.nodes.get(index.saturating_add(1));
                if node.replies > 0 && first.is_some_and(|first| !only_reply(node, first)) {
                    encoder.sp();
                }
            }
            before = Some(node);
            while lists.pop_if(|end| *end == index.saturating_add(1)).is_some() {
                encoder.raw(b")");
            }
        }
        Ok(())
    }
}

/// Whether the message right behind another is the only reply to it.
fn only_reply(message: &Node, reply: &Node) -> bool {
    reply.replies.checked_add(1) == Some(message.replies)
}

/// A list that is open.
struct List {
    /// Where its messages begin among those whose replies are not complete.
    from: usize,
    /// How many lists stand in it.
    nested: usize,
    /// Whether a list may begin: no message stands in it, or an SP behind the last one.
    ready: bool,
}

/// Says of the open messages from an index on that their replies are complete.
fn close(nodes: &mut [Node], open: &mut Vec<usize>, from: usize) {
    let length = nodes.len();
    for index in open.drain(from.min(open.len())..) {
        if let Some(node) = nodes.get_mut(index) {
            node.replies = u32::try_from(length.saturating_sub(index).saturating_sub(1)).unwrap_or(u32::MAX);
        }
    }
}

/// A message that is to be taken out once all are read: no message has so many replies.
const GONE: Node = Node { message: None, replies: u32::MAX };

/// Takes out the message that is missing behind the last open one, or that one if it is missing itself: a thread of one needs none.
#[cold]
fn take_out_missing(nodes: &mut [Node], open: &mut Vec<usize>) {
    let Some(last) = open.last().copied() else { return };
    let mut behind = nodes.iter_mut().skip(last);
    let Some(message) = behind.next() else { return };
    if message.message.is_none() {
        *message = GONE;
        open.pop();
    } else if let Some(reply) = behind.find(|reply| **reply != GONE).filter(|reply| reply.message.is_none()) {
        *reply = GONE;
    }
}

/// The messages without those that were taken out, which count as no replies.
#[cold]
fn without_gone(nodes: &mut Vec<Node>) {
    // How many were taken out up to each message.
    let mut gone = 0u32;
    let before: Vec<u32> = nodes
        .iter()
        .map(|node| {
            gone = gone.saturating_add(u32::from(*node == GONE));
            gone
        })
        .collect();
    for (index, (node, up_to)) in nodes.iter_mut().zip(&before).enumerate() {
        let last = index.saturating_add(crate::wire::write::index(u64::from(node.replies)));
        let replies = before.get(last).unwrap_or(up_to).saturating_sub(*up_to);
        if *node != GONE {
            node.replies = node.replies.saturating_sub(replies);
        }
    }
    nodes.retain(|node| *node != GONE);
}

/// The index behind a message and its replies.
fn behind(index: usize, node: &Node) -> usize {
    let replies = crate::wire::write::index(u64::from(node.replies));
    index.saturating_add(replies).saturating_add(1)
}

impl fmt::Debug for ThreadData {
    /// As on the wire.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = bytes::BytesMut::new();
        let mut encoder = Encoder::new(&mut out, crate::imap::encode::Encoding::server());
        // There is nothing in it that cannot be written.
        let _ = self.encode(&mut encoder);
        write!(f, "ThreadData({})", core::str::from_utf8(&out).unwrap_or_default().trim_start())
    }
}

impl TryFrom<Vec<(u32, Option<NonZeroU32>)>> for ThreadData {
    type Error = InvalidValue;
    fn try_from(messages: Vec<(u32, Option<NonZeroU32>)>) -> Result<Self, InvalidValue> {
        Self::new(messages)
    }
}

impl From<ThreadData> for Vec<(u32, Option<NonZeroU32>)> {
    fn from(data: ThreadData) -> Self {
        data.iter().collect()
    }
}

/// Threads, or the replies to one message.
#[derive(Clone, Copy, Debug)]
pub struct Threads<'a> {
    nodes: &'a [Node],
}

/// A message of a thread and what replies to it.
#[derive(Clone, Copy, Debug)]
pub struct ThreadMessage<'a> {
    message: Option<NonZeroU32>,
    replies: &'a [Node],
}

impl<'a> ThreadMessage<'a> {
    /// The message, by its sequence number or UID; `None`: it is missing.
    pub fn message(self) -> Option<NonZeroU32> {
        self.message
    }

    /// The replies to it.
    pub fn replies(self) -> Threads<'a> {
        Threads { nodes: self.replies }
    }
}

impl<'a> Iterator for Threads<'a> {
    type Item = ThreadMessage<'a>;

    fn next(&mut self) -> Option<ThreadMessage<'a>> {
        let (node, rest) = self.nodes.split_first()?;
        let length = crate::wire::write::index(u64::from(node.replies));
        let (replies, rest) = rest.split_at_checked(length).unwrap_or((rest, &[]));
        self.nodes = rest;
        Some(ThreadMessage { message: node.message, replies })
    }
}

#[cfg(any(test, feature = "arbitrary"))]
impl<'a> arbitrary::Arbitrary<'a> for Thread {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        let charset = crate::imap::charset::arbitrary_charset(u)?;
        Ok(Self { uid: u.arbitrary()?, algorithm: u.arbitrary()?, charset, keys: u.arbitrary()? })
    }
}

#[cfg(any(test, feature = "arbitrary"))]
impl<'a> arbitrary::Arbitrary<'a> for ThreadData {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        let mut messages: Vec<(u32, Option<NonZeroU32>)> = Vec::new();
        for _ in 0..u.int_in_range(0..=12u8)? {
            let deepest = messages.last().map_or(0, |(depth, _)| depth.saturating_add(1)).min(6);
            let depth = u.int_in_range(0..=deepest)?;
            if u.ratio(1, 8)? {
                // A message that is missing, and one reply; a second one makes it valid, else it is taken out below.
                messages.extend([(depth, None), (depth.saturating_add(1), Some(NonZeroU32::MIN))]);
            }
            let more = u32::from(messages.last().is_some_and(|(last, _)| *last > depth));
            messages.push((depth.saturating_add(more), Some(u.arbitrary()?)));
        }
        loop {
            match Self::new(messages.iter().copied()) {
                Ok(data) => return Ok(data),
                Err(error) => match messages.get_mut(error.offset) {
                    Some((_, message)) => *message = Some(NonZeroU32::MAX),
                    None => return Err(arbitrary::Error::IncorrectFormat),
                },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::quirk::Quirks;
    use crate::imap::round_trip::{quirky, read, round_trip, strict, written};
    use crate::wire::Limits;
    use alloc::string::String;

    fn data(octets: &str) -> Option<ThreadData> {
        strict(octets.as_bytes(), ThreadData::parse)
    }

    #[test]
    fn round_trips() {
        round_trip(ThreadData::parse, ThreadData::encode);
        round_trip(
            |cursor| {
                let uid = cursor.eat_keyword(b"UID ");
                assert!(cursor.eat_keyword(b"THREAD "));
                Thread::parse(cursor, uid)
            },
            Thread::encode,
        );
    }

    #[test]
    fn known_answers() {
        for octets in [
            "",
            " (2)(3 6 (4 23)(44 7 96))",
            " (166)(167)(168)(169)(172)(170)(171)(173)(174 (175)(176)(178)(181)(180))(179)(177 (183)(182)(188)(184)(185)(186)(187)(189))",
            " ((3)(5))",
            " (1 ((2)(3))(4))",
            " (((1)(2))((3)(4)))",
            " (1 2 (3 (4)(5))(6 7))(8)",
        ] {
            let read = data(octets).unwrap_or_else(|| panic!("{octets}"));
            assert_eq!(written(|encoder| read.encode(encoder)), octets);
            assert_eq!(ThreadData::new(read.iter()).unwrap(), read);
        }
        let read = data(" (2)(3 6 (4 23)(44 7 96))").unwrap();
        let depths: Vec<_> = read.iter().map(|(depth, message)| (depth, message.unwrap().get())).collect();
        assert_eq!(depths, [(0, 2), (0, 3), (1, 6), (2, 4), (3, 23), (2, 44), (3, 7), (4, 96)]);
        let six = read.threads().nth(1).unwrap().replies().next().unwrap();
        let replies: Vec<_> = six.replies().map(|reply| reply.message().unwrap().get()).collect();
        assert_eq!(replies, [4, 44]);
        let command =
            strict(b"orderedsubject UTF-8 SINCE 5-MAR-2000", |cursor| Thread::parse(cursor, false)).unwrap();
        assert_eq!(command.algorithm, ThreadAlgorithm::OrderedSubject);
    }

    #[test]
    fn what_is_refused() {
        for octets in [
            " ",
            "(0)x",
            " ()",
            " (1 (2))",
            " ((1))",
            " (1 ((2)(3)))",
            " (1",
            " (1 )",
            " (1 (2)(3) 4)",
            " (1 (2) (3))",
            " (1,2)",
            " (1)(",
            " (1) 2",
            " (1(2)(3))",
            " ( (1)(2))",
            " (1 (2)(3)(",
            " (4294967296)",
        ] {
            assert_eq!(data(octets), None, "{octets}");
        }
        for broken in [
            &[(1, NonZeroU32::new(1))][..],
            &[(0, None)],
            &[(0, NonZeroU32::new(1)), (2, NonZeroU32::new(1))],
        ] {
            assert!(ThreadData::new(broken.iter().copied()).is_err());
        }
    }

    #[test]
    fn quirks() {
        assert_eq!(quirky(b" (1) (2 3)", Quirk::SpaceBetweenItems, ThreadData::parse).len(), 3);
        for (octets, quirk, plain) in [
            (" (1 (2) (3))", Quirk::SpaceBetweenItems, " (1 (2)(3))"),
            (" (177(183)(182))", Quirk::MissingSpaceBesideList, " (177 (183)(182))"),
            (" (1 (2))", Quirk::LoneThread, " (1 2)"),
            (" ((1))", Quirk::LoneThread, " (1)"),
            (" (((1)))", Quirk::LoneThread, " (1)"),
            (" (13 (14 (15)))(16 17)", Quirk::LoneThread, " (13 14 15)(16 17)"),
            (" (1 ((2)(3)))(4)", Quirk::LoneThread, " (1 (2)(3))(4)"),
            (" (((1)(2)))((3 (4))(5))", Quirk::LoneThread, " ((1)(2))((3 4)(5))"),
            (" (1 (2)((3 4)))", Quirk::LoneThread, " (1 (2)(3 4))"),
            (" (1 (((2)(3))))", Quirk::LoneThread, " (1 (2)(3))"),
            (" ((((1 (((((2))))))))(3 ((4 ((5)(6))))))", Quirk::LoneThread, " ((1 2)(3 4 (5)(6)))"),
        ] {
            let read = quirky(octets.as_bytes(), quirk, ThreadData::parse);
            assert_eq!(written(|encoder| read.encode(encoder)), plain, "{octets}");
            assert_eq!(ThreadData::new(read.iter()).unwrap(), read);
        }
    }

    #[test]
    fn depth_is_a_limit_of_lists_and_takes_no_stack() {
        let nested = |count: usize| {
            let mut octets = String::from(" ");
            (0..count).for_each(|_| octets += "(1 (2)");
            octets + "(3)" + &")".repeat(count)
        };
        let octets = nested(50_000);
        let work = move || {
            let read = data(&octets).unwrap();
            assert_eq!(written(|encoder| read.encode(encoder)), octets);
            assert_eq!(ThreadData::new(read.iter()).unwrap(), read);
        };
        std::thread::Builder::new().stack_size(64 * 1024).spawn(work).unwrap().join().unwrap();
        // Lists that open without a message are nesting.
        let heads = |count: usize, message: &str| {
            alloc::format!(" {}(1){}", "(".repeat(count), alloc::format!("{message})").repeat(count))
        };
        assert!(data(&heads(31, "(2)")).is_some());
        assert!(data(&heads(32, "(2)")).is_none());
        assert!(data(&alloc::format!(" (1 {}(3))", heads(31, "(2)").trim_start())).is_some());
        // However much is taken out, it is little work.
        let lone = alloc::format!(" {}(1){}", "((9 ".repeat(30_000), "))".repeat(30_000));
        let (read, _) = read(lone.as_bytes(), Quirks::lenient(), ThreadData::parse).unwrap();
        assert_eq!(read.len(), 30_001);
        assert_eq!(ThreadData::new(read.iter()).unwrap(), read);
        let limits = Limits { memory: 10_000, ..Limits::imap_client() };
        let octets = nested(5_000);
        let mut cursor = Cursor::borrowed(octets.as_bytes(), &limits, 0);
        let fail = ThreadData::parse(&mut cursor).unwrap_err();
        assert_eq!(cursor.error(fail).kind(), ErrorKind::MessageTooLarge);
        // One long conversation is no nesting.
        let mut octets = String::from(" (1");
        (2..10_000).for_each(|number| octets += &alloc::format!(" {number}"));
        assert_eq!(data(&(octets + ")")).unwrap().iter().last().unwrap().0, 9_998);
    }
}
