//! Fetches one small document over HTTPS: the keys of a provider.
//!
//! It uses the HTTP and TLS crates that the functions contain anyway, but not the AWS SDK's client. It has no
//! connection pool and ignores proxies and redirects.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http::header::{ACCEPT, CONNECTION, HOST, USER_AGENT};
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{Request, StatusCode, Uri};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time;
use tokio_rustls::TlsConnector;

/// The maximum time of a fetch, from the lookup of the host name to the last byte.
const TIMEOUT: Duration = Duration::from_secs(2);
/// The maximum size of a document.
const MAX_BYTES: usize = 1024 * 1024;

/// An `https` URL, and how to verify its server.
#[derive(Debug)]
pub struct HttpsUrl {
    authority: Authority,
    path: PathAndQuery,
    tls: OnceLock<Arc<ClientConfig>>,
}

/// Why the document could not be fetched.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    #[error("no response within {} s", TIMEOUT.as_secs())]
    Timeout,
    #[error("the connection failed: {0}")]
    Connection(std::io::Error),
    #[error("this machine has no root certificates")]
    NoRoots,
    #[error("TLS cannot be set up: {0}")]
    Tls(rustls::Error),
    #[error("the host is not a valid server name")]
    Host,
    #[error("HTTP failed: {0}")]
    Http(hyper::Error),
    #[error("the response has the status {0}")]
    Status(StatusCode),
    #[error("the document is incomplete, or longer than {MAX_BYTES} bytes")]
    Body,
}

impl HttpsUrl {
    /// Reads an absolute `https` URL with a host, an optional port and no user. Otherwise it is `None`.
    #[must_use]
    pub fn parse(url: &str) -> Option<Self> {
        let parts = url.parse::<Uri>().ok().filter(|uri| uri.scheme() == Some(&Scheme::HTTPS))?.into_parts();
        let is_plain = |at: &Authority| at.port_u16().map_or(at.as_str() == at.host(), |_| !at.as_str().contains('@'));
        let authority = parts.authority.filter(|at| !at.host().is_empty() && is_plain(at))?;
        let path = parts.path_and_query.unwrap_or(PathAndQuery::from_static("/"));
        Some(Self { authority, path, tls: OnceLock::new() })
    }

    /// Trusts these certificates instead of those of the machine.
    ///
    /// # Errors
    /// If the cryptography library supports no version of TLS.
    pub fn trusting(self, roots: RootCertStore) -> Result<Self, rustls::Error> {
        Ok(Self { tls: OnceLock::from(Arc::new(client_config(roots)?)), ..self })
    }

    /// Fetches the document.
    pub(crate) async fn fetch(&self) -> Result<Bytes, FetchError> {
        time::timeout(TIMEOUT, self.get()).await.map_err(|_| FetchError::Timeout)?
    }

    async fn get(&self) -> Result<Bytes, FetchError> {
        let host = self.authority.host().trim_start_matches('[').trim_end_matches(']');
        let name = ServerName::try_from(host.to_owned()).map_err(|_| FetchError::Host)?;
        let tls = TlsConnector::from(self.tls()?);
        let port = self.authority.port_u16().unwrap_or(443);
        let socket = TcpStream::connect((host, port)).await.map_err(FetchError::Connection)?;
        let stream = tls.connect(name, socket).await.map_err(FetchError::Connection)?;

        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(FetchError::Http)?;
        // Dropping this set closes the connection, however the fetch ends.
        let mut background = JoinSet::new();
        background.spawn(connection);
        let request = Request::get(self.path.as_str())
            .header(HOST, self.authority.as_str())
            .header(ACCEPT, "application/json")
            .header(USER_AGENT, "customers-api")
            .header(CONNECTION, "close")
            .body(Empty::<Bytes>::new())
            .expect("the parts of a parsed address are a request's");
        let response = sender.send_request(request).await.map_err(FetchError::Http)?;
        if response.status() != StatusCode::OK {
            return Err(FetchError::Status(response.status()));
        }
        let body = Limited::new(response.into_body(), MAX_BYTES).collect().await.map_err(|_| FetchError::Body)?;
        Ok(body.to_bytes())
    }

    /// The first fetch reads the machine's certificates, because this takes longer than everything else at start.
    fn tls(&self) -> Result<Arc<ClientConfig>, FetchError> {
        if let Some(tls) = self.tls.get() {
            return Ok(Arc::clone(tls));
        }
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if roots.is_empty() {
            return Err(FetchError::NoRoots);
        }
        let tls = Arc::new(client_config(roots).map_err(FetchError::Tls)?);
        Ok(Arc::clone(self.tls.get_or_init(|| tls)))
    }
}

fn client_config(roots: RootCertStore) -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(versions.with_root_certificates(roots).with_no_client_auth())
}
