//! What real servers send against the grammar: a lenient decoder takes it and names what it forgave, a strict one refuses it and
//! goes on with the next line, and each quirk can be switched off alone.

#[path = "imap_quirks/variants.rs"]
mod variants;

use bytes::BytesMut;
use mailwire::imap::{Encoding, Quirk, Quirks, ResponseDecoder, ResponseEvent};
use mailwire::wire::Limits;

/// The octets, every quirk they have, and what has to stand in the events, as `Debug` shows them.
type Case = (&'static [u8], &'static [Quirk], &'static str);

use Quirk::*;

const CASES: &[Case] = &[
    // Status and text.
    (b"* OK [HIGHESTMODSEQ 12]\r\n", &[MissingText], "HighestModSeq"),
    (b"* BYE\r\n", &[MissingText], "Bye"),
    (b"A1 OK\r\n", &[MissingText], "Tagged"),
    (b"* OK [ALERT]text\r\n", &[MissingSpaceAfterCode], "Alert"),
    (b"* 3 EXISTS \r\n", &[ExtraSpace], "Exists(3)"),
    (b"* 3  EXISTS\r\n", &[ExtraSpace], "Exists(3)"),
    (b"* SEARCH 1  2 \r\n", &[ExtraSpace], "Search"),
    (b"* STATUS a (MESSAGES 1) \r\n", &[ExtraSpace], "Status"),
    (b"* CAPABILITY IMAP4rev1  IDLE \r\n", &[ExtraSpace], "IDLE"),
    (b"* [COPYUID 1 2 3]\r\n", &[CodeWithoutStatus, MissingText], "CopyUid"),
    (b"[COPYUID 1 2 3]\r\n", &[CodeWithoutStatus, MissingText], "CopyUid"),
    (b"Server Unavailable.\r\n", &[UntaggedText], "Server Unavailable."),
    (b"a(9 OK NOOP completed\r\n", &[UntaggedText], "a(9 OK NOOP completed"),
    // Continuation.
    (b"+\r\n", &[BareContinuation], "Continuation"),
    // Numbers.
    (b"* 1 FETCH (RFC822.SIZE -1)\r\n", &[StrangeNumber], "RFC822.SIZE"),
    (b"* 1 FETCH (RFC822.SIZE 9.3736e+06)\r\n", &[StrangeNumber], "9373600"),
    (b"* 1 FETCH (MODSEQ (-1))\r\n", &[StrangeNumber], "mod_seq: Some"),
    // Flags and lists.
    (b"* FLAGS (\\Seen \\*)\r\n", &[WildcardFlag], "Flags"),
    (b"* 1 FETCH (FLAGS (OIB-Seen-[Gmail]/All))\r\n", &[StrangeFlag], "OIB-Seen-[Gmail]/All"),
    (b"* 1 FETCH (FLAGS (\\Seen ))\r\n", &[ExtraSpace], "Seen"),
    (b"* 1 FETCH (FLAGS (NIL \\Seen))\r\n", &[NilInList], "Seen"),
    // LIST.
    (b"* LIST () \"/\" Sent Items\r\n", &[UnquotedMailbox], "Sent Items"),
    (b"* LIST () \"/\" \"a&b\"\r\n", &[BadMailboxEncoding], "a&b"),
    (b"* LIST NIL \"/\" a\r\n", &[EmptyList], "List"),
    (b"* LIST () \"\" a\r\n", &[EmptyDelimiter], "List"),
    // STATUS.
    (b"* STATUS a (UIDNEXT 0)\r\n", &[ZeroNumber], "UIDNEXT"),
    // FETCH.
    (b"* 0 FETCH (FLAGS ())\r\n", &[ZeroSequenceNumber], "seq: None"),
    (b"*  8 FETCH (UID 9)\r\n", &[ExtraSpace], "Fetch { seq: Some(8)"),
    (b"* 8  FETCH  (UID 9)\r\n", &[ExtraSpace], "Fetch { seq: Some(8)"),
    (b"*  8 FETCH (BODY[] {1}\r\nx)\r\n", &[ExtraSpace], "len: Some(1)"),
    (b"* 1 FETCH (BODY[])\r\n", &[MissingValue], "len: None"),
    (b"* 1 FETCH (BODY[HEADER]{2}\r\nhi FLAGS ())\r\n", &[MissingSpaceBeforeLiteral], "len: Some(2)"),
    (b"* 1 FETCH (BODYSTRUCTURE(\"A\" \"B\" NIL NIL NIL \"7BIT\" 1))\r\n", &[MissingSpaceBesideList], "A/B"),
    (b"* 1 FETCH (RFC822[] {5}\r\nfoo\r\n)\r\n", &[EmptySection], "item: Rfc822"),
    (b"* 1 FETCH (BODY[2]<0.65536> {3}\r\nabc)\r\n", &[LengthBehindOrigin], "origin: Some(0)"),
    (b"* 1 FETCH (UID 2 MODSEQ 4)\r\n", &[StrangeValue], "MODSEQ"),
    (b"* 1 FETCH (UID 2 MODSEQ (92\xb5))\r\n", &[StrangeValue], "mod_seq: None"),
    (b"* 1 FETCH (UID 2 FLAGS (\\Seen)\r\n", &[MissingParenthesis], "flags: Some"),
    (b"* 0 EXPUNGE\r\n", &[ZeroSequenceNumber], "0 EXPUNGE"),
    (b"\r\n* 4 EXISTS\r\n", &[EmptyLine], "Exists(4)"),
    (b"* 1 FETCH (UID 5 EMAILID NIL)\r\n", &[MissingValue], "EMAILID"),
    (b"* 1 FETCH (BODY[0] {0}\r\n)\r\n", &[ZeroNumber], "Header(None)"),
    (b"* 1 FETCH (BODY[HEADER.FIELDS] {2}\r\n\r\n)\r\n", &[EmptyList], "HeaderFields(None, [])"),
    (b"* 1 FETCH (PREVIEW (FUZZY \"text\"))\r\n", &[PreviewAlgorithm], "Preview"),
    (b"* 1 FETCH (UID 5) (FLAGS ())\r\n", &[TrailingOctets], "uid: Some(5)"),
    (b"* 1 FETCH (INTERNALDATE NIL)\r\n", &[StrangeDate], "INTERNALDATE"),
    (
        b"* 1 FETCH (INTERNALDATE \"8-Mar-2023 12:16:47 +0800\")\r\n",
        &[StrangeDate],
        "internal_date: Some",
    ),
    (
        b"* 1 FETCH (ENVELOPE ((\"d\" \"s\" NIL NIL NIL NIL NIL NIL NIL \"<i>\")))\r\n",
        &[DoubleParentheses],
        "<i>",
    ),
    (
        b"* 1 FETCH (UID 5 (ENVELOPE (\"d\" \"s\" NIL NIL NIL NIL NIL NIL NIL \"<i>\")) FLAGS (\\Seen))\r\n",
        &[DoubleParentheses],
        "<i>",
    ),
    (b"* 1 FETCH ((ENVELOPE ({1}\r\nd \"s\" NIL NIL NIL NIL NIL NIL NIL NIL)))\r\n", &[DoubleParentheses], "date: \"d\""),
    (b"* 1 FETCH ((FLAGS (\\Seen)) (UID 5))\r\n", &[DoubleParentheses], "uid: Some(5)"),
    (b"* 1 FETCH (ENVELOPE (\"d\" \"s\" NIL NIL NIL NIL NIL NIL))\r\n", &[ShortEnvelope], "subject: \"s\""),
    (
        b"* 1 FETCH (ENVELOPE (\"d\" {5}\r\nsubject NIL NIL NIL NIL NIL NIL NIL \"<i>\"))\r\n",
        &[LiteralLength],
        "subject: \"subject\"",
    ),
    (
        "* 1 FETCH (ENVELOPE (\"d\" NIL (({6}\r\nd\u{e9}j\u{e0} \u{e9} NIL \"a\" \"b\")) NIL NIL NIL NIL NIL NIL NIL))\r\n".as_bytes(),
        &[LiteralLength],
        "a@b",
    ),
    (
        b"* 1 FETCH (ENVELOPE (\"d\" \"s\" () NIL NIL NIL NIL NIL NIL \"<i>\"))\r\n",
        &[StrangeAddressList],
        "<i>",
    ),
    (
        b"* 1 FETCH (ENVELOPE (\"d\" \"s\" (NIL) NIL NIL NIL NIL NIL NIL \"<i>\"))\r\n",
        &[StrangeAddressList],
        "<i>",
    ),
    (b"* 1 FETCH (ENVELOPE (d \"s\" NIL NIL NIL NIL NIL NIL NIL \"<i>\"))\r\n", &[AtomForString], "date: \"d\""),
    (b"* 1 FETCH (ENVELOPE (\"d\" \"\xe9\" NIL NIL NIL NIL NIL NIL NIL \"<i>\"))\r\n", &[NotUtf8], "subject: \"\\xe9\""),
    (b"* 1 FETCH (ENVELOPE (~{1}\r\nd \"s\" NIL NIL NIL NIL NIL NIL NIL \"<i>\"))\r\n", &[BinaryString], "date: \"d\""),
    (
        b"* 1 FETCH (ENVELOPE (\"d\" \"a \"b\" c\" NIL NIL NIL NIL NIL NIL NIL NIL))\r\n",
        &[UnescapedQuote],
        "subject",
    ),
    (
        b"* 1 FETCH (ENVELOPE (\"d\" NIL ((NIL NIL \"a\" \"b\") (NIL NIL \"c\" \"d\")) NIL NIL NIL NIL NIL NIL NIL))\r\n",
        &[SpaceBetweenItems],
        "c@d",
    ),
    // BODYSTRUCTURE.
    (b"* 1 FETCH (BODY (\"A\" \"B\" NIL NIL NIL NIL 1))\r\n", &[NilInBody], "body_structure: Some"),
    (b"* 1 FETCH (BODY (\"TEXT\" \"B\" NIL NIL NIL \"7BIT\" 1))\r\n", &[ShortBody], "body_structure: Some"),
    (b"* 1 FETCH (BODY (\"A\" \"B\" () NIL NIL \"7BIT\" 1))\r\n", &[EmptyList], "body_structure: Some"),
    (b"* 1 FETCH (BODY (NIL NIL NIL NIL NIL \"7BIT\" 0))\r\n", &[NilInBody], "body_structure: Some"),
    (b"* 1 FETCH (BODY (() \"MIXED\"))\r\n", &[EmptyMultipart], "body_structure: Some"),
    (b"* 1 FETCH (BODY (\"ALTERNATIVE\"))\r\n", &[EmptyMultipart], "MULTIPART/ALTERNATIVE"),
    (
        b"* 1 FETCH (BODYSTRUCTURE (\"A\" \"B\" NIL NIL NIL \"7BIT\" 1 NIL \"inline\"))\r\n",
        &[StrangeDisposition],
        "inline",
    ),
    (
        b"* 1 FETCH (BODYSTRUCTURE (\"A\" \"B\" NIL NIL NIL \"7BIT\" 1 NIL (NIL NIL)))\r\n",
        &[StrangeDisposition],
        "body_structure: Some",
    ),
    (
        b"* 1 FETCH (BODYSTRUCTURE ((\"A\" \"B\" NIL NIL NIL \"7BIT\" 1) \"RELATED\" (\"a\" \"b\") NIL (\"inline\" NIL) NIL NIL))\r\n",
        &[StrangeDisposition],
        "inline",
    ),
    (
        b"* 1 FETCH (BODY (\"MESSAGE\" \"RFC822\" NIL NIL NIL \"7BIT\" 1))\r\n",
        &[MessageWithoutEnvelope],
        "body_structure: Some",
    ),
    (
        b"* 1 FETCH (BODY ((\"A\" \"B\" NIL NIL NIL \"7BIT\" 1) (\"A\" \"B\" NIL NIL NIL \"7BIT\" 1) \"MIXED\"))\r\n",
        &[SpaceBetweenItems],
        "body_structure: Some",
    ),
    (
        b"* 1 FETCH (BODYSTRUCTURE ( (\"text\" \"plain\" NIL NIL NIL \"7bit\" 3 1)(\"text\" \"html\" NIL NIL NIL \"7bit\" 3 1) \"alternative\"))\r\n",
        &[ExtraSpace],
        "2 text/html 7bit 3 octets",
    ),
    (
        b"* 1 FETCH (BODYSTRUCTURE ( \"text\" \"plain\" NIL NIL NIL \"7bit\" 3 1))\r\n",
        &[ExtraSpace],
        "1 text/plain 7bit 3 octets",
    ),
    (
        b"* 1 FETCH (BODYSTRUCTURE (\"message\" \"rfc822\" NIL NIL NIL \"7BIT\" 787 (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) () 0 NIL NIL NIL))\r\n",
        &[MessageWithoutEnvelope],
        "1 message/rfc822 7BIT 787 octets 0 lines",
    ),
    (
        b"* 1 FETCH (BODYSTRUCTURE (\"X-ZIP\" (\"BOUNDARY\" \"\") NIL NIL \"base64\" 4096))\r\n",
        &[ShortBody],
        "1 /X-ZIP; BOUNDARY=\"\" base64 4096 octets",
    ),
    (
        b"* 1 FETCH (BODYSTRUCTURE (\"text\" \"plain\" (\"charset\" \"UTF-8\" \"\") NIL NIL \"7bit\" 3 1))\r\n",
        &[ShortBody],
        "text/plain; charset=\"UTF-8\" 7bit 3 octets",
    ),
    (
        b"* 1 FETCH (BODY (\"A\" \"B\" NIL NIL NIL \"7BIT\" 1 NIL (\"inline\" NIL)))\r\n",
        &[StrangeExtension],
        "1 A/B 7BIT 1 octets inline",
    ),
    // Other data.
    (b"* THREAD (1 (2 (3)))(4)\r\n", &[LoneThread], "(1 2 3)(4)"),
    (b"* SEARCH (MODSEQ 5)\r\n", &[ModSequenceAlone], "mod_sequence: Some(5)"),
    (b"* SORT (MODSEQ 5)\r\n", &[ModSequenceAlone], "mod_sequence: Some(5)"),
    (b"* COMMAND BAR\tBAZ \"\r\n", &[StrangeValue], "COMMAND"),
    (
        b"* ESEARCH (TAG \"A1\") UID ALL 3,5 (MODSEQ 284535)\r\n",
        &[DoubleParentheses],
        "ModSequence(284535)",
    ),
    (b"* ID (\"name\", \"x\", \"version\", \"1.0\")\r\n", &[CommaBetweenItems], "\"1.0\""),
    (b"* ID (\"name\" \"x\")+\r\n", &[TrailingOctets], "\"name\""),
    (b"* QUOTAROOT folderB/TESTfolder(S)C \"\"\r\n", &[UnquotedMailbox], "folderB/TESTfolder(S)C"),
    (b"* NAMESPACE ( ( \"~\" \"/\" ) ) NIL NIL\r\n", &[ExtraSpace], "~"),
    (b"* LIST (\\Sent\\HasNoChildren) \"/\" Sent\r\n", &[StrangeFlag], "{HasNoChildren, Sent}"),
    (b"* STATUS x (UIDVALIDITY 1452857832123)\r\n", &[LargeNumber], "1452857832123"),
    // Met with Courier.
    (b"* QUOTA \"ROOT\"\r\n", &[MissingValue], "ROOT"),
    // Nothing of a name is lost where its server escapes nothing, or too much.
    (b"* STATUS \"INBOX\\Sent\" (MESSAGES 3)\r\n", &[BadEscape], r"INBOX\\Sent"),
    (b"* LIST () \".\" \"a \\(b\\)\"\r\n", &[BadEscape], r"a (b)"),
    (b"* LIST () \".\" \"ab\"cd\"\r\n", &[UnescapedQuote], "ab\\\"cd"),
    (b"* STATUS \"ab\"c\\d\" (MESSAGES 3)\r\n", &[UnescapedQuote], "ab\\\"c"),
    // Met with Xeams.
    (
        b"* 1 FETCH (UID 9 BODY[] {3}\r\nabc) FLAGS (\\Seen) RFC822.SIZE 12)\r\n",
        &[TrailingOctets],
        "size: Some(12)",
    ),
    (b"* 1 FETCH (UID 9) FLAGS (\\Seen) RFC822.SIZE 12)\r\n", &[TrailingOctets], "size: Some(12)"),
    // Met with James.
    (b"* VANISHED (EARLIER) \r\n", &[EmptyList], "VANISHED (EARLIER)"),
];

/// What is strict already, or takes no more than what the grammar leaves open: every decoder reads it.
const GRAMMATICAL: &[(&[u8], &str)] = &[
    (b"* OK [COPYUID 1 2 3] done\r\n", "CopyUid"),
    (b"* OK caf\xe9\r\n", "Status"),
    (b"+ \r\n", "Continuation"),
    (b"* SEARCH\r\n", "Search"),
    (b"A1 NO [BADCHARSET (US-ASCII)] no\r\n", "BadCharset"),
    (b"* XLIST (\\Inbox) \"/\" a\r\n", "List"),
    (b"* STATUS a ()\r\n", "Status"),
    (b"* STATUS a (MESSAGES 1)\r\n", "Status"),
    (b"* 1 FETCH (X-MSG (1 (a \"b\")) UID 4)\r\n", "X-MSG"),
    (b"* 1 FETCH (RFC822.SIZE 4294967296)\r\n", "4294967296"),
    (b"* QUOTA r (STORAGE 4294967296 9223372036854775807)\r\n", "9223372036854775807"),
    (b"* VANISHED 9:3\r\n", "Vanished"),
    (b"A1 NO [BADCHARSET (US-ASCII {3}\r\na]b)] see {3}\r\n", "a]b"),
    (b"* LIST (\\NonExistent) \"/\" \"/a\"\r\n", "List"),
];

/// Codes that are good for nothing, or behind two spaces: the status counts without them for the strict too, and the lenient are told.
const NOTED: &[(&[u8], Quirk, &str)] = &[
    (b"* OK [UIDNEXT 0] none\r\n", ZeroNumber, "UIDNEXT 0"),
    (b"* OK [UIDVALIDITY 0] none\r\n", ZeroNumber, "UIDVALIDITY 0"),
    (b"* OK [UNSEEN 0] none\r\n", ZeroNumber, "UNSEEN 0"),
];

/// The events of a line and of the line behind it, whether the first could be read, and what was forgiven in it.
fn decode(octets: &[u8], quirks: Quirks) -> (String, bool, Quirks) {
    let mut decoder = ResponseDecoder::new(quirks, Limits::imap_client());
    let mut input = BytesMut::from(octets);
    input.extend_from_slice(b"* 4711 EXISTS\r\n");
    let (mut shown, mut read, mut met, mut last) = (String::new(), true, Quirks::strict(), String::new());
    loop {
        let event = match decoder.decode(&mut input) {
            Ok(Some(event)) => event,
            Ok(None) => break,
            Err(error) => return (format!("FATAL {error}"), false, Quirks::strict()),
        };
        last = format!("{event:?}");
        shown.push_str(&last);
        read &= !matches!(event, ResponseEvent::Unparsed { .. });
        met.extend_with(decoder.forgiven());
    }
    assert!(last.contains("Exists(4711)"), "the next line is read: {}", octets.escape_ascii());
    (shown, read, met)
}

trait ExtendWith {
    fn extend_with(&mut self, other: Quirks);
}

impl ExtendWith for Quirks {
    fn extend_with(&mut self, other: Quirks) {
        other.iter().for_each(|quirk| self.insert(quirk));
    }
}

#[test]
fn every_line_of_the_wild_is_read_by_name() {
    let mut wrong = Vec::new();
    let variants = variants::VARIANTS.iter().map(|(octets, quirks)| (*octets, *quirks, ""));
    for (octets, quirks, expected) in CASES.iter().copied().chain(variants) {
        let line = octets.escape_ascii();
        let expected_quirks: Quirks = quirks.iter().copied().collect();
        let (shown, read, met) = decode(octets, Quirks::lenient());
        if !read || met != expected_quirks || !shown.contains(expected) {
            wrong.push(format!("lenient {line}: {met:?} {shown}"));
        }
        if decode(octets, Quirks::strict()).1 {
            wrong.push(format!("strict takes {line}"));
        }
        if decode(octets, Quirks::strict()).0.starts_with("FATAL") {
            wrong.push(format!("strict is at its end after {line}"));
        }
        for quirk in quirks {
            let mut without = Quirks::lenient();
            without.remove(*quirk);
            let (_, read, met) = decode(octets, without);
            if (read && met.is_empty()) || met.contains(*quirk) {
                wrong.push(format!("without {quirk:?}, {line}: {met:?}"));
            }
        }
        let (_, read, met) = decode(octets, expected_quirks);
        if !read || met != expected_quirks {
            wrong.push(format!("alone, {line}: {met:?}"));
        }
    }
    let plain = variants::PLAIN.iter().map(|octets| (*octets, ""));
    for (octets, expected) in GRAMMATICAL.iter().copied().chain(plain) {
        for quirks in [Quirks::strict(), Quirks::lenient()] {
            let (shown, read, met) = decode(octets, quirks);
            if !read || !met.is_empty() || !shown.contains(expected) {
                wrong.push(format!("{quirks:?} {}: {met:?} {shown}", octets.escape_ascii()));
            }
        }
    }
    for (octets, quirk, expected) in NOTED {
        for (quirks, told) in
            [(Quirks::strict(), Quirks::strict()), (Quirks::lenient(), [*quirk].into_iter().collect())]
        {
            let (shown, read, met) = decode(octets, quirks);
            if !read || met != told || !shown.contains(expected) {
                wrong.push(format!("{quirks:?} {}: {met:?} {shown}", octets.escape_ascii()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is read is written as the grammar has it, or not at all, and read again without complaint.
#[test]
fn what_was_forgiven_is_not_written() {
    for (octets, quirks) in variants::VARIANTS {
        let mut decoder = ResponseDecoder::lenient();
        let mut input = BytesMut::from(*octets);
        while let Some(event) = decoder.decode(&mut input).unwrap() {
            let mut wire = BytesMut::new();
            let written = match &event {
                ResponseEvent::Response(response) => response.write(&mut wire, Encoding::server()),
                ResponseEvent::Fetch(fetch) if fetch.last => fetch.write(&mut wire, Encoding::server()),
                _ => continue,
            };
            if written.is_ok() {
                let again = ResponseDecoder::lenient().decode(&mut wire.clone()).unwrap();
                let same = match (&again, &event) {
                    (Some(ResponseEvent::Unparsed { .. }) | None, _) => false,
                    // `\\*` stands in PERMANENTFLAGS alone.
                    _ if quirks.contains(&WildcardFlag) => true,
                    (again, event) => again.as_ref() == Some(event),
                };
                assert!(same, "{} {quirks:?} as {} {again:?}", octets.escape_ascii(), wire.escape_ascii());
            }
        }
    }
}

/// What touches the framing: strictly there is no way to tell where the next line begins.
#[test]
fn quirks_of_the_framing_are_fatal_to_the_strict() {
    for (line, quirk) in [
        (&b"* 1 EXISTS\n"[..], BareLineFeed),
        (b"\0* 1 EXISTS\r\n", NulInText),
        (b"* OK [ALERT] a\0b\r\n", NulInText),
    ] {
        let (shown, read, met) = decode(line, Quirks::lenient());
        assert!(read, "{shown}");
        assert_eq!(met, [quirk].into_iter().collect());
        let mut without = Quirks::lenient();
        without.remove(quirk);
        for quirks in [Quirks::strict(), without] {
            let mut decoder = ResponseDecoder::new(quirks, Limits::imap_client());
            assert!(decoder.decode(&mut BytesMut::from(line)).unwrap_err().is_fatal());
        }
    }
}

/// A CR inside quotation marks leaves no doubt where the line ends, so the strict lose that line alone.
#[test]
fn a_carriage_return_in_quotation_marks_costs_the_line_alone() {
    let line = b"* 1 FETCH (ENVELOPE (\"d\" \"a\rc\" NIL NIL NIL NIL NIL NIL NIL NIL))\r\n";
    let (shown, read, met) = decode(line, Quirks::lenient());
    assert!(read, "{shown}");
    assert_eq!(met, [CarriageReturnInQuoted].into_iter().collect());
    let mut decoder = ResponseDecoder::new(Quirks::strict(), Limits::imap_client());
    let mut input = BytesMut::from(&[&line[..], b"* 1 EXISTS\r\n"].concat()[..]);
    let mut shown = Vec::new();
    while let Some(event) = decoder.decode(&mut input).unwrap() {
        shown.push(format!("{event:?}"));
    }
    assert!(
        matches!(&shown[..], [lost, kept] if lost.starts_with("Unparsed") && kept.contains("Exists(1)")),
        "{shown:?}"
    );
}
