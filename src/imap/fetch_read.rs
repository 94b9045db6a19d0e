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

use crate::imap::fetch::{BodyItem, BodyStart, Fetch};
use crate::imap::fetch_item::{Read, item, named};
use crate::imap::glance::Items;
use crate::imap::message_kind::{DIGITS, without_spaces};
use crate::imap::quirk::Quirk;
use crate::imap::stored::plain;
use crate::wire::cursor::{Cursor, Parsed};
use crate::wire::{Error, ErrorKind};
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

#[cfg(test)]
mod tests;
