//! mailwire's sides: here, and nowhere else, the benches name the crate they measure.
//!
//! A machine gets its input in reads, in the way of a program that reads from a socket into the buffer
//! that it hands to `receive`: the octets stand in that buffer before the clock starts. The side
//! "mailwire, copied in" copies each read into the buffer on the clock, as the peers' machines do.

mod pop3;

use std::rc::Rc;

use crate::growth::Conversation;
use crate::harness::Side;
use crate::input::{Input, Seen};

/// The IMAP client receives responses.
pub(crate) fn imap_client(_input: &Rc<Input>, _read: usize) -> Vec<Side> {
    Vec::new()
}

/// The IMAP server receives commands, and answers each.
pub(crate) fn imap_server(_input: &Rc<Input>, _read: usize) -> Vec<Side> {
    Vec::new()
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
pub(crate) fn write_responses(_input: &Rc<Input>) -> Result<Vec<Side>, String> {
    Ok(Vec::new())
}

/// Writes the commands of an input.
pub(crate) fn write_commands(_input: &Rc<Input>) -> Result<Vec<Side>, String> {
    Ok(Vec::new())
}

/// Receives octets in reads, each copied in; nothing where the machine is not there yet.
pub(crate) fn receive(
    _conversation: Conversation,
    _octets: &[u8],
    _read: usize,
) -> Option<Result<Seen, String>> {
    None
}

/// Octets held in all by one server connection after a login, waiting: IMAP, POP3.
pub(crate) fn held_idle() -> Vec<(&'static str, usize)> {
    Vec::new()
}
