//! How a client deals with its server.

use crate::imap::quirk::Quirks;
use crate::wire::{Limits, Tls};

/// How a client deals with its server. The default is lenient, and refuses to go on in the clear.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// Which departures from the grammar are forgiven.
    pub quirks: Quirks,
    /// How much the server may make this side hold.
    pub limits: Limits,
    /// What protects the connection, or must.
    pub tls: Tls,
}

impl Default for Config {
    fn default() -> Self {
        Self { quirks: Quirks::lenient(), limits: Limits::imap_client(), tls: Tls::Required }
    }
}

impl Config {
    /// Nothing is forgiven.
    pub fn strict() -> Self {
        Self { quirks: Quirks::strict(), ..Self::default() }
    }
}
