//! The server: the API and its DynamoDB, until a signal stops them.

use std::error::Error;
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::time::Duration;

use local::QUIET;
use local::access::Access;
use local::demo::Demo;
use local::dynamodb::{EmbeddedDynamoDb, client};
use local::gateway::Gateway;
use local::table::{self, TableDefinition};
use local::upgrade;
use shared::api::cors::AllowedOrigin;
use shared::api::{Caller, Role};
use shared::app::App;
use shared::clock::Clock;
use shared::domain::{ClientId, Region};
use shared::store::Store;
use shared::telemetry;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::banner::banner;
use crate::cli::Serve;
use crate::data_file::{DataFile, Endpoints};
use crate::home::Home;
use crate::token::{self, PRINTED_FOR};
use crate::{note, say};

/// The region of phone numbers without a country code, for tenants that have not set a region.
const DEFAULT_REGION: &str = "IE";
/// How long running requests may take after a signal to stop.
const GRACE: Duration = Duration::from_secs(5);

/// A port that cannot be listened on.
#[derive(Debug, thiserror::Error)]
#[error("{what} cannot listen on port {port}: {}; choose another one with {flag}, where 0 is any free port", why(.cause))]
struct PortError {
    what: &'static str,
    port: u16,
    flag: &'static str,
    cause: io::Error,
}

fn why(cause: &io::Error) -> String {
    match cause.kind() {
        io::ErrorKind::AddrInUse => "another program uses it".to_owned(),
        _ => cause.to_string(),
    }
}

/// Serves the API and its DynamoDB until Ctrl-C or SIGTERM, and then waits for running requests.
///
/// # Errors
/// If a port, the data file or the key cannot be used. The message says what to do.
pub(crate) async fn run(options: &Serve) -> Result<(), Box<dyn Error>> {
    let stopping = stop_signal()?;
    let origin = allowed_origin(options)?;
    let home = Home::find()?;
    let mut data = if options.memory { None } else { Some(home.take_data(options.data.as_deref())?) };
    let listener = listen("the API", (Ipv4Addr::LOCALHOST.into(), options.port), "--port").await?;
    let dynamodb_at = (options.dynamodb_host, options.dynamodb_port);
    let dynamodb_listener = listen("DynamoDB", dynamodb_at, "--dynamodb-port").await?;
    let dynamodb = open(dynamodb_listener, data.as_ref().map(DataFile::path)).await?;
    // Last, so that no key is created if one of the steps above fails.
    let issuer = if options.open { None } else { Some(home.issuer()?) };

    telemetry::init(QUIET, None);
    let host = listener.local_addr()?;
    let store = Store::new(&client(&dynamodb.endpoint()), table::LOCAL_NAME);
    let app = App::new(store, Region::parse(DEFAULT_REGION)?, Clock::system());
    let access = match &issuer {
        Some(issuer) => Access::Tokens(issuer.authorizer(Clock::system())?),
        None => Access::Open,
    };
    let client = ClientId::parse("demo")?;
    let operator = Caller { client: client.clone(), role: Role::Operator, subject: None };
    let token = issuer.as_ref().map(|issuer| token::mint(issuer, &operator, PRINTED_FOR)).transpose()?;
    let demo = match issuer {
        // An admin may call every operation.
        Some(issuer) => {
            Demo::with_tokens(issuer, Caller { client, role: Role::Admin, subject: None }, PRINTED_FOR, Clock::system())
        }
        None => Demo::open(client),
    };
    let gateway = Gateway::new(&app, access, host, origin).with_demo(demo);
    let (stop, stopped) = oneshot::channel::<()>();
    let server = axum::serve(listener, gateway.into_router()).with_graceful_shutdown(async {
        let _ = stopped.await;
    });
    let serving = tokio::spawn(server.into_future());

    let endpoints = Endpoints { api: format!("http://{host}"), dynamodb: dynamodb.endpoint() };
    if let Some(data) = &mut data {
        data.announce(&endpoints)?;
    }
    let key_file = home.key_file();
    let token = token.as_deref().map(|token| (token, key_file.as_path()));
    say(banner(&endpoints, data.as_ref().map(DataFile::path), token));

    stopping.await;
    drop(stop);
    let drained = timeout(GRACE, serving).await.is_ok();
    // No acknowledged write depends on this, because acknowledged writes are already in the file.
    let closed = timeout(GRACE, dynamodb.stop()).await.is_ok();
    let kept = match &data {
        Some(data) => format!("The data is in {}.", data.path().display()),
        None => "Nothing was kept.".to_owned(),
    };
    let cut_off = if drained && closed { "" } else { " Requests that were still running were aborted." };
    say(format_args!("Stopped.{cut_off} {kept}"));
    Ok(())
}

/// Starts an embedded DynamoDB on `listener`, with its data in `file` or in memory, and creates or checks the table, and brings an older one up to date.
///
/// # Errors
/// If dynoxide cannot open the file, or the table in it has other keys.
pub(crate) async fn open(listener: TcpListener, file: Option<&Path>) -> Result<EmbeddedDynamoDb, Box<dyn Error>> {
    let name = file.map_or_else(|| "memory".to_owned(), |file| file.display().to_string());
    let dynamodb = EmbeddedDynamoDb::start(listener, file)
        .map_err(|error| format!("{name} cannot be opened ({error}); choose another file with --data"))?;
    let definition = TableDefinition::from_template()?;
    let client = client(&dynamodb.endpoint());
    let created = definition.create(&client, table::LOCAL_NAME).await;
    let missing_indexes = created.map_err(|error| format!("{name}: {error}"))?;
    if missing_indexes > 0 {
        // The indexes come last: as long as one is missing, the next start begins again.
        let written = upgrade::reindex(&client, table::LOCAL_NAME).await.map_err(|error| format!("{name}: {error}"))?;
        let added = definition.add_last_indexes(&client, table::LOCAL_NAME, missing_indexes).await;
        added.map_err(|error| format!("{name}: {error}"))?;
        note(format_args!(
            "Brought {name} up to date: {missing_indexes} indexes for search were added, and {written} customers written."
        ));
    }
    Ok(dynamodb)
}

/// The origin whose pages may call the API. Without authentication, nothing else keeps a page out.
fn allowed_origin(options: &Serve) -> Result<Option<AllowedOrigin>, &'static str> {
    match &options.allow_origin {
        Some(origin) if options.open && origin.is_any() => Err(
            "with --open, --allow-origin must name one origin: any page in your browser could read and delete everything",
        ),
        None if !options.open => Ok(Some(AllowedOrigin::any())),
        origin => Ok(origin.clone()),
    }
}

async fn listen(what: &'static str, at: (IpAddr, u16), flag: &'static str) -> Result<TcpListener, PortError> {
    TcpListener::bind(at).await.map_err(|cause| PortError { what, port: at.1, flag, cause })
}

/// Waits for Ctrl-C or SIGTERM. The handlers are installed by this call, so that a signal before the wait is not lost.
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        Ok(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        })
    }
    #[cfg(not(unix))]
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
