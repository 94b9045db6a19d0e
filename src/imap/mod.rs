//! IMAP: RFC 3501, and RFC 9051 beside it.

mod core;
mod datetime;
pub(crate) mod encode;
mod envelope;
mod flag;
mod framing;
mod mailbox;
mod quirk;
#[cfg(test)]
pub(crate) mod round_trip;
mod section;
mod sequence;
mod stored;
pub mod utf7;

pub use self::core::{Atom, Tag};
pub use self::datetime::{Date, DateTime};
pub use self::encode::{Encoding, Literals};
pub use self::envelope::{Address, Addresses, Envelope, EnvelopeBuilder, IntoOctets};
pub use self::flag::{Flag, FlagName, Flags};
pub use self::mailbox::{ListPattern, Mailbox};
pub use self::quirk::{Quirk, Quirks};
pub use self::section::{PartNumber, Partial, Section};
pub use self::sequence::{SequenceRange, SequenceSet};
