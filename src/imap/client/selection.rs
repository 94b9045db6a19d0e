//! What SELECT told of its mailbox, put together.

use crate::imap::client::Event;
use crate::imap::code::ResponseCode;
use crate::imap::condition::Status;
use crate::imap::flag::Flags;
use crate::imap::list::List;
use crate::imap::modseq::ModSequence;
use crate::imap::object_id::ObjectId;
use crate::imap::response::Data;
use core::num::NonZeroU32;

/// What the server tells of a mailbox in its answer to SELECT or EXAMINE (RFC 3501 section 6.3.1, RFC 9051 section 6.3.2). It learns from the
/// events up to the completion of the command; the news behind it are the caller's to follow.
///
/// ```
/// use bytes::BytesMut;
/// use mailwire::imap::Mailbox;
/// use mailwire::imap::client::{Client, Config, Selection};
/// use mailwire::wire::{Machine, Tls};
///
/// let mut client = Client::new(Config { tls: Tls::Established, ..Config::default() });
/// let mut input = BytesMut::from("* PREAUTH hi\r\n");
/// client.receive(&mut input)?;
/// client.authenticated()?.select(Mailbox::inbox())?;
/// assert_eq!(client.poll_transmit().unwrap(), "a1 SELECT INBOX\r\n");
/// input.extend_from_slice(b"* 172 EXISTS\r\n* OK [UIDVALIDITY 3857529045] UIDs valid\r\na1 OK [READ-WRITE] done\r\n");
/// let mut inbox = Selection::default();
/// while let Some(event) = client.receive(&mut input)? {
///     inbox.learn(&event);
/// }
/// assert_eq!((inbox.exists, inbox.uid_validity.map(u32::from)), (172, Some(3_857_529_045)));
/// assert!(!inbox.read_only && inbox.uid_next.is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Selection {
    /// The flags that messages can have.
    pub flags: Flags,
    /// The flags that can be changed for good, `\*` among them if keywords can be made. `None`: all of them, as far as one knows.
    pub permanent_flags: Option<Flags>,
    /// How many messages there are.
    pub exists: u32,
    /// How many of them are new to this session.
    pub recent: Option<u32>,
    /// The mailbox as LIST tells it, which a server of IMAP4rev2 does.
    pub list: Option<List>,
    /// The first message that is not seen, by its sequence number.
    pub unseen: Option<NonZeroU32>,
    /// The value that changes when UIDs lose their meaning. `None`: the mailbox has no lasting UIDs.
    pub uid_validity: Option<NonZeroU32>,
    /// The UID that the next message will get at least.
    pub uid_next: Option<NonZeroU32>,
    /// The highest mod-sequence (RFC 7162). `None`: the mailbox has none, or the server does not tell.
    pub highest_mod_seq: Option<ModSequence>,
    /// The identifier of the mailbox (RFC 8474).
    pub mailbox_id: Option<ObjectId>,
    /// Whether the mailbox can only be read.
    pub read_only: bool,
}

impl Selection {
    /// What an event tells. Behind the code CLOSED another mailbox begins (RFC 7162 section 3.2.11): what was learnt before is forgotten.
    pub fn learn(&mut self, event: &Event) {
        match event {
            Event::Data(Data::Flags(flags)) => self.flags = flags.clone(),
            Event::Data(Data::Exists(exists)) => self.exists = *exists,
            Event::Data(Data::Recent(recent)) => self.recent = Some(*recent),
            Event::Data(Data::List(list)) => self.list = Some(list.clone()),
            Event::Status(status) | Event::Completed { status, .. } => self.learn_status(status),
            _ => {}
        }
    }

    /// What a status tells: that of the completion, where no event has it, as with the drivers' `run`. It says whether the mailbox can only be read.
    pub fn learn_status(&mut self, status: &Status) {
        match &status.code {
            Some(ResponseCode::Closed) => *self = Self::default(),
            Some(ResponseCode::PermanentFlags(flags)) => self.permanent_flags = Some(flags.clone()),
            Some(ResponseCode::Unseen(unseen)) => self.unseen = Some(*unseen),
            Some(ResponseCode::UidValidity(validity)) => self.uid_validity = Some(*validity),
            Some(ResponseCode::UidNext(next)) => self.uid_next = Some(*next),
            Some(ResponseCode::HighestModSeq(highest)) => self.highest_mod_seq = Some(*highest),
            Some(ResponseCode::NoModSeq) => self.highest_mod_seq = None,
            Some(ResponseCode::MailboxId(id)) => self.mailbox_id = Some(id.clone()),
            Some(ResponseCode::ReadOnly) => self.read_only = true,
            Some(ResponseCode::ReadWrite) => self.read_only = false,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::client::{Client, Config};
    use crate::imap::flag::Flag;
    use crate::imap::mailbox::Mailbox;
    use crate::wire::{Machine, Tls};
    use bytes::BytesMut;

    #[test]
    fn everything_is_learnt_and_nothing_of_the_mailbox_before() {
        let mut client = Client::new(Config { tls: Tls::Established, ..Config::default() });
        let mut learn = |octets: &str| {
            let (mut input, mut selection) = (BytesMut::from(octets), Selection::default());
            while let Some(event) = client.receive(&mut input).unwrap() {
                selection.learn(&event);
                if let Event::Greeting(_) = event {
                    client.authenticated().unwrap().select(Mailbox::inbox()).unwrap();
                    client.authenticated().unwrap().examine(Mailbox::inbox()).unwrap();
                    while client.poll_transmit().is_some() {}
                }
            }
            selection
        };
        let one = |number| NonZeroU32::new(number);
        assert_eq!(
            learn(
                "* PREAUTH hi\r\n* FLAGS (\\Seen a)\r\n* 3 EXISTS\r\n* 1 RECENT\r\n* LIST () \"/\" INBOX\r\n\
                 * OK [PERMANENTFLAGS (\\Seen \\*)] x\r\n* OK [UNSEEN 2] x\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 9] x\r\n\
                 * OK [HIGHESTMODSEQ 5] x\r\n* OK [MAILBOXID (F1)] x\r\na1 OK [READ-WRITE] done\r\n"
            ),
            Selection {
                flags: Flags::from([Flag::Seen, "a".parse().unwrap()]),
                permanent_flags: Some(Flags::from([Flag::Seen]).with_wildcard(true)),
                exists: 3,
                recent: Some(1),
                list: Some(List::new(Mailbox::inbox()).delimiter(crate::imap::Delimiter::SLASH)),
                unseen: one(2),
                uid_validity: one(7),
                uid_next: one(9),
                highest_mod_seq: Some(ModSequence::new(5).unwrap()),
                mailbox_id: Some(ObjectId::new("F1").unwrap()),
                read_only: false,
            }
        );
        assert_eq!(
            learn(
                "* 4 EXISTS\r\n* 2 RECENT\r\n* OK [CLOSED] x\r\n* 1 EXISTS\r\n* OK [NOMODSEQ] x\r\na2 OK [READ-ONLY] x\r\n"
            ),
            Selection { exists: 1, read_only: true, ..Selection::default() }
        );
    }
}
