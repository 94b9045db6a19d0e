//! Runs the sides of a row in turn, A B C A B C, and reports the median of each.

use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::counting::Mark;
use crate::input::Seen;

/// One way to decode or write the messages of a row.
pub(crate) struct Side {
    /// The library, and which of its ways.
    pub(crate) name: &'static str,
    /// Whether it is mailwire's.
    pub(crate) ours: bool,
    pass: Box<dyn FnMut() -> Result<Pass, String>>,
}

/// What one pass over the whole input cost.
struct Pass {
    time: Duration,
    allocations: u64,
    peak: usize,
    seen: Seen,
}

/// What is timed and counted, alone: a name to give to `callgrind --toggle-collect`.
#[inline(never)]
fn measured<S>(run: &mut impl FnMut(S) -> Result<Seen, String>, state: S) -> Result<Seen, String> {
    run(state)
}

impl Side {
    /// A peer that needs nothing but its input.
    pub(crate) fn peer(name: &'static str, mut run: impl FnMut() -> Result<Seen, String> + 'static) -> Self {
        Side { ours: false, ..Side::prepared(name, || (), move |()| run()) }
    }

    /// A side of mailwire. What `prepare` makes for each pass is neither timed nor counted.
    pub(crate) fn ours<S>(
        name: &'static str,
        prepare: impl FnMut() -> S + 'static,
        run: impl FnMut(S) -> Result<Seen, String> + 'static,
    ) -> Self {
        Side { ours: true, ..Side::prepared(name, prepare, run) }
    }

    fn prepared<S>(
        name: &'static str,
        mut prepare: impl FnMut() -> S + 'static,
        mut run: impl FnMut(S) -> Result<Seen, String> + 'static,
    ) -> Self {
        let pass = move || {
            let state = prepare();
            let mark = Mark::now();
            let start = Instant::now();
            let seen = black_box(measured(&mut run, state)?);
            let time = start.elapsed();
            Ok(Pass { time, allocations: mark.allocations(), peak: mark.peak(), seen })
        };
        Side { name, ours: false, pass: Box::new(pass) }
    }
}

/// What mailwire must reach in a row: the column "at least".
pub(crate) enum Goal {
    /// So many times as fast as this side, or as the fastest peer.
    Times(f64, Option<&'static str>),
    /// So many allocations a message at most.
    Allocations(f64),
    /// So many octets held at most, beyond the input, by the side of this name.
    Held(usize, &'static str),
}

/// One input and all who can take it.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    /// Octets of the input.
    pub(crate) octets: usize,
    /// What is in the input. The sum is `None` where each side writes its own form, and checks itself.
    pub(crate) messages: u64,
    pub(crate) sum: Option<u64>,
    pub(crate) sides: Vec<Side>,
    pub(crate) goals: Vec<Goal>,
}

/// How long to measure.
#[derive(Clone, Copy)]
pub(crate) struct Effort {
    pub(crate) rounds: usize,
    /// Each side runs at least this long in each round.
    pub(crate) batch: Duration,
}

/// What was measured of one side: each figure for one pass over the input.
struct Figures {
    nanoseconds: f64,
    allocations: f64,
    peak: usize,
}

impl Row {
    fn pass(&mut self, side: usize) -> Result<Pass, String> {
        let name = self.name;
        let side = &mut self.sides[side];
        let pass = (side.pass)().map_err(|error| format!("{name}, {}: {error}", side.name))?;
        if pass.seen.messages != self.messages {
            return Err(format!(
                "{name}, {}: saw {} of {} messages",
                side.name, pass.seen.messages, self.messages
            ));
        }
        match self.sum {
            Some(sum) if sum != pass.seen.sum => Err(format!(
                "{name}, {}: saw other content than there is (sum {} instead of {sum})",
                side.name, pass.seen.sum
            )),
            _ => Ok(pass),
        }
    }

    /// Runs one side `iterations` times, for a profiler.
    pub(crate) fn repeat(&mut self, side: &str, iterations: usize) -> Result<(), String> {
        let wanted = |it: &Side| if side == "ours" { it.ours } else { it.name == side };
        let Some(at) = self.sides.iter().position(wanted) else {
            let names: Vec<_> = self.sides.iter().map(|side| side.name).collect();
            return Err(format!("{} has no side {side:?}; it has {}", self.name, names.join(", ")));
        };
        let mut fastest = Duration::MAX;
        for _ in 0..iterations {
            fastest = fastest.min(self.pass(at)?.time);
        }
        println!("{}, {}: {iterations} passes, the fastest {fastest:?}", self.name, self.sides[at].name);
        Ok(())
    }

    /// Runs each side once, and prints its row, its name, its messages and its allocations.
    pub(crate) fn run_counted(&mut self) -> Result<(), String> {
        for side in 0..self.sides.len() {
            let pass = self.pass(side)?;
            println!("{}\t{}\t{}\t{}", self.name, self.sides[side].name, self.messages, pass.allocations);
        }
        Ok(())
    }

    /// Only checks that every side decodes everything.
    pub(crate) fn check(&mut self) -> Result<(), String> {
        for side in 0..self.sides.len() {
            self.pass(side)?;
        }
        let names: Vec<_> = self.sides.iter().map(|side| side.name).collect();
        println!("{:<22} {} messages: {}", self.name, self.messages, names.join(", "));
        Ok(())
    }

    /// Measures, prints the row, and says of each goal whether it is met.
    pub(crate) fn measure(&mut self, effort: Effort) -> Result<Vec<Verdict>, String> {
        let mut samples: Vec<(Vec<f64>, f64, usize)> = Vec::new();
        let mut batches = Vec::new();
        for side in 0..self.sides.len() {
            let pass = self.pass(side)?;
            samples.push((Vec::new(), pass.allocations as f64, pass.peak));
            let passes = effort.batch.as_secs_f64() / pass.time.as_secs_f64().max(1e-9);
            batches.push((passes.ceil() as usize).clamp(1, 10_000));
        }
        for _ in 0..effort.rounds {
            for side in 0..self.sides.len() {
                let mut time = Duration::ZERO;
                for _ in 0..batches[side] {
                    time += self.pass(side)?.time;
                }
                samples[side].0.push(time.as_secs_f64() * 1e9 / batches[side] as f64);
            }
        }
        let figures: Vec<Figures> = samples
            .into_iter()
            .map(|(mut times, allocations, peak)| {
                times.sort_by(f64::total_cmp);
                Figures { nanoseconds: times[times.len() / 2], allocations, peak }
            })
            .collect();
        self.print(&figures);
        Ok(self.judge(&figures))
    }

    fn print(&self, figures: &[Figures]) {
        println!(
            "\n{}: {} messages, {} octets, {:.0} a message",
            self.name,
            self.messages,
            self.octets,
            self.octets as f64 / self.messages as f64
        );
        println!(
            "  {:<24} {:>10} {:>14} {:>14} {:>12} {:>9}",
            "side", "MB/s", "ns/message", "allocs/message", "held", "ratio"
        );
        let fastest = self.fastest_peer(figures);
        for (side, figure) in self.sides.iter().zip(figures) {
            let messages = self.messages as f64;
            let ratio = fastest.map_or(String::from("-"), |peer| {
                format!("{:.2}", figures[peer].nanoseconds / figure.nanoseconds)
            });
            println!(
                "  {:<24} {:>10.0} {:>14.1} {:>14.2} {:>12} {:>9}",
                side.name,
                self.octets as f64 * 1e3 / figure.nanoseconds,
                figure.nanoseconds / messages,
                figure.allocations / messages,
                octets(figure.peak),
                ratio
            );
        }
    }

    fn fastest_peer(&self, figures: &[Figures]) -> Option<usize> {
        (0..figures.len())
            .filter(|&at| !self.sides[at].ours)
            .min_by(|&a, &b| figures[a].nanoseconds.total_cmp(&figures[b].nanoseconds))
    }

    fn judge(&self, figures: &[Figures]) -> Vec<Verdict> {
        let named = |name: &str| self.sides.iter().position(|side| side.name == name);
        let ours = self.sides.iter().position(|side| side.ours);
        let verdict =
            |goal: String, reached: Option<(String, bool)>| Verdict { row: self.name, goal, reached };
        self.goals
            .iter()
            .map(|goal| match goal {
                Goal::Times(times, against) => {
                    let peer = against.map_or_else(|| self.fastest_peer(figures), named);
                    let name = peer.map_or("?", |peer| self.sides[peer].name);
                    let reached = ours.zip(peer).map(|(ours, peer)| {
                        let ratio = figures[peer].nanoseconds / figures[ours].nanoseconds;
                        (format!("{ratio:.2}x"), ratio >= *times)
                    });
                    verdict(format!(">= {times}x {name}"), reached)
                }
                Goal::Allocations(most) => {
                    let reached = ours.map(|ours| {
                        let allocations = figures[ours].allocations / self.messages as f64;
                        // A connection's own few buffers, spread over thousands of messages, are not of the messages.
                        (format!("{allocations:.3}"), allocations <= *most + 0.01)
                    });
                    verdict(format!("<= {most} allocations a message"), reached)
                }
                Goal::Held(most, side) => {
                    let reached =
                        named(side).map(|ours| (octets(figures[ours].peak), figures[ours].peak < *most));
                    verdict(format!("< {} held", octets(*most)), reached)
                }
            })
            .collect()
    }
}

/// Whether one goal is met.
pub(crate) struct Verdict {
    pub(crate) row: &'static str,
    pub(crate) goal: String,
    /// What was reached, and whether that is enough; nothing where mailwire has no side yet.
    pub(crate) reached: Option<(String, bool)>,
}

/// Prints the verdicts; whether all goals are met.
pub(crate) fn summarize(verdicts: &[Verdict]) -> bool {
    println!("\n{:<22} {:<36} {:>12}", "row", "at least", "reached");
    for verdict in verdicts {
        let (reached, word) = match &verdict.reached {
            Some((reached, true)) => (reached.as_str(), "OK"),
            Some((reached, false)) => (reached.as_str(), "SHORT"),
            None => ("-", "none yet"),
        };
        println!("{:<22} {:<36} {reached:>12}  {word}", verdict.row, verdict.goal);
    }
    verdicts.iter().all(|verdict| matches!(verdict.reached, Some((_, true))))
}

/// Octets as a person reads them.
pub(crate) fn octets(count: usize) -> String {
    match count {
        0..10_240 => format!("{count} B"),
        10_240..10_485_760 => format!("{:.0} KiB", count as f64 / 1_024.0),
        _ => format!("{:.0} MiB", count as f64 / 1_048_576.0),
    }
}
