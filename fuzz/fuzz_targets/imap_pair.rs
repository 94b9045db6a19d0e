//! A client's and a server's machine joined, both applications scripted by the fuzzer: what one side means the other side hears, each command
//! completes once as the server said, and nobody meets an error.
#![no_main]

use arbitrary::Arbitrary;
use bytes::{Bytes, BytesMut};
use libfuzzer_sys::fuzz_target;
use mailwire::imap::client::{self, Client, CommandId};
use mailwire::imap::server::{self, InProgress, SelectData, Server};
use mailwire::imap::{
    Append, AppendOptions, Body, BodyStart, Capability, Command, Condition, Data, Fetch, Flags, List, Quirks,
    ResponseCode, ResponseEvent, State, Status,
};
use mailwire::wire::{ErrorKind, Machine, Secret, Tls};
use mailwire_fuzz::fetch_events;
use std::collections::{HashMap, VecDeque};
use std::num::NonZeroU32;

#[derive(Arbitrary, Debug)]
struct Script {
    segment: u8,
    pre_auth: bool,
    tls: bool,
    steps: Vec<Step>,
    answers: Vec<Answer>,
}

#[derive(Arbitrary, Debug)]
enum Step {
    /// The client gives a command; and another before this one is answered.
    Command(Box<Command>, bool),
    Append(Box<Append>, Box<AppendOptions>, Vec<u8>),
    /// The server tells news.
    Data(Box<Data>),
    Status(Status),
    Fetch(Box<Fetch>, Option<BodyStart>, Vec<u8>),
}

#[derive(Arbitrary, Clone, Debug)]
struct Answer {
    choice: u8,
    status: Status,
}

struct Application {
    answers: Vec<Answer>,
    next: usize,
    /// What the client gave and the server has not met yet.
    given: VecDeque<(CommandId, Command)>,
    /// How each command was answered, by its tag.
    answered: HashMap<String, Status>,
    /// What the server told, and the client has not met yet.
    told: VecDeque<client::Event>,
    message: Vec<u8>,
    idling: Option<CommandId>,
    server_tls: Option<server::StartTls>,
    client_tls: Option<client::StartTls>,
    open: usize,
    over: bool,
}

impl Application {
    fn answer(&mut self) -> (u8, Status) {
        let fallback = Answer { choice: 1, status: Status::ok("") };
        let Answer { choice, mut status } = self.answers.get(self.next).cloned().unwrap_or(fallback);
        self.next += 1;
        status.condition =
            [Condition::No, Condition::Ok, Condition::Bad, Condition::Ok][usize::from(choice) % 4];
        (choice, status)
    }

    fn record(&mut self, running: &InProgress, status: &Status) {
        let tag = running.tag().unwrap().to_string();
        assert!(self.answered.insert(tag, status.clone()).is_none());
    }

    fn complete(&mut self, server: &mut Server, running: InProgress, status: Status) {
        self.record(&running, &status);
        server.complete(running, &status).unwrap();
    }

    fn serve(&mut self, server: &mut Server, event: server::Event) {
        match event {
            server::Event::Command(running, command) => {
                let (id, given) = self.given.pop_front().unwrap();
                assert_eq!((running.tag().unwrap().to_string(), &command), (id.to_string(), &given));
                self.command(server, running, command);
            }
            server::Event::Malformed(running, error) => {
                let given = self.given.pop_front().unwrap();
                assert!(
                    matches!(
                        error.kind(),
                        ErrorKind::InvalidState
                            | ErrorKind::PrivacyRequired
                            | ErrorKind::Unsupported
                            | ErrorKind::TooMany
                            | ErrorKind::TooDeep
                            | ErrorKind::LineTooLong
                            | ErrorKind::LiteralTooLarge
                            | ErrorKind::MessageTooLarge
                    ),
                    "{error:?} of {given:?}"
                );
                let (_, status) = self.answer();
                let condition = Condition::Bad;
                self.complete(server, running, Status { condition, ..status });
            }
            server::Event::Literal(offer) => {
                let (choice, status) = self.answer();
                let no = Status { condition: Condition::No, ..status };
                self.message.clear();
                if choice & 0x30 == 0 {
                    let (_, given) = self.given.pop_front().unwrap();
                    assert_eq!(Command::Append(offer.append().clone()), given);
                    self.answered.insert(offer.tag().to_string(), no.clone());
                    server.refuse(offer, &no).unwrap();
                } else {
                    server.accept(offer).unwrap();
                }
            }
            server::Event::LiteralChunk(octets) => self.message.extend_from_slice(&octets),
            server::Event::LiteralEnd => {}
            server::Event::Response(running, response) => {
                assert_eq!(response.expose(), b"r");
                let (choice, status) = self.answer();
                if choice & 0x40 != 0 && status.is_ok() {
                    server.challenge(running, b"again").unwrap();
                } else {
                    self.authenticate(server, running, status);
                }
            }
            server::Event::Done(running) => {
                let (_, status) = self.answer();
                self.complete(server, running, status);
            }
            other => panic!("{other:?}"),
        }
    }

    fn authenticate(&mut self, server: &mut Server, running: InProgress, status: Status) {
        self.record(&running, &status);
        if status.is_ok() {
            server.authenticate(running, &status).unwrap();
        } else {
            server.complete(running, &status).unwrap();
        }
    }

    fn command(&mut self, server: &mut Server, running: InProgress, command: Command) {
        let (choice, status) = self.answer();
        match command {
            Command::Logout => {
                self.over = true;
                self.record(&running, &Status::ok("LOGOUT completed"));
                server.logout(running, &Status::bye("bye")).unwrap();
            }
            Command::StartTls if status.is_ok() => {
                self.server_tls = Some(server.starttls(running, &status).unwrap());
            }
            Command::Authenticate { .. } if choice & 0x40 != 0 => server.challenge(running, b"c").unwrap(),
            Command::Login { .. } | Command::Authenticate { .. } => {
                self.authenticate(server, running, status);
            }
            Command::Idle if choice & 0x40 != 0 => server.idle(running).unwrap(),
            // They have no machine yet that could agree to them.
            Command::Idle | Command::Compress(_) => {
                let condition = Condition::No;
                self.complete(server, running, Status { condition, ..status });
            }
            Command::Select { mailbox, read_only, .. } if status.is_ok() => {
                let select = SelectData {
                    flags: Flags::default(),
                    permanent_flags: Flags::default(),
                    exists: 3,
                    recent: 0,
                    list: Some(List::new(mailbox)),
                    unseen: None,
                    uid_validity: NonZeroU32::MIN,
                    uid_next: None,
                    highest_mod_seq: None,
                    mailbox_id: None,
                    read_only,
                };
                let (tag, code) = (running.tag().unwrap().to_string(), read_only);
                server.select(running, &select).unwrap();
                self.answered.insert(tag, selected(code));
            }
            Command::Unauthenticate if status.is_ok() => {
                self.record(&running, &status);
                server.unauthenticate(running, &status).unwrap();
            }
            Command::Enable(capabilities) if status.is_ok() => {
                let utf8 = capabilities.contains(&Capability::Utf8Accept)
                    || capabilities.contains(&Capability::Imap4rev2);
                self.tell(server, Data::Enabled(capabilities));
                if utf8 {
                    server.set_utf8(true);
                }
                self.complete(server, running, status);
            }
            _ => self.complete(server, running, status),
        }
    }

    fn tell(&mut self, server: &mut Server, data: Data) {
        match server.data(&data) {
            Ok(()) => self.told.push_back(client::Event::Data(data)),
            // It is of a mailbox, and none is selected.
            Err(error) => assert_eq!(error.kind(), ErrorKind::InvalidState),
        }
    }

    fn fetch(&mut self, server: &mut Server, told: &[ResponseEvent]) {
        if let [ResponseEvent::Fetch(fetch)] = told {
            return server.fetch(fetch).unwrap();
        }
        let start = told.iter().find_map(|event| match event {
            ResponseEvent::Body(Body::Begin(start)) => Some(start),
            _ => None,
        });
        let before = match &told[0] {
            ResponseEvent::Fetch(fetch) => fetch.clone(),
            _ => Fetch { seq: start.unwrap().seq, ..Fetch::default() },
        };
        let mut writer = server.begin_fetch(&before).unwrap();
        server.body(&mut writer, start.unwrap()).unwrap();
        for event in told {
            if let ResponseEvent::Body(Body::Chunk(octets)) = event {
                server.body_octets(&mut writer, octets.clone()).unwrap();
            }
        }
        server.end_fetch(writer).unwrap();
    }

    fn hear(&mut self, client: &mut Client, event: client::Event) {
        if self.told.front() == Some(&event) {
            self.told.pop_front();
            return;
        }
        match event {
            client::Event::Body(Body::Chunk(octets)) => match self.told.front_mut() {
                Some(client::Event::Body(Body::Chunk(owed))) if owed.starts_with(&octets) => {
                    drop(owed.split_to(octets.len()));
                }
                other => panic!("{other:?}"),
            },
            client::Event::Completed { command, status } => {
                self.open -= 1;
                self.idling = self.idling.filter(|idling| *idling != command);
                assert_eq!(self.answered.remove(&command.to_string()), Some(status));
            }
            client::Event::Challenge(challenge) => client.respond(challenge, &Secret::from("r")).unwrap(),
            client::Event::Continuation(_) => client.done(self.idling.unwrap()).unwrap(),
            client::Event::StartTls(token) => {
                self.open -= 1;
                self.client_tls = Some(token);
            }
            // What SELECT tells, the greeting, and what the fuzzer's server says that cannot be.
            client::Event::Data(Data::Flags(_) | Data::Exists(3) | Data::Recent(0) | Data::List(_))
            | client::Event::Status(_)
            | client::Event::Greeting(_)
            | client::Event::Violation(_) => {}
            client::Event::Bye(_) => self.over = true,
            other => panic!("{other:?} and not {:?}", self.told.front()),
        }
    }
}

fn selected(read_only: bool) -> Status {
    match read_only {
        true => Status::ok("EXAMINE completed").code(ResponseCode::ReadOnly),
        false => Status::ok("SELECT completed").code(ResponseCode::ReadWrite),
    }
}

/// Moves octets until nobody has more to say. `false`: the connection is over.
fn pump(client: &mut Client, server: &mut Server, application: &mut Application, segment: usize) -> bool {
    let (mut to_server, mut to_client) = (BytesMut::new(), BytesMut::new());
    let (mut server_input, mut client_input) = (BytesMut::new(), BytesMut::new());
    loop {
        let mut moved = false;
        while let Some(octets) = client.poll_transmit() {
            to_server.extend_from_slice(&octets);
        }
        while let Some(octets) = server.poll_transmit() {
            to_client.extend_from_slice(&octets);
        }
        for (from, to) in [(&mut to_server, &mut server_input), (&mut to_client, &mut client_input)] {
            let some = from.split_to(from.len().min(segment));
            moved |= !some.is_empty();
            to.extend_from_slice(&some);
        }
        loop {
            match server.receive(&mut server_input) {
                Ok(Some(event)) => application.serve(server, event),
                Ok(None) => break,
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::TooManyErrors);
                    return false;
                }
            }
            moved = true;
        }
        loop {
            match client.receive(&mut client_input) {
                Ok(Some(event)) => application.hear(client, event),
                Ok(None) => break,
                Err(error) => panic!("{error:?}"),
            }
            moved = true;
        }
        if let (Some(_), Some(_)) = (&application.server_tls, &application.client_tls) {
            assert!(to_server.is_empty() && to_client.is_empty());
            server.resume(application.server_tls.take().unwrap());
            client.resume(application.client_tls.take().unwrap()).unwrap();
            moved = true;
        }
        if !moved {
            assert!(application.over || (server_input.is_empty() && client_input.is_empty()));
            return !server.is_closed() && !client.is_closed() && !application.over;
        }
    }
}

fuzz_target!(|script: Script| {
    let tls = if script.tls { Tls::Established } else { Tls::Optional };
    let mut client = Client::new(client::Config { quirks: Quirks::strict(), tls, ..Default::default() });
    let mut server = Server::new(server::Config { tls, ..server::Config::default() });
    let mut application = Application {
        answers: script.answers,
        next: 0,
        given: VecDeque::new(),
        answered: HashMap::new(),
        told: VecDeque::new(),
        message: Vec::new(),
        idling: None,
        server_tls: None,
        client_tls: None,
        open: 0,
        over: false,
    };
    let segment = if script.segment == 0 { usize::MAX } else { usize::from(script.segment) };
    // What of APPEND is not offered is not heard of.
    let forms = ["IMAP4rev1", "BINARY", "CATENATE", "MULTIAPPEND", "REPLACE", "UTF8=ACCEPT"];
    let offered =
        ResponseCode::Capability(forms.into_iter().map(|word| Capability::new(word).unwrap()).collect());
    let greeting = if script.pre_auth { Status::pre_auth("hi") } else { Status::ok("hi") };
    server.greet(&greeting.code(offered)).unwrap();
    if !pump(&mut client, &mut server, &mut application, segment) {
        return;
    }
    for step in script.steps {
        match step {
            Step::Command(command, more) => {
                let Ok(id) = client.enqueue(&command) else { continue };
                if let Command::Idle = *command {
                    application.idling = Some(id);
                }
                // What follows ENABLE is written in another alphabet, so it waits.
                let more = more && !matches!(*command, Command::Enable(_));
                application.open += 1;
                application.given.push_back((id, *command));
                if more {
                    continue;
                }
            }
            Step::Append(append, options, message) => {
                if client.state() != State::Authenticated && client.state() != State::Selected {
                    continue;
                }
                let Ok(mut view) = client.authenticated() else { continue };
                let Ok(mut appending) = view.append(&append, &options, message.len() as u64) else {
                    continue;
                };
                application.open += 1;
                application.given.push_back((appending.command(), Command::Append(*append)));
                client.append_octets(&mut appending, Bytes::from(message)).unwrap();
                client.append_end(appending).unwrap();
            }
            Step::Data(data) => {
                // It would change the alphabet of one side alone.
                if !matches!(*data, Data::Enabled(_)) {
                    application.tell(&mut server, *data);
                }
            }
            Step::Status(mut status) => {
                if matches!(status.condition, Condition::PreAuth | Condition::Bye) {
                    status.condition = Condition::Ok;
                }
                server.status(&status).unwrap();
                application.told.push_back(client::Event::Status(status));
            }
            // It is of a mailbox.
            Step::Fetch(..) if server.state() != State::Selected => {}
            Step::Fetch(before, body, octets) => {
                let after = Fetch { last: true, ..Fetch::default() };
                let told = fetch_events([*before, after], body, &octets);
                application.fetch(&mut server, &told);
                application.told.extend(told.into_iter().map(|event| match event {
                    ResponseEvent::Fetch(fetch) => client::Event::Fetch(fetch),
                    ResponseEvent::Body(body) => client::Event::Body(body),
                    other => panic!("{other:?}"),
                }));
            }
        }
        if !pump(&mut client, &mut server, &mut application, segment) {
            return;
        }
        assert!(application.told.is_empty(), "{:?}", application.told);
    }
    if pump(&mut client, &mut server, &mut application, segment) {
        assert_eq!((application.open, client.pending()), (0, 0));
        assert!(application.given.is_empty() && application.told.is_empty());
    }
});
