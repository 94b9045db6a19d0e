//! One answer after the other, each read by the shape that its command gives it.

use super::apop::{Found, Timestamp};
use super::capability::{Capabilities, Capability};
use super::command::{Command, Shape};
use super::listing::{DropListing, LanguageListing, ScanListing, UniqueIdListing};
use super::quirk::{Quirk, Quirks};
use super::reply::{Reply, Status};
use super::response::{Body, Greeting, Response};
use super::stuffing::{Unstuffed, Unstuffer};
use crate::wire::scan::LineScanner;
use crate::wire::{Error, ErrorKind, Limits, base64, write};
use alloc::boxed::Box;
use alloc::vec::Vec;
use bytes::{Buf, Bytes, BytesMut};
use core::num::NonZeroU32;

/// What the next octets are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    Greeting,
    Answer(Answer),
    Nothing,
}

/// What is known of an answer before it comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) shape: Shape,
    /// With its `+OK` text is UTF-8 from now on (RFC 6856 sections 2.1 and 3.2).
    pub(super) utf8: bool,
    /// An AUTH for which the client has said nothing yet: neither an initial response nor an answer to a challenge.
    pub(super) silent: bool,
}

impl Answer {
    pub(super) fn new(command: &Command, shape: Shape) -> Self {
        Self {
            shape,
            utf8: matches!(command, Command::Utf8 | Command::Lang(Some(_))),
            silent: matches!(command, Command::Auth { initial_response: None, .. }),
        }
    }
}

impl From<Shape> for Answer {
    fn from(shape: Shape) -> Self {
        Self { shape, utf8: false, silent: false }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    StatusLine,
    Lines,
    Body,
    /// Everything was told but the completion.
    Completion,
}

/// Lines that mostly have one form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Usual {
    None,
    UniqueIds,
    ScanListings,
}

/// Where a line ends.
struct Line {
    /// Without its end.
    length: usize,
    /// With it.
    end: usize,
}

/// Reads one answer after the other; what each is, the caller says.
#[derive(Debug)]
pub(super) struct Reader {
    scanner: LineScanner,
    mode: Mode,
    /// The lines that are being read, if they have a usual form.
    usual: Usual,
    /// How many digits the last message number had: the next one mostly has as many, and what stands behind it need not wait for them.
    digits: usize,
    quirks: Quirks,
    /// Forgiven since the last response was given out.
    noticed: Quirks,
    /// Forgiven for the last response.
    forgiven: Quirks,
    /// UTF8 or LANG has succeeded: text is UTF-8.
    pub(super) utf8: bool,
    /// The current status line was told as unparsed already, and counts for its status alone.
    told: bool,
    /// The current status line ended with LF alone.
    loose: bool,
    reply: Option<Reply>,
    lines: usize,
    message: Option<NonZeroU32>,
    announced: Option<u64>,
    capabilities: Vec<Capability>,
    unstuffer: Option<Box<Unstuffer>>,
    /// The last challenge was not Base64: the exchange must be given up.
    pub(super) bad_challenge: bool,
    line_limit: usize,
    sasl_limit: usize,
    capability_limit: usize,
    /// Octets that left the buffer, and where the line of the last response began.
    consumed: u64,
    pub(super) begun: u64,
}

/// The longest line of a server, with its CRLF (RFC 2449 section 4).
const LONGEST: usize = 512;

impl Reader {
    pub(super) fn new(limits: &Limits, quirks: Quirks) -> Self {
        Self {
            scanner: LineScanner::default(),
            mode: Mode::StatusLine,
            usual: Usual::None,
            digits: 1,
            quirks,
            noticed: Quirks::none(),
            forgiven: Quirks::none(),
            utf8: false,
            told: false,
            loose: false,
            reply: None,
            lines: 0,
            message: None,
            announced: None,
            capabilities: Vec::new(),
            unstuffer: None,
            bad_challenge: false,
            line_limit: limits.line,
            sasl_limit: limits.sasl_line.saturating_add(2).max(limits.line),
            capability_limit: limits.capability_lines,
            consumed: 0,
            begun: 0,
        }
    }

    /// What was forgiven for the last response.
    pub(super) fn forgiven(&self) -> Quirks {
        self.forgiven
    }

    /// A whole line of UIDL in its usual form, where one is next and was not looked at yet. `None` says nothing.
    #[inline(always)]
    pub(super) fn usual_unique_id(&mut self, input: &mut BytesMut) -> Option<UniqueIdListing> {
        if self.usual != Usual::UniqueIds || self.scanner.scanned() != 0 {
            return None;
        }
        let (listing, end) = UniqueIdListing::usual(input, self.digits)?;
        if !self.allows(end) {
            return None;
        }
        self.message = listing.message.checked_add(1);
        self.forgiven = core::mem::take(&mut self.noticed);
        input.advance(end);
        Some(listing)
    }

    /// The same for LIST.
    #[inline]
    pub(super) fn usual_scan_listing(&mut self, input: &mut BytesMut) -> Option<ScanListing> {
        if self.usual != Usual::ScanListings || self.scanner.scanned() != 0 {
            return None;
        }
        let (listing, end) = ScanListing::usual(input)?;
        if !self.allows(end) {
            return None;
        }
        self.forgiven = core::mem::take(&mut self.noticed);
        input.advance(end);
        Some(listing)
    }

    /// Whether a line of so many octets, with its CRLF, is within the limit.
    fn allows(&self, octets: usize) -> bool {
        octets <= self.line_limit.saturating_add(2)
    }

    /// Nothing is read any more.
    pub(super) fn stop(&mut self) {
        self.usual = Usual::None;
    }

    /// Whether an answer has started and not ended.
    pub(super) fn is_inside(&self) -> bool {
        self.mode != Mode::StatusLine
    }

    /// Reads one response.
    #[inline]
    pub(super) fn read(
        &mut self,
        expected: Expected,
        input: &mut BytesMut,
    ) -> Result<Option<Response>, Error> {
        let response = match self.mode {
            Mode::Lines => self.line(expected, input)?,
            Mode::Body => self.body(input),
            Mode::StatusLine => match self.status_line(expected, input)? {
                None if self.mode == Mode::Lines => self.line(expected, input)?,
                response => response,
            },
            Mode::Completion => {
                self.mode = Mode::StatusLine;
                self.reply.take().map(Response::Completed)
            }
        };
        if response.is_some() {
            self.forgiven = core::mem::take(&mut self.noticed);
        }
        Ok(response)
    }

    /// Forgives, or says that it may not.
    fn forgive(&mut self, quirk: Quirk) -> bool {
        let allowed = self.quirks.contains(quirk);
        if allowed {
            self.noticed.insert(quirk);
        }
        allowed
    }

    /// Where the next line ends. Lines over the limit and, if they are not forgiven, bare LFs are fatal.
    #[inline]
    fn find_line(&mut self, input: &[u8], limit: usize) -> Result<Option<Line>, Error> {
        let too_long = || Error::fatal(ErrorKind::LineTooLong, write::length(limit), "the end of the line");
        let Some(end) = self.scanner.line_end(input) else {
            return if input.len() > limit.saturating_add(1) { Err(too_long()) } else { Ok(None) };
        };
        self.begun = self.consumed;
        let line = input.get(..end.saturating_sub(1)).unwrap_or_default();
        let length = line.strip_suffix(b"\r").unwrap_or(line).len();
        // What is over the limit is that first, however much of it had arrived.
        if length > limit {
            return Err(too_long());
        }
        self.loose = length == line.len();
        if self.loose && !self.forgive(Quirk::BareLineFeed) {
            return Err(Error::fatal(ErrorKind::BareLineFeed, write::length(line.len()), "CRLF"));
        }
        Ok(Some(Line { length, end }))
    }

    fn consume(&mut self, input: &mut BytesMut, octets: usize) {
        self.scanner.consumed(octets);
        self.consumed = self.consumed.saturating_add(write::length(octets));
        input.advance(octets.min(input.len()));
    }

    /// Gives the line out as it is.
    #[cold]
    fn unparsed(&mut self, input: &mut BytesMut, octets: usize, error: Error) -> Response {
        self.scanner.consumed(octets);
        self.consumed = self.consumed.saturating_add(write::length(octets));
        let octets = input.split_to(octets.min(input.len())).freeze();
        Response::Unparsed { octets, error }
    }

    fn status_line(&mut self, expected: Expected, input: &mut BytesMut) -> Result<Option<Response>, Error> {
        let answer = match expected {
            Expected::Nothing if input.is_empty() => return Ok(None),
            Expected::Nothing => {
                return Err(Error::fatal(
                    ErrorKind::UnexpectedResponse,
                    0,
                    "nothing: no command waits for an answer",
                ));
            }
            Expected::Greeting => None,
            Expected::Answer(answer) => Some(answer),
        };
        let shape = answer.map(|answer| answer.shape);
        let limit = if shape == Some(Shape::Authentication) { self.sasl_limit } else { self.line_limit };
        let Some(Line { length, end }) = self.find_line(input, limit)? else { return Ok(None) };
        let line = input.get(..length).unwrap_or_default();
        let bad = |kind, offset, wanted| Error::fatal(kind, write::length(offset), wanted);
        if let Some(offset) = memchr::memchr(0, line) {
            return Err(bad(ErrorKind::Nul, offset, "an octet other than NUL"));
        }
        let (status, text, in_case) = match line {
            [b'+', b'O', b'K', text @ ..] => (Status::Ok, text, true),
            [b'-', b'E', b'R', b'R', text @ ..] => (Status::Err, text, true),
            [b'+', b'O' | b'o', b'K' | b'k', text @ ..] => (Status::Ok, text, false),
            [b'-', b'E' | b'e', b'R' | b'r', b'R' | b'r', text @ ..] => (Status::Err, text, false),
            [b'+', b'E', b'R', b'R', text @ ..] if self.forgive(Quirk::PlusErr) => (Status::Err, text, true),
            [b'+'] | [b'+', b' ', ..] if shape == Some(Shape::Authentication) => {
                return self.challenge(length, end, input).map(Some);
            }
            _ => {
                let kind = match (shape, line) {
                    (None, _) => ErrorKind::BadGreeting,
                    (Some(_), [b'+'] | [b'+', b' ', ..]) => ErrorKind::UnexpectedContinuation,
                    (Some(_), _) => ErrorKind::Syntax,
                };
                return Err(bad(kind, 0, "+OK or -ERR"));
            }
        };
        let kind = if shape.is_none() { ErrorKind::BadGreeting } else { ErrorKind::Syntax };
        let text = match text {
            [] => text,
            [b' ', rest @ ..] => rest,
            _ => return Err(bad(kind, length.saturating_sub(text.len()), "a space or the end of the line")),
        };
        if !in_case && !self.forgive(Quirk::StatusCase) {
            return Err(bad(kind, 0, "+OK or -ERR in upper case"));
        }
        let text_at = length.saturating_sub(text.len());
        let utf8 = self.utf8 || status == Status::Ok && answer.is_some_and(|answer| answer.utf8);
        let violation = if let Some(offset) = memchr::memchr(b'\r', text) {
            Some((ErrorKind::Syntax, text_at.saturating_add(offset), "an octet other than CR"))
        } else if end > LONGEST && !self.forgive(Quirk::LongLine) {
            Some((ErrorKind::LineTooLong, LONGEST, "a line of at most 512 octets"))
        } else if !utf8 && !text.is_ascii() && !self.forgive(Quirk::NonAsciiText) {
            let offset = text.iter().position(|octet| !octet.is_ascii()).unwrap_or(0);
            Some((ErrorKind::Syntax, text_at.saturating_add(offset), "an octet of ASCII"))
        } else {
            None
        };
        if let Some((kind, offset, wanted)) = violation.filter(|_| !self.told) {
            self.told = true;
            self.scanner = LineScanner::default();
            let octets = Bytes::copy_from_slice(input.get(..end).unwrap_or_default());
            let error = Error::recoverable(kind, write::length(offset), wanted);
            return Ok(Some(Response::Unparsed { octets, error }));
        }
        self.told = false;
        let text = text.split(|octet| *octet == b'\r').next().unwrap_or_default();
        let reply = Reply::read(status, text);
        let timestamp = match shape {
            None => Timestamp::find(text),
            Some(_) => Found::Nothing,
        };
        let loose = self.loose;
        let Some(shape) = shape else {
            self.consume(input, end);
            if timestamp == Found::Bad {
                self.forgive(Quirk::BadTimestamp);
            }
            let timestamp = match timestamp {
                Found::Timestamp(timestamp) if reply.is_ok() => Some(timestamp),
                _ => None,
            };
            return Ok(Some(Response::Greeting(Box::new(Greeting { reply, timestamp }))));
        };
        if !reply.is_ok() {
            self.consume(input, end);
            return Ok(Some(Response::Completed(reply)));
        }
        let mut noticed = self.noticed;
        let read = match (shape, reply.text().as_bytes()) {
            (Shape::Authentication, _) if answer.is_some_and(|answer| answer.silent) => {
                if self.forgive(Quirk::OkForChallenge) {
                    self.consume(input, end);
                    return Ok(Some(Response::Challenge(Vec::new())));
                }
                return Ok(Some(self.bad_challenge(0, "a challenge", end, input)));
            }
            (Shape::ScanListing(message), text)
                if ScanListing::is_head(text, message) && self.forgive(Quirk::MultiLineScanListing) =>
            {
                self.consume(input, end);
                return Ok(self.lines(reply, None));
            }
            (Shape::UniqueId(message), text)
                if UniqueIdListing::is_head(text, message) && self.forgive(Quirk::MultiLineUniqueId) =>
            {
                self.consume(input, end);
                return Ok(self.lines(reply, None));
            }
            (Shape::DropListing, text) => {
                DropListing::parse(text, self.quirks, &mut noticed).map(Response::DropListing)
            }
            (Shape::ScanListing(message), text) => {
                ScanListing::parse_one(text, message, self.quirks, &mut noticed).map(Response::ScanListing)
            }
            (Shape::UniqueId(message), text) => {
                UniqueIdListing::parse_one(text, message, self.quirks, &mut noticed)
                    .map(Response::UniqueIdListing)
            }
            _ => {
                self.consume(input, end);
                return Ok(self.accepted(shape, reply, loose));
            }
        };
        let text_at = length.saturating_sub(reply.text().len());
        self.reply = Some(reply);
        self.mode = Mode::Completion;
        Ok(Some(match read {
            Ok(response) => {
                self.noticed = noticed;
                self.consume(input, end);
                response
            }
            Err(error) => {
                let offset = error.offset().saturating_add(write::length(text_at));
                self.unparsed(input, end, error.at(offset))
            }
        }))
    }

    /// A `+OK` whose line says nothing but itself: what its shape says comes behind it.
    fn accepted(&mut self, shape: Shape, reply: Reply, loose: bool) -> Option<Response> {
        match shape {
            Shape::Capabilities | Shape::Languages | Shape::Lines => self.lines(reply, None),
            Shape::ScanListings | Shape::UniqueIds => {
                self.usual = if shape == Shape::UniqueIds { Usual::UniqueIds } else { Usual::ScanListings };
                self.lines(reply, Some(NonZeroU32::MIN))
            }
            Shape::Message | Shape::Top => {
                let digits = reply.text().as_bytes().split(|octet| *octet == b' ').next().unwrap_or_default();
                let octets = core::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok());
                self.announced = octets.filter(|_| shape == Shape::Message);
                match &mut self.unstuffer {
                    Some(unstuffer) => unstuffer.restart(loose),
                    none => *none = Some(Box::new(Unstuffer::with_quirks(self.quirks, loose))),
                }
                self.reply = Some(reply);
                self.mode = Mode::Body;
                Some(Response::Body(Body::Begin { octets }))
            }
            _ => Some(Response::Completed(reply)),
        }
    }

    /// Goes on with lines; the first of them is the next response.
    fn lines(&mut self, reply: Reply, message: Option<NonZeroU32>) -> Option<Response> {
        self.mode = Mode::Lines;
        self.message = message;
        self.lines = 0;
        self.capabilities = Vec::new();
        self.reply = Some(reply);
        None
    }

    fn line(&mut self, expected: Expected, input: &mut BytesMut) -> Result<Option<Response>, Error> {
        let shape = match expected {
            Expected::Answer(answer) => Some(answer.shape),
            Expected::Greeting | Expected::Nothing => None,
        };
        // The message of an answer that should have been one line.
        let one = match shape {
            Some(Shape::ScanListing(message) | Shape::UniqueId(message)) => Some(message),
            _ => None,
        };
        loop {
            let before = (self.noticed, self.begun);
            let Some(Line { length, end }) = self.find_line(input, self.line_limit)? else { return Ok(None) };
            let mut line = input.get(..length).unwrap_or_default();
            if one.is_some() && is_status(line) {
                // It was one line after all, and this is the next answer.
                (self.noticed, self.begun) = before;
                self.scanner = LineScanner::default();
                return Ok(self.last_line(shape));
            }
            if let Some(offset) = memchr::memchr(0, line) {
                return Err(Error::fatal(ErrorKind::Nul, write::length(offset), "an octet other than NUL"));
            }
            if shape != Some(Shape::Lines)
                && line.iter().all(|octet| *octet == b' ')
                && self.forgive(Quirk::EmptyLine)
            {
                self.consume(input, end);
                continue;
            }
            if let [b'.', behind @ ..] = line {
                match behind {
                    [] if self.loose && !self.forgive(Quirk::DotLineFeed) => {
                        return Err(Error::fatal(ErrorKind::BareLineFeed, 1, "CRLF"));
                    }
                    [] => {
                        self.consume(input, end);
                        return Ok(self.last_line(shape));
                    }
                    [b'.', ..] => line = behind,
                    _ if self.forgive(Quirk::UnstuffedDot) => {}
                    _ => line = behind,
                }
            }
            if end > LONGEST && !self.forgive(Quirk::LongLine) {
                let error = Error::recoverable(
                    ErrorKind::LineTooLong,
                    write::length(LONGEST),
                    "a line of at most 512 octets",
                );
                return Ok(Some(self.unparsed(input, end, error)));
            }
            let read = match shape {
                Some(Shape::ScanListings | Shape::ScanListing(_)) => {
                    let read = ScanListing::parse(line, self.quirks, &mut self.noticed);
                    if read.is_ok_and(|listing| one.is_some_and(|message| listing.message != message)) {
                        self.consume(input, end);
                        continue;
                    }
                    read.map(Response::ScanListing)
                }
                Some(Shape::UniqueId(message)) => {
                    // Nobody knows whose number is left out: the listing may be of all messages, or of this one.
                    let read = UniqueIdListing::parse(line, None, self.quirks, &mut self.noticed);
                    if read.as_ref().is_ok_and(|listing| listing.message != message) {
                        self.consume(input, end);
                        continue;
                    }
                    read.map(Response::UniqueIdListing)
                }
                Some(Shape::UniqueIds) => {
                    // A message's own number alone is no unique-id: that is what is left out.
                    let alone = core::str::from_utf8(line).ok().and_then(|line| line.parse().ok());
                    let expected = self.message.filter(|message| alone != Some(*message));
                    let read = UniqueIdListing::parse(line, expected, self.quirks, &mut self.noticed);
                    let message = read.as_ref().map_or(self.message, |listing| Some(listing.message));
                    self.message = message.and_then(|message| message.checked_add(1));
                    self.digits = line.iter().take_while(|octet| octet.is_ascii_digit()).count();
                    read.map(Response::UniqueIdListing)
                }
                Some(Shape::Capabilities) => {
                    self.lines = self.lines.saturating_add(1);
                    if self.lines > self.capability_limit {
                        return Err(Error::fatal(ErrorKind::TooMany, 0, "fewer capabilities"));
                    }
                    let mut read = Capability::parse(line);
                    if matches!(read, Ok(Capability::Other(_)) | Err(_))
                        && let Some(capability) = Capability::parse_spaced(line)
                        && self.forgive(Quirk::ExtraSpace)
                    {
                        read = Ok(capability);
                    }
                    match read {
                        Ok(capability) => {
                            self.capabilities.push(capability);
                            self.consume(input, end);
                            continue;
                        }
                        Err(invalid) => Err(Error::recoverable(
                            ErrorKind::Syntax,
                            write::length(invalid.offset),
                            invalid.expected,
                        )),
                    }
                }
                Some(Shape::Languages) => LanguageListing::parse(line).map(Response::LanguageListing),
                _ => Ok(Response::Line(line.into())),
            };
            return match read {
                Ok(response) => {
                    self.consume(input, end);
                    Ok(Some(response))
                }
                Err(error) => Ok(Some(self.unparsed(input, end, error))),
            };
        }
    }

    fn last_line(&mut self, shape: Option<Shape>) -> Option<Response> {
        self.usual = Usual::None;
        if shape == Some(Shape::Capabilities) {
            self.mode = Mode::Completion;
            return Some(Response::Capabilities(Capabilities(core::mem::take(&mut self.capabilities))));
        }
        self.mode = Mode::StatusLine;
        self.reply.take().map(Response::Completed)
    }

    fn body(&mut self, input: &mut BytesMut) -> Option<Response> {
        let unstuffer = self.unstuffer.as_mut()?;
        let before = input.len();
        let unstuffed = unstuffer.decode(input);
        let taken = before.saturating_sub(input.len());
        self.consumed = self.consumed.saturating_add(write::length(taken));
        match unstuffed? {
            Unstuffed::Chunk(octets) => Some(Response::Body(Body::Chunk(octets))),
            Unstuffed::End => {
                self.noticed = self.noticed.union(unstuffer.forgiven());
                let counts = [unstuffer.octets(), unstuffer.stuffed()];
                if self.announced.is_some_and(|announced| !counts.contains(&announced)) {
                    self.forgive(Quirk::OctetCount);
                }
                self.mode = Mode::Completion;
                Some(Response::Body(Body::End))
            }
        }
    }

    fn challenge(&mut self, length: usize, end: usize, input: &mut BytesMut) -> Result<Response, Error> {
        let line = input.get(..length).unwrap_or_default();
        let text = match line.get(1..).unwrap_or_default() {
            [] => {
                if !self.forgive(Quirk::BareContinuation) {
                    return Ok(self.bad_challenge(1, "a space", end, input));
                }
                [].as_slice()
            }
            text => text.get(1..).unwrap_or_default(),
        };
        match base64::decode(text) {
            Ok(challenge) => {
                self.consume(input, end);
                Ok(Response::Challenge(challenge))
            }
            Err(_) if self.forgive(Quirk::TextChallenge) => {
                self.consume(input, end);
                Ok(Response::Challenge(Vec::new()))
            }
            Err(offset) => Ok(self.bad_challenge(offset.saturating_add(2), "Base64", end, input)),
        }
    }

    /// The exchange must be given up: the challenge cannot be read (RFC 5034 section 4).
    #[cold]
    fn bad_challenge(
        &mut self,
        offset: usize,
        expected: &'static str,
        end: usize,
        input: &mut BytesMut,
    ) -> Response {
        self.bad_challenge = true;
        self.unparsed(input, end, Error::recoverable(ErrorKind::Syntax, write::length(offset), expected))
    }
}

/// Whether a line is the first one of an answer: no line of a listing begins so.
fn is_status(line: &[u8]) -> bool {
    [b"+OK".as_slice(), b"-ERR", b"+ERR"].into_iter().any(|status| {
        let (start, rest) = line.split_at(status.len().min(line.len()));
        start.eq_ignore_ascii_case(status) && matches!(rest, [] | [b' ', ..])
    })
}
