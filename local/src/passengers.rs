//! Made-up passengers, for trials with a large table.
//!
//! All values of a passenger are derived from its index. The phone is calculated without the random generator, so that
//! seeding again with another version of the generator gives the same numbers and creates no passenger twice.
//!
//! No passenger has a password. A hash takes tens of milliseconds by design, so 100,000 of them would take most of an
//! hour.

use fastrand::Rng;
use shared::domain::customer::DEFAULT_RATING;
use shared::domain::text::{DriverNote, ManagementNote, Name};
use shared::domain::{
    AccountDepartmentId, AccountId, BrandId, CapabilityId, Customer, CustomerId, Email, Invalid, Phone, Priority,
    Region, Tag, UnixSeconds,
};
use unicode_normalization::UnicodeNormalization as _;
use uuid::Uuid;

/// The maximum number of passengers: the size of the smallest range of phone numbers below.
pub const MAX_PASSENGERS: u32 = 8_000_000;

/// 2019-01-01T00:00:00Z: the earliest registration.
const FIRST_REGISTERED: UnixSeconds = 1_546_300_800;
/// The range of registrations, and of changes after them: seven years in total.
const REGISTERED_WITHIN: UnixSeconds = 6 * 365 * 86_400;
const CHANGED_WITHIN: UnixSeconds = 365 * 86_400;

/// The passenger of an index below [`MAX_PASSENGERS`]. The result is always the same.
///
/// # Errors
/// Never, unless a rule for one of the values becomes stricter.
pub fn passenger(index: u32) -> Result<Customer, Invalid> {
    let mut rng = Rng::with_seed(index.into());
    let created = FIRST_REGISTERED + rng.i64(0..REGISTERED_WITHIN);
    let mut customer = Customer::register(Phone::parse(&phone(index), Region::parse("IE")?)?, created);
    customer.id = id(created, &mut rng)?;
    name(&mut customer, index, &mut rng)?;
    links(&mut customer, &mut rng)?;
    standing(&mut customer, &mut rng)?;
    notes(&mut customer, &mut rng)?;
    if percent(&mut rng, 40) {
        customer.updated_date = created + rng.i64(0..CHANGED_WITHIN);
    }
    if percent(&mut rng, 35) {
        customer.phone_verified_date = Some(created + rng.i64(0..600));
    }
    Ok(customer)
}

fn percent(rng: &mut Rng, of_100: u32) -> bool {
    rng.u32(..100) < of_100
}

fn pick<'a, T: ?Sized>(rng: &mut Rng, from: &[&'a T]) -> &'a T {
    from[rng.usize(..from.len())]
}

/// A UUID version 7 with the time of registration, like the ids that the service issues.
fn id(created: UnixSeconds, rng: &mut Rng) -> Result<CustomerId, Invalid> {
    let mut random = [0; 10];
    rng.fill(&mut random);
    let milliseconds = created.unsigned_abs() * 1000 + rng.u64(..1000);
    let id: Uuid = uuid::Builder::from_unix_timestamp_millis(milliseconds, &random).into_uuid();
    CustomerId::parse(id.to_string())
}

/// A mobile number. Each index has a different one; 17 of 20 are Irish.
fn phone(index: u32) -> String {
    const IRISH: [&str; 6] = ["83", "85", "86", "87", "88", "89"];
    match index % 20 {
        17 => format!("+4474{:08}", scatter(index, 40_000_000)),
        18 => format!("+1212{}", 2_000_000 + scatter(index, 8_000_000)),
        19 => format!("+3361{:07}", scatter(index, 10_000_000)),
        _ => {
            let number = scatter(index, 60_000_000);
            format!("+353{}{:07}", IRISH[number as usize / 10_000_000], number % 10_000_000)
        }
    }
}

/// Distributes indices over the numbers below `size` without collisions: the factor is a prime that divides none of the
/// sizes.
fn scatter(index: u32, size: u32) -> u32 {
    let scattered = (u64::from(index) + 1) * 37_139_213 % u64::from(size);
    u32::try_from(scattered).unwrap_or_default()
}

/// Names of one language, and the percentage of passengers with such a name.
struct Names {
    share: u32,
    first: &'static [&'static str],
    last: &'static [&'static str],
}

#[rustfmt::skip]
const NAMES: &[Names] = &[
    Names {
        share: 46,
        first: &["Aoife", "Seán", "Saoirse", "Conor", "Niamh", "Cillian", "Róisín", "Oisín", "Ciara", "Pádraig", "Sinéad", "Darragh", "Caoimhe", "Eoin", "Gráinne", "Tadhg", "Emma", "Jack", "Sarah", "James", "Laura", "Michael"],
        last: &["Murphy", "Kelly", "O’Sullivan", "Walsh", "Byrne", "Ryan", "O’Connor", "Doyle", "McCarthy", "Gallagher", "Ní Bhriain", "Ó Dónaill", "Nolan", "Fitzgerald", "Kavanagh", "Brennan", "Quinn", "Healy", "Mac Giolla Phádraig", "Burke"],
    },
    Names {
        share: 14,
        first: &["Olivia", "George", "Amelia", "Harry", "Isla", "Oliver", "Grace", "Arthur", "Freya", "Noah", "Ruth", "Samuel"],
        last: &["Smith", "Jones", "Taylor", "Brown", "Williams", "Wilson", "Johnson", "Davies", "Patel", "Wright", "Clarke-Hughes", "Evans"],
    },
    Names {
        share: 9,
        first: &["Michał", "Agnieszka", "Paweł", "Małgorzata", "Łukasz", "Katarzyna", "Grzegorz", "Zofia"],
        last: &["Nowak", "Wiśniewska", "Wójcik", "Kowalczyk", "Dąbrowska", "Szymański", "Woźniak", "Jabłońska"],
    },
    Names {
        share: 6,
        first: &["João", "Beatriz", "Thiago", "Conceição", "Luís", "Íris", "Gonçalo", "Fernanda"],
        last: &["da Silva", "Gonçalves", "Araújo", "dos Santos", "Magalhães", "Oliveira", "Simões", "Conceição"],
    },
    Names {
        share: 3,
        first: &["Žydrūnas", "Ieva", "Đorđe", "Çağla", "Nguyễn", "Zoë", "Søren", "Łucja"],
        last: &["Kazlauskienė", "Petrović", "Yılmaz", "Trần", "Müller", "Sørensen", "Ștefănescu", "Dvořáková"],
    },
    Names {
        share: 6,
        first: &["Олена", "Андрій", "Наталія", "Тарас", "Юлія", "Сергій", "Ганна", "Дмитро"],
        last: &["Шевченко", "Коваленко", "Бондаренко", "Ткачук", "Кравець", "Мельник", "Поліщук", "Лисенко"],
    },
    Names {
        share: 3,
        first: &["Γιώργος", "Ελένη", "Νίκος", "Κατερίνα", "Δημήτρης", "Σοφία"],
        last: &["Παπαδόπουλος", "Νικολάου", "Γεωργίου", "Αντωνίου", "Οικονόμου", "Βασιλείου"],
    },
    Names {
        share: 4,
        first: &["محمد", "فاطمة", "أحمد", "ليلى", "يوسف", "مريم"],
        last: &["الحسن", "عبد الله", "المصري", "حداد", "خليل", "النجار"],
    },
    Names {
        share: 1,
        first: &["נועה", "דוד", "תמר", "יונתן"],
        last: &["כהן", "לוי", "מזרחי", "פרידמן"],
    },
    Names {
        share: 3,
        first: &["आरव", "प्रिया", "विवेक", "अनन्या", "रोहन", "दीपिका"],
        last: &["शर्मा", "वर्मा", "सिंह", "गुप्ता", "अय्यर", "मिश्रा"],
    },
    Names {
        share: 2,
        first: &["伟", "芳", "秀英", "强", "静怡", "浩然"],
        last: &["王", "李", "张", "刘", "陈", "欧阳"],
    },
    Names {
        share: 2,
        first: &["陽菜", "蓮", "さくら", "翔太", "ケンジ", "美咲"],
        last: &["佐藤", "鈴木", "高橋", "田中", "渡辺", "小林"],
    },
    Names {
        share: 1,
        first: &["서연", "민준", "지우", "하은"],
        last: &["김", "이", "박", "남궁"],
    },
];

/// Sets a name and an e-mail address. Six percent of the passengers have only a number, and some have no last name.
fn name(customer: &mut Customer, index: u32, rng: &mut Rng) -> Result<(), Invalid> {
    if percent(rng, 6) {
        return Ok(());
    }
    let mut ticket = rng.u32(..100);
    let of_ticket = |names: &&Names| {
        let hit = ticket < names.share;
        ticket = ticket.saturating_sub(names.share);
        hit
    };
    let Some(names) = NAMES.iter().find(of_ticket) else { return Ok(()) };
    let (first, last) = (pick(rng, names.first), pick(rng, names.last));
    customer.first_name = Some(Name::parse(first)?);
    if !percent(rng, 5) {
        customer.last_name = Some(Name::parse(last)?);
    }
    if percent(rng, 62) {
        // Reserved domains that no mail can reach (RFC 2606).
        let host = pick(rng, &["example.com", "example.org"]);
        let local = match (ascii(first), ascii(last)) {
            (first, _) if first.is_empty() => format!("passenger{index}"),
            (first, last) => format!("{first}.{last}{index}"),
        };
        customer.email = Some(Email::parse(&format!("{local}@{host}"))?);
    }
    Ok(())
}

/// The ASCII letters and digits of a name in lower case, for an e-mail address: `Ní Bhriain` becomes `nibhriain`.
fn ascii(name: &str) -> String {
    name.nfd().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// Brands, corporate accounts and requirements. A default is always one of the links.
fn links(customer: &mut Customer, rng: &mut Rng) -> Result<(), Invalid> {
    let brand = match rng.u32(..100) {
        0..=54 => Some("city"),
        55..=74 => Some("airport"),
        75..=84 => Some("executive"),
        _ => None,
    };
    if let Some(brand) = brand {
        let brand = BrandId::parse(brand)?;
        if percent(rng, 10) {
            customer.brands.insert(BrandId::parse("executive")?);
        }
        customer.brands.insert(brand.clone());
        customer.default_brand = Some(brand);
    }
    if percent(rng, 12) {
        let number = rng.u32(1..=60);
        let account = AccountId::parse(format!("account-{number:02}"))?;
        customer.accounts.insert(account.clone());
        if percent(rng, 70) {
            customer.default_account = Some(account);
        }
        if percent(rng, 50) {
            let department = pick(rng, &["sales", "engineering", "finance", "theatre", "reception"]);
            let department = AccountDepartmentId::parse(format!("account-{number:02}-{department}"))?;
            customer.account_departments.insert(department);
        }
        if percent(rng, 8) {
            customer.accounts.insert(AccountId::parse(format!("account-{:02}", rng.u32(1..=60)))?);
        }
    }
    if percent(rng, 4) {
        let capability = pick(rng, &["wheelchair", "child-seat", "estate-car", "assistance-dog"]);
        customer.client_capabilities.insert(CapabilityId::parse(capability)?);
    }
    Ok(())
}

/// Sets tags, priority, miles and rating. Most passengers have default values.
fn standing(customer: &mut Customer, rng: &mut Rng) -> Result<(), Invalid> {
    if percent(rng, 2) {
        customer.tags.insert(Tag::vip());
    }
    if percent(rng, 9) {
        let tag = pick(rng, &["AIRPORT", "HOSPITAL", "STUDENT", "NIGHT SHIFT", "SCHOOL RUN", "NO-SHOW"]);
        customer.tags.insert(Tag::parse(tag)?);
    }
    if percent(rng, 4) {
        customer.priority = Priority::parse(rng.i64(1..=8) * 10)?;
    }
    if percent(rng, 1) {
        customer.min_priority = Some(Priority::parse(rng.i64(2..=5) * 10)?);
    }
    if percent(rng, 70) {
        // The inverse of a uniform number gives a long tail: half of the passengers have fewer than 200 miles, and one
        // in fifty more than 5,000.
        customer.loyalty_miles = 400_000 / rng.i64(1..=4_000);
    }
    if percent(rng, 8) {
        customer.rating = DEFAULT_RATING + rng.i64(-40..=20);
    }
    customer.active = !percent(rng, 2);
    Ok(())
}

fn notes(customer: &mut Customer, rng: &mut Rng) -> Result<(), Invalid> {
    const FOR_DRIVERS: &[&str] = &[
        "Please ring on arrival, the bell does not work.",
        "Needs a hand with the door.",
        "Waits at the side entrance.\nPlease do not block the gate.",
        "Travels with a guide dog.",
        "Prefers a quiet drive.",
    ];
    const FOR_THE_OFFICE: &[&str] = &[
        "Asked for an invoice each month.",
        "Two bookings not taken in March; spoke to on the phone.",
        "Relative of an account manager.\nNo discount agreed.",
        "Left an umbrella, returned.",
    ];
    if percent(rng, 4) {
        customer.driver_note = Some(DriverNote::parse(pick(rng, FOR_DRIVERS))?);
    }
    if percent(rng, 2) {
        customer.management_note = Some(ManagementNote::parse(pick(rng, FOR_THE_OFFICE))?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn an_index_is_always_the_same_passenger() {
        for index in [0, 1, 17, 18, 19, 99_999, MAX_PASSENGERS - 1] {
            assert_eq!(passenger(index).unwrap(), passenger(index).unwrap());
        }
        // These numbers must never change. Otherwise seeding again would create a second set of passengers.
        let phones: Vec<_> = [0, 1, 17, 18, 19, 99_999].map(phone).into();
        assert_eq!(
            phones,
            ["+353877139213", "+353854278426", "+447428505834", "+12123645047", "+33612784260", "+33611300000"]
        );
    }

    #[test]
    fn the_percentages_of_names_add_up_to_100() {
        assert_eq!(NAMES.iter().map(|names| names.share).sum::<u32>(), 100);
    }

    #[test]
    fn every_passenger_has_its_own_phone_and_id() {
        let phones: HashSet<_> = (0..300_000).map(phone).collect();
        assert_eq!(phones.len(), 300_000);
        let ids: HashSet<_> = (0..2_000).map(|index| passenger(index).unwrap().id).collect();
        assert_eq!(ids.len(), 2_000);
    }

    #[test]
    fn every_phone_is_valid_and_in_e164() {
        let spread = (0..MAX_PASSENGERS).step_by(4_001).chain(0..1_000).chain(MAX_PASSENGERS - 20..MAX_PASSENGERS);
        for index in spread {
            assert_eq!(passenger(index).unwrap().phone.as_str(), phone(index), "{index}");
        }
    }

    #[test]
    fn passengers_vary_in_realistic_proportions() {
        let all: Vec<_> = (0..5_000).map(|index| passenger(index).unwrap()).collect();
        let share = |of: fn(&Customer) -> bool| all.iter().filter(|customer| of(customer)).count() * 1000 / all.len();
        assert!((10..30).contains(&share(|c| c.tags.contains(&Tag::vip()))));
        assert!((10..30).contains(&share(|c| !c.active)));
        assert!((940..990).contains(&share(|c| c.priority == Priority::REGULAR)));
        assert!((5..30).contains(&share(|c| c.loyalty_miles >= 5_000)));
        assert!((500..700).contains(&share(|c| c.email.is_some())));
        assert_eq!(share(|c| c.default_brand.iter().any(|brand| !c.brands.contains(brand))), 0);
        assert_eq!(share(|c| c.default_account.iter().any(|account| !c.accounts.contains(account))), 0);
    }
}
