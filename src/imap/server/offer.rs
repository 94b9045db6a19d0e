//! Messages of APPEND on offer: taken, refused, thrown away.

use crate::imap::condition::{Condition, Status};
use crate::imap::core::Tag;
use crate::imap::encode::Encoder;
use crate::imap::server::machine::encode_completion;
use crate::imap::server::{LiteralOffer, Server};
use crate::wire::{Error, ErrorKind};
use alloc::boxed::Box;
use bytes::{Bytes, BytesMut};

impl Server {
    /// The message on offer is taken: its octets come as [`Event::LiteralChunk`](super::Event::LiteralChunk)s.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidState`] for an offer of another connection, [`ErrorKind::Closed`] if this one is over.
    pub fn accept(&mut self, offer: LiteralOffer) -> Result<(), Error> {
        self.check_owner(offer.owner)?;
        self.offered = false;
        self.decoder.accept();
        if offer.literal.synchronizing { self.go_ahead() } else { Ok(()) }
    }

    /// The message on offer is refused, and its command is completed with this status: NO with a code such as TOOBIG, OVERQUOTA or TRYCREATE,
    /// or BAD.
    ///
    /// If the client does not wait, the octets are passed over and the completion follows them.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidState`] for another condition, [`ErrorKind::InvalidValue`] for a text that cannot be written: the message is refused
    /// all the same, and its command is completed with NO.
    pub fn refuse(&mut self, offer: LiteralOffer, status: &Status) -> Result<(), Error> {
        self.check_owner(offer.owner)?;
        let fits = matches!(status.condition, Condition::No | Condition::Bad);
        let (completion, told) = self.completion_of(&offer.literal.tag, status, fits, "NO or BAD");
        self.offered = false;
        if offer.literal.synchronizing {
            self.decoder.refuse();
            self.write_octets(&completion)?;
        } else {
            self.decoder.discard();
            self.discarded = Some(Box::new(completion));
        }
        told
    }

    /// The message on offer is taken and thrown away, and what follows it in its command; the command is then completed with this status: OK,
    /// NO or BAD. With NO and BAD it ends at the next literal that the client waits to be asked for, with OK those are asked for.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidState`] for another condition, [`ErrorKind::InvalidValue`] for a text that cannot be written: the message is thrown
    /// away all the same, and its command is completed with NO. [`ErrorKind::Closed`] if the connection is over.
    pub fn discard(&mut self, offer: LiteralOffer, status: &Status) -> Result<(), Error> {
        self.check_owner(offer.owner)?;
        let fits = matches!(status.condition, Condition::Ok | Condition::No | Condition::Bad);
        let (completion, told) = self.completion_of(&offer.literal.tag, status, fits, "OK, NO or BAD");
        self.offered = false;
        if told.is_ok() && status.is_ok() {
            self.decoder.discard_whole();
        } else {
            self.decoder.discard();
        }
        self.discarded = Some(Box::new(completion));
        if offer.literal.synchronizing {
            self.go_ahead()?;
        }
        told
    }

    /// The completion as it is written later, when nobody could be told that it cannot be; and what is to be told now.
    fn completion_of(
        &self,
        tag: &Tag,
        status: &Status,
        fits: bool,
        expected: &'static str,
    ) -> (Bytes, Result<(), Error>) {
        let mut out = BytesMut::new();
        let mut encoder = Encoder::new(&mut out, self.encoding());
        let told = if fits {
            encode_completion(&mut encoder, Some(tag), status).map_err(Error::from)
        } else {
            Err(Error::caller(ErrorKind::InvalidState, expected))
        };
        if told.is_err() {
            out.clear();
            out.extend_from_slice(tag.as_bytes());
            out.extend_from_slice(b" NO Not completed\r\n");
        }
        (out.freeze(), told)
    }
}
