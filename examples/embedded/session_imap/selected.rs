//! The selected mailbox as the client knows it.

use std::{collections::HashSet, num::NonZeroU32, ops::Range, sync::Arc};

use mailwire::{
    imap::{
        CopyUid, Data, Fetch, Flags as WireFlags, ResponseCode, SequenceSet, Status, Vanished,
        server::{SelectData, Server},
    },
    wire::Error,
};

use super::{
    condstore::{Enabled, mod_sequence},
    values::{flags_out, refusal_of_target, set_of, some_are_gone, system_flags},
};
use crate::embedded::{
    session::Wake,
    store::{Flags, FlagsSet, Mailbox, Message, Result, Store, Uid, Watch, copy},
};

/// A mailbox, with the messages that the client was told of.
pub struct Selected {
    pub mailbox: Arc<Mailbox>,
    pub read_only: bool,
    pub enabled: Enabled,
    /// The flags that the client was told there are.
    flags: WireFlags,
    /// What the client numbers: the UIDs of its messages, ascending.
    uids: Vec<Uid>,
    /// Among `uids`, but gone from the mailbox.
    gone: Vec<Uid>,
    /// Ranges of UIDs that are recent for this session.
    recent: Vec<Range<u32>>,
    /// Up to which change the client was told.
    mod_seq: u64,
    /// The same, with all that is gone.
    whole: u64,
    /// Flags that the client knows already, since it set them: with the mod-sequence of that.
    known: HashSet<(Uid, u64)>,
    _watch: Watch,
}

/// One message of a sequence set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbered {
    pub number: NonZeroU32,
    pub uid: Uid,
}

impl Selected {
    /// Opens the mailbox; the data is what SELECT tells of it.
    pub fn open(mailbox: Arc<Mailbox>, read_only: bool, wake: &Wake) -> Result<(Self, SelectData)> {
        mailbox.refresh()?;
        let wake = Arc::clone(wake);
        let watch = mailbox.watch(move || wake());
        let summary = mailbox.summary();
        let first_recent = if read_only { None } else { Some(mailbox.claim_recent()?) };
        let snapshot = mailbox.snapshot();
        let uids: Vec<Uid> = snapshot.messages.iter().map(|message| message.uid).collect();
        let first_recent = first_recent.unwrap_or_else(|| {
            let old = uids.len().saturating_sub(summary.recent as usize);
            uids.get(old).map_or(snapshot.uid_next.get(), |uid| uid.get())
        });
        let mut flags = system_flags();
        let keywords = snapshot
            .messages
            .iter()
            .flat_map(|message| flags_out(&message.flags, false).iter().collect::<Vec<_>>());
        flags.extend(keywords);
        let unseen = snapshot.messages.iter().position(|message| !message.flags.has(Flags::SEEN));
        let is_recent = |uid: &&Uid| uid.get() >= first_recent;
        let data = SelectData {
            permanent_flags: flags.clone().with_wildcard(true),
            flags: flags.clone(),
            recent: number_of(uids.iter().filter(is_recent).count()),
            unseen: unseen.and_then(nth),
            highest_mod_seq: mod_sequence(snapshot.mod_seq),
            read_only,
            ..SelectData::new(number_of(uids.len()), snapshot.uid_validity, snapshot.uid_next)
        };
        let selected = Self {
            mailbox,
            read_only,
            enabled: Enabled::default(),
            flags,
            uids,
            gone: Vec::new(),
            recent: std::iter::once(first_recent..snapshot.uid_next.get()).collect(),
            mod_seq: snapshot.mod_seq,
            whole: snapshot.mod_seq,
            known: HashSet::new(),
            _watch: watch,
        };
        Ok((selected, data))
    }

    /// The client has enabled this. Who asks for mod-sequences for the first time is told up to where nothing is
    /// withheld (RFC 7162, sections 3.1 and 3.2).
    ///
    /// # Errors
    /// The connection is over.
    pub fn enable(&mut self, machine: &mut Server, enabled: Enabled) -> std::result::Result<(), Error> {
        let is_first = enabled.mod_seqs && !self.enabled.mod_seqs;
        self.enabled = enabled;
        match mod_sequence(self.whole).filter(|_| is_first) {
            Some(highest) => {
                machine.status(&Status::ok("Highest").code(ResponseCode::HighestModSeq(highest)))
            }
            None => Ok(()),
        }
    }

    pub fn is_recent(&self, uid: Uid) -> bool {
        self.recent.iter().any(|range| range.contains(&uid.get()))
    }

    /// The messages that a set names, in the order of the mailbox, each once. UIDs that there are not name nothing.
    ///
    /// # Errors
    /// The status for the client: the set has a number that no message has.
    pub fn resolve(&self, set: &SequenceSet, uid: bool) -> std::result::Result<Vec<Numbered>, Status> {
        if set.is_saved() {
            return Err(Status::bad("No search result is saved"));
        }
        let count = number_of(self.uids.len());
        let beyond = |range: &&mailwire::imap::SequenceRange| {
            !range.has_largest() && range.last().is_some_and(|last| last.get() > count)
        };
        if !uid && set.ranges().iter().any(|range| beyond(&range)) {
            return Err(Status::bad("No such message"));
        }
        let Some(last) = self.uids.last() else { return Ok(Vec::new()) };
        let largest = if uid { *last } else { NonZeroU32::new(count).unwrap_or(*last) };
        let mut found = Vec::new();
        for range in set.resolved(largest).ranges() {
            let bounds = range.bounds();
            let places = if uid {
                self.uids.partition_point(|uid| uid < &bounds_start(&bounds))
                    ..self.uids.partition_point(|uid| uid.get() <= *bounds.end())
            } else {
                (*bounds.start() as usize).saturating_sub(1)..(*bounds.end() as usize).min(self.uids.len())
            };
            for place in places {
                if let (Some(number), Some(uid)) = (nth(place), self.uids.get(place)) {
                    found.push(Numbered { number, uid: *uid });
                }
            }
        }
        Ok(found)
    }

    /// What `*` in the set stands for is put there; for an empty mailbox the set is empty.
    pub fn resolved(&self, set: &SequenceSet, uid: bool) -> SequenceSet {
        let largest =
            if uid { self.uids.last().copied() } else { NonZeroU32::new(number_of(self.uids.len())) };
        largest.map_or_else(SequenceSet::default, |largest| set.resolved(largest))
    }

    /// All messages.
    pub fn all(&self) -> impl Iterator<Item = Numbered> {
        self.uids
            .iter()
            .enumerate()
            .filter_map(|(place, uid)| Some(Numbered { number: nth(place)?, uid: *uid }))
    }

    /// Those of `uids` with `\Deleted`.
    pub fn deleted(&self, among: Option<&[Numbered]>) -> Vec<Uid> {
        let known = |uid: Uid| match among {
            Some(among) => among.binary_search_by_key(&uid, |message| message.uid).is_ok(),
            None => self.uids.binary_search(&uid).is_ok(),
        };
        let messages = self.mailbox.snapshot().messages;
        let deleted =
            messages.iter().filter(|message| message.flags.has(Flags::DELETED) && known(message.uid));
        deleted.map(|message| message.uid).collect()
    }

    /// The client knows these flags already, or is not to be told of them.
    pub fn has_told(&mut self, set: &FlagsSet) {
        let own = set.messages.iter().filter(|message| message.mod_seq > self.mod_seq);
        self.known.extend(own.map(|message| (message.uid, message.mod_seq)));
    }

    fn number(&self, uid: Uid) -> Option<NonZeroU32> {
        nth(self.uids.binary_search(&uid).ok()?)
    }

    /// The flags as this session sees them.
    pub fn flags(&self, message: &Message) -> WireFlags {
        flags_out(&message.flags, self.is_recent(message.uid))
    }

    /// Whether the client was told of it, and not that it is gone.
    pub fn has(&self, uid: Uid) -> bool {
        self.uids.binary_search(&uid).is_ok()
    }

    /// Tells which flags there are where one of the messages has a keyword that is new: clients show only those they were told of.
    ///
    /// # Errors
    /// The connection is over.
    pub fn tell_keywords<'m>(
        &mut self,
        machine: &mut Server,
        messages: impl IntoIterator<Item = &'m Message>,
    ) -> std::result::Result<(), Error> {
        let known = self.flags.len();
        for message in messages.into_iter().filter(|message| message.flags.keywords().next().is_some()) {
            self.flags.extend(flags_out(&message.flags, false).iter());
        }
        if self.flags.len() == known {
            return Ok(());
        }
        machine.data(&Data::Flags(self.flags.clone()))?;
        if self.read_only {
            return Ok(());
        }
        let permanent = self.flags.clone().with_wildcard(true);
        machine.status(&Status::ok("Flags permitted").code(ResponseCode::PermanentFlags(permanent)))
    }

    /// Tells the flags of a message, and its UID where that is wanted.
    ///
    /// # Errors
    /// The connection is over.
    pub fn tell_flags(
        &self,
        machine: &mut Server,
        message: &Message,
        uid: bool,
    ) -> std::result::Result<(), Error> {
        let Some(number) = self.number(message.uid) else { return Ok(()) };
        machine.fetch(&Fetch {
            uid: uid.then_some(message.uid),
            flags: Some(self.flags(message)),
            mod_seq: if self.enabled.mod_seqs { mod_sequence(message.mod_seq) } else { None },
            ..Fetch::new(number)
        })
    }

    /// Tells the mod-sequence of a message whose flags the client knows.
    ///
    /// # Errors
    /// The connection is over.
    pub fn tell_mod_seq(
        &self,
        machine: &mut Server,
        message: &Message,
        uid: bool,
    ) -> std::result::Result<(), Error> {
        let Some(number) = self.number(message.uid) else { return Ok(()) };
        let uid = uid.then_some(message.uid);
        machine.fetch(&Fetch { uid, mod_seq: mod_sequence(message.mod_seq), ..Fetch::new(number) })
    }

    /// Copies messages to the mailbox of that name. One that is gone is passed over where the client named UIDs; where it named numbers, none
    /// is copied: OK would say that all of them are there (RFC 2180, section 4.4; RFC 9051, section 6.4.7).
    ///
    /// # Errors
    /// The status for the client.
    pub fn copy(
        &self,
        store: &dyn Store,
        messages: &[Numbered],
        uid: bool,
        name: &str,
    ) -> std::result::Result<Copied, Status> {
        let target = store.open(name).map_err(|error| refusal_of_target(&error))?;
        let uids: Vec<Uid> = messages.iter().map(|message| message.uid).collect();
        if !uid && uids.iter().any(|uid| self.mailbox.message(*uid).is_none()) {
            return Err(some_are_gone());
        }
        let pairs = copy(&self.mailbox, &uids, &target).map_err(|error| refusal_of_target(&error))?;
        Ok(Copied { uid_validity: target.summary().uid_validity, pairs })
    }

    /// Tells the client what happened since it was last told. What is gone is told only where `expunges`.
    pub fn tell(&mut self, machine: &mut Server, expunges: bool) -> std::result::Result<(), Error> {
        let changes = self.mailbox.changes(self.mod_seq);
        let is_news = changes.mod_seq > self.mod_seq;
        self.mod_seq = changes.mod_seq;
        if is_news {
            let gone = changes.vanished.iter().filter(|uid| self.uids.binary_search(uid).is_ok());
            self.gone.extend(gone);
        }
        if expunges && !self.gone.is_empty() {
            self.gone.sort_unstable();
            self.gone.dedup();
            if self.enabled.vanished {
                let uids = set_of(self.gone.iter().copied());
                machine.data(&Data::Vanished(Vanished { earlier: false, uids }))?;
            } else {
                // From the last one on: so no number changes before it is told.
                for uid in self.gone.iter().rev() {
                    if let Some(number) = self.number(*uid) {
                        machine.data(&Data::Expunge(number))?;
                    }
                }
            }
            let gone = std::mem::take(&mut self.gone);
            self.uids.retain(|uid| gone.binary_search(uid).is_err());
        }
        if is_news {
            self.tell_keywords(machine, &changes.changed)?;
            let last = self.uids.last().copied();
            let (known, new): (Vec<Message>, Vec<Message>) =
                changes.changed.into_iter().partition(|message| Some(message.uid) <= last);
            if let (Some(first), Some(last)) = (new.first(), new.last()) {
                if !self.read_only
                    && let Ok(recent) = self.mailbox.claim_recent()
                {
                    self.recent.push(recent.max(first.uid.get())..last.uid.get().saturating_add(1));
                }
                self.uids.extend(new.iter().map(|message| message.uid));
                machine.data(&Data::Exists(number_of(self.uids.len())))?;
                let recent = self.uids.iter().filter(|uid| self.is_recent(**uid)).count();
                machine.data(&Data::Recent(number_of(recent)))?;
            }
            for message in known {
                if self.known.contains(&(message.uid, message.mod_seq)) {
                    continue;
                }
                self.tell_flags(machine, &message, true)?;
            }
            self.known.clear();
        }
        if self.gone.is_empty() {
            self.whole = self.mod_seq;
        }
        Ok(())
    }
}

/// Messages and their copies.
pub struct Copied {
    uid_validity: NonZeroU32,
    pairs: Vec<(Uid, Uid)>,
}

impl Copied {
    pub fn sources(&self) -> Vec<Uid> {
        self.pairs.iter().map(|(source, _)| *source).collect()
    }

    /// With COPYUID, where there was anything to copy (RFC 4315, section 3).
    pub fn with_code(&self, status: Status) -> Status {
        if self.pairs.is_empty() {
            return status;
        }
        let source = set_of(self.pairs.iter().map(|(source, _)| *source));
        let destination = set_of(self.pairs.iter().map(|(_, copy)| *copy));
        let uids = CopyUid { uid_validity: self.uid_validity, source, destination };
        status.code(ResponseCode::CopyUid(Box::new(uids)))
    }
}

fn bounds_start(bounds: &std::ops::RangeInclusive<u32>) -> Uid {
    NonZeroU32::new(*bounds.start()).unwrap_or(NonZeroU32::MIN)
}

fn number_of(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

/// The number of the message at a place that is counted from 0.
fn nth(place: usize) -> Option<NonZeroU32> {
    NonZeroU32::new(u32::try_from(place + 1).ok()?)
}
