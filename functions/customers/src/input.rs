//! The body of a create and of an update.

use std::collections::BTreeSet;

use shared::api::Problem;
use shared::api::json::{BoundedInteger, IdRef, IdRefs, Json, True};
use shared::api::object::{Fields, Outline, Reader};
use shared::domain::customer::{DEFAULT_RATING, MAX_MILES, MAX_RATING, MIN_RATING};
use shared::domain::{
    AccountDepartmentId, AccountId, BrandId, CapabilityId, Change, Customer, CustomerPatch, Invalid, MAX_LINKS,
    Password, PasswordHash, Phone, Priority, Tag, UnixSeconds,
};
use shared::hashing;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};

/// The fields that a create and an update have in common.
fn changes(fields: &mut impl Fields) -> Changes {
    let patch = CustomerPatch {
        phone: fields.phone(
            "phone",
            "The phone number in any form that a person of the tenant's region would type. It is stored as E.164.",
        ),
        email: fields.change("email", "The e-mail address. Its case is kept, and customers are not matched by it."),
        first_name: fields.change("firstName", "The first name. It is trimmed and stored in Unicode NFC."),
        last_name: fields.change("lastName", "The last name. It is trimmed and stored in Unicode NFC."),
        default_account: fields
            .change("defaultAccount", "The corporate account that bookings are on by default. It is also linked.")
            .map(|IdRef { id }| id),
        default_brand: fields
            .change("defaultBrand", "The customer's main brand. It is also linked.")
            .map(|IdRef { id }| id),
        priority: fields
            .change("priority", "The assigned priority; lower is served first. `null` is 60.")
            .or_default(Priority::REGULAR),
        min_priority: fields
            .change("minPriority", "A guarantee: the customer is never served later than with this priority."),
        loyalty_miles: fields
            .change("loyaltyMiles", "The miles that loyalty rules look at. `null` is 0.")
            .map(|miles: BoundedInteger<0, { MAX_MILES }>| miles.0)
            .or_default(0),
        rating: fields
            .change("rating", "Set by operators. It does not change the priority. `null` is 100.")
            .map(|rating: BoundedInteger<{ MIN_RATING }, { MAX_RATING }>| rating.0)
            .or_default(DEFAULT_RATING),
        driver_note: fields
            .change("driverNote", "A note that drivers and the passenger are shown. Line breaks are kept."),
        management_note: fields
            .change("managementNote", "A note for the office. Passengers and apps are not shown it."),
        active: fields
            .change("active", "Whether the record is open. An inactive customer still matches. `null` is `true`.")
            .or_default(true),
        owner_confirmed: false,
    };
    let password = fields.change(
        "password",
        "8 to 128 characters of any kind, counted in Unicode NFC. Only a hash is stored. It opens nothing until the phone \
         is proven.",
    );
    Changes { patch, password }
}

/// The field that only an update has.
fn confirmation(fields: &mut impl Fields) -> bool {
    let about =
        "The office has confirmed that the record is the passenger's, who then sees all of it. It clears `ownerSince`.";
    fields.value::<True>("ownerConfirmed", about).is_some()
}

/// The fields that only a create has. Later, other operations change them.
fn lists(fields: &mut impl Fields) -> Lists {
    Lists {
        tags: fields.change("tags", "Tags, in any case.").into_set().unwrap_or_default(),
        accounts: references(fields, "accounts", "Corporate accounts to link beside the default one."),
        account_departments: references(fields, "accountDepartments", "Account departments (cost centres) to link."),
        brands: references(fields, "brands", "Brands to link beside the default one."),
        client_capabilities: references(fields, "clientCapabilities", "Service requirements to link."),
    }
}

fn references<T: Json + Ord>(fields: &mut impl Fields, name: &'static str, about: &str) -> BTreeSet<T> {
    fields.change(name, about).map(|IdRefs(ids)| ids).into_set().unwrap_or_default()
}

/// The schema of a create's body.
pub(crate) struct CustomerCreate;

impl PartialSchema for CustomerCreate {
    fn schema() -> RefOr<Schema> {
        let mut outline = Outline::new("A customer to match or create. Only `phone` is required.");
        changes(&mut outline);
        lists(&mut outline);
        outline.require("phone");
        outline.closed()
    }
}

impl ToSchema for CustomerCreate {}

/// The schema of an update's body.
pub(crate) struct CustomerUpdate;

impl PartialSchema for CustomerUpdate {
    fn schema() -> RefOr<Schema> {
        let about = "The changes to a customer. A field that is left out is unchanged, and `null` clears it.";
        let mut outline = Outline::new(about);
        changes(&mut outline);
        confirmation(&mut outline);
        outline.closed()
    }
}

impl ToSchema for CustomerUpdate {}

/// The changes in a body. The password is hashed later, because hashing is expensive and the update may write nothing.
#[derive(Debug)]
pub(crate) struct Changes {
    pub(crate) patch: CustomerPatch,
    pub(crate) password: Change<Password>,
}

#[derive(Debug)]
struct Lists {
    tags: BTreeSet<Tag>,
    accounts: BTreeSet<AccountId>,
    account_departments: BTreeSet<AccountDepartmentId>,
    brands: BTreeSet<BrandId>,
    client_capabilities: BTreeSet<CapabilityId>,
}

/// The customer in the body of a create.
#[derive(Debug)]
pub(crate) struct Registration {
    phone: Phone,
    changes: Changes,
    lists: Lists,
}

impl Changes {
    /// Reads an update's body.
    ///
    /// # Errors
    /// Every rule that it breaks.
    pub(crate) fn read(mut fields: Reader) -> Result<Self, Problem> {
        let mut changes = changes(&mut fields);
        changes.patch.owner_confirmed = confirmation(&mut fields);
        fields.finish()?;
        Ok(changes)
    }
}

impl Registration {
    /// Reads a create's body. On a brand's path the customer is linked to that brand, which becomes the default unless
    /// the body names another one.
    ///
    /// # Errors
    /// Every rule that it breaks.
    pub(crate) fn read(mut fields: Reader, brand: Option<&BrandId>) -> Result<Self, Problem> {
        let mut changes = changes(&mut fields);
        let mut lists = lists(&mut fields);
        fields.require("phone");

        if let (Some(brand), None) = (brand, changes.patch.default_brand.set()) {
            changes.patch.default_brand = Change::Set(brand.clone());
        }
        lists.accounts.extend(changes.patch.default_account.set().cloned());
        lists.brands.extend(changes.patch.default_brand.set().cloned());
        lists.brands.extend(brand.cloned());
        for (name, actual) in [("accounts", lists.accounts.len()), ("brands", lists.brands.len())] {
            if actual > MAX_LINKS {
                fields.refuse(name, Invalid::TooMany { max: MAX_LINKS, actual });
            }
        }
        fields.finish()?;
        let phone = changes.patch.phone.clone().expect("finish fails if the required phone is missing or invalid");
        Ok(Self { phone, changes, lists })
    }
}

/// Hashes a password.
///
/// # Errors
/// Hashing fails only on a machine without memory or randomness.
pub(crate) async fn hash(password: Password) -> Result<PasswordHash, Problem> {
    hashing::hash(password).await.map_err(Problem::internal)
}

impl Registration {
    /// The new customer and its password.
    pub(crate) fn into_customer(self, now: UnixSeconds) -> (Customer, Option<Password>) {
        let Changes { patch, password } = self.changes;
        let mut customer = Customer::register(self.phone, now);
        patch.apply(&mut customer);
        let Lists { tags, accounts, account_departments, brands, client_capabilities } = self.lists;
        customer.tags = tags;
        customer.accounts = accounts;
        customer.account_departments = account_departments;
        customer.brands = brands;
        customer.client_capabilities = client_capabilities;
        (customer, password.into_set())
    }
}
