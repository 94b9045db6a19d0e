//! How commands are completed, and how a connection ends from this side.

use crate::imap::code::ResponseCode;
use crate::imap::command_decoder::CommandDecoder;
use crate::imap::condition::{Condition, Status};
use crate::imap::core::Tag;
use crate::imap::enabled::Enabled;
use crate::imap::server::append::AppendForms;
use crate::imap::server::machine::encode_completion;
use crate::imap::server::{InProgress, Server, StartTls};
use crate::imap::state::{Effect, State};
use crate::wire::outbox::Gate;
use crate::wire::{Error, ErrorKind, Tls};

impl Server {
    /// A command is completed: with NO or BAD, or with OK. A success that both sides must know of has a method of its own: [`authenticate`](Server::authenticate), [`unauthenticate`](Server::unauthenticate), [`select`](Server::select),
    /// [`starttls`](Server::starttls), [`logout`](Server::logout).
    ///
    /// Three completions change the [`state`](Server::state) here. OK to CLOSE and UNSELECT leaves the mailbox. NO or BAD to SELECT and EXAMINE
    /// leaves no mailbox selected, whichever was (RFC 3501 section 6.3.1): the client is told `* OK [CLOSED]` first if one was.
    ///
    /// ```
    /// use bytes::BytesMut;
    /// use core::num::NonZeroU32;
    /// use mailwire::imap::server::{Config, Event, SelectData, Server};
    /// use mailwire::imap::{ResponseCode, State, Status};
    /// use mailwire::wire::{Machine, Tls};
    ///
    /// let mut server = Server::new(Config { tls: Tls::Established, ..Config::default() });
    /// server.greet(&Status::pre_auth("hi"))?;
    /// let mut input = BytesMut::from("1 SELECT INBOX\r\n2 SELECT nowhere\r\n");
    /// let Some(Event::Command(running, _)) = server.receive(&mut input)? else { panic!() };
    /// server.select(running, &SelectData::new(0, NonZeroU32::MIN, NonZeroU32::MIN))?;
    /// assert_eq!(server.state(), State::Selected);
    /// while server.poll_transmit().is_some() {}
    ///
    /// let Some(Event::Command(running, _)) = server.receive(&mut input)? else { panic!() };
    /// server.complete(running, &Status::no("no such mailbox").code(ResponseCode::Nonexistent))?;
    /// assert_eq!(server.state(), State::Authenticated);
    /// assert_eq!(
    ///     server.poll_transmit().unwrap(),
    ///     "* OK [CLOSED] Previous mailbox closed\r\n2 NO [NONEXISTENT] no such mailbox\r\n"
    /// );
    /// # Ok::<(), mailwire::wire::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidState`] for OK to a command that has a method of its own or came as [`Event::Malformed`](super::Event::Malformed), and
    /// for BYE and PREAUTH: the command is then completed with BAD. [`ErrorKind::InvalidValue`] for a text that cannot be written: the command is
    /// then completed with NO. [`ErrorKind::Closed`] if the connection is over.
    pub fn complete(&mut self, in_progress: InProgress, status: &Status) -> Result<(), Error> {
        self.check_owner(in_progress.owner)?;
        let expected = match (status.condition, in_progress.effect) {
            (Condition::Bye | Condition::PreAuth, _) => Some("OK, NO or BAD"),
            (Condition::Ok, _) if in_progress.refused => Some("NO or BAD, as `reject` gives it"),
            (Condition::Ok, Effect::Authenticate) => Some("`authenticate`"),
            (Condition::Ok, Effect::Unauthenticate) => Some("`unauthenticate`"),
            (Condition::Ok, Effect::Select) => Some("`select`"),
            (Condition::Ok, Effect::StartTls) => Some("`starttls`"),
            (Condition::Ok, Effect::Logout) => Some("`logout`"),
            _ => None,
        };
        match expected {
            Some(expected) => Err(self.misuse(&in_progress, "Not completed", expected)),
            None => self.answer_counted(&in_progress, status),
        }
    }

    /// The caller's answer does not fit the command: the client gets BAD, since it would wait for ever.
    #[cold]
    pub(super) fn misuse(
        &mut self,
        in_progress: &InProgress,
        told: &'static str,
        expected: &'static str,
    ) -> Error {
        match self.answer_counted(in_progress, &Status::bad(told)) {
            Ok(()) => Error::caller(ErrorKind::InvalidState, expected),
            Err(error) => error,
        }
    }

    fn answer_counted(&mut self, in_progress: &InProgress, status: &Status) -> Result<(), Error> {
        if status.condition == Condition::Bad && !self.count_bad() {
            return Ok(());
        }
        self.answer(in_progress, status)
    }

    pub(super) fn answer(&mut self, in_progress: &InProgress, status: &Status) -> Result<(), Error> {
        if in_progress.effect == Effect::Select && !status.is_ok() && !in_progress.selecting {
            self.tell_closed()?;
        }
        let written = self.write_completion(in_progress.tag.as_ref(), status);
        if written.as_ref().is_err_and(|error| error.kind() == ErrorKind::InvalidValue) {
            let no = Status::no("Not completed");
            self.write_completion(in_progress.tag.as_ref(), &no)?;
            self.completed(in_progress, &no);
        } else {
            self.completed(in_progress, status);
        }
        written
    }

    /// The mailbox that was selected is closed by the SELECT that is being answered. Every client is told: whoever offers CONDSTORE owes it to
    /// those that enabled nothing too (RFC 7162 section 3.2.11), and to others it is text.
    pub(super) fn tell_closed(&mut self) -> Result<(), Error> {
        if self.state == State::Selected {
            self.status(&Status::ok("Previous mailbox closed").code(ResponseCode::Closed))?;
        }
        Ok(())
    }

    fn write_completion(&mut self, tag: Option<&Tag>, status: &Status) -> Result<(), Error> {
        self.write(|encoder| encode_completion(encoder, tag, status))?;
        self.told_by(status);
        Ok(())
    }

    fn completed(&mut self, in_progress: &InProgress, status: &Status) {
        self.running = self.running.saturating_sub(1);
        if in_progress.effect == Effect::Select {
            self.selecting = false;
        }
        if in_progress.barrier {
            self.barrier = false;
        }
        // Only `authenticate` and its kin say that a command changed the state for the better.
        let closed = match in_progress.effect {
            Effect::Select => !status.is_ok(),
            Effect::Close => status.is_ok(),
            _ => false,
        };
        if closed && self.state == State::Selected {
            self.enter(State::Authenticated);
        }
    }

    /// Counts a command that was not understood. `false`: it is one too many, and BYE is its answer.
    fn count_bad(&mut self) -> bool {
        let allowed = self.state == State::Logout || self.bad < self.limits().bad_commands;
        if allowed {
            self.bad = self.bad.saturating_add(1);
        } else {
            self.fail(Error::fatal(ErrorKind::TooManyErrors, 0, "commands of the grammar"));
        }
        allowed
    }

    /// A command that could not be read or is not allowed is answered: NO with the code that fits, or BAD. The text never repeats what the client sent.
    ///
    /// # Errors
    /// [`ErrorKind::Closed`] if the connection is over.
    pub fn reject(&mut self, in_progress: InProgress, error: &Error) -> Result<(), Error> {
        self.check_owner(in_progress.owner)?;
        let status = match error.kind() {
            ErrorKind::PrivacyRequired => {
                Status::no("TLS is required first").code(ResponseCode::PrivacyRequired)
            }
            ErrorKind::LiteralTooLarge => Status::no("Literal too large").code(ResponseCode::TooBig),
            ErrorKind::InvalidState => Status::bad("Command not allowed in this state"),
            ErrorKind::Unsupported => Status::bad("Not offered"),
            ErrorKind::UidRequired => Status::bad("UIDONLY is enabled").code(ResponseCode::UidRequired),
            ErrorKind::LineTooLong => Status::bad("Line too long"),
            ErrorKind::TooManyRounds => Status::no("Too many rounds of authentication"),
            ErrorKind::TooDeep => Status::bad("Too many nested lists"),
            ErrorKind::TooMany | ErrorKind::MessageTooLarge => {
                Status::no("Too many items").code(ResponseCode::Limit)
            }
            _ => Status::bad("Syntax error"),
        };
        if self.count_bad() { self.answer(&in_progress, &status) } else { Ok(()) }
    }

    /// LOGIN or AUTHENTICATE has succeeded: the user is known.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidState`] for another command; it is then completed with BAD.
    pub fn authenticate(&mut self, in_progress: InProgress, status: &Status) -> Result<(), Error> {
        self.check_owner(in_progress.owner)?;
        if in_progress.effect != Effect::Authenticate || in_progress.refused || !status.is_ok() {
            return Err(self.misuse(&in_progress, "Not an authentication", "LOGIN or AUTHENTICATE, and OK"));
        }
        self.answer(&in_progress, status)?;
        self.enter(State::Authenticated);
        Ok(())
    }

    /// UNAUTHENTICATE is complete: nobody is known any more, and what was enabled is not (RFC 8437).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidState`] for another command; it is then completed with BAD.
    pub fn unauthenticate(&mut self, in_progress: InProgress, status: &Status) -> Result<(), Error> {
        self.check_owner(in_progress.owner)?;
        if in_progress.effect != Effect::Unauthenticate || !status.is_ok() {
            return Err(self.misuse(&in_progress, "Not UNAUTHENTICATE", "UNAUTHENTICATE, and OK"));
        }
        self.answer(&in_progress, status)?;
        self.enter(State::NotAuthenticated);
        self.enabled = Enabled::default();
        self.decoder.set_utf8(false);
        Ok(())
    }

    /// STARTTLS is agreed to. Once everything is sent, the transport becomes TLS and the token goes to [`resume`](Server::resume).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidState`] for another command; it is then completed with BAD.
    pub fn starttls(&mut self, in_progress: InProgress, status: &Status) -> Result<StartTls, Error> {
        self.check_owner(in_progress.owner)?;
        if in_progress.effect != Effect::StartTls || !status.is_ok() {
            return Err(self.misuse(&in_progress, "Not STARTTLS", "STARTTLS, and OK"));
        }
        self.answer(&in_progress, status)?;
        self.outbox.gate(Gate::Upgrade);
        self.upgrading = true;
        Ok(StartTls { owner: self.identity })
    }

    /// The transport is TLS now. Everything that was learned before is forgotten. The token of another connection changes nothing.
    pub fn resume(&mut self, token: StartTls) {
        if token.owner != self.identity {
            return;
        }
        self.outbox.open(Gate::Upgrade);
        self.upgrading = false;
        self.tls = Tls::Established;
        self.decoder = CommandDecoder::new(self.config.before_login);
        self.bad = 0;
        self.enabled = Enabled::default();
        self.forms = AppendForms::default();
    }

    /// LOGOUT: BYE and the completion; nothing is read any more.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidState`] for another command or a status that is not BYE; it is then completed with BAD. [`ErrorKind::InvalidValue`] for a
    /// text that cannot be written; nothing is completed then, and the connection should end by [`bye`](Server::bye).
    pub fn logout(&mut self, in_progress: InProgress, bye: &Status) -> Result<(), Error> {
        self.check_owner(in_progress.owner)?;
        if in_progress.effect != Effect::Logout || bye.condition != Condition::Bye {
            return Err(self.misuse(&in_progress, "Not LOGOUT", "LOGOUT, and BYE"));
        }
        self.write_status(bye)?;
        self.answer(&in_progress, &Status::ok("LOGOUT completed"))?;
        self.enter(State::Logout);
        Ok(())
    }

    /// The connection ends from this side: BYE, and nothing is read or written any more. Commands that run stay without their completion.
    ///
    /// Within a FETCH that [`begin_fetch`](Server::begin_fetch) began no word can stand: the client would take it for octets of the message. The
    /// connection then ends without one, behind what was written of the FETCH; that is the way out when a message cannot be had whole.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidState`] for another status, [`ErrorKind::InvalidValue`] for a text that cannot be written: the connection is as before
    /// then. [`ErrorKind::Closed`] if it is over already, or about to turn to TLS.
    pub fn bye(&mut self, bye: &Status) -> Result<(), Error> {
        if bye.condition != Condition::Bye {
            return Err(Error::caller(ErrorKind::InvalidState, "BYE"));
        }
        if self.state == State::Logout {
            return Err(Error::caller(ErrorKind::Closed, "a connection that is not over"));
        }
        self.write_status(bye)?;
        // Inside a FETCH it was put behind it, where nothing will ever come from.
        self.behind.clear();
        self.enter(State::Logout);
        Ok(())
    }
}
