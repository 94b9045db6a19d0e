//! Octets of a server in, responses out: framing and grammar, without the state of a connection.

use crate::imap::fetch::{Body, BodyItem, BodyStart, Fetch};
use crate::imap::fetch_read::{Begun, Contents, FetchReader, Step};
use crate::imap::framing::{Frame, Framer, Line, LiteralHeader, Sender, open_lists};
use crate::imap::glance;
use crate::imap::quirk::{Quirk, Quirks};
use crate::imap::response::{Data, Response};
use crate::imap::response_event::{ResponseEvent, Told};
use crate::wire::cursor::Cursor;
use crate::wire::write::{index, length};
use crate::wire::{Error, ErrorKind, Limits};
use bytes::{Buf, Bytes, BytesMut};

/// Reads what a server sends (RFC 3501 section 7).
///
/// ```
/// use bytes::BytesMut;
/// use mailwire::imap::{Body, Data, Response, ResponseDecoder, ResponseEvent};
///
/// let mut decoder = ResponseDecoder::lenient();
/// let mut input = BytesMut::from("* 2 EXISTS\r\n* 1 FETCH (BODY[] {5}\r\nhello)\r\n* 3 EX");
/// let mut text = Vec::new();
/// let mut exists = None;
/// while let Some(event) = decoder.decode(&mut input).unwrap() {
///     match event {
///         ResponseEvent::Response(Response::Data(Data::Exists(count))) => exists = Some(count),
///         ResponseEvent::Body(Body::Chunk(octets)) => text.extend_from_slice(&octets),
///         _ => {}
///     }
/// }
/// assert_eq!((exists, &text[..], &input[..]), (Some(2), &b"hello"[..], &b"* 3 EX"[..]));
/// ```
#[derive(Debug)]
pub struct ResponseDecoder {
    framer: Framer,
    limits: Limits,
    quirks: Quirks,
    forgiven: Quirks,
    /// Whether names are UTF-8: the client has enabled it.
    utf8: bool,
    /// Whether the limits are so wide that short lines need not count.
    glances: bool,
    mode: Mode,
    /// The FETCH under way, and what is left of the frame it is read from; `None`: the next frame has to arrive.
    fetch: Option<FetchReader>,
    frame: Option<Bytes>,
    /// The length of the literal that is streamed behind that frame.
    literal: Option<u64>,
    /// Octets that left the buffer, and where the message under way began.
    consumed: u64,
    begun: u64,
    /// The next message has not begun yet.
    between: bool,
    /// Whether the octets of the last `Unparsed` begin a message.
    from_start: bool,
}

#[derive(Debug)]
enum Mode {
    /// A message, or the rest of one, begins at the front of the buffer.
    Frame,
    /// A body begins, whose octets are streamed.
    BodyStart(BodyStart, u64),
    /// A streamed literal.
    Body { left: u64, streamed: u64 },
    /// A body that stood in the line.
    Inline(Bytes),
    /// An item of the FETCH that was told last is not in it.
    LeftOut { octets: Bytes, error: Error },
    /// The octets of a literal that is too large, and then the rest of its message.
    Discard { left: u64, octets: Bytes, error: Error, told: bool },
    /// A fatal error was told.
    Failed(Error),
}

impl ResponseDecoder {
    /// A decoder that forgives these quirks and has these limits.
    pub fn new(quirks: Quirks, limits: Limits) -> Self {
        Self {
            framer: Framer::new(Sender::Server),
            limits,
            quirks,
            forgiven: Quirks::strict(),
            utf8: false,
            glances: glance::suffices(&limits),
            mode: Mode::Frame,
            fetch: None,
            frame: None,
            literal: None,
            consumed: 0,
            begun: 0,
            between: true,
            from_start: true,
        }
    }

    /// A decoder that forgives every quirk, with the limits of a client.
    pub fn lenient() -> Self {
        Self::new(Quirks::lenient(), Limits::imap_client())
    }

    /// A decoder that forgives nothing, with the limits of a client.
    pub fn strict() -> Self {
        Self::new(Quirks::strict(), Limits::imap_client())
    }

    /// Names are UTF-8 from the next response on: UTF8=ACCEPT (RFC 6855) or IMAP4rev2 is enabled.
    pub fn set_utf8(&mut self, utf8: bool) {
        self.utf8 = utf8;
    }

    /// What was forgiven in the event that was given last.
    pub fn forgiven(&self) -> Quirks {
        self.forgiven
    }

    /// Notes a quirk that only the state of the connection can tell.
    pub(crate) fn forgive(&mut self, quirk: Quirk) {
        self.forgiven.insert(quirk);
    }

    /// Whether the octets that could not be read were the beginning of a message.
    pub(crate) fn began_message(&self) -> bool {
        self.from_start
    }

    /// Where the message of the event that was given last began, in octets from the start of the connection.
    pub fn offset(&self) -> u64 {
        self.begun
    }

    /// Whether a message has begun and is not at its end.
    pub fn is_within_message(&self) -> bool {
        self.fetch.is_some() || !matches!(self.mode, Mode::Frame)
    }

    /// Takes one event from the front of the buffer. `None`: more octets are needed.
    ///
    /// # Errors
    /// Only fatal ones: what breaks the framing. They are final.
    #[inline]
    pub fn decode(&mut self, input: &mut BytesMut) -> Result<Option<ResponseEvent>, Error> {
        let event = match self.glance(input) {
            None => self.tell(input),
            event => Ok(event),
        };
        if let Err(error) = &event {
            self.mode = Mode::Failed(*error);
        }
        event
    }

    /// The connection has ended.
    ///
    /// # Errors
    /// [`ErrorKind::UnexpectedEof`] if a message was cut off.
    pub fn decode_eof(&mut self, input: &mut BytesMut) -> Result<Option<ResponseEvent>, Error> {
        match self.decode(input)? {
            None => self.check_end(input).map(|()| None),
            event => Ok(event),
        }
    }

    /// Whether the connection may end here.
    pub(crate) fn check_end(&mut self, input: &BytesMut) -> Result<(), Error> {
        if input.is_empty() && !self.is_within_message() {
            return Ok(());
        }
        let error = Error::fatal(ErrorKind::UnexpectedEof, length(input.len()), "the rest of the response");
        self.mode = Mode::Failed(error);
        Err(error)
    }

    /// The next event, if it can be told at a glance; where it cannot, nothing has changed.
    #[inline]
    pub(crate) fn glance<E: Told>(&mut self, input: &mut BytesMut) -> Option<E> {
        match self.mode {
            Mode::Frame if self.frame.is_none() => self.glance_line(input),
            Mode::Body { .. } => self.body(input),
            _ => None,
        }
    }

    /// Octets of the body that is streamed, or its end.
    #[inline]
    fn body<E: Told>(&mut self, input: &mut BytesMut) -> Option<E> {
        if let Mode::Body { left: 0, .. } = self.mode {
            self.mode = Mode::Frame;
            return Some(E::body(Body::End));
        }
        self.chunk(input).map(|octets| E::body(Body::Chunk(octets)))
    }

    /// A short line at the front of the buffer.
    #[inline(always)]
    fn glance_line<E: Told>(&mut self, input: &mut BytesMut) -> Option<E> {
        if !self.glances || !self.framer.is_fresh() {
            return None;
        }
        let front = input.get(..glance::LINE).unwrap_or(input);
        let end = memchr::memchr(b'\n', front)?.wrapping_add(1);
        if self.fetch.is_some() {
            self.glance_behind_body(input, end)
        } else if !self.between {
            None
        } else if front.get(..end)?.ends_with(b"}\r\n") {
            self.glance_body(input, end)
        } else {
            self.glance_response(input, end)
        }
    }

    /// A response that is one line.
    #[inline(never)]
    fn glance_response<E: Told>(&mut self, input: &mut BytesMut, end: usize) -> Option<E> {
        let event = glance::response(input.get(..end).unwrap_or_default(), self.utf8);
        if event.is_some() {
            self.forgiven = Quirks::strict();
            self.begun = self.consumed;
            self.consume(input, end);
        }
        event
    }

    /// The end of a FETCH behind a body.
    #[inline(never)]
    fn glance_behind_body<E: Told>(&mut self, input: &mut BytesMut, end: usize) -> Option<E> {
        let line = input.get(..end).unwrap_or_default();
        let event = self.fetch.as_ref().and_then(|reader| reader.glance(line));
        if event.is_some() {
            self.consume(input, end);
            self.begin_message();
        }
        event
    }

    /// A FETCH up to the octets of its first body.
    #[inline(never)]
    fn glance_body<E: Told>(&mut self, input: &mut BytesMut, end: usize) -> Option<E> {
        let body = glance::body(input.get(..end)?)?;
        self.framer.resume_behind_body(end, body.len, &self.limits).ok()?;
        self.between = false;
        self.forgiven = Quirks::strict();
        self.begun = self.consumed;
        self.consume(input, end);
        self.fetch = Some(FetchReader::behind(&body));
        self.mode = Mode::Body { left: body.len, streamed: 0 };
        Some(E::body(Body::Begin(BodyStart {
            uid: body.uid,
            origin: body.origin,
            len: Some(body.len),
            ..BodyStart::new(body.seq, BodyItem::Section(body.section))
        })))
    }

    /// Octets of the body that is streamed, if some have come and the limit allows some: as many as that, however they came.
    #[inline]
    fn chunk(&mut self, input: &mut BytesMut) -> Option<Bytes> {
        let Mode::Body { left, streamed } = &mut self.mode else { return None };
        let allowed = self.limits.stream.saturating_sub(*streamed).min(*left);
        let taken = index(allowed).min(input.len());
        if taken == 0 {
            return None;
        }
        *left = left.saturating_sub(length(taken));
        *streamed = streamed.saturating_add(length(taken));
        self.consumed = self.consumed.saturating_add(length(taken));
        Some(input.split_to(taken).freeze())
    }

    /// What a message under way has still to tell, and then the next frame.
    pub(crate) fn tell(&mut self, input: &mut BytesMut) -> Result<Option<ResponseEvent>, Error> {
        loop {
            match &mut self.mode {
                Mode::Failed(error) => return Err(*error),
                Mode::Body { left, .. } => {
                    let over = *left > 0 && !input.is_empty();
                    return match self.body(input) {
                        None if over => Err(Error::fatal(
                            ErrorKind::LiteralTooLarge,
                            self.limits.stream,
                            "a body within the limit",
                        )),
                        event => Ok(event),
                    };
                }
                Mode::BodyStart(..) => {
                    if let Mode::BodyStart(start, left) = core::mem::replace(&mut self.mode, Mode::Frame) {
                        self.mode = Mode::Body { left, streamed: 0 };
                        return Ok(Some(ResponseEvent::Body(Body::Begin(start))));
                    }
                }
                Mode::Inline(octets) => {
                    let octets = core::mem::take(octets);
                    self.mode = Mode::Body { left: 0, streamed: 0 };
                    if !octets.is_empty() {
                        return Ok(Some(ResponseEvent::Body(Body::Chunk(octets))));
                    }
                }
                Mode::LeftOut { octets, error } => {
                    let (octets, error) = (core::mem::take(octets), *error);
                    self.mode = Mode::Frame;
                    return Ok(Some(ResponseEvent::Unparsed { octets, error }));
                }
                Mode::Discard { left, .. } if *left > 0 => {
                    let taken = index(*left).min(input.len());
                    if taken == 0 {
                        return Ok(None);
                    }
                    *left = left.saturating_sub(length(taken));
                    self.consume(input, taken);
                }
                Mode::Discard { .. } => match self.discard_line(input)? {
                    Some(None) => {}
                    Some(event) => return Ok(event),
                    None => return Ok(None),
                },
                Mode::Frame => match self.frame.take() {
                    Some(frame) => return self.fetch_from_frame(frame),
                    None => return self.next_frame(input),
                },
            }
        }
    }

    /// The next frame, read.
    #[inline]
    fn next_frame(&mut self, input: &mut BytesMut) -> Result<Option<ResponseEvent>, Error> {
        if self.between && !input.is_empty() {
            self.between = false;
            self.forgiven = Quirks::strict();
            self.begun = self.consumed;
        }
        self.from_start = self.fetch.is_none();
        if self.from_start && input.first() == Some(&0) {
            self.skip_nul(input);
        }
        match self.framer.next_line(input, &self.limits)? {
            None => Ok(None),
            Some(line) if !line.braced => self.message(input, line.end, line.terminator, None),
            Some(line) => self.braced_line(input, line),
        }
    }

    /// A line that may end in the header of a literal.
    fn braced_line(&mut self, input: &mut BytesMut, line: Line) -> Result<Option<ResponseEvent>, Error> {
        if self.framer.is_at_first_line()
            && let Some(fetch) = self.fetch_before_body(input, line.end)?
        {
            return Ok(Some(fetch));
        }
        let mut frame = self.framer.frame_at(line, input, &self.limits)?;
        loop {
            let (end, terminator, literal) = match frame {
                Some(Frame::Literal { end, header }) if !header.streamed => {
                    self.refuse_literal(input, end, header)?;
                    return self.tell(input);
                }
                Some(Frame::Literal { end, header }) => (end, 0, Some(header.length)),
                Some(Frame::Message { end, terminator }) => (end, terminator, None),
                None => match self.framer.frame(input, &self.limits)? {
                    None => return Ok(None),
                    next => {
                        frame = next;
                        continue;
                    }
                },
            };
            return self.message(input, end, terminator, literal);
        }
    }

    #[inline]
    fn consume(&mut self, input: &mut BytesMut, octets: usize) {
        self.consumed = self.consumed.saturating_add(length(octets));
        input.advance(octets);
    }

    /// NUL octets before a line.
    #[cold]
    fn skip_nul(&mut self, input: &mut BytesMut) {
        if self.quirks.contains(Quirk::NulInText) {
            let count = input.iter().take_while(|octet| **octet == 0).count();
            self.consume(input, count);
            self.forgiven.insert(Quirk::NulInText);
        }
    }

    /// A literal that is too large to be gathered: its message is passed over.
    fn refuse_literal(
        &mut self,
        input: &mut BytesMut,
        end: usize,
        header: LiteralHeader,
    ) -> Result<(), Error> {
        let error = Error::recoverable(ErrorKind::LiteralTooLarge, length(end), "a literal within the limit");
        if header.length > self.limits.stream || end > self.limits.message {
            return Err(error.into_fatal());
        }
        self.consumed = self.consumed.saturating_add(length(end));
        let octets = input.split_to(end).freeze();
        self.framer.resume_message();
        self.mode = Mode::Discard { left: header.length, octets, error, told: false };
        Ok(())
    }

    /// The rest of a message that is passed over, up to its end or its next literal: the event, if one is owed for it. `None`: more octets
    /// are needed.
    fn discard_line(&mut self, input: &mut BytesMut) -> Result<Option<Option<ResponseEvent>>, Error> {
        let Mode::Discard { left, octets, error, told } = &mut self.mode else { return Ok(None) };
        match self.framer.frame(input, &self.limits)? {
            None => Ok(None),
            Some(Frame::Literal { end, header }) => {
                *left = header.length;
                self.framer.resume_message();
                self.consume(input, end);
                Ok(Some(None))
            }
            Some(Frame::Message { end, .. }) => {
                self.framer.check_header(input, end)?;
                let event = ResponseEvent::Unparsed { octets: core::mem::take(octets), error: *error };
                let told = *told;
                self.consume(input, end);
                self.end_message();
                Ok(Some((!told).then_some(event)))
            }
        }
    }

    fn end_message(&mut self) {
        self.mode = Mode::Frame;
        self.frame = None;
        self.literal = None;
        self.begin_message();
    }

    /// The message ends with the frame that was read, and nothing of it is left to tell.
    #[inline]
    fn end_of_frame(&mut self, input: &mut BytesMut, end: usize, forgiven: u128) {
        self.forgiven = merge(self.forgiven, forgiven);
        self.consume(input, end);
        self.begin_message();
    }

    #[inline]
    fn begin_message(&mut self) {
        self.framer.next_message();
        self.fetch = None;
        self.between = true;
    }

    /// Reads a frame of `end` octets; a streamed literal follows if there is a length.
    #[inline(always)]
    fn message(
        &mut self,
        input: &mut BytesMut,
        end: usize,
        terminator: usize,
        literal: Option<u64>,
    ) -> Result<Option<ResponseEvent>, Error> {
        if self.framer.has_bare_line_feed() {
            self.bare_line_feed(input, end)?;
        }
        let content = end.saturating_sub(terminator);
        let octets = input.get(..content).unwrap_or_default();
        let mut cursor = Cursor::borrowed(octets, &self.limits, self.quirks.bits()).with_utf8(self.utf8);
        let begun = match self.fetch {
            Some(reader) => Ok(Begun::Fetch(reader)),
            None => FetchReader::begin(&mut cursor),
        };
        let response = match begun {
            Ok(Begun::Fetch(mut reader)) if literal.is_none() => {
                // Most often there is nothing that has to be shared, and no body.
                let mut fetch = Fetch::default();
                if let Ok(Contents::Items) = reader.frame(&mut cursor, &mut fetch) {
                    if cursor.forgiven() != 0 {
                        self.framer.check_header(octets, content)?;
                    }
                    self.end_of_frame(input, end, cursor.forgiven());
                    return Ok(Some(ResponseEvent::Fetch(fetch)));
                }
                return self.shared_fetch(input, end, content, literal);
            }
            Ok(Begun::Fetch(_)) | Err(_) => return self.shared_fetch(input, end, content, literal),
            Ok(_) if self.framer.is_fetch() => return self.shared_fetch(input, end, content, literal),
            Ok(Begun::Numbered { number, start }) => {
                Data::parse_numbered(&mut cursor, number, start).map(Response::Data)
            }
            Ok(Begun::Other) => Response::parse(&mut cursor),
        };
        match response {
            Ok(response) => {
                if cursor.forgiven() != 0 {
                    self.framer.check_header(octets, content)?;
                }
                self.end_of_frame(input, end, cursor.forgiven());
                Ok(Some(ResponseEvent::Response(response)))
            }
            Err(_) => self.shared_response(input, end, content),
        }
    }

    #[cold]
    fn bare_line_feed(&mut self, input: &[u8], end: usize) -> Result<(), Error> {
        self.framer.check_header(input, end)?;
        if !self.quirks.contains(Quirk::BareLineFeed) {
            return Err(Error::fatal(ErrorKind::BareLineFeed, length(end), "CRLF"));
        }
        self.forgiven.insert(Quirk::BareLineFeed);
        Ok(())
    }

    /// Reads a response that has to be shared, or cannot be read.
    #[cold]
    fn shared_response(
        &mut self,
        input: &mut BytesMut,
        end: usize,
        content: usize,
    ) -> Result<Option<ResponseEvent>, Error> {
        self.consumed = self.consumed.saturating_add(length(end));
        let octets = input.split_to(end).freeze().slice(..content);
        let mut cursor = Cursor::shared(&octets, &self.limits, self.quirks.bits()).with_utf8(self.utf8);
        let response = Response::parse(&mut cursor);
        if response.is_err() || cursor.forgiven() != 0 {
            self.framer.check_header(&octets, content)?;
        }
        self.forgiven = merge(self.forgiven, cursor.forgiven());
        let response = response.map_err(|fail| harden(cursor.error(fail), &octets, &self.limits));
        self.begin_message();
        match response {
            Ok(response) => Ok(Some(ResponseEvent::Response(response))),
            Err(error) => Ok(Some(ResponseEvent::Unparsed { octets, error: error? })),
        }
    }

    /// Reads a frame of a FETCH in steps.
    #[cold]
    fn shared_fetch(
        &mut self,
        input: &mut BytesMut,
        end: usize,
        content: usize,
        literal: Option<u64>,
    ) -> Result<Option<ResponseEvent>, Error> {
        self.framer.check_header(input, content)?;
        self.consumed = self.consumed.saturating_add(length(end));
        let frame = input.split_to(end).freeze().slice(..content);
        self.framer.resume_message();
        self.literal = literal;
        self.fetch_from_frame(frame)
    }

    /// The items and the start of a body in the one line of a frame: the grammar knows a literal that is streamed, so that the
    /// framing need not look for it. `None`: it has to.
    fn fetch_before_body(
        &mut self,
        input: &mut BytesMut,
        end: usize,
    ) -> Result<Option<ResponseEvent>, Error> {
        if self.framer.has_bare_line_feed() {
            return Ok(None);
        }
        let octets = input.get(..end).unwrap_or_default();
        let mut cursor = Cursor::borrowed(octets, &self.limits, self.quirks.bits()).with_utf8(self.utf8);
        let begun = match self.fetch {
            Some(reader) => Ok(Begun::Fetch(reader)),
            None => FetchReader::begin(&mut cursor),
        };
        let Ok(Begun::Fetch(mut reader)) = begun else { return Ok(None) };
        let mut fetch = Fetch::default();
        let (start, items) = match reader.frame(&mut cursor, &mut fetch) {
            Ok(Contents::ItemsAndBody(start)) => (start, true),
            Ok(Contents::Body(start)) => (start, false),
            Ok(Contents::Items) | Err(_) => return Ok(None),
        };
        if cursor.forgiven() != 0 {
            return Ok(None);
        }
        let left = start.len.unwrap_or(0);
        self.framer.resume_behind_body(end, left, &self.limits)?;
        self.consume(input, end);
        self.fetch = Some(reader);
        if items {
            self.mode = Mode::BodyStart(start, left);
            return Ok(Some(ResponseEvent::Fetch(fetch)));
        }
        self.mode = Mode::Body { left, streamed: 0 };
        Ok(Some(ResponseEvent::Body(Body::Begin(start))))
    }

    /// Goes on in the frame of a FETCH.
    fn fetch_from_frame(&mut self, frame: Bytes) -> Result<Option<ResponseEvent>, Error> {
        let mut cursor = Cursor::shared(&frame, &self.limits, self.quirks.bits()).with_utf8(self.utf8);
        let mut left_out = None;
        let step = match self.fetch.as_mut() {
            Some(reader) => reader.step(&mut cursor, &mut left_out),
            None => match FetchReader::begin(&mut cursor) {
                Ok(Begun::Fetch(reader)) => self.fetch.insert(reader).step(&mut cursor, &mut left_out),
                Ok(_) => cursor.syntax("FETCH or UIDFETCH"),
                Err(fail) => Err(fail),
            },
        };
        self.forgiven = merge(self.forgiven, cursor.forgiven());
        let position = cursor.position();
        match step {
            Ok(Step::Fetch(fetch)) => {
                if !fetch.last {
                    self.frame = Some(frame.slice(position..));
                } else if let Some(left) = self.literal.take() {
                    // Octets behind the end that look like a body: they must not be taken for a response.
                    let error =
                        Error::recoverable(ErrorKind::Syntax, length(position), "the end of the line");
                    self.mode = Mode::Discard { left, told: false, octets: frame, error };
                    return Ok(Some(ResponseEvent::Fetch(fetch)));
                } else {
                    self.end_message();
                }
                if let Some(error) = left_out {
                    self.mode = Mode::LeftOut { octets: frame, error };
                }
                Ok(Some(ResponseEvent::Fetch(fetch)))
            }
            Ok(Step::InlineBody { start, octets }) => {
                self.frame = Some(frame.slice(position..));
                self.mode = Mode::Inline(octets.unwrap_or_default());
                Ok(Some(ResponseEvent::Body(Body::Begin(start))))
            }
            Ok(Step::StreamedBody(start)) => {
                self.mode = match self.literal.take() {
                    Some(left) => Mode::Body { left, streamed: 0 },
                    // The framing has not seen a body here, so there is one without octets, and nothing behind it.
                    None => {
                        self.frame = Some(Bytes::new());
                        Mode::Inline(Bytes::new())
                    }
                };
                Ok(Some(ResponseEvent::Body(Body::Begin(start))))
            }
            Err(fail) => {
                let error = harden(cursor.error(fail), &frame, &self.limits)?;
                let event = ResponseEvent::Unparsed { octets: frame, error };
                match self.literal.take() {
                    // The octets of the body belong to what could not be read.
                    Some(left) => self.mode = Mode::Discard { left, told: true, octets: Bytes::new(), error },
                    None => self.end_message(),
                }
                Ok(Some(event))
            }
        }
    }
}

fn merge(met: Quirks, bits: u128) -> Quirks {
    Quirks::from_bits(met.bits() | bits)
}

/// Errors that mean the framing cannot be trusted any more are fatal, and lists that nobody nests so deep. A body structure that is
/// too deep is left out of its FETCH before it comes to that.
fn harden(error: Error, octets: &[u8], limits: &Limits) -> Result<Error, Error> {
    match (error.kind(), octets.get(index(error.offset()))) {
        (ErrorKind::BadLiteral | ErrorKind::TooDeep, _) => Err(error.into_fatal()),
        (ErrorKind::Syntax, Some(0)) => Err(Error::fatal(ErrorKind::Nul, error.offset(), error.expected())),
        (ErrorKind::Syntax, Some(b'\r')) => Err(error.into_fatal()),
        // Lists that are never closed, whatever is wrong first. Where there are literals, their octets are not lists.
        (ErrorKind::Syntax, _) if !octets.contains(&b'\n') && open_lists(octets) > limits.depth => {
            Err(Error::fatal(ErrorKind::TooDeep, error.offset(), "fewer nested lists"))
        }
        _ => Ok(error),
    }
}

#[cfg(test)]
mod tests;
