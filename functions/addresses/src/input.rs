//! The body of a save.

use shared::api::{Degrees, Field, FieldErrors, IdRef, NotNull, Problem, Ranged};
use shared::body;
use shared::domain::address::{AddressNote, AddressText, GeocoderId, Label, MAX_COUNT, MAX_DATE};
use shared::domain::{AddressPatch, BrandId, Invalid, SavedAddressId};

body! {
    /// An address as a caller writes it. A new one needs `address`, `latitude` and `longitude`; of one that is saved
    /// already, what is left out stays and `null` clears.
    pub(crate) struct AddressInput is "AddressSave" {
        /// The saved address to update. Without it, the saved address that is the same place is updated.
        id: NotNull<SavedAddressId>,
        address: NotNull<AddressText>,
        /// The geocoder's reference to the place, such as a Google place id: any text of at most 1,024 bytes in UTF-8.
        /// Two addresses with different references are two places, even at the same coordinates.
        address_id: Field<GeocoderId>,
        /// WGS-84 degrees; six decimals are kept.
        latitude: NotNull<Degrees<90>>,
        longitude: NotNull<Degrees<180>>,
        /// What the passenger calls it, such as home.
        label: Field<Label>,
        /// Without a brand it is shown under every brand.
        brand: Field<IdRef<BrandId>>,
        /// Unix seconds. A new address was used now, unless this says when. It cannot be cleared.
        last_used_date: NotNull<Ranged<0, { MAX_DATE }>>,
        used_pickup_count: Field<Ranged<0, { MAX_COUNT }>>,
        used_destination_count: Field<Ranged<0, { MAX_COUNT }>>,
        driver_note: Field<AddressNote>,
        management_note: Field<AddressNote>,
    }
}

impl AddressInput {
    /// # Errors
    /// Every rule that is broken.
    pub(crate) fn into_patch(self, mut errors: FieldErrors) -> Result<AddressPatch, Problem> {
        // What names no place can only be a new one. Whether anything else is, the table says.
        let names_a_place = !self.id.is_absent()
            || matches!(self.address_id, Field::Value(_) | Field::Invalid(_))
            || !(self.latitude.is_absent() || self.longitude.is_absent());
        if !names_a_place {
            let missing = [
                self.address.is_absent().then_some("/address"),
                self.latitude.is_absent().then_some("/latitude"),
                self.longitude.is_absent().then_some("/longitude"),
            ];
            for pointer in missing.into_iter().flatten() {
                errors.push(pointer, &Invalid::Required);
            }
        }
        let errors_in = &mut errors;
        let patch = AddressPatch {
            id: self.id.value("id", errors_in),
            address: self.address.value("address", errors_in),
            address_id: self.address_id.change("addressId", errors_in),
            latitude: self.latitude.value("latitude", errors_in).map(|Degrees(angle)| angle),
            longitude: self.longitude.value("longitude", errors_in).map(|Degrees(angle)| angle),
            label: self.label.change("label", errors_in),
            brand: self.brand.change("brand", errors_in).map(|IdRef(id)| id),
            last_used_date: self.last_used_date.value("lastUsedDate", errors_in).map(|Ranged(date)| date),
            used_pickup_count: self
                .used_pickup_count
                .change("usedPickupCount", errors_in)
                .map(|Ranged(n)| n)
                .or_default(0),
            used_destination_count: self
                .used_destination_count
                .change("usedDestinationCount", errors_in)
                .map(|Ranged(n)| n)
                .or_default(0),
            driver_note: self.driver_note.change("driverNote", errors_in),
            management_note: self.management_note.change("managementNote", errors_in),
        };
        errors.check()?;
        Ok(patch)
    }
}
