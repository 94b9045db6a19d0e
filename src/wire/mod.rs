//! What both protocols need, and what knows neither of them.
//!
//! ```text
//!  caller's BytesMut ──▶ scan ──▶ (grammar of pop3 or imap, read with Cursor) ──▶ event
//!  typed value ──▶ write ──▶ Outbox ──▶ gate? ──▶ Bytes for the socket
//! ```
//!
//! - [`Text`]: owned octets, cheap to clone
//! - [`Limits`]: the one vocabulary of limits
//! - [`Secret`]: what must not be shown or left behind
//! - [`Machine`]: what every driver needs to know of a state machine; [`ClientMachine`]: and of one that is given commands
//! - [`Error`]: whose fault, where, what was expected, and whether the connection lives on

pub(crate) mod base64;
#[cfg(test)]
pub(crate) mod chance;
pub(crate) mod cursor;
pub(crate) mod decimal;
mod error;
pub(crate) mod foreign;
pub(crate) mod identity;
mod limits;
mod machine;
pub(crate) mod outbox;
pub(crate) mod percent;
pub(crate) mod quirk;
pub(crate) mod scan;
mod secret;
pub(crate) mod swar;
mod text;
mod tls;
pub(crate) mod write;

pub use self::error::{Error, ErrorKind, Fault, InvalidValue};
pub use self::limits::Limits;
pub use self::machine::{ClientMachine, Machine};
pub(crate) use self::secret::Hidden;
pub use self::secret::Secret;
pub use self::text::Text;
pub use self::tls::Tls;
