//! What is told of messages: BINARY (RFC 3516), OBJECTID (RFC 8474), PREVIEW (RFC 8970), SAVEDATE (RFC 8514), STATUS=SIZE (RFC 8438),
//! MOVE (RFC 6851), UNSELECT (RFC 3691), flags and keywords, Gmail's extensions.

use crate::dialogue::{Trace, Turn, bodies, code, dialogue, does, fetch, gives, known, selected, selects, tells};
use crate::values::{date, flags, id, inbox, mailbox, nz, part, set};
use mailwire::imap::server::SelectData;
use mailwire::imap::{
    BodyItem, BodyStart, Command, CopyUid, Data, Fetch, FetchAttribute as Attribute, FetchItem, Flag, Partial,
    ResponseCode, Search, SearchData, SearchKey, StatusAttribute, StatusData, Store, StoreAction, StoreChange,
};
use std::num::NonZeroU64;

/// FETCH of one message.
fn asks<const N: usize>(number: u32, attributes: [Attribute; N]) -> Turn {
    let asked = attributes.clone();
    does(
        Command::Fetch { set: nz(number).into(), uid: false, attributes: attributes.into(), modifiers: vec![] },
        move |imap| imap.selected()?.fetch(nz(number), asked.clone()),
    )
}

/// The same of one attribute, without parentheses.
fn asks_one(number: u32, attribute: Attribute) -> Turn {
    asks(number, [attribute])
}

fn item<const N: usize>(number: u32, items: [FetchItem; N]) -> Turn {
    fetch(Fetch { items: items.into(), ..Fetch::new(nz(number)) })
}

fn numbers(numbers: &[u32]) -> Turn {
    let numbers = numbers.iter().map(|number| nz(*number)).collect();
    tells(Data::Search(SearchData { numbers, mod_sequence: None }))
}

fn searches(key: SearchKey) -> Turn {
    gives(Search::new(key), |imap, search| imap.selected()?.search_for(search))
}

fn status(name: &'static str, attribute: StatusAttribute, change: impl Fn(&mut StatusData)) -> [Turn; 2] {
    let mut figures = StatusData::new(mailbox(name));
    change(&mut figures);
    let asked = attribute.clone();
    [
        does(Command::Status { mailbox: mailbox(name), attributes: vec![attribute] }, move |imap| {
            imap.authenticated()?.status(mailbox(name), [asked.clone()])
        }),
        tells(figures),
    ]
}

pub fn traces() -> Vec<Trace> {
    vec![
        binary(),
        object_ids(),
        preview(),
        save_date(),
        size(),
        move_messages(),
        unselect(),
        keywords(),
        gmail(),
    ]
}

/// RFC 3516 section 4
fn binary() -> Trace {
    let begin = |number: &str, origin, octets: Option<u64>, binary| BodyStart {
        origin,
        len: octets,
        binary,
        ..BodyStart::new(nz(1), BodyItem::Binary(Some(part(number))))
    };
    let binary = |number: &str, peek, partial| Attribute::Binary { peek, part: Some(part(number)), partial };
    dialogue(
        &["BINARY"],
        selected("BINARY"),
        r"
        C: a2 FETCH 1 BINARY.SIZE[2]
        S: * 1 FETCH (BINARY.SIZE[2] 4)
        S: a2 OK done
        C: a3 FETCH 1 (BINARY.PEEK[2] BINARY[1]<0.5>)
        S: * 1 FETCH (BINARY[2] ~{4}
        S= \0\x01)a BINARY[1]<0> {5}\r\n
        S: hello)
        S: a3 OK done
        C: a4 FETCH 1 BINARY[3]
        S: * 1 FETCH (BINARY[3] NIL)
        S: a4 NO [UNKNOWN-CTE] No such encoding
        ",
        [
            asks_one(1, Attribute::BinarySize { part: Some(part("2")) }),
            item(1, [FetchItem::BinarySize { part: Some(part("2")), size: 4 }]),
            asks(
                1,
                [
                    binary("2", true, None),
                    binary("1", false, Some(Partial::new(0, NonZeroU64::new(5).unwrap()).unwrap())),
                ],
            ),
            bodies(
                Fetch::new(nz(1)),
                [
                    (begin("2", None, Some(4), true), "\0\u{1})a"),
                    (begin("1", Some(0), Some(5), false), "hello"),
                ],
            ),
            asks_one(1, binary("3", false, None)),
            bodies(Fetch::new(nz(1)), [(begin("3", None, None, false), "")]),
            code(ResponseCode::UnknownCte),
        ],
    )
}

/// RFC 8474 sections 4 to 6
fn object_ids() -> Trace {
    let [asks_mailbox_id, mailbox_id] = status("foo", StatusAttribute::MailboxId, |figures| {
        figures.mailbox_id = Some(Box::new(id("F2212ea87-6097-4256-9d51-71338625")));
    });
    dialogue(
        &["OBJECTID"],
        known("OBJECTID"),
        r"
        C: a1 CREATE foo
        S: a1 OK [MAILBOXID (F2212ea87-6097-4256-9d51-71338625)] Completed
        C: a2 STATUS foo (MAILBOXID)
        S: * STATUS foo (MAILBOXID (F2212ea87-6097-4256-9d51-71338625))
        S: a2 OK Completed
        C: a3 SELECT foo
        S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)
        S: * 2 EXISTS
        S: * 0 RECENT
        S: * OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)] Flags permitted
        S: * OK [UIDVALIDITY 1524195797] UIDs valid
        S: * OK [UIDNEXT 3] Predicted next UID
        S: * OK [MAILBOXID (F2212ea87-6097-4256-9d51-71338625)] Identifier
        S: a3 OK [READ-WRITE] SELECT completed
        C: a4 FETCH 1 (EMAILID THREADID)
        S: * 1 FETCH (EMAILID (M6d99ac3275bb4e) THREADID (T64b478a75b7ea9))
        S: * 2 FETCH (THREADID NIL)
        S: a4 OK Completed
        C: a5 SEARCH EMAILID M6d99ac3275bb4e
        S: * SEARCH 1
        S: a5 OK Completed
        C: a6 SEARCH THREADID T64b478a75b7ea9
        S: * SEARCH 1 2
        S: a6 OK Completed
        ",
        [
            does(Command::Create { mailbox: mailbox("foo"), parameters: vec![] }, |imap| {
                imap.authenticated()?.create(mailbox("foo"))
            }),
            code(ResponseCode::MailboxId(id("F2212ea87-6097-4256-9d51-71338625"))),
            asks_mailbox_id,
            mailbox_id,
            does(Command::Select { mailbox: mailbox("foo"), read_only: false, parameters: vec![] }, |imap| {
                imap.authenticated()?.select(mailbox("foo"))
            }),
            selects(SelectData {
                mailbox_id: Some(id("F2212ea87-6097-4256-9d51-71338625")),
                ..SelectData::new(2, nz(1_524_195_797), nz(3))
            }),
            code(ResponseCode::ReadWrite),
            asks(1, [Attribute::EmailId, Attribute::ThreadId]),
            item(
                1,
                [
                    FetchItem::EmailId(id("M6d99ac3275bb4e")),
                    FetchItem::ThreadId(Some(id("T64b478a75b7ea9"))),
                ],
            ),
            item(2, [FetchItem::ThreadId(None)]),
            searches(SearchKey::EmailId(id("M6d99ac3275bb4e"))),
            numbers(&[1]),
            searches(SearchKey::ThreadId(id("T64b478a75b7ea9"))),
            numbers(&[1, 2]),
        ],
    )
}

/// RFC 8970 sections 3 and 4
fn preview() -> Trace {
    dialogue(
        &["PREVIEW"],
        selected("PREVIEW"),
        r#"
        C: a2 FETCH 1 PREVIEW
        S: * 1 FETCH (PREVIEW "Preview text!")
        S: a2 OK FETCH complete.
        C: a3 FETCH 2 PREVIEW (LAZY)
        S: * 2 FETCH (PREVIEW NIL)
        S: * 3 FETCH (PREVIEW {2}
        S= \xc3\xbc)\r\n
        S: a3 OK FETCH complete.
        "#,
        [
            asks_one(1, Attribute::Preview { lazy: false }),
            item(1, [FetchItem::Preview(Some("Preview text!".into()))]),
            asks_one(2, Attribute::Preview { lazy: true }),
            item(2, [FetchItem::Preview(None)]),
            item(3, [FetchItem::Preview(Some("\u{fc}".into()))]),
        ],
    )
}

/// RFC 8514 section 4
fn save_date() -> Trace {
    dialogue(
        &["SAVEDATE"],
        selected("SAVEDATE"),
        r#"
        C: a2 FETCH 1 SAVEDATE
        S: * 1 FETCH (SAVEDATE "01-Jan-2015 16:52:39 +0000")
        S: * 2 FETCH (SAVEDATE NIL)
        S: a2 OK FETCH completed
        C: a3 SEARCH SAVEDSINCE 28-Dec-2014
        S: * SEARCH 1
        S: a3 OK SEARCH completed
        C: a4 SEARCH SAVEDATESUPPORTED
        S: * SEARCH 1 2
        S: a4 OK SEARCH completed
        C: a5 SEARCH SAVEDBEFORE 1-Jan-2015
        S: * SEARCH
        S: a5 OK SEARCH completed
        C: a6 SEARCH SAVEDON 1-Jan-2015
        S: * SEARCH 1
        S: a6 OK SEARCH completed
        "#,
        [
            asks_one(1, Attribute::SaveDate),
            item(1, [FetchItem::SaveDate(Some("01-Jan-2015 16:52:39 +0000".parse().unwrap()))]),
            item(2, [FetchItem::SaveDate(None)]),
            searches(SearchKey::SavedSince(date(2014, 12, 28))),
            numbers(&[1]),
            searches(SearchKey::SaveDateSupported),
            numbers(&[1, 2]),
            searches(SearchKey::SavedBefore(date(2015, 1, 1))),
            numbers(&[]),
            searches(SearchKey::SavedOn(date(2015, 1, 1))),
            numbers(&[1]),
        ],
    )
}

/// RFC 8438 section 3
fn size() -> Trace {
    let [asks, told] = status("frop", StatusAttribute::Size, |figures| figures.size = Some(44421));
    dialogue(
        &["STATUS=SIZE"],
        known("STATUS=SIZE"),
        "
        C: a1 STATUS frop (SIZE)
        S: * STATUS frop (SIZE 44421)
        S: a1 OK Status completed.
        ",
        [asks, told],
    )
}

/// RFC 6851 section 3
fn move_messages() -> Trace {
    let copied = ResponseCode::CopyUid(Box::new(CopyUid {
        uid_validity: nz(432_432),
        source: set("42:69"),
        destination: set("1202:1229"),
    }));
    dialogue(
        &["MOVE"],
        selected("MOVE UIDPLUS"),
        "
        C: a2 UID MOVE 42:69 foo
        S: * OK [COPYUID 432432 42:69 1202:1229] Moved
        S: * 22 EXPUNGE
        S: * 22 EXPUNGE
        S: a2 OK Done
        C: a3 MOVE 1 foo
        S: a3 NO [TRYCREATE] No such mailbox
        C: a4 MOVE 1 shared
        S: a4 NO [NOPERM] Messages stay
        ",
        [
            does(Command::Move { set: set("42:69"), uid: true, mailbox: mailbox("foo") }, |imap| {
                imap.selected()?.uid_move(set("42:69"), mailbox("foo"))
            }),
            code(copied),
            tells(Data::Expunge(nz(22))),
            tells(Data::Expunge(nz(22))),
            does(Command::Move { set: set("1"), uid: false, mailbox: mailbox("foo") }, |imap| {
                imap.selected()?.move_to(nz(1), mailbox("foo"))
            }),
            code(ResponseCode::TryCreate),
            does(Command::Move { set: set("1"), uid: false, mailbox: mailbox("shared") }, |imap| {
                imap.selected()?.move_to(nz(1), mailbox("shared"))
            }),
            code(ResponseCode::NoPerm),
        ],
    )
}

/// RFC 3691 section 2
fn unselect() -> Trace {
    dialogue(
        &["UNSELECT"],
        selected("UNSELECT"),
        "
        C: a2 UNSELECT
        S: a2 OK Returned to authenticated state.
        C: a3 SELECT INBOX
        S: a3 NO [INUSE] Locked
        ",
        [
            does(Command::Unselect, |imap| imap.selected()?.unselect()),
            does(Command::Select { mailbox: inbox(), read_only: false, parameters: vec![] }, |imap| {
                assert!(imap.selected().is_err());
                imap.authenticated()?.select(inbox())
            }),
            code(ResponseCode::InUse),
        ],
    )
}

/// RFC 3501 section 2.3.2, the IANA registry, RFC 8457
fn keywords() -> Trace {
    let all = "\\Answered \\Flagged \\Deleted \\Seen \\Draft $Forwarded $MDNSent $Junk $NotJunk $Phishing $Important";
    dialogue(
        &[
            r"\Answered", r"\Deleted", r"\Draft", r"\Seen", r"\Recent", r"\*", "$Forwarded", "$MDNSent", "$Junk",
            "$NotJunk", "$Phishing", "$Important",
        ],
        known(""),
        r"
        C: a1 SELECT INBOX
        S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Forwarded $MDNSent $Junk $NotJunk $Phishing $Important)
        S: * 1 EXISTS
        S: * 0 RECENT
        S: * OK [PERMANENTFLAGS (\\Seen $Junk \\*)] Flags permitted
        S: * OK [UIDVALIDITY 1] UIDs valid
        S: * OK [UIDNEXT 2] Predicted next UID
        S: a1 OK [READ-WRITE] SELECT completed
        C: a2 STORE 1 +FLAGS (\\Deleted $Forwarded $MDNSent $Junk $Phishing)
        S: * 1 FETCH (FLAGS (\\Flagged \\Recent $Important gnus-expire))
        S: a2 OK STORE completed
        C: a3 STORE 1 -FLAGS.SILENT ($NotJunk)
        S: a3 OK STORE completed
        C: a4 STORE 1 FLAGS ()
        S: * 1 FETCH (FLAGS ())
        S: a4 NO [LIMIT] Too many keywords
        ",
        [
            does(Command::Select { mailbox: inbox(), read_only: false, parameters: vec![] }, |imap| {
                imap.authenticated()?.select(inbox())
            }),
            selects(SelectData {
                flags: flags(all),
                permanent_flags: flags("\\Seen $Junk").with_wildcard(true),
                ..SelectData::new(1, nz(1), nz(2))
            }),
            code(ResponseCode::ReadWrite),
            gives(
                Store::flags(
                    nz(1),
                    StoreAction::Add,
                    [Flag::Deleted, Flag::Forwarded, Flag::MdnSent, Flag::Junk, Flag::Phishing],
                ),
                |imap, store| imap.selected()?.store(store),
            ),
            fetch(Fetch { flags: Some(flags("\\Flagged \\Recent $Important gnus-expire")), ..Fetch::new(nz(1)) }),
            gives(Store::flags(nz(1), StoreAction::Remove, Flag::NotJunk).silent(), |imap, store| {
                imap.selected()?.store(store)
            }),
            gives(Store::flags(nz(1), StoreAction::Replace, []), |imap, store| imap.selected()?.store(store)),
            fetch(Fetch { flags: Some(flags("")), ..Fetch::new(nz(1)) }),
            code(ResponseCode::Limit),
        ],
    )
}

/// <https://developers.google.com/workspace/gmail/imap/imap-extensions>
fn gmail() -> Trace {
    let labels = |action, silent| Store {
        set: set("1"),
        uid: false,
        modifiers: vec![],
        change: StoreChange::GmailLabels { action, silent, labels: vec!["foo".into()] },
    };
    dialogue(
        &["X-GM-EXT-1", "X-GM-MSGID", "X-GM-THRID", "X-GM-LABELS", "X-GM-RAW"],
        selected("X-GM-EXT-1"),
        r#"
        C: a2 FETCH 1 (X-GM-MSGID X-GM-THRID X-GM-LABELS)
        S: * 1 FETCH (X-GM-MSGID 1278455344230334865 X-GM-THRID 1266894439832287888 X-GM-LABELS (\\Inbox \\Sent Important "Muy Importante"))
        S: a2 OK FETCH completed
        C: a3 SEARCH X-GM-RAW "has:attachment in:unread"
        S: * SEARCH 123 12344 5992
        S: a3 OK SEARCH completed
        C: a4 SEARCH X-GM-MSGID 1278455344230334865
        S: * SEARCH 1
        S: a4 OK SEARCH completed
        C: a5 SEARCH X-GM-THRID 1266894439832287888
        S: * SEARCH 2 3 4
        S: a5 OK SEARCH completed
        C: a6 SEARCH X-GM-LABELS foo
        S: * SEARCH
        S: a6 OK SEARCH completed
        C: a7 STORE 1 +X-GM-LABELS (foo)
        S: * 1 FETCH (X-GM-LABELS (\\Inbox foo))
        S: a7 OK STORE completed
        C: a8 STORE 1 -X-GM-LABELS.SILENT (foo)
        S: a8 NO [CANNOT] No
        "#,
        [
            asks(1, [Attribute::GmailMessageId, Attribute::GmailThreadId, Attribute::GmailLabels]),
            item(
                1,
                [
                    FetchItem::GmailMessageId(1_278_455_344_230_334_865),
                    FetchItem::GmailThreadId(1_266_894_439_832_287_888),
                    FetchItem::GmailLabels(
                        ["\\Inbox", "\\Sent", "Important", "Muy Importante"].map(Into::into).into(),
                    ),
                ],
            ),
            searches(SearchKey::GmailRaw("has:attachment in:unread".into())),
            numbers(&[123, 12344, 5992]),
            searches(SearchKey::GmailMessageId(1_278_455_344_230_334_865)),
            numbers(&[1]),
            searches(SearchKey::GmailThreadId(1_266_894_439_832_287_888)),
            numbers(&[2, 3, 4]),
            searches(SearchKey::GmailLabels("foo".into())),
            numbers(&[]),
            gives(labels(StoreAction::Add, false), |imap, store| imap.selected()?.store(store)),
            item(1, [FetchItem::GmailLabels(["\\Inbox", "foo"].map(Into::into).into())]),
            gives(labels(StoreAction::Remove, true), |imap, store| imap.selected()?.store(store)),
            code(ResponseCode::Cannot),
        ],
    )
}
