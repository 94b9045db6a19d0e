//! Every short sequence of events in every state of IMAP, on both sides, breadth first: what holds in all of them, and the table of what each event
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

mod imap;
mod states;
mod trace;

use bytes::BytesMut;
use imap::{ClientSubject, Scenario, ServerSubject, lenient, protected, strict};
use mailwire::imap::client::Config;
use mailwire::imap::{State, server};
use mailwire::wire::{Machine, Tls};
use states::{Step, check_table, explore, words};
use std::fmt::Write as _;
use trace::{Subject, Told};

/// What a client's peer says (`S: `) and what its caller does.
const CLIENT: &[&str] = &[
    "S: * OK x",
    "S: * PREAUTH x",
    "S: * BYE x",
    "S: * CAPABILITY IMAP4rev1 STARTTLS LITERAL+",
    "S: * 3 EXISTS",
    "S: * 1 FETCH (UID 1 BODY[] {1}\r\nx)",
    "S: + ",
    "S: OLDEST OK x",
    "S: OLDEST NO x",
    "S: NEWEST OK x",
    "S: NEWEST BAD x",
    "S: garbage",
    "noop",
    "login u p\\n",
    "authenticate PLAIN",
    "respond r",
    "cancel",
    "starttls",
    "resume",
    "select INBOX",
    "close",
    "idle",
    "done",
    "append INBOX 1",
    "octets x",
    "end",
    "logout",
];

/// What of a client's future depends on its past.
fn client_state(subject: &ClientSubject) -> String {
    let client = &subject.client;
    let holds: String = ["respond", "resume", "done", "octets"]
        .into_iter()
        .filter(|action| subject.can(action))
        .map(|action| format!("+{action}"))
        .collect();
    format!(
        "{:?} {:?} {} {} {} {} {holds}",
        client.state(),
        client.tls(),
        client.pending().min(3),
        client.unsent() > 0,
        client.is_closed(),
        client.capabilities().is_some(),
    )
}

/// Replays a path; what must hold at each step is checked on the last one.
fn client(config: Config, path: &[usize]) -> Option<Step> {
    let mut subject = Scenario::client_before_greeting(config);
    let mut input = BytesMut::new();
    let (mut pending, mut oldest): (Vec<u32>, u32) = (Vec::new(), 1);
    let mut sent = Vec::new();
    let mut fatal = None;
    let mut last = Vec::new();
    for step in path {
        last.clear();
        let step = CLIENT[*step];
        let before = subject.last;
        match step.strip_prefix("S: ") {
            Some(line) => {
                oldest = pending.first().copied().unwrap_or(oldest);
                let newest = pending.last().copied().unwrap_or(99);
                let line =
                    line.replace("OLDEST", &format!("a{oldest}")).replace("NEWEST", &format!("a{newest}"));
                input.extend_from_slice(line.as_bytes());
                input.extend_from_slice(b"\r\n");
            }
            None => {
                if !subject.can(step) {
                    return None;
                }
                subject.act(step);
                if subject.last != before {
                    pending.push(subject.last);
                }
                if fatal.is_some() {
                    assert!(subject.refused.is_some() || step == "resume", "{path:?}");
                }
            }
        }
        last.extend(subject.refused.take().map(|refused| format!("Refused {refused}")));
        while let Some(told) = subject.receive(&mut input, false) {
            last.push(words(&told));
            match told {
                Told::Event(line) if line.starts_with("Completed a") => {
                    let id: u32 = line["Completed a".len()..].split(' ').next().unwrap().parse().unwrap();
                    let place = pending.iter().position(|pending| *pending == id);
                    pending.remove(place.expect("a command completes once"));
                    assert!(fatal.is_none());
                }
                Told::Event(line) if line.starts_with("StartTls") => {
                    pending.pop();
                }
                Told::Fatal(kind) => {
                    assert!(fatal.as_ref().is_none_or(|before| *before == kind), "a fatal error is final");
                    fatal = Some(kind);
                    break;
                }
                _ => assert!(fatal.is_none(), "nothing behind a fatal error"),
            }
        }
        while let Some(octets) = subject.transmit() {
            assert!(fatal.is_none(), "nothing is sent behind a fatal error");
            sent.extend_from_slice(&octets);
        }
        if subject.client.tls() == Tls::Required {
            assert!(!sent.windows(5).any(|octets| octets == b"LOGIN" || octets == b"AUTHE"), "{path:?}");
            assert!(!matches!(subject.client.state(), State::Authenticated | State::Selected), "{path:?}");
        }
        // What is sent of one command is never mixed with another.
        assert!(!sent.windows(4).any(|octets| octets == b"a1 a"));
    }
    // The end of the connection is a success only where nothing is owed.
    let state = client_state(&subject);
    let closed = if subject.client.is_closed() { ", closed" } else { "" };
    let shown = format!("{:?}, {:?}{closed}", subject.client.state(), subject.client.tls());
    let owed = !pending.is_empty();
    let logout = subject.client.state() == State::Logout;
    let mut told = None;
    for _ in 0..3 {
        told = subject.receive(&mut input, true);
    }
    assert!(told.is_some() || (logout && (!owed || sent.ends_with(b"LOGOUT\r\n"))), "{path:?} {state}");
    Some(match fatal {
        Some(kind) => Step { told: last, state: format!("fatal {kind}"), shown: "the end".to_owned() },
        None => Step { told: last, state, shown },
    })
}

#[test]
fn every_short_session_of_a_client() {
    let mut table = String::new();
    for config in [
        Config { tls: Tls::Required, ..strict() },
        Config { tls: Tls::Optional, ..lenient() },
        strict(),
        lenient(),
    ] {
        let explored = explore(CLIENT, 7, |path| client(config, path));
        let seen = &explored.states;
        assert!(seen.len() > 20, "{seen:#?}");
        let way = if config.tls == Tls::Required { "Established" } else { "Selected" };
        assert!(seen.keys().any(|state| state.contains(way)), "{seen:#?}");
        println!("{:?}: {} states, {} paths", config.tls, seen.len(), explored.paths());
        let manner = if config.quirks.is_empty() { "strict" } else { "lenient" };
        writeln!(table, "== {:?}, {manner}\n\n{}", config.tls, explored.rows()).unwrap();
    }
    check_table("imap_client.txt", &table);
}

/// What a server's peer says (`C: `) and what its application does.
const SERVER: &[&str] = &[
    "C: a NOOP",
    "C: a CAPABILITY",
    "C: a LOGIN u p",
    "C: a LOGIN u {1+}\r\np",
    "C: a AUTHENTICATE PLAIN",
    "C: AHUAcA==",
    "C: *",
    "C: a STARTTLS",
    "C: a SELECT INBOX",
    "C: a FETCH 1 FLAGS",
    "C: a CLOSE",
    "C: a IDLE",
    "C: DONE",
    "C: a APPEND INBOX {1+}\r\nx",
    "C: a APPEND INBOX {1}",
    "C: x",
    "C: a LOGOUT",
    "C: ",
    "ok done",
    "no done",
    "reject",
    "authenticate in",
    "select",
    "challenge x",
    "idle",
    "starttls begin",
    "resume",
    "logout bye",
    "accept",
    "refuse no",
    "discard no",
    "bye now",
];

fn server_state(subject: &ServerSubject) -> String {
    let server = &subject.server;
    format!(
        "{:?} {:?} {} {} {}",
        server.state(),
        server.tls(),
        server.wants_read(),
        server.is_closed(),
        subject.owed(),
    )
}

fn server(config: server::Config, path: &[usize]) -> Option<Step> {
    let mut subject = Scenario::server(config);
    let mut input = BytesMut::new();
    let (mut fatal, mut sent, mut commands) = (None, Vec::new(), 0usize);
    let mut last = Vec::new();
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
        last.extend(subject.refused.take().map(|refused| format!("Refused {refused}")));
        while let Some(told) = subject.receive(&mut input, false) {
            last.push(words(&told));
            match told {
                Told::Fatal(kind) => {
                    assert!(fatal.as_ref().is_none_or(|before| *before == kind), "a fatal error is final");
                    fatal = Some(kind);
                    break;
                }
                told => {
                    assert!(fatal.is_none(), "nothing behind a fatal error");
                    if let Told::Event(line) = &told {
                        commands +=
                            usize::from(line.starts_with("Command") || line.starts_with("Malformed "));
                        if line.contains("LOGIN") || line.contains("Command a AUTHENTICATE") {
                            assert!(subject.server.tls().permits_credentials(), "{path:?}");
                        }
                        if line.contains("FETCH") {
                            assert_eq!(subject.server.state(), State::Selected, "{path:?}");
                        }
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
        assert!(sent.is_empty() || sent.ends_with(b"\r\n"), "{path:?}");
    }
    // No command has more than one completion. An APPEND that is refused is not told as a command.
    let completions = sent.split(|octet| *octet == b'\n').filter(|line| line.starts_with(b"a ")).count();
    let appends = path.iter().filter(|step| SERVER[**step].contains("APPEND")).count();
    assert!(completions <= commands + appends, "{path:?} {}", sent.escape_ascii());
    let server = &subject.server;
    let closed = if server.is_closed() { ", closed" } else { "" };
    // What the application can do without holding anything is to say goodbye.
    let owes = SERVER.iter().any(|step| !step.starts_with("C: ") && *step != "bye now" && subject.can(step));
    let owed = if owes { ", an answer is owed" } else { "" };
    let shown = format!("{:?}, {:?}{owed}{closed}", server.state(), server.tls());
    Some(match fatal {
        Some(kind) => Step { told: last, state: format!("fatal {kind}"), shown: "the end".to_owned() },
        None => Step { told: last, state: server_state(&subject), shown },
    })
}

#[test]
fn every_short_session_of_a_server() {
    let mut table = String::new();
    for config in [
        server::Config { tls: Tls::Required, ..protected() },
        server::Config { tls: Tls::Optional, ..protected() },
        protected(),
    ] {
        let explored = explore(SERVER, 7, |path| server(config, path));
        let seen = &explored.states;
        assert!(seen.len() > 12, "{seen:#?}");
        println!("{:?}: {} states, {} paths", config.tls, seen.len(), explored.paths());
        writeln!(table, "== {:?}\n\n{}", config.tls, explored.rows()).unwrap();
    }
    check_table("imap_server.txt", &table);
}
