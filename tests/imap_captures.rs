//! Sessions of real servers and real clients, read by both codecs, in reads of several sizes, written again, and cut off everywhere.
//!
//! `MAILWIRE_SHARED` names a folder with the sessions in `transcripts/`: `NAME.s2c.bin` and `NAME.c2s.bin` are the octets of each side,
//! and a line of `NAME.log` is `milliseconds side offset+length octets`.

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

use bytes::BytesMut;
use mailwire::imap::{
    Body, Command, CommandDecoder, CommandEvent, Encoding, FetchEncoder, Quirks, Response, ResponseDecoder,
    ResponseEvent,
};
use mailwire::wire::{ErrorKind, Limits};
use std::fs;
use std::path::{Path, PathBuf};

/// Sessions of another protocol.
const NOT_IMAP: &[&str] = &["pop3", "apop", "poplib"];

/// Commands against the grammar that the server took all the same.
const TAKEN: &[(&str, &str, &str)] = &[
    ("courier-errors", "A4", "two spaces behind the tag"),
    ("courier-ext", "A018", "a right in upper case"),
    ("courier-fetch", "A071", "message 0"),
    ("courier-fetch", "A076", "HEADER.FIELDS ()"),
    ("courier-mailbox", "A052", "STATUS ()"),
    ("courier-search", "A074", "99-Foo-2000"),
    ("dovecot-maildir-errors", "A5", "an argument behind NOOP"),
    ("dovecot-maildir-fetch", "A075", "BODY[0]"),
];

/// What a client has for limits, and room for servers that repeat the long lines they do not understand.
fn limits() -> Limits {
    let mut limits = Limits::imap_client();
    limits.line = 128 * 1024;
    limits
}

fn lenient() -> ResponseDecoder {
    ResponseDecoder::new(Quirks::lenient(), limits())
}

fn sessions() -> Option<Vec<PathBuf>> {
    let Some(shared) = std::env::var_os("MAILWIRE_SHARED") else {
        println!("MAILWIRE_SHARED is not set: there are no sessions to read");
        return None;
    };
    let folder = Path::new(&shared).join("transcripts");
    let mut sessions: Vec<PathBuf> = fs::read_dir(&folder)
        .expect("the folder with the sessions")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "log"))
        .filter(|path| !NOT_IMAP.iter().any(|name| path.to_string_lossy().contains(name)))
        .collect();
    sessions.sort();
    assert!(sessions.len() > 30, "{} sessions", sessions.len());
    Some(sessions)
}

/// The octets of one side. Where the connection turns to TLS or is deflated they end there: what follows was captured as it is on the wire.
fn octets(session: &Path, extension: &str) -> Vec<u8> {
    let read = |extension| fs::read(session.with_extension(extension)).expect("octets");
    let behind = |octets: &[u8], text: &[u8]| {
        octets.windows(text.len()).position(|octets| octets == text).map(|start| start + text.len())
    };
    let (mut octets, commands) = (read(extension), read("c2s.bin"));
    for command in [&b"STARTTLS\r\n"[..], b"COMPRESS DEFLATE\r\n"] {
        let Some(end) = behind(&commands, command) else { continue };
        let line = &commands[..end - command.len()];
        let tag = &line[line.iter().rposition(|octet| *octet == b'\n').map_or(0, |start| start + 1)..];
        let agreed = [b"\r\n", tag, b"OK "].concat();
        let Some(start) = behind(&read("s2c.bin"), &agreed) else { continue };
        let line = read("s2c.bin").iter().skip(start).position(|octet| *octet == b'\n').expect("a line end");
        let end = if extension == "c2s.bin" { end } else { start + line + 1 };
        // Some were captured inside TLS, and go on in the clear.
        let clear = octets.get(end..end + 6).is_none_or(|octets| octets.is_ascii() && octets[0] >= b' ');
        if !clear {
            octets.truncate(end);
        }
    }
    octets
}

/// Events of a server, the pieces of bodies joined.
fn responses(octets: &[u8], part: usize, mut decoder: ResponseDecoder) -> Vec<ResponseEvent> {
    let mut events: Vec<ResponseEvent> = Vec::new();
    let mut input = BytesMut::new();
    for part in octets.chunks(part) {
        input.extend_from_slice(part);
        while let Some(event) = decoder
            .decode(&mut input)
            .unwrap_or_else(|error| panic!("{error}: {}", &input[..input.len().min(80)].escape_ascii()))
        {
            match (events.last_mut(), event) {
                (Some(ResponseEvent::Body(Body::Chunk(before))), ResponseEvent::Body(Body::Chunk(more))) => {
                    *before = [before.as_ref(), &more].concat().into();
                }
                (_, event) => events.push(event),
            }
        }
    }
    assert!(input.is_empty() && !decoder.is_within_message());
    events
}

/// The events on the wire.
fn written(events: &[ResponseEvent]) -> BytesMut {
    let mut out = BytesMut::new();
    let mut fetches = FetchEncoder::default();
    for event in events {
        match event {
            ResponseEvent::Response(response) => {
                response.write(&mut out, Encoding::server()).expect("a response")
            }
            ResponseEvent::Fetch(fetch) => fetches.fetch(fetch, &mut out, Encoding::server()).expect("items"),
            ResponseEvent::Body(Body::Begin(start)) => {
                fetches.body(start, &mut out, Encoding::server()).expect("the start of a body");
            }
            ResponseEvent::Body(Body::Chunk(octets)) => out.extend_from_slice(octets),
            ResponseEvent::Body(Body::End) => {}
            other => panic!("{other:?}"),
        }
    }
    out
}

const PARTS: [usize; 5] = [usize::MAX, 1, 7, 64, 1_460];

#[test]
fn servers_are_understood() {
    let Some(sessions) = sessions() else { return };
    let inflated = sessions[0].with_file_name("dovecot-maildir-compress.s2c.inflated.bin");
    let all = sessions.iter().map(|session| (session, octets(session, "s2c.bin")));
    let all = all.chain([(&inflated, fs::read(&inflated).expect("octets"))]);
    let mut count = 0;
    for (session, octets) in all {
        println!("{}", session.display());
        let events = responses(&octets, usize::MAX, lenient());
        count += events.len();
        for event in &events {
            assert!(!matches!(event, ResponseEvent::Unparsed { .. }), "{} {event:?}", session.display());
        }
        for part in PARTS {
            assert!(responses(&octets, part, lenient()) == events, "{} {part}", session.display());
        }
        // A line without a tag is told, but nobody may write one.
        let events: Vec<_> = events
            .into_iter()
            .filter(|event| !matches!(event, ResponseEvent::Response(Response::Untagged(_))))
            .collect();
        let again = responses(&written(&events), usize::MAX, lenient());
        for (before, after) in events.iter().zip(&again) {
            assert_eq!(before, after, "{}", session.display());
        }
        assert_eq!(events.len(), again.len());
        // Dovecot keeps to the grammar, but for what it was made to say, for PREVIEW as a draft had it, and for one space.
        if session.to_string_lossy().contains("dovecot") {
            for event in responses(&octets, usize::MAX, ResponseDecoder::new(Quirks::strict(), limits())) {
                let ResponseEvent::Unparsed { octets, .. } = event else { continue };
                let octets = octets.escape_ascii().to_string();
                let known =
                    ["BODY[0]", "PREVIEW (FUZZY ", "* THREAD "].iter().any(|known| octets.contains(known));
                assert!(known, "{}: {octets}", session.display());
            }
        }
    }
    println!("{count} events");
}

#[test]
fn servers_that_are_cut_off_never_complete_what_they_began() {
    let Some(sessions) = sessions() else { return };
    for session in sessions {
        let octets = octets(&session, "s2c.bin");
        if octets.len() > 4_000 {
            continue;
        }
        let whole = responses(&octets, 1, lenient());
        for end in 0..octets.len() {
            let mut decoder = lenient();
            let mut input = BytesMut::from(&octets[..end]);
            let mut told = 0;
            let mut chunks = BytesMut::new();
            while let Some(event) = decoder.decode(&mut input).expect("what can be framed") {
                match event {
                    ResponseEvent::Body(Body::Chunk(octets)) => chunks.extend_from_slice(&octets),
                    event => {
                        if !chunks.is_empty() {
                            told += 1;
                        }
                        assert!(whole[told] == event, "{} {end}", session.display());
                        told += 1;
                        chunks.clear();
                    }
                }
            }
            let between = input.is_empty() && !decoder.is_within_message();
            assert_eq!(
                decoder.decode_eof(&mut input).is_ok_and(|event| event.is_none()),
                between,
                "{}",
                session.display()
            );
        }
    }
}

/// The octets of a session in their order, and whose they are.
fn turns(session: &Path) -> Vec<(bool, Vec<u8>)> {
    let (from_server, from_client) = (octets(session, "s2c.bin"), octets(session, "c2s.bin"));
    let log = fs::read_to_string(session).expect("a log");
    let mut turns = Vec::new();
    for line in log.lines() {
        let mut words = line.trim_start().splitn(4, ' ');
        let (Some(_), Some(side @ ("S" | "C")), Some(place)) = (words.next(), words.next(), words.next())
        else {
            continue;
        };
        let Some((offset, length)) = place.split_once('+') else { continue };
        let (Ok(offset), Ok(length)) = (offset.parse::<usize>(), length.parse::<usize>()) else { continue };
        let octets = if side == "C" { &from_client } else { &from_server };
        let octets = octets.get(offset..(offset + length).min(octets.len())).unwrap_or_default();
        turns.push((side == "C", octets.to_vec()));
    }
    turns
}

/// Commands of a client, its literals taken and its exchanges followed as the server did.
fn commands(turns: &[(bool, Vec<u8>)], part: usize) -> Vec<CommandEvent> {
    let mut decoder = CommandDecoder::default();
    let mut input = BytesMut::new();
    let mut events: Vec<CommandEvent> = Vec::new();
    let (mut exchange, mut offered) = (false, false);
    for (client, octets) in turns {
        if !client {
            let asks = octets.split(|octet| *octet == b'\n').any(|line| line.starts_with(b"+"));
            if offered && asks {
                decoder.accept();
            } else if offered {
                decoder.refuse();
            } else if exchange && asks {
                decoder.expect_line();
            }
            offered = false;
        }
        for part in octets.chunks(part).filter(|_| *client) {
            input.extend_from_slice(part);
            while let Some(event) = decoder.decode(&mut input).unwrap_or_else(|error| {
                // A client that wanted to know what a server says to that.
                assert_eq!((error.kind(), error.is_fatal()), (ErrorKind::BareLineFeed, true));
                None
            }) {
                match &event {
                    CommandEvent::Literal(literal) if literal.synchronizing => offered = true,
                    CommandEvent::Literal(_) => decoder.accept(),
                    CommandEvent::Command { command, .. } => {
                        exchange = matches!(command, Command::Idle | Command::Authenticate { .. });
                    }
                    _ => {}
                }
                match (events.last_mut(), event) {
                    (Some(CommandEvent::Chunk(before)), CommandEvent::Chunk(more)) => {
                        *before = [before.as_ref(), &more].concat().into();
                    }
                    (_, event) => events.push(event),
                }
            }
        }
    }
    events
}

#[test]
fn clients_are_understood() {
    let Some(sessions) = sessions() else { return };
    let mut count = 0;
    for session in sessions {
        println!("{}", session.display());
        let turns = turns(&session);
        let events = commands(&turns, usize::MAX);
        let answers = octets(&session, "s2c.bin");
        assert!(!events.is_empty(), "{}", session.display());
        count += events.len();
        for part in PARTS {
            assert!(commands(&turns, part) == events, "{} {part}", session.display());
        }
        for event in &events {
            match event {
                // Some say nonsense to see what a server says to that: it did not take it either.
                CommandEvent::Malformed { tag, error } => {
                    let taken = tag.as_ref().is_some_and(|tag| {
                        let ok = format!("\n{tag} OK");
                        answers.windows(ok.len()).any(|octets| octets == ok.as_bytes())
                    });
                    let name = session.file_stem().expect("a name").to_string_lossy();
                    let known = TAKEN.iter().any(|(session, known, _)| {
                        *session == name && tag.as_ref().is_some_and(|tag| tag.as_str() == *known)
                    });
                    assert_eq!(taken, known, "{name} {tag:?} {error}");
                }
                CommandEvent::Command { command: Command::Append(_), .. } => {}
                CommandEvent::Command { tag, command } => {
                    let mut line = BytesMut::new();
                    let segments = command.to_segments(tag, Encoding::default()).expect("a command");
                    segments.iter().for_each(|segment| line.extend_from_slice(segment));
                    let mut decoder = CommandDecoder::default();
                    let again = loop {
                        match decoder.decode(&mut line) {
                            Ok(Some(CommandEvent::Wanted)) => {}
                            other => break other,
                        }
                    };
                    assert_eq!(again.as_ref(), Ok(&Some(event.clone())), "{}", session.display());
                }
                _ => {}
            }
        }
    }
    println!("{count} events");
}
