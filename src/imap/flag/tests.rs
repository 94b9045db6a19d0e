use super::*;
use crate::imap::encode::Encoding;
use crate::imap::quirk::Quirks;
use crate::imap::round_trip::{quirky, read, round_trip, strict, written};
use alloc::string::{String, ToString};
use bytes::BytesMut;

fn told(flags: &Flags) -> String {
    written(|encoder| {
        flags.encode_told(encoder);
        Ok(())
    })
}

#[test]
fn round_trips() {
    for parse in [Flags::parse, Flags::parse_permanent] {
        round_trip(parse, |flags: &Flags, encoder| {
            flags.encode_told(encoder);
            Ok(())
        });
    }
}

#[test]
fn each_has_a_bit_and_a_spelling_in_order() {
    for (place, spelling) in SPELLINGS.iter().enumerate() {
        let flag = Flag::of_bit(1 << place).unwrap();
        assert_eq!((flag.bit(), flag.as_bytes()), (1 << place, *spelling));
        assert_eq!(known(spelling), Some((1 << place, spelling.len())));
        assert_eq!(Flag::new(spelling.to_ascii_uppercase()), Ok(flag.clone()));
        assert!(Flags::from(flag.clone()).contains(&flag));
    }
}

#[test]
fn known_answers() {
    let parse = |octets: &[u8]| strict(octets, Flags::parse);
    let flags = parse(b"(\\Seen \\aNSWERED $MDNsent $x \\Ext Todo TODO \\Seenx)").unwrap();
    assert_eq!(flags.to_string(), "\\Answered \\Seen $MDNSent $x \\Ext \\Seenx Todo");
    assert!(flags.is_seen() && flags.is_answered() && !flags.is_deleted() && flags.len() == 7);
    assert!(parse(b"()").unwrap().is_empty());
    for octets in [&b"(\\Seen"[..], b"(a,b", b"(\\)", b"(a\\b)", b"\\Seen", b"", b"(a(b))", b"({1}\r\na)"] {
        assert_eq!(parse(octets), None, "{}", octets.escape_ascii());
    }
    let flags = strict(b"(\\Deleted \\*)", Flags::parse_permanent).unwrap();
    assert!(flags.is_deleted() && flags.has_wildcard() && flags.len() == 1);
    assert_eq!(told(&flags), "(\\Deleted \\*)");
    let mut out = BytesMut::new();
    assert!(flags.encode(&mut Encoder::new(&mut out, Encoding::default())).is_err());
    assert_eq!(strict(b"\\Seen a b", Flags::parse_store).unwrap().len(), 3);
}

#[test]
fn what_a_client_sets_has_no_recent() {
    let recent = strict(b"(\\Seen \\RECENT)", Flags::parse).unwrap();
    assert!(recent.is_recent());
    let mut out = BytesMut::new();
    assert!(recent.encode(&mut Encoder::new(&mut out, Encoding::default())).is_err());
    for octets in [&b"(\\Seen \\RECENT)"[..], b"(\\Recent)", b"\\Recent", b"a \\recent"] {
        assert_eq!(strict(octets, Flags::parse_store), None);
        assert_eq!(strict(octets, Flags::parse_set), None);
    }
    assert!(strict(b"(\\Recently $Recent)", Flags::parse_set).is_some());
}

#[test]
fn quirks() {
    let flags = quirky(b"(\\Seen \\*)", Quirk::WildcardFlag, Flags::parse);
    assert!(flags.has_wildcard());
    assert_eq!(told(&flags), "(\\Seen \\*)");
    let flags = quirky(b"(OIB-Seen-[Gmail]/All \\Seen)", Quirk::StrangeFlag, Flags::parse);
    assert!(flags.is_seen());
    assert_eq!(written(|encoder| flags.encode(encoder)), "(\\Seen OIB-Seen-[Gmail]/All)");
    for (octets, canonical) in [
        (&b"(\\Seen\\Deleted)"[..], "(\\Deleted \\Seen)"),
        (b"(\\SEEN\\X\\Draft a)", "(\\Seen \\Draft \\X a)"),
    ] {
        let flags = quirky(octets, Quirk::StrangeFlag, Flags::parse);
        assert_eq!(written(|encoder| flags.encode(encoder)), canonical);
    }
    assert_eq!(quirky(b"(\\\\Seen a\\Seen)", Quirk::StrangeFlag, Flags::parse).len(), 2);
    for octets in [&b"(\\Seen\"x\")"[..], b"(\\Seen\\\"x)", b"(\\Seen\\{1})"] {
        assert!(read(octets, Quirks::lenient(), Flags::parse).is_none());
    }
    assert_eq!(quirky(b"(caf\xe9)", Quirk::StrangeFlag, Flags::parse).len(), 1);
    assert!(quirky(b"(\\Seen NIL)", Quirk::NilInList, Flags::parse).is_seen());
    assert!(quirky(b"NIL", Quirk::EmptyList, Flags::parse).is_empty());
    for octets in [&b"(\\Seen )"[..], b"( \\Seen)", b"(\\Seen  a)", b"( )", b"(a  )"] {
        quirky(octets, Quirk::ExtraSpace, Flags::parse);
    }
}

#[test]
fn a_set_can_be_changed() {
    let todo = Flag::new("todo").unwrap();
    let mut flags = Flags::from([Flag::Seen, todo.clone(), todo.clone()]);
    assert_eq!(flags.len(), 2);
    assert!(flags.remove(&Flag::new("TODO").unwrap()) && !flags.remove(&todo));
    assert_eq!(flags, Flags::from(Flag::Seen));
    flags.insert(todo.clone());
    assert_eq!(flags.iter().collect::<Vec<_>>(), [Flag::Seen, todo]);
    assert!(Flag::new("\\*").is_err() && Flag::new("").is_err() && Flag::new("nil").is_err());
}
