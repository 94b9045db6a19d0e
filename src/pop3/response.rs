//! What a server says, piece by piece.
//!
//! ```text
//! response  =  greeting / single-line / capa-resp / multi-line     RFC 2449 section 3
//! ```

use super::apop::Timestamp;
use super::capability::Capabilities;
use super::listing::{DropListing, LanguageListing, ScanListing, UniqueIdListing};
use super::reply::Reply;
use crate::wire::{Error, Text};
use alloc::boxed::Box;
use alloc::vec::Vec;
use bytes::Bytes;

/// The first line of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Greeting {
    /// `+OK`, or `-ERR` from a server that wants nothing to do with the client.
    pub reply: Reply,
    /// The timestamp for APOP, if there is one.
    pub timestamp: Option<Timestamp>,
}

/// A message, as it arrives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// The message starts.
    Begin {
        /// How many octets the server says there are. Servers are often wrong.
        octets: Option<u64>,
    },
    /// Octets of the message, without the dots: a slice of the input.
    Chunk(Bytes),
    /// The message is whole.
    End,
}

/// What a server says. Every answer ends with exactly one [`Response::Completed`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Response {
    /// The greeting.
    Greeting(Box<Greeting>),
    /// A challenge of a SASL exchange, decoded.
    Challenge(Vec<u8>),
    /// The answer to STAT.
    DropListing(DropListing),
    /// One line of the answer to LIST.
    ScanListing(ScanListing),
    /// One line of the answer to UIDL.
    UniqueIdListing(UniqueIdListing),
    /// The answer to CAPA.
    Capabilities(Capabilities),
    /// One line of the answer to LANG.
    LanguageListing(LanguageListing),
    /// One line of the answer to a command this crate has no name for, without its CRLF.
    Line(Text),
    /// The answer to RETR or TOP.
    Body(Body),
    /// The answer is whole. The reply is its status line.
    Completed(Reply),
    /// Octets that cannot be read, though it is known where they end. The answer goes on behind them.
    Unparsed {
        /// The octets, with their CRLF.
        octets: Bytes,
        /// What is wrong with them.
        error: Error,
    },
}
