//! The server's side of a connection.
//!
//! ```text
//!             ┌──────────────── Server ────────────────┐
//!  receive ──▶│ CommandDecoder ─▶ state, limits ─▶ Event│──▶ application
//!             │                                         │      │ server.complete(in_progress, status)
//!  transmit ◀─│ Outbox ◀─ Encoder ◀──────────────────── │◀─────┘
//!             └─────────────────────────────────────────┘
//! ```
//!
//! - [`Server`]: the machine
//! - [`Event`]: what the client wants
//! - [`InProgress`]: exactly one completion is owed; [`LiteralOffer`]: take it or refuse it; [`FetchWriter`]: a FETCH to be ended
//! - A token belongs to the connection that gave it: another one answers it with [`InvalidState`](crate::wire::ErrorKind::InvalidState), and
//!   nothing is written
//! - [`SelectData`]: what a SELECT must be answered with; [`Selecting`]: what is told of it before its completion
//!
//! ```
//! use bytes::BytesMut;
//! use mailwire::imap::server::{Config, Event, Server};
//! use mailwire::imap::{Command, Status};
//! use mailwire::wire::{Machine, Tls};
//!
//! let mut server = Server::new(Config { tls: Tls::Established, ..Config::default() });
//! server.greet(&Status::ok("ready")).unwrap();
//! assert_eq!(server.poll_transmit().unwrap(), "* OK ready\r\n");
//!
//! let mut input = BytesMut::from("a1 LOGIN alice secret\r\n");
//! let Ok(Some(Event::Command(running, command))) = server.receive(&mut input) else { panic!() };
//! assert_eq!(command, Command::login("alice", "secret"));
//! server.authenticate(running, &Status::ok("welcome")).unwrap();
//! assert_eq!(server.poll_transmit().unwrap(), "a1 OK welcome\r\n");
//! ```

mod append;
mod complete;
mod config;
mod enable;
mod event;
mod fetch;
mod machine;
mod offer;
mod search;
mod select;

pub use self::config::Config;
pub use self::event::{Event, InProgress, LiteralOffer, StartTls};
pub use self::fetch::FetchWriter;
pub use self::machine::Server;
pub use self::select::{SelectData, Selecting};
