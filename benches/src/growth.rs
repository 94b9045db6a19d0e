//! Whether work grows with the octets, and not with their square, however they are cut into reads.
//!
//! For each input and each length of read: the steps for twice the input over the steps for the input, or the time.
//! Linear work gives 2; what looks again from the start gives 4.

use std::time::{Duration, Instant};

use crate::input::{Seen, imap, pop3};
use crate::ours::{self, Conversation};
use crate::peers::imap_next;
use crate::steps;

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
    Case { name: "nested parts", conversation: Conversation::ImapClient, octets: nested_parts },
    Case { name: "nested threads", conversation: Conversation::ImapClient, octets: nested_threads },
    Case { name: "a name of escapes", conversation: Conversation::ImapClient, octets: escapes },
    Case { name: "many keywords", conversation: Conversation::ImapClient, octets: keywords },
    Case { name: "many capabilities", conversation: Conversation::ImapClient, octets: capabilities },
    Case {
        name: "IMAP commands",
        conversation: Conversation::ImapServer,
        octets: |n| imap::commands(n / 227).octets,
    },
    Case { name: "one APPEND", conversation: Conversation::ImapServer, octets: append },
    Case { name: "APPENDs of 64 octets", conversation: Conversation::ImapServer, octets: appends },
    Case { name: "a long command", conversation: Conversation::ImapServer, octets: long_command },
    Case {
        name: "a command of literals",
        conversation: Conversation::ImapServer,
        octets: command_of_literals,
    },
    Case { name: "nested keys", conversation: Conversation::ImapServer, octets: nested_keys },
    Case { name: "RETR", conversation: Conversation::Pop3Retr, octets: |n| pop3::retr(n).octets },
    Case { name: "RETR of stuffed dots", conversation: Conversation::Pop3Retr, octets: dots },
    Case { name: "UIDL", conversation: Conversation::Pop3Uidl, octets: |n| pop3::uidl(n / 32).octets },
    Case { name: "LIST of POP3", conversation: Conversation::Pop3List, octets: scan_listings },
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

/// As many lines as there is room for.
fn lines(n: usize, before: &str, line: &str) -> Vec<u8> {
    let mut octets = before.as_bytes().to_vec();
    for _ in 0..n / line.len() {
        octets.extend_from_slice(line.as_bytes());
    }
    octets
}

/// Body structures as deep as they may be.
fn nested_parts(n: usize) -> Vec<u8> {
    let part = "(\"text\" \"plain\" NIL NIL NIL \"7bit\" 1 1)";
    let (open, close) = ("(".repeat(60), " \"mixed\")".repeat(60));
    lines(n, "", &format!("* 1 FETCH (BODYSTRUCTURE {open}{part}{close})\r\n"))
}

fn nested_threads(n: usize) -> Vec<u8> {
    let (open, close) = ("(1 (2)".repeat(30), ")".repeat(30));
    lines(n, "", &format!("* THREAD {open}(3){close}\r\n"))
}

/// One name of nothing but quotes.
fn escapes(n: usize) -> Vec<u8> {
    [&b"* LIST () NIL \""[..], &b"\\\"".repeat(n / 2), b"\"\r\n"].concat()
}

fn keywords(n: usize) -> Vec<u8> {
    let mut octets = b"* FLAGS (".to_vec();
    for number in 0..n / 8 {
        octets.extend_from_slice(format!("k{number:06} ").as_bytes());
    }
    octets.extend_from_slice(b"last)\r\n");
    octets
}

fn capabilities(n: usize) -> Vec<u8> {
    let mut octets = b"* CAPABILITY IMAP4rev1".to_vec();
    for number in 0..n / 8 {
        octets.extend_from_slice(format!(" X{number:06}").as_bytes());
    }
    octets.extend_from_slice(b"\r\n");
    octets
}

/// How a client comes to the commands of a selected mailbox.
const IN: &str = "a LOGIN alice secret\r\na SELECT INBOX\r\n";

fn append(n: usize) -> Vec<u8> {
    [format!("{IN}a APPEND INBOX {{{n}+}}\r\n").as_bytes(), &b"x".repeat(n), b"\r\n"].concat()
}

fn appends(n: usize) -> Vec<u8> {
    lines(n, IN, &format!("a APPEND INBOX (\\Seen) {{64+}}\r\n{}\r\n", "x".repeat(64)))
}

fn long_command(n: usize) -> Vec<u8> {
    format!("{IN}a SEARCH{}\r\n", " UNSEEN".repeat(n / 7)).into_bytes()
}

fn command_of_literals(n: usize) -> Vec<u8> {
    format!("{IN}a SEARCH{}\r\n", " BODY {2+}\r\nab".repeat(n / 14)).into_bytes()
}

fn nested_keys(n: usize) -> Vec<u8> {
    lines(n, IN, &format!("a SEARCH {}ALL{}\r\n", "(".repeat(30), ")".repeat(30)))
}

fn scan_listings(n: usize) -> Vec<u8> {
    let mut octets = b"+OK\r\n".to_vec();
    for number in 1..=n / 12 {
        octets.extend_from_slice(format!("{number} {}\r\n", 1_000 + number % 9_000).as_bytes());
    }
    octets.extend_from_slice(b".\r\n");
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
    for case in wanted(filter) {
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

/// So many octets that work which is not linear shows: it grows with the reads, not with the octets.
const fn counted_octets(read: usize) -> usize {
    let octets = 1_000 * read;
    if octets < 40_000 { 40_000 } else { octets }
}

/// What is counted, alone.
#[inline(never)]
fn counted(case: &Case, octets: &[u8], read: usize) -> Result<(), String> {
    match ours::receive(case.conversation, octets, read) {
        Some(Err(error)) => Err(format!("{}: {error}", case.name)),
        _ => Ok(()),
    }
}

fn wanted<'a>(filter: Option<&'a str>) -> impl Iterator<Item = &'static Case> + use<'a> {
    CASES.iter().filter(move |case| filter.is_none_or(|filter| case.name.contains(filter)))
}

/// Runs everything that is to be counted, a line for each.
pub(crate) fn run_counted(filter: Option<&str>) -> Result<(), String> {
    for case in wanted(filter) {
        for read in READS {
            for times in [1, 2] {
                counted(case, &(case.octets)(times * counted_octets(read)), read)?;
                println!("{}", case.name);
            }
        }
    }
    Ok(())
}

/// Prints the table in steps; whether all of mailwire's work is linear.
pub(crate) fn measure_steps(filter: Option<&str>) -> Result<bool, String> {
    let mut arguments = vec!["--counted-growth"];
    if let Some(filter) = filter {
        arguments.extend(["--filter", filter]);
    }
    let counted = steps::counted(&arguments, "mailwire_benches::growth::counted")?;
    println!("steps(2n)/steps(n) in reads of 1, 7, 64 and 1,460 octets; linear is at most {LINEAR}");
    println!(
        "{:<26} {:>8} {:>8} {:>8} {:>8}  steps an octet",
        "input", READS[0], READS[1], READS[2], READS[3]
    );
    let mut linear = true;
    let mut shown = 0;
    for (case, runs) in wanted(filter).zip(counted.chunks(2 * READS.len())) {
        let mut line = format!("{:<26}", case.name);
        let mut each = String::new();
        for (read, pair) in READS.into_iter().zip(runs.chunks(2)) {
            let [(once, first), (_, second)] = pair else { return Err("a run was not counted".into()) };
            if once != case.name {
                return Err(format!("{once} was counted for {}", case.name));
            }
            let ratio = *second as f64 / (*first).max(1) as f64;
            linear &= ratio <= LINEAR && *first > 0;
            line.push_str(&format!(" {ratio:>8.2}"));
            each.push_str(&format!(" {:>6.1}", *first as f64 / counted_octets(read) as f64));
        }
        println!("{line} {each}");
        shown += 1;
    }
    Ok(linear && shown == wanted(filter).count())
}

/// What a hostile client sends, a megabyte of it: what stands first, and what is repeated.
const FLOODS: &[(&str, &str, &str)] = &[
    ("a line without end", "a NOOP ", "x"),
    ("lists without end", "a X ", "("),
    ("literals without end", "a X", " {1+}\r\n("),
    ("literals that are announced", "", "a LOGIN {4294967295}\r\n"),
    ("literals at their limit", "a X", " {4096+}\r\n"),
    ("pairs of ID", "a ID (", "\"k\" \"v\" "),
    ("ranges of a set", "a FETCH 1", ",1"),
    ("keys of a search", "a SEARCH", " ALL"),
    ("quotes", "a LOGIN \"", "\\\""),
    ("commands nobody understands", "", "\r\n"),
    ("commands, and no answer is taken", "", "a NOOP\r\n"),
    ("messages, and no answer is taken", "", "a APPEND x {1}\r\nx\r\n"),
];

/// Prints what a server holds at most of what hostile clients send: before login and behind it.
pub(crate) fn floods() -> Result<bool, String> {
    // A command and its memory, twice over since buffers double, and the output that waits.
    const LIMITS: [usize; 2] = [2 * (16 + 64) * 1_024 + 64 * 1_024, 2 * (256 + 1_024) * 1_024 + 64 * 1_024];
    println!("octets held at most while a hostile client sends a megabyte: before login, behind it");
    let mut small = true;
    for (name, before, unit) in FLOODS {
        let octets = lines(1_000_000, before, unit);
        let held = [ours::endured(&octets, false)?, ours::endured(&octets, true)?];
        let fits = held.iter().zip(LIMITS).all(|(held, limit)| *held <= limit);
        println!("{name:<34} {:>9} {:>9}  {}", held[0], held[1], if fits { "OK" } else { "SHORT" });
        small &= fits;
    }
    Ok(small)
}

/// Prints what one idle server connection holds.
pub(crate) fn idle() -> Result<bool, String> {
    println!(
        "octets held by one idle server connection: all, and where the configuration is shared with others"
    );
    let mut small = true;
    for (name, held, shared) in ours::held_idle()? {
        let verdict = if held < 1_024 { "OK" } else { "SHORT" };
        println!("{name:<26} mailwire   {held:>8} {shared:>8}  {verdict}");
        small &= held < 1_024;
    }
    println!("{:<26} imap-next  {:>8}", "IMAP", imap_next::held_idle()?);
    Ok(small)
}
