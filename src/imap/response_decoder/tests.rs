//! Frames, bodies and what cannot be read, at every cut.

use super::*;
use alloc::string::String;
use alloc::vec::Vec;

/// What is told of octets that come in these pieces, the chunks of a body joined.
fn told(pieces: &[&[u8]], quirks: Quirks) -> Vec<String> {
    let mut decoder = ResponseDecoder::new(quirks, Limits::imap_client());
    let mut input = BytesMut::new();
    let mut told = Vec::new();
    let mut body = Vec::new();
    for piece in pieces {
        input.extend_from_slice(piece);
        loop {
            match decoder.decode(&mut input) {
                Ok(Some(ResponseEvent::Body(Body::Chunk(octets)))) => body.extend_from_slice(&octets),
                Ok(Some(ResponseEvent::Body(Body::End))) => {
                    told.push(alloc::format!("End {}", core::mem::take(&mut body).escape_ascii()));
                }
                Ok(Some(ResponseEvent::Unparsed { error, .. })) => {
                    told.push(alloc::format!("Unparsed {error:?}"));
                }
                Ok(Some(event)) => told.push(alloc::format!("{event:?} {:?}", decoder.forgiven())),
                Ok(None) => break,
                Err(error) => {
                    told.push(alloc::format!("{error:?}"));
                    return told;
                }
            }
        }
    }
    assert!(input.is_empty() && !decoder.is_within_message());
    told
}

fn every_split(octets: &[u8], quirks: Quirks) -> Vec<String> {
    let whole = told(&[octets], quirks);
    let single: Vec<&[u8]> = octets.chunks(1).collect();
    assert_eq!(told(&single, quirks), whole);
    for cut in 0..=octets.len() {
        let (one, two) = octets.split_at(cut);
        assert_eq!(told(&[one, two], quirks), whole, "cut at {cut}");
    }
    whole
}

#[test]
fn bodies_between_items() {
    let octets = b"* 1 FETCH (UID 7 BODY[TEXT]<0> {5}\r\na)\r\nb FLAGS (\\Seen) RFC822.HEADER \"q\" BODY[1] NIL ENVELOPE (NIL {3}\r\n\"\r\n NIL NIL NIL NIL NIL NIL NIL NIL) BODY[2] {0}\r\n)\r\n* 2 EXISTS\r\n";
    for quirks in [Quirks::strict(), Quirks::lenient()] {
        let told = every_split(octets, quirks);
        assert_eq!(told.len(), 12, "{told:#?}");
        let ends: Vec<_> = told.iter().filter(|told| told.starts_with("End")).collect();
        assert_eq!(ends, ["End a)\\r\\nb", "End q", "End ", "End "]);
    }
}

/// Whatever a server glues together, a body longer than any string that is gathered is streamed; strictly, it is passed over.
#[test]
fn long_bodies_stream_behind_every_quirk() {
    for start in [
        "* 1 FETCH(BODY[]",
        "* 1 FETCH (RFC822[]",
        "* 1 FETCH (UID 5 RFC822.TEXT[]",
        "* 1 FETCH (FLAGS(\\Seen)BODY[]",
        "* 1 FETCH (BODY[HEADER.FIELDS(a b)]",
        "* 1 FETCH (BODY[]<0.4096>",
    ] {
        let body = b"* 2 EXPUNGE\r\n".repeat(6_000);
        let mut octets = alloc::format!("{start} {{{}}}\r\n", body.len()).into_bytes();
        octets.extend_from_slice(&body);
        octets.extend_from_slice(b" UID 5)\r\n");
        let pieces: Vec<&[u8]> = octets.chunks(1_460).collect();
        let whole = told(&[&octets], Quirks::lenient());
        assert_eq!(told(&pieces, Quirks::lenient()), whole);
        let end = alloc::format!("End {}", body.escape_ascii());
        assert!(whole.contains(&end) && whole.last().unwrap().starts_with("Fetch"), "{start}");
        let strict = told(&[&octets], Quirks::strict());
        assert_eq!(told(&pieces, Quirks::strict()), strict);
        assert!(matches!(strict.as_slice(), [one] if one.starts_with("Unparsed")), "{start}: {strict:?}");
    }
}

#[test]
fn of_a_body_over_its_limit_as_much_is_told_at_every_cut() {
    let octets = b"* 1 FETCH (BODY[] {9}\r\n123456789)\r\n";
    for part in 1..=octets.len() {
        let limits = Limits { stream: 5, ..Limits::imap_client() };
        let mut decoder = ResponseDecoder::new(Quirks::strict(), limits);
        let (mut input, mut body) = (BytesMut::new(), Vec::new());
        let error = octets.chunks(part).find_map(|part| {
            input.extend_from_slice(part);
            loop {
                match decoder.decode(&mut input) {
                    Ok(Some(ResponseEvent::Body(Body::Chunk(octets)))) => body.extend_from_slice(&octets),
                    Ok(Some(_)) => {}
                    Ok(None) => return None,
                    Err(error) => return Some(error.kind()),
                }
            }
        });
        assert_eq!((error, &body[..]), (Some(ErrorKind::LiteralTooLarge), &b"12345"[..]), "{part}");
    }
}

#[test]
fn a_fetch_with_more_spaces_is_one() {
    let octets = b"*  1  FETCH (UID 7  BODY[] {5}\r\na)\r\nb)\r\n*  2 EXISTS\r\n";
    let told = every_split(octets, Quirks::lenient());
    assert_eq!(told.len(), 4, "{told:#?}");
    assert!(told[0].starts_with("Body(Begin") && told[1] == "End a)\\r\\nb");
}

#[test]
fn a_line_is_a_fetch_at_every_split_or_at_none() {
    for line in [&b"* 1 FETCH\r (BODY[] {1} x\r\n"[..], b"* 1x FETCH (FLAGS {1} x\r\n", b"* 1 FETCH\r\n"] {
        for quirks in [Quirks::strict(), Quirks::lenient()] {
            assert_eq!(every_split(line, quirks).len(), 1);
        }
    }
}

#[test]
fn a_run_of_digits_means_the_same_at_every_split() {
    let digits = "9".repeat(21);
    for line in [
        alloc::format!("* 1 FETCH (BODYSTRUCTURE (\"a\" \"b\" (\"n\" [a \"b\".pdf) NIL {{{digits}x\r\n"),
        alloc::format!("* 1 FETCH (UID 1 BODY[] \"x\" X {{{digits}x\r\n"),
        alloc::format!("* X {{{digits}}} \r\n"),
        alloc::format!("* NO [BADCHARSET ({{{digits}x] y\r\n"),
        alloc::format!("* NO [BADCHARSET ({{{digits}}}\r\n"),
        alloc::format!("* OK {{{digits} \r\n"),
    ] {
        for quirks in [Quirks::strict(), Quirks::lenient()] {
            let told = every_split(line.as_bytes(), quirks);
            assert_eq!(told.len(), 1, "{told:#?}");
            let endless = line.starts_with("* 1") || line.starts_with("* X");
            assert_eq!(told[0].contains("BadLiteral"), endless, "{told:?}");
        }
    }
}

#[test]
fn a_body_behind_what_cannot_be_read_is_no_response() {
    for octets in [
        &b"* 1 FETCH (UID 0 BODY[] {14}\r\n* 99 EXISTS\r\nx FLAGS () BODY[1] {2}\r\n\r\n)\r\n* 2 EXISTS\r\n"[..],
        b"* 1 FETCH (BODY[1] {1}\r\nx UID 0 BODY[] {14}\r\n* 99 EXISTS\r\nx)\r\n* 2 EXISTS\r\n",
        b"* 1 FETCH (UID 0 BODY[] {1}\r\nx ENVELOPE (NIL {3}\r\n\"\r\n NIL) BODY[2] {0}\r\n)\r\n* 2 EXISTS\r\n",
        b"* 1 FETCH (UID 1) (BODY[] {14}\r\n* 99 EXISTS\r\nx)\r\n* 2 EXISTS\r\n",
    ] {
        for quirks in [Quirks::strict(), Quirks::lenient()] {
            let told = every_split(octets, quirks);
            assert_eq!(told.iter().filter(|told| told.starts_with("Unparsed")).count(), 1, "{told:#?}");
            assert!(told.last().unwrap().contains("Exists(2)") && !told.concat().contains("99"));
        }
    }
}

#[test]
fn what_is_left_out_is_told() {
    let mut octets = b"* 1 FETCH (UID 3 BODYSTRUCTURE ".to_vec();
    octets.extend_from_slice(&b"(".repeat(65));
    octets.extend_from_slice(b"(\"A\" \"B\" NIL NIL NIL \"7BIT\" 1)");
    octets.extend_from_slice(&b" \"X\")".repeat(65));
    let complete = [&octets[..], b" FLAGS ())\r\n* 2 EXISTS\r\n"].concat();
    let told = every_split(&complete, Quirks::strict());
    assert_eq!(told.len(), 3, "{told:#?}");
    assert!(told[1].starts_with("Unparsed TooDeep") && told[0].contains("last: true"));
    let with_body = [&octets[..], b" BODY[] {1}\r\nx FLAGS ())\r\n* 2 EXISTS\r\n"].concat();
    let told = every_split(&with_body, Quirks::strict());
    assert_eq!(told.len(), 6, "{told:#?}");
    assert!(told[1].starts_with("Unparsed TooDeep") && told[3] == "End x");
}

/// Quotes that do not pair, no space before a literal, lines too many: what a message holds is never taken for responses.
#[test]
fn octets_of_a_message_are_never_responses() {
    const BODY: &str = "* 99 EXISTS\r\n* BYE\r\n";
    let envelope = |subject: &str| {
        alloc::format!(
            "* 1 FETCH (UID 7 ENVELOPE (\"d\" {subject} NIL NIL NIL NIL NIL NIL NIL \"<m>\") BODY[] {{20}}\r\n"
        )
    };
    for before in [
        envelope("\"Re: 5\" disk\""),
        envelope("\"c:\\dir\\\""),
        envelope("\"a\\"),
        envelope("\"say (\"hi\") now\""),
        envelope("\"a b"),
        "* 1 FETCH (UID 7 BODYSTRUCTURE (\"TEXT\" \"HTML\"\" NIL NIL NIL NIL 1 2) BODY[] {20}\r\n".into(),
        "* 1 FETCH (UID 7 ENVELOPE (\"d\" \"x{20}\r\n".into(),
        "* 1 FETCH (UID 7 BODYSTRUCTURE (\"TEXT\" \"x {20}\r\n".into(),
        "* 1 FETCH (UID 7 BODY[HEADER]{20}\r\n".into(),
        "* 1 FETCH (UID 7 RFC822{20}\r\n".into(),
        "* 1 FETCH (UID 7 BODY[]<0>{20}\r\n".into(),
        "* 1 FETCH (UID 7 X-FOO{20}\r\n".into(),
    ] {
        let input = alloc::format!("{before}{BODY}\r\n FLAGS (\\Seen))\r\n* 3 EXISTS\r\n");
        let input = input.replace("\r\n\r\n FLAGS", "\r\n FLAGS");
        for quirks in [Quirks::strict(), Quirks::lenient()] {
            let whole = told(&[input.as_bytes()], quirks);
            assert!(
                !whole.iter().any(|line| line.contains("Exists(99)") || line.contains("Bye")),
                "{whole:#?}"
            );
            assert!(whole.last().unwrap().contains("Exists(3)"), "{whole:#?}");
            for cut in 1..input.len() {
                let (front, rest) = input.as_bytes().split_at(cut);
                assert_eq!(told(&[front, rest], quirks), whole, "cut at {cut}");
            }
        }
    }
}

/// Empty lines between responses, and in a FETCH behind the octets of a body.
#[test]
fn empty_lines_are_passed_over() {
    let input = b"\r\n\0\r\n\0\0* 2 EXISTS\r\n\r\n\r\n* 1 FETCH (BODY[] {2}\r\nhi\r\n FLAGS (\\Seen))\r\n* 1 FETCH (BODY[] {2}\r\nho\r\n* 3 EXISTS\r\n";
    let whole = told(&[input], Quirks::lenient());
    assert!(whole.iter().any(|line| line.contains("Seen")), "{whole:#?}");
    assert!(whole.last().unwrap().contains("Exists(3)"), "{whole:#?}");
    assert!(!whole.iter().any(|line| line.contains("Unparsed")), "{whole:#?}");
    for cut in 1..input.len() {
        let (front, rest) = input.split_at(cut);
        assert_eq!(told(&[front, rest], Quirks::lenient()), whole, "cut at {cut}");
    }
}

/// A conversation of many branches is longer than any text, and nested deeper than any other list; where it does not end, its line does.
#[test]
fn threads_are_as_deep_as_people_answer() {
    let branches = |count: usize| "(1000 (2)".repeat(count);
    let cases = [
        (alloc::format!("{}(3){}", branches(40), ")".repeat(40)), "Response"),
        (alloc::format!("{}(3){}", branches(2_000), ")".repeat(2_000)), "Response"),
        (branches(40), "Unparsed Syntax"),
        (branches(2_000), "Unparsed Syntax"),
        (alloc::format!("{}x{}", branches(2_000), ")".repeat(2_000)), "Unparsed Syntax"),
        ("(".repeat(65), "TooDeep"),
        ("(".repeat(20_000), "TooDeep"),
        (alloc::format!("{}{}", branches(2_000), "(".repeat(65)), "TooDeep"),
        (alloc::format!("x{}", "(".repeat(65)), "TooDeep"),
    ];
    for (threads, expected) in cases {
        let octets = alloc::format!("* THREAD {threads}\r\n* 2 EXISTS\r\n");
        for quirks in [Quirks::strict(), Quirks::lenient()] {
            let whole = told(&[octets.as_bytes()], quirks);
            for size in [1, 7, 64, 1_460, 8_192, 8_193] {
                let pieces: Vec<&[u8]> = octets.as_bytes().chunks(size).collect();
                assert_eq!(told(&pieces, quirks), whole);
            }
            assert!(whole[0].starts_with(expected), "{whole:?}");
            match expected {
                "TooDeep" => assert!(whole.len() == 1 && whole[0].ends_with("fatal"), "{whole:?}"),
                _ => assert!(whole.len() == 2 && whole[1].contains("Exists(2)"), "{whole:?}"),
            }
        }
    }
}

/// The name of a body is that of a body whatever its value is, with the space before it or without.
#[test]
fn a_body_that_is_a_list_is_none() {
    for octets in [
        &b"* 1 FETCH (RFC822 ( -1))\r\n"[..],
        b"* 1 FETCH (RFC822( -1)\r\n",
        b"* 1 FETCH (RFC822.TEXT(a))\r\n",
    ] {
        let strict = every_split(octets, Quirks::strict());
        assert!(matches!(strict.as_slice(), [one] if one.starts_with("Unparsed")), "{strict:?}");
        let lenient = every_split(octets, Quirks::lenient());
        assert!(lenient[0].starts_with("Body(Begin") && lenient[1] == "End ", "{lenient:?}");
        assert!(!lenient.iter().any(|told| told.contains("Other")), "{lenient:?}");
    }
}
