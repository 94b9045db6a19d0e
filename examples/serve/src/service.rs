//! Listening, and one task for each connection.

use std::{fmt, io, io::Write, sync::Arc, time::Duration};

use mailwire::{
    tokio::{Connection, ConnectionError},
    wire::{ErrorKind, Machine, Tls},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{Notify, Semaphore, watch},
    task::{JoinSet, block_in_place},
    time::{Instant, sleep_until, timeout},
};
use tokio_rustls::TlsAcceptor;

use crate::{
    embedded::{
        session::{Broken, Next, Outcome, Session, Settings},
        session_imap::Imap,
        session_pop3::Pop3,
    },
    options::Options,
};

/// What is spoken at an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    Pop3,
    Pop3s,
    Imap,
    Imaps,
}

impl Protocol {
    /// If TLS comes first.
    pub const fn is_tls(self) -> bool {
        matches!(self, Self::Pop3s | Self::Imaps)
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pop3 => "pop3",
            Self::Pop3s => "pop3s",
            Self::Imap => "imap",
            Self::Imaps => "imaps",
        })
    }
}

/// What every connection needs to know.
pub struct Service {
    pub settings: Arc<Settings>,
    pub tls: Option<TlsAcceptor>,
    /// If a password may come without TLS.
    pub allow_plaintext: bool,
}

/// How long a peer may take for its part of the TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(30);

/// Listens on every address until `end`.
///
/// # Errors
/// A text that says which address is not to be had.
pub async fn run(
    options: &Options,
    mut service: Service,
    end: impl Future<Output = ()>,
) -> Result<(), String> {
    let mut listeners = Vec::new();
    for (protocol, address) in &options.listen {
        let listener =
            TcpListener::bind(address).await.map_err(|error| format!("--{protocol} {address}: {error}"))?;
        let local = listener.local_addr().map_err(|error| format!("--{protocol} {address}: {error}"))?;
        listeners.push((*protocol, listener, local));
    }
    if service.tls.is_none() && listeners.iter().all(|(_, _, local)| local.ip().is_loopback()) {
        service.allow_plaintext = true;
    }
    let mut out = std::io::stdout().lock();
    for (protocol, _, local) in &listeners {
        // Whoever reads this may have gone; that is no reason not to serve.
        let _ = writeln!(out, "listening {protocol} {local}");
    }
    let _ = out.flush();
    drop(out);

    let service = Arc::new(service);
    let connections = Arc::new(Semaphore::new(options.max_connections));
    let (ending, ended) = watch::channel(());
    let mut tasks = JoinSet::new();
    for (protocol, listener, _) in listeners {
        let (service, connections, ended) = (Arc::clone(&service), Arc::clone(&connections), ended.clone());
        tasks.spawn(async move { accept(protocol, listener, service, connections, ended).await });
    }
    end.await;
    // Nothing may run any more when the runtime ends: each waits for its own.
    drop(ending);
    while tasks.join_next().await.is_some() {}
    Ok(())
}

async fn accept(
    protocol: Protocol,
    listener: TcpListener,
    service: Arc<Service>,
    connections: Arc<Semaphore>,
    mut ended: watch::Receiver<()>,
) {
    let mut tasks = JoinSet::new();
    loop {
        let accepted = async {
            let accepted = listener.accept().await;
            // No address holds a place that nobody has come for.
            (accepted, Arc::clone(&connections).acquire_owned().await)
        };
        let (accepted, permit) = tokio::select! {
            accepted = accepted => accepted,
            _ = ended.changed() => break,
        };
        while tasks.try_join_next().is_some() {}
        match accepted {
            Ok((stream, peer)) => {
                let service = Arc::clone(&service);
                tasks.spawn(async move {
                    if let Err(error) = connection(protocol, stream, &service).await
                        && !is_gone(&error)
                    {
                        eprintln!("{protocol} {peer}: {error}");
                    }
                    drop(permit);
                });
            }
            // Out of descriptors, mostly: others may close meanwhile.
            Err(error) => {
                eprintln!("{protocol}: {error}");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    tasks.shutdown().await;
}

/// Whether the peer just went away.
fn is_gone(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionReset, UnexpectedEof};
    matches!(error.kind(), UnexpectedEof | ConnectionReset | BrokenPipe)
}

/// How often a mailbox is looked at for what other programs did to it, while a client waits for news.
const LOOK: Duration = Duration::from_secs(5);

async fn connection(protocol: Protocol, stream: TcpStream, service: &Service) -> io::Result<()> {
    stream.set_nodelay(true)?;
    match &service.tls {
        Some(tls) if protocol.is_tls() => {
            let stream = timeout(HANDSHAKE, tls.accept(stream)).await??;
            match protocol {
                Protocol::Pop3 | Protocol::Pop3s => pop3(stream, Tls::Established, service).await,
                Protocol::Imap | Protocol::Imaps => imap(stream, Tls::Established, service).await,
            }
        }
        tls => {
            let tls = match (tls, service.allow_plaintext) {
                (None, false) => {
                    return Err(io::Error::other("a certificate, or --allow-plaintext, is needed"));
                }
                (None, true) => Tls::Unavailable,
                (Some(_), true) => Tls::Optional,
                (Some(_), false) => Tls::Required,
            };
            match protocol {
                Protocol::Pop3 | Protocol::Pop3s => pop3(stream, tls, service).await,
                Protocol::Imap | Protocol::Imaps => imap(stream, tls, service).await,
            }
        }
    }
}

async fn pop3<T: Stream>(stream: T, tls: Tls, service: &Service) -> io::Result<()> {
    let (session, machine) = Pop3::new(Arc::clone(&service.settings), tls);
    session_over(stream, session, machine, &Notify::new(), service).await
}

async fn imap<T: Stream>(stream: T, tls: Tls, service: &Service) -> io::Result<()> {
    let notify = Arc::new(Notify::new());
    let wake = {
        let notify = Arc::clone(&notify);
        Arc::new(move || notify.notify_one())
    };
    let (session, machine) = Imap::new(Arc::clone(&service.settings), tls, wake).map_err(broken)?;
    session_over(stream, session, machine, &notify, service).await
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// Drives a session to its end, with TLS in between where that is agreed on.
async fn session_over<T: Stream, S: Session>(
    stream: T,
    mut session: S,
    machine: S::Machine,
    wake: &Notify,
    service: &Service,
) -> io::Result<()> {
    let mut plain = Connection::new(stream, machine);
    let result = match drive(&mut plain, &mut session, wake).await {
        Ok(true) => match &service.tls {
            Some(tls) => {
                let upgrade = plain.upgrade(|stream| tls.accept(stream));
                let mut protected = timeout(HANDSHAKE, upgrade).await?.map_err(told)?;
                session.resume(protected.machine_mut());
                let result = drive(&mut protected, &mut session, wake).await;
                close(&mut protected).await;
                result
            }
            None => Err(io::Error::other("TLS was agreed on without a certificate")),
        },
        result => {
            close(&mut plain).await;
            result
        }
    };
    result.map(drop)
}

/// A last word may be left to say; nobody has to hear it.
async fn close<T: Stream, M: Machine>(connection: &mut Connection<T, M>) {
    let _ = timeout(Duration::from_secs(5), connection.close()).await;
}

fn told(error: ConnectionError) -> io::Error {
    match error {
        ConnectionError::Io(error) => error,
        // Who goes while it idles owes a DONE, and is gone like any other.
        ConnectionError::Protocol(error) if error.kind() == ErrorKind::UnexpectedEof => {
            io::Error::new(io::ErrorKind::UnexpectedEof, error)
        }
        error => io::Error::other(error),
    }
}

fn broken(error: Broken) -> io::Error {
    io::Error::other(error)
}

/// Asks the session. What may take long lets other connections go on, and costs a change of threads.
fn act(is_quick: bool, ask: impl FnOnce() -> Outcome) -> io::Result<Next> {
    let outcome = if is_quick { ask() } else { block_in_place(ask) };
    outcome.map_err(broken)
}

/// Goes on until the connection is over; true: until TLS is to begin.
async fn drive<T: Stream, S: Session>(
    connection: &mut Connection<T, S::Machine>,
    session: &mut S,
    wake: &Notify,
) -> io::Result<bool> {
    let mut heard = Instant::now();
    loop {
        let patience = heard + session.patience();
        let event = tokio::select! {
            event = connection.next_event() => event.map_err(told)?,
            () = wake.notified(), if session.is_idling() => {
                block_in_place(|| session.news(connection.machine_mut())).map_err(broken)?;
                continue;
            }
            () = sleep_until(patience) => {
                session.expire(connection.machine_mut());
                return Ok(false);
            }
            () = sleep_until(Instant::now() + LOOK), if session.is_idling() => {
                block_in_place(|| session.news(connection.machine_mut())).map_err(broken)?;
                continue;
            }
        };
        let Some(event) = event else { return Ok(false) };
        let is_quick = session.is_quick(Some(&event));
        let mut next = act(is_quick, || session.handle(connection.machine_mut(), event))?;
        while next == Next::More {
            timeout(session.patience(), connection.flush()).await?.map_err(told)?;
            next = act(session.is_quick(None), || session.proceed(connection.machine_mut()))?;
        }
        if next == Next::Upgrade {
            return Ok(true);
        }
        heard = Instant::now();
    }
}
