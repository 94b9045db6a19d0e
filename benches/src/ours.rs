//! mailwire's sides: here, and nowhere else, the benches name the crate they measure.
//!
//! A machine gets its input in reads, in the way of a program that reads from a socket into the buffer
//! that it hands to `receive`: the octets stand in that buffer before the clock starts. The side
//! "mailwire, copied in" copies each read into the buffer on the clock, as the peers' machines do.

mod imap;
mod pop3;

use std::rc::Rc;

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
        Conversation::Pop3Server => pop3::receive_commands(octets, read),
    })
}

/// Octets held in all by one server connection after a login, waiting: IMAP, POP3.
pub(crate) fn held_idle() -> Result<Vec<(&'static str, usize)>, String> {
    let mark = Mark::now();
    let server = imap::idle()?;
    let imap = mark.held();
    drop(server);
    let mark = Mark::now();
    let server = pop3::idle()?;
    let pop3 = mark.held();
    drop(server);
    Ok(vec![("IMAP", imap), ("POP3", pop3)])
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
