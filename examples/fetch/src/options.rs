//! The command line.

use crate::failure::Failure;
use crate::url::{Protocol, Url};
use lexopt::{Arg, ValueExt};
use mailwire::imap::{Flag, SequenceSet};
use mailwire::wire::Secret;
use std::ffi::OsString;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

pub const HELP: &str = "\
Takes mail over POP3 or IMAP and saves it, octet for octet, in a Maildir or a folder of .eml files.

Usage: fetch URL (--maildir DIR | --eml DIR) [options]

URL is scheme://user@host[:port][/mailbox], where scheme is
  pop3, imap      TLS is started with STLS or STARTTLS before the password is sent
  pop3s, imaps    TLS from the start
A password can stand in the URL (user:password@host), where others may see it; better is a file,
the environment's MAILWIRE_PASSWORD, or none: then it is asked for.

Where to:
  --maildir DIR         a Maildir (cur, new and tmp are made)
  --eml DIR             a folder, one file a message
  --state FILE          what was taken already; a file in DIR if not given

POP3:
  --keep                leave the mail on the server, take only what is new (the default)
  --delete              delete from the server what is safely on disk

IMAP:
  --mailbox NAME        instead of the URL's; can stand several times; INBOX if there is none
  --set UIDS            only these UIDs, such as 5,100:200,900:*
  --flag FLAG           only messages with this flag (seen, answered, flagged, deleted, draft, or a keyword);
                        with `!` before it, only those without; can stand several times
  --unseen              the same as --flag '!seen'

How:
  --password-file FILE  the first line of this file is the password
  --ca-file FILE        trust the certificates of this PEM file, authorities or the server's own, and no others
  --insecure            do not check the server's certificate: anybody can be the server
  --plaintext           no TLS on the plain ports: anybody on the way reads password and mail
  --timeout SECONDS     how long the server may be silent (60)
  --max-messages N      how many messages a mailbox may have (1048576): a listing of more has no end
  -q, --quiet           no progress
  -h, --help            this text

What was taken is remembered, so that the same command goes on where a cut connection, or a kill, ended it.

Exit status: 0 everything was taken; 1 some messages could not be had; 2 usage; 3 no connection, no TLS, or cut off;
4 login refused; 5 the server refused or is not understood; 6 the local disk.
";

/// The data of one answer, if nothing else is said.
pub const MOST: u32 = 1 << 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    Maildir,
    Eml,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlagFilter {
    pub flag: Flag,
    pub present: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsMode {
    Start,
    Implicit,
    None,
}

#[derive(Debug)]
pub struct Options {
    pub url: Url,
    pub layout: Layout,
    pub directory: PathBuf,
    pub state: Option<PathBuf>,
    pub delete: bool,
    pub mailboxes: Vec<String>,
    pub set: Option<SequenceSet>,
    pub flags: Vec<FlagFilter>,
    pub password_file: Option<PathBuf>,
    pub ca_file: Option<PathBuf>,
    pub insecure: bool,
    pub tls: TlsMode,
    pub timeout: Duration,
    /// Messages of a mailbox.
    pub most: u32,
    pub quiet: bool,
}

impl Options {
    /// `None`: help is wanted.
    pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Option<Self>, Failure> {
        Self::read(arguments).map_err(|error| match error {
            lexopt::Error::Custom(error) => Failure::usage(error.to_string()),
            error => Failure::usage(error.to_string()),
        })
    }

    fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Option<Self>, lexopt::Error> {
        let mut parser = lexopt::Parser::from_iter(arguments);
        let (mut url, mut target, mut state) = (None, None, None);
        let (mut keep, mut delete, mut mailboxes, mut set, mut flags) =
            (false, false, Vec::new(), None, Vec::new());
        let (mut password_file, mut ca_file, mut insecure, mut plaintext) = (None, None, false, false);
        let (mut timeout, mut most, mut quiet) = (Duration::from_secs(60), MOST, false);
        while let Some(argument) = parser.next()? {
            match argument {
                Arg::Long(layout @ ("maildir" | "eml")) => {
                    let layout = if layout == "eml" { Layout::Eml } else { Layout::Maildir };
                    let directory = PathBuf::from(parser.value()?);
                    if target.replace((layout, directory)).is_some() {
                        return Err("one --maildir or --eml, not two".into());
                    }
                }
                Arg::Long("state") => state = Some(PathBuf::from(parser.value()?)),
                Arg::Long("keep") => keep = true,
                Arg::Long("delete") => delete = true,
                Arg::Long("mailbox") => mailboxes.push(parser.value()?.string()?),
                Arg::Long("set") => set = Some(parser.value()?.parse_with(uids)?),
                Arg::Long("flag") => flags.push(parser.value()?.parse_with(flag_filter)?),
                Arg::Long("unseen") => flags.push(FlagFilter { flag: Flag::Seen, present: false }),
                Arg::Long("password-file") => password_file = Some(PathBuf::from(parser.value()?)),
                Arg::Long("ca-file") => ca_file = Some(PathBuf::from(parser.value()?)),
                Arg::Long("insecure") => insecure = true,
                Arg::Long("plaintext" | "insecure-plaintext") => plaintext = true,
                Arg::Long("timeout") => {
                    timeout = Duration::from_secs(parser.value()?.parse::<NonZeroU32>()?.get().into())
                }
                Arg::Long("max-messages") => most = parser.value()?.parse::<NonZeroU32>()?.get(),
                Arg::Short('q') | Arg::Long("quiet") => quiet = true,
                Arg::Short('h') | Arg::Long("help") => return Ok(None),
                Arg::Value(value) if url.is_none() => url = Some(value.parse_with(Url::parse)?),
                other => return Err(other.unexpected()),
            }
        }
        let url = url.ok_or("the URL is missing")?;
        let (layout, directory) = target.ok_or("--maildir DIR or --eml DIR is missing")?;
        if keep && delete {
            return Err("--keep or --delete, not both".into());
        }
        match url.protocol {
            Protocol::Pop3 if !mailboxes.is_empty() || set.is_some() || !flags.is_empty() => {
                return Err("--mailbox, --set, --flag and --unseen are for IMAP".into());
            }
            Protocol::Imap if delete => return Err("--delete is for POP3".into()),
            _ => {}
        }
        let tls = match (url.implicit_tls, plaintext) {
            (true, true) => return Err("--plaintext does not go with pop3s: and imaps:".into()),
            (true, false) => TlsMode::Implicit,
            (false, true) => TlsMode::None,
            (false, false) => TlsMode::Start,
        };
        if insecure && ca_file.is_some() {
            return Err("--insecure or --ca-file, not both".into());
        }
        if mailboxes.len() > 1 && state.is_some() {
            return Err("--state goes with one --mailbox".into());
        }
        if mailboxes.is_empty() {
            mailboxes.push(url.mailbox.clone().unwrap_or_else(|| "INBOX".into()));
        }
        Ok(Some(Self {
            url,
            layout,
            directory,
            state,
            delete,
            mailboxes,
            set,
            flags,
            password_file,
            ca_file,
            insecure,
            tls,
            timeout,
            most,
            quiet,
        }))
    }

    pub fn user(&self) -> Result<&str, Failure> {
        self.url.user.as_deref().ok_or_else(|| Failure::usage("the URL names no user: scheme://user@host"))
    }

    /// From the file, the URL, the environment, or the person, in this order.
    pub fn password(&mut self) -> Result<Secret<String>, Failure> {
        if let Some(path) = &self.password_file {
            let text = std::fs::read_to_string(path)
                .map_err(|error| Failure::usage(format!("{}: {error}", path.display())))?;
            return Ok(Secret::new(text.lines().next().unwrap_or_default().to_owned()));
        }
        if let Some(password) = self.url.password.take() {
            return Ok(password);
        }
        match std::env::var("MAILWIRE_PASSWORD") {
            Ok(password) => return Ok(Secret::new(password)),
            Err(std::env::VarError::NotPresent) => {}
            Err(error) => return Err(Failure::usage(format!("MAILWIRE_PASSWORD: {error}"))),
        }
        rpassword::prompt_password(format!("Password of {} at {}: ", self.user()?, self.url.host))
            .map(Secret::new)
            .map_err(|error| {
                Failure::usage(format!("there is no password, and nobody to ask for it: {error}"))
            })
    }
}

fn uids(text: &str) -> Result<SequenceSet, String> {
    match text.parse::<SequenceSet>() {
        Ok(set) if !set.is_saved() && !set.is_empty() => Ok(set),
        _ => Err(format!("`{text}` is no set of UIDs, such as 5,100:200,900:*")),
    }
}

fn flag_filter(text: &str) -> Result<FlagFilter, String> {
    let (present, name) = text.strip_prefix('!').map_or((true, text), |name| (false, name));
    let system = ["answered", "deleted", "draft", "flagged", "recent", "seen"];
    let flag = match name.to_ascii_lowercase() {
        name if system.contains(&name.as_str()) => Flag::try_from(format!("\\{name}").as_str()),
        _ => Flag::try_from(name),
    };
    match flag {
        Ok(flag) => Ok(FlagFilter { flag, present }),
        Err(error) => Err(format!("`{name}` is no flag: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(line: &str) -> Result<Option<Options>, Failure> {
        Options::parse(std::iter::once("fetch").chain(line.split_whitespace()).map(OsString::from))
    }

    #[test]
    fn what_goes_together() {
        let taken = options("imaps://a@h/Box --eml d --unseen --flag Flagged --set 1:*,7 --timeout 5")
            .unwrap()
            .unwrap();
        assert_eq!(
            (taken.tls, taken.layout, taken.mailboxes),
            (TlsMode::Implicit, Layout::Eml, vec!["Box".to_owned()])
        );
        let flag = |flag, present| FlagFilter { flag, present };
        assert_eq!(taken.flags, [flag(Flag::Seen, false), flag(Flag::Flagged, true)]);
        assert_eq!(options("pop3://a@h --maildir d").unwrap().unwrap().tls, TlsMode::Start);
        assert!(options("--help").unwrap().is_none());
        for bad in [
            "",
            "pop3://a@h",
            "pop3://a@h --maildir d --eml e",
            "pop3://a@h --maildir d --unseen",
            "imap://a@h --eml d --delete",
            "pop3s://a@h --eml d --plaintext",
            "imap://a@h --eml d --set 0",
            "imap://a@h --eml d --set 1,",
            "imap://a@h x --eml d",
            "pop3://a@h --eml d --keep --delete",
            "imap://a@h --eml d --what",
            "imap://a@h --eml d --timeout 0",
        ] {
            assert_eq!(options(bad).unwrap_err().kind, crate::failure::Kind::Usage, "{bad}");
        }
    }
}
