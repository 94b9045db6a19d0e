//! What this crate writes, imap-codec and imap-proto read with the same meaning, and what imap-codec writes, this crate reads.
//!
//! A value goes around: ours writes it, theirs reads it and writes it, ours reads it and has the same value. So no field is
//! lost on the way, whatever it is called on either side. And the other way around, from their values.
//!
//! What they do not speak, or read wrongly, is left out by name, with the reason.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail")]

use arbitrary::{Arbitrary, Unstructured};
use bytes::BytesMut;
use imap_codec::decode::Decoder as _;
use imap_codec::encode::{Encoder as _, Fragment};
use imap_codec::{CommandCodec, ResponseCodec};
use mailwire::imap::{
    Address, Body, BodyPart, BodyStructure, Command, CommandDecoder, CommandEvent, Condition, Data, DateTime,
    Encoding, Envelope, Fetch, FetchAttribute, FetchAttributes, FetchEncoder, Keyword, ListCommand, ListKind,
    Literals, PartKind, Response, ResponseCode, ResponseDecoder, ResponseEvent, Search, SearchKey,
    SearchKeys, SearchProgram, SelectParameter, SequenceSet, Status, StatusAttribute, Store, StoreChange,
    Tag,
};
use mailwire::wire::InvalidValue;
use std::num::NonZeroU32;

/// How many values of each kind are tried.
fn cases() -> u64 {
    std::env::var("MAILWIRE_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(1_000)
}

fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..length).map(|_| next()).collect()
}

fn value<T: for<'a> Arbitrary<'a>>(seed: u64) -> T {
    T::arbitrary(&mut Unstructured::new(&noise(seed, 2_000))).unwrap()
}

fn read_responses(octets: &[u8]) -> Result<Vec<ResponseEvent>, String> {
    let mut decoder = ResponseDecoder::strict();
    let mut input = BytesMut::from(octets);
    let mut events = Vec::new();
    loop {
        match decoder.decode(&mut input) {
            Ok(None) if input.is_empty() && !events.is_empty() => return Ok(events),
            Ok(Some(ResponseEvent::Unparsed { error, .. })) => return Err(error.to_string()),
            Ok(Some(event)) => events.push(event),
            other => return Err(format!("{other:?}, left {input:?}")),
        }
    }
}

fn read_response(octets: &[u8]) -> Result<ResponseEvent, String> {
    let mut events = read_responses(octets)?;
    match (events.pop(), events.is_empty()) {
        (Some(event), true) => Ok(event),
        (event, _) => Err(format!("{events:?} and {event:?}")),
    }
}

/// What was read, written by this crate.
fn write_responses(events: &[ResponseEvent]) -> BytesMut {
    let (mut out, mut pieces) = (BytesMut::new(), FetchEncoder::default());
    for event in events {
        let encoding = Encoding::server();
        match event {
            ResponseEvent::Response(ours) => ours.write(&mut out, encoding).unwrap(),
            ResponseEvent::Fetch(ours) => pieces.fetch(ours, &mut out, encoding).unwrap(),
            ResponseEvent::Body(Body::Begin(start)) => pieces.body(start, &mut out, encoding).unwrap(),
            ResponseEvent::Body(Body::Chunk(octets)) => out.extend_from_slice(octets),
            _ => {}
        }
    }
    out
}

fn read_command(octets: &[u8]) -> Result<CommandEvent, String> {
    let mut decoder = CommandDecoder::default();
    let mut input = BytesMut::from(octets);
    loop {
        match decoder.decode(&mut input) {
            Ok(Some(CommandEvent::Wanted)) => {}
            Ok(Some(event)) if input.is_empty() => return Ok(event),
            other => return Err(format!("{other:?}, left {:?}", input)),
        }
    }
}

fn dump(encoded: imap_codec::encode::Encoded) -> Vec<u8> {
    let mut octets = Vec::new();
    for fragment in encoded {
        match fragment {
            Fragment::Line { data } | Fragment::Literal { data, .. } => octets.extend_from_slice(&data),
        }
    }
    octets
}

/// Ours to theirs and back: the octets they wrote, or what they said.
fn response_by_codec(octets: &[u8]) -> Result<Vec<u8>, String> {
    match ResponseCodec::new().decode(octets) {
        Ok(([], response)) => Ok(dump(ResponseCodec::new().encode(&response))),
        Ok((rest, _)) => Err(format!("left {}", rest.escape_ascii())),
        Err(error) => Err(format!("{error:?}")),
    }
}

fn command_by_codec(octets: &[u8]) -> Result<Vec<u8>, String> {
    match CommandCodec::new().decode(octets) {
        Ok(([], command)) => Ok(dump(CommandCodec::new().encode(&command))),
        Ok((rest, _)) => Err(format!("left {}", rest.escape_ascii())),
        Err(error) => Err(format!("{error:?}")),
    }
}

/// What imap-codec speaks of a command; `None`: it does not.
///
/// Left out where it is wrong:
/// - Sequence sets come back merged and in order, so they are written that way.
/// - `UID EXPUNGE $`, `COPY $` and the like (RFC 5182) are refused.
/// - A mod-sequence may have 64 bits there, and in RFC 7162 only 63.
fn spoken(command: Command, seed: u64) -> Option<Command> {
    let plain = |set: &SequenceSet| (!set.is_saved()).then(|| set.canonical());
    Some(match command {
        Command::Create { mailbox, .. } => Command::Create { mailbox, parameters: Vec::new() },
        Command::Rename { from, to, .. } => Command::Rename { from, to, parameters: Vec::new() },
        Command::Select { mailbox, read_only, parameters } => {
            let parameters = parameters.into_iter().filter(|it| matches!(it, SelectParameter::CondStore));
            Command::Select { mailbox, read_only, parameters: parameters.take(1).collect() }
        }
        Command::Status { mailbox, mut attributes } => {
            use StatusAttribute::{Messages, Recent, UidNext, UidValidity, Unseen};
            attributes.retain(|it| matches!(it, Messages | Recent | UidNext | UidValidity | Unseen));
            attributes.push(Messages);
            Command::Status { mailbox, attributes }
        }
        Command::List(list) => {
            let pattern = list.patterns.into_iter().next()?;
            Command::List(ListCommand::new(pattern).reference(list.reference))
        }
        Command::Compress(_) => Command::Compress(Keyword::new("DEFLATE").unwrap()),
        Command::Expunge(Some(set)) => Command::Expunge(Some(plain(&set)?)),
        Command::Copy { set, uid, mailbox } => Command::Copy { set: plain(&set)?, uid, mailbox },
        Command::Move { set, uid, mailbox } => Command::Move { set: plain(&set)?, uid, mailbox },
        Command::Store(store) => {
            let StoreChange::Flags { .. } = &store.change else { return None };
            Command::Store(Store { set: plain(&store.set)?, modifiers: Vec::new(), ..store })
        }
        Command::Fetch { set, uid, attributes, .. } => {
            let mut list = match attributes {
                FetchAttributes::List(list) => list,
                _ => return None,
            };
            // A partial of more than 32 bits (RFC 9051) is refused, and one of no octets is written by nobody.
            let known = |it: &FetchAttribute| match it {
                FetchAttribute::Uid
                | FetchAttribute::Flags
                | FetchAttribute::InternalDate
                | FetchAttribute::Rfc822Size
                | FetchAttribute::Envelope
                | FetchAttribute::Body
                | FetchAttribute::BodyStructure
                | FetchAttribute::Rfc822
                | FetchAttribute::Rfc822Header
                | FetchAttribute::Rfc822Text
                | FetchAttribute::ModSeq => true,
                FetchAttribute::BodySection { partial, .. } => partial.is_none(),
                _ => false,
            };
            list.retain(known);
            list.push(FetchAttribute::Flags);
            let attributes = FetchAttributes::List(list);
            Command::Fetch { set: plain(&set)?, uid, attributes, modifiers: Vec::new() }
        }
        Command::Search(_) => Command::Search(Box::new(search(seed))),
        Command::SetQuota(mut set) => {
            set.limits.truncate(1);
            Command::SetQuota(set)
        }
        Command::Capability
        | Command::Noop
        | Command::Logout
        | Command::Login { .. }
        | Command::Authenticate { .. }
        | Command::Delete(_)
        | Command::Subscribe(_)
        | Command::Unsubscribe(_)
        | Command::Lsub { .. }
        | Command::Idle
        | Command::Check
        | Command::Close
        | Command::Unselect
        | Command::Expunge(None)
        | Command::Namespace
        | Command::GetQuota(_)
        | Command::GetQuotaRoot(_) => command,
        _ => return None,
    })
}

/// A search of RFC 3501. (The same key inside of OR and NOT goes through the same code there.)
fn search(seed: u64) -> Search {
    let keys: Vec<SearchKey> = (0..40)
        .map(|more| value::<SearchKey>(seed.wrapping_mul(64).wrapping_add(more)))
        .filter_map(|key| match key {
            SearchKey::Sequence(set) if !set.is_saved() => Some(SearchKey::Sequence(set.canonical())),
            SearchKey::Uid(set) if !set.is_saved() => Some(SearchKey::Uid(set.canonical())),
            SearchKey::Larger(size) => Some(SearchKey::Larger(size & 0xffff_ffff)),
            SearchKey::Smaller(size) => Some(SearchKey::Smaller(size & 0xffff_ffff)),
            SearchKey::All
            | SearchKey::Answered
            | SearchKey::Deleted
            | SearchKey::Draft
            | SearchKey::Flagged
            | SearchKey::New
            | SearchKey::Old
            | SearchKey::Recent
            | SearchKey::Seen
            | SearchKey::Unanswered
            | SearchKey::Undeleted
            | SearchKey::Undraft
            | SearchKey::Unflagged
            | SearchKey::Unseen
            | SearchKey::Keyword(_)
            | SearchKey::Unkeyword(_)
            | SearchKey::Bcc(_)
            | SearchKey::Body(_)
            | SearchKey::Cc(_)
            | SearchKey::From(_)
            | SearchKey::Subject(_)
            | SearchKey::Text(_)
            | SearchKey::To(_)
            | SearchKey::Header(_)
            | SearchKey::Before(_)
            | SearchKey::On(_)
            | SearchKey::Since(_)
            | SearchKey::SentBefore(_)
            | SearchKey::SentOn(_)
            | SearchKey::SentSince(_) => Some(key),
            _ => None,
        })
        .take(4)
        .collect();
    Search {
        uid: seed.is_multiple_of(2),
        returns: None,
        program: SearchProgram::from(SearchKeys::from_iter(keys)),
    }
}

/// What imap-codec speaks of a response; `None`: it does not.
///
/// Left out where it is wrong:
/// - `* STATUS` of a figure that it does not know is refused whole.
/// - VANISHED has its UIDs merged and in order, and the UID 4294967295 is written as `*`.
/// - An untagged PREAUTH is known as a greeting alone.
fn spoken_response(response: Response) -> Option<Response> {
    Some(match response {
        Response::Tagged { tag, status } => Response::Tagged { tag, status: spoken_status(status)? },
        Response::Status(status) => Response::Status(spoken_status(status)?),
        Response::Data(data) => Response::Data(match data {
            Data::Capability(capabilities) if capabilities.is_empty() => return None,
            Data::List(mut list) => {
                if list.kind == ListKind::Xlist {
                    list.kind = ListKind::List;
                }
                list.extended.clear();
                // An 8-bit octet in quotes is refused, UTF-8 or not.
                list.delimiter = list.delimiter.filter(|delimiter| char::from(*delimiter).is_ascii());
                Data::List(list)
            }
            Data::Status(mut status) => {
                status.deleted = None;
                status.size = None;
                status.highest_mod_seq = None;
                status.append_limit = None;
                status.mailbox_id = None;
                status.deleted_storage = None;
                status.others.clear();
                Data::Status(status)
            }
            Data::Vanished(mut vanished) => {
                if vanished.uids.contains(NonZeroU32::MAX) {
                    return None;
                }
                vanished.uids = vanished.uids.canonical();
                Data::Vanished(vanished)
            }
            Data::Quota(quota) if quota.resources.is_empty() => return None,
            Data::Capability(_)
            | Data::Flags(_)
            | Data::Exists(_)
            | Data::Recent(_)
            | Data::Expunge(_)
            | Data::Search(_)
            | Data::Sort(_)
            | Data::Enabled(_)
            | Data::Quota(_)
            | Data::QuotaRoots(_) => data,
            _ => return None,
        }),
        _ => return None,
    })
}

/// Texts are ASCII there, and not empty.
fn spoken_status(status: Status) -> Option<Status> {
    let mut octets = status.text.as_bytes().to_vec();
    octets.retain(u8::is_ascii);
    octets.insert(0, b'x');
    let code = match status.code {
        Some(
            code @ (ResponseCode::UidNext(_)
            | ResponseCode::UidValidity(_)
            | ResponseCode::Unseen(_)
            | ResponseCode::HighestModSeq(_)
            | ResponseCode::Alert
            | ResponseCode::Parse
            | ResponseCode::ReadOnly
            | ResponseCode::ReadWrite
            | ResponseCode::TryCreate
            | ResponseCode::OverQuota
            | ResponseCode::TooBig
            | ResponseCode::Closed
            | ResponseCode::NoModSeq
            | ResponseCode::PermanentFlags(_)
            | ResponseCode::Capability(_)),
        ) => Some(code),
        _ => None,
    };
    if status.condition == Condition::PreAuth {
        return None;
    }
    Some(Status { code, text: octets.into(), ..status })
}

/// What both speak of a FETCH: a size of 32 bits, no items of newer extensions.
fn spoken_fetch(fetch: Fetch) -> Fetch {
    Fetch {
        seq: Some(fetch.seq.unwrap_or(NonZeroU32::MIN)),
        uid: Some(fetch.uid.unwrap_or(NonZeroU32::MAX)),
        size: fetch.size.map(|size| size & 0xffff_ffff),
        items: Vec::new(),
        ..fetch
    }
}

/// Counts, and fails with the first few that differ.
#[derive(Default)]
struct Outcomes {
    same: u64,
    wrong: Vec<String>,
}

impl Outcomes {
    fn add(&mut self, same: bool, what: impl FnOnce() -> String) {
        if same {
            self.same += 1;
        } else if self.wrong.len() < 200 {
            self.wrong.push(what());
        }
    }

    fn check(self, name: &str, at_least: u64) {
        let wrong = self.wrong.len();
        assert!(self.wrong.is_empty(), "{name}: {} same, {wrong} not:\n{}", self.same, self.wrong.join("\n"));
        assert!(self.same >= at_least, "{name}: only {} were tried", self.same);
        println!("{name}: {} the same", self.same);
    }
}

#[test]
fn commands_by_way_of_imap_codec() {
    let mut outcomes = Outcomes::default();
    for seed in 0..cases() * 4 {
        let (tag, command): (Tag, Command) = value(seed);
        let Some(command) = spoken(command, seed) else { continue };
        let mut encoding = Encoding::default();
        encoding.literals = Literals::Plus;
        let mut out = BytesMut::new();
        command.write(&tag, &mut out, encoding).unwrap();
        let back = command_by_codec(&out).and_then(|octets| read_command(&octets));
        let same = back.as_ref() == Ok(&CommandEvent::Command { tag, command });
        outcomes.add(same, || format!("{} gives {back:?}", out.escape_ascii()));
    }
    outcomes.check("commands", cases());
}

#[test]
fn responses_by_way_of_imap_codec() {
    let mut outcomes = Outcomes::default();
    for seed in 0..cases() * 4 {
        let Some(response) = spoken_response(value(seed)) else { continue };
        let mut out = BytesMut::new();
        response.write(&mut out, Encoding::server()).unwrap();
        let back = response_by_codec(&out).and_then(|octets| read_response(&octets));
        let same = back.as_ref() == Ok(&ResponseEvent::Response(response));
        outcomes.add(same, || format!("{} gives {back:?}", out.escape_ascii()));
    }
    outcomes.check("responses", cases());
}

/// Where imap-codec is wrong about a FETCH that is right, and why.
fn wrong_in_codec(octets: &[u8]) -> Option<&'static str> {
    let holds = |what: &[u8]| octets.windows(what.len()).any(|octets| octets.eq_ignore_ascii_case(what));
    let holds_exactly = |what: &[u8]| octets.windows(what.len()).any(|octets| octets == what);
    Some(match () {
        () if holds(b":60 ") => "the second 60 of an INTERNALDATE is refused, and RFC 3501 has it (2DIGIT)",
        () if holds(b"(((((((") => "a BODYSTRUCTURE of more than eight levels is refused",
        () if holds(b"\"message\" \"global\"") => "message/global (RFC 6532) is read without its envelope",
        () if holds_exactly(b"\"text\"") || holds_exactly(b"\"message\"") => {
            "the case of the media type is lost"
        }
        () => return None,
    })
}

#[test]
fn fetches_by_way_of_imap_codec() {
    let mut outcomes = Outcomes::default();
    for seed in 0..cases() {
        let whole = spoken_fetch(value(seed));
        // One field at a time, so that one which is refused hides no other.
        let none = || Fetch { seq: whole.seq, uid: whole.uid, last: true, ..Fetch::default() };
        let fields = [
            Fetch { flags: whole.flags.clone(), size: whole.size, mod_seq: whole.mod_seq, ..none() },
            Fetch { internal_date: whole.internal_date, ..none() },
            Fetch { envelope: whole.envelope.clone(), ..none() },
            Fetch { body_structure: whole.body_structure.clone(), ..none() },
        ];
        for fetch in fields {
            let mut out = BytesMut::new();
            fetch.write(&mut out, Encoding::server()).unwrap();
            if wrong_in_codec(&out).is_some() {
                continue;
            }
            let back = response_by_codec(&out).and_then(|octets| read_response(&octets));
            let same = back.as_ref() == Ok(&ResponseEvent::Fetch(fetch));
            outcomes.add(same, || format!("{} gives {back:?}", out.escape_ascii()));
        }
    }
    outcomes.check("fetches", cases() * 3);
}

/// What imap-codec writes, by chance, and why it cannot be read strictly.
fn wrong_from_codec(octets: &[u8]) -> Option<&'static str> {
    let text = octets.to_ascii_uppercase();
    let holds = |what: &[u8]| text.windows(what.len()).any(|octets| octets == what);
    let number = |word: &[u8]| std::str::from_utf8(word).ok().and_then(|word| word.parse::<u64>().ok());
    let long =
        text.split(|octet| !octet.is_ascii_digit()).filter_map(number).any(|number| number > u64::MAX >> 1);
    Some(match () {
        () if long => "a mod-sequence or size of 64 bits, where RFC 7162 and RFC 9051 have 63",
        () if holds(b" STATUS ") && holds(b" ()\r\n") && !text.starts_with(b"* ") => {
            "STATUS that asks for nothing"
        }
        () if octets.contains(&b'&') => "a mailbox that is not modified UTF-7",
        () if std::str::from_utf8(octets).is_err() && (holds(b" LIST ") || holds(b" LSUB ")) => {
            "a pattern that is not modified UTF-7"
        }
        () if text.starts_with(b"* ") && holds(b"+}\r\n") => "a server's literal with the `+` of a client's",
        () if holds(b"QRESYNC") && holds(b" (*") => "QRESYNC with `*`, where RFC 7162 has known-uids",
        () if text.starts_with(b"* SORT (MODSEQ") || text.starts_with(b"* SEARCH (MODSEQ") => {
            "a mod-sequence without numbers, where RFC 7162 has some"
        }
        () if holds(b"METADATA") => "entries that do not begin with \"/\" (RFC 5464 section 4.1)",
        () if holds(b"* VANISHED") && (holds(b"*\r\n") || holds(b"*,") || holds(b":*")) => {
            "VANISHED with `*`, where RFC 7162 has known-uids"
        }
        () => return None,
    })
}

#[test]
fn commands_of_imap_codec() {
    use imap_codec::imap_types::command::{Command as Theirs, CommandBody};
    let mut outcomes = Outcomes::default();
    for seed in 0..cases() * 4 {
        let noise = noise(seed, 2_000);
        let Ok(theirs) = Theirs::arbitrary(&mut Unstructured::new(&noise)) else { continue };
        if matches!(theirs.body, CommandBody::Append { .. }) {
            continue;
        }
        let octets = dump(CommandCodec::new().encode(&theirs));
        if wrong_from_codec(&octets).is_some() {
            continue;
        }
        let read = read_command(&octets);
        let mut out = BytesMut::new();
        if let Ok(CommandEvent::Command { tag, command }) = &read {
            let mut encoding = Encoding::default();
            encoding.literals = Literals::Plus;
            command.write(tag, &mut out, encoding).unwrap();
        }
        // Written by us and read by them, it is the same as what they write of it: the form of a string may be another.
        let same = command_by_codec(&out).and_then(|octets| read_command(&octets)) == read
            && read.is_ok()
            && !out.is_empty();
        outcomes.add(same, || format!("{} gives {read:?}", octets.escape_ascii()));
    }
    outcomes.check("commands of imap-codec", cases() / 2);
}

#[test]
fn responses_of_imap_codec() {
    let mut outcomes = Outcomes::default();
    for seed in 0..cases() * 4 {
        let noise = noise(seed, 2_000);
        let Ok(theirs) =
            imap_codec::imap_types::response::Response::arbitrary(&mut Unstructured::new(&noise))
        else {
            continue;
        };
        let octets = dump(ResponseCodec::new().encode(&theirs));
        if wrong_from_codec(&octets).is_some() {
            continue;
        }
        let read = read_responses(&octets);
        let again = read.clone().and_then(|events| response_by_codec(&write_responses(&events)));
        let same = read.is_ok() && again.and_then(|octets| read_responses(&octets)) == read;
        outcomes.add(same, || format!("{} gives {read:?}", octets.escape_ascii()));
    }
    outcomes.check("responses of imap-codec", cases());
}

/// Where imap-proto is wrong about a FETCH that is right, and why.
fn wrong_in_proto(octets: &[u8]) -> Option<&'static str> {
    Some(match () {
        () if octets.windows(7).any(|octets| octets == b" BODY (") => "only BODYSTRUCTURE is known, not BODY",
        () if octets.contains(&b'\\') => "escapes of a quoted string are kept",
        () if std::str::from_utf8(octets).is_err() => {
            "strings that are not UTF-8 are refused in a BODYSTRUCTURE"
        }
        () => return None,
    })
}

type Shown = Option<Vec<u8>>;

/// The fields of an envelope, ours and theirs in the same order.
fn our_envelope(envelope: &Envelope) -> (Vec<Shown>, Vec<Vec<[Shown; 4]>>) {
    let text = |text: Option<std::borrow::Cow<'_, [u8]>>| text.map(|text| text.into_owned());
    let texts = [envelope.date(), envelope.subject(), envelope.in_reply_to(), envelope.message_id()];
    let lists = [
        envelope.from(),
        envelope.sender(),
        envelope.reply_to(),
        envelope.to(),
        envelope.cc(),
        envelope.bcc(),
    ];
    let address = |address: Address<'_>| {
        [address.name, address.adl, address.mailbox, address.host]
            .map(|field| field.map(|text| text.into_owned()))
    };
    (texts.map(text).to_vec(), lists.map(|list| list.map(address).collect()).to_vec())
}

fn their_envelope(envelope: &imap_proto::Envelope<'_>) -> (Vec<Shown>, Vec<Vec<[Shown; 4]>>) {
    let text = |text: &Option<std::borrow::Cow<'_, [u8]>>| text.as_ref().map(|text| text.to_vec());
    let texts = [&envelope.date, &envelope.subject, &envelope.in_reply_to, &envelope.message_id];
    let lists =
        [&envelope.from, &envelope.sender, &envelope.reply_to, &envelope.to, &envelope.cc, &envelope.bcc];
    let address = |address: &imap_proto::Address<'_>| {
        [&address.name, &address.adl, &address.mailbox, &address.host].map(text)
    };
    let list = |list: &Option<Vec<imap_proto::Address<'_>>>| list.iter().flatten().map(address).collect();
    (texts.map(text).to_vec(), lists.map(list).to_vec())
}

/// Media type, subtype, size and lines of each part, in order.
fn our_parts(structure: &BodyStructure) -> Vec<(String, String, Option<u64>, Option<u64>)> {
    let upper = |text: &[u8]| String::from_utf8_lossy(text).to_ascii_uppercase();
    let part = |part: BodyPart<'_>| {
        let single = part.kind() != PartKind::Multipart;
        (upper(&part.media_type()), upper(&part.subtype()), single.then(|| part.size()), part.lines())
    };
    structure.walk().map(part).collect()
}

fn their_parts(
    structure: &imap_proto::BodyStructure<'_>,
    parts: &mut Vec<(String, String, Option<u64>, Option<u64>)>,
) {
    use imap_proto::BodyStructure::{Basic, Message, Multipart, Text};
    let (Basic { common, .. } | Text { common, .. } | Message { common, .. } | Multipart { common, .. }) =
        structure;
    let (kind, subtype) = (common.ty.ty.to_ascii_uppercase(), common.ty.subtype.to_ascii_uppercase());
    match structure {
        Basic { other, .. } => parts.push((kind, subtype, Some(other.octets.into()), None)),
        Text { other, lines, .. } => {
            parts.push((kind, subtype, Some(other.octets.into()), Some((*lines).into())));
        }
        Message { other, lines, body, .. } => {
            parts.push((kind, subtype, Some(other.octets.into()), Some((*lines).into())));
            their_parts(body, parts);
        }
        Multipart { bodies, .. } => {
            parts.push((kind, subtype, None, None));
            bodies.iter().for_each(|body| their_parts(body, parts));
        }
    }
}

#[test]
fn fetches_by_imap_proto() {
    use imap_proto::AttributeValue;
    let mut outcomes = Outcomes::default();
    for seed in 0..cases() * 4 {
        let mut fetch = spoken_fetch(value(seed));
        if seed.is_multiple_of(2) {
            fetch.body_structure = None;
        } else {
            fetch.envelope = None;
        }
        let mut out = BytesMut::new();
        fetch.write(&mut out, Encoding::server()).unwrap();
        if wrong_in_proto(&out).is_some() || wrong_in_codec(&out).is_some() {
            continue;
        }
        let parsed = imap_proto::Response::parse(&out);
        let Ok(([], imap_proto::Response::Fetch(seq, items))) = &parsed else {
            outcomes.add(false, || format!("{} gives {parsed:?}", out.escape_ascii()));
            continue;
        };
        let mut same = Some(*seq) == fetch.seq.map(NonZeroU32::get);
        for item in items {
            same &= match item {
                AttributeValue::Uid(uid) => Some(*uid) == fetch.uid.map(NonZeroU32::get),
                AttributeValue::Rfc822Size(size) => Some(u64::from(*size)) == fetch.size,
                AttributeValue::ModSeq(number) => Some(*number) == fetch.mod_seq.map(|number| number.value()),
                AttributeValue::InternalDate(date) => {
                    Some(date.parse()) == fetch.internal_date.map(Ok::<DateTime, InvalidValue>)
                }
                AttributeValue::Flags(flags) => fetch.flags.as_ref().is_some_and(|ours| {
                    flags.iter().map(|flag| flag.as_bytes().to_vec()).collect::<Vec<_>>()
                        == ours.iter().map(|flag| flag.as_bytes().to_vec()).collect::<Vec<_>>()
                }),
                AttributeValue::Envelope(theirs) => {
                    fetch.envelope.as_ref().is_some_and(|ours| our_envelope(ours) == their_envelope(theirs))
                }
                AttributeValue::BodyStructure(theirs) => {
                    let mut parts = Vec::new();
                    their_parts(theirs, &mut parts);
                    fetch.body_structure.as_ref().is_some_and(|ours| our_parts(ours) == parts)
                }
                _ => false,
            };
        }
        let told = [
            fetch.uid.is_some(),
            fetch.size.is_some(),
            fetch.mod_seq.is_some(),
            fetch.internal_date.is_some(),
            fetch.flags.is_some(),
            fetch.envelope.is_some(),
            fetch.body_structure.is_some(),
        ];
        same &= told.iter().filter(|told| **told).count() == items.len();
        outcomes.add(same, || format!("{} gives {items:?}", out.escape_ascii()));
    }
    outcomes.check("fetches to imap-proto", cases() / 2);
}
