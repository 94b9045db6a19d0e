//! Which forms of APPEND a client was told that it may use.

use crate::imap::append::Append;
use crate::imap::capability::{Capabilities, Capability};
use crate::imap::command_event::Literal;

/// What the capabilities that the client was told last say of APPEND. The rest is not given to the application, which could miss that a message
/// is not what it looks like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct AppendForms {
    /// More messages than one (MULTIAPPEND, RFC 3502).
    several: bool,
    /// Messages put together from parts (CATENATE, RFC 4469).
    catenate: bool,
    /// REPLACE (RFC 8508).
    replace: bool,
    /// Any octets, as a literal8 (BINARY, RFC 3516).
    binary: bool,
    /// Header fields in UTF-8 (UTF8=ACCEPT, RFC 6855).
    utf8: bool,
}

impl AppendForms {
    /// What the client is told now: it forgets what it was told before.
    pub(super) fn told(capabilities: &Capabilities) -> Self {
        let has = |capability| capabilities.contains(&capability);
        Self {
            several: has(Capability::MultiAppend),
            catenate: has(Capability::Catenate),
            replace: has(Capability::Replace),
            binary: has(Capability::Binary),
            utf8: has(Capability::Utf8Accept) || has(Capability::Utf8Only),
        }
    }

    /// What of this message was not offered; `utf8` holds where it is enabled all the same.
    pub(super) fn missing_of_literal(
        self,
        literal: &Literal,
        another: bool,
        utf8: bool,
    ) -> Option<&'static str> {
        match literal {
            Literal { utf8: true, .. } if !self.utf8 && !utf8 => Some("UTF8=ACCEPT, as it was offered"),
            Literal { utf8: false, binary: true, .. } if !self.binary => Some("BINARY, as it was offered"),
            _ => self.missing(&literal.append, another),
        }
    }

    /// What of a message put together from parts was not offered.
    pub(super) fn missing_of_catenate(self, append: &Append, another: bool) -> Option<&'static str> {
        if self.catenate { self.missing(append, another) } else { Some("CATENATE, as it was offered") }
    }

    fn missing(self, append: &Append, another: bool) -> Option<&'static str> {
        if append.replaces.is_some() && !self.replace {
            Some("REPLACE, as it was offered")
        } else if another && !self.several {
            Some("MULTIAPPEND, as it was offered")
        } else {
            None
        }
    }
}
