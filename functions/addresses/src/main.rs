//! The Lambda function `addresses`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    shared::api::edge::run(addresses::routes()).await
}
