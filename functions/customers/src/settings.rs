//! The tenant's settings that bear on customers.

use axum::Json;
use axum::extract::State;
use shared::api::fields::FieldRules;
use shared::api::path::TenantPath;
use shared::api::problem_set::{AnyProblem, OfSettings};
use shared::api::view::{self, SettingsView};
use shared::api::{Body, Caller, Field, FieldErrors, LoyaltyRules, Problem, TagRules};
use shared::app::App;
use shared::body;
use shared::domain::{Region, Settings};

body! {
    /// A tenant's settings, replaced whole: what is left out or `null` falls back to what a new tenant has.
    pub(crate) struct SettingsInput is "SettingsPut" {
        /// ISO 3166 code of the country that a phone number without a prefix belongs to.
        region: Field<Region>,
        /// Replaces the built-in rule, `VIP` to 20; an empty list leaves none. No two rules may be about one tag, in
        /// whatever case.
        tag_rules: Field<TagRules>,
        /// No two rules may be about one number of miles.
        loyalty_rules: Field<LoyaltyRules>,
    }
}

/// Read the tenant's settings.
///
/// The settings in force, with what the tenant never set filled in.
#[utoipa::path(
    get,
    path = "/client/{clientId}/customersettings",
    operation_id = "getCustomerSettings",
    tag = "settings",
    params(TenantPath),
    responses(
        (status = 200, description = "The settings", body = SettingsView),
        AnyProblem,
    ),
)]
pub(crate) async fn get_customer_settings(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<SettingsView>, Problem> {
    let settings = app.tenants.settings(&caller.client).await?;
    Ok(Json(view::settings(&settings, app.tenants.region_of(&settings))))
}

/// Replace the tenant's settings.
///
/// Replaces them whole: what is left out or `null` falls back to what a new tenant has. Every function follows within a
/// minute. Repeating it is safe.
#[utoipa::path(
    put,
    path = "/client/{clientId}/customersettings",
    operation_id = "putCustomerSettings",
    tag = "settings",
    params(TenantPath),
    request_body = SettingsInput,
    responses(
        (status = 200, description = "The settings after it", body = SettingsView),
        OfSettings,
    ),
)]
pub(crate) async fn put_customer_settings(
    State(app): State<App>,
    caller: Caller,
    body: Body,
) -> Result<Json<SettingsView>, Problem> {
    let mut errors = FieldErrors::default();
    let input: SettingsInput = body.read(FieldRules::settings(), &mut errors)?;
    let settings = input.into_settings(errors)?;
    app.tenants.replace(&caller.client, &settings).await?;
    Ok(Json(view::settings(&settings, app.tenants.region_of(&settings))))
}

impl SettingsInput {
    fn into_settings(self, mut errors: FieldErrors) -> Result<Settings, Problem> {
        let region = self.region.change("region", &mut errors).into_set();
        let tag_rules = self.tag_rules.change("tagRules", &mut errors).map(|TagRules(rules)| rules);
        let loyalty_rules = self.loyalty_rules.change("loyaltyRules", &mut errors).map(|LoyaltyRules(rules)| rules);
        errors.check()?;
        Ok(Settings {
            region,
            tag_rules: tag_rules.into_set(),
            loyalty_rules: loyalty_rules.into_set().unwrap_or_default(),
        })
    }
}
