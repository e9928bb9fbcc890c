//! A customer in the model, written independently of the service's own types.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::steps::{Fields, Maybe};

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Person {
    pub(super) id: String,
    pub(super) phone: String,
    pub(super) first_name: Option<String>,
    pub(super) last_name: Option<String>,
    pub(super) email: Option<String>,
    pub(super) default_brand: Option<String>,
    pub(super) default_account: Option<String>,
    /// Accounts, account departments, brands, client capabilities.
    pub(super) links: [BTreeSet<String>; 4],
    pub(super) tags: BTreeSet<String>,
    pub(super) assigned: i64,
    pub(super) minimum: Option<i64>,
    pub(super) miles: i64,
    pub(super) active: bool,
    pub(super) block: Option<Block>,
    pub(super) created: i64,
    pub(super) updated: i64,
    pub(super) version: i64,
    pub(super) places: Vec<SavedPlace>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Block {
    pub(super) level: &'static str,
    pub(super) reason: String,
    pub(super) until: Option<i64>,
    pub(super) since: i64,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct SavedPlace {
    pub(super) id: String,
    pub(super) text: String,
    pub(super) reference: Option<String>,
    pub(super) at: u8,
    pub(super) label: Option<String>,
    pub(super) brand: Option<String>,
    pub(super) last_used: i64,
}

/// The effective rules: tags with their priorities, and miles with theirs.
#[derive(Debug, Clone)]
pub(super) struct Rules {
    pub(super) tag: Option<(String, i64)>,
    pub(super) loyalty: Option<(i64, i64)>,
}

pub(super) const ACCOUNTS: usize = 0;
pub(super) const BRANDS: usize = 2;

pub(super) fn name(n: u8) -> String {
    ["Aoife", "José", "美咲"][usize::from(n)].to_owned()
}

pub(super) fn last_name(n: u8) -> String {
    ["Byrne", "de la Cruz", "O’Neill"][usize::from(n)].to_owned()
}

pub(super) fn email(n: u8) -> String {
    ["a@example.com", "A@Example.com"][usize::from(n)].to_owned()
}

pub(super) fn id(n: u8) -> String {
    ["city", "night", "x"][usize::from(n)].to_owned()
}

pub(super) fn priority(n: u8) -> i64 {
    10 + 10 * i64::from(n)
}

pub(super) fn miles(n: u8) -> i64 {
    [0, 4999, 5000][usize::from(n)]
}

impl Person {
    pub(super) fn new(phone: &str, now: i64) -> Self {
        Self {
            id: String::new(),
            phone: phone.to_owned(),
            first_name: None,
            last_name: None,
            email: None,
            default_brand: None,
            default_account: None,
            links: Default::default(),
            tags: BTreeSet::new(),
            assigned: 60,
            minimum: None,
            miles: 0,
            active: true,
            block: None,
            created: now,
            updated: now,
            version: 1,
            places: Vec::new(),
        }
    }

    /// Applies the fields of a body.
    pub(super) fn set(&mut self, fields: &Fields) {
        fn change<T, U>(maybe: Maybe<T>, read: impl Fn(T) -> U) -> Maybe<U> {
            maybe.map(|value| value.map(read))
        }
        if let Some(first_name) = change(fields.first_name, name) {
            self.first_name = first_name;
        }
        if let Some(name) = change(fields.last_name, last_name) {
            self.last_name = name;
        }
        if let Some(address) = change(fields.email, email) {
            self.email = address;
        }
        if let Some(brand) = change(fields.default_brand, id) {
            self.links[BRANDS].extend(brand.clone());
            self.default_brand = brand;
        }
        if let Some(account) = change(fields.default_account, id) {
            self.links[ACCOUNTS].extend(account.clone());
            self.default_account = account;
        }
        if let Some(assigned) = change(fields.priority, priority) {
            self.assigned = assigned.unwrap_or(60);
        }
        if let Some(minimum) = change(fields.min_priority, priority) {
            self.minimum = minimum;
        }
        if let Some(value) = change(fields.loyalty_miles, miles) {
            self.miles = value.unwrap_or(0);
        }
        if let Some(active) = fields.active {
            self.active = active.unwrap_or(true);
        }
    }

    /// Whether a search with this parameter finds the customer. The answers are written down, not calculated as in the API.
    pub(super) fn is_found(&self, question: &str) -> bool {
        let is = |first: &str, last: &str| {
            let has = |name: &Option<String>, wanted: &str| wanted == "any" || name.as_deref() == Some(wanted);
            has(&self.first_name, first) && has(&self.last_name, last)
        };
        match question {
            "" | "phoneEnding=1234567" => true,
            "name=ao" => is("Aoife", "any"),
            "name=BYR" => is("any", "Byrne"),
            "name=byrne,%20a" => is("Aoife", "Byrne"),
            "name=jose%20de%20la%20cr" | "name=CRUZ%20Jos%C3%A9" => is("José", "de la Cruz"),
            "name=o'n" => is("any", "O’Neill"),
            "name=%E7%BE%8E" => is("美咲", "any"),
            "email=A@EXAMPLE.COM" => self.email.is_some(),
            "phoneEnding=71-234-567" => self.phone.ends_with("71234567"),
            "phoneEnding=0861234567" => self.phone == "+353861234567",
            other => panic!("no answer is known to {other}"),
        }
    }

    /// Counts a write, if the customer differs from `before`.
    pub(super) fn touch(&mut self, before: &Self, now: i64) {
        if self != before {
            self.version += 1;
            self.updated = now;
        }
    }

    pub(super) fn view(&self, rules: &Rules) -> Value {
        let mut best = (self.assigned, "ASSIGNED");
        let tag = rules.tag.as_ref().filter(|(tag, _)| self.tags.contains(tag)).map(|rule| rule.1);
        let loyalty = rules.loyalty.filter(|(from, _)| self.miles >= *from).map(|rule| rule.1);
        for (priority, reason) in [(self.minimum, "MINIMUM"), (tag, "TAG"), (loyalty, "LOYALTY")] {
            if let Some(priority) = priority
                && priority < best.0
            {
                best = (priority, reason);
            }
        }
        let tiers = ["ELITE_PLUS", "ELITE", "PLATINUM", "GOLD", "SILVER", "REGULAR", "REGULAR_2", "REGULAR_3"];
        let reference = |id: &String| json!({ "id": id });
        let list = |ids: &BTreeSet<String>| ids.iter().map(reference).collect::<Vec<_>>();
        json!({
            "id": self.id,
            "phone": self.phone,
            "email": self.email,
            "firstName": self.first_name,
            "lastName": self.last_name,
            "defaultAccount": self.default_account.as_ref().map(reference),
            "defaultBrand": self.default_brand.as_ref().map(reference),
            "accounts": list(&self.links[0]),
            "accountDepartments": list(&self.links[1]),
            "brands": list(&self.links[2]),
            "clientCapabilities": list(&self.links[3]),
            "tags": self.tags,
            "priority": best.0,
            "priorityType": tiers[usize::try_from(best.0 / 10 - 1).unwrap()],
            "priorityReason": best.1,
            "assignedPriority": self.assigned,
            "minPriority": self.minimum,
            "loyaltyMiles": self.miles,
            "rating": 100,
            "driverNote": null,
            "managementNote": null,
            "active": self.active,
            "block": self.block.as_ref().map(Block::view),
            "phoneVerifiedDate": null,
            "ownerSince": null,
            "createdDate": self.created,
            "createdBy": { "role": "admin", "subject": null },
            "updatedDate": self.updated,
            "updatedBy": { "role": "admin", "subject": null },
            "version": self.version,
        })
    }
}

pub(super) fn coordinates(at: u8) -> (f64, f64) {
    [(53.349_805, -6.260_31), (53.349_806, -6.260_31), (51.5, 0.0)][usize::from(at)]
}

impl Block {
    fn view(&self) -> Value {
        json!({ "level": self.level, "reason": self.reason, "untilDate": self.until, "blockedDate": self.since })
    }
}

impl SavedPlace {
    pub(super) fn view(&self) -> Value {
        let (latitude, longitude) = coordinates(self.at);
        json!({
            "id": self.id,
            "address": self.text,
            "addressId": self.reference,
            "latitude": latitude,
            "longitude": longitude,
            "label": self.label,
            "brand": self.brand.as_ref().map(|id| json!({ "id": id })),
            "lastUsedDate": self.last_used,
            "usedPickupCount": 0,
            "usedDestinationCount": 0,
            "driverNote": null,
            "managementNote": null,
        })
    }
}
