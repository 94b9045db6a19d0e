//! Hostile cases: how their octets arrive, and what became of a conversation.

#![allow(dead_code, unreachable_pub, reason = "each test uses its part")]

use crate::trace::{Subject, Told};
use bytes::BytesMut;
use serde_json::Value;

/// What a case asks for.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub enum Outcome {
    Accept,
    RejectRecover,
    Fatal,
    Incomplete,
}

/// What became of a conversation.
#[derive(Debug, PartialEq, Eq, Default, Clone)]
pub struct Run {
    pub told: Vec<String>,
    /// How many events there were; of many only the first are in `told`.
    pub events: usize,
    pub body: Vec<u8>,
    pub sent: Vec<u8>,
    pub fatal: Option<String>,
    /// Most octets that waited in the input.
    pub held: usize,
}

impl Run {
    pub fn outcome(&self) -> Outcome {
        let rejected = |line: &String| line.starts_with("Unparsed") || line.starts_with("Malformed");
        match &self.fatal {
            Some(kind) if kind == "UnexpectedEof" => Outcome::Incomplete,
            Some(_) => Outcome::Fatal,
            None if self.told.iter().any(rejected) => Outcome::RejectRecover,
            None => Outcome::Accept,
        }
    }
}

/// How octets arrive.
#[derive(Clone, Copy, Debug)]
pub enum Cut {
    Whole,
    Every(usize),
    At(usize),
    /// Pieces of random lengths, from this seed.
    Random(u64),
}

pub fn parts(octets: &[u8], cut: Cut) -> Vec<&[u8]> {
    match cut {
        Cut::Whole => vec![octets],
        Cut::Every(size) => octets.chunks(size).collect(),
        Cut::At(place) => {
            let (first, second) = octets.split_at(place.min(octets.len()));
            vec![first, second]
        }
        Cut::Random(mut seed) => {
            let (mut parts, mut rest) = (Vec::new(), octets);
            while !rest.is_empty() {
                seed = random(seed);
                let length = usize::try_from(seed % 11).expect("a small number").min(rest.len());
                let (part, left) = rest.split_at(length);
                parts.push(part);
                rest = left;
            }
            parts
        }
    }
}

/// The next number of a sequence that looks random; from zero on, too.
pub fn random(seed: u64) -> u64 {
    let mut number = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    number = (number ^ number >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    number = (number ^ number >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ number >> 31
}

pub fn string(value: &Value) -> &str {
    value.as_str().expect("a string")
}

pub fn latin1(text: &str) -> Vec<u8> {
    text.chars().map(|character| u8::try_from(u32::from(character)).expect("an octet")).collect()
}

pub fn hex(text: &str) -> Vec<u8> {
    (0..text.len() / 2)
        .map(|at| u8::from_str_radix(&text[at * 2..at * 2 + 2], 16).expect("hexadecimal"))
        .collect()
}

pub fn octets(case: &Value) -> Vec<u8> {
    match generated(case) {
        Some(Generated { prefix, unit, count, suffix }) => [prefix, unit.repeat(count), suffix].concat(),
        None => latin1(string(&case["octets"])),
    }
}

/// Octets that are described by what is repeated in them.
pub struct Generated {
    pub prefix: Vec<u8>,
    pub unit: Vec<u8>,
    pub count: usize,
    pub suffix: Vec<u8>,
}

pub fn generated(case: &Value) -> Option<Generated> {
    let generator = case.get("gen")?;
    if let Some(expression) = generator.get("expr") {
        let known = r"b'A FETCH '+b','.join(str(i).encode() for i in range(1,65537,2))+b' FLAGS\r\n'";
        assert_eq!(string(expression), known);
        let numbers: Vec<String> = (1..65_537).step_by(2).map(|number| number.to_string()).collect();
        let (prefix, suffix) = (b"A FETCH ".to_vec(), b" FLAGS\r\n".to_vec());
        return Some(Generated { prefix, unit: numbers.join(",").into_bytes(), count: 1, suffix });
    }
    let part = |name: &str| hex(string(&generator[name]));
    let count = usize::try_from(generator["count"].as_u64()?).expect("a size");
    Some(Generated { prefix: part("prefix_hex"), unit: part("unit_hex"), count, suffix: part("suffix_hex") })
}

impl Generated {
    pub fn len(&self) -> usize {
        self.prefix.len() + self.unit.len() * self.count + self.suffix.len()
    }

    /// The octets in pieces of that size, without ever having all of them.
    pub fn pieces(&self, size: usize) -> impl Iterator<Item = Vec<u8>> + '_ {
        let units = (size / self.unit.len()).max(1);
        let mut left = self.count;
        let repeated = std::iter::from_fn(move || {
            let count = left.min(units);
            left -= count;
            (count > 0).then(|| self.unit.repeat(count))
        });
        [self.prefix.clone()].into_iter().chain(repeated).chain([self.suffix.clone()])
    }
}

/// Gives the octets to the subject, cut.
pub fn feed<S: Subject>(
    subject: &mut S,
    run: &mut Run,
    input: &mut BytesMut,
    octets: &[u8],
    cut: Cut,
    react: &mut dyn FnMut(&mut S, &str),
) {
    for part in parts(octets, cut) {
        if run.fatal.is_some() {
            break;
        }
        input.extend_from_slice(part);
        pull(subject, run, input, false, react);
        run.held = run.held.max(input.len());
    }
}

/// Takes every event there is, and lets the application react.
pub fn pull<S: Subject>(
    subject: &mut S,
    run: &mut Run,
    input: &mut BytesMut,
    eof: bool,
    react: &mut dyn FnMut(&mut S, &str),
) {
    while run.fatal.is_none() {
        while let Some(octets) = subject.transmit() {
            run.sent.extend_from_slice(&octets);
        }
        match subject.receive(input, eof) {
            None => break,
            Some(Told::Chunk(octets)) => {
                if run.body.len() < 1_000_000 {
                    run.body.extend_from_slice(&octets);
                }
            }
            Some(Told::Event(line)) => {
                react(subject, &line);
                run.events += 1;
                if run.told.len() < 1_000 {
                    run.told.push(line);
                }
            }
            Some(Told::Fatal(kind)) => {
                run.fatal = Some(kind.clone());
                let mut more = BytesMut::from("+OK\r\n");
                assert_eq!(
                    subject.receive(&mut more, false),
                    Some(Told::Fatal(kind)),
                    "a fatal error is final"
                );
            }
        }
    }
    while let Some(octets) = subject.transmit() {
        run.sent.extend_from_slice(&octets);
    }
}
