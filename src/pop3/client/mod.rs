//! The client's side of a connection.
//!
//! ```text
//!             ┌──────────────── Client ────────────────┐
//!  receive ──▶│ Reader ─▶ the command's shape ─▶ Event │──▶ caller
//!             │    ▲ what is expected                  │      │ client.transaction()?.retr(..)
//!  transmit ◀─│ commands under way ◀─ views ◀──────────│◀─────┘
//!             └────────────────────────────────────────┘
//! ```
//!
//! Commands are queued and answered in order; the queue knows the shape of each answer. A command leaves in one piece, ahead of the answers
//! before it only where the server announced PIPELINING, and nothing leaves behind STLS and AUTH before they are answered.
//!
//! - [`Client`]: the machine; `receive`, `poll_transmit` and what goes in every state
//! - [`Authorization`], [`Transaction`]: what else goes in a state, and nothing more
//! - [`Event`]: what the server said, owned
//! - [`AuthContinue`], [`StartTls`](crate::pop3::StartTls): what the caller owes

mod event;
mod machine;
mod view;

pub use self::event::{AuthContinue, CommandId, Event};
pub use self::machine::Client;
pub use self::view::{Authorization, Transaction};
