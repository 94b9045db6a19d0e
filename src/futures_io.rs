//! The driver for streams of the [`futures-io`](::futures_io) traits.

pub use crate::driver::{ConnectionError, Parts};
use crate::driver::{Core, Transport, connection, fill, polled_connection, run};
use ::futures_io::{AsyncRead, AsyncWrite};
use bytes::BytesMut;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::io::{self, IoSlice};

/// A machine over a stream of the [`AsyncRead`] and [`AsyncWrite`] traits of `futures-io`.
///
/// ```
/// # futures::executor::block_on(async {
/// use mailwire::futures_io::Connection;
/// use mailwire::pop3::{Client, ClientConfig, client::Event};
///
/// // A TcpStream of async-std or smol, a TLS stream over it, or whatever reads and writes.
/// # struct Both(futures::io::Cursor<&'static [u8]>);
/// # impl futures::io::AsyncRead for Both {
/// #     fn poll_read(mut self: std::pin::Pin<&mut Self>, c: &mut std::task::Context<'_>, b: &mut [u8]) -> std::task::Poll<std::io::Result<usize>> {
/// #         std::pin::Pin::new(&mut self.0).poll_read(c, b)
/// #     }
/// # }
/// # impl futures::io::AsyncWrite for Both {
/// #     fn poll_write(self: std::pin::Pin<&mut Self>, _: &mut std::task::Context<'_>, b: &[u8]) -> std::task::Poll<std::io::Result<usize>> {
/// #         std::task::Poll::Ready(Ok(b.len()))
/// #     }
/// #     fn poll_flush(self: std::pin::Pin<&mut Self>, _: &mut std::task::Context<'_>) -> std::task::Poll<std::io::Result<()>> {
/// #         std::task::Poll::Ready(Ok(()))
/// #     }
/// #     fn poll_close(self: std::pin::Pin<&mut Self>, _: &mut std::task::Context<'_>) -> std::task::Poll<std::io::Result<()>> {
/// #         std::task::Poll::Ready(Ok(()))
/// #     }
/// # }
/// # let stream = Both(futures::io::Cursor::new(b"+OK ready\r\n+OK\r\nSASL PLAIN\r\n.\r\n"));
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
/// # Ok::<(), mailwire::futures_io::ConnectionError>(()) }).unwrap();
/// ```
pub struct Connection<T, M> {
    transport: T,
    core: Core<M>,
}

connection!();

polled_connection!(poll_close);

run!([async], [.await], AsyncRead + AsyncWrite + Unpin);

impl<T: AsyncRead + AsyncWrite + Unpin> Transport for Polled<'_, '_, T> {
    fn read(&mut self, input: &mut BytesMut) -> Poll<io::Result<usize>> {
        fill(input, |room| Pin::new(&mut *self.transport).poll_read(self.context, room))
    }

    fn write(&mut self, octets: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.transport).poll_write_vectored(self.context, octets)
    }

    fn flush(&mut self) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.transport).poll_flush(self.context)
    }

    fn is_write_vectored(&self) -> bool {
        // These traits do not tell.
        false
    }
}
