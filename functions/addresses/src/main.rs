//! The Lambda function `addresses`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    shared::api::run(addresses::routes()).await
}
