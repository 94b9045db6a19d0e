//! Both decoders of IMAP with limits so small that the fuzzer meets them all: the same events in every segmentation, little is held,
//! and a fatal error is final.
#![no_main]

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use mailwire::imap::{Body, CommandDecoder, CommandEvent, Quirks, ResponseDecoder, ResponseEvent};
use mailwire::wire::{Error, Limits};

fn limits() -> Limits {
    let mut limits = Limits::imap_client();
    limits.line = 40;
    limits.structured_line = 60;
    limits.literal = 12;
    limits.message = 90;
    limits.stream = 20;
    limits.depth = 3;
    limits.body_depth = 4;
    limits.items = 6;
    limits.literals = 4;
    limits.sasl_line = 16;
    limits
}

type Told = (Vec<String>, Vec<u8>, Option<Error>);

fn responses(octets: &[u8], quirks: Quirks, part: usize) -> Told {
    let mut decoder = ResponseDecoder::new(quirks, limits());
    let (mut input, mut told, mut body) = (BytesMut::new(), Vec::new(), Vec::new());
    for part in octets.chunks(part.max(1)) {
        input.extend_from_slice(part);
        loop {
            match decoder.decode(&mut input) {
                Ok(None) => break,
                Ok(Some(ResponseEvent::Body(Body::Chunk(octets)))) => body.extend_from_slice(&octets),
                Ok(Some(event)) => {
                    told.push(format!("{event:?} {} {:?}", decoder.offset(), decoder.forgiven()))
                }
                Err(error) => {
                    assert!(error.is_fatal());
                    assert_eq!(decoder.decode(&mut BytesMut::from("* OK x\r\n")), Err(error));
                    return (told, body, Some(error));
                }
            }
        }
        assert!(input.len() <= 120, "{} octets held", input.len());
    }
    let within = !input.is_empty() || decoder.is_within_message();
    assert_eq!(decoder.decode_eof(&mut input).is_err(), within);
    (told, body, None)
}

fn commands(octets: &[u8], script: u8, part: usize) -> Told {
    let mut decoder = CommandDecoder::new(limits());
    let (mut input, mut told, mut body) = (BytesMut::new(), Vec::new(), Vec::new());
    let mut count = 0u32;
    for part in octets.chunks(part.max(1)) {
        input.extend_from_slice(part);
        loop {
            match decoder.decode(&mut input) {
                Ok(None) => break,
                Ok(Some(CommandEvent::Chunk(octets))) => body.extend_from_slice(&octets),
                Ok(Some(event)) => {
                    if let CommandEvent::Literal(literal) = &event {
                        count += 1;
                        match script.wrapping_shr(count) & 3 {
                            0 => decoder.discard(),
                            1 if literal.synchronizing => decoder.refuse(),
                            _ => decoder.accept(),
                        }
                    }
                    if matches!(event, CommandEvent::Command { .. }) && script & 1 == 1 {
                        decoder.expect_line();
                    }
                    told.push(format!("{event:?} {}", decoder.offset()));
                }
                Err(error) => {
                    assert!(error.is_fatal());
                    assert_eq!(decoder.decode(&mut BytesMut::from("a NOOP\r\n")), Err(error));
                    return (told, body, Some(error));
                }
            }
        }
        assert!(input.len() <= 160, "{} octets held", input.len());
    }
    assert!(decoder.decode_eof(&mut input).is_err() || input.is_empty());
    (told, body, None)
}

fuzz_target!(|octets: &[u8]| {
    let Some(([side, cut], octets)) = octets.split_first_chunk() else { return };
    let run = |part| match side & 3 {
        0 => responses(octets, Quirks::strict(), part),
        1 => responses(octets, Quirks::lenient(), part),
        _ => commands(octets, *side >> 2, part),
    };
    // Octets that are held are counted where they come one by one.
    let one = run(1);
    assert_eq!(run(usize::from(*cut) % 16 + 1), one);
});
