//! What the server has said, as far as a client has to remember it.

use crate::imap::capability::{Capabilities, Capability};
use crate::imap::client::Violation;
use crate::imap::client::pending::{Kind, Pending};
use crate::imap::code::ResponseCode;
use crate::imap::condition::Status;
use crate::imap::fetch::Fetch;
use crate::imap::response::Data;
use crate::imap::state::{Effect, State};
use alloc::collections::VecDeque;

/// What the server has said of itself and of the mailbox.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// In this security layer and for this user.
    pub(super) capabilities: Option<Capabilities>,
    /// Whether they were told while a login that is sent was the oldest command, so that they are true of this user.
    fresh: bool,
    /// Whether it has offered STARTTLS, even if somebody says now that it does not.
    pub(super) starttls_offered: bool,
    /// What was wrong with the event that was told last: at most two things.
    pub(super) violation: Option<Violation>,
    also: Option<Violation>,
    exists: Option<u32>,
    /// The last FETCH that told a UID.
    last_uid: Option<(u32, u32)>,
}

impl Known {
    /// What comes now may be data of another mailbox, or there is none.
    pub(super) fn forget_mailbox(&mut self) {
        self.exists = None;
        self.last_uid = None;
    }

    fn violated(&mut self, violation: Violation) {
        match self.violation {
            None => self.violation = Some(violation),
            Some(_) => self.also = Some(violation),
        }
    }

    /// What was wrong, one thing at a time.
    pub(super) fn take_violation(&mut self) -> Option<Violation> {
        core::mem::replace(&mut self.violation, self.also.take())
    }

    /// What a status of no command says of the server, while these commands are under way, with so many octets sent.
    pub(super) fn status(&mut self, status: &Status, commands: &VecDeque<Pending>, sent: u64) {
        if let Some(ResponseCode::Capability(capabilities)) = &status.code {
            self.capabilities(capabilities, commands, sent);
        }
    }

    /// What the completion of a command says of the server: the command behind it has no part in that.
    pub(super) fn completion(&mut self, status: &Status) {
        self.status(status, &VecDeque::new(), 0);
    }

    /// Another user is known, or none, if this went well: what the server can do now is not what it could before.
    pub(super) fn user_changed(&mut self, ok: bool) {
        if ok && !self.fresh {
            self.capabilities = None;
        }
        self.fresh = false;
    }

    fn capabilities(&mut self, capabilities: &Capabilities, commands: &VecDeque<Pending>, sent: u64) {
        self.fresh = commands.front().is_some_and(|oldest| oldest.changes_user() && oldest.end <= sent);
        self.starttls_offered |= capabilities.contains(&Capability::StartTls);
        self.capabilities = Some(capabilities.clone());
    }

    /// What data says, in this state and while these commands are under way, with so many octets sent.
    #[inline]
    pub(super) fn data(&mut self, data: &Data, state: State, commands: &VecDeque<Pending>, sent: u64) {
        match data {
            Data::Capability(capabilities) => self.capabilities(capabilities, commands, sent),
            Data::Exists(count) => {
                let before = self.exists.replace(*count);
                if commands.iter().any(|pending| pending.effect == Effect::Select) {
                    // This may be the other mailbox's, whose UIDs are others.
                    self.last_uid = None;
                } else if before.is_some_and(|before| *count < before) && state == State::Selected {
                    self.violated(Violation::ExistsDecreased);
                }
            }
            Data::Expunge(number) => {
                if !commands.is_empty() && commands.iter().all(|pending| pending.kind == Kind::BySequence) {
                    self.violated(Violation::ExpungeDuringFetch);
                }
                if self.exists.is_some_and(|exists| number.get() > exists) {
                    self.violated(Violation::ExpungeOutOfRange);
                }
                self.exists = self.exists.map(|exists| exists.saturating_sub(1));
                self.last_uid = None;
            }
            Data::Vanished(vanished) if !vanished.earlier => {
                let gone = u32::try_from(vanished.uids.count()).unwrap_or(u32::MAX);
                self.exists = self.exists.map(|exists| exists.saturating_sub(gone));
                self.last_uid = None;
            }
            _ => {}
        }
    }

    /// What a FETCH says of the mailbox.
    #[inline]
    pub(super) fn fetch(&mut self, fetch: &Fetch) {
        let Some(number) = fetch.seq else { return };
        if self.exists.is_some_and(|exists| number.get() > exists) {
            self.violated(Violation::FetchOutOfRange);
        }
        if let Some(uid) = fetch.uid {
            let (number, uid) = (number.get(), uid.get());
            if self.last_uid.is_some_and(|(last, last_uid)| number.cmp(&last) != uid.cmp(&last_uid)) {
                self.violated(Violation::UidNotAscending);
            }
            self.last_uid = Some((number, uid));
        }
    }
}
