//! FETCH with bodies, octet by octet.

use crate::imap::fetch::{BodyStart, Fetch, FetchEncoder};
use crate::imap::server::Server;
use crate::wire::identity::Identity;
use crate::wire::write::length;
use crate::wire::{Error, ErrorKind};
use bytes::Bytes;

/// A FETCH whose bodies are being sent: as many octets are owed as were announced, and then its end.
///
/// If the octets cannot be had, end the connection by [`bye`](Server::bye): inside of an announced body nothing else can be said, and a FETCH
/// without its end holds back everything behind it.
#[derive(Debug)]
#[must_use = "the client waits for the end of the FETCH"]
pub struct FetchWriter {
    owner: Identity,
    encoder: FetchEncoder,
    left: u64,
}

impl FetchWriter {
    /// How many octets of the body under way are owed.
    pub fn left(&self) -> u64 {
        self.left
    }
}

impl Server {
    /// Data of a message without a body, whole.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidValue`] for a value that cannot be written, [`ErrorKind::InvalidState`] where no mailbox is selected and none is being
    /// ([`begin_select`](Server::begin_select)); nothing is written then.
    pub fn fetch(&mut self, fetch: &Fetch) -> Result<(), Error> {
        self.check_selected()?;
        self.write_with(|out, encoding| fetch.write(out, encoding))
    }

    /// Data of a message, to be followed by bodies and [`end_fetch`](Server::end_fetch). What else is written until then goes out behind it.
    ///
    /// # Errors
    /// As [`fetch`](Server::fetch), and [`ErrorKind::Busy`] while another FETCH is under way.
    pub fn begin_fetch(&mut self, fetch: &Fetch) -> Result<FetchWriter, Error> {
        self.check_selected()?;
        if self.fetching {
            return Err(Error::caller(ErrorKind::Busy, "the end of the FETCH under way"));
        }
        let mut encoder = FetchEncoder::default();
        let fetch = Fetch { last: false, ..fetch.clone() };
        self.write_piece(false, |out, encoding| encoder.fetch(&fetch, out, encoding))?;
        Ok(FetchWriter { owner: self.identity, encoder, left: 0 })
    }

    /// A body begins: its octets follow by [`body_octets`](Server::body_octets).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidState`] while octets of another are owed.
    pub fn body(&mut self, writer: &mut FetchWriter, start: &BodyStart) -> Result<(), Error> {
        self.check_owner(writer.owner)?;
        if writer.left > 0 {
            return Err(Error::caller(ErrorKind::InvalidState, "as many octets as were announced"));
        }
        self.write_piece(false, |out, encoding| writer.encoder.body(start, out, encoding))?;
        writer.left = start.len.unwrap_or(0);
        Ok(())
    }

    /// Octets of the body, as many as you like at a time.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidValue`] for more octets than were announced.
    pub fn body_octets(&mut self, writer: &mut FetchWriter, octets: Bytes) -> Result<(), Error> {
        self.check_owner(writer.owner)?;
        match writer.left.checked_sub(length(octets.len())) {
            Some(left) => {
                self.push(octets)?;
                writer.left = left;
                Ok(())
            }
            None => Err(Error::caller(ErrorKind::InvalidValue, "no more octets than were announced")),
        }
    }

    /// The FETCH is complete.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidValue`] if octets are still owed: end the connection by [`bye`](Server::bye) then, since the client waits for them.
    pub fn end_fetch(&mut self, mut writer: FetchWriter) -> Result<(), Error> {
        self.check_owner(writer.owner)?;
        if writer.left > 0 {
            return Err(Error::caller(ErrorKind::InvalidValue, "as many octets as were announced"));
        }
        self.write_piece(true, |out, encoding| writer.encoder.end(out, encoding))
    }
}
