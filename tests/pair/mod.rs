//! A client's and a server's machine, joined in memory: deterministic, with a segmentation and faults.

#![allow(dead_code, unreachable_pub, reason = "each test uses its part")]

use bytes::BytesMut;
use mailwire::wire::{Error, Machine};

/// What happens to the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    None,
    /// The server's octets end behind that many, and the connection with them.
    TruncateServer(usize),
    /// The client's octets end behind that many, and the connection with them.
    TruncateClient(usize),
}

/// Why a pair stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Both sides are closed.
    Done,
    /// Nobody has anything to say any more.
    Quiet,
    /// A side met a fatal error.
    Client(Error),
    Server(Error),
}

/// One way of the connection.
struct Way {
    pipe: BytesMut,
    input: BytesMut,
    passed: usize,
    limit: usize,
    segment: usize,
}

impl Way {
    fn new(segment: usize, limit: usize) -> Self {
        Self { pipe: BytesMut::new(), input: BytesMut::new(), passed: 0, limit, segment }
    }

    /// Moves one segment; whether any octet moved.
    fn pump(&mut self) -> bool {
        let octets = self.pipe.len().min(self.segment).min(self.limit.saturating_sub(self.passed));
        self.input.extend_from_slice(&self.pipe.split_to(octets));
        self.passed += octets;
        octets > 0
    }

    fn is_cut(&self) -> bool {
        self.passed >= self.limit
    }
}

/// Two machines and the wire between them.
pub struct Pair<C, S> {
    pub client: C,
    pub server: S,
    to_client: Way,
    to_server: Way,
}

impl<C: Machine, S: Machine> Pair<C, S> {
    /// Octets go over in segments of that size.
    pub fn new(client: C, server: S, segment: usize, fault: Fault) -> Self {
        let limit = |cut: Option<usize>| cut.unwrap_or(usize::MAX);
        let (server_cut, client_cut) = match fault {
            Fault::None => (None, None),
            Fault::TruncateServer(octets) => (Some(octets), None),
            Fault::TruncateClient(octets) => (None, Some(octets)),
        };
        Self {
            client,
            server,
            to_client: Way::new(segment, limit(server_cut)),
            to_server: Way::new(segment, limit(client_cut)),
        }
    }

    /// How many octets went to the client and to the server.
    pub fn passed(&self) -> (usize, usize) {
        (self.to_client.passed, self.to_server.passed)
    }

    /// Runs until the end. Each application gets the events of its machine, and `step` is called when nothing else moves.
    pub fn run(
        &mut self,
        mut on_client: impl FnMut(&mut C, C::Event),
        mut on_server: impl FnMut(&mut S, S::Event),
        mut step: impl FnMut(&mut C, &mut S) -> bool,
    ) -> Stop {
        loop {
            let mut moved = false;
            while let Some(octets) = self.client.poll_transmit() {
                self.to_server.pipe.extend_from_slice(&octets);
                moved = true;
            }
            while let Some(octets) = self.server.poll_transmit() {
                self.to_client.pipe.extend_from_slice(&octets);
                moved = true;
            }
            moved |= self.to_server.pump() | self.to_client.pump();
            loop {
                match self.client.receive(&mut self.to_client.input) {
                    Ok(Some(event)) => on_client(&mut self.client, event),
                    Ok(None) => break,
                    Err(error) => return Stop::Client(error),
                }
                moved = true;
            }
            loop {
                match self.server.receive(&mut self.to_server.input) {
                    Ok(Some(event)) => on_server(&mut self.server, event),
                    Ok(None) => break,
                    Err(error) => return Stop::Server(error),
                }
                moved = true;
            }
            if moved || step(&mut self.client, &mut self.server) {
                continue;
            }
            if self.client.is_closed() && self.server.is_closed() {
                return Stop::Done;
            }
            if self.to_client.is_cut() || self.to_server.is_cut() {
                if let Err(error) = self.server.receive_eof(&mut self.to_server.input) {
                    let _ = self.client.receive_eof(&mut self.to_client.input);
                    return Stop::Server(error);
                }
                if let Err(error) = self.client.receive_eof(&mut self.to_client.input) {
                    return Stop::Client(error);
                }
            }
            return Stop::Quiet;
        }
    }
}
