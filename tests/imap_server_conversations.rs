//! A server's conversations, as the RFCs tell them, in every segmentation.

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
use imap::{Scenario, ServerSubject, protected};
use mailwire::imap::server::{self, Server};
use mailwire::imap::{State, Status};
use mailwire::wire::{ErrorKind, Machine, Tls};
use std::num::NonZeroU32;
use trace::{Side, Subject, Told, check};

fn server(trace: &str, subject: impl Fn() -> ServerSubject) {
    check(Side::Server, trace, subject);
}

#[test]
fn a_session_of_a_server() {
    server(
        r#"
        C: a1 CAPABILITY
        > Command a1 CAPABILITY
        do: ok done
        S: a1 OK done
        C: a2 LOGIN alice {6}
        S: + OK
        C: s3cr3t
        > Command a2 LOGIN alice s3cr3t
        do: authenticate welcome
        S: a2 OK welcome
        C: a3 FETCH 1 FLAGS
        > Malformed a3 InvalidState at 0
        do: reject
        S: a3 BAD Command not allowed in this state
        C: a4 SELECT INBOX
        > Command a4 SELECT INBOX
        do: select
        S: * FLAGS (\\Seen)
        S: * 2 EXISTS
        S: * 1 RECENT
        S: * OK [PERMANENTFLAGS (\\Seen)] Flags permitted
        S: * OK [UIDVALIDITY 1] UIDs valid
        S: a4 OK [READ-WRITE] SELECT completed
        C: a5 FETCH 1 (FLAGS UID)
        C: a6 NOOP
        > Command a5 FETCH 1 (FLAGS UID)
        > Command a6 NOOP
        do: ok one
        do: exists 3
        do: ok two
        S: a5 OK one
        S: * 3 EXISTS
        S: a6 OK two
        C: a7 CLOSE
        > Command a7 CLOSE
        do: ok closed
        S: a7 OK closed
        C: a8 CLOSE
        > Malformed a8 InvalidState at 0
        do: reject
        S: a8 BAD Command not allowed in this state
        C: a9 XNEW (1 "2") {3+}
        C: abc x
        > Command a9 XNEW (1 \"2\") {3}\r\nabc x
        do: bad unknown
        S: a9 BAD unknown
        C: a10 LOGOUT
        > Command a10 LOGOUT
        do: logout see you
        S: * BYE see you
        S: a10 OK LOGOUT completed
        C: a11 NOOP
        eof
        "#,
        || Scenario::server(protected()),
    );
}

#[test]
fn what_a_server_reads_ahead() {
    // What decides about the state is waited for, and waits for what is before it.
    server(
        "
        C: a NOOP
        C: b NOOP
        C: c LOGIN u p
        C: d SELECT INBOX
        > Command a NOOP
        > Command b NOOP
        > nothing
        do: ok 1
        > nothing
        do: ok 2
        > Command c LOGIN u p
        > nothing
        do: authenticate in
        > Command d SELECT INBOX
        do: no such mailbox
        S: a OK 1
        S: b OK 2
        S: c OK in
        S: d NO such mailbox
        ",
        || Scenario::server(protected()),
    );
    // A SELECT that fails leaves the mailbox.
    let mut subject = Scenario::server_selected(protected());
    subject.hear("a SELECT x\r\n", "no");
    assert_eq!(subject.server.state(), State::Authenticated);
    // So many are read ahead and no more.
    for (subject, limit) in [(Scenario::server(protected()), 4), (Scenario::server_selected(protected()), 16)]
    {
        let mut subject = subject;
        let mut input = BytesMut::from("a NOOP\r\n".repeat(50).as_str());
        let read = std::iter::from_fn(|| subject.receive(&mut input, false)).count();
        assert_eq!(read, limit);
        assert!(!subject.server.wants_read());
        subject.act("ok");
        assert!(subject.server.wants_read() && subject.receive(&mut input, false).is_some());
    }
    // Nor while nobody takes the answers.
    let mut subject = Scenario::server_selected(protected());
    let mut input = BytesMut::from("a NOOP\r\n".repeat(10_000).as_str());
    while subject.receive(&mut input, false).is_some() {
        subject.act("ok done");
    }
    assert!(subject.server.unsent() > 64 * 1024 && subject.server.unsent() < 65 * 1024);
    assert!(!subject.server.wants_read() && !input.is_empty());
    while subject.transmit().is_some() {}
    assert!(subject.server.wants_read() && subject.receive(&mut input, false).is_some());
}

/// What ends a line over its limit is a header there as in a short one: what stands behind it is no command.
#[test]
fn the_end_of_a_line_over_its_limit() {
    let stranger = || {
        let mut config = protected();
        (config.before_login.line, config.before_login.message) = (64, 8_192);
        Scenario::server(config)
    };
    let user = || {
        let mut config = protected();
        (config.limits.line, config.limits.message) = (64, 8_192);
        Scenario::server_selected(config)
    };
    let spaces = " ".repeat(100);
    let long = "y".repeat(70);
    let told = |header: &str| format!("C: a NOOP {long} {header}\n> Malformed a LineTooLong at 64\n");
    for header in [
        "{16+} ",
        &format!("{{16+}}{spaces}"),
        "{16} ",
        "{}",
        "~{}",
        "{3-}",
        "{-3}",
        "{ 3}",
        "{18446744073709551616}",
        "{123456789012345678901234567890123456789+}",
    ] {
        let trace = format!("{}! BadLiteral\nS: * BYE Protocol error", told(header));
        server(&trace, stranger);
        server(&trace, user);
    }
    for (header, octets) in [("{16}", ""), ("{x", ""), ("{16+}", "C= c DELETE INBOX\\r\\n\nC: \n")] {
        let trace = format!(
            "C: a NOOP {long} {header}\n{octets}C: b NOOP\n> Malformed a LineTooLong at 64\ndo: reject\nS: a BAD Line too long\n> Command b NOOP"
        );
        server(&trace, stranger);
        server(&trace, user);
    }
    // The line behind a message that is streamed.
    let trace = format!(
        "C: a APPEND INBOX {{1+}}\n> Literal a APPEND INBOX 1 comes\ndo: accept\nC= m\n> Chunk m\n> LiteralEnd\nC: {long} {{16+}} \n> Malformed a LineTooLong at 64\n! BadLiteral\nS: * BYE Protocol error"
    );
    server(&trace, user);
    // At the limit of a user, the end of the line in pieces.
    let line = format!("a NOOP {} {{16+}} \r\nb DELETE INBOX\r\n", "y".repeat(70_000));
    for piece in [1, 7, 1_000, 65_536, 70_020, line.len()] {
        let mut subject = Scenario::server_selected(protected());
        let mut input = BytesMut::new();
        let mut told = Vec::new();
        for octets in line.as_bytes().chunks(piece) {
            input.extend_from_slice(octets);
            while let Some(next) = subject.receive(&mut input, false) {
                let fatal = matches!(next, Told::Fatal(_));
                if !fatal {
                    subject.act("reject");
                }
                told.push(next);
                if fatal {
                    break;
                }
            }
        }
        told.dedup();
        let expected =
            [Told::Event("Malformed a LineTooLong at 65536".into()), Told::Fatal("BadLiteral".into())];
        assert_eq!(told, expected, "in pieces of {piece}");
    }
}

#[test]
fn lines_and_literals_over_their_limits() {
    let fresh = || Scenario::server(protected());
    let long = "x".repeat(9_000);
    let trace = format!(
        "C: a NOOP {long}\nC: b NOOP\n> Malformed a LineTooLong at 8192\ndo: reject\nS: a BAD Line too long\n> Command b NOOP"
    );
    server(&trace, fresh);
    // The octets of a literal behind such a line are not commands.
    let trace = format!(
        "C: a NOOP {long} {{9+}}\nC= b LOGOUT\\r\\r\\n\nC: c NOOP\n> Malformed a LineTooLong at 8192\ndo: reject\nS: a BAD Line too long\n> Command c NOOP"
    );
    server(&trace, fresh);
    server(
        "C: a LOGIN {4294967295}\n> Malformed a LiteralTooLarge at 22\ndo: reject\nS: a NO [TOOBIG] Literal too large\nC: b NOOP\n> Command b NOOP",
        || {
            let mut config = protected();
            config.before_login.line = 64;
            config.before_login.message = 8_192;
            Scenario::server(config)
        },
    );
    // A tag that is longer than a line may be is none, however much of it has arrived.
    server(
        &format!(
            "C: {} NOOP\n> Malformed * LineTooLong at 20\ndo: reject\nS: * BAD Line too long\nC: b NOOP\n> Command b NOOP",
            "t".repeat(25)
        ),
        || {
            let mut config = protected();
            config.before_login.line = 20;
            Scenario::server(config)
        },
    );
    server("C: a LOGIN {4294967295+}\n! LiteralTooLarge\nS: * BYE Literal too large", fresh);
    for header in ["{}", "{-1}", "{5 +}", "{99999999999999999999}", "{1+1+}"] {
        server(&format!("C: a LOGIN u {header}\n! BadLiteral\nS: * BYE Protocol error"), fresh);
    }
    server("C: a LOGIN \"u{5+}\" p\n> Command a LOGIN \\\"u{5+}\\\" p", fresh);
    server("C= a NOOP\\n\n! BareLineFeed\nS: * BYE Protocol error", fresh);
    server("C= a LOGIN {1+}\\nu p\\r\\n\n! BareLineFeed\nS: * BYE Protocol error", fresh);
    server("C: a LOGIN \"\\0\" p\n! Nul\nS: * BYE Protocol error", fresh);
    server("C= a LOGIN {1+}\\r\\n\\0 p\\r\\n\n> Malformed a Syntax at 8", fresh);
}

#[test]
fn exchanges_of_a_server() {
    let fresh = || Scenario::server(protected());
    server(
        r"
        C: a AUTHENTICATE CRAM-MD5
        > Command a AUTHENTICATE CRAM-MD5
        do: challenge <1>
        S: + PDE+
        C: YWJj
        > Response abc
        do: challenge
        S: + 
        C:
        > Response 
        do: authenticate in
        S: a OK in
        C: b SELECT INBOX
        > Command b SELECT INBOX
        ",
        fresh,
    );
    server("C: a AUTHENTICATE PLAIN AHUAcA==\n> Command a AUTHENTICATE PLAIN AHUAcA==", fresh);
    server("C: a AUTHENTICATE PLAIN =\n> Command a AUTHENTICATE PLAIN =", fresh);
    let asked = || Scenario::server_authenticating(protected());
    server(
        "C: *\nC: b NOOP\n> Cancelled\n> nothing\ndo: bad given up\n> Command b NOOP\nS: A BAD given up",
        asked,
    );
    server(
        "C: B STARTTLS\nC: b NOOP\n> Malformed A Syntax at 0\n> nothing\ndo: reject\n> Command b NOOP\nS: A BAD Syntax error",
        asked,
    );
    server("C: =\n> Malformed A Syntax at 0", asked);
    server("C= =\\n\n! BareLineFeed\nS: * BYE Protocol error", asked);
    server(
        "C: AHUAcA==\nC: b NOOP\n> Response \\x00u\\x00p\n> nothing\ndo: no wrong\n> Command b NOOP\nS: A NO wrong",
        asked,
    );
    // One round more than the limit: it can only be refused, whatever the mechanism says.
    let rounds = |rounds: usize| {
        move || {
            let mut config = protected();
            config.before_login.sasl_rounds = rounds;
            Scenario::server_authenticating(config)
        }
    };
    server(
        "C: YQ==\n> Response a\ndo: challenge\nS: + \nC: YQ==\n> Response a\ndo: authenticate in\nS: A OK in",
        rounds(2),
    );
    for (answer, told) in [
        ("reject", "S: A NO Too many rounds of authentication"),
        ("challenge x", "> Refused InvalidState\nS: A BAD Not AUTHENTICATE"),
        ("authenticate in", "> Refused InvalidState\nS: A BAD Not an authentication"),
    ] {
        server(
            &format!(
                "C: YQ==\n> Response a\ndo: challenge\nS: + \nC: YQ==\nC: b NOOP\n> Malformed A TooManyRounds at 0\n> nothing\ndo: {answer}\n{told}\n> Command b NOOP"
            ),
            rounds(1),
        );
    }
    server("C: *\n> Cancelled", rounds(0));
    // No command can have an exchange that is not its own.
    server(
        "C: a NOOP\n> Command a NOOP\ndo: challenge x\n> Refused InvalidState\nS: a BAD Not AUTHENTICATE\nC: b NOOP\n> Command b NOOP",
        fresh,
    );
    server("C: a NOOP\n> Command a NOOP\ndo: idle\n> Refused InvalidState\nS: a BAD Not IDLE", fresh);
    server(
        "
        C: a IDLE
        > Command a IDLE
        do: idle
        S: + idling
        do: exists 3
        S: * 3 EXISTS
        C: done
        C: b NOOP
        > Done
        > nothing
        do: ok idled
        > Command b NOOP
        S: a OK idled
        ",
        || Scenario::server_selected(protected()),
    );
    let idling = || Scenario::server_idling(protected());
    server(
        "C: DONE \nC: b NOOP\n> Malformed A Syntax at 0\n> nothing\ndo: reject\n> Command b NOOP\nS: A BAD Syntax error",
        idling,
    );
    server(
        "C: a IDLE\nC: b NOOP\n> Command a IDLE\n> nothing\ndo: no not now\n> Command b NOOP\nS: a NO not now",
        || Scenario::server_selected(protected()),
    );
    // The end of the connection is no DONE, and no response.
    server("eof\n! UnexpectedEof\nS: * BYE Protocol error", idling);
    server("eof\n! UnexpectedEof\nS: * BYE Protocol error", asked);
}

#[test]
fn starttls_of_a_server() {
    let config = || server::Config { tls: Tls::Required, ..protected() };
    let fresh = || Scenario::server(config());
    server(
        r"
        C: a LOGIN u p
        > Malformed a PrivacyRequired at 0
        do: reject
        C: b AUTHENTICATE PLAIN AHUAcA==
        > Malformed b PrivacyRequired at 0
        do: reject
        S: a NO [PRIVACYREQUIRED] TLS is required first
        S: b NO [PRIVACYREQUIRED] TLS is required first
        ",
        fresh,
    );
    server(
        "
        C: a NOOP
        C: b STARTTLS
        > Command a NOOP
        > nothing
        do: ok
        > Command b STARTTLS
        do: starttls begin
        S: a OK 
        S: b OK begin
        do: resume
        C: c STARTTLS
        > Malformed c InvalidState at 0
        do: reject
        S: c BAD Command not allowed in this state
        C: d LOGIN u p
        > Command d LOGIN u p
        do: authenticate in
        S: d OK in
        ",
        fresh,
    );
    server(
        "C: a STARTTLS\n> Command a STARTTLS\ndo: starttls begin\nS: a OK begin\nC: b NOOP\n! StartTlsInjection",
        fresh,
    );
    server(
        "C: a STARTTLS\n> Command a STARTTLS\ndo: starttls begin\nS: a OK begin\neof\n! UnexpectedEof",
        fresh,
    );
    server(
        "C: a STARTTLS\n> Command a STARTTLS\ndo: no not now\nS: a NO not now\nC: b NOOP\n> Command b NOOP",
        fresh,
    );
    server("C: a STARTTLS\n> Malformed a InvalidState at 0", || Scenario::server_authenticated(protected()));
    server("C: a STARTTLS\n> Malformed a InvalidState at 0", || {
        Scenario::server(server::Config { tls: Tls::Unavailable, ..protected() })
    });
    for behind in ["b NOOP\r\n", "b NO", "\x16\x03\x01", "\n"] {
        let mut subject = fresh();
        let mut input = BytesMut::from(format!("a STARTTLS\r\n{behind}").as_str());
        assert_eq!(subject.receive(&mut input, false), Some(trace::Told::Fatal("StartTlsInjection".into())));
        assert_eq!(subject.transmit(), None);
    }
    // Behind it the limits and the state are those of a stranger.
    let mut subject = fresh();
    subject.hear("a STARTTLS\r\n", "starttls begin");
    subject.act("resume");
    assert_eq!((subject.server.state(), subject.server.tls()), (State::NotAuthenticated, Tls::Established));
}

#[test]
fn who_only_says_nonsense_is_left() {
    let trace = "
        C:
        > Malformed * Syntax at 0
        do: reject
        C: x
        > Malformed x Syntax at 1
        do: reject
        S: * BAD Syntax error
        S: x BAD Syntax error
        C: a+b NOOP
        > Malformed * Syntax at 1
        do: reject
        S: * BAD Syntax error
        C: a X
        > Command a X
        do: bad what?
        ! TooManyErrors
        S: * BYE Too many bad commands
        ";
    server(trace, || Scenario::server(protected()));
    // A user has more patience to spend, and from the login on it is counted anew.
    let mut subject = Scenario::server(protected());
    subject.hear("a\r\nb\r\n", "reject");
    subject.hear("a LOGIN u p\r\n", "authenticate in");
    subject.hear(&"x\r\n".repeat(20), "reject");
    assert!(!subject.server.is_closed());
    assert!(subject.receive(&mut BytesMut::from("x\r\n"), false).is_some());
    subject.act("reject");
    assert!(subject.server.is_closed());
    // A browser that was made to talk to us does not get to its second line.
    for request in [
        "GET / HTTP/1.1",
        "POST /x HTTP/1.1",
        "CONNECT a:1 HTTP/1.0",
        "get / http/1.1",
        "GET /a%20b HTTP/1.1",
        "GET /(a) HTTP/1.1",
        "GET /a b HTTP/1.1",
        r#"POST /"a HTTP/1.1"#,
        "OPTIONS * HTTP/1.1",
        "PRI * HTTP/2.0",
    ] {
        server(&format!("C: {request}\nC: a LOGIN u p\n! Syntax\nS: * BYE Protocol error"), || {
            Scenario::server(protected())
        });
    }
    // Who is known is no page, and a password may look so.
    server(
        "C: OPTIONS * HTTP/1.1\n> Malformed OPTIONS Syntax at 8\ndo: reject\nS: OPTIONS BAD Syntax error",
        || Scenario::server_authenticated(protected()),
    );
    server("C: a LOGIN u HTTP/1.1\n> Command a LOGIN u HTTP/1.1", || Scenario::server(protected()));
    // Nor does one that speaks TLS where it should not: what it says has no line end for a while.
    for start in [r"\x16", r"\x16\x03\x01\x02\0", r"\x16\n", r"\x16 {3}\r\n", r"\x16\0\r\n"] {
        server(&format!("C= {start}\n! Syntax\nS: * BYE Protocol error"), || Scenario::server(protected()));
        server(&format!("C: a X\nC= {start}\n> Command a X\n! Syntax\nS: * BYE Protocol error"), || {
            Scenario::server(protected())
        });
        server(&format!("C= {start}\n! Syntax\nS: * BYE Protocol error"), || {
            Scenario::server_authenticating(protected())
        });
    }
    // The text never says what the client said.
    let mut subject = Scenario::server(protected());
    let mut input = BytesMut::from("A LOGIN alice s3cr3t extra\r\nB s3cr3t+\r\n s3cr3t\r\n");
    while subject.receive(&mut input, false).is_some_and(|told| matches!(told, trace::Told::Event(_))) {
        subject.act("bad no");
    }
    while let Some(octets) = subject.transmit() {
        assert!(!octets.escape_ascii().to_string().contains("s3cr3t"));
    }
}

#[test]
fn greetings_of_a_server_and_its_end() {
    let mut config = protected();
    let mut subject = Scenario::server_before_greeting(config);
    assert!(!subject.server.wants_read());
    assert!(subject.server.greet(&Status::no("x")).is_err());
    assert!(subject.server.greet(&Status::ok("a\r\nb")).is_err());
    subject.server.greet(&Status::pre_auth("hi")).unwrap();
    assert!(subject.server.greet(&Status::ok("again")).is_err());
    assert_eq!(subject.transmit().unwrap(), "* PREAUTH hi\r\n");
    assert_eq!(subject.server.state(), State::Authenticated);
    config.tls = Tls::Required;
    let mut subject = Scenario::server_before_greeting(config);
    assert_eq!(subject.server.greet(&Status::pre_auth("hi")).unwrap_err().kind(), ErrorKind::PrivacyRequired);
    subject.server.greet(&Status::bye("full")).unwrap();
    assert!(subject.server.is_closed());
    // A client that is gone is gone; a command that it did not finish is not one.
    server("eof", || Scenario::server(protected()));
    server("C= a NOO\neof\n! UnexpectedEof\nS: * BYE Protocol error", || Scenario::server(protected()));
    server("C= a LOGIN u {3}\\r\\n\nS: + OK\neof\n! UnexpectedEof\nS: * BYE Protocol error", || {
        Scenario::server(protected())
    });
    server("C: a NOOP\neof\n> Command a NOOP", || Scenario::server(protected()));
    server("do: bye shutting down\nS: * BYE shutting down\nC: a NOOP\neof", || Scenario::server(protected()));
}

#[test]
fn an_answer_that_would_leave_the_sides_apart_is_not_given() {
    let clear = || Scenario::server(server::Config { tls: Tls::Required, ..protected() });
    for (command, told, ready) in [
        ("LOGIN u p", "Command a LOGIN u p", (|| Scenario::server(protected())) as fn() -> ServerSubject),
        ("AUTHENTICATE PLAIN", "Command a AUTHENTICATE PLAIN", || Scenario::server(protected())),
        ("SELECT INBOX", "Command a SELECT INBOX", || Scenario::server_authenticated(protected())),
        ("EXAMINE INBOX", "Command a EXAMINE INBOX", || Scenario::server_authenticated(protected())),
        ("UNAUTHENTICATE", "Command a UNAUTHENTICATE", || Scenario::server_authenticated(protected())),
        ("LOGOUT", "Command a LOGOUT", || Scenario::server(protected())),
        ("CLOSE", "Malformed a InvalidState at 0", || Scenario::server(protected())),
    ] {
        let trace = format!(
            "C: a {command}\n> {told}\ndo: ok done\n> Refused InvalidState\nS: a BAD Not completed\nC: b NOOP\n> Command b NOOP"
        );
        server(&trace, ready);
    }
    server(
        "C: a STARTTLS\n> Command a STARTTLS\ndo: ok go\n> Refused InvalidState\nS: a BAD Not completed",
        clear,
    );
    for condition in ["BYE", "PREAUTH"] {
        let trace = format!(
            "C: a NOOP\n> Command a NOOP\ndo: {condition} x\n> Refused InvalidState\nS: a BAD Not completed\nC: b LOGOUT\n> Command b LOGOUT"
        );
        server(&trace, || Scenario::server(protected()));
    }
    // The conditions of those that have one each.
    let kind = |result: Result<(), mailwire::wire::Error>| result.unwrap_err().kind();
    let mut subject = Scenario::server(protected());
    assert_eq!(kind(subject.server.bye(&Status::ok("x"))), ErrorKind::InvalidState);
    assert_eq!(kind(subject.server.status(&Status::bye("x"))), ErrorKind::InvalidState);
    assert_eq!(kind(subject.server.status(&Status::pre_auth("x"))), ErrorKind::InvalidState);
    assert!(!subject.server.is_closed() && subject.transmit().is_none());
}

#[test]
fn nothing_is_written_outside_of_greeting_and_bye() {
    use mailwire::imap::{Data, Fetch};
    let fetch = Fetch { uid: Some(NonZeroU32::MIN), ..Fetch::new(NonZeroU32::MIN) };
    let kinds = |server: &mut Server| {
        let told = [
            server.data(&Data::Exists(1)),
            server.status(&Status::ok("x")),
            server.fetch(&fetch),
            server.begin_fetch(&fetch).map(drop),
        ];
        assert_eq!(server.poll_transmit(), None);
        told.map(|result| result.unwrap_err().kind())
    };
    let mut subject = Scenario::server_before_greeting(protected());
    assert_eq!(kinds(&mut subject.server), [ErrorKind::InvalidState; 4]);
    subject.server.greet(&Status::ok("ready")).unwrap();
    assert_eq!(subject.transmit().unwrap(), "* OK ready\r\n");
    // A command that ran when the connection ended has no completion.
    let mut input = BytesMut::from("a NOOP\r\nb NOOP\r\nc \r\n");
    while subject.receive(&mut input, false).is_some() {}
    subject.act("bye now");
    assert_eq!(subject.transmit().unwrap(), "* BYE now\r\n");
    for action in ["ok done", "bad done", "reject", "bye again"] {
        subject.act(action);
        assert_eq!(subject.refused.take().as_deref(), Some("Closed"), "{action}");
    }
    assert_eq!(kinds(&mut subject.server), [ErrorKind::Closed; 4]);
    assert!(subject.server.is_closed() && subject.receive(&mut input, false).is_none());
    // Who is turned away may be so by either method.
    let mut subject = Scenario::server_before_greeting(protected());
    subject.act("bye full");
    assert_eq!(subject.transmit().unwrap(), "* BYE full\r\n");
}

#[test]
fn a_message_that_cannot_be_had_whole_ends_the_connection() {
    use mailwire::imap::{BodyItem, BodyStart, Data, Fetch, Section};
    for abandoned in [false, true] {
        let mut subject = Scenario::server_selected(protected());
        let server = &mut subject.server;
        let mut writer = server.begin_fetch(&Fetch::new(NonZeroU32::MIN)).unwrap();
        let start =
            BodyStart { len: Some(9), ..BodyStart::new(NonZeroU32::MIN, BodyItem::Section(Section::Full)) };
        server.body(&mut writer, &start).unwrap();
        server.body_octets(&mut writer, "abc".into()).unwrap();
        server.data(&Data::Exists(3)).unwrap();
        let kept = (!abandoned).then_some(writer);
        server.bye(&Status::bye("disk error")).unwrap();
        let mut sent = Vec::new();
        while let Some(octets) = server.poll_transmit() {
            sent.extend_from_slice(&octets);
        }
        assert_eq!(sent.escape_ascii().to_string(), r"* 1 FETCH (BODY[] {9}\r\nabc");
        assert!(server.is_closed() && server.unsent() == 0);
        if let Some(mut writer) = kept {
            assert_eq!(server.body_octets(&mut writer, "def".into()).unwrap_err().kind(), ErrorKind::Closed);
        }
    }
}

#[test]
fn who_has_said_all_still_hears_the_answers() {
    let mut subject = Scenario::server(protected());
    let mut input = BytesMut::from("a NOOP\r\nb NOOP\r\n");
    while subject.receive(&mut input, false).is_some() {}
    assert!(subject.receive(&mut input, true).is_none() && !subject.server.is_closed());
    subject.act("ok 1");
    subject.act("ok 2");
    assert_eq!(subject.transmit().unwrap(), "a OK 1\r\nb OK 2\r\n");
    assert!(subject.receive(&mut input, true).is_none() && subject.server.is_closed());
}

#[test]
fn a_token_of_another_connection_says_nothing() {
    use mailwire::imap::{Fetch, server::SelectData};
    let tls = || server::Config { tls: Tls::Required, ..protected() };
    let event = |subject: &mut ServerSubject, line: &str| {
        subject.server.receive(&mut BytesMut::from(line)).unwrap().unwrap()
    };
    type Answer = fn(&mut Server, server::InProgress) -> Result<(), mailwire::wire::Error>;
    let answers: [Answer; 9] = [
        |server, running| server.complete(running, &Status::ok("done")),
        |server, running| server.authenticate(running, &Status::ok("in")),
        |server, running| server.unauthenticate(running, &Status::ok("out")),
        |server, running| server.select(running, &SelectData::new(0, NonZeroU32::MIN, NonZeroU32::MIN)),
        |server, running| server.enable(running, &Default::default()),
        |server, running| server.starttls(running, &Status::ok("go")).map(drop),
        |server, running| server.logout(running, &Status::bye("bye")),
        |server, running| server.challenge(running, b"x"),
        |server, running| server.idle(running),
    ];
    let mut own = Scenario::server(protected());
    let _ = event(&mut own, "a NOOP\r\n");
    for answer in answers {
        let mut other = Scenario::server(protected());
        let server::Event::Command(running, _) = event(&mut other, "z NOOP\r\n") else { panic!() };
        assert_eq!(answer(&mut own.server, running).unwrap_err().kind(), ErrorKind::InvalidState);
        assert!(own.transmit().is_none() && !own.server.is_closed());
    }
    // Offers.
    let mut own = Scenario::server_authenticated(protected());
    let _ = event(&mut own, "a APPEND INBOX {3}\r\n");
    for answer in
        [Server::refuse, Server::discard, |server: &mut Server, offer, _: &Status| server.accept(offer)]
    {
        let mut other = Scenario::server_authenticated(protected());
        let server::Event::Literal(offer) = event(&mut other, "z APPEND INBOX {3}\r\n") else { panic!() };
        assert_eq!(
            answer(&mut own.server, offer, &Status::no("x")).unwrap_err().kind(),
            ErrorKind::InvalidState
        );
        assert!(own.transmit().is_none() && !own.server.wants_read());
    }
    // A FETCH.
    let mut other = Scenario::server_selected(protected());
    let writer = other.server.begin_fetch(&Fetch::new(NonZeroU32::MIN)).unwrap();
    assert_eq!(own.server.end_fetch(writer).unwrap_err().kind(), ErrorKind::InvalidState);
    // The upgrade.
    let mut own = Scenario::server(tls());
    own.hear("a STARTTLS\r\n", "starttls go");
    let mut other = Scenario::server(tls());
    other.hear("a STARTTLS\r\n", "starttls go");
    own.server.resume(other.start_tls.take().unwrap());
    assert_eq!((own.server.tls(), own.server.wants_read()), (Tls::Required, false));
    own.act("resume");
    assert_eq!((own.server.tls(), own.server.wants_read()), (Tls::Established, true));
}

/// What a client takes for the octets of its literal is never read as commands.
#[test]
fn behind_a_header_that_is_none_nothing_is_read() {
    for header in ["{10+} ", "{1a+}", "{ 5}", "{5++}", "{}", "~{x}"] {
        for command in ["CREATE", "LOGIN u", "APPEND INBOX", "SEARCH SUBJECT", "X"] {
            server(
                &format!(
                    "C= a {command} {header}\\r\\nb DELETE x\\r\\n\n! BadLiteral\nS: * BYE Protocol error"
                ),
                || Scenario::server_selected(protected()),
            );
        }
    }
    // In what is passed over, too.
    server(
        r"
        C= a LOGIN ) {1+}\r\nx {1a+}\r\nb DELETE x\r\n
        ! BadLiteral
        S: * BYE Protocol error
        ",
        || Scenario::server_selected(protected()),
    );
    server("C: a CREATE {5}12345\n> Malformed a BadLiteral at 9\ndo: reject\nS: a BAD Syntax error", || {
        Scenario::server_selected(protected())
    });
}
