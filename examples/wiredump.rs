//! Shows a capture of one direction of a POP3 or IMAP connection, one JSON object a line.

#![allow(
    clippy::print_stdout,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a program that prints; its indexes come from a search in the same buffer"
)]

use bytes::BytesMut;
use mailwire::imap::{
    Body, Command, CommandDecoder, CommandEvent, Encoding, Response, ResponseDecoder, ResponseEvent,
};
use mailwire::pop3;
use serde_json::{Map, Value, json};
use std::io::{self, BufWriter, Read, Write};
use std::process::ExitCode;

const HELP: &str = "\
wiredump: shows a capture of one direction of a connection, one JSON object a line

usage: wiredump --protocol imap|pop3 --from server|client [options] FILE

  FILE                 the octets as they were on the wire; - for standard input
  --protocol NAME      imap or pop3
  --from SIDE          who sent the octets: server or client
  --commands FILE      for pop3 from server: what the client sent, since replies have no shape of their own
  --strict             forgive nothing (default: forgive what real servers are known for, and name it)
  --chunk N            feed N octets at a time; changes nothing in the output
  --roundtrip          write each message again, read that again, and report what differs
  --bodies             show the text of bodies, not only their length

Each line has `offset`, `event` and the fields of the event; `quirks` names what was forgiven.
Exit status: 0 all parsed, 1 something unparsed or mismatched, 2 fatal or cut off, 64 wrong usage.";

#[derive(Default)]
struct Options {
    protocol: String,
    from: String,
    commands: Option<String>,
    strict: bool,
    chunk: usize,
    roundtrip: bool,
    bodies: bool,
    file: String,
}

fn options() -> Result<Option<Options>, lexopt::Error> {
    use lexopt::prelude::*;
    let mut options = Options { chunk: usize::MAX, ..Options::default() };
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("help") | Short('h') => return Ok(None),
            Long("protocol") => options.protocol = parser.value()?.string()?,
            Long("from") => options.from = parser.value()?.string()?,
            Long("commands") => options.commands = Some(parser.value()?.string()?),
            Long("strict") => options.strict = true,
            Long("chunk") => options.chunk = parser.value()?.parse()?,
            Long("roundtrip") => options.roundtrip = true,
            Long("bodies") => options.bodies = true,
            Value(file) if options.file.is_empty() => options.file = file.string()?,
            _ => return Err(argument.unexpected()),
        }
    }
    if !matches!(options.protocol.as_str(), "imap" | "pop3") {
        return Err("--protocol imap or --protocol pop3 is needed".into());
    }
    if !matches!(options.from.as_str(), "server" | "client") {
        return Err("--from server or --from client is needed".into());
    }
    if options.file.is_empty() {
        return Err("a FILE is needed, or - for standard input".into());
    }
    if options.protocol == "pop3" && options.from == "server" && options.commands.is_none() {
        return Err("--commands FILE is needed: replies of POP3 have no shape of their own".into());
    }
    if options.chunk == 0 {
        return Err("--chunk wants a number from 1".into());
    }
    Ok(Some(options))
}

fn main() -> ExitCode {
    let options = match options() {
        Ok(Some(options)) => options,
        Ok(None) => {
            println!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("wiredump: {error}\n\n{HELP}");
            return ExitCode::from(64);
        }
    };
    match run(&options) {
        Ok(status) => ExitCode::from(status),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("wiredump: {}: {error}", options.file);
            ExitCode::from(64)
        }
    }
}

fn run(options: &Options) -> io::Result<u8> {
    let input: Box<dyn Read> = match options.file.as_str() {
        "-" => Box::new(io::stdin().lock()),
        file => Box::new(std::fs::File::open(file)?),
    };
    let mut feed = Feed { input, chunk: options.chunk };
    let mut dump =
        Dump { out: BufWriter::new(io::stdout().lock()), bodies: options.bodies, body: None, status: 0 };
    match (options.protocol.as_str(), options.from.as_str()) {
        ("imap", "server") => imap_server(options, &mut feed, &mut dump)?,
        ("imap", _) => imap_client(options, &mut feed, &mut dump)?,
        (_, "server") => pop3_server(options, &mut feed, &mut dump)?,
        _ => pop3_client(options, &mut feed, &mut dump)?,
    }
    dump.out.flush()?;
    Ok(dump.status)
}

/// The octets of a capture, a chunk at a time.
struct Feed {
    input: Box<dyn Read>,
    chunk: usize,
}

impl Feed {
    /// Reads one more chunk; `false` at the end.
    fn more(&mut self, buffer: &mut BytesMut) -> io::Result<bool> {
        let start = buffer.len();
        buffer.resize(start + self.chunk.min(64 * 1024), 0);
        let read = self.input.read(&mut buffer[start..]);
        buffer.truncate(start + read.as_ref().map_or(0, |read| *read));
        Ok(read? > 0)
    }
}

/// Where the lines go, and what becomes of the exit status.
struct Dump<W: Write> {
    out: W,
    bodies: bool,
    /// The body whose chunks are being joined.
    body: Option<(Map<String, Value>, u64, Vec<u8>)>,
    status: u8,
}

impl<W: Write> Dump<W> {
    fn line(&mut self, offset: u64, event: &str, fields: Value) -> io::Result<()> {
        let mut line = Map::new();
        line.insert("offset".into(), offset.into());
        line.insert("event".into(), event.into());
        match fields {
            Value::Null => {}
            Value::Object(fields) => line.extend(fields),
            value => {
                line.insert("value".into(), value);
            }
        }
        writeln!(self.out, "{}", Value::Object(line))
    }

    fn failed(
        &mut self,
        offset: u64,
        event: &str,
        error: &dyn std::fmt::Display,
        status: u8,
    ) -> io::Result<()> {
        self.status = self.status.max(status);
        self.line(offset, event, json!({ "error": error.to_string() }))
    }

    fn body_begin(&mut self, offset: u64, event: &str, fields: Value) {
        let mut line = Map::new();
        line.insert("offset".into(), offset.into());
        line.insert("event".into(), event.into());
        if let Value::Object(fields) = fields {
            line.extend(fields);
        }
        self.body = Some((line, 0, Vec::new()));
    }

    fn body_chunk(&mut self, octets: &[u8]) {
        if let Some((_, length, text)) = &mut self.body {
            *length += octets.len() as u64;
            if self.bodies {
                text.extend_from_slice(octets);
            }
        }
    }

    fn body_end(&mut self) -> io::Result<()> {
        if let Some((mut line, length, text)) = self.body.take() {
            line.insert("length".into(), length.into());
            if self.bodies {
                line.insert("text".into(), String::from_utf8_lossy(&text).into());
            }
            writeln!(self.out, "{}", Value::Object(line))?;
        }
        Ok(())
    }
}

fn imap_server(options: &Options, feed: &mut Feed, dump: &mut Dump<impl Write>) -> io::Result<()> {
    let mut decoder = if options.strict { ResponseDecoder::strict() } else { ResponseDecoder::lenient() };
    let mut buffer = BytesMut::new();
    let mut more = true;
    loop {
        let event = if more { decoder.decode(&mut buffer) } else { decoder.decode_eof(&mut buffer) };
        match event {
            Ok(Some(event)) => {
                let quirks: Vec<_> = decoder.forgiven().iter().map(|quirk| quirk.name()).collect();
                show_response(dump, decoder.offset(), &event, &quirks)?;
                if options.roundtrip && !response_survives(&event) {
                    dump.failed(
                        decoder.offset(),
                        "RoundtripMismatch",
                        &"written and read again it differs",
                        1,
                    )?;
                }
            }
            Ok(None) if !more => return Ok(()),
            Ok(None) => more = feed.more(&mut buffer)?,
            Err(error) => return dump.failed(decoder.offset(), "Fatal", &error, 2),
        }
    }
}

fn show_response(
    dump: &mut Dump<impl Write>,
    offset: u64,
    event: &ResponseEvent,
    quirks: &[&str],
) -> io::Result<()> {
    let with_quirks = |mut fields: Value| {
        if let (Value::Object(fields), false) = (&mut fields, quirks.is_empty()) {
            fields.insert("quirks".into(), json!(quirks));
        }
        fields
    };
    match event {
        ResponseEvent::Response(Response::Tagged { tag, status }) => {
            let mut fields = value(status);
            fields["tag"] = tag.as_str().into();
            dump.line(offset, "Tagged", with_quirks(fields))
        }
        ResponseEvent::Response(Response::Status(status)) => {
            dump.line(offset, "Status", with_quirks(value(status)))
        }
        ResponseEvent::Response(Response::Continuation(continuation)) => {
            dump.line(offset, "Continuation", with_quirks(value(continuation)))
        }
        ResponseEvent::Response(response) => {
            let (name, fields) = variant(value(response));
            dump.line(offset, &name, with_quirks(fields))
        }
        ResponseEvent::Fetch(fetch) => dump.line(offset, "Fetch", with_quirks(value(fetch))),
        ResponseEvent::Body(Body::Chunk(octets)) => {
            dump.body_chunk(octets);
            Ok(())
        }
        ResponseEvent::Body(Body::End) => dump.body_end(),
        ResponseEvent::Body(begin) => {
            let (_, fields) = variant(value(begin));
            dump.body_begin(offset, "Body", with_quirks(fields));
            Ok(())
        }
        ResponseEvent::Unparsed { error, .. } => dump.failed(offset, "Unparsed", error, 1),
        _ => Ok(()),
    }
}

/// Whether a response, written and read again, is the same.
fn response_survives(event: &ResponseEvent) -> bool {
    let mut wire = BytesMut::new();
    let written = match event {
        ResponseEvent::Response(response) => response.write(&mut wire, Encoding::server()),
        // The end of a FETCH whose bodies stand before it: there is nothing to write alone.
        ResponseEvent::Fetch(fetch) if fetch.is_empty() && fetch.uid.is_none() => return true,
        ResponseEvent::Fetch(fetch) => fetch.write(&mut wire, Encoding::server()),
        _ => return true,
    };
    let mut decoder = ResponseDecoder::lenient();
    let again = decoder.decode(&mut wire);
    match (written, again, event) {
        (Ok(()), Ok(Some(ResponseEvent::Fetch(mut again))), ResponseEvent::Fetch(fetch)) => {
            again.last = fetch.last;
            again == *fetch
        }
        (Ok(()), Ok(Some(again)), event) => again == *event,
        _ => false,
    }
}

fn imap_client(options: &Options, feed: &mut Feed, dump: &mut Dump<impl Write>) -> io::Result<()> {
    let mut decoder = CommandDecoder::default();
    let mut buffer = BytesMut::new();
    let mut more = true;
    // Behind AUTHENTICATE and IDLE a line may belong to the exchange; only the line itself tells.
    let mut exchange = false;
    loop {
        if exchange && !decoder.is_within_command() && (more || !buffer.is_empty()) {
            match buffer.iter().position(|octet| *octet == b'\n') {
                Some(end) if is_exchange(&buffer[..end]) => decoder.expect_line(),
                Some(_) => exchange = false,
                None if more => {
                    more = feed.more(&mut buffer)?;
                    continue;
                }
                None => exchange = false,
            }
        }
        let event = if more { decoder.decode(&mut buffer) } else { decoder.decode_eof(&mut buffer) };
        match event {
            Ok(Some(event)) => {
                if let CommandEvent::Command { command, .. } = &event {
                    exchange = matches!(command, Command::Idle | Command::Authenticate { .. });
                }
                show_command(dump, decoder.offset(), &event)?;
                if let CommandEvent::Literal(_) = event {
                    decoder.accept();
                }
                if options.roundtrip && !command_survives(&event) {
                    dump.failed(
                        decoder.offset(),
                        "RoundtripMismatch",
                        &"written and read again it differs",
                        1,
                    )?;
                }
            }
            Ok(None) if !more => return Ok(()),
            Ok(None) => more = feed.more(&mut buffer)?,
            Err(error) => return dump.failed(decoder.offset(), "Fatal", &error, 2),
        }
    }
}

/// DONE, `*`, or nothing but Base64.
fn is_exchange(line: &[u8]) -> bool {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    line.iter().all(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'/' | b'=' | b'*'))
}

fn show_command(dump: &mut Dump<impl Write>, offset: u64, event: &CommandEvent) -> io::Result<()> {
    match event {
        CommandEvent::Command { tag, command } => {
            let (name, fields) = variant(value(command));
            let mut fields = match fields {
                Value::Object(fields) => fields,
                Value::Null => Map::new(),
                value => Map::from_iter([("value".to_owned(), value)]),
            };
            fields.insert("tag".into(), tag.as_str().into());
            dump.line(offset, &name, Value::Object(fields))
        }
        // Whether the client waited is between it and the server.
        CommandEvent::Wanted => Ok(()),
        CommandEvent::Literal(literal) => {
            dump.body_begin(offset, "Literal", value(literal));
            Ok(())
        }
        CommandEvent::Chunk(octets) => {
            dump.body_chunk(octets);
            Ok(())
        }
        CommandEvent::LiteralEnd => dump.body_end(),
        CommandEvent::Line(_) => dump.line(offset, "Line", Value::Null),
        CommandEvent::Malformed { tag, error } => {
            let tag = tag.as_ref().map(|tag| tag.as_str().to_owned());
            dump.status = dump.status.max(1);
            dump.line(offset, "Unparsed", json!({ "tag": tag, "error": error.to_string() }))
        }
        event => {
            let (name, fields) = variant(value(event));
            dump.line(offset, &name, fields)
        }
    }
}

/// Whether a command, written and read again, is the same.
fn command_survives(event: &CommandEvent) -> bool {
    let CommandEvent::Command { tag, command } = event else { return true };
    if let Command::Append(_) = command {
        return true;
    }
    let Ok(segments) = command.to_segments(tag, Encoding::default()) else { return false };
    let mut wire = BytesMut::from(&segments.concat()[..]);
    let mut decoder = CommandDecoder::default();
    loop {
        match decoder.decode(&mut wire) {
            Ok(Some(CommandEvent::Wanted)) => {}
            Ok(Some(again)) => return again == *event,
            _ => return false,
        }
    }
}

fn pop3_server(options: &Options, feed: &mut Feed, dump: &mut Dump<impl Write>) -> io::Result<()> {
    let quirks = if options.strict { pop3::Quirks::strict() } else { pop3::Quirks::lenient() };
    let mut decoder = pop3::ReplyDecoder::new(quirks);
    expect_answers(options.commands.as_deref().unwrap_or_default(), &mut decoder)?;
    let mut buffer = BytesMut::new();
    let mut more = true;
    loop {
        match decoder.decode(&mut buffer) {
            Ok(Some(response)) => {
                let quirks: Vec<_> = decoder.forgiven().iter().map(|quirk| format!("{quirk:?}")).collect();
                show_reply(dump, decoder.offset(), &response, &quirks)?;
                if options.roundtrip && !reply_survives(&response) {
                    dump.failed(
                        decoder.offset(),
                        "RoundtripMismatch",
                        &"written and read again it differs",
                        1,
                    )?;
                }
            }
            Ok(None) if more => more = feed.more(&mut buffer)?,
            Ok(None) if buffer.is_empty() && decoder.is_between_answers() => return Ok(()),
            Ok(None) => return dump.failed(decoder.offset(), "Fatal", &"cut off inside an answer", 2),
            Err(error) => return dump.failed(decoder.offset(), "Fatal", &error, 2),
        }
    }
}

/// Reads what the client sent, so that the shape of each answer is known.
fn expect_answers(file: &str, decoder: &mut pop3::ReplyDecoder) -> io::Result<()> {
    let named = |error: io::Error| io::Error::new(error.kind(), format!("{file}: {error}"));
    let mut commands = pop3::CommandDecoder::guessing();
    let mut buffer = BytesMut::from(&std::fs::read(file).map_err(named)?[..]);
    loop {
        match commands.decode(&mut buffer) {
            Ok(Some(pop3::Request::Command(command))) => decoder.expect(&command),
            Ok(Some(_)) => {}
            Ok(None) => return Ok(()),
            // What the client should not have said is answered all the same: with a status line.
            Err(error) if !error.is_fatal() => decoder.expect_shape(pop3::Shape::Status),
            Err(error) => return Err(named(io::Error::new(io::ErrorKind::InvalidData, error.to_string()))),
        }
    }
}

fn show_reply(
    dump: &mut Dump<impl Write>,
    offset: u64,
    response: &pop3::Response,
    quirks: &[String],
) -> io::Result<()> {
    use pop3::Response;
    let with_quirks = |fields: Value| {
        let mut fields = match fields {
            Value::Object(fields) => fields,
            Value::Null => Map::new(),
            value => Map::from_iter([("value".to_owned(), value)]),
        };
        if !quirks.is_empty() {
            fields.insert("quirks".into(), json!(quirks));
        }
        Value::Object(fields)
    };
    let (name, fields) = match response {
        Response::Greeting(greeting) => ("Greeting", value(greeting)),
        Response::Challenge(_) => ("Challenge", Value::Null),
        Response::DropListing(listing) => ("DropListing", value(listing)),
        Response::ScanListing(listing) => ("ScanListing", value(listing)),
        Response::UniqueIdListing(listing) => ("UniqueIdListing", value(listing)),
        Response::Capabilities(capabilities) => {
            ("Capabilities", json!({ "capabilities": value(capabilities) }))
        }
        Response::LanguageListing(listing) => ("LanguageListing", value(listing)),
        Response::Line(line) => ("Line", json!({ "text": line.to_string_lossy() })),
        Response::Completed(reply) => ("Completed", value(reply)),
        Response::Body(pop3::Body::Chunk(octets)) => {
            dump.body_chunk(octets);
            return Ok(());
        }
        Response::Body(pop3::Body::End) => return dump.body_end(),
        Response::Body(_) => {
            dump.body_begin(offset, "Body", with_quirks(Value::Null));
            return Ok(());
        }
        Response::Unparsed { error, .. } => return dump.failed(offset, "Unparsed", error, 1),
        _ => ("Other", Value::Null),
    };
    dump.line(offset, name, with_quirks(fields))
}

/// Whether a reply, written and read again, is the same.
fn reply_survives(response: &pop3::Response) -> bool {
    let mut wire = BytesMut::new();
    match response.encode_alone(&mut wire) {
        Some(mut decoder) => decoder.decode(&mut wire).is_ok_and(|again| again.as_ref() == Some(response)),
        None => true,
    }
}

fn pop3_client(options: &Options, feed: &mut Feed, dump: &mut Dump<impl Write>) -> io::Result<()> {
    let mut decoder = pop3::CommandDecoder::guessing();
    let mut buffer = BytesMut::new();
    let mut more = true;
    loop {
        match decoder.decode(&mut buffer) {
            Ok(Some(request)) => {
                let offset = decoder.offset();
                match &request {
                    pop3::Request::Command(command) => {
                        // The Debug form of a command leaves its secrets out.
                        let shown = format!("{command:?}");
                        let name: String = shown.chars().take_while(|c| c.is_alphanumeric()).collect();
                        let rest = shown[name.len()..].trim();
                        let fields = if rest.is_empty() { Value::Null } else { json!({ "arguments": rest }) };
                        dump.line(offset, &name, fields)?;
                        if options.roundtrip && !request_survives(command) {
                            dump.failed(
                                offset,
                                "RoundtripMismatch",
                                &"written and read again it differs",
                                1,
                            )?;
                        }
                    }
                    pop3::Request::AuthResponse(_) => dump.line(offset, "AuthResponse", Value::Null)?,
                    _ => dump.line(offset, "AuthCancel", Value::Null)?,
                }
            }
            Ok(None) if more => more = feed.more(&mut buffer)?,
            Ok(None) if buffer.is_empty() => return Ok(()),
            Ok(None) => return dump.failed(decoder.offset(), "Fatal", &"cut off inside a command", 2),
            Err(error) if error.is_fatal() => return dump.failed(decoder.offset(), "Fatal", &error, 2),
            Err(error) => dump.failed(decoder.offset(), "Unparsed", &error, 1)?,
        }
    }
}

fn request_survives(command: &pop3::Command) -> bool {
    let mut wire = BytesMut::new();
    if command.encode(&mut wire).is_err() {
        return false;
    }
    let again = pop3::CommandDecoder::new().decode(&mut wire);
    again.is_ok_and(|again| again == Some(pop3::Request::Command(command.clone())))
}

fn value(event: &impl serde::Serialize) -> Value {
    serde_json::to_value(event).unwrap_or_else(|error| json!({ "error": error.to_string() }))
}

/// The name of an enum's innermost variant, and what it holds.
fn variant(value: Value) -> (String, Value) {
    match value {
        Value::String(name) => (name, Value::Null),
        Value::Object(object) if object.len() == 1 => {
            let (name, inner) = object.into_iter().next().unwrap_or_default();
            match &inner {
                Value::Object(fields) if fields.len() == 1 && is_variant(fields) => variant(inner),
                _ => (name, inner),
            }
        }
        value => ("Value".into(), value),
    }
}

fn is_variant(object: &Map<String, Value>) -> bool {
    object.keys().next().is_some_and(|name| name.starts_with(char::is_uppercase))
}
