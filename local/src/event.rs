//! Converts an HTTP request to API Gateway's REST event, for a function or the authorizer, and a function's response
//! back to HTTP. It does the same as API Gateway: the path and its parameters stay percent-encoded
//! (<https://github.com/serverless/serverless/issues/5037>). The query is decoded, with a `+` as a space and all values
//! of a repeated parameter. Header names are compared without case. The body is base64, because the deployment declares
//! every media type binary. So bytes that are not text reach the function, which refuses them, and are not replaced on
//! the way.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::body::Body;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::{Map, Value, json};

/// The facts about a request that its HTTP does not contain.
#[derive(Debug)]
pub struct Routed<'a> {
    /// The route, such as `/client/{clientId}/customer`.
    pub resource: &'a str,
    /// The parameters of the route, percent-encoded as they were sent.
    pub path_parameters: &'a [(String, String)],
    pub request_id: &'a str,
    /// Where the gateway listens.
    pub host: SocketAddr,
}

/// The event for a function. `authorizer` is the context from the authorizer.
#[must_use]
pub fn for_function(parts: &Parts, body: &[u8], routed: &Routed<'_>, authorizer: &Value) -> Value {
    let mut event = of_request(parts, routed);
    event["requestContext"]["authorizer"] = authorizer.clone();
    event["body"] = json!((!body.is_empty()).then(|| BASE64.encode(body)));
    event["isBase64Encoded"] = json!(!body.is_empty());
    event
}

/// The event for the authorizer, which has no body. `method_arn` is the method that the caller wants to invoke.
#[must_use]
pub fn for_authorizer(parts: &Parts, routed: &Routed<'_>, method_arn: &str) -> Value {
    let mut event = of_request(parts, routed);
    event["type"] = json!("REQUEST");
    event["methodArn"] = json!(method_arn);
    event
}

/// The fields that both events share.
fn of_request(parts: &Parts, routed: &Routed<'_>) -> Value {
    let mut headers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in &parts.headers {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        headers.entry(name.as_str().to_owned()).or_default().push(value);
    }
    // These are the gateway's own values, not the client's, because `lambda_http` builds a URL from them.
    for (name, value) in [
        ("host", routed.host.to_string()),
        ("x-forwarded-proto", "http".to_owned()),
        ("x-forwarded-port", routed.host.port().to_string()),
        ("x-forwarded-for", routed.host.ip().to_string()),
    ] {
        headers.insert(name.to_owned(), vec![value]);
    }

    let mut query: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()) {
        query.entry(name.into_owned()).or_default().push(value.into_owned());
    }
    let path_parameters: Map<String, Value> =
        routed.path_parameters.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    let path = parts.uri.path();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();

    json!({
        "resource": routed.resource,
        "path": path,
        "httpMethod": parts.method.as_str(),
        "headers": last_of_each(&headers),
        "multiValueHeaders": headers,
        "queryStringParameters": last_of_each(&query),
        "multiValueQueryStringParameters": (!query.is_empty()).then_some(query),
        "pathParameters": path_parameters,
        "stageVariables": null,
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "local",
            "domainName": routed.host.to_string(),
            "extendedRequestId": routed.request_id,
            "httpMethod": parts.method.as_str(),
            "identity": { "sourceIp": routed.host.ip().to_string() },
            "path": path,
            "protocol": "HTTP/1.1",
            "requestId": routed.request_id,
            "requestTimeEpoch": u64::try_from(now.as_millis()).unwrap_or_default(),
            "resourceId": "local",
            "resourcePath": routed.resource,
            // `lambda_http` puts any other stage's name into the path that the router sees.
            "stage": "$default",
        },
    })
}

fn last_of_each(values: &BTreeMap<String, Vec<String>>) -> Option<BTreeMap<&String, Option<&String>>> {
    (!values.is_empty()).then(|| values.iter().map(|(name, values)| (name, values.last())).collect())
}

/// A response that API Gateway would not pass on.
#[derive(Debug, thiserror::Error)]
#[error("the function's response is not a proxy response: {0}")]
pub struct Malformed(&'static str);

/// Converts a function's proxy response to HTTP.
///
/// # Errors
/// [`Malformed`].
pub fn to_http(answer: &Value) -> Result<Response, Malformed> {
    let status = answer["statusCode"].as_u64().and_then(|status| u16::try_from(status).ok());
    let status = status.and_then(|status| StatusCode::from_u16(status).ok()).ok_or(Malformed("statusCode"))?;
    let text = answer["body"].as_str().unwrap_or_default();
    let body = if answer["isBase64Encoded"].as_bool().unwrap_or_default() {
        BASE64.decode(text).map_err(|_| Malformed("body"))?
    } else {
        text.as_bytes().to_vec()
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    *response.headers_mut() = headers_of(answer).ok_or(Malformed("headers"))?;
    Ok(response)
}

fn headers_of(answer: &Value) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    let single = answer["headers"].as_object().into_iter().flatten();
    let multiple = answer["multiValueHeaders"].as_object().into_iter().flatten();
    let multiple = multiple.flat_map(|(name, values)| values.as_array().into_iter().flatten().map(move |v| (name, v)));
    for (name, value) in single.chain(multiple) {
        let name = HeaderName::try_from(name.as_str()).ok()?;
        headers.append(name, HeaderValue::try_from(value.as_str()?).ok()?);
    }
    Some(headers)
}
