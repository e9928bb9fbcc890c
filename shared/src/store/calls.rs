//! What every call to DynamoDB has in common: it is counted (`telemetry::calls`), and it has no statistics of the SDK.

use aws_runtime::invocation_id::InvocationIdInterceptor;
use aws_runtime::request_info::RequestInfoInterceptor;
use aws_runtime::user_agent::UserAgentInterceptor;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::interceptors::{
    BeforeSerializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
};
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use aws_smithy_runtime_api::client::interceptors::disable_interceptor;

use crate::telemetry::calls::count_one;

/// Counts every attempt that a client sends. The SDK runs it on the task that makes the call.
#[derive(Debug)]
struct Counter;

impl Intercept for Counter {
    fn name(&self) -> &'static str {
        "Counter"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        count_one();
        Ok(())
    }
}

/// Leaves out the headers about the SDK and its attempts. They are for statistics of AWS, and composing and signing them
/// is a tenth of the work of a call. `shared::http1` names this service instead.
#[derive(Debug)]
struct WithoutStatistics;

impl Intercept for WithoutStatistics {
    fn name(&self) -> &'static str {
        "WithoutStatistics"
    }

    fn read_before_execution(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        const CAUSE: &str = "these headers do not change what DynamoDB does";
        let state = config.interceptor_state();
        state.store_put(disable_interceptor::<InvocationIdInterceptor>(CAUSE));
        state.store_put(disable_interceptor::<RequestInfoInterceptor>(CAUSE));
        state.store_put(disable_interceptor::<UserAgentInterceptor>(CAUSE));
        Ok(())
    }
}

/// Returns a client like `client` whose calls are counted and have no statistics.
pub(super) fn prepared(client: &Client) -> Client {
    let config = client.config().to_builder().interceptor(Counter).interceptor(WithoutStatistics);
    Client::from_conf(config.build())
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
    use tokio::io::AsyncReadExt as _;
    use tokio::net::TcpListener;

    use super::*;
    use crate::http1::Http1;

    #[tokio::test]
    async fn a_call_has_no_headers_about_the_sdk() {
        let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-west-1"))
            .credentials_provider(Credentials::new("id", "secret", None, None, "test"))
            .http_client(Http1::without_tls())
            .endpoint_url(format!("http://{}", server.local_addr().unwrap()));
        let client = prepared(&Client::from_conf(config.build()));
        let head = async {
            let (mut stream, _) = server.accept().await.unwrap();
            let mut head = Vec::new();
            while !head.windows(4).any(|end| end == b"\r\n\r\n") {
                assert_ne!(stream.read_buf(&mut head).await.unwrap(), 0, "the connection ended");
            }
            String::from_utf8(head).unwrap().to_ascii_lowercase()
        };
        let head = tokio::select! {
            head = head => head,
            answer = client.list_tables().send() => panic!("nothing answered: {answer:?}"),
        };
        let head = head.split("\r\n\r\n").next().unwrap();
        let mut names: Vec<_> = head.lines().skip(1).filter_map(|line| line.split(':').next()).collect();
        names.sort_unstable();
        let expected = ["authorization", "content-length", "content-type", "host", "user-agent", "x-amz-date"];
        assert_eq!(names, [&expected[..], &["x-amz-target"]].concat(), "{head}");
        assert!(head.lines().any(|line| line == "user-agent: customers-api"), "{head}");
    }
}
