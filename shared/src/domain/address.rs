//! A customer's saved addresses.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{BrandId, Change, Invalid, SavedAddressId, Text, UnixSeconds};

/// An angle in millionths of a degree, so that equal places compare equal. Six decimals are about 11 cm.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Microdegrees(i32);

/// Somebody lives there.
impl fmt::Debug for Microdegrees {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Microdegrees(…)")
    }
}

impl Microdegrees {
    /// `degrees`, from `-limit` to `limit`: 90 for a latitude, 180 for a longitude.
    ///
    /// # Errors
    /// [`Invalid::OutOfRange`].
    pub fn within(degrees: f64, limit: i32) -> Result<Self, Invalid> {
        if degrees.abs() <= f64::from(limit) {
            #[expect(clippy::cast_possible_truncation, reason = "at most 180 million, which an i32 holds")]
            Ok(Self((degrees * 1e6).round() as i32))
        } else {
            Err(Invalid::OutOfRange { min: i64::from(-limit), max: i64::from(limit) })
        }
    }

    #[must_use]
    pub fn degrees(self) -> f64 {
        f64::from(self.0) / 1e6
    }
}

/// The text of an address. It may be sent in several lines, as geocoders and contact cards write it, and is one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AddressText(Text<{ AddressText::MAX }>);

impl AddressText {
    /// Most characters of an address, as it is sent and as it is stored.
    pub const MAX: usize = 250;

    /// Joins the lines of `raw` by `, `.
    ///
    /// # Errors
    /// As [`Text::parse`].
    pub fn parse(raw: &str) -> Result<Self, Invalid> {
        let lines = Text::<{ Self::MAX }, true>::parse(raw)?;
        Text::parse(&lines.on_one_line()).map(Self)
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// A geocoder's reference to a place; any text.
pub type GeocoderId = Text<200>;
/// What the passenger calls it: home, work.
pub type Label = Text<40>;
/// A note on an address. With the limits above it keeps 200 addresses, and the profile before them, under the
/// 1 MB that one DynamoDB query returns.
pub type AddressNote = Text<250, true>;

/// The last moment of the year 9999, in Unix seconds.
pub const MAX_DATE: UnixSeconds = 253_402_300_799;
/// Most uses that are counted.
pub const MAX_COUNT: i64 = 1_000_000_000;

/// A saved address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Address {
    pub id: SavedAddressId,
    pub address: AddressText,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address_id: Option<GeocoderId>,
    pub latitude: Microdegrees,
    pub longitude: Microdegrees,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Label>,
    /// The brand whose app saved it; an address without one is shown under every brand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brand: Option<BrandId>,
    pub last_used_date: UnixSeconds,
    pub used_pickup_count: i64,
    pub used_destination_count: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub driver_note: Option<AddressNote>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub management_note: Option<AddressNote>,
}

impl Address {
    /// Whether both are one place: by the geocoder's reference, or by equal coordinates.
    #[must_use]
    pub fn is_same_place(&self, other: &Self) -> bool {
        (self.address_id.is_some() && self.address_id == other.address_id)
            || (self.latitude == other.latitude && self.longitude == other.longitude)
    }
}

/// What a save says of each field. `address` and the coordinates are needed where it creates one.
#[derive(Debug, Clone, Default)]
pub struct AddressPatch {
    /// Names the address to update.
    pub id: Option<SavedAddressId>,
    pub address: Option<AddressText>,
    pub address_id: Change<GeocoderId>,
    pub latitude: Option<Microdegrees>,
    pub longitude: Option<Microdegrees>,
    pub label: Change<Label>,
    pub brand: Change<BrandId>,
    pub last_used_date: Option<UnixSeconds>,
    pub used_pickup_count: Change<i64>,
    pub used_destination_count: Change<i64>,
    pub driver_note: Change<AddressNote>,
    pub management_note: Change<AddressNote>,
}

impl AddressPatch {
    /// The saved address that this speaks of: the one with its id, else the one with the geocoder's reference, else
    /// the one at its coordinates.
    #[must_use]
    pub fn target<'a>(&self, saved: &'a [Address]) -> Option<&'a Address> {
        if let Some(id) = &self.id {
            return saved.iter().find(|address| address.id == *id);
        }
        let reference = self.address_id.set();
        let by_reference = saved.iter().find(|address| reference.is_some() && address.address_id.as_ref() == reference);
        by_reference.or_else(|| {
            saved.iter().find(|at| self.latitude == Some(at.latitude) && self.longitude == Some(at.longitude))
        })
    }

    /// Merges this into `address`.
    pub fn apply(&self, address: &mut Address) {
        if let Some(text) = &self.address {
            address.address = text.clone();
        }
        if let Some(latitude) = self.latitude {
            address.latitude = latitude;
        }
        if let Some(longitude) = self.longitude {
            address.longitude = longitude;
        }
        self.address_id.apply(&mut address.address_id);
        self.label.apply(&mut address.label);
        self.brand.apply(&mut address.brand);
        address.last_used_date = self.last_used_date.unwrap_or(address.last_used_date);
        self.used_pickup_count.apply_required(&mut address.used_pickup_count);
        self.used_destination_count.apply_required(&mut address.used_destination_count);
        self.driver_note.apply(&mut address.driver_note);
        self.management_note.apply(&mut address.management_note);
    }

    /// The new address that this describes, used `now` unless it says when.
    ///
    /// # Errors
    /// The names of the fields that a new address needs and this lacks.
    pub fn create(&self, now: UnixSeconds) -> Result<Address, Vec<&'static str>> {
        let (Some(text), Some(latitude), Some(longitude)) = (&self.address, self.latitude, self.longitude) else {
            let mut missing = Vec::new();
            missing.extend(self.address.is_none().then_some("address"));
            missing.extend(self.latitude.is_none().then_some("latitude"));
            missing.extend(self.longitude.is_none().then_some("longitude"));
            return Err(missing);
        };
        let mut address = Address {
            id: SavedAddressId::issue(),
            address: text.clone(),
            address_id: None,
            latitude,
            longitude,
            label: None,
            brand: None,
            last_used_date: now,
            used_pickup_count: 0,
            used_destination_count: 0,
            driver_note: None,
            management_note: None,
        };
        self.apply(&mut address);
        Ok(address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_have_six_decimals() {
        assert_eq!(Microdegrees::within(53.349_805_4, 90), Microdegrees::within(53.349_805_1, 90));
        assert_ne!(Microdegrees::within(53.349_805, 90), Microdegrees::within(53.349_806, 90));
        assert!((Microdegrees::within(-6.260_31, 180).unwrap().degrees() - -6.260_31).abs() < f64::EPSILON);
    }

    #[test]
    fn coordinates_are_on_the_globe() {
        assert!(Microdegrees::within(90.0, 90).is_ok() && Microdegrees::within(-180.0, 180).is_ok());
        for degrees in [90.000_001, -91.0, f64::NAN, f64::INFINITY] {
            assert_eq!(Microdegrees::within(degrees, 90), Err(Invalid::OutOfRange { min: -90, max: 90 }));
        }
    }

    #[test]
    fn a_new_address_needs_its_text_and_coordinates() {
        let patch = AddressPatch { latitude: Microdegrees::within(1.0, 90).ok(), ..AddressPatch::default() };
        assert_eq!(patch.create(0), Err(vec!["address", "longitude"]));
    }
}
