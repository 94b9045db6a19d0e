//! What a decoder reads at a glance is what its grammar reads: with limits so narrow that they have to be counted, everything is read by the
//! grammar, and nothing else changes.

#![allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    reason = "a test may fail"
)]

use bytes::BytesMut;
use mailwire::imap::{Quirks, ResponseDecoder, ResponseEvent};
use mailwire::wire::Limits;

const RESPONSES: [&str; 35] = [
    "* 23 EXISTS\r\n",
    "* 0 EXISTS\r\n",
    "* 4294967295 RECENT\r\n",
    "* 7 EXPUNGE\r\n",
    "* 12 FETCH (UID 4294967295 FLAGS (\\Seen $Junk) MODSEQ (624140003))\r\n",
    "* 1 FETCH (RFC822.SIZE 1234567890123456 FLAGS () UID 1)\r\n",
    "* 1 FETCH (MODSEQ (9999999999999999))\r\n",
    "* OK [UIDNEXT 44] next\r\n",
    "* OK [UIDVALIDITY 3857529045] valid\r\n",
    "* OK [UNSEEN 12] first\r\n",
    "* OK [HIGHESTMODSEQ 715194045007] highest\r\n",
    "* OK [PERMANENTFLAGS (\\Answered \\Deleted \\*)] limited\r\n",
    "* OK [PERMANENTFLAGS ()] none\r\n",
    "* NO disk is 98% full, please delete what is not needed\r\n",
    "* BAD what\r\n",
    "* FLAGS (\\Answered \\Flagged \\Draft \\Recent $Forwarded $MDNSent $NotJunk $Phishing $Important)\r\n",
    "* FLAGS ()\r\n",
    "* CAPABILITY IMAP4rev1 IMAP4rev2 LITERAL+ IDLE UIDPLUS STATUS=SIZE\r\n",
    "* LIST () \"/\" INBOX\r\n",
    "* LIST (\\HasNoChildren \\Subscribed) \".\" \"Sent Items\"\r\n",
    "* LIST (\\Noselect) NIL \"Entw&APw-rfe\"\r\n",
    "* LIST (\\HasChildren) \"/\" ~peter/inbox\r\n",
    "* STATUS inbox (MESSAGES 231 UIDNEXT 44292 UIDVALIDITY 7)\r\n",
    "* STATUS \"a b\" (UNSEEN 0 RECENT 0 DELETED 3 SIZE 12345678901)\r\n",
    "* STATUS NIL (HIGHESTMODSEQ 0)\r\n",
    "* 1 FETCH (BODY[] {5}\r\nhello)\r\n",
    "* 1 FETCH (UID 7 BODY[HEADER] {5}\r\nhello FLAGS (\\Seen))\r\n",
    "* 1 FETCH (UID 7 BODY[TEXT]<0> {5}\r\nhello UID 7)\r\n",
    "* 1 FETCH (BODY[]<3> {0}\r\n MODSEQ (7) RFC822.SIZE 4)\r\n",
    "* 1 FETCH (UID 7 BODY[] {5}\r\nhello BODY[TEXT] {3}\r\nyou)\r\n",
    "* 1 FETCH (FLAGS (\\Seen) BODY[] {5}\r\nhello)\r\n",
    "* 1 FETCH (UID 7 BODY[] {5}\r\nhello UID 8)\r\n",
    "\0\0* 1 EXISTS\r\n",
    "a1 OK done\r\n",
    "+ go on\r\n",
];

/// The events of some octets, where they begin and what was forgiven, with what ended it.
fn read(octets: &[u8], part: usize, quirks: Quirks, utf8: bool, counted: bool) -> String {
    let mut limits = Limits::imap_client();
    if counted {
        limits.items = 20;
    }
    let mut decoder = ResponseDecoder::new(quirks, limits);
    decoder.set_utf8(utf8);
    let (mut input, mut told) = (BytesMut::new(), String::new());
    for octets in octets.chunks(part) {
        input.extend_from_slice(octets);
        loop {
            match decoder.decode(&mut input) {
                Ok(None) => break,
                Ok(Some(ResponseEvent::Body(body))) => told += &format!("{body:?}\n"),
                Ok(Some(event)) => {
                    told += &format!("{} {event:?} {:?}\n", decoder.offset(), decoder.forgiven());
                }
                Err(error) => return told + &format!("{error:?}"),
            }
        }
    }
    told + &format!("{} octets are left", input.len())
}

fn check(octets: &[u8], utf8: bool) {
    for quirks in [Quirks::strict(), Quirks::lenient()] {
        for part in [octets.len().max(1), 7, 1] {
            let [glanced, counted] = [false, true].map(|counted| read(octets, part, quirks, utf8, counted));
            assert_eq!(glanced, counted, "{} in parts of {part}", octets.escape_ascii());
        }
    }
}

#[test]
fn what_servers_send_most() {
    for response in RESPONSES {
        check(response.as_bytes(), false);
        check(response.as_bytes(), true);
    }
}

/// Some octets changed, left out, put in, or taken from another response.
#[test]
fn what_few_servers_send() {
    const OCTETS: &[u8] = b" ()[]{}\"\\*%&-+0159:,<>/aAeEUXS$\t\r\n\0\x7f\xc3\xa9";
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as usize % below.max(1)
    };
    for round in 0..8_000 {
        let mut octets = RESPONSES[round % RESPONSES.len()].as_bytes().to_vec();
        for _ in 0..=random(2) {
            let (at, octet) = (random(octets.len() + 1), OCTETS[random(OCTETS.len())]);
            match random(4) {
                0 if at < octets.len() => octets[at] = octet,
                1 if at < octets.len() => drop(octets.remove(at)),
                2 => {
                    octets.truncate(at);
                    octets.extend(RESPONSES[random(RESPONSES.len())].bytes().skip(at));
                }
                _ => octets.insert(at, octet),
            }
        }
        octets.extend_from_slice(RESPONSES[random(RESPONSES.len())].as_bytes());
        check(&octets, random(2) == 0);
    }
}
