//! SEARCH and what extends it: RFC 4731, 5032, 5182, 5267, 5466, 6203, 7377, 9394.

use crate::dialogue::{Trace, code, dialogue, does, fetch, gives, known, selected, tells};
use crate::values::{date, entry, keyword, mailbox, modseq, nz, set};
use mailwire::imap::{
    Command, ContextChange, Data, ExtendedSearch, Fetch, FetchAttribute, FetchModifier, FilterName, GetMetadata,
    MailboxFilter, Metadata, MetadataEntries, MultimailboxSearch, PartialRange, ResponseCode, Search,
    SearchData, SearchKey as Key, SearchKeys, SearchProgram, SearchReturnData as Found,
    SearchReturnOption as Return, SequenceSet,
};

/// The answer to the command of this tag.
fn found(tag: &str, uid: bool, data: impl Into<Vec<Found>>) -> ExtendedSearch {
    ExtendedSearch { uid, data: data.into(), ..ExtendedSearch::answering(tag) }
}

fn search(search: Search) -> crate::dialogue::Turn {
    gives(search, |imap, search| imap.selected()?.search_for(search))
}

pub fn traces() -> Vec<Trace> {
    vec![extended(), saved(), context(), partial(), fuzzy(), within(), filters(), multimailbox()]
}

/// RFC 4731 section 3.1
fn extended() -> Trace {
    let flagged = || SearchKeys::from(Key::Flagged).and(Key::Since(date(1994, 2, 1))).not(Key::From("Smith".into()));
    dialogue(
        &["ESEARCH"],
        selected("ESEARCH"),
        r#"
        C: a2 SEARCH RETURN (MIN COUNT) FLAGGED SINCE 1-Feb-1994 NOT FROM Smith
        S: * ESEARCH (TAG "a2") MIN 2 COUNT 3
        S: a2 OK SEARCH completed
        C: a3 UID SEARCH RETURN () FLAGGED SINCE 1-Feb-1994 NOT FROM Smith
        S: * ESEARCH (TAG "a3") UID ALL 17,900,901
        S: a3 OK UID SEARCH completed
        C: a4 SEARCH RETURN (MAX ALL) CHARSET KOI8-R TEXT {2}
        S: + OK
        C: \xd0\x90
        S: a4 NO [BADCHARSET (US-ASCII "X Y")] Charset not supported
        C: a5 UID SEARCH RETURN (MIN MAX) UID 1:100
        S: * ESEARCH (TAG "a5") UID
        S: a5 OK SEARCH completed, nothing found
        C: a6 SEARCH RETURN (MAX) MODSEQ 620162338 UIDAFTER 5 UIDBEFORE 9
        S: * ESEARCH (TAG "a6") MAX 7 MODSEQ 1236
        S: a6 OK SEARCH completed
        "#,
        [
            search(Search::new(flagged()).returning([Return::Min, Return::Count])),
            tells(found("a2", false, [Found::Min(nz(2)), Found::Count(3)])),
            search(Search::uid(flagged()).returning([])),
            tells(found("a3", true, [Found::All(set("17,900,901"))])),
            search(
                Search::new(SearchProgram {
                    charset: Some("KOI8-R".into()),
                    keys: Key::Text("\u{410}".into()).into(),
                })
                .returning([Return::Max, Return::All]),
            ),
            code(ResponseCode::BadCharset(vec!["US-ASCII".into(), "X Y".into()])),
            search(Search::uid(Key::Uid(set("1:100"))).returning([Return::Min, Return::Max])),
            tells(found("a5", true, [])),
            search(
                Search::new(
                    SearchKeys::from(Key::mod_sequence(modseq(620_162_338)))
                        .and(Key::UidAfter(Some(nz(5))))
                        .and(Key::UidBefore(Some(nz(9)))),
                )
                .returning([Return::Max]),
            ),
            tells(found("a6", false, [Found::Max(nz(7)), Found::ModSequence(modseq(1236))])),
        ],
    )
}

/// RFC 5182 section 3
fn saved() -> Trace {
    dialogue(
        &["SEARCHRES"],
        selected("ESEARCH SEARCHRES"),
        r#"
        C: a2 SEARCH RETURN (SAVE) SINCE 1-Feb-1994 NOT FROM Smith
        S: a2 OK SEARCH completed, result saved
        C: a3 FETCH $ (UID FLAGS)
        S: * 2 FETCH (UID 14 FLAGS (\\Seen))
        S: a3 OK completed
        C: a4 UID SEARCH UID $ SMALLER 4096
        S: * SEARCH 14
        S: a4 OK completed
        C: a5 SEARCH RETURN (SAVE MIN) FLAGGED
        S: a5 NO [NOTSAVED] I am too busy to save search result
        C: a6 FETCH $ FLAGS
        S: a6 BAD No messages
        "#,
        [
            search(
                Search::new(SearchKeys::from(Key::Since(date(1994, 2, 1))).not(Key::From("Smith".into())))
                    .returning([Return::Save]),
            ),
            does(
                Command::Fetch {
                    set: SequenceSet::saved(),
                    uid: false,
                    attributes: [FetchAttribute::Uid, FetchAttribute::Flags].into(),
                    modifiers: vec![],
                },
                |imap| imap.selected()?.fetch(SequenceSet::saved(), [FetchAttribute::Uid, FetchAttribute::Flags]),
            ),
            fetch(Fetch {
                uid: Some(nz(14)),
                flags: Some(mailwire::imap::Flag::Seen.into()),
                ..Fetch::new(nz(2))
            }),
            gives(Search::uid(SearchKeys::from(Key::Uid(SequenceSet::saved())).and(Key::Smaller(4096))), |imap, search| {
                imap.selected()?.uid_search(search.program)
            }),
            tells(Data::Search(SearchData { numbers: vec![nz(14)], mod_sequence: None })),
            search(Search::new(Key::Flagged).returning([Return::Save, Return::Min])),
            code(ResponseCode::NotSaved),
            does(
                Command::Fetch {
                    set: SequenceSet::saved(),
                    uid: false,
                    attributes: FetchAttribute::Flags.into(),
                    modifiers: vec![],
                },
                |imap| imap.selected()?.fetch(SequenceSet::saved(), FetchAttribute::Flags),
            ),
        ],
    )
}

/// RFC 5267 sections 4.3 and 4.4
fn context() -> Trace {
    let changed = |position, numbers: &str| ContextChange { position, messages: set(numbers) };
    dialogue(
        &["CONTEXT=SEARCH"],
        selected("ESEARCH CONTEXT=SEARCH"),
        r#"
        C: a2 UID SEARCH RETURN (COUNT UPDATE CONTEXT) UNDELETED UNKEYWORD $Junk
        S: * ESEARCH (TAG "a2") COUNT 17
        S: a2 OK Search completed
        S: * ESEARCH (TAG "a2") UID ADDTO (0 32768:32769 3 5)
        S: * ESEARCH (TAG "a2") UID REMOVEFROM (0 32768) ADDTO (0 32770)
        C: a3 CANCELUPDATE "a2" "a1"
        S: a3 OK Done
        C: a4 UID SEARCH RETURN (UPDATE) SEEN
        S: * OK [NOUPDATE "a4"] Too many contexts
        S: * ESEARCH (TAG "a4") UID
        S: a4 OK Search completed
        "#,
        [
            search(
                Search::uid(SearchKeys::from(Key::Undeleted).and(Key::Unkeyword(keyword("$Junk")))).returning([
                    Return::Count,
                    Return::Update(vec![]),
                    Return::Context,
                ]),
            ),
            tells(found("a2", false, [Found::Count(17)])),
            tells(found("a2", true, [Found::AddTo(vec![changed(0, "32768:32769"), changed(3, "5")])])),
            tells(found(
                "a2",
                true,
                [Found::RemoveFrom(vec![changed(0, "32768")]), Found::AddTo(vec![changed(0, "32770")])],
            )),
            does(Command::CancelUpdate(vec!["a2".into(), "a1".into()]), |imap| {
                imap.selected()?.cancel_update(["a2".into(), "a1".into()])
            }),
            search(Search::uid(Key::Seen).returning([Return::Update(vec![])])),
            code(ResponseCode::NoUpdate("a4".into())),
            tells(found("a4", true, [])),
        ],
    )
}

/// RFC 9394 section 3
fn partial() -> Trace {
    let last = || PartialRange::Last(nz(1), nz(100));
    dialogue(
        &["PARTIAL"],
        selected("ESEARCH PARTIAL"),
        r#"
        C: a2 UID SEARCH RETURN (PARTIAL 23500:24000) UNDELETED
        S: * ESEARCH (TAG "a2") UID PARTIAL (23500:24000 67,100:102)
        S: a2 OK SEARCH completed
        C: a3 UID SEARCH RETURN (PARTIAL -1:-100 COUNT) UNSEEN
        S: * ESEARCH (TAG "a3") UID PARTIAL (-1:-100 NIL) COUNT 0
        S: a3 OK SEARCH completed
        C: a4 UID FETCH 25900:26600 FLAGS (PARTIAL -1:-100)
        S: * 12888 FETCH (UID 25996 FLAGS (\\Seen))
        S: a4 OK FETCH completed
        "#,
        [
            search(
                Search::uid(Key::Undeleted)
                    .returning([Return::Partial(PartialRange::First(nz(23500), nz(24000)))]),
            ),
            tells(found(
                "a2",
                true,
                [Found::Partial {
                    range: PartialRange::First(nz(23500), nz(24000)),
                    results: Some(set("67,100:102")),
                }],
            )),
            search(Search::uid(Key::Unseen).returning([Return::Partial(last()), Return::Count])),
            tells(found("a3", true, [Found::Partial { range: last(), results: None }, Found::Count(0)])),
            does(
                Command::Fetch {
                    set: set("25900:26600"),
                    uid: true,
                    attributes: FetchAttribute::Flags.into(),
                    modifiers: vec![FetchModifier::Partial(last())],
                },
                move |imap| {
                    let modifiers = [FetchModifier::Partial(last())];
                    imap.selected()?.uid_fetch_with(set("25900:26600"), FetchAttribute::Flags, modifiers)
                },
            ),
            fetch(Fetch {
                flags: Some(mailwire::imap::Flag::Seen.into()),
                uid: Some(nz(25996)),
                ..Fetch::new(nz(12888))
            }),
        ],
    )
}

/// RFC 6203 sections 3 and 4
fn fuzzy() -> Trace {
    dialogue(
        &["SEARCH=FUZZY"],
        selected("ESEARCH SEARCH=FUZZY"),
        r#"
        C: a2 SEARCH FUZZY (SUBJECT "IMAP break" FROM Timo)
        S: * SEARCH 1 5 10
        S: a2 OK SEARCH completed.
        C: a3 SEARCH RETURN (RELEVANCY ALL) FUZZY TEXT Helo
        S: * ESEARCH (TAG "a3") ALL 1,5,10 RELEVANCY (4 99 42)
        S: a3 OK SEARCH completed.
        "#,
        [
            search(Search::new(SearchKeys::new().fuzzy(
                SearchKeys::new().list(SearchKeys::from(Key::Subject("IMAP break".into())).and(Key::From("Timo".into()))),
            ))),
            tells(Data::Search(SearchData { numbers: vec![nz(1), nz(5), nz(10)], mod_sequence: None })),
            search(
                Search::new(SearchKeys::new().fuzzy(Key::Text("Helo".into())))
                    .returning([Return::Relevancy, Return::All]),
            ),
            tells(found("a3", false, [Found::All(set("1,5,10")), Found::Relevancy(vec![4, 99, 42])])),
        ],
    )
}

/// RFC 5032 section 5
fn within() -> Trace {
    dialogue(
        &["WITHIN"],
        selected("WITHIN"),
        "
        C: a2 SEARCH UNSEEN YOUNGER 259200
        S: * SEARCH 4 8 15
        S: a2 OK SEARCH completed
        C: a3 SEARCH OLDER 1
        S: * SEARCH
        S: a3 OK SEARCH completed
        ",
        [
            search(Search::new(SearchKeys::from(Key::Unseen).and(Key::Younger(nz(259_200))))),
            tells(Data::Search(SearchData { numbers: vec![nz(4), nz(8), nz(15)], mod_sequence: None })),
            gives(Search::new(Key::Older(nz(1))), |imap, search| imap.selected()?.search(search.program)),
            tells(Data::Search(SearchData { numbers: vec![], mod_sequence: None })),
        ],
    )
}

/// RFC 5466 section 3
fn filters() -> Trace {
    let filter = |name: &str| Search::new(Key::Filter(FilterName::new(name).unwrap()));
    let on_the_road = || entry("/private/filters/values/on-the-road");
    dialogue(
        &["FILTERS"],
        selected("FILTERS METADATA"),
        r#"
        C: a2 SEARCH FILTER on-the-road
        S: * SEARCH 7 9
        S: a2 OK SEARCH completed
        C: a3 SEARCH FILTER nothing
        S: a3 NO [UNDEFINED-FILTER nothing] No such filter
        C: a4 GETMETADATA "" /private/filters/values/on-the-road
        S: * METADATA "" (/private/filters/values/on-the-road "SUBJECT \\"road\\"")
        S: a4 OK Done
        "#,
        [
            search(filter("on-the-road")),
            tells(Data::Search(SearchData { numbers: vec![nz(7), nz(9)], mod_sequence: None })),
            search(filter("nothing")),
            code(ResponseCode::UndefinedFilter(FilterName::new("nothing").unwrap())),
            gives(
                GetMetadata {
                    options: vec![],
                    mailbox: mailwire::imap::Mailbox::root(),
                    entries: vec![on_the_road()],
                },
                |imap, get| imap.authenticated()?.metadata(get),
            ),
            tells(Metadata {
                mailbox: mailwire::imap::Mailbox::root(),
                entries: MetadataEntries::Values(vec![(on_the_road(), Some("SUBJECT \"road\"".into()))]),
            }),
        ],
    )
}

/// RFC 7377 section 2
fn multimailbox() -> Trace {
    let in_mailbox = |name: &str, data: Vec<Found>| ExtendedSearch {
        mailbox: Some((mailbox(name), nz(1))),
        ..found("a1", true, data)
    };
    let program = || SearchKeys::from(Key::Unseen).and(Key::Subject("chad".into()));
    let command = MultimailboxSearch::new(
        [
            MailboxFilter::Mailboxes(vec![mailbox("folder1")]),
            MailboxFilter::SubtreeOne(vec![mailbox("folder2")]),
            MailboxFilter::Personal,
        ],
        program(),
    );
    dialogue(
        &["MULTISEARCH"],
        known("ESEARCH MULTISEARCH"),
        r#"
        C: a1 ESEARCH IN (MAILBOXES folder1 SUBTREE-ONE folder2 PERSONAL) UNSEEN SUBJECT chad
        S: * ESEARCH (TAG "a1" MAILBOX folder1 UIDVALIDITY 1) UID ALL 4001,4003,4005,4007,4009
        S: * ESEARCH (TAG "a1" MAILBOX "folder2/a b" UIDVALIDITY 1) UID ALL 3001:3004,3788
        S: a1 OK done
        C: a2 ESEARCH IN (INBOXES) UNSEEN SUBJECT chad
        S: a2 NO [LIMIT] Too many mailboxes
        "#,
        [
            gives(command, |imap, search| imap.authenticated()?.multimailbox_search(search)),
            tells(in_mailbox("folder1", vec![Found::All(set("4001,4003,4005,4007,4009"))])),
            tells(in_mailbox("folder2/a b", vec![Found::All(set("3001:3004,3788"))])),
            gives(MultimailboxSearch::new([MailboxFilter::Inboxes], program()), |imap, search| {
                imap.authenticated()?.multimailbox_search(search)
            }),
            code(ResponseCode::Limit),
        ],
    )
}
