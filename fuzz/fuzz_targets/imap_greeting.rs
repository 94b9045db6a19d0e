//! The first line of a server: the same in every segmentation, either a greeting that can be written again or the end, and in the clear no
//! PREAUTH where TLS is required.
#![no_main]

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use mailwire::imap::client::{Client, Config, Event};
use mailwire::imap::{Condition, Encoding, Quirks, Response, State, Status};
use mailwire::wire::{Error, Machine, Tls};
use mailwire_fuzz::script;

fn greeting(octets: &[u8], config: Config, part: usize) -> (Result<Option<Event>, Error>, State, bool) {
    let mut client = Client::new(config);
    assert!(client.noop().is_err());
    let mut input = BytesMut::new();
    for part in octets.chunks(part.max(1)) {
        input.extend_from_slice(part);
        match client.receive(&mut input) {
            Ok(None) => {}
            told => {
                assert!(client.poll_transmit().is_none());
                return (told, client.state(), client.capabilities().is_some());
            }
        }
    }
    let told = client.receive_eof(&mut input);
    assert!(!matches!(told, Ok(None)), "the end of the connection is no greeting");
    (told, client.state(), client.capabilities().is_some())
}

fn written(status: &Status) -> Option<BytesMut> {
    let mut out = BytesMut::new();
    Response::Status(status.clone()).write(&mut out, Encoding::server()).ok().map(|()| out)
}

fuzz_target!(|input: &[u8]| {
    let Some(([choice], octets)) = script(input) else { return };
    let tls = [Tls::Required, Tls::Optional, Tls::Established][usize::from(*choice) % 3];
    let quirks = if choice & 0x80 == 0 { Quirks::strict() } else { Quirks::lenient() };
    let config = Config { quirks, tls, ..Config::default() };
    let whole = greeting(octets, config, usize::MAX);
    assert_eq!(greeting(octets, config, 1), whole);
    assert_eq!(greeting(octets, config, octets.len() / 2), whole);
    let (told, state, _) = &whole;
    match told {
        Ok(Some(Event::Greeting(status))) => {
            match status.condition {
                Condition::Ok => assert_eq!(*state, State::NotAuthenticated),
                Condition::PreAuth => assert!(*state == State::Authenticated && tls != Tls::Required),
                other => panic!("{other:?} is no greeting"),
            }
            if let Some(octets) = written(status) {
                assert_eq!(greeting(&octets, config, usize::MAX), whole);
            } else {
                // What was forgiven may be what nobody may write.
                assert!(choice & 0x80 != 0);
            }
        }
        Ok(Some(Event::Bye(_))) => assert_eq!(*state, State::Logout),
        Err(error) => assert!(error.is_fatal()),
        other => panic!("{other:?} before the greeting"),
    }
});
