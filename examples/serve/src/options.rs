//! The command line.

use std::{ffi::OsString, fs, path::PathBuf};

use lexopt::prelude::*;

use crate::{service::Protocol, users::Users};

pub const HELP: &str = "\
A small mail server for POP3 and IMAP.

USAGE
    serve [ADDRESSES] (--memory | --maildir DIR) USERS [TLS]

ADDRESSES (HOST:PORT, each as often as wanted; port 0 takes a free one)
    --pop3 ADDR       POP3, with STLS where there is a certificate
    --pop3s ADDR      POP3 in TLS from the start
    --imap ADDR       IMAP, with STARTTLS where there is a certificate
    --imaps ADDR      IMAP in TLS from the start

MAIL
    --memory          in memory, gone when the server ends
    --maildir DIR     in DIR/NAME for each user, a Maildir with a mailwire.sqlite in it

USERS
    --user NAME:PASS  one user; may come again
    --users FILE      a file of such lines; those with # in front are comments

TLS
    --tls-cert FILE   the certificate chain, PEM
    --tls-key FILE    its private key, PEM
    --self-signed     a new certificate for localhost, 127.0.0.1, ::1 and every --name
    --name HOST       a name for --self-signed; may come again
    --write-cert FILE writes the certificate of --self-signed, for clients to trust
    --allow-plaintext takes passwords without TLS; implied where there is no certificate and every address is loopback

OTHER
    --max-message N   the largest message taken, in octets; default 1 GiB
    --max-connections N  default 1000
    -h, --help        this text

For each address a line `listening PROTOCOL ADDR` goes to standard output. SIGINT or SIGTERM ends the server.
";

/// What the command line asks for.
pub struct Options {
    pub listen: Vec<(Protocol, String)>,
    pub maildir: Option<PathBuf>,
    pub users: Users,
    pub certificate: Certificate,
    pub write_certificate: Option<PathBuf>,
    pub allow_plaintext: bool,
    pub max_message: u64,
    pub max_connections: usize,
}

/// Where the certificate comes from.
pub enum Certificate {
    None,
    Files { chain: PathBuf, key: PathBuf },
    SelfSigned { names: Vec<String> },
}

fn number(value: OsString, option: &str) -> Result<u64, String> {
    let text = value.to_string_lossy();
    text.parse().map_err(|_| format!("{option} wants a number, not {text:?}"))
}

impl Options {
    /// Reads the arguments, the program's name first; `None` where they ask for help.
    ///
    /// # Errors
    /// A text that says what is wrong with them.
    pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Option<Self>, String> {
        let mut parser = lexopt::Parser::from_iter(arguments);
        let mut options = Self {
            listen: Vec::new(),
            maildir: None,
            users: Users::default(),
            certificate: Certificate::None,
            write_certificate: None,
            allow_plaintext: false,
            max_message: 1 << 30,
            max_connections: 1000,
        };
        let (mut memory, mut self_signed) = (false, false);
        let (mut chain, mut key) = (None, None);
        let mut names: Vec<String> = ["localhost", "127.0.0.1", "::1"].map(String::from).to_vec();
        let text = |value: OsString| value.into_string().map_err(|value| format!("{value:?} is not UTF-8"));
        let say = |error: lexopt::Error| error.to_string();
        while let Some(argument) = parser.next().map_err(say)? {
            match argument {
                Long(name @ ("pop3" | "pop3s" | "imap" | "imaps")) => {
                    let protocol = match name {
                        "pop3" => Protocol::Pop3,
                        "pop3s" => Protocol::Pop3s,
                        "imap" => Protocol::Imap,
                        _ => Protocol::Imaps,
                    };
                    options.listen.push((protocol, text(parser.value().map_err(say)?)?));
                }
                Long("memory") => memory = true,
                Long("maildir") => options.maildir = Some(parser.value().map_err(say)?.into()),
                Long("user") => options.users.add(&text(parser.value().map_err(say)?)?)?,
                Long("users") => {
                    let path = PathBuf::from(parser.value().map_err(say)?);
                    let in_file = |error: String| format!("{}: {error}", path.display());
                    let lines = fs::read_to_string(&path).map_err(|error| in_file(error.to_string()))?;
                    options.users.add_lines(&lines).map_err(in_file)?;
                }
                Long("tls-cert") => chain = Some(PathBuf::from(parser.value().map_err(say)?)),
                Long("tls-key") => key = Some(PathBuf::from(parser.value().map_err(say)?)),
                Long("self-signed") => self_signed = true,
                Long("name") => names.push(text(parser.value().map_err(say)?)?),
                Long("write-cert") => options.write_certificate = Some(parser.value().map_err(say)?.into()),
                Long("allow-plaintext") => options.allow_plaintext = true,
                Long("max-message") => {
                    options.max_message = number(parser.value().map_err(say)?, "--max-message")?;
                }
                Long("max-connections") => {
                    let most = number(parser.value().map_err(say)?, "--max-connections")?;
                    options.max_connections = usize::try_from(most).unwrap_or(usize::MAX).clamp(1, 1 << 20);
                }
                Short('h') | Long("help") => return Ok(None),
                other => return Err(other.unexpected().to_string()),
            }
        }
        if options.listen.is_empty() {
            return Err("no address to listen on: give --pop3, --pop3s, --imap or --imaps".into());
        }
        if memory == options.maildir.is_some() {
            return Err("give either --memory or --maildir DIR".into());
        }
        if options.users.is_empty() {
            return Err("nobody could log in: give --user NAME:PASS or --users FILE".into());
        }
        options.certificate = match (chain, key, self_signed) {
            (Some(chain), Some(key), false) => Certificate::Files { chain, key },
            (None, None, true) => Certificate::SelfSigned { names },
            (None, None, false) => Certificate::None,
            (.., true) => return Err("--self-signed and --tls-cert or --tls-key exclude each other".into()),
            _ => return Err("--tls-cert and --tls-key belong together".into()),
        };
        if options.write_certificate.is_some() && !self_signed {
            return Err("--write-cert belongs to --self-signed".into());
        }
        if matches!(options.certificate, Certificate::None)
            && let Some((protocol, _)) = options.listen.iter().find(|(protocol, _)| protocol.is_tls())
        {
            return Err(format!(
                "--{protocol} needs a certificate: --tls-cert and --tls-key, or --self-signed"
            ));
        }
        Ok(Some(options))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Option<Options>, String> {
        Options::parse(["serve"].into_iter().chain(line.split_whitespace()).map(OsString::from))
    }

    #[test]
    fn command_lines() {
        let options =
            parse("--pop3 127.0.0.1:0 --imaps [::1]:0 --memory --user a:b --self-signed").unwrap().unwrap();
        assert_eq!(options.listen.len(), 2);
        assert!(parse("--help").unwrap().is_none());
        for (line, why) in [
            ("", "no address"),
            ("--pop3 x", "either --memory"),
            ("--pop3 x --memory --maildir d", "either --memory"),
            ("--pop3 x --memory", "nobody"),
            ("--pop3s x --memory --user a:b", "--pop3s needs a certificate"),
            ("--pop3 x --memory --user a:b --tls-cert f", "belong together"),
            ("--pop3 x --memory --user a:b --write-cert f", "--write-cert"),
            ("--pop3 x --memory --user a", "NAME:PASSWORD"),
            ("--what", "--what"),
            ("--max-message q", "wants a number"),
        ] {
            let error = parse(line).err().unwrap_or_default();
            assert!(error.contains(why), "{line}: {error}");
        }
    }
}
