//! A POP3 server's conversations, in every segmentation.

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
mod trace;

use mailwire::pop3::{Server, ServerConfig};
use mailwire::wire::Machine;
use pop3::{Scenario, ServerSubject};
use trace::{Side, check};

fn server(config: &ServerConfig, trace: &str) {
    check(Side::Server, trace, || Scenario::server(config.clone()));
}

#[test]
fn a_server_answers_every_command() {
    server(
        &ServerConfig::protected(),
        r"
        C: CAPA
        > Command CAPA
        do: capa USER, SASL PLAIN, .x
        S: +OK
        S: USER
        S: SASL PLAIN
        S: ..x
        S: .
        C: USER mrose
        C: PASS  two  spaces
        > Command USER mrose
        do: ok mrose is a real hoopy frood
        > Command PASS  two  spaces
        do: ok
        S: +OK mrose is a real hoopy frood
        S: +OK
        C: STAT
        C: LIST
        C: LIST 2
        > Command STAT
        do: stat 2 320
        > Command LIST
        do: list 120 200
        > Command LIST 2
        do: err no such message
        S: +OK 2 320
        S: +OK
        S: 1 120
        S: 2 200
        S: .
        S: -ERR no such message
        C: UIDL
        C: uidl 1
        > Command UIDL
        do: uidl a .b
        > Command UIDL 1
        do: uid 1 a
        S: +OK
        S: 1 a
        S: 2 .b
        S: .
        S: +OK 1 a
        C: RETR 1
        C: TOP 1 0
        > Command RETR 1
        do: message .\n..\r\n\r\nx
        > Command TOP 1 0
        do: message
        S: +OK
        S: ..
        S: ...
        S:
        S: x
        S: .
        S: +OK
        S: .
        C: QUIT
        > Command QUIT
        do: ok bye
        S: +OK bye
        eof
        ",
    );
}

/// RFC 1939 section 7.
#[test]
fn a_password_stands_immediately_behind_its_user() {
    for between in [
        "C: CAPA\n> Command CAPA\ndo: err\nS: -ERR",
        "C: RETR 0\n> Malformed Syntax at 5\ndo: reject\nS: -ERR syntax error",
    ] {
        let trace = format!(
            "C: USER a\n> Command USER a\ndo: ok\nS: +OK\n{between}\nC: PASS x\n> Malformed InvalidState at 0\ndo: reject\nS: -ERR not allowed here"
        );
        server(&ServerConfig::protected(), &trace);
    }
}

/// RFC 6856 section 2.2: in UTF-8 where that is announced, and in nothing else.
#[test]
fn names_and_passwords_are_in_ascii_or_utf_8() {
    let user = "C: USER a\n> Command USER a\ndo: ok\nS: +OK";
    for octets in ["\\xe9", "a\\x01", "\\xff"] {
        for utf8_user in [false, true] {
            let offset = if octets.starts_with('a') { 6 } else { 5 };
            let config = ServerConfig { utf8_user, ..ServerConfig::protected() };
            let refused = format!("> Malformed Syntax at {offset}\ndo: reject\nS: -ERR syntax error");
            server(&config, &format!("C: USER {octets}\n{refused}\n{user}\nC: PASS {octets}\n{refused}"));
        }
    }
    let refused = "> Malformed Syntax at 0\ndo: reject\nS: -ERR syntax error";
    server(&ServerConfig::protected(), &format!("C: USER é\n{refused}\n{user}\nC: PASS é\n{refused}"));
    let config = ServerConfig { utf8_user: true, ..ServerConfig::protected() };
    let trace = r"
        C: USER é
        C: PASS é  é
        > Command USER \xc3\xa9
        do: ok
        > Command PASS \xc3\xa9  \xc3\xa9
        do: ok
        S: +OK
        S: +OK
        ";
    server(&config, trace);
}

/// RFC 6856 section 2.1.
#[test]
fn texts_are_in_ascii_until_a_client_asks_for_more() {
    server(
        &ServerConfig::protected(),
        r"
        C: STAT
        > Malformed InvalidState at 0
        do: err é
        S: -ERR ??
        C: LANG sv
        > Command LANG sv
        do: err é
        S: -ERR ??
        C: LANG sv
        > Command LANG sv
        do: ok sv é
        S: +OK sv é
        C: STAT
        > Malformed InvalidState at 0
        do: err é
        S: -ERR é
        ",
    );
    check(
        Side::Server,
        r"
        C: LANG sv
        > Command LANG sv
        do: ok sv é
        S: +OK sv é
        C: NOOP
        > Command NOOP
        do: ok é
        S: +OK é
        ",
        || Scenario::server_logged_in(ServerConfig::protected()),
    );
    let config = ServerConfig { greeting: mailwire::pop3::Reply::ok("é"), ..ServerConfig::protected() };
    assert_eq!(Server::new(config).poll_transmit().unwrap(), "+OK ??\r\n");
}

/// RFC 5034 section 4.
#[test]
fn auth_is_over_behind_the_login() {
    for line in ["AUTH", "AUTH PLAIN", "AUTH PLAIN ="] {
        let trace = format!("C: {line}\n> Malformed InvalidState at 0\ndo: reject\nS: -ERR not allowed here");
        check(Side::Server, &trace, || Scenario::server_logged_in(ServerConfig::protected()));
    }
}

#[test]
fn an_answer_about_another_message_is_not_given() {
    check(
        Side::Server,
        r"
        C: LIST 2
        > Command LIST 2
        do: scan 1 120
        > Refused InvalidState
        S: -ERR [SYS/TEMP] internal error
        C: UIDL 2
        > Command UIDL 2
        do: uid 3 a
        > Refused InvalidState
        S: -ERR [SYS/TEMP] internal error
        ",
        || Scenario::server_logged_in(ServerConfig::protected()),
    );
}

#[test]
fn a_server_converses_for_authentication() {
    server(
        &ServerConfig::protected(),
        r"
        C: AUTH PLAIN =
        > Command AUTH PLAIN =
        do: challenge
        S: + 
        C: eA==
        > AuthResponse x
        do: challenge what?
        S: + d2hhdD8=
        C: *
        > AuthCancelled
        do: ok
        > Refused InvalidState
        S: -ERR [SYS/TEMP] internal error
        C: AUTH PLAIN
        C: QUIT
        > Command AUTH PLAIN
        do: challenge
        > AuthResponse AB\x13
        do: err
        S: + 
        S: -ERR
        C: AUTH PLAIN
        C: STAT!
        > Command AUTH PLAIN
        do: challenge
        > Malformed Syntax at 5
        do: reject
        S: + 
        S: -ERR syntax error
        C: AUTH PLAIN eA==
        > Command AUTH PLAIN eA==
        do: ok
        S: +OK
        C: NOOP
        > Command NOOP
        do: ok
        S: +OK
        ",
    );
}

#[test]
fn a_command_that_the_server_does_not_know_is_a_bad_one() {
    server(
        &ServerConfig::protected(),
        r"
        C: XTND XMIT
        > Command XTND XMIT
        do: ok
        S: +OK
        C: HELP
        > Command HELP
        do: err no
        S: -ERR no
        C: EHLO a
        > Command EHLO a
        do: err no
        S: -ERR no
        C: HELO a
        > Command HELO a
        do: err no
        S: -ERR no
        C: TURN
        ! TooManyErrors
        S: -ERR too many bad commands
        ",
    );
}

#[test]
fn a_server_keeps_the_states_apart() {
    server(
        &ServerConfig::protected(),
        r"
        C: STAT
        > Malformed InvalidState at 0
        do: reject
        S: -ERR not allowed here
        C: PASS x
        > Malformed InvalidState at 0
        do: ok
        > Refused InvalidState
        S: -ERR [SYS/TEMP] internal error
        C: USER a
        > Command USER a
        do: err no
        C: PASS x
        > Malformed InvalidState at 0
        do: reject
        S: -ERR no
        S: -ERR not allowed here
        C: APOP a 00000000000000000000000000000000
        ! TooManyErrors
        S: -ERR too many bad commands
        ",
    );
    check(
        Side::Server,
        r"
        C: APOP a 00000000000000000000000000000000
        > Command APOP a 00000000000000000000000000000000
        do: ok
        S: +OK
        C: USER x
        > Malformed InvalidState at 0
        do: reject
        S: -ERR not allowed here
        C: RETR
        > Malformed Syntax at 5
        do: reject
        S: -ERR syntax error
        C: DELE 1
        > Command DELE 1
        do: stat 1 1
        > Refused InvalidState
        S: -ERR [SYS/TEMP] internal error
        eof
        ",
        || Scenario::server_with_apop(ServerConfig::protected()),
    );
}

#[test]
fn a_server_guards_what_is_secret() {
    server(
        &ServerConfig::new(),
        r"
        C: USER a
        > Malformed PrivacyRequired at 0
        do: reject
        S: -ERR [SYS/PERM] STLS first
        C: STLS
        > Command STLS
        do: starttls
        S: +OK begin
        do: resume
        C: USER a
        > Command USER a
        do: ok
        S: +OK
        C: STLS
        > Malformed InvalidState at 0
        do: reject
        S: -ERR not allowed here
        ",
    );
    server(
        &Scenario::optional_tls(),
        r"
        C: USER attacker
        > Command USER attacker
        do: ok
        S: +OK
        C: STLS
        > Command STLS
        do: starttls
        S: +OK begin
        do: resume
        C: PASS x
        > Malformed InvalidState at 0
        do: reject
        S: -ERR not allowed here
        ",
    );
    let mut subject = Scenario::server(Scenario::optional_tls());
    let mut input = bytes::BytesMut::from("STLS\r\nUSER attacker\r\n");
    assert!(subject.server.receive(&mut input).unwrap_err().is_fatal());
    assert_eq!(subject.server.poll_transmit(), None);
}

#[test]
fn a_server_says_why_it_closes() {
    for (octets, kind, word) in [
        ("C= NOOP\\n", "BareLineFeed", "-ERR line feed without carriage return"),
        ("C= USER a\\0b\\r\\n", "Nul", "-ERR NUL octet"),
        ("C: GET / HTTP/1.1", "Syntax", "-ERR syntax error"),
        ("C: get /a b http/1.1", "Syntax", "-ERR syntax error"),
        ("C: PRI * HTTP/2.0", "Syntax", "-ERR syntax error"),
    ] {
        server(&ServerConfig::protected(), &format!("{octets}\n! {kind}\nS: {word}"));
    }
    server(&ServerConfig::protected(), "C= NO\neof\n! UnexpectedEof");
    server(&ServerConfig::protected(), "do: close\nS: -ERR closing\neof");
}

#[test]
fn only_a_whole_quit_is_an_update() {
    use mailwire::pop3::State;
    for (octets, state) in [("", State::Closed), ("QUIT", State::Transaction), ("QUIT\r\n", State::Update)] {
        let mut subject = Scenario::server_logged_in(ServerConfig::protected());
        let mut input = bytes::BytesMut::from(octets);
        let told = subject.server.receive_eof(&mut input);
        assert_eq!(subject.server.state(), state, "{octets:?}");
        assert_eq!(told.is_err(), octets == "QUIT");
    }
}

#[test]
fn output_that_nobody_takes_stops_the_reading() {
    let mut config = ServerConfig::protected();
    config.limits.unsent = 10;
    let mut subject: ServerSubject = Scenario::server_logged_in(config);
    let mut input = bytes::BytesMut::from("NOOP\r\nNOOP\r\n");
    let Ok(Some(mailwire::pop3::server::Event::Command(running, _))) = subject.server.receive(&mut input)
    else {
        panic!("no command")
    };
    subject.server.reply(running, mailwire::pop3::Reply::ok("something long")).unwrap();
    assert!(!subject.server.has_room() && !subject.server.wants_read());
    assert!(subject.server.receive(&mut input).unwrap().is_none());
    while subject.server.poll_transmit().is_some() {}
    assert!(subject.server.wants_read());
    assert!(subject.server.receive(&mut input).unwrap().is_some());
    let _: Server = subject.server;
}

#[test]
fn a_token_of_another_connection_answers_nothing() {
    use mailwire::pop3::{Command, Reply, server::Event};
    let mut servers = [Server::new(ServerConfig::protected()), Server::new(ServerConfig::protected())];
    let mut tokens = Vec::new();
    for server in &mut servers {
        while server.poll_transmit().is_some() {}
        let Some(Event::Command(running, Command::Capa)) =
            server.receive(&mut bytes::BytesMut::from("CAPA\r\n")).unwrap()
        else {
            panic!("no command")
        };
        tokens.push(running);
    }
    for (server, token) in servers.iter_mut().zip(tokens.into_iter().rev()) {
        let error = server.reply(token, Reply::err("no")).unwrap_err();
        assert_eq!(error.kind(), mailwire::wire::ErrorKind::InvalidState);
        assert_eq!(server.poll_transmit(), None);
    }
}
