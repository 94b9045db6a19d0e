//! What is written is read back the same, for any value.

use crate::pop3::{
    Capabilities, Capability, Command, CommandDecoder, DropListing, Expire, Language, LanguageListing,
    Mechanism, Parameter, PopUrl, Reply, Request, Response, ResponseCode, ScanListing, Status, Timestamp,
    UniqueIdListing, UserName,
};
use crate::wire::ErrorKind;
use crate::wire::chance::{Value, case_count, json_round_trips, value};
use bytes::BytesMut;

/// Replies of one kind, through the decoder that expects them; and the values as JSON.
fn replies<T: Value>(response: impl Fn(T) -> Response) {
    for seed in 0..case_count() {
        let response = response(value(seed));
        let mut out = BytesMut::new();
        let mut decoder = response.encode_alone(&mut out).unwrap();
        let octets = out.clone();
        match decoder.decode(&mut out) {
            Ok(read) => assert_eq!(read.as_ref(), Some(&response), "{}", octets.escape_ascii()),
            // A line may be longer than a client takes: a capability with many parameters.
            Err(error) => assert_eq!(error.kind(), ErrorKind::LineTooLong, "{response:?}"),
        }
        let mut again = BytesMut::new();
        let _ = response.encode_alone(&mut again);
        assert_eq!(again, octets);
    }
    json_round_trips::<T>();
}

#[test]
fn replies_round_trip() {
    replies(|reply: Reply| Response::Completed(reply));
    replies(Response::DropListing);
    replies(Response::ScanListing);
    replies(Response::UniqueIdListing);
    replies(Response::LanguageListing);
    replies(|mut capabilities: Capabilities| {
        capabilities.0.truncate(256);
        Response::Capabilities(capabilities)
    });
}

#[test]
fn commands_round_trip() {
    for seed in 0..case_count() {
        let command: Command = value(seed);
        let mut out = BytesMut::new();
        command.encode(&mut out).unwrap();
        let octets = out.clone();
        assert_eq!(Command::parse(octets.strip_suffix(b"\r\n").unwrap()).as_ref(), Ok(&command));
        let read = CommandDecoder::new().decode(&mut out);
        assert_eq!(read, Ok(Some(Request::Command(command.clone()))), "{}", octets.escape_ascii());
        command.encode(&mut out).unwrap();
        assert_eq!(out, octets);
    }
}

#[test]
fn urls_round_trip() {
    for seed in 0..case_count() {
        let url: PopUrl = value(seed);
        assert_eq!(url.to_string().parse::<PopUrl>().unwrap(), url);
    }
    json_round_trips::<PopUrl>();
}

#[test]
fn parts_round_trip_as_json() {
    json_round_trips::<Capability>();
    json_round_trips::<DropListing>();
    json_round_trips::<ScanListing>();
    json_round_trips::<UniqueIdListing>();
    json_round_trips::<LanguageListing>();
    json_round_trips::<ResponseCode>();
    json_round_trips::<Status>();
    json_round_trips::<Timestamp>();
    json_round_trips::<Language>();
    json_round_trips::<Mechanism>();
    json_round_trips::<Parameter>();
    json_round_trips::<UserName>();
    json_round_trips::<Expire>();
}
