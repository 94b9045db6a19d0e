//! Why the program ends, for a person and for a script.

use crate::transport;
use mailwire::blocking::ConnectionError;
use std::fmt;
use std::io;
use std::path::Path;

/// Somebody on the way may have taken the offer out.
pub const NO_TLS: &str = "the server offers no TLS on this port; try the pop3s: or imaps: scheme, or let others read the password with --plaintext";

/// What kind of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Some messages could not be had; the others were taken.
    Incomplete,
    /// The command line, or what it names.
    Usage,
    /// No connection, no TLS, or cut off.
    Connection,
    /// The server does not let the user in.
    Login,
    /// The server says what it may not, or refuses what was asked.
    Server,
    /// The local disk.
    Disk,
}

impl Kind {
    /// The exit status, as `--help` tells.
    pub fn status(self) -> u8 {
        match self {
            Self::Incomplete => 1,
            Self::Usage => 2,
            Self::Connection => 3,
            Self::Login => 4,
            Self::Server => 5,
            Self::Disk => 6,
        }
    }
}

/// A failure, told in words.
#[derive(Debug)]
pub struct Failure {
    pub kind: Kind,
    pub message: String,
}

impl Failure {
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, message)
    }

    pub fn server(message: impl Into<String>) -> Self {
        Self::new(Kind::Server, message)
    }

    /// An answer in more pieces than may be.
    pub fn endless(most: u32) -> Self {
        Self::server(format!(
            "the answer of the server has no end: more than {most} lines (--max-messages allows more)"
        ))
    }

    /// The error of a file.
    pub fn disk(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |error| Self::new(Kind::Disk, format!("{}: {error}", path.display()))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<ConnectionError> for Failure {
    fn from(error: ConnectionError) -> Self {
        match error {
            ConnectionError::Io(error) => {
                Self::new(Kind::Connection, format!("connection lost: {}", transport::explain(&error)))
            }
            ConnectionError::Protocol(error) => error.into(),
            error => Self::new(Kind::Connection, error.to_string()),
        }
    }
}

impl From<mailwire::wire::Error> for Failure {
    fn from(error: mailwire::wire::Error) -> Self {
        use mailwire::wire::ErrorKind;
        match error.kind() {
            ErrorKind::UnexpectedEof => {
                Self::new(Kind::Connection, "the server closed the connection too early")
            }
            ErrorKind::StartTlsUnavailable => Self::new(Kind::Connection, NO_TLS),
            ErrorKind::StartTlsInjection => Self::new(
                Kind::Connection,
                "somebody put octets before the start of TLS: the connection is under attack",
            ),
            ErrorKind::MessageTooLarge => {
                Self::server("a message has no end: more than 4 GiB of it have come, or were announced")
            }
            ErrorKind::PrivacyRequired => {
                Self::new(Kind::Login, "the server takes no password on this connection")
            }
            _ => Self::server(format!("the server is not understood: {error}")),
        }
    }
}

/// Text of a server, fit for a terminal.
pub fn printable(octets: impl AsRef<[u8]>) -> String {
    let text = String::from_utf8_lossy(octets.as_ref());
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).take(300).collect()
}
