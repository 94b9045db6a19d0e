//! Commands in order, limits and gates: the machine itself.

use crate::imap::append::{Append, AppendOptions};
use crate::imap::capability::{Capabilities, Capability};
use crate::imap::code::ResponseCode;
use crate::imap::command::Command;
use crate::imap::command_decoder::CommandDecoder;
use crate::imap::command_event::{CommandEvent, Literal};
use crate::imap::condition::{Condition, Status};
use crate::imap::core::Tag;
use crate::imap::enabled::Enabled;
use crate::imap::encode::{Encoded, Encoder, Encoding};
use crate::imap::response::{Continuation, Data, Response};
use crate::imap::server::append::AppendForms;
use crate::imap::server::event::Exchange;
use crate::imap::server::{Config, Event, InProgress, LiteralOffer};
use crate::imap::state::{Effect, State};
use crate::wire::foreign::ends_as_http;
use crate::wire::identity::Identity;
use crate::wire::outbox::Outbox;
use crate::wire::{Error, ErrorKind, Hidden, Limits, Machine, Secret, Tls, base64};
use alloc::boxed::Box;
use alloc::sync::Arc;
use bytes::{Bytes, BytesMut};

/// The server's side of an IMAP connection.
///
/// - First: [`greet`](Server::greet).
/// - Completions: [`complete`](Server::complete), and those that change the state or carry what the RFC demands:
///   [`authenticate`](Server::authenticate), [`unauthenticate`](Server::unauthenticate), [`enable`](Server::enable),
///   [`select`](Server::select), [`starttls`](Server::starttls), [`logout`](Server::logout).
/// - Data: [`data`](Server::data), [`status`](Server::status), [`fetch`](Server::fetch), [`begin_fetch`](Server::begin_fetch).
/// - Messages in: [`accept`](Server::accept), [`refuse`](Server::refuse), [`discard`](Server::discard).
/// - Exchanges: [`challenge`](Server::challenge), [`idle`](Server::idle).
/// - For a driver: the methods of [`Machine`], and [`resume`](Server::resume) behind an upgrade.
///
/// Commands come one after another where one decides what the next may be (LOGIN, SELECT, …), and a few at a time elsewhere.
/// No command is given out while more output waits than [`Limits::unsent`].
///
/// ```
/// use bytes::BytesMut;
/// use mailwire::imap::server::{Config, Event, Server};
/// use mailwire::imap::{Capability, Command, Data, Status};
/// use mailwire::wire::Machine;
///
/// // TLS is required unless the configuration says otherwise: LOGIN comes as malformed before it.
/// let mut server = Server::new(Config::default());
/// server.greet(&Status::ok("ready"))?;
/// let mut input = BytesMut::from("1 LOGIN alice secret\r\n2 CAPABILITY\r\n");
/// let Some(Event::Malformed(running, error)) = server.receive(&mut input)? else { panic!() };
/// server.reject(running, &error)?;
/// let Some(Event::Command(running, Command::Capability)) = server.receive(&mut input)? else { panic!() };
/// let all = [Capability::Imap4rev1, Capability::StartTls, Capability::LoginDisabled];
/// server.data(&Data::Capability(all.into_iter().filter(|can| server.may_offer(can)).collect()))?;
/// server.complete(running, &Status::ok("done"))?;
/// assert_eq!(
///     server.poll_transmit().unwrap(),
///     "* OK ready\r\n1 NO [PRIVACYREQUIRED] TLS is required first\r\n\
///      * CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\r\n2 OK done\r\n"
/// );
/// # Ok::<(), mailwire::wire::Error>(())
/// ```
#[derive(Debug)]
pub struct Server {
    pub(super) identity: Identity,
    pub(super) decoder: CommandDecoder,
    pub(super) outbox: Outbox,
    pub(super) config: Arc<Config>,
    pub(super) tls: Tls,
    pub(super) state: State,
    pub(super) enabled: Enabled,
    /// What the client was told of APPEND, and where the APPEND began whose message was given last.
    pub(super) forms: AppendForms,
    appending: u64,
    /// Commands that are not completed.
    pub(super) running: usize,
    /// One of them decides about the state: nothing behind it is read before it is completed.
    pub(super) barrier: bool,
    /// A command that decides about the state waits for those before it.
    held: Option<Box<(Tag, Command)>>,
    /// The data of a SELECT have been told, and its completion has not.
    pub(super) selecting: bool,
    /// An offer is not answered.
    pub(super) offered: bool,
    pub(super) upgrading: bool,
    /// A FETCH has begun and is not at its end; what else is written waits behind it.
    pub(super) fetching: bool,
    pub(super) behind: Hidden<BytesMut>,
    /// The command whose exchange is under way: the next line belongs to it.
    exchange: Option<Box<InProgress>>,
    /// The completion of a command whose literal is being passed over, as it is written behind it.
    pub(super) discarded: Option<Box<Bytes>>,
    pub(super) bad: usize,
    pub(super) failed: Option<Error>,
}

const OTHER_STATE: Error = Error::recoverable(ErrorKind::InvalidState, 0, "another state");
const UIDS: Error = Error::recoverable(ErrorKind::UidRequired, 0, "UIDs");
const HTTP: Error = Error::fatal(ErrorKind::Syntax, 0, "IMAP, and not HTTP");

// A server may hold many connections that idle; what is rarely there is boxed.
const _: () = assert!(size_of::<Server>() <= 656);

impl Server {
    /// A server whose connection has just been made. The configuration can be shared among connections.
    pub fn new(config: impl Into<Arc<Config>>) -> Self {
        let config = config.into();
        Self {
            identity: Identity::another(),
            decoder: CommandDecoder::new(config.before_login),
            outbox: Outbox::default(),
            tls: config.tls,
            config,
            state: State::Greeting,
            enabled: Enabled::default(),
            forms: AppendForms::default(),
            appending: u64::MAX,
            running: 0,
            barrier: false,
            held: None,
            selecting: false,
            offered: false,
            upgrading: false,
            fetching: false,
            behind: Hidden::default(),
            exchange: None,
            discarded: None,
            bad: 0,
            failed: None,
        }
    }

    /// Where the connection stands.
    pub fn state(&self) -> State {
        self.state
    }

    /// What protects the connection.
    pub fn tls(&self) -> Tls {
        self.tls
    }

    /// How many octets wait to be sent.
    pub fn unsent(&self) -> usize {
        self.outbox.len().saturating_add(self.behind.len())
    }

    /// Whether a capability fits the state: STARTTLS only before TLS, LOGIN only where credentials may pass.
    pub fn may_offer(&self, capability: &Capability) -> bool {
        match capability {
            Capability::StartTls => self.tls.permits_upgrade() && !self.is_known(),
            Capability::LoginDisabled => !self.tls.permits_credentials(),
            Capability::Auth(_) => self.tls.permits_credentials() && !self.is_known(),
            _ => true,
        }
    }

    pub(super) fn is_known(&self) -> bool {
        matches!(self.state, State::Authenticated | State::Selected)
    }

    pub(super) fn limits(&self) -> &Limits {
        if self.is_known() { &self.config.limits } else { &self.config.before_login }
    }

    pub(super) fn encoding(&self) -> Encoding {
        Encoding { utf8: self.enabled.utf8, ..Encoding::server() }
    }

    /// Names and strings of this connection are UTF-8, or are not: for a server that lets no client ENABLE it (UTF8=ONLY, RFC 6855).
    /// [`enable`](Server::enable) does it by itself.
    pub fn set_utf8(&mut self, utf8: bool) {
        self.enabled.utf8 = utf8;
        self.decoder.set_utf8(utf8);
    }

    /// Writes something whole, or nothing.
    pub(super) fn write(&mut self, encode: impl FnOnce(&mut Encoder<'_>) -> Encoded) -> Result<(), Error> {
        self.write_with(|out, encoding| encode(&mut Encoder::new(out, encoding)))
    }

    /// Writes something whole, or nothing, with an encoder of its own.
    pub(super) fn write_with(
        &mut self,
        write: impl FnOnce(&mut BytesMut, Encoding) -> Encoded,
    ) -> Result<(), Error> {
        self.check_open()?;
        self.write_anywhere(write)
    }

    /// Nothing stands before the greeting and behind BYE.
    fn check_open(&self) -> Result<(), Error> {
        match self.state {
            State::Greeting => Err(Error::caller(ErrorKind::InvalidState, "the greeting first")),
            State::Logout => {
                Err(Error::caller(ErrorKind::Closed, "nothing behind the end of the connection"))
            }
            _ if self.upgrading => {
                Err(Error::caller(ErrorKind::Closed, "a connection that can be written to"))
            }
            _ => Ok(()),
        }
    }

    fn write_anywhere(
        &mut self,
        write: impl FnOnce(&mut BytesMut, Encoding) -> Encoded,
    ) -> Result<(), Error> {
        if self.failed.is_some() || self.upgrading {
            return Err(Error::caller(ErrorKind::Closed, "a connection that can be written to"));
        }
        let encoding = self.encoding();
        if !self.fetching {
            return self.outbox.write(|out| write(out, encoding)).map_err(Error::from);
        }
        // Inside a FETCH nothing else can stand.
        let mark = self.behind.len();
        let written = write(&mut self.behind, encoding);
        if written.is_err() {
            self.behind.truncate(mark);
        }
        written.map_err(Error::from)
    }

    /// Writes a piece of the FETCH under way; `last` tells whether it is the last one.
    pub(super) fn write_piece(
        &mut self,
        last: bool,
        write: impl FnOnce(&mut BytesMut, Encoding) -> Encoded,
    ) -> Result<(), Error> {
        let before = core::mem::take(&mut self.fetching);
        let written = self.write_with(write);
        self.fetching = if written.is_ok() { !last } else { before };
        if !self.fetching {
            let behind = self.behind.split();
            self.outbox.tail().extend_from_slice(&behind);
        }
        written
    }

    /// Payload, without a copy.
    pub(super) fn push(&mut self, octets: Bytes) -> Result<(), Error> {
        self.check_open()?;
        self.outbox.push(octets);
        Ok(())
    }

    /// The greeting: OK, PREAUTH for a client that is known already, or BYE.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidState`] for a second one or another status, [`ErrorKind::PrivacyRequired`] for PREAUTH in the clear where TLS is
    /// required, [`ErrorKind::InvalidValue`] for a text that cannot be written.
    pub fn greet(&mut self, greeting: &Status) -> Result<(), Error> {
        if self.state != State::Greeting {
            return Err(Error::caller(ErrorKind::InvalidState, "one greeting"));
        }
        let state = match greeting.condition {
            Condition::Ok => State::NotAuthenticated,
            Condition::PreAuth if !self.tls.permits_credentials() => {
                return Err(Error::caller(ErrorKind::PrivacyRequired, "TLS before PREAUTH"));
            }
            Condition::PreAuth => State::Authenticated,
            Condition::Bye => State::Logout,
            _ => return Err(Error::caller(ErrorKind::InvalidState, "OK, PREAUTH or BYE")),
        };
        self.write_status(greeting)?;
        self.enter(state);
        Ok(())
    }

    pub(super) fn enter(&mut self, state: State) {
        let known = self.is_known();
        self.state = state;
        if known != self.is_known() {
            self.bad = 0;
        }
        let limits = *self.limits();
        self.decoder.set_limits(limits);
    }

    /// A status that belongs to no command: OK, NO or BAD. For the others there are [`greet`](Server::greet) and [`bye`](Server::bye).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidState`] for another condition or before the greeting, [`ErrorKind::InvalidValue`] for a text that cannot be written,
    /// [`ErrorKind::Closed`] if the connection is over; nothing is written then.
    pub fn status(&mut self, status: &Status) -> Result<(), Error> {
        if matches!(status.condition, Condition::Bye | Condition::PreAuth) {
            return Err(Error::caller(ErrorKind::InvalidState, "OK, NO or BAD"));
        }
        self.check_open()?;
        self.write_status(status)
    }

    /// A status that belongs to no command, the first word and the last one too.
    pub(super) fn write_status(&mut self, status: &Status) -> Result<(), Error> {
        self.write_anywhere(|out, encoding| {
            encode_completion(&mut Encoder::new(out, encoding), None, status)
        })?;
        self.told_by(status);
        Ok(())
    }

    /// Data: of a command that runs, or news.
    ///
    /// [`Data::Enabled`] takes effect: from the next line on, what is written and read is what these capabilities say. [`Data::Capability`] takes
    /// effect, as the code [`ResponseCode::Capability`] does: see [`Event`] for what of APPEND it decides. To a client that has
    /// enabled IMAP4rev2, [`Data::Recent`] is not told (RFC 9051 appendix A).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidValue`] for a value that cannot be written, [`ErrorKind::InvalidState`] before the greeting and for data of the selected
    /// mailbox where none is ([`State::Selected`], or behind [`begin_select`](Server::begin_select)), [`ErrorKind::Closed`] if the connection is
    /// over; nothing is written then.
    pub fn data(&mut self, data: &Data) -> Result<(), Error> {
        if is_of_mailbox(data) {
            self.check_selected()?;
        }
        if self.enabled.rev2 && matches!(data, Data::Recent(_)) {
            return Ok(());
        }
        self.write(|encoder| {
            encoder.raw(b"* ");
            data.encode(encoder)?;
            encoder.raw(b"\r\n");
            Ok(())
        })?;
        match data {
            Data::Enabled(capabilities) => {
                self.enabled.learn(capabilities);
                self.decoder.set_utf8(self.enabled.utf8);
            }
            Data::Capability(capabilities) => self.told(capabilities),
            _ => {}
        }
        Ok(())
    }

    /// What is said of the selected mailbox needs one.
    pub(super) fn check_selected(&self) -> Result<(), Error> {
        self.check_open()?;
        match self.state == State::Selected || self.selecting {
            true => Ok(()),
            false => Err(Error::caller(ErrorKind::InvalidState, "a mailbox that is selected")),
        }
    }

    pub(super) fn go_ahead(&mut self) -> Result<(), Error> {
        self.write_octets(b"+ OK\r\n")
    }

    /// Lines that are encoded already.
    pub(super) fn write_octets(&mut self, octets: &[u8]) -> Result<(), Error> {
        self.write(|encoder| {
            encoder.raw(octets);
            Ok(())
        })
    }

    /// The next step of AUTHENTICATE: octets for the client's mechanism. Its answer is [`Event::Response`].
    ///
    /// # Errors
    /// [`ErrorKind::InvalidState`] for another command; it is then completed with BAD. [`ErrorKind::Closed`] if the connection is over.
    pub fn challenge(&mut self, in_progress: InProgress, challenge: &[u8]) -> Result<(), Error> {
        self.check_owner(in_progress.owner)?;
        if in_progress.exchange != Some(Exchange::Challenge) {
            return Err(self.misuse(&in_progress, "Not AUTHENTICATE", "AUTHENTICATE"));
        }
        self.write(|encoder| {
            encoder.raw(b"+ ");
            base64::encode(challenge, encoder.out);
            encoder.raw(b"\r\n");
            Ok(())
        })?;
        self.await_line(in_progress);
        Ok(())
    }

    /// IDLE begins: news may be told until [`Event::Done`] (RFC 2177).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidState`] for another command; it is then completed with BAD. [`ErrorKind::Closed`] if the connection is over.
    pub fn idle(&mut self, in_progress: InProgress) -> Result<(), Error> {
        self.check_owner(in_progress.owner)?;
        if in_progress.exchange != Some(Exchange::Idle) {
            return Err(self.misuse(&in_progress, "Not IDLE", "IDLE"));
        }
        let continuation = Response::Continuation(Continuation { text: "idling".into() });
        self.write(|encoder| continuation.encode(encoder))?;
        self.await_line(in_progress);
        Ok(())
    }

    /// A token of another connection changes nothing on this one.
    pub(super) fn check_owner(&self, owner: Identity) -> Result<(), Error> {
        if owner == self.identity {
            Ok(())
        } else {
            Err(Error::caller(ErrorKind::InvalidState, "a token of this connection"))
        }
    }

    fn await_line(&mut self, in_progress: InProgress) {
        self.decoder.expect_line();
        self.exchange = Some(Box::new(in_progress));
    }

    /// Nothing is read any more; a last word says why.
    pub(super) fn fail(&mut self, error: Error) -> Error {
        // Behind a BYE, and inside a FETCH, no last word can stand.
        if self.state != State::Logout && error.kind() != ErrorKind::StartTlsInjection {
            let text = match error.kind() {
                ErrorKind::TooManyErrors => "Too many bad commands",
                ErrorKind::LineTooLong => "Line too long",
                ErrorKind::LiteralTooLarge => "Literal too large",
                _ => "Protocol error",
            };
            // A connection that ends has nobody to tell a failure of its last word.
            let _ = self.write_status(&Status::bye(text));
            self.behind.clear();
        }
        let error = error.into_fatal();
        self.failed = Some(error);
        self.state = State::Logout;
        error
    }

    fn offer(&mut self, literal: Box<Literal>) -> Result<Event, Error> {
        let another = literal.options.is_some() && self.appending == self.decoder.offset();
        let missing = self.forms.missing_of_literal(&literal, another, self.enabled.utf8);
        if let Some(error) = self.objection_to_append(&literal.append, missing) {
            return self.abandon(literal.tag, error);
        }
        self.appending = self.decoder.offset();
        self.offered = true;
        Ok(Event::Literal(LiteralOffer { owner: self.identity, literal }))
    }

    /// An APPEND that may not be given now.
    fn abandon(&mut self, tag: Tag, error: Error) -> Result<Event, Error> {
        self.decoder.abandon()?;
        Ok(self.malformed(Some(tag), error))
    }

    fn malformed(&mut self, tag: Option<Tag>, error: Error) -> Event {
        self.running = self.running.saturating_add(1);
        let in_progress = InProgress { refused: true, ..self.in_progress(tag, Effect::Any, None) };
        Event::Malformed(in_progress, error)
    }

    /// Whether a command that was read goes to the application now.
    #[inline(never)]
    fn may_give(&self, command: &Command, input: &BytesMut) -> bool {
        let effect = command.effect();
        let waits = self.running > 0 && is_barrier(effect, exchange(command));
        let is_page = is_http(command) && !self.is_known();
        let is_injected = effect == Effect::StartTls && !input.is_empty();
        !waits && !is_page && !is_injected && self.objection(command, effect).is_none()
    }

    /// A command that has just come.
    fn in_progress(&self, tag: Option<Tag>, effect: Effect, exchange: Option<Exchange>) -> InProgress {
        let owner = self.identity;
        InProgress {
            owner,
            tag,
            effect,
            exchange,
            barrier: false,
            refused: false,
            rounds: 0,
            selecting: false,
            examines: false,
        }
    }

    /// A command that goes to the application.
    #[inline(always)]
    fn give(&mut self, tag: Tag, command: Command) -> Event {
        let (effect, exchange) = (command.effect(), exchange(&command));
        self.running = self.running.saturating_add(1);
        self.barrier = is_barrier(effect, exchange);
        let examines = matches!(command, Command::Select { read_only: true, .. });
        let in_progress =
            InProgress { barrier: self.barrier, examines, ..self.in_progress(Some(tag), effect, exchange) };
        Event::Command(in_progress, command)
    }

    /// A command that does not go to the application, or not yet: then it waits for those before it, and `None` is given.
    #[cold]
    fn withhold(&mut self, tag: Tag, command: Command) -> Result<Option<Event>, Error> {
        let effect = command.effect();
        if self.running > 0 && is_barrier(effect, exchange(&command)) {
            self.held = Some(Box::new((tag, command)));
            return Ok(None);
        }
        if let Some(error) = self.objection(&command, effect) {
            return Ok(Some(self.malformed(Some(tag), error)));
        }
        Err(match effect {
            Effect::StartTls => Error::fatal(ErrorKind::StartTlsInjection, 0, "nothing before the handshake"),
            _ => HTTP,
        })
    }

    /// Why a command may not be given now.
    #[inline]
    fn objection(&self, command: &Command, effect: Effect) -> Option<Error> {
        if !self.state.allows(effect) {
            return Some(OTHER_STATE);
        }
        if self.enabled.uid_only && command.has_sequence_numbers() {
            return Some(UIDS);
        }
        if command.has_credentials() && !self.tls.permits_credentials() {
            return Some(Error::recoverable(ErrorKind::PrivacyRequired, 0, "STARTTLS first"));
        }
        if effect == Effect::StartTls && !self.tls.permits_upgrade() {
            return Some(Error::recoverable(ErrorKind::InvalidState, 0, "a connection that can turn to TLS"));
        }
        None
    }

    /// Why no message of an APPEND may be given now, or not in this form.
    fn objection_to_append(&self, append: &Append, missing: Option<&'static str>) -> Option<Error> {
        if !self.state.allows(append.effect()) {
            Some(OTHER_STATE)
        } else if self.enabled.uid_only && append.has_sequence_numbers() {
            Some(UIDS)
        } else {
            missing.map(|missing| Error::recoverable(ErrorKind::Unsupported, 0, missing))
        }
    }

    /// A message put together from parts begins.
    fn catenate(&mut self, tag: Tag, append: Append, options: Box<AppendOptions>) -> Result<Event, Error> {
        let another = self.appending == self.decoder.offset();
        let missing = self.forms.missing_of_catenate(&append, another);
        if let Some(error) = self.objection_to_append(&append, missing) {
            return self.abandon(tag, error);
        }
        self.appending = self.decoder.offset();
        Ok(Event::Catenate(append, options))
    }

    /// What the client was told holds until it is told otherwise.
    fn told(&mut self, capabilities: &Capabilities) {
        self.forms = AppendForms::told(capabilities);
    }

    /// A status may tell capabilities.
    pub(super) fn told_by(&mut self, status: &Status) {
        if let Some(ResponseCode::Capability(capabilities)) = &status.code {
            self.told(capabilities);
        }
    }

    /// A line of the exchange under way.
    fn line(&mut self, line: &Secret<alloc::vec::Vec<u8>>) -> Result<Event, Error> {
        let Some(mut in_progress) = self.exchange.take().map(|exchange| *exchange) else {
            return Err(Error::fatal(ErrorKind::InvalidState, 0, "a command"));
        };
        let line = line.expose();
        let error = match in_progress.exchange {
            Some(Exchange::Challenge) if line == b"*" => return Ok(Event::Cancelled(in_progress)),
            Some(Exchange::Challenge) => {
                in_progress.rounds = in_progress.rounds.saturating_add(1);
                match base64::decode(line) {
                    Ok(_) if in_progress.rounds > self.limits().sasl_rounds => {
                        Error::recoverable(ErrorKind::TooManyRounds, 0, "fewer rounds")
                    }
                    Ok(response) => return Ok(Event::Response(in_progress, Secret::new(response))),
                    Err(_) => Error::recoverable(ErrorKind::Syntax, 0, "Base64"),
                }
            }
            _ if line.eq_ignore_ascii_case(b"DONE") => return Ok(Event::Done(in_progress)),
            _ => Error::recoverable(ErrorKind::Syntax, 0, "DONE"),
        };
        in_progress.refused = true;
        in_progress.exchange = None;
        Ok(Event::Malformed(in_progress, error))
    }

    fn is_paused(&self) -> bool {
        self.failed.is_some()
            || self.state == State::Greeting
            || self.state == State::Logout
            || self.offered
            || (self.held.is_some() && self.running > 0)
            || (self.barrier && self.exchange.is_none())
            || self.running >= self.limits().pipelined
            || self.unsent() > self.limits().unsent
    }

    /// Whether the client may leave here: DONE of IDLE (RFC 2177) and the response to a challenge are owed.
    fn check_end(&mut self, input: &BytesMut) -> Result<(), Error> {
        self.decoder.check_end(input)?;
        match self.exchange.as_ref().and_then(|in_progress| in_progress.exchange) {
            Some(Exchange::Idle) => Err(Error::fatal(ErrorKind::UnexpectedEof, 0, "DONE")),
            Some(Exchange::Challenge) => Err(Error::fatal(ErrorKind::UnexpectedEof, 0, "a response")),
            None => Ok(()),
        }
    }

    fn next_event(&mut self, input: &mut BytesMut, eof: bool) -> Result<Option<Event>, Error> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        if self.upgrading {
            if input.is_empty() && eof {
                return Err(Error::fatal(ErrorKind::UnexpectedEof, 0, "the handshake"));
            }
            if input.is_empty() {
                return Ok(None);
            }
            return Err(Error::fatal(ErrorKind::StartTlsInjection, 0, "nothing before the handshake"));
        }
        while !self.is_paused() {
            if let Some((tag, command)) = self.held.take().map(|held| *held) {
                return match self.may_give(&command, input) {
                    true => Ok(Some(self.give(tag, command))),
                    false => self.withhold(tag, command),
                };
            }
            return Ok(Some(match self.decoder.step(input) {
                // In a guard it is looked at where it lies, and is then moved once: it is large.
                Ok(Some(CommandEvent::Command { tag, command })) if self.may_give(&command, input) => {
                    return Ok(Some(self.give(tag, command)));
                }
                Ok(Some(CommandEvent::Command { tag, command })) => return self.withhold(tag, command),
                Ok(None) if eof => return self.check_end(input).map(|()| None),
                Ok(None) => return Ok(None),
                Err(error) => return Err(error),
                Ok(Some(CommandEvent::Wanted)) => {
                    self.go_ahead()?;
                    continue;
                }
                Ok(Some(CommandEvent::Literal(literal))) => self.offer(literal)?,
                Ok(Some(CommandEvent::Chunk(octets))) => Event::LiteralChunk(octets),
                Ok(Some(CommandEvent::LiteralEnd)) => Event::LiteralEnd,
                Ok(Some(CommandEvent::Catenate { tag, append, options })) => {
                    self.catenate(tag, append, options)?
                }
                Ok(Some(CommandEvent::CatenateUrl(url))) => Event::CatenateUrl(url),
                Ok(Some(CommandEvent::CatenateEnd)) => Event::CatenateEnd,
                Ok(Some(CommandEvent::Discarded)) => {
                    if let Some(completion) = self.discarded.take() {
                        self.write_octets(&completion)?;
                    }
                    continue;
                }
                Ok(Some(CommandEvent::Line(line))) => self.line(&line)?,
                Ok(Some(CommandEvent::Malformed { .. })) if self.decoder.take_http() && !self.is_known() => {
                    return Err(HTTP);
                }
                Ok(Some(CommandEvent::Malformed { tag, error })) => self.malformed(tag, error),
            }));
        }
        Ok(None)
    }
}

/// Whether this is said of the selected mailbox.
fn is_of_mailbox(data: &Data) -> bool {
    matches!(
        data,
        Data::Flags(_)
            | Data::Exists(_)
            | Data::Recent(_)
            | Data::Expunge(_)
            | Data::Vanished(_)
            | Data::Search(_)
            | Data::Sort(_)
            | Data::Thread(_)
            | Data::Converted(_)
    )
}

/// A completion; without a tag for a line that had none.
pub(super) fn encode_completion(encoder: &mut Encoder<'_>, tag: Option<&Tag>, status: &Status) -> Encoded {
    encoder.raw(tag.map_or(b"*", Tag::as_bytes));
    encoder.sp();
    status.encode(encoder)?;
    encoder.raw(b"\r\n");
    Ok(())
}

/// Whether a request of HTTP reads as this command.
fn is_http(command: &Command) -> bool {
    match command {
        Command::Other { arguments: Some(arguments), .. } => ends_as_http(arguments.as_bytes()),
        _ => false,
    }
}

/// The exchange that a command may have.
fn exchange(command: &Command) -> Option<Exchange> {
    match command {
        Command::Idle => Some(Exchange::Idle),
        Command::Authenticate { .. } => Some(Exchange::Challenge),
        _ => None,
    }
}

/// Whether what comes next depends on how this command ends.
fn is_barrier(effect: Effect, exchange: Option<Exchange>) -> bool {
    exchange.is_some()
        || matches!(
            effect,
            Effect::StartTls
                | Effect::Authenticate
                | Effect::Unauthenticate
                | Effect::Compress
                | Effect::Enable
                | Effect::Select
                | Effect::Close
                | Effect::Logout
        )
}

impl Machine for Server {
    type Event = Event;

    fn receive(&mut self, input: &mut BytesMut) -> Result<Option<Event>, Error> {
        let event = self.next_event(input, false);
        if let Err(error) = event {
            return Err(self.fail(error));
        }
        event
    }

    fn receive_eof(&mut self, input: &mut BytesMut) -> Result<Option<Event>, Error> {
        let event = self.next_event(input, true).map_err(|error| self.fail(error))?;
        // Who has closed one direction can still hear the answers to what runs.
        if event.is_none() && !self.is_paused() && self.running == 0 {
            self.state = State::Logout;
        }
        Ok(event)
    }

    fn poll_transmit(&mut self) -> Option<Bytes> {
        self.outbox.poll()
    }

    fn wants_read(&self) -> bool {
        !self.is_paused() && !self.upgrading
    }

    fn is_closed(&self) -> bool {
        self.failed.is_some() || self.state == State::Logout
    }
}
