//! CONDSTORE and QRESYNC (RFC 7162), UIDONLY (RFC 9586).

use crate::dialogue::{Trace, code, dialogue, does, fetch, gives, known, selects, tells};
use crate::imap::{Scenario, protected, strict};
use crate::trace::{Side, check};
use crate::values::{capabilities, flag, flags, inbox, mailbox, modseq, nz, set};
use mailwire::imap::server::SelectData;
use mailwire::imap::{
    Capability, Command, Data, EntryType, Fetch, FetchAttribute, FetchModifier, Flag, ModSequenceKey,
    QuickResync, ResponseCode, Search, SearchData, SearchKey, SelectParameter, StatusAttribute,
    StatusData, Store, StoreAction, StoreModifier, Vanished,
};

pub fn traces() -> Vec<Trace> {
    vec![condstore(), nothing_to_store_by(), qresync(), uid_only(), uid_required(), uid_required_of_a_client()]
}

fn changed(seq: u32, uid: Option<u32>, mod_seq: u64, names: Option<&str>) -> crate::dialogue::Turn {
    fetch(Fetch {
        uid: uid.map(nz),
        mod_seq: Some(modseq(mod_seq)),
        flags: names.map(flags),
        ..Fetch::new(nz(seq))
    })
}

/// RFC 7162 section 3.1
fn condstore() -> Trace {
    let store = |store: Store, since: u64| Store { modifiers: vec![StoreModifier::UnchangedSince(modseq(since))], ..store };
    let mut figures = StatusData::new(mailbox("blurdybloop"));
    (figures.messages, figures.highest_mod_seq) = (Some(231), Some(modseq(7_011_231_777)));
    let seen_since = SearchKey::ModSequence(Box::new(ModSequenceKey {
        entry: Some(("/flags/\\Draft".into(), EntryType::All)),
        value: modseq(620_162_338),
    }));
    dialogue(
        &["CONDSTORE"],
        known("CONDSTORE"),
        r#"
        C: a1 SELECT INBOX (CONDSTORE)
        S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)
        S: * 172 EXISTS
        S: * 1 RECENT
        S: * OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)] Flags permitted
        S: * OK [UNSEEN 12] First unseen
        S: * OK [UIDVALIDITY 3857529045] UIDs valid
        S: * OK [UIDNEXT 4392] Predicted next UID
        S: * OK [HIGHESTMODSEQ 715194045007] Highest
        S: a1 OK [READ-WRITE] SELECT completed
        C: a2 UID STORE 6,4,8 (UNCHANGEDSINCE 12121230045) +FLAGS.SILENT (\\Deleted)
        S: * 1 FETCH (UID 4 MODSEQ (12121231000))
        S: * 4 FETCH (UID 8 MODSEQ (12121230956))
        S: a2 OK [MODIFIED 6] Conditional Store completed
        C: a3 STORE 7,5,9 (UNCHANGEDSINCE 0) +FLAGS (\\Seen $Processed)
        S: * 5 FETCH (FLAGS (\\Seen) MODSEQ (320162350))
        S: a3 NO [MODIFIED 7,9] Conditional STORE failed
        C: a4 FETCH 1:3 FLAGS (CHANGEDSINCE 12345)
        S: * 1 FETCH (UID 4 FLAGS (\\Seen) MODSEQ (65402))
        S: a4 OK FETCH complete
        C: a5 UID FETCH 1:* (FLAGS MODSEQ)
        S: * 2 FETCH (UID 6 FLAGS () MODSEQ (9223372036854775807))
        S: a5 OK FETCH complete
        C: a6 SEARCH MODSEQ "/flags/\\\\Draft" all 620162338
        S: * SEARCH 2 5 6 7 11 12 18 19 20 23 (MODSEQ 917162500)
        S: a6 OK Search complete
        C: a7 STATUS blurdybloop (MESSAGES HIGHESTMODSEQ)
        S: * STATUS blurdybloop (MESSAGES 231 HIGHESTMODSEQ 7011231777)
        S: a7 OK STATUS completed
        C: a8 CLOSE
        S: a8 OK [HIGHESTMODSEQ 10] Closed
        "#,
        [
            does(
                Command::Select {
                    mailbox: inbox(),
                    read_only: false,
                    parameters: vec![SelectParameter::CondStore],
                },
                |imap| imap.authenticated()?.select_with(inbox(), [SelectParameter::CondStore]),
            ),
            selects(SelectData {
                recent: 1,
                unseen: Some(nz(12)),
                highest_mod_seq: Some(modseq(715_194_045_007)),
                ..SelectData::new(172, nz(3_857_529_045), nz(4392))
            }),
            code(ResponseCode::ReadWrite),
            gives(
                store(Store::uid_flags(set("6,4,8"), StoreAction::Add, Flag::Deleted).silent(), 12_121_230_045),
                |imap, store| imap.selected()?.store(store),
            ),
            changed(1, Some(4), 12_121_231_000, None),
            changed(4, Some(8), 12_121_230_956, None),
            code(ResponseCode::Modified(set("6"))),
            gives(
                store(Store::flags(set("7,5,9"), StoreAction::Add, [Flag::Seen, flag("$Processed")]), 0),
                |imap, store| imap.selected()?.store(store),
            ),
            changed(5, None, 320_162_350, Some("\\Seen")),
            code(ResponseCode::Modified(set("7,9"))),
            does(
                Command::Fetch {
                    set: set("1:3"),
                    uid: false,
                    attributes: vec![FetchAttribute::Flags].into(),
                    modifiers: vec![FetchModifier::ChangedSince(modseq(12345))],
                },
                |imap| {
                    let modifiers = [FetchModifier::ChangedSince(modseq(12345))];
                    imap.selected()?.fetch_with(set("1:3"), vec![FetchAttribute::Flags], modifiers)
                },
            ),
            changed(1, Some(4), 65402, Some("\\Seen")),
            does(
                Command::Fetch {
                    set: set("1:*"),
                    uid: true,
                    attributes: [FetchAttribute::Flags, FetchAttribute::ModSeq].into(),
                    modifiers: vec![],
                },
                |imap| imap.selected()?.uid_fetch(set("1:*"), [FetchAttribute::Flags, FetchAttribute::ModSeq]),
            ),
            changed(2, Some(6), u64::MAX >> 1, Some("")),
            gives(Search::new(seen_since), |imap, search| imap.selected()?.search_for(search)),
            tells(Data::Search(SearchData {
                numbers: [2, 5, 6, 7, 11, 12, 18, 19, 20, 23].map(nz).to_vec(),
                mod_sequence: Some(modseq(917_162_500)),
            })),
            does(
                Command::Status {
                    mailbox: mailbox("blurdybloop"),
                    attributes: vec![StatusAttribute::Messages, StatusAttribute::HighestModSeq],
                },
                |imap| {
                    let asked = [StatusAttribute::Messages, StatusAttribute::HighestModSeq];
                    imap.authenticated()?.status(mailbox("blurdybloop"), asked)
                },
            ),
            tells(figures),
            does(Command::Close, |imap| imap.selected()?.close()),
            code(ResponseCode::HighestModSeq(modseq(10))),
        ],
    )
}

/// RFC 7162 section 3.1.2.2
fn nothing_to_store_by() -> Trace {
    dialogue(
        &["CONDSTORE"],
        known("CONDSTORE"),
        r#"
        C: a1 EXAMINE INBOX
        S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)
        S: * 0 EXISTS
        S: * 0 RECENT
        S: * OK [PERMANENTFLAGS ()] Flags permitted
        S: * OK [UIDVALIDITY 7] UIDs valid
        S: * OK [UIDNEXT 1] Predicted next UID
        S: * OK [NOMODSEQ] Sorry, this mailbox format does not support modsequences
        S: a1 OK [READ-ONLY] EXAMINE completed
        "#,
        [
            does(Command::Select { mailbox: inbox(), read_only: true, parameters: vec![] }, |imap| {
                imap.authenticated()?.examine(inbox())
            }),
            selects(SelectData { permanent_flags: flags(""), read_only: true, ..SelectData::new(0, nz(7), nz(1)) }),
            code(ResponseCode::NoModSeq),
            code(ResponseCode::ReadOnly),
        ],
    )
}

/// RFC 7162 section 3.2
fn qresync() -> Trace {
    let resync = || {
        SelectParameter::from(QuickResync {
            known_uids: Some(set("41,43:211,214:541")),
            known_pairs: Some((set("1,3"), set("41,44"))),
            ..QuickResync::new(nz(67_890_007), modseq(90_060_115_194_045_000))
        })
    };
    dialogue(
        &["QRESYNC", "ENABLE"],
        known("ENABLE CONDSTORE QRESYNC"),
        r#"
        C: a1 ENABLE CONDSTORE QRESYNC
        S: * ENABLED CONDSTORE QRESYNC
        S: a1 OK ENABLE completed
        C: a2 SELECT INBOX (QRESYNC (67890007 90060115194045000 41,43:211,214:541 (1,3 41,44)))
        S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)
        S: * 314 EXISTS
        S: * 0 RECENT
        S: * OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)] Flags permitted
        S: * OK [UIDVALIDITY 67890007] UIDs valid
        S: * OK [UIDNEXT 567] Predicted next UID
        S: * OK [HIGHESTMODSEQ 90060115205545359] Highest
        S: * VANISHED (EARLIER) 41,43:116,118,120:211,214:540
        S: * 49 FETCH (UID 117 FLAGS (\\Answered \\Seen) MODSEQ (90060115194045001))
        S: a2 OK [READ-WRITE] SELECT completed
        C: a3 UID FETCH 300:500 FLAGS (CHANGEDSINCE 12345 VANISHED)
        S: * VANISHED (EARLIER) 300:310,405,411
        S: * 50 FETCH (UID 404 FLAGS (\\Seen) MODSEQ (65402))
        S: a3 OK FETCH completed
        S: * VANISHED 101,505,507,510
        S: * 311 EXISTS
        S: * 50 FETCH (UID 411 FLAGS ())
        C: a4 UID EXPUNGE 404,411
        S: * VANISHED 404,411
        S: a4 OK [HIGHESTMODSEQ 90060115205545360] done
        C: a5 SELECT Drafts
        S: * OK [CLOSED] Previous mailbox closed
        S: a5 NO [NONEXISTENT] No such mailbox
        "#,
        [
            does(Command::Enable(capabilities("CONDSTORE QRESYNC")), |imap| {
                imap.authenticated()?.enable([Capability::CondStore, Capability::QResync])
            }),
            tells(Data::Enabled(capabilities("CONDSTORE QRESYNC"))),
            does(
                Command::Select { mailbox: inbox(), read_only: false, parameters: vec![resync()] },
                move |imap| imap.authenticated()?.select_with(inbox(), [resync()]),
            ),
            selects(SelectData {
                highest_mod_seq: Some(modseq(90_060_115_205_545_359)),
                ..SelectData::new(314, nz(67_890_007), nz(567))
            }),
            tells(Vanished { earlier: true, uids: set("41,43:116,118,120:211,214:540") }),
            changed(49, Some(117), 90_060_115_194_045_001, Some("\\Seen \\Answered")),
            code(ResponseCode::ReadWrite),
            does(
                Command::Fetch {
                    set: set("300:500"),
                    uid: true,
                    attributes: vec![FetchAttribute::Flags].into(),
                    modifiers: vec![FetchModifier::ChangedSince(modseq(12345)), FetchModifier::Vanished],
                },
                |imap| {
                    let modifiers = [FetchModifier::ChangedSince(modseq(12345)), FetchModifier::Vanished];
                    imap.selected()?.uid_fetch_with(set("300:500"), vec![FetchAttribute::Flags], modifiers)
                },
            ),
            tells(Vanished { earlier: true, uids: set("300:310,405,411") }),
            changed(50, Some(404), 65402, Some("\\Seen")),
            tells(Vanished { earlier: false, uids: set("101,505,507,510") }),
            tells(Data::Exists(311)),
            fetch(Fetch { uid: Some(nz(411)), flags: Some(flags("")), ..Fetch::new(nz(50)) }),
            does(Command::Expunge(Some(set("404,411"))), |imap| imap.selected()?.uid_expunge(set("404,411"))),
            tells(Vanished { earlier: false, uids: set("404,411") }),
            code(ResponseCode::HighestModSeq(modseq(90_060_115_205_545_360))),
            does(
                Command::Select { mailbox: mailbox("Drafts"), read_only: false, parameters: vec![] },
                |imap| imap.authenticated()?.select(mailbox("Drafts")),
            ),
            code(ResponseCode::Closed),
            code(ResponseCode::Nonexistent),
        ],
    )
}

/// RFC 9586 section 3
fn uid_only() -> Trace {
    let by_uid = |uid: u32, names: &str| {
        fetch(Fetch { seq: None, uid: Some(nz(uid)), flags: Some(flags(names)), last: true, ..Fetch::default() })
    };
    dialogue(
        &["UIDONLY"],
        known("ENABLE UIDONLY"),
        r#"
        C: a1 ENABLE UIDONLY
        S: * ENABLED UIDONLY
        S: a1 OK ENABLE completed
        C: a2 SELECT INBOX
        S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)
        S: * 3 EXISTS
        S: * 0 RECENT
        S: * OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)] Flags permitted
        S: * OK [UIDVALIDITY 1] UIDs valid
        S: * OK [UIDNEXT 4] Predicted next UID
        S: a2 OK [READ-WRITE] SELECT completed
        C: a3 UID FETCH 25900:26600 FLAGS
        S: * 25996 UIDFETCH (FLAGS (\\Seen))
        S: * 25997 UIDFETCH (FLAGS (\\Answered \\Flagged))
        S: a3 OK FETCH completed
        S: * VANISHED 405,407,410,425
        C: a4 UID STORE 25996 +FLAGS (\\Deleted)
        S: * 25996 UIDFETCH (FLAGS (\\Deleted \\Seen))
        S: a4 OK STORE completed
        "#,
        [
            does(Command::Enable([Capability::UidOnly].into()), |imap| {
                imap.authenticated()?.enable([Capability::UidOnly])
            }),
            tells(Data::Enabled([Capability::UidOnly].into())),
            does(Command::Select { mailbox: inbox(), read_only: false, parameters: vec![] }, |imap| {
                imap.authenticated()?.select(inbox())
            }),
            selects(SelectData::new(3, nz(1), nz(4))),
            code(ResponseCode::ReadWrite),
            does(
                Command::Fetch {
                    set: set("25900:26600"),
                    uid: true,
                    attributes: FetchAttribute::Flags.into(),
                    modifiers: vec![],
                },
                |imap| imap.selected()?.uid_fetch(set("25900:26600"), FetchAttribute::Flags),
            ),
            by_uid(25996, "\\Seen"),
            by_uid(25997, "\\Flagged \\Answered"),
            tells(Vanished { earlier: false, uids: set("405,407,410,425") }),
            gives(Store::uid_flags(set("25996"), StoreAction::Add, Flag::Deleted), |imap, store| {
                imap.selected()?.store(store)
            }),
            by_uid(25996, "\\Deleted \\Seen"),
        ],
    )
}

/// RFC 9586 section 3.1
fn uid_required() -> Trace {
    let trace = "
        C: a1 ENABLE UIDONLY
        > Command a1 ENABLE UIDONLY
        do: data ENABLED UIDONLY
        do: ok enabled
        S: * ENABLED UIDONLY
        S: a1 OK enabled
        C: a2 FETCH 10 FLAGS
        > Malformed a2 UidRequired at 0
        do: reject
        S: a2 BAD [UIDREQUIRED] UIDONLY is enabled";
    Trace::new(&["UIDONLY"], trace, move || {
        check(Side::Server, trace, || Scenario::server_selected(protected()));
    })
    .of_server()
}

/// RFC 9586 section 3.1
fn uid_required_of_a_client() -> Trace {
    let trace = "
        do: enqueue ENABLE UIDONLY
        do: enqueue FETCH 10 FLAGS
        C: a3 ENABLE UIDONLY
        C: a4 FETCH 10 FLAGS
        S: * ENABLED UIDONLY
        S: a3 OK enabled
        S: a4 BAD [UIDREQUIRED] Message numbers are not allowed once UIDONLY is enabled
        > Data ENABLED UIDONLY
        > Completed a3 OK enabled
        > Completed a4 BAD [UIDREQUIRED] Message numbers are not allowed once UIDONLY is enabled
        do: enqueue FETCH 10 FLAGS
        > Refused UidRequired";
    Trace::new(&["UIDONLY"], trace, move || {
        check(Side::Client, trace, || Scenario::client_selected(strict()));
    })
    .of_client()
}
