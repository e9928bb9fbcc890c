//! The steps of a sequence. Their values come from small pools, so that steps often concern the same things.

use proptest::option;
use proptest::prelude::*;

/// A field that is left out, `null`, or a value.
pub(super) type Maybe<T> = Option<Option<T>>;

#[derive(Debug, Clone)]
pub(super) struct Fields {
    pub(super) first_name: Maybe<u8>,
    pub(super) last_name: Maybe<u8>,
    pub(super) email: Maybe<u8>,
    pub(super) default_brand: Maybe<u8>,
    pub(super) default_account: Maybe<u8>,
    pub(super) priority: Maybe<u8>,
    pub(super) min_priority: Maybe<u8>,
    pub(super) loyalty_miles: Maybe<u8>,
    pub(super) active: Maybe<bool>,
}

/// A phone from the pool, and one of its spellings.
#[derive(Debug, Clone, Copy)]
pub(super) struct SpelledPhone {
    pub(super) phone: u8,
    pub(super) spelling: u8,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum IfMatch {
    Absent,
    Star,
    Current,
    Stale,
}

#[derive(Debug, Clone)]
pub(super) struct Place {
    /// Which of the customer's addresses to name by id, if any.
    pub(super) nth: Option<u8>,
    pub(super) text: Option<u8>,
    pub(super) reference: Maybe<u8>,
    pub(super) coordinates: Option<u8>,
    pub(super) label: Maybe<u8>,
    pub(super) brand: Maybe<u8>,
    pub(super) last_used: Option<u8>,
}

#[derive(Debug, Clone)]
pub(super) enum Step {
    Create { brand: Option<u8>, phone: SpelledPhone, fields: Fields, create_only: bool, tags: Vec<u8> },
    Find { phone: SpelledPhone },
    Get { who: u8 },
    GetInBrand { who: u8, brand: u8 },
    GetInAccount { who: u8, account: u8 },
    Update { who: u8, brand: Option<u8>, phone: Option<SpelledPhone>, fields: Fields, if_match: IfMatch },
    Link { who: u8, kind: u8, id: u8, add: bool },
    Tag { who: u8, tag: u8, add: bool },
    Tags { who: u8 },
    Save { who: u8, place: Place },
    DeleteAddress { who: u8, nth: u8 },
    Addresses { who: u8, brand: Option<u8> },
    Delete { who: u8 },
    Block { who: u8, reason: u8, refuse: bool, seconds: Option<u8>, if_match: IfMatch },
    Unblock { who: u8 },
    Search { question: u8, limit: u8 },
    Settings { tag_rule: Maybe<u8>, loyalty_rule: Option<u8> },
    Pass { seconds: u8 },
}

fn maybe<T: std::fmt::Debug + Clone>(value: impl Strategy<Value = T>) -> impl Strategy<Value = Maybe<T>> {
    option::weighted(0.3, option::weighted(0.7, value))
}

fn spelled_phone() -> impl Strategy<Value = SpelledPhone> {
    (0..4_u8, 0..5_u8).prop_map(|(phone, spelling)| SpelledPhone { phone, spelling })
}

fn fields() -> impl Strategy<Value = Fields> {
    let all = (maybe(0..3_u8), maybe(0..3_u8), maybe(0..3_u8), maybe(0..8_u8), maybe(0..8_u8), maybe(0..3_u8));
    (all, maybe(any::<bool>()), maybe(0..3_u8), maybe(0..2_u8)).prop_map(
        |(
            (first_name, default_brand, default_account, priority, min_priority, loyalty_miles),
            active,
            last_name,
            email,
        )| Fields {
            first_name,
            last_name,
            email,
            default_brand,
            default_account,
            priority,
            min_priority,
            loyalty_miles,
            active,
        },
    )
}

fn place() -> impl Strategy<Value = Place> {
    let nth = option::weighted(0.3, 0..4_u8);
    let some = |chance| option::weighted(chance, 0..3_u8);
    (nth, some(0.8), maybe(0..3_u8), some(0.8), maybe(0..2_u8), maybe(0..3_u8), some(0.4)).prop_map(
        |(nth, text, reference, coordinates, label, brand, last_used)| Place {
            nth,
            text,
            reference,
            coordinates,
            label,
            brand,
            last_used,
        },
    )
}

/// The number of questions that a search can ask.
pub(super) const QUESTIONS: u8 = 12;

/// Any step.
pub(super) fn step() -> impl Strategy<Value = Step> {
    let who = 0..5_u8;
    let brand = || option::weighted(0.4, 0..3_u8);
    let if_match = || {
        prop_oneof![
            6 => Just(IfMatch::Absent),
            1 => Just(IfMatch::Star),
            2 => Just(IfMatch::Current),
            1 => Just(IfMatch::Stale)
        ]
    };
    prop_oneof![
        6 => (brand(), spelled_phone(), fields(), prop::bool::weighted(0.1), prop::collection::vec(0..4_u8, 0..3)).prop_map(
            |(brand, phone, fields, create_only, tags)| Step::Create { brand, phone, fields, create_only, tags }
        ),
        3 => spelled_phone().prop_map(|phone| Step::Find { phone }),
        2 => who.clone().prop_map(|who| Step::Get { who }),
        1 => (who.clone(), 0..3_u8).prop_map(|(who, brand)| Step::GetInBrand { who, brand }),
        1 => (who.clone(), 0..3_u8).prop_map(|(who, account)| Step::GetInAccount { who, account }),
        6 => (who.clone(), brand(), option::weighted(0.4, spelled_phone()), fields(), if_match()).prop_map(
            |(who, brand, phone, fields, if_match)| Step::Update { who, brand, phone, fields, if_match }
        ),
        5 => (who.clone(), 0..4_u8, 0..3_u8, any::<bool>())
            .prop_map(|(who, kind, id, add)| Step::Link { who, kind, id, add }),
        4 => (who.clone(), 0..4_u8, any::<bool>()).prop_map(|(who, tag, add)| Step::Tag { who, tag, add }),
        1 => who.clone().prop_map(|who| Step::Tags { who }),
        6 => (who.clone(), place()).prop_map(|(who, place)| Step::Save { who, place }),
        2 => (who.clone(), 0..4_u8).prop_map(|(who, nth)| Step::DeleteAddress { who, nth }),
        3 => (who.clone(), brand()).prop_map(|(who, brand)| Step::Addresses { who, brand }),
        2 => (who.clone(), 0..2_u8, any::<bool>(), option::of(1..100_u8), if_match()).prop_map(
            |(who, reason, refuse, seconds, if_match)| Step::Block { who, reason, refuse, seconds, if_match }
        ),
        1 => who.clone().prop_map(|who| Step::Unblock { who }),
        1 => who.prop_map(|who| Step::Delete { who }),
        6 => (0..QUESTIONS, 1..4_u8).prop_map(|(question, limit)| Step::Search { question, limit }),
        1 => (maybe(0..2_u8), option::of(0..2_u8))
            .prop_map(|(tag_rule, loyalty_rule)| Step::Settings { tag_rule, loyalty_rule }),
        1 => (0..100_u8).prop_map(|seconds| Step::Pass { seconds }),
    ]
}
