//! Values of every kind to octets and back.
#![no_main]

use arbitrary::Arbitrary;
use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use mailwire::pop3::{
    Body, Capabilities, Command, DropListing, LanguageListing, PopUrl, Quirks, Reply, ReplyDecoder, Response,
    ScanListing, Shape, Stuffer, UniqueIdListing,
};

#[derive(Arbitrary, Debug)]
enum Value<'a> {
    Command(Command),
    Reply(Reply),
    Capabilities(Capabilities),
    DropListing(DropListing),
    ScanListing(ScanListing),
    UniqueId(UniqueIdListing),
    Language(LanguageListing),
    Url(PopUrl),
    Message(&'a [u8], u8),
}

fn back(response: Response) {
    let mut out = BytesMut::new();
    let mut decoder = response.encode_alone(&mut out).unwrap();
    assert_eq!(decoder.decode(&mut out).unwrap(), Some(response));
}

fn canonical(message: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for &octet in message {
        if octet == b'\n' && out.last() != Some(&b'\r') {
            out.push(b'\r');
        }
        out.push(octet);
    }
    if !out.is_empty() && !out.ends_with(b"\r\n") {
        out.extend_from_slice(b"\r\n");
    }
    out
}

fuzz_target!(|value: Value| match value {
    Value::Command(command) => {
        let mut out = BytesMut::new();
        command.encode(&mut out).unwrap();
        assert_eq!(Command::parse(out.strip_suffix(b"\r\n").unwrap()).unwrap(), command);
    }
    Value::Reply(reply) => back(Response::Completed(reply)),
    Value::Capabilities(capabilities) => {
        if capabilities.0.len() <= 256 {
            let mut out = BytesMut::new();
            let response = Response::Capabilities(capabilities);
            let mut decoder = response.encode_alone(&mut out).unwrap();
            match decoder.decode(&mut out) {
                Ok(read) => assert_eq!(read, Some(response)),
                Err(error) => assert_eq!(error.kind(), mailwire::wire::ErrorKind::LineTooLong),
            }
        }
    }
    Value::DropListing(listing) => back(Response::DropListing(listing)),
    Value::ScanListing(listing) => back(Response::ScanListing(listing)),
    Value::UniqueId(listing) => back(Response::UniqueIdListing(listing)),
    Value::Language(listing) => back(Response::LanguageListing(listing)),
    Value::Url(url) => assert_eq!(url.to_string().parse::<PopUrl>().unwrap(), url),
    Value::Message(message, part) => {
        let (mut out, mut stuffer) = (BytesMut::from("+OK\r\n"), Stuffer::new());
        message.chunks(usize::from(part).max(1)).for_each(|octets| stuffer.encode(octets, &mut out));
        stuffer.finish(&mut out);
        let mut decoder = ReplyDecoder::new(Quirks::strict()).without_greeting();
        decoder.expect_shape(Shape::Message);
        let mut read = Vec::new();
        while let Some(response) = decoder.decode(&mut out).unwrap() {
            if let Response::Body(Body::Chunk(octets)) = response {
                read.extend_from_slice(&octets);
            }
        }
        assert_eq!(read, canonical(message));
        assert!(out.is_empty() && decoder.outstanding() == 0);
    }
});
