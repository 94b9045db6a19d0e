//! What a server says, as its client tells it, and what the caller then owes.

use crate::pop3::capability::Capabilities;
use crate::pop3::config::StartTls;
use crate::pop3::listing::{DropListing, LanguageListing, ScanListing, UniqueIdListing};
use crate::pop3::reply::Reply;
use crate::pop3::response::{Body, Greeting};
use crate::wire::{Error, Text};
use alloc::boxed::Box;
use alloc::vec::Vec;
use bytes::Bytes;
use core::fmt;

/// Names one command of one client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommandId(pub(super) u64);

impl fmt::Display for CommandId {
    /// The number of the command, counted from 1.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A challenge of a SASL exchange: [`Client::respond`](super::Client::respond) or [`Client::cancel`](super::Client::cancel) is owed.
#[derive(PartialEq, Eq)]
#[must_use = "the server waits for a response"]
pub struct AuthContinue {
    pub(super) challenge: Vec<u8>,
    pub(super) command: CommandId,
}

impl AuthContinue {
    /// The challenge, decoded.
    pub fn challenge(&self) -> &[u8] {
        &self.challenge
    }

    /// The AUTH it belongs to.
    pub fn command(&self) -> CommandId {
        self.command
    }
}

impl fmt::Debug for AuthContinue {
    /// Without the challenge, which some mechanisms keep secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthContinue").field("command", &self.command).finish_non_exhaustive()
    }
}

/// What the server said. Data belongs to the oldest command that has no completion yet: [`Client::answering`](super::Client::answering).
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// The greeting. Behind a `-ERR` the connection is over.
    Greeting(Box<Greeting>),
    /// A challenge.
    AuthContinue(AuthContinue),
    /// The answer to STAT.
    DropListing(DropListing),
    /// One line of the answer to LIST.
    ScanListing(ScanListing),
    /// One line of the answer to UIDL.
    UniqueIdListing(UniqueIdListing),
    /// The answer to CAPA; the client keeps it, too: [`Client::capabilities`](super::Client::capabilities).
    Capabilities(Capabilities),
    /// One line of the answer to LANG.
    LanguageListing(LanguageListing),
    /// One line of the answer to a command this crate has no name for.
    Line(Text),
    /// The message that RETR or TOP asked for.
    Body(Body),
    /// STLS was accepted, and is complete: start TLS now, then [`Client::resume`](super::Client::resume).
    StartTls(StartTls),
    /// The command is complete: nothing more belongs to it.
    Completed {
        /// The command.
        command: CommandId,
        /// Its status line.
        reply: Reply,
    },
    /// Octets that could not be read, where it is known where they end. The command they belong to goes on.
    Unparsed {
        /// The octets, with their CRLF.
        octets: Bytes,
        /// What is wrong with them.
        error: Error,
    },
}
