//! A client's conversations, as the RFCs tell them, in every segmentation.

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
use mailwire::imap::State;
use mailwire::imap::client::{Client, Config, Event};
use mailwire::wire::{ErrorKind, Machine, Tls};
use trace::{Side, Subject, check};

fn client(trace: &str, subject: impl Fn() -> ClientSubject) {
    check(Side::Client, trace, subject);
}

#[test]
fn greetings() {
    let fresh = || Scenario::client_before_greeting(strict());
    client("S: * OK ready\n> Greeting OK ready\ndo: noop\nC: a1 NOOP", fresh);
    client("S: * PREAUTH hi\n> Greeting PREAUTH hi\ndo: select INBOX\nC: a1 SELECT INBOX", fresh);
    client("S: * BYE no\n> Bye BYE no\ndo: noop\n> Refused InvalidState\neof", fresh);
    client("do: noop\n> Refused InvalidState\neof\n! UnexpectedEof", fresh);
    client("S: * OK [ALERT] a {3}\n> Greeting OK [ALERT] a {3}", fresh);
    for line in
        ["* NO x", "* BAD x", "* 1 EXISTS", "+ x", "a1 OK x", "*OK x", "220 smtp.example.org ESMTP", "", "* "]
    {
        client(&format!("S: {line}\n! BadGreeting"), fresh);
    }
    client("S= * OK\neof\n! UnexpectedEof", fresh);
    // Another protocol's greeting is one of ours to a lenient client, and it says so.
    let foreign = "S: 220 mail.example.org ESMTP\n> Greeting OK 220 mail.example.org ESMTP ~ UntaggedText ForeignGreeting";
    client(foreign, || Scenario::client_before_greeting(lenient()));
    // What TLS has to hide may not be known before it.
    client("S: * PREAUTH hi\n! BadGreeting", || {
        Scenario::client_before_greeting(Config { tls: Tls::Required, ..lenient() })
    });
    client("S: * OK ready\n> Greeting OK ready\nS: * PREAUTH hi\n! BadGreeting", fresh);
}

#[test]
fn a_session_of_a_client() {
    client(
        r#"
        S: * OK [CAPABILITY IMAP4rev1 STARTTLS] ready
        > Greeting OK [CAPABILITY IMAP4rev1 STARTTLS] ready
        do: login alice s3cr3t
        C: a1 LOGIN alice s3cr3t
        S: * CAPABILITY IMAP4rev1 LITERAL+
        > Data CAPABILITY IMAP4rev1 LITERAL+
        S: a1 OK [CAPABILITY IMAP4rev1 LITERAL-] welcome
        > Completed a1 OK [CAPABILITY IMAP4rev1 LITERAL-] welcome
        do: login alice s3cr3t
        > Refused InvalidState
        do: close
        > Refused InvalidState
        do: enqueue LIST "" *
        C: a2 LIST "" *
        S: * LIST (\\HasNoChildren) "/" INBOX
        S: * LIST () NIL {5}
        S: a"b c
        S: a2 OK done
        > Data LIST (\\HasNoChildren) \"/\" INBOX
        > Data LIST () NIL \"a\\\"b c\"
        > Completed a2 OK done
        do: select INBOX
        C: a3 SELECT INBOX
        S: * FLAGS (\\Seen)
        S: * 2 EXISTS
        S: * OK [UIDVALIDITY 7] valid
        S: a3 OK [READ-WRITE] selected
        > Data FLAGS (\\Seen)
        > Data 2 EXISTS
        > Status OK [UIDVALIDITY 7] valid
        > Completed a3 OK [READ-WRITE] selected
        do: enqueue FETCH 1:2 (FLAGS BODY.PEEK[])
        do: enqueue NOOP
        C: a4 FETCH 1:2 (FLAGS BODY.PEEK[])
        C: a5 NOOP
        S: * 1 FETCH (UID 4 BODY[] {10}
        S= a5 OK x\r\n)
        S:  FLAGS (\\Seen))
        S: * 2 FETCH (FLAGS () BODY[] "b")
        S: a5 OK done
        S: a4 OK done
        > Begin 1 Section(Full) 10
        > Chunk a5 OK x\r\n)
        > End
        > Fetch 1 uid=4 flags=\Seen .
        > Fetch 2 flags= ..
        > Begin 2 Section(Full) 1
        > Chunk b
        > End
        > Fetch 2 .
        > Completed a5 OK done
        > Completed a4 OK done
        do: close
        C: a6 CLOSE
        S: a6 OK closed
        > Completed a6 OK closed
        do: close
        > Refused InvalidState
        do: logout
        do: noop
        > Refused Busy
        C: a7 LOGOUT
        S: * BYE see you
        S: a7 OK done
        > Bye BYE see you
        > Completed a7 OK done
        do: noop
        > Refused InvalidState
        eof
        "#,
        || Scenario::client_before_greeting(strict()),
    );
}

#[test]
fn literals_wait_unless_the_server_says_otherwise() {
    // `+` asks for each; untagged data and even other completions may come before it.
    client(
        r"
        do: noop
        do: login al\nice pass\r\nword
        C: a1 NOOP
        C: a2 LOGIN {6}
        S: * OK wait
        > Status OK wait
        S: a1 OK done
        > Completed a1 OK done
        S: + go
        C= al\nice {10}\r\n
        S: + 
        C: pass\r\nword
        S: a2 OK in
        > Completed a2 OK in
        ",
        || Scenario::client(strict()),
    );
    for answer in ["NO too long", "BAD what"] {
        client(
            &format!(
                r"
                do: login al\nice p\nq
                do: noop
                C: a1 LOGIN {{6}}
                S: a1 {answer}
                > Completed a1 {answer}
                C: a2 NOOP
                S: a2 OK done
                > Completed a2 OK done
                "
            ),
            || Scenario::client(strict()),
        );
        // The same in the middle.
        client(
            &format!(
                r"
                do: login al\nice p\nq
                do: noop
                C: a1 LOGIN {{6}}
                S: + 
                C= al\nice {{3}}\r\n
                S: a1 {answer}
                > Completed a1 {answer}
                C: a2 NOOP
                "
            ),
            || Scenario::client(strict()),
        );
    }
    let waiting = || {
        let mut subject = Scenario::client(strict());
        subject.say(r"login al\nice p\nq");
        subject
    };
    client("S: a1 OK in\n! EarlyCompletion", waiting);
    // What a `+` lets go counts as sent, however much arrives with it.
    client("S: + go\nS: + go\nS: + go\n! UnexpectedContinuation", waiting);
    client(
        r"
        S: + go
        S: + go
        S: a1 OK in
        > Completed a1 OK in
        C= al\nice {3}\r\np\nq\r\n
        ",
        waiting,
    );
    client(
        r"
        S: + go
        S: a1 NO x
        > Completed a1 NO x
        C= al\nice {3}\r\n
        do: noop
        C: a2 NOOP
        ",
        waiting,
    );
    client("S: + go\nS: + go\nS: * BYE x\n> Bye BYE x\nS: a1 OK x\n> Completed a1 OK x", waiting);
    client("S: a2 NO x\n! UnknownTag", waiting);
    client("S: * BYE x\n> Bye BYE x\neof\n! UnexpectedEof", waiting);
    client("S: * BYE x\n> Bye BYE x\nS: a1 NO x\n> Completed a1 NO x\neof", waiting);
    client("S: * BYE x\n> Bye BYE x\nS: a1 OK x\n! EarlyCompletion", waiting);
    client("S: * BYE x\n> Bye BYE x\nS: + go\n! UnexpectedResponse", waiting);
    client("eof\n! UnexpectedEof", waiting);
    client(
        r"
        do: login a\nb p
        C= a1 LOGIN {3+}\r\na\nb p\r\n
        S: a1 BAD x
        > Completed a1 BAD x
        ",
        || Scenario::client_offered(strict(), "LITERAL+"),
    );
    // LITERAL- is for 4,096 octets at most.
    for (length, header) in [(4_096, "{4096+}"), (4_097, "{4097}")] {
        let mut subject = Scenario::client_authenticated_offered(strict(), "LITERAL-");
        subject.act(&format!("append INBOX {length}"));
        assert_eq!(subject.transmit().unwrap(), format!("a2 APPEND INBOX {header}\r\n"));
    }
    // What was offered before TLS is no offer behind it.
    let mut subject =
        Scenario::client_offered(Config { tls: Tls::Optional, ..strict() }, "STARTTLS LITERAL+");
    subject.say("starttls");
    subject.hear("a1 OK [CAPABILITY IMAP4rev1 LITERAL+] begin\r\n");
    subject.say("resume");
    subject.act(r"login al\nice p");
    assert_eq!(subject.transmit().unwrap(), "a2 LOGIN {6}\r\n");
}

#[test]
fn tags_and_completions() {
    let two = || {
        let mut subject = Scenario::client_waiting(strict(), "noop");
        subject.say("noop");
        subject
    };
    client("S: a4 OK x\nS: a3 OK y\n> Completed a4 OK x\n> Completed a3 OK y", two);
    client("S: a4 OK x\nS: a4 OK y\n> Completed a4 OK x\n! UnknownTag", two);
    for line in ["a5 OK x", "A3 OK x", "a03 OK x", "b OK x", "a OK x", "a99999999999 OK x"] {
        client(&format!("S: {line}\n! UnknownTag"), two);
    }
    // A completion that none is, and none will come.
    for line in ["a3 MAYBE x", "a3 PREAUTH x", "a3 BYE x", "a3 OKAY x"] {
        client(&format!("S: {line}\n! Syntax"), two);
    }
    client("S: b9 MAYBE x\n> Unparsed Syntax at 3 b9 MAYBE x\nS: a3 OK x\n> Completed a3 OK x", two);
    client("S: a3  OK x\n> Unparsed Syntax at 3 a3  OK x", two);
    client("S: a3 OK\n> Unparsed Syntax at 5 a3 OK", two);
    client("S: a3 OK\n> Completed a3 OK  ~ MissingText", || Scenario::client_waiting(lenient(), "noop"));
    client(
        "S: * BYE x\nS: a3 OK x\nS: a4 NO x\n> Bye BYE x\n> Completed a3 OK x\n> Completed a4 NO x\neof",
        two,
    );
    client("S: * BYE x\nS: * BYE x\n> Bye BYE x\n> Bye BYE x\neof\n! UnexpectedEof", two);
    client("S: * BYE x\nS: * 1 EXISTS\n> Bye BYE x\n! UnexpectedResponse", two);
    // A command that was not handed out yet cannot be complete.
    let unsent = || {
        let mut subject = Scenario::client_authenticated(strict());
        subject.act("noop");
        subject
    };
    client("S: a2 OK x\n! EarlyCompletion", unsent);
    client("S: a2 NO x\n! EarlyCompletion", unsent);
    let mut subject = Scenario::client_authenticated(strict());
    for _ in 0..64 {
        subject.say("noop");
    }
    subject.act("noop");
    assert_eq!(subject.refused.as_deref(), Some("Busy"));
}

#[test]
fn only_its_own_token_resumes_a_client() {
    let upgrading = |before: &[&str]| {
        let mut client = Client::new(Config { tls: Tls::Optional, ..strict() });
        client.receive(&mut BytesMut::from("* OK hi\r\n")).unwrap();
        for answer in before {
            client.noop().unwrap();
            while client.poll_transmit().is_some() {}
            client.receive(&mut BytesMut::from(*answer)).unwrap();
        }
        let id = client.not_authenticated().unwrap().starttls().unwrap();
        while client.poll_transmit().is_some() {}
        match client.receive(&mut BytesMut::from(&*format!("{id} OK begin\r\n"))) {
            Ok(Some(Event::StartTls(token))) => (client, token),
            other => panic!("{other:?}"),
        }
    };
    let ((mut client, token), (_, foreign)) = (upgrading(&[]), upgrading(&["a1 OK x\r\n"]));
    let refused = client.resume(foreign).unwrap_err();
    assert_eq!((refused.kind(), refused.is_fatal()), (ErrorKind::InvalidState, false));
    assert!(!client.wants_read() && client.tls() == Tls::Optional);
    client.resume(token).unwrap();
    assert!(client.wants_read() && client.tls() == Tls::Established);
    client.noop().unwrap();
    assert_eq!(client.poll_transmit().unwrap(), "a2 NOOP\r\n");
}

#[test]
fn continuation_requests_are_taken_only_when_owed() {
    let selected = || Scenario::client_selected(strict());
    client("S: + x\n! UnexpectedContinuation", selected);
    client(
        "S: + x\n> Continuation x ~ UnaskedContinuation\nS: +\n> Continuation  ~ BareContinuation UnaskedContinuation",
        || Scenario::client_selected(lenient()),
    );
    client("S: +\n> Unparsed Syntax at 1 +", selected);
}

#[test]
fn starttls_of_a_client() {
    let required = || Config { tls: Tls::Required, ..strict() };
    let offered = move || Scenario::client_offered(required(), "STARTTLS LOGINDISABLED LITERAL+");
    client(
        "
        do: login u p
        > Refused PrivacyRequired
        do: authenticate PLAIN
        > Refused PrivacyRequired
        do: enqueue LOGIN u p
        > Refused PrivacyRequired
        do: noop
        do: starttls
        > Refused Busy
        C: a1 NOOP
        S: a1 OK done
        > Completed a1 OK done
        do: starttls
        do: noop
        > Refused Busy
        C: a2 STARTTLS
        S: * 3 EXISTS
        > Data 3 EXISTS
        S: a2 OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] begin
        > StartTls
        do: noop
        > Refused Busy
        do: resume
        do: starttls
        > Refused InvalidState
        do: login u p
        C: a3 LOGIN u p
        S: a3 OK in
        > Completed a3 OK in
        ",
        offered,
    );
    let asked = move || {
        let mut subject = offered();
        subject.say("starttls");
        subject
    };
    client("S: a1 NO not now\n! StartTlsUnavailable", asked);
    client("S: a1 BAD what\n! StartTlsUnavailable", asked);
    client("S: + go on\n! UnexpectedContinuation", asked);
    client("S: * OK begin TLS\n> Status OK begin TLS\neof\n! UnexpectedEof", asked);
    client("S: * BYE x\n> Bye BYE x\neof\n! UnexpectedEof", asked);
    client("S: a1 OK begin\n> StartTls\neof\n! UnexpectedEof", asked);
    let wished = || {
        let mut subject = Scenario::client_offered(Config { tls: Tls::Optional, ..strict() }, "STARTTLS");
        subject.say("starttls");
        subject
    };
    // Where TLS is only wished for, the connection goes on.
    client("S: a1 NO not now\n> Completed a1 NO not now\ndo: login u p\nC: a2 LOGIN u p", wished);
    // A last word is one: no handshake follows it, and no other connection.
    client("S: * BYE x\n> Bye BYE x\nS: a1 OK begin\n! UnexpectedResponse", asked);
    client("S: * BYE x\n> Bye BYE x\nS: a1 OK begin\nS: * 5 EXISTS\n! UnexpectedResponse", wished);
    client("S: * BYE x\n> Bye BYE x\nS: a1 NO x\n! StartTlsUnavailable", asked);
    client("S: * BYE x\n> Bye BYE x\nS: a1 NO x\n> Completed a1 NO x\neof", wished);
    // A server that does not offer it is left.
    client("do: starttls\n> Refused StartTlsUnavailable\n! StartTlsUnavailable", move || {
        Scenario::client_offered(required(), "IDLE")
    });
    client("do: starttls\n> Refused StartTlsUnavailable\ndo: noop\nC: a1 NOOP", || {
        Scenario::client_offered(Config { tls: Tls::Optional, ..strict() }, "IDLE")
    });
    // A list without it, that somebody put in between, changes nothing.
    client("S: * CAPABILITY IMAP4rev1\n> Data CAPABILITY IMAP4rev1\ndo: starttls\nC: a1 STARTTLS", offered);
    // What came in one read with the agreement is not read at all.
    let mut subject = asked();
    let mut input = BytesMut::from("a1 OK begin\r\n* 5 EXISTS\r\n");
    let error = subject.client.receive(&mut input).unwrap_err();
    assert_eq!((error.kind(), error.is_fatal()), (ErrorKind::StartTlsInjection, true));
    assert!(subject.client.poll_transmit().is_none());
    // Behind it the state is that of a new connection.
    let mut subject = asked();
    subject.hear("* 3 EXISTS\r\na1 OK [CAPABILITY IMAP4rev1 LITERAL+] begin\r\n");
    subject.say("resume");
    assert_eq!((subject.client.state(), subject.client.tls()), (State::NotAuthenticated, Tls::Established));
    assert!(subject.client.capabilities().is_none() && subject.client.unsent() == 0);
}

#[test]
fn logins_that_are_disabled() {
    let disabled = || Scenario::client_offered(strict(), "logindisabled");
    client(
        "do: login u p\n> Refused PrivacyRequired\ndo: enqueue LOGIN u p\n> Refused PrivacyRequired",
        disabled,
    );
    client("do: authenticate PLAIN\nC: a1 AUTHENTICATE PLAIN", disabled);
    // What was true before the login is not asked again behind it.
    let mut subject = Scenario::client_offered(strict(), "STARTTLS");
    subject.say("login u p");
    subject.hear("a1 OK in\r\n");
    assert!(subject.client.capabilities().is_none());
}

#[test]
fn authenticate_of_a_client() {
    let fresh = || Scenario::client(strict());
    client(
        r"
        do: authenticate PLAIN u
        > Refused Unsupported
        do: authenticate CRAM-MD5
        do: noop
        > Refused Busy
        C: a1 AUTHENTICATE CRAM-MD5
        S: * OK wait
        S: + PDE+
        > Status OK wait
        > Challenge <1>
        S: * 1 EXISTS
        > Data 1 EXISTS
        do: respond abc
        C: YWJj
        S: + 
        > Challenge 
        do: respond 
        C: 
        S: a1 OK in
        > Completed a1 OK in
        do: select INBOX
        C: a2 SELECT INBOX
        ",
        fresh,
    );
    let asked = || {
        let mut subject = Scenario::client(strict());
        subject.say("authenticate PLAIN");
        subject
    };
    client(
        "S: + \n> Challenge \ndo: cancel\nC: *\nS: a1 BAD given up\n> Completed a1 BAD given up\ndo: noop\nC: a2 NOOP",
        asked,
    );
    client("S: a1 NO no such mechanism\n> Completed a1 NO no such mechanism", asked);
    client("S: + \n> Challenge \nS: + \n! UnexpectedContinuation", asked);
    client("S: + \n> Challenge \ndo: respond x\nS: a1 OK x\n! EarlyCompletion", asked);
    client(
        "S: + \n> Challenge \ndo: respond x\nS: a1 NO x\n> Completed a1 NO x\ndo: noop\nC: a2 NOOP",
        asked,
    );
    client(
        "S: + \n> Challenge \nS: a1 NO x\n> Completed a1 NO x\ndo: respond x\n> Refused InvalidState",
        asked,
    );
    client("S: + \n> Challenge \neof\n! UnexpectedEof", asked);
    // What is no Base64 is no challenge: the exchange is given up.
    client("S: + ???\n> Unparsed Syntax at 3 ???\nC: *\nS: a1 BAD x\n> Completed a1 BAD x", asked);
    // Who gave it up is not let in by it, nor who has not answered: somebody else would be.
    client("S: + ???\n> Unparsed Syntax at 3 ???\nC: *\nS: a1 OK in\n! UnexpectedResponse", asked);
    client("S: + \n> Challenge \ndo: cancel\nC: *\nS: a1 OK in\n! UnexpectedResponse", asked);
    client("S: + \n> Challenge \ndo: cancel\nS: a1 OK in\n! UnexpectedResponse", asked);
    client("S: + \n> Challenge \nS: a1 OK in\n! EarlyCompletion", asked);
    for (action, line) in [("authenticate PLAIN ", "="), (r"authenticate PLAIN \0u\0p", "AHUAcA==")] {
        let mut subject = Scenario::client_offered(strict(), "SASL-IR");
        subject.act(action);
        assert_eq!(subject.transmit().unwrap(), format!("a1 AUTHENTICATE PLAIN {line}\r\n"));
    }
    let mut subject = asked();
    for round in 0..17 {
        let mut input = BytesMut::from("+ \r\n");
        match subject.client.receive(&mut input) {
            Ok(Some(Event::Challenge(challenge))) if round < 16 => {
                subject.client.respond(challenge, &"x".into()).unwrap();
                while subject.transmit().is_some() {}
            }
            Err(error) if round == 16 => assert_eq!(error.kind(), ErrorKind::TooManyRounds),
            other => panic!("{round} {other:?}"),
        }
    }
    // A challenge is longer than other text may be, and has a limit of its own.
    for (length, fits) in [(16 * 1024, true), (16 * 1024 + 4, false)] {
        let mut subject = asked();
        let mut input = BytesMut::from("+ ");
        input.extend_from_slice(&vec![b'A'; length]);
        input.extend_from_slice(b"\r\n");
        assert_eq!(subject.client.receive(&mut input).is_ok(), fits, "{length}");
    }
}

#[test]
fn idle_of_a_client() {
    let idling = || Scenario::client_idling(strict());
    client(
        "
        do: idle
        C: a2 IDLE
        do: done
        > Refused InvalidState
        do: noop
        > Refused Busy
        S: + idling
        > Continuation idling
        S: * 4 EXISTS
        S: * OK Still here
        > Data 4 EXISTS
        > Status OK Still here
        do: noop
        > Refused Busy
        do: done
        do: noop
        C: DONE
        C: a3 NOOP
        S: * 5 EXISTS
        S: a2 OK done
        S: a3 OK done
        > Data 5 EXISTS
        > Completed a2 OK done
        > Completed a3 OK done
        do: done
        > Refused InvalidState
        ",
        || Scenario::client_authenticated(strict()),
    );
    client("S: + idling\n! UnexpectedContinuation", idling);
    client("S: a2 OK x\n! EarlyCompletion", idling);
    client("S: a2 NO x\n> Completed a2 NO x\ndo: noop\nC: a3 NOOP", idling);
    client("S: * BYE x\n> Bye BYE x\ndo: done\n> Refused InvalidState", idling);
    client("eof\n! UnexpectedEof", idling);
    client("S: a2 OK x\n> Completed a2 OK x ~ EarlyIdleCompletion\ndo: noop\nC: a3 NOOP", || {
        Scenario::client_idling(lenient())
    });
    client("do: done\nS: a2 OK x\n> Completed a2 OK x ~ EarlyIdleCompletion\ndo: noop\nC: a3 NOOP", || {
        Scenario::client_idling(lenient())
    });
    let done = |config| {
        let mut subject = Scenario::client_idling(config);
        subject.say("done");
        subject
    };
    client("S: + idling\n! UnexpectedContinuation", || done(strict()));
    client(
        "S: + idling\n> Continuation idling ~ UnaskedContinuation\nS: a2 OK x\n> Completed a2 OK x",
        || done(lenient()),
    );
    client("S: a2 BAD x\n> Completed a2 BAD x", || {
        let mut subject = Scenario::client_authenticated(strict());
        subject.say("idle");
        subject
    });
}

#[test]
fn append_of_a_client() {
    let ready = || Scenario::client_authenticated(strict());
    client(
        r"
        do: append INBOX 5
        do: noop
        > Refused Busy
        C: a2 APPEND INBOX {5}
        do: octets he
        do: octets llo!
        > Refused InvalidValue
        S: + go
        > GoAhead a2
        C= he
        do: octets llo
        do: octets x
        > Refused InvalidValue
        do: message 3
        C= llo {3}\r\n
        do: octets a\0b
        S: + go
        > GoAhead a2
        do: end
        C: a\0b
        S: * 3 EXISTS
        S: a2 OK [APPENDUID 1 7:8] done
        > Data 3 EXISTS
        > Completed a2 OK [APPENDUID 1 7:8] done
        do: noop
        C: a3 NOOP
        ",
        ready,
    );
    client(
        r"
        do: append INBOX 5
        do: octets hello
        do: end
        do: noop
        C: a2 APPEND INBOX {5}
        S: a2 NO [TOOBIG] too big
        > Completed a2 NO [TOOBIG] too big
        C: a3 NOOP
        ",
        ready,
    );
    client(
        r"
        do: append INBOX 5
        C: a2 APPEND INBOX {5}
        S: a2 NO [TRYCREATE] no such mailbox
        > Completed a2 NO [TRYCREATE] no such mailbox
        do: octets hello
        > Refused InvalidState
        do: end
        > Refused InvalidState
        do: noop
        C: a3 NOOP
        ",
        ready,
    );
    let appending = || {
        let mut subject = Scenario::client_authenticated(strict());
        subject.say("append INBOX 5");
        subject.hear("+ go\r\n");
        subject
    };
    client("S: a2 NO x\n! EarlyCompletion", appending);
    client("do: octets hello\nC= hello\nS: a2 OK x\n! EarlyCompletion", appending);
    client("S: + go\n! UnexpectedContinuation", appending);
    client("S: * BYE x\n> Bye BYE x\ndo: octets hello\n> Refused InvalidState", appending);
    // Whoever cannot finish a message ends the connection: the server waits for the octets.
    client("do: octets he\ndo: end\n> Refused InvalidValue\n! InvalidValue", appending);
    let mut subject = appending();
    subject.act("octets he");
    subject.act("end");
    assert!(subject.client.is_closed() && !subject.client.wants_read() && subject.client.unsent() == 0);
    assert_eq!(subject.client.logout().unwrap_err().kind(), ErrorKind::Closed);
    client("do: append INBOX 0\ndo: end\nC: a2 APPEND INBOX {0+}\nC: ", || {
        Scenario::client_authenticated_offered(strict(), "LITERAL+")
    });
}

#[test]
fn who_appends_piece_by_piece_hears_when_to_go_on() {
    let waits = |subject: &ClientSubject| subject.client.append_waits(subject.appending.as_ref().unwrap());
    let mut subject = Scenario::client_authenticated_offered(strict(), "LITERAL-");
    subject.say("append INBOX 1");
    assert!(!waits(&subject));
    subject.say("octets x");
    subject.say("message 4097");
    assert!(waits(&subject));
    subject.hear("+ go\r\n");
    assert!(!waits(&subject));
    subject.act("octets y");
    assert_eq!(subject.transmit().unwrap(), "y");
    // Refused instead, it does not wait any more either.
    let mut subject = Scenario::client_authenticated(strict());
    subject.say("append INBOX 1");
    assert!(waits(&subject));
    subject.hear("a2 NO x\r\n");
    assert!(!waits(&subject));
    // Other commands of which a part waits, and messages that are given whole, go on by themselves.
    client("do: append INBOX 1\ndo: octets x\ndo: end\nC: a2 APPEND INBOX {1}\nS: + go\nC: x", || {
        Scenario::client_authenticated(strict())
    });
}

#[test]
fn what_a_server_can_do_is_kept_where_it_is_told_during_the_login() {
    let can = |script: &[&str]| {
        let mut subject = Scenario::client_offered(strict(), "LOGINDISABLED");
        subject.hear("* CAPABILITY IMAP4rev1\r\n");
        for line in script {
            match line.strip_prefix("S: ") {
                Some(line) => subject.hear(&format!("{line}\r\n")),
                None => subject.say(line),
            }
            while subject.transmit().is_some() {}
        }
        let list: Option<Vec<String>> =
            subject.client.capabilities().map(|can| can.iter().map(|one| one.to_string()).collect());
        list.unwrap_or_default().join(" ")
    };
    let list = "S: * CAPABILITY IMAP4rev1 LITERAL+ MOVE";
    let told = "IMAP4rev1 LITERAL+ MOVE";
    assert_eq!(can(&["login u p", list, "S: a1 OK x"]), told);
    assert_eq!(can(&["login u p", "S: * OK [CAPABILITY IMAP4rev1 LITERAL+ MOVE] x", "S: a1 OK x"]), told);
    assert_eq!(can(&["authenticate PLAIN", "S: + ", "respond r", list, "S: a1 OK x"]), told);
    assert_eq!(can(&["login u p", list, "S: a1 OK [CAPABILITY IMAP4rev1] x"]), "IMAP4rev1");
    // What is older says nothing of this user: told before, for another command, or during a login that failed.
    assert_eq!(can(&["login u p", "S: a1 OK x"]), "");
    assert_eq!(can(&[list, "login u p", "S: a1 OK x"]), "");
    assert_eq!(can(&["capability", "login u p", list, "S: a1 OK x", "S: a2 OK x"]), "");
    assert_eq!(can(&["login u p", list, "S: a1 NO x", "login u q", "S: a2 OK x"]), "");
    let completion = "S: a1 OK [CAPABILITY IMAP4rev1 MOVE] x";
    assert_eq!(can(&["capability", "login u p", completion, "S: a2 OK x"]), "");
    assert_eq!(can(&[r"login u p\n", list, "S: + ", "S: a1 OK x"]), "");
    assert_eq!(can(&["login u p", list, "S: a1 OK x", "enqueue UNAUTHENTICATE", "S: a2 OK x"]), "");
}

#[test]
fn a_message_that_does_not_wait_may_be_refused_before_its_end() {
    // RFC 7888 section 4: the server answers at once, and reads the octets that were announced all the same.
    let appending = || {
        let mut subject = Scenario::client_authenticated_offered(strict(), "LITERAL+");
        subject.say("append INBOX 5");
        subject
    };
    for answer in ["NO [TRYCREATE] x", "BAD x"] {
        client(
            &format!(
                r"
                do: octets he
                C= he
                S: a2 {answer}
                > Completed a2 {answer}
                do: noop
                > Refused Busy
                do: octets llo!
                > Refused InvalidValue
                do: octets llo
                C= llo
                do: message 3
                > Refused InvalidState
                do: end
                C: 
                do: noop
                C: a3 NOOP
                S: a3 OK x
                > Completed a3 OK x
                "
            ),
            appending,
        );
        // Of what is written already, nothing is taken back.
        client(
            &format!(
                "do: octets hello\ndo: end\ndo: noop\nS: a2 {answer}\n> Completed a2 {answer}\nC: hello\nC: a3 NOOP"
            ),
            appending,
        );
    }
    client("S: a2 NO x\n> Completed a2 NO x\nS: a2 NO x\n! UnknownTag", appending);
    client("S: a2 OK x\n! EarlyCompletion", appending);
    client("do: octets hello\nS: a2 OK x\n! EarlyCompletion", appending);
    client("S: a2 NO x\n> Completed a2 NO x\neof\n! UnexpectedEof", appending);
    client(
        "S: a2 NO x\n> Completed a2 NO x\nS: * BYE x\n> Bye BYE x\ndo: octets hello\n> Refused InvalidState\neof",
        appending,
    );
    // Where not even the announcement is sent, it cannot be refused; nor may a literal be that was asked for.
    let unsent = || {
        let mut subject = Scenario::client_authenticated_offered(strict(), "LITERAL+");
        subject.act("append INBOX 5");
        subject
    };
    client("S: a2 NO x\n! EarlyCompletion", unsent);
    client("S: a2 NO x\n! EarlyCompletion", || {
        let mut subject = Scenario::client_authenticated_offered(strict(), "LITERAL-");
        subject.say("append INBOX 1");
        for action in ["octets x", "message 4097"] {
            subject.say(action);
        }
        subject.hear("+ go\r\n");
        subject
    });
}
