//! The codes of RFC 5530, the frame of RFC 4466, and what implementations should do (RFC 1733, 2180, 2683, 4549).

use crate::base::{fetches, flagged, noop, searches, select, stores};
use crate::dialogue::{Trace, Turn, code, dialogue, does, fetch, gives, known, selected, selects, tells};
use crate::values::{atom, flags, id, inbox, keyword, mailbox, nz, pattern, set};
use mailwire::imap::server::SelectData;
use mailwire::imap::{
    BodyStructure, Command, CreateParameter, Data, Delimiter, ExtendedSearch, ExtensionValue, Fetch,
    FetchAttribute as Attribute, FetchItem, FetchModifier, Flag, List, ListCommand, ListItem, ListReturn,
    ListSelection, PartFields, ResponseCode, Search, SearchKey as Key, SearchReturnData as Found,
    SearchReturnOption as Return, SelectParameter, StatusAttribute, StatusData, StatusItem, Store, StoreAction,
    StoreModifier, TaggedExtension,
};

pub fn traces() -> Vec<Trace> {
    vec![codes(), frame(), long_sets(), concurrent_access(), disconnected_use()]
}

/// RFC 5530 section 3
fn codes() -> Trace {
    let said = |what: ResponseCode| [noop(), code(what)];
    let turns: Vec<Turn> = [
        said(ResponseCode::Unavailable),
        said(ResponseCode::AuthenticationFailed),
        said(ResponseCode::AuthorizationFailed),
        said(ResponseCode::Expired),
        said(ResponseCode::PrivacyRequired),
        said(ResponseCode::ContactAdmin),
        said(ResponseCode::NoPerm),
        said(ResponseCode::InUse),
        said(ResponseCode::ExpungeIssued),
        said(ResponseCode::Corruption),
        said(ResponseCode::ServerBug),
        said(ResponseCode::ClientBug),
        said(ResponseCode::Cannot),
        said(ResponseCode::Limit),
        said(ResponseCode::OverQuota),
        said(ResponseCode::AlreadyExists),
        said(ResponseCode::Nonexistent),
    ]
    .concat();
    dialogue(
        &[
            "UNAVAILABLE", "AUTHENTICATIONFAILED", "AUTHORIZATIONFAILED", "EXPIRED", "PRIVACYREQUIRED",
            "CONTACTADMIN", "NOPERM", "INUSE", "EXPUNGEISSUED", "CORRUPTION", "SERVERBUG", "CLIENTBUG", "CANNOT",
            "LIMIT", "OVERQUOTA", "ALREADYEXISTS", "NONEXISTENT",
        ],
        known(""),
        r"
        C: a1 NOOP
        S: a1 NO [UNAVAILABLE] User's backend down for maintenance
        C: a2 NOOP
        S: a2 NO [AUTHENTICATIONFAILED] Authentication failed
        C: a3 NOOP
        S: a3 NO [AUTHORIZATIONFAILED] No such authorization-ID
        C: a4 NOOP
        S: a4 NO [EXPIRED] That password isn't valid any more
        C: a5 NOOP
        S: a5 NO [PRIVACYREQUIRED] Connection offers no privacy
        C: a6 NOOP
        S: a6 OK [CONTACTADMIN] Your account is blocked
        C: a7 NOOP
        S: a7 NO [NOPERM] Access denied
        C: a8 NOOP
        S: a8 NO [INUSE] Mailbox in use
        C: a9 NOOP
        S: a9 OK [EXPUNGEISSUED] Some messages have been expunged
        C: a10 NOOP
        S: a10 NO [CORRUPTION] Cannot open mailbox
        C: a11 NOOP
        S: a11 NO [SERVERBUG] This should not happen
        C: a12 NOOP
        S: a12 OK [CLIENTBUG] The client should not do that
        C: a13 NOOP
        S: a13 NO [CANNOT] \\ is not a valid character
        C: a14 NOOP
        S: a14 NO [LIMIT] At most 32 flags in one mailbox supported
        C: a15 NOOP
        S: a15 NO [OVERQUOTA] Sorry
        C: a16 NOOP
        S: a16 NO [ALREADYEXISTS] Mailbox already exists
        C: a17 NOOP
        S: a17 NO [NONEXISTENT] No such mailbox
        ",
        <[Turn; 34]>::try_from(turns).unwrap_or_else(|_| panic!("a command and a code each")),
    )
}

/// RFC 4466: what has the shape of an extension is kept.
fn frame() -> Trace {
    let extension = |label: &str, value: Option<&str>| TaggedExtension {
        label: keyword(label),
        value: value.map(|value| ExtensionValue::new(value).unwrap()),
    };
    let parameter = extension("X-PARAM", Some("(1 (a \"b\"))"));
    let opened = parameter.clone();
    let made = extension("X-MADE", Some("7"));
    let create = made.clone();
    let modifier = extension("X-MOD", None);
    let fetched = modifier.clone();
    let mut store = Store::flags(nz(1), StoreAction::Add, Flag::Seen);
    store.modifiers.push(StoreModifier::Other(extension("X-STORE", Some("1:2"))));
    let mut figures = StatusData::new(inbox());
    figures.others.push(StatusItem { name: keyword("X-FIGURE"), value: ExtensionValue::new("(1 2)").unwrap() });
    let asked = || [StatusAttribute::Other(keyword("X-FIGURE"))];
    dialogue(
        &["RFC 4466"],
        selected(""),
        r#"
        C: a2 CREATE x (X-MADE 7)
        S: a2 OK done
        C: a3 SEARCH RETURN (X-RETURN ALL) ALL
        S: * ESEARCH (TAG "a3") X-RETURN (a (b "c")) ALL 1:2
        S: a3 OK done
        C: a4 FETCH 1 (X-DATA) (X-MOD)
        S: * 1 FETCH (X-DATA ("a" (b) 1))
        S: a4 OK done
        C: a5 STORE 1 (X-STORE 1:2) +FLAGS (\\Seen)
        S: a5 NO [X-CODE (a b) c] No
        C: a6 STATUS INBOX (X-FIGURE)
        S: * STATUS INBOX (X-FIGURE (1 2))
        S: * X-NEWS (a "b") 1:2
        S: a6 OK done
        C: a7 LIST (X-SEL) "" % RETURN (X-RET)
        S: * LIST () "/" INBOX (X-ITEM (a b))
        S: a7 OK done
        C: a8 SELECT INBOX (X-PARAM (1 (a "b")))
        S: * OK [CLOSED] Previous mailbox closed
        S: a8 BAD No such parameter
        C: a9 XFOO a (b 1:2)
        S: a9 BAD Unknown command
        "#,
        [
            does(Command::Create { mailbox: mailbox("x"), parameters: vec![CreateParameter::Other(made)] }, move |imap| {
                imap.authenticated()?.create_with(mailbox("x"), [CreateParameter::Other(create.clone())])
            }),
            searches(Search::new(Key::All).returning([Return::Other(extension("X-RETURN", None)), Return::All])),
            tells(ExtendedSearch {
                data: vec![
                    Found::Other {
                        name: keyword("X-RETURN"),
                        value: ExtensionValue::new("(a (b \"c\"))").unwrap(),
                    },
                    Found::All(set("1:2")),
                ],
                ..ExtendedSearch::answering("a3")
            }),
            does(
                Command::Fetch {
                    set: set("1"),
                    uid: false,
                    attributes: Attribute::Other(extension("X-DATA", None)).into(),
                    modifiers: vec![FetchModifier::Other(modifier)],
                },
                move |imap| {
                    let attribute = Attribute::Other(extension("X-DATA", None));
                    imap.selected()?.fetch_with(nz(1), attribute, [FetchModifier::Other(fetched.clone())])
                },
            ),
            fetch(Fetch {
                items: vec![FetchItem::Other(extension("X-DATA", Some("(\"a\" (b) 1)")))],
                ..Fetch::new(nz(1))
            }),
            stores(store),
            code(ResponseCode::new("X-CODE (a b) c").unwrap()),
            does(Command::Status { mailbox: inbox(), attributes: asked().to_vec() }, move |imap| {
                imap.authenticated()?.status(inbox(), asked())
            }),
            tells(figures),
            tells(Data::Other("X-NEWS (a \"b\") 1:2".into())),
            gives(
                ListCommand::new(pattern("%"))
                    .selecting([ListSelection::Other { name: keyword("X-SEL"), value: None }])
                    .returning([ListReturn::Other { name: keyword("X-RET"), value: None }]),
                |imap, list| imap.authenticated()?.list(list),
            ),
            tells(List::new(inbox()).delimiter(Delimiter::SLASH).extended([ListItem::Other {
                tag: keyword("X-ITEM"),
                value: ExtensionValue::new("(a b)").unwrap(),
            }])),
            does(
                Command::Select {
                    mailbox: inbox(),
                    read_only: false,
                    parameters: vec![SelectParameter::Other(parameter)],
                },
                move |imap| {
                    imap.authenticated()?.select_with(inbox(), [SelectParameter::Other(opened.clone())])
                },
            ),
            code(ResponseCode::Closed),
            does(Command::raw(atom("XFOO"), "a (b 1:2)").unwrap(), |imap| {
                imap.enqueue(&Command::raw(atom("XFOO"), "a (b 1:2)")?)
            }),
        ],
    )
}

/// RFC 2683 section 3.2.1.5: a command is no longer than a server reads, so a long set goes in several.
fn long_sets() -> Trace {
    let pieces: Vec<_> = set("1,3,5,7,9,11,13,15").split(11).collect();
    let [first, second] = pieces.as_slice() else { panic!("{pieces:?}") };
    dialogue(
        &["RFC 2683"],
        selected(""),
        "
        C: a2 UID FETCH 1,3,5,7,9 UID
        S: * 1 FETCH (UID 1)
        S: a2 OK done
        C: a3 UID FETCH 11,13,15 UID
        S: a3 OK done
        ",
        [
            fetches(first.clone(), true, Attribute::Uid),
            fetch(Fetch { uid: Some(nz(1)), ..Fetch::new(nz(1)) }),
            fetches(second.clone(), true, Attribute::Uid),
        ],
    )
}

/// RFC 2180 sections 3 and 4: another session removes messages, and the mailbox.
fn concurrent_access() -> Trace {
    dialogue(
        &["RFC 2180"],
        selected(""),
        r"
        C: a2 FETCH 3:5 FLAGS
        S: * 3 FETCH (FLAGS ())
        S: * 5 FETCH (FLAGS (\\Seen))
        S: a2 NO [EXPUNGEISSUED] Some of the requested messages no longer exist
        C: a3 STORE 4 +FLAGS.SILENT (\\Deleted)
        S: a3 NO [EXPUNGEISSUED] Some of the messages no longer exist
        C: a4 NOOP
        S: * 4 EXPUNGE
        S: * 4 FETCH (FLAGS (\\Flagged \\Seen))
        S: a4 OK NOOP completed
        S: * BYE Mailbox has been deleted by another session
        ",
        [
            fetches(set("3:5"), false, Attribute::Flags),
            flagged(3, ""),
            flagged(5, "\\Seen"),
            code(ResponseCode::ExpungeIssued),
            stores(Store::flags(nz(4), StoreAction::Add, Flag::Deleted).silent()),
            code(ResponseCode::ExpungeIssued),
            noop(),
            tells(Data::Expunge(nz(4))),
            flagged(4, "\\Flagged \\Seen"),
        ],
    )
}

/// RFC 4549 section 3: what is new, what has changed, what was done meanwhile.
fn disconnected_use() -> Trace {
    dialogue(
        &["RFC 4549", "RFC 1733"],
        known(""),
        r"
        C: a1 SELECT INBOX
        S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)
        S: * 4 EXISTS
        S: * 0 RECENT
        S: * OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)] Flags permitted
        S: * OK [UIDVALIDITY 20010630] UIDs valid
        S: * OK [UIDNEXT 1101] Predicted next UID
        S: * OK [MAILBOXID (F1)] Identifier
        S: a1 OK [READ-WRITE] SELECT completed
        C: a2 UID STORE 1:2 +FLAGS.SILENT (\\Deleted)
        C: a3 UID FETCH 1000:* (FLAGS BODYSTRUCTURE)
        C: a4 UID FETCH 1:999 FLAGS
        S: a2 OK STORE completed
        S: * 4 FETCH (UID 1100 FLAGS () BODYSTRUCTURE (\x22TEXT\x22 \x22PLAIN\x22 NIL NIL NIL \x227BIT\x22 1 1 NIL NIL NIL NIL))
        S: a3 OK FETCH completed
        S: * 1 FETCH (UID 1 FLAGS (\\Deleted))
        S: a4 OK FETCH completed
        ",
        [
            select("INBOX", false),
            selects(SelectData {
                mailbox_id: Some(id("F1")),
                ..SelectData::new(4, nz(20_010_630), nz(1101))
            }),
            code(ResponseCode::ReadWrite),
            stores(Store::uid_flags(set("1:2"), StoreAction::Add, Flag::Deleted).silent()),
            fetches(set("1000:*"), true, [Attribute::Flags, Attribute::BodyStructure]),
            fetches(set("1:999"), true, Attribute::Flags),
            fetch(Fetch {
                uid: Some(nz(1100)),
                flags: Some(flags("")),
                body_structure: Some(Box::new(
                    BodyStructure::builder()
                        .part(&PartFields { size: 1, lines: 1, ..PartFields::new("TEXT", "PLAIN") })
                        .build()
                        .unwrap(),
                )),
                ..Fetch::new(nz(4))
            }),
            fetch(Fetch { uid: Some(nz(1)), flags: Some(flags("\\Deleted")), ..Fetch::new(nz(1)) }),
        ],
    )
}
