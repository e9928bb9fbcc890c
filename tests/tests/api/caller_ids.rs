//! Callers' numbers as telephone systems and apps in many countries show them. Each form is read as the right number,
//! or refused with its code. A `404` with `phoneInfo` shows how the number was read.

use api_tests::{Answer, Session, TestApp};
use serde_json::{Value, json};

/// A mobile of each country: region, country code, number, and national prefix.
const MOBILES: [(&str, &str, &str, &str); 24] = [
    ("IE", "353", "871234567", "0"),
    ("GB", "44", "7400123456", "0"),
    ("DE", "49", "15123456789", "0"),
    ("FR", "33", "612345678", "0"),
    ("AT", "43", "664123456", "0"),
    ("CH", "41", "781234567", "0"),
    ("NL", "31", "612345678", "0"),
    ("BE", "32", "470123456", "0"),
    ("SE", "46", "701234567", "0"),
    ("ES", "34", "612345678", ""),
    ("IT", "39", "3123456789", ""),
    ("PT", "351", "912345678", ""),
    ("NO", "47", "40612345", ""),
    ("DK", "45", "34412345", ""),
    ("PL", "48", "512345678", ""),
    ("HU", "36", "201234567", "06"),
    ("RU", "7", "9123456789", "8"),
    ("US", "1", "2015550123", "1"),
    ("IN", "91", "8123456789", "0"),
    ("AU", "61", "412345678", "0"),
    ("NZ", "64", "211234567", "0"),
    ("ZA", "27", "711234567", "0"),
    ("BR", "55", "11961234567", "0"),
    ("AE", "971", "501234567", "0"),
];

/// The forms of a caller's number: `C` is the country code, `N` the number, `S` the number with a space in it, and `T`
/// the national prefix.
const FORMS: [&str; 21] = [
    "+CN",
    "+C S",
    "(+C) S",
    "+C-S",
    "00CN",
    "CN",
    "C S",
    "TN",
    "N",
    "TS",
    "tel:+CN",
    "tel:TN;phone-context=+C",
    "tel:N;phone-context=+C",
    "tel:TN;phone-context=pbx.example.com",
    "sip:+CN@sip.example.com;user=phone",
    "sips:+CN@sip.example.com:5061;transport=tls",
    "sip:TN@pbx",
    "sip:CN@192.0.2.10:5060",
    "sip:%2BCN@sip.example.com",
    "sip:TN;phone-context=+C@sip.example.com;user=phone",
    "whatsapp:+CN",
];

/// Forms that are refused, with the same letters, and their codes.
const REFUSED: [(&str, &str); 20] = [
    ("Anonymous", "phone_withheld"),
    ("PRIVATE", "phone_withheld"),
    ("restricted", "phone_withheld"),
    ("Unavailable", "phone_withheld"),
    ("unKnown", "phone_withheld"),
    (" withheld ", "phone_withheld"),
    ("sip:anonymous@anonymous.invalid", "phone_withheld"),
    ("sips:Restricted@192.0.2.10:5061", "phone_withheld"),
    ("tel:unavailable", "phone_withheld"),
    ("whatsapp:Private", "phone_withheld"),
    ("sip:reception@pbx.example.com", "phone_letters"),
    ("tel:reception", "phone_letters"),
    ("sip:pbx.example.com", "invalid_phone"),
    ("sip:@pbx.example.com", "empty"),
    ("sip:23@pbx", "phone_too_short"),
    ("+C", "phone_too_short"),
    ("+CN;ext=12", "phone_extension"),
    ("tel:+CN;ext=12", "phone_extension"),
    ("sip:+CN;ext=12@pbx", "phone_extension"),
    ("+CN, +CN", "phone_two_numbers"),
];

/// The value of a query parameter, with every byte encoded.
fn encoded(value: &str) -> String {
    value.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat()
}

struct Tenant {
    name: String,
    operator: Session,
}

impl Tenant {
    async fn in_region(app: &TestApp, region: &str) -> Self {
        let path = format!("/client/{region}/customersettings");
        let settings = app.staff(region, "admin").put(&path, json!({ "region": region })).await;
        assert_eq!(settings.body["region"], region);
        Self { name: region.to_owned(), operator: app.staff(region, "operator") }
    }

    async fn find(&self, phone: &str) -> Answer {
        let path = format!("/client/{}/customer/phone?phone={}&include=phoneInfo", self.name, encoded(phone));
        self.operator.get(&path).await
    }
}

fn written(form: &str, (_, code, number, trunk): (&str, &str, &str, &str)) -> String {
    let spaced = format!("{} {}", &number[..3], &number[3..]);
    let part = |letter: char| match letter {
        'C' => code.to_owned(),
        'N' => number.to_owned(),
        'S' => spaced.clone(),
        'T' => trunk.to_owned(),
        other => other.to_string(),
    };
    form.chars().map(part).collect()
}

#[tokio::test]
async fn every_form_of_a_callers_number_is_read_in_every_country() {
    let app = TestApp::start().await;
    let mut forms_read = 0;
    for mobile in MOBILES {
        let tenant = Tenant::in_region(&app, mobile.0).await;
        let e164 = written("+CN", mobile);
        for form in FORMS {
            let typed = written(form, mobile);
            let unknown = tenant.find(&typed).await;
            assert_eq!(unknown.status, 404, "{typed} in {}: {unknown:?}", mobile.0);
            let info = &unknown.body["phoneInfo"];
            assert_eq!((&info["e164"], &info["country"]), (&json!(e164), &json!(mobile.0)), "{typed} in {}", mobile.0);
            forms_read += 1;
        }
    }
    assert!(forms_read >= 300, "{forms_read}");
}

#[tokio::test]
async fn every_other_form_is_refused_in_every_country() {
    let app = TestApp::start().await;
    for mobile in MOBILES {
        let tenant = Tenant::in_region(&app, mobile.0).await;
        for (form, code) in REFUSED {
            let typed = if form.contains("+C") { written(form, mobile) } else { form.to_owned() };
            let refused = tenant.find(&typed).await;
            refused.assert_problem(422, "validation_failed");
            assert_eq!(refused.errors(), [("phone".to_owned(), code.to_owned())], "{typed} in {}", mobile.0);
            assert_eq!(refused.body.get("phoneInfo"), None::<&Value>);
        }
    }
}

/// A withheld number gets this code in every request with a phone.
#[tokio::test]
async fn a_withheld_number_creates_and_changes_no_customer() {
    let app = TestApp::start().await;
    let id = app.operator().register_id("0871234567").await;
    for phone in ["Anonymous", "sip:anonymous@anonymous.invalid", "RESTRICTED", "tel:private"] {
        for path in ["customer".to_owned(), "brand/city/customer".to_owned(), format!("customer/{id}")] {
            let refused = app.operator().post(&path, json!({ "phone": phone })).await;
            refused.assert_problem(422, "validation_failed");
            assert_eq!(refused.errors(), [("/phone".to_owned(), "phone_withheld".to_owned())], "{phone} {path}");
        }
    }
}
