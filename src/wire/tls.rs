//! Whether octets may be seen on their way.

/// What is to be thought of TLS on a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tls {
    /// No credential goes over the connection before an upgrade has protected it. A server refuses them, a client has no way to send
    /// them, and a server that does not offer the upgrade is left.
    #[default]
    Required,
    /// The upgrade can be used, and credentials go over the plain connection, too: for a loopback address or a test.
    Optional,
    /// There is no upgrade, and credentials go over the plain connection.
    Unavailable,
    /// The connection is protected already: a port of its own, or a socket nobody else reads (RFC 8314 section 3).
    Established,
}

impl Tls {
    /// Whether credentials and mail may pass.
    pub const fn permits_credentials(self) -> bool {
        !matches!(self, Self::Required)
    }

    /// Whether the connection may turn to TLS.
    pub const fn permits_upgrade(self) -> bool {
        matches!(self, Self::Required | Self::Optional)
    }
}
