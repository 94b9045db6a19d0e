//! Both sides of IMAP.

use crate::round_trip::{Responses, command_survives};
use crate::{Dump, Feed, Options, object, value, variant, with_quirks};
use bytes::BytesMut;
use mailwire::imap::{
    Body, Capabilities, Capability, Command, CommandDecoder, CommandEvent, Condition, Data, Literal, Quirks,
    Response, ResponseDecoder, ResponseEvent,
};
use mailwire::wire::Limits;
use serde_json::{Value, json};
use std::io::{self, Write};

pub(crate) fn server(options: &Options, feed: &mut Feed, dump: &mut Dump<impl Write>) -> io::Result<()> {
    let quirks = if options.strict { Quirks::strict() } else { Quirks::lenient() };
    let mut limits = Limits::imap_client();
    // Some servers repeat the long lines that they do not understand.
    limits.line = 128 * 1024;
    let mut decoder = ResponseDecoder::new(quirks, limits);
    let mut again = Responses::new(quirks, limits);
    let mut buffer = BytesMut::new();
    let mut more = true;
    // Behind a completion the connection may be compressed.
    let mut completed = false;
    loop {
        if !decoder.is_within_message() {
            if completed {
                feed.until(&mut buffer, |octets| !octets.is_empty())?;
            }
            if feed.turns_to_tls(&mut buffer, dump)?
                || completed && feed.turns_to_deflate(&mut buffer, dump)?
            {
                return Ok(());
            }
            completed = false;
        }
        let event = if more { decoder.decode(&mut buffer) } else { decoder.decode_eof(&mut buffer) };
        match event {
            Ok(Some(event)) => {
                let quirks: Vec<_> = decoder.forgiven().iter().map(|quirk| quirk.name()).collect();
                show_response(dump, decoder.offset(), &event, &quirks)?;
                match &event {
                    ResponseEvent::Response(Response::Tagged { status, .. }) => {
                        completed = status.condition == Condition::Ok;
                    }
                    ResponseEvent::Response(Response::Data(Data::Enabled(enabled)))
                        if speaks_utf8(enabled) =>
                    {
                        decoder.set_utf8(true);
                    }
                    _ => {}
                }
                if options.roundtrip && !again.survives(&event, !quirks.is_empty()) {
                    dump.mismatch(decoder.offset())?;
                }
            }
            Ok(None) if !more => return Ok(()),
            Ok(None) => more = feed.more(&mut buffer)?,
            Err(error) => return dump.failed(decoder.offset(), "Fatal", &error, 2),
        }
    }
}

/// Whether names are UTF-8 from here on (RFC 6855, RFC 9051).
fn speaks_utf8(enabled: &Capabilities) -> bool {
    enabled.contains(&Capability::Utf8Accept) || enabled.contains(&Capability::Imap4rev2)
}

fn show_response(
    dump: &mut Dump<impl Write>,
    offset: u64,
    event: &ResponseEvent,
    quirks: &[&str],
) -> io::Result<()> {
    let with_quirks = |fields: Value| with_quirks(fields, quirks);
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
            // The figures of a mailbox, not the status of a command.
            let name = if name == "Status" { "StatusData" } else { &name };
            dump.line(offset, name, with_quirks(fields))
        }
        ResponseEvent::Fetch(fetch) => dump.line(offset, "Fetch", with_quirks(value(fetch))),
        ResponseEvent::Body(Body::Chunk(octets)) => {
            dump.body_chunk(octets);
            Ok(())
        }
        ResponseEvent::Body(Body::End) => dump.body_end(&[]),
        ResponseEvent::Body(begin) => {
            let (_, fields) = variant(value(begin));
            dump.body_begin(offset, "Body", with_quirks(fields));
            Ok(())
        }
        ResponseEvent::Unparsed { error, .. } => dump.failed(offset, "Unparsed", error, 1),
        _ => Ok(()),
    }
}

pub(crate) fn client(options: &Options, feed: &mut Feed, dump: &mut Dump<impl Write>) -> io::Result<()> {
    let mut decoder = CommandDecoder::default();
    let mut buffer = BytesMut::new();
    let mut more = true;
    // Behind AUTHENTICATE and IDLE a line may belong to the exchange; only the line itself tells.
    let (mut exchange, mut compress) = (false, false);
    loop {
        if !decoder.is_within_command() && !buffer.is_empty() {
            if feed.turns_to_tls(&mut buffer, dump)?
                || compress && feed.turns_to_deflate(&mut buffer, dump)?
            {
                return Ok(());
            }
            compress = false;
            let enough = |octets: &[u8]| octets.contains(&b'\n') || !(exchange || may_be_done(octets));
            more = more && feed.until(&mut buffer, enough)?;
            match buffer.iter().position(|octet| *octet == b'\n') {
                Some(end) if is_done(&buffer[..end]) || exchange && is_exchange(&buffer[..end]) => {
                    decoder.expect_line();
                }
                _ => exchange = false,
            }
        }
        let event = if more { decoder.decode(&mut buffer) } else { decoder.decode_eof(&mut buffer) };
        match event {
            Ok(Some(event)) => {
                match &event {
                    CommandEvent::Command { command, .. } => {
                        exchange = matches!(command, Command::Idle | Command::Authenticate { .. });
                        compress = matches!(command, Command::Compress(_));
                        if let Command::Enable(enabled) = command
                            && speaks_utf8(enabled)
                        {
                            decoder.set_utf8(true);
                        }
                        show_command(dump, decoder.offset(), &event)?;
                    }
                    CommandEvent::Literal(literal) if is_refused(literal, feed, &mut buffer)? => {
                        let mut fields = value(literal);
                        fields["refused"] = true.into();
                        dump.line(decoder.offset(), "Literal", fields)?;
                        decoder.refuse();
                    }
                    event => show_command(dump, decoder.offset(), event)?,
                }
                decoder.accept();
                if options.roundtrip && !command_survives(&event) {
                    dump.mismatch(decoder.offset())?;
                }
            }
            Ok(None) if !more => return Ok(()),
            Ok(None) => more = feed.more(&mut buffer)?,
            Err(error) => return dump.failed(decoder.offset(), "Fatal", &error, 2),
        }
    }
}

/// Whether the server must have refused the literal: where its octets should stand is the next command.
fn is_refused(literal: &Literal, feed: &mut Feed, buffer: &mut BytesMut) -> io::Result<bool> {
    const ENOUGH: usize = 80;
    if !literal.synchronizing {
        return Ok(false);
    }
    feed.until(buffer, |octets| octets.len() >= ENOUGH || octets.contains(&b'\n'))?;
    let line = &buffer[..buffer.len().min(ENOUGH)];
    let line = line.split(|octet| *octet == b'\n').next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let mut words = line.split(|octet| *octet == b' ');
    let tag = words.next().unwrap_or_default();
    // Tags differ in their numbers.
    let letters =
        |tag: &[u8]| tag.iter().copied().filter(|octet| !octet.is_ascii_digit()).collect::<Vec<_>>();
    let command = words.next().unwrap_or_default();
    let known = COMMANDS.split(' ').any(|name| command.eq_ignore_ascii_case(name.as_bytes()));
    Ok(known && !tag.is_empty() && letters(tag) == letters(literal.tag.as_bytes()))
}

/// What a client may say next whose message was refused.
const COMMANDS: &str = "APPEND AUTHENTICATE CAPABILITY CHECK CLOSE COPY CREATE DELETE ENABLE EXAMINE EXPUNGE FETCH \
GETACL GETMETADATA GETQUOTA GETQUOTAROOT ID IDLE LIST LOGIN LOGOUT LSUB MOVE NAMESPACE NOOP NOTIFY RENAME REPLACE \
SEARCH SELECT SETACL SETMETADATA SETQUOTA SORT STARTTLS STATUS STORE SUBSCRIBE THREAD UID UNAUTHENTICATE UNSELECT \
UNSUBSCRIBE";

/// Whether the line may turn out to be DONE, the one line of a client without a tag that no exchange has to begin here for.
fn may_be_done(octets: &[u8]) -> bool {
    octets.len() < 6 && b"DONE\r\n".get(..octets.len()).is_some_and(|done| octets.eq_ignore_ascii_case(done))
}

fn is_done(line: &[u8]) -> bool {
    line.strip_suffix(b"\r").unwrap_or(line).eq_ignore_ascii_case(b"DONE")
}

/// `*`, or nothing but Base64.
fn is_exchange(line: &[u8]) -> bool {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    line.iter().all(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'/' | b'=' | b'*'))
}

fn show_command(dump: &mut Dump<impl Write>, offset: u64, event: &CommandEvent) -> io::Result<()> {
    match event {
        CommandEvent::Command { tag, command } => {
            let (name, fields) = variant(value(command));
            let mut fields = object(fields);
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
        CommandEvent::LiteralEnd => dump.body_end(&[]),
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
