//! The Lambda function `reference`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    shared::api::run(reference::routes()).await
}
