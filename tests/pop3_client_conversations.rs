//! A POP3 client's conversations, in every segmentation.

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

mod pop3;
mod trace;

use mailwire::pop3::{Client, ClientConfig, Quirks, Tls};
use mailwire::wire::Machine;
use pop3::{ClientSubject, Scenario, strict};
use trace::{Side, check};

fn client(config: &ClientConfig, trace: &str) {
    check(Side::Client, trace, || ClientSubject::new(Client::new(config.clone())));
}

fn logged_in(config: &ClientConfig, trace: &str) {
    check(Side::Client, trace, || Scenario::client_logged_in(config.clone()));
}

#[test]
fn the_session_of_rfc_1939() {
    client(
        &strict(),
        r"
        # RFC 1939 section 10
        S: +OK POP3 server ready <1896.697170952@dbc.mtview.ca.us>
        > Greeting +OK POP3 server ready <1896.697170952@dbc.mtview.ca.us> with <1896.697170952@dbc.mtview.ca.us>
        do: user mrose
        C: USER mrose
        S: +OK mrose is a real hoopy frood
        > Completed +OK mrose is a real hoopy frood
        do: pass tanstaaf
        C: PASS tanstaaf
        S: +OK mrose's maildrop has 2 messages (320 octets)
        > Completed +OK mrose's maildrop has 2 messages (320 octets)
        do: stat
        C: STAT
        S: +OK 2 320
        > DropListing 2 320
        > Completed +OK 2 320
        do: list
        C: LIST
        S: +OK 2 messages (320 octets)
        S: 1 120
        S: 2 200
        S: .
        > ScanListing 1 120
        > ScanListing 2 200
        > Completed +OK 2 messages (320 octets)
        do: retr 1
        C: RETR 1
        S: +OK 120 octets
        S: Subject: hello
        S:
        S: ..
        S: ..dots
        S: .
        > Begin 120
        > Chunk Subject: hello\r\n\r\n.\r\n.dots\r\n
        > End
        > Completed +OK 120 octets
        do: dele 1
        C: DELE 1
        S: +OK message 1 deleted
        > Completed +OK message 1 deleted
        do: dele 2
        C: DELE 2
        S: -ERR message 2 already deleted
        > Completed -ERR message 2 already deleted
        do: quit
        C: QUIT
        S: +OK dewey POP3 server signing off (maildrop empty)
        > Completed +OK dewey POP3 server signing off (maildrop empty)
        eof
        ",
    );
}

#[test]
fn a_client_speaks_every_command() {
    logged_in(
        &strict(),
        r#"
        do: list 2
        C: LIST 2
        S: +OK 2 200
        > ScanListing 2 200
        > Completed +OK 2 200
        do: uidl
        C: UIDL
        S: +OK
        S: 1 whqtswO00WBw418f9t5JxYwZ
        S: ..2 x
        S: 2 QhdPYR:00WBw1Ph7x7
        S: .
        > UniqueId 1 whqtswO00WBw418f9t5JxYwZ
        > Unparsed Syntax at 0 ..2 x\r\n
        > UniqueId 2 QhdPYR:00WBw1Ph7x7
        > Completed +OK
        do: uidl 2
        C: UIDL 2
        S: +OK 2 QhdPYR:00WBw1Ph7x7
        > UniqueId 2 QhdPYR:00WBw1Ph7x7
        > Completed +OK 2 QhdPYR:00WBw1Ph7x7
        do: uidl 3
        C: UIDL 3
        S: -ERR no such message, only 2 messages in maildrop
        > Completed -ERR no such message, only 2 messages in maildrop
        do: top 1 10
        C: TOP 1 10
        S: +OK
        S: .
        > Begin
        > End
        > Completed +OK
        do: rset
        C: RSET
        S: +OK
        > Completed +OK
        do: noop
        C: NOOP
        S: +OK
        > Completed +OK
        do: capa
        C: CAPA
        S: +OK Capability list follows
        S: TOP
        S: SASL CRAM-MD5
        S: EXPIRE 60 USER
        S: ..dot
        S: X
        S: .
        > Capabilities Top, Sasl([Mechanism("CRAM-MD5")]), Expire { expire: Days(60), per_user: true }, Other(CapabilityText(".dot")), Other(CapabilityText("X"))
        > Completed +OK Capability list follows
        do: lang es
        C: LANG es
        S: +OK es Idioma cambiado
        > Completed +OK es Idioma cambiado
        do: noop
        C: NOOP
        S: -ERR [UTF8] Excepci\xc3\xb3n
        > Completed -ERR [UTF8] Excepción
        do: lines XTND XLST
        C: XTND XLST
        S: +OK
        S: one
        S:
        S: .
        > Line one
        > Line 
        > Completed +OK
        "#,
    );
    client(
        &strict(),
        r"
        S: +OK
        > Greeting +OK
        do: lang
        C: LANG
        S: +OK Language listing follows:
        S: en English
        S: sv
        S: x_y
        S: .
        > Language en English
        > Language sv 
        > Unparsed Syntax at 1 x_y\r\n
        > Completed +OK Language listing follows:
        do: utf8
        C: UTF8
        S: +OK
        > Completed +OK
        do: mechanisms
        C: AUTH
        S: +OK
        S: PLAIN
        S: .
        > Line PLAIN
        > Completed +OK
        do: quit
        C: QUIT
        S: +OK
        > Completed +OK
        ",
    );
}

#[test]
fn stls_forgets_what_came_before() {
    client(
        &ClientConfig { quirks: Quirks::strict(), apop: true, ..ClientConfig::new() },
        r"
        S: +OK <1@x>
        > Greeting +OK <1@x> with <1@x>
        do: user u
        > Refused PrivacyRequired
        do: enqueue PASS p
        > Refused PrivacyRequired
        do: auth PLAIN
        > Refused PrivacyRequired
        do: apop u 00000000000000000000000000000000
        > Refused PrivacyRequired
        do: capa
        C: CAPA
        S: +OK
        S: STLS
        S: PIPELINING
        S: .
        > Capabilities Stls, Pipelining
        > Completed +OK
        do: stls
        do: noop
        > Refused InvalidState
        do: capa
        > Refused Busy
        C: STLS
        S: +OK [SYS/PERM] x
        > StartTls
        do: capa
        > Refused Busy
        do: resume
        do: apop u 00000000000000000000000000000000
        > Refused Unsupported
        do: stls
        > Refused InvalidState
        do: user u
        do: pass p
        C: USER u
        S: +OK
        > Completed +OK
        C: PASS p
        S: +OK
        > Completed +OK
        ",
    );
    for (trace, optional) in [
        ("S: +OK begin\nS: +OK injected\n! StartTlsInjection", false),
        ("S: -ERR no\n> Completed -ERR no\n! StartTlsUnavailable", false),
        ("S: -ERR no\n> Completed -ERR no\ndo: user u\nC: USER u", true),
    ] {
        let tls = if optional { Tls::Optional } else { Tls::Required };
        let config = ClientConfig { tls, ..ClientConfig::new() };
        // Behind the answer the reads must not be cut: then TLS would have started between them.
        let mut subject = Scenario::client(config.clone());
        subject.say("stls");
        if trace.contains("injected") {
            let mut input = bytes::BytesMut::from("+OK begin\r\n+OK injected\r\n");
            assert!(subject.client.receive(&mut input).is_err());
            assert_eq!(subject.client.poll_transmit(), None);
        } else {
            check(Side::Client, trace, || {
                let mut subject = Scenario::client(config.clone());
                subject.say("stls");
                subject
            });
        }
    }
}

#[test]
fn commands_go_ahead_only_where_that_is_announced() {
    let config = strict();
    logged_in(
        &config,
        r"
        do: stat
        do: list
        C: STAT
        S: +OK 1 2
        > DropListing 1 2
        > Completed +OK 1 2
        C: LIST
        S: -ERR
        > Completed -ERR
        ",
    );
    check(
        Side::Client,
        r"
        do: stat
        do: retr 1
        do: uidl
        do: quit
        do: noop
        > Refused InvalidState
        C: STAT
        C: RETR 1
        C: UIDL
        C: QUIT
        S: +OK 1 2
        S: +OK
        S: -ERR inside is data
        S: .
        S: -ERR no UIDL
        S: +OK
        > DropListing 1 2
        > Completed +OK 1 2
        > Begin
        > Chunk -ERR inside is data\r\n
        > End
        > Completed +OK
        > Completed -ERR no UIDL
        > Completed +OK
        eof
        ",
        || Scenario::client_pipelining(config.clone()),
    );
}

#[test]
fn quirks_are_forgiven_and_named() {
    let lenient = ClientConfig::protected();
    client(
        &lenient,
        "S: +ok gr\\xfc\\xdfe <no stamp>\n> Greeting +OK gr\\xfc\\xdfe <no stamp> ~ StatusCase NonAsciiText BadTimestamp",
    );
    logged_in(
        &lenient,
        r"
        do: uidl
        C: UIDL
        S= +OK\n
        S= 1   a\n
        S: 2 b 
        S: c
        S: 4 c d
        S= .\n
        > UniqueId 1 a ~ BareLineFeed ExtraSpace
        > UniqueId 2 b ~ ExtraSpace
        > UniqueId 3 c ~ MissingMessageNumber
        > UniqueId 4 c d ~ BadUniqueId
        > Completed +OK ~ BareLineFeed DotLineFeed
        do: uidl 2
        C: UIDL 2
        S: +OK here they are
        S: 2 b
        S: .
        > UniqueId 2 b ~ MultiLineUniqueId
        > Completed +OK here they are
        do: retr 1
        C: RETR 1
        S: +OK 9 octets
        S: .x
        S= .\n
        > Begin 9
        > Chunk .x\r\n
        > End ~ DotLineFeed UnstuffedDot OctetCount
        > Completed +OK 9 octets
        do: list 1
        C: LIST 1
        S: +OK  1  2
        > ScanListing 1 2 ~ ExtraSpace
        > Completed +OK  1  2
        do: retr 1
        C: RETR 1
        S= +OK\na\n..b\n.\n
        > Begin ~ BareLineFeed
        > Chunk a\n.b\n
        > End ~ DotLineFeed
        > Completed +OK
        ",
    );
    client(
        &lenient,
        r"
        S: +OK
        > Greeting +OK
        do: auth PLAIN
        C: AUTH PLAIN
        S: +
        > Challenge  ~ BareContinuation
        do: cancel
        C: *
        ",
    );
    let long = "x".repeat(600);
    logged_in(&lenient, &format!("do: noop\nC: NOOP\nS: +OK {long}\n> Completed +OK {long} ~ LongLine"));
    // Without them, the lines are refused and the connection goes on.
    logged_in(
        &strict(),
        &format!(
            r"
            do: noop
            C: NOOP
            S: +OK {long}
            > Unparsed LineTooLong at 512 +OK {long}\r\n
            > Completed +OK {long}
            do: noop
            C: NOOP
            S: +OK \xff
            > Unparsed Syntax at 4 +OK \xff\r\n
            > Completed +OK \xff
            do: list
            C: LIST
            S: +OK
            S: 1  2
            S: 2 3
            S: .
            > Unparsed Syntax at 2 1  2\r\n
            > ScanListing 2 3
            > Completed +OK
            do: noop
            C: NOOP
            S= +OK\n
            ! BareLineFeed
            "
        )
        .replace(r"> Unparsed Syntax at 4 +OK \xff\r\n", r"> Unparsed Syntax at 4 +OK \xff\r\n"),
    );
}

/// Else the message would be read as a listing, and each answer behind it as that of the command before.
#[test]
fn an_answer_of_one_line_takes_no_message_for_a_listing() {
    for (line, told) in [
        ("+OK 1 ", "> Unparsed Syntax at 6 +OK 1 \\r\\n\n"),
        ("+OK 1", "> Unparsed Syntax at 5 +OK 1\\r\\n\n"),
        ("+OK", ""),
        ("+OK a b", ""),
    ] {
        let [unique_id, scan] = match told {
            "" => [" ~ MultiLineUniqueId", " ~ MultiLineScanListing"],
            _ => ["", ""],
        };
        check(
            Side::Client,
            &format!(
                r"
                do: uidl 1
                do: list 1
                do: retr 1
                do: noop
                do: quit
                C: UIDL 1
                C: LIST 1
                C: RETR 1
                C: NOOP
                C: QUIT
                S: {line}
                S: {line}
                S: +OK 28 octets
                S: Subject: x
                S:
                S: 2 forged-uid
                S: .
                S: +OK noop
                S: +OK bye
                {told}> Completed {line}{unique_id}
                {told}> Completed {line}{scan}
                > Begin 28
                > Chunk Subject: x\r\n\r\n2 forged-uid\r\n
                > End
                > Completed +OK 28 octets
                > Completed +OK noop
                > Completed +OK bye
                eof
                "
            ),
            || Scenario::client_pipelining(ClientConfig::protected()),
        );
    }
}

#[test]
fn a_listing_for_one_message_tells_that_one() {
    logged_in(
        &ClientConfig::protected(),
        r"
        # Mailpit before 1.26.1
        do: list 2
        C: LIST 2
        S: +OK 2 messages (320 octets)
        S: 1 120
        S: 2 200
        S: .
        > ScanListing 2 200 ~ MultiLineScanListing
        > Completed +OK 2 messages (320 octets)
        do: uidl 2
        C: UIDL 2
        S: +OK 2 messages (320 octets)
        S: 1 a
        S: 2 b
        S: .
        > UniqueId 2 b ~ MultiLineUniqueId
        > Completed +OK 2 messages (320 octets)
        do: uidl 3
        C: UIDL 3
        S: +OK
        S: 1 a
        S: .
        > Completed +OK ~ MultiLineUniqueId
        do: list 1
        C: LIST 1
        S: +OK 120
        > ScanListing 1 120 ~ MissingMessageNumber
        > Completed +OK 120
        ",
    );
}

/// RFC 6856 section 3.2: the answer that switches the language is in that language.
#[test]
fn the_answer_to_lang_is_in_the_language() {
    logged_in(
        &strict(),
        r"
        do: lang sv
        C: LANG sv
        S: -ERR spr\xc3\xa5k
        > Unparsed Syntax at 8 -ERR spr\xc3\xa5k\r\n
        > Completed -ERR språk
        do: lang sv
        C: LANG sv
        S: +OK sv Språket är bytt
        > Completed +OK sv Språket är bytt
        ",
    );
}

#[test]
fn utf_8_logs_in_only_where_that_is_announced() {
    client(
        &strict(),
        r"
        S: +OK
        > Greeting +OK
        do: utf8
        C: UTF8
        S: +OK
        > Completed +OK
        do: user jörg
        > Refused Unsupported
        do: pass sesam
        C: PASS sesam
        S: -ERR
        > Completed -ERR
        do: pass sésame
        > Refused Unsupported
        do: capa
        C: CAPA
        S: +OK
        S: UTF8 USER
        S: .
        > Capabilities Utf8 { user: true }
        > Completed +OK
        do: user jörg
        C: USER jörg
        S: +OK
        > Completed +OK
        do: pass sésame
        C: PASS sésame
        ",
    );
}

/// RFC 6856 section 2.1.
#[test]
fn tls_starts_before_utf8() {
    client(
        &ClientConfig { quirks: Quirks::strict(), ..ClientConfig::new() },
        r"
        S: +OK
        > Greeting +OK
        do: utf8
        do: stls
        > Refused InvalidState
        C: UTF8
        S: -ERR
        > Completed -ERR
        do: stls
        > Refused InvalidState
        ",
    );
}

/// A line over the limit that ends in LF alone is over the limit first, however much of it had arrived.
#[test]
fn of_two_things_wrong_with_a_line_the_first_counts() {
    let long = "x".repeat(3_000);
    client(&strict(), &format!("S= +OK {long}\\n\n! LineTooLong"));
}

#[test]
fn a_client_trusts_no_order() {
    logged_in(&strict(), "S: +OK nobody asked\n! UnexpectedResponse");
    logged_in(&strict(), "do: stat\nS: +OK 1 2\n! UnexpectedResponse");
    logged_in(&strict(), "do: retr 1\nC: RETR 1\nS: + \n! UnexpectedContinuation");
    logged_in(&strict(), "do: noop\nC: NOOP\nS: * OK\n! Syntax");
    logged_in(
        &strict(),
        "do: retr 1\nC: RETR 1\nS: +OK\nS: a\n> Begin\n> Chunk a\\r\\n\neof\n! UnexpectedEof",
    );
    logged_in(&strict(), "do: quit\nC: QUIT\neof\n! UnexpectedEof");
    logged_in(&strict(), "do: stat\neof\n! UnexpectedEof");
    logged_in(&strict(), "eof\ndo: stat\n> Refused InvalidState");
    client(&strict(), "S= +OK\neof\n! UnexpectedEof");
    client(&strict(), "S: -ERR [SYS/TEMP] x\n> Greeting -ERR [SYS/TEMP] x\n! BadGreeting");
    client(&strict(), "S: * OK IMAP\n! BadGreeting");
}
