//! What a client tells its caller.

use crate::imap::client::pending::tag_number;
use crate::imap::condition::Status;
use crate::imap::fetch::{Body, Fetch};
use crate::imap::response::{Continuation, Data};
use crate::wire::{Error, Text};
use alloc::vec::Vec;
use bytes::Bytes;
use core::fmt;

/// Which command of this connection: its tag, as a number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommandId(pub(super) u32);

impl fmt::Debug for CommandId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a{}", self.0)
    }
}

impl fmt::Display for CommandId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a{}", self.0)
    }
}

/// Whether this is the tag of the command, as [`ExtendedSearch::tag`](crate::imap::ExtendedSearch::tag) and
/// [`Progress::tag`](crate::imap::Progress::tag) have it.
///
/// ```
/// # use mailwire::imap::client::{Client, Config};
/// # let mut client = Client::new(Config { tls: mailwire::wire::Tls::Established, ..Config::default() });
/// # client.receive(&mut bytes::BytesMut::from("* PREAUTH hi\r\n"))?;
/// use mailwire::imap::ExtendedSearch;
/// # use mailwire::wire::Machine;
///
/// let command = client.noop()?;
/// assert!(ExtendedSearch::answering("a1").tag.is_some_and(|tag| tag == command));
/// assert!(ExtendedSearch::answering("a10").tag.is_some_and(|tag| tag != command));
/// # Ok::<(), mailwire::wire::Error>(())
/// ```
impl PartialEq<Text> for CommandId {
    fn eq(&self, tag: &Text) -> bool {
        tag_number(tag.as_bytes()) == Some(self.0)
    }
}

impl PartialEq<CommandId> for Text {
    fn eq(&self, command: &CommandId) -> bool {
        command == self
    }
}

/// The transport turns to TLS now: shake hands, then give this back to [`Client::resume`](super::Client::resume).
#[derive(Debug, PartialEq, Eq)]
#[must_use = "the connection waits for the upgrade"]
pub struct StartTls {
    pub(super) command: CommandId,
}

impl StartTls {
    /// The command that asked for it.
    pub fn command(&self) -> CommandId {
        self.command
    }
}

/// The server's part of AUTHENTICATE: it waits for [`Client::respond`](super::Client::respond) or
/// [`Client::cancel`](super::Client::cancel).
///
/// ```
/// use bytes::BytesMut;
/// use mailwire::imap::Atom;
/// use mailwire::imap::client::{Client, Config, Event};
/// use mailwire::wire::{Machine, Secret, Tls};
///
/// let mut client = Client::new(Config { tls: Tls::Established, ..Config::default() });
/// let mut input = BytesMut::from("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hi\r\n");
/// client.receive(&mut input)?;
/// client.not_authenticated()?.authenticate(Atom::new("PLAIN")?, None)?;
/// assert_eq!(client.poll_transmit().unwrap(), "a1 AUTHENTICATE PLAIN\r\n");
/// input.extend_from_slice(b"+ \r\n");
/// let Some(Event::Challenge(challenge)) = client.receive(&mut input)? else { panic!() };
/// assert!(challenge.octets().is_empty());
/// client.respond(challenge, &Secret::from("\0alice\0secret"))?;
/// assert_eq!(client.poll_transmit().unwrap(), "AGFsaWNlAHNlY3JldA==\r\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(PartialEq, Eq)]
#[must_use = "the server waits for a response"]
pub struct Challenge {
    pub(super) command: CommandId,
    pub(super) octets: Vec<u8>,
}

impl Challenge {
    /// The command.
    pub fn command(&self) -> CommandId {
        self.command
    }

    /// The octets for the mechanism, out of their Base64.
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }
}

impl fmt::Debug for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Challenge").field("command", &self.command).finish_non_exhaustive()
    }
}

/// What the server said.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// The first line of the connection: OK, or PREAUTH.
    Greeting(Status),
    /// A command is complete.
    Completed {
        /// Which.
        command: CommandId,
        /// How it went.
        status: Status,
    },
    /// The server agreed to STARTTLS.
    StartTls(StartTls),
    /// A status that belongs to no command: a warning, a code with data.
    Status(Status),
    /// The server is about to close the connection.
    Bye(Status),
    /// Data: of a command under way, or news of the mailbox.
    Data(Data),
    /// Data of a message, without its bodies.
    Fetch(Fetch),
    /// A body of a message, in pieces.
    Body(Body),
    /// The next step of AUTHENTICATE is up to the caller.
    Challenge(Challenge),
    /// The server has asked for the octets of the APPEND under way: nothing of it is held back any more
    /// ([`Client::append_waits`](super::Client::append_waits)).
    GoAhead(CommandId),
    /// The server idles: [`Client::done`](super::Client::done) ends it. Or, as a quirk, it asks for what is not owed.
    Continuation(Continuation),
    /// A response that cannot be read; the connection goes on.
    Unparsed {
        /// Its octets, or their beginning.
        octets: Bytes,
        /// What is wrong with them.
        error: Error,
    },
    /// The event before this one is well-formed, but cannot be true.
    Violation(Violation),
}

// Events are moved often; what is larger than this is boxed.
const _: () = assert!(size_of::<Event>() <= 128);

/// What a server says that contradicts what it said before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Violation {
    /// FETCH of a message behind the last one.
    FetchOutOfRange,
    /// EXPUNGE of a message behind the last one.
    ExpungeOutOfRange,
    /// EXPUNGE while FETCH, STORE or SEARCH by sequence number is under way (RFC 3501 section 7.4.1).
    ExpungeDuringFetch,
    /// UIDs that do not ascend with the sequence numbers (RFC 3501 section 2.3.1.1).
    UidNotAscending,
    /// Fewer messages than before, without EXPUNGE.
    ExistsDecreased,
}
