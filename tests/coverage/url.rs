//! URLs: URLAUTH (RFC 4467), URLFETCH=BINARY (RFC 5524), URL-PARTIAL (RFC 5550), imap: URLs (RFC 5092, RFC 5593), and CONVERT (RFC 5259).

use crate::dialogue::{Trace, Turn, code, dialogue, does, gives, known, selected, selects, tells};
use crate::values::{inbox, keyword, mailbox, nz, part, set};
use mailwire::imap::server::SelectData;
use mailwire::imap::{
    AuthorizedUrls, BadParameters, BodyStructure, Command, Conversion, Conversions, Convert, ConvertAttribute,
    ConvertError, ConvertErrorCode, Converted, ConvertedItem, ExtensionValue, GenUrlAuth, ImapUrl, ImapUrlAuth, ImapUrlMessage,
    ImapUrlPath, MissingParameters, PartFields, ResetKey, ResponseCode, Section, UrlAccess, UrlApplication, UrlAuthMechanism, UrlAuthorization, UrlData, UrlExpiry,
    UrlFetch, UrlFetchData, UrlItem, UrlMechanism, UrlParameter, UrlRequest, UrlToken,
};

const RUMP: &str =
    "imap://joe@example.com/INBOX/;uid=20/;section=1.2;expire=2006-12-25T00:00:00Z;urlauth=submit+fred";

fn full() -> String {
    format!("{RUMP}:internal:91354a473744909de610943775f92038")
}

fn plain() -> BodyStructure {
    let fields = PartFields { size: 11, lines: 1, ..PartFields::text("PLAIN", "US-ASCII") };
    BodyStructure::builder().part(&fields).build().unwrap()
}

fn fetches(urls: UrlFetch) -> Turn {
    gives(urls, |imap, urls| imap.authenticated()?.fetch_urls(urls))
}

fn request(url: &str, parameters: Vec<UrlParameter>) -> UrlRequest {
    UrlRequest { parameters: Some(parameters), ..UrlRequest::new(url) }
}

pub fn traces() -> Vec<Trace> {
    vec![authorize(), mechanisms(), binary(), partial(), urls(), convert(), convert_items()]
}

/// RFC 4467 sections 7 and 8
fn authorize() -> Trace {
    let reset = |mailbox, mechanisms: &[&str]| {
        let mechanisms = mechanisms.iter().map(|word| UrlAuthMechanism::new(*word).unwrap()).collect();
        gives(ResetKey { mailbox, mechanisms }, |imap, reset| imap.authenticated()?.reset_key(reset))
    };
    dialogue(
        &["URLAUTH"],
        known("URLAUTH"),
        r#"
        C: a1 GENURLAUTH "imap://joe@example.com/INBOX/;uid=20/;section=1.2;expire=2006-12-25T00:00:00Z;urlauth=submit+fred" INTERNAL
        S: * GENURLAUTH "imap://joe@example.com/INBOX/;uid=20/;section=1.2;expire=2006-12-25T00:00:00Z;urlauth=submit+fred:internal:91354a473744909de610943775f92038"
        S: a1 OK GENURLAUTH completed
        C: a2 URLFETCH "imap://joe@example.com/INBOX/;uid=20/;section=1.2;expire=2006-12-25T00:00:00Z;urlauth=submit+fred:internal:91354a473744909de610943775f92038" "imap://x"
        S: * URLFETCH "imap://joe@example.com/INBOX/;uid=20/;section=1.2;expire=2006-12-25T00:00:00Z;urlauth=submit+fred:internal:91354a473744909de610943775f92038" "Si vis pacem, para bellum" "imap://x" NIL
        S: a2 OK URLFETCH completed
        C: a3 RESETKEY INBOX XSAMPLE INTERNAL
        S: a3 OK All keys removed
        C: a4 RESETKEY
        S: a4 NO [NOPERM] RESETKEY failed
        C: a5 GENURLAUTH "bogus" INTERNAL
        S: a5 BAD missing access identifier in supplied URL
        "#,
        [
            gives(GenUrlAuth { urls: vec![(RUMP.into(), UrlAuthMechanism::internal())] }, |imap, urls| {
                imap.authenticated()?.authorize_urls(urls)
            }),
            tells(AuthorizedUrls { urls: vec![full().into()] }),
            fetches(UrlFetch { urls: vec![UrlRequest::new(full()), UrlRequest::new("imap://x")] }),
            tells(UrlFetchData {
                urls: vec![
                    (full().into(), UrlData::Octets(Some("Si vis pacem, para bellum".into()))),
                    ("imap://x".into(), UrlData::Octets(None)),
                ],
            }),
            reset(Some(inbox()), &["XSAMPLE", "INTERNAL"]),
            reset(None, &[]),
            code(ResponseCode::NoPerm),
            gives(GenUrlAuth { urls: vec![("bogus".into(), UrlAuthMechanism::internal())] }, |imap, urls| {
                imap.authenticated()?.authorize_urls(urls)
            }),
        ],
    )
}

/// RFC 4467 section 8
fn mechanisms() -> Trace {
    let sample = UrlMechanism::new("XSAMPLE=P34OKhO7VEkCbsiYY8rGEg==").unwrap();
    dialogue(
        &["URLAUTH"],
        known("URLAUTH"),
        r"
        C: a1 SELECT INBOX
        S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)
        S: * 1 EXISTS
        S: * 0 RECENT
        S: * OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)] Flags permitted
        S: * OK [UIDVALIDITY 1] UIDs valid
        S: * OK [UIDNEXT 2] Predicted next UID
        S: * OK [URLMECH INTERNAL XSAMPLE=P34OKhO7VEkCbsiYY8rGEg==] Mechanisms
        S: a1 OK [READ-WRITE] SELECT completed
        ",
        [
            does(Command::Select { mailbox: inbox(), read_only: false, parameters: vec![] }, |imap| {
                imap.authenticated()?.select(inbox())
            }),
            selects(SelectData::new(1, nz(1), nz(2))),
            code(ResponseCode::UrlMechanisms(vec![sample])),
            code(ResponseCode::ReadWrite),
        ],
    )
}

/// RFC 5524 section 4
fn binary() -> Trace {
    let url = "imap://joe@example.com/INBOX/;uid=20;urlauth=anonymous:internal:238234982398239898a9898998798b987s87920";
    dialogue(
        &["URLFETCH=BINARY"],
        known("URLAUTH URLFETCH=BINARY"),
        r#"
        C: a1 URLFETCH ("imap://joe@example.com/INBOX/;uid=20;urlauth=anonymous:internal:238234982398239898a9898998798b987s87920" BODYPARTSTRUCTURE BINARY) ("imap://x" BODY)
        S: * URLFETCH "imap://joe@example.com/INBOX/;uid=20;urlauth=anonymous:internal:238234982398239898a9898998798b987s87920" (BODYPARTSTRUCTURE ("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 11 1 NIL NIL NIL NIL)) (BINARY "Si vis pacem") "imap://x" (BODY NIL)
        S: a1 OK URLFETCH completed
        "#,
        [
            fetches(UrlFetch {
                urls: vec![
                    request(url, vec![UrlParameter::BodyPartStructure, UrlParameter::Binary]),
                    request("imap://x", vec![UrlParameter::Body]),
                ],
            }),
            tells(UrlFetchData {
                urls: vec![
                    (
                        url.into(),
                        UrlData::Items(vec![
                            UrlItem::BodyPartStructure(plain()),
                            UrlItem::Binary(Some("Si vis pacem".into())),
                        ]),
                    ),
                    ("imap://x".into(), UrlData::Items(vec![UrlItem::Body(None)])),
                ],
            }),
        ],
    )
}

/// RFC 5550 section 3.2
fn partial() -> Trace {
    let url = "imap://joe@example.com/INBOX/;uid=20/;section=1/;partial=0.1024;urlauth=anonymous";
    dialogue(
        &["URL-PARTIAL"],
        known("URLAUTH URL-PARTIAL"),
        r#"
        C: a1 GENURLAUTH "imap://joe@example.com/INBOX/;uid=20/;section=1/;partial=0.1024;urlauth=anonymous" INTERNAL
        S: * GENURLAUTH "imap://joe@example.com/INBOX/;uid=20/;section=1/;partial=0.1024;urlauth=anonymous:internal:91354a473744909de610943775f92038"
        S: a1 OK GENURLAUTH completed
        "#,
        [
            gives(GenUrlAuth { urls: vec![(url.into(), UrlAuthMechanism::internal())] }, move |imap, urls| {
                let parsed: ImapUrl = url.parse().expect("a URL");
                let ImapUrlPath::Message(message) = parsed.path() else { panic!("{parsed:?}") };
                assert_eq!(message.partial, Some((0, Some(nz(1024)))));
                imap.authenticated()?.authorize_urls(urls)
            }),
            tells(AuthorizedUrls {
                urls: vec![format!("{url}:internal:91354a473744909de610943775f92038").into()],
            }),
        ],
    )
}

/// RFC 5092 section 9, RFC 5593: a URL has no side.
fn urls() -> Trace {
    Trace::new(&["imap: URLs"], "imap: URLs", || {
        let authorization = UrlAuthorization {
            expires: Some(UrlExpiry::new("2006-12-25T00:00:00Z").unwrap()),
            verifier: Some((UrlAuthMechanism::internal(), UrlToken::new("91354a473744909de610943775f92038").unwrap())),
            ..UrlAuthorization::new(UrlAccess::Submit("fred".into()))
        };
        let message = ImapUrlMessage {
            section: Some(Section::Part(part("1.2"))),
            authorization: Some(authorization),
            ..ImapUrlMessage::new(inbox(), nz(20))
        };
        let joe = ImapUrl::new("example.com").unwrap().with_user(Some("joe"), None).unwrap();
        let joe = joe.with_path(ImapUrlPath::Message(Box::new(message))).unwrap();
        assert_eq!(full().parse::<ImapUrl>().unwrap(), joe);
        assert_eq!(mailwire::wire::Text::from(&joe), *joe.to_string());
        assert_eq!(joe.to_string().to_ascii_lowercase(), full().to_ascii_lowercase());
        let any = "imap://michael;AUTH=*@minbari.example.org/users.*;UIDVALIDITY=3857529045";
        let any: ImapUrl = any.parse().unwrap();
        assert_eq!((any.user(), any.auth(), any.host()), (Some("michael"), Some(&ImapUrlAuth::Any), "minbari.example.org"));
        let ImapUrlPath::Mailbox { mailbox: name, uid_validity, .. } = any.path() else { panic!("{any:?}") };
        assert_eq!((name, uid_validity), (&mailbox("users.*"), &Some(nz(3_857_529_045))));
        assert_eq!(any.join("/gray-council/;UID=20").unwrap().to_string().matches(";UID=20").count(), 1);
        for (access, written) in [
            (UrlAccess::User("a b".into()), "user+a%20b"),
            (UrlAccess::AuthUser, "authuser"),
            (UrlAccess::Anonymous, "anonymous"),
            (
                UrlAccess::Application { name: UrlApplication::new("stream").unwrap(), user: None },
                "stream",
            ),
        ] {
            let message = ImapUrlMessage {
                authorization: Some(UrlAuthorization::new(access)),
                ..ImapUrlMessage::new(inbox(), nz(1))
            };
            let url = ImapUrl::new("h").unwrap().with_path(ImapUrlPath::Message(Box::new(message))).unwrap();
            assert!(url.to_string().to_ascii_lowercase().ends_with(&format!(";urlauth={written}")), "{url}");
            assert_eq!(url.to_string().parse::<ImapUrl>().unwrap(), url);
        }
        for wrong in ["imap://", "http://example.com/", "imap://h/INBOX/;UID=0", "imap://a b/"] {
            assert!(wrong.parse::<ImapUrl>().is_err(), "{wrong}");
        }
    })
}

/// RFC 5259 sections 6 to 9
fn convert() -> Trace {
    let jpeg = |parameters: &[(&str, &str)]| Convert {
        set: set("2"),
        uid: true,
        media_type: Some("image/jpeg".into()),
        parameters: parameters.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
        attributes: vec![ConvertAttribute::Binary { part: Some(part("3")), partial: None }],
    };
    let converted = |tag: &str, value| Converted {
        number: nz(2),
        tag: tag.into(),
        items: vec![
            ConvertedItem::Uid(nz(100)),
            ConvertedItem::Binary { part: Some(part("3")), origin: None, value },
        ],
    };
    let bad = ConvertError {
        text: "No such size".into(),
        code: ConvertErrorCode::BadParameters(vec![BadParameters {
            from: Some("image/gif".into()),
            to: "image/jpeg".into(),
            parameters: vec![("pix-x".into(), "0".into())],
        }]),
    };
    let asks = |convert: Convert| gives(convert, |imap, convert| imap.selected()?.convert(convert));
    dialogue(
        &["CONVERT"],
        selected("CONVERT"),
        r#"
        C: a2 CONVERSIONS "image/gif" "image/*"
        S: * CONVERSION "image/gif" "image/jpeg" ("pix-x" "pix-y")
        S: a2 OK CONVERSIONS completed
        C: a3 UID CONVERT 2 ("image/jpeg" ("pix-x" "128" "pix-y" "96")) BINARY[3]
        S: * 2 CONVERTED (TAG "a3") (UID 100 BINARY[3] "JFIF")
        S: a3 OK UID CONVERT COMPLETED
        C: a4 UID CONVERT 2 ("image/jpeg" ("pix-x" "0")) BINARY[3]
        S: * 2 CONVERTED (TAG "a4") (UID 100 BINARY[3] (ERROR "No such size" BADPARAMETERS "image/gif" "image/jpeg" ("pix-x" "0")))
        S: a4 NO All conversions failed
        C: a5 UID CONVERT 2 ("image/jpeg") BINARY[3]
        S: a5 NO [MAXCONVERTMESSAGES 1] Too many
        C: a6 UID CONVERT 2 ("image/jpeg") BINARY[3]
        S: a6 NO [MAXCONVERTPARTS 1] Too many
        C: a7 UID CONVERT 2 ("image/jpeg") BINARY[3]
        S: a7 NO [TEMPFAIL] Later
        "#,
        [
            gives(Conversions { from: "image/gif".into(), to: "image/*".into() }, |imap, conversions| {
                imap.authenticated()?.conversions(conversions)
            }),
            tells(Conversion {
                from: "image/gif".into(),
                to: "image/jpeg".into(),
                parameters: vec!["pix-x".into(), "pix-y".into()],
            }),
            asks(jpeg(&[("pix-x", "128"), ("pix-y", "96")])),
            tells(converted("a3", Ok(Some("JFIF".into())))),
            asks(jpeg(&[("pix-x", "0")])),
            tells(converted("a4", Err(bad))),
            asks(jpeg(&[])),
            code(ResponseCode::MaxConvertMessages(nz(1))),
            asks(jpeg(&[])),
            code(ResponseCode::MaxConvertParts(nz(1))),
            asks(jpeg(&[])),
            code(ResponseCode::TempFail),
        ],
    )
}

/// RFC 5259 sections 7 to 9
fn convert_items() -> Trace {
    let part = || Some(part("2"));
    let header = || Section::Header(Some(crate::values::part("1")));
    let error = |text: &str, code| ConvertError { text: text.into(), code };
    let missing = MissingParameters {
        from: "image/gif".into(),
        to: "image/jpeg".into(),
        names: vec!["pix-x".into(), "pix-y".into()],
    };
    let command = Convert {
        set: set("1"),
        uid: false,
        media_type: None,
        parameters: vec![],
        attributes: vec![
            ConvertAttribute::Uid,
            ConvertAttribute::BinarySize(part()),
            ConvertAttribute::BodyPartStructure(part()),
            ConvertAttribute::Body(header()),
            ConvertAttribute::AvailableConversions(part()),
        ],
    };
    let converted = |items| tells(Converted { number: nz(1), tag: "a2".into(), items });
    dialogue(
        &["CONVERT"],
        selected("CONVERT"),
        r#"
        C: a2 CONVERT 1 (NIL) (UID BINARY.SIZE[2] BODYPARTSTRUCTURE[2] BODY[1.HEADER] AVAILABLECONVERSIONS[2])
        S: * 1 CONVERTED (TAG "a2") (BINARY.SIZE[2] 3135 BODYPARTSTRUCTURE[2] ("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 11 1 NIL NIL NIL NIL))
        S: * 1 CONVERTED (TAG "a2") (BODY[1.HEADER] "a" AVAILABLECONVERSIONS[2] (("image/jpeg" "text/plain")))
        S: * 1 CONVERTED (TAG "a2") (BINARY.SIZE[2] (ERROR "Later" TEMPFAIL 5) BODYPARTSTRUCTURE[2] (ERROR "More" MISSINGPARAMETERS "image/gif" "image/jpeg" ("pix-x" "pix-y")))
        S: * 1 CONVERTED (TAG "a2") (AVAILABLECONVERSIONS[2] (ERROR "No" X-WHY (a)))
        S: a2 OK CONVERT completed
        "#,
        [
            gives(command, |imap, convert| imap.selected()?.convert(convert)),
            converted(vec![
                ConvertedItem::BinarySize { part: part(), value: Ok(3135) },
                ConvertedItem::BodyPartStructure { part: part(), value: Ok(plain()) },
            ]),
            converted(vec![
                ConvertedItem::Body { section: header(), value: Ok(Some("a".into())) },
                ConvertedItem::AvailableConversions {
                    part: part(),
                    value: Ok(vec!["image/jpeg".into(), "text/plain".into()]),
                },
            ]),
            converted(vec![
                ConvertedItem::BinarySize {
                    part: part(),
                    value: Err(error("Later", ConvertErrorCode::TempFail(Some(nz(5))))),
                },
                ConvertedItem::BodyPartStructure {
                    part: part(),
                    value: Err(error("More", ConvertErrorCode::MissingParameters(vec![missing]))),
                },
            ]),
            converted(vec![ConvertedItem::AvailableConversions {
                part: part(),
                value: Err(error(
                    "No",
                    ConvertErrorCode::Other {
                        code: keyword("X-WHY"),
                        arguments: vec![ExtensionValue::new("(a)").unwrap()],
                    },
                )),
            }]),
        ],
    )
}
