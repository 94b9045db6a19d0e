//! Measures mailwire beside its peers: parse and serialize, time and allocations, growth, memory held.
//!
//! Every side decodes the same octets, is checked for having decoded all of them, and takes its turn in
//! every round, so that a machine that slows down slows all of them down. Ratios hold elsewhere,
//! absolute figures do not.

mod counting;
mod growth;
mod harness;
mod input;
mod ours;
mod peers;
mod rows;
mod steps;

use std::process::ExitCode;
use std::time::Duration;

use harness::{Effort, summarize};
use lexopt::prelude::{Long, Short, ValueExt};

const HELP: &str = "\
Measures mailwire beside its peers.

    cargo run --release -p mailwire-benches -- [OPTIONS]

    --filter TEXT      only the rows whose name has TEXT in it
    --rounds N         rounds of all sides in turn (default 9)
    --quick            decode everything once, on small inputs, and check; measure nothing
    --steps            instead: instructions and allocations a message, counted by valgrind
    --growth           instead: t(2n)/t(n) at reads of 1, 7, 64 and 1,460 octets; with --steps in instructions
    --memory           instead: the octets held by one idle server connection, and under floods
    --assert           exit with 1 if a goal is not reached
    --list             list the rows
    --help             show this

For a profiler, one side alone:

    --row NAME --side SIDE [--iterations N]

SIDE is 'ours' or a side's name as the table shows it. `callgrind --collect-atstart=no
--toggle-collect='*harness::measured*'` counts what is measured, and nothing else.
";

struct Options {
    filter: Option<String>,
    rounds: usize,
    quick: bool,
    growth: bool,
    steps: bool,
    counted_growth: bool,
    counted_rows: bool,
    memory: bool,
    assert: bool,
    list: bool,
    help: bool,
    row: Option<String>,
    side: String,
    iterations: usize,
}

fn options() -> Result<Options, lexopt::Error> {
    let mut options = Options {
        filter: None,
        rounds: 9,
        quick: false,
        growth: false,
        steps: false,
        counted_growth: false,
        counted_rows: false,
        memory: false,
        assert: false,
        list: false,
        help: false,
        row: None,
        side: String::from("ours"),
        iterations: 10,
    };
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("filter") => options.filter = Some(arguments.value()?.string()?),
            Long("rounds") => options.rounds = arguments.value()?.parse::<usize>()?.max(1),
            Long("quick") => options.quick = true,
            Long("growth") => options.growth = true,
            Long("steps") => options.steps = true,
            // What is counted of `--steps`.
            Long("counted-growth") => options.counted_growth = true,
            Long("counted-rows") => options.counted_rows = true,
            Long("memory") => options.memory = true,
            Long("assert") => options.assert = true,
            Long("list") => options.list = true,
            Long("help") | Short('h') => options.help = true,
            Long("row") => options.row = Some(arguments.value()?.string()?),
            Long("side") => options.side = arguments.value()?.string()?,
            Long("iterations") => options.iterations = arguments.value()?.parse()?,
            _ => return Err(argument.unexpected()),
        }
    }
    Ok(options)
}

/// Does what was asked; whether every goal is reached.
fn run(options: &Options) -> Result<bool, String> {
    if options.help {
        print!("{HELP}");
        return Ok(true);
    }
    if options.list {
        for row in rows::ROWS {
            println!("{:<22} {}", row.name, row.about);
        }
        return Ok(true);
    }
    let filter = options.filter.as_deref();
    if options.counted_growth {
        return growth::run_counted(filter).map(|()| true);
    }
    if options.counted_rows {
        return rows::run_counted(filter).map(|()| true);
    }
    match (options.growth, options.steps) {
        (true, true) => return growth::measure_steps(filter),
        (true, false) => return growth::measure(filter),
        (false, true) => return rows::count(filter),
        (false, false) => {}
    }
    if options.memory {
        let idle = growth::idle()?;
        return Ok(growth::floods()? && idle);
    }
    if let Some(name) = &options.row {
        let row = rows::ROWS
            .iter()
            .find(|row| row.name == name)
            .ok_or_else(|| format!("there is no row {name:?}; see --list"))?;
        (row.make)(row.name, options.quick)?.repeat(&options.side, options.iterations)?;
        return Ok(true);
    }
    let mut verdicts = Vec::new();
    let wanted = |name: &str| options.filter.as_deref().is_none_or(|filter| name.contains(filter));
    for row in rows::ROWS.iter().filter(|row| wanted(row.name)) {
        let mut row = (row.make)(row.name, options.quick)?;
        if options.quick {
            row.check()?;
        } else {
            let effort = Effort { rounds: options.rounds, batch: Duration::from_millis(20) };
            verdicts.extend(row.measure(effort)?);
        }
    }
    Ok(options.quick || summarize(&verdicts))
}

fn main() -> ExitCode {
    let options = match options() {
        Ok(options) => options,
        Err(error) => {
            eprintln!("mailwire-benches: {error}; see --help");
            return ExitCode::from(2);
        }
    };
    match run(&options) {
        Ok(reached) => ExitCode::from(u8::from(options.assert && !reached)),
        Err(error) => {
            eprintln!("mailwire-benches: {error}");
            ExitCode::from(2)
        }
    }
}
