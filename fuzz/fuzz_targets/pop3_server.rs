//! A server's machine, its client and its application scripted by the fuzzer: one answer to each command, secrets only where they may go,
//! UPDATE only behind QUIT, and the same in every segmentation.
#![no_main]

use bytes::{Bytes, BytesMut};
use libfuzzer_sys::fuzz_target;
use mailwire::pop3::server::Event;
use mailwire::pop3::{Capabilities, Command, DropListing, Reply, Server, ServerConfig, State, Tls};
use mailwire::wire::{ErrorKind, Machine};

fn run(octets: &[u8], script: u8, part: usize) -> (Vec<String>, Vec<u8>, Option<ErrorKind>) {
    let tls = if script & 1 == 0 { Tls::Required } else { Tls::Established };
    let mut server = Server::new(ServerConfig { tls, ..ServerConfig::new() });
    let (mut input, mut events, mut sent) = (BytesMut::new(), Vec::new(), Vec::new());
    for part in octets.chunks(part.max(1)) {
        input.extend_from_slice(part);
        loop {
            while let Some(octets) = server.poll_transmit() {
                sent.extend_from_slice(&octets);
            }
            let event = match server.receive(&mut input) {
                Ok(Some(event)) => event,
                Ok(None) => break,
                Err(error) => {
                    assert!(error.is_fatal() && server.is_closed());
                    assert_eq!(server.receive(&mut input).unwrap_err(), error);
                    while let Some(octets) = server.poll_transmit() {
                        sent.extend_from_slice(&octets);
                    }
                    return (events, sent, Some(error.kind()));
                }
            };
            assert!(server.is_owing() && !server.wants_read());
            let refuse = script & 2 != 0;
            let result = match event {
                Event::Command(running, command) => {
                    let quit = command == Command::Quit;
                    assert!(server.state() != State::Update || quit);
                    if matches!(command, Command::Pass(_) | Command::Apop { .. } | Command::Auth { .. }) {
                        assert!(server.is_protected());
                    }
                    events.push(format!("{:?}", command.keyword()));
                    match command {
                        _ if refuse && !events.len().is_multiple_of(3) => {
                            server.reply(running, Reply::err("no"))
                        }
                        Command::Capa => server.capabilities(running, &Capabilities::default()),
                        Command::Stat => server.stat(running, DropListing { messages: 1, octets: 1 }),
                        Command::List(None) => server.list(running, []),
                        Command::Uidl(None) => server.uidl(running, []),
                        Command::Retr(_) | Command::Top { .. } => {
                            let mut message = server.begin_message(running, None).unwrap();
                            server.message_chunk(&mut message, Bytes::copy_from_slice(octets)).unwrap();
                            server.message_end(message)
                        }
                        Command::Auth { .. } => server.challenge(running, b"x"),
                        Command::Stls => {
                            let token = server.start_tls(running, Reply::ok("")).unwrap();
                            while let Some(octets) = server.poll_transmit() {
                                sent.extend_from_slice(&octets);
                            }
                            server.resume(token);
                            Ok(())
                        }
                        Command::List(Some(_))
                        | Command::Uidl(Some(_))
                        | Command::Lang(None)
                        | Command::Mechanisms => server.reply(running, Reply::err("no")),
                        _ => server.reply(running, Reply::ok("")),
                    }
                }
                Event::AuthResponse(running, _) => server.reply(running, Reply::ok("")),
                Event::AuthCancelled(running) => server.reply(running, Reply::err("")),
                Event::Malformed(running, error) => {
                    events.push(format!("{error:?}"));
                    server.reject(running, &error)
                }
                _ => return (events, sent, None),
            };
            result.unwrap();
            assert!(!server.is_owing());
        }
    }
    while let Some(octets) = server.poll_transmit() {
        sent.extend_from_slice(&octets);
    }
    (events, sent, None)
}

fuzz_target!(|octets: &[u8]| {
    let Some((script, octets)) = octets.split_first() else { return };
    let whole = run(octets, *script, usize::MAX);
    // What is behind STLS in one read is fatal, and in the next one it is TLS already.
    if !octets.to_ascii_uppercase().windows(4).any(|word| word == b"STLS") {
        assert_eq!(run(octets, *script, 1), whole);
        assert_eq!(run(octets, *script, octets.len() / 2), whole);
    }
});
