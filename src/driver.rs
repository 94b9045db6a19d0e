//! What the drivers share: everything but the kind of I/O.
//!
//! ```text
//!                     ┌────────────── Core ──────────────┐
//!  transport ─read──▶ │ input ──▶ machine ──▶ event      │ ──▶ caller
//!  transport ◀─write─ │ queue ◀── machine.poll_transmit  │
//!                     └──────────────────────────────────┘
//! ```
//!
//! Writing and reading are tried in turn until both would block, so that two peers with full buffers cannot wait for each other.
//! All that is under way stands in `Core`: a call that is given up loses nothing.

use crate::wire::{Error, ErrorKind, Machine};
use alloc::collections::VecDeque;
use bytes::{Buf, Bytes, BytesMut};
use core::task::{Poll, ready};
use std::io::{self, IoSlice};

/// Octets asked of the transport at once.
const READ: usize = 16 * 1024;
/// Octets read ahead at most while only writing was asked for.
const READ_AHEAD: usize = 64 * 1024;
/// Octets taken from the machine at once. What it still holds counts for its own high-water mark.
const BATCH: usize = 64 * 1024;
/// Slices of one vectored write.
const SLICES: usize = 32;
/// Segments smaller than this are put together where a vectored write would not do it.
const SMALL: usize = 4 * 1024;

/// Why a connection could not go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectionError {
    /// The transport failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The peer or the caller did what the protocol does not allow. [`Error::is_fatal`] says whether the connection lives on.
    #[error(transparent)]
    Protocol(#[from] Error),
}

/// A connection taken apart.
#[non_exhaustive]
pub struct Parts<T, M> {
    /// The transport.
    pub transport: T,
    /// The machine.
    pub machine: M,
    /// Octets that were read and that the machine has not taken yet.
    pub input: BytesMut,
    /// Octets that the machine gave out and that are not written yet, in order; the first may be the rest of a partial write.
    pub output: VecDeque<Bytes>,
}

/// One kind of I/O, as little as it takes. `Pending` = it would block.
pub(crate) trait Transport {
    /// Appends what is there to `input`. Zero: the end.
    fn read(&mut self, input: &mut BytesMut) -> Poll<io::Result<usize>>;
    fn write(&mut self, octets: &[IoSlice<'_>]) -> Poll<io::Result<usize>>;
    fn flush(&mut self) -> Poll<io::Result<()>>;
    /// Whether `write` surely takes more than the first slice.
    fn is_write_vectored(&self) -> bool;
}

/// Room for one read, for transports that want a buffer of initialized octets.
#[cfg(any(feature = "blocking", feature = "futures-io"))]
pub(crate) fn fill(
    input: &mut BytesMut,
    read: impl FnOnce(&mut [u8]) -> Poll<io::Result<usize>>,
) -> Poll<io::Result<usize>> {
    let filled = input.len();
    input.resize(filled.saturating_add(READ), 0);
    let result = read(input.get_mut(filled..).unwrap_or_default());
    let taken = match &result {
        Poll::Ready(Ok(taken)) => (*taken).min(READ),
        _ => 0,
    };
    input.truncate(filled.saturating_add(taken));
    result
}

/// Room for one read, for transports that take a [`BufMut`](bytes::BufMut).
#[cfg(feature = "tokio")]
pub(crate) fn reserve(input: &mut BytesMut) -> bytes::buf::Limit<&mut BytesMut> {
    input.reserve(READ);
    bytes::BufMut::limit(input, READ)
}

pub(crate) struct Core<M> {
    pub(crate) machine: M,
    pub(crate) input: BytesMut,
    /// Taken from the machine and not written yet.
    pub(crate) queue: VecDeque<Bytes>,
    /// Written and not flushed yet.
    unflushed: bool,
    /// The last write would have blocked.
    blocked: bool,
    pub(crate) at_eof: bool,
}

impl<M: Machine> Core<M> {
    pub(crate) fn new(machine: M, input: BytesMut) -> Self {
        Self { machine, input, queue: VecDeque::new(), unflushed: false, blocked: false, at_eof: false }
    }

    /// Takes from the machine what is written next.
    fn pull(&mut self, vectored: bool) {
        let mut small = BytesMut::new();
        let mut octets = 0_usize;
        while octets < BATCH && self.queue.len() < SLICES {
            let Some(segment) = self.machine.poll_transmit() else { break };
            octets = octets.saturating_add(segment.len());
            if !vectored && segment.len() < SMALL {
                small.extend_from_slice(&segment);
            } else {
                if !small.is_empty() {
                    self.queue.push_back(small.split().freeze());
                }
                self.queue.push_back(segment);
            }
        }
        if !small.is_empty() {
            self.queue.push_back(small.freeze());
        }
    }

    /// Writes everything up to a gate. `Pending`: the transport takes no more just now.
    fn poll_output(&mut self, transport: &mut impl Transport) -> Poll<io::Result<()>> {
        loop {
            if self.queue.is_empty() {
                self.pull(transport.is_write_vectored());
            }
            if self.queue.is_empty() {
                if self.unflushed {
                    ready!(transport.flush())?;
                    self.unflushed = false;
                }
                return Poll::Ready(Ok(()));
            }
            let mut slices = [IoSlice::new(&[]); SLICES];
            let mut count = 0_usize;
            for (slice, segment) in slices.iter_mut().zip(&self.queue) {
                *slice = IoSlice::new(segment);
                count = count.saturating_add(1);
            }
            let written = ready!(transport.write(slices.get(..count).unwrap_or_default()))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.unflushed = true;
            self.written(written);
        }
    }

    fn written(&mut self, mut octets: usize) {
        while let Some(first) = self.queue.front_mut() {
            let taken = first.len().min(octets);
            first.advance(taken);
            octets = octets.saturating_sub(taken);
            if !first.is_empty() {
                break;
            }
            self.queue.pop_front();
        }
    }

    fn poll_input(&mut self, transport: &mut impl Transport) -> Poll<io::Result<()>> {
        match transport.read(&mut self.input) {
            Poll::Ready(Ok(taken)) => {
                self.at_eof = taken == 0;
                Poll::Ready(Ok(()))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => {
                if self.input.is_empty() {
                    // A connection that waits holds no buffer.
                    self.input = BytesMut::new();
                }
                Poll::Pending
            }
        }
    }

    fn receive(&mut self) -> Result<Option<M::Event>, Error> {
        match self.machine.receive(&mut self.input)? {
            None if self.at_eof => self.machine.receive_eof(&mut self.input),
            event => Ok(event),
        }
    }

    pub(crate) fn poll_event(
        &mut self,
        transport: &mut impl Transport,
    ) -> Poll<Result<Option<M::Event>, ConnectionError>> {
        // A peer that closes may have said why: what it sent is read before a failure to write is told.
        let mut failure = None;
        loop {
            // A write that blocks may cost a timeout: what is read already comes first.
            let later = self.blocked && !self.input.is_empty();
            if failure.is_none() && !later {
                match self.poll_output(transport) {
                    Poll::Ready(Ok(())) => self.blocked = false,
                    Poll::Ready(Err(error)) => failure = Some(error),
                    Poll::Pending => self.blocked = true,
                }
            }
            if let Some(event) = self.receive()? {
                return Poll::Ready(Ok(Some(event)));
            }
            if later {
                self.blocked = false;
                continue;
            }
            if failure.is_none() && !self.blocked {
                self.pull(transport.is_write_vectored());
                if !self.queue.is_empty() {
                    continue;
                }
            }
            if self.at_eof || self.machine.is_closed() || !self.machine.wants_read() {
                return match failure {
                    Some(error) => Poll::Ready(Err(error.into())),
                    None if self.blocked => Poll::Pending,
                    None => Poll::Ready(Ok(None)),
                };
            }
            match (self.poll_input(transport), failure.is_some()) {
                (Poll::Ready(Ok(())), _) => {}
                (Poll::Pending, false) => return Poll::Pending,
                (Poll::Ready(Err(error)), false) => return Poll::Ready(Err(error.into())),
                (_, true) => return Poll::Ready(failure.map_or(Ok(None), |error| Err(error.into()))),
            }
        }
    }

    pub(crate) fn poll_flush(&mut self, transport: &mut impl Transport) -> Poll<Result<(), ConnectionError>> {
        loop {
            if let Poll::Ready(result) = self.poll_output(transport) {
                return Poll::Ready(result.map_err(ConnectionError::from));
            }
            let reads = !self.at_eof && !self.machine.is_closed() && self.machine.wants_read();
            if !reads || self.input.len() >= READ_AHEAD {
                return Poll::Pending;
            }
            ready!(self.poll_input(transport))?;
        }
    }

    /// Why no completion comes.
    pub(crate) fn stopped(&self) -> ConnectionError {
        if self.at_eof || self.machine.is_closed() {
            Error::fatal(ErrorKind::UnexpectedEof, 0, "the completion of the command").into()
        } else {
            Error::caller(ErrorKind::InvalidState, "what the machine waits for").into()
        }
    }

    /// The machine, for a transport that takes the place of this one.
    pub(crate) fn into_upgrade(self) -> Result<M, Error> {
        if self.machine.wants_read() {
            return Err(Error::caller(ErrorKind::InvalidState, "an upgrade of the transport is due"));
        }
        if !self.input.is_empty() {
            return Err(Error::fatal(ErrorKind::StartTlsInjection, 0, "nothing before the handshake"));
        }
        Ok(self.machine)
    }
}

/// The methods that do not depend on the kind of I/O.
macro_rules! connection {
    () => {
        impl<T, M: $crate::wire::Machine> Connection<T, M> {
            /// A connection over a transport that nothing was read from.
            pub fn new(transport: T, machine: M) -> Self {
                Self::with_buffer(transport, machine, ::bytes::BytesMut::new())
            }

            /// A connection over a transport from which `input` was read already.
            pub fn with_buffer(transport: T, machine: M, input: ::bytes::BytesMut) -> Self {
                Self { transport, core: $crate::driver::Core::new(machine, input) }
            }

            /// The machine.
            pub fn machine(&self) -> &M {
                &self.core.machine
            }

            /// The machine, to tell it what to do. What it has to send is sent by the next call of `next_event` or `flush`.
            pub fn machine_mut(&mut self) -> &mut M {
                &mut self.core.machine
            }

            /// The transport.
            pub fn transport(&self) -> &T {
                &self.transport
            }

            /// The transport. What is read from it or written to it here, the machine never learns of.
            pub fn transport_mut(&mut self) -> &mut T {
                &mut self.transport
            }

            /// Whether the peer has closed its side.
            pub fn is_at_eof(&self) -> bool {
                self.core.at_eof
            }

            /// Takes the connection apart. Nothing is written or lost.
            pub fn into_parts(self) -> Parts<T, M> {
                let Self { transport, core } = self;
                Parts { transport, machine: core.machine, input: core.input, output: core.queue }
            }

            /// Puts a connection together again.
            pub fn from_parts(parts: Parts<T, M>) -> Self {
                let mut connection = Self::with_buffer(parts.transport, parts.machine, parts.input);
                connection.core.queue = parts.output;
                connection
            }
        }

        impl<T: ::core::fmt::Debug, M: ::core::fmt::Debug> ::core::fmt::Debug for Connection<T, M> {
            /// Without the buffered octets: they could be a password.
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_struct("Connection")
                    .field("transport", &self.transport)
                    .field("machine", &self.core.machine)
                    .finish_non_exhaustive()
            }
        }
    };
}
pub(crate) use connection;

/// How a command is run to its completion. `$async` and `$await` are nothing where the driver blocks.
macro_rules! run {
    ([$($async:tt)?], [$($await:tt)*], $($bound:tt)*) => {
        impl<T: $($bound)*, M: $crate::wire::ClientMachine> Connection<T, M> {
            /// Sends what is to be sent and gives the completion of the command, with every event before it to `told`: data of this command,
            /// completions of those before it, news.
            ///
            /// After an error that lets the connection go on, and where the call was given up, the same call goes on: no event is lost. For a
            /// command whose caller has to answer, as AUTHENTICATE, IDLE and STARTTLS want it, there is [`next_event`](Self::next_event): an event
            /// with a token that is only dropped is answered by nobody.
            ///
            /// # Errors
            /// As [`next_event`](Self::next_event), and
            /// - [`UnexpectedEof`](crate::wire::ErrorKind::UnexpectedEof) where the connection ends without the completion, behind BYE for example;
            /// - [`InvalidState`](crate::wire::ErrorKind::InvalidState) where the machine waits for its caller.
            ///
            /// That a command was refused is no error here, but what its completion says.
            pub $($async)? fn run(
                &mut self,
                command: M::Command,
                mut told: impl FnMut(M::Event),
            ) -> Result<M::Completion, ConnectionError> {
                loop {
                    let Some(event) = self.next_event()$($await)*? else { return Err(self.core.stopped()) };
                    match M::completion(event, command) {
                        ::core::ops::ControlFlow::Break(completion) => return Ok(completion),
                        ::core::ops::ControlFlow::Continue(event) => told(event),
                    }
                }
            }
        }
    };
}
pub(crate) use run;

/// The methods of a connection whose transport is polled; `$close` is how it is closed.
#[cfg(any(feature = "futures-io", feature = "tokio"))]
macro_rules! polled_connection {
    ($close:ident) => {
        impl<T: AsyncRead + AsyncWrite + Unpin, M: $crate::wire::Machine> Connection<T, M> {
            /// Sends what is to be sent and gives the next event.
            ///
            /// Writing and reading go on together, so that two peers with full buffers never wait for each other.
            /// `None`: the machine waits for its caller (an offer is unanswered, an upgrade is due), or the connection is over
            /// ([`Machine::is_closed`](crate::wire::Machine::is_closed), [`is_at_eof`](Self::is_at_eof)); in both cases everything up to a gate is sent.
            ///
            /// Cancel-safe: dropped at any await, it loses no event and no octet; call it again.
            ///
            /// # Errors
            /// The transport's, or the machine's. After a protocol error that is not [fatal](crate::wire::Error::is_fatal) the next call goes on;
            /// after one that is, [`close`](Self::close) still sends the last word, if there is one.
            pub async fn next_event(&mut self) -> Result<Option<M::Event>, ConnectionError> {
                ::core::future::poll_fn(|context| self.poll_next_event(context)).await
            }

            /// As [`next_event`](Self::next_event), to be polled.
            ///
            /// # Errors
            /// As [`next_event`](Self::next_event).
            pub fn poll_next_event(
                &mut self,
                context: &mut ::core::task::Context<'_>,
            ) -> ::core::task::Poll<Result<Option<M::Event>, ConnectionError>> {
                self.core.poll_event(&mut Polled { transport: &mut self.transport, context })
            }

            /// Sends everything up to a gate: for a caller that has much to send, before it gives the machine more.
            ///
            /// What waits behind a gate until the peer asks for it is not sent: the event that the peer has asked comes from
            /// [`next_event`](Self::next_event). [`Authenticated::append`](crate::imap::client::Authenticated::append) shows the loop.
            ///
            /// Meanwhile up to 64 KiB are read ahead. A peer that sends more than that before it reads is waited for;
            /// [`next_event`](Self::next_event) has no such bound. Cancel-safe.
            ///
            /// # Errors
            /// The transport's.
            pub async fn flush(&mut self) -> Result<(), ConnectionError> {
                ::core::future::poll_fn(|context| {
                    self.core.poll_flush(&mut Polled { transport: &mut self.transport, context })
                })
                .await
            }

            /// Sends everything up to a gate, and closes the transport. Cancel-safe.
            ///
            /// # Errors
            /// The transport's.
            pub async fn close(&mut self) -> Result<(), ConnectionError> {
                self.flush().await?;
                ::core::future::poll_fn(|context| ::core::pin::Pin::new(&mut self.transport).$close(context))
                    .await?;
                Ok(())
            }

            /// Sends everything up to the gate, hands the transport to `handshake`, and goes on over what that gives.
            ///
            /// For STARTTLS and STLS: to be called once the machine has told that the upgrade is due, and before it is told to resume.
            /// Not cancel-safe: half a handshake is of no use.
            ///
            /// # Errors
            /// - the transport's, or the handshake's;
            /// - [`StartTlsInjection`](crate::wire::ErrorKind::StartTlsInjection) where octets were read that belong to neither side of the upgrade;
            /// - [`InvalidState`](crate::wire::ErrorKind::InvalidState) where no upgrade is due.
            pub async fn upgrade<U, F>(
                mut self,
                handshake: impl FnOnce(T) -> F,
            ) -> Result<Connection<U, M>, ConnectionError>
            where
                F: Future<Output = ::std::io::Result<U>>,
            {
                self.flush().await?;
                let machine = self.core.into_upgrade()?;
                Ok(Connection::new(handshake(self.transport).await?, machine))
            }
        }

        /// A transport while it is polled.
        struct Polled<'a, 'b, T> {
            transport: &'a mut T,
            context: &'a mut Context<'b>,
        }
    };
}
#[cfg(any(feature = "futures-io", feature = "tokio"))]
pub(crate) use polled_connection;
