//! APPEND and REPLACE, as a server reads them, in every segmentation.

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

mod imap;
mod trace;

use bytes::BytesMut;
use imap::{Scenario, ServerSubject, protected};
use trace::{Side, Subject, check};

fn server(trace: &str, subject: impl Fn() -> ServerSubject) {
    check(Side::Server, trace, subject);
}

#[test]
fn append_of_a_server() {
    let ready = || Scenario::server_authenticated(protected());
    server(
        r"
        C: a APPEND INBOX (\\Seen) {5}
        > Literal a APPEND INBOX 5 waits
        > nothing
        do: accept
        S: + OK
        C= a\r\n\0x
        > Chunk a\r\n\0x
        > LiteralEnd
        C: 
        > Command a APPEND INBOX
        do: ok [APPENDUID 1 2] done
        > Refused InvalidValue
        S: a NO Not completed
        C: b NOOP
        > Command b NOOP
        ",
        ready,
    );
    server(
        r"
        C: a APPEND INBOX {3+}
        C= abc {2+}\r\nde\r\nb NOOP\r\n
        > Literal a APPEND INBOX 3 comes
        do: accept
        > Chunk abc
        > LiteralEnd
        > Literal a APPEND INBOX 2 comes
        do: accept
        > Chunk de
        > LiteralEnd
        > Command a APPEND INBOX
        do: ok done
        > Command b NOOP
        S: a OK done
        ",
        ready,
    );
    // Refused before its octets are sent: they never come.
    server(
        "
        C: a APPEND INBOX {5}
        > Literal a APPEND INBOX 5 waits
        do: refuse too big
        S: a NO [TOOBIG] too big
        C: b NOOP
        > Command b NOOP
        ",
        ready,
    );
    // Refused while they come: they are passed over, however many messages there are.
    server(
        r"
        C: a APPEND INBOX {9+}
        C= b LOGOUT\r {3+}\r\nc X\r\nd NOOP\r\n
        > Literal a APPEND INBOX 9 comes
        do: refuse too big
        > Command d NOOP
        S: a NO [TOOBIG] too big
        ",
        ready,
    );
    // What cannot be told is known at once, and the client gets a completion all the same.
    for (header, action, before, after) in [
        ("{3+}", "refuse two\\r\\nlines", "", "S: a NO Not completed"),
        ("{3}", "refuse two\\r\\nlines", "S: a NO Not completed", ""),
        ("{3+}", "discard two\\r\\nlines", "", "S: a NO Not completed"),
        ("{3}", "discard two\\r\\nlines", "S: + OK", "S: a NO Not completed"),
    ] {
        let waits = if header == "{3}" { "waits" } else { "comes" };
        let octets = if header == "{3}" && action.starts_with("refuse") { "" } else { "abc\\r\\n" };
        server(
            &format!(
                r"
                C: a APPEND INBOX {header}
                > Literal a APPEND INBOX 3 {waits}
                do: {action}
                > Refused InvalidValue
                {before}
                C= {octets}b NOOP\r\n
                > Command b NOOP
                {after}
                "
            ),
            ready,
        );
    }
    server(
        r"
        C: a APPEND INBOX {9}
        > Literal a APPEND INBOX 9 waits
        do: discard no such mailbox
        S: + OK
        C: b LOGOUT\r
        C: d NOOP
        > Command d NOOP
        S: a NO [TRYCREATE] no such mailbox
        ",
        ready,
    );
    server(
        r"
        C= a APPEND x CATENATE (URL /1 TEXT {3+}\r\nabc URL {2+}\r\n/2 TEXT {1}\r\n
        > Catenate - APPEND x
        > CatenateUrl /1
        > Literal a APPEND x 3 comes
        do: accept
        > Chunk abc
        > LiteralEnd
        > CatenateUrl /2
        > Literal a APPEND x 1 waits
        do: accept
        S: + OK
        C: e)
        > Chunk e
        > LiteralEnd
        > CatenateEnd
        > Command a APPEND x
        ",
        ready,
    );
    server(
        r"
        C= a APPEND x ~{2+}\r\n\0\r\r\n
        > Literal a APPEND x 2 comes binary
        do: accept
        > Chunk \0\r
        > LiteralEnd
        > Command a APPEND x
        ",
        ready,
    );
    server(
        r"
        C= a REPLACE 4 x {1+}\r\ny\r\n
        > Literal a REPLACE 4 x 1 comes
        do: accept
        > Chunk y
        > LiteralEnd
        > Command a REPLACE 4 x
        ",
        || Scenario::server_selected(protected()),
    );
    // What follows the octets is neither another command nor nothing.
    server(
        r"
        C= a APPEND INBOX {3+}\r\nabcB NOOP\r\nc NOOP\r\n
        > Literal a APPEND INBOX 3 comes
        do: accept
        > Chunk abc
        > LiteralEnd
        > Malformed a Syntax at 24
        do: reject
        > Command c NOOP
        S: a BAD Syntax error
        ",
        ready,
    );
    // A message made of what the server has already, and one that is missing.
    server(
        "C: a APPEND x CATENATE (URL /1)\n> Catenate - APPEND x\n> CatenateUrl /1\n> CatenateEnd\n> Command a APPEND x",
        ready,
    );
    for (line, offset) in
        [("a APPEND x", 10), ("a APPEND x ", 11), ("a APPEND x (\\\\Seen)", 18), ("a APPEND x {3", 11)]
    {
        server(
            &format!("C: {line}\n> Malformed a Syntax at {offset}\ndo: reject\nS: a BAD Syntax error"),
            ready,
        );
    }
    // Options that cannot be read, a message that comes all the same.
    server(
        r"
        C= a APPEND INBOX (oops {9+}\r\nb LOGOUT\r\r\nc NOOP\r\n
        > Malformed a Syntax at 21
        do: reject
        > Command c NOOP
        S: a BAD Syntax error
        ",
        ready,
    );
    // Before the login nothing is offered.
    server(
        r"
        C= a APPEND INBOX {9+}\r\nb LOGOUT\r\r\nc NOOP\r\n
        > Malformed a LiteralTooLarge at 21
        do: reject
        > Command c NOOP
        S: a NO [TOOBIG] Literal too large
        ",
        || Scenario::server(protected()),
    );
    let wide = || {
        let mut config = protected();
        config.before_login.stream = 1_000;
        Scenario::server(config)
    };
    for literal in ["{9+}", "CATENATE (TEXT {9+}", "CATENATE (UTF8 (~{9+}"] {
        server(
            &format!(
                r"
                C= a APPEND INBOX {literal}\r\nb LOGOUT\r\r\nc NOOP\r\n
                > Malformed a InvalidState at 0
                do: reject
                > Command c NOOP
                S: a BAD Command not allowed in this state
                "
            ),
            wide,
        );
    }
    for cut in [
        "C= a APPEND INBOX {9+}\\r\\nabc",
        "C= a APPEND INBOX {3+}\\r\\nabc",
        "C= a APPEND INBOX {3+}\\r\\nabc\\r",
    ] {
        let mut subject = ready();
        let mut input = BytesMut::from(trace::unescape(&cut[3..]).as_slice());
        while let Some(trace::Told::Event(line)) = event(&mut subject, &mut input) {
            assert!(!line.starts_with("Command"), "{line}");
            if line.starts_with("Literal ") {
                subject.act("accept");
            }
        }
        assert_eq!(subject.receive(&mut input, true), Some(trace::Told::Fatal("UnexpectedEof".into())));
    }
}

/// The next event that is no piece of a body.
fn event(subject: &mut ServerSubject, input: &mut BytesMut) -> Option<trace::Told> {
    loop {
        match subject.receive(input, false) {
            Some(trace::Told::Chunk(_)) => {}
            told => return told,
        }
    }
}

/// RFC 6855 section 4: a part of a CATENATE may be UTF8; its octets are streamed as those of a TEXT are.
#[test]
fn parts_with_utf8_are_streamed() {
    server(
        r"
        C= a APPEND x CATENATE (UTF8 (~{3+}\r\nabc) URL /1 utf8 (~{2}\r\n
        > Catenate - APPEND x
        > Literal a APPEND x 3 comes binary utf8
        do: accept
        > Chunk abc
        > LiteralEnd
        > CatenateUrl /1
        > Literal a APPEND x 2 waits binary utf8
        do: accept
        S: + OK
        C= \xc3\xa4) TEXT {1+}\r\nd URL {2+}\r\n(2 UTF8 (~{0+}\r\n)) {1+}\r\n
        > Chunk \xc3\xa4
        > LiteralEnd
        > Literal a APPEND x 1 comes
        do: accept
        > Chunk d
        > LiteralEnd
        > CatenateUrl (2
        > Literal a APPEND x 0 comes binary utf8
        do: accept
        > LiteralEnd
        > CatenateEnd
        > Literal a APPEND x 1 comes
        do: accept
        C= e UTF8 (~{1+}\r\nf)\r\nb NOOP\r\n
        > Chunk e
        > LiteralEnd
        > Literal a APPEND x 1 comes binary utf8
        do: accept
        > Chunk f
        > LiteralEnd
        > Command a APPEND x
        do: ok done
        > Command b NOOP
        S: a OK done
        ",
        || Scenario::server_authenticated(protected()),
    );
    // A part is larger than what may be gathered.
    let octets = "x".repeat(70_000);
    let mut subject = Scenario::server_authenticated(protected());
    let mut input =
        BytesMut::from(format!("a APPEND x CATENATE (UTF8 (~{{70000+}}\r\n{octets}))\r\n").as_str());
    let mut told = Vec::new();
    while let Some(event) = subject.receive(&mut input, false) {
        let trace::Told::Event(line) = event else { continue };
        if line.starts_with("Literal ") {
            subject.act("accept");
        }
        told.push(line);
    }
    let expected = [
        "Catenate - APPEND x",
        "Literal a APPEND x 70000 comes binary utf8",
        "LiteralEnd",
        "CatenateEnd",
        "Command a APPEND x",
    ];
    assert_eq!(told, expected);
}

/// The octets of a part that cannot be are passed over, and so is what is refused with it.
#[test]
fn parts_that_are_none() {
    for (part, offset) in [
        ("TEXT ~{9+}", 26),
        ("UTF8 ({9+}", 27),
        ("UTF8 (x ~{9+}", 27),
        ("UTF8 ~{9+}", 21),
        ("UTF8(~{9+}", 21),
        ("UTF9 (~{9+}", 21),
        ("UTF8 (UTF8 (~{9+}", 27),
        ("UTF8 (TEXT {9+}", 27),
        ("(~{9+}", 21),
    ] {
        server(
            &format!(
                r"
                C= a APPEND x CATENATE ({part}\r\nb LOGOUT\r))\r\nc NOOP\r\n
                > Catenate - APPEND x
                > Malformed a Syntax at {offset}
                do: reject
                > Command c NOOP
                S: a BAD Syntax error
                "
            ),
            || Scenario::server_authenticated(protected()),
        );
    }
    // Behind the octets the parenthesis of UTF8 is missing.
    server(
        r"
        C= a APPEND x CATENATE (UTF8 (~{1+}\r\na TEXT {9+}\r\nb LOGOUT\r)\r\nc NOOP\r\n
        > Catenate - APPEND x
        > Literal a APPEND x 1 comes binary utf8
        do: accept
        > Chunk a
        > LiteralEnd
        > Malformed a Syntax at 35
        do: reject
        > Command c NOOP
        S: a BAD Syntax error
        ",
        || Scenario::server_authenticated(protected()),
    );
}

/// RFC 8508: `replace = "REPLACE" SP seq-number SP mailbox append-message`.
#[test]
fn a_message_is_replaced_by_one() {
    let selected = || Scenario::server_selected(protected());
    for (another, offset) in
        [("{9+}", 21), ("CATENATE (TEXT {9+}", 21), ("UTF8 (~{9+}", 21), ("CATENATE (URL /1 TEXT {9+}", 21)]
    {
        server(
            &format!(
                r"
                C= a REPLACE 4 x {{1+}}\r\ny {another}\r\nb LOGOUT\r\r\nc NOOP\r\n
                > Literal a REPLACE 4 x 1 comes
                do: accept
                > Chunk y
                > LiteralEnd
                > Malformed a Syntax at {offset}
                do: reject
                > Command c NOOP
                S: a BAD Syntax error
                "
            ),
            selected,
        );
    }
    server(
        r"
        C: a UID REPLACE * x CATENATE (URL /1) CATENATE (URL /2)
        > Catenate - UID REPLACE * x
        > CatenateUrl /1
        > CatenateEnd
        > Malformed a Syntax at 35
        do: reject
        S: a BAD Syntax error
        C= b REPLACE 4 x CATENATE (UTF8 (~{1+}\r\ny) URL /1)\r\n
        > Catenate - REPLACE 4 x
        > Literal b REPLACE 4 x 1 comes binary utf8
        do: accept
        > Chunk y
        > LiteralEnd
        > CatenateUrl /1
        > CatenateEnd
        > Command b REPLACE 4 x
        ",
        selected,
    );
}

/// CATENATE, UTF8 and ANNOTATION are no extensions that are not known: in another form they are refused, and the literal is passed over.
#[test]
fn a_label_that_is_known_in_another_form() {
    let selected = || Scenario::server_selected(protected());
    for command in ["a APPEND x", "a REPLACE 4 x", "a UID REPLACE 4 x"] {
        for wrong in
            ["CATENATE TEXT {9+}", "utf8 1 {9+}", "CATENATE \"x\" {9+}", "ANNOTATION x {9+}", "UTF8 1 ~{9+}"]
        {
            // Of ANNOTATION its list is looked at.
            let behind = if wrong.starts_with("ANNOTATION ") { "ANNOTATION ".len() } else { 0 };
            let offset = command.len() + 1 + behind;
            server(
                &format!(
                    r"
                    C= {command} {wrong}\r\nb LOGOUT\r\r\nc NOOP\r\n
                    > Malformed a Syntax at {offset}
                    do: reject
                    > Command c NOOP
                    S: a BAD Syntax error
                    "
                ),
                selected,
            );
        }
        server(
            &format!(
                r#"
                C= {command} CATENATE "x" {{9}}\r\nc NOOP\r\n
                > Malformed a Syntax at {}
                do: reject
                > Command c NOOP
                S: a BAD Syntax error
                "#,
                command.len() + 1
            ),
            selected,
        );
    }
}

/// What is passed over ends where the client waits to be asked for more: nobody asks.
#[test]
fn a_refused_command_ends_where_a_literal_waits() {
    for (action, code) in [("refuse", "TOOBIG"), ("discard", "TRYCREATE")] {
        server(
            &format!(
                r"
                C= a APPEND INBOX {{3+}}\r\nabc {{1+}}\r\nd {{5}}\r\n
                > Literal a APPEND INBOX 3 comes
                do: {action} no
                > nothing
                S: a NO [{code}] no
                C: b NOOP
                > Command b NOOP
                "
            ),
            || Scenario::server_authenticated(protected()),
        );
    }
}

/// What succeeds is whole, though nothing of it is kept: the client is asked for all that it waits for.
#[test]
fn a_swallowed_command_is_taken_to_its_end() {
    server(
        r"
        C: a APPEND INBOX {3}
        > Literal a APPEND INBOX 3 waits
        do: swallow thanks
        S: + OK
        C= abc CATENATE (TEXT {1+}\r\nd URL {5}\r\n
        > nothing
        S: + OK
        C= b NO\r UTF8 (~{7}\r\n
        > nothing
        S: + OK
        C= c NOOP\r)) {0}\r\n
        > nothing
        S: + OK
        C: 
        C: d NOOP
        > Command d NOOP
        S: a OK thanks
        ",
        || Scenario::server_authenticated(protected()),
    );
}
