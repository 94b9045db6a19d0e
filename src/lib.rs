//! POP3 (RFC 1939) and IMAP (RFC 3501, and RFC 9051 beside it) without I/O: codecs and state machines for clients and servers.
//!
//! This crate is what stands between "octets arrived" and "the user has mail", and nothing else. It opens no socket, starts no thread,
//! reads no clock and needs no `std`. The program that uses it keeps its own I/O, or takes one of the drivers.
//!
//! ```text
//!   socket ──▶ BytesMut ──▶ machine.receive() ──▶ Event ──▶ your program
//!   socket ◀── Bytes ◀───── machine.poll_transmit() ◀────── methods, tokens
//! ```
//!
//! # The map
//!
//! | floor | what |
//! |---|---|
//! | [`blocking`], [`futures_io`], [`tokio`] | drivers: a machine and a stream make a `Connection` |
//! | [`imap::client`], [`imap::server`] | the two sides of an IMAP connection |
//! | [`imap`] | commands, responses and every value in them; decoders without state |
//! | [`pop3`] | the same for POP3, both sides |
//! | [`wire`] | octet strings, limits, secrets, errors, the trait [`Machine`](wire::Machine) |
//!
//! # Taking a message over IMAP
//!
//! A server's octets go in, events come out; commands go out through views that have just what the state allows.
//! A message's body comes in chunks and never stands whole in memory, however long it is. How long it may be is up to
//! [`Limits::stream`](wire::Limits::stream): an IMAP client takes 256 MiB by default, an IMAP server 64 MiB of an APPEND.
//!
//! ```
//! use bytes::BytesMut;
//! use mailwire::imap::client::{Client, Config, Event};
//! use mailwire::imap::{Body, FetchAttribute, Mailbox, Section, SequenceSet};
//! use mailwire::wire::{Machine, Tls};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // The octets would come from a socket inside TLS.
//! let mut input = BytesMut::from("* PREAUTH [CAPABILITY IMAP4rev1] welcome back\r\n");
//! let mut client = Client::new(Config { tls: Tls::Established, ..Config::default() });
//! assert!(matches!(client.receive(&mut input)?, Some(Event::Greeting(_))));
//!
//! // Two commands under way at once.
//! let select = client.authenticated()?.select(Mailbox::inbox())?;
//! assert_eq!(client.poll_transmit().unwrap(), "a1 SELECT INBOX\r\n");
//! input.extend_from_slice(b"* 1 EXISTS\r\na1 OK [READ-WRITE] selected\r\n");
//! while let Some(event) = client.receive(&mut input)? {
//!     if let Event::Completed { command, status } = event {
//!         assert_eq!(command, select);
//!         status.into_result()?;
//!     }
//! }
//!
//! let one: SequenceSet = "1".parse()?;
//! let fetch = client.selected()?.fetch(one, [FetchAttribute::Flags, FetchAttribute::body_peek(Section::Full)])?;
//! assert_eq!(client.poll_transmit().unwrap(), "a2 FETCH 1 (FLAGS BODY.PEEK[])\r\n");
//! input.extend_from_slice(b"* 1 FETCH (FLAGS (\\Seen) BODY[] {7}\r\nhello\r\n)\r\na2 OK done\r\n");
//! let mut message = Vec::new();
//! while let Some(event) = client.receive(&mut input)? {
//!     match event {
//!         Event::Fetch(fetch) => assert!(fetch.flags.is_none_or(|flags| flags.is_seen())),
//!         Event::Body(Body::Chunk(octets)) => message.extend_from_slice(&octets),
//!         Event::Completed { command, status } if command == fetch => drop(status.into_result()?),
//!         _ => {}
//!     }
//! }
//! assert_eq!(message, b"hello\r\n");
//! # Ok(())
//! # }
//! ```
//!
//! # Over a socket
//!
//! A driver spares the loops: [`blocking::Connection`], [`tokio::Connection`] and [`futures_io::Connection`] read and write, and run a command to its
//! completion.
//!
#![cfg_attr(feature = "blocking", doc = "```no_run")]
#![cfg_attr(not(feature = "blocking"), doc = "```ignore")]
//! use mailwire::blocking::Connection;
//! use mailwire::imap::Mailbox;
//! use mailwire::imap::client::{Client, Config, Event, Selection};
//! use mailwire::wire::Tls;
//! use std::net::TcpStream;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // A server on this machine; any other wants a TLS stream here, and `Tls::Established`.
//! let client = Client::new(Config { tls: Tls::Unavailable, ..Config::default() });
//! let mut imap = Connection::new(TcpStream::connect("127.0.0.1:143")?, client);
//! let Some(Event::Greeting(_)) = imap.next_event()? else { return Err("no greeting".into()) };
//! let login = imap.machine_mut().not_authenticated()?.login("alice", "secret")?;
//! imap.run(login, |_| {})?.into_result()?;
//! let (select, mut inbox) = (imap.machine_mut().authenticated()?.select(Mailbox::inbox())?, Selection::default());
//! let done = imap.run(select, |event| inbox.learn(&event))?.into_result()?;
//! inbox.learn_status(&done);
//! println!("{} messages", inbox.exists);
//! # Ok(())
//! # }
//! ```
//!
//! # What holds everywhere
//!
//! - Events are owned: no lifetime in the public API. Payload is shared with the input buffer, not copied.
//! - However the octets are cut into reads, the same octets give the same events; only the chunks of a body may be cut differently.
//! - Work is linear in the octets received, and memory follows octets received, never octets announced.
//! - What a peer sends never makes this crate panic, and what a caller passes never makes a second line on the wire.
//! - An error says whose fault it was, where, what was expected, and whether the connection lives on.
//! - A client is lenient by default: what real servers send against the grammar is accepted, and told by name. A server is strict.
//! - Credentials do not go over an unprotected connection unless the caller has said that they may ([`wire::Tls`]).
//!
//! # Features
//!
//! | feature | what it adds |
//! |---|---|
//! | `std` (default) | conversions with `std`; without it the crate needs only `alloc` |
//! | `blocking` | [`blocking`]: a driver for `std::io` |
//! | `futures-io` | [`futures_io`]: a driver for the traits of the `futures-io` crate |
//! | `tokio` | [`tokio`]: a driver for tokio, and the codecs for tokio-util's `Framed` |
//! | `serde` | `Serialize` and `Deserialize` for values |
//! | `arbitrary` | `Arbitrary` for values |
//! | `apop` | the digest of POP3's APOP |
#![cfg_attr(
    not(all(feature = "blocking", feature = "futures-io", feature = "tokio")),
    allow(rustdoc::broken_intra_doc_links)
)]
// The lints hold for the library, which is checked without its tests too; a test may fail.
#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::as_conversions,
        clippy::string_slice,
        reason = "a test may fail"
    )
)]
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(not(any(feature = "std", test)), no_std)]
#![cfg_attr(docsrs, feature(doc_cfg))]
extern crate alloc;

pub mod imap;
pub mod pop3;
pub mod wire;

#[cfg(feature = "blocking")]
pub mod blocking;
#[cfg(any(feature = "blocking", feature = "futures-io", feature = "tokio"))]
mod driver;
#[cfg(feature = "futures-io")]
pub mod futures_io;
#[cfg(feature = "tokio")]
pub mod tokio;

/// The examples of the README are tests, too.
#[cfg(all(doctest, feature = "blocking"))]
#[doc = include_str!("../README.md")]
mod readme {}
