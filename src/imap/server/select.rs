//! What a SELECT must be answered with.

use crate::imap::code::ResponseCode;
use crate::imap::condition::Status;
use crate::imap::flag::{Flag, Flags};
use crate::imap::list::List;
use crate::imap::modseq::ModSequence;
use crate::imap::object_id::ObjectId;
use crate::imap::response::{Data, Response};
use crate::imap::server::{InProgress, Server};
use crate::imap::state::{Effect, State};
use crate::wire::{Error, ErrorKind};
use alloc::vec::Vec;
use core::num::NonZeroU32;

/// What SELECT and EXAMINE must tell (RFC 3501 section 6.3.1, RFC 9051 section 6.3.2).
///
/// ```
/// use core::num::NonZeroU32;
/// use mailwire::imap::server::SelectData;
///
/// let uid = |uid| NonZeroU32::new(uid).unwrap();
/// let data = SelectData { unseen: Some(uid(12)), ..SelectData::new(172, uid(3_857_529_045), uid(4392)) };
/// assert!(data.flags.is_seen() && data.exists == 172 && data.recent == 0);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelectData {
    /// The flags that messages can have.
    pub flags: Flags,
    /// The flags that a client can change for good, `\*` among them if it can make keywords. Of a mailbox that can only be read there are none,
    /// and these are not told.
    pub permanent_flags: Flags,
    /// How many messages there are.
    pub exists: u32,
    /// How many of them are new to this session; a client that has enabled IMAP4rev2 is not told.
    pub recent: u32,
    /// The mailbox as LIST tells it: a client that has enabled IMAP4rev2 must be told, and to it [`Server::select`] fails without it. Others are
    /// not told.
    pub list: Option<List>,
    /// The first message that is not seen, by its sequence number.
    pub unseen: Option<NonZeroU32>,
    /// The value that changes when UIDs lose their meaning.
    pub uid_validity: NonZeroU32,
    /// The UID that the next message will get at least. `None` is for a server that cannot know, though both RFCs want it.
    pub uid_next: Option<NonZeroU32>,
    /// The highest mod-sequence (RFC 7162); zero for a mailbox that has none, which is told by NOMODSEQ.
    pub highest_mod_seq: Option<ModSequence>,
    /// The identifier of the mailbox (RFC 8474).
    pub mailbox_id: Option<ObjectId>,
    /// Whether the mailbox can only be read; with EXAMINE it is so whatever stands here. The client is told READ-ONLY and no permanent flags. To
    /// hold it to that is up to the application: it refuses STORE, EXPUNGE and MOVE, a FETCH of `BODY[…]` sets no `\Seen`, and CLOSE expunges
    /// nothing.
    pub read_only: bool,
}

impl SelectData {
    /// A mailbox with so many messages, none of them new, what their UIDs are valid with, and the UID that comes next. The flags are the system
    /// flags, and a client can change them all.
    pub fn new(exists: u32, uid_validity: NonZeroU32, uid_next: NonZeroU32) -> Self {
        let flags = Flags::from([Flag::Answered, Flag::Flagged, Flag::Deleted, Flag::Seen, Flag::Draft]);
        Self {
            permanent_flags: flags.clone(),
            flags,
            exists,
            recent: 0,
            list: None,
            unseen: None,
            uid_validity,
            uid_next: Some(uid_next),
            highest_mod_seq: None,
            mailbox_id: None,
            read_only: false,
        }
    }

    /// The responses before the completion.
    fn responses(&self, rev2: bool, read_only: bool) -> Result<Vec<Response>, Error> {
        const LIST: Error = Error::caller(ErrorKind::InvalidValue, "`list`, for a client of IMAP4rev2");
        let mailbox = match &self.list {
            _ if !rev2 => Data::Recent(self.recent),
            Some(list) => Data::List(list.clone()),
            None => return Err(LIST),
        };
        let mut told = Vec::from([
            Response::Data(Data::Flags(self.flags.clone())),
            Response::Data(Data::Exists(self.exists)),
            Response::Data(mailbox),
        ]);
        let mut code = |code, text: &'static str| told.push(Response::Status(Status::ok(text).code(code)));
        let permanent = if read_only { Flags::default() } else { self.permanent_flags.clone() };
        code(ResponseCode::PermanentFlags(permanent), "Flags permitted");
        if let Some(unseen) = self.unseen {
            code(ResponseCode::Unseen(unseen), "First unseen");
        }
        code(ResponseCode::UidValidity(self.uid_validity), "UIDs valid");
        if let Some(uid_next) = self.uid_next {
            code(ResponseCode::UidNext(uid_next), "Predicted next UID");
        }
        match self.highest_mod_seq {
            Some(ModSequence::ZERO) => code(ResponseCode::NoModSeq, "No mod-sequences"),
            Some(mod_seq) => code(ResponseCode::HighestModSeq(mod_seq), "Highest"),
            None => {}
        }
        if let Some(id) = &self.mailbox_id {
            code(ResponseCode::MailboxId(id.clone()), "Identifier");
        }
        Ok(told)
    }
}

/// A SELECT whose data have been told: more may follow, and then [`Server::end_select`].
#[derive(Debug)]
#[must_use = "the client waits for the completion of its SELECT"]
pub struct Selecting {
    in_progress: InProgress,
    read_only: bool,
}

impl Server {
    /// SELECT or EXAMINE has succeeded: all its data, and the completion. If another mailbox was selected, it is closed; the client is told so
    /// first, by the code CLOSED. A mailbox that cannot be selected is told by [`complete`](Server::complete) with NO, which leaves none selected.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidState`] for another command; it is then completed with BAD. [`ErrorKind::InvalidValue`] for a value that cannot be
    /// written, or is not there for a client that has enabled IMAP4rev2; it is then completed with NO.
    pub fn select(&mut self, in_progress: InProgress, select: &SelectData) -> Result<(), Error> {
        let selecting = self.begin_select(in_progress, select)?;
        self.end_select(selecting)
    }

    /// The data of SELECT or EXAMINE without the completion, which [`end_select`](Server::end_select) gives. In between stands what else the
    /// client is told: VANISHED and FETCH of a quick resynchronization (RFC 7162), codes such as NOMODSEQ, UIDNOTSTICKY or URLMECH.
    ///
    /// # Errors
    /// As [`select`](Server::select).
    pub fn begin_select(
        &mut self,
        mut in_progress: InProgress,
        select: &SelectData,
    ) -> Result<Selecting, Error> {
        self.check_owner(in_progress.owner)?;
        if in_progress.effect != Effect::Select {
            return Err(self.misuse(&in_progress, "Not SELECT", "SELECT or EXAMINE"));
        }
        self.tell_closed()?;
        in_progress.selecting = true;
        let read_only = select.read_only || in_progress.examines;
        let written = select.responses(self.enabled.rev2, read_only).and_then(|told| {
            self.write(|encoder| told.iter().try_for_each(|response| response.encode(encoder)))
        });
        if let Err(error) = written {
            self.complete(in_progress, &Status::no("SELECT failed"))?;
            return Err(error);
        }
        self.selecting = true;
        Ok(Selecting { in_progress, read_only })
    }

    /// SELECT or EXAMINE is complete, and the mailbox is selected.
    ///
    /// # Errors
    /// [`ErrorKind::Closed`] if the connection is over.
    pub fn end_select(&mut self, selecting: Selecting) -> Result<(), Error> {
        self.check_owner(selecting.in_progress.owner)?;
        let access = if selecting.read_only { ResponseCode::ReadOnly } else { ResponseCode::ReadWrite };
        let text = if selecting.in_progress.examines { "EXAMINE completed" } else { "SELECT completed" };
        self.answer(&selecting.in_progress, &Status::ok(text).code(access))?;
        self.enter(State::Selected);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7162 section 3.1.2: HIGHESTMODSEQ counts from one; a mailbox without mod-sequences says NOMODSEQ.
    #[test]
    fn a_mailbox_without_mod_sequences_says_so() {
        let codes = |highest_mod_seq| {
            let data = SelectData { highest_mod_seq, ..SelectData::new(1, NonZeroU32::MIN, NonZeroU32::MIN) };
            let told =
                data.responses(false, false).unwrap().into_iter().filter_map(|response| match response {
                    Response::Status(Status { code, .. }) => code,
                    _ => None,
                });
            told.filter(|code| matches!(code, ResponseCode::HighestModSeq(_) | ResponseCode::NoModSeq))
                .collect::<Vec<_>>()
        };
        assert_eq!(codes(None), []);
        assert_eq!(codes(Some(ModSequence::ZERO)), [ResponseCode::NoModSeq]);
        assert_eq!(codes(Some(ModSequence::MAX)), [ResponseCode::HighestModSeq(ModSequence::MAX)]);
    }
}
