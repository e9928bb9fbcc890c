//! Keys that the provider publishes. Each test has its own TLS server.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use authorizer::{Authorizer, Config, Failure, HttpsUrl, Reason};
use lambda_http::lambda_runtime::Diagnostic;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::{RootCertStore, ServerConfig};
use serde_json::{Value, json};
use shared::clock::Clock;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::issuer::{AUDIENCE, ISSUER, NOW, SigningKey, claims, config, event, jwks};

/// The issuer of this service's tokens.
const SERVICE: &str = "customers-prod";

/// How the server responds to a request.
#[derive(Clone)]
enum Script {
    Answer(String),
    /// It never responds.
    Hang,
    /// It closes the connection.
    Close,
}

/// A provider that publishes its keys, and an authorizer that fetches them.
struct Provider {
    script: Arc<Mutex<Script>>,
    fetches: Arc<AtomicI64>,
    clock: Arc<AtomicI64>,
    address: SocketAddr,
    roots: RootCertStore,
}

impl Provider {
    async fn start(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut authority = CertificateParams::default();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(authority.der().clone()).unwrap();

        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &authority);
        let key = PrivatePkcs8KeyDer::from(key.serialize_der()).into();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let server = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let chain = vec![certificate.unwrap().der().clone()];
        let server = server.with_no_client_auth().with_single_cert(chain, key).unwrap();

        let (script, fetches) = (Arc::new(Mutex::new(script)), Arc::new(AtomicI64::new(0)));
        let (scripted, counted) = (Arc::clone(&script), Arc::clone(&fetches));
        tokio::spawn(async move {
            let acceptor = TlsAcceptor::from(Arc::new(server));
            while let Ok((socket, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::Relaxed);
                let script = scripted.lock().unwrap().clone();
                tokio::spawn(serve(acceptor.clone(), socket, script));
            }
        });
        Self { script, fetches, clock: Arc::new(AtomicI64::new(NOW)), address, roots }
    }

    async fn publishing(keys: &[&SigningKey]) -> Self {
        Self::start(ok(&jwks(keys))).await
    }

    fn publish(&self, script: Script) {
        *self.script.lock().unwrap() = script;
    }

    fn config(&self) -> Config {
        Config::published(ISSUER.to_owned(), AUDIENCE, self.url()).unwrap()
    }

    fn url(&self) -> HttpsUrl {
        let url = format!("https://localhost:{}/.well-known/jwks.json?v=1", self.address.port());
        HttpsUrl::parse(&url).unwrap().trusting(self.roots.clone()).unwrap()
    }

    fn authorizer(&self) -> Authorizer {
        Authorizer::new(self.config(), Clock::manual(Arc::clone(&self.clock)))
    }

    fn pass(&self, seconds: i64) {
        self.clock.fetch_add(seconds, Ordering::Relaxed);
    }

    fn fetches(&self) -> i64 {
        self.fetches.load(Ordering::Relaxed)
    }
}

async fn serve(acceptor: TlsAcceptor, socket: TcpStream, script: Script) {
    // A client that does not trust the certificate closes the connection here.
    let Ok(mut stream) = acceptor.accept(socket).await else { return };
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        request.push(stream.read_u8().await.unwrap());
    }
    let request = String::from_utf8(request).unwrap();
    assert!(request.starts_with("GET /.well-known/jwks.json?v=1 HTTP/1.1\r\n"), "{request}");
    match script {
        Script::Answer(answer) => {
            // A client that has read enough closes the connection here.
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
        Script::Hang => std::future::pending().await,
        Script::Close => {}
    }
}

fn answer(status: &str, headers: &str, body: &str) -> Script {
    Script::Answer(format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n{headers}\r\n{body}", body.len()))
}

fn ok(body: &str) -> Script {
    answer("200 OK", "", body)
}

fn operator(key: &SigningKey) -> String {
    key.token(&claims(&json!({ "iat": NOW, "exp": NOW + 86_400 })))
}

async fn verdict(authorizer: &Authorizer, token: &str) -> Result<(), Reason> {
    let request = serde_json::from_value(event(&format!("Bearer {token}"))).unwrap();
    authorizer.authorize(&request).await.map(|_| ())
}

#[tokio::test]
async fn published_keys_are_fetched_once_for_many_tokens() {
    let (key, other) = (SigningKey::ed25519("a"), SigningKey::rsa("b"));
    let provider = Provider::publishing(&[&key, &other]).await;
    let authorizer = provider.authorizer();
    for _ in 0..3 {
        verdict(&authorizer, &operator(&key)).await.unwrap();
        verdict(&authorizer, &operator(&other)).await.unwrap();
    }
    assert_eq!(provider.fetches(), 1);
}

#[tokio::test]
async fn keys_that_were_fetched_at_start_are_not_fetched_for_the_first_token() {
    let key = SigningKey::ed25519("a");
    let provider = Provider::publishing(&[&key]).await;
    let authorizer = provider.authorizer();
    authorizer.prepare().await;
    assert_eq!(provider.fetches(), 1);
    verdict(&authorizer, &operator(&key)).await.unwrap();
    assert_eq!(provider.fetches(), 1);
}

#[tokio::test]
async fn a_token_that_is_refused_anyway_fetches_nothing() {
    let key = SigningKey::ed25519("a");
    let provider = Provider::publishing(&[&key]).await;
    let service = SigningKey::ed25519("a");
    let config = provider.config().with_service("customers-prod".to_owned(), &jwks(&[&service])).unwrap();
    let authorizer = Authorizer::new(config, Clock::manual(Arc::clone(&provider.clock)));
    let stranger = key.token(&claims(&json!({ "iss": "https://evil.example" })));
    assert_eq!(verdict(&authorizer, &stranger).await, Err(Reason::WrongIssuer));
    let unsigned = key.token_with(&json!({ "alg": "none" }), &claims(&json!({})));
    assert_eq!(verdict(&authorizer, &unsigned).await, Err(Reason::MalformedToken));
    // A token of the service fetches nothing either, because the service has its own keys.
    let app = claims(&json!({ "iss": SERVICE, "aud": SERVICE, "role": "app", "brandId": "city" }));
    let app = service.token_with(&json!({ "typ": "at+jwt", "alg": "EdDSA", "kid": "a" }), &app);
    verdict(&authorizer, &app).await.unwrap();
    assert_eq!(provider.fetches(), 0);
}

#[tokio::test]
async fn an_unknown_kid_fetches_again_at_most_once_a_minute() {
    let (old, new) = (SigningKey::ed25519("old"), SigningKey::ed25519("new"));
    let provider = Provider::publishing(&[&old]).await;
    let authorizer = provider.authorizer();
    verdict(&authorizer, &operator(&old)).await.unwrap();
    provider.publish(ok(&jwks(&[&old, &new])));
    provider.pass(59);
    for _ in 0..20 {
        assert_eq!(verdict(&authorizer, &operator(&new)).await, Err(Reason::UnknownKey));
    }
    assert_eq!(provider.fetches(), 1);
    provider.pass(1);
    verdict(&authorizer, &operator(&new)).await.unwrap();
    assert_eq!(provider.fetches(), 2);
    for _ in 0..20 {
        assert_eq!(verdict(&authorizer, &operator(&SigningKey::ed25519("guess"))).await, Err(Reason::UnknownKey));
    }
    assert_eq!(provider.fetches(), 2);
}

#[tokio::test]
async fn after_ten_minutes_a_withdrawn_key_is_refused() {
    let (old, new) = (SigningKey::ed25519("old"), SigningKey::ed25519("new"));
    let provider = Provider::publishing(&[&old, &new]).await;
    let authorizer = provider.authorizer();
    verdict(&authorizer, &operator(&old)).await.unwrap();
    provider.publish(ok(&jwks(&[&new])));
    provider.pass(599);
    verdict(&authorizer, &operator(&old)).await.unwrap();
    assert_eq!(provider.fetches(), 1);
    provider.pass(1);
    assert_eq!(verdict(&authorizer, &operator(&old)).await, Err(Reason::UnknownKey));
    verdict(&authorizer, &operator(&new)).await.unwrap();
    assert_eq!(provider.fetches(), 2);
}

#[tokio::test]
async fn while_the_provider_fails_the_last_good_set_is_used() {
    let key = SigningKey::ed25519("a");
    let provider = Provider::publishing(&[&key]).await;
    let service = SigningKey::ed25519("s");
    let config = provider.config().with_service("customers-prod".to_owned(), &jwks(&[&service])).unwrap();
    let authorizer = Authorizer::new(config, Clock::manual(Arc::clone(&provider.clock)));
    let good = jwks(&[&key]);
    verdict(&authorizer, &operator(&key)).await.unwrap();
    let failures = [
        answer("500 Internal Server Error", "", &good),
        answer("404 Not Found", "", ""),
        answer("302 Found", "Location: /.well-known/jwks.json?v=1\r\n", &good),
        answer("204 No Content", "", ""),
        ok(""),
        ok("<html>"),
        ok("{}"),
        ok(r#"{"keys":[]}"#),
        ok(r#"{"keys":[{"kty":"oct","k":"c2VjcmV0","kid":"a"}]}"#),
        // A key of this service.
        ok(&jwks(&[&key, &service])),
        ok(&format!("{good}{}", " ".repeat(1024 * 1024))),
        Script::Answer(format!("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{good}")),
        Script::Answer("SSH-2.0-OpenSSH_9.6\r\n\r\n".to_owned()),
        Script::Close,
    ];
    for (index, failure) in failures.into_iter().enumerate() {
        provider.publish(failure);
        provider.pass(600);
        let token = key.token(&claims(&json!({ "exp": provider.clock.load(Ordering::Relaxed) + 60 })));
        for _ in 0..3 {
            verdict(&authorizer, &token).await.unwrap_or_else(|reason| panic!("{index}: {reason:?}"));
        }
        assert_eq!(provider.fetches(), 2 + i64::try_from(index).unwrap(), "one try a minute");
    }
    // The next valid set is used a minute later.
    let new = SigningKey::ed25519("new");
    provider.publish(ok(&jwks(&[&new])));
    provider.pass(60);
    let exp = json!({ "exp": provider.clock.load(Ordering::Relaxed) + 60 });
    verdict(&authorizer, &new.token(&claims(&exp))).await.unwrap();
    assert_eq!(verdict(&authorizer, &key.token(&claims(&exp))).await, Err(Reason::UnknownKey));
}

/// The token of an app, signed by a key of this service.
fn app(key: &SigningKey) -> String {
    let service = json!({ "iss": SERVICE, "aud": SERVICE, "role": "app", "brandId": "city", "exp": NOW + 86_400 });
    let kid = &key.jwk()["kid"];
    key.token_with(&json!({ "typ": "at+jwt", "alg": key.algorithm(), "kid": kid }), &claims(&service))
}

#[tokio::test]
async fn the_keys_of_this_service_are_fetched_for_its_first_token_and_never_for_the_office() {
    let (office, key) = (SigningKey::ed25519("a"), SigningKey::p256("s"));
    let service = Provider::publishing(&[&key]).await;
    let authorizer = Authorizer::new(
        config(&[&office]).with_published_service(SERVICE.to_owned(), service.url()).unwrap(),
        Clock::manual(Arc::clone(&service.clock)),
    );
    authorizer.prepare().await;
    for _ in 0..3 {
        verdict(&authorizer, &operator(&office)).await.unwrap();
    }
    assert_eq!(service.fetches(), 0);
    for _ in 0..3 {
        verdict(&authorizer, &app(&key)).await.unwrap();
    }
    assert_eq!(service.fetches(), 1);
    // A new key of a rotation is found, and the old one is accepted until it is withdrawn.
    let new = SigningKey::p256("t");
    service.publish(ok(&jwks(&[&new, &key])));
    service.pass(60);
    verdict(&authorizer, &app(&new)).await.unwrap();
    verdict(&authorizer, &app(&key)).await.unwrap();
    assert_eq!(service.fetches(), 2);
}

#[tokio::test]
async fn a_published_key_of_this_service_may_not_be_the_providers_too() {
    let key = SigningKey::ed25519("a");
    let service = Provider::publishing(&[&key]).await;
    let authorizer = Authorizer::new(
        config(&[&key]).with_published_service(SERVICE.to_owned(), service.url()).unwrap(),
        Clock::manual(Arc::clone(&service.clock)),
    );
    assert_eq!(verdict(&authorizer, &app(&key)).await, Err(Reason::KeysUnavailable));
    verdict(&authorizer, &operator(&key)).await.unwrap();
}

#[tokio::test]
async fn without_keys_of_this_service_its_tokens_are_no_401_and_the_office_works() {
    let (office, key) = (SigningKey::ed25519("a"), SigningKey::p256("s"));
    let service = Provider::start(Script::Close).await;
    let authorizer = Authorizer::new(
        config(&[&office]).with_published_service(SERVICE.to_owned(), service.url()).unwrap(),
        Clock::manual(Arc::clone(&service.clock)),
    );
    let failed = authorizer.answer(event(&format!("Bearer {}", app(&key)))).await.unwrap_err();
    assert_eq!(failed, Failure::KeysUnavailable);
    verdict(&authorizer, &operator(&office)).await.unwrap();
}

#[tokio::test]
async fn a_document_of_a_mebibyte_is_read() {
    let key = SigningKey::ed25519("a");
    let set = jwks(&[&key]);
    let provider = Provider::start(ok(&format!("{set}{}", " ".repeat(1024 * 1024 - set.len())))).await;
    verdict(&provider.authorizer(), &operator(&key)).await.unwrap();
}

/// A 401 would log everyone out.
#[tokio::test]
async fn without_any_keys_the_invocation_fails_and_is_not_401() {
    let key = SigningKey::ed25519("a");
    let provider = Provider::start(Script::Close).await;
    let authorizer = provider.authorizer();
    let asked = event(&format!("Bearer {}", operator(&key)));
    let failed = authorizer.answer(asked.clone()).await.unwrap_err();
    assert_eq!(failed, Failure::KeysUnavailable);
    let told = serde_json::to_value(Diagnostic::from(failed)).unwrap();
    let said = json!({ "errorType": "KeysUnavailable", "errorMessage": "The issuer's keys are unavailable" });
    assert_eq!(told, said);
    // The fetch is tried again once a second, not for every request.
    for _ in 0..5 {
        assert_eq!(authorizer.answer(asked.clone()).await.unwrap_err(), Failure::KeysUnavailable);
    }
    assert_eq!(provider.fetches(), 1);
    provider.publish(ok(&jwks(&[&key])));
    provider.pass(1);
    assert!(authorizer.answer(asked).await.is_ok());
    assert_eq!(provider.fetches(), 2);
}

#[tokio::test]
async fn a_fetch_from_a_silent_server_times_out() {
    let key = SigningKey::ed25519("a");
    let provider = Provider::start(Script::Hang).await;
    assert_eq!(verdict(&provider.authorizer(), &operator(&key)).await, Err(Reason::KeysUnavailable));
}

#[tokio::test]
async fn a_server_with_an_invalid_certificate_is_not_trusted() {
    let key = SigningKey::ed25519("a");
    let provider = Provider::publishing(&[&key]).await;
    let another = Provider::publishing(&[&key]).await;
    let path = ".well-known/jwks.json?v=1";
    let port = provider.address.port();
    let by_name = HttpsUrl::parse(&format!("https://localhost:{port}/{path}")).unwrap();
    let by_address = HttpsUrl::parse(&format!("https://127.0.0.1:{port}/{path}")).unwrap();
    let plain = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let no_server = HttpsUrl::parse(&format!("https://{}/{path}", plain.local_addr().unwrap())).unwrap();
    drop(plain);
    for url in [
        // The certificate is signed by an unknown authority.
        HttpsUrl::parse(&format!("https://localhost:{port}/{path}")).unwrap(),
        by_name.trusting(another.roots.clone()).unwrap(),
        // The certificate has another name.
        by_address.trusting(provider.roots.clone()).unwrap(),
        no_server.trusting(provider.roots.clone()).unwrap(),
    ] {
        let said = format!("{url:?}").len();
        let config = Config::published(ISSUER.to_owned(), AUDIENCE, url).unwrap();
        let authorizer = Authorizer::new(config, Clock::manual(Arc::clone(&provider.clock)));
        assert_eq!(verdict(&authorizer, &operator(&key)).await, Err(Reason::KeysUnavailable), "{said}");
    }
}

#[tokio::test]
async fn published_keys_that_are_not_for_tokens_are_ignored() {
    let (good, other) = (SigningKey::ed25519("good"), SigningKey::ed25519("other"));
    let with = |changed: Value| {
        let mut jwk = other.jwk();
        for (name, value) in changed.as_object().unwrap() {
            jwk[name] = value.clone();
        }
        jwk
    };
    for unusable in [
        json!({ "kty": "oct", "k": "c2VjcmV0", "kid": "other" }),
        json!({ "kty": "AKP", "alg": "ML-DSA-44", "pub": "AA", "kid": "other" }),
        json!({ "kty": "RSA", "kid": "other" }),
        json!("other"),
        with(json!({ "use": "enc" })),
        with(json!({ "alg": "RS512" })),
        with(json!({ "d": "c2VjcmV0" })),
        with(json!({ "kid": 7 })),
        with(json!({ "issuer": "https://login.example/v2.0" })),
        with(json!({ "issuer": "https://login.example.evil/{tenantid}" })),
        // Of two keys with the same `kid`, the first is used.
        with(json!({ "kid": "good" })),
    ] {
        let set = json!({ "keys": [good.jwk(), unusable] }).to_string();
        let provider = Provider::start(ok(&set)).await;
        let authorizer = provider.authorizer();
        verdict(&authorizer, &operator(&good)).await.unwrap_or_else(|reason| panic!("{unusable}: {reason:?}"));
        assert_eq!(verdict(&authorizer, &operator(&other)).await, Err(Reason::UnknownKey), "{unusable}");
    }
    for issuer in [ISSUER, "https://{tenantid}", "https://login.{tenantid}"] {
        let set = json!({ "keys": [with(json!({ "issuer": issuer }))] }).to_string();
        let provider = Provider::start(ok(&set)).await;
        verdict(&provider.authorizer(), &operator(&other))
            .await
            .unwrap_or_else(|reason| panic!("{issuer}: {reason:?}"));
    }
}

#[test]
fn keys_are_fetched_over_https_only() {
    for url in [
        "",
        "login.example/keys",
        "/keys",
        "http://login.example/keys",
        "HTTP://login.example/keys",
        "ftp://login.example/keys",
        "file:///etc/passwd",
        "https://",
        "https:///keys",
        "https://user@login.example/keys",
        "https://user:password@login.example/keys",
        "https://login.example/a b",
        "https://login.example:port/keys",
    ] {
        assert!(HttpsUrl::parse(url).is_none(), "{url}");
    }
    for url in ["https://login.example", "https://login.example:8443/keys?p=1", "https://[::1]/keys"] {
        assert!(HttpsUrl::parse(url).is_some(), "{url}");
    }
}
