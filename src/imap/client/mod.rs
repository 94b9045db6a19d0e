//! The client's side of a connection.
//!
//! ```text
//!             ┌─────────────── Client ────────────────┐
//!  receive ──▶│ ResponseDecoder ─▶ tags, state ─▶ Event│──▶ caller
//!             │                                        │      │ client.selected()?.uid_fetch(..)
//!  transmit ◀─│ Outbox ◀─ Encoder ◀─ views ◀───────────│◀─────┘
//!             └────────────────────────────────────────┘
//! ```
//!
//! - [`Client`]: the machine; `receive`, `poll_transmit` and what goes in every state
//! - [`NotAuthenticated`], [`Authenticated`], [`Selected`]: what else goes in a state, and nothing more
//! - [`Event`]: what the server said, owned; [`Selection`]: what it said of the mailbox that is selected, put together
//! - [`Appending`], [`Challenge`], [`StartTls`]: what the caller owes
//!
//! ```
//! use bytes::BytesMut;
//! use mailwire::imap::client::{Client, Config, Event};
//! use mailwire::wire::{Machine, Tls};
//!
//! let mut client = Client::new(Config { tls: Tls::Established, ..Config::default() });
//! let mut input = BytesMut::from("* OK [CAPABILITY IMAP4rev1] ready\r\n");
//! assert!(matches!(client.receive(&mut input), Ok(Some(Event::Greeting(_)))));
//!
//! let login = client.not_authenticated().unwrap().login("alice", "secret").unwrap();
//! assert_eq!(client.poll_transmit().unwrap(), "a1 LOGIN alice secret\r\n");
//!
//! input.extend_from_slice(b"a1 OK welcome\r\n");
//! let Ok(Some(Event::Completed { command, status })) = client.receive(&mut input) else { panic!() };
//! assert_eq!(command, login);
//! assert!(status.is_ok());
//! assert!(client.authenticated().is_ok() && client.selected().is_err());
//! ```

mod append;
mod complete;
mod config;
mod event;
mod exchange;
mod extension;
mod known;
mod machine;
mod pending;
mod selection;
mod view;

pub use self::append::Appending;
pub use self::config::Config;
pub use self::event::{Challenge, CommandId, Event, StartTls, Violation};
pub use self::machine::Client;
pub use self::selection::Selection;
pub use self::view::{Authenticated, NotAuthenticated, Selected};
