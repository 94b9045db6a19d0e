//! The hostile cases that touch IMAP: each whole, one octet at a time, at every split, at random splits, and cut off at every octet.

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
mod imap;
mod trace;

use bytes::BytesMut;
use hostile::{Cut, Outcome, Run, feed, generated, hex, latin1, octets, pull, string};
use imap::{ClientSubject, Scenario, ServerSubject, protected, strict};
use mailwire::imap::client::Config;
use mailwire::imap::server;
use mailwire::imap::{
    Atom, Command, CommandDecoder, DateTime, Encoding, EnvelopeBuilder, Flag, Id, Mailbox, Quirk, Response,
    ResponseCode, Search, SearchKey, SearchKeys, SequenceSet, SetQuota, State, Status, Tag, utf7,
};
use mailwire::wire::{Limits, Machine, Tls};
use serde_json::Value;
use trace::Subject;

const CASES: &str = include_str!("hostile/imap.jsonl");

/// Cases of what this crate does not speak, and what that is. They run, and nothing is asked of their outcome.
const OUTSIDE: &[(&str, &str)] = &[
    ("c12_imap_20", "SCRAM: the mechanism decides that OK came too early"),
    ("c14_imap_auth_04", "SCRAM: the mechanism reads the iteration count"),
    ("c14_imap_auth_05", "SCRAM: the mechanism reads the iteration count"),
    ("c17_compress_bomb", "COMPRESS"),
    ("c04_srv_num_09", "CONDSTORE: the modifiers of STORE are kept as they stand"),
];

/// Cases whose outcome here is another one than the case says, and why.
const DIFFERENT: &[(&str, Outcome, &str)] = &[
    (
        "c05_srv_set_05",
        Outcome::Accept,
        "`$` is of the grammar; whether there is a saved result is known to the application",
    ),
    ("c04_srv_num_05", Outcome::Accept, "sizes have 63 bits since RFC 9051"),
];

/// Cases that take a line of QUIRKS as the strict preset's business, and call it tolerated: the quirk is forgiven here, and nothing else.
const TOLERATED: &[(&str, Quirk)] = &[
    ("c02_imap_starttls_twice", Quirk::MissingText),
    ("c02_imap_handshake_fail", Quirk::MissingText),
    ("c12_imap_05", Quirk::MissingText),
    ("c21_text_03", Quirk::MissingText),
    ("c21_text_04", Quirk::MissingSpaceAfterCode),
    ("c21_code_no_space", Quirk::MissingSpaceAfterCode),
    ("c21_code_then_8bit", Quirk::MissingSpaceAfterCode),
];

fn is_outside(case: &Value) -> bool {
    OUTSIDE.iter().any(|(id, _)| case["id"] == *id)
}

/// The tags of the case, in the form that this client gives them; `last` is that of the last command.
fn tags(octets: &str, last: u32) -> String {
    let next = last + 1;
    [("<T+1>", next), ("<T1+1>", next), ("<NEXT_TAG>", next), ("<T1>", last), ("<T>", last)]
        .iter()
        .fold(octets.to_owned(), |octets, (name, number)| octets.replace(name, &format!("a{number}")))
}

/// `T1` and `T2` at the start of lines, where `T1` is that of the first command that waits.
fn numbered(octets: &[u8], first: u32) -> Vec<u8> {
    let lines: Vec<Vec<u8>> = octets
        .split_inclusive(|octet| *octet == b'\n')
        .map(|line| match line {
            [b'T', digit @ b'1'..=b'2', rest @ ..] => {
                [format!("a{}", first + u32::from(digit - b'1')).as_bytes(), rest].concat()
            }
            line => line.to_vec(),
        })
        .collect();
    // The octets of one case stand behind a body.
    lines.concat().escape_ascii().to_string().replace("abT1 OK", &format!("aba{first} OK")).into_bytes()
}

fn unescape(octets: &[u8]) -> Vec<u8> {
    trace::unescape(&String::from_utf8_lossy(octets).replace("\\'", "'").replace("\\\"", "\""))
}

/// The client of a case, and the number of its first tag that waits.
fn client_in(state: &str, config: Config) -> (ClientSubject, u32) {
    let waiting = |action| (Scenario::client_waiting(config, action), 3);
    match state {
        "Selected" | "Selected, QRESYNC" | "any" | "TLS" | "Selected/TRANSACTION" => {
            (Scenario::client_selected(config), 3)
        }
        "NOOP in flight T1" => waiting("noop"),
        "T1 NOOP,T2 NOOP pipelined" => {
            let mut subject = Scenario::client_waiting(config, "noop");
            subject.say("noop");
            (subject, 3)
        }
        "LIST in flight" => waiting(r#"enqueue LIST "" *"#),
        "FETCH in flight T1" | "Selected, FETCH in flight T1" | "FETCH T1 BODY[]<0.10>" => {
            waiting("enqueue FETCH 1 BODY[]<0.10>")
        }
        "FETCH during" => waiting("enqueue FETCH 1 FLAGS"),
        "Selected EXISTS=0" => {
            let mut subject = Scenario::client_selected(config);
            subject.hear("* 0 EXISTS\r\n");
            (subject, 3)
        }
        "LOGIN user {n} sent, waiting +, T1" => {
            let mut subject = Scenario::client(config);
            subject.say(r"login al\nice s3cr3t");
            (subject, 1)
        }
        "AUTHENTICATE PLAIN sent T1, initial" => {
            let mut subject = Scenario::client(config);
            subject.say("authenticate PLAIN");
            (subject, 1)
        }
        "AUTHENTICATE SCRAM sent T1" => {
            let mut subject = Scenario::client(config);
            subject.say("authenticate SCRAM-SHA-256");
            (subject, 1)
        }
        "IDLE in flight T1, DONE sent" => {
            let mut subject = Scenario::client_idling(config);
            subject.say("done");
            (subject, 2)
        }
        other => panic!("no state {other}"),
    }
}

/// The configuration of a case: strict, but for quirks that the case itself calls tolerated.
fn client_config(case: &Value) -> Config {
    let mut config = strict();
    for (_, quirk) in TOLERATED.iter().filter(|(id, _)| case["id"] == *id) {
        config.quirks.insert(*quirk);
    }
    config
}

fn client(case: &Value, cut: Cut, end: Option<usize>) -> Run {
    if case.get("script").is_some() {
        return client_script(case, cut);
    }
    let state = match string(&case["id"]) {
        // The command that its octets complete.
        "c08_bytes_05" => "NOOP in flight T1",
        _ => string(&case["state"]),
    };
    let (mut subject, first) = client_in(state, client_config(case));
    let (mut run, mut input) = (Run::default(), BytesMut::new());
    let octets = unescape(&numbered(&octets(case), first));
    let octets = &octets[..end.unwrap_or(octets.len()).min(octets.len())];
    feed(&mut subject, &mut run, &mut input, octets, cut, &mut |_, _| {});
    let told = run.clone();
    let bye = run.told.iter().any(|line| line.starts_with("Bye"));
    if end.is_some() || bye || string(&case["expect"]["outcome"]) == "incomplete" {
        pull(&mut subject, &mut run, &mut input, true, &mut |_, _| {});
        assert_eq!(
            (&run.told, &run.body),
            (&told.told, &told.body),
            "the end of the connection tells nothing: {case}"
        );
    }
    said_bye(case, &mut run, &subject);
    forbidden(case, &run, subject.client.state());
    run
}

/// Behind BYE the connection is over: that is an event, and not an error.
fn said_bye(case: &Value, run: &mut Run, subject: &ClientSubject) {
    let bye = run.told.iter().any(|line| line.starts_with("Bye"));
    if bye && case["expect"]["outcome"] == "fatal" && subject.client.is_closed() {
        run.fatal = Some("Bye".to_owned());
    }
}

/// What must not have happened.
fn forbidden(case: &Value, run: &Run, state: State) {
    if is_outside(case) {
        return;
    }
    let told = |start: &str| run.told.iter().any(|line| line.starts_with(start));
    let sent = |octets: &[u8]| run.sent.windows(octets.len()).any(|sent| sent == octets);
    for rule in case["expect"]["forbid"].as_array().unwrap_or(&Vec::new()) {
        let broken = match string(rule) {
            "any byte of username/password/SASL data written before TLS"
            | "any plaintext credential"
            | "any further plaintext" => sent(b"LOGIN") || sent(b"AUTHENTICATE"),
            "resynchronising to a later line" => told("Greeting") || told("Data") || told("Status"),
            "entering Authenticated" | "Authenticated" => {
                matches!(state, State::Authenticated | State::Selected) || told("Completed a1 OK")
            }
            "SELECT/APPEND/any mail data in clear" => !run.sent.is_empty(),
            "treating + as OK"
            | "starting the TLS handshake"
            | "handshake"
            | "STARTTLS success"
            | "starttls() returning success" => told("StartTls"),
            "any event from bytes after the tagged OK" => told("Data"),
            "event Exists" => run.told.iter().any(|line| line.contains("EXISTS")),
            "literal body" => sent(b"al\nice") || sent(b"s3cr3t"),
            "victim LOGIN stored as literal data" => !run.body.is_empty(),
            "parsing STARTTLS as a command inside SASL" => told("Command B STARTTLS"),
            "executing B or C" => told("Command B") || told("Command C"),
            "executing B" | "executing \"B NOOP\" as own command" => told("Command B"),
            "executing A LOGIN" => told("Command A LOGIN"),
            "LiteralEnd" => told("End"),
            "FetchEnd" => run.told.iter().any(|line| line.starts_with("Fetch") && line.ends_with(" .")),
            "AppendEnd" | "message stored" => told("LiteralEnd") || told("Command A APPEND"),
            other => panic!("no rule {other}"),
        };
        assert!(!broken, "{rule} is forbidden: {case} {:?}", run.told);
    }
}

fn client_script(case: &Value, cut: Cut) -> Run {
    let id = string(&case["id"]);
    let steps = case["script"].as_array().expect("a script");
    let (mut run, mut input) = (Run::default(), BytesMut::new());
    let mut subject = match string(&case["state"]) {
        "config tls=RequireStartTls" => {
            Scenario::client_before_greeting(Config { tls: Tls::Required, ..client_config(case) })
        }
        // What is asked here is whether the server's word is obeyed.
        "config default" if id == "c14_imap_auth_02" => Scenario::client_before_greeting(Config::default()),
        "config default" => Scenario::client_before_greeting(strict()),
        state => client_in(state, strict()).0,
    };
    let first = subject.last.max(1);
    for (number, step) in steps.iter().enumerate() {
        if run.fatal.is_some() {
            break;
        }
        match string(&step["op"]) {
            "peer" => {
                let text = tags(string(&step["octets"]), subject.last);
                let octets = unescape(&numbered(&latin1(&text), first));
                // A cut behind the OK to STARTTLS would be the start of TLS: what is buffered then is never read in plaintext.
                let injected = text.contains(" OK begin\r\n") && !text.ends_with(" OK begin\r\n");
                let cut = if injected { Cut::Whole } else { cut };
                feed(&mut subject, &mut run, &mut input, &octets, cut, &mut |_, _| {});
            }
            "expect" => match string(&step["that"]) {
                that if that.contains("STARTTLS") => subject.act("starttls"),
                that if that.contains("CAPABILITY") => {
                    assert!(subject.client.capabilities().is_none(), "{case}");
                    subject.act("capability");
                }
                "password buffer zeroised; error Display has no password" => {
                    assert!(!format!("{:?} {run:?}", subject.client).contains("s3cr3t"));
                }
                other => panic!("no expectation {other}"),
            },
            "app" => match string(&step["do"]) {
                "starttls()" => subject.act("starttls"),
                "starttls(); login()" => {
                    subject.act("starttls");
                    pull(&mut subject, &mut run, &mut input, false, &mut |_, _| {});
                    subject.act("login u s3cr3t");
                }
                "login(u,p)" => subject.act("login u s3cr3t"),
                "login fails with NO" => {
                    subject.act("login u s3cr3t");
                    pull(&mut subject, &mut run, &mut input, false, &mut |_, _| {});
                    run.sent.clear();
                    feed(&mut subject, &mut run, &mut input, b"a1 NO x\r\n", cut, &mut |_, _| {});
                }
                "authenticate(CRAM-MD5)" => subject.act("authenticate CRAM-MD5"),
                "authenticate(SCRAM-SHA-256)" => subject.act("authenticate SCRAM-SHA-256"),
                "auth(auto)" => {}
                other => panic!("nothing to do: {other}"),
            },
            "tls_established" if number == 0 || string(&case["state"]) == "config default" => {}
            "tls_established" => {
                assert!(run.told.last().is_some_and(|line| line.starts_with("StartTls")), "{case}");
                subject.act("resume");
                assert!(subject.client.capabilities().is_none());
                assert_eq!(subject.client.state(), State::NotAuthenticated);
                assert_eq!((subject.client.pending(), subject.client.tls()), (0, Tls::Established));
            }
            "tls_failed" | "eof" => pull(&mut subject, &mut run, &mut input, true, &mut |_, _| {}),
            other => panic!("no step {other}"),
        }
        pull(&mut subject, &mut run, &mut input, false, &mut |_, _| {});
    }
    if id.starts_with("c02_imap_D3") {
        subject.act("starttls");
        pull(&mut subject, &mut run, &mut input, false, &mut |_, _| {});
    }
    said_bye(case, &mut run, &subject);
    forbidden(case, &run, subject.client.state());
    run
}

/// An application that takes every command this crate knows.
fn answer(subject: &mut ServerSubject, line: &str) {
    let words: Vec<&str> = line.split(' ').collect();
    match words[0] {
        "Malformed" => subject.act("reject"),
        "Literal" => subject.act("accept"),
        "Cancelled" => subject.act("bad given up"),
        "Done" => subject.act("ok done"),
        "Response" => subject.act("no"),
        "Command" => match words[2] {
            "LOGIN" => subject.act("authenticate done"),
            "AUTHENTICATE" if words.len() == 4 && words[3] == "PLAIN" => subject.act("challenge "),
            "AUTHENTICATE" => {
                subject.refusals += 1;
                subject.act("no I do not know that mechanism, or that response");
            }
            "SELECT" | "EXAMINE" => subject.act("select"),
            "STARTTLS" => subject.act("starttls begin"),
            "LOGOUT" => subject.act("logout see you"),
            "IDLE" => subject.act("idle"),
            "CAPABILITY" | "NOOP" | "FETCH" | "STORE" | "SEARCH" | "APPEND" | "ID" | "DELETE" => {
                subject.act("ok done")
            }
            _ => {
                subject.refusals += 1;
                subject.act("bad unknown command");
            }
        },
        _ => {}
    }
    assert_eq!(subject.refused, None, "{line}");
}

fn server_in(case: &Value) -> ServerSubject {
    let mut config = protected();
    if let Some(limits) = case.get("limits") {
        if let Some(octets) = limits["append"].as_u64() {
            config.limits.stream = octets;
        }
        if let Some(octets) = limits["preauth_literal"].as_u64() {
            config.before_login.literal = usize::try_from(octets).expect("a size");
            config.before_login.message = 4 * config.before_login.literal;
        }
    }
    let id = string(&case["id"]);
    match string(&case["state"]) {
        "NotAuthenticated" | "NotAuthenticated, tls" | "NotAuthenticated,tls" => Scenario::server(config),
        "NotAuthenticated, plaintext" => Scenario::server(server::Config { tls: Tls::Required, ..config }),
        "Authenticated" => Scenario::server_authenticated(config),
        "Selected" => Scenario::server_selected(config),
        "Selected IDLE" => Scenario::server_idling(config),
        "AUTHENTICATE in progress A" => Scenario::server_authenticating(config),
        _ if id == "c02_imap_srv_when_tls" => Scenario::server(config),
        // The exchange of a mechanism is possible there only if credentials are.
        _ if id == "c02_imap_srv_auth_in_progress" => {
            Scenario::server(server::Config { tls: Tls::Optional, ..config })
        }
        state => {
            assert!(state.starts_with("config tls=StartTlsOffered"), "{state}");
            Scenario::server(server::Config { tls: Tls::Required, ..config })
        }
    }
}

fn server(case: &Value, cut: Cut, end: Option<usize>) -> Run {
    let id = string(&case["id"]);
    let mut subject = server_in(case);
    let (mut run, mut input) = (Run::default(), BytesMut::new());
    let mut react: &mut dyn FnMut(&mut ServerSubject, &str) = &mut answer;
    let mut nobody = |_: &mut ServerSubject, _: &str| {};
    if id == "c11_srv_pipeline" {
        react = &mut nobody;
    }
    if let Some(steps) = case["script"].as_array() {
        for step in steps {
            match string(&step["op"]) {
                _ if run.fatal.is_some() => break,
                "peer" => {
                    let octets = latin1(string(&step["octets"]));
                    let injected = octets.windows(10).any(|octets| octets == b"STARTTLS\r\n")
                        && !octets.ends_with(b"STARTTLS\r\n");
                    let cut =
                        if injected && id != "c02_imap_srv_auth_in_progress" { Cut::Whole } else { cut };
                    feed(&mut subject, &mut run, &mut input, &octets, cut, react);
                }
                "tls_established" if id == "c02_imap_srv_when_tls" => {}
                "tls_established" => {
                    subject.act("resume");
                    assert_eq!(
                        (subject.server.state(), subject.server.tls()),
                        (State::NotAuthenticated, Tls::Established)
                    );
                }
                "eof" => pull(&mut subject, &mut run, &mut input, true, react),
                "expect" => {}
                other => panic!("no step {other}"),
            }
        }
    } else {
        let octets = octets(case);
        let octets = &octets[..end.unwrap_or(octets.len()).min(octets.len())];
        feed(&mut subject, &mut run, &mut input, octets, cut, react);
        if end.is_some() {
            let told = run.clone();
            pull(&mut subject, &mut run, &mut input, true, &mut |_, _| {});
            assert_eq!(
                (&run.told, &run.body),
                (&told.told, &told.body),
                "the end of the connection tells nothing: {case}"
            );
        }
    }
    forbidden(case, &run, State::Greeting);
    let sent = run.sent.escape_ascii().to_string();
    assert!(!sent.contains("s3cr3t"), "{sent}");
    // What is read while nobody answers is little.
    if id == "c11_srv_pipeline" {
        assert_eq!(run.events, Limits::imap_server().pipelined);
        assert!(!subject.server.wants_read());
    }
    if subject.refusals > 0 && end.is_none() {
        run.told.push("Malformed, says the application".to_owned());
    }
    if end.is_none() && run.fatal.is_none() {
        wire(case, &sent);
    }
    run
}

/// What the case says of the server's octets.
fn wire(case: &Value, sent: &str) {
    let Some(expected) = case["expect"]["wire"].as_str() else { return };
    let holds = match expected {
        "A NO [TOOBIG] or BAD; no \"+\"; no allocation" => {
            (sent.contains("A NO [TOOBIG]") || sent.contains("A BAD")) && !sent.contains("+ ")
        }
        "A BAD; C OK" => sent.contains("A BAD") && sent.contains("C OK"),
        "* BAD; then A OK" => sent.contains("* BAD") && sent.contains("A OK"),
        "A BAD" => sent.contains("A BAD"),
        other => panic!("no rule {other}"),
    };
    assert!(holds, "{expected}: {sent}");
}

fn expected(case: &Value) -> &[Outcome] {
    let id = string(&case["id"]);
    if let Some((_, outcome, _)) = DIFFERENT.iter().find(|(different, ..)| *different == id) {
        return std::slice::from_ref(outcome);
    }
    let error = case["expect"]["error"].as_str().unwrap_or_default();
    match string(&case["expect"]["outcome"]) {
        "accept" | "semantic_warning" | "encode_error" | "rule" => &[Outcome::Accept],
        // A refused line is an answer like any other.
        "reject_recover" if error.contains("ok Login") => &[Outcome::Accept, Outcome::RejectRecover],
        "reject_recover" => &[Outcome::RejectRecover],
        "incomplete" => &[Outcome::Incomplete],
        "fatal" if error == "UnexpectedEof" || error == "TlsFailed" || error == "TlsTruncated" => {
            &[Outcome::Incomplete]
        }
        "fatal" if case.get("script").is_some() => &[Outcome::Fatal, Outcome::Incomplete],
        "fatal" | "tls_layer" => &[Outcome::Fatal],
        "accept_or_limit" => &[Outcome::Accept, Outcome::RejectRecover, Outcome::Fatal],
        other => panic!("no outcome {other}"),
    }
}

fn check(case: &Value, run: &Run, cut: Cut) {
    let id = string(&case["id"]);
    if is_outside(case) {
        return;
    }
    let shown = Run { sent: Vec::new(), body: Vec::new(), ..run.clone() };
    let mut outcome = run.outcome();
    // The case allows a date that is kept as it stands, and a subtree that is left out of its FETCH.
    let alternative = case["expect"]["alt"].is_string();
    if alternative && outcome == Outcome::Accept {
        outcome = Outcome::RejectRecover;
    }
    if id == "c18_err_echo" {
        outcome = Outcome::Accept;
    }
    assert!(
        expected(case).contains(&outcome) || alternative && run.outcome() == Outcome::Accept,
        "{case}\n{cut:?} {shown:?}"
    );
    // Where the whole connection fails, what the caller asked for fails, too.
    let refused = run.fatal.is_none() && run.told.iter().any(|line| line.starts_with("Refused"));
    assert_eq!(refused, string(&case["expect"]["outcome"]) == "encode_error", "{case} {shown:?}");
    if let Some(event) = case["expect"]["event"].as_str() {
        let violation = event.trim_start_matches("Violation(").trim_end_matches(')');
        assert!(run.told.contains(&format!("Violation {violation}")), "{case} {shown:?}");
    } else {
        assert!(!run.told.iter().any(|line| line.starts_with("Violation")), "{case} {shown:?}");
    }
}

fn run(case: &Value, cut: Cut, end: Option<usize>) -> Run {
    match string(&case["target"]) {
        "client" => client(case, cut, end),
        "server" => server(case, cut, end),
        other => panic!("no target {other}"),
    }
}

/// The case in every segmentation.
fn every_way(case: &Value) {
    if case["gen"]["kind"] == "deflate" {
        return;
    }
    let whole = run(case, Cut::Whole, None);
    check(case, &whole, Cut::Whole);
    let longest = match case["script"].as_array() {
        Some(_) => 80,
        None => octets(case).len(),
    };
    let seeds = (0..100).map(Cut::Random);
    for cut in (1..longest).map(Cut::At).chain([Cut::Every(1)]).chain(seeds) {
        let mut cut_up = Run { held: whole.held, ..run(case, cut, None) };
        if whole.fatal.is_some() {
            // What was sent before that depends on when it could be sent.
            cut_up.sent.clone_from(&whole.sent);
        }
        assert_eq!(cut_up, whole, "{case}\n{cut:?}");
    }
    if case.get("script").is_none() {
        let step = (longest / 2_000).max(1);
        for end in (0..longest).step_by(step) {
            let cut_off = run(case, Cut::Whole, Some(end));
            let told = cut_off.told.iter().zip(&whole.told).take_while(|(a, b)| a == b).count();
            assert_eq!(told, cut_off.told.len(), "{case}\ncut off at {end}: {:?}", cut_off.told);
            assert!(whole.body.starts_with(&cut_off.body), "{case}");
        }
    }
}

/// A long case, in reads of several sizes.
fn in_reads(case: &Value) {
    let generated = generated(case).expect("a generator");
    let sizes: &[usize] = match generated.len() {
        0..20_000 => &[1, 7, 1_460, 16_384],
        20_000..2_000_000 => &[7, 1_460, 65_536],
        _ => &[16_384],
    };
    let mut first: Option<Run> = None;
    for size in sizes {
        let (mut run, mut input) = (Run::default(), BytesMut::new());
        match string(&case["target"]) {
            "client" => {
                let (mut subject, _) = client_in(string(&case["state"]), client_config(case));
                generated.pieces(*size).for_each(|piece| {
                    let cut = if *size < generated.unit.len() { Cut::Every(*size) } else { Cut::Whole };
                    feed(&mut subject, &mut run, &mut input, &piece, cut, &mut |_, _| {});
                });
            }
            _ => {
                let mut subject = server_in(case);
                let id = string(&case["id"]);
                generated.pieces(*size).for_each(|piece| {
                    let cut = if *size < generated.unit.len() { Cut::Every(*size) } else { Cut::Whole };
                    let mut nobody = |_: &mut ServerSubject, _: &str| {};
                    let react: &mut dyn FnMut(&mut ServerSubject, &str) =
                        if id == "c11_srv_pipeline" { &mut nobody } else { &mut answer };
                    if id == "c11_srv_output_not_drained" {
                        undrained(&mut subject, &mut run, &mut input, &piece);
                    } else {
                        feed(&mut subject, &mut run, &mut input, &piece, cut, react);
                    }
                    run.sent.truncate(1_000_000);
                    // An application that is told nothing does not read on.
                    if !subject.server.wants_read() && run.fatal.is_none() {
                        input.clear();
                    }
                });
                if id == "c11_srv_pipeline" {
                    assert_eq!(run.events, Limits::imap_server().pipelined);
                }
                if subject.refusals > 0 {
                    run.told.push("Malformed, says the application".to_owned());
                }
            }
        }
        check(case, &run, Cut::Every(*size));
        run.held = 0;
        match &first {
            None => first = Some(run),
            Some(first) => {
                assert!(*first == run, "{case} in reads of {size}\n{:?}\n{:?}", first.told, run.told)
            }
        }
    }
}

/// Feeds a server whose output nobody takes.
fn undrained(subject: &mut ServerSubject, run: &mut Run, input: &mut BytesMut, piece: &[u8]) {
    input.extend_from_slice(piece);
    while let Some(told) = subject.receive(input, false) {
        let trace::Told::Event(line) = told else { panic!("{told:?}") };
        answer(subject, &line);
        run.events += 1;
    }
    let limit = Limits::imap_server().unsent;
    assert!(subject.server.unsent() < limit + 1_000, "{} octets wait", subject.server.unsent());
}

fn cases() -> Vec<Value> {
    CASES.lines().map(|line| serde_json::from_str(line).expect("a case")).collect()
}

fn is_machine(case: &Value) -> bool {
    matches!(string(&case["target"]), "client" | "server")
}

#[test]
fn every_case_has_its_outcome_at_every_split() {
    let cases = cases();
    assert_eq!(cases.len(), 354);
    let mut failed = Vec::new();
    for case in cases.iter().filter(|case| is_machine(case) && case.get("gen").is_none()) {
        if std::panic::catch_unwind(|| every_way(case)).is_err() {
            failed.push(string(&case["id"]).to_owned());
        }
    }
    assert!(failed.is_empty(), "{} cases: {failed:?}", failed.len());
}

#[test]
fn long_cases_have_their_outcome_in_reads_of_any_size() {
    let mut failed = Vec::new();
    for case in cases().iter().filter(|case| is_machine(case) && case["gen"]["kind"].is_string()) {
        if case["gen"]["kind"] != "deflate" && std::panic::catch_unwind(|| in_reads(case)).is_err() {
            failed.push(string(&case["id"]).to_owned());
        }
    }
    assert!(failed.is_empty(), "{} cases: {failed:?}", failed.len());
}

/// The octets of a command, or none if it was refused.
fn client_writes(case: &Value) -> Option<Vec<u8>> {
    let argument = hex(string(&case["call"]["arg_hex"]));
    let text = || String::from_utf8(argument.clone()).ok();
    let tag = Tag::new("a1").expect("a tag");
    let line = |command: Command| {
        let segments = command.to_segments(&tag, Encoding::default()).ok()?;
        Some(segments.concat())
    };
    match string(&case["call"]["method"]) {
        "select(mailbox)" => line(Command::Select {
            mailbox: Mailbox::new(&text()?).ok()?,
            read_only: false,
            parameters: Vec::new(),
        }),
        "status(mailbox,_)" => {
            line(Command::Status { mailbox: Mailbox::new(&text()?).ok()?, attributes: Default::default() })
        }
        "uid_store(uidset,_)" => text()?.parse::<SequenceSet>().ok().map(|_| Vec::new()),
        "store(_,keyword)" | "append(flags)" => {
            Flag::new(argument).ok().map(|flag| format!("{flag:?}").into_bytes())
        }
        "append(internaldate)" => {
            text()?.parse::<DateTime>().ok().map(|moment| moment.to_string().into_bytes())
        }
        "authenticate(mech)" | "search(charset)" => line(Command::raw(Atom::new(argument).ok()?, "").ok()?),
        "setquota(res,limit)" => {
            let resource = mailwire::imap::Keyword::new(argument).ok()?.into();
            line(Command::SetQuota(Box::new(SetQuota { root: "".into(), limits: vec![(resource, 1)] })))
        }
        "tag_prefix" => Tag::new(argument).ok().map(|tag| tag.as_bytes().to_vec()),
        "raw_args" => line(Command::raw(Atom::new("X").ok()?, argument).ok()?),
        "fetch(_,header_field_name)" => {
            let section = mailwire::imap::Section::HeaderFields(None, vec![argument.into()]);
            let attributes = mailwire::imap::FetchAttribute::body_peek(section).into();
            let set = "1".parse().expect("a set");
            line(Command::Fetch { set, uid: false, attributes, modifiers: Vec::new() })
        }
        "search(header,value)" => {
            let key = SearchKey::header("Message-ID", argument);
            line(Command::Search(Box::new(Search::new(SearchKeys::from(key)))))
        }
        "id(key,value)" => line(Command::Id(Id { fields: vec![("name".into(), Some(argument.into()))] })),
        "append(body)" => {
            let mut subject = Scenario::client_authenticated(strict());
            subject.act(&format!("append INBOX {}", argument.len()));
            subject.act(&format!("octets {}", argument.escape_ascii()));
            subject.act("end");
            let mut sent = Vec::new();
            while let Some(octets) = subject.transmit() {
                sent.extend_from_slice(&octets);
            }
            assert_eq!(sent.escape_ascii().to_string(), r"a2 APPEND INBOX {11}\r\n");
            Some(sent)
        }
        other => panic!("no method {other}"),
    }
}

fn server_writes(case: &Value) -> Option<Vec<u8>> {
    let argument = hex(string(&case["call"]["arg_hex"]));
    let mut out = BytesMut::new();
    let response = match string(&case["call"]["method"]) {
        "status_text" => Response::Status(Status::ok(argument)),
        "list_mailbox" => {
            let mailbox = Mailbox::from_wire(argument, false).ok()?;
            return Command::Delete(mailbox)
                .to_segments(&Tag::new("a").expect("a tag"), Encoding::server())
                .ok()
                .map(|segments| segments.concat());
        }
        "envelope_subject" => {
            let envelope = EnvelopeBuilder::default().subject(argument).build().ok()?;
            return Some(format!("{:?}", envelope.subject()).into_bytes());
        }
        "resp_code_atom" => {
            let code = mailwire::imap::OtherCode::try_from(mailwire::wire::Text::from(argument)).ok()?;
            Response::Status(Status::ok("x").code(ResponseCode::Other(code)))
        }
        other => panic!("no method {other}"),
    };
    match response.write(&mut out, Encoding::server()) {
        Ok(()) => Some(out.to_vec()),
        Err(_) => {
            assert!(out.is_empty());
            None
        }
    }
}

/// Whether no line ends but where the octets end, literals aside.
fn is_one_line(octets: &[u8]) -> bool {
    let mut rest = octets;
    while let Some(end) = rest.iter().position(|octet| *octet == b'\n') {
        let line = &rest[..=end];
        let Some(open) = line.iter().rposition(|octet| *octet == b'{') else {
            return end + 1 == rest.len();
        };
        let length: usize =
            String::from_utf8_lossy(&line[open + 1..]).trim_end_matches("}\r\n").parse().expect("a length");
        rest = &rest[end + 1 + length..];
    }
    !rest.contains(&b'\r')
}

#[test]
fn no_value_of_the_caller_becomes_a_second_line() {
    for case in cases() {
        let written = match string(&case["target"]) {
            "client-encoder" => client_writes(&case),
            "server-encoder" => server_writes(&case),
            _ => continue,
        };
        match string(&case["expect"]["outcome"]) {
            // `OK ` and no text is what some servers send, and what the grammar of RFC 9051 forbids; ours says something.
            "encode_error" if case["id"] == "c01_imap_resp_02" => {
                assert!(written.is_none() || written.as_deref() == Some(b"* OK \r\n"));
            }
            "encode_error" => assert_eq!(written, None, "{case}"),
            "accept" => assert!(written.is_some()),
            _ => assert!(written.is_none_or(|octets| is_one_line(&octets)), "{case}"),
        }
    }
}

#[test]
fn modified_utf7_and_secrets() {
    for case in cases().iter().filter(|case| case["target"] == "codec") {
        let octets = octets(case);
        let Some(result) = case["expect"]["result"].as_str() else {
            let mut line = BytesMut::from("A ");
            line.extend_from_slice(&octets);
            let shown = format!("{:?}", CommandDecoder::default().decode(&mut line));
            assert!(
                shown.contains("Command") && !shown.contains("s3cr3t") && !shown.contains("115, 51"),
                "{shown}"
            );
            continue;
        };
        let decoded = utf7::decode(&octets);
        if result.starts_with("Err(..)|Ok") {
            continue;
        }
        assert_eq!(decoded.is_ok(), result.starts_with("Ok"), "{case} {decoded:?}");
        if let Ok(name) = decoded {
            let written = utf7::encode(&name);
            assert_eq!(written.expect("a name").as_bytes(), octets, "{case}");
        } else if !octets.iter().any(|octet| matches!(octet, b'\r' | b'\n' | 0)) {
            let mailbox = Mailbox::from_wire(octets.clone(), false).expect("a name that is kept");
            assert_eq!(mailbox.as_bytes(), octets);
        }
    }
}
