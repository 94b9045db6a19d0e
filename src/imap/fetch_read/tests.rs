//! What is read of FETCH responses, frame by frame.

use super::*;
use crate::imap::encode::Encoding;
use crate::imap::fetch::{FetchEncoder, FetchItem};
use crate::imap::framing::{Frame, Framer, Sender};
use crate::imap::quirk::Quirks;
use crate::imap::section::Section;
use crate::wire::Limits;
use alloc::vec::Vec;
use arbitrary::{Arbitrary, Unstructured};
use bytes::BytesMut;

/// Steps, with the octets of streamed bodies among them.
#[derive(Debug, PartialEq)]
enum Told {
    Step(Step),
    Octets(Bytes),
    LeftOut(Error),
}

/// Reads one response as the client's machine does.
fn read_with(octets: &[u8], quirks: Quirks, limits: &Limits) -> Result<(Vec<Told>, Quirks), Error> {
    let mut told = Vec::new();
    let mut framer = Framer::new(Sender::Server);
    let mut reader: Option<FetchReader> = None;
    let mut rest = Bytes::copy_from_slice(octets);
    let mut forgiven = 0;
    while let Some(frame) = framer.frame(&rest, limits)? {
        let (whole, content, header) = match frame {
            Frame::Message { end, terminator } => (end, end - terminator, None),
            Frame::Literal { end, header } => (end, end, Some(header)),
        };
        let frame = rest.split_to(whole).slice(..content);
        let mut cursor = Cursor::borrowed(&frame, limits, quirks.bits());
        if reader.is_none() {
            let begun = FetchReader::begin(&mut cursor).map_err(|fail| cursor.error(fail))?;
            let Begun::Fetch(begun) = begun else { panic!("{}", octets.escape_ascii()) };
            reader = Some(begun);
        }
        let reader = reader.as_mut().unwrap();
        loop {
            let place = cursor.position();
            let mut left_out = None;
            let step = match reader.step(&mut cursor, &mut left_out) {
                Ok(step) => step,
                Err(_) if cursor.wants_shared() => {
                    forgiven |= cursor.forgiven();
                    cursor = Cursor::shared(&frame, limits, quirks.bits());
                    cursor.set_position(place);
                    reader.step(&mut cursor, &mut left_out).map_err(|fail| cursor.error(fail))?
                }
                Err(fail) => return Err(cursor.error(fail)),
            };
            let streamed = matches!(step, Step::StreamedBody(_));
            told.push(Told::Step(step));
            told.extend(left_out.map(Told::LeftOut));
            if streamed || reader.is_over() {
                break;
            }
        }
        forgiven |= cursor.forgiven();
        assert!(cursor.is_at_end());
        match header {
            Some(header) => {
                assert!(header.streamed && !reader.is_over());
                told.push(Told::Octets(rest.split_to(usize::try_from(header.length).unwrap())));
                framer.resume_message();
            }
            None => {
                assert!(reader.is_over() && rest.is_empty());
                return Ok((told, Quirks::from_bits(forgiven)));
            }
        }
    }
    panic!("no end: {}", octets.escape_ascii());
}

fn read(octets: &[u8], quirks: Quirks) -> Result<(Vec<Told>, Quirks), Error> {
    read_with(octets, quirks, &Limits::imap_client())
}

fn strict(octets: &[u8]) -> Vec<Told> {
    read(octets, Quirks::strict()).unwrap_or_else(|error| panic!("{}: {error}", octets.escape_ascii())).0
}

fn quirk(octets: &[u8], quirk: Quirk) -> Vec<Told> {
    assert!(read(octets, Quirks::strict()).is_err(), "{}", octets.escape_ascii());
    let (told, met) = read(octets, Quirks::lenient()).unwrap();
    assert_eq!(met, [quirk].into_iter().collect());
    told
}

/// Writes what was told as a server does.
fn write(told: &[Told]) -> BytesMut {
    let mut out = BytesMut::new();
    let mut writer = FetchEncoder::default();
    for told in told {
        let encoding = Encoding::server();
        match told {
            Told::Step(Step::Fetch(fetch)) => writer.fetch(fetch, &mut out, encoding).unwrap(),
            Told::Step(Step::InlineBody { start, octets }) => {
                writer.body(start, &mut out, encoding).unwrap();
                out.extend_from_slice(octets.as_deref().unwrap_or_default());
            }
            Told::Step(Step::StreamedBody(start)) => writer.body(start, &mut out, encoding).unwrap(),
            Told::Octets(octets) => out.extend_from_slice(octets),
            Told::LeftOut(_) => {}
        }
    }
    out
}

fn fetches(told: &[Told]) -> Vec<&Fetch> {
    let fetch = |told| if let &Told::Step(Step::Fetch(ref fetch)) = told { Some(fetch) } else { None };
    told.iter().filter_map(fetch).collect()
}

#[test]
fn items() {
    for octets in [
        "* 1 FETCH (UID 1234 FLAGS (\\Seen $Forwarded) MODSEQ (9223372036854775807))",
        "* 12 FETCH (INTERNALDATE \" 7-Feb-1994 21:52:25 -0800\" RFC822.SIZE 9223372036854775807)",
        "* 12 FETCH (ENVELOPE (\"date\" \"subject\" NIL NIL NIL NIL NIL NIL NIL \"<id>\"))",
        "* 1 FETCH (BODYSTRUCTURE (\"A\" \"B\" NIL NIL NIL \"7BIT\" 1 NIL NIL NIL NIL))",
        "* 1 FETCH (BODY (\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 1 1))",
        "* 1 FETCH (EMAILID (M6d99ac3275bb4e) THREADID (T1) THREADID NIL)",
        "* 1 FETCH (PREVIEW \"Lorem ipsum dolor sit amet, consectetur\" PREVIEW NIL)",
        "* 1 FETCH (SAVEDATE \"07-Feb-1994 21:52:25 -0800\" SAVEDATE NIL)",
        "* 1 FETCH (BINARY.SIZE[3] 4 BINARY.SIZE[] 5)",
        "* 1 FETCH (X-GM-MSGID 18446744073709551615 X-GM-THRID 1)",
        "* 1 FETCH (X-GM-LABELS (\\Inbox \\Sent Important \"Muy Importante\"))",
        "* 1 FETCH (BODYSTRUCTURE (\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 1 9223372036854775807 NIL NIL NIL NIL))",
        "* 1 FETCH (ANNOTATION (/comment (value.priv \"x\" size.priv \"1\")))",
        "* 1 FETCH (X-UNKNOWN (a (b \"c\" {1}\r\nd)) XAOL-SPAM-REASON \"a long enough text to be shared\" X 1:4)",
        "* 25996 UIDFETCH (FLAGS (\\Seen))",
        "* 25996 UIDFETCH (UID 25996)",
    ] {
        let line = [octets, "\r\n"].concat();
        let told = strict(line.as_bytes());
        assert_eq!(told.len(), 1, "{octets}");
        assert!(fetches(&told)[0].last);
        let again = write(&told);
        assert_eq!(strict(&again), told);
        if !octets.contains("\" 7-Feb") {
            assert_eq!(alloc::string::String::from_utf8_lossy(&again), line);
        }
    }
    let told = strict(
        b"* 2 uidfetch (uid 2 flags (\\seen) x-gm-labels (\"\\\\Important\"))\r\n"
            .as_slice()
            .to_ascii_uppercase()
            .as_slice(),
    );
    let fetch = fetches(&told)[0];
    assert_eq!((fetch.seq, fetch.uid.map(NonZeroU32::get)), (None, Some(2)));
    assert!(matches!(&fetch.items[0], FetchItem::GmailLabels(labels) if labels[0] == "\\IMPORTANT"));
}

#[test]
fn what_no_fetch_is() {
    for octets in [
        "1 FETCH ()",
        "1 FETCH (UID 0)",
        "1 FETCH (UID 4294967296)",
        "1 FETCH (MODSEQ (9223372036854775808))",
        "1 FETCH (MODSEQ (0))",
        "1 FETCH (MODSEQ 1)",
        "1 FETCH (FLAGS)",
        "1 FETCH (FLAGS \\Seen)",
        "1 FETCH (UID 1",
        "1 FETCH (UID 1))",
        "1 FETCH (UID 1)x",
        "1 FETCH (UID 1 )",
        "1 FETCH ( UID 1)",
        "1 FETCH (UID  1)",
        "1 FETCH (UID 1  FLAGS ())",
        "1 FETCH (RFC822.SIZE -1)",
        "1 FETCH (RFC822.SIZE 1e5)",
        "1 FETCH (INTERNALDATE NIL)",
        "1 FETCH (INTERNALDATE \"31-Feb-2026 00:00:00 +0000\")",
        "1 FETCH (ENVELOPE NIL)",
        "1 FETCH (BODYSTRUCTURE ())",
        "1 FETCH (BODY[] abc)",
        "1 FETCH (BODY[])",
        "1 FETCH (BODY[TEXT)",
        "1 FETCH (BODY[]<a> NIL)",
        "1 FETCH (X-UNKNOWN)",
        "1 FETCH (X-UNKNOWN (a)",
        "1 FETCH (\"X\" 1)",
        "1 FETCH (EMAILID ())",
        "1 FETCH (EMAILID NIL)",
    ] {
        let line = alloc::format!("* {octets}\r\n");
        let error = read(line.as_bytes(), Quirks::strict()).expect_err(octets);
        assert!(!error.is_fatal());
    }
}

#[test]
fn bodies_of_every_form() {
    let told = strict(b"* 1 FETCH (UID 7 BODY[TEXT]<0> {5}\r\na)\r\nb FLAGS (\\Seen) RFC822.HEADER \"q\\\"q\" BINARY[1.2] ~{2}\r\n\0\0 RFC822 NIL BODY[1.MIME] {0}\r\n)\r\n");
    let uid = NonZeroU32::new(7);
    let start =
        |item, origin, len, binary| BodyStart { seq: Some(NonZeroU32::MIN), uid, item, origin, len, binary };
    let fetch = || Fetch { seq: Some(NonZeroU32::MIN), uid, ..Fetch::default() };
    let text = BodyItem::Section(Section::Text(None));
    let mime = BodyItem::Section(Section::Mime("1".parse().unwrap()));
    let binary = BodyItem::Binary("1.2".parse().ok());
    let octets = |octets: &'static [u8]| Told::Octets(Bytes::from_static(octets));
    let expected = [
        Told::Step(Step::StreamedBody(start(text, Some(0), Some(5), false))),
        octets(b"a)\r\nb"),
        Told::Step(Step::Fetch(Fetch { flags: Some([crate::imap::flag::Flag::Seen].into()), ..fetch() })),
        Told::Step(Step::InlineBody {
            start: start(BodyItem::Rfc822Header, None, Some(3), false),
            octets: Some(Bytes::from_static(b"q\"q")),
        }),
        Told::Step(Step::StreamedBody(start(binary, None, Some(2), true))),
        octets(b"\0\0"),
        Told::Step(Step::InlineBody { start: start(BodyItem::Rfc822, None, None, false), octets: None }),
        Told::Step(Step::StreamedBody(start(mime, None, Some(0), false))),
        octets(b""),
        Told::Step(Step::Fetch(Fetch { last: true, ..fetch() })),
    ];
    assert_eq!(told, expected);
    let again = write(&told);
    assert!(again.ends_with(
        b"RFC822.HEADER {3}\r\nq\"q BINARY[1.2] ~{2}\r\n\0\0 RFC822 NIL BODY[1.MIME] {0}\r\n)\r\n"
    ));
    assert!(again.starts_with(b"* 1 FETCH (UID 7 BODY[TEXT]<0> {5}\r\na)\r\nb FLAGS (\\Seen) RFC822.HEADER"));
    let told = strict(b"* 87 UIDFETCH (BODY[4.TEXT] NIL UID 87)\r\n");
    assert_eq!(write(&told), &b"* 87 UIDFETCH (BODY[4.TEXT] NIL)\r\n"[..]);
    let told =
        strict(b"* 1 FETCH (BODY[HEADER.FIELDS (\"A-name-that-is-not-short\" {3}\r\nb c)] {1}\r\nx)\r\n");
    assert!(matches!(&told[0], Told::Step(Step::StreamedBody(start))
        if start.item.section() == Section::HeaderFields(None, alloc::vec!["A-name-that-is-not-short".into(), "b c".into()])));
}

#[test]
fn what_is_told_twice_is_told_in_two() {
    let told = strict(b"* 1 FETCH (FLAGS () UID 3 FLAGS (\\Seen) RFC822.SIZE 1 UID 3 UID 4)\r\n");
    let fetches = fetches(&told);
    assert_eq!(fetches.len(), 3);
    assert!(fetches[0].flags.as_ref().unwrap().is_empty() && !fetches[0].last);
    assert!(fetches[1].flags.as_ref().unwrap().is_seen() && fetches[1].size == Some(1));
    assert_eq!(fetches[2].uid, NonZeroU32::new(4));
    assert!(fetches[2].last && fetches[2].is_empty());
    let both = b"* 1 FETCH (BODY (\"A\" \"B\" NIL NIL NIL \"7BIT\" 1) BODYSTRUCTURE (\"A\" \"B\" NIL NIL NIL \"7BIT\" 1 NIL NIL NIL NIL))\r\n";
    assert_eq!(write(&strict(both)), &both[..]);
}

#[test]
fn pieces_come_back_in_any_order() {
    const ITEMS: [&str; 8] = [
        "UID 1",
        "UID 2",
        "FLAGS ()",
        "FLAGS (\\Seen)",
        "RFC822.SIZE 1",
        "MODSEQ (1)",
        "X-SIZE 3",
        "BODY[] {1}\r\nx",
    ];
    for number in 0..8usize.pow(5) {
        let order = (0..5).map(|place| number / 8usize.pow(place) % 8);
        let items: Vec<_> = order.filter_map(|item| ITEMS.get(item).copied()).collect();
        let told = strict(alloc::format!("* 1 FETCH ({})\r\n", items.join(" ")).as_bytes());
        let written = write(&told);
        assert_eq!(strict(&written), told, "{items:?} {}", written.escape_ascii());
    }
}

#[test]
fn what_is_kept_can_be_written() {
    for value in ["(a)~{2}\r\nQ b", "\"a\"{2}\r\nQb", "((a) {2}\r\nQ{)", "~{1}\r\nx"] {
        let line = alloc::format!("* 2 FETCH (X-Y {value})\r\n");
        if let Ok((told, _)) = read(line.as_bytes(), Quirks::strict()) {
            assert_eq!(strict(&write(&told)), told, "{value}");
        }
    }
    for value in ["a{2}\r\nQb", "(a{2}\r\nQb)", "1{0}\r\n"] {
        let line = alloc::format!("* 2 FETCH (X-Y {value})\r\n");
        assert!(read(line.as_bytes(), Quirks::lenient()).is_err(), "{value}");
    }
}

#[test]
fn quirks_of_the_wild() {
    let told = quirk(b"* 0 FETCH (UID 1)\r\n", Quirk::ZeroSequenceNumber);
    assert_eq!(fetches(&told)[0].seq, None);
    for octets in [
        &b"* 1 FETCH (UID 5 BODY[])\r\n"[..],
        b"* 1 FETCH (BODY[] UID 5)\r\n",
        b"* 1 FETCH (RFC822 UID 5)\r\n",
    ] {
        let told = quirk(octets, Quirk::MissingValue);
        assert!(told.iter().any(|told| matches!(told, Told::Step(Step::InlineBody { octets: None, .. }))));
        assert_eq!(
            fetches(&told).last().unwrap().uid,
            NonZeroU32::new(5).filter(|_| fetches(&told).last().unwrap().uid.is_some())
        );
    }
    let told = quirk(b"* 1 FETCH (UID 5) (FLAGS ())\r\n", Quirk::TrailingOctets);
    assert_eq!(fetches(&told)[0].uid, NonZeroU32::new(5));
    for date in [
        "NIL",
        "\"31-Feb-2026 00:00:00 +0000\"",
        "\"01-Jan-26 00:00:00 +0000\"",
        "\"00-Jan-2026 00:00:00 GMT\"",
    ] {
        let line = alloc::format!("* 1 FETCH (INTERNALDATE {date} UID 1)\r\n");
        let told = quirk(line.as_bytes(), Quirk::StrangeDate);
        let fetch = fetches(&told)[0];
        assert_eq!((fetch.internal_date, fetch.uid), (None, Some(NonZeroU32::MIN)));
        let FetchItem::Other(kept) = &fetch.items[0] else { panic!() };
        assert_eq!(kept.value.as_ref().unwrap().as_bytes(), date.as_bytes());
        assert_eq!(write(&told), alloc::format!("* 1 FETCH (UID 1 INTERNALDATE {date})\r\n").as_bytes());
    }
    let told = quirk(b"* 1 FETCH (INTERNALDATE \"8-Mar-2023 12:16:47 +0800\")\r\n", Quirk::StrangeDate);
    assert!(fetches(&told)[0].internal_date.is_some());
    let told = quirk(b"* 1 FETCH (RFC822.SIZE -1)\r\n", Quirk::StrangeNumber);
    assert!(fetches(&told)[0].size.is_none() && fetches(&told)[0].items.len() == 1);
    let told = quirk(b"* 1 FETCH (RFC822.SIZE 9.3736e+06)\r\n", Quirk::StrangeNumber);
    assert_eq!(fetches(&told)[0].size, Some(9_373_600));
    let told = quirk(b"* 1 FETCH ( UID  1  FLAGS (\\Seen ) )\r\n", Quirk::ExtraSpace);
    assert!(fetches(&told)[0].flags.as_ref().unwrap().is_seen());
    let told = read(b"* 1 FETCH (MODSEQ (-1) FLAGS ())\r\n", Quirks::lenient()).unwrap().0;
    assert!(fetches(&told)[0].mod_seq.unwrap().is_zero());
    // The strange lists of the types within are told as theirs.
    quirk(
        b"* 1 FETCH (ENVELOPE (\"d\" \"s\" NIL NIL NIL () NIL NIL))\r\n".replace_short().as_slice(),
        Quirk::StrangeAddressList,
    );
    for value in [
        "ENVELOPE x",
        "BODYSTRUCTURE \"\"",
        "FLAGS \\Seen",
        "MODSEQ 4",
        "MODSEQ ()",
        "EMAILID M1",
        "THREADID (\"T1\")",
        "SAVEDATE \"now\"",
        "X-GM-MSGID (1)",
        "X-GM-LABELS a",
    ] {
        let told = quirk(alloc::format!("* 1 FETCH ({value} UID 1)\r\n").as_bytes(), Quirk::StrangeValue);
        let FetchItem::Other(kept) = &fetches(&told)[0].items[0] else { panic!("{told:?}") };
        assert!(value.as_bytes().ends_with(kept.value.as_ref().unwrap().as_bytes()), "{value}");
        assert_eq!(write(&told), alloc::format!("* 1 FETCH (UID 1 {value})\r\n").as_bytes());
    }
    for (octets, spoken, item) in [
        ("RFC822[]", Quirk::EmptySection, "RFC822"),
        ("RFC822.HEADER[]", Quirk::EmptySection, "RFC822.HEADER"),
        ("RFC822.TEXT[]", Quirk::EmptySection, "RFC822.TEXT"),
        ("BODY[2]<7.65536>", Quirk::LengthBehindOrigin, "BODY[2]<7>"),
        ("BODY[HEADER.FIELDS (A B) ]", Quirk::ExtraSpace, "BODY[HEADER.FIELDS (A B)]"),
        ("BODY[HEADER.FIELDS(A)]", Quirk::MissingSpaceBesideList, "BODY[HEADER.FIELDS (A)]"),
        ("BODY[1.HEADER.FIELDS.NOT(A)]", Quirk::MissingSpaceBesideList, "BODY[1.HEADER.FIELDS.NOT (A)]"),
    ] {
        let told = quirk(alloc::format!("* 1 FETCH ({octets} {{3}}\r\nabc UID 1)\r\n").as_bytes(), spoken);
        assert_eq!(write(&told), alloc::format!("* 1 FETCH ({item} {{3}}\r\nabc UID 1)\r\n").as_bytes());
    }
    for octets in [
        &b"* 1 FETCH (BODY(\"a\" \"b\" (\"c\" \"d\")NIL NIL \"7BIT\" 1) UID 1)\r\n"[..],
        b"* 1 FETCH (FLAGS(\\Seen)UID 1)\r\n",
        b"* 1 FETCH (ENVELOPE(NIL NIL((NIL NIL \"a\" \"b\"))NIL NIL NIL NIL NIL NIL NIL)UID 1)\r\n",
    ] {
        quirk(octets, Quirk::MissingSpaceBesideList);
    }
    quirk(b"* 1 FETCH (UID 1 BODYSTRUCTURE ())\r\n", Quirk::EmptyList);
    let told = quirk(b"* 1 FETCH (UID 1 FLAGS (\\Seen)\r\n", Quirk::MissingParenthesis);
    assert!(fetches(&told)[0].flags.is_some() && fetches(&told)[0].last);
    for value in ["UID 0", "UID x", "FLAGS ((", "BODY[TEXT x"] {
        assert!(
            read(alloc::format!("* 1 FETCH ({value})\r\n").as_bytes(), Quirks::lenient()).is_err(),
            "{value}"
        );
    }
}

trait ReplaceShort {
    fn replace_short(&self) -> Vec<u8>;
}

impl<const N: usize> ReplaceShort for [u8; N] {
    /// The envelope with all its fields.
    fn replace_short(&self) -> Vec<u8> {
        let text = alloc::string::String::from_utf8_lossy(self).replace("NIL))", "NIL NIL NIL))");
        text.into_bytes()
    }
}

#[test]
fn what_cannot_be_held_is_left_out() {
    let deep = |depth: usize| {
        let (open, close) = ("(".repeat(depth), " \"X\")".repeat(depth));
        alloc::format!(
            "* 1 FETCH (UID 5 BODYSTRUCTURE {open}(\"A\" \"B\" NIL NIL NIL \"7BIT\" 1){close} FLAGS (\\Seen))\r\n"
        )
    };
    for quirks in [Quirks::strict(), Quirks::lenient()] {
        let (told, met) = read(deep(64).as_bytes(), quirks).unwrap();
        assert!(fetches(&told)[0].body_structure.is_some() && met.is_empty());
        // Lists by the thousand are no body structure that was ever sent: the connection ends.
        assert!(read(deep(20_000).as_bytes(), quirks).is_err());
        for depth in [65, 500] {
            let (told, met) = read(deep(depth).as_bytes(), quirks).unwrap();
            assert!(met.is_empty());
            let fetch = fetches(&told)[0];
            assert!(
                fetch.body_structure.is_none() && fetch.flags.is_some() && fetch.uid.is_some() && fetch.last
            );
            let Told::LeftOut(error) = &told[1] else { panic!("{told:?}") };
            assert_eq!((error.kind(), error.is_fatal()), (ErrorKind::TooDeep, false));
        }
    }
    let open = alloc::format!("* 1 FETCH (BODYSTRUCTURE {})\r\n", "(".repeat(100_000));
    assert_eq!(read(open.as_bytes(), Quirks::lenient()).unwrap_err().kind(), ErrorKind::TooDeep);
    for broken in ["BODYSTRUCTURE (\"A\" \"B\" 7 (bar))", "ENVELOPE (\"a\")x", "ENVELOPE (1 2 3)"] {
        let line = alloc::format!("* 1 FETCH ({broken} UID 9)\r\n");
        assert!(read(line.as_bytes(), Quirks::strict()).is_err());
        let Ok((told, met)) = read(line.as_bytes(), Quirks::lenient()) else {
            assert!(broken.ends_with('x'));
            continue;
        };
        assert_eq!(fetches(&told)[0].uid, NonZeroU32::new(9));
        assert!(matches!(told[1], Told::LeftOut(_)) && met.contains(Quirk::UnreadableItem));
    }
}

#[test]
fn deep_on_a_small_stack() {
    let thread = std::thread::Builder::new().stack_size(64 * 1024);
    let run = thread.spawn(|| {
        for open in [65, 400, 20_000, 1_000_000] {
            for line in [
                [b"* 1 FETCH (BODYSTRUCTURE ".as_slice(), &alloc::vec![b'('; open], b")\r\n"].concat(),
                [
                    b"* 1 FETCH (BODYSTRUCTURE (\"A\" \"B\" NIL NIL NIL \"7BIT\" 1 NIL NIL NIL NIL ",
                    alloc::vec![b'('; open].as_slice(),
                    b"))\r\n",
                ]
                .concat(),
                [b"* 1 FETCH (X-NEW ".as_slice(), &alloc::vec![b'('; open], b")\r\n"].concat(),
            ] {
                for quirks in [Quirks::strict(), Quirks::lenient()] {
                    assert!(read(&line, quirks).is_err());
                }
            }
        }
    });
    run.unwrap().join().unwrap();
}

#[test]
fn round_trips() {
    for seed in 0..crate::imap::round_trip::case_count() {
        let noise = crate::imap::round_trip::noise(seed, 2_000);
        let mut u = Unstructured::new(&noise);
        let fetch = Fetch::arbitrary(&mut u).unwrap();
        let told = [Told::Step(Step::Fetch(fetch.clone()))];
        let written = write(&told);
        assert_eq!(strict(&written), told, "{}", written.escape_ascii());
        #[cfg(feature = "serde")]
        {
            let json = serde_json::to_string(&fetch).unwrap();
            assert_eq!(serde_json::from_str::<Fetch>(&json).unwrap(), fetch);
        }
        // The same in two pieces around a body.
        let Some(seq) = fetch.seq else { continue };
        let start = BodyStart { seq: Some(seq), uid: None, ..BodyStart::arbitrary(&mut u).unwrap() };
        let octets = Bytes::from(alloc::vec![b'x'; 10]);
        let start = BodyStart { len: start.len.map(|_| 10), ..start };
        let mut told = alloc::vec![];
        let before = Fetch { last: false, ..fetch.clone() };
        let uid = before.uid;
        if !before.is_empty() {
            told.push(Told::Step(Step::Fetch(before)));
        }
        let start = BodyStart { uid, ..start };
        if start.len.is_some() {
            told.push(Told::Step(Step::StreamedBody(start)));
            told.push(Told::Octets(octets));
        } else {
            told.push(Told::Step(Step::InlineBody { start, octets: None }));
        }
        told.push(Told::Step(Step::Fetch(Fetch { uid, ..fetch })));
        let written = write(&told);
        assert_eq!(strict(&written), told, "{}", written.escape_ascii());
    }
}

#[test]
fn a_failed_write_leaves_nothing() {
    let mut out = BytesMut::new();
    let mut writer = FetchEncoder::default();
    let empty = Fetch::new(NonZeroU32::MIN);
    assert!(writer.fetch(&empty, &mut out, Encoding::server()).is_err());
    assert!(writer.fetch(&Fetch { last: true, ..Fetch::default() }, &mut out, Encoding::server()).is_err());
    let nul = Fetch { items: alloc::vec![FetchItem::Preview(Some("\0".into()))], ..empty.clone() };
    assert!(writer.fetch(&nul, &mut out, Encoding::server()).is_err());
    assert!(out.is_empty());
    let good = Fetch { size: Some(1), ..empty };
    writer.fetch(&good, &mut out, Encoding::server()).unwrap();
    assert_eq!(out, &b"* 1 FETCH (RFC822.SIZE 1)\r\n"[..]);
}

/// The cases of other projects, where `MAILWIRE_SHARED` says where they are.
#[test]
fn cases_of_other_projects() {
    let Ok(shared) = std::env::var("MAILWIRE_SHARED") else { return };
    let mut cases = 0;
    for corpus in ["swift-nio-imap", "imap-proto", "imap-codec", "rfc-examples", "dovecot"] {
        let lines = std::fs::read_to_string(alloc::format!("{shared}/corpus/{corpus}.jsonl")).unwrap();
        for line in lines.lines() {
            let case: serde_json::Value = serde_json::from_str(line).unwrap();
            let latin: Vec<u8> = case["octets"]
                .as_str()
                .unwrap_or_default()
                .chars()
                .map(|octet| u8::try_from(u32::from(octet)).unwrap())
                .collect();
            let production = case["production"].as_str().unwrap_or_default();
            let valid = case["expected"] == "valid";
            let octets = if production == "messageAttribute" {
                [b"* 1 FETCH (", latin.as_slice(), b")\r\n"].concat()
            } else {
                latin.clone()
            };
            let words: Vec<_> = octets.splitn(4, |octet| *octet == b' ').collect();
            let fetch = matches!(words.as_slice(), [b"*", number, name, list]
                if number.iter().all(u8::is_ascii_digit) && !number.is_empty() && name.to_ascii_uppercase().ends_with(b"FETCH") && list.starts_with(b"("));
            if !fetch || !valid || !octets.ends_with(b"\r\n") || case["framing"].is_string() {
                continue;
            }
            let whole = {
                let mut framer = Framer::new(Sender::Server);
                matches!(framer.frame(&octets, &Limits::imap_client()), Ok(Some(_)))
            };
            if !whole || octets.windows(4).filter(|four| four == b"\r\n* ").count() > 0 {
                continue;
            }
            match read(&octets, Quirks::lenient()) {
                Ok((told, _)) => {
                    let again = write(&told);
                    if told
                        .iter()
                        .any(|told| matches!(told, Told::LeftOut(_) | Told::Step(Step::InlineBody { .. })))
                    {
                        continue;
                    }
                    let (told_again, _) = read(&again, Quirks::lenient()).unwrap();
                    assert_eq!(told_again, told, "{}", octets.escape_ascii());
                }
                Err(error) => std::eprintln!("{}: {error}", octets.escape_ascii()),
            }
            cases += 1;
        }
    }
    assert!(cases > 30, "{cases}");
}

#[test]
fn literals_that_count_wrongly_cost_no_other_item() {
    for (octets, uid) in [
        (&b"* 1 FETCH (BODY[] {2}\r\nabc UID 5)\r\n"[..], Some(5)),
        (b"* 1 FETCH (BODY[] {3}\r\nabc)\r\n", None),
        (b"* 1 FETCH (BODY[] {1}\r\nabc)\r\n", None),
        (b"* 1 FETCH (BODY[] {4}\r\nabc)\r\n", None),
        (b"* 1 FETCH (BODY[] {1}\r\nmore than it says)\r\n", None),
    ] {
        let (told, met) = read(octets, Quirks::lenient()).unwrap();
        let last = fetches(&told).pop().unwrap();
        assert_eq!((last.last, last.uid.map(NonZeroU32::get)), (true, uid), "{}", octets.escape_ascii());
        let right = octets.starts_with(b"* 1 FETCH (BODY[] {3}");
        assert_eq!(met.contains(Quirk::LiteralLength), !right);
        assert_eq!(read(octets, Quirks::strict()).is_ok(), right);
    }
}

#[test]
fn what_has_no_value_is_not_there() {
    for octets in [
        &b"* 1 FETCH (ENVELOPE NIL UID 5)\r\n"[..],
        b"* 1 FETCH (BODYSTRUCTURE NIL UID 5)\r\n",
        b"* 1 FETCH (BODY NIL UID 5)\r\n",
        b"* 1 FETCH (UID 5 ENVELOPE )\r\n",
        b"* 1 FETCH (UID 5 BODYSTRUCTURE )\r\n",
        b"* 1 FETCH (UID 5 X-CUSTOM-VALUE )\r\n",
    ] {
        let told = quirk(octets, Quirk::MissingValue);
        assert_eq!(fetches(&told)[0].uid, NonZeroU32::new(5));
    }
    let told = quirk(b"* 1 FETCH ()\r\n", Quirk::EmptyList);
    assert!(fetches(&told)[0].is_empty());
}

#[test]
fn a_structure_of_which_nobody_knows_the_end_is_kept_as_no_other_value() {
    let octets = b"* 1 FETCH (BODYSTRUCTURE ((\"a\" \"\xff   \xde 0)(\"MIXED\" (\"BOUN \"x\") NIL NIL)(() \"y\") X (0 2)\r\n";
    assert!(read(octets, Quirks::lenient()).is_err());
}

#[test]
fn an_item_that_was_kept_with_a_strange_value_comes_again_as_any_other_does() {
    for (strange, own) in [
        ("FLAGS (a (b))", "FLAGS (\\Seen)"),
        ("MODSEQ 5", "MODSEQ (5)"),
        ("INTERNALDATE yesterday", "INTERNALDATE \"01-Jan-2024 00:00:00 +0000\""),
        ("RFC822.SIZE -5", "RFC822.SIZE 5"),
        ("ENVELOPE x", "ENVELOPE (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)"),
        ("BODY x(1)", "BODYSTRUCTURE (\"A\" \"B\" NIL NIL NIL \"7BIT\" 1 NIL NIL NIL NIL)"),
        ("bodystructure x", "BODY (\"A\" \"B\" NIL NIL NIL \"7BIT\" 1)"),
    ] {
        for (first, second) in [(strange, own), (own, strange), (strange, strange)] {
            let octets = alloc::format!("* 1 FETCH ({first} {second})\r\n");
            let (told, _) = read(octets.as_bytes(), Quirks::lenient()).unwrap();
            assert_eq!(fetches(&told).len(), 2, "{octets}: {told:?}");
            let written = write(&told);
            assert_eq!(read(&written, Quirks::lenient()).unwrap().0, told, "{}", written.escape_ascii());
        }
    }
}

#[test]
fn what_tells_nothing_begins_no_other_piece() {
    let envelope = "ENVELOPE (NIL \"s\" NIL NIL NIL NIL NIL NIL NIL NIL)";
    let structure = "BODYSTRUCTURE (\"A\" \"B\" NIL NIL NIL \"7BIT\" 1 NIL)";
    for (told, nothing) in [
        (envelope, "ENVELOPE NIL"),
        (envelope, "ENVELOPE "),
        (structure, "BODY NIL"),
        (structure, "BODYSTRUCTURE ()"),
        (structure, "(BODY )"),
        ("BODY *", "(BODY )"),
        ("ENVELOPE *", "ENVELOPE nil"),
    ] {
        let octets = alloc::format!("* 1 FETCH ({told} {nothing})\r\n");
        let (read_once, _) = read(octets.as_bytes(), Quirks::lenient()).unwrap();
        let alone = alloc::format!("* 1 FETCH ({told})\r\n");
        assert_eq!(read_once, read(alone.as_bytes(), Quirks::lenient()).unwrap().0, "{octets}");
    }
}
