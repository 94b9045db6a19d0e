//! A dialogue of both sides: the lines as an RFC has them, and what each of them is as a value.
//!
//! ```text
//! C: a1 GETACL INBOX                      does(Command::GetAcl(..), |imap| imap.authenticated()?.acl(..))
//! S: * ACL INBOX Fred rwipslxetad         tells(Acl { .. })
//! S: a1 OK [ALERT] Getacl complete        code(ResponseCode::Alert)
//! ```
//!
//! The client machine is told to do what the values say, must write the `C:` lines octet by octet, and must tell the values that the `S:` lines
//! are; the server machine the other way about. Both are traces in the language of `trace`, so each runs at every split.
//!
//! Every command has a value, and every response but a status without a code, which is the line itself. A `+` that only asks for a literal has
//! none.

use crate::subject::{ClientAct, ClientSubject, Heard, ServerAct, ServerSubject};
use crate::trace::{Side, Step, check_steps, said};
use bytes::Bytes;
use mailwire::imap::client::{Appending, Client, CommandId};
use mailwire::imap::server::SelectData;
use mailwire::imap::{
    Append, AppendOptions, BodyStart, Command, Condition, Data, Fetch, Flags, ResponseCode, State, Status,
};
use mailwire::wire::{Error, Tls};
use std::collections::VecDeque;
use std::rc::Rc;

/// What a line is, as a value.
#[derive(Clone)]
pub enum Turn {
    /// A command, by its methods; what it is to the server, the messages in it before it.
    Does(ClientAct, Vec<Heard>),
    /// A line of the client in an exchange.
    Answers(ClientAct, Heard),
    Tells(Data),
    Code(ResponseCode),
    Fetch(Fetch, Vec<(BodyStart, Bytes)>),
    Select(SelectData),
    Challenge(Vec<u8>),
    Idling,
}

/// A command, by its method.
pub fn does(
    command: impl Into<Command>,
    act: impl Fn(&mut Client) -> Result<CommandId, Error> + 'static,
) -> Turn {
    let act: ClientAct = Rc::new(move |subject| act(&mut subject.client).map(|id| subject.last = Some(id)));
    Turn::Does(act, vec![Heard::Command(command.into())])
}

/// A command that has a type, by its method.
pub fn gives<T: Clone + Into<Command> + 'static>(
    value: T,
    act: impl Fn(&mut Client, T) -> Result<CommandId, Error> + 'static,
) -> Turn {
    does(value.clone(), move |client| act(client, value.clone()))
}

/// APPEND or REPLACE, by its methods; what the server hears before the command.
pub fn sends(
    append: Append,
    heard: impl IntoIterator<Item = Heard>,
    act: impl Fn(&mut Client) -> Result<Appending, Error> + 'static,
) -> Turn {
    let mut heard: Vec<Heard> = heard.into_iter().collect();
    heard.push(Heard::Command(Command::Append(append)));
    Turn::Does(
        Rc::new(move |subject| {
            let appending = act(&mut subject.client)?;
            subject.client.append_end(appending).map(drop)
        }),
        heard,
    )
}

/// The offer of a message, and its octets.
pub fn message(options: AppendOptions, octets: &str) -> [Heard; 3] {
    [Heard::offer(Some(options), octets), Heard::Chunk(octets.to_owned().into()), Heard::LiteralEnd]
}

/// Data of the server.
pub fn tells(data: impl Into<Data>) -> Turn {
    Turn::Tells(data.into())
}

/// The code of a status.
pub fn code(code: ResponseCode) -> Turn {
    Turn::Code(code)
}

/// Data of a message.
pub fn fetch(fetch: Fetch) -> Turn {
    Turn::Fetch(fetch, Vec::new())
}

/// Data of a message and its bodies behind them.
pub fn bodies<const N: usize>(fetch: Fetch, bodies: [(BodyStart, &'static str); N]) -> Turn {
    let bodies = bodies.map(|(start, octets)| (start, Bytes::from_static(octets.as_bytes())));
    Turn::Fetch(fetch, bodies.into())
}

/// The data of SELECT.
pub fn selects(data: SelectData) -> Turn {
    Turn::Select(data)
}

/// The server's part of AUTHENTICATE.
pub fn challenge(octets: &str) -> Turn {
    Turn::Challenge(octets.as_bytes().to_vec())
}

/// The client's part of AUTHENTICATE.
pub fn responds(octets: &'static str) -> Turn {
    Turn::Answers(
        Rc::new(move |subject| {
            let challenge = subject.challenge.take().expect("a challenge");
            subject.client.respond(challenge, &octets.into())
        }),
        Heard::Response(octets.as_bytes().to_vec()),
    )
}

/// The client gives up AUTHENTICATE.
pub fn cancels() -> Turn {
    Turn::Answers(
        Rc::new(|subject| subject.client.cancel(subject.challenge.take().expect("a challenge"))),
        Heard::Cancelled,
    )
}

/// The client ends IDLE.
pub fn done() -> Turn {
    Turn::Answers(Rc::new(|subject| subject.client.done(subject.last.expect("IDLE"))), Heard::Done)
}

/// Where a dialogue begins.
#[derive(Clone, Copy)]
pub struct Start {
    pub state: State,
    /// What the server offers in its greeting.
    pub capabilities: &'static str,
    pub tls: Tls,
}

/// Before the greeting.
pub fn connected() -> Start {
    Start { state: State::Greeting, capabilities: "", tls: Tls::Established }
}

/// Behind a greeting with these capabilities. The first tag is `a1`.
pub fn greeted(capabilities: &'static str) -> Start {
    Start { state: State::NotAuthenticated, capabilities, ..connected() }
}

/// The user is known. The first tag is `a1`.
pub fn known(capabilities: &'static str) -> Start {
    Start { state: State::Authenticated, capabilities, ..connected() }
}

/// A mailbox is selected. The first tag is `a2`.
pub fn selected(capabilities: &'static str) -> Start {
    Start { state: State::Selected, capabilities, ..connected() }
}

impl Start {
    /// Without TLS, which can be had.
    pub fn in_the_clear(self) -> Self {
        Self { tls: Tls::Optional, ..self }
    }
}

/// One trace of the coverage: which words of the table it is about, and which sides of them it proves.
pub struct Trace {
    pub words: Vec<&'static str>,
    pub client: bool,
    pub server: bool,
    /// The machines only pass on what the words are about.
    pub data: bool,
    /// What is said in it: every word stands there.
    pub text: String,
    run: Box<dyn Fn()>,
}

impl Trace {
    /// Anything that fails.
    pub fn new(words: &[&'static str], text: &str, run: impl Fn() + 'static) -> Self {
        Self {
            words: words.to_vec(),
            client: true,
            server: true,
            data: false,
            text: text.to_owned(),
            run: Box::new(run),
        }
    }

    /// It proves nothing of the server.
    pub fn of_client(self) -> Self {
        Self { server: false, ..self }
    }

    /// It proves nothing of the client.
    pub fn of_server(self) -> Self {
        Self { client: false, ..self }
    }

    /// The machines only pass on what the words are about.
    pub fn only_data(self) -> Self {
        Self { data: true, ..self }
    }

    /// Its first line.
    pub fn name(&self) -> &str {
        self.text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default()
    }

    pub fn run(&self) {
        (self.run)();
    }
}

/// A dialogue of both sides about these words of the table.
pub fn dialogue<const N: usize>(
    words: &[&'static str],
    start: Start,
    text: &'static str,
    turns: [Turn; N],
) -> Trace {
    Trace::new(words, &format!("{text}\nIMAP4rev1 {}", start.capabilities), move || {
        let name = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
        let client = compile(Side::Client, start, text, &turns);
        check_steps(name, &client.steps, || ClientSubject::new(start, &client));
        let server = compile(Side::Server, start, text, &turns);
        check_steps(name, &server.steps, || ServerSubject::new(start, &server));
    })
}

/// A dialogue as one side sees it.
pub struct Script {
    steps: Vec<Step>,
    pub client_acts: Vec<ClientAct>,
    pub server_acts: Vec<ServerAct>,
    /// What the machine must tell, in order; chunks of bodies aside.
    pub heard: VecDeque<Heard>,
}

/// Reads a dialogue line by line.
struct Compiler<'a> {
    side: Side,
    lines: VecDeque<(Side, Vec<u8>)>,
    turns: VecDeque<&'a Turn>,
    script: Script,
    /// Commands that are not complete.
    running: Vec<(String, Command)>,
    /// What the server hears of the command under way, once it can.
    pending: VecDeque<Heard>,
    greeted: bool,
    /// A line that the server's machine says by itself, with the next one.
    held: Vec<u8>,
}

fn compile(side: Side, start: Start, text: &str, turns: &[Turn]) -> Script {
    let script = Script {
        steps: Vec::new(),
        client_acts: Vec::new(),
        server_acts: Vec::new(),
        heard: VecDeque::new(),
    };
    let mut compiler = Compiler {
        side,
        lines: text.lines().map(str::trim_start).filter_map(said).collect(),
        turns: turns.iter().collect(),
        script,
        running: Vec::new(),
        pending: VecDeque::new(),
        greeted: start.state != State::Greeting,
        held: Vec::new(),
    };
    while let Some((by, octets)) = compiler.lines.pop_front() {
        match by {
            Side::Client => compiler.client_line(octets),
            Side::Server => compiler.server_line(octets),
        }
    }
    assert!(compiler.turns.is_empty(), "{} values have no line: {text}", compiler.turns.len());
    compiler.script
}

/// The tag that a line begins with.
fn tag(octets: &[u8]) -> Option<&str> {
    let digits = octets.strip_prefix(b"a")?.iter().take_while(|octet| octet.is_ascii_digit()).count();
    (digits > 0 && octets.get(digits + 1) == Some(&b' '))
        .then(|| std::str::from_utf8(&octets[..=digits]).expect("ASCII"))
}

impl Compiler<'_> {
    fn turn(&mut self, line: &[u8]) -> Turn {
        self.turns.pop_front().unwrap_or_else(|| panic!("no value for {}", line.escape_ascii())).clone()
    }

    fn says(&mut self, by: Side, octets: &[u8]) {
        let held = std::mem::take(&mut self.held);
        let octets = &[&held, octets].concat();
        Step::says(&mut self.script.steps, by == self.side, octets);
    }

    fn hears(&mut self, by: Side, heard: Heard) {
        if by == self.side {
            return;
        }
        self.script.steps.push(Step::Expect(heard.told()));
        if !matches!(heard, Heard::Chunk(_)) {
            self.script.heard.push_back(heard);
        }
    }

    fn client_acts(&mut self, act: ClientAct) {
        if self.side == Side::Client {
            self.script.steps.push(Step::Act(self.script.client_acts.len().to_string()));
            self.script.client_acts.push(act);
        }
    }

    fn server_acts(&mut self, act: ServerAct) {
        if self.side == Side::Server {
            self.script.steps.push(Step::Act(self.script.server_acts.len().to_string()));
            self.script.server_acts.push(act);
        }
    }

    /// Whether the next line asks for a literal.
    fn waits(&self) -> bool {
        let exchange = matches!(self.turns.front(), Some(Turn::Idling | Turn::Challenge(_)));
        matches!(self.lines.front(), Some((Side::Server, line)) if line.starts_with(b"+")) && !exchange
    }

    fn client_line(&mut self, octets: Vec<u8>) {
        if let Some(tag) = tag(&octets) {
            let Turn::Does(act, heard) = self.turn(&octets) else {
                panic!("not the value of a command: {}", octets.escape_ascii());
            };
            let Some(Heard::Command(command)) = heard.last() else { panic!("a command") };
            self.running.push((tag.to_owned(), command.clone()));
            self.pending = heard.into();
            self.client_acts(act);
            self.says(Side::Client, &octets);
        } else if let Some(Turn::Answers(act, heard)) = self.turns.front().copied().cloned() {
            self.turns.pop_front();
            self.client_acts(act);
            self.says(Side::Client, &octets);
            self.hears(Side::Client, heard);
            return;
        } else {
            self.says(Side::Client, &octets);
        }
        // The command goes on in the next line, waits for a literal, or is complete.
        match self.lines.front() {
            Some((Side::Client, line)) if tag(line).is_none() => {}
            _ => {
                let waits = self.waits();
                // What the server refuses at a literal is never a command.
                let literal = octets.ends_with(b"}\r\n") && !octets.ends_with(b"+}\r\n");
                while let Some(heard) = self.pending.pop_front() {
                    if waits && matches!(heard, Heard::Command(_)) {
                        self.pending.push_front(heard);
                        break;
                    }
                    let offer = matches!(heard, Heard::Literal { .. });
                    self.hears(Side::Client, heard);
                    if literal && offer {
                        break;
                    }
                }
            }
        }
    }

    fn server_line(&mut self, mut octets: Vec<u8>) {
        // Lines of a literal.
        while let Some((Side::Server, line)) = self.lines.front() {
            if line.starts_with(b"* ") || line.starts_with(b"+") || tag(line).is_some() {
                break;
            }
            octets.extend_from_slice(line);
            self.lines.pop_front();
        }
        if octets.starts_with(b"+") {
            return self.continuation(&octets);
        }
        let text = String::from_utf8(octets.strip_suffix(b"\r\n").expect("a line end").to_vec());
        let text = text.expect("UTF-8");
        let (first, rest) = text.split_once(' ').expect("a response");
        let condition = match rest.split(' ').next() {
            Some("OK") => Some(Condition::Ok),
            Some("NO") => Some(Condition::No),
            Some("BAD") => Some(Condition::Bad),
            Some("BYE") => Some(Condition::Bye),
            Some("PREAUTH") => Some(Condition::PreAuth),
            _ => None,
        };
        match (first, condition) {
            ("*", Some(_)) if matches!(self.turns.front(), Some(Turn::Select(_))) => self.select(&octets),
            ("*", Some(condition)) => {
                let status = self.status(condition, rest);
                self.untagged_status(&octets, status);
            }
            ("*", None) => match self.turns.front() {
                Some(Turn::Select(_)) => self.select(&octets),
                _ => self.data(&octets),
            },
            (tag, Some(condition)) => {
                let status = self.status(condition, rest);
                self.completion(tag, &octets, status);
            }
            _ => panic!("no response: {text}"),
        }
    }

    fn continuation(&mut self, octets: &[u8]) {
        let text =
            octets.strip_prefix(b"+ ").and_then(|rest| rest.strip_suffix(b"\r\n")).expect("a continuation");
        match self.turns.front() {
            Some(Turn::Idling) => {
                self.turns.pop_front();
                self.server_acts(ServerAct::Idle);
                self.says(Side::Server, octets);
                self.hears(Side::Server, Heard::Continuation(text.into()));
            }
            Some(Turn::Challenge(challenge)) => {
                let challenge = challenge.clone();
                self.turns.pop_front();
                self.server_acts(ServerAct::Challenge(challenge.clone()));
                self.says(Side::Server, octets);
                self.hears(Side::Server, Heard::Challenge(challenge));
            }
            _ => {
                self.server_acts(ServerAct::Accept);
                self.says(Side::Server, octets);
            }
        }
    }

    /// A status from its line; its code is a value.
    fn status(&mut self, condition: Condition, rest: &str) -> Status {
        let text = rest.split_once(' ').expect("a text").1;
        if !text.starts_with('[') {
            return Status::new(condition, text);
        }
        let Turn::Code(code) = self.turn(rest.as_bytes()) else { panic!("not the value of a code: {rest}") };
        let text = text.split_once("] ").expect("the end of the code").1;
        Status::new(condition, text).code(code)
    }

    fn untagged_status(&mut self, octets: &[u8], status: Status) {
        let selects = matches!(self.running.first(), Some((_, Command::Select { .. })));
        if selects && status.code == Some(ResponseCode::Closed) && self.side == Side::Server {
            self.held = octets.to_vec();
            return;
        }
        let logout = self.running.iter().find(|(_, command)| *command == Command::Logout);
        match (status.condition, logout) {
            (Condition::Bye, Some((tag, _))) => {
                self.server_acts(ServerAct::Logout(tag.clone(), status.clone()));
            }
            _ if !self.greeted => self.server_acts(ServerAct::Greet(status.clone())),
            (Condition::Bye, None) => self.server_acts(ServerAct::Bye(status.clone())),
            _ => self.server_acts(ServerAct::Status(status.clone())),
        }
        self.says(Side::Server, octets);
        let heard = match status.condition {
            Condition::Bye => Heard::Bye(status),
            _ if !self.greeted => Heard::Greeting(status),
            _ => Heard::Status(status),
        };
        self.greeted = true;
        self.hears(Side::Server, heard);
    }

    fn data(&mut self, octets: &[u8]) {
        match self.turn(octets) {
            Turn::Tells(data) => {
                let enable = match (&data, self.running.first()) {
                    (Data::Enabled(enabled), Some((tag, Command::Enable(_)))) => {
                        Some((tag.clone(), enabled.clone()))
                    }
                    _ => None,
                };
                self.server_acts(match enable {
                    Some((tag, enabled)) => ServerAct::Enable(tag, enabled),
                    None => ServerAct::Data(data.clone()),
                });
                self.says(Side::Server, octets);
                self.hears(Side::Server, Heard::Data(data));
            }
            Turn::Fetch(fetch, bodies) => {
                self.server_acts(ServerAct::Fetch(fetch.clone(), bodies.clone()));
                self.says(Side::Server, octets);
                let Some((first, _)) = bodies.first().cloned() else {
                    return self.hears(Side::Server, Heard::Fetch(fetch));
                };
                let rest = Fetch { seq: fetch.seq, uid: first.uid, last: true, ..Fetch::default() };
                if !fetch.is_empty() || fetch.uid.is_some() {
                    self.hears(Side::Server, Heard::Fetch(Fetch { last: false, ..fetch }));
                }
                for (start, octets) in bodies {
                    self.hears(Side::Server, Heard::Begin(start));
                    if !octets.is_empty() {
                        self.hears(Side::Server, Heard::Chunk(octets));
                    }
                    self.hears(Side::Server, Heard::End);
                }
                self.hears(Side::Server, Heard::Fetch(rest));
            }
            _ => panic!("not the value of data: {}", octets.escape_ascii()),
        }
    }

    /// The lines of a SELECT, up to its completion.
    fn select(&mut self, octets: &[u8]) {
        let Turn::Select(data) = self.turn(octets) else { panic!("the data of SELECT") };
        let (tag, _) = self.running.first().expect("a SELECT").clone();
        self.server_acts(ServerAct::BeginSelect(tag, data.clone()));
        let mut line = octets.to_vec();
        let parts = select_parts(&data);
        let last = parts.len() - 1;
        for (number, part) in parts.into_iter().enumerate() {
            self.says(Side::Server, &line);
            match part {
                Ok(data) => self.hears(Side::Server, Heard::Data(data)),
                Err(code) => {
                    let text = String::from_utf8(line).expect("ASCII");
                    let text = text.trim_end().split_once("] ").expect("a code").1.to_owned();
                    self.hears(Side::Server, Heard::Status(Status::ok(text).code(code)));
                }
            }
            line = match self.lines.front() {
                _ if number == last => break,
                Some((Side::Server, _)) => self.lines.pop_front().expect("a line").1,
                _ => panic!("the rest of the data of SELECT"),
            };
        }
    }

    fn completion(&mut self, tag: &str, octets: &[u8], status: Status) {
        let place = self.running.iter().position(|(running, _)| running == tag).expect("a command");
        let (tag, command) = self.running.remove(place);
        let told = status.is_ok() && matches!(command, Command::Logout | Command::Enable(_));
        let upgrade = status.is_ok() && command == Command::StartTls;
        if !told {
            self.server_acts(ServerAct::Complete(tag.clone(), command, status.clone()));
        }
        self.pending.clear();
        self.says(Side::Server, octets);
        self.hears(Side::Server, if upgrade { Heard::StartTls } else { Heard::Completed(tag, status) });
        if upgrade {
            self.server_acts(ServerAct::Resume);
            self.client_acts(Rc::new(|subject| {
                subject.client.resume(subject.start_tls.take().expect("an upgrade"))
            }));
        }
    }
}

/// What each line of a SELECT is: data, or a status with a code.
fn select_parts(select: &SelectData) -> Vec<Result<Data, ResponseCode>> {
    let mut parts = vec![Ok(Data::Flags(select.flags.clone())), Ok(Data::Exists(select.exists))];
    parts.push(Ok(select.list.clone().map_or(Data::Recent(select.recent), Data::List)));
    let permanent = if select.read_only { Flags::default() } else { select.permanent_flags.clone() };
    parts.push(Err(ResponseCode::PermanentFlags(permanent)));
    parts.extend(select.unseen.map(|unseen| Err(ResponseCode::Unseen(unseen))));
    parts.push(Err(ResponseCode::UidValidity(select.uid_validity)));
    parts.extend(select.uid_next.map(|next| Err(ResponseCode::UidNext(next))));
    parts.extend(select.highest_mod_seq.map(|highest| Err(ResponseCode::HighestModSeq(highest))));
    parts.extend(select.mailbox_id.clone().map(|id| Err(ResponseCode::MailboxId(id))));
    parts
}

/// What a dialogue says may not stand beside what its values are.
#[cfg(test)]
mod differences {
    use super::{Turn, dialogue, does, known, tells};
    use crate::values::{inbox, rights};
    use mailwire::imap::{Command, MyRights};

    const TEXT: &str = "
        C: a1 MYRIGHTS INBOX
        S: * MYRIGHTS INBOX lr
        S: a1 OK done
        ";

    fn asks() -> Turn {
        does(Command::MyRights(inbox()), |imap| imap.authenticated()?.my_rights(inbox()))
    }

    fn told(letters: &str) -> Turn {
        tells(MyRights { mailbox: inbox(), rights: rights(letters) })
    }

    #[test]
    fn none() {
        dialogue(&[], known(""), TEXT, [asks(), told("lr")]).run();
    }

    #[test]
    #[should_panic(expected = "Rights(l)")]
    fn in_data() {
        dialogue(&[], known(""), TEXT, [asks(), told("l")]).run();
    }

    #[test]
    #[should_panic(expected = "a1 GETACL INBOX")]
    fn in_what_the_client_says() {
        let asks = does(Command::MyRights(inbox()), |imap| imap.authenticated()?.acl(inbox()));
        dialogue(&[], known(""), TEXT, [asks, told("lr")]).run();
    }

    #[test]
    #[should_panic(expected = "Command(GetAcl")]
    fn in_what_the_server_hears() {
        let asks = does(Command::GetAcl(inbox()), |imap| imap.authenticated()?.my_rights(inbox()));
        dialogue(&[], known(""), TEXT, [asks, told("lr")]).run();
    }

    #[test]
    #[should_panic(expected = "no value for")]
    fn fewer_values() {
        dialogue(&[], known(""), TEXT, [asks()]).run();
    }

    #[test]
    #[should_panic(expected = "1 values have no line")]
    fn more_values() {
        dialogue(&[], known(""), TEXT, [asks(), told("lr"), told("lr")]).run();
    }
}
