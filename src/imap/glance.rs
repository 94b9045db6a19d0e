//! What is read at a glance: the responses that a server sends most, in the form in which nearly all servers write them.
//!
//! ```text
//!  * 23 EXISTS       * 7 EXPUNGE       * 12 FETCH (UID 40 FLAGS (\Seen) MODSEQ (715))
//!  * OK [UIDNEXT 44] next              * FLAGS (\Answered \Seen)
//!  * LIST (\HasNoChildren) "/" Work    * STATUS Work (MESSAGES 4 UNSEEN 2)
//!  * 12 FETCH (UID 40 BODY[] {4096}⏎  and behind the octets:  FLAGS (\Seen))⏎
//! ```
//!
//! This is no grammar of its own: what it gives for some octets the grammar gives for them too, with nothing forgiven. Where it is in doubt it
//! gives nothing, and the grammar is asked. It goes from the octets of one line, with its CRLF, to a value, without the budgets of a message:
//! [`suffices`] tells whether a line is so short that it can pass none.

use crate::imap::capability::Capabilities;
use crate::imap::condition::Status;
use crate::imap::fetch::Fetch;
use crate::imap::flag::{FlagBits, Flags};
use crate::imap::list::List;
use crate::imap::modseq::ModSequence;
use crate::imap::response::Data;
use crate::imap::response_event::Told;
use crate::imap::section::Section;
use crate::imap::status::StatusData;
use crate::wire::{Limits, decimal};
use core::num::NonZeroU32;

/// The longest line that is read at a glance.
pub(crate) const LINE: usize = 256;

/// Whether no line of that length can pass a limit.
pub(crate) fn suffices(limits: &Limits) -> bool {
    let length = limits.line.min(limits.structured_line).min(limits.message);
    length >= LINE
        && limits.items >= LINE
        && limits.mailbox >= LINE
        && limits.memory >= LINE.saturating_mul(64)
}

/// What a line with its CRLF says. The event is large: it is made in the last step, where it is told.
pub(crate) fn response<E: Told>(line: &[u8], utf8: bool) -> Option<E> {
    let octets = line.strip_prefix(b"* ")?;
    if matches!(octets, [b'0'..=b'9', ..]) {
        return numbered(octets);
    }
    if let Some(rest) = octets.strip_prefix(b"LIST ") {
        return Some(E::data(Data::List(List::glance(rest, utf8)?)));
    }
    if let Some(rest) = octets.strip_prefix(b"STATUS ") {
        return Some(E::data(Data::Status(StatusData::glance(rest, utf8)?)));
    }
    if let Some(rest) = octets.strip_prefix(b"FLAGS ") {
        let (flags, end) = FlagBits::glance(rest, false)?;
        return (end == b"\r\n").then(|| E::data(Data::Flags(flags.into())));
    }
    if let Some(rest) = octets.strip_prefix(b"CAPABILITY") {
        let (capabilities, end) = Capabilities::glance(rest)?;
        return (end == b"\r\n").then(|| E::data(Data::Capability(capabilities)));
    }
    Some(E::status(Status::glance(octets)?))
}

/// Data that begins with a number.
#[inline(always)]
fn numbered<E: Told>(octets: &[u8]) -> Option<E> {
    let (number, rest) = decimal::canonical(octets)?;
    if let Some(items) = rest.strip_prefix(b" FETCH (") {
        let seq = decimal::non_zero(number)?;
        let items = Items::default().glance(items)?;
        return Some(E::fetch(items.fetch(Some(seq))));
    }
    match rest {
        b" EXPUNGE\r\n" => Some(E::data(Data::Expunge(decimal::non_zero(number)?))),
        b" EXISTS\r\n" => Some(E::data(Data::Exists(u32::try_from(number).ok()?))),
        b" RECENT\r\n" => Some(E::data(Data::Recent(u32::try_from(number).ok()?))),
        _ => None,
    }
}

/// What stands before the octets of a body.
pub(crate) struct BodyLine {
    pub(crate) seq: NonZeroU32,
    pub(crate) uid: Option<NonZeroU32>,
    pub(crate) section: Section,
    pub(crate) origin: Option<u64>,
    pub(crate) len: u64,
}

/// A FETCH up to the octets of its first body, which nothing but a UID stands before.
pub(crate) fn body(line: &[u8]) -> Option<BodyLine> {
    let (number, rest) = decimal::canonical(line.strip_prefix(b"* ")?)?;
    let seq = decimal::non_zero(number)?;
    let mut rest = rest.strip_prefix(b" FETCH (")?;
    let mut uid = None;
    if let Some(value) = rest.strip_prefix(b"UID ") {
        let (number, behind) = decimal::canonical(value)?;
        uid = Some(decimal::non_zero(number)?);
        rest = behind.strip_prefix(b" ")?;
    }
    let rest = rest.strip_prefix(b"BODY[")?;
    let (section, rest) = if let Some(rest) = rest.strip_prefix(b"]") {
        (Section::Full, rest)
    } else if let Some(rest) = rest.strip_prefix(b"HEADER]") {
        (Section::Header(None), rest)
    } else {
        (Section::Text(None), rest.strip_prefix(b"TEXT]")?)
    };
    let (origin, rest) = match rest.strip_prefix(b"<") {
        Some(origin) => {
            let (number, rest) = decimal::canonical(origin)?;
            (Some(number), rest.strip_prefix(b">")?)
        }
        None => (None, rest),
    };
    match decimal::canonical(rest.strip_prefix(b" {")?)? {
        (len, b"}\r\n") => Some(BodyLine { seq, uid, section, origin, len }),
        _ => None,
    }
}

/// What stands behind the octets of a body, to the end of the FETCH, of a message whose numbers are known.
pub(crate) fn behind_body<E: Told>(
    line: &[u8],
    seq: Option<NonZeroU32>,
    uid: Option<NonZeroU32>,
) -> Option<E> {
    let known = Items { uid, ..Items::default() };
    let items = match line.strip_prefix(b" ") {
        Some(items) => known.glance(items)?,
        None if line == b")\r\n" => known,
        None => return None,
    };
    Some(E::fetch(items.fetch(seq)))
}

/// The items of a FETCH.
#[derive(Clone, Copy, Default)]
struct Items {
    uid: Option<NonZeroU32>,
    flags: Option<FlagBits>,
    mod_seq: Option<ModSequence>,
    size: Option<u64>,
}

impl Items {
    /// These and more items, each at most once, to the line end.
    #[inline(always)]
    fn glance(self, octets: &[u8]) -> Option<Self> {
        let mut items = self;
        let mut rest = octets;
        loop {
            let again;
            (again, rest) = if let Some(value) = rest.strip_prefix(b"UID ") {
                let (number, behind) = decimal::canonical(value)?;
                (items.uid.replace(decimal::non_zero(number)?).is_some(), behind)
            } else if let Some(value) = rest.strip_prefix(b"FLAGS ") {
                let (flags, behind) = FlagBits::glance(value, false)?;
                (items.flags.replace(flags).is_some(), behind)
            } else if let Some(value) = rest.strip_prefix(b"MODSEQ (") {
                let (number, behind) = ModSequence::glance(value)?;
                (items.mod_seq.replace(number).is_some(), behind.strip_prefix(b")")?)
            } else {
                let (number, behind) = decimal::canonical(rest.strip_prefix(b"RFC822.SIZE ")?)?;
                (items.size.replace(number).is_some(), behind)
            };
            match rest {
                _ if again => return None,
                [b' ', behind @ ..] => rest = behind,
                b")\r\n" => return Some(items),
                _ => return None,
            }
        }
    }

    #[inline(always)]
    fn fetch(self, seq: Option<NonZeroU32>) -> Fetch {
        Fetch {
            seq,
            uid: self.uid,
            flags: self.flags.map(Flags::from),
            mod_seq: self.mod_seq,
            size: self.size,
            last: true,
            ..Fetch::default()
        }
    }
}
