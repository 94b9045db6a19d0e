//! What ends or moves on a command: its completion, and `+`.

use crate::imap::client::exchange::check_exchange;
use crate::imap::client::machine::Client;
use crate::imap::client::pending::{Kind, Turn, tag_number};
use crate::imap::client::{CommandId, Event, StartTls};
use crate::imap::condition::Status;
use crate::imap::core::Tag;
use crate::imap::enabled::Enabled;
use crate::imap::quirk::Quirk;
use crate::imap::response::Continuation;
use crate::imap::state::{Effect, State};
use crate::wire::outbox::Gate;
use crate::wire::write::{index, length};
use crate::wire::{ClientMachine, Error, ErrorKind, Tls};
use bytes::BytesMut;
use core::ops::ControlFlow;

impl Client {
    /// Whether the line is a completion of a command under way by its tag, and none by the word behind it: no other will come.
    pub(super) fn is_own_tag(&self, line: &[u8]) -> bool {
        let mut words = line.splitn(3, |octet| *octet == b' ');
        let tag = words.next().and_then(tag_number);
        let word = words.next().unwrap_or_default();
        let completion = [&b"OK"[..], b"NO", b"BAD"].iter().any(|known| word.eq_ignore_ascii_case(known));
        let ours = |number| self.commands.iter().any(|pending| pending.id.0 == number);
        !completion && !word.is_empty() && tag.is_some_and(ours)
    }

    pub(super) fn complete(&mut self, tag: &Tag, status: Status, input: &BytesMut) -> Result<Event, Error> {
        let unknown = Error::fatal(ErrorKind::UnknownTag, 0, "the tag of a command under way");
        let number = tag_number(tag.as_bytes()).ok_or(unknown)?;
        let place = self.commands.iter().position(|pending| pending.id.0 == number).ok_or(unknown)?;
        let pending = self.commands.get(place).ok_or(unknown)?;
        let reached = self.reached();
        let sent = pending.end <= reached && self.appending != Some(pending.id);
        let exchange = matches!(pending.kind, Kind::Authenticate(_) | Kind::Idle(_));
        if status.is_ok() {
            check_exchange(pending.kind)?;
        }
        if pending.kind == Kind::Idle(Turn::Client) && status.is_ok() {
            if !self.config.quirks.contains(Quirk::EarlyIdleCompletion) {
                return Err(Error::fatal(ErrorKind::EarlyCompletion, 0, "no completion of IDLE before DONE"));
            }
            self.decoder.forgive(Quirk::EarlyIdleCompletion);
        } else if !sent && (status.is_ok() || !pending.is_unasked(reached)) {
            // Octets of this command wait behind a gate that will not open any more, or are a line of an exchange that is over.
            let waits = pending.gates > 0 && self.outbox.waits_at() == Some(Gate::Continuation);
            let first = self.commands.iter().all(|other| other.end >= pending.end || other.end <= reached);
            let dropped = self.state == State::Logout || (first && (waits || exchange));
            let idles = matches!(pending.kind, Kind::Idle(Turn::Over))
                && self.config.quirks.contains(Quirk::EarlyIdleCompletion);
            if !dropped || (status.is_ok() && !idles) {
                return Err(Error::fatal(
                    ErrorKind::EarlyCompletion,
                    0,
                    "no completion before the command is sent",
                ));
            }
            if status.is_ok() {
                self.decoder.forgive(Quirk::EarlyIdleCompletion);
            }
            if self.state != State::Logout {
                let end = if self.appending == Some(pending.id) { self.written } else { pending.end };
                let left = end.saturating_sub(reached);
                self.outbox.drop_gated(pending.gates, index(left));
                self.sent = self.sent.saturating_add(left);
            }
        }
        let Some(pending) = self.commands.remove(place) else { return Err(unknown) };
        if self.appending == Some(pending.id) && !pending.is_unasked(reached) {
            self.appending = None;
        }
        if pending.effect == Effect::StartTls {
            return self.complete_starttls(pending.id, status, input);
        }
        let before = self.state;
        self.state = self.state.completed(pending.effect, status.is_ok());
        if pending.changes_user() {
            self.known.user_changed(status.is_ok());
        }
        if pending.changes_user() && status.is_ok() {
            self.enabled = Enabled::default();
            self.decoder.set_utf8(false);
        }
        self.enabled.is_final |= self.state == State::Selected;
        let left = before == State::Selected || pending.effect == Effect::Select;
        if (left && self.state != State::Selected) || (place == 0 && self.selects_next()) {
            self.known.forget_mailbox();
        }
        self.known.completion(&status);
        Ok(Event::Completed { command: pending.id, status })
    }

    /// Whether what comes now may be data of a mailbox that SELECT or EXAMINE opens: it precedes the completion (RFC 3501 section 6.3.1).
    pub(super) fn selects_next(&self) -> bool {
        self.commands.front().is_some_and(|oldest| oldest.effect == Effect::Select)
    }

    fn complete_starttls(&mut self, id: CommandId, status: Status, input: &BytesMut) -> Result<Event, Error> {
        if !status.is_ok() {
            if self.config.tls == Tls::Required {
                return Err(Error::fatal(ErrorKind::StartTlsUnavailable, 0, "OK to STARTTLS"));
            }
            return Ok(Event::Completed { command: id, status });
        }
        if self.state == State::Logout {
            return Err(Error::fatal(ErrorKind::UnexpectedResponse, 0, "no handshake behind BYE"));
        }
        if !input.is_empty() {
            return Err(Error::fatal(ErrorKind::StartTlsInjection, 0, "nothing before the handshake"));
        }
        self.upgrading = Some(id);
        self.outbox.gate(Gate::Upgrade);
        Ok(Event::StartTls(StartTls { command: id }))
    }

    /// Up to where the output counts as sent: what a `+` let go goes next, whether it is asked for before more is read or behind that.
    pub(super) fn reached(&self) -> u64 {
        self.sent.saturating_add(length(self.outbox.let_go()))
    }

    pub(super) fn continuation(&mut self, continuation: Continuation) -> Result<Option<Event>, Error> {
        if self.outbox.open(Gate::Continuation) {
            let Some(pending) = self.commands.iter_mut().find(|pending| pending.gates > 0) else {
                return Ok(None);
            };
            pending.gates = pending.gates.saturating_sub(1);
            // Who has more to give waits to hear of it; what is written whole goes by itself.
            let awaited = pending.gates == 0 && self.appending == Some(pending.id);
            return Ok(awaited.then_some(Event::GoAhead(pending.id)));
        }
        let reached = self.reached();
        let owed = self.commands.iter_mut().find(|pending| {
            matches!(pending.kind, Kind::Authenticate(Turn::Server) | Kind::Idle(Turn::Server))
                && pending.end <= reached
        });
        match owed {
            Some(pending) if pending.effect == Effect::Authenticate => {
                pending.kind = Kind::Authenticate(Turn::Client);
                let command = pending.id;
                return self.challenge(command, &continuation).map(Some);
            }
            Some(pending) => {
                pending.kind = Kind::Idle(Turn::Client);
                return Ok(Some(Event::Continuation(continuation)));
            }
            None => {}
        }
        if self.config.quirks.contains(Quirk::UnaskedContinuation) {
            self.decoder.forgive(Quirk::UnaskedContinuation);
            return Ok(Some(Event::Continuation(continuation)));
        }
        Err(Error::fatal(ErrorKind::UnexpectedContinuation, 0, "a response"))
    }
}

impl ClientMachine for Client {
    type Command = CommandId;
    type Completion = Status;

    fn completion(event: Event, command: CommandId) -> ControlFlow<Status, Event> {
        match event {
            Event::Completed { command: completed, status } if completed == command => {
                ControlFlow::Break(status)
            }
            event => ControlFlow::Continue(event),
        }
    }
}
