//! IMAP's machines as subjects of traces, and the way into any of their states.

#![allow(dead_code, unreachable_pub, reason = "each test uses its part")]

use crate::trace::{Subject, Told, unescape};
use bytes::{Bytes, BytesMut};
use mailwire::imap::client::{self, Appending, Challenge, Client, CommandId};
use mailwire::imap::server::{self, InProgress, LiteralOffer, SelectData, Server};
use mailwire::imap::{
    Append, AppendOptions, Atom, Body, BodyStart, Capabilities, Capability, Command, CommandDecoder,
    CommandEvent, Data, Encoding, Fetch, Flag, Flags, Mailbox, Quirks, Replaces, Response, ResponseCode,
    ResponseDecoder, ResponseEvent, SearchKey, SearchProgram, State, Status, Tag,
};
use mailwire::wire::{Error, Machine, Secret, Tls};
use std::collections::VecDeque;
use std::num::NonZeroU32;

fn unparsed(error: &Error) -> String {
    format!("{:?} at {}", error.kind(), error.offset())
}

/// A command from its line; no literals.
pub fn command(line: &str) -> Command {
    let mut input = BytesMut::from("x ");
    input.extend_from_slice(&unescape(line));
    input.extend_from_slice(b"\r\n");
    match CommandDecoder::default().decode(&mut input) {
        Ok(Some(CommandEvent::Command { command, .. })) => command,
        other => panic!("{line}: {other:?}"),
    }
}

/// Data from its line, without `* `; no literals.
pub fn data(line: &str) -> Data {
    let mut input = BytesMut::from("* ");
    input.extend_from_slice(&unescape(line));
    input.extend_from_slice(b"\r\n");
    match ResponseDecoder::strict().decode(&mut input) {
        Ok(Some(ResponseEvent::Response(Response::Data(data)))) => data,
        other => panic!("{line}: {other:?}"),
    }
}

/// A response as its line, without the line end.
pub fn written(response: &Response) -> String {
    let mut out = BytesMut::new();
    match response.write(&mut out, Encoding::default()) {
        Ok(()) => out.strip_suffix(b"\r\n").expect("a line end").escape_ascii().to_string(),
        Err(error) => format!("{error:?}"),
    }
}

/// A status as it stands on the wire.
pub fn status(status: &Status) -> String {
    written(&Response::Status(status.clone())).trim_start_matches("* ").to_owned()
}

pub fn mailbox(name: &str) -> Mailbox {
    match command(&format!("DELETE {name}")) {
        Command::Delete(mailbox) => mailbox,
        other => panic!("{other:?}"),
    }
}

/// A client, told what to do in words.
pub struct ClientSubject {
    pub client: Client,
    pub appending: Option<Appending>,
    challenge: Option<Challenge>,
    start_tls: Option<client::StartTls>,
    idle: Option<CommandId>,
    /// The tag of the last command, as a number.
    pub last: u32,
    /// What the last action was refused with.
    pub refused: Option<String>,
}

impl ClientSubject {
    pub fn new(client: Client) -> Self {
        Self { client, appending: None, challenge: None, start_tls: None, idle: None, last: 0, refused: None }
    }

    fn describe(&mut self, event: client::Event) -> Told {
        use client::Event;
        let line = match event {
            Event::Body(Body::Chunk(octets)) => return Told::Chunk(octets),
            Event::Body(Body::Begin(start)) => body_words(&start),
            Event::Body(Body::End) => "End".to_owned(),
            Event::Fetch(fetch) => fetch_words(&fetch),
            Event::Greeting(greeting) => format!("Greeting {}", status(&greeting)),
            Event::Completed { command, status: how } => format!("Completed {command} {}", status(&how)),
            Event::Status(how) => format!("Status {}", status(&how)),
            Event::Bye(how) => format!("Bye {}", status(&how)),
            Event::StartTls(token) => {
                self.start_tls = Some(token);
                "StartTls".to_owned()
            }
            Event::Challenge(challenge) => {
                let line = format!("Challenge {}", challenge.octets().escape_ascii());
                self.challenge = Some(challenge);
                line
            }
            Event::Continuation(continuation) => {
                format!("Continuation {}", continuation.text.as_bytes().escape_ascii())
            }
            Event::GoAhead(command) => format!("GoAhead {command}"),
            Event::Data(data) => {
                format!("Data {}", written(&Response::Data(data)).trim_start_matches("* "))
            }
            Event::Unparsed { octets, error } => {
                format!("Unparsed {} {}", unparsed(&error), octets.escape_ascii())
            }
            Event::Violation(violation) => return Told::Event(format!("Violation {violation:?}")),
            other => format!("{other:?}"),
        };
        let forgiven: Vec<_> = self.client.forgiven().iter().map(|quirk| quirk.name()).collect();
        match forgiven.is_empty() {
            true => Told::Event(line),
            false => Told::Event(format!("{line} ~ {}", forgiven.join(" "))),
        }
    }

    /// Octets of the server; the events are passed over.
    pub fn hear(&mut self, octets: &str) {
        let mut input = BytesMut::from(octets);
        while let Some(told) = self.receive(&mut input, false) {
            assert!(!matches!(told, Told::Fatal(_)), "{octets}: {told:?}");
        }
    }

    /// An action that must be allowed, and what it sends goes.
    pub fn say(&mut self, action: &str) {
        self.act(action);
        assert_eq!(self.refused, None, "{action}");
        while self.transmit().is_some() {}
    }

    /// Whether the caller holds what the action is about.
    pub fn can(&self, action: &str) -> bool {
        match action.split(' ').next().unwrap_or_default() {
            "respond" | "cancel" => self.challenge.is_some(),
            "resume" => self.start_tls.is_some(),
            "done" => self.idle.is_some(),
            "octets" | "end" | "message" => self.appending.is_some(),
            _ => true,
        }
    }

    fn sent(&mut self, command: CommandId) {
        self.last = command.to_string().trim_start_matches('a').parse().expect("a number");
    }

    fn dispatch(&mut self, verb: &str, rest: &str) -> Result<(), Error> {
        let words: Vec<&str> = rest.split(' ').collect();
        let number = |at: usize| words[at].parse::<u64>().expect("a length");
        let id = match verb {
            "enqueue" => self.client.enqueue(&command(rest))?,
            "capability" => self.client.capability()?,
            "enable" => {
                self.client.authenticated()?.enable(Capabilities::from_iter([Capability::new(rest)?]))?
            }
            "noop" => self.client.noop()?,
            "logout" => self.client.logout()?,
            "starttls" => self.client.not_authenticated()?.starttls()?,
            "login" => {
                let password = Secret::new(unescape(words[1]));
                self.client.not_authenticated()?.login(unescape(words[0]), password)?
            }
            "authenticate" => {
                let response = words.get(1).map(|response| Secret::new(unescape(response)));
                self.client.not_authenticated()?.authenticate(Atom::new(words[0])?, response)?
            }
            "select" => self.client.authenticated()?.select(mailbox(rest))?,
            "create" => self
                .client
                .authenticated()?
                .create(Mailbox::new(&String::from_utf8_lossy(&unescape(rest)))?)?,
            "idle" => {
                let id = self.client.authenticated()?.idle()?;
                self.idle = Some(id);
                id
            }
            // What the subject holds, and the charset if there is one.
            "search" => {
                let mut program = SearchProgram::from(SearchKey::Subject(unescape(words[0]).into()));
                program.charset = words.get(1).map(|charset| (*charset).into());
                self.client.selected()?.uid_search(program)?
            }
            "close" => self.client.selected()?.close()?,
            "expunge" => self.client.selected()?.expunge()?,
            "append" => {
                let options = AppendOptions::default();
                let append = Append::to(mailbox(words[0]));
                let appending = self.client.authenticated()?.append(&append, &options, number(1))?;
                let id = appending.command();
                self.appending = Some(appending);
                id
            }
            "replace" => {
                let replaces = match words[0].strip_prefix("uid:") {
                    Some(uid) => Replaces::Uid(uid.parse().ok()),
                    None => Replaces::Sequence(words[0].parse().ok()),
                };
                let options = AppendOptions::default();
                let appending =
                    self.client.selected()?.replace(replaces, mailbox(words[1]), &options, number(2))?;
                let id = appending.command();
                self.appending = Some(appending);
                id
            }
            "message" => {
                let appending = self.appending.as_mut().expect("an APPEND");
                return self.client.append_message(appending, &AppendOptions::default(), number(0));
            }
            "octets" => {
                let appending = self.appending.as_mut().expect("an APPEND");
                return self.client.append_octets(appending, unescape(rest).into());
            }
            "end" => {
                let appending = self.appending.take().expect("an APPEND");
                return self.client.append_end(appending).map(drop);
            }
            "respond" => {
                let challenge = self.challenge.take().expect("a challenge");
                return self.client.respond(challenge, &Secret::new(unescape(rest)));
            }
            "cancel" => return self.client.cancel(self.challenge.take().expect("a challenge")),
            "done" => return self.client.done(self.idle.expect("IDLE")),
            "resume" => return self.client.resume(self.start_tls.take().expect("an upgrade")),
            _ => panic!("no action: {verb}"),
        };
        self.sent(id);
        Ok(())
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
                assert!(self.client.is_closed() && !self.client.wants_read());
                assert!(self.client.noop().is_err() && self.client.enqueue(&Command::Noop).is_err());
                Some(Told::Fatal(format!("{:?}", error.kind())))
            }
        }
    }

    fn transmit(&mut self) -> Option<Bytes> {
        self.client.poll_transmit()
    }

    fn act(&mut self, action: &str) {
        let (verb, rest) = action.split_once(' ').unwrap_or((action, ""));
        self.refused = self.dispatch(verb, rest).err().map(|error| format!("{:?}", error.kind()));
    }
}

/// What a `Fetch` tells, in words.
pub fn fetch_words(fetch: &Fetch) -> String {
    use std::fmt::Write;
    let mut line = match fetch.seq {
        Some(number) => format!("Fetch {number}"),
        None => "Fetch -".to_owned(),
    };
    let mut add = |text: String| write!(line, " {text}").expect("a string takes all");
    fetch.uid.iter().for_each(|uid| add(format!("uid={uid}")));
    fetch.flags.iter().for_each(|flags| add(format!("flags={flags}")));
    fetch.mod_seq.iter().for_each(|number| add(format!("modseq={number:?}")));
    fetch.internal_date.iter().for_each(|date| add(format!("date={date}")));
    fetch.size.iter().for_each(|size| add(format!("size={size}")));
    fetch.envelope.iter().for_each(|envelope| add(format!("{envelope:?}")));
    fetch.body_structure.iter().for_each(|structure| add(format!("{structure:?}")));
    fetch.items.iter().for_each(|item| add(format!("{item:?}")));
    add(if fetch.last { "." } else { ".." }.to_owned());
    line
}

/// Whose octets begin, in words.
pub fn body_words(start: &BodyStart) -> String {
    let number = start.seq.map_or("-".to_owned(), |number| number.to_string());
    let origin = start.origin.map_or(String::new(), |origin| format!("<{origin}>"));
    let octets = start.len.map_or("NIL".to_owned(), |octets| octets.to_string());
    format!("Begin {number} {:?}{origin} {octets}", start.item)
}

/// A server, told what to answer in words: always the command that waits longest.
pub struct ServerSubject {
    pub server: Server,
    running: VecDeque<InProgress>,
    offer: Option<LiteralOffer>,
    pub start_tls: Option<server::StartTls>,
    error: Option<Error>,
    pub refused: Option<String>,
    /// Commands that the application refused.
    pub refusals: usize,
}

impl ServerSubject {
    pub fn new(server: Server) -> Self {
        Self {
            server,
            running: VecDeque::new(),
            offer: None,
            start_tls: None,
            error: None,
            refused: None,
            refusals: 0,
        }
    }

    fn describe(&mut self, event: server::Event) -> Told {
        use server::Event;
        let (running, line) = match event {
            Event::LiteralChunk(octets) => return Told::Chunk(octets),
            Event::LiteralEnd => return Told::Event("LiteralEnd".to_owned()),
            Event::Literal(offer) => {
                let line = format!(
                    "Literal {} {} {}{}{}",
                    words(offer.tag(), &Command::Append(offer.append().clone())),
                    offer.len(),
                    if offer.is_synchronizing() { "waits" } else { "comes" },
                    if offer.is_binary() { " binary" } else { "" },
                    if offer.is_utf8() { " utf8" } else { "" }
                );
                self.offer = Some(offer);
                return Told::Event(line);
            }
            Event::Catenate(append, _) => {
                let tag = Tag::new("-").expect("a tag");
                return Told::Event(format!("Catenate {}", words(&tag, &Command::Append(append))));
            }
            Event::CatenateUrl(url) => {
                return Told::Event(format!("CatenateUrl {}", url.as_bytes().escape_ascii()));
            }
            Event::CatenateEnd => return Told::Event("CatenateEnd".to_owned()),
            Event::Command(running, command) => {
                let line = format!("Command {}", words(running.tag().expect("a tag"), &command));
                (running, line)
            }
            Event::Response(running, response) => {
                (running, format!("Response {}", response.expose().escape_ascii()))
            }
            Event::Cancelled(running) => (running, "Cancelled".to_owned()),
            Event::Done(running) => (running, "Done".to_owned()),
            Event::Malformed(running, error) => {
                self.error = Some(error);
                let line = format!(
                    "Malformed {} {}",
                    running.tag().map_or("*", |tag| tag.as_str()),
                    unparsed(&error)
                );
                (running, line)
            }
            other => panic!("{other:?}"),
        };
        self.running.push_back(running);
        Told::Event(line)
    }

    fn dispatch(&mut self, verb: &str, rest: &str) -> Result<(), Error> {
        let text = || unescape(rest);
        match verb {
            "resume" => {
                self.server.resume(self.start_tls.take().expect("an upgrade"));
                return Ok(());
            }
            "bye" => return self.server.bye(&Status::bye(text())),
            "exists" => return self.server.data(&Data::Exists(rest.parse().expect("a number"))),
            "data" => return self.server.data(&data(rest)),
            "status" => return self.server.status(&Status::ok(text())),
            "accept" => return self.server.accept(self.offer.take().expect("an offer")),
            "refuse" => {
                let no = Status::no(text()).code(ResponseCode::TooBig);
                return self.server.refuse(self.offer.take().expect("an offer"), &no);
            }
            "discard" => {
                let no = Status::no(text()).code(ResponseCode::TryCreate);
                return self.server.discard(self.offer.take().expect("an offer"), &no);
            }
            "swallow" => {
                return self.server.discard(self.offer.take().expect("an offer"), &Status::ok(text()));
            }
            _ => {}
        }
        let running = self.running.pop_front().expect("an answer that is owed");
        match verb {
            "search" => {
                let Data::Search(found) = data(format!("SEARCH {rest}").trim_end()) else { panic!("{rest}") };
                self.server.search(&running, true, found)?;
                self.server.complete(running, &Status::ok("done"))
            }
            "ok" => self.server.complete(running, &Status::ok(text())),
            "no" => self.server.complete(running, &Status::no(text())),
            "bad" => self.server.complete(running, &Status::bad(text())),
            "BYE" => self.server.complete(running, &Status::bye(text())),
            "PREAUTH" => self.server.complete(running, &Status::pre_auth(text())),
            "reject" => self.server.reject(running, &self.error.take().expect("an error")),
            "authenticate" => self.server.authenticate(running, &Status::ok(text())),
            "select" => self.server.select(running, &select_data()),
            "logout" => self.server.logout(running, &Status::bye(text())),
            "challenge" => self.server.challenge(running, &text()),
            "idle" => self.server.idle(running),
            "starttls" => self.server.starttls(running, &Status::ok(text())).map(|token| {
                self.start_tls = Some(token);
            }),
            _ => panic!("no answer: {verb}"),
        }
    }

    /// How many commands the application has to answer, and what else it holds.
    pub fn owed(&self) -> String {
        format!("{} {} {}", self.running.len(), self.offer.is_some(), self.start_tls.is_some())
    }

    /// Whether the application holds what the action is about.
    pub fn can(&self, action: &str) -> bool {
        match action.split(' ').next().unwrap_or_default() {
            "resume" => self.start_tls.is_some(),
            "bye" => true,
            "accept" | "refuse" | "discard" | "swallow" => self.offer.is_some(),
            "reject" => self.error.is_some() && !self.running.is_empty(),
            _ => !self.running.is_empty(),
        }
    }

    /// Octets of the client that are commands, each answered with the action.
    pub fn hear(&mut self, octets: &str, action: &str) {
        let mut input = BytesMut::from(octets);
        while let Some(told) = self.receive(&mut input, false) {
            assert!(matches!(told, Told::Event(_)), "{told:?}");
            self.act(action);
            assert_eq!(self.refused, None, "{action}");
        }
        while self.transmit().is_some() {}
    }
}

/// What a mailbox that was just selected has.
pub fn select_data() -> SelectData {
    SelectData {
        flags: Flags::from_iter([Flag::Seen]),
        permanent_flags: Flags::from_iter([Flag::Seen]),
        recent: 1,
        uid_next: None,
        list: match data(r#"LIST () "/" INBOX"#) {
            Data::List(list) => Some(list),
            other => panic!("{other:?}"),
        },
        ..SelectData::new(2, NonZeroU32::MIN, NonZeroU32::MIN)
    }
}

impl Subject for ServerSubject {
    fn receive(&mut self, input: &mut BytesMut, eof: bool) -> Option<Told> {
        if let Some(refused) = self.refused.take() {
            return Some(Told::Event(format!("Refused {refused}")));
        }
        let result = if eof { self.server.receive_eof(input) } else { self.server.receive(input) };
        match result {
            Ok(event) => event.map(|event| self.describe(event)),
            Err(error) => {
                assert!(error.is_fatal());
                assert!(self.server.is_closed() && !self.server.wants_read());
                assert!(self.server.data(&Data::Exists(1)).is_err());
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
pub fn words(tag: &Tag, command: &Command) -> String {
    let segments = command.to_segments(tag, Encoding::default()).expect("a command that can be written");
    segments.concat().trim_ascii_end().escape_ascii().to_string()
}

/// Configurations by name.
pub fn strict() -> client::Config {
    client::Config { tls: Tls::Established, ..client::Config::strict() }
}

pub fn lenient() -> client::Config {
    client::Config { quirks: Quirks::lenient(), ..strict() }
}

pub fn protected() -> server::Config {
    server::Config { tls: Tls::Established, ..server::Config::default() }
}

/// Ways into each state, in one call.
pub struct Scenario;

impl Scenario {
    pub fn client_before_greeting(config: client::Config) -> ClientSubject {
        ClientSubject::new(Client::new(config))
    }

    /// A client behind its greeting.
    pub fn client(config: client::Config) -> ClientSubject {
        Self::client_offered(config, "")
    }

    /// A client behind a greeting with these capabilities.
    pub fn client_offered(config: client::Config, capabilities: &str) -> ClientSubject {
        let mut subject = Self::client_before_greeting(config);
        match capabilities {
            "" => subject.hear("* OK ready\r\n"),
            list => subject.hear(&format!("* OK [CAPABILITY IMAP4rev1 {list}] ready\r\n")),
        }
        subject
    }

    /// A client whose user is known; its next tag is `a2`.
    pub fn client_authenticated(config: client::Config) -> ClientSubject {
        Self::client_authenticated_offered(config, "")
    }

    /// The same with capabilities that the server told behind the login.
    pub fn client_authenticated_offered(config: client::Config, capabilities: &str) -> ClientSubject {
        let mut subject = Self::client(config);
        subject.say("login u p");
        match capabilities {
            "" => subject.hear("a1 OK\x20done\r\n"),
            list => subject.hear(&format!("a1 OK [CAPABILITY IMAP4rev1 {list}] done\r\n")),
        }
        assert_eq!(subject.client.state(), State::Authenticated);
        subject
    }

    /// A client with a selected mailbox; its next tag is `a3`.
    pub fn client_selected(config: client::Config) -> ClientSubject {
        let mut subject = Self::client_authenticated(config);
        subject.say("select INBOX");
        subject.hear("a2 OK done\r\n");
        assert_eq!(subject.client.state(), State::Selected);
        subject
    }

    /// A client with a selected mailbox that waits for the answer to this action, `a3`.
    pub fn client_waiting(config: client::Config, action: &str) -> ClientSubject {
        let mut subject = Self::client_selected(config);
        subject.say(action);
        subject
    }

    /// A client in IDLE, `a2`.
    pub fn client_idling(config: client::Config) -> ClientSubject {
        let mut subject = Self::client_authenticated(config);
        subject.say("idle");
        subject.hear("+ idling\r\n");
        subject
    }

    pub fn server_before_greeting(config: server::Config) -> ServerSubject {
        ServerSubject::new(Server::new(config))
    }

    /// A server behind its greeting, which offers every form of APPEND.
    pub fn server(config: server::Config) -> ServerSubject {
        Self::server_offering(config, "BINARY CATENATE MULTIAPPEND REPLACE UTF8=ACCEPT")
    }

    /// A server behind its greeting, which offers these capabilities.
    pub fn server_offering(config: server::Config, capabilities: &str) -> ServerSubject {
        let mut subject = Self::server_before_greeting(config);
        let told = ["IMAP4rev1"].into_iter().chain(capabilities.split_whitespace());
        let told = told.map(|word| Capability::new(word).expect("a capability"));
        let greeting = Status::ok("ready").code(ResponseCode::Capability(told.collect()));
        subject.server.greet(&greeting).expect("a greeting");
        while subject.transmit().is_some() {}
        subject
    }

    pub fn server_authenticated(config: server::Config) -> ServerSubject {
        let mut subject = Self::server(config);
        subject.hear("a LOGIN u p\r\n", "authenticate done");
        assert_eq!(subject.server.state(), State::Authenticated);
        subject
    }

    pub fn server_selected(config: server::Config) -> ServerSubject {
        let mut subject = Self::server_authenticated(config);
        subject.hear("a SELECT INBOX\r\n", "select");
        assert_eq!(subject.server.state(), State::Selected);
        subject
    }

    /// A server in IDLE, with the tag `A`.
    pub fn server_idling(config: server::Config) -> ServerSubject {
        let mut subject = Self::server_selected(config);
        subject.hear("A IDLE\r\n", "idle");
        subject
    }

    /// A server that waits for a response of the mechanism, with the tag `A`.
    pub fn server_authenticating(config: server::Config) -> ServerSubject {
        let mut subject = Self::server(config);
        subject.hear("A AUTHENTICATE PLAIN\r\n", "challenge ");
        subject
    }
}
