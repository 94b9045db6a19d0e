//! Commands: the tag, the name, the arguments of each.
//!
//! ```abnf
//! command         = tag SP (command-any / command-auth / command-nonauth / command-select) CRLF
//! command-any     = "CAPABILITY" / "LOGOUT" / "NOOP" / x-command
//! command-nonauth = login / authenticate / "STARTTLS"
//! command-auth    = append / create / delete / examine / list / lsub / rename / select / status / subscribe / unsubscribe
//! command-select  = "CHECK" / "CLOSE" / "EXPUNGE" / copy / fetch / store / uid / search
//! login           = "LOGIN" SP userid SP password
//! ```

use crate::imap::acl::{AclIdentifier, SetAcl};
use crate::imap::append::{Append, Replaces};
use crate::imap::capability::Capabilities;
use crate::imap::convert::{Conversions, Convert};
use crate::imap::core::{ATOM, Atom, Tag, is_in};
use crate::imap::encode::{Encoded, Encoder, Encoding, write_tagged};
use crate::imap::fetch_attribute::FetchAttributes;
use crate::imap::id::Id;
use crate::imap::keyword::{Keyword, next_word};
use crate::imap::list_command::ListCommand;
use crate::imap::mailbox::{ListPattern, Mailbox};
use crate::imap::metadata::{GetMetadata, SetMetadata};
use crate::imap::notify::Notify;
use crate::imap::parameter::{CreateParameter, FetchModifier, SelectParameter};
use crate::imap::quirk::Quirks;
use crate::imap::quota::SetQuota;
use crate::imap::search::{MultimailboxSearch, Search};
use crate::imap::search_key::SearchKey;
use crate::imap::search_program::SearchKeys;
use crate::imap::sequence::SequenceSet;
use crate::imap::sort::Sort;
use crate::imap::state::Effect;
use crate::imap::status::StatusAttribute;
use crate::imap::store::Store;
use crate::imap::thread::Thread;
use crate::imap::urlauth::{GenUrlAuth, ResetKey, UrlFetch};
use crate::imap::value::{TaggedExtension, canonical};
use crate::wire::cursor::{Cursor, Parsed};
use crate::wire::{InvalidValue, Limits, Secret, Text, base64};
use alloc::boxed::Box;
use alloc::vec::Vec;
use bytes::{Bytes, BytesMut};

/// A command of a client (RFC 3501 section 6).
///
/// A command that is not known here is [`Command::Other`], with its arguments as they stand.
///
/// ```
/// use bytes::BytesMut;
/// use mailwire::imap::{Command, CommandDecoder, CommandEvent, Mailbox};
///
/// let mut input = BytesMut::from("1 DELETE blurdybloop\r\n2 XYZZY a b\r\n");
/// let mut decoder = CommandDecoder::default();
/// let Some(CommandEvent::Command { command, .. }) = decoder.decode(&mut input)? else { panic!() };
/// assert_eq!(command, Command::Delete(Mailbox::new("blurdybloop")?));
/// let Some(CommandEvent::Command { command, .. }) = decoder.decode(&mut input)? else { panic!() };
/// assert!(matches!(command, Command::Other { .. }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub enum Command {
    /// CAPABILITY: what can the server do?
    Capability,
    /// NOOP: nothing; the server may tell news.
    Noop,
    /// LOGOUT: the connection ends.
    Logout,
    /// STARTTLS: the connection goes on inside TLS.
    StartTls,
    /// LOGIN: a user by name and password.
    Login {
        /// The user's name.
        user: Text,
        /// The password.
        #[cfg_attr(feature = "serde", serde(skip))]
        password: Secret<Vec<u8>>,
    },
    /// AUTHENTICATE: a user by a SASL mechanism.
    Authenticate {
        /// The mechanism.
        mechanism: Atom,
        /// The first response, sent at once (RFC 4959).
        #[cfg_attr(feature = "serde", serde(skip))]
        initial_response: Option<Secret<Vec<u8>>>,
    },
    /// SELECT or EXAMINE: a mailbox is opened.
    Select {
        /// The mailbox.
        mailbox: Mailbox,
        /// Whether it is opened for reading only: EXAMINE.
        read_only: bool,
        /// Parameters such as CONDSTORE (RFC 4466).
        parameters: Vec<SelectParameter>,
    },
    /// CREATE: a new mailbox.
    Create {
        /// Its name.
        mailbox: Mailbox,
        /// Parameters such as USE (RFC 6154).
        parameters: Vec<CreateParameter>,
    },
    /// DELETE: a mailbox goes.
    Delete(Mailbox),
    /// RENAME: a mailbox gets another name.
    Rename {
        /// The name it has.
        from: Mailbox,
        /// The name it gets.
        to: Mailbox,
        /// Parameters (RFC 4466).
        parameters: Vec<TaggedExtension>,
    },
    /// SUBSCRIBE: a name is put on the list of LSUB.
    Subscribe(Mailbox),
    /// UNSUBSCRIBE: a name is taken off the list of LSUB.
    Unsubscribe(Mailbox),
    /// LIST: which mailboxes are there?
    List(ListCommand),
    /// LSUB: which names are subscribed?
    Lsub {
        /// The name before the pattern.
        reference: Mailbox,
        /// The pattern.
        pattern: ListPattern,
    },
    /// STATUS: figures of a mailbox that need not be selected.
    Status {
        /// The mailbox.
        mailbox: Mailbox,
        /// What is asked.
        attributes: Vec<StatusAttribute>,
    },
    /// APPEND or REPLACE, without its messages: those are streamed.
    Append(Append),
    /// IDLE: the server tells news until DONE (RFC 2177).
    Idle,
    /// CHECK: the mailbox is put in order.
    Check,
    /// CLOSE: the deleted messages go and the mailbox is closed.
    Close,
    /// UNSELECT: the mailbox is closed (RFC 3691).
    Unselect,
    /// EXPUNGE: the deleted messages go; with UIDs only those (RFC 4315).
    Expunge(Option<SequenceSet>),
    /// FETCH or UID FETCH: data of messages.
    Fetch {
        /// The messages.
        set: SequenceSet,
        /// Whether the set is of UIDs.
        uid: bool,
        /// What is asked of each.
        attributes: FetchAttributes,
        /// Modifiers such as CHANGEDSINCE (RFC 7162).
        modifiers: Vec<FetchModifier>,
    },
    /// STORE or UID STORE: flags of messages.
    Store(Store),
    /// COPY or UID COPY: messages into another mailbox.
    Copy {
        /// The messages.
        set: SequenceSet,
        /// Whether the set is of UIDs.
        uid: bool,
        /// Where the copies go.
        mailbox: Mailbox,
    },
    /// MOVE or UID MOVE: messages into another mailbox, and out of this one (RFC 6851).
    Move {
        /// The messages.
        set: SequenceSet,
        /// Whether the set is of UIDs.
        uid: bool,
        /// Where they go.
        mailbox: Mailbox,
    },
    /// SEARCH or UID SEARCH: which messages are there that…
    Search(Box<Search>),
    /// ESEARCH: the same in several mailboxes (RFC 7377).
    MultimailboxSearch(Box<MultimailboxSearch>),
    /// SORT or UID SORT: the same, in order (RFC 5256).
    Sort(Box<Sort>),
    /// THREAD or UID THREAD: the same, as conversations (RFC 5256).
    Thread(Box<Thread>),
    /// ENABLE: extensions that change what the server sends (RFC 5161).
    Enable(Capabilities),
    /// NAMESPACE: where are mailboxes (RFC 2342)?
    Namespace,
    /// ID: what the client is (RFC 2971).
    Id(Id),
    /// GETQUOTA: usage and limits of a quota root (RFC 9208).
    GetQuota(Text),
    /// GETQUOTAROOT: the quota roots of a mailbox (RFC 9208).
    GetQuotaRoot(Mailbox),
    /// SETQUOTA: limits of a quota root (RFC 9208).
    SetQuota(Box<SetQuota>),
    /// SETACL: what somebody may do with a mailbox (RFC 4314).
    SetAcl(Box<SetAcl>),
    /// DELETEACL: somebody is taken off the list (RFC 4314).
    DeleteAcl(Box<AclIdentifier>),
    /// GETACL: who may do what (RFC 4314)?
    GetAcl(Mailbox),
    /// LISTRIGHTS: which rights can somebody be given (RFC 4314)?
    ListRights(Box<AclIdentifier>),
    /// MYRIGHTS: what may the user do (RFC 4314)?
    MyRights(Mailbox),
    /// GETMETADATA: annotations of a mailbox or the server (RFC 5464).
    GetMetadata(Box<GetMetadata>),
    /// SETMETADATA: annotations are changed (RFC 5464).
    SetMetadata(Box<SetMetadata>),
    /// LANGUAGE: the languages for human text, the best first (RFC 5255).
    Language(Vec<Text>),
    /// COMPARATOR: how strings are to be compared, the best first (RFC 5255).
    Comparator(Vec<Text>),
    /// COMPRESS: both directions go on compressed, by `DEFLATE` (RFC 4978).
    Compress(Keyword),
    /// UNAUTHENTICATE: the connection goes on with nobody known (RFC 8437).
    Unauthenticate,
    /// GETJMAPACCESS: where is the same mail to be had by JMAP (RFC 9698)?
    GetJmapAccess,
    /// RLIST: LIST with mailboxes on other servers (RFC 2193).
    Rlist {
        /// The name before the pattern.
        reference: Mailbox,
        /// The pattern.
        pattern: ListPattern,
    },
    /// RLSUB: LSUB with mailboxes on other servers (RFC 2193).
    Rlsub {
        /// The name before the pattern.
        reference: Mailbox,
        /// The pattern.
        pattern: ListPattern,
    },
    /// XLIST: LIST with special uses, as Gmail had it first.
    Xlist {
        /// The name before the pattern.
        reference: Mailbox,
        /// The pattern.
        pattern: ListPattern,
    },
    /// CANCELUPDATE: no more news of the results of these commands, by their tags (RFC 5267). At least one.
    CancelUpdate(Vec<Text>),
    /// NOTIFY: of what is the server to tell by itself (RFC 5465)?
    Notify(Notify),
    /// GENURLAUTH: URLs are to be authorized (RFC 4467).
    GenUrlAuth(GenUrlAuth),
    /// RESETKEY: authorized URLs are good no more (RFC 4467).
    ResetKey(Box<ResetKey>),
    /// URLFETCH: what is behind some URLs (RFC 4467)?
    UrlFetch(UrlFetch),
    /// CONVERT or UID CONVERT: parts of messages in another form (RFC 5259).
    Convert(Box<Convert>),
    /// CONVERSIONS: what can be converted to what (RFC 5259)?
    Conversions(Box<Conversions>),
    /// A command that is not known here.
    Other {
        /// The name, or both words where the first is UID.
        name: Text,
        /// The octets of the arguments, without the SP before them.
        arguments: Option<Text>,
    },
}

impl Command {
    /// LOGIN.
    pub fn login(user: impl Into<Text>, password: impl Into<Secret<Vec<u8>>>) -> Self {
        Self::Login { user: user.into(), password: password.into() }
    }

    /// A command this crate does not know, as octets.
    ///
    /// # Errors
    /// CR, LF and NUL are refused, and arguments whose end reads as the header of a literal.
    pub fn raw(name: Atom, arguments: impl Into<Text>) -> Result<Self, InvalidValue> {
        let arguments = arguments.into();
        let octets = arguments.as_bytes();
        if let Some(offset) = octets.iter().position(|octet| matches!(octet, 0 | b'\r' | b'\n')) {
            return Err(InvalidValue { offset, expected: "arguments without CR, LF and NUL" });
        }
        if octets.last() == Some(&b'}') {
            let offset = memchr::memrchr(b'{', octets).unwrap_or(octets.len());
            return Err(InvalidValue {
                offset,
                expected: "arguments that do not end in the header of a literal",
            });
        }
        let arguments = Some(arguments).filter(|arguments| !arguments.is_empty());
        Ok(Self::Other { name: Text::from(name.as_bytes()), arguments })
    }

    /// The name and the arguments; the cursor stands behind the tag and its SP. It is left to the caller to see that nothing follows.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let start = cursor.position();
        let uid = cursor.eat_keyword(b"UID ");
        // What is asked most, as nearly all clients write it.
        if cursor.rest().starts_with(b"FETCH ") {
            cursor.advance(5);
            return Self::parse_fetch(cursor, uid);
        }
        let mut buffer = [0; 16];
        let name = next_word!(
            cursor, ATOM, &mut buffer,
            b"STORE" b"NOOP" b"SEARCH" b"COPY" b"STATUS" b"LIST" b"IDLE"
        );
        if name.is_empty() {
            return cursor.syntax("an atom");
        }
        Ok(match name {
            b"FETCH" => return Self::parse_fetch(cursor, uid),
            b"STORE" => {
                cursor.sp()?;
                Self::Store(Store::parse(cursor, uid)?)
            }
            b"COPY" | b"MOVE" => {
                cursor.sp()?;
                let set = SequenceSet::parse(cursor)?;
                cursor.sp()?;
                let mailbox = Mailbox::parse(cursor)?;
                match name {
                    b"COPY" => Self::Copy { set, uid, mailbox },
                    _ => Self::Move { set, uid, mailbox },
                }
            }
            b"SEARCH" => Self::Search(Box::new(cursor.behind_sp(|cursor| Search::parse(cursor, uid))?)),
            b"ESEARCH" => {
                let search = cursor.behind_sp(|cursor| MultimailboxSearch::parse(cursor, uid))?;
                Self::MultimailboxSearch(Box::new(search))
            }
            b"SORT" => Self::Sort(Box::new(cursor.behind_sp(|cursor| Sort::parse(cursor, uid))?)),
            b"THREAD" => Self::Thread(Box::new(cursor.behind_sp(|cursor| Thread::parse(cursor, uid))?)),
            b"CONVERT" => Self::Convert(Box::new(cursor.behind_sp(|cursor| Convert::parse(cursor, uid))?)),
            b"EXPUNGE" if uid => {
                cursor.sp()?;
                Self::Expunge(Some(SequenceSet::parse(cursor)?))
            }
            b"REPLACE" => {
                cursor.sp()?;
                let number = if cursor.eat(b'*') { None } else { Some(cursor.nz_number()?) };
                cursor.sp()?;
                let replaces = if uid { Replaces::Uid(number) } else { Replaces::Sequence(number) };
                Self::Append(Append::parse(cursor, Some(replaces))?)
            }
            b"APPEND" if !uid => {
                cursor.sp()?;
                Self::Append(Append::parse(cursor, None)?)
            }
            _ if uid => return Self::parse_other(cursor, start),
            _ => return Self::parse_plain(cursor, name, start),
        })
    }

    /// The commands that UID cannot stand before.
    fn parse_plain(cursor: &mut Cursor<'_>, name: &[u8], start: usize) -> Parsed<Self> {
        Ok(match name {
            b"CAPABILITY" => Self::Capability,
            b"NOOP" => Self::Noop,
            b"LOGOUT" => Self::Logout,
            b"STARTTLS" => Self::StartTls,
            b"CHECK" => Self::Check,
            b"CLOSE" => Self::Close,
            b"UNSELECT" => Self::Unselect,
            b"EXPUNGE" => Self::Expunge(None),
            b"IDLE" => Self::Idle,
            b"LOGIN" => {
                cursor.sp()?;
                let user = cursor.astring_text()?;
                cursor.sp()?;
                let password = cursor.astring()?;
                let password = if password.escaped {
                    crate::imap::core::unescape(password.octets)
                } else {
                    password.octets.to_vec()
                };
                Self::Login { user, password: Secret::new(password) }
            }
            b"AUTHENTICATE" => Self::parse_authenticate(cursor)?,
            b"SELECT" | b"EXAMINE" => {
                cursor.sp()?;
                let mailbox = Mailbox::parse(cursor)?;
                let parameters = SelectParameter::parse_all(cursor)?;
                Self::Select { mailbox, read_only: name == b"EXAMINE", parameters }
            }
            b"CREATE" => {
                cursor.sp()?;
                let mailbox = Mailbox::parse(cursor)?;
                Self::Create { mailbox, parameters: CreateParameter::parse_all(cursor)? }
            }
            b"DELETE" | b"SUBSCRIBE" | b"UNSUBSCRIBE" => {
                cursor.sp()?;
                let mailbox = Mailbox::parse(cursor)?;
                match name {
                    b"DELETE" => Self::Delete(mailbox),
                    b"SUBSCRIBE" => Self::Subscribe(mailbox),
                    _ => Self::Unsubscribe(mailbox),
                }
            }
            b"RENAME" => {
                cursor.sp()?;
                let from = Mailbox::parse(cursor)?;
                cursor.sp()?;
                let to = Mailbox::parse(cursor)?;
                Self::Rename { from, to, parameters: TaggedExtension::parse_all(cursor)? }
            }
            b"LIST" => {
                cursor.sp()?;
                Self::List(ListCommand::parse(cursor)?)
            }
            b"LSUB" => {
                cursor.sp()?;
                let reference = Mailbox::parse(cursor)?;
                cursor.sp()?;
                Self::Lsub { reference, pattern: ListPattern::parse(cursor)? }
            }
            b"STATUS" => {
                cursor.sp()?;
                let mailbox = Mailbox::parse(cursor)?;
                cursor.sp()?;
                Self::Status { mailbox, attributes: StatusAttribute::parse_all(cursor)? }
            }
            b"UID" => return cursor.syntax("SP and a command"),
            _ => match Self::parse_extension(cursor, name)? {
                Some(command) => command,
                None => Self::parse_other(cursor, start)?,
            },
        })
    }

    fn parse_authenticate(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        cursor.sp()?;
        let mechanism = cursor.atom_text()?;
        let mut initial_response = None;
        if cursor.eat(b' ') {
            let start = cursor.position();
            let text = cursor.rest();
            cursor.advance(text.len());
            let response = match text {
                b"=" => Vec::new(),
                b"" => return cursor.syntax("an initial response"),
                text => match base64::decode(text) {
                    Ok(response) => response,
                    Err(offset) => return cursor.syntax_at(start.saturating_add(offset), "Base64"),
                },
            };
            initial_response = Some(Secret::new(response));
        }
        Ok(Self::Authenticate { mechanism, initial_response })
    }

    fn parse_fetch(cursor: &mut Cursor<'_>, uid: bool) -> Parsed<Self> {
        cursor.sp()?;
        let set = SequenceSet::parse(cursor)?;
        cursor.sp()?;
        let attributes = FetchAttributes::parse(cursor)?;
        let modifiers = FetchModifier::parse_all(cursor, uid)?;
        Ok(Self::Fetch { set, uid, attributes, modifiers })
    }

    fn parse_other(cursor: &mut Cursor<'_>, start: usize) -> Parsed<Self> {
        let name = cursor.since(start);
        let name = cursor.text(name)?;
        let mut arguments = None;
        if cursor.eat(b' ') {
            let start = cursor.position();
            loop {
                cursor.raw_value()?;
                if cursor.is_at_end() {
                    break;
                }
                cursor.expect(b' ', "SP")?;
            }
            let octets = cursor.since(start);
            arguments = Some(canonical(cursor.text(octets)?));
        }
        Ok(Self::Other { name, arguments })
    }

    /// The name and the arguments.
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        match self {
            Self::Capability => encoder.raw(b"CAPABILITY"),
            Self::Noop => encoder.raw(b"NOOP"),
            Self::Logout => encoder.raw(b"LOGOUT"),
            Self::StartTls => encoder.raw(b"STARTTLS"),
            Self::Check => encoder.raw(b"CHECK"),
            Self::Close => encoder.raw(b"CLOSE"),
            Self::Unselect => encoder.raw(b"UNSELECT"),
            Self::Idle => encoder.raw(b"IDLE"),
            Self::Login { user, password } => {
                encoder.raw(b"LOGIN ");
                encoder.astring(user.as_bytes())?;
                encoder.sp();
                encoder.astring(password.expose())?;
            }
            Self::Authenticate { mechanism, initial_response } => {
                encoder.raw(b"AUTHENTICATE ");
                encoder.raw(mechanism.as_bytes());
                if let Some(response) = initial_response {
                    encoder.sp();
                    if response.expose().is_empty() {
                        encoder.raw(b"=");
                    }
                    base64::encode(response.expose(), encoder.out);
                }
            }
            Self::Select { mailbox, read_only, parameters } => {
                encoder.raw(if *read_only { b"EXAMINE " } else { b"SELECT " });
                mailbox.encode(encoder)?;
                SelectParameter::encode_all(parameters, encoder)?;
            }
            Self::Create { mailbox, parameters } => {
                encoder.raw(b"CREATE ");
                mailbox.encode(encoder)?;
                CreateParameter::encode_all(parameters, encoder)?;
            }
            Self::Delete(mailbox) => return keyword_and_mailbox(encoder, b"DELETE ", mailbox),
            Self::Subscribe(mailbox) => return keyword_and_mailbox(encoder, b"SUBSCRIBE ", mailbox),
            Self::Unsubscribe(mailbox) => return keyword_and_mailbox(encoder, b"UNSUBSCRIBE ", mailbox),
            Self::Rename { from, to, parameters } => {
                encoder.raw(b"RENAME ");
                from.encode(encoder)?;
                encoder.sp();
                to.encode(encoder)?;
                TaggedExtension::encode_all(parameters, encoder)?;
            }
            Self::List(list) => {
                encoder.raw(b"LIST ");
                list.encode(encoder)?;
            }
            Self::Lsub { reference, pattern } => {
                encoder.raw(b"LSUB ");
                reference.encode(encoder)?;
                encoder.sp();
                pattern.encode(encoder)?;
            }
            Self::Status { mailbox, attributes } => {
                encoder.raw(b"STATUS ");
                mailbox.encode(encoder)?;
                encoder.sp();
                StatusAttribute::encode_all(attributes, encoder)?;
            }
            Self::Append(append) => append.encode(encoder)?,
            Self::Expunge(None) => encoder.raw(b"EXPUNGE"),
            Self::Expunge(Some(set)) => {
                encoder.raw(b"UID EXPUNGE ");
                set.encode(encoder)?;
            }
            Self::Fetch { set, uid, attributes, modifiers } => {
                encoder.raw(if *uid { b"UID FETCH " } else { b"FETCH " });
                set.encode(encoder)?;
                encoder.sp();
                attributes.encode(encoder)?;
                FetchModifier::encode_all(modifiers, *uid, encoder)?;
            }
            Self::Store(store) => store.encode(encoder)?,
            Self::Copy { set, uid, mailbox } => {
                encoder.raw(if *uid { b"UID COPY " } else { b"COPY " });
                set.encode(encoder)?;
                encoder.sp();
                mailbox.encode(encoder)?;
            }
            Self::Move { set, uid, mailbox } => {
                encoder.raw(if *uid { b"UID MOVE " } else { b"MOVE " });
                set.encode(encoder)?;
                encoder.sp();
                mailbox.encode(encoder)?;
            }
            Self::Search(search) => search.encode(encoder)?,
            Self::Sort(sort) => sort.encode(encoder)?,
            Self::Thread(thread) => thread.encode(encoder)?,
            Self::Convert(convert) => convert.encode(encoder)?,
            Self::Other { name, arguments } => {
                check_name(name.as_bytes())?;
                encoder.raw(name.as_bytes());
                if let Some(arguments) = arguments.as_ref().filter(|arguments| !arguments.is_empty()) {
                    encoder.sp();
                    encoder.raw_value(arguments.as_bytes())?;
                }
            }
            extension => extension.encode_extension(encoder)?,
        }
        Ok(())
    }

    /// The whole command with its tag, to the end of a buffer. Gives the places, in octets from the start of the buffer, where a client has to
    /// wait for a continuation request before it sends what is behind: none where the peer takes every literal.
    ///
    /// APPEND and REPLACE are written up to their first message; [`Append::write`] goes on to its octets.
    ///
    /// ```
    /// use mailwire::imap::{Command, Encoding, Tag};
    ///
    /// let mut out = bytes::BytesMut::new();
    /// let waits = Command::Noop.write(&Tag::new("a1").unwrap(), &mut out, Encoding::default()).unwrap();
    /// assert_eq!((&out[..], waits.len()), (&b"a1 NOOP\r\n"[..], 0));
    /// ```
    ///
    /// # Errors
    /// When a value cannot be written at all: NUL in a string. Nothing is written then.
    pub fn write(
        &self,
        tag: &Tag,
        out: &mut BytesMut,
        encoding: Encoding,
    ) -> Result<Vec<usize>, InvalidValue> {
        write_tagged(tag, out, encoding, |encoder| {
            self.encode(encoder)?;
            if !matches!(self, Self::Append(_)) {
                encoder.raw(b"\r\n");
            }
            Ok(())
        })
    }

    /// The whole command with its tag, cut where a client has to wait for a continuation request.
    ///
    /// APPEND and REPLACE are written up to their first message.
    ///
    /// ```
    /// use mailwire::imap::{Command, Encoding, Tag};
    ///
    /// let login = Command::login("alice", "pass\r\nword");
    /// let segments = login.to_segments(&Tag::new("a1").unwrap(), Encoding::default()).unwrap();
    /// assert_eq!(segments[0], "a1 LOGIN alice {10}\r\n");
    /// assert_eq!(segments[1], "pass\r\nword\r\n");
    /// ```
    ///
    /// # Errors
    /// When a value cannot be written at all: NUL in a string.
    pub fn to_segments(&self, tag: &Tag, encoding: Encoding) -> Result<Vec<Bytes>, InvalidValue> {
        let mut out = BytesMut::new();
        let waits = self.write(tag, &mut out, encoding)?;
        let mut segments = Vec::new();
        let mut start = 0usize;
        for wait in waits {
            segments.push(out.split_to(wait.saturating_sub(start)).freeze());
            start = wait;
        }
        segments.push(out.freeze());
        Ok(segments)
    }

    /// What the command means for the state.
    pub(crate) fn effect(&self) -> Effect {
        match self {
            Self::Capability | Self::Noop | Self::Id(_) | Self::Language(_) => Effect::Any,
            Self::Unauthenticate => Effect::Unauthenticate,
            Self::Compress(_) => Effect::Compress,
            Self::Append(append) => append.effect(),
            Self::Logout => Effect::Logout,
            Self::StartTls => Effect::StartTls,
            Self::Login { .. } | Self::Authenticate { .. } => Effect::Authenticate,
            Self::Select { .. } => Effect::Select,
            Self::Create { .. }
            | Self::Delete(_)
            | Self::Rename { .. }
            | Self::Subscribe(_)
            | Self::Unsubscribe(_)
            | Self::List(_)
            | Self::Lsub { .. }
            | Self::Status { .. }
            | Self::Namespace
            | Self::MultimailboxSearch(_)
            | Self::GetQuota(_)
            | Self::GetQuotaRoot(_)
            | Self::SetQuota(_)
            | Self::SetAcl(_)
            | Self::DeleteAcl(_)
            | Self::GetAcl(_)
            | Self::ListRights(_)
            | Self::MyRights(_)
            | Self::GetMetadata(_)
            | Self::SetMetadata(_)
            | Self::Comparator(_)
            | Self::GetJmapAccess
            | Self::Rlist { .. }
            | Self::Rlsub { .. }
            | Self::Xlist { .. }
            | Self::Notify(_)
            | Self::GenUrlAuth(_)
            | Self::ResetKey(_)
            | Self::UrlFetch(_)
            | Self::Conversions(_)
            | Self::Idle => Effect::Mail,
            Self::Enable(_) => Effect::Enable,
            Self::Close | Self::Unselect => Effect::Close,
            Self::Check
            | Self::Expunge(_)
            | Self::Fetch { .. }
            | Self::Store(_)
            | Self::Search(_)
            | Self::Sort(_)
            | Self::Thread(_)
            | Self::Copy { .. }
            | Self::Move { .. }
            | Self::CancelUpdate(_)
            | Self::Convert(_) => Effect::Mailbox,
            Self::Other { .. } => Effect::Unknown,
        }
    }

    /// Whether there is a command of this name here, with UID before it or without. UID alone is none, and is taken for one: it is refused
    /// where it is read, and what stands behind it would be the name.
    pub(crate) fn is_known(name: &Text) -> bool {
        let octets = name.as_bytes();
        let octets = Bytes::copy_from_slice(strip_uid(octets).unwrap_or(octets));
        let limits = Limits::imap_client();
        let mut cursor = Cursor::shared(&octets, &limits, Quirks::strict().bits());
        octets.eq_ignore_ascii_case(b"UID")
            || octets.iter().all(|octet| is_in(&ATOM, *octet))
                && !matches!(Self::parse(&mut cursor), Ok(Self::Other { .. }))
    }

    /// Whether the command carries a secret in its octets.
    pub(crate) fn has_credentials(&self) -> bool {
        matches!(self, Self::Login { .. } | Self::Authenticate { .. })
    }
}

impl Command {
    /// Whether messages are named by their sequence numbers, which UIDONLY forbids (RFC 9586).
    pub(crate) fn has_sequence_numbers(&self) -> bool {
        let numbers = |keys: &SearchKeys| {
            keys.keys().any(|key| matches!(key, SearchKey::Sequence(set) if !set.is_saved()))
        };
        match self {
            Self::Fetch { uid, .. } | Self::Copy { uid, .. } | Self::Move { uid, .. } => !uid,
            Self::Store(store) => !store.uid,
            Self::Convert(convert) => !convert.uid,
            Self::Search(search) => !search.uid || numbers(&search.program.keys),
            // Its answers have UIDs in any case.
            Self::MultimailboxSearch(search) => numbers(&search.program.keys),
            Self::Sort(sort) => !sort.uid || numbers(&sort.keys),
            Self::Thread(thread) => !thread.uid || numbers(&thread.keys),
            Self::Append(append) => append.has_sequence_numbers(),
            Self::Select { parameters, .. } => parameters.iter().any(|parameter| match parameter {
                SelectParameter::QuickResync(known) => known.known_pairs.is_some(),
                _ => false,
            }),
            _ => false,
        }
    }
}

/// The name of a command that is not known: an atom, or UID and an atom.
fn check_name(name: &[u8]) -> Encoded {
    let word = strip_uid(name).unwrap_or(name);
    let before = name.len().saturating_sub(word.len());
    match word.iter().position(|octet| !is_in(&ATOM, *octet)) {
        Some(offset) => Err(InvalidValue { offset: offset.saturating_add(before), expected: "an ATOM-CHAR" }),
        None if word.is_empty() => Err(InvalidValue { offset: before, expected: "the name of a command" }),
        None => Ok(()),
    }
}

/// The name behind UID.
fn strip_uid(name: &[u8]) -> Option<&[u8]> {
    let (uid, name) = name.split_at_checked(4)?;
    uid.eq_ignore_ascii_case(b"UID ").then_some(name)
}

fn keyword_and_mailbox(encoder: &mut Encoder<'_>, keyword: &[u8], mailbox: &Mailbox) -> Encoded {
    encoder.raw(keyword);
    mailbox.encode(encoder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_commands_are_known_in_any_case() {
        for name in "CAPABILITY NOOP LOGOUT STARTTLS LOGIN AUTHENTICATE SELECT EXAMINE CREATE DELETE RENAME SUBSCRIBE \
                     UNSUBSCRIBE LIST LSUB STATUS APPEND REPLACE IDLE CHECK CLOSE UNSELECT EXPUNGE FETCH STORE COPY MOVE \
                     SEARCH ESEARCH SORT THREAD ENABLE NAMESPACE ID GETQUOTA GETQUOTAROOT SETQUOTA SETACL DELETEACL GETACL \
                     LISTRIGHTS MYRIGHTS GETMETADATA SETMETADATA LANGUAGE COMPARATOR COMPRESS UNAUTHENTICATE GETJMAPACCESS \
                     RLIST RLSUB XLIST CANCELUPDATE NOTIFY GENURLAUTH RESETKEY URLFETCH CONVERT CONVERSIONS UID"
            .split(' ')
        {
            for name in [name.into(), name.to_ascii_lowercase(), ["uId ", name].concat()] {
                assert!(Command::is_known(&name.as_str().into()), "{name}");
            }
        }
        for name in ["XFOO", "UID XFOO", "LOGINX", "X", &"X".repeat(1_000)] {
            assert!(!Command::is_known(&name.into()), "{name}");
        }
    }
}
