//! What the numbering plans say of a number.

use std::fmt;

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat, PhoneNumberType};
use serde::Serialize;

use super::{Phone, Region};

/// A number as it is shown to a person, and what kind of number it is. Prints as `PhoneInfo(…)`.
#[derive(Clone, PartialEq, Eq)]
pub struct PhoneInfo {
    pub e164: Phone,
    /// As it is written within its country.
    pub national: String,
    /// `None` for a number that belongs to no country, such as one of `+800`.
    pub country: Option<Region>,
    pub kind: PhoneKind,
}

/// What kind of number it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum PhoneKind {
    Mobile,
    Fixed,
    /// Its country does not tell the two apart, as in North America.
    FixedOrMobile,
    TollFree,
    Premium,
    SharedCost,
    Voip,
    /// A personal number, a pager, a company's access number, or a kind that the numbering plan does not name.
    Other,
}

impl PhoneKind {
    pub const ALL: [Self; 8] = [
        Self::Mobile,
        Self::Fixed,
        Self::FixedOrMobile,
        Self::TollFree,
        Self::Premium,
        Self::SharedCost,
        Self::Voip,
        Self::Other,
    ];
}

impl From<PhoneNumberType> for PhoneKind {
    fn from(kind: PhoneNumberType) -> Self {
        match kind {
            PhoneNumberType::Mobile => Self::Mobile,
            PhoneNumberType::FixedLine => Self::Fixed,
            PhoneNumberType::FixedLineOrMobile => Self::FixedOrMobile,
            PhoneNumberType::TollFree => Self::TollFree,
            PhoneNumberType::PremiumRate => Self::Premium,
            PhoneNumberType::SharedCost => Self::SharedCost,
            PhoneNumberType::VoIP => Self::Voip,
            PhoneNumberType::PersonalNumber
            | PhoneNumberType::Pager
            | PhoneNumberType::UAN
            | PhoneNumberType::VoiceMail
            | PhoneNumberType::Unknown => Self::Other,
        }
    }
}

impl Phone {
    /// What the numbering plans say of this number.
    ///
    /// # Panics
    /// Never: a number in E.164 can be parsed.
    #[must_use]
    pub fn info(&self) -> PhoneInfo {
        let number = PHONE_NUMBER_UTIL.parse(&self.0, None).expect("a number in E.164 can be parsed");
        PhoneInfo {
            e164: self.clone(),
            national: number.format_as(PhoneNumberFormat::National).into_owned(),
            country: number.get_region_code().and_then(|code| Region::parse(&code.to_string()).ok()),
            kind: number.get_type().into(),
        }
    }
}

impl fmt::Debug for PhoneInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PhoneInfo(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(e164: &str) -> (String, Option<String>, PhoneKind) {
        let ireland = Region::parse("IE").unwrap();
        let PhoneInfo { e164: phone, national, country, kind } = Phone::parse(e164, ireland).unwrap().info();
        assert_eq!(phone.as_str(), e164);
        (national, country.map(String::from), kind)
    }

    #[test]
    fn a_number_has_its_national_form_its_country_and_its_kind() {
        for (e164, national, country, kind) in [
            ("+353871234567", "087 123 4567", Some("IE"), PhoneKind::Mobile),
            ("+35312345678", "(01) 234 5678", Some("IE"), PhoneKind::Fixed),
            ("+353761234567", "076 123 4567", Some("IE"), PhoneKind::Voip),
            ("+12015550123", "(201) 555-0123", Some("US"), PhoneKind::FixedOrMobile),
            ("+14165550123", "(416) 555-0123", Some("CA"), PhoneKind::FixedOrMobile),
            ("+3531800123456", "1800 123 456", Some("IE"), PhoneKind::TollFree),
            ("+3531520123456", "1520 123 456", Some("IE"), PhoneKind::Premium),
            ("+3531850123456", "1850 123 456", Some("IE"), PhoneKind::SharedCost),
            ("+447012345678", "070 1234 5678", Some("GB"), PhoneKind::Other),
            ("+447797712345", "07797 712345", Some("JE"), PhoneKind::Mobile),
            ("+390612345678", "06 1234 5678", Some("IT"), PhoneKind::Fixed),
            ("+390669812345", "06 6981 2345", Some("VA"), PhoneKind::Fixed),
            ("+80012345678", "1234 5678", None, PhoneKind::TollFree),
        ] {
            assert_eq!(info(e164), (national.to_owned(), country.map(str::to_owned), kind), "{e164}");
        }
    }

    #[test]
    fn every_regions_example_number_is_of_that_region() {
        for region in Region::all() {
            let info = region.example().unwrap().info();
            assert!(!info.national.is_empty(), "{region}");
            // A few territories share all their numbers with another: their examples are that one's.
            assert!(info.country.is_some(), "{region}");
        }
    }

    #[test]
    fn is_not_shown_when_debugged() {
        let phone = Phone::parse("0871234567", Region::parse("IE").unwrap()).unwrap();
        assert_eq!(format!("{:?}", phone.info()), "PhoneInfo(…)");
    }
}
