//! Blocks a customer, and removes the block.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use shared::api::etag::IfMatch;
use shared::api::fields::FieldRules;
use shared::api::json::BoundedInteger;
use shared::api::object::{Fields, Outline};
use shared::api::path::{CustomerPath, Params};
use shared::api::view::CustomerView;
use shared::api::{Body, Caller, Code, Docs, Problem, reply};
use shared::app::App;
use shared::domain::address::MAX_DATE;
use shared::domain::{Block, Customer, Invalid, UnixSeconds};
use shared::store::BlockRefused;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};

/// The fields of the body. Returns `None` if a required field is missing or invalid.
fn block(fields: &mut impl Fields) -> Option<Block> {
    let about = "`warn` warns the office. `refuse` also ends the passenger's sessions and refuses new ones.";
    let level = fields.required("level", about);
    let reason = fields.required("reason", "The office's reason. Passengers are not shown it. Line breaks are kept.");
    let about = "When the block ends, in Unix seconds. It must be in the future. Without it the block does not end.";
    let until_date = fields.change("untilDate", about).map(|date: BoundedInteger<0, { MAX_DATE }>| date.0).into_set();
    Some(Block { level: level?, reason: reason?, until_date })
}

/// The schema of the body.
pub(crate) struct BlockPut;

impl PartialSchema for BlockPut {
    fn schema() -> RefOr<Schema> {
        let mut outline = Outline::new("A block. It replaces the customer's block as a whole.");
        block(&mut outline);
        outline.closed()
    }
}

impl ToSchema for BlockPut {}

pub(crate) fn block_customer_docs() -> Docs {
    Docs::new("customers", "Block a customer")
        .text(
            "Warns the office of a customer (`warn`), or has it refuse the customer's bookings (`refuse`). Every response \
             with the customer shows the block to the office, so the operator decides. Passengers never see it.",
        )
        .text(
            "`refuse` ends every session of the passenger at once and refuses new ones. A block belongs to the person: a \
             new phone does not change it. It ends at `untilDate`. If the customer has this block already, nothing \
             changes, so it is safe to retry. Another level, reason or `untilDate` keeps `blockedDate`.",
        )
        .body::<BlockPut>()
        .response::<CustomerView>(200, "The customer after the change")
        .problems(&[Code::NotFound])
}

pub(crate) async fn block_customer(
    State(app): State<App>,
    Params(path): Params<CustomerPath>,
    caller: Caller,
    IfMatch(precondition): IfMatch,
    body: Body,
) -> Result<Response, Problem> {
    let write = app.write_by(&caller);
    let mut fields = body.fields(FieldRules::block())?;
    let block = block(&mut fields);
    if let Some(invalid) = block.as_ref().and_then(|block| not_in_the_future(block, write.now)) {
        fields.refuse("untilDate", invalid);
    }
    fields.finish()?;
    let block = block.expect("finish fails if a required field is missing or invalid");
    let blocked = app.store.block(&write, &path.customer_id, &block, &precondition).await?;
    answer(&app, &caller, blocked).await
}

fn not_in_the_future(block: &Block, now: UnixSeconds) -> Option<Invalid> {
    block.until_date.filter(|until| *until <= now).map(|_| Invalid::OutOfRange { min: now + 1, max: MAX_DATE })
}

pub(crate) fn unblock_customer_docs() -> Docs {
    Docs::new("customers", "Remove the block of a customer")
        .text("The passenger can log in again. If no block is in force, nothing changes, so it is safe to retry.")
        .response::<CustomerView>(200, "The customer after the change")
        .problems(&[Code::NotFound])
}

pub(crate) async fn unblock_customer(
    State(app): State<App>,
    Params(path): Params<CustomerPath>,
    caller: Caller,
    IfMatch(precondition): IfMatch,
) -> Result<Response, Problem> {
    let unblocked = app.store.unblock(&app.write_by(&caller), &path.customer_id, &precondition).await?;
    answer(&app, &caller, unblocked).await
}

async fn answer(app: &App, caller: &Caller, outcome: Result<Customer, BlockRefused>) -> Result<Response, Problem> {
    let customer = outcome.map_err(|refused| match refused {
        BlockRefused::NotFound => Problem::not_found(),
        BlockRefused::PreconditionFailed => reply::precondition_failed(),
    })?;
    let settings = app.settings.get(&caller.client).await?;
    Ok(reply::customer(app.viewer(caller, &settings), StatusCode::OK, &customer))
}
