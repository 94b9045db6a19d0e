//! Shows a capture of one direction of a POP3 or IMAP connection, one JSON object a line.

#![allow(
    clippy::print_stdout,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a program that prints; its indexes come from a search in the same buffer"
)]

mod imap;
mod pop3;
mod round_trip;

use bytes::BytesMut;
use mailwire::wire::Text;
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

Each line has `offset`, `event` and the fields of the event; `quirks` names what was forgiven. Octets that are
no UTF-8 are shown as numbers. Where the connection turns to TLS or is compressed, `Tls` or `Deflate` tells how many
octets are left, and that is all.
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
            // Who has closed the pipe has read enough.
            let _ = writeln!(io::stdout(), "{HELP}");
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
    let mut feed = Feed { input, chunk: options.chunk, read: 0 };
    let mut dump =
        Dump { out: BufWriter::new(io::stdout().lock()), bodies: options.bodies, body: None, status: 0 };
    match (options.protocol.as_str(), options.from.as_str()) {
        ("imap", "server") => imap::server(options, &mut feed, &mut dump)?,
        ("imap", _) => imap::client(options, &mut feed, &mut dump)?,
        (_, "server") => pop3::server(options, &mut feed, &mut dump)?,
        _ => pop3::client(options, &mut feed, &mut dump)?,
    }
    dump.out.flush()?;
    Ok(dump.status)
}

/// The octets of a capture, a chunk at a time.
struct Feed {
    input: Box<dyn Read>,
    chunk: usize,
    read: u64,
}

impl Feed {
    /// Reads one more chunk; `false` at the end.
    fn more(&mut self, buffer: &mut BytesMut) -> io::Result<bool> {
        let start = buffer.len();
        buffer.resize(start + self.chunk.min(64 * 1024), 0);
        let read = self.input.read(&mut buffer[start..]);
        buffer.truncate(start + read.as_ref().map_or(0, |read| *read));
        let read = read?;
        self.read += read as u64;
        Ok(read > 0)
    }

    /// Reads on until enough is there to tell; `false` at the end.
    fn until(&mut self, buffer: &mut BytesMut, enough: impl Fn(&[u8]) -> bool) -> io::Result<bool> {
        while !enough(buffer) {
            if !self.more(buffer)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Where a message begins: whether it is TLS instead. If so, the rest is passed over and told.
    fn turns_to_tls(&mut self, buffer: &mut BytesMut, dump: &mut Dump<impl Write>) -> io::Result<bool> {
        // The record of a handshake, and the version of the protocol.
        const RECORD: [u8; 2] = [0x16, 0x03];
        if buffer.first() != Some(&RECORD[0]) {
            return Ok(false);
        }
        self.until(buffer, |octets| octets.len() > RECORD.len())?;
        let tls = buffer.starts_with(&RECORD) && buffer.get(2).is_some_and(|minor| *minor <= 4);
        if tls {
            self.pass_over(buffer, "Tls", dump)?;
        }
        Ok(tls)
    }

    /// Where a message begins behind the agreement to compress: whether it is deflated. If so, the rest is passed over and told.
    fn turns_to_deflate(&mut self, buffer: &mut BytesMut, dump: &mut Dump<impl Write>) -> io::Result<bool> {
        const ENOUGH: usize = 6;
        self.until(buffer, |octets| octets.len() >= ENOUGH || octets.contains(&b'\n'))?;
        let start = &buffer[..buffer.len().min(ENOUGH)];
        let start = start.split(|octet| *octet == b'\n').next().unwrap_or_default();
        let text = |octet: &u8| matches!(octet, b' '..=b'~' | b'\r');
        // NUL octets before a line are a quirk.
        let deflated = start.first() != Some(&0) && !start.iter().all(text);
        if deflated {
            self.pass_over(buffer, "Deflate", dump)?;
        }
        Ok(deflated)
    }

    fn pass_over(
        &mut self,
        buffer: &mut BytesMut,
        event: &str,
        dump: &mut Dump<impl Write>,
    ) -> io::Result<()> {
        let offset = self.read - buffer.len() as u64;
        loop {
            buffer.clear();
            if !self.more(buffer)? {
                return dump.line(offset, event, json!({ "length": self.read - offset }));
            }
        }
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
        line.extend(object(fields));
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

    fn mismatch(&mut self, offset: u64) -> io::Result<()> {
        self.failed(offset, "RoundtripMismatch", &"written and read again it differs", 1)
    }

    fn body_begin(&mut self, offset: u64, event: &str, fields: Value) {
        let mut line = Map::new();
        line.insert("offset".into(), offset.into());
        line.insert("event".into(), event.into());
        line.extend(object(fields));
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

    fn body_end(&mut self, quirks: &[&str]) -> io::Result<()> {
        if let Some((mut line, length, text)) = self.body.take() {
            // Some are met when the body began, some only where it ends.
            if !quirks.is_empty() {
                let mut met = match line.remove("quirks") {
                    Some(Value::Array(met)) => met,
                    _ => Vec::new(),
                };
                met.extend(
                    quirks
                        .iter()
                        .map(|quirk| json!(quirk))
                        .filter(|quirk| !met.contains(quirk))
                        .collect::<Vec<_>>(),
                );
                line.insert("quirks".into(), met.into());
            }
            line.insert("length".into(), length.into());
            if self.bodies {
                line.insert("text".into(), value(&Text::from(text)));
            }
            writeln!(self.out, "{}", Value::Object(line))?;
        }
        Ok(())
    }
}

/// Fields, and what was forgiven in them.
fn with_quirks(fields: Value, quirks: &[&str]) -> Value {
    let mut fields = object(fields);
    if !quirks.is_empty() {
        fields.insert("quirks".into(), json!(quirks));
    }
    Value::Object(fields)
}

/// Fields; what has no name is the value.
fn object(fields: Value) -> Map<String, Value> {
    match fields {
        Value::Object(fields) => fields,
        Value::Null => Map::new(),
        value => Map::from_iter([("value".to_owned(), value)]),
    }
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
