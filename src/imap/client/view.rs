//! What each state allows, and nothing more.

use crate::imap::capability::Capability;
use crate::imap::client::{Client, CommandId};
use crate::imap::command::Command;
use crate::imap::core::Atom;
use crate::imap::fetch_attribute::FetchAttributes;
use crate::imap::list_command::ListCommand;
use crate::imap::mailbox::{ListPattern, Mailbox};
use crate::imap::parameter::{FetchModifier, SelectParameter};
use crate::imap::sequence::SequenceSet;
use crate::imap::status::StatusAttribute;
use crate::imap::store::Store;
use crate::wire::{Error, ErrorKind, Secret, Text};
use alloc::vec::Vec;

/// Nobody is known yet (RFC 3501 section 6.2). Every method fails as [`Client::capability`] does.
#[derive(Debug)]
pub struct NotAuthenticated<'a> {
    pub(super) client: &'a mut Client,
}

impl NotAuthenticated<'_> {
    /// STARTTLS: the connection goes on inside TLS. No other command can be given until [`Event::StartTls`](super::Event::StartTls).
    ///
    /// # Errors
    /// [`ErrorKind::StartTlsUnavailable`] if the server has said what it can do and this is not among it; where TLS is required, that
    /// ends the connection. [`ErrorKind::Busy`] while any command is under way.
    pub fn starttls(&mut self) -> Result<CommandId, Error> {
        self.client.check_starttls()?;
        self.client.command(&Command::StartTls)
    }

    /// LOGIN: a user by name and password.
    ///
    /// # Errors
    /// [`ErrorKind::PrivacyRequired`] on a connection that is not protected, or where the server forbids it (LOGINDISABLED).
    pub fn login(
        &mut self,
        user: impl Into<Text>,
        password: impl Into<Secret<Vec<u8>>>,
    ) -> Result<CommandId, Error> {
        self.client.command(&Command::login(user, password))
    }

    /// AUTHENTICATE: a user by a SASL mechanism. The server's challenges come as [`Event::Challenge`](super::Event::Challenge).
    ///
    /// # Errors
    /// [`ErrorKind::PrivacyRequired`] on a connection that is not protected, [`ErrorKind::Unsupported`] for an initial response where the
    /// server has not offered SASL-IR (RFC 4959).
    pub fn authenticate(
        &mut self,
        mechanism: Atom,
        initial_response: Option<Secret<Vec<u8>>>,
    ) -> Result<CommandId, Error> {
        let can =
            self.client.capabilities().is_some_and(|can| can.contains(&Capability::SaslInitialResponse));
        if initial_response.is_some() && !can {
            return Err(Error::caller(ErrorKind::Unsupported, "a server that offers SASL-IR"));
        }
        self.client.command(&Command::Authenticate { mechanism, initial_response })
    }
}

/// The user is known (RFC 3501 section 6.3). Every method fails as [`Client::capability`] does.
///
/// Which state a command needs is checked here, not whether the server has the extension that it belongs to: IDLE, MOVE, ENABLE, UNSELECT,
/// CATENATE, saved results (`$`), modifiers, return options and the rest are sent as they are given, and a server that does not know them
/// answers BAD. Ask [`Client::capabilities`] first; they are `None` until the server has told them, and may be others behind the login. Only what
/// would leave the two sides apart needs its capability: an initial response of AUTHENTICATE, and the forms of a literal.
///
/// ```
/// use mailwire::imap::Capability;
/// # use mailwire::imap::client::{Client, Config};
/// # let mut client = Client::new(Config { tls: mailwire::wire::Tls::Established, ..Config::default() });
/// # use mailwire::wire::Machine;
/// # client.receive(&mut bytes::BytesMut::from("* PREAUTH [CAPABILITY IMAP4rev1 IDLE] hi\r\n"))?;
///
/// let offers = |client: &Client, extension| client.capabilities().is_some_and(|all| all.contains(&extension));
/// assert!(!offers(&client, Capability::Enable));
/// if offers(&client, Capability::Idle) {
///     client.authenticated()?.idle()?;
/// } else {
///     client.noop()?;
/// }
/// assert_eq!(client.poll_transmit().unwrap(), "a1 IDLE\r\n");
/// # Ok::<(), mailwire::wire::Error>(())
/// ```
///
/// ```
/// use mailwire::imap::{ListCommand, ListPattern, Mailbox, StatusAttribute};
/// use mailwire::wire::Machine;
/// # use mailwire::imap::client::{Client, Config};
/// # let mut client = Client::new(Config { tls: mailwire::wire::Tls::Established, ..Config::default() });
/// # client.receive(&mut bytes::BytesMut::from("* PREAUTH hi\r\n"))?;
///
/// let mut authenticated = client.authenticated()?;
/// authenticated.list(ListCommand::new(ListPattern::new("*")?))?;
/// authenticated.status(Mailbox::inbox(), [StatusAttribute::Messages, StatusAttribute::UidNext])?;
/// assert_eq!(client.poll_transmit().unwrap(), "a1 LIST \"\" *\r\na2 STATUS INBOX (MESSAGES UIDNEXT)\r\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Authenticated<'a> {
    pub(super) client: &'a mut Client,
}

impl Authenticated<'_> {
    /// SELECT: a mailbox is opened for reading and writing.
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn select(&mut self, mailbox: Mailbox) -> Result<CommandId, Error> {
        self.open(mailbox, false, Vec::new())
    }

    /// EXAMINE: a mailbox is opened for reading.
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn examine(&mut self, mailbox: Mailbox) -> Result<CommandId, Error> {
        self.open(mailbox, true, Vec::new())
    }

    /// SELECT with parameters such as CONDSTORE and QRESYNC (RFC 4466, RFC 7162).
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn select_with(
        &mut self,
        mailbox: Mailbox,
        parameters: impl IntoIterator<Item = SelectParameter>,
    ) -> Result<CommandId, Error> {
        self.open(mailbox, false, parameters.into_iter().collect())
    }

    /// EXAMINE with parameters, as [`select_with`](Authenticated::select_with).
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn examine_with(
        &mut self,
        mailbox: Mailbox,
        parameters: impl IntoIterator<Item = SelectParameter>,
    ) -> Result<CommandId, Error> {
        self.open(mailbox, true, parameters.into_iter().collect())
    }

    fn open(
        &mut self,
        mailbox: Mailbox,
        read_only: bool,
        parameters: Vec<SelectParameter>,
    ) -> Result<CommandId, Error> {
        self.client.command(&Command::Select { mailbox, read_only, parameters })
    }

    /// CREATE: a new mailbox.
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn create(&mut self, mailbox: Mailbox) -> Result<CommandId, Error> {
        self.client.command(&Command::Create { mailbox, parameters: Vec::new() })
    }

    /// DELETE: a mailbox goes, with its messages.
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn delete(&mut self, mailbox: Mailbox) -> Result<CommandId, Error> {
        self.client.command(&Command::Delete(mailbox))
    }

    /// RENAME: a mailbox gets another name.
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn rename(&mut self, from: Mailbox, to: Mailbox) -> Result<CommandId, Error> {
        self.client.command(&Command::Rename { from, to, parameters: Vec::new() })
    }

    /// SUBSCRIBE: a name is put on the list of LSUB.
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn subscribe(&mut self, mailbox: Mailbox) -> Result<CommandId, Error> {
        self.client.command(&Command::Subscribe(mailbox))
    }

    /// UNSUBSCRIBE: a name is taken off the list of LSUB.
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn unsubscribe(&mut self, mailbox: Mailbox) -> Result<CommandId, Error> {
        self.client.command(&Command::Unsubscribe(mailbox))
    }

    /// LIST: which mailboxes are there?
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn list(&mut self, list: ListCommand) -> Result<CommandId, Error> {
        self.client.command(&Command::List(list))
    }

    /// LSUB: which names are subscribed?
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn lsub(&mut self, reference: Mailbox, pattern: ListPattern) -> Result<CommandId, Error> {
        self.client.command(&Command::Lsub { reference, pattern })
    }

    /// STATUS: figures of a mailbox that need not be selected.
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn status(
        &mut self,
        mailbox: Mailbox,
        attributes: impl IntoIterator<Item = StatusAttribute>,
    ) -> Result<CommandId, Error> {
        self.client.command(&Command::Status { mailbox, attributes: attributes.into_iter().collect() })
    }
}

impl Authenticated<'_> {
    /// IDLE: the server tells news as it comes, until [`Client::done`] (RFC 2177).
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn idle(&mut self) -> Result<CommandId, Error> {
        self.client.command(&Command::Idle)
    }
}

/// A mailbox is selected (RFC 3501 section 6.4). Every method fails as [`Client::capability`] does. Whether the server has the extension that a
/// command belongs to, such as MOVE, SORT, UID EXPUNGE of UIDPLUS or the saved result `$`, is not checked: see [`Authenticated`].
///
/// ```
/// use mailwire::imap::{Flag, SearchKey, Store, StoreAction};
/// use mailwire::wire::Machine;
/// # use mailwire::imap::client::{Client, Config};
/// # let mut client = Client::new(Config { tls: mailwire::wire::Tls::Established, ..Config::default() });
/// # let mut input = bytes::BytesMut::from("* PREAUTH hi\r\n");
/// # client.receive(&mut input)?;
/// # client.authenticated()?.select(mailwire::imap::Mailbox::inbox())?;
/// # client.poll_transmit();
/// # input.extend_from_slice(b"a1 OK selected\r\n");
/// # client.receive(&mut input)?;
///
/// let set: mailwire::imap::SequenceSet = "7,9:12".parse()?;
/// let mut selected = client.selected()?;
/// selected.uid_search(SearchKey::Unseen)?;
/// selected.store(Store::uid_flags(set.clone(), StoreAction::Add, [Flag::Deleted]).silent())?;
/// selected.uid_expunge(set)?;
/// assert_eq!(
///     client.poll_transmit().unwrap(),
///     "a2 UID SEARCH UNSEEN\r\na3 UID STORE 7,9:12 +FLAGS.SILENT (\\Deleted)\r\na4 UID EXPUNGE 7,9:12\r\n"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Selected<'a> {
    pub(super) client: &'a mut Client,
}

impl Selected<'_> {
    /// The commands that need no mailbox.
    pub fn authenticated(&mut self) -> Authenticated<'_> {
        Authenticated { client: self.client }
    }

    /// CHECK: the mailbox is put in order.
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn check(&mut self) -> Result<CommandId, Error> {
        self.client.command(&Command::Check)
    }

    /// CLOSE: the deleted messages go and the mailbox is closed.
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn close(&mut self) -> Result<CommandId, Error> {
        self.client.command(&Command::Close)
    }

    /// UNSELECT: the mailbox is closed, and nothing in it goes (RFC 3691).
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn unselect(&mut self) -> Result<CommandId, Error> {
        self.client.command(&Command::Unselect)
    }

    /// EXPUNGE: the deleted messages go.
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn expunge(&mut self) -> Result<CommandId, Error> {
        self.client.command(&Command::Expunge(None))
    }

    /// UID EXPUNGE: the deleted messages among these go (RFC 4315).
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn uid_expunge(&mut self, set: impl Into<SequenceSet>) -> Result<CommandId, Error> {
        self.client.command(&Command::Expunge(Some(set.into())))
    }

    /// FETCH: data of messages by their sequence numbers.
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn fetch(
        &mut self,
        set: impl Into<SequenceSet>,
        attributes: impl Into<FetchAttributes>,
    ) -> Result<CommandId, Error> {
        self.any_fetch(set.into(), false, attributes.into(), Vec::new())
    }

    /// UID FETCH: data of messages by their UIDs.
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn uid_fetch(
        &mut self,
        set: impl Into<SequenceSet>,
        attributes: impl Into<FetchAttributes>,
    ) -> Result<CommandId, Error> {
        self.any_fetch(set.into(), true, attributes.into(), Vec::new())
    }

    pub(super) fn any_fetch(
        &mut self,
        set: SequenceSet,
        uid: bool,
        attributes: FetchAttributes,
        modifiers: Vec<FetchModifier>,
    ) -> Result<CommandId, Error> {
        self.client.command(&Command::Fetch { set, uid, attributes, modifiers })
    }

    /// STORE or UID STORE: flags of messages.
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn store(&mut self, store: Store) -> Result<CommandId, Error> {
        self.client.command(&Command::Store(store))
    }

    /// COPY: messages into another mailbox, by their sequence numbers.
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn copy(&mut self, set: impl Into<SequenceSet>, mailbox: Mailbox) -> Result<CommandId, Error> {
        self.client.command(&Command::Copy { set: set.into(), uid: false, mailbox })
    }

    /// UID COPY: messages into another mailbox, by their UIDs.
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn uid_copy(&mut self, set: impl Into<SequenceSet>, mailbox: Mailbox) -> Result<CommandId, Error> {
        self.client.command(&Command::Copy { set: set.into(), uid: true, mailbox })
    }

    /// MOVE: messages into another mailbox and out of this one, by their sequence numbers (RFC 6851).
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn move_to(&mut self, set: impl Into<SequenceSet>, mailbox: Mailbox) -> Result<CommandId, Error> {
        self.client.command(&Command::Move { set: set.into(), uid: false, mailbox })
    }

    /// UID MOVE: messages into another mailbox and out of this one, by their UIDs (RFC 6851).
    ///
    /// # Errors
    /// As [`Client::capability`].
    pub fn uid_move(&mut self, set: impl Into<SequenceSet>, mailbox: Mailbox) -> Result<CommandId, Error> {
        self.client.command(&Command::Move { set: set.into(), uid: true, mailbox })
    }
}
