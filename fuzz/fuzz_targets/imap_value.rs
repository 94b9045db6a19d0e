//! Values of IMAP to octets and back, through the whole decoders and in every encoding: the same value, and written again the same octets.
#![no_main]

use arbitrary::Arbitrary;
use bytes::{Bytes, BytesMut};
use libfuzzer_sys::fuzz_target;
use mailwire::imap::{
    Append, AppendOptions, Body, BodyStart, Command, CommandDecoder, CommandEvent, Encoding, Fetch,
    FetchEncoder, ImapUrl, Quirks, Response, ResponseDecoder, ResponseEvent, SequenceSet, Tag,
};
use mailwire::wire::Limits;
use mailwire_fuzz::{commands, encoding, fetch_events, responses};

#[derive(Arbitrary, Debug)]
enum Value<'a> {
    Command(Tag, Box<Command>),
    Response(Box<Response>),
    Fetch(Box<Fetch>, Option<BodyStart>, &'a [u8], Box<Fetch>),
    Append(Tag, Append, Box<AppendOptions>, &'a [u8]),
    Url(ImapUrl),
    UrlText(&'a str),
    Set(SequenceSet),
}

/// What a caller names may be longer than what a peer may name.
fn limits(mut limits: Limits) -> Limits {
    limits.mailbox = usize::MAX;
    limits
}

fn command(tag: &Tag, command: &Command, encoding: Encoding, part: usize) {
    if matches!(command, Command::Append(_)) {
        return;
    }
    let mut out = BytesMut::new();
    command.write(tag, &mut out, encoding).unwrap();
    let mut decoder = CommandDecoder::new(limits(Limits::imap_server()));
    decoder.set_utf8(encoding.utf8);
    let read = commands(&mut decoder, &out, part);
    let [CommandEvent::Command { tag: read_tag, command: read }] = read.as_slice() else {
        panic!("{} gives {read:?}", out.escape_ascii());
    };
    assert_eq!((read_tag, read), (tag, command), "{}", out.escape_ascii());
    let mut again = BytesMut::new();
    read.write(tag, &mut again, encoding).unwrap();
    assert_eq!(again, out);
}

fn response(response: Response, encoding: Encoding, part: usize) {
    let mut out = BytesMut::new();
    response.write(&mut out, encoding).unwrap();
    let mut decoder = ResponseDecoder::new(Quirks::strict(), limits(Limits::imap_client()));
    decoder.set_utf8(encoding.utf8);
    let read = responses(&mut decoder, &out, part);
    let [ResponseEvent::Response(read)] = read.as_slice() else {
        panic!("{} gives {read:?}", out.escape_ascii());
    };
    assert_eq!(read, &response, "{}", out.escape_ascii());
    let mut again = BytesMut::new();
    read.write(&mut again, encoding).unwrap();
    assert_eq!(again, out);
}

/// One FETCH, around a body perhaps.
fn fetch(pieces: [Fetch; 2], body: Option<BodyStart>, octets: &[u8], encoding: Encoding, part: usize) {
    let told = fetch_events(pieces, body, octets);
    let mut out = BytesMut::new();
    let mut pieces = FetchEncoder::default();
    for event in &told {
        match event {
            ResponseEvent::Fetch(fetch) => pieces.fetch(fetch, &mut out, encoding).unwrap(),
            ResponseEvent::Body(Body::Begin(start)) => pieces.body(start, &mut out, encoding).unwrap(),
            ResponseEvent::Body(Body::Chunk(octets)) => out.extend_from_slice(octets),
            _ => {}
        }
    }
    let mut decoder = ResponseDecoder::new(Quirks::strict(), limits(Limits::imap_client()));
    decoder.set_utf8(encoding.utf8);
    assert_eq!(responses(&mut decoder, &out, part), told, "{}", out.escape_ascii());
}

fn append(
    tag: &Tag,
    append: &Append,
    options: &AppendOptions,
    message: &[u8],
    encoding: Encoding,
    part: usize,
) {
    let mut out = BytesMut::new();
    append.write(tag, options, message.len() as u64, &mut out, encoding).unwrap();
    out.extend_from_slice(message);
    out.extend_from_slice(b"\r\n");
    let mut decoder = CommandDecoder::new(limits(Limits::imap_server()));
    decoder.set_utf8(encoding.utf8);
    let read = commands(&mut decoder, &out, part);
    let chunk = (!message.is_empty()).then(|| CommandEvent::Chunk(Bytes::copy_from_slice(message)));
    let end = CommandEvent::Command { tag: tag.clone(), command: Command::Append(append.clone()) };
    let expected: Vec<_> = chunk.into_iter().chain([CommandEvent::LiteralEnd, end]).collect();
    let [CommandEvent::Literal(literal), rest @ ..] = read.as_slice() else {
        panic!("{} gives {read:?}", out.escape_ascii());
    };
    assert_eq!((&literal.tag, &literal.append), (tag, append));
    assert_eq!((literal.options.as_ref(), literal.length), (Some(options), message.len() as u64));
    assert_eq!(rest, expected, "{}", out.escape_ascii());
}

fuzz_target!(|value: (u8, u8, Value)| {
    let (choice, part, value) = value;
    let encoding = encoding(choice);
    let part = if part == 0 { usize::MAX } else { usize::from(part) };
    match value {
        Value::Command(tag, value) => command(&tag, &value, encoding, part),
        Value::Response(value) => response(*value, encoding, part),
        Value::Fetch(before, body, octets, after) => fetch([*before, *after], body, octets, encoding, part),
        Value::Append(tag, value, options, message) => {
            append(&tag, &value, &options, message, encoding, part)
        }
        Value::Url(url) => assert_eq!(url.to_string().parse::<ImapUrl>().unwrap(), url),
        // What anybody may hand out as a URL: what is read is written, and read again the same.
        Value::UrlText(text) => {
            for url in
                [text.parse::<ImapUrl>(), format!("imap://h/INBOX{text}").parse()].into_iter().flatten()
            {
                assert_eq!(url.to_string().parse::<ImapUrl>().unwrap(), url);
            }
        }
        Value::Set(set) => assert_eq!(set.to_string().parse::<SequenceSet>().unwrap(), set),
    }
});
