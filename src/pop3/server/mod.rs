//! The server's side of a connection.
//!
//! ```text
//!             ┌───────────────── Server ─────────────────┐
//!  receive ──▶│ CommandDecoder ─▶ allowed here? ─▶ Event │──▶ caller
//!             │                        the answer owed   │      │ server.reply(running, ..)
//!  transmit ◀─│ Outbox ◀───────────────── shape ◀────────│◀─────┘
//!             └──────────────────────────────────────────┘
//! ```
//!
//! One command at a time: behind each [`Event`] that carries an [`InProgress`] nothing is read until it is answered. What a client
//! sends ahead waits in the caller's buffer and in the network, and answers cannot come in another order.
//!
//! - [`Server`]: the machine; `receive`, `poll_transmit` and the answers
//! - [`Event`]: what the client said, owned
//! - [`InProgress`], [`Listing`], [`Message`], [`StartTls`](crate::pop3::StartTls): what the caller owes

mod event;
mod machine;

pub use self::event::{Entry, Event, InProgress, Listing, Message};
pub use self::machine::Server;
