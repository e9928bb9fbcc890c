//! Records as callers see them.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::fields::{address_shown_to, customer_shown_to};
use super::{Degrees, Field, IdRef, IdRefs, LoyaltyRules, Ranged, Role, TagList, TagRules};
use crate::described;
use crate::domain::address::{AddressNote, AddressText, GeocoderId, Label, MAX_COUNT, MAX_DATE};
use crate::domain::customer::{MAX_MILES, MAX_RATING, MIN_RATING};
use crate::domain::text::{DriverNote, ManagementNote, Name};
use crate::domain::{
    AccountDepartmentId, AccountId, Address, BrandId, CapabilityId, Customer, CustomerId, Email, Phone, Priority,
    PriorityReason, PriorityType, Region, SavedAddressId, Settings,
};

/// Unix seconds.
type Date = Ranged<0, { MAX_DATE }>;
/// What is counted up from 1.
type Version = Ranged<1, { i64::MAX }>;

/// A record as a caller is shown it.
#[derive(Serialize)]
#[serde(transparent)]
pub struct Record(Map<String, Value>);

/// A reference to something of the tenant's.
#[derive(Debug, Serialize)]
pub struct Reference {
    id: String,
}

impl Reference {
    fn to(id: &str) -> Self {
        Self { id: id.to_owned() }
    }
}

described! {
    /// A customer. A passenger and an app are not shown `managementNote`, `rating`, `tags`, `assignedPriority`,
    /// `minPriority` and `priorityReason`.
    #[derive(Serialize)]
    pub struct CustomerView<'a> is "Customer" {
        /// Issued by this service; nothing is to be read out of it.
        id: &'a str as CustomerId,
        /// In E.164.
        phone: &'a str as Phone,
        email: Option<&'a str> as Field<Email>,
        first_name: Option<&'a str> as Field<Name>,
        last_name: Option<&'a str> as Field<Name>,
        /// The corporate account that its bookings are on unless they say otherwise.
        default_account: Option<Reference> as Field<IdRef<AccountId>>,
        /// The brand that it is a customer of first of all.
        default_brand: Option<Reference> as Field<IdRef<BrandId>>,
        accounts: Vec<Reference> as IdRefs<AccountId>,
        account_departments: Vec<Reference> as IdRefs<AccountDepartmentId>,
        brands: Vec<Reference> as IdRefs<BrandId>,
        /// The tenant's service requirements that pre-fill its bookings.
        client_capabilities: Vec<Reference> as IdRefs<CapabilityId>,
        tags: Vec<&'a str> as TagList,
        /// The effective priority: lower is served first. The best of the assigned one, `minPriority`, the tenant's rules
        /// about tags, and those about loyalty.
        priority: u8 as Priority,
        /// The tier of the effective priority, by tens from 10.
        priority_type: PriorityType,
        /// Which rule gave the effective priority.
        priority_reason: PriorityReason,
        /// The priority that was last sent; 60 if none was.
        assigned_priority: u8 as Priority,
        /// A guarantee: never served later than this.
        min_priority: Option<u8> as Field<Priority>,
        loyalty_miles: i64 as Ranged<0, { MAX_MILES }>,
        /// Set by operators; of no bearing on the priority.
        rating: i64 as Ranged<{ MIN_RATING }, { MAX_RATING }>,
        /// Shown to drivers.
        driver_note: Option<&'a str> as Field<DriverNote>,
        /// For the office alone.
        management_note: Option<&'a str> as Field<ManagementNote>,
        active: bool,
        /// Unix seconds: when the phone was proven to be this customer's.
        phone_verified_date: Option<i64> as Field<Date>,
        /// Unix seconds.
        created_date: i64 as Date,
        /// Unix seconds, by the clock of the function that wrote. It can go back between two writes: `version` orders
        /// them.
        updated_date: i64 as Date,
        /// Counts the writes of the customer, and orders them; also its `ETag`. Saved addresses do not count.
        version: i64 as Version,
    }
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

described! {
    /// A saved address. A passenger is not shown `managementNote`.
    #[derive(Serialize)]
    pub struct AddressView<'a> is "Address" {
        /// Issued by this service: `savedAddressId` in a path.
        id: &'a str as SavedAddressId,
        address: &'a str as AddressText,
        /// The geocoder's reference to the place.
        address_id: Option<&'a str> as Field<GeocoderId>,
        /// WGS-84 degrees, six decimals.
        latitude: f64 as Degrees<90>,
        /// WGS-84 degrees, six decimals.
        longitude: f64 as Degrees<180>,
        /// What the passenger calls it, such as home.
        label: Option<&'a str> as Field<Label>,
        /// The brand that it belongs to; without one it is shown under every brand.
        brand: Option<Reference> as Field<IdRef<BrandId>>,
        /// Unix seconds.
        last_used_date: i64 as Date,
        used_pickup_count: i64 as Ranged<0, { MAX_COUNT }>,
        used_destination_count: i64 as Ranged<0, { MAX_COUNT }>,
        /// Shown to drivers.
        driver_note: Option<&'a str> as Field<AddressNote>,
        /// For the office alone.
        management_note: Option<&'a str> as Field<AddressNote>,
    }
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
#[derive(Debug, Serialize)]
pub struct Items<T> {
    pub items: Vec<T>,
}

/// The saved addresses of a customer, all of them.
#[derive(ToSchema)]
#[schema(as = Addresses)]
#[expect(dead_code, reason = "the schema of `Items` of addresses")]
pub struct AddressesView<'a> {
    #[schema(max_items = 200)]
    items: Vec<AddressView<'a>>,
}

described! {
    /// The tags of a customer, all of them.
    #[derive(Serialize)]
    pub struct TagsView<'a> is "Tags" whole {
        items: Vec<&'a str> as TagList,
    }
}

/// The tags of `customer`.
#[must_use]
pub fn tags(customer: &Customer) -> TagsView<'_> {
    TagsView { items: customer.tags.iter().map(|tag| tag.as_str()).collect() }
}

described! {
    /// A tenant's settings as they are in force.
    #[derive(Debug, Serialize)]
    pub struct SettingsView is "Settings" whole {
        /// ISO 3166 code of the country that a phone number without a prefix belongs to.
        region: String as Region,
        /// Customers with the tag are served with this priority or better; no two rules are about one tag.
        tag_rules: Vec<TagRuleView> as TagRules,
        /// Customers with so many miles, or more, are served with this priority or better; no two rules are about one
        /// number of miles.
        loyalty_rules: Vec<LoyaltyRuleView> as LoyaltyRules,
    }
}

#[derive(Debug, Serialize)]
pub struct TagRuleView {
    tag: String,
    priority: u8,
}

#[derive(Debug, Serialize)]
pub struct LoyaltyRuleView {
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
