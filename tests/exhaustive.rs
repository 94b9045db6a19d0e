//! Every string of a few octets, where the octets are those that matter; and every name of one character is in `utf7`.
//!
//! The lengths are those that a test run has time for; `MAILWIRE_EXHAUSTIVE=1` tries the longer ones, in a release build.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    reason = "a test may fail"
)]

use bytes::BytesMut;
use mailwire::imap::{CommandDecoder, CommandEvent, Quirks, ResponseDecoder, ResponseEvent};
use mailwire::pop3::{self, ReplyDecoder, Response, Shape, Stuffer};
use mailwire::wire::{ErrorKind, Limits};

fn length(short: usize, long: usize) -> usize {
    if std::env::var_os("MAILWIRE_EXHAUSTIVE").is_some() { long } else { short }
}

/// Every string of up to so many of these octets.
fn every_string(octets: &[u8], longest: usize, mut run: impl FnMut(&[u8])) -> usize {
    let mut string = Vec::new();
    let mut count = 0;
    for length in 0..=longest {
        for mut number in 0..octets.len().pow(u32::try_from(length).unwrap()) {
            string.clear();
            for _ in 0..length {
                string.push(octets[number % octets.len()]);
                number /= octets.len();
            }
            run(&string);
            count += 1;
        }
    }
    count
}

/// The message of a reply, from octets in reads of so many.
fn message(octets: &[u8], part: usize) -> Option<Vec<u8>> {
    let mut decoder = ReplyDecoder::new(pop3::Quirks::strict()).without_greeting();
    decoder.expect_shape(Shape::Message);
    let (mut input, mut read) = (BytesMut::new(), Vec::new());
    for part in octets.chunks(part) {
        input.extend_from_slice(part);
        while let Some(response) = decoder.decode(&mut input).ok()? {
            match response {
                Response::Body(pop3::Body::Chunk(octets)) => read.extend_from_slice(&octets),
                Response::Body(pop3::Body::End) => return input.is_empty().then_some(read),
                _ => {}
            }
        }
    }
    None
}

#[test]
fn dots() {
    // 349,525 of them.
    let count = every_string(b"\r\n.a", length(7, 9), |string| {
        for part in [string.len().max(1), 1] {
            let (mut out, mut stuffer) = (BytesMut::from("+OK\r\n"), Stuffer::new());
            string.chunks(part).for_each(|octets| stuffer.encode(octets, &mut out));
            stuffer.finish(&mut out);
            // A line feed alone becomes a line end, and so does the end of the message.
            let mut expected = Vec::new();
            for octet in string {
                if *octet == b'\n' && expected.last() != Some(&b'\r') {
                    expected.push(b'\r');
                }
                expected.push(*octet);
            }
            if !expected.is_empty() && !expected.ends_with(b"\r\n") {
                expected.extend_from_slice(b"\r\n");
            }
            assert_eq!(message(&out, out.len()).as_ref(), Some(&expected), "{}", string.escape_ascii());
            assert_eq!(message(&out, 1).as_ref(), Some(&expected), "{}", string.escape_ascii());
        }
    });
    assert!(count >= 21_845);
}

/// What the octets behind a `{` are, by the grammar: the length, and whether nobody waits for it.
fn header(octets: &[u8]) -> Option<(u64, bool, usize)> {
    let end = octets.windows(3).position(|end| end == b"}\r\n")?;
    let (digits, unasked) = match octets[..end].strip_suffix(b"+") {
        Some(digits) => (digits, true),
        None => (&octets[..end], false),
    };
    let number =
        digits.iter().all(u8::is_ascii_digit).then(|| std::str::from_utf8(digits).ok()?.parse().ok())??;
    Some((number, unasked, end + 3))
}

fn client_says(octets: &[u8], part: usize) -> (Vec<CommandEvent>, Option<ErrorKind>) {
    let (mut decoder, mut input, mut told) = (CommandDecoder::default(), BytesMut::new(), Vec::new());
    for part in octets.chunks(part) {
        input.extend_from_slice(part);
        loop {
            match decoder.decode(&mut input) {
                Ok(Some(event)) => told.push(event),
                Ok(None) => break,
                Err(error) => return (told, Some(error.kind())),
            }
        }
    }
    (told, None)
}

fn server_says(octets: &[u8], part: usize) -> (Vec<ResponseEvent>, Option<ErrorKind>) {
    let mut decoder = ResponseDecoder::new(Quirks::strict(), Limits::imap_client());
    let (mut input, mut told) = (BytesMut::new(), Vec::new());
    for part in octets.chunks(part) {
        input.extend_from_slice(part);
        loop {
            match decoder.decode(&mut input) {
                Ok(Some(event)) => told.push(event),
                Ok(None) => break,
                Err(error) => return (told, Some(error.kind())),
            }
        }
    }
    (told, None)
}

#[test]
fn headers_of_literals() {
    let longest = length(5, 7);
    every_string(b"019+-}\r\n", longest, |string| {
        let command = [b"a DELETE {", string, b"b NOOP\r\n"].concat();
        let told = client_says(&command, command.len());
        assert_eq!(client_says(&command, 1), told, "{}", string.escape_ascii());
        let header = header(string)
            .filter(|(.., end)| !string[..end - 2].contains(&b'\n') && !string[..end - 2].contains(&b'\r'));
        let waits = told.0.first() == Some(&CommandEvent::Wanted);
        match header {
            Some((length, false, _)) if length <= 64 * 1024 => assert!(waits, "{}", string.escape_ascii()),
            Some((length, true, end)) if length <= 64 * 1024 => {
                // What follows is the name, and no command of its own.
                let rest = &command[10 + end..];
                if rest.len() < length as usize {
                    assert_eq!(told, (Vec::new(), None), "{}", string.escape_ascii());
                }
                assert!(!waits);
            }
            _ => assert!(!waits, "{}", string.escape_ascii()),
        }
        let response = [b"* LIST () NIL {", string, b"* OK x\r\n"].concat();
        let told = server_says(&response, response.len());
        assert_eq!(server_says(&response, 1), told, "{}", string.escape_ascii());
        let response = [b"* 1 FETCH (BODY[] {", string, b"* OK x\r\n"].concat();
        let told = server_says(&response, response.len());
        let joined =
            |(told, error): (Vec<ResponseEvent>, Option<ErrorKind>)| (format!("{:?}", told.first()), error);
        assert_eq!(joined(server_says(&response, 1)), joined(told), "{}", string.escape_ascii());
    });
}
