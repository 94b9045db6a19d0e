//! What SEARCH must be answered with.

use crate::imap::core::Tag;
use crate::imap::esearch::{ExtendedSearch, SearchReturnData};
use crate::imap::response::Data;
use crate::imap::search_data::SearchData;
use crate::imap::sequence::SequenceSet;
use crate::imap::server::{InProgress, Server};
use crate::wire::Error;
use alloc::boxed::Box;

impl Server {
    /// What SEARCH or UID SEARCH without RETURN has found: `SEARCH`, or `ESEARCH` with ALL to a client that has enabled IMAP4rev2
    /// (RFC 9051 section 6.4.4), which has no other form. Where nothing was found, no mod-sequence is told. The completion is still owed.
    ///
    /// # Errors
    /// [`ErrorKind::Closed`](crate::wire::ErrorKind::Closed) if the connection is over, [`ErrorKind::InvalidState`](crate::wire::ErrorKind::InvalidState) for a command of another one.
    pub fn search(
        &mut self,
        in_progress: &InProgress,
        uid: bool,
        mut found: SearchData,
    ) -> Result<(), Error> {
        self.check_owner(in_progress.owner)?;
        if found.numbers.is_empty() {
            found.mod_sequence = None;
        }
        if !self.enabled.rev2 {
            return self.data(&Data::Search(found));
        }
        let mut all = SequenceSet::new();
        found.numbers.into_iter().for_each(|number| all.push(number));
        let mut answer = ExtendedSearch::answering(in_progress.tag().map(Tag::as_bytes).unwrap_or_default());
        answer.uid = uid;
        if !all.is_empty() {
            answer.data.push(SearchReturnData::All(all.canonical()));
        }
        answer.data.extend(found.mod_sequence.map(SearchReturnData::ModSequence));
        self.data(&Data::ExtendedSearch(Box::new(answer)))
    }
}
