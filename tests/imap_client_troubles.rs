//! What a client makes of a connection that ends, of what it cannot read and of news that cannot be true, in every segmentation.

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
use imap::{ClientSubject, Scenario, lenient, strict};
use mailwire::imap::client::{Config, Event};
use mailwire::imap::{Quirk, State};
use mailwire::wire::{ErrorKind, Machine, Tls};
use trace::{Side, Subject, check};

fn client(trace: &str, subject: impl Fn() -> ClientSubject) {
    check(Side::Client, trace, subject);
}

#[test]
fn a_connection_that_ends_in_good_order_is_closed() {
    let over = |end: &str, action: &str| {
        let mut subject = Scenario::client_authenticated(strict());
        if !action.is_empty() {
            subject.say(action);
        }
        subject.hear(end);
        assert_eq!(subject.receive(&mut BytesMut::new(), true), None, "{end}");
        assert!(subject.client.is_closed() && !subject.client.wants_read(), "{end}");
        assert_eq!((subject.client.pending(), subject.transmit()), (0, None), "{end}");
    };
    over("* BYE x\r\n", "");
    over("* BYE x\r\n", "logout");
    over("* BYE x\r\na2 OK x\r\n", "logout");
    // BYE was said, and what is owed is something else.
    for (action, end, expected) in [
        ("noop", "* BYE x\r\n", "the completion of the commands under way"),
        ("idle", "+ idling\r\n* BYE Autologout\r\n", "the completion of the commands under way"),
        ("noop", "", "BYE before the end of the connection"),
        ("logout", "", "BYE before the end of the connection"),
    ] {
        let mut subject = Scenario::client_authenticated(strict());
        subject.say(action);
        subject.hear(end);
        let error = subject.client.receive_eof(&mut BytesMut::new()).unwrap_err();
        assert_eq!((error.kind(), error.expected()), (ErrorKind::UnexpectedEof, expected), "{action}");
    }
    let mut subject = Scenario::client_offered(Config { tls: Tls::Optional, ..strict() }, "STARTTLS");
    subject.say("starttls");
    subject.hear("a1 OK begin\r\n");
    let error = subject.client.receive_eof(&mut BytesMut::new()).unwrap_err();
    assert_eq!((error.kind(), error.expected()), (ErrorKind::UnexpectedEof, "the handshake of TLS"));
}

#[test]
fn behind_a_fatal_error_all_is_closed() {
    let mut subject = Scenario::client_authenticated(strict());
    subject.say("append INBOX 5");
    subject.hear("+ go\r\n");
    let mut input = BytesMut::from("zz OK x\r\n");
    assert_eq!(subject.receive(&mut input, false), Some(trace::Told::Fatal("UnknownTag".into())));
    for action in [
        "octets hello",
        "octets more than announced",
        "message 3",
        "end",
        "capability",
        "noop",
        "logout",
        "enqueue NOOP",
        "select INBOX",
        "close",
        "login u p",
        "starttls",
        "append INBOX 1",
    ] {
        subject.act(action);
        assert_eq!(subject.refused.take().as_deref(), Some("Closed"), "{action}");
    }
    assert_eq!((subject.client.unsent(), subject.transmit()), (0, None));
    // An exchange and an upgrade are over, too.
    let idling = || Scenario::client_idling(strict());
    client("S: zz OK x\n! UnknownTag\ndo: done\n> Refused Closed\n! UnknownTag", idling);
    let mut subject = Scenario::client_offered(Config { tls: Tls::Optional, ..strict() }, "STARTTLS");
    subject.say("starttls");
    subject.hear("a1 OK begin\r\n");
    let mut input = BytesMut::from("* OK x\r\n");
    for action in ["noop", "resume", "noop"] {
        assert_eq!(
            subject.receive(&mut input, false),
            Some(trace::Told::Fatal("StartTlsInjection".into())),
            "{action}"
        );
        subject.act(action);
        assert!(subject.client.tls() == Tls::Optional && subject.client.state() == State::Logout);
        subject.refused = None;
    }
}

#[test]
fn what_cannot_be_read_does_not_end_the_connection() {
    let selected = || Scenario::client_selected(strict());
    client(
        r#"
        S: * LIST () "//" a
        S:
        S: *
        S: *  1 EXISTS
        S: * 1 FETCH (UID 0 BODY[] {9}
        S= * BYE x\r\n)\r\n
        S: * 1 FETCH (BODY[] {2}
        S: aba2 OK x
        S: * XNEW {3}
        S: a\r\n (b) "c"
        S: * 2 EXISTS
        > Unparsed Syntax at 10 * LIST () \"//\" a
        > Unparsed Syntax at 0 
        > Unparsed Syntax at 1 *
        > Unparsed Syntax at 2 *  1 EXISTS
        > Unparsed Syntax at 15 * 1 FETCH (UID 0 BODY[] {9}\r\n
        > Begin 1 Section(Full) 2
        > Chunk ab
        > End
        > Unparsed Syntax at 0 a2 OK x
        > Data XNEW {3}\r\na\r\n (b) \"c\"
        > Data 2 EXISTS
        "#,
        selected,
    );
    // The frame of these is not known, or nobody means well with them.
    for (line, kind) in [
        (r"* OK a\0b", "Nul"),
        (r"* OK a\r", "Syntax"),
        (r"x\0y", "Nul"),
        (r"x\ry", "Syntax"),
        (r"x\0\r", "Nul"),
        (r#"* LIST () "//" a\0b"#, "Nul"),
        (r#"* LIST () "//" a\rb"#, "Syntax"),
        (r#"* LIST () "//" "a\0b""#, "Nul"),
        (r"* 1 FETCH (UID 0 FLAGS (\0))", "Nul"),
        (r"* 1 FETCH (UID 0 FLAGS (\0) BODY[] {3}", "Nul"),
        (r"* 1 FETCH (UID 0 FLAGS (\r) BODY[] {3}", "Syntax"),
        (r#"* LIST () "/" {x}"#, "BadLiteral"),
        (r"* 1 FETCH (BODY[] {5+}", "BadLiteral"),
        (r"* 1 FETCH (BODY[] {99999999999999999999}", "BadLiteral"),
        (r"* 1 FETCH (BODY[] {4294967296}", "BadLiteral"),
    ] {
        client(&format!("S: {line}\n! {kind}"), selected);
    }
    // Nor does it help that much is forgiven, and something else is wrong with the line first. But literals hold what they will.
    let forgiving = || Scenario::client_selected(lenient());
    for (line, kind) in [
        (r#"* LIST () "//" a\0b"#, "Nul"),
        (r#"* LIST () "//" a\rb"#, "Syntax"),
        (r#"* LIST () "//" "a\\\\" \r"#, "Syntax"),
        (r#"* LIST () "//" "a\0b""#, "Nul"),
        (r"* 1 FETCH (UID 0 FLAGS (\0))", "Nul"),
    ] {
        client(&format!("S: {line}\n! {kind}"), forgiving);
    }
    for (name, shown) in [(r#""a\rb""#, r#"\"a\rb\""#), (r#""a\\"\rb""#, r#"\"a\\\"\rb\""#)] {
        let line = format!(r#"* LIST () "//" {name}"#);
        client(&format!("S: {line}\n> Unparsed Syntax at 10 * LIST () \\\"//\\\" {shown}"), forgiving);
    }
    client(
        r#"
        S: * LIST () "//" {3}
        S: a\0\r
        S: * 1 EXISTS
        > Unparsed Syntax at 10 * LIST () \"//\" {3}\r\na\x00\r
        > Data 1 EXISTS
        "#,
        selected,
    );
    client("S= * 1 EXISTS\\n\n! BareLineFeed", selected);
    client("S= * 1 EXISTS\\n\n> Data 1 EXISTS ~ BareLineFeed", || Scenario::client_selected(lenient()));
    client("S= * 1 FETCH (BODY[] {1}\\na)\\r\\n\n! BareLineFeed", selected);
    client(
        "S= * 1 FETCH (BODY[] {1}\\na)\\n\n> Begin 1 Section(Full) 1 ~ BareLineFeed\n> Chunk a\n> End ~ BareLineFeed\n> Fetch 1 . ~ BareLineFeed",
        || Scenario::client_selected(lenient()),
    );
    client("S= \\0\\0* 1 EXISTS\\r\\n\n> Data 1 EXISTS ~ NulInText", || Scenario::client_selected(lenient()));
}

#[test]
fn news_that_cannot_be_true() {
    let selected = || {
        let mut subject = Scenario::client_selected(strict());
        subject.hear("* 3 EXISTS\r\n");
        subject
    };
    client(
        "
        S: * 4 FETCH (UID 9)
        S: * 1 FETCH (UID 5)
        S: * 2 FETCH (UID 5)
        S: * 4 EXPUNGE
        S: * 1 EXISTS
        > Fetch 4 uid=9 .
        > Violation FetchOutOfRange
        > Fetch 1 uid=5 .
        > Fetch 2 uid=5 .
        > Violation UidNotAscending
        > Data 4 EXPUNGE
        > Violation ExpungeOutOfRange
        > Data 1 EXISTS
        > Violation ExistsDecreased
        ",
        selected,
    );
    // What is wrong with one event is told whole.
    client(
        "
        S: * 1 FETCH (UID 5)
        S: * 4 FETCH (UID 2)
        S: * 1 EXISTS
        > Fetch 1 uid=5 .
        > Fetch 4 uid=2 .
        > Violation FetchOutOfRange
        > Violation UidNotAscending
        > Data 1 EXISTS
        > Violation ExistsDecreased
        ",
        selected,
    );
    let fetching = || {
        let mut subject = selected();
        subject.say("enqueue FETCH 1 FLAGS");
        subject
    };
    client("S: * 1 EXPUNGE\n> Data 1 EXPUNGE\n> Violation ExpungeDuringFetch", fetching);
}

#[test]
fn another_mailbox_is_compared_with_nothing_of_the_last_one() {
    let selected = || {
        let mut subject = Scenario::client_selected(strict());
        subject.hear("* 5 EXISTS\r\n* 5 FETCH (UID 10)\r\n");
        subject
    };
    // What is true of the other one from its EXISTS on stays so behind its completion. News of the last one may still come before.
    for before in ["", "S: * 6 EXISTS\nS: * 6 FETCH (UID 11)\n> Data 6 EXISTS\n> Fetch 6 uid=11 .\n"] {
        client(
            &format!(
                "
                do: select B
                C: a3 SELECT B
                {before}
                S: * 3 EXISTS
                S: * 2 FETCH (UID 900)
                S: a3 OK done
                S: * 4 FETCH (FLAGS ())
                S: * 3 FETCH (UID 800)
                > Data 3 EXISTS
                > Fetch 2 uid=900 .
                > Completed a3 OK done
                > Fetch 4 flags= .
                > Violation FetchOutOfRange
                > Fetch 3 uid=800 .
                > Violation UidNotAscending
                "
            ),
            selected,
        );
    }
    // Flags of messages before EXISTS, as QRESYNC has them; CLOSED says where the last mailbox ends.
    let quick = "S: * 9 FETCH (UID 3)\n> Fetch 9 uid=3 .\nS: * 9 EXISTS\n> Data 9 EXISTS";
    let closed =
        "S: * 6 FETCH (UID 11)\n> Fetch 6 uid=11 .\nS: * OK [CLOSED] next\n> Status OK [CLOSED] next";
    client(&format!("do: select B\nC: a3 SELECT B\n{quick}"), selected);
    client(&format!("do: select B\nC: a3 SELECT B\n{closed}\n{quick}"), selected);
    // Ahead of its turn SELECT says nothing yet.
    client(
        &format!(
            "
            do: noop
            do: enqueue SELECT B
            C: a3 NOOP
            C: a4 SELECT B
            S: * 6 FETCH (UID 11)
            > Fetch 6 uid=11 .
            > Violation FetchOutOfRange
            S: a3 OK done
            > Completed a3 OK done
            {quick}
            S: a4 OK done
            > Completed a4 OK done
            S: * 10 FETCH (FLAGS ())
            > Fetch 10 flags= .
            > Violation FetchOutOfRange
            "
        ),
        selected,
    );
    // A mailbox that could not be selected leaves nothing behind.
    client(
        &format!(
            "
            do: select B
            C: a3 SELECT B
            S: * 1 EXISTS
            S: a3 NO x
            > Data 1 EXISTS
            > Completed a3 NO x
            do: select C
            C: a4 SELECT C
            {quick}
            "
        ),
        selected,
    );
}

#[test]
fn every_octet_may_be_the_last_of_a_server() {
    let whole = "* LIST () \"/\" {1}\r\nb\r\n* 1 FETCH (UID 1 BODY[] {3}\r\nabc FLAGS ())\r\na3 OK done\r\n";
    for end in 0..whole.len() {
        let mut subject = Scenario::client_waiting(strict(), "noop");
        let mut input = BytesMut::from(&whole[..end]);
        while let Some(told) = subject.receive(&mut input, false) {
            assert!(!format!("{told:?}").contains("Completed"));
        }
        // The end of the connection tells nothing but that it is an error.
        assert_eq!(
            subject.receive(&mut input, true),
            Some(trace::Told::Fatal("UnexpectedEof".into())),
            "{end}"
        );
    }
}

#[test]
fn quirks_are_named() {
    let mut one = strict();
    one.quirks.insert(Quirk::MissingText);
    client("S: * OK [UIDNEXT 3]\n> Status OK [UIDNEXT 3]  ~ MissingText", || Scenario::client_selected(one));
    client("S: * OK [UIDNEXT 3]\n> Unparsed Syntax at 16 * OK [UIDNEXT 3]", || {
        Scenario::client_selected(strict())
    });
    client(
        r"
        S: * [COPYUID 1 2 3]
        S: * FLAGS (\\Seen  \\Answered )
        S: * 3 EXISTS 
        S: * OK [UIDNEXT 0] x
        > Status OK [COPYUID 1 2 3]  ~ MissingText CodeWithoutStatus
        > Data FLAGS (\\Answered \\Seen) ~ ExtraSpace
        > Data 3 EXISTS ~ ExtraSpace
        > Status OK [UIDNEXT 0] x ~ ZeroNumber
        ",
        || Scenario::client_selected(lenient()),
    );
}

/// The sets of a large mailbox are longer than text may be.
#[test]
fn a_completion_whose_code_holds_long_sets_is_read() {
    let uids: Vec<String> = (1..2_500).map(|uid| (2 * uid).to_string()).collect();
    let set = uids.join(",");
    for code in [format!("COPYUID 1 {set} 1:2499"), format!("MODIFIED {set}"), format!("appenduid 1 {set}")] {
        let mut client = Scenario::client_selected(lenient()).client;
        let id = client.noop().unwrap();
        while client.poll_transmit().is_some() {}
        let mut input = BytesMut::from(format!("{id} OK [{code}] done\r\n").as_bytes());
        assert!(input.len() > 8 * 1024);
        let Ok(Some(Event::Completed { command, status })) = client.receive(&mut input) else { panic!() };
        assert_eq!(command, id);
        assert!(status.code.is_some(), "{code}");
    }
}

/// What a message holds is never read as responses, though the line before it was broken within its quotes.
#[test]
fn a_literal_behind_a_broken_line_is_none_of_the_responses() {
    client(
        r#"
        S: * 8 FETCH (UID 5 BODYSTRUCTURE ("A" "B" ("name" "a
        > Unparsed Syntax at 50 * 8 FETCH (UID 5 BODYSTRUCTURE (\"A\" \"B\" (\"name\" \"a
        S=  b.pdf") NIL NIL "base64" 25) BODY[HEADER] {25}\r\n* 4 EXPUNGE\r\n* BYE gone\r\n)\r\n
        > Unparsed Syntax at 0  b.pdf\") NIL NIL \"base64\" 25) BODY[HEADER] {25}\r\n* 4 EXPUNGE\r\n* BYE gone\r\n)
        S: * 5 EXISTS
        > Data 5 EXISTS
        "#,
        || Scenario::client_selected(strict()),
    );
}
