//! POP3: RFC 1939, 2449, 3206, 2595, 5034, 6856, 2384.

use crate::dialogue::Trace;
use crate::pop3::{ClientSubject, Scenario, ServerSubject, strict};
use crate::trace::{Side, check};
use mailwire::pop3::{Client, ClientConfig, PopUrl, Quirks, ServerConfig, UrlAuth};

/// A trace of a client, from its greeting on.
fn client(words: &[&'static str], trace: &'static str) -> Trace {
    client_with(words, strict(), trace)
}

fn client_with(words: &[&'static str], config: ClientConfig, trace: &'static str) -> Trace {
    Trace::new(words, trace.trim(), move || {
        check(Side::Client, trace, || ClientSubject::new(Client::new(config.clone())));
    })
    .of_client()
}

/// A trace of a server, behind its greeting.
fn server(words: &[&'static str], trace: &'static str) -> Trace {
    server_with(words, trace, || Scenario::server(ServerConfig::protected()))
}

fn server_with(words: &[&'static str], trace: &'static str, subject: fn() -> ServerSubject) -> Trace {
    Trace::new(words, trace.trim(), move || check(Side::Server, trace, subject)).of_server()
}

const SESSION: &[&str] = &["USER", "PASS", "STAT", "LIST", "RETR", "DELE", "NOOP", "RSET", "TOP", "UIDL", "QUIT"];
const CAPABILITIES: &[&str] = &["CAPA", "SASL", "RESP-CODES", "LOGIN-DELAY", "EXPIRE", "IMPLEMENTATION", "AUTH-RESP-CODE"];

pub fn traces() -> Vec<Trace> {
    vec![
        // RFC 1939 sections 4 to 7
        client(
            SESSION,
            r"
            S: +OK POP3 server ready
            > Greeting +OK POP3 server ready
            do: user mrose
            C: USER mrose
            S: -ERR sorry, no mailbox for mrose here
            > Completed -ERR sorry, no mailbox for mrose here
            do: user frated
            C: USER frated
            S: +OK
            > Completed +OK
            do: pass secret  word
            C: PASS secret  word
            S: +OK maildrop locked and ready
            > Completed +OK maildrop locked and ready
            do: stat
            C: STAT
            S: +OK 2 320
            > DropListing 2 320
            > Completed +OK 2 320
            do: list
            C: LIST
            S: +OK 2 messages (320 octets)
            S: 1 120
            S: 2 200
            S: .
            > ScanListing 1 120
            > ScanListing 2 200
            > Completed +OK 2 messages (320 octets)
            do: list 3
            C: LIST 3
            S: -ERR no such message, only 2 messages in maildrop
            > Completed -ERR no such message, only 2 messages in maildrop
            do: uidl
            C: UIDL
            S: +OK
            S: 1 whqtswO00WBw418f9t5JxYwZ
            S: 2 QhdPYR:00WBw1Ph7x7
            S: .
            > UniqueId 1 whqtswO00WBw418f9t5JxYwZ
            > UniqueId 2 QhdPYR:00WBw1Ph7x7
            > Completed +OK
            do: uidl 2
            C: UIDL 2
            S: +OK 2 QhdPYR:00WBw1Ph7x7
            > UniqueId 2 QhdPYR:00WBw1Ph7x7
            > Completed +OK 2 QhdPYR:00WBw1Ph7x7
            do: top 1 0
            C: TOP 1 0
            S: +OK top of message follows
            S: Subject: hi
            S:
            S: .
            > Begin
            > Chunk Subject: hi\r\n\r\n
            > End
            > Completed +OK top of message follows
            do: retr 1
            C: RETR 1
            S: +OK 120 octets
            S: ..
            S: -ERR is data
            S: .
            > Begin 120
            > Chunk .\r\n-ERR is data\r\n
            > End
            > Completed +OK 120 octets
            do: dele 1
            C: DELE 1
            S: +OK message 1 deleted
            > Completed +OK message 1 deleted
            do: dele 1
            C: DELE 1
            S: -ERR message 1 already deleted
            > Completed -ERR message 1 already deleted
            do: noop
            C: NOOP
            S: +OK
            > Completed +OK
            do: rset
            C: RSET
            S: +OK maildrop has 2 messages (320 octets)
            > Completed +OK maildrop has 2 messages (320 octets)
            do: quit
            C: QUIT
            S: -ERR some deleted messages not removed
            > Completed -ERR some deleted messages not removed
            eof
            ",
        ),
        server(
            SESSION,
            r"
            C: USER mrose
            > Command USER mrose
            do: err sorry, no mailbox for mrose here
            S: -ERR sorry, no mailbox for mrose here
            C: USER frated
            > Command USER frated
            do: ok
            S: +OK
            C: PASS secret  word
            > Command PASS secret  word
            do: ok maildrop locked and ready
            S: +OK maildrop locked and ready
            C: STAT
            > Command STAT
            do: stat 2 320
            S: +OK 2 320
            C: LIST
            > Command LIST
            do: list 120 200
            S: +OK
            S: 1 120
            S: 2 200
            S: .
            C: LIST 2
            > Command LIST 2
            do: scan 2 200
            S: +OK 2 200
            C: UIDL
            > Command UIDL
            do: uidl whqtswO00WBw418f9t5JxYwZ QhdPYR:00WBw1Ph7x7
            S: +OK
            S: 1 whqtswO00WBw418f9t5JxYwZ
            S: 2 QhdPYR:00WBw1Ph7x7
            S: .
            C: UIDL 2
            > Command UIDL 2
            do: uid 2 QhdPYR:00WBw1Ph7x7
            S: +OK 2 QhdPYR:00WBw1Ph7x7
            C: TOP 1 0
            > Command TOP 1 0
            do: message Subject: hi\r\n\r\n
            S: +OK
            S: Subject: hi
            S:
            S: .
            C: RETR 1
            > Command RETR 1
            do: message .\r\n-ERR is data
            S: +OK
            S: ..
            S: -ERR is data
            S: .
            C: RETR 0
            > Malformed Syntax at 5
            do: reject
            S: -ERR syntax error
            C: DELE 1
            > Command DELE 1
            do: ok message 1 deleted
            S: +OK message 1 deleted
            C: NOOP
            > Command NOOP
            do: ok
            S: +OK
            C: RSET
            > Command RSET
            do: ok
            S: +OK
            C: QUIT
            > Command QUIT
            do: ok dewey POP3 server signing off
            S: +OK dewey POP3 server signing off
            eof
            ",
        ),
        client_with(
            &["APOP"],
            ClientConfig { apop: true, ..strict() },
            r"
            S: +OK POP3 server ready <1896.697170952@dbc.mtview.ca.us>
            > Greeting +OK POP3 server ready <1896.697170952@dbc.mtview.ca.us> with <1896.697170952@dbc.mtview.ca.us>
            do: apop mrose c4c9334bac560ecc979e58001b3e22fb
            C: APOP mrose c4c9334bac560ecc979e58001b3e22fb
            S: -ERR permission denied
            > Completed -ERR permission denied
            do: apop mrose c4c9334bac560ecc979e58001b3e22fb
            C: APOP mrose c4c9334bac560ecc979e58001b3e22fb
            S: +OK maildrop has 1 message (369 octets)
            > Completed +OK maildrop has 1 message (369 octets)
            do: stat
            C: STAT
            ",
        ),
        server_with(
            &["APOP"],
            r"
            C: APOP mrose c4c9334bac560ecc979e58001b3e22fb
            > Command APOP mrose c4c9334bac560ecc979e58001b3e22fb
            do: err permission denied
            S: -ERR permission denied
            C: APOP mrose c4c9334bac560ecc979e58001b3e22fb
            > Command APOP mrose c4c9334bac560ecc979e58001b3e22fb
            do: ok
            S: +OK
            C: STAT
            > Command STAT
            do: stat 1 369
            S: +OK 1 369
            ",
            || Scenario::server_with_apop(ServerConfig::protected()),
        ),
        // RFC 2449 sections 5, 6 and 8, RFC 3206 section 4
        client(
            &[
                "CAPA", "SASL", "RESP-CODES", "LOGIN-DELAY", "EXPIRE", "IMPLEMENTATION", "AUTH-RESP-CODE",
                "[LOGIN-DELAY]", "[IN-USE]", "[SYS/TEMP]", "[SYS/PERM]", "[AUTH]",
            ],
            r#"
            S: +OK
            > Greeting +OK
            do: capa
            C: CAPA
            S: +OK Capability list follows
            S: TOP
            S: USER
            S: SASL CRAM-MD5 KERBEROS_V4
            S: RESP-CODES
            S: LOGIN-DELAY 900 USER
            S: EXPIRE NEVER
            S: EXPIRE 60 USER
            S: UIDL
            S: AUTH-RESP-CODE
            S: IMPLEMENTATION Shlemazle-Plotz-v302
            S: X-OTHER a
            S: .
            > Capabilities Top, User, Sasl([Mechanism("CRAM-MD5"), Mechanism("KERBEROS_V4")]), RespCodes, LoginDelay { seconds: 900, per_user: true }, Expire { expire: Never, per_user: false }, Expire { expire: Days(60), per_user: true }, Uidl, AuthRespCode, Implementation(CapabilityText("Shlemazle-Plotz-v302")), Other(CapabilityText("X-OTHER a"))
            > Completed +OK Capability list follows
            do: user u
            C: USER u
            S: -ERR [SYS/TEMP] back soon
            > Completed -ERR [SYS/TEMP] back soon
            do: user u
            C: USER u
            S: -ERR [SYS/PERM] not so soon
            > Completed -ERR [SYS/PERM] not so soon
            do: user u
            C: USER u
            S: +OK
            > Completed +OK
            do: pass p
            C: PASS p
            S: -ERR [AUTH] PASS command failed
            > Completed -ERR [AUTH] PASS command failed
            do: user u
            C: USER u
            S: +OK
            > Completed +OK
            do: pass p
            C: PASS p
            S: -ERR [LOGIN-DELAY] minimum time between logins is 15 minutes
            > Completed -ERR [LOGIN-DELAY] minimum time between logins is 15 minutes
            do: user u
            C: USER u
            S: +OK
            > Completed +OK
            do: pass p
            C: PASS p
            S: -ERR [IN-USE] Do you have another POP session running?
            > Completed -ERR [IN-USE] Do you have another POP session running?
            "#,
        ),
        server(
            CAPABILITIES,
            r"
            C: CAPA
            > Command CAPA
            do: capa TOP, USER, SASL CRAM-MD5 KERBEROS_V4, RESP-CODES, LOGIN-DELAY 900 USER, EXPIRE NEVER, EXPIRE 60 USER, UIDL, PIPELINING, AUTH-RESP-CODE, IMPLEMENTATION Shlemazle-Plotz-v302, X-OTHER a
            S: +OK
            S: TOP
            S: USER
            S: SASL CRAM-MD5 KERBEROS_V4
            S: RESP-CODES
            S: LOGIN-DELAY 900 USER
            S: EXPIRE NEVER
            S: EXPIRE 60 USER
            S: UIDL
            S: PIPELINING
            S: AUTH-RESP-CODE
            S: IMPLEMENTATION Shlemazle-Plotz-v302
            S: X-OTHER a
            S: .
            ",
        ),
        server(
            &["[LOGIN-DELAY]", "[IN-USE]", "[SYS/TEMP]", "[SYS/PERM]", "[AUTH]"],
            r"
            C: USER u
            > Command USER u
            do: err [SYS/TEMP] back soon
            S: -ERR [SYS/TEMP] back soon
            C: USER u
            > Command USER u
            do: err [SYS/PERM] not so soon
            S: -ERR [SYS/PERM] not so soon
            C: USER u
            > Command USER u
            do: ok
            S: +OK
            C: PASS p
            > Command PASS p
            do: err [AUTH] PASS command failed
            S: -ERR [AUTH] PASS command failed
            C: AUTH PLAIN eA==
            > Command AUTH PLAIN eA==
            do: err [LOGIN-DELAY] minimum time between logins is 15 minutes
            S: -ERR [LOGIN-DELAY] minimum time between logins is 15 minutes
            C: AUTH PLAIN eA==
            > Command AUTH PLAIN eA==
            do: err [IN-USE] Do you have another POP session running?
            S: -ERR [IN-USE] Do you have another POP session running?
            ",
        ),
        // RFC 2449 section 6.6: the shape of each answer is known from its command.
        client(
            &["PIPELINING"],
            r"
            S: +OK
            > Greeting +OK
            do: auth EXTERNAL x
            C: AUTH EXTERNAL eA==
            S: +OK
            > Completed +OK
            do: capa
            C: CAPA
            S: +OK
            S: PIPELINING
            S: .
            > Capabilities Pipelining
            > Completed +OK
            do: stat
            do: retr 1
            do: dele 1
            do: uidl
            do: quit
            C: STAT
            C: RETR 1
            C: DELE 1
            C: UIDL
            C: QUIT
            S: +OK 1 2
            S: +OK
            S: +OK inside is data
            S: .
            S: -ERR
            S: +OK
            S: 1 a
            S: .
            S: +OK
            > DropListing 1 2
            > Completed +OK 1 2
            > Begin
            > Chunk +OK inside is data\r\n
            > End
            > Completed +OK
            > Completed -ERR
            > UniqueId 1 a
            > Completed +OK
            > Completed +OK
            eof
            ",
        ),
        server(
            &["PIPELINING"],
            r"
            C: CAPA
            > Command CAPA
            do: capa PIPELINING
            S: +OK
            S: PIPELINING
            S: .
            C: AUTH EXTERNAL eA==
            > Command AUTH EXTERNAL eA==
            do: ok
            S: +OK
            C: STAT
            C: RETR 1
            C: DELE 1
            C: QUIT
            > Command STAT
            do: stat 1 2
            > Command RETR 1
            do: message a
            > Command DELE 1
            do: err
            > Command QUIT
            do: ok
            S: +OK 1 2
            S: +OK
            S: a
            S: .
            S: -ERR
            S: +OK
            eof
            ",
        ),
        // RFC 2595 section 4
        client_with(
            &["STLS"],
            ClientConfig { quirks: Quirks::strict(), ..ClientConfig::new() },
            r"
            S: +OK
            > Greeting +OK
            do: user u
            > Refused PrivacyRequired
            do: stls
            C: STLS
            S: +OK Begin TLS negotiation
            > StartTls
            do: resume
            do: stls
            > Refused InvalidState
            do: user u
            C: USER u
            ",
        ),
        client_with(
            &["STLS"],
            ClientConfig { quirks: Quirks::strict(), ..ClientConfig::new() },
            r"
            S: +OK
            > Greeting +OK
            do: stls
            C: STLS
            S: -ERR Command not permitted when TLS active
            > Completed -ERR Command not permitted when TLS active
            ! StartTlsUnavailable
            ",
        ),
        server_with(
            &["STLS"],
            r"
            C: USER u
            > Malformed PrivacyRequired at 0
            do: reject
            S: -ERR [SYS/PERM] STLS first
            C: STLS
            > Command STLS
            do: starttls
            S: +OK begin
            do: resume
            C: STLS
            > Malformed InvalidState at 0
            do: reject
            S: -ERR not allowed here
            C: USER u
            > Command USER u
            do: ok
            S: +OK
            ",
            || Scenario::server(ServerConfig::new()),
        ),
        // RFC 5034 sections 4 and 6
        client(
            &["AUTH"],
            r"
            S: +OK
            > Greeting +OK
            do: auth PLAIN
            C: AUTH PLAIN
            S: + 
            > Challenge 
            do: cancel
            C: *
            S: -ERR cancelled
            > Completed -ERR cancelled
            do: auth EXTERNAL =
            C: AUTH EXTERNAL =
            S: -ERR [AUTH] no
            > Completed -ERR [AUTH] no
            do: auth CRAM-MD5
            C: AUTH CRAM-MD5
            S: + PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UuZXhhbXBsZS5uZXQ+
            > Challenge <1896.697170952@postoffice.example.net>
            do: respond tim b913a602c7eda7a495b4e6e7334d3890
            C: dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw
            S: +OK CRAM authentication successful
            > Completed +OK CRAM authentication successful
            do: stat
            C: STAT
            ",
        ),
        server(
            &["AUTH"],
            r"
            C: AUTH PLAIN
            > Command AUTH PLAIN
            do: challenge
            S: + 
            C: *
            > AuthCancelled
            do: err cancelled
            S: -ERR cancelled
            C: AUTH EXTERNAL =
            > Command AUTH EXTERNAL =
            do: err [AUTH] no
            S: -ERR [AUTH] no
            C: AUTH CRAM-MD5
            > Command AUTH CRAM-MD5
            do: challenge <1896.697170952@postoffice.example.net>
            S: + PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UuZXhhbXBsZS5uZXQ+
            C: dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw
            > AuthResponse tim b913a602c7eda7a495b4e6e7334d3890
            do: ok
            S: +OK
            C: STAT
            > Command STAT
            do: stat 0 0
            S: +OK 0 0
            ",
        ),
        // RFC 6856 sections 2 and 3
        client(
            &["UTF8", "LANG", "[UTF8]"],
            r"
            S: +OK
            > Greeting +OK
            do: lang
            C: LANG
            S: +OK Language listing follows:
            S: en English
            S: es Espa\xc3\xb1ol
            S: .
            > Language en English
            > Language es Español
            > Completed +OK Language listing follows:
            do: lang es
            C: LANG es
            S: +OK es Idioma cambiado
            > Completed +OK es Idioma cambiado
            do: lang uga
            C: LANG uga
            S: -ERR es Idioma <<UGA>> no es conocido
            > Completed -ERR es Idioma <<UGA>> no es conocido
            do: user u
            C: USER u
            S: -ERR [UTF8] Modo UTF8
            > Completed -ERR [UTF8] Modo UTF8
            do: utf8
            C: UTF8
            S: +OK
            > Completed +OK
            do: user j\xc3
            C: USER j\\xc3
            S: -ERR no
            > Completed -ERR no
            ",
        ),
        server(
            &["UTF8", "LANG", "[UTF8]"],
            r"
            C: LANG
            > Command LANG
            do: languages en English, es Espanol
            S: +OK
            S: en English
            S: es Espanol
            S: .
            C: LANG es
            > Command LANG es
            do: ok es Idioma cambiado
            S: +OK es Idioma cambiado
            C: USER u
            > Command USER u
            do: err [UTF8] Modo UTF8
            S: -ERR [UTF8] Modo UTF8
            C: UTF8
            > Command UTF8
            do: ok
            S: +OK
            ",
        ),
        // RFC 2384 section 8: a URL has no side.
        Trace::new(&["pop: URLs"], "pop: URLs", || {
            let url: PopUrl = "pop://rg;AUTH=+APOP@mail.eudora.com:8110".parse().unwrap();
            assert_eq!((url.user(), url.auth(), url.port()), (Some("rg"), Some(&UrlAuth::Apop), Some(8110)));
            assert_eq!(url.to_string(), "pop://rg;AUTH=+APOP@mail.eudora.com:8110");
            let url: PopUrl = "pop://baz;AUTH=SCRAM-MD5@foo.bar".parse().unwrap();
            assert_eq!((url.host(), url.port()), ("foo.bar", None));
            for wrong in ["pop://", "imap://x", "pop://a b/", "pop://h:0x1"] {
                assert!(wrong.parse::<PopUrl>().is_err(), "{wrong}");
            }
        }),
    ]
}
