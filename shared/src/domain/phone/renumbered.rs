//! Countries that have changed their numbering plan. Contact cards and booking systems still contain old numbers.
//!
//! A rule only proposes a number. The caller uses it only for numbers that are invalid today, and accepts a proposal
//! only if it is valid. So a number in use is never rewritten, and newer metadata of the phone library takes precedence
//! over this table.

/// Converts an old national number to its current form.
type Rule = fn(&str) -> Option<String>;

/// The rules by country code.
const RULES: [(i32, Rule); 6] =
    [(52, mexico), (55, brazil), (57, colombia), (84, vietnam), (225, cote_divoire), (229, benin)];

/// The current form of the national number `old`, if it has an old form of that country.
pub(super) fn national_number(country_code: i32, old: &str) -> Option<String> {
    let (_, rule) = RULES.iter().find(|(country, _)| *country == country_code)?;
    rule(old)
}

/// Since 3 August 2019 ten digits are dialled for every line. Before, a mobile was called with `1` from abroad, and with
/// `044` or `045` within the country; `01` was the prefix of a call to another city. Each stood before the same ten
/// digits.
///
/// Source: IFT, Plan Técnico Fundamental de Numeración (Diario Oficial de la Federación, 11 May 2018); ITU Operational
/// Bulletin 1151.
fn mexico(old: &str) -> Option<String> {
    let number = ["1", "044", "045", "01"].iter().find_map(|prefix| {
        let number = old.strip_prefix(prefix)?;
        (number.len() == 10).then_some(number)
    });
    number.map(str::to_owned)
}

/// From 2012 to 2016, mobiles got a `9` after the two-digit area code. Eight digits that start with 7 are trunked radio
/// and stay the same; those that start with 2 to 5 are landlines.
///
/// Source: Anatel, Resolução 553 (14 December 2010) and its calendar for the areas, which ended on 6 November 2016.
fn brazil(old: &str) -> Option<String> {
    let (area, subscriber) = old.split_at_checked(2)?;
    let is_old_mobile = subscriber.len() == 8 && subscriber.starts_with(['6', '8', '9']);
    is_old_mobile.then(|| format!("{area}9{subscriber}"))
}

/// Since 1 September 2021 a landline has `60` before the digit of its area, so that every number has ten digits.
///
/// Source: CRC, Resolución 5826 of 2019.
fn colombia(old: &str) -> Option<String> {
    let is_old_landline = old.len() == 8 && old.starts_with(['1', '2', '4', '5', '6', '7', '8']);
    is_old_landline.then(|| format!("60{old}"))
}

/// From 15 September 2018, mobile numbers with eleven digits (including the leading `0`) became one digit shorter: each
/// prefix was replaced, and the last seven digits stayed the same.
///
/// Source: Ministry of Information and Communications, plan for the conversion of mobile network codes (May 2018), in
/// the tables of the five operators.
fn vietnam(old: &str) -> Option<String> {
    const PREFIXES: [(&str, &str); 21] = [
        ("120", "70"),
        ("121", "79"),
        ("122", "77"),
        ("126", "76"),
        ("128", "78"),
        ("123", "83"),
        ("124", "84"),
        ("125", "85"),
        ("127", "81"),
        ("129", "82"),
        ("162", "32"),
        ("163", "33"),
        ("164", "34"),
        ("165", "35"),
        ("166", "36"),
        ("167", "37"),
        ("168", "38"),
        ("169", "39"),
        ("186", "56"),
        ("188", "58"),
        ("199", "59"),
    ];
    let (prefix, subscriber) = old.split_at_checked(3)?;
    let (_, today) = PREFIXES.iter().find(|(old, _)| *old == prefix)?;
    (subscriber.len() == 7).then(|| format!("{today}{subscriber}"))
}

/// Since 31 January 2021 eight digits have two more before them, which name the operator: for mobiles it follows from the
/// second digit. Landlines of Orange got `27`; those of the two others, with `0` or `8` as their third digit, became
/// numbers that cannot be told apart by their metadata, and are not rewritten. Services at 800 and 900 stayed as they
/// were.
///
/// Source: ARTCI, Plan National de Numérotation à 10 chiffres.
fn cote_divoire(old: &str) -> Option<String> {
    let &[first, second, third, ..] = old.as_bytes() else { return None };
    let operator = match (first, second, third) {
        _ if old.len() != 8 => return None,
        (b'8' | b'9', b'0', b'0') | (b'1', ..) | (b'2' | b'3', _, b'0' | b'8') => return None,
        (b'2' | b'3', ..) => "27",
        (_, b'0'..=b'3', _) => "01",
        (_, b'4'..=b'6', _) => "05",
        _ => "07",
    };
    Some(format!("{operator}{old}"))
}

/// Since 30 November 2024 every number of eight digits has `01` before it.
///
/// Source: ARCEP Bénin, plan national de numérotation à 10 chiffres.
fn benin(old: &str) -> Option<String> {
    (old.len() == 8).then(|| format!("01{old}"))
}

#[cfg(test)]
mod tests {
    use crate::domain::{Phone, Region};

    fn parse(raw: &str, region: &str) -> Option<String> {
        Phone::parse(raw, Region::parse(region).unwrap()).ok().map(|phone| phone.as_str().to_owned())
    }

    /// An old number in international form, and its current form.
    const RENUMBERED: [(&str, &str); 32] = [
        ("+52 1 55 1234 5678", "+525512345678"),
        ("+52 1 33 3123 4567", "+523331234567"),
        ("+52 1 664 123 4567", "+526641234567"),
        ("+52 1 222 123 4567", "+522221234567"),
        ("+55 11 9123-4567", "+5511991234567"),
        ("+55 11 8123-4567", "+5511981234567"),
        ("+55 21 8765-4321", "+5521987654321"),
        ("+55 61 9987-6543", "+5561999876543"),
        ("+55 85 6123-4567", "+5585961234567"),
        ("+57 1 2281260", "+576012281260"),
        ("+57 2 8891234", "+576028891234"),
        ("+57 4 4441234", "+576044441234"),
        ("+57 5 3601234", "+576053601234"),
        ("+57 7 6301234", "+576076301234"),
        ("+84 120 456 7890", "+84704567890"),
        ("+84 121 234 5678", "+84792345678"),
        ("+84 128 787 8888", "+84787878888"),
        ("+84 123 456 7890", "+84834567890"),
        ("+84 129 822 2888", "+84828222888"),
        ("+84 162 234 5678", "+84322345678"),
        ("+84 169 933 3999", "+84399333999"),
        ("+84 188 855 5888", "+84588555888"),
        ("+84 199 595 9999", "+84595959999"),
        ("+225 07 12 34 56", "+2250707123456"),
        ("+225 05 12 34 56", "+2250505123456"),
        ("+225 01 12 34 56", "+2250101123456"),
        ("+225 48 12 34 56", "+2250748123456"),
        ("+225 20 21 40 11", "+2252720214011"),
        ("+225 22 44 12 34", "+2252722441234"),
        ("+229 97 12 34 56", "+2290197123456"),
        ("+229 61 12 34 56", "+2290161123456"),
        ("+229 21 30 12 34", "+2290121301234"),
    ];

    #[test]
    fn an_old_number_is_converted_to_its_current_form() {
        for (old, today) in RENUMBERED {
            for region in ["IE", "US", "MX", "BR", "CO", "VN", "CI", "BJ"] {
                assert_eq!(parse(old, region).as_deref(), Some(today), "{old} in {region}");
                assert_eq!(parse(today, region).as_deref(), Some(today), "{today} in {region}");
            }
            assert_eq!(parse(&old.replacen('+', "00", 1), "IE").as_deref(), Some(today), "{old}");
        }
    }

    #[test]
    fn an_old_number_is_read_with_its_old_prefixes() {
        for (old, region, today) in [
            ("1 55 1234 5678", "MX", "+525512345678"),
            ("044 55 1234 5678", "MX", "+525512345678"),
            ("045 55 1234 5678", "MX", "+525512345678"),
            ("01 55 1234 5678", "MX", "+525512345678"),
            ("5215512345678", "MX", "+525512345678"),
            ("(11) 9123-4567", "BR", "+5511991234567"),
            ("011 9123-4567", "BR", "+5511991234567"),
            ("0 15 11 9123-4567", "BR", "+5511991234567"),
            ("0120 456 7890", "VN", "+84704567890"),
            ("0169.9333.999", "VN", "+84399333999"),
            ("07 12 34 56", "CI", "+2250707123456"),
            ("97 12 34 56", "BJ", "+2290197123456"),
            ("1 2281260", "CO", "+576012281260"),
            ("57 1 2281260", "CO", "+576012281260"),
        ] {
            assert_eq!(parse(old, region).as_deref(), Some(today), "{old} in {region}");
        }
    }

    #[test]
    fn numbers_outside_the_rules_are_not_rewritten() {
        for (raw, region, read) in [
            // Still valid: trunked radio, landlines and eight-digit services.
            ("+55 11 7812-3456", "BR", Some("+551178123456")),
            ("+55 11 3123-4567", "BR", Some("+551131234567")),
            ("+229 81 12 34 56", "BJ", Some("+22981123456")),
            ("+57 46123456", "CO", Some("+5746123456")),
            // Never valid, or not affected by the change.
            ("+52 1 55 1234 567", "MX", None),
            ("+52 2 55 1234 5678", "MX", None),
            ("+52 1 155 123 4567", "MX", None),
            ("+55 20 9123-4567", "BR", None),
            ("+57 3 1234567", "CO", None),
            ("+84 161 234 5678", "VN", None),
            ("+84 187 234 5678", "VN", None),
            ("+225 80 01 23 45", "CI", None),
            ("+225 20 00 12 34", "CI", None),
            ("+225 20 81 12 34", "CI", None),
            ("+225 12 34 56 78", "CI", None),
            ("+229 31 12 34 56", "BJ", None),
            ("+353 1 55 1234 5678", "IE", None),
        ] {
            assert_eq!(parse(raw, region).as_deref(), read, "{raw} in {region}");
        }
    }
}
