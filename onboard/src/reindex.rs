//! The command `reindex`: brings the customers of all tenants up to date.

use std::error::Error;

use indicatif::{ProgressBar, ProgressStyle};

use crate::aws::Aws;
use crate::cli::Reindex;
use crate::items::Items;
use crate::plans::Plans;
use crate::say;

/// Goes through the table once. What is up to date is only read, so the command can be repeated, and goes on after an
/// interruption.
pub(crate) async fn reindex(reindex: &Reindex) -> Result<(), Box<dyn Error>> {
    let aws = Aws::from_env().await?;
    let plans = Plans::of(&reindex.stage, &aws).await?;
    let items = Items::new(&aws.dynamodb, plans.table(&reindex.stage)?);
    // DynamoDB counts the items a few times a day, so the bar is an estimate.
    let bar = ProgressBar::new(items.estimate().await?).with_style(ProgressStyle::with_template(
        "{wide_bar} {human_pos} of about {human_len} items, {per_sec}, {eta} left",
    )?);
    let done = items.reindex(&bar).await;
    bar.finish_and_clear();
    let read = bar.position();
    let done = done.map_err(|error| format!("{error}; {read} items were read. Run the same command again to go on"))?;
    say(format_args!(
        "Customers: {} read, {} written, {} moved to the current form of their phone.",
        done.customers, done.written, done.renumbered
    ));
    for (client, customer) in &done.phone_taken {
        say(format_args!(
            "Customer {customer} of {client}: another customer has the current form of the phone. Erase one of the two, \
             then run the same command again."
        ));
    }
    Ok(())
}
