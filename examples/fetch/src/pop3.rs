//! The conversation over POP3.

use crate::failure::{Failure, Kind, NO_TLS, printable};
use crate::options::{MOST, Options, TlsMode};
use crate::progress::Progress;
use crate::state::State;
use crate::target::{Attributes, Incoming, Key, Target};
use crate::transport::{self, Stream, Tls, next};
use crate::{Summary, state_path};
use mailwire::blocking;
use mailwire::pop3::client::{Client, CommandId, Event};
use mailwire::pop3::{Body, Capability, ClientConfig, Reply, Tls as Policy};
use mailwire::wire::{ErrorKind, Limits, Secret};
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::num::NonZeroU32;
use std::time::{SystemTime, UNIX_EPOCH};

type Connection = blocking::Connection<Stream, Client>;

/// Messages asked for ahead of their answers, where the server is fine with it.
const AHEAD: usize = 8;
/// Messages made durable together.
const BATCH: usize = 32;

pub fn run(options: &mut Options) -> Result<Summary, Failure> {
    let account = options.url.account(options.user()?);
    let mut target = Target::open(options.layout, &options.directory)?;
    let mut state = State::open(&state_path(options, &account), &account)?;
    let password = options.password()?;

    let mut connection = log_in(options, &password)?;
    drop(password);
    let (listing, lost) = list(&mut connection, options)?;
    let mut taking = Taking::new(options, &account, &listing, &target, &mut state);
    state.commit()?;
    if lost > 0 {
        taking.summary.failed += lost;
        taking.progress.warn(&format!("lines of the listing that are not understood: {lost}"));
    }
    let result = taking.run(&mut connection, &mut target, &mut state);
    // What is there is there, however the connection ended.
    taking.settle(&mut target, &mut state)?;
    result?;

    let quit = connection.machine_mut().transaction()?.quit()?;
    let answer = complete(&mut connection, quit, |_| {})?;
    if !answer.is_ok() && taking.summary.deleted > 0 {
        let text = printable(answer.text());
        return Err(Failure::server(format!(
            "the server has not deleted everything it was told to delete: {text}"
        )));
    }
    let Taking { summary, deleted, .. } = taking;
    if !listing.is_empty() {
        let here: HashSet<&[u8]> = listing.iter().filter_map(|message| message.identity.as_deref()).collect();
        state.retain_uidls(|uidl| here.contains(uidl) && !deleted.contains(uidl));
    }
    state.finish()?;
    Ok(summary)
}

/// Greeting, TLS, login.
fn log_in(options: &Options, password: &Secret<String>) -> Result<Connection, Failure> {
    let (stream, tls) = transport::open(options)?;
    let mut limits = Limits::pop3_client();
    limits.stream = transport::LARGEST;
    let policy = match options.tls {
        TlsMode::Start => Policy::Required,
        TlsMode::Implicit => Policy::Established,
        TlsMode::None => Policy::Unavailable,
    };
    let client = Client::new(ClientConfig { limits, tls: policy, ..ClientConfig::new() });
    let mut connection = Connection::new(stream, client);
    match next(&mut connection)? {
        Event::Greeting(greeting) if greeting.reply.is_ok() => {}
        Event::Greeting(greeting) => {
            let text = printable(greeting.reply.text());
            return Err(Failure::new(
                Kind::Connection,
                format!("the server takes no connection now: {text}"),
            ));
        }
        event => return Err(unexpected(&event)),
    }
    capabilities(&mut connection)?;
    if let Some(tls) = &tls {
        connection = start_tls(connection, tls)?;
        capabilities(&mut connection)?;
    }
    take_utf8(&mut connection)?;
    authenticate(&mut connection, options.user()?, password)?;
    // Some servers announce more to whom they know.
    capabilities(&mut connection)?;
    Ok(connection)
}

fn start_tls(mut connection: Connection, tls: &Tls) -> Result<Connection, Failure> {
    let unavailable = || Failure::new(Kind::Connection, NO_TLS);
    let stls = match connection.machine_mut().authorization()?.stls() {
        Ok(stls) => stls,
        Err(error) if error.kind() == ErrorKind::Unsupported => return Err(unavailable()),
        Err(error) => return Err(error.into()),
    };
    let token = loop {
        match next(&mut connection)? {
            Event::StartTls(token) => break token,
            Event::Completed { command, .. } if command == stls => return Err(unavailable()),
            Event::Unparsed { .. } => {}
            event => return Err(unexpected(&event)),
        }
    };
    let mut connection = transport::upgrade(connection, tls)?;
    connection.machine_mut().resume(token)?;
    Ok(connection)
}

/// A server without CAPA is an old one, and no failure.
fn capabilities(connection: &mut Connection) -> Result<(), Failure> {
    let client = connection.machine_mut();
    let capa = match client.transaction() {
        Ok(mut transaction) => transaction.capa()?,
        Err(_) => client.authorization()?.capa()?,
    };
    complete(connection, capa, |_| {}).map(drop)
}

/// Takes headers in UTF-8 as they are (RFC 6856): a server that can send them may put a notice in the place of such a message for
/// who has not said so.
fn take_utf8(connection: &mut Connection) -> Result<(), Failure> {
    let mut authorization = connection.machine_mut().authorization()?;
    let mut offered = authorization.capabilities().into_iter().flat_map(|all| all.iter());
    if offered.any(|capability| matches!(capability, Capability::Utf8 { .. })) {
        let utf8 = authorization.utf8()?;
        // A server that refuses sends what it can.
        let _ = complete(connection, utf8, |_| {})?;
    }
    Ok(())
}

fn authenticate(connection: &mut Connection, user: &str, password: &Secret<String>) -> Result<(), Failure> {
    let mut authorization = connection.machine_mut().authorization()?;
    let plain = authorization.capabilities().is_some_and(|all| all.has_mechanism("PLAIN"));
    let answer = if plain {
        let mut response = Vec::with_capacity(user.len() + password.expose().len() + 2);
        for part in ["\0", user, "\0", password.expose()] {
            response.extend_from_slice(part.as_bytes());
        }
        let auth = authorization.authenticate("PLAIN", Some(Secret::new(response)))?;
        loop {
            match next(connection)? {
                Event::Completed { command, reply } if command == auth => break reply,
                Event::AuthContinue(challenge) => connection.machine_mut().cancel(challenge)?,
                _ => {}
            }
        }
    } else {
        let name = authorization.user(user)?;
        let answer = complete(connection, name, |_| {})?;
        if answer.is_ok() {
            let pass = connection.machine_mut().authorization()?.pass(password.expose().as_str())?;
            complete(connection, pass, |_| {})?
        } else {
            answer
        }
    };
    match answer.is_ok() {
        true => Ok(()),
        false => Err(Failure::new(Kind::Login, format!("login refused: {}", printable(answer.text())))),
    }
}

/// A message of the maildrop.
struct Listed {
    number: NonZeroU32,
    /// As far as the server says it so that it is understood.
    octets: Option<u64>,
    /// The unique-id; behind it a count where the server gives the same one twice.
    identity: Option<Box<[u8]>>,
}

/// What the maildrop holds, and how many lines of its listing told nothing. A number is enough to take a message, wherever it stands.
fn list(connection: &mut Connection, options: &Options) -> Result<(Vec<Listed>, u64), Failure> {
    let list = connection.machine_mut().transaction()?.list()?;
    let mut messages = BTreeMap::new();
    let listed = |number, octets| Listed { number, octets, identity: None };
    let mut unparsed = 0_u64;
    let answer = complete_within(options.most, connection, list, |event| match event {
        Event::ScanListing(listing) => {
            messages.insert(listing.message, listed(listing.message, Some(listing.octets)));
        }
        Event::Unparsed { .. } => unparsed += 1,
        _ => {}
    })?;
    let uidl = connection.machine_mut().transaction()?.uidl()?;
    let mut seen: HashMap<Box<[u8]>, u32> = HashMap::new();
    let mut unknown = 0_u64;
    let uids = complete_within(options.most, connection, uidl, |event| match event {
        Event::UniqueIdListing(listing) => {
            let mut identity = listing.unique_id.as_bytes().to_vec();
            let count = seen.entry(identity.as_slice().into()).or_default();
            if *count > 0 {
                identity.extend_from_slice(format!("\0{count}").as_bytes());
            }
            *count += 1;
            let message = messages.entry(listing.message).or_insert_with(|| listed(listing.message, None));
            message.identity = Some(identity.into());
        }
        Event::Unparsed { .. } => unknown += 1,
        _ => {}
    })?;
    if !answer.is_ok() && !uids.is_ok() {
        return Err(Failure::server(format!("the server lists no messages: {}", printable(answer.text()))));
    }
    if !uids.is_ok() && !options.delete {
        return Err(Failure::server(
            "the server has no unique-ids (UIDL): without them nobody can tell which messages are new; --delete takes and deletes them all",
        ));
    }
    // A message that LIST garbles is there if UIDL tells it, and the other way round.
    let found: u64 = messages.values().filter(|message| message.octets.is_none()).count() as u64;
    let untold: u64 = messages.values().filter(|message| message.identity.is_none()).count() as u64;
    let lost = if uids.is_ok() { unknown.saturating_sub(untold) } else { unparsed };
    Ok((messages.into_values().collect(), lost.max(unparsed.saturating_sub(found))))
}

/// A message that was asked for.
struct Wanted {
    number: NonZeroU32,
    /// How many octets the server says it has.
    octets: Option<u64>,
    key: Key,
    identity: Option<Box<[u8]>>,
}

/// Messages on their way to the disk, and off the server.
struct Taking {
    wanted: VecDeque<Wanted>,
    asked: VecDeque<(CommandId, Wanted)>,
    /// Saved, and not durable yet.
    saved: Vec<Wanted>,
    /// Durable, to be deleted.
    doomed: VecDeque<Wanted>,
    deleting: HashMap<CommandId, Wanted>,
    deleted: HashSet<Box<[u8]>>,
    delete: bool,
    progress: Progress,
    summary: Summary,
}

impl Taking {
    fn new(options: &Options, account: &str, listing: &[Listed], target: &Target, state: &mut State) -> Self {
        let run = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        let (mut wanted, mut saved, mut octets) = (VecDeque::new(), Vec::new(), 0_u64);
        let mut summary = Summary::default();
        for message in listing {
            let number = message.number;
            let identity = message.identity.clone();
            let unnamed = Key::new(account, format!("\0{run} {number}").as_bytes());
            let mut key = match &identity {
                Some(identity) => Key::new(account, identity),
                None if options.delete => unnamed,
                None => {
                    summary.failed += 1;
                    continue;
                }
            };
            let mut held = target.holds(key);
            if let Some(identity) = &identity {
                if held && !state.knows_uidl(identity) {
                    // The unique-id is given again: what is on disk is another message.
                    (key, held) = (unnamed, false);
                } else if !held {
                    state.want_uidl(identity);
                }
            }
            let noted = identity.as_deref().is_some_and(|identity| state.has_uidl(identity));
            let message = Wanted { number, octets: message.octets, key, identity };
            if held {
                // On disk, by an earlier run that may not have come to note or delete it.
                summary.known += 1;
                saved.push(message);
            } else if noted && !options.delete {
                summary.known += 1;
            } else {
                // What was noted and is no longer there is taken again before it is deleted.
                octets = octets.saturating_add(message.octets.unwrap_or(0));
                wanted.push_back(message);
            }
        }
        let progress = Progress::new(options.quiet, wanted.len(), octets);
        if summary.failed > 0 {
            progress.warn(&format!("messages without a unique-id are left alone: {}", summary.failed));
        }
        Self {
            wanted,
            asked: VecDeque::new(),
            saved,
            doomed: VecDeque::new(),
            deleting: HashMap::new(),
            deleted: HashSet::new(),
            delete: options.delete,
            progress,
            summary,
        }
    }

    fn run(
        &mut self,
        connection: &mut Connection,
        target: &mut Target,
        state: &mut State,
    ) -> Result<(), Failure> {
        let ahead = if connection.machine().is_pipelining() { AHEAD } else { 1 };
        let mut incoming: Option<Incoming> = None;
        let (mut damaged, mut announced) = (false, None);
        loop {
            while self.asked.len() < ahead
                && let Some(wanted) = self.wanted.pop_front()
            {
                let retr = connection.machine_mut().transaction()?.retr(wanted.number)?;
                self.asked.push_back((retr, wanted));
            }
            if self.saved.len() >= BATCH || self.asked.is_empty() {
                self.settle(target, state)?;
            }
            while self.deleting.len() < BATCH
                && let Some(wanted) = self.doomed.pop_front()
            {
                let dele = connection.machine_mut().transaction()?.dele(wanted.number)?;
                self.deleting.insert(dele, wanted);
            }
            if self.asked.is_empty() && self.deleting.is_empty() {
                return Ok(());
            }
            match next(connection)? {
                Event::Body(Body::Begin { octets }) => {
                    (damaged, announced) = (false, octets);
                    if let Some((_, wanted)) = self.asked.front() {
                        incoming = Some(target.begin(wanted.key)?);
                    }
                }
                Event::Body(Body::Chunk(octets)) => {
                    self.progress.octets(octets.len());
                    if let Some(incoming) = &mut incoming {
                        incoming.write(&octets)?;
                    }
                }
                Event::Unparsed { .. } => damaged = true,
                Event::Completed { command, reply } => {
                    if let Some(wanted) = self.deleting.remove(&command) {
                        self.dele_answered(wanted, &reply);
                    } else if self.asked.front().is_some_and(|(id, _)| *id == command)
                        && let Some((_, wanted)) = self.asked.pop_front()
                    {
                        match incoming.take() {
                            Some(mut message) if reply.is_ok() && !damaged => {
                                if let Some(octets) = announced.or(wanted.octets) {
                                    message.fit(octets)?;
                                }
                                target.save(message, &Attributes::default())?;
                                self.saved.push(wanted);
                                self.summary.taken += 1;
                                self.progress.message();
                            }
                            _ => self.retr_failed(&wanted, &reply),
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// Makes durable what is saved. Only then it may be deleted.
    fn settle(&mut self, target: &mut Target, state: &mut State) -> Result<(), Failure> {
        target.commit()?;
        for identity in self.saved.iter().filter_map(|wanted| wanted.identity.as_deref()) {
            state.note_uidl(identity);
        }
        state.commit()?;
        match self.delete {
            true => self.doomed.extend(self.saved.drain(..)),
            false => self.saved.clear(),
        }
        Ok(())
    }

    fn retr_failed(&mut self, wanted: &Wanted, reply: &Reply) {
        self.summary.failed += 1;
        let text =
            if reply.is_ok() { "the answer is not understood".into() } else { printable(reply.text()) };
        self.progress.warn(&format!("message {}: {text}", wanted.number));
    }

    fn dele_answered(&mut self, wanted: Wanted, reply: &Reply) {
        if reply.is_ok() {
            self.summary.deleted += 1;
            self.deleted.extend(wanted.identity);
        } else {
            self.summary.failed += 1;
            let text = printable(reply.text());
            self.progress.warn(&format!("message {} is taken, and not deleted: {text}", wanted.number));
        }
    }
}

/// Events up to the completion of a command.
fn complete(connection: &mut Connection, id: CommandId, data: impl FnMut(Event)) -> Result<Reply, Failure> {
    complete_within(MOST, connection, id, data)
}

/// The same, of so many events at most: whoever sends more never ends.
fn complete_within(
    most: u32,
    connection: &mut Connection,
    id: CommandId,
    mut data: impl FnMut(Event),
) -> Result<Reply, Failure> {
    for _ in 0..=most {
        match next(connection)? {
            Event::Completed { command, reply } if command == id => return Ok(reply),
            event => data(event),
        }
    }
    Err(Failure::endless(most))
}

fn unexpected(event: &Event) -> Failure {
    let what = match event {
        Event::Unparsed { octets, .. } => printable(octets),
        _ => "an answer out of turn".into(),
    };
    Failure::server(format!("the server is not understood: {what}"))
}
