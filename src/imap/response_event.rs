//! What a decoder of responses tells.

use crate::imap::condition::Status;
use crate::imap::fetch::{Body, Fetch};
use crate::imap::response::{Data, Response};
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

/// An event that can be made of what a decoder tells at a glance. A large value costs each time it is moved, so each event is made where it is
/// read, as what its receiver hands on.
pub(crate) trait Told {
    fn data(data: Data) -> Self;
    fn status(status: Status) -> Self;
    fn fetch(fetch: Fetch) -> Self;
    fn body(body: Body) -> Self;
}

impl Told for ResponseEvent {
    #[inline(always)]
    fn data(data: Data) -> Self {
        Self::Response(Response::Data(data))
    }

    #[inline(always)]
    fn status(status: Status) -> Self {
        Self::Response(Response::Status(status))
    }

    #[inline(always)]
    fn fetch(fetch: Fetch) -> Self {
        Self::Fetch(fetch)
    }

    #[inline(always)]
    fn body(body: Body) -> Self {
        Self::Body(body)
    }
}
