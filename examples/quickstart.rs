//! Watch mail move: starts the embedded server on two free ports of the loopback interface, with a small mailbox, then takes the mail over
//! POP3 and over IMAP with this crate's client machines, and checks what came.
//!
//! ```text
//!  this thread                                             threads of the embedded server
//!  pop3::Client ── blocking::Connection ── TCP ── blocking::Connection ── pop3::Server ─┐
//!                                                                                       ├─ store
//!  imap::Client ── blocking::Connection ── TCP ── blocking::Connection ── imap::Server ─┘
//! ```

mod embedded;
#[path = "embedded/threads.rs"]
mod threads;

use std::{
    error::Error,
    fmt,
    io::{self, Write as _},
    net::{SocketAddr, TcpStream},
    num::NonZeroU32,
    process::ExitCode,
    sync::Arc,
};

use embedded::{
    decode::words,
    memory::Memory,
    session::Settings,
    store::{Accounts, Store},
};
use mailwire::{
    blocking::Connection,
    imap::{
        self, Append, AppendOptions, Data, Fetch, FetchAttribute, Flag, ListCommand, ListPattern, Mailbox,
        ResponseCode, Section, SequenceSet, StoreAction,
    },
    pop3,
    wire::Tls,
};

const HELP: &str = "\
quickstart: mail moves between a server and two clients on the loopback interface

usage: quickstart

It starts the embedded server on two free ports, takes its mail over POP3 and over IMAP, and checks what came.

  -h, --help   this text

Exit status: 0 all came, 1 something failed, 2 wrong usage.";

/// A line for who looks on. Who has closed the pipe has seen enough: that is an error here, and none of the program.
macro_rules! say {
    ($($line:tt)*) => {
        writeln!(io::stdout(), $($line)*)?
    };
}

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const USER: &str = "alice";
const PASSWORD: &str = "open sesame";

const MESSAGES: [&str; 3] = [
    "From: Bob Example <bob@example.net>\r\n\
     To: alice@example.org\r\n\
     Date: Mon, 23 Nov 2026 09:12:00 +0100\r\n\
     Subject: Lunch?\r\n\
     Message-ID: <lunch@example.net>\r\n\
     \r\n\
     Half past twelve, at the usual place?\r\n\
     .\r\n\
     (That dot stands alone on its line, and must arrive as one.)\r\n",
    "From: =?UTF-8?Q?J=C3=BCrgen?= <j@example.org>\r\n\
     To: alice@example.org\r\n\
     Date: Mon, 23 Nov 2026 10:30:00 +0100\r\n\
     Subject: The photographs\r\n\
     Message-ID: <photos@example.org>\r\n\
     MIME-Version: 1.0\r\n\
     Content-Type: multipart/mixed; boundary=frontier\r\n\
     \r\n\
     --frontier\r\n\
     Content-Type: text/plain; charset=utf-8\r\n\
     \r\n\
     Two of them.\r\n\
     --frontier\r\n\
     Content-Type: image/png; name=one.png\r\n\
     Content-Transfer-Encoding: base64\r\n\
     Content-Disposition: attachment; filename=one.png\r\n\
     \r\n\
     iVBORw0KGgo=\r\n\
     --frontier\r\n\
     Content-Type: image/png; name=two.png\r\n\
     Content-Transfer-Encoding: base64\r\n\
     Content-Disposition: attachment; filename=two.png\r\n\
     \r\n\
     iVBORw0KGgoAAAAN\r\n\
     --frontier--\r\n",
    "From: announcements@example.com\r\n\
     To: alice@example.org\r\n\
     Subject: * OK see {5}\r\n\
     \r\n\
     A subject that looks like a response, and like the header of a literal.\r\n",
];

fn main() -> ExitCode {
    let helps = match helps() {
        Ok(helps) => helps,
        Err(error) => {
            eprintln!("quickstart: {error}\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    match if helps { help() } else { run() } {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if is_closed_pipe(&*error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("quickstart: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether help is asked for; nothing else can be.
fn helps() -> std::result::Result<bool, lexopt::Error> {
    use lexopt::prelude::*;

    match lexopt::Parser::from_env().next()? {
        None => Ok(false),
        Some(Long("help") | Short('h')) => Ok(true),
        Some(argument) => Err(argument.unexpected()),
    }
}

fn help() -> Result<()> {
    say!("{HELP}");
    Ok(())
}

fn is_closed_pipe(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

fn run() -> Result<()> {
    let store = Arc::new(Memory::new());
    for message in MESSAGES {
        store.seed("INBOX", message.as_bytes())?;
    }
    store.create("Archive")?;
    let accounts = Arc::new(OneAccount(store));
    let settings = Arc::new(Settings { accounts, max_message: 1 << 20 });
    let (pop3, imap) = (threads::pop3(&settings)?, threads::imap(&settings)?);
    say!("The embedded server listens: POP3 on {pop3}, IMAP on {imap}.");
    say!("{} messages wait in the INBOX of {USER}.\n", MESSAGES.len());

    over_pop3(pop3)?;
    over_imap(imap)?;
    say!("All that came is what was put in, octet for octet.");
    Ok(())
}

/// The one who may log in.
struct OneAccount(Arc<Memory>);

impl Accounts for OneAccount {
    fn login(&self, user: &[u8], password: &[u8]) -> embedded::store::Result<Option<Arc<dyn Store>>> {
        let right = user == USER.as_bytes() && password == PASSWORD.as_bytes();
        if !right {
            return Ok(None);
        }
        Ok(Some(self.0.clone()))
    }
}

/// Something that should not be.
fn check(holds: bool, what: impl fmt::Display) -> Result<()> {
    if holds { Ok(()) } else { Err(format!("this does not hold: {what}").into()) }
}

fn closed() -> Box<dyn Error> {
    "the server has closed the connection".into()
}

// ---- POP3

/// Takes every message, all commands at once.
fn over_pop3(address: SocketAddr) -> Result<()> {
    use pop3::{Body, Client, ClientConfig, client::Event};

    say!("POP3");
    let client = Client::new(ClientConfig { tls: Tls::Unavailable, ..ClientConfig::new() });
    let mut connection = Connection::new(TcpStream::connect(address)?, client);
    let finish = |connection: &mut Connection<TcpStream, Client>, command| -> Result<Vec<Event>> {
        let mut events = Vec::new();
        connection.run(command, |event| events.push(event))?.into_result()?;
        Ok(events)
    };
    let Some(Event::Greeting(greeting)) = connection.next_event()? else { return Err(closed()) };
    say!("  the server says: {}", greeting.reply.text().display());
    let user = connection.machine_mut().authorization()?.user(USER)?;
    finish(&mut connection, user)?;
    let pass = connection.machine_mut().authorization()?.pass(PASSWORD)?;
    finish(&mut connection, pass)?;
    // With the capabilities the client knows that it need not wait for each answer.
    let capa = connection.machine_mut().transaction()?.capa()?;
    finish(&mut connection, capa)?;
    let uidl = connection.machine_mut().transaction()?.uidl()?;
    let unique_ids: Vec<_> = finish(&mut connection, uidl)?
        .into_iter()
        .filter_map(|event| match event {
            Event::UniqueIdListing(listing) => Some(listing),
            _ => None,
        })
        .collect();
    check(unique_ids.len() == MESSAGES.len(), "UIDL tells every message")?;

    let mut retrievals = Vec::new();
    for listing in &unique_ids {
        retrievals.push(connection.machine_mut().transaction()?.retr(listing.message)?);
    }
    let quit = connection.machine_mut().transaction()?.quit()?;
    let mut taken: Vec<Vec<u8>> = Vec::new();
    for retrieval in retrievals {
        let mut message = Vec::new();
        for event in finish(&mut connection, retrieval)? {
            // A program that keeps mail would write each chunk to a file.
            if let Event::Body(Body::Chunk(octets)) = event {
                message.extend_from_slice(&octets);
            }
        }
        taken.push(message);
    }
    finish(&mut connection, quit)?;
    for ((listing, message), sent) in unique_ids.iter().zip(&taken).zip(MESSAGES) {
        say!(
            "  {}  {:>5} octets  {:<24} {}",
            listing.message,
            message.len(),
            listing.unique_id.to_string(),
            subject(message)
        );
        check(message == sent.as_bytes(), format_args!("message {} is whole", listing.message))?;
    }
    say!();
    Ok(())
}

fn subject(message: &[u8]) -> String {
    let text = String::from_utf8_lossy(message);
    let line = text.lines().find_map(|line| line.strip_prefix("Subject: "));
    line.unwrap_or("(no subject)").to_owned()
}

// ---- IMAP

/// What an IMAP command was answered with.
#[derive(Default)]
struct Answer {
    data: Vec<Data>,
    fetches: Vec<Fetch>,
    bodies: Vec<Vec<u8>>,
    status: Option<imap::Status>,
}

struct Imap(Connection<TcpStream, imap::client::Client>);

impl Imap {
    /// What comes up to the completion of the command.
    fn finish(&mut self, command: imap::client::CommandId) -> Result<Answer> {
        use imap::{Body, client::Event};

        let mut answer = Answer::default();
        let status = self.0.run(command, |event| match event {
            Event::Data(data) => answer.data.push(data),
            Event::Fetch(fetch) => answer.fetches.push(fetch),
            Event::Body(Body::Begin(_)) => answer.bodies.push(Vec::new()),
            Event::Body(Body::Chunk(octets)) => {
                if let Some(body) = answer.bodies.last_mut() {
                    body.extend_from_slice(&octets);
                }
            }
            _ => {}
        })?;
        answer.status = Some(status.into_result()?);
        Ok(answer)
    }
}

/// Looks at the mailbox, takes every message, and files one.
fn over_imap(address: SocketAddr) -> Result<()> {
    use imap::client::{Client, Config, Event, Selection};

    say!("IMAP");
    let client = Client::new(Config { tls: Tls::Unavailable, ..Config::default() });
    let mut imap = Imap(Connection::new(TcpStream::connect(address)?, client));
    let Some(Event::Greeting(greeting)) = imap.0.next_event()? else { return Err(closed()) };
    say!("  the server says: {}", greeting.text.display());
    let login = imap.0.machine_mut().not_authenticated()?.login(USER, PASSWORD)?;
    imap.finish(login)?;
    let list = imap.0.machine_mut().authenticated()?.list(ListCommand::new(ListPattern::new("*")?))?;
    let mailboxes = imap.finish(list)?.data;
    let names = mailboxes.iter().filter_map(|data| match data {
        Data::List(list) => Some(list.mailbox.to_string_lossy()),
        _ => None,
    });
    say!("  mailboxes: {}", names.collect::<Vec<_>>().join(", "));

    let (select, mut inbox) =
        (imap.0.machine_mut().authenticated()?.select(Mailbox::inbox())?, Selection::default());
    imap.0.run(select, |event| inbox.learn(&event))?.into_result()?;
    check(usize::try_from(inbox.exists)? == MESSAGES.len(), "SELECT tells how many messages there are")?;
    let all = SequenceSet::all();
    let attributes = [FetchAttribute::Uid, FetchAttribute::Envelope, FetchAttribute::BodyStructure];
    let look = imap.0.machine_mut().selected()?.fetch(all.clone(), attributes)?;
    let seen = imap.finish(look)?;
    check(seen.fetches.len() == MESSAGES.len(), "FETCH tells every message")?;
    for fetch in &seen.fetches {
        show(fetch)?;
    }

    let whole = [FetchAttribute::body(Section::Full)];
    let fetch = imap.0.machine_mut().selected()?.fetch(all, whole)?;
    let taken = imap.finish(fetch)?;
    check(taken.bodies.len() == MESSAGES.len(), "FETCH gives every message")?;
    for (body, sent) in taken.bodies.iter().zip(MESSAGES) {
        check(body == sent.as_bytes(), "a message is whole")?;
    }
    let marked = taken.fetches.iter().filter_map(|fetch| fetch.flags.as_ref());
    check(
        marked.clone().count() == MESSAGES.len() && marked.clone().all(|flags| flags.is_seen()),
        "taking a message marks it as seen",
    )?;
    say!("  took {} messages; each is marked \\Seen now", taken.bodies.len());

    // One goes into the archive, and a new one beside it.
    let one = SequenceSet::from(NonZeroU32::MIN);
    let archive = Mailbox::new("Archive")?;
    let copy = imap.0.machine_mut().selected()?.copy(one.clone(), archive.clone())?;
    imap.finish(copy)?;
    let store = imap::Store::flags(one, StoreAction::Add, [Flag::Deleted]).silent();
    let store = imap.0.machine_mut().selected()?.store(store)?;
    imap.finish(store)?;
    let expunge = imap.0.machine_mut().selected()?.expunge()?;
    let expunged = imap.finish(expunge)?.data;
    check(expunged.contains(&Data::Expunge(NonZeroU32::MIN)), "the message left the INBOX")?;
    say!("  moved message 1 to {}", archive.to_string_lossy());

    let draft = bytes::Bytes::from_static(b"Subject: Re: Lunch?\r\n\r\nGladly.\r\n");
    let length = u64::try_from(draft.len())?;
    let options =
        AppendOptions { flags: Some([Flag::Seen, Flag::Answered].into()), ..AppendOptions::default() };
    let machine = imap.0.machine_mut();
    let mut appending =
        machine.selected()?.authenticated().append(&Append::to(archive.clone()), &options, length)?;
    machine.append_octets(&mut appending, draft)?;
    let append = machine.append_end(appending)?;
    let Some(ResponseCode::AppendUid(appended)) = imap.finish(append)?.status.and_then(|status| status.code)
    else {
        return Err("the server did not tell the UID of what was appended".into());
    };
    say!("  appended {length} octets to {} as UID {}", archive.to_string_lossy(), appended.uids);
    let status = imap.0.machine_mut().authenticated()?.status(archive, [imap::StatusAttribute::Messages])?;
    let figures = imap.finish(status)?.data;
    let messages = figures.iter().find_map(|data| match data {
        Data::Status(status) => status.messages,
        _ => None,
    });
    check(messages == Some(2), "the archive has two messages")?;

    let logout = imap.0.machine_mut().logout()?;
    imap.finish(logout)?;
    say!();
    Ok(())
}

/// One message as a client would list it.
fn show(fetch: &Fetch) -> Result<()> {
    let envelope = fetch.envelope.as_ref().ok_or("no envelope came")?;
    let structure = fetch.body_structure.as_ref().ok_or("no body structure came")?;
    let from = envelope.from().next().map(|address| address.to_string()).unwrap_or_default();
    let subject = envelope.subject().unwrap_or_default();
    let parts: Vec<String> = structure
        .walk()
        .map(|part| {
            let name = |octets: &[u8]| String::from_utf8_lossy(octets).to_ascii_lowercase();
            format!("{}/{}", name(&part.media_type()), name(&part.subtype()))
        })
        .collect();
    let uid = fetch.uid.map(|uid| uid.to_string()).unwrap_or_default();
    let readable = |octets: &[u8]| String::from_utf8_lossy(&words(octets)).into_owned();
    say!("  UID {uid}  {}: {}", readable(from.as_bytes()), readable(&subject));
    say!("         {}", parts.join(", "));
    Ok(())
}
