//! The codecs of POP3 as tokio-util's [`Decoder`] and [`Encoder`].
//!
//! An item is a `Result`: what is wrong with one line alone ends no stream. The stream's error is fatal.

use crate::driver::ConnectionError;
use crate::pop3::{Command, CommandDecoder, Reply, ReplyDecoder, Request, Response};
use crate::wire::{Error, ErrorKind};
use ::tokio_util::codec::{Decoder, Encoder};
use bytes::{Bytes, BytesMut};

/// A server's side. It gives requests, and takes replies, and octets for what stands behind a reply.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use futures::{SinkExt, StreamExt};
/// use mailwire::pop3::{Command, CommandDecoder, Reply, Request};
/// use tokio_util::codec::Framed;
///
/// let (client, server) = tokio::io::duplex(1024);
/// tokio::io::AsyncWriteExt::write_all(&mut { client }, b"NOOP\r\nWHAT\rNOW\r\n").await?;
/// let mut server = Framed::new(server, CommandDecoder::new());
/// assert_eq!(server.next().await.unwrap()?, Ok(Request::Command(Command::Noop)));
/// assert!(server.next().await.unwrap()?.is_err());
/// assert!(server.send(Reply::err("what now?")).await.is_err()); // nobody listens any more
/// # Ok(()) }
/// ```
impl Decoder for CommandDecoder {
    type Item = Result<Request, Error>;
    type Error = ConnectionError;

    fn decode(&mut self, input: &mut BytesMut) -> Result<Option<Self::Item>, ConnectionError> {
        match CommandDecoder::decode(self, input) {
            Ok(request) => Ok(request.map(Ok)),
            Err(error) if error.is_fatal() => Err(error.into()),
            Err(error) => Ok(Some(Err(error))),
        }
    }

    fn decode_eof(&mut self, input: &mut BytesMut) -> Result<Option<Self::Item>, ConnectionError> {
        match Decoder::decode(self, input)? {
            None if !input.is_empty() => Err(cut_off()),
            item => Ok(item),
        }
    }
}

impl Encoder<Reply> for CommandDecoder {
    type Error = ConnectionError;

    fn encode(&mut self, reply: Reply, output: &mut BytesMut) -> Result<(), ConnectionError> {
        reply.encode(output);
        Ok(())
    }
}

/// Octets as they are: the lines of a listing, a message from a [`Stuffer`](crate::pop3::Stuffer).
impl Encoder<Bytes> for CommandDecoder {
    type Error = ConnectionError;

    fn encode(&mut self, octets: Bytes, output: &mut BytesMut) -> Result<(), ConnectionError> {
        output.extend_from_slice(&octets);
        Ok(())
    }
}

/// A client's side. It takes commands, and gives what the server answers to them.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use futures::{SinkExt, StreamExt};
/// use mailwire::pop3::{Command, DropListing, Quirks, ReplyDecoder, Response};
/// use tokio_util::codec::Framed;
///
/// let (client, mut server) = tokio::io::duplex(1024);
/// tokio::io::AsyncWriteExt::write_all(&mut server, b"+OK ready\r\n+OK 2 320\r\n").await?;
/// let mut client = Framed::new(client, ReplyDecoder::new(Quirks::strict()));
/// client.send(Command::Stat).await?;
/// assert!(matches!(client.next().await.unwrap()?, Response::Greeting(_)));
/// assert!(matches!(client.next().await.unwrap()?, Response::DropListing(DropListing { messages: 2, octets: 320, .. })));
/// # Ok(()) }
/// ```
impl Decoder for ReplyDecoder {
    type Item = Response;
    type Error = ConnectionError;

    fn decode(&mut self, input: &mut BytesMut) -> Result<Option<Response>, ConnectionError> {
        Ok(ReplyDecoder::decode(self, input)?)
    }

    fn decode_eof(&mut self, input: &mut BytesMut) -> Result<Option<Response>, ConnectionError> {
        match Decoder::decode(self, input)? {
            None if !input.is_empty() || !self.is_between_answers() => Err(cut_off()),
            item => Ok(item),
        }
    }
}

/// Writes the command, and expects its answer.
impl Encoder<Command> for ReplyDecoder {
    type Error = ConnectionError;

    fn encode(&mut self, command: Command, output: &mut BytesMut) -> Result<(), ConnectionError> {
        command.encode(output).map_err(Error::from)?;
        self.expect(&command);
        Ok(())
    }
}

fn cut_off() -> ConnectionError {
    Error::fatal(ErrorKind::UnexpectedEof, 0, "the rest of the message").into()
}
