//! IMAP: RFC 3501, and RFC 9051 beside it.

mod core;
mod datetime;
pub(crate) mod encode;
mod envelope;
mod esearch;
mod flag;
mod framing;
mod mailbox;
mod mailbox_filter;
mod modseq;
mod object_id;
mod partial_range;
mod quirk;
#[cfg(test)]
pub(crate) mod round_trip;
mod search;
mod search_data;
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
pub use self::esearch::{ContextChange, ExtendedSearch, SearchReturnData};
pub use self::flag::{Flag, FlagName, Flags};
pub use self::mailbox::{ListPattern, Mailbox};
pub use self::mailbox_filter::MailboxFilter;
pub use self::modseq::ModSequence;
pub use self::object_id::ObjectId;
pub use self::partial_range::PartialRange;
pub use self::quirk::{Quirk, Quirks};
pub use self::search::{MultimailboxSearch, Search, SearchReturnOption, SearchSources};
pub use self::search_data::SearchData;
pub use self::search_key::{AnnotationKey, EntryType, FilterName, HeaderKey, ModSequenceKey, SearchKey};
pub use self::search_program::{SearchKeys, SearchProgram, SearchTerm, SearchTerms};
pub use self::section::{PartNumber, Partial, Section};
pub use self::sequence::{SequenceRange, SequenceSet};
pub use self::value::{ExtensionValue, TaggedExtension};
