//! SORT and THREAD (RFC 5256), SORT=DISPLAY (RFC 5957), ESORT and CONTEXT=SORT (RFC 5267), I18NLEVEL (RFC 5255).

use crate::dialogue::{Trace, code, dialogue, gives, selected, tells};
use crate::values::{date, nz, set};
use mailwire::imap::{
    ContextChange, Data, ExtendedSearch, PartialRange, ResponseCode, SearchData, SearchKey as Key, SearchKeys,
    SearchReturnData as Found, SearchReturnOption as Return, Sort, SortKey, Thread, ThreadAlgorithm, ThreadData,
};

fn sorted(numbers: &[u32]) -> crate::dialogue::Turn {
    let numbers = numbers.iter().map(|number| nz(*number)).collect();
    tells(Data::Sort(SearchData { numbers, mod_sequence: None }))
}

fn sort(sort: Sort) -> crate::dialogue::Turn {
    gives(sort, |imap, sort| imap.selected()?.sort(sort))
}

fn thread(thread: Thread) -> crate::dialogue::Turn {
    gives(thread, |imap, thread| imap.selected()?.thread(thread))
}

pub fn traces() -> Vec<Trace> {
    vec![plain(), display(), extended(), threads()]
}

/// RFC 5256 section 3
fn plain() -> Trace {
    dialogue(
        &["SORT", "I18NLEVEL="],
        selected("SORT I18NLEVEL=1"),
        r#"
        C: a2 SORT (SUBJECT REVERSE DATE) UTF-8 ALL
        S: * SORT 5 3 4 1 2
        S: a2 OK SORT completed
        C: a3 UID SORT (SUBJECT) US-ASCII SINCE 1-Feb-1994
        S: * SORT 2 84 882
        S: a3 OK SORT completed
        C: a4 SORT (ARRIVAL CC FROM SIZE TO) X-OTHER TEXT "not in mailbox"
        S: a4 NO [BADCHARSET (US-ASCII UTF-8)] Charset not supported
        C: a5 SORT (ARRIVAL) UTF-8 NEW
        S: * SORT
        S: a5 OK SORT completed
        "#,
        [
            sort(Sort::new([SortKey::Subject.into(), SortKey::Date.reversed()], Key::All)),
            sorted(&[5, 3, 4, 1, 2]),
            sort(Sort {
                charset: "US-ASCII".into(),
                ..Sort::uid([SortKey::Subject.into()], Key::Since(date(1994, 2, 1)))
            }),
            sorted(&[2, 84, 882]),
            sort(Sort {
                charset: "X-OTHER".into(),
                ..Sort::new(
                    [SortKey::Arrival, SortKey::Cc, SortKey::From, SortKey::Size, SortKey::To].map(Into::into),
                    Key::Text("not in mailbox".into()),
                )
            }),
            code(ResponseCode::BadCharset(vec!["US-ASCII".into(), "UTF-8".into()])),
            sort(Sort::new([SortKey::Arrival.into()], Key::New)),
            sorted(&[]),
        ],
    )
}

/// RFC 5957 section 3
fn display() -> Trace {
    dialogue(
        &["SORT=DISPLAY", "SEARCH=FUZZY"],
        selected("SORT SORT=DISPLAY SEARCH=FUZZY"),
        "
        C: a2 SORT (REVERSE DISPLAYFROM DISPLAYTO) UTF-8 UNDELETED
        S: * SORT 2 1 3
        S: a2 OK SORT completed
        C: a3 SORT (RELEVANCY X-OTHER) UTF-8 FUZZY SUBJECT a
        S: a3 BAD No such key
        ",
        [
            sort(Sort::new([SortKey::DisplayFrom.reversed(), SortKey::DisplayTo.into()], Key::Undeleted)),
            sorted(&[2, 1, 3]),
            sort(Sort::new(
                [SortKey::Relevancy.into(), SortKey::Other(crate::values::keyword("X-OTHER")).into()],
                SearchKeys::new().fuzzy(Key::Subject("a".into())),
            )),
        ],
    )
}

/// RFC 5267 sections 3 and 4
fn extended() -> Trace {
    let found = |tag: &str, data: Vec<Found>| ExtendedSearch { uid: true, data, ..ExtendedSearch::answering(tag) };
    let range = || PartialRange::First(nz(23500), nz(24000));
    let changed = |position, numbers: &str| ContextChange { position, messages: set(numbers) };
    dialogue(
        &["ESORT", "CONTEXT=SORT"],
        selected("ESORT CONTEXT=SORT"),
        r#"
        C: a2 UID SORT RETURN (MIN COUNT) (DATE) UTF-8 UNDELETED
        S: * ESEARCH (TAG "a2") UID MIN 23 COUNT 4096
        S: a2 OK SORT completed
        C: a3 UID SORT RETURN (UPDATE PARTIAL 23500:24000) (REVERSE DATE) UTF-8 UNDELETED
        S: * ESEARCH (TAG "a3") UID PARTIAL (23500:24000 10000,9999:9998)
        S: a3 OK SORT completed
        S: * ESEARCH (TAG "a3") UID ADDTO (1 32768:32769) REMOVEFROM (4097 32770)
        "#,
        [
            sort(Sort::uid([SortKey::Date.into()], Key::Undeleted).returning([Return::Min, Return::Count])),
            tells(found("a2", vec![Found::Min(nz(23)), Found::Count(4096)])),
            sort(
                Sort::uid([SortKey::Date.reversed()], Key::Undeleted)
                    .returning([Return::Update(vec![]), Return::Partial(range())]),
            ),
            tells(found("a3", vec![Found::Partial { range: range(), results: Some(set("10000,9999:9998")) }])),
            tells(found(
                "a3",
                vec![
                    Found::AddTo(vec![changed(1, "32768:32769")]),
                    Found::RemoveFrom(vec![changed(4097, "32770")]),
                ],
            )),
        ],
    )
}

/// RFC 5256 section 4
fn threads() -> Trace {
    let told = |messages: &[(u32, Option<u32>)]| {
        let messages = messages.iter().map(|(depth, number)| (*depth, number.map(nz)));
        tells(ThreadData::new(messages).unwrap())
    };
    dialogue(
        &["THREAD="],
        selected("THREAD=ORDEREDSUBJECT THREAD=REFERENCES"),
        r#"
        C: a2 THREAD ORDEREDSUBJECT UTF-8 SINCE 5-Mar-2000
        S: * THREAD (166)(167)(168 169)((170)(179))
        S: a2 OK THREAD completed
        C: a3 UID THREAD REFERENCES US-ASCII TEXT gewp UNSEEN
        S: * THREAD (3 6 (4 23)(44 7 96))
        S: a3 OK UID THREAD completed
        C: a4 THREAD REFERENCES UTF-8 NEW
        S: * THREAD
        S: a4 OK THREAD completed
        C: a5 THREAD X-OTHER UTF-8 ALL
        S: a5 BAD Unknown algorithm
        "#,
        [
            thread(Thread::new(ThreadAlgorithm::OrderedSubject, Key::Since(date(2000, 3, 5)))),
            told(&[
                (0, Some(166)),
                (0, Some(167)),
                (0, Some(168)),
                (1, Some(169)),
                (0, None),
                (1, Some(170)),
                (1, Some(179)),
            ]),
            thread(Thread {
                charset: "US-ASCII".into(),
                ..Thread::uid(
                    ThreadAlgorithm::References,
                    SearchKeys::from(Key::Text("gewp".into())).and(Key::Unseen),
                )
            }),
            told(&[
                (0, Some(3)),
                (1, Some(6)),
                (2, Some(4)),
                (3, Some(23)),
                (2, Some(44)),
                (3, Some(7)),
                (4, Some(96)),
            ]),
            thread(Thread::new(ThreadAlgorithm::References, Key::New)),
            told(&[]),
            thread(Thread::new(ThreadAlgorithm::from(crate::values::keyword("X-OTHER")), Key::All)),
        ],
    )
}
