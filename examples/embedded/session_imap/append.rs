//! APPEND: messages in, octet by octet into drafts, all of a command or none. What is not offered, such as CATENATE, REPLACE or a literal8, the
//! machine refuses: nothing of it comes here.

use std::{borrow::Cow, num::NonZeroU32, sync::Arc};

use mailwire::imap::{
    Append, AppendOptions, AppendUid, ResponseCode, Status,
    server::{LiteralOffer, Server},
};

use super::values::{date_in, flags_in, name_of, refusal, refusal_of_target, set_of};
use crate::embedded::{
    session::Broken,
    store::{Draft, InternalDate, Mailbox, NewMessage, Store, StoreError},
};

/// The messages of an APPEND under way.
pub struct Appending {
    mailbox: Arc<Mailbox>,
    whole: Vec<NewMessage>,
    current: Option<NewMessage>,
    /// The octet of the current message that came last.
    last: u8,
    failure: Option<StoreError>,
}

impl Appending {
    fn begin(append: &Append, store: &dyn Store) -> Result<Self, Status> {
        let mailbox = store.open(&name_of(&append.mailbox)?).map_err(|error| refusal_of_target(&error))?;
        Ok(Self { mailbox, whole: Vec::new(), current: None, last: 0, failure: None })
    }

    fn next(&mut self, options: &AppendOptions) -> Result<(), Status> {
        let draft: Box<dyn Draft> = self.mailbox.draft().map_err(|error| refusal_of_target(&error))?;
        let flags = options.flags.as_ref().map(flags_in).unwrap_or_default();
        let internal_date = options.internal_date.map_or_else(InternalDate::now, date_in);
        self.current = Some(NewMessage { draft, flags, internal_date });
        self.last = 0;
        Ok(())
    }

    pub fn write(&mut self, octets: &[u8]) {
        if let (Some(message), None) = (&mut self.current, &self.failure) {
            self.failure = message.draft.write(&with_line_ends(octets, &mut self.last)).err().map(Into::into);
        }
    }

    /// The message is whole. Its draft lets go of what it holds open: there may be many.
    pub fn end_message(&mut self) {
        if let Some(mut message) = self.current.take() {
            if let Err(error) = message.draft.finish() {
                self.failure.get_or_insert(error.into());
            }
            self.whole.push(message);
        }
    }

    /// All messages are there.
    pub fn finish(self) -> Status {
        let uid_validity: NonZeroU32 = self.mailbox.summary().uid_validity;
        let done = match self.failure {
            Some(error) => Err(error),
            None => self.mailbox.append(self.whole),
        };
        match done {
            Ok(uids) => {
                let code = AppendUid { uid_validity, uids: set_of(uids) };
                Status::ok("APPEND completed").code(ResponseCode::AppendUid(code))
            }
            Err(error) => refusal(&error),
        }
    }
}

/// The octets with CR LF where LF stands alone: POP3 cannot tell it otherwise, and no size would be true over both protocols.
/// `last` is the octet before these.
fn with_line_ends<'a>(octets: &'a [u8], last: &mut u8) -> Cow<'a, [u8]> {
    let mut whole = Vec::new();
    let mut copied = 0;
    for at in memchr::memchr_iter(b'\n', octets) {
        if at.checked_sub(1).map_or(*last, |before| octets[before]) != b'\r' {
            whole.extend_from_slice(&octets[copied..at]);
            whole.push(b'\r');
            copied = at;
        }
    }
    *last = octets.last().copied().unwrap_or(*last);
    if whole.is_empty() {
        return Cow::Borrowed(octets);
    }
    whole.extend_from_slice(&octets[copied..]);
    Cow::Owned(whole)
}

/// Takes or refuses a message on offer.
pub fn offered(
    appending: &mut Option<Appending>,
    machine: &mut Server,
    store: Option<&dyn Store>,
    offer: LiteralOffer,
    max_message: u64,
) -> Result<(), Broken> {
    let mut decide = || {
        let store = store.ok_or_else(|| Status::no("Log in first"))?;
        let options = offer.options().ok_or_else(|| Status::bad("CATENATE is not offered"))?;
        if !options.annotations.is_empty() || !options.extensions.is_empty() {
            return Err(Status::bad("This option is not known here"));
        }
        // So a client cancels a command whose other messages are here already (RFC 3502, section 6.3.11).
        if offer.len() == 0 {
            return Err(Status::no("An empty message is no message"));
        }
        if offer.len() > max_message {
            return Err(Status::no("The message is too big").code(ResponseCode::TooBig));
        }
        let mut under_way = match appending.take() {
            Some(appending) => appending,
            None => Appending::begin(offer.append(), store)?,
        };
        under_way.next(options)?;
        *appending = Some(under_way);
        Ok(())
    };
    match decide() {
        Ok(()) => machine.accept(offer)?,
        Err(status) => {
            *appending = None;
            machine.refuse(offer, &status)?;
        }
    }
    Ok(())
}
