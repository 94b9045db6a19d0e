//! Every short sequence of events in every state of POP3, on both sides, breadth first: what holds in all of them, and the table of what each event
//! does in each state.

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

mod pop3;
mod states;
mod trace;

use bytes::BytesMut;
use mailwire::pop3::{ClientConfig, Quirks, ServerConfig, State, Tls};
use mailwire::wire::Machine;
use pop3::{ClientSubject, Scenario, ServerSubject, strict};
use states::{Step, check_table, explore, words};
use std::collections::VecDeque;
use std::fmt::Write as _;
use trace::{Subject, Told};

/// What a client's peer says (`S: `) and what its caller does.
const CLIENT: &[&str] = &[
    "S: +OK x",
    "S: +OK 2 320",
    "S: -ERR x",
    "S: +OK x\r\nPIPELINING\r\n.",
    "S: +OK x\r\n1 2\r\n.",
    "S: + ",
    "S: .",
    "S: garbage",
    "user u",
    "pass p",
    "auth PLAIN",
    "respond r",
    "cancel",
    "stls",
    "resume",
    "capa",
    "stat",
    "list",
    "retr 1",
    "dele 1",
    "noop",
    "quit",
];

/// Replays a path; what must hold at each step is checked on the last one.
fn client(begin: impl Fn() -> ClientSubject, tls: Tls, path: &[usize]) -> Option<Step> {
    let mut subject = begin();
    let (mut input, mut sent) = (BytesMut::new(), Vec::new());
    let (mut owed, mut fatal, mut last) = (VecDeque::new(), None, Vec::new());
    for step in path {
        last.clear();
        let step = CLIENT[*step];
        let pending = subject.client.pending();
        match step.strip_prefix("S: ") {
            Some(line) => {
                input.extend_from_slice(line.as_bytes());
                input.extend_from_slice(b"\r\n");
            }
            None => {
                if !subject.can(step) {
                    return None;
                }
                subject.act(step);
            }
        }
        if subject.client.pending() > pending {
            owed.push_back(step);
        }
        while let Some(told) = subject.receive(&mut input, false) {
            last.push(words(&told));
            match told {
                Told::Event(line) if line.starts_with("Refused") => {}
                Told::Event(line) => {
                    assert!(fatal.is_none(), "nothing behind a fatal error: {path:?}");
                    if line.starts_with("Completed") || line.starts_with("StartTls") {
                        assert!(owed.pop_front().is_some(), "a command completes once: {path:?}");
                    }
                }
                Told::Chunk(_) => assert!(fatal.is_none(), "nothing behind a fatal error: {path:?}"),
                Told::Fatal(kind) => {
                    assert!(fatal.as_ref().is_none_or(|before| *before == kind), "a fatal error is final");
                    fatal = Some(kind);
                    break;
                }
            }
        }
        let mark = sent.len();
        while let Some(octets) = subject.transmit() {
            assert!(fatal.is_none(), "nothing is sent behind a fatal error: {path:?}");
            sent.extend_from_slice(&octets);
        }
        if sent.len() > mark {
            last.push(format!("C: {}", sent[mark..].trim_ascii_end().escape_ascii()));
        }
        if !subject.client.is_protected() && tls == Tls::Required {
            assert!(!sent.windows(4).any(|octets| octets == b"PASS" || octets == b"AUTH"), "{path:?}");
            assert_ne!(subject.client.state(), State::Transaction, "{path:?}");
        }
        if subject.client.state() == State::Update {
            assert!(sent.windows(4).any(|octets| octets == b"QUIT"), "UPDATE has one way in: {path:?}");
        }
    }
    let client = &subject.client;
    let protected = if client.is_protected() { "in TLS" } else { "in the clear" };
    let waiting = match owed.len() {
        0 => String::new(),
        1 => format!(", {} under way", owed[0]),
        _ => ", commands under way".to_owned(),
    };
    let last_sent = sent.trim_ascii_end().rsplit(|octet| *octet == b'\n').next().unwrap_or_default();
    let said = match owed.front() {
        Some(&"auth PLAIN") if last_sent == b"*" => ", given up",
        Some(&"auth PLAIN") if last_sent == b"cg==" => ", answered",
        _ => "",
    };
    let shown = format!("{:?} {protected}{waiting}{said}", client.state());
    let holds: String = ["respond", "resume"].into_iter().filter(|action| subject.can(action)).collect();
    let state = format!(
        "{shown} {} {} {} {holds} {:?}",
        client.is_pipelining(),
        client.answering().is_some(),
        client.is_closed(),
        owed.front(),
    );
    // The end of the connection is in order only where nothing is owed.
    let in_order = matches!(client.state(), State::Update | State::Closed) && owed.is_empty();
    if fatal.is_none() && !in_order {
        let mut told = None;
        for _ in 0..4 {
            told = subject.receive(&mut input, true).or(told);
        }
        assert!(told.is_some() || subject.client.is_closed(), "{path:?} {state}");
    }
    Some(match fatal {
        Some(kind) => Step { told: last, state: format!("fatal {kind}"), shown: "the end".to_owned() },
        None => Step { told: last, state, shown },
    })
}

#[test]
fn every_short_session_of_a_client() {
    let mut table = String::new();
    let clear = ClientConfig { quirks: Quirks::strict(), ..ClientConfig::new() };
    let lenient = ClientConfig::protected();
    type Begin = fn(ClientConfig) -> ClientSubject;
    let starts: [(&str, ClientConfig, Begin, &str); 4] = [
        ("TLS is required, strict", clear, Scenario::client_before_greeting, "Authorization in TLS"),
        ("in TLS, strict", strict(), Scenario::client_before_greeting, "Transaction in TLS"),
        ("logged in, strict", strict(), Scenario::client_logged_in, "Closed in TLS"),
        ("logged in, lenient", lenient, Scenario::client_logged_in, "Closed in TLS"),
    ];
    for (name, config, begin, reached) in starts {
        let explored = explore(CLIENT, 6, |path| client(|| begin(config.clone()), config.tls, path));
        assert!(explored.states.len() > 8, "{:#?}", explored.states);
        assert!(explored.states.keys().any(|state| state.starts_with(reached)), "{:#?}", explored.states);
        println!("{name}: {} states, {} paths", explored.states.len(), explored.paths());
        writeln!(table, "== {name}\n\n{}", explored.rows()).unwrap();
    }
    check_table("pop3_client.txt", &table);
}

/// What a server's peer says (`C: `) and what its application does.
const SERVER: &[&str] = &[
    "C: CAPA",
    "C: USER u",
    "C: PASS p",
    "C: AUTH PLAIN",
    "C: AUTH PLAIN =",
    "C: AHUAcA==",
    "C: *",
    "C: STLS",
    "C: STAT",
    "C: RETR 1",
    "C: DELE 1",
    "C: NOOP",
    "C: RSET",
    "C: XTND",
    "C: QUIT",
    "C: ",
    "ok done",
    "err done",
    "reject",
    "stat 1 2",
    "message x",
    "challenge x",
    "starttls",
    "resume",
    "close",
];

fn server(begin: impl Fn() -> ServerSubject, tls: Tls, path: &[usize]) -> Option<Step> {
    let mut subject = begin();
    let (mut input, mut sent) = (BytesMut::new(), Vec::new());
    let (mut told_commands, mut fatal, mut last) = (0usize, None, Vec::new());
    let mut quit = false;
    for step in path {
        last.clear();
        let step = SERVER[*step];
        match step.strip_prefix("C: ") {
            Some(line) => {
                input.extend_from_slice(line.as_bytes());
                input.extend_from_slice(b"\r\n");
            }
            None => {
                if !subject.can(step) {
                    return None;
                }
                subject.act(step);
            }
        }
        while let Some(told) = subject.receive(&mut input, false) {
            last.push(words(&told));
            match told {
                Told::Fatal(kind) => {
                    assert!(fatal.as_ref().is_none_or(|before| *before == kind), "a fatal error is final");
                    fatal = Some(kind);
                    break;
                }
                Told::Event(line) if line.starts_with("Refused") => {}
                told => {
                    assert!(fatal.is_none(), "nothing behind a fatal error: {path:?}");
                    let line = words(&told);
                    told_commands += 1;
                    quit |= line == "Command QUIT";
                    if line.starts_with("Command PASS") || line.starts_with("Command AUTH") {
                        assert!(tls != Tls::Required || subject.server.is_protected(), "{path:?}");
                    }
                    if ["RETR", "DELE", "STAT"].iter().any(|name| line.contains(name)) {
                        assert_eq!(subject.server.state(), State::Transaction, "{path:?}");
                    }
                }
            }
        }
        let mark = sent.len();
        while let Some(octets) = subject.transmit() {
            sent.extend_from_slice(&octets);
        }
        if sent.len() > mark {
            last.push(format!("S: {}", sent[mark..].trim_ascii_end().escape_ascii()));
        }
        if subject.server.state() == State::Update {
            assert!(quit, "UPDATE has one way in: {path:?}");
        }
    }
    // One answer a command at most, and the last word.
    let answers =
        |mark: &[u8]| sent.split(|octet| *octet == b'\n').filter(|line| line.starts_with(mark)).count();
    let closed = path.iter().any(|step| SERVER[*step] == "close");
    assert!(
        answers(b"+OK") + answers(b"-ERR") + answers(b"+ ")
            <= told_commands + usize::from(closed || fatal.is_some()),
        "{path:?} {}",
        sent.escape_ascii()
    );
    let server = &subject.server;
    let protected = if server.is_protected() { "in TLS" } else { "in the clear" };
    let owing = if server.is_owing() { ", an answer is owed" } else { "" };
    let end = if server.is_closed() { ", closed" } else { "" };
    let shown = format!("{:?} {protected}{owing}{end}", server.state());
    let holds: String = ["reject", "resume"].into_iter().filter(|action| subject.can(action)).collect();
    let state =
        format!("{shown} {} {} {} {holds}", server.user().is_some(), server.wants_read(), !input.is_empty());
    Some(match fatal {
        Some(kind) => Step { told: last, state: format!("fatal {kind}"), shown: "the end".to_owned() },
        None => Step { told: last, state, shown },
    })
}

#[test]
fn every_short_session_of_a_server() {
    let mut table = String::new();
    type Begin = fn(ServerConfig) -> ServerSubject;
    let starts: [(&str, ServerConfig, Begin, &str); 4] = [
        ("TLS is required", ServerConfig::new(), Scenario::server, "Authorization in TLS"),
        ("TLS is optional", Scenario::optional_tls(), Scenario::server, "Transaction in the clear"),
        ("in TLS", ServerConfig::protected(), Scenario::server, "Transaction in TLS"),
        ("logged in", ServerConfig::protected(), Scenario::server_logged_in, "Update in TLS"),
    ];
    for (name, config, begin, reached) in starts {
        let explored = explore(SERVER, 6, |path| server(|| begin(config.clone()), config.tls, path));
        assert!(explored.states.len() > 8, "{:#?}", explored.states);
        assert!(explored.states.keys().any(|state| state.starts_with(reached)), "{:#?}", explored.states);
        println!("{name}: {} states, {} paths", explored.states.len(), explored.paths());
        writeln!(table, "== {name}\n\n{}", explored.rows()).unwrap();
    }
    check_table("pop3_server.txt", &table);
}
