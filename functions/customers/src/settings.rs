//! Reads and replaces the tenant's settings for customers.

use axum::Json;
use axum::extract::State;
use shared::api::fields::FieldRules;
use shared::api::object::{Fields, Outline};
use shared::api::view::{self, Record, SettingsView};
use shared::api::{Body, Caller, Docs, Problem};
use shared::app::App;
use shared::domain::Settings;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};

/// The fields of the settings.
fn settings(fields: &mut impl Fields) -> Settings {
    let about = "The country of phone numbers without a country code: its ISO 3166 code.";
    let region = fields.change("region", about).into_set();
    let about = "Replaces the built-in rule, `VIP` to 20; an empty list leaves no rule. Each tag may have one rule.";
    let tag_rules = fields.change("tagRules", about).into_set();
    let about = "Each number of miles may have one rule.";
    let loyalty_rules = fields.change("loyaltyRules", about).into_set().unwrap_or_default();
    Settings { region, tag_rules, loyalty_rules }
}

/// The schema of the body.
pub(crate) struct SettingsPut;

impl PartialSchema for SettingsPut {
    fn schema() -> RefOr<Schema> {
        let mut outline = Outline::new(
            "A tenant's settings, replaced as a whole: a field that is left out or `null` gets the value that a new \
             tenant has.",
        );
        settings(&mut outline);
        outline.closed()
    }
}

impl ToSchema for SettingsPut {}

pub(crate) fn get_customer_settings_docs() -> Docs {
    Docs::new("settings", "Read the tenant's settings")
        .text("Returns the settings that apply. A setting that the tenant never made has its default.")
        .response::<SettingsView>(200, "The settings")
}

pub(crate) async fn get_customer_settings(State(app): State<App>, caller: Caller) -> Result<Json<Record>, Problem> {
    let settings = app.settings.get(&caller.client).await?;
    Ok(Json(view::settings(&settings, app.settings.region_of(&settings))))
}

pub(crate) fn put_customer_settings_docs() -> Docs {
    Docs::new("settings", "Replace the tenant's settings")
        .text(
            "Replaces all settings. A setting that is left out or `null` gets its default. Every function \
             uses the new settings within a minute. Safe to retry.",
        )
        .body::<SettingsPut>()
        .response::<SettingsView>(200, "The new settings")
}

pub(crate) async fn put_customer_settings(
    State(app): State<App>,
    caller: Caller,
    body: Body,
) -> Result<Json<Record>, Problem> {
    let mut fields = body.fields(FieldRules::settings())?;
    let settings = settings(&mut fields);
    fields.finish()?;
    app.settings.replace(&caller.client, &settings).await?;
    Ok(Json(view::settings(&settings, app.settings.region_of(&settings))))
}
