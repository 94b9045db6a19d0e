//! Octets of a server, read by shapes that the first octets choose: every segmentation gives the same, and every value comes back.
#![no_main]

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use mailwire::pop3::{Body, Quirks, ReplyDecoder, Response, Shape};
use mailwire::wire::ErrorKind;
use std::num::NonZeroU32;

const SHAPES: [Shape; 12] = [
    Shape::Status,
    Shape::DropListing,
    Shape::ScanListing(NonZeroU32::MIN),
    Shape::ScanListings,
    Shape::UniqueId(NonZeroU32::MIN),
    Shape::UniqueIds,
    Shape::Capabilities,
    Shape::Languages,
    Shape::Message,
    Shape::Top,
    Shape::Authentication,
    Shape::Quit,
];

fn decode(octets: &[u8], quirks: Quirks, shapes: &[u8], part: usize) -> (Vec<Response>, Option<ErrorKind>) {
    let (mut input, mut responses) = (BytesMut::new(), Vec::new());
    let mut decoder = ReplyDecoder::new(quirks);
    for shape in shapes {
        decoder.expect_shape(SHAPES[usize::from(*shape) % SHAPES.len()]);
    }
    for part in octets.chunks(part.max(1)) {
        input.extend_from_slice(part);
        loop {
            match decoder.decode(&mut input) {
                Ok(None) => break,
                Ok(Some(response)) => match (responses.last_mut(), response) {
                    (Some(Response::Body(Body::Chunk(before))), Response::Body(Body::Chunk(octets))) => {
                        *before = [before.as_ref(), &octets].concat().into();
                    }
                    (_, response) => responses.push(response),
                },
                Err(error) => {
                    assert!(error.is_fatal());
                    return (responses, Some(error.kind()));
                }
            }
        }
    }
    (responses, None)
}

fuzz_target!(|octets: &[u8]| {
    let Some((head, octets)) = octets.split_at_checked(5) else { return };
    let (quirks, shapes) = (if head[0] & 1 == 0 { Quirks::lenient() } else { Quirks::strict() }, &head[1..]);
    let whole = decode(octets, quirks, shapes, usize::MAX);
    assert_eq!(decode(octets, quirks, shapes, 1), whole);
    assert_eq!(decode(octets, quirks, shapes, octets.len() / 2), whole);
    for response in &whole.0 {
        let mut out = BytesMut::new();
        if let Some(mut decoder) = response.encode_alone(&mut out) {
            assert_eq!(decoder.decode(&mut out).unwrap().as_ref(), Some(response));
        }
    }
});
