//! Octets of any server: no panic, and what is understood can be written and understood again. What is read at a glance is what the grammar reads.
#![no_main]

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use mailwire::imap::{Body, Encoding, FetchEncoder, Quirks, Response, ResponseDecoder, ResponseEvent};
use mailwire::wire::Limits;

/// Octets of so few items that a limit of 255 does not matter, but that it has to be counted.
const FEW: usize = 500;

fn read(octets: &[u8], quirks: Quirks, counted: bool) -> (Vec<ResponseEvent>, bool) {
    let mut limits = Limits::imap_client();
    if counted {
        limits.items = 255;
    }
    let mut decoder = ResponseDecoder::new(quirks, limits);
    let mut input = BytesMut::from(octets);
    let mut events: Vec<ResponseEvent> = Vec::new();
    while let Ok(Some(event)) = decoder.decode(&mut input) {
        match (events.last_mut(), event) {
            (Some(ResponseEvent::Body(Body::Chunk(before))), ResponseEvent::Body(Body::Chunk(more))) => {
                *before = [before.as_ref(), &more].concat().into();
            }
            (_, event) => events.push(event),
        }
    }
    (events, decoder.is_within_message())
}

fuzz_target!(|octets: &[u8]| {
    let Some((lenient, octets)) = octets.split_first() else { return };
    let quirks = if lenient & 1 == 0 { Quirks::strict() } else { Quirks::lenient() };
    let (events, within) = read(octets, quirks, false);
    if octets.len() <= FEW {
        assert_eq!(read(octets, quirks, true), (events.clone(), within));
    }
    if within {
        return;
    }
    let mut out = BytesMut::new();
    let mut fetches = FetchEncoder::default();
    let mut kept = Vec::new();
    for event in events {
        let written = match &event {
            // It may be what was left out of a FETCH, which is told in pieces then.
            ResponseEvent::Unparsed { .. } if lenient & 1 == 1 || fetches.is_open() => return,
            ResponseEvent::Response(Response::Untagged(_)) | ResponseEvent::Unparsed { .. } => continue,
            ResponseEvent::Response(response) => response.write(&mut out, Encoding::server()),
            ResponseEvent::Fetch(fetch) => fetches.fetch(fetch, &mut out, Encoding::server()),
            ResponseEvent::Body(Body::Begin(start)) => fetches.body(start, &mut out, Encoding::server()),
            ResponseEvent::Body(Body::Chunk(octets)) => {
                out.extend_from_slice(octets);
                Ok(())
            }
            _ => Ok(()),
        };
        // What was forgiven may be what nobody may write.
        if lenient & 1 == 1 && written.is_err() {
            return;
        }
        written.unwrap();
        kept.push(event);
    }
    if fetches.is_open() {
        return;
    }
    let (again, _) = read(&out, quirks, false);
    assert_eq!(again, kept, "{}", out.escape_ascii());
});
