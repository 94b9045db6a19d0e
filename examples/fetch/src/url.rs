//! Where the mail is: `scheme://user:password@host:port/mailbox`.

use mailwire::wire::Secret;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    Pop3,
    Imap,
}

#[derive(Debug)]
pub struct Url {
    pub protocol: Protocol,
    /// TLS from the first octet.
    pub implicit_tls: bool,
    pub user: Option<String>,
    pub password: Option<Secret<String>>,
    /// A name or an address, the latter without brackets.
    pub host: String,
    pub port: u16,
    pub mailbox: Option<String>,
}

impl Url {
    pub fn parse(text: &str) -> Result<Self, String> {
        let (scheme, rest) =
            text.split_once("://").ok_or("a URL starts with pop3://, pop3s://, imap:// or imaps://")?;
        let (protocol, implicit_tls, default_port) = match scheme.to_ascii_lowercase().as_str() {
            "pop3" | "pop" => (Protocol::Pop3, false, 110),
            "pop3s" | "pops" => (Protocol::Pop3, true, 995),
            "imap" => (Protocol::Imap, false, 143),
            "imaps" => (Protocol::Imap, true, 993),
            other => return Err(format!("unknown scheme `{other}`: it is pop3, pop3s, imap or imaps")),
        };
        let (authority, path) = match rest.split_once('/') {
            Some((authority, path)) => (authority, decode(path)?),
            None => (rest, String::new()),
        };
        let (login, address) = match authority.rsplit_once('@') {
            Some((login, address)) => (Some(login), address),
            None => (None, authority),
        };
        let (user, password) =
            match login.map(|login| login.split_once(':').map_or((login, None), |(u, p)| (u, Some(p)))) {
                None | Some(("", None)) => (None, None),
                Some((user, password)) => {
                    (Some(decode(user)?), password.map(decode).transpose()?.map(Secret::new))
                }
            };
        let (host, port) = match address.strip_prefix('[') {
            Some(rest) => {
                let (host, port) = rest.split_once(']').ok_or("the address of IPv6 has no `]`")?;
                (
                    host,
                    port.strip_prefix(':')
                        .or(if port.is_empty() { Some("") } else { None })
                        .ok_or("a port stands behind `:`")?,
                )
            }
            None => address.split_once(':').unwrap_or((address, "")),
        };
        let host = decode(host)?;
        if host.is_empty() {
            return Err("the URL names no host".into());
        }
        let port = match port {
            "" => default_port,
            digits => digits
                .parse()
                .ok()
                .filter(|port| *port != 0)
                .ok_or_else(|| format!("`{digits}` is no port"))?,
        };
        if protocol == Protocol::Pop3 && !path.is_empty() {
            return Err("POP3 knows one mailbox: the URL ends behind the host".into());
        }
        let mailbox = (!path.is_empty()).then_some(path);
        Ok(Self { protocol, implicit_tls, user, password, host, port, mailbox })
    }

    /// The account, the same however it is reached: what the state belongs to.
    pub fn account(&self, user: &str) -> String {
        let (name, ports) = match self.protocol {
            Protocol::Pop3 => ("pop3", [110, 995]),
            Protocol::Imap => ("imap", [143, 993]),
        };
        let host = self.host.to_ascii_lowercase();
        match ports.contains(&self.port) {
            true => format!("{name} {user}@{host}"),
            false => format!("{name} {user}@{host}:{}", self.port),
        }
    }
}

fn decode(text: &str) -> Result<String, String> {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(octet) = rest.next() {
        octets.push(match octet {
            b'%' => {
                let mut digit = || rest.next().and_then(|octet| char::from(octet).to_digit(16));
                match (digit(), digit()) {
                    (Some(high), Some(low)) => u8::try_from(high * 16 + low).unwrap_or_default(),
                    _ => return Err("two hexadecimal digits stand behind each `%` of a URL".into()),
                }
            }
            octet => octet,
        });
    }
    match String::from_utf8(octets) {
        Ok(text) if !text.contains(['\0', '\r', '\n']) => Ok(text),
        _ => Err("a URL holds UTF-8 without line ends".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_url() {
        let url = Url::parse("imaps://al%40ice:p%3Aw@[::1]:1993/Sent%20Mail").unwrap();
        assert_eq!((url.protocol, url.implicit_tls), (Protocol::Imap, true));
        assert_eq!(
            (url.user.as_deref(), url.password.as_ref().unwrap().expose().as_str()),
            (Some("al@ice"), "p:w")
        );
        assert_eq!((url.host.as_str(), url.port, url.mailbox.as_deref()), ("::1", 1993, Some("Sent Mail")));
        let url = Url::parse("pop3://host").unwrap();
        assert_eq!(
            (url.user.as_deref(), url.host.as_str(), url.port, url.mailbox),
            (None, "host", 110, None)
        );
        assert_eq!(
            Url::parse("pop3s://a@Host:995/").unwrap().account("a"),
            Url::parse("pop3://a@host").unwrap().account("a")
        );
        assert!(!format!("{:?}", Url::parse("imap://a:sesame@h").unwrap()).contains("sesame"));
        for bad in [
            "host",
            "http://h",
            "pop3://",
            "imap://h:0",
            "imap://h:x",
            "pop3://h/box",
            "imap://[::1",
            "imap://[::1]x",
            "imap://%zz@h",
            "imap://h/%0a",
        ] {
            assert!(Url::parse(bad).is_err(), "{bad}");
        }
    }
}
