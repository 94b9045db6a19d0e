//! No password and no part of a SASL exchange is shown by `Debug`, of either protocol and either side, at any point of a login.
#![cfg(feature = "blocking")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test may fail"
)]

use bytes::BytesMut;
use mailwire::blocking::Connection;
use mailwire::imap::{self, Atom};
use mailwire::pop3::{self, Mechanism};
use mailwire::wire::{Machine, Secret, Tls};
use std::fmt::Debug;

/// A password and a server's challenge, each with its Base64; decoded ones are looked for as numbers as well.
const PASSWORD: &str = "s3cr3t-w0rd";
const PASSWORD_BASE64: &str = "czNjcjN0LXcwcmQ=";
const CHALLENGE: &str = "n0nce-of-it";
const CHALLENGE_BASE64: &str = "bjBuY2Utb2YtaXQ=";

/// Shows a value in both ways, and looks for what must not be there.
#[track_caller]
fn check(value: &impl Debug) {
    let (line, lines) = (format!("{value:?}"), format!("{value:#?}"));
    for secret in [PASSWORD, PASSWORD_BASE64, CHALLENGE, CHALLENGE_BASE64] {
        assert!(!line.contains(secret) && !lines.contains(secret), "{line}");
        let numbers: Vec<_> = secret.bytes().map(|octet| octet.to_string()).collect();
        assert!(!line.contains(&numbers.join(", ")), "{line}");
    }
}

fn password() -> Secret<Vec<u8>> {
    Secret::from(PASSWORD)
}

fn imap_client() -> imap::client::Client {
    let config = imap::client::Config { tls: Tls::Established, ..Default::default() };
    let mut client = imap::client::Client::new(config);
    let mut input = BytesMut::from("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready\r\n");
    client.receive(&mut input).unwrap().unwrap();
    client
}

#[test]
fn of_an_imap_client() {
    let plain = || Atom::new("PLAIN").unwrap();
    for password in [PASSWORD.to_owned(), format!("\r\n{PASSWORD}"), PASSWORD.repeat(10)] {
        let mut client = imap_client();
        client.not_authenticated().unwrap().login("alice", password).unwrap();
        check(&client);
        client.poll_transmit().unwrap();
        check(&client);
    }
    let mut client = imap_client();
    client.not_authenticated().unwrap().authenticate(plain(), Some(password())).unwrap();
    check(&client);

    let mut client = imap_client();
    client.not_authenticated().unwrap().authenticate(plain(), None).unwrap();
    while client.poll_transmit().is_some() {}
    let mut input = BytesMut::from(format!("+ {CHALLENGE_BASE64}\r\n").as_str());
    let event = client.receive(&mut input).unwrap().unwrap();
    check(&event);
    check(&client);
    let imap::client::Event::Challenge(challenge) = event else { panic!("{event:?}") };
    client.respond(challenge, &password()).unwrap();
    check(&client);
    check(&Connection::new(std::io::empty(), client));
}

#[test]
fn of_an_imap_server() {
    let server = || {
        let config = imap::server::Config { tls: Tls::Established, ..Default::default() };
        let mut server = imap::server::Server::new(config);
        server.greet(&imap::Status::ok("ready")).unwrap();
        server
    };
    let literal = format!("1 LOGIN alice {{{}+}}\r\n{PASSWORD}\r\n", PASSWORD.len());
    let long = format!("1 LOGIN alice {}{PASSWORD}", "x".repeat(10_000));
    for line in [format!("1 LOGIN alice {PASSWORD}\r\n"), format!("1 LOGIN alice {PASSWORD}"), literal, long]
    {
        let mut server = server();
        let mut input = BytesMut::new();
        for octet in line.bytes() {
            input.extend_from_slice(&[octet]);
            let event = server.receive(&mut input).unwrap();
            check(&event);
            check(&server);
        }
        check(&Connection::with_buffer(std::io::empty(), server, input));
    }
    let mut server = server();
    let mut input = BytesMut::from(format!("1 AUTHENTICATE PLAIN {PASSWORD_BASE64}\r\n").as_str());
    let event = server.receive(&mut input).unwrap().unwrap();
    check(&event);
    let imap::server::Event::Command(running, _) = event else { panic!("{event:?}") };
    server.challenge(running, CHALLENGE.as_bytes()).unwrap();
    check(&server);
    while server.poll_transmit().is_some() {}
    let mut input = BytesMut::from(format!("{PASSWORD_BASE64}\r\n").as_str());
    let event = server.receive(&mut input).unwrap().unwrap();
    assert!(matches!(event, imap::server::Event::Response(..)));
    check(&event);
    check(&server);
}

/// A client that goes on with an exchange that the server has ended says its secret where a command is expected.
#[test]
fn of_an_exchange_that_is_over() {
    let mut server =
        imap::server::Server::new(imap::server::Config { tls: Tls::Established, ..Default::default() });
    server.greet(&imap::Status::ok("ready")).unwrap();
    let lines = format!("1 AUTHENTICATE PLAIN\r\n{PASSWORD_BASE64}\r\n");
    let mut input = BytesMut::from(lines.as_str());
    let Some(imap::server::Event::Command(running, _)) = server.receive(&mut input).unwrap() else {
        panic!()
    };
    server.complete(running, &imap::Status::no("not so")).unwrap();
    let event = server.receive(&mut input).unwrap().unwrap();
    check(&event);
    check(&server);
    let imap::server::Event::Malformed(running, error) = event else { panic!("{event:?}") };
    assert_eq!(running.tag().unwrap().as_str(), PASSWORD_BASE64);
    check(&error);

    let mut input = BytesMut::from(format!("{PASSWORD_BASE64}\r\n").as_str());
    let event = imap::CommandDecoder::default().decode(&mut input).unwrap().unwrap();
    check(&event);
    assert!(matches!(event, imap::CommandEvent::Malformed { tag: Some(_), .. }));
}

fn pop3_client() -> pop3::Client {
    let mut config = pop3::ClientConfig::protected();
    config.apop = true;
    let mut client = pop3::Client::new(config);
    let mut input = BytesMut::from("+OK ready <1@example.org>\r\n");
    client.receive(&mut input).unwrap().unwrap();
    client
}

#[test]
fn of_a_pop3_client() {
    let mut client = pop3_client();
    client.authorization().unwrap().user(String::from("alice")).unwrap();
    client.authorization().unwrap().pass(String::from(PASSWORD)).unwrap();
    check(&client);
    client.poll_transmit().unwrap();
    check(&client);

    for password in [password(), Secret::from([PASSWORD, &"x".repeat(300)].concat().as_str())] {
        let mut client = pop3_client();
        let mechanism = Mechanism::new("PLAIN").unwrap();
        client.enqueue(pop3::Command::Auth { mechanism, initial_response: Some(password) }).unwrap();
        check(&client);
        while client.poll_transmit().is_some() {}
        let mut input = BytesMut::from(format!("+ {CHALLENGE_BASE64}\r\n").as_str());
        let event = client.receive(&mut input).unwrap().unwrap();
        check(&event);
        check(&client);
        let pop3::client::Event::AuthContinue(challenge) = event else { panic!("{event:?}") };
        check(&challenge);
        client.respond(challenge, &Secret::from(PASSWORD)).unwrap();
        check(&client);
        check(&Connection::new(std::io::empty(), client));
    }
}

#[test]
fn of_a_pop3_server() {
    let server = || pop3::Server::new(pop3::ServerConfig::protected());
    let mut one = server();
    let mut input = BytesMut::new();
    for octet in format!("USER alice\r\nPASS {PASSWORD}\r\n").bytes() {
        input.extend_from_slice(&[octet]);
        let event = one.receive(&mut input).unwrap();
        check(&event);
        check(&one);
        if let Some(pop3::server::Event::Command(running, _)) = event {
            one.reply(running, pop3::Reply::ok("go on")).unwrap();
        }
    }
    let mut server = server();
    let mut input = BytesMut::from(format!("AUTH PLAIN {PASSWORD_BASE64}\r\n").as_str());
    let event = server.receive(&mut input).unwrap().unwrap();
    check(&event);
    let pop3::server::Event::Command(running, _) = event else { panic!("{event:?}") };
    server.challenge(running, CHALLENGE.as_bytes()).unwrap();
    check(&server);
    let mut input = BytesMut::from(format!("{PASSWORD_BASE64}\r\n").as_str());
    let event = server.receive(&mut input).unwrap().unwrap();
    assert!(matches!(event, pop3::server::Event::AuthResponse(..)));
    check(&event);
    check(&Connection::with_buffer(std::io::empty(), server, input));
}
