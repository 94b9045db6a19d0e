//! What a client has enabled: extensions that change what both sides write from then on.
//!
//! ```abnf
//! ; RFC 5161 section 4
//! enable      = "ENABLE" 1*(SP capability)
//! enable-data = "ENABLED" *(SP capability)
//! ```
//!
//! The answer decides, not the command: ENABLED says what holds from the next line on. A new security layer or another user takes it all back.
//! A client enables nothing once it has selected a mailbox; a server need not mind.

use crate::imap::capability::{Capabilities, Capability};

/// What holds on a connection because the client enabled it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Enabled {
    /// Names and strings are UTF-8: UTF8=ACCEPT (RFC 6855) or IMAP4rev2.
    pub(crate) utf8: bool,
    /// UTF8=ACCEPT itself, which forbids a charset in SEARCH.
    pub(crate) utf8_accept: bool,
    /// IMAP4rev2 (RFC 9051).
    pub(crate) rev2: bool,
    /// Messages are named by UIDs alone: UIDONLY (RFC 9586).
    pub(crate) uid_only: bool,
    /// A mailbox has been selected: a client enables nothing more (RFC 5161 section 3.1).
    pub(crate) is_final: bool,
}

impl Enabled {
    /// What ENABLED says; what was enabled before stays.
    pub(crate) fn learn(&mut self, capabilities: &Capabilities) {
        let has = |capability| capabilities.contains(&capability);
        self.rev2 |= has(Capability::Imap4rev2);
        self.utf8_accept |= has(Capability::Utf8Accept);
        self.utf8 |= self.rev2 || self.utf8_accept;
        self.uid_only |= has(Capability::UidOnly);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_enabled_stays() {
        let mut enabled = Enabled::default();
        enabled.learn(&[Capability::Utf8Accept].into_iter().collect());
        assert_eq!(enabled, Enabled { utf8: true, utf8_accept: true, ..Enabled::default() });
        enabled.learn(&[Capability::UidOnly, Capability::QResync].into_iter().collect());
        assert_eq!(enabled, Enabled { utf8: true, utf8_accept: true, uid_only: true, ..Enabled::default() });
        enabled.learn(&[Capability::Imap4rev2].into_iter().collect());
        assert!(enabled.rev2);
    }
}
