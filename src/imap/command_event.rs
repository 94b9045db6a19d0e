//! What a decoder of commands tells.

use crate::imap::append::{Append, AppendOptions};
use crate::imap::command::Command;
use crate::imap::core::Tag;
use crate::wire::{Error, Hidden, Secret, Text};
use alloc::boxed::Box;
use alloc::vec::Vec;
use bytes::Bytes;
use core::fmt;

/// What a client said.
///
/// `Debug` does not show the tag of what is malformed: the line may be no command, but what a client says in an exchange that is over.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub enum CommandEvent {
    /// A command, whole. An APPEND comes behind its messages.
    Command {
        /// Its tag.
        tag: Tag,
        /// The command.
        command: Command,
    },
    /// The client waits for a continuation request before it sends a string of the command.
    Wanted,
    /// A message of an APPEND, or a part of one, is on offer. Answer with [`CommandDecoder::accept`](crate::imap::CommandDecoder::accept), [`CommandDecoder::discard`](crate::imap::CommandDecoder::discard) or [`CommandDecoder::refuse`](crate::imap::CommandDecoder::refuse).
    Literal(Box<Literal>),
    /// Octets of the literal that was accepted.
    Chunk(Bytes),
    /// The literal is complete. The APPEND is not: its [`CommandEvent::Command`] says that.
    LiteralEnd,
    /// A message put together from parts begins (CATENATE, RFC 4469).
    Catenate {
        /// The tag of the command.
        tag: Tag,
        /// The command so far.
        append: Append,
        /// What is said of the message.
        options: Box<AppendOptions>,
    },
    /// A part that the server has already, by its URL (RFC 4469).
    CatenateUrl(Text),
    /// The message put together from parts is complete.
    CatenateEnd,
    /// The command whose literal was passed over by [`CommandDecoder::discard`](crate::imap::CommandDecoder::discard) is at its end, or waits to be asked for another literal.
    Discarded,
    /// A line of an exchange that the server began with a continuation request: DONE, a SASL response, `*`.
    Line(#[cfg_attr(feature = "serde", serde(skip))] Secret<Vec<u8>>),
    /// A command that cannot be read; the next one can.
    Malformed {
        /// Its first word, if that could be a tag. Where a client goes on with an exchange that is over, that word is a secret, such as the
        /// Base64 of its password: it should go nowhere but back to the client.
        tag: Option<Tag>,
        /// What is wrong with it.
        #[cfg_attr(feature = "serde", serde(skip))]
        error: Error,
    },
}

impl fmt::Debug for CommandEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Command { tag, command } => {
                f.debug_struct("Command").field("tag", tag).field("command", command).finish()
            }
            Self::Wanted => f.write_str("Wanted"),
            Self::Literal(literal) => f.debug_tuple("Literal").field(literal).finish(),
            Self::Chunk(octets) => f.debug_tuple("Chunk").field(octets).finish(),
            Self::LiteralEnd => f.write_str("LiteralEnd"),
            Self::Catenate { tag, append, options } => {
                let mut shown = f.debug_struct("Catenate");
                shown.field("tag", tag).field("append", append).field("options", options).finish()
            }
            Self::CatenateUrl(url) => f.debug_tuple("CatenateUrl").field(url).finish(),
            Self::CatenateEnd => f.write_str("CatenateEnd"),
            Self::Discarded => f.write_str("Discarded"),
            Self::Line(line) => f.debug_tuple("Line").field(line).finish(),
            Self::Malformed { tag, error } => {
                let tag = tag.as_ref().map(|tag| Hidden(tag.as_bytes()));
                f.debug_struct("Malformed").field("tag", &tag).field("error", error).finish()
            }
        }
    }
}

/// A literal that a client wants to send as a message of an APPEND.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Literal {
    /// The tag of the command.
    pub tag: Tag,
    /// The command so far.
    pub append: Append,
    /// What is said of the message; `None` for a part of a CATENATE.
    pub options: Option<AppendOptions>,
    /// How many octets it has.
    pub length: u64,
    /// Whether the client waits to be asked for it.
    pub synchronizing: bool,
    /// Whether it may hold any octets: a literal8 (RFC 3516).
    pub binary: bool,
    /// Whether it is a message, or a part of one, with UTF-8 in its headers (RFC 6855).
    pub utf8: bool,
}
