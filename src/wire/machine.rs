//! What every driver needs to know of a state machine.

use crate::wire::Error;
use bytes::{Bytes, BytesMut};
use core::ops::ControlFlow;

/// A protocol's state machine: octets in, events out, octets out; no I/O, no clock, no thread.
///
/// ```text
///                 ┌───────────────────────────────┐
///  socket ──────▶ │ receive(&mut input) ─▶ Event  │ ─────▶ caller
///  end of file ─▶ │ receive_eof(&mut input)       │           │ methods of the machine
///  socket ◀────── │ poll_transmit() ─▶ Bytes      │ ◀─────────┘
///                 └───────────────────────────────┘
/// ```
///
/// In what order:
/// 1. Write out everything that [`poll_transmit`](Machine::poll_transmit) gives.
/// 2. Call [`receive`](Machine::receive) until it gives `None`, acting on each event and going back to 1 where there is something to send.
/// 3. If [`wants_read`](Machine::wants_read), read octets onto the end of the input buffer and go back to 2.
///    If not, the machine waits for the caller: an offer is unanswered, an upgrade is due, output must drain, or it is closed.
pub trait Machine {
    /// What a machine tells: owned, without a lifetime.
    type Event;

    /// Takes what it can use from the front of `input` and hands out one event.
    ///
    /// `Ok(None)`: it needs more octets, or is paused; [`wants_read`](Machine::wants_read) tells which.
    /// Not calling it is the back-pressure.
    ///
    /// # Errors
    /// A fatal error is final: from then on there is no event and nothing to send but a last word that was already queued.
    fn receive(&mut self, input: &mut BytesMut) -> Result<Option<Self::Event>, Error>;

    /// The peer has closed its side. Call it again until it gives `None`.
    ///
    /// # Errors
    /// When something was cut off or is still owed by the peer, as a completion, DONE of IDLE, a response of an authentication or the handshake
    /// behind STARTTLS are: the end of the connection never means success.
    fn receive_eof(&mut self, input: &mut BytesMut) -> Result<Option<Self::Event>, Error>;

    /// Octets to send, in order; `None` when there are none, or at a gate: a literal that waits for the peer's
    /// go-ahead, an upgrade of the transport.
    fn poll_transmit(&mut self) -> Option<Bytes>;

    /// Whether more octets would help. `false` while the machine waits for its caller.
    fn wants_read(&self) -> bool;

    /// Whether the connection is over: the transport should be closed once everything is sent.
    fn is_closed(&self) -> bool;
}

/// A client's machine: it is given commands, and each of them is completed once. For the method `run` of the drivers.
pub trait ClientMachine: Machine {
    /// Which command.
    type Command: Copy + PartialEq;
    /// How a command went.
    type Completion;

    /// How the command went, if this event says so; the event itself, if it does not.
    fn completion(event: Self::Event, command: Self::Command) -> ControlFlow<Self::Completion, Self::Event>;
}
