//! Searches customers by name, e-mail address or the last digits of the phone, and lists them.

use axum::extract::State;
use axum::response::Response;
use serde_json::json;
use shared::api::docs::QueryParameter;
use shared::api::query::{Query, count};
use shared::api::schema;
use shared::api::view::{CustomersView, MAX_CURSOR};
use shared::api::{Caller, Docs, Problem, reply};
use shared::app::App;
use shared::domain::search::NameQuestion;
use shared::domain::{DEFAULT_PAGE, Email, Invalid, MAX_PAGE, Phone, PhoneEnding, Question, Region};

use crate::cursor::Cursors;

/// The parameters of which a request has at most one.
const QUESTIONS: [&str; 3] = ["name", "email", "phoneEnding"];

pub(crate) fn search_customers_docs() -> Docs {
    Docs::new("customers", "Search or list customers")
        .text(
            "Returns the customers who match `name`, `email` or `phoneEnding`; send at most one of them. Without any, all \
             customers are listed, the newest first.",
        )
        .text(
            "The records are up to date: a customer who no longer matches, or who has been erased, is not shown. A customer \
             who was created or changed in the last moment may be missing, normally for less than a second. \
             `findCustomerByPhone` and the reads by id never lag.",
        )
        .text(
            "For the next page, send `nextCursor` as `cursor` with the same question; `limit` may change. A page may have \
             fewer customers than `limit`: only `\"nextCursor\": null` means the end. Pages neither repeat nor skip a customer \
             who does not change meanwhile.",
        )
        .query(QueryParameter {
            name: "name",
            about: "The beginning of a first or last name, or of both in either order, the first of the two whole: `byr`, \
                    `aoife by` and `byrne, ao` find Aoife Byrne. Case, accents, apostrophes and hyphens do not matter. At \
                    least two letters; one for Han characters, kana and Hangul.",
            is_required: false,
            schema: schema::searched_text(NameQuestion::MAX),
            example: json!("byrne, ao"),
        })
        .query(QueryParameter {
            name: "email",
            about: "The whole e-mail address, in any case.",
            is_required: false,
            schema: schema::searched_text(Email::MAX),
            example: json!("aoife@example.com"),
        })
        .query(QueryParameter {
            name: "phoneEnding",
            about: "The last 4 to 12 digits of the phone, in any typing. Digits that are a whole number in the tenant's \
                    region find the customer with that number.",
            is_required: false,
            schema: schema::searched_text(Phone::MAX_TYPED),
            example: json!("4567"),
        })
        .query(QueryParameter {
            name: "limit",
            about: "The maximum number of customers on the page; 20 by default.",
            is_required: false,
            schema: schema::integer(1, MAX_PAGE.into()),
            example: json!(DEFAULT_PAGE),
        })
        .query(QueryParameter {
            name: "cursor",
            about: "The `nextCursor` of the page before.",
            is_required: false,
            schema: schema::cursor(),
            example: json!("kY0vqYb4rJ1hB3mZ7c2S"),
        })
        .response::<CustomersView>(200, "A page of customers")
}

pub(crate) async fn search_customers(
    State(app): State<App>,
    State(cursors): State<Cursors>,
    caller: Caller,
    mut query: Query,
) -> Result<Response, Problem> {
    let settings = app.settings.get(&caller.client).await?;
    let question = question(&mut query, app.settings.region_of(&settings));
    let limit = query.optional("limit", |raw| count(raw, MAX_PAGE)).unwrap_or(DEFAULT_PAGE);
    let position = question.as_ref().and_then(|question| {
        query.optional("cursor", |raw| {
            if raw.len() > MAX_CURSOR { Err(Invalid::NotACursor) } else { cursors.open(&caller.client, question, raw) }
        })
    });
    query.finish()?;
    let question = question.expect("a question was read, or an error was reported");

    let page = app.store.search(&caller.client, &question, position.unwrap_or_default(), limit.into()).await?;
    let next = page.next.map(|position| cursors.seal(&caller.client, &question, &position));
    Ok(reply::page(app.viewer(&caller, &settings), &page.customers, next))
}

/// What the request asks for. `None` if something is wrong with it; `query` keeps the errors.
fn question(query: &mut Query, region: Region) -> Option<Question> {
    let mut asked = QUESTIONS.into_iter().filter(|name| query.has(name));
    let Some(first) = asked.next() else { return Some(Question::All) };
    let others: Vec<_> = asked.collect();
    for other in &others {
        query.refuse(other, &Invalid::ConflictsWith(first));
    }
    let question = query.optional(first, |raw| match first {
        "name" => NameQuestion::parse(raw).map(Question::Name),
        "email" => Question::email(raw),
        _ => PhoneEnding::parse_query(raw, region).map(Question::PhoneEnding),
    });
    question.filter(|_| others.is_empty())
}
