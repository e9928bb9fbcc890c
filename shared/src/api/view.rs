//! Records in responses.
//!
//! Each record has one function that lists its fields and is generic over `Output`. With a `Writer` the function writes
//! the fields that the caller's role sees into a response. With an `Outline` the same function describes them for the
//! API reference.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use utoipa::openapi::schema::{ArrayBuilder, Schema};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use super::Role;
use super::fields::{address_shown_to, customer_shown_to};
use super::json::{BoundedInteger, Degrees, IdRef, IdRefs};
use super::object::Outline;
use super::reply::Included;
use super::schema::{self, Described};
use crate::domain::address::{AddressText, MAX_COUNT, MAX_DATE};
use crate::domain::block::{BlockLevel, BlockReason};
use crate::domain::customer::{MAX_MILES, MAX_RATING, MIN_RATING};
use crate::domain::{
    Actor, ActorRole, Address, AddressPatch, Block, Customer, MAX_ADDRESSES, MAX_INCLUDED_ADDRESSES, MAX_PAGE,
    Microdegrees, Phone, PhoneInfo, Region, Settings, Subject, Tag, UnixSeconds,
};

/// A date in Unix seconds.
fn date(seconds: UnixSeconds) -> BoundedInteger<0, { MAX_DATE }> {
    BoundedInteger(seconds)
}

/// How often an address was used.
fn count(uses: i64) -> BoundedInteger<0, { MAX_COUNT }> {
    BoundedInteger(uses)
}

/// Who a record is shown to, under which settings of the tenant, and when.
#[derive(Debug, Clone, Copy)]
pub struct Viewer<'a> {
    pub role: &'a Role,
    pub settings: &'a Settings,
    pub now: UnixSeconds,
}

/// A record with the fields that the caller sees.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct Record(Map<String, Value>);

/// Where the fields of a record go.
trait Output {
    /// A field of the record.
    fn field<T: Described + Serialize>(&mut self, name: &'static str, about: &str, value: T);
}

/// Writes the fields that the caller sees.
struct Writer {
    record: Map<String, Value>,
    /// The names of the visible fields; `None` means all.
    shown: Option<&'static [&'static str]>,
}

impl Writer {
    fn new(shown: Option<&'static [&'static str]>) -> Self {
        Self { record: Map::new(), shown }
    }

    fn finish(self) -> Record {
        Record(self.record)
    }
}

impl Output for Writer {
    fn field<T: Described + Serialize>(&mut self, name: &'static str, _: &str, value: T) {
        if self.shown.is_none_or(|shown| shown.contains(&name)) {
            let value = serde_json::to_value(value).expect("text, numbers and lists of them are JSON");
            self.record.insert(name.to_owned(), value);
        }
    }
}

impl Output for Outline {
    fn field<T: Described + Serialize>(&mut self, name: &'static str, about: &str, _: T) {
        self.add(name, T::schema(), about);
        self.always(name);
    }
}

/// A list of references to these ids.
struct References<'a, T>(&'a BTreeSet<T>);

impl<T: Serialize> Serialize for References<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|id| IdRef { id }))
    }
}

impl<T> Described for References<'_, T> {
    fn schema() -> RefOr<Schema> {
        IdRefs::<T>::schema()
    }
}

/// Who wrote a record.
#[derive(Serialize)]
struct Author<'a> {
    role: ActorRole,
    subject: Option<&'a Subject>,
}

impl<'a> From<&'a Actor> for Author<'a> {
    fn from(Actor { role, subject }: &'a Actor) -> Self {
        Self { role: *role, subject: subject.as_ref() }
    }
}

impl Described for Author<'_> {
    fn schema() -> RefOr<Schema> {
        let mut outline = Outline::new("It is `null` for a record of an earlier version.");
        outline.add("role", ActorRole::schema(), "The role of the caller.");
        outline.always("role");
        outline.add("subject", Option::<Subject>::schema(), "The `sub` of the caller's token, if it is an id.");
        outline.always("subject");
        outline.open()
    }
}

/// A block that is in force.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BlockInForce<'a> {
    level: BlockLevel,
    reason: &'a BlockReason,
    until_date: Option<UnixSeconds>,
    blocked_date: UnixSeconds,
}

impl<'a> BlockInForce<'a> {
    fn of(customer: &'a Customer, now: UnixSeconds) -> Option<Self> {
        let Block { level, reason, until_date } = customer.block_in_force(now)?;
        let blocked_date = customer.blocked_date.expect("the date is written with the block");
        Some(Self { level: *level, reason, until_date: *until_date, blocked_date })
    }
}

impl Described for BlockInForce<'_> {
    fn schema() -> RefOr<Schema> {
        let mut outline = Outline::new("It is `null` if the customer is not blocked.");
        let date = BoundedInteger::<0, { MAX_DATE }>::schema;
        for (name, schema, about) in [
            (
                "level",
                BlockLevel::schema(),
                "`warn` warns the office. `refuse` also closes the record to its passenger.",
            ),
            ("reason", BlockReason::schema(), "The office's reason."),
            (
                "untilDate",
                schema::nullable(date()),
                "When the block ends, in Unix seconds, or `null` if it does not end.",
            ),
            ("blockedDate", date(), "When the customer was blocked, in Unix seconds. A change of the block keeps it."),
        ] {
            outline.add(name, schema, about);
            outline.always(name);
        }
        outline.open()
    }
}

/// `customer` with the fields that the viewer sees.
#[must_use]
pub fn customer(customer: &Customer, viewer: Viewer<'_>) -> Record {
    let mut writer = Writer::new(customer_shown_to(viewer.role));
    let seen = if viewer.role.is_staff() { Cow::Borrowed(customer) } else { Cow::Owned(customer.seen_by_passenger()) };
    customer_fields(&mut writer, &seen, viewer.settings, viewer.now);
    writer.finish()
}

fn customer_fields(out: &mut impl Output, customer: &Customer, settings: &Settings, now: UnixSeconds) {
    let (effective, reason) = customer.effective_priority(settings);
    let Customer {
        id,
        phone,
        email,
        first_name,
        last_name,
        default_account,
        default_brand,
        accounts,
        account_departments,
        brands,
        client_capabilities,
        tags,
        priority,
        min_priority,
        loyalty_miles,
        rating,
        driver_note,
        management_note,
        active,
        block: _,
        blocked_date: _,
        phone_verified_date,
        owner_since,
        passenger_fields: _,
        last_seen_date: _,
        created_date,
        created_by,
        updated_date,
        updated_by,
        version,
        session_epoch: _,
        epoch_session: _,
    } = customer;
    out.field("id", "Opaque identifier.", id);
    out.field("phone", "The phone number in E.164.", phone);
    out.field("email", "The e-mail address, as it was sent.", email.as_ref());
    out.field("firstName", "The first name.", first_name.as_ref());
    out.field("lastName", "The last name.", last_name.as_ref());
    let about = "The corporate account that bookings are on by default. Always one of `accounts`.";
    out.field("defaultAccount", about, default_account.as_ref().map(|id| IdRef { id }));
    let about = "The customer's main brand. Always one of `brands`.";
    out.field("defaultBrand", about, default_brand.as_ref().map(|id| IdRef { id }));
    out.field("accounts", "The corporate accounts that pay for the customer.", References(accounts));
    let about = "The departments (cost centres) that the customer belongs to.";
    out.field("accountDepartments", about, References(account_departments));
    out.field("brands", "The brands that the customer is linked to.", References(brands));
    let about = "Service requirements, such as a wheelchair-accessible vehicle, that bookings start with.";
    out.field("clientCapabilities", about, References(client_capabilities));
    out.field("tags", "The customer's tags, in upper case and sorted.", tags);
    let about = "The effective priority; lower is served first. It is the best of `assignedPriority`, `minPriority`, the \
                 tenant's tag rules and its loyalty rules.";
    out.field("priority", about, effective);
    out.field("priorityType", "The tier of the effective priority.", effective.tier());
    out.field("priorityReason", "The rule that gave the effective priority.", reason);
    out.field("assignedPriority", "The assigned priority; 60 by default.", priority);
    let about = "A guarantee: the customer is never served later than with this priority.";
    out.field("minPriority", about, min_priority.as_ref());
    out.field(
        "loyaltyMiles",
        "The miles that loyalty rules look at.",
        BoundedInteger::<0, { MAX_MILES }>(*loyalty_miles),
    );
    let about = "Set by operators; 100 by default. It does not change the priority.";
    out.field("rating", about, BoundedInteger::<{ MIN_RATING }, { MAX_RATING }>(*rating));
    out.field("driverNote", "A note that drivers are shown.", driver_note.as_ref());
    let about = "A note for the office. Passengers and apps are not shown it.";
    out.field("managementNote", about, management_note.as_ref());
    let about = "Whether the record is open. An inactive customer still matches, but cannot use the record.";
    out.field("active", about, active);
    let about = "What the office decided about the customer's bookings. Passengers and apps are not shown it.";
    out.field("block", about, BlockInForce::of(customer, now));
    let about = "When the phone was proven to be this customer's, in Unix seconds.";
    out.field("phoneVerifiedDate", about, phone_verified_date.map(date));
    let about = "Since when the phone belongs to the passenger, in Unix seconds, if the record may be somebody else's in part. \
                 Until the office sends `ownerConfirmed`, the passenger sees only what passengers have written since.";
    out.field("ownerSince", about, owner_since.map(date));
    out.field("createdDate", "When the record was created, in Unix seconds.", date(*created_date));
    out.field("createdBy", "Who created the record.", created_by.as_ref().map(Author::from));
    out.field("updatedDate", "When the record was last written, in Unix seconds by the clock of the function that wrote it. It can go back between two writes: `version` orders them.", date(*updated_date));
    out.field("updatedBy", "Who made the change at `updatedDate`.", updated_by.as_ref().map(Author::from));
    let about = "Counts the writes to the record, from 1, and orders them. It is also the `ETag`. Saved addresses do not count.";
    out.field("version", about, BoundedInteger::<1, { i64::MAX }>(*version));
}

/// `customer` with the fields that the viewer sees, and with what the request includes.
#[must_use]
pub fn customer_card(record: &Customer, viewer: Viewer<'_>, included: &Included) -> Record {
    let Record(mut card) = customer(record, viewer);
    let mut include = |name: &str, value: Value| card.insert(name.to_owned(), value);
    let Included { addresses, phone_info: info } = included;
    if let Some(addresses) = addresses {
        include("addresses", addresses.iter().map(|saved| Value::Object(address(saved, viewer.role).0)).collect());
    }
    if let Some(info) = info {
        include("phoneInfo", Value::Object(phone_info(info).0));
    }
    Record(card)
}

/// A number as it is written within its country.
#[derive(Serialize)]
struct National<'a>(&'a str);

impl Described for National<'_> {
    fn schema() -> RefOr<Schema> {
        schema::national_phone()
    }
}

/// What is known of a phone.
#[must_use]
pub fn phone_info(info: &PhoneInfo) -> Record {
    let mut writer = Writer::new(None);
    phone_info_fields(&mut writer, info);
    writer.finish()
}

fn phone_info_fields(out: &mut impl Output, info: &PhoneInfo) {
    let PhoneInfo { e164, national, country, kind } = info;
    out.field("e164", "The number in E.164.", e164);
    out.field("national", "The number as it is written within its country.", National(national));
    let about = "The country that the number belongs to: its ISO 3166 code. It is `null` for a number of no country, such \
                 as one of `+800`.";
    out.field("country", about, country.as_ref());
    let about = "The kind of number. `fixedOrMobile` means that the country does not tell the two apart.";
    out.field("kind", about, kind);
}

/// The schema of [`phone_info`], named `PhoneInfo`.
pub(super) fn phone_info_schema() -> RefOr<Schema> {
    let mut outline = Outline::new("What the numbering plans say of a phone number.");
    phone_info_fields(&mut outline, &example_phone().info());
    outline.open()
}

fn example_phone() -> Phone {
    let region = Region::parse("IE").expect("Ireland's numbers are known");
    region.example().expect("Ireland has an example number")
}

/// Those of the customer's `addresses` that `role` sees.
#[must_use]
pub fn shown_addresses(customer: &Customer, addresses: Vec<Address>, role: &Role) -> Vec<Address> {
    if role.is_staff() { addresses } else { customer.addresses_seen_by_passenger(&addresses) }
}

/// `address` with the fields that `role` sees. Of a customer's addresses, the role sees [`shown_addresses`].
#[must_use]
pub fn address(address: &Address, role: &Role) -> Record {
    let mut writer = Writer::new(address_shown_to(role));
    address_fields(&mut writer, address);
    writer.finish()
}

fn address_fields(out: &mut impl Output, saved: &Address) {
    let Address {
        id,
        address,
        address_id,
        latitude,
        longitude,
        label,
        brand,
        last_used_date,
        used_pickup_count,
        used_destination_count,
        driver_note,
        management_note,
        by_passenger: _,
    } = saved;
    out.field("id", "Opaque identifier: `savedAddressId` in a path.", id);
    out.field("address", "The address as text.", address);
    out.field("addressId", "The geocoder's reference to the place.", address_id.as_ref());
    out.field("latitude", "WGS-84 degrees with six decimals.", Degrees::<90>(*latitude));
    out.field("longitude", "WGS-84 degrees with six decimals.", Degrees::<180>(*longitude));
    out.field("label", "What the passenger calls the place, such as home.", label.as_ref());
    let about = "The brand that the address belongs to. An address without a brand is shown under every brand.";
    out.field("brand", about, brand.as_ref().map(|id| IdRef { id }));
    out.field("lastUsedDate", "When the address was last used, in Unix seconds.", date(*last_used_date));
    out.field("usedPickupCount", "How often a booking started here.", count(*used_pickup_count));
    let about = "How often a booking ended here.";
    out.field("usedDestinationCount", about, count(*used_destination_count));
    out.field("driverNote", "A note that drivers are shown.", driver_note.as_ref());
    out.field("managementNote", "A note for the office. Passengers are not shown it.", management_note.as_ref());
}

/// A complete list.
#[derive(Debug, Serialize)]
pub struct Items<T> {
    pub items: Vec<T>,
}

/// A part of an unbounded list.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Where the next part begins, unless this is the last one.
    pub next_cursor: Option<String>,
}

/// The tags of `customer`.
#[must_use]
pub fn tags(customer: &Customer) -> Record {
    let mut writer = Writer::new(None);
    tags_fields(&mut writer, &customer.tags);
    writer.finish()
}

fn tags_fields(out: &mut impl Output, tags: &BTreeSet<Tag>) {
    out.field("items", "All of the customer's tags, in upper case and sorted.", tags);
}

/// The effective `settings`. `region` is the default if the tenant has set none.
#[must_use]
pub fn settings(settings: &Settings, region: Region) -> Record {
    let mut writer = Writer::new(None);
    settings_fields(&mut writer, settings, region);
    writer.finish()
}

fn settings_fields(out: &mut impl Output, settings: &Settings, region: Region) {
    let about = "The country of phone numbers without a country code: its ISO 3166 code.";
    out.field("region", about, region);
    let about = "Customers with the tag are served with this priority or better. Each tag has at most one rule.";
    out.field("tagRules", about, settings.tag_rules());
    let about = "Customers with at least so many miles are served with this priority or better. Each number of miles has at \
                 most one rule.";
    out.field("loyaltyRules", about, &settings.loyalty_rules);
}

/// The schema of [`customer`].
pub struct CustomerView;

impl PartialSchema for CustomerView {
    fn schema() -> RefOr<Schema> {
        let example = Customer::register(example_phone(), 0);
        let mut outline = Outline::new(
            "A customer. Passengers and apps are not shown `managementNote`, `rating`, `tags`, `assignedPriority`, \
             `minPriority`, `priorityReason`, `block`, `ownerSince`, `createdBy` and `updatedBy`.",
        );
        customer_fields(&mut outline, &example, &Settings::default(), 0);
        let addresses = ArrayBuilder::new()
            .items(Ref::from_schema_name(AddressView::name()))
            .max_items(Some(MAX_INCLUDED_ADDRESSES.into()));
        let about = "The first of the customer's saved addresses. Only in a response to `include=addresses`.";
        outline.add("addresses", addresses.into(), about);
        let about = "What is known of the phone. Only in a response to `include=phoneInfo`.";
        outline.add("phoneInfo", Ref::from_schema_name("PhoneInfo").into(), about);
        outline.open()
    }
}

impl ToSchema for CustomerView {
    fn name() -> Cow<'static, str> {
        "Customer".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((AddressView::name().into_owned(), AddressView::schema()));
    }
}

/// The schema of [`address`].
pub struct AddressView;

impl PartialSchema for AddressView {
    fn schema() -> RefOr<Schema> {
        let new = AddressPatch {
            address: AddressText::parse("1 Main Street").ok(),
            latitude: Microdegrees::within(0.0, 90).ok(),
            longitude: Microdegrees::within(0.0, 180).ok(),
            ..AddressPatch::default()
        };
        let mut outline = Outline::new("A saved address. Passengers are not shown `managementNote`.");
        address_fields(&mut outline, &new.create(0).expect("the address is complete"));
        outline.open()
    }
}

impl ToSchema for AddressView {
    fn name() -> Cow<'static, str> {
        "Address".into()
    }
}

/// The schema of a list of addresses.
pub struct AddressesView;

impl PartialSchema for AddressesView {
    fn schema() -> RefOr<Schema> {
        let items =
            ArrayBuilder::new().items(Ref::from_schema_name(AddressView::name())).max_items(Some(MAX_ADDRESSES));
        let mut outline = Outline::new("The saved addresses of a customer.");
        outline.add("items", items.into(), "All of the addresses, the most recently used first.");
        outline.always("items");
        outline.open()
    }
}

impl ToSchema for AddressesView {
    fn name() -> Cow<'static, str> {
        "Addresses".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((AddressView::name().into_owned(), AddressView::schema()));
    }
}

/// The schema of a page of customers.
pub struct CustomersView;

/// The maximum number of characters of a cursor.
pub const MAX_CURSOR: usize = 1000;

impl PartialSchema for CustomersView {
    fn schema() -> RefOr<Schema> {
        let items =
            ArrayBuilder::new().items(Ref::from_schema_name(CustomerView::name())).max_items(Some(MAX_PAGE.into()));
        let mut outline = Outline::new("A page of customers.");
        let about = "At most `limit` customers. There can be fewer, even none, on a page that is not the last one.";
        outline.add("items", items.into(), about);
        outline.always("items");
        let about = "Send it as `cursor`, with the same question, for the next page. It is `null` on the last page.";
        outline.add("nextCursor", schema::nullable(schema::cursor()), about);
        outline.always("nextCursor");
        outline.open()
    }
}

impl ToSchema for CustomersView {
    fn name() -> Cow<'static, str> {
        "Customers".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((CustomerView::name().into_owned(), CustomerView::schema()));
        CustomerView::schemas(schemas);
    }
}

/// The schema of [`tags`].
pub struct TagsView;

impl PartialSchema for TagsView {
    fn schema() -> RefOr<Schema> {
        let mut outline = Outline::new("The tags of a customer.");
        tags_fields(&mut outline, &BTreeSet::new());
        outline.open()
    }
}

impl ToSchema for TagsView {
    fn name() -> Cow<'static, str> {
        "Tags".into()
    }
}

/// The schema of [`settings`].
pub struct SettingsView;

impl PartialSchema for SettingsView {
    fn schema() -> RefOr<Schema> {
        let mut outline = Outline::new("A tenant's settings as they are in force.");
        let region = Region::parse("IE").expect("Ireland's numbers are known");
        settings_fields(&mut outline, &Settings::default(), region);
        outline.open()
    }
}

impl ToSchema for SettingsView {
    fn name() -> Cow<'static, str> {
        "Settings".into()
    }
}
