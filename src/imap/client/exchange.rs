//! The exchanges of AUTHENTICATE and IDLE: whose turn it is, and what the client says in it.
//!
//! ```abnf
//! authenticate = "AUTHENTICATE" SP auth-type [SP initial-resp] *(CRLF base64)    ; RFC 9051 section 9; "*" gives it up
//! idle         = "IDLE" CRLF "DONE"                                              ; RFC 9051 section 9
//! ```

use crate::imap::client::machine::Client;
use crate::imap::client::pending::{Kind, Pending, Turn};
use crate::imap::client::{Challenge, CommandId, Event};
use crate::imap::response::Continuation;
use crate::imap::state::State;
use crate::wire::write::length;
use crate::wire::{Error, ErrorKind, Secret, base64};
use alloc::vec::Vec;
use bytes::BytesMut;

impl Client {
    /// Answers a challenge of AUTHENTICATE.
    ///
    /// # Errors
    /// [`ErrorKind::Closed`] behind a fatal error, [`ErrorKind::InvalidState`] if the exchange is over, [`ErrorKind::InvalidValue`] for a response that is longer than
    /// [`Limits::sasl_line`](crate::wire::Limits::sasl_line) in Base64: the exchange is then cancelled.
    pub fn respond(&mut self, challenge: Challenge, response: &Secret<Vec<u8>>) -> Result<(), Error> {
        let octets = response.expose();
        if octets.len().div_ceil(3).saturating_mul(4) > self.config.limits.sasl_line {
            self.cancel(challenge)?;
            return Err(Error::caller(ErrorKind::InvalidValue, "a shorter response"));
        }
        self.take_turn(challenge.command, Turn::Server, |out| base64::encode(octets, out))
    }

    /// Gives AUTHENTICATE up: the server completes it with BAD.
    ///
    /// # Errors
    /// [`ErrorKind::Closed`] behind a fatal error, [`ErrorKind::InvalidState`] if the exchange is over.
    pub fn cancel(&mut self, challenge: Challenge) -> Result<(), Error> {
        self.take_turn(challenge.command, Turn::Over, |out| out.extend_from_slice(b"*"))
    }

    /// DONE: the end of IDLE, once the server has said that it idles. The completion follows.
    ///
    /// # Errors
    /// [`ErrorKind::Closed`] behind a fatal error, [`ErrorKind::InvalidState`] if the server has not said so yet, or the command is complete.
    pub fn done(&mut self, idle: CommandId) -> Result<(), Error> {
        self.take_turn(idle, Turn::Over, |out| out.extend_from_slice(b"DONE"))
    }

    /// Writes a line of an exchange in which it is the client's turn.
    fn take_turn(
        &mut self,
        command: CommandId,
        next: Turn,
        write: impl FnOnce(&mut BytesMut),
    ) -> Result<(), Error> {
        self.check_alive()?;
        let pending = self.commands.iter_mut().find(|pending| pending.id == command);
        let turn = match pending {
            Some(Pending { kind: Kind::Authenticate(turn) | Kind::Idle(turn), end, .. })
                if *turn == Turn::Client && self.state != State::Logout =>
            {
                (turn, end)
            }
            _ => {
                return Err(Error::caller(
                    ErrorKind::InvalidState,
                    "an exchange in which it is the client's turn",
                ));
            }
        };
        let tail = self.outbox.tail();
        let mark = tail.len();
        write(tail);
        tail.extend_from_slice(b"\r\n");
        self.written = self.written.saturating_add(length(tail.len().saturating_sub(mark)));
        (*turn.0, *turn.1) = (next, self.written);
        Ok(())
    }

    /// A challenge of AUTHENTICATE. One that is not Base64 ends the exchange.
    pub(super) fn challenge(
        &mut self,
        command: CommandId,
        continuation: &Continuation,
    ) -> Result<Event, Error> {
        self.rounds = self.rounds.saturating_add(1);
        if self.rounds > self.config.limits.sasl_rounds {
            return Err(Error::fatal(ErrorKind::TooManyRounds, 0, "fewer challenges"));
        }
        match base64::decode(continuation.text.as_bytes()) {
            Ok(octets) => Ok(Event::Challenge(Challenge { command, octets })),
            Err(offset) => {
                self.take_turn(command, Turn::Over, |out| out.extend_from_slice(b"*"))?;
                let error = Error::recoverable(ErrorKind::Syntax, length(offset), "Base64");
                Ok(Event::Unparsed { octets: continuation.text.clone().into_bytes(), error })
            }
        }
    }
}

/// Whether an exchange may succeed here: not one of AUTHENTICATE that was given up (RFC 3501 section 6.2.2), nor one whose challenge is not answered.
pub(super) fn check_exchange(kind: Kind) -> Result<(), Error> {
    match kind {
        Kind::Authenticate(Turn::Over) => {
            Err(Error::fatal(ErrorKind::UnexpectedResponse, 0, "BAD to an exchange that was given up"))
        }
        Kind::Authenticate(Turn::Client) => Err(Error::fatal(
            ErrorKind::EarlyCompletion,
            0,
            "no completion of AUTHENTICATE before the answer to its challenge",
        )),
        _ => Ok(()),
    }
}
