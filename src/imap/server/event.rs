//! What a server tells its application, and what it then owes.

use crate::imap::append::{Append, AppendOptions};
use crate::imap::command::Command;
use crate::imap::command_event::Literal;
use crate::imap::core::Tag;
use crate::imap::state::Effect;
use crate::wire::identity::Identity;
use crate::wire::{Error, Hidden, Secret, Text};
use alloc::boxed::Box;
use alloc::vec::Vec;
use bytes::Bytes;
use core::fmt;

/// A command that runs: exactly one completion is owed for it.
#[must_use = "the client waits for the completion of its command"]
pub struct InProgress {
    pub(super) owner: Identity,
    /// `None` for a line without a readable tag: it is answered untagged.
    pub(super) tag: Option<Tag>,
    pub(super) effect: Effect,
    /// The exchange that the command may have.
    pub(super) exchange: Option<Exchange>,
    /// Whether nothing is read before it is completed.
    pub(super) barrier: bool,
    /// Only a refusal fits: it could not be read, or is not allowed.
    pub(super) refused: bool,
    /// How many responses of its mechanism the client has given.
    pub(super) rounds: usize,
    /// Whether the data of its SELECT have been told.
    pub(super) selecting: bool,
    /// Whether it is EXAMINE.
    pub(super) examines: bool,
}

/// Lines of the client that belong to a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exchange {
    /// DONE.
    Idle,
    /// Responses of a mechanism.
    Challenge,
}

impl fmt::Debug for InProgress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("InProgress");
        match &self.tag {
            // What could not be read may be no command, but what a client says in an exchange that is over.
            Some(tag) if self.refused => shown.field("tag", &Hidden(tag.as_bytes())),
            tag => shown.field("tag", tag),
        };
        shown.field("effect", &self.effect).field("exchange", &self.exchange).field("refused", &self.refused);
        shown.finish_non_exhaustive()
    }
}

impl InProgress {
    /// The tag of the command; `None` if the line had none that could be read. Of what is malformed it is the first word, which is a secret
    /// where the client goes on with an exchange that is over; `Debug` does not show it.
    pub fn tag(&self) -> Option<&Tag> {
        self.tag.as_ref()
    }
}

/// A message that the client wants to append: [`accept`](super::Server::accept), [`refuse`](super::Server::refuse) or
/// [`discard`](super::Server::discard) it.
///
/// ```
/// use bytes::BytesMut;
/// use mailwire::imap::server::{Config, Event, Server};
/// use mailwire::imap::{ResponseCode, Status};
/// use mailwire::wire::{Machine, Tls};
///
/// let mut server = Server::new(Config { tls: Tls::Established, ..Config::default() });
/// server.greet(&Status::pre_auth("hi"))?;
/// let mut input = BytesMut::from("1 APPEND INBOX {4096}\r\n");
/// let Some(Event::Literal(offer)) = server.receive(&mut input)? else { panic!() };
/// assert_eq!((offer.len(), offer.append().mailbox.is_inbox()), (4096, true));
/// // Nothing of the message is on its way yet, and nothing will be.
/// server.refuse(offer, &Status::no("no room").code(ResponseCode::OverQuota))?;
/// assert_eq!(server.poll_transmit().unwrap(), "* PREAUTH hi\r\n1 NO [OVERQUOTA] no room\r\n");
/// # Ok::<(), mailwire::wire::Error>(())
/// ```
#[derive(Debug)]
#[must_use = "the client waits for the answer to its offer"]
pub struct LiteralOffer {
    pub(super) owner: Identity,
    pub(super) literal: Box<Literal>,
}

impl LiteralOffer {
    /// The tag of the command.
    pub fn tag(&self) -> &Tag {
        &self.literal.tag
    }

    /// The command so far: where the message goes.
    pub fn append(&self) -> &Append {
        &self.literal.append
    }

    /// Flags and date of the message; `None` for a part of a CATENATE (RFC 4469).
    pub fn options(&self) -> Option<&AppendOptions> {
        self.literal.options.as_ref()
    }

    /// How many octets the message has.
    #[allow(clippy::len_without_is_empty, reason = "an empty message is an offer like any other")]
    pub fn len(&self) -> u64 {
        self.literal.length
    }

    /// Whether the client waits to be asked for the octets. If not, they come whatever the answer is.
    pub fn is_synchronizing(&self) -> bool {
        self.literal.synchronizing
    }

    /// Whether header fields of the message may be in UTF-8 (RFC 6855).
    pub fn is_utf8(&self) -> bool {
        self.literal.utf8
    }

    /// Whether the message may hold any octets (RFC 3516).
    pub fn is_binary(&self) -> bool {
        self.literal.binary
    }
}

/// The transport turns to TLS once everything that waits is sent: shake hands, then give this back to
/// [`Server::resume`](super::Server::resume).
#[derive(Debug)]
#[must_use = "the connection waits for the upgrade"]
pub struct StartTls {
    pub(super) owner: Identity,
}

/// What the client wants.
///
/// The grammar has every extension, and a client may send what it was not offered. Who offers less than all has to refuse:
///
/// - A command that was not offered, at [`Event::Command`]: [`complete`](super::Server::complete) it with BAD. So the last arm of a `match` over
///   commands does.
/// - A part of a command, such as a search key, a data item of FETCH, a modifier of STORE or a return option, at the same event: BAD, before
///   anything is done.
/// - Extensions in the options of a message, such as ANNOTATION (RFC 5257), at [`Event::Literal`]: [`refuse`](super::Server::refuse) the offer.
///
/// The forms of APPEND the server looks after itself, by the capabilities that the client was told last, in [`Data::Capability`] or the code
/// [`ResponseCode::Capability`]. Without `MULTIAPPEND` (RFC 3502) a second message of one APPEND comes as [`Event::Malformed`] with the kind
/// [`Unsupported`](crate::wire::ErrorKind::Unsupported), without `CATENATE` (RFC 4469) a message put together from parts, without `REPLACE` (RFC 8508) that command, without
/// `BINARY` (RFC 3516) a literal8, and without `UTF8=ACCEPT` (RFC 6855) a message in `UTF8 (…)`. So a server that never tells one of them hears
/// of one plain message at a time. Of who offers `CATENATE`, [`Event::Catenate`] wants no answer: refuse the offer of a part, or complete
/// the command with NO.
///
/// All messages of an APPEND are stored, or none (RFC 3502 section 6.3.11): keep them until its [`Event::Command`], and forget them at
/// [`Event::Malformed`], or when an offer is refused.
///
/// ```
/// use bytes::BytesMut;
/// use mailwire::imap::server::{Config, Event, Server};
/// use mailwire::imap::{Capability, Data, Status};
/// use mailwire::wire::{Machine, Tls};
///
/// let mut server = Server::new(Config { tls: Tls::Established, ..Config::default() });
/// server.greet(&Status::pre_auth("hi"))?;
/// server.data(&Data::Capability([Capability::Imap4rev1, Capability::UidPlus].into_iter().collect()))?;
/// while server.poll_transmit().is_some() {}
/// let mut input = BytesMut::from("1 APPEND INBOX CATENATE (URL \"/INBOX/;UID=1\")\r\n");
/// let Some(Event::Malformed(running, error)) = server.receive(&mut input)? else { panic!() };
/// server.reject(running, &error)?;
/// assert_eq!(server.poll_transmit().unwrap(), "1 BAD Not offered\r\n");
/// # Ok::<(), mailwire::wire::Error>(())
/// ```
///
/// [`Data::Capability`]: crate::imap::Data::Capability
/// [`ResponseCode::Capability`]: crate::imap::ResponseCode::Capability
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// A command, which the state allows. An APPEND comes behind its messages.
    Command(InProgress, Command),
    /// A message of an APPEND is on offer.
    Literal(LiteralOffer),
    /// Octets of the message that was accepted.
    LiteralChunk(Bytes),
    /// The message is complete. The APPEND is not: its [`Event::Command`] says that.
    LiteralEnd,
    /// A message put together from parts begins (CATENATE, RFC 4469). It comes only where CATENATE was offered.
    Catenate(Append, Box<AppendOptions>),
    /// A part that the server has already, by its URL (RFC 4469).
    CatenateUrl(Text),
    /// The message put together from parts is complete.
    CatenateEnd,
    /// The client's part of an exchange that [`challenge`](super::Server::challenge) began.
    Response(InProgress, Secret<Vec<u8>>),
    /// The client gave up the exchange.
    Cancelled(InProgress),
    /// DONE: the end of IDLE.
    Done(InProgress),
    /// A command that cannot be read, is not allowed now or was not offered: answer it with [`reject`](super::Server::reject). It may be an APPEND
    /// under way, whose messages are then forgotten.
    Malformed(InProgress, Error),
}
