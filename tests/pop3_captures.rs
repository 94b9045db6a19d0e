//! Sessions of real servers and real clients, read by both codecs.
//!
//! A line of a capture is `milliseconds side offset+length octets`, the octets as Python writes them. The short ones stand in `captures/`;
//! `MAILWIRE_SHARED` names a folder with more of them in `transcripts/`, and with RFC examples in `corpus/`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::print_stdout,
    reason = "a test may fail"
)]

use bytes::{Bytes, BytesMut};
use mailwire::pop3::{Body, Command, CommandDecoder, Quirks, ReplyDecoder, Request, Response, Shape};
use std::path::{Path, PathBuf};

/// Octets as Python's `repr` writes them.
fn python(text: &str) -> Vec<u8> {
    let text = text.strip_prefix('b').expect("bytes");
    let mut octets = Vec::new();
    let mut characters = text[1..text.len() - 1].chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            octets.push(u8::try_from(character).expect("ASCII"));
            continue;
        }
        octets.push(match characters.next() {
            Some('r') => b'\r',
            Some('n') => b'\n',
            Some('t') => b'\t',
            Some('x') => {
                let digits: String = characters.by_ref().take(2).collect();
                u8::from_str_radix(&digits, 16).expect("hexadecimal")
            }
            Some(other) => u8::try_from(other).expect("ASCII"),
            None => panic!("an escape at the end"),
        });
    }
    octets
}

/// Reads one session after the other; server octets come in parts of that size.
fn replay(log: &str, part: usize) -> Vec<Response> {
    let mut responses: Vec<Response> = Vec::new();
    let fresh = || {
        (ReplyDecoder::new(Quirks::lenient()), BytesMut::new(), CommandDecoder::guessing(), BytesMut::new())
    };
    let (mut decoder, mut from_server, mut commands, mut from_client) = fresh();
    let mut heard = false;
    for line in log.lines() {
        let mut words = line.trim_start().splitn(4, ' ');
        let (Some(_), Some(side), Some(_), Some(octets)) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            continue;
        };
        if !octets.starts_with('b') || !matches!(side, "C" | "S") {
            continue;
        }
        let octets = python(octets);
        // A server that speaks unasked greets: a new session.
        let greets =
            octets.starts_with(b"+OK") && heard && decoder.outstanding() == 0 && decoder.is_between_answers();
        if side == "S" && greets {
            (decoder, from_server, commands, from_client) = fresh();
        }
        // Behind STLS, some captures hold what TLS made of it.
        if matches!(octets.first(), Some(0x14..=0x17)) {
            continue;
        }
        if side == "C" {
            from_client.extend_from_slice(&octets);
            loop {
                match commands.decode(&mut from_client) {
                    Ok(None) => break,
                    Ok(Some(Request::Command(command))) => decoder.expect(&command),
                    Ok(Some(_)) => {}
                    Err(error) => {
                        assert!(!error.is_fatal(), "{error} in {}", octets.escape_ascii());
                        decoder.expect_shape(Shape::Status);
                    }
                }
            }
            continue;
        }
        heard = true;
        for part in octets.chunks(part) {
            from_server.extend_from_slice(part);
            loop {
                let response = match decoder.decode(&mut from_server) {
                    Ok(Some(response)) => response,
                    Ok(None) => break,
                    Err(error) => panic!("{error} in {line}"),
                };
                match (responses.last_mut(), response) {
                    (Some(Response::Body(Body::Chunk(before))), Response::Body(Body::Chunk(octets))) => {
                        *before = [before.as_ref(), &octets].concat().into();
                    }
                    (_, response) => responses.push(response),
                }
            }
        }
    }
    responses
}

fn check(path: &Path) -> usize {
    let log = std::fs::read_to_string(path).expect("a capture");
    let whole = replay(&log, usize::MAX);
    for response in &whole {
        assert!(!matches!(response, Response::Unparsed { .. }), "{}: {response:?}", path.display());
        let mut out = BytesMut::new();
        if let Some(mut decoder) = response.encode_alone(&mut out) {
            let again = decoder.decode(&mut out).expect("octets of our own").expect("a whole response");
            assert_eq!(again, *response);
        }
    }
    for part in [1, 7, 1_460] {
        assert!(replay(&log, part) == whole, "{} in parts of {part}", path.display());
    }
    whole.len()
}

fn logs(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.retain(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let pop3 = ["pop3", "poplib", "apop"].iter().any(|word| name.contains(word));
        pop3 && name.ends_with(".log")
    });
    paths.sort();
    paths
}

#[test]
fn short_captures() {
    let paths = logs(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures"));
    assert!(paths.len() > 5);
    let responses: usize = paths.iter().map(|path| check(path)).sum();
    assert!(responses > 300, "{responses}");
}

#[test]
fn captures_beside_the_project() {
    let Some(shared) = std::env::var_os("MAILWIRE_SHARED") else { return };
    for path in logs(&Path::new(&shared).join("transcripts")) {
        check(&path);
    }
}

#[test]
fn corpus_beside_the_project() {
    let Some(shared) = std::env::var_os("MAILWIRE_SHARED") else { return };
    let folder = Path::new(&shared).join("corpus");
    let (mut read, mut lines) = (0, 0);
    for name in ["rfc-examples.jsonl", "fake-mail-server.jsonl", "rfc-sessions.jsonl"] {
        for line in std::fs::read_to_string(folder.join(name)).expect("a corpus").lines() {
            let case: serde_json::Value = serde_json::from_str(line).expect("a case");
            if case["protocol"] != "pop3" {
                continue;
            }
            let octets: Vec<u8> = case["octets"]
                .as_str()
                .unwrap_or_default()
                .chars()
                .filter_map(|c| u8::try_from(u32::from(c)).ok())
                .collect();
            lines += 1;
            let valid = case["expected"] == "valid" && case["kind"] == "line";
            if case["direction"] == "client" {
                let results: Vec<_> =
                    [usize::MAX, 1].into_iter().map(|part| read_commands(&octets, part)).collect();
                assert_eq!(results[0], results[1]);
                read += results[0].len();
                let good = results[0].iter().all(Result::is_ok);
                let listed = LISTED
                    .iter()
                    .any(|(known, _)| case["id"].as_str().is_some_and(|id| id.starts_with(known)));
                assert!(!valid || good != listed, "{} {:?}", octets.escape_ascii(), results[0]);
            } else {
                let readable = |shape| {
                    let (responses, _, error) = read_replies(&octets, shape, usize::MAX);
                    error.is_none()
                        && !responses.iter().any(|response| matches!(response, Response::Unparsed { .. }))
                };
                let good = readable(Shape::Status) || readable(Shape::Authentication);
                let listed = LISTED
                    .iter()
                    .any(|(known, _)| case["id"].as_str().is_some_and(|id| id.starts_with(known)));
                assert!(!valid || good != listed, "{}", octets.escape_ascii());
                for shape in [
                    Shape::Status,
                    Shape::ScanListings,
                    Shape::UniqueIds,
                    Shape::Message,
                    Shape::Capabilities,
                ] {
                    let results: Vec<_> =
                        [usize::MAX, 1].into_iter().map(|part| read_replies(&octets, shape, part)).collect();
                    assert_eq!(results[0], results[1]);
                    read += results[0].0.len();
                }
            }
        }
    }
    assert!(lines > 100 && read > 100, "{lines} {read}");
}

/// What is called valid and is not, and why.
const LISTED: &[(&str, &str)] = &[
    ("rfc-examples/00055", "no number of lines, as RFC 1081 had it once"),
    ("rfc-examples/00057", "no number of lines, as RFC 1081 had it once"),
];

fn read_commands(octets: &[u8], part: usize) -> Vec<Result<Command, String>> {
    let (mut decoder, mut input, mut results) = (CommandDecoder::guessing(), BytesMut::new(), Vec::new());
    for part in octets.chunks(part) {
        input.extend_from_slice(part);
        loop {
            match decoder.decode(&mut input) {
                Ok(None) => break,
                Ok(Some(Request::Command(command))) => results.push(Ok(command)),
                Ok(Some(_)) => {}
                Err(error) => {
                    results.push(Err(error.to_string()));
                    if error.is_fatal() {
                        return results;
                    }
                }
            }
        }
    }
    results
}

fn read_replies(octets: &[u8], shape: Shape, part: usize) -> (Vec<Response>, Bytes, Option<String>) {
    let mut decoder = ReplyDecoder::new(Quirks::lenient()).without_greeting();
    (0..64).for_each(|_| decoder.expect_shape(shape));
    let (mut input, mut responses, mut body) = (BytesMut::new(), Vec::new(), BytesMut::new());
    for part in octets.chunks(part) {
        input.extend_from_slice(part);
        loop {
            match decoder.decode(&mut input) {
                Ok(None) => break,
                Ok(Some(Response::Body(Body::Chunk(octets)))) => body.extend_from_slice(&octets),
                Ok(Some(response)) => responses.push(response),
                Err(error) => return (responses, body.freeze(), Some(format!("{:?}", error.kind()))),
            }
        }
    }
    (responses, body.freeze(), None)
}
