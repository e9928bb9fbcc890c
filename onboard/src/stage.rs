//! A deployed stage, and the names of its resources.

use std::fmt;

use shared::domain::ClientId;

/// The part of the usage plan's name that stands in place of a tier, for apps and passengers.
pub(crate) const SELF_SERVICE: &str = "self-service";

/// The name of a stage, as `template.yaml` allows it. It contains no `-`, so the names of one stage's resources never
/// match another stage.
#[derive(Debug, Clone)]
pub(crate) struct Stage(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 2 to 16 characters from a-z and 0-9, and start with a letter, such as prod")]
pub(crate) struct NotAStage;

impl Stage {
    pub(crate) fn parse(raw: &str) -> Result<Self, NotAStage> {
        let plain = raw.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        let is_stage = (2..=16).contains(&raw.len()) && plain && raw.starts_with(|c: char| c.is_ascii_lowercase());
        if is_stage { Ok(Self(raw.to_owned())) } else { Err(NotAStage) }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The tier of the usage plan with this name. `None` if the plan does not belong to this stage.
    pub(crate) fn tier_of<'a>(&self, plan: &'a str) -> Option<&'a str> {
        let tier = plan.strip_prefix("customers-")?.strip_prefix(self.as_str())?.strip_prefix('-')?;
        (!tier.is_empty()).then_some(tier)
    }

    /// The name of a tenant's API key.
    pub(crate) fn key_name(&self, client: &ClientId) -> String {
        format!("{}{client}", self.key_prefix())
    }

    /// The prefix of the names of all tenants' API keys.
    pub(crate) fn key_prefix(&self) -> String {
        format!("customers-{self}-")
    }

    /// The name of the API key of a tenant's apps and passengers. It has another prefix, so that it never equals the
    /// name of another tenant's key.
    pub(crate) fn self_service_key_name(&self, client: &ClientId) -> String {
        format!("{}{client}", self.self_service_key_prefix())
    }

    /// The prefix of the names of these keys.
    pub(crate) fn self_service_key_prefix(&self) -> String {
        format!("{SELF_SERVICE}-customers-{self}-")
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stage_names_are_those_that_the_template_allows() {
        for raw in ["dev", "prod", "a1", "abcdefghij123456"] {
            assert!(Stage::parse(raw).is_ok(), "{raw}");
        }
        for raw in ["", "a", "1a", "Prod", "prod-eu", "pröd", "prod ", "abcdefghij1234567"] {
            assert_eq!(Stage::parse(raw).unwrap_err(), NotAStage, "{raw}");
        }
    }

    #[test]
    fn a_tier_is_everything_after_the_stage() {
        let stage = Stage::parse("prod").unwrap();
        assert_eq!(stage.tier_of("customers-prod-standard"), Some("standard"));
        assert_eq!(stage.tier_of("customers-prod-extra-large"), Some("extra-large"));
        for other in ["customers-prod", "customers-prod-", "customers-prod2-standard", "customers-dev-standard", "prod"]
        {
            assert_eq!(stage.tier_of(other), None, "{other}");
        }
    }
}
