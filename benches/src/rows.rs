//! The rows: which input, who takes it, what is to be reached.

use std::rc::Rc;

use crate::harness::{Goal, Row, Side};
use crate::input::{Input, imap, pop3};
use crate::ours;
use crate::peers::{READ, imap_codec, imap_next, imap_proto, io_imap, pop3_codec};
use crate::steps;

/// A row by name, made when it is wanted: some inputs are large.
pub(crate) struct Named {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    /// Makes the row; a quick one has an input of a tenth.
    pub(crate) make: fn(name: &'static str, quick: bool) -> Result<Row, String>,
}

const MIB: usize = 1_048_576;

/// A segment of TCP over Ethernet: the read of the row that streams.
const SEGMENT: usize = 1_460;

pub(crate) const ROWS: &[Named] = &[
    Named {
        name: "fetch-flags",
        about: "FETCH UID FLAGS MODSEQ, 68 octets",
        make: |name, quick| {
            let goals = vec![Goal::Times(5.0, Some("imap-codec owned")), Goal::Allocations(0.0)];
            Ok(client(name, imap::fetch_flags(scaled(20_000, quick)), READ, goals))
        },
    },
    Named {
        name: "envelope",
        about: "FETCH UID ENVELOPE BODYSTRUCTURE, about 1,118 octets",
        make: |name, quick| {
            let goals = vec![
                Goal::Times(3.0, Some("imap-proto borrowed")),
                Goal::Times(5.0, Some("imap-proto owned")),
                Goal::Allocations(6.0),
            ];
            Ok(client(name, imap::envelopes(scaled(2_000, quick)), READ, goals))
        },
    },
    Named {
        name: "body-4k",
        about: "FETCH BODY[] of 4 KiB",
        make: |name, quick| {
            let goals = vec![Goal::Times(4.0, Some("imap-proto borrowed"))];
            Ok(client(name, imap::bodies(scaled(500, quick), 4_096), READ, goals))
        },
    },
    Named {
        name: "body-25m",
        about: "FETCH BODY[] of 25 MiB, reads of 1,460 octets",
        make: |name, quick| {
            let goals =
                vec![Goal::Times(20.0, Some("imap-next")), Goal::Held(128 * 1_024, "mailwire, copied in")];
            let mut row = client(name, imap::bodies(1, scaled(25 * MIB, quick)), SEGMENT, goals);
            // It only looks for the end, and hands out a slice of what another has gathered.
            row.sides.retain(|side| side.name != "imap-proto borrowed");
            Ok(row)
        },
    },
    Named {
        name: "search",
        about: "one SEARCH of 100,000 numbers",
        make: |name, quick| {
            Ok(client(name, imap::search(scaled(100_000, quick)), READ, vec![Goal::Times(2.5, None)]))
        },
    },
    Named {
        name: "vanished",
        about: "one VANISHED (EARLIER) of 50,000 elements",
        make: |name, quick| {
            Ok(client(name, imap::vanished(scaled(50_000, quick)), READ, vec![Goal::Times(2.5, None)]))
        },
    },
    Named {
        name: "list",
        about: "LIST, about 59 octets",
        make: |name, quick| {
            Ok(client(name, imap::list(scaled(20_000, quick)), READ, vec![Goal::Times(3.0, None)]))
        },
    },
    Named {
        name: "status-mix",
        about: "EXISTS, EXPUNGE, FLAGS, OK, STATUS, about 40 octets",
        make: |name, quick| {
            Ok(client(name, imap::status_mix(scaled(20_000, quick)), READ, vec![Goal::Times(3.0, None)]))
        },
    },
    Named {
        name: "commands",
        about: "commands as a server gets them, about 227 octets",
        make: |name, quick| {
            let input = Rc::new(imap::commands(scaled(10_000, quick)));
            let mut sides = ours::imap_server(&input, READ);
            sides.extend(imap_codec::commands(&input));
            sides.extend(imap_next::server(&input, READ));
            Ok(row(name, &input, sides, vec![Goal::Times(3.0, Some("imap-codec owned"))]))
        },
    },
    Named {
        name: "pop3-retr",
        about: "the reply to RETR of 25 MiB",
        make: |name, quick| {
            let input = Rc::new(pop3::retr(scaled(25 * MIB, quick)));
            let mut sides = ours::pop3_retr(&input, READ);
            sides.extend(pop3_codec::retr(&input));
            Ok(row(name, &input, sides, vec![Goal::Times(30.0, None)]))
        },
    },
    Named {
        name: "pop3-uidl",
        about: "the reply to UIDL, 50,000 entries",
        make: |name, quick| {
            let input = Rc::new(pop3::uidl(scaled(50_000, quick)));
            let mut sides = ours::pop3_uidl(&input, READ);
            sides.extend(pop3_codec::uidl(&input));
            Ok(row(name, &input, sides, vec![Goal::Times(4.0, None)]))
        },
    },
    Named {
        name: "pop3-commands",
        about: "commands as a server gets them",
        make: |name, quick| {
            let input = Rc::new(pop3::commands(scaled(50_000, quick)));
            let mut sides = ours::pop3_server(&input, READ);
            sides.extend(pop3_codec::commands(&input));
            Ok(row(name, &input, sides, vec![Goal::Times(2.0, None)]))
        },
    },
    Named {
        name: "write-fetch-flags",
        about: "serialize FETCH UID FLAGS MODSEQ",
        make: |name, quick| write(name, imap::fetch_flags(scaled(20_000, quick)), 5.0),
    },
    Named {
        name: "write-envelope",
        about: "serialize FETCH UID ENVELOPE BODYSTRUCTURE",
        make: |name, quick| write(name, imap::envelopes(scaled(2_000, quick)), 6.0),
    },
    Named {
        name: "write-commands",
        about: "serialize commands",
        make: |name, quick| {
            let input = Rc::new(imap::commands(scaled(10_000, quick)));
            let mut sides = ours::write_commands(&input)?;
            sides.extend(imap_codec::write_commands(&input)?);
            Ok(written(row(name, &input, sides, vec![Goal::Times(2.0, None), Goal::Allocations(0.0)])))
        },
    },
];

fn wanted<'a>(filter: Option<&'a str>) -> impl Iterator<Item = &'static Named> + use<'a> {
    ROWS.iter().filter(move |row| filter.is_none_or(|filter| row.name.contains(filter)))
}

/// Runs each side of each row once, a line for each: its row, its name, its messages, its allocations.
pub(crate) fn run_counted(filter: Option<&str>) -> Result<(), String> {
    wanted(filter).try_for_each(|row| (row.make)(row.name, true)?.run_counted())
}

/// Prints the steps and the allocations a message of each side of each row.
pub(crate) fn count(filter: Option<&str>) -> Result<bool, String> {
    let mut arguments = vec!["--counted-rows"];
    if let Some(filter) = filter {
        arguments.extend(["--filter", filter]);
    }
    println!("{:<22} {:<24} {:>14} {:>14}", "row", "side", "steps/message", "allocs/message");
    for (line, steps) in steps::counted(&arguments, "mailwire_benches::harness::measured")? {
        let [row, side, messages, allocations] = line.split('\t').collect::<Vec<_>>()[..] else {
            return Err(format!("no line of a run: {line}"));
        };
        let number = |text: &str| text.parse::<f64>().map_err(|error| format!("{text}: {error}"));
        let messages = number(messages)?;
        let (steps, allocations) = (steps as f64 / messages, number(allocations)? / messages);
        println!("{row:<22} {side:<24} {steps:>14.1} {allocations:>14.2}");
    }
    Ok(true)
}

fn scaled(count: usize, quick: bool) -> usize {
    if quick { count / 10 } else { count }
}

fn row(name: &'static str, input: &Rc<Input>, sides: Vec<Side>, goals: Vec<Goal>) -> Row {
    Row {
        name,
        octets: input.octets.len(),
        messages: input.seen.messages,
        sum: Some(input.seen.sum),
        sides,
        goals,
    }
}

/// All who can be an IMAP client.
fn client(name: &'static str, input: Input, read: usize, goals: Vec<Goal>) -> Row {
    let input = Rc::new(input);
    let mut sides = ours::imap_client(&input, read);
    sides.extend(imap_codec::responses(&input));
    sides.extend(imap_proto::responses(&input));
    sides.extend(imap_next::client(&input, read));
    sides.extend(io_imap::client(&input, read));
    row(name, &input, sides, goals)
}

/// All who can write an IMAP server's responses.
fn write(name: &'static str, input: Input, times: f64) -> Result<Row, String> {
    let input = Rc::new(input);
    let mut sides = ours::write_responses(&input)?;
    sides.extend(imap_codec::write_responses(&input)?);
    Ok(written(row(name, &input, sides, vec![Goal::Times(times, None), Goal::Allocations(0.0)])))
}

/// Each side may choose its own form of a string, and has checked before that it reads the same again.
fn written(row: Row) -> Row {
    Row { sum: None, ..row }
}
