//! Whose fault, where, what was expected, and whether the connection lives on.

use core::fmt;
use thiserror::Error as ThisError;

/// Who did what it may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// The other end of the connection.
    Peer,
    /// The program that calls this crate.
    Caller,
}

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The octets are not of the grammar.
    Syntax,
    /// A line is longer than its limit.
    LineTooLong,
    /// A literal announces more octets than its limit.
    LiteralTooLarge,
    /// A whole message, or the memory its value would take, is over its limit.
    MessageTooLarge,
    /// Lists are nested deeper than the limit.
    TooDeep,
    /// More items, ranges or literals than the limit.
    TooMany,
    /// The connection ended inside something, or while something was owed.
    UnexpectedEof,
    /// A NUL outside of binary data.
    Nul,
    /// A line that ended in LF without CR.
    BareLineFeed,
    /// The header of a literal (`{n}`) that is not one, or whose number does not fit: there is no way back into step.
    BadLiteral,
    /// A tagged completion for no command that could complete.
    UnknownTag,
    /// A completion before its command was sent whole.
    EarlyCompletion,
    /// A continuation request (`+`) when none was owed.
    UnexpectedContinuation,
    /// A greeting that is not one, a second one, or one that may not be here (PREAUTH where TLS is required).
    BadGreeting,
    /// Octets were buffered behind the end of an upgrade to TLS: somebody may have put them there.
    StartTlsInjection,
    /// TLS is required and the peer does not offer, or refused, it.
    StartTlsUnavailable,
    /// Credentials may not go over this connection before it is protected, or the peer forbids the mechanism.
    PrivacyRequired,
    /// An answer that belongs to no command, or not in this state.
    UnexpectedResponse,
    /// Too many commands that were not understood.
    TooManyErrors,
    /// Too many rounds of an authentication.
    TooManyRounds,
    /// A message was named by its sequence number on a connection on which only UIDs name messages.
    UidRequired,
    /// What the caller asked for is not allowed in this state.
    InvalidState,
    /// What one side asked for was not offered by the other.
    Unsupported,
    /// The caller's value cannot be put on the wire.
    InvalidValue,
    /// The caller has too much under way.
    Busy,
    /// The connection is over; nothing more is read or sent.
    Closed,
}

/// What went wrong, where, whose fault it was, and whether the connection lives on.
///
/// No error holds octets of the input: it could be a password.
///
/// ```
/// use bytes::BytesMut;
/// use mailwire::imap::{ResponseDecoder, ResponseEvent};
/// use mailwire::wire::{ErrorKind, Fault};
///
/// let mut input = BytesMut::from("* FLAGS (\\Seen]\r\n");
/// let Some(ResponseEvent::Unparsed { error, .. }) = ResponseDecoder::strict().decode(&mut input)? else { panic!() };
/// assert_eq!((error.kind(), error.fault(), error.offset()), (ErrorKind::Syntax, Fault::Peer, 14));
/// assert!(!error.is_fatal()); // the next response can be read
/// # Ok::<(), mailwire::wire::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    fault: Fault,
    fatal: bool,
    offset: u64,
    expected: &'static str,
}

impl Error {
    /// An error that leaves the connection in step: the next message can be read.
    pub(crate) const fn recoverable(kind: ErrorKind, offset: u64, expected: &'static str) -> Self {
        Self { kind, fault: Fault::Peer, fatal: false, offset, expected }
    }

    /// An error after which nothing is read or sent.
    pub(crate) const fn fatal(kind: ErrorKind, offset: u64, expected: &'static str) -> Self {
        Self { kind, fault: Fault::Peer, fatal: true, offset, expected }
    }

    /// The caller asked for what cannot be done; nothing was sent and the connection is as before.
    pub(crate) const fn caller(kind: ErrorKind, expected: &'static str) -> Self {
        Self { kind, fault: Fault::Caller, fatal: false, offset: 0, expected }
    }

    pub(crate) const fn into_fatal(self) -> Self {
        Self { fatal: true, ..self }
    }

    pub(crate) const fn at(self, offset: u64) -> Self {
        Self { offset, ..self }
    }

    /// What went wrong.
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Whose fault it was.
    pub const fn fault(&self) -> Fault {
        self.fault
    }

    /// Whether the connection is over. If not, the offending message was passed over and the next one can be read.
    pub const fn is_fatal(&self) -> bool {
        self.fatal
    }

    /// Where, in octets from the start of the message that could not be read. Zero where the caller is at fault.
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    /// What should have stood there, or should have been done.
    pub const fn expected(&self) -> &'static str {
        self.expected
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}({:?} at {}: {})", self.kind, self.fault, self.offset, self.expected)?;
        if self.fatal { f.write_str(" fatal") } else { Ok(()) }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.fault {
            Fault::Peer => write!(f, "{} at octet {}: expected {}", self.kind, self.offset, self.expected)?,
            Fault::Caller => write!(f, "{}: {}", self.kind, self.expected)?,
        }
        if self.fatal { f.write_str("; the connection is over") } else { Ok(()) }
    }
}

impl core::error::Error for Error {}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Syntax => "syntax error",
            Self::LineTooLong => "line too long",
            Self::LiteralTooLarge => "literal too large",
            Self::MessageTooLarge => "message too large",
            Self::TooDeep => "nested too deep",
            Self::TooMany => "too many items",
            Self::UnexpectedEof => "unexpected end of the connection",
            Self::Nul => "NUL octet",
            Self::BareLineFeed => "line feed without carriage return",
            Self::BadLiteral => "malformed literal header",
            Self::UnknownTag => "unknown tag",
            Self::EarlyCompletion => "completion of a command that is not sent whole",
            Self::UnexpectedContinuation => "unexpected continuation request",
            Self::BadGreeting => "bad greeting",
            Self::StartTlsInjection => "octets behind the start of TLS",
            Self::StartTlsUnavailable => "TLS is required and not to be had",
            Self::PrivacyRequired => "TLS is required first",
            Self::UidRequired => "only UIDs name messages here",
            Self::UnexpectedResponse => "unexpected response",
            Self::TooManyErrors => "too many bad commands",
            Self::TooManyRounds => "too many rounds of authentication",
            Self::InvalidState => "not allowed in this state",
            Self::Unsupported => "not offered",
            Self::InvalidValue => "value cannot be sent",
            Self::Busy => "too much under way",
            Self::Closed => "connection closed",
        })
    }
}

/// A value that the grammar does not allow, where the caller would have built it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ThisError)]
#[error("{expected} at octet {offset}")]
pub struct InvalidValue {
    /// Where the first offending octet stands, in octets from the start of the value; its length if something is missing.
    pub offset: usize,
    /// What is allowed there.
    pub expected: &'static str,
}

impl From<core::convert::Infallible> for Error {
    fn from(never: core::convert::Infallible) -> Self {
        match never {}
    }
}

impl From<InvalidValue> for Error {
    fn from(value: InvalidValue) -> Self {
        Self::caller(ErrorKind::InvalidValue, value.expected)
    }
}
