//! Running a program that has to be there, and how much memory one took.

use std::{
    fs,
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

/// Where the program is: Debian's before any other.
///
/// # Panics
/// If it is not installed: a test that cannot run must not look as if it had passed.
pub fn program(name: &str, package: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    ["/usr/bin".into(), "/usr/sbin".into()]
        .into_iter()
        .chain(std::env::split_paths(&path))
        .map(|folder: PathBuf| folder.join(name))
        .find(|candidate| candidate.is_file())
        .unwrap_or_else(|| {
            panic!("{name} is not installed, and this test needs it: apt-get install {package}")
        })
}

/// Waits for the program, however it ends.
///
/// # Panics
/// If it cannot be started.
pub fn output(command: &mut Command) -> Output {
    command.stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

/// What the program wrote to its standard output.
///
/// # Panics
/// If it does not end with status 0, with all that it wrote.
pub fn run(command: &mut Command) -> Vec<u8> {
    let output = output(command);
    assert!(output.status.success(), "{}", describe(command, &output));
    output.stdout
}

/// A program that ended, for a person to read.
pub fn describe(command: &Command, output: &Output) -> String {
    format!(
        "{command:?}: {}\n{}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// The most octets of memory that a process has held at any one time; `None` once it has ended.
pub fn peak_memory(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kibibytes * 1024)
}

/// Runs the program to its end and gives the most memory that it held.
///
/// # Panics
/// If it does not end with status 0, or takes longer than that.
pub fn run_watched(command: &mut Command, longest: Duration) -> u64 {
    let mut running = Running::start(command.stdin(Stdio::null()));
    let start = Instant::now();
    let mut peak = 0;
    loop {
        // The high-water mark only grows: what the last look misses is what came in a hundredth of a second.
        peak = peak_memory(running.0.id()).unwrap_or(peak);
        if let Some(status) = running.0.try_wait().unwrap() {
            assert!(status.success(), "{command:?}: {status}");
            return peak;
        }
        assert!(start.elapsed() < longest, "{command:?} is still running");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A process that is ended on drop, in the way that lets it end its own.
pub struct Running(pub Child);

impl Running {
    pub fn start(command: &mut Command) -> Self {
        Self(command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}")))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Ok(None) = self.0.try_wait() {
            // The shell's own: a bare machine has no program of that name.
            let _ = Command::new("sh").arg("-c").arg(format!("kill {}", self.0.id())).status();
            let start = Instant::now();
            while let Ok(None) = self.0.try_wait() {
                if start.elapsed() > Duration::from_secs(5) {
                    let _ = self.0.kill();
                    let _ = self.0.wait();
                    break;
                }
                std::thread::sleep(Duration::from_millis(10));
            }
        }
    }
}
