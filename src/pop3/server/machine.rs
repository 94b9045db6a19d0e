//! Commands in order, limits and answers: the machine itself.

use super::{Entry, Event, InProgress, Listing, Message};
use crate::pop3::apop::Timestamp;
use crate::pop3::argument::UserName;
use crate::pop3::capability::Capabilities;
use crate::pop3::command::{Command, Shape};
use crate::pop3::command_decoder::{CommandDecoder, Request};
use crate::pop3::config::{ServerConfig, StartTls};
use crate::pop3::listing::{DropListing, ScanListing, UniqueIdListing};
use crate::pop3::reply::{Reply, ResponseCode, Status};
use crate::pop3::state::{Keyword, State};
use crate::pop3::stuffing::{Stuffer, stuffed_line};
use crate::wire::identity::Identity;
use crate::wire::outbox::Outbox;
use crate::wire::{Error, ErrorKind, Limits, Machine, Tls, base64, write};
use alloc::sync::Arc;
use bytes::{BufMut, Bytes, BytesMut};
use core::marker::PhantomData;

/// The longest line of a server, with its CRLF (RFC 2449 section 4).
const LONGEST: usize = 512;

/// The answer that is owed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Owed {
    keyword: Keyword,
    shape: Shape,
    /// A multi-line answer has begun.
    begun: bool,
    /// Only `-ERR` fits.
    refused: bool,
}

/// The server's side of one connection.
///
/// ```
/// use bytes::BytesMut;
/// use mailwire::pop3::{Command, DropListing, Reply, Server, ServerConfig, server};
/// use mailwire::wire::Machine;
///
/// let mut pop = Server::new(ServerConfig::protected());
/// assert_eq!(pop.poll_transmit().unwrap(), "+OK POP3 server ready\r\n");
/// let mut input = BytesMut::from("USER alice\r\nPASS secret\r\nSTAT\r\nQUIT\r\n");
/// let mut sent = Vec::new();
/// while let Some(event) = pop.receive(&mut input)? {
///     match event {
///         server::Event::Command(running, Command::Stat) => pop.stat(running, DropListing { messages: 2, octets: 320 })?,
///         server::Event::Command(running, _) => pop.reply(running, Reply::ok("done"))?,
///         server::Event::Malformed(running, error) => pop.reject(running, &error)?,
///         server::Event::AuthResponse(running, _) | server::Event::AuthCancelled(running) => {
///             pop.reply(running, Reply::err("no SASL here"))?
///         }
///         _ => {}
///     }
///     while let Some(octets) = pop.poll_transmit() {
///         sent.extend_from_slice(&octets);
///     }
/// }
/// assert_eq!(sent, b"+OK done\r\n+OK done\r\n+OK 2 320\r\n+OK done\r\n");
/// assert!(pop.is_closed());
/// # Ok::<(), mailwire::wire::Error>(())
/// ```
#[derive(Debug)]
pub struct Server {
    config: Arc<ServerConfig>,
    timestamp: Option<Timestamp>,
    state: State,
    decoder: CommandDecoder,
    outbox: Outbox,
    owed: Option<Owed>,
    /// The id of the answer that is owed, or was owed last; no other connection has it.
    id: u64,
    /// The name of the last USER, and whether it was accepted.
    user: Option<(UserName, bool)>,
    bad_commands: usize,
    sasl_rounds: usize,
    awaits_response: bool,
    protected: bool,
    upgrading: bool,
    utf8: bool,
    /// LANG has succeeded: texts are UTF-8.
    language: bool,
    failed: Option<Error>,
}

impl Server {
    /// A connection was made; the greeting is ready to be sent. The configuration can be shared among connections.
    pub fn new(config: impl Into<Arc<ServerConfig>>) -> Self {
        Self::start(config.into(), None)
    }

    /// The same, and APOP is offered. The timestamp must be another one in each session.
    pub fn with_timestamp(config: impl Into<Arc<ServerConfig>>, timestamp: Timestamp) -> Self {
        Self::start(config.into(), Some(timestamp))
    }

    fn start(config: Arc<ServerConfig>, timestamp: Option<Timestamp>) -> Self {
        let mut outbox = Outbox::default();
        write_reply(&config.greeting, false, outbox.tail());
        if let Some(timestamp) = &timestamp {
            let end = outbox.tail().len().saturating_sub(2);
            outbox.tail().truncate(end);
            outbox.tail().put_u8(b' ');
            outbox.tail().put_slice(timestamp.as_bytes());
            outbox.tail().put_slice(b"\r\n");
        }
        Self {
            state: if config.greeting.is_ok() { State::Authorization } else { State::Closed },
            decoder: CommandDecoder::with_limits(&config.limits_before_login),
            protected: config.tls == Tls::Established,
            config,
            timestamp,
            outbox,
            owed: None,
            id: Identity::another().first_number(),
            user: None,
            bad_commands: 0,
            sasl_rounds: 0,
            awaits_response: false,
            upgrading: false,
            utf8: false,
            language: false,
            failed: None,
        }
    }

    /// Where the session is. [`State::Update`] is reached by a whole QUIT alone.
    pub fn state(&self) -> State {
        self.state
    }

    /// The name of the last USER that was accepted: before the login, only until another command than PASS comes.
    pub fn user(&self) -> Option<&UserName> {
        self.user.as_ref().and_then(|(name, accepted)| accepted.then_some(name))
    }

    /// The timestamp of the greeting, for the digest of APOP.
    pub fn timestamp(&self) -> Option<&Timestamp> {
        self.timestamp.as_ref()
    }

    /// Whether the connection is protected by TLS.
    pub fn is_protected(&self) -> bool {
        self.protected
    }

    /// Whether the client has switched UTF8 on.
    pub fn is_utf8(&self) -> bool {
        self.utf8
    }

    fn is_text_utf8(&self) -> bool {
        self.utf8 || self.language
    }

    /// Whether an answer is owed.
    pub fn is_owing(&self) -> bool {
        self.owed.is_some()
    }

    /// Whether there is room for more output. If not, a streamed answer should wait until what is there was sent.
    pub fn has_room(&self) -> bool {
        self.outbox.len() <= self.limits().unsent
    }

    fn limits(&self) -> &Limits {
        match self.state {
            State::Transaction | State::Update => &self.config.limits,
            _ => &self.config.limits_before_login,
        }
    }

    // ---- answers

    /// Answers with a status line: `-ERR` to anything, `+OK` to a command whose success needs no data. `+OK` to PASS, APOP and AUTH is the login.
    ///
    /// Before UTF8 or LANG has succeeded a text is ASCII (RFC 6856 section 2.1): of any other octet a `?` is written. To LANG, the text of a `+OK` is
    /// the tag of the language, a space, and a text in that language.
    ///
    /// # Errors
    /// When data is owed with a `+OK`, or the token is of another connection. So that the client does not wait for ever, it is then
    /// answered `-ERR [SYS/TEMP]`; this is so for every answer.
    #[inline(always)]
    pub fn reply(&mut self, running: InProgress, reply: Reply) -> Result<(), Error> {
        // Inlined up to here, so that of a reply that says nothing else no more than its status is made.
        match reply.bare() {
            Some(status) => self.reply_bare(running, status),
            None => self.reply_whole(running, &reply),
        }
    }

    fn reply_bare(&mut self, running: InProgress, status: Status) -> Result<(), Error> {
        let keyword = self.take_plain(&running, status)?;
        status.encode(self.outbox.tail());
        self.settle(keyword, status);
        Ok(())
    }

    fn reply_whole(&mut self, running: InProgress, reply: &Reply) -> Result<(), Error> {
        let keyword = self.take_plain(&running, reply.status())?;
        let utf8 = self.is_text_utf8() || keyword == Keyword::Lang && reply.is_ok();
        write_reply(reply, utf8, self.outbox.tail());
        self.settle(keyword, reply.status());
        Ok(())
    }

    /// Answers `-ERR` with what is wrong.
    ///
    /// # Errors
    /// As [`Server::reply`].
    pub fn reject(&mut self, running: InProgress, error: &Error) -> Result<(), Error> {
        self.reply(running, rejection(error.kind()))
    }

    /// Answers STAT.
    ///
    /// # Errors
    /// When another command is answered; as [`Server::reply`].
    pub fn stat(&mut self, running: InProgress, listing: DropListing) -> Result<(), Error> {
        self.single(running, |shape| shape == Shape::DropListing, |out| listing.encode(out))
    }

    /// Answers LIST with an argument.
    ///
    /// # Errors
    /// When another command is answered, or one about another message; as [`Server::reply`].
    pub fn scan_listing(&mut self, running: InProgress, listing: ScanListing) -> Result<(), Error> {
        self.single(running, |shape| shape == Shape::ScanListing(listing.message), |out| listing.encode(out))
    }

    /// Answers UIDL with an argument.
    ///
    /// # Errors
    /// When another command is answered, or one about another message; as [`Server::reply`].
    pub fn unique_id(&mut self, running: InProgress, listing: &UniqueIdListing) -> Result<(), Error> {
        self.single(running, |shape| shape == Shape::UniqueId(listing.message), |out| listing.encode(out))
    }

    /// Answers CAPA.
    ///
    /// # Errors
    /// When another command is answered; as [`Server::reply`].
    pub fn capabilities(&mut self, running: InProgress, capabilities: &Capabilities) -> Result<(), Error> {
        let owed = self.take(&running)?;
        if owed.shape != Shape::Capabilities {
            return Err(self.refuse_misuse());
        }
        let out = self.outbox.tail();
        out.put_slice(b"+OK\r\n");
        for capability in capabilities.iter() {
            stuffed_line(out, |out| capability.encode(out));
        }
        out.put_slice(b".\r\n");
        Ok(())
    }

    /// Answers LIST without an argument, all at once. For very many messages, [`Server::begin_listing`] keeps less in memory.
    ///
    /// # Errors
    /// When another command is answered; as [`Server::reply`].
    pub fn list(
        &mut self,
        running: InProgress,
        entries: impl IntoIterator<Item = ScanListing>,
    ) -> Result<(), Error> {
        let mut listing = self.begin_listing(running, Reply::ok(""))?;
        for entry in entries {
            self.entry(&mut listing, &entry)?;
        }
        self.end_listing(listing)
    }

    /// Answers UIDL without an argument, all at once. For very many messages, [`Server::begin_listing`] keeps less in memory.
    ///
    /// # Errors
    /// When another command is answered; as [`Server::reply`].
    pub fn uidl(
        &mut self,
        running: InProgress,
        entries: impl IntoIterator<Item = UniqueIdListing>,
    ) -> Result<(), Error> {
        let mut listing = self.begin_listing(running, Reply::ok(""))?;
        for entry in entries {
            self.entry(&mut listing, &entry)?;
        }
        self.end_listing(listing)
    }

    /// Begins a listing: of [`ScanListing`] for LIST, [`UniqueIdListing`] for UIDL, [`LanguageListing`](crate::pop3::LanguageListing) for LANG,
    /// [`Mechanism`](crate::pop3::Mechanism) for AUTH alone, [`CapabilityText`](crate::pop3::CapabilityText) for a command this crate has no name for.
    ///
    /// # Errors
    /// When another command is answered, or the reply is `-ERR`; as [`Server::reply`].
    pub fn begin_listing<T: Entry>(
        &mut self,
        running: InProgress,
        reply: Reply,
    ) -> Result<Listing<T>, Error> {
        let owed = self.take(&running)?;
        if !T::answers(owed.shape)
            || !reply.is_ok()
            || owed.shape == Shape::Status && owed.keyword != Keyword::Other
        {
            return Err(self.refuse_misuse());
        }
        write_reply(&reply, self.is_text_utf8(), self.outbox.tail());
        self.owed = Some(Owed { begun: true, ..owed });
        Ok(Listing { id: running.id, entry: PhantomData })
    }

    /// One entry.
    ///
    /// # Errors
    /// When the listing is of another connection.
    pub fn entry<T: Entry>(&mut self, listing: &mut Listing<T>, entry: &T) -> Result<(), Error> {
        self.check_begun(listing.id)?;
        stuffed_line(self.outbox.tail(), |out| entry.encode(out));
        Ok(())
    }

    /// The end of the listing.
    ///
    /// # Errors
    /// When the listing is of another connection.
    pub fn end_listing<T: Entry>(&mut self, listing: Listing<T>) -> Result<(), Error> {
        self.check_begun(listing.id)?;
        self.outbox.tail().put_slice(b".\r\n");
        self.owed = None;
        Ok(())
    }

    /// Begins the answer to RETR or TOP. `octets` tells the client how many there are; nothing depends on it.
    ///
    /// # Errors
    /// When another command is answered; as [`Server::reply`].
    pub fn begin_message(&mut self, running: InProgress, octets: Option<u64>) -> Result<Message, Error> {
        let owed = self.take(&running)?;
        if !matches!(owed.shape, Shape::Message | Shape::Top) {
            return Err(self.refuse_misuse());
        }
        let out = self.outbox.tail();
        out.put_slice(b"+OK");
        if let Some(octets) = octets {
            out.put_u8(b' ');
            write::number(out, octets);
            out.put_slice(b" octets");
        }
        out.put_slice(b"\r\n");
        self.owed = Some(Owed { begun: true, ..owed });
        Ok(Message { id: running.id, stuffer: Stuffer::new() })
    }

    /// A piece of the message, as it is: dots and line ends are seen to. Ask [`Server::has_room`] before the next one.
    ///
    /// # Errors
    /// When the message is of another connection.
    pub fn message_chunk(&mut self, message: &mut Message, octets: Bytes) -> Result<(), Error> {
        self.check_begun(message.id)?;
        message.stuffer.encode_shared(octets, &mut self.outbox);
        Ok(())
    }

    /// The message is whole.
    ///
    /// # Errors
    /// When the message is of another connection.
    pub fn message_end(&mut self, message: Message) -> Result<(), Error> {
        self.check_begun(message.id)?;
        message.stuffer.finish(self.outbox.tail());
        self.owed = None;
        Ok(())
    }

    /// Goes on with a SASL exchange; the answer is [`Event::AuthResponse`].
    ///
    /// # Errors
    /// When no AUTH is answered; as [`Server::reply`].
    pub fn challenge(&mut self, running: InProgress, challenge: &[u8]) -> Result<(), Error> {
        let owed = self.take(&running)?;
        if owed.shape != Shape::Authentication {
            return Err(self.refuse_misuse());
        }
        let out = self.outbox.tail();
        out.put_slice(b"+ ");
        base64::encode(challenge, out);
        out.put_slice(b"\r\n");
        self.decoder.expect_response();
        self.awaits_response = true;
        Ok(())
    }

    /// Accepts STLS. Send everything that [`poll_transmit`](Machine::poll_transmit) gives, start TLS, and [`resume`](Server::resume).
    ///
    /// # Errors
    /// When no STLS is answered, or the reply is `-ERR`; as [`Server::reply`].
    pub fn start_tls(&mut self, running: InProgress, reply: Reply) -> Result<StartTls, Error> {
        let owed = self.take(&running)?;
        if owed.shape != Shape::StartTls || !reply.is_ok() {
            return Err(self.refuse_misuse());
        }
        write_reply(&reply, self.is_text_utf8(), self.outbox.tail());
        self.upgrading = true;
        Ok(StartTls::new())
    }

    /// TLS is established. Everything the client said before is forgotten.
    pub fn resume(&mut self, _: StartTls) {
        self.upgrading = false;
        self.protected = true;
        self.user = None;
        self.utf8 = false;
        self.language = false;
        self.bad_commands = 0;
        self.decoder = CommandDecoder::with_limits(&self.config.limits_before_login);
    }

    /// Ends the session from this side, with a last word where no answer has begun: a timeout, a shutdown. UPDATE is not entered (RFC 1939 section 3).
    pub fn close(&mut self, last_word: Reply) {
        if !self.is_closed() {
            if !self.owed.is_some_and(|owed| owed.begun) && !self.upgrading {
                write_reply(&last_word, self.is_text_utf8(), self.outbox.tail());
            }
            self.owed = None;
            self.state = State::Closed;
        }
    }

    // ---- inside

    #[inline]
    fn take(&mut self, running: &InProgress) -> Result<Owed, Error> {
        match self.owed {
            // Field by field, as they were written a moment ago: a wider read would have to wait for all of them.
            Some(Owed { keyword, shape, begun: false, refused }) if running.id == self.id => {
                self.owed = None;
                Ok(Owed { keyword, shape, begun: false, refused })
            }
            _ => Err(Error::caller(
                ErrorKind::InvalidState,
                "the command that is in progress on this connection",
            )),
        }
    }

    /// The command that is answered by a status line alone.
    #[inline]
    fn take_plain(&mut self, running: &InProgress, status: Status) -> Result<Keyword, Error> {
        let owed = self.take(running)?;
        let plain = matches!(owed.shape, Shape::Status | Shape::Authentication | Shape::Quit);
        if status == Status::Ok && (owed.refused || !plain) {
            return Err(self.refuse_misuse());
        }
        Ok(owed.keyword)
    }

    fn check_begun(&self, id: u64) -> Result<(), Error> {
        match self.owed {
            Some(owed) if id == self.id && owed.begun => Ok(()),
            _ => {
                Err(Error::caller(ErrorKind::InvalidState, "the answer that is under way on this connection"))
            }
        }
    }

    /// The caller's answer does not fit the command: the client gets one that does.
    #[cold]
    fn refuse_misuse(&mut self) -> Error {
        Reply::err("internal error").with_code(ResponseCode::SysTemp).encode(self.outbox.tail());
        Error::caller(ErrorKind::InvalidState, "an answer of the shape that the command asks for")
    }

    fn single(
        &mut self,
        running: InProgress,
        fits: impl FnOnce(Shape) -> bool,
        encode: impl FnOnce(&mut BytesMut),
    ) -> Result<(), Error> {
        let owed = self.take(&running)?;
        if !fits(owed.shape) {
            return Err(self.refuse_misuse());
        }
        let out = self.outbox.tail();
        out.put_slice(b"+OK ");
        encode(out);
        out.put_slice(b"\r\n");
        Ok(())
    }

    /// What a completion changes.
    #[inline]
    fn settle(&mut self, keyword: Keyword, status: Status) {
        // Nothing but QUIT leads out of TRANSACTION, and QUIT has led into UPDATE already.
        if self.state != State::Transaction || matches!(keyword, Keyword::Other | Keyword::Lang) {
            self.settle_elsewhere(keyword, status);
        }
    }

    fn settle_elsewhere(&mut self, keyword: Keyword, status: Status) {
        match (keyword, status) {
            (Keyword::User, Status::Ok) => {
                if let Some((_, accepted)) = &mut self.user {
                    *accepted = true;
                }
            }
            (Keyword::User | Keyword::Pass, Status::Err) => self.user = None,
            (Keyword::Utf8, Status::Ok) => self.utf8 = true,
            (Keyword::Lang, Status::Ok) => self.language = true,
            (Keyword::Quit, _) => self.state = State::Closed,
            // It was known after all.
            (Keyword::Other, Status::Ok) => self.bad_commands = self.bad_commands.saturating_sub(1),
            _ => {}
        }
        if status == Status::Ok
            && let Some(next) = self.state.next(keyword)
        {
            self.state = next;
            let limits = *self.limits();
            self.decoder.set_limits(&limits);
        }
    }

    #[inline]
    fn owe(&mut self, keyword: Keyword, shape: Shape) -> InProgress {
        self.id = self.id.wrapping_add(1);
        self.owed = Some(Owed { keyword, shape, begun: false, refused: false });
        InProgress { id: self.id }
    }

    #[cold]
    fn fail(&mut self, error: Error, last_word: bool) -> Error {
        if last_word {
            rejection(error.kind()).encode(self.outbox.tail());
        }
        self.owed = None;
        let error = error.into_fatal();
        self.failed = Some(error);
        error
    }

    /// An answer is owed that can only be `-ERR`.
    fn owe_refusal(&mut self) -> InProgress {
        let running = self.owe(Keyword::Other, Shape::Status);
        self.owed = self.owed.map(|owed| Owed { refused: true, ..owed });
        running
    }

    #[cold]
    fn malformed(&mut self, error: Error) -> Result<Option<Event>, Error> {
        self.forget_user();
        self.count_bad()?;
        Ok(Some(Event::Malformed(self.owe_refusal(), error)))
    }

    /// Counts a command that was not understood. One too many ends the connection.
    fn count_bad(&mut self) -> Result<(), Error> {
        self.bad_commands = self.bad_commands.saturating_add(1);
        if self.bad_commands > self.limits().bad_commands {
            return Err(self.fail(Error::fatal(ErrorKind::TooManyErrors, 0, "fewer bad commands"), true));
        }
        Ok(())
    }

    /// Cold, so that the way of usual lines is the straight one.
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
        if self.upgrading && !input.is_empty() {
            let error = Error::fatal(ErrorKind::StartTlsInjection, 0, "nothing behind STLS");
            return Err(self.fail(error, false));
        }
        if !self.wants_read() {
            return Ok(None);
        }
        let request = match self.decoder.decode(input) {
            Ok(Some(request)) => request,
            Ok(None) => return Ok(None),
            Err(error) if error.is_fatal() => return Err(self.fail(error, true)),
            Err(error) => {
                self.awaits_response = false;
                return self.malformed(error);
            }
        };
        self.awaits_response = false;
        match request {
            Request::Command(command) => self.command(command, !input.is_empty()),
            Request::AuthResponse(response) => {
                self.sasl_rounds = self.sasl_rounds.saturating_add(1);
                if self.sasl_rounds > self.limits().sasl_rounds {
                    let error = Error::recoverable(ErrorKind::TooManyRounds, 0, "fewer rounds");
                    return self.malformed(error);
                }
                Ok(Some(Event::AuthResponse(self.owe(Keyword::Auth, Shape::Authentication), response)))
            }
            Request::AuthCancel => Ok(Some(Event::AuthCancelled(self.owe_refusal()))),
        }
    }

    /// PASS stands immediately behind a USER that was accepted (RFC 1939 section 7).
    fn forget_user(&mut self) {
        if self.state == State::Authorization {
            self.user = None;
        }
    }

    fn command(&mut self, command: Command, behind: bool) -> Result<Option<Event>, Error> {
        let keyword = command.keyword();
        let Some(next) = self.state.next(keyword) else {
            let expected = "a command of this state";
            return self.malformed(Error::recoverable(ErrorKind::InvalidState, 0, expected));
        };
        let refused = match &command {
            Command::Mechanisms if self.state == State::Transaction => {
                Some((ErrorKind::InvalidState, "a command of this state"))
            }
            _ if self.state == State::Transaction => None,
            command if command.is_credential() && self.config.tls == Tls::Required && !self.protected => {
                Some((ErrorKind::PrivacyRequired, "STLS first"))
            }
            Command::User(name) if !(name.is_ascii() || self.utf8 || self.config.utf8_user) => {
                Some((ErrorKind::Syntax, "a name in ASCII"))
            }
            Command::Pass(_) if self.user().is_none() => Some((ErrorKind::InvalidState, "USER first")),
            Command::Pass(password) if !(password.is_ascii() || self.utf8 || self.config.utf8_user) => {
                Some((ErrorKind::Syntax, "a password in ASCII"))
            }
            Command::Apop { .. } if self.timestamp.is_none() => {
                Some((ErrorKind::Unsupported, "another way to log in"))
            }
            Command::Stls if self.protected => Some((ErrorKind::InvalidState, "STLS only once")),
            Command::Stls if self.config.tls == Tls::Unavailable => Some((ErrorKind::Unsupported, "no STLS")),
            _ => None,
        };
        if let Some((kind, expected)) = refused {
            return self.malformed(Error::recoverable(kind, 0, expected));
        }
        if keyword != Keyword::Pass {
            self.forget_user();
        }
        match &command {
            Command::Stls if behind => {
                let error = Error::fatal(ErrorKind::StartTlsInjection, 0, "nothing behind STLS");
                return Err(self.fail(error, false));
            }
            Command::User(name) => self.user = Some((name.clone(), false)),
            Command::Auth { .. } => self.sasl_rounds = 0,
            Command::Quit if next == State::Update => self.state = next,
            Command::Other(_) => self.count_bad()?,
            _ => {}
        }
        let running = self.owe(keyword, command.shape());
        Ok(Some(Event::Command(running, command)))
    }
}

/// Writes a line of at most 512 octets; in ASCII, unless it may be UTF-8.
fn write_reply(reply: &Reply, utf8: bool, out: &mut BytesMut) {
    let start = out.len();
    reply.encode_within(LONGEST, out);
    if !utf8 && !reply.text().as_bytes().is_ascii() {
        let line = out.get_mut(start..).unwrap_or_default();
        line.iter_mut().filter(|octet| !octet.is_ascii()).for_each(|octet| *octet = b'?');
    }
}

/// What the client is told of an error: never its octets.
fn rejection(kind: ErrorKind) -> Reply {
    match kind {
        ErrorKind::Syntax => Reply::err("syntax error"),
        ErrorKind::LineTooLong => Reply::err("line too long"),
        ErrorKind::BareLineFeed => Reply::err("line feed without carriage return"),
        ErrorKind::Nul => Reply::err("NUL octet"),
        ErrorKind::PrivacyRequired => Reply::err("STLS first").with_code(ResponseCode::SysPerm),
        ErrorKind::Unsupported => Reply::err("not supported"),
        ErrorKind::TooManyErrors => Reply::err("too many bad commands"),
        ErrorKind::TooManyRounds => Reply::err("too many rounds of authentication"),
        _ => Reply::err("not allowed here"),
    }
}

impl Machine for Server {
    type Event = Event;

    // Inlined, so that the event is made where its caller takes it apart: a command of ten octets costs less than moving its event about.
    #[inline(always)]
    fn receive(&mut self, input: &mut BytesMut) -> Result<Option<Event>, Error> {
        if self.state == State::Transaction
            && self.wants_read()
            && let Some(usual) = self.decoder.usual(input)
        {
            if usual.keyword == Keyword::Quit {
                self.state = State::Update;
            }
            let running = self.owe(usual.keyword, usual.shape());
            return Ok(Some(Event::Command(running, usual.command())));
        }
        self.receive_unusual(input).transpose()
    }
    /// The end without QUIT is no error between commands; what was marked as deleted stays then.
    fn receive_eof(&mut self, input: &mut BytesMut) -> Result<Option<Event>, Error> {
        let event = self.receive(input)?;
        if event.is_some() || self.is_closed() || self.owed.is_some() || !self.has_room() {
            return Ok(event);
        }
        if !input.is_empty() || self.upgrading || self.awaits_response {
            return Err(
                self.fail(Error::fatal(ErrorKind::UnexpectedEof, write::length(input.len()), "CRLF"), false)
            );
        }
        self.state = State::Closed;
        Ok(None)
    }

    fn poll_transmit(&mut self) -> Option<Bytes> {
        self.outbox.poll()
    }

    fn wants_read(&self) -> bool {
        !self.is_closed() && self.owed.is_none() && !self.upgrading && self.has_room()
    }

    fn is_closed(&self) -> bool {
        self.failed.is_some() || self.state == State::Closed
    }
}
