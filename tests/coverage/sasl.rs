//! AUTHENTICATE: the exchange is the machine's (RFC 3501 section 6.2.2, RFC 4959), the mechanisms are the caller's.

use crate::dialogue::{Trace, Turn, cancels, challenge, code, dialogue, does, greeted, responds};
use crate::values::atom;
use mailwire::imap::{Command, ResponseCode};
use mailwire::wire::Secret;

/// AUTHENTICATE, with a first response or without.
fn authenticate(mechanism: &'static str, first: Option<&'static str>) -> Turn {
    let first = move || first.map(|octets| Secret::new(octets.as_bytes().to_vec()));
    does(Command::Authenticate { mechanism: atom(mechanism), initial_response: first() }, move |imap| {
        imap.not_authenticated()?.authenticate(atom(mechanism), first())
    })
}

pub fn traces() -> Vec<Trace> {
    vec![
        exchange(),
        initial_responses(),
        challenges().only_data(),
        scram().only_data(),
        tokens().only_data(),
        without_secrets().only_data(),
    ]
}

/// RFC 3501 section 6.2.2
fn exchange() -> Trace {
    dialogue(
        &["AUTH="],
        greeted("AUTH=PLAIN"),
        "
        C: a1 AUTHENTICATE PLAIN
        S: + 
        C: *
        S: a1 BAD Authentication cancelled
        C: a2 AUTHENTICATE PLAIN
        S: * OK Wait a moment
        S: + 
        C: AHRpbQB0YW5zdGFhZnRhbnN0YWFm
        S: a2 NO [AUTHENTICATIONFAILED] Try again
        C: a3 AUTHENTICATE PLAIN
        S: + 
        C: AHRpbQB0YW5zdGFhZnRhbnN0YWFm
        S: a3 OK [CAPABILITY IMAP4rev1 IDLE] Welcome
        ",
        [
            authenticate("PLAIN", None),
            challenge(""),
            cancels(),
            authenticate("PLAIN", None),
            challenge(""),
            responds("\0tim\0tanstaaftanstaaf"),
            code(ResponseCode::AuthenticationFailed),
            authenticate("PLAIN", None),
            challenge(""),
            responds("\0tim\0tanstaaftanstaaf"),
            code(ResponseCode::Capability(crate::values::capabilities("IMAP4rev1 IDLE"))),
        ],
    )
}

/// RFC 4959 section 3
fn initial_responses() -> Trace {
    dialogue(
        &["SASL-IR"],
        greeted("SASL-IR AUTH=PLAIN AUTH=EXTERNAL"),
        "
        C: a1 AUTHENTICATE EXTERNAL =
        S: a1 NO [AUTHORIZATIONFAILED] No certificate
        C: a2 AUTHENTICATE PLAIN AHRpbQB0YW5zdGFhZnRhbnN0YWFm
        S: a2 OK Success (tls protection)
        ",
        [
            authenticate("EXTERNAL", Some("")),
            code(ResponseCode::AuthorizationFailed),
            authenticate("PLAIN", Some("\0tim\0tanstaaftanstaaf")),
        ],
    )
}

/// RFC 4616, RFC 2195
fn challenges() -> Trace {
    dialogue(
        &["PLAIN", "LOGIN", "CRAM-MD5"],
        greeted("AUTH=LOGIN AUTH=CRAM-MD5"),
        "
        C: a1 AUTHENTICATE PLAIN
        S: + 
        C: AHRpbQB0YW5zdGFhZnRhbnN0YWFm
        S: a1 NO [EXPIRED] That password is no longer valid
        C: a2 AUTHENTICATE LOGIN
        S: + VXNlcm5hbWU6
        C: dGlt
        S: + UGFzc3dvcmQ6
        C: dGFuc3RhYWY=
        S: a2 NO [AUTHENTICATIONFAILED] No
        C: a3 AUTHENTICATE CRAM-MD5
        S: + PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+
        C: dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw
        S: a3 OK CRAM authentication successful
        ",
        [
            authenticate("PLAIN", None),
            challenge(""),
            responds("\0tim\0tanstaaftanstaaf"),
            code(ResponseCode::Expired),
            authenticate("LOGIN", None),
            challenge("Username:"),
            responds("tim"),
            challenge("Password:"),
            responds("tanstaaf"),
            code(ResponseCode::AuthenticationFailed),
            authenticate("CRAM-MD5", None),
            challenge("<1896.697170952@postoffice.reston.mci.net>"),
            responds("tim b913a602c7eda7a495b4e6e7334d3890"),
        ],
    )
}

/// RFC 5802 section 5, RFC 7677
fn scram() -> Trace {
    dialogue(
        &["SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS"],
        greeted("SASL-IR AUTH=SCRAM-SHA-1 AUTH=SCRAM-SHA-1-PLUS AUTH=SCRAM-SHA-256 AUTH=SCRAM-SHA-256-PLUS"),
        "
        C: a1 AUTHENTICATE SCRAM-SHA-256 biwsbj11c2VyLHI9ck9wck5HZndFYmVSV2diTkVrcU8=
        S: a1 NO [UNAVAILABLE] Not today
        C: a2 AUTHENTICATE SCRAM-SHA-1-PLUS cD10bHMtZXhwb3J0ZXIsLG49dSxyPXg=
        S: a2 NO [CANNOT] No channel
        C: a3 AUTHENTICATE SCRAM-SHA-256-PLUS cD10bHMtZXhwb3J0ZXIsLG49dSxyPXg=
        S: a3 NO [CANNOT] No channel
        C: a4 AUTHENTICATE SCRAM-SHA-1 biwsbj11c2VyLHI9ZnlrbytkMmxiYkZnT05Sdjlxa3hkYXdM
        S: + cj1meWtvK2QybGJiRmdPTlJ2OXFreGRhd0wzcmZjTkhZSlkxWlZ2V1ZzN2oscz1RU1hDUitRNnNlazhiZjkyLGk9NDA5Ng==
        C: Yz1iaXdzLHI9ZnlrbytkMmxiYkZnT05Sdjlxa3hkYXdMM3JmY05IWUpZMVpWdldWczdqLHA9djBYOHYzQnoyVDBDSkdiSlF5RjBYK0hJNFRzPQ==
        S: + dj1ybUY5cHFWOFM3c3VBb1pXamE0ZEpSa0ZzS1E9
        C:
        S: a4 OK Welcome
        ",
        [
            authenticate("SCRAM-SHA-256", Some("n,,n=user,r=rOprNGfwEbeRWgbNEkqO")),
            code(ResponseCode::Unavailable),
            authenticate("SCRAM-SHA-1-PLUS", Some("p=tls-exporter,,n=u,r=x")),
            code(ResponseCode::Cannot),
            authenticate("SCRAM-SHA-256-PLUS", Some("p=tls-exporter,,n=u,r=x")),
            code(ResponseCode::Cannot),
            authenticate("SCRAM-SHA-1", Some("n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL")),
            challenge("r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096"),
            responds("c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts="),
            challenge("v=rmF9pqV8S7suAoZWja4dJRkFsKQ="),
            responds(""),
        ],
    )
}

/// RFC 7628 section 4.3, and what Gmail had before it
fn tokens() -> Trace {
    dialogue(
        &["XOAUTH2", "OAUTHBEARER"],
        greeted("SASL-IR AUTH=XOAUTH2 AUTH=OAUTHBEARER"),
        "
        C: a1 AUTHENTICATE XOAUTH2 dXNlcj1hQGIBYXV0aD1CZWFyZXIgdkY5AQE=
        S: + eyJzdGF0dXMiOiI0MDEifQ==
        C:
        S: a1 NO [AUTHENTICATIONFAILED] Invalid credentials
        C: a2 AUTHENTICATE OAUTHBEARER bixhPWFAYiwBaG9zdD1oAXBvcnQ9MTQzAWF1dGg9QmVhcmVyIHZGOQEB
        S: + eyJzdGF0dXMiOiI0MDEifQ==
        C: AQ==
        S: a2 NO [AUTHENTICATIONFAILED] SASL authentication failed
        C: a3 AUTHENTICATE OAUTHBEARER bixhPWFAYiwBaG9zdD1oAXBvcnQ9MTQzAWF1dGg9QmVhcmVyIHZGOQEB
        S: a3 OK SASL authentication succeeded
        ",
        [
            authenticate("XOAUTH2", Some("user=a@b\u{1}auth=Bearer vF9\u{1}\u{1}")),
            challenge("{\"status\":\"401\"}"),
            responds(""),
            code(ResponseCode::AuthenticationFailed),
            authenticate("OAUTHBEARER", Some("n,a=a@b,\u{1}host=h\u{1}port=143\u{1}auth=Bearer vF9\u{1}\u{1}")),
            challenge("{\"status\":\"401\"}"),
            responds("\u{1}"),
            code(ResponseCode::AuthenticationFailed),
            authenticate("OAUTHBEARER", Some("n,a=a@b,\u{1}host=h\u{1}port=143\u{1}auth=Bearer vF9\u{1}\u{1}")),
        ],
    )
}

/// RFC 4422 appendix A, RFC 4505
fn without_secrets() -> Trace {
    dialogue(
        &["EXTERNAL", "ANONYMOUS"],
        greeted("AUTH=EXTERNAL AUTH=ANONYMOUS"),
        "
        C: a1 AUTHENTICATE EXTERNAL
        S: + 
        C:
        S: a1 NO [AUTHORIZATIONFAILED] No
        C: a2 AUTHENTICATE ANONYMOUS
        S: + 
        C: c2lyaGM=
        S: a2 OK Welcome, trace information has been logged
        ",
        [
            authenticate("EXTERNAL", None),
            challenge(""),
            responds(""),
            code(ResponseCode::AuthorizationFailed),
            authenticate("ANONYMOUS", None),
            challenge(""),
            responds("sirhc"),
        ],
    )
}
