//! Steps: instructions, counted by `callgrind`. The clock of a busy machine says little; these are the same on every run.
//!
//! A run of this program counts another of itself, in which each call of a function is counted alone.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs this program with these arguments under `callgrind`, which knows the function by its whole name. Gives the lines that it printed, and with each the steps of the call of
/// `function` that came before it.
pub(crate) fn counted(arguments: &[&str], function: &str) -> Result<Vec<(String, u64)>, String> {
    let directory = std::env::temp_dir().join(format!("mailwire-steps-{}", std::process::id()));
    fs::create_dir_all(&directory).map_err(|error| format!("{}: {error}", directory.display()))?;
    let counted = count_in(&directory, arguments, function);
    // Nobody needs it any more; if it cannot be removed, it is small.
    let _ = fs::remove_dir_all(&directory);
    counted
}

fn count_in(directory: &Path, arguments: &[&str], function: &str) -> Result<Vec<(String, u64)>, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let dumps = directory.join("dump");
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--collect-atstart=no", "--compress-strings=no", "--dump-line=no"])
        .arg(format!("--callgrind-out-file={}", dumps.display()))
        .arg(format!("--toggle-collect={function}"))
        .arg(format!("--dump-after={function}"))
        .arg(program)
        .args(arguments)
        .output()
        .map_err(|error| format!("valgrind counts the steps: {error}"))?;
    if !output.status.success() {
        // What this program said stands between the lines of valgrind.
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(said.lines().filter(|line| !line.starts_with("==")).collect::<Vec<_>>().join("\n"));
    }
    let lines = String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect::<Vec<_>>();
    lines.into_iter().enumerate().map(|(at, line)| Ok((line, steps_of(&dump(&dumps, at + 1))?))).collect()
}

fn dump(dumps: &Path, number: usize) -> PathBuf {
    PathBuf::from(format!("{}.{number}", dumps.display()))
}

/// What a dump says of all that was counted.
fn steps_of(dump: &Path) -> Result<u64, String> {
    let text = fs::read_to_string(dump).map_err(|error| format!("{}: {error}", dump.display()))?;
    text.lines()
        .find_map(|line| line.strip_prefix("totals: ").or_else(|| line.strip_prefix("summary: ")))
        .and_then(|steps| steps.trim().parse().ok())
        .ok_or_else(|| format!("{} has no sum", dump.display()))
}
