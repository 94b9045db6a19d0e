//! Sessions over blocking sockets, a thread each: the embedded server for a program without an async runtime. There is no TLS here, so
//! the address should be one that nobody else reads.

use std::{
    io,
    net::{SocketAddr, TcpListener, TcpStream},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use mailwire::{
    blocking::{Connection, ConnectionError},
    wire::Tls,
};

use crate::embedded::{
    session::{Next, Session, Settings},
    session_imap::Imap,
    session_pop3::Pop3,
};

/// How often a session that waits for its client looks for news.
const LOOK: Duration = Duration::from_millis(100);

/// Serves POP3 on a free port of the loopback interface, for as long as the process lives.
///
/// # Errors
/// There is no port to be had.
pub(crate) fn pop3(settings: &Arc<Settings>) -> io::Result<SocketAddr> {
    let settings = Arc::clone(settings);
    listen(move |stream| {
        let (session, machine) = Pop3::new(Arc::clone(&settings), Tls::Unavailable);
        drive(Connection::new(stream, machine), session)
    })
}

/// Serves IMAP on a free port of the loopback interface, for as long as the process lives.
///
/// # Errors
/// There is no port to be had.
pub(crate) fn imap(settings: &Arc<Settings>) -> io::Result<SocketAddr> {
    let settings = Arc::clone(settings);
    listen(move |stream| {
        // Nobody has to be woken: a session looks for news by itself.
        let wake = Arc::new(|| {});
        let (session, machine) =
            Imap::new(Arc::clone(&settings), Tls::Unavailable, wake).map_err(io::Error::other)?;
        drive(Connection::new(stream, machine), session)
    })
}

fn listen(serve: impl Fn(TcpStream) -> io::Result<()> + Clone + Send + 'static) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        for stream in listener.incoming() {
            let serve = serve.clone();
            thread::spawn(move || {
                if let Err(error) = stream.and_then(serve) {
                    eprintln!("{address}: {error}");
                }
            });
        }
    });
    Ok(address)
}

fn drive<S: Session>(mut connection: Connection<TcpStream, S::Machine>, mut session: S) -> io::Result<()> {
    connection.transport().set_nodelay(true)?;
    connection.transport().set_read_timeout(Some(LOOK))?;
    let mut heard = Instant::now();
    loop {
        let event = match connection.next_event() {
            Ok(Some(event)) => event,
            Ok(None) => break,
            Err(ConnectionError::Io(error)) if is_timeout(&error) => {
                if heard.elapsed() > session.patience() {
                    session.expire(connection.machine_mut());
                    break;
                }
                session.news(connection.machine_mut()).map_err(io::Error::other)?;
                continue;
            }
            Err(error) => {
                // A last word may be left to say; nobody has to hear it.
                let _ = connection.close();
                return Err(io::Error::other(error));
            }
        };
        heard = Instant::now();
        let mut next = session.handle(connection.machine_mut(), event).map_err(io::Error::other)?;
        while next == Next::More {
            connection.flush().map_err(io::Error::other)?;
            next = session.proceed(connection.machine_mut()).map_err(io::Error::other)?;
        }
        if next == Next::Upgrade {
            return Err(io::Error::other("TLS was agreed on without a certificate"));
        }
    }
    connection.close().map(drop).map_err(io::Error::other)
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}
