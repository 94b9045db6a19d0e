//! Debian's Dovecot, as an ordinary user on free ports.

use std::{
    fs,
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use super::{
    process::{Running, program},
    scratch::Scratch,
};

/// Any user's password.
pub const PASSWORD: &str = "secret";

/// A running Dovecot with mail in it.
pub struct Dovecot {
    // Ends before its folder goes.
    _running: Running,
    folder: Scratch,
    pub pop3: u16,
    pub pop3s: u16,
    pub imap: u16,
    pub imaps: u16,
}

impl Dovecot {
    /// Starts it, each user's INBOX holding these messages, and waits until it listens.
    pub fn start(mailboxes: &[(&str, &[Vec<u8>])]) -> Self {
        program("dovecot", "dovecot-imapd dovecot-pop3d");
        program("openssl", "openssl");
        let folder = Scratch::new("dovecot");
        for (user, messages) in mailboxes {
            let maildir = folder.join(format!("mail/{user}/Maildir"));
            for sub in ["tmp", "new", "cur"] {
                fs::create_dir_all(maildir.join(sub)).unwrap();
            }
            for (number, message) in messages.iter().enumerate() {
                // Names in the order of the messages, which is then the order of their UIDs.
                fs::write(maildir.join(format!("new/{}.M0P{number}.host", 1_600_000_000 + number)), message)
                    .unwrap();
            }
        }
        let [pop3, pop3s, imap, imaps] = free_ports();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/peers/dovecot.sh");
        let mut running = Running::start(
            Command::new(script)
                .arg(folder.path())
                .args([pop3, pop3s, imap, imaps].map(|port| port.to_string()))
                .stdin(Stdio::null()),
        );
        let start = Instant::now();
        for port in [pop3, pop3s, imap, imaps] {
            while TcpStream::connect(("127.0.0.1", port)).is_err() {
                let log = || fs::read_to_string(folder.join("dovecot.log")).unwrap_or_default();
                if let Some(status) = running.0.try_wait().unwrap() {
                    panic!("Dovecot did not start: {status}\n{}", log());
                }
                assert!(start.elapsed() < Duration::from_secs(30), "Dovecot does not listen\n{}", log());
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        Self { _running: running, folder, pop3, pop3s, imap, imaps }
    }

    /// The certificate that a client has to trust, PEM. It is for localhost and 127.0.0.1.
    pub fn certificate(&self) -> PathBuf {
        self.folder.join("cert.pem")
    }

    /// How many messages are in the user's INBOX.
    pub fn count(&self, user: &str) -> usize {
        ["new", "cur"]
            .map(|sub| fs::read_dir(self.folder.join(format!("mail/{user}/Maildir/{sub}"))).unwrap().count())
            .iter()
            .sum()
    }
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", fs::read_to_string(self.folder.join("dovecot.log")).unwrap_or_default());
        }
    }
}

/// Ports that were free just now.
fn free_ports<const N: usize>() -> [u16; N] {
    // All held at once, so that they differ.
    [(); N]
        .map(|()| TcpListener::bind("127.0.0.1:0").unwrap())
        .map(|listener| listener.local_addr().unwrap().port())
}
