//! What a decoder of responses tells.

use crate::imap::fetch::{Body, Fetch};
use crate::imap::response::Response;
use crate::wire::Error;
use bytes::Bytes;

/// What a server said.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub enum ResponseEvent {
    /// A response other than FETCH.
    Response(Response),
    /// Data of a message, without its bodies.
    Fetch(Fetch),
    /// A body of a message, in pieces.
    Body(Body),
    /// A response that cannot be read; the next one can.
    Unparsed {
        /// Its octets, or their beginning where there are too many.
        octets: Bytes,
        /// What is wrong with them.
        #[cfg_attr(feature = "serde", serde(skip))]
        error: Error,
    },
}
