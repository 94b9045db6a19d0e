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
//! gives nothing, and the grammar is asked. It goes from the octets at the front of the buffer to a value and what is left behind it, without the
//! budgets of a message: of [`LINE`] octets, [`suffices`] tells whether they can pass one. The line is whole if its CRLF is what is left.

use crate::imap::fetch::Fetch;
use crate::imap::flag::{FlagBits, Flags};
use crate::imap::modseq::ModSequence;
use crate::imap::section::Section;
use crate::wire::{Limits, decimal};
use core::num::NonZeroU32;

/// The longest line that is read at a glance, with its CRLF.
pub(crate) const LINE: usize = 256;

/// Whether no line of that length can pass a limit.
pub(crate) fn suffices(limits: &Limits) -> bool {
    let length = limits.line.min(limits.structured_line).min(limits.message);
    length >= LINE
        && limits.items >= LINE
        && limits.mailbox >= LINE
        && limits.memory >= LINE.saturating_mul(64)
}

/// The end of the line, in octets from its beginning, if what is left behind the value begins with it.
#[inline(always)]
pub(crate) fn end(line: &[u8], rest: &[u8]) -> Option<usize> {
    let behind = rest.strip_prefix(b"\r\n")?;
    line.len().checked_sub(behind.len())
}

/// Which octets of a message come.
pub(crate) struct BodyOctets {
    pub(crate) section: Section,
    pub(crate) origin: Option<u64>,
    pub(crate) len: u64,
}

impl BodyOctets {
    /// What stands behind `BODY[`, to the line end.
    #[inline(always)]
    pub(crate) fn glance(octets: &[u8]) -> Option<(Self, &[u8])> {
        let (section, rest) = if let Some(rest) = octets.strip_prefix(b"]") {
            (Section::Full, rest)
        } else if let Some(rest) = octets.strip_prefix(b"HEADER]") {
            (Section::Header(None), rest)
        } else {
            (Section::Text(None), octets.strip_prefix(b"TEXT]")?)
        };
        let (origin, rest) = match rest.strip_prefix(b"<") {
            Some(origin) => {
                let (number, rest) = decimal::canonical(origin)?;
                (Some(number), rest.strip_prefix(b">")?)
            }
            None => (None, rest),
        };
        let (len, rest) = decimal::canonical(rest.strip_prefix(b" {")?)?;
        Some((Self { section, origin, len }, rest.strip_prefix(b"}")?))
    }
}

/// The items of a FETCH.
#[derive(Clone, Copy, Default)]
pub(crate) struct Items {
    pub(crate) uid: Option<NonZeroU32>,
    flags: Option<FlagBits>,
    mod_seq: Option<ModSequence>,
    size: Option<u64>,
}

impl Items {
    /// Nothing but the UID, if it is known.
    #[inline(always)]
    pub(crate) fn of(uid: Option<NonZeroU32>) -> Self {
        Self { uid, ..Self::default() }
    }

    /// More items, each at most once, up to the `)` or up to a body that is the first one but for the UID.
    #[inline(always)]
    pub(crate) fn glance(mut self, octets: &[u8]) -> Option<(Self, &[u8])> {
        let mut rest = octets;
        loop {
            let again;
            (again, rest) = if let Some(value) = rest.strip_prefix(b"UID ") {
                let (number, behind) = decimal::canonical(value)?;
                (self.uid.replace(decimal::non_zero(number)?).is_some(), behind)
            } else if let Some(value) = rest.strip_prefix(b"FLAGS ") {
                let (flags, behind) = FlagBits::glance(value, false)?;
                (self.flags.replace(flags).is_some(), behind)
            } else if let Some(value) = rest.strip_prefix(b"MODSEQ (") {
                let (number, behind) = ModSequence::glance(value)?;
                (self.mod_seq.replace(number).is_some(), behind.strip_prefix(b")")?)
            } else if let Some(value) = rest.strip_prefix(b"RFC822.SIZE ") {
                let (number, behind) = decimal::canonical(value)?;
                (self.size.replace(number).is_some(), behind)
            } else {
                let first = self.flags.is_none() && self.mod_seq.is_none() && self.size.is_none();
                return (first && rest.starts_with(b"BODY[")).then_some((self, rest));
            };
            match rest {
                _ if again => return None,
                [b' ', behind @ ..] => rest = behind,
                [b')', ..] => return Some((self, rest)),
                _ => return None,
            }
        }
    }

    #[inline(always)]
    pub(crate) fn fetch(self, seq: Option<NonZeroU32>) -> Fetch {
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
