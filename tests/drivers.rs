//! One suite over the three drivers, with a machine that knows nothing of mail.
#![cfg(all(feature = "blocking", feature = "futures-io", feature = "tokio"))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    reason = "a test may fail"
)]

use bytes::{Buf, Bytes, BytesMut};
use mailwire::blocking::{self, ConnectionError, Parts};
use mailwire::wire::{ClientMachine, Error, ErrorKind, InvalidValue, Machine};
use mailwire::{futures_io, tokio as tokio_driver};
use std::collections::VecDeque;
use std::future::Future;
use std::io::{self, IoSlice, Read, Write};
use std::ops::ControlFlow;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

/// Lines in, lines out: `echo TEXT`, `big N` (N segments of 1,000 octets), `mute TEXT`, `tls`, `quit`.
#[derive(Debug, Default)]
struct Toy {
    output: VecDeque<Bytes>,
    upgrade: bool,
    closed: bool,
    /// Reading pauses over this many segments.
    pauses_over: Option<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Event {
    Line(String),
    Upgrade,
    Quit,
}

fn error(expected: &'static str) -> Error {
    InvalidValue { offset: 0, expected }.into()
}

impl Toy {
    fn send(&mut self, octets: impl Into<Bytes>) {
        self.output.push_back(octets.into());
    }

    fn resume(&mut self) {
        self.upgrade = false;
    }
}

impl Machine for Toy {
    type Event = Event;

    fn receive(&mut self, input: &mut BytesMut) -> Result<Option<Event>, Error> {
        if !self.wants_read() {
            return Ok(None);
        }
        let Some(end) = memchr::memchr(b'\n', input) else { return Ok(None) };
        let line = String::from_utf8(input.split_to(end + 1).to_vec()).unwrap();
        let line = line.trim_end().to_owned();
        if let Some(text) = line.strip_prefix("echo ") {
            self.send(format!("{text}\r\n"));
        } else if let Some(count) = line.strip_prefix("big ") {
            for index in 0..count.parse().unwrap() {
                self.send(vec![b'a' + index as u8 % 26; 1_000]);
            }
        } else if line == "tls" {
            self.send("go\r\n");
            self.upgrade = true;
            return Ok(Some(Event::Upgrade));
        } else if line == "quit" {
            self.send("bye\r\n");
            self.closed = true;
            return Ok(Some(Event::Quit));
        } else if line == "bad" {
            return Err(error("a good line"));
        }
        Ok(Some(Event::Line(line)))
    }

    fn receive_eof(&mut self, input: &mut BytesMut) -> Result<Option<Event>, Error> {
        if input.is_empty() { Ok(None) } else { Err(error("the end of the line")) }
    }

    fn poll_transmit(&mut self) -> Option<Bytes> {
        self.output.pop_front()
    }

    fn wants_read(&self) -> bool {
        !self.upgrade && !self.closed && self.pauses_over.is_none_or(|most| self.output.len() <= most)
    }

    fn is_closed(&self) -> bool {
        self.closed
    }
}

/// One direction of a pipe.
#[derive(Debug, Default)]
struct Way {
    octets: VecDeque<u8>,
    room: usize,
    closed: bool,
    /// How often octets were put in.
    writes: usize,
    /// How often it was tried.
    tries: usize,
}

/// One end of a pipe in memory: reads and writes are at most `segment` octets, and with `hesitant` two calls in five would block.
#[derive(Clone, Debug)]
struct Wire {
    incoming: Arc<Mutex<Way>>,
    outgoing: Arc<Mutex<Way>>,
    segment: usize,
    hesitant: bool,
    calls: usize,
    vectored: bool,
}

fn pipe(room: usize, segment: usize, hesitant: bool) -> (Wire, Wire) {
    let way = || Arc::new(Mutex::new(Way { room, ..Way::default() }));
    let (a, b) = (way(), way());
    let end = |incoming: &Arc<_>, outgoing: &Arc<_>| Wire {
        incoming: Arc::clone(incoming),
        outgoing: Arc::clone(outgoing),
        segment,
        hesitant,
        calls: 0,
        vectored: true,
    };
    let peer = Wire { segment: usize::MAX, hesitant: false, ..end(&b, &a) };
    (end(&a, &b), peer)
}

impl Wire {
    fn hesitates(&mut self) -> bool {
        self.calls += 1;
        self.hesitant && self.calls * 7 % 5 < 2
    }

    fn get(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let hesitates = self.hesitates();
        let mut way = self.incoming.lock().unwrap();
        if hesitates || (way.octets.is_empty() && !way.closed) {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let end = room.len().min(self.segment);
        way.octets.read(&mut room[..end])
    }

    fn put(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let hesitates = self.hesitates();
        let mut way = self.outgoing.lock().unwrap();
        way.tries += 1;
        if way.closed {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let mut room = (way.room - way.octets.len()).min(self.segment);
        if hesitates || room == 0 {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        way.writes += 1;
        let mut written = 0;
        for slice in slices {
            let taken = slice.len().min(room);
            way.octets.extend(&slice[..taken]);
            written += taken;
            room -= taken;
            if taken < slice.len() || (!self.vectored && taken > 0) {
                break;
            }
        }
        Ok(written)
    }

    /// Everything that has come, without end.
    fn drain(&mut self) -> Vec<u8> {
        self.incoming.lock().unwrap().octets.drain(..).collect()
    }

    fn hang_up(&mut self) {
        self.outgoing.lock().unwrap().closed = true;
    }
}

fn poll<T>(result: io::Result<T>) -> Poll<io::Result<T>> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Poll::Pending,
        result => Poll::Ready(result),
    }
}

impl Read for Wire {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        self.get(room)
    }
}

impl Write for Wire {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.put(&[IoSlice::new(octets)])
    }
    fn write_vectored(&mut self, octets: &[IoSlice<'_>]) -> io::Result<usize> {
        self.put(octets)
    }
    fn flush(&mut self) -> io::Result<()> {
        if self.hesitates() { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(()) }
    }
}

impl tokio::io::AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        room: &mut tokio::io::ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        poll(self.get(room.initialize_unfilled()).map(|taken| room.advance(taken)))
    }
}

impl tokio::io::AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        poll(self.write(octets))
    }
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        octets: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        poll(self.put(octets))
    }
    fn is_write_vectored(&self) -> bool {
        self.vectored
    }
    fn poll_flush(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        poll(self.flush())
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.hang_up();
        Poll::Ready(Ok(()))
    }
}

impl ::futures::io::AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, room: &mut [u8]) -> Poll<io::Result<usize>> {
        poll(self.get(room))
    }
}

impl ::futures::io::AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        poll(self.write(octets))
    }
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        octets: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        poll(self.put(octets))
    }
    fn poll_flush(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        poll(self.flush())
    }
    fn poll_close(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.hang_up();
        Poll::Ready(Ok(()))
    }
}

/// As if its lines were completions: a command is one line.
impl ClientMachine for Toy {
    type Command = &'static str;
    type Completion = usize;

    fn completion(event: Event, command: &'static str) -> ControlFlow<usize, Event> {
        match event {
            Event::Line(line) if line == command => ControlFlow::Break(line.len()),
            event => ControlFlow::Continue(event),
        }
    }
}

/// What the suite needs of a driver. Each call starts an operation, tries it once, and drops it: cancellation at every await.
trait Driver: Sized {
    fn new(wire: Wire, toy: Toy) -> Self;
    fn next_event(&mut self) -> Poll<Result<Option<Event>, ConnectionError>>;
    fn flush(&mut self) -> Poll<Result<(), ConnectionError>>;
    fn run(&mut self, command: &'static str, told: impl FnMut(Event))
    -> Poll<Result<usize, ConnectionError>>;
    fn upgrade(self, handshake: impl FnOnce(Wire) -> io::Result<Wire>) -> Result<Self, ConnectionError>;
    fn toy(&mut self) -> &mut Toy;
    fn split_and_join(self) -> Self;
    fn holds(self) -> usize;
}

fn once<T>(future: impl Future<Output = T>) -> Poll<T> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

macro_rules! common {
    () => {
        fn new(wire: Wire, toy: Toy) -> Self {
            Self::new(wire, toy)
        }
        fn toy(&mut self) -> &mut Toy {
            self.machine_mut()
        }
        fn split_and_join(self) -> Self {
            Self::from_parts(self.into_parts())
        }
        fn holds(self) -> usize {
            let Parts { input, output, .. } = self.into_parts();
            input.capacity() + output.iter().map(Bytes::len).sum::<usize>()
        }
    };
}

macro_rules! asynchronous {
    ($($driver:ident)::+) => {
        impl Driver for $($driver)::+::Connection<Wire, Toy> {
            common!();
            fn next_event(&mut self) -> Poll<Result<Option<Event>, ConnectionError>> {
                once(self.next_event())
            }
            fn flush(&mut self) -> Poll<Result<(), ConnectionError>> {
                once(self.flush())
            }
            fn run(&mut self, command: &'static str, told: impl FnMut(Event)) -> Poll<Result<usize, ConnectionError>> {
                once(self.run(command, told))
            }
            fn upgrade(self, handshake: impl FnOnce(Wire) -> io::Result<Wire>) -> Result<Self, ConnectionError> {
                match once(self.upgrade(|wire| std::future::ready(handshake(wire)))) {
                    Poll::Ready(result) => result,
                    Poll::Pending => panic!("the upgrade waits"),
                }
            }
        }
    };
}
asynchronous!(futures_io);
asynchronous!(tokio_driver);

fn unblocked<T>(result: Result<T, ConnectionError>) -> Poll<Result<T, ConnectionError>> {
    match result {
        Err(ConnectionError::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => Poll::Pending,
        result => Poll::Ready(result),
    }
}

impl Driver for blocking::Connection<Wire, Toy> {
    common!();
    fn next_event(&mut self) -> Poll<Result<Option<Event>, ConnectionError>> {
        unblocked(self.next_event())
    }
    fn flush(&mut self) -> Poll<Result<(), ConnectionError>> {
        unblocked(self.flush())
    }
    fn run(
        &mut self,
        command: &'static str,
        told: impl FnMut(Event),
    ) -> Poll<Result<usize, ConnectionError>> {
        unblocked(self.run(command, told))
    }
    fn upgrade(self, handshake: impl FnOnce(Wire) -> io::Result<Wire>) -> Result<Self, ConnectionError> {
        self.upgrade(handshake)
    }
}

fn line(text: &str) -> Event {
    Event::Line(text.to_owned())
}

/// Events until the connection is over or nothing moves any more.
fn run<D: Driver>(driver: &mut D, peer: &mut Wire) -> (Vec<Event>, Vec<u8>, Option<ConnectionError>) {
    let (mut events, mut output, mut idle) = (Vec::new(), Vec::new(), 0);
    while idle < 100 {
        match driver.next_event() {
            Poll::Ready(Ok(Some(event))) => (idle, _) = (0, events.push(event)),
            Poll::Ready(Ok(None)) => break,
            Poll::Ready(Err(error)) => return (events, output, Some(error)),
            Poll::Pending => idle += 1,
        }
        let octets = peer.drain();
        if !octets.is_empty() {
            idle = 0;
            output.extend(octets);
        }
    }
    output.extend(peer.drain());
    (events, output, None)
}

const SCRIPT: &[u8] = b"echo one\r\nmute x\r\necho two\r\nbig 3\r\necho three\r\nquit\r\n";

fn script_output() -> Vec<u8> {
    let mut expected = b"one\r\ntwo\r\n".to_vec();
    for letter in b"abc" {
        expected.extend([*letter; 1_000]);
    }
    expected.extend_from_slice(b"three\r\nbye\r\n");
    expected
}

fn every_segmentation_gives_the_same<D: Driver>() {
    for segment in [1, 2, 3, 7, 100, usize::MAX] {
        for hesitant in [false, true] {
            for room in [1, 5, 1_500, 1 << 20] {
                for vectored in [false, true] {
                    let (mut wire, mut peer) = pipe(room, segment, hesitant);
                    wire.vectored = vectored;
                    peer.outgoing.lock().unwrap().room = 1 << 20;
                    let mut driver = D::new(wire, Toy::default());
                    peer.put(&[IoSlice::new(SCRIPT)]).unwrap();
                    let (events, output, error) = run(&mut driver, &mut peer);
                    assert!(error.is_none());
                    let expected = ["echo one", "mute x", "echo two", "big 3", "echo three"].map(line);
                    assert_eq!(events[..5], expected);
                    assert_eq!(events[5..], [Event::Quit]);
                    assert_eq!(output, script_output(), "{segment} {hesitant} {room} {vectored}");
                }
            }
        }
    }
}

fn nothing_is_lost_between_any_two_calls<D: Driver>() {
    let (wire, mut peer) = pipe(1 << 20, 3, true);
    let mut driver = D::new(wire, Toy::default());
    peer.put(&[IoSlice::new(SCRIPT)]).unwrap();
    let mut events = Vec::new();
    loop {
        match driver.next_event() {
            Poll::Ready(Ok(Some(event))) => events.push(event),
            Poll::Ready(Ok(None)) => break,
            Poll::Ready(Err(error)) => panic!("{error}"),
            Poll::Pending => {}
        }
        let _ = driver.flush();
        driver = driver.split_and_join();
    }
    assert_eq!(events.len(), 6);
    assert!(peer.drain().ends_with(b"cthree\r\nbye\r\n"));
}

fn two_full_sides_do_not_wait_for_each_other<D: Driver>() {
    // Each side has 100,000 octets to write before it would read, and the pipe holds 50.
    let (wire, peer) = pipe(50, usize::MAX, false);
    let (mut left, mut right) = (D::new(wire, Toy::default()), D::new(peer, Toy::default()));
    for driver in [&mut left, &mut right] {
        for index in 0..10_000 {
            driver.toy().send(format!("mute {index:05}\r\n"));
        }
    }
    let mut seen = [0, 0];
    for _ in 0..1_000_000 {
        for (driver, seen) in [&mut left, &mut right].into_iter().zip(&mut seen) {
            match driver.next_event() {
                Poll::Ready(Ok(Some(event))) => {
                    assert_eq!(event, Event::Line(format!("mute {seen:05}")));
                    *seen += 1;
                }
                Poll::Pending => {}
                other => panic!("{other:?}"),
            }
        }
        if seen == [10_000, 10_000] {
            return;
        }
    }
    panic!("stuck at {seen:?}");
}

fn flushing_reads_ahead_but_not_without_end<D: Driver>() {
    let (wire, mut peer) = pipe(1 << 20, usize::MAX, false);
    wire.outgoing.lock().unwrap().room = 10;
    let mut driver = D::new(wire, Toy::default());
    driver.toy().send("more than ten octets\r\n");
    peer.put(&[IoSlice::new(&b"mute x\r\n".repeat(100_000))]).unwrap();
    assert!(driver.flush().is_pending());
    let left = peer.outgoing.lock().unwrap().octets.len();
    assert!(left < 800_000 && left > 700_000, "{left}");
    peer.drain();
    assert!(driver.flush().is_pending());
    peer.drain();
    assert!(driver.flush().is_ready());
    assert_eq!(peer.drain(), b"\r\n");
    assert!(matches!(driver.next_event(), Poll::Ready(Ok(Some(_)))));
}

fn a_paused_machine_pauses_reading_and_goes_on<D: Driver>() {
    let (wire, mut peer) = pipe(1 << 20, usize::MAX, false);
    wire.outgoing.lock().unwrap().room = 10;
    let mut driver = D::new(wire, Toy { pauses_over: Some(10), ..Toy::default() });
    peer.put(&[IoSlice::new(b"big 200\r\nmute x\r\n")]).unwrap();
    assert_eq!(driver.next_event().map(Result::unwrap), Poll::Ready(Some(line("big 200"))));
    for _ in 0..3 {
        assert!(driver.next_event().is_pending());
        assert_eq!(peer.drain().len(), 10);
    }
    peer.incoming.lock().unwrap().room = 1 << 20;
    let (events, output, _) = run(&mut driver, &mut peer);
    assert_eq!((events, output.len()), (vec![line("mute x")], 200_000 - 30));
}

fn a_write_that_blocks_is_not_tried_again_for_each_event<D: Driver>() {
    // Over a blocking stream each try may cost a timeout.
    let (wire, mut peer) = pipe(1 << 20, usize::MAX, false);
    let outgoing = Arc::clone(&wire.outgoing);
    outgoing.lock().unwrap().room = 1;
    let mut driver = D::new(wire, Toy::default());
    driver.toy().send("more than one octet\r\n");
    peer.put(&[IoSlice::new(&b"mute x\r\n".repeat(1_000))]).unwrap();
    for _ in 0..1_000 {
        assert!(matches!(driver.next_event(), Poll::Ready(Ok(Some(_)))));
    }
    assert!(outgoing.lock().unwrap().tries < 10);
}

fn small_segments_go_out_in_one_write<D: Driver>() {
    for vectored in [false, true] {
        let (mut wire, mut peer) = pipe(1 << 20, usize::MAX, false);
        wire.vectored = vectored;
        let mut driver = D::new(wire, Toy::default());
        for _ in 0..20 {
            driver.toy().send("a line\r\n");
        }
        assert!(driver.flush().is_ready());
        assert_eq!(peer.incoming.lock().unwrap().writes, 1);
        assert_eq!(peer.drain().len(), 160);
    }
}

fn the_end_is_told_once_everything_before_it_is<D: Driver>() {
    for (octets, cut) in [(&b"mute x\r\nmute y\r\n"[..], false), (b"mute x\r\nmute y\r\nmu", true)] {
        let (wire, mut peer) = pipe(1 << 20, 3, true);
        let mut driver = D::new(wire, Toy::default());
        peer.put(&[IoSlice::new(octets)]).unwrap();
        peer.hang_up();
        let (events, _, error) = run(&mut driver, &mut peer);
        assert_eq!(events, [line("mute x"), line("mute y")]);
        assert_eq!(error.is_some(), cut);
        assert_eq!(matches!(driver.next_event(), Poll::Ready(Ok(None))), !cut);
    }
}

fn a_command_is_run_to_its_completion<D: Driver>() {
    let (wire, mut peer) = pipe(1 << 20, 3, true);
    let mut driver = D::new(wire, Toy::default());
    driver.toy().send("asks\r\n");
    peer.put(&[IoSlice::new(b"mute news\r\nmute done\r\nmute more\r\nmute last\r\ntls\r\n")]).unwrap();
    let (mut told, mut waits) = (Vec::new(), 0);
    // Given up at each await, it goes on where it stopped.
    for (command, before) in [("mute done", &["mute news"][..]), ("mute last", &["mute more"])] {
        let completion = loop {
            match driver.run(command, |event| told.push(event)) {
                Poll::Ready(completion) => break completion.unwrap(),
                Poll::Pending => waits += 1,
            }
        };
        assert_eq!(
            (completion, std::mem::take(&mut told)),
            (9, before.iter().map(|text| line(text)).collect())
        );
    }
    assert!(waits > 0);
    assert_eq!(peer.drain(), b"asks\r\n");
    let mut stop = |driver: &mut D, told: &mut Vec<Event>| loop {
        match driver.run("never", |event| told.push(event)) {
            Poll::Ready(Err(ConnectionError::Protocol(error))) => break error.kind(),
            Poll::Ready(other) => panic!("{other:?}"),
            Poll::Pending => waits += 1,
        }
    };
    assert_eq!(stop(&mut driver, &mut told), ErrorKind::InvalidState);
    assert_eq!(told, [Event::Upgrade]);
    let (wire, mut peer) = pipe(1 << 20, 3, true);
    let mut driver = D::new(wire, Toy::default());
    peer.put(&[IoSlice::new(b"mute news\r\n")]).unwrap();
    peer.hang_up();
    told.clear();
    assert_eq!(stop(&mut driver, &mut told), ErrorKind::UnexpectedEof);
    assert_eq!(told, [line("mute news")]);
}

fn last_words_are_read_though_nothing_can_be_written<D: Driver>() {
    let (wire, mut peer) = pipe(1 << 20, usize::MAX, false);
    wire.outgoing.lock().unwrap().closed = true;
    let mut driver = D::new(wire, Toy::default());
    driver.toy().send("nobody hears this\r\n");
    peer.put(&[IoSlice::new(b"mute why\r\n")]).unwrap();
    let (events, _, error) = run(&mut driver, &mut peer);
    assert_eq!(events, [line("mute why")]);
    assert!(matches!(error, Some(ConnectionError::Io(error)) if error.kind() == io::ErrorKind::BrokenPipe));
}

fn an_error_that_is_not_fatal_is_passed_over<D: Driver>() {
    let (wire, mut peer) = pipe(1 << 20, usize::MAX, false);
    let mut driver = D::new(wire, Toy::default());
    peer.put(&[IoSlice::new(b"bad\r\nmute x\r\n")]).unwrap();
    assert!(matches!(driver.next_event(), Poll::Ready(Err(ConnectionError::Protocol(_)))));
    assert!(matches!(driver.next_event(), Poll::Ready(Ok(Some(Event::Line(_))))));
}

fn the_transport_changes_at_the_gate<D: Driver>() {
    let (wire, mut peer) = pipe(1 << 20, usize::MAX, false);
    let mut driver = D::new(wire, Toy::default());
    peer.put(&[IoSlice::new(b"echo a\r\ntls\r\n")]).unwrap();
    let (events, output, error) = run(&mut driver, &mut peer);
    assert_eq!((events, error.is_none()), (vec![line("echo a"), Event::Upgrade], true));
    assert_eq!(output, b"a\r\ngo\r\n");
    // What comes from now on is the handshake's.
    peer.put(&[IoSlice::new(b"hello")]).unwrap();
    assert!(matches!(driver.next_event(), Poll::Ready(Ok(None))));
    assert!(driver.flush().is_ready());
    let (inner, mut inner_peer) = pipe(1 << 20, 1, true);
    let mut driver = driver
        .upgrade(|mut wire| {
            let mut hello = [0; 5];
            assert_eq!(wire.get(&mut hello)?, 5);
            Ok(inner)
        })
        .map_err(|error| panic!("{error}"))
        .unwrap();
    driver.toy().resume();
    inner_peer.put(&[IoSlice::new(b"echo b\r\n")]).unwrap();
    let (events, output, _) = run(&mut driver, &mut inner_peer);
    assert_eq!((events, &output[..]), (vec![line("echo b")], &b"b\r\n"[..]));
}

fn an_octet_behind_the_gate_ends_the_upgrade<D: Driver>() {
    let (wire, mut peer) = pipe(1 << 20, usize::MAX, false);
    let mut driver = D::new(wire, Toy::default());
    peer.put(&[IoSlice::new(b"tls\r\nx")]).unwrap();
    run(&mut driver, &mut peer);
    match driver.upgrade(|_| panic!("no handshake")) {
        Err(ConnectionError::Protocol(error)) => assert_eq!(error.kind(), ErrorKind::StartTlsInjection),
        _ => panic!("upgraded"),
    }
    let (wire, _peer) = pipe(1 << 20, usize::MAX, false);
    match D::new(wire, Toy::default()).upgrade(|_| panic!("no handshake")) {
        Err(ConnectionError::Protocol(error)) => assert_eq!(error.kind(), ErrorKind::InvalidState),
        _ => panic!("upgraded"),
    }
}

fn memory_stays_small<D: Driver>() {
    let (wire, mut peer) = pipe(1 << 20, usize::MAX, false);
    let mut driver = D::new(wire, Toy::default());
    for _ in 0..100 {
        peer.put(&[IoSlice::new(&b"mute 345\r\n".repeat(10_000))]).unwrap();
        let (events, ..) = run(&mut driver, &mut peer);
        assert_eq!(events.len(), 10_000);
        driver = driver.split_and_join();
    }
    assert!(driver.holds() == 0, "a connection that waits holds no buffer");
}

macro_rules! suite {
    ($($module:ident: $driver:ty, [$($test:ident),+ $(,)?];)+) => {$(
        mod $module {
            $(#[test] fn $test() { super::$test::<$driver>(); })+
        }
    )+};
    ([$($module:ident: $driver:ty),+ $(,)?] $tests:tt) => {
        suite!($($module: $driver, $tests;)+);
    };
}

suite!([
    over_futures_io: mailwire::futures_io::Connection<super::Wire, super::Toy>,
    over_tokio: mailwire::tokio::Connection<super::Wire, super::Toy>,
    over_blocking: mailwire::blocking::Connection<super::Wire, super::Toy>,
] [
    every_segmentation_gives_the_same,
    nothing_is_lost_between_any_two_calls,
    two_full_sides_do_not_wait_for_each_other,
    flushing_reads_ahead_but_not_without_end,
    a_paused_machine_pauses_reading_and_goes_on,
    a_write_that_blocks_is_not_tried_again_for_each_event,
    small_segments_go_out_in_one_write,
    the_end_is_told_once_everything_before_it_is,
    a_command_is_run_to_its_completion,
    last_words_are_read_though_nothing_can_be_written,
    an_error_that_is_not_fatal_is_passed_over,
    the_transport_changes_at_the_gate,
    an_octet_behind_the_gate_ends_the_upgrade,
    memory_stays_small,
]);

/// Wakers: two tasks over a pipe that is always full, given up and taken up again.
#[tokio::test]
async fn tasks_are_woken_on_both_sides() {
    let (left, right) = tokio::io::duplex(7);
    let side = |transport| async move {
        let mut toy = Toy::default();
        for index in 0..500 {
            toy.send(format!("mute {index:03}\r\n"));
        }
        let mut connection = tokio_driver::Connection::new(transport, toy);
        let mut seen = 0;
        while seen < 500 {
            tokio::select! {
                biased;
                event = connection.next_event() => {
                    assert_eq!(event.unwrap(), Some(Event::Line(format!("mute {seen:03}"))));
                    seen += 1;
                }
                () = tokio::task::yield_now() => {}
            }
        }
        connection.flush().await.unwrap();
        connection
    };
    let (mut left, _right) = tokio::join!(side(left), side(right));
    left.close().await.unwrap();
}

#[test]
fn octets_read_before_are_received_first() {
    let (wire, _peer) = pipe(100, 100, false);
    let mut input = BytesMut::from(&b"skip mute x\r\n"[..]);
    input.advance(5);
    let mut connection = blocking::Connection::with_buffer(wire, Toy::default(), input);
    assert_eq!(connection.next_event().unwrap(), Some(line("mute x")));
    assert!(!connection.is_at_eof());
}
