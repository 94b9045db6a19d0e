//! The codecs of IMAP as tokio-util's [`Decoder`] and [`Encoder`]. A stream's error is fatal.

use crate::driver::ConnectionError;
use crate::imap::{CommandDecoder, CommandEvent, Encoding, Response, ResponseDecoder, ResponseEvent};
use crate::wire::{Error, ErrorKind};
use ::tokio_util::codec::{Decoder, Encoder};
use bytes::{Bytes, BytesMut};

/// A client's side. It gives what the server says, and takes octets: the segments of
/// [`Command::to_segments`](crate::imap::Command::to_segments), each behind the first after its continuation request.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use futures::{SinkExt, StreamExt};
/// use mailwire::imap::{Command, Data, Response, ResponseDecoder, ResponseEvent, Tag};
/// use tokio_util::codec::Framed;
///
/// let (client, mut server) = tokio::io::duplex(1024);
/// tokio::io::AsyncWriteExt::write_all(&mut server, b"* 23 EXISTS\r\na1 OK done\r\n").await?;
/// let mut client = Framed::new(client, ResponseDecoder::lenient());
/// for segment in Command::Noop.to_segments(&Tag::new("a1")?, Default::default())? {
///     client.send(segment).await?;
/// }
/// let event = client.next().await.unwrap()?;
/// assert_eq!(event, ResponseEvent::Response(Response::Data(Data::Exists(23))));
/// # Ok(()) }
/// ```
impl Decoder for ResponseDecoder {
    type Item = ResponseEvent;
    type Error = ConnectionError;

    fn decode(&mut self, input: &mut BytesMut) -> Result<Option<ResponseEvent>, ConnectionError> {
        Ok(ResponseDecoder::decode(self, input)?)
    }

    fn decode_eof(&mut self, input: &mut BytesMut) -> Result<Option<ResponseEvent>, ConnectionError> {
        match Decoder::decode(self, input)? {
            None if !input.is_empty() || self.is_within_message() => {
                Err(Error::fatal(ErrorKind::UnexpectedEof, 0, "the rest of the response").into())
            }
            event => Ok(event),
        }
    }
}

impl Encoder<Bytes> for ResponseDecoder {
    type Error = ConnectionError;

    fn encode(&mut self, octets: Bytes, output: &mut BytesMut) -> Result<(), ConnectionError> {
        output.extend_from_slice(&octets);
        Ok(())
    }
}

/// A server's side. It gives commands, and takes responses, and octets for bodies and continuation requests.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use futures::{SinkExt, StreamExt};
/// use mailwire::imap::{Command, CommandDecoder, CommandEvent, Response, Status};
/// use tokio_util::codec::Framed;
///
/// let (mut client, server) = tokio::io::duplex(1024);
/// tokio::io::AsyncWriteExt::write_all(&mut client, b"a1 NOOP\r\n").await?;
/// let mut server = Framed::new(server, CommandDecoder::default());
/// let CommandEvent::Command { tag, command: Command::Noop } = server.next().await.unwrap()? else { panic!() };
/// server.send(Response::Tagged { tag, status: Status::ok("done") }).await?;
/// # Ok(()) }
/// ```
impl Decoder for CommandDecoder {
    type Item = CommandEvent;
    type Error = ConnectionError;

    fn decode(&mut self, input: &mut BytesMut) -> Result<Option<CommandEvent>, ConnectionError> {
        Ok(CommandDecoder::decode(self, input)?)
    }

    fn decode_eof(&mut self, input: &mut BytesMut) -> Result<Option<CommandEvent>, ConnectionError> {
        Ok(CommandDecoder::decode_eof(self, input)?)
    }
}

impl Encoder<Response> for CommandDecoder {
    type Error = ConnectionError;

    fn encode(&mut self, response: Response, output: &mut BytesMut) -> Result<(), ConnectionError> {
        Ok(response.write(output, Encoding::default()).map_err(Error::from)?)
    }
}

impl Encoder<Bytes> for CommandDecoder {
    type Error = ConnectionError;

    fn encode(&mut self, octets: Bytes, output: &mut BytesMut) -> Result<(), ConnectionError> {
        output.extend_from_slice(&octets);
        Ok(())
    }
}
