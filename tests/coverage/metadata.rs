//! METADATA (RFC 5464), LIST-METADATA (RFC 9590), ANNOTATE (RFC 5257).

use crate::dialogue::{Trace, code, dialogue, does, fetch, gives, known, message, selected, selects, sends, tells};
use crate::values::{entry, inbox, mailbox, nz, pattern, set};
use mailwire::imap::server::SelectData;
use mailwire::imap::{
    AnnotationKey, AnnotationRequest, AnnotationSize, AnnotationSort, Annotations, Append, AppendOptions, Command,
    Delimiter, EntryAnnotation, Fetch, FetchAttribute, FetchItem, GetMetadata, List, ListCommand, ListReturn,
    Mailbox, Metadata, MetadataDepth, MetadataEntries, MetadataOption, ResponseCode, Search, SearchData,
    SearchKey, SelectParameter, SetMetadata, Sort, SortKey, Store, StoreChange,
};

fn value(name: &str, text: Option<&str>) -> (mailwire::imap::EntryName, Option<mailwire::wire::Text>) {
    (entry(name), text.map(Into::into))
}

pub fn traces() -> Vec<Trace> {
    vec![metadata(), list_metadata(), annotations()]
}

/// RFC 5464 sections 4.2 to 4.4
fn metadata() -> Trace {
    let comment = || vec![entry("/shared/comment")];
    dialogue(
        &["METADATA", "METADATA-SERVER"],
        known("METADATA METADATA-SERVER"),
        r#"
        C: a1 GETMETADATA "" /shared/comment
        S: * METADATA "" (/shared/comment "Shared comment")
        S: a1 OK GETMETADATA complete
        C: a2 GETMETADATA (MAXSIZE 1024 DEPTH 1) INBOX (/private/filters/values /shared/comment)
        S: * METADATA INBOX (/private/filters/values/small "SMALLER 5000" /shared/comment NIL)
        S: a2 OK [METADATA LONGENTRIES 2199] GETMETADATA complete
        C: a3 SETMETADATA INBOX (/private/comment {33}
        S: + OK
        C: My new comment across
        C: two lines. /shared/comment NIL)
        S: a3 OK SETMETADATA complete
        C: a4 SETMETADATA INBOX (/private/comment "x")
        S: a4 NO [METADATA MAXSIZE 1024] Value too big
        C: a5 SETMETADATA INBOX (/private/comment "x")
        S: a5 NO [METADATA TOOMANY] Too many annotations
        C: a6 SETMETADATA INBOX (/private/comment "x")
        S: a6 NO [METADATA NOPRIVATE] Private annotations not supported
        S: * METADATA "" /shared/comment
        S: * METADATA INBOX /shared/comment /private/comment
        C: a7 GETMETADATA (DEPTH infinity) "" /shared
        S: a7 OK GETMETADATA complete
        C: a8 GETMETADATA (DEPTH 0) "" /shared
        S: a8 NO [NOPERM] No
        "#,
        [
            gives(
                GetMetadata { options: vec![], mailbox: Mailbox::root(), entries: comment() },
                |imap, get| imap.authenticated()?.metadata(get),
            ),
            tells(Metadata {
                mailbox: Mailbox::root(),
                entries: MetadataEntries::Values(vec![value("/shared/comment", Some("Shared comment"))]),
            }),
            gives(
                GetMetadata {
                    options: vec![MetadataOption::MaxSize(1024), MetadataOption::Depth(MetadataDepth::One)],
                    mailbox: inbox(),
                    entries: vec![entry("/private/filters/values"), entry("/shared/comment")],
                },
                |imap, get| imap.authenticated()?.metadata(get),
            ),
            tells(Metadata {
                mailbox: inbox(),
                entries: MetadataEntries::Values(vec![
                    value("/private/filters/values/small", Some("SMALLER 5000")),
                    value("/shared/comment", None),
                ]),
            }),
            code(ResponseCode::MetadataLongEntries(2199)),
            gives(
                SetMetadata {
                    mailbox: inbox(),
                    values: vec![
                        value("/private/comment", Some("My new comment across\r\ntwo lines.")),
                        value("/shared/comment", None),
                    ],
                },
                |imap, set| imap.authenticated()?.set_metadata(set),
            ),
            refused(),
            code(ResponseCode::MetadataMaxSize(1024)),
            refused(),
            code(ResponseCode::MetadataTooMany),
            refused(),
            code(ResponseCode::MetadataNoPrivate),
            tells(Metadata { mailbox: Mailbox::root(), entries: MetadataEntries::Changed(comment()) }),
            tells(Metadata {
                mailbox: inbox(),
                entries: MetadataEntries::Changed(vec![entry("/shared/comment"), entry("/private/comment")]),
            }),
            gets(MetadataDepth::Infinity),
            gets(MetadataDepth::Zero),
            code(ResponseCode::NoPerm),
        ],
    )
}

fn refused() -> crate::dialogue::Turn {
    let values = vec![value("/private/comment", Some("x"))];
    gives(SetMetadata { mailbox: inbox(), values }, |imap, set| imap.authenticated()?.set_metadata(set))
}

fn gets(depth: MetadataDepth) -> crate::dialogue::Turn {
    let entries = vec![entry("/shared")];
    let get = GetMetadata { options: vec![MetadataOption::Depth(depth)], mailbox: Mailbox::root(), entries };
    gives(get, |imap, get| imap.authenticated()?.metadata(get))
}

/// RFC 9590 section 3
fn list_metadata() -> Trace {
    dialogue(
        &["LIST-METADATA"],
        known("LIST-EXTENDED METADATA LIST-METADATA"),
        r#"
        C: a1 LIST "" % RETURN (METADATA (/shared/vendor/cmu/cyrus-imapd/color))
        S: * LIST () "." INBOX
        S: * METADATA INBOX (/shared/vendor/cmu/cyrus-imapd/color "b7eb6b")
        S: * LIST () "." foo
        S: * METADATA foo (/shared/vendor/cmu/cyrus-imapd/color NIL)
        S: a1 OK List completed
        "#,
        [
            gives(
                ListCommand::new(pattern("%"))
                    .returning([ListReturn::Metadata(vec!["/shared/vendor/cmu/cyrus-imapd/color".into()])]),
                |imap, list| imap.authenticated()?.list(list),
            ),
            tells(List::new(inbox()).delimiter(Delimiter::DOT)),
            tells(Metadata {
                mailbox: inbox(),
                entries: MetadataEntries::Values(vec![value(
                    "/shared/vendor/cmu/cyrus-imapd/color",
                    Some("b7eb6b"),
                )]),
            }),
            tells(List::new(mailbox("foo")).delimiter(Delimiter::DOT)),
            tells(Metadata {
                mailbox: mailbox("foo"),
                entries: MetadataEntries::Values(vec![value("/shared/vendor/cmu/cyrus-imapd/color", None)]),
            }),
        ],
    )
}

/// RFC 5257 section 4
fn annotations() -> Trace {
    let values = |text: &str| EntryAnnotation {
        entry: entry("/comment"),
        values: vec![(entry("value.priv"), Some(text.into()))],
    };
    let told = Fetch {
        items: vec![FetchItem::Annotation(Annotations::Values(vec![EntryAnnotation {
            entry: entry("/comment"),
            values: vec![
                (entry("value.priv"), Some("My comment".into())),
                (entry("value.shared"), None),
            ],
        }]))],
        ..Fetch::new(nz(1))
    };
    let changed = Fetch {
        items: vec![FetchItem::Annotation(Annotations::Changed(vec![entry("/comment")]))],
        ..Fetch::new(nz(1))
    };
    let request = || {
        FetchAttribute::Annotation(AnnotationRequest {
            entries: vec![pattern("/comment")],
            attributes: vec![entry("value.priv"), entry("value.shared")],
        })
    };
    let key = SearchKey::Annotation(Box::new(AnnotationKey {
        entry: pattern("/comment"),
        attribute: "value".into(),
        value: Some("IMAP4".into()),
    }));
    let by = || SortKey::Annotation(Box::new(AnnotationSort { entry: entry("/altsubject"), attribute: "value.shared".into() }));
    let store = |text: &str| Store {
        set: set("1"),
        uid: false,
        modifiers: vec![],
        change: StoreChange::Annotations(vec![values(text)]),
    };
    let options = AppendOptions { annotations: vec![values("My comment")], ..AppendOptions::default() };
    let sent = options.clone();
    dialogue(
        &["ANNOTATE-EXPERIMENT-1"],
        selected("ANNOTATE-EXPERIMENT-1"),
        r#"
        C: a2 SELECT INBOX (ANNOTATE)
        S: * OK [CLOSED] Previous mailbox closed
        S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)
        S: * 10 EXISTS
        S: * 0 RECENT
        S: * OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)] Flags permitted
        S: * OK [UIDVALIDITY 1] UIDs valid
        S: * OK [UIDNEXT 11] Predicted next UID
        S: * OK [ANNOTATIONS 20480 NOPRIVATE] Annotations can be changed
        S: a2 OK [READ-WRITE] SELECT completed
        C: a3 FETCH 1 ANNOTATION (/comment (value.priv value.shared))
        S: * 1 FETCH (ANNOTATION (/comment (value.priv "My comment" value.shared NIL)))
        S: a3 OK Fetch complete
        C: a4 STORE 1 ANNOTATION (/comment (value.priv "My new comment"))
        S: * 1 FETCH (ANNOTATION (/comment))
        S: a4 OK Store complete
        C: a5 STORE 1 ANNOTATION (/comment (value.priv "My long comment"))
        S: a5 NO [ANNOTATE TOOBIG] The value is too long
        C: a6 STORE 1 ANNOTATION (/comment (value.priv "One more"))
        S: a6 NO [ANNOTATE TOOMANY] Too many annotations
        C: a7 SEARCH ANNOTATION /comment value "IMAP4"
        S: * SEARCH 2 3 5 7 11 13 17 19 23
        S: a7 OK Search complete
        C: a8 SORT (ANNOTATION /altsubject value.shared SUBJECT) UTF-8 ALL
        S: * SORT 2 3 4 5 1 11 10 6 7 9 8
        S: a8 OK Sort complete
        C: a9 APPEND drafts ANNOTATION (/comment (value.priv "My comment")) {4}
        S: + OK
        C: abcd
        S: a9 OK append completed
        "#,
        [
            does(
                Command::Select {
                    mailbox: inbox(),
                    read_only: false,
                    parameters: vec![SelectParameter::Annotate],
                },
                |imap| imap.authenticated()?.select_with(inbox(), [SelectParameter::Annotate]),
            ),
            code(ResponseCode::Closed),
            selects(SelectData::new(10, nz(1), nz(11))),
            code(ResponseCode::Annotations(AnnotationSize::ReadWrite { size: nz(20480), no_private: true })),
            code(ResponseCode::ReadWrite),
            does(
                Command::Fetch { set: set("1"), uid: false, attributes: request().into(), modifiers: vec![] },
                move |imap| imap.selected()?.fetch(nz(1), request()),
            ),
            fetch(told),
            gives(store("My new comment"), |imap, store| imap.selected()?.store(store)),
            fetch(changed),
            gives(store("My long comment"), |imap, store| imap.selected()?.store(store)),
            code(ResponseCode::AnnotateTooBig),
            gives(store("One more"), |imap, store| imap.selected()?.store(store)),
            code(ResponseCode::AnnotateTooMany),
            gives(Search::new(key), |imap, search| imap.selected()?.search_for(search)),
            tells(mailwire::imap::Data::Search(numbers(&[2, 3, 5, 7, 11, 13, 17, 19, 23]))),
            gives(Sort::new([by().into(), SortKey::Subject.into()], SearchKey::All), |imap, sort| {
                imap.selected()?.sort(sort)
            }),
            tells(mailwire::imap::Data::Sort(numbers(&[2, 3, 4, 5, 1, 11, 10, 6, 7, 9, 8]))),
            sends(Append::to(mailbox("drafts")), message(options, "abcd"), move |imap| {
                let append = Append::to(mailbox("drafts"));
                let mut appending = imap.authenticated()?.append(&append, &sent, 4)?;
                imap.append_octets(&mut appending, "abcd".into())?;
                Ok(appending)
            }),
        ],
    )
}

fn numbers(numbers: &[u32]) -> SearchData {
    SearchData { numbers: numbers.iter().map(|number| nz(*number)).collect(), mod_sequence: None }
}
