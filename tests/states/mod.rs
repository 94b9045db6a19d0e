//! Walks over the short sequences of events of a machine, breadth first, and the table of what each event does in each state.
//!
//! The tables stand beside this file, one for each machine. What is not in them does not happen; a change shows as a difference. With
//! `MAILWIRE_WRITE_TABLES` set they are written anew, to be read before they are believed.

#![allow(dead_code, unreachable_pub, reason = "each test uses its part")]

use crate::trace::Told;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write as _;
use std::path::Path;

/// The last step of a path.
pub struct Step {
    /// What the machine told.
    pub told: Vec<String>,
    /// Where the machine stands, with all that shows from outside.
    pub state: String,
    /// The same, as far as the table tells states apart.
    pub shown: String,
}

/// What a walk has found.
pub struct Explored {
    /// The states, and how many paths lead to each.
    pub states: BTreeMap<String, usize>,
    /// By the state as it is shown and the step: what came of it.
    outcomes: BTreeMap<(String, usize), BTreeSet<String>>,
    steps: &'static [&'static str],
}

/// Walks over all paths up to that long, going on only from states that are new. `run` gives nothing where the last step is not possible.
pub fn explore(
    steps: &'static [&'static str],
    depth: usize,
    run: impl Fn(&[usize]) -> Option<Step>,
) -> Explored {
    let mut explored = Explored { states: BTreeMap::new(), outcomes: BTreeMap::new(), steps };
    let start = run(&[]).expect("a beginning").shown;
    let mut waiting: VecDeque<(Vec<usize>, String)> = VecDeque::from([(Vec::new(), start)]);
    while let Some((path, before)) = waiting.pop_front() {
        for step in 0..steps.len() {
            let path = [path.as_slice(), &[step]].concat();
            let Some(Step { told, state, shown }) = run(&path) else { continue };
            let mut outcome = if told.is_empty() { "-".to_owned() } else { told.join("; ") };
            if shown != before {
                write!(outcome, " → {shown}").expect("a string");
            }
            explored.outcomes.entry((before.clone(), step)).or_default().insert(outcome);
            let count = explored.states.entry(state.clone()).or_default();
            *count += 1;
            // A state is entered by more than one way, since not all of it shows.
            if *count <= 6 && path.len() < depth && !state.starts_with("fatal") {
                waiting.push_back((path, shown));
            }
        }
    }
    explored
}

impl Explored {
    /// How many paths were walked.
    pub fn paths(&self) -> usize {
        self.states.values().sum()
    }

    /// The rows: a line for each state, and below it one for each step that is possible there.
    pub fn rows(&self) -> String {
        let mut rows = String::new();
        let mut last = "";
        for ((state, step), outcomes) in &self.outcomes {
            if last != state {
                writeln!(rows, "{state}").expect("a string");
                last = state;
            }
            let mut name = self.steps[*step].escape_debug().to_string();
            for outcome in outcomes {
                writeln!(rows, "    {name:<44} {outcome}").expect("a string");
                name.clear();
            }
        }
        rows
    }
}

/// A word of what was told that differs from path to path: a tag.
fn is_tag(word: &str) -> bool {
    word.strip_prefix('a').is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|it| it.is_ascii_digit()))
}

/// What was told, as it stands in the table: without tags.
pub fn words(told: &Told) -> String {
    match told {
        Told::Chunk(_) => "Chunk".to_owned(),
        Told::Event(line) => line.split(' ').filter(|word| !is_tag(word)).collect::<Vec<_>>().join(" "),
        Told::Fatal(kind) => format!("Fatal {kind}"),
    }
}

/// Compares a table with what it was when somebody last read it.
pub fn check_table(name: &str, table: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/states").join(name);
    if std::env::var_os("MAILWIRE_WRITE_TABLES").is_some() {
        std::fs::write(&path, table).expect("the table can be written");
        panic!("{name} was written anew: read it, and run the test without MAILWIRE_WRITE_TABLES");
    }
    let expected = std::fs::read_to_string(&path).expect("the table");
    let mut lines = expected.lines().zip(table.lines()).zip(1..);
    if let Some(((expected, found), number)) = lines.find(|((expected, found), _)| expected != found) {
        panic!("{name}, line {number}: expected\n{expected}\nand found\n{found}");
    }
    assert_eq!(expected.lines().count(), table.lines().count(), "{name}: one of the two goes on");
}
