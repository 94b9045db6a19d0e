//! Many connections at once, and the end of them all.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "that is how a test fails")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// The server, and the addresses it listens at in the order of `protocols`.
fn serve(protocols: &[&str], options: &[&str]) -> (Child, Vec<String>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_serve"));
    for protocol in protocols {
        command.args([&format!("--{protocol}"), "127.0.0.1:0"]);
    }
    command.args(["--memory", "--user", "alice:secret"]).args(options);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let addresses = lines.take(protocols.len()).map(|line| line.unwrap().rsplit(' ').next().unwrap().into());
    let addresses = addresses.collect();
    (child, addresses)
}

/// Ends the server as its user would; gives whether it ended well, and what it said.
fn end(mut child: Child) -> (bool, String) {
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    (child.wait().unwrap().success(), said)
}

struct Client(BufReader<TcpStream>);

impl Client {
    fn new(address: &str) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let mut client = Self(BufReader::new(stream));
        client.line();
        client
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).unwrap();
        line
    }

    /// Sends a command and reads up to the line that starts so.
    fn ask(&mut self, command: &str, until: &str) {
        self.0.get_mut().write_all(command.as_bytes()).unwrap();
        loop {
            let line = self.line();
            assert!(!line.is_empty(), "the connection has ended");
            if line.starts_with(until) {
                break;
            }
        }
    }
}

#[test]
fn it_ends_in_order_while_clients_are_told_the_news() {
    for round in 0..8 {
        let (child, addresses) = serve(&["imap"], &[]);
        let mut clients: Vec<_> = (0..20).map(|_| Client::new(&addresses[0])).collect();
        for client in &mut clients {
            client.ask("a LOGIN alice secret\r\n", "a OK");
            client.ask("b SELECT INBOX\r\n", "b OK");
            client.ask("c IDLE\r\n", "+");
        }
        let mut writer = Client::new(&addresses[0]);
        writer.ask("a LOGIN alice secret\r\n", "a OK");
        // More than are stored when it ends.
        let append = "b APPEND INBOX {14+}\r\nSubject: x\r\n\r\n\r\n";
        writer.ask(&append.repeat(500), "b OK");
        for _ in 0..20 + 20 * round {
            writer.ask("", "b OK");
        }
        assert_eq!(end(child), (true, String::new()));
    }
}

#[test]
fn an_address_that_nobody_has_come_to_holds_no_place() {
    let (child, addresses) = serve(&["pop3", "imap"], &["--max-connections", "1"]);
    for address in addresses.iter().cycle().take(6) {
        drop(Client::new(address));
    }
    assert_eq!(end(child), (true, String::new()));
}
