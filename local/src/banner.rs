//! What is printed once it serves: where, and requests to paste.

use std::net::SocketAddr;
use std::path::Path;

use local::table;

use crate::curl::Curl;
use crate::data_file::Endpoints;

/// The text. The token is an operator's of `demo`, with the file of the key that signed it; `None` where nobody is asked
/// for one.
pub(crate) fn banner(endpoints: &Endpoints, file: Option<&Path>, token: Option<(&str, &Path)>) -> String {
    let Endpoints { api, dynamodb } = endpoints;
    let data = file.map_or_else(|| "in memory only, gone when this stops".to_owned(), |f| f.display().to_string());
    let exposed = if is_loopback(dynamodb) {
        ""
    } else {
        "\nDYNAMODB ASKS NOBODY FOR A PASSWORD, AND OTHERS MAY REACH THE ADDRESS ABOVE.\n"
    };
    let access = if let Some((_, key_file)) = token {
        format!(
            "Tokens    signed with {}; those below are an operator's of the tenant demo, good for 8 hours\n\
             \x20         More: cargo run -p local -- token --client demo --role admin",
            key_file.display()
        )
    } else {
        "\nNO AUTHENTICATION (--open): WHOEVER REACHES THIS PORT IS AN ADMIN OF EVERY TENANT.".to_owned()
    };
    let curl = Curl { api, token: token.map(|(token, _)| token) };
    let (register, find) = (curl.register("demo"), curl.find("demo", "087 123 4567"));
    format!(
        "\
API       {api}
Reference {api}/docs
DynamoDB  {dynamodb} (table {table}, any credentials)
Data      {data}
{exposed}{access}

Register a passenger:
  {register}
Find her by phone:
  {find}

Ctrl-C stops it. One line of JSON for each request goes to standard error.",
        table = table::LOCAL_NAME,
    )
}

/// Whether only this machine reaches an address such as `http://127.0.0.1:8000`.
fn is_loopback(address: &str) -> bool {
    let host = address.trim_start_matches("http://").parse::<SocketAddr>();
    host.is_ok_and(|host| host.ip().is_loopback())
}
