//! What is written is read back the same, for any value.

use crate::imap::encode::{Encoded, Encoder, Encoding, Literals};
use crate::imap::quirk::Quirks;
use crate::wire::Limits;
pub(crate) use crate::wire::chance::{Value, case_count, json_round_trips, noise, value};
use crate::wire::cursor::{Cursor, Parsed};
use alloc::vec::Vec;
use arbitrary::Arbitrary;
use bytes::{Bytes, BytesMut};
use core::fmt::Debug;

/// What a peer can read: every kind of literal, with UTF-8 and without. The first thousand values are written in all of these, and the
/// others in one each.
pub(crate) fn encodings(seed: u64) -> impl Iterator<Item = Encoding> {
    let literals = [Literals::Synchronizing, Literals::Minus, Literals::Plus, Literals::Server];
    let all = literals.into_iter().flat_map(|literals| [false, true].map(|utf8| Encoding { literals, utf8 }));
    all.zip(0..).filter(move |(_, place)| seed < 1_000 || seed % 8 == *place).map(|(encoding, _)| encoding)
}

/// Many values of a type: each comes back as it was from octets in every encoding, and from JSON.
pub(crate) fn round_trip<T: Value>(
    parse: impl Fn(&mut Cursor<'_>) -> Parsed<T>,
    encode: impl Fn(&T, &mut Encoder<'_>) -> Encoded,
) {
    octets_round_trip(parse, encode);
    json_round_trips::<T>();
}

/// Many values of a type: each is written in every encoding; what was written is read, strictly and whole, as the same value, and
/// written again the same.
pub(crate) fn octets_round_trip<T>(
    parse: impl Fn(&mut Cursor<'_>) -> Parsed<T>,
    encode: impl Fn(&T, &mut Encoder<'_>) -> Encoded,
) where
    T: for<'a> Arbitrary<'a> + PartialEq + Debug,
{
    let limits = Limits::imap_client();
    for seed in 0..case_count() {
        let value: T = value(seed);
        for encoding in encodings(seed) {
            let mut out = BytesMut::new();
            encode(&value, &mut Encoder::new(&mut out, encoding)).unwrap();
            let octets: Bytes = out.split().freeze();
            let mut cursor =
                Cursor::shared(&octets, &limits, Quirks::strict().bits()).with_utf8(encoding.utf8);
            match parse(&mut cursor) {
                Ok(read) => {
                    assert!(cursor.is_at_end(), "{value:?} as {octets:?} is not read whole");
                    assert_eq!(read, value, "as {octets:?}");
                    encode(&read, &mut Encoder::new(&mut out, encoding)).unwrap();
                    assert_eq!(out, octets);
                }
                Err(fail) => panic!("{value:?} as {octets:?}: {:?}", cursor.error(fail)),
            }
        }
    }
}

/// Reads octets whole; gives what was forgiven, or nothing where they are refused.
pub(crate) fn read<T>(
    octets: &[u8],
    quirks: Quirks,
    parse: impl Fn(&mut Cursor<'_>) -> Parsed<T>,
) -> Option<(T, Quirks)> {
    let limits = Limits::imap_client();
    let octets = Bytes::copy_from_slice(octets);
    let mut cursor = Cursor::shared(&octets, &limits, quirks.bits());
    let value = parse(&mut cursor).ok()?;
    cursor.is_at_end().then(|| (value, Quirks::from_bits(cursor.forgiven())))
}

/// Reads octets strictly.
pub(crate) fn strict<T>(octets: &[u8], parse: impl Fn(&mut Cursor<'_>) -> Parsed<T>) -> Option<T> {
    read(octets, Quirks::strict(), parse).map(|(value, _)| value)
}

/// Reads octets that only this quirk allows: strictly they are refused, leniently the quirk is told.
pub(crate) fn quirky<T: Debug>(
    octets: &[u8],
    quirk: crate::imap::quirk::Quirk,
    parse: impl Fn(&mut Cursor<'_>) -> Parsed<T>,
) -> T {
    assert!(strict(octets, &parse).is_none(), "{} is not strict", octets.escape_ascii());
    let (value, met) = read(octets, Quirks::lenient(), &parse).unwrap();
    assert_eq!(met, [quirk].into_iter().collect());
    value
}

/// Writes a value as a server does.
pub(crate) fn written(encode: impl FnOnce(&mut Encoder<'_>) -> Encoded) -> alloc::string::String {
    let mut out = BytesMut::new();
    encode(&mut Encoder::new(&mut out, Encoding::server())).unwrap();
    alloc::string::String::from_utf8_lossy(&out).into_owned()
}

/// Through the whole decoders, with their framing.
#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::*;
    use crate::wire::Text;
    #[cfg(feature = "serde")]
    use alloc::boxed::Box;

    #[derive(arbitrary::Arbitrary)]
    struct OneCommand(Tag, Command);

    /// What a decoder tells of octets, every literal accepted; a stream that is cut into parts joined again.
    fn commands(octets: &[u8], utf8: bool, part: usize) -> Vec<CommandEvent> {
        let (mut decoder, mut input, mut told) =
            (CommandDecoder::default(), BytesMut::new(), Vec::<CommandEvent>::new());
        decoder.set_utf8(utf8);
        for part in octets.chunks(part) {
            input.extend_from_slice(part);
            while let Some(event) = decoder.decode(&mut input).unwrap() {
                match (told.last_mut(), event) {
                    (_, CommandEvent::Wanted) => {}
                    (Some(CommandEvent::Chunk(before)), CommandEvent::Chunk(more)) => {
                        *before = [before.as_ref(), &more].concat().into();
                    }
                    (_, event) => told.push(event),
                }
                decoder.accept();
            }
        }
        assert!(input.is_empty() && !decoder.is_within_command());
        told
    }

    fn responses(octets: &[u8], utf8: bool, part: usize) -> Vec<ResponseEvent> {
        let (mut decoder, mut input, mut told) =
            (ResponseDecoder::strict(), BytesMut::new(), Vec::<ResponseEvent>::new());
        decoder.set_utf8(utf8);
        for part in octets.chunks(part) {
            input.extend_from_slice(part);
            while let Some(event) = decoder.decode(&mut input).unwrap() {
                match (told.last_mut(), event) {
                    (
                        Some(ResponseEvent::Body(Body::Chunk(before))),
                        ResponseEvent::Body(Body::Chunk(more)),
                    ) => *before = [before.as_ref(), &more].concat().into(),
                    (_, event) => told.push(event),
                }
            }
        }
        assert!(input.is_empty() && !decoder.is_within_message());
        told
    }

    fn parts() -> impl Iterator<Item = usize> {
        [usize::MAX, 7].into_iter()
    }

    #[test]
    fn commands_through_their_decoder() {
        for seed in 0..case_count() {
            let OneCommand(tag, command) = value(seed);
            if matches!(command, Command::Append(_)) {
                continue;
            }
            for encoding in encodings(seed) {
                let mut out = BytesMut::new();
                command.write(&tag, &mut out, encoding).unwrap();
                for part in parts() {
                    let told = commands(&out, encoding.utf8, part);
                    let expected = CommandEvent::Command { tag: tag.clone(), command: command.clone() };
                    assert_eq!(told, [expected], "{}", out.escape_ascii());
                }
            }
        }
    }

    #[test]
    fn appends_through_their_decoder() {
        for seed in 0..case_count() {
            let (tag, append, options): (Tag, Append, AppendOptions) = value(seed);
            let message = noise(seed, usize::try_from(seed % 300).unwrap());
            for encoding in encodings(seed) {
                let mut out = BytesMut::new();
                let length = u64::try_from(message.len()).unwrap();
                append.write(&tag, &options, length, &mut out, encoding).unwrap();
                out.extend_from_slice(&message);
                out.extend_from_slice(b"\r\n");
                for part in parts() {
                    let mut told = commands(&out, encoding.utf8, part).into_iter();
                    let Some(CommandEvent::Literal(literal)) = told.next() else { panic!() };
                    assert_eq!((&literal.tag, &literal.append, literal.length), (&tag, &append, length));
                    assert_eq!(literal.options.as_ref(), Some(&options));
                    if length > 0 {
                        assert_eq!(told.next(), Some(CommandEvent::Chunk(message.clone().into())));
                    }
                    let command = Command::Append(append.clone());
                    let end = [CommandEvent::LiteralEnd, CommandEvent::Command { tag: tag.clone(), command }];
                    assert_eq!(told.collect::<Vec<_>>(), end);
                }
            }
        }
    }

    #[test]
    fn responses_through_their_decoder() {
        for seed in 0..case_count() {
            let response: Response = value(seed);
            for encoding in encodings(seed) {
                let mut out = BytesMut::new();
                response.write(&mut out, encoding).unwrap();
                for part in parts() {
                    let told = responses(&out, encoding.utf8, part);
                    assert_eq!(told, [ResponseEvent::Response(response.clone())], "{}", out.escape_ascii());
                }
            }
        }
    }

    #[test]
    fn fetches_through_their_decoder() {
        for seed in 0..case_count() {
            let (before, start, after): (Fetch, BodyStart, Fetch) = value(seed);
            let (seq, uid) = (before.seq, before.uid);
            let octets = noise(seed, usize::try_from(seed % 300).unwrap());
            let len = start.len.map(|_| u64::try_from(octets.len()).unwrap());
            for encoding in encodings(seed) {
                let (mut out, mut pieces, mut told) = (BytesMut::new(), FetchEncoder::default(), Vec::new());
                pieces.fetch(&before, &mut out, encoding).unwrap();
                told.push(ResponseEvent::Fetch(before.clone()));
                if seq.is_some() {
                    let before = Fetch { last: false, ..before.clone() };
                    let start = BodyStart { seq, uid, len, ..start.clone() };
                    let after = Fetch { seq, uid, ..after.clone() };
                    pieces.fetch(&before, &mut out, encoding).unwrap();
                    pieces.body(&start, &mut out, encoding).unwrap();
                    out.extend_from_slice(len.map_or(&b""[..], |_| &octets));
                    pieces.fetch(&after, &mut out, encoding).unwrap();
                    if !before.is_empty() {
                        told.push(ResponseEvent::Fetch(before));
                    }
                    told.push(ResponseEvent::Body(Body::Begin(start)));
                    if len.is_some_and(|len| len > 0) {
                        told.push(ResponseEvent::Body(Body::Chunk(octets.clone().into())));
                    }
                    told.push(ResponseEvent::Body(Body::End));
                    told.push(ResponseEvent::Fetch(after));
                }
                for part in parts() {
                    assert_eq!(responses(&out, encoding.utf8, part), told, "{}", out.escape_ascii());
                }
            }
        }
    }

    /// What a caller may come to put where a text stands.
    const HOSTILE: [&str; 22] = [
        "",
        " ",
        "a b",
        "\r\n",
        "\n",
        "a\rb",
        "a\0b",
        "X\r\na9 DELETE INBOX",
        "X\r\n* BYE gone",
        "{3}",
        "{3+}",
        "~{3}",
        "a {3}",
        "\"a {3}",
        "OK {3}\r\nabc",
        "1 FETCH (BODY[HEADER.FIELDS (a\"b)] {3}\r\nabc)",
        "FETCH {3}\r\n\r\n* BYE x",
        "{3}\r\n\r\na",
        "X {3}\r\n\r\na",
        "\"a\" b) (c",
        "\\",
        "\u{e9}",
    ];

    /// Written, a response is one response of its kind and nothing else, or it is refused.
    #[cfg(feature = "serde")]
    fn check_response(response: &Response) {
        let mut out = BytesMut::new();
        if response.write(&mut out, Encoding::server()).is_err() {
            assert!(out.is_empty());
            return;
        }
        // What was read with a quirk is written with it.
        let (mut decoder, mut input) = (ResponseDecoder::lenient(), out.clone());
        let read = match decoder.decode(&mut input) {
            Ok(Some(ResponseEvent::Response(read))) => read,
            told => panic!("{response:?} as {} is {told:?}", out.escape_ascii()),
        };
        let same = ::core::mem::discriminant(&read) == ::core::mem::discriminant(response);
        let whole = input.is_empty() && !decoder.is_within_message();
        assert!(same && whole, "{response:?} as {}", out.escape_ascii());
    }

    /// Whether the octets are one command and nothing else, be it one that makes no sense to a server.
    fn is_one_command(octets: &[u8]) -> bool {
        let (mut decoder, mut input, mut told) = (CommandDecoder::default(), BytesMut::from(octets), 0);
        loop {
            match decoder.decode(&mut input) {
                Ok(Some(CommandEvent::Wanted)) => decoder.accept(),
                Ok(Some(_)) => told += 1,
                Err(error) if !error.is_fatal() => told += 1,
                Ok(None) | Err(_) => break,
            }
        }
        told == 1 && input.is_empty() && !decoder.is_within_command()
    }

    /// Every text of a value in turn gives way to each of the hostile ones; what cannot be made of them is passed over.
    #[cfg(feature = "serde")]
    fn hostile<T: Value>(seed: u64, mut each: impl FnMut(T)) {
        fn texts<'a>(value: &'a mut serde_json::Value, found: &mut Vec<&'a mut serde_json::Value>) {
            match value {
                serde_json::Value::String(_) => found.push(value),
                serde_json::Value::Array(values) => {
                    values.iter_mut().for_each(|value| texts(value, found));
                }
                serde_json::Value::Object(fields) => {
                    fields.values_mut().for_each(|value| texts(value, found));
                }
                _ => {}
            }
        }
        let json = serde_json::to_value(value::<T>(seed)).unwrap();
        for place in 0.. {
            for text in HOSTILE {
                let mut json = json.clone();
                let mut found = Vec::new();
                texts(&mut json, &mut found);
                let Some(string) = found.into_iter().nth(place) else { return };
                *string = text.into();
                if let Ok(value) = serde_json::from_value(json) {
                    each(value);
                }
            }
        }
    }

    #[cfg(feature = "serde")]
    #[test]
    fn a_response_is_one_response_whatever_its_texts() {
        for seed in 0..100 {
            hostile(seed, |response: Response| check_response(&response));
        }
        for one in HOSTILE {
            for two in HOSTILE {
                check_response(&Response::Data(Data::Other([one, two].concat().into())));
                check_response(&Response::Data(Data::Other(["X ", one, two].concat().into())));
            }
        }
    }

    #[cfg(feature = "serde")]
    #[test]
    fn a_fetch_is_one_fetch_whatever_its_texts() {
        for seed in 0..100 {
            hostile(seed, |fetch: Fetch| {
                let mut out = BytesMut::new();
                if FetchEncoder::default().fetch(&fetch, &mut out, Encoding::server()).is_err() {
                    return;
                }
                let (mut decoder, mut input, mut ends) = (ResponseDecoder::lenient(), out.clone(), 0);
                loop {
                    match decoder.decode(&mut input) {
                        Ok(Some(ResponseEvent::Fetch(fetch))) => ends += usize::from(fetch.last),
                        Ok(Some(ResponseEvent::Body(_) | ResponseEvent::Unparsed { .. })) => {}
                        Ok(None) => break,
                        told => panic!("{fetch:?} as {} is {told:?}", out.escape_ascii()),
                    }
                }
                let whole = input.is_empty() && !decoder.is_within_message();
                assert_eq!((ends, whole), (usize::from(fetch.last), fetch.last), "{}", out.escape_ascii());
            });
        }
    }

    #[cfg(feature = "serde")]
    #[test]
    fn an_append_is_one_append_whatever_its_texts() {
        for seed in 0..100 {
            hostile(seed, |(append, options): (Append, AppendOptions)| {
                let mut out = BytesMut::new();
                let encoding = Encoding { literals: Literals::Plus, ..Encoding::default() };
                if append.write(&Tag::new("a1").unwrap(), &options, 5, &mut out, encoding).is_ok() {
                    out.extend_from_slice(b"\r\nab\n\r\n");
                    let told = commands(&out, false, usize::MAX);
                    let ends = told.iter().filter(|event| {
                        matches!(event, CommandEvent::Command { .. } | CommandEvent::Malformed { .. })
                    });
                    assert_eq!(ends.count(), 1, "{}", out.escape_ascii());
                }
            });
        }
    }

    fn check_command(command: &Command) {
        for encoding in encodings(0) {
            let mut out = BytesMut::new();
            match command.write(&Tag::new("a1").unwrap(), &mut out, encoding) {
                Ok(_) => assert!(is_one_command(&out), "{command:?} as {}", out.escape_ascii()),
                Err(_) => assert!(out.is_empty()),
            }
        }
    }

    #[test]
    fn a_command_is_one_command_whatever_its_texts() {
        for one in HOSTILE {
            let text = || Text::from(one);
            for command in [
                Command::login(text(), "x"),
                Command::login("x", one),
                Command::GetQuota(text()),
                Command::Language(Vec::from([text(), text()])),
                Command::Comparator(Vec::from([text()])),
                Command::CancelUpdate(Vec::from([text()])),
                Command::Other { name: text(), arguments: None },
                Command::Other { name: "UID X".into(), arguments: Some(text()) },
            ] {
                check_command(&command);
            }
            for two in HOSTILE {
                check_command(&Command::Other {
                    name: "X".into(),
                    arguments: Some([one, two].concat().into()),
                });
            }
        }
    }

    #[cfg(feature = "serde")]
    #[test]
    fn the_parts_of_a_command_hold_no_second_one() {
        for seed in 0..25 {
            hostile(seed, |search| check_command(&Command::Search(Box::new(search))));
            hostile(seed, |sort| check_command(&Command::Sort(Box::new(sort))));
            hostile(seed, |thread| check_command(&Command::Thread(Box::new(thread))));
            hostile(seed, |search| check_command(&Command::MultimailboxSearch(Box::new(search))));
            hostile(seed, |store| check_command(&Command::Store(store)));
            hostile(seed, |list| check_command(&Command::List(list)));
            hostile(seed, |id| check_command(&Command::Id(id)));
            hostile(seed, |quota| check_command(&Command::SetQuota(Box::new(quota))));
            hostile(seed, |acl| check_command(&Command::SetAcl(Box::new(acl))));
            hostile(seed, |identifier| check_command(&Command::ListRights(Box::new(identifier))));
            hostile(seed, |get| check_command(&Command::GetMetadata(Box::new(get))));
            hostile(seed, |set| check_command(&Command::SetMetadata(Box::new(set))));
            hostile(seed, |notify| check_command(&Command::Notify(notify)));
            hostile(seed, |urls| check_command(&Command::GenUrlAuth(urls)));
            hostile(seed, |reset| check_command(&Command::ResetKey(Box::new(reset))));
            hostile(seed, |urls| check_command(&Command::UrlFetch(urls)));
            hostile(seed, |convert| check_command(&Command::Convert(Box::new(convert))));
            hostile(seed, |conversions| check_command(&Command::Conversions(Box::new(conversions))));
            hostile(seed, |capabilities| check_command(&Command::Enable(capabilities)));
        }
    }
}
