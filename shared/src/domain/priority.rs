//! Priorities: which customer is served first. Lower is better.

use serde::{Deserialize, Serialize};

use super::{Customer, Invalid, Settings};

/// A priority from 10 to 80. A customer with a lower one is served first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Priority(u8);

impl Priority {
    pub const MIN: i64 = 10;
    pub const MAX: i64 = 80;
    /// The default priority.
    pub const REGULAR: Self = Self(60);
    /// The priority that the built-in tag rule gives a VIP.
    pub const VIP: Self = Self(20);

    /// # Errors
    /// [`Invalid::OutOfRange`] outside 10 to 80.
    pub fn parse(raw: i64) -> Result<Self, Invalid> {
        match u8::try_from(raw) {
            Ok(value) if (Self::MIN..=Self::MAX).contains(&raw) => Ok(Self(value)),
            _ => Err(Invalid::OutOfRange { min: Self::MIN, max: Self::MAX }),
        }
    }

    #[must_use]
    pub fn get(self) -> u8 {
        self.0
    }

    /// The tier of this priority. In-between values round down: 25 belongs to the tier of 20.
    #[must_use]
    pub fn tier(self) -> PriorityType {
        match self.0 / 10 {
            1 => PriorityType::ElitePlus,
            2 => PriorityType::Elite,
            3 => PriorityType::Platinum,
            4 => PriorityType::Gold,
            5 => PriorityType::Silver,
            6 => PriorityType::Regular,
            7 => PriorityType::Regular2,
            _ => PriorityType::Regular3,
        }
    }
}

/// The tier that a priority belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum PriorityType {
    #[serde(rename = "ELITE_PLUS")]
    ElitePlus,
    #[serde(rename = "ELITE")]
    Elite,
    #[serde(rename = "PLATINUM")]
    Platinum,
    #[serde(rename = "GOLD")]
    Gold,
    #[serde(rename = "SILVER")]
    Silver,
    #[serde(rename = "REGULAR")]
    Regular,
    #[serde(rename = "REGULAR_2")]
    Regular2,
    #[serde(rename = "REGULAR_3")]
    Regular3,
}

/// Which rule gave a customer its effective priority.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum PriorityReason {
    Assigned,
    Minimum,
    Tag,
    Loyalty,
}

impl Customer {
    /// The effective priority of this customer and its reason: the best of the assigned priority, the guaranteed
    /// minimum, and the tenant's tag and loyalty rules. If several are equal, the first one in this order is the
    /// reason.
    #[must_use]
    pub fn effective_priority(&self, settings: &Settings) -> (Priority, PriorityReason) {
        let by_tag =
            settings.tag_rules().into_iter().filter(|rule| self.tags.contains(&rule.tag)).map(|rule| rule.priority);
        let by_loyalty =
            settings.loyalty_rules.iter().filter(|rule| rule.miles <= self.loyalty_miles).map(|rule| rule.priority);
        let rules = [
            (self.min_priority, PriorityReason::Minimum),
            (by_tag.min(), PriorityReason::Tag),
            (by_loyalty.min(), PriorityReason::Loyalty),
        ];
        let rules = rules.into_iter().filter_map(|(priority, reason)| Some((priority?, reason)));
        rules.fold((self.priority, PriorityReason::Assigned), |best, rule| if rule.0 < best.0 { rule } else { best })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{LoyaltyRule, Tag};
    use super::*;

    fn priority(raw: i64) -> Priority {
        Priority::parse(raw).unwrap()
    }

    #[test]
    fn a_priority_outside_10_to_80_is_refused() {
        for raw in [9, 81, -10, 266, i64::MAX] {
            assert_eq!(Priority::parse(raw), Err(Invalid::OutOfRange { min: 10, max: 80 }), "{raw}");
        }
    }

    #[test]
    fn in_between_priorities_round_down_to_a_tier() {
        let names = [
            (10, PriorityType::ElitePlus),
            (19, PriorityType::ElitePlus),
            (20, PriorityType::Elite),
            (39, PriorityType::Platinum),
            (40, PriorityType::Gold),
            (55, PriorityType::Silver),
            (60, PriorityType::Regular),
            (79, PriorityType::Regular2),
            (80, PriorityType::Regular3),
        ];
        for (raw, tier) in names {
            assert_eq!(priority(raw).tier(), tier, "{raw}");
        }
    }

    #[test]
    fn the_best_rule_wins_and_the_first_of_equal_rules_is_the_reason() {
        let mut customer = Customer::sample();
        let loyalty_rules = vec![LoyaltyRule { miles: 5000, priority: priority(40) }];
        let settings = Settings { loyalty_rules, ..Settings::default() };
        assert_eq!(customer.effective_priority(&settings), (priority(60), PriorityReason::Assigned));

        customer.loyalty_miles = 4999;
        assert_eq!(customer.effective_priority(&settings).1, PriorityReason::Assigned);
        customer.loyalty_miles = 5000;
        assert_eq!(customer.effective_priority(&settings), (priority(40), PriorityReason::Loyalty));

        customer.min_priority = Some(priority(40));
        assert_eq!(customer.effective_priority(&settings), (priority(40), PriorityReason::Minimum));

        customer.tags.insert(Tag::parse("vip").unwrap());
        assert_eq!(customer.effective_priority(&settings), (priority(20), PriorityReason::Tag));

        customer.priority = priority(20);
        assert_eq!(customer.effective_priority(&settings), (priority(20), PriorityReason::Assigned));
    }

    #[test]
    fn rules_never_make_a_priority_worse() {
        let mut customer = Customer::sample();
        customer.priority = priority(10);
        customer.min_priority = Some(priority(80));
        customer.tags.insert(Tag::parse("VIP").unwrap());
        assert_eq!(customer.effective_priority(&Settings::default()), (priority(10), PriorityReason::Assigned));
    }

    #[test]
    fn an_empty_list_of_rules_replaces_the_built_in_rule() {
        let mut customer = Customer::sample();
        customer.tags.insert(Tag::parse("VIP").unwrap());
        let settings = Settings { tag_rules: Some(Vec::new()), ..Settings::default() };
        assert_eq!(customer.effective_priority(&settings).0, priority(60));
    }
}
