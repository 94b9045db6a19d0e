//! imap-proto: a parser for clients.

use std::rc::Rc;

use imap_proto::{AttributeValue, BodyStructure, MailboxDatum, Response, ResponseCode, StatusAttribute};

use super::failed;
use crate::harness::Side;
use crate::input::{Input, Seen};

/// Decodes responses, from all octets at once.
pub(crate) fn responses(input: &Rc<Input>) -> Vec<Side> {
    let (borrowed, owned) = (input.clone(), input.clone());
    vec![
        Side::peer("imap-proto borrowed", move || {
            let mut seen = Seen::default();
            let mut left = &borrowed.octets[..];
            while !left.is_empty() {
                let (rest, response) = Response::parse(left).map_err(|error| failed(left, error))?;
                seen.message(response_sum(&response));
                left = rest;
            }
            Ok(seen)
        }),
        Side::peer("imap-proto owned", move || {
            let mut seen = Seen::default();
            let mut left = &owned.octets[..];
            while !left.is_empty() {
                let (rest, response) = Response::parse(left).map_err(|error| failed(left, error))?;
                seen.message(response_sum(&response.into_owned()));
                left = rest;
            }
            Ok(seen)
        }),
    ]
}

fn response_sum(response: &Response<'_>) -> u64 {
    match response {
        Response::Fetch(seq, items) => u64::from(*seq) + items.iter().map(item_sum).sum::<u64>(),
        Response::Expunge(number) => u64::from(*number),
        Response::Vanished { uids, .. } => {
            let (first, last) =
                (uids.first().map_or(0, |uids| *uids.start()), uids.last().map_or(0, |uids| *uids.end()));
            uids.len() as u64 + u64::from(first) + u64::from(last)
        }
        Response::Capabilities(capabilities) => capabilities.len() as u64,
        Response::Data { outcome, .. } | Response::Done { outcome, .. } => {
            let code = match &outcome.code {
                Some(
                    ResponseCode::UidNext(number)
                    | ResponseCode::UidValidity(number)
                    | ResponseCode::Unseen(number),
                ) => u64::from(*number),
                _ => 0,
            };
            code + outcome.information.as_ref().map_or(0, |text| text.len() as u64)
        }
        Response::MailboxData(data) => match data {
            MailboxDatum::Exists(number) | MailboxDatum::Recent(number) => u64::from(*number),
            MailboxDatum::Flags(flags) => flags.len() as u64,
            MailboxDatum::List(list) => list.name_attributes.len() as u64 + 100 * list.name.len() as u64,
            MailboxDatum::Search(numbers) => {
                let end = |number: Option<&u32>| u64::from(number.copied().unwrap_or_default());
                numbers.len() as u64 + end(numbers.first()) + end(numbers.last())
            }
            MailboxDatum::Status { status, .. } => status
                .iter()
                .map(|item| match item {
                    StatusAttribute::Messages(number)
                    | StatusAttribute::UidNext(number)
                    | StatusAttribute::Unseen(number) => u64::from(*number),
                    _ => 0,
                })
                .sum(),
            _ => 0,
        },
        _ => 0,
    }
}

fn item_sum(item: &AttributeValue<'_>) -> u64 {
    match item {
        AttributeValue::Uid(uid) => 3 * u64::from(*uid),
        AttributeValue::Flags(flags) => 7 * flags.len() as u64,
        AttributeValue::ModSeq(mod_seq) => 5 * mod_seq,
        AttributeValue::Envelope(envelope) => Seen::envelope(
            envelope.subject.as_ref().map_or(0, |text| text.len()),
            envelope.message_id.as_ref().map_or(0, |text| text.len()),
            envelope.to.as_ref().map_or(0, Vec::len),
        ),
        AttributeValue::BodyStructure(body) => parts_sum(body),
        AttributeValue::BodySection { data: Some(data), .. } => {
            let end = |octet: Option<&u8>| octet.copied().unwrap_or_default();
            Seen::body(data.len() as u64, end(data.first()), end(data.last()))
        }
        _ => 0,
    }
}

fn parts_sum(body: &BodyStructure<'_>) -> u64 {
    match body {
        BodyStructure::Basic { other, .. }
        | BodyStructure::Text { other, .. }
        | BodyStructure::Message { other, .. } => Seen::part(u64::from(other.octets)),
        BodyStructure::Multipart { bodies, .. } => bodies.iter().map(parts_sum).sum(),
    }
}
