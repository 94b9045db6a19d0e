//! The driver for tokio streams, and the codecs of both protocols as tokio-util's `Decoder` and `Encoder`.
//!
//! [`Connection`] drives a whole state machine. The traits of [`tokio_util::codec`] are for programs that live in `Framed` and keep
//! the state themselves: on [`CommandDecoder`](crate::pop3::CommandDecoder) and [`ReplyDecoder`](crate::pop3::ReplyDecoder) of POP3, on
//! [`CommandDecoder`](crate::imap::CommandDecoder) and [`ResponseDecoder`](crate::imap::ResponseDecoder) of IMAP.

mod imap;
mod pop3;

pub use crate::driver::{ConnectionError, Parts};
use crate::driver::{Core, Transport, connection, reserve};
use crate::wire::Machine;
use ::tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use bytes::BytesMut;
use core::future::poll_fn;
use core::pin::{Pin, pin};
use core::task::{Context, Poll};
use std::io::{self, IoSlice};

/// A machine over a stream of tokio's [`AsyncRead`] and [`AsyncWrite`].
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), mailwire::tokio::ConnectionError> {
/// use mailwire::tokio::Connection;
/// use mailwire::pop3::{Client, ClientConfig, client::Event};
///
/// // A TcpStream, a TLS stream over it, or whatever reads and writes.
/// let (stream, mut server) = tokio::io::duplex(1024);
/// tokio::io::AsyncWriteExt::write_all(&mut server, b"+OK ready\r\n+OK\r\nSASL PLAIN\r\n.\r\n").await?;
/// let mut connection = Connection::new(stream, Client::new(ClientConfig::protected()));
/// assert!(matches!(connection.next_event().await?, Some(Event::Greeting(_))));
/// let capa = connection.machine_mut().authorization()?.capa()?;
/// while let Some(event) = connection.next_event().await? {
///     match event {
///         Event::Capabilities(capabilities) => assert!(capabilities.has_mechanism("PLAIN")),
///         Event::Completed { command, .. } if command == capa => break,
///         _ => {}
///     }
/// }
/// # Ok(()) }
/// ```
pub struct Connection<T, M> {
    transport: T,
    core: Core<M>,
}

connection!();

impl<T: AsyncRead + AsyncWrite + Unpin, M: Machine> Connection<T, M> {
    /// Sends what is to be sent and gives the next event.
    ///
    /// Writing and reading go on together, so that two peers with full buffers never wait for each other.
    /// `None`: the machine waits for its caller (an offer is unanswered, an upgrade is due), or the connection is over
    /// ([`Machine::is_closed`], [`is_at_eof`](Self::is_at_eof)); in both cases everything up to a gate is sent.
    ///
    /// Cancel-safe: dropped at any await, it loses no event and no octet; call it again.
    ///
    /// # Errors
    /// The transport's, or the machine's. After a protocol error that is not [fatal](crate::wire::Error::is_fatal) the next call goes on;
    /// after one that is, [`close`](Self::close) still sends the last word, if there is one.
    pub async fn next_event(&mut self) -> Result<Option<M::Event>, ConnectionError> {
        poll_fn(|context| self.poll_next_event(context)).await
    }

    /// As [`next_event`](Self::next_event), to be polled.
    ///
    /// # Errors
    /// As [`next_event`](Self::next_event).
    pub fn poll_next_event(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Result<Option<M::Event>, ConnectionError>> {
        self.core.poll_event(&mut Polled { transport: &mut self.transport, context })
    }

    /// Sends everything up to a gate: for a caller that has much to send, before it gives the machine more.
    ///
    /// Meanwhile up to 64 KiB are read ahead. A peer that sends more than that before it reads is waited for;
    /// [`next_event`](Self::next_event) has no such bound. Cancel-safe.
    ///
    /// # Errors
    /// The transport's.
    pub async fn flush(&mut self) -> Result<(), ConnectionError> {
        poll_fn(|context| self.core.poll_flush(&mut Polled { transport: &mut self.transport, context })).await
    }

    /// Sends everything up to a gate, and closes the transport. Cancel-safe.
    ///
    /// # Errors
    /// The transport's.
    pub async fn close(&mut self) -> Result<(), ConnectionError> {
        self.flush().await?;
        poll_fn(|context| Pin::new(&mut self.transport).poll_shutdown(context)).await?;
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
        F: Future<Output = io::Result<U>>,
    {
        self.flush().await?;
        let machine = self.core.into_upgrade()?;
        Ok(Connection::new(handshake(self.transport).await?, machine))
    }
}

struct Polled<'a, 'b, T> {
    transport: &'a mut T,
    context: &'a mut Context<'b>,
}

impl<T: AsyncRead + AsyncWrite + Unpin> Transport for Polled<'_, '_, T> {
    fn read(&mut self, input: &mut BytesMut) -> Poll<io::Result<usize>> {
        pin!(self.transport.read_buf(&mut reserve(input))).poll(self.context)
    }

    fn write(&mut self, octets: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.transport).poll_write_vectored(self.context, octets)
    }

    fn flush(&mut self) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.transport).poll_flush(self.context)
    }

    fn is_write_vectored(&self) -> bool {
        self.transport.is_write_vectored()
    }
}
