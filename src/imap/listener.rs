//! Who is told what a server says: each event on its way from the octets to its receiver.

use crate::imap::capability::Capabilities;
use crate::imap::condition::Status;
use crate::imap::fetch::{Body, BodyItem, BodyStart, Fetch};
use crate::imap::fetch_read::FetchReader;
use crate::imap::flag::FlagBits;
use crate::imap::glance::{self, BodyOctets, Items};
use crate::imap::list::List;
use crate::imap::response::{Data, Response};
use crate::imap::response_decoder::{Front, ResponseDecoder};
use crate::imap::response_event::ResponseEvent;
use crate::imap::status::StatusData;
use crate::wire::{Error, decimal};
use bytes::BytesMut;
use core::num::NonZeroU32;

/// What a decoder tells, as a machine hands it on. `Ok(None)`: nothing, as yet.
pub(crate) type Told<E> = Result<Option<E>, Error>;

/// Who hands on what a decoder reads.
///
/// A large value costs each time it is moved. So an event that is read at a glance is made once, where it is read, in the place from which the
/// caller takes it: each function on the way there gives what the next one gave.
pub(crate) trait Listener: Sized {
    type Event;

    fn decoder(&mut self) -> &mut ResponseDecoder;
    fn data(&mut self, data: Data) -> Told<Self::Event>;
    fn status(&mut self, status: Status) -> Told<Self::Event>;
    fn fetch(&mut self, fetch: Fetch) -> Told<Self::Event>;
    fn body(&mut self, body: Body) -> Told<Self::Event>;

    /// The next event of what cannot be read at a glance. Nothing of it has been taken.
    fn read(&mut self, input: &mut BytesMut) -> Told<Self::Event>;
}

impl ResponseDecoder {
    /// Takes one event from the front of the buffer. `None`: more octets are needed.
    ///
    /// # Errors
    /// Only fatal ones: what breaks the framing. They are final.
    #[inline]
    pub fn decode(&mut self, input: &mut BytesMut) -> Result<Option<ResponseEvent>, Error> {
        let told = next(self, input);
        if let Err(error) = &told {
            self.fail(*error);
        }
        told
    }

    /// The connection has ended.
    ///
    /// # Errors
    /// [`ErrorKind::UnexpectedEof`](crate::wire::ErrorKind::UnexpectedEof) if a message was cut off.
    pub fn decode_eof(&mut self, input: &mut BytesMut) -> Result<Option<ResponseEvent>, Error> {
        match self.decode(input)? {
            None => self.check_end(input).map(|()| None),
            event => Ok(event),
        }
    }
}

impl Listener for ResponseDecoder {
    type Event = ResponseEvent;

    #[inline(always)]
    fn decoder(&mut self) -> &mut ResponseDecoder {
        self
    }

    #[inline(always)]
    fn data(&mut self, data: Data) -> Told<ResponseEvent> {
        Ok(Some(ResponseEvent::Response(Response::Data(data))))
    }

    #[inline(always)]
    fn status(&mut self, status: Status) -> Told<ResponseEvent> {
        Ok(Some(ResponseEvent::Response(Response::Status(status))))
    }

    #[inline(always)]
    fn fetch(&mut self, fetch: Fetch) -> Told<ResponseEvent> {
        Ok(Some(ResponseEvent::Fetch(fetch)))
    }

    #[inline(always)]
    fn body(&mut self, body: Body) -> Told<ResponseEvent> {
        Ok(Some(ResponseEvent::Body(body)))
    }

    fn read(&mut self, input: &mut BytesMut) -> Told<ResponseEvent> {
        self.tell(input)
    }
}

/// The next event.
#[inline(always)]
pub(crate) fn next<L: Listener>(listener: &mut L, input: &mut BytesMut) -> Told<L::Event> {
    match listener.decoder().front() {
        Front::Message => response(listener, input),
        Front::Items => behind_body(listener, input),
        Front::Body => body(listener, input),
        Front::Other => listener.read(input),
    }
}

/// Octets of a body, or its end.
#[inline(never)]
fn body<L: Listener>(listener: &mut L, input: &mut BytesMut) -> Told<L::Event> {
    match listener.decoder().next_octets(input) {
        Some(body) => listener.body(body),
        None => listener.read(input),
    }
}

/// A response that is one line, or begins with one and goes on with the octets of a body.
#[inline(never)]
fn response<L: Listener>(listener: &mut L, input: &mut BytesMut) -> Told<L::Event> {
    let line = input.get(..glance::LINE).unwrap_or(input);
    let Some(octets) = line.strip_prefix(b"* ") else { return listener.read(input) };
    if matches!(octets, [b'0'..=b'9', ..]) {
        return numbered(listener, input);
    }
    if let Some(rest) = octets.strip_prefix(b"LIST ") {
        let utf8 = listener.decoder().utf8();
        let Some((list, rest)) = List::glance(rest, utf8) else { return listener.read(input) };
        let Some(end) = glance::end(line, rest) else { return listener.read(input) };
        listener.decoder().take(input, end);
        return listener.data(Data::List(list));
    }
    if let Some(rest) = octets.strip_prefix(b"STATUS ") {
        let utf8 = listener.decoder().utf8();
        let Some((status, rest)) = StatusData::glance(rest, utf8) else { return listener.read(input) };
        let Some(end) = glance::end(line, rest) else { return listener.read(input) };
        listener.decoder().take(input, end);
        return listener.data(Data::Status(status));
    }
    if let Some(rest) = octets.strip_prefix(b"FLAGS ") {
        let Some((flags, rest)) = FlagBits::glance(rest, false) else { return listener.read(input) };
        let Some(end) = glance::end(line, rest) else { return listener.read(input) };
        listener.decoder().take(input, end);
        return listener.data(Data::Flags(flags.into()));
    }
    if let Some(rest) = octets.strip_prefix(b"CAPABILITY") {
        let Some((capabilities, rest)) = Capabilities::glance(rest) else { return listener.read(input) };
        let Some(end) = glance::end(line, rest) else { return listener.read(input) };
        listener.decoder().take(input, end);
        return listener.data(Data::Capability(capabilities));
    }
    let Some((status, rest)) = Status::glance(octets) else { return listener.read(input) };
    let Some(end) = glance::end(line, rest) else { return listener.read(input) };
    listener.decoder().take(input, end);
    listener.status(status)
}

/// Data that begins with a number.
#[inline(always)]
fn numbered<L: Listener>(listener: &mut L, input: &mut BytesMut) -> Told<L::Event> {
    let line = input.get(..glance::LINE).unwrap_or(input);
    let number = line.get(2..).and_then(decimal::canonical);
    let Some((number, rest)) = number else { return listener.read(input) };
    let Ok(number) = u32::try_from(number) else { return listener.read(input) };
    if let (Some(rest), Some(seq)) = (rest.strip_prefix(b" FETCH ("), NonZeroU32::new(number)) {
        let Some((items, rest)) = Items::default().glance(rest) else { return listener.read(input) };
        if let Some(rest) = rest.strip_prefix(b")") {
            let Some(end) = glance::end(line, rest) else { return listener.read(input) };
            listener.decoder().take(input, end);
            return listener.fetch(items.fetch(Some(seq)));
        }
        let at = line.len().saturating_sub(rest.len());
        return before_body(listener, input, at, seq, items.uid);
    }
    let (data, rest) = if let Some(rest) = rest.strip_prefix(b" EXISTS") {
        (Data::Exists(number), rest)
    } else if let Some(rest) = rest.strip_prefix(b" RECENT") {
        (Data::Recent(number), rest)
    } else if let (Some(rest), Some(number)) = (rest.strip_prefix(b" EXPUNGE"), NonZeroU32::new(number)) {
        (Data::Expunge(number), rest)
    } else {
        return listener.read(input);
    };
    let Some(end) = glance::end(line, rest) else { return listener.read(input) };
    listener.decoder().take(input, end);
    listener.data(data)
}

/// A FETCH of this message whose first body stands `at` this place of its line.
#[inline(never)]
fn before_body<L: Listener>(
    listener: &mut L,
    input: &mut BytesMut,
    at: usize,
    seq: NonZeroU32,
    uid: Option<NonZeroU32>,
) -> Told<L::Event> {
    let line = input.get(..glance::LINE).unwrap_or(input);
    let body = line.get(at..).and_then(|rest| BodyOctets::glance(rest.strip_prefix(b"BODY[")?));
    let Some((BodyOctets { section, origin, len }, rest)) = body else { return listener.read(input) };
    let Some(end) = glance::end(line, rest) else { return listener.read(input) };
    let reader = FetchReader::behind_body(seq, uid);
    if !listener.decoder().take_before_body(input, end, reader, len) {
        return listener.read(input);
    }
    listener.body(Body::Begin(BodyStart {
        uid,
        origin,
        len: Some(len),
        ..BodyStart::new(seq, BodyItem::Section(section))
    }))
}

/// The end of a FETCH behind a body.
#[inline(never)]
fn behind_body<L: Listener>(listener: &mut L, input: &mut BytesMut) -> Told<L::Event> {
    let Some(reader) = listener.decoder().reader() else { return listener.read(input) };
    let line = input.get(..glance::LINE).unwrap_or(input);
    let Some((items, rest)) = reader.glance(line) else { return listener.read(input) };
    let Some(end) = glance::end(line, rest) else { return listener.read(input) };
    listener.decoder().take_behind_body(input, end);
    listener.fetch(items.fetch(reader.seq()))
}
