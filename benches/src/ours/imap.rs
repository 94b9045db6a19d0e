//! The IMAP sides.

use std::rc::Rc;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use mailwire::imap::client::{Client, Config as ClientConfig, Event as Heard};
use mailwire::imap::server::{Config as ServerConfig, Event as Asked, SelectData, Server};
use mailwire::imap::{
    Body, Command, CommandDecoder, CommandEvent, Data, Encoding, Fetch, FetchAttributes, Flags, Literals,
    Mailbox, PartKind, Response, ResponseCode, ResponseDecoder, ResponseEvent, Status, Store, StoreChange,
    Tag,
};
use mailwire::wire::{Error, InvalidValue, Limits, Machine, Tls};

use super::{Reads, text};
use crate::counting::Mark;
use crate::harness::Side;
use crate::input::{Input, Seen};

/// The default limits, but for lists as long as those of the inputs.
fn long() -> Limits {
    const LONG: usize = 64 * 1_024 * 1_024;
    let mut limits = Limits::imap_client();
    limits.structured_line = LONG;
    limits.message = LONG;
    limits.memory = 8 * LONG;
    limits.items = LONG;
    limits.ranges = LONG;
    limits.literals = LONG;
    limits.mailbox = LONG;
    limits
}

/// What nobody expected, as far as a line can hold it.
fn unexpected(event: &impl std::fmt::Debug) -> String {
    format!("unexpected {event:?}").chars().take(400).collect()
}

/// A client with a mailbox selected.
fn selected() -> Result<Client, Error> {
    let config = ClientConfig { tls: Tls::Established, limits: long(), ..ClientConfig::default() };
    let mut client = Client::new(config);
    let mut input = BytesMut::from("* PREAUTH ready\r\n");
    while client.receive(&mut input)?.is_some() {}
    client.authenticated()?.select(Mailbox::inbox())?;
    while client.poll_transmit().is_some() {}
    input.extend_from_slice(b"a1 OK done\r\n");
    while client.receive(&mut input)?.is_some() {}
    client.selected().map(drop)?;
    Ok(client)
}

/// What a client saw, and of the body that is under way its length and its first and last octet.
#[derive(Default)]
struct Heeded {
    seen: Seen,
    body: (u64, Option<u8>, u8),
}

impl Heeded {
    #[inline(always)]
    fn event(&mut self, event: &Heard) -> Result<(), String> {
        match event {
            Heard::Fetch(fetch) => self.fetch(fetch),
            Heard::Data(data) => self.seen.message(data_sum(data)),
            Heard::Status(status) => self.seen.message(status_sum(status)),
            Heard::Body(Body::Begin(_)) => self.body = (0, None, 0),
            Heard::Body(Body::Chunk(octets)) => {
                self.body.0 += octets.len() as u64;
                self.body.1 = self.body.1.or(octets.first().copied());
                self.body.2 = octets.last().copied().unwrap_or(self.body.2);
            }
            Heard::Body(Body::End) => {
                self.seen.add(Seen::body(self.body.0, self.body.1.unwrap_or_default(), self.body.2));
            }
            // EXISTS and EXPUNGE of the inputs are at random.
            Heard::Violation(_) => {}
            event => return Err(unexpected(event)),
        }
        Ok(())
    }

    fn fetch(&mut self, fetch: &Fetch) {
        self.seen.add(fetch_sum(fetch));
        if fetch.last {
            let number = |number: Option<std::num::NonZeroU32>| number.map_or(0, |it| u64::from(it.get()));
            self.seen.message(number(fetch.seq) + 3 * number(fetch.uid));
        }
    }
}

fn fetch_sum(fetch: &Fetch) -> u64 {
    let mut sum = 5 * fetch.mod_seq.map_or(0, |it| it.value());
    if let Some(flags) = &fetch.flags {
        sum += 7 * flags.len() as u64;
    }
    if let Some(envelope) = &fetch.envelope {
        let length = |octets: Option<std::borrow::Cow<'_, [u8]>>| octets.map_or(0, |octets| octets.len());
        sum +=
            Seen::envelope(length(envelope.subject()), length(envelope.message_id()), envelope.to().count());
    }
    if let Some(structure) = &fetch.body_structure {
        let parts = structure.walk().filter(|part| part.kind() != PartKind::Multipart);
        sum += parts.map(|part| Seen::part(part.size())).sum::<u64>();
    }
    sum
}

fn data_sum(data: &Data) -> u64 {
    match data {
        Data::Exists(number) | Data::Recent(number) => u64::from(*number),
        Data::Expunge(number) => u64::from(number.get()),
        Data::Flags(flags) => flags.len() as u64,
        Data::Capability(capabilities) => capabilities.len() as u64,
        Data::List(list) => list.attributes.len() as u64 + 100 * list.mailbox.as_bytes().len() as u64,
        Data::Search(search) => {
            let end =
                |number: Option<&std::num::NonZeroU32>| number.map_or(0, |number| u64::from(number.get()));
            let numbers = &search.numbers;
            numbers.len() as u64 + end(numbers.first()) + end(numbers.last())
        }
        Data::Vanished(vanished) => {
            let ranges = vanished.uids.ranges();
            let number = |number: Option<std::num::NonZeroU32>| number.map_or(0, |it| u64::from(it.get()));
            let first = number(ranges.first().and_then(|range| range.first()));
            ranges.len() as u64 + first + number(ranges.last().and_then(|range| range.last()))
        }
        Data::Status(status) => {
            let number = |number: Option<u32>| number.map_or(0, u64::from);
            number(status.messages) + number(status.unseen) + number(status.uid_next.map(|it| it.get()))
        }
        _ => 0,
    }
}

fn status_sum(status: &Status) -> u64 {
    let number = match &status.code {
        Some(
            ResponseCode::UidNext(number) | ResponseCode::UidValidity(number) | ResponseCode::Unseen(number),
        ) => u64::from(number.get()),
        _ => 0,
    };
    number + status.text.len() as u64
}

/// Looks at the events where they are: none of them is kept.
fn hear(client: &mut Client, input: &mut BytesMut, heeded: &mut Heeded) -> Result<(), String> {
    loop {
        match &client.receive(input) {
            Ok(Some(event)) => heeded.event(event)?,
            Ok(None) => return Ok(()),
            Err(error) => return Err(text(*error)),
        }
    }
}

/// Takes each event, as a caller does that keeps some.
fn take(client: &mut Client, input: &mut BytesMut, heeded: &mut Heeded) -> Result<(), String> {
    while let Some(event) = client.receive(input).map_err(text)? {
        heeded.event(&event)?;
    }
    Ok(())
}

type Hear = fn(&mut Client, &mut BytesMut, &mut Heeded) -> Result<(), String>;

/// The client, in place, with each event taken, and with the octets copied in.
pub(super) fn client(input: &Rc<Input>, read: usize) -> Vec<Side> {
    let second = input.clone();
    let in_place = |name, hear: Hear| {
        let input = input.clone();
        Side::ours(
            name,
            move || (selected(), Reads::new(&input.octets, read)),
            move |(client, mut reads)| {
                let (mut client, mut heeded) = (client.map_err(text)?, Heeded::default());
                while reads.next() {
                    hear(&mut client, &mut reads.input, &mut heeded)?;
                }
                Ok(heeded.seen)
            },
        )
    };
    vec![
        in_place("mailwire", hear),
        in_place("mailwire, events taken", take),
        Side::ours("mailwire, copied in", selected, move |client| {
            copied_in(client.map_err(text)?, &second.octets, read)
        }),
    ]
}

fn copied_in(mut client: Client, octets: &[u8], read: usize) -> Result<Seen, String> {
    let mut heeded = Heeded::default();
    let mut buffer = BytesMut::with_capacity(2 * read);
    for octets in octets.chunks(read) {
        buffer.reserve(read);
        buffer.extend_from_slice(octets);
        hear(&mut client, &mut buffer, &mut heeded)?;
    }
    Ok(heeded.seen)
}

pub(super) fn receive_responses(octets: &[u8], read: usize) -> Result<Seen, String> {
    copied_in(selected().map_err(text)?, octets, read)
}

/// How a server of ours is configured.
pub(super) fn configuration() -> Arc<ServerConfig> {
    Arc::new(ServerConfig { tls: Tls::Established, ..ServerConfig::default() })
}

/// The same with room for commands of any length.
fn patient() -> Arc<ServerConfig> {
    const LONG: usize = 64 * 1_024 * 1_024;
    let mut limits = Limits::imap_server();
    (limits.line, limits.message, limits.memory) = (LONG, LONG, 8 * LONG);
    (limits.literals, limits.search_keys) = (LONG, LONG);
    Arc::new(ServerConfig { limits, ..*configuration() })
}

/// A server whose client has just come.
fn greeted(configuration: Arc<ServerConfig>) -> Result<Server, Error> {
    let mut server = Server::new(configuration);
    server.greet(&Status::ok("ready"))?;
    while server.poll_transmit().is_some() {}
    Ok(server)
}

fn command_sum(tag: &Tag, command: &Command) -> u64 {
    tag.as_bytes().len() as u64
        + match command {
            Command::Fetch { attributes: FetchAttributes::List(list), .. } => 10 * list.len() as u64,
            Command::Store(Store { change: StoreChange::Flags { flags, .. }, .. }) => {
                100 * flags.len() as u64
            }
            _ => 0,
        }
}

/// What is said of a mailbox without messages.
fn empty() -> SelectData {
    SelectData {
        flags: Flags::default(),
        permanent_flags: Flags::default(),
        ..SelectData::new(0, std::num::NonZeroU32::MIN, std::num::NonZeroU32::MIN)
    }
}

/// Answers in the shortest way, and sums up.
fn answer(server: &mut Server, event: Asked, seen: &mut Seen, ok: &Status) -> Result<(), String> {
    match event {
        Asked::Command(running, command) => {
            let sum = running.tag().map_or(0, |tag| command_sum(tag, &command));
            seen.message(sum);
            match command {
                Command::Login { .. } => server.authenticate(running, ok),
                Command::Select { .. } => server.select(running, &empty()),
                _ => server.complete(running, ok),
            }
        }
        Asked::Literal(offer) => server.accept(offer),
        Asked::LiteralChunk(octets) => {
            seen.add(octets.len() as u64);
            Ok(())
        }
        Asked::LiteralEnd => Ok(()),
        event => return Err(unexpected(&event)),
    }
    .map_err(text)
}

fn ask(server: &mut Server, input: &mut BytesMut, seen: &mut Seen, ok: &Status) -> Result<(), String> {
    loop {
        while let Some(event) = server.receive(input).map_err(text)? {
            answer(server, event, seen, ok)?;
        }
        if server.poll_transmit().is_none() {
            return Ok(());
        }
        while server.poll_transmit().is_some() {}
    }
}

/// The server takes every command and answers it.
pub(super) fn server(input: &Rc<Input>, read: usize) -> Vec<Side> {
    let input = input.clone();
    vec![Side::ours(
        "mailwire",
        move || (greeted(configuration()), Reads::new(&input.octets, read)),
        |(server, mut reads)| {
            let (mut server, mut seen, ok) = (server.map_err(text)?, Seen::default(), Status::ok("done"));
            while reads.next() {
                ask(&mut server, &mut reads.input, &mut seen, &ok)?;
            }
            Ok(seen)
        },
    )]
}

pub(super) fn receive_commands(octets: &[u8], read: usize) -> Result<Seen, String> {
    let (mut server, mut seen, ok) = (greeted(patient()).map_err(text)?, Seen::default(), Status::ok("done"));
    let mut buffer = BytesMut::with_capacity(2 * read);
    for octets in octets.chunks(read) {
        buffer.reserve(read);
        buffer.extend_from_slice(octets);
        ask(&mut server, &mut buffer, &mut seen, &ok)?;
    }
    Ok(seen)
}

/// A server that waits behind a LOGIN.
pub(super) fn idle(configuration: Arc<ServerConfig>) -> Result<Box<Server>, String> {
    let mut server = Box::new(greeted(configuration).map_err(text)?);
    let mut input = BytesMut::from("a LOGIN alice secret\r\n");
    let (mut seen, ok) = (Seen::default(), Status::ok("done"));
    ask(&mut server, &mut input, &mut seen, &ok)?;
    Ok(server)
}

/// The most octets that a server holds, its input included, while a client sends these and takes no answer.
/// As an application would, it answers at once, and reads as long as the server wants to.
pub(super) fn endure(octets: &[u8], known: bool) -> Result<usize, String> {
    let mark = Mark::now();
    let mut server = greeted(configuration()).map_err(text)?;
    let mut input = BytesMut::new();
    if known {
        input.extend_from_slice(b"a LOGIN alice secret\r\n");
        ask(&mut server, &mut input, &mut Seen::default(), &Status::ok("done"))?;
    }
    let no = Status::no("not here");
    for octets in octets.chunks(1_460) {
        if !server.wants_read() {
            break;
        }
        input.extend_from_slice(octets);
        while let Ok(Some(event)) = server.receive(&mut input) {
            match event {
                Asked::Command(running, _) => server.complete(running, &no),
                Asked::Malformed(running, error) => server.reject(running, &error),
                Asked::Literal(offer) => server.accept(offer),
                _ => Ok(()),
            }
            .map_err(text)?;
        }
    }
    Ok(mark.peak())
}

/// A message as a server writes it.
enum Written {
    Response(Response),
    Fetch(Fetch),
}

impl Written {
    fn write(&self, out: &mut BytesMut) -> Result<(), InvalidValue> {
        match self {
            Self::Response(response) => response.write(out, Encoding::server()),
            Self::Fetch(fetch) => fetch.write(out, Encoding::server()),
        }
    }
}

fn decoded(octets: &[u8]) -> Result<Vec<Written>, String> {
    let mut decoder = ResponseDecoder::new(mailwire::imap::Quirks::strict(), long());
    let mut input = BytesMut::from(octets);
    let mut values = Vec::new();
    while let Some(event) = decoder.decode(&mut input).map_err(text)? {
        values.push(match event {
            ResponseEvent::Response(response) => Written::Response(response),
            ResponseEvent::Fetch(fetch) => Written::Fetch(fetch),
            event => return Err(unexpected(&event)),
        });
    }
    Ok(values)
}

/// Writes responses into a buffer that is emptied as a transport would.
pub(super) fn write_responses(input: &Rc<Input>) -> Result<Vec<Side>, String> {
    let values = decoded(&input.octets)?;
    let mut out = BytesMut::new();
    for value in &values {
        value.write(&mut out).map_err(|error| error.to_string())?;
    }
    let again = receive_responses(&out, 16 * 1_024)?;
    if again != input.seen {
        return Err(format!("wrote other messages than there were: {again:?} instead of {:?}", input.seen));
    }
    Ok(vec![Side::ours(
        "mailwire",
        || BytesMut::with_capacity(64 * 1_024),
        move |mut out| {
            let mut seen = Seen::default();
            for value in &values {
                if out.len() > 32 * 1_024 {
                    out.clear();
                }
                let mark = out.len();
                value.write(&mut out).map_err(|error| error.to_string())?;
                seen.message((out.len() - mark) as u64);
            }
            Ok(seen)
        },
    )])
}

/// A command, and the messages of an APPEND.
struct Sent {
    tag: Tag,
    command: Command,
    message: Option<(mailwire::imap::AppendOptions, Vec<Bytes>)>,
}

impl Sent {
    fn write(&self, out: &mut BytesMut, encoding: Encoding) -> Result<(), InvalidValue> {
        match (&self.command, &self.message) {
            (Command::Append(append), Some((options, octets))) => {
                let length: u64 = octets.iter().map(|octets| octets.len() as u64).sum();
                append.write(&self.tag, options, length, out, encoding)?;
                octets.iter().for_each(|octets| out.extend_from_slice(octets));
                out.extend_from_slice(b"\r\n");
            }
            _ => drop(self.command.write(&self.tag, out, encoding)?),
        }
        Ok(())
    }
}

fn commands(octets: &[u8]) -> Result<Vec<Sent>, String> {
    let mut decoder = CommandDecoder::new(Limits::imap_server());
    let mut input = BytesMut::from(octets);
    let mut values = Vec::new();
    let mut message = None;
    while let Some(event) = decoder.decode(&mut input).map_err(text)? {
        match event {
            CommandEvent::Literal(literal) => {
                message = Some((literal.options.unwrap_or_default(), Vec::new()));
                decoder.accept();
            }
            CommandEvent::Chunk(octets) => {
                if let Some((_, chunks)) = &mut message {
                    chunks.push(octets);
                }
            }
            CommandEvent::LiteralEnd => {}
            CommandEvent::Command { tag, command } => {
                values.push(Sent { tag, command, message: message.take() });
            }
            event => return Err(unexpected(&event)),
        }
    }
    Ok(values)
}

/// Writes commands for a server that takes literals without being asked.
pub(super) fn write_commands(input: &Rc<Input>) -> Result<Vec<Side>, String> {
    let values = commands(&input.octets)?;
    let mut encoding = Encoding::default();
    encoding.literals = Literals::Plus;
    let mut out = BytesMut::new();
    for value in &values {
        value.write(&mut out, encoding).map_err(|error| error.to_string())?;
    }
    let again = receive_commands(&out, 16 * 1_024)?;
    if again != input.seen {
        return Err(format!("wrote other commands than there were: {again:?} instead of {:?}", input.seen));
    }
    Ok(vec![Side::ours(
        "mailwire",
        || BytesMut::with_capacity(64 * 1_024),
        move |mut out| {
            let mut seen = Seen::default();
            for value in &values {
                if out.len() > 32 * 1_024 {
                    out.clear();
                }
                let mark = out.len();
                value.write(&mut out, encoding).map_err(|error| error.to_string())?;
                seen.message((out.len() - mark) as u64);
            }
            Ok(seen)
        },
    )])
}
