//! mailwire's sides: here, and nowhere else, the benches name the crate they measure.
//!
//! A machine gets its input in reads, in the way of a program that reads from a socket into the buffer
//! that it hands to `receive`: the octets stand in that buffer before the clock starts. The side
//! "mailwire, copied in" copies each read into the buffer on the clock, as the peers' machines do.

mod imap;
mod pop3;

use std::rc::Rc;
use std::sync::Arc;

use bytes::BytesMut;
use mailwire::wire::Error;

use crate::counting::Mark;
use crate::harness::Side;
use crate::input::{Input, Seen};

/// Who receives the octets.
#[derive(Clone, Copy)]
pub(crate) enum Conversation {
    ImapClient,
    ImapServer,
    Pop3Retr,
    Pop3Uidl,
    Pop3List,
    Pop3Server,
}

/// The IMAP client receives responses.
pub(crate) fn imap_client(input: &Rc<Input>, read: usize) -> Vec<Side> {
    imap::client(input, read)
}

/// The IMAP server receives commands, and answers each.
pub(crate) fn imap_server(input: &Rc<Input>, read: usize) -> Vec<Side> {
    imap::server(input, read)
}

/// The POP3 client receives the reply to RETR.
pub(crate) fn pop3_retr(input: &Rc<Input>, read: usize) -> Vec<Side> {
    pop3::retr(input, read)
}

/// The POP3 client receives the reply to UIDL.
pub(crate) fn pop3_uidl(input: &Rc<Input>, read: usize) -> Vec<Side> {
    pop3::uidl(input, read)
}

/// The POP3 server receives commands, and answers each.
pub(crate) fn pop3_server(input: &Rc<Input>, read: usize) -> Vec<Side> {
    pop3::server(input, read)
}

/// Writes the responses of an input.
pub(crate) fn write_responses(input: &Rc<Input>) -> Result<Vec<Side>, String> {
    imap::write_responses(input)
}

/// Writes the commands of an input.
pub(crate) fn write_commands(input: &Rc<Input>) -> Result<Vec<Side>, String> {
    imap::write_commands(input)
}

/// Receives octets in reads, each copied in; nothing where the machine is not there yet.
pub(crate) fn receive(
    conversation: Conversation,
    octets: &[u8],
    read: usize,
) -> Option<Result<Seen, String>> {
    Some(match conversation {
        Conversation::ImapClient => imap::receive_responses(octets, read),
        Conversation::ImapServer => imap::receive_commands(octets, read),
        Conversation::Pop3Retr => pop3::receive_reply("RETR 1", octets, read),
        Conversation::Pop3Uidl => pop3::receive_reply("UIDL", octets, read),
        Conversation::Pop3List => pop3::receive_reply("LIST", octets, read),
        Conversation::Pop3Server => pop3::receive_commands(octets, read),
    })
}

/// Octets held by one server connection after a login, waiting: IMAP, POP3; in all, and by the second of two that share their configuration.
pub(crate) fn held_idle() -> Result<Vec<(&'static str, usize, usize)>, String> {
    let (imap, imap_shared) = held(imap::configuration, imap::idle)?;
    let (pop3, pop3_shared) = held(pop3::configuration, pop3::idle)?;
    Ok(vec![("IMAP", imap, imap_shared), ("POP3", pop3, pop3_shared)])
}

/// The most octets that an IMAP server holds while a client, known or not, sends these and takes no answer.
pub(crate) fn endured(octets: &[u8], known: bool) -> Result<usize, String> {
    imap::endure(octets, known)
}

fn held<C, S>(
    configuration: impl Fn() -> Arc<C>,
    idle: impl Fn(Arc<C>) -> Result<Box<S>, String>,
) -> Result<(usize, usize), String> {
    let mark = Mark::now();
    let configuration = configuration();
    let first = idle(configuration.clone())?;
    let held = mark.held();
    let mark = Mark::now();
    let second = idle(configuration)?;
    let shared = mark.held();
    drop((first, second));
    Ok((held, shared))
}

fn text(error: Error) -> String {
    error.to_string()
}

/// Hands the octets out read by read, behind what the machine left.
struct Reads {
    rest: BytesMut,
    input: BytesMut,
    read: usize,
}

impl Reads {
    fn new(octets: &[u8], read: usize) -> Self {
        Self { rest: BytesMut::from(octets), input: BytesMut::new(), read }
    }

    fn next(&mut self) -> bool {
        let octets = self.rest.len().min(self.read);
        self.input.unsplit(self.rest.split_to(octets));
        octets > 0
    }
}
