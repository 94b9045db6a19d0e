//! What ENABLE must be answered with.

use crate::imap::capability::Capabilities;
use crate::imap::condition::Status;
use crate::imap::response::Data;
use crate::imap::server::{InProgress, Server};
use crate::imap::state::Effect;
use crate::wire::Error;

impl Server {
    /// ENABLE is complete (RFC 5161): `enabled` is what it has turned on, and may be empty.
    ///
    /// From here on strings and names are UTF-8 if UTF8=ACCEPT (RFC 6855) or IMAP4rev2 is among it; with IMAP4rev2 no RECENT is told, and SELECT
    /// tells the mailbox by LIST; with UIDONLY a command that names messages by sequence numbers comes as
    /// [`Event::Malformed`](super::Event::Malformed) (RFC 9586). What else an extension changes is up to the application.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidState`](crate::wire::ErrorKind::InvalidState) for another command; it is then completed with BAD.
    pub fn enable(&mut self, in_progress: InProgress, enabled: &Capabilities) -> Result<(), Error> {
        self.check_owner(in_progress.owner)?;
        if in_progress.effect != Effect::Enable {
            return Err(self.misuse(&in_progress, "Not ENABLE", "ENABLE"));
        }
        self.data(&Data::Enabled(enabled.clone()))?;
        self.complete(in_progress, &Status::ok("ENABLE completed"))
    }
}
