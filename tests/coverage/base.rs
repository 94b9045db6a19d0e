//! RFC 3501 and RFC 9051.

use crate::dialogue::{
    Trace, Turn, bodies, code, connected, dialogue, does, fetch, gives, greeted, known, message, selected, selects, sends,
    tells,
};
use crate::values::{capabilities, date, flags, inbox, keyword, mailbox, nz, pattern, set};
use mailwire::imap::server::SelectData;
use mailwire::imap::{Address, Append, AppendOptions, BodyItem, BodyStart, BodyStructure, Capability, Command, Data, Delimiter, Envelope, ExtendedSearch, Fetch, FetchAttribute as Attribute, FetchAttributes, FetchItem, Flag, List, ListCommand, ListItem, ListKind, ListReturn, ListSelection, MailboxAttribute, Partial, PartFields, ResponseCode, Search, SearchData, SearchKey as Key, SearchKeys, SearchReturnData as Found, Section, SequenceSet, StatusAttribute, StatusData, Store, StoreAction};
use std::num::NonZeroU64;

pub fn traces() -> Vec<Trace> {
    vec![
        session(),
        mailboxes(),
        messages(),
        every_key(),
        attributes(),
        sections(),
        ends(),
        preauth(),
        rev2(),
        rev2_messages(),
    ]
}

pub fn select(name: &'static str, read_only: bool) -> Turn {
    does(Command::Select { mailbox: mailbox(name), read_only, parameters: vec![] }, move |imap| {
        let mut view = imap.authenticated()?;
        if read_only { view.examine(mailbox(name)) } else { view.select(mailbox(name)) }
    })
}

pub fn fetches(set: SequenceSet, uid: bool, attributes: impl Into<FetchAttributes>) -> Turn {
    let (asked, attributes) = (set.clone(), attributes.into());
    let command = Command::Fetch { set, uid, attributes: attributes.clone(), modifiers: vec![] };
    does(command, move |imap| {
        let mut view = imap.selected()?;
        let (set, attributes) = (asked.clone(), attributes.clone());
        if uid { view.uid_fetch(set, attributes) } else { view.fetch(set, attributes) }
    })
}

pub fn stores(store: Store) -> Turn {
    gives(store, |imap, store| imap.selected()?.store(store))
}

pub fn searches(search: Search) -> Turn {
    gives(search, |imap, search| imap.selected()?.search_for(search))
}

pub fn noop() -> Turn {
    does(Command::Noop, |imap| imap.noop())
}

fn numbers(numbers: &[u32]) -> Turn {
    let numbers = numbers.iter().map(|number| nz(*number)).collect();
    tells(Data::Search(SearchData { numbers, mod_sequence: None }))
}

pub fn flagged(seq: u32, names: &str) -> Turn {
    fetch(Fetch { flags: Some(flags(names)), ..Fetch::new(nz(seq)) })
}

/// The message of RFC 3501 section 8.
fn envelope() -> Envelope {
    let terry = || [Address::new("Terry Gray", "gray", "cac.washington.edu")];
    Envelope::builder()
        .date("Wed, 17 Jul 1996 02:23:25 -0700 (PDT)")
        .subject("IMAP4rev1 WG mtg summary and minutes")
        .from(terry())
        .sender(terry())
        .reply_to(terry())
        .to([Address::mailbox("imap", "cac.washington.edu")])
        .cc([Address::mailbox("minutes", "CNRI.Reston.VA.US"), Address::new("John Klensin", "KLENSIN", "MIT.EDU")])
        .message_id("<B27397-0100000@cac.washington.edu>")
        .build()
        .unwrap()
}

fn body() -> BodyStructure {
    let fields = PartFields { size: 3028, lines: 92, ..PartFields::text("PLAIN", "US-ASCII") };
    BodyStructure::builder().without_extension().part(&fields).build().unwrap()
}

/// RFC 3501 section 8
fn session() -> Trace {
    let header = BodyStart { len: Some(59), ..BodyStart::new(nz(12), BodyItem::Section(Section::Header(None))) };
    dialogue(
        &["IMAP4rev1"],
        connected(),
        r#"
        S: * OK IMAP4rev1 Service Ready
        C: a1 LOGIN mrc secret
        S: a1 OK LOGIN completed
        C: a2 SELECT INBOX
        S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)
        S: * 18 EXISTS
        S: * 2 RECENT
        S: * OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)] Flags permitted
        S: * OK [UNSEEN 17] First unseen
        S: * OK [UIDVALIDITY 3857529045] UIDs valid
        S: * OK [UIDNEXT 19] Predicted next UID
        S: a2 OK [READ-WRITE] SELECT completed
        C: a3 FETCH 12 FULL
        S: * 12 FETCH (FLAGS (\\Seen) INTERNALDATE "17-Jul-1996 02:44:25 -0700" RFC822.SIZE 4286 ENVELOPE ("Wed, 17 Jul 1996 02:23:25 -0700 (PDT)" "IMAP4rev1 WG mtg summary and minutes" (("Terry Gray" NIL "gray" "cac.washington.edu")) (("Terry Gray" NIL "gray" "cac.washington.edu")) (("Terry Gray" NIL "gray" "cac.washington.edu")) ((NIL NIL "imap" "cac.washington.edu")) ((NIL NIL "minutes" "CNRI.Reston.VA.US")("John Klensin" NIL "KLENSIN" "MIT.EDU")) NIL NIL "<B27397-0100000@cac.washington.edu>") BODY ("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 3028 92))
        S: a3 OK FETCH completed
        C: a4 FETCH 12 BODY[HEADER]
        S: * 12 FETCH (BODY[HEADER] {59}
        S: Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)
        S: MIME-Version
        S: )
        S: a4 OK FETCH completed
        C: a5 STORE 12 +FLAGS (\\Deleted)
        S: * 12 FETCH (FLAGS (\\Deleted \\Seen))
        S: a5 OK +FLAGS completed
        C: a6 LOGOUT
        S: * BYE IMAP4rev1 server terminating connection
        S: a6 OK LOGOUT completed
        "#,
        [
            does(Command::login("mrc", "secret"), |imap| imap.not_authenticated()?.login("mrc", "secret")),
            select("INBOX", false),
            selects(SelectData {
                recent: 2,
                unseen: Some(nz(17)),
                ..SelectData::new(18, nz(3_857_529_045), nz(19))
            }),
            code(ResponseCode::ReadWrite),
            fetches(set("12"), false, FetchAttributes::Full),
            fetch(Fetch {
                flags: Some(flags("\\Seen")),
                internal_date: Some("17-Jul-1996 02:44:25 -0700".parse().unwrap()),
                size: Some(4286),
                envelope: Some(envelope().into()),
                body_structure: Some(body().into()),
                ..Fetch::new(nz(12))
            }),
            fetches(set("12"), false, Attribute::body(Section::Header(None))),
            bodies(
                Fetch::new(nz(12)),
                [(header, "Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\r\nMIME-Version\r\n")],
            ),
            stores(Store::flags(nz(12), StoreAction::Add, Flag::Deleted)),
            flagged(12, "\\Deleted \\Seen"),
            does(Command::Logout, |imap| imap.logout()),
        ],
    )
}

/// RFC 3501 section 6.3
fn mailboxes() -> Trace {
    let mut figures = StatusData::new(mailbox("blurdybloop"));
    (figures.messages, figures.recent, figures.unseen) = (Some(231), Some(0), Some(3));
    (figures.uid_next, figures.uid_validity) = (Some(nz(44292)), Some(nz(7)));
    let asked = [
        StatusAttribute::Messages,
        StatusAttribute::Recent,
        StatusAttribute::UidNext,
        StatusAttribute::UidValidity,
        StatusAttribute::Unseen,
    ];
    dialogue(
        &["IMAP4rev1"],
        known(""),
        r##"
        C: a1 CREATE owatagusiam/
        S: a1 OK CREATE completed
        C: a2 CREATE owatagusiam/blurdybloop
        S: a2 NO [ALREADYEXISTS] There
        C: a3 DELETE foo
        S: a3 NO Name "foo" has inferior hierarchical names
        C: a4 RENAME blurdybloop "sarasoop x"
        S: a4 OK RENAME completed
        C: a5 SUBSCRIBE #news.comp.mail.mime
        S: a5 OK SUBSCRIBE completed
        C: a6 UNSUBSCRIBE #news.comp.mail.mime
        S: a6 OK UNSUBSCRIBE completed
        C: a7 LIST /usr/staff/jones ""
        S: * LIST (\\Noselect) "/" /
        S: * LIST (\\Marked) NIL INBOX
        S: a7 OK LIST Completed
        C: a8 LSUB #news. comp.%
        S: * LSUB (\\Noselect) "." #news.comp
        S: * LIST () "/" Entw&APw-rfe
        S: a8 OK LSUB completed
        C: a9 STATUS blurdybloop (MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN)
        S: * STATUS blurdybloop (MESSAGES 231 RECENT 0 UIDNEXT 44292 UIDVALIDITY 7 UNSEEN 3)
        S: a9 OK STATUS completed
        C: a10 APPEND saved-messages (\\Seen) {5}
        S: + OK
        C: Date:
        S: a10 OK APPEND completed
        C: a11 APPEND nowhere {5}
        S: a11 NO [TRYCREATE] No such mailbox
        C: a12 CAPABILITY
        S: * CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED AUTH=GSSAPI X-FOO
        S: a12 OK CAPABILITY completed
        "##,
        [
            does(Command::Create { mailbox: mailbox("owatagusiam/"), parameters: vec![] }, |imap| {
                imap.authenticated()?.create(mailbox("owatagusiam/"))
            }),
            does(Command::Create { mailbox: mailbox("owatagusiam/blurdybloop"), parameters: vec![] }, |imap| {
                imap.authenticated()?.create(mailbox("owatagusiam/blurdybloop"))
            }),
            code(ResponseCode::AlreadyExists),
            does(Command::Delete(mailbox("foo")), |imap| imap.authenticated()?.delete(mailbox("foo"))),
            does(
                Command::Rename {
                    from: mailbox("blurdybloop"),
                    to: mailbox("sarasoop x"),
                    parameters: vec![],
                },
                |imap| imap.authenticated()?.rename(mailbox("blurdybloop"), mailbox("sarasoop x")),
            ),
            does(Command::Subscribe(mailbox("#news.comp.mail.mime")), |imap| {
                imap.authenticated()?.subscribe(mailbox("#news.comp.mail.mime"))
            }),
            does(Command::Unsubscribe(mailbox("#news.comp.mail.mime")), |imap| {
                imap.authenticated()?.unsubscribe(mailbox("#news.comp.mail.mime"))
            }),
            gives(ListCommand::new(pattern("")).reference(mailbox("/usr/staff/jones")), |imap, list| {
                imap.authenticated()?.list(list)
            }),
            tells(
                List::new(mailbox("/")).delimiter(Delimiter::SLASH).attributes([MailboxAttribute::NoSelect]),
            ),
            tells(List::new(inbox()).attributes([MailboxAttribute::Marked])),
            does(Command::Lsub { reference: mailbox("#news."), pattern: pattern("comp.%") }, |imap| {
                imap.authenticated()?.lsub(mailbox("#news."), pattern("comp.%"))
            }),
            tells(
                List::new(mailbox("#news.comp"))
                    .kind(ListKind::Lsub)
                    .delimiter(Delimiter::DOT)
                    .attributes([MailboxAttribute::NoSelect]),
            ),
            tells(List::new(mailbox("Entw\u{fc}rfe")).delimiter(Delimiter::SLASH)),
            does(
                Command::Status { mailbox: mailbox("blurdybloop"), attributes: asked.to_vec() },
                move |imap| imap.authenticated()?.status(mailbox("blurdybloop"), asked.clone()),
            ),
            tells(figures),
            append("saved-messages", Some(Flag::Seen)),
            append("nowhere", None),
            code(ResponseCode::TryCreate),
            does(Command::Capability, |imap| imap.capability()),
            tells(Data::Capability(capabilities("IMAP4rev1 STARTTLS LOGINDISABLED AUTH=GSSAPI X-FOO"))),
        ],
    )
}

fn append(name: &'static str, flag: Option<Flag>) -> Turn {
    let options = AppendOptions { flags: flag.map(Into::into), ..AppendOptions::default() };
    sends(Append::to(mailbox(name)), message(options.clone(), "Date:"), move |imap| {
        let mut appending = imap.authenticated()?.append(&Append::to(mailbox(name)), &options, 5)?;
        imap.append_octets(&mut appending, "Date:".into())?;
        Ok(appending)
    })
}

/// RFC 3501 section 6.4
fn messages() -> Trace {
    dialogue(
        &["IMAP4rev1"],
        selected(""),
        r#"
        C: a2 NOOP
        S: * 22 EXPUNGE
        S: * 23 EXISTS
        S: * 3 RECENT
        S: * 14 FETCH (FLAGS (\\Deleted \\Seen))
        S: a2 OK NOOP completed
        C: a3 CHECK
        S: a3 OK CHECK Completed
        C: a4 SEARCH FLAGGED SINCE 1-Feb-1994 NOT FROM Smith
        S: * SEARCH 2 84 882
        S: a4 OK SEARCH completed
        C: a5 UID SEARCH CHARSET UTF-8 OR TEXT {2}
        S: + OK
        C: \xc3\xbc (KEYWORD $Junk LARGER 10 HEADER Message-ID <1@x>) 1:*
        S: * SEARCH
        S: a5 OK SEARCH completed
        C: a6 STORE 2:4 FLAGS.SILENT (\\Seen)
        S: a6 OK STORE completed
        C: a7 UID STORE 4,6 -FLAGS (\\Seen)
        S: * 2 FETCH (UID 4 FLAGS ())
        S: a7 OK STORE completed
        C: a8 COPY 2:4 MEETING
        S: a8 OK COPY completed
        C: a9 UID COPY 4 MEETING
        S: a9 NO [TRYCREATE] No such mailbox
        C: a10 EXPUNGE
        S: * 3 EXPUNGE
        S: a10 OK EXPUNGE completed
        S: * BAD Disk problems
        S: * NO Disk is 98% full, please delete unnecessary data
        S: * OK [ALERT] System shutdown in 10 minutes
        C: a11 CLOSE
        S: a11 OK CLOSE completed
        C: a12 EXAMINE blurdybloop
        S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)
        S: * 17 EXISTS
        S: * 0 RECENT
        S: * OK [PERMANENTFLAGS ()] Flags permitted
        S: * OK [UIDVALIDITY 3857529045] UIDs valid
        S: * OK [UIDNEXT 18] Predicted next UID
        S: * OK [PARSE] A message that cannot be read
        S: a12 OK [READ-ONLY] EXAMINE completed
        "#,
        [
            noop(),
            tells(Data::Expunge(nz(22))),
            tells(Data::Exists(23)),
            tells(Data::Recent(3)),
            flagged(14, "\\Deleted \\Seen"),
            does(Command::Check, |imap| imap.selected()?.check()),
            searches(Search::new(
                SearchKeys::from(Key::Flagged).and(Key::Since(date(1994, 2, 1))).not(Key::From("Smith".into())),
            )),
            numbers(&[2, 84, 882]),
            searches(Search::uid(mailwire::imap::SearchProgram {
                charset: Some("UTF-8".into()),
                keys: SearchKeys::new()
                    .or(
                        Key::Text("\u{fc}".into()),
                        SearchKeys::new().list(
                            SearchKeys::from(Key::Keyword(keyword("$Junk")))
                                .and(Key::Larger(10))
                                .and(Key::header("Message-ID", "<1@x>")),
                        ),
                    )
                    .and(Key::Sequence(set("1:*"))),
            })),
            numbers(&[]),
            stores(Store::flags(set("2:4"), StoreAction::Replace, Flag::Seen).silent()),
            stores(Store::uid_flags(set("4,6"), StoreAction::Remove, Flag::Seen)),
            fetch(Fetch { uid: Some(nz(4)), flags: Some(flags("")), ..Fetch::new(nz(2)) }),
            does(Command::Copy { set: set("2:4"), uid: false, mailbox: mailbox("MEETING") }, |imap| {
                imap.selected()?.copy(set("2:4"), mailbox("MEETING"))
            }),
            does(Command::Copy { set: set("4"), uid: true, mailbox: mailbox("MEETING") }, |imap| {
                imap.selected()?.uid_copy(nz(4), mailbox("MEETING"))
            }),
            code(ResponseCode::TryCreate),
            does(Command::Expunge(None), |imap| imap.selected()?.expunge()),
            tells(Data::Expunge(nz(3))),
            code(ResponseCode::Alert),
            does(Command::Close, |imap| imap.selected()?.close()),
            select("blurdybloop", true),
            selects(SelectData {
                permanent_flags: flags(""),
                read_only: true,
                ..SelectData::new(17, nz(3_857_529_045), nz(18))
            }),
            code(ResponseCode::Parse),
            code(ResponseCode::ReadOnly),
        ],
    )
}

/// RFC 3501 section 6.4.4: the keys that no other dialogue has.
fn every_key() -> Trace {
    let day = || date(2026, 11, 26);
    let flags = [Key::Answered, Key::Deleted, Key::Draft, Key::Old, Key::Recent, Key::Seen];
    let unset = [Key::Unanswered, Key::Undeleted, Key::Undraft, Key::Unflagged, Key::New, Key::All];
    let texts = [
        Key::Bcc("a".into()),
        Key::Body("b c".into()),
        Key::Cc("".into()),
        Key::To("NIL".into()),
        Key::header("Message-ID", ""),
    ];
    let dates = [
        Key::Before(day()),
        Key::On(day()),
        Key::SentBefore(day()),
        Key::SentOn(day()),
        Key::SentSince(day()),
    ];
    dialogue(
        &["IMAP4rev1"],
        selected(""),
        r#"
        C: a2 SEARCH ANSWERED DELETED DRAFT OLD RECENT SEEN
        S: * SEARCH 1
        S: a2 OK SEARCH completed
        C: a3 SEARCH UNANSWERED UNDELETED UNDRAFT UNFLAGGED NEW ALL
        S: * SEARCH 4294967295
        S: a3 OK SEARCH completed
        C: a4 SEARCH BCC a BODY "b c" CC "" TO "NIL" HEADER Message-ID ""
        S: * SEARCH
        S: a4 OK SEARCH completed
        C: a5 SEARCH BEFORE 26-Nov-2026 ON 26-Nov-2026 SENTBEFORE 26-Nov-2026 SENTON 26-Nov-2026 SENTSINCE 26-Nov-2026
        S: a5 NO SEARCH failed
        "#,
        [
            searches(Search::new(SearchKeys::from_iter(flags))),
            numbers(&[1]),
            searches(Search::new(SearchKeys::from_iter(unset))),
            numbers(&[u32::MAX]),
            searches(Search::new(SearchKeys::from_iter(texts))),
            numbers(&[]),
            searches(Search::new(SearchKeys::from_iter(dates))),
        ],
    )
}

/// RFC 3501 section 6.4.5
fn attributes() -> Trace {
    let empty = Envelope::builder().subject("\u{fc} \"\r\n").build().unwrap();
    dialogue(
        &["IMAP4rev1"],
        selected(""),
        r#"
        C: a2 FETCH 1:2 (INTERNALDATE ENVELOPE BODY)
        S: * 1 FETCH (INTERNALDATE "01-Jan-2026 00:00:00 +0100" ENVELOPE (NIL {6}
        S: \xc3\xbc "
        S:  NIL NIL NIL NIL NIL NIL NIL NIL))
        S: * 2 FETCH (BODY ("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 3028 92))
        S: a2 OK FETCH completed
        "#,
        [
            fetches(set("1:2"), false, [Attribute::InternalDate, Attribute::Envelope, Attribute::Body]),
            fetch(Fetch {
                internal_date: Some("01-Jan-2026 00:00:00 +0100".parse().unwrap()),
                envelope: Some(empty.into()),
                ..Fetch::new(nz(1))
            }),
            fetch(Fetch { body_structure: Some(body().into()), ..Fetch::new(nz(2)) }),
        ],
    )
}

/// RFC 3501 section 6.4.5
fn sections() -> Trace {
    let part = |number: &str| crate::values::part(number);
    let fields = || vec!["DATE".into(), "FROM".into()];
    let start = |section, octets: u64| BodyStart {
        len: Some(octets),
        uid: Some(nz(7)),
        ..BodyStart::new(nz(1), BodyItem::Section(section))
    };
    let old = |item, octets: Option<u64>| BodyStart { len: octets, ..BodyStart::new(nz(2), item) };
    let partial = Partial::new(0, NonZeroU64::new(4).unwrap()).unwrap();
    dialogue(
        &["IMAP4rev1"],
        selected(""),
        r"
        C: a2 UID FETCH 7 (BODY.PEEK[1.2.MIME] BODY[HEADER.FIELDS (DATE FROM)] BODY[3.HEADER.FIELDS.NOT (DATE FROM)] BODY[TEXT]<0.4> BODY.PEEK[])
        S: * 1 FETCH (UID 7 BODY[1.2.MIME] {2}
        S:
        S=  BODY[HEADER.FIELDS (DATE FROM)] {3}\r\nabc BODY[3.HEADER.FIELDS.NOT (DATE FROM)] {1}\r\n) BODY[TEXT]<0> {4}\r\n* 1  BODY[] {0}\r\n)\r\n
        S: a2 OK FETCH completed
        C: a3 FETCH 2 (RFC822 RFC822.HEADER RFC822.TEXT)
        S: * 2 FETCH (RFC822 {2}
        S= hi RFC822.HEADER NIL RFC822.TEXT {2}\r\nho)\r\n
        S: a3 OK FETCH completed
        C: a4 FETCH 1 FAST
        S: a4 BAD No
        C: a5 FETCH 1 ALL
        S: a5 NO Not now
        ",
        [
            fetches(
                set("7"),
                true,
                [
                    Attribute::body_peek(Section::Mime(part("1.2"))),
                    Attribute::body(Section::HeaderFields(None, fields())),
                    Attribute::body(Section::HeaderFieldsNot(Some(part("3")), fields())),
                    Attribute::body(Section::Text(None)).partial(partial),
                    Attribute::body_peek(Section::Full),
                ],
            ),
            bodies(
                Fetch::new(nz(1)),
                [
                    (start(Section::Mime(part("1.2")), 2), "\r\n"),
                    (start(Section::HeaderFields(None, fields()), 3), "abc"),
                    (start(Section::HeaderFieldsNot(Some(part("3")), fields()), 1), ")"),
                    (BodyStart { origin: Some(0), ..start(Section::Text(None), 4) }, "* 1 "),
                    (start(Section::Full, 0), ""),
                ],
            ),
            fetches(set("2"), false, [Attribute::Rfc822, Attribute::Rfc822Header, Attribute::Rfc822Text]),
            bodies(
                Fetch::new(nz(2)),
                [
                    (old(BodyItem::Rfc822, Some(2)), "hi"),
                    (old(BodyItem::Rfc822Header, None), ""),
                    (old(BodyItem::Rfc822Text, Some(2)), "ho"),
                ],
            ),
            fetches(set("1"), false, FetchAttributes::Fast),
            fetches(set("1"), false, FetchAttributes::All),
        ],
    )
}

/// RFC 3501 section 7.1.5
fn ends() -> Trace {
    dialogue(
        &["IMAP4rev1"],
        connected(),
        "
        S: * BYE Too many connections
        ",
        [],
    )
}

/// RFC 3501 section 7.1.4
fn preauth() -> Trace {
    dialogue(
        &["IMAP4rev1"],
        connected(),
        "
        S: * PREAUTH [CAPABILITY IMAP4rev1] server logged in as Smith
        C: a1 NOOP
        S: a1 OK done
        S: * BYE Autologout; idle for too long
        ",
        [code(ResponseCode::Capability([Capability::Imap4rev1].into())), noop()],
    )
}

/// RFC 9051: what ENABLE IMAP4rev2 changes.
fn rev2() -> Trace {
    let select_data = |name: &str, exists| SelectData {
        list: Some(List::new(mailbox(name)).delimiter(Delimiter::SLASH)),
        ..SelectData::new(exists, nz(3_857_529_045), nz(4392))
    };
    dialogue(
        &["IMAP4rev2", "ENABLE"],
        greeted("IMAP4rev2 AUTH=PLAIN"),
        r#"
        C: a1 LOGIN mrc {6+}
        C: s\xc3\xbcret
        S: a1 OK [CAPABILITY IMAP4rev1 IMAP4rev2] LOGIN completed
        C: a2 ENABLE IMAP4rev2
        S: * ENABLED IMAP4rev2
        S: a2 OK ENABLE completed
        C: a3 SELECT "Entw\xc3\xbcrfe"
        S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)
        S: * 172 EXISTS
        S: * LIST () "/" "Entw\xc3\xbcrfe"
        S: * OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)] Flags permitted
        S: * OK [UIDVALIDITY 3857529045] UIDs valid
        S: * OK [UIDNEXT 4392] Predicted next UID
        S: a3 OK [READ-WRITE] SELECT completed
        C: a4 SEARCH UNSEEN SUBJECT "\xc3\xbc"
        S: * ESEARCH (TAG "a4") ALL 2,10:11
        S: a4 OK SEARCH completed
        C: a5 SEARCH FLAGGED
        S: * ESEARCH (TAG "a5")
        S: a5 OK SEARCH completed
        C: a6 SELECT INBOX
        S: * OK [CLOSED] Previous mailbox closed
        S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)
        S: * 0 EXISTS
        S: * LIST () "/" INBOX
        S: * OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)] Flags permitted
        S: * OK [UIDVALIDITY 3857529045] UIDs valid
        S: * OK [UIDNEXT 4392] Predicted next UID
        S: a6 OK [READ-WRITE] SELECT completed
        C: a7 SELECT nowhere
        S: * OK [CLOSED] Previous mailbox closed
        S: a7 NO [NONEXISTENT] No such mailbox
        "#,
        [
            does(Command::login("mrc", "s\u{fc}ret"), |imap| imap.not_authenticated()?.login("mrc", "s\u{fc}ret")),
            code(ResponseCode::Capability(capabilities("IMAP4rev1 IMAP4rev2"))),
            does(Command::Enable([Capability::Imap4rev2].into()), |imap| {
                imap.authenticated()?.enable([Capability::Imap4rev2])
            }),
            tells(Data::Enabled([Capability::Imap4rev2].into())),
            select("Entw\u{fc}rfe", false),
            selects(select_data("Entw\u{fc}rfe", 172)),
            code(ResponseCode::ReadWrite),
            searches(Search::new(SearchKeys::from(Key::Unseen).and(Key::Subject("\u{fc}".into())))),
            tells(ExtendedSearch { data: vec![Found::All(set("2,10:11"))], ..ExtendedSearch::answering("a4") }),
            searches(Search::new(Key::Flagged)),
            tells(ExtendedSearch::answering("a5")),
            select("INBOX", false),
            code(ResponseCode::Closed),
            selects(select_data("INBOX", 0)),
            code(ResponseCode::ReadWrite),
            select("nowhere", false),
            code(ResponseCode::Closed),
            code(ResponseCode::Nonexistent),
        ],
    )
}

/// RFC 9051 sections 6.3.5, 6.3.9, 6.3.11, 6.4.8 and 7.5.2
fn rev2_messages() -> Trace {
    let mut figures = StatusData::new(mailbox("foo"));
    (figures.messages, figures.deleted, figures.size) = (Some(17), Some(2), Some(1 << 40));
    let returned = [StatusAttribute::Messages, StatusAttribute::Deleted, StatusAttribute::Size];
    dialogue(
        &["IMAP4rev2"],
        selected("IMAP4rev2"),
        r#"
        C: a2 LIST (SUBSCRIBED) "" (foo bar) RETURN (CHILDREN STATUS (MESSAGES DELETED SIZE))
        S: * LIST (\\HasNoChildren \\Subscribed) "/" foo
        S: * STATUS foo (MESSAGES 17 DELETED 2 SIZE 1099511627776)
        S: * LIST () "/" bar ("OLDNAME" (baz))
        S: a2 OK LIST completed
        C: a3 DELETE bar
        S: a3 NO [HASCHILDREN] Mailbox "bar" has inferior hierarchical names
        C: a4 NAMESPACE
        S: a4 NO [UNAVAILABLE] Not now
        C: a5 UID MOVE 42 foo
        S: * OK [COPYUID 432432 42 1202] Moved
        S: * 1 EXPUNGE
        S: a5 OK Done
        C: a6 FETCH 1 (RFC822.SIZE BINARY.SIZE[1])
        S: * 1 FETCH (RFC822.SIZE 9223372036854775807 BINARY.SIZE[1] 7)
        S: a6 OK done
        C: a7 UNSELECT
        S: a7 OK done
        "#,
        [
            gives(
                ListCommand::new(pattern("x"))
                    .patterns([pattern("foo"), pattern("bar")])
                    .selecting([ListSelection::Subscribed])
                    .returning([ListReturn::Children, ListReturn::Status(returned.to_vec())]),
                |imap, list| imap.authenticated()?.list(list),
            ),
            tells(
                List::new(mailbox("foo"))
                    .delimiter(Delimiter::SLASH)
                    .attributes([MailboxAttribute::Subscribed, MailboxAttribute::HasNoChildren]),
            ),
            tells(figures),
            tells(
                List::new(mailbox("bar"))
                    .delimiter(Delimiter::SLASH)
                    .extended([ListItem::OldName(mailbox("baz"))]),
            ),
            does(Command::Delete(mailbox("bar")), |imap| imap.authenticated()?.delete(mailbox("bar"))),
            code(ResponseCode::HasChildren),
            does(Command::Namespace, |imap| imap.authenticated()?.namespace()),
            code(ResponseCode::Unavailable),
            does(Command::Move { set: set("42"), uid: true, mailbox: mailbox("foo") }, |imap| {
                imap.selected()?.uid_move(nz(42), mailbox("foo"))
            }),
            code(ResponseCode::new("COPYUID 432432 42 1202").unwrap()),
            tells(Data::Expunge(nz(1))),
            fetches(
                set("1"),
                false,
                [Attribute::Rfc822Size, Attribute::BinarySize { part: Some(crate::values::part("1")) }],
            ),
            fetch(Fetch {
                size: Some(u64::MAX >> 1),
                items: vec![FetchItem::BinarySize { part: Some(crate::values::part("1")), size: 7 }],
                ..Fetch::new(nz(1))
            }),
            does(Command::Unselect, |imap| imap.selected()?.unselect()),
        ],
    )
}

