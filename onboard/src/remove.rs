//! The command `remove`: removes a tenant.

use std::error::Error;
use std::io::{self, Write as _};

use indicatif::{ProgressBar, ProgressStyle};
use shared::domain::ClientId;

use crate::aws::Aws;
use crate::cli::Remove;
use crate::items::Items;
use crate::key::TenantKey;
use crate::plans::Plans;
use crate::say;

/// The tenant's id was not typed.
#[derive(Debug, thiserror::Error)]
#[error("nothing was removed: type the tenant's id when asked, or add --yes")]
struct NotConfirmed;

/// Counts the items, asks for a confirmation, deletes the key, and then erases the items. The key is deleted first, so
/// that callers cannot write while items are erased.
pub(crate) async fn remove(remove: &Remove) -> Result<(), Box<dyn Error>> {
    let Remove { stage, client, erase, yes } = remove;
    let aws = Aws::from_env().await?;
    let plans = Plans::of(stage, &aws).await?;
    let items = if *erase { Some(Items::new(&aws.dynamodb, plans.table(stage)?)) } else { None };
    let tenant_key = TenantKey::new(&aws.gateway, stage, client);
    let key = tenant_key.find().await?;
    let self_service_key = TenantKey::self_service(&aws.gateway, stage, client);
    let second = self_service_key.find().await?;
    say(format_args!("API key: {} {}.", tenant_key.name, if key.is_some() { "exists" } else { "does not exist" }));
    if second.is_some() {
        say(format_args!("API key: {} exists.", self_service_key.name));
    }

    let mut total = 0;
    if let Some(items) = &items {
        let count = items.count(client).await?;
        total = count.total();
        let entities: Vec<_> = count.by_entity.iter().map(|(entity, number)| format!("{number} {entity}")).collect();
        let entities = if total > 0 { format!(" ({})", entities.join(", ")) } else { String::new() };
        say(format_args!("Items: {total}{entities}. Counting them took {} read units.", count.read_units));
    }
    if key.is_none() && second.is_none() && total == 0 {
        say(format_args!("There is nothing to remove of {client} in {stage}."));
        return Ok(());
    }
    if !yes {
        confirm(client)?;
    }

    for (tenant_key, key) in [(&tenant_key, key), (&self_service_key, second)] {
        if let Some(key) = key {
            tenant_key.delete(&key).await?;
            say(format_args!("API key: {} deleted.", tenant_key.name));
        }
    }
    let Some(items) = items else {
        say("The items of the tenant stay in the table.");
        return Ok(());
    };
    let bar = ProgressBar::new(total).with_style(ProgressStyle::with_template(
        "{wide_bar} {human_pos} of {human_len} items, {per_sec}, {eta} left",
    )?);
    let erased = items.erase(client, &bar).await;
    bar.finish_and_clear();
    let number = bar.position();
    erased.map_err(|error| format!("{error}; {number} items were erased, the same command again erases the others"))?;
    say(format_args!("Items: {number} erased."));
    say("Run the same command again in ten minutes: callers can write until API Gateway has applied the change.");
    Ok(())
}

/// Asks for the tenant's id.
fn confirm(client: &ClientId) -> Result<(), Box<dyn Error>> {
    write!(io::stdout(), "This cannot be undone. Type {client} to go on: ")?;
    io::stdout().flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    if answer.trim() == client.as_str() { Ok(()) } else { Err(NotConfirmed.into()) }
}
