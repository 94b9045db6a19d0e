//! Cases of other projects' tests and examples of RFCs: each is judged, or stands on a list with the reason.
//!
//! `MAILWIRE_SHARED` names a folder with the cases in `corpus/`. A fragment is put into the command or response that it belongs to.

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

#[path = "imap_corpus/listed.rs"]
mod listed;
#[path = "imap_corpus/productions.rs"]
mod productions;

use bytes::BytesMut;
use listed::LISTED;
use mailwire::imap::{
    Body, Command, CommandDecoder, CommandEvent, Encoding, FetchEncoder, ImapUrl, ListPattern, Mailbox,
    Quirk, Quirks, Response, ResponseDecoder, ResponseEvent, utf7,
};
use mailwire::wire::{ErrorKind, Limits};
use productions::{PRODUCTIONS, Side};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The cases of one file; none where the folder is not at hand.
fn cases(file: &str) -> Vec<Value> {
    let Some(folder) = std::env::var_os("MAILWIRE_SHARED") else {
        println!("MAILWIRE_SHARED is not set: there are no cases to judge");
        return Vec::new();
    };
    let text = std::fs::read_to_string(PathBuf::from(folder).join("corpus").join(file)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// One character is one octet.
fn octets(text: &str) -> Vec<u8> {
    text.chars().map(|character| u8::try_from(u32::from(character)).unwrap()).collect()
}

/// What became of octets.
#[derive(PartialEq, Debug)]
struct Outcome {
    shown: Vec<String>,
    /// An event could not be read, and the next one can.
    refused: bool,
    fatal: bool,
    /// The end came too early.
    waits: bool,
    /// What is not known was kept.
    unknown: bool,
    quirks: Quirks,
    /// What was written and read again is not the same.
    differs: bool,
}

impl Outcome {
    fn new() -> Self {
        Self {
            shown: Vec::new(),
            refused: false,
            fatal: false,
            waits: false,
            unknown: false,
            quirks: Quirks::strict(),
            differs: false,
        }
    }

    fn is_good(&self) -> bool {
        !self.refused && !self.fatal && !self.waits
    }

    fn failed(&mut self, error: mailwire::wire::Error) {
        self.waits = error.kind() == ErrorKind::UnexpectedEof;
        self.fatal = !self.waits;
        self.shown.push(error.to_string());
    }
}

fn server(octets: &[u8], quirks: Quirks, part: usize) -> Outcome {
    let mut decoder = ResponseDecoder::new(quirks, Limits::imap_client());
    let mut outcome = Outcome::new();
    let mut events = Vec::new();
    let mut input = BytesMut::new();
    let mut parts = octets.chunks(part);
    loop {
        let part = parts.next();
        input.extend_from_slice(part.unwrap_or_default());
        loop {
            let event = match part {
                Some(_) => decoder.decode(&mut input),
                None => decoder.decode_eof(&mut input),
            };
            match event {
                Ok(Some(event)) => {
                    decoder.forgiven().iter().for_each(|quirk| outcome.quirks.insert(quirk));
                    outcome.refused |= matches!(event, ResponseEvent::Unparsed { .. });
                    match (events.last_mut(), event) {
                        (
                            Some(ResponseEvent::Body(Body::Chunk(before))),
                            ResponseEvent::Body(Body::Chunk(more)),
                        ) => *before = [before.as_ref(), &more].concat().into(),
                        (_, event) => events.push(event),
                    }
                }
                Ok(None) => break,
                Err(error) => {
                    outcome.failed(error);
                    break;
                }
            }
        }
        if part.is_none() || outcome.fatal {
            break;
        }
    }
    outcome.shown.extend(events.iter().map(|event| format!("{event:?}")));
    outcome.unknown = outcome.shown.iter().any(|event| event.contains("Other("));
    outcome.differs = outcome.is_good() && !responses_survive(&events, outcome.quirks);
    outcome
}

/// Whether what is written again is the same when it is read. What a quirk was forgiven in is written as the grammar has it, if it can be.
fn responses_survive(events: &[ResponseEvent], quirks: Quirks) -> bool {
    let mut out = BytesMut::new();
    let mut fetches = FetchEncoder::default();
    let mut told = Vec::new();
    for event in events {
        let written = match event {
            // A line without a tag is told, but nobody may write one.
            ResponseEvent::Response(Response::Untagged(_)) => continue,
            ResponseEvent::Response(response) => response.write(&mut out, Encoding::server()),
            ResponseEvent::Fetch(fetch) => {
                if fetch.last && fetch.is_empty() && !fetches.is_open() {
                    continue;
                }
                fetches.fetch(fetch, &mut out, Encoding::server())
            }
            ResponseEvent::Body(Body::Begin(start)) => fetches.body(start, &mut out, Encoding::server()),
            ResponseEvent::Body(Body::Chunk(octets)) => {
                out.extend_from_slice(octets);
                Ok(())
            }
            _ => Ok(()),
        };
        if written.is_err() {
            return !quirks.is_empty();
        }
        told.push(event);
    }
    let again = server_events(&mut out);
    !quirks.is_empty() || again.iter().eq(told)
}

fn server_events(input: &mut BytesMut) -> Vec<ResponseEvent> {
    let mut decoder = ResponseDecoder::lenient();
    std::iter::from_fn(|| decoder.decode(input).ok().flatten()).collect()
}

fn client(octets: &[u8], part: usize) -> Outcome {
    let mut decoder = CommandDecoder::default();
    let mut outcome = Outcome::new();
    let mut events: Vec<CommandEvent> = Vec::new();
    let mut input = BytesMut::new();
    let mut parts = octets.chunks(part);
    if octets.eq_ignore_ascii_case(b"DONE\r\n") {
        decoder.expect_line();
    }
    loop {
        let part = parts.next();
        input.extend_from_slice(part.unwrap_or_default());
        loop {
            let event = match part {
                Some(_) => decoder.decode(&mut input),
                None => decoder.decode_eof(&mut input),
            };
            match event {
                Ok(Some(event)) => {
                    decoder.accept();
                    outcome.refused |= matches!(event, CommandEvent::Malformed { .. });
                    match (events.last_mut(), event) {
                        (Some(CommandEvent::Chunk(before)), CommandEvent::Chunk(more)) => {
                            *before = [before.as_ref(), &more].concat().into();
                        }
                        (_, event) => events.push(event),
                    }
                }
                Ok(None) => break,
                Err(error) => {
                    outcome.failed(error);
                    break;
                }
            }
        }
        if part.is_none() || outcome.fatal {
            break;
        }
    }
    for event in &events {
        outcome.shown.push(format!("{event:?}"));
        if let CommandEvent::Command { tag, command } = event {
            outcome.unknown |= matches!(command, Command::Other { .. });
            if matches!(command, Command::Append(_)) {
                continue;
            }
            let segments = command.to_segments(tag, Encoding::default()).unwrap();
            let mut wire = BytesMut::from(&segments.concat()[..]);
            let mut decoder = CommandDecoder::default();
            let again = std::iter::from_fn(|| decoder.decode(&mut wire).ok().flatten());
            outcome.differs |= again.last().as_ref() != Some(event);
        }
    }
    outcome
}

/// The header of a literal at the end of octets: how many octets are missing.
fn missing(octets: &[u8]) -> usize {
    let header = || {
        let open = octets.iter().rposition(|octet| *octet == b'{')?;
        let digits = octets[open + 1..].strip_suffix(b"}\r\n")?;
        let digits = digits.strip_suffix(b"+").unwrap_or(digits);
        std::str::from_utf8(digits).ok()?.parse::<usize>().ok()
    };
    header().filter(|count| *count < 100_000).unwrap_or(0)
}

/// The message of a case, and who sends it; `None` where it is none.
fn message(case: &Value) -> Option<(Side, Vec<u8>)> {
    let text = |key: &str| case[key].as_str().unwrap_or_default();
    let mut octets = octets(text("octets"));
    let incomplete = text("expected") == "incomplete" || text("framing") == "ends-at-literal";
    let (production, fragment) = (text("production"), text("octets"));
    let fits = |name: &str| match name.split_once(' ') {
        Some((name, word)) => name == production && fragment.contains(word),
        None => name == production,
    };
    if let Some(row) = PRODUCTIONS.iter().find(|row| fits(row.0)) {
        let (_, side, before, behind) = *row;
        // Some fragments are followed by what must not be taken for a part of them.
        if text("id").starts_with("imap-") && production != "test_quoted" {
            let end = octets.iter().rposition(|octet| !b"? ".contains(octet)).map_or(0, |end| end + 1);
            octets.truncate(end);
            let end = octets.strip_suffix(b"xxx").filter(|rest| !rest.is_empty()).map(<[u8]>::len);
            octets.truncate(end.unwrap_or(octets.len()));
            if text("production") == "body_fld_octets" {
                octets.pop();
            }
        }
        if incomplete {
            return Some((side, [before.as_bytes(), &octets].concat()));
        }
        let missing = missing(&octets);
        if octets.ends_with(b"\r\n") && !octets.ends_with(b"}\r\n") {
            octets.truncate(octets.len() - 2);
        }
        octets.extend(std::iter::repeat_n(b'x', missing));
        let end: &[u8] = if side == Side::Url { b"" } else { b"\r\n" };
        return Some((side, [before.as_bytes(), &octets, behind.as_bytes(), end].concat()));
    }
    let known =
        ["", "parse_response", "response_data", "parse_tag", "assert_is_line", "enqueue_bytes", "new", "?"];
    let side = match text("direction") {
        "client" => Side::Client,
        "server" => Side::Server,
        _ => return None,
    };
    // Scenarios are not what stands on the wire.
    let whole = known.contains(&text("production")) || text("production").starts_with("test_kat");
    if text("protocol") != "imap" || !whole || text("kind").ends_with("scenario") {
        return None;
    }
    if !incomplete && !octets.ends_with(b"\n") {
        octets.extend_from_slice(b"\r\n");
    }
    Some((side, octets))
}

/// What is wrong about a case, if anything.
fn judge(case: &Value, side: Side, octets: &[u8]) -> Option<String> {
    let expected = match case["expected"].as_str().unwrap_or_default() {
        // What is wrong about these is when they are said.
        "invalid" | "quirk" if case["id"].as_str().is_some_and(|id| id.starts_with("fake-mail-server")) => {
            "valid"
        }
        expected => expected,
    };
    let starts_literal = case["framing"] == "ends-at-literal";
    if side == Side::Url {
        let url = std::str::from_utf8(octets).ok().and_then(|text| text.parse::<ImapUrl>().ok());
        let again = url.as_ref().is_none_or(|url| url.to_string().parse().as_ref() == Ok(url));
        return match (expected, url.is_some()) {
            _ if !again => Some("differs".into()),
            ("valid", false) => Some("refused".into()),
            ("invalid", true) => Some("taken".into()),
            _ => None,
        };
    }
    let outcomes = |part| match side {
        Side::Server => [server(octets, Quirks::lenient(), part), server(octets, Quirks::strict(), part)],
        _ => [client(octets, part), client(octets, part)],
    };
    let whole = outcomes(octets.len().max(1));
    for part in [1, 7, 64, 1_460] {
        assert!(outcomes(part) == whole, "{} in parts of {part}", case["id"]);
    }
    let [lenient, strict] = whole;
    if lenient.differs || strict.differs {
        return Some(format!("differs {:?}", lenient.shown));
    }
    let fragment = case["production"].is_string();
    match expected {
        _ if starts_literal => (!lenient.waits || lenient.refused).then(|| "does not wait".into()),
        "valid" if !lenient.is_good() => Some(format!("refused {:?}", lenient.shown)),
        // A server may do that; it has a name.
        "valid" if !strict.is_good() => {
            let known = lenient.quirks.iter().all(|quirk| CALLED_VALID.contains(&quirk));
            (!known || lenient.quirks.is_empty()).then(|| format!("strictly refused {:?}", lenient.quirks))
        }
        "invalid" if strict.is_good() && !(fragment && strict.unknown) => {
            Some(format!("taken {:?}", strict.shown))
        }
        "invalid" if lenient.is_good() && lenient.quirks.is_empty() && !(fragment && lenient.unknown) => {
            Some("taken leniently, and not told".into())
        }
        "invalid" if lenient.fatal || strict.fatal => Some(format!("fatal {:?}", strict.shown)),
        "incomplete" if !lenient.waits || lenient.refused => {
            Some(format!("does not wait {:?}", lenient.shown))
        }
        "quirk" if !lenient.is_good() => Some(format!("refused {:?}", lenient.shown)),
        _ => None,
    }
}

/// What RFCs have in their examples against their grammar, and what other projects take for valid, by the name of the quirk.
const CALLED_VALID: &[Quirk] = &[
    Quirk::MissingText,
    Quirk::BareContinuation,
    Quirk::ExtraSpace,
    Quirk::EmptyDelimiter,
    Quirk::StrangeNumber,
    Quirk::NilInBody,
    Quirk::ShortBody,
    Quirk::EmptyMultipart,
    Quirk::StrangeAddressList,
    Quirk::SpaceBetweenItems,
    Quirk::StrangeFlag,
    Quirk::WildcardFlag,
    Quirk::StrangeDate,
    Quirk::NulInText,
    Quirk::MisplacedNumber,
    Quirk::AtomForString,
    Quirk::EmptyList,
];

const FILES: &[&str] = &[
    "dovecot",
    "fake-mail-server",
    "imap-codec",
    "imap-next",
    "imap-proto",
    "rfc-examples",
    "swift-nio-imap",
];

#[test]
fn every_case_is_judged_or_listed() {
    let mut wrong = Vec::new();
    let mut seen = vec![0; LISTED.len()];
    for file in FILES {
        let mut counts = BTreeMap::new();
        for case in cases(&format!("{file}.jsonl")) {
            let id = case["id"].as_str().unwrap();
            let verdict = message(&case).map(|(side, octets)| (judge(&case, side, &octets), octets));
            let number: Option<u32> =
                id[file.len() + 1..].split('-').next().and_then(|number| number.parse().ok());
            let listed = LISTED.iter().position(|(known, numbers, _)| {
                known == file && number.is_some_and(|number| numbers.contains(&number))
            });
            let verified = case["expected"] != "unverified";
            let kind = match (&verdict, listed) {
                (None, _) if case["protocol"] != "imap" => "of another protocol",
                (None, _) if case["kind"] == "starttls-scenario" => "of a machine",
                (None, _) if !verified => "no message and no verdict",
                (None, Some(_)) => "listed",
                (None, None)
                    if case["kind"] == "fuzz-dict" || case["kind"] == "table" || case["kind"] == "trace" =>
                {
                    "judged elsewhere"
                }
                (Some((Some(_), _)), Some(_)) => "listed",
                (Some((None, _)), None) if !verified => "read, without a verdict",
                (Some((None, _)), None) => "judged",
                _ => "wrong",
            };
            if let (Some(place), "listed") = (listed, kind) {
                seen[place] += 1;
            }
            if kind == "wrong" {
                let (verdict, octets) = verdict.unwrap_or_default();
                wrong.push(format!("{id} {}: {} is {verdict:?}", case["expected"], octets.escape_ascii()));
            }
            *counts.entry(kind).or_insert(0) += 1;
        }
        println!("{file}: {counts:?}");
    }
    let read = std::env::var_os("MAILWIRE_SHARED").is_some();
    for ((file, numbers, reason), seen) in LISTED.iter().zip(seen).filter(|_| read) {
        if numbers.len() != seen {
            wrong.push(format!("{seen} of {numbers:?} in {file} are {reason}"));
        }
    }
    assert!(wrong.is_empty(), "{} {wrong:#?}", wrong.len());
}

/// Dialogues: what each side says, in parts of any size. Their lines are wrapped and left out for people, so there is no verdict.
#[test]
fn dialogues_are_read_the_same_in_any_parts() {
    let mut told = 0;
    for case in cases("rfc-sessions.jsonl").into_iter().chain(cases("imap-codec.jsonl")) {
        let text = case["octets"].as_str().unwrap();
        let lines: Vec<(bool, String)> = if case["kind"] == "trace" {
            let turn = |line: &str| (line.starts_with("C:"), line.get(3..).unwrap_or_default().to_owned());
            text.lines().map(turn).collect()
        } else if case["kind"] == "session" && case["protocol"] == "imap" {
            let session: Value = serde_json::from_str(text).unwrap();
            let step = |step: &Value| (step["dir"] == "client", step["text"].as_str().unwrap().to_owned());
            session["steps"].as_array().unwrap().iter().map(step).collect()
        } else {
            continue;
        };
        for of_client in [true, false] {
            let said = lines.iter().filter(|(client, _)| *client == of_client);
            let octets: String = said.map(|(_, line)| format!("{line}\r\n")).collect();
            let octets = octets.as_bytes();
            let read = |part: usize| match of_client {
                true => client(octets, part),
                false => server(octets, Quirks::lenient(), part),
            };
            let whole = read(octets.len().max(1));
            told += whole.shown.len();
            assert!(!whole.differs, "{} {:?}", case["id"], whole.shown);
            assert!(case["kind"] != "trace" || whole.is_good(), "{} {:?}", case["id"], whole.shown);
            for part in [1, 7, 64, 1_460] {
                assert!(read(part) == whole, "{} in parts of {part}", case["id"]);
            }
        }
    }
    println!("{told} events");
}

#[test]
fn tables_of_dovecot() {
    for case in cases("dovecot.jsonl") {
        let (Some(note), Some(text)) = (case["note"].as_str(), case["octets"].as_str()) else { continue };
        let rows = || serde_json::from_str::<Vec<Value>>(text).unwrap();
        let hex = |value: &Value| {
            let digits: Vec<u8> = value.as_str()?.bytes().collect();
            let octet = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
            Some(digits.chunks(2).map(octet).collect::<Vec<u8>>())
        };
        if note.starts_with("modified UTF-7") {
            for row in rows() {
                let (name, coded) = (hex(&row["utf8_hex"]), hex(&row["mutf7_hex"]));
                let name = name.map(String::from_utf8);
                match (name, coded) {
                    (Some(Ok(name)), Some(coded)) => {
                        assert_eq!(utf7::encode(&name).unwrap().as_bytes(), coded);
                        assert_eq!(utf7::decode(&coded).unwrap(), name);
                    }
                    (_, Some(coded)) => assert!(utf7::decode(&coded).is_err()),
                    (name, None) => assert!(name.is_some_and(|name| name.is_err())),
                }
            }
        } else if note.starts_with("LIST wildcard") {
            for row in rows() {
                let [set, pattern, name, result] =
                    ["set", "pattern", "input", "result"].map(|key| row[key].as_str().unwrap());
                // `INBOX` is always without case here, and characters are compared as they are, not as they combine.
                if set == "test" && (name == "INBOX" || name == "ha\u{cc}\u{85}") {
                    continue;
                }
                let pattern = ListPattern::from_wire(octets(pattern), true).unwrap();
                let mailbox = Mailbox::from_wire(octets(name), true).unwrap();
                let matches = pattern.matches(&mailbox, Some('/'));
                assert_eq!(matches, result == "IMAP_MATCH_YES", "{pattern} {name:?}");
            }
        }
    }
}
