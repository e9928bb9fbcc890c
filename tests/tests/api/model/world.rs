//! Runs each step in the model and in the API, and compares the responses.

#![expect(clippy::needless_pass_by_value, reason = "an expectation is made where it is compared")]
#![expect(clippy::unnecessary_wraps, reason = "`shown` is one of the arms that give an expectation")]

use api_tests::{Answer, NOW, Session, TestApp};
use serde_json::{Map, Value, json};

use super::person::{
    BRANDS, Block, Person, Rules, SavedPlace, coordinates, email, id, last_name, miles, name, priority,
};
use super::steps::{Fields, IfMatch, Maybe, Place, QUESTIONS, SpelledPhone, Step};

pub(super) struct World<'a> {
    app: &'a TestApp,
    session: Session,
    now: i64,
    people: Vec<Person>,
    /// All ids that were ever issued, including those of deleted customers.
    ids: Vec<String>,
    rules: Rules,
}

/// What the model expects: a status and a body, or a problem's code.
type Expected = Result<(u16, Value), (u16, &'static str)>;

const NOT_FOUND: Expected = Err((404, "not_found"));
const TAGS: [&str; 4] = ["vip", "VIP", "straße", "STRASSE"];
const PHONES: [&str; 4] = ["871234567", "861234567", "851234567", "831234567"];
const SEARCHES: [&str; QUESTIONS as usize] = [
    "",
    "name=ao",
    "name=BYR",
    "name=byrne,%20a",
    "name=jose%20de%20la%20cr",
    "name=CRUZ%20Jos%C3%A9",
    "name=o'n",
    "name=%E7%BE%8E",
    "email=A@EXAMPLE.COM",
    "phoneEnding=1234567",
    "phoneEnding=71-234-567",
    "phoneEnding=0861234567",
];
const KINDS: [&str; 4] = ["account", "accountdepartment", "brand", "clientcapability"];

fn e164(phone: SpelledPhone) -> String {
    format!("+353{}", PHONES[usize::from(phone.phone)])
}

fn raw(phone: SpelledPhone) -> String {
    let digits = PHONES[usize::from(phone.phone)];
    match phone.spelling {
        0 => format!("0{digits}"),
        1 => format!("+353 {digits}"),
        2 => format!("00353{digits}"),
        3 => format!("({}) {}-{}", &format!("0{digits}")[..3], &digits[2..5], &digits[5..]),
        _ => format!("+353 (0){digits}"),
    }
}

fn folded(tag: u8) -> String {
    if tag < 2 { "VIP".to_owned() } else { "STRASSE".to_owned() }
}

fn put<T>(body: &mut Map<String, Value>, name: &str, maybe: Maybe<T>, value: impl Fn(T) -> Value) {
    if let Some(maybe) = maybe {
        body.insert(name.to_owned(), maybe.map_or(Value::Null, value));
    }
}

fn body_of(fields: &Fields, phone: Option<SpelledPhone>) -> Map<String, Value> {
    let mut body = Map::new();
    put(&mut body, "phone", phone.map(Some), |phone| json!(raw(phone)));
    put(&mut body, "firstName", fields.first_name, |n| json!(name(n)));
    put(&mut body, "lastName", fields.last_name, |n| json!(last_name(n)));
    put(&mut body, "email", fields.email, |n| json!(email(n)));
    put(&mut body, "defaultBrand", fields.default_brand, |n| json!({ "id": id(n) }));
    put(&mut body, "defaultAccount", fields.default_account, |n| json!({ "id": id(n) }));
    put(&mut body, "priority", fields.priority, |n| json!(priority(n)));
    put(&mut body, "minPriority", fields.min_priority, |n| json!(priority(n)));
    put(&mut body, "loyaltyMiles", fields.loyalty_miles, |n| json!(miles(n)));
    put(&mut body, "active", fields.active, Value::Bool);
    body
}

impl<'a> World<'a> {
    pub(super) fn new(app: &'a TestApp) -> Self {
        let rules = Rules { tag: Some(("VIP".to_owned(), 20)), loyalty: None };
        Self { app, session: app.admin(), now: NOW, people: Vec::new(), ids: Vec::new(), rules }
    }

    /// The id that `who` selects: of a customer that exists or existed, or an unknown one.
    fn id_of(&self, who: u8) -> String {
        self.ids.get(usize::from(who)).cloned().unwrap_or_else(|| "unknown".to_owned())
    }

    fn index_of(&self, who: u8) -> Option<usize> {
        let id = self.id_of(who);
        self.people.iter().position(|person| person.id == id)
    }

    fn with_phone(&self, phone: &str) -> Option<usize> {
        self.people.iter().position(|person| person.phone == phone)
    }

    fn shown(&self, index: usize) -> Expected {
        Ok((200, self.people[index].view(&self.rules)))
    }

    /// Changes a customer and returns its view.
    fn change(&mut self, index: usize, change: impl FnOnce(&mut Person)) -> Expected {
        let before = self.people[index].clone();
        change(&mut self.people[index]);
        self.people[index].touch(&before, self.now);
        self.shown(index)
    }

    #[expect(clippy::too_many_lines, reason = "one arm per step")]
    pub(super) async fn take(&mut self, step: &Step) -> Result<(), String> {
        match step {
            Step::Create { .. } => self.create(step).await,
            Step::Update { .. } => self.update(step).await,
            Step::Save { who, place } => self.save(*who, place).await,
            Step::Find { phone } => {
                let query = raw(*phone).replace('+', "%2B").replace(' ', "%20");
                let answer = self.session.get(&format!("customer/phone?phone={query}")).await;
                let found = self.with_phone(&e164(*phone));
                compare(&answer, found.map_or(NOT_FOUND, |index| self.shown(index)))
            }
            Step::Get { who } => {
                let answer = self.session.get(&format!("customer/{}", self.id_of(*who))).await;
                compare(&answer, self.index_of(*who).map_or(NOT_FOUND, |index| self.shown(index)))
            }
            Step::GetInBrand { who, brand } => {
                let path = format!("brand/{}/customer/{}", id(*brand), self.id_of(*who));
                let answer = self.session.get(&path).await;
                compare(&answer, self.linked(*who, BRANDS, *brand).map_or(NOT_FOUND, |index| self.shown(index)))
            }
            Step::GetInAccount { who, account } => {
                let path = format!("account/{}/customer/{}", id(*account), self.id_of(*who));
                let answer = self.session.get(&path).await;
                compare(&answer, self.linked(*who, 0, *account).map_or(NOT_FOUND, |index| self.shown(index)))
            }
            Step::Link { who, kind, id: n, add } => {
                let kind = usize::from(*kind);
                let path = format!("customer/{}/{}/{}", self.id_of(*who), KINDS[kind], id(*n));
                let answer = self.add_or_remove(&path, *add).await;
                let expected = self.index_of(*who).map_or(NOT_FOUND, |index| {
                    self.change(index, |person| {
                        if *add {
                            person.links[kind].insert(id(*n));
                            return;
                        }
                        person.links[kind].remove(&id(*n));
                        let default = match KINDS[kind] {
                            "account" => &mut person.default_account,
                            "brand" => &mut person.default_brand,
                            _ => return,
                        };
                        default.take_if(|default| *default == id(*n));
                    })
                });
                compare(&answer, expected)
            }
            Step::Tag { who, tag, add } => {
                let encoded_tag = TAGS[usize::from(*tag)].replace('ß', "%C3%9F");
                let answer =
                    self.add_or_remove(&format!("customer/{}/tag/{encoded_tag}", self.id_of(*who)), *add).await;
                let expected = self.index_of(*who).map_or(NOT_FOUND, |index| {
                    self.change(index, |person| {
                        if *add {
                            person.tags.insert(folded(*tag))
                        } else {
                            person.tags.remove(&folded(*tag))
                        };
                    })
                });
                compare(&answer, expected)
            }
            Step::Tags { who } => {
                let answer = self.session.get(&format!("customer/{}/tag", self.id_of(*who))).await;
                let tags = |index: usize| Ok((200, json!({ "items": self.people[index].tags })));
                compare(&answer, self.index_of(*who).map_or(NOT_FOUND, tags))
            }
            Step::DeleteAddress { who, nth } => {
                let index = self.index_of(*who);
                let place = index.and_then(|index| self.people[index].places.get(usize::from(*nth)));
                let place = place.map_or("none".to_owned(), |place| place.id.clone());
                let answer = self.session.delete(&format!("customer/{}/addresses/{place}", self.id_of(*who))).await;
                let expected = index.map_or(NOT_FOUND, |index| {
                    self.people[index].places.retain(|saved| saved.id != place);
                    Ok((204, Value::Null))
                });
                compare(&answer, expected)
            }
            Step::Addresses { who, brand } => self.addresses(*who, *brand).await,
            Step::Delete { who } => {
                let answer = self.session.delete(&format!("customer/{}", self.id_of(*who))).await;
                let id = self.id_of(*who);
                self.people.retain(|person| person.id != id);
                compare(&answer, Ok((204, Value::Null)))
            }
            Step::Block { .. } => self.block(step).await,
            Step::Unblock { who } => {
                let answer = self.session.delete(&format!("customer/{}/block", self.id_of(*who))).await;
                let index = self.index_of(*who);
                compare(&answer, index.map_or(NOT_FOUND, |index| self.change(index, |person| person.block = None)))
            }
            Step::Search { question, limit } => self.search(SEARCHES[usize::from(*question)], *limit).await,
            Step::Settings { tag_rule, loyalty_rule } => self.settings(*tag_rule, *loyalty_rule).await,
            Step::Pass { seconds } => {
                self.now += i64::from(*seconds);
                self.app.pass(i64::from(*seconds));
                for person in &mut self.people {
                    person.block.take_if(|block| block.until.is_some_and(|until| until <= self.now));
                }
                Ok(())
            }
        }
    }

    fn linked(&self, who: u8, kind: usize, n: u8) -> Option<usize> {
        self.index_of(who).filter(|index| self.people[*index].links[kind].contains(&id(n)))
    }

    async fn add_or_remove(&self, path: &str, add: bool) -> Answer {
        if add { self.session.post_empty(path).await } else { self.session.delete(path).await }
    }

    async fn create(&mut self, step: &Step) -> Result<(), String> {
        let Step::Create { brand, phone, fields, create_only, tags } = step else { return Ok(()) };
        let mut body = body_of(fields, Some(*phone));
        body.insert("tags".into(), tags.iter().map(|tag| TAGS[usize::from(*tag)]).collect());
        let brand = brand.map(id);
        let path = brand.as_ref().map_or("customer".to_owned(), |brand| format!("brand/{brand}/customer"));
        let headers: &[(&str, &str)] = if *create_only { &[("if-none-match", "*")] } else { &[] };
        let answer = self.session.post_with(&path, headers, Value::Object(body)).await;

        let expected = match self.with_phone(&e164(*phone)) {
            Some(_) if *create_only => Err((412, "precondition_failed")),
            Some(index) => self.change(index, |person| {
                if let Some(brand) = &brand
                    && person.links[BRANDS].insert(brand.clone())
                {
                    person.default_brand.get_or_insert_with(|| brand.clone());
                }
            }),
            None => {
                let mut person = Person::new(&e164(*phone), self.now);
                person.set(fields);
                person.tags = tags.iter().map(|tag| folded(*tag)).collect();
                if let Some(brand) = &brand {
                    person.links[BRANDS].insert(brand.clone());
                    person.default_brand.get_or_insert_with(|| brand.clone());
                }
                answer.body["id"].as_str().unwrap_or_default().clone_into(&mut person.id);
                if self.ids.contains(&person.id) {
                    return Err("an id was given twice".to_owned());
                }
                self.ids.push(person.id.clone());
                self.people.push(person);
                self.shown(self.people.len() - 1).map(|(_, body)| (201, body))
            }
        };
        compare(&answer, expected)
    }

    /// The value of `If-Match`, if it is sent.
    fn tags(&self, index: Option<usize>, if_match: IfMatch) -> Option<String> {
        let version = index.map_or(1, |index| self.people[index].version);
        match if_match {
            IfMatch::Absent => None,
            IfMatch::Star => Some("*".to_owned()),
            IfMatch::Current => Some(format!("\"{version}\", \"0\"")),
            IfMatch::Stale => Some(format!("\"{}\"", version + 1)),
        }
    }

    async fn update(&mut self, step: &Step) -> Result<(), String> {
        let Step::Update { who, brand, phone, fields, if_match } = step else { return Ok(()) };
        let index = self.index_of(*who);
        let tag = self.tags(index, *if_match);
        let headers: Vec<_> = tag.iter().map(|tag| ("if-match", tag.as_str())).collect();
        let scope = brand.map_or(String::new(), |brand| format!("brand/{}/", id(brand)));
        let path = format!("{scope}customer/{}", self.id_of(*who));
        let answer = self.session.post_with(&path, &headers, Value::Object(body_of(fields, *phone))).await;

        let index = index.filter(|index| brand.is_none_or(|b| self.people[*index].links[BRANDS].contains(&id(b))));
        let expected = match index {
            None => NOT_FOUND,
            Some(index) => {
                let phone = phone.map(e164);
                let mut after = self.people[index].clone();
                after.set(fields);
                after.phone = phone.clone().unwrap_or(after.phone);
                let owner = phone.as_ref().and_then(|phone| self.with_phone(phone));
                if matches!(if_match, IfMatch::Stale) && after != self.people[index] {
                    Err((412, "precondition_failed"))
                } else if owner.is_some_and(|owner| owner != index) {
                    Err((409, "phone_taken"))
                } else {
                    self.change(index, |person| *person = after)
                }
            }
        };
        compare(&answer, expected)
    }

    async fn block(&mut self, step: &Step) -> Result<(), String> {
        let Step::Block { who, reason, refuse, seconds, if_match } = step else { return Ok(()) };
        let index = self.index_of(*who);
        let tag = self.tags(index, *if_match);
        let level = if *refuse { "refuse" } else { "warn" };
        let (reason, until) = (format!("Reason {reason}"), seconds.map(|seconds| self.now + i64::from(seconds)));
        let body = json!({ "level": level, "reason": reason, "untilDate": until }).to_string().into_bytes();
        let json = ("content-type", "application/json");
        let headers: Vec<_> = tag.iter().map(|tag| ("if-match", tag.as_str())).chain([json]).collect();
        let answer = self.session.send("PUT", &format!("customer/{}/block", self.id_of(*who)), &headers, body).await;

        let expected = index.map_or(NOT_FOUND, |index| {
            let since = self.people[index].block.as_ref().map_or(self.now, |block| block.since);
            let block = Some(Block { level, reason, until, since });
            if matches!(if_match, IfMatch::Stale) && block != self.people[index].block {
                Err((412, "precondition_failed"))
            } else {
                self.change(index, |person| person.block = block)
            }
        });
        compare(&answer, expected)
    }

    async fn save(&mut self, who: u8, place: &Place) -> Result<(), String> {
        let index = self.index_of(who);
        let saved = index.map(|index| self.people[index].places.clone()).unwrap_or_default();
        let named =
            place.nth.map(|nth| saved.get(usize::from(nth)).map_or("none".to_owned(), |saved| saved.id.clone()));
        let mut body = Map::new();
        put(&mut body, "id", named.as_ref().map(Some), |id| json!(id));
        put(&mut body, "address", place.text.map(Some), |n| json!(format!("{n} Main Street")));
        put(&mut body, "addressId", place.reference, |n| json!(format!("geo:{n}")));
        put(&mut body, "latitude", place.coordinates.map(Some), |at| json!(coordinates(at).0));
        put(&mut body, "longitude", place.coordinates.map(Some), |at| json!(coordinates(at).1));
        put(&mut body, "label", place.label, |n| json!(format!("label {n}")));
        put(&mut body, "brand", place.brand, |n| json!({ "id": id(n) }));
        put(&mut body, "lastUsedDate", place.last_used.map(Some), |n| json!(NOW - i64::from(n)));
        let answer = self.session.post(&format!("customer/{}/addresses", self.id_of(who)), Value::Object(body)).await;

        // A body that names no place can only create an address, which must be complete.
        if named.is_none() && place.reference.flatten().is_none() && place.coordinates.is_none() {
            return compare(&answer, Err((422, "validation_failed")));
        }
        let Some(index) = index else { return compare(&answer, NOT_FOUND) };
        let reference = place.reference.flatten().map(|n| format!("geo:{n}"));
        let target = if let Some(id) = &named {
            saved.iter().position(|saved| saved.id == *id)
        } else {
            let at_point = |saved: &SavedPlace| Some(saved.at) == place.coordinates;
            let bare = saved.iter().position(|saved| saved.reference.is_none() && at_point(saved));
            let there: Vec<_> = (0..saved.len()).filter(|n| at_point(&saved[*n])).collect();
            match &reference {
                Some(_) => saved.iter().position(|saved| saved.reference == reference).or(bare),
                None => bare.or(if let [only] = there[..] { Some(only) } else { None }),
            }
        };
        let mut after = match (target, place.text, place.coordinates) {
            (Some(target), _, _) => saved[target].clone(),
            (None, _, _) if named.is_some() => return compare(&answer, NOT_FOUND),
            (None, Some(text), Some(at)) => SavedPlace {
                id: answer.body["id"].as_str().unwrap_or_default().to_owned(),
                text: format!("{text} Main Street"),
                reference: None,
                at,
                label: None,
                brand: None,
                last_used: self.now,
            },
            (None, _, _) => return compare(&answer, Err((422, "validation_failed"))),
        };
        after.text = place.text.map_or(after.text, |n| format!("{n} Main Street"));
        after.at = place.coordinates.unwrap_or(after.at);
        after.reference = place.reference.map_or(after.reference, |n| n.map(|n| format!("geo:{n}")));
        after.label = place.label.map_or(after.label, |n| n.map(|n| format!("label {n}")));
        after.brand = place.brand.map_or(after.brand, |n| n.map(id));
        after.last_used = place.last_used.map_or(after.last_used, |n| NOW - i64::from(n));
        let same = |one: &SavedPlace, other: &SavedPlace| match (&one.reference, &other.reference) {
            (Some(one), Some(other)) => one == other,
            _ => one.at == other.at,
        };
        let becomes_same = |before: &SavedPlace, other: &SavedPlace| {
            same(&after, other) && (!same(before, other) || after.reference == other.reference)
        };
        if let Some(target) = target
            && saved.iter().enumerate().any(|(n, other)| n != target && becomes_same(&saved[target], other))
        {
            return compare(&answer, Err((409, "same_place")));
        }
        let places = &mut self.people[index].places;
        let (status, view) = (if target.is_some() { 200 } else { 201 }, after.view());
        match target {
            Some(target) => places[target] = after,
            None => places.push(after),
        }
        compare(&answer, Ok((status, view)))
    }

    async fn addresses(&self, who: u8, brand: Option<u8>) -> Result<(), String> {
        let scope = brand.map_or(String::new(), |brand| format!("brand/{}/", id(brand)));
        let answer = self.session.get(&format!("{scope}customer/{}/addresses", self.id_of(who))).await;
        let index = match brand {
            Some(brand) => self.linked(who, BRANDS, brand),
            None => self.index_of(who),
        };
        let expected = index.map_or(NOT_FOUND, |index| {
            let listed = |place: &&SavedPlace| brand.is_none() || place.brand.is_none() || place.brand == brand.map(id);
            let mut places: Vec<_> = self.people[index].places.iter().filter(listed).collect();
            places.sort_by_key(|place| (-place.last_used, place.id.clone()));
            let items: Vec<_> = places.into_iter().map(SavedPlace::view).collect();
            Ok((200, json!({ "items": items })))
        });
        compare(&answer, expected)
    }

    /// Goes through all pages of a search.
    async fn search(&self, question: &str, limit: u8) -> Result<(), String> {
        let mut found = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = self.session.get(&format!("customer?{question}&limit={limit}{cursor}")).await;
            let items = page.body["items"].as_array().ok_or_else(|| format!("no page: {page:?}"))?;
            if items.len() > usize::from(limit) {
                return Err(format!("more than {limit} customers on a page"));
            }
            found.extend(items.iter().cloned());
            match page.body["nextCursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        let mut expected: Vec<_> = self.people.iter().filter(|person| person.is_found(question)).collect();
        // A list is in the order of the ids, and a search in one that other tests look at.
        expected.sort_by(|one, other| other.id.cmp(&one.id));
        let expected: Vec<_> = expected.into_iter().map(|person| person.view(&self.rules)).collect();
        if !question.is_empty() {
            found.sort_by_key(|record| std::cmp::Reverse(record["id"].as_str().unwrap_or_default().to_owned()));
        }
        if found == expected { Ok(()) } else { Err(format!("{question} found {found:?} instead of {expected:?}")) }
    }

    async fn settings(&mut self, tag_rule: Maybe<u8>, loyalty_rule: Option<u8>) -> Result<(), String> {
        let mut body = Map::new();
        self.rules.tag = match tag_rule {
            None => Some(("VIP".to_owned(), 20)),
            Some(None) => {
                body.insert("tagRules".into(), json!([]));
                None
            }
            Some(Some(n)) => {
                let tag = TAGS[usize::from(n) * 2];
                body.insert("tagRules".into(), json!([{ "tag": tag, "priority": 30 }]));
                Some((folded(n * 2), 30))
            }
        };
        self.rules.loyalty = loyalty_rule.map(|n| (5000, priority(n)));
        if let Some((miles, priority)) = self.rules.loyalty {
            body.insert("loyaltyRules".into(), json!([{ "miles": miles, "priority": priority }]));
        }
        let answer = self.session.put("customersettings", Value::Object(body)).await;
        let tag_rules: Vec<_> =
            self.rules.tag.iter().map(|(tag, priority)| json!({ "tag": tag, "priority": priority })).collect();
        let loyalty_rules: Vec<_> = self
            .rules
            .loyalty
            .iter()
            .map(|(miles, priority)| json!({ "miles": miles, "priority": priority }))
            .collect();
        let expected = json!({ "region": "IE", "tagRules": tag_rules, "loyaltyRules": loyalty_rules });
        compare(&answer, Ok((200, expected)))
    }
}

fn compare(answer: &Answer, expected: Expected) -> Result<(), String> {
    let same = match &expected {
        Ok((status, body)) => answer.status == *status && answer.body == *body,
        Err((status, code)) => answer.status == *status && answer.code() == *code,
    };
    let etag = answer.body.get("version").map(|version| format!("\"{version}\""));
    if etag.is_some() && answer.header("etag") != etag {
        return Err(format!("the ETag is {:?}, not {etag:?}", answer.header("etag")));
    }
    if same { Ok(()) } else { Err(format!("expected {expected:?}, got {} {}", answer.status, answer.body)) }
}
