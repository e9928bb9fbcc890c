//! The Lambda function `customers`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    shared::api::run(customers::routes()).await
}
