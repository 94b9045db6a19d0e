//! The end of a multi-line response, and the dots that keep a message from ending it.
//!
//! ```text
//! multi-line   =  single-line *dot-stuffed "." CRLF        RFC 2449 section 3
//! dot-stuffed  =  *CHAR CRLF                               ; a line that starts with "." gets another one in front
//! ```
//!
//! Only `CRLF "." CRLF` ends a message. A dot behind a bare LF is data to a reader, and a writer leaves no bare LF.

use super::quirk::{Quirk, Quirks};
use crate::wire::outbox::Outbox;
use crate::wire::write;
use bytes::{Buf, BufMut, Bytes, BytesMut};
use memchr::{memchr, memmem};

/// What the last octet was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// CRLF, or none yet.
    LineStart,
    /// LF without CR.
    LooseStart,
    /// CR.
    Cr,
    /// Any other.
    Inside,
}

/// What an [`Unstuffer`] gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unstuffed {
    /// Octets of the message: a slice of the input.
    Chunk(Bytes),
    /// The message is whole.
    End,
}

/// Takes the dots out of a message and finds its end, in constant memory: payload is slices of the input.
///
/// ```
/// use bytes::BytesMut;
/// use mailwire::pop3::{Unstuffed, Unstuffer};
///
/// let mut input = BytesMut::from("a\r\n..b\r\n.\r\n+OK");
/// let mut unstuffer = Unstuffer::new();
/// let mut message = Vec::new();
/// while let Some(Unstuffed::Chunk(octets)) = unstuffer.decode(&mut input) {
///     message.extend_from_slice(&octets);
/// }
/// assert_eq!((&message[..], &input[..]), (&b"a\r\n.b\r\n"[..], &b"+OK"[..]));
/// ```
#[derive(Debug)]
pub struct Unstuffer {
    /// Searches a line end with a dot behind it: rarer than a line end, and found at the speed of memory.
    finder: memmem::Finder<'static>,
    at: At,
    allowed: Quirks,
    forgiven: Quirks,
    /// Whether the peer ends its lines with LF.
    loose: bool,
    octets: u64,
    stuffed: u64,
}

impl Default for Unstuffer {
    fn default() -> Self {
        Self::new()
    }
}

impl Unstuffer {
    /// Forgives nothing.
    pub fn new() -> Self {
        Self::with_quirks(Quirks::none(), false)
    }

    /// Forgives [`Quirk::DotLineFeed`] and [`Quirk::UnstuffedDot`] where allowed. `loose`: the peer ends its lines with LF alone.
    pub(super) fn with_quirks(allowed: Quirks, loose: bool) -> Self {
        Self {
            finder: memmem::Finder::new(b"\n."),
            at: At::LineStart,
            allowed,
            forgiven: Quirks::none(),
            loose: loose && allowed.contains(Quirk::DotLineFeed),
            octets: 0,
            stuffed: 0,
        }
    }

    /// Makes ready for the next message.
    pub(super) fn restart(&mut self, loose: bool) {
        self.at = At::LineStart;
        self.forgiven = Quirks::none();
        self.loose = loose && self.allowed.contains(Quirk::DotLineFeed);
        self.octets = 0;
        self.stuffed = 0;
    }

    /// What was forgiven in this message.
    pub(super) fn forgiven(&self) -> Quirks {
        self.forgiven
    }

    /// Octets of the message so far.
    pub fn octets(&self) -> u64 {
        self.octets
    }

    /// Octets of the message so far with the dots that stood in it.
    pub(super) fn stuffed(&self) -> u64 {
        self.stuffed
    }

    /// Takes what it can from the front of `input`. `None`: more octets are needed.
    pub fn decode(&mut self, input: &mut BytesMut) -> Option<Unstuffed> {
        if self.at_line_start() && input.first() == Some(&b'.') {
            match (input.get(1)?, input.get(2)) {
                (b'\r', None) => return None,
                (b'\r', Some(b'\n')) => {
                    input.advance(3);
                    self.at = At::LineStart;
                    return Some(Unstuffed::End);
                }
                (b'\n', _) if self.allowed.contains(Quirk::DotLineFeed) => {
                    self.forgiven.insert(Quirk::DotLineFeed);
                    input.advance(2);
                    self.at = At::LineStart;
                    return Some(Unstuffed::End);
                }
                (b'.', _) => {
                    input.advance(1);
                    self.stuffed = self.stuffed.saturating_add(1);
                }
                _ if self.allowed.contains(Quirk::UnstuffedDot) => {
                    self.forgiven.insert(Quirk::UnstuffedDot);
                }
                _ => {
                    input.advance(1);
                    self.stuffed = self.stuffed.saturating_add(1);
                }
            }
            self.at = At::Inside;
        }
        if input.is_empty() {
            return None;
        }
        let chunk = match self.dotted_line(input) {
            Some(start) => input.split_to(start.min(input.len())),
            None => {
                self.at = self.state_behind(input);
                input.split()
            }
        };
        self.octets = self.octets.saturating_add(write::length(chunk.len()));
        self.stuffed = self.stuffed.saturating_add(write::length(chunk.len()));
        Some(Unstuffed::Chunk(chunk.freeze()))
    }

    fn at_line_start(&self) -> bool {
        self.at == At::LineStart || self.at == At::LooseStart && self.loose
    }

    /// Where the next line starts that starts with a dot; notes how the line before it ended.
    fn dotted_line(&mut self, input: &[u8]) -> Option<usize> {
        let mut from = 0usize;
        loop {
            let found = self.finder.find(input.get(from..)?)?;
            let line_feed = from.saturating_add(found);
            let start = line_feed.saturating_add(1);
            if self.follows_cr(input, line_feed) {
                self.at = At::LineStart;
                return Some(start);
            }
            if self.loose {
                self.at = At::LooseStart;
                return Some(start);
            }
            from = start;
        }
    }

    fn follows_cr(&self, input: &[u8], index: usize) -> bool {
        match index.checked_sub(1) {
            Some(before) => input.get(before) == Some(&b'\r'),
            None => self.at == At::Cr,
        }
    }

    fn state_behind(&self, input: &[u8]) -> At {
        match input.last() {
            None => self.at,
            Some(b'\r') => At::Cr,
            Some(b'\n') if self.follows_cr(input, input.len().saturating_sub(1)) => At::LineStart,
            Some(b'\n') => At::LooseStart,
            Some(_) => At::Inside,
        }
    }
}

/// Pieces shorter than this are copied together, longer ones pass as slices.
const SMALL: usize = 512;

/// Writes a message as the lines of a multi-line response: ends every line with CRLF, doubles dots, and adds the end.
///
/// A bare LF becomes CRLF; a bare CR stays, and is no line end; a message that does not end in CRLF gets one.
///
/// ```
/// use bytes::BytesMut;
/// use mailwire::pop3::Stuffer;
///
/// let mut out = BytesMut::new();
/// let mut stuffer = Stuffer::new();
/// stuffer.encode(b"a\n.\nb", &mut out);
/// stuffer.finish(&mut out);
/// assert_eq!(out, "a\r\n..\r\nb\r\n.\r\n");
/// ```
#[derive(Clone, Debug)]
pub struct Stuffer {
    at: At,
}

impl Default for Stuffer {
    fn default() -> Self {
        Self::new()
    }
}

impl Stuffer {
    /// At the start of a message.
    pub const fn new() -> Self {
        Self { at: At::LineStart }
    }

    /// Writes a piece of the message.
    pub fn encode(&mut self, octets: &[u8], out: &mut BytesMut) {
        let mut rest = octets;
        while let Some((piece, insert, behind)) = self.next_fix(rest) {
            out.put_slice(piece);
            out.put_u8(insert);
            rest = behind;
        }
        out.put_slice(rest);
        self.pass(rest);
    }

    /// Writes a piece of the message without a copy where nothing must be put in.
    pub(super) fn encode_shared(&mut self, octets: Bytes, out: &mut Outbox) {
        let mut rest = octets;
        loop {
            let fix = self.next_fix(&rest).map(|(piece, insert, _)| (piece.len(), insert));
            let Some((length, insert)) = fix else { break };
            let piece = rest.split_to(length.min(rest.len()));
            put(piece, out);
            out.tail().put_u8(insert);
        }
        self.pass(&rest);
        put(rest, out);
    }

    /// Writes the end of the message.
    pub fn finish(self, out: &mut BytesMut) {
        out.put_slice(if self.at == At::LineStart { b".\r\n".as_slice() } else { b"\r\n.\r\n" });
    }

    /// The octets before the next place where one must be put in, that one, and the octets behind.
    fn next_fix<'a>(&mut self, octets: &'a [u8]) -> Option<(&'a [u8], u8, &'a [u8])> {
        if self.at == At::LineStart && octets.first() == Some(&b'.') {
            self.at = At::Inside;
            return Some((&[], b'.', octets));
        }
        let mut from = 0usize;
        loop {
            let line_feed = from.saturating_add(memchr(b'\n', octets.get(from..)?)?);
            let follows_cr = match line_feed.checked_sub(1) {
                Some(before) => octets.get(before) == Some(&b'\r'),
                None => self.at == At::Cr,
            };
            if !follows_cr {
                let (piece, behind) = octets.split_at_checked(line_feed)?;
                self.at = At::Cr;
                return Some((piece, b'\r', behind));
            }
            from = line_feed.saturating_add(1);
            if octets.get(from) == Some(&b'.') {
                let (piece, behind) = octets.split_at_checked(from)?;
                self.at = At::Inside;
                return Some((piece, b'.', behind));
            }
        }
    }

    /// Notes the end of octets that need no fix.
    fn pass(&mut self, octets: &[u8]) {
        match octets.last() {
            None => {}
            Some(b'\r') => self.at = At::Cr,
            Some(b'\n') => self.at = At::LineStart,
            Some(_) => self.at = At::Inside,
        }
    }
}

fn put(piece: Bytes, out: &mut Outbox) {
    if piece.len() < SMALL {
        out.tail().put_slice(&piece);
    } else {
        out.push(piece);
    }
}

/// A line of a multi-line answer, with a dot in front of a dot.
pub(super) fn stuffed_line(out: &mut BytesMut, encode: impl FnOnce(&mut BytesMut)) {
    let start = out.len();
    encode(out);
    if out.get(start) == Some(&b'.') {
        let line = out.split_off(start);
        out.put_u8(b'.');
        out.put_slice(&line);
    }
    out.put_slice(b"\r\n");
}

/// How much of a message TOP shows: the header, the empty line, and so many lines of the body.
///
/// ```
/// use mailwire::pop3::Top;
///
/// let mut top = Top::new(1);
/// let message = b"Subject: x\r\n\r\none\r\ntwo\r\n";
/// assert_eq!(&message[..top.take(message)], b"Subject: x\r\n\r\none\r\n");
/// assert!(top.is_done());
/// ```
#[derive(Clone, Debug)]
pub struct Top {
    lines: u32,
    in_header: bool,
    at: At,
}

impl Top {
    /// The header and that many lines.
    pub const fn new(lines: u32) -> Self {
        Self { lines, in_header: true, at: At::LineStart }
    }

    /// How many of these octets, the next ones of the message, belong to it.
    pub fn take(&mut self, octets: &[u8]) -> usize {
        let mut from = 0usize;
        while !self.is_done() {
            let rest = octets.get(from..).unwrap_or_default();
            let Some(line_feed) = memchr(b'\n', rest) else {
                // A line start stays one over a CR, so that an empty line is seen whatever the split.
                match rest {
                    [] => {}
                    [b'\r'] if self.at == At::LineStart => self.at = At::Cr,
                    _ => self.at = At::Inside,
                }
                return octets.len();
            };
            let line = rest.get(..line_feed).unwrap_or_default();
            let empty = match self.at {
                At::LineStart => matches!(line, [] | [b'\r']),
                At::Cr => line.is_empty(),
                _ => false,
            };
            if !self.in_header {
                self.lines = self.lines.saturating_sub(1);
            } else if empty {
                self.in_header = false;
            }
            self.at = At::LineStart;
            from = from.saturating_add(line_feed).saturating_add(1);
        }
        from
    }

    /// Whether nothing that follows belongs to it.
    pub fn is_done(&self) -> bool {
        !self.in_header && self.lines == 0
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "an overflow fails the test")]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    /// The octets of the message, what is left behind it, and whether it ended.
    fn unstuff(octets: &[u8], cut: usize) -> (Vec<u8>, Vec<u8>, bool) {
        let mut unstuffer = Unstuffer::new();
        let (mut message, mut input, mut ended) = (Vec::new(), BytesMut::new(), false);
        let mut feed = |part: &[u8], ended: &mut bool| {
            input.extend_from_slice(part);
            while !*ended {
                match unstuffer.decode(&mut input) {
                    Some(Unstuffed::Chunk(octets)) => message.extend_from_slice(&octets),
                    Some(Unstuffed::End) => *ended = true,
                    None => break,
                }
            }
        };
        if cut == usize::MAX {
            octets.chunks(1).for_each(|octet| feed(octet, &mut ended));
        } else {
            let (first, second) = octets.split_at(cut);
            feed(first, &mut ended);
            feed(second, &mut ended);
        }
        (message, input.to_vec(), ended)
    }

    /// The slow way, after RFC 1939 section 3: line by line, a line ends with CRLF.
    fn plain(octets: &[u8]) -> (Vec<u8>, Vec<u8>, bool) {
        let (mut message, mut rest) = (Vec::new(), octets);
        while let Some(end) = memmem::find(rest, b"\r\n") {
            let (line, behind) = rest.split_at(end + 2);
            if line == b".\r\n" {
                return (message, behind.to_vec(), true);
            }
            message.extend_from_slice(line.strip_prefix(b".").unwrap_or(line));
            rest = behind;
        }
        (message, rest.to_vec(), false)
    }

    fn canonical(message: &[u8]) -> Vec<u8> {
        let mut out: Vec<u8> = Vec::new();
        for &octet in message {
            if octet == b'\n' && out.last() != Some(&b'\r') {
                out.push(b'\r');
            }
            out.push(octet);
        }
        if !out.is_empty() && !out.ends_with(b"\r\n") {
            out.extend_from_slice(b"\r\n");
        }
        out
    }

    fn each_string(longest: usize, mut test: impl FnMut(&[u8])) {
        for length in 0..=longest {
            let mut digits = alloc::vec![0usize; length];
            loop {
                let octets: Vec<u8> = digits.iter().map(|digit| b"\r\n.a"[*digit]).collect();
                test(&octets);
                let Some(place) = digits.iter().rposition(|digit| *digit < 3) else { break };
                digits[place] += 1;
                digits[place + 1..].fill(0);
            }
        }
    }

    const LONGEST: usize = 9;

    #[test]
    fn every_short_string_is_unstuffed_as_the_rfc_says_at_every_split() {
        each_string(LONGEST, |octets| {
            let (message, behind, ended) = plain(octets);
            for cut in [usize::MAX].into_iter().chain(0..=octets.len()) {
                let (got, rest, got_end) = unstuff(octets, cut);
                assert_eq!(got_end, ended, "{}", octets.escape_ascii());
                if ended {
                    assert_eq!((&got, &rest), (&message, &behind), "{} at {cut}", octets.escape_ascii());
                } else {
                    assert!(got.starts_with(&message), "{} at {cut}", octets.escape_ascii());
                }
                if octets.len() > 7 && cut > 1 && cut != usize::MAX {
                    break;
                }
            }
        });
    }

    #[test]
    fn every_short_string_comes_back_in_canonical_form() {
        each_string(LONGEST, |octets| {
            for cut in [0, octets.len() / 2] {
                let (first, second) = octets.split_at(cut);
                let (mut out, mut stuffer) = (BytesMut::new(), Stuffer::new());
                stuffer.encode(first, &mut out);
                stuffer.encode(second, &mut out);
                stuffer.finish(&mut out);
                let mut outbox = Outbox::default();
                let mut stuffer = Stuffer::new();
                stuffer.encode_shared(Bytes::copy_from_slice(first), &mut outbox);
                stuffer.encode_shared(Bytes::copy_from_slice(second), &mut outbox);
                stuffer.finish(outbox.tail());
                let mut shared = Vec::new();
                while let Some(octets) = outbox.poll() {
                    shared.extend_from_slice(&octets);
                }
                assert_eq!(shared, out);
                let (message, behind, ended) = unstuff(&out, 0);
                assert!(ended && behind.is_empty(), "{}", octets.escape_ascii());
                assert_eq!(message, canonical(octets), "{}", octets.escape_ascii());
                for (index, _) in out.iter().enumerate().filter(|(_, octet)| **octet == b'\n') {
                    assert!(index > 0 && out[index - 1] == b'\r');
                }
            }
        });
    }

    #[test]
    fn payload_is_slices_of_the_input() {
        let mut input = BytesMut::from(&b"some lines\r\nwithout dots. at the start\r\n"[..]);
        let start = input.as_ptr();
        let Some(Unstuffed::Chunk(chunk)) = Unstuffer::new().decode(&mut input) else { panic!() };
        assert_eq!(chunk.as_ptr(), start);
    }

    #[test]
    fn quirks_of_dots() {
        let run = |octets: &[u8], loose: bool| {
            let mut unstuffer = Unstuffer::with_quirks(Quirks::lenient(), loose);
            let (mut input, mut message) = (BytesMut::from(octets), Vec::new());
            loop {
                match unstuffer.decode(&mut input) {
                    Some(Unstuffed::Chunk(octets)) => message.extend_from_slice(&octets),
                    Some(Unstuffed::End) => return (message, unstuffer.forgiven().iter().next()),
                    None => panic!("no end in {}", octets.escape_ascii()),
                }
            }
        };
        assert_eq!(run(b"a\r\n.\n", false), (b"a\r\n".to_vec(), Some(Quirk::DotLineFeed)));
        assert_eq!(run(b"a\n.\nb\r\n.\r\n", false), (b"a\n.\nb\r\n".to_vec(), None));
        assert_eq!(run(b"a\n..\n.\n", true), (b"a\n.\n".to_vec(), Some(Quirk::DotLineFeed)));
        assert_eq!(run(b".x\r\n.\r\n", false), (b".x\r\n".to_vec(), Some(Quirk::UnstuffedDot)));
    }

    #[test]
    fn top_at_every_split() {
        let message = b"A: b\n c\r\n\r\none\ntwo\r\nthree";
        for (lines, expected) in [(0, 11), (1, 15), (2, 20), (3, 25), (9, 25)] {
            for cut in 0..=message.len() {
                let mut top = Top::new(lines);
                let (first, second) = message.split_at(cut);
                let taken = top.take(first);
                let taken = if taken == first.len() { taken + top.take(second) } else { taken };
                assert_eq!(taken, expected, "{lines} lines, cut at {cut}");
            }
        }
    }
}
