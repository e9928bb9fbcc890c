//! Tests of the documentation site: the OpenAPI document, the guides and the page.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use api_tests::TestApp;
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use http::{HeaderMap, Request, StatusCode};
use local::access::Access;
use local::demo::Demo;
use local::event::{self, Routed};
use local::gateway::{Gateway, invoke};
use local::issuer::Issuer;
use serde_json::{Value, json};
use shared::api::cors::AllowedOrigin;
use shared::api::{Caller, Code, Operation, pipeline};
use shared::clock::Clock;
use shared::domain::ClientId;
use tower::ServiceExt as _;

/// The address of the gateways in these tests.
const HOST: ([u8; 4], u16) = ([127, 0, 0, 1], 3000);
const DEMO: &str = "/docs/demo.json";

struct Got {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Got {
    async fn of(gateway: &Router, method: &str, path: &str, headers: &[(&str, &str)]) -> Self {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Self::from(gateway.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()).await
    }

    async fn from(answer: axum::response::Response) -> Self {
        let (parts, body) = answer.into_parts();
        Self { status: parts.status, headers: parts.headers, body: to_bytes(body, usize::MAX).await.unwrap() }
    }

    fn header(&self, name: &str) -> &str {
        let mut all = self.headers.get_all(name).iter();
        let value = all.next().map(|value| value.to_str().unwrap()).unwrap_or_default();
        assert_eq!(all.next(), None, "{name} is there twice");
        value
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    #[track_caller]
    fn assert_problem(&self, status: u16, code: &str) {
        assert_eq!((self.status.as_u16(), &self.json()["code"]), (status, &json!(code)));
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(self.json()["requestId"], self.header("x-request-id"));
        assert_eq!(self.header("cache-control"), "no-store");
    }
}

/// A gateway for unauthenticated requests. The reference needs no token.
async fn gateway() -> Router {
    TestApp::start().await.another_gateway()
}

async fn page(gateway: &Router) -> String {
    let page = Got::of(gateway, "GET", "/docs", &[]).await;
    assert_eq!(page.status, StatusCode::OK);
    String::from_utf8(page.body.to_vec()).unwrap()
}

/// What the page links to.
fn links(page: &str) -> Vec<String> {
    let after = |name: &'static str| page.split(name).skip(1).map(|rest| rest.split('"').next().unwrap().to_owned());
    let links: Vec<_> = after(" href=\"").chain(after(" src=\"")).collect();
    assert!(links.len() > 4, "{links:?}");
    links
}

#[tokio::test]
async fn the_page_and_its_files_are_public_and_have_security_headers() {
    let gateway = gateway().await;
    let parts = links(&page(&gateway).await).into_iter().map(|link| format!("/{link}"));
    for path in parts.filter(|path| path.starts_with("/docs/")).chain(["/docs".to_owned()]) {
        let got = Got::of(&gateway, "GET", &path, &[]).await;
        assert_eq!(got.status, StatusCode::OK, "{path}");
        let policy = got.header("content-security-policy");
        let (before, after) = policy.split_once("style-src 'self' 'unsafe-inline'; ").unwrap();
        assert_eq!(before, "default-src 'none'; script-src 'self'; ", "{path}");
        assert!(after.ends_with("frame-ancestors 'none'"), "{path}: {policy}");
        assert!(!after.contains("unsafe") && !after.contains("http"), "{path}: {policy}");
        assert_eq!(got.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(got.header("x-frame-options"), "DENY", "{path}");
        assert_eq!(got.header("referrer-policy"), "no-referrer", "{path}");
        // The bundle's name contains a hash of its content, so a browser may keep it.
        let cache = match path.strip_prefix("/docs/") {
            None => "no-store",
            Some(file) if file.starts_with("scalar-") => "public, max-age=31536000, immutable",
            Some(_) => "public, max-age=300",
        };
        assert_eq!(got.header("cache-control"), cache, "{path}");
        assert!(!got.header("x-request-id").is_empty(), "{path}");
        let expected = match path.rsplit_once('.').map_or("", |(_, extension)| extension) {
            "css" => "text/css; charset=utf-8",
            "js" => "text/javascript; charset=utf-8",
            "svg" => "image/svg+xml",
            _ => "text/html; charset=utf-8",
        };
        assert_eq!(got.header("content-type"), expected, "{path}");
        assert!(!got.body.is_empty(), "{path}");
    }
}

#[tokio::test]
async fn every_link_of_the_page_is_relative_and_has_a_target() {
    let gateway = gateway().await;
    let page = page(&gateway).await;
    assert!(!page.contains("://") && !page.contains("<style") && !page.contains(" style="), "{page}");
    assert!(page.split("<script").skip(1).all(|script| script.starts_with(" src=")), "a script that is inline");
    for link in links(&page) {
        assert!(!link.starts_with('/') && !link.starts_with('.'), "{link}");
        assert_eq!(Got::of(&gateway, "GET", &format!("/{link}"), &[]).await.status, StatusCode::OK, "{link}");
    }
}

#[tokio::test]
async fn large_files_are_compressed_for_clients_that_accept_it() {
    let gateway = gateway().await;
    let bundle = links(&page(&gateway).await).into_iter().find(|link| link.starts_with("docs/scalar-")).unwrap();
    for path in [format!("/{bundle}"), "/docs/site.json".to_owned(), "/openapi.json".to_owned()] {
        let plain = Got::of(&gateway, "GET", &path, &[]).await;
        assert_eq!((plain.header("content-encoding"), plain.header("vary")), ("", "accept-encoding"));
        let compressed = Got::of(&gateway, "GET", &path, &[("accept-encoding", "gzip, br")]).await;
        assert_eq!((compressed.header("content-encoding"), compressed.header("vary")), ("gzip", "accept-encoding"));
        for name in ["content-type", "cache-control", "content-security-policy"] {
            assert_eq!(compressed.header(name), plain.header(name), "{path}: {name}");
        }
        assert!(compressed.body.len() * 3 < plain.body.len());
        assert_eq!(compressed.body[..2], [0x1f, 0x8b], "gzip's magic number");
        // Lambda accepts 6 MB of a proxy response, which is JSON with the body as a string, or in base64 if compressed.
        let text = serde_json::to_string(std::str::from_utf8(&plain.body).unwrap()).unwrap();
        assert!(text.len().max(compressed.body.len() * 4 / 3) < 6_000_000, "{path}: {}", text.len());
        let size = compressed.body.len();
        let length = u32::from_le_bytes(compressed.body[size - 4..].try_into().unwrap());
        assert_eq!(length as usize, plain.body.len(), "gzip's length of the content");
    }
}

/// The targets of the links of a Markdown text, outside its code.
fn targets(markdown: &str) -> Vec<&str> {
    let text = markdown.split("```").step_by(2);
    text.flat_map(|text| text.split("](").skip(1)).map(|rest| rest.split(')').next().unwrap()).collect()
}

#[tokio::test]
async fn site_has_the_document_and_the_guides_and_no_dead_link() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let got = Got::of(&gateway().await, "GET", "/docs/site.json", &[]).await;
    assert_eq!((got.status, got.header("content-type")), (StatusCode::OK, "application/json"));
    let site = got.json();
    let document: Value = serde_json::from_slice(&fs::read(root.join("openapi.json")).unwrap()).unwrap();
    for part in ["openapi", "info", "paths", "components"] {
        assert!(site[part] == document[part], "{part}");
    }

    let names = |tags: &Value| -> Vec<String> {
        tags.as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(site["externalDocs"]["url"], "openapi.json");
    let groups = site["x-tagGroups"].as_array().unwrap();
    let group = |index: usize| -> Vec<String> { serde_json::from_value(groups[index]["tags"].clone()).unwrap() };
    let guides = group(0);
    assert_eq!((groups.len(), group(1)), (2, names(&document["tags"])));
    assert_eq!([guides.clone(), group(1)].concat(), names(&site["tags"]));

    let tags = site["tags"].as_array().unwrap().iter();
    let sections: BTreeMap<&str, &str> =
        tags.map(|tag| (tag["name"].as_str().unwrap(), tag["description"].as_str().unwrap())).collect();
    let mut leading_to_guides = 0;
    for (guide, tag) in guides.iter().zip(site["tags"].as_array().unwrap()) {
        let page = fs::read_to_string(root.join(format!("docs/{}.md", guide.strip_prefix("guide-").unwrap()))).unwrap();
        assert_eq!(page.lines().next(), tag["x-displayName"].as_str().map(|title| format!("# {title}")).as_deref());
        for target in targets(sections[guide.as_str()]) {
            if let Some(section) = target.strip_prefix("#tag/") {
                let (name, anchor) = section.split_once('.').map_or((section, None), |(n, anchor)| (n, Some(anchor)));
                let section = sections.get(name).unwrap_or_else(|| panic!("{guide}: {target}"));
                let is_there = anchor.is_none_or(|anchor| section.contains(&format!("id=\"api/tag/{name}.{anchor}\"")));
                assert!(is_there, "{guide}: {target}");
                leading_to_guides += 1;
            } else {
                assert!(target == "openapi.json" || target.starts_with("https://"), "{guide}: {target}");
            }
        }
    }
    assert!(leading_to_guides > 5, "{leading_to_guides}");

    // The document itself links to the guides with the address of the site.
    let errors = sections["guide-errors"];
    for code in Code::ALL.iter().map(|code| code.as_str()) {
        assert!(errors.contains(&format!("id=\"api/tag/guide-errors.{code}\"")), "{code}");
    }
    assert!(errors.contains("id=\"api/tag/guide-errors.codes-in-errors\""));
    for response in document["components"]["responses"].as_object().unwrap().values() {
        for code in response["x-codes"].as_array().unwrap() {
            let link = format!("](docs#tag/guide-errors.{})", code.as_str().unwrap());
            assert!(response["description"].as_str().unwrap().contains(&link), "{code}");
        }
    }
}

#[tokio::test]
async fn the_served_document_is_the_committed_one() {
    let committed = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi.json")).unwrap();
    let committed: Value = serde_json::from_slice(&committed).unwrap();
    let got = Got::of(&gateway().await, "GET", "/openapi.json", &[]).await;
    assert_eq!((got.status, got.header("content-type")), (StatusCode::OK, "application/json"));
    assert!(serde_json::from_slice::<Value>(&got.body).unwrap() == committed);
    assert_eq!(got.header("cache-control"), "no-store");
    assert_eq!(got.header("x-content-type-options"), "nosniff");
}

#[tokio::test]
async fn an_unknown_file_is_404_and_a_wrong_method_is_405() {
    let gateway = gateway().await;
    for path in ["/docs/missing.js", "/docs/", "/docs/a/b", DEMO, "/openapi.yaml"] {
        Got::of(&gateway, "GET", path, &[]).await.assert_problem(404, "route_not_found");
    }
    Got::of(&gateway, "GET", "/docs/..%2fopenapi.json", &[]).await.assert_problem(400, "invalid_path");
    for path in ["/docs", "/docs/site.js", "/openapi.json"] {
        for method in ["POST", "DELETE", "PATCH"] {
            let got = Got::of(&gateway, method, path, &[]).await;
            got.assert_problem(405, "method_not_allowed");
            assert_eq!(got.header("allow"), "GET");
        }
    }
}

/// The event of a request for `path`, which API Gateway routed as `resource`.
fn event_of(method: &str, path: &str, resource: &str) -> Value {
    let (parts, ()) = Request::builder().method(method).uri(path).body(()).unwrap().into_parts();
    let routed = Routed { resource, path_parameters: &[], request_id: "r1", host: HOST.into() };
    event::for_function(&parts, b"", &routed, &json!({}))
}

#[tokio::test]
async fn the_function_serves_only_its_own_routes() {
    let function = pipeline::service(reference::routes(), ());
    for route in reference::routes().operations().iter().map(|operation| operation.path()) {
        let path = route.replace("{file}", "site.js");
        // At its own path, and below a base path.
        for path in [path.clone(), format!("/v1{path}")] {
            let got = Got::from(invoke(function.clone(), &event_of("GET", &path, route)).await.unwrap()).await;
            assert_eq!((got.status, got.header("x-request-id")), (StatusCode::OK, "r1"), "{path}");
        }
        for method in ["HEAD", "POST", "PATCH"] {
            let got = Got::from(invoke(function.clone(), &event_of(method, &path, route)).await.unwrap()).await;
            assert_eq!((got.status, got.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, "GET"), "{path}");
        }
    }
    for path in [DEMO, "/docs/missing.js"] {
        let got =
            Got::from(invoke(function.clone(), &event_of("GET", path, Operation::GetDocsFile.path())).await.unwrap())
                .await;
        got.assert_problem(404, "route_not_found");
    }
    let got = Got::from(invoke(function, &event_of("GET", "/elsewhere", "/elsewhere")).await.unwrap()).await;
    got.assert_problem(404, "route_not_found");
}

/// A gateway whose page opens with a token of the tenant `demo`.
fn with_demo(app: &TestApp) -> Router {
    let issuer = Issuer::generate().unwrap();
    let access = Access::Tokens(issuer.authorizer(Clock::system()).unwrap());
    let admin = Caller::from_parts("demo", "admin", None, None).unwrap();
    let demo = Demo::with_tokens(issuer, admin, Duration::from_mins(1), Clock::system());
    let origin = Some(AllowedOrigin::any());
    Gateway::new(&app.state(), access, SocketAddr::from(HOST), origin).with_demo(demo).into_router()
}

#[tokio::test]
async fn the_demo_has_a_customer_a_token_and_a_value_for_every_parameter() {
    let app = TestApp::start().await;
    let gateway = with_demo(&app);
    let mut ids = Vec::new();
    for host in ["127.0.0.1:3000", "localhost:3000"] {
        let got = Got::of(&gateway, "GET", DEMO, &[("host", host)]).await;
        assert_eq!((got.status, got.header("content-type")), (StatusCode::OK, "application/json"));
        assert_eq!((got.header("cache-control"), got.header("x-content-type-options")), ("no-store", "nosniff"));
        assert!(!got.header("x-request-id").is_empty());
        assert!(!got.headers.keys().any(|name| name.as_str().starts_with("access-control")), "{:?}", got.headers);
        let demo = got.json();
        assert_eq!(demo.as_object().unwrap().len(), 6);
        let [client, brand, account, id, phone, token] =
            ["clientId", "brandId", "accountId", "customerId", "phone", "token"]
                .map(|name| demo[name].as_str().unwrap());
        let authorization = format!("Bearer {token}");
        let phone = phone.replace('+', "%2B").replace(' ', "%20");
        for path in [
            format!("/client/{client}/customer/{id}"),
            format!("/client/{client}/brand/{brand}/customer/{id}"),
            format!("/client/{client}/account/{account}/customer/{id}"),
            format!("/client/{client}/customer/phone?phone={phone}"),
        ] {
            let got = Got::of(&gateway, "GET", &path, &[("authorization", &authorization)]).await;
            assert_eq!((got.status, &got.json()["id"]), (StatusCode::OK, &demo["customerId"]), "{path}");
            Got::of(&gateway, "GET", &path, &[]).await.assert_problem(401, "unauthorized");
        }
        ids.push(id.to_owned());
    }
    assert_eq!(ids[0], ids[1], "the customer is created once");
}

#[tokio::test]
async fn the_demo_has_no_token_without_authentication() {
    let app = TestApp::start().await;
    let gateway = Gateway::new(&app.state(), Access::Open, SocketAddr::from(HOST), None);
    let gateway = gateway.with_demo(Demo::open(ClientId::parse("demo").unwrap())).into_router();
    let got = Got::of(&gateway, "GET", DEMO, &[("host", "127.0.0.1:3000")]).await;
    let demo = got.json();
    assert_eq!((got.status, &demo["clientId"], demo.get("token")), (StatusCode::OK, &json!("demo"), None));
    assert!(demo["customerId"].is_string());
    Got::of(&gateway, "GET", DEMO, &[("host", "evil.example:3000")]).await.assert_problem(404, "route_not_found");
}

#[tokio::test]
async fn the_demo_is_refused_under_a_foreign_host() {
    let app = TestApp::start().await;
    let gateway = with_demo(&app);
    for host in [
        "evil.example",
        "evil.example:3000",
        "127.0.0.1",
        "127.0.0.1:3001",
        "localhost",
        "localhost.evil.example:3000",
        "127.0.0.1:3000@evil.example",
        "localhost:3000@evil.example:3000",
        "0.0.0.0:3000",
        "[::1]:3000",
        "",
    ] {
        Got::of(&gateway, "GET", DEMO, &[("host", host)]).await.assert_problem(404, "route_not_found");
    }
    Got::of(&gateway, "GET", DEMO, &[]).await.assert_problem(404, "route_not_found");
    Got::of(&gateway, "POST", DEMO, &[("host", "127.0.0.1:3000")]).await.assert_problem(405, "method_not_allowed");
}
