//! The client's state machine.
//!
//! Commands are queued and answered in order; the queue knows the shape of each answer. A command leaves in one piece, ahead of the answers
//! before it only where the server announced PIPELINING, and nothing leaves behind STLS and AUTH before they are answered.

use super::apop::{Digest, Timestamp};
use super::argument::{Language, Mechanism, Parameter, Password, UserName};
use super::capability::{Capabilities, Capability};
use super::command::{Command, Shape};
use super::config::{ClientConfig, StartTls};

use super::listing::{DropListing, LanguageListing, ScanListing, UniqueIdListing};
use super::quirk::Quirks;
use super::reader::{Expected, Reader};
use super::reply::Reply;
use super::response::{Body, Greeting, Response};
use super::state::{Keyword, State};
use crate::wire::{Error, ErrorKind, Hidden, Machine, Secret, Text, Tls, base64};
use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use bytes::{BufMut, Bytes, BytesMut};
use core::fmt;
use core::num::NonZeroU32;

/// Names one command of one client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommandId(u64);

impl fmt::Display for CommandId {
    /// The number of the command, counted from 1.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A challenge of a SASL exchange: [`Client::respond`] or [`Client::cancel`] is owed.
#[derive(PartialEq, Eq)]
#[must_use = "the server waits for a response"]
pub struct AuthContinue {
    challenge: Vec<u8>,
    command: CommandId,
}

impl AuthContinue {
    /// The challenge, decoded.
    pub fn challenge(&self) -> &[u8] {
        &self.challenge
    }

    /// The AUTH it belongs to.
    pub fn command(&self) -> CommandId {
        self.command
    }
}

impl fmt::Debug for AuthContinue {
    /// Without the challenge, which some mechanisms keep secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthContinue").field("command", &self.command).finish_non_exhaustive()
    }
}

/// What the server said. Data belongs to the oldest command that has no completion yet: [`Client::answering`].
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// The greeting. Behind a `-ERR` the connection is over.
    Greeting(Box<Greeting>),
    /// A challenge.
    AuthContinue(AuthContinue),
    /// The answer to STAT.
    DropListing(DropListing),
    /// One line of the answer to LIST.
    ScanListing(ScanListing),
    /// One line of the answer to UIDL.
    UniqueIdListing(UniqueIdListing),
    /// The answer to CAPA; the client keeps it, too: [`Client::capabilities`].
    Capabilities(Capabilities),
    /// One line of the answer to LANG.
    LanguageListing(LanguageListing),
    /// One line of the answer to a command this crate has no name for.
    Line(Text),
    /// The message that RETR or TOP asked for.
    Body(Body),
    /// STLS was accepted, and is complete: start TLS now, then [`Client::resume`].
    StartTls(StartTls),
    /// The command is complete: nothing more belongs to it.
    Completed {
        /// The command.
        command: CommandId,
        /// Its status line.
        reply: Reply,
    },
    /// Octets that could not be read, where it is known where they end. The command they belong to goes on.
    Unparsed {
        /// The octets, with their CRLF.
        octets: Bytes,
        /// What is wrong with them.
        error: Error,
    },
}

/// A command that is not complete.
#[derive(Debug)]
struct Pending {
    id: CommandId,
    keyword: Keyword,
    shape: Shape,
    /// What it takes on the wire.
    octets: usize,
    /// Success makes text UTF-8.
    utf8: bool,
    /// An initial response that a command line cannot hold.
    response: Option<Secret<Vec<u8>>>,
}

impl Pending {
    /// Whether nothing may be sent behind it before it is complete.
    fn is_barrier(&self) -> bool {
        matches!(self.shape, Shape::StartTls | Shape::Authentication | Shape::Quit)
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

    /// What the client may do before it is logged in.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidState`] in any other state.
    pub fn authorization(&mut self) -> Result<Authorization<'_>, Error> {
        self.check_state(State::Authorization, "the state AUTHORIZATION")?;
        Ok(Authorization(self))
    }

    /// What the client may do with the maildrop.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidState`] in any other state.
    pub fn transaction(&mut self) -> Result<Transaction<'_>, Error> {
        self.check_state(State::Transaction, "the state TRANSACTION")?;
        Ok(Transaction(self))
    }

    fn check_state(&self, state: State, expected: &'static str) -> Result<(), Error> {
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
    pub fn enqueue(&mut self, command: Command) -> Result<CommandId, Error> {
        let shape = command.shape();
        self.enqueue_as(command, shape)
    }

    /// Queues a command this crate has no name for, whose success is a multi-line answer.
    ///
    /// # Errors
    /// As [`Client::enqueue`].
    pub fn enqueue_lines(&mut self, command: super::Raw) -> Result<CommandId, Error> {
        self.enqueue_as(Command::Other(command), Shape::Lines)
    }

    fn enqueue_as(&mut self, mut command: Command, shape: Shape) -> Result<CommandId, Error> {
        self.check(&command)?;
        let start = self.unsent.len();
        let mut response = None;
        let mut encoded = command.encode(&mut self.unsent);
        if encoded.is_err()
            && let Command::Auth { initial_response, .. } = &mut command
        {
            response = initial_response.take();
            encoded = command.encode(&mut self.unsent);
        }
        encoded?;
        self.next = self.next.wrapping_add(1);
        let id = CommandId(self.next);
        self.pending.push_back(Pending {
            id,
            keyword: command.keyword(),
            shape,
            octets: self.unsent.len().saturating_sub(start),
            utf8: matches!(command, Command::Utf8 | Command::Lang(Some(_))),
            response,
        });
        Ok(id)
    }

    fn check(&self, command: &Command) -> Result<(), Error> {
        let refuse = |kind, expected| Err(Error::caller(kind, expected));
        if self.is_closed() {
            return refuse(ErrorKind::Closed, "an open connection");
        }
        match self.pending.back().map(|last| last.shape) {
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
            Command::User(name)
                if !name.is_ascii()
                    && !self.reader.utf8
                    && !self.capabilities.as_ref().is_some_and(Capabilities::has_utf8_user) =>
            {
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
        self.response.put_slice(b"*\r\n");
        Ok(())
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
            self.response.put_slice(b"*\r\n");
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

    // ---- inside

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
                Some(pending) if self.sent > 0 => Expected::Answer(pending.shape),
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
                    self.response.put_slice(b"*\r\n");
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
        match pending.shape {
            Shape::StartTls if reply.is_ok() => {
                self.capabilities = None;
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
        if reply.is_ok() {
            self.reader.utf8 |= pending.utf8;
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

/// Declares the methods that both views have.
macro_rules! in_both_states {
    () => {
        /// CAPA.
        ///
        /// # Errors
        /// As [`Client::enqueue`].
        pub fn capa(&mut self) -> Result<CommandId, Error> {
            self.0.enqueue(Command::Capa)
        }

        /// LANG: the language of the server's texts from now on.
        ///
        /// # Errors
        /// As [`Client::enqueue`].
        pub fn lang(
            &mut self,
            language: impl TryInto<Language, Error: Into<Error>>,
        ) -> Result<CommandId, Error> {
            self.0.enqueue(Command::Lang(Some(language.try_into().map_err(Into::into)?)))
        }

        /// LANG without an argument: the languages there are.
        ///
        /// # Errors
        /// As [`Client::enqueue`].
        pub fn languages(&mut self) -> Result<CommandId, Error> {
            self.0.enqueue(Command::Lang(None))
        }

        /// QUIT.
        ///
        /// # Errors
        /// As [`Client::enqueue`].
        pub fn quit(&mut self) -> Result<CommandId, Error> {
            self.0.enqueue(Command::Quit)
        }

        /// What the server announced in this security layer.
        pub fn capabilities(&self) -> Option<&Capabilities> {
            self.0.capabilities()
        }

        /// Whether commands leave ahead of answers.
        pub fn is_pipelining(&self) -> bool {
            self.0.is_pipelining()
        }
    };
}

/// A client in the state AUTHORIZATION (RFC 1939 section 4).
#[derive(Debug)]
pub struct Authorization<'a>(&'a mut Client);

impl Authorization<'_> {
    in_both_states!();

    /// USER.
    ///
    /// # Errors
    /// As [`Client::enqueue`].
    pub fn user(&mut self, name: impl TryInto<UserName, Error: Into<Error>>) -> Result<CommandId, Error> {
        self.0.enqueue(Command::User(name.try_into().map_err(Into::into)?))
    }

    /// PASS.
    ///
    /// # Errors
    /// As [`Client::enqueue`].
    pub fn pass(&mut self, password: impl TryInto<Password, Error: Into<Error>>) -> Result<CommandId, Error> {
        self.0.enqueue(Command::Pass(password.try_into().map_err(Into::into)?))
    }

    /// APOP. [`ClientConfig::apop`] must allow it.
    ///
    /// # Errors
    /// As [`Client::enqueue`].
    pub fn apop(
        &mut self,
        name: impl TryInto<Parameter, Error: Into<Error>>,
        digest: Digest,
    ) -> Result<CommandId, Error> {
        self.0.enqueue(Command::Apop { name: name.try_into().map_err(Into::into)?, digest })
    }

    /// The timestamp to compute the digest of APOP over: [`Digest::compute`](super::Digest).
    pub fn timestamp(&self) -> Option<&Timestamp> {
        self.0.timestamp()
    }

    /// AUTH. An initial response that the line cannot hold (RFC 5034 section 4) follows by itself when the server asks for it.
    ///
    /// # Errors
    /// As [`Client::enqueue`].
    pub fn authenticate(
        &mut self,
        mechanism: impl TryInto<Mechanism, Error: Into<Error>>,
        initial_response: Option<Secret<Vec<u8>>>,
    ) -> Result<CommandId, Error> {
        self.0
            .enqueue(Command::Auth { mechanism: mechanism.try_into().map_err(Into::into)?, initial_response })
    }

    /// AUTH alone: the mechanisms of servers that know no CAPA, one [`Event::Line`] each.
    ///
    /// # Errors
    /// As [`Client::enqueue`].
    pub fn mechanisms(&mut self) -> Result<CommandId, Error> {
        self.0.enqueue(Command::Mechanisms)
    }

    /// STLS. Success is [`Event::StartTls`].
    ///
    /// # Errors
    /// As [`Client::enqueue`].
    pub fn stls(&mut self) -> Result<CommandId, Error> {
        self.0.enqueue(Command::Stls)
    }

    /// UTF8: headers in UTF-8 from now on.
    ///
    /// # Errors
    /// As [`Client::enqueue`].
    pub fn utf8(&mut self) -> Result<CommandId, Error> {
        self.0.enqueue(Command::Utf8)
    }
}

/// A client in the state TRANSACTION (RFC 1939 section 5).
#[derive(Debug)]
pub struct Transaction<'a>(&'a mut Client);

impl Transaction<'_> {
    in_both_states!();

    /// STAT.
    ///
    /// # Errors
    /// As [`Client::enqueue`].
    pub fn stat(&mut self) -> Result<CommandId, Error> {
        self.0.enqueue(Command::Stat)
    }

    /// LIST: the sizes of all messages.
    ///
    /// # Errors
    /// As [`Client::enqueue`].
    pub fn list(&mut self) -> Result<CommandId, Error> {
        self.0.enqueue(Command::List(None))
    }

    /// LIST: the size of one message.
    ///
    /// # Errors
    /// As [`Client::enqueue`].
    pub fn list_one(&mut self, message: NonZeroU32) -> Result<CommandId, Error> {
        self.0.enqueue(Command::List(Some(message)))
    }

    /// UIDL: the unique-ids of all messages.
    ///
    /// # Errors
    /// As [`Client::enqueue`].
    pub fn uidl(&mut self) -> Result<CommandId, Error> {
        self.0.enqueue(Command::Uidl(None))
    }

    /// UIDL: the unique-id of one message.
    ///
    /// # Errors
    /// As [`Client::enqueue`].
    pub fn uidl_one(&mut self, message: NonZeroU32) -> Result<CommandId, Error> {
        self.0.enqueue(Command::Uidl(Some(message)))
    }

    /// RETR: a message.
    ///
    /// # Errors
    /// As [`Client::enqueue`].
    pub fn retr(&mut self, message: NonZeroU32) -> Result<CommandId, Error> {
        self.0.enqueue(Command::Retr(message))
    }

    /// TOP: the header and some lines of a message.
    ///
    /// # Errors
    /// As [`Client::enqueue`].
    pub fn top(&mut self, message: NonZeroU32, lines: u32) -> Result<CommandId, Error> {
        self.0.enqueue(Command::Top { message, lines })
    }

    /// DELE: marks a message as deleted. It is deleted when QUIT is answered with `+OK`, and not before.
    ///
    /// # Errors
    /// As [`Client::enqueue`].
    pub fn dele(&mut self, message: NonZeroU32) -> Result<CommandId, Error> {
        self.0.enqueue(Command::Dele(message))
    }

    /// RSET: takes all marks off.
    ///
    /// # Errors
    /// As [`Client::enqueue`].
    pub fn rset(&mut self) -> Result<CommandId, Error> {
        self.0.enqueue(Command::Rset)
    }

    /// NOOP.
    ///
    /// # Errors
    /// As [`Client::enqueue`].
    pub fn noop(&mut self) -> Result<CommandId, Error> {
        self.0.enqueue(Command::Noop)
    }
}
