//! An IMAP session over a store.
//!
//! - [`selected`]: the selected mailbox as the client knows it, and the news of it
//! - [`mailboxes`]: names: LIST, LSUB, STATUS, CREATE, …
//! - [`append`]: messages in
//! - [`condstore`]: mod-sequences, and what a client missed
//! - [`fetch`]: messages out
//! - [`search`]: messages found
//! - [`values`]: between the store's values and the wire's

mod append;
mod condstore;
mod fetch;
mod mailboxes;
mod search;
mod selected;
#[cfg(test)]
mod tests;
mod values;

use std::{sync::Arc, time::Duration};

use mailwire::{
    imap::{
        Capabilities, Capability, Command, Data, Id, Mailbox as Name, ResponseCode, Status,
        Store as StoreCommand, StoreAction, StoreChange, StoreModifier,
        server::{Config, Event, InProgress, Server, StartTls},
    },
    wire::{Limits, Secret, Tls},
};

use self::{
    append::Appending,
    condstore::{Enabled, mod_sequence},
    fetch::Fetching,
    selected::Selected,
    values::{flags_in, name_of, refusal, set_of, some_are_gone},
};
use super::{
    session::{Attempts, Broken, Next, Outcome, Session, Settings, Wake, login_plain},
    store::{FlagMode, Store, StoreError},
};

/// One client's session.
pub struct Imap {
    settings: Arc<Settings>,
    wake: Wake,
    attempts: Attempts,
    upgrade: Option<StartTls>,
    store: Option<Arc<dyn Store>>,
    selected: Option<Selected>,
    enabled: Enabled,
    appending: Option<Appending>,
    fetching: Option<(Box<Fetching>, InProgress)>,
    idling: bool,
}

/// Whether the answer to a command may say that messages are gone: their numbers change with that (RFC 3501, section 7.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expunges {
    Told,
    Withheld,
}

impl Imap {
    /// The session and its machine, which has greeted. Only one that [`Next::Upgrade`] can be followed with may be given `tls` that
    /// permits it. `wake` calls for [`Session::news`].
    ///
    /// # Errors
    /// The greeting cannot be written.
    pub fn new(settings: Arc<Settings>, tls: Tls, wake: Wake) -> Result<(Self, Server), Broken> {
        let before_login = Limits::imap_server_before_login();
        let mut limits = Limits::imap_server();
        // What is too large is refused here, with a code.
        limits.stream = u64::MAX;
        let mut machine = Server::new(Config { before_login, limits, tls });
        let session = Self {
            settings,
            wake,
            attempts: Attempts::default(),
            upgrade: None,
            store: None,
            selected: None,
            enabled: Enabled::default(),
            appending: None,
            fetching: None,
            idling: false,
        };
        let greeting = Status::ok("IMAP server ready");
        // What may be offered depends on the state that the greeting leads to.
        machine.greet(&greeting.code(ResponseCode::Capability(session.capabilities(&machine))))?;
        Ok((session, machine))
    }

    fn capabilities(&self, machine: &Server) -> Capabilities {
        let plain = Capability::new("AUTH=PLAIN").ok();
        let all = [
            Capability::Imap4rev1,
            Capability::LiteralPlus,
            Capability::SaslInitialResponse,
            Capability::StartTls,
            Capability::LoginDisabled,
            Capability::Enable,
            Capability::CondStore,
            Capability::QResync,
            Capability::ESearch,
            Capability::ListExtended,
            Capability::ListStatus,
            Capability::StatusSize,
            Capability::Id,
            Capability::Idle,
            Capability::Namespace,
            Capability::UidPlus,
            Capability::Move,
            Capability::Unselect,
            Capability::Children,
            Capability::SpecialUse,
            Capability::MultiAppend,
            Capability::Within,
            Capability::AppendLimit(Some(self.settings.max_message)),
        ];
        all.into_iter().chain(plain).filter(|capability| machine.may_offer(capability)).collect()
    }

    /// Completes a command, with the news before it.
    fn complete(
        &mut self,
        machine: &mut Server,
        running: InProgress,
        status: &Status,
        expunges: Expunges,
    ) -> Outcome {
        if let Some(selected) = &mut self.selected {
            selected.tell(machine, expunges == Expunges::Told)?;
        }
        machine.complete(running, status)?;
        self.leave_if_gone(machine)?;
        Ok(Next::Read)
    }

    /// Somebody deleted the mailbox: there is no way to tell but to end.
    fn leave_if_gone(&mut self, machine: &mut Server) -> Result<(), Broken> {
        if self.selected.as_ref().is_some_and(|selected| selected.mailbox.is_gone()) {
            self.selected = None;
            machine.bye(&Status::bye("The selected mailbox was deleted"))?;
        }
        Ok(())
    }

    /// The selected mailbox takes part in what the client has enabled.
    fn tell_enabled(&mut self, machine: &mut Server) -> Result<(), Broken> {
        if let Some(selected) = &mut self.selected {
            selected.enable(machine, self.enabled)?;
        }
        Ok(())
    }

    /// Answers a login that found this store, or nobody.
    fn enter(
        &mut self,
        machine: &mut Server,
        running: InProgress,
        found: Result<Option<Arc<dyn Store>>, StoreError>,
    ) -> Outcome {
        match found {
            Ok(Some(store)) => {
                self.store = Some(store);
                machine.authenticate(running, &Status::ok("Logged in"))?;
            }
            Ok(None) => {
                let refusal = Status::no("Wrong name or password").code(ResponseCode::AuthenticationFailed);
                machine.complete(running, &refusal)?;
                if self.attempts.failed() {
                    machine.bye(&Status::bye("Too many failed logins"))?;
                }
            }
            Err(error) => {
                let refusal = Status::no(error.to_string()).code(ResponseCode::Unavailable);
                machine.complete(running, &refusal)?;
            }
        }
        Ok(Next::Read)
    }

    fn command(&mut self, machine: &mut Server, running: InProgress, command: Command) -> Outcome {
        self.enabled.notice(&command);
        // A SELECT leaves the mailbox that is selected now.
        if !matches!(command, Command::Select { .. }) {
            self.tell_enabled(machine)?;
        }
        let status = match command {
            Command::Capability => {
                machine.data(&Data::Capability(self.capabilities(machine)))?;
                Status::ok("CAPABILITY completed")
            }
            Command::Noop | Command::Check => {
                self.refresh();
                Status::ok("Completed")
            }
            Command::Logout => {
                self.selected = None;
                machine.logout(running, &Status::bye("Until next time"))?;
                return Ok(Next::Read);
            }
            Command::StartTls => {
                self.upgrade = Some(machine.starttls(running, &Status::ok("TLS begins"))?);
                return Ok(Next::Upgrade);
            }
            Command::Login { user, password } => {
                let found = self.settings.accounts.login(user.as_bytes(), password.expose());
                return self.enter(machine, running, found);
            }
            Command::Authenticate { mechanism, initial_response } => {
                if !mechanism.as_str().eq_ignore_ascii_case("PLAIN") {
                    machine.complete(running, &Status::no("Only PLAIN is known here"))?;
                    return Ok(Next::Read);
                }
                return match initial_response {
                    Some(response) => self.plain(machine, running, &response),
                    None => {
                        machine.challenge(running, b"")?;
                        Ok(Next::Read)
                    }
                };
            }
            Command::Enable(asked) => {
                let enabled = self.enabled.enable(&asked);
                self.tell_enabled(machine)?;
                machine.enable(running, &enabled)?;
                return Ok(Next::Read);
            }
            Command::Idle => {
                self.refresh();
                machine.idle(running)?;
                self.idling = true;
                self.news(machine)?;
                return Ok(Next::Read);
            }
            Command::Id(_) => {
                let name = |name: &str, value: &str| (name.into(), Some(value.into()));
                let fields = vec![name("name", "mailwire"), name("version", env!("CARGO_PKG_VERSION"))];
                machine.data(&Data::Id(Id { fields }))?;
                Status::ok("ID completed")
            }
            command => return self.mail(machine, running, command),
        };
        self.complete(machine, running, &status, Expunges::Told)
    }

    fn plain(&mut self, machine: &mut Server, running: InProgress, response: &Secret<Vec<u8>>) -> Outcome {
        let found = login_plain(&*self.settings.accounts, response.expose());
        self.enter(machine, running, found)
    }

    /// Takes in what other programs did. A store that fails tells it when it is asked for something.
    fn refresh(&self) {
        if let Some(selected) = &self.selected {
            let _ = selected.mailbox.refresh();
        }
    }

    /// The commands for who is logged in.
    fn mail(&mut self, machine: &mut Server, running: InProgress, command: Command) -> Outcome {
        let Some(store) = self.store.clone() else {
            machine.complete(running, &Status::bad("Log in first"))?;
            return Ok(Next::Read);
        };
        let store = &*store;
        let max_message = self.settings.max_message;
        let named = |name: &Name, done: &'static str, act: &dyn Fn(&str) -> Result<(), StoreError>| {
            let done = |()| Status::ok(done);
            name_of(name)
                .and_then(|name| act(&name).map_err(|error| refusal(&error)))
                .map_or_else(|status| status, done)
        };
        let status = match command {
            Command::Select { mailbox, read_only, parameters } => {
                self.selected = None;
                let opened = self.enabled.resync(&parameters).and_then(|resync| {
                    let opened = store.open(&name_of(&mailbox)?);
                    let opened = opened.and_then(|mailbox| Selected::open(mailbox, read_only, &self.wake));
                    Ok((opened.map_err(|error| refusal(&error))?, resync))
                });
                match opened {
                    Ok(((mut selected, data), resync)) => {
                        selected.enabled = self.enabled;
                        let selecting = machine.begin_select(running, &data)?;
                        if let Some(known) = resync {
                            condstore::tell_missed(&selected, machine, known)?;
                        }
                        machine.end_select(selecting)?;
                        self.selected = Some(selected);
                    }
                    Err(status) => machine.complete(running, &status)?,
                }
                return Ok(Next::Read);
            }
            Command::Create { mailbox, parameters } if parameters.is_empty() => {
                named(&mailbox, "CREATE completed", &|name| store.create(name))
            }
            Command::Create { .. } => Status::bad("No parameter is known here"),
            Command::Delete(mailbox) => {
                let status = named(&mailbox, "DELETE completed", &|name| store.delete(name));
                // Who deletes the selected mailbox knows that it is gone.
                self.selected = self.selected.take().filter(|selected| !selected.mailbox.is_gone());
                status
            }
            Command::Rename { from, to, .. } => match name_of(&to) {
                Ok(to) => named(&from, "RENAME completed", &|from| store.rename(from, &to)),
                Err(status) => status,
            },
            Command::Subscribe(mailbox) => {
                named(&mailbox, "SUBSCRIBE completed", &|name| store.subscribe(name, true))
            }
            Command::Unsubscribe(mailbox) => {
                named(&mailbox, "UNSUBSCRIBE completed", &|name| store.subscribe(name, false))
            }
            Command::List(list) => match mailboxes::list(machine, store, &list, max_message)? {
                Ok(()) => Status::ok("LIST completed"),
                Err(status) => status,
            },
            Command::Lsub { reference, pattern } => {
                match mailboxes::lsub(machine, store, &reference, &pattern)? {
                    Ok(()) => Status::ok("LSUB completed"),
                    Err(status) => status,
                }
            }
            Command::Status { mailbox, attributes } => {
                match mailboxes::status(store, &mailbox, &attributes, max_message) {
                    Ok(data) => {
                        machine.data(&Data::Status(Box::new(data)))?;
                        Status::ok("STATUS completed")
                    }
                    Err(status) => status,
                }
            }
            Command::Namespace => {
                machine.data(&Data::Namespace(Box::new(mailboxes::namespaces())))?;
                Status::ok("NAMESPACE completed")
            }
            Command::Append(_) => match self.appending.take() {
                Some(appending) => appending.finish(),
                None => Status::no("No message was taken"),
            },
            command => return self.message(machine, running, store, command),
        };
        self.complete(machine, running, &status, Expunges::Told)
    }

    /// The commands in a selected mailbox.
    fn message(
        &mut self,
        machine: &mut Server,
        running: InProgress,
        store: &dyn Store,
        command: Command,
    ) -> Outcome {
        let Some(selected) = &mut self.selected else {
            machine.complete(running, &Status::bad("Unknown command, or no mailbox is selected"))?;
            return Ok(Next::Read);
        };
        let mut expunges = Expunges::Told;
        let status = match command {
            Command::Close | Command::Unselect => {
                let removes = matches!(command, Command::Close) && !selected.read_only;
                let done = if removes {
                    let uids = selected.deleted(None);
                    selected.mailbox.expunge(&uids).map(drop)
                } else {
                    Ok(())
                };
                let status = match done {
                    Ok(()) => Status::ok("The mailbox is closed"),
                    Err(error) => refusal(&error),
                };
                if status.is_ok() {
                    self.selected = None;
                }
                machine.complete(running, &status)?;
                return Ok(Next::Read);
            }
            Command::Expunge(_) | Command::Move { .. } | Command::Store(_) if selected.read_only => {
                Status::no("The mailbox was opened for reading only").code(ResponseCode::ReadOnly)
            }
            Command::Expunge(set) => {
                let among = set.map(|set| selected.resolve(&set, true)).transpose();
                match among.map(|among| selected.deleted(among.as_deref())) {
                    Ok(uids) => match selected.mailbox.expunge(&uids) {
                        Ok(_) => removed(selected, Status::ok("EXPUNGE completed")),
                        Err(error) => refusal(&error),
                    },
                    Err(status) => status,
                }
            }
            Command::Store(store) => {
                if !store.uid {
                    expunges = Expunges::Withheld;
                }
                store_flags(selected, machine, &store)?
            }
            Command::Copy { set, uid, mailbox } => {
                let copied = selected
                    .resolve(&set, uid)
                    .and_then(|messages| selected.copy(store, &messages, uid, &name_of(&mailbox)?));
                match copied {
                    Ok(copied) => copied.with_code(Status::ok("COPY completed")),
                    Err(status) => status,
                }
            }
            Command::Move { set, uid, mailbox } => {
                let copied = selected
                    .resolve(&set, uid)
                    .and_then(|messages| selected.copy(store, &messages, uid, &name_of(&mailbox)?));
                match copied {
                    Ok(copied) => {
                        // The codes come before what is gone is told (RFC 6851, section 4.3).
                        machine.status(&copied.with_code(Status::ok("Copied")))?;
                        match selected.mailbox.expunge(&copied.sources()) {
                            Ok(_) => removed(selected, Status::ok("MOVE completed")),
                            Err(error) => refusal(&error),
                        }
                    }
                    Err(status) => status,
                }
            }
            Command::Search(command) => {
                if !command.uid {
                    expunges = Expunges::Withheld;
                }
                match search::answer(selected, &command, running.tag())? {
                    Ok(data) => {
                        machine.data(&data)?;
                        Status::ok("SEARCH completed")
                    }
                    Err(status) => status,
                }
            }
            Command::Fetch { set, uid, attributes, modifiers } => {
                let fetching = Fetching::new(selected, &set, uid, &attributes, &modifiers);
                match fetching {
                    Ok(fetching) => {
                        self.fetching = Some((Box::new(fetching), running));
                        return self.proceed(machine);
                    }
                    Err(status) => status,
                }
            }
            _ => Status::bad("Unknown command"),
        };
        self.complete(machine, running, &status, expunges)
    }
}

/// The completion of what removed messages: a client with QRESYNC learns the mod-sequence of that (RFC 7162, section 3.2.7; RFC 6851,
/// section 4.4).
fn removed(selected: &Selected, status: Status) -> Status {
    match mod_sequence(selected.mailbox.summary().mod_seq) {
        Some(highest) if selected.enabled.vanished => status.code(ResponseCode::HighestModSeq(highest)),
        _ => status,
    }
}

/// STORE.
fn store_flags(
    selected: &mut Selected,
    machine: &mut Server,
    store: &StoreCommand,
) -> Result<Status, Broken> {
    let messages = match selected.resolve(&store.set, store.uid) {
        Ok(messages) => messages,
        Err(status) => return Ok(status),
    };
    let mut since = None;
    for modifier in &store.modifiers {
        match modifier {
            StoreModifier::UnchangedSince(mod_seq) => since = Some(mod_seq.value()),
            _ => return Ok(Status::bad("This modifier is not known here")),
        }
    }
    let StoreChange::Flags { action, silent, flags } = &store.change else {
        return Ok(Status::bad("Only flags are known here"));
    };
    let flags = flags_in(flags);
    let mode = match action {
        StoreAction::Replace => FlagMode::Replace,
        StoreAction::Add => FlagMode::Add,
        StoreAction::Remove => FlagMode::Remove,
    };
    // What others changed before is told before.
    selected.tell(machine, false)?;
    let uids: Vec<_> = messages.iter().map(|message| message.uid).collect();
    let set = match selected.mailbox.set_flags(&uids, mode, &flags, since) {
        Ok(set) => set,
        Err(error) => return Ok(refusal(&error)),
    };
    selected.has_told(&set);
    selected.tell_keywords(machine, &set.messages)?;
    for message in &set.messages {
        if !silent {
            selected.tell_flags(machine, message, store.uid)?;
        } else if selected.enabled.mod_seqs {
            selected.tell_mod_seq(machine, message, store.uid)?;
        }
    }
    for uid in &set.modified {
        // So the client need not ask what changed before (RFC 7162, section 3.1.3).
        if let Some(message) = selected.mailbox.message(*uid) {
            selected.tell_flags(machine, &message, store.uid)?;
        }
    }
    if !set.modified.is_empty() {
        let numbers = messages.iter().filter(|message| set.modified.binary_search(&message.uid).is_ok());
        let numbers = numbers.map(|message| if store.uid { message.uid } else { message.number });
        let code = ResponseCode::Modified(set_of(numbers));
        return Ok(Status::ok("Some of the messages changed before").code(code));
    }
    if !store.uid && set.messages.len() < messages.len() {
        return Ok(some_are_gone());
    }
    Ok(Status::ok("STORE completed"))
}

impl Session for Imap {
    type Machine = Server;

    fn handle(&mut self, machine: &mut Server, event: Event) -> Outcome {
        match event {
            Event::Command(running, command) => return self.command(machine, running, command),
            Event::Response(running, response) => return self.plain(machine, running, &response),
            Event::Cancelled(running) => machine.complete(running, &Status::bad("Given up"))?,
            Event::Done(running) => {
                self.idling = false;
                return self.complete(machine, running, &Status::ok("IDLE completed"), Expunges::Told);
            }
            Event::Malformed(running, error) => {
                self.idling = false;
                self.appending = None;
                machine.reject(running, &error)?;
            }
            Event::Literal(offer) => {
                let store = self.store.as_deref();
                append::offered(&mut self.appending, machine, store, offer, self.settings.max_message)?;
            }
            Event::LiteralChunk(octets) => {
                if let Some(appending) = &mut self.appending {
                    appending.write(&octets);
                }
            }
            Event::LiteralEnd => {
                if let Some(appending) = &mut self.appending {
                    appending.end_message();
                }
            }
            // CATENATE is not offered, so that the machine refuses it.
            _ => {}
        }
        Ok(Next::Read)
    }

    fn proceed(&mut self, machine: &mut Server) -> Outcome {
        let (Some(selected), Some((mut fetching, running))) = (&mut self.selected, self.fetching.take())
        else {
            return Ok(Next::Read);
        };
        if fetching.proceed(selected, machine)? {
            self.fetching = Some((fetching, running));
            return Ok(Next::More);
        }
        let expunges = if fetching.is_uid() { Expunges::Told } else { Expunges::Withheld };
        self.complete(machine, running, &fetching.status(), expunges)
    }

    fn is_quick(&self, event: Option<&Event>) -> bool {
        match event {
            Some(event) => matches!(event, Event::LiteralChunk(_)),
            None => self.fetching.as_ref().is_some_and(|(fetching, _)| fetching.is_amid_body()),
        }
    }

    fn resume(&mut self, machine: &mut Server) {
        if let Some(token) = self.upgrade.take() {
            machine.resume(token);
        }
    }

    fn news(&mut self, machine: &mut Server) -> Result<(), Broken> {
        if !self.idling {
            return Ok(());
        }
        self.refresh();
        if let Some(selected) = &mut self.selected {
            selected.tell(machine, true)?;
        }
        self.leave_if_gone(machine)
    }

    fn is_idling(&self) -> bool {
        self.idling
    }

    fn expire(&mut self, machine: &mut Server) {
        // Who said nothing for so long may not hear this either.
        let _ = machine.bye(&Status::bye("Nothing was heard for too long"));
    }

    /// Thirty minutes at least (RFC 3501, section 5.4) for who is logged in.
    fn patience(&self) -> Duration {
        Duration::from_secs(if self.store.is_some() { 30 * 60 } else { 60 })
    }
}
