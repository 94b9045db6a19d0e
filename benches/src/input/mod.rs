//! The inputs, the same octets on every run: generated from fixed seeds.
//!
//! Each [`Input`] carries what a decoder must have [`Seen`] in it, so that a side that skips a message
//! or reads it wrongly is found out, and not measured.

pub(crate) mod imap;
pub(crate) mod pop3;
mod random;

use random::Random;

/// What a decoder saw: how many messages, and a sum over the content of each.
///
/// What goes into the sum is the same for every side, and little, so that it costs little:
///
/// | message | its sum |
/// |---|---|
/// | FETCH | sequence number, 3 UID, 5 MODSEQ, 7 a flag, [`envelope`](Seen::envelope), [`part`](Seen::part), [`body`](Seen::body) |
/// | SEARCH, VANISHED | how many elements, the first number, the last number |
/// | LIST | 1 an attribute, 100 an octet of the name as it stands on the wire |
/// | EXISTS, RECENT, EXPUNGE, STATUS | the numbers |
/// | FLAGS, CAPABILITY | how many |
/// | OK, NO, BAD | the octets of the text, and of UIDNEXT, UIDVALIDITY and UNSEEN the number |
/// | an IMAP command | the octets of the tag, 10 a FETCH item, 100 a STORE flag, the octets of an APPEND's message |
/// | a POP3 command | its numbers, the octets of its text |
/// | a UIDL entry | the number, 100 an octet of the unique-id |
/// | a RETR body | the octets of the message, un-stuffed |
/// | anything serialized | its octets |
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// How many messages.
    pub(crate) messages: u64,
    /// The sum over their content.
    pub(crate) sum: u64,
}

impl Seen {
    /// One more message, with this sum.
    pub(crate) fn message(&mut self, sum: u64) {
        self.messages += 1;
        self.add(sum);
    }

    /// More content of the message that was counted last, or comes next.
    pub(crate) fn add(&mut self, sum: u64) {
        self.sum = self.sum.wrapping_add(sum);
    }

    /// The sum of an envelope.
    pub(crate) fn envelope(subject: usize, message_id: usize, to: usize) -> u64 {
        subject as u64 + 11 * message_id as u64 + 13 * to as u64
    }

    /// The sum of one part of a body structure that has no parts of its own.
    pub(crate) fn part(octets: u64) -> u64 {
        octets + 17
    }

    /// The sum of a body.
    pub(crate) fn body(length: u64, first: u8, last: u8) -> u64 {
        length + 1_000 * u64::from(first) + 1_000_000 * u64::from(last)
    }
}

/// Octets to decode, and what must be seen in them.
pub(crate) struct Input {
    /// The octets.
    pub(crate) octets: Vec<u8>,
    /// What is in them.
    pub(crate) seen: Seen,
}

impl Input {
    fn new(capacity: usize) -> Self {
        Input { octets: Vec::with_capacity(capacity), seen: Seen::default() }
    }

    fn put(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing to a `Vec` cannot fail.
        let _ = std::io::Write::write_fmt(&mut self.octets, text);
    }
}

/// Lines of a message: mostly of 76 octets like base64, some shorter like text.
fn text(random: &mut Random, length: usize, to: &mut Vec<u8>) {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+ ";
    let end = to.len() + length;
    while to.len() < end {
        let line = if random.chance(40) { 76 } else { random.within(4, 72) };
        let line = line.min(end - to.len());
        // A line end that would not fit whole is left out, so that no octet stands alone.
        let ends = line >= 2;
        for _ in 0..if ends { line - 2 } else { line } {
            to.push(LETTERS[random.below(LETTERS.len())]);
        }
        if ends {
            to.extend_from_slice(b"\r\n");
        }
    }
}
