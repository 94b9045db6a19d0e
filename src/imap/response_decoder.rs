//! Octets of a server in, responses out: framing and grammar, without the state of a connection.

use crate::imap::fetch::{Body, BodyStart, Fetch};
use crate::imap::fetch_read::{Begun, Contents, FetchReader, Step};
use crate::imap::framing::{Frame, Framer, Line, LiteralHeader, Sender, nesting};
use crate::imap::glance;
use crate::imap::quirk::{Quirk, Quirks};
use crate::imap::response::{Data, Response};
use crate::imap::response_event::ResponseEvent;
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
    /// The body whose octets are next, whatever the mode is.
    streamed: Option<Streamed>,
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

/// What stands at the front of the buffer.
pub(crate) enum Front {
    /// Octets of a body that is streamed, or its end.
    Body,
    /// Items of a FETCH, behind a body.
    Items,
    /// A message.
    Message,
    /// What cannot be read at a glance.
    Other,
}

/// The octets of a body that is streamed.
#[derive(Clone, Copy, Debug)]
struct Streamed {
    left: u64,
    /// How many the limit still allows.
    allowed: u64,
}

#[derive(Debug)]
enum Mode {
    /// A message, or the rest of one, begins at the front of the buffer.
    Frame,
    /// A body begins, whose octets are streamed.
    BodyStart(BodyStart, u64),
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
            streamed: None,
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
        self.fetch.is_some() || self.streamed.is_some() || !matches!(self.mode, Mode::Frame)
    }

    /// Whether the connection may end here.
    pub(crate) fn check_end(&mut self, input: &BytesMut) -> Result<(), Error> {
        if input.is_empty() && !self.is_within_message() {
            return Ok(());
        }
        let error = Error::fatal(ErrorKind::UnexpectedEof, length(input.len()), "the rest of the response");
        self.fail(error);
        Err(error)
    }

    /// Nothing is told any more but this error.
    pub(crate) fn fail(&mut self, error: Error) {
        self.mode = Mode::Failed(error);
    }

    /// What is next at the front of the buffer.
    #[inline(always)]
    pub(crate) fn front(&self) -> Front {
        if !matches!(self.mode, Mode::Frame) {
            return Front::Other;
        }
        if self.streamed.is_some() {
            return Front::Body;
        }
        if !self.glances || !self.framer.is_fresh() || self.frame.is_some() {
            return Front::Other;
        }
        match self.fetch {
            Some(_) => Front::Items,
            None if self.between => Front::Message,
            None => Front::Other,
        }
    }

    /// Octets of the body that is streamed, or its end. As many as the limit allows, however they came.
    #[inline(always)]
    pub(crate) fn next_octets(&mut self, input: &mut BytesMut) -> Option<Body> {
        let body = self.streamed.as_mut()?;
        if body.left == 0 {
            self.streamed = None;
            return Some(Body::End);
        }
        let taken = index(body.left.min(body.allowed)).min(input.len());
        if taken == 0 {
            return None;
        }
        body.left = body.left.saturating_sub(length(taken));
        body.allowed = body.allowed.saturating_sub(length(taken));
        self.consumed = self.consumed.saturating_add(length(taken));
        Some(Body::Chunk(input.split_to(taken).freeze()))
    }

    /// The octets of a body are next.
    #[inline]
    fn stream(&mut self, left: u64) {
        self.streamed = Some(Streamed { left, allowed: self.limits.stream });
    }

    /// What a message under way has still to tell, and then the next frame.
    pub(crate) fn tell(&mut self, input: &mut BytesMut) -> Result<Option<ResponseEvent>, Error> {
        loop {
            if let (Some(Streamed { left, .. }), Mode::Frame) = (self.streamed, &self.mode) {
                return match self.next_octets(input) {
                    None if left > 0 && !input.is_empty() => Err(Error::fatal(
                        ErrorKind::LiteralTooLarge,
                        self.limits.stream,
                        "a body within the limit",
                    )),
                    body => Ok(body.map(ResponseEvent::Body)),
                };
            }
            match &mut self.mode {
                Mode::Failed(error) => return Err(*error),
                Mode::BodyStart(..) => {
                    if let Mode::BodyStart(start, left) = core::mem::replace(&mut self.mode, Mode::Frame) {
                        self.stream(left);
                        return Ok(Some(ResponseEvent::Body(Body::Begin(start))));
                    }
                }
                Mode::Inline(octets) => {
                    let octets = core::mem::take(octets);
                    self.mode = Mode::Frame;
                    self.stream(0);
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
        while matches!(input.first(), Some(b'\0' | b'\r' | b'\n')) {
            let before = self.consumed;
            if self.from_start && input.first() == Some(&0) {
                self.skip_nul(input);
            } else if !self.skip_empty_lines(input) {
                return Ok(None);
            }
            if self.consumed == before {
                break;
            }
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

    /// Takes a message of one line, which is clean.
    #[inline]
    pub(crate) fn take(&mut self, input: &mut BytesMut, octets: usize) {
        self.forgiven = Quirks::strict();
        self.begun = self.consumed;
        self.consume(input, octets);
    }

    /// Takes the line of a FETCH, which is clean up to the octets of a body of this length; these are streamed. `false`: a limit does not permit it.
    #[inline(always)]
    pub(crate) fn take_before_body(
        &mut self,
        input: &mut BytesMut,
        octets: usize,
        reader: FetchReader,
        len: u64,
    ) -> bool {
        let permitted = self.framer.begin_body(len, &self.limits);
        if permitted {
            self.between = false;
            self.take(input, octets);
            self.fetch = Some(reader);
            self.stream(len);
        }
        permitted
    }

    /// Takes the line behind a body to the end of the FETCH, which is clean.
    #[inline(always)]
    pub(crate) fn take_behind_body(&mut self, input: &mut BytesMut, octets: usize) {
        self.consume(input, octets);
        self.begin_message();
    }

    /// The reader of the FETCH under way.
    #[inline(always)]
    pub(crate) fn reader(&self) -> Option<FetchReader> {
        self.fetch
    }

    /// Whether names are UTF-8.
    #[inline(always)]
    pub(crate) fn utf8(&self) -> bool {
        self.utf8
    }

    #[inline]
    fn consume(&mut self, input: &mut BytesMut, octets: usize) {
        self.consumed = self.consumed.saturating_add(length(octets));
        input.advance(octets);
    }

    /// Empty lines, where a response or the rest of a FETCH behind a body should stand. `false`: what follows is not known yet.
    #[cold]
    fn skip_empty_lines(&mut self, input: &mut BytesMut) -> bool {
        loop {
            let length = match input.as_ref() {
                [b'\r', b'\n', ..] => 2,
                [b'\n', ..] if self.quirks.contains(Quirk::BareLineFeed) => 1,
                // The rest of the line end may be on its way.
                [b'\r'] => return self.framer.is_fresh(),
                _ => return true,
            };
            let quirk = match self.fetch {
                None => Quirk::EmptyLine,
                // Such a line is the end of a FETCH that lacks its parenthesis, unless the items go on behind it.
                Some(_) => match input.get(length) {
                    Some(b' ' | b')') => Quirk::LiteralLength,
                    Some(_) => return true,
                    None => return !self.quirks.contains(Quirk::LiteralLength),
                },
            };
            if !self.quirks.contains(quirk) || !self.framer.is_at_first_line() {
                return true;
            }
            self.forgiven.insert(quirk);
            if length == 1 {
                self.forgiven.insert(Quirk::BareLineFeed);
            }
            self.framer.resume_message();
            self.consume(input, length);
        }
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
        self.stream(left);
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
                match self.literal.take() {
                    Some(left) => self.stream(left),
                    // The framing has not seen a body here, so there is one without octets, and nothing behind it.
                    None => {
                        self.frame = Some(Bytes::new());
                        self.mode = Mode::Inline(Bytes::new());
                    }
                }
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
    if matches!(error.kind(), ErrorKind::BadLiteral | ErrorKind::TooDeep) {
        return Err(error.into_fatal());
    }
    // What no line has, whatever is wrong first.
    let at = match (control(octets), error.kind()) {
        (Some(at), _) => at,
        (None, ErrorKind::Syntax) => index(error.offset()),
        (None, _) => return Ok(error),
    };
    match octets.get(at) {
        Some(0) => Err(Error::fatal(ErrorKind::Nul, length(at), "an octet other than NUL")),
        Some(b'\r') => Err(Error::fatal(ErrorKind::Syntax, length(at), "an octet other than CR")),
        // Lists that are never closed, whatever is wrong first. Where there are literals, their octets are not lists.
        _ if !octets.contains(&b'\n') && nesting(octets) > limits.depth => {
            Err(Error::fatal(ErrorKind::TooDeep, error.offset(), "fewer nested lists"))
        }
        _ => Ok(error),
    }
}

/// The first octet of a line that no line has: NUL, or CR outside of quotes, in which some servers write it. Literals hold such octets, too.
fn control(octets: &[u8]) -> Option<usize> {
    let line = octets.strip_suffix(b"\r\n").unwrap_or(octets);
    memchr::memchr2(0, b'\r', line).filter(|_| memchr::memchr(b'\n', line).is_none())?;
    let (mut quoted, mut escaped) = (false, false);
    line.iter().position(|octet| {
        let is_escaped = core::mem::take(&mut escaped);
        match octet {
            _ if is_escaped => {}
            b'"' => quoted = !quoted,
            b'\\' => escaped = quoted,
            _ => {}
        }
        *octet == 0 || (*octet == b'\r' && !quoted)
    })
}

#[cfg(test)]
mod tests;
