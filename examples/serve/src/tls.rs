//! The server's side of TLS.

use std::{fs, path::Path, sync::Arc};

use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    },
};

use crate::options::Certificate;

/// What accepts TLS connections; `None` where there is no certificate.
///
/// # Errors
/// A text that says which file is wrong and how.
pub fn acceptor(certificate: &Certificate, write: Option<&Path>) -> Result<Option<TlsAcceptor>, String> {
    let (chain, key) = match certificate {
        Certificate::None => return Ok(None),
        Certificate::Files { chain, key } => {
            let wrong = |path: &Path, error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
            let certificates = CertificateDer::pem_file_iter(chain)
                .and_then(Iterator::collect::<Result<Vec<_>, _>>)
                .map_err(|error| wrong(chain, &error))?;
            if certificates.is_empty() {
                return Err(wrong(chain, &"no certificate in it"));
            }
            (certificates, PrivateKeyDer::from_pem_file(key).map_err(|error| wrong(key, &error))?)
        }
        Certificate::SelfSigned { names } => {
            let made = rcgen::generate_simple_self_signed(names.clone())
                .map_err(|error| format!("no certificate could be made: {error}"))?;
            if let Some(path) = write {
                fs::write(path, made.cert.pem()).map_err(|error| format!("{}: {error}", path.display()))?;
            }
            let key = PrivateKeyDer::try_from(made.signing_key.serialize_der())?;
            (vec![made.cert.der().clone()], key)
        }
    };
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
        .map_err(|error| format!("the certificate cannot be used: {error}"))?;
    Ok(Some(TlsAcceptor::from(Arc::new(config))))
}
