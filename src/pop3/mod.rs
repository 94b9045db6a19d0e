//! POP3: RFC 1939 and what stands on it, for clients and for servers.
//!
//! ```text
//!   Client                                                        Server
//!  ┌──────────────────────────────┐                ┌──────────────────────────────┐
//!  │ authorization()? ─▶ Command ─┼──── octets ───▶│ CommandDecoder ─▶ Event      │
//!  │ transaction()?     (queue)   │                │   Command(InProgress, …)     │
//!  │                      │shape  │                │        │ reply, stat, list,  │
//!  │ Event ◀─ Reader ◀────┘  ◀────┼──── octets ────┼────────┘ begin_message, …    │
//!  └──────────────────────────────┘                └──────────────────────────────┘
//!
//!               +OK                PASS, APOP or AUTH +OK              QUIT
//!   greeting ────────▶ AUTHORIZATION ──────────────▶ TRANSACTION ────────────▶ UPDATE ──▶ closed
//! ```
//!
//! | file | production |
//! |---|---|
//! | `command` `argument` | commands and what they take |
//! | `reply` | the status line and its response codes |
//! | `capability` `listing` | what CAPA, STAT, LIST, UIDL and LANG answer |
//! | `stuffing` | the dots of multi-line responses, as streams |
//! | `apop` `url` | APOP's timestamp and digest; `pop:` URLs |
//! | `response` `reader` | what a server says, and how it is read by the commands it answers |
//! | `command_decoder` `reply_decoder` | octets to values, without a session |
//! | `state` | the only transition table |
//! | [`client`] [`server`] | the two state machines |
//! | `config` `quirk` | what they are told, what is forgiven |
//!
//! A session, both sides of it, in memory:
//!
//! ```
//! use bytes::{Bytes, BytesMut};
//! use mailwire::pop3::{Body, Client, ClientConfig, Command, Reply, Server, ServerConfig, client, server};
//! use mailwire::wire::Machine;
//! use std::num::NonZeroU32;
//!
//! let mut client = Client::new(ClientConfig::protected());
//! let mut server = Server::new(ServerConfig::protected());
//! let (mut to_client, mut to_server) = (BytesMut::new(), BytesMut::new());
//! let mut message = Vec::new();
//!
//! while !client.is_closed() {
//!     while let Some(octets) = server.poll_transmit() {
//!         to_client.extend_from_slice(&octets);
//!     }
//!     while let Some(event) = client.receive(&mut to_client)? {
//!         match event {
//!             client::Event::Greeting(_) => drop(client.authorization()?.user("alice")?),
//!             client::Event::Body(Body::Chunk(octets)) => message.extend_from_slice(&octets),
//!             client::Event::Completed { reply, .. } => {
//!                 assert!(reply.is_ok());
//!                 match reply.text().to_str()? {
//!                     "name" => drop(client.authorization()?.pass("secret")?),
//!                     "welcome" => {
//!                         // Allowed only now: before the login there is no `Transaction`.
//!                         let mut transaction = client.transaction()?;
//!                         transaction.retr(NonZeroU32::MIN)?;
//!                         transaction.quit()?;
//!                     }
//!                     _ => {}
//!                 }
//!             }
//!             _ => {}
//!         }
//!     }
//!     while let Some(octets) = client.poll_transmit() {
//!         to_server.extend_from_slice(&octets);
//!     }
//!     while let Some(event) = server.receive(&mut to_server)? {
//!         match event {
//!             server::Event::Command(running, Command::User(_)) => server.reply(running, Reply::ok("name"))?,
//!             server::Event::Command(running, Command::Pass(password)) => {
//!                 assert_eq!(password.expose(), b"secret");
//!                 server.reply(running, Reply::ok("welcome"))?;
//!             }
//!             server::Event::Command(running, Command::Retr(_)) => {
//!                 let mut sending = server.begin_message(running, Some(14))?;
//!                 server.message_chunk(&mut sending, Bytes::from_static(b"Subject: x\r\n\r\n"))?;
//!                 server.message_chunk(&mut sending, Bytes::from_static(b".\r\n"))?;
//!                 server.message_end(sending)?;
//!             }
//!             server::Event::Command(running, Command::Quit) => server.reply(running, Reply::ok("bye"))?,
//!             server::Event::Command(running, _) => server.reply(running, Reply::err("not here"))?,
//!             server::Event::Malformed(running, error) => server.reject(running, &error)?,
//!             _ => {}
//!         }
//!     }
//! }
//! assert_eq!(message, b"Subject: x\r\n\r\n.\r\n");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod apop;
mod argument;
mod capability;
pub mod client;
mod command;
mod command_decoder;
mod config;
mod listing;
mod quirk;
mod reader;
mod reply;
mod reply_decoder;
mod response;
#[cfg(test)]
mod round_trip;
pub mod server;
mod state;
mod stuffing;
mod url;

pub use self::apop::{Digest, Timestamp};
pub use self::argument::{Language, Mechanism, Parameter, Password, Raw, UserName};
pub use self::capability::{Capabilities, Capability, CapabilityText, Expire};
pub use self::client::{Authorization, Client, CommandId, Transaction};
pub use self::command::{Command, Shape};
pub use self::command_decoder::{CommandDecoder, Request};
pub use self::config::{ClientConfig, ServerConfig, StartTls};
pub use self::listing::{DropListing, LanguageListing, ScanListing, UniqueId, UniqueIdListing};
pub use self::quirk::{Quirk, Quirks};
pub use self::reply::{OtherCode, Refused, Reply, ResponseCode, Status};
pub use self::reply_decoder::ReplyDecoder;
pub use self::response::{Body, Greeting, Response};
pub use self::server::Server;
pub use self::state::{Keyword, State};
pub use self::stuffing::{Stuffer, Top, Unstuffed, Unstuffer};
pub use self::url::{PopUrl, UrlAuth};
pub use crate::wire::Tls;

/// Runs a test over values made from a fixed stream of octets.
#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "an overflow fails the test")]
fn for_arbitrary<T: for<'a> arbitrary::Arbitrary<'a>>(rounds: u32, mut test: impl FnMut(T)) {
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut made = 0;
    for _ in 0..rounds {
        let octets: alloc::vec::Vec<u8> = (0..256)
            .map(|_| {
                seed ^= seed << 13;
                seed ^= seed >> 7;
                seed ^= seed << 17;
                (seed >> 32).to_le_bytes()[0]
            })
            .collect();
        if let Ok(value) = T::arbitrary(&mut arbitrary::Unstructured::new(&octets)) {
            made += 1;
            test(value);
        }
    }
    assert!(made > rounds / 2, "only {made} of {rounds} values were made");
}
