//! A tenant's settings for customers.

use serde::{Deserialize, Serialize};

use super::{Priority, Region, Tag};

/// The maximum number of tag rules, and of loyalty rules, of a tenant.
pub const MAX_RULES: usize = 100;

/// The settings that a tenant has made. An absent setting has the deployment's default or the built-in default.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// The country of phone numbers without a country code. The default is that of the deployment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
    /// Replaces the built-in rule, even if the list is empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag_rules: Option<Vec<TagRule>>,
    #[serde(default)]
    pub loyalty_rules: Vec<LoyaltyRule>,
}

/// Customers with `tag` are served with `priority` or better.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagRule {
    pub tag: Tag,
    pub priority: Priority,
}

/// Customers with `miles` or more are served with `priority` or better.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoyaltyRule {
    pub miles: i64,
    pub priority: Priority,
}

impl Settings {
    /// The effective tag rules: those of the tenant, or the built-in rule (`VIP` gets 20).
    #[must_use]
    pub fn tag_rules(&self) -> Vec<TagRule> {
        self.tag_rules.clone().unwrap_or_else(|| vec![TagRule { tag: Tag::vip(), priority: Priority::VIP }])
    }
}
