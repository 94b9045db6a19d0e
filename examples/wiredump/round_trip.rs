//! What is written and read again, and whether it is the same then.

use bytes::BytesMut;
use mailwire::imap::{
    Body, BodyStart, Command, CommandDecoder, CommandEvent, Encoding, Fetch, FetchEncoder, Quirks, Response,
    ResponseDecoder, ResponseEvent,
};
use mailwire::pop3;
use mailwire::wire::Limits;

/// Writes responses and reads them again.
pub(crate) struct Responses {
    forgives: Quirks,
    limits: Limits,
    /// The FETCH under way: what was told of it, what was read of it again, and how much of each body.
    encoder: FetchEncoder,
    decoder: ResponseDecoder,
    wire: BytesMut,
    told: Vec<Told>,
    read: Vec<Told>,
    quirks: bool,
    failed: bool,
}

#[derive(PartialEq)]
enum Told {
    Fetch(Box<Fetch>),
    Body(BodyStart),
    /// How many octets a body had.
    End(u64),
}

impl Responses {
    pub(crate) fn new(forgives: Quirks, limits: Limits) -> Self {
        Self {
            forgives,
            limits,
            encoder: FetchEncoder::default(),
            decoder: ResponseDecoder::new(forgives, limits),
            wire: BytesMut::new(),
            told: Vec::new(),
            read: Vec::new(),
            quirks: false,
            failed: false,
        }
    }

    /// Whether a response is the same when it is read again; `true` too as long as more of it is to come.
    ///
    /// What a quirk was forgiven in is written as the grammar has it, if it can be: then it must be read again, and may differ.
    pub(crate) fn survives(&mut self, event: &ResponseEvent, quirks: bool) -> bool {
        let mut wire = BytesMut::new();
        match event {
            // A line without a tag is told, but nobody may write one.
            ResponseEvent::Response(Response::Untagged(_)) => true,
            ResponseEvent::Response(response) => {
                let written = response.write(&mut wire, Encoding::server()).is_ok();
                let again = ResponseDecoder::new(self.forgives, self.limits).decode(&mut wire);
                match again {
                    Ok(Some(again)) if written => {
                        again == *event || quirks && !matches!(again, ResponseEvent::Unparsed { .. })
                    }
                    _ => quirks && !written,
                }
            }
            ResponseEvent::Fetch(fetch) => {
                let written = self.encoder.fetch(fetch, &mut self.wire, Encoding::server());
                // A FETCH of nothing cannot be written.
                let empty = fetch.last && !self.encoder.is_open() && self.told.is_empty();
                self.told(Told::Fetch(Box::new(fetch.clone())), written.is_ok() || empty, quirks);
                !fetch.last || self.fetch_survives(empty && written.is_err())
            }
            ResponseEvent::Body(Body::Begin(start)) => {
                let written = self.encoder.body(start, &mut self.wire, Encoding::server());
                self.told(Told::Body(start.clone()), written.is_ok(), quirks);
                self.told.push(Told::End(0));
                true
            }
            ResponseEvent::Body(Body::Chunk(octets)) => {
                self.wire.extend_from_slice(octets);
                if let Some(Told::End(length)) = self.told.last_mut() {
                    *length += octets.len() as u64;
                }
                self.read_again();
                true
            }
            // What could not be read cannot be written.
            _ => true,
        }
    }

    fn told(&mut self, told: Told, written: bool, quirks: bool) {
        self.quirks |= quirks;
        self.failed |= !written;
        self.told.push(told);
        self.read_again();
    }

    fn read_again(&mut self) {
        loop {
            match self.decoder.decode(&mut self.wire) {
                Ok(Some(ResponseEvent::Fetch(fetch))) => self.read.push(Told::Fetch(Box::new(fetch))),
                Ok(Some(ResponseEvent::Body(Body::Begin(start)))) => {
                    self.read.extend([Told::Body(start), Told::End(0)]);
                }
                Ok(Some(ResponseEvent::Body(Body::Chunk(octets)))) => {
                    if let Some(Told::End(length)) = self.read.last_mut() {
                        *length += octets.len() as u64;
                    }
                }
                Ok(Some(ResponseEvent::Body(Body::End))) => {}
                Ok(None) => return,
                _ => {
                    self.failed = true;
                    return;
                }
            }
        }
    }

    fn fetch_survives(&mut self, empty: bool) -> bool {
        let whole = self.wire.is_empty() && !self.decoder.is_within_message();
        let same = self.told == self.read || empty;
        let survives = !self.failed && whole && (same || self.quirks) || self.failed && self.quirks;
        *self = Self::new(self.forgives, self.limits);
        survives
    }
}

/// Whether a command, written and read again, is the same.
pub(crate) fn command_survives(event: &CommandEvent) -> bool {
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

/// Whether a reply, written and read again, is the same.
pub(crate) fn reply_survives(response: &pop3::Response) -> bool {
    let mut wire = BytesMut::new();
    match response.encode_alone(&mut wire) {
        Some(mut decoder) => decoder.decode(&mut wire).is_ok_and(|again| again.as_ref() == Some(response)),
        None => true,
    }
}

/// Whether a command, written and read again, is the same. A server takes longer lines than a client may write: those are not.
pub(crate) fn request_survives(command: &pop3::Command) -> bool {
    let mut wire = BytesMut::new();
    if command.encode(&mut wire).is_err() {
        return true;
    }
    let again = pop3::CommandDecoder::new().decode(&mut wire);
    again.is_ok_and(|again| again == Some(pop3::Request::Command(command.clone())))
}
