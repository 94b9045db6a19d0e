//! Mod-sequences, and what a client missed: CONDSTORE and QRESYNC (RFC 7162).

use std::num::NonZeroU32;

use mailwire::{
    imap::{
        Capabilities, Capability, Command, Data, FetchAttribute, FetchModifier, ListReturn, ModSequence,
        QuickResync, SearchKey, SelectParameter, SequenceSet, Status, StatusAttribute, StoreModifier,
        Vanished, server::Server,
    },
    wire::Error,
};

use super::{selected::Selected, values::set_of};
use crate::embedded::store::Uid;

/// What the client has enabled, by ENABLE or by a command that needs it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Enabled {
    /// A FETCH that tells flags tells the mod-sequence too.
    pub mod_seqs: bool,
    /// VANISHED is told in the place of EXPUNGE.
    pub vanished: bool,
}

impl Enabled {
    /// ENABLE: what of it there is here.
    pub fn enable(&mut self, asked: &Capabilities) -> Capabilities {
        let enabled: Capabilities = [Capability::CondStore, Capability::QResync]
            .into_iter()
            .filter(|capability| asked.contains(capability))
            .collect();
        self.vanished |= enabled.contains(&Capability::QResync);
        self.mod_seqs |= !enabled.is_empty();
        enabled
    }

    /// A command that speaks of mod-sequences enables them (RFC 7162, section 3.1).
    pub fn notice(&mut self, command: &Command) {
        self.mod_seqs |= match command {
            Command::Select { parameters, .. } => parameters.contains(&SelectParameter::CondStore),
            Command::Status { attributes, .. } => attributes.contains(&StatusAttribute::HighestModSeq),
            Command::List(list) => list.returns.iter().flatten().any(|option| {
                matches!(option, ListReturn::Status(attributes) if attributes.contains(&StatusAttribute::HighestModSeq))
            }),
            Command::Fetch { attributes, modifiers, .. } => {
                attributes.iter().any(|attribute| *attribute == FetchAttribute::ModSeq)
                    || modifiers.iter().any(|modifier| matches!(modifier, FetchModifier::ChangedSince(_)))
            }
            Command::Store(store) => {
                store.modifiers.iter().any(|modifier| matches!(modifier, StoreModifier::UnchangedSince(_)))
            }
            Command::Search(search) => {
                search.program.keys.keys().any(|key| matches!(key, SearchKey::ModSequence(_)))
            }
            _ => false,
        };
    }

    /// What the parameters of SELECT ask to be told.
    ///
    /// # Errors
    /// The status for the client.
    pub fn resync(self, parameters: &[SelectParameter]) -> Result<Option<&QuickResync>, Status> {
        let mut resync = None;
        for parameter in parameters {
            match parameter {
                SelectParameter::CondStore => {}
                SelectParameter::QuickResync(known) if self.vanished => resync = Some(&**known),
                SelectParameter::QuickResync(_) => return Err(Status::bad("QRESYNC is not enabled")),
                _ => return Err(Status::bad("This parameter is not known here")),
            }
        }
        Ok(resync)
    }
}

pub fn mod_sequence(number: u64) -> Option<ModSequence> {
    ModSequence::new(number).ok()
}

/// Tells what happened since the client saw the mailbox, if its UIDs are still valid.
pub fn tell_missed(selected: &Selected, machine: &mut Server, known: &QuickResync) -> Result<(), Error> {
    let snapshot = selected.mailbox.snapshot();
    if snapshot.uid_validity != known.uid_validity {
        return Ok(());
    }
    let since = known.mod_sequence.value();
    let all = SequenceSet::from(NonZeroU32::MIN..=NonZeroU32::MAX);
    let uids = known.known_uids.as_ref().unwrap_or(&all);
    if let Some(vanished) = vanished_since(selected, since, uids) {
        machine.data(&Data::Vanished(vanished))?;
    }
    for message in snapshot.messages.iter().filter(|message| message.mod_seq > since) {
        if uids.contains(message.uid) {
            selected.tell_flags(machine, message, true)?;
        }
    }
    Ok(())
}

/// Which of these UIDs are gone since then; `None` where none is.
pub fn vanished_since(selected: &Selected, since: u64, uids: &SequenceSet) -> Option<Vanished> {
    let changes = selected.mailbox.changes(since);
    let gone = |uid: &Uid| uids.contains(*uid) && !selected.has(*uid);
    let uids: SequenceSet = set_of(changes.vanished.into_iter().filter(gone));
    (!uids.is_empty()).then_some(Vanished { earlier: true, uids })
}

/// The set with the largest UID that there has been in the place of `*`.
pub fn of_all_times(selected: &Selected, set: &SequenceSet) -> SequenceSet {
    let last = selected.mailbox.summary().uid_next.get().saturating_sub(1);
    set.resolved(NonZeroU32::new(last).unwrap_or(NonZeroU32::MIN))
}
