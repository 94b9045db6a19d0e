//! Octets of a client in, commands out: framing and grammar, without the state of a connection.

use crate::imap::append::{Append, AppendOptions, AppendReader, Step};
use crate::imap::command::Command;
use crate::imap::command_event::{CommandEvent, Literal};
use crate::imap::core::Tag;
use crate::imap::framing::{Frame, Framer, LiteralHeader, Sender, open_lists};
use crate::imap::long_line::LineEnd;
use crate::wire::cursor::{Cursor, Parsed};
use crate::wire::foreign::{TLS_HANDSHAKE, ends_as_http};
use crate::wire::write::{index, length};
use crate::wire::{Error, ErrorKind, Hidden, Limits, Secret};
use alloc::boxed::Box;
use bytes::{Buf, Bytes, BytesMut};

/// Reads what a client sends (RFC 3501 section 6), strictly.
///
/// ```
/// use bytes::BytesMut;
/// use mailwire::imap::{Command, CommandDecoder, CommandEvent};
///
/// let mut decoder = CommandDecoder::default();
/// let mut input = BytesMut::from("a1 LOGIN alice {6+}\r\nsecret\r\n");
/// let Some(CommandEvent::Command { tag, command }) = decoder.decode(&mut input).unwrap() else { panic!() };
/// assert_eq!((tag.as_str(), command), ("a1", Command::login("alice", "secret")));
/// ```
#[derive(Debug)]
pub struct CommandDecoder {
    framer: Framer,
    limits: Limits,
    /// Whether names are UTF-8: the client has enabled it.
    utf8: bool,
    mode: Mode,
    /// The APPEND under way.
    append: Option<Box<Pending>>,
    /// The line that could not be read last ends as a request of HTTP does.
    is_http: bool,
    consumed: u64,
    begun: u64,
}

#[derive(Debug)]
struct Pending {
    tag: Tag,
    append: Append,
    reader: AppendReader,
    /// What is left of the frame, and how it ends; `None`: the next frame has to arrive.
    frame: Option<(Hidden<Bytes>, Ending)>,
    /// Where the frame that is read begins, in octets from the start of the command.
    offset: u64,
}

impl Pending {
    fn new(tag: Tag, append: Append, offset: u64) -> Box<Self> {
        let reader = AppendReader::new(&append);
        Box::new(Self { tag, append, reader, frame: None, offset })
    }
}

/// How a frame of an APPEND ends.
#[derive(Clone, Copy, Debug)]
enum Ending {
    Literal(LiteralHeader),
    Command,
}

#[derive(Debug)]
enum Mode {
    /// A command, or the rest of one, begins at the front of the buffer.
    Frame,
    /// A line of an exchange is expected; so many octets of it have no line end.
    Line { scanned: usize },
    /// A literal is on offer.
    Offered(LiteralHeader),
    /// A literal was accepted.
    Literal { left: u64 },
    /// The rest of a command is passed over: the octets of a literal, and what follows.
    Discard { left: u64, rest: Rest },
    /// The rest of a line that is too long is passed over; so many octets at most. Its end tells whether a literal follows.
    LongLine { left: usize, line: LineEnd },
    /// A fatal error was told.
    Failed(Error),
}

/// What becomes of a command that is passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rest {
    /// Nothing is told of it.
    Untold,
    /// Its end is told. A literal that waits is not asked for, and ends it.
    Refused,
    /// Its end is told. Literals that wait are asked for.
    Taken,
}

impl Default for CommandDecoder {
    fn default() -> Self {
        Self::new(Limits::imap_server())
    }
}

impl CommandDecoder {
    /// A decoder with these limits.
    pub fn new(limits: Limits) -> Self {
        Self {
            framer: Framer::new(Sender::Client),
            limits,
            utf8: false,
            mode: Mode::Frame,
            append: None,
            is_http: false,
            consumed: 0,
            begun: 0,
        }
    }

    /// Other limits from the next command on: those after login are wider.
    pub fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// Names are UTF-8 from the next command on: UTF8=ACCEPT (RFC 6855) or IMAP4rev2 is enabled.
    pub fn set_utf8(&mut self, utf8: bool) {
        self.utf8 = utf8;
    }

    /// The next line is not a command: it belongs to an exchange such as IDLE or AUTHENTICATE.
    pub fn expect_line(&mut self) {
        self.mode = Mode::Line { scanned: 0 };
    }

    /// Whether the event that was given last, [`CommandEvent::Malformed`], is of a request of HTTP.
    pub(crate) fn take_http(&mut self) -> bool {
        core::mem::take(&mut self.is_http)
    }

    /// Where the command of the event that was given last began, in octets from the start of the connection.
    pub fn offset(&self) -> u64 {
        self.begun
    }

    /// Takes the literal on offer: its octets come as chunks.
    pub fn accept(&mut self) {
        if let Mode::Offered(header) = self.mode {
            self.mode = Mode::Literal { left: header.length };
        }
    }

    /// Passes over the literal on offer and the rest of its command, up to its end or to a literal that waits to be asked for: nobody asks,
    /// so the command ends there. Nothing more of it is told but [`CommandEvent::Discarded`].
    pub fn discard(&mut self) {
        if let Mode::Offered(header) = self.mode {
            self.append = None;
            self.mode = Mode::Discard { left: header.length, rest: Rest::Refused };
        }
    }

    /// The same, but literals that wait are asked for, by [`CommandEvent::Wanted`]: the command is to succeed.
    pub(crate) fn discard_whole(&mut self) {
        self.discard();
        if let Mode::Discard { rest, .. } = &mut self.mode {
            *rest = Rest::Taken;
        }
    }

    /// The literal on offer was refused before the client sent it: its command ends here.
    pub fn refuse(&mut self) {
        if let Mode::Offered(_) = self.mode {
            self.end_command();
        }
    }

    /// Gives up the APPEND under way: what the client sends of it without being asked is passed over.
    pub(crate) fn abandon(&mut self) -> Result<(), Error> {
        let pending = self.append.take().and_then(|pending| pending.frame);
        let offered = if let Mode::Offered(header) = self.mode { Some(header) } else { None };
        match (offered, pending) {
            (Some(header), _) | (_, Some((_, Ending::Literal(header)))) => self.pass_over(header),
            _ => {
                self.end_command();
                Ok(())
            }
        }
    }

    /// Whether a command has begun and is not at its end.
    pub fn is_within_command(&self) -> bool {
        self.append.is_some() || !matches!(self.mode, Mode::Frame | Mode::Line { .. })
    }

    /// Takes one event from the front of the buffer. `None`: more octets are needed, or a literal is on offer.
    ///
    /// # Errors
    /// Only fatal ones: what breaks the framing, and the start of TLS. They are final.
    pub fn decode(&mut self, input: &mut BytesMut) -> Result<Option<CommandEvent>, Error> {
        let event = self.step(input);
        if let Err(error) = event {
            self.mode = Mode::Failed(error);
        }
        event
    }

    /// The connection has ended.
    ///
    /// # Errors
    /// [`ErrorKind::UnexpectedEof`] if a command was cut off.
    pub fn decode_eof(&mut self, input: &mut BytesMut) -> Result<Option<CommandEvent>, Error> {
        match self.decode(input)? {
            None => self.check_end(input).map(|()| None),
            event => Ok(event),
        }
    }

    /// Whether the connection may end here, where there is no event left.
    pub(crate) fn check_end(&mut self, input: &BytesMut) -> Result<(), Error> {
        if input.is_empty() && !self.is_within_command() {
            return Ok(());
        }
        let error = Error::fatal(ErrorKind::UnexpectedEof, length(input.len()), "the rest of the command");
        self.mode = Mode::Failed(error);
        Err(error)
    }

    /// The next event, for a caller that asks no more once it got an error. Not inlined, so that an event is made where the caller wants it.
    #[inline(never)]
    pub(crate) fn step(&mut self, input: &mut BytesMut) -> Result<Option<CommandEvent>, Error> {
        loop {
            match &mut self.mode {
                Mode::Failed(error) => return Err(*error),
                Mode::Offered(_) => return Ok(None),
                Mode::Literal { left: 0 } => {
                    self.mode = Mode::Frame;
                    return Ok(Some(CommandEvent::LiteralEnd));
                }
                Mode::Literal { left } => {
                    if input.is_empty() {
                        return Ok(None);
                    }
                    let taken = index(*left).min(input.len());
                    *left = left.saturating_sub(length(taken));
                    self.consumed = self.consumed.saturating_add(length(taken));
                    return Ok(Some(CommandEvent::Chunk(input.split_to(taken).freeze())));
                }
                Mode::Discard { left, .. } if *left > 0 => {
                    let taken = index(*left).min(input.len());
                    if taken == 0 {
                        return Ok(None);
                    }
                    *left = left.saturating_sub(length(taken));
                    self.consume(input, taken);
                }
                Mode::Discard { rest, .. } => {
                    let rest = *rest;
                    let end = match self.framer.frame(input, &self.limits)? {
                        None => return Ok(None),
                        Some(Frame::Literal { end, header })
                            if !header.synchronizing || rest == Rest::Taken =>
                        {
                            self.check_skipped(length(end), header.length)?;
                            self.framer.resume_message();
                            self.consume(input, end);
                            self.mode = Mode::Discard { left: header.length, rest };
                            if header.synchronizing {
                                return Ok(Some(CommandEvent::Wanted));
                            }
                            continue;
                        }
                        // Nobody asks for a literal that waits: the command ends here.
                        Some(Frame::Literal { end, .. } | Frame::Message { end, .. }) => end,
                    };
                    if self.framer.has_bare_line_feed() {
                        return Err(Error::fatal(ErrorKind::BareLineFeed, length(end), "CRLF"));
                    }
                    self.consume(input, end);
                    self.end_command();
                    if rest != Rest::Untold {
                        return Ok(Some(CommandEvent::Discarded));
                    }
                }
                Mode::LongLine { .. } => {
                    if !self.skip_long_line(input)? {
                        return Ok(None);
                    }
                }
                Mode::Line { scanned } => {
                    let scanned = *scanned;
                    return self.line(input, scanned);
                }
                Mode::Frame => {
                    if let Some((Hidden(frame), ending)) =
                        self.append.as_mut().and_then(|pending| pending.frame.take())
                    {
                        return self.append_step(frame, ending).map(Some);
                    }
                    if self.append.is_none() {
                        self.begun = self.consumed;
                    }
                    let line = match self.framer.next_line(input, &self.limits) {
                        // What nearly all commands are.
                        Ok(Some(line)) if !line.braced => {
                            return self.message(input, line.end, line.terminator);
                        }
                        line => line,
                    };
                    self.check_start(input)?;
                    let frame = match line {
                        Ok(None) => return Ok(None),
                        Ok(Some(line)) => self.framer.frame_at(line, input, &self.limits),
                        Err(error) => Err(error),
                    };
                    match frame {
                        Ok(None) => {}
                        Ok(Some(Frame::Message { end, terminator })) => {
                            return self.message(input, end, terminator);
                        }
                        Ok(Some(Frame::Literal { end, header })) => {
                            if let Some(event) = self.literal(input, end, header)? {
                                return Ok(Some(event));
                            }
                        }
                        Err(error)
                            if matches!(
                                error.kind(),
                                ErrorKind::LineTooLong | ErrorKind::MessageTooLarge
                            ) =>
                        {
                            return Ok(Some(self.long_line(input, error)));
                        }
                        Err(error) => return Err(error),
                    }
                }
            }
        }
    }

    fn consume(&mut self, input: &mut BytesMut, octets: usize) {
        self.consumed = self.consumed.saturating_add(length(octets));
        input.advance(octets);
    }

    fn end_command(&mut self) {
        self.framer.next_message();
        self.append = None;
        self.mode = Mode::Frame;
    }

    /// Looks for the start of TLS, where a command should begin. Each way that ends at no command comes by here, however the octets were cut.
    fn check_start(&self, input: &[u8]) -> Result<(), Error> {
        match input.first() {
            Some(&TLS_HANDSHAKE) if self.append.is_none() => {
                Err(Error::fatal(ErrorKind::Syntax, 0, "a command, not the start of TLS"))
            }
            _ => Ok(()),
        }
    }

    /// A line of an exchange.
    fn line(&mut self, input: &mut BytesMut, scanned: usize) -> Result<Option<CommandEvent>, Error> {
        self.begun = self.consumed;
        self.check_start(input)?;
        let limit = length(self.limits.sasl_line);
        let rest = input.get(scanned..).unwrap_or_default();
        let end = memchr::memchr(b'\n', rest).map(|end| end.saturating_add(scanned));
        // The line end may be on its way.
        if end.unwrap_or(input.len()) > self.limits.sasl_line.saturating_add(1) {
            return Err(Error::fatal(ErrorKind::LineTooLong, limit, "the end of the line"));
        }
        let Some(end) = end else {
            self.mode = Mode::Line { scanned: input.len() };
            return Ok(None);
        };
        let line = input.get(..end).unwrap_or_default();
        let Some(line) = line.strip_suffix(b"\r") else {
            return Err(Error::fatal(ErrorKind::BareLineFeed, length(end), "CRLF"));
        };
        if line.len() > self.limits.sasl_line {
            return Err(Error::fatal(ErrorKind::LineTooLong, limit, "the end of the line"));
        }
        let line = Secret::new(line.to_vec());
        self.consume(input, end.saturating_add(1));
        self.end_command();
        Ok(Some(CommandEvent::Line(line)))
    }

    /// A line over its limit: it is told at once, and what arrives of it is passed over.
    fn long_line(&mut self, input: &mut BytesMut, error: Error) -> CommandEvent {
        // What of the line has arrived depends on how it was cut; up to its limit, and that of its message, all of it has.
        let tag = self.tag_of(input.get(..self.limits.line).unwrap_or(input));
        let line = self.framer.line();
        let room = self.framer.room(&self.limits);
        let begun = input.get(line..).unwrap_or_default();
        let begun = begun.get(..begun.len().min(self.limits.line).min(room)).unwrap_or_default();
        let error = if open_lists(begun) > self.limits.depth {
            Error::recoverable(ErrorKind::TooDeep, error.offset(), "fewer nested lists")
        } else {
            Error::recoverable(error.kind(), error.offset(), error.expected())
        };
        // A list that does not end is passed over however long it is: it is refused for its depth, not for its length.
        let patience = match error.kind() {
            ErrorKind::TooDeep => usize::MAX,
            _ => self.limits.line.saturating_mul(if self.limits.line < LONG_LINE { 15 } else { 64 }),
        };
        self.append = None;
        self.consume(input, line.min(input.len()));
        self.mode = Mode::LongLine { left: patience, line: LineEnd::default() };
        CommandEvent::Malformed { tag, error }
    }

    /// Passes over what there is of a line that is too long, and of the literals that follow it. `false`: more octets are needed.
    fn skip_long_line(&mut self, input: &mut BytesMut) -> Result<bool, Error> {
        let Mode::LongLine { left, line } = &mut self.mode else { return Ok(true) };
        let end = memchr::memchr(b'\n', input);
        let taken = end.map_or(input.len(), |end| end.saturating_add(1));
        let Some(rest) = left.checked_sub(taken) else {
            return Err(Error::fatal(ErrorKind::LineTooLong, 0, "the end of the line"));
        };
        *left = rest;
        line.pass(input.get(..taken).unwrap_or_default());
        if end.is_none() {
            self.consume(input, taken);
            return Ok(false);
        }
        let literal = line.unasked_literal()?;
        self.consume(input, taken);
        match literal {
            Some(length) => {
                // Counted from the start of the command, however much of its line was passed over at a time.
                self.check_skipped(self.consumed.saturating_sub(self.begun), length)?;
                self.framer.next_message();
                self.mode = Mode::Discard { left: length, rest: Rest::Untold };
            }
            None => self.end_command(),
        }
        Ok(true)
    }

    /// Whether a literal that nobody asked for may be passed over, or is so large that the connection has to end.
    fn check_skipped(&self, offset: u64, octets: u64) -> Result<(), Error> {
        if octets > self.limits.stream.max(length(self.limits.literal)) {
            return Err(Error::fatal(ErrorKind::LiteralTooLarge, offset, "a literal within the limit"));
        }
        Ok(())
    }

    /// The tag at the front of the buffer, or that of the APPEND under way. A tag that is very long is none.
    fn tag_of(&self, input: &[u8]) -> Option<Tag> {
        if let Some(pending) = &self.append {
            return Some(pending.tag.clone());
        }
        let end = memchr::memchr3(b' ', b'\r', b'\n', input.get(..input.len().min(256))?)?;
        Tag::new(input.get(..end)?).ok()
    }

    /// A command, or the rest of an APPEND, up to its end.
    #[inline]
    fn message(
        &mut self,
        input: &mut BytesMut,
        end: usize,
        terminator: usize,
    ) -> Result<Option<CommandEvent>, Error> {
        let content = end.saturating_sub(terminator);
        if terminator == 1 || self.framer.has_bare_line_feed() {
            self.check_start(input)?;
            return Err(Error::fatal(ErrorKind::BareLineFeed, length(content), "CRLF"));
        }
        let octets = input.get(..content).unwrap_or_default();
        if let Some(pending) = &mut self.append {
            check_nul(octets)?;
            pending.offset = self.consumed.saturating_sub(self.begun);
            self.consumed = self.consumed.saturating_add(length(end));
            let frame = input.split_to(end).freeze().slice(..content);
            return self.append_step(frame, Ending::Command).map(Some);
        }
        let mut cursor = Cursor::borrowed(octets, &self.limits, 0).with_utf8(self.utf8);
        let fail = match parse_tag(&mut cursor) {
            Err(fail) => fail,
            Ok(tag) => {
                let parsed = Command::parse(&mut cursor);
                match parsed {
                    Err(fail) => fail,
                    Ok(Command::Append(_)) => return self.shared_message(input, end, content).map(Some),
                    Ok(_) => match cursor.end() {
                        Err(fail) => fail,
                        Ok(()) => {
                            self.consume(input, end);
                            self.end_command();
                            // Moved only now, to where it is wanted: it is large.
                            return match parsed {
                                Ok(command) => Ok(Some(CommandEvent::Command { tag, command })),
                                Err(_) => Ok(None),
                            };
                        }
                    },
                }
            }
        };
        if cursor.wants_shared() {
            return self.shared_message(input, end, content).map(Some);
        }
        self.check_start(octets)?;
        check_nul(octets)?;
        self.is_http = ends_as_http(octets);
        let event = CommandEvent::Malformed { tag: self.tag_of(input), error: cursor.error(fail) };
        self.consume(input, end);
        self.end_command();
        Ok(Some(event))
    }

    /// A command with a text that is too long to be copied, or an APPEND without a literal.
    fn shared_message(
        &mut self,
        input: &mut BytesMut,
        end: usize,
        content: usize,
    ) -> Result<CommandEvent, Error> {
        self.consumed = self.consumed.saturating_add(length(end));
        let frame = input.split_to(end).freeze();
        let octets = frame.slice(..content);
        let mut cursor = Cursor::shared(&octets, &self.limits, 0).with_utf8(self.utf8);
        match parse(&mut cursor) {
            // Without a literal: from URLs alone, or malformed.
            Ok((tag, Command::Append(append))) => {
                let rest = octets.slice(cursor.position()..);
                let offset = length(cursor.position());
                self.append = Some(Pending::new(tag, append, offset));
                self.append_step(rest, Ending::Command)
            }
            Ok((tag, command)) => {
                self.end_command();
                Ok(CommandEvent::Command { tag, command })
            }
            Err(fail) => {
                check_nul(&octets)?;
                self.is_http = ends_as_http(&octets);
                let error = cursor.error(fail);
                let tag = self.tag_of(&frame);
                self.end_command();
                Ok(CommandEvent::Malformed { tag, error })
            }
        }
    }

    /// The header of a literal ends the frame. `None`: the octets are gathered and nobody waits.
    fn literal(
        &mut self,
        input: &mut BytesMut,
        end: usize,
        header: LiteralHeader,
    ) -> Result<Option<CommandEvent>, Error> {
        if self.framer.has_bare_line_feed() {
            return Err(Error::fatal(ErrorKind::BareLineFeed, length(end), "CRLF"));
        }
        if !header.streamed {
            let fits = header.length <= length(self.limits.literal)
                && length(end).saturating_add(header.length) <= length(self.limits.message);
            if !fits {
                return self.refuse_large(input, end, header).map(Some);
            }
            self.framer.gather(header.length);
            return Ok(header.synchronizing.then_some(CommandEvent::Wanted));
        }
        if header.length > self.limits.stream {
            return self.refuse_large(input, end, header).map(Some);
        }
        if let Some(pending) = &mut self.append {
            pending.offset = self.consumed.saturating_sub(self.begun);
        }
        self.consumed = self.consumed.saturating_add(length(end));
        let frame = input.split_to(end).freeze();
        self.framer.resume_message();
        if self.append.is_some() {
            return self.append_step(frame, Ending::Literal(header)).map(Some);
        }
        let mut cursor = Cursor::shared(&frame, &self.limits, 0).with_utf8(self.utf8);
        match parse(&mut cursor) {
            Ok((tag, Command::Append(append))) => {
                let rest = frame.slice(cursor.position()..);
                let offset = length(cursor.position());
                self.append = Some(Pending::new(tag, append, offset));
                self.append_step(rest, Ending::Literal(header)).map(Some)
            }
            parsed => {
                let error = match parsed {
                    Err(fail) => cursor.error(fail),
                    Ok(_) => Error::recoverable(ErrorKind::Syntax, 0, "APPEND"),
                };
                self.pass_over(header)?;
                Ok(Some(CommandEvent::Malformed { tag: self.tag_of(&frame), error }))
            }
        }
    }

    /// The command cannot be read: its literal comes all the same if the client does not wait.
    fn pass_over(&mut self, header: LiteralHeader) -> Result<(), Error> {
        if header.synchronizing {
            self.end_command();
        } else {
            self.check_skipped(0, header.length)?;
            self.append = None;
            self.mode = Mode::Discard { left: header.length, rest: Rest::Untold };
        }
        Ok(())
    }

    /// A literal over its limit: a client that waits is told so. One that does not is told, too, if its octets can be passed over.
    fn refuse_large(
        &mut self,
        input: &mut BytesMut,
        end: usize,
        header: LiteralHeader,
    ) -> Result<CommandEvent, Error> {
        let error = Error::recoverable(ErrorKind::LiteralTooLarge, length(end), "a literal within the limit");
        if !header.synchronizing
            && (!header.streamed || self.check_skipped(length(end), header.length).is_err())
        {
            return Err(error.into_fatal());
        }
        let tag = self.tag_of(input);
        self.consume(input, end);
        self.framer.resume_message();
        self.pass_over(header)?;
        Ok(CommandEvent::Malformed { tag, error })
    }

    /// The next step of an APPEND in what is left of its frame.
    fn append_step(&mut self, frame: Bytes, ending: Ending) -> Result<CommandEvent, Error> {
        let Some(pending) = &mut self.append else {
            return Err(Error::fatal(ErrorKind::Syntax, 0, "a command"));
        };
        let mut cursor = Cursor::shared(&frame, &self.limits, 0).with_utf8(self.utf8);
        let step = pending.reader.step(&mut cursor);
        let tag = pending.tag.clone();
        let append = pending.append.clone();
        let offset = pending.offset;
        pending.offset = offset.saturating_add(length(cursor.position()));
        let rest = || Some((Hidden(frame.slice(cursor.position()..)), ending));
        match (step, ending) {
            (Ok(Step::Message { options, utf8 }), Ending::Literal(header)) => {
                self.mode = Mode::Offered(header);
                Ok(CommandEvent::Literal(Box::new(literal(tag, append, Some(options), utf8, header))))
            }
            (Ok(Step::Part { utf8 }), Ending::Literal(header)) => {
                self.mode = Mode::Offered(header);
                Ok(CommandEvent::Literal(Box::new(literal(tag, append, None, utf8, header))))
            }
            (Ok(Step::End), Ending::Command) => {
                self.end_command();
                Ok(CommandEvent::Command { tag, command: Command::Append(append) })
            }
            (Ok(Step::Catenate(options)), _) => {
                pending.frame = rest();
                Ok(CommandEvent::Catenate { tag, append, options: Box::new(options) })
            }
            (Ok(Step::Url(url)), _) => {
                pending.frame = rest();
                Ok(CommandEvent::CatenateUrl(url))
            }
            (Ok(Step::CatenateEnd), _) => {
                pending.frame = rest();
                Ok(CommandEvent::CatenateEnd)
            }
            (step, ending) => {
                let error = match step {
                    Err(fail) => cursor.error(fail),
                    Ok(_) => {
                        Error::recoverable(ErrorKind::Syntax, length(frame.len()), "the rest of the command")
                    }
                };
                let error = error.at(offset.saturating_add(error.offset()));
                match ending {
                    Ending::Literal(header) => self.pass_over(header)?,
                    Ending::Command => self.end_command(),
                }
                Ok(CommandEvent::Malformed { tag: Some(tag), error })
            }
        }
    }
}

/// No production has a NUL, so it is looked for only where a command cannot be read. Literals, which may be binary, can hold any octets.
fn check_nul(octets: &[u8]) -> Result<(), Error> {
    let literals = memchr::memchr(b'\n', octets).is_some();
    match memchr::memchr(0, octets).filter(|_| !literals) {
        Some(_) => Err(Error::fatal(ErrorKind::Nul, length(octets.len()), "a line without NUL")),
        None => Ok(()),
    }
}

/// Lines of this limit are those of a user, who is trusted with more than a stranger.
const LONG_LINE: usize = 64 * 1024;

fn literal(
    tag: Tag,
    append: Append,
    options: Option<AppendOptions>,
    utf8: bool,
    header: LiteralHeader,
) -> Literal {
    Literal {
        tag,
        append,
        options,
        length: header.length,
        synchronizing: header.synchronizing,
        binary: header.binary,
        utf8,
    }
}

/// The tag and the SP behind it.
#[inline(always)]
fn parse_tag(cursor: &mut Cursor<'_>) -> Parsed<Tag> {
    let tag = cursor.tag()?;
    cursor.expect(b' ', "SP")?;
    Ok(tag)
}

fn parse(cursor: &mut Cursor<'_>) -> Parsed<(Tag, Command)> {
    let tag = parse_tag(cursor)?;
    let command = Command::parse(cursor)?;
    // Behind the arguments of APPEND its messages come.
    if !matches!(command, Command::Append(_)) {
        cursor.end()?;
    }
    Ok((tag, command))
}
