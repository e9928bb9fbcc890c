//! The parameters with which a read includes more than the record: saved addresses, and information about the phone.

use serde_json::json;
use shared::api::docs::{Docs, QueryParameter};
use shared::api::query::{Query, count};
use shared::api::reply::Included;
use shared::api::schema;
use shared::domain::{Address, AddressOrder, DEFAULT_INCLUDED_ADDRESSES, Invalid, MAX_INCLUDED_ADDRESSES, Phone};
use shared::store::With;

const ADDRESSES: &str = "addresses";
const PHONE_INFO: &str = "phoneInfo";
const ORDERS: [(&str, AddressOrder); 2] = [("recent", AddressOrder::Recent), ("used", AddressOrder::Used)];

/// What a kind of read can include.
#[derive(Clone, Copy)]
pub(crate) enum Offer {
    /// Of a read by id: addresses.
    ById,
    /// Of a read by phone: addresses, and what is known of the phone.
    ByPhone,
}

impl Offer {
    fn words(self) -> &'static [&'static str] {
        match self {
            Self::ById => &[ADDRESSES],
            Self::ByPhone => &[ADDRESSES, PHONE_INFO],
        }
    }

    fn rule(self) -> &'static str {
        match self {
            Self::ById => "`addresses`",
            Self::ByPhone => "`addresses`, `phoneInfo`, or both with a comma between them",
        }
    }
}

/// What a request includes.
#[derive(Clone, Copy, Default)]
pub(crate) struct Include {
    addresses: Option<Top>,
    pub(crate) phone_info: bool,
}

/// The addresses that are shown.
#[derive(Clone, Copy)]
struct Top {
    limit: u8,
    order: AddressOrder,
}

impl Include {
    /// Reads the parameters. `query` keeps their errors.
    pub(crate) fn read(query: &mut Query, offer: Offer) -> Self {
        let words = query.optional("include", |raw| words(raw, offer));
        let is_wrong = words.is_none() && query.has("include");
        let asks_for = |wanted: &str| words.iter().flatten().any(|word| word == wanted);
        if !asks_for(ADDRESSES) && !is_wrong {
            for name in ["addressLimit", "addressOrder"] {
                if query.has(name) {
                    query.refuse(name, &Invalid::NeedsAddresses);
                }
            }
            return Self { addresses: None, phone_info: asks_for(PHONE_INFO) };
        }
        let limit = query
            .optional("addressLimit", |raw| count(raw, MAX_INCLUDED_ADDRESSES))
            .unwrap_or(DEFAULT_INCLUDED_ADDRESSES);
        let order = query.optional("addressOrder", order).unwrap_or_default();
        Self { addresses: Some(Top { limit, order }), phone_info: asks_for(PHONE_INFO) }
    }

    /// What the store reads with the record.
    pub(crate) fn with(self) -> With {
        if self.addresses.is_some() { With::Addresses } else { With::Nothing }
    }

    /// What the response shows of a customer with these `addresses`.
    pub(crate) fn shown(self, mut addresses: Vec<Address>, phone: &Phone) -> Included {
        let addresses = self.addresses.map(|Top { limit, order }| {
            order.sort(&mut addresses);
            addresses.truncate(limit.into());
            addresses
        });
        Included { addresses, phone_info: self.phone_info.then(|| phone.info()) }
    }
}

fn words(raw: &str, offer: Offer) -> Result<Vec<String>, Invalid> {
    let mut words = Vec::new();
    for word in raw.split(',') {
        if word.is_empty() {
            return Err(Invalid::Empty);
        }
        if !offer.words().contains(&word) {
            return Err(Invalid::UnknownValue(offer.rule()));
        }
        if words.iter().any(|earlier| earlier == word) {
            return Err(Invalid::RepeatedValue);
        }
        words.push(word.to_owned());
    }
    Ok(words)
}

fn order(raw: &str) -> Result<AddressOrder, Invalid> {
    let order = ORDERS.into_iter().find(|(word, _)| *word == raw);
    order.map(|(_, order)| order).ok_or(Invalid::UnknownValue("`recent` or `used`"))
}

/// `docs` with the parameters.
pub(crate) fn described(docs: Docs, offer: Offer) -> Docs {
    let include = match offer {
        Offer::ById => {
            "What to include in the response: `addresses` for the saved addresses. On a brand's path these are the brand's \
             and those without a brand."
        }
        Offer::ByPhone => {
            "What to include in the response, with commas between: `addresses` for the saved addresses, `phoneInfo` for \
             the number's national form, country and kind."
        }
    };
    docs.query(QueryParameter {
        name: "include",
        about: include,
        is_required: false,
        schema: schema::list_of_words(offer.words()),
        example: json!(offer.words()),
    })
    .query(QueryParameter {
        name: "addressLimit",
        about: "How many addresses to include; 5 by default. Only with `include=addresses`.",
        is_required: false,
        schema: schema::integer(1, MAX_INCLUDED_ADDRESSES.into()),
        example: json!(DEFAULT_INCLUDED_ADDRESSES),
    })
    .query(QueryParameter {
        name: "addressOrder",
        about: "Which addresses come first: the most recently used (`recent`, the default), or those with the most pickups \
                and destinations (`used`). Only with `include=addresses`.",
        is_required: false,
        schema: schema::one_of(ORDERS.map(|(word, _)| word)),
        example: json!("recent"),
    })
}
