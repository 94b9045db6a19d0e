//! Both sides of POP3.

use crate::round_trip::{reply_survives, request_survives};
use crate::{Dump, Feed, Options, value, with_quirks};
use bytes::BytesMut;
use mailwire::pop3::{Body, Command, CommandDecoder, Quirks, ReplyDecoder, Request, Response, Shape};
use serde_json::{Value, json};
use std::io::{self, Write};

pub(crate) fn server(options: &Options, feed: &mut Feed, dump: &mut Dump<impl Write>) -> io::Result<()> {
    let quirks = if options.strict { Quirks::strict() } else { Quirks::lenient() };
    let mut decoder = ReplyDecoder::new(quirks);
    expect_answers(options.commands.as_deref().unwrap_or_default(), &mut decoder)?;
    let mut buffer = BytesMut::new();
    let mut more = true;
    loop {
        if decoder.is_between_answers() && feed.turns_to_tls(&mut buffer, dump)? {
            return Ok(());
        }
        match decoder.decode(&mut buffer) {
            Ok(Some(response)) => {
                let quirks: Vec<_> = decoder.forgiven().iter().map(|quirk| quirk.name()).collect();
                show_reply(dump, decoder.offset(), &response, &quirks)?;
                if options.roundtrip && !reply_survives(&response) {
                    dump.mismatch(decoder.offset())?;
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
fn expect_answers(file: &str, decoder: &mut ReplyDecoder) -> io::Result<()> {
    let named = |error: io::Error| io::Error::new(error.kind(), format!("{file}: {error}"));
    let mut commands = CommandDecoder::guessing();
    let mut buffer = BytesMut::from(&std::fs::read(file).map_err(named)?[..]);
    loop {
        match commands.decode(&mut buffer) {
            Ok(Some(Request::Command(command))) => decoder.expect(&command),
            Ok(Some(_)) => {}
            Ok(None) => return Ok(()),
            // The rest of the connection is TLS.
            Err(error) if error.is_fatal() && buffer.first() == Some(&0x16) => return Ok(()),
            // What the client should not have said is answered all the same: with a status line.
            Err(error) if !error.is_fatal() => decoder.expect_shape(Shape::Status),
            Err(error) => return Err(named(io::Error::new(io::ErrorKind::InvalidData, error.to_string()))),
        }
    }
}

fn show_reply(
    dump: &mut Dump<impl Write>,
    offset: u64,
    response: &Response,
    quirks: &[&str],
) -> io::Result<()> {
    let with_quirks = |fields: Value| with_quirks(fields, quirks);
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
        Response::Body(Body::Chunk(octets)) => {
            dump.body_chunk(octets);
            return Ok(());
        }
        Response::Body(Body::End) => return dump.body_end(quirks),
        Response::Body(_) => {
            dump.body_begin(offset, "Body", with_quirks(Value::Null));
            return Ok(());
        }
        Response::Unparsed { error, .. } => return dump.failed(offset, "Unparsed", error, 1),
        _ => ("Other", Value::Null),
    };
    dump.line(offset, name, with_quirks(fields))
}

pub(crate) fn client(options: &Options, feed: &mut Feed, dump: &mut Dump<impl Write>) -> io::Result<()> {
    let mut decoder = CommandDecoder::guessing();
    let mut buffer = BytesMut::new();
    let mut more = true;
    loop {
        if feed.turns_to_tls(&mut buffer, dump)? {
            return Ok(());
        }
        match decoder.decode(&mut buffer) {
            Ok(Some(request)) => {
                let offset = decoder.offset();
                match &request {
                    Request::Command(command) => {
                        let (name, fields) = request_fields(command);
                        dump.line(offset, name, fields)?;
                        if options.roundtrip && !request_survives(command) {
                            dump.mismatch(offset)?;
                        }
                    }
                    Request::AuthResponse(_) => dump.line(offset, "AuthResponse", Value::Null)?,
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

/// The name of a command and its arguments, without secrets.
fn request_fields(command: &Command) -> (&'static str, Value) {
    match command {
        Command::User(name) => ("User", json!({ "name": value(name.as_text()) })),
        Command::Pass(_) => ("Pass", Value::Null),
        Command::Apop { name, .. } => ("Apop", json!({ "name": value(name.as_text()) })),
        Command::Auth { mechanism, initial_response } => {
            let initial = initial_response.is_some();
            ("Auth", json!({ "mechanism": value(mechanism.as_text()), "initial_response": initial }))
        }
        Command::Mechanisms => ("Mechanisms", Value::Null),
        Command::Stls => ("Stls", Value::Null),
        Command::Capa => ("Capa", Value::Null),
        Command::Utf8 => ("Utf8", Value::Null),
        Command::Lang(language) => {
            ("Lang", json!({ "language": language.as_ref().map(|language| value(language.as_text())) }))
        }
        Command::Stat => ("Stat", Value::Null),
        Command::List(message) => ("List", json!({ "message": message })),
        Command::Retr(message) => ("Retr", json!({ "message": message })),
        Command::Dele(message) => ("Dele", json!({ "message": message })),
        Command::Noop => ("Noop", Value::Null),
        Command::Rset => ("Rset", Value::Null),
        Command::Top { message, lines } => ("Top", json!({ "message": message, "lines": lines })),
        Command::Uidl(message) => ("Uidl", json!({ "message": message })),
        Command::Quit => ("Quit", Value::Null),
        Command::Other(raw) => ("Other", json!({ "line": value(raw.as_text()) })),
        _ => ("Other", Value::Null),
    }
}
