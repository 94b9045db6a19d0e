//! `wiredump` as a program: what it prints, and how it ends.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail")]

use serde_json::Value;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// Where the program is, built if it is not.
fn program() -> &'static PathBuf {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let built = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--example", "wiredump", "--message-format", "json"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .unwrap();
        let messages = String::from_utf8(built.stdout).unwrap();
        let executable = |line: &str| {
            let message: Value = serde_json::from_str(line).ok()?;
            let named = message["target"]["name"] == "wiredump";
            message["executable"].as_str().filter(|_| named).map(PathBuf::from)
        };
        messages.lines().find_map(executable).unwrap_or_else(|| panic!("{messages}"))
    })
}

struct Run {
    status: Option<i32>,
    text: String,
    errors: String,
}

impl Run {
    fn lines(&self) -> Vec<Value> {
        self.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn events(&self) -> Vec<String> {
        self.lines().iter().map(|line| line["event"].as_str().unwrap().to_owned()).collect()
    }
}

fn run(arguments: &[&str], input: &[u8]) -> Run {
    let mut child = Command::new(program())
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || {
        // A program that is not interested does not read.
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    Run {
        status: output.status.code(),
        text: String::from_utf8(output.stdout).unwrap(),
        errors: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Octets in reads of any size, which must not change a line.
fn imap(side: &str, more: &[&str], input: &[u8]) -> Run {
    let arguments = [&["--protocol", "imap", "--from", side, "--roundtrip", "--bodies", "-"], more].concat();
    let whole = run(&arguments, input);
    for part in ["1", "7", "64", "1460"] {
        let parts = run(&[&arguments[..], &["--chunk", part]].concat(), input);
        assert_eq!((parts.status, &parts.text), (whole.status, &whole.text), "in parts of {part}");
    }
    whole
}

#[test]
fn wrong_usage_is_told() {
    let right = ["--protocol", "imap", "--from", "server", "-"];
    for (arguments, expected) in [
        (&[][..], "--protocol"),
        (&["--protocol", "smtp", "--from", "server", "-"][..], "--protocol"),
        (&["--protocol", "imap", "-"], "--from"),
        (&["--protocol", "imap", "--from", "server"], "FILE"),
        (&["--protocol", "imap", "--from", "server", "-", "-"], "-"),
        (&["--protocol", "pop3", "--from", "server", "-"], "--commands"),
        (&["--protocol", "imap", "--from", "server", "--chunk", "0", "-"], "--chunk"),
        (&["--protocol", "imap", "--from", "server", "--chunk", "x", "-"], "x"),
        (&["--protocol", "imap", "--from", "server", "--nonsense", "-"], "--nonsense"),
        (&["--protocol", "imap", "--from", "server", "/there/is/no/such/file"], "/there/is/no/such/file"),
    ] {
        let run = run(arguments, b"");
        assert_eq!((run.status, run.text.as_str()), (Some(64), ""), "{arguments:?}");
        assert!(run.errors.contains(expected), "{arguments:?}: {}", run.errors);
    }
    let help = run(&["--help"], b"");
    assert!(help.status == Some(0) && help.text.contains("Exit status"));
    assert_eq!(run(&right, b"").status, Some(0));
    assert_eq!(run(&right, b"").text, "");
}

#[test]
fn the_status_says_how_it_went() {
    let good = imap("server", &[], b"* OK hi\r\n* 3 EXISTS\r\n");
    assert_eq!((good.status, good.events()), (Some(0), vec!["Status".into(), "Exists".into()]));
    assert_eq!(good.lines()[1]["offset"], 9);
    let unparsed = imap("server", &[], b"* LIST x\r\n* 3 EXISTS\r\n");
    assert_eq!((unparsed.status, unparsed.events()), (Some(1), vec!["Unparsed".into(), "Exists".into()]));
    assert!(unparsed.lines()[0]["error"].is_string() && unparsed.lines()[0]["offset"] == 0);
    let cut = imap("server", &[], b"* 3 EXISTS\r\n* 1 FETCH (BODY[] {9}\r\nab");
    assert_eq!((cut.status, cut.events()), (Some(2), vec!["Exists".into(), "Fatal".into()]));
    let fatal = imap("client", &[], b"a NOOP\nb NOOP\r\n");
    assert_eq!((fatal.status, fatal.events()), (Some(2), vec!["Fatal".into()]));
    let command = imap("client", &[], b"a NOOP x\r\nb NOOP\r\n");
    assert_eq!((command.status, command.events()), (Some(1), vec!["Unparsed".into(), "Noop".into()]));
    assert_eq!(command.lines()[0]["tag"], "a");
}

#[test]
fn quirks_are_named_unless_strict() {
    let octets = b"* FLAGS (\\Seen )\r\n* 3 EXISTS \r\n";
    let lenient = imap("server", &[], octets);
    assert_eq!(lenient.status, Some(0));
    assert!(lenient.lines().iter().all(|line| line["quirks"][0] == "ExtraSpace"));
    let strict = imap("server", &["--strict"], octets);
    assert_eq!((strict.status, strict.events()), (Some(1), vec!["Unparsed".into(), "Unparsed".into()]));
}

#[test]
fn octets_of_any_kind_are_json() {
    let run = imap(
        "server",
        &[],
        b"* LIST () \"/\" \"caf\xc3\xa9\"\r\n* OK \xff\xfe\r\n* 1 FETCH (BODY[] {3}\r\n\0\xff\n)\r\n",
    );
    assert_eq!(run.status, Some(0));
    let lines = run.lines();
    assert_eq!(
        (&lines[0]["mailbox"], &lines[1]["text"]),
        (&"caf\u{e9}".into(), &serde_json::json!([255, 254]))
    );
    assert_eq!((&lines[2]["text"], &lines[2]["length"]), (&serde_json::json!([0, 255, 10]), &3.into()));
}

#[test]
fn clients_are_followed_without_their_server() {
    let run = imap(
        "client",
        &[],
        b"A1 APPEND x {5}\r\nA2 NOOP\r\nA3 APPEND x {5}\r\nhello\r\nA4 IDLE\r\nDONE\r\nA5 AUTHENTICATE PLAIN\r\nAGEAYg==\r\nDONE\r\nA6 LOGOUT\r\n",
    );
    assert_eq!(run.status, Some(0));
    let lines = run.lines();
    assert_eq!(
        run.events(),
        ["Literal", "Noop", "Literal", "Append", "Idle", "Line", "Authenticate", "Line", "Line", "Logout"]
    );
    assert!(lines[0]["refused"] == true && lines[2]["text"] == "hello");
    assert!(!run.text.contains("AGEAYg"));
}

#[test]
fn what_follows_in_tls_or_deflated_is_passed_over() {
    let tls = imap("server", &[], b"a OK begin TLS now\r\n\x16\x03\x03\0\x7a\n\r\n* x");
    assert_eq!((tls.status, tls.events()), (Some(0), vec!["Tagged".into(), "Tls".into()]));
    assert_eq!((&tls.lines()[1]["offset"], &tls.lines()[1]["length"]), (&20.into(), &11.into()));
    let deflated = imap("client", &[], b"a COMPRESS DEFLATE\r\nr40\xb2P\n\xf0");
    assert_eq!((deflated.status, deflated.events()), (Some(0), vec!["Compress".into(), "Deflate".into()]));
}

#[test]
fn what_is_nested_too_deep_is_left_out() {
    let nested = |depth: usize| {
        let (open, close) = ("(".repeat(depth), " \"X\")".repeat(depth));
        format!(
            "* 1 FETCH (UID 5 BODYSTRUCTURE {open}(\"A\" \"B\" NIL NIL NIL \"7BIT\" 1){close} FLAGS (\\Seen))\r\n* 2 EXISTS\r\n"
        )
    };
    let good = imap("server", &[], nested(64).as_bytes());
    assert_eq!((good.status, good.events()), (Some(0), vec!["Fetch".into(), "Exists".into()]));
    let deep = imap("server", &[], nested(65).as_bytes());
    assert_eq!(
        (deep.status, deep.events()),
        (Some(1), vec!["Fetch".into(), "Unparsed".into(), "Exists".into()])
    );
    assert!(deep.lines()[0]["uid"] == 5 && deep.lines()[0]["body_structure"].is_null());
    let lists = format!("* 1 FETCH (BODYSTRUCTURE {})\r\n", "(".repeat(100_000));
    assert_eq!(run(&["--protocol", "imap", "--from", "server", "-"], lists.as_bytes()).status, Some(2));
}

#[test]
fn replies_of_pop3_have_the_shape_of_their_commands() {
    let folder = std::env::temp_dir().join(format!("wiredump-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let commands = folder.join("commands");
    std::fs::write(&commands, b"RETR 1\r\nUIDL\r\nQUIT\r\n").unwrap();
    let replies = b"+OK hi\r\n+OK 9 octets\r\n.a\r\n.\r\n+OK\r\n1 \xff\r\n.\r\n+OK\r\n";
    let arguments =
        ["--protocol", "pop3", "--from", "server", "--commands", commands.to_str().unwrap(), "--bodies", "-"];
    let whole = run(&arguments, replies);
    assert_eq!(whole.status, Some(0), "{}", whole.text);
    assert_eq!(
        whole.events(),
        ["Greeting", "Body", "Completed", "UniqueIdListing", "Completed", "Completed"]
    );
    assert_eq!(whole.lines()[1]["quirks"], serde_json::json!(["UnstuffedDot", "OctetCount"]));
    assert_eq!(run(&[&arguments[..], &["--chunk", "1"]].concat(), replies).text, whole.text);
    let client =
        run(&["--protocol", "pop3", "--from", "client", "-"], b"USER a\r\nPASS secret\r\nTOP 1 2\r\n");
    assert!(client.status == Some(0) && !client.text.contains("secret"));
    assert_eq!((&client.lines()[2]["message"], &client.lines()[2]["offset"]), (&1.into(), &21.into()));
    std::fs::remove_dir_all(&folder).unwrap();
}
