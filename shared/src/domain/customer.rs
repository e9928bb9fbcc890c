//! The passenger record.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::text::{DriverNote, ManagementNote, Name};
use super::{
    AccountDepartmentId, AccountId, Actor, Block, BrandId, CapabilityId, Change, CustomerId, Email, PassengerField,
    Phone, Priority, SessionId, Tag, UnixSeconds,
};

/// A customer in its stored form: an empty set and a cleared field are absent. `api::view` has the form that callers
/// see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Customer {
    pub id: CustomerId,
    /// Unique within the tenant.
    pub phone: Phone,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Email>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_name: Option<Name>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_name: Option<Name>,
    /// Always one of `accounts`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_account: Option<AccountId>,
    /// Always one of `brands`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_brand: Option<BrandId>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub accounts: BTreeSet<AccountId>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub account_departments: BTreeSet<AccountDepartmentId>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub brands: BTreeSet<BrandId>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub client_capabilities: BTreeSet<CapabilityId>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub tags: BTreeSet<Tag>,
    /// The assigned priority, not the effective one.
    pub priority: Priority,
    /// A guarantee: the customer is never served later than with this priority.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_priority: Option<Priority>,
    pub loyalty_miles: i64,
    pub rating: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub driver_note: Option<DriverNote>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub management_note: Option<ManagementNote>,
    /// An inactive record is closed: it still matches, but its passenger cannot use it.
    pub active: bool,
    /// It may have expired: see [`Customer::block_in_force`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block: Option<Block>,
    /// When the customer was blocked. It is apart from `block`, so that one write can change the block and keep the date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked_date: Option<UnixSeconds>,
    /// When it was proven that the phone belongs to this person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone_verified_date: Option<UnixSeconds>,
    /// Since when the phone belongs to the person who proved it, if the record may be somebody else's in part. See
    /// [`owner`](super::owner).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_since: Option<UnixSeconds>,
    /// The fields that the owner has written since.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub passenger_fields: BTreeSet<PassengerField>,
    /// When a session of the passenger was last used. It is not part of `version`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen_date: Option<UnixSeconds>,
    pub created_date: UnixSeconds,
    /// `None` on records of earlier versions of this service, which did not store it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_by: Option<Actor>,
    pub updated_date: UnixSeconds,
    /// `None` on records that were last written by an earlier version of this service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_by: Option<Actor>,
    /// The number of writes to this record, starting at 1.
    pub version: i64,
    /// How often all sessions were ended. It is not part of `version`.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub session_epoch: u64,
    /// The session that made the change which began this epoch. It goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch_session: Option<SessionId>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// The maximum of `loyaltyMiles`.
pub const MAX_MILES: i64 = 1_000_000_000;
/// The limits of `rating`. The platform defines none, so they are those of a 32-bit integer.
pub const MIN_RATING: i64 = -2_147_483_648;
pub const MAX_RATING: i64 = 2_147_483_647;
/// The rating of a customer who has not been rated.
pub const DEFAULT_RATING: i64 = 100;

impl Customer {
    /// A new customer with only a phone.
    #[must_use]
    pub fn register(phone: Phone, now: UnixSeconds) -> Self {
        Self {
            id: CustomerId::issue(),
            phone,
            email: None,
            first_name: None,
            last_name: None,
            default_account: None,
            default_brand: None,
            accounts: BTreeSet::new(),
            account_departments: BTreeSet::new(),
            brands: BTreeSet::new(),
            client_capabilities: BTreeSet::new(),
            tags: BTreeSet::new(),
            priority: Priority::REGULAR,
            min_priority: None,
            loyalty_miles: 0,
            rating: DEFAULT_RATING,
            driver_note: None,
            management_note: None,
            active: true,
            block: None,
            blocked_date: None,
            phone_verified_date: None,
            owner_since: None,
            passenger_fields: BTreeSet::new(),
            last_seen_date: None,
            created_date: now,
            created_by: None,
            updated_date: now,
            updated_by: None,
            version: 1,
            session_epoch: 0,
            epoch_session: None,
        }
    }

    #[cfg(test)]
    pub(crate) fn sample() -> Self {
        let ie = super::Region::parse("IE").expect("a region");
        Self::register(Phone::parse("+353871234567", ie).expect("a phone"), 1_700_000_000)
    }
}

/// The changes that an update makes. Fields that always have a value are never [`Change::Clear`]: clearing them sets
/// their default.
#[derive(Debug, Clone, Default)]
pub struct CustomerPatch {
    pub phone: Option<Phone>,
    pub email: Change<Email>,
    pub first_name: Change<Name>,
    pub last_name: Change<Name>,
    pub default_account: Change<AccountId>,
    pub default_brand: Change<BrandId>,
    pub priority: Change<Priority>,
    pub min_priority: Change<Priority>,
    pub loyalty_miles: Change<i64>,
    pub rating: Change<i64>,
    pub driver_note: Change<DriverNote>,
    pub management_note: Change<ManagementNote>,
    pub active: Change<bool>,
    /// The office has confirmed that the record is the owner's.
    pub owner_confirmed: bool,
}

impl CustomerPatch {
    /// Applies this patch to `customer`. A new phone clears `phone_verified_date`, because its owner has not proven it
    /// yet. The store sets dates and the version.
    pub fn apply(&self, customer: &mut Customer) {
        // Every field is named, so that a field that is missing here does not compile.
        let Self {
            phone,
            email,
            first_name,
            last_name,
            default_account,
            default_brand,
            priority,
            min_priority,
            loyalty_miles,
            rating,
            driver_note,
            management_note,
            active,
            owner_confirmed,
        } = self;
        if let Some(phone) = phone
            && *phone != customer.phone
        {
            customer.phone = phone.clone();
            customer.phone_verified_date = None;
        }
        email.apply(&mut customer.email);
        first_name.apply(&mut customer.first_name);
        last_name.apply(&mut customer.last_name);
        default_account.apply(&mut customer.default_account);
        default_brand.apply(&mut customer.default_brand);
        customer.accounts.extend(default_account.set().cloned());
        customer.brands.extend(default_brand.set().cloned());
        priority.apply_required(&mut customer.priority);
        min_priority.apply(&mut customer.min_priority);
        loyalty_miles.apply_required(&mut customer.loyalty_miles);
        rating.apply_required(&mut customer.rating);
        driver_note.apply(&mut customer.driver_note);
        management_note.apply(&mut customer.management_note);
        active.apply_required(&mut customer.active);
        if *owner_confirmed {
            customer.owner_since = None;
        }
    }

    /// Whether `customer` already has the values of this patch.
    #[must_use]
    pub fn changes_nothing_of(&self, customer: &Customer) -> bool {
        let mut after = customer.clone();
        self.apply(&mut after);
        after == *customer
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Region;
    use super::*;

    fn name(raw: &str) -> Name {
        Name::parse(raw).unwrap()
    }

    #[test]
    fn an_omitted_field_stays_and_null_clears_it() {
        let mut customer = Customer::sample();
        customer.first_name = Some(name("Aoife"));
        customer.last_name = Some(name("Byrne"));
        let patch = CustomerPatch { last_name: Change::Clear, ..CustomerPatch::default() };
        patch.apply(&mut customer);
        assert_eq!(customer.first_name, Some(name("Aoife")));
        assert_eq!(customer.last_name, None);
    }

    fn change<T: std::fmt::Debug>(value: impl Strategy<Value = T>) -> impl Strategy<Value = Change<T>> {
        proptest::option::of(proptest::option::of(value)).prop_map(|change| match change {
            None => Change::Keep,
            Some(None) => Change::Clear,
            Some(Some(value)) => Change::Set(value),
        })
    }

    fn patches() -> impl Strategy<Value = CustomerPatch> {
        let ids = || proptest::sample::select(vec!["a", "b"]);
        let phones = proptest::sample::select(vec!["0871234567", "0861234567"]);
        let phone =
            proptest::option::of(phones.prop_map(|raw| Phone::parse(raw, Region::parse("IE").unwrap()).unwrap()));
        let names = proptest::sample::select(vec!["Aoife", "José"]).prop_map(name);
        let brand = change(ids().prop_map(|id| BrandId::parse(id).unwrap()));
        let account = change(ids().prop_map(|id| AccountId::parse(id).unwrap()));
        let minimum = change((10..80_i64).prop_map(|raw| Priority::parse(raw).unwrap()));
        (phone, change(names), account, brand, minimum).prop_map(
            |(phone, first_name, default_account, default_brand, min_priority)| CustomerPatch {
                phone,
                first_name,
                default_account,
                default_brand,
                min_priority,
                ..CustomerPatch::default()
            },
        )
    }

    proptest! {
        #[test]
        fn a_patch_is_idempotent_and_changes_only_its_own_fields(
            first in patches(), second in patches(),
        ) {
            let mut before = Customer::sample();
            first.apply(&mut before);
            let mut once = before.clone();
            second.apply(&mut once);
            let mut twice = once.clone();
            second.apply(&mut twice);
            prop_assert_eq!(&once, &twice);

            let kept = |keeps: bool, same: bool| !keeps || same;
            prop_assert!(kept(second.phone.is_none(), once.phone == before.phone));
            prop_assert!(kept(second.first_name == Change::Keep, once.first_name == before.first_name));
            prop_assert!(kept(second.default_brand == Change::Keep, once.default_brand == before.default_brand));
            prop_assert!(kept(second.min_priority == Change::Keep, once.min_priority == before.min_priority));
            prop_assert!(once.brands.is_superset(&before.brands));
            // A default is always one of the links.
            prop_assert!(once.default_brand.iter().all(|brand| once.brands.contains(brand)));
            prop_assert!(once.default_account.iter().all(|account| once.accounts.contains(account)));
        }
    }

    #[test]
    fn a_default_is_also_linked() {
        let mut customer = Customer::sample();
        let brand = BrandId::parse("city").unwrap();
        CustomerPatch { default_brand: Change::Set(brand.clone()), ..CustomerPatch::default() }.apply(&mut customer);
        assert_eq!(customer.default_brand, Some(brand.clone()));
        assert!(customer.brands.contains(&brand));
        CustomerPatch { default_brand: Change::Clear, ..CustomerPatch::default() }.apply(&mut customer);
        assert_eq!(customer.default_brand, None);
        assert!(customer.brands.contains(&brand));
    }

    #[test]
    fn a_new_phone_clears_the_verification_date() {
        let mut customer = Customer::sample();
        customer.phone_verified_date = Some(1);
        let same = CustomerPatch { phone: Some(customer.phone.clone()), ..CustomerPatch::default() };
        assert!(same.changes_nothing_of(&customer));

        let phone = Phone::parse("0861234567", Region::parse("IE").unwrap()).unwrap();
        CustomerPatch { phone: Some(phone), ..CustomerPatch::default() }.apply(&mut customer);
        assert_eq!(customer.phone_verified_date, None);
    }
}
