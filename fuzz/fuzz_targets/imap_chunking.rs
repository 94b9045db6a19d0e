//! Both machines of IMAP against octets of anybody, their applications scripted by the fuzzer: whole == cut == one octet at a time. No
//! credential goes out where TLS is required, a command completes once, and a fatal error is final.
#![no_main]

use bytes::{Bytes, BytesMut};
use libfuzzer_sys::fuzz_target;
use mailwire::imap::client::{self, Client, CommandId};
use mailwire::imap::server::{self, SelectData, Server};
use mailwire::imap::{
    Append, AppendOptions, Atom, Body, Capability, Command, Flags, Mailbox, Quirks, ResponseCode,
    SequenceSet, State, Status,
};
use mailwire::wire::{ErrorKind, Machine, Secret, Tls};
use std::num::NonZeroU32;

fn inbox() -> Mailbox {
    Mailbox::new("INBOX").unwrap()
}

/// What the client asks for, all at once; at most one command waits for `+`.
fn ask(client: &mut Client, script: &[u8]) -> (Vec<CommandId>, bool) {
    let mut ids = Vec::new();
    let (mut literal, mut starttls) = (false, false);
    for choice in script {
        let asked = match choice % 12 {
            0 => client.noop(),
            1 => client.capability(),
            2 if !literal => {
                literal = true;
                client.enqueue(&Command::login("u\n", "s3cr3t"))
            }
            3 => client.enqueue(&Command::login("u", "s3cr3t")),
            4 => client.enqueue(&Command::Authenticate {
                mechanism: Atom::new("PLAIN").unwrap(),
                initial_response: None,
            }),
            5 => client.enqueue(&Command::Select {
                mailbox: inbox(),
                read_only: false,
                parameters: Vec::new(),
            }),
            6 => client.enqueue(&Command::Expunge(None)),
            7 => client.enqueue(&Command::Copy {
                set: SequenceSet::from(NonZeroU32::MIN),
                uid: false,
                mailbox: inbox(),
            }),
            8 => client.enqueue(&Command::Idle),
            9 => client.enqueue(&Command::Close),
            10 if !literal => {
                literal = true;
                let appending = client
                    .authenticated()
                    .and_then(|mut view| view.append(&Append::to(inbox()), &AppendOptions::default(), 3));
                appending.map(|mut appending| {
                    let id = appending.command();
                    let _ = client.append_octets(&mut appending, Bytes::from_static(b"a\r\n"));
                    let _ = client.append_end(appending);
                    id
                })
            }
            11 => {
                let asked = client.enqueue(&Command::StartTls);
                starttls |= asked.is_ok();
                asked
            }
            _ => client.logout(),
        };
        ids.extend(asked);
    }
    (ids, starttls)
}

fn client(octets: &[u8], script: &[u8], part: usize) -> Option<(Vec<String>, Vec<u8>, Option<ErrorKind>)> {
    let tls = [Tls::Required, Tls::Optional, Tls::Established][usize::from(script[0]) % 3];
    let quirks = if script[0] & 8 == 0 { Quirks::strict() } else { Quirks::lenient() };
    let mut client = Client::new(client::Config { quirks, tls, ..client::Config::default() });
    let (mut input, mut events, mut sent) = (BytesMut::new(), Vec::new(), Vec::new());
    let mut body = Vec::new();
    let start = ["", "* OK hi\r\n", "* PREAUTH hi\r\n", "* OK hi\r\n"][usize::from(script[0] >> 4) % 4];
    let octets = [start.as_bytes(), octets].concat();
    let mut asked: Option<(Vec<CommandId>, bool)> = None;
    let mut completed: Vec<CommandId> = Vec::new();
    'reads: for part in octets.chunks(part.max(1)) {
        input.extend_from_slice(part);
        loop {
            while let Some(octets) = client.poll_transmit() {
                sent.extend_from_slice(&octets);
            }
            let event = match client.receive(&mut input) {
                Ok(None) => break,
                Ok(Some(event)) => event,
                Err(error) => {
                    assert!(error.is_fatal() && client.is_closed() && client.poll_transmit().is_none());
                    assert_eq!(client.receive(&mut input).unwrap_err(), error);
                    assert!(client.noop().is_err());
                    events.push(format!("{:?}", error.kind()));
                    break 'reads;
                }
            };
            let forgiven = client.forgiven();
            match event {
                client::Event::Body(Body::Chunk(octets)) => body.extend_from_slice(&octets),
                client::Event::Challenge(challenge) => {
                    events.push("challenge".into());
                    let _ = client.respond(challenge, &Secret::from("r"));
                }
                client::Event::Completed { command, status } => {
                    assert!(!completed.contains(&command));
                    assert!(asked.as_ref().is_some_and(|(ids, _)| ids.contains(&command)));
                    completed.push(command);
                    events.push(format!("{command} {status:?} {forgiven:?}"));
                }
                client::Event::StartTls(token) => {
                    events.push("starttls".into());
                    client.resume(token).unwrap();
                    assert!(client.capabilities().is_none() && client.state() == State::NotAuthenticated);
                }
                client::Event::Continuation(_) => {
                    events.push(format!("+ {forgiven:?}"));
                    for id in asked.iter().flat_map(|(ids, _)| ids) {
                        let _ = client.done(*id);
                    }
                }
                other => events.push(format!("{other:?} {forgiven:?}")),
            }
            if asked.is_none() && client.state() != State::Greeting {
                asked = Some(ask(&mut client, &script[1..]));
            }
        }
    }
    while let Some(octets) = client.poll_transmit() {
        sent.extend_from_slice(&octets);
    }
    if client.tls() == Tls::Required {
        assert!(!sent.windows(5).any(|octets| octets == b"LOGIN" || octets == b"AUTHE"));
    }
    let pending = client.pending();
    let over = client.receive_eof(&mut input);
    assert!(over.is_err() || pending == 0 || client.state() == State::Logout || matches!(over, Ok(Some(_))));
    // Behind STARTTLS one read more or less decides what is plaintext.
    if asked.is_some_and(|(_, starttls)| starttls) {
        return None;
    }
    let failed = client.receive(&mut input).err().map(|error| error.kind());
    let sent = if failed.is_some() { Vec::new() } else { sent };
    Some((events, [sent, body].concat(), failed))
}

fn data() -> SelectData {
    SelectData {
        flags: Flags::default(),
        permanent_flags: Flags::default(),
        ..SelectData::new(1, NonZeroU32::MIN, NonZeroU32::MIN)
    }
}

fn server(octets: &[u8], script: &[u8], part: usize) -> Option<(Vec<String>, Vec<u8>, Option<ErrorKind>)> {
    let tls = if script[0] & 1 == 0 { Tls::Required } else { Tls::Established };
    let mut server = Server::new(server::Config { tls, ..server::Config::default() });
    let preauth = tls == Tls::Established && script[0] & 2 != 0;
    // What of APPEND is not offered is not heard of.
    let forms = ["IMAP4rev1", "BINARY", "CATENATE", "MULTIAPPEND", "REPLACE", "UTF8=ACCEPT"];
    let offered =
        ResponseCode::Capability(forms.into_iter().map(|word| Capability::new(word).unwrap()).collect());
    let greeting = if preauth { Status::pre_auth("hi") } else { Status::ok("hi") };
    server.greet(&greeting.code(offered)).unwrap();
    let (mut input, mut events, mut sent, mut body) = (BytesMut::new(), Vec::new(), Vec::new(), Vec::new());
    let mut choices = script[1..].iter().cycle();
    let mut waiting = Vec::new();
    for part in octets.chunks(part.max(1)) {
        input.extend_from_slice(part);
        loop {
            while let Some(octets) = server.poll_transmit() {
                sent.extend_from_slice(&octets);
            }
            let event = match server.receive(&mut input) {
                Ok(Some(event)) => event,
                // Who waits is answered at last.
                Ok(None) if !server.wants_read() && !waiting.is_empty() => {
                    server.complete(waiting.remove(0), &Status::ok("late")).unwrap();
                    continue;
                }
                Ok(None) => break,
                Err(error) => {
                    assert!(error.is_fatal() && server.is_closed());
                    assert_eq!(server.receive(&mut input).unwrap_err(), error);
                    while let Some(octets) = server.poll_transmit() {
                        sent.extend_from_slice(&octets);
                    }
                    return Some((events, [sent, body].concat(), Some(error.kind())));
                }
            };
            let choice = *choices.next().unwrap_or(&0);
            let refuse = choice & 7 == 0;
            let result = match event {
                server::Event::Command(running, command) => {
                    events.push(format!("{:?} {:?}", running.tag(), command));
                    if matches!(command, Command::Login { .. } | Command::Authenticate { .. }) {
                        assert!(server.tls().permits_credentials());
                    }
                    match command {
                        _ if refuse => server.complete(running, &Status::no("no")),
                        Command::Login { .. } => server.authenticate(running, &Status::ok("in")),
                        Command::Authenticate { .. } => server.challenge(running, b"x"),
                        Command::Idle => server.idle(running),
                        Command::Select { .. } => server.select(running, &data()),
                        Command::Logout => server.logout(running, &Status::bye("bye")),
                        Command::Unauthenticate => server.unauthenticate(running, &Status::ok("nobody")),
                        Command::StartTls => return None,
                        Command::Other { .. } => server.complete(running, &Status::bad("unknown")),
                        _ if choice & 0x40 != 0 => {
                            waiting.push(running);
                            Ok(())
                        }
                        _ => server.complete(running, &Status::ok("done")),
                    }
                }
                server::Event::Literal(offer) => {
                    events.push(format!("{offer:?}"));
                    assert!(matches!(server.state(), State::Authenticated | State::Selected));
                    match choice & 3 {
                        0 => server.refuse(offer, &Status::no("no")),
                        1 => server.discard(offer, &Status::no("no")),
                        _ => server.accept(offer),
                    }
                }
                server::Event::LiteralChunk(octets) => {
                    body.extend_from_slice(&octets);
                    choices = script[1..].iter().cycle();
                    Ok(())
                }
                server::Event::Response(running, response) => {
                    events.push(format!("{:?}", response.expose()));
                    if refuse {
                        server.challenge(running, b"y")
                    } else {
                        server.authenticate(running, &Status::ok("in"))
                    }
                }
                server::Event::Cancelled(running) => server.complete(running, &Status::bad("cancelled")),
                server::Event::Done(running) => server.complete(running, &Status::ok("done")),
                server::Event::Malformed(running, error) => {
                    events.push(format!("{:?} {error:?}", running.tag()));
                    server.reject(running, &error)
                }
                other => {
                    events.push(format!("{other:?}"));
                    Ok(())
                }
            };
            result.unwrap();
        }
        assert!(server.wants_read() || server.is_closed(), "{events:?}");
    }
    while let Some(octets) = server.poll_transmit() {
        sent.extend_from_slice(&octets);
    }
    Some((events, [sent, body].concat(), None))
}

fuzz_target!(|octets: &[u8]| {
    let Some((script, octets)) = octets.split_at_checked(6) else { return };
    let run = |part| {
        if script[5] & 1 == 0 { client(octets, script, part) } else { server(octets, script, part) }
    };
    let Some(whole) = run(usize::MAX) else { return };
    if let Some(cut) = run(1) {
        assert_eq!(cut, whole);
    }
    if let Some(cut) = run(usize::from(script[4]) % 40 + 2) {
        assert_eq!(cut, whole);
    }
});
