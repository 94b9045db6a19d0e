//! Known answers and round trips of response codes.

use super::*;
use crate::imap::round_trip::{read, round_trip, strict, written};
use alloc::format;

fn code(octets: &str) -> ResponseCode {
    strict(format!("[{octets}]").as_bytes(), ResponseCode::parse).unwrap()
}

fn number(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap()
}

#[test]
fn round_trips() {
    round_trip(ResponseCode::parse, ResponseCode::encode);
}

#[test]
fn known_answers() {
    for word in ResponseCode::WORDS {
        assert_eq!(ResponseCode::new(word.word().to_ascii_lowercase()), Ok(word.clone()));
    }
    for octets in [
        "APPENDUID 38505 3955:3958,12",
        "COPYUID 38505 304,319:320 3956:3958",
        "BADCHARSET",
        "BADCHARSET (UTF-8 \"a b\")",
        "BADEVENT (FlagChange AnnotationChange)",
        "BADURL imap://a/b c",
        "CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN",
        "HIGHESTMODSEQ 9223372036854775807",
        "INPROGRESS",
        "INPROGRESS (\"A001\" 454 1000)",
        "INPROGRESS (NIL NIL NIL)",
        "MAILBOXID (F2212ea87-6097-4256-9d51-71338625)",
        "MAXCONVERTMESSAGES 1",
        "MAXCONVERTPARTS 7",
        "MESSAGELIMIT 1000",
        "MESSAGELIMIT 1000 23221",
        "METADATA LONGENTRIES 2199",
        "METADATA MAXSIZE 0",
        "ANNOTATIONS NONE",
        "ANNOTATIONS READ-ONLY NOPRIVATE",
        "ANNOTATIONS 20480",
        "MODIFIED 7,9",
        "NOUPDATE \"B02\"",
        "PERMANENTFLAGS (\\Seen \\*)",
        "REFERRAL imap://MIKE@SERVER2/ imap://a/",
        "UIDNEXT 4392",
        "UIDVALIDITY 4294967295",
        "UNDEFINED-FILTER on-the-road",
        "UNSEEN 12",
        "URLMECH INTERNAL",
        "URLMECH INTERNAL XSAMPLE=P34OKhO7VEkCbsiYY8rGEg==",
    ] {
        let code = code(octets);
        assert!(!matches!(code, ResponseCode::Other(_)), "{octets}");
        assert_eq!(written(|encoder| code.encode(encoder)), format!("[{octets}]"));
        assert_eq!(ResponseCode::new(octets), Ok(code));
    }
}

/// However long a text is: a status ends with its line.
#[test]
fn no_literal_is_written_into_a_code() {
    let long = "a \"b\\".repeat(300);
    for code in [
        ResponseCode::NoUpdate(long.as_str().into()),
        ResponseCode::BadCharset(alloc::vec![long.as_str().into()]),
    ] {
        let octets = written(|encoder| code.encode(encoder));
        assert!(!octets.contains(['\r', '{']));
        assert_eq!(self::code(&octets[1..octets.len() - 1]), code);
    }
}

#[test]
fn what_has_not_its_shape_is_not_known() {
    for octets in [
        "UNSEEN 99999999999999999999",
        "UIDVALIDITY 0",
        "UIDNEXT",
        "UIDNEXT x",
        "APPENDUID 1",
        "COPYUID 1 * 2",
        "COPYUID 1 1:* 2",
        "HIGHESTMODSEQ 9223372036854775808",
        "PERMANENTFLAGS (\\Seen",
        "CAPABILITY",
        "METADATA X",
        "ALERT x",
        "X-FOO bar  (baz",
        "X(y)",
        "some thing",
        "MAILBOXID ()",
        "BADEVENT ()",
        "NOUPDATE {1}",
        "MESSAGELIMIT 1 0",
        "UNDEFINED-FILTER",
        "UNDEFINED-FILTER a/b",
        "UNDEFINED-FILTER a*",
        "UNDEFINED-FILTER \u{e9}",
        "APPENDUID 1 1,,2",
        "INPROGRESS (\"\u{e9}\" 1 2)",
        "NOUPDATE \"\u{e9}\"",
        "BADCHARSET (\"\u{e9}\")",
    ] {
        let ResponseCode::Other(other) = code(octets) else { panic!("{octets}") };
        assert_eq!(other.as_bytes(), octets.as_bytes());
        assert_eq!(written(|encoder| code(octets).encode(encoder)), format!("[{octets}]"));
    }
    let ResponseCode::Other(other) = code("X-FOO bar  (baz") else { panic!() };
    assert_eq!((other.name(), other.value()), (&b"X-FOO"[..], &b"bar  (baz"[..]));
    let (_, met) = read(b"[UIDNEXT 0]", Quirks::lenient(), ResponseCode::parse).unwrap();
    assert_eq!(met, [Quirk::ZeroNumber].into_iter().collect());
    for octets in ["", "(x)", "a]b", "a\r\nb", " x"] {
        assert!(ResponseCode::new(octets).is_err(), "{octets}");
    }
}

#[test]
fn copied_uids_are_never_expanded() {
    let ResponseCode::CopyUid(copied) = code("COPYUID 1 1:4294967295 1:4294967295") else { panic!() };
    assert!(copied.is_consistent());
    assert_eq!(copied.destination_of(number(77)), Some(number(77)));
    let ResponseCode::CopyUid(copied) = code("COPYUID 1 1:4294967295 9") else { panic!() };
    assert!(!copied.is_consistent());
    assert_eq!((copied.destination_of(number(1)), copied.destination_of(number(2))), (Some(number(9)), None));
    assert!(matches!(code("APPENDUID 1 4294967295:1"), ResponseCode::AppendUid(_)));
}

#[test]
fn nothing_breaks_out_of_a_code() {
    for code in [
        ResponseCode::BadUrl("a]b".into()),
        ResponseCode::BadUrl("".into()),
        ResponseCode::NoUpdate("a\r\nb".into()),
        ResponseCode::BadCharset(alloc::vec!["\u{e9}".into()]),
        ResponseCode::Referral(alloc::vec!["a b".into()]),
        ResponseCode::Modified(SequenceSet::all()),
        ResponseCode::Modified(SequenceSet::new()),
    ] {
        let mut out = bytes::BytesMut::new();
        assert!(
            code.encode(&mut Encoder::new(&mut out, crate::imap::encode::Encoding::server())).is_err(),
            "{code:?}"
        );
    }
}

#[test]
fn a_code_that_is_not_known_is_none_that_is_with_the_text_behind_it() {
    let status = crate::imap::Status::ok("\")]\")] x").code(code("BADCHARSET (a"));
    let octets = written(|encoder| status.encode(encoder));
    assert_eq!(octets, "OK [BADCHARSET (a] \")]\")] x");
    assert_eq!(strict(octets.as_bytes(), crate::imap::Status::parse), Some(status));
}

#[test]
fn what_a_text_may_start_with() {
    assert!(starts_with_code(b"[ALERT] x") && starts_with_code(b"[x y]"));
    for octets in [&b"[]"[..], b"[ x]", b"[ALERT", b"", b"x [ALERT]", b"[(]"] {
        assert!(!starts_with_code(octets));
    }
}
