//! What each side is told before it starts.

use super::quirk::Quirks;
use super::reply::Reply;
use crate::wire::{Limits, Tls};

/// The transport changes to TLS now: nothing is read or sent before `resume` takes this back.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "the connection stands still until TLS is established"]
pub struct StartTls(());

impl StartTls {
    pub(super) const fn new() -> Self {
        Self(())
    }
}

/// What a client is told.
#[derive(Clone, Debug)]
pub struct ClientConfig {
    /// How much the server may make the client hold.
    pub limits: Limits,
    /// What is forgiven; [`Quirks::lenient`] by default.
    pub quirks: Quirks,
    /// [`Tls::Required`] by default.
    pub tls: Tls,
    /// Whether APOP may be used; not by default, since MD5 protects no password any more.
    pub apop: bool,
}

impl ClientConfig {
    /// A client on port 110: STLS is required.
    pub const fn new() -> Self {
        Self { limits: Limits::pop3_client(), quirks: Quirks::lenient(), tls: Tls::Required, apop: false }
    }

    /// A client on a connection that is protected already, as on port 995.
    pub const fn protected() -> Self {
        Self { tls: Tls::Established, ..Self::new() }
    }
}

impl Default for ClientConfig {
    fn default() -> Self {
        Self::new()
    }
}

/// What a server is told.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// How much a client may make the server hold before it is known.
    pub limits_before_login: Limits,
    /// How much it may once it is known.
    pub limits: Limits,
    /// [`Tls::Required`] by default.
    pub tls: Tls,
    /// The first line.
    pub greeting: Reply,
    /// Whether USER and PASS take UTF-8 before the UTF8 command: the capability `UTF8 USER`.
    pub utf8_user: bool,
}

impl ServerConfig {
    /// A server on port 110: STLS is required before a login.
    pub fn new() -> Self {
        Self {
            limits_before_login: Limits::pop3_server_before_login(),
            limits: Limits::pop3_server(),
            tls: Tls::Required,
            greeting: Reply::ok("POP3 server ready"),
            utf8_user: false,
        }
    }

    /// A server on a connection that is protected already, as on port 995.
    pub fn protected() -> Self {
        Self { tls: Tls::Established, ..Self::new() }
    }
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self::new()
    }
}
