//! IMAP: RFC 3501, and RFC 9051 beside it.

mod core;
mod datetime;
pub(crate) mod encode;
mod envelope;
mod flag;
mod framing;
mod mailbox;
mod modseq;
mod object_id;
mod quirk;
#[cfg(test)]
pub(crate) mod round_trip;
mod search_key;
mod search_program;
mod section;
mod sequence;
mod stored;
pub mod utf7;
mod value;

pub use self::core::{Atom, Tag};
pub use self::datetime::{Date, DateTime};
pub use self::encode::{Encoding, Literals};
pub use self::envelope::{Address, Addresses, Envelope, EnvelopeBuilder, IntoOctets};
pub use self::flag::{Flag, FlagName, Flags};
pub use self::mailbox::{ListPattern, Mailbox};
pub use self::modseq::ModSequence;
pub use self::object_id::ObjectId;
pub use self::quirk::{Quirk, Quirks};
pub use self::search_key::{AnnotationKey, EntryType, FilterName, HeaderKey, ModSequenceKey, SearchKey};
pub use self::search_program::{SearchKeys, SearchProgram, SearchTerm, SearchTerms};
pub use self::section::{PartNumber, Partial, Section};
pub use self::sequence::{SequenceRange, SequenceSet};
pub use self::value::{ExtensionValue, TaggedExtension};
