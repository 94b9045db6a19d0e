//! What octets cost: a peer's octets, some of them over and over, take no more memory at a time than the limits say, no more in all than a
//! multiple of their number, and no more steps.
#![no_main]

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use mailwire::imap::{CommandDecoder, CommandEvent, Quirks, ResponseDecoder};
use mailwire::wire::Limits;
use mailwire_fuzz::counting::{Counting, Mark};
use mailwire_fuzz::script;

#[global_allocator]
static COUNTING: Counting = Counting;

/// What one event may take beside the limits: the boxes around a value, an error's octets.
const SLACK: usize = 16 * 1024;

fn limits() -> Limits {
    let mut limits = Limits::imap_client();
    limits.line = 2 * 1024;
    limits.structured_line = 8 * 1024;
    limits.literal = 1024;
    limits.message = 16 * 1024;
    limits.memory = 32 * 1024;
    limits.stream = 4 * 1024;
    limits
}

/// Octets of a fuzzer, a piece in their middle so often that they are a few thousand.
fn amplified(choices: &[u8; 6], octets: &[u8]) -> Vec<u8> {
    let start = usize::from(choices[1]).min(octets.len());
    let end = (start + usize::from(choices[2])).min(octets.len());
    let times = usize::from(choices[3]) * 64 / (end - start).max(1);
    [&octets[..start], &octets[start..end].repeat(times + 1), &octets[end..]].concat()
}

fuzz_target!(|input: &[u8]| {
    let Some((choices, octets)) = script::<6>(input) else { return };
    let octets = amplified(choices, octets);
    let limits = limits();
    let quirks = if choices[0] & 2 == 0 { Quirks::strict() } else { Quirks::lenient() };
    let part = [1, 7, 64, 1_460, usize::MAX][usize::from(choices[4]) % 5];
    // Reads of one octet are for the small inputs.
    let part = if octets.len() > 4_096 { part.max(64) } else { part };
    let mut input = BytesMut::with_capacity(octets.len());
    let mark = Mark::new();
    let (mut responses, mut commands) = (ResponseDecoder::new(quirks, limits), CommandDecoder::new(limits));
    let mut steps = 0usize;
    'reads: for part in octets.chunks(part) {
        input.extend_from_slice(part);
        loop {
            steps += 1;
            let told = if choices[0] & 1 == 0 {
                responses.decode(&mut input).map(|event| event.is_some())
            } else {
                commands.decode(&mut input).map(|event| {
                    if let Some(CommandEvent::Literal(_)) = event {
                        if choices[5] & 1 == 0 { commands.accept() } else { commands.discard() }
                    }
                    event.is_some()
                })
            };
            match told {
                Ok(true) => {}
                Ok(false) => break,
                Err(_) => break 'reads,
            }
        }
    }
    let (peak, total, calls) = (mark.peak(), mark.total(), mark.calls());
    let bound = limits.memory + 2 * limits.message + SLACK;
    assert!(peak <= bound, "{peak} octets for {}", octets.len());
    assert!(total <= 64 * octets.len() + bound, "{total} octets in all for {}", octets.len());
    assert!(calls <= 4 * octets.len() + 64, "{calls} allocations for {}", octets.len());
    assert!(steps <= 3 * octets.len() + 64, "{steps} steps for {}", octets.len());
});
