//! The authentication of a POP3 client (RFC 5034), in every segmentation.

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

use mailwire::pop3::{Client, ClientConfig};
use pop3::{ClientSubject, strict};
use trace::{Side, check};

fn client(config: &ClientConfig, trace: &str) {
    check(Side::Client, trace, || ClientSubject::new(Client::new(config.clone())));
}

#[test]
fn authentication_is_a_conversation() {
    client(
        &strict(),
        r"
        S: +OK
        > Greeting +OK
        do: auth CRAM-MD5
        C: AUTH CRAM-MD5
        S: + PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UuZXhhbXBsZS5uZXQ+
        > Challenge <1896.697170952@postoffice.example.net>
        do: respond tim b913a602c7eda7a495b4e6e7334d3890
        C: dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw
        S: + 
        > Challenge 
        do: respond
        C:
        S: -ERR [AUTH] no
        > Completed -ERR [AUTH] no
        do: auth PLAIN
        C: AUTH PLAIN
        S: + 
        > Challenge 
        do: cancel
        C: *
        S: -ERR cancelled
        > Completed -ERR cancelled
        do: auth X
        C: AUTH X
        S: + not base64
        > Unparsed Syntax at 5 + not base64\r\n
        C: *
        S: -ERR cancelled
        > Completed -ERR cancelled
        do: auth EXTERNAL x
        C: AUTH EXTERNAL eA==
        S: +OK maildrop locked
        > Completed +OK maildrop locked
        do: user x
        > Refused InvalidState
        do: stat
        C: STAT
        ",
    );
    let long = "r".repeat(200);
    let trace = format!(
        r"
        # an initial response that the line cannot hold follows by itself
        S: +OK
        > Greeting +OK
        do: auth OAUTHBEARER {long}
        C: AUTH OAUTHBEARER
        S: + 
        C: {}cnI=
        S: +OK
        > Completed +OK
        ",
        "cnJy".repeat(66)
    );
    client(&strict(), &trace);
}

#[test]
fn an_initial_response_that_no_line_can_hold_is_refused_at_once() {
    let mut config = strict();
    config.limits.sasl_line = 300;
    // 300 octets in Base64, and 304.
    for (length, answered) in [(225, true), (226, false)] {
        let response = "r".repeat(length);
        let rest = match answered {
            true => format!("C: AUTH X\nS: + \nC: {}", "cnJy".repeat(75)),
            false => "> Refused InvalidValue\ndo: auth X\nC: AUTH X\nS: + \n> Challenge ".to_owned(),
        };
        client(&config, &format!("S: +OK\n> Greeting +OK\ndo: auth X {response}\n{rest}"));
    }
}

/// No mechanism ends before the client has said anything (RFC 4422 section 3): a `+OK` there is no login.
#[test]
fn nobody_is_logged_in_before_saying_anything() {
    client(
        &ClientConfig::protected(),
        r"
        # Exchange 2003
        S: +OK
        > Greeting +OK
        do: auth NTLM
        C: AUTH NTLM
        S: +OK
        > Challenge  ~ OkForChallenge
        do: respond NTLMSSP
        C: TlRMTVNTUA==
        S: + TlRM
        > Challenge NTL
        do: respond x
        C: eA==
        S: +OK User successfully logged on.
        > Completed +OK User successfully logged on.
        do: stat
        C: STAT
        ",
    );
    client(
        &strict(),
        r"
        S: +OK
        > Greeting +OK
        do: auth NTLM
        C: AUTH NTLM
        S: +OK
        > Unparsed Syntax at 0 +OK\r\n
        C: *
        S: -ERR cancelled
        > Completed -ERR cancelled
        do: stat
        > Refused InvalidState
        do: auth NTLM
        C: AUTH NTLM
        S: +OK caf\xe9
        > Unparsed Syntax at 7 +OK caf\xe9\r\n
        > Unparsed Syntax at 0 +OK caf\xe9\r\n
        C: *
        S: -ERR
        > Completed -ERR
        do: auth EXTERNAL =
        C: AUTH EXTERNAL =
        S: +OK
        > Completed +OK
        ",
    );
}

#[test]
fn an_exchange_that_was_given_up_cannot_succeed() {
    for config in [strict(), ClientConfig::protected()] {
        client(
            &config,
            r"
            S: +OK
            > Greeting +OK
            do: auth X
            C: AUTH X
            S: + 
            > Challenge 
            do: cancel
            C: *
            S: +OK welcome
            ! UnexpectedResponse
            ",
        );
    }
}

#[test]
fn a_challenge_for_people_is_an_empty_one() {
    let long = "r".repeat(200);
    let trace = format!(
        r"
        S: +OK
        > Greeting +OK
        do: auth LOGIN
        C: AUTH LOGIN
        S: + Username:
        > Challenge  ~ TextChallenge
        do: respond u
        C: dQ==
        S: + Password:
        > Challenge  ~ TextChallenge
        do: respond p
        C: cA==
        S: -ERR
        > Completed -ERR
        do: auth OAUTHBEARER {long}
        C: AUTH OAUTHBEARER
        S: + go ahead
        C: {}cnI=
        S: +OK
        > Completed +OK
        ",
        "cnJy".repeat(66)
    );
    client(&ClientConfig::protected(), &trace);
}

#[test]
fn rounds_of_authentication_are_counted() {
    let mut config = strict();
    config.limits.sasl_rounds = 1;
    client(
        &config,
        r"
        S: +OK
        > Greeting +OK
        do: auth X
        C: AUTH X
        S: + 
        > Challenge 
        do: respond
        C:
        S: + 
        ! TooManyRounds
        ",
    );
}

/// RFC 5034 section 3: such a server may know no initial response.
#[test]
fn an_initial_response_waits_where_sasl_is_not_announced() {
    let exchange = r"
        do: auth PLAIN xyz
        C: AUTH PLAIN
        S: + 
        C: eHl6
        S: +OK
        > Completed +OK
        ";
    for capabilities in
        ["S: -ERR\n> Completed -ERR", "S: +OK\nS: USER\nS: .\n> Capabilities User\n> Completed +OK"]
    {
        let trace = format!("S: +OK\n> Greeting +OK\ndo: capa\nC: CAPA\n{capabilities}{exchange}");
        client(&strict(), &trace);
    }
    client(
        &strict(),
        r#"
        S: +OK
        > Greeting +OK
        do: capa
        C: CAPA
        S: +OK
        S: SASL PLAIN no(mechanism)
        S: .
        > Capabilities Other(CapabilityText("SASL PLAIN no(mechanism)"))
        > Completed +OK
        do: auth PLAIN xyz
        C: AUTH PLAIN eHl6
        "#,
    );
}
