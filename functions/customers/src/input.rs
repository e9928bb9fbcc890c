//! The body of a create and of an update.

use std::collections::BTreeSet;

use shared::api::fields::FieldRules;
use shared::api::{Field, FieldErrors, IdRef, IdRefs, NotNull, Problem, Ranged, Role, TagList, Typed};
use shared::body;
use shared::domain::customer::{DEFAULT_RATING, MAX_MILES, MAX_RATING, MIN_RATING};
use shared::domain::text::{DriverNote, ManagementNote, Name};
use shared::domain::{
    AccountDepartmentId, AccountId, BrandId, CapabilityId, Change, Customer, CustomerPatch, Email, Invalid, MAX_LINKS,
    Password, Phone, Priority, Region, Tag, UnixSeconds,
};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{Object, Schema};
use utoipa::{PartialSchema, ToSchema};

body! {
    /// A customer as a caller writes it. `null` clears a field; `phone` cannot be cleared. `tags` and the four lists of
    /// links are for a create: operations of their own change them later.
    pub struct CustomerInput is "CustomerInput" {
        /// In any form that a person of the tenant's region would type; kept as E.164.
        phone: NotNull<Typed>,
        /// One `@` with something on both sides, no spaces and no invisible characters; its case is kept, and nothing matches
        /// by it.
        email: Field<Email>,
        /// Trimmed, and composed (NFC) before its characters are counted.
        first_name: Field<Name>,
        /// As `firstName`.
        last_name: Field<Name>,
        /// Also links the account.
        default_account: Field<IdRef<AccountId>>,
        /// Also links the brand.
        default_brand: Field<IdRef<BrandId>>,
        /// 8 to 128 characters of any kind, composed (NFC). Only a hash is kept; of no use until the phone is proven.
        password: Field<Password>,
        /// The assigned priority: lower is served first. `null` is 60.
        priority: Field<Priority>,
        /// A guarantee: never served later than this. `null` is none.
        min_priority: Field<Priority>,
        /// What the loyalty rules look at. `null` is 0.
        loyalty_miles: Field<Ranged<0, { MAX_MILES }>>,
        /// Set by operators; of no bearing on the priority. `null` is 100.
        rating: Field<Ranged<{ MIN_RATING }, { MAX_RATING }>>,
        /// Shown to drivers, and to the passenger. Lines are kept.
        driver_note: Field<DriverNote>,
        /// For the office only: neither a passenger nor an app is shown it.
        management_note: Field<ManagementNote>,
        /// An inactive customer still matches, and is shown as inactive. `null` is `true`.
        active: Field<bool>,
        /// Sorted, each once, in upper case.
        tags: Field<TagList>,
        /// Linked beside the default account.
        accounts: Field<IdRefs<AccountId>>,
        account_departments: Field<IdRefs<AccountDepartmentId>>,
        /// Linked beside the default brand.
        brands: Field<IdRefs<BrandId>>,
        client_capabilities: Field<IdRefs<CapabilityId>>,
    }
}

/// The schema of a create's body.
pub(crate) struct CustomerCreate;

impl PartialSchema for CustomerCreate {
    fn schema() -> RefOr<Schema> {
        let mut schema = fields();
        schema.description =
            Some("A customer to be, or the phone of one who is there. `phone` is all that it needs.".to_owned());
        schema.required = vec!["phone".to_owned()];
        schema.into()
    }
}

impl ToSchema for CustomerCreate {}

/// The schema of an update's body: without what operations of their own change.
pub(crate) struct CustomerUpdate;

impl PartialSchema for CustomerUpdate {
    fn schema() -> RefOr<Schema> {
        let mut schema = fields();
        let writable: Vec<_> = FieldRules::customer_update(&Role::Admin).writable().collect();
        schema.properties.retain(|name, _| writable.contains(&name.as_str()));
        schema.description = Some("What to change: a field that is left out stays, and `null` clears one.".to_owned());
        schema.into()
    }
}

impl ToSchema for CustomerUpdate {}

/// Every field that a body can have.
fn fields() -> Object {
    match CustomerInput::schema() {
        RefOr::T(Schema::Object(fields)) => fields,
        _ => Object::new(),
    }
}

/// What a body asks for. The password is not hashed yet: that is dear, and only worth it once something is written.
#[derive(Debug)]
pub(crate) struct Wanted {
    pub(crate) patch: CustomerPatch,
    pub(crate) password: Change<Password>,
}

/// What a create asks for.
#[derive(Debug)]
pub(crate) struct Registration {
    pub(crate) phone: Phone,
    wanted: Wanted,
    tags: BTreeSet<Tag>,
    accounts: BTreeSet<AccountId>,
    account_departments: BTreeSet<AccountDepartmentId>,
    brands: BTreeSet<BrandId>,
    client_capabilities: BTreeSet<CapabilityId>,
}

impl CustomerInput {
    /// Reads an update's body.
    ///
    /// # Errors
    /// Every rule that is broken.
    pub(crate) fn into_patch(self, region: Region, mut errors: FieldErrors) -> Result<Wanted, Problem> {
        let wanted = self.wanted(region, &mut errors).0;
        errors.check()?;
        Ok(wanted)
    }

    /// Reads a create's body.
    ///
    /// # Errors
    /// Every rule that is broken.
    pub(crate) fn into_registration(
        mut self,
        region: Region,
        brand: Option<&BrandId>,
        mut errors: FieldErrors,
    ) -> Result<Registration, Problem> {
        if self.phone.is_absent() {
            errors.push("/phone", &Invalid::Required);
        }
        let tags = std::mem::take(&mut self.tags).change("tags", &mut errors);
        let departments = std::mem::take(&mut self.account_departments).change("accountDepartments", &mut errors);
        let capabilities = std::mem::take(&mut self.client_capabilities).change("clientCapabilities", &mut errors);
        let accounts = std::mem::take(&mut self.accounts).change("accounts", &mut errors);
        let brands = std::mem::take(&mut self.brands).change("brands", &mut errors);
        let (mut wanted, phone) = self.wanted(region, &mut errors);

        if let (Some(brand), None) = (brand, wanted.patch.default_brand.set()) {
            wanted.patch.default_brand = Change::Set(brand.clone());
        }
        let mut accounts = accounts.into_set().unwrap_or_default().0;
        accounts.extend(wanted.patch.default_account.set().cloned());
        let mut brands = brands.into_set().unwrap_or_default().0;
        brands.extend(wanted.patch.default_brand.set().cloned());
        brands.extend(brand.cloned());
        for (pointer, actual) in [("/accounts", accounts.len()), ("/brands", brands.len())] {
            if actual > MAX_LINKS {
                errors.push(pointer, &Invalid::TooMany { max: MAX_LINKS, actual });
            }
        }
        Ok(Registration {
            phone: errors.check_with(phone)?,
            wanted,
            tags: tags.into_set().unwrap_or_default().0,
            accounts,
            account_departments: departments.into_set().unwrap_or_default().0,
            brands,
            client_capabilities: capabilities.into_set().unwrap_or_default().0,
        })
    }

    /// What both have in common, and the phone.
    fn wanted(self, region: Region, errors: &mut FieldErrors) -> (Wanted, Option<Phone>) {
        let phone = self
            .phone
            .value("phone", errors)
            .and_then(|Typed(raw)| Phone::parse(&raw, region).map_err(|invalid| errors.push("/phone", &invalid)).ok());
        let patch = CustomerPatch {
            phone: phone.clone(),
            email: self.email.change("email", errors),
            first_name: self.first_name.change("firstName", errors),
            last_name: self.last_name.change("lastName", errors),
            default_account: self.default_account.change("defaultAccount", errors).map(|IdRef(id)| id),
            default_brand: self.default_brand.change("defaultBrand", errors).map(|IdRef(id)| id),
            password: Change::Keep,
            priority: self.priority.change("priority", errors).or_default(Priority::REGULAR),
            min_priority: self.min_priority.change("minPriority", errors),
            loyalty_miles: self.loyalty_miles.change("loyaltyMiles", errors).map(|Ranged(miles)| miles).or_default(0),
            rating: self.rating.change("rating", errors).map(|Ranged(rating)| rating).or_default(DEFAULT_RATING),
            driver_note: self.driver_note.change("driverNote", errors),
            management_note: self.management_note.change("managementNote", errors),
            active: self.active.change("active", errors).or_default(true),
        };
        (Wanted { patch, password: self.password.change("password", errors) }, phone)
    }
}

impl Wanted {
    /// The patch, its password hashed.
    ///
    /// # Errors
    /// Hashing fails only on a machine without memory or randomness.
    pub(crate) async fn hashed(mut self) -> Result<CustomerPatch, Problem> {
        self.patch.password = match self.password {
            Change::Keep => Change::Keep,
            Change::Clear => Change::Clear,
            Change::Set(password) => {
                // Tens of milliseconds of a core: not on the threads that serve requests.
                let hashing = tokio::task::spawn_blocking(move || password.hash());
                Change::Set(hashing.await.map_err(Problem::internal)?.map_err(Problem::internal)?)
            }
        };
        Ok(self.patch)
    }
}

impl Registration {
    /// The customer to be.
    ///
    /// # Errors
    /// As [`Wanted::hashed`].
    pub(crate) async fn into_customer(self, now: UnixSeconds) -> Result<Customer, Problem> {
        let mut customer = Customer::register(self.phone, now);
        self.wanted.hashed().await?.apply(&mut customer);
        customer.tags = self.tags;
        customer.accounts = self.accounts;
        customer.account_departments = self.account_departments;
        customer.brands = self.brands;
        customer.client_capabilities = self.client_capabilities;
        Ok(customer)
    }
}
