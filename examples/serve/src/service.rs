//! Listening, and one task for each connection.

use std::{fmt, io::Write, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::JoinSet,
};
use tokio_rustls::TlsAcceptor;

use crate::{embedded::store::Accounts, options::Options};

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
    pub accounts: Box<dyn Accounts>,
    pub tls: Option<TlsAcceptor>,
    /// If a password may come without TLS.
    pub allow_plaintext: bool,
    pub max_message: u64,
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
    let mut tasks = JoinSet::new();
    for (protocol, listener, _) in listeners {
        let (service, connections) = (Arc::clone(&service), Arc::clone(&connections));
        tasks.spawn(async move { accept(protocol, listener, service, connections).await });
    }
    end.await;
    tasks.shutdown().await;
    Ok(())
}

async fn accept(
    protocol: Protocol,
    listener: TcpListener,
    service: Arc<Service>,
    connections: Arc<Semaphore>,
) {
    let mut tasks = JoinSet::new();
    loop {
        let Ok(permit) = Arc::clone(&connections).acquire_owned().await else { return };
        while tasks.try_join_next().is_some() {}
        match listener.accept().await {
            Ok((stream, peer)) => {
                let service = Arc::clone(&service);
                tasks.spawn(async move {
                    if let Err(error) = connection(protocol, stream, &service).await {
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
}

async fn connection(protocol: Protocol, stream: TcpStream, service: &Service) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    match &service.tls {
        Some(tls) if protocol.is_tls() => {
            let handshake = tokio::time::timeout(HANDSHAKE, tls.accept(stream));
            session(protocol, handshake.await??, service).await
        }
        _ => session(protocol, stream, service).await,
    }
}

async fn session<S: AsyncRead + AsyncWrite + Unpin>(_: Protocol, _: S, _: &Service) -> std::io::Result<()> {
    Ok(())
}
