//! What a server tells its client and hears of it whatever its application says: what SELECT must tell, what is of no mailbox, which forms of
//! APPEND were offered.

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
use mailwire::imap::server::{Event, InProgress, SelectData, Server};
use mailwire::imap::{
    Capabilities, Capability, Data, Fetch, Flag, Flags, List, Mailbox, ResponseCode, State, Status,
};
use mailwire::wire::{ErrorKind, Machine};
use std::num::NonZeroU32;
use trace::{Side, check};

fn server(trace: &str, subject: impl Fn() -> ServerSubject) {
    check(Side::Server, trace, subject);
}

#[test]
fn forms_of_append_that_are_not_offered_are_not_heard_of() {
    let offering = |capabilities: &'static str| {
        move || {
            let mut subject = Scenario::server_offering(protected(), capabilities);
            subject.hear("a LOGIN u p\r\n", "authenticate done");
            subject
        }
    };
    let refused = |octets: &str, capabilities: &'static str| {
        server(
            &format!(
                "
                C= {octets}b NOOP\\r\\n
                > Malformed a Unsupported at 0
                do: reject
                > Command b NOOP
                S: a BAD Not offered
                "
            ),
            offering(capabilities),
        );
    };
    for (octets, word) in [
        (r"a APPEND x ~{3+}\r\na\0b\r\n", "BINARY"),
        (r"a APPEND x UTF8 (~{3+}\r\nabc)\r\n", "UTF8=ACCEPT"),
        (r"a APPEND x CATENATE (URL /1)\r\n", "CATENATE"),
        (r"a APPEND x CATENATE (TEXT {3+}\r\nabc URL /1 TEXT {3+}\r\nabc)\r\n", "CATENATE"),
        (r"a APPEND x CATENATE (TEXT {3}\r\n", "CATENATE"),
        (r"a APPEND x ~{3}\r\n", "BINARY"),
        (r"a UID REPLACE 4 x {3}\r\n", "REPLACE"),
        (r"a UID REPLACE 4 x CATENATE (URL /1)\r\n", "REPLACE"),
    ] {
        let replace = octets.contains("REPLACE");
        let all = ["BINARY", "CATENATE", "MULTIAPPEND", "REPLACE", "UTF8=ACCEPT"];
        let others: Vec<_> = all.into_iter().filter(|other| *other != word).collect();
        let others: &'static str = others.join(" ").leak();
        if replace {
            server(
                &format!(
                    "
                    C= {octets}b NOOP\\r\\n
                    > Malformed a Unsupported at 0
                    do: reject
                    > Command b NOOP
                    S: a BAD Not offered
                    "
                ),
                move || {
                    let mut subject = offering(others)();
                    subject.hear("a SELECT INBOX\r\n", "select");
                    subject
                },
            );
        } else {
            refused(octets, others);
            refused(octets, "");
        }
    }
    // The first message is there when the second one comes: both are none.
    for second in [r"{3+}\r\nabc", r"CATENATE (URL /1)", r"CATENATE (TEXT {1+}\r\na URL /1)"] {
        server(
            &format!(
                "
                C= a APPEND x {{1+}}\\r\\nx {second}\\r\\nb APPEND x {{1+}}\\r\\ny\\r\\n
                > Literal a APPEND x 1 comes
                do: accept
                > Chunk x
                > LiteralEnd
                > Malformed a Unsupported at 0
                do: reject
                S: a BAD Not offered
                > Literal b APPEND x 1 comes
                do: accept
                > Chunk y
                > LiteralEnd
                > Command b APPEND x
                "
            ),
            offering("CATENATE"),
        );
    }
    // Several parts are one message.
    server(
        r"
        C= a APPEND x CATENATE (TEXT {1+}\r\na TEXT {1+}\r\nb)\r\n
        > Catenate - APPEND x
        > Literal a APPEND x 1 comes
        do: accept
        > Chunk a
        > LiteralEnd
        > Literal a APPEND x 1 comes
        do: accept
        > Chunk b
        > LiteralEnd
        > CatenateEnd
        > Command a APPEND x
        ",
        offering("CATENATE"),
    );
    // A completion may tell it, too.
    let mut subject = Scenario::server_offering(protected(), "");
    let mut input = BytesMut::from("a LOGIN u p\r\n");
    let Ok(Some(Event::Command(running, _))) = subject.server.receive(&mut input) else { panic!() };
    let told = ResponseCode::Capability([Capability::Catenate].into_iter().collect());
    subject.server.authenticate(running, &Status::ok("in").code(told)).unwrap();
    let mut input = BytesMut::from("a APPEND x CATENATE (URL /1)\r\n");
    assert!(matches!(subject.server.receive(&mut input), Ok(Some(Event::Catenate(..)))));
    // What was told last holds.
    server(
        r"
        do: data CAPABILITY IMAP4rev1 CATENATE
        S: * CAPABILITY IMAP4rev1 CATENATE
        C= a APPEND x CATENATE (URL /1)\r\n
        > Catenate - APPEND x
        > CatenateUrl /1
        > CatenateEnd
        > Command a APPEND x
        do: ok done
        S: a OK done
        do: data CAPABILITY IMAP4rev1
        S: * CAPABILITY IMAP4rev1
        C= b APPEND x CATENATE (URL /1)\r\n
        > Malformed b Unsupported at 0
        ",
        offering(""),
    );
}

/// The next command of the client.
fn next(server: &mut Server, octets: &str) -> InProgress {
    let mut input = BytesMut::from(octets);
    let Ok(Some(Event::Command(running, _))) = server.receive(&mut input) else { panic!("{octets}") };
    running
}

fn sent(server: &mut Server) -> String {
    std::iter::from_fn(|| server.poll_transmit()).map(|octets| octets.escape_ascii().to_string()).collect()
}

fn one(exists: u32) -> SelectData {
    SelectData::new(exists, NonZeroU32::MIN, NonZeroU32::new(9).unwrap())
}

#[test]
fn what_select_must_tell_is_told() {
    let flags = "\\\\Answered \\\\Flagged \\\\Deleted \\\\Seen \\\\Draft";
    let answer = |middle: &str, permanent: &str, access: &str| {
        format!(
            "* FLAGS ({flags})\\r\\n* 3 EXISTS\\r\\n{middle}\\r\\n* OK [PERMANENTFLAGS ({permanent})] Flags permitted\\r\\n\
             * OK [UIDVALIDITY 1] UIDs valid\\r\\n* OK [UIDNEXT 9] Predicted next UID\\r\\n{access} completed\\r\\n"
        )
    };
    let mut server = Scenario::server_authenticated(protected()).server;
    let running = next(&mut server, "a SELECT x\r\n");
    server.select(running, &one(3)).unwrap();
    assert_eq!(sent(&mut server), answer("* 0 RECENT", flags, "a OK [READ-WRITE] SELECT"));
    let closed = "* OK [CLOSED] Previous mailbox closed\\r\\n";
    // What cannot be changed has no permanent flags; what is examined cannot.
    let running = next(&mut server, "a SELECT x\r\n");
    server.select(running, &SelectData { recent: 2, read_only: true, ..one(3) }).unwrap();
    assert_eq!(sent(&mut server), [closed, &answer("* 2 RECENT", "", "a OK [READ-ONLY] SELECT")].concat());
    let running = next(&mut server, "a EXAMINE x\r\n");
    server.select(running, &one(3)).unwrap();
    assert_eq!(sent(&mut server), [closed, &answer("* 0 RECENT", "", "a OK [READ-ONLY] EXAMINE")].concat());
    // IMAP4rev2 wants LIST in the place of RECENT.
    let running = next(&mut server, "a ENABLE IMAP4rev2\r\n");
    server.enable(running, &Capabilities::from([Capability::Imap4rev2])).unwrap();
    sent(&mut server);
    let running = next(&mut server, "a SELECT x\r\n");
    assert_eq!(server.select(running, &one(3)).unwrap_err().kind(), ErrorKind::InvalidValue);
    assert_eq!(sent(&mut server), [closed, "a NO SELECT failed\\r\\n"].concat());
    assert_eq!(server.state(), State::Authenticated);
    let running = next(&mut server, "a SELECT x\r\n");
    let list = Some(List::new(Mailbox::new("x").unwrap()));
    server.select(running, &SelectData { list, ..one(3) }).unwrap();
    assert_eq!(sent(&mut server), answer("* LIST () NIL x", flags, "a OK [READ-WRITE] SELECT"));
}

#[test]
fn nothing_is_said_of_a_mailbox_where_none_is_selected() {
    let all = |server: &mut Server| {
        let data = [
            Data::Exists(3),
            Data::Recent(1),
            Data::Expunge(NonZeroU32::MIN),
            Data::Flags(Flags::from_iter([Flag::Seen])),
        ];
        let mut told: Vec<_> = data.iter().map(|data| server.data(data)).collect();
        let fetch = Fetch { uid: Some(NonZeroU32::MIN), ..Fetch::new(NonZeroU32::MIN) };
        told.push(server.fetch(&fetch));
        told.push(server.begin_fetch(&fetch).and_then(|fetch| server.end_fetch(fetch)));
        told
    };
    let refused = |server: &mut Server| {
        let told = all(server);
        assert!(told.iter().all(|told| told.is_err_and(|error| error.kind() == ErrorKind::InvalidState)));
        assert_eq!(sent(server), "");
    };
    let mut server = Scenario::server_authenticated(protected()).server;
    refused(&mut server);
    // Behind the data of a SELECT they may stand, before its completion too.
    let running = next(&mut server, "a SELECT x\r\n");
    refused(&mut server);
    let selecting = server.begin_select(running, &one(3)).unwrap();
    assert!(all(&mut server).iter().all(Result::is_ok));
    server.end_select(selecting).unwrap();
    assert!(all(&mut server).iter().all(Result::is_ok));
    // Of the mailbox before, as long as it is not closed.
    let running = next(&mut server, "a SELECT y\r\n");
    assert!(all(&mut server).iter().all(Result::is_ok));
    sent(&mut server);
    server.complete(running, &Status::no("none")).unwrap();
    sent(&mut server);
    refused(&mut server);
    let running = next(&mut server, "a SELECT x\r\n");
    server.select(running, &one(3)).unwrap();
    let running = next(&mut server, "a CLOSE\r\n");
    server.complete(running, &Status::ok("closed")).unwrap();
    sent(&mut server);
    refused(&mut server);
    // What is not of the mailbox is told anywhere.
    server.data(&Data::Capability(Capabilities::from([Capability::Imap4rev1]))).unwrap();
}
