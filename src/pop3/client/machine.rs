//! The machine: what was sent, what is owed, what the answers mean.

use crate::pop3::apop::Timestamp;
use crate::pop3::argument::Raw;
use crate::pop3::capability::{Capabilities, Capability};
use crate::pop3::client::event::{AuthContinue, CommandId, Event};
use crate::pop3::command::{Command, Shape};
use crate::pop3::config::{ClientConfig, StartTls};
use crate::pop3::quirk::Quirks;
use crate::pop3::reader::{Answer, Expected, Reader};
use crate::pop3::reply::Reply;
use crate::pop3::response::Response;
use crate::pop3::state::{Keyword, State};
use crate::wire::{ClientMachine, Error, ErrorKind, Hidden, Machine, Secret, Tls, base64};
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use bytes::{BufMut, Bytes, BytesMut};
use core::ops::ControlFlow;

/// A command that is not complete.
#[derive(Debug)]
struct Pending {
    id: CommandId,
    keyword: Keyword,
    answer: Answer,
    /// What it takes on the wire.
    octets: usize,
    /// An initial response that the command line cannot hold.
    response: Option<Secret<Vec<u8>>>,
    /// The exchange was given up: it can only fail.
    cancelled: bool,
}

impl Pending {
    /// Whether nothing may be sent behind it before it is complete.
    fn is_barrier(&self) -> bool {
        matches!(self.answer.shape, Shape::StartTls | Shape::Authentication | Shape::Quit)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Waiting {
    /// For `resume`.
    Tls,
    /// For `respond` or `cancel`.
    Response(CommandId),
}

/// The client's side of one connection.
///
/// ```
/// use bytes::BytesMut;
/// use mailwire::pop3::{Client, ClientConfig, client::Event};
/// use mailwire::wire::Machine;
///
/// let mut pop = Client::new(ClientConfig::protected());
/// let mut input = BytesMut::from("+OK ready\r\n");
/// assert!(matches!(pop.receive(&mut input)?, Some(Event::Greeting(_))));
/// let user = pop.authorization()?.user("alice")?;
/// assert_eq!(pop.poll_transmit().unwrap(), "USER alice\r\n");
/// input.extend_from_slice(b"+OK\r\n");
/// assert!(matches!(pop.receive(&mut input)?, Some(Event::Completed { command, .. }) if command == user));
/// assert!(pop.transaction().is_err());
/// # Ok::<(), mailwire::wire::Error>(())
/// ```
#[derive(Debug)]
pub struct Client {
    config: ClientConfig,
    state: State,
    reader: Reader,
    pending: VecDeque<Pending>,
    /// How many of them are on their way.
    sent: usize,
    /// The commands that are not, one behind the other.
    unsent: Hidden<BytesMut>,
    /// A line of a SASL exchange.
    response: Hidden<BytesMut>,
    next: u64,
    capabilities: Option<Capabilities>,
    /// The server knows no CAPA.
    no_capabilities: bool,
    /// UTF8 was issued.
    utf8: bool,
    timestamp: Option<Timestamp>,
    protected: bool,
    waiting: Option<Waiting>,
    sasl_rounds: usize,
    failed: Option<Error>,
}

impl Client {
    /// A connection was made; the greeting is awaited.
    pub fn new(config: ClientConfig) -> Self {
        Self {
            reader: Reader::new(&config.limits, config.quirks),
            protected: config.tls == Tls::Established,
            config,
            state: State::Greeting,
            pending: VecDeque::new(),
            sent: 0,
            unsent: Hidden::default(),
            response: Hidden::default(),
            next: 0,
            capabilities: None,
            no_capabilities: false,
            utf8: false,
            timestamp: None,
            waiting: None,
            sasl_rounds: 0,
            failed: None,
        }
    }

    /// Where the session is, by the answers so far.
    pub fn state(&self) -> State {
        self.state
    }

    /// What the server announced in this security layer. Some servers announce more after the login: ask again then.
    pub fn capabilities(&self) -> Option<&Capabilities> {
        self.capabilities.as_ref()
    }

    /// Whether commands leave ahead of answers.
    pub fn is_pipelining(&self) -> bool {
        self.capabilities.as_ref().is_some_and(|all| all.contains(&Capability::Pipelining))
    }

    /// The timestamp of the greeting. Forgotten when TLS is established: the greeting was anybody's.
    pub fn timestamp(&self) -> Option<&Timestamp> {
        self.timestamp.as_ref()
    }

    /// Whether the connection is protected by TLS.
    pub fn is_protected(&self) -> bool {
        self.protected
    }

    /// What was forgiven for the last event.
    pub fn forgiven(&self) -> Quirks {
        self.reader.forgiven()
    }

    /// The oldest command that is not complete.
    pub fn answering(&self) -> Option<CommandId> {
        self.pending.front().map(|pending| pending.id)
    }

    /// How many commands are not complete.
    pub fn pending(&self) -> usize {
        self.pending.len()
    }

    pub(super) fn check_state(&self, state: State, expected: &'static str) -> Result<(), Error> {
        match self.failed {
            Some(_) => Err(Error::caller(ErrorKind::Closed, "an open connection")),
            None if self.state == state => Ok(()),
            None => Err(Error::caller(ErrorKind::InvalidState, expected)),
        }
    }

    /// Queues a command whatever the state: for commands ahead of a login's answer, for proxies, for tests.
    /// What it may not send where TLS is required is refused here, too.
    ///
    /// # Errors
    /// Nothing is queued. [`ErrorKind::PrivacyRequired`]: it is a credential and the connection is not protected.
    /// [`ErrorKind::Busy`]: too many commands are pending, or one that must be answered first.
    /// [`ErrorKind::InvalidValue`]: its line is too long, or an initial response is longer than
    /// [`Limits::sasl_line`](crate::wire::Limits::sasl_line) in Base64. [`ErrorKind::Unsupported`]: the server has not offered it, or the configuration forbids it.
    /// [`ErrorKind::InvalidState`]: it is STLS, and TLS is established or UTF8 was sent before (RFC 6856 section 2.1); or it stands behind QUIT.
    pub fn enqueue(&mut self, command: Command) -> Result<CommandId, Error> {
        let shape = command.shape();
        self.enqueue_as(command, shape)
    }

    /// Queues a command this crate has no name for, whose success is a multi-line answer.
    ///
    /// # Errors
    /// As [`Client::enqueue`].
    pub fn enqueue_lines(&mut self, command: Raw) -> Result<CommandId, Error> {
        self.enqueue_as(Command::Other(command), Shape::Lines)
    }

    fn enqueue_as(&mut self, mut command: Command, shape: Shape) -> Result<CommandId, Error> {
        self.check(&command)?;
        let start = self.unsent.len();
        let mut response = None;
        if let Command::Auth { initial_response, .. } = &mut command
            && self.has_no_sasl()
        {
            response = initial_response.take();
        }
        let mut encoded = command.encode(&mut self.unsent);
        if encoded.is_err()
            && let Command::Auth { initial_response, .. } = &mut command
        {
            response = initial_response.take();
            encoded = command.encode(&mut self.unsent);
        }
        encoded?;
        self.utf8 |= command == Command::Utf8;
        self.next = self.next.wrapping_add(1);
        let id = CommandId(self.next);
        self.pending.push_back(Pending {
            id,
            keyword: command.keyword(),
            answer: Answer::new(&command, shape),
            octets: self.unsent.len().saturating_sub(start),
            response,
            cancelled: false,
        });
        Ok(id)
    }

    /// Whether it is known that the server does not announce SASL: then an initial response must not stand behind AUTH (RFC 5034 section 3).
    fn has_no_sasl(&self) -> bool {
        let is_sasl = |capability: &Capability| match capability {
            Capability::Sasl(_) => true,
            Capability::Other(line) => {
                let tag = line.as_text().as_bytes().split(|octet| *octet == b' ').next();
                tag.is_some_and(|tag| tag.eq_ignore_ascii_case(b"SASL"))
            }
            _ => false,
        };
        match &self.capabilities {
            Some(capabilities) => !capabilities.iter().any(is_sasl),
            None => self.no_capabilities,
        }
    }

    fn has_utf8_user(&self) -> bool {
        self.capabilities.as_ref().is_some_and(Capabilities::has_utf8_user)
    }

    fn check(&self, command: &Command) -> Result<(), Error> {
        let refuse = |kind, expected| Err(Error::caller(kind, expected));
        if self.is_closed() {
            return refuse(ErrorKind::Closed, "an open connection");
        }
        match self.pending.back().map(|last| last.answer.shape) {
            Some(Shape::Quit) => return refuse(ErrorKind::InvalidState, "nothing behind QUIT"),
            Some(Shape::StartTls) => {
                return refuse(ErrorKind::Busy, "nothing behind STLS before TLS is established");
            }
            _ if self.waiting == Some(Waiting::Tls) => {
                return refuse(ErrorKind::Busy, "nothing behind STLS before TLS is established");
            }
            _ => {}
        }
        if self.pending.len() >= self.config.limits.pending_commands {
            return refuse(ErrorKind::Busy, "fewer pending commands");
        }
        if command.is_credential() && self.config.tls == Tls::Required && !self.protected {
            return refuse(ErrorKind::PrivacyRequired, "STLS first");
        }
        match command {
            Command::Stls if self.protected => refuse(ErrorKind::InvalidState, "STLS only once"),
            Command::Stls if self.utf8 => refuse(ErrorKind::InvalidState, "STLS before UTF8"),
            Command::Stls if self.config.tls == Tls::Unavailable => {
                refuse(ErrorKind::Unsupported, "a configuration that has TLS")
            }
            Command::Stls
                if self.capabilities.as_ref().is_some_and(|all| !all.contains(&Capability::Stls)) =>
            {
                refuse(ErrorKind::Unsupported, "a server that offers STLS")
            }
            Command::Apop { .. } if !self.config.apop => {
                refuse(ErrorKind::Unsupported, "a configuration that allows APOP")
            }
            Command::Apop { .. } if self.timestamp.is_none() => {
                refuse(ErrorKind::Unsupported, "a timestamp in the greeting")
            }
            Command::Auth { initial_response: Some(response), .. } if self.is_too_long(response) => {
                refuse(ErrorKind::InvalidValue, "a shorter response")
            }
            Command::User(name) if !name.is_ascii() && !self.has_utf8_user() => {
                refuse(ErrorKind::Unsupported, "a server that offers UTF8 USER")
            }
            Command::Pass(password) if !password.is_ascii() && !self.has_utf8_user() => {
                refuse(ErrorKind::Unsupported, "a server that offers UTF8 USER")
            }
            _ => Ok(()),
        }
    }

    /// Answers a challenge.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidValue`]: the response is longer than [`Limits::sasl_line`](crate::wire::Limits::sasl_line) in Base64; the exchange is cancelled.
    /// [`ErrorKind::InvalidState`]: the token is of another exchange.
    pub fn respond(&mut self, challenge: AuthContinue, response: &Secret<Vec<u8>>) -> Result<(), Error> {
        self.take_challenge(&challenge)?;
        self.write_response(response)
    }

    /// Gives the exchange up: the server answers `-ERR`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidState`]: the token is of another exchange.
    pub fn cancel(&mut self, challenge: AuthContinue) -> Result<(), Error> {
        self.take_challenge(&challenge)?;
        self.give_up();
        Ok(())
    }

    /// Gives up the exchange that is under way.
    fn give_up(&mut self) {
        self.response.put_slice(b"*\r\n");
        if let Some(pending) = self.pending.front_mut() {
            pending.answer.silent = false;
            pending.cancelled = true;
        }
    }

    fn take_challenge(&mut self, challenge: &AuthContinue) -> Result<(), Error> {
        if self.failed.is_some() || self.waiting != Some(Waiting::Response(challenge.command)) {
            return Err(Error::caller(ErrorKind::InvalidState, "the exchange that is under way"));
        }
        self.waiting = None;
        Ok(())
    }

    /// Whether a response is longer in Base64 than a line of an exchange may be.
    fn is_too_long(&self, response: &Secret<Vec<u8>>) -> bool {
        response.expose().len().div_ceil(3).saturating_mul(4) > self.config.limits.sasl_line
    }

    fn write_response(&mut self, response: &Secret<Vec<u8>>) -> Result<(), Error> {
        let octets = response.expose();
        if self.is_too_long(response) {
            self.give_up();
            return Err(Error::caller(ErrorKind::InvalidValue, "a shorter response"));
        }
        base64::encode(octets, &mut self.response);
        self.response.put_slice(b"\r\n");
        Ok(())
    }

    /// TLS is established. Everything learned before is forgotten: nobody knows who said it.
    ///
    /// # Errors
    /// [`ErrorKind::Closed`]: the connection is over. [`ErrorKind::InvalidState`]: no upgrade is due.
    pub fn resume(&mut self, _: StartTls) -> Result<(), Error> {
        if self.failed.is_some() {
            return Err(Error::caller(ErrorKind::Closed, "an open connection"));
        }
        if self.waiting != Some(Waiting::Tls) {
            return Err(Error::caller(ErrorKind::InvalidState, "an upgrade that is due"));
        }
        self.waiting = None;
        self.protected = true;
        self.reader = Reader::new(&self.config.limits, self.config.quirks);
        Ok(())
    }

    #[cold]
    fn fail(&mut self, error: Error) -> Error {
        let error = error.into_fatal();
        self.failed = Some(error);
        self.reader.stop();
        error
    }

    /// Cold where listings are read: their way is the straight one.
    #[cold]
    #[inline(never)]
    fn receive_unusual(&mut self, input: &mut BytesMut) -> Option<Result<Event, Error>> {
        self.receive_any(input).transpose()
    }

    #[inline(never)]
    fn receive_any(&mut self, input: &mut BytesMut) -> Result<Option<Event>, Error> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        match self.waiting {
            Some(Waiting::Tls) if !input.is_empty() => {
                let error =
                    Error::fatal(ErrorKind::StartTlsInjection, 0, "nothing behind the answer to STLS");
                return Err(self.fail(error));
            }
            Some(_) => return Ok(None),
            None if self.state == State::Closed => return Ok(None),
            None => {}
        }
        loop {
            let expected = match self.pending.front() {
                _ if self.state == State::Greeting => Expected::Greeting,
                Some(pending) if self.sent > 0 => Expected::Answer(pending.answer),
                _ => Expected::Nothing,
            };
            let response = match self.reader.read(expected, input) {
                Ok(Some(response)) => response,
                Ok(None) => return Ok(None),
                Err(error) => return Err(self.fail(error)),
            };
            if let Some(event) = self.event(response, input)? {
                return Ok(Some(event));
            }
        }
    }

    fn event(&mut self, response: Response, input: &BytesMut) -> Result<Option<Event>, Error> {
        Ok(Some(match response {
            Response::Body(body) => Event::Body(body),
            Response::UniqueIdListing(listing) => Event::UniqueIdListing(listing),
            Response::ScanListing(listing) => Event::ScanListing(listing),
            Response::DropListing(listing) => Event::DropListing(listing),
            Response::LanguageListing(listing) => Event::LanguageListing(listing),
            Response::Line(line) => Event::Line(line),
            Response::Unparsed { octets, error } => {
                if core::mem::take(&mut self.reader.bad_challenge) {
                    self.give_up();
                }
                Event::Unparsed { octets, error }
            }
            Response::Greeting(greeting) => {
                if greeting.reply.is_ok() {
                    self.state = State::Authorization;
                    self.timestamp = greeting.timestamp.clone();
                } else {
                    self.fail(Error::fatal(ErrorKind::BadGreeting, 0, "+OK"));
                }
                Event::Greeting(greeting)
            }
            Response::Challenge(challenge) => return self.challenge(challenge),
            Response::Capabilities(capabilities) => {
                let stls = capabilities.contains(&Capability::Stls);
                if self.config.tls == Tls::Required && !self.protected && !stls {
                    self.fail(Error::fatal(ErrorKind::StartTlsUnavailable, 0, "STLS among the capabilities"));
                }
                self.capabilities = Some(capabilities.clone());
                Event::Capabilities(capabilities)
            }
            Response::Completed(reply) => return self.completed(reply, input).map(Some),
        }))
    }

    fn challenge(&mut self, challenge: Vec<u8>) -> Result<Option<Event>, Error> {
        self.sasl_rounds = self.sasl_rounds.saturating_add(1);
        if self.sasl_rounds > self.config.limits.sasl_rounds {
            return Err(self.fail(Error::fatal(ErrorKind::TooManyRounds, 0, "fewer challenges")));
        }
        let Some(pending) = self.pending.front_mut() else { return Ok(None) };
        let command = pending.id;
        pending.answer.silent = false;
        if let Some(response) = pending.response.take().filter(|_| challenge.is_empty()) {
            self.write_response(&response).map_err(|error| self.fail(error))?;
            return Ok(None);
        }
        self.waiting = Some(Waiting::Response(command));
        Ok(Some(Event::AuthContinue(AuthContinue { challenge, command })))
    }

    fn completed(&mut self, reply: Reply, input: &BytesMut) -> Result<Event, Error> {
        let Some(pending) = self.pending.pop_front() else {
            return Err(self.fail(Error::fatal(ErrorKind::UnexpectedResponse, 0, "no answer")));
        };
        self.sent = self.sent.saturating_sub(1);
        if pending.cancelled && reply.is_ok() {
            let error =
                Error::fatal(ErrorKind::UnexpectedResponse, 0, "-ERR to an exchange that was given up");
            return Err(self.fail(error));
        }
        match pending.answer.shape {
            Shape::StartTls if reply.is_ok() => {
                self.capabilities = None;
                self.no_capabilities = false;
                self.timestamp = None;
                if !input.is_empty() {
                    let error =
                        Error::fatal(ErrorKind::StartTlsInjection, 0, "nothing behind the answer to STLS");
                    return Err(self.fail(error));
                }
                self.waiting = Some(Waiting::Tls);
                return Ok(Event::StartTls(StartTls::new()));
            }
            Shape::StartTls if self.config.tls == Tls::Required => {
                self.fail(Error::fatal(ErrorKind::StartTlsUnavailable, 0, "+OK"));
            }
            Shape::Quit => self.state = State::Closed,
            Shape::Authentication => self.sasl_rounds = 0,
            _ => {}
        }
        self.no_capabilities |= pending.keyword == Keyword::Capa && !reply.is_ok();
        if reply.is_ok() {
            self.reader.utf8 |= pending.answer.utf8;
            if let Some(next) = self.state.next(pending.keyword) {
                self.state = next;
            }
        }
        Ok(Event::Completed { command: pending.id, reply })
    }
}

impl Machine for Client {
    type Event = Event;

    // Inlined, so that an entry of a listing is made where its caller takes it apart.
    #[inline(always)]
    fn receive(&mut self, input: &mut BytesMut) -> Result<Option<Event>, Error> {
        if let Some(listing) = self.reader.usual_unique_id(input) {
            return Ok(Some(Event::UniqueIdListing(listing)));
        }
        if let Some(listing) = self.reader.usual_scan_listing(input) {
            return Ok(Some(Event::ScanListing(listing)));
        }
        self.receive_unusual(input).transpose()
    }

    /// The end is an error where something is owed: the greeting, TLS, or an answer. Nothing is taken as done because of it;
    /// without the answer to QUIT, no message is deleted.
    fn receive_eof(&mut self, input: &mut BytesMut) -> Result<Option<Event>, Error> {
        let event = self.receive(input)?;
        if event.is_some() || self.state == State::Closed {
            return Ok(event);
        }
        if self.state == State::Greeting || !self.pending.is_empty() || self.waiting.is_some() {
            return Err(self.fail(Error::fatal(ErrorKind::UnexpectedEof, 0, "what is owed")));
        }
        self.state = State::Closed;
        Ok(None)
    }

    fn poll_transmit(&mut self) -> Option<Bytes> {
        if self.failed.is_some() || self.state == State::Greeting {
            return None;
        }
        if !self.response.is_empty() {
            return Some(self.response.split().freeze());
        }
        let pipelining = self.is_pipelining();
        let mut octets = 0usize;
        while let Some(pending) = self.pending.get(self.sent) {
            let before = self.sent.checked_sub(1).and_then(|before| self.pending.get(before));
            if before.is_some_and(|before| !pipelining || before.is_barrier()) {
                break;
            }
            octets = octets.saturating_add(pending.octets);
            self.sent = self.sent.saturating_add(1);
        }
        let unsent = &mut self.unsent.0;
        (octets > 0).then(|| unsent.split_to(octets.min(unsent.len())).freeze())
    }

    fn wants_read(&self) -> bool {
        !self.is_closed() && self.waiting.is_none()
    }

    fn is_closed(&self) -> bool {
        self.failed.is_some() || self.state == State::Closed
    }
}

impl ClientMachine for Client {
    type Command = CommandId;
    type Completion = Reply;

    fn completion(event: Event, command: CommandId) -> ControlFlow<Reply, Event> {
        match event {
            Event::Completed { command: completed, reply } if completed == command => {
                ControlFlow::Break(reply)
            }
            event => ControlFlow::Continue(event),
        }
    }
}
