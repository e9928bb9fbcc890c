//! The Lambda function `tags`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    shared::api::run(tags::routes()).await
}
