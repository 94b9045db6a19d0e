//! Outgoing octets and the gates between them.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use bytes::{Bytes, BytesMut};
use core::fmt;

/// Where output stops until something happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gate {
    /// The peer must ask for the rest with a continuation request.
    Continuation,
    /// The transport must change first: TLS or compression.
    Upgrade,
}

enum Segment {
    Octets(Bytes),
    Gate(Gate),
}

/// What stood behind a gate that was opened, and how many octets that is.
#[derive(Default)]
struct LetGo {
    ready: VecDeque<Bytes>,
    octets: usize,
}

/// Octets wait here in order; what stands behind a closed gate waits until it is opened.
///
/// Small writes go together into one buffer, payload passes through as it is.
#[derive(Default)]
pub(crate) struct Outbox {
    /// It goes next, whatever gates stand behind it. Rarely there, and boxed: a server holds many connections that idle.
    let_go: Option<Box<LetGo>>,
    segments: VecDeque<Segment>,
    tail: BytesMut,
    /// Octets in `segments` and `let_go`.
    queued: usize,
}

impl Outbox {
    /// Writes to the end. What a failing write has written is taken back: it leaves no octet.
    pub(crate) fn write<T, E>(&mut self, write: impl FnOnce(&mut BytesMut) -> Result<T, E>) -> Result<T, E> {
        let mark = self.tail.len();
        write(&mut self.tail).inspect_err(|_| self.tail.truncate(mark))
    }

    /// The buffer at the end, for writes that cannot fail.
    pub(crate) fn tail(&mut self) -> &mut BytesMut {
        &mut self.tail
    }

    /// Payload at the end, without a copy.
    pub(crate) fn push(&mut self, octets: Bytes) {
        if !octets.is_empty() {
            self.close_tail();
            self.queued = self.queued.saturating_add(octets.len());
            self.segments.push_back(Segment::Octets(octets));
        }
    }

    /// A gate at the end: what is written from now on waits behind it.
    pub(crate) fn gate(&mut self, gate: Gate) {
        self.close_tail();
        self.segments.push_back(Segment::Gate(gate));
    }

    fn close_tail(&mut self) {
        if !self.tail.is_empty() {
            let octets = self.tail.split().freeze();
            self.queued = self.queued.saturating_add(octets.len());
            self.segments.push_back(Segment::Octets(octets));
        }
    }

    /// The gate that stands first, with nothing before it that no gate has let go.
    pub(crate) fn waits_at(&self) -> Option<Gate> {
        match self.segments.front() {
            Some(Segment::Gate(gate)) => Some(*gate),
            _ => None,
        }
    }

    /// Opens the gate that stands first. `false`: another one stands there, or none.
    pub(crate) fn open(&mut self, gate: Gate) -> bool {
        let first = self.waits_at() == Some(gate);
        if first {
            self.segments.pop_front();
            self.close_tail();
            while matches!(self.segments.front(), Some(Segment::Octets(_)))
                && let Some(Segment::Octets(octets)) = self.segments.pop_front()
            {
                let let_go = self.let_go.get_or_insert_default();
                let_go.octets = let_go.octets.saturating_add(octets.len());
                let_go.ready.push_back(octets);
            }
        }
        first
    }

    /// How many octets that an opened gate has let go are not sent yet.
    pub(crate) fn let_go(&self) -> usize {
        self.let_go.as_ref().map_or(0, |let_go| let_go.octets)
    }

    /// Drops what waits behind the first gate up to and without the next gate or the end, and the gate itself.
    ///
    /// For a literal that was refused: the rest of its command is never sent. The caller says how many gates and octets the command had left.
    pub(crate) fn drop_gated(&mut self, gates: usize, octets: usize) {
        self.close_tail();
        let (mut gates, mut octets) = (gates, octets);
        while gates > 0 || octets > 0 {
            match self.segments.front_mut() {
                Some(Segment::Gate(_)) if gates > 0 => {
                    gates = gates.saturating_sub(1);
                    self.segments.pop_front();
                }
                Some(Segment::Octets(first)) if octets > 0 => {
                    let dropped = first.len().min(octets);
                    bytes::Buf::advance(first, dropped);
                    octets = octets.saturating_sub(dropped);
                    self.queued = self.queued.saturating_sub(dropped);
                    if first.is_empty() {
                        self.segments.pop_front();
                    }
                }
                _ => break,
            }
        }
    }

    /// The next octets to send, up to a gate.
    pub(crate) fn poll(&mut self) -> Option<Bytes> {
        if let Some(let_go) = &mut self.let_go
            && let Some(octets) = let_go.ready.pop_front()
        {
            self.queued = self.queued.saturating_sub(octets.len());
            let_go.octets = let_go.octets.saturating_sub(octets.len());
            if let_go.ready.is_empty() {
                self.let_go = None;
            }
            return Some(octets);
        }
        match self.segments.front() {
            Some(Segment::Gate(_)) => None,
            Some(Segment::Octets(_)) => match self.segments.pop_front() {
                Some(Segment::Octets(octets)) => {
                    self.queued = self.queued.saturating_sub(octets.len());
                    Some(octets)
                }
                _ => None,
            },
            None if self.tail.is_empty() => {
                if self.segments.capacity() > 0 {
                    self.segments = VecDeque::new();
                }
                None
            }
            None => Some(self.tail.split().freeze()),
        }
    }

    /// How many octets wait, behind gates too.
    pub(crate) fn len(&self) -> usize {
        self.queued.saturating_add(self.tail.len())
    }

    /// Whether nothing waits: no octet and no gate.
    #[cfg(test)]
    pub(crate) fn is_empty(&self) -> bool {
        self.let_go.is_none() && self.segments.is_empty() && self.tail.is_empty()
    }

    /// Drops everything that waits: after a fatal error nothing more is sent.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }
}

impl fmt::Debug for Outbox {
    /// Without the octets: they could be a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbox")
            .field("octets", &self.len())
            .field("waits_at", &self.waits_at())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gates_hold_back_and_failed_writes_leave_nothing() {
        let mut outbox = Outbox::default();
        outbox.tail().extend_from_slice(b"A LOGIN {1}\r\n");
        outbox.gate(Gate::Continuation);
        outbox.tail().extend_from_slice(b"x y\r\n");
        let failed: Result<(), ()> = outbox.write(|out| {
            out.extend_from_slice(b"half a line");
            Err(())
        });
        assert!(failed.is_err());
        assert_eq!(outbox.len(), 18);
        assert_eq!(outbox.poll().unwrap(), "A LOGIN {1}\r\n");
        assert_eq!(outbox.poll(), None);
        assert!(!outbox.open(Gate::Upgrade) && outbox.open(Gate::Continuation));
        assert_eq!(outbox.poll().unwrap(), "x y\r\n");
        assert!(outbox.poll().is_none() && outbox.is_empty());
    }

    #[test]
    fn the_rest_of_a_refused_command_is_dropped_and_the_next_command_is_not() {
        let mut outbox = Outbox::default();
        outbox.gate(Gate::Continuation);
        outbox.tail().extend_from_slice(b"x {1}\r\n");
        outbox.gate(Gate::Continuation);
        outbox.push(Bytes::from_static(b"y\r\n"));
        outbox.tail().extend_from_slice(b"B NOOP\r\n");
        outbox.drop_gated(2, 10);
        assert_eq!(outbox.poll().unwrap(), "B NOOP\r\n");
        assert!(outbox.is_empty());
    }

    #[test]
    fn what_was_let_go_stays_before_what_is_dropped() {
        let mut outbox = Outbox::default();
        outbox.gate(Gate::Continuation);
        outbox.tail().extend_from_slice(b"x {1}\r\n");
        outbox.gate(Gate::Continuation);
        outbox.tail().extend_from_slice(b"y\r\nB NOOP\r\n");
        assert!(outbox.open(Gate::Continuation));
        assert_eq!((outbox.let_go(), outbox.len()), (7, 18));
        assert_eq!(outbox.waits_at(), Some(Gate::Continuation));
        outbox.drop_gated(1, 3);
        assert_eq!((outbox.let_go(), outbox.len()), (7, 15));
        assert_eq!(outbox.poll().unwrap(), "x {1}\r\n");
        assert_eq!(outbox.poll().unwrap(), "B NOOP\r\n");
        assert!(outbox.is_empty() && outbox.let_go() == 0);
    }
}
