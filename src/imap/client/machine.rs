//! Tags, states and gates: the machine itself.

use crate::imap::capability::{Capabilities, Capability};
use crate::imap::client::known::Known;
use crate::imap::client::pending::{Kind, Pending, Turn};
use crate::imap::client::{Authenticated, CommandId, Config, Event, NotAuthenticated, Selected, StartTls};
use crate::imap::code::ResponseCode;
use crate::imap::command::Command;
use crate::imap::condition::{Condition, Status};
use crate::imap::enabled::Enabled;
use crate::imap::encode::{Encoded, Encoder, Encoding, Literals};
use crate::imap::fetch::{Body, Fetch};
use crate::imap::listener::{self, Listener, Told};
use crate::imap::quirk::{Quirk, Quirks};
use crate::imap::response::{Data, Response};
use crate::imap::response_decoder::ResponseDecoder;
use crate::imap::response_event::ResponseEvent;
use crate::imap::state::{Effect, State};
use crate::wire::outbox::{Gate, Outbox};
use crate::wire::write::length;
use crate::wire::{Error, ErrorKind, Machine, Tls};
use alloc::collections::VecDeque;
use bytes::{Bytes, BytesMut};

/// The client's side of an IMAP connection.
///
/// - In every state: [`capability`](Client::capability), [`noop`](Client::noop), [`logout`](Client::logout).
/// - By state: [`not_authenticated`](Client::not_authenticated), [`authenticated`](Client::authenticated),
///   [`selected`](Client::selected) give views with exactly the commands that state allows.
/// - Unchecked: [`enqueue`](Client::enqueue), for proxies and for pipelining ahead of a change of state.
/// - Exchanges: [`respond`](Client::respond) and [`cancel`](Client::cancel) in AUTHENTICATE, [`done`](Client::done) in IDLE.
/// - Streaming out: [`append_octets`](Client::append_octets) and [`append_end`](Client::append_end); more messages by
///   [`append_message`](Client::append_message), parts of one by [`append_url`](Client::append_url) and [`append_text`](Client::append_text).
/// - For a driver: the methods of [`Machine`], and [`resume`](Client::resume) behind an upgrade.
///
/// A command completes only once all of it is on the wire. A NO in place of a continuation request drops the rest of its command; one amid
/// a literal that no request was due for completes it, but the octets that were announced are owed all the same ([`Appending`](super::Appending)).
///
/// ```
/// use bytes::BytesMut;
/// use mailwire::imap::client::{Client, Config, Event};
/// use mailwire::wire::Machine;
///
/// // TLS is required unless the configuration says otherwise: there is no LOGIN before it.
/// let mut client = Client::new(Config::default());
/// let mut input = BytesMut::from("* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] ready\r\n");
/// assert!(matches!(client.receive(&mut input)?, Some(Event::Greeting(_))));
/// assert!(client.not_authenticated()?.login("alice", "secret").is_err());
///
/// client.not_authenticated()?.starttls()?;
/// assert_eq!(client.poll_transmit().unwrap(), "a1 STARTTLS\r\n");
/// input.extend_from_slice(b"a1 OK begin\r\n");
/// let Some(Event::StartTls(token)) = client.receive(&mut input)? else { panic!() };
/// // The transport shakes hands here; then what was learned in the clear is forgotten.
/// client.resume(token)?;
/// assert!(client.capabilities().is_none());
/// client.not_authenticated()?.login("alice", "secret")?;
/// # Ok::<(), mailwire::wire::Error>(())
/// ```
#[derive(Debug)]
pub struct Client {
    pub(super) decoder: ResponseDecoder,
    pub(super) outbox: Outbox,
    pub(super) config: Config,
    pub(super) state: State,
    pub(super) commands: VecDeque<Pending>,
    /// The number of the next tag.
    next: u32,
    /// Octets of output, written so far and handed out so far.
    pub(super) written: u64,
    pub(super) sent: u64,
    pub(super) known: Known,
    pub(super) enabled: Enabled,
    pub(super) appending: Option<CommandId>,
    /// The upgrade that the caller owes.
    pub(super) upgrading: Option<CommandId>,
    /// How often the server has asked for a response in this AUTHENTICATE.
    pub(super) rounds: usize,
    failed: Option<Error>,
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
            known: Known::default(),
            enabled: Enabled::default(),
            appending: None,
            upgrading: None,
            rounds: 0,
            failed: None,
        }
    }

    /// Where the connection stands.
    pub fn state(&self) -> State {
        self.state
    }

    /// What the server has said it can do, in this security layer and for this user; `None` if it has not said so: ask with [`capability`](Client::capability).
    pub fn capabilities(&self) -> Option<&Capabilities> {
        self.known.capabilities.as_ref()
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
    /// Like all commands: [`ErrorKind::InvalidState`] before the greeting and behind LOGOUT or BYE, [`ErrorKind::Busy`] while an
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
    /// [`ErrorKind::InvalidState`] in another state, [`ErrorKind::Closed`] behind a fatal error.
    pub fn not_authenticated(&mut self) -> Result<NotAuthenticated<'_>, Error> {
        self.check_alive()?;
        match self.state {
            State::NotAuthenticated => Ok(NotAuthenticated { client: self }),
            _ => Err(Error::caller(ErrorKind::InvalidState, "the state not authenticated")),
        }
    }

    /// The commands of a user, whether a mailbox is selected or not.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidState`] in another state, [`ErrorKind::Closed`] behind a fatal error.
    pub fn authenticated(&mut self) -> Result<Authenticated<'_>, Error> {
        self.check_alive()?;
        match self.state {
            State::Authenticated | State::Selected => Ok(Authenticated { client: self }),
            _ => Err(Error::caller(ErrorKind::InvalidState, "the state authenticated")),
        }
    }

    /// The commands of a selected mailbox.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidState`] in another state, [`ErrorKind::Closed`] behind a fatal error.
    pub fn selected(&mut self) -> Result<Selected<'_>, Error> {
        self.check_alive()?;
        match self.state {
            State::Selected => Ok(Selected { client: self }),
            _ => Err(Error::caller(ErrorKind::InvalidState, "the state selected")),
        }
    }

    /// Any command, whatever the state: for pipelining ahead of a change of state, for proxies and for tests.
    ///
    /// What protects credentials holds here too. APPEND has a method of its own. A search is written as it is: it has to have the
    /// [`charset`](crate::imap::SearchProgram::charset) that its strings need.
    ///
    /// # Errors
    /// As [`capability`](Client::capability), and [`ErrorKind::PrivacyRequired`] for credentials on an unprotected connection.
    /// [`ErrorKind::InvalidValue`] for a [`Command::Other`] whose name this crate has a command for: that one is checked, and has its exchange.
    /// [`ErrorKind::StartTlsUnavailable`] as [`starttls`](NotAuthenticated::starttls).
    pub fn enqueue(&mut self, command: &Command) -> Result<CommandId, Error> {
        self.check_alive()?;
        match command {
            Command::Append(_) => {
                return Err(Error::caller(ErrorKind::InvalidState, "append() and its octets"));
            }
            Command::Other { name, .. } if Command::is_known(name) => {
                return Err(Error::caller(ErrorKind::InvalidValue, "a command that has no name here"));
            }
            Command::StartTls => {
                self.check_ready()?;
                self.check_starttls()?;
            }
            _ => {}
        }
        self.write(command)
    }

    /// A command that the state must allow.
    pub(super) fn command(&mut self, command: &Command) -> Result<CommandId, Error> {
        self.check_alive()?;
        if !self.state.allows(command.effect()) {
            return Err(Error::caller(ErrorKind::InvalidState, "a command that this state allows"));
        }
        let with_charset = command.with_charset(self.enabled);
        self.write(with_charset.as_ref().unwrap_or(command))
    }

    fn write(&mut self, command: &Command) -> Result<CommandId, Error> {
        self.check_ready()?;
        if command.has_credentials() {
            self.check_credentials(command)?;
        }
        if self.enabled.uid_only && command.has_sequence_numbers() {
            return Err(Error::caller(ErrorKind::UidRequired, "UIDs, since UIDONLY is enabled"));
        }
        command.check_charset(self.enabled)?;
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
            Command::Sort(sort) if !sort.uid => Kind::BySequence,
            Command::Thread(thread) if !thread.uid => Kind::BySequence,
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
        self.commands.push_back(Pending { id, effect, kind, end: self.written, gates, unasked: None });
        if self.commands.len() == 1 && self.selects_next() {
            self.known.forget_mailbox();
        }
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
        let can = |capability| self.known.capabilities.as_ref().is_some_and(|can| can.contains(&capability));
        let literals = if can(Capability::LiteralPlus) {
            Literals::Plus
        } else if can(Capability::LiteralMinus) || can(Capability::Imap4rev2) {
            Literals::Minus
        } else {
            Literals::Synchronizing
        };
        Encoding { literals, utf8: self.enabled.utf8 }
    }

    /// Behind a fatal error nothing can be done any more, whatever else is wrong with it.
    pub(super) fn check_alive(&self) -> Result<(), Error> {
        match self.failed {
            Some(_) => Err(Error::caller(ErrorKind::Closed, "a connection that is alive")),
            None => Ok(()),
        }
    }

    fn check_ready(&self) -> Result<(), Error> {
        self.check_alive()?;
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
        let disabled =
            self.known.capabilities.as_ref().is_some_and(|can| can.contains(&Capability::LoginDisabled));
        if disabled && matches!(command, Command::Login { .. }) {
            return Err(Error::caller(ErrorKind::PrivacyRequired, "a server without LOGINDISABLED"));
        }
        Ok(())
    }

    /// The transport is TLS now. Everything that was learned before is forgotten.
    ///
    /// # Errors
    /// [`ErrorKind::Closed`] behind a fatal error, [`ErrorKind::InvalidState`] for a token that is not of this upgrade: the client goes on
    /// waiting for its own.
    pub fn resume(&mut self, token: StartTls) -> Result<(), Error> {
        self.check_alive()?;
        if self.upgrading != Some(token.command) {
            return Err(Error::caller(ErrorKind::InvalidState, "the token of the upgrade that is due"));
        }
        self.upgrading = None;
        self.outbox.open(Gate::Upgrade);
        self.config.tls = Tls::Established;
        self.decoder = ResponseDecoder::new(self.config.quirks, self.config.limits);
        self.state = State::NotAuthenticated;
        self.known = Known::default();
        self.enabled = Enabled::default();
        Ok(())
    }

    #[cold]
    pub(super) fn fail(&mut self, error: Error) -> Error {
        self.failed = Some(error);
        self.outbox.clear();
        self.commands = VecDeque::new();
        self.appending = None;
        self.upgrading = None;
        self.state = State::Logout;
        error
    }

    /// What an event says of the server and of the mailbox, and whether it may be here.
    #[inline]
    fn note(&mut self, event: &ResponseEvent) -> Result<(), Error> {
        match self.state {
            State::Greeting => return Ok(()),
            State::Logout => self.check_last(event)?,
            _ => {}
        }
        match event {
            ResponseEvent::Fetch(fetch) => self.known.fetch(fetch),
            ResponseEvent::Response(Response::Data(data)) => self.data(data),
            ResponseEvent::Response(Response::Status(status)) => return self.status(status),
            _ => {}
        }
        Ok(())
    }

    /// Behind BYE come completions at most, unless LOGOUT is under way.
    fn check_last(&self, event: &ResponseEvent) -> Result<(), Error> {
        let expected = matches!(
            event,
            ResponseEvent::Response(Response::Tagged { .. } | Response::Status(_) | Response::Untagged(_))
                | ResponseEvent::Unparsed { .. }
        );
        if expected || self.commands.iter().any(|pending| pending.effect == Effect::Logout) {
            return Ok(());
        }
        Err(Error::fatal(ErrorKind::UnexpectedResponse, 0, "the end of the connection"))
    }

    fn unparsed(&self, octets: Bytes, error: Error) -> Result<Event, Error> {
        if self.decoder.began_message() && self.is_own_tag(&octets) {
            return Err(error.into_fatal());
        }
        Ok(Event::Unparsed { octets, error })
    }

    fn greeting(&mut self, event: ResponseEvent) -> Result<Event, Error> {
        let bad = |expected| Error::fatal(ErrorKind::BadGreeting, 0, expected);
        let status = match event {
            ResponseEvent::Response(Response::Status(status)) => status,
            ResponseEvent::Unparsed { octets, .. } if self.config.quirks.contains(Quirk::ForeignGreeting) => {
                self.decoder.forgive(Quirk::ForeignGreeting);
                Status { condition: Condition::Ok, code: None, text: octets.into() }
            }
            ResponseEvent::Response(Response::Untagged(line))
                if self.config.quirks.contains(Quirk::ForeignGreeting) =>
            {
                self.decoder.forgive(Quirk::ForeignGreeting);
                Status { condition: Condition::Ok, code: None, text: line }
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
        self.known.status(&status, &self.commands, self.reached());
        Ok(Event::Greeting(status))
    }

    #[inline]
    fn status(&mut self, status: &Status) -> Result<(), Error> {
        match status.condition {
            Condition::PreAuth => {
                return Err(Error::fatal(ErrorKind::BadGreeting, 0, "no second greeting"));
            }
            Condition::Bye => {
                self.state = State::Logout;
                // What was not sent is not sent any more, though it may count as sent.
                self.sent = self.reached();
                self.outbox.clear();
                self.appending = None;
            }
            _ => {
                if status.code == Some(ResponseCode::Closed) {
                    self.known.forget_mailbox();
                }
                self.known.status(status, &self.commands, self.reached());
            }
        }
        Ok(())
    }

    /// Whether STARTTLS may be tried. Once it was offered, a later list without it, which anybody may have put there, does not count.
    ///
    /// Where TLS is required and cannot be had, the connection is over.
    pub(super) fn check_starttls(&mut self) -> Result<(), Error> {
        self.check_alive()?;
        if self.known.capabilities.is_none() || self.known.starttls_offered {
            return Ok(());
        }
        let expected = "a server that offers STARTTLS";
        if self.config.tls == Tls::Required {
            return Err(self.fail(Error::fatal(ErrorKind::StartTlsUnavailable, 0, expected)));
        }
        Err(Error::caller(ErrorKind::StartTlsUnavailable, expected))
    }

    #[inline]
    fn data(&mut self, data: &Data) {
        if let Data::Enabled(enabled) = data {
            self.enabled.learn(enabled);
            self.decoder.set_utf8(self.enabled.utf8);
        }
        self.known.data(data, self.state, &self.commands, self.reached());
    }

    /// APPEND up to the octets of its first message.
    pub(super) fn begin_append(
        &mut self,
        effect: Effect,
        encode: impl FnOnce(&mut Encoder<'_>) -> Encoded,
    ) -> Result<CommandId, Error> {
        self.check_alive()?;
        if !self.state.allows(effect) {
            return Err(Error::caller(ErrorKind::InvalidState, "a command that this state allows"));
        }
        self.check_ready()?;
        let id = self.write_command(effect, Kind::Append, encode)?;
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
            if gates > 0 {
                pending.unasked = None;
            }
        }
        Ok(())
    }

    /// What was written last ends with the header of a literal for octets of a message.
    pub(super) fn announced(&mut self, id: CommandId) {
        let written = self.written;
        match self.commands.iter_mut().find(|pending| pending.id == id) {
            Some(pending) if pending.gates == 0 => {
                pending.unasked.get_or_insert(written);
            }
            _ => {}
        }
    }

    /// An APPEND under way that the server has not answered yet.
    pub(super) fn check_unanswered(&self, id: CommandId) -> Result<(), Error> {
        self.check_appending(id)?;
        match self.commands.iter().any(|pending| pending.id == id) {
            true => Ok(()),
            false => {
                Err(Error::caller(ErrorKind::InvalidState, "the rest of a message that is refused already"))
            }
        }
    }

    /// Octets of a message.
    pub(super) fn push_octets(&mut self, octets: Bytes) {
        self.written = self.written.saturating_add(length(octets.len()));
        self.outbox.push(octets);
    }

    pub(super) fn check_appending(&self, id: CommandId) -> Result<(), Error> {
        self.check_alive()?;
        match self.appending {
            Some(appending) if appending == id => Ok(()),
            _ => Err(Error::caller(ErrorKind::InvalidState, "an APPEND that is under way")),
        }
    }

    /// Whether the connection is between its greeting and its last words.
    fn is_usual(&self) -> bool {
        !matches!(self.state, State::Greeting | State::Logout)
    }

    /// The next event of a response that the grammar has to read.
    #[inline(never)]
    fn receive_response(&mut self, input: &mut BytesMut) -> Result<Option<Event>, Error> {
        loop {
            let event = match self.decoder.tell(input) {
                Ok(None) => return Ok(None),
                Ok(Some(event)) => self.hear(event, input),
                Err(error) => Err(error),
            };
            match event {
                Ok(None) => {}
                Ok(Some(event)) => return Ok(Some(event)),
                Err(error) => return Err(self.fail(error)),
            }
        }
    }

    /// What the caller is told of an event of the decoder, if anything.
    fn hear(&mut self, event: ResponseEvent, input: &BytesMut) -> Result<Option<Event>, Error> {
        self.note(&event)?;
        Ok(Some(match event {
            event if self.state == State::Greeting => self.greeting(event)?,
            ResponseEvent::Fetch(fetch) => Event::Fetch(fetch),
            ResponseEvent::Body(body) => Event::Body(body),
            ResponseEvent::Response(Response::Data(data)) => Event::Data(data),
            ResponseEvent::Response(Response::Status(status)) => match status.condition {
                Condition::Bye => Event::Bye(status),
                _ => Event::Status(status),
            },
            ResponseEvent::Response(Response::Tagged { tag, status }) => {
                self.complete(&tag, status, input)?
            }
            ResponseEvent::Response(Response::Continuation(continuation)) => {
                return self.continuation(continuation);
            }
            ResponseEvent::Unparsed { octets, error } => self.unparsed(octets, error)?,
            ResponseEvent::Response(Response::Untagged(line)) => {
                let error = Error::recoverable(ErrorKind::Syntax, 0, "a response");
                self.unparsed(line.into_bytes(), error)?
            }
        }))
    }

    /// Before the greeting and behind the last words, and what comes before anything is read: the end, news of the event before, an upgrade
    /// that is due.
    #[cold]
    fn receive_unusual(&mut self, input: &mut BytesMut) -> Result<Option<Event>, Error> {
        if let Some(error) = self.failed {
            return Err(self.fail(error));
        }
        if let Some(violation) = self.known.take_violation() {
            return Ok(Some(Event::Violation(violation)));
        }
        if self.upgrading.is_none() {
            return self.receive_response(input);
        }
        if input.is_empty() {
            return Ok(None);
        }
        Err(self.fail(Error::fatal(ErrorKind::StartTlsInjection, 0, "nothing before the handshake")))
    }
}

impl Listener for Client {
    type Event = Event;

    #[inline(always)]
    fn decoder(&mut self) -> &mut ResponseDecoder {
        &mut self.decoder
    }

    #[inline(always)]
    fn data(&mut self, data: Data) -> Told<Event> {
        self.data(&data);
        Ok(Some(Event::Data(data)))
    }

    // BYE, PREAUTH and codes that say something of the connection are not read at a glance.
    #[inline(always)]
    fn status(&mut self, status: Status) -> Told<Event> {
        Ok(Some(Event::Status(status)))
    }

    #[inline(always)]
    fn fetch(&mut self, fetch: Fetch) -> Told<Event> {
        self.known.fetch(&fetch);
        Ok(Some(Event::Fetch(fetch)))
    }

    #[inline(always)]
    fn body(&mut self, body: Body) -> Told<Event> {
        Ok(Some(Event::Body(body)))
    }

    fn read(&mut self, input: &mut BytesMut) -> Told<Event> {
        self.receive_response(input)
    }
}

impl Machine for Client {
    type Event = Event;

    fn receive(&mut self, input: &mut BytesMut) -> Result<Option<Event>, Error> {
        // Behind a fatal error the state is not a usual one.
        if !self.is_usual() || self.known.violation.is_some() || self.upgrading.is_some() {
            return self.receive_unusual(input);
        }
        listener::next(self, input)
    }

    fn receive_eof(&mut self, input: &mut BytesMut) -> Result<Option<Event>, Error> {
        let event = self.receive(input)?;
        if event.is_none() {
            if let Err(error) = self.decoder.check_end(input) {
                return Err(self.fail(error));
            }
            let owed = if self.upgrading.is_some() {
                Some("the handshake of TLS")
            } else if self.state != State::Logout {
                Some("BYE before the end of the connection")
            } else if self.commands.iter().any(|pending| pending.effect != Effect::Logout) {
                Some("the completion of the commands under way")
            } else {
                None
            };
            if let Some(owed) = owed {
                return Err(self.fail(Error::fatal(ErrorKind::UnexpectedEof, 0, owed)));
            }
            // Some servers close behind BYE: the completion of LOGOUT says nothing more.
            self.commands.clear();
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
