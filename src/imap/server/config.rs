//! How a server deals with its client.

use crate::wire::{Limits, Tls};

/// How a server deals with its client.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// How much a client may make this side hold before it is known who it is.
    pub before_login: Limits,
    /// The same for a user.
    pub limits: Limits,
    /// What protects the connection, or must.
    pub tls: Tls,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            before_login: Limits::imap_server_before_login(),
            limits: Limits::imap_server(),
            tls: Tls::Required,
        }
    }
}
