//! Octets of a client: whole, octet by octet and cut in two they give the same; what was read is written and read again.
#![no_main]

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use mailwire::pop3::{Command, CommandDecoder, Request};
use mailwire::wire::Error;

fn decode(octets: &[u8], part: usize) -> Vec<Result<Request, Error>> {
    let (mut decoder, mut input, mut results) = (CommandDecoder::guessing(), BytesMut::new(), Vec::new());
    for part in octets.chunks(part.max(1)) {
        input.extend_from_slice(part);
        loop {
            match decoder.decode(&mut input) {
                Ok(None) => break,
                Ok(Some(request)) => results.push(Ok(request)),
                Err(error) => {
                    results.push(Err(error));
                    if error.is_fatal() {
                        return results;
                    }
                }
            }
        }
    }
    results
}

fuzz_target!(|octets: &[u8]| {
    let whole = decode(octets, usize::MAX);
    assert_eq!(decode(octets, 1), whole);
    assert_eq!(decode(octets, octets.len() / 2), whole);
    for request in whole.into_iter().flatten() {
        if let Request::Command(command) = request {
            let mut out = BytesMut::new();
            if command.encode(&mut out).is_ok() {
                assert_eq!(Command::parse(out.strip_suffix(b"\r\n").unwrap()).unwrap(), command);
            }
        }
    }
});
