//! A tenant's settings that bear on customers.

use serde::{Deserialize, Serialize};

use super::{Priority, Region, Tag};

/// Most tag rules, and most loyalty rules, that a tenant can have.
pub const MAX_RULES: usize = 100;

/// What a tenant has set; what is absent falls back to the deployment's or the built-in value.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// The country that a phone number without a prefix belongs to; the deployment's where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
    /// Replaces the built-in rules where present, an empty list included.
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
    /// The tag rules in force: the tenant's, or the built-in `VIP` to 20.
    #[must_use]
    pub fn tag_rules(&self) -> Vec<TagRule> {
        self.tag_rules.clone().unwrap_or_else(|| vec![TagRule { tag: Tag::vip(), priority: Priority::VIP }])
    }
}
