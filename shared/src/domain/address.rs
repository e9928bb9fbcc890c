//! A customer's saved addresses.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{BrandId, Change, Invalid, MAX_ADDRESSES, SavedAddressId, Text, UnixSeconds};

/// An angle in millionths of a degree, so that equal places compare equal. Six decimals are about 11 cm.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Microdegrees(i32);

/// Prints no coordinates, because they may be a person's home.
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

/// The text of an address. Geocoders and contact cards write several lines; it is stored as one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AddressText(Text<{ AddressText::MAX }>);

impl AddressText {
    /// The maximum number of characters, both as sent and as stored.
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

/// The passenger's name for an address, such as home or work.
pub type Label = Text<40>;
/// A note on an address. All limits in this file together keep a customer and 200 addresses below 1 MB, which is what
/// one DynamoDB query returns.
pub type AddressNote = Text<250, true>;

/// A geocoder's reference to a place: any text. Google documents no maximum, and the longest references are ASCII. The
/// limit is in bytes, so that an ASCII reference of 1,024 characters fits and 200 addresses still fit into one query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GeocoderId(Text<{ GeocoderId::MAX_BYTES }>);

impl GeocoderId {
    /// The maximum number of bytes in UTF-8.
    pub const MAX_BYTES: usize = 1024;

    /// # Errors
    /// As [`Text::parse`]; and [`Invalid::TooManyBytes`].
    pub fn parse(raw: &str) -> Result<Self, Invalid> {
        let text = Text::parse(raw)?;
        let actual = text.as_str().len();
        if actual > Self::MAX_BYTES {
            return Err(Invalid::TooManyBytes { max: Self::MAX_BYTES, actual });
        }
        Ok(Self(text))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// The last moment of the year 9999, in Unix seconds.
pub const MAX_DATE: UnixSeconds = 253_402_300_799;
/// The maximum of a usage counter.
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
    /// The brand that the address belongs to. An address without a brand is shown under every brand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brand: Option<BrandId>,
    pub last_used_date: UnixSeconds,
    pub used_pickup_count: i64,
    pub used_destination_count: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub driver_note: Option<AddressNote>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub management_note: Option<AddressNote>,
    /// When a passenger last wrote it. See [`owner`](super::owner).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_passenger: Option<UnixSeconds>,
}

/// Which of a customer's addresses come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AddressOrder {
    /// The most recently used.
    #[default]
    Recent,
    /// Those that the most bookings started or ended at; of equal ones the most recently used.
    Used,
}

impl AddressOrder {
    /// Sorts `addresses` in this order. Equal ones keep one order, whatever order they were read in.
    pub fn sort(self, addresses: &mut [Address]) {
        let uses = |address: &Address| match self {
            Self::Recent => 0,
            Self::Used => address.used_pickup_count + address.used_destination_count,
        };
        addresses.sort_by(|a, b| {
            let by_uses = uses(b).cmp(&uses(a));
            by_uses.then_with(|| b.last_used_date.cmp(&a.last_used_date)).then_with(|| a.id.cmp(&b.id))
        });
    }
}

impl Address {
    /// Whether this is shown under the brand: it is the brand's, or no brand's.
    #[must_use]
    pub fn is_shown_under(&self, brand: &BrandId) -> bool {
        self.brand.as_ref().is_none_or(|own| own == brand)
    }

    /// Whether both addresses are the same place.
    #[must_use]
    pub fn is_same_place(&self, other: &Self) -> bool {
        self.place().is_same(other.place())
    }

    fn place(&self) -> Place<'_> {
        Place { reference: self.address_id.as_ref(), point: Some((self.latitude, self.longitude)) }
    }
}

/// The values that identify a place.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Place<'a> {
    reference: Option<&'a GeocoderId>,
    point: Option<(Microdegrees, Microdegrees)>,
}

impl Place<'_> {
    /// If both have a reference, only the references are compared, because geocoders give every flat of a building the
    /// same coordinates.
    fn is_same(self, other: Self) -> bool {
        match (self.reference, other.reference) {
            (Some(reference), Some(other)) => reference == other,
            _ => self.point.is_some() && self.point == other.point,
        }
    }
}

/// The effect of a save.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Save {
    Create(Address),
    Update(Address),
    /// The address already has the values of the save.
    Unchanged(Address),
}

/// Why a save is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SaveRefused {
    /// No saved address has the id.
    NotFound,
    /// Two saved addresses would become the same place.
    SamePlace,
    /// The customer already has the maximum number of addresses.
    LimitReached,
    /// A new address lacks these fields.
    Incomplete(Vec<&'static str>),
}

/// The changes that a save makes to each field. `address` and the coordinates are required if it creates an address.
#[derive(Debug, Clone, Default)]
pub struct AddressPatch {
    /// The id of the address to update.
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
    /// Decides the effect of this save on the customer's `saved` addresses.
    ///
    /// # Errors
    /// [`SaveRefused`].
    pub fn resolve(&self, saved: &[Address], now: UnixSeconds) -> Result<Save, SaveRefused> {
        let Some(before) = self.target(saved) else {
            if self.id.is_some() {
                return Err(SaveRefused::NotFound);
            }
            let address = self.create(now).map_err(SaveRefused::Incomplete)?;
            let has_room = saved.len() < MAX_ADDRESSES;
            return if has_room { Ok(Save::Create(address)) } else { Err(SaveRefused::LimitReached) };
        };
        let mut after = before.clone();
        self.apply(&mut after);
        if after == *before {
            return Ok(Save::Unchanged(after));
        }
        // An address without a reference may share its coordinates with several that have one. An existing pair of this
        // kind is allowed.
        // Nor does a save that keeps the place make two addresses the same. An owner may have saved a place that is hidden
        // from them.
        let keeps_place = after.place() == before.place();
        let becomes_same = |other: &Address| {
            !keeps_place
                && after.is_same_place(other)
                && (!before.is_same_place(other) || after.address_id == other.address_id)
        };
        if saved.iter().any(|other| other.id != after.id && becomes_same(other)) {
            return Err(SaveRefused::SamePlace);
        }
        Ok(Save::Update(after))
    }

    /// The saved address to update: the one with the id, or without an id the one that is the same place. If several
    /// are the same place, the one with the same reference is chosen; for a save without a reference, that is the
    /// address without one. `None` means that the save creates an address.
    fn target<'a>(&self, saved: &'a [Address]) -> Option<&'a Address> {
        if let Some(id) = &self.id {
            return saved.iter().find(|address| address.id == *id);
        }
        let place = Place { reference: self.address_id.set(), point: self.latitude.zip(self.longitude) };
        let mut same = saved.iter().filter(|address| place.is_same(address.place()));
        let exact = same.clone().find(|address| address.address_id.as_ref() == place.reference);
        exact.or_else(|| same.next().filter(|_| same.next().is_none()))
    }

    /// Applies this patch to `address`.
    pub fn apply(&self, address: &mut Address) {
        // Every field is named, so that a field that is missing here does not compile.
        let Self {
            id: _,
            address: text,
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
        } = self;
        if let Some(text) = text {
            address.address = text.clone();
        }
        if let Some(latitude) = latitude {
            address.latitude = *latitude;
        }
        if let Some(longitude) = longitude {
            address.longitude = *longitude;
        }
        if let Some(last_used_date) = last_used_date {
            address.last_used_date = *last_used_date;
        }
        address_id.apply(&mut address.address_id);
        label.apply(&mut address.label);
        brand.apply(&mut address.brand);
        used_pickup_count.apply_required(&mut address.used_pickup_count);
        used_destination_count.apply_required(&mut address.used_destination_count);
        driver_note.apply(&mut address.driver_note);
        management_note.apply(&mut address.management_note);
    }

    /// Creates an address from this patch. Its last use is `now`, unless the patch sets another date.
    ///
    /// # Errors
    /// The names of the required fields that are missing.
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
            by_passenger: None,
        };
        self.apply(&mut address);
        Ok(address)
    }
}

#[cfg(test)]
mod tests {
    use proptest::option;
    use proptest::prelude::*;

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

    #[test]
    fn a_geocoders_reference_has_up_to_1024_bytes() {
        assert_eq!(GeocoderId::parse(&"x".repeat(1024)).unwrap().as_str().len(), 1024);
        assert!(GeocoderId::parse(&"\u{1f695}".repeat(256)).is_ok());
        assert_eq!(GeocoderId::parse(&"x".repeat(1025)), Err(Invalid::TooLong { max: 1024, actual: 1025 }));
        let bytes = Invalid::TooManyBytes { max: 1024, actual: 1028 };
        assert_eq!(GeocoderId::parse(&"\u{1f695}".repeat(257)), Err(bytes));
    }

    /// A save in the property test: of the address at this index, or of a place.
    #[derive(Debug, Clone)]
    struct Step {
        nth: Option<usize>,
        reference: Change<u8>,
        at: Option<u8>,
        note: Option<u8>,
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = (option::of(0..5_usize), option::of(option::of(0..3_u8)), option::of(0..2_u8), option::of(0..3_u8));
        let step = step.prop_map(|(nth, reference, at, note)| Step {
            // About two in three saves name a place and not an address.
            nth: nth.filter(|nth| *nth < 2),
            reference: match reference {
                None => Change::Keep,
                Some(None) => Change::Clear,
                Some(Some(n)) => Change::Set(n),
            },
            at,
            note,
        });
        proptest::collection::vec(step, 1..20)
    }

    /// A saved address in the model.
    #[derive(Debug, Clone, PartialEq)]
    struct Modelled {
        reference: Option<u8>,
        at: u8,
        note: Option<u8>,
    }

    /// An independent model of the rules: which address a save updates (`None` for a new one) and the address after it.
    /// Returns `None` if the save is refused.
    fn modelled(saved: &[Modelled], step: &Step) -> Option<(Option<usize>, Modelled)> {
        let with_reference = |wanted: u8| saved.iter().position(|one| one.reference == Some(wanted));
        let at_point = |one: &Modelled| Some(one.at) == step.at;
        let bare = saved.iter().position(|one| one.reference.is_none() && at_point(one));
        let all_there: Vec<_> = (0..saved.len()).filter(|n| at_point(&saved[*n])).collect();
        let index = match (step.nth, step.reference.set()) {
            (Some(nth), _) => Some(nth).filter(|nth| *nth < saved.len()).map(Some)?,
            (None, Some(reference)) => with_reference(*reference).or(bare),
            (None, None) => bare.or(if let [only] = all_there[..] { Some(only) } else { None }),
        };
        let before = index.map(|index| saved[index].clone());
        let mut after = match &before {
            Some(before) => before.clone(),
            None => Modelled { reference: None, at: step.at?, note: None },
        };
        step.reference.apply(&mut after.reference);
        after.at = step.at.unwrap_or(after.at);
        after.note = step.note.or(after.note);
        let clashes = saved.iter().enumerate().any(|(n, other)| {
            let (both_bare, one_bare) = (
                after.reference.is_none() && other.reference.is_none(),
                after.reference.is_none() != other.reference.is_none(),
            );
            let were_so = before
                .as_ref()
                .is_some_and(|b| b.at == other.at && (b.reference.is_none() || other.reference.is_none()));
            Some(n) != index
                && ((after.reference.is_some() && after.reference == other.reference)
                    || (both_bare && after.at == other.at)
                    || (one_bare && after.at == other.at && !were_so))
        });
        // If several addresses are at the coordinates and none of them is selected, a new one is added.
        if clashes && index.is_some() { None } else { Some((index, after)) }
    }

    fn patch_of(step: &Step, saved: &[Address]) -> AddressPatch {
        let angle = |at: u8| Microdegrees(i32::from(at));
        let unknown = || SavedAddressId::parse("unknown").unwrap();
        AddressPatch {
            id: step.nth.map(|nth| saved.get(nth).map_or_else(unknown, |address| address.id.clone())),
            address: Some(AddressText::parse("somewhere").unwrap()),
            address_id: step.reference.clone().map(|n| GeocoderId::parse(&format!("geo:{n}")).unwrap()),
            latitude: step.at.map(angle),
            longitude: step.at.map(angle),
            driver_note: step.note.map_or(Change::Keep, |n| Change::Set(AddressNote::parse(&n.to_string()).unwrap())),
            ..AddressPatch::default()
        }
    }

    fn model_of(address: &Address) -> Modelled {
        Modelled {
            reference: address.address_id.as_ref().map(|id| id.as_str()[4..].parse().unwrap()),
            at: u8::try_from(address.latitude.0).unwrap(),
            note: address.driver_note.as_ref().map(|note| note.as_str().parse().unwrap()),
        }
    }

    proptest! {
        #[test]
        fn saves_follow_the_rules_and_never_mix_up_places_or_notes(steps in steps()) {
            let mut saved: Vec<Address> = Vec::new();
            for step in &steps {
                let before: Vec<_> = saved.iter().map(model_of).collect();
                let expected = modelled(&before, step);
                match patch_of(step, &saved).resolve(&saved, 0) {
                    Ok(Save::Create(new)) => {
                        prop_assert_eq!(model_of(&new).note, step.note, "a new address has another one's note");
                        prop_assert_eq!(expected, Some((None, model_of(&new))));
                        saved.push(new);
                    }
                    Ok(Save::Update(after) | Save::Unchanged(after)) => {
                        let index = saved.iter().position(|address| address.id == after.id).unwrap();
                        prop_assert_eq!(expected, Some((Some(index), model_of(&after))));
                        saved[index] = after;
                    }
                    Err(_) => prop_assert_eq!(expected, None),
                }
                for (n, one) in saved.iter().enumerate() {
                    for other in &saved[n + 1..] {
                        let is_twice = one.address_id == other.address_id && one.is_same_place(other);
                        prop_assert!(!is_twice, "{:?} is saved twice", model_of(one));
                    }
                }
            }
        }
    }
}
