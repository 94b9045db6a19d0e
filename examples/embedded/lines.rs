//! The lines of a stored message, read in blocks: a line of any length takes no more memory than one block.

use super::store::Content;
use std::{io, ops::Range};

/// How much of a message is read at once; the piece of a longer line that is told.
pub const BLOCK: usize = 64 * 1024;

/// The lines of a range of a message, read in blocks.
pub struct Lines<'a> {
    content: &'a mut dyn Content,
    block: Vec<u8>,
    /// What of `block` was not handed out yet.
    rest: Range<usize>,
    /// Where in the message the next line begins.
    pub offset: u64,
    /// Where they end.
    pub end: u64,
    continued: bool,
}

/// One line, or a piece of a line too long for a block.
pub struct Line {
    octets: Range<usize>,
    /// Where in the message it begins.
    pub offset: u64,
    /// Octets of its line end: 0 where it has none.
    pub terminator: u64,
    /// Where the next begins.
    pub next: u64,
    /// It goes on from the piece before.
    pub continued: bool,
}

impl Line {
    /// Its octets without the line end, until `lines` goes on.
    pub fn text<'a>(&self, lines: &'a Lines<'_>) -> &'a [u8] {
        lines.block.get(self.octets.clone()).unwrap_or_default()
    }
}

impl<'a> Lines<'a> {
    /// The lines of `range`, as far as there is content.
    pub fn new(content: &'a mut dyn Content, range: Range<u64>) -> Self {
        let end = range.end.min(content.size());
        Self { content, block: vec![0; BLOCK], rest: 0..0, offset: range.start, end, continued: false }
    }

    /// The next line, if there is one.
    ///
    /// # Errors
    /// The message cannot be read, or is shorter than it says.
    pub fn next(&mut self) -> io::Result<Option<Line>> {
        let mut searched = 0;
        loop {
            let rest = self.block.get(self.rest.clone()).unwrap_or_default();
            if let Some(found) = memchr::memchr(b'\n', rest.get(searched..).unwrap_or_default()) {
                let len = searched + found;
                let cr = usize::from(len > 0 && rest.get(len - 1) == Some(&b'\r'));
                return Ok(Some(self.take(len - cr, 1 + cr)));
            }
            searched = rest.len();
            let unread = self.end - (self.offset + searched as u64);
            if unread == 0 {
                return Ok((searched > 0).then(|| self.take(searched, 0)));
            }
            if searched == BLOCK {
                // A CR stays for the LF that may follow it.
                let piece = if rest.last() == Some(&b'\r') { searched - 1 } else { searched };
                let line = self.take(piece, 0);
                self.continued = true;
                return Ok(Some(line));
            }
            self.block.copy_within(self.rest.clone(), 0);
            self.rest = 0..searched;
            let room = self.block.get_mut(searched..).unwrap_or_default();
            let room_len = room.len().min(usize::try_from(unread).unwrap_or(usize::MAX));
            let read = self
                .content
                .read(self.offset + searched as u64, room.get_mut(..room_len).unwrap_or_default())?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.rest.end += read;
        }
    }

    fn take(&mut self, len: usize, terminator: usize) -> Line {
        let octets = self.rest.start..self.rest.start + len;
        let line = Line {
            octets,
            offset: self.offset,
            terminator: terminator as u64,
            next: self.offset + (len + terminator) as u64,
            continued: self.continued,
        };
        self.rest.start += len + terminator;
        self.offset = line.next;
        self.continued = false;
        line
    }
}
