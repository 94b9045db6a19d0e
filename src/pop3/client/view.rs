//! What each state allows, and nothing more.

use crate::pop3::apop::{Digest, Timestamp};
use crate::pop3::argument::{Language, Mechanism, Parameter, Password, UserName};
use crate::pop3::capability::Capabilities;
use crate::pop3::client::{Client, CommandId};
use crate::pop3::command::Command;
use crate::pop3::state::State;
use crate::wire::{Error, Secret};
use alloc::vec::Vec;
use core::num::NonZeroU32;

impl Client {
    /// What the client may do before it is logged in.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidState`](crate::wire::ErrorKind::InvalidState) in any other state.
    pub fn authorization(&mut self) -> Result<Authorization<'_>, Error> {
        self.check_state(State::Authorization, "the state AUTHORIZATION")?;
        Ok(Authorization(self))
    }

    /// What the client may do with the maildrop.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidState`](crate::wire::ErrorKind::InvalidState) in any other state.
    pub fn transaction(&mut self) -> Result<Transaction<'_>, Error> {
        self.check_state(State::Transaction, "the state TRANSACTION")?;
        Ok(Transaction(self))
    }
}

/// Declares the methods that both views have.
macro_rules! in_both_states {
    () => {
        /// CAPA.
        ///
        /// # Errors
        /// As [`Client::enqueue`].
        pub fn capa(&mut self) -> Result<CommandId, Error> {
            self.0.enqueue(Command::Capa)
        }

        /// LANG: the language of the server's texts from now on.
        ///
        /// # Errors
        /// As [`Client::enqueue`].
        pub fn lang(
            &mut self,
            language: impl TryInto<Language, Error: Into<Error>>,
        ) -> Result<CommandId, Error> {
            self.0.enqueue(Command::Lang(Some(language.try_into().map_err(Into::into)?)))
        }

        /// LANG without an argument: the languages there are.
        ///
        /// # Errors
        /// As [`Client::enqueue`].
        pub fn languages(&mut self) -> Result<CommandId, Error> {
            self.0.enqueue(Command::Lang(None))
        }

        /// QUIT.
        ///
        /// # Errors
        /// As [`Client::enqueue`].
        pub fn quit(&mut self) -> Result<CommandId, Error> {
            self.0.enqueue(Command::Quit)
        }

        /// What the server announced in this security layer.
        pub fn capabilities(&self) -> Option<&Capabilities> {
            self.0.capabilities()
        }

        /// Whether commands leave ahead of answers.
        pub fn is_pipelining(&self) -> bool {
            self.0.is_pipelining()
        }
    };
}

/// A client in the state AUTHORIZATION (RFC 1939 section 4).
#[derive(Debug)]
pub struct Authorization<'a>(&'a mut Client);

impl Authorization<'_> {
    in_both_states!();

    /// USER.
    ///
    /// # Errors
    /// As [`Client::enqueue`].
    pub fn user(&mut self, name: impl TryInto<UserName, Error: Into<Error>>) -> Result<CommandId, Error> {
        self.0.enqueue(Command::User(name.try_into().map_err(Into::into)?))
    }

    /// PASS. A password outside ASCII needs the capability `UTF8 USER`, as a name does.
    ///
    /// # Errors
    /// As [`Client::enqueue`].
    pub fn pass(&mut self, password: impl TryInto<Password, Error: Into<Error>>) -> Result<CommandId, Error> {
        self.0.enqueue(Command::Pass(password.try_into().map_err(Into::into)?))
    }

    /// APOP. [`ClientConfig::apop`](crate::pop3::ClientConfig::apop) must allow it.
    ///
    /// # Errors
    /// As [`Client::enqueue`].
    pub fn apop(
        &mut self,
        name: impl TryInto<Parameter, Error: Into<Error>>,
        digest: Digest,
    ) -> Result<CommandId, Error> {
        self.0.enqueue(Command::Apop { name: name.try_into().map_err(Into::into)?, digest })
    }

    /// The timestamp to compute the digest of APOP over: [`Digest::compute`](crate::pop3::Digest).
    pub fn timestamp(&self) -> Option<&Timestamp> {
        self.0.timestamp()
    }

    /// AUTH. An initial response that the line cannot hold, or that a server without the capability SASL may not know (RFC 5034 sections 3
    /// and 4), follows by itself when the server asks for it.
    ///
    /// # Errors
    /// As [`Client::enqueue`].
    pub fn authenticate(
        &mut self,
        mechanism: impl TryInto<Mechanism, Error: Into<Error>>,
        initial_response: Option<Secret<Vec<u8>>>,
    ) -> Result<CommandId, Error> {
        self.0
            .enqueue(Command::Auth { mechanism: mechanism.try_into().map_err(Into::into)?, initial_response })
    }

    /// AUTH alone: the mechanisms of servers that know no CAPA, one [`Event::Line`](super::Event::Line) each.
    ///
    /// # Errors
    /// As [`Client::enqueue`].
    pub fn mechanisms(&mut self) -> Result<CommandId, Error> {
        self.0.enqueue(Command::Mechanisms)
    }

    /// STLS. Success is [`Event::StartTls`](super::Event::StartTls).
    ///
    /// # Errors
    /// As [`Client::enqueue`].
    pub fn stls(&mut self) -> Result<CommandId, Error> {
        self.0.enqueue(Command::Stls)
    }

    /// UTF8: headers in UTF-8 from now on. STLS goes before it, not behind it (RFC 6856 section 2.1).
    ///
    /// # Errors
    /// As [`Client::enqueue`].
    pub fn utf8(&mut self) -> Result<CommandId, Error> {
        self.0.enqueue(Command::Utf8)
    }
}

/// A client in the state TRANSACTION (RFC 1939 section 5).
#[derive(Debug)]
pub struct Transaction<'a>(&'a mut Client);

impl Transaction<'_> {
    in_both_states!();

    /// STAT.
    ///
    /// # Errors
    /// As [`Client::enqueue`].
    pub fn stat(&mut self) -> Result<CommandId, Error> {
        self.0.enqueue(Command::Stat)
    }

    /// LIST: the sizes of all messages.
    ///
    /// # Errors
    /// As [`Client::enqueue`].
    pub fn list(&mut self) -> Result<CommandId, Error> {
        self.0.enqueue(Command::List(None))
    }

    /// LIST: the size of one message.
    ///
    /// # Errors
    /// As [`Client::enqueue`].
    pub fn list_one(&mut self, message: NonZeroU32) -> Result<CommandId, Error> {
        self.0.enqueue(Command::List(Some(message)))
    }

    /// UIDL: the unique-ids of all messages.
    ///
    /// # Errors
    /// As [`Client::enqueue`].
    pub fn uidl(&mut self) -> Result<CommandId, Error> {
        self.0.enqueue(Command::Uidl(None))
    }

    /// UIDL: the unique-id of one message.
    ///
    /// # Errors
    /// As [`Client::enqueue`].
    pub fn uidl_one(&mut self, message: NonZeroU32) -> Result<CommandId, Error> {
        self.0.enqueue(Command::Uidl(Some(message)))
    }

    /// RETR: a message.
    ///
    /// # Errors
    /// As [`Client::enqueue`].
    pub fn retr(&mut self, message: NonZeroU32) -> Result<CommandId, Error> {
        self.0.enqueue(Command::Retr(message))
    }

    /// TOP: the header and some lines of a message.
    ///
    /// # Errors
    /// As [`Client::enqueue`].
    pub fn top(&mut self, message: NonZeroU32, lines: u32) -> Result<CommandId, Error> {
        self.0.enqueue(Command::Top { message, lines })
    }

    /// DELE: marks a message as deleted. It is deleted when QUIT is answered with `+OK`, and not before.
    ///
    /// # Errors
    /// As [`Client::enqueue`].
    pub fn dele(&mut self, message: NonZeroU32) -> Result<CommandId, Error> {
        self.0.enqueue(Command::Dele(message))
    }

    /// RSET: takes all marks off.
    ///
    /// # Errors
    /// As [`Client::enqueue`].
    pub fn rset(&mut self) -> Result<CommandId, Error> {
        self.0.enqueue(Command::Rset)
    }

    /// NOOP.
    ///
    /// # Errors
    /// As [`Client::enqueue`].
    pub fn noop(&mut self) -> Result<CommandId, Error> {
        self.0.enqueue(Command::Noop)
    }
}
