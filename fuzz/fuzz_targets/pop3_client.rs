//! A client's machine against octets of any server, its commands chosen by the fuzzer. No credential goes out where TLS is required,
//! each command completes once, in order, and the end of the connection is never a success of QUIT.
#![no_main]

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use mailwire::pop3::client::{CommandId, Event};
use mailwire::pop3::{Client, ClientConfig, Command, State, Tls};
use mailwire::wire::{Machine, Secret};

const COMMANDS: [&str; 18] = [
    "USER u",
    "PASS p",
    "AUTH PLAIN",
    "AUTH X eA==",
    "STLS",
    "CAPA",
    "STAT",
    "LIST",
    "LIST 1",
    "UIDL",
    "UIDL 1",
    "RETR 1",
    "TOP 1 1",
    "NOOP",
    "LANG",
    "LANG x",
    "UTF8",
    "QUIT",
];

fn run(octets: &[u8], script: &[u8], part: usize) -> (Vec<String>, usize, bool) {
    let tls = [Tls::Required, Tls::Optional, Tls::Established][usize::from(script[0]) % 3];
    let mut client = Client::new(ClientConfig { tls, ..ClientConfig::new() });
    let (mut input, mut events, mut sent) = (BytesMut::new(), Vec::new(), Vec::new());
    let (mut ids, mut completed, mut body): (Vec<CommandId>, usize, usize) = (Vec::new(), 0, 0);
    for choice in &script[1..] {
        let command = Command::parse(COMMANDS[usize::from(*choice) % COMMANDS.len()].as_bytes()).unwrap();
        ids.extend(client.enqueue(command));
    }
    'reads: for part in octets.chunks(part.max(1)) {
        input.extend_from_slice(part);
        loop {
            while let Some(octets) = client.poll_transmit() {
                assert!(octets.ends_with(b"\r\n"));
                sent.extend_from_slice(&octets);
            }
            match client.receive(&mut input) {
                Ok(None) => break,
                Ok(Some(event)) => match event {
                    Event::Completed { command, reply } => {
                        assert_eq!(Some(&command), ids.get(completed));
                        completed += 1;
                        events.push(format!("{reply}"));
                    }
                    Event::Body(mailwire::pop3::Body::Chunk(octets)) => body += octets.len(),
                    Event::AuthContinue(challenge) => client.respond(challenge, &Secret::from("r")).unwrap(),
                    Event::StartTls(token) => {
                        completed += 1;
                        client.resume(token).unwrap();
                        assert!(client.capabilities().is_none() && client.timestamp().is_none());
                    }
                    other => events.push(format!("{other:?}")),
                },
                Err(error) => {
                    assert!(error.is_fatal() && client.poll_transmit().is_none());
                    assert_eq!(client.receive(&mut input).unwrap_err(), error);
                    events.push(format!("{:?}", error.kind()));
                    break 'reads;
                }
            }
        }
    }
    if tls == Tls::Required && !client.is_protected() {
        assert!(!sent.windows(4).any(|word| matches!(word, b"USER" | b"PASS" | b"AUTH")));
    }
    let closed = client.state() == State::Closed;
    assert!(client.receive_eof(&mut input).is_err() || client.pending() == 0 || closed);
    (events, body, closed)
}

fuzz_target!(|octets: &[u8]| {
    let Some((script, octets)) = octets.split_at_checked(6) else { return };
    let whole = run(octets, script, usize::MAX);
    let stls = script[1..].iter().any(|choice| COMMANDS[usize::from(*choice) % COMMANDS.len()] == "STLS");
    if !stls {
        assert_eq!(run(octets, script, 1), whole);
        assert_eq!(run(octets, script, octets.len() / 2), whole);
    }
});
