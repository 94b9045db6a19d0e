//! Lines from other projects' tests and from RFCs, where they are at hand: see `corpus`.

extern crate std;

use crate::imap::command::Command;
use crate::imap::corpus::{self, cases, octets};
use crate::imap::encode::{Encoder, Encoding};
use crate::imap::quirk::Quirks;
use crate::imap::response::Response;
use crate::wire::Limits;
use crate::wire::cursor::{Cursor, Parsed};
use alloc::format;
use alloc::vec::Vec;
use bytes::{Bytes, BytesMut};

/// Reads a fragment in the command or response that it may stand in; `None` where the production is none of these.
pub(super) fn read(production: &str, text: &[u8], quirks: Quirks) -> Option<Option<usize>> {
    let (before, behind) = match production {
        "command" => ("", ""),
        "uidSuffix" => ("UID", ""),
        "searchSuffix" => ("SEARCH", ""),
        "searchKey" | "searchCriteria" | "searchModificationSequence" => ("SEARCH ", ""),
        "searchReturnOptions" => ("SEARCH", " ALL"),
        "searchReturnOption" | "searchReturnOptionExtension" => ("SEARCH RETURN (", ") ALL"),
        "partialRange" => ("SEARCH RETURN (PARTIAL ", ") ALL"),
        "extendedSearchOptions" | "esearchSuffix" => ("ESEARCH", ""),
        "extendedSearchSourceOptions" => ("ESEARCH ", " ALL"),
        "extendedSearchScopeOptions" | "scopeOption" => ("ESEARCH IN (INBOXES (", ")) ALL"),
        "filterMailboxes" => ("NOTIFY SET (", " NONE)"),
        "oneOrMoreMailbox" => ("NOTIFY SET (SUBTREE ", " NONE)"),
        "sortSuffix" => ("SORT", ""),
        "sortCriteria" => ("SORT ", " UTF-8 ALL"),
        "sortCriterion" => ("SORT (", ") UTF-8 ALL"),
        "idSuffix" => ("ID", ""),
        "idParamsList" => ("ID ", ""),
        "selectSuffix" => ("SELECT", ""),
        "selectParameter" => ("SELECT a (", ")"),
        "createSuffix" => ("CREATE", ""),
        "createParameters" => ("CREATE a", ""),
        "createParameter" => ("CREATE a (", ")"),
        "storeSuffix" => ("STORE", ""),
        "storeModifier" | "unchangedSinceModifier" => ("STORE 1 (", ") FLAGS ()"),
        "storeData" | "storeGmailLabels" => ("STORE 1 ", ""),
        "fetchModifiers" => ("FETCH 1 FLAGS", ""),
        "fetchModifier" | "changedSinceModifier" => ("FETCH 1 FLAGS (", ")"),
        "genURLAuthSuffix" => ("GENURLAUTH", ""),
        "resetKeySuffix" => ("RESETKEY", ""),
        "urlFetchSuffix" => ("URLFETCH", ""),
        "enableSuffix" => ("ENABLE", ""),
        "getQuota" | "getQuotaRoot" | "setQuota" => ("", ""),
        "getQuotaSuffix" => ("GETQUOTA", ""),
        "getQuotaRootSuffix" => ("GETQUOTAROOT", ""),
        "setQuotaSuffix" => ("SETQUOTA", ""),
        "quotaLimits" => ("SETQUOTA a ", ""),
        "copySuffix" => ("COPY", ""),
        "renameSuffix" => ("RENAME", ""),
        "deleteSuffix" => ("DELETE", ""),
        "subscribeSuffix" => ("SUBSCRIBE", ""),
        "examineSuffix" => ("", ""),
        "loginSuffix" => ("LOGIN", ""),
        "authenticateSuffix" => ("AUTHENTICATE", ""),
        "fetchSuffix" => ("FETCH", ""),
        "LSUBSuffix" => ("LSUB", ""),
        "getMetadataSuffix" => ("GETMETADATA", ""),
        "setMetadataSuffix" => ("SETMETADATA", ""),
        "metadataOptions" => ("GETMETADATA ", " a b"),
        "metadataOption" => ("GETMETADATA (", ") a b"),
        _ => return read_data(production, text, quirks),
    };
    let text = [before.as_bytes(), text, behind.as_bytes()].concat();
    // A command that is not known is kept; here that is no answer.
    let parse = |cursor: &mut Cursor<'_>| match Command::parse(cursor)? {
        Command::Other { .. } => cursor.syntax("a command that is known"),
        command => Ok(command),
    };
    Some(corpus::again(&text, quirks, parse, Command::encode))
}

fn read_data(production: &str, text: &[u8], quirks: Quirks) -> Option<Option<usize>> {
    let (before, behind) = match production {
        "responsePayload" | "mailboxData" | "idResponsePayload" | "enableData" | "metadataResponse" => {
            ("", "")
        }
        "quota" | "metadata_unsolicited" | "resp_id" => ("", ""),
        "searchReturnData" | "searchReturnDataPartial" | "searchReturnDataExtension" => ("ESEARCH ", ""),
        "searchCorrelator" | "extendedSearchResponse" => ("ESEARCH", ""),
        "namespaceResponse" => ("NAMESPACE", ""),
        "namespace" => ("NAMESPACE ", " NIL NIL"),
        "namespaceDescription" => ("NAMESPACE (", ") NIL NIL"),
        "urlFetchData" => ("URLFETCH ", ""),
        "quota_list" => ("QUOTA a ", ""),
        _ => return None,
    };
    let text = [b"* ", before.as_bytes(), text.trim_ascii_end(), behind.as_bytes()].concat();
    Some(corpus::again(&text, quirks, Response::parse, |response, encoder| {
        response.encode(encoder)?;
        let length = encoder.out.len() - 2;
        encoder.out.truncate(length);
        Ok(())
    }))
}

fn command(cursor: &mut Cursor<'_>) -> Parsed<Command> {
    cursor.tag()?;
    cursor.sp()?;
    Command::parse(cursor)
}

/// Reads a line and writes it again, which must be read the same; gives whether it is good.
fn again<T: PartialEq + core::fmt::Debug>(
    line: &Bytes,
    quirks: Quirks,
    parse: impl Fn(&mut Cursor<'_>) -> Parsed<T>,
    write: impl Fn(&T, &mut BytesMut),
) -> bool {
    let limits = Limits::imap_client();
    let read = |line: &Bytes| parse(&mut Cursor::shared(line, &limits, quirks.bits())).ok();
    let Some(value) = read(line) else { return false };
    let mut out = BytesMut::new();
    write(&value, &mut out);
    let out = out.freeze();
    assert_eq!(read(&out).as_ref(), Some(&value), "{} as {out:?}", line.escape_ascii());
    true
}

#[test]
fn lines_of_other_projects_and_of_rfcs() {
    let mut wrong = Vec::new();
    for file in ["rfc-examples.jsonl", "imap-codec.jsonl", "swift-nio-imap.jsonl", "imap-proto.jsonl"] {
        for case in cases(file) {
            let text = |key: &str| case[key].as_str().unwrap_or_default();
            let whole =
                text("protocol") == "imap" && text("framing") == "complete" && case["production"].is_null();
            let octets = octets(text("octets"));
            let Some(line) = octets.strip_suffix(b"\r\n").filter(|_| whole) else { continue };
            let line = Bytes::copy_from_slice(line);
            let good = match text("direction") {
                "client" => again(&line, Quirks::strict(), command, |command, out| {
                    out.extend_from_slice(b"a ");
                    command.encode(&mut Encoder::new(out, Encoding::server())).unwrap();
                }),
                // What is read piece by piece has tests of its own.
                "server" if line.windows(6).any(|name| name.eq_ignore_ascii_case(b"FETCH ")) => true,
                "server" => again(&line, Quirks::lenient(), Response::parse, |response, out| {
                    response.write(out, Encoding::server()).unwrap();
                    out.truncate(out.len() - 2);
                }),
                _ => true,
            };
            if !good && text("expected") == "valid" {
                wrong.push(format!("{} {}", text("id"), line.escape_ascii()));
            }
        }
    }
    wrong.retain(|line| !KNOWN.iter().any(|(id, _)| line.starts_with(id)));
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What is called valid and is not, and why.
const KNOWN: &[(&str, &str)] = &[
    ("rfc-examples/00247", "two arguments, as RFC 1730 had it"),
    ("rfc-examples/00251", "two arguments, as RFC 1730 had it"),
    ("rfc-examples/00379", "the end of IDLE, which has no tag"),
    ("rfc-examples/00447", "two lines in one"),
    ("rfc-examples/00593", "of ACAP"),
    ("rfc-examples/00639", "no parentheses, which the RFC calls wrong"),
    ("rfc-examples/00642", "no parentheses, which the RFC calls wrong"),
    ("rfc-examples/00687", "of ACAP"),
    ("rfc-examples/00762", "no search key is called KEYWORDS"),
    ("rfc-examples/00767", "of MUPDATE"),
    ("rfc-examples/00778", "of MUPDATE"),
    ("rfc-examples/00780", "of MUPDATE"),
    ("rfc-examples/00809", "a right in upper case, which the RFC has answered BAD"),
    ("rfc-examples/01080", "of ACAP"),
    ("rfc-examples/01553", "no sort criteria"),
    ("rfc-examples/01623", "the first of two lines"),
    ("rfc-examples/01639", "parentheses around the results"),
    ("rfc-examples/01824", "no search key"),
    ("rfc-examples/01825", "the first of two lines"),
    ("rfc-examples/01826", "the first of two lines"),
    ("rfc-examples/01830", "the first of two lines"),
    ("rfc-examples/01855", "no space before the fields"),
];
