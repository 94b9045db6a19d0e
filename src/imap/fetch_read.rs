//! How a FETCH response is read: frame by frame, since its bodies are streamed between the frames.
//!
//! ```text
//!  frame       * 1 FETCH (UID 7 BODY[] {4096}⏎      steps  Fetch(uid), StreamedBody
//!  4096 octets                                              (the caller's)
//!  frame        FLAGS (\Seen))                              Fetch(flags, last)
//! ```
//!
//! A body that is quoted or NIL stands in the frame and comes as a step of its own, so that every form of `nstring` looks
//! the same to the user. A field that comes twice begins another `Fetch`, so that nothing is lost.

use crate::imap::annotate::Annotations;
use crate::imap::body::BodyStructure;
use crate::imap::datetime::DateTime;
use crate::imap::envelope::Envelope;
use crate::imap::fetch::{BodyItem, BodyStart, Fetch, FetchItem};
use crate::imap::flag::Flags;
use crate::imap::glance::Items;
use crate::imap::keyword::Keyword;
use crate::imap::message_kind::{DIGITS, without_spaces};
use crate::imap::modseq::ModSequence;
use crate::imap::object_id::ObjectId;
use crate::imap::quirk::Quirk;
use crate::imap::repair::{read_repaired, repaired_length};
use crate::imap::section::{NUMBER64, Section, binary_section, origin};
use crate::imap::stored::plain;
use crate::imap::value::{ExtensionValue, TaggedExtension};
use crate::wire::cursor::{Cursor, Parsed};
use crate::wire::write::index;
use crate::wire::{Error, ErrorKind, Text};
use alloc::boxed::Box;
use bytes::Bytes;
use core::num::NonZeroU32;

/// What a frame of a FETCH gives, one after the other, until the last [`Fetch`].
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Items; the last ones if they say so.
    Fetch(Fetch),
    /// A body that stood in the frame, or is NIL.
    InlineBody { start: BodyStart, octets: Option<Bytes> },
    /// A body whose octets follow behind the frame. Behind them comes the next frame.
    StreamedBody(BodyStart),
}

/// Where the reader is between two steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Behind the opening parenthesis.
    First,
    /// Behind an item.
    Behind,
    /// Right at an item.
    At,
    /// Behind the closing parenthesis.
    End,
}

/// Reads one FETCH response, of as many frames as it has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FetchReader {
    seq: Option<NonZeroU32>,
    uid: Option<NonZeroU32>,
    place: Place,
}

/// What the front of a response is.
pub(crate) enum Begun {
    /// A FETCH, whose items are next.
    Fetch(FetchReader),
    /// Data that begin with a number, whose name is next.
    Numbered { number: u32, start: usize },
    /// Something else, of which nothing is read.
    Other,
}

/// What one frame holds, most often.
pub(crate) enum Contents {
    /// Items, the last ones.
    Items,
    /// Items and the start of a body, whose octets follow behind the frame.
    ItemsAndBody(BodyStart),
    /// The start of such a body alone.
    Body(BodyStart),
}

/// Where the items of a [`Fetch`] stop.
enum Stop {
    /// At the end of the response.
    End,
    /// At an item that begins a [`Fetch`] of its own.
    Again,
    /// Behind the name of a body, which stands `at` this place; whether it is the `first` item that says something.
    Body { item: BodyItem, origin: Option<u64>, at: usize, first: bool },
}

/// What became of an item.
enum Read {
    /// It is in the [`Fetch`].
    Taken,
    /// It could not be read and was passed over.
    LeftOut(Box<Error>),
    /// It has been told already with another value.
    Again,
    /// It is a body, whose value is next.
    Body(BodyItem, Option<u64>),
}

impl FetchReader {
    /// Reads `* n FETCH (` or `* n UIDFETCH (`, or what else the front of a response is.
    #[inline(always)]
    pub(crate) fn begin(cursor: &mut Cursor<'_>) -> Parsed<Begun> {
        let [b'*', b' ', rest @ ..] = cursor.rest() else { return Ok(Begun::Other) };
        if !matches!(without_spaces(rest), [b'0'..=b'9', ..]) {
            return Ok(Begun::Other);
        }
        cursor.advance(1);
        cursor.sp()?;
        let start = cursor.position();
        let zero_first = cursor.peek() == Some(b'0');
        let number = cursor.number("a number")?;
        cursor.sp()?;
        let fetch = named(cursor, b"FETCH")?;
        if !fetch && !named(cursor, b"UIDFETCH")? {
            return Ok(Begun::Numbered { number, start });
        }
        let number = NonZeroU32::new(number);
        let forgiven = match number {
            Some(_) => !zero_first || cursor.forgives(Quirk::StrangeNumber),
            None => fetch && cursor.forgives(Quirk::ZeroSequenceNumber),
        };
        if !forgiven {
            return cursor.syntax_at(start, "a number from 1 to 4294967295");
        }
        cursor.expect(b'(', "a list of items")?;
        let (seq, uid) = if fetch { (number, None) } else { (None, number) };
        Ok(Begun::Fetch(Self { seq, uid, place: Place::First }))
    }

    /// A FETCH whose first body is read at a glance.
    pub(crate) fn behind_body(seq: NonZeroU32, uid: Option<NonZeroU32>) -> Self {
        Self { seq: Some(seq), uid, place: Place::Behind }
    }

    /// The sequence number of the message, if the response has it.
    pub(crate) fn seq(&self) -> Option<NonZeroU32> {
        self.seq
    }

    /// The rest of a FETCH behind a body, if it can be read at a glance.
    #[inline(always)]
    pub(crate) fn glance<'a>(&self, line: &'a [u8]) -> Option<(Items, &'a [u8])> {
        let known = Items::of(self.uid);
        let (items, rest) = match line {
            _ if self.place != Place::Behind => return None,
            [b' ', items @ ..] => known.glance(items)?,
            _ => (known, line),
        };
        Some((items, rest.strip_prefix(b")")?))
    }

    /// Whether the response is over.
    #[cfg(test)]
    pub(crate) fn is_over(&self) -> bool {
        self.place == Place::End
    }

    /// The next step, and in `left_out` why an item of it is not there: it is over a limit or cannot be read.
    ///
    /// On a failure the reader is as before: with the cursor set back to where it was, the step can be read again from a
    /// shared buffer.
    pub(crate) fn step(&mut self, cursor: &mut Cursor<'_>, left_out: &mut Option<Error>) -> Parsed<Step> {
        let mut fetch = Fetch::default();
        match self.items(cursor, &mut fetch, left_out)? {
            Stop::Body { item, origin, first: true, .. } => {
                let step = self.body(item, origin, cursor)?;
                self.place = Place::Behind;
                return Ok(step);
            }
            Stop::Body { at, .. } => cursor.set_position(at),
            Stop::End | Stop::Again => {}
        }
        Ok(Step::Fetch(fetch))
    }

    /// What nearly every frame is: items, and behind them the end of the response or the start of a body that is streamed.
    /// Any other frame fails, and is read in steps.
    #[inline(always)]
    pub(crate) fn frame(&mut self, cursor: &mut Cursor<'_>, fetch: &mut Fetch) -> Parsed<Contents> {
        let mut left_out = None;
        let stop = self.items(cursor, fetch, &mut left_out)?;
        match stop {
            Stop::End if left_out.is_none() => Ok(Contents::Items),
            Stop::Body { item, origin, first, .. } if left_out.is_none() => {
                let forgiven = cursor.forgiven();
                cursor.set_forgiven(0);
                let step = self.body(item, origin, cursor)?;
                let clean = cursor.forgiven() == 0;
                cursor.set_forgiven(forgiven);
                self.place = Place::Behind;
                match step {
                    Step::StreamedBody(start) if clean && first => Ok(Contents::Body(start)),
                    Step::StreamedBody(start) if clean => Ok(Contents::ItemsAndBody(start)),
                    _ => cursor.syntax("a frame with one body at most"),
                }
            }
            _ => cursor.syntax("a frame with one body at most"),
        }
    }

    /// Reads items into `fetch`, which is empty before.
    #[inline]
    fn items(
        &mut self,
        cursor: &mut Cursor<'_>,
        fetch: &mut Fetch,
        left_out: &mut Option<Error>,
    ) -> Parsed<Stop> {
        (fetch.seq, fetch.uid) = (self.seq, self.uid);
        let mut place = self.place;
        let mut first = true;
        let mut stray = false;
        loop {
            match place {
                Place::First => {
                    cursor.stray_spaces()?;
                    if cursor.peek() == Some(b')') && cursor.forgives(Quirk::EmptyList) {
                        place = Place::Behind;
                        continue;
                    }
                }
                Place::Behind => {
                    if first && !matches!(cursor.peek(), Some(b' ' | b')')) {
                        stray = true;
                        if Self::pass_stray(cursor)? {
                            fetch.last = true;
                            self.stop(Place::End, fetch);
                            return Ok(Stop::End);
                        }
                    }
                    if cursor.eat(b')') || Self::is_unclosed(cursor) {
                        if !cursor.is_at_end() && Self::goes_on(cursor) {
                            stray = true;
                            continue;
                        }
                        Self::end(cursor)?;
                        fetch.last = true;
                        self.stop(Place::End, fetch);
                        return Ok(Stop::End);
                    }
                    cursor.sp()?;
                    if cursor.peek() == Some(b')') && cursor.forgives(Quirk::ExtraSpace) {
                        continue;
                    }
                }
                Place::At => {}
                Place::End => return cursor.syntax("no more of a FETCH that is over"),
            }
            let at = cursor.position();
            let read = match item(cursor, fetch, first) {
                Err(_) if stray && !cursor.wants_shared() => {
                    cursor.advance(cursor.rest().len());
                    fetch.last = true;
                    self.stop(Place::End, fetch);
                    return Ok(Stop::End);
                }
                read => read?,
            };
            match read {
                Read::Taken => {}
                Read::LeftOut(error) if left_out.is_none() => *left_out = Some(*error),
                Read::Body(item, origin) => {
                    // A UID alone is told with the body.
                    let first = first || (fetch.is_empty() && left_out.is_none());
                    self.stop(if first { self.place } else { Place::At }, fetch);
                    return Ok(Stop::Body { item, origin, at, first });
                }
                Read::Again | Read::LeftOut(_) => {
                    cursor.set_position(at);
                    self.stop(Place::At, fetch);
                    return Ok(Stop::Again);
                }
            }
            place = Place::Behind;
            first = false;
        }
    }

    #[inline]
    fn stop(&mut self, place: Place, fetch: &Fetch) {
        self.place = place;
        self.uid = fetch.uid;
    }

    /// Octets between a body and what should stand behind it; tells whether nothing does.
    #[cold]
    fn pass_stray(cursor: &mut Cursor<'_>) -> Parsed<bool> {
        if !cursor.forgives(Quirk::LiteralLength) {
            return cursor.syntax("SP");
        }
        while cursor.peek().is_some_and(|octet| !matches!(octet, b' ' | b')')) {
            cursor.advance(1);
        }
        Ok(cursor.is_at_end())
    }

    /// Whether the line ends where the closing parenthesis should stand.
    #[cold]
    fn is_unclosed(cursor: &mut Cursor<'_>) -> bool {
        cursor.is_at_end() && cursor.forgives(Quirk::MissingParenthesis)
    }

    /// Whether items stand behind a closing parenthesis, and another one behind them.
    #[cold]
    fn goes_on(cursor: &mut Cursor<'_>) -> bool {
        let (start, forgiven) = (cursor.position(), cursor.forgiven());
        let mut pass = || -> Parsed<bool> {
            while !cursor.eat(b')') {
                cursor.expect(b' ', "SP")?;
                cursor.atom()?;
                cursor.expect(b' ', "SP")?;
                cursor.raw_value()?;
            }
            Ok(cursor.is_at_end() && !cursor.since(start).starts_with(b")"))
        };
        let passed = matches!(pass(), Ok(true)) && memchr::memchr(b'{', cursor.since(start)).is_none();
        cursor.set_position(start);
        cursor.set_forgiven(forgiven);
        passed && cursor.forgives(Quirk::TrailingOctets)
    }

    /// What is behind the closing parenthesis.
    #[inline]
    fn end(cursor: &mut Cursor<'_>) -> Parsed<()> {
        if cursor.is_at_end() { Ok(()) } else { Self::trailing(cursor) }
    }

    #[cold]
    fn trailing(cursor: &mut Cursor<'_>) -> Parsed<()> {
        if cursor.rest().iter().all(|octet| *octet == b' ') {
            return cursor.stray_spaces();
        }
        if !cursor.forgives(Quirk::TrailingOctets) {
            return cursor.syntax("the end of the line");
        }
        cursor.advance(cursor.rest().len());
        Ok(())
    }

    /// The value of a body.
    fn body(&self, item: BodyItem, origin: Option<u64>, cursor: &mut Cursor<'_>) -> Parsed<Step> {
        let mut start = BodyStart { seq: self.seq, uid: self.uid, item, origin, len: None, binary: false };
        let behind = cursor.position();
        if cursor.peek() == Some(b' ') {
            cursor.sp()?;
        }
        let glued = cursor.position() == behind;
        let octets = match cursor.peek() {
            Some(b'{' | b'~') if glued && !cursor.forgives(Quirk::MissingSpaceBeforeLiteral) => {
                return cursor.syntax("SP");
            }
            Some(octet) if glued && !matches!(octet, b'{' | b'~') => None,
            None if glued => None,
            Some(b'{' | b'~') => {
                start.binary = cursor.peek() == Some(b'~');
                let header = cursor.position();
                let len = literal_header(cursor)?;
                start.len = Some(len);
                if cursor.is_at_end() {
                    return Ok(Step::StreamedBody(start));
                }
                cursor.set_position(header);
                Some(Bytes::copy_from_slice(cursor.any_literal()?))
            }
            Some(b'"') => Some(Bytes::copy_from_slice(&plain(cursor.quoted()?))),
            _ if cursor.nil() => return Ok(Step::InlineBody { start, octets: None }),
            _ => None,
        };
        match octets {
            Some(octets) => {
                start.len = Some(crate::wire::write::length(octets.len()));
                Ok(Step::InlineBody { start, octets: Some(octets) })
            }
            None if cursor.forgives(Quirk::MissingValue) => {
                cursor.set_position(behind);
                Ok(Step::InlineBody { start, octets: None })
            }
            None => cursor.syntax("the octets of the body"),
        }
    }
}

/// The header of a literal, which the framing has checked.
///
/// One that is malformed was none to the framing either: what follows cannot be told from the octets of the body.
fn literal_header(cursor: &mut Cursor<'_>) -> Parsed<u64> {
    let start = cursor.position();
    match read_literal_header(cursor) {
        Ok(length) => Ok(length),
        Err(_) => cursor.fail(ErrorKind::BadLiteral, start, "the header of a literal"),
    }
}

fn read_literal_header(cursor: &mut Cursor<'_>) -> Parsed<u64> {
    cursor.eat(b'~');
    cursor.expect(b'{', "a literal")?;
    let digits = cursor.position();
    let length = cursor.number_long("the length of a literal")?;
    if cursor.since(digits).len() > DIGITS {
        return cursor.syntax("fewer digits");
    }
    cursor.expect(b'}', "the end of a literal's header")?;
    cursor.eat(b'\r');
    cursor.expect(b'\n', "the line end of a literal's header")?;
    Ok(length)
}

/// One item, from its name on.
#[inline]
fn item(cursor: &mut Cursor<'_>, fetch: &mut Fetch, first: bool) -> Parsed<Read> {
    let (start, forgiven) = (cursor.position(), cursor.forgiven());
    match known_item(cursor, fetch, first) {
        Err(fail) if !cursor.wants_shared() => {
            strange_item(cursor, fetch, cursor.error(fail), start, forgiven)
        }
        read => read,
    }
}

/// An item whose value is none of its kind, if it is a value at all.
#[cold]
fn strange_item(
    cursor: &mut Cursor<'_>,
    fetch: &mut Fetch,
    error: Error,
    start: usize,
    forgiven: u128,
) -> Parsed<Read> {
    let met = cursor.forgiven();
    cursor.set_position(start);
    let keeps = cursor.may_forgive(Quirk::StrangeValue) && !must_be_certain(cursor.rest());
    if error.kind() == ErrorKind::Syntax && keeps {
        cursor.set_forgiven(forgiven);
        let item = tagged(cursor).ok().flatten().filter(|_| matches!(cursor.peek(), Some(b' ' | b')')));
        if cursor.wants_shared() {
            return cursor.fail(error.kind(), index(error.offset()), error.expected());
        }
        if let Some(item) = item {
            let _ = cursor.forgives(Quirk::StrangeValue);
            cursor.charge_item(fetch.items.len(), size_of::<FetchItem>())?;
            fetch.items.push(item);
            return Ok(Read::Taken);
        }
        cursor.set_forgiven(met);
    }
    cursor.set_position(index(error.offset()));
    cursor.fail(error.kind(), index(error.offset()), error.expected())
}

/// Whether a value has to be of its kind: the UID tells whose items these are, a section which part of the message its octets are, and
/// where an envelope or a structure ends that cannot be read nobody knows.
fn must_be_certain(item: &[u8]) -> bool {
    let end = item.iter().position(|octet| matches!(octet, b' ' | b'(')).unwrap_or(item.len());
    let (name, value) = item.split_at_checked(end).unwrap_or_default();
    let is = |known: &[u8]| name.eq_ignore_ascii_case(known);
    let rich = is(b"ENVELOPE") || is(b"BODYSTRUCTURE") || is(b"BODY");
    is(b"UID") || name.contains(&b'[') || (rich && value.trim_ascii_start().starts_with(b"("))
}

/// An item that is not known. Without its value, as a quirk, it is none.
fn tagged(cursor: &mut Cursor<'_>) -> Parsed<Option<FetchItem>> {
    let label = Keyword::parse(cursor)?;
    cursor.sp()?;
    if is_without_value(cursor) {
        return Ok(None);
    }
    let value = Some(ExtensionValue::parse_in_fetch(cursor)?);
    Ok(Some(FetchItem::Other(TaggedExtension { label, value })))
}

/// One item, from its name on. The UID that is known gives way to another one only in a `Fetch` that is empty as yet. Nothing of an item
/// that cannot be read is in the `Fetch`.
#[inline(always)]
fn known_item(cursor: &mut Cursor<'_>, fetch: &mut Fetch, first: bool) -> Parsed<Read> {
    match cursor.peek().map(|octet| octet.to_ascii_uppercase()) {
        Some(b'U') if named(cursor, b"UID")? => {
            let uid = cursor.nz_number()?;
            if !first && fetch.uid.is_some_and(|told| told != uid) {
                return Ok(Read::Again);
            }
            fetch.uid = Some(uid);
        }
        Some(b'F') if named(cursor, b"FLAGS")? => {
            if fetch.flags.is_some() || is_kept(fetch, &["FLAGS"]) {
                return Ok(Read::Again);
            }
            fetch.flags = Some(Flags::parse(cursor)?);
        }
        Some(b'M') if named(cursor, b"MODSEQ")? => {
            if fetch.mod_seq.is_some() || is_kept(fetch, &["MODSEQ"]) {
                return Ok(Read::Again);
            }
            cursor.expect(b'(', "a mod-sequence in parentheses")?;
            let mod_seq = ModSequence::parse(cursor)?;
            cursor.stray_spaces()?;
            cursor.expect(b')', "the end of the mod-sequence")?;
            fetch.mod_seq = Some(mod_seq);
        }
        Some(b'I') if named(cursor, b"INTERNALDATE")? => return internal_date(cursor, fetch),
        Some(b'R') if named(cursor, b"RFC822.SIZE")? => {
            if fetch.size.is_some() || is_kept(fetch, &["RFC822.SIZE"]) {
                return Ok(Read::Again);
            }
            let start = cursor.position();
            let negative = cursor.peek() == Some(b'-');
            match cursor.count(NUMBER64) {
                Ok(size) if !negative => fetch.size = Some(size),
                Err(fail) if !cursor.forgives(Quirk::StrangeNumber) => return Err(fail),
                // What is no size is kept as it stands.
                _ => {
                    cursor.set_position(start);
                    fetch.items.push(kept("RFC822.SIZE", cursor)?);
                }
            }
        }
        Some(b'E') if named(cursor, b"ENVELOPE")? => {
            let told = fetch.envelope.is_some() || is_kept(fetch, &["ENVELOPE"]);
            if told && !is_nothing(cursor) {
                return Ok(Read::Again);
            }
            match rich(cursor, Envelope::parse)? {
                Ok(Some(envelope)) => fetch.envelope = Some(Box::new(envelope)),
                Ok(None) => {}
                Err(error) => return Ok(Read::LeftOut(Box::new(error))),
            }
        }
        Some(b'B') => return body_structure(cursor, fetch),
        Some(b'(') => return item_in_parentheses(cursor, fetch, first),
        _ => return other(cursor, fetch),
    }
    Ok(Read::Taken)
}

/// An item whose name and value stand in parentheses of their own. A body has none: it may end the frame.
#[cold]
fn item_in_parentheses(cursor: &mut Cursor<'_>, fetch: &mut Fetch, first: bool) -> Parsed<Read> {
    let inside = cursor.peek_at(1).is_some_and(|octet| octet.is_ascii_alphabetic());
    if !inside || !cursor.forgives(Quirk::DoubleParentheses) {
        return cursor.syntax("the name of an item");
    }
    cursor.advance(1);
    let read = item(cursor, fetch, first)?;
    match read {
        Read::Body(..) => return cursor.syntax("an item other than a body"),
        Read::Again => {}
        Read::Taken | Read::LeftOut(_) => cursor.expect(b')', "the end of the item")?,
    }
    Ok(read)
}

/// Whether this name stands here, of an item or of the data; then its value is next.
#[inline(always)]
fn named(cursor: &mut Cursor<'_>, name: &[u8]) -> Parsed<bool> {
    if !matches!(cursor.peek_at(name.len()), Some(b' ' | b'(')) || !cursor.eat_keyword(name) {
        return Ok(false);
    }
    cursor.sp().map(|()| true)
}

/// Whether an item of these names has been kept with a value that is none of its kind.
#[inline]
fn is_kept(fetch: &Fetch, names: &[&str]) -> bool {
    !fetch.items.is_empty() && is_among(&fetch.items, names)
}

#[cold]
fn is_among(items: &[FetchItem], names: &[&str]) -> bool {
    items.iter().any(|item| match item {
        FetchItem::Other(TaggedExtension { label, .. }) => {
            names.iter().any(|name| label.as_bytes().eq_ignore_ascii_case(name.as_bytes()))
        }
        _ => false,
    })
}

fn internal_date(cursor: &mut Cursor<'_>, fetch: &mut Fetch) -> Parsed<Read> {
    if fetch.internal_date.is_some() || is_kept(fetch, &["INTERNALDATE"]) {
        return Ok(Read::Again);
    }
    let start = cursor.position();
    match DateTime::parse(cursor) {
        Ok(date) => fetch.internal_date = Some(date),
        Err(fail) if !cursor.forgives(Quirk::StrangeDate) => return Err(fail),
        Err(_) => {
            cursor.set_position(start);
            fetch.items.push(kept("INTERNALDATE", cursor)?);
        }
    }
    Ok(Read::Taken)
}

/// A value that is not what the item should have, as it stands.
#[cold]
fn kept(name: &'static str, cursor: &mut Cursor<'_>) -> Parsed<FetchItem> {
    cursor.charge(size_of::<FetchItem>())?;
    let label = Keyword::from_checked(name.into());
    Ok(FetchItem::Other(TaggedExtension { label, value: Some(ExtensionValue::parse_in_fetch(cursor)?) }))
}

/// A value that is passed over if it is over a limit or, as a quirk, if it cannot be read. NIL in its place is a quirk, too.
fn rich<T>(
    cursor: &mut Cursor<'_>,
    read: impl Fn(&mut Cursor<'_>) -> Parsed<T>,
) -> Parsed<Result<Option<T>, Error>> {
    if is_without_value(cursor) {
        return Ok(Ok(None));
    }
    let start = cursor.position();
    let forgiven = cursor.forgiven();
    let fail = match read(cursor) {
        Ok(value) => {
            let met = cursor.forgiven();
            let short = Quirk::ShortEnvelope.bit();
            if met & short != 0 && met & Quirk::UnescapedQuote.bit() != 0 {
                // A string that ran on over its closing quote took the fields behind it.
                let end = cursor.position();
                cursor.set_position(start);
                cursor.set_forgiven(forgiven);
                match read_repaired(cursor, read) {
                    Some(value) if cursor.forgiven() & short == 0 => return Ok(Ok(Some(value))),
                    _ => cursor.set_position(end),
                }
                cursor.set_forgiven(met);
            }
            return Ok(Ok(Some(value)));
        }
        Err(fail) => fail,
    };
    if cursor.wants_shared() {
        return Err(fail);
    }
    let error = cursor.error(fail);
    let limit = matches!(error.kind(), ErrorKind::TooDeep | ErrorKind::TooMany | ErrorKind::MessageTooLarge);
    cursor.set_forgiven(forgiven);
    let failed = index(error.offset());
    cursor.set_position(start);
    if cursor.nil() && cursor.forgives(Quirk::MissingValue) {
        return Ok(Ok(None));
    }
    cursor.set_position(start);
    if cursor.rest().starts_with(b"()") && cursor.forgives(Quirk::EmptyList) {
        cursor.advance(2);
        return Ok(Ok(None));
    }
    if !limit && let Some(value) = read_repaired(cursor, read) {
        return Ok(Ok(Some(value)));
    }
    if !limit && !cursor.forgives(Quirk::UnreadableItem) {
        return cursor.fail(error.kind(), failed, error.expected());
    }
    if cursor.peek() != Some(b'(') {
        return cursor.fail(error.kind(), failed, error.expected());
    }
    // Where quotes do not pair, the list may seem to go on to the end of the line.
    match repaired_length(cursor) {
        Some(length) if error.kind() == ErrorKind::Syntax => cursor.advance(length),
        _ if cursor.skip_value().is_ok() => {}
        _ => return cursor.fail(error.kind(), failed, error.expected()),
    }
    Ok(Err(error))
}

/// `BODYSTRUCTURE`, `BODY`, and the bodies and sizes whose names begin with B.
fn body_structure(cursor: &mut Cursor<'_>, fetch: &mut Fetch) -> Parsed<Read> {
    let extensible = named(cursor, b"BODYSTRUCTURE")?;
    if extensible || named(cursor, b"BODY")? {
        let told = fetch.body_structure.is_some() || is_kept(fetch, &["BODYSTRUCTURE", "BODY"]);
        if told && !is_nothing(cursor) {
            return Ok(Read::Again);
        }
        return Ok(match rich(cursor, |cursor| BodyStructure::parse(cursor, extensible))? {
            Ok(structure) => {
                if let Some(structure) = structure {
                    fetch.body_structure = Some(Box::new(structure));
                }
                while cursor.peek() == Some(b'(') && cursor.forgives(Quirk::StrangeExtension) {
                    cursor.skip_value()?;
                }
                Read::Taken
            }
            Err(error) => Read::LeftOut(Box::new(error)),
        });
    }
    if cursor.peek_at(4) == Some(b'[') && cursor.eat_keyword(b"BODY") {
        let section = Section::parse(cursor)?;
        return Ok(Read::Body(BodyItem::Section(section), origin(cursor)?));
    }
    if cursor.peek_at(6) == Some(b'[') && cursor.eat_keyword(b"BINARY") {
        let part = binary_section(cursor)?;
        return Ok(Read::Body(BodyItem::Binary(part), origin(cursor)?));
    }
    if cursor.peek_at(11) == Some(b'[') && cursor.eat_keyword(b"BINARY.SIZE") {
        let part = binary_section(cursor)?;
        cursor.sp()?;
        let size = cursor.count(NUMBER64)?;
        cursor.charge_item(fetch.items.len(), size_of::<FetchItem>())?;
        fetch.items.push(FetchItem::BinarySize { part, size });
        return Ok(Read::Taken);
    }
    other(cursor, fetch)
}

/// Items that stand in the list, and those that are not known.
fn other(cursor: &mut Cursor<'_>, fetch: &mut Fetch) -> Parsed<Read> {
    for (name, item) in [
        (&b"RFC822"[..], BodyItem::Rfc822),
        (b"RFC822.HEADER", BodyItem::Rfc822Header),
        (b"RFC822.TEXT", BodyItem::Rfc822Text),
    ] {
        let sectioned = cursor.peek_at(name.len()) == Some(b'[');
        let ends = matches!(cursor.peek_at(name.len()), Some(b' ' | b')' | b'{' | b'~'));
        if (ends || sectioned) && cursor.eat_keyword(name) {
            if sectioned {
                empty_section(cursor)?;
            }
            return Ok(Read::Body(item, None));
        }
    }
    cursor.charge_item(fetch.items.len(), size_of::<FetchItem>())?;
    let item = if named(cursor, b"EMAILID")? {
        if matches!(cursor.peek(), Some(b'N' | b'n')) && cursor.forgives(Quirk::MissingValue) {
            kept("EMAILID", cursor)?
        } else {
            FetchItem::EmailId(object_id(cursor)?)
        }
    } else if named(cursor, b"THREADID")? {
        FetchItem::ThreadId(if cursor.nil() { None } else { Some(object_id(cursor)?) })
    } else if named(cursor, b"PREVIEW")? {
        FetchItem::Preview(preview(cursor)?)
    } else if named(cursor, b"SAVEDATE")? {
        FetchItem::SaveDate(if cursor.nil() { None } else { Some(DateTime::parse(cursor)?) })
    } else if named(cursor, b"X-GM-MSGID")? {
        FetchItem::GmailMessageId(cursor.number_long("a number of 64 bits")?)
    } else if named(cursor, b"X-GM-THRID")? {
        FetchItem::GmailThreadId(cursor.number_long("a number of 64 bits")?)
    } else if named(cursor, b"X-GM-LABELS")? {
        FetchItem::GmailLabels(cursor.list(|cursor| match cursor.peek() {
            Some(b'\\') => {
                let start = cursor.position();
                cursor.advance(1);
                cursor.atom()?;
                let label = cursor.since(start);
                cursor.text(label)
            }
            _ => cursor.astring_text(),
        })?)
    } else if named(cursor, b"ANNOTATION")? {
        FetchItem::Annotation(Annotations::parse(cursor)?)
    } else {
        match tagged(cursor)? {
            Some(item) => item,
            None => return Ok(Read::Taken),
        }
    };
    fetch.items.push(item);
    Ok(Read::Taken)
}

/// Whether there is no value, or NIL or an empty list in its place: that tells nothing that would begin another [`Fetch`].
#[cold]
fn is_nothing(cursor: &mut Cursor<'_>) -> bool {
    let start = cursor.position();
    let nil = cursor.nil();
    cursor.set_position(start);
    nil || matches!(cursor.rest(), [b')', ..] | [b'(', b')', ..])
}

/// Whether the list ends where a value should stand.
fn is_without_value(cursor: &mut Cursor<'_>) -> bool {
    cursor.peek() == Some(b')') && cursor.forgives(Quirk::MissingValue)
}

/// `[]` where no section may stand.
#[cold]
fn empty_section(cursor: &mut Cursor<'_>) -> Parsed<()> {
    if !cursor.rest().starts_with(b"[]") || !cursor.forgives(Quirk::EmptySection) {
        return cursor.syntax("SP");
    }
    cursor.advance(2);
    Ok(())
}

/// `nstring`, or an algorithm and one in parentheses.
fn preview(cursor: &mut Cursor<'_>) -> Parsed<Option<Text>> {
    if cursor.peek() != Some(b'(') || !cursor.forgives(Quirk::PreviewAlgorithm) {
        return cursor.nstring_text();
    }
    cursor.advance(1);
    cursor.atom()?;
    cursor.sp()?;
    let text = cursor.nstring_text()?;
    cursor.expect(b')', "the end of the preview")?;
    Ok(text)
}

/// `"(" objectid ")"`.
fn object_id(cursor: &mut Cursor<'_>) -> Parsed<ObjectId> {
    cursor.expect(b'(', "an identifier in parentheses")?;
    let id = ObjectId::parse(cursor)?;
    cursor.expect(b')', "the end of the identifier")?;
    Ok(id)
}

#[cfg(test)]
mod tests;
