//! Records as callers see them.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::Role;
use super::fields::{address_shown_to, customer_shown_to};
use crate::domain::{Address, Customer, PriorityReason, PriorityType, Region, Settings};

/// A record as a caller is shown it.
#[derive(Serialize)]
#[serde(transparent)]
pub struct Record(Map<String, Value>);

/// A reference to something of the tenant's.
#[derive(Debug, Serialize, ToSchema)]
pub struct Reference {
    #[schema(min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9_-]+$")]
    id: String,
}

impl Reference {
    fn to(id: &str) -> Self {
        Self { id: id.to_owned() }
    }
}

/// A customer. A passenger and an app are not shown `managementNote`, `rating`, `tags`, `assignedPriority`,
/// `minPriority` and `priorityReason`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CustomerView<'a> {
    id: &'a str,
    /// In E.164.
    phone: &'a str,
    email: Option<&'a str>,
    first_name: Option<&'a str>,
    last_name: Option<&'a str>,
    default_account: Option<Reference>,
    default_brand: Option<Reference>,
    accounts: Vec<Reference>,
    account_departments: Vec<Reference>,
    brands: Vec<Reference>,
    client_capabilities: Vec<Reference>,
    tags: Vec<&'a str>,
    /// The effective priority, 10 to 80: lower is served first.
    priority: u8,
    #[schema(value_type = String)]
    priority_type: PriorityType,
    /// Which rule gave the effective priority.
    #[schema(value_type = String)]
    priority_reason: PriorityReason,
    /// The priority that was last sent; 60 if none was.
    assigned_priority: u8,
    min_priority: Option<u8>,
    loyalty_miles: i64,
    rating: i64,
    driver_note: Option<&'a str>,
    management_note: Option<&'a str>,
    active: bool,
    /// Unix seconds.
    phone_verified_date: Option<i64>,
    /// Unix seconds.
    created_date: i64,
    /// Unix seconds.
    updated_date: i64,
    /// Counts the writes; the `ETag` too.
    version: i64,
}

/// `customer` as `role` sees it.
#[must_use]
pub fn customer(customer: &Customer, settings: &Settings, role: &Role) -> Record {
    let (priority, reason) = customer.effective_priority(settings);
    let view = CustomerView {
        id: customer.id.as_str(),
        phone: customer.phone.as_str(),
        email: customer.email.as_ref().map(|email| email.as_str()),
        first_name: customer.first_name.as_ref().map(|name| name.as_str()),
        last_name: customer.last_name.as_ref().map(|name| name.as_str()),
        default_account: customer.default_account.as_ref().map(|id| Reference::to(id.as_str())),
        default_brand: customer.default_brand.as_ref().map(|id| Reference::to(id.as_str())),
        accounts: customer.accounts.iter().map(|id| Reference::to(id.as_str())).collect(),
        account_departments: customer.account_departments.iter().map(|id| Reference::to(id.as_str())).collect(),
        brands: customer.brands.iter().map(|id| Reference::to(id.as_str())).collect(),
        client_capabilities: customer.client_capabilities.iter().map(|id| Reference::to(id.as_str())).collect(),
        tags: customer.tags.iter().map(|tag| tag.as_str()).collect(),
        priority: priority.get(),
        priority_type: priority.tier(),
        priority_reason: reason,
        assigned_priority: customer.priority.get(),
        min_priority: customer.min_priority.map(|priority| priority.get()),
        loyalty_miles: customer.loyalty_miles,
        rating: customer.rating,
        driver_note: customer.driver_note.as_ref().map(|note| note.as_str()),
        management_note: customer.management_note.as_ref().map(|note| note.as_str()),
        active: customer.active,
        phone_verified_date: customer.phone_verified_date,
        created_date: customer.created_date,
        updated_date: customer.updated_date,
        version: customer.version,
    };
    shown(&view, customer_shown_to(role))
}

/// A saved address. A passenger is not shown `managementNote`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AddressView<'a> {
    id: &'a str,
    address: &'a str,
    /// The geocoder's reference.
    address_id: Option<&'a str>,
    /// WGS-84 degrees, six decimals.
    latitude: f64,
    longitude: f64,
    label: Option<&'a str>,
    /// The brand that it belongs to; without one it is shown under every brand.
    brand: Option<Reference>,
    /// Unix seconds.
    last_used_date: i64,
    used_pickup_count: i64,
    used_destination_count: i64,
    driver_note: Option<&'a str>,
    management_note: Option<&'a str>,
}

/// `address` as `role` sees it.
#[must_use]
pub fn address(address: &Address, role: &Role) -> Record {
    let view = AddressView {
        id: address.id.as_str(),
        address: address.address.as_str(),
        address_id: address.address_id.as_ref().map(|id| id.as_str()),
        latitude: address.latitude.degrees(),
        longitude: address.longitude.degrees(),
        label: address.label.as_ref().map(|label| label.as_str()),
        brand: address.brand.as_ref().map(|brand| Reference::to(brand.as_str())),
        last_used_date: address.last_used_date,
        used_pickup_count: address.used_pickup_count,
        used_destination_count: address.used_destination_count,
        driver_note: address.driver_note.as_ref().map(|note| note.as_str()),
        management_note: address.management_note.as_ref().map(|note| note.as_str()),
    };
    shown(&view, address_shown_to(role))
}

/// A complete list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Items<T> {
    pub items: Vec<T>,
}

/// A tenant's settings as they are in force.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SettingsView {
    /// ISO 3166 code of the country that a phone number without a prefix belongs to.
    region: String,
    tag_rules: Vec<TagRuleView>,
    loyalty_rules: Vec<LoyaltyRuleView>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TagRuleView {
    tag: String,
    /// Customers with the tag are served with this priority or better.
    priority: u8,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct LoyaltyRuleView {
    /// Customers with so many miles, or more, are served with this priority or better.
    miles: i64,
    priority: u8,
}

/// `settings`, with what falls back filled in.
#[must_use]
pub fn settings(settings: &Settings, region: Region) -> SettingsView {
    let tag_rule =
        |rule: crate::domain::TagRule| TagRuleView { tag: rule.tag.as_str().to_owned(), priority: rule.priority.get() };
    SettingsView {
        region: region.to_string(),
        tag_rules: settings.tag_rules().into_iter().map(tag_rule).collect(),
        loyalty_rules: settings
            .loyalty_rules
            .iter()
            .map(|rule| LoyaltyRuleView { miles: rule.miles, priority: rule.priority.get() })
            .collect(),
    }
}

/// The fields of `view` that are among `fields`, or all of them.
fn shown(view: &impl Serialize, fields: Option<&[&str]>) -> Record {
    let mut record = match serde_json::to_value(view) {
        Ok(Value::Object(record)) => record,
        // A struct of strings, numbers and lists is an object and cannot fail to be one.
        Ok(_) | Err(_) => Map::new(),
    };
    if let Some(fields) = fields {
        record.retain(|name, _| fields.contains(&name.as_str()));
    }
    Record(record)
}
