//! FETCH: messages out.

use std::num::NonZeroU32;

use mailwire::imap::{FetchAttribute, Flags as WireFlags, SequenceSet, Status, server::Server};

use super::selected::Selected;
use crate::embedded::{session::Broken, store::Uid};

pub struct Fetching;

/// Tells the flags of a message.
pub fn tell_flags(
    _machine: &mut Server,
    _number: NonZeroU32,
    _uid: Option<Uid>,
    _flags: WireFlags,
) -> Result<(), mailwire::wire::Error> {
    Ok(())
}

impl Fetching {
    pub fn new(_: &mut Selected, _: &SequenceSet, _: bool, _: &[FetchAttribute]) -> Result<Self, Status> {
        Err(Status::no("Not yet"))
    }
    pub fn is_uid(&self) -> bool {
        false
    }
    pub fn status(&self) -> Status {
        Status::ok("FETCH completed")
    }
    pub fn proceed(&mut self, _: &mut Selected, _: &mut Server) -> Result<bool, Broken> {
        Ok(false)
    }
}
