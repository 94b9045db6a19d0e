//! The conversation over IMAP.

use crate::failure::{Failure, Kind, NO_TLS, printable};
use crate::options::{MOST, Options, TlsMode};
use crate::progress::Progress;
use crate::state::State;
use crate::target::{Attributes, Incoming, Key, Target};
use crate::transport::{self, Stream, Tls, next};
use crate::{Summary, state_path};
use mailwire::blocking;
use mailwire::imap::client::{Client, CommandId, Config, Event};
use mailwire::imap::{
    Atom, Body, BodyStart, Capability, Condition, Data, Fetch, FetchAttribute, Flags, Mailbox, Partial,
    Quirk, ResponseCode, Section, SequenceRange, SequenceSet, Status,
};
use mailwire::wire::{Limits, Secret, Tls as Policy};
use std::collections::{BTreeMap, VecDeque};
use std::num::{NonZeroU32, NonZeroU64};

type Connection = blocking::Connection<Stream, Client>;

/// Messages asked for ahead of their answers.
const AHEAD: usize = 8;
/// Messages made durable together.
const BATCH: usize = 32;
/// What is kept of a message that was cut off, to go on behind it: at least so many octets.
const WORTH_KEEPING: u64 = 256 * 1024;

pub fn run(options: &mut Options) -> Result<Summary, Failure> {
    let account = options.url.account(options.user()?);
    let mut target = Target::open(options.layout, &options.directory)?;
    let password = options.password()?;
    let mut connection = log_in(options, &password)?;
    drop(password);
    let mut summary = Summary::default();
    let mut refused = None;
    for name in &options.mailboxes {
        let mailbox =
            Mailbox::new(name).map_err(|error| Failure::usage(format!("mailbox `{name}`: {error}")))?;
        let name = if mailbox.is_inbox() { "INBOX" } else { name.as_str() };
        let account = format!("{account}/{name}");
        let mut state = State::open(&state_path(options, &account), &account)?;
        match take(options, &account, mailbox, &mut connection, &mut target, &mut state, &mut summary) {
            Ok(()) => state.finish()?,
            // The other mailboxes may be there.
            Err(failure) if failure.kind == Kind::Server && options.mailboxes.len() > 1 => {
                eprintln!("fetch: {failure}");
                refused = Some(failure);
            }
            Err(failure) => return Err(failure),
        }
    }
    let logout = connection.machine_mut().logout()?;
    // Everything is taken: how the server says goodbye changes nothing.
    let _ = complete(&mut connection, logout, |_| {});
    match refused {
        Some(_) if summary.taken > 0 => {
            summary.failed += 1;
            Ok(summary)
        }
        Some(failure) => Err(failure),
        None => Ok(summary),
    }
}

/// Greeting, TLS, login.
fn log_in(options: &Options, password: &Secret<String>) -> Result<Connection, Failure> {
    let (stream, tls) = transport::open(options)?;
    let mut limits = Limits::imap_client();
    limits.stream = transport::LARGEST;
    let policy = match options.tls {
        TlsMode::Start => Policy::Required,
        TlsMode::Implicit => Policy::Established,
        TlsMode::None => Policy::Unavailable,
    };
    let mut connection =
        Connection::new(stream, Client::new(Config { limits, tls: policy, ..Config::default() }));
    let known = loop {
        match next(&mut connection)? {
            Event::Greeting(greeting) => break greeting.condition == Condition::PreAuth,
            Event::Bye(status) => {
                let text = printable(&status.text);
                return Err(Failure::new(
                    Kind::Connection,
                    format!("the server takes no connection now: {text}"),
                ));
            }
            _ => {}
        }
    };
    if let Some(tls) = &tls {
        connection = start_tls(connection, tls)?;
    }
    if !known {
        authenticate(&mut connection, options.user()?, password)?;
    }
    take_utf8(&mut connection)?;
    Ok(connection)
}

/// Asks for what the server can do, unless it has told.
fn capabilities(connection: &mut Connection) -> Result<(), Failure> {
    if connection.machine().capabilities().is_none() {
        let capability = connection.machine_mut().capability()?;
        // A server that does not tell may still do what is asked.
        let _ = complete(connection, capability, |_| {})?;
    }
    Ok(())
}

fn authenticate(connection: &mut Connection, user: &str, password: &Secret<String>) -> Result<(), Failure> {
    capabilities(connection)?;
    let can = connection.machine().capabilities();
    let has_plain =
        Capability::new("AUTH=PLAIN").is_ok_and(|plain| can.is_some_and(|can| can.contains(&plain)));
    let has_login = !can.is_some_and(|can| can.contains(&Capability::LoginDisabled));
    if !has_login && !has_plain {
        return Err(Failure::new(Kind::Login, "the server takes no user name and password (LOGINDISABLED)"));
    }
    let status = if has_login {
        let secret = Secret::new(password.expose().as_bytes().to_vec());
        let login = connection.machine_mut().not_authenticated()?.login(user, secret)?;
        complete(connection, login, |_| {})?
    } else {
        plain(connection, user, password)?
    };
    match status.condition {
        Condition::Ok => Ok(()),
        _ => Err(Failure::new(Kind::Login, format!("login refused: {}", printable(&status.text)))),
    }
}

/// Logs in by the mechanism PLAIN, which waits for its answer (RFC 4616).
fn plain(connection: &mut Connection, user: &str, password: &Secret<String>) -> Result<Status, Failure> {
    let response = Secret::new(["\0", user, "\0", password.expose()].concat().into_bytes());
    let mechanism = Atom::new("PLAIN").map_err(|error| Failure::usage(error.to_string()))?;
    let command = connection.machine_mut().not_authenticated()?.authenticate(mechanism, None)?;
    let mut is_answered = false;
    loop {
        match next(connection)? {
            Event::Challenge(challenge) if is_answered => connection.machine_mut().cancel(challenge)?,
            Event::Challenge(challenge) => {
                is_answered = true;
                connection.machine_mut().respond(challenge, &response)?;
            }
            Event::Completed { command: done, status } if done == command => return Ok(status),
            Event::Bye(status) => return Err(bye(&status)),
            _ => {}
        }
    }
}

/// Takes headers in UTF-8 as they are (RFC 6855): a server that can send them may put a notice in the place of such a message for
/// who has not said so.
fn take_utf8(connection: &mut Connection) -> Result<(), Failure> {
    capabilities(connection)?;
    let offered = connection
        .machine()
        .capabilities()
        .is_some_and(|can| can.contains(&Capability::Utf8Accept) || can.contains(&Capability::Utf8Only));
    if offered {
        let enable = connection.machine_mut().authenticated()?.enable([Capability::Utf8Accept])?;
        // A server that refuses sends what it can.
        let _ = complete(connection, enable, |_| {})?;
    }
    Ok(())
}

fn start_tls(mut connection: Connection, tls: &Tls) -> Result<Connection, Failure> {
    let starttls = connection.machine_mut().not_authenticated()?.starttls()?;
    let token = loop {
        match next(&mut connection)? {
            Event::StartTls(token) => break token,
            Event::Completed { command, .. } if command == starttls => {
                return Err(Failure::new(Kind::Connection, NO_TLS));
            }
            Event::Bye(status) => return Err(bye(&status)),
            _ => {}
        }
    };
    let mut connection = transport::upgrade(connection, tls)?;
    connection.machine_mut().resume(token)?;
    Ok(connection)
}

/// Takes what is new of one mailbox.
fn take(
    options: &Options,
    account: &str,
    mailbox: Mailbox,
    connection: &mut Connection,
    target: &mut Target,
    state: &mut State,
    summary: &mut Summary,
) -> Result<(), Failure> {
    let (uid_validity, exists) = open(connection, mailbox, state)?;
    state.begin_mailbox(uid_validity.get());
    state.commit()?;
    if exists == 0 {
        return Ok(());
    }
    let listing = scan(options, connection, state, exists)?;
    let mut taking = Taking::new(options, account, uid_validity, &listing, target, state);
    let mut result = taking.run(connection, target, state);
    // What is there is there, however the connection ended.
    taking.settle(target, state)?;
    if let (Err(failure), Some(current)) = (&result, taking.current.take())
        && failure.kind == Kind::Connection
        && current.message.octets() >= WORTH_KEEPING
    {
        result = current.message.keep().and(result);
    }
    result?;
    let failed = taking.summary.failed + listing.unlisted;
    if options.set.is_none() && options.flags.is_empty() {
        // Not all that is known was asked for.
        let known = u64::from(exists).saturating_sub(taking.summary.taken + failed);
        taking.summary.known = taking.summary.known.max(known);
        if failed == 0
            && let Some(last) = listing.messages.keys().next_back()
        {
            state.note_all_up_to(last.get());
        }
    }
    summary.taken += taking.summary.taken;
    summary.known += taking.summary.known;
    summary.failed += failed;
    Ok(())
}

/// Opens a mailbox. Reading it is enough where its UIDs are those of an earlier run; else it is selected, since there are servers that
/// write down the UIDs they give only then. Taking the messages changes no flag either way.
fn open(connection: &mut Connection, mailbox: Mailbox, state: &State) -> Result<(NonZeroU32, u32), Failure> {
    if let Some(known) = state.uid_validity() {
        let examined = open_for(connection, mailbox.clone(), true)?;
        if examined.0.get() == known {
            return Ok(examined);
        }
    }
    open_for(connection, mailbox, false)
}

fn open_for(
    connection: &mut Connection,
    mailbox: Mailbox,
    read_only: bool,
) -> Result<(NonZeroU32, u32), Failure> {
    let name = printable(mailbox.to_string_lossy().as_bytes());
    let mut authenticated = connection.machine_mut().authenticated()?;
    let command = if read_only { authenticated.examine(mailbox)? } else { authenticated.select(mailbox)? };
    let (mut uid_validity, mut exists) = (None, None);
    let status = complete(connection, command, |event| match event {
        Event::Status(Status { code: Some(ResponseCode::UidValidity(number)), .. }) => {
            uid_validity = Some(number)
        }
        Event::Data(Data::Exists(number)) => exists = Some(number),
        _ => {}
    })?;
    // There are servers that tell it with the completion alone.
    if let Some(ResponseCode::UidValidity(number)) = status.code {
        uid_validity = Some(number);
    }
    if status.condition != Condition::Ok {
        return Err(Failure::server(format!("mailbox {name}: {}", printable(&status.text))));
    }
    match (uid_validity, exists) {
        (Some(uid_validity), Some(exists)) => Ok((uid_validity, exists)),
        (None, _) => {
            Err(Failure::server(format!("mailbox {name}: the server gives its messages no UIDs that last")))
        }
        (_, None) => {
            Err(Failure::server(format!("mailbox {name}: the server does not tell how many messages it has")))
        }
    }
}

/// What a mailbox holds.
#[derive(Default)]
struct Listing {
    messages: BTreeMap<NonZeroU32, Listed>,
    /// Messages that the server does not tell enough of, and answers that are not understood: each may have been a message.
    unlisted: u64,
}

struct Listed {
    /// Zero if the server does not say.
    octets: u64,
    attributes: Attributes,
}

/// What was told of a message so far: a server may tell its items in several answers.
#[derive(Default)]
struct Told {
    uid: Option<NonZeroU32>,
    flags: Option<Flags>,
    octets: Option<u64>,
    received: Option<u64>,
}

/// Asks for everything but the bodies, of all messages that may be wanted.
fn scan(
    options: &Options,
    connection: &mut Connection,
    state: &State,
    exists: u32,
) -> Result<Listing, Failure> {
    let first = NonZeroU32::new(state.first_missing()).unwrap_or(NonZeroU32::MIN);
    let set = options.set.clone().unwrap_or_else(|| SequenceSet::from(SequenceRange::from_number(first)));
    let asked = [
        FetchAttribute::Uid,
        FetchAttribute::Flags,
        FetchAttribute::InternalDate,
        FetchAttribute::Rfc822Size,
    ];
    let scan = connection.machine_mut().selected()?.uid_fetch(set, asked)?;
    let mut told: BTreeMap<u32, Told> = BTreeMap::new();
    let (mut unparsed, mut exists) = (0, u64::from(exists));
    let status = complete_within(options.most, connection, scan, |event| match event {
        Event::Fetch(fetch) => {
            // Without a sequence number, which only an extension leaves out, the UID has to do.
            let Some(number) = fetch.seq.or(fetch.uid) else { return };
            let message = told.entry(number.get()).or_default();
            message.uid = fetch.uid.or(message.uid);
            message.octets = fetch.size.or(message.octets);
            message.flags = fetch.flags.or(message.flags.take());
            let received = fetch.internal_date.and_then(|date| u64::try_from(date.to_unix()).ok());
            message.received = received.or(message.received);
        }
        Event::Data(Data::Expunge(number)) => {
            exists = exists.saturating_sub(1);
            // The messages behind it are counted anew.
            let behind = told.split_off(&number.get());
            told.extend(
                behind
                    .into_iter()
                    .filter(|(it, _)| *it > number.get())
                    .map(|(it, message)| (it - 1, message)),
            );
        }
        Event::Unparsed { .. } => unparsed += 1,
        _ => {}
    })?;
    if status.condition != Condition::Ok {
        return Err(Failure::server(format!("the server lists no messages: {}", printable(&status.text))));
    }
    let mut listing = Listing { unlisted: unparsed, ..Listing::default() };
    let mut listed = unparsed;
    for message in told.into_values() {
        let wanted = match &message.flags {
            Some(flags) => Some(wants(options, flags)),
            None => options.flags.is_empty().then_some(true),
        };
        let Some(uid) = message.uid else {
            // Flags alone are news that nobody asked for.
            let asked_for = message.octets.is_some() || message.received.is_some();
            listing.unlisted += u64::from(asked_for);
            listed += u64::from(asked_for);
            continue;
        };
        listed += 1;
        match wanted {
            Some(true) => {
                let letters = message.flags.as_ref().map(letters).unwrap_or_default();
                let attributes = Attributes { letters, uid: Some(uid.get()), received: message.received };
                listing.messages.insert(uid, Listed { octets: message.octets.unwrap_or(0), attributes });
            }
            Some(false) => {}
            // It has the flags that are asked for, or not: nobody knows.
            None => listing.unlisted += 1,
        }
    }
    if options.set.is_none() && first == NonZeroU32::MIN {
        listing.unlisted += exists.saturating_sub(listed);
    }
    Ok(listing)
}

fn wants(options: &Options, flags: &Flags) -> bool {
    options.flags.iter().all(|filter| flags.contains(&filter.flag) == filter.present)
}

/// The flags as letters of a Maildir, in order.
fn letters(flags: &Flags) -> String {
    let all = [
        (flags.is_draft(), 'D'),
        (flags.is_flagged(), 'F'),
        (flags.is_forwarded(), 'P'),
        (flags.is_answered(), 'R'),
        (flags.is_seen(), 'S'),
        (flags.is_deleted(), 'T'),
    ];
    all.into_iter().filter_map(|(is, letter)| is.then_some(letter)).collect()
}

/// A message that is asked for.
struct Wanted {
    uid: NonZeroU32,
    octets: u64,
    key: Key,
    attributes: Attributes,
    /// Octets that an earlier run kept.
    kept: u64,
    saved: bool,
}

/// A message that arrives.
struct Current {
    /// As long as the server has not said which message it is: the first that was asked for.
    uid: NonZeroU32,
    message: Incoming,
    whole: bool,
}

/// Messages on their way to the disk.
struct Taking {
    wanted: VecDeque<Wanted>,
    asked: VecDeque<(CommandId, Wanted)>,
    current: Option<Current>,
    /// Saved, and not durable yet.
    saved: Vec<NonZeroU32>,
    progress: Progress,
    summary: Summary,
}

impl Taking {
    fn new(
        options: &Options,
        account: &str,
        uid_validity: NonZeroU32,
        listing: &Listing,
        target: &Target,
        state: &State,
    ) -> Self {
        let (mut wanted, mut saved, mut octets) = (VecDeque::new(), Vec::new(), 0_u64);
        let mut summary = Summary::default();
        for (uid, listed) in &listing.messages {
            let key = Key::new(account, format!("{uid_validity} {uid}").as_bytes());
            if state.has_uid(uid.get()) {
                summary.known += 1;
            } else if target.holds(key) {
                // On disk, by an earlier run that did not come to note it.
                summary.known += 1;
                saved.push(*uid);
            } else {
                octets = octets.saturating_add(listed.octets);
                let attributes = listed.attributes.clone();
                wanted.push_back(Wanted {
                    uid: *uid,
                    octets: listed.octets,
                    key,
                    attributes,
                    kept: 0,
                    saved: false,
                });
            }
        }
        let progress = Progress::new(options.quiet, wanted.len(), octets);
        if listing.unlisted > 0 {
            progress.warn(&format!(
                "messages that the server does not list, or not so that it is understood: {}",
                listing.unlisted
            ));
        }
        Self { wanted, asked: VecDeque::new(), current: None, saved, progress, summary }
    }

    fn run(
        &mut self,
        connection: &mut Connection,
        target: &mut Target,
        state: &mut State,
    ) -> Result<(), Failure> {
        loop {
            if self.saved.len() >= BATCH {
                self.settle(target, state)?;
            }
            while self.asked.len() < AHEAD
                && let Some(mut wanted) = self.wanted.pop_front()
            {
                let attributes = [FetchAttribute::Uid, attribute(&mut wanted, target)];
                let fetch = connection.machine_mut().selected()?.uid_fetch(wanted.uid, attributes)?;
                self.asked.push_back((fetch, wanted));
            }
            if self.asked.is_empty() {
                return Ok(());
            }
            match next(connection)? {
                Event::Body(Body::Begin(start)) => self.begin(&start, target)?,
                Event::Body(Body::Chunk(octets)) => {
                    if let Some(current) = &mut self.current {
                        self.progress.octets(octets.len());
                        current.message.write(&octets)?;
                    }
                }
                Event::Body(Body::End) => {
                    if let Some(current) = &mut self.current {
                        current.whole = true;
                    }
                }
                Event::Fetch(fetch) if fetch.last => {
                    if connection.machine().forgiven().contains(Quirk::LiteralLength) {
                        let number = fetch.uid.or(fetch.seq).map_or(0, NonZeroU32::get);
                        self.progress.warn(&format!(
                            "message {number}: the server miscounts its octets, and some may be missing"
                        ));
                    }
                    self.end(&fetch, target)?;
                }
                Event::Completed { command, status } => self.completed(command, &status),
                Event::Bye(status) => return Err(bye(&status)),
                _ => {}
            }
        }
    }

    fn begin(&mut self, start: &BodyStart, target: &Target) -> Result<(), Failure> {
        self.current = None;
        if start.item.section() != Section::Full || start.len.is_none() {
            return Ok(());
        }
        let wanted = self.asked.iter().map(|(_, wanted)| wanted).filter(|wanted| !wanted.saved);
        let Some(wanted) = wanted.into_iter().find(|wanted| start.uid.is_none_or(|uid| uid == wanted.uid))
        else {
            return Ok(());
        };
        let message = match start.origin {
            Some(origin) if origin > 0 && origin == wanted.kept => {
                self.progress.octets(usize::try_from(origin).unwrap_or(usize::MAX));
                target.resume(wanted.key)?
            }
            None | Some(0) => target.begin(wanted.key)?,
            Some(_) => return Ok(()),
        };
        self.current = Some(Current { uid: wanted.uid, message, whole: false });
        Ok(())
    }

    /// The end of a FETCH: by now the server has said which message it was.
    fn end(&mut self, fetch: &Fetch, target: &mut Target) -> Result<(), Failure> {
        let Some(current) = self.current.take().filter(|current| current.whole) else { return Ok(()) };
        if fetch.uid.is_some_and(|uid| uid != current.uid) {
            return Ok(());
        }
        if let Some((_, wanted)) = self.asked.iter_mut().find(|(_, wanted)| wanted.uid == current.uid) {
            target.save(current.message, &wanted.attributes)?;
            target.forget(wanted.key);
            wanted.saved = true;
            self.saved.push(wanted.uid);
            self.summary.taken += 1;
            self.progress.message();
        }
        Ok(())
    }

    fn completed(&mut self, command: CommandId, status: &Status) {
        let Some(index) = self.asked.iter().position(|(id, _)| *id == command) else { return };
        let Some((_, wanted)) = self.asked.remove(index) else { return };
        if !wanted.saved {
            self.summary.failed += 1;
            let text = match status.condition {
                Condition::Ok => "the server did not give it".into(),
                _ => printable(&status.text),
            };
            self.progress.warn(&format!("message with UID {}: {text}", wanted.uid));
        }
    }

    /// Makes durable what is saved, and notes it.
    fn settle(&mut self, target: &mut Target, state: &mut State) -> Result<(), Failure> {
        target.commit()?;
        for uid in self.saved.drain(..) {
            state.note_uid(uid.get());
        }
        state.commit()
    }
}

/// The whole message, or what is missing of it.
fn attribute(wanted: &mut Wanted, target: &Target) -> FetchAttribute {
    let kept = target.kept(wanted.key);
    // Up to the end, however long: some servers count with 32 bits, and one of them for the sign.
    let rest = u64::from(i32::MAX.unsigned_abs()).checked_sub(kept).and_then(NonZeroU64::new);
    match rest.map(|rest| Partial::new(kept, rest)) {
        Some(Ok(partial)) if kept > 0 && kept < wanted.octets => {
            wanted.kept = kept;
            FetchAttribute::BodySection { peek: true, section: Section::Full, partial: Some(partial) }
        }
        _ => {
            target.forget(wanted.key);
            FetchAttribute::body_peek(Section::Full)
        }
    }
}

/// Events up to the completion of a command.
fn complete(connection: &mut Connection, id: CommandId, data: impl FnMut(Event)) -> Result<Status, Failure> {
    complete_within(MOST, connection, id, data)
}

/// The same, of so many events at most: whoever sends more never ends.
fn complete_within(
    most: u32,
    connection: &mut Connection,
    id: CommandId,
    mut data: impl FnMut(Event),
) -> Result<Status, Failure> {
    for _ in 0..=most {
        match next(connection)? {
            Event::Completed { command, status } if command == id => return Ok(status),
            Event::Bye(status) => return Err(bye(&status)),
            event => data(event),
        }
    }
    Err(Failure::endless(most))
}

fn bye(status: &Status) -> Failure {
    Failure::new(Kind::Connection, format!("the server ends the connection: {}", printable(&status.text)))
}
