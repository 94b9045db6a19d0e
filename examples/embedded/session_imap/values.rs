//! Between the store's values and the wire's.

use std::num::NonZeroU32;

use mailwire::imap::{
    Address as WireAddress, BodyStructure, BodyStructureBuilder, DateTime, Envelope as WireEnvelope, Flag,
    Flags as WireFlags, Mailbox as Name, PartFields, ResponseCode, SequenceSet, Status,
};

use crate::embedded::{
    header::Parameters,
    mime::{Address, Envelope, Kind, Octets, Part, Structure},
    store::{Flags, InternalDate, StoreError},
};

const SYSTEM: [(u8, Flag); 5] = [
    (Flags::ANSWERED, Flag::Answered),
    (Flags::FLAGGED, Flag::Flagged),
    (Flags::DELETED, Flag::Deleted),
    (Flags::SEEN, Flag::Seen),
    (Flags::DRAFT, Flag::Draft),
];

/// The flags every mailbox knows.
pub fn system_flags() -> WireFlags {
    SYSTEM.into_iter().map(|(_, flag)| flag).collect()
}

pub fn flags_out(flags: &Flags, recent: bool) -> WireFlags {
    let system = SYSTEM.into_iter().filter(|(bit, _)| flags.has(*bit)).map(|(_, flag)| flag);
    let keywords = flags.keywords().filter_map(|keyword| Flag::new(keyword).ok());
    system.chain(keywords).chain(recent.then_some(Flag::Recent)).collect()
}

/// The flags a client sets, as the store keeps them. Other names with a backslash are ignored, as those that are not permanent may be
/// (RFC 3501, section 7.1).
pub fn flags_in(flags: &WireFlags) -> Flags {
    let mut all = Flags::default();
    for flag in flags.iter() {
        match SYSTEM.iter().find(|(_, system)| *system == flag) {
            Some((bit, _)) => all.set(*bit, true),
            None => {
                if let Ok(keyword) = std::str::from_utf8(flag.as_bytes())
                    && !keyword.starts_with('\\')
                {
                    all.add_keyword(keyword);
                }
            }
        }
    }
    all
}

pub fn date_out(date: InternalDate) -> Option<DateTime> {
    DateTime::from_unix(date.seconds, date.zone).or_else(|_| DateTime::from_unix(0, 0)).ok()
}

pub fn date_in(date: DateTime) -> InternalDate {
    InternalDate { seconds: date.to_unix(), zone: date.zone() }
}

pub fn set_of(numbers: impl IntoIterator<Item = NonZeroU32>) -> SequenceSet {
    numbers.into_iter().collect()
}

/// The name in the store.
///
/// # Errors
/// The status for the client.
pub fn name_of(name: &Name) -> Result<String, Status> {
    match name.name() {
        Ok(name) => Ok(name.into_owned()),
        Err(_) => Err(Status::no("The name is not in modified UTF-7").code(ResponseCode::Cannot)),
    }
}

pub fn refusal(error: &StoreError) -> Status {
    let code = match error {
        StoreError::NoSuchMailbox => ResponseCode::Nonexistent,
        StoreError::AlreadyExists => ResponseCode::AlreadyExists,
        StoreError::Cannot(_) => ResponseCode::Cannot,
        StoreError::Expunged => ResponseCode::ExpungeIssued,
        StoreError::Io(_) => ResponseCode::ServerBug,
    };
    Status::no(error.to_string()).code(code)
}

/// To a command with message numbers some of whose messages another session has removed.
pub fn some_are_gone() -> Status {
    Status::no("Some of the messages are gone").code(ResponseCode::ExpungeIssued)
}

/// As [`refusal`], for a mailbox that messages should go to: the client may create it.
pub fn refusal_of_target(error: &StoreError) -> Status {
    match error {
        StoreError::NoSuchMailbox => Status::no("No such mailbox").code(ResponseCode::TryCreate),
        error => refusal(error),
    }
}

fn addresses(addresses: &[Address]) -> impl Iterator<Item = WireAddress<'_>> {
    let part = |octets: &Option<Octets>| octets.as_deref().map(|octets| octets.to_vec().into());
    addresses.iter().map(move |address| WireAddress {
        name: part(&address.name),
        adl: part(&address.adl),
        mailbox: part(&address.mailbox),
        host: part(&address.host),
    })
}

/// `None` where the message has what cannot be told.
pub fn envelope_out(envelope: &Envelope) -> Option<WireEnvelope> {
    let mut builder = WireEnvelope::builder()
        .from(addresses(&envelope.from))
        .sender(addresses(&envelope.sender))
        .reply_to(addresses(&envelope.reply_to))
        .to(addresses(&envelope.to))
        .cc(addresses(&envelope.cc))
        .bcc(addresses(&envelope.bcc));
    if let Some(date) = &envelope.date {
        builder = builder.date(&**date);
    }
    if let Some(subject) = &envelope.subject {
        builder = builder.subject(&**subject);
    }
    if let Some(in_reply_to) = &envelope.in_reply_to {
        builder = builder.in_reply_to(&**in_reply_to);
    }
    if let Some(message_id) = &envelope.message_id {
        builder = builder.message_id(&**message_id);
    }
    builder.build().ok()
}

fn fields(part: &Part) -> PartFields {
    let parameters = |parameters: &Parameters| {
        parameters.iter().map(|(name, value)| ((&**name).into(), (&**value).into())).collect()
    };
    let text = |octets: &Option<Octets>| octets.as_deref().map(Into::into);
    PartFields {
        media_type: (&*part.media_type).into(),
        subtype: (&*part.subtype).into(),
        parameters: parameters(&part.parameters),
        id: text(&part.id),
        description: text(&part.description),
        encoding: (&*part.encoding).into(),
        size: (part.body.end - part.body.start).min(u64::from(u32::MAX)),
        lines: part.lines.min(u64::from(u32::MAX)),
        md5: text(&part.md5),
        disposition: part.disposition.as_ref().map(|(kind, with)| ((&**kind).into(), parameters(with))),
        language: part.language.iter().map(|tag| (&**tag).into()).collect(),
        location: text(&part.location),
        ..PartFields::default()
    }
}

/// The body structure, for BODYSTRUCTURE or (`extensible` false) for BODY; `None` where the message has what cannot be told.
pub fn structure_out(structure: &Structure, extensible: bool) -> Option<BodyStructure> {
    let mut builder = BodyStructure::builder();
    if !extensible {
        builder.without_extension();
    }
    // The scan bounds how deep parts nest.
    describe(structure, structure.root(), extensible, &mut builder)?;
    builder.build().ok()
}

fn describe(
    structure: &Structure,
    part: &Part,
    extensible: bool,
    builder: &mut BodyStructureBuilder,
) -> Option<()> {
    let mut fields = fields(part);
    if !extensible {
        fields.md5 = None;
        fields.disposition = None;
        fields.language = Vec::new();
        fields.location = None;
        if part.kind == Kind::Multipart {
            fields.parameters = Vec::new();
        }
    }
    match part.kind {
        Kind::Single => {
            builder.part(&fields);
        }
        Kind::Multipart => {
            builder.open_multipart();
            for child in structure.children(part) {
                describe(structure, child, extensible, builder)?;
            }
            builder.close_multipart(&fields);
        }
        Kind::Message => {
            let message = structure.children(part).next()?;
            let envelope = message.envelope.as_deref().cloned().unwrap_or_default();
            builder.open_message(&fields, &envelope_out(&envelope)?);
            describe(structure, message, extensible, builder)?;
            builder.close_message();
        }
    }
    Some(())
}
