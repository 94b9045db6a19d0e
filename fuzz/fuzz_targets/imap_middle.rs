//! Somebody in the middle before TLS, who says and injects what he likes: no credential goes out or is taken in the clear, nothing he said is
//! known behind the handshake, and from there both sides do what a fresh connection would.
#![no_main]

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use mailwire::imap::client::{self, Client};
use mailwire::imap::server::{self, Server};
use mailwire::imap::{Atom, Body, Command, Mailbox, Quirks, State, Status};
use mailwire::wire::{Machine, Secret, Tls};
use mailwire_fuzz::script;

/// What a client's caller does, whatever the server says.
fn act(client: &mut Client, choice: u8) {
    let _ = match choice & 7 {
        0 => client.enqueue(&Command::StartTls),
        1 => client.enqueue(&Command::login("u\n", "s3cr3t")),
        2 => client.enqueue(&Command::login("u", "s3cr3t")),
        3 => client.enqueue(&Command::Authenticate {
            mechanism: Atom::new("PLAIN").unwrap(),
            initial_response: Some(Secret::from("s3cr3t")),
        }),
        4 => client.capability(),
        5 => {
            client.enqueue(&Command::Subscribe(Mailbox::new("\u{e9}\n").or(Mailbox::new("\u{e9}")).unwrap()))
        }
        6 => client.enqueue(&Command::Select {
            mailbox: Mailbox::new("INBOX").unwrap(),
            read_only: false,
            parameters: Vec::new(),
        }),
        _ => client.noop(),
    };
}

/// One reaction of the client to what it hears, told as text; tags apart, which count on.
fn react(client: &mut Client, input: &mut BytesMut, told: &mut Vec<String>) -> Option<client::StartTls> {
    let mut out = BytesMut::new();
    let mut token = None;
    loop {
        while let Some(octets) = client.poll_transmit() {
            out.extend_from_slice(&octets);
        }
        match client.receive(input) {
            Ok(Some(client::Event::StartTls(upgrade))) => {
                token = Some(upgrade);
                break;
            }
            Ok(Some(client::Event::Challenge(challenge))) => {
                told.push("challenge".into());
                let _ = client.respond(challenge, &Secret::from("s3cr3t"));
            }
            Ok(Some(client::Event::Body(Body::Chunk(octets)))) => told.push(format!("{octets:?}")),
            Ok(Some(event)) => told.push(format!("{event:?} {:?}", client.forgiven())),
            Ok(None) => break,
            Err(error) => {
                told.push(format!("{:?}", error.kind()));
                break;
            }
        }
    }
    told.push(format!("> {}", out.escape_ascii()));
    token
}

fn middle_of_client(choices: &[u8; 6], octets: &[u8]) {
    let quirks = if choices[0] & 2 == 0 { Quirks::strict() } else { Quirks::lenient() };
    let config = client::Config { quirks, tls: Tls::Required, ..client::Config::default() };
    let mut client = Client::new(config);
    let (mut input, mut clear, mut upgraded) = (BytesMut::from("* OK hi\r\n"), Vec::new(), None);
    let (before, behind) = octets.split_at(usize::from(choices[1]).min(octets.len()));
    let parts = before.split_inclusive(|octet| *octet == b'\n').chain([&b""[..]; 4]);
    for (index, part) in parts.enumerate() {
        if upgraded.is_some() {
            break;
        }
        input.extend_from_slice(part);
        upgraded = react(&mut client, &mut input, &mut clear);
        match choices[2].wrapping_add(index as u8) {
            choice if choice & 0x18 == 0 => act(&mut client, choice),
            _ => {
                if client.enqueue(&Command::StartTls).is_ok() {
                    let tag = client_tag(&mut client, &mut clear);
                    input.extend_from_slice(format!("{tag} OK go\r\n").as_bytes());
                }
            }
        }
    }
    let mut sent = clear.iter().filter(|line| line.starts_with("> "));
    assert!(!sent.any(|line| ["s3cr3t", "LOGIN ", "AUTHENTICATE "].iter().any(|word| line.contains(word))));
    let Some(token) = upgraded else { return };
    assert!(input.is_empty(), "octets of the clear are left");
    assert!(!client.wants_read());
    client.resume(token).unwrap();
    assert_eq!((client.state(), client.tls()), (State::NotAuthenticated, Tls::Established));
    assert!(client.capabilities().is_none() && client.pending() == 0 && client.unsent() == 0);
    // A connection that was TLS from the first, with as many commands behind it.
    let mut fresh = Client::new(client::Config { tls: Tls::Established, ..config });
    fresh.receive(&mut BytesMut::from("* OK hi\r\n")).unwrap();
    let id = client.noop().unwrap().to_string();
    loop {
        let burnt = fresh.noop().unwrap().to_string();
        while fresh.poll_transmit().is_some() {}
        if burnt == id {
            break;
        }
        fresh.receive(&mut BytesMut::from(format!("{burnt} OK x\r\n").as_str())).unwrap();
    }
    while client.poll_transmit().is_some() {}
    let after = |client: &mut Client| {
        let (mut input, mut told) = (BytesMut::new(), Vec::new());
        for (choice, part) in choices.iter().cycle().zip(behind.split_inclusive(|octet| *octet == b'\n')) {
            act(client, choice.wrapping_shr(3));
            input.extend_from_slice(part);
            let _ = react(client, &mut input, &mut told);
        }
        (told, client.state(), client.pending())
    };
    assert_eq!(after(&mut client), after(&mut fresh));
}

/// The tag of the command that was just given, from the octets that go out.
fn client_tag(client: &mut Client, told: &mut Vec<String>) -> String {
    let mut out = BytesMut::new();
    while let Some(octets) = client.poll_transmit() {
        out.extend_from_slice(&octets);
    }
    told.push(format!("> {}", out.escape_ascii()));
    let line = out.as_ref().split(|octet| *octet == b'\n').rfind(|line| !line.is_empty()).unwrap_or_default();
    String::from_utf8_lossy(line).split(' ').next().unwrap_or_default().to_owned()
}

/// An application that agrees to everything.
fn serve(server: &mut Server, input: &mut BytesMut, told: &mut Vec<String>) -> Option<server::StartTls> {
    let mut token = None;
    loop {
        let event = match server.receive(input) {
            Ok(Some(event)) => event,
            Ok(None) => break,
            Err(error) => {
                told.push(format!("{:?}", error.kind()));
                break;
            }
        };
        told.push(format!("{event:?}"));
        let result = match event {
            server::Event::Command(running, command) => {
                if matches!(command, Command::Login { .. } | Command::Authenticate { .. }) {
                    assert!(server.tls().permits_credentials());
                }
                match command {
                    Command::StartTls => server.starttls(running, &Status::ok("go")).map(|upgrade| {
                        token = Some(upgrade);
                    }),
                    Command::Login { .. } => server.authenticate(running, &Status::ok("in")),
                    Command::Authenticate { .. } => server.challenge(running, b"c"),
                    Command::Idle => server.idle(running),
                    Command::Logout => server.logout(running, &Status::bye("bye")),
                    Command::Unauthenticate => server.unauthenticate(running, &Status::ok("nobody")),
                    Command::Select { .. } => {
                        let one = std::num::NonZeroU32::MIN;
                        server.select(running, &server::SelectData::new(0, one, one))
                    }
                    _ => server.complete(running, &Status::ok("done")),
                }
            }
            server::Event::Response(running, _) => server.authenticate(running, &Status::ok("in")),
            server::Event::Cancelled(running) => server.complete(running, &Status::bad("cancelled")),
            server::Event::Done(running) => server.complete(running, &Status::ok("done")),
            server::Event::Literal(offer) => server.accept(offer),
            server::Event::Malformed(running, error) => server.reject(running, &error),
            _ => Ok(()),
        };
        result.unwrap();
        if token.is_some() {
            break;
        }
    }
    while let Some(octets) = server.poll_transmit() {
        told.push(octets.escape_ascii().to_string());
    }
    token
}

fn middle_of_server(choices: &[u8; 6], octets: &[u8]) {
    let config = server::Config { tls: Tls::Required, ..server::Config::default() };
    let mut server = Server::new(config);
    server.greet(&Status::ok("hi")).unwrap();
    let (before, behind) = octets.split_at(usize::from(choices[1]).min(octets.len()));
    let (mut input, mut clear, mut upgraded) = (BytesMut::new(), Vec::new(), None);
    for part in before.split_inclusive(|octet| *octet == b'\n').chain([&b"\r\nz STARTTLS\r\n"[..]]) {
        input.extend_from_slice(part);
        upgraded = serve(&mut server, &mut input, &mut clear);
        assert!(!matches!(server.state(), State::Authenticated | State::Selected));
        if upgraded.is_some() {
            break;
        }
    }
    let Some(token) = upgraded else { return };
    if choices[3] & 1 == 1 || !input.is_empty() {
        // One octet behind it, and nothing is ever read again.
        input.extend_from_slice(b"x");
        assert!(server.receive(&mut input).unwrap_err().is_fatal());
        return;
    }
    assert!(!server.wants_read());
    server.resume(token);
    assert_eq!(
        (server.state(), server.tls(), server.unsent()),
        (State::NotAuthenticated, Tls::Established, 0)
    );
    let mut fresh = Server::new(server::Config { tls: Tls::Established, ..config });
    fresh.greet(&Status::ok("hi")).unwrap();
    while fresh.poll_transmit().is_some() {}
    let after = |server: &mut Server| {
        let (mut input, mut told) = (BytesMut::new(), Vec::new());
        for part in behind.split_inclusive(|octet| *octet == b'\n') {
            input.extend_from_slice(part);
            let _ = serve(server, &mut input, &mut told);
        }
        (told, server.state(), input)
    };
    assert_eq!(after(&mut server), after(&mut fresh));
}

fuzz_target!(|input: &[u8]| {
    let Some((choices, octets)) = script::<6>(input) else { return };
    if choices[0] & 1 == 0 { middle_of_client(choices, octets) } else { middle_of_server(choices, octets) }
});
