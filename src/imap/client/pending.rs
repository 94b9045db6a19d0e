//! Commands that are under way.

use crate::imap::client::CommandId;
use crate::imap::state::Effect;

/// A command that is not complete.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) id: CommandId,
    pub(super) effect: Effect,
    pub(super) kind: Kind,
    /// Where its octets end in the output, in octets from the start of the connection.
    pub(super) end: u64,
    /// How many of its gates are closed.
    pub(super) gates: usize,
    /// Where the first of its literals begins that is sent unasked, if none that is asked for follows: from there on it may be refused before
    /// it is sent whole (RFC 7888 section 4). In octets as `end`.
    pub(super) unasked: Option<u64>,
}

impl Pending {
    /// Whether the user is another one behind it.
    pub(super) fn changes_user(&self) -> bool {
        matches!(self.effect, Effect::Authenticate | Effect::Unauthenticate)
    }

    /// Whether its rest goes out unasked, so that the server may refuse it before it has come.
    pub(super) fn is_unasked(&self, sent: u64) -> bool {
        self.gates == 0 && self.unasked.is_some_and(|header| header <= sent)
    }
}

/// What answers a command may have besides data and a completion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Plain,
    /// Its answers speak of sequence numbers, so none may change.
    BySequence,
    /// The server asks for the responses of a mechanism with `+`.
    Authenticate(Turn),
    /// The server says with `+` that it tells news until DONE.
    Idle(Turn),
    /// Its output is not all written yet.
    Append,
}

/// Whose turn it is in an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    Server,
    Client,
    /// Nobody's: only the completion is owed.
    Over,
}

/// The number of a tag of ours.
pub(super) fn tag_number(tag: &[u8]) -> Option<u32> {
    let digits = tag.strip_prefix(b"a")?;
    if digits.first() == Some(&b'0') {
        return None;
    }
    u32::try_from(crate::imap::core::decimal(digits)?).ok()
}
