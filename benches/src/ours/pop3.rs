//! The POP3 sides.

use std::rc::Rc;
use std::sync::Arc;

use bytes::BytesMut;
use mailwire::pop3::client::Event as Heard;
use mailwire::pop3::server::Event as Asked;
use mailwire::pop3::{
    Body, Capabilities, Client, ClientConfig, Command, DropListing, Reply, Server, ServerConfig,
};
use mailwire::wire::{Error, Machine};

use super::{Reads, text};
use crate::harness::Side;
use crate::input::{Input, Seen};

/// A client that waits for the answer to a command.
fn waiting(command: &str) -> Result<Client, String> {
    let mut client = Client::new(ClientConfig::protected());
    for (command, answer) in [("", "+OK\r\n"), ("USER u", "+OK\r\n"), ("PASS p", "+OK\r\n"), (command, "")] {
        if !command.is_empty() {
            client.enqueue(Command::parse(command.as_bytes()).map_err(text)?).map_err(text)?;
            while client.poll_transmit().is_some() {}
        }
        let mut input = BytesMut::from(answer);
        while client.receive(&mut input).map_err(text)?.is_some() {}
    }
    Ok(client)
}

fn take_body(seen: &mut (u64, bool), event: Heard) {
    match event {
        Heard::Body(Body::Chunk(octets)) => seen.0 += octets.len() as u64,
        Heard::Body(Body::End) => seen.1 = true,
        _ => {}
    }
}

/// RETR, in place and copied in.
pub(super) fn retr(input: &Rc<Input>, read: usize) -> Vec<Side> {
    let (first, second) = (input.clone(), input.clone());
    let done = |(octets, ended): (u64, bool)| {
        ended.then_some(Seen { messages: 1, sum: octets }).ok_or_else(|| "the message has no end".to_owned())
    };
    vec![
        Side::ours(
            "mailwire",
            move || (waiting("RETR 1"), Reads::new(&first.octets, read)),
            move |(client, mut reads)| {
                let (mut client, mut seen) = (client?, (0, false));
                while reads.next() {
                    while let Some(event) = client.receive(&mut reads.input).map_err(text)? {
                        take_body(&mut seen, event);
                    }
                }
                done(seen)
            },
        ),
        Side::ours(
            "mailwire, copied in",
            || waiting("RETR 1"),
            move |client| {
                let (mut client, mut seen) = (client?, (0, false));
                let mut buffer = BytesMut::with_capacity(2 * read);
                for octets in second.octets.chunks(read) {
                    buffer.reserve(read);
                    buffer.extend_from_slice(octets);
                    while let Some(event) = client.receive(&mut buffer).map_err(text)? {
                        take_body(&mut seen, event);
                    }
                }
                done(seen)
            },
        ),
    ]
}

/// UIDL.
pub(super) fn uidl(input: &Rc<Input>, read: usize) -> Vec<Side> {
    let input = input.clone();
    vec![Side::ours(
        "mailwire",
        move || (waiting("UIDL"), Reads::new(&input.octets, read)),
        move |(client, mut reads)| {
            let (mut client, mut seen) = (client?, Seen::default());
            while reads.next() {
                while let Some(event) = client.receive(&mut reads.input).map_err(text)? {
                    if let Heard::UniqueIdListing(listing) = event {
                        let length = listing.unique_id.as_bytes().len() as u64;
                        seen.message(u64::from(listing.message.get()) + 100 * length);
                    }
                }
            }
            Ok(seen)
        },
    )]
}

/// Answers a command in the shortest way, and sums it up.
#[inline(always)]
fn answer(server: &mut Server, event: Asked) -> Result<u64, Error> {
    let Asked::Command(running, command) = event else { return Ok(0) };
    Ok(match command {
        Command::User(name) => {
            server.reply(running, Reply::ok(""))?;
            name.as_bytes().len() as u64
        }
        Command::Pass(password) => {
            server.reply(running, Reply::ok(""))?;
            password.expose().len() as u64
        }
        Command::Noop | Command::Rset => {
            server.reply(running, Reply::ok(""))?;
            0
        }
        Command::Dele(message) => {
            server.reply(running, Reply::ok(""))?;
            u64::from(message.get())
        }
        Command::List(Some(message)) | Command::Uidl(Some(message)) | Command::Retr(message) => {
            server.reply(running, Reply::err(""))?;
            u64::from(message.get())
        }
        Command::Top { message, lines } => {
            server.reply(running, Reply::err(""))?;
            u64::from(message.get()) + u64::from(lines)
        }
        Command::Stat => {
            server.stat(running, DropListing { messages: 1, octets: 1 })?;
            0
        }
        Command::Capa => {
            server.capabilities(running, &Capabilities::default())?;
            0
        }
        _ => {
            server.reply(running, Reply::err(""))?;
            0
        }
    })
}

/// The server takes every command and answers it.
pub(super) fn server(input: &Rc<Input>, read: usize) -> Vec<Side> {
    let input = input.clone();
    vec![Side::ours(
        "mailwire",
        move || (Server::new(configuration()), Reads::new(&input.octets, read)),
        move |(mut server, mut reads)| {
            let mut seen = Seen::default();
            while reads.next() {
                while let Some(event) = server.receive(&mut reads.input).map_err(text)? {
                    seen.message(answer(&mut server, event).map_err(text)?);
                }
                while server.poll_transmit().is_some() {}
            }
            Ok(seen)
        },
    )]
}

/// Receives octets in reads, each copied in.
pub(super) fn receive_reply(command: &str, octets: &[u8], read: usize) -> Result<Seen, String> {
    let (mut client, mut seen) = (waiting(command)?, (0, false));
    let mut buffer = BytesMut::with_capacity(2 * read);
    for octets in octets.chunks(read) {
        buffer.reserve(read);
        buffer.extend_from_slice(octets);
        while let Some(event) = client.receive(&mut buffer).map_err(text)? {
            take_body(&mut seen, event);
        }
    }
    Ok(Seen { messages: 1, sum: seen.0 })
}

/// Receives commands in reads, each copied in.
pub(super) fn receive_commands(octets: &[u8], read: usize) -> Result<Seen, String> {
    let mut server = Server::new(configuration());
    let mut seen = Seen::default();
    let mut buffer = BytesMut::with_capacity(2 * read);
    for octets in octets.chunks(read) {
        buffer.reserve(read);
        buffer.extend_from_slice(octets);
        while let Some(event) = server.receive(&mut buffer).map_err(text)? {
            seen.message(answer(&mut server, event).map_err(text)?);
        }
        while server.poll_transmit().is_some() {}
    }
    Ok(seen)
}

/// How a server of ours is configured.
pub(super) fn configuration() -> Arc<ServerConfig> {
    Arc::new(ServerConfig::protected())
}

/// A server that waits behind a login.
pub(super) fn idle(configuration: Arc<ServerConfig>) -> Result<Box<Server>, String> {
    let mut server = Box::new(Server::new(configuration));
    let mut input = BytesMut::from("USER alice\r\nPASS secret\r\n");
    loop {
        while let Some(event) = server.receive(&mut input).map_err(text)? {
            answer(&mut server, event).map_err(text)?;
        }
        if server.poll_transmit().is_none() {
            return Ok(server);
        }
    }
}
