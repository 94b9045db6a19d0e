//! Octets of any client: no panic, and a command that is understood can be written and understood again.
#![no_main]

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use mailwire::imap::{Command, CommandDecoder, CommandEvent, Encoding};

fn next(decoder: &mut CommandDecoder, input: &mut BytesMut) -> Option<CommandEvent> {
    loop {
        match decoder.decode(input) {
            Ok(Some(CommandEvent::Wanted | CommandEvent::Chunk(_))) => {}
            Ok(Some(CommandEvent::Literal(_))) => decoder.accept(),
            Ok(event) => return event,
            Err(error) => {
                assert!(error.is_fatal());
                return None;
            }
        }
    }
}

fuzz_target!(|octets: &[u8]| {
    let mut decoder = CommandDecoder::default();
    let mut input = BytesMut::from(octets);
    while let Some(event) = next(&mut decoder, &mut input) {
        let CommandEvent::Command { tag, command } = &event else { continue };
        if matches!(command, Command::Append(_)) {
            continue;
        }
        let Ok(segments) = command.to_segments(tag, Encoding::default()) else { continue };
        let mut out = BytesMut::new();
        segments.iter().for_each(|segment| out.extend_from_slice(segment));
        let again = next(&mut CommandDecoder::default(), &mut out);
        assert_eq!(again.as_ref(), Some(&event), "{}", segments.concat().escape_ascii());
        assert!(out.is_empty());
    }
});
