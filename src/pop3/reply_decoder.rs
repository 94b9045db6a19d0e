//! The octets of a server, read by the shapes of the answers it owes.
//!
//! ```text
//! response  =  greeting / single-line / capa-resp / multi-line     RFC 2449 section 3
//! ```

use super::command::{Command, Shape};
use super::quirk::{Quirk, Quirks};
use super::reader::{Answer, Expected, Reader};
use super::response::Response;
use super::stuffing::stuffed_line;
use crate::wire::{Error, Limits, base64};
use alloc::collections::VecDeque;
use bytes::{BufMut, BytesMut};

impl Response {
    /// Writes the shortest answer that holds this response, and gives the decoder whose first response it then is.
    ///
    /// `None` for a [`Body`](super::Body), whose octets [`Stuffer`](super::Stuffer) writes, and for what could not be read.
    pub fn encode_alone(&self, out: &mut BytesMut) -> Option<ReplyDecoder> {
        // What is written has the spaces that it should: those of an unknown capability are its own.
        let mut quirks = Quirks::lenient();
        quirks.remove(Quirk::ExtraSpace);
        let mut decoder = ReplyDecoder::new(quirks);
        let mut lines = |shape, out: &mut BytesMut, encode: &dyn Fn(&mut BytesMut)| {
            decoder.greeting = false;
            decoder.expect_shape(shape);
            out.put_slice(b"+OK\r\n");
            stuffed_line(out, encode);
            out.put_slice(b".\r\n");
        };
        match self {
            Self::Greeting(greeting) => greeting.reply.encode(out),
            Self::Challenge(challenge) => {
                decoder.greeting = false;
                decoder.expect_shape(Shape::Authentication);
                out.put_slice(b"+ ");
                base64::encode(challenge, out);
                out.put_slice(b"\r\n");
            }
            Self::DropListing(listing) => {
                decoder.greeting = false;
                decoder.expect_shape(Shape::DropListing);
                out.put_slice(b"+OK ");
                listing.encode(out);
                out.put_slice(b"\r\n");
            }
            Self::ScanListing(listing) => lines(Shape::ScanListings, out, &|out| listing.encode(out)),
            Self::UniqueIdListing(listing) => lines(Shape::UniqueIds, out, &|out| listing.encode(out)),
            Self::LanguageListing(listing) => lines(Shape::Languages, out, &|out| listing.encode(out)),
            Self::Line(line) => lines(Shape::Lines, out, &|out| out.put_slice(line.as_bytes())),
            Self::Capabilities(capabilities) => {
                decoder.greeting = false;
                decoder.expect_shape(Shape::Capabilities);
                out.put_slice(b"+OK\r\n");
                for capability in capabilities.iter() {
                    stuffed_line(out, |out| capability.encode(out));
                }
                out.put_slice(b".\r\n");
            }
            Self::Completed(reply) => {
                decoder.greeting = false;
                decoder.expect_shape(Shape::Status);
                reply.encode(out);
            }
            Self::Body(_) | Self::Unparsed { .. } => return None,
        }
        Some(decoder)
    }
}

/// Reads a capture of a server, driven by the commands it answers.
///
/// Behind the answer to QUIT a greeting is expected again: a capture can hold one session after the other.
///
/// ```
/// use bytes::BytesMut;
/// use mailwire::pop3::{Command, Quirks, ReplyDecoder, Response, ScanListing};
///
/// let mut decoder = ReplyDecoder::new(Quirks::strict());
/// decoder.expect(&Command::List(None));
/// let mut input = BytesMut::from("+OK ready\r\n+OK\r\n1 120\r\n.\r\n");
/// assert!(matches!(decoder.decode(&mut input)?, Some(Response::Greeting(_))));
/// assert!(matches!(decoder.decode(&mut input)?, Some(Response::ScanListing(ScanListing { octets: 120, .. }))));
/// assert!(matches!(decoder.decode(&mut input)?, Some(Response::Completed(_))));
/// # Ok::<(), mailwire::wire::Error>(())
/// ```
#[derive(Debug)]
pub struct ReplyDecoder {
    reader: Reader,
    greeting: bool,
    queue: VecDeque<Answer>,
    failed: Option<Error>,
}

impl ReplyDecoder {
    /// With the limits of a client.
    pub fn new(quirks: Quirks) -> Self {
        Self::with_limits(&Limits::pop3_client(), quirks)
    }

    /// With these limits.
    pub fn with_limits(limits: &Limits, quirks: Quirks) -> Self {
        Self { reader: Reader::new(limits, quirks), greeting: true, queue: VecDeque::new(), failed: None }
    }

    /// No greeting comes first.
    pub fn without_greeting(self) -> Self {
        Self { greeting: false, ..self }
    }

    /// One more command that is answered.
    pub fn expect(&mut self, command: &Command) {
        self.queue.push_back(Answer::new(command, command.shape()));
    }

    /// One more answer of this shape.
    pub fn expect_shape(&mut self, shape: Shape) {
        self.queue.push_back(shape.into());
    }

    /// How many answers are still to come, the one under way included.
    pub fn outstanding(&self) -> usize {
        self.queue.len()
    }

    /// What was forgiven for the last response.
    pub fn forgiven(&self) -> Quirks {
        self.reader.forgiven()
    }

    /// Where the line that the last response was read from began, in octets from the start of the connection.
    pub fn offset(&self) -> u64 {
        self.reader.begun
    }

    /// Whether the octets may end here: no answer has started and not ended.
    pub fn is_between_answers(&self) -> bool {
        !self.reader.is_inside()
    }

    /// Reads one response. `None`: more octets are needed.
    ///
    /// # Errors
    /// Every error is fatal and final: there is no way back into step. What is wrong with a known end is [`Response::Unparsed`].
    pub fn decode(&mut self, input: &mut BytesMut) -> Result<Option<Response>, Error> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let expected = match self.queue.front() {
            _ if self.greeting => Expected::Greeting,
            Some(answer) => Expected::Answer(*answer),
            None => Expected::Nothing,
        };
        let response = self.reader.read(expected, input).inspect_err(|error| self.failed = Some(*error))?;
        match &response {
            Some(Response::Greeting(_)) => self.greeting = false,
            Some(Response::Completed(reply)) => {
                if let Some(Answer { shape, utf8, .. }) = self.queue.pop_front() {
                    self.reader.utf8 |= utf8 && reply.is_ok();
                    if shape == Shape::Quit {
                        self.greeting = true;
                        self.reader.utf8 = false;
                    }
                }
            }
            _ => {}
        }
        let answered = matches!(response, Some(Response::Challenge(_))) || self.reader.bad_challenge;
        if answered && let Some(answer) = self.queue.front_mut() {
            self.reader.bad_challenge = false;
            answer.silent = false;
        }
        Ok(response)
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "an overflow fails the test")]
mod tests {
    use super::*;
    use crate::pop3::apop::{Found, Timestamp};
    use crate::pop3::capability::Capability;
    use crate::pop3::for_arbitrary;
    use crate::pop3::listing::{DropListing, LanguageListing, ScanListing, UniqueIdListing};
    use crate::pop3::reply::Reply;
    use crate::pop3::response::Greeting;
    use crate::wire::ErrorKind;

    fn back(response: Response) {
        let mut out = BytesMut::new();
        let mut decoder = response.encode_alone(&mut out).unwrap();
        assert_eq!(decoder.decode(&mut out).unwrap(), Some(response));
    }

    #[test]
    fn any_response_comes_back() {
        for_arbitrary(500, |reply: Reply| back(Response::Completed(reply)));
        for_arbitrary(500, |listing: DropListing| back(Response::DropListing(listing)));
        for_arbitrary(500, |listing: ScanListing| back(Response::ScanListing(listing)));
        for_arbitrary(500, |listing: UniqueIdListing| back(Response::UniqueIdListing(listing)));
        for_arbitrary(500, |listing: LanguageListing| back(Response::LanguageListing(listing)));
        for_arbitrary(500, |capability: Capability| back(Response::Capabilities([capability].into())));
        for_arbitrary(500, |reply: Reply| {
            let timestamp = match Timestamp::find(reply.text().as_bytes()) {
                Found::Timestamp(timestamp) if reply.is_ok() => Some(timestamp),
                _ => None,
            };
            back(Response::Greeting(Box::new(Greeting { reply, timestamp })));
        });
        back(Response::Challenge(b"".to_vec()));
        back(Response::Challenge(b"what?".to_vec()));
        back(Response::Line(".dot".into()));
    }

    #[cfg(feature = "serde")]
    #[test]
    fn values_go_through_json() {
        fn same<T>(value: T)
        where
            T: serde::Serialize + serde::de::DeserializeOwned + PartialEq + core::fmt::Debug,
        {
            let json = serde_json::to_string(&value).unwrap();
            assert_eq!(serde_json::from_str::<T>(&json).unwrap(), value, "{json}");
        }
        for_arbitrary(200, |reply: Reply| same(reply));
        for_arbitrary(200, |capabilities: crate::pop3::capability::Capabilities| same(capabilities));
        for_arbitrary(200, |listing: UniqueIdListing| same(listing));
        for_arbitrary(200, |listing: LanguageListing| same(listing));
        for_arbitrary(200, |url: crate::pop3::PopUrl| same(url));
        for_arbitrary(200, |timestamp: Timestamp| same(timestamp));
        assert!(serde_json::from_str::<crate::pop3::UniqueId>("\"a b\"").is_err());
        assert!(serde_json::from_str::<Timestamp>("\"<a>\"").is_err());
        assert!(serde_json::from_str::<Reply>(r#"{"status":"Ok","code":null,"text":"a\nb"}"#).is_err());
    }

    #[test]
    fn limits_at_the_edge() {
        let mut limits = Limits::pop3_client();
        limits.line = 20;
        limits.capability_lines = 2;
        let outcome = |shape, octets: &str| {
            let results: Vec<_> = [usize::MAX, 1]
                .into_iter()
                .map(|part| {
                    let mut decoder = ReplyDecoder::with_limits(&limits, Quirks::strict()).without_greeting();
                    decoder.expect_shape(shape);
                    let mut input = BytesMut::new();
                    for part in octets.as_bytes().chunks(part) {
                        input.extend_from_slice(part);
                        loop {
                            match decoder.decode(&mut input) {
                                Ok(None) => break,
                                Ok(Some(_)) => {}
                                Err(error) => return Some(error.kind()),
                            }
                        }
                    }
                    None
                })
                .collect();
            assert_eq!(results[0], results[1], "{octets}");
            results[0]
        };
        let line = |length: usize| alloc::format!("+OK {}", "x".repeat(length - 4));
        assert_eq!(outcome(Shape::Status, &[&line(20), "\r\n"].concat()), None);
        assert_eq!(outcome(Shape::Status, &[&line(21), "\r\n"].concat()), Some(ErrorKind::LineTooLong));
        assert_eq!(outcome(Shape::Status, &[&line(20), "\r"].concat()), None);
        assert_eq!(outcome(Shape::Status, &[&line(20), "xx"].concat()), Some(ErrorKind::LineTooLong));
        let uid = |length: usize| alloc::format!("+OK\r\n1 {}\r\n.........\r\n", "x".repeat(length - 2));
        assert_eq!(outcome(Shape::UniqueIds, &uid(20)), None);
        assert_eq!(outcome(Shape::UniqueIds, &uid(21)), Some(ErrorKind::LineTooLong));
        assert_eq!(outcome(Shape::Capabilities, "+OK\r\nA\r\nB\r\n.\r\n"), None);
        assert_eq!(outcome(Shape::Capabilities, "+OK\r\nA\r\nB\r\nC\r\n.\r\n"), Some(ErrorKind::TooMany));
    }
}
