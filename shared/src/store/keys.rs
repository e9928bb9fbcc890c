//! Every key, key attribute and index name of the table.
//!
//! Every partition key starts with the tenant, so a query can never cross tenants. Ids cannot contain the separator
//! `#`. No partition receives a tenant's whole traffic.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::domain::search::{KeyText, folded_email};
use crate::domain::text::Name;
use crate::domain::{ClientId, Customer, CustomerId, Email, Phone, PhoneEnding, Question, SavedAddressId};

/// The table's partition key.
pub const PK: &str = "pk";
/// The table's sort key.
pub const SK: &str = "sk";
/// The index on the phone. It is `KEYS_ONLY`: it holds no second copy of personal data, and changing other attributes
/// does not write to it.
pub const PHONE_INDEX: &str = "phone";
/// The partition key of [`PHONE_INDEX`].
pub const PHONE_INDEX_PK: &str = "gsi1pk";

/// An index that a search queries. Like the index on the phone, it is `KEYS_ONLY`. The names of its keys are short,
/// because they are part of every customer, and a record under 1 KB costs one unit to write.
#[derive(Debug, PartialEq, Eq)]
pub struct SearchIndex {
    pub name: &'static str,
    pub pk: &'static str,
    pub sk: &'static str,
}

const LAST_NAME: SearchIndex = SearchIndex { name: "lastName", pk: "lp", sk: "ls" };
const FIRST_NAME: SearchIndex = SearchIndex { name: "firstName", pk: "fp", sk: "fs" };
const EMAIL: SearchIndex = SearchIndex { name: "email", pk: "ep", sk: "id" };
const PHONE_ENDING: SearchIndex = SearchIndex { name: "phoneEnding", pk: "np", sk: "ns" };
/// All customers of a tenant in one partition, by id and so by creation. It is the exception to the rule about a tenant's
/// traffic: a partition takes 1,000 writes a second, and only creates and erasures write here, one unit each.
const CUSTOMERS: SearchIndex = SearchIndex { name: "customers", pk: "cp", sk: "id" };

/// The indexes for search, in the order in which the parameter `SearchIndexes` of the template adds them.
pub const SEARCH_INDEXES: [SearchIndex; 5] = [LAST_NAME, FIRST_NAME, EMAIL, PHONE_ENDING, CUSTOMERS];

/// The sort key of a customer. It sorts after the customer's addresses, so that a query in descending order returns it
/// first.
pub const PROFILE: &str = "PROFILE";
const GUARD: &str = "GUARD";
const SETTINGS: &str = "SETTINGS";
const PASSWORD: &str = "PASSWORD";
const ADDRESS: &str = "ADDRESS#";
const LAST: &str = "LAST";
const FIRST: &str = "FIRST";

/// The primary key of one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemKey {
    pub pk: String,
    pub sk: String,
}

impl ItemKey {
    /// The key in the form that DynamoDB expects.
    #[must_use]
    pub fn attributes(self) -> HashMap<String, AttributeValue> {
        [(PK, self.pk), (SK, self.sk)]
            .map(|(name, value)| (name.to_owned(), AttributeValue::S(value)))
            .into_iter()
            .collect()
    }
}

/// How every partition key of a tenant begins, the indexes' too. No other tenant's does.
#[must_use]
pub fn tenant_prefix(client: &ClientId) -> String {
    format!("{client}#")
}

/// The tenant that a partition key belongs to.
#[must_use]
pub fn tenant_of(pk: &str) -> Option<ClientId> {
    let (client, _) = pk.split_once('#')?;
    ClientId::parse(client).ok()
}

/// The partition that holds a customer and its addresses.
#[must_use]
pub fn customer_partition(client: &ClientId, customer: &CustomerId) -> String {
    format!("{client}#CUSTOMER#{customer}")
}

#[must_use]
pub fn customer(client: &ClientId, customer: &CustomerId) -> ItemKey {
    ItemKey { pk: customer_partition(client, customer), sk: PROFILE.to_owned() }
}

/// The item that makes a phone unique within its tenant.
#[must_use]
pub fn phone_guard(client: &ClientId, phone: &Phone) -> ItemKey {
    ItemKey { pk: phone_index(client, phone), sk: GUARD.to_owned() }
}

#[must_use]
pub fn address(client: &ClientId, customer: &CustomerId, address: &SavedAddressId) -> ItemKey {
    ItemKey { pk: customer_partition(client, customer), sk: format!("{ADDRESS}{address}") }
}

/// A customer's password. It has its own partition, which no read of a customer touches.
#[must_use]
pub fn password(client: &ClientId, customer: &CustomerId) -> ItemKey {
    ItemKey { pk: format!("{client}#CREDENTIAL#{customer}"), sk: PASSWORD.to_owned() }
}

#[must_use]
pub fn settings(client: &ClientId) -> ItemKey {
    ItemKey { pk: format!("{client}#{SETTINGS}"), sk: SETTINGS.to_owned() }
}

/// The item that the health check and the start of a function read. It does not exist. It belongs to no tenant, because
/// the id of a tenant is not empty.
#[must_use]
pub fn probe() -> ItemKey {
    ItemKey { pk: "#HEALTH".to_owned(), sk: "HEALTH".to_owned() }
}

/// The value of [`PHONE_INDEX_PK`] on a customer.
#[must_use]
pub fn phone_index(client: &ClientId, phone: &Phone) -> String {
    format!("{client}#PHONE#{}", phone.as_str())
}

/// The keys of the two indexes on names.
pub(super) fn name_keys(
    client: &ClientId,
    first: Option<&Name>,
    last: Option<&Name>,
    id: &CustomerId,
) -> [(&'static str, Option<String>); 4] {
    let keys = |index: &SearchIndex, kind: &str, leading, other| {
        let text = KeyText::of(leading, other);
        let partition = text.as_ref().map(|text| format!("{client}#{kind}#{}", text.first_letters()));
        [(index.pk, partition), (index.sk, text.map(|text| format!("{}#{id}", text.as_str())))]
    };
    let ([last_pk, last_sk], [first_pk, first_sk]) =
        (keys(&LAST_NAME, LAST, last, first), keys(&FIRST_NAME, FIRST, first, last));
    [last_pk, last_sk, first_pk, first_sk]
}

/// The key of the index on e-mail addresses, whose sort key is the customer's id.
pub(super) fn email_key(client: &ClientId, email: Option<&Email>) -> (&'static str, Option<String>) {
    (EMAIL.pk, email.map(|email| format!("{client}#EMAIL#{}", folded_email(email))))
}

/// The keys of every index on customers, each with its value on `customer`; `None` if the index does not contain it. An
/// `id` is an attribute of its own.
pub(super) fn index_keys(client: &ClientId, customer: &Customer) -> Vec<(&'static str, Option<String>)> {
    let Customer { id, phone, email, first_name, last_name, .. } = customer;
    let reversed = phone.reversed_digits();
    let mut keys = vec![
        (PHONE_INDEX_PK, Some(phone_index(client, phone))),
        email_key(client, email.as_ref()),
        (PHONE_ENDING.pk, Some(ending_partition(client, &reversed))),
        (PHONE_ENDING.sk, Some(format!("{reversed}#{id}"))),
        (CUSTOMERS.pk, Some(format!("{client}#ALL"))),
    ];
    keys.extend(name_keys(client, first_name.as_ref(), last_name.as_ref(), id));
    keys
}

/// The partition of the phones with the same last four digits.
fn ending_partition(client: &ClientId, reversed: &str) -> String {
    let last_four: String = reversed[..PhoneEnding::MIN_DIGITS].chars().rev().collect();
    format!("{client}#ENDING#{last_four}")
}

/// A query of one index, as far as the question decides it.
pub(super) struct IndexQuery {
    pub(super) index: &'static SearchIndex,
    pub(super) partition: String,
    /// What the sort key begins with.
    pub(super) prefix: Option<String>,
    pub(super) is_descending: bool,
}

/// The queries that together find every customer that matches `question`, in their order.
pub(super) fn queries(client: &ClientId, question: &Question) -> Vec<IndexQuery> {
    let query = |index, partition, prefix| IndexQuery { index, partition, prefix, is_descending: false };
    match question {
        Question::All => {
            vec![IndexQuery { is_descending: true, ..query(&CUSTOMERS, format!("{client}#ALL"), None) }]
        }
        Question::Name(name) => {
            let text = name.key_prefix();
            let on = |index, kind: &str| {
                query(index, format!("{client}#{kind}#{}", text.first_letters()), Some(text.as_str().to_owned()))
            };
            vec![on(&LAST_NAME, LAST), on(&FIRST_NAME, FIRST)]
        }
        Question::Email(email) => vec![query(&EMAIL, format!("{client}#EMAIL#{email}"), None)],
        Question::PhoneEnding(ending) => {
            let end = if ending.is_whole() { "#" } else { "" };
            let prefix = format!("{}{end}", ending.reversed());
            vec![query(&PHONE_ENDING, ending_partition(client, ending.reversed()), Some(prefix))]
        }
    }
}

/// The customer that a sort key of a search index ends with.
pub(super) fn customer_of_sort_key(sort_key: &str) -> Option<CustomerId> {
    CustomerId::parse(sort_key.rsplit('#').next()?).ok()
}

/// The customer in a partition key, if it is the key of a customer.
#[must_use]
pub fn customer_of(pk: &str) -> Option<CustomerId> {
    let (_, id) = pk.split_once("#CUSTOMER#")?;
    CustomerId::parse(id).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Region;
    use crate::domain::search::NameQuestion;

    fn client(raw: &str) -> ClientId {
        ClientId::parse(raw).unwrap()
    }

    #[test]
    fn every_partition_key_begins_with_its_tenant() {
        let phone = Phone::parse("0871234567", Region::parse("IE").unwrap()).unwrap();
        let id = CustomerId::parse("c1").unwrap();
        let address_id = SavedAddressId::parse("a1").unwrap();
        let demo = client("demo");
        assert_eq!(customer(&demo, &id), ItemKey { pk: "demo#CUSTOMER#c1".into(), sk: "PROFILE".into() });
        assert_eq!(phone_guard(&demo, &phone), ItemKey { pk: "demo#PHONE#+353871234567".into(), sk: "GUARD".into() });
        assert_eq!(
            address(&demo, &id, &address_id),
            ItemKey { pk: "demo#CUSTOMER#c1".into(), sk: "ADDRESS#a1".into() }
        );
        assert_eq!(password(&demo, &id), ItemKey { pk: "demo#CREDENTIAL#c1".into(), sk: "PASSWORD".into() });
        assert_eq!(settings(&demo), ItemKey { pk: "demo#SETTINGS".into(), sk: "SETTINGS".into() });
        assert_eq!(phone_index(&demo, &phone), "demo#PHONE#+353871234567");
    }

    proptest::proptest! {
        #[test]
        fn different_things_have_different_keys_and_each_begins_with_its_tenant(
            a in "[A-Z_-]{1,9}", b in "[A-Z_-]{1,9}", c in "[A-Z_-]{1,9}", d in "[A-Z_-]{1,9}",
        ) {
            let all = |tenant: &str, id: &str| {
                let (tenant, id) = (client(tenant), CustomerId::parse(id).unwrap());
                let address_id = SavedAddressId::parse(id.as_str()).unwrap();
                [customer(&tenant, &id), address(&tenant, &id, &address_id), password(&tenant, &id), settings(&tenant)]
            };
            for key in all(&a, &b) {
                assert_eq!(tenant_of(&key.pk), Some(client(&a)));
                assert_eq!(key.pk.starts_with(&tenant_prefix(&client(&c))), a == c);
                if (&a, &b) != (&c, &d) {
                    let shared_settings = a == c && key == settings(&client(&a));
                    assert!(shared_settings || !all(&c, &d).contains(&key), "{key:?}");
                }
            }
        }
    }

    #[test]
    fn every_index_key_begins_with_its_tenant_and_ends_with_the_customer() {
        let demo = client("demo");
        let mut customer = Customer::sample();
        customer.id = CustomerId::parse("c1").unwrap();
        customer.first_name = Name::parse("Aoife").ok();
        customer.last_name = Name::parse("O’Byrne").ok();
        customer.email = Email::parse("Aoife@Example.IE").ok();
        let keys: HashMap<_, _> = index_keys(&demo, &customer).into_iter().collect();
        for (attribute, key) in [
            ("gsi1pk", "demo#PHONE#+353871234567"),
            ("lp", "demo#LAST#ob"),
            ("ls", "obyrneaoife#c1"),
            ("fp", "demo#FIRST#ao"),
            ("fs", "aoifeobyrne#c1"),
            ("ep", "demo#EMAIL#aoife@example.ie"),
            ("np", "demo#ENDING#4567"),
            ("ns", "765432178353#c1"),
            ("cp", "demo#ALL"),
        ] {
            assert_eq!(keys[attribute].as_deref(), Some(key), "{attribute}");
        }
        assert_eq!(keys.len(), 9);
        customer.last_name = None;
        let keys: HashMap<_, _> = index_keys(&demo, &customer).into_iter().collect();
        assert_eq!((&keys["lp"], &keys["ls"]), (&None, &None));
        assert_eq!(keys["fs"].as_deref(), Some("aoife#c1"));
    }

    #[test]
    fn a_question_asks_the_partitions_of_its_answers() {
        let demo = client("demo");
        let asked = |question| {
            let queries = queries(&demo, &question).into_iter();
            queries.map(|query| (query.index.name, query.partition, query.prefix)).collect::<Vec<_>>()
        };
        let ending = |raw| Question::PhoneEnding(PhoneEnding::parse_query(raw, Region::parse("IE").unwrap()).unwrap());
        assert_eq!(
            asked(Question::Name(NameQuestion::parse("O'By").unwrap())),
            [
                ("lastName", "demo#LAST#ob".to_owned(), Some("oby".to_owned())),
                ("firstName", "demo#FIRST#ob".to_owned(), Some("oby".to_owned()))
            ]
        );
        assert_eq!(asked(ending("34567")), [("phoneEnding", "demo#ENDING#4567".into(), Some("76543".into()))]);
        assert_eq!(
            asked(ending("0871234567")),
            [("phoneEnding", "demo#ENDING#4567".into(), Some("765432178353#".into()))]
        );
        assert_eq!(asked(Question::email("A@B.ie").unwrap()), [("email", "demo#EMAIL#a@b.ie".into(), None)]);
        assert_eq!(asked(Question::All), [("customers", "demo#ALL".into(), None)]);
        assert_eq!(customer_of_sort_key("byrneaoife#c1"), CustomerId::parse("c1").ok());
        assert_eq!(customer_of_sort_key("c1"), CustomerId::parse("c1").ok());
    }

    #[test]
    fn a_customers_id_can_be_read_from_its_key() {
        let id = CustomerId::issue();
        assert_eq!(customer_of(&customer(&client("CUSTOMER"), &id).pk), Some(id));
        assert_eq!(customer_of("demo#SETTINGS"), None);
    }

    #[test]
    fn a_profile_sorts_after_its_addresses() {
        assert!(*PROFILE > *ADDRESS);
    }
}
