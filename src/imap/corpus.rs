//! Fragments from other projects' tests, where they are at hand: `MAILWIRE_SHARED` names the directory that holds `corpus/`.

extern crate std;

use crate::imap::capability::{Capabilities, Capability};
use crate::imap::code::ResponseCode;
use crate::imap::condition::Status;
use crate::imap::datetime::{Date, DateTime};
use crate::imap::encode::Encoder;
use crate::imap::encode::Encoding;
use crate::imap::flag::Flags;
use crate::imap::list::List;
use crate::imap::list_command::ListCommand;
use crate::imap::mailbox::{ListPattern, Mailbox};
use crate::imap::quirk::Quirks;
use crate::imap::sequence::SequenceSet;
use crate::imap::status::{StatusAttribute, StatusData};
use crate::imap::utf7;
use crate::wire::Limits;
use crate::wire::cursor::{Cursor, Parsed};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use bytes::{Bytes, BytesMut};
use serde_json::Value;
use std::path::PathBuf;

/// The cases of one file; none where the directory is not at hand.
pub(super) fn cases(file: &str) -> Vec<Value> {
    let Some(directory) = std::env::var_os("MAILWIRE_SHARED") else { return Vec::new() };
    let path = PathBuf::from(directory).join("corpus").join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

pub(super) fn octets(text: &str) -> Vec<u8> {
    text.chars().map(|character| u8::try_from(u32::from(character)).unwrap()).collect()
}

/// Reads a fragment and writes it again, which must be read the same; gives whether it is good up to what may follow.
pub(super) fn again<T: PartialEq + core::fmt::Debug>(
    text: &[u8],
    quirks: Quirks,
    parse: impl Fn(&mut Cursor<'_>) -> Parsed<T>,
    encode: impl Fn(&T, &mut Encoder<'_>) -> crate::imap::encode::Encoded,
) -> Option<usize> {
    let limits = Limits::imap_client();
    let octets = Bytes::copy_from_slice(text);
    let mut cursor = Cursor::shared(&octets, &limits, quirks.bits());
    let value = parse(&mut cursor).ok()?;
    let left = octets.len().saturating_sub(cursor.position());
    let mut out = BytesMut::new();
    encode(&value, &mut Encoder::new(&mut out, Encoding::server())).ok()?;
    let out = out.freeze();
    let mut cursor = Cursor::shared(&out, &limits, quirks.bits());
    assert_eq!(parse(&mut cursor).ok(), Some(value), "{} as {out:?}", text.escape_ascii());
    Some(left)
}

/// How much is left behind the fragment if it is of the production; `None` where it is not, or the production is none of these.
fn read(production: &str, text: &str, quirks: Quirks) -> Option<Option<usize>> {
    let text = &octets(text);
    let with = |before: &str| [before.as_bytes(), text].concat();
    Some(match production {
        "capability" => again(text, quirks, Capability::parse, Capability::encode),
        "capabilitySuffix" => again(text, quirks, Capabilities::parse, Capabilities::encode),
        "responseTextCode" => {
            let text = [b"[", text.as_slice(), b"]"].concat();
            again(&text, quirks, ResponseCode::parse, ResponseCode::encode)
        }
        "resp_text" | "responseText" => {
            let text = with("OK ");
            again(text.trim_ascii_end(), quirks, Status::parse, Status::encode)
        }
        "taggedResponseState" | "untaggedStatus" => again(text, quirks, Status::parse, Status::encode),
        "mailboxInfo" => again(&with("LIST "), quirks, List::parse, List::encode),
        "mailboxStatus" => {
            let text = format!("a ({})", String::from_utf8_lossy(text));
            again(text.as_bytes(), quirks, StatusData::parse, StatusData::encode)
        }
        "listSuffix" => again(text.get(1..)?, quirks, ListCommand::parse, ListCommand::encode),
        "statusSuffix" => {
            let parse = |cursor: &mut Cursor<'_>| {
                cursor.sp()?;
                let mailbox = Mailbox::parse(cursor)?;
                cursor.sp()?;
                Ok((mailbox, StatusAttribute::parse_all(cursor)?))
            };
            again(text, quirks, parse, |(mailbox, attributes), encoder| {
                encoder.sp();
                mailbox.encode(encoder)?;
                encoder.sp();
                StatusAttribute::encode_all(attributes, encoder)
            })
        }
        "flagList" | "flag_list" => again(text, quirks, Flags::parse, Flags::encode),
        "flag" => again(text, quirks, Flags::parse_store, |flags, encoder| {
            flags.iter().try_for_each(|flag| {
                encoder.raw(flag.as_bytes());
                Ok(())
            })
        }),
        "internalDate" | "date_time" => {
            again(text, quirks, DateTime::parse, |moment, encoder| moment.encode(encoder))
        }
        "date" => again(text, quirks, Date::parse, |date, encoder| date.encode(encoder)),
        "messageIdentifierSet"
        | "messageIdentifierRange"
        | "lastCommandSet"
        | "sequence_set"
        | "seq_range" => again(text, quirks, SequenceSet::parse, SequenceSet::encode),
        "test_uid_set" => again(text, quirks, SequenceSet::parse_numbers, SequenceSet::encode),
        "mailbox" => again(text, quirks, Mailbox::parse, Mailbox::encode),
        _ => return crate::imap::corpus_lines::read(production, text, quirks),
    })
}

#[test]
fn fragments_of_other_projects() {
    let mut wrong = Vec::new();
    for file in ["imap-codec.jsonl", "swift-nio-imap.jsonl", "imap-proto.jsonl"] {
        for case in cases(file) {
            let (Some(production), Some(text)) = (case["production"].as_str(), case["octets"].as_str())
            else {
                continue;
            };
            let expected = case["expected"].as_str().unwrap_or_default();
            let lenient = Quirks::lenient();
            let Some(left) = read(production, text, lenient) else { continue };
            let good = match expected {
                "valid" => left.is_some(),
                // A number may end early where the rest is refused by what stands around it.
                "invalid" => {
                    left.is_none_or(|left| left > 0) || read(production, text, Quirks::strict()) == Some(None)
                }
                _ => true,
            };
            if !good {
                wrong.push(format!("{production} {text:?} is {expected}: {left:?}"));
            }
        }
    }
    wrong.retain(|line| !KNOWN.iter().any(|known| line.starts_with(known)));
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Where this crate has another view, and why.
const KNOWN: &[&str] = &[
    // Refused there because an atom could go on; here a message is whole when it is read.
    "mailbox \"aaa\" is invalid",
    // A modifier that is not known is kept.
    "changedSinceModifier \"TEST\" is invalid",
    // Of a draft; kept as a command that is not known.
    "command \"UIDBATCHES",
    // The octets of the literal are not there.
    "command \"LOGIN {2}",
    "command \"FOOBAR {2}",
    // One octet too much.
    "idResponsePayload \"ID (\\\"name\\\" \\\"Imap\\\" \\\"version\\\" \\\"1.5\\\" \\\"os\\\" \\\"centos\\\" \\\"os-version\\\" \\\"5.5\\\" \\\"support-url\\\" \\\"mailto:admin@xgen.in\\\")+",
    // The grammar does not say of what kind the URL is.
    "responsePayload \"JMAPACCESS",
    // RFC 9208 allows a mailbox without a quota root.
    "responsePayload \"QUOTAROOT INBOX\" is invalid",
    // RFC 7162 has one entry, and numbers alone in known sets.
    "searchModificationSequence \"MODSEQ \\\"/flags/\\\\\\\\Answered\\\" priv \\\"/flags",
    "selectParameter \"QRESYNC (1 1 1:2 (1:* 1:*))\" is valid",
];

#[test]
fn tables_of_dovecot() {
    for case in cases("dovecot.jsonl") {
        let (Some(note), Some(text)) = (case["note"].as_str(), case["octets"].as_str()) else { continue };
        let rows = || serde_json::from_str::<Vec<Value>>(text).unwrap();
        let hex = |value: &Value| {
            let digits: Vec<u8> = value.as_str()?.bytes().collect();
            let octet = |pair: &[u8]| u8::from_str_radix(core::str::from_utf8(pair).unwrap(), 16).unwrap();
            Some(digits.chunks(2).map(octet).collect::<Vec<u8>>())
        };
        if note.starts_with("modified UTF-7") {
            for row in rows() {
                let (name, coded) = (hex(&row["utf8_hex"]), hex(&row["mutf7_hex"]));
                let name = name.map(String::from_utf8);
                match (name, coded) {
                    (Some(Ok(name)), Some(coded)) => {
                        assert_eq!(utf7::encode(&name).unwrap().as_bytes(), coded);
                        assert_eq!(utf7::decode(&coded).unwrap(), name);
                    }
                    (_, Some(coded)) => assert!(utf7::decode(&coded).is_err()),
                    (name, None) => assert!(name.is_some_and(|name| name.is_err())),
                }
            }
        } else if note.starts_with("LIST wildcard") {
            for row in rows() {
                let [set, pattern, name, result] =
                    ["set", "pattern", "input", "result"].map(|key| row[key].as_str().unwrap());
                // `INBOX` is always without case here, and characters are compared as they are, not as they combine.
                if set == "test" && (name == "INBOX" || name == "ha\u{cc}\u{85}") {
                    continue;
                }
                let pattern = ListPattern::from_wire(octets(pattern), true).unwrap();
                let mailbox = Mailbox::from_wire(octets(name), true).unwrap();
                let matches = pattern.matches(&mailbox, Some('/'));
                assert_eq!(matches, result == "IMAP_MATCH_YES", "{pattern} {name:?}");
            }
        }
    }
}
