//! What a server can make a client hold: every limit one below, at, and one above, however the octets are cut.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    reason = "a test may fail"
)]

use bytes::BytesMut;
use mailwire::imap::client::{Client, Config, Event};
use mailwire::imap::{Atom, Mailbox};
use mailwire::pop3;
use mailwire::wire::{ErrorKind, Limits, Machine, Secret, Tls};

/// The defaults that the documents of this crate promise.
#[test]
fn the_defaults() {
    const KIB: usize = 1024;
    let imap = Limits::imap_client();
    assert_eq!((imap.line, imap.structured_line), (8 * KIB, 1024 * KIB));
    assert_eq!((imap.literal, imap.message, imap.stream), (64 * KIB, 1024 * KIB, 256 * 1024 * 1024));
    assert_eq!((imap.depth, imap.body_depth), (32, 64));
    assert_eq!((imap.items, imap.literals, imap.pending_commands), (65_536, 4_096, 64));
    assert_eq!((imap.sasl_line, imap.sasl_rounds), (16 * KIB, 16));
    let pop3 = Limits::pop3_client();
    assert_eq!((pop3.line, pop3.capability_lines, pop3.sasl_rounds), (2_048, 256, 16));
    assert_eq!((pop3.sasl_line, pop3.pending_commands), (16 * KIB, 64));
}

/// A client with a mailbox selected.
fn imap(limits: Limits) -> Client {
    let mut client = Client::new(Config { limits, tls: Tls::Established, ..Config::strict() });
    hear(&mut client, b"* PREAUTH [CAPABILITY IMAP4rev1] hi\r\n");
    client.authenticated().unwrap().select(Mailbox::inbox()).unwrap();
    while client.poll_transmit().is_some() {}
    hear(&mut client, b"* 9 EXISTS\r\na1 OK in\r\n");
    client
}

fn hear(client: &mut Client, octets: &[u8]) {
    let mut input = BytesMut::from(octets);
    while client.receive(&mut input).unwrap().is_some() {}
}

/// How a machine takes octets that come in two pieces: `ok`, or how it objects.
fn outcome<M: Machine>(
    mut machine: M,
    octets: &[u8],
    at: usize,
    unparsed: impl Fn(&M::Event) -> Option<ErrorKind>,
) -> String {
    let mut input = BytesMut::new();
    let mut told = "ok".to_owned();
    for piece in [&octets[..at], &octets[at..]] {
        input.extend_from_slice(piece);
        loop {
            match machine.receive(&mut input) {
                Ok(Some(event)) => {
                    if let Some(kind) = unparsed(&event) {
                        told = format!("Unparsed {kind:?}");
                    }
                }
                Ok(None) => break,
                Err(error) => {
                    assert!(error.is_fatal() && machine.receive(&mut input).is_err());
                    return format!("fatal {:?}", error.kind());
                }
            }
        }
    }
    assert!(input.is_empty(), "{} octets are left", input.len());
    told
}

/// One limit: its name, how it is set, what is as long as it says, and what becomes of more.
struct Row {
    name: &'static str,
    limit: usize,
    set: fn(&mut Limits, usize),
    octets: fn(usize) -> Vec<u8>,
    over: &'static str,
}

fn check<M: Machine>(
    rows: &[Row],
    default: Limits,
    machine: impl Fn(Limits) -> M,
    unparsed: impl Fn(&M::Event) -> Option<ErrorKind>,
) {
    let mut wrong = Vec::new();
    for Row { name, limit, set, octets, over } in rows {
        let mut limits = default;
        set(&mut limits, *limit);
        for (much, expected) in [(limit - 1, "ok"), (*limit, "ok"), (limit + 1, over)] {
            let octets = octets(much);
            for at in 0..=octets.len() {
                let told = outcome(machine(limits), &octets, at, &unparsed);
                if told != *expected {
                    wrong.push(format!("{name}: {much} of {limit}, cut at {at}: {told}, not {expected}"));
                    break;
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Text around a run that brings the line to a length.
fn line(before: &str, length: usize, behind: &str) -> Vec<u8> {
    format!("{before}{}{behind}\r\n", "a".repeat(length - before.len() - behind.len())).into_bytes()
}

#[test]
fn limits_of_imap() {
    let rows = [
        Row {
            name: "line",
            limit: 60,
            set: |limits, limit| limits.line = limit,
            octets: |length| line("* OK ", length, ""),
            over: "fatal LineTooLong",
        },
        Row {
            name: "line, of a completion",
            limit: 60,
            set: |limits, limit| limits.line = limit,
            octets: |length| line("* NO [ALERT] ", length, ""),
            over: "fatal LineTooLong",
        },
        Row {
            name: "structured_line",
            limit: 120,
            set: |limits, limit| (limits.line, limits.structured_line) = (60, limit),
            octets: |length| line("* LIST () NIL ", length, ""),
            over: "fatal LineTooLong",
        },
        Row {
            name: "structured_line, of a code that holds sets",
            limit: 120,
            set: |limits, limit| (limits.line, limits.structured_line) = (60, limit),
            octets: |length| line("* OK [COPYUID 1 1 1] ", length, ""),
            over: "fatal LineTooLong",
        },
        Row {
            name: "literal",
            limit: 30,
            set: |limits, limit| limits.literal = limit,
            octets: |length| format!("* LIST () NIL {{{length}}}\r\n{}\r\n", "a".repeat(length)).into_bytes(),
            over: "Unparsed LiteralTooLarge",
        },
        Row {
            name: "message",
            limit: 80,
            set: |limits, limit| (limits.line, limits.message) = (limit - 20, limit),
            octets: |length| {
                let head = "* METADATA \"\" (/a {10}\r\n0123456789 /b {";
                let rest = length - head.len() - "00}\r\n)".len();
                format!("{head}{rest}}}\r\n{})\r\n", "b".repeat(rest)).into_bytes()
            },
            over: "fatal MessageTooLarge",
        },
        Row {
            name: "stream",
            limit: 20,
            set: |limits, limit| limits.stream = limit as u64,
            octets: |length| {
                format!("* 1 FETCH (BODY[] {{{length}}}\r\n{})\r\n", "a".repeat(length)).into_bytes()
            },
            over: "fatal LiteralTooLarge",
        },
        Row {
            name: "depth",
            limit: 5,
            set: |limits, limit| limits.depth = limit,
            octets: |depth| {
                format!("* ESEARCH X-A {}1{}\r\n", "(".repeat(depth), ")".repeat(depth)).into_bytes()
            },
            // Nobody nests so deep: the rest of such a connection is not to be trusted.
            over: "fatal TooDeep",
        },
        Row {
            name: "body_depth",
            limit: 5,
            set: |limits, limit| limits.body_depth = limit,
            octets: |depth| {
                let mut body = r#"("TEXT" "PLAIN" NIL NIL NIL "7BIT" 1 1)"#.to_owned();
                for _ in 0..depth {
                    body = format!("({body} \"MIXED\")");
                }
                format!("* 1 FETCH (UID 7 BODYSTRUCTURE {body})\r\n").into_bytes()
            },
            over: "Unparsed TooDeep",
        },
        Row {
            name: "items",
            limit: 6,
            set: |limits, limit| limits.items = limit,
            octets: |count| {
                let words: Vec<_> = (0..count).map(|number| format!("a{number}")).collect();
                format!("* FLAGS ({})\r\n", words.join(" ")).into_bytes()
            },
            over: "Unparsed TooMany",
        },
        Row {
            name: "mailbox",
            limit: 12,
            set: |limits, limit| limits.mailbox = limit,
            octets: |length| format!("* LIST () NIL {}\r\n", "m".repeat(length)).into_bytes(),
            over: "Unparsed TooMany",
        },
        Row {
            name: "literals",
            limit: 3,
            set: |limits, limit| limits.literals = limit,
            octets: |count| {
                let entries: Vec<_> = (0..count).map(|number| format!("/a{number} {{1}}\r\nx")).collect();
                format!("* METADATA \"\" ({})\r\n", entries.join(" ")).into_bytes()
            },
            over: "fatal TooMany",
        },
    ];
    check(&rows, Limits::imap_client(), imap, |event| match event {
        Event::Unparsed { error, .. } => Some(error.kind()),
        _ => None,
    });
}

#[test]
fn exchanges_of_imap() {
    let client = |limits| {
        let mut client = Client::new(Config { limits, tls: Tls::Established, ..Config::strict() });
        hear(&mut client, b"* OK [CAPABILITY IMAP4rev1 AUTH=X] hi\r\n");
        client.not_authenticated().unwrap().authenticate(Atom::new("X").unwrap(), None).unwrap();
        while client.poll_transmit().is_some() {}
        client
    };
    let rows = [Row {
        name: "sasl_line",
        limit: 80,
        set: |limits, limit| (limits.line, limits.sasl_line) = (60, limit),
        octets: |length| {
            // Base64 comes by fours; what is no whole group is told, and the connection lives on.
            format!("+ {}\r\n", "A".repeat(length)).into_bytes()
        },
        over: "fatal LineTooLong",
    }];
    check(&rows, Limits::imap_client(), client, |_| None);
    for rounds in 15..=17 {
        let mut client = client(Limits::imap_client());
        let mut result = Ok(());
        for _ in 0..rounds {
            match client.receive(&mut BytesMut::from("+ AAAA\r\n")) {
                Ok(Some(Event::Challenge(challenge))) => {
                    client.respond(challenge, &Secret::new(Vec::new())).unwrap();
                    while client.poll_transmit().is_some() {}
                }
                Err(error) => result = Err(error.kind()),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(result, if rounds > 16 { Err(ErrorKind::TooManyRounds) } else { Ok(()) });
    }
}

#[test]
fn commands_under_way() {
    let mut client = imap(Limits::imap_client());
    for _ in 0..64 {
        client.noop().unwrap();
    }
    assert_eq!(client.noop().unwrap_err().kind(), ErrorKind::Busy);
    let mut pop = pop3_client(Limits::pop3_client());
    for _ in 0..64 {
        pop.authorization().unwrap().capa().unwrap();
    }
    assert_eq!(pop.authorization().unwrap().capa().unwrap_err().kind(), ErrorKind::Busy);
}

/// A client behind the greeting.
fn pop3_client(limits: Limits) -> pop3::Client {
    let config =
        pop3::ClientConfig { limits, quirks: pop3::Quirks::lenient(), ..pop3::ClientConfig::protected() };
    let mut client = pop3::Client::new(config);
    let mut input = BytesMut::from("+OK hi\r\n");
    while client.receive(&mut input).unwrap().is_some() {}
    client
}

#[test]
fn limits_of_pop3() {
    let client = |limits| {
        let mut client = pop3_client(limits);
        client.authorization().unwrap().capa().unwrap();
        while client.poll_transmit().is_some() {}
        client
    };
    let rows = [
        Row {
            name: "line",
            limit: 40,
            set: |limits, limit| limits.line = limit,
            octets: |length| line("-ERR ", length, ""),
            over: "fatal LineTooLong",
        },
        Row {
            name: "line, of a listing",
            limit: 40,
            set: |limits, limit| limits.line = limit,
            octets: |length| [b"+OK\r\n", &line("X ", length, "")[..], b".\r\n"].concat(),
            over: "fatal LineTooLong",
        },
        Row {
            name: "capability_lines",
            limit: 4,
            set: |limits, limit| limits.capability_lines = limit,
            octets: |count| format!("+OK\r\n{}.\r\n", "TOP\r\n".repeat(count)).into_bytes(),
            over: "fatal TooMany",
        },
    ];
    check(&rows, Limits::pop3_client(), client, |event| match event {
        pop3::client::Event::Unparsed { error, .. } => Some(error.kind()),
        _ => None,
    });
}
