//! Requests to paste into a shell.

use form_urlencoded::byte_serialize;

/// Registers a passenger, as a booking under a brand does.
pub(crate) fn register(api: &str) -> String {
    format!(
        "curl -i {api}/client/demo/brand/city/customer -H 'Content-Type: application/json' \
         -d '{{\"phone\":\"087 123 4567\",\"firstName\":\"Aoife\",\"lastName\":\"Byrne\"}}'"
    )
}

/// Finds a passenger by phone.
pub(crate) fn find(api: &str, client: &str, phone: &str) -> String {
    let phone: String = byte_serialize(phone.as_bytes()).collect();
    format!("curl -i '{api}/client/{client}/customer/phone?phone={phone}'")
}
