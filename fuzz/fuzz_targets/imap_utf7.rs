//! Modified UTF-7: each name has one form, and a mailbox keeps its octets whatever they are.
#![no_main]

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use mailwire::imap::{Command, CommandDecoder, CommandEvent, Mailbox, Tag, utf7};
use mailwire::wire::Limits;
use mailwire_fuzz::{commands, encoding, script};

/// A name that the other side reads.
fn back(mailbox: Mailbox, choice: u8) {
    let encoding = encoding(choice);
    let (tag, command) = (Tag::new("a").unwrap(), Command::Subscribe(mailbox));
    let mut out = BytesMut::new();
    // A raw name need not have a form in the other alphabet, and a long one is too long in it.
    if command.write(&tag, &mut out, encoding).is_err() || out.len() > Limits::imap_server().mailbox {
        return;
    }
    let mut decoder = CommandDecoder::default();
    decoder.set_utf8(encoding.utf8);
    let read = commands(&mut decoder, &out, usize::MAX);
    assert_eq!(read, [CommandEvent::Command { tag, command }], "{}", out.escape_ascii());
}

fuzz_target!(|input: &[u8]| {
    let Some(([choice], octets)) = script(input) else { return };
    if let Ok(name) = utf7::decode(octets) {
        assert_eq!(utf7::encode(&name).unwrap().as_bytes(), octets);
    }
    if let Ok(name) = std::str::from_utf8(octets) {
        match utf7::encode(name) {
            Ok(octets) => {
                assert!(octets.bytes().all(|octet| matches!(octet, 0x20..=0x7e)));
                assert_eq!(utf7::decode(octets.as_bytes()).unwrap(), name);
            }
            Err(_) => assert!(name.bytes().any(|octet| octet.is_ascii_control())),
        }
        if let Ok(mailbox) = Mailbox::new(name) {
            back(mailbox, *choice);
        }
    }
    // A server's name as it stands on the wire.
    let line = [b"a SUBSCRIBE {".as_slice(), octets.len().to_string().as_bytes(), b"+}\r\n", octets, b"\r\n"]
        .concat();
    for event in commands(&mut CommandDecoder::default(), &line, usize::MAX) {
        if let CommandEvent::Command { command: Command::Subscribe(mailbox), .. } = event {
            let mut out = BytesMut::new();
            let (tag, command) = (Tag::new("a").unwrap(), Command::Subscribe(mailbox));
            command.write(&tag, &mut out, Default::default()).unwrap();
            let read = commands(&mut CommandDecoder::default(), &out, 1);
            assert_eq!(read, [CommandEvent::Command { tag, command }]);
        }
    }
});
