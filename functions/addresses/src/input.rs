//! The body that saves an address.

use shared::api::fields::FieldRules;
use shared::api::json::{BoundedInteger, Degrees, IdRef};
use shared::api::object::{Fields, Outline};
use shared::api::{Body, Problem, Role};
use shared::domain::address::{MAX_COUNT, MAX_DATE};
use shared::domain::{AddressPatch, Change};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};

/// The fields of the body.
fn address(fields: &mut impl Fields) -> AddressPatch {
    AddressPatch {
        id: fields.value(
            "id",
            "The saved address to update. Without it, the saved address that is the same place is updated, if there is one.",
        ),
        address: fields.value("address", "The address as text. Several lines are stored as one, joined by `, `."),
        address_id: fields.change(
            "addressId",
            "The geocoder's reference to the place, such as a Google place id: any text of at most 1,024 bytes in UTF-8. Two \
             addresses with different references are two places, even at the same coordinates.",
        ),
        latitude: fields.value("latitude", "WGS-84 degrees; six decimals are kept.").map(|angle: Degrees<90>| angle.0),
        longitude: fields
            .value("longitude", "WGS-84 degrees; six decimals are kept.")
            .map(|angle: Degrees<180>| angle.0),
        label: fields.change("label", "What the passenger calls the place, such as home."),
        brand: fields
            .change("brand", "The brand that the address belongs to. Without one it is shown under every brand.")
            .map(|IdRef { id }| id),
        last_used_date: fields
            .value(
                "lastUsedDate",
                "When the address was last used, in Unix seconds. Now, for a new address, by default.",
            )
            .map(|date: BoundedInteger<0, { MAX_DATE }>| date.0),
        used_pickup_count: fields
            .change("usedPickupCount", "How often a booking started here. `null` is 0.")
            .map(|uses: BoundedInteger<0, { MAX_COUNT }>| uses.0)
            .or_default(0),
        used_destination_count: fields
            .change("usedDestinationCount", "How often a booking ended here. `null` is 0.")
            .map(|uses: BoundedInteger<0, { MAX_COUNT }>| uses.0)
            .or_default(0),
        driver_note: fields.change("driverNote", "A note that drivers are shown."),
        management_note: fields.change("managementNote", "A note for the office. Passengers are not shown it."),
    }
}

/// Reads the body.
///
/// # Errors
/// Every rule that it breaks.
pub(crate) fn read(body: Body, role: &Role) -> Result<AddressPatch, Problem> {
    let mut fields = body.fields(FieldRules::address(role))?;
    let patch = address(&mut fields);
    // A body that names no place can only create an address, so its required fields are checked here. For other bodies
    // the store decides whether the address is new.
    let names_a_place = !fields.lacks("id")
        || patch.address_id != Change::Clear && !fields.lacks("addressId")
        || !(fields.lacks("latitude") || fields.lacks("longitude"));
    if !names_a_place {
        for needed in ["address", "latitude", "longitude"] {
            fields.require(needed);
        }
    }
    fields.finish()?;
    Ok(patch)
}

/// The schema of the body.
pub(crate) struct AddressSave;

impl PartialSchema for AddressSave {
    fn schema() -> RefOr<Schema> {
        let mut outline = Outline::new(
            "An address to save. A new address needs `address`, `latitude` and `longitude`. In an update, a field that is \
             left out is unchanged and `null` clears it.",
        );
        address(&mut outline);
        outline.closed()
    }
}

impl ToSchema for AddressSave {}
