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
const SCAN: Shape = Shape::ScanListing(NonZeroU32::MIN);

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
    (Some(Shape::Status), b"+ERR Server error: Error\r\n", &[PlusErr], Fatal, "-ERR Server error: Error"),
    (Some(Shape::UniqueIds), b"+ERR\r\n", &[PlusErr], Fatal, "-ERR"),
    (Some(Shape::Authentication), b"+ERR no\r\n", &[PlusErr], Fatal, "-ERR no"),
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
    (Some(SCAN), b"+OK  1   120\r\n", &[ExtraSpace], Refused, "120"),
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
    // Empty lines.
    (Some(Shape::Capabilities), b"+OK\r\n \r\nTOP\r\n.\r\n", &[EmptyLine], Refused, "[Top]"),
    (Some(Shape::UniqueIds), b"+OK\r\n\r\n1 a\r\n \r\n2 b\r\n.\r\n", &[EmptyLine], Refused, "b"),
    (Some(Shape::ScanListings), b"+OK\r\n1 120\r\n\r\n.\r\n", &[EmptyLine], Refused, "120"),
    (Some(Shape::Capabilities), b"+OK\r\n\r\nTOP\r\n.\r\n", &[EmptyLine], Refused, "[Top]"),
    (Some(Shape::Languages), b"+OK\r\nen English\r\n\r\n.\r\n", &[EmptyLine], Refused, "English"),
    // The size of one message.
    (Some(SCAN), b"+OK 120\r\n", &[MissingMessageNumber], Refused, "message: 1, octets: 120"),
    (Some(SCAN), b"+OK\r\n1 120\r\n.\r\n", &[MultiLineScanListing], Fatal, "message: 1, octets: 120"),
    (
        Some(SCAN),
        b"+OK 2 messages (320 octets)\r\n2 200\r\n1 120\r\n.\r\n",
        &[MultiLineScanListing],
        Fatal,
        "ScanListing(ScanListing { message: 1, octets: 120 }) Completed",
    ),
    (Some(SCAN), b"+OK 1 message\r\n1 120\r\n.\r\n", &[MultiLineScanListing], Fatal, "octets: 120"),
    (Some(SCAN), b"+OK 2 320\r\n1 120\r\n2 200\r\n.\r\n", &[MultiLineScanListing], Fatal, "octets: 120"),
    (Some(SCAN), b"+OK list follows\r\n", &[MultiLineScanListing], Refused, "list follows"),
    // Unique-ids.
    (Some(Shape::UniqueIds), b"+OK\r\nabc\r\ndef\r\n.\r\n", &[MissingMessageNumber], Refused, "def"),
    (Some(UNIQUE_ID), b"+OK abc\r\n", &[MissingMessageNumber], Refused, "abc"),
    (Some(UNIQUE_ID), b"+OK\r\n1 abc\r\n.\r\n", &[MultiLineUniqueId], Fatal, "abc"),
    (Some(UNIQUE_ID), b"+OK here it is\r\n1 abc\r\n.\r\n", &[MultiLineUniqueId], Fatal, "abc"),
    (
        Some(UNIQUE_ID),
        b"+OK 2 messages (320 octets)\r\n2 b\r\n1 a\r\n.\r\n",
        &[MultiLineUniqueId],
        Fatal,
        "UniqueIdListing(UniqueIdListing { message: 1, unique_id: \"a\" }) Completed",
    ),
    (Some(UNIQUE_ID), b"+OK 1 message (120 octets)\r\n1 a\r\n.\r\n", &[MultiLineUniqueId], Fatal, "\"a\""),
    (Some(UNIQUE_ID), b"+OK a b\r\n", &[MultiLineUniqueId], Refused, "Completed(+OK a b)"),
    (Some(UNIQUE_ID), b"+OK 1 caf\xe9\r\n", &[NonAsciiText, BadUniqueId], Refused, "caf"),
    (Some(Shape::UniqueIds), b"+OK\r\n1 a b\r\n.\r\n", &[BadUniqueId], Refused, "a b"),
    (Some(Shape::UniqueIds), b"+OK\r\n1 caf\xe9\r\n.\r\n", &[BadUniqueId], Refused, "caf"),
    // A challenge of nothing.
    (Some(Shape::Authentication), b"+\r\n+OK\r\n", &[BareContinuation], Refused, "Challenge"),
    // A challenge for people.
    (Some(Shape::Authentication), b"+ go ahead\r\n+OK\r\n", &[TextChallenge], Refused, "Challenge([])"),
    (Some(Shape::Authentication), b"+ Username:\r\n+OK\r\n", &[TextChallenge], Refused, "Challenge([])"),
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
    // Lines of any length have a test of their own; of the other one a conversation tells.
    assert_eq!(unmet, [&LongLine, &OkForChallenge]);
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

/// What an answer about one message says where it says nothing of it, or is not the one that was asked for: the next answer is the next.
#[test]
fn an_answer_about_one_message_takes_nothing_of_the_next_answer() {
    const UNPARSED: &str = "Unparsed";
    for (octets, unique_id, scan) in [
        ("+OK 1 \r\n", UNPARSED, UNPARSED),
        ("+OK 1\r\n", UNPARSED, UNPARSED),
        ("+OK 1  \r\n", UNPARSED, UNPARSED),
        ("+OK 1 -1\r\n", "unique_id: \"-1\"", UNPARSED),
        ("+OK 1 120octets\r\n", "unique_id: \"120octets\"", UNPARSED),
        ("+OK 1 99999999999999999999\r\n", "unique_id: \"99999999999999999999\"", UNPARSED),
        ("+OK 1 120 octets\r\n", "Completed(+OK 1 120 octets)", "octets: 120"),
        ("+OK 2 120\r\n", "Completed(+OK 2 120)", "Completed(+OK 2 120)"),
        ("+OK\r\n", "Completed(+OK)", "Completed(+OK)"),
        ("+OK a b\r\n", "Completed(+OK a b)", "Completed(+OK a b)"),
    ] {
        for (shape, expected) in [(UNIQUE_ID, unique_id), (SCAN, scan)] {
            for behind in ["+OK 30 octets", "-ERR no", "+ok", "+ERR no"] {
                for part in [1, usize::MAX] {
                    let octets = format!("{octets}{behind}\r\n");
                    let mut decoder = ReplyDecoder::new(Quirks::lenient()).without_greeting();
                    decoder.expect_shape(shape);
                    decoder.expect_shape(Shape::Status);
                    let (mut input, mut told) = (BytesMut::new(), Vec::new());
                    for part in octets.as_bytes().chunks(part) {
                        input.extend_from_slice(part);
                        while let Some(response) = decoder.decode(&mut input).unwrap() {
                            told.push((format!("{response:?}"), decoder.forgiven(), decoder.offset()));
                        }
                    }
                    let (last, forgiven, offset) = told.pop().unwrap();
                    assert!(last.starts_with("Completed"), "{octets} {last}");
                    assert_eq!(Ok(offset), u64::try_from(octets.len() - behind.len() - 2), "{octets}");
                    assert!(
                        !forgiven.contains(MultiLineUniqueId) && !forgiven.contains(MultiLineScanListing)
                    );
                    assert!(told[0].0.contains(expected), "{octets} {told:?}");
                    assert_eq!(told.len(), if expected.starts_with("Completed") { 1 } else { 2 }, "{octets}");
                    assert!(told.iter().all(|(_, forgiven, _)| !forgiven.contains(StatusCase)), "{octets}");
                }
            }
        }
    }
}

/// In a listing that should have been one line, nobody knows whose number is left out.
#[test]
fn a_unique_id_without_its_number_names_no_message_in_a_listing_of_one() {
    let octets = b"+OK\r\na\r\nb\r\n1 c\r\nd\r\n.\r\n";
    let (shown, met, read, kept) = decode(Some(UNIQUE_ID), octets, Quirks::lenient(), 1);
    assert!(kept && !read && shown.contains("unique_id: \"c\"") && shown.contains("4711"), "{shown}");
    assert_eq!(shown.matches("Unparsed").count(), 3, "{shown}");
    assert_eq!(met, [MultiLineUniqueId].into_iter().collect());
}

/// Strictly, the answer is about the message that was asked for.
#[test]
fn an_answer_about_another_message_is_refused() {
    for (shape, octets) in [(UNIQUE_ID, b"+OK 2 abc\r\n"), (SCAN, b"+OK 2 120\r\n")] {
        let (shown, met, read, kept) = decode(Some(shape), octets, Quirks::strict(), 1);
        assert!(!read && kept && met.is_empty() && shown.contains("4711"), "{shown}");
    }
}

/// A CR or a NUL is in no unique-id, whatever is forgiven.
#[test]
fn a_unique_id_holds_no_control_of_lines() {
    let (shown, _, read, kept) =
        decode(Some(Shape::UniqueIds), b"+OK\r\n1 a\rb\r\n.\r\n", Quirks::lenient(), 1);
    assert!(!read && kept && shown.contains("Unparsed"), "{shown}");
    for octets in [b"+OK\r\n1 a\0b\r\n.\r\n".as_slice(), b"+OK\r\n1 ab\r\n.\0\r\n"] {
        assert!(!decode(Some(Shape::UniqueIds), octets, Quirks::lenient(), 1).3);
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
