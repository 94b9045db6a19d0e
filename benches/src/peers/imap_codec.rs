//! imap-codec, and what its values have in common with imap-next and io-imap.

use std::rc::Rc;

use imap_codec::decode::Decoder;
use imap_codec::encode::Encoder;
use imap_codec::imap_types::body::BodyStructure;
use imap_codec::imap_types::command::{Command, CommandBody};
use imap_codec::imap_types::core::NString;
use imap_codec::imap_types::extensions::binary::LiteralOrLiteral8;
use imap_codec::imap_types::fetch::{MacroOrMessageDataItemNames, MessageDataItem};
use imap_codec::imap_types::mailbox::Mailbox;
use imap_codec::imap_types::response::{Code, Data, Response, Status, StatusBody};
use imap_codec::imap_types::sequence::{SeqOrUid, Sequence};
use imap_codec::imap_types::status::StatusDataItem;
use imap_codec::{CommandCodec, ResponseCodec};

use super::failed;
use crate::harness::Side;
use crate::input::{Input, Seen};

/// Decodes responses, from all octets at once.
pub(crate) fn responses(input: &Rc<Input>) -> Vec<Side> {
    let (borrowed, owned) = (input.clone(), input.clone());
    vec![
        Side::peer("imap-codec borrowed", move || {
            let mut seen = Seen::default();
            let mut left = &borrowed.octets[..];
            while !left.is_empty() {
                let (rest, response) =
                    ResponseCodec::new().decode(left).map_err(|error| failed(left, error))?;
                seen.message(response_sum(&response));
                left = rest;
            }
            Ok(seen)
        }),
        Side::peer("imap-codec owned", move || {
            let mut seen = Seen::default();
            let mut left = &owned.octets[..];
            while !left.is_empty() {
                let (rest, response) =
                    ResponseCodec::new().decode_static(left).map_err(|error| failed(left, error))?;
                seen.message(response_sum(&response));
                left = rest;
            }
            Ok(seen)
        }),
    ]
}

/// Decodes commands, from all octets at once.
pub(crate) fn commands(input: &Rc<Input>) -> Vec<Side> {
    let (borrowed, owned) = (input.clone(), input.clone());
    vec![
        Side::peer("imap-codec borrowed", move || {
            let mut seen = Seen::default();
            let mut left = &borrowed.octets[..];
            while !left.is_empty() {
                let (rest, command) =
                    CommandCodec::new().decode(left).map_err(|error| failed(left, error))?;
                seen.message(command_sum(&command));
                left = rest;
            }
            Ok(seen)
        }),
        Side::peer("imap-codec owned", move || {
            let mut seen = Seen::default();
            let mut left = &owned.octets[..];
            while !left.is_empty() {
                let (rest, command) =
                    CommandCodec::new().decode_static(left).map_err(|error| failed(left, error))?;
                seen.message(command_sum(&command));
                left = rest;
            }
            Ok(seen)
        }),
    ]
}

/// Writes the responses of an input, each into octets of its own, which is all it offers.
pub(crate) fn write_responses(input: &Rc<Input>) -> Result<Vec<Side>, String> {
    let mut values = Vec::new();
    let mut left = &input.octets[..];
    while !left.is_empty() {
        let (rest, response) =
            ResponseCodec::new().decode_static(left).map_err(|error| failed(left, error))?;
        values.push(response);
        left = rest;
    }
    let mut again = Seen::default();
    for value in &values {
        let octets = ResponseCodec::new().encode(value).dump();
        let (_, response) = ResponseCodec::new().decode(&octets).map_err(|error| failed(&octets, error))?;
        again.message(response_sum(&response));
    }
    written_as_meant(again, input)?;
    Ok(vec![Side::peer("imap-codec", move || {
        let mut seen = Seen::default();
        for value in &values {
            seen.message(ResponseCodec::new().encode(value).dump().len() as u64);
        }
        Ok(seen)
    })])
}

/// Writes the commands of an input, each into octets of its own, which is all it offers.
pub(crate) fn write_commands(input: &Rc<Input>) -> Result<Vec<Side>, String> {
    let mut values = Vec::new();
    let mut left = &input.octets[..];
    while !left.is_empty() {
        let (rest, command) = CommandCodec::new().decode_static(left).map_err(|error| failed(left, error))?;
        values.push(command);
        left = rest;
    }
    let mut again = Seen::default();
    for value in &values {
        let octets = CommandCodec::new().encode(value).dump();
        let (_, command) = CommandCodec::new().decode(&octets).map_err(|error| failed(&octets, error))?;
        again.message(command_sum(&command));
    }
    written_as_meant(again, input)?;
    Ok(vec![Side::peer("imap-codec", move || {
        let mut seen = Seen::default();
        for value in &values {
            seen.message(CommandCodec::new().encode(value).dump().len() as u64);
        }
        Ok(seen)
    })])
}

/// What was written must say, read again, what the input said.
fn written_as_meant(again: Seen, input: &Input) -> Result<(), String> {
    if again == input.seen {
        Ok(())
    } else {
        Err(format!(
            "imap-codec wrote other messages than it was given: {again:?} instead of {:?}",
            input.seen
        ))
    }
}

pub(crate) fn response_sum(response: &Response<'_>) -> u64 {
    match response {
        Response::Data(data) => data_sum(data),
        Response::Status(status) => status_sum(status),
        Response::CommandContinuationRequest(_) => 0,
    }
}

pub(crate) fn status_sum(status: &Status<'_>) -> u64 {
    match status {
        Status::Untagged(body) => status_body_sum(body),
        Status::Tagged(tagged) => status_body_sum(&tagged.body),
        Status::Bye(_) => 0,
    }
}

pub(crate) fn status_body_sum(body: &StatusBody<'_>) -> u64 {
    let code = match &body.code {
        Some(Code::UidNext(number) | Code::UidValidity(number) | Code::Unseen(number)) => {
            u64::from(number.get())
        }
        _ => 0,
    };
    code + body.text.as_ref().len() as u64
}

pub(crate) fn data_sum(data: &Data<'_>) -> u64 {
    match data {
        Data::Fetch { seq, items } => u64::from(seq.get()) + items.as_ref().iter().map(item_sum).sum::<u64>(),
        Data::Exists(number) | Data::Recent(number) => u64::from(*number),
        Data::Expunge(number) => u64::from(number.get()),
        Data::List { items, mailbox, .. } => items.len() as u64 + 100 * mailbox_length(mailbox) as u64,
        Data::Search(numbers, _) => {
            let end =
                |number: Option<&std::num::NonZeroU32>| number.map_or(0, |number| u64::from(number.get()));
            numbers.len() as u64 + end(numbers.first()) + end(numbers.last())
        }
        Data::Vanished { known_uids, .. } => {
            let elements = known_uids.0.as_ref();
            elements.len() as u64 + elements.first().map_or(0, first_of) + elements.last().map_or(0, last_of)
        }
        Data::Flags(flags) => flags.len() as u64,
        Data::Capability(capabilities) => capabilities.as_ref().len() as u64,
        Data::Status { items, .. } => items
            .iter()
            .map(|item| match item {
                StatusDataItem::Messages(number) | StatusDataItem::Unseen(number) => u64::from(*number),
                StatusDataItem::UidNext(number) => u64::from(number.get()),
                _ => 0,
            })
            .sum(),
        _ => 0,
    }
}

fn value(number: &SeqOrUid) -> u64 {
    match number {
        SeqOrUid::Value(number) => u64::from(number.get()),
        SeqOrUid::Asterisk => 0,
    }
}

fn first_of(element: &Sequence) -> u64 {
    match element {
        Sequence::Single(number) | Sequence::Range(number, _) => value(number),
    }
}

fn last_of(element: &Sequence) -> u64 {
    match element {
        Sequence::Single(number) | Sequence::Range(_, number) => value(number),
    }
}

fn mailbox_length(mailbox: &Mailbox<'_>) -> usize {
    match mailbox {
        Mailbox::Inbox => 5,
        Mailbox::Other(name) => name.as_ref().len(),
    }
}

fn octets<'a>(string: &'a NString<'_>) -> &'a [u8] {
    string.0.as_ref().map_or(&[], |string| string.as_ref())
}

fn item_sum(item: &MessageDataItem<'_>) -> u64 {
    match item {
        MessageDataItem::Uid(uid) => 3 * u64::from(uid.get()),
        MessageDataItem::Flags(flags) => 7 * flags.len() as u64,
        MessageDataItem::ModSeq(mod_seq) => 5 * mod_seq.get(),
        MessageDataItem::Envelope(envelope) => Seen::envelope(
            octets(&envelope.subject).len(),
            octets(&envelope.message_id).len(),
            envelope.to.len(),
        ),
        MessageDataItem::BodyStructure(body) => parts_sum(body),
        MessageDataItem::BodyExt { data, .. } => {
            let octets = octets(data);
            let end = |octet: Option<&u8>| octet.copied().unwrap_or_default();
            Seen::body(octets.len() as u64, end(octets.first()), end(octets.last()))
        }
        _ => 0,
    }
}

fn parts_sum(body: &BodyStructure<'_>) -> u64 {
    match body {
        BodyStructure::Single { body, .. } => Seen::part(u64::from(body.basic.size)),
        BodyStructure::Multi { bodies, .. } => bodies.as_ref().iter().map(parts_sum).sum(),
    }
}

pub(crate) fn command_sum(command: &Command<'_>) -> u64 {
    let tag = command.tag.as_ref().len() as u64;
    tag + match &command.body {
        CommandBody::Fetch {
            macro_or_item_names: MacroOrMessageDataItemNames::MessageDataItemNames(names),
            ..
        } => 10 * names.len() as u64,
        CommandBody::Store { flags, .. } => 100 * flags.len() as u64,
        CommandBody::Append { message, .. } => match message {
            LiteralOrLiteral8::Literal(message) => message.as_ref().len() as u64,
            LiteralOrLiteral8::Literal8(_) => 0,
        },
        _ => 0,
    }
}
