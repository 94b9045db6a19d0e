//! Tags, states and gates: the machine itself.

use crate::imap::capability::{Capabilities, Capability};
use crate::imap::client::{
    Appending, Authenticated, Challenge, CommandId, Config, Event, NotAuthenticated, Selected, StartTls,
    Violation,
};
use crate::imap::code::ResponseCode;
use crate::imap::command::Command;
use crate::imap::condition::{Condition, Status};
use crate::imap::core::Tag;
use crate::imap::encode::{Encoded, Encoder, Encoding, Literals};
use crate::imap::fetch::Fetch;
use crate::imap::quirk::{Quirk, Quirks};
use crate::imap::response::{Continuation, Data, Response};
use crate::imap::response_decoder::{ResponseDecoder, ResponseEvent};
use crate::imap::state::{Effect, State};
use crate::wire::outbox::{Gate, Outbox};
use crate::wire::write::length;
use crate::wire::{Error, ErrorKind, Machine, Secret, Tls, base64};
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use bytes::{Bytes, BytesMut};

/// The client's side of an IMAP connection.
///
/// - In every state: [`capability`](Client::capability), [`noop`](Client::noop), [`logout`](Client::logout).
/// - By state: [`not_authenticated`](Client::not_authenticated), [`authenticated`](Client::authenticated),
///   [`selected`](Client::selected) give views with exactly the commands that state allows.
/// - Unchecked: [`enqueue`](Client::enqueue), for proxies and for pipelining ahead of a change of state.
/// - Exchanges: [`respond`](Client::respond) and [`cancel`](Client::cancel) in AUTHENTICATE, [`done`](Client::done) in IDLE.
/// - Streaming out: [`append_octets`](Client::append_octets) and [`append_end`](Client::append_end).
/// - For a driver: the methods of [`Machine`], and [`resume`](Client::resume) behind an upgrade.
///
/// A command completes only once all of it is on the wire. A NO in place of a continuation request drops the rest of its command.
#[derive(Debug)]
pub struct Client {
    decoder: ResponseDecoder,
    outbox: Outbox,
    config: Config,
    pub(super) state: State,
    commands: VecDeque<Pending>,
    /// The number of the next tag.
    next: u32,
    /// Octets of output, written so far and handed out so far.
    written: u64,
    sent: u64,
    capabilities: Option<Capabilities>,
    utf8: bool,
    pub(super) appending: Option<CommandId>,
    /// The upgrade that the caller owes.
    upgrading: Option<CommandId>,
    violation: Option<Violation>,
    /// Whether the server has offered STARTTLS, even if somebody says now that it does not.
    starttls_offered: bool,
    /// How often the server has asked for a response in this AUTHENTICATE.
    rounds: usize,
    exists: Option<u32>,
    /// The last FETCH that told a UID.
    last_uid: Option<(u32, u32)>,
    failed: Option<Error>,
}

/// A command that is not complete.
#[derive(Debug)]
struct Pending {
    id: CommandId,
    effect: Effect,
    kind: Kind,
    /// Where its octets end in the output, in octets from the start of the connection.
    end: u64,
    /// How many of its gates are closed.
    gates: usize,
}

/// What answers a command may have besides data and a completion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Plain,
    /// Its answers speak of sequence numbers, so none may change.
    BySequence,
    /// The server asks for the responses of a mechanism with `+`.
    Authenticate(Turn),
    /// The server says with `+` that it tells news until DONE.
    Idle(Turn),
    /// Its output is not all written yet.
    Append,
}

/// Whose turn it is in an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    Server,
    Client,
    /// Nobody's: only the completion is owed.
    Over,
}

impl Client {
    /// A client whose connection has just been made.
    pub fn new(config: Config) -> Self {
        Self {
            decoder: ResponseDecoder::new(config.quirks, config.limits),
            outbox: Outbox::default(),
            config,
            state: State::Greeting,
            commands: VecDeque::new(),
            next: 1,
            written: 0,
            sent: 0,
            capabilities: None,
            utf8: false,
            appending: None,
            upgrading: None,
            violation: None,
            starttls_offered: false,
            rounds: 0,
            exists: None,
            last_uid: None,
            failed: None,
        }
    }

    /// Where the connection stands.
    pub fn state(&self) -> State {
        self.state
    }

    /// What the server has said it can do, in this security layer and for this user; `None` if it has not said so: ask with [`capability`](Client::capability).
    pub fn capabilities(&self) -> Option<&Capabilities> {
        self.capabilities.as_ref()
    }

    /// What protects the connection.
    pub fn tls(&self) -> Tls {
        self.config.tls
    }

    /// What was forgiven in the event that [`receive`](Machine::receive) gave last.
    pub fn forgiven(&self) -> Quirks {
        self.decoder.forgiven()
    }

    /// How many octets wait to be sent, behind gates too.
    pub fn unsent(&self) -> usize {
        self.outbox.len()
    }

    /// How many commands are not complete.
    pub fn pending(&self) -> usize {
        self.commands.len()
    }

    /// CAPABILITY: what can the server do?
    ///
    /// # Errors
    /// Like all commands: [`ErrorKind::InvalidState`] before the greeting and behind LOGOUT, [`ErrorKind::Busy`] while an
    /// exchange or an APPEND is under way or too many commands are, [`ErrorKind::Closed`] behind a fatal error. Nothing is sent then.
    pub fn capability(&mut self) -> Result<CommandId, Error> {
        self.command(&Command::Capability)
    }

    /// NOOP: a chance for the server to tell news.
    ///
    /// # Errors
    /// As [`capability`](Client::capability).
    pub fn noop(&mut self) -> Result<CommandId, Error> {
        self.command(&Command::Noop)
    }

    /// LOGOUT: the connection ends in good order.
    ///
    /// # Errors
    /// As [`capability`](Client::capability).
    pub fn logout(&mut self) -> Result<CommandId, Error> {
        self.command(&Command::Logout)
    }

    /// The commands of a connection on which nobody is known yet.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidState`] in another state.
    pub fn not_authenticated(&mut self) -> Result<NotAuthenticated<'_>, Error> {
        match self.state {
            State::NotAuthenticated => Ok(NotAuthenticated { client: self }),
            _ => Err(Error::caller(ErrorKind::InvalidState, "the state not authenticated")),
        }
    }

    /// The commands of a user, whether a mailbox is selected or not.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidState`] in another state.
    pub fn authenticated(&mut self) -> Result<Authenticated<'_>, Error> {
        match self.state {
            State::Authenticated | State::Selected => Ok(Authenticated { client: self }),
            _ => Err(Error::caller(ErrorKind::InvalidState, "the state authenticated")),
        }
    }

    /// The commands of a selected mailbox.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidState`] in another state.
    pub fn selected(&mut self) -> Result<Selected<'_>, Error> {
        match self.state {
            State::Selected => Ok(Selected { client: self }),
            _ => Err(Error::caller(ErrorKind::InvalidState, "the state selected")),
        }
    }

    /// Any command, whatever the state: for pipelining ahead of a change of state, for proxies and for tests.
    ///
    /// What protects credentials holds here too. APPEND has a method of its own.
    ///
    /// # Errors
    /// As [`capability`](Client::capability), and [`ErrorKind::PrivacyRequired`] for credentials on an unprotected connection.
    pub fn enqueue(&mut self, command: &Command) -> Result<CommandId, Error> {
        if let Command::Append(_) = command {
            return Err(Error::caller(ErrorKind::InvalidState, "append() and its octets"));
        }
        self.write(command)
    }

    /// A command that the state must allow.
    pub(super) fn command(&mut self, command: &Command) -> Result<CommandId, Error> {
        if !self.state.allows(command.effect()) {
            return Err(Error::caller(ErrorKind::InvalidState, "a command that this state allows"));
        }
        self.write(command)
    }

    fn write(&mut self, command: &Command) -> Result<CommandId, Error> {
        self.check_ready()?;
        if command.has_credentials() {
            self.check_credentials(command)?;
        }
        let effect = command.effect();
        if effect == Effect::StartTls {
            if !self.config.tls.permits_upgrade() {
                return Err(Error::caller(ErrorKind::InvalidState, "a connection that can turn to TLS"));
            }
            if !self.commands.is_empty() {
                return Err(Error::caller(ErrorKind::Busy, "the end of the commands under way"));
            }
        }
        let kind = match command {
            Command::Authenticate { .. } => {
                self.rounds = 0;
                Kind::Authenticate(Turn::Server)
            }
            Command::Idle => Kind::Idle(Turn::Server),
            Command::Fetch { uid: false, .. } => Kind::BySequence,
            Command::Store(store) if !store.uid => Kind::BySequence,
            Command::Search(search) if !search.uid => Kind::BySequence,
            _ => Kind::Plain,
        };
        self.write_command(effect, kind, |encoder| {
            command.encode(encoder)?;
            encoder.raw(b"\r\n");
            Ok(())
        })
    }

    /// Writes a tag and what the caller encodes behind it.
    fn write_command(
        &mut self,
        effect: Effect,
        kind: Kind,
        encode: impl FnOnce(&mut Encoder<'_>) -> Encoded,
    ) -> Result<CommandId, Error> {
        let id = CommandId(self.next);
        let gates = self.write_octets(|encoder| {
            encoder.raw(b"a");
            encoder.number(id.0);
            encoder.sp();
            encode(encoder)
        })?;
        self.next = self.next.checked_add(1).unwrap_or(1);
        self.commands.push_back(Pending { id, effect, kind, end: self.written, gates });
        Ok(id)
    }

    /// Writes octets, cut at the gates of their synchronizing literals; gives the number of gates.
    fn write_octets(&mut self, encode: impl FnOnce(&mut Encoder<'_>) -> Encoded) -> Result<usize, Error> {
        let encoding = self.encoding();
        let tail = self.outbox.tail();
        let mark = tail.len();
        let mut encoder = Encoder::new(tail, encoding);
        let encoded = encode(&mut encoder);
        let waits = encoder.into_waits();
        if let Err(invalid) = encoded {
            tail.truncate(mark);
            return Err(invalid.into());
        }
        self.written = self.written.saturating_add(length(tail.len().saturating_sub(mark)));
        if waits.is_empty() {
            return Ok(0);
        }
        let mut octets = tail.split_off(mark);
        let mut start = mark;
        for wait in &waits {
            self.outbox.push(octets.split_to(wait.saturating_sub(start)).freeze());
            self.outbox.gate(Gate::Continuation);
            start = *wait;
        }
        self.outbox.push(octets.freeze());
        Ok(waits.len())
    }

    /// What the server can read, as far as it has said so in this security layer.
    fn encoding(&self) -> Encoding {
        let can = |capability| self.capabilities.as_ref().is_some_and(|can| can.contains(&capability));
        let literals = if can(Capability::LiteralPlus) {
            Literals::Plus
        } else if can(Capability::LiteralMinus) || can(Capability::Imap4rev2) {
            Literals::Minus
        } else {
            Literals::Synchronizing
        };
        Encoding { literals, utf8: self.utf8, rev2: false }
    }

    fn check_ready(&self) -> Result<(), Error> {
        if self.failed.is_some() {
            return Err(Error::caller(ErrorKind::Closed, "a connection that is alive"));
        }
        if matches!(self.state, State::Greeting | State::Logout) {
            return Err(Error::caller(ErrorKind::InvalidState, "a connection between greeting and logout"));
        }
        let exclusive = |pending: &Pending| {
            matches!(pending.kind, Kind::Authenticate(_) | Kind::Idle(Turn::Server | Turn::Client))
                || matches!(pending.effect, Effect::StartTls | Effect::Logout)
        };
        if self.appending.is_some() || self.upgrading.is_some() || self.commands.iter().any(exclusive) {
            return Err(Error::caller(ErrorKind::Busy, "the end of the exchange under way"));
        }
        if self.commands.len() >= self.config.limits.pending_commands {
            return Err(Error::caller(ErrorKind::Busy, "fewer commands under way"));
        }
        Ok(())
    }

    /// Credentials go only where they are protected, and where the server takes them.
    fn check_credentials(&self, command: &Command) -> Result<(), Error> {
        if !self.config.tls.permits_credentials() {
            return Err(Error::caller(ErrorKind::PrivacyRequired, "STARTTLS before credentials"));
        }
        let disabled = self.capabilities.as_ref().is_some_and(|can| can.contains(&Capability::LoginDisabled));
        if disabled && matches!(command, Command::Login { .. }) {
            return Err(Error::caller(ErrorKind::PrivacyRequired, "a server without LOGINDISABLED"));
        }
        Ok(())
    }

    /// The transport is TLS now. Everything that was learned before is forgotten.
    pub fn resume(&mut self, token: StartTls) {
        if self.upgrading.take() == Some(token.command) {
            self.outbox.open(Gate::Upgrade);
            self.config.tls = Tls::Established;
            self.decoder = ResponseDecoder::new(self.config.quirks, self.config.limits);
            self.state = State::NotAuthenticated;
            self.forget_mailbox();
            self.capabilities = None;
            self.starttls_offered = false;
            self.utf8 = false;
        }
    }

    /// Answers a challenge of AUTHENTICATE.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidState`] if the exchange is over, [`ErrorKind::InvalidValue`] for a response that is longer than
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
    /// [`ErrorKind::InvalidState`] if the exchange is over.
    pub fn cancel(&mut self, challenge: Challenge) -> Result<(), Error> {
        self.take_turn(challenge.command, Turn::Over, |out| out.extend_from_slice(b"*"))
    }

    /// DONE: the end of IDLE, once the server has said that it idles. The completion follows.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidState`] if the server has not said so yet, or the command is complete.
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

    fn forget_mailbox(&mut self) {
        self.exists = None;
        self.last_uid = None;
        self.violation = None;
    }

    fn fail(&mut self, error: Error) -> Error {
        self.failed = Some(error);
        self.outbox.clear();
        self.commands = VecDeque::new();
        self.state = State::Logout;
        error
    }

    /// One event of the decoder, with what it means for the connection.
    fn take(&mut self, event: ResponseEvent, input: &BytesMut) -> Result<Option<Event>, Error> {
        if self.state == State::Greeting {
            return self.greeting(event).map(Some);
        }
        if self.state == State::Logout
            && !self.commands.iter().any(|pending| pending.effect == Effect::Logout)
        {
            // Behind BYE come completions at most.
            let expected = matches!(
                &event,
                ResponseEvent::Response(Response::Tagged { .. } | Response::Status(_))
                    | ResponseEvent::Unparsed { .. }
            );
            if !expected {
                return Err(Error::fatal(ErrorKind::UnexpectedResponse, 0, "the end of the connection"));
            }
        }
        match event {
            ResponseEvent::Response(Response::Tagged { tag, status }) => {
                self.complete(&tag, status, input).map(Some)
            }
            ResponseEvent::Response(Response::Status(status)) => self.status(status).map(Some),
            ResponseEvent::Response(Response::Continuation(continuation)) => self.continuation(continuation),
            ResponseEvent::Response(Response::Data(data)) => {
                self.data(&data);
                Ok(Some(Event::Data(data)))
            }
            ResponseEvent::Fetch(fetch) => {
                self.fetch(&fetch);
                Ok(Some(Event::Fetch(fetch)))
            }
            ResponseEvent::Body(body) => Ok(Some(Event::Body(body))),
            ResponseEvent::Unparsed { octets, error } => {
                if self.decoder.began_message() && self.is_own_tag(&octets) {
                    return Err(error.into_fatal());
                }
                Ok(Some(Event::Unparsed { octets, error }))
            }
        }
    }

    /// Whether the line is a completion of a command under way by its tag, and none by the word behind it: no other will come.
    fn is_own_tag(&self, line: &[u8]) -> bool {
        let mut words = line.splitn(3, |octet| *octet == b' ');
        let tag = words.next().and_then(tag_number);
        let word = words.next().unwrap_or_default();
        let completion = [&b"OK"[..], b"NO", b"BAD"].iter().any(|known| word.eq_ignore_ascii_case(known));
        let ours = |number| self.commands.iter().any(|pending| pending.id.0 == number);
        !completion && !word.is_empty() && tag.is_some_and(ours)
    }

    fn greeting(&mut self, event: ResponseEvent) -> Result<Event, Error> {
        let bad = |expected| Error::fatal(ErrorKind::BadGreeting, 0, expected);
        let status = match event {
            ResponseEvent::Response(Response::Status(status)) => status,
            ResponseEvent::Unparsed { octets, .. } if self.config.quirks.contains(Quirk::ForeignGreeting) => {
                self.decoder.forgive(Quirk::ForeignGreeting);
                Status { condition: Condition::Ok, code: None, text: octets.into() }
            }
            _ => return Err(bad("a greeting")),
        };
        self.state = match status.condition {
            Condition::Ok => State::NotAuthenticated,
            Condition::PreAuth if !self.config.tls.permits_credentials() => {
                return Err(bad("a greeting without PREAUTH, since TLS is required"));
            }
            Condition::PreAuth => State::Authenticated,
            Condition::Bye => {
                self.state = State::Logout;
                return Ok(Event::Bye(status));
            }
            _ => return Err(bad("OK, PREAUTH or BYE")),
        };
        self.learn(&status);
        Ok(Event::Greeting(status))
    }

    fn status(&mut self, status: Status) -> Result<Event, Error> {
        match status.condition {
            Condition::PreAuth => Err(Error::fatal(ErrorKind::BadGreeting, 0, "no second greeting")),
            Condition::Bye => {
                self.state = State::Logout;
                // What was not sent is not sent any more.
                self.outbox.clear();
                self.appending = None;
                Ok(Event::Bye(status))
            }
            _ => {
                self.learn(&status);
                Ok(Event::Status(status))
            }
        }
    }

    /// What a status says of the server.
    fn learn(&mut self, status: &Status) {
        if let Some(ResponseCode::Capability(capabilities)) = &status.code {
            self.learn_capabilities(capabilities);
        }
    }

    fn learn_capabilities(&mut self, capabilities: &Capabilities) {
        self.starttls_offered |= capabilities.contains(&Capability::StartTls);
        self.capabilities = Some(capabilities.clone());
    }

    /// Whether STARTTLS may be tried. Once it was offered, a later list without it, which anybody may have put there, does not count.
    ///
    /// Where TLS is required and cannot be had, the connection is over.
    pub(super) fn check_starttls(&mut self) -> Result<(), Error> {
        if self.capabilities.is_none() || self.starttls_offered {
            return Ok(());
        }
        let expected = "a server that offers STARTTLS";
        if self.config.tls == Tls::Required && self.failed.is_none() {
            return Err(self.fail(Error::fatal(ErrorKind::StartTlsUnavailable, 0, expected)));
        }
        Err(Error::caller(ErrorKind::StartTlsUnavailable, expected))
    }

    fn complete(&mut self, tag: &Tag, status: Status, input: &BytesMut) -> Result<Event, Error> {
        let unknown = Error::fatal(ErrorKind::UnknownTag, 0, "the tag of a command under way");
        let number = tag_number(tag.as_bytes()).ok_or(unknown)?;
        let place = self.commands.iter().position(|pending| pending.id.0 == number).ok_or(unknown)?;
        let pending = self.commands.get(place).ok_or(unknown)?;
        let sent = pending.end <= self.sent && self.appending != Some(pending.id);
        let exchange = matches!(pending.kind, Kind::Authenticate(_) | Kind::Idle(_));
        if pending.kind == Kind::Idle(Turn::Client) && status.is_ok() {
            if !self.config.quirks.contains(Quirk::EarlyIdleCompletion) {
                return Err(Error::fatal(ErrorKind::EarlyCompletion, 0, "no completion of IDLE before DONE"));
            }
            self.decoder.forgive(Quirk::EarlyIdleCompletion);
        } else if !sent {
            // Octets of this command wait behind a gate that will not open any more, or are a line of an exchange that is over.
            let waits = pending.gates > 0 && self.outbox.waits_at() == Some(Gate::Continuation);
            let first = self.commands.iter().all(|other| other.end >= pending.end || other.end <= self.sent);
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
                let left = end.saturating_sub(self.sent);
                self.outbox.drop_gated(pending.gates, crate::wire::write::index(left));
                self.sent = end;
            }
        }
        let Some(pending) = self.commands.remove(place) else { return Err(unknown) };
        if self.appending == Some(pending.id) {
            self.appending = None;
        }
        if pending.effect == Effect::StartTls {
            return self.complete_starttls(pending.id, status, input);
        }
        let before = self.state;
        self.state = self.state.completed(pending.effect, status.is_ok());
        if pending.effect == Effect::Authenticate && status.is_ok() {
            // What the server can do now is not what it could before.
            self.capabilities = None;
        }
        if before == State::Selected && self.state != State::Selected {
            self.forget_mailbox();
        }
        self.learn(&status);
        Ok(Event::Completed { command: pending.id, status })
    }

    fn complete_starttls(&mut self, id: CommandId, status: Status, input: &BytesMut) -> Result<Event, Error> {
        if !status.is_ok() {
            if self.config.tls == Tls::Required {
                return Err(Error::fatal(ErrorKind::StartTlsUnavailable, 0, "OK to STARTTLS"));
            }
            return Ok(Event::Completed { command: id, status });
        }
        if !input.is_empty() {
            return Err(Error::fatal(ErrorKind::StartTlsInjection, 0, "nothing before the handshake"));
        }
        self.upgrading = Some(id);
        self.outbox.gate(Gate::Upgrade);
        Ok(Event::StartTls(StartTls { command: id }))
    }

    fn continuation(&mut self, continuation: Continuation) -> Result<Option<Event>, Error> {
        if self.outbox.waits_at() == Some(Gate::Continuation) {
            self.outbox.open(Gate::Continuation);
            if let Some(pending) = self.commands.iter_mut().find(|pending| pending.gates > 0) {
                pending.gates = pending.gates.saturating_sub(1);
            }
            return Ok(None);
        }
        let sent = self.sent;
        let owed = self.commands.iter_mut().find(|pending| {
            matches!(pending.kind, Kind::Authenticate(Turn::Server) | Kind::Idle(Turn::Server))
                && pending.end <= sent
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

    /// A challenge of AUTHENTICATE. One that is not Base64 ends the exchange.
    fn challenge(&mut self, command: CommandId, continuation: &Continuation) -> Result<Event, Error> {
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

    /// What data says of the server and of the mailbox.
    fn data(&mut self, data: &Data) {
        match data {
            Data::Capability(capabilities) => self.learn_capabilities(capabilities),
            Data::Exists(count) => {
                if self.exists.is_some_and(|before| *count < before) && self.state == State::Selected {
                    let selecting = self.commands.iter().any(|pending| pending.effect == Effect::Select);
                    self.violation = (!selecting).then_some(Violation::ExistsDecreased);
                }
                self.exists = Some(*count);
            }
            Data::Expunge(number) => {
                if self.commands.iter().any(|pending| pending.kind == Kind::BySequence)
                    && self.commands.iter().all(|pending| pending.kind == Kind::BySequence)
                {
                    self.violation = Some(Violation::ExpungeDuringFetch);
                }
                if let Some(exists) = &mut self.exists {
                    if number.get() > *exists {
                        self.violation = Some(Violation::ExpungeOutOfRange);
                    }
                    *exists = exists.saturating_sub(1);
                }
                self.last_uid = None;
            }
            _ => {}
        }
    }

    fn fetch(&mut self, fetch: &Fetch) {
        let Some(number) = fetch.seq else { return };
        if self.exists.is_some_and(|exists| number.get() > exists) {
            self.violation = Some(Violation::FetchOutOfRange);
        }
        if let Some(uid) = fetch.uid {
            let (number, uid) = (number.get(), uid.get());
            if self.last_uid.is_some_and(|(last, last_uid)| number.cmp(&last) != uid.cmp(&last_uid)) {
                self.violation = Some(Violation::UidNotAscending);
            }
            self.last_uid = Some((number, uid));
        }
    }

    /// APPEND up to the octets of its first message.
    pub(super) fn begin_append(
        &mut self,
        encode: impl FnOnce(&mut Encoder<'_>) -> Encoded,
    ) -> Result<CommandId, Error> {
        if !self.state.allows(Effect::Mail) {
            return Err(Error::caller(ErrorKind::InvalidState, "a command that this state allows"));
        }
        self.check_ready()?;
        let id = self.write_command(Effect::Mail, Kind::Append, encode)?;
        self.appending = Some(id);
        Ok(id)
    }

    /// More of the APPEND under way that is not a message's octets.
    pub(super) fn continue_append(
        &mut self,
        id: CommandId,
        encode: impl FnOnce(&mut Encoder<'_>) -> Encoded,
    ) -> Result<(), Error> {
        self.check_appending(id)?;
        let gates = self.write_octets(encode)?;
        let written = self.written;
        if let Some(pending) = self.commands.iter_mut().find(|pending| pending.id == id) {
            pending.gates = pending.gates.saturating_add(gates);
            pending.end = written;
        }
        Ok(())
    }

    /// Octets of a message.
    pub(super) fn push_octets(&mut self, id: CommandId, octets: Bytes) -> Result<(), Error> {
        self.check_appending(id)?;
        self.written = self.written.saturating_add(length(octets.len()));
        self.outbox.push(octets);
        Ok(())
    }

    pub(super) fn check_appending(&self, id: CommandId) -> Result<(), Error> {
        match self.appending {
            Some(appending) if appending == id => Ok(()),
            _ => Err(Error::caller(ErrorKind::InvalidState, "an APPEND that is under way")),
        }
    }

    /// The message that is being appended, octet by octet; see [`Authenticated::append`].
    ///
    /// # Errors
    /// [`ErrorKind::InvalidState`] once the server refused the message, [`ErrorKind::InvalidValue`] for more octets than were announced.
    pub fn append_octets(&mut self, appending: &mut Appending, octets: Bytes) -> Result<(), Error> {
        appending.octets(self, octets)
    }

    /// The APPEND is complete.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidState`] once the server refused the message, [`ErrorKind::InvalidValue`] for fewer octets than were
    /// announced: then the connection is of no more use, since the server waits for them.
    pub fn append_end(&mut self, appending: Appending) -> Result<CommandId, Error> {
        appending.end(self)
    }

    fn next_event(&mut self, input: &mut BytesMut, eof: bool) -> Result<Option<Event>, Error> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        if let Some(violation) = self.violation.take() {
            return Ok(Some(Event::Violation(violation)));
        }
        if self.upgrading.is_some() {
            if input.is_empty() {
                return Ok(None);
            }
            return Err(Error::fatal(ErrorKind::StartTlsInjection, 0, "nothing before the handshake"));
        }
        loop {
            let event = if eof { self.decoder.decode_eof(input)? } else { self.decoder.decode(input)? };
            let Some(event) = event else { return Ok(None) };
            if let Some(event) = self.take(event, input)? {
                return Ok(Some(event));
            }
        }
    }
}

/// The number of a tag of ours.
fn tag_number(tag: &[u8]) -> Option<u32> {
    let digits = tag.strip_prefix(b"a")?;
    if digits.first() == Some(&b'0') {
        return None;
    }
    u32::try_from(crate::imap::core::decimal(digits)?).ok()
}

impl Machine for Client {
    type Event = Event;

    fn receive(&mut self, input: &mut BytesMut) -> Result<Option<Event>, Error> {
        self.next_event(input, false).map_err(|error| self.fail(error))
    }

    fn receive_eof(&mut self, input: &mut BytesMut) -> Result<Option<Event>, Error> {
        let event = self.next_event(input, true).map_err(|error| self.fail(error))?;
        if event.is_none() {
            let owed = self.commands.iter().any(|pending| pending.effect != Effect::Logout);
            if self.state != State::Logout || owed || self.upgrading.is_some() {
                let error = Error::fatal(ErrorKind::UnexpectedEof, 0, "BYE before the end of the connection");
                return Err(self.fail(error));
            }
        }
        Ok(event)
    }

    fn poll_transmit(&mut self) -> Option<Bytes> {
        let octets = self.outbox.poll()?;
        self.sent = self.sent.saturating_add(length(octets.len()));
        Some(octets)
    }

    fn wants_read(&self) -> bool {
        !self.is_closed() && self.upgrading.is_none()
    }

    fn is_closed(&self) -> bool {
        self.failed.is_some() || (self.state == State::Logout && self.commands.is_empty())
    }
}
