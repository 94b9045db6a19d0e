//! io-imap: coroutines for a client, over imap-codec. It hands its responses out when the command is done.

use std::rc::Rc;

use io_imap::codec::CommandCodec;
use io_imap::codec::fragmentizer::Fragmentizer;
use io_imap::send::{ImapSend, ImapSendResult};
use io_imap::types::command::{Command, CommandBody};

use super::imap_codec::{data_sum, status_body_sum};
use crate::harness::Side;
use crate::input::{Input, Seen};

/// A client receives the input in reads, and after it the tagged response that ends it.
pub(crate) fn client(input: &Rc<Input>, read: usize) -> Vec<Side> {
    let input = input.clone();
    vec![Side::peer("io-imap", move || {
        let command = Command::new("A1", CommandBody::Noop).map_err(|error| error.to_string())?;
        let mut send = ImapSend::<CommandCodec>::receive(command);
        let mut fragmentizer = Fragmentizer::without_max_message_size();
        let mut reads = input.octets.chunks(read).chain([&b"A1 OK done\r\n"[..]]);
        let mut octets = None;
        loop {
            match send.resume(&mut fragmentizer, octets.take()) {
                ImapSendResult::WantsRead => {
                    octets = Some(reads.next().ok_or("it wants more than there is")?)
                }
                ImapSendResult::WantsWrite(_) => return Err("it wants to write".into()),
                ImapSendResult::Err(error) => return Err(error.to_string()),
                ImapSendResult::Ok(output) => {
                    let mut seen = Seen::default();
                    output.data.iter().for_each(|data| seen.message(data_sum(data)));
                    output.untagged.iter().for_each(|status| seen.message(status_body_sum(status)));
                    return Ok(seen);
                }
            }
        }
    })]
}
