//! IMAP: RFC 3501, and RFC 9051 beside it.

mod core;
pub(crate) mod encode;
mod framing;
mod quirk;
mod section;

pub use self::core::{Atom, Tag};
pub use self::encode::{Encoding, Literals};
pub use self::quirk::{Quirk, Quirks};
pub use self::section::{PartNumber, Partial, Section};
