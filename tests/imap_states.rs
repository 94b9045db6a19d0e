//! Every short sequence of events in every state, on both sides, breadth first: what holds in all of them, and a table of how many
//! states there are.

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
mod trace;

use bytes::BytesMut;
use imap::{ClientSubject, Scenario, ServerSubject, lenient, protected, strict};
use mailwire::imap::client::Config;
use mailwire::imap::{State, server};
use mailwire::wire::{Machine, Tls};
use std::collections::{BTreeMap, VecDeque};
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
fn client(config: Config, path: &[usize]) -> Option<String> {
    let mut subject = Scenario::client_before_greeting(config);
    let mut input = BytesMut::new();
    let (mut pending, mut oldest): (Vec<u32>, u32) = (Vec::new(), 1);
    let mut sent = Vec::new();
    let mut fatal = None;
    for step in path {
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
        subject.refused = None;
        while let Some(told) = subject.receive(&mut input, false) {
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
    let owed = !pending.is_empty();
    let logout = subject.client.state() == State::Logout;
    let mut told = None;
    for _ in 0..3 {
        told = subject.receive(&mut input, true);
    }
    assert!(told.is_some() || (logout && (!owed || sent.ends_with(b"LOGOUT\r\n"))), "{path:?} {state}");
    Some(match fatal {
        Some(kind) => format!("fatal {kind}"),
        None => state,
    })
}

/// Walks over all paths up to that long, going on only from states that are new. Gives the states and what leads there.
fn explore(steps: usize, depth: usize, run: impl Fn(&[usize]) -> Option<String>) -> BTreeMap<String, usize> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut waiting: VecDeque<Vec<usize>> = VecDeque::from([Vec::new()]);
    while let Some(path) = waiting.pop_front() {
        for step in 0..steps {
            let path = [path.as_slice(), &[step]].concat();
            let Some(state) = run(&path) else { continue };
            let count = seen.entry(state.clone()).or_default();
            *count += 1;
            // A state is entered by more than one way, since not all of it shows.
            if *count <= 6 && path.len() < depth && !state.starts_with("fatal") {
                waiting.push_back(path);
            }
        }
    }
    seen
}

#[test]
fn every_short_session_of_a_client() {
    for config in [
        Config { tls: Tls::Required, ..strict() },
        Config { tls: Tls::Optional, ..lenient() },
        strict(),
        lenient(),
    ] {
        let seen = explore(CLIENT.len(), 7, |path| client(config, path));
        assert!(seen.len() > 20, "{seen:#?}");
        let way = if config.tls == Tls::Required { "Established" } else { "Selected" };
        assert!(seen.keys().any(|state| state.contains(way)), "{seen:#?}");
        println!("{:?}: {} states, {} paths", config.tls, seen.len(), seen.values().sum::<usize>());
    }
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

fn server(config: server::Config, path: &[usize]) -> Option<String> {
    let mut subject = Scenario::server(config);
    let mut input = BytesMut::new();
    let (mut fatal, mut sent, mut commands) = (None, Vec::new(), 0usize);
    for step in path {
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
        subject.refused = None;
        while let Some(told) = subject.receive(&mut input, false) {
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
        while let Some(octets) = subject.transmit() {
            sent.extend_from_slice(&octets);
        }
        assert!(sent.is_empty() || sent.ends_with(b"\r\n"), "{path:?}");
    }
    // No command has more than one completion. An APPEND that is refused is not told as a command.
    let completions = sent.split(|octet| *octet == b'\n').filter(|line| line.starts_with(b"a ")).count();
    let appends = path.iter().filter(|step| SERVER[**step].contains("APPEND")).count();
    assert!(completions <= commands + appends, "{path:?} {}", sent.escape_ascii());
    Some(match fatal {
        Some(kind) => format!("fatal {kind}"),
        None => server_state(&subject),
    })
}

#[test]
fn every_short_session_of_a_server() {
    for config in [
        server::Config { tls: Tls::Required, ..protected() },
        server::Config { tls: Tls::Optional, ..protected() },
        protected(),
    ] {
        let seen = explore(SERVER.len(), 7, |path| server(config, path));
        assert!(seen.len() > 12, "{seen:#?}");
        println!("{:?}: {} states, {} paths", config.tls, seen.len(), seen.values().sum::<usize>());
    }
}
