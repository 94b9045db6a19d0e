//! What can be nested takes no stack: read, written, copied, compared, shown, kept and dropped in a thread with 64 KiB, at the
//! limit and beyond it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    reason = "a test may fail"
)]

use bytes::BytesMut;
#[cfg(feature = "arbitrary")]
use mailwire::imap::Data;
#[cfg(any(feature = "serde", feature = "arbitrary"))]
use mailwire::imap::Fetch;
#[cfg(feature = "serde")]
use mailwire::imap::Response;
use mailwire::imap::{CommandDecoder, CommandEvent, Encoding, Quirks, ResponseDecoder, ResponseEvent};
use mailwire::wire::{ErrorKind, Limits};

/// Runs in a thread with a stack of 64 KiB.
fn on_a_small_stack(work: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(64 * 1024).spawn(work).unwrap().join().unwrap();
}

fn response(octets: &str, limits: Limits) -> Result<ResponseEvent, ErrorKind> {
    let mut input = BytesMut::from(octets);
    match ResponseDecoder::new(Quirks::strict(), limits).decode(&mut input) {
        Ok(Some(ResponseEvent::Unparsed { error, .. })) => Err(error.kind()),
        Ok(event) => Ok(event.unwrap()),
        Err(error) => Err(error.kind()),
    }
}

fn command(octets: &str, limits: Limits) -> Result<CommandEvent, ErrorKind> {
    match CommandDecoder::new(limits).decode(&mut BytesMut::from(octets)) {
        Ok(Some(CommandEvent::Malformed { error, .. })) => Err(error.kind()),
        Ok(event) => Ok(event.unwrap()),
        Err(error) => Err(error.kind()),
    }
}

/// Nothing is too much.
fn no_limits() -> Limits {
    let mut limits = Limits::imap_client();
    limits.body_depth = usize::MAX;
    limits.depth = usize::MAX;
    limits.memory = usize::MAX;
    limits.message = usize::MAX;
    limits.structured_line = usize::MAX;
    limits
}

/// Copies, compares, shows, and writes again.
fn live(event: &ResponseEvent, octets: &str) {
    let copy = event.clone();
    assert_eq!(&copy, event);
    assert_eq!(format!("{copy:?}"), format!("{event:?}"));
    let mut out = BytesMut::new();
    match &copy {
        ResponseEvent::Response(response) => response.write(&mut out, Encoding::server()).unwrap(),
        ResponseEvent::Fetch(fetch) => fetch.write(&mut out, Encoding::server()).unwrap(),
        other => panic!("{other:?}"),
    }
    assert_eq!(out, octets);
    #[cfg(feature = "serde")]
    match &copy {
        ResponseEvent::Response(response) => {
            let json = serde_json::to_string(response).unwrap();
            assert_eq!(&serde_json::from_str::<Response>(&json).unwrap(), response);
        }
        ResponseEvent::Fetch(fetch) => {
            let json = serde_json::to_string(fetch).unwrap();
            assert_eq!(&serde_json::from_str::<Fetch>(&json).unwrap(), fetch);
        }
        _ => {}
    }
}

const TEXT: &str = r#"("TEXT" "PLAIN" NIL NIL NIL "7BIT" 1 1 NIL NIL NIL NIL)"#;

/// A body structure of so many parts in parts, multiparts and messages in turn.
fn structure(depth: usize, messages: bool) -> String {
    let envelope = "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)";
    let (mut open, mut close) = (String::new(), String::new());
    for level in 0..depth {
        if messages && level % 2 == 1 {
            open += &format!(r#"("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 1 {envelope} "#);
            close.insert_str(0, " 1 NIL NIL NIL NIL)");
        } else {
            open += "(";
            close.insert_str(0, r#" "MIXED" NIL NIL NIL NIL)"#);
        }
    }
    format!("* 1 FETCH (BODYSTRUCTURE {open}{TEXT}{close})\r\n")
}

#[test]
fn body_structures() {
    on_a_small_stack(|| {
        for messages in [false, true] {
            for depth in [1, 63] {
                let octets = structure(depth, messages);
                let event = response(&octets, Limits::imap_client()).unwrap();
                live(&event, &octets);
                let ResponseEvent::Fetch(fetch) = event else { panic!() };
                let structure = fetch.body_structure.unwrap();
                assert_eq!(structure.walk().count(), depth + 1);
            }
            for depth in [65, 400, 10_000] {
                let event = response(&structure(depth, messages), Limits::imap_client());
                let left_out =
                    matches!(&event, Ok(ResponseEvent::Fetch(fetch)) if fetch.body_structure.is_none());
                assert!(left_out || event.is_err(), "{depth}");
            }
            let octets = structure(2_000, messages);
            live(&response(&octets, no_limits()).unwrap(), &octets);
        }
    });
}

#[test]
fn threads() {
    on_a_small_stack(|| {
        let octets =
            |depth: usize| format!("* THREAD {}(3){}\r\n", "(1 (2)".repeat(depth), ")".repeat(depth));
        for depth in [31, 33, 400, 40_000] {
            live(&response(&octets(depth), Limits::imap_client()).unwrap(), &octets(depth));
        }
        assert_eq!(response(&octets(200_000), Limits::imap_client()), Err(ErrorKind::LineTooLong));
        live(&response(&octets(200_000), no_limits()).unwrap(), &octets(200_000));
        let heads = |depth: usize| format!("* THREAD {}(1){}\r\n", "(".repeat(depth), "(2))".repeat(depth));
        live(&response(&heads(31), Limits::imap_client()).unwrap(), &heads(31));
        for depth in [32, 65, 400, 100_000] {
            assert_eq!(response(&heads(depth), Limits::imap_client()), Err(ErrorKind::TooDeep));
        }
        live(&response(&heads(20_000), no_limits()).unwrap(), &heads(20_000));
    });
}

#[test]
fn what_is_not_known() {
    on_a_small_stack(|| {
        for (start, end) in
            [("* X-NEW ", "\r\n"), ("* 1 FETCH (X-NEW ", ")\r\n"), ("* STATUS a (X-NEW ", ")\r\n")]
        {
            let octets = |depth: usize| format!("{start}{}a{}{end}", "(".repeat(depth), ")".repeat(depth));
            live(&response(&octets(30), Limits::imap_client()).unwrap(), &octets(30));
            for depth in [34, 400, 100_000] {
                assert!(response(&octets(depth), Limits::imap_client()).is_err(), "{start} {depth}");
            }
        }
    });
}

/// Commands: the most that is allowed, and more.
#[test]
fn commands() {
    on_a_small_stack(|| {
        let chains: [fn(usize) -> String; 5] = [
            |depth| format!("a SEARCH {}ALL{}\r\n", "(".repeat(depth), ")".repeat(depth)),
            |depth| format!("a SEARCH {}ALL\r\n", "NOT ".repeat(depth)),
            |depth| format!("a SEARCH {}ALL\r\n", "OR SEEN ".repeat(depth)),
            |depth| format!("a SORT (DATE) UTF-8 {}ALL\r\n", "FUZZY ".repeat(depth)),
            |depth| format!("a SELECT b (X-NEW {}c{})\r\n", "(".repeat(depth), ")".repeat(depth)),
        ];
        for chain in chains {
            let event = command(&chain(30), Limits::imap_server()).unwrap();
            let CommandEvent::Command { tag, command: read } = &event else { panic!("{event:?}") };
            assert_eq!(&read.clone(), read);
            assert!(!format!("{read:?}").is_empty());
            let mut out = BytesMut::new();
            read.write(tag, &mut out, Encoding::default()).unwrap();
            assert_eq!(out, chain(30));
            #[cfg(feature = "serde")]
            assert!(!serde_json::to_string(read).unwrap().is_empty());
            for depth in [34, 400, 7_000] {
                assert!(command(&chain(depth), Limits::imap_server()).is_err(), "{}", chain(1));
            }
        }
        let notify = command(
            "a NOTIFY SET (SELECTED (MessageNew (UID BODY.PEEK[1.2.3.MIME]) MessageExpunge))\r\n",
            Limits::imap_server(),
        );
        assert!(notify.is_ok());
    });
}

/// Values by chance are made there too, and live there.
#[cfg(feature = "arbitrary")]
#[test]
fn values_by_chance() {
    use arbitrary::{Arbitrary, Unstructured};
    on_a_small_stack(|| {
        for seed in 0..200u64 {
            let noise: Vec<u8> =
                (0..1_000u64).map(|at| (((at * at + seed) * 2_654_435_761) >> 13) as u8).collect();
            let mut u = Unstructured::new(&noise);
            let fetch = Fetch::arbitrary(&mut u).unwrap();
            let data = Data::arbitrary(&mut u).unwrap();
            let command = mailwire::imap::Command::arbitrary(&mut u).unwrap();
            assert_eq!((fetch.clone(), data.clone(), command.clone()), (fetch, data, command));
        }
    });
}

/// Literals that are refused one after another are no nesting: however many stand in one read, they take no stack.
#[test]
fn refused_literals_in_one_read() {
    on_a_small_stack(|| {
        let mut limits = Limits::imap_client();
        limits.literal = 10;
        let literals = "{11}\r\n0123456789a ".repeat(4_000);
        for before in ["* METADATA \"\" (/a ", "* 1 FETCH (ENVELOPE (", "* 1 FETCH (UID 7 X-A ("] {
            for quirks in [Quirks::strict(), Quirks::lenient()] {
                let mut input = BytesMut::from(&*format!("{before}{literals}x))\r\n* 7 EXISTS\r\n"));
                let mut decoder = ResponseDecoder::new(quirks, limits);
                let mut told = Vec::new();
                while let Some(event) = decoder.decode(&mut input).unwrap() {
                    told.push(format!("{event:?}"));
                }
                assert!(told.iter().any(|event| event.starts_with("Unparsed")), "{told:?}");
                assert!(told.last().unwrap().contains("Exists(7)"), "{told:?}");
            }
        }
    });
}
