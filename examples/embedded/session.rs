//! A session between a client and the store, whoever drives it: tasks of tokio, or threads.
//!
//! ```text
//!  driver ── event ──▶ Session::handle ──┐           Next::Read     give me the next event
//!    ▲                                   ├──▶ Next   Next::More     send what there is, then proceed
//!    └── all sent ───▶ Session::proceed ─┘           Next::Upgrade  shake hands, then resume
//! ```
//!
//! A session never waits for the network and never has more than a few chunks in the machine: what is long is told piece by piece,
//! each when the one before is sent.

use std::{fmt, io, sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use mailwire::wire::{Error, Machine};

use super::store::{Accounts, Content, Store, StoreError};

/// Octets of a message handed to the machine at once.
pub const CHUNK: u64 = 32 * 1024;

/// Failed logins before the connection ends.
const LOGINS: usize = 3;

/// What all sessions of a server know.
pub struct Settings {
    pub accounts: Arc<dyn Accounts>,
    /// The largest message taken, in octets.
    pub max_message: u64,
}

/// Wakes the driver: there may be news to tell.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// What the driver does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Next {
    /// Waits for the next event.
    Read,
    /// Sends everything, then calls [`Session::proceed`].
    More,
    /// Sends everything, turns the transport to TLS, then calls [`Session::resume`].
    Upgrade,
}

/// Why a session cannot go on.
#[derive(Debug)]
pub enum Broken {
    /// What was begun could not be ended.
    Store(StoreError),
    Protocol(Error),
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::Protocol(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Broken {}

impl From<StoreError> for Broken {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<Error> for Broken {
    fn from(error: Error) -> Self {
        Self::Protocol(error)
    }
}

pub type Outcome = Result<Next, Broken>;

/// One protocol's dealings with one client.
pub trait Session {
    type Machine: Machine;

    /// The client did something.
    fn handle(&mut self, machine: &mut Self::Machine, event: <Self::Machine as Machine>::Event) -> Outcome;

    /// Goes on with what [`Next::More`] left, now that everything is sent.
    fn proceed(&mut self, machine: &mut Self::Machine) -> Outcome;

    /// Whether [`Session::handle`] of this event, or [`Session::proceed`] where there is none, only moves a few octets of a message: a
    /// driver need not take precautions against its taking long.
    fn is_quick(&self, event: Option<&<Self::Machine as Machine>::Event>) -> bool;

    /// TLS is established.
    fn resume(&mut self, machine: &mut Self::Machine);

    /// Tells what happened in the mailbox, where the client waits for that.
    fn news(&mut self, machine: &mut Self::Machine) -> Result<(), Broken>;

    /// Whether the client waits for news.
    fn is_idling(&self) -> bool;

    /// Ends a session whose client said nothing for [`Session::patience`].
    fn expire(&mut self, machine: &mut Self::Machine);

    /// How long a client may say nothing.
    fn patience(&self) -> Duration;
}

/// Counts logins that failed.
#[derive(Debug, Default)]
pub struct Attempts(usize);

impl Attempts {
    /// One more; whether that was one too many.
    pub fn failed(&mut self) -> bool {
        self.0 += 1;
        self.0 >= LOGINS
    }
}

/// The store of whom a PLAIN response names (RFC 4616): nobody acts for somebody else here.
pub fn login_plain(accounts: &dyn Accounts, response: &[u8]) -> Result<Option<Arc<dyn Store>>, StoreError> {
    let mut parts = response.split(|octet| *octet == 0);
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(authority), Some(user), Some(password), None) if authority.is_empty() || authority == user => {
            accounts.login(user, password)
        }
        _ => Ok(None),
    }
}

/// The octets from `offset` on, at most [`CHUNK`] and not beyond `end`.
///
/// # Errors
/// They cannot be read, or there are fewer than there should be.
pub fn read_chunk(content: &mut dyn Content, offset: u64, end: u64) -> io::Result<Bytes> {
    let len = end.saturating_sub(offset).min(CHUNK);
    let mut chunk = BytesMut::zeroed(usize::try_from(len).unwrap_or(0));
    let mut filled = 0;
    while filled < chunk.len() {
        let read = content.read(offset + filled as u64, &mut chunk[filled..])?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        filled += read;
    }
    Ok(chunk.freeze())
}
