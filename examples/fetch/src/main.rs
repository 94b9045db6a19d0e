//! Takes mail over POP3 and IMAP: `fetch --help` says how.

mod failure;
mod imap;
mod options;
mod pop3;
mod progress;
mod state;
mod target;
mod transport;
mod url;

use failure::Kind;
use options::{HELP, Options};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use url::Protocol;

/// What a run did.
#[derive(Debug, Default)]
struct Summary {
    /// Messages saved now.
    taken: u64,
    /// Messages that an earlier run saved.
    known: u64,
    /// Messages deleted from the server.
    deleted: u64,
    /// Messages that could not be saved or deleted.
    failed: u64,
}

fn main() -> ExitCode {
    let mut options = match Options::parse(std::env::args_os()) {
        Ok(Some(options)) => options,
        Ok(None) => {
            // Who has closed the pipe has read enough.
            let _ = std::io::stdout().write_all(HELP.as_bytes());
            return ExitCode::SUCCESS;
        }
        Err(failure) => {
            eprintln!("fetch: {failure}\nfetch --help tells the options.");
            return exit(failure.kind);
        }
    };
    if options.insecure {
        eprintln!(
            "fetch: warning: the server's certificate is not checked: anybody can be the server and read the password"
        );
    }
    let result = match options.url.protocol {
        Protocol::Pop3 => pop3::run(&mut options),
        Protocol::Imap => imap::run(&mut options),
    };
    match result {
        Ok(summary) => {
            if !options.quiet {
                // The mail is there, whether or not anybody reads this.
                let _ = writeln!(std::io::stdout(), "{}", describe(&summary));
            }
            if summary.failed > 0 { exit(Kind::Incomplete) } else { ExitCode::SUCCESS }
        }
        Err(failure) => {
            eprintln!("fetch: {failure}");
            exit(failure.kind)
        }
    }
}

fn exit(kind: Kind) -> ExitCode {
    ExitCode::from(kind.status())
}

fn describe(summary: &Summary) -> String {
    let mut text = format!("{} taken", summary.taken);
    for (count, what) in [
        (summary.known, "taken before"),
        (summary.deleted, "deleted from the server"),
        (summary.failed, "failed"),
    ] {
        if count > 0 {
            text.push_str(&format!(", {count} {what}"));
        }
    }
    text
}

/// The file that remembers what was taken of this account or mailbox.
fn state_path(options: &Options, account: &str) -> PathBuf {
    match &options.state {
        Some(path) => path.clone(),
        None => options.directory.join(format!("fetch-{}.state", target::Key::new(account, b"state"))),
    }
}
