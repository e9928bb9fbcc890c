//! The Lambda function `links`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    shared::api::run(links::routes()).await
}
