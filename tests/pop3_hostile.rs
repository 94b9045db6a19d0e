//! The hostile cases that touch POP3: each whole, one octet at a time, and at every split.

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

mod hostile;
mod pop3;
mod trace;

use bytes::BytesMut;
use hostile::{Cut, Outcome, Run, feed, hex, latin1, octets, parts, pull, string};
use mailwire::pop3::{
    ClientConfig, Command, Mechanism, Parameter, Password, Quirks, Reply, ServerConfig, Status, Stuffer, Tls,
    UniqueId, UserName,
};
use pop3::{ClientSubject, Scenario, ServerSubject, strict};
use serde_json::Value;
use trace::Subject;

/// Cases whose outcome here is another one than the case says, and why.
const DIFFERENT: &[(&str, &str)] = &[(
    "c14_pop3_srv_06",
    "QUIT is Base64: the response is delivered, and refused by the application that knows the mechanism",
)];

const CASES: &str = include_str!("hostile/pop3.jsonl");

fn client(case: &Value, cut: Cut) -> Run {
    let state = string(&case["state"]);
    let id = string(&case["id"]);
    let required = || ClientConfig { quirks: Quirks::strict(), apop: true, ..ClientConfig::new() };
    let mut subject = match state {
        "greeting" => Scenario::client_before_greeting(ClientConfig { apop: true, ..strict() }),
        "STAT in flight" => Scenario::client_waiting(strict(), "STAT"),
        "UIDL in flight" => Scenario::client_waiting(strict(), "UIDL"),
        "RETR in flight" => Scenario::client_waiting(strict(), "RETR 1"),
        "AUTHORIZATION" => {
            let mut subject = Scenario::client(strict());
            subject.say("user u");
            subject
        }
        "Selected/TRANSACTION" => Scenario::client_waiting(
            strict(),
            match id {
                "c10_pop3_cli_long_status" => "NOOP",
                "c10_pop3_cli_data_long_line" => "RETR 1",
                "c10_pop3_cli_capa_many" => "CAPA",
                "c10_pop3_cli_uidl_many" => "UIDL",
                other => panic!("no command for {other}"),
            },
        ),
        "DELE sent, QUIT in flight" => {
            let mut subject = Scenario::client_waiting(strict(), "DELE 1");
            subject.hear("+OK\r\n");
            subject.say("quit");
            subject
        }
        "config tls=RequireStls" => Scenario::client_before_greeting(required()),
        other => panic!("no state {other}"),
    };
    let (mut run, mut input) = (Run::default(), BytesMut::new());
    let mut react = |_: &mut ClientSubject, _: &str| {};
    let Some(script) = case.get("script") else {
        feed(&mut subject, &mut run, &mut input, &octets(case), cut, &mut react);
        if string(&case["expect"]["outcome"]) == "incomplete" {
            pull(&mut subject, &mut run, &mut input, true, &mut react);
        }
        if state == "greeting" && run.fatal.is_none() {
            subject.act("apop u 00000000000000000000000000000000");
            pull(&mut subject, &mut run, &mut input, false, &mut react);
        }
        return run;
    };
    for step in script.as_array().expect("a script") {
        match string(&step["op"]) {
            _ if run.fatal.is_some() => break,
            "peer" => {
                // Behind STLS a cut would be the start of TLS: what is buffered then is never read in plaintext.
                let cut = if run.sent.ends_with(b"STLS\r\n") { Cut::Whole } else { cut };
                feed(&mut subject, &mut run, &mut input, &latin1(string(&step["octets"])), cut, &mut react);
            }
            "expect" => match string(&step["that"]) {
                "CAPA" => subject.act("capa"),
                "STLS" | "STLS or fail" => subject.act("stls"),
                "capabilities==Unknown; CAPA re-issued" => {
                    assert!(subject.client.capabilities().is_none());
                    subject.act("capa");
                }
                other => panic!("no expectation {other}"),
            },
            "app" => subject.act("user u"),
            "tls_established" => {
                assert_eq!(run.told.last().map(String::as_str), Some("StartTls"));
                subject.act("resume");
            }
            "eof" => pull(&mut subject, &mut run, &mut input, true, &mut react),
            other => panic!("no step {other}"),
        }
        pull(&mut subject, &mut run, &mut input, false, &mut react);
    }
    let secrets: [&[u8]; 4] = [b"USER", b"PASS", b"APOP", b"AUTH"];
    assert!(
        !secrets.iter().any(|word| run.sent.windows(4).any(|sent| sent == *word)),
        "{}",
        run.sent.escape_ascii()
    );
    run
}

/// An application that knows nobody but takes every command.
fn answer(subject: &mut ServerSubject, line: &str) {
    let (kind, rest) = line.split_once(' ').unwrap_or((line, ""));
    match (kind, rest.split(' ').next().unwrap_or_default()) {
        ("Command", "AUTH") => subject.act("challenge"),
        ("Command", "STLS") => subject.act("starttls"),
        ("Command", "USER" | "QUIT") => subject.act("ok"),
        ("Malformed", _) => subject.act("reject"),
        _ => subject.act("err no"),
    }
}

fn server(case: &Value, cut: Cut) -> Run {
    let protected = ServerConfig::protected();
    let mut subject = match string(&case["state"]) {
        "AUTHORIZATION" | "AUTHORIZATION, tls" => Scenario::server_with_apop(protected),
        "TRANSACTION" | "TRANSACTION, DELE 1 done" => Scenario::server_logged_in(protected),
        _ => Scenario::server(ServerConfig { tls: Tls::Optional, ..protected }),
    };
    let (mut run, mut input) = (Run::default(), BytesMut::new());
    let Some(script) = case.get("script") else {
        feed(&mut subject, &mut run, &mut input, &octets(case), cut, &mut answer);
        return run;
    };
    for step in script.as_array().expect("a script") {
        match string(&step["op"]) {
            "peer" => {
                let octets = latin1(string(&step["octets"]));
                let cut = if octets.starts_with(b"STLS") { Cut::Whole } else { cut };
                feed(&mut subject, &mut run, &mut input, &octets, cut, &mut answer);
            }
            "expect" => assert!(run.sent.starts_with(b"+OK") || run.sent.starts_with(b"-ERR")),
            "tls_established" if run.fatal.is_none() => subject.act("resume"),
            "eof" => pull(&mut subject, &mut run, &mut input, true, &mut answer),
            _ => {}
        }
    }
    assert_ne!(subject.server.state(), mailwire::pop3::State::Update);
    run
}

fn client_encoder(case: &Value) {
    let argument = hex(string(&case["call"]["arg_hex"]));
    let command = match string(&case["call"]["method"]) {
        "user(name)" => UserName::new(argument).map(Command::User),
        "pass(secret)" => Password::new(argument).map(Command::Pass),
        "apop(name,_)" => Parameter::new(argument)
            .map(|name| Command::Apop { name, digest: mailwire::pop3::Digest::new([0; 16]) }),
        "auth(mech)" => {
            Mechanism::new(argument).map(|mechanism| Command::Auth { mechanism, initial_response: None })
        }
        other => panic!("no method {other}"),
    };
    let mut out = BytesMut::new();
    let result = command.and_then(|command| command.encode(&mut out));
    match string(&case["expect"]["outcome"]) {
        "encode_error" => assert!(result.is_err() && out.is_empty(), "{case}"),
        _ => assert_eq!(out, hex(string(&case["expect"]["wire_hex"])), "{case}"),
    }
}

fn server_encoder(case: &Value) {
    match case["call"]["method"].as_str() {
        Some("ok_text") => assert!(Reply::new(Status::Ok, hex(string(&case["call"]["arg_hex"]))).is_err()),
        Some(_) => assert!(UniqueId::new(hex(string(&case["call"]["arg_hex"]))).is_err()),
        None => {
            let message = octets(case);
            for cut in (0..=message.len()).map(Cut::At).chain([Cut::Whole, Cut::Every(1)]) {
                let (mut out, mut stuffer) = (BytesMut::new(), Stuffer::new());
                parts(&message, cut).into_iter().for_each(|part| stuffer.encode(part, &mut out));
                stuffer.finish(&mut out);
                assert_eq!(out, hex(string(&case["expect"]["wire_hex"])), "{case}");
            }
        }
    }
}

/// `Data("…")` of an expected event.
fn expected_data(case: &Value) -> Option<Vec<u8>> {
    let event = case["expect"]["events"].as_array()?.first()?.as_str()?;
    let text = event.strip_prefix("Data(\"")?.strip_suffix("\")")?;
    Some(trace::unescape(text))
}

fn check(case: &Value, run: &Run, cut: Cut) {
    let expected = match string(&case["expect"]["outcome"]) {
        "accept" | "semantic_warning" => Outcome::Accept,
        "reject_recover" => Outcome::RejectRecover,
        "incomplete" => Outcome::Incomplete,
        _ if case["expect"]["error"] == "UnexpectedEof" => Outcome::Incomplete,
        _ => Outcome::Fatal,
    };
    assert_eq!(run.outcome(), expected, "{case} {cut:?} {:?}", Run { sent: Vec::new(), ..run.clone() });
    if let Some(data) = expected_data(case) {
        assert_eq!(run.body.escape_ascii().to_string(), data.escape_ascii().to_string(), "{case}");
    }
    if string(&case["id"]).starts_with("c14_pop3_apop") {
        assert_eq!(run.told.last().map(String::as_str), Some("Refused Unsupported"), "{case}");
    }
}

#[test]
fn every_case_has_its_outcome_at_every_split() {
    let mut count = 0;
    for line in CASES.lines() {
        let case: Value = serde_json::from_str(line).expect("a case");
        count += 1;
        let target = string(&case["target"]);
        let run = |cut| match target {
            "client" => client(&case, cut),
            "server" => server(&case, cut),
            other => panic!("no target {other}"),
        };
        match target {
            "client-encoder" => client_encoder(&case),
            "server-encoder" => server_encoder(&case),
            "codec" => {
                let octets = octets(&case);
                let shown = format!("{:?}", Command::parse(octets.trim_ascii_end()));
                assert!(
                    !shown.contains("s3cr3t") && !shown.contains("dXNl") && !shown.contains("117, 115"),
                    "{shown}"
                );
            }
            _ if DIFFERENT.iter().any(|(id, _)| *id == case["id"]) => {
                assert!(run(Cut::Whole).fatal.is_none());
            }
            _ if case.get("gen").is_some() => {
                // These are long: cut into reads instead of at every octet.
                let small = octets(&case).len() < 1_000_000;
                for cut in [Cut::Every(16 * 1024), Cut::Whole, Cut::Every(1_460)] {
                    if !small && !matches!(cut, Cut::Every(16_384)) {
                        continue;
                    }
                    let run = run(cut);
                    check(&case, &run, cut);
                    assert!(matches!(cut, Cut::Whole) || run.held < 128 * 1024, "{} octets held", run.held);
                }
            }
            _ => {
                let whole = run(Cut::Whole);
                check(&case, &whole, Cut::Whole);
                let longest = case.get("octets").map_or(64, |octets| string(octets).len());
                for cut in (0..=longest).map(Cut::At).chain([Cut::Every(1), Cut::Every(3)]) {
                    let run = Run { held: whole.held, ..run(cut) };
                    assert_eq!(run, whole, "{case} {cut:?}");
                }
            }
        }
    }
    assert_eq!(count, 104);
}
