//! What a SELECT must be answered with.

use crate::imap::code::ResponseCode;
use crate::imap::condition::Status;
use crate::imap::flag::Flags;
use crate::imap::modseq::ModSequence;
use crate::imap::response::{Data, Response};
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
    /// [`ErrorKind::InvalidState`] for another command; it is then completed with BAD. [`ErrorKind::InvalidValue`] for a value that
    /// cannot be written; it is then completed with NO.
    pub fn select(&mut self, in_progress: InProgress, select: &SelectData) -> Result<(), Error> {
        if in_progress.effect != Effect::Select {
            self.complete(in_progress, &Status::bad("Not SELECT"))?;
            return Err(Error::caller(ErrorKind::InvalidState, "SELECT or EXAMINE"));
        }
        let mut told = alloc::vec::Vec::from([
            Response::Data(Data::Flags(select.flags.clone())),
            Response::Data(Data::Exists(select.exists)),
        ]);
        told.extend(select.recent.map(|recent| Response::Data(Data::Recent(recent))));
        let mut code = |code, text: &'static str| told.push(Response::Status(Status::ok(text).code(code)));
        code(ResponseCode::PermanentFlags(select.permanent_flags.clone()), "Flags permitted");
        if let Some(unseen) = select.unseen {
            code(ResponseCode::Unseen(unseen), "First unseen");
        }
        code(ResponseCode::UidValidity(select.uid_validity), "UIDs valid");
        if let Some(uid_next) = select.uid_next {
            code(ResponseCode::UidNext(uid_next), "Predicted next UID");
        }
        if let Some(mod_seq) = select.highest_mod_seq {
            code(ResponseCode::HighestModSeq(mod_seq), "Highest");
        }
        let written = self.write(|encoder| told.iter().try_for_each(|response| response.encode(encoder)));
        if let Err(error) = written {
            self.complete(in_progress, &Status::no("SELECT failed"))?;
            return Err(error);
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
