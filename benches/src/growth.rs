//! Whether work grows with the octets, and not with their square, however they are cut into reads.
//!
//! For each input and each length of read: the time for twice the input over the time for the input.
//! Linear work gives 2; what looks again from the start gives 4.

use std::time::{Duration, Instant};

use crate::input::{Seen, imap, pop3};
use crate::ours::{self, Conversation};
use crate::peers::imap_next;

struct Case {
    name: &'static str,
    conversation: Conversation,
    /// The octets of size `n`, which is near their number.
    octets: fn(n: usize) -> Vec<u8>,
}

const READS: [usize; 4] = [1, 7, 64, 1_460];

/// The most that linear work may show.
const LINEAR: f64 = 2.5;

const CASES: &[Case] = &[
    Case {
        name: "FETCH FLAGS lines",
        conversation: Conversation::ImapClient,
        octets: |n| imap::fetch_flags(n / 68).octets,
    },
    Case {
        name: "FETCH ENVELOPE lines",
        conversation: Conversation::ImapClient,
        octets: |n| imap::envelopes(n / 1_118).octets,
    },
    Case {
        name: "a long SEARCH",
        conversation: Conversation::ImapClient,
        octets: |n| imap::search(n / 7).octets,
    },
    Case {
        name: "a long VANISHED",
        conversation: Conversation::ImapClient,
        octets: |n| imap::vanished(n / 10).octets,
    },
    Case {
        name: "LIST lines",
        conversation: Conversation::ImapClient,
        octets: |n| imap::list(n / 59).octets,
    },
    Case {
        name: "status mix",
        conversation: Conversation::ImapClient,
        octets: |n| imap::status_mix(n / 40).octets,
    },
    Case {
        name: "one BODY[]",
        conversation: Conversation::ImapClient,
        octets: |n| imap::bodies(1, n).octets,
    },
    Case {
        name: "BODY[] of 64 octets",
        conversation: Conversation::ImapClient,
        octets: |n| imap::bodies(n / 110, 64).octets,
    },
    Case { name: "an envelope of literals", conversation: Conversation::ImapClient, octets: literals },
    Case {
        name: "IMAP commands",
        conversation: Conversation::ImapServer,
        octets: |n| imap::commands(n / 227).octets,
    },
    Case { name: "RETR", conversation: Conversation::Pop3Retr, octets: |n| pop3::retr(n).octets },
    Case { name: "RETR of stuffed dots", conversation: Conversation::Pop3Retr, octets: dots },
    Case { name: "UIDL", conversation: Conversation::Pop3Uidl, octets: |n| pop3::uidl(n / 32).octets },
    Case {
        name: "POP3 commands",
        conversation: Conversation::Pop3Server,
        octets: |n| pop3::commands(n / 10).octets,
    },
];

/// An envelope to ever more addresses, each of small literals.
fn literals(n: usize) -> Vec<u8> {
    let mut octets = b"* 1 FETCH (ENVELOPE (NIL NIL NIL NIL NIL (".to_vec();
    for _ in 0..n / 40 {
        octets.extend_from_slice(b"({2}\r\nab NIL {5}\r\nalice {7}\r\nexample)");
    }
    octets.extend_from_slice(b") NIL NIL NIL NIL))\r\n");
    octets
}

/// A message of nothing but dots, each stuffed.
fn dots(n: usize) -> Vec<u8> {
    let mut octets = b"+OK\r\n".to_vec();
    for _ in 0..n / 4 {
        octets.extend_from_slice(b"..\r\n");
    }
    octets.extend_from_slice(b".\r\n");
    octets
}

/// Receives octets in reads of a length; nothing where that side cannot.
type Receive = fn(Conversation, &[u8], usize) -> Option<Result<Seen, String>>;

fn peer(conversation: Conversation, octets: &[u8], read: usize) -> Option<Result<Seen, String>> {
    match conversation {
        Conversation::ImapClient => Some(imap_next::receive_responses(octets, read)),
        Conversation::ImapServer => Some(imap_next::receive_commands(octets, read)),
        _ => None,
    }
}

fn fastest(
    receive: Receive,
    conversation: Conversation,
    octets: &[u8],
    read: usize,
    times: usize,
) -> Option<Result<Duration, String>> {
    let mut fastest = Duration::MAX;
    for _ in 0..times {
        let start = Instant::now();
        if let Err(error) = receive(conversation, octets, read)? {
            return Some(Err(error));
        }
        fastest = fastest.min(start.elapsed());
    }
    Some(Ok(fastest))
}

/// Prints the table; whether all of mailwire's work is linear.
pub(crate) fn measure(filter: Option<&str>) -> Result<bool, String> {
    println!("t(2n)/t(n) in reads of 1, 7, 64 and 1,460 octets; linear is at most {LINEAR}");
    println!(
        "{:<26} {:<10} {:>8} {:>8} {:>8} {:>8}",
        "input", "side", READS[0], READS[1], READS[2], READS[3]
    );
    let mut linear = true;
    for case in CASES.iter().filter(|case| filter.is_none_or(|filter| case.name.contains(filter))) {
        // What may be quadratic is measured on less.
        let sides: [(&str, Receive, usize); 2] =
            [("mailwire", ours::receive, 2_000_000), ("imap-next", peer, 100_000)];
        for (side, receive, n) in sides {
            let (once, twice) = ((case.octets)(n), (case.octets)(2 * n));
            let mut line = format!("{:<26} {side:<10}", case.name);
            let mut any = false;
            for read in READS {
                let Some(first) = fastest(receive, case.conversation, &once, read, 5) else { continue };
                let Some(second) = fastest(receive, case.conversation, &twice, read, 5) else { continue };
                any = true;
                let shown = match (first, second) {
                    (Ok(first), Ok(second)) => {
                        let ratio = second.as_secs_f64() / first.as_secs_f64();
                        if side == "mailwire" && ratio > LINEAR {
                            linear = false;
                        }
                        format!("{ratio:.2}")
                    }
                    (Err(error), _) | (_, Err(error)) if side == "mailwire" => {
                        return Err(format!("{}: {error}", case.name));
                    }
                    _ => String::from("error"),
                };
                line.push_str(&format!(" {shown:>8}"));
            }
            if any {
                println!("{line}");
            }
        }
    }
    Ok(linear)
}

/// Prints what one idle server connection holds.
pub(crate) fn idle() -> Result<bool, String> {
    println!("octets held by one idle server connection");
    let mut small = true;
    for (name, held) in ours::held_idle()? {
        println!("{name:<26} mailwire   {held:>8}  {}", if held < 1_024 { "OK" } else { "SHORT" });
        small &= held < 1_024;
    }
    println!("{:<26} imap-next  {:>8}", "IMAP", imap_next::held_idle()?);
    Ok(small)
}
