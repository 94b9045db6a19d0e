//! Messages on their way to the server: APPEND, REPLACE, several in one command, one put together from parts.

use crate::imap::append::{Append, AppendData, AppendOptions, Replaces};
use crate::imap::capability::Capability;
use crate::imap::client::{Authenticated, Client, CommandId, Selected};
use crate::imap::encode::{Encoded, Encoder};
use crate::imap::mailbox::Mailbox;
use crate::wire::write::length;
use crate::wire::{Error, ErrorKind, Text};
use bytes::Bytes;

/// An APPEND or REPLACE whose messages are being sent: as many octets are owed as were announced, and then its end.
///
/// If the server refuses the message instead of asking for its octets, none of them is sent: the command completes with NO, and
/// what is given to this token from then on is refused. A server that does not have to ask (LITERAL+, LITERAL-) may refuse the message too
/// before it has read it: the command completes with NO or BAD, but the octets that were announced are owed, and so is
/// [`Client::append_end`] (RFC 7888 section 4). There can be no further message or part then.
///
/// ```
/// use bytes::Bytes;
/// use mailwire::imap::{Append, AppendOptions, Mailbox};
/// use mailwire::wire::Machine;
/// # use mailwire::imap::client::{Client, Config};
/// # let mut client = Client::new(Config { tls: mailwire::wire::Tls::Established, ..Config::default() });
/// # let mut input = bytes::BytesMut::from("* PREAUTH hi\r\n");
/// # client.receive(&mut input)?;
///
/// let inbox = Append::to(Mailbox::inbox());
/// let mut appending = client.authenticated()?.append(&inbox, &AppendOptions::default(), 7)?;
/// client.append_octets(&mut appending, Bytes::from_static(b"hello\r\n"))?;
/// client.append_end(appending)?;
/// assert_eq!(client.poll_transmit().unwrap(), "a1 APPEND INBOX {7}\r\n");
/// assert_eq!(client.poll_transmit(), None); // until the server wants the octets
/// input.extend_from_slice(b"+ go on\r\n");
/// client.receive(&mut input)?;
/// assert_eq!(client.poll_transmit().unwrap(), "hello\r\n");
/// # Ok::<(), mailwire::wire::Error>(())
/// ```
#[derive(Debug)]
#[must_use = "the server waits for the octets and the end of the command"]
pub struct Appending {
    command: CommandId,
    left: u64,
    open: Open,
    /// REPLACE has one message.
    replaces: bool,
}

/// The parentheses around the message under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    None,
    /// Those of UTF8.
    Utf8,
    /// Those of CATENATE, in which no part stands yet.
    Catenate,
    /// Those of CATENATE, behind a part.
    Part,
    /// Those of CATENATE and those of UTF8 around the last part.
    Utf8Part,
}

impl Open {
    fn of(data: AppendData) -> Self {
        match data {
            AppendData::Utf8(_) => Self::Utf8,
            AppendData::Literal(_) | AppendData::Literal8(_) => Self::None,
        }
    }

    fn of_part(data: AppendData) -> Self {
        match data {
            AppendData::Utf8(_) => Self::Utf8Part,
            AppendData::Literal(_) | AppendData::Literal8(_) => Self::Part,
        }
    }

    fn close(self, encoder: &mut Encoder<'_>) {
        encoder.raw(match self {
            Self::None => b"",
            Self::Utf8 | Self::Catenate | Self::Part => b")",
            Self::Utf8Part => b"))",
        });
    }
}

impl Appending {
    /// The command.
    pub fn command(&self) -> CommandId {
        self.command
    }

    /// How many octets of the message, or of its part, are owed.
    pub fn left(&self) -> u64 {
        self.left
    }

    /// Octets and parts are complete, so that something else may follow.
    fn check_complete(&self, client: &Client) -> Result<(), Error> {
        client.check_appending(self.command)?;
        match (self.left, self.open) {
            (0, Open::Catenate) => Err(Error::caller(ErrorKind::InvalidValue, "a part of the message")),
            (0, _) => Ok(()),
            _ => Err(Error::caller(ErrorKind::InvalidValue, "as many octets as were announced")),
        }
    }

    /// What stands before the next part of the message.
    fn next_part(&mut self, client: &Client) -> Result<&'static [u8], Error> {
        client.check_unanswered(self.command)?;
        match self.open {
            Open::Catenate => Ok(b""),
            Open::Part => self.check_complete(client).map(|()| &b" "[..]),
            Open::Utf8Part => self.check_complete(client).map(|()| &b") "[..]),
            Open::None | Open::Utf8 => {
                Err(Error::caller(ErrorKind::InvalidState, "a message that is put together from parts"))
            }
        }
    }
}

impl Authenticated<'_> {
    /// APPEND: a message into a mailbox. Its octets follow by [`Client::append_octets`], and [`Client::append_end`] ends the command.
    /// No other command can be given in between.
    ///
    /// All octets can be given at once. So that a message of any size takes little memory, they are given piece by piece, each once
    /// the last one is sent and, unless the server takes literals unasked (LITERAL+), none before it has asked for them:
    ///
    /// ```
    /// # use bytes::{Bytes, BytesMut};
    /// # use mailwire::blocking::{Connection, ConnectionError};
    /// # use mailwire::imap::client::{Client, Config, Event};
    /// # use mailwire::imap::{Append, AppendOptions};
    /// # use mailwire::wire::Tls;
    /// use std::io::{Read, Write};
    ///
    /// /// Whether the server wants the message; its completion is still to come then.
    /// fn append<T: Read + Write>(
    ///     connection: &mut Connection<T, Client>,
    ///     to: &Append,
    ///     length: u64,
    ///     message: impl Iterator<Item = Bytes>,
    /// ) -> Result<bool, ConnectionError> {
    ///     let mut authenticated = connection.machine_mut().authenticated()?;
    ///     let mut appending = authenticated.append(to, &AppendOptions::default(), length)?;
    ///     while connection.machine().append_waits(&appending) {
    ///         match connection.next_event()? {
    ///             Some(Event::Completed { command, .. }) if command == appending.command() => return Ok(false),
    ///             Some(_) => {} // GoAhead ends the loop; others are news
    ///             None => return Ok(false), // the connection is over
    ///         }
    ///     }
    ///     for piece in message {
    ///         connection.machine_mut().append_octets(&mut appending, piece)?;
    ///         connection.flush()?;
    ///     }
    ///     connection.machine_mut().append_end(appending)?;
    ///     connection.flush()?;
    ///     Ok(true)
    /// }
    /// # struct Server(&'static [u8], Vec<u8>);
    /// # impl Read for Server {
    /// #     fn read(&mut self, room: &mut [u8]) -> std::io::Result<usize> { self.0.read(room) }
    /// # }
    /// # impl Write for Server {
    /// #     fn write(&mut self, octets: &[u8]) -> std::io::Result<usize> { self.1.write(octets) }
    /// #     fn flush(&mut self) -> std::io::Result<()> { Ok(()) }
    /// # }
    /// # for (answer, wanted, sent) in [
    /// #     (&b"* PREAUTH hi\r\n* OK x\r\n+ go\r\n"[..], true, &b"a1 APPEND INBOX {4}\r\nabcd\r\n"[..]),
    /// #     (b"* PREAUTH hi\r\na1 NO x\r\n", false, b"a1 APPEND INBOX {4}\r\n"),
    /// #     (b"* PREAUTH [CAPABILITY IMAP4rev1 LITERAL+] hi\r\n", true, b"a1 APPEND INBOX {4+}\r\nabcd\r\n"),
    /// # ] {
    /// #     let client = Client::new(Config { tls: Tls::Established, ..Config::default() });
    /// #     let mut connection = Connection::new(Server(answer, Vec::new()), client);
    /// #     connection.next_event()?;
    /// #     let inbox = Append::to(mailwire::imap::Mailbox::inbox());
    /// #     let message = ["ab", "cd"].into_iter().map(Bytes::from);
    /// #     assert_eq!(append(&mut connection, &inbox, 4, message)?, wanted);
    /// #     assert_eq!(connection.transport().1, sent);
    /// # }
    /// # Ok::<(), ConnectionError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Client::capability`], and [`ErrorKind::Unsupported`] for a literal8 where the server has not offered BINARY (RFC 3516), for
    /// `UTF8 (…)` where it has offered neither UTF8=ACCEPT nor UTF8=ONLY (RFC 6855).
    pub fn append(
        &mut self,
        append: &Append,
        options: &AppendOptions,
        data: impl Into<AppendData>,
    ) -> Result<Appending, Error> {
        let data = data.into();
        self.client.check_alive()?;
        self.client.check_form(data)?;
        let command = self.client.begin(append, |encoder| {
            append.encode(encoder)?;
            encode_message(options, data, encoder)
        })?;
        self.client.announced(command);
        let replaces = append.replaces.is_some();
        Ok(Appending { command, left: data.len(), open: Open::of(data), replaces })
    }

    /// APPEND with CATENATE: a message put together from parts (RFC 4469). They follow by [`Client::append_url`] and
    /// [`Client::append_text`], at least one, and [`Client::append_end`] ends the command.
    ///
    /// ```
    /// # use bytes::BytesMut;
    /// # use mailwire::imap::client::{Client, Config};
    /// # use mailwire::imap::{Append, AppendOptions, Mailbox};
    /// # use mailwire::wire::{Machine, Tls};
    /// # let mut client = Client::new(Config { tls: Tls::Established, ..Config::default() });
    /// # client.receive(&mut BytesMut::from("* PREAUTH [CAPABILITY IMAP4rev1 CATENATE LITERAL+] hi\r\n"))?;
    /// let draft = Append::to(Mailbox::new("Drafts")?);
    /// let mut appending = client.authenticated()?.catenate(&draft, &AppendOptions::default())?;
    /// client.append_text(&mut appending, 12)?;
    /// client.append_octets(&mut appending, "See below.\r\n".into())?;
    /// client.append_url(&mut appending, "/INBOX;UIDVALIDITY=7/;UID=20")?;
    /// client.append_end(appending)?;
    /// # let sent: Vec<u8> = std::iter::from_fn(|| client.poll_transmit()).flatten().collect();
    /// # assert!(sent.ends_with(b"See below.\r\n URL /INBOX;UIDVALIDITY=7/;UID=20)\r\n"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn catenate(&mut self, append: &Append, options: &AppendOptions) -> Result<Appending, Error> {
        let command = self.client.begin(append, |encoder| {
            append.encode(encoder)?;
            encode_catenate(options, encoder)
        })?;
        Ok(Appending { command, left: 0, open: Open::Catenate, replaces: append.replaces.is_some() })
    }
}

impl Selected<'_> {
    /// REPLACE or UID REPLACE: a message into a mailbox, and the one it replaces out of this one (RFC 8508). It goes on as
    /// [`Authenticated::append`], but there is no second message. Put together from parts it is by [`Authenticated::catenate`].
    ///
    /// # Errors
    /// As [`Authenticated::append`].
    pub fn replace(
        &mut self,
        replaces: Replaces,
        mailbox: Mailbox,
        options: &AppendOptions,
        data: impl Into<AppendData>,
    ) -> Result<Appending, Error> {
        self.authenticated().append(&Append::replacing(replaces, mailbox), options, data)
    }
}

impl Client {
    /// The command up to its first message; with UIDONLY none that has a sequence number.
    fn begin(
        &mut self,
        append: &Append,
        encode: impl FnOnce(&mut Encoder<'_>) -> Encoded,
    ) -> Result<CommandId, Error> {
        if self.enabled.uid_only && append.has_sequence_numbers() {
            return Err(Error::caller(ErrorKind::UidRequired, "UIDs, since UIDONLY is enabled"));
        }
        self.begin_append(append.effect(), encode)
    }

    /// A form of octets that not every server reads goes only to one that offers it.
    fn check_form(&self, data: AppendData) -> Result<(), Error> {
        let offers = |capability| self.capabilities().is_some_and(|can| can.contains(&capability));
        let missing = match data {
            AppendData::Literal8(_) if !offers(Capability::Binary) => "a server that offers BINARY",
            AppendData::Utf8(_) if !offers(Capability::Utf8Accept) && !offers(Capability::Utf8Only) => {
                "a server that offers UTF8=ACCEPT"
            }
            _ => return Ok(()),
        };
        Err(Error::caller(ErrorKind::Unsupported, missing))
    }

    /// Whether what is given to this APPEND is held back until the server asks for it. [`Event::GoAhead`](super::Event::GoAhead) says that it
    /// has asked; if it refuses instead, the command completes.
    pub fn append_waits(&self, appending: &Appending) -> bool {
        self.commands.iter().any(|pending| pending.id == appending.command && pending.gates > 0)
    }

    /// The message that is being appended, octet by octet; see [`Authenticated::append`].
    ///
    /// # Errors
    /// [`ErrorKind::Closed`] behind a fatal error, [`ErrorKind::InvalidState`] once the server refused the message,
    /// [`ErrorKind::InvalidValue`] for more octets than were announced.
    pub fn append_octets(&mut self, appending: &mut Appending, octets: Bytes) -> Result<(), Error> {
        self.check_appending(appending.command)?;
        let Some(left) = appending.left.checked_sub(length(octets.len())) else {
            return Err(Error::caller(ErrorKind::InvalidValue, "no more octets than were announced"));
        };
        self.push_octets(octets);
        appending.left = left;
        Ok(())
    }

    /// One more message of the same APPEND (MULTIAPPEND, RFC 3502), once the last one is complete.
    ///
    /// # Errors
    /// As [`append_end`](Client::append_end), none of them fatal; [`ErrorKind::InvalidState`] in a REPLACE, which has one message;
    /// [`ErrorKind::Unsupported`] as [`Authenticated::append`].
    pub fn append_message(
        &mut self,
        appending: &mut Appending,
        options: &AppendOptions,
        data: impl Into<AppendData>,
    ) -> Result<(), Error> {
        let data = data.into();
        self.check_unanswered(appending.command)?;
        self.check_form(data)?;
        self.next_message(appending, |encoder| encode_message(options, data, encoder))?;
        self.announced(appending.command);
        (appending.left, appending.open) = (data.len(), Open::of(data));
        Ok(())
    }

    /// One more message of the same APPEND, put together from parts as in [`Authenticated::catenate`].
    ///
    /// # Errors
    /// As [`append_message`](Client::append_message).
    pub fn append_catenate(
        &mut self,
        appending: &mut Appending,
        options: &AppendOptions,
    ) -> Result<(), Error> {
        self.next_message(appending, |encoder| encode_catenate(options, encoder))?;
        appending.open = Open::Catenate;
        Ok(())
    }

    fn next_message(
        &mut self,
        appending: &mut Appending,
        encode: impl FnOnce(&mut Encoder<'_>) -> Encoded,
    ) -> Result<(), Error> {
        self.check_unanswered(appending.command)?;
        if appending.replaces {
            return Err(Error::caller(ErrorKind::InvalidState, "APPEND, since REPLACE has one message"));
        }
        appending.check_complete(self)?;
        let open = appending.open;
        self.continue_append(appending.command, |encoder| {
            open.close(encoder);
            encode(encoder)
        })
    }

    /// A part of the message that the server has already, by its URL (RFC 4469); see [`Authenticated::catenate`].
    ///
    /// # Errors
    /// As [`append_end`](Client::append_end), none of them fatal, and [`ErrorKind::InvalidState`] in a message that is not put together
    /// from parts.
    pub fn append_url(&mut self, appending: &mut Appending, url: impl Into<Text>) -> Result<(), Error> {
        let (before, url) = (appending.next_part(self)?, url.into());
        self.continue_append(appending.command, |encoder| {
            encoder.raw(before);
            encoder.raw(b"URL ");
            encoder.astring(url.as_bytes())
        })?;
        appending.open = Open::Part;
        Ok(())
    }

    /// A part of the message whose octets follow by [`append_octets`](Client::append_octets); see [`Authenticated::catenate`]. Its octets
    /// are a literal (RFC 4469), or [`AppendData::Utf8`] if header fields in it may be in UTF-8 (RFC 6855); no part is a literal8.
    ///
    /// # Errors
    /// As [`append_url`](Client::append_url), [`ErrorKind::InvalidValue`] for a literal8, [`ErrorKind::Unsupported`] as
    /// [`Authenticated::append`].
    pub fn append_text(
        &mut self,
        appending: &mut Appending,
        data: impl Into<AppendData>,
    ) -> Result<(), Error> {
        let data = data.into();
        let before = appending.next_part(self)?;
        let name: &[u8] = match data {
            AppendData::Literal(_) => b"TEXT ",
            AppendData::Utf8(_) => b"",
            AppendData::Literal8(_) => {
                return Err(Error::caller(ErrorKind::InvalidValue, "a part that is a literal or UTF8"));
            }
        };
        self.check_form(data)?;
        self.continue_append(appending.command, |encoder| {
            encoder.raw(before);
            encoder.raw(name);
            data.encode(encoder);
            Ok(())
        })?;
        self.announced(appending.command);
        (appending.left, appending.open) = (data.len(), Open::of_part(data));
        Ok(())
    }

    /// The APPEND is complete.
    ///
    /// Octets that were announced cannot be taken back (RFC 3501 section 4.3): a message that is ended before they are all given ends
    /// the connection, as after any fatal error. That is also the way to give up a message that cannot be finished. While octets are
    /// [`left`](Appending::left), call this only for that.
    ///
    /// # Errors
    /// [`ErrorKind::Closed`] behind a fatal error, [`ErrorKind::InvalidState`] once the server refused the message, [`ErrorKind::InvalidValue`] for fewer octets than were
    /// announced or a message put together from no part: it is fatal, nothing more is sent.
    pub fn append_end(&mut self, appending: Appending) -> Result<CommandId, Error> {
        self.check_appending(appending.command)?;
        appending.check_complete(self).map_err(|error| self.fail(error.into_fatal()))?;
        self.continue_append(appending.command, |encoder| {
            appending.open.close(encoder);
            encoder.raw(b"\r\n");
            Ok(())
        })?;
        self.appending = None;
        Ok(appending.command)
    }
}

fn encode_message(options: &AppendOptions, data: AppendData, encoder: &mut Encoder<'_>) -> Encoded {
    options.encode(encoder)?;
    encoder.sp();
    data.encode(encoder);
    Ok(())
}

fn encode_catenate(options: &AppendOptions, encoder: &mut Encoder<'_>) -> Encoded {
    options.encode(encoder)?;
    encoder.raw(b" CATENATE (");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::client::Config;
    use crate::wire::{Machine, Tls};
    use alloc::vec::Vec;
    use bytes::BytesMut;

    fn client() -> Client {
        let mut client = Client::new(Config { tls: Tls::Established, ..Config::default() });
        hear(&mut client, "* PREAUTH [CAPABILITY IMAP4rev1 LITERAL+ UTF8=ACCEPT] hi\r\n");
        client
    }

    fn hear(client: &mut Client, octets: &str) {
        client.receive(&mut BytesMut::from(octets)).unwrap();
    }

    fn sent(client: &mut Client) -> Vec<u8> {
        core::iter::from_fn(|| client.poll_transmit()).flatten().collect()
    }

    fn to_inbox(client: &mut Client) -> Appending {
        client
            .authenticated()
            .unwrap()
            .catenate(&Append::to(Mailbox::inbox()), &AppendOptions::default())
            .unwrap()
    }

    #[test]
    fn a_message_is_put_together_from_parts_in_order() {
        let mut client = client();
        let mut appending = to_inbox(&mut client);
        assert_eq!(
            client.append_octets(&mut appending, "a".into()).unwrap_err().kind(),
            ErrorKind::InvalidValue
        );
        client.append_text(&mut appending, 2).unwrap();
        client.append_octets(&mut appending, "a".into()).unwrap();
        for refused in [
            client.append_text(&mut appending, 1),
            client.append_url(&mut appending, "x"),
            client.append_message(&mut appending, &AppendOptions::default(), 1),
            client.append_catenate(&mut appending, &AppendOptions::default()),
        ] {
            assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidValue);
        }
        client.append_octets(&mut appending, "b".into()).unwrap();
        client.append_url(&mut appending, "c d").unwrap();
        client.append_catenate(&mut appending, &AppendOptions::default()).unwrap();
        client.append_url(&mut appending, "e").unwrap();
        client.append_message(&mut appending, &AppendOptions::default(), AppendData::Utf8(1)).unwrap();
        assert_eq!(client.append_url(&mut appending, "f").unwrap_err().kind(), ErrorKind::InvalidState);
        client.append_octets(&mut appending, "g".into()).unwrap();
        client.append_end(appending).unwrap();
        let expected =
            "a1 APPEND INBOX CATENATE (TEXT {2+}\r\nab URL \"c d\") CATENATE (URL e) UTF8 (~{1+}\r\ng)\r\n";
        assert_eq!(sent(&mut client), expected.as_bytes());
    }

    #[test]
    fn a_message_of_no_part_is_none() {
        let mut client = client();
        let mut appending = to_inbox(&mut client);
        let another = client.append_catenate(&mut appending, &AppendOptions::default());
        assert_eq!(another.unwrap_err().kind(), ErrorKind::InvalidValue);
        assert_eq!(client.append_end(appending).unwrap_err().kind(), ErrorKind::InvalidValue);
    }

    #[test]
    fn a_part_with_utf8_stands_in_parentheses_of_its_own() {
        let mut client = client();
        let mut appending = to_inbox(&mut client);
        client.append_text(&mut appending, AppendData::Utf8(1)).unwrap();
        assert_eq!(client.append_url(&mut appending, "x").unwrap_err().kind(), ErrorKind::InvalidValue);
        client.append_octets(&mut appending, "a".into()).unwrap();
        client.append_text(&mut appending, 1).unwrap();
        client.append_octets(&mut appending, "b".into()).unwrap();
        let binary = client.append_text(&mut appending, AppendData::Literal8(1));
        assert_eq!(binary.unwrap_err().kind(), ErrorKind::InvalidValue);
        client.append_text(&mut appending, AppendData::Utf8(1)).unwrap();
        client.append_octets(&mut appending, "c".into()).unwrap();
        client.append_url(&mut appending, "x").unwrap();
        client.append_text(&mut appending, AppendData::Utf8(1)).unwrap();
        client.append_octets(&mut appending, "d".into()).unwrap();
        client.append_message(&mut appending, &AppendOptions::default(), 1).unwrap();
        client.append_octets(&mut appending, "e".into()).unwrap();
        client.append_catenate(&mut appending, &AppendOptions::default()).unwrap();
        client.append_text(&mut appending, AppendData::Utf8(0)).unwrap();
        client.append_end(appending).unwrap();
        let expected = concat!(
            "a1 APPEND INBOX CATENATE (UTF8 (~{1+}\r\na) TEXT {1+}\r\nb UTF8 (~{1+}\r\nc) URL x UTF8 (~{1+}\r\nd)) {1+}\r\ne ",
            "CATENATE (UTF8 (~{0+}\r\n))\r\n"
        );
        assert_eq!(sent(&mut client), expected.as_bytes());
    }

    #[test]
    fn a_form_goes_only_to_a_server_that_offers_it() {
        let (literal8, utf8) = (AppendData::Literal8(1), AppendData::Utf8(1));
        for (greeting, literal8_fits, utf8_fits) in [
            ("hi", false, false),
            ("[CAPABILITY IMAP4rev1 CATENATE] hi", false, false),
            ("[CAPABILITY IMAP4rev2] hi", false, false),
            ("[CAPABILITY IMAP4rev1 BINARY] hi", true, false),
            ("[CAPABILITY IMAP4rev1 UTF8=ACCEPT] hi", false, true),
            ("[CAPABILITY IMAP4rev1 UTF8=ONLY] hi", false, true),
        ] {
            for (data, fits) in [(literal8, literal8_fits), (utf8, utf8_fits)] {
                let greeted = || {
                    let mut client = Client::new(Config { tls: Tls::Established, ..Config::default() });
                    hear(&mut client, &alloc::format!("* PREAUTH {greeting}\r\n"));
                    client
                };
                let (none, inbox) = (AppendOptions::default(), Append::to(Mailbox::inbox()));
                let kind = |result: Result<(), Error>| result.err().map(|error| error.kind());
                let refusal = (!fits).then_some(ErrorKind::Unsupported);

                let mut client = greeted();
                let first = client.authenticated().unwrap().append(&inbox, &none, data).map(drop);
                assert_eq!(kind(first), refusal, "{data:?} {greeting}");
                assert_eq!(sent(&mut client).is_empty(), !fits);

                let mut client = greeted();
                let mut appending = client.authenticated().unwrap().append(&inbox, &none, 0).unwrap();
                let second = client.append_message(&mut appending, &none, data);
                assert_eq!(kind(second), refusal, "{data:?} {greeting}");

                let mut client = greeted();
                let mut appending = to_inbox(&mut client);
                let part = client.append_text(&mut appending, data);
                let refusal = if data == literal8 { Some(ErrorKind::InvalidValue) } else { refusal };
                assert_eq!(kind(part), refusal, "{data:?} {greeting}");
            }
        }
    }

    #[test]
    fn a_message_is_replaced_by_one() {
        let none = AppendOptions::default();
        let drafts = Append::replacing(Replaces::Uid(None), Mailbox::inbox());
        let selected = || {
            let mut client = client();
            client.authenticated().unwrap().select(Mailbox::inbox()).unwrap();
            sent(&mut client);
            hear(&mut client, "a1 OK selected\r\n");
            client
        };
        let refuses_another = |client: &mut Client, appending: &mut Appending| {
            for refused in
                [client.append_message(appending, &none, 1), client.append_catenate(appending, &none)]
            {
                assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidState);
            }
        };

        let mut client = selected();
        let mut replace = client.selected().unwrap();
        let mut appending = replace.replace(Replaces::Uid(None), Mailbox::inbox(), &none, 1).unwrap();
        refuses_another(&mut client, &mut appending);
        client.append_octets(&mut appending, "a".into()).unwrap();
        refuses_another(&mut client, &mut appending);
        client.append_end(appending).unwrap();
        assert_eq!(sent(&mut client), b"a2 UID REPLACE * INBOX {1+}\r\na\r\n");

        let mut client = selected();
        let mut appending = client.authenticated().unwrap().catenate(&drafts, &none).unwrap();
        client.append_url(&mut appending, "a").unwrap();
        refuses_another(&mut client, &mut appending);
        client.append_url(&mut appending, "b").unwrap();
        client.append_end(appending).unwrap();
        assert_eq!(sent(&mut client), b"a2 UID REPLACE * INBOX CATENATE (URL a URL b)\r\n");
    }

    #[test]
    fn nothing_is_replaced_where_no_mailbox_is_selected() {
        let mut client = client();
        let replace = Append::replacing(Replaces::Uid(None), Mailbox::inbox());
        let refused = client.authenticated().unwrap().append(&replace, &AppendOptions::default(), 1);
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidState);
        assert!(sent(&mut client).is_empty());
    }
}
