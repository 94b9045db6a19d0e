//! What the fuzz targets share: how octets are cut, what is read from them, and a count of the memory it takes.

use bytes::{Bytes, BytesMut};
use mailwire::imap::{
    Body, BodyStart, CommandDecoder, CommandEvent, Encoding, Fetch, Literals, ResponseDecoder, ResponseEvent,
};

pub mod counting;

/// The script of a target and the octets of its peer behind it.
pub fn script<const N: usize>(input: &[u8]) -> Option<(&[u8; N], &[u8])> {
    input.split_first_chunk()
}

/// An encoding by a number: each kind of literal, UTF-8 or not.
pub fn encoding(choice: u8) -> Encoding {
    let mut encoding = Encoding::default();
    encoding.literals = match choice & 3 {
        0 => Literals::Synchronizing,
        1 => Literals::Minus,
        2 => Literals::Plus,
        _ => Literals::Server,
    };
    encoding.utf8 = choice & 4 != 0;
    encoding
}

/// What a decoder of responses tells of octets in reads of so many; the chunks of a body in one.
pub fn responses(decoder: &mut ResponseDecoder, octets: &[u8], part: usize) -> Vec<ResponseEvent> {
    let (mut input, mut events) = (BytesMut::new(), Vec::new());
    for part in octets.chunks(part.max(1)) {
        input.extend_from_slice(part);
        while let Ok(Some(event)) = decoder.decode(&mut input) {
            match (events.last_mut(), event) {
                (Some(ResponseEvent::Body(Body::Chunk(before))), ResponseEvent::Body(Body::Chunk(more))) => {
                    *before = [before.as_ref(), &more].concat().into();
                }
                (_, event) => events.push(event),
            }
        }
    }
    events
}

/// What a decoder of commands tells of octets in reads of so many, every literal accepted; the chunks of one in one.
pub fn commands(decoder: &mut CommandDecoder, octets: &[u8], part: usize) -> Vec<CommandEvent> {
    let (mut input, mut events) = (BytesMut::new(), Vec::new());
    for part in octets.chunks(part.max(1)) {
        input.extend_from_slice(part);
        while let Ok(Some(event)) = decoder.decode(&mut input) {
            match (events.last_mut(), event) {
                (_, CommandEvent::Wanted) => {}
                (Some(CommandEvent::Chunk(before)), CommandEvent::Chunk(more)) => {
                    *before = [before.as_ref(), &more].concat().into();
                }
                (_, event) => {
                    if matches!(event, CommandEvent::Literal(_)) {
                        decoder.accept();
                    }
                    events.push(event);
                }
            }
        }
    }
    events
}

/// What a client is told of one FETCH in two pieces around a body, or of the first piece alone.
pub fn fetch_events(
    [before, after]: [Fetch; 2],
    body: Option<BodyStart>,
    octets: &[u8],
) -> Vec<ResponseEvent> {
    let Some(start) = body.filter(|_| before.seq.is_some()) else {
        return vec![ResponseEvent::Fetch(before)];
    };
    let octets = if start.binary || !octets.contains(&0) { octets } else { b"x" };
    let len = start.len.map(|_| octets.len() as u64);
    let (seq, uid) = (before.seq, before.uid);
    let mut told = Vec::new();
    // A piece that tells nothing but the UID, which the body tells too, is not told.
    if !before.is_empty() {
        told.push(ResponseEvent::Fetch(Fetch { last: false, ..before }));
    }
    told.push(ResponseEvent::Body(Body::Begin(BodyStart { seq, uid, len, ..start })));
    if len.is_some_and(|len| len > 0) {
        told.push(ResponseEvent::Body(Body::Chunk(Bytes::copy_from_slice(octets))));
    }
    told.push(ResponseEvent::Body(Body::End));
    told.push(ResponseEvent::Fetch(Fetch { seq, uid, ..after }));
    told
}
