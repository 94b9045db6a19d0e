//! What a client can make a server hold: every limit one below, at, and one above, however the octets are cut.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    reason = "a test may fail"
)]

mod imap;
mod pop3;
mod trace;

use bytes::BytesMut;
use mailwire::pop3::ServerConfig;
use mailwire::wire::{ErrorKind, Limits, Machine};
use trace::{Subject, Told};

const KIB: usize = 1024;

/// The defaults that the documents of this crate promise.
#[test]
fn the_defaults() {
    let stranger = Limits::imap_server_before_login();
    assert_eq!((stranger.line, stranger.literal, stranger.message), (8 * KIB, 4 * KIB, 16 * KIB));
    assert_eq!((stranger.depth, stranger.sasl_line), (1, 16 * KIB));
    assert_eq!((stranger.bad_commands, stranger.pipelined), (3, 4));
    assert_eq!(stranger.stream, 0);
    let user = Limits::imap_server();
    assert_eq!((user.line, user.literal, user.message), (64 * KIB, 64 * KIB, 256 * KIB));
    assert_eq!((user.depth, user.stream), (32, 64 * 1024 * 1024));
    assert_eq!((user.ranges, user.items, user.search_keys, user.literals), (8_192, 4_096, 1_024, 128));
    assert_eq!((user.bad_commands, user.pipelined, user.unsent), (20, 16, 64 * KIB));
    assert_eq!((user.memory, user.mailbox), (1024 * KIB, 4_096));
    let (stranger, user) = (Limits::pop3_server_before_login(), Limits::pop3_server());
    assert_eq!((user.line, user.sasl_line, user.bad_commands, user.pipelined), (512, 16 * KIB, 20, 64));
    assert_eq!((stranger.line, stranger.sasl_line, stranger.bad_commands), (512, 16 * KIB, 3));
    let config = ServerConfig::protected();
    assert_eq!((config.limits_before_login, config.limits), (stranger, user));
    let config = imap::protected();
    assert_eq!(
        (config.before_login, config.limits),
        (Limits::imap_server_before_login(), Limits::imap_server())
    );
}

/// A server and its application, which answers at once.
trait Answering: Subject {
    /// What is done about an event; `None`: nothing is owed for it.
    fn answer(line: &str) -> Option<&'static str>;
}

impl Answering for imap::ServerSubject {
    fn answer(line: &str) -> Option<&'static str> {
        Some(match line.split(' ').next()? {
            "Malformed" => "reject",
            "Command" => "ok done",
            "Literal" => "accept",
            "Response" => "no",
            _ => return None,
        })
    }
}

impl Answering for pop3::ServerSubject {
    fn answer(line: &str) -> Option<&'static str> {
        Some(match line.split(' ').next()? {
            "Malformed" => "reject",
            _ => "err no",
        })
    }
}

/// How a server takes octets that come in these pieces: `ok`, or how it objects.
fn outcome<'a, S: Answering>(mut subject: S, pieces: impl Iterator<Item = &'a [u8]>) -> String {
    let mut input = BytesMut::new();
    let mut told = "ok".to_owned();
    for piece in pieces {
        input.extend_from_slice(piece);
        loop {
            match subject.receive(&mut input, false) {
                Some(Told::Event(line)) => {
                    if line.starts_with("Malformed") {
                        let kind =
                            line.split(' ').find(|word| word.len() > 3 && !word.starts_with("Malformed"));
                        told = format!("Malformed {}", kind.unwrap_or_default());
                    }
                    if let Some(answer) = S::answer(&line) {
                        subject.act(answer);
                    }
                }
                Some(Told::Chunk(_)) => {}
                Some(Told::Fatal(kind)) => {
                    assert_eq!(subject.receive(&mut input, false), Some(Told::Fatal(kind.clone())));
                    return format!("fatal {kind}");
                }
                None => break,
            }
        }
    }
    assert!(input.is_empty(), "{} octets are left", input.len());
    told
}

/// One limit: its name, its default, how it is set, what is as large as it says, and what becomes of more.
struct Row {
    name: &'static str,
    default: usize,
    /// A smaller one, to be tried at every split.
    small: usize,
    set: fn(&mut Limits, usize),
    /// What is as large as the first, where the limit is the second.
    octets: fn(usize, usize) -> Vec<u8>,
    over: &'static str,
}

fn check<S: Answering>(rows: &[Row], default: Limits, subject: impl Fn(Limits) -> S) {
    let mut wrong = Vec::new();
    for Row { name, default: usual, small, set, octets, over } in rows {
        for limit in [*small, *usual] {
            let mut limits = default;
            if limit != *usual {
                set(&mut limits, limit);
            }
            for (much, expected) in [(limit - 1, "ok"), (limit, "ok"), (limit + 1, *over)] {
                let octets = octets(much, limit);
                let mut tell = |cut: String, told: String| {
                    if told != expected {
                        wrong.push(format!("{name}: {much} of {limit}, {cut}: {told}, not {expected}"));
                    }
                };
                // Every place of what is small; of what is large, those around its ends.
                for at in
                    (0..=octets.len()).filter(|at| octets.len() < 1_000 || *at < 8 || at + 8 > octets.len())
                {
                    let (first, second) = octets.split_at(at);
                    tell(format!("cut at {at}"), outcome(subject(limits), [first, second].into_iter()));
                }
                for size in [1, 7, 64, 1_460] {
                    tell(format!("reads of {size}"), outcome(subject(limits), octets.chunks(size)));
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

/// A text so many times, divided by another.
fn times(count: usize, text: &str, divider: &str) -> String {
    vec![text; count].join(divider)
}

/// LOGIN with a literal of so many octets, which come only if they are asked for.
fn login(octets: usize, limit: usize) -> Vec<u8> {
    match octets {
        more if more > limit => format!("a LOGIN {{{more}}}\r\n"),
        fits => format!("a LOGIN {{{fits}}}\r\n{} p\r\n", "u".repeat(fits)),
    }
    .into_bytes()
}

const LINE: Row = Row {
    name: "line",
    default: 0,
    small: 40,
    set: |limits, limit| limits.line = limit,
    octets: |length, _| line("a X", length, ""),
    over: "Malformed LineTooLong",
};

const MESSAGE: Row = Row {
    name: "message",
    default: 0,
    small: 160,
    set: |limits, limit| (limits.line, limits.message) = (limit * 3 / 4, limit),
    // Three literals of a quarter each, and the rest of the line.
    octets: |length, limit| {
        let part = limit / 4;
        let literal = format!(" {{{part}+}}\r\n{}", "x".repeat(part));
        line(&format!("a X{} ", times(3, &literal, "")), length, "")
    },
    over: "Malformed MessageTooLarge",
};

const LITERAL: Row = Row {
    name: "literal",
    default: 0,
    small: 20,
    set: |limits, limit| limits.literal = limit,
    octets: login,
    over: "Malformed LiteralTooLarge",
};

const DEPTH: Row = Row {
    name: "depth",
    default: 0,
    small: 2,
    set: |limits, limit| limits.depth = limit,
    octets: |depth, _| format!("a X {}a{}\r\n", "(".repeat(depth), ")".repeat(depth)).into_bytes(),
    over: "Malformed TooDeep",
};

#[test]
fn limits_of_imap_before_login() {
    let rows = [
        Row { default: 8 * KIB, ..LINE },
        Row { default: 16 * KIB, ..MESSAGE },
        Row { default: 4 * KIB, ..LITERAL },
        Row {
            name: "literal that comes unasked",
            octets: |octets, _| format!("a LOGIN {{{octets}+}}\r\n{} p\r\n", "u".repeat(octets)).into_bytes(),
            over: "fatal LiteralTooLarge",
            default: 4 * KIB,
            ..LITERAL
        },
        Row { default: 1, ..DEPTH },
    ];
    check(&rows, Limits::imap_server_before_login(), |limits| {
        let mut config = imap::protected();
        config.before_login = limits;
        imap::Scenario::server(config)
    });
}

#[test]
fn limits_of_imap_behind_login() {
    let rows = [
        Row { default: 64 * KIB, ..LINE },
        Row { default: 256 * KIB, ..MESSAGE },
        Row {
            default: 64 * KIB,
            octets: |octets, limit| {
                let arrives = if octets > limit { 0 } else { octets };
                let end = if octets > limit { "" } else { "\r\n" };
                format!("a X {{{octets}}}\r\n{}{end}", "x".repeat(arrives)).into_bytes()
            },
            ..LITERAL
        },
        Row { default: 32, ..DEPTH },
        Row {
            name: "depth of SEARCH",
            octets: |depth, _| {
                format!("a SEARCH {}ALL{}\r\n", "(".repeat(depth), ")".repeat(depth)).into_bytes()
            },
            default: 32,
            ..DEPTH
        },
        Row {
            name: "stream",
            default: 64 * 1024 * 1024,
            small: 20,
            set: |limits, limit| limits.stream = limit as u64,
            // The message is as long as its literal says.
            octets: |octets, _| format!("a APPEND INBOX {{{octets}}}\r\n").into_bytes(),
            over: "Malformed LiteralTooLarge",
        },
        Row {
            name: "ranges",
            default: 8_192,
            small: 3,
            set: |limits, limit| limits.ranges = limit,
            octets: |ranges, _| format!("a FETCH {} FLAGS\r\n", times(ranges, "1:3", ",")).into_bytes(),
            over: "Malformed TooMany",
        },
        Row {
            name: "items",
            default: 4_096,
            small: 3,
            set: |limits, limit| limits.items = limit,
            octets: |items, _| format!("a FETCH 1 ({})\r\n", times(items, "UID", " ")).into_bytes(),
            over: "Malformed TooMany",
        },
        Row {
            name: "search_keys",
            default: 1_024,
            small: 3,
            set: |limits, limit| limits.search_keys = limit,
            octets: |keys, _| format!("a SEARCH {}\r\n", times(keys, "SEEN", " ")).into_bytes(),
            over: "Malformed TooMany",
        },
        Row {
            name: "literals",
            default: 128,
            small: 3,
            set: |limits, limit| limits.literals = limit,
            octets: |literals, _| format!("a X{}\r\n", times(literals, " {1+}\r\na", "")).into_bytes(),
            over: "fatal TooMany",
        },
        Row {
            name: "mailbox",
            default: 4_096,
            small: 10,
            set: |limits, limit| limits.mailbox = limit,
            octets: |octets, _| format!("a STATUS {} (MESSAGES)\r\n", "m".repeat(octets)).into_bytes(),
            over: "Malformed TooMany",
        },
    ];
    check(&rows, Limits::imap_server(), |limits| {
        let mut config = imap::protected();
        config.limits = limits;
        imap::Scenario::server_selected(config)
    });
}

/// The memory of the value is charged for what its nodes take, not for their octets.
#[test]
fn memory_of_imap() {
    let rows = [Row {
        name: "memory, in ranges of eight octets",
        default: 1024 * KIB,
        small: 3,
        set: |limits, limit| limits.memory = 8 * limit,
        // What the default is cannot be reached within a line.
        octets: |ranges, limit| match limit {
            3 => format!("a FETCH {} FLAGS\r\n", times(ranges, "1", ",")).into_bytes(),
            limit if ranges > limit => b"a FETCH 0 FLAGS\r\n".to_vec(),
            _ => b"a FETCH 1 FLAGS\r\n".to_vec(),
        },
        over: "Malformed MessageTooLarge",
    }];
    let rows = rows.map(|row| Row { default: row.small, ..row });
    check(
        &rows,
        {
            let mut limits = Limits::imap_server();
            limits.memory = 24;
            limits
        },
        |limits| {
            let mut config = imap::protected();
            config.limits = limits;
            imap::Scenario::server_selected(config)
        },
    );
}

#[test]
fn lines_of_a_mechanism() {
    let line = |length: usize| [&b"A".repeat(length)[..], b"\r\n"].concat();
    for limit in [20, 16 * KIB] {
        let imap = || {
            let mut config = imap::protected();
            config.before_login.sasl_line = limit;
            imap::Scenario::server_authenticating(config)
        };
        let pop3 = || {
            let mut config = ServerConfig::protected();
            (config.limits_before_login.line, config.limits_before_login.sasl_line) = (12, limit);
            let mut subject = pop3::Scenario::server(config);
            let mut input = BytesMut::from("AUTH PLAIN\r\n");
            assert!(subject.receive(&mut input, false).is_some());
            subject.act("challenge ");
            while subject.transmit().is_some() {}
            subject
        };
        // Base64 comes in fours.
        for (length, expected) in [
            (limit - 4, "ok"),
            (limit - 1, "Malformed Syntax"),
            (limit, "ok"),
            (limit + 1, "fatal LineTooLong"),
        ] {
            let octets = line(length);
            for at in (0..=octets.len()).filter(|at| limit < 1_000 || *at < 4 || at + 4 > octets.len()) {
                let (first, second) = octets.split_at(at);
                let told = outcome(imap(), [first, second].into_iter());
                assert_eq!(told, expected, "IMAP: {length} of {limit}, cut at {at}");
                let told = outcome(pop3(), [first, second].into_iter());
                assert_eq!(told, expected, "POP3: {length} of {limit}, cut at {at}");
            }
        }
    }
}

/// What a server says to so many bad commands: the outcome, and how many of them were answered.
fn bad<S: Answering>(subject: impl Fn() -> S, line: &str, commands: usize) -> (String, usize) {
    let octets = line.repeat(commands).into_bytes();
    let run = |pieces: &mut dyn Iterator<Item = &[u8]>| {
        let mut subject = subject();
        let mut input = BytesMut::new();
        let mut answered = 0;
        for piece in pieces {
            input.extend_from_slice(piece);
            while let Some(told) = subject.receive(&mut input, false) {
                match told {
                    Told::Fatal(kind) => {
                        let mut sent = Vec::new();
                        while let Some(octets) = subject.transmit() {
                            sent.extend_from_slice(&octets);
                        }
                        let words =
                            |word: &str| sent.windows(word.len()).filter(|w| *w == word.as_bytes()).count();
                        answered += words("BAD ") + words("-ERR syntax");
                        return (format!("fatal {kind}"), answered);
                    }
                    _ => subject.act("reject"),
                }
                while let Some(octets) = subject.transmit() {
                    answered += usize::from(!octets.windows(3).any(|octets| octets == b"BYE"));
                }
            }
        }
        ("ok".to_owned(), answered)
    };
    let whole = run(&mut std::iter::once(octets.as_slice()));
    assert_eq!(run(&mut octets.chunks(1)), whole);
    for at in 0..=octets.len() {
        let (first, second) = octets.split_at(at);
        assert_eq!(run(&mut [first, second].into_iter()), whole, "cut at {at}");
    }
    whole
}

#[test]
fn bad_commands() {
    let imap_stranger = || imap::Scenario::server(imap::protected());
    let imap_user = || imap::Scenario::server_selected(imap::protected());
    let pop3_stranger = || pop3::Scenario::server(ServerConfig::protected());
    let pop3_user = || pop3::Scenario::server_logged_in(ServerConfig::protected());
    let over = || "fatal TooManyErrors".to_owned();
    for (limit, run) in [
        (3, &(|commands| bad(imap_stranger, "+\r\n", commands)) as &dyn Fn(usize) -> (String, usize)),
        (20, &|commands| bad(imap_user, "+\r\n", commands)),
        (3, &|commands| bad(pop3_stranger, "RETR 0\r\n", commands)),
        (20, &|commands| bad(pop3_user, "RETR 0\r\n", commands)),
    ] {
        assert_eq!(run(limit - 1), ("ok".to_owned(), limit - 1));
        assert_eq!(run(limit), ("ok".to_owned(), limit));
        assert_eq!(run(limit + 1), (over(), limit));
    }
}

/// How many commands are taken before one is answered, of so many in one piece or octet by octet.
fn ahead(subject: impl Fn() -> imap::ServerSubject, commands: usize) -> usize {
    let octets = b"a NOOP\r\n".repeat(commands);
    let run = |size: usize| {
        let (mut subject, mut input, mut taken) = (subject(), BytesMut::new(), 0);
        for piece in octets.chunks(size) {
            input.extend_from_slice(piece);
            taken += std::iter::from_fn(|| subject.receive(&mut input, false)).count();
        }
        assert_eq!(input.len(), (commands - taken) * 8);
        taken
    };
    let whole = run(octets.len());
    for size in [1, 7, 8, 9] {
        assert_eq!(run(size), whole);
    }
    whole
}

#[test]
fn commands_ahead_of_their_answers() {
    for (limit, subject) in [
        (4, &(|| imap::Scenario::server(imap::protected())) as &dyn Fn() -> imap::ServerSubject),
        (16, &|| imap::Scenario::server_selected(imap::protected())),
    ] {
        for commands in [limit - 1, limit, limit + 1] {
            assert_eq!(ahead(subject, commands), commands.min(limit));
        }
    }
    // POP3 takes one at a time, however many come: its limit is never reached.
    let mut subject = pop3::Scenario::server_logged_in(ServerConfig::protected());
    let mut input = BytesMut::from("NOOP\r\n".repeat(65).as_str());
    for left in (0..65).rev() {
        assert!(subject.receive(&mut input, false).is_some());
        assert_eq!((subject.receive(&mut input, false), input.len()), (None, left * 6));
        subject.act("ok");
    }
}

/// Output that nobody takes pauses reading once it is more than the limit.
#[test]
fn output_that_waits() {
    // `a OK ` and its CRLF are seven octets, `+OK ` and its CRLF six.
    for (unsent, wants) in [(29, true), (30, true), (31, false)] {
        let mut config = imap::protected();
        config.limits.unsent = 30;
        let mut subject = imap::Scenario::server_selected(config);
        let mut input = BytesMut::from("a NOOP\r\nb NOOP\r\n");
        assert!(subject.receive(&mut input, false).is_some());
        subject.act(&format!("ok {}", "x".repeat(unsent - 7)));
        assert_eq!((subject.server.unsent(), subject.server.wants_read()), (unsent, wants));
        assert_eq!(subject.receive(&mut input, false).is_some(), wants);
        while subject.transmit().is_some() {}
        assert!(subject.server.wants_read() || wants);
    }
    for (unsent, wants) in [(29, true), (30, true), (31, false)] {
        let mut config = ServerConfig::protected();
        config.limits.unsent = 30;
        let mut subject = pop3::Scenario::server_logged_in(config);
        let mut input = BytesMut::from("NOOP\r\nNOOP\r\n");
        assert!(subject.receive(&mut input, false).is_some());
        subject.act(&format!("ok {}", "x".repeat(unsent - 6)));
        assert_eq!(subject.receive(&mut input, false).is_some(), wants);
    }
}

#[test]
fn limits_of_pop3() {
    let rows = [
        Row {
            name: "line",
            default: 512,
            small: 40,
            set: |limits, limit| limits.line = limit,
            octets: |length, _| line("XX ", length, ""),
            over: "Malformed LineTooLong",
        },
        Row {
            name: "line with a usual command behind it",
            default: 512,
            small: 12,
            set: |limits, limit| limits.line = limit,
            octets: |length, _| {
                let zeros = "0".repeat(length - 6);
                format!("RETR {zeros}1\r\nRETR 1\r\n").into_bytes()
            },
            over: "Malformed LineTooLong",
        },
    ];
    check(&rows, Limits::pop3_server(), |limits| {
        let mut config = ServerConfig::protected();
        config.limits = limits;
        pop3::Scenario::server_logged_in(config)
    });
    check(&rows[..1], Limits::pop3_server_before_login(), |limits| {
        let mut config = ServerConfig::protected();
        config.limits_before_login = limits;
        pop3::Scenario::server(config)
    });
    // AUTH and what a mechanism says first may be as long as a line of the mechanism.
    let rows = [Row {
        name: "sasl_line of AUTH",
        default: 16 * KIB,
        small: 80,
        set: |limits, limit| (limits.line, limits.sasl_line) = (40, limit),
        // Spaces that Base64 does not need are none: the length is brought about by the mechanism's name.
        octets: |length, _| {
            let octets = (length - 12) / 4 * 4;
            let name = "M".repeat(length - octets - 6);
            format!("AUTH {name} {}\r\n", "A".repeat(octets)).into_bytes()
        },
        over: "fatal LineTooLong",
    }];
    check(&rows, Limits::pop3_server_before_login(), |limits| {
        let mut config = ServerConfig::protected();
        config.limits_before_login = limits;
        pop3::Scenario::server(config)
    });
}

/// A literal that nobody asked for, behind a line that was passed over: the same error at the same place, however the line was cut.
#[test]
fn an_error_behind_a_long_line_has_one_place() {
    let mut limits = Limits::imap_server();
    (limits.line, limits.literal, limits.stream) = (20, 10, 10);
    let line = format!("a NOOP {} {{99+}}\r\n", "x".repeat(30));
    for cut in 0..=line.len() {
        let mut decoder = mailwire::imap::CommandDecoder::new(limits);
        let mut input = BytesMut::new();
        let mut fatal = None;
        for piece in [&line[..cut], &line[cut..]] {
            input.extend_from_slice(piece.as_bytes());
            loop {
                match decoder.decode(&mut input) {
                    Ok(Some(_)) => {}
                    Ok(None) => break,
                    Err(error) => {
                        fatal = Some((error.kind(), error.offset()));
                        break;
                    }
                }
            }
        }
        assert_eq!(fatal, Some((ErrorKind::LiteralTooLarge, line.len() as u64)), "{cut}");
    }
}

/// A line that is within its own limit and over that of its command: what stands behind the limit does not count, however the line was cut.
#[test]
fn an_error_of_a_long_command_is_the_same_at_every_cut() {
    use mailwire::imap::{CommandDecoder, CommandEvent};
    let mut limits = Limits::imap_server();
    (limits.line, limits.message, limits.depth) = (40, 50, 3);
    let command = format!("a SEARCH {{5}}\r\nhello ((({}({}\r\n", "x".repeat(27), "x".repeat(5));
    for cut in 0..=command.len() {
        let mut decoder = CommandDecoder::new(limits);
        let mut input = BytesMut::new();
        let mut errors = Vec::new();
        for piece in [&command[..cut], &command[cut..]] {
            input.extend_from_slice(piece.as_bytes());
            while let Some(event) = decoder.decode(&mut input).unwrap() {
                match event {
                    CommandEvent::Malformed { error, .. } => errors.push(error.kind()),
                    _ => decoder.accept(),
                }
            }
        }
        assert_eq!(errors, [ErrorKind::MessageTooLarge], "{cut}");
    }
}
