//! The machines with an application that does what the values of a dialogue say.

use crate::dialogue::{Script, Start};
use crate::trace::{Subject, Told};
use crate::values::capabilities;
use bytes::{Bytes, BytesMut};
use mailwire::imap::client::{self, Challenge, Client, CommandId};
use mailwire::imap::server::{self, InProgress, LiteralOffer, SelectData, Selecting, Server};
use mailwire::imap::{
    Append, AppendOptions, Body, BodyStart, Capabilities, Command, Data, Fetch, ResponseCode, State, Status,
};
use mailwire::wire::{Error, Machine, Text};
use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::rc::Rc;

/// What a machine tells. Its `Debug` is how a trace says it.
#[derive(Clone, Debug, PartialEq)]
pub enum Heard {
    Greeting(Status),
    Status(Status),
    Bye(Status),
    Completed(String, Status),
    StartTls,
    Data(Data),
    Fetch(Fetch),
    Begin(BodyStart),
    /// Octets of a message, in either direction.
    Chunk(Bytes),
    End,
    Challenge(Vec<u8>),
    Continuation(Text),
    Command(Command),
    Literal {
        options: Option<AppendOptions>,
        length: u64,
        binary: bool,
        utf8: bool,
    },
    LiteralEnd,
    Catenate(Append, AppendOptions),
    CatenateUrl(Text),
    CatenateEnd,
    Response(Vec<u8>),
    Cancelled,
    Done,
    /// What no dialogue here has.
    Other(String),
}

impl Heard {
    /// The offer of these octets; options, unless they are a part of a message.
    pub fn offer(options: Option<AppendOptions>, octets: &str) -> Self {
        let length = octets.len().try_into().expect("a length");
        Self::Literal { options, length, binary: false, utf8: false }
    }

    pub fn told(&self) -> Told {
        match self {
            Self::Chunk(octets) => Told::Chunk(octets.clone()),
            other => Told::Event(format!("{other:?}")),
        }
    }

    /// The same, once it is compared with what should come: `Debug` may hide a difference.
    fn compared(self, expected: &mut VecDeque<Self>) -> Told {
        match (&self, self.told()) {
            (Self::Chunk(_), told) => told,
            (_, Told::Event(words)) if expected.pop_front().as_ref() != Some(&self) => {
                Told::Event(format!("{words}, which is not expected"))
            }
            (_, told) => told,
        }
    }
}

pub type ClientAct = Rc<dyn Fn(&mut ClientSubject) -> Result<(), Error>>;

/// A client that does what a dialogue says.
pub struct ClientSubject {
    pub client: Client,
    pub challenge: Option<Challenge>,
    pub start_tls: Option<client::StartTls>,
    /// The last command.
    pub last: Option<CommandId>,
    acts: Vec<ClientAct>,
    heard: VecDeque<Heard>,
}

impl ClientSubject {
    pub fn new(start: Start, script: &Script) -> Self {
        let mut client = Client::new(client::Config { tls: start.tls, ..client::Config::strict() });
        let condition = match start.state {
            State::NotAuthenticated => Some("OK"),
            State::Authenticated | State::Selected => Some("PREAUTH"),
            _ => None,
        };
        let mut input = BytesMut::new();
        if let Some(condition) = condition {
            let line = format!("* {condition} [CAPABILITY IMAP4rev1 {}] ready\r\n", start.capabilities);
            input.extend_from_slice(line.replace(" ]", "]").as_bytes());
            assert!(matches!(client.receive(&mut input), Ok(Some(client::Event::Greeting(_)))));
        }
        if start.state == State::Selected {
            let view = client.authenticated().expect("a user").select(crate::values::inbox());
            assert!(view.is_ok() && client.poll_transmit().is_some());
            input.extend_from_slice(b"a1 OK [READ-WRITE] done\r\n");
            assert!(matches!(client.receive(&mut input), Ok(Some(client::Event::Completed { .. }))));
        }
        let (acts, heard) = (script.client_acts.clone(), script.heard.clone());
        Self { client, challenge: None, start_tls: None, last: None, acts, heard }
    }

    fn hear(&mut self, event: client::Event) -> Heard {
        use client::Event;
        assert!(self.client.forgiven().is_empty(), "{event:?}");
        match event {
            Event::Greeting(status) => Heard::Greeting(status),
            Event::Completed { command, status } => Heard::Completed(command.to_string(), status),
            Event::StartTls(token) => {
                self.start_tls = Some(token);
                Heard::StartTls
            }
            Event::Status(status) => Heard::Status(status),
            Event::Bye(status) => Heard::Bye(status),
            Event::Data(data) => Heard::Data(data),
            Event::Fetch(fetch) => Heard::Fetch(fetch),
            Event::Body(Body::Begin(start)) => Heard::Begin(start),
            Event::Body(Body::Chunk(octets)) => Heard::Chunk(octets),
            Event::Body(Body::End) => Heard::End,
            Event::Challenge(challenge) => {
                let octets = challenge.octets().to_vec();
                self.challenge = Some(challenge);
                Heard::Challenge(octets)
            }
            Event::Continuation(continuation) => Heard::Continuation(continuation.text),
            other => Heard::Other(format!("{other:?}")),
        }
    }
}

impl Subject for ClientSubject {
    fn receive(&mut self, input: &mut BytesMut, _eof: bool) -> Option<Told> {
        match self.client.receive(input) {
            Ok(event) => event.map(|event| self.hear(event).compared(&mut self.heard)),
            Err(error) => Some(Told::Fatal(error.to_string())),
        }
    }

    fn transmit(&mut self) -> Option<Bytes> {
        self.client.poll_transmit()
    }

    fn act(&mut self, number: &str) {
        let act = self.acts[number.parse::<usize>().expect("a number")].clone();
        act(self).expect("what the state allows");
    }
}

/// What the application of a server does.
#[derive(Clone)]
pub enum ServerAct {
    Greet(Status),
    Status(Status),
    Bye(Status),
    Data(Data),
    Fetch(Fetch, Vec<(BodyStart, Bytes)>),
    Complete(String, Command, Status),
    BeginSelect(String, SelectData),
    Enable(String, Capabilities),
    Logout(String, Status),
    Challenge(Vec<u8>),
    Idle,
    /// The message that is on offer, if one is.
    Accept,
    Resume,
}

/// A server that does what a dialogue says.
pub struct ServerSubject {
    server: Server,
    running: Vec<InProgress>,
    selecting: Option<Selecting>,
    offer: Option<LiteralOffer>,
    start_tls: Option<server::StartTls>,
    acts: Vec<ServerAct>,
    heard: VecDeque<Heard>,
}

impl ServerSubject {
    pub fn new(start: Start, script: &Script) -> Self {
        let mut server = Server::new(server::Config { tls: start.tls, ..server::Config::default() });
        let greeting = match start.state {
            State::NotAuthenticated => Some(Status::ok("ready")),
            State::Authenticated | State::Selected => Some(Status::pre_auth("ready")),
            _ => None,
        };
        if let Some(greeting) = greeting {
            let told = format!("IMAP4rev1 {}", start.capabilities);
            let code = ResponseCode::Capability(capabilities(told.trim_end()));
            server.greet(&greeting.code(code)).expect("a greeting");
        }
        if start.state == State::Selected {
            let mut input = BytesMut::from("x SELECT INBOX\r\n");
            let Ok(Some(server::Event::Command(running, _))) = server.receive(&mut input) else {
                panic!("a SELECT");
            };
            server
                .select(running, &SelectData::new(172, NonZeroU32::MIN, NonZeroU32::MIN))
                .expect("a mailbox");
        }
        while server.poll_transmit().is_some() {}
        let (acts, heard) = (script.server_acts.clone(), script.heard.clone());
        Self { server, running: Vec::new(), selecting: None, offer: None, start_tls: None, acts, heard }
    }

    fn hear(&mut self, event: server::Event) -> Heard {
        use server::Event;
        let (running, heard) = match event {
            Event::Literal(offer) => {
                let heard = Heard::Literal {
                    options: offer.options().cloned(),
                    length: offer.len(),
                    binary: offer.is_binary(),
                    utf8: offer.is_utf8(),
                };
                match offer.is_synchronizing() {
                    true => self.offer = Some(offer),
                    false => self.server.accept(offer).expect("octets that come anyway"),
                }
                return heard;
            }
            Event::LiteralChunk(octets) => return Heard::Chunk(octets),
            Event::LiteralEnd => return Heard::LiteralEnd,
            Event::Catenate(append, options) => return Heard::Catenate(append, *options),
            Event::CatenateUrl(url) => return Heard::CatenateUrl(url),
            Event::CatenateEnd => return Heard::CatenateEnd,
            Event::Command(running, command) => (running, Heard::Command(command)),
            Event::Response(running, response) => (running, Heard::Response(response.expose().clone())),
            Event::Cancelled(running) => (running, Heard::Cancelled),
            Event::Done(running) => (running, Heard::Done),
            other => return Heard::Other(format!("{other:?}")),
        };
        self.running.push(running);
        heard
    }

    fn running(&mut self, tag: &str) -> InProgress {
        let place =
            self.running.iter().position(|running| running.tag().is_some_and(|own| own.as_str() == tag));
        self.running.remove(place.expect("a command that runs"))
    }

    fn complete(&mut self, tag: &str, command: &Command, status: &Status) -> Result<(), Error> {
        if let Some(selecting) = self.selecting.take() {
            return self.server.end_select(selecting);
        }
        if let Some(offer) = self.offer.take() {
            return self.server.refuse(offer, status);
        }
        let running = self.running(tag);
        match command {
            Command::Login { .. } | Command::Authenticate { .. } if status.is_ok() => {
                self.server.authenticate(running, status)
            }
            Command::Unauthenticate if status.is_ok() => self.server.unauthenticate(running, status),
            Command::StartTls if status.is_ok() => {
                self.server.starttls(running, status).map(|token| self.start_tls = Some(token))
            }
            _ => self.server.complete(running, status),
        }
    }

    fn fetch(&mut self, fetch: &Fetch, bodies: &[(BodyStart, Bytes)]) -> Result<(), Error> {
        if bodies.is_empty() {
            return self.server.fetch(fetch);
        }
        let mut writer = self.server.begin_fetch(fetch)?;
        for (start, octets) in bodies {
            self.server.body(&mut writer, start)?;
            self.server.body_octets(&mut writer, octets.clone())?;
        }
        self.server.end_fetch(writer)
    }
}

impl Subject for ServerSubject {
    fn receive(&mut self, input: &mut BytesMut, _eof: bool) -> Option<Told> {
        match self.server.receive(input) {
            Ok(event) => event.map(|event| self.hear(event).compared(&mut self.heard)),
            Err(error) => Some(Told::Fatal(error.to_string())),
        }
    }

    fn transmit(&mut self) -> Option<Bytes> {
        self.server.poll_transmit()
    }

    fn act(&mut self, number: &str) {
        let act = self.acts[number.parse::<usize>().expect("a number")].clone();
        let done = match &act {
            ServerAct::Greet(status) => self.server.greet(status),
            ServerAct::Status(status) => self.server.status(status),
            ServerAct::Bye(status) => self.server.bye(status),
            ServerAct::Data(data) => self.server.data(data),
            ServerAct::Fetch(fetch, bodies) => self.fetch(fetch, bodies),
            ServerAct::Complete(tag, command, status) => self.complete(tag, command, status),
            ServerAct::BeginSelect(tag, data) => {
                let running = self.running(tag);
                self.server.begin_select(running, data).map(|selecting| self.selecting = Some(selecting))
            }
            ServerAct::Enable(tag, enabled) => {
                let running = self.running(tag);
                self.server.enable(running, enabled)
            }
            ServerAct::Logout(tag, bye) => {
                let running = self.running(tag);
                self.server.logout(running, bye)
            }
            ServerAct::Challenge(octets) => {
                let running = self.running.pop().expect("AUTHENTICATE");
                self.server.challenge(running, octets)
            }
            ServerAct::Idle => {
                let running = self.running.pop().expect("IDLE");
                self.server.idle(running)
            }
            ServerAct::Accept => match self.offer.take() {
                Some(offer) => self.server.accept(offer),
                None => Ok(()),
            },
            ServerAct::Resume => {
                self.server.resume(self.start_tls.take().expect("an upgrade"));
                Ok(())
            }
        };
        done.expect("what the state allows");
    }
}
