//! imap-next: a client and a server over imap-codec.

use std::rc::Rc;

use imap_codec::imap_types::response::{Greeting, Status};
use imap_next::client::{self, Client};
use imap_next::server::{self, Server};
use imap_next::{Interrupt, Io, State};

use super::imap_codec::{command_sum, data_sum, status_sum};
use crate::harness::Side;
use crate::input::{Input, Seen};

/// A client receives the input in reads.
pub(crate) fn client(input: &Rc<Input>, read: usize) -> Vec<Side> {
    let input = input.clone();
    vec![Side::peer("imap-next", move || receive_responses(&input.octets, read))]
}

/// A server receives the input in reads. It answers nothing, so what it writes is its greeting alone.
pub(crate) fn server(input: &Rc<Input>, read: usize) -> Vec<Side> {
    let input = input.clone();
    vec![Side::peer("imap-next", move || receive_commands(&input.octets, read))]
}

pub(crate) fn receive_responses(octets: &[u8], read: usize) -> Result<Seen, String> {
    let mut options = client::Options::default();
    options.discard_greeting = true;
    let mut client = Client::new(options);
    let mut seen = Seen::default();
    for octets in octets.chunks(read) {
        client.enqueue_input(octets);
        loop {
            match client.next() {
                Ok(client::Event::DataReceived { data }) => seen.message(data_sum(&data)),
                Ok(client::Event::StatusReceived { status }) => seen.message(status_sum(&status)),
                Ok(event) => return Err(format!("unexpected {event:?}")),
                Err(Interrupt::Io(Io::NeedMoreInput)) => break,
                Err(Interrupt::Io(Io::Output(_))) => {}
                Err(Interrupt::Error(error)) => return Err(error.to_string()),
            }
        }
    }
    Ok(seen)
}

/// A server that said its greeting.
pub(crate) fn idle_server() -> Result<Server, String> {
    let greeting = Greeting::ok(None, "ready").map_err(|error| error.to_string())?;
    let mut server = Server::new(server::Options::default(), greeting);
    loop {
        match server.next() {
            Ok(_) | Err(Interrupt::Io(Io::Output(_))) => {}
            Err(Interrupt::Io(Io::NeedMoreInput)) => return Ok(server),
            Err(Interrupt::Error(error)) => return Err(error.to_string()),
        }
    }
}

pub(crate) fn receive_commands(octets: &[u8], read: usize) -> Result<Seen, String> {
    let mut server = idle_server()?;
    let mut seen = Seen::default();
    for octets in octets.chunks(read) {
        server.enqueue_input(octets);
        loop {
            match server.next() {
                Ok(server::Event::CommandReceived { command }) => seen.message(command_sum(&command)),
                Ok(event) => return Err(format!("unexpected {event:?}")),
                Err(Interrupt::Io(Io::NeedMoreInput)) => break,
                Err(Interrupt::Io(Io::Output(_))) => {}
                Err(Interrupt::Error(error)) => return Err(error.to_string()),
            }
        }
    }
    Ok(seen)
}

/// Octets of heap that a server holds after a login, waiting.
pub(crate) fn held_idle() -> Result<usize, String> {
    let mark = crate::counting::Mark::now();
    let mut server = Box::new(idle_server()?);
    server.enqueue_input(b"a LOGIN alice secret\r\n");
    let done = || Status::ok(None, None, "done").map_err(|error| error.to_string());
    loop {
        match server.next() {
            Ok(server::Event::CommandReceived { .. }) => {
                server.enqueue_status(done()?);
            }
            Ok(_) | Err(Interrupt::Io(Io::Output(_))) => {}
            Err(Interrupt::Io(Io::NeedMoreInput)) => break,
            Err(Interrupt::Error(error)) => return Err(error.to_string()),
        }
    }
    let held = mark.held();
    drop(server);
    Ok(held)
}
