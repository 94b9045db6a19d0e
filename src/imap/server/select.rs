//! What a SELECT must be answered with.

use crate::imap::code::ResponseCode;
use crate::imap::condition::Status;
use crate::imap::flag::Flags;
use crate::imap::modseq::ModSequence;
use crate::imap::response::Data;
use crate::imap::server::{InProgress, Server};
use crate::imap::state::Effect;
use crate::wire::{Error, ErrorKind};
use core::num::NonZeroU32;

/// The mandatory data of SELECT and EXAMINE (RFC 3501 section 6.3.1, RFC 9051 section 6.3.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelectData {
    /// The flags that messages can have.
    pub flags: Flags,
    /// The flags that a client can change for good, `\*` among them if it can make keywords.
    pub permanent_flags: Flags,
    /// How many messages there are.
    pub exists: u32,
    /// How many of them are new to this session; not in IMAP4rev2.
    pub recent: Option<u32>,
    /// The first message that is not seen, by its sequence number.
    pub unseen: Option<NonZeroU32>,
    /// The value that changes when UIDs lose their meaning.
    pub uid_validity: NonZeroU32,
    /// The UID that the next message will get at least.
    pub uid_next: Option<NonZeroU32>,
    /// The highest mod-sequence (RFC 7162).
    pub highest_mod_seq: Option<ModSequence>,
    /// Whether the mailbox can only be read.
    pub read_only: bool,
}

impl Server {
    /// SELECT or EXAMINE has succeeded: all its data, and the completion.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidState`] for another command; it is then completed with BAD.
    pub fn select(&mut self, in_progress: InProgress, select: &SelectData) -> Result<(), Error> {
        if in_progress.effect != Effect::Select {
            self.complete(in_progress, &Status::bad("Not SELECT"))?;
            return Err(Error::caller(ErrorKind::InvalidState, "SELECT or EXAMINE"));
        }
        self.data(&Data::Flags(select.flags.clone()))?;
        self.data(&Data::Exists(select.exists))?;
        if let Some(recent) = select.recent {
            self.data(&Data::Recent(recent))?;
        }
        let code = |code| Status::ok("").code(code);
        self.status(
            &code(ResponseCode::PermanentFlags(select.permanent_flags.clone())).text("Flags permitted"),
        )?;
        if let Some(unseen) = select.unseen {
            self.status(&code(ResponseCode::Unseen(unseen)).text("First unseen"))?;
        }
        self.status(&code(ResponseCode::UidValidity(select.uid_validity)).text("UIDs valid"))?;
        if let Some(uid_next) = select.uid_next {
            self.status(&code(ResponseCode::UidNext(uid_next)).text("Predicted next UID"))?;
        }
        if let Some(mod_seq) = select.highest_mod_seq {
            self.status(&code(ResponseCode::HighestModSeq(mod_seq)).text("Highest"))?;
        }
        let (access, text) = if select.read_only {
            (ResponseCode::ReadOnly, "EXAMINE completed")
        } else {
            (ResponseCode::ReadWrite, "SELECT completed")
        };
        self.complete(in_progress, &Status::ok(text).code(access))?;
        self.enter_selected();
        Ok(())
    }
}
