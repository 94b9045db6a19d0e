//! What is read of body structures, as they should be and as they are.

use super::*;
use crate::imap::body::PartKind;
use crate::imap::quirk::Quirks;
use crate::imap::round_trip::{quirky, read, strict, written};
use crate::wire::Limits;
use alloc::string::{String, ToString};

fn parse(cursor: &mut Cursor<'_>) -> Parsed<BodyStructure> {
    BodyStructure::parse(cursor, true)
}

/// Strict refuses it; lenient names the quirk, and what is written again says the same.
fn quirk(octets: &str, quirk: Quirk) -> BodyStructure {
    let value = quirky(octets.as_bytes(), quirk, parse);
    let again = written(|encoder| value.encode(encoder));
    match strict(again.as_bytes(), parse) {
        Some(read) => assert_eq!(read, value),
        None => {
            let kept = [Quirk::MessageWithoutEnvelope, Quirk::StrangeExtension];
            assert!(kept.contains(&quirk), "{again}");
            assert_eq!(read(again.as_bytes(), Quirks::lenient(), parse).unwrap().0, value);
        }
    }
    value
}

fn numbers(structure: &BodyStructure) -> Vec<String> {
    structure.walk().map(|part| part.number().map(|number| number.to_string()).unwrap_or_default()).collect()
}

const EXAMPLE: &str = "((\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 17 1 NIL NIL NIL NIL)\
    (\"message\" \"rfc822\" NIL \"<i>\" \"d\" \"7bit\" 133 (\"Sat\" \"sub\" NIL NIL NIL NIL NIL NIL NIL NIL) \
    ((\"text\" \"html\" NIL NIL NIL \"8bit\" 20 1)(\"image\" \"png\" NIL NIL NIL \"base64\" 21) \"alternative\") 6 NIL NIL NIL NIL)\
    (\"message\" \"global\" NIL NIL NIL \"7bit\" 1 (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) (\"a\" \"b\" NIL NIL NIL \"c\" 2) 3 \"md5\" (\"inline\" (\"foo\" \"b\\\"ar\")) (\"en\" \"fi\") \"http://x\" 42 (\"e\" (NIL)))\
    ((\"text\" \"plain\" NIL NIL NIL \"7bit\" 0 0) \"digest\") \
    \"mixed\" (\"boundary\" \"foo bar\") NIL \"de\" NIL)";

#[test]
fn parts_and_their_numbers() {
    let structure = strict(EXAMPLE.as_bytes(), parse).unwrap();
    assert_eq!(numbers(&structure), ["", "1", "2", "", "2.1", "2.2", "3", "3.1", "4", "4.1"]);
    for part in structure.walk() {
        if let Some(number) = part.number() {
            let found = structure.part_at(&number).unwrap();
            assert_eq!(found.raw(), part.raw());
            assert_eq!(structure.part(&number.to_string()).unwrap().raw(), part.raw());
        }
    }
    for none in ["", "0", "5", "1.1", "2.3", "3.2", "2.1.1", "a", "1.", "4.2"] {
        assert!(structure.part(none).is_none(), "{none}");
    }
    let root = structure.root();
    assert!(root.is("multipart", "MIXED") && root.kind() == PartKind::Multipart && root.depth() == 0);
    assert_eq!(root.children().count(), 4);
    assert_eq!(root.parameter("BOUNDARY").unwrap(), &b"foo bar"[..]);
    assert_eq!(root.language().collect::<Vec<_>>(), [&b"de"[..]]);
    let message = structure.part("2").unwrap();
    assert_eq!(message.kind(), PartKind::Message);
    assert_eq!((message.size(), message.lines()), (133, Some(6)));
    assert_eq!(message.id().unwrap(), &b"<i>"[..]);
    assert_eq!(message.description().unwrap(), &b"d"[..]);
    assert_eq!(message.envelope().unwrap().subject().unwrap(), &b"sub"[..]);
    let image = structure.part("2.2").unwrap();
    assert_eq!((&*image.encoding(), image.size(), image.lines()), (&b"base64"[..], 21, None));
    assert_eq!(image.depth(), 3);
    let third = structure.part("3").unwrap();
    assert_eq!(third.md5().unwrap(), &b"md5"[..]);
    let disposition = third.disposition().unwrap();
    assert!(disposition.is_inline());
    assert_eq!(disposition.parameters.find("foo").unwrap(), &b"b\"ar"[..]);
    assert_eq!(third.language().collect::<Vec<_>>(), [&b"en"[..], b"fi"]);
    assert_eq!(third.location().unwrap(), &b"http://x"[..]);
    assert_eq!(third.extensions(), b"42 (\"e\" (NIL))");
    assert_eq!(written(|encoder| structure.encode(encoder)), EXAMPLE);
    let single = strict(b"(\"text\" \"plain\" NIL NIL NIL \"7bit\" 1 2)", parse).unwrap();
    assert_eq!(numbers(&single), ["1"]);
    assert!(single.part("1").is_some() && single.part("1.1").is_none() && single.part("2").is_none());
}

#[test]
fn quirks_of_the_wild() {
    let nil = quirk(
        "(\"text\" \"plain\" (\"CHARSET\" NIL) NIL NIL NIL 1423 NIL NIL NIL NIL NIL)",
        Quirk::NilInBody,
    );
    assert_eq!(nil.root().encoding(), &b""[..]);
    assert_eq!(nil.root().lines(), Some(0));
    assert_eq!(nil.root().parameter("charset").unwrap(), &b""[..]);
    let office = quirk("(NIL NIL NIL NIL NIL \"7BIT\" 0 NIL NIL NIL NIL)", Quirk::NilInBody);
    assert_eq!(office.root().media_type(), &b""[..]);
    quirk("(NIL \"x\" NIL NIL NIL \"7BIT\" 0)", Quirk::NilInBody);
    for lines in [
        "(\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 5)",
        "(\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 5 \"md5\" (\"inline\" NIL) NIL NIL)",
        "(\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 5 NIL (\"inline\" NIL) NIL NIL)",
    ] {
        let lines = quirk(lines, Quirk::ShortBody);
        assert_eq!(lines.root().lines(), Some(0));
        assert_eq!(lines.root().disposition().is_some(), lines.root().raw().len() > 60);
    }
    quirk("(\"text\")", Quirk::ShortBody);
    for empty in ["(\"MIXED\")", "(\"RELATED\" NIL (\"ATTACHMENT\" NIL) NIL)", "(\"MIXED\" NIL NIL)"] {
        assert_eq!(quirk(empty, Quirk::EmptyMultipart).root().media_type(), &b"MULTIPART"[..]);
    }
    let related = quirk("(\"RELATED\" NIL (\"ATTACHMENT\" NIL) NIL)", Quirk::EmptyMultipart);
    assert!(
        related.root().is("multipart", "related")
            && related.root().disposition().is_some_and(|disposition| disposition.is_attachment())
    );
    quirk("(\"a\" \"b\" NIL)", Quirk::ShortBody);
    quirk("((\"a\" \"b\" NIL NIL NIL \"7BIT\" 0))", Quirk::ShortBody);
    for (late, parameters) in [
        ("(\"a\" \"b\" NIL NIL NIL \"7BIT\" 0 NIL NIL (\"inline\" NIL) NIL 5)", 0),
        ("(\"a\" \"b\" NIL NIL NIL \"7BIT\" 0 NIL NIL (\"inline\" (\"c\" \"d\")) NIL 5)", 1),
    ] {
        let late = quirk(late, Quirk::StrangeDisposition);
        let disposition = late.root().disposition().unwrap();
        assert!(disposition.is_inline() && disposition.parameters.count() == parameters);
        assert_eq!((late.root().language().count(), late.root().extensions()), (0, &b"5"[..]));
    }
    let parameters = quirk("(\"a\" \"b\" () NIL NIL \"7BIT\" 0)", Quirk::EmptyList);
    assert_eq!(parameters.root().parameters().count(), 0);
    for (empty, boundary) in [
        ("(\"MIXED\" (\"BOUNDARY\" \"x\") NIL NIL NIL)", true),
        ("(NIL \"MIXED\" (\"BOUNDARY\" \"x\") NIL NIL NIL)", true),
        ("( \"MIXED\" (\"BOUNDARY\" \"x\") (\"inline\" NIL) NIL NIL)", true),
        ("(\"MIXED\" (\"BOUNDARY\" \"x\") (\"inline\" NIL) NIL \"http://x\" 5)", true),
        ("(\"MIXED\" (\"BOUNDARY\" \"x\") NIL NIL NIL 5)", true),
        ("( \"MIXED\" NIL NIL NIL)", false),
        ("(\"MIXED\" NIL (\"ATTACHMENT\" NIL) NIL)", false),
        ("(\"MIXED\" NIL NIL NIL)", false),
        ("(\"MIXED\" NIL)", false),
        ("(() \"MIXED\" (\"BOUNDARY\" \"x\") NIL NIL NIL)", true),
        ("(NIL \"MIXED\" NIL NIL NIL NIL)", false),
        ("(() \"MIXED\")", false),
    ] {
        let empty = quirk(empty, Quirk::EmptyMultipart);
        assert!(empty.root().is("MULTIPART", "MIXED"));
        assert_eq!(empty.root().parameter("boundary").is_some(), boundary);
        assert_eq!(empty.walk().count(), 1);
    }
    let inner = "((\"a\" \"b\" NIL NIL NIL \"7BIT\" 0)(\"MIXED\" (\"BOUNDARY\" \"x\") NIL NIL)(()())\"x\")";
    assert!(read(inner.as_bytes(), Quirks::lenient(), parse).is_none());
    let inner =
        "((\"a\" \"b\" NIL NIL NIL \"7BIT\" 0)(\"MIXED\" (\"BOUNDARY\" \"x\") NIL NIL)(() \"y\") \"x\")";
    assert_eq!(numbers(&quirk(inner, Quirk::EmptyMultipart)), ["", "1", "2", "3"]);
    for disposition in ["\"attachment\"", "(\"attachment\")", "(NIL NIL)"] {
        let text = alloc::format!("(\"a\" \"b\" NIL NIL NIL \"7BIT\" 0 NIL {disposition} NIL NIL)");
        let found = quirk(&text, Quirk::StrangeDisposition);
        assert_eq!(found.root().disposition().is_some(), disposition != "(NIL NIL)");
    }
    for (message, lines) in [
        ("", 0),
        (" NIL", 0),
        (" NIL NIL NIL NIL", 0),
        (" NIL (\"attachment\" (\"filename\" \"a.eml\")) NIL NIL", 0),
        (" \"md5\" NIL NIL", 0),
        (" NIL NIL 42 NIL NIL NIL NIL", 42),
        (" 42 NIL NIL", 42),
        (" (NIL \"s\" NIL NIL NIL NIL NIL NIL NIL NIL) NIL 42", 42),
        (" (NIL \"s\" NIL NIL NIL NIL NIL NIL NIL NIL) () 42 NIL (\"attachment\" NIL) NIL", 42),
        (" NIL () 42 NIL NIL NIL NIL", 42),
    ] {
        let text = alloc::format!("(\"MESSAGE\" \"RFC822\" NIL NIL NIL \"7BIT\" 9{message})");
        let bare = quirk(&text, Quirk::MessageWithoutEnvelope);
        assert_eq!((bare.root().lines(), bare.walk().count()), (Some(lines), 1), "{text}");
        assert_eq!(bare.root().disposition().is_some(), message.contains("attachment"));
        assert_eq!(bare.root().envelope().is_some(), message.contains("\"s\""));
    }
    let body = "(\"MESSAGE\" \"RFC822\" NIL NIL NIL \"7BIT\" 9 NIL (\"a\" \"b\" NIL NIL NIL \"7BIT\" 0) 1)";
    assert_eq!(quirk(body, Quirk::MessageWithoutEnvelope).walk().count(), 2);
    quirk(
        "( (\"a\" \"b\" NIL NIL NIL \"7BIT\" 0)(\"a\" \"b\" NIL NIL NIL \"7BIT\" 0) \"x\")",
        Quirk::ExtraSpace,
    );
    for (spaces, kind) in [
        ("( \"text\" \"x\" NIL NIL NIL \"7bit\" 3 1)", "text"),
        ("(  \"text\" \"x\" (\"a\" \"b\") NIL NIL \"7bit\" 3 1 NIL NIL)", "text"),
        ("( \"image\" \"x\" NIL NIL NIL {4}\r\n7bit 3)", "image"),
    ] {
        let spaces = quirk(spaces, Quirk::ExtraSpace);
        assert!(spaces.root().is(kind, "x") && spaces.root().size() == 3);
    }
    let nested = "(( \"a\" \"b\" NIL NIL NIL \"7BIT\" 0)( (\"c\" \"d\" NIL NIL NIL \"7BIT\" 0) \"x\") \"x\")";
    assert_eq!(numbers(&quirk(nested, Quirk::ExtraSpace)), ["", "1", "2", "2.1"]);
    for (word, id) in [
        ("(\"X-ZIP\" (\"BOUNDARY\" \"\") NIL NIL \"base64\" 4096)", false),
        ("(\"X-ZIP\" (\"BOUNDARY\" \"\") \"<i>\" \"d\" \"base64\" 4096 NIL (\"inline\" NIL) NIL NIL)", true),
    ] {
        let word = quirk(word, Quirk::ShortBody);
        let root = word.root();
        assert!(root.is("", "X-ZIP") && root.kind() == PartKind::Single);
        assert_eq!((root.size(), &*root.encoding()), (4096, &b"base64"[..]));
        assert_eq!(root.parameter("boundary").unwrap(), &b""[..]);
        assert_eq!((root.id().is_some(), root.disposition().is_some()), (id, id));
    }
    for odd in ["\"\"", "\"x\"", "{1}\r\nx"] {
        let odd = alloc::format!("(\"a\" \"b\" (\"charset\" \"UTF-8\" {odd}) NIL NIL \"7BIT\" 5)");
        let odd = quirk(&odd, Quirk::ShortBody);
        assert_eq!(odd.root().parameters().count(), 1);
        assert_eq!((odd.root().parameter("charset").unwrap().len(), odd.root().size()), (5, 5));
    }
    assert_eq!(
        quirk("(\"a\" \"b\" (\"c\") NIL NIL \"7BIT\" 5)", Quirk::ShortBody).root().parameters().count(),
        0
    );
    let spaces = "((\"a\" \"b\" NIL NIL NIL \"7BIT\" 0) (\"a\" \"b\" NIL NIL NIL \"7BIT\" 0)  (\"a\" \"b\" NIL NIL NIL \"7BIT\" 0) \"x\")";
    assert_eq!(numbers(&quirk(spaces, Quirk::SpaceBetweenItems)), ["", "1", "2", "3"]);
    for (extension, kept) in [
        ("NIL NIL NIL atom", "atom"),
        ("NIL NIL NIL () (a b)", "() (a b)"),
        ("NIL NIL NIL ((\"a\")(\"b\"))", "((\"a\")(\"b\"))"),
        ("NIL NIL (\"x\") NIL", "(\"x\") NIL"),
        ("NIL 7 NIL", "7 NIL"),
    ] {
        let text = alloc::format!("(\"a\" \"b\" NIL NIL NIL \"7BIT\" 0 NIL {extension})");
        assert_eq!(quirk(&text, Quirk::StrangeExtension).root().extensions(), kept.as_bytes());
    }
    for (size, number, name) in [
        ("-1", 0, Quirk::StrangeNumber),
        ("9.37e+06", 9_370_000, Quirk::StrangeNumber),
        ("4294967296", 4_294_967_296, Quirk::LargeNumber),
    ] {
        let text = alloc::format!("(\"a\" \"b\" NIL NIL NIL \"7BIT\" {size})");
        let (value, met) = read(text.as_bytes(), Quirks::lenient(), parse).unwrap();
        assert_eq!((value.root().size(), met), (number, [name].into_iter().collect()));
        assert!(strict(text.as_bytes(), parse).is_none());
        let again = written(|encoder| value.encode(encoder));
        assert_eq!(read(again.as_bytes(), Quirks::lenient(), parse).unwrap().0, value);
    }
    quirk("(\"a\" \"b\" (\"c\" \"d\" ) NIL NIL \"7BIT\" 0 )", Quirk::ExtraSpace);
    quirk("(\"a\"  \"b\" NIL NIL NIL \"7BIT\" 0 NIL NIL NIL NIL (1 ) )", Quirk::ExtraSpace);
    quirk("(\"a\" \"b\" (\"name\" \"a \"b\".pdf\") NIL NIL \"7BIT\" 0)", Quirk::UnescapedQuote);
    quirk("(\"a\" \"b\" (\"name\" x.pdf) NIL NIL \"7BIT\" 0)", Quirk::AtomForString);
    let literal = "(\"a\" \"b\" (\"name\" {12}\r\n12)(\"\\345678) NIL NIL \"7BIT\" 0)";
    let value = strict(literal.as_bytes(), parse).unwrap();
    assert_eq!(value.root().parameter("name").unwrap(), &b"12)(\"\\345678"[..]);
}

/// RFC 3501 knows MESSAGE/RFC822 alone: MESSAGE/GLOBAL is one of its `media-basic`.
#[test]
fn a_global_message_may_be_a_part_like_any_other() {
    for behind in [
        "",
        " NIL",
        " \"md5\"",
        " NIL NIL NIL NIL",
        " NIL (\"attachment\" (\"filename\" \"a\")) \"en\" NIL 5",
    ] {
        let text = alloc::format!("(\"MESSAGE\" \"GLOBAL\" NIL NIL NIL \"7BIT\" 22{behind})");
        let value = strict(text.as_bytes(), parse).unwrap();
        assert_eq!((value.root().size(), value.root().kind()), (22, PartKind::Single), "{text}");
        assert!(value.root().envelope().is_none());
        assert_eq!(value.root().disposition().is_some(), behind.contains("attachment"));
        // Written part by part, it is the same.
        let slow = BodyStructure { strict: false, ..value.clone() };
        let again = written(|encoder| slow.encode(encoder));
        assert_eq!(strict(again.as_bytes(), parse).unwrap(), value, "{again}");
    }
    for behind in [" 4", " NIL NIL 4", " NIL () 4", " NIL (\"a\" \"b\" NIL NIL NIL \"7BIT\" 0) 1"] {
        quirk(
            &alloc::format!("(\"MESSAGE\" \"GLOBAL\" NIL NIL NIL \"7BIT\" 22{behind})"),
            Quirk::MessageWithoutEnvelope,
        );
    }
    assert!(strict(b"(\"MESSAGE\" \"RFC822\" NIL NIL NIL \"7BIT\" 22)", parse).is_none());
}

#[test]
fn body_has_no_extension_data() {
    fn body(cursor: &mut Cursor<'_>) -> Parsed<BodyStructure> {
        BodyStructure::parse(cursor, false)
    }
    for (plain, extended) in [
        ("(\"a\" \"b\" NIL NIL NIL \"7BIT\" 0", " NIL)"),
        ("(\"a\" \"b\" NIL NIL NIL \"7BIT\" 0", " \"md5\" NIL NIL \"http://x\" 5)"),
        ("(\"TEXT\" \"b\" NIL NIL NIL \"7BIT\" 0 0", " NIL (\"inline\" NIL) \"de\" NIL)"),
        ("(\"MESSAGE\" \"GLOBAL\" NIL NIL NIL \"7BIT\" 22", " NIL)"),
        (
            "(\"MESSAGE\" \"RFC822\" NIL NIL NIL \"7BIT\" 22 (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) (\"a\" \"b\" NIL NIL NIL \"7BIT\" 0) 1",
            " NIL NIL)",
        ),
        ("((\"a\" \"b\" NIL NIL NIL \"7BIT\" 0) \"MIXED\"", " (\"BOUNDARY\" \"x\"))"),
        ("((\"a\" \"b\" NIL NIL NIL \"7BIT\" 0) \"MIXED\"", " NIL NIL NIL NIL)"),
    ] {
        let plain = alloc::format!("{plain})");
        let extended = [&plain[..plain.len() - 1], extended].concat();
        let short = strict(plain.as_bytes(), body).unwrap();
        assert!(strict(extended.as_bytes(), parse).is_some());
        let long = quirky(extended.as_bytes(), Quirk::StrangeExtension, body);
        assert_eq!(long.without_extension(), short, "{extended}");
        // What was read is kept; what the grammar wants is one step away.
        let again = written(|encoder| long.encode(encoder));
        assert_eq!(read(again.as_bytes(), Quirks::lenient(), body).unwrap().0, long, "{again}");
        assert_eq!(written(|encoder| long.without_extension().encode(encoder)), plain);
    }
}

#[test]
fn limits_are_inclusive() {
    let nested = |depth: usize| {
        let mut text = "(".repeat(depth);
        text.push_str("(\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 1 1)");
        text.push_str(&" \"MIXED\")".repeat(depth));
        text
    };
    let limits = Limits::imap_client();
    let kind = |octets: &str, limits: &Limits| {
        let mut cursor = Cursor::borrowed(octets.as_bytes(), limits, Quirks::lenient().bits());
        match parse(&mut cursor) {
            Ok(_) => None,
            Err(fail) => Some(cursor.error(fail).kind()),
        }
    };
    assert_eq!(kind(&nested(63), &limits), None);
    assert_eq!(kind(&nested(64), &limits), None);
    assert_eq!(kind(&nested(65), &limits), Some(ErrorKind::TooDeep));
    assert_eq!(kind(&"(".repeat(1_000_000), &limits), Some(ErrorKind::TooDeep));
    let extension = |open: usize| {
        let (open, close) = ("(".repeat(open), ")".repeat(open));
        alloc::format!("(\"A\" \"B\" NIL NIL NIL \"7BIT\" 1 NIL NIL NIL NIL {open}1{close})")
    };
    assert_eq!(kind(&extension(64), &limits), None);
    assert_eq!(kind(&extension(65), &limits), Some(ErrorKind::TooDeep));
    let parts =
        |count: usize| alloc::format!("({} \"MIXED\")", "(\"A\" \"B\" NIL NIL NIL \"7BIT\" 1)".repeat(count));
    let few = Limits { items: 10, ..limits };
    assert_eq!(kind(&parts(9), &few), None);
    assert_eq!(kind(&parts(10), &few), Some(ErrorKind::TooMany));
    let small = Limits { memory: 1_000, ..limits };
    assert!(kind(&parts(20), &small).is_some());
}

#[test]
fn every_cut_and_every_change_of_an_octet_is_survived() {
    for end in 0..EXAMPLE.len() {
        assert!(read(&EXAMPLE.as_bytes()[..end], Quirks::lenient(), parse).is_none());
    }
    let mut octets = EXAMPLE.as_bytes().to_vec();
    for at in 0..octets.len() {
        for other in *b"()\" N1{-" {
            let before = core::mem::replace(&mut octets[at], other);
            let limits = Limits::imap_client();
            let mut cursor = Cursor::borrowed(&octets, &limits, Quirks::lenient().bits());
            if let Ok(value) = parse(&mut cursor) {
                let again = written(|encoder| value.encode(encoder));
                let (read, _) = read(again.as_bytes(), Quirks::lenient(), parse).unwrap();
                assert_eq!(read, value, "{}", octets.escape_ascii());
                let _ = alloc::format!("{value:?}");
            }
            octets[at] = before;
        }
    }
}

/// The outcome of a reading, with the parts that need no closer look read at once or not.
fn outcome(
    octets: &[u8],
    items: usize,
    quirks: Quirks,
    extensible: bool,
    at_once: bool,
) -> Result<(Vec<Entry>, usize, u128), crate::wire::Error> {
    let limits = Limits { items, ..Limits::imap_client() };
    let mut cursor = Cursor::borrowed(octets, &limits, quirks.bits());
    let plain = Plain::new(octets, items, extensible).filter(|_| at_once);
    match (Reader { cursor: &mut cursor, plain, extensible, base: 0, depth: 0 }).parts() {
        Ok(parts) => Ok((parts, cursor.position(), cursor.forgiven())),
        Err(fail) => Err(cursor.error(fail)),
    }
}

#[test]
fn what_is_read_at_once_is_what_a_closer_look_gives() {
    let attachment = "((\"TEXT\" \"PLAIN\" (\"CHARSET\" \"utf-8\" \"FORMAT\" \"flowed\") NIL NIL \"7BIT\" 17 1 NIL NIL NIL)\
        (\"application\" \"pdf\" (\"name\" \"a name of some length.pdf\") \"<i>\" \"a description\" \"base64\" 1234567 \"md5\" \
        (\"attachment\" (\"filename\" \"a\" \"size\" \"1\")) \"de\" \"http://x\")\
        (\"text\" \"html\" NIL NIL NIL \"8bit\" 12345678 1 NIL)(\"a\" \"b\" NIL NIL NIL \"c\" 0 NIL (\"inline\" NIL) NIL)\
        \"mixed\" (\"boundary\" \"=_0123456789\") NIL NIL NIL)";
    for whole in [EXAMPLE, attachment] {
        for seed in 0..5_000 {
            let mut octets = whole.as_bytes().to_vec();
            for change in crate::wire::chance::noise(seed, 16).chunks(8).take((seed % 3) as usize) {
                let at = usize::from(u16::from_le_bytes([change[0], change[1]])) % octets.len();
                let other = b"\"\"()  \\N9\t\0\xe9"[usize::from(change[2]) % 12];
                match change[3] % 3 {
                    0 => octets[at] = other,
                    1 => octets.insert(at, other),
                    _ => drop(octets.remove(at)),
                }
            }
            let items = if seed % 5 == 0 { 1 + (seed / 5 % 3) as usize } else { 100 };
            for quirks in [Quirks::strict(), Quirks::lenient()] {
                for extensible in [true, false] {
                    let [one, other] =
                        [true, false].map(|at_once| outcome(&octets, items, quirks, extensible, at_once));
                    assert!(one == other, "{}", octets.escape_ascii());
                }
            }
        }
    }
}

/// The cases of other projects, where `MAILWIRE_SHARED` says where they are.
#[test]
fn cases_of_other_projects() {
    let Ok(shared) = std::env::var("MAILWIRE_SHARED") else { return };
    let mut cases = 0;
    for corpus in ["dovecot", "swift-nio-imap", "imap-proto"] {
        let lines = std::fs::read_to_string(alloc::format!("{shared}/corpus/{corpus}.jsonl")).unwrap();
        for line in lines.lines() {
            let case: serde_json::Value = serde_json::from_str(line).unwrap();
            let production = case["production"].as_str().unwrap_or_default();
            let octets: Vec<u8> = case["octets"]
                .as_str()
                .unwrap_or_default()
                .chars()
                .map(|octet| u8::try_from(u32::from(octet)).unwrap())
                .collect();
            let text = String::from_utf8_lossy(&octets).into_owned();
            match (production, case["expected"].as_str()) {
                ("body" | "bodystructure" | "bodyStructure", Some("valid" | "quirk")) => {
                    let quirks = if corpus == "dovecot" { Quirks::strict() } else { Quirks::lenient() };
                    let Some((value, _)) = read(&octets, quirks, parse) else { panic!("{text}") };
                    let again = written(|encoder| value.encode(encoder));
                    assert_eq!(strict(again.as_bytes(), parse).unwrap(), value);
                }
                ("bodySinglepart", Some("valid")) => {
                    assert!(strict(alloc::format!("({text})").as_bytes(), parse).is_some(), "{text}");
                }
                ("envelope", Some("valid")) => {
                    assert!(read(&octets, Quirks::lenient(), Envelope::parse).is_some(), "{text}");
                }
                _ => continue,
            }
            cases += 1;
        }
    }
    assert!(cases > 30);
}
