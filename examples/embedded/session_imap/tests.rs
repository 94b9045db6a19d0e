use std::sync::Arc;

use bytes::BytesMut;
use mailwire::{
    imap::server::Server,
    wire::{Machine, Tls},
};

use super::Imap;
use crate::embedded::{
    memory::Memory,
    session::{Next, Session, Settings},
    store::{Accounts, FlagMode, Flags, Result, Store, Uid},
};

struct One(Arc<Memory>);

impl Accounts for One {
    fn login(&self, user: &[u8], password: &[u8]) -> Result<Option<Arc<dyn Store>>> {
        let right = user == b"alice" && password == b"secret";
        Ok(right.then(|| self.0.clone() as Arc<dyn Store>))
    }
}

/// A client that speaks in strings.
struct Talk {
    session: Imap,
    machine: Server,
    input: BytesMut,
    /// How often the session wanted everything sent before it went on.
    pauses: usize,
}

impl Talk {
    fn new(store: &Arc<Memory>) -> Self {
        let settings = Settings { accounts: Arc::new(One(Arc::clone(store))), max_message: 1000 };
        let (session, machine) = Imap::new(Arc::new(settings), Tls::Unavailable, Arc::new(|| {})).unwrap();
        let mut talk = Self { session, machine, input: BytesMut::new(), pauses: 0 };
        assert!(talk.say("").starts_with("* OK [CAPABILITY IMAP4rev1"));
        talk
    }

    fn selected(store: &Arc<Memory>) -> Self {
        let mut talk = Self::new(store);
        let answer = talk.say("a LOGIN alice secret\r\nb SELECT INBOX\r\n");
        assert!(answer.ends_with("b OK [READ-WRITE] SELECT completed\r\n"), "{answer}");
        talk
    }

    fn sent(&mut self, into: &mut Vec<u8>) {
        while let Some(octets) = self.machine.poll_transmit() {
            into.extend_from_slice(&octets);
        }
    }

    fn say(&mut self, text: &str) -> String {
        self.input.extend_from_slice(text.as_bytes());
        let mut answer = Vec::new();
        self.sent(&mut answer);
        while let Some(event) = self.machine.receive(&mut self.input).unwrap() {
            let mut next = self.session.handle(&mut self.machine, event).unwrap();
            self.sent(&mut answer);
            while next == Next::More {
                self.pauses += 1;
                next = self.session.proceed(&mut self.machine).unwrap();
                self.sent(&mut answer);
            }
        }
        // What was passed over is answered without an event.
        self.sent(&mut answer);
        String::from_utf8(answer).unwrap()
    }

    fn news(&mut self) -> String {
        self.session.news(&mut self.machine).unwrap();
        self.say("")
    }
}

fn store(messages: &[&str]) -> Arc<Memory> {
    let store = Arc::new(Memory::new());
    for message in messages {
        store.seed("INBOX", message.as_bytes()).unwrap();
    }
    store
}

fn uid(number: u32) -> Uid {
    Uid::new(number).unwrap()
}

#[test]
fn logins() {
    let mut talk = Talk::new(&store(&[]));
    assert!(talk.say("a SELECT INBOX\r\n").starts_with("a BAD"));
    assert_eq!(talk.say("a AUTHENTICATE PLAIN\r\n"), "+ \r\n");
    assert!(talk.say("AGFsaWNlAG5v\r\n").starts_with("a NO [AUTHENTICATIONFAILED]"));
    // Nobody may act for somebody else.
    assert!(talk.say("a AUTHENTICATE PLAIN Ym9iAGFsaWNlAHNlY3JldA==\r\n").starts_with("a NO"));
    assert!(talk.say("b AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==\r\n").starts_with("b OK"));
    let mut talk = Talk::new(&store(&[]));
    let answer = talk.say("a LOGIN a b\r\nb LOGIN a b\r\nc LOGIN a b\r\nd LOGIN alice secret\r\n");
    assert!(answer.contains("c NO") && answer.contains("* BYE") && !answer.contains("d OK"), "{answer}");
}

#[test]
fn what_is_gone_is_told_when_numbers_may_change() {
    let store = store(&["1", "2", "3"]);
    let mut talk = Talk::selected(&store);
    let inbox = store.open("INBOX").unwrap();
    inbox.expunge(&[uid(1), uid(3)]).unwrap();
    inbox.set_flags(&[uid(2)], FlagMode::Add, &Flags::system(Flags::FLAGGED), None).unwrap();
    store.seed("INBOX", b"4").unwrap();
    assert_eq!(
        talk.say("a FETCH 2 UID\r\n"),
        "* 2 FETCH (UID 2)\r\n* 4 EXISTS\r\n* 4 RECENT\r\n* 2 FETCH (UID 2 FLAGS (\\Flagged \\Recent))\r\na OK FETCH completed\r\n"
    );
    assert_eq!(
        talk.say("a FETCH 1,4 UID\r\n"),
        "* 4 FETCH (UID 4)\r\na NO [EXPUNGEISSUED] Some of the messages are gone\r\n"
    );
    assert_eq!(talk.say("a NOOP\r\n"), "* 3 EXPUNGE\r\n* 1 EXPUNGE\r\na OK Completed\r\n");
    assert_eq!(
        talk.say("a FETCH 1:* UID\r\n"),
        "* 1 FETCH (UID 2)\r\n* 2 FETCH (UID 4)\r\na OK FETCH completed\r\n"
    );
}

#[test]
fn news_while_idle_and_only_then() {
    let store = store(&["1"]);
    let mut talk = Talk::selected(&store);
    store.seed("INBOX", b"2").unwrap();
    assert_eq!(talk.news(), "");
    assert_eq!(talk.say("a IDLE\r\n"), "+ idling\r\n* 2 EXISTS\r\n* 2 RECENT\r\n");
    store.open("INBOX").unwrap().expunge(&[uid(1)]).unwrap();
    assert_eq!(talk.news(), "* 1 EXPUNGE\r\n");
    assert_eq!(talk.say("DONE\r\n"), "a OK IDLE completed\r\n");
    store.create("x").unwrap();
    talk.say("a SELECT x\r\na IDLE\r\n");
    store.delete("x").unwrap();
    assert!(talk.news().starts_with("* BYE"));
    assert!(talk.machine.is_closed());
}

#[test]
fn own_changes_are_told_once_or_not_at_all() {
    let mut talk = Talk::selected(&store(&["1", "2"]));
    assert_eq!(
        talk.say("a STORE 1:2 +FLAGS (\\Seen)\r\n"),
        "* 1 FETCH (FLAGS (\\Seen \\Recent))\r\n* 2 FETCH (FLAGS (\\Seen \\Recent))\r\na OK STORE completed\r\n"
    );
    assert_eq!(
        talk.say("a UID STORE 2 -FLAGS.SILENT (\\Seen)\r\nb NOOP\r\n"),
        "a OK STORE completed\r\nb OK Completed\r\n"
    );
    assert_eq!(
        talk.say("a FETCH 1:2 BODY[TEXT]<0.1>\r\nb NOOP\r\n"),
        "* 1 FETCH (BODY[TEXT]<0> {0}\r\n)\r\n* 2 FETCH (FLAGS (\\Seen \\Recent) BODY[TEXT]<0> {0}\r\n)\r\na OK FETCH completed\r\nb OK Completed\r\n"
    );
    assert_eq!(talk.say("a STORE 3 FLAGS ()\r\n"), "a BAD No such message\r\n");
    let mut talk = Talk::new(&store(&["1"]));
    talk.say("a LOGIN alice secret\r\nb EXAMINE INBOX\r\n");
    assert!(talk.say("a STORE 1 FLAGS ()\r\n").starts_with("a NO [READ-ONLY]"));
    assert_eq!(talk.say("a FETCH 1 BODY[]\r\n"), "* 1 FETCH (BODY[] {1}\r\n1)\r\na OK FETCH completed\r\n");
}

#[test]
fn a_keyword_that_is_new_is_told_before_it_is_used() {
    let told = |keywords: &str| {
        let flags = format!("\\Answered \\Flagged \\Deleted \\Seen \\Draft {keywords}");
        format!("* FLAGS ({flags})\r\n* OK [PERMANENTFLAGS ({flags} \\*)] Flags permitted\r\n")
    };
    let store = store(&["1", "2"]);
    let mut talk = Talk::selected(&store);
    let mut idler = Talk::selected(&store);
    let mut other = Talk::new(&store);
    other.say("a LOGIN alice secret\r\nb EXAMINE INBOX\r\n");
    idler.say("a IDLE\r\n");
    assert_eq!(
        talk.say("a STORE 1 +FLAGS.SILENT (One)\r\n"),
        format!("{}a OK STORE completed\r\n", told("One"))
    );
    let news = "* 1 FETCH (UID 1 FLAGS (\\Recent One))\r\n";
    assert_eq!(idler.news(), told("One") + &news.replace("\\Recent ", ""));
    // Where nothing can be stored, nothing is permitted.
    let flags = "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft One)\r\n";
    let answer = other.say("a NOOP\r\n");
    assert_eq!(answer, format!("{flags}{}a OK Completed\r\n", news.replace("\\Recent ", "")));
    // Once is enough.
    assert_eq!(talk.say("a STORE 2 +FLAGS.SILENT (oNE)\r\n"), "a OK STORE completed\r\n");
    assert_eq!(
        talk.say("a STORE 2 FLAGS (Two $Junk)\r\n"),
        format!(
            "{}* 2 FETCH (FLAGS (\\Recent $Junk Two))\r\na OK STORE completed\r\n",
            told("$Junk One Two")
        )
    );
    let answer = talk.say("a APPEND INBOX (Three) {1+}\r\nx\r\n");
    assert!(answer.starts_with(&(told("$Junk One Three Two") + "* 3 EXISTS\r\n")), "{answer}");
    // A FETCH tells what is so when it gets to a message.
    let inbox = store.open("INBOX").unwrap();
    let mut flags = Flags::default();
    flags.add_keyword("A");
    inbox.set_flags(&[uid(1)], FlagMode::Replace, &flags, None).unwrap();
    let answer = talk.say("a FETCH 1 FLAGS\r\n");
    let flags = "* 1 FETCH (FLAGS (\\Recent A))\r\n";
    assert!(answer.starts_with(&(told("$Junk A One Three Two") + flags)), "{answer}");
}

#[test]
fn recent_is_nobodys_to_set() {
    let store = store(&["1"]);
    let mut talk = Talk::selected(&store);
    let is_refused = |answer: String| answer == "a BAD Syntax error\r\n";
    for command in ["+FLAGS (\\Recent)", "-FLAGS.SILENT \\recent", "FLAGS (\\Seen \\Recent)"] {
        assert!(is_refused(talk.say(&format!("a STORE 1 {command}\r\n"))), "{command}");
    }
    assert!(is_refused(talk.say("a APPEND INBOX (\\Recent \\Seen) {1}\r\n")));
    assert!(is_refused(talk.say("a APPEND INBOX {1+}\r\nx (\\Recent) {1+}\r\ny\r\n")));
    // A system flag that is not among the permanent ones may be ignored.
    assert_eq!(
        talk.say("a STORE 1 +FLAGS (\\Foo \\Seen)\r\n"),
        "* 1 FETCH (FLAGS (\\Seen \\Recent))\r\na OK STORE completed\r\n"
    );
    assert_eq!(store.open("INBOX").unwrap().summary().messages, 1);
}

#[test]
fn messages_in() {
    let store = store(&[]);
    let mut talk = Talk::selected(&store);
    assert!(talk.say("a APPEND none {5}\r\n").starts_with("a NO [TRYCREATE]"));
    assert!(talk.say("a APPEND INBOX {1001}\r\n").starts_with("a NO [TOOBIG]"));
    // What comes without asking is passed over.
    let long = format!("a APPEND INBOX {{1001+}}\r\n{}\r\nb NOOP\r\n", "x".repeat(1001));
    let answer = talk.say(&long);
    assert!(answer.starts_with("a NO [TOOBIG]") && answer.ends_with("b OK Completed\r\n"), "{answer}");
    // All or none.
    let answer = talk.say("a APPEND INBOX {1+}\r\nx {1+}\r\ny {1001}\r\n");
    assert!(answer.starts_with("a NO [TOOBIG]"), "{answer}");
    assert_eq!(store.open("INBOX").unwrap().summary().messages, 0);
    let answer = talk.say("a APPEND INBOX (\\Seen kw) \"17-Jul-2026 02:44:25 +0200\" {1+}\r\nx {2}\r\n");
    assert_eq!(answer, "+ OK\r\n");
    let answer = talk.say("yz\r\n");
    assert!(answer.contains("* 2 EXISTS\r\n* 2 RECENT\r\na OK [APPENDUID "), "{answer}");
    assert!(answer.contains(" 1:2] "), "{answer}");
    assert_eq!(
        talk.say("a FETCH 1 (FLAGS INTERNALDATE)\r\n"),
        "* 1 FETCH (FLAGS (\\Seen \\Recent kw) INTERNALDATE \"17-Jul-2026 02:44:25 +0200\")\r\na OK FETCH completed\r\n"
    );
}

#[test]
fn what_is_not_offered_makes_no_message() {
    let store = store(&[]);
    let mut talk = Talk::selected(&store);
    for form in [
        "~{3+}\r\na\0b",
        "UTF8 (~{3+}\r\nabc)",
        "CATENATE (URL \"/INBOX/;UID=1\")",
        "CATENATE (TEXT {3+}\r\nabc URL \"/INBOX/;UID=1\")",
    ] {
        for before in ["", "{3+}\r\nabc "] {
            let answer = talk.say(&format!("a APPEND INBOX {before}{form}\r\nb NOOP\r\n"));
            assert_eq!(answer, "a BAD Not offered\r\nb OK Completed\r\n", "{before}{form}");
        }
    }
    assert_eq!(talk.say("a UID REPLACE 1 INBOX {3}\r\n"), "a BAD Not offered\r\n");
    let answer = talk.say("a APPEND INBOX ANNOTATION (/comment (value.priv \"x\")) {3}\r\n");
    assert_eq!(answer, "a BAD This option is not known here\r\n");
    assert_eq!(store.open("INBOX").unwrap().summary().messages, 0);
    assert!(talk.say("a APPEND INBOX {1+}\r\nx {1+}\r\ny\r\n").contains("a OK [APPENDUID "));
}

#[test]
fn an_empty_message_cancels_its_append() {
    let store = store(&[]);
    let mut talk = Talk::selected(&store);
    let empty = "a NO An empty message is no message\r\n";
    assert_eq!(talk.say("a APPEND INBOX {0}\r\n"), empty);
    assert_eq!(talk.say("a APPEND INBOX {0+}\r\n"), "");
    assert_eq!(talk.say("\r\nb NOOP\r\n"), format!("{empty}b OK Completed\r\n"));
    // The messages before and behind it go with it.
    assert_eq!(talk.say("a APPEND INBOX {1+}\r\nx {0}\r\n"), empty);
    assert_eq!(talk.say("a APPEND INBOX {1+}\r\nx {0+}\r\n {1+}\r\ny\r\n"), empty);
    assert_eq!(store.open("INBOX").unwrap().summary().messages, 0);
    assert!(talk.say("a APPEND INBOX {1+}\r\nx\r\n").contains("a OK [APPENDUID "));
}

#[test]
fn line_ends_are_whole_however_a_message_is_cut() {
    let message = "\nA: b\n\r\nx\r\r\n\n\n\ry\n";
    let whole = "\r\nA: b\r\n\r\nx\r\r\n\r\n\r\n\ry\r\n";
    for cut in 0..message.len() {
        let store = store(&[]);
        let mut talk = Talk::selected(&store);
        // The line end before a message is none of its own.
        talk.say(&format!("a APPEND INBOX {{1+}}\r\n\r {{{}+}}\r\n{}", message.len(), &message[..cut]));
        let answer = talk.say(&format!("{}\r\n", &message[cut..]));
        assert!(answer.contains("a OK [APPENDUID "), "{answer}");
        let answer = talk.say("a FETCH 2 (RFC822.SIZE BODY.PEEK[])\r\n");
        let (size, told) = (whole.len(), format!("BODY[] {{{}}}\r\n{whole})", whole.len()));
        assert!(
            answer.contains(&format!("RFC822.SIZE {size} ")) && answer.contains(&told),
            "{cut}: {answer}"
        );
    }
}

#[test]
fn numbers_of_what_is_gone_are_not_copied() {
    let store = store(&["1", "2", "3"]);
    store.create("x").unwrap();
    let (inbox, target) = (store.open("INBOX").unwrap(), store.open("x").unwrap());
    let validity = target.summary().uid_validity;
    let mut talk = Talk::selected(&store);
    inbox.expunge(&[uid(2)]).unwrap();
    assert_eq!(
        talk.say("a COPY 1:2 x\r\n"),
        "* 2 EXPUNGE\r\na NO [EXPUNGEISSUED] Some of the messages are gone\r\n"
    );
    inbox.expunge(&[uid(3)]).unwrap();
    assert_eq!(
        talk.say("a MOVE 1:* x\r\n"),
        "* 2 EXPUNGE\r\na NO [EXPUNGEISSUED] Some of the messages are gone\r\n"
    );
    assert_eq!(target.summary().messages, 0);
    assert_eq!(talk.say("a UID COPY 1:3 x\r\n"), format!("a OK [COPYUID {validity} 1 1] COPY completed\r\n"));
}

#[test]
fn copies_and_moves() {
    let store = store(&["1", "2", "3"]);
    store.create("x").unwrap();
    let validity = store.open("x").unwrap().summary().uid_validity;
    let mut talk = Talk::selected(&store);
    assert!(talk.say("a COPY 1 none\r\n").starts_with("a NO [TRYCREATE]"));
    assert_eq!(talk.say("a COPY 3,1 x\r\n"), format!("a OK [COPYUID {validity} 1,3 1:2] COPY completed\r\n"));
    assert_eq!(
        talk.say("a UID MOVE 2:9 x\r\n"),
        format!(
            "* OK [COPYUID {validity} 2:3 3:4] Copied\r\n* 3 EXPUNGE\r\n* 2 EXPUNGE\r\na OK MOVE completed\r\n"
        )
    );
    assert_eq!(talk.say("a UID COPY 77 x\r\n"), "a OK COPY completed\r\n");
    talk.say("a STORE 1 FLAGS.SILENT (\\Deleted)\r\n");
    assert_eq!(talk.say("a UID EXPUNGE 2:9\r\n"), "a OK EXPUNGE completed\r\n");
    assert_eq!(talk.say("a EXPUNGE\r\n"), "* 1 EXPUNGE\r\na OK EXPUNGE completed\r\n");
    assert_eq!(talk.say("a FETCH 1:* UID\r\n"), "a OK FETCH completed\r\n");
}

#[test]
fn long_answers_come_in_pieces() {
    let message = format!("Subject: x\r\n\r\n{}", "0123456789abcde\n".repeat(100_000));
    let store = store(&[&message, "2"]);
    let mut talk = Talk::selected(&store);
    let answer = talk.say("a FETCH 1:2 (BODY.PEEK[] BODY.PEEK[TEXT]<16.32>)\r\nb NOOP\r\n");
    let expected = format!(
        "* 1 FETCH (BODY[] {{{}}}\r\n{message} BODY[TEXT]<16> {{32}}\r\n0123456789abcde\n0123456789abcde\n)\r\n",
        message.len()
    );
    assert!(answer.starts_with(&expected));
    assert!(answer.ends_with(
        "* 2 FETCH (BODY[] {1}\r\n2 BODY[TEXT]<16> {0}\r\n)\r\na OK FETCH completed\r\nb OK Completed\r\n"
    ));
    assert!(talk.pauses >= message.len() / (100 * 1024), "{}", talk.pauses);
}

#[test]
fn names() {
    let store = store(&[]);
    for name in ["a/b", "Sent", "z"] {
        store.create(name).unwrap();
    }
    store.subscribe("a/b", true).unwrap();
    let mut talk = Talk::selected(&store);
    assert_eq!(talk.say("a LIST \"\" \"\"\r\n"), "* LIST (\\Noselect) \"/\" \"\"\r\na OK LIST completed\r\n");
    assert_eq!(
        talk.say("a LIST \"\" %\r\n"),
        "* LIST (\\HasNoChildren) \"/\" INBOX\r\n* LIST (\\HasNoChildren \\Sent) \"/\" Sent\r\n* LIST (\\HasChildren) \"/\" a\r\n* LIST (\\HasNoChildren) \"/\" z\r\na OK LIST completed\r\n"
    );
    assert_eq!(talk.say("a LSUB \"\" %\r\n"), "* LSUB (\\Noselect) \"/\" a\r\na OK LSUB completed\r\n");
    assert_eq!(talk.say("a LSUB \"\" *\r\n"), "* LSUB () \"/\" a/b\r\na OK LSUB completed\r\n");
    assert!(talk.say("a CREATE inbox\r\n").starts_with("a NO [ALREADYEXISTS]"));
    assert!(talk.say("a STATUS nope (MESSAGES)\r\n").starts_with("a NO [NONEXISTENT]"));
    assert_eq!(
        talk.say("a STATUS z (MESSAGES UIDNEXT)\r\n"),
        "* STATUS z (MESSAGES 0 UIDNEXT 1)\r\na OK STATUS completed\r\n"
    );
}

#[test]
fn searches() {
    let store =
        store(&["Subject: one\r\n folded\r\n\r\nbody\r\n", "Subject: two\r\nX: one folded\r\n\r\nONE\r\n"]);
    let mut talk = Talk::selected(&store);
    let mut search = |keys: &str| {
        let answer = talk.say(&format!("a SEARCH {keys}\r\n"));
        answer.strip_suffix("\r\na OK SEARCH completed\r\n").unwrap_or(&answer).to_owned()
    };
    assert_eq!(search("SUBJECT \"ONE FOLDED\""), "* SEARCH 1");
    assert_eq!(search("TEXT one"), "* SEARCH 1 2");
    assert_eq!(search("BODY one"), "* SEARCH 2");
    assert_eq!(search("NOT HEADER X \"\""), "* SEARCH 1");
    assert_eq!(search("OR UID 2 KEYWORD x"), "* SEARCH 2");
    assert_eq!(search("RETURN (COUNT MIN) *"), "* ESEARCH (TAG \"a\") COUNT 1 MIN 2");
    assert!(search("CHARSET KOI8-R ALL").starts_with("a NO [BADCHARSET"));
}

#[test]
fn searches_what_a_person_reads() {
    let store = store(&[
        "Subject: =?utf-8?q?gr=C3=BCn?= =?iso-8859-1?b?/A==?=\r\n\r\nplain\r\n",
        "Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nGr=\r\n=FC=DFe\r\n",
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\naGFs\r\nbMO2Cg==\r\n--b--\r\n",
    ]);
    let mut talk = Talk::selected(&store);
    let mut search = |keys: &str, text: &str| {
        let command = format!("a SEARCH CHARSET UTF-8 {keys} {{{}+}}\r\n{text}\r\n", text.len());
        let answer = talk.say(&command);
        answer.strip_suffix("\r\na OK SEARCH completed\r\n").unwrap_or(&answer).to_owned()
    };
    assert_eq!(search("SUBJECT", "GRünü"), "* SEARCH 1");
    assert_eq!(search("HEADER Subject", "nü"), "* SEARCH 1");
    assert_eq!(search("TEXT", "grün"), "* SEARCH 1");
    assert_eq!(search("BODY", "grün"), "* SEARCH");
    assert_eq!(search("BODY", "grüß"), "* SEARCH 2");
    assert_eq!(search("TEXT", "hallö"), "* SEARCH 3");
    assert_eq!(search("BODY", "aGFs"), "* SEARCH 3");
}

#[test]
fn changes_are_numbered() {
    let store = store(&["1", "2", "3"]);
    let mut talk = Talk::new(&store);
    let answer = talk.say("a LOGIN alice secret\r\nb ENABLE X CONDSTORE\r\nc SELECT INBOX (CONDSTORE)\r\n");
    assert!(answer.contains("* ENABLED CONDSTORE\r\nb OK"), "{answer}");
    assert!(answer.contains("* OK [HIGHESTMODSEQ 4]"), "{answer}");
    assert_eq!(
        talk.say("a STORE 2 +FLAGS.SILENT (\\Flagged)\r\n"),
        "* 2 FETCH (MODSEQ (5))\r\na OK STORE completed\r\n"
    );
    assert_eq!(
        talk.say("a UID STORE 1:2 (UNCHANGEDSINCE 4) +FLAGS.SILENT (\\Seen)\r\n"),
        "* 1 FETCH (UID 1 MODSEQ (6))\r\n* 2 FETCH (UID 2 FLAGS (\\Flagged \\Recent) MODSEQ (5))\r\na OK [MODIFIED 2] Some of the messages changed before\r\n"
    );
    assert_eq!(
        talk.say("a FETCH 1:* (FLAGS) (CHANGEDSINCE 5)\r\n"),
        "* 1 FETCH (FLAGS (\\Seen \\Recent) MODSEQ (6))\r\na OK FETCH completed\r\n"
    );
    assert_eq!(talk.say("a SEARCH MODSEQ 5\r\n"), "* SEARCH 1 2 (MODSEQ 6)\r\na OK SEARCH completed\r\n");
    assert_eq!(
        talk.say("a SEARCH RETURN (MAX) MODSEQ 1\r\n"),
        "* ESEARCH (TAG \"a\") MAX 3 MODSEQ 4\r\na OK SEARCH completed\r\n"
    );
    assert!(talk.say("a STATUS INBOX (HIGHESTMODSEQ)\r\n").starts_with("* STATUS INBOX (HIGHESTMODSEQ 6)"));
    // What nobody enabled is not told.
    let mut other = Talk::selected(&store);
    assert!(
        other.say("a STORE 1 +FLAGS (\\Draft)\r\n").starts_with("* 1 FETCH (FLAGS (\\Seen \\Draft))\r\n")
    );
    other.say("a LIST \"\" INBOX RETURN (STATUS (HIGHESTMODSEQ))\r\n");
    assert!(other.say("a STORE 1 -FLAGS (\\Draft)\r\n").starts_with("* 1 FETCH (FLAGS (\\Seen) MODSEQ ("));
    let answer = other.say("a SELECT INBOX (QRESYNC (1 1))\r\n");
    assert!(answer.starts_with("* OK [CLOSED]") && answer.contains("\r\na BAD "), "{answer}");
    assert!(other.say("a UID FETCH 1 (FLAGS) (CHANGEDSINCE 1 VANISHED)\r\n").contains("a BAD"));
}

#[test]
fn the_first_command_with_mod_sequences_tells_the_highest() {
    let highest = "* OK [HIGHESTMODSEQ 2] Highest\r\n";
    for command in [
        "FETCH 1 (MODSEQ)",
        "FETCH 1 (UID) (CHANGEDSINCE 1)",
        "SEARCH MODSEQ 1",
        "STORE 1 (UNCHANGEDSINCE 9) +FLAGS (\\Seen)",
        "STATUS INBOX (HIGHESTMODSEQ)",
        "ENABLE CONDSTORE",
        "ENABLE QRESYNC",
    ] {
        let store = store(&["1"]);
        let mut talk = Talk::selected(&store);
        let answer = talk.say(&format!("a {command}\r\n"));
        assert!(answer.starts_with(&format!("{highest}* ")), "{command}: {answer}");
        let answer = talk.say(&format!("a {command}\r\nb FETCH 1 (MODSEQ)\r\n"));
        assert!(!answer.contains(highest), "{command}: {answer}");
        // Where the mailbox is opened after that, opening it tells it.
        let mut talk = Talk::new(&store);
        talk.say("a LOGIN alice secret\r\nb ENABLE CONDSTORE\r\nc SELECT INBOX\r\n");
        assert!(!talk.say(&format!("a {command}\r\n")).contains("[HIGHESTMODSEQ"), "{command}");
    }
    let answer = Talk::selected(&store(&["1"])).say("a SELECT INBOX (CONDSTORE)\r\n");
    assert_eq!(answer.matches("HIGHESTMODSEQ").count(), 1, "{answer}");
    // A client that is cut off here must ask for what is gone and was not told yet.
    let store = store(&["1", "2"]);
    let mut talk = Talk::selected(&store);
    store.open("INBOX").unwrap().expunge(&[uid(2)]).unwrap();
    talk.say("a FETCH 1 (FLAGS)\r\n");
    assert!(talk.say("a FETCH 1 (MODSEQ)\r\n").starts_with("* OK [HIGHESTMODSEQ 3]"));
}

#[test]
fn what_was_missed_is_told() {
    let store = store(&["1", "2", "3", "4"]);
    let inbox = store.open("INBOX").unwrap();
    inbox.expunge(&[uid(2)]).unwrap();
    inbox.set_flags(&[uid(3)], FlagMode::Add, &Flags::system(Flags::SEEN), None).unwrap();
    let validity = inbox.snapshot().uid_validity;
    let mut talk = Talk::new(&store);
    let answer = talk.say(&format!(
        "a LOGIN alice secret\r\nb ENABLE QRESYNC\r\nc SELECT INBOX (QRESYNC ({validity} 5 1:4))\r\n"
    ));
    let told =
        "* VANISHED (EARLIER) 2\r\n* 2 FETCH (UID 3 FLAGS (\\Seen \\Recent) MODSEQ (7))\r\nc OK [READ-WRITE]";
    assert!(answer.contains(told), "{answer}");
    let answer = talk.say("a UID FETCH 1:* (UID) (CHANGEDSINCE 5 VANISHED)\r\n");
    assert!(answer.starts_with("* VANISHED (EARLIER) 2\r\n* 2 FETCH (UID 3 MODSEQ (7))\r\na OK"), "{answer}");
    let answer = talk.say("a STORE 1,3 +FLAGS.SILENT (\\Deleted)\r\nb EXPUNGE\r\n");
    assert!(answer.ends_with("* VANISHED 1,4\r\nb OK [HIGHESTMODSEQ 9] EXPUNGE completed\r\n"), "{answer}");
    let answer = talk.say("a CREATE x\r\nb MOVE 1 x\r\n");
    assert!(answer.ends_with("* VANISHED 3\r\nb OK [HIGHESTMODSEQ 10] MOVE completed\r\n"), "{answer}");
    // Another UIDVALIDITY: everything is new.
    let answer = talk.say("a SELECT INBOX (QRESYNC (7 5))\r\n");
    assert!(answer.contains("[CLOSED]") && !answer.contains("VANISHED"), "{answer}");
}

#[test]
fn what_is_not_offered_is_refused() {
    let mut talk = Talk::selected(&store(&["1"]));
    for keys in ["EMAILID x", "NOT THREADID x", "OR SAVEDON 1-Jan-2020 ALL", "$", "NOT UID $", "(X-GM-RAW x)"]
    {
        let answer = talk.say(&format!("a SEARCH {keys}\r\n"));
        assert_eq!(answer, "a BAD This search key is not known here\r\n", "{keys}");
    }
    for option in ["X-NEW", "METADATA (/a)", "MYRIGHTS", "STATUS (MESSAGES X-NEW)"] {
        let answer = talk.say(&format!("a LIST \"\" * RETURN (CHILDREN {option})\r\n"));
        assert_eq!(answer, "a BAD This return option is not known here\r\n", "{option}");
    }
}

#[test]
fn names_without_a_mailbox() {
    let mut talk = Talk::selected(&store(&[]));
    talk.say("a CREATE a/b\r\nb DELETE a\r\nc SUBSCRIBE a/b\r\nd SUBSCRIBE gone\r\n");
    // What leads to a mailbox is a name that cannot be selected; what leads nowhere is none, but where it is subscribed.
    assert_eq!(
        talk.say("a LIST () \"\" (a gone)\r\n"),
        "* LIST (\\Noselect \\HasChildren) \"/\" a\r\na OK LIST completed\r\n"
    );
    assert_eq!(
        talk.say("a LIST (SUBSCRIBED RECURSIVEMATCH) \"\" %\r\n"),
        "* LIST (\\NonExistent \\HasChildren) \"/\" a (\"CHILDINFO\" (\"SUBSCRIBED\"))\r\n\
         * LIST (\\NonExistent \\HasNoChildren \\Subscribed) \"/\" gone\r\na OK LIST completed\r\n"
    );
}

#[test]
fn lists_of_what_is_below() {
    let mut talk = Talk::new(&store(&[]));
    talk.say("a LOGIN alice secret\r\na CREATE a/b\r\na CREATE c\r\na SUBSCRIBE a/b\r\na CREATE Sent\r\n");
    assert_eq!(
        talk.say("a LIST (SUBSCRIBED RECURSIVEMATCH) \"\" %\r\n"),
        "* LIST (\\HasChildren) \"/\" a (\"CHILDINFO\" (\"SUBSCRIBED\"))\r\na OK LIST completed\r\n"
    );
    for options in ["RECURSIVEMATCH", "SPECIAL-USE RECURSIVEMATCH"] {
        let answer = talk.say(&format!("a LIST ({options}) \"\" %\r\n"));
        assert!(answer.starts_with("a BAD"), "{answer}");
    }
    // What is below `a` is subscribed, but of no special use.
    talk.say("a SUBSCRIBE Sent\r\n");
    assert_eq!(
        talk.say("a LIST (SUBSCRIBED SPECIAL-USE RECURSIVEMATCH) \"\" %\r\n"),
        "* LIST (\\HasNoChildren \\Subscribed \\Sent) \"/\" Sent\r\na OK LIST completed\r\n"
    );
    let answer = talk.say("a LIST \"\" (c a/b) RETURN (SUBSCRIBED STATUS (MESSAGES SIZE))\r\n");
    assert!(answer.contains("a/b\r\n* STATUS a/b (MESSAGES 0 SIZE 0)\r\n"), "{answer}");
    assert!(answer.contains("\\Subscribed") && answer.contains("* STATUS c"), "{answer}");
}

#[test]
fn who_deletes_the_selected_mailbox_goes_on() {
    let store = store(&[]);
    let mut talk = Talk::new(&store);
    talk.say("a LOGIN alice secret\r\na CREATE x\r\na SELECT x\r\n");
    let mut other = Talk::new(&store);
    other.say("a LOGIN alice secret\r\na SELECT x\r\n");
    assert!(talk.say("a DELETE x\r\nb FETCH 1 FLAGS\r\nc SELECT INBOX\r\n").contains("c OK"));
    let answer = other.say("a NOOP\r\n");
    assert!(answer.contains("* BYE"), "{answer}");
}
