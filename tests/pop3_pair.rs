//! Both machines against each other: every segmentation, every truncation, and every short sequence of commands.

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

mod pair;
mod pop3;
mod trace;

use bytes::{Bytes, BytesMut};
use mailwire::pop3::{
    Body, Capabilities, Capability, Client, ClientConfig, Command, DropListing, Mechanism, Quirks, Reply,
    ScanListing, Server, ServerConfig, State, Tls, UniqueId, UniqueIdListing, client, server,
};
use mailwire::wire::{ErrorKind, Machine, Secret};
use pair::{Fault, Pair, Stop};
use pop3::number;
use std::cell::RefCell;
use std::collections::VecDeque;

const MESSAGES: [&[u8]; 3] = [b"Subject: one\r\n\r\n.\r\n..dots\r\n", b"", b"bare\nline\n.feeds and no end"];

fn canonical(message: &[u8]) -> Vec<u8> {
    let text = String::from_utf8(message.to_vec()).expect("a message").replace("\r\n", "\n");
    let mut text = text.replace('\n', "\r\n");
    if !text.is_empty() && !text.ends_with("\r\n") {
        text.push_str("\r\n");
    }
    text.into_bytes()
}

/// What the client wants, one after the other, each when the last is complete.
const SCRIPT: &[&str] = &[
    "CAPA",
    "STLS",
    "CAPA",
    "UTF8",
    "USER u",
    "PASS wrong",
    "AUTH",
    "STAT",
    "LIST",
    "LIST 2",
    "LIST 9",
    "UIDL",
    "UIDL 3",
    "RETR 1",
    "RETR 2",
    "RETR 3",
    "TOP 3 1",
    "DELE 1",
    "RSET",
    "NOOP",
    "DELE 2",
    "QUIT",
];

#[derive(Default, Debug, PartialEq, Eq)]
struct Seen {
    bodies: Vec<Vec<u8>>,
    whole_bodies: usize,
    listings: Vec<String>,
    replies: Vec<String>,
    update: bool,
    quit_ok: bool,
}

fn unique_id(message: u32) -> UniqueIdListing {
    UniqueIdListing {
        message: number(&message.to_string()),
        unique_id: UniqueId::new(format!(".uid-{message}")).expect("a unique-id"),
    }
}

fn scan(message: u32) -> ScanListing {
    let octets = MESSAGES[message as usize - 1].len() as u64;
    ScanListing { message: number(&message.to_string()), octets }
}

fn serve(server: &mut Server, event: server::Event) {
    let result = match event {
        server::Event::Command(running, command) => match command {
            Command::Capa => {
                let capabilities = Capabilities::from([
                    Capability::Stls,
                    Capability::Pipelining,
                    Capability::Utf8 { user: true },
                ]);
                server.capabilities(running, &capabilities)
            }
            Command::Stls => server.start_tls(running, Reply::ok("begin")).map(|token| {
                // Nobody is between the two: the transport changes at once.
                TOKENS.with_borrow_mut(|tokens| tokens.push(token));
            }),
            Command::Pass(_) => server.reply(running, Reply::err("wrong")),
            Command::Auth { .. } => server.challenge(running, b"name?"),
            Command::Stat => server.stat(running, DropListing { messages: 3, octets: 99 }),
            Command::List(None) => server.list(running, (1..=3).map(scan)),
            Command::List(Some(message)) if message.get() <= 3 => {
                server.scan_listing(running, scan(message.get()))
            }
            Command::Uidl(None) => server.uidl(running, (1..=3).map(unique_id)),
            Command::Uidl(Some(message)) => server.unique_id(running, &unique_id(message.get())),
            Command::Retr(message) => {
                let octets = MESSAGES[message.get() as usize - 1];
                server.begin_message(running, Some(octets.len() as u64)).and_then(|mut sending| {
                    for piece in octets.chunks(5) {
                        server.message_chunk(&mut sending, Bytes::from_static(piece))?;
                    }
                    server.message_end(sending)
                })
            }
            Command::Top { message, lines } => {
                let octets = MESSAGES[message.get() as usize - 1];
                let mut top = mailwire::pop3::Top::new(lines);
                let length = top.take(octets);
                server.begin_message(running, None).and_then(|mut sending| {
                    server.message_chunk(&mut sending, Bytes::from_static(&octets[..length]))?;
                    server.message_end(sending)
                })
            }
            Command::List(_) => server.reply(running, Reply::err("no such message")),
            _ => server.reply(running, Reply::ok("done")),
        },
        server::Event::AuthResponse(running, response) => {
            assert_eq!(response.expose(), b"me");
            server.reply(running, Reply::ok("welcome"))
        }
        server::Event::AuthCancelled(running) => server.reply(running, Reply::err("cancelled")),
        server::Event::Malformed(running, error) => server.reject(running, &error),
        other => panic!("{other:?}"),
    };
    result.expect("an answer that fits");
}

thread_local! {
    static TOKENS: RefCell<Vec<mailwire::pop3::StartTls>> = const { RefCell::new(Vec::new()) };
}

fn converse(segment: usize, fault: Fault) -> (Seen, Stop, (usize, usize), State) {
    TOKENS.with_borrow_mut(Vec::clear);
    let client =
        Client::new(ClientConfig { quirks: Quirks::strict(), tls: Tls::Optional, ..ClientConfig::new() });
    let server = Server::new(ServerConfig { tls: Tls::Optional, ..ServerConfig::new() });
    let mut pair = Pair::new(client, server, segment, fault);
    let mut seen = Seen::default();
    let script: RefCell<VecDeque<&str>> = RefCell::new(SCRIPT.iter().copied().collect());
    let next = |client: &mut Client| {
        let Some(line) = script.borrow_mut().pop_front() else { return };
        let command = match line {
            "AUTH" => {
                Command::Auth { mechanism: Mechanism::new("X").expect("a mechanism"), initial_response: None }
            }
            line => Command::parse(line.as_bytes()).expect("a command"),
        };
        client.enqueue(command).expect("a command that is allowed");
    };
    let client_token = RefCell::new(None);
    let stop = pair.run(
        |client, event| match event {
            client::Event::Greeting(_) => next(client),
            client::Event::Body(Body::Begin { .. }) => seen.bodies.push(Vec::new()),
            client::Event::Body(Body::Chunk(octets)) => {
                seen.bodies.last_mut().expect("a body").extend_from_slice(&octets);
            }
            client::Event::Body(Body::End) => seen.whole_bodies += 1,
            client::Event::Completed { reply, .. } => {
                seen.quit_ok |= client.state() == State::Closed && reply.is_ok();
                seen.replies.push(reply.to_string());
                next(client);
            }
            client::Event::AuthContinue(challenge) => {
                assert_eq!(challenge.challenge(), b"name?");
                client.respond(challenge, &Secret::from("me")).expect("a response");
            }
            client::Event::StartTls(token) => *client_token.borrow_mut() = Some(token),
            client::Event::Unparsed { error, .. } => panic!("{error}"),
            other => seen.listings.push(format!("{other:?}")),
        },
        |server, event| {
            seen.update |= server.state() == State::Update;
            serve(server, event);
        },
        // Both sides stand still: TLS starts.
        |client, server| match (client_token.take(), TOKENS.with_borrow_mut(Vec::pop)) {
            (Some(ours), Some(theirs)) => {
                client.resume(ours).expect("its token");
                server.resume(theirs);
                assert!(client.capabilities().is_none());
                next(client);
                true
            }
            _ => false,
        },
    );
    let (passed, state) = (pair.passed(), pair.server.state());
    (seen, stop, passed, state)
}

#[test]
fn a_whole_session_in_every_segmentation() {
    let (whole, ..) = converse(usize::MAX, Fault::None);
    assert_eq!(whole.bodies.len(), 4);
    assert_eq!(whole.bodies[0], canonical(MESSAGES[0]));
    assert_eq!(whole.bodies[1], b"");
    assert_eq!(whole.bodies[2], canonical(MESSAGES[2]));
    assert!(whole.update && whole.quit_ok);
    for segment in [1, 2, 3, 7, 64] {
        let (seen, stop, ..) = converse(segment, Fault::None);
        assert_eq!((seen, stop), (converse(usize::MAX, Fault::None).0, Stop::Done), "segments of {segment}");
    }
}

#[test]
fn an_end_at_any_octet_is_never_a_success() {
    let (whole, stop, (to_client, to_server), _) = converse(usize::MAX, Fault::None);
    assert_eq!(stop, Stop::Done);
    for cut in 0..to_client {
        let (seen, stop, _, state) = converse(usize::MAX, Fault::TruncateServer(cut));
        assert!(!seen.quit_ok && seen.whole_bodies <= whole.whole_bodies, "cut at {cut}");
        assert_eq!(
            seen.whole_bodies,
            seen.replies.iter().filter(|reply| reply.ends_with(" octets")).count().max(seen.whole_bodies)
        );
        assert!(
            matches!(stop, Stop::Client(error) if error.kind() == ErrorKind::UnexpectedEof)
                || state != State::Update
        );
    }
    for cut in 0..to_server {
        let (seen, stop, _, state) = converse(usize::MAX, Fault::TruncateClient(cut));
        assert!(!seen.update && !seen.quit_ok && state != State::Update, "cut at {cut}: {stop:?}");
    }
}

/// Every sequence of commands up to this length.
const DEPTH: usize = 4;

#[test]
fn every_state_and_every_command() {
    const LINES: &[&str] = &[
        "USER u",
        "PASS p",
        "APOP u 00000000000000000000000000000000",
        "AUTH X",
        "STLS",
        "NOOP",
        "CAPA",
        "BAD",
        "RETR",
        "QUIT",
    ];
    let mut config = ServerConfig { tls: Tls::Optional, ..ServerConfig::new() };
    config.limits_before_login.bad_commands = 99;
    let config = std::sync::Arc::new(config);
    let mut visited = 0u32;
    let mut choices = vec![0usize; DEPTH];
    loop {
        let mut server = Server::new(std::sync::Arc::clone(&config));
        while server.poll_transmit().is_some() {}
        // The model: what the RFCs say, beside the machine.
        let (mut state, mut user, mut protected) = (State::Authorization, false, false);
        for choice in &choices {
            let (line, ok) = (LINES[choice / 2], choice % 2 == 0);
            let mut input = BytesMut::from(format!("{line}\r\n").as_bytes());
            let event = server.receive(&mut input).expect("nothing fatal");
            if state == State::Closed {
                assert!(event.is_none() && server.is_closed());
                continue;
            }
            let keyword = line.split(' ').next().expect("a keyword");
            let before = state == State::Authorization;
            let allowed = match keyword {
                "USER" | "AUTH" => before,
                "PASS" => before && user,
                "STLS" => before && !protected,
                "NOOP" => !before,
                "CAPA" | "QUIT" | "BAD" => true,
                _ => false,
            };
            match event.expect("an event") {
                server::Event::Command(running, command) => {
                    assert!(allowed, "{line} in {state:?} after {choices:?}");
                    let last = keyword == "QUIT";
                    assert_eq!(server.state() == State::Update, last && !before);
                    match (command, ok) {
                        (Command::Stls, true) => {
                            let token = server.start_tls(running, Reply::ok("")).expect("STLS");
                            while server.poll_transmit().is_some() {}
                            server.resume(token);
                            (protected, user) = (true, false);
                            assert!(server.user().is_none() && server.is_protected());
                            continue;
                        }
                        (Command::Capa, true) => server.capabilities(running, &Capabilities::default()),
                        (_, true) => server.reply(running, Reply::ok("")),
                        (_, false) => server.reply(running, Reply::err("")),
                    }
                    .expect("an answer that fits");
                    user = keyword == "USER" && ok;
                    match (keyword, ok) {
                        ("PASS" | "AUTH", true) => state = State::Transaction,
                        ("QUIT", _) => state = State::Closed,
                        _ => {}
                    }
                }
                server::Event::Malformed(running, error) => {
                    assert!(!allowed && !error.is_fatal(), "{line} in {state:?} after {choices:?}");
                    user = false;
                    server.reject(running, &error).expect("a refusal");
                }
                other => panic!("{other:?}"),
            }
            let mut lines = 0;
            while let Some(octets) = server.poll_transmit() {
                lines += octets.iter().filter(|octet| **octet == b'\n').count();
            }
            assert_eq!(lines, if keyword == "CAPA" && ok { 2 } else { 1 }, "one answer to {line}");
            assert_eq!(server.state(), state, "{line} after {choices:?}");
            visited += 1;
        }
        let Some(place) = choices.iter().rposition(|choice| *choice < LINES.len() * 2 - 1) else { break };
        choices[place] += 1;
        choices[place + 1..].fill(0);
    }
    assert!(visited > 100_000, "{visited}");
}

#[test]
fn an_idle_connection_is_small() {
    let config = std::sync::Arc::new(ServerConfig::protected());
    let mut server = Server::new(config);
    while server.poll_transmit().is_some() {}
    assert!(size_of::<Server>() <= 512, "{}", size_of::<Server>());
}
