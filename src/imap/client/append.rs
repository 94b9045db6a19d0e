//! A message on its way to the server.

use crate::imap::append::{Append, AppendOptions};
use crate::imap::client::{Authenticated, Client, CommandId};
use crate::wire::write::length;
use crate::wire::{Error, ErrorKind};
use bytes::Bytes;

/// An APPEND whose messages are being sent: as many octets are owed as were announced, and then its end.
///
/// If the server refuses the message before its octets are on the wire, none of them is sent: the command completes with NO, and
/// what is given to this token from then on is refused.
#[derive(Debug)]
#[must_use = "the server waits for the octets and the end of the command"]
pub struct Appending {
    command: CommandId,
    left: u64,
}

impl Appending {
    /// The command.
    pub fn command(&self) -> CommandId {
        self.command
    }

    /// How many octets of the message are owed.
    pub fn left(&self) -> u64 {
        self.left
    }

    pub(super) fn octets(&mut self, client: &mut Client, octets: Bytes) -> Result<(), Error> {
        match self.left.checked_sub(length(octets.len())) {
            Some(left) => {
                client.push_octets(self.command, octets)?;
                self.left = left;
                Ok(())
            }
            None => Err(Error::caller(ErrorKind::InvalidValue, "no more octets than were announced")),
        }
    }

    pub(super) fn end(self, client: &mut Client) -> Result<CommandId, Error> {
        if self.left > 0 {
            client.check_appending(self.command)?;
            return Err(Error::caller(ErrorKind::InvalidValue, "as many octets as were announced"));
        }
        client.continue_append(self.command, |encoder| {
            encoder.raw(b"\r\n");
            Ok(())
        })?;
        client.appending = None;
        Ok(self.command)
    }
}

impl Authenticated<'_> {
    /// APPEND: a message of `length` octets into a mailbox. Its octets follow by [`Client::append_octets`], and
    /// [`Client::append_end`] ends the command. No other command can be given in between.
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn append(
        &mut self,
        append: &Append,
        options: &AppendOptions,
        length: u64,
    ) -> Result<Appending, Error> {
        let command = self.client.begin_append(|encoder| {
            append.encode(encoder)?;
            options.encode(encoder)?;
            encoder.sp();
            encoder.literal_header(b"{", length);
            Ok(())
        })?;
        Ok(Appending { command, left: length })
    }
}

impl Client {
    /// One more message of the same APPEND (MULTIAPPEND, RFC 3502), once the last one is complete.
    ///
    /// # Errors
    /// As [`append_end`](Client::append_end).
    pub fn append_message(
        &mut self,
        appending: &mut Appending,
        options: &AppendOptions,
        length: u64,
    ) -> Result<(), Error> {
        if appending.left > 0 {
            return Err(Error::caller(ErrorKind::InvalidValue, "as many octets as were announced"));
        }
        self.continue_append(appending.command, |encoder| {
            options.encode(encoder)?;
            encoder.sp();
            encoder.literal_header(b"{", length);
            Ok(())
        })?;
        appending.left = length;
        Ok(())
    }
}
