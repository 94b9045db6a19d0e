//! A POP3 session over a store: the messages of INBOX as they are at login, removed by QUIT alone.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use mailwire::{
    pop3::{
        Capabilities, Capability, CapabilityText, Command, DropListing, Expire, Language, LanguageListing,
        Mechanism, Reply, ResponseCode, ScanListing, Server, ServerConfig, StartTls, State, Status, Top,
        UniqueId, UniqueIdListing,
        server::{Event, InProgress, Listing, Message as Sending},
    },
    wire::Tls,
};

use super::{
    session::{Attempts, Broken, Next, Outcome, Session, Settings, login_plain, read_chunk},
    store::{Content, Maildrop, Message, Store, StoreError},
};

/// One client's session.
pub struct Pop3 {
    settings: Arc<Settings>,
    tls: Tls,
    attempts: Attempts,
    upgrade: Option<StartTls>,
    maildrop: Option<Drop>,
    answer: Option<Answer>,
}

/// The maildrop as it was at login.
struct Drop {
    lock: Maildrop,
    uid_validity: NonZeroU32,
    messages: Vec<Message>,
    deleted: Vec<bool>,
}

/// An answer that is told piece by piece; listings by the place of the next message.
enum Answer {
    Sizes(Listing<ScanListing>, usize),
    UniqueIds(Listing<UniqueIdListing>, usize),
    Message(Box<Outgoing>),
}

struct Outgoing {
    sending: Sending,
    content: Box<dyn Content>,
    offset: u64,
    top: Option<Top>,
}

impl Drop {
    /// The message of that number if it is not marked.
    fn find(&self, number: NonZeroU32) -> Result<(usize, &Message), Reply> {
        let at = usize::try_from(number.get() - 1).unwrap_or(usize::MAX);
        match (self.messages.get(at), self.deleted.get(at)) {
            (Some(message), Some(false)) => Ok((at, message)),
            (Some(_), _) => Err(Reply::err("message is marked as deleted")),
            _ => Err(Reply::err("no such message")),
        }
    }

    /// The first message from `at` on that is not marked, and its number.
    fn next(&self, at: usize) -> Option<(usize, NonZeroU32, &Message)> {
        let left = self.deleted.iter().enumerate().skip(at).find(|(_, deleted)| !**deleted);
        let at = left?.0;
        Some((at, NonZeroU32::new(u32::try_from(at + 1).ok()?)?, self.messages.get(at)?))
    }

    fn drop_listing(&self) -> DropListing {
        let left = self.messages.iter().zip(&self.deleted).filter(|(_, deleted)| !**deleted);
        left.fold(DropListing { messages: 0, octets: 0 }, |sum, (message, _)| DropListing {
            messages: sum.messages + 1,
            octets: sum.octets.saturating_add(message.size),
        })
    }

    /// A UID names its message only together with the UIDVALIDITY of its mailbox.
    fn unique_id(&self, message: &Message) -> Result<UniqueId, Broken> {
        let text = format!("{}.{}", self.uid_validity, message.uid);
        UniqueId::new(text).map_err(|error| Broken::Protocol(error.into()))
    }
}

fn failure(error: &StoreError) -> Reply {
    match Reply::new(Status::Err, error.to_string()) {
        Ok(reply) => reply.with_code(ResponseCode::SysTemp),
        Err(_) => Reply::err("the mail store failed").with_code(ResponseCode::SysTemp),
    }
}

impl Pop3 {
    /// The session and its machine. Only one that [`Next::Upgrade`] can be followed with may be given `tls` that permits it.
    pub fn new(settings: Arc<Settings>, tls: Tls) -> (Self, Server) {
        let config = ServerConfig { tls, utf8_user: true, ..ServerConfig::new() };
        let session = Self {
            settings,
            tls,
            attempts: Attempts::default(),
            upgrade: None,
            maildrop: None,
            answer: None,
        };
        (session, Server::new(config))
    }

    fn capabilities(&self, machine: &Server) -> Capabilities {
        let plain = Mechanism::new("PLAIN").into_iter().collect();
        let name = CapabilityText::new(concat!("mailwire-", env!("CARGO_PKG_VERSION")));
        let mut all = vec![
            Capability::Top,
            Capability::Uidl,
            Capability::RespCodes,
            Capability::AuthRespCode,
            Capability::Pipelining,
            Capability::Expire { expire: Expire::Never, per_user: false },
            Capability::Utf8 { user: true },
            Capability::Lang,
        ];
        if self.tls.permits_credentials() || machine.is_protected() {
            all.extend([Capability::User, Capability::Sasl(plain)]);
        }
        if self.tls.permits_upgrade() && !machine.is_protected() {
            all.push(Capability::Stls);
        }
        all.extend(name.into_iter().map(Capability::Implementation));
        Capabilities(all)
    }

    /// Answers a login that found this store, or nobody.
    fn enter(
        &mut self,
        machine: &mut Server,
        running: InProgress,
        found: Result<Option<Arc<dyn Store>>, StoreError>,
    ) -> Outcome {
        let opened = match found {
            Ok(Some(store)) => store.open("INBOX").and_then(|inbox| {
                let lock = inbox.lock_maildrop();
                if lock.is_some() {
                    inbox.refresh()?;
                }
                Ok(lock)
            }),
            Ok(None) => {
                let refusal = Reply::err("wrong name or password").with_code(ResponseCode::Auth);
                machine.reply(running, refusal)?;
                if self.attempts.failed() {
                    machine.close(Reply::err("too many failed logins"));
                }
                return Ok(Next::Read);
            }
            Err(error) => Err(error),
        };
        let reply = match opened {
            Ok(Some(lock)) => {
                let snapshot = lock.snapshot();
                let deleted = vec![false; snapshot.messages.len()];
                let uid_validity = snapshot.uid_validity;
                let messages = snapshot.messages;
                self.maildrop = Some(Drop { lock, uid_validity, messages, deleted });
                Reply::ok("logged in")
            }
            Ok(None) => Reply::err("another session has the maildrop").with_code(ResponseCode::InUse),
            Err(error) => failure(&error),
        };
        machine.reply(running, reply)?;
        Ok(Next::Read)
    }

    fn command(&mut self, machine: &mut Server, running: InProgress, command: Command) -> Outcome {
        match command {
            Command::Capa => {
                let capabilities = self.capabilities(machine);
                machine.capabilities(running, &capabilities)?;
            }
            Command::User(_) => machine.reply(running, Reply::ok("and the password?"))?,
            Command::Pass(password) => {
                let user = machine.user().map(|name| name.as_bytes().to_vec()).unwrap_or_default();
                let found = self.settings.accounts.login(&user, password.expose());
                return self.enter(machine, running, found);
            }
            Command::Auth { mechanism, initial_response } if mechanism.as_bytes() == b"PLAIN" => {
                match initial_response {
                    Some(response) => {
                        let found = login_plain(&*self.settings.accounts, response.expose());
                        return self.enter(machine, running, found);
                    }
                    None => machine.challenge(running, b"")?,
                }
            }
            Command::Auth { .. } => machine.reply(running, Reply::err("only PLAIN is known here"))?,
            Command::Mechanisms => {
                let mut listing = machine.begin_listing(running, Reply::ok("mechanisms"))?;
                if (self.tls.permits_credentials() || machine.is_protected())
                    && let Ok(mechanism) = Mechanism::new("PLAIN")
                {
                    machine.entry(&mut listing, &mechanism)?;
                }
                machine.end_listing(listing)?;
            }
            Command::Stls => {
                self.upgrade = Some(machine.start_tls(running, Reply::ok("TLS begins"))?);
                return Ok(Next::Upgrade);
            }
            // Messages go out as they are stored in either mode.
            Command::Utf8 => machine.reply(running, Reply::ok("UTF-8 it is"))?,
            Command::Lang(None) => {
                let mut listing = machine.begin_listing(running, Reply::ok("languages"))?;
                let english = Language::new("en").and_then(|en| LanguageListing::new(en, "English"));
                if let Ok(language) = english {
                    machine.entry(&mut listing, &language)?;
                }
                machine.end_listing(listing)?;
            }
            Command::Lang(Some(language)) => {
                let known: [&[u8]; 3] = [b"*", b"en", b"i-default"];
                let reply = if known.iter().any(|name| language.as_bytes().eq_ignore_ascii_case(name)) {
                    Reply::ok("en English it is")
                } else {
                    Reply::err("only English is spoken here")
                };
                machine.reply(running, reply)?;
            }
            Command::Quit if machine.state() != State::Update => {
                machine.reply(running, Reply::ok("bye"))?;
            }
            Command::Noop => machine.reply(running, Reply::ok(""))?,
            Command::Other(_) => machine.reply(running, Reply::err("no such command"))?,
            command => return self.transaction(machine, running, command),
        }
        Ok(Next::Read)
    }

    fn transaction(&mut self, machine: &mut Server, running: InProgress, command: Command) -> Outcome {
        let Some(maildrop) = &mut self.maildrop else {
            machine.reply(running, Reply::err("log in first"))?;
            return Ok(Next::Read);
        };
        let refused = match command {
            Command::Stat => {
                machine.stat(running, maildrop.drop_listing())?;
                return Ok(Next::Read);
            }
            Command::List(None) => {
                let listing = machine.begin_listing(running, Reply::ok(""))?;
                self.answer = Some(Answer::Sizes(listing, 0));
                return self.proceed(machine);
            }
            Command::Uidl(None) => {
                let listing = machine.begin_listing(running, Reply::ok(""))?;
                self.answer = Some(Answer::UniqueIds(listing, 0));
                return self.proceed(machine);
            }
            Command::List(Some(number)) => match maildrop.find(number) {
                Ok((_, message)) => {
                    let octets = message.size;
                    machine.scan_listing(running, ScanListing { message: number, octets })?;
                    return Ok(Next::Read);
                }
                Err(reply) => reply,
            },
            Command::Uidl(Some(number)) => match maildrop.find(number) {
                Ok((_, message)) => {
                    let unique_id = maildrop.unique_id(message)?;
                    machine.unique_id(running, &UniqueIdListing { message: number, unique_id })?;
                    return Ok(Next::Read);
                }
                Err(reply) => reply,
            },
            Command::Retr(number) => return self.send(machine, running, number, None),
            Command::Top { message, lines } => {
                return self.send(machine, running, message, Some(Top::new(lines)));
            }
            Command::Dele(number) => match maildrop.find(number) {
                Ok((at, _)) => {
                    maildrop.deleted[at] = true;
                    Reply::ok("marked as deleted")
                }
                Err(reply) => reply,
            },
            Command::Rset => {
                maildrop.deleted.fill(false);
                Reply::ok("nothing is marked")
            }
            Command::Quit => {
                let marked = maildrop.messages.iter().zip(&maildrop.deleted);
                let uids: Vec<_> = marked.filter(|(_, deleted)| **deleted).map(|(m, _)| m.uid).collect();
                let done = maildrop.lock.expunge(&uids);
                self.maildrop = None;
                match done {
                    Ok(_) => Reply::ok("bye"),
                    Err(error) => failure(&error),
                }
            }
            _ => Reply::err("not known here"),
        };
        machine.reply(running, refused)?;
        Ok(Next::Read)
    }

    /// Begins RETR, or TOP.
    fn send(
        &mut self,
        machine: &mut Server,
        running: InProgress,
        number: NonZeroU32,
        top: Option<Top>,
    ) -> Outcome {
        let found = match &self.maildrop {
            Some(maildrop) => maildrop
                .find(number)
                .and_then(|(_, message)| maildrop.lock.content(message.uid).map_err(|error| failure(&error))),
            None => Err(Reply::err("log in first")),
        };
        match found {
            Ok(content) => {
                let size = top.is_none().then(|| content.size());
                let sending = machine.begin_message(running, size)?;
                self.answer = Some(Answer::Message(Box::new(Outgoing { sending, content, offset: 0, top })));
                self.proceed(machine)
            }
            Err(reply) => {
                machine.reply(running, reply)?;
                Ok(Next::Read)
            }
        }
    }
}

impl Session for Pop3 {
    type Machine = Server;

    fn handle(&mut self, machine: &mut Server, event: Event) -> Outcome {
        match event {
            Event::Command(running, command) => return self.command(machine, running, command),
            Event::AuthResponse(running, response) => {
                let found = login_plain(&*self.settings.accounts, response.expose());
                return self.enter(machine, running, found);
            }
            Event::AuthCancelled(running) => machine.reply(running, Reply::err("given up"))?,
            Event::Malformed(running, error) => machine.reject(running, &error)?,
            _ => {}
        }
        Ok(Next::Read)
    }

    fn proceed(&mut self, machine: &mut Server) -> Outcome {
        let (Some(maildrop), Some(mut answer)) = (&self.maildrop, self.answer.take()) else {
            return Ok(Next::Read);
        };
        while machine.has_room() {
            match answer {
                Answer::Sizes(mut listing, at) => match maildrop.next(at) {
                    Some((at, message, Message { size, .. })) => {
                        machine.entry(&mut listing, &ScanListing { message, octets: *size })?;
                        answer = Answer::Sizes(listing, at + 1);
                    }
                    None => {
                        machine.end_listing(listing)?;
                        return Ok(Next::Read);
                    }
                },
                Answer::UniqueIds(mut listing, at) => match maildrop.next(at) {
                    Some((at, message, found)) => {
                        let unique_id = maildrop.unique_id(found)?;
                        machine.entry(&mut listing, &UniqueIdListing { message, unique_id })?;
                        answer = Answer::UniqueIds(listing, at + 1);
                    }
                    None => {
                        machine.end_listing(listing)?;
                        return Ok(Next::Read);
                    }
                },
                Answer::Message(mut outgoing) => {
                    let Outgoing { sending, content, offset, top } = &mut *outgoing;
                    let size = content.size();
                    let mut chunk = read_chunk(&mut **content, *offset, size)?;
                    *offset += chunk.len() as u64;
                    let mut is_last = *offset == size;
                    if let Some(top) = top {
                        chunk.truncate(top.take(&chunk));
                        is_last |= top.is_done();
                    }
                    machine.message_chunk(sending, chunk)?;
                    if is_last {
                        machine.message_end(outgoing.sending)?;
                        return Ok(Next::Read);
                    }
                    answer = Answer::Message(outgoing);
                }
            }
        }
        self.answer = Some(answer);
        Ok(Next::More)
    }

    fn is_quick(&self, event: Option<&Event>) -> bool {
        event.is_none()
    }

    fn resume(&mut self, machine: &mut Server) {
        if let Some(token) = self.upgrade.take() {
            self.tls = Tls::Established;
            machine.resume(token);
        }
    }

    fn news(&mut self, _: &mut Server) -> Result<(), Broken> {
        Ok(())
    }

    fn is_idling(&self) -> bool {
        false
    }

    fn expire(&mut self, machine: &mut Server) {
        machine.close(Reply::err("nothing was heard for too long"));
    }

    /// Ten minutes at least (RFC 1939, section 3) for who is logged in.
    fn patience(&self) -> Duration {
        Duration::from_secs(if self.maildrop.is_some() { 10 * 60 } else { 60 })
    }
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;
    use mailwire::wire::Machine;

    use super::*;
    use crate::embedded::{
        memory::Memory,
        store::{Accounts, Result},
    };

    struct One(Arc<Memory>);

    impl Accounts for One {
        fn login(&self, user: &[u8], password: &[u8]) -> Result<Option<Arc<dyn Store>>> {
            let right = user == b"alice" && password == b"secret";
            Ok(right.then(|| self.0.clone() as Arc<dyn Store>))
        }
    }

    /// What the server says to all of this, its greeting aside.
    fn talk(store: &Arc<Memory>, text: &str) -> String {
        let settings = Settings { accounts: Arc::new(One(Arc::clone(store))), max_message: 1000 };
        let (mut session, mut machine) = Pop3::new(Arc::new(settings), Tls::Unavailable);
        let mut input = BytesMut::from(text);
        let mut answer = Vec::new();
        let mut sent = |machine: &mut Server| {
            while let Some(octets) = machine.poll_transmit() {
                answer.extend_from_slice(&octets);
            }
        };
        while let Some(event) = machine.receive(&mut input).unwrap() {
            let mut next = session.handle(&mut machine, event).unwrap();
            sent(&mut machine);
            while next == Next::More {
                next = session.proceed(&mut machine).unwrap();
                sent(&mut machine);
            }
        }
        let answer = String::from_utf8(answer).unwrap();
        answer.strip_prefix("+OK POP3 server ready\r\n").unwrap_or(&answer).to_owned()
    }

    const LOGIN: &str = "USER alice\r\nPASS secret\r\n";

    #[test]
    fn removal_is_by_quit_alone() {
        let store = Arc::new(Memory::new());
        for message in ["1\r\n", "22\r\n", "333\r\n"] {
            store.seed("INBOX", message.as_bytes()).unwrap();
        }
        let inbox = store.open("INBOX").unwrap();
        let answer =
            talk(&store, &format!("{LOGIN}DELE 2\r\nDELE 2\r\nSTAT\r\nLIST\r\nLIST 2\r\nRETR 2\r\n"));
        let logged_in = "+OK and the password?\r\n+OK logged in\r\n";
        assert_eq!(
            answer.strip_prefix(logged_in).unwrap(),
            "+OK marked as deleted\r\n-ERR message is marked as deleted\r\n+OK 2 8\r\n+OK\r\n1 3\r\n3 5\r\n.\r\n\
             -ERR message is marked as deleted\r\n-ERR message is marked as deleted\r\n"
        );
        assert_eq!(inbox.summary().messages, 3);
        talk(&store, &format!("{LOGIN}DELE 1\r\nRSET\r\nDELE 3\r\nQUIT\r\n"));
        assert_eq!(inbox.snapshot().messages.iter().map(|m| m.uid.get()).collect::<Vec<_>>(), [1, 2]);
        let validity = inbox.summary().uid_validity;
        let answer = talk(&store, &format!("{LOGIN}UIDL\r\nUIDL 3\r\n"));
        assert!(
            answer.ends_with(&format!(
                "+OK\r\n1 {validity}.1\r\n2 {validity}.2\r\n.\r\n-ERR no such message\r\n"
            ))
        );
    }

    #[test]
    fn one_session_has_the_maildrop() {
        let store = Arc::new(Memory::new());
        let lock = store.open("INBOX").unwrap().lock_maildrop();
        assert!(talk(&store, LOGIN).ends_with("-ERR [IN-USE] another session has the maildrop\r\n"));
        drop(lock);
        assert!(talk(&store, LOGIN).ends_with("+OK logged in\r\n"));
    }

    #[test]
    fn logins() {
        let store = Arc::new(Memory::new());
        let answer = talk(&store, &"AUTH PLAIN AGEAYg==\r\n".repeat(4));
        assert_eq!(
            answer,
            "-ERR [AUTH] wrong name or password\r\n".repeat(3) + "-ERR too many failed logins\r\n"
        );
        assert_eq!(talk(&store, "AUTH PLAIN\r\nAGFsaWNlAHNlY3JldA==\r\n"), "+ \r\n+OK logged in\r\n");
        assert_eq!(talk(&store, "AUTH PLAIN\r\n*\r\nSTAT\r\n").lines().count(), 3);
        assert_eq!(talk(&store, "LANG\r\nLANG *\r\nLANG tlh\r\nUTF8\r\n").lines().count(), 6);
    }

    #[test]
    fn messages_and_their_tops() {
        let store = Arc::new(Memory::new());
        let long = format!("A: b\r\n\r\n{}", ".line\r\n".repeat(50_000));
        store.seed("INBOX", long.as_bytes()).unwrap();
        store.seed("INBOX", b"").unwrap();
        let answer = talk(&store, &format!("{LOGIN}RETR 1\r\nQUIT\r\n"));
        let stuffed = long.replace("\r\n.", "\r\n..");
        assert!(answer.ends_with(&format!("+OK {} octets\r\n{stuffed}.\r\n+OK bye\r\n", long.len())));
        let answer = talk(&store, &format!("{LOGIN}TOP 1 2\r\nTOP 1 0\r\nTOP 2 5\r\n"));
        assert!(
            answer.ends_with(
                "+OK\r\nA: b\r\n\r\n..line\r\n..line\r\n.\r\n+OK\r\nA: b\r\n\r\n.\r\n+OK\r\n.\r\n"
            ),
            "{answer}"
        );
    }
}
