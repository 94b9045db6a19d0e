//! A small language for conversations, so that a test reads like the RFC.
//!
//! ```text
//! # a comment
//! C: USER alice          what the client says; CRLF is implied
//! S: +OK                 what the server says
//! S= +OK\r               the same without a CRLF; \r \n \t \0 \\ \xNN are octets, here and above
//! do: user alice         what the application does
//! > Completed 1 +OK      the next event, as the subject writes it
//! ! UnexpectedEof        the next thing is a fatal error of this kind
//! eof                    the peer closes the connection
//! ```
//!
//! The peer's lines are the input of the machine under test, its own lines are the output it must have. Each trace runs
//! whole, one octet at a time, and with every part of the input cut in two at every place; the events must be the same each time.

#![allow(dead_code, unreachable_pub, reason = "each test uses its part")]

use bytes::{Bytes, BytesMut};
use std::collections::VecDeque;

/// Whose machine a trace is about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Client,
    Server,
}

/// What a machine tells, for comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// A piece of a body: neighbours are joined.
    Chunk(Bytes),
    /// Anything else.
    Event(String),
    /// A fatal error.
    Fatal(String),
}

/// A machine with an application around it.
pub trait Subject {
    /// One event, or `None` when it needs more.
    fn receive(&mut self, input: &mut BytesMut, eof: bool) -> Option<Told>;
    /// Octets to send.
    fn transmit(&mut self) -> Option<Bytes>;
    /// Does what a `do:` line says.
    fn act(&mut self, action: &str);
}

/// One thing that happens in a trace, seen from the side it is about.
#[derive(Debug)]
pub enum Step {
    /// The peer says so.
    Input(Vec<u8>),
    /// The machine must have said so, and no more.
    Output(Vec<u8>),
    /// The application does so.
    Act(String),
    /// The machine must tell so.
    Expect(Told),
    /// The machine must fail so.
    Fatal(String),
    /// The peer closes the connection.
    Eof,
}

impl Step {
    /// Octets of a side, as the other one's machine or its own sees them; what follows the same side's octets is one step with them.
    pub fn says(steps: &mut Vec<Self>, own: bool, octets: &[u8]) {
        match steps.last_mut() {
            Some(Self::Input(input)) if !own => input.extend_from_slice(octets),
            Some(Self::Output(output)) if own => output.extend_from_slice(octets),
            _ if own => steps.push(Self::Output(octets.to_vec())),
            _ => steps.push(Self::Input(octets.to_vec())),
        }
    }
}

/// The octets of a line that begins with `C:`, `C=`, `S:` or `S=`, and who says them.
pub fn said(line: &str) -> Option<(Side, Vec<u8>)> {
    let side = match line.get(..2)? {
        "C:" | "C=" => Side::Client,
        "S:" | "S=" => Side::Server,
        _ => return None,
    };
    let rest = &line[2..];
    let mut octets = unescape(rest.strip_prefix(' ').unwrap_or(rest));
    if line.as_bytes()[1] == b':' {
        octets.extend_from_slice(b"\r\n");
    }
    Some((side, octets))
}

/// Octets of a line of a trace.
pub fn unescape(text: &str) -> Vec<u8> {
    let mut octets = Vec::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            let mut buffer = [0; 4];
            octets.extend_from_slice(character.encode_utf8(&mut buffer).as_bytes());
            continue;
        }
        match characters.next() {
            Some('r') => octets.push(b'\r'),
            Some('n') => octets.push(b'\n'),
            Some('t') => octets.push(b'\t'),
            Some('0') => octets.push(0),
            Some('\\') => octets.push(b'\\'),
            Some('x') => {
                let digits: String = characters.by_ref().take(2).collect();
                octets.push(u8::from_str_radix(&digits, 16).expect("two hexadecimal digits behind \\x"));
            }
            other => panic!("no escape: \\{other:?}"),
        }
    }
    octets
}

fn parse(side: Side, trace: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for line in trace.lines().map(str::trim_start) {
        if let Some((by, octets)) = said(line) {
            Step::says(&mut steps, by == side, &octets);
            continue;
        }
        let (mark, rest) = line.split_at(line.len().min(2));
        let rest = rest.strip_prefix(' ').unwrap_or(rest);
        match mark {
            "" | "# " | "#" => {}
            "do" => steps.push(Step::Act(rest.trim_start_matches(':').trim().to_owned())),
            "> " => steps.push(Step::Expect(match rest.strip_prefix("Chunk ") {
                Some(octets) => Told::Chunk(unescape(octets).into()),
                None => Told::Event(rest.to_owned()),
            })),
            "! " => steps.push(Step::Fatal(rest.to_owned())),
            "eo" => steps.push(Step::Eof),
            _ => panic!("no line of a trace: {line}"),
        }
    }
    steps
}

/// How the input arrives.
#[derive(Clone, Copy, Debug)]
enum Cut {
    Whole,
    Octets,
    /// The input step of this number, cut at this place.
    At(usize, usize),
}

struct Run<'a, S> {
    subject: S,
    input: BytesMut,
    told: VecDeque<Told>,
    eof: bool,
    context: &'a dyn Fn() -> String,
}

impl<S: Subject> Run<'_, S> {
    fn drain(&mut self) {
        while let Some(told) = self.subject.receive(&mut self.input, self.eof) {
            let fatal = matches!(told, Told::Fatal(_));
            match (self.told.back_mut(), told) {
                (Some(Told::Chunk(before)), Told::Chunk(octets)) => {
                    *before = [before.as_ref(), &octets].concat().into()
                }
                (_, told) => self.told.push_back(told),
            }
            if fatal {
                break;
            }
        }
    }

    fn next(&mut self) -> Told {
        if self.told.is_empty() {
            self.drain();
        }
        self.told.pop_front().unwrap_or(Told::Event("nothing".to_owned()))
    }

    fn check(&mut self, expected: Told) {
        let told = self.next();
        assert!(told == expected, "expected {expected:?}, got {told:?} {}", (self.context)());
    }
}

fn shown(octets: &[u8]) -> String {
    octets.escape_ascii().to_string()
}

fn run<S: Subject>(steps: &[Step], subject: S, cut: Cut, name: &str) {
    let context = || format!("({name}, {cut:?})");
    let mut run =
        Run { subject, input: BytesMut::new(), told: VecDeque::new(), eof: false, context: &context };
    for (number, step) in steps.iter().enumerate() {
        match step {
            Step::Input(octets) => {
                assert!(run.told.is_empty(), "not expected: {:?} {}", run.told, context());
                let parts: Vec<&[u8]> = match cut {
                    Cut::Octets => octets.chunks(1).collect(),
                    Cut::At(at, place) if at == number => vec![&octets[..place], &octets[place..]],
                    _ => vec![octets],
                };
                for part in parts {
                    run.input.extend_from_slice(part);
                    run.drain();
                }
            }
            Step::Output(expected) => {
                let mut octets = Vec::new();
                while let Some(part) = run.subject.transmit() {
                    octets.extend_from_slice(&part);
                }
                assert!(
                    octets == *expected,
                    "expected {:?}, sent {:?} {}",
                    shown(expected),
                    shown(&octets),
                    context()
                );
            }
            Step::Act(action) => run.subject.act(action),
            Step::Expect(told) => run.check(told.clone()),
            Step::Fatal(kind) => {
                run.check(Told::Fatal(kind.clone()));
                // A fatal error is final.
                run.input.extend_from_slice(b"+OK\r\n");
                run.check(Told::Fatal(kind.clone()));
                run.told.clear();
            }
            Step::Eof => {
                run.eof = true;
                run.drain();
            }
        }
    }
    assert!(run.told.is_empty(), "not expected: {:?} {}", run.told, context());
    assert_eq!(
        run.subject.transmit().map(|octets| shown(&octets)),
        None,
        "sent beyond the trace {}",
        context()
    );
}

/// Runs a trace in every segmentation.
pub fn check<S: Subject>(side: Side, trace: &str, subject: impl Fn() -> S) {
    let name = trace.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    check_steps(name, &parse(side, trace), subject);
}

/// Runs the steps of a trace in every segmentation.
pub fn check_steps<S: Subject>(name: &str, steps: &[Step], subject: impl Fn() -> S) {
    run(steps, subject(), Cut::Whole, name);
    run(steps, subject(), Cut::Octets, name);
    for (number, step) in steps.iter().enumerate() {
        if let Step::Input(octets) = step {
            (1..octets.len()).for_each(|place| run(steps, subject(), Cut::At(number, place), name));
        }
    }
}
