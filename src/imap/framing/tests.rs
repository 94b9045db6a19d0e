//! Lines, literals and limits, at every cut.

use super::*;
use alloc::vec::Vec;

/// The frames of octets that arrive cut in two: their ends, and the lengths of literals that were handed out and then gathered.
fn frames(sender: Sender, input: &[u8], cut: usize) -> Result<Vec<(usize, Option<LiteralHeader>)>, Error> {
    let limits = Limits::imap_client();
    let mut framer = Framer::new(sender);
    let mut frames = Vec::new();
    let mut start = 0;
    for upto in [cut, input.len()] {
        loop {
            match framer.frame(&input[start.min(upto)..upto], &limits)? {
                None => break,
                Some(Frame::Message { end, .. }) => {
                    start += end;
                    frames.push((start, None));
                    framer.next_message();
                }
                Some(Frame::Literal { end, header }) if header.streamed => {
                    start += end + usize::try_from(header.length).unwrap();
                    frames.push((start, Some(header)));
                    framer.resume_message();
                    if start > upto {
                        break;
                    }
                }
                Some(Frame::Literal { header, .. }) => framer.gather(header.length),
            }
        }
    }
    Ok(frames)
}

fn check(sender: Sender, input: &[u8], ends: &[usize], streamed: &[u64]) {
    for cut in 0..=input.len() {
        let frames = frames(sender, input, cut).unwrap();
        let at: Vec<usize> = frames.iter().map(|frame| frame.0).collect();
        let literals: Vec<u64> =
            frames.iter().filter_map(|frame| frame.1).map(|header| header.length).collect();
        assert_eq!((&at[..], &literals[..]), (ends, streamed), "{} cut at {cut}", input.escape_ascii());
    }
}

#[test]
fn text_is_never_a_literal() {
    for line in [
        &b"* OK see {5}\r\n"[..],
        b"* BYE {9999}\r\n",
        b"a1 OK done {3}\r\n",
        b"+ {3}\r\n",
        b"* no {3}\r\n",
        b"* [ALERT] see {3}\r\n",
        b"[ALERT] see {3}\r\n",
        b"* NO [BADCHARSET (a) {3}\r\n",
        b"* NO [BADCHARSET (\"a {3}\r\n",
        b"a1 NO [BADCHARSET (a)] {3}\r\n",
        b"a1 NO x [BADCHARSET ({3}\r\n",
        b"a1 MAYBE [BADCHARSET ({3}\r\n",
    ] {
        check(Sender::Server, line, &[line.len()], &[]);
    }
    let line = b"* LIST () \"/\" \"a {3}\"\r\n";
    check(Sender::Server, line, &[line.len()], &[]);
    let line = b"a LOGIN \"a{5+}\"\r\n";
    check(Sender::Client, line, &[line.len()], &[]);
}

/// What a server sends with a quote too many or too few, or without the space before a literal: the octets of the literal are never lines.
#[test]
fn a_literal_is_one_whatever_is_wrong_before_it() {
    for (line, streamed) in [
        ("* LIST () \"\\\" {15}", false),
        ("* LIST () \"/\"{15}", false),
        ("* 1 FETCH (UID 1 BODYSTRUCTURE (\"TEXT\" \"HTML\"\" NIL NIL NIL {15}", false),
        ("* 1 FETCH (ENVELOPE (\"d\" \"5\" disk\" NIL) FLAGS () BODY[] {15}", true),
        ("* 1 FETCH (ENVELOPE (\"d\" \"c:\\\" NIL) BODY[HEADER.FIELDS (a b)]<0> {15}", true),
        ("* 1 FETCH (ENVELOPE (\"d\" \"c:\\\" NIL) RFC822.TEXT ~{15}", true),
        ("* 1 FETCH (ENVELOPE (\"d\" \"c:\\\" NIL) BODY[HEADER.FIELDS ({15}", false),
        ("* 1 FETCH (BODY[HEADER]{15}", true),
        ("* 1 FETCH (FLAGS (\\Seen) BODY[]<0>~{15}", true),
        ("* 1 FETCH (RFC822{15}", true),
        ("* 1 FETCH (X-FOO{15}", false),
        ("* 1 FETCH(BODY[] {15}", true),
        ("* 1 FETCH (RFC822[] {15}", true),
        ("* 1 FETCH (UID 5 rfc822.header[] {15}", true),
        ("* 1 FETCH (FLAGS(\\Seen)BODY[] {15}", true),
        ("* 1 FETCH (FLAGS(\\Seen)BODY[HEADER.FIELDS(a b)]{15}", true),
        ("* 1 FETCH (ENVELOPE (((a)) {15}", false),
    ] {
        let rest = ") FLAGS (\\Seen))\r\n";
        let input = alloc::format!("{line}\r\n* 99 EXISTS\r\nab{rest}");
        let end = line.len() + 17;
        let whole = [end, input.len()];
        let (ends, lengths) = if streamed { (&whole[..], &[15][..]) } else { (&whole[1..], &[][..]) };
        check(Sender::Server, input.as_bytes(), ends, lengths);
    }
}

#[test]
fn strings_are_gathered() {
    let input = b"* LIST () \"/\" {3}\r\n}\r\n\r\n* 1 FETCH (ENVELOPE ({1}\r\n\n {2}\r\n\r\n))\r\n";
    check(Sender::Server, input, &[24, input.len()], &[]);
    for input in [
        &b"* OK [BADCHARSET ({3}\r\nabc)] x\r\n"[..],
        b"a1 NO [BADCHARSET (a {3}\r\nabc {1}\r\n\n)] see {3}\r\n",
        b"a1  no [badcharset (\"a\" {3}\r\n\r\n))] {99999999999999999999999}\r\n",
        b"* [BADCHARSET ({3}\r\nabc)]\r\n",
    ] {
        check(Sender::Server, input, &[input.len()], &[]);
    }
    let input = b"a XYZZY {11+}\r\nB LOGOUT xx\r\nC NOOP\r\n";
    check(Sender::Client, input, &[28, 36], &[]);
}

#[test]
fn bodies_are_streamed() {
    for item in
        ["BODY[]", "body[1.MIME]<0>", "BODY[HEADER.FIELDS (a b)]", "RFC822", "RFC822.TEXT", "BINARY[1]"]
    {
        let start = alloc::format!("* 1 FETCH (UID 5 FLAGS (\\Seen [x) {item} {{4}}\r\n");
        let input = alloc::format!("{start})\r\n) UID 7)\r\n");
        check(Sender::Server, input.as_bytes(), &[start.len() + 4, input.len()], &[4]);
    }
    let input = b"* 1 FETCH (BODY[HEADER.FIELDS ({4}\r\nfrom)] {2}\r\nab BODY[] ~{1}\r\n\0)\r\n";
    check(Sender::Server, input, &[50, 65, input.len()], &[2, 1]);
}

/// A server's octets that break a limit: the same one at the same place, however they are cut.
fn fails(input: &[u8], limits: &Limits, expected: (ErrorKind, u64)) {
    for cut in 0..=input.len() {
        let mut framer = Framer::new(Sender::Server);
        let told = framer.frame(&input[..cut], limits).and_then(|_| framer.frame(input, limits));
        let error = told.unwrap_err();
        assert_eq!((error.kind(), error.offset()), expected, "{} at {cut}", input.escape_ascii());
    }
}

/// What has no end yet is text as far as its limit goes.
#[test]
fn a_line_that_begins_with_a_tag_is_text_from_its_first_octet() {
    let mut limits = Limits::imap_client();
    (limits.line, limits.structured_line) = (40, 60);
    for input in ["a".repeat(70), alloc::format!("{:42}NO [BADCHARSET ({{3}}\r\nabc)]\r\n", "a")] {
        fails(input.as_bytes(), &limits, (ErrorKind::LineTooLong, 40));
    }
}

/// Lists that open behind the limit of their line are not what is wrong with it.
#[test]
fn what_is_over_the_limit_of_a_line_is_not_looked_at() {
    let mut limits = Limits::imap_client();
    (limits.line, limits.structured_line, limits.depth, limits.body_depth) = (40, 60, 3, 4);
    for (lists, kind, offset) in [(7, ErrorKind::LineTooLong, 60), (8, ErrorKind::TooDeep, 0)] {
        let input = alloc::format!("* X {:57}((((\r\n", "(".repeat(lists));
        fails(input.as_bytes(), &limits, (kind, offset));
    }
}

/// Where a line is over its own limit and makes the message longer than that may be, what was met first is told.
#[test]
fn of_two_limits_the_one_met_first_counts() {
    let mut limits = Limits::imap_client();
    (limits.line, limits.structured_line, limits.literal, limits.message) = (40, 60, 20, 90);
    for (literal, kind, offset) in [
        (5, ErrorKind::LineTooLong, 60),
        (17, ErrorKind::LineTooLong, 60),
        (18, ErrorKind::MessageTooLarge, 31),
    ] {
        let before = alloc::format!("* X (a {{{literal:02}}}\r\n{}", "b".repeat(literal));
        let input = before + " " + &"c".repeat(120) + ")\r\n";
        fails(input.as_bytes(), &limits, (kind, offset));
    }
}

#[test]
fn messages_of_append_are_streamed() {
    let input = b"a APPEND {5}\r\nINBOX (\\Seen) {3+}\r\nabc {2}\r\n\r\n\r\nb NOOP\r\n";
    check(Sender::Client, input, &[37, 45, 47, 55], &[3, 2]);
    let input = b"a APPEND x CATENATE (URL {2+}\r\nab TEXT {3+}\r\nabc)\r\n";
    check(Sender::Client, input, &[48, 51], &[3]);
    let input = b"a APPEND x CATENATE (UTF8 (~{3+}\r\nabc) URL {2+}\r\nab utf8 (~{1+}\r\nx))\r\n";
    check(Sender::Client, input, &[37, 66, 70], &[3, 1]);
    // Only there a literal that deep is message data.
    let input = b"a APPEND x (UTF8 (~{3+}\r\nabc)) CATENATE (URL (~{2+}\r\nab)) {1+}\r\nx\r\n";
    check(Sender::Client, input, &[65, 67], &[1]);
    let input = b"a UID REPLACE 4 {1+}\r\nx {3+}\r\nabc\r\n";
    check(Sender::Client, input, &[33, 35], &[3]);
}

#[test]
fn a_run_of_digits_is_not_waited_for() {
    let mut input = b"* 1 FETCH (BODY[] {".to_vec();
    input.extend_from_slice(&[b'9'; 21]);
    assert_eq!(frames(Sender::Server, &input, 0).unwrap_err().kind(), ErrorKind::BadLiteral);
    let mut input = b"* 1 FETCH (BODY[TEXT] \"{".to_vec();
    input.extend_from_slice(&[b'9'; 21]);
    assert!(frames(Sender::Server, &input, 0).unwrap().is_empty());
    // Nor is it passed over where it ends after all.
    for line in ["* 1 FETCH (FLAGS (a {", "* SEARCH {", "* X ~{", "* 1 FETCH (ENVELOPE (\"a\"b {"] {
        for end in ["x {1}\r\nx\r\n", "}\r\n", "x\r\n"] {
            let line = alloc::format!("{line}{}{end}", "9".repeat(21));
            for cut in 0..line.len() {
                let mut framer = Framer::new(Sender::Server);
                let (limits, input) = (Limits::imap_client(), line.as_bytes());
                let told = framer.frame(&input[..cut], &limits).and_then(|_| framer.frame(input, &limits));
                let told = told.and_then(|_| framer.check_header(input, input.len()));
                assert_eq!(told.unwrap_err().kind(), ErrorKind::BadLiteral, "{line:?} {cut}");
            }
        }
    }
}

#[test]
fn limits_of_lines_are_inclusive() {
    for (kind, prefix, limit) in [(true, &b"* OK "[..], 8 * 1024), (false, b"* SEARCH", 1024 * 1024)] {
        for (extra, fits) in [(0usize, true), (1, false)] {
            let mut line = prefix.to_vec();
            line.resize(limit + extra, b' ');
            assert_eq!(frames(Sender::Server, &line, line.len()).is_ok(), fits, "{kind} {extra}");
            line.extend_from_slice(b"\r\n");
            assert_eq!(frames(Sender::Server, &line, line.len() - 1).is_ok(), fits, "{kind} {extra}");
        }
    }
}

/// What a line is does not depend on how much of it has arrived, even if it begins with more spaces than a line may be long.
#[test]
fn spaces_before_the_first_word_mean_the_same_at_every_cut() {
    let limits = Limits::imap_client();
    for spaces in [1, 60, 61, 62, 63, 64, 8_200] {
        for word in ["OK", "FLAGS", "PREAUTH", "12"] {
            let line = alloc::format!("* {}{word} x {{3}}\r\n", " ".repeat(spaces));
            let frame = |cut: usize| {
                let mut framer = Framer::new(Sender::Server);
                let told = framer.frame(&line.as_bytes()[..cut], &limits);
                let told = told.and_then(|_| framer.frame(line.as_bytes(), &limits));
                told.map_or_else(
                    |error| alloc::format!("{:?}", error.kind()),
                    |frame| alloc::format!("{frame:?}"),
                )
            };
            let whole = frame(0);
            for cut in (0..80).chain(8_180..8_230).filter(|cut| *cut < line.len()) {
                assert_eq!(frame(cut), whole, "{spaces} {word} {cut}");
            }
        }
    }
}

/// Lists that open within the room of the message count, whether that or the line is the narrower limit.
#[test]
fn lists_count_before_the_end_of_the_message_does() {
    let mut limits = Limits::imap_client();
    (limits.line, limits.message, limits.depth, limits.body_depth) = (40, 40, 3, 4);
    for (lists, kind) in [(7, ErrorKind::MessageTooLarge), (8, ErrorKind::TooDeep)] {
        let input = alloc::format!("* X {{2}}\r\nab {:100}\r\n", "(".repeat(lists));
        let whole = Framer::new(Sender::Server).frame(input.as_bytes(), &limits).unwrap_err();
        assert_eq!(whole.kind(), kind);
        fails(input.as_bytes(), &limits, (kind, whole.offset()));
    }
}
