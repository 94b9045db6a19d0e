//! What real servers send against the grammar: a lenient decoder takes it and names what it forgave, and each quirk can be switched
//! off alone.

use bytes::BytesMut;
use mailwire::pop3::{Quirk, Quirks, ReplyDecoder, Response, Shape};
use std::num::NonZeroU32;

use Quirk::*;

/// What a decoder that forgives nothing makes of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Strictly {
    /// The line cannot be read, and the next one can.
    Refused,
    /// Nobody knows where the next line begins.
    Fatal,
    /// It is taken by the letter: what a quirk gives it beyond that is missing.
    ByTheLetter,
}

use Strictly::{ByTheLetter, Fatal, Refused};

const UNIQUE_ID: Shape = Shape::UniqueId(NonZeroU32::MIN);

/// The shape of the answer, `None` for the greeting; its octets, every quirk they have, and what has to stand in what is told.
type Case = (Option<Shape>, &'static [u8], &'static [Quirk], Strictly, &'static str);

const CASES: &[Case] = &[
    // A timestamp that is none; a greeting not in ASCII; letters in lower case.
    (None, b"+OK <not a stamp> ready\r\n", &[BadTimestamp], ByTheLetter, "not a stamp"),
    (None, b"+OK <a b@c>\r\n", &[BadTimestamp], ByTheLetter, "<a b@c>"),
    (None, b"+OK ready <unclosed\r\n", &[BadTimestamp], ByTheLetter, "unclosed"),
    (None, b"+OK caf\xe9\r\n", &[NonAsciiText], Refused, "caf"),
    (None, b"+OK caf\xc3\xa9 <1.2@a>\r\n", &[NonAsciiText], Refused, "1.2@a"),
    (None, b"+OK <1.2@\xe9>\r\n", &[NonAsciiText, BadTimestamp], Refused, "1.2@"),
    (Some(Shape::Status), b"+OK caf\xe9\r\n", &[NonAsciiText], Refused, "caf"),
    (Some(Shape::Status), b"-ERR n\xf6\r\n", &[NonAsciiText], Refused, "-ERR n"),
    (None, b"+ok ready\r\n", &[StatusCase], Fatal, "ready"),
    (Some(Shape::Status), b"-err no\r\n", &[StatusCase], Fatal, "no"),
    // Lines that end in LF, and dots before one.
    (None, b"+OK ready\n", &[BareLineFeed], Fatal, "ready"),
    (Some(Shape::Status), b"+OK\n", &[BareLineFeed], Fatal, "Completed"),
    (Some(Shape::Capabilities), b"+OK\nTOP\n.\n", &[BareLineFeed, DotLineFeed], Fatal, "Top"),
    (Some(Shape::ScanListings), b"+OK\r\n1 120\r\n.\n", &[BareLineFeed, DotLineFeed], Fatal, "120"),
    (Some(Shape::UniqueIds), b"+OK\n1 a\n.\n", &[BareLineFeed, DotLineFeed], Fatal, "UniqueIdListing"),
    (Some(Shape::Message), b"+OK\na\n.\n", &[BareLineFeed, DotLineFeed], Fatal, "Chunk"),
    (Some(Shape::Message), b"+OK\r\na\r\n.\n", &[DotLineFeed], ByTheLetter, "Chunk"),
    // Dots that are not stuffed.
    (Some(Shape::Message), b"+OK\r\n.a\r\n.\r\n", &[UnstuffedDot], ByTheLetter, ".a"),
    (Some(Shape::Top), b"+OK\r\nb: c\r\n\r\n.x\r\n.\r\n", &[UnstuffedDot], ByTheLetter, "x"),
    (Some(Shape::Capabilities), b"+OK\r\n.FOO\r\nTOP\r\n.\r\n", &[UnstuffedDot], ByTheLetter, "FOO"),
    // A count that is wrong.
    (Some(Shape::Message), b"+OK 5 octets\r\na\r\n.\r\n", &[OctetCount], ByTheLetter, "5 octets"),
    (Some(Shape::Message), b"+OK 0 octets\r\na\r\n.\r\n", &[OctetCount], ByTheLetter, "0 octets"),
    (Some(Shape::Message), b"+OK 9 octets\r\n.\r\n", &[OctetCount], ByTheLetter, "9 octets"),
    // Spaces.
    (Some(Shape::DropListing), b"+OK  2  320\r\n", &[ExtraSpace], Refused, "320"),
    (Some(Shape::ScanListings), b"+OK\r\n1  120\r\n.\r\n", &[ExtraSpace], Refused, "120"),
    (Some(Shape::ScanListings), b"+OK\r\n 1 120\r\n.\r\n", &[ExtraSpace], Refused, "120"),
    (Some(Shape::ScanListing), b"+OK  1   120\r\n", &[ExtraSpace], Refused, "120"),
    (Some(Shape::UniqueIds), b"+OK\r\n1  abc\r\n2 def \r\n 3 ghi\r\n.\r\n", &[ExtraSpace], Refused, "ghi"),
    (Some(UNIQUE_ID), b"+OK 1  abc\r\n", &[ExtraSpace], Refused, "abc"),
    (Some(UNIQUE_ID), b"+OK 1 abc \r\n", &[ExtraSpace], Refused, "abc"),
    (Some(Shape::DropListing), b"+OK 2\t320\r\n", &[ExtraSpace], Refused, "320"),
    (Some(Shape::ScanListings), b"+OK\r\n1\t120\r\n2 240\t\r\n.\r\n", &[ExtraSpace], Refused, "240"),
    (
        Some(Shape::UniqueIds),
        b"+OK\r\n1\tabc\r\n.\r\n",
        &[ExtraSpace],
        Refused,
        "message: 1, unique_id: \"abc\"",
    ),
    (Some(Shape::Capabilities), b"+OK\r\nSASL PLAIN  LOGIN \r\n.\r\n", &[ExtraSpace], ByTheLetter, "Sasl(["),
    (Some(Shape::Capabilities), b"+OK\r\nTOP\t\r\n.\r\n", &[ExtraSpace], ByTheLetter, "[Top]"),
    (Some(Shape::Capabilities), b"+OK\r\n UIDL\r\n.\r\n", &[ExtraSpace], Refused, "[Uidl]"),
    // Unique-ids.
    (Some(Shape::UniqueIds), b"+OK\r\nabc\r\ndef\r\n.\r\n", &[MissingMessageNumber], Refused, "def"),
    (Some(UNIQUE_ID), b"+OK abc\r\n", &[MissingMessageNumber], Refused, "abc"),
    (Some(UNIQUE_ID), b"+OK\r\n1 abc\r\n.\r\n", &[MultiLineUniqueId], Fatal, "abc"),
    (Some(UNIQUE_ID), b"+OK here it is\r\n1 abc\r\n.\r\n", &[MultiLineUniqueId], Fatal, "abc"),
    (Some(Shape::UniqueIds), b"+OK\r\n1 a b\r\n.\r\n", &[BadUniqueId], Refused, "a b"),
    (Some(Shape::UniqueIds), b"+OK\r\n1 caf\xe9\r\n.\r\n", &[BadUniqueId], Refused, "caf"),
    // A challenge of nothing.
    (Some(Shape::Authentication), b"+\r\n+OK\r\n", &[BareContinuation], Refused, "Challenge"),
];

/// What every decoder takes.
const PLAIN: &[(Option<Shape>, &[u8], &str)] = &[
    (None, b"+OK\r\n", "Greeting"),
    (None, b"+OK late in the line <1896.697170952@dbc.mtview.ca.us> it comes\r\n", "1896.697170952"),
    (Some(Shape::Status), b"+OK\r\n", "Completed"),
    (Some(Shape::Status), b"-ERR\r\n", "Completed"),
    (Some(Shape::Capabilities), b"-ERR what is CAPA?\r\n", "what is CAPA?"),
    (Some(Shape::Capabilities), b"+OK\r\n..FOO\r\n.\r\n", ".FOO"),
    (Some(Shape::Capabilities), b"+OK\r\n.\r\n", "Capabilities"),
    (Some(Shape::UniqueIds), b"+OK\r\n1 same\r\n2 same\r\n.\r\n", "same"),
    (Some(Shape::UniqueIds), b"-ERR no UIDL\r\n", "no UIDL"),
    (Some(Shape::Message), b"+OK 3 octets\r\na\r\n.\r\n", "Chunk"),
    (Some(Shape::Message), b"+OK\r\na\n.\nb\r\n.\r\n", "\\n.\\nb"),
    (Some(Shape::Message), b"+OK\r\n.\r\n", "End"),
];

/// What is told of an answer and of the one behind it, what was forgiven, whether all of it could be read, and whether nothing was fatal.
fn decode(shape: Option<Shape>, octets: &[u8], quirks: Quirks, part: usize) -> (String, Quirks, bool, bool) {
    let mut decoder = ReplyDecoder::new(quirks);
    if let Some(shape) = shape {
        decoder = decoder.without_greeting();
        decoder.expect_shape(shape);
    }
    decoder.expect_shape(Shape::Status);
    let (mut shown, mut met, mut read) = (String::new(), Quirks::default(), true);
    let octets = [octets, b"+OK 4711\r\n"].concat();
    let mut input = BytesMut::new();
    let mut body = Vec::new();
    for part in octets.chunks(part) {
        input.extend_from_slice(part);
        loop {
            match decoder.decode(&mut input) {
                Ok(None) => break,
                Ok(Some(response)) => {
                    decoder.forgiven().iter().for_each(|quirk| met.insert(quirk));
                    read &= !matches!(response, Response::Unparsed { .. });
                    match response {
                        Response::Body(mailwire::pop3::Body::Chunk(octets)) => {
                            body.extend_from_slice(&octets)
                        }
                        response => {
                            if !body.is_empty() {
                                shown.push_str(&format!("Chunk({})", body.escape_ascii()));
                                body.clear();
                            }
                            shown.push_str(&format!("{response:?} "));
                        }
                    }
                }
                Err(_) => return (shown, met, false, false),
            }
        }
    }
    (shown, met, read, true)
}

#[test]
fn every_reply_of_the_wild_is_read_by_name() {
    let mut wrong = Vec::new();
    for (shape, octets, quirks, strictly, expected) in CASES {
        let line = octets.escape_ascii();
        let all: Quirks = quirks.iter().copied().collect();
        let whole = decode(*shape, octets, Quirks::lenient(), usize::MAX);
        let (shown, met, read, kept) = &whole;
        if !read || !kept || *met != all || !shown.contains(expected) || !shown.contains("4711") {
            wrong.push(format!("lenient {line}: {whole:?}"));
        }
        if decode(*shape, octets, Quirks::lenient(), 1) != whole {
            wrong.push(format!("octet by octet {line}"));
        }
        let alone = decode(*shape, octets, all, usize::MAX);
        if alone.1 != all || !alone.2 {
            wrong.push(format!("alone {line}: {alone:?}"));
        }
        for quirk in *quirks {
            let mut without = Quirks::lenient();
            without.remove(*quirk);
            if decode(*shape, octets, without, usize::MAX).1.contains(*quirk) {
                wrong.push(format!("without {quirk:?} {line}"));
            }
        }
        let mut nothing = Quirks::lenient();
        Quirk::ALL.iter().for_each(|quirk| nothing.remove(*quirk));
        let (shown, met, read, kept) = decode(*shape, octets, nothing, usize::MAX);
        let outcome = match (read, kept) {
            (true, true) if met.is_empty() => ByTheLetter,
            (_, true) => Refused,
            _ => Fatal,
        };
        if outcome != *strictly || (outcome == Refused && !shown.contains("4711")) {
            wrong.push(format!("strict {line}: {outcome:?} {met:?} {shown}"));
        }
    }
    for (shape, octets, expected) in PLAIN {
        for quirks in [Quirks::lenient(), Quirks::strict()] {
            let (shown, met, read, kept) = decode(*shape, octets, quirks, usize::MAX);
            if !read || !kept || !met.is_empty() || !shown.contains(expected) || !shown.contains("4711") {
                wrong.push(format!("{quirks:?} {}: {met:?} {shown}", octets.escape_ascii()));
            }
        }
    }
    let unmet: Vec<_> =
        Quirk::ALL.iter().filter(|quirk| !CASES.iter().any(|case| case.2.contains(quirk))).collect();
    // Lines of any length have a test of their own.
    assert_eq!(unmet, [&LongLine]);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn lines_of_any_length_are_read() {
    let text = "x".repeat(600);
    for (shape, octets) in [
        (None, format!("+OK {text}\r\n")),
        (Some(Shape::Status), format!("-ERR {text}\r\n")),
        (Some(Shape::Capabilities), format!("+OK\r\nFOO {text}\r\n.\r\n")),
    ] {
        let (shown, met, read, _) = decode(shape, octets.as_bytes(), Quirks::lenient(), usize::MAX);
        assert!(read && shown.contains(&text), "{shown}");
        assert_eq!(met, [LongLine].into_iter().collect());
        assert!(!decode(shape, octets.as_bytes(), Quirks::strict(), usize::MAX).2);
    }
    // The lines of a message are not the server's.
    let octets = format!("+OK\r\n{}\r\n.\r\n", "y".repeat(5_000));
    let (_, met, read, _) = decode(Some(Shape::Message), octets.as_bytes(), Quirks::strict(), 7);
    assert!(read && met.is_empty());
}

/// `3` as the third line may be the number or the unique-id: it must not pass for a unique-id that was seen before.
#[test]
fn a_messages_own_number_alone_is_no_unique_id() {
    let octets = b"+OK\r\n1 a\r\n2\r\n7\r\n4 d\r\n.\r\n";
    for part in [1, usize::MAX] {
        let (shown, met, read, kept) = decode(Some(Shape::UniqueIds), octets, Quirks::lenient(), part);
        assert!(kept && !read && shown.contains("4711"), "{shown}");
        assert!(!shown.contains("unique_id: \"2\""), "{shown}");
        assert!(shown.contains("unique_id: \"7\"") && shown.contains("unique_id: \"d\""), "{shown}");
        assert_eq!(met, [MissingMessageNumber].into_iter().collect());
    }
}

/// Strictly, a capability with spaces too many is an unknown one, and comes back as that.
#[test]
fn a_capability_with_spaces_too_many_is_kept_to_the_letter() {
    let mut decoder = ReplyDecoder::new(Quirks::strict()).without_greeting();
    decoder.expect_shape(Shape::Capabilities);
    let response = decoder.decode(&mut BytesMut::from("+OK\r\nTOP \r\n.\r\n")).unwrap().unwrap();
    let mut out = BytesMut::new();
    let mut again = response.encode_alone(&mut out).unwrap();
    assert_eq!(again.decode(&mut out).unwrap().unwrap(), response);
}
