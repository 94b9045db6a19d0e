//! Names in every form, read and written.

use super::*;
use crate::imap::encode::Encoding;
use crate::imap::quirk::Quirks;
use crate::imap::round_trip::{quirky, read, round_trip, strict};
use alloc::string::ToString;
use bytes::BytesMut;

#[test]
fn round_trips() {
    round_trip(Mailbox::parse, Mailbox::encode);
    round_trip(Mailbox::parse_before_list, Mailbox::encode);
    round_trip(ListPattern::parse, ListPattern::encode);
}

fn wire(mailbox: &Mailbox, utf8: bool) -> String {
    let mut out = BytesMut::new();
    mailbox.encode(&mut Encoder::new(&mut out, Encoding { utf8, ..Encoding::server() })).unwrap();
    String::from_utf8_lossy(&out).into_owned()
}

#[test]
fn both_encodings_name_the_same_mailbox() {
    let old = Mailbox::from_wire("&AOk- &-", false).unwrap();
    let new = Mailbox::from_wire("\u{e9} &", true).unwrap();
    assert_eq!(old, new);
    assert_eq!(old.cmp(&new), Ordering::Equal);
    assert_eq!(old, Mailbox::new("\u{e9} &").unwrap());
    for mailbox in [&old, &new] {
        assert_eq!(wire(mailbox, false), "\"&AOk- &-\"");
        assert_eq!(wire(mailbox, true), "\"\u{e9} &\"");
    }
    assert_ne!(Mailbox::from_wire("&AOk-", true).unwrap(), Mailbox::from_wire("&AOk-", false).unwrap());
}

#[test]
fn what_cannot_be_decoded_goes_back_as_it_came() {
    for octets in [&b"&AC4ALgAv-x"[..], b"\"\xc3\xa9\"", b"\"a\x01b\"", b"\"\""] {
        let mailbox = strict(octets, Mailbox::parse).unwrap();
        assert_eq!(strict(wire(&mailbox, false).as_bytes(), Mailbox::parse), Some(mailbox.clone()));
        assert_eq!(mailbox.as_bytes().is_empty(), mailbox.name().is_ok());
    }
    let mailbox = quirky(b"&Jjo", Quirk::BadMailboxEncoding, Mailbox::parse);
    assert!(mailbox.name().is_err());
    assert_eq!((wire(&mailbox, false), wire(&mailbox, true)), ("&Jjo".into(), "&Jjo".into()));
    quirky(b"\"caf\xe9\"", Quirk::BadMailboxEncoding, Mailbox::parse);
    assert!(read(b"{3}\r\na\0b", Quirks::lenient(), Mailbox::parse).is_none());
    assert!(
        strict(&[b'a'; 4096], Mailbox::parse).is_some() && strict(&[b'a'; 4097], Mailbox::parse).is_none()
    );
    let quoted = |octets: usize| alloc::format!("\"{}\"", "\\\"".repeat(octets));
    assert!(strict(quoted(4096).as_bytes(), Mailbox::parse).is_some());
    assert!(strict(quoted(4097).as_bytes(), Mailbox::parse).is_none());
}

#[test]
fn inbox_is_without_case() {
    assert!("inbox".parse::<Mailbox>().unwrap().is_inbox());
    assert!(Mailbox::try_from(String::from("inbox")).unwrap().is_inbox());
    for octets in [&b"iNbOx"[..], b"\"inbox\"", b"{5}\r\nInbox"] {
        assert!(strict(octets, Mailbox::parse).unwrap().is_inbox());
    }
    assert!(!strict(b"inbox/a", Mailbox::parse).unwrap().is_inbox());
}

#[test]
fn names_without_quotes() {
    let parse = |cursor: &mut Cursor<'_>| {
        let mailbox = Mailbox::parse_before_list(cursor)?;
        if cursor.eat(b' ') {
            cursor.raw_value()?;
        }
        Ok(mailbox)
    };
    for (octets, name) in [
        (&b"Sent Items"[..], &b"Sent Items"[..]),
        (b"Sent Items (A B)", b"Sent Items"),
        (b"Caf\xc3\xa9 (A)", b"Caf\xc3\xa9"),
        (b"a(b) ()", b"a(b)"),
        (b"a%b", b"a%b"),
    ] {
        assert_eq!(quirky(octets, Quirk::UnquotedMailbox, parse).as_bytes(), name);
    }
    assert_eq!(strict(b"a]b ()", parse).unwrap().as_bytes(), b"a]b");
}

#[test]
fn a_name_is_not_a_path() {
    for name in [
        ".",
        "..",
        "",
        "a/b",
        "a\\..\\b",
        "C:\\x",
        "CON",
        "con.txt",
        "Lpt1",
        "NUL .x",
        "a ",
        "a.",
        "|cmd",
        "\u{202e} gpj.exe",
        "a\u{85}b",
    ] {
        assert!(Mailbox::new(name).unwrap().safe_component().is_err(), "{name}");
    }
    for name in ["a", "`id`", "%n%s", "__proto__", "\u{e9}", "...a", "CONSOLE", "COM"] {
        assert_eq!(Mailbox::new(name).unwrap().safe_component().unwrap(), name);
    }
    let levels = |name, delimiter| Mailbox::new(name).unwrap().safe_components(Some(delimiter)).ok();
    assert_eq!(levels("a.b", '.').unwrap(), ["a", "b"]);
    assert_eq!(levels("INBOX/../x", '/'), None);
    assert_eq!(levels("a//b", '/'), None);
    assert_eq!(levels("a/b", '.'), None);
    assert_eq!(strict(b"\"a\x1b[2Jb\"", Mailbox::parse).unwrap().to_string(), "a\\x1b[2Jb");
}

#[test]
fn wildcards() {
    let matches = |pattern: &str, name: &str| {
        ListPattern::new(pattern).unwrap().matches(&Mailbox::new(name).unwrap(), Some('/'))
    };
    for (pattern, name) in [
        ("", ""),
        ("foo", "foo"),
        ("%", ""),
        ("%", "foo"),
        ("%/", "foo/"),
        ("%/%", "foo/"),
        ("foo*", "foo"),
        ("foo*", "foo/"),
        ("*foo*", "bar/foo/"),
        ("inbox", "INBOX"),
        ("i%X", "iNbOx"),
        ("%I%N%B%O%X%", "inbox"),
        ("i%X/foo", "iNbOx/foo"),
        ("*", "a/b"),
        ("*\u{e9}", "a/\u{e9}"),
        ("%*%", "a/b"),
    ] {
        assert!(matches(pattern, name), "{pattern} {name}");
    }
    for (pattern, name) in [
        ("a", "b"),
        ("foo", "foo/"),
        ("%", "foo/"),
        ("%", "foo/bar"),
        ("%/%", "foo"),
        ("foo*", "fobo"),
        ("foo*bar", "foobar/baz"),
        ("%/%/%", "foo/"),
        ("i%X/foo", "inbx/foo"),
        ("", "a"),
        ("a", ""),
        ("x/inbox", "x/INBOX"),
    ] {
        assert!(!matches(pattern, name), "{pattern} {name}");
    }
    let long = "a".repeat(2000);
    assert!(!matches(&"*a%".repeat(400), &(long + "/")));
}
