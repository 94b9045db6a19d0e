//! Where does a line, a literal, a message end.
//!
//! The fast path looks only for the line end. A line that ends in `}` gets the closer look: it is walked once, so that
//! a header of a literal counts as one only where the grammar allows a string, never in human text and never in quotes.
//!
//! ```text
//!  * 1 FETCH (UID 7 BODY[] {4096}⏎            ends a frame: the literal is streamed
//!  * LIST () "/" {5}⏎INBOX⏎                    one frame: the literal is gathered
//!  * OK see {21}⏎                              one frame: text
//!  A1 APPEND INBOX {310}⏎                      ends a frame: an offer
//! ```

use crate::imap::core::{decimal, is_in};
use crate::imap::message_kind::{
    DIGITS, Kind, begins_with_charsets, classify_command, classify_response, holds_sets,
};
use crate::wire::cursor::{Class, class};
use crate::wire::scan::LineScanner;
use crate::wire::write::{index, length};
use crate::wire::{Error, ErrorKind, Limits};

/// The header of a literal, read by the grammar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LiteralHeader {
    /// How many octets follow.
    pub(crate) length: u64,
    /// Whether they wait for a continuation request (`{n}` of a client).
    pub(crate) synchronizing: bool,
    /// Whether it is a literal8.
    pub(crate) binary: bool,
    /// Whether the octets are message data, to be streamed.
    pub(crate) streamed: bool,
}

/// What the closer look looks at.
const SPECIAL: Class =
    class!(octet => matches!(octet, b'\\' | b'"' | b'[' | b']' | b'(' | b')' | b' ' | b'{'));

/// What stands before a challenge: `+ `.
const CONTINUATION: usize = 2;

/// What the octets up to here are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Frame {
    /// The message, or what is left of it, ends here: `end` octets, the last `terminator` of which are the line end.
    Message { end: usize, terminator: usize },
    /// The header of a literal that the caller has to decide about ends here.
    Literal { end: usize, header: LiteralHeader },
}

/// One line of a frame.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line {
    /// Where it ends, in octets from the front of the buffer; the last `terminator` of them are the line end.
    pub(crate) end: usize,
    pub(crate) terminator: usize,
    /// Whether it may end in the header of a literal.
    pub(crate) braced: bool,
}

impl Line {
    /// The message that ends with the line.
    fn message(self) -> Frame {
        Frame::Message { end: self.end, terminator: self.terminator }
    }
}

/// Whose messages are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sender {
    Server,
    Client,
}

/// Whose list is open in an APPEND, as far as message data may stand in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum List {
    Other,
    Utf8,
    Catenate,
    /// That of UTF8 within that of CATENATE.
    CatenateUtf8,
}

impl List {
    /// A list behind this name is open, so deep.
    fn enter(self, depth: usize, name: &[u8]) -> Self {
        let utf8 = name.eq_ignore_ascii_case(b"UTF8");
        match (self, depth) {
            (_, 1) if utf8 => Self::Utf8,
            (_, 1) if name.eq_ignore_ascii_case(b"CATENATE") => Self::Catenate,
            (Self::Catenate, 2) if utf8 => Self::CatenateUtf8,
            (_, 1) => Self::Other,
            _ => self,
        }
    }

    /// The list within the outermost one is at its end.
    fn leave(self) -> Self {
        match self {
            Self::CatenateUtf8 => Self::Catenate,
            list => list,
        }
    }
}

/// Finds the ends of the messages in a buffer that grows at its end and is consumed at its front.
#[derive(Debug)]
pub(crate) struct Framer {
    sender: Sender,
    scanner: LineScanner,
    kind: Kind,
    /// How far the closer look went, in octets from the front of the buffer.
    walked: usize,
    /// Where the current line began.
    line: usize,
    /// Lists that are open.
    depth: usize,
    /// The most lists that were open at once, as far as the closer look went; of a THREAD the most that opened with nothing between them.
    deepest: usize,
    /// Of a THREAD, the lists that have just opened with nothing between them.
    heads: usize,
    /// How far a long line has no list.
    flat: usize,
    /// Whose list is open in an APPEND.
    list: List,
    /// Inside `[` `]` of a FETCH item.
    bracket: bool,
    /// Inside the names of header fields there, which may hold a `]`.
    header_list: bool,
    /// The word before the current one and the current one, where no list but the outermost is open.
    previous: (usize, usize),
    word: usize,
    /// Words that ended, outside of lists.
    words: u8,
    /// Inside a quoted string, as far as the closer look went.
    quoted: bool,
    /// Where a `{` stands with nothing but digits behind it, as far as the closer look went.
    brace: Option<usize>,
    /// Such a `{` had more digits behind it than any number of octets.
    endless: bool,
    /// How far a line that is not at its end was searched for such a `{`.
    searched: usize,
    /// A line of this frame ended in LF alone.
    bare_line_feed: bool,
    /// Literals of this message so far.
    literals: usize,
    /// Octets of gathered literals in the buffer.
    gathered: usize,
}

impl Framer {
    pub(crate) fn new(sender: Sender) -> Self {
        Self {
            sender,
            scanner: LineScanner::default(),
            kind: Kind::Unknown,
            walked: 0,
            line: 0,
            depth: 0,
            deepest: 0,
            heads: 0,
            flat: 0,
            list: List::Other,
            bracket: false,
            header_list: false,
            previous: (0, 0),
            word: 0,
            words: 0,
            quoted: false,
            brace: None,
            endless: false,
            searched: 0,
            bare_line_feed: false,
            literals: 0,
            gathered: 0,
        }
    }

    /// Whether the message that has begun is a FETCH, between its streamed bodies.
    pub(crate) fn is_fetch(&self) -> bool {
        self.kind == Kind::Fetch
    }

    /// Whether nothing of the next line was looked at yet.
    #[inline]
    pub(crate) fn is_fresh(&self) -> bool {
        self.scanner.scanned() == 0
    }

    /// Where the line that is looked at began.
    pub(crate) fn line(&self) -> usize {
        self.line
    }

    /// Whether a line of the frame that was found last ended in LF alone.
    pub(crate) fn has_bare_line_feed(&self) -> bool {
        self.bare_line_feed
    }

    /// The next message begins at the front of the buffer.
    pub(crate) fn next_message(&mut self) {
        *self = Self::new(self.sender);
    }

    /// The message goes on at the front of the buffer, behind a literal that was streamed.
    pub(crate) fn resume_message(&mut self) {
        self.scanner = LineScanner::default();
        self.walked = 0;
        self.line = 0;
        self.word = 0;
        self.previous = (0, 0);
        self.flat = 0;
        self.gathered = 0;
        self.quoted = false;
        self.brace = None;
        self.endless = false;
        self.searched = 0;
        self.bare_line_feed = false;
    }

    /// The literal whose header was handed out is gathered: the frame goes on behind it.
    pub(crate) fn gather(&mut self, octets: u64) {
        let octets = index(octets);
        self.scanner.skip(octets);
        self.walked = self.walked.saturating_add(octets);
        self.line = self.scanner.scanned();
        self.gathered = self.gathered.saturating_add(octets);
    }

    /// Looks for the end of the frame that begins at the front of `input`; goes on where it stopped.
    ///
    /// `Ok(None)`: more octets are needed.
    pub(crate) fn frame(&mut self, input: &[u8], limits: &Limits) -> Result<Option<Frame>, Error> {
        loop {
            let Some(line) = self.next_line(input, limits)? else { return Ok(None) };
            if let Some(frame) = self.frame_at(line, input, limits)? {
                return Ok(Some(frame));
            }
        }
    }

    /// Looks for the end of the next line; goes on where it stopped.
    ///
    /// `Ok(None)`: more octets are needed.
    #[inline(always)]
    pub(crate) fn next_line(&mut self, input: &[u8], limits: &Limits) -> Result<Option<Line>, Error> {
        let Some(end) = self.scanner.line_end(input) else {
            return self.check_partial(input, limits).map(|()| None);
        };
        match input.get(self.line..end) {
            // What nearly all lines are.
            Some([.., last, b'\r', b'\n']) if end <= limits.line && end <= limits.structured_line => {
                Ok(Some(Line { end, terminator: 2, braced: self.is_braced(*last) }))
            }
            line => self.other_line(input, line.unwrap_or_default().len(), end, limits).map(Some),
        }
    }

    #[cold]
    fn other_line(&mut self, input: &[u8], line: usize, end: usize, limits: &Limits) -> Result<Line, Error> {
        let octets = input.get(..end).unwrap_or_default();
        let terminator = if line >= 2 && octets.ends_with(b"\r\n") { 2 } else { 1 };
        self.bare_line_feed |= terminator == 1;
        self.check_length(input, line.saturating_sub(terminator), limits)?;
        let content = octets.get(..end.saturating_sub(terminator)).unwrap_or_default();
        Ok(Line { end, terminator, braced: content.last().is_some_and(|last| self.is_braced(*last)) })
    }

    /// Whether a line whose last octet is this may end in the header of a literal, or in what its sender takes for one.
    #[inline(always)]
    fn is_braced(&self, last: u8) -> bool {
        last == b'}' || (last == b' ' && self.sender == Sender::Client)
    }

    /// The frame that ends with this line. `None`: the literal behind it is gathered, and the next line has to be looked for.
    #[inline]
    pub(crate) fn frame_at(
        &mut self,
        line: Line,
        input: &[u8],
        limits: &Limits,
    ) -> Result<Option<Frame>, Error> {
        if line.braced { self.braced_line(line, input, limits) } else { Ok(Some(line.message())) }
    }

    fn braced_line(&mut self, line: Line, input: &[u8], limits: &Limits) -> Result<Option<Frame>, Error> {
        let end = line.end;
        let Some(header) = self.closer_look(input, end.saturating_sub(line.terminator))? else {
            return Ok(Some(line.message()));
        };
        self.check_header(input, end.saturating_sub(line.terminator))?;
        self.walked = end;
        self.brace = None;
        self.count_literal(end, header.length, limits)?;
        let handed_out = header.streamed
            || self.sender == Sender::Client
            || header.length > length(limits.literal)
            || length(end).saturating_add(header.length) > length(limits.message);
        if handed_out {
            return Ok(Some(Frame::Literal { end, header }));
        }
        self.gather(header.length);
        Ok(None)
    }

    fn count_literal(&mut self, end: usize, octets: u64, limits: &Limits) -> Result<(), Error> {
        self.literals = self.literals.saturating_add(1);
        if self.literals > limits.literals {
            return Err(Error::fatal(ErrorKind::TooMany, length(end), "fewer literals"));
        }
        if self.sender == Sender::Server && octets > longest(limits) {
            return Err(Error::fatal(ErrorKind::BadLiteral, length(end), "a length of 32 bits"));
        }
        Ok(())
    }

    /// Whether the frame is one line so far: no literal has been gathered.
    pub(crate) fn is_at_first_line(&self) -> bool {
        self.line == 0
    }

    /// At the front of the buffer a FETCH has been found up to the octets of its first body, with nothing scanned: the message goes on
    /// behind them. Whether that is within the limits.
    #[inline]
    pub(crate) fn begin_body(&mut self, octets: u64, limits: &Limits) -> bool {
        let permitted = limits.literals > 0 && octets <= longest(limits);
        if permitted {
            (self.literals, self.kind, self.depth) = (1, Kind::Fetch, 1);
        }
        permitted
    }

    /// The grammar has found a body in a FETCH, whose octets are streamed behind the line that ends at `end`: the message
    /// goes on behind them.
    pub(crate) fn resume_behind_body(
        &mut self,
        end: usize,
        octets: u64,
        limits: &Limits,
    ) -> Result<(), Error> {
        self.count_literal(end, octets, limits)?;
        self.kind = Kind::Fetch;
        self.depth = 1;
        self.resume_message();
        Ok(())
    }

    /// The limit on the line that is not at its end yet, and on the digits of a literal's header.
    fn check_partial(&mut self, input: &[u8], limits: &Limits) -> Result<(), Error> {
        let line = input.get(self.line..).unwrap_or_default();
        // The line end may be on its way.
        let arrived = line.len().saturating_sub(usize::from(line.last() == Some(&b'\r')));
        self.check_length(input, arrived, limits)?;
        self.check_header(input, input.len())
    }

    /// A `{` of a server with so many digits behind it that they are no number of octets: nobody waits for their end.
    ///
    /// Where a line is at its end, the grammar finds out what is wrong with it; this is then asked first, so that it means the same
    /// however the line arrived.
    pub(crate) fn check_header(&mut self, input: &[u8], until: usize) -> Result<(), Error> {
        if self.sender == Sender::Client {
            return Ok(());
        }
        let from = self.searched.max(self.line);
        let fresh = input.get(from..until).unwrap_or_default();
        if !self.endless && self.brace.is_none() && memchr::memchr(b'{', fresh).is_none() {
            self.searched = self.searched.max(until);
            return Ok(());
        }
        self.classify(input);
        if matches!(self.kind, Kind::Text | Kind::Status | Kind::Unknown) {
            return Ok(());
        }
        self.walk(input, until);
        self.searched = self.searched.max(until);
        match self.endless {
            true => Err(Error::fatal(ErrorKind::BadLiteral, length(self.walked), "the length of a literal")),
            false => Ok(()),
        }
    }

    /// What the lines before leave of the message.
    pub(crate) fn room(&self, limits: &Limits) -> usize {
        limits.message.max(limits.line).saturating_sub(self.line)
    }

    fn check_length(&mut self, input: &[u8], line: usize, limits: &Limits) -> Result<(), Error> {
        // Of two limits that are passed the one that was met first counts.
        let room = self.room(limits);
        let shortest = match self.sender {
            Sender::Server => limits.line.min(limits.structured_line),
            Sender::Client => limits.line,
        };
        if line > shortest.min(room) {
            self.classify(input);
            let text = matches!(self.kind, Kind::Text | Kind::Status | Kind::BadCharset)
                || self.sender == Sender::Client;
            let limit = match (text, input.first()) {
                // A challenge of a mechanism may be longer than text.
                (true, Some(b'+')) if self.sender == Sender::Server => {
                    limits.line.max(limits.sasl_line.saturating_add(CONTINUATION))
                }
                (true, _) if self.sender == Sender::Server && holds_sets(input, limits.line) => {
                    limits.line.max(limits.structured_line)
                }
                (true, _) => limits.line,
                _ => limits.structured_line,
            };
            // What is over a limit is not looked at: how much of that has arrived depends on how it was cut.
            let counted = line.min(limit).min(room);
            self.check_depth(input, self.line.saturating_add(counted), limits)?;
            if line > limit && limit <= room {
                self.check_header(input, self.line.saturating_add(limit))?;
                return Err(Error::fatal(ErrorKind::LineTooLong, length(limit), "the end of the line"));
            }
        }
        if line > room {
            self.check_header(input, self.line.saturating_add(room))?;
            return Err(Error::fatal(
                ErrorKind::MessageTooLarge,
                length(self.line),
                "the end of the message",
            ));
        }
        Ok(())
    }

    /// The nesting of a line that is longer than text may be, before all of it has arrived.
    fn check_depth(&mut self, input: &[u8], until: usize, limits: &Limits) -> Result<(), Error> {
        if self.sender == Sender::Client || !matches!(self.kind, Kind::Data | Kind::Fetch | Kind::Thread) {
            return Ok(());
        }
        let from = self.flat.max(self.line).max(self.walked);
        if self.depth == 0 && memchr::memchr(b'(', input.get(from..until).unwrap_or_default()).is_none() {
            self.flat = until;
            return Ok(());
        }
        // What comes first is what is wrong.
        self.check_header(input, self.line.saturating_add(limits.line.min(limits.structured_line)))?;
        self.walk(input, until);
        // Lists of parts in parts, and what else a part has.
        if self.deepest > limits.body_depth.saturating_add(limits.depth) {
            return Err(Error::fatal(ErrorKind::TooDeep, length(self.line), "fewer nested lists"));
        }
        self.check_header(input, until)
    }

    /// Whether the line that ends at `content` ends in the header of a literal.
    ///
    /// A header of a client that is malformed, or has spaces behind it, is an error: its octets must never be taken for commands. One of a
    /// server is left to the grammar, which knows where a string has to stand.
    fn closer_look(&mut self, input: &[u8], content: usize) -> Result<Option<LiteralHeader>, Error> {
        self.classify(input);
        let whole = input.get(self.line..content).unwrap_or_default();
        let line = if self.sender == Sender::Client { whole.trim_ascii_end() } else { whole };
        if line.last() != Some(&b'}') {
            return Ok(None);
        }
        let Some(open) = memchr::memrchr(b'{', line).filter(|_| self.kind != Kind::Text) else {
            return Ok(None);
        };
        let (before, header) = line.split_at_checked(open).unwrap_or_default();
        let header =
            header.strip_prefix(b"{").and_then(|header| header.strip_suffix(b"}")).unwrap_or_default();
        let binary = before.last() == Some(&b'~');
        let before = before.strip_suffix(b"~").unwrap_or(before);
        let allowed = match (self.sender, before.last()) {
            // A client's header counts wherever it stands.
            (Sender::Client, _) | (_, Some(b' ' | b'(' | b'[' | b'"' | b')') | None) => true,
            // An item of a FETCH does not end in the middle of its list.
            _ => self.kind == Kind::Fetch,
        };
        let at = self.line.saturating_add(before.len());
        if !allowed {
            return Ok(None);
        }
        let outside = self.walk(input, at);
        if self.kind == Kind::Text
            || (!outside && (self.sender == Sender::Client || self.kind == Kind::BadCharset))
        {
            return Ok(None);
        }
        let synchronizing = header.last() != Some(&b'+');
        let digits = header.strip_suffix(b"+").unwrap_or(header);
        let exact = line.len() == whole.len() && digits.len() <= DIGITS;
        let Some(number) = decimal(digits).filter(|_| exact) else {
            // Where a string may stand, or with nothing but a length in it, it is meant as one.
            let attempt =
                takes_string(before.last().copied()) || header.iter().all(|octet| is_of_length(*octet));
            return match self.sender {
                Sender::Client if attempt => {
                    Err(Error::fatal(ErrorKind::BadLiteral, length(at), "the length of a literal"))
                }
                _ => Ok(None),
            };
        };
        if !synchronizing && self.sender == Sender::Server {
            return Ok(None);
        }
        let streamed = if outside { self.is_streamed(input, at, binary) } else { self.leave_quoted(before) };
        Ok(Some(LiteralHeader {
            length: number,
            synchronizing: synchronizing && self.sender == Sender::Client,
            binary,
            streamed,
        }))
    }

    /// A server's line ends in the header of a literal, by all that shows, inside a quoted string. There is a quote too many or too few before
    /// it: no string goes on behind the line. So it is one, lest its octets be taken for responses. Tells whether these are message data.
    #[cold]
    fn leave_quoted(&mut self, before: &[u8]) -> bool {
        self.quoted = false;
        let streamed = self.kind == Kind::Fetch && is_body_item(last_item(before));
        if streamed {
            (self.depth, self.bracket, self.header_list) = (1, false, false);
        }
        streamed
    }

    /// Whether the literal whose header stands `at` this place is message data.
    fn is_streamed(&self, input: &[u8], at: usize, binary: bool) -> bool {
        let previous = input.get(self.previous.0..self.previous.1).unwrap_or_default();
        match self.kind {
            Kind::Fetch if self.depth == 1 && !self.bracket => {
                // The header may stand without a space at the name of its item.
                let glued = input.get(self.word..at).unwrap_or_default();
                is_body_item(if glued.is_empty() { previous } else { glued })
            }
            Kind::Append { arguments } if self.depth == 0 => self.words >= arguments,
            Kind::Append { .. } => match (self.list, self.depth) {
                (List::Utf8, 1) | (List::CatenateUtf8, 2) => true,
                (List::Catenate, 1) => binary || previous.eq_ignore_ascii_case(b"TEXT"),
                _ => false,
            },
            _ => false,
        }
    }

    /// Walks over the octets up to `until`, outside of literals; goes on where it stopped. `false`: they end inside a quoted string.
    fn walk(&mut self, input: &[u8], until: usize) -> bool {
        let octets = input.get(..until).unwrap_or_default();
        while let Some(octet) = octets.get(self.walked).copied().filter(|_| !self.endless) {
            let at = self.walked;
            let next = at.wrapping_add(1);
            self.walked = next;
            if !is_in(&SPECIAL, octet) {
                if !octet.is_ascii_digit() {
                    self.brace = None;
                } else if self.brace.is_some_and(|brace| at.saturating_sub(brace) > DIGITS) {
                    self.endless = true;
                }
                continue;
            }
            self.brace = (octet == b'{' && !self.quoted).then_some(at);
            match octet {
                // What is escaped may be on its way.
                b'\\' if self.quoted => self.walked = next.saturating_add(1),
                b'"' => self.quoted = !self.quoted,
                _ if self.quoted => {}
                b'[' if self.depth == 1 && self.kind == Kind::Fetch => self.bracket = true,
                b']' if self.bracket && !self.header_list => self.bracket = false,
                b'(' | b')' if self.bracket => self.header_list = octet == b'(',
                _ if self.bracket => {}
                b'(' => {
                    self.depth = self.depth.saturating_add(1);
                    let before = at.checked_sub(1).and_then(|before| octets.get(before));
                    self.heads = if before == Some(&b'(') { self.heads.saturating_add(1) } else { 1 };
                    let nesting = if self.kind == Kind::Thread { self.heads } else { self.depth };
                    self.deepest = self.deepest.max(nesting);
                    if self.depth <= 2 {
                        let name = octets.get(self.previous.0..self.previous.1).unwrap_or_default();
                        self.list = self.list.enter(self.depth, name);
                    }
                    if self.depth == 1 {
                        self.previous = (self.word, at);
                        self.word = next;
                    }
                }
                // Behind its charsets the code is at its end.
                b')' | b']' if self.kind == Kind::BadCharset => {
                    (self.kind, self.brace) = (Kind::Text, None);
                    return true;
                }
                b')' => {
                    self.depth = self.depth.saturating_sub(1);
                    // The next item may follow without a space.
                    if self.depth == 1 {
                        self.list = self.list.leave();
                        self.word = next;
                    }
                }
                b' ' if self.depth <= 1 => {
                    self.previous = (self.word, at);
                    self.word = next;
                    if self.depth == 0 {
                        self.words = self.words.saturating_add(1);
                    }
                }
                _ => {}
            }
        }
        !self.quoted
    }

    /// Looks at the first words of the message, once.
    fn classify(&mut self, input: &[u8]) {
        if !matches!(self.kind, Kind::Unknown | Kind::Status) {
            return;
        }
        self.kind = match self.sender {
            Sender::Server => classify_response(input).unwrap_or(Kind::Unknown),
            Sender::Client => classify_command(input),
        };
    }
}

/// Whether a string may stand behind this octet, or at the front of a line.
pub(crate) fn takes_string(before: Option<u8>) -> bool {
    matches!(before, Some(b' ' | b'(' | b'[') | None)
}

/// Whether the octet is of a length, well-formed or not.
pub(crate) fn is_of_length(octet: u8) -> bool {
    matches!(octet, b'0'..=b'9' | b'+' | b'-' | b' ')
}

/// The longest literal of a server: more than 32 bits are no number in RFC 3501, unless so much is expected.
fn longest(limits: &Limits) -> u64 {
    limits.stream.max(u64::from(u32::MAX))
}

/// Whether the text of a status would be taken to end in the header of a literal.
pub(crate) fn ends_in_header(text: &[u8]) -> bool {
    if !begins_with_charsets(text) {
        return false;
    }
    let line = [&b"* OK "[..], text, b"\r\n"].concat();
    let content = line.len().saturating_sub(2);
    let mut framer = Framer::new(Sender::Server);
    !matches!(framer.closer_look(&line, content), Ok(None))
}

/// How deep the lists are that a server's line leaves open: of a THREAD those count that open with nothing between them.
pub(crate) fn nesting(octets: &[u8]) -> usize {
    match classify_response(octets) {
        Some(Kind::Thread) => octets
            .chunk_by(|octet, next| octet == next)
            .filter(|run| run.first() == Some(&b'('))
            .map(<[u8]>::len)
            .max()
            .unwrap_or(0),
        _ => open_lists(octets),
    }
}

/// How many lists the octets of a line leave open, quoted strings aside.
pub(crate) fn open_lists(octets: &[u8]) -> usize {
    let mut quoted = false;
    let mut open = 0usize;
    let mut octets = octets.iter();
    while let Some(octet) = octets.next() {
        match octet {
            b'\\' if quoted => {
                octets.next();
            }
            b'"' => quoted = !quoted,
            b'(' if !quoted => open = open.saturating_add(1),
            b')' if !quoted => open = open.saturating_sub(1),
            _ => {}
        }
    }
    open
}

/// The item of a FETCH whose value is next, where what stands before it cannot be trusted.
fn last_item(before: &[u8]) -> &[u8] {
    let before = before.trim_ascii_end();
    // The names of header fields stand in a list.
    let section = matches!(before.last(), Some(b']' | b'>'));
    let name = if section { memchr::memrchr(b'[', before).unwrap_or_default() } else { before.len() };
    let start = memchr::memrchr2(b' ', b'(', before.get(..name).unwrap_or_default());
    before.get(start.map_or(0, |at| at.saturating_add(1))..).unwrap_or_default()
}

/// Whether the value of this FETCH item is message data: `BODY[...]`, `BODY[...]<n>`, `RFC822`, `BINARY[...]` and their kin.
fn is_body_item(item: &[u8]) -> bool {
    let whole = item.strip_suffix(b"[]").unwrap_or(item);
    let named = |name: &[u8]| whole.eq_ignore_ascii_case(name);
    let sectioned =
        |name: &[u8]| item.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
    sectioned(b"BODY[")
        || sectioned(b"BINARY[")
        || named(b"RFC822")
        || named(b"RFC822.HEADER")
        || named(b"RFC822.TEXT")
}

#[cfg(test)]
mod tests;
