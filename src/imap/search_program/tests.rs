//! Keys as they are read, built, walked and nested.

use super::*;
use crate::imap::round_trip::{round_trip, strict, written};
use crate::wire::Limits;
use alloc::string::{String, ToString};

fn keys(octets: &str) -> Option<SearchKeys> {
    let keys = strict(octets.as_bytes(), SearchKeys::parse)?;
    assert!(keys.is_whole());
    Some(keys)
}

#[test]
fn round_trips() {
    round_trip(SearchKeys::parse, SearchKeys::encode);
    round_trip(SearchProgram::parse, SearchProgram::encode);
}

#[test]
fn known_answers() {
    for octets in [
        "ALL",
        "FLAGGED SINCE 1-Feb-1994 NOT FROM Smith",
        "TEXT \"string not in mailbox\"",
        "OR (SEEN FLAGGED) NOT OR 2,4:7,9,12:* UID 300:*",
        "(OR (BODY a) (TO b)) (NOT (CC c))",
        "KEYWORD $Forwarded UNKEYWORD Junk HEADER Message-ID \"<a@b>\"",
        "UNSEEN YOUNGER 259200 OLDER 1",
        "MODSEQ \"/flags/\\\\draft\" all 620162338",
        "MODSEQ 0 MODSEQ \"/flags/$mdnsent\" shared 9223372036854775807",
        "FUZZY (FROM \"peter\" SUBJECT \"Q&A\") FUZZY BODY x",
        "ANNOTATION /comment value \"IMAP4\"",
        "ANNOTATION /% value.priv NIL",
        "ANNOTATION * VALUE.shared \"x\"",
        "FILTER on-the-road $",
        "UIDAFTER 25000 UIDBEFORE 4294967295 UIDAFTER $",
        "EMAILID M6d99ac3275bb4e THREADID T64b478a75b7ea9",
        "SAVEDBEFORE 1-Jan-2016 SAVEDATESUPPORTED",
        "X-GM-RAW \"has:attachment in:unread\" X-GM-MSGID 1278455344230334865 X-GM-THRID 18446744073709551615",
        "LARGER 9223372036854775807 SMALLER 0",
    ] {
        let read = keys(octets).unwrap_or_else(|| panic!("{octets}"));
        let quoted = octets.replace("\"peter\"", "peter").replace("\"Q&A\"", "Q&A");
        let quoted = quoted.replace("\"<a@b>\"", "<a@b>");
        assert_eq!(written(|encoder| read.encode(encoder)), quoted);
    }
    assert_eq!(keys("x-gm-labels \\Inbox").unwrap(), SearchKey::GmailLabels("\\Inbox".into()).into());
    assert_eq!(keys("since \"01-feb-1994\""), keys("SINCE 1-Feb-1994"));
}

#[test]
fn what_is_no_key_is_refused() {
    for octets in [
        "",
        "ALL ",
        "()",
        "(ALL",
        "ALL)",
        "OR ALL",
        "NOT",
        "NOT ",
        "XYZZY",
        "LARGER 9223372036854775808",
        "SMALLER -1",
        "OLDER 0",
        "MODSEQ 9223372036854775808",
        "MODSEQ \"/flags/a\" any 1",
        "MODSEQ \"/flags/\\\\Recent\" all 1",
        "MODSEQ \"/flags/\" all 1",
        "MODSEQ \"/flags/a b\" all 1",
        "MODSEQ \"/shared/comment\" all 1",
        "MODSEQ \"\" all 1",
        "MODSEQ {7}\r\n/flags/ all 1",
        "MODSEQ {8}\r\n/flags/a all 1",
        "FILTER a/b",
        "SINCE 31-Feb-2020",
        "SEENX",
        "FROM\"a\"",
        "EMAILID \"a\"",
        "ANNOTATION /comment size NIL",
        "ANNOTATION /comment \"value\" NIL",
        "ANNOTATION /comment value.x \"y\"",
    ] {
        assert_eq!(keys(octets), None, "{octets}");
    }
}

#[test]
fn keys_are_matched_without_asking_more_than_needed() {
    let mut asked = String::new();
    let mut test = |octets: &str| {
        asked.clear();
        let value = keys(octets).unwrap().matches(|key, fuzzy| {
            asked.push(if fuzzy { 'F' } else { '.' });
            matches!(key, SearchKey::Seen)
        });
        (value, asked.len(), asked.contains('F'))
    };
    assert_eq!(test("SEEN"), (true, 1, false));
    assert_eq!(test("NOT SEEN DRAFT"), (false, 1, false));
    assert_eq!(test("OR SEEN (DRAFT NEW) SEEN"), (true, 2, false));
    assert_eq!(test("OR (DRAFT NEW) SEEN NOT (SEEN OLD)"), (true, 4, false));
    assert_eq!(test("NOT NOT FUZZY SEEN SEEN"), (true, 2, true));
    assert_eq!(test("OR OR DRAFT OLD OR NEW SEEN SEEN"), (true, 5, false));
    assert!(SearchKeys::new().matches(|_, _| false));
}

#[test]
fn terms_are_walked_like_the_tree() {
    fn show(terms: SearchTerms<'_>) -> String {
        terms
            .map(|term| match term {
                SearchTerm::Key(SearchKey::Seen) => "s".to_string(),
                SearchTerm::Key(_) => "k".to_string(),
                SearchTerm::Not(terms) => alloc::format!("!{}", show(terms)),
                SearchTerm::Fuzzy(terms) => alloc::format!("~{}", show(terms)),
                SearchTerm::Or(one, other) => alloc::format!("<{}|{}>", show(one), show(other)),
                SearchTerm::List(terms) => alloc::format!("[{}]", show(terms)),
            })
            .collect()
    }
    let read = keys("SEEN OR NOT SEEN (ALL SEEN OR ALL ALL) FUZZY (SEEN) ALL").unwrap();
    assert_eq!(show(read.terms()), "s<!s|[ks<k|k>]>~[s]k");
}

#[test]
fn a_tree_is_built_as_it_is_written() {
    let built = SearchKeys::new()
        .not([SearchKey::Seen, SearchKey::Draft].into_iter().collect::<SearchKeys>())
        .or(SearchKeys::new(), SearchKeys::new().not(SearchKey::New));
    assert_eq!(built.to_string(), "NOT (SEEN DRAFT) OR ALL NOT NEW");
    assert_eq!(keys("NOT (SEEN DRAFT) OR ALL NOT NEW").unwrap(), built);
}

#[test]
fn alternatives_are_a_low_tree() {
    let any = |count: u32| SearchKeys::any((0..count).map(|_| SearchKey::Seen));
    assert_eq!(any(0).to_string(), "NOT ALL");
    assert_eq!(any(1).to_string(), "SEEN");
    assert_eq!(any(3).to_string(), "OR OR SEEN SEEN SEEN");
    for count in [2, 33, 100, 511, 512] {
        let alternatives = any(count);
        assert!(alternatives.is_whole());
        assert_eq!(keys(&alternatives.to_string()).unwrap(), alternatives);
        let mut left = count;
        let last = |_: &SearchKey, _| {
            left -= 1;
            left == 0
        };
        assert!(alternatives.matches(last));
    }
    let pairs = SearchKeys::any([SearchKeys::from(SearchKey::Seen).and(SearchKey::Draft), SearchKeys::new()]);
    assert_eq!(pairs.to_string(), "OR (SEEN DRAFT) ALL");
}

#[test]
fn depth_is_a_limit_and_takes_no_stack() {
    let chain = |word: &str, count: usize, tail: &str| word.repeat(count) + tail;
    assert!(keys(&chain("NOT ", 32, "ALL")).is_some());
    assert!(keys(&chain("NOT ", 33, "ALL")).is_none());
    assert!(keys(&chain("OR SEEN ", 32, "ALL")).is_some());
    assert!(keys(&chain("OR SEEN ", 33, "ALL")).is_none());
    assert!(keys(&(chain("(", 32, "ALL") + &")".repeat(32))).is_some());
    assert!(keys(&chain("(", 1_000_000, "")).is_none());
    let deep = |octets: String| {
        let limits = Limits {
            depth: usize::MAX,
            search_keys: usize::MAX,
            memory: usize::MAX,
            ..Limits::imap_client()
        };
        let work = move || {
            let mut cursor = Cursor::borrowed(octets.as_bytes(), &limits, 0);
            let read = SearchKeys::parse(&mut cursor).unwrap();
            assert_eq!(read.clone(), read);
            assert_eq!(written(|encoder| read.encode(encoder)), octets);
            assert_eq!(alloc::format!("{read:?}").len(), octets.len() + "SearchKeys()".len());
            assert!(read.matches(|_, _| true) && read.is_whole());
        };
        std::thread::Builder::new().stack_size(64 * 1024).spawn(work).unwrap().join().unwrap();
    };
    deep(chain("NOT ", 10_000, "ALL"));
    deep(chain("OR SEEN ", 10_000, "ALL"));
    deep(chain("(", 10_000, "ALL") + &")".repeat(10_000));
}

#[test]
fn keys_are_counted() {
    let limits = Limits { search_keys: 3, ..Limits::imap_client() };
    let count = |octets: &str| {
        let mut cursor = Cursor::borrowed(octets.as_bytes(), &limits, 0);
        SearchKeys::parse(&mut cursor).map_err(|fail| cursor.error(fail).kind())
    };
    assert!(count("NOT SEEN ALL").is_ok());
    assert_eq!(count("NOT (SEEN ALL)").unwrap_err(), ErrorKind::TooMany);
}

#[cfg(feature = "serde")]
#[test]
fn serde_takes_only_whole_trees() {
    let read = keys("OR NOT SEEN (ALL SEEN) FUZZY DRAFT").unwrap();
    let json = serde_json::to_string(&read).unwrap();
    assert_eq!(serde_json::from_str::<SearchKeys>(&json).unwrap(), read);
    for broken in [
        r#"[{"Not":1}]"#,
        r#"[{"Not":0},{"Key":"All"}]"#,
        r#"[{"Not":2},{"Key":"All"},{"Key":"All"}]"#,
        r#"[{"Or":[1,2]},{"Key":"All"},{"Key":"All"}]"#,
        r#"[{"List":2},{"Not":2},{"Key":"All"},{"Key":"All"}]"#,
    ] {
        assert!(serde_json::from_str::<SearchKeys>(broken).is_err(), "{broken}");
    }
}

#[test]
fn an_attribute_that_cannot_be_searched_is_not_written() {
    use crate::imap::search_key::AnnotationKey;
    let annotation = AnnotationKey { entry: "*".parse().unwrap(), attribute: "size".into(), value: None };
    let keys = SearchKeys::from(SearchKey::Annotation(annotation.into()));
    let mut out = bytes::BytesMut::new();
    assert!(keys.encode(&mut Encoder::new(&mut out, crate::imap::encode::Encoding::default())).is_err());
}
