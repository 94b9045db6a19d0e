//! IMAP: what a server says, and the commands a client sends.

use super::{Input, Random, Seen, text};

/// FETCH of UID, FLAGS and MODSEQ: what a resynchronization is made of. 68 octets on average.
pub(crate) fn fetch_flags(count: usize) -> Input {
    const FLAGS: &[&[&str]] = &[
        &[],
        &["\\Seen"],
        &["\\Seen"],
        &["\\Seen"],
        &["\\Seen"],
        &["\\Seen", "\\Answered"],
        &["\\Seen", "\\Answered"],
        &["\\Seen", "\\Flagged"],
        &["\\Seen", "$Forwarded"],
        &["\\Answered", "\\Deleted", "\\Seen"],
        &["\\Seen", "$Junk"],
        &["\\Seen", "\\Answered", "$Forwarded"],
        &["\\Flagged"],
    ];
    let mut random = Random::new(1);
    let mut input = Input::new(count * 72);
    let mut uid = 1_000_000;
    for at in 0..count {
        let seq = 10_001 + at as u64;
        uid += random.within(1, 9) as u64;
        let mod_seq = random.within(120_000_000, 999_999_999) as u64;
        let flags = random.pick(FLAGS);
        input.put(format_args!(
            "* {seq} FETCH (UID {uid} FLAGS ({}) MODSEQ ({mod_seq}))\r\n",
            flags.join(" ")
        ));
        input.seen.message(seq + 3 * uid + 5 * mod_seq + 7 * flags.len() as u64);
    }
    input
}

/// FETCH of UID, ENVELOPE and BODYSTRUCTURE: what a list of messages is made of. 1,118 octets on average.
pub(crate) fn envelopes(count: usize) -> Input {
    let mut random = Random::new(2);
    let mut input = Input::new(count * 1_200);
    for at in 0..count {
        let seq = 1 + at as u64;
        let uid = 5_000 + 3 * at as u64;
        let mut sum = seq + 3 * uid;
        input.put(format_args!("* {seq} FETCH (UID {uid} ENVELOPE "));
        sum += envelope(&mut random, &mut input);
        input.put(format_args!(" BODYSTRUCTURE "));
        sum += match random.below(10) {
            0 => text_part(&mut random, &mut input, "plain"),
            1..=3 => alternative(&mut random, &mut input),
            _ => mixed(&mut random, &mut input),
        };
        input.put(format_args!(")\r\n"));
        input.seen.message(sum);
    }
    input
}

fn envelope(random: &mut Random, input: &mut Input) -> u64 {
    let (day, hour, minute) = (random.within(1, 28), random.within(10, 23), random.within(10, 59));
    let subject = {
        let length = random.within(12, 60);
        random.words(length)
    };
    input.put(format_args!("(\"Tue, {day} Mar 2024 {hour}:{minute}:07 +0100\" \"{subject}\" "));
    let from = address(random);
    input.put(format_args!("({from}) ({from}) ({from}) ("));
    let to = random.within(1, 4);
    for _ in 0..to {
        let address = address(random);
        input.put(format_args!("{address}"));
    }
    input.put(format_args!(") "));
    if random.chance(50) {
        let (one, other) = (address(random), address(random));
        input.put(format_args!("({one}{other}) "));
    } else {
        input.put(format_args!("NIL "));
    }
    input.put(format_args!("NIL "));
    if random.chance(50) {
        let reference = random.hex(24);
        input.put(format_args!("\"<{reference}@mail.example.org>\" "));
    } else {
        input.put(format_args!("NIL "));
    }
    let length = random.within(20, 36);
    let message_id = format!("<{}@mail.example.com>", random.hex(length));
    input.put(format_args!("\"{message_id}\")"));
    Seen::envelope(subject.len(), message_id.len(), to)
}

fn address(random: &mut Random) -> String {
    const NAMES: &[(&str, &str)] = &[
        ("Alice Liddell", "alice.liddell"),
        ("Terry Gray", "gray"),
        ("Johann Sebastian Bach", "js.bach"),
        ("Support", "support+ticket"),
        ("Grace Hopper", "ghopper"),
        ("=?UTF-8?Q?J=C3=BCrgen_M=C3=BCller?=", "juergen"),
    ];
    const HOSTS: &[&str] = &["example.org", "mail.example.com", "lists.example.net", "cac.washington.edu"];
    let (name, mailbox) = random.pick(NAMES);
    let host = random.pick(HOSTS);
    if random.chance(15) {
        format!("(NIL NIL \"{mailbox}\" \"{host}\")")
    } else {
        format!("(\"{name}\" NIL \"{mailbox}\" \"{host}\")")
    }
}

fn text_part(random: &mut Random, input: &mut Input, subtype: &str) -> u64 {
    let octets = random.within(300, 90_000) as u64;
    let lines = octets / 40;
    let encoding = random.pick(&["7bit", "quoted-printable", "quoted-printable", "base64"]);
    input.put(format_args!(
        "(\"text\" \"{subtype}\" (\"charset\" \"utf-8\") NIL NIL \"{encoding}\" {octets} {lines} NIL NIL NIL NIL)"
    ));
    Seen::part(octets)
}

fn alternative(random: &mut Random, input: &mut Input) -> u64 {
    input.put(format_args!("("));
    let sum = text_part(random, input, "plain") + text_part(random, input, "html");
    let boundary = random.hex(28);
    input.put(format_args!(" \"alternative\" (\"boundary\" \"{boundary}\") NIL NIL NIL)"));
    sum
}

fn mixed(random: &mut Random, input: &mut Input) -> u64 {
    input.put(format_args!("("));
    let mut sum = alternative(random, input);
    for _ in 0..random.within(1, 4) {
        let (media, subtype, ending) = random.pick(&[
            ("application", "pdf", "pdf"),
            ("image", "jpeg", "jpg"),
            ("application", "zip", "zip"),
            ("image", "png", "png"),
        ]);
        let name = {
            let length = random.within(8, 24);
            random.words(length).replace([' ', ':'], "_")
        };
        let octets = random.within(4_000, 3_000_000) as u64;
        let id = random.hex(16);
        input.put(format_args!(
            "(\"{media}\" \"{subtype}\" (\"name\" \"{name}.{ending}\") \"<{id}@example>\" NIL \"base64\" {octets} NIL \
             (\"attachment\" (\"filename\" \"{name}.{ending}\" \"size\" \"{octets}\")) NIL NIL)"
        ));
        sum += Seen::part(octets);
    }
    let boundary = random.hex(28);
    input.put(format_args!(" \"mixed\" (\"boundary\" \"{boundary}\") NIL NIL NIL)"));
    sum
}

/// FETCH of UID and BODY[], each body a literal of `length` octets.
pub(crate) fn bodies(count: usize, length: usize) -> Input {
    let mut random = Random::new(3);
    let mut input = Input::new(count * (length + 48));
    for at in 0..count {
        let seq = 1 + at as u64;
        let uid = 700_000 + 3 * at as u64;
        input.put(format_args!("* {seq} FETCH (UID {uid} BODY[] {{{length}}}\r\n"));
        let start = input.octets.len();
        text(&mut random, length, &mut input.octets);
        let (first, last) = (input.octets[start], input.octets[input.octets.len() - 1]);
        input.put(format_args!(")\r\n"));
        input.seen.message(seq + 3 * uid + Seen::body(length as u64, first, last));
    }
    input
}

/// One SEARCH response of `count` numbers, ascending.
pub(crate) fn search(count: usize) -> Input {
    let mut random = Random::new(4);
    let mut input = Input::new(count * 8 + 16);
    let (mut number, mut first) = (100, 0);
    input.put(format_args!("* SEARCH"));
    for at in 0..count {
        number += random.within(1, 30) as u64;
        if at == 0 {
            first = number;
        }
        input.put(format_args!(" {number}"));
    }
    input.put(format_args!("\r\n"));
    input.seen.message(count as u64 + first + number);
    input
}

/// One VANISHED (EARLIER) response of `count` elements, numbers and ranges.
pub(crate) fn vanished(count: usize) -> Input {
    let mut random = Random::new(5);
    let mut input = Input::new(count * 12 + 24);
    let (mut number, mut first) = (100, 0);
    input.put(format_args!("* VANISHED (EARLIER) "));
    for at in 0..count {
        number += random.within(2, 30) as u64;
        if at == 0 {
            first = number;
        } else {
            input.put(format_args!(","));
        }
        input.put(format_args!("{number}"));
        if random.chance(40) {
            number += random.within(1, 20) as u64;
            input.put(format_args!(":{number}"));
        }
    }
    input.put(format_args!("\r\n"));
    input.seen.message(count as u64 + first + number);
    input
}

/// LIST responses. 59 octets on average.
pub(crate) fn list(count: usize) -> Input {
    const ATTRIBUTES: &[&[&str]] = &[
        &["\\HasNoChildren"],
        &["\\HasNoChildren"],
        &["\\HasNoChildren", "\\Subscribed"],
        &["\\HasChildren"],
        &["\\Noselect", "\\HasChildren"],
        &["\\HasNoChildren", "\\Marked"],
        &["\\HasNoChildren", "\\Sent"],
    ];
    const TOPS: &[&str] = &["Archive/2023", "Lists/rust", "Work", "R&AOk-sum&AOk-s", "Projects", "Clients"];
    let mut random = Random::new(6);
    let mut input = Input::new(count * 64);
    for _ in 0..count {
        let attributes = random.pick(ATTRIBUTES);
        let length = random.within(4, 18);
        let name = match random.below(4) {
            0 => random.words(length),
            _ => format!("{}/{}", random.pick(TOPS), random.words(length)),
        };
        // An atom where an atom would do, as most servers write it.
        let quote = if name.contains([' ', '&']) || random.chance(70) { "\"" } else { "" };
        input.put(format_args!("* LIST ({}) \"/\" {quote}{name}{quote}\r\n", attributes.join(" ")));
        input.seen.message(attributes.len() as u64 + 100 * name.len() as u64);
    }
    input
}

/// What surrounds the data: EXISTS, EXPUNGE, FLAGS, OK with and without codes, STATUS, CAPABILITY.
/// About 40 octets on average, all of it untagged.
pub(crate) fn status_mix(count: usize) -> Input {
    let mut random = Random::new(7);
    let mut input = Input::new(count * 48);
    for _ in 0..count {
        let number = random.within(1, 900_000) as u64;
        let sum = match random.below(20) {
            0..=2 => {
                input.put(format_args!("* {number} EXISTS\r\n"));
                number
            }
            3 => {
                input.put(format_args!("* {number} RECENT\r\n"));
                number
            }
            4..=7 => {
                input.put(format_args!("* {number} EXPUNGE\r\n"));
                number
            }
            8 => {
                input.put(format_args!(
                    "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Forwarded)\r\n"
                ));
                6
            }
            9 => {
                let text = "Flags permitted";
                input.put(format_args!(
                    "* OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft \\*)] {text}\r\n"
                ));
                text.len() as u64
            }
            10 => {
                input.put(format_args!("* OK [UIDNEXT {number}] Predicted next UID\r\n"));
                number + 18
            }
            11 => {
                input.put(format_args!("* OK [UIDVALIDITY {number}] UIDs valid\r\n"));
                number + 10
            }
            12 => {
                input.put(format_args!("* OK [UNSEEN {number}] First unseen\r\n"));
                number + 12
            }
            13 | 14 => {
                let text = random.pick(&["Still here", "Searched 34% of the mailbox, ETA 0:21"]);
                input.put(format_args!("* OK {text}\r\n"));
                text.len() as u64
            }
            15 => {
                let text = random.pick(&["Disk is 98% full, please delete unneeded data", "Try later"]);
                input.put(format_args!("* NO {text}\r\n"));
                text.len() as u64
            }
            16 => {
                input.put(format_args!(
                    "* CAPABILITY IMAP4rev1 LITERAL+ IDLE UIDPLUS MOVE CONDSTORE ENABLE\r\n"
                ));
                7
            }
            _ => {
                let (messages, unseen) = (random.within(10, 9_000) as u64, random.within(1, 500) as u64);
                let mailbox = random.pick(&["INBOX", "Lists", "\"Sent Items\"", "Archive/2023"]);
                input.put(format_args!(
                    "* STATUS {mailbox} (MESSAGES {messages} UIDNEXT {number} UNSEEN {unseen})\r\n"
                ));
                messages + number + unseen
            }
        };
        input.seen.message(sum);
    }
    input
}

/// What a client sends in one session: LOGIN and SELECT, then commands of the selected state.
/// 227 octets on average: one in fourteen is an APPEND with a non-synchronizing literal.
pub(crate) fn commands(count: usize) -> Input {
    let mut random = Random::new(8);
    let mut input = Input::new(count * 240);
    for at in 0..count {
        let tag = format!("A{:05}", at + 1);
        let number = random.within(1, 90_000);
        let mut sum = tag.len() as u64;
        match at {
            0 => input.put(format_args!("{tag} LOGIN alice \"correct horse\"\r\n")),
            1 => input.put(format_args!("{tag} SELECT INBOX\r\n")),
            _ => match random.below(14) {
                0..=2 => {
                    let last = number + random.below(50);
                    input.put(format_args!(
                        "{tag} UID FETCH {number}:{last} (UID FLAGS INTERNALDATE RFC822.SIZE \
                         BODY.PEEK[HEADER.FIELDS (Date From To Cc Subject Message-ID References In-Reply-To List-Id)])\r\n"
                    ));
                    sum += 50;
                }
                3 | 4 => {
                    input.put(format_args!("{tag} UID FETCH {number} (FLAGS BODY.PEEK[])\r\n"));
                    sum += 20;
                }
                5 => {
                    let last = number + random.below(50);
                    input.put(format_args!("{tag} FETCH {number}:{last} (UID ENVELOPE BODYSTRUCTURE)\r\n"));
                    sum += 30;
                }
                6..=8 => {
                    let (flags, how_many) = random.pick(&[
                        ("\\Seen", 1),
                        ("\\Seen \\Answered", 2),
                        ("\\Deleted", 1),
                        ("$Forwarded \\Seen", 2),
                    ]);
                    let how = random.pick(&["+FLAGS", "-FLAGS", "+FLAGS.SILENT"]);
                    input.put(format_args!("{tag} UID STORE {number} {how} ({flags})\r\n"));
                    sum += 100 * how_many;
                }
                9 => input.put(format_args!("{tag} NOOP\r\n")),
                10 => input.put(format_args!("{tag} LIST \"\" \"*\"\r\n")),
                11 => input.put(format_args!("{tag} STATUS \"Sent Items\" (MESSAGES UIDNEXT UNSEEN)\r\n")),
                12 => {
                    let mailbox = random.pick(&["Trash", "Archive/2023", "\"Sent Items\""]);
                    input.put(format_args!("{tag} UID COPY {number} {mailbox}\r\n"));
                }
                _ => {
                    let length = random.within(1_200, 3_200);
                    input.put(format_args!("{tag} APPEND Drafts (\\Seen \\Draft) {{{length}+}}\r\n"));
                    text(&mut random, length, &mut input.octets);
                    input.put(format_args!("\r\n"));
                    sum += length as u64;
                }
            },
        }
        input.seen.message(sum);
    }
    input
}
