//! The HTTP client of the AWS SDK: HTTP/1.1 on connections that are kept, with TLS for `https`.
//!
//! The SDK's own client can also do HTTP/2 and use proxies. DynamoDB needs neither, and each function would be larger by
//! a tenth (`docs/decisions/0020-size.md`).

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::config::http::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use http::header::{HOST, USER_AGENT};
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderValue, Request, Response, Uri};
use http_body_util::BodyExt as _;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time;
use tokio_rustls::TlsConnector;

/// How long a connection is kept without a request. The SDK's own client has the same limit.
const KEPT_FOR: Duration = Duration::from_secs(90);

/// An HTTP client for the configuration of an SDK client.
#[derive(Debug, Clone)]
pub struct Http1(Arc<Connections>);

/// The text is not PEM with valid certificates.
#[derive(Debug, thiserror::Error)]
#[error("has no PEM certificate, or an invalid one")]
pub struct InvalidRoots;

impl Http1 {
    /// A client for plain HTTP. A request to an `https` address fails.
    #[must_use]
    pub fn without_tls() -> Self {
        Self(Arc::new(Connections { tls: None, kept: Mutex::default() }))
    }

    /// A client that trusts these PEM certificates and no others.
    ///
    /// # Errors
    /// No certificate, or an invalid one.
    ///
    /// # Panics
    /// If the cryptography library lacks a version of TLS.
    pub fn trusting(roots: &str) -> Result<Self, InvalidRoots> {
        let mut store = RootCertStore::empty();
        for root in CertificateDer::pem_slice_iter(roots.as_bytes()) {
            store.add(root.map_err(|_| InvalidRoots)?).map_err(|_| InvalidRoots)?;
        }
        if store.is_empty() {
            return Err(InvalidRoots);
        }
        let tls = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("the cryptography library has the default versions of TLS")
            .with_root_certificates(store)
            .with_no_client_auth();
        Ok(Self(Arc::new(Connections { tls: Some(Arc::new(tls)), kept: Mutex::default() })))
    }
}

impl HttpClient for Http1 {
    fn http_connector(&self, settings: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        let connector = Connector { connections: Arc::clone(&self.0), connect_timeout: settings.connect_timeout() };
        SharedHttpConnector::new(connector)
    }
}

/// Sends the requests of one operation.
#[derive(Debug)]
struct Connector {
    connections: Arc<Connections>,
    connect_timeout: Option<Duration>,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (connections, connect_timeout) = (Arc::clone(&self.connections), self.connect_timeout);
        HttpConnectorFuture::new(async move { connections.send(request, connect_timeout).await })
    }
}

/// The connections that no request uses now, and how to open others.
#[derive(Debug)]
struct Connections {
    tls: Option<Arc<ClientConfig>>,
    kept: Mutex<Vec<Kept>>,
}

type Sender = SendRequest<SdkBody>;

#[derive(Debug)]
struct Kept {
    server: Server,
    sender: Sender,
    since: Instant,
}

/// Where a connection leads.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Server {
    is_tls: bool,
    authority: Authority,
}

/// A TCP or a TLS connection, as one type, so that the code of HTTP is compiled once.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

impl Connections {
    /// Sends a request and reads the whole response. A connection that is dropped on the way, such as by a timeout, is
    /// not used again.
    async fn send(&self, request: HttpRequest, limit: Option<Duration>) -> Result<HttpResponse, ConnectorError> {
        let mut request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
        let server = addressed(&mut request)?;
        loop {
            let kept = self.take(&server).await;
            let is_kept = kept.is_some();
            let mut sender = match kept {
                Some(sender) => sender,
                None => self.connect(&server, limit).await?,
            };
            let response = match sender.try_send_request(request).await {
                Ok(response) => response,
                Err(mut error) => match error.take_message() {
                    // The server closed the connection before this request was on it.
                    Some(unsent) if is_kept => {
                        request = unsent;
                        continue;
                    }
                    _ => return Err(failed(error.into_error())),
                },
            };
            let (parts, body) = response.into_parts();
            let body = body.collect().await.map_err(failed)?.to_bytes();
            // After an error of the server, a retry should reach another one.
            if !parts.status.is_server_error() {
                self.lock().push(Kept { server, sender, since: Instant::now() });
            }
            let response = Response::from_parts(parts, SdkBody::from(body));
            return HttpResponse::try_from(response).map_err(|error| ConnectorError::other(error.into(), None));
        }
    }

    /// A kept connection to `server` that is still open.
    async fn take(&self, server: &Server) -> Option<Sender> {
        loop {
            let mut found = {
                let mut kept = self.lock();
                let last = kept.iter().rposition(|kept| kept.server == *server)?;
                kept.swap_remove(last)
            };
            if found.since.elapsed() < KEPT_FOR && found.sender.ready().await.is_ok() {
                return Some(found.sender);
            }
        }
    }

    async fn connect(&self, server: &Server, limit: Option<Duration>) -> Result<Sender, ConnectorError> {
        let opening = self.open(server);
        let opened = match limit {
            Some(limit) => {
                time::timeout(limit, opening).await.map_err(|elapsed| ConnectorError::timeout(elapsed.into()))?
            }
            None => opening.await,
        };
        let stream = opened.map_err(|error| ConnectorError::io(error.into()))?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(failed)?;
        // It ends with its sender. The sender gets its errors.
        tokio::spawn(connection);
        Ok(sender)
    }

    async fn open(&self, Server { is_tls, authority }: &Server) -> io::Result<Box<dyn Stream>> {
        let host = authority.host().trim_start_matches('[').trim_end_matches(']');
        let port = authority.port_u16().unwrap_or(if *is_tls { 443 } else { 80 });
        let tcp = TcpStream::connect((host, port)).await?;
        // A request can be two small writes, and the second must not wait for the acknowledgement of the first.
        tcp.set_nodelay(true)?;
        if !is_tls {
            return Ok(Box::new(tcp));
        }
        let tls = self.tls.clone().ok_or_else(|| io::Error::other("this client has no TLS"))?;
        let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
        Ok(Box::new(TlsConnector::from(tls).connect(name, tcp).await?))
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Kept>> {
        // A poisoned lock is safe to use: each change is a single push or remove.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Turns the absolute address of a request into a path and a `Host`, as HTTP/1.1 has them, and names this service if the
/// SDK does not name itself. Returns the server.
fn addressed(request: &mut Request<SdkBody>) -> Result<Server, ConnectorError> {
    let parts = std::mem::take(request.uri_mut()).into_parts();
    let (Some(scheme), Some(authority)) = (parts.scheme, parts.authority) else {
        return Err(ConnectorError::user("the address of a request has no scheme or no host".into()));
    };
    *request.uri_mut() = Uri::from(parts.path_and_query.unwrap_or(PathAndQuery::from_static("/")));
    let host = HeaderValue::from_str(authority.as_str()).map_err(|error| ConnectorError::user(error.into()))?;
    request.headers_mut().entry(HOST).or_insert(host);
    request.headers_mut().entry(USER_AGENT).or_insert(HeaderValue::from_static("customers-api"));
    Ok(Server { is_tls: scheme == Scheme::HTTPS, authority })
}

/// The SDK retries errors of the connection.
fn failed(error: hyper::Error) -> ConnectorError {
    if error.is_user() { ConnectorError::user(error.into()) } else { ConnectorError::io(error.into()) }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use rcgen::{Certificate, CertifiedKey, generate_simple_self_signed};
    use rustls::ServerConfig;
    use rustls::pki_types::PrivateKeyDer;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;
    use tokio_rustls::TlsAcceptor;

    use super::*;

    const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi";

    async fn listener() -> (TcpListener, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        (listener, format!("localhost:{port}"))
    }

    fn request(address: &str) -> HttpRequest {
        let mut request = HttpRequest::new(SdkBody::from("{}"));
        request.set_method("POST").unwrap();
        request.set_uri(address.to_owned()).unwrap();
        request
    }

    async fn send(client: &Http1, authority: &str) -> Result<(u16, Vec<u8>), ConnectorError> {
        let response = client.0.send(request(&format!("http://{authority}/")), None).await?;
        Ok((response.status().as_u16(), response.body().bytes().unwrap().to_vec()))
    }

    /// Reads one request, and returns it with its header names in lower case.
    async fn receive(stream: &mut (impl AsyncRead + Unpin)) -> String {
        let mut received = Vec::new();
        while !received.ends_with(b"\r\n\r\n{}") {
            assert_ne!(stream.read_buf(&mut received).await.unwrap(), 0, "the connection ended");
        }
        String::from_utf8(received).unwrap().to_ascii_lowercase()
    }

    async fn respond(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), response: &str) -> String {
        let received = receive(stream).await;
        stream.write_all(response.as_bytes()).await.unwrap();
        received
    }

    #[tokio::test]
    async fn requests_share_a_connection_and_have_a_path_and_a_host() {
        let (server, authority) = listener().await;
        let client = Http1::without_tls();
        let calls = async {
            for _ in 0..3 {
                assert_eq!(send(&client, &authority).await.unwrap(), (200, b"hi".to_vec()));
            }
        };
        let serving = async {
            let (mut stream, _) = server.accept().await.unwrap();
            for _ in 0..3 {
                let received = respond(&mut stream, OK).await;
                assert!(received.starts_with("post / http/1.1\r\n"), "{received}");
                assert!(received.contains(&format!("\r\nhost: {authority}\r\n")), "{received}");
            }
        };
        tokio::join!(calls, serving);
    }

    #[tokio::test]
    async fn a_kept_connection_that_the_server_has_closed_is_replaced() {
        let (server, authority) = listener().await;
        let client = Http1::without_tls();
        let calls = async {
            for _ in 0..2 {
                assert_eq!(send(&client, &authority).await.unwrap().0, 200);
            }
        };
        let serving = async {
            for _ in 0..2 {
                let (mut stream, _) = server.accept().await.unwrap();
                respond(&mut stream, OK).await;
            }
        };
        tokio::join!(calls, serving);
    }

    #[tokio::test]
    async fn a_request_that_may_have_arrived_is_not_sent_again() {
        let (server, authority) = listener().await;
        let client = Http1::without_tls();
        let calls = async {
            assert_eq!(send(&client, &authority).await.unwrap().0, 200);
            assert!(send(&client, &authority).await.unwrap_err().is_io());
        };
        let serving = async {
            let (mut stream, _) = server.accept().await.unwrap();
            respond(&mut stream, OK).await;
            receive(&mut stream).await;
        };
        tokio::join!(calls, serving);
        assert!(client.0.lock().is_empty());
    }

    #[tokio::test]
    async fn a_connection_is_not_kept_after_an_error_of_the_server() {
        let (server, authority) = listener().await;
        let client = Http1::without_tls();
        let calls = async {
            assert_eq!(send(&client, &authority).await.unwrap().0, 503);
            assert_eq!(send(&client, &authority).await.unwrap().0, 400);
        };
        let serving = async {
            let (mut first, _) = server.accept().await.unwrap();
            respond(&mut first, "HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n").await;
            let (mut second, _) = server.accept().await.unwrap();
            respond(&mut second, "HTTP/1.1 400 Wrong\r\ncontent-length: 0\r\n\r\n").await;
            // Open until here, so that only the status decides what is kept.
            drop((first, second));
        };
        tokio::join!(calls, serving);
        assert_eq!(client.0.lock().len(), 1);
    }

    #[tokio::test]
    async fn a_connection_is_not_kept_after_a_call_that_was_given_up() {
        let (server, authority) = listener().await;
        let client = Http1::without_tls();
        let stream = {
            let mut call = pin!(send(&client, &authority));
            let serving = async {
                let (mut stream, _) = server.accept().await.unwrap();
                receive(&mut stream).await;
                stream
            };
            tokio::select! {
                biased;
                stream = serving => stream,
                _ = &mut call => panic!("nothing answered"),
            }
        };
        assert!(client.0.lock().is_empty());
        drop(stream);
    }

    #[tokio::test]
    async fn a_server_that_does_not_listen_is_an_error_of_the_connection() {
        let (server, authority) = listener().await;
        drop(server);
        assert!(send(&Http1::without_tls(), &authority).await.unwrap_err().is_io());
        let https = request(&format!("https://{authority}/"));
        assert!(Http1::without_tls().0.send(https, None).await.is_err());
        assert!(Http1::without_tls().0.send(request("/"), None).await.unwrap_err().is_user());
    }

    #[tokio::test]
    async fn connecting_ends_at_its_limit() {
        // The kernel accepts the connection, and nothing answers the handshake of TLS.
        let (_server, authority) = listener().await;
        let root = generate_simple_self_signed(["localhost".to_owned()]).unwrap().cert;
        let client = Http1::trusting(&pem(&root)).unwrap();
        let call = client.0.send(request(&format!("https://{authority}/")), Some(Duration::from_millis(10)));
        assert!(call.await.unwrap_err().is_timeout());
    }

    fn pem(certificate: &Certificate) -> String {
        let text = STANDARD.encode(certificate.der());
        format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
    }

    #[tokio::test]
    async fn only_the_given_certificates_are_trusted() {
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let other = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
        let tls = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(tls));
        for (root, is_trusted) in [(pem(&cert), true), (pem(&other.cert), false)] {
            let (server, authority) = listener().await;
            let client = Http1::trusting(&root).unwrap();
            let call = client.0.send(request(&format!("https://{authority}/")), None);
            let serving = async {
                let (stream, _) = server.accept().await.unwrap();
                if let Ok(mut stream) = acceptor.accept(stream).await {
                    respond(&mut stream, OK).await;
                }
            };
            let (called, ()) = tokio::join!(call, serving);
            assert_eq!(called.map_err(|error| error.is_io()).map(|response| response.status().as_u16()), {
                if is_trusted { Ok(200) } else { Err(true) }
            });
        }
    }

    #[test]
    fn a_text_without_a_valid_certificate_is_refused() {
        let empty = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for text in ["", "roots", empty] {
            assert!(Http1::trusting(text).is_err(), "{text}");
        }
    }
}
