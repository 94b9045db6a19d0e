//! TCP and TLS.

use crate::failure::{Failure, Kind};
use crate::options::{Options, TlsMode};
use mailwire::blocking::Connection;
use mailwire::wire::Machine;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, RootCertStore, SignatureScheme, StreamOwned,
};
use std::io::{self, ErrorKind, IoSlice, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::path::Path;
use std::sync::Arc;

/// The largest message in octets, as many as 32 bits can tell: a server that sends more never ends, and would fill the disk.
pub const LARGEST: u64 = u32::MAX as u64;

/// What the protocol runs over.
pub enum Stream {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
}

impl Read for Stream {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read(room),
            Self::Tls(stream) => stream.read(room),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.write(octets),
            Self::Tls(stream) => stream.write(octets),
        }
    }

    fn write_vectored(&mut self, octets: &[IoSlice<'_>]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.write_vectored(octets),
            Self::Tls(stream) => stream.write_vectored(octets),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.flush(),
            Self::Tls(stream) => stream.flush(),
        }
    }
}

/// Connects, with TLS from the start if that is wanted; and gives what a later handshake needs, if one is to come.
pub fn open(options: &Options) -> Result<(Stream, Option<Tls>), Failure> {
    match options.tls {
        TlsMode::None => Ok((connect(options)?, None)),
        TlsMode::Start => {
            let tls = Tls::new(options)?;
            Ok((connect(options)?, Some(tls)))
        }
        TlsMode::Implicit => {
            let tls = Tls::new(options)?;
            let stream = tls.handshake(connect(options)?).map_err(|error| no_tls(&error))?;
            Ok((stream, None))
        }
    }
}

fn no_tls(error: &io::Error) -> Failure {
    Failure::new(Kind::Connection, format!("no TLS: {}", explain(error)))
}

/// Turns the connection to TLS, which the machine says is due.
pub fn upgrade<M: Machine>(
    connection: Connection<Stream, M>,
    tls: &Tls,
) -> Result<Connection<Stream, M>, Failure> {
    let mut failure = None;
    let upgraded =
        connection.upgrade(|stream| tls.handshake(stream).inspect_err(|error| failure = Some(no_tls(error))));
    match (upgraded, failure) {
        (Ok(connection), _) => Ok(connection),
        (Err(_), Some(failure)) => Err(failure),
        (Err(error), None) => Err(error.into()),
    }
}

/// The next event; the end of the connection is none.
pub fn next<M: Machine>(connection: &mut Connection<Stream, M>) -> Result<M::Event, Failure> {
    match connection.next_event()? {
        Some(event) => Ok(event),
        None => Err(Failure::new(Kind::Connection, "the server closed the connection")),
    }
}

/// Connects to the first address that answers.
fn connect(options: &Options) -> Result<Stream, Failure> {
    let (host, port) = (options.url.host.as_str(), options.url.port);
    let failed =
        |error: io::Error| Failure::new(Kind::Connection, format!("{host} port {port}: {}", explain(&error)));
    let mut last = io::Error::new(ErrorKind::NotFound, "the name has no address");
    for address in (host, port).to_socket_addrs().map_err(failed)? {
        match TcpStream::connect_timeout(&address, options.timeout) {
            Ok(stream) => {
                stream.set_read_timeout(Some(options.timeout)).map_err(failed)?;
                stream.set_write_timeout(Some(options.timeout)).map_err(failed)?;
                stream.set_nodelay(true).map_err(failed)?;
                return Ok(Stream::Plain(stream));
            }
            Err(error) => last = error,
        }
    }
    Err(failed(last))
}

/// Everything a handshake needs.
pub struct Tls {
    config: Arc<ClientConfig>,
    name: ServerName<'static>,
}

impl Tls {
    fn new(options: &Options) -> Result<Self, Failure> {
        let provider = Arc::new(ring::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| Failure::new(Kind::Connection, format!("no TLS: {error}")))?;
        let verifier: Arc<dyn ServerCertVerifier> = match (options.insecure, &options.ca_file) {
            (true, _) => Arc::new(Anybody(provider)),
            (false, Some(path)) => Arc::new(Named::new(path, provider)?),
            (false, None) => verifier(system_roots()?, provider)?,
        };
        let config = builder.dangerous().with_custom_certificate_verifier(verifier);
        let name = ServerName::try_from(options.url.host.clone())
            .map_err(|_| Failure::usage(format!("`{}` is no name of a server", options.url.host)))?;
        Ok(Self { config: Arc::new(config.with_no_client_auth()), name })
    }

    /// Makes the handshake over a plain connection.
    fn handshake(&self, stream: Stream) -> io::Result<Stream> {
        let Stream::Plain(mut stream) = stream else {
            return Err(io::Error::other("TLS is there already"));
        };
        let mut connection =
            ClientConnection::new(Arc::clone(&self.config), self.name.clone()).map_err(io::Error::other)?;
        while connection.is_handshaking() {
            connection.complete_io(&mut stream)?;
        }
        Ok(Stream::Tls(Box::new(StreamOwned::new(connection, stream))))
    }
}

fn verifier(
    roots: RootCertStore,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<WebPkiServerVerifier>, Failure> {
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .map_err(|error| Failure::usage(format!("no certificate can be checked: {error}")))
}

fn system_roots() -> Result<RootCertStore, Failure> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    match roots.is_empty() {
        true => Err(Failure::usage(
            "this machine trusts no certificate authority (on Debian: install ca-certificates); name one with --ca-file",
        )),
        false => Ok(roots),
    }
}

/// Trusts who stands in the file: an authority that signed the server's certificate, or this very certificate, as self-signed ones want it.
#[derive(Debug)]
struct Named {
    certificates: Vec<CertificateDer<'static>>,
    authorities: Arc<WebPkiServerVerifier>,
}

impl Named {
    fn new(path: &Path, provider: Arc<CryptoProvider>) -> Result<Self, Failure> {
        let failed = |error: &dyn std::fmt::Display| Failure::usage(format!("{}: {error}", path.display()));
        let certificates: Vec<_> = CertificateDer::pem_file_iter(path)
            .and_then(Iterator::collect)
            .map_err(|error| failed(&error))?;
        let mut roots = RootCertStore::empty();
        for certificate in &certificates {
            roots.add(certificate.clone()).map_err(|error| failed(&error))?;
        }
        if roots.is_empty() {
            return Err(failed(&"no certificate in PEM"));
        }
        Ok(Self { certificates, authorities: verifier(roots, provider)? })
    }
}

impl ServerCertVerifier for Named {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if self.certificates.contains(certificate) {
            verify_server_name(&ParsedCertificate::try_from(certificate)?, name)?;
            return Ok(ServerCertVerified::assertion());
        }
        self.authorities.verify_server_cert(certificate, intermediates, name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.authorities.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.authorities.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.authorities.supported_verify_schemes()
    }
}

/// Takes any certificate, as `--insecure` asks for.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    // A signature proves nothing where anybody may sign; and there are certificates that can be read by no verifier.
    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// An error of the transport in words.
pub fn explain(error: &io::Error) -> String {
    use rustls::{CertificateError, Error};
    if let Some(Error::InvalidCertificate(reason)) =
        error.get_ref().and_then(|inner| inner.downcast_ref::<Error>())
    {
        let reason = match reason {
            CertificateError::UnknownIssuer => "nobody this machine trusts has signed it".to_owned(),
            CertificateError::Other(_) => "it is an authority's own, or not fit for a server".to_owned(),
            reason => reason.to_string(),
        };
        return format!(
            "the server's certificate does not hold: {reason} (--ca-file names who is to be trusted)"
        );
    }
    let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    if matches!(tls, Some(Error::InvalidMessage(_))) {
        return "what the server answers is not TLS".into();
    }
    match error.kind() {
        ErrorKind::WouldBlock | ErrorKind::TimedOut => {
            "the server is silent (--timeout gives it more time)".into()
        }
        ErrorKind::UnexpectedEof => "the server closed the connection".into(),
        _ => error.to_string(),
    }
}
