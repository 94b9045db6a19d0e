//! What extensions add to the states: searches, rights, quotas, metadata and the rest.

use crate::imap::acl::{AclIdentifier, SetAcl};
use crate::imap::capability::Capabilities;
use crate::imap::client::view::{Authenticated, Selected};
use crate::imap::client::{Client, CommandId};
use crate::imap::command::Command;
use crate::imap::convert::{Conversions, Convert};
use crate::imap::fetch_attribute::FetchAttributes;
use crate::imap::id::Id;
use crate::imap::mailbox::{ListPattern, Mailbox};
use crate::imap::metadata::{GetMetadata, SetMetadata};
use crate::imap::notify::Notify;
use crate::imap::parameter::{CreateParameter, FetchModifier};
use crate::imap::quota::SetQuota;
use crate::imap::search::{MultimailboxSearch, Search};
use crate::imap::search_program::SearchProgram;
use crate::imap::sequence::SequenceSet;
use crate::imap::sort::Sort;
use crate::imap::state::Effect;
use crate::imap::thread::Thread;
use crate::imap::urlauth::{GenUrlAuth, ResetKey, UrlFetch};
use crate::wire::{Error, ErrorKind, Text};
use alloc::boxed::Box;

impl Client {
    /// ID: the programs tell who they are (RFC 2971).
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn id(&mut self, id: Id) -> Result<CommandId, Error> {
        self.command(&Command::Id(id))
    }

    /// LANGUAGE: human text in one of these languages; without any, which are there (RFC 5255)?
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn language(&mut self, ranges: impl IntoIterator<Item = Text>) -> Result<CommandId, Error> {
        self.command(&Command::Language(ranges.into_iter().collect()))
    }
}

impl Authenticated<'_> {
    /// ENABLE: extensions are turned on (RFC 5161). The answer is [`Data::Enabled`](crate::imap::Data::Enabled).
    ///
    /// # Errors
    /// As [`Client::capability`], and [`ErrorKind::InvalidState`] once this user has selected a mailbox, or while one is being selected.
    pub fn enable(&mut self, capabilities: impl Into<Capabilities>) -> Result<CommandId, Error> {
        self.client.check_alive()?;
        let selects = self.client.commands.iter().any(|pending| pending.effect == Effect::Select);
        if selects || self.client.enabled.is_final {
            return Err(Error::caller(ErrorKind::InvalidState, "ENABLE before a mailbox is selected"));
        }
        self.client.command(&Command::Enable(capabilities.into()))
    }

    /// UNAUTHENTICATE: the connection goes on with nobody known (RFC 8437).
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn unauthenticate(&mut self) -> Result<CommandId, Error> {
        self.client.command(&Command::Unauthenticate)
    }

    /// CREATE with parameters such as USE (RFC 6154).
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn create_with(
        &mut self,
        mailbox: Mailbox,
        parameters: impl IntoIterator<Item = CreateParameter>,
    ) -> Result<CommandId, Error> {
        self.client.command(&Command::Create { mailbox, parameters: parameters.into_iter().collect() })
    }

    /// RLIST: LIST with the mailboxes on other servers (RFC 2193).
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn rlist(&mut self, reference: Mailbox, pattern: ListPattern) -> Result<CommandId, Error> {
        self.client.command(&Command::Rlist { reference, pattern })
    }

    /// RLSUB: LSUB with the mailboxes on other servers (RFC 2193).
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn rlsub(&mut self, reference: Mailbox, pattern: ListPattern) -> Result<CommandId, Error> {
        self.client.command(&Command::Rlsub { reference, pattern })
    }

    /// XLIST: LIST with special uses, as Gmail had it before RFC 6154.
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn xlist(&mut self, reference: Mailbox, pattern: ListPattern) -> Result<CommandId, Error> {
        self.client.command(&Command::Xlist { reference, pattern })
    }

    /// NAMESPACE: where are the mailboxes (RFC 2342)?
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn namespace(&mut self) -> Result<CommandId, Error> {
        self.client.command(&Command::Namespace)
    }

    /// ESEARCH: which messages of several mailboxes match (RFC 7377)?
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn multimailbox_search(&mut self, search: MultimailboxSearch) -> Result<CommandId, Error> {
        self.client.command(&Command::MultimailboxSearch(Box::new(search)))
    }

    /// GETACL: who may do what with a mailbox (RFC 4314)?
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn acl(&mut self, mailbox: Mailbox) -> Result<CommandId, Error> {
        self.client.command(&Command::GetAcl(mailbox))
    }

    /// SETACL: rights change (RFC 4314).
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn set_acl(&mut self, change: SetAcl) -> Result<CommandId, Error> {
        self.client.command(&Command::SetAcl(Box::new(change)))
    }

    /// DELETEACL: an identifier has no rights of its own any more (RFC 4314).
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn delete_acl(&mut self, identifier: AclIdentifier) -> Result<CommandId, Error> {
        self.client.command(&Command::DeleteAcl(Box::new(identifier)))
    }

    /// LISTRIGHTS: which rights can an identifier have (RFC 4314)?
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn list_rights(&mut self, identifier: AclIdentifier) -> Result<CommandId, Error> {
        self.client.command(&Command::ListRights(Box::new(identifier)))
    }

    /// MYRIGHTS: what may the user do with a mailbox (RFC 4314)?
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn my_rights(&mut self, mailbox: Mailbox) -> Result<CommandId, Error> {
        self.client.command(&Command::MyRights(mailbox))
    }

    /// GETQUOTA: how much is used of a quota root (RFC 9208)?
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn quota(&mut self, root: impl Into<Text>) -> Result<CommandId, Error> {
        self.client.command(&Command::GetQuota(root.into()))
    }

    /// GETQUOTAROOT: which quota roots does a mailbox have (RFC 9208)?
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn quota_root(&mut self, mailbox: Mailbox) -> Result<CommandId, Error> {
        self.client.command(&Command::GetQuotaRoot(mailbox))
    }

    /// SETQUOTA: limits of a quota root change (RFC 9208).
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn set_quota(&mut self, quota: SetQuota) -> Result<CommandId, Error> {
        self.client.command(&Command::SetQuota(Box::new(quota)))
    }

    /// GETMETADATA: which values have some entries (RFC 5464)?
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn metadata(&mut self, metadata: GetMetadata) -> Result<CommandId, Error> {
        self.client.command(&Command::GetMetadata(Box::new(metadata)))
    }

    /// SETMETADATA: entries get values (RFC 5464).
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn set_metadata(&mut self, metadata: SetMetadata) -> Result<CommandId, Error> {
        self.client.command(&Command::SetMetadata(Box::new(metadata)))
    }

    /// NOTIFY: of what is the server to tell by itself (RFC 5465)?
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn notify(&mut self, notify: Notify) -> Result<CommandId, Error> {
        self.client.command(&Command::Notify(notify))
    }

    /// COMPARATOR: strings are compared by one of these; without any, by which are they (RFC 5255)?
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn comparator(&mut self, comparators: impl IntoIterator<Item = Text>) -> Result<CommandId, Error> {
        self.client.command(&Command::Comparator(comparators.into_iter().collect()))
    }

    /// GENURLAUTH: URLs are to be authorized (RFC 4467).
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn authorize_urls(&mut self, urls: GenUrlAuth) -> Result<CommandId, Error> {
        self.client.command(&Command::GenUrlAuth(urls))
    }

    /// RESETKEY: authorized URLs are good no more (RFC 4467).
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn reset_key(&mut self, reset: ResetKey) -> Result<CommandId, Error> {
        self.client.command(&Command::ResetKey(Box::new(reset)))
    }

    /// URLFETCH: what is behind some URLs (RFC 4467)?
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn fetch_urls(&mut self, urls: UrlFetch) -> Result<CommandId, Error> {
        self.client.command(&Command::UrlFetch(urls))
    }

    /// CONVERSIONS: what can be converted to what (RFC 5259)?
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn conversions(&mut self, conversions: Conversions) -> Result<CommandId, Error> {
        self.client.command(&Command::Conversions(Box::new(conversions)))
    }

    /// GETJMAPACCESS: where is the same mail to be had by JMAP (RFC 9698)?
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn jmap_access(&mut self) -> Result<CommandId, Error> {
        self.client.command(&Command::GetJmapAccess)
    }
}

impl Selected<'_> {
    /// SEARCH: which messages match, by their sequence numbers?
    ///
    /// Strings that are not ASCII are sent as UTF-8, and said to be so where the session is not. A server that does not know another
    /// [`charset`](SearchProgram::charset) says so by the code BADCHARSET.
    ///
    /// # Errors
    /// As [`Client::capability`]. [`ErrorKind::InvalidValue`](crate::wire::ErrorKind::InvalidValue) for strings that are not UTF-8 without a charset, and for a charset where
    /// UTF8=ACCEPT is enabled.
    pub fn search(&mut self, program: impl Into<SearchProgram>) -> Result<CommandId, Error> {
        self.client.command(&Command::Search(Box::new(Search::new(program))))
    }

    /// UID SEARCH: which messages match, by their UIDs?
    ///
    /// # Errors
    /// As [`Selected::search`].
    pub fn uid_search(&mut self, program: impl Into<SearchProgram>) -> Result<CommandId, Error> {
        self.client.command(&Command::Search(Box::new(Search::uid(program))))
    }

    /// SEARCH or UID SEARCH with return options (RFC 4731).
    ///
    /// # Errors
    /// As [`Selected::search`].
    pub fn search_for(&mut self, search: Search) -> Result<CommandId, Error> {
        self.client.command(&Command::Search(Box::new(search)))
    }

    /// SORT or UID SORT: which messages match, in which order (RFC 5256)?
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn sort(&mut self, sort: Sort) -> Result<CommandId, Error> {
        self.client.command(&Command::Sort(Box::new(sort)))
    }

    /// THREAD or UID THREAD: which messages match, in which conversations (RFC 5256)?
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn thread(&mut self, thread: Thread) -> Result<CommandId, Error> {
        self.client.command(&Command::Thread(Box::new(thread)))
    }

    /// CANCELUPDATE: no more news of the results of these commands, by their tags (RFC 5267).
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn cancel_update(&mut self, tags: impl IntoIterator<Item = Text>) -> Result<CommandId, Error> {
        self.client.command(&Command::CancelUpdate(tags.into_iter().collect()))
    }

    /// CONVERT or UID CONVERT: parts of messages in another form (RFC 5259).
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn convert(&mut self, convert: Convert) -> Result<CommandId, Error> {
        self.client.command(&Command::Convert(Box::new(convert)))
    }

    /// FETCH with modifiers such as CHANGEDSINCE (RFC 7162).
    ///
    /// # Errors
    /// As [`Client::capability`], and [`ErrorKind::InvalidValue`] for VANISHED, which is of UID FETCH alone.
    pub fn fetch_with(
        &mut self,
        set: impl Into<SequenceSet>,
        attributes: impl Into<FetchAttributes>,
        modifiers: impl IntoIterator<Item = FetchModifier>,
    ) -> Result<CommandId, Error> {
        self.any_fetch(set.into(), false, attributes.into(), modifiers.into_iter().collect())
    }

    /// UID FETCH with modifiers such as VANISHED (RFC 7162) and PARTIAL (RFC 9394).
    ///
    /// # Errors
    /// As [`Client::capability`], and [`ErrorKind::InvalidValue`] for VANISHED without CHANGEDSINCE.
    pub fn uid_fetch_with(
        &mut self,
        set: impl Into<SequenceSet>,
        attributes: impl Into<FetchAttributes>,
        modifiers: impl IntoIterator<Item = FetchModifier>,
    ) -> Result<CommandId, Error> {
        self.any_fetch(set.into(), true, attributes.into(), modifiers.into_iter().collect())
    }
}
