//! Response codes: what a status response says to the program, not to the person.
//!
//! ```abnf
//! ; RFC 9051 section 9; further codes are added by the extensions named at each
//! resp-text-code = "ALERT" / "BADCHARSET" [SP "(" charset *(SP charset) ")" ] / capability-data / "PARSE" /
//!                  "PERMANENTFLAGS" SP "(" [flag-perm *(SP flag-perm)] ")" / "READ-ONLY" / "READ-WRITE" / "TRYCREATE" /
//!                  "UIDNEXT" SP nz-number / "UIDVALIDITY" SP nz-number / resp-code-apnd / resp-code-copy / "UIDNOTSTICKY" /
//!                  "UNAVAILABLE" / … / "CLOSED" / "UNKNOWN-CTE" / atom [SP 1*<any TEXT-CHAR except "]">]
//! resp-code-apnd = "APPENDUID" SP nz-number SP append-uid
//! resp-code-copy = "COPYUID" SP nz-number SP uid-set SP uid-set
//! ```
//!
//! What has a known name but not the shape of it, a number that does not fit for one, is a code that is not known: the status response is good without it.

use crate::imap::capability::Capabilities;
use crate::imap::core::{ATOM, Atom, is_in};
use crate::imap::encode::{Encoded, Encoder};
use crate::imap::flag::{FlagBits, Flags};
use crate::imap::keyword::upper;
use crate::imap::modseq::ModSequence;
use crate::imap::object_id::ObjectId;
use crate::imap::quirk::{Quirk, Quirks};
use crate::imap::runs::word;
use crate::imap::search_key::FilterName;
use crate::imap::sequence::SequenceSet;
use crate::imap::uidplus::{AppendUid, CopyUid, encode_numbers};
use crate::wire::cursor::{Class, Cursor, Parsed, class};
use crate::wire::{InvalidValue, Limits, Text, decimal};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::num::NonZeroU32;

/// What may stand in a code that is not known: any TEXT-CHAR but `]`.
const CODE: Class = class!(octet => !matches!(octet, 0 | b'\r' | b'\n' | b']'));
/// A word of such a code.
const WORD: Class = class!(octet => octet > 0x20 && octet != 0x7f && octet != b']');

/// Declares the codes that are a word and nothing else.
macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
        /// What a status response says to the program.
        ///
        /// ```
        /// use mailwire::imap::{ResponseCode, Status};
        ///
        /// let status = Status::no("No such mailbox").code(ResponseCode::TryCreate);
        /// assert_eq!(status.code, Some(ResponseCode::new("TRYCREATE").unwrap()));
        /// ```
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[non_exhaustive]
        pub enum ResponseCode {
            $($(#[$doc])* $name,)*
            /// `APPENDUID`: the UIDs of the messages that were added (RFC 4315).
            AppendUid(AppendUid),
            /// `COPYUID`: the UIDs of the messages that were copied, before and after (RFC 4315).
            CopyUid(Box<CopyUid>),
            /// `BADCHARSET`: the charset of the search is not known; these are (RFC 3501).
            BadCharset(Vec<Text>),
            /// `BADEVENT`: these are the events that NOTIFY knows (RFC 5465).
            BadEvent(Vec<Atom>),
            /// `BADURL`: this URL of CATENATE cannot be read (RFC 4469).
            BadUrl(Text),
            /// `CAPABILITY`: what the server can do (RFC 3501).
            Capability(Capabilities),
            /// `HIGHESTMODSEQ`: the highest mod-sequence of the mailbox (RFC 7162).
            HighestModSeq(ModSequence),
            /// `INPROGRESS`: how far a long command has come, if that is known (RFC 9585).
            InProgress(Option<Box<Progress>>),
            /// `MAILBOXID`: the identifier of the mailbox (RFC 8474).
            MailboxId(ObjectId),
            /// `MAXCONVERTMESSAGES`: how many messages one CONVERT may have (RFC 5259).
            MaxConvertMessages(NonZeroU32),
            /// `MAXCONVERTPARTS`: how many body parts one CONVERT may have (RFC 5259).
            MaxConvertParts(NonZeroU32),
            /// `MESSAGELIMIT`: more messages than a command may touch (RFC 9738).
            MessageLimit {
                /// How many messages it may touch.
                limit: NonZeroU32,
                /// The lowest UID that was dealt with, if that is known.
                last: Option<NonZeroU32>,
            },
            /// `METADATA LONGENTRIES`: entries were left out; the longest of them has so many octets (RFC 5464).
            MetadataLongEntries(u32),
            /// `METADATA MAXSIZE`: a value is longer than so many octets (RFC 5464).
            MetadataMaxSize(u32),
            /// `ANNOTATIONS`: what annotations a mailbox takes (RFC 5257).
            Annotations(AnnotationSize),
            /// `MODIFIED`: these messages failed a conditional STORE (RFC 7162).
            Modified(SequenceSet),
            /// `NOUPDATE`: the search with this tag is not kept up to date (RFC 5267).
            NoUpdate(Text),
            /// `PERMANENTFLAGS`: what flags can be changed for good (RFC 3501).
            PermanentFlags(Flags),
            /// `REFERRAL`: URLs of where it is to be had (RFC 2221, RFC 2193).
            Referral(Vec<Text>),
            /// `UIDNEXT`: the UID that the next message will have at least (RFC 3501).
            UidNext(NonZeroU32),
            /// `UIDVALIDITY`: what the UIDs of the mailbox are valid with (RFC 3501).
            UidValidity(NonZeroU32),
            /// `UNDEFINED-FILTER`: no search has this name (RFC 5466).
            UndefinedFilter(FilterName),
            /// `UNSEEN`: the sequence number of the first message that was not read (RFC 3501).
            Unseen(NonZeroU32),
            /// `URLMECH INTERNAL`: how the mailbox's URLs can be authorized beside INTERNAL (RFC 4467).
            UrlMechanisms(Vec<UrlMechanism>),
            /// A code that is not known here, or not of the shape that its name has.
            Other(OtherCode),
        }

        impl ResponseCode {
            /// Every code that is a word and nothing else.
            #[cfg(any(test, feature = "arbitrary"))]
            const WORDS: &[Self] = &[$(Self::$name,)*];

            fn word(&self) -> &'static [u8] {
                match self {
                    $(Self::$name => $word,)*
                    Self::AppendUid(_) => b"APPENDUID",
                    Self::CopyUid(_) => b"COPYUID",
                    Self::BadCharset(_) => b"BADCHARSET",
                    Self::BadEvent(_) => b"BADEVENT",
                    Self::BadUrl(_) => b"BADURL",
                    Self::Capability(_) => b"CAPABILITY",
                    Self::HighestModSeq(_) => b"HIGHESTMODSEQ",
                    Self::InProgress(_) => b"INPROGRESS",
                    Self::MailboxId(_) => b"MAILBOXID",
                    Self::MaxConvertMessages(_) => b"MAXCONVERTMESSAGES",
                    Self::MaxConvertParts(_) => b"MAXCONVERTPARTS",
                    Self::MessageLimit { .. } => b"MESSAGELIMIT",
                    Self::MetadataLongEntries(_) => b"METADATA LONGENTRIES",
                    Self::MetadataMaxSize(_) => b"METADATA MAXSIZE",
                    Self::Annotations(_) => b"ANNOTATIONS",
                    Self::Modified(_) => b"MODIFIED",
                    Self::NoUpdate(_) => b"NOUPDATE",
                    Self::PermanentFlags(_) => b"PERMANENTFLAGS",
                    Self::Referral(_) => b"REFERRAL",
                    Self::UidNext(_) => b"UIDNEXT",
                    Self::UidValidity(_) => b"UIDVALIDITY",
                    Self::UndefinedFilter(_) => b"UNDEFINED-FILTER",
                    Self::Unseen(_) => b"UNSEEN",
                    Self::UrlMechanisms(_) => b"URLMECH INTERNAL",
                    Self::Other(_) => b"",
                }
            }

            fn of_word(upper: &[u8]) -> Option<Self> {
                match upper {
                    $($word => Some(Self::$name),)*
                    _ => None,
                }
            }
        }
    };
}

codes! {
    /// `ALERT`: the text is to be shown to the user (RFC 3501).
    Alert = b"ALERT",
    /// `ALREADYEXISTS`: what should be made is there (RFC 5530).
    AlreadyExists = b"ALREADYEXISTS",
    /// `ANNOTATE TOOBIG`: a value is too long (RFC 5257).
    AnnotateTooBig = b"ANNOTATE TOOBIG",
    /// `ANNOTATE TOOMANY`: there are too many annotations (RFC 5257).
    AnnotateTooMany = b"ANNOTATE TOOMANY",
    /// `AUTHENTICATIONFAILED`: who says so is not believed (RFC 5530).
    AuthenticationFailed = b"AUTHENTICATIONFAILED",
    /// `AUTHORIZATIONFAILED`: one user may not act as the other (RFC 5530).
    AuthorizationFailed = b"AUTHORIZATIONFAILED",
    /// `BADCOMPARATOR`: no such comparator (RFC 5255).
    BadComparator = b"BADCOMPARATOR",
    /// `CANNOT`: the server can never do it (RFC 5530).
    Cannot = b"CANNOT",
    /// `CLIENTBUG`: the client has a bug (RFC 5530).
    ClientBug = b"CLIENTBUG",
    /// `CLOSED`: the mailbox that was selected is closed; what follows is of the next one (RFC 7162).
    Closed = b"CLOSED",
    /// `COMPRESSIONACTIVE`: the connection is deflated already (RFC 4978).
    CompressionActive = b"COMPRESSIONACTIVE",
    /// `CONTACTADMIN`: the user should ask the administrator (RFC 5530).
    ContactAdmin = b"CONTACTADMIN",
    /// `CORRUPTION`: the server's data are damaged (RFC 5530).
    Corruption = b"CORRUPTION",
    /// `EXPIRED`: the credentials were good once (RFC 5530).
    Expired = b"EXPIRED",
    /// `EXPUNGEISSUED`: another session has removed messages (RFC 5530).
    ExpungeIssued = b"EXPUNGEISSUED",
    /// `HASCHILDREN`: the mailbox has others below it (RFC 9051).
    HasChildren = b"HASCHILDREN",
    /// `INUSE`: something else holds it (RFC 5530).
    InUse = b"INUSE",
    /// `LIMIT`: a limit of the server (RFC 5530).
    Limit = b"LIMIT",
    /// `METADATA NOPRIVATE`: no private annotations (RFC 5464).
    MetadataNoPrivate = b"METADATA NOPRIVATE",
    /// `METADATA TOOMANY`: too many annotations (RFC 5464).
    MetadataTooMany = b"METADATA TOOMANY",
    /// `NOMODSEQ`: the mailbox has no mod-sequences (RFC 7162).
    NoModSeq = b"NOMODSEQ",
    /// `NONEXISTENT`: there is no such thing (RFC 5530).
    Nonexistent = b"NONEXISTENT",
    /// `NOPERM`: the user may not (RFC 5530).
    NoPerm = b"NOPERM",
    /// `NOTIFICATIONOVERFLOW`: there are too many events; there will be none (RFC 5465).
    NotificationOverflow = b"NOTIFICATIONOVERFLOW",
    /// `NOTSAVED`: the result of the search is not saved (RFC 5182).
    NotSaved = b"NOTSAVED",
    /// `OVERQUOTA`: the user has too much (RFC 5530, RFC 9208).
    OverQuota = b"OVERQUOTA",
    /// `PARSE`: a message of the mailbox cannot be read (RFC 3501).
    Parse = b"PARSE",
    /// `PRIVACYREQUIRED`: not without TLS (RFC 5530).
    PrivacyRequired = b"PRIVACYREQUIRED",
    /// `READ-ONLY`: the mailbox cannot be changed (RFC 3501).
    ReadOnly = b"READ-ONLY",
    /// `READ-WRITE`: the mailbox can be changed (RFC 3501).
    ReadWrite = b"READ-WRITE",
    /// `SERVERBUG`: the server has a bug (RFC 5530).
    ServerBug = b"SERVERBUG",
    /// `TEMPFAIL`: a conversion failed this time (RFC 5259).
    TempFail = b"TEMPFAIL",
    /// `TOOBIG`: the message is too long (RFC 4469).
    TooBig = b"TOOBIG",
    /// `TRYCREATE`: the mailbox would have to be created first (RFC 3501).
    TryCreate = b"TRYCREATE",
    /// `UIDNOTSTICKY`: the UIDs of the mailbox do not last (RFC 4315).
    UidNotSticky = b"UIDNOTSTICKY",
    /// `UIDREQUIRED`: the command works by UID alone (RFC 9586).
    UidRequired = b"UIDREQUIRED",
    /// `UNAVAILABLE`: a part of the server is down (RFC 5530).
    Unavailable = b"UNAVAILABLE",
    /// `UNKNOWN-CTE`: the part's transfer encoding is not known (RFC 3516).
    UnknownCte = b"UNKNOWN-CTE",
    /// `USEATTR`: the mailbox cannot have this special use (RFC 6154).
    UseAttr = b"USEATTR",
}

const _: () = assert!(size_of::<ResponseCode>() <= 40);

/// How far a long command has come (RFC 9585).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Progress {
    /// The tag of the command.
    pub tag: Option<Text>,
    /// How much is done.
    pub done: Option<u32>,
    /// How much there is to do.
    pub goal: Option<NonZeroU32>,
}

/// What annotations of messages a mailbox takes (RFC 5257).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(any(test, feature = "arbitrary"), derive(arbitrary::Arbitrary))]
#[non_exhaustive]
pub enum AnnotationSize {
    /// None at all.
    None,
    /// They can be read, not changed.
    ReadOnly {
        /// Whether there are none that only the user sees.
        no_private: bool,
    },
    /// They can be changed.
    ReadWrite {
        /// The longest value, in octets.
        size: NonZeroU32,
        /// Whether there are none that only the user sees.
        no_private: bool,
    },
}

/// A mechanism for authorized URLs (RFC 4467).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct UrlMechanism {
    /// The octets of the mechanism's name and, behind `=`, its parameters in Base64.
    word: Text,
}

impl UrlMechanism {
    /// A mechanism, with its parameters in Base64 behind `=` if it has any.
    ///
    /// # Errors
    /// Tells the first octet that may not stand there.
    pub fn new(word: impl Into<Text>) -> Result<Self, InvalidValue> {
        Ok(Self { word: check(&WORD, word.into(), "a mechanism")? })
    }

    /// The name.
    pub fn name(&self) -> &[u8] {
        self.word.as_bytes().split(|octet| *octet == b'=').next().unwrap_or_default()
    }

    /// The parameters, in Base64.
    pub fn parameters(&self) -> Option<&[u8]> {
        let octets = self.word.as_bytes();
        octets.get(memchr::memchr(b'=', octets)?.saturating_add(1)..)
    }
}

/// A code that is not known, with the octets between its brackets.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Text", into = "Text"))]
pub struct OtherCode(Text);

impl OtherCode {
    /// All octets between the brackets.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// The first word.
    pub fn name(&self) -> &[u8] {
        let octets = self.as_bytes();
        let length = octets.iter().position(|octet| !is_in(&ATOM, *octet)).unwrap_or(octets.len());
        octets.get(..length).unwrap_or_default()
    }

    /// What stands behind the first word and the SP.
    pub fn value(&self) -> &[u8] {
        let rest = self.as_bytes().get(self.name().len()..).unwrap_or_default();
        rest.strip_prefix(b" ").unwrap_or(rest)
    }
}

impl TryFrom<Text> for OtherCode {
    type Error = InvalidValue;
    fn try_from(octets: Text) -> Result<Self, InvalidValue> {
        if !octets.as_bytes().first().is_some_and(|octet| is_in(&ATOM, *octet)) {
            return Err(InvalidValue { offset: 0, expected: "the name of a code" });
        }
        check(&CODE, octets, "an octet of a code").map(Self)
    }
}

impl From<OtherCode> for Text {
    fn from(code: OtherCode) -> Self {
        code.0
    }
}

fn check(class: &Class, octets: Text, expected: &'static str) -> Result<Text, InvalidValue> {
    match octets.as_bytes().iter().position(|octet| !is_in(class, *octet)) {
        Some(offset) => Err(InvalidValue { offset, expected }),
        None if octets.is_empty() => Err(InvalidValue { offset: 0, expected }),
        None => Ok(octets),
    }
}

/// Whether a text that starts like this would be read as a response code.
pub(crate) fn starts_with_code(octets: &[u8]) -> bool {
    match octets {
        [b'[', rest @ ..] => {
            rest.first().is_some_and(|octet| is_in(&ATOM, *octet)) && memchr::memchr(b']', rest).is_some()
        }
        _ => false,
    }
}

impl ResponseCode {
    /// The code that is written like this between its brackets.
    ///
    /// # Errors
    /// Where the octets cannot stand there: without a name, with `]`, CR, LF or NUL.
    pub fn new(octets: impl Into<Text>) -> Result<Self, InvalidValue> {
        let other = OtherCode::try_from(octets.into())?;
        let buffer = other.0.clone().into_bytes();
        let limits = Limits::imap_client();
        let mut cursor = Cursor::shared(&buffer, &limits, Quirks::strict().bits());
        match Self::read(&mut cursor) {
            Ok(code) if cursor.is_at_end() => Ok(code),
            _ => Ok(Self::Other(other)),
        }
    }

    /// A code that most servers send, without its `[`, and what stands behind the `]`.
    #[inline]
    pub(crate) fn glance(octets: &[u8]) -> Option<(Self, &[u8])> {
        let (name, rest) = word(octets)?;
        let number = || {
            let (number, rest) = decimal::canonical(rest.strip_prefix(b" ")?)?;
            Some((decimal::non_zero(number)?, rest))
        };
        let (code, rest) = match name {
            b"UIDNEXT" => number().map(|(number, rest)| (Self::UidNext(number), rest))?,
            b"UIDVALIDITY" => number().map(|(number, rest)| (Self::UidValidity(number), rest))?,
            b"UNSEEN" => number().map(|(number, rest)| (Self::Unseen(number), rest))?,
            b"HIGHESTMODSEQ" => {
                let (number, rest) = ModSequence::glance(rest.strip_prefix(b" ")?)?;
                (Self::HighestModSeq(number), rest)
            }
            b"PERMANENTFLAGS" => {
                let (flags, rest) = FlagBits::glance(rest.strip_prefix(b" ")?, true)?;
                (Self::PermanentFlags(flags.into()), rest)
            }
            _ => return None,
        };
        Some((code, rest.strip_prefix(b"]")?))
    }

    /// `"[" resp-text-code "]"`, where [`starts_with_code`] has said that there is one.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        cursor.expect(b'[', "a response code")?;
        let start = cursor.position();
        let forgiven = cursor.forgiven();
        match Self::read(cursor) {
            Ok(code) if cursor.eat(b']') => return Ok(code),
            Err(fail) if cursor.wants_shared() => return Err(fail),
            _ => {}
        }
        cursor.set_position(start);
        cursor.set_forgiven(forgiven);
        let octets = cursor.take_some(&CODE, "a response code")?;
        cursor.expect(b']', "the end of the response code")?;
        if matches!(upper(octets, &mut [0; 16]), b"UIDNEXT 0" | b"UIDVALIDITY 0" | b"UNSEEN 0") {
            // Whether it is forgiven or not, it is a code that is not known.
            let _ = cursor.forgives(Quirk::ZeroNumber);
        }
        cursor.text(octets).map(OtherCode).map(Self::Other)
    }

    /// A code of a known name and shape.
    fn read(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let name = cursor.atom()?;
        let mut buffer = [0; 24];
        let name = upper(name, &mut buffer);
        if let Some(code) = Self::of_word(name) {
            return Ok(code);
        }
        match name {
            b"CAPABILITY" => {
                return Capabilities::parse(cursor).and_then(|capabilities| {
                    if capabilities.is_empty() {
                        cursor.syntax("a capability")
                    } else {
                        Ok(Self::Capability(capabilities))
                    }
                });
            }
            b"BADCHARSET" if cursor.peek() == Some(b']') || cursor.is_at_end() => {
                return Ok(Self::BadCharset(Vec::new()));
            }
            b"INPROGRESS" if cursor.peek() == Some(b']') || cursor.is_at_end() => {
                return Ok(Self::InProgress(None));
            }
            _ => cursor.sp()?,
        }
        Ok(match name {
            b"UIDNEXT" => Self::UidNext(cursor.nz_number()?),
            b"UIDVALIDITY" => Self::UidValidity(cursor.nz_number()?),
            b"UNSEEN" => Self::Unseen(cursor.nz_number()?),
            b"PERMANENTFLAGS" => Self::PermanentFlags(Flags::parse_permanent(cursor)?),
            b"HIGHESTMODSEQ" => Self::HighestModSeq(ModSequence::parse(cursor)?),
            b"APPENDUID" => Self::AppendUid(AppendUid::parse(cursor)?),
            b"COPYUID" => Self::CopyUid(Box::new(CopyUid::parse(cursor)?)),
            b"MODIFIED" => Self::Modified(SequenceSet::parse_numbers(cursor)?),
            b"MAILBOXID" => {
                cursor.expect(b'(', "an identifier in parentheses")?;
                let id = ObjectId::parse(cursor)?;
                cursor.expect(b')', "an identifier in parentheses")?;
                Self::MailboxId(id)
            }
            b"INPROGRESS" => Self::InProgress(Some(Box::new(Progress::parse(cursor)?))),
            b"BADCHARSET" => Self::BadCharset(cursor.list_of_some(|cursor| match cursor.peek() {
                // The one place of a status where the grammar has a literal.
                Some(b'{') => {
                    let start = cursor.position();
                    let octets = cursor.literal()?;
                    if octets.iter().all(|octet| matches!(octet, b' '..=b'~')) {
                        cursor.text(octets)
                    } else {
                        cursor.syntax_at(start, "a charset")
                    }
                }
                Some(b'~') if cursor.peek_at(1) == Some(b'{') => cursor.syntax("a charset"),
                Some(b'"') => quoted(cursor),
                // An `astring` of RFC 3501 may hold the `]` that ends the code; a charset does not.
                _ => {
                    let charset = cursor.atom()?;
                    cursor.text(charset)
                }
            })?),
            b"BADEVENT" => Self::BadEvent(cursor.list_of_some(|cursor| cursor.atom_text())?),
            b"BADURL" => {
                let url = cursor.take_some(&CODE, "a URL")?;
                Self::BadUrl(cursor.text(url)?)
            }
            b"REFERRAL" => Self::Referral(words(cursor, false, |cursor, word| cursor.text(word))?),
            b"NOUPDATE" => Self::NoUpdate(quoted(cursor)?),
            b"UNDEFINED-FILTER" => Self::UndefinedFilter(FilterName::parse(cursor)?),
            b"URLMECH" if cursor.eat_keyword(b"INTERNAL") => {
                Self::UrlMechanisms(words(cursor, true, |cursor, word| {
                    Ok(UrlMechanism { word: cursor.text(word)? })
                })?)
            }
            b"MAXCONVERTMESSAGES" => Self::MaxConvertMessages(cursor.nz_number()?),
            b"MAXCONVERTPARTS" => Self::MaxConvertParts(cursor.nz_number()?),
            b"MESSAGELIMIT" => {
                let limit = cursor.nz_number()?;
                let last = if cursor.eat(b' ') { Some(cursor.nz_number()?) } else { None };
                Self::MessageLimit { limit, last }
            }
            b"METADATA" => {
                let what = cursor.atom()?;
                match upper(what, &mut [0; 16]) {
                    b"LONGENTRIES" => {
                        cursor.sp()?;
                        Self::MetadataLongEntries(cursor.number("a number")?)
                    }
                    b"MAXSIZE" => {
                        cursor.sp()?;
                        Self::MetadataMaxSize(cursor.number("a number")?)
                    }
                    b"TOOMANY" => Self::MetadataTooMany,
                    b"NOPRIVATE" => Self::MetadataNoPrivate,
                    _ => return cursor.syntax("a code of METADATA"),
                }
            }
            b"ANNOTATE" => {
                let what = cursor.atom()?;
                match upper(what, &mut [0; 8]) {
                    b"TOOBIG" => Self::AnnotateTooBig,
                    b"TOOMANY" => Self::AnnotateTooMany,
                    _ => return cursor.syntax("a code of ANNOTATE"),
                }
            }
            b"ANNOTATIONS" => {
                if cursor.eat_keyword(b"NONE") {
                    return Ok(Self::Annotations(AnnotationSize::None));
                }
                let size = if cursor.eat_keyword(b"READ-ONLY") { None } else { Some(cursor.nz_number()?) };
                let no_private = cursor.eat_keyword(b" NOPRIVATE");
                Self::Annotations(match size {
                    Some(size) => AnnotationSize::ReadWrite { size, no_private },
                    None => AnnotationSize::ReadOnly { no_private },
                })
            }
            _ => return cursor.syntax("a code that is known"),
        })
    }

    /// `"[" resp-text-code "]"`
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        encoder.raw(b"[");
        encoder.raw(self.word());
        match self {
            Self::UidNext(number)
            | Self::UidValidity(number)
            | Self::Unseen(number)
            | Self::MaxConvertMessages(number)
            | Self::MaxConvertParts(number) => {
                encoder.sp();
                encoder.number(number.get());
            }
            Self::MetadataLongEntries(number) | Self::MetadataMaxSize(number) => {
                encoder.sp();
                encoder.number(*number);
            }
            Self::PermanentFlags(flags) => {
                encoder.sp();
                flags.encode_told(encoder);
            }
            Self::HighestModSeq(mod_sequence) => {
                encoder.sp();
                mod_sequence.encode(encoder)?;
            }
            Self::AppendUid(appended) => {
                encoder.sp();
                appended.encode(encoder)?;
            }
            Self::CopyUid(copied) => {
                encoder.sp();
                copied.encode(encoder)?;
            }
            Self::Modified(set) => {
                encoder.sp();
                encode_numbers(set, encoder)?;
            }
            Self::Capability(capabilities) if capabilities.is_empty() => {
                return Err(InvalidValue { offset: 0, expected: "a capability" });
            }
            Self::Capability(capabilities) => capabilities.encode(encoder)?,
            Self::MailboxId(id) => {
                encoder.raw(b" (");
                id.encode(encoder)?;
                encoder.raw(b")");
            }
            Self::InProgress(None) => {}
            Self::InProgress(Some(progress)) => progress.encode(encoder)?,
            Self::BadCharset(charsets) if charsets.is_empty() => {}
            Self::BadCharset(charsets) => {
                encoder.sp();
                encoder.list(charsets, |encoder, charset| encoder.atom_or_quoted(charset.as_bytes()))?;
            }
            Self::BadEvent(events) if events.is_empty() => {
                return Err(InvalidValue { offset: 0, expected: "the name of an event" });
            }
            Self::BadEvent(events) => {
                encoder.sp();
                encoder.list(events, |encoder, event| {
                    encoder.raw(event.as_bytes());
                    Ok(())
                })?;
            }
            Self::BadUrl(url) => encode_word(&CODE, url, encoder)?,
            Self::Referral(urls) if urls.is_empty() => {
                return Err(InvalidValue { offset: 0, expected: "a URL" });
            }
            Self::Referral(urls) => urls.iter().try_for_each(|url| encode_word(&WORD, url, encoder))?,
            Self::NoUpdate(tag) => {
                encoder.sp();
                encoder.quoted(tag.as_bytes())?;
            }
            Self::UndefinedFilter(name) => {
                encoder.sp();
                encoder.raw(name.as_bytes());
            }
            Self::UrlMechanisms(mechanisms) => {
                mechanisms.iter().try_for_each(|mechanism| encode_word(&WORD, &mechanism.word, encoder))?;
            }
            Self::MessageLimit { limit, last } => {
                encoder.sp();
                encoder.number(limit.get());
                if let Some(last) = last {
                    encoder.sp();
                    encoder.number(last.get());
                }
            }
            Self::Annotations(AnnotationSize::None) => encoder.raw(b" NONE"),
            Self::Annotations(size) => {
                encoder.sp();
                let no_private = match *size {
                    AnnotationSize::ReadWrite { size, no_private } => {
                        encoder.number(size.get());
                        no_private
                    }
                    AnnotationSize::ReadOnly { no_private } => {
                        encoder.raw(b"READ-ONLY");
                        no_private
                    }
                    AnnotationSize::None => false,
                };
                if no_private {
                    encoder.raw(b" NOPRIVATE");
                }
            }
            Self::Other(other) => encoder.raw(other.as_bytes()),
            _ => {}
        }
        encoder.raw(b"]");
        Ok(())
    }
}

impl Progress {
    fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        cursor.expect(b'(', "the progress in parentheses")?;
        let tag = match cursor.nil() {
            true => None,
            false => Some(quoted(cursor)?),
        };
        cursor.sp()?;
        let done = if cursor.nil() { None } else { Some(cursor.number("a number or NIL")?) };
        cursor.sp()?;
        let goal = if cursor.nil() { None } else { Some(cursor.nz_number()?) };
        cursor.expect(b')', "the end of the progress")?;
        Ok(Self { tag, done, goal })
    }

    fn encode(&self, encoder: &mut Encoder<'_>) -> Encoded {
        encoder.raw(b" (");
        match &self.tag {
            Some(tag) => encoder.quoted(tag.as_bytes())?,
            None => encoder.nil(),
        }
        for number in [self.done, self.goal.map(NonZeroU32::get)] {
            encoder.sp();
            match number {
                Some(number) => encoder.number(number),
                None => encoder.nil(),
            }
        }
        encoder.raw(b")");
        Ok(())
    }
}

/// A quoted string of ASCII: what could not be written again is a code that is not known.
fn quoted(cursor: &mut Cursor<'_>) -> Parsed<Text> {
    let start = cursor.position();
    let text = cursor.quoted()?;
    if text.octets.is_ascii() { cursor.owned(text) } else { cursor.syntax_at(start, "ASCII") }
}

/// Words with an SP between them; one before the first as well, if `led`.
fn words<'a, T>(
    cursor: &mut Cursor<'a>,
    led: bool,
    mut item: impl FnMut(&mut Cursor<'a>, &'a [u8]) -> Parsed<T>,
) -> Parsed<Vec<T>> {
    let mut items = Vec::new();
    if led && cursor.peek() != Some(b' ') {
        return Ok(items);
    }
    if led {
        cursor.sp()?;
    }
    loop {
        cursor.charge_item(items.len(), size_of::<T>())?;
        let word = cursor.take_some(&WORD, "a word")?;
        items.push(item(cursor, word)?);
        if cursor.peek() != Some(b' ') {
            return Ok(items);
        }
        cursor.sp()?;
    }
}

fn encode_word(class: &Class, word: &Text, encoder: &mut Encoder<'_>) -> Encoded {
    let octets = word.as_bytes();
    match octets.iter().position(|octet| !is_in(class, *octet)) {
        Some(offset) => return Err(InvalidValue { offset, expected: "an octet of a response code" }),
        None if octets.is_empty() => return Err(InvalidValue { offset: 0, expected: "a word" }),
        None => {}
    }
    encoder.sp();
    encoder.raw(octets);
    Ok(())
}

#[cfg(any(test, feature = "arbitrary"))]
mod generate;
#[cfg(test)]
mod tests;
mod values;
