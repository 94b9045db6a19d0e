//! The driver for tokio streams, and the codecs of both protocols as tokio-util's `Decoder` and `Encoder`.
//!
//! [`Connection`] drives a whole state machine. The traits of [`tokio_util::codec`] are for programs that live in `Framed` and keep
//! the state themselves: on [`CommandDecoder`](crate::pop3::CommandDecoder) and [`ReplyDecoder`](crate::pop3::ReplyDecoder) of POP3, on
//! [`CommandDecoder`](crate::imap::CommandDecoder) and [`ResponseDecoder`](crate::imap::ResponseDecoder) of IMAP.

mod imap;
mod pop3;

pub use crate::driver::{ConnectionError, Parts};
use crate::driver::{Core, Transport, connection, polled_connection, reserve, run};
use ::tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use bytes::BytesMut;
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

polled_connection!(poll_shutdown);

run!([async], [.await], AsyncRead + AsyncWrite + Unpin);

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
