//! The Lambda function `links`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    shared::api::edge::run(links::routes()).await
}
