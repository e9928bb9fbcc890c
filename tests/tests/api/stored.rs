//! Reads the items of the table directly, without the API.

use std::collections::HashMap;

use api_tests::{TENANT, TestApp};
use aws_sdk_dynamodb::types::AttributeValue;

pub(crate) type Item = HashMap<String, AttributeValue>;

/// All items.
pub(crate) async fn items(app: &TestApp) -> Vec<Item> {
    let pages = app.dynamodb.scan().table_name(app.table()).consistent_read(true);
    let mut items = Vec::new();
    let mut next = None;
    loop {
        let page = pages.clone().set_exclusive_start_key(next).send().await.expect("a page");
        items.extend(page.items.unwrap_or_default());
        next = page.last_evaluated_key;
        if next.is_none() {
            return items;
        }
    }
}

/// The stored record of a customer of [`TENANT`].
pub(crate) async fn profile(app: &TestApp, id: &str) -> Item {
    let pk = format!("{TENANT}#CUSTOMER#{id}");
    let found = items(app).await.into_iter().find(|item| text(item, "pk") == pk && text(item, "sk") == "PROFILE");
    found.expect("a stored customer")
}

/// The stored hash of the password of a customer of [`TENANT`].
pub(crate) async fn hash(app: &TestApp, id: &str) -> Option<String> {
    let pk = format!("{TENANT}#CREDENTIAL#{id}");
    let found = items(app).await.into_iter().find(|item| text(item, "pk") == pk && text(item, "sk") == "PASSWORD");
    found.map(|item| text(&item, "hash").to_owned())
}

pub(crate) async fn put(app: &TestApp, item: Item) {
    app.dynamodb.put_item().table_name(app.table()).set_item(Some(item)).send().await.expect("put");
}

/// A text attribute; empty if it is absent.
pub(crate) fn text<'a>(item: &'a Item, attribute: &str) -> &'a str {
    item.get(attribute).and_then(|value| value.as_s().ok()).map_or("", String::as_str)
}

/// Asserts that every customer has a guard and an index entry for its phone, and that every guard has its customer.
/// Returns the phones.
///
/// # Panics
/// If this is not the case.
pub(crate) async fn assert_guarded(app: &TestApp) -> Vec<String> {
    let items = items(app).await;
    let of = |entity: &str| items.iter().filter(|item| text(item, "entity") == entity).collect::<Vec<_>>();
    let mut owners = HashMap::new();
    for guard in of("phoneGuard") {
        owners.insert(text(guard, "pk"), text(guard, "customerId"));
    }
    let customers = of("customer");
    for customer in &customers {
        let (tenant, _) = text(customer, "pk").split_once('#').expect("a key");
        let guard = format!("{tenant}#PHONE#{}", text(customer, "phone"));
        assert_eq!(owners.remove(guard.as_str()), Some(text(customer, "id")), "{guard}");
        assert_eq!(text(customer, "gsi1pk"), guard);
    }
    assert!(owners.is_empty(), "guards without their customer: {owners:?}");
    customers.iter().map(|customer| text(customer, "phone").to_owned()).collect()
}
