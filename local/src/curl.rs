//! `curl` commands to paste into a shell.

use form_urlencoded::byte_serialize;

/// The address of the API, and the token for it, if it needs one.
#[derive(Debug)]
pub(crate) struct Curl<'a> {
    pub(crate) api: &'a str,
    pub(crate) token: Option<&'a str>,
}

impl Curl<'_> {
    /// Creates a passenger under a brand, as a booking does.
    pub(crate) fn register(&self, client: &str) -> String {
        format!(
            "curl -i {}/client/{client}/brand/city/customer{} -H 'Content-Type: application/json' \
             -d '{{\"phone\":\"087 123 4567\",\"firstName\":\"Aoife\",\"lastName\":\"Byrne\"}}'",
            self.api,
            self.authorization()
        )
    }

    /// Finds a passenger by phone.
    pub(crate) fn find(&self, client: &str, phone: &str) -> String {
        let phone: String = byte_serialize(phone.as_bytes()).collect();
        let path = format!("client/{client}/customer/phone?phone={phone}");
        format!("curl -i '{}/{path}'{}", self.api, self.authorization())
    }

    /// Searches passengers by the beginning of a name.
    pub(crate) fn search(&self, client: &str, name: &str) -> String {
        let name: String = byte_serialize(name.as_bytes()).collect();
        format!("curl -i '{}/client/{client}/customer?name={name}'{}", self.api, self.authorization())
    }

    fn authorization(&self) -> String {
        self.token.map(|token| format!(" -H 'Authorization: Bearer {token}'")).unwrap_or_default()
    }
}
