//! The project's own server.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::{
    process::{Running, peak_memory},
    scratch::Scratch,
};

/// Who may log in.
pub const USER: &str = "user";
/// With this.
pub const PASSWORD: &str = "pass word";

/// Where the server keeps its mail.
#[derive(Debug, Clone, Copy)]
pub enum Store {
    Memory,
    Maildir,
}

/// A running `serve`: POP3 and IMAP, each plain and in TLS.
pub struct Serve {
    // Ends before its folder goes.
    running: Running,
    folder: Scratch,
    pub pop3: u16,
    pub pop3s: u16,
    pub imap: u16,
    pub imaps: u16,
}

impl Serve {
    /// Starts it and waits until it listens. `maildir` prepares the folder that is the user's Maildir.
    pub fn start(program: &Path, store: Store, maildir: impl FnOnce(&Path)) -> Self {
        let folder = Scratch::new("serve");
        let mut command = Command::new(program);
        for protocol in ["pop3", "pop3s", "imap", "imaps"] {
            command.arg(format!("--{protocol}")).arg("127.0.0.1:0");
        }
        command.arg("--user").arg(format!("{USER}:{PASSWORD}")).arg("--allow-plaintext");
        command.arg("--self-signed").arg("--write-cert").arg(folder.join("cert.pem"));
        match store {
            Store::Memory => command.arg("--memory"),
            Store::Maildir => {
                let user = folder.join("mail").join(USER);
                for sub in ["tmp", "new", "cur"] {
                    std::fs::create_dir_all(user.join(sub)).unwrap();
                }
                maildir(&user);
                command.arg("--maildir").arg(folder.join("mail"))
            }
        };
        let log = File::create(folder.join("log")).unwrap();
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
        let mut running = Running::start(&mut command);
        let mut ports = [0; 4];
        let mut lines = BufReader::new(running.0.stdout.take().unwrap()).lines();
        for port in &mut ports {
            let line = lines.next().and_then(Result::ok).unwrap_or_default();
            *port = line
                .strip_prefix("listening ")
                .and_then(|rest| rest.rsplit_once(':'))
                .and_then(|(_, port)| port.parse().ok())
                .unwrap_or_else(|| {
                    let log = std::fs::read_to_string(folder.join("log")).unwrap_or_default();
                    panic!("serve did not say where it listens: {line:?}\n{log}")
                });
        }
        let [pop3, pop3s, imap, imaps] = ports;
        Self { running, folder, pop3, pop3s, imap, imaps }
    }

    /// The certificate that a client has to trust, PEM. It is for localhost and 127.0.0.1.
    pub fn certificate(&self) -> PathBuf {
        self.folder.join("cert.pem")
    }

    /// The user's Maildir.
    pub fn maildir(&self) -> PathBuf {
        self.folder.join("mail").join(USER)
    }

    /// The most octets of memory that it has held.
    pub fn peak_memory(&self) -> u64 {
        peak_memory(self.running.0.id()).unwrap_or_else(|| panic!("serve has ended"))
    }
}

impl Drop for Serve {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!(
                "serve said:\n{}",
                std::fs::read_to_string(self.folder.join("log")).unwrap_or_default()
            );
        }
    }
}
