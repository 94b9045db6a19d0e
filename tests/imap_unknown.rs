//! Commands and data that this crate has no name for: they hold no second line, and go round nothing that is checked.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

use bytes::BytesMut;
use mailwire::imap::client::{Client, Config};
use mailwire::imap::server::{self, Server};
use mailwire::imap::{Command, Data, Status};
use mailwire::wire::{ErrorKind, Machine, Tls};

fn client(tls: Tls, greeting: &str) -> Client {
    let mut client = Client::new(Config { tls, ..Config::default() });
    let mut input = BytesMut::from(greeting);
    client.receive(&mut input).unwrap().unwrap();
    client
}

fn other(name: &str, arguments: &str) -> Command {
    let arguments = Some(arguments).filter(|arguments| !arguments.is_empty());
    Command::Other { name: name.into(), arguments: arguments.map(Into::into) }
}

#[test]
fn a_command_is_one_line() {
    let mut client = client(Tls::Established, "* OK ready\r\n");
    for (name, arguments) in [
        ("X\r\na9 DELETE INBOX", ""),
        ("X\n", ""),
        ("X Y", ""),
        ("", "a"),
        ("UID ", "a"),
        ("UID  X", ""),
        ("X", "a\r\na9 LOGOUT"),
        ("X", "a\0"),
        ("X", "{3}"),
        ("X", "a {3+}"),
        ("X", "~{3}"),
        ("X", "\"a {3}"),
    ] {
        let refused = client.enqueue(&other(name, arguments)).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidValue, "{name:?} {arguments:?}");
        assert_eq!(client.poll_transmit(), None);
    }
    client.enqueue(&other("X", "{3}\r\na\r\n b")).unwrap();
    assert_eq!(client.poll_transmit().unwrap(), "a1 X {3}\r\n");
    client.receive(&mut BytesMut::from("+ \r\n")).unwrap();
    assert_eq!(client.poll_transmit().unwrap(), "a\r\n b\r\n");
    client.enqueue(&other("UID X", "\"{3}\" a}")).unwrap();
    assert_eq!(client.poll_transmit().unwrap(), "a2 UID X \"{3}\" a}\r\n");
}

#[test]
fn data_are_one_line() {
    let config = server::Config { tls: Tls::Established, ..Default::default() };
    let mut server = Server::new(config);
    server.greet(&Status::pre_auth("hi")).unwrap();
    server.poll_transmit().unwrap();
    for data in [
        "X\r\na1 OK injected",
        "X a\r\na1 OK injected",
        "X {14}",
        // No literal to a client: text, the form of a client, inside of a word.
        "OK {16}\r\na1 OK injected\r\n",
        "X {16+}\r\na1 OK injected\r\n\"",
        "X a{16}\r\na1 OK injected\r\n",
        // Data that this crate has a name for are framed by their own rules.
        "1 FETCH (BODY[] {3}\r\nabc)",
        "STATUS {3}\r\nabc (X 1)",
        "",
        "1",
        " X",
    ] {
        let refused = server.data(&Data::Other(data.into())).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidValue, "{data:?}");
        assert_eq!(server.poll_transmit(), None);
    }
    server.data(&Data::Other("7 X (a {3}\r\n\r\nb \"c\")".into())).unwrap();
    assert_eq!(server.poll_transmit().unwrap(), "* 7 X (a {3}\r\n\r\nb \"c\")\r\n");
}

#[test]
fn a_command_with_a_name_is_none_without() {
    for tls in [Tls::Required, Tls::Established] {
        let mut client = client(tls, "* OK ready\r\n");
        for (name, arguments) in [
            ("LOGIN", "alice secret"),
            ("login", "alice secret"),
            ("UID LOGIN", "alice secret"),
            ("AUTHENTICATE", "PLAIN AGFsaWNlAHNlY3JldA=="),
            ("STARTTLS", ""),
            ("Idle", ""),
            ("APPEND", "INBOX {1}\r\na"),
            ("UID", "EXPUNGE 1"),
            ("uid fetch", "1 FLAGS"),
            ("COMPRESS", "DEFLATE"),
        ] {
            let refused = client.enqueue(&other(name, arguments)).unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::InvalidValue, "{name}");
            assert_eq!(client.poll_transmit(), None);
        }
        client.enqueue(&other("XLOGIN", "")).unwrap();
        assert_eq!(client.poll_transmit().unwrap(), "a1 XLOGIN\r\n");
    }
}

#[test]
fn starttls_is_checked_however_it_is_given() {
    let mut client = client(Tls::Required, "* OK [CAPABILITY IMAP4rev1] ready\r\n");
    let refused = client.enqueue(&Command::StartTls).unwrap_err();
    assert_eq!((refused.kind(), refused.is_fatal()), (ErrorKind::StartTlsUnavailable, true));
    assert!(client.is_closed());
    assert_eq!(client.poll_transmit(), None);
}

#[test]
fn starttls_that_is_offered_is_sent() {
    let mut client = client(Tls::Required, "* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n");
    client.enqueue(&Command::StartTls).unwrap();
    assert_eq!(client.poll_transmit().unwrap(), "a1 STARTTLS\r\n");
}
