//! The text that is printed at start: addresses, and requests to paste.

use std::net::SocketAddr;
use std::path::Path;

use local::table;

use crate::curl::Curl;
use crate::data_file::Endpoints;

/// The text. `token` is an operator's token of `demo` and the file of its key; `None` if there is no authentication.
pub(crate) fn banner(endpoints: &Endpoints, file: Option<&Path>, token: Option<(&str, &Path)>) -> String {
    let Endpoints { api, dynamodb } = endpoints;
    let data =
        file.map_or_else(|| "in memory only; it is lost when this stops".to_owned(), |f| f.display().to_string());
    let exposed = if is_loopback(dynamodb) {
        ""
    } else {
        "
DYNAMODB HAS NO AUTHENTICATION, AND OTHER MACHINES MAY REACH THE ADDRESS ABOVE.
"
    };
    let access = if let Some((_, key_file)) = token {
        format!(
            "Tokens    signed with {}; the token below is an operator's of the tenant demo, valid for 8 hours
\
             \x20         More: cargo run -p local -- token --client demo --role admin",
            key_file.display()
        )
    } else {
        "
NO AUTHENTICATION (--open): EVERYONE WHO REACHES THIS PORT IS AN ADMIN OF EVERY TENANT."
            .to_owned()
    };
    let curl = Curl { api, token: token.map(|(token, _)| token) };
    let (register, find, search) =
        (curl.register("demo"), curl.find("demo", "087 123 4567"), curl.search("demo", "byrne, ao"));
    format!(
        "\
API       {api}
Reference {api}/docs
DynamoDB  {dynamodb} (table {table}, any credentials)
Data      {data}
{exposed}{access}

Register a passenger:
  {register}
Find the passenger by phone:
  {find}
Search by the beginning of a name:
  {search}

Ctrl-C stops it. Each request writes one line of JSON to standard error.",
        table = table::LOCAL_NAME,
    )
}

/// Whether an address such as `http://127.0.0.1:8000` can only be reached from this machine.
fn is_loopback(address: &str) -> bool {
    let host = address.trim_start_matches("http://").parse::<SocketAddr>();
    host.is_ok_and(|host| host.ip().is_loopback())
}
