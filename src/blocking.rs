//! The driver for blocking streams of [`std::io`].

pub use crate::driver::{ConnectionError, Parts};
use crate::driver::{Core, Transport, connection, fill, run};
use crate::wire::Machine;
use bytes::BytesMut;
use core::task::Poll;
use std::io::{self, ErrorKind, IoSlice, Read, Write};

/// A machine over a stream of [`Read`] and [`Write`].
///
/// Non-blocking streams and streams with a timeout are welcome: what would block or is timed out is the transport's error, nothing is lost,
/// and the same call goes on where it stopped. A stream with a write timeout (`TcpStream::set_write_timeout`) never waits for a peer that
/// itself waits to be read: after it the driver reads. Without one, two peers with full buffers wait for each other.
///
/// ```
/// use mailwire::blocking::Connection;
/// use mailwire::pop3::{Client, ClientConfig, client::Event};
///
/// // A TcpStream, a TLS stream over it, or whatever reads and writes.
/// # struct Both(&'static [u8]);
/// # impl std::io::Read for Both {
/// #     fn read(&mut self, room: &mut [u8]) -> std::io::Result<usize> { self.0.read(room) }
/// # }
/// # impl std::io::Write for Both {
/// #     fn write(&mut self, octets: &[u8]) -> std::io::Result<usize> { Ok(octets.len()) }
/// #     fn flush(&mut self) -> std::io::Result<()> { Ok(()) }
/// # }
/// # let stream = Both(b"+OK ready\r\n+OK\r\nSASL PLAIN\r\n.\r\n");
/// let mut connection = Connection::new(stream, Client::new(ClientConfig::protected()));
/// assert!(matches!(connection.next_event()?, Some(Event::Greeting(_))));
/// let capa = connection.machine_mut().authorization()?.capa()?;
/// while let Some(event) = connection.next_event()? {
///     match event {
///         Event::Capabilities(capabilities) => assert!(capabilities.has_mechanism("PLAIN")),
///         Event::Completed { command, .. } if command == capa => break,
///         _ => {}
///     }
/// }
/// # Ok::<(), mailwire::blocking::ConnectionError>(())
/// ```
///
/// IMAP over a [`TcpStream`](std::net::TcpStream), one command after another by [`run`](Self::run). A server beyond the own machine wants a TLS
/// stream in its place, and `Tls::Established`:
///
/// ```
/// use mailwire::blocking::Connection;
/// use mailwire::imap::client::{Client, Config, Event, Selection};
/// use mailwire::imap::{FetchAttribute, Mailbox, SequenceSet};
/// use mailwire::wire::Tls;
/// use std::net::TcpStream;
///
/// # use std::io::{BufRead, BufReader, Write};
/// # let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
/// # let address = listener.local_addr()?;
/// # let server = std::thread::spawn(move || -> std::io::Result<()> {
/// #     let mut stream = listener.accept()?.0;
/// #     let mut lines = BufReader::new(stream.try_clone()?).lines();
/// #     stream.write_all(b"* OK [CAPABILITY IMAP4rev1] ready\r\n")?;
/// #     for (told, answer) in [
/// #         ("a1 LOGIN alice secret", "a1 OK welcome\r\n"),
/// #         ("a2 SELECT INBOX", "* 1 EXISTS\r\na2 OK [READ-WRITE] done\r\n"),
/// #         ("a3 FETCH 1:* ENVELOPE", "* 1 FETCH (ENVELOPE (NIL \"Lunch?\" NIL NIL NIL NIL NIL NIL NIL NIL))\r\na3 OK done\r\n"),
/// #         ("a4 LOGOUT", "* BYE\r\na4 OK done\r\n"),
/// #     ] {
/// #         assert_eq!(lines.next().unwrap()?, told);
/// #         stream.write_all(answer.as_bytes())?;
/// #     }
/// #     Ok(())
/// # });
/// let client = Client::new(Config { tls: Tls::Unavailable, ..Config::default() });
/// let mut imap = Connection::new(TcpStream::connect(address)?, client);
/// let Some(Event::Greeting(_)) = imap.next_event()? else { return Err("no greeting".into()) };
/// let login = imap.machine_mut().not_authenticated()?.login("alice", "secret")?;
/// imap.run(login, |_| {})?.into_result()?;
///
/// let (select, mut inbox) = (imap.machine_mut().authenticated()?.select(Mailbox::inbox())?, Selection::default());
/// let done = imap.run(select, |event| inbox.learn(&event))?.into_result()?;
/// inbox.learn_status(&done);
///
/// let (fetch, mut subjects) = (imap.machine_mut().selected()?.fetch(SequenceSet::all(), [FetchAttribute::Envelope])?, Vec::new());
/// imap.run(fetch, |event| {
///     if let Event::Fetch(fetch) = event {
///         subjects.extend(fetch.envelope.and_then(|envelope| envelope.subject().map(|subject| subject.into_owned())));
///     }
/// })?.into_result()?;
/// let logout = imap.machine_mut().logout()?;
/// imap.run(logout, |_| {})?;
/// assert_eq!((inbox.exists, &subjects[..]), (1, &[b"Lunch?".to_vec()][..]));
/// # server.join().unwrap()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Connection<T, M> {
    transport: T,
    core: Core<M>,
}

connection!();

run!([], [], Read + Write);

impl<T: Read + Write, M: Machine> Connection<T, M> {
    /// Sends what is to be sent and gives the next event.
    ///
    /// `None`: the machine waits for its caller (an offer is unanswered, an upgrade is due), or the connection is over
    /// ([`Machine::is_closed`], [`is_at_eof`](Self::is_at_eof)); in both cases everything up to a gate is sent.
    ///
    /// # Errors
    /// The transport's, or the machine's. After one that only means waiting ([`WouldBlock`](ErrorKind::WouldBlock), [`TimedOut`](ErrorKind::TimedOut)),
    /// and after a protocol error that is not [fatal](crate::wire::Error::is_fatal), the next call goes on;
    /// after a fatal one, [`close`](Self::close) still sends the last word, if there is one.
    pub fn next_event(&mut self) -> Result<Option<M::Event>, ConnectionError> {
        let mut transport = Blocking::new(&mut self.transport);
        match self.core.poll_event(&mut transport) {
            Poll::Ready(result) => result,
            Poll::Pending => Err(io::Error::from(transport.blocked).into()),
        }
    }

    /// Sends everything up to a gate: for a caller that has much to send, before it gives the machine more.
    ///
    /// What waits behind a gate until the peer asks for it is not sent: the event that the peer has asked comes from
    /// [`next_event`](Self::next_event). [`Authenticated::append`](crate::imap::client::Authenticated::append) shows the loop.
    ///
    /// # Errors
    /// The transport's. After one that only means waiting, the next call goes on.
    pub fn flush(&mut self) -> Result<(), ConnectionError> {
        let mut transport = Blocking::new(&mut self.transport);
        match self.core.poll_flush(&mut transport) {
            Poll::Ready(result) => result,
            Poll::Pending => Err(io::Error::from(transport.blocked).into()),
        }
    }

    /// Sends everything up to a gate and gives the transport back: to be shut down as its kind wants it, or dropped.
    ///
    /// # Errors
    /// The transport's.
    pub fn close(mut self) -> Result<T, ConnectionError> {
        self.flush()?;
        Ok(self.transport)
    }

    /// Sends everything up to the gate, hands the transport to `handshake`, and goes on over what that gives.
    ///
    /// For STARTTLS and STLS: to be called once the machine has told that the upgrade is due, and before it is told to resume.
    ///
    /// # Errors
    /// - the transport's, or the handshake's;
    /// - [`StartTlsInjection`](crate::wire::ErrorKind::StartTlsInjection) where octets were read that belong to neither side of the upgrade;
    /// - [`InvalidState`](crate::wire::ErrorKind::InvalidState) where no upgrade is due.
    pub fn upgrade<U>(
        mut self,
        handshake: impl FnOnce(T) -> io::Result<U>,
    ) -> Result<Connection<U, M>, ConnectionError> {
        self.flush()?;
        let machine = self.core.into_upgrade()?;
        Ok(Connection::new(handshake(self.transport)?, machine))
    }
}

struct Blocking<'a, T> {
    transport: &'a mut T,
    /// What the transport called it when it would block.
    blocked: ErrorKind,
}

impl<'a, T> Blocking<'a, T> {
    fn new(transport: &'a mut T) -> Self {
        Self { transport, blocked: ErrorKind::WouldBlock }
    }

    fn poll<R>(&mut self, mut operation: impl FnMut(&mut T) -> io::Result<R>) -> Poll<io::Result<R>> {
        loop {
            match operation(self.transport) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    self.blocked = error.kind();
                    return Poll::Pending;
                }
                result => return Poll::Ready(result),
            }
        }
    }
}

impl<T: Read + Write> Transport for Blocking<'_, T> {
    fn read(&mut self, input: &mut BytesMut) -> Poll<io::Result<usize>> {
        fill(input, |room| self.poll(|transport| transport.read(room)))
    }

    fn write(&mut self, octets: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        self.poll(|transport| transport.write_vectored(octets))
    }

    fn flush(&mut self) -> Poll<io::Result<()>> {
        self.poll(Write::flush)
    }

    fn is_write_vectored(&self) -> bool {
        // These traits do not tell.
        false
    }
}
