//! POP3's machines as subjects of traces, and the way into any of their states.

#![allow(dead_code, unreachable_pub, reason = "each test uses its part")]

use crate::trace::{Subject, Told};
use bytes::{Bytes, BytesMut};
use mailwire::pop3::client::{self, AuthContinue};
use mailwire::pop3::server::{self, InProgress};
use mailwire::pop3::{
    Body, Capabilities, Capability, Client, ClientConfig, Command, Digest, DropListing, Language,
    LanguageListing, Quirks, Raw, Reply, ResponseCode, ScanListing, Server, ServerConfig, StartTls, Status,
    Timestamp, Tls, UniqueId, UniqueIdListing,
};
use mailwire::wire::{Error, Machine, Secret};
use std::num::NonZeroU32;

pub fn number(text: &str) -> NonZeroU32 {
    text.parse().expect("a message number")
}

fn unparsed(error: &Error) -> String {
    format!("{:?} at {}", error.kind(), error.offset())
}

/// A client, told what to do in words.
pub struct ClientSubject {
    pub client: Client,
    challenge: Option<AuthContinue>,
    start_tls: Option<StartTls>,
    /// What the last action was refused with.
    refused: Option<String>,
}

impl ClientSubject {
    pub fn new(client: Client) -> Self {
        Self { client, challenge: None, start_tls: None, refused: None }
    }

    pub fn describe(&mut self, event: client::Event) -> Told {
        use client::Event;
        let line = match event {
            Event::Body(Body::Chunk(octets)) => return Told::Chunk(octets),
            Event::Body(Body::Begin { octets: Some(octets) }) => format!("Begin {octets}"),
            Event::Body(Body::Begin { octets: None }) => "Begin".to_owned(),
            Event::Body(Body::End) => "End".to_owned(),
            Event::Greeting(greeting) => match &greeting.timestamp {
                Some(timestamp) => format!("Greeting {} with {timestamp}", greeting.reply),
                None => format!("Greeting {}", greeting.reply),
            },
            Event::AuthContinue(challenge) => {
                let line = format!("Challenge {}", challenge.challenge().escape_ascii());
                self.challenge = Some(challenge);
                line
            }
            Event::StartTls(token) => {
                self.start_tls = Some(token);
                "StartTls".to_owned()
            }
            Event::Completed { command: _, reply } => format!("Completed {reply}"),
            Event::DropListing(listing) => format!("DropListing {} {}", listing.messages, listing.octets),
            Event::ScanListing(listing) => format!("ScanListing {} {}", listing.message, listing.octets),
            Event::UniqueIdListing(listing) => format!("UniqueId {} {}", listing.message, listing.unique_id),
            Event::LanguageListing(listing) => {
                format!("Language {} {}", listing.language(), listing.description().display())
            }
            Event::Line(line) => format!("Line {}", line.display()),
            Event::Unparsed { octets, error } => {
                format!("Unparsed {} {}", unparsed(&error), octets.escape_ascii())
            }
            Event::Capabilities(capabilities) => {
                let words: Vec<_> = capabilities.iter().map(|capability| format!("{capability:?}")).collect();
                format!("Capabilities {}", words.join(", "))
            }
            other => format!("{other:?}"),
        };
        let forgiven: Vec<_> = self.client.forgiven().iter().map(|quirk| quirk.name()).collect();
        if forgiven.is_empty() {
            Told::Event(line)
        } else {
            Told::Event(format!("{line} ~ {}", forgiven.join(" ")))
        }
    }
}

impl Subject for ClientSubject {
    fn receive(&mut self, input: &mut BytesMut, eof: bool) -> Option<Told> {
        if let Some(refused) = self.refused.take() {
            return Some(Told::Event(format!("Refused {refused}")));
        }
        let result = if eof { self.client.receive_eof(input) } else { self.client.receive(input) };
        match result {
            Ok(event) => event.map(|event| self.describe(event)),
            Err(error) => {
                assert!(error.is_fatal());
                Some(Told::Fatal(format!("{:?}", error.kind())))
            }
        }
    }

    fn transmit(&mut self) -> Option<Bytes> {
        self.client.poll_transmit()
    }

    fn act(&mut self, action: &str) {
        let (verb, rest) = action.split_once(' ').unwrap_or((action, ""));
        let result = self.dispatch(verb, rest);
        self.refused = result.err().map(|error| format!("{:?}", error.kind()));
    }
}

impl ClientSubject {
    /// Whether the caller holds what the action is about.
    pub fn can(&self, action: &str) -> bool {
        match action.split(' ').next().unwrap_or_default() {
            "respond" | "cancel" => self.challenge.is_some(),
            "resume" => self.start_tls.is_some(),
            _ => true,
        }
    }

    fn dispatch(&mut self, verb: &str, rest: &str) -> Result<(), Error> {
        let two = || rest.split_once(' ').expect("two arguments");
        match verb {
            "enqueue" => self.client.enqueue(Command::parse(rest.as_bytes())?).map(drop),
            "lines" => self.client.enqueue_lines(Raw::new(rest)?).map(drop),
            "respond" => {
                self.client.respond(self.challenge.take().expect("a challenge"), &Secret::from(rest))
            }
            "cancel" => self.client.cancel(self.challenge.take().expect("a challenge")),
            "resume" => self.client.resume(self.start_tls.take().expect("an upgrade")),
            "user" => self.client.authorization()?.user(rest).map(drop),
            "pass" => self.client.authorization()?.pass(rest).map(drop),
            "apop" => {
                let (name, digest) = two();
                self.client.authorization()?.apop(name, Digest::parse(digest.as_bytes())?).map(drop)
            }
            "auth" => match rest.split_once(' ') {
                // `=` is an empty response, as on the wire.
                Some((mechanism, response)) => self
                    .client
                    .authorization()?
                    .authenticate(mechanism, Some(Secret::from(response.trim_start_matches('='))))
                    .map(drop),
                None => self.client.authorization()?.authenticate(rest, None).map(drop),
            },
            "mechanisms" => self.client.authorization()?.mechanisms().map(drop),
            "stls" => self.client.authorization()?.stls().map(drop),
            "utf8" => self.client.authorization()?.utf8().map(drop),
            "capa" => match self.client.authorization() {
                Ok(mut view) => view.capa().map(drop),
                Err(_) => self.client.transaction()?.capa().map(drop),
            },
            "lang" => match (self.client.authorization(), rest) {
                (Ok(mut view), "") => view.languages().map(drop),
                (Ok(mut view), rest) => view.lang(rest).map(drop),
                (Err(_), rest) => self.client.transaction()?.lang(rest).map(drop),
            },
            "quit" => match self.client.authorization() {
                Ok(mut view) => view.quit().map(drop),
                Err(_) => self.client.transaction()?.quit().map(drop),
            },
            "stat" => self.client.transaction()?.stat().map(drop),
            "list" if rest.is_empty() => self.client.transaction()?.list().map(drop),
            "list" => self.client.transaction()?.list_one(number(rest)).map(drop),
            "uidl" if rest.is_empty() => self.client.transaction()?.uidl().map(drop),
            "uidl" => self.client.transaction()?.uidl_one(number(rest)).map(drop),
            "retr" => self.client.transaction()?.retr(number(rest)).map(drop),
            "dele" => self.client.transaction()?.dele(number(rest)).map(drop),
            "top" => {
                let (message, lines) = two();
                self.client.transaction()?.top(number(message), lines.parse().expect("lines")).map(drop)
            }
            "rset" => self.client.transaction()?.rset().map(drop),
            "noop" => self.client.transaction()?.noop().map(drop),
            _ => panic!("no action: {verb}"),
        }
    }
}

/// A server, told what to answer in words.
pub struct ServerSubject {
    pub server: Server,
    running: Option<InProgress>,
    start_tls: Option<StartTls>,
    error: Option<Error>,
    refused: Option<String>,
}

impl ServerSubject {
    /// Whether the application holds what the action is about.
    pub fn can(&self, action: &str) -> bool {
        match action.split(' ').next().unwrap_or_default() {
            "resume" => self.start_tls.is_some(),
            "close" => true,
            "reject" => self.error.is_some() && self.running.is_some(),
            _ => self.running.is_some(),
        }
    }

    pub fn new(server: Server) -> Self {
        Self { server, running: None, start_tls: None, error: None, refused: None }
    }

    fn describe(&mut self, event: server::Event) -> String {
        use server::Event;
        let (running, line) = match event {
            Event::Command(running, command) => (running, format!("Command {}", words(&command))),
            Event::AuthResponse(running, response) => {
                (running, format!("AuthResponse {}", response.expose().escape_ascii()))
            }
            Event::AuthCancelled(running) => (running, "AuthCancelled".to_owned()),
            Event::Malformed(running, error) => {
                self.error = Some(error);
                (running, format!("Malformed {}", unparsed(&error)))
            }
            other => panic!("{other:?}"),
        };
        self.running = Some(running);
        line
    }

    fn dispatch(&mut self, verb: &str, rest: &str) -> Result<(), Error> {
        if verb == "resume" {
            self.server.resume(self.start_tls.take().expect("an upgrade"));
            return Ok(());
        }
        if verb == "close" {
            self.server.close(Reply::err("closing"));
            return Ok(());
        }
        let running = self.running.take().expect("an answer that is owed");
        let mut words = rest.split(' ').filter(|word| !word.is_empty());
        let mut next = || words.next().expect("an argument");
        match verb {
            "ok" => self.server.reply(running, Reply::new(Status::Ok, rest)?),
            "err" => self.server.reply(running, Reply::new(Status::Err, rest)?),
            "reject" => self.server.reject(running, &self.error.take().expect("an error")),
            "stat" => {
                let listing = DropListing {
                    messages: next().parse().expect("a number"),
                    octets: next().parse().expect("a number"),
                };
                self.server.stat(running, listing)
            }
            "scan" => {
                let listing =
                    ScanListing { message: number(next()), octets: next().parse().expect("a number") };
                self.server.scan_listing(running, listing)
            }
            "uid" => {
                let listing = UniqueIdListing { message: number(next()), unique_id: UniqueId::new(next())? };
                self.server.unique_id(running, &listing)
            }
            "list" => {
                let entries =
                    rest.split(' ').filter(|word| !word.is_empty()).zip(1..).map(|(octets, message)| {
                        ScanListing {
                            message: number(&format!("{message}")),
                            octets: octets.parse().expect("octets"),
                        }
                    });
                self.server.list(running, entries)
            }
            "uidl" => {
                let entries =
                    rest.split(' ').filter(|word| !word.is_empty()).zip(1..).map(|(unique_id, message)| {
                        let message = number(&format!("{message}"));
                        UniqueIdListing { message, unique_id: UniqueId::new(unique_id).expect("a unique-id") }
                    });
                self.server.uidl(running, entries)
            }
            "languages" => {
                let mut listing = self.server.begin_listing(running, Reply::ok(""))?;
                for line in rest.split(", ") {
                    let (language, description) = line.split_once(' ').expect("two words");
                    let entry = LanguageListing::new(Language::new(language)?, description)?;
                    self.server.entry(&mut listing, &entry)?;
                }
                self.server.end_listing(listing)
            }
            "capa" => {
                let capabilities: Capabilities = rest
                    .split(", ")
                    .map(|line| Capability::parse(line.as_bytes()).expect("a capability"))
                    .collect();
                self.server.capabilities(running, &capabilities)
            }
            "message" => {
                let mut message = self.server.begin_message(running, None)?;
                for piece in crate::trace::unescape(rest).chunks(3) {
                    self.server.message_chunk(&mut message, Bytes::copy_from_slice(piece))?;
                }
                self.server.message_end(message)
            }
            "challenge" => self.server.challenge(running, rest.as_bytes()),
            "starttls" => self.server.start_tls(running, Reply::ok("begin")).map(|token| {
                self.start_tls = Some(token);
            }),
            _ => panic!("no answer: {verb}"),
        }
    }
}

impl Subject for ServerSubject {
    fn receive(&mut self, input: &mut BytesMut, eof: bool) -> Option<Told> {
        if let Some(refused) = self.refused.take() {
            return Some(Told::Event(format!("Refused {refused}")));
        }
        let result = if eof { self.server.receive_eof(input) } else { self.server.receive(input) };
        match result {
            Ok(event) => event.map(|event| Told::Event(self.describe(event))),
            Err(error) => {
                assert!(error.is_fatal());
                Some(Told::Fatal(format!("{:?}", error.kind())))
            }
        }
    }

    fn transmit(&mut self) -> Option<Bytes> {
        self.server.poll_transmit()
    }

    fn act(&mut self, action: &str) {
        let (verb, rest) = action.split_once(' ').unwrap_or((action, ""));
        self.refused = self.dispatch(verb, rest).err().map(|error| format!("{:?}", error.kind()));
    }
}

/// A command as its line, with what only a test may see.
fn words(command: &Command) -> String {
    let mut out = BytesMut::new();
    match command.encode(&mut out) {
        Ok(()) => out.trim_ascii_end().escape_ascii().to_string(),
        // A server takes longer lines than a client may send.
        Err(_) => format!("{command:?}"),
    }
}

/// A client that forgives nothing, over TLS.
pub fn strict() -> ClientConfig {
    ClientConfig { quirks: Quirks::strict(), ..ClientConfig::protected() }
}

/// Ways into each state, in one call.
pub struct Scenario;

impl Scenario {
    /// A client behind its greeting.
    pub fn client(config: ClientConfig) -> ClientSubject {
        let mut subject = Self::client_before_greeting(config);
        subject.hear("+OK ready\r\n");
        subject
    }

    pub fn client_before_greeting(config: ClientConfig) -> ClientSubject {
        ClientSubject::new(Client::new(config))
    }

    /// A client in TRANSACTION.
    pub fn client_logged_in(config: ClientConfig) -> ClientSubject {
        let mut subject = Self::client(config);
        subject.say("enqueue USER u");
        subject.hear("+OK\r\n");
        subject.say("enqueue PASS p");
        subject.hear("+OK\r\n");
        subject
    }

    /// A client in TRANSACTION that sends its commands ahead.
    pub fn client_pipelining(config: ClientConfig) -> ClientSubject {
        let mut subject = Self::client_logged_in(config);
        subject.say("capa");
        subject.hear("+OK\r\nPIPELINING\r\n.\r\n");
        subject
    }

    /// A client that waits for the answer to this command.
    pub fn client_waiting(config: ClientConfig, command: &str) -> ClientSubject {
        let mut subject = Self::client_logged_in(config);
        subject.say(&format!("enqueue {command}"));
        subject
    }

    /// A server behind its greeting.
    pub fn server(config: ServerConfig) -> ServerSubject {
        let mut subject = ServerSubject::new(Server::new(config));
        while subject.transmit().is_some() {}
        subject
    }

    /// A server that offers APOP.
    pub fn server_with_apop(config: ServerConfig) -> ServerSubject {
        let timestamp = Timestamp::new("<1.2@example.org>").expect("a timestamp");
        let mut subject = ServerSubject::new(Server::with_timestamp(config, timestamp));
        while subject.transmit().is_some() {}
        subject
    }

    /// A server in TRANSACTION.
    pub fn server_logged_in(config: ServerConfig) -> ServerSubject {
        let mut subject = Self::server(config);
        for line in ["USER u\r\n", "PASS p\r\n"] {
            let mut input = BytesMut::from(line);
            subject.receive(&mut input, false).expect("a command");
            subject.act("ok");
        }
        while subject.transmit().is_some() {}
        subject
    }

    /// A server where STLS is to be had and logins in plaintext are allowed.
    pub fn optional_tls() -> ServerConfig {
        ServerConfig { tls: Tls::Optional, ..ServerConfig::new() }
    }
}

impl ClientSubject {
    /// Octets of the server; the events are passed over.
    pub fn hear(&mut self, octets: &str) {
        let mut input = BytesMut::from(octets);
        while self.receive(&mut input, false).is_some() {}
    }

    /// An action that must be allowed, and what it sends goes.
    pub fn say(&mut self, action: &str) {
        self.act(action);
        assert_eq!(self.refused, None, "{action}");
        while self.transmit().is_some() {}
    }
}

/// A code, so that tests can name it.
pub fn code(text: &str) -> ResponseCode {
    ResponseCode::parse(text.as_bytes()).expect("a code")
}
