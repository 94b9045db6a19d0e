//! Both machines of IMAP against each other: every segmentation and every truncation of a whole session.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::print_stdout,
    reason = "a test may fail"
)]

mod imap;
mod pair;
mod trace;

use bytes::Bytes;
use imap::{command, mailbox, select_data};
use mailwire::imap::client::{self, Appending, Client, CommandId};
use mailwire::imap::server::{self, SelectData, Server};
use mailwire::imap::{
    Append, AppendOptions, Atom, Body, BodyItem, BodyStart, Capabilities, Capability, Command, Data, Fetch,
    Flags, Quirks, ResponseCode, Section, Status,
};
use mailwire::wire::{ErrorKind, Secret, Tls};
use pair::{Fault, Pair, Stop};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::num::NonZeroU32;

const MESSAGES: [&[u8]; 3] = [b"Subject: one\r\n\r\n)\r\na1 OK done\r\n", b"", b"{5}\r\n\0\xff* BYE x\r\n"];

/// What the client wants, each step when the last is complete.
const SCRIPT: &[&str] = &[
    "CAPABILITY",
    "STARTTLS",
    "CAPABILITY",
    "literal login",
    "AUTHENTICATE",
    "CAPABILITY",
    "NOOP",
    "SELECT INBOX",
    "FETCH 1:3 (FLAGS BODY.PEEK[])",
    "append",
    "append refused",
    "append twice",
    "IDLE",
    "UID FETCH 1:* FLAGS",
    "EXPUNGE",
    "LIST \"\" *",
    "SELECT gone",
    "CLOSE",
    "SELECT INBOX",
    "UNSELECT",
    "XNEW (1 2)",
    "LOGOUT",
];

#[derive(Default, Debug, PartialEq, Eq, Clone)]
struct Seen {
    bodies: Vec<Vec<u8>>,
    whole_bodies: usize,
    completed: Vec<String>,
    other: Vec<String>,
    stored: Vec<Vec<u8>>,
    whole_stored: usize,
    appended: usize,
    logged_out: bool,
}

/// The application of the server, and what the client had stored.
#[derive(Default)]
struct Application {
    stored: Vec<Vec<u8>>,
    whole: usize,
    appended: usize,
    token: Option<server::StartTls>,
}

fn number(number: usize) -> NonZeroU32 {
    NonZeroU32::new(u32::try_from(number).expect("small")).expect("from one")
}

fn serve(application: &mut Application, server: &mut Server, event: server::Event) {
    let result = match event {
        server::Event::Command(running, command) => match command {
            Command::Capability => {
                let offered = [
                    Capability::Imap4rev1,
                    Capability::StartTls,
                    Capability::LiteralMinus,
                    Capability::Idle,
                    Capability::MultiAppend,
                ];
                let offered = offered.into_iter().filter(|capability| server.may_offer(capability));
                server.data(&Data::Capability(Capabilities::from_iter(offered))).expect("capabilities");
                server.complete(running, &Status::ok("done"))
            }
            Command::StartTls => server.starttls(running, &Status::ok("begin")).map(|token| {
                application.token = Some(token);
            }),
            Command::Login { .. } => {
                server.complete(running, &Status::no("wrong").code(ResponseCode::AuthenticationFailed))
            }
            Command::Authenticate { .. } => server.challenge(running, b"name?"),
            Command::Select { mailbox, .. } if mailbox == imap::mailbox("gone") => {
                server.complete(running, &Status::no("no such mailbox"))
            }
            Command::Select { .. } => server.select(running, &SelectData { exists: 3, ..select_data() }),
            Command::Fetch { .. } => fetch(server, running),
            Command::Expunge(_) => {
                server.data(&Data::Expunge(number(3))).expect("data");
                server.complete(running, &Status::ok("done"))
            }
            Command::Append(_) => {
                application.appended += 1;
                server.complete(running, &Status::ok("appended"))
            }
            Command::Idle => {
                server.idle(running).expect("IDLE");
                return server.data(&Data::Exists(4)).expect("data");
            }
            Command::Logout => server.logout(running, &Status::bye("see you")),
            Command::Other { .. } => server.complete(running, &Status::bad("unknown")),
            _ => server.complete(running, &Status::ok("done")),
        },
        server::Event::Response(running, response) => {
            assert_eq!(response.expose(), b"me");
            server.authenticate(running, &Status::ok("welcome"))
        }
        server::Event::Done(running) => server.complete(running, &Status::ok("idled")),
        server::Event::Literal(offer) if offer.len() > 1_000 => {
            server.refuse(offer, &Status::no("too big").code(ResponseCode::TooBig))
        }
        server::Event::Literal(offer) => {
            application.stored.push(Vec::new());
            server.accept(offer)
        }
        server::Event::LiteralChunk(octets) => {
            application.stored.last_mut().expect("a message").extend_from_slice(&octets);
            Ok(())
        }
        server::Event::LiteralEnd => {
            application.whole += 1;
            Ok(())
        }
        server::Event::Malformed(running, error) => server.reject(running, &error),
        other => panic!("{other:?}"),
    };
    result.expect("an answer that fits");
}

/// All messages, their octets in pieces.
fn fetch(server: &mut Server, running: server::InProgress) -> Result<(), mailwire::wire::Error> {
    for (index, message) in MESSAGES.iter().enumerate() {
        let start = BodyStart {
            len: Some(u64::try_from(message.len()).expect("a size")),
            binary: message.contains(&0),
            ..BodyStart::new(number(index + 1), BodyItem::Section(Section::Full))
        };
        let flags = Fetch { flags: Some(Flags::default()), ..Fetch::new(number(index + 1)) };
        let mut writer = server.begin_fetch(&flags)?;
        server.body(&mut writer, &start)?;
        // News does not get between the octets of a message.
        server.status(&Status::ok("still here"))?;
        assert!(server.begin_fetch(&flags).is_err());
        for piece in message.chunks(3) {
            server.body_octets(&mut writer, Bytes::from_static(piece))?;
        }
        server.end_fetch(writer)?;
    }
    server.complete(running, &Status::ok("fetched"))
}

fn append(client: &mut Client, length: usize) -> Appending {
    let append = Append::to(mailbox("INBOX"));
    let length = u64::try_from(length).expect("a size");
    let mut view = client.authenticated().expect("a user");
    view.append(&append, &AppendOptions::default(), length).expect("APPEND")
}

/// The next step of the script.
fn next(client: &mut Client, script: &mut VecDeque<&str>) -> Option<CommandId> {
    let line = script.pop_front()?;
    let command = match line {
        "literal login" => client.enqueue(&Command::login("al\nice", "p\nq")).expect("LOGIN"),
        "AUTHENTICATE" => {
            let mechanism = Atom::new("X").expect("a mechanism");
            client
                .enqueue(&Command::Authenticate { mechanism, initial_response: None })
                .expect("AUTHENTICATE")
        }
        "append" | "append twice" => {
            let mut appending = append(client, MESSAGES[0].len());
            for piece in MESSAGES[0].chunks(5) {
                client.append_octets(&mut appending, Bytes::from_static(piece)).expect("room");
            }
            if line == "append twice" {
                client.append_message(&mut appending, &AppendOptions::default(), 0).expect("one more");
            }
            client.append_end(appending).expect("the end")
        }
        "append refused" => {
            let mut appending = append(client, 5_000);
            client.append_octets(&mut appending, Bytes::from(vec![b'x'; 5_000])).expect("room");
            client.append_end(appending).expect("the end")
        }
        line => client.enqueue(&command(line)).expect("a command that is allowed"),
    };
    Some(command)
}

fn converse(segment: usize, fault: Fault) -> (Seen, Stop, (usize, usize)) {
    let config = client::Config { quirks: Quirks::strict(), tls: Tls::Required, ..client::Config::default() };
    let mut server = Server::new(server::Config { tls: Tls::Required, ..server::Config::default() });
    server.greet(&Status::ok("ready {3}")).expect("a greeting");
    let mut pair = Pair::new(Client::new(config), server, segment, fault);
    let mut seen = Seen::default();
    let script: RefCell<VecDeque<&str>> = RefCell::new(SCRIPT.iter().copied().collect());
    let application = RefCell::new(Application::default());
    let client_token = RefCell::new(None);
    // The command under way, so that IDLE can be ended.
    let idle = Cell::new(None);
    let stop = pair.run(
        |client, event| match event {
            client::Event::Greeting(_) => idle.set(next(client, &mut script.borrow_mut())),
            client::Event::Body(Body::Begin(_)) => seen.bodies.push(Vec::new()),
            client::Event::Body(Body::Chunk(octets)) => {
                seen.bodies.last_mut().expect("a body").extend_from_slice(&octets);
            }
            client::Event::Body(Body::End) => seen.whole_bodies += 1,
            client::Event::Completed { command, status } => {
                seen.completed.push(format!("{command} {}", imap::status(&status)));
                seen.logged_out = script.borrow().is_empty();
                idle.set(next(client, &mut script.borrow_mut()));
            }
            client::Event::Challenge(challenge) => {
                assert_eq!(challenge.octets(), b"name?");
                client.respond(challenge, &Secret::from("me")).expect("a response");
            }
            client::Event::Continuation(_) => seen.other.push("idling".to_owned()),
            // News is what IDLE is for.
            client::Event::Data(Data::Exists(4)) => {
                client.done(idle.get().expect("IDLE")).expect("DONE");
            }
            client::Event::StartTls(token) => *client_token.borrow_mut() = Some(token),
            other @ (client::Event::Unparsed { .. } | client::Event::Violation(_)) => panic!("{other:?}"),
            other => seen.other.push(format!("{other:?}")),
        },
        |server, event| serve(&mut application.borrow_mut(), server, event),
        // Both sides stand still: TLS starts.
        |client, server| match (client_token.take(), application.borrow_mut().token.take()) {
            (Some(ours), Some(theirs)) => {
                client.resume(ours).expect("its token");
                assert!(client.capabilities().is_none());
                server.resume(theirs);
                idle.set(next(client, &mut script.borrow_mut()));
                true
            }
            _ => false,
        },
    );
    let application = application.into_inner();
    seen.stored = application.stored;
    seen.whole_stored = application.whole;
    seen.appended = application.appended;
    (seen, stop, pair.passed())
}

#[test]
fn a_whole_session_in_every_segmentation() {
    let (whole, stop, _) = converse(usize::MAX, Fault::None);
    assert_eq!(stop, Stop::Done);
    assert_eq!(whole.completed.len(), SCRIPT.len() - 1, "{:#?}", whole.completed);
    assert_eq!((whole.bodies.len(), whole.whole_bodies), (6, 6));
    for (body, message) in whole.bodies.iter().zip(MESSAGES.iter().chain(&MESSAGES)) {
        assert_eq!(body, message);
    }
    assert_eq!(whole.stored, [MESSAGES[0], MESSAGES[0], b""]);
    assert_eq!((whole.whole_stored, whole.appended, whole.logged_out), (3, 2, true));
    for segment in [1, 2, 3, 7, 64, 1_460] {
        let (seen, stop, _) = converse(segment, Fault::None);
        assert_eq!((&seen, stop), (&whole, Stop::Done), "segments of {segment}");
    }
}

#[test]
fn an_end_at_any_octet_is_never_a_success() {
    let (whole, _, (to_client, to_server)) = converse(usize::MAX, Fault::None);
    for cut in 0..to_client {
        let (seen, stop, _) = converse(usize::MAX, Fault::TruncateServer(cut));
        assert!(!seen.logged_out, "cut at {cut}");
        assert!(whole.completed.starts_with(&seen.completed), "cut at {cut}");
        let complete = seen
            .bodies
            .iter()
            .zip(MESSAGES.iter().chain(&MESSAGES))
            .filter(|(body, message)| body == *message)
            .count();
        assert!(seen.whole_bodies <= complete, "cut at {cut}");
        // The server may have been told of the end first.
        let eof = |error: mailwire::wire::Error| error.kind() == ErrorKind::UnexpectedEof;
        // Behind BYE only the completion of LOGOUT was missing, which a server may owe.
        let goodbye = stop == Stop::Quiet && seen.other.last().is_some_and(|line| line.starts_with("Bye"));
        assert!(
            goodbye || matches!(stop, Stop::Client(error) | Stop::Server(error) if eof(error)),
            "cut at {cut}: {stop:?}"
        );
    }
    for cut in 0..to_server {
        let (seen, stop, _) = converse(usize::MAX, Fault::TruncateClient(cut));
        assert!(!seen.logged_out, "cut at {cut}: {stop:?}");
        let complete =
            seen.stored.iter().filter(|stored| *stored == MESSAGES[0] || stored.is_empty()).count();
        assert!(seen.whole_stored <= complete && seen.appended <= whole.appended, "cut at {cut}");
    }
}
