//! The owner of a record: the person whose phone it is now.
//!
//! A code proves a number, not a person, and numbers change hands. So a login on a record that was never proven, or that
//! was not used for long, starts an ownership. Until the office confirms the owner, the passenger sees and compares only
//! what passengers have written since. The rest is hidden, and counts as absent.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Address, Change, Customer, CustomerPatch, UnixSeconds};

/// A field that passengers write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PassengerField {
    Email,
    FirstName,
    LastName,
}

impl PassengerField {
    /// The name of the field, as stored and as in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::FirstName => "firstName",
            Self::LastName => "lastName",
        }
    }
}

impl Customer {
    /// Starts the ownership of a person who has proven the phone: ends every session, and hides everything that was written
    /// before. The password, an item of its own, must be deleted in the same transaction.
    pub fn start_ownership(&mut self, now: UnixSeconds) {
        self.owner_since = Some(now);
        self.passenger_fields.clear();
        self.raise_epoch(None);
    }

    /// The record as the passenger sees it. What is hidden has the value that it has on a new record.
    #[must_use]
    pub fn seen_by_passenger(&self) -> Self {
        if self.owner_since.is_none() {
            return self.clone();
        }
        let shows = |field| self.passenger_fields.contains(&field);
        Self {
            id: self.id.clone(),
            email: self.email.clone().filter(|_| shows(PassengerField::Email)),
            first_name: self.first_name.clone().filter(|_| shows(PassengerField::FirstName)),
            last_name: self.last_name.clone().filter(|_| shows(PassengerField::LastName)),
            brands: self.brands.clone(),
            active: self.active,
            phone_verified_date: self.phone_verified_date,
            updated_date: self.updated_date,
            version: self.version,
            ..Self::register(self.phone.clone(), self.created_date)
        }
    }

    /// Those of the customer's `addresses` that the passenger sees, as the passenger sees them.
    #[must_use]
    pub fn addresses_seen_by_passenger(&self, addresses: &[Address]) -> Vec<Address> {
        let Some(since) = self.owner_since else { return addresses.to_vec() };
        let own = addresses.iter().filter(|address| address.by_passenger.is_some_and(|date| date >= since));
        own.map(|address| Address { driver_note: None, management_note: None, ..address.clone() }).collect()
    }
}

impl CustomerPatch {
    /// The fields of this patch that passengers write, each with whether it is set (or cleared).
    fn of_passengers(&self) -> impl Iterator<Item = (PassengerField, bool)> {
        let is_set = |change: bool, keep: bool| (!keep).then_some(change);
        [
            (PassengerField::Email, is_set(self.email.set().is_some(), self.email == Change::Keep)),
            (PassengerField::FirstName, is_set(self.first_name.set().is_some(), self.first_name == Change::Keep)),
            (PassengerField::LastName, is_set(self.last_name.set().is_some(), self.last_name == Change::Keep)),
        ]
        .into_iter()
        .filter_map(|(field, set)| Some((field, set?)))
    }

    /// The fields of this patch that passengers write.
    #[must_use]
    pub fn passenger_fields(&self) -> BTreeSet<PassengerField> {
        self.of_passengers().map(|(field, _)| field).collect()
    }

    /// Applies this patch of a passenger to a record that is hidden in part. A field that is set is shown from then on,
    /// even if it had the same value before. Clearing a hidden field changes nothing, because it counts as absent.
    pub fn apply_by_owner(&self, customer: &mut Customer) {
        let mut patch = self.clone();
        for (field, is_set) in self.of_passengers() {
            if is_set {
                customer.passenger_fields.insert(field);
            } else if !customer.passenger_fields.remove(&field) {
                match field {
                    PassengerField::Email => patch.email = Change::Keep,
                    PassengerField::FirstName => patch.first_name = Change::Keep,
                    PassengerField::LastName => patch.last_name = Change::Keep,
                }
            }
        }
        patch.apply(customer);
    }
}

#[cfg(test)]
mod tests {
    use super::super::text::Name;
    use super::*;

    fn patch(first_name: Change<&str>) -> CustomerPatch {
        CustomerPatch { first_name: first_name.map(|name| Name::parse(name).unwrap()), ..CustomerPatch::default() }
    }

    #[test]
    fn an_ownership_hides_everything_and_ends_every_session() {
        let mut customer = Customer::sample();
        customer.first_name = Some(Name::parse("Aoife").unwrap());
        customer.passenger_fields.insert(PassengerField::FirstName);
        assert_eq!(customer.seen_by_passenger(), customer);
        customer.start_ownership(7);
        assert_eq!((customer.owner_since, customer.session_epoch), (Some(7), 1));
        assert_eq!(customer.seen_by_passenger().first_name, None);
    }

    #[test]
    fn what_is_hidden_counts_as_absent_when_an_owner_writes() {
        let mut customer = Customer::sample();
        customer.first_name = Some(Name::parse("Aoife").unwrap());
        customer.start_ownership(7);
        let before = customer.clone();
        patch(Change::Clear).apply_by_owner(&mut customer);
        assert_eq!(customer, before, "clearing nothing changes nothing");
        patch(Change::Set("Aoife")).apply_by_owner(&mut customer);
        assert_ne!(customer, before, "it was absent");
        assert_eq!(customer.seen_by_passenger().first_name, before.first_name);
        patch(Change::Clear).apply_by_owner(&mut customer);
        assert_eq!((customer.first_name, customer.passenger_fields), (None, BTreeSet::new()));
    }
}
